"""Class weights: how much a sample of each class counts."""

from __future__ import annotations

import math

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, simpler_numbers, spoilt_by, table

#: Weights and their sums stay within every format.
_REACH = 6


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(1, 32, shape) / 8


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.between(0.25, 4, shape)


def _whole(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(1, 8, shape)


def _ones(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.ones(shape)


def _some_zero(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Some classes count for nothing, but the first; one of them at least."""
    places, none = np.arange(shape[-1]), 1 + draws.below(max(1, shape[-1] - 1))
    counting = (np.asarray(draws.below(3, shape) > 0) | (places == 0)) & ((places != none) | (places == 0))
    return np.where(counting, draws.whole(1, 8, shape), 0.0)


def _magnitudes(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.magnitudes(-_REACH, _REACH, shape)


KIND = Kind(
    "class_weights",
    table(
        ("typical", "eighths", "Everyday weights of few digits.", _eighths),
        ("typical", "ordinary", "Everyday weights.", _ordinary),
        ("edge", "whole", "Whole numbers from 1 on.", _whole),
        ("edge", "ones", "All are 1.", _ones),
        ("edge", "some zero", "Some classes count for nothing.", _some_zero),
        ("extreme", "magnitudes", "Weights of every magnitude from 1/64 to 64.", _magnitudes),
    ),
    # Not in a narrower float: who multiplies by a share, a plain number, rounds in that type, which is honest.
    types=("int64",),
    fills=lambda draws, shape, format_, _dtype: _whole(draws, shape, format_, {}),
    simpler=lambda value: (each for each in simpler_numbers(value) if bool((np.asarray(each, np.float64) >= 0).all())),
    rejected=(
        Rejected("nan_entry", "An entry is nan.", spoilt_by(math.nan)),
        Rejected("negative_entry", "An entry is negative.", spoilt_by(-0.5)),
    ),
)
