"""What the wrong entries of a gradient have in common, in words: said only where every entry that is known bears it out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from refmath.arguments import Array

#: Two numbers are the same if they differ by less than this part of themselves, or by what is not known of them.
ALIKE = 1e-4


@dataclass(frozen=True)
class Seen:
    """The entries of one array that are known, of a gradient that is wrong.

    Attributes:
        name: The array, as `['W1']`; empty if there is but one.
        shape: Its shape.
        entries: Where they stand in the array, in a row.
        x: The entries of the point.
        given: Those of the gradient.
        all_given: All entries of the gradient, known or not.
        expected: Those of the gradient of f.
        uncertainty: How far off these may be.
        wrong: Whether each is contradicted.
    """

    name: str
    shape: tuple[int, ...]
    entries: Array
    x: Array
    given: Array
    all_given: Array
    expected: Array
    uncertainty: Array
    wrong: Array

    @property
    def whole(self) -> bool:
        """Whether all entries of the array are known."""
        return len(self.entries) == math.prod(self.shape)

    @property
    def index(self) -> Array:
        """The index of each entry, a row an axis."""
        index = np.unravel_index(self.entries, self.shape) if self.shape else ()
        return np.array(index, np.intp).reshape(len(self.shape), len(self.entries))

    def same(self, one: Array, other: Array) -> bool:
        """Whether numbers are the same as others, within what is known of the entries."""
        return bool(
            (np.abs(one - other) <= self.uncertainty * 2 + ALIKE * np.maximum(np.abs(one), np.abs(other))).all()
        )


def hints(parts: list[Seen]) -> Iterator[str]:
    """What can be said of each array that is wrong; first of all together, if they are alike."""
    wrong = [each for each in parts if each.wrong.any()]
    if len(parts) > 1 and len(wrong) == len(parts):
        factors = [found for each in wrong if (found := factor(each))]
        if len(factors) == len(wrong) and all(abs(one - factors[0][0]) <= ALIKE * abs(one) for one, _ in factors):
            sizes = (sum(math.prod(each.shape) for each in wrong),)
            yield f"{factor_said(*factors[0], sizes)}."
            return
    if 0 < len(wrong) < len(parts) and len(wrong) <= 3:
        names = ", ".join(each.name for each in wrong)
        yield f"Only {names} {'is' if len(wrong) == 1 else 'are'} wrong; the other arrays are right."
    for each in wrong[:3]:
        said = next(of_one(each), None)
        if said:
            yield f"{each.name}: {said[0].lower()}{said[1:]}." if each.name else f"{said}."


def of_one(seen: Seen) -> Iterator[str]:
    """What can be said of one array, the plainest first."""
    if not np.isfinite(seen.given).all():
        return
    if (found := factor(seen)) is not None:
        yield factor_said(*found, seen.shape)
        return
    yield from permuted(seen)
    yield from zeros(seen)
    yield from places(seen)
    yield from offsets(seen)
    yield from by_sign(seen)
    yield from by_lines(seen)
    yield from by_sums(seen)


def factor(seen: Seen) -> tuple[float, float] | None:
    """The number that every entry is multiplied by, if it is one; and how far off that may be, relative to it."""
    telling = np.abs(seen.expected) > 1e3 * seen.uncertainty
    if not telling.any() or (len(seen.entries) > 1 and telling.sum() < 2):
        return None
    ratio = seen.given[telling] / seen.expected[telling]
    found = float(np.median(ratio))
    doubt = seen.uncertainty[telling] / np.abs(seen.expected[telling])
    if not (np.abs(ratio - found) <= (1e-3 * abs(found - 1) + 4 * doubt) * max(abs(found), 1)).all():
        return None
    if not seen.same(seen.given, found * seen.expected) or abs(found - 1) <= float(doubt.min()):
        return None
    return found, float(np.median(doubt)) + 1e-7


def factor_said(found: float, doubt: float, shape: tuple[int, ...]) -> str:
    """A factor in words, and what it is likely to be."""
    if abs(found) < 1e-12:
        return "Every entry is 0"
    if abs(found + 1) <= doubt:
        return "Every entry has the wrong sign"
    if abs(found - 1) < 1e-3:
        return f"Every entry is too {'large' if found > 1 else 'small'} by {abs(found - 1):.1g} of itself"
    size, sign = abs(found), " and has the wrong sign" if found < 0 else ""
    large = size > 1
    times = size if large else 1 / size
    whole = round(times)
    exact = abs(times - whole) <= 4 * doubt * times and whole > 1
    said = f"Every entry is {whole if exact else f'{times:.4g}'} times too {'large' if large else 'small'}{sign}"
    if not exact or not shape or math.prod(shape) == 1:
        return said
    counted = [("the number of entries", math.prod(shape))] if len(shape) > 1 else []
    counted += [(f"the size of axis {axis}", size) for axis, size in enumerate(shape)]
    named = next((name for name, size in counted if size == whole and size > 2), None)
    fate = "is missing" if large else "stands there once too often"
    if named:
        return f"{said}, which is {named}: 1/{whole} {fate}"
    if whole == 2:
        return f"{said}: a factor {'½' if large else '2'} is missing"
    return f"{said}: 1/{whole} {fate}, if {whole} is a number of samples"


def permuted(seen: Seen) -> Iterator[str]:
    """Right numbers in wrong places."""
    if len(seen.entries) < 2:
        return
    given = seen.all_given.reshape(seen.shape)

    def fits(moved: Array) -> bool:
        return moved.shape == seen.shape and seen.same(moved.reshape(-1)[seen.entries], seen.expected)

    if len(seen.shape) == 2 and fits(given.T):
        yield "It is transposed"
    if len(seen.shape) > 1 and fits(np.flip(given)):
        yield "Its order is reversed along every axis"
    for axis, length in enumerate(seen.shape):
        if length > 1 and fits(np.flip(given, axis)):
            yield f"Its order is reversed along axis {axis}"
        elif length > 2 and (fits(np.roll(given, 1, axis)) or fits(np.roll(given, -1, axis))):
            yield f"It is shifted by one along axis {axis}"


def zeros(seen: Seen) -> Iterator[str]:
    """Entries that are 0 and should not be."""
    zero = seen.given == 0
    if not zero[seen.wrong].all():
        return
    first = seen.entries[seen.wrong].min()
    after = seen.entries >= first
    if zero[after].all() and not zero[~after].all() and after.sum() > 1:
        index = [int(each) for each in np.unravel_index(first, seen.shape)]
        yield f"It is 0 from entry {index} on" + (f", {int(first)} in a row" if len(seen.shape) > 1 else "")
    elif seen.wrong.sum() > 1:
        yield "Every entry that is wrong is 0"


def places(seen: Seen) -> Iterator[str]:
    """Wrong entries that all stand in one place along an axis, or on the diagonal."""
    wrong, index = seen.wrong, seen.index
    if wrong.all():
        return
    for axis, size in enumerate(seen.shape):
        found = np.unique(index[axis][wrong])
        if size > 1 and len(found) == 1 and (wrong.sum() > 1 or len(seen.shape) == 1):
            place = int(found[0])
            which = " (the last)" if place == size - 1 else " (the first)" if place == 0 else ""
            if len(seen.shape) == 1:
                if which:
                    yield f"Only the {which[6:-1]} entry is wrong; the others are right"
            else:
                yield f"It is wrong only at index {place}{which} of axis {axis}, and right elsewhere"
    if len(seen.shape) == 2 and seen.shape[0] == seen.shape[1] and wrong.sum() > 1:
        diagonal = index[0] == index[1]
        if not wrong[~diagonal].any():
            yield "It is wrong only on the diagonal"
        elif seen.whole and not wrong[diagonal].any() and wrong[~diagonal].all():
            yield "It is right only on the diagonal"


def offsets(seen: Seen) -> Iterator[str]:
    """What is left over is the same everywhere, or a multiple of x."""
    rest = seen.given - seen.expected
    if len(rest) < 3:
        return
    middle = float(np.median(rest))
    if (
        seen.wrong.all()
        and middle
        and seen.same(seen.given, seen.expected + middle)
        and np.ptp(rest) <= 1e-3 * abs(middle)
    ):
        yield f"Every entry is {abs(middle):.6g} too {'large' if middle > 0 else 'small'}"
    telling = np.abs(seen.x) > 0
    if telling.sum() >= 3 and np.ptp(np.abs(seen.x[telling])) > 0:
        slope = float(np.median(rest[telling] / seen.x[telling]))
        close = np.abs(rest - slope * seen.x) <= 1e-3 * np.abs(slope * seen.x) + 2 * seen.uncertainty
        if slope and close.all() and (np.abs(slope * seen.x) > 10 * seen.uncertainty).sum() >= 3:
            yield f"It is off by {slope:.6g} times x: such a term is {'too many' if slope > 0 else 'missing'}, as that of an L2 penalty"


def by_sign(seen: Seen) -> Iterator[str]:
    """Wrong exactly where x has a sign."""
    for what, where in (("negative", seen.x < 0), ("positive", seen.x > 0), ("0", seen.x == 0)):
        if (seen.wrong == where).all() and where.sum() > 1 and (~where).sum() > 1:
            yield f"It is wrong exactly where x is {what}"


def by_lines(seen: Seen) -> Iterator[str]:
    """Within each row all are off by the same, or by one factor."""
    if len(seen.shape) != 2 or not seen.whole or min(seen.shape) < 2:
        return
    given, expected = seen.given.reshape(seen.shape), seen.expected.reshape(seen.shape)
    rest, uncertainty = given - expected, seen.uncertainty.reshape(seen.shape)
    for axis, name in ((1, "row"), (0, "column")):
        if seen.shape[axis] < 3:
            continue
        middle = np.median(rest, axis=axis, keepdims=True)
        wrong = seen.wrong.reshape(seen.shape)
        # In some rows all, and in the others none.
        whole = (wrong.all(axis) | ~wrong.any(axis)).all() and wrong.any(axis).sum() > 1
        if whole and (np.abs(rest - middle) <= 1e-2 * np.abs(middle) + 4 * uncertainty).all():
            taken = f"something that is taken from the whole {name} is missing or too many"
            yield f"Within each {name} every entry is off by the same: {taken}"
            return
        if whole and (np.abs(expected) > 1e2 * uncertainty).all():
            off = given / expected - 1
            factor_off = np.median(off, axis=axis, keepdims=True)
            if (np.abs(off - factor_off) <= 1e-2 * np.abs(factor_off) + 4 * uncertainty / np.abs(expected)).all():
                yield f"Each {name} is off by a factor of its own"
                return


def by_sums(seen: Seen) -> Iterator[str]:
    """The right gradient sums to 0 over each row, as those of a softmax or of a normalisation do, and this one does not."""
    if not seen.whole or not seen.shape or min(seen.shape) < 2:
        return
    given, expected = seen.given.reshape(seen.shape), seen.expected.reshape(seen.shape)
    for axis in reversed(range(len(seen.shape))):
        sums, sizes = expected.sum(axis), np.abs(expected).sum(axis)
        doubt = seen.uncertainty.reshape(seen.shape).sum(axis)
        balanced = (np.abs(sums) <= 2 * doubt + 1e-8 * sizes).all() and (sizes > 1e3 * doubt).all()
        if balanced and (np.abs(given.sum(axis)) > 1e-3 * np.abs(given).sum(axis)).mean() > 0.5:
            over = f" over axis {axis}" if len(seen.shape) > 1 else ""
            yield f"The right gradient sums to 0{over}, and this one does not: something that is taken from all of them is missing"
            return
