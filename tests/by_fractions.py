"""Rounding by definition: of the numbers of a format around a fraction, the nearest, and of two equally near the even one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np

DTYPES: dict[str, np.dtype[Any]] = {name: np.dtype(name) for name in ("float64", "float32", "float16")}
DTYPES["bfloat16"] = np.dtype[Any](ml_dtypes.bfloat16)


def rounded(value: Fraction, name: str) -> Any:
    """The number of the format `name` that is nearest to a fraction; a zero keeps the fraction's sign."""
    magnitude, scalar = abs(value), DTYPES[name].type
    with np.errstate(over="ignore", under="ignore"):
        guess = scalar(_roughly(magnitude))
        around = [guess, abs(np.nextafter(guess, scalar(-np.inf))), np.nextafter(guess, scalar(np.inf))]
    nearest = min(around, key=lambda each: (abs(as_fraction(each) - magnitude), pattern(each) % 2))
    return -nearest if value < 0 else nearest


def as_fraction(number: Any) -> Fraction:
    """A number of a format as a fraction; ∞ stands for the power of two that would follow the largest number."""
    if np.isfinite(number):
        return Fraction(float(number))
    scalar = number.dtype.type
    largest = np.nextafter(number, scalar(0))
    return 2 * Fraction(float(largest)) - Fraction(float(np.nextafter(largest, scalar(0))))


def pattern(number: Any) -> int:
    """The bits of a number that is not negative, as an integer: it counts the numbers of the format upwards from zero."""
    return int(np.asarray(number).view(f"u{number.dtype.itemsize}"))


def _roughly(magnitude: Fraction) -> float:
    try:
        return float(magnitude)
    except OverflowError:
        return float("inf")
