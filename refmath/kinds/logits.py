"""Logits: real numbers that an exponential is taken of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Draw, Kind, Way, simpler_numbers, table

#: The greatest whole number whose exponential a format holds. A table, as a logarithm may be rounded otherwise elsewhere.
_OVERFLOW = {"float64": 709, "float32": 88, "float16": 11, "bfloat16": 88}
#: How far ordinary logits reach: the exponential of the distance between two of them is a normal number.
_ORDINARY = {"float64": 10.0, "float32": 10.0, "float16": 4.0, "bfloat16": 10.0}
#: Beyond this, no algorithm is expected to be accurate just because it is honest.
_TYPICAL = 32


def _reach(format_: Format) -> int:
    """The largest power of two that is tried: the losses of some samples that are as far off as they can be still have a sum."""
    return min(20, format_.max_exponent - 4)


def _still_told(format_: Format) -> int:
    """The largest power of two at which one unit in the last place of a logit does not yet lose every digit of its exponential."""
    return min(_reach(format_), format_.bits - 4)


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.eighths(min(8, _ORDINARY[format_.name]), shape)


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.between(-_ORDINARY[format_.name], _ORDINARY[format_.name], shape)


def _few(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 1.0, -1.0, 3.0, -0.0), shape)


def _ties(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.full(shape, draws.one_of((0.0, 1.0, -2.5)))


def _whole(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(-8, 8, shape)


def _far(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    reach = math.ldexp(1.0, min(13, _reach(format_)))
    return draws.between(-reach, reach, shape)


def _every_magnitude(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    if draws.below(2):
        octave = draws.below(_reach(format_))
        return draws.signs(shape) * draws.magnitudes(octave, octave + 1, shape)
    return draws.signs(shape) * draws.magnitudes(0, _reach(format_), shape)


def _overflow(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.asarray(draws.signs(shape) * (_OVERFLOW[format_.name] + draws.between(-2, 8, shape)))


def _scattered(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    far, edge = math.ldexp(1.0, min(13, _reach(format_))), float(_OVERFLOW[format_.name])
    return draws.among((far, -far, 0.0, edge + 1, -edge - 1), shape)


def _offset(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Ordinary logits with a common offset, another one for each sample; far below every fixed start of a maximum, too."""
    far = math.ldexp(1.0, min(13, _still_told(format_)))
    rows = (*shape[:-1], 1) if shape else ()
    offsets = draws.among((far, -far, far / 2, 0.0, -2 * far, -4 * far), rows)
    if format_.bits < 24:
        offsets = np.maximum(offsets, -far)
    if format_.bits >= 53 and draws.below(2):
        offsets = _offsets_beyond(draws, rows, format_)
    return draws.eighths(min(8, _ORDINARY[format_.name]), shape) + offsets


def _offsets_beyond(draws: Draws, rows: Shape, format_: Format) -> Array:
    """Offsets beyond whatever stands for −∞ somewhere, as far as everyday differences are still told there."""
    least = min(14, format_.bits - 14 if format_.bits >= 24 else 0)
    return draws.signs(rows) * draws.magnitudes(least, max(least + 1, format_.bits - 13), rows)


def _certain(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """One entry of each sample leads by a gap at which the loss is tiny, but not zero."""
    values = draws.eighths(1, shape)
    if not shape:
        return np.asarray(draws.one_of(_gaps(format_)))
    lead = np.eye(shape[-1])[np.asarray(draws.below(shape[-1], shape[:-1]))]
    samples = (*shape[:-1], 1)
    usual = format_.bits < 24 or draws.below(2)
    return np.asarray(
        values + lead * (draws.among(_gaps(format_), samples) if usual else draws.between(15, 45, samples))
    )


def _gaps(format_: Format) -> list[float]:
    """Leads at which 1 − p is close to the format's unit, and far below it."""
    if format_.bits >= 24:
        return [17.0, 25.0, 36.5, 40.0, 60.0, 80.0, 500.0, 700.0]
    last_place = {"float16": 7.625, "bfloat16": 5.5}[format_.name]
    return [last_place - 1, last_place, last_place + 1.5, 17.0, 40.0, 80.0]


def _tiny(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.asarray(
        draws.signs(shape) * np.ldexp(1.0, -8 - np.asarray(draws.below(-format_.min_exponent - 8, shape)))
    )


def _dense(highest: Callable[[Format], int], rows: int = 14, leading: bool = False) -> Draw:
    """Both signs of every magnitude that makes a difference; samples of a batch are of one magnitude each, up to 2 to the `rows`."""

    def draw(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
        if len(shape) < 2:
            return draws.ladder(-12, highest(format_), math.prod(shape)).reshape(shape) * draws.signs(shape)
        samples = (*shape[:-1], 1)
        top = min(rows, highest(format_))
        ladder = draws.ladder(-12, top, math.prod(samples)).reshape(samples)
        values = np.asarray(ladder * draws.between(-1, 1, shape))
        if leading:
            # In the last sample the last class leads by far, in the first one the first: who looks for the largest elsewhere does not find it.
            values[..., -1, -1] = values[..., 0, 0] = math.ldexp(1.0, top)
        return values

    return draw


def _masked(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Logits, some of them −∞; one of each sample is not. Some samples lack any classes, others the last ones, the first ones, or all but one.

    They are everyday ones, but those of one array in three are far from zero: whoever writes a large negative number for −∞ is lost there.
    """
    values = draws.eighths(min(8, _ORDINARY[format_.name]), shape)
    if draws.below(3) == 0:
        values = values + _offsets_beyond(draws, (*shape[:-1], 1), format_)
    classes, samples = np.arange(shape[-1]), (*shape[:-1], 1)
    kept = np.asarray(draws.below(shape[-1], samples))
    masked = np.asarray(draws.below(3, shape) == 0)
    pattern = (draws.below(4) + np.arange(math.prod(samples))).reshape(samples) % 4
    masked = np.where(pattern == 1, classes > kept, masked)
    masked = np.where(pattern == 2, classes < kept, masked)
    masked = np.where(pattern == 3, classes != kept, masked)
    return np.where(masked & (classes != kept), -np.inf, values)


def _fills(draws: Draws, shape: Shape, format_: Format, dtype: str) -> Array:
    """Whole numbers whose differences and cubes the type holds. It has a sign: nearly everybody subtracts a maximum, or takes -x."""
    return draws.whole(-5, 5, shape) if dtype == "int8" else draws.whole(-8, 8, shape)


_DENSE = "Logits of every magnitude, evenly spread."
KIND = Kind(
    "logits",
    table(
        ("typical", "eighths", "Everyday logits of few digits.", _eighths),
        ("typical", "ordinary", "Everyday logits.", _ordinary),
        ("edge", "few", "Few different values, so that some logits are equal.", _few),
        ("edge", "ties", "All logits are equal.", _ties),
        ("edge", "whole", "Whole numbers.", _whole),
        ("extreme", "far", "Logits up to eight thousand, far beyond the range of the exponential.", _far),
        ("extreme", "magnitudes", "Logits of every magnitude from 1 up to a million.", _every_magnitude),
        ("extreme", "overflow", "Logits at which the exponential just leaves the format's range.", _overflow),
        ("extreme", "scattered", "Zeros beside logits far beyond the range of the exponential.", _scattered),
        ("extreme", "offset", "Everyday differences, far from zero.", _offset),
        ("extreme", "certain", "One class is nearly certain: a loss that is tiny, but not zero.", _certain),
        ("extreme", "tiny", "Logits close to zero, down to the smallest normal numbers.", _tiny),
    ),
    is_typical=lambda value: bool(np.abs(np.asarray(value, np.float64)).max() <= _TYPICAL),
    dense={
        "typical": Way("dense", _DENSE, _dense(lambda format_: 5 if format_.bits >= 24 else 2, rows=3)),
        "extreme": Way("dense", _DENSE, _dense(lambda format_: min(14, _still_told(format_) + 2), leading=True)),
    },
    types=("int64", "int32", "int16", "int8"),
    fills=_fills,
    simpler=simpler_numbers,
)
#: Where a logit may be −∞: its class has no probability.
MASKING = replace(
    KIND,
    ways={
        **KIND.ways,
        "edge": (*KIND.ways["edge"], Way("masked", "Some logits are −∞, but not all of a sample.", _masked)),
    },
)
