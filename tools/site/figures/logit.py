"""Binary cross-entropy by the logit: what each answer costs, and what three programs make of large logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from tools.site.figures.block import Frame, knob, still
from tools.site.figures.numbers import number
from tools.site.figures.svg import DASHES, GRID, INK, ONE, THREE, TWO

KNOB = (-6.0, -4.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
CLIP = 1e-7
LAST = 60.0


def loss(a: float, t: float) -> float:
    """The loss of one logit."""
    return float(refmath.binary_cross_entropy_with_logits([a], [t]))


def logit_loss() -> str:
    """The figure with a knob."""
    return knob(
        "logit_loss",
        "logit a",
        "The loss of one logit",
        """What a logit <i>a</i> costs if the truth is 1 (solid) and if it is 0 (dashed). A logit on the right side costs almost nothing. On the wrong side the loss grows by 1
        with each unit of <i>a</i>, as a straight line: its slope, <i>p</i> − <i>t</i>, never exceeds 1.""",
        [_frame(a) for a in KNOB],
        KNOB.index(2.0),
        height=3.0,
    )


def _frame(a: float) -> Frame:
    p, ones, zeros = float(refmath.sigmoid(a)), loss(a, 1.0), loss(a, 0.0)
    says = (
        f"p = {number(p)}. If the truth is 1, the loss is {number(ones)} and its slope {number(p - 1)}; "
        f"if it is 0, {number(zeros)} and {number(p)}"
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        line = np.linspace(-7, 7, 57)
        for t, colour, dashes, mark, at in ((1.0, ONE, DASHES[0], "o", ones), (0.0, TWO, DASHES[1], "s", zeros)):
            axes.plot(line, [loss(each, t) for each in line], color=colour, linestyle=dashes, label=f"t = {t:g}")
            axes.plot(a, at, mark, color=colour, markersize=8)
        axes.axvline(a, color=INK, linewidth=0.8)
        axes.set(xlabel="logit a", ylabel="loss", xlim=(-7, 7), ylim=(-0.2, 7.2), xticks=range(-6, 7, 2))
        axes.grid(color=GRID)
        axes.legend(loc="upper center", ncols=2)

    return Frame(f"a = {number(a)}", says, draw)


# ---- three programs


def in_two_steps(a: Any) -> Any:
    """First the probability, then its logarithm; the truth is 0."""
    with np.errstate(divide="ignore"):
        return -np.log(1 - refmath.sigmoid(a))


def clipped(a: Any) -> Any:
    """The same, with the probability kept away from 0 and 1."""
    return -np.log(1 - np.clip(refmath.sigmoid(a), CLIP, 1 - CLIP))


def from_logits(a: Any) -> Any:
    """max(a, 0) + ln(1 + e^−|a|)."""
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "from the logit": from_logits,
    "in two steps": in_two_steps,
    "in two steps, clipped": clipped,
}


def breaks_at() -> int:
    """The smallest whole logit at which the program in two steps is infinite."""
    logits = np.arange(LAST)
    return int(logits[np.isinf(in_two_steps(logits))][0])


def logit_programs() -> str:
    """The figure of the three programs."""
    end, top = breaks_at(), float(clipped(LAST))
    return still(
        "logit_programs",
        "Three programs for the loss of a wrong logit",
        f"The loss of a logit whose truth is 0. From the logit: a straight line. In two steps: infinite from {end} on. Clipped: level at {number(top)}.",
        f"""The truth is 0, and the logit grows. Computed <b>from the logit</b>, the loss is right everywhere. <b>In two steps</b>, sigmoid and then logarithm, it is infinite from
        <i>a</i> = {end} on, for there the sigmoid is rounded to 1. <b>Clipped</b> at 10⁻⁷, it stays at {number(top)}, and its slope is 0: a sample that is completely wrong
        teaches nothing.""",
        lambda figure: _draw_programs(figure, end),
    )


def _draw_programs(figure: Figure, end: int) -> None:
    axes = figure.subplots()
    a = np.linspace(0, LAST, 241)
    looks = ((ONE, DASHES[0], 2.0), (TWO, DASHES[1], 3.5), (THREE, DASHES[3], 2.5))
    for (name, program), (colour, dashes, width) in zip(PROGRAMS.items(), looks, strict=True):
        y = program(a)
        axes.plot(a, np.where(np.isinf(y), np.nan, y), color=colour, linestyle=dashes, linewidth=width, label=name)
    last = float(in_two_steps(np.array(end - 1.0)))
    axes.annotate("∞ from here on", (end - 1, last), (-8, 6), textcoords="offset points", ha="right", color=TWO)
    axes.plot(end - 1, last, "x", color=TWO, markersize=9, markeredgewidth=2)
    axes.set(xlabel="logit a", ylabel="loss", xlim=(0, LAST), ylim=(0, LAST + 2))
    axes.grid(color=GRID)
    axes.legend(loc="upper left")
