r"""Gradients of known functions in balls, and how far an honest numerical gradient may be from them.

A central difference with step h is off by $\frac{h^2}{6} \partial^3 f$ somewhere between x − h and x + h, and by the rounding of f divided by h. Both are
bounded here by balls: the third derivative over that whole stretch, and f at the format's own precision. An honest step is the page's
1e-4 or a smaller one down to 1e-6, about the cube root of float64's unit, where the two errors are in balance.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.compile import compiled
from refmath.calculus.functions import Family, Function, c, x
from refmath.symbols import N, j, k

Balls = NDArray[Any]

#: The largest and the smallest step that an honest numerical gradient takes.
LARGEST_STEP, SMALLEST_STEP = 1e-4, 1e-6
#: Steps are taken in float64 whatever the dtype of x.
BITS, UNIT = 53, 2.0**-52
_PRECISION = 128


@functools.cache
def _compiled(family: Family, *by: sp.Symbol) -> Callable[..., Any]:
    """A derivative of a family by entries of x."""
    derivative = family.definition
    for index in by:
        derivative = sp.diff(derivative, x[index])
    return compiled(derivative, (x, c, N, *dict.fromkeys(by)))


def _evaluated(f: Function, point: list[Any], by: tuple[sp.Symbol, ...], *indices: int) -> Any:
    """A derivative of f at a point, at the precision in force."""
    total = arb(0)
    for factor, family, coefficients in f.terms:
        exact = [arb(each) for each in coefficients]
        total += arb(factor) * arb(_compiled(family, *by)(point, exact, len(point), *indices))
    return total


def gradient(f: Function, point: list[Any]) -> Balls:
    """The partial derivatives of f at a point, at the precision in force."""
    return np.array([_evaluated(f, point, (j,), entry) for entry in range(len(point))], object)


def second_derivatives(f: Function, point: list[Any]) -> list[list[Any]]:
    """The second derivatives of f at a point, at the precision in force."""
    entries = range(len(point))
    upper = {(i, l): _evaluated(f, point, (j, k), i, l) for i in entries for l in entries if i <= l}
    return [[upper[min(i, l), max(i, l)] for l in entries] for i in entries]


def allowance(f: Function, point: list[Any]) -> Balls:
    """How far an honest central difference may be from each partial derivative, without the usual factor of 4.

    Args:
        f: The function.
        point: Where it is differentiated: balls, which may be wide.

    Returns:
        One bound for each entry.
    """
    errors = [_rounding(f, point) / SMALLEST_STEP] * len(point)
    if not f.is_quadratic:
        with ctx.workprec(_PRECISION):
            errors = [error + _truncation(f, point, entry) for entry, error in enumerate(errors)]
    return np.array([error.upper() for error in errors], object)


def _truncation(f: Function, point: list[Any], entry: int) -> Any:
    stretch = [*point[:entry], point[entry] + arb(0, 1.01 * LARGEST_STEP), *point[entry + 1 :]]
    return abs(_evaluated(f, stretch, (j, j, j), entry)).upper() * LARGEST_STEP**2 / 6


def _rounding(f: Function, point: list[Any]) -> Any:
    """The rounding of f a step away from the point: as much as it loses at float64's precision, x + h being rounded as well."""
    lost = arb(0)
    with ctx.workprec(BITS):
        for side in (LARGEST_STEP, -LARGEST_STEP):
            moved = [arb(each.mid()) + side for each in point]
            lost = max(
                lost, _evaluated(f, [arb(each.mid(), abs(each.mid()) * UNIT) for each in moved], ()).rad().upper()
            )
    return lost
