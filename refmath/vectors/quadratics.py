r"""Inputs for gradient descent that can be written down: quadratic functions, as a matrix and a vector.

$$f(x) = \tfrac{1}{2} x^\top A x + b^\top x$$

Such an f is a sum of functions whose derivatives the balls know: one for each row of A, and one for b. So the exact descent is certified, and the
acceptance interval derived, exactly as for every other function that descents are judged on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.calculus.functions import Family, Function, c, x
from refmath.spec import Formula
from refmath.symbols import N, i
from refmath.vectors.drawing import Class, Inputs, Way
from refmath.vectors.stream import Stream, filled, rounded

_PRODUCT = sp.Sum(c[i] * x[i], (i, 0, N - 1))
_LINEAR = Family("LINEAR", _PRODUCT, "np.sum({c} * {x})", lambda c, x: np.sum(c * x), quadratic=True)


@functools.cache
def _row(number: int) -> Family:
    """Half of an entry of x, times a row of the matrix with x."""
    return Family(
        f"ROW_{number}",
        x[number] * _PRODUCT / 2,
        f"{{x}}[{number}] * np.sum({{c}} * {{x}}) / 2",
        lambda c, x: x[number] * np.sum(c * x) / 2,
        quadratic=True,
    )


def quadratic(A: Array, b: Array) -> Function:
    """½ xᵀAx + bᵀx, with its derivatives."""
    rows = tuple((1.0, _row(number), tuple(map(float, row))) for number, row in enumerate(A))
    return Function((*rows, (1.0, _LINEAR, tuple(map(float, b)))))


def matrix_and_vector(f: Function) -> tuple[Array, Array]:
    """A and b of a function that `quadratic` made."""
    *rows, b = (coefficients for _, _, coefficients in f.terms)
    return np.array(rows), np.array(b)


def ways(formula: Formula) -> list[Way]:
    """Every way of making inputs for a descent, the typical ones first."""
    return [_way(*row) for row in _WAYS]


def _way(
    class_: Class,
    name: str,
    text: str,
    sizes: tuple[int, ...],
    rates: tuple[float, ...],
    steps: tuple[int, ...],
    entry: Callable[[Stream], float],
    slope: Callable[[Stream], float],
) -> Way:
    def inputs(formula: Formula, stream: Stream, format_: Format, turn: int) -> Inputs:
        size = sizes[turn % len(sizes)]
        f = quadratic(_convex(stream, size), filled((size,), lambda: slope(stream)))
        start = rounded(filled((size,), lambda: entry(stream)), format_)
        start = start.astype(np.int64) if name == "integers" else start
        values: tuple[Any, ...] = (f, start, np.array(stream.one_of(rates)), np.array(stream.one_of(steps)))
        return {each.name: value for each, value in zip(formula.inputs, values, strict=True)}

    formats = ("float64",) if name == "integers" else ("float64", "float32")
    return Way(class_, name, text, len(sizes), inputs, formats)


def _convex(stream: Stream, size: int) -> Array:
    """A symmetric matrix whose diagonal outweighs the rest, of multiples of 1/16: all curvatures lie between 1/8 and 2."""
    A = np.zeros((size, size))
    for row in range(size):
        for column in range(row):
            A[row, column] = A[column, row] = stream.eighths(1) / (2 * size)
    return A + np.diag([0.75 + stream.below(5) / 8 for _ in range(size)])


def _everyday(stream: Stream) -> float:
    return stream.eighths(3)


def _whole(stream: Stream) -> float:
    return stream.below(7) - 3.0


def _none(stream: Stream) -> float:
    return 0.0


_WAYS: tuple[tuple[Any, ...], ...] = (
    (
        "typical",
        "typical",
        "An everyday valley, some steps.",
        (2, 3, 4),
        (0.1, 0.25, 0.5),
        (3, 5, 7),
        _everyday,
        _everyday,
    ),
    ("typical", "a_hundred_steps", "The hundred steps of the chapter.", (2, 3), (0.01, 0.1), (100,), _everyday, _none),
    ("edge", "no_step", "No step leads nowhere.", (2, 3), (0.1,), (0,), _everyday, _everyday),
    ("edge", "one_step", "A single step.", (2, 3), (0.1, 0.5), (1,), _everyday, _everyday),
    ("edge", "one_entry", "A point of one entry.", (1, 1), (0.1, 0.5), (2, 5), _everyday, _everyday),
    ("edge", "integers", "A start of integers.", (2, 3), (0.1, 0.25), (3, 5), _whole, _everyday),
    ("edge", "stationary", "The start is the minimum: nothing moves.", (2, 3), (0.1, 1.0), (4,), _none, _none),
    ("extreme", "settled", "So many steps that the minimum is reached.", (2, 3), (0.5, 1.0), (30,), _everyday, _none),
    (
        "extreme",
        "diverging",
        "A rate at which every step leads further away.",
        (2, 3),
        (2.75, 4.0),
        (8,),
        _everyday,
        _none,
    ),
    (
        "extreme",
        "far",
        "A start far away.",
        (2, 3),
        (0.1, 0.5),
        (4,),
        lambda stream: 16 * stream.eighths(64) + 0.5,
        _none,
    ),
)
