"""Numbers at 60 digits that know their unit: how far they move when every input and every result on the way moves by its own size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf


@dataclass(frozen=True)
class Measured:
    """A number and its unit, to first order."""

    value: mpf
    unit: mpf

    def __add__(self, other: Any) -> Measured:
        other = measured(other)
        value = self.value + other.value
        return Measured(value, self.unit + other.unit + abs(value))

    __radd__ = __add__

    def __neg__(self) -> Measured:
        return Measured(-self.value, self.unit)

    def __sub__(self, other: Any) -> Measured:
        return self + -measured(other)

    def __rsub__(self, other: Any) -> Measured:
        return measured(other) + -self

    def __mul__(self, other: Any) -> Measured:
        other = measured(other)
        value = self.value * other.value
        return Measured(value, abs(self.value) * other.unit + abs(other.value) * self.unit + abs(value))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Measured:
        other = measured(other)
        value = self.value / other.value
        return Measured(value, self.unit / abs(other.value) + abs(value) * (other.unit / abs(other.value) + 1))


def measured(number: Any) -> Measured:
    """A number as an input: it moves by its own size."""
    return number if isinstance(number, Measured) else Measured(mpf(number), abs(mpf(number)))


def exp(number: Any) -> Any:
    """The exponential, of a plain number or a measured one."""
    if not isinstance(number, Measured):
        return mp.exp(number)
    value = mp.exp(number.value)
    return Measured(value, value * (1 + number.unit))


def log(number: Any) -> Any:
    """The natural logarithm, of a plain number or a measured one."""
    if not isinstance(number, Measured):
        return mp.log(number)
    value = mp.log(number.value)
    return Measured(value, number.unit / number.value + abs(value))


def sin(number: Any) -> Any:
    """The sine, of a plain number or a measured one."""
    if not isinstance(number, Measured):
        return mp.sin(number)
    value = mp.sin(number.value)
    return Measured(value, abs(mp.cos(number.value)) * number.unit + abs(value))
