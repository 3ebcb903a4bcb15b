r"""Kinks of several entries at once, as at a tie of maxima: what a subgradient must satisfy along directions too.

At a kink of a convex function g is a subgradient if and only if $-f'(x; -v) \le \langle g, v \rangle \le f'(x; v)$ along every direction v, for a concave one the other way
round. Entries whose kinks have nothing to do with each other are judged one by one: there the slopes along v are the sums of those along the coordinates. The others form groups.

**Reference.** R. T. Rockafellar, *Convex Analysis*, 1970, theorem 23.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from refmath.arguments import Array
from refmath.gradients.slope_estimate import Slope

#: So many entries with kinks are looked at together.
MOST = 48
DIRECTIONS = 12


@dataclass(frozen=True)
class Sides:
    """The slopes to both sides along a coordinate or a direction, and how far off they may be."""

    left: float
    right: float
    uncertainty: float

    @classmethod
    def of(cls, slope: Slope) -> Sides:
        return cls(slope.value - slope.jump / 2, slope.value + slope.jump / 2, slope.uncertainty)


@dataclass(frozen=True)
class Outcome:
    """What the directions say about a group of entries.

    Attributes:
        entries: The entries of the group.
        signs: The direction that tells most.
        given: The slope along it by the gradient.
        low: The least that a subgradient has there.
        high: The most.
        off: Whether the gradient is outside, by more than the slopes may be off.
        mixed: Whether the function is neither convex nor concave there, so that nothing is told.
    """

    entries: tuple[int, ...]
    signs: tuple[float, ...]
    given: float
    low: float
    high: float
    off: bool
    mixed: bool


class Kinks:
    """The entries that have a kink, and what is known of each.

    Args:
        along: The slope along a direction over some entries.
        sides: The slopes to both sides of each entry with a kink.
        rng: Draws the directions.
    """

    def __init__(
        self, along: Callable[[Array, Array], Slope], sides: dict[int, Sides], rng: np.random.Generator
    ) -> None:
        self.along, self.sides, self.rng = along, sides, rng

    def drawn(self, count: int) -> Array:
        """A direction that is nothing special."""
        return self.rng.choice([-1.0, 1.0], count) * self.rng.uniform(0.5, 1.5, count)

    def coupled(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether the slope along a direction over both is another than the sum of those over each."""
        entries = np.array([*one, *other])
        first, drawn = self.drawn(len(one)), self.drawn(len(other))
        # The same way and against each other: along one of the two slopes may add up by accident.
        for second in (drawn, -drawn):
            direction = np.concatenate([first, second])
            both = Sides.of(self.along(direction, entries))
            apart = [self.of(first, one), self.of(second, other)]
            for name in ("left", "right"):
                parts = [getattr(each, name) for each in apart]
                doubt = both.uncertainty + sum(each.uncertainty for each in apart)
                if abs(getattr(both, name) - sum(parts)) > doubt + 1e-6 * max(map(abs, parts)):
                    return True
        return False

    def of(self, direction: Array, entries: Sequence[int]) -> Sides:
        """The slopes along a direction over some entries; along one of them they are known."""
        if len(entries) > 1:
            return Sides.of(self.along(direction, np.array(entries)))
        known, v = self.sides[entries[0]], float(direction[0])
        ends = (known.left, known.right) if v > 0 else (known.right, known.left)
        return Sides(v * ends[0], v * ends[1], abs(v) * known.uncertainty)

    def groups(self) -> list[list[int]]:
        """The entries whose kinks have to do with each other, together."""
        left, found = sorted(self.sides), []
        while left:
            group, left = [left[0]], left[1:]
            while left and self.coupled(group, left):
                partner = self.partners(group, left)
                group += partner
                left = [each for each in left if each not in partner]
            found.append(group)
        return found

    def partners(self, group: list[int], others: list[int]) -> list[int]:
        """One of the others that a group is coupled with, by halving; or several, if only together they are."""
        while len(others) > 1:
            half = len(others) // 2
            for part in (others[:half], others[half:]):
                if self.coupled(group, part):
                    others = part
                    break
            else:
                return others
        return others

    def judged(self, group: list[int], values: Array, tolerance: Callable[[float, Slope], float]) -> Outcome:
        """Holds the values of a gradient against the slopes along some directions over a group."""
        entries = np.array(group)
        # All the same way first: where the sum of the entries is told, it is plain to everybody.
        directions = [np.ones(len(group)), *(self.drawn(len(group)) for _ in range(DIRECTIONS))]
        bends, worst = set(), None
        for direction in directions:
            slope = self.along(direction, entries)
            sides, given = Sides.of(slope), float(np.sum(direction * values))
            low, high = sorted((sides.left, sides.right))
            allowed = tolerance(given, slope)
            beyond = max(low - given, given - high) / allowed if allowed else 0.0
            if slope.jump and abs(slope.jump) > 2 * slope.uncertainty:
                bends.add(slope.jump > 0)
            if worst is None or beyond > 1 >= worst[0]:
                worst = beyond, direction, given, low, high
        assert worst is not None
        beyond, direction, given, low, high = worst
        mixed = len(bends) > 1
        return Outcome(tuple(group), tuple(direction.tolist()), given, low, high, beyond > 1 and not mixed, mixed)


def outcomes(kinks: Kinks, values: Array, tolerance: Callable[[float, Slope], float]) -> Iterator[Outcome]:
    """What the directions say about each group of more than one entry; values are those of the gradient at all entries."""
    for group in kinks.groups():
        if len(group) > 1:
            yield kinks.judged(group, values[group], tolerance)
