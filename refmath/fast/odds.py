r"""The odds of each class against the likeliest one of its sample, in double-double, with proven bounds; and the samples that they are taken of.

For a sample with the largest logit $a_q$ (the first, if there are several), $r_k = \exp(a_k - a_q)$ and $R = \sum_{k \ne q} r_k$.

1. $a_k - a_q = d + e$ exactly, by `two_sum`.
2. Where $d \ge -680$, $r_k$ is off by at most $2^{-73}$ of it; see `exponential`. Where it is less, the class is *far*: $r_k < 2^{-981}$ is left out.
3. R, the sum without $r_q = 1$: with $D = \lceil \log_2 K \rceil$ and tails of at most $2^{-23}$, the levels of `total` add at most
   $2.1\,u\,(2^{-23} + 2^{-48}) D < 2^{-74} D$. So R is off by at most $(2 + D)\,2^{-74}$ of it, as long as nothing is left out, or $R \ge 2^{-800}$, where
   what is left out is at most $2^{-181} K$ of it. Otherwise its sample is not *covered*.

Samples are taken in chunks that stay in the cache. Where there are few classes the chunk is transposed, as NumPy is slow along short rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.fast.double_double import Pair, total
from refmath.fast.exponential import LOWEST, exponential

#: The odds are off by at most so many 2⁻⁷⁴.
ODDS = 2
#: A far sum is not known to relative precision below this.
_COVERED = 2.0**-800
#: Entries of a chunk.
_AT_ONCE = 1 << 13
#: With fewer classes than this a chunk is transposed.
_FEW = 64


class Odds(NamedTuple):
    """The odds of some samples; every array of entries is (n, K), in any layout.

    Attributes:
        part: Which samples of the batch.
        top: The likeliest class of each.
        odds: The odds of each class, 0 for the likeliest itself and for far ones; not normalised.
        gap: How far the label's logit lies below the largest, exactly; normalised.
        others: R, normalised.
        vanishing: Where the odds are certainly below half the smallest number; None if nowhere.
        covered: Whether R is known to relative precision.
    """

    part: slice
    top: Array
    odds: Pair
    gap: Pair
    others: Pair
    vanishing: Array | None
    covered: Array


class Batch(NamedTuple):
    """A batch of samples.

    Attributes:
        a: Logits (N, K), finite float64 numbers.
        labels: The label of each sample.
        one_hot: Whether the target of each sample is its label, and no other distribution.
        t: The targets (N, K), if they were not given as labels.
        dtype: What the values are to be rounded to.
        shape: The shape of the logits as they were given.
    """

    a: Array
    labels: Array
    one_hot: Array
    t: Array | None
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def target(self, n: int) -> Array:
        """The target of a sample, as a distribution."""
        return np.eye(1, self.a.shape[1], self.labels[n])[0] if self.t is None else np.asarray(self.t[n])


def batch(a: Any, t: Any, dtype: Any) -> Batch:
    """Logits, and targets of either encoding, as a batch.

    Raises:
        TypeError: If the logits are not real numbers that float64 can hold, or labels are not integers.
        ValueError: If the shapes do not fit, something is not finite, a target is no distribution or no label, or the dtype is another one.
    """
    if not any(dtype == name or dtype == np.dtype(name) for name in ("float64", "float32")):
        raise ValueError(f"dtype must be float64 or float32; got {dtype!r}")
    given = _in_float64("a", arguments.samples("a", a))
    _refuse_long_integers(np.asarray(a))
    if not np.isfinite(given).all():
        raise ValueError(
            f"a must be finite: a certified value belongs to real numbers; got {arguments.first(~np.isfinite(given), 'a', given)}"
        )
    logits = np.atleast_2d(given)
    if arguments.dimensions("t", t) == given.ndim - 1:
        labels = np.atleast_1d(arguments.labels("t", t, given, "a"))
        return Batch(logits, labels, np.ones(len(labels), bool), None, np.dtype(dtype), given.shape)
    targets = np.atleast_2d(_in_float64("t", arguments.distributions("t", t, given, "a")))
    one_hot = (np.count_nonzero(targets, axis=1) == 1) & (targets.max(axis=1) == 1)
    return Batch(logits, targets.argmax(axis=1), one_hot, targets, np.dtype(dtype), given.shape)


def _in_float64(name: str, array: Array) -> Array:
    if np.finfo(array.dtype).nmant > 52:
        raise TypeError(f"{name} must hold numbers that float64 can hold; got dtype {array.dtype}")
    return np.ascontiguousarray(array, np.float64)


def _refuse_long_integers(array: Array) -> None:
    if array.dtype.kind in "iu" and (long := (array > 2**53) | (array < -(2**53))).any():
        raise TypeError(f"a must hold integers up to 2**53; got {array[long].flat[0]}")


def relative(units: int) -> float:
    """A bound of so many 2⁻⁷⁴."""
    return math.ldexp(units, -74)


def levels(count: int) -> int:
    r"""$\lceil \log_2 K \rceil$."""
    return (count - 1).bit_length()


def odds(given: Batch) -> Iterator[Odds]:
    """The odds of a batch, chunk by chunk."""
    N, K = given.a.shape
    rows = max(1, _AT_ONCE // K)
    for start in range(0, N, rows):
        part = slice(start, start + rows)
        yield _of(part, given.a[part], given.labels[part])


def _of(part: slice, a: Array, labels: Array) -> Odds:
    each = np.arange(len(a))
    top = a.argmax(axis=1)
    largest = a[each, top]
    few = a.shape[1] < _FEW
    a, largest = (np.ascontiguousarray(a.T), largest) if few else (a, largest[:, np.newaxis])
    # 1: two_sum, in place
    d = a - largest
    back = d - a
    e = d - back
    np.subtract(a, e, out=e)
    back += largest
    e -= back
    by_sample = (lambda array: array.T) if few else (lambda array: array)
    gap = -by_sample(d)[each, labels], -by_sample(e)[each, labels]
    # 2
    vanishing, covered = None, np.True_
    if far_off := d.min() < LOWEST:
        far = d < LOWEST
        #| $e^{-745.5} < 2^{-1075}$, half the smallest number; d is off by a part of 2⁻⁵³
        vanishing = d <= -746
        d[far], e[far] = LOWEST, 0
    h, l = exponential(d, e)
    for array in (h, l):
        if far_off:
            array[far] = 0
        by_sample(array)[each, top] = 0
    # 3
    R = total(h, l, axis=0 if few else 1)
    if far_off:
        covered = ~far.any(axis=0 if few else 1) | (R[0] >= _COVERED)
        vanishing = by_sample(vanishing)
    return Odds(part, top, (by_sample(h), by_sample(l)), gap, R, vanishing, np.broadcast_to(covered, top.shape))
