"""What a kind of argument says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape

Class = Literal["typical", "edge", "extreme"]
CLASSES: tuple[Class, ...] = get_args(Class)

#: What has been drawn before, by the argument's name: its kind's name and its value.
Beside = Mapping[str, tuple[str, Any]]
Draw = Callable[[Draws, Shape, Format, Beside], Any]


@dataclass(frozen=True)
class Way:
    """One way of choosing numbers.

    Attributes:
        name: Its name.
        text: What is special about such numbers, in a sentence.
        draw: Gives numbers for an array of a shape: float64 (rounded to the format afterwards), or int64 for labels and counts.
    """

    name: str
    text: str
    draw: Draw


#: Ways of choosing numbers so large that products of them may be beyond the format's range.
BEYOND_RANGE = ("scaled", "beyond")


@dataclass(frozen=True)
class Rejected:
    """One thing that an argument must not be.

    Attributes:
        name: Its name.
        text: What is wrong with it, in a sentence.
        spoil: Makes it of a value that has nothing wrong, and of the shape that this was drawn for.
    """

    name: str
    text: str
    spoil: Callable[[Any, Shape], Any]


@dataclass(frozen=True)
class Kind:
    """What an argument may be.

    Attributes:
        name: Its name.
        ways: The ways of choosing its numbers, by class: *typical*, where any honest algorithm is accurate; *edge*, zeros, ties and
            whole numbers; *extreme*, overflow, underflow, cancellation, near-certainty.
        is_typical: Whether numbers are still such as any honest algorithm is accurate on.
        dense: Numbers of every magnitude, evenly spread, for arrays of thousands of entries, or what goes on for hundreds of steps; empty where such an array says no more.
        types: The number types, besides the format asked for, that an array of it may come in where they hold its numbers.
        fills: Numbers for one of these types, up to its ends.
        at: Numbers some of which are exactly a given one, such as a parameter; empty for one that they cannot be. None where that says nothing.
        simpler: Simpler values in place of one, the simplest first, for a counterexample to be read.
        without: The value without some entries along an axis: the axis and the places that stay.
        is_late: Whether it depends on the other arguments, and so is drawn after them.
        is_number: Whether it is one number, handed over as a plain one.
        rejected: What has no meaning as such an argument, because of its numbers.
    """

    name: str
    ways: Mapping[Class, tuple[Way, ...]]
    is_typical: Callable[[Any], bool] = lambda _value: True
    dense: Mapping[Class, Way] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    fills: Callable[[Draws, Shape, Format, str], Array] | None = None
    at: Callable[[Draws, Shape, float], Array | None] | None = None
    simpler: Callable[[Any], Iterator[Any]] = lambda _value: iter(())
    without: Callable[[Any, int, Any], Any] = field(default=lambda value, axis, kept: np.take(value, kept, axis=axis))
    is_late: bool = False
    is_number: bool = False
    rejected: tuple[Rejected, ...] = ()


def table(*rows: tuple[Class, str, str, Draw]) -> dict[Class, tuple[Way, ...]]:
    """The ways of a kind, from rows of class, name, sentence and draw."""
    return {class_: tuple(Way(name, text, draw) for of, name, text, draw in rows if of == class_) for class_ in CLASSES}


def spoilt_by(number: float) -> Callable[[Any, Shape], Any]:
    """A way of spoiling an argument: its last entry is replaced by a number."""

    def spoil(value: Any, shape: Shape) -> Any:
        spoilt = np.array(value)
        spoilt.flat[-1] = number
        return spoilt

    return spoil


def holds(dtype: str, value: Array) -> bool:
    """Whether a number type holds every number of an array exactly."""
    with np.errstate(all="ignore"):
        narrowed = value.astype(np.float64)
        return bool(
            np.isfinite(narrowed).all()
            and not np.any(np.signbit(narrowed) & (narrowed == 0))
            and _within(dtype, narrowed)
            and np.array_equal(narrowed.astype(dtype).astype(np.float64), narrowed)
        )


def _within(dtype: str, values: Array) -> bool:
    kind = np.dtype(dtype).kind
    if kind == "b":
        return bool(np.isin(values, (0, 1)).all())
    if kind in "iu":
        ends = np.iinfo(dtype)
        return bool((values >= ends.min).all() and (values <= min(ends.max, 2**62)).all())
    return True


def simpler_numbers(value: Any) -> Iterator[Any]:
    """All zeros, all ones, then entry by entry: 0, 1, −1, a whole number, a multiple of 1/8, fewer digits, fewer powers of ten."""
    value = np.asarray(value)
    numbers = value.astype(np.float64)
    if not numbers.any() and not np.signbit(numbers).any():
        return
    yield from (np.full_like(value, number) for number in (0, 1))
    yield from _changed(value, lambda _: np.rint(numbers))
    yield from _changed(value, lambda _: np.rint(numbers * 8) / 8)
    for index in np.ndindex(value.shape):
        number = float(numbers[index])
        for simple in (0.0, 1.0, -1.0, float(np.rint(number)), float(np.rint(number * 8)) / 8, *_rounder(number)):
            fits = value.dtype.kind not in "iub" or _within(value.dtype.name, np.array(simple))
            # A number type may hold 0.625, but not 0.6.
            with np.errstate(all="ignore"):
                held = float(np.array(simple).astype(value.dtype).astype(np.float64)) if fits else number
            if held != number and _simplicity(held) < _simplicity(number):
                yield _changed_at(value, index, held)


def _changed(value: Any, change: Callable[[Any], Any]) -> Iterator[Any]:
    with np.errstate(all="ignore"):
        changed = change(value).astype(value.dtype)
    if not np.array_equal(changed, value):
        yield changed


def _changed_at(value: Any, index: tuple[int, ...], number: float) -> Any:
    changed = value.copy()
    changed[index] = number
    return changed


def _rounder(number: float) -> Iterator[float]:
    """Numbers of two digits and of one, then some with fewer powers of ten."""
    _, exponent = _decimal(number)
    for digits in (1, 0):
        yield float(f"{number:.{digits}e}")
    for power in (exponent // 2 if exponent > 0 else -(-exponent // 2), exponent - (exponent > 0) + (exponent < 0)):
        if abs(exponent) > 1:
            yield math.copysign(float(f"1e{power}"), number)


def _decimal(number: float) -> tuple[int, int]:
    """How many digits a number has, and its power of ten; 0 has no digits."""
    _, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    if not number or not isinstance(exponent, int):
        return 0, 0
    return len(digits), exponent + len(digits) - 1


def _simplicity(number: float) -> tuple[int, int, float]:
    digits, exponent = _decimal(number)
    return digits, abs(exponent), abs(number)
