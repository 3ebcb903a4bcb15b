"""A network that learns a few digits by heart."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.training.mnist import embedded, scaled
from tools.site.figures.block import still
from tools.site.figures.numbers import number, percent
from tools.site.figures.svg import DASHES, GRID, ONE, TWO

FEW, HIDDEN, RATE, STEPS = 100, 30, 0.5, 3000
MOMENTS = sorted({int(each) for each in np.geomspace(1, STEPS, 40)})


class Moment(NamedTuple):
    """How the network does at some moment, on what it learns and on what it is tested on."""

    step: int
    loss: tuple[float, float]
    accuracy: tuple[float, float]


def by_heart() -> list[Moment]:
    """Training on a hundred digits, all of them in each step."""
    digits = embedded()
    x, labels = scaled(digits.x_train[:FEW], "float64"), digits.t_train[:FEW]
    sets = (x, labels), (scaled(digits.x_test, "float64"), digits.t_test)
    net = refmath.TwoLayerNet(x.shape[1], HIDDEN, 10, 0.1, rng=np.random.default_rng(0))
    moments = []
    for step in range(1, STEPS + 1):
        net.params = refmath.sgd_step(net.params, net.gradient(x, labels), RATE)
        if step in MOMENTS:
            moments.append(Moment(step, _pair(net.loss, sets), _pair(net.accuracy, sets)))
    return moments


def _pair(of: Any, sets: Any) -> tuple[float, float]:
    train, test = (float(of(*each)) for each in sets)
    return train, test


def overfitting() -> str:
    """The figure."""
    moments = by_heart()
    last, best = moments[-1], min(moments, key=lambda each: each.loss[1])
    knows = next(each.step for each in moments if each.accuracy[0] == 1)
    return still(
        "overfitting",
        f"Accuracy and loss of a network trained on {FEW} digits",
        f"The training accuracy reaches {percent(last.accuracy[0])}, the test accuracy stays at {percent(last.accuracy[1])}. The training loss falls "
        f"to {number(last.loss[0])}; the test loss falls to {number(best.loss[1])} and then rises to {number(last.loss[1])}.",
        f"""A network with {HIDDEN} hidden units learns only {FEW} digits. After about {knows} steps it knows all of them by heart, and reads
        {percent(last.accuracy[1])} of 1,000 others correctly. The loss says more: on what it learns it falls on and on, to {number(last.loss[0])}; on the others it is
        lowest after about {best.step} steps, {number(best.loss[1])}, and then <b>rises</b>, to {number(last.loss[1])}. That is overfitting.""",
        lambda figure: _draw(figure, moments, best),
        height=5.4,
    )


def _draw(figure: Figure, moments: list[Moment], best: Moment) -> None:
    upper, lower = figure.subplots(2, 1, sharex=True)
    steps = [each.step for each in moments]
    for place, (name, colour, dashes) in enumerate((("train", ONE, DASHES[0]), ("test", TWO, DASHES[1]))):
        look = {"color": colour, "linestyle": dashes, "label": name}
        upper.plot(steps, [each.accuracy[place] for each in moments], **look)
        lower.plot(steps, [each.loss[place] for each in moments], **look)
    lower.plot(best.step, best.loss[1], "s", color=TWO, markersize=7)
    lower.annotate(
        f"lowest: {number(best.loss[1])}",
        (best.step, best.loss[1]),
        (0, -18),
        textcoords="offset points",
        color=TWO,
        ha="center",
    )
    upper.set(xscale="log", ylabel="accuracy", ylim=(0, 1.03), xlim=(1, STEPS))
    lower.set(ylabel="loss", xlabel="steps of training", ylim=(0, 2.6))
    lower.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    lower.minorticks_off()
    upper.legend(loc="lower right")
    for axes in (upper, lower):
        axes.grid(axis="y", color=GRID)
