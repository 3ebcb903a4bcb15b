"""Weights and biases of a network, and the samples it is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, simpler_numbers, table

#: Beyond this, hidden units are in the tails of their activation.
_TYPICAL = 1


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.eighths(1, shape) / _fan_in(shape)


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Numbers within ±1, none so small that honest steps on the way to a gradient vanish beside it."""
    return draws.between(-1, 1, shape) / _fan_in(shape)


def _fan_in(shape: Shape) -> float:
    """In a large layer the weights are small, as everywhere: otherwise every hidden unit would be in its tails."""
    return float(2 ** (max(0, (shape[0] // 8).bit_length()) // 2)) if len(shape) > 1 else 1.0


def _initial(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Small weights of one scale, such as a network begins with."""
    return np.asarray(np.ldexp(draws.between(-1, 1, shape), -3 - draws.below(6)))


def _few(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 1.0, -1.0), shape)


def _saturated(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.eighths(6 if len(shape) > 1 else 20, shape)


def _large(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Up to the reach at which every exponential that is not shifted overflows."""
    return draws.among((5000.0, -5000.0, 700.0, -700.0, 90.0, -90.0, 0.0), shape) / _smaller(shape, format_)


def _certain(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """One unit leads by a gap at which a loss is tiny, but not zero."""
    return draws.among((0.0, 17.0, 25.0, 40.0, 80.0), shape) / min(4.0, _divisor(format_))


def _apart(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """All far from zero and close together, so that the outputs of two samples are far from each other."""
    return draws.among((-1000.0, -999.0, -998.0), shape) / _smaller(shape, format_)


def _smaller(shape: Shape, format_: Format) -> float:
    """By how much weights are smaller where their products with huge samples would be beyond the format's range, or lose every digit."""
    return 512.0 if len(shape) > 1 and format_.max_exponent < 64 else _divisor(format_)


def _divisor(format_: Format) -> float:
    """By how much weights are smaller so that one unit in the last place does not yet lose every digit of an exponential."""
    return 2.0 ** (15 - format_.bits) if format_.bits < 24 else 1.0


WEIGHTS = Kind(
    "weights",
    table(
        ("typical", "eighths", "Everyday weights of few digits.", _eighths),
        ("typical", "ordinary", "Everyday weights.", _ordinary),
        ("typical", "initial", "Small weights, such as a network begins with.", _initial),
        ("edge", "few", "Zeros and ones only.", _few),
        ("extreme", "saturated", "Weights that lead the next units into their tails.", _saturated),
        ("extreme", "large", "Weights at which exponentials that are not shifted overflow.", _large),
        ("extreme", "certain", "Weights that make one output nearly certain.", _certain),
        ("extreme", "apart", "Weights far from zero, and close together.", _apart),
    ),
    is_typical=lambda value: bool(np.abs(np.asarray(value, np.float64)).max() <= _TYPICAL),
    simpler=simpler_numbers,
)


#: The numbers of hidden units: not as small as weights are at first, nor as large as would saturate the outputs.
UNITS = replace(
    WEIGHTS,
    name="units",
    ways={
        class_: tuple(way for way in ways if way.name not in ("initial", "large", "saturated"))
        for class_, ways in WEIGHTS.ways.items()
    },
)


def _pixels(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(0, 255, shape) / 255


def _ordinary_samples(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.eighths(1, shape)


def _black_and_white(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 1.0), shape)


def _whole(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(0, 8, shape)


def _huge(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return 256 * draws.eighths(2, shape) / _divisor(format_)


FEATURES = Kind(
    "features",
    table(
        ("typical", "eighths", "Everyday samples of few digits.", _ordinary_samples),
        ("typical", "pixels", "Pixels from 0 to 1.", _pixels),
        ("edge", "black and white", "Samples of zeros and ones.", _black_and_white),
        ("edge", "whole", "Samples of whole numbers.", _whole),
        ("extreme", "huge", "Samples so large that every hidden unit is in its tails.", _huge),
    ),
    is_typical=lambda value: bool(np.abs(np.asarray(value, np.float64)).max() <= _TYPICAL),
    types=("int64", "uint8"),
    fills=lambda draws, shape, _format, _dtype: draws.whole(0, 255, shape),
    simpler=simpler_numbers,
)
