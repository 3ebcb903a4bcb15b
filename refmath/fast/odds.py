r"""The odds of each class against the likeliest one of its sample, in double-double, with proven bounds.

For a sample with the largest logit $a_q$ (the first, if there are several), $r_k = \exp(a_k - a_q)$ and $R = \sum_{k \ne q} r_k$.

1. $a_k - a_q = d + e$ exactly, by `two_sum`.
2. Where $d \ge -680$, $r_k$ is off by at most $2^{-73}$ of it; see `exponential`. Where it is less, the class is *far*: $r_k < e^{-680} < 2^{-981}$, and
   $e^{-680}$ takes its place.
3. R, the sum without $r_q = 1$: with $D = \lceil \log_2 K \rceil$ and tails of at most $2^{-23}$, the levels of `total` add at most
   $2.1\,u\,(2^{-23} + 2^{-48}) D < 2^{-74} D$. So R is off by at most $(2 + D)\,2^{-74}$ of it, as long as no class is far, or $R \ge 2^{-800}$, where
   the far ones count at most $2^{-180} K$ of it. Otherwise its sample is not *covered*.

Samples are taken in chunks that stay in the cache. Where there are few classes the chunk is transposed, as NumPy is slow along short rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from refmath.arguments import Array
from refmath.balls.double_double import Pair, total
from refmath.balls.exponential import LOWEST, exponential
from refmath.fast.batch import Batch

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
        odds: The odds of each class, but 0 for the likeliest itself and 2⁻⁹⁸¹ for far ones; not normalised.
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
    each, top = np.arange(len(a)), a.argmax(axis=1)
    few = a.shape[1] < _FEW
    # 1
    d, e = _below(a, a[each, top], few)
    gap = -_by_sample(d, few)[each, labels], -_by_sample(e, few)[each, labels]
    # 2
    far = d < LOWEST if d.min() < LOWEST else None
    #| $e^{-745.9} < 2^{-1075}$, half the smallest number; d is off by a part of 2⁻⁵³
    vanishing = None if far is None else _by_sample(d <= -746, few)
    if far is not None:
        # What rounding took from a large gap may itself be large.
        d[far], e[far] = LOWEST, 0
    h, l = exponential(d, e)
    for array in (h, l):
        _by_sample(array, few)[each, top] = 0
    # 3
    R = total(h, l, axis=0 if few else 1)
    covered = np.ones(len(a), bool) if far is None else ~_by_sample(far, few).any(axis=1) | (R[0] >= _COVERED)
    return Odds(part, top, (_by_sample(h, few), _by_sample(l, few)), gap, R, vanishing, covered)


def _below(a: Array, largest: Array, few: bool) -> Pair:
    """The logits less the largest of each sample, exactly, transposed if there are few classes: `two_sum`, in place."""
    a, largest = (np.ascontiguousarray(a.T), largest) if few else (a, largest[:, np.newaxis])
    d = a - largest
    back = d - a
    e = d - back
    np.subtract(a, e, out=e)
    back += largest
    e -= back
    return d, e


def _by_sample(array: Array, transposed: bool) -> Array:
    """A view of entries as (n, K)."""
    return array.T if transposed else array
