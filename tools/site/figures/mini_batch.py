"""A mini-batch as a survey: how far the loss of a sample is from that of all."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from refmath.training.loop import Settings, Training
from refmath.training.mnist import embedded, scaled
from tools.site.figures.block import still
from tools.site.figures.numbers import number
from tools.site.figures.svg import INK, ONE

SIZES, BATCHES, ITERATIONS = (10, 100, 1000), 200, 100


def surveys() -> tuple[float, dict[int, Array]]:
    """The loss of a network at all embedded digits, and at many batches of each size."""
    digits = embedded()
    training = Training(Settings(iterations=ITERATIONS, lr=0.5), digits)
    for _ in training.iterate():
        pass
    x, rng = scaled(digits.x_train, "float64"), np.random.default_rng(0)
    net = refmath.TwoLayerNet(x.shape[1], training.settings.hidden, 10, rng=rng)
    net.params = training.state.params

    def drawn(size: int) -> Any:
        return net.loss(*refmath.mini_batch(x, digits.t_train, size, rng))

    return float(net.loss(x, digits.t_train)), {size: np.array([drawn(size) for _ in range(BATCHES)]) for size in SIZES}


def mini_batch() -> str:
    """The figure."""
    whole, found = surveys()
    # About the loss of all digits, which is known here: not about the mean of what was drawn.
    spread = {size: float(np.sqrt(np.mean((losses - whole) ** 2))) for size, losses in found.items()}
    told = ", ".join(f"{number(spread[size], 2)} for {size:,}" for size in SIZES)
    return still(
        "mini_batch",
        "The loss of many mini-batches around the loss of all digits",
        f"Three histograms, one for each batch size, all around {number(whole)}, the loss of all digits; their spreads are {told}.",
        f"""A network after {ITERATIONS} steps of training has the loss {number(whole)} over all 5,000 digits (the line). Each histogram holds the losses of
        {BATCHES} batches drawn at random. Off by about: {told} digits. A hundred times as many digits make the spread about ten times smaller (here
        {number(spread[SIZES[0]] / spread[SIZES[-1]])} times): it falls as 1/√<i>N</i>.""",
        lambda figure: _draw(figure, whole, found, spread),
        height=4,
    )


def _draw(figure: Figure, whole: float, found: dict[int, Array], spread: dict[int, float]) -> None:
    rows = figure.subplots(len(SIZES), 1, sharex=True)
    for axes, (size, losses) in zip(rows, found.items(), strict=True):
        reach = 4 * spread[SIZES[0]]
        axes.hist(losses, bins=61, range=(whole - reach, whole + reach), histtype="stepfilled", color=ONE, alpha=0.8)
        axes.axvline(whole, color=INK, linewidth=1)
        axes.text(0.01, 0.95, f"batches of {size:,}", transform=axes.transAxes, va="top")
        axes.text(0.99, 0.95, f"spread {number(spread[size], 2)}", transform=axes.transAxes, va="top", ha="right")
        axes.spines["left"].set_visible(False)
        axes.set_yticks([])
        axes.margins(y=0.1)
    rows[-1].set(xlabel="loss of a batch", xlim=(whole - reach, whole + reach))
