"""Gradient descent in a long valley, with learning rates from too small to too large."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

import refmath
from refmath.arguments import Array
from tools.site.figures.block import Frame, knob, still
from tools.site.figures.numbers import number
from tools.site.figures.svg import GRID, INK, ONE, TWO

START, STEPS = np.array([-3.0, 4.0]), 20
#: The curvatures of the valley along its two axes.
CURVATURES = np.array([0.5, 2.0])
THREE_RATES = (0.02, 0.5, 1.02)
KNOB = (0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0, 1.02, 1.05, 1.1)
FORMULA = " + ".join(
    f"{number(half)} · x{index}²" if half != 1 else f"x{index}²"
    for half, index in zip(CURVATURES / 2, "₀₁", strict=True)
)
#: The descent has arrived if no more than this share of the way is left.
LEFT_OVER = 0.05


def f(x: Any) -> Any:
    """A valley four times as steep across as along."""
    return np.sum(CURVATURES * np.square(x)) / 2


def path(lr: float) -> Array:
    """The start and where each step leads."""
    points = [START]
    for _ in range(STEPS):
        points.append(refmath.gradient_descent(f, points[-1], lr=lr, step_num=1))
    return np.array(points)


def outcome(points: Array) -> str:
    """What became of the descent: it diverges, arrives, swings or creeps."""
    left = np.linalg.norm(points[-1]) / np.linalg.norm(points[0])
    across = points[:, 1]
    if abs(across[-1]) > abs(across[0]):
        return "diverges"
    if left <= LEFT_OVER:
        return "arrives"
    return "swings" if np.all(across[1:] * across[:-1] < 0) else "creeps"


def learning_rates() -> str:
    """Three descents below each other."""
    ends = [path(lr) for lr in THREE_RATES]
    small, right, large = (
        f"η = {number(lr)} {outcome(each)}, f from {number(f(START))} to {number(f(each[-1]), 2)}"
        for lr, each in zip(THREE_RATES, ends, strict=True)
    )
    return still(
        "learning_rates",
        "Gradient descent with three learning rates",
        f"Three paths of {STEPS} steps from the same start: {small}; {right}; {large}.",
        f"""{STEPS} steps of gradient descent on {FORMULA}, which is {number(f(START), 4)} at the start ({number(START[0])}, {number(START[1])}): a valley four
        times as steep across as along. On each ellipse f has the same value, and + is its minimum. Too small a
        learning rate <i>creeps</i>, the right one <i>arrives</i>, too large a one jumps over the valley, further each time, until it leaves the picture. The border is 2/λ =
        {number(2 / CURVATURES.max())}, λ = {number(CURVATURES.max())} being the largest curvature.""",
        lambda figure: _draw_three(figure, ends),
        height=6.8,
    )


def _draw_three(figure: Figure, ends: list[Array]) -> None:
    panels = figure.subplots(3, 1, sharex=True)
    for axes, lr, points in zip(panels, THREE_RATES, ends, strict=True):
        _draw_path(axes, points)
        axes.set_title(f"η = {number(lr)} {outcome(points)}: f = {number(f(points[-1]), 2)}", loc="left")
    panels[-1].set_xlabel("x₀")


def learning_rate() -> str:
    """One descent for each position of the knob."""
    frames = [_frame(lr) for lr in KNOB]
    return knob(
        "learning_rate",
        "learning rate η",
        f"{STEPS} steps of gradient descent",
        f"""{STEPS} steps from ({number(START[0])}, {number(START[1])}) down the valley {FORMULA}, with the curvatures {number(CURVATURES[0])} along and
        {number(CURVATURES[1])} across. On each ellipse f has the same value, and + is its minimum. “Arrives” means that at most {number(100 * LEFT_OVER)} % of the way is left. Beyond η =
        {number(2 / CURVATURES.max())} every step overshoots by more than it corrects.""",
        frames,
        KNOB.index(0.1),
        height=3.6,
    )


def _frame(lr: float) -> Frame:
    points = path(lr)
    end = f"({number(points[-1][0], 2)}, {number(points[-1][1], 2)})"
    says = f"{outcome(points)}. After {STEPS} steps at {end}, where f is {number(f(points[-1]), 2)}"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _draw_path(axes, points)
        axes.set_xlabel("x₀")

    return Frame(f"η = {number(lr)}", says, draw)


def _draw_path(axes: Any, points: Array) -> None:
    for height in (0.5, 2, 5, 10, 18, 30):
        # Where f has this height, the halves of the axes are √(2 height / λ).
        axes.add_patch(Ellipse((0, 0), *2 * np.sqrt(2 * height / CURVATURES), edgecolor=GRID, facecolor="none"))
    inside = 1 + int(np.argmax(np.append(np.abs(points[:, 1]) > 6, True)))
    axes.plot(*points[:inside].T, "-", color=ONE, linewidth=1.2)
    axes.plot(*points[:inside].T, "o", color=ONE, markersize=4)
    axes.plot(*START, "s", color=TWO, markersize=8)
    axes.plot(0, 0, "+", color=INK, markersize=11, markeredgewidth=1.5)
    axes.annotate("start", START, (-9, 0), textcoords="offset points", color=TWO, ha="right", va="center")
    axes.set(xlim=(-6, 6), ylim=(-6, 6), ylabel="x₁", yticks=(-4, 0, 4), xticks=range(-6, 7, 2))
