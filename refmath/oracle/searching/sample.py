"""Which entries of a large answer are certified: every class of position, in as many samples as can be paid for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from refmath.kinds.draws import Draws

Positions = NDArray[np.int64]

#: Of an answer that is larger than this, the entries are chosen axis by axis.
LARGE = 100_000
#: So many entries, about.
_ENTRIES = 2400
#: All entries of a sample have a sum in common, which costs a pass over the sample: so many numbers are looked at.
_PASSES = 3_000_000
#: At least so many samples, and so many entries of each.
_SAMPLES, _OF_EACH = 8, 16


def positions(draws: Draws, size: int, count: int) -> Positions:
    """About so many places of an axis, in order: the first and the last, both sides of every power of two and of the last whole block of such a length, and
    one in each of the equal parts of the rest.

    Examples:
        >>> positions(Draws("example"), 1000, 8)[[0, 1, 2, -2, -1]]
        array([  0,   1,   2, 998, 999])
    """
    if size <= count:
        return np.arange(size)
    powers = 1 << np.arange(size.bit_length(), dtype=np.int64)
    ends = np.concatenate([powers, size // powers * powers])
    special = np.unique(np.concatenate([[0, 1, size - 2, size - 1], ends - 1, ends]))
    special = special[(special >= 0) & (special < size)]
    parts = max(count - len(special), count // 2)
    strata = np.arange(parts) * size // parts
    inside = strata + draws.below(max(1, size // parts), (parts,))
    return np.unique(np.concatenate([special, np.minimum(inside, size - 1)]))


def sampled(draws: Draws, shape: tuple[int, ...]) -> Positions:
    """The entries of an answer of some shape, as positions of its entries in a row.

    The last axis has every class of position; of the samples along the others there are so many that the passes over them can be paid for, first, last and those
    at powers of two among them. Each sample has the first and the last entry and its share of the others, in turn.
    """
    *outer, last = shape
    samples = math.prod(outer)
    most = max(_SAMPLES, min(samples, _ENTRIES // min(_OF_EACH, last), _PASSES // last)) if outer else 1
    rows = positions(draws, samples, most)
    if len(rows) > most:  # the classes of position are more than can be paid for
        rows = np.unique(np.concatenate([rows[[0, -1]], rows[np.arange(most - 2) * len(rows) // (most - 2)]]))
    each = max(_OF_EACH, _ENTRIES // len(rows))
    found = []
    for turn, row in enumerate(rows.tolist()):
        columns = positions(draws, last, max(each, 4 * _OF_EACH))
        if outer:
            own = (np.arange(each) + turn * each) % len(columns)
            columns = np.unique(np.concatenate([columns[own], columns[[0, -1]]]))
        found.append(row * last + columns)
    return np.unique(np.concatenate(found))
