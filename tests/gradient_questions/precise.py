"""Numbers of many digits that NumPy's functions take, in arrays of objects: mpmath's, with the names of methods that NumPy calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp

from .question import Array, Function

#: So many digits are carried.
DIGITS = 400


class Precise:
    """A real number of mpmath's in NumPy's clothes."""

    __slots__ = ("value",)
    value: Any

    def __init__(self, value: Any) -> None:
        self.value = value.value if isinstance(value, Precise) else mp.mpf(number(value))

    def __add__(self, other: Any) -> Precise:
        return Precise(self.value + number(other))

    def __sub__(self, other: Any) -> Precise:
        return Precise(self.value - number(other))

    def __rsub__(self, other: Any) -> Precise:
        return Precise(number(other) - self.value)

    def __mul__(self, other: Any) -> Precise:
        return Precise(self.value * number(other))

    def __truediv__(self, other: Any) -> Precise:
        return Precise(self.value / number(other))

    def __rtruediv__(self, other: Any) -> Precise:
        return Precise(number(other) / self.value)

    def __pow__(self, other: Any) -> Precise:
        return Precise(self.value ** number(other))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Precise:
        return Precise(-self.value)

    def __abs__(self) -> Precise:
        return Precise(abs(self.value))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < number(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= number(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > number(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= number(other))

    def __eq__(self, other: object) -> bool:
        return bool(self.value == number(other))

    def __hash__(self) -> int:
        return hash(self.value)

    def __floor__(self) -> Precise:
        return Precise(mp.floor(self.value))

    def __float__(self) -> float:
        return float(self.value)


def number(a: Any) -> Any:
    """What mpmath calculates with: its own numbers as they are, floats of any format by their exact values."""
    if isinstance(a, Precise):
        return a.value
    return a if isinstance(a, mp.mpf | int) else mp.mpf(float(a))


def method(of_mpmath: Callable[[Any], Any]) -> Callable[[Precise], Precise]:
    return lambda self: Precise(of_mpmath(self.value))


#: NumPy's names of functions, which are those of the methods that it calls, and mpmath's.
NAMES = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arctan": "atan",
    "rint": "nint",
    **{name: name for name in ("cos", "cosh", "erf", "exp", "expm1", "log", "log1p", "sin", "sinh", "sqrt", "tanh")},
}
for ours, theirs in NAMES.items():
    setattr(Precise, ours, method(getattr(mp, theirs)))


def exact(x: Array) -> Array:
    """The same array in precise numbers."""
    return np.array([Precise(float(entry)) for entry in x.reshape(-1)], dtype=object).reshape(x.shape)


def sides(f: Function, x: Array, digits: int = 40) -> tuple[Array, Array]:
    """The slopes to the left and to the right along every coordinate at a point in precise numbers, from steps so many digits below its size."""
    with mp.workdps(DIGITS):
        value = number(np.asarray(f(x), object).item())
        sizes = [abs(entry.value) for entry in x.reshape(-1)]
        least = min([mp.mpf(1), *(size for size in sizes if size)])
        found = []
        for i, size in enumerate(sizes):
            step = (size or least) * mp.mpf(10) ** -digits

            def quotient(by: Any, i: int = i) -> Any:
                moved = x.copy()
                moved.reshape(-1)[i] = Precise(moved.reshape(-1)[i].value + by)
                return (number(np.asarray(f(moved), object).item()) - value) / by

            found.append((quotient(-step), quotient(step)))
        left, right = (np.array(side, dtype=object).reshape(x.shape) for side in zip(*found, strict=True))
        return left, right
