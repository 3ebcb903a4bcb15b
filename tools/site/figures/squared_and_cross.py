"""What one sample costs under the two losses of the chapter, by the probability that its class was given."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from tools.site.figures.block import still
from tools.site.figures.numbers import number
from tools.site.figures.svg import DASHES, GRID, ONE, TWO

TARGET = (0.0, 1.0)
#: A confident mistake: the right class is given one hundredth.
WRONG = 0.01


def squared(p: float) -> Any:
    """The squared error where the right one of two classes is given p."""
    return refmath.mean_squared_error([1 - p, p], TARGET)


def crossed(p: float) -> Any:
    """The cross-entropy there, with nothing that guards its logarithm."""
    return refmath.cross_entropy_one_hot([1 - p, p], TARGET, guard="none")


def squared_and_cross() -> str:
    """The figure."""
    numbers = {
        "squared": number(squared(WRONG)),
        "crossed": number(crossed(WRONG)),
        "further": number(crossed(WRONG / 1000)),
        "most": number(squared(0.0)),
    }
    return still(
        "squared_and_cross",
        "Squared error and cross-entropy of one sample",
        f"Both curves fall to zero at p = 1. Towards p = 0 the squared error ends at {numbers['most']}, while the cross-entropy "
        f"rises without limit: at p = {number(WRONG)} they are {numbers['squared']} and {numbers['crossed']}.",
        f"""One sample, two classes, and the network gives the right one the probability <i>p</i>. At <i>p</i> = {number(WRONG)} the squared error is
        {numbers["squared"]}, and it can never exceed {numbers["most"]}. The cross-entropy is {numbers["crossed"]} there, {numbers["further"]} at
        <i>p</i> = {number(WRONG / 1000)}, and has no limit: the more confident a mistake, the more it costs.""",
        _draw,
    )


def _draw(figure: Figure) -> None:
    axes = figure.subplots()
    p = np.concatenate([np.geomspace(0.002, 0.1, 25), np.linspace(0.12, 1, 30)])
    axes.plot(p, [crossed(each) for each in p], color=ONE, linestyle=DASHES[0], label="cross-entropy, −ln p")
    squares = [squared(each) for each in (0, *p)]
    axes.plot([0, *p], squares, color=TWO, linestyle=DASHES[1], label="squared error, (1 − p)²")
    for loss, colour, mark in ((crossed, ONE, "o"), (squared, TWO, "s")):
        axes.plot(WRONG, loss(WRONG), mark, color=colour, markersize=7)
        axes.annotate(
            number(loss(WRONG)), (WRONG, loss(WRONG)), (8, 3), textcoords="offset points", color=colour, va="bottom"
        )
    axes.set(xlabel="p, the probability of the right class", ylabel="loss", xlim=(0, 1), ylim=(0, 6))
    axes.grid(axis="y", color=GRID)
    axes.legend(loc="upper right")
