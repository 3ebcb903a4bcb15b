"""Numbers from 0 to 1, each by itself: the probability of one of two classes, and the target beside it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import CLASSES, Beside, Kind, Rejected, Way, simpler_numbers, spoilt_by, table

_TYPICAL = 2.0**-10
_DENSE = "Shares of every magnitude, near 0 and near 1, evenly spread."


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(1, 7, shape) / 8


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.between(1 / 16, 15 / 16, shape)


def _ends(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 1.0), shape)


def _few(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 0.5, 1.0, 0.25), shape)


def _at_the_guards(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return _on_either_side(draws, shape, draws.among((1e-7, 1e-8, 1e-10, 1e-12), shape))


def _to_the_ends(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return _on_either_side(draws, shape, np.minimum(draws.magnitudes(-format_.bits, -1, shape), 0.5))


def _to_the_smallest(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.minimum(draws.magnitudes(format_.min_exponent + 4, 0, shape), 1.0)


def _on_either_side(draws: Draws, shape: Shape, small: Array) -> Array:
    """Small numbers, and what is left of 1 without them."""
    return np.where(draws.signs(shape) > 0, small, 1 - small)


def _dense_typical(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return _on_either_side(draws, shape, draws.ladder(-9, -2, math.prod(shape)).reshape(shape))


def _dense_extreme(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return _on_either_side(
        draws, shape, draws.ladder(-min(34, -format_.min_exponent - 4), -2, math.prod(shape)).reshape(shape)
    )


def _at(draws: Draws, shape: Shape, number: float) -> Array | None:
    return draws.among((number, 1 - number, 0.5), shape) if 0 < number <= 0.5 else None


KIND = Kind(
    "unit_interval",
    table(
        ("typical", "eighths", "Everyday numbers between 0 and 1, of few digits.", _eighths),
        ("typical", "ordinary", "Everyday numbers between 0 and 1.", _ordinary),
        ("edge", "ends", "0 and 1 themselves.", _ends),
        ("edge", "few", "Few different numbers, 0 and 1 among them.", _few),
        ("extreme", "at the guards", "Numbers as far from 0 or 1 as the usual guards.", _at_the_guards),
        ("extreme", "to the ends", "Numbers ever nearer to 0 and to 1.", _to_the_ends),
        ("extreme", "to the smallest", "Numbers down to the smallest normal ones.", _to_the_smallest),
    ),
    is_typical=lambda value: bool(
        np.asarray(value, np.float64).min() >= _TYPICAL and np.asarray(value, np.float64).max() <= 1 - _TYPICAL
    ),
    dense={"typical": Way("dense", _DENSE, _dense_typical), "extreme": Way("dense", _DENSE, _dense_extreme)},
    types=("bool", "int64", "int32", "uint8"),
    fills=lambda draws, shape, _format, _dtype: draws.whole(0, 1, shape),
    at=_at,
    simpler=lambda value: (
        each
        for each in simpler_numbers(value)
        if bool(((np.asarray(each, np.float64) >= 0) & (np.asarray(each, np.float64) <= 1)).all())
    ),
    rejected=(
        Rejected("nan_entry", "An entry is nan.", spoilt_by(math.nan)),
        Rejected("negative_entry", "An entry is negative.", spoilt_by(-0.25)),
        Rejected("entry_above_one", "An entry is above one.", spoilt_by(1.5)),
    ),
)


def _are_certain(value: Any) -> bool:
    return bool(np.isin(np.asarray(value, np.float64), (0, 1)).all())


#: What is certain of one of the two answers.
CERTAIN = replace(
    KIND,
    name="zeros_and_ones",
    ways=table(*((class_, "ends", "0 and 1 themselves.", _ends) for class_ in CLASSES)),
    is_typical=_are_certain,
    dense={},
    at=None,
    simpler=lambda value: (each for each in KIND.simpler(value) if _are_certain(each)),
)
