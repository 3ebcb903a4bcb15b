r"""The logarithm of 1 + R in double-double, with a proven bound of its error: $2^{-74}$ of its value.

R is a normalised pair, not negative, and at most $2^{30}$. With $c = \ln 2 / 1024$, a whole number j near $\ln(1 + R) / c$, and
$G = 2^{-j / 1024}$,

$$\ln(1 + R) = j c + \ln(1 + z), \qquad z = G (1 + R) - 1 = (G - 1) + G R.$$

NumPy's own logarithm only chooses j: whether it chose well is seen from z, and where $|z| > 2^{-11.5}$ the answer is nan. (With the best j it is at most
$2^{-11.52}$.) So no accuracy of it is taken for granted.

**Bounds of the steps**, numbered as in the program, $u = 2^{-53}$. For $j = 0$, $G = 1$ exactly and $z = R$. For $j \ge 1$, $\ln(1 + R) \ge c - |\ln(1 + z)| > 2^{-11.6}$,
so an error of $2^{-100}$ is $2^{-88}$ of the logarithm.

1. G as a pair is off by at most $2^{-106} G$, and the power of two in it is exact.
2. $G - 1$: the difference of the head is exact by `two_sum`, and adding the tails rounds by at most $u \cdot 2^{-53} = 2^{-106}$ ($G \ge \tfrac{1}{2}$: not at all).
3. $G R$ by `times`: off by $8 u^2$ of it, and as the error of G counts $2^{-106} (1 + R) G < 2^{-105}$, z is off by less than $2^{-102}$ for $j \ge 1$.
4. z by `plus`: $4 u^2$ of it. For $j = 0$ nothing is rounded at all.
5. $z^2 = q + (f + 2 z_1 z_2)$ with $q + f = z_1^2$ exactly (for $|z_1| \ge 2^{-480}$; below that $z^2$ is nothing beside z). What is left out, $z_2^2$, and the roundings
   are below $8 u^2 z^2$.
6. The cube: $z_1^3 (\tfrac{1}{3} - \tfrac{z_1}{4} + \tfrac{z_1^2}{5} - \tfrac{z_1^3}{6} + \tfrac{z_1^4}{7})$ for $\tfrac{z^3}{3} - \dots$. It leaves out
   $z^8 / 8 \cdot 1.01$; its bracket is off by $2.01\,u$ of it (its first coefficient and its last sum), three products follow, and $z_1$ in place of z is
   $3.01\,u$: at most $8.1\,u\,|z|^3 / 3 < 2^{-51.5} |z|^3$ altogether.
7. $j c = j C_1 + j C_2$: the first product is exact (15 bits times 33), the second off by $j\,2^{-98} + u\,j\,2^{-44}$: less than $2^{-85} j c$.
8. Three sums by `plus`, none of which cancels more than half: $12 u^2 \cdot 2$ of the logarithm.

For $j = 0$ the logarithm is at least $0.999 z$, and the error of 6, $(2^{-51.5} z^2 + 2^{-2.9} z^7) z$ with $z \le 2^{-11.5}$, is at most
$(2^{-74.5} + 2^{-83}) z$: with the rest less than $2^{-74}$ of the logarithm. For $j \ge 1$ it is at most $2^{-51.5 - 34.5} + 2^{-94.9} < 2^{-85.9}$, and relative to
$\ln(1 + R) > 2^{-11.6}$ less than $2^{-74.3}$; with the rest, $2^{-85}$ and $2^{-90}$, again less than $2^{-74}$.

A relative error ε of R itself adds at most ε: $R / (1 + R) \le \ln(1 + R)$.

**Reference.** P.-T. P. Tang, *Table-driven implementation of the logarithm function in IEEE floating-point arithmetic*, ACM Transactions on
Mathematical Software 16, 1990.
"""

from __future__ import annotations

import numpy as np
from flint import arb, ctx

from refmath.fast.double_double import Pair, fast_two_sum, plus, times, two_product, two_sum
from refmath.fast.exponential import C1, C2, PER_STEP, rounded

#: The proven bound of the relative error, in bits.
RELATIVE_BITS = 74

_STEPS = 1024


def _table() -> Pair:
    """$2^{-i / 1024}$ in pairs."""
    with ctx.workprec(300):
        powers = [(-i * arb(2).log() / _STEPS).exp() for i in range(_STEPS)]
        heads = [rounded(power, 53) for power in powers]
        return np.array(heads), np.array(
            [rounded(p - h, 53) if h != 1 else 0.0 for p, h in zip(powers, heads, strict=True)]
        )


_HEADS, _TAILS = _table()


def log_of_one_plus(R: Pair) -> Pair:
    """ln(1 + R) entry by entry, for normalised pairs from 0 to 2³⁰; nan where it could not be computed.

    Examples:
        >>> import numpy as np
        >>> h, l = log_of_one_plus((np.array([0.0, 1e-30, 1.0]), np.zeros(3)))
        >>> h + l
        array([0.00000000e+00, 1.00000000e-30, 6.93147181e-01])
    """
    j = np.rint(np.log1p(R[0]) * PER_STEP)
    # 1
    n = j.astype(np.int64)
    i = n & (_STEPS - 1)
    scale = ((1023 - (n >> 10)) << 52).view(np.float64)
    G = _HEADS[i] * scale, _TAILS[i] * scale
    # 2
    less, rest = two_sum(G[0], -1.0)
    # 3, 4
    z = plus((less, rest + G[1]), times(G, R))
    z = np.where(np.abs(z[0]) <= 2.0**-11.5, z[0], np.nan), z[1]
    # 5
    q, f = two_product(z[0], z[0])
    square = -0.5 * q, -0.5 * (f + 2 * z[0] * z[1])
    # 6
    y = z[0]
    cube = y * y * y * (1 / 3 - y * (1 / 4 - y * (1 / 5 - y * (1 / 6 - y * (1 / 7)))))
    # 7
    steps = fast_two_sum(j * C1, j * C2)
    # 8
    return plus(plus(plus(steps, z), square), (cube, np.zeros_like(cube)))
