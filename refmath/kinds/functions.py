"""Functions of an array whose derivatives are known, to be differentiated, or to be descended on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.calculus.functions import (
    BELL,
    CUBES,
    EXPONENTIALS,
    FAMILIES,
    FRACTION,
    LOG_SUM_EXP,
    POLYNOMIALS,
    SQUARED_SUM,
    SQUARES,
    Family,
    Function,
)
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Draw, Kind, table

#: Where a point reaches further than this, exponentials would leave every format's range.
_NEAR = 16


def _point(beside: Beside) -> Array:
    return next(np.asarray(value, np.float64) for kind, value in beside.values() if kind == "point")


def _usable(families: Sequence[Family], point: Array) -> list[Family]:
    """Those of some families that have ordinary values at a point; in a large one a sum of few terms of high order has not."""
    if np.abs(point).max() > _NEAR:
        families = [each for each in families if each in POLYNOMIALS]
    if point.size > 64:
        families = [each for each in families if each not in (BELL, FRACTION)]
    return list(families) or [SQUARES]


def _coefficients(draws: Draws, low: int, high: int, point: Array) -> tuple[float, ...]:
    return tuple((draws.whole(low, high, (point.size,)) / 8).tolist())


def _of(*families: Family) -> Draw:
    def draw(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Function:
        point = _point(beside)
        family = draws.one_of(_usable(families, point))
        return Function(((1.0, family, _coefficients(draws, 1, 12, point)),), point.shape)

    return draw


def _sums(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Function:
    point = _point(beside)
    first, second = (draws.one_of(_usable(FAMILIES, point)) for _ in range(2))
    return Function(((1.0, first, _coefficients(draws, 1, 12, point)),), point.shape) + -2.0 * Function(
        ((1.0, second, _coefficients(draws, -8, 8, point)),), point.shape
    )


def _scaled(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Function:
    """Curvatures that are a million times as large in one entry as in another."""
    point = _point(beside)
    scales = [2.0 ** (10 * (entry % 3 - 1)) for entry in range(point.size)]
    plain = _coefficients(draws, 1, 12, point)
    family = draws.one_of((SQUARES, CUBES))
    return Function(((1.0, family, tuple(c * s for c, s in zip(plain, scales, strict=True))),), point.shape)


def _offset(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Function:
    """Beside a constant the differences are small: exp(0 · x) in every entry."""
    point = _point(beside)
    constant = Function(((1.0, EXPONENTIALS, (0.0,) * point.size),), point.shape)
    return Function(((1.0, SQUARES, _coefficients(draws, 1, 12, point)),), point.shape) + 1000.0 * constant


def _simpler(value: Any) -> Iterator[Any]:
    size = len(value.terms[0][2])
    plain = Function(((1.0, SQUARES, (1.0,) * size),), value.shape)
    if str(plain) != str(value):
        yield plain
    for factor, family, coefficients in value.terms:
        alone = Function(((factor, family, coefficients),), value.shape)
        ones = Function(((1.0, family, (1.0,) * size),), value.shape)
        yield from (each for each in (ones, alone) if len(str(each)) < len(str(value)))


FUNCTION = Kind(
    "function",
    table(
        ("typical", "polynomials", "Sums of squares, cubes and products.", _of(*POLYNOMIALS)),
        ("typical", "functions", "Exponentials, bells and fractions as well.", _of(*FAMILIES)),
        ("typical", "sums", "Sums of two functions.", _sums),
        ("edge", "polynomials", "Sums of squares, cubes and products.", _of(*POLYNOMIALS)),
        ("edge", "fractions", "Fractions, which are zero at the origin and rise there.", _of(FRACTION)),
        ("extreme", "scaled", "Functions that are much steeper in one direction than in another.", _scaled),
        ("extreme", "offset", "Functions far from zero, whose differences are small.", _offset),
        ("extreme", "functions", "Any function.", _of(*FAMILIES)),
    ),
    simpler=_simpler,
    is_late=True,
)


def _convex(*others: Family) -> Draw:
    """A parabola, and beside it a little of another function; all curvatures are at most 4."""

    def draw(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Function:
        point = _point(beside)
        parabola = Function(((1.0, SQUARES, _coefficients(draws, 1, 4, point)),), point.shape)
        other = draws.one_of(_usable(others, point))
        if other is SQUARES or (point.size > 16 and not other.separable):
            return parabola
        small = tuple(c / 4 for c in _coefficients(draws, -4, 4, point))
        return parabola + Function(((1.0, other, small),), point.shape)

    return draw


CONVEX = Kind(
    "convex_function",
    table(
        ("typical", "parabolas", "Parabolas.", _convex(SQUARES)),
        ("typical", "valleys", "Parabolas across the axes.", _convex(SQUARES, SQUARED_SUM)),
        ("typical", "convex", "Convex functions that are no parabolas.", _convex(LOG_SUM_EXP, EXPONENTIALS)),
        ("edge", "parabolas", "Parabolas.", _convex(SQUARES)),
        ("extreme", "parabolas", "Parabolas.", _convex(SQUARES)),
    ),
    simpler=_simpler,
    is_late=True,
)
