"""Learning rates and numbers of steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, Way, spoilt_by, table

#: From here on a descent moves away from where it should go, and doubles its distance or more with every step.
_DIVERGING = 2.0


def _usual(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.1, 0.01, 0.25, 0.5), shape)


def _any(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.magnitudes(-12, -1, shape)


def _round(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((1.0, 0.1, 0.01, 0.5), shape)


def _tiny(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.magnitudes(-30, -12, shape)


def _large(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((1.0, 2.5, 4.0), shape)


def _simpler_rates(value: Any) -> Iterator[Any]:
    for simple in (1.0, 0.5, 0.1):
        if float(value) != simple and len(repr(simple)) < len(repr(float(value))):
            yield np.array(simple)


RATE = Kind(
    "rate",
    table(
        ("typical", "usual", "Everyday learning rates.", _usual),
        ("typical", "any", "Learning rates of every magnitude.", _any),
        ("edge", "round", "Learning rates such as 1.", _round),
        ("extreme", "tiny", "Tiny learning rates.", _tiny),
        ("extreme", "large", "Learning rates with which some functions lead away.", _large),
    ),
    simpler=_simpler_rates,
    is_number=True,
    rejected=(
        Rejected("rate_zero", "The learning rate is zero.", spoilt_by(0.0)),
        Rejected("rate_negative", "The learning rate is negative.", spoilt_by(-0.1)),
        Rejected("rate_nan", "The learning rate is nan.", spoilt_by(np.nan)),
    ),
)


def _limited(steps: int, beside: Beside) -> Array:
    """So many steps; few where they lead far away, and where each costs the differentiation of a large array."""
    rates = [float(value) for kind, value in beside.values() if kind == "rate"]
    large = any(kind == "point" and np.size(value) > 16 for kind, value in beside.values())
    most = 2 if large else 8 if rates and max(rates) > _DIVERGING else steps
    return np.array(min(steps, most), np.int64)


def _some(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    return _limited(draws.below(7) + 1, beside)


def _hundred(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """The usual hundred steps, or somewhat more; once in six times, as each step costs some calls of a function."""
    return _limited(100 + draws.below(2) * draws.below(30) if draws.below(6) == 0 else draws.below(7) + 1, beside)


def _few(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    return _limited(draws.below(3), beside)


def _long(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    return _limited(draws.one_of((30, 16, 8, 4)), beside)


def _many(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """More steps than most schedules leave the rate alone for, and fewer than Python lets a function call itself."""
    return _limited(700 + draws.below(100), beside)


def _simpler_counts(value: Any) -> Iterator[Any]:
    for simple in (0, 1, 2, int(value) // 2, int(value) - 1):
        if 0 <= simple < int(value):
            yield np.array(simple)


COUNT = Kind(
    "count",
    table(
        ("typical", "some", "Some steps.", _some),
        ("typical", "a hundred", "The usual hundred steps, and more.", _hundred),
        ("edge", "few", "No step, one or two.", _few),
        ("extreme", "long", "Some tens of steps.", _long),
    ),
    dense={"extreme": Way("hundreds", "Seven hundred steps, and more.", _many)},
    simpler=_simpler_counts,
    is_late=True,
    is_number=True,
    rejected=(Rejected("steps_negative", "The number of steps is negative.", spoilt_by(-1)),),
)
