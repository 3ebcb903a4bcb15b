"""The V: which step is the best for a difference, and why not the smallest."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from refmath.calculus.numerical_gradient import NUMERICAL_GRADIENT
from tools.site.figures.block import still
from tools.site.figures.numbers import decades, number
from tools.site.figures.svg import DASHES, INK, ONE, THREE, TWO

#: The sine's slope is taken at each: at a single point, rounding is now lucky and now not.
POINTS = np.linspace(0.9, 1.1, 41)
THIRD, EPSILON = math.cos(1.0), 2.0**-52
STEPS = np.geomspace(1e-14, 1e-1, 13 * 6 + 1)

_WRONG = {each.name: each.program for each in NUMERICAL_GRADIENT.mistakes}


def errors() -> dict[str, Array]:
    """The root mean square of the slopes' errors for each of `STEPS`; nan where a step is lost."""
    return {
        "central": _typical(lambda h: refmath.central_difference(np.sin, POINTS, h=h)),
        "forward": _typical(lambda h: _of_record("forward_difference", h)),
        # Below this, x + h is x in float32 and every slope 0.
        "central in float32": _typical(lambda h: _of_record("steps_in_float32", h) if h > 1e-7 else np.nan),
    }


def _typical(slopes: Callable[[float], Any]) -> Array:
    return np.array([np.sqrt(np.mean((slopes(h) - np.cos(POINTS)) ** 2)) for h in STEPS])


def _of_record(name: str, h: float) -> Array:
    """The slopes by a wrong program of the numerical gradient's record."""
    return np.array([_WRONG[name](lambda x: np.sin(x[0]), np.array([x]), h=h)[0] for x in POINTS])


def best(off: Array) -> float:
    """The step with the smallest error."""
    return float(STEPS[np.nanargmin(off)])


def step_sizes() -> str:
    """The figure."""
    off = errors()
    here = {name: number(each[np.argmin(abs(np.log(STEPS / 1e-4)))], 2) for name, each in off.items()}
    central, forward = (number(best(off[name]), 1) for name in ("central", "forward"))
    return still(
        "step_sizes",
        "The error of differences by their step",
        f"Three V-shaped curves. From the right they fall as the step shrinks; the forward difference is best near {forward}, the central one near "
        f"{central}, and below that rounding makes them worse again. In float32 the curve turns earlier and ends higher.",
        f"""How far the slope of the sine is off, typically of {len(POINTS)} points near <i>x</i> = 1, for steps from 10⁻¹ down to 10⁻¹⁴. Both axes
        are logarithmic. On the right side of each V the step is so long that the secant is not the tangent, by <i>h</i>²/6 · |f‴| for the central difference;
        on the left side rounding eats the difference, and leaves an error of about ε/<i>h</i>, ε = 2.2 · 10⁻¹⁶. The thin lines are these two. The central difference is best
        near {central}, the forward one near {forward}. The chapter's step of 10⁻⁴ leaves an error of {here["central"]} (forward: {here["forward"]}),
        but {here["central in float32"]} if everything is computed in float32.""",
        lambda figure: _draw(figure, off),
        height=3.8,
    )


def _draw(figure: Figure, off: dict[str, Array]) -> None:
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set_yscale("log")
    for guide in (STEPS**2 / 6 * THIRD, EPSILON / STEPS):
        axes.plot(STEPS[[0, -1]], guide[[0, -1]], color=INK, linewidth=0.9)
    looks = zip(off.items(), (ONE, TWO, THREE), (DASHES[0], DASHES[1], DASHES[2]), strict=True)
    for (name, each), colour, dashes in looks:
        axes.plot(STEPS, each, color=colour, linestyle=dashes, linewidth=1.6, label=name)
    axes.axvline(1e-4, color=INK, linewidth=0.8, linestyle=DASHES[3])
    axes.text(1.4e-4, 0.3, "h = 10⁻⁴")
    axes.text(3e-4, 3e-11, "h²/6 · |f‴|")
    axes.text(3e-13, 3e-3, "ε/h")
    axes.set(xlim=(1e-14, 1e-1), ylim=(1e-13, 10), xlabel="step h", ylabel="error of the slope")
    decades(axes.xaxis, range(-14, 0, 2))
    decades(axes.yaxis, range(-12, 1, 3))
    axes.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.16), columnspacing=1.2, handlelength=2.4)
