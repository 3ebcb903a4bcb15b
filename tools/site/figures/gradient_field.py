"""Arrows that point downhill, against the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from tools.site.figures.block import still
from tools.site.figures.numbers import number
from tools.site.figures.svg import GRID, ONE, TWO

REACH = 2.0
LEVELS = (0.5, 1.0, 2.0, 4.0, 6.0)
#: Where the lines are labelled, as x₀: halfway between two columns of arrows.
LABELS = (0.25, 0.25, 0.25, 0.25, 1.25)


def f(x: Any) -> Any:
    """The bowl of the book, x₀² + x₁²."""
    return np.sum(np.square(x))


def gradient_field() -> str:
    """The figure."""
    point = np.array([1.0, 0.5])
    slope = refmath.numerical_gradient(f, point)
    before, uphill, downhill = (float(f(point + 0.1 * way * slope)) for way in (0, 1, -1))
    shown, gradient = (f"({number(each[0])}, {number(each[1])})" for each in (point, slope))
    return still(
        "gradient_field",
        "The negative gradient of a bowl",
        "Arrows on a grid all point to the lowest point in the middle, at right angles to the circles of equal height, and are longer "
        "the further out they stand.",
        f"""Where <i>f</i>(<i>x</i>₀, <i>x</i>₁) = <i>x</i>₀² + <i>x</i>₁² falls fastest: the arrows are the <b>negative</b> gradient, at right angles to the
        lines of equal height, and the longer the steeper it is. The gradient itself points the other way, uphill: at {shown} it is {gradient}, and a
        tenth of it changes <i>f</i> from {number(before)} to {number(uphill)}; a tenth against it, to {number(downhill)}.""",
        _draw,
        height=4.4,
    )


def _draw(figure: Figure) -> None:
    axes = figure.subplots()
    line = np.linspace(-REACH - 0.3, REACH + 0.3, 33)
    heights = [[f([a, b]) for a in line] for b in line]
    contours = axes.contour(line, line, heights, levels=LEVELS, colors=[TWO], linewidths=1, linestyles="--")
    places = [(across, np.sqrt(level - across**2)) for level, across in zip(LEVELS, LABELS, strict=True)]
    axes.clabel(contours, fmt=number, fontsize=10, manual=places)
    grid = [np.array([a, b]) for a in np.linspace(-REACH, REACH, 9) for b in np.linspace(-REACH, REACH, 9)]
    downhill = np.array([-refmath.numerical_gradient(f, each) for each in grid])
    axes.quiver(*np.transpose(grid), *downhill.T, color=ONE, angles="xy", scale_units="xy", scale=11, width=0.006)
    axes.plot(0, 0, "o", color=ONE, markersize=5)
    axes.set(xlabel="x₀", ylabel="x₁", aspect="equal", xlim=line[[0, -1]], ylim=line[[0, -1]])
    axes.set_xticks(range(-2, 3))
    axes.set_yticks(range(-2, 3))
    axes.grid(color=GRID)
