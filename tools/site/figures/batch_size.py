"""The same number of samples, looked at in batches of different sizes: where stochastic gradient descent gets to."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import number
from tools.site.figures.svg import GRID, INK, ONE, TWO

SAMPLES, BUDGET, RATE = 512, 1024, 0.1
KNOB = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
START = np.array([-2.2, -1.0])


def data() -> tuple[Array, Array]:
    """Points around a line: numbers x with a 1 beside each, shape (N, 2), and t."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1.5, 1.5, SAMPLES)
    return np.stack([np.ones(SAMPLES), x], axis=1), 0.5 + 1.5 * x + 0.7 * rng.standard_normal(SAMPLES)


def loss(w: Array, x: Array, t: Array) -> float:
    """Half of the mean squared distance of the line from the points."""
    return float(refmath.mean_squared_error((x @ w)[:, np.newaxis], t[:, np.newaxis]))


def path(size: int) -> Array:
    """The start and where each batch leads, until as many samples have been looked at as the budget allows."""
    x, t = data()
    rng, points = np.random.default_rng(0), [START]
    for _ in range(BUDGET // size):
        some, known = refmath.mini_batch(x, t, size, rng)
        points.append(points[-1] - RATE * some.T @ (some @ points[-1] - known) / size)
    return np.array(points)


def batch_size() -> str:
    """The figure."""
    x, t = data()
    best = np.linalg.lstsq(x, t, rcond=None)[0]
    return knob(
        "batch_size",
        "size of a batch",
        f"Stochastic gradient descent over {BUDGET:,} samples",
        f"""A line through {SAMPLES} points has two numbers to learn, and the loss is a valley; + is its lowest point, {number(loss(best, x, t))}. Every position of the slider looks at
        {BUDGET:,} samples in all, with the learning rate {number(RATE)}. <b>Small</b> batches take many steps and arrive soon, but then wander about. <b>Large</b> ones
        go straight, and have hardly begun when the samples are used up.""",
        [_frame(size, x, t, best) for size in KNOB],
        KNOB.index(16),
        height=3.8,
    )


def _frame(size: int, x: Array, t: Array, best: Array) -> Frame:
    points = path(size)
    steps = len(points) - 1
    says = f"{steps:,} steps, and the loss at the end is {number(loss(points[-1], x, t))}"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        across, up = np.linspace(-2.6, 1.8, 45), np.linspace(-1.4, 2.6, 41)
        heights = [[loss(np.array([a, b]), x, t) for a in across] for b in up]
        axes.contour(across, up, heights, levels=_levels(loss(best, x, t)), colors=[GRID], linewidths=0.8)
        axes.plot(*points.T, color=ONE, linewidth=1, marker="o" if steps <= 128 else "", markersize=3)
        axes.plot(*points[-1], "s", color=TWO, markersize=8)
        axes.plot(*best, "+", color=INK, markersize=12, markeredgewidth=1.6)
        axes.annotate("start", START, (4, -12), textcoords="offset points", color=TWO)
        axes.set(xlim=across[[0, -1]], ylim=up[[0, -1]], xlabel="height at 0", ylabel="slope of the line")

    return Frame(f"N = {size}", says, draw)


def _levels(lowest: float) -> Any:
    return lowest + np.array([0.05, 0.2, 0.5, 1.0, 2.0, 3.5])
