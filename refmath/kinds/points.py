"""Points at which a function is differentiated, or from which a descent begins."""

from __future__ import annotations

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, simpler_numbers, spoilt_by, table


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.eighths(3, shape)


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.between(-2, 2, shape)


def _few(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 1.0, -1.0, 2.0), shape)


def _whole(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(-4, 4, shape)


def _origin(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.zeros(shape)


def _far(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return 16 * draws.whole(-64, 64, shape) + 0.5


def _near(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.ldexp(draws.between(-1, 1, shape), -10)


KIND = Kind(
    "point",
    table(
        ("typical", "eighths", "Everyday points of few digits.", _eighths),
        ("typical", "ordinary", "Everyday points.", _ordinary),
        ("edge", "few", "Zeros and ones.", _few),
        ("edge", "whole", "Whole numbers.", _whole),
        ("edge", "origin", "The origin, where the smallest step is as good as any.", _origin),
        ("extreme", "far", "Points far from zero.", _far),
        ("extreme", "near", "Points close to zero.", _near),
    ),
    is_typical=lambda value: bool(np.abs(np.asarray(value, np.float64)).max() <= 64),
    types=("int64", "int32", "int8", "uint8"),
    fills=lambda draws, shape, _format, dtype: draws.whole(0 if dtype == "uint8" else -4, 4, shape),
    simpler=simpler_numbers,
    rejected=(Rejected("point_not_finite", "An entry of the point is not finite.", spoilt_by(np.inf)),),
)
