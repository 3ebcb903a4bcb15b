r"""Kinks of several entries at once, as at a tie of maxima: what a subgradient must be there.

Where f is smooth but for kinks, Clarke's subgradients at x are the convex hull of the limits of gradients at points nearby. Entries whose kinks have nothing to do with each other
are judged one by one: there the slopes along a direction are the sums of those along the coordinates. The others form groups; for each, gradients are taken at points about
x, and the gradient to be judged must lie in their convex hull, to which its distance is found by Wolfe's algorithm.

**Reference.** F. H. Clarke, *Optimization and Nonsmooth Analysis*, 1983, theorem 2.5.1; P. Wolfe, *Finding the nearest point in a polytope*, Mathematical Programming 11,
1976.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from refmath.arguments import Array
from refmath.gradients.slope_estimate import Slope

#: The largest group that is judged, and how many entries are asked for their partners.
MOST, STARTS = 40, 64
#: So many directions are drawn before two sets of entries count as having nothing to do with each other.
CHANCES = 3
#: Two numbers of a convex hull are told apart if they differ by more than this part of the largest.
FINE = 2e-3
#: Where they are known less well, nothing is told.
VAGUE = 0.1
#: A corner of less weight is none.
NOTHING = 1e-12


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
    """What the gradients nearby say about a group of entries.

    Attributes:
        entries: The entries of the group.
        verdict: Whether the gradient is a subgradient there; "unknown" if too little is seen.
        direction: The direction that shows best that it is none.
        given: The slope along it by the gradient.
        low: The least that a subgradient has there.
        high: The most.
    """

    entries: tuple[int, ...]
    verdict: Literal["inside", "outside", "unknown"]
    direction: tuple[float, ...] = ()
    given: float = 0.0
    low: float = 0.0
    high: float = 0.0


class Kinks:
    """Entries, and what is known of the slopes along each.

    Args:
        along: The slope along a direction over some entries.
        sides: The slopes to both sides of each entry; where there is no kink they are the same.
        rng: Draws the directions.
    """

    def __init__(
        self, along: Callable[[Array, Array], Slope], sides: dict[int, Sides], rng: np.random.Generator
    ) -> None:
        self.along, self.sides, self.rng = along, sides, rng

    def drawn(self, count: int) -> Array:
        """A direction that is nothing special."""
        return self.rng.choice([-1.0, 1.0], count) * self.rng.uniform(0.5, 1.5, count)

    def is_separable(self) -> bool:
        """Whether the slopes along some directions over all entries are the sums of those along each."""
        entries = list(self.sides)
        # All the same way first, where maxima and minima show what they share; then so that each two go against each other at least once.
        for bit in range(-1, (len(entries) - 1).bit_length()):
            signs = np.array([-1.0 if bit >= 0 and i >> bit & 1 else 1.0 for i in range(len(entries))])
            direction = signs * self.rng.uniform(0.5, 1.5, len(entries))
            apart = [self.of(direction[[i]], [entry]) for i, entry in enumerate(entries)]
            if self.differ(Sides.of(self.along(direction, np.array(entries))), apart):
                return False
        return True

    @staticmethod
    def differ(both: Sides, apart: Sequence[Sides]) -> bool:
        """Whether slopes are none of the sums of others, by more than any of them may be off."""
        doubt = both.uncertainty + sum(each.uncertainty for each in apart)
        lefts, rights = [each.left for each in apart], [each.right for each in apart]
        return any(
            abs(whole - sum(parts)) > doubt + 1e-6 * max(map(abs, parts))
            for whole, parts in ((both.left, lefts), (both.right, rights))
        )

    def coupled(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether the slope along a direction over both is another than the sum of those over each."""
        entries = np.array([*one, *other])
        for _ in range(CHANCES):
            first, drawn = self.drawn(len(one)), self.drawn(len(other))
            # The same way and against each other: along one of the two slopes may add up by accident.
            for second in (drawn, -drawn):
                both = Sides.of(self.along(np.concatenate([first, second]), entries))
                if self.differ(both, [self.of(first, one), self.of(second, other)]):
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
        """The entries whose kinks have to do with each other, together: from those that have a kink of their own on, then the others."""
        left = sorted(self.sides, key=lambda entry: (self.sides[entry].left == self.sides[entry].right, entry))
        found, starts = [], 0
        while left and starts < STARTS:
            group, left, starts = [left[0]], left[1:], starts + 1
            while left and self.coupled(group, left):
                # Beyond what is judged it matters no more which they are.
                partners = self.partners(group, left) if len(group) <= MOST else left
                group += partners
                left = [each for each in left if each not in partners]
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


def judged(
    group: list[int],
    values: Array,
    gradients: Callable[[Array, Array], tuple[Array, float] | None],
    rng: np.random.Generator,
) -> Outcome:
    """Whether the values of a gradient at a group of entries lie in the convex hull of gradients nearby.

    Args:
        group: The entries.
        values: The gradient to be judged there.
        gradients: The gradient at a point beside x, in a direction over the entries, and how far off it may be; None where there is none.
        rng: Draws the points.
    """
    entries, size = np.array(group), len(group)
    if size > MOST:
        return Outcome(tuple(group), "unknown")
    drawn = [rng.standard_normal(size) for _ in range(24 + 6 * size)]
    found = [each for u in drawn if (each := gradients(u / np.abs(u).max(), entries)) is not None]
    if len(found) < 8:
        return Outcome(tuple(group), "unknown")
    pieces, doubt = np.array([each for each, _ in found]), max(each for _, each in found)
    # Each entry in units of its own, so that a large one hides no small one.
    sizes = np.maximum(np.abs(pieces).max(0), np.abs(values))
    sizes[sizes == 0] = np.inf  # an entry that is 0 in each tells nothing
    points, given = pieces / sizes, values / sizes
    allowed = FINE + 2 * float((doubt / sizes).max())
    if allowed > VAGUE:
        return Outcome(tuple(group), "unknown")
    if np.abs(nearest(points - given, allowed)).max() <= allowed:
        return Outcome(tuple(group), "inside")
    # Of the last gradients none may come closer than the first: else there are others, that have not been seen.
    first = 2 * len(points) // 3
    rest = nearest(points[:first] - given, allowed)
    if not ((points[first:] - given) @ rest > 0.8 * rest @ rest).all():
        return Outcome(tuple(group), "unknown")
    # All the same way, if that shows it: the sum of the entries is plain to everybody.
    direction, sums = np.ones(size), pieces.sum(1)
    margin = allowed * float(sizes[np.isfinite(sizes)].sum())
    if sums.min() - margin <= values.sum() <= sums.max() + margin:
        direction = -rest / sizes
        direction /= np.abs(direction).max()
    ends = pieces @ direction
    slope, low, high = float(values @ direction), float(ends.min()), float(ends.max())
    return Outcome(tuple(group), "outside", tuple(direction.tolist()), slope, low, high)


def nearest(points: Array, fine: float) -> Array:
    """The point of a convex hull that is next to zero, to a small part of what is asked for."""
    chosen, weights = [int(np.argmin((points**2).sum(1)))], np.ones(1)
    z = points[chosen[0]]
    for _ in range(1000):
        i = int(np.argmin(points @ z))
        if float(z @ (z - points[i])) <= (fine / 8) ** 2 or i in chosen:
            break
        chosen, weights = [*chosen, i], np.append(weights, 0.0)
        while True:
            corners, ones = points[chosen], np.ones((len(chosen), 1))
            # The point of the plane through these corners that is next to zero.
            system = np.block([[np.zeros((1, 1)), ones.T], [ones, corners @ corners.T]])
            found = np.linalg.lstsq(system, np.eye(len(chosen) + 1)[0], rcond=None)[0][1:]
            if (found > NOTHING).all():
                weights = found
                break
            # As far towards it as the hull of the corners goes, and without the corner that is left behind.
            out = found <= NOTHING
            weights = weights + float(np.min(weights[out] / (weights[out] - found[out]))) * (found - weights)
            kept = weights > NOTHING
            chosen, weights = [each for each, stays in zip(chosen, kept, strict=True) if stays], weights[kept]
        z = weights @ points[chosen]
    return np.asarray(z)
