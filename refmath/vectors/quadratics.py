r"""Functions that can be written down: quadratic ones, as a matrix and a vector.

$$f(x) = \tfrac{1}{2} x^\top A x + b^\top x$$

Such an f is a sum of functions whose derivatives the balls know: one for each row of A, and one for b. So what is done with it is certified, and the
acceptance interval derived, exactly as for every other known function.
"""

from __future__ import annotations

import functools

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.calculus.definitions import c, x
from refmath.calculus.functions import Family, Function
from refmath.kinds.draws import Draws
from refmath.symbols import N, i

#: How a function is to be made of what stands in a file.
CALL = "f(x) = 1/2 x^T A x + b^T x"

_PRODUCT = sp.Sum(c[i] * x[i], (i, 0, N - 1))
_LINEAR = Family(
    "LINEAR", "np.sum({c} * {x})", lambda c, x: np.sum(c * x), quadratic=True, separable=True, own=_PRODUCT
)


@functools.cache
def _row(number: int) -> Family:
    """Half of an entry of x, times a row of the matrix with x."""
    return Family(
        f"ROW_{number}",
        f"{{x}}[{number}] * np.sum({{c}} * {{x}}) / 2",
        lambda c, x: x[number] * np.sum(c * x) / 2,
        quadratic=True,
        own=x[number] * _PRODUCT / 2,
    )


def quadratic(A: Array, b: Array) -> Function:
    """½ xᵀAx + bᵀx, with its derivatives, of arrays of one axis."""
    rows = tuple((1.0, _row(number), tuple(map(float, row))) for number, row in enumerate(A))
    return Function((*rows, (1.0, _LINEAR, tuple(map(float, b)))), np.shape(b))


def matrix_and_vector(f: Function) -> tuple[Array, Array]:
    """A and b of a function that `quadratic` made."""
    *rows, b = (coefficients for _, _, coefficients in f.terms)
    return np.array(rows).reshape(len(b), len(b)), np.array(b)


def drawn(draws: Draws, size: int) -> Function:
    """A convex one of so many entries, around zero half the time.

    The diagonal of its matrix outweighs the rest, of multiples of 1/16 for an even size: all curvatures lie between 1/8 and 2.
    """
    below = np.tril(draws.eighths(1, (size, size)), -1) / (2 * size)
    A = below + below.T + np.diag(0.75 + draws.below(5, (size,)) / 8)
    b = draws.eighths(3, (size,)) * draws.below(2)
    return quadratic(A, b)
