"""The squared error of one output, and its derivative as the slope of the tangent."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from tools.site.figures.block import still
from tools.site.figures.numbers import number
from tools.site.figures.svg import DASHES, GRID, ONE, THREE, TWO

TARGET = 1.0
#: Two outputs: one too small, and one too large.
OUTPUTS = (0.2, 1.5)


def loss(y: float) -> Any:
    """What one output costs."""
    return refmath.mean_squared_error([y], [TARGET])


def slope(y: float) -> Any:
    """How steeply that falls or rises."""
    return refmath.mean_squared_error_gradient([y], [TARGET])[0]


def squared_error() -> str:
    """The figure."""
    (low, high), (falls, rises) = (number(each) for each in OUTPUTS), (number(slope(each)) for each in OUTPUTS)
    return still(
        "squared_error",
        "Squared error of one output, with two tangents",
        f"A parabola with its lowest point at the target, {number(TARGET)}. The tangent at the output {low} falls with the slope {falls}, the one at {high} "
        f"rises with the slope {rises}.",
        f"""What one output <i>y</i> costs whose target is {number(TARGET)}. At <i>y</i> = {low} the tangent has the slope {falls}: a larger output costs less. At <i>y</i> =
        {high} it is {rises}: a smaller one does. The slope is <i>y</i> − <i>t</i>, and it is zero where the output is right.""",
        _draw,
    )


def _draw(figure: Figure) -> None:
    axes = figure.subplots()
    y = np.linspace(-0.4, 2.4, 57)
    axes.plot(y, [loss(each) for each in y], color=ONE, linestyle=DASHES[0], label="½ (y − t)²")
    for output, colour, dashes, mark in zip(OUTPUTS, (TWO, THREE), DASHES[1:], "os", strict=False):
        along = np.array([output - 0.45, output + 0.45])
        tangent = loss(output) + slope(output) * (along - output)
        axes.plot(along, tangent, color=colour, linestyle=dashes, label=f"slope {number(slope(output))}")
        axes.plot(output, loss(output), mark, color=colour, markersize=7)
    axes.set(xlabel="y, the output", ylabel="loss", xlim=(-0.4, 2.4), ylim=(-0.1, 1))
    axes.grid(axis="y", color=GRID)
    axes.legend(loc="upper center")
