"""How a slope is found without a step to choose: what the rungs say of a smooth function, and of a staircase."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from refmath.arguments import Array
from refmath.gradients.slope_estimate import EPS, SAFETY, Slope, differences, extrapolated, slope_estimate
from tools.site.figures.block import still
from tools.site.figures.numbers import decades, fixed, number
from tools.site.figures.svg import DASHES, INK, ONE, THREE, TWO

POINT = 1.0
#: The slope of ln(1 + eˣ) there.
TRUE = 1 / (1 + math.exp(-POINT))
DECIMALS = 3
FIRST, LAST, LOWEST_ERROR = 2e-16, 3e2, 1e-16


def smooth(x: float) -> float:
    return float(np.logaddexp(0, x))


def stairs(x: float) -> float:
    """The same, rounded to three decimals."""
    return round(smooth(x), DECIMALS)


class Climb(NamedTuple):
    """What refmath sees of a function at `POINT`.

    Attributes:
        slope: Its estimate.
        t: The steps.
        columns: The slopes by each step, then extrapolated once and twice from there on.
        bar: How far off each slope may be by rounding.
    """

    slope: Slope
    t: Array
    columns: tuple[Array, ...]
    bar: Array

    @property
    def chosen(self) -> tuple[int, int]:
        """The column and the rung of the estimate."""
        (found, *_) = ((i, k) for i, each in enumerate(self.columns) for k in np.flatnonzero(each == self.slope.value))
        return found[0], int(found[1])


def climb(f: Callable[[float], float]) -> Climb:
    """The ladder of a function, to where its curve shows."""

    def step(t: float) -> tuple[float, float]:
        moved = POINT + t
        return moved - POINT, f(moved)

    slope = slope_estimate(step, f(POINT), LAST, whole=True)
    c, t = differences(list(slope.rungs), slope.at_zero, slope.side)
    size = np.maximum.accumulate([max(abs(each.above), abs(each.below), abs(slope.at_zero)) for each in slope.rungs])
    return Climb(
        slope, t, tuple(extrapolated(c, t, slope.side)), SAFETY * np.maximum(EPS * size, slope.jitter) / (2 * t)
    )


def steps_and_slopes() -> str:
    """The figure."""
    one, other = climb(smooth), climb(stairs)
    rival = other.slope.rival
    assert rival is not None
    step = number(one.t[one.chosen[1]], 1)
    off, known = number(abs(one.slope.value - TRUE), 1), number(one.slope.uncertainty, 1)
    across = f"{fixed(rival.value, 3)} ± {number(rival.uncertainty, 1)}"
    return still(
        "steps_and_slopes",
        "Slopes by their steps, of a smooth function and of a staircase",
        "Above, for the smooth function, the error of a slope falls as the step grows, as rounding counts for less, and then rises, as the curve counts for more. "
        f"Extrapolated slopes stay below the line of rounding longer; that at a step of {step} is chosen. Below, for the staircase, the slopes of all short "
        f"steps are 0, and those of long steps settle near {fixed(rival.value, 2)}.",
        f"""<b>Above:</b> the slope of ln(1 + e<sup><i>x</i></sup>) at <i>x</i> = 1 by steps <i>t</i> of all sizes: how far off it is. In the shaded part an error
        may be rounding, up to 4ν/2<i>t</i>. The plain slopes <i>c</i>(<i>t</i>) leave it where their error of <i>t</i>²/6 · |f‴| shows; extrapolated twice, they stay longer. The ring is
        the rung that is chosen, below the last that agrees with all shorter ones: there the slope is known to ± {known}, and it is off by {off}.
        <b>Below:</b> the slopes of the same function, rounded to three decimals, each with its bar of 4ν/2<i>t</i>. Steps that are shorter than a stair say 0, long ones
        {across}. Both are kept: values of f do not say which is meant.""",
        lambda figure: _draw(figure, one, other),
        height=5.6,
    )


def _draw(figure: Figure, one: Climb, other: Climb) -> None:
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
    _errors(above, one)
    _slopes(below, other)
    below.set(xlim=(FIRST, LAST), xlabel="step t")
    decades(below.xaxis, range(-15, 3, 3))


def _errors(axes: Any, seen: Climb) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.fill_between(seen.t, seen.bar, LOWEST_ERROR, color=INK, alpha=0.09, linewidth=0)
    axes.plot(seen.t, seen.bar, color=INK, linewidth=0.9)
    plain, _, twice = (abs(each - TRUE) for each in seen.columns)
    look = {"markersize": 4, "linewidth": 1.1}
    axes.plot(seen.t, plain, "o", color=ONE, linestyle=DASHES[0], label="c(t)", **look)
    axes.plot(seen.t[:-2], twice, "s", color=TWO, linestyle=DASHES[1], label="extrapolated", **look)
    column, rung = seen.chosen
    ring = seen.t[rung], abs(seen.columns[column][rung] - TRUE)
    axes.plot(*ring, "o", markersize=13, markerfacecolor="none", color=THREE, markeredgewidth=2, zorder=4)
    axes.annotate("chosen", ring, (-12, -4), textcoords="offset points", ha="right")
    axes.text(4e-13, 3e-2, "4ν/2t")
    axes.set(ylim=(LOWEST_ERROR, 2), ylabel="error of the slope")
    decades(axes.yaxis, range(-15, 1, 3))
    axes.legend(loc="lower center", ncols=2, bbox_to_anchor=(0.5, 1), handlelength=2.4)


def _slopes(axes: Any, seen: Climb) -> None:
    rival = seen.slope.rival
    assert rival is not None
    axes.set_xscale("log")
    for value, words in ((seen.slope.value, "slope of one stair"), (rival.value, "slope across many stairs")):
        axes.axhline(value, color=INK, linewidth=0.8, linestyle=DASHES[3])
        axes.text(1e-8, value + 0.04, words, ha="center")
    axes.errorbar(seen.t, seen.columns[0], seen.bar, fmt="o", color=ONE, markersize=4, elinewidth=1.2)
    axes.axvline(rival.width, color=THREE, linewidth=1.2, linestyle=DASHES[1])
    axes.text(rival.width / 2, 0.36, "the stair ends", ha="right")
    axes.set(ylim=(-0.3, 1), ylabel="slope c(t)")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
