"""Binary floating-point formats, and the one rounding that every certified value ends in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray


@dataclass(frozen=True)
class Format:
    """A binary format: `bits` of significand (the hidden one included) and the exponent range of its normal numbers."""

    name: str
    bits: int
    min_exponent: int
    max_exponent: int

    @property
    def smallest_normal(self) -> float:
        """The smallest normal number: 2 to the `min_exponent`."""
        return math.ldexp(1.0, self.min_exponent)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return math.ldexp(2.0 - math.ldexp(1.0, 1 - self.bits), self.max_exponent)

    @property
    def unit(self) -> float:
        """The distance from 1 to the next number: one unit in the last place, relative."""
        return math.ldexp(1.0, 1 - self.bits)

    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the format; bfloat16 needs the package ml_dtypes."""
        if self.name != "bfloat16":
            return np.dtype(self.name)
        try:
            import ml_dtypes
        except ImportError:
            raise ImportError("bfloat16 needs the package ml_dtypes: pip install 'refmath[array]'") from None
        bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return bfloat16

    def nearest(self, significand: int, exponent: int) -> float:
        """`significand · 2^exponent` rounded to the nearest number of the format, ties to even, with gradual underflow."""
        if significand == 0:
            return 0.0
        magnitude, sign = abs(significand), -1.0 if significand < 0 else 1.0
        # Below half the smallest number, and perhaps far too small for the shift below.
        if magnitude.bit_length() + exponent <= self.min_exponent - self.bits:
            return sign * 0.0
        last_place = max(magnitude.bit_length() + exponent, self.min_exponent + 1) - self.bits
        drop = last_place - exponent
        if drop > 0:
            kept, rest = divmod(magnitude, 1 << drop)
            half = 1 << (drop - 1)
            if rest > half or (rest == half and kept & 1):
                kept += 1
        else:
            kept, last_place = magnitude, exponent
        if kept.bit_length() + last_place > self.max_exponent + 1:
            return sign * math.inf
        return sign * math.ldexp(kept, last_place)

    def rounded(self, values: Any) -> NDArray[Any]:
        """Each of an array of numbers rounded to the format, as float64; it needs no package for bfloat16."""
        values = np.asarray(values, np.float64)
        exponents = np.maximum(np.frexp(values)[1], self.min_exponent + 1)
        last_places = exponents - self.bits
        # np.rint rounds ties to even, as the formats do.
        whole = np.rint(np.ldexp(values, -last_places))
        with np.errstate(over="ignore"):  # beyond the range of float64 too it is infinite
            rounded: NDArray[Any] = np.ldexp(whole, last_places)
        return np.where(np.abs(rounded) > self.largest, np.copysign(np.inf, values), rounded)

    def ties(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of an array of finite numbers lie halfway between two neighbours of the format."""
        exponents = np.maximum(np.frexp(values)[1], self.min_exponent + 1)
        scaled = np.ldexp(values, self.bits - exponents)
        halfway: NDArray[np.bool_] = np.abs(scaled - np.trunc(scaled)) == 0.5
        return halfway

    def ulps(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The distance between neighbours at each of an array of finite numbers."""
        exponents = np.where(values == 0, self.min_exponent, np.frexp(values)[1] - 1)
        distances: NDArray[np.float64] = np.ldexp(1.0, np.maximum(exponents, self.min_exponent) - self.bits + 1)
        return distances

    def ulp(self, value: float) -> float:
        """The distance between neighbouring numbers of the format at `value`."""
        if value == 0 or not math.isfinite(value):
            return math.ldexp(1.0, self.min_exponent - self.bits + 1)
        exponent = max(math.frexp(value)[1] - 1, self.min_exponent)
        return math.ldexp(1.0, exponent - self.bits + 1)


FORMATS = {
    each.name: each
    for each in (
        Format("float64", 53, -1022, 1023),
        Format("float32", 24, -126, 127),
        Format("float16", 11, -14, 15),
        Format("bfloat16", 8, -126, 127),
    )
}


def format_named(dtype: Any) -> Format:
    """The format of a dtype or of a dtype's name.

    Raises:
        ValueError: If it is none of float64, float32, float16, bfloat16.
    """
    try:
        name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    except (TypeError, ValueError):
        name = ""
    # None is float64 for NumPy.
    if dtype is None or name not in FORMATS:
        raise ValueError(f"dtype must be one of {', '.join(FORMATS)}; got {dtype!r}")
    return FORMATS[name]


def nearest(ball: Any, format_: Format) -> float | None:
    """The number of the format nearest to every point of the ball, or None if the ball is too wide to tell."""
    if not ball.is_finite():
        return float(ball.mid()) if ball.is_exact() else None
    low, high = (format_.nearest(*map(int, end.mid().man_exp())) for end in (arb(ball.lower()), arb(ball.upper())))
    # On both sides of zero, the two are −0 and 0.
    return high if low == high else None


def each_nearest(balls: Sequence[Any], format_: Format) -> list[float | None]:
    """The same for every one of many balls, and quick about those that lie within a number's surroundings or are exactly zero."""
    # Rounding to float64 moves nothing past a number of float64: where the ends of a ball round to the same number of the format by way of it, and
    # are no ties on that way, so does everything in between.
    low = np.array([float(ball.lower()) for ball in balls], np.float64)
    high = np.array([float(ball.upper()) for ball in balls], np.float64)
    finite = np.isfinite(low) & np.isfinite(high)
    low, high = (np.where(finite, end, np.nan) for end in (low, high))
    near = low if format_.bits == 53 else format_.rounded(low)
    settled = near == (high if format_.bits == 53 else format_.rounded(high))
    # Of zeros only the sign is in question.
    settled &= (near != 0) | (low > 0) | (high < 0)
    if format_.bits < 53:
        settled &= ~(format_.ties(low) | format_.ties(high))
    return [
        value if certain else 0.0 if ball.is_zero() else nearest(ball, format_)
        for value, certain, ball in zip(near.tolist(), settled.tolist(), balls, strict=True)
    ]
