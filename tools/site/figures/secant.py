"""Secants that become the tangent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.calculus.numerical_gradient import NUMERICAL_GRADIENT
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import fixed, number
from tools.site.figures.svg import DASHES, INK, ONE, THREE, TWO

POINT, SLOPE = 1.0, math.cos(1.0)
KNOB = (2.0, 1.5, 1.25, 1.0, 0.75, 0.5, 0.35, 0.2, 0.1, 0.05)
LEFT, RIGHT = -1.3, 3.6

_FORWARD = next(each.program for each in NUMERICAL_GRADIENT.mistakes if each.name == "forward_difference")


def central(h: float) -> float:
    """refmath's slope of the sine at 1."""
    return float(refmath.central_difference(math.sin, POINT, h=h))


def forward(h: float) -> float:
    """The slope from one side, a mistake in the record of the numerical gradient."""
    return float(_FORWARD(lambda x: math.sin(x[0]), np.array([POINT]), h=h)[0])


def secant() -> str:
    """The figure."""
    small = KNOB[-1]
    return knob(
        "secant",
        "step h",
        "The sine at 1, its tangent and two secants",
        f"""The sine, its tangent at <i>x</i> = 1, and the lines through two of its points. The forward secant starts at <i>x</i>, the central one takes
        a step to either side. Both turn into the tangent, the central one much sooner: at <i>h</i> = {number(small)} its slope is off by
        {number(abs(central(small) - SLOPE), 2)}, the forward one's by {number(abs(forward(small) - SLOPE), 2)}.""",
        [_frame(h) for h in KNOB],
        KNOB.index(1.0),
    )


def _frame(h: float) -> Frame:
    says = f"slope {fixed(central(h))} by the central secant, {fixed(forward(h))} by the forward one; the tangent has {fixed(SLOPE)}"
    return Frame(f"h = {number(h)}", says, lambda figure: _draw(figure, h))


def _draw(figure: Figure, h: float) -> None:
    axes = figure.subplots()
    x = np.linspace(LEFT, RIGHT, 50)
    axes.plot(x, np.sin(x), color=INK, linewidth=1.5)
    _line(axes, POINT, SLOPE, {"color": THREE, "linestyle": DASHES[3], "label": "tangent"})
    _line(axes, POINT, forward(h), {"color": TWO, "linestyle": DASHES[1], "label": "forward"})
    _line(axes, POINT - h, central(h), {"color": ONE, "linestyle": DASHES[0], "label": "central"})
    axes.plot([POINT - h, POINT + h], np.sin([POINT - h, POINT + h]), "o", color=ONE, markersize=6)
    axes.plot(POINT, math.sin(POINT), "s", color=TWO, markersize=6)
    axes.set(xlim=(LEFT, RIGHT), ylim=(-1.3, 2.1), xlabel="x", ylabel="sin x")
    axes.legend(loc="lower center", ncols=3, bbox_to_anchor=(0.5, 1), columnspacing=1.2, handlelength=2.4)


def _line(axes: Any, x: float, slope: float, look: dict[str, Any]) -> None:
    """The line of that slope through the sine at x."""
    ends = np.array([LEFT, RIGHT])
    axes.plot(ends, math.sin(x) + slope * (ends - x), **look)
