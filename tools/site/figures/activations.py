"""The activations of the catalogue, and the slope of each."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from tools.site.figures.block import still
from tools.site.figures.numbers import number
from tools.site.figures.svg import DASHES, GRID, ONE, TWO

REACH = 4.0
#: What each is called, its function and its slope.
SHOWN: tuple[tuple[str, Any, Any], ...] = (
    ("sigmoid", refmath.sigmoid, refmath.sigmoid_gradient),
    ("tanh", refmath.tanh, refmath.tanh_gradient),
    ("ReLU", refmath.relu, refmath.relu_gradient),
    ("leaky ReLU", refmath.leaky_relu, refmath.leaky_relu_gradient),
    ("ELU", refmath.elu, refmath.elu_gradient),
    ("softplus", refmath.softplus, refmath.softplus_gradient),
    ("GELU", refmath.gelu, refmath.gelu_gradient),
    ("SiLU", refmath.silu, refmath.silu_gradient),
)


def steepest(slope: Any) -> float:
    """The largest slope on the line that is drawn."""
    return float(np.max(slope(_line())))


def activations() -> str:
    """The figure."""
    tops = ", ".join(f"{name} {number(steepest(slope))}" for name, _, slope in SHOWN)
    return still(
        "activations",
        "Eight activations and their slopes",
        f"Eight small graphs of functions and their slopes. The largest slope of each from −{number(REACH)} to {number(REACH)}: {tops}.",
        f"""Each activation (solid) and its slope (dashed). The sigmoid's slope is {number(steepest(refmath.sigmoid_gradient))} at most, that of tanh
        {number(steepest(refmath.tanh_gradient))}, and both are almost 0 far from the middle. The ReLU has slope 1 for every positive number and 0 for every
        negative one. The others are smooth or leaky versions of it; GELU and SiLU rise by a little more than 1 in places, and fall in others.""",
        _draw,
        height=7.6,
    )


def _line() -> Any:
    # An odd number of points: 0 is among them.
    return np.linspace(-REACH, REACH, 161)


def _draw(figure: Figure) -> None:
    grid = figure.subplots(4, 2, sharex=True, sharey=True)
    x = _line()
    for axes, (name, function, slope) in zip(grid.flat, SHOWN, strict=True):
        axes.plot(x, function(x), color=ONE, linestyle=DASHES[0], label="function")
        steps = slope(x)
        # A jump is no steep line.
        axes.plot(
            x,
            np.where(np.abs(np.diff(steps, prepend=steps[0])) > 0.5, np.nan, steps),
            color=TWO,
            linestyle=DASHES[1],
            label="slope",
        )
        axes.set_title(name, loc="left")
        axes.set(xlim=(-REACH, REACH), ylim=(-1.3, 2.2), xticks=(-4, -2, 0, 2, 4), yticks=(-1, 0, 1, 2))
        axes.grid(color=GRID)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
