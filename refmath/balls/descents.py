r"""Gradient descent in balls: where it leads exactly, and how far an honest descent with numerical gradients may stray.

An error $r$ of one point becomes $|I - \eta H| r$ in the next, where H holds the second derivatives of f anywhere between the two points (mean value
theorem); each step adds η times the error of its gradient, and its own rounding. An honest descent may add up its steps before it takes them off
the start: then it rounds numbers as large as the way is long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls import differences
from refmath.balls.differences import UNIT
from refmath.calculus.functions import Function

Balls = NDArray[Any]

_PRECISION = 256


def end(f: Function, start: list[Any], rate: Any, steps: int) -> Balls:
    """Where the descent leads, at the precision in force."""
    point = start
    for _ in range(steps):
        point = [here - rate * slope for here, slope in zip(point, differences.gradient(f, point), strict=True)]
    return np.array(point, object)


def allowance(f: Function, start: list[Any], rate: Any, steps: int) -> Balls:
    """How far an honest descent may be from there in each entry, without the usual factor of 4."""
    with ctx.workprec(_PRECISION):
        point, radii, ways = start, [arb(0)] * len(start), [abs(here) for here in start]
        carry = _carrier(f, start, rate) if f.is_quadratic else None
        for _ in range(steps):
            box = [arb(here.mid(), radius) for here, radius in zip(point, radii, strict=True)]
            carried = (carry or _carrier(f, box, rate))(radii)
            errors = differences.allowance(f, box)
            slopes = differences.gradient(f, point)
            moved = [here - rate * slope for here, slope in zip(point, slopes, strict=True)]
            ways = [way + abs(rate * slope) for way, slope in zip(ways, slopes, strict=True)]
            radii = [
                (error + rate * own + UNIT * (way + 2 * abs(rate * slope))).upper()
                for error, own, way, slope in zip(carried, errors, ways, slopes, strict=True)
            ]
            point = moved
    return np.array(radii, object)


def _carrier(f: Function, point: list[Any], rate: Any) -> Callable[[list[Any]], list[Any]]:
    """What becomes of the errors of a point in a step: |I − η H| times the errors, with all second derivatives within the point's balls."""
    if f.is_separable:
        own = [abs(1 - rate * each).upper() for each in differences.own_second_derivatives(f, point)]
        return lambda radii: [factor * radius for factor, radius in zip(own, radii, strict=True)]

    @functools.cache
    def factors() -> list[list[Any]]:
        return [
            [abs(int(i == j) - rate * each).upper() for j, each in enumerate(row)]
            for i, row in enumerate(differences.second_derivatives(f, point))
        ]

    def carried(radii: list[Any]) -> list[Any]:
        # At the start there are none yet.
        if all(radius.is_zero() for radius in radii):
            return radii
        return [sum((factor * radius for factor, radius in zip(row, radii, strict=True)), arb(0)) for row in factors()]

    return carried
