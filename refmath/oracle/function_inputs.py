"""What is tried on programs that take a function: functions whose derivatives are known, points, learning rates and numbers of steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from refmath.balls.formats import Format
from refmath.calculus.functions import (
    CUBES,
    EXPONENTIALS,
    FAMILIES,
    LOG_SUM_EXP,
    POLYNOMIALS,
    SQUARED_SUM,
    SQUARES,
    Family,
    Function,
)
from refmath.oracle.arrays import Handed
from refmath.oracle.drawing import Branch, Class, Inputs, filled, floats
from refmath.spec import Formula

#: Each way of drawing, with the functions tried there.
_GRADIENTS: dict[Class, dict[str, tuple[Family, ...]]] = {
    "typical": {"polynomials": POLYNOMIALS, "functions": FAMILIES, "sums": FAMILIES},
    "edge": {"few": (SQUARES, CUBES), "whole": POLYNOMIALS, "single": FAMILIES},
    "extreme": {
        "far": (SQUARES, CUBES, SQUARED_SUM),
        "near": FAMILIES,
        "scaled": (SQUARES, CUBES),
        "offset": (SQUARES,),
    },
}
#: Functions that fall towards somewhere, with curvatures of at most 4 within their reach.
_DESCENTS: dict[Class, dict[str, tuple[Family, ...]]] = {
    "typical": {"parabolas": (SQUARES,), "valleys": (SQUARES, SQUARED_SUM), "convex": (LOG_SUM_EXP, EXPONENTIALS)},
    "edge": {"few steps": (SQUARES,), "whole": (SQUARES,), "single": (SQUARES,)},
    "extreme": {"long": (SQUARES,), "settled": (SQUARES,), "far": (SQUARES,), "diverging": (SQUARES,)},
}


def branches(formula: Formula, class_: Class) -> list[Branch]:
    """The branches of a class for a program that takes a function."""
    ways = (_DESCENTS if formula.domain == "descent" else _GRADIENTS)[class_]
    return [Branch(class_, way, "any") for way in ways]


@st.composite
def inputs(draw: DrawFn, formula: Formula, branch: Branch, format_: Format, array: Handed) -> Inputs:
    """The inputs of a branch; see `refmath.oracle.inputs.strategy`."""
    shape = draw(_shapes(branch))
    descent = formula.domain == "descent"
    families = (_DESCENTS if descent else _GRADIENTS)[branch.class_][branch.way]
    point = _point(draw, branch, shape, format_).astype(format_.dtype())
    if array == "numpy" and branch.way == "whole" and format_.name == "float64" and draw(st.booleans()):
        point = point.astype(np.int64)
    if array in ("numpy", "torch") and branch.way in ("few", "whole") and draw(st.booleans()):
        point = np.asfortranarray(point)  # columns one after the other in memory
    f = _convex(draw, families, point) if descent else _function(draw, branch, families, point)
    first, second, *others = formula.inputs
    drawn: Inputs = {first.name: f, second.name: point}
    if others:
        rate, steps = others
        drawn[rate.name] = np.array(draw(st.sampled_from(_RATES[branch.class_, branch.way])))
        drawn[steps.name] = np.array(draw(_STEPS.get(branch.way, st.integers(1, 6))))
    return drawn


def _shapes(branch: Branch) -> SearchStrategy[tuple[int, ...]]:
    if branch.way == "single":
        return st.sampled_from([(1,), (1, 1), (1, 2), (2, 1, 1)])
    if branch.way in ("functions", "valleys"):
        return st.sampled_from([(2,), (3,), (2, 2), (2, 3)])
    return st.sampled_from([(2,), (2, 2), (3,)])


def _point(draw: DrawFn, branch: Branch, shape: tuple[int, ...], format_: Format) -> Any:
    match branch.way:
        case "few" | "few steps":
            return filled(draw, st.sampled_from([0.0, 1.0, -1.0, 2.0]), shape, np.float64)
        case "whole":
            return filled(draw, st.integers(-4, 4), shape, np.float64)
        case "far":
            return filled(draw, st.integers(-64, 64).map(lambda v: 16.0 * v + 0.5), shape, np.float64)
        case "near":
            return filled(draw, floats(-1, 1, format_), shape, np.float64) * 2.0**-10
        case "functions" | "sums" | "convex":
            return filled(draw, floats(-2, 2, format_), shape, np.float64)
    return filled(draw, st.integers(-24, 24).map(lambda v: v / 8), shape, np.float64)


def _coefficients(draw: DrawFn, low: int, high: int, point: Any) -> tuple[float, ...]:
    return tuple(filled(draw, st.integers(low, high).map(lambda v: v / 8), (point.size,), np.float64).tolist())


def _function(draw: DrawFn, branch: Branch, families: tuple[Family, ...], point: Any) -> Function:
    f = Function(((1.0, draw(st.sampled_from(families)), _coefficients(draw, 1, 12, point)),))
    if branch.way == "sums":
        f = f + -2.0 * Function(((1.0, draw(st.sampled_from(families)), _coefficients(draw, -8, 8, point)),))
    if branch.way == "scaled":
        scales = [2.0 ** (10 * (entry % 3 - 1)) for entry in range(point.size)]
        f = Function(tuple((factor, family, _scaled(c, scales)) for factor, family, c in f.terms))
    if branch.way == "offset":
        # exp(0 · x) in every entry: a constant, beside which the differences are small.
        f = f + 1000.0 * Function(((1.0, EXPONENTIALS, (0.0,) * point.size),))
    return f


def _scaled(coefficients: tuple[float, ...], scales: list[float]) -> tuple[float, ...]:
    return tuple(c * scale for c, scale in zip(coefficients, scales, strict=True))


def _convex(draw: DrawFn, families: tuple[Family, ...], point: Any) -> Function:
    parabola = Function(((1.0, SQUARES, _coefficients(draw, 1, 4, point)),))
    other = draw(st.sampled_from(families))
    if other is SQUARES:
        return parabola
    small = tuple(c / 4 for c in _coefficients(draw, -4, 4, point))
    return parabola + Function(((1.0, other, small),))


_RATES: dict[tuple[Class, str], list[float]] = {
    **{("typical", way): [0.1, 0.01, 0.25, 0.5] for way in _DESCENTS["typical"]},
    **{("edge", way): [0.1, 1.0, 0.01] for way in _DESCENTS["edge"]},
    ("extreme", "long"): [0.01, 0.1],
    ("extreme", "settled"): [1.0, 0.5],
    ("extreme", "far"): [0.1, 0.5],
    ("extreme", "diverging"): [2.5, 4.0, 1.0],
}
_STEPS: dict[str, SearchStrategy[int]] = {
    "few steps": st.integers(0, 2),
    "long": st.sampled_from([40, 30]),
    "settled": st.sampled_from([20, 30]),
    "diverging": st.integers(1, 8),
}


# ---- parameters and their gradients


@st.composite
def steps(draw: DrawFn, formula: Formula, branch: Branch, format_: Format, array: Handed) -> Inputs:
    """The inputs of a branch for a step of all parameters."""
    sizes = {axis: draw(st.integers(1 if branch.class_ == "edge" else 2, 4)) for axis in ("D", "H", "K")}
    drawn: Inputs = {}
    for each in formula.inputs:
        if each.kind == "rate":
            drawn[each.name] = np.array(draw(st.sampled_from([0.1, 0.01, 1.0, 0.5])))
            continue
        shape = tuple(sizes[axis] for axis in each.axes)
        drawn[each.name] = _values(draw, branch, shape, format_).astype(format_.dtype())
    if branch.way == "few" and array in ("numpy", "torch") and draw(st.booleans()):
        drawn = {name: np.asfortranarray(value) if value.ndim else value for name, value in drawn.items()}
    return drawn


def step_branches(class_: Class) -> list[Branch]:
    """The branches of a class for a step of all parameters."""
    return [Branch(class_, way, "any") for way in _STEP_WAYS[class_]]


_STEP_WAYS: dict[Class, tuple[str, ...]] = {
    "typical": ("eighths", "ordinary"),
    "edge": ("few", "eighths"),
    "extreme": ("scaled", "ordinary"),
}


def _values(draw: DrawFn, branch: Branch, shape: tuple[int, ...], format_: Format) -> Any:
    match branch.way:
        case "few":
            return filled(draw, st.sampled_from([0.0, 1.0, -1.0]), shape, np.float64)
        case "eighths":
            return filled(draw, st.integers(-64, 64).map(lambda v: v / 8), shape, np.float64)
        case "scaled":
            reach = -format_.min_exponent // 2
            scale = math.ldexp(1.0, draw(st.integers(-reach, reach)))
            return filled(draw, floats(-2, 2, format_), shape, np.float64) * scale
    return filled(draw, floats(-10, 10, format_), shape, np.float64)
