"""Positive numbers: variances, rates of a Poisson distribution, second moments."""

from __future__ import annotations

import math

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, Way, simpler_numbers, spoilt_by, table

_LOWEST_TYPICAL, _HIGHEST_TYPICAL = 2.0**-6, 64.0
_DENSE = "Positive numbers of every magnitude, evenly spread."


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(1, 64, shape) / 8


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.between(0.25, 8, shape)


def _whole(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(1, 8, shape)


def _ones(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.ones(shape)


def _near_one(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Within a few last places of 1, where a logarithm is close to 0."""
    return 1 + draws.whole(-4, 4, shape) * 2 * format_.unit


def _every_magnitude(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.magnitudes(-min(24, -format_.min_exponent - 2), min(24, format_.max_exponent // 2 - 2), shape)


def _scaled(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """So large, or so small, that their squares just stay within the format."""
    reach = max(1, -format_.min_exponent // 2 - 8)
    return np.asarray(np.ldexp(draws.between(0.5, 2, shape), draws.below(2 * reach + 1) - reach))


def _dense_typical(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.ladder(-5, 5, math.prod(shape)).reshape(shape)


def _dense_extreme(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.ladder(
        -min(24, -format_.min_exponent - 2), min(24, format_.max_exponent // 2 - 2), math.prod(shape)
    ).reshape(shape)


KIND = Kind(
    "positive",
    table(
        ("typical", "eighths", "Everyday positive numbers of few digits.", _eighths),
        ("typical", "ordinary", "Everyday positive numbers.", _ordinary),
        ("edge", "whole", "Whole numbers from 1 on.", _whole),
        ("edge", "ones", "All are 1.", _ones),
        ("extreme", "magnitudes", "Positive numbers of every magnitude.", _every_magnitude),
        (
            "extreme",
            "scaled",
            "Numbers so large, or so small, that their squares just stay within the format.",
            _scaled,
        ),
        ("extreme", "near one", "Numbers within a few last places of 1.", _near_one),
    ),
    is_typical=lambda value: bool(
        np.asarray(value, np.float64).min() >= _LOWEST_TYPICAL
        and np.asarray(value, np.float64).max() <= _HIGHEST_TYPICAL
    ),
    dense={"typical": Way("dense", _DENSE, _dense_typical), "extreme": Way("dense", _DENSE, _dense_extreme)},
    types=("int64", "int32", "uint8"),
    fills=lambda draws, shape, _format, _dtype: draws.whole(1, 100, shape),
    simpler=lambda value: (each for each in simpler_numbers(value) if bool((np.asarray(each, np.float64) > 0).all())),
    rejected=(
        Rejected("nan_entry", "An entry is nan.", spoilt_by(math.nan)),
        Rejected("negative_entry", "An entry is negative.", spoilt_by(-0.5)),
    ),
)
