"""Why a unit learns by a sigmoid and not by a step: its loss by one number that is to be learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import still
from tools.site.figures.numbers import number
from tools.site.figures.svg import DASHES, GRID, ONE, TWO

#: Eight samples of one number each, and whether the unit shall fire.
X = np.array([-3.0, -2.25, -1.5, 0.5, -0.5, 1.0, 2.0, 3.25])
T = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
STEEPNESS = 2.0
AT = 2.5
LINE = np.linspace(-4, 4, 801)


def by_step(border: float) -> float:
    """The mean squared error over the samples of a unit that is 1 from the border on, and 0 before."""
    return _loss(np.heaviside(X - border, 1.0))


def by_sigmoid(border: float) -> float:
    """The same of a unit that rises smoothly."""
    return _loss(np.asarray(refmath.sigmoid(STEEPNESS * (X - border))))


def _loss(y: Array) -> float:
    return float(refmath.mean_squared_error(y[:, np.newaxis], T[:, np.newaxis]))


def slope(loss: Any, border: float = AT) -> float:
    """How the loss changes with the border."""
    return float(refmath.central_difference(loss, border))


def step_and_sigmoid() -> str:
    """The figure."""
    flat, falls = slope(by_step), slope(by_sigmoid)
    return still(
        "step_and_sigmoid",
        "The loss of one unit, with a step and with a sigmoid",
        f"Two curves over the place of the unit's border. With a step the loss is a staircase with slope {number(flat)}; with a sigmoid it is a smooth valley, "
        f"with slope {number(falls, 2)} at a border of {number(AT)}.",
        f"""One unit looks at eight samples, and has one number to learn: the border from which on it answers 1. With a <b>step</b> the loss is a staircase. At a border
        of {number(AT)} its slope is {number(flat)}, as almost everywhere: gradient descent stands still. With a <b>sigmoid</b> the slope there is {number(falls, 2)}: the border should
        move to the left.""",
        _draw,
    )


def _draw(figure: Figure) -> None:
    axes = figure.subplots()
    # The staircase jumps at the samples: a step is drawn there, and no slant.
    axes.step(LINE, [by_step(each) for each in LINE], where="post", color=TWO, linestyle=DASHES[1], label="step")
    axes.plot(LINE, [by_sigmoid(each) for each in LINE], color=ONE, label="sigmoid")
    for loss, colour, mark in ((by_step, TWO, "s"), (by_sigmoid, ONE, "o")):
        axes.plot(AT, loss(AT), mark, color=colour, markersize=7)
    axes.set(xlabel="border of the unit", ylabel="loss", xlim=(LINE[0], LINE[-1]), ylim=(0, 0.3))
    axes.grid(color=GRID)
    axes.legend(loc="upper center", ncols=2)
