"""What is true of numerical gradients and descents: derivatives at 60 digits, from the values of the function alone.

An honest step lies between 1e-6 and 1e-4. The unit of a slope is therefore what the larger step leaves of the third derivative, and
what the smaller one makes of the rounding of the values.
"""

from typing import Any

import numpy as np
from mpmath import mpf

from .functions import Known
from .measured import measured
from .specimen import Array

EPSILON = mpf(2) ** -52
LARGEST, SMALLEST = mpf("1e-4"), mpf("1e-6")
#: At 60 digits, these steps leave more than 20 right ones.
FIRST, THIRD = mpf(10) ** -15, mpf(10) ** -8
Row = list[mpf]


def numerical_gradient(f: Known, x: Array) -> tuple[Row, Row]:
    """The slopes at x, and their units."""
    row = [mpf(v) for v in np.ravel(x).tolist()]
    return [_slope(f, row, i) for i in range(len(row))], _units(f, row)


def gradient_descent(f: Known, x: Array, lr: float, step_num: int) -> tuple[Row, Row]:
    """Where the descent leads; an error of one point is carried into the next by the second derivatives, and each step adds its own."""
    row = [mpf(v) for v in np.ravel(x).tolist()]
    entries, rate, units = range(len(row)), mpf(lr), [mpf(0)] * len(row)
    for _ in range(step_num):
        slopes, of_slopes = [_slope(f, row, i) for i in entries], _units(f, row)
        moved = [v - rate * slope for v, slope in zip(row, slopes, strict=True)]
        units = [
            sum(abs((i == j) - rate * _second(f, row, i, j)) * units[j] for j in entries)
            + rate * of_slopes[i]
            + abs(moved[i])
            + 2 * abs(rate * slopes[i])
            for i in entries
        ]
        row = moved
    return row, units


def _moved(row: Row, entry: int, by: Any) -> Row:
    return [*row[:entry], row[entry] + by, *row[entry + 1 :]]


def _slope(f: Known, row: Row, i: int, h: mpf = FIRST) -> mpf:
    return mpf(f.exact(_moved(row, i, h)) - f.exact(_moved(row, i, -h))) / (2 * h)


def _second(f: Known, row: Row, i: int, j: int) -> mpf:
    return (_slope(f, _moved(row, j, FIRST), i) - _slope(f, _moved(row, j, -FIRST), i)) / (2 * FIRST)


def _third(f: Known, row: Row, i: int) -> mpf:
    right, here, left = (_slope(f, _moved(row, i, by), i, THIRD) for by in (2 * THIRD, 0, -2 * THIRD))
    return (right - 2 * here + left) / (4 * THIRD**2)


def _units(f: Known, row: Row) -> Row:
    sides = ([measured(v + side) for v in row] for side in (-LARGEST, LARGEST))
    rounding = max(f.exact(moved).unit for moved in sides) / SMALLEST
    return [
        rounding
        + max(abs(_third(f, _moved(row, i, by), i)) for by in (-LARGEST, 0, LARGEST)) * LARGEST**2 / 6 / EPSILON
        for i in range(len(row))
    ]
