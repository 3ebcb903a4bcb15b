"""The focal loss as a formula of one's own: refmath check examples/focal_loss.py --page examples/focal_loss_page.py."""

import sympy as sp

import refmath

N, K = refmath.sizes("N K")
n, k = refmath.indices("n k")
p = refmath.argument("p", "probabilities", N, K)
t = refmath.argument("t", "one_hot", N, K)
gamma = refmath.parameter("gamma", 2.0, nonnegative=True)

FOCAL_LOSS = refmath.Formula(
    "focal_loss",
    -sp.Sum((1 - p[n, k]) ** gamma * refmath.xlogy(t[n, k], p[n, k]), (k, 0, K - 1), (n, 0, N - 1)) / N,
    inputs=(p, t),
    parameters=(gamma,),
    reference="T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017, equation (4), without alpha",
)
FOCAL_LOSS_GRADIENT = refmath.gradient_of(FOCAL_LOSS)
