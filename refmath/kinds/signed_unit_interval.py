"""Numbers from −1 to 1, each by itself: values of the hyperbolic tangent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds import unit_interval
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import CLASSES, Beside, Kind, Rejected, Way, simpler_numbers, spoilt_by

_TEXTS = {
    "eighths": "Everyday numbers between −1 and 1, of few digits.",
    "ordinary": "Everyday numbers between −1 and 1.",
    "ends": "−1, 0 and 1 themselves.",
    "few": "Few different numbers, −1, 0 and 1 among them.",
    "at the guards": "Numbers as far from −1, 0 or 1 as the usual guards.",
    "to the ends": "Numbers ever nearer to −1, 0 and 1.",
    "to the smallest": "Numbers down to the smallest normal ones, of both signs.",
    "dense": "Numbers of every magnitude, near −1, 0 and 1, evenly spread.",
}


def _of_both_signs(way: Way) -> Way:
    """A way of choosing numbers from 0 to 1, with signs; 0 has none."""

    def draw(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
        return np.asarray(way.draw(draws, shape, format_, beside) * draws.signs(shape) + 0.0)

    return Way(way.name, _TEXTS[way.name], draw)


def _is_within(value: Any) -> bool:
    return bool((np.abs(np.asarray(value, np.float64)) <= 1).all())


_fills: Callable[..., Array] = lambda draws, shape, _format, _dtype: draws.whole(-1, 1, shape)

KIND: Kind = replace(
    unit_interval.KIND,
    name="signed_unit_interval",
    ways={class_: tuple(map(_of_both_signs, unit_interval.KIND.ways[class_])) for class_ in CLASSES},
    is_typical=lambda value: unit_interval.KIND.is_typical(np.abs(np.asarray(value, np.float64))),
    dense={class_: _of_both_signs(way) for class_, way in unit_interval.KIND.dense.items()},
    types=("int64", "int32", "int8"),
    fills=_fills,
    at=lambda draws, shape, number: draws.among((number, -number, 0.5), shape) if 0 < abs(number) <= 1 else None,
    simpler=lambda value: (each for each in simpler_numbers(value) if _is_within(each)),
    rejected=(
        Rejected("nan_entry", "An entry is nan.", spoilt_by(math.nan)),
        Rejected("entry_below_minus_one", "An entry is below −1.", spoilt_by(-1.5)),
        Rejected("entry_above_one", "An entry is above one.", spoilt_by(1.5)),
    ),
)
