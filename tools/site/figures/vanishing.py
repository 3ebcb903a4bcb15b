"""How the gradient fades on its way back through many layers, by the activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import still
from tools.site.figures.numbers import decades, number
from tools.site.figures.svg import DASHES, GRID, SERIES

DEPTH, WIDTH, SAMPLES = 12, 100, 50
#: The function, its slope, and the variance of a weight times the number of inputs, as those who proposed them chose it.
TRIED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], float]] = {
    "sigmoid": (refmath.sigmoid, refmath.sigmoid_gradient, 1.0),
    "tanh": (refmath.tanh, refmath.tanh_gradient, 1.0),
    "ReLU": (refmath.relu, refmath.relu_gradient, 2.0),
}


def sizes(name: str) -> Array:
    """The root mean square of the gradient by the inputs of each layer, the last layer's being 1."""
    function, slope, variance = TRIED[name]
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, np.sqrt(variance / WIDTH), (WIDTH, WIDTH)) for _ in range(DEPTH)]
    z, slopes = rng.standard_normal((SAMPLES, WIDTH)), []
    for W in weights:
        a = z @ W
        slopes.append(slope(a))
        z = function(a)
    upstream = rng.standard_normal((SAMPLES, WIDTH))
    found = []
    for W, steep in zip(reversed(weights), reversed(slopes), strict=True):
        upstream = (upstream * steep) @ W.T
        found.append(float(np.sqrt(np.mean(upstream**2))))
    return np.array(found[::-1]) / found[0]


def vanishing() -> str:
    """The figure."""
    found = {name: sizes(name) for name in TRIED}
    first = {name: number(each[0], 2) for name, each in found.items()}
    told = ", ".join(f"{first[name]} with {name}" for name in TRIED)
    return still(
        "vanishing",
        f"The size of the gradient in each of {DEPTH} layers",
        f"Three curves on a logarithmic scale. Of a gradient of size 1 in the last layer, the first one gets {told}.",
        f"""A network of {DEPTH} layers with {WIDTH} units each and random weights. A gradient of size 1 enters at the last layer and goes back to the first. What arrives there:
        {told}. The weights are drawn with variance 1/{WIDTH} for sigmoid and tanh, as Glorot and Bengio propose, and 2/{WIDTH} for ReLU, as He and others do.""",
        lambda figure: _draw(figure, found),
        height=3.6,
    )


def _draw(figure: Figure, found: dict[str, Array]) -> None:
    axes = figure.subplots()
    axes.set_yscale("log")
    layers = np.arange(1, DEPTH + 1)
    for (name, each), colour, dashes, mark in zip(found.items(), SERIES, DASHES, "os^", strict=False):
        axes.plot(layers, each, mark, color=colour, linestyle=dashes, label=name, markersize=5, linewidth=1.6)
    lowest = int(np.floor(np.log10(min(each.min() for each in found.values()))))
    axes.set(xlabel="layer", ylabel="size of the gradient", xticks=layers, ylim=(10.0**lowest, 10))
    decades(axes.yaxis, range(lowest, 2, 2))
    axes.grid(axis="y", color=GRID)
    axes.legend(loc="lower right")
