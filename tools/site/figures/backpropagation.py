"""Forwards and backwards through a network of 2, 3 and 2 units, one operation at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import Frame, knob
from tools.site.figures.numbers import fixed, number
from tools.site.figures.svg import GRID, INK, ONE, PAPER, TWO

X, LABEL, RATE = np.array([1.0, 0.5]), 0, 1.0
PARAMS = {
    "W1": np.array([[0.4, -0.6, 0.2], [0.8, 0.2, -1.0]]),
    "b1": np.array([0.0, 0.1, -0.2]),
    "W2": np.array([[0.5, -0.5], [-0.3, 0.7], [0.9, 0.2]]),
    "b2": np.array([0.1, -0.1]),
}
#: Where the columns of units stand, and how high their units.
ACROSS = (0.0, 1.0, 2.0)
HEIGHTS = ((0.5, -0.5), (1.0, 0.0, -1.0), (0.5, -0.5))


class Pass(NamedTuple):
    """What is computed, in the order in which it is."""

    sums: Array
    hidden: Array
    logits: Array
    outputs: Array
    loss: float
    by_logits: Array
    by_hidden: Array
    by_sums: Array
    gradient: dict[str, Array]
    after: float


def through() -> Pass:
    """Both ways through the network, by the chain rule written out."""
    sums = X @ PARAMS["W1"] + PARAMS["b1"]
    hidden = np.asarray(refmath.sigmoid(sums))
    logits = hidden @ PARAMS["W2"] + PARAMS["b2"]
    outputs = np.asarray(refmath.softmax(logits))
    by_logits = outputs - np.eye(len(outputs))[LABEL]
    by_hidden = PARAMS["W2"] @ by_logits
    by_sums = by_hidden * hidden * (1 - hidden)
    gradient = {"W1": np.outer(X, by_sums), "b1": by_sums, "W2": np.outer(hidden, by_logits), "b2": by_logits}
    moved = refmath.sgd_step(PARAMS, gradient, RATE)
    after = refmath.two_layer_net_loss(moved, X[np.newaxis], [LABEL])
    return Pass(
        sums,
        hidden,
        logits,
        outputs,
        float(-np.log(outputs[LABEL])),
        by_logits,
        by_hidden,
        by_sums,
        gradient,
        float(after),
    )


class Look(NamedTuple):
    """What stands in the units and on the lines, and which of them are new.

    Attributes:
        units: The numbers in the units of each column; none where nothing is known yet.
        lines: The numbers on the lines of each layer.
        new: The columns and layers that this step computes: "0", "1", "2" or "W1", "W2".
        backwards: Whether what is new is a derivative.
    """

    units: tuple[Array | None, Array | None, Array | None]
    lines: dict[str, Array]
    new: tuple[str, ...]
    backwards: bool = False


def frames() -> list[Frame]:
    """One for each operation."""
    p = through()
    weights = {"W1": PARAMS["W1"], "W2": PARAMS["W2"]}
    one = {**weights, "W2": p.gradient["W2"]}
    both = {"W1": p.gradient["W1"], "W2": p.gradient["W2"]}
    moved = refmath.sgd_step(weights, both, RATE)
    w, v, b = PARAMS["W1"], PARAMS["W2"], PARAMS["b1"]
    n, d = fixed, p.by_logits
    told = [
        (
            "the input",
            f"x = ({_n(X[0])}, {_n(X[1])}), and the right class is the upper one. The biases are not drawn",
            Look((X, None, None), weights, ("0",)),
        ),
        (
            "hidden sums",
            f"a = x W₁ + b₁. The first: {_n(X[0])} · {_n(w[0, 0])} + {_n(X[1])} · {_n(w[1, 0])} + {_n(b[0])} = {n(p.sums[0], 2)}",
            Look((X, p.sums, None), weights, ("1",)),
        ),
        (
            "sigmoid",
            f"z = σ(a). The first: σ({n(p.sums[0], 2)}) = {n(p.hidden[0], 2)}",
            Look((X, p.hidden, None), weights, ("1",)),
        ),
        (
            "logits",
            f"z W₂ + b₂ = ({n(p.logits[0], 2)}, {n(p.logits[1], 2)})",
            Look((X, p.hidden, p.logits), weights, ("2",)),
        ),
        (
            "softmax",
            f"y = ({n(p.outputs[0], 2)}, {n(p.outputs[1], 2)}): the right class is given {n(p.outputs[0], 2)}",
            Look((X, p.hidden, p.outputs), weights, ("2",)),
        ),
        ("the loss", f"L = −ln {n(p.outputs[0], 2)} = {n(p.loss, 2)}", Look((X, p.hidden, p.outputs), weights, ())),
        (
            "back to the logits",
            f"y − t = ({n(d[0], 2)}, {n(d[1], 2)}): the upper logit should grow, the lower one fall",
            Look((X, p.hidden, d), weights, ("2",), True),
        ),
        (
            "back to W₂",
            f"each is z times y − t. The first: {n(p.hidden[0], 2)} · ({n(d[0], 2)}) = {n(one['W2'][0, 0], 2)}",
            Look((X, p.hidden, d), one, ("W2",), True),
        ),
        (
            "back to the hidden units",
            f"by W₂. The first: {_n(v[0, 0])} · ({n(d[0], 2)}) + ({_n(v[0, 1])}) · {n(d[1], 2)} = {n(p.by_hidden[0], 2)}",
            Look((X, p.by_hidden, d), one, ("1",), True),
        ),
        (
            "back through the sigmoid",
            f"times z (1 − z). The first: {n(p.by_hidden[0], 2)} · {n(p.hidden[0] * (1 - p.hidden[0]), 2)} = {n(p.by_sums[0], 3)}",
            Look((X, p.by_sums, d), one, ("1",), True),
        ),
        (
            "back to W₁",
            f"each is x times that. The first: {_n(X[0])} · ({n(p.by_sums[0], 3)}) = {n(both['W1'][0, 0], 3)}",
            Look((X, p.by_sums, d), both, ("W1",), True),
        ),
        (
            "a step",
            f"every weight less {_n(RATE)} times its derivative: the loss falls from {n(p.loss, 2)} to {n(p.after, 2)}",
            Look((X, None, None), moved, ("W1", "W2")),
        ),
    ]
    return [Frame(f"{place}. {name}", says, _drawn(look)) for place, (name, says, look) in enumerate(told, 1)]


def _n(value: float) -> str:
    return number(value, 2)


def backpropagation() -> str:
    """The figure."""
    p = through()
    return knob(
        "backpropagation",
        "step",
        "A network of 2, 3 and 2 units",
        f"""One sample through a network of 2 inputs, 3 hidden units and 2 classes, forwards and then backwards. What is new in each step is coloured: numbers of the way
        forwards blue, derivatives of the loss orange. A line carries its weight, or later the derivative by it. The loss is {fixed(p.loss, 2)} before the step at the
        end, and {fixed(p.after, 2)} after it.""",
        frames(),
        6,
        height=3.7,
    )


def _drawn(look: Look) -> Any:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        colour = TWO if look.backwards else ONE
        for layer, name in enumerate(("W1", "W2")):
            new = name in look.new
            for i, low in enumerate(HEIGHTS[layer]):
                for j, high in enumerate(HEIGHTS[layer + 1]):
                    ends = (ACROSS[layer], ACROSS[layer + 1]), (low, high)
                    axes.plot(*ends, color=colour if new else GRID, linewidth=1.6 if new else 1.2, zorder=1)
                    # Near the outer units, where no two lines are close.
                    at = 0.25 if layer == 0 else 0.75
                    place = (ACROSS[layer] + at, low + at * (high - low))
                    axes.text(
                        *place,
                        _n(round(float(look.lines[name][i, j]), 2)),
                        ha="center",
                        va="center",
                        fontsize=9.5,
                        color=colour if new else INK,
                        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
                        zorder=2,
                    )
        for column, values in enumerate(look.units):
            new = str(column) in look.new
            for unit, height in enumerate(HEIGHTS[column]):
                edge = colour if new else INK
                axes.plot(
                    ACROSS[column],
                    height,
                    "o",
                    markersize=40,
                    markerfacecolor=PAPER,
                    markeredgecolor=edge,
                    markeredgewidth=2 if new else 1,
                    zorder=3,
                )
                if values is not None:
                    axes.text(
                        ACROSS[column],
                        height,
                        fixed(float(values[unit]), 2),
                        ha="center",
                        va="center",
                        fontsize=10.5,
                        color=edge,
                        zorder=4,
                    )
        for across, name in zip(ACROSS, ("input", "hidden", "classes"), strict=True):
            axes.text(across, 1.5, name, ha="center", va="center")
        axes.set(xlim=(-0.28, 2.28), ylim=(-1.4, 1.65))
        axes.axis("off")

    return draw
