"""What a check of a gradient found: a verdict with its evidence, to be asked or read."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["right", "wrong", "cannot be told"]
WIDTH = 80
#: From so many digits on it is not said how many they are.
SURE = 7
#: What is known less well in a narrow format, is said to be.
NARROW = 1e-3


def place_of(array: str, index: tuple[int, ...]) -> str:
    """Where an entry stands, as one would write it; the only entry of a number is x itself."""
    return f"{array}{list(index)}" if index else array or "x"


@dataclass(frozen=True)
class Entry:
    """One entry of the gradient.

    Attributes:
        index: Where it stands in its array.
        given: The value that was given.
        expected: The value estimated from f.
        uncertainty: How far off the estimate may be.
        array: Which of several arrays it stands in, as `['W1']`; empty if there is but one.
        note: What else is to be said of it.
    """

    index: tuple[int, ...]
    given: float
    expected: float
    uncertainty: float
    array: str = ""
    note: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as one would write it."""
        return place_of(self.array, self.index)

    @property
    def error(self) -> float:
        """The relative error of the given value that is left when the uncertainty is taken off."""
        off = abs(self.given - self.expected) - self.uncertainty
        if off <= 0:
            return 0.0
        return off / max(abs(self.given), abs(self.expected)) if math.isfinite(off) else math.inf

    def __str__(self) -> str:
        said = f"{self.place}: {self.given:.9g} was given"
        if math.isfinite(self.uncertainty):
            said += f"; it should be {self.expected:.9g} ± {self.uncertainty:.1g}"
        return f"{said} ({self.note})" if self.note else said


@dataclass(frozen=True)
class Kink:
    """A coordinate along which f has a kink at x.

    Attributes:
        index: The coordinate, in its array.
        left: The slope on the side of smaller values.
        right: The slope on the side of larger ones.
        given: The entry of the gradient.
        array: Which of several arrays it stands in.
    """

    index: tuple[int, ...]
    left: float
    right: float
    given: float = math.nan
    array: str = ""

    def __str__(self) -> str:
        sides = f"slope {self.left:.6g} on the left, {self.right:.6g} on the right"
        return f"{place_of(self.array, self.index)}: {sides}" + (
            "" if math.isnan(self.given) else f"; {self.given:.6g} was given"
        )


@dataclass(frozen=True)
class Tie:
    """Several coordinates along which f has a kink at x that is one and the same, as at a tie of maxima.

    Attributes:
        places: The coordinates.
        direction: A direction over them.
        given: The slope along it by the gradient.
        low: The least that is right.
        high: The most.
    """

    places: tuple[str, ...]
    direction: tuple[float, ...]
    given: float
    low: float
    high: float

    def __str__(self) -> str:
        if all(each == 1 for each in self.direction):
            what = "the sum of the gradient over"
        else:
            what = f"along ({', '.join(f'{each:.3g}' for each in self.direction[:6])}{', …' if len(self.direction) > 6 else ''}) over"
        named = ", ".join(self.places[:6]) + (" …" if len(self.places) > 6 else "")
        right = (
            f"{self.low:.6g}"
            if self.high - self.low <= 1e-6 * abs(self.high)
            else f"from {self.low:.6g} to {self.high:.6g}"
        )
        return f"{what} {named} is {self.given:.6g}; it should be {right}"


@dataclass(frozen=True)
class Doubt:
    """An entry of which nothing can be told, and why.

    Attributes:
        place: Where it stands.
        why: The reason.
    """

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradient` found; it is true exactly if the verdict is "right".

    Attributes:
        verdict: "right", "wrong" or "cannot be told".
        order: The observed order of the Taylor remainder: about 2 for a right gradient (more where f has no curvature, infinite for a linear f, of
            which nothing remains), 1 for a wrong one; nan if it cannot be observed.
        error: The largest relative error of an entry, the estimate's uncertainty taken off: 0 or tiny for a right gradient.
        worst: The entry that is furthest off, measured by what a right one may be off.
        wrong: The entries that are contradicted.
        ties: The entries that are contradicted together, at a kink that they share.
        hints: What the entries that are contradicted have in common, in words.
        kinks: The coordinates along which f has a kink; there every slope between those of both sides is accepted.
        shared: How many entries lie at a kink that several share, and are right there.
        doubts: The entries of which nothing can be told, with the reasons.
        unseen: The entries that are not zero, but whose effect is lost in the rounding of f.
        contradicted: How many directions over several entries contradict the gradient (0 up to 1,000 entries, where each is looked at).
        directions: How many directions over several entries were looked at.
        looked_at: How many entries were looked at one by one.
        size: How many there are.
        known: How far off an entry that is seen may be, relative to it, at most.
        noise: How much the values of f jitter, relative to what f is and does.
        narrow: Whether f is computed in a format narrower than float64.
        evaluations: How often f was evaluated.
    """

    verdict: Verdict
    order: float
    error: float
    worst: Entry | None
    wrong: tuple[Entry, ...]
    ties: tuple[Tie, ...]
    hints: tuple[str, ...]
    kinks: tuple[Kink, ...]
    shared: int
    doubts: tuple[Doubt, ...]
    unseen: tuple[Entry, ...]
    contradicted: int
    directions: int
    looked_at: int
    size: int
    known: float
    noise: float
    narrow: bool
    evaluations: int

    @property
    def ok(self) -> bool:
        """Whether the verdict is "right"."""
        return self.verdict == "right"

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return "\n".join(line for each in sentences(self) for line in wrapped(each))

    def _repr_html_(self) -> str:
        first, *rest = str(self).split("\n")
        colour = {"right": "green", "wrong": "crimson"}.get(self.verdict, "darkorange")
        return f'<pre><b style="color:{colour}">{html.escape(first)}</b>\n{html.escape(chr(10).join(rest))}</pre>'

    def as_json(self) -> dict[str, Any]:
        """The verdict and its evidence as JSON can hold it; numbers that are not finite as strings."""
        return {
            "verdict": self.verdict,
            "sentence": next(sentences(self)),
            "hints": list(self.hints),
            "wrong": [
                {
                    "place": e.place,
                    "given": plain(e.given),
                    "expected": plain(e.expected),
                    "uncertainty": plain(e.uncertainty),
                }
                for e in self.wrong
            ],
            "ties": [str(each) for each in self.ties],
            "kinks": [str(each) for each in self.kinks],
            "doubts": [str(each) for each in self.doubts],
            "unseen": [each.place for each in self.unseen],
            "known": plain(self.known),
            "order": plain(self.order),
            "looked_at": self.looked_at,
            "size": self.size,
            "directions": self.directions,
            "evaluations": self.evaluations,
        }


def plain(value: float) -> float | str:
    """A number as JSON can hold it."""
    return value if math.isfinite(value) else str(value)


def wrapped(line: str) -> list[str]:
    """A line in lines of at most 80 columns; what is indented stays so."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent + "    " * bool(indent), break_on_hyphens=False) or [""]


def sentences(check: GradientCheck) -> Iterator[str]:
    """The report, line by line."""
    yield verdict_sentence(check)
    if check.narrow and (check.unseen or check.known > NARROW):
        yield "f is computed in a format narrower than float64, in which it would tell more."
    yield from check.hints
    if check.verdict == "wrong":
        # The furthest off first; those that are as far off as each other in their own order.
        yield from listed(sorted(check.wrong, key=lambda each: -float(f"{each.error:.3g}")))
        yield from listed(check.ties)
    if check.doubts:
        yield "Of these nothing can be told:" if check.verdict == "wrong" else "Why it cannot be told:"
        yield from listed(check.doubts)
    if check.kinks:
        yield "f has a kink here; every slope between those of both sides counts as right:"
        yield from listed(check.kinks)
    if check.unseen:
        yield "Not seen, as the effect is lost in the rounding of f:"
        yield from listed([f"{e.place}: {e.given:.3g} was given, its effect {known_to(e)}" for e in check.unseen])
    yield evidence(check)


def known_to(entry: Entry) -> str:
    """How well the effect of an entry is known, in words."""
    return f"is known to ± {entry.uncertainty:.1g}" if math.isfinite(entry.uncertainty) else "is not known"


def verdict_sentence(check: GradientCheck) -> str:
    """The verdict in one sentence."""
    if check.verdict == "right":
        where = " in the entries that can be seen" if check.unseen else ""
        kinks = ", as a subgradient" if check.kinks or check.shared else ""
        digits = max(int(-math.log10(check.known)), 1) if check.known else math.inf
        known = f", to the {counted(int(digits), 'digit')} that f tells" if digits < SURE else ""
        return f"The gradient is right{where}{kinks}{known}."
    if check.verdict == "wrong":
        if check.wrong:
            if len(check.wrong) == check.size:
                return "The gradient is wrong" + (" in every entry." if check.size > 1 else ".")
            return f"The gradient is wrong in {counted(len(check.wrong), 'entry', 'entries')}."
        if check.ties:
            return "The gradient is wrong: no subgradient where several entries share a kink."
        return f"The gradient is wrong: {counted(check.contradicted, 'direction contradicts', 'directions contradict')} it."
    if check.doubts:
        others = check.looked_at - len(check.doubts) - len(check.unseen)
        rest = "the other one is right" if others == 1 else f"the other {others} are right"
        where = f"in {counted(len(check.doubts), 'entry', 'entries')}; {rest}" if others > 0 else "here"
        return f"Whether the gradient is right cannot be told {where}."
    if len(check.unseen) < check.looked_at:
        return "Whether the gradient is right cannot be told: the effect of most entries is lost in the rounding of f."
    return "Whether the gradient is right cannot be told: the effect of every entry is lost in the rounding of f."


def evidence(check: GradientCheck) -> str:
    """What was looked at, in one line."""
    along = f" and {counted(check.directions, 'direction')} over all of them" if check.directions else ""
    noisy = f"; f jitters by {check.noise:.0e} of its value" if check.noise > 1e-12 else ""
    of = "all" if check.looked_at == check.size else f"{check.looked_at} of {check.size}"
    entries = "the only entry" if check.size == 1 else f"{of} entries" if of != "all" else f"all {check.size} entries"
    return f"Looked at: {entries}{along}, by {check.evaluations} values of f; {remainder(check.order)}{noisy}."


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
