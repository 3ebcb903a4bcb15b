"""The V: which step is the best for a difference, and why not the smallest."""

from __future__ import annotations

import math

import numpy as np

import refmath
from refmath.arguments import Array
from refmath.calculus.numerical_gradient import NUMERICAL_GRADIENT
from tools.site.figures.block import still
from tools.site.figures.numbers import decades, number, power
from tools.site.figures.svg import DASHES, INK, ONE, THREE, TWO, Figure

POINT, SLOPE, THIRD = 1.0, math.cos(1.0), math.cos(1.0)
EPSILON = 2.0**-52
STEPS = np.geomspace(1e-14, 1e-1, 13 * 6 + 1)

_WRONG = {each.name: each.program for each in NUMERICAL_GRADIENT.mistakes}


def errors() -> dict[str, Array]:
    """How far the slope of the sine at 1 is off, for each of `STEPS`; nan where it is not off at all, or the step is lost."""
    found = {
        "central": [refmath.central_difference(np.sin, POINT, h=h) for h in STEPS],
        "forward": [_of_record("forward_difference", h) for h in STEPS],
        # Below this, x + h is x in float32 and every slope 0.
        "central in float32": [_of_record("steps_in_float32", h) if h > 1e-7 else np.nan for h in STEPS],
    }
    off = {name: np.abs(np.array(values, float) - SLOPE) for name, values in found.items()}
    return {name: np.where(each > 0, each, np.nan) for name, each in off.items()}


def _of_record(name: str, h: float) -> float:
    """The slope by a wrong program of the numerical gradient's record."""
    return float(_WRONG[name](lambda x: np.sin(x[0]), np.array([POINT]), h=h)[0])


def best(off: Array) -> float:
    """The step with the smallest error of its neighbourhood: single ones are lucky."""
    logs = np.log(np.nan_to_num(off, nan=1e-16))
    smooth = np.convolve(logs, np.ones(7) / 7, mode="valid")
    return float(STEPS[3 + int(np.argmin(smooth))])


def step_sizes() -> str:
    """The figure."""
    off = errors()
    here = {name: number(each[np.argmin(abs(np.log(STEPS / 1e-4)))], 2) for name, each in off.items()}
    central, forward = (power(round(math.log10(best(off[name])))) for name in ("central", "forward"))
    return still(
        "step_sizes",
        "The error of differences by their step",
        f"Three V-shaped curves. From the right they fall as the step shrinks; the forward difference is best near {forward}, the central one near "
        f"{central}, and below that rounding makes them worse again. In float32 the curve turns earlier and ends higher.",
        f"""The slope of the sine at 1 by steps from 10⁻¹ to 10⁻¹⁴. To the right of the V's the secant is too long, to the left of them rounding eats
        the difference; the thin lines are the two laws, <i>h</i>²/6 · |<i>f</i>‴| and ε/<i>h</i>. The central difference is best near {central}, the
        forward one near {forward}. The chapter's step of 10⁻⁴ leaves an error of {here["central"]} (forward: {here["forward"]}), and
        {here["central in float32"]} if everything is computed in float32.""",
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
    axes.text(1.4e-4, 1e-13, "h = 10⁻⁴")
    axes.set(xlim=(1e-14, 1e-1), ylim=(1e-13, 10), xlabel="step h", ylabel="error of the slope")
    decades(axes.xaxis, range(-14, 0, 2))
    decades(axes.yaxis, range(-12, 1, 3))
    axes.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.16), columnspacing=1.2, handlelength=2.4)
