"""What optimisers work on, which is kept in floats, and their state: sums of squares, means of gradients, the number of a step.

Only states that can occur are tried: a mean of gradients is no larger than the mean of their squares allows, and before the first step all are 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds import real
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, Way, simpler_numbers, spoilt_by, table

#: With the usual decays, 0.9 and 0.999, a mean is at most 7.27 times the root of the mean of squares (Cauchy and Schwarz); this is somewhat less.
_MOST = 7.0
_LOWEST_TYPICAL, _HIGHEST_TYPICAL = 2.0**-10, 64.0


def _none(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.zeros(shape)


def _dense_floats(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Numbers of every magnitude down to those whose squares are beside ε what ε is beside 1."""
    lowest, highest = max(-34, format_.min_exponent + 4), min(12, (format_.max_exponent - 13) // 2)
    ladder = draws.ladder(lowest, highest, math.prod(shape)).reshape(shape)
    return np.asarray(ladder * draws.signs(shape))


#: Real numbers that nobody keeps in integers: parameters, their gradients and velocities.
FLOATS = replace(
    real.KIND,
    name="floats",
    ways={
        **real.KIND.ways,
        "edge": (*real.KIND.ways["edge"], Way("zeros", "All are 0, as where nothing is to be learnt.", _none)),
    },
    dense={**real.KIND.dense, "extreme": Way("dense", "Numbers of every magnitude, evenly spread.", _dense_floats)},
    types=(),
    fills=None,
    at=None,
)

#: Gradients of steps in a row, of which an optimiser that keeps its state sums up the squares: the format holds these.
GRADIENTS = replace(
    FLOATS,
    name="gradients",
    ways={
        **FLOATS.ways,
        "extreme": (Way("magnitudes", "Numbers of every magnitude whose squares the format holds.", _dense_floats),),
    },
)

# ---- the mean of squares, or their sum


def _squares(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.between(0.25, 4, shape) ** 2


def _small_squares(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.magnitudes(-8, 2, shape)


def _zeros(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.zeros(shape)


def _some_zeros(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 0.25, 1.0, 4.0), shape)


def _every_magnitude(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.magnitudes(max(-60, format_.min_exponent + 2), min(24, format_.max_exponent // 2 - 2), shape)


def _dense_squares(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """Squares of every magnitude; a fourth of them 0, and a fourth such as the gradients beside them have."""
    squares = _every_magnitude(draws, shape, format_, beside)
    gradients = [np.asarray(value, np.float64) for kind, value in beside.values() if kind == "floats"]
    which = np.asarray(draws.below(4, shape))
    most = math.sqrt(format_.largest) / 4  # so that four times its square is a number of the format
    own = (
        squares if not gradients else np.maximum(np.minimum(np.abs(gradients[-1]), most) ** 2, format_.smallest_normal)
    )
    return np.where(which == 0, 0.0, np.where(which == 1, own * draws.between(0.25, 4, shape), squares))


def _not_negative(value: Any) -> Iterator[Any]:
    return (each for each in simpler_numbers(value) if bool((np.asarray(each, np.float64) >= 0).all()))


SECOND_MOMENT = Kind(
    "second_moment",
    table(
        ("typical", "squares", "Squares of everyday gradients.", _squares),
        ("typical", "small squares", "Squares of small gradients.", _small_squares),
        ("edge", "zeros", "Nothing yet, before the first step.", _zeros),
        ("edge", "some zeros", "Squares, some of which are 0.", _some_zeros),
        ("extreme", "magnitudes", "Squares of every magnitude.", _every_magnitude),
    ),
    is_typical=lambda value: bool(
        np.asarray(value, np.float64).min() >= _LOWEST_TYPICAL
        and np.asarray(value, np.float64).max() <= _HIGHEST_TYPICAL
    ),
    dense={
        "typical": Way("dense", "Squares of small gradients.", _small_squares),
        "extreme": Way("dense", "Squares of every magnitude, and zeros.", _dense_squares),
    },
    simpler=_not_negative,
    rejected=(Rejected("negative_entry", "An entry is negative.", spoilt_by(-0.5)),),
)


# ---- the mean of gradients


def _allowed(beside: Beside, shape: Shape) -> Array:
    """How large a mean can be, entry by entry: as the mean of squares beside it allows."""
    for kind, value in beside.values():
        if kind == "second_moment" and np.shape(value) == shape:
            return np.asarray(np.minimum(_MOST * np.sqrt(np.asarray(value, np.float64)), 2.0**12))
    return np.ones(shape)


def _means(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    return draws.between(-0.125, 0.125, shape) * _allowed(beside, shape)


def _large_means(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    return draws.among((1.0, -1.0, 0.5), shape) * _allowed(beside, shape)


def _no_larger(value: Any) -> Iterator[Any]:
    now = np.abs(np.asarray(value, np.float64))
    return (each for each in simpler_numbers(value) if bool((np.abs(np.asarray(each, np.float64)) <= now).all()))


FIRST_MOMENT = Kind(
    "first_moment",
    table(
        ("typical", "means", "Means of everyday gradients.", _means),
        ("edge", "zeros", "Nothing yet, before the first step.", _zeros),
        ("extreme", "large means", "Means of gradients that are all alike.", _large_means),
    ),
    simpler=_no_larger,
    is_late=True,
)


# ---- the number of a step


def _first(beside: Beside) -> int:
    """The first step that such a state can belong to: the second one, if anything is in it."""
    states = (value for kind, value in beside.values() if kind in ("first_moment", "second_moment"))
    return 1 + any(bool(np.any(value)) for value in states)


def _early(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    octave = 12 << draws.below(7)
    return np.array(_first(beside) + (draws.below(12) if draws.below(2) else octave + draws.below(octave)), np.int64)


def _first_one(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    return np.array(_first(beside), np.int64)


def _late(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    octave = 1 << (7 + draws.below(14))
    return np.array(octave + draws.below(octave), np.int64)


def _simpler_numbers_of_steps(value: Any) -> Iterator[Any]:
    return (np.array(simple, np.asarray(value).dtype) for simple in (2, 3, 10, 100) if simple < int(value))


STEP_NUMBER = Kind(
    "step_number",
    table(
        ("typical", "early", "One of the first steps, or of the first thousand.", _early),
        ("edge", "first", "The first step that there can be.", _first_one),
        ("extreme", "late", "A step after very many.", _late),
    ),
    types=("int32",),
    simpler=_simpler_numbers_of_steps,
    is_late=True,
    is_number=True,
    rejected=(Rejected("step_zero", "The number of the step is zero.", spoilt_by(0)),),
)
