"""Four ways down the same valley, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

import refmath
from refmath.arguments import Array
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import number
from tools.site.figures.svg import GRID, INK, ONE, TWO

#: The valley is twenty times as steep across as along.
CURVATURES = np.array([0.1, 2.0])
START = np.array([-7.0, 2.0])
KNOB = (0, 1, 2, 4, 8, 12, 20, 30, 40, 50)
RATES = {"SGD": 0.95, "momentum": 0.1, "RMSProp": 0.15, "Adam": 0.5}


def f(w: Any) -> float:
    """The height of a point."""
    return float(np.sum(CURVATURES * np.square(w)) / 2)


def _sgd(state: dict[str, Any], g: Array, t: int) -> dict[str, Any]:
    w: dict[str, Any] = refmath.sgd_step({"w": state["w"]}, {"w": g}, RATES["SGD"])
    return w


def _momentum(state: dict[str, Any], g: Array, t: int) -> dict[str, Any]:
    step: dict[str, Any] = refmath.momentum_step(state["w"], g, state["velocity"], lr=RATES["momentum"])
    return step


def _rmsprop(state: dict[str, Any], g: Array, t: int) -> dict[str, Any]:
    step: dict[str, Any] = refmath.rmsprop_step(state["w"], g, state["h"], lr=RATES["RMSProp"], decay=0.9)
    return step


def _adam(state: dict[str, Any], g: Array, t: int) -> dict[str, Any]:
    step: dict[str, Any] = refmath.adam_step(state["w"], g, state["m"], state["v"], t, lr=RATES["Adam"])
    return step


WAYS: dict[str, Callable[[dict[str, Any], Array, int], dict[str, Any]]] = {
    "SGD": _sgd,
    "momentum": _momentum,
    "RMSProp": _rmsprop,
    "Adam": _adam,
}


def path(way: str, steps: int = KNOB[-1]) -> Array:
    """The start and where each step leads."""
    state = {"w": START, **{name: np.zeros(2) for name in ("velocity", "h", "m", "v")}}
    points = [START]
    for t in range(1, steps + 1):
        state |= WAYS[way](state, CURVATURES * state["w"], t)
        points.append(state["w"])
    return np.array(points)


def optimisers() -> str:
    """The figure."""
    paths = {way: path(way) for way in WAYS}
    rates = ", ".join(f"{number(rate)} for {way}" for way, rate in RATES.items())
    return knob(
        "optimisers",
        "steps",
        "Four optimisers in one valley",
        f"""Four optimisers start at ({number(START[0])}, {number(START[1])}) in a valley whose curvature is {number(CURVATURES[0])} along and {number(CURVATURES[1])} across. + is the minimum.
        <b>SGD</b> jumps from slope to slope and creeps along the valley. <b>Momentum</b> gathers speed along it, and overshoots. <b>RMSProp</b> and <b>Adam</b> divide by the size of
        the gradients, so that both directions advance alike. RMSProp keeps 0.9 of its mean. The learning rates, {rates}, were chosen by hand: each suits its optimiser, and none is the best there is.""",
        [_frame(steps, paths) for steps in KNOB],
        KNOB.index(20),
        height=4.2,
    )


def _frame(steps: int, paths: dict[str, Array]) -> Frame:
    heights = ", ".join(f"{way} {number(f(points[steps]), 2)}" for way, points in paths.items())

    def draw(figure: Figure) -> None:
        for axes, (way, points) in zip(
            figure.subplots(2, 2, sharex=True, sharey=True).flat, paths.items(), strict=True
        ):
            for height in (0.5, 2, 5):
                # Where f has this height, the halves of the axes are √(2 height / λ).
                axes.add_patch(Ellipse((0, 0), *2 * np.sqrt(2 * height / CURVATURES), edgecolor=GRID, facecolor="none"))
            axes.plot(*points[: steps + 1].T, "-", color=ONE, linewidth=1.2)
            axes.plot(*points[: steps + 1].T, "o", color=ONE, markersize=3)
            axes.plot(*points[steps], "s", color=TWO, markersize=7)
            axes.plot(0, 0, "+", color=INK, markersize=10, markeredgewidth=1.5)
            axes.set_title(way, loc="left")
            axes.set(xlim=(-8, 4), ylim=(-2.7, 2.7), xticks=(-8, -4, 0, 4), yticks=(-2, 0, 2))

    return Frame(f"{steps} steps" if steps != 1 else "1 step", f"the height is now: {heights}", draw)
