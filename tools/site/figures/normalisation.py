"""Signals through many layers, with and without normalisation, by the size of the weights."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import decades, number
from tools.site.figures.svg import DASHES, GRID, ONE, TWO

DEPTH, WIDTH, SAMPLES = 20, 64, 32
#: The spread of a weight, times the root of the number of inputs.
KNOB = (0.5, 0.7, 0.9, 1.1, 1.3, 1.4, 1.5, 1.7, 2.0, 2.5, 3.0)
LOWEST, HIGHEST = -9, 9


def sizes(spread: float, *, normalised: bool) -> Array:
    """The root mean square of what each layer puts out, that of the input first."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((SAMPLES, WIDTH))
    found = [z]
    for _ in range(DEPTH):
        a = z @ rng.normal(0, spread / np.sqrt(WIDTH), (WIDTH, WIDTH))
        z = np.maximum(refmath.layer_norm(a, np.ones(WIDTH), np.zeros(WIDTH)) if normalised else a, 0)
        found.append(z)
    return np.array([np.sqrt(np.mean(each**2)) for each in found])


def normalisation() -> str:
    """The figure."""
    return knob(
        "normalisation",
        "spread of the weights",
        f"The size of the signal in each of {DEPTH} layers",
        f"""A signal goes through {DEPTH} layers with {WIDTH} units each: weights, then ReLU. The spread of the weights is in units of 1/√{WIDTH}; the size of the
        signal is on a logarithmic scale. Without normalisation each layer multiplies it by about the same number, so it fades or explodes, unless that number happens to be 1, at a spread of
        √2 ≈ 1.4. With layer normalisation before each ReLU it stays the same, whatever the weights.""",
        [_frame(spread) for spread in KNOB],
        KNOB.index(0.9),
        height=3.2,
    )


def _frame(spread: float) -> Frame:
    plain, kept = sizes(spread, normalised=False), sizes(spread, normalised=True)
    says = f"after {DEPTH} layers the signal has the size {number(plain[-1], 2)} without normalisation, and {number(kept[-1], 2)} with it"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set_yscale("log")
        for name, each, colour, dashes, mark in (
            ("without normalisation", plain, TWO, DASHES[1], "s"),
            ("with layer normalisation", kept, ONE, DASHES[0], "o"),
        ):
            axes.plot(each, mark, color=colour, linestyle=dashes, markersize=4, linewidth=1.4, label=name)
        axes.set(
            xlabel="layer",
            ylabel="size of the signal",
            ylim=(10.0**LOWEST, 10.0**HIGHEST),
            xticks=range(0, DEPTH + 1, 5),
        )
        decades(axes.yaxis, range(LOWEST, HIGHEST + 1, 3))
        axes.grid(axis="y", color=GRID)
        axes.legend(loc="lower center", ncols=2, bbox_to_anchor=(0.5, 1), handlelength=2.4, columnspacing=1)

    return Frame(f"spread {number(spread)}", says, draw)
