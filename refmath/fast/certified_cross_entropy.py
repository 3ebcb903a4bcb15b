r"""The softmax cross-entropy, correctly rounded: the float64 or float32 number nearest to the exact value, at a few times the cost of a rounded one.

$$E_n = \ln \sum_m \exp a_{nm} - a_{n l_n} = (a_{nq} - a_{n l_n}) + \ln(1 + R_n), \qquad R_n = \sum_{k \ne q} \exp(a_{nk} - a_{nq}),
\qquad E = \frac{1}{N} \sum_n E_n$$

where q is the likeliest class of sample n. Both terms are not negative, so nothing cancels, and everything is computed in double-double with these bounds of the relative
error, for K classes and $D = \lceil \log_2 K \rceil$:

1. $R_n$: $(2 + D)\,2^{-74}$, by `odds`.
2. $\ln(1 + R_n)$: as much again of $R_n$ at most, and $2^{-74}$ of its own, by `logarithm`: $(3 + D)\,2^{-74}$.
3. $E_n$, by `plus` from the exact difference: $4 u^2 = 2^{-104}$ more.
4. The sum of N losses: fewer than 512 by `exact_total`, $2^{-104}$; more by `total` with tails of $2^{-53}$: $2^{-99.8}$ for each of the $\lceil \log_2 N \rceil \le 30$ levels, and the division by N $2^{-102}$: less than
   $2^{-94}$ more. A loss below $2^{-800}$ may be left out of a mean of at least $2^{-600}$.

So each loss, and their mean, is off by less than $(4 + D)\,2^{-74}$, and the rounding test is taken with $(5 + D)\,2^{-74}$. What is smaller than a normal number in any of
the steps is off by $2^{-1074}$ instead, nothing beside the smallest sums covered, $2^{-982}$; and a result below $2^{-960}$ is not accepted.

What the test leaves open — a few in a hundred thousand, ties, sums that are not covered, results below $2^{-960}$, targets that are not one-hot —
is computed in ball arithmetic, whose precision grows until the rounding is certain.

**Reference.** The test and the bounds are those of `rounding_test`, `odds`, `logarithm`, `exponential` and `double_double`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, ctx

from refmath.arguments import Array
from refmath.balls.cross_entropy import mean_loss
from refmath.balls.double_double import Pair, exact_total, over, plus, total
from refmath.balls.precision import ONE_AT_A_TIME
from refmath.fast.batch import Batch, batch
from refmath.fast.logarithm import log_of_one_plus
from refmath.fast.odds import levels, odds, relative
from refmath.fast.rounding_test import narrowed, rounded

#: A loss below the first counts for nothing in a mean that is at least the second.
_NOTHING, _SOMETHING = 2.0**-800, 2.0**-600
#: So many losses are added up by pairs; fewer are added up exactly.
_MANY = 512


def certified_softmax_cross_entropy(a: Any, t: Any, *, dtype: Any = "float64") -> np.floating[Any]:
    """The cross-entropy of the softmax of each sample with its target, averaged over the samples; correctly rounded.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch, finite; each is taken exactly as it is.
        t: Targets: integer labels, a scalar or (N,), or distributions of the shape of a. One-hot ones are computed fast.
        dtype: What the loss is rounded to, float64 or float32.

    Returns:
        The number of that dtype nearest to the exact loss, the even one of two; ∞ if it is beyond the dtype.

    Raises:
        TypeError: If the logits are not real numbers that float64 can hold, or labels are not integers.
        ValueError: If the shapes do not fit, something is not finite, a target is no distribution or no label, or the dtype is another one.

    Examples:
        >>> print(certified_softmax_cross_entropy([0.0, 0.0], 1))
        0.6931471805599453
        >>> print(certified_softmax_cross_entropy([[40.0, 0.0], [0.0, 1.0]], [0, 1], dtype="float32"))
        0.15663084
    """
    given = batch(a, t, dtype)
    N, K = given.a.shape
    with np.errstate(all="ignore"):
        h, l, certain = _pairs(given)
        for n in np.flatnonzero(~certain).tolist():
            h[n], l[n], certain[n] = _pair(given, n)
        mean = over((exact_total if N < _MANY else total)(h, l), (float(N), 0.0))
        value, known = _rounded((np.array([mean[0]]), np.array([mean[1]])), K, given.dtype)
    if not (known.all() and certain.all() and mean[0] >= _SOMETHING):
        targets = np.stack([given.target(n) for n in range(N)])
        return mean_loss(given.a, targets).nearest(given.dtype)  # type: ignore[no-any-return]
    return value[0]  # type: ignore[no-any-return]


def certified_sample_losses(a: Any, t: Any, *, dtype: Any = "float64") -> Array:
    """The cross-entropy of the softmax of each sample with its target, sample by sample; each correctly rounded.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch, finite; each is taken exactly as it is.
        t: Targets: integer labels, a scalar or (N,), or distributions of the shape of a. One-hot ones are computed fast.
        dtype: What the losses are rounded to, float64 or float32.

    Returns:
        The losses, shape (N,), or () for one sample: the numbers of that dtype nearest to the exact ones, the even one of two.

    Raises:
        TypeError: If the logits are not real numbers that float64 can hold, or labels are not integers.
        ValueError: If the shapes do not fit, something is not finite, a target is no distribution or no label, or the dtype is another one.

    Examples:
        >>> certified_sample_losses([[0.0, 0.0], [40.0, 0.0]], [1, 0])
        array([6.93147181e-01, 4.24835426e-18])
    """
    given = batch(a, t, dtype)
    with np.errstate(all="ignore"):
        h, l, certain = _pairs(given)
        losses, known = _rounded((h, l), given.a.shape[1], given.dtype)
    for n in np.flatnonzero(~(certain & known)).tolist():
        losses[n] = mean_loss(given.a[n : n + 1], given.target(n)[np.newaxis]).nearest(given.dtype)
    return losses.reshape(given.shape[:-1])


def _pairs(given: Batch) -> tuple[Array, Array, Array]:
    """The losses of the samples as pairs, and whether the bound holds for them."""
    (h, l), certain = np.empty((2, len(given.a))), np.empty(len(given.a), bool)
    for r in odds(given):
        h[r.part], l[r.part] = plus(r.gap, log_of_one_plus(r.others))
        certain[r.part] = r.covered
    certain &= given.one_hot & np.isfinite(h) & np.isfinite(l)
    return h, l, certain


def _pair(given: Batch, n: int) -> tuple[float, float, bool]:
    """The loss of a sample as a pair, by way of balls, and whether it is as good as $2^{-100}$."""
    enclosure = mean_loss(given.a[n : n + 1], given.target(n)[np.newaxis])
    h = float(enclosure.nearest())
    with ONE_AT_A_TIME, ctx.workprec(256):
        rest = enclosure.balls.item() - arb(h) if np.isfinite(h) else arb.nan()
        l = float(rest.mid())
        good = bool(abs(rest - arb(l)) <= abs(arb(h)) * arb((1, -100)))
    if h < _NOTHING:
        return 0.0, 0.0, True
    return h, l, good


def _rounded(x: Pair, classes: int, dtype: Any) -> tuple[Array, Array]:
    return narrowed(*rounded(x, relative(5 + levels(classes))), dtype)
