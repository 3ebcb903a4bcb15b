r"""The derivative of the softmax cross-entropy, each entry correctly rounded, at a few times the cost of a rounded one.

$$\frac{\partial E}{\partial a_{nk}} = \frac{1}{N} \left( p_{nk} - \delta_{k l_n} \right), \qquad p_{nk} = \frac{r_{nk}}{1 + R_n},$$

with the odds $r_{nk}$ and their sum $R_n$ of `odds`. Off the label it is the product of $r_{nk}$ and $V_n = 1 / (N (1 + R_n))$, a pair for each sample.
At the label it is $-R_n V_n$ if the label is the likeliest class, and $-(1 + R_n - r_{n l_n}) V_n$ otherwise: nothing cancels near certainty.

**Bounds of the relative error**, for K classes and $D = \lceil \log_2 K \rceil$; $u = 2^{-53}$, units of $2^{-74}$.

1. $1 + R$ is off by as much of it as R is of itself at most, $2 + D$, and $4 u^2$; the product with N adds $8 u^2$, and the division $16 u^2$.
2. $V = V_a + V_b$, the head of 26 bits and the rest, $|V_b| \le 2^{-24.9} V$; $r = r_a + r_b$ likewise, the tail of at most $2^{-23} r$ included in
   $r_b$, so $|r_b| \le 1.26 \cdot 2^{-23} r$. The two sums are rounded by $u \cdot 2^{-24.9}$ and $u \cdot 1.26 \cdot 2^{-23}$: 0.07 and 0.32.
3. $r_a V_a$ is exact: 26 bits times 26, and not below $2^{-960}$ where it is accepted.
4. $r_b V$: the pair V rounded to its first number, the product rounded: 0.32 and 0.32. $r_a V_b$: 0.07. Their sum, at most $1.53 \cdot 2^{-23} r V$, is rounded: 0.39.
5. The odds themselves: 2. Altogether less than $2 + (2 + D) + 1.6$.
6. The rounding test is taken with l of at most $1.54 \cdot 2^{-23} h$, whose rounding counts 0.39: so $b = (7 + D)\,2^{-74} h$ would do, and it is taken with $8 + D$.
7. At the likeliest label: R twice, $2 (2 + D)$. At another: with $r_l \le 1$ and $r_l \le R$ the numerator is at least half of $1 + R$, so the errors of R and $r_l$ count
   double in it, but no more than $2 (2 + D) R / (1 + R) + 2$, and with V $3 (2 + D) + 2$. The test is taken with $9 + 3 D$.

Odds below $e^{-745.9}$ give an entry below half the smallest number: that is zero. Between these and $2^{-960}$, and wherever else the test leaves it open,
the entry is computed in ball arithmetic.

**Reference.** The test and the bounds are those of `rounding_test`, `odds`, `exponential` and `double_double`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.cross_entropy import gradient_entries
from refmath.balls.double_double import Pair, fast_two_sum, head, over, plus, times
from refmath.fast.batch import batch
from refmath.fast.odds import Odds, levels, odds, relative
from refmath.fast.rounding_test import narrowed, rounded


def certified_softmax_cross_entropy_gradient(a: Any, t: Any, *, dtype: Any = "float64") -> Array:
    """The derivative of the mean softmax cross-entropy with respect to the logits, (p − t)/N; each entry correctly rounded.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch, finite; each is taken exactly as it is.
        t: Targets: integer labels, a scalar or (N,), or distributions of the shape of a. One-hot ones are computed fast.
        dtype: What the entries are rounded to, float64 or float32.

    Returns:
        The gradient, of the shape of a: the numbers of that dtype nearest to the exact ones, the even one of two.

    Raises:
        TypeError: If the logits are not real numbers that float64 can hold, or labels are not integers.
        ValueError: If the shapes do not fit, something is not finite, a target is no distribution or no label, or the dtype is another one.
        ArithmeticError: If the rounding cannot be settled, which takes a target that is not one-hot and a tie.

    Examples:
        >>> certified_softmax_cross_entropy_gradient([[0.0, 0.0], [40.0, 0.0]], [1, 0])
        array([[ 2.50000000e-01, -2.50000000e-01],
               [-2.12417713e-18,  2.12417713e-18]])
    """
    given = batch(a, t, dtype)
    N, K = given.a.shape
    gradient, certain = np.empty((N, K)), np.empty((N, K), bool)
    with np.errstate(all="ignore"):
        for r in odds(given):
            gradient[r.part], certain[r.part] = _entries(r, given.labels[r.part], N, K)
        result, certain = narrowed(gradient, certain, given.dtype)
    certain[~given.one_hot] = False
    for n in np.flatnonzero(~certain.all(axis=1)).tolist():
        entries = np.flatnonzero(~certain[n])
        result[n, entries] = gradient_entries(given.a[n], given.target(n), N, entries).nearest(given.dtype)
    return result.reshape(given.shape)


def _entries(r: Odds, labels: Array, N: int, K: int) -> Pair:
    """The entries of some samples, rounded, and which of them are certain."""
    h, l = r.odds
    each, one = np.arange(len(labels)), np.ones(len(labels))
    none = np.zeros_like(one)
    h[each, r.top] = 1
    # 1
    whole = plus((one, none), r.others)
    V = over((one, none), times(whole, (N * one, none)))
    # 7
    other = fast_two_sum(h[each, labels], l[each, labels])
    likeliest = labels == r.top
    rest = plus(whole, (-other[0], -other[1]))
    at_label = times((np.where(likeliest, r.others[0], rest[0]), np.where(likeliest, r.others[1], rest[1])), V)
    value, certain = rounded(_products(h, l, V), relative(8 + levels(K)))
    if r.vanishing is not None:
        value[r.vanishing], certain[r.vanishing] = 0, True
    label_value, label_certain = rounded(at_label, relative(9 + 3 * levels(K)))
    value[each, labels] = -label_value
    certain[each, labels] = label_certain & (r.covered | ~likeliest)
    return value, certain


def _products(h: Array, l: Array, V: Pair) -> Pair:
    """The odds times V, each pair of a sample, in place."""
    # 2
    first = head(V[0])
    second = ((V[0] - first) + V[1])[:, np.newaxis]
    a = head(h)
    h -= a
    h += l
    # 4
    h *= V[0][:, np.newaxis]
    np.multiply(a, second, out=l)
    h += l
    # 3
    a *= first[:, np.newaxis]
    return a, h
