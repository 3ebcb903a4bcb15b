"""The functions that the zoo's numerical gradients and descents are tried on, each as a NumPy program and at 60 digits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from . import measured


@dataclass(frozen=True, eq=False)
class Known:
    """A function of an array of any shape.

    Attributes:
        program: The function over the entries in a row, which a specimen is handed.
        exact: The same over a list of plain or measured numbers.
        shape: The only shape it takes, if it is not one of arrays of any shape.
    """

    program: Callable[[Any], Any]
    exact: Callable[[list[Any]], Any]
    shape: tuple[int, ...] | None = None

    def __call__(self, x: Any) -> Any:
        """The value at x, in the dtype of x (float64 for integers), complex numbers included."""
        if self.shape not in (None, np.shape(x)):
            raise TypeError(f"it takes an array of shape {self.shape}; got {np.shape(x)}")
        row = np.ravel(np.asarray(x))
        return self.program(row if row.dtype.kind in "fc" else row.astype(np.float64))


def of_shape(known: Known, shape: tuple[int, ...]) -> Known:
    """The same function, of arrays of one shape only."""
    return replace(known, shape=shape)


def _total(numbers: Any) -> Any:
    *_, last = accumulate(numbers)
    return last


def _weights(row: Any) -> Any:
    return np.arange(1, len(row) + 1)


SQUARES = Known(
    lambda row: np.sum(_weights(row) * row**2) / 4,
    lambda row: _total(k * v * v / 4 for k, v in enumerate(row, 1)),
)
CUBES = Known(lambda row: np.sum(row**3), lambda row: _total(v * v * v for v in row))
SQUARED_SUM = Known(
    lambda row: np.sum(_weights(row) * row) ** 2,
    lambda row: _total(k * v for k, v in enumerate(row, 1)) * _total(k * v for k, v in enumerate(row, 1)),
)
MIXED = Known(
    lambda row: np.sum(row**2) * np.sum(row), lambda row: _total(v * v for v in row) * _total(1 * v for v in row)
)
EXPONENTIALS = Known(
    lambda row: np.sum(np.exp(row / _weights(row))),
    lambda row: _total(measured.exp(v / k) for k, v in enumerate(row, 1)),
)
LOG_SUM_EXP = Known(
    lambda row: np.log(np.sum(np.exp(row))), lambda row: measured.log(_total(measured.exp(v) for v in row))
)
SINES = Known(
    lambda row: np.sum(np.sin(_weights(row) * row)),
    lambda row: _total(measured.sin(k * v) for k, v in enumerate(row, 1)),
)
FRACTION = Known(
    lambda row: np.sum(row) / (1 + np.sum(row**2)),
    lambda row: _total(1 * v for v in row) / (1 + _total(v * v for v in row)),
)
OFFSET = Known(
    lambda row: 1000 + np.sum(row**2),
    lambda row: 1000 + _total(v * v for v in row),
)
LINEAR = Known(
    lambda row: np.sum(_weights(row) * row) - 3,
    lambda row: _total(k * v for k, v in enumerate(row, 1)) - 3,
)
#: Kind to descents: convex, with slopes that change slowly.
BOWL = Known(
    lambda row: 0.5 * np.sum(row**2) + 0.25 * np.log(np.sum(np.exp(row))),
    lambda row: _total(v * v for v in row) / 2 + measured.log(_total(measured.exp(v) for v in row)) / 4,
)
VALLEY = Known(
    lambda row: 0.25 * np.sum(row**2) + 0.05 * np.sum(_weights(row) * row) ** 2,
    lambda row: _total(v * v for v in row) / 4 + SQUARED_SUM.exact(row) / 20,
)
