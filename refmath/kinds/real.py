"""Real numbers that are added, subtracted and squared: outputs and their targets, gradients, weights."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Draw, Kind, Way, simpler_numbers, table

_TYPICAL, _LOWEST_TYPICAL = 64, -6
_DENSE = "Numbers of every magnitude, evenly spread."


def _ordinary_reach(shape: Shape, format_: Format) -> float:
    """Up to 8, and less in a large array whose squares would not have a sum in the format."""
    reach = 8.0
    while 4 * max(1, math.prod(shape)) * reach**2 > format_.largest:
        reach /= 2
    return reach


def _eighths(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.eighths(_ordinary_reach(shape, format_), shape)


def _ordinary(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    reach = _ordinary_reach(shape, format_)
    return draws.between(-reach, reach, shape)


def _few(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.among((0.0, 1.0, -1.0, 3.0, -0.0), shape)


def _whole(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.whole(-8, 8, shape)


def _equal(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """Another argument once more, where there is one of this shape."""
    other = _another(beside, shape)
    return _few(draws, shape, format_, beside) if other is None else other


def _partly_equal(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """Every other sample is the other argument's."""
    other, own = _another(beside, shape), _eighths(draws, shape, format_, beside)
    if other is None or len(shape) < 2:
        return own
    return np.where((np.arange(shape[0]) % 2 == 0).reshape(-1, *[1] * (len(shape) - 1)), other, own)


def _close(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """So close to another argument that a difference cancels."""
    other = _another(beside, shape)
    if other is None:
        # Next to whole numbers is where margins and thresholds lie.
        other = draws.whole(-3, 3, shape)
    return np.asarray(other * (1 + draws.whole(-4, 4, shape) * 2 * format_.unit))


def _another(beside: Beside, shape: Shape) -> Array | None:
    for kind, value in beside.values():
        if kind == "real" and not isinstance(value, dict) and np.shape(value) == shape:
            return np.asarray(value, np.float64)
    return None


def _squares_fit(format_: Format) -> int:
    """The largest power of two whose squares a batch of thousands can add up."""
    return (format_.max_exponent - 13) // 2


def _every_magnitude(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.signs(shape) * draws.magnitudes(-4, min(14, _squares_fit(format_)), shape)


def _scaled(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    # Squares and their sums stay within the format: what every honest evaluation loses says nothing.
    reach = max(1, -format_.min_exponent // 2 - 8)
    return np.asarray(np.ldexp(draws.between(-2, 2, shape), draws.below(2 * reach + 1) - reach))


def _sums(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """In the narrowest range the sum of a few squares overflows, though their mean does not: it is lost if it is added up in the format.

    In the wider formats nobody has numbers of which that is true.
    """
    if format_.max_exponent > 64:
        return _scaled(draws, shape, format_, beside)
    return draws.signs(shape) * draws.between(96, 160, shape)


def _beyond(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """So large that every square is beyond the format's range, and nothing else is."""
    return draws.signs(shape) * draws.magnitudes(format_.max_exponent // 2 + 2, format_.max_exponent - 4, shape)


def _dense(lowest: int, highest: Callable[[Format], int]) -> Draw:
    def draw(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
        ladder = draws.ladder(lowest, highest(format_), math.prod(shape)).reshape(shape)
        reach = _ordinary_reach(shape, format_)
        return np.asarray(np.clip(ladder, 0, reach) if lowest == _LOWEST_TYPICAL else ladder) * draws.signs(shape)

    return draw


def _fills(draws: Draws, shape: Shape, format_: Format, dtype: str) -> Array:
    """Whole numbers up to the ends of an integer type, of every length; no more digits than the format has.

    Of 64 bits only so many that sums of squares fit: nobody has more.
    """
    ends = np.iinfo(dtype)
    bits = 26 if dtype == "int64" else min(int(ends.max).bit_length(), 30)
    values = draws.magnitudes(0, bits, shape)
    values = np.floor(
        np.where(draws.below(4, shape or (1,)).reshape(shape) == 0, float(min(ends.max, 2**bits)), values)
    )
    if ends.min < 0:
        values = values * draws.signs(shape)
    return _of_few_bits(values, format_)


def _of_few_bits(values: Array, format_: Format) -> Array:
    """Each whole number cut to as many leading bits as the format has."""
    exponents = np.maximum(np.frexp(values)[1] - format_.bits, 0)
    return np.asarray(np.ldexp(np.trunc(np.ldexp(values, -exponents)), exponents))


KIND = Kind(
    "real",
    table(
        ("typical", "eighths", "Everyday numbers of few digits.", _eighths),
        ("typical", "ordinary", "Everyday numbers.", _ordinary),
        ("edge", "few", "Few different values, so that some numbers are equal.", _few),
        ("edge", "whole", "Whole numbers.", _whole),
        ("edge", "equal", "The same numbers as another argument.", _equal),
        ("edge", "partly equal", "Every other sample is the same as in another argument.", _partly_equal),
        ("extreme", "magnitudes", "Numbers of every magnitude whose squares have a sum.", _every_magnitude),
        (
            "extreme",
            "scaled",
            "Numbers so large, or so small, that their squares just stay within the format.",
            _scaled,
        ),
        ("extreme", "close", "Numbers within a few last places of another argument.", _close),
        ("extreme", "sums", "Numbers whose squares fit, but not always their sum.", _sums),
        ("extreme", "beyond", "Numbers whose squares are beyond the format's range.", _beyond),
    ),
    is_typical=lambda value: bool(np.abs(np.asarray(value, np.float64)).max() <= _TYPICAL),
    dense={
        "typical": Way("dense", _DENSE, _dense(_LOWEST_TYPICAL, lambda _: 3)),
        "extreme": Way("dense", _DENSE, _dense(-12, lambda format_: min(12, _squares_fit(format_)))),
    },
    types=("int64", "int32", "int16", "int8", "uint8"),
    fills=_fills,
    at=lambda draws, shape, number: draws.among((number, -number, 0.0, 2 * number), shape),
    simpler=simpler_numbers,
)
