"""What keeps ln 0 away, and what that does elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.catalogue import formula
from refmath.losses.cross_entropy_one_hot import Guard
from refmath.spec import setting
from tools.site.figures.block import Frame, knob, still
from tools.site.figures.numbers import decades, number, power
from tools.site.figures.svg import DASHES, INK, ONE, THREE, TWO

TARGET = (0.0, 1.0)
NAME = "cross_entropy_one_hot"
#: The conventions of the record, by what they are here called: refmath's default is None.
CONVENTIONS = {"none": "pytorch", "floor": None, "offset 10⁻⁸": "seed", "offset 10⁻⁷": "book"}
LOOKS = {
    "none": {"color": INK, "linestyle": DASHES[3], "linewidth": 1.5},
    "floor": {"color": ONE, "linestyle": DASHES[0], "linewidth": 2.5},
    "offset 10⁻⁸": {"color": TWO, "linestyle": DASHES[1]},
    "offset 10⁻⁷": {"color": THREE, "linestyle": DASHES[2]},
}
#: The knob of the third figure, as powers of ten.
KNOB = range(-2, -13, -1)


def loss(guard: str, p: float) -> Any:
    """The loss where the right one of two classes is given p, under one of `CONVENTIONS`."""
    return setting(formula(NAME), CONVENTIONS[guard]).program([1 - p, p], TARGET)


def exact_of_perfection(guard: str) -> float:
    """The certified loss of a perfect prediction."""
    value: float = refmath.exact(NAME, TARGET, TARGET, convention=CONVENTIONS[guard]).nearest()
    return value


def guards() -> str:
    """Where p is next to nothing."""
    at_zero = {name: number(loss(name, 0.0)) for name in list(LOOKS)[1:]}
    twice = number(loss("floor", 1e-8) - loss("offset 10⁻⁸", 1e-8))
    return still(
        "guards",
        "The cross-entropy near p = 0 under each guard",
        f"Without a guard the loss rises by the same amount with every decade of p. The guards bend it to the level at "
        f"{at_zero['floor']} for the floor, {at_zero['offset 10⁻⁸']} for the offset of 10⁻⁸ and {at_zero['offset 10⁻⁷']} for that of 10⁻⁷.",
        f"""The loss where the right class is given the probability <i>p</i>, each mark of the axis ten times the one before. At <i>p</i> = 0 the floor
        of 10⁻⁸ stops at {at_zero["floor"]}, the chapter's offset at {at_zero["offset 10⁻⁸"]} too, and the book's, of 10⁻⁷, at
        {at_zero["offset 10⁻⁷"]}. The offset bends smoothly: at <i>p</i> = 10⁻⁸ it lies {twice} (that is ln 2) below the floor.""",
        _draw_near_zero,
    )


def _draw_near_zero(figure: Figure) -> None:
    axes = figure.subplots()
    p = np.unique(np.concatenate([np.geomspace(1e-12, 1, 25), np.geomspace(1e-10, 1e-5, 41)]))
    for name, look in LOOKS.items():
        label = name if name == "none" else f"{name} (refmath)" if name == "floor" else name
        axes.plot(p, [loss(name, each) for each in p], label=label, **look)
    axes.set_xscale("log")
    decades(axes.xaxis, range(-12, 1, 2))
    axes.set(xlabel="p, the probability of the right class", ylabel="loss", ylim=(0, 28), xlim=(1e-12, 1))
    axes.legend(loc="upper right", title="guard")


def guard_near_one() -> str:
    """Where p is all but one."""
    below = {name: number(exact_of_perfection(name)) for name in list(LOOKS)[1:]}
    return still(
        "guard_near_one",
        "The cross-entropy near p = 1 under each guard",
        f"Three parallel lines fall as p nears 1. The floor's ends at {below['floor']}; the offsets' end below zero, at "
        f"{below['offset 10⁻⁸']} and {below['offset 10⁻⁷']}.",
        f"""The last steps to a perfect prediction, in units of 10⁻⁸. At <i>p</i> = 1 the floor's loss is {below["floor"]}; with the chapter's offset it
        is {below["offset 10⁻⁸"]}, with the book's {below["offset 10⁻⁷"]}: a loss below zero, which no −ln <i>p</i> can be.""",
        _draw_near_one,
    )


def _draw_near_one(figure: Figure) -> None:
    axes = figure.subplots()
    short = np.linspace(0, 20, 11)
    for name, look in list(LOOKS.items())[1:]:
        values = [1e8 * loss(name, 1 - 1e-8 * each) for each in short]
        axes.plot(short, values, label=name, **look)
        axes.plot(0, values[0], "o", color=look["color"], markersize=7, clip_on=False)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.text(19.7, -0.5, "below zero", va="top")
    axes.set(
        xlim=(20, 0), ylim=(-12, 20), xlabel="1 − p, in units of 10⁻⁸ (0: perfect)", ylabel="loss, in units of 10⁻⁸"
    )
    axes.set_xticks(range(0, 21, 5))
    axes.legend(loc="upper right", title="guard")


def guard_delta() -> str:
    """Floor and offset, for each δ."""
    return knob(
        "guard_delta",
        "guard δ",
        "Floor and offset as guards of the logarithm",
        """Turn the knob: the larger δ is, the earlier the loss stops telling a bad answer from a worse one, and the further below zero a perfect answer
        comes out with the offset. The floor's loss is 0 there for every δ.""",
        [_frame(exponent) for exponent in KNOB],
        KNOB.index(-8),
    )


def _frame(exponent: int) -> Frame:
    delta = float(f"1e{exponent}")
    most = refmath.cross_entropy_one_hot([1.0, 0.0], TARGET, delta=delta)
    perfect = {
        guard: refmath.exact(NAME, TARGET, TARGET, delta=delta, guard=guard).nearest() for guard in ("floor", "offset")
    }
    says = (
        f"a certain mistake costs {number(most)}, a perfect answer {number(perfect['offset'])} with the offset "
        f"and {number(perfect['floor'])} with the floor"
    )
    return Frame(f"δ = {power(exponent)}", says, lambda figure: _draw_guard(figure, delta, power(exponent)))


def _draw_guard(figure: Figure, delta: float, name: str) -> None:
    axes = figure.subplots()
    p = np.unique(np.concatenate([np.geomspace(1e-14, 1, 8), delta * np.geomspace(0.01, 100, 25)]))
    p = p[p <= 1]
    looks: dict[Guard, Any] = {"none": LOOKS["none"], "floor": LOOKS["floor"], "offset": LOOKS["offset 10⁻⁸"]}
    for guard, look in looks.items():
        losses = [refmath.cross_entropy_one_hot([1 - each, each], TARGET, delta=delta, guard=guard) for each in p]
        axes.plot(p, losses, label=guard, **look)
    axes.axvline(delta, color=INK, linewidth=0.8)
    axes.annotate(f"δ = {name}", (delta, 33), (4, 0), textcoords="offset points", va="top")
    axes.set_xscale("log")
    decades(axes.xaxis, range(-14, 1, 2))
    axes.set(xlabel="p, the probability of the right class", ylabel="loss", ylim=(0, 33), xlim=(1e-14, 1))
    axes.legend(loc="lower center", ncols=3, bbox_to_anchor=(0.5, 1), columnspacing=1.2, handlelength=2.4)
