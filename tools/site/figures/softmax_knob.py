"""One logit is turned: what the softmax makes of it, and what the cross-entropy says."""

from __future__ import annotations

from matplotlib.figure import Figure

import refmath
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import number
from tools.site.figures.svg import GRID, ONE

OTHERS = (1.0, 2.0)
TARGET = (0.0, 0.0, 1.0)
KNOB = range(-4, 9)


def softmax_knob() -> str:
    """The figure."""
    low, high = (refmath.softmax_cross_entropy_one_hot([*OTHERS, float(z)], TARGET) for z in (KNOB[0], KNOB[-1]))
    return knob(
        "softmax_knob",
        "logit z of class 3",
        "The softmax of the logits 1, 2 and z",
        f"""The logits are 1, 2 and <i>z</i>, and class 3 is the right one. The probabilities always add up to 1: what class 3 gains, the others lose,
        in the same proportion. Its cross-entropy is −ln of the filled bar, {number(low)} at <i>z</i> = {number(KNOB[0])} and {number(high)} at
        <i>z</i> = {number(KNOB[-1])}.""",
        [_frame(float(z)) for z in KNOB],
        KNOB.index(3),
        height=2.8,
    )


def _frame(z: float) -> Frame:
    logits = [*OTHERS, z]
    probabilities = refmath.softmax(logits)
    loss = refmath.softmax_cross_entropy_one_hot(logits, TARGET)
    says = f"class 3 is given {number(probabilities[2])}, which costs {number(loss)}"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        names = [f"class {place}\nlogit {number(a)}" for place, a in enumerate(logits, 1)]
        bars = axes.bar(names, probabilities, width=0.6, edgecolor=ONE, linewidth=1.5, facecolor="none")
        bars[2].set_facecolor(ONE)
        axes.bar_label(bars, [number(p) for p in probabilities], padding=3)
        axes.set(ylim=(0, 1.1), ylabel="probability", yticks=(0, 0.5, 1))
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="y", color=GRID)
        axes.set_axisbelow(True)

    return Frame(f"z = {number(z)}", says, draw)
