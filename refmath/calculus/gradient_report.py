"""What a check of a gradient found: a verdict with its evidence, to be asked or read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One entry of the gradient.

    Attributes:
        index: Where it stands.
        given: The value that was given.
        expected: The value estimated from f.
        uncertainty: How far off the estimate may be.
    """

    index: tuple[int, ...]
    given: float
    expected: float
    uncertainty: float

    @property
    def error(self) -> float:
        """The relative error of the given value that is left when the uncertainty is taken off."""
        off = abs(self.given - self.expected) - self.uncertainty
        if off <= 0:
            return 0.0
        return off / max(abs(self.given), abs(self.expected)) if math.isfinite(off) else math.inf

    def __str__(self) -> str:
        return (
            f"{list(self.index)}: {self.given:.9g} was given; it should be {self.expected:.9g} ± {self.uncertainty:.1g}"
        )


@dataclass(frozen=True)
class Kink:
    """A coordinate along which f has a kink at x.

    Attributes:
        index: The coordinate.
        left: The slope on the side of smaller values.
        right: The slope on the side of larger ones.
    """

    index: tuple[int, ...]
    left: float
    right: float

    def __str__(self) -> str:
        return f"{list(self.index)}: slope {self.left:.6g} on the left, {self.right:.6g} on the right"


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradient` found; it is true exactly if `ok` is.

    Attributes:
        ok: Whether nothing contradicts the gradient, and something was seen.
        order: The observed order of the Taylor remainder: about 2 for a right gradient (more where f has no curvature, infinite for a linear f, of
            which nothing remains), 1 for a wrong one; nan if it cannot be observed.
        error: The largest relative error of an entry, the estimate's uncertainty taken off: 0 or tiny for a right gradient.
        worst: The entry that is furthest off, measured by what a right one may be off.
        wrong: The entries that are contradicted.
        kinks: The coordinates along which f has a kink.
        unseen: The entries that are not zero, but whose effect is lost in the rounding of f.
        contradicted: How many directions over several entries contradict the gradient (0 up to 1,000 entries, where each is looked at).
        looked_at: How many entries were looked at one by one.
        size: How many there are.
        evaluations: How often f was evaluated.
    """

    ok: bool
    order: float
    error: float
    worst: Entry | None
    wrong: tuple[Entry, ...]
    kinks: tuple[Kink, ...]
    unseen: tuple[tuple[int, ...], ...]
    contradicted: int
    looked_at: int
    size: int
    evaluations: int

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return "\n".join(sentences(self))


def sentences(check: GradientCheck) -> Iterator[str]:
    """The report, line by line."""
    looked_at = f"{check.looked_at} of {counted(check.size, 'entry', 'entries')} looked at, {remainder(check.order)}"
    if check.ok:
        yield f"The gradient is right: {looked_at}{', as beside a kink' if check.order < 1.5 else ''}."
    elif check.wrong or check.contradicted:
        along = f" and along {counted(check.contradicted, 'direction')}" if check.contradicted else ""
        yield f"The gradient is wrong in {counted(len(check.wrong), 'entry', 'entries')}{along}: {looked_at}."
        yield from listed(sorted(check.wrong, key=lambda each: -each.error))
    else:
        yield "Nothing can be told: the effect of every entry is lost in the rounding of f, or f jumps."
    if check.kinks:
        yield "Kinks of f, at which every slope between those of both sides is accepted:"
        yield from listed(check.kinks)
    if check.unseen:
        yield "Entries whose effect is lost in the rounding of f:"
        yield from listed([f"{list(index)}" for index in check.unseen])


def counted(number: int, one: str, several: str = "") -> str:
    """A number of things in words."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def remainder(order: float) -> str:
    """The order of the Taylor remainder in words."""
    if math.isnan(order):
        return "order of the Taylor remainder unknown"
    return "no Taylor remainder but rounding" if math.isinf(order) else f"Taylor remainder of order {order:.1f}"


def listed(items: Sequence[Any], most: int = 5) -> Iterator[str]:
    """The first few items, and how many more there are."""
    yield from (f"  {item}" for item in items[:most])
    if len(items) > most:
        yield f"  and {len(items) - most} more"
