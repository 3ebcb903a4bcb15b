"""How a border between two classes is learnt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import number, percent
from tools.site.figures.svg import INK, ONE, TWO

SAMPLES, HIDDEN, RATE = 45, 8, 0.5
KNOB = (0, 20, 50, 100, 200, 400, 700, 1000, 1400, 2000, 3000, 5000)


def arcs() -> tuple[Array, Array]:
    """Two arcs, each reaching into the other, as points (N, 2) and labels."""
    rng = np.random.default_rng(3)
    angle = np.linspace(0, np.pi, SAMPLES)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.concatenate([upper, lower]) + 0.1 * rng.standard_normal((2 * SAMPLES, 2)), np.repeat([0, 1], SAMPLES)


def trained(x: Array, labels: Array) -> Iterator[tuple[int, refmath.TwoLayerNet]]:
    """The network after each number of steps in `KNOB`."""
    net = refmath.TwoLayerNet(2, HIDDEN, 2, 1.0, rng=np.random.default_rng(5))
    for step in range(KNOB[-1] + 1):
        if step in KNOB:
            yield step, net
        net.params = refmath.sgd_step(net.params, net.gradient(x, labels), RATE)


def decision() -> str:
    """The figure."""
    x, labels = arcs()
    frames = [_frame(step, net, x, labels) for step, net in trained(x, labels)]
    return knob(
        "decision",
        "steps of training",
        "Two arcs of points and the border between them",
        f"""A network with {HIDDEN} hidden units learns to tell two arcs of {SAMPLES} points each apart. The line is where it gives both classes one half;
        on the shaded side it says “square”. After a few steps the border is next to straight; it bends as the loss falls.""",
        frames,
        KNOB.index(1000),
    )


def _frame(step: int, net: refmath.TwoLayerNet, x: Array, labels: Array) -> Frame:
    across, up = np.linspace(-1.6, 2.6, 43), np.linspace(-1.1, 1.6, 31)
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    squares = net.predict(grid.reshape(-1, 2))[:, 1].reshape(grid.shape[:2])
    says = f"loss {number(net.loss(x, labels))}, accuracy {percent(net.accuracy(x, labels))}"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.contourf(across, up, squares, levels=[0.5, 1.1], colors=[TWO], alpha=0.22)
        axes.contour(across, up, squares, levels=[0.5], colors=[INK], linewidths=1.5)
        axes.plot(*x[labels == 0].T, "o", color=ONE, markersize=4.5)
        axes.plot(*x[labels == 1].T, "s", color=TWO, markersize=4.5)
        axes.set(xlim=across[[0, -1]], ylim=up[[0, -1]], xlabel="x₀", ylabel="x₁", aspect="equal")

    return Frame(f"{step:,} steps", says, draw)
