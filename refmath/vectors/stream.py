"""Numbers for inputs that are the same on every machine, today and in years.

Python guarantees the sequence of `random.Random(seed).random()` for all versions; its other methods, NumPy's distributions and Hypothesis's
draws may change. So everything is made from that sequence, with additions, multiplications and divisions only: exp and log are
rounded differently from one mathematical library to the next.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format

_T = TypeVar("_T")


class Stream:
    """An endless sequence of numbers that depends on its names alone."""

    def __init__(self, *names: str) -> None:
        self._next = random.Random("/".join(names)).random

    def below(self, count: int) -> int:
        """One of 0 … count − 1."""
        return int(self._next() * count)

    def one_of(self, values: Sequence[_T]) -> _T:
        """One of some values."""
        return values[self.below(len(values))]

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * self._next()

    def eighths(self, reach: float) -> float:
        """A multiple of 1/8 within ±`reach`."""
        steps = round(8 * reach)
        return (self.below(2 * steps + 1) - steps) / 8


def filled(shape: tuple[int, ...], number: Callable[[], float]) -> Array:
    """An array of numbers, one call for each."""
    return np.array([number() for _ in range(math.prod(shape))], np.float64).reshape(shape)


def rounded(values: Array, format_: Format) -> Array:
    """Each number rounded to the format, and held in float64: no array of bfloat16 is needed for a file of its numbers."""
    return np.array([_nearest(float(value), format_) for value in values.flat], np.float64).reshape(values.shape)


def _nearest(value: float, format_: Format) -> float:
    numerator, denominator = value.as_integer_ratio()
    return math.copysign(format_.nearest(numerator, 1 - denominator.bit_length()), value)
