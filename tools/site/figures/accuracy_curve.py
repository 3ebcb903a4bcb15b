"""The chapter's figure, from the recorded run on all of MNIST."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tools.site.figures.block import still
from tools.site.figures.numbers import number, percent
from tools.site.figures.svg import DASHES, GRID, INK, ONE, THREE, TWO

RESULTS = Path(__file__).parents[3] / "benchmarks" / "results" / "results.json"


def recorded() -> dict[str, Any]:
    """The curves of the run with the numerical gradient."""
    section = json.loads(RESULTS.read_text("utf-8"))["sections"]["whole_training"]
    (table,) = (each for each in section["tables"] if each["name"] == "whole-training")
    if table["iterations"] != 10_000:
        raise ValueError(f"{RESULTS} must hold the whole training; got a run of {table['iterations']} iterations")
    curves: dict[str, Any] = table["curves"]["numerical"]
    return curves


def accuracy_curve() -> str:
    """The figure."""
    curves = recorded()
    # The last entry is that of the end of the run, in the middle of an epoch.
    whole = [place for place, epoch in enumerate(curves["epochs"]) if epoch == int(epoch)]
    first, second, last = (
        {name: percent(curves[f"{name}_accuracy"][at], 1) for name in ("train", "test")} for at in (0, 1, whole[-1])
    )
    apart = max(abs(curves["train_accuracy"][at] - curves["test_accuracy"][at]) for at in whole)
    return still(
        "accuracy_curve",
        "Accuracy in training",
        f"Two curves that nearly coincide: both begin at {first['train']}, reach {second['test']} after one epoch, and "
        f"{last['train']} (training) and {last['test']} (test) at the end. Bars below show their difference, {number(100 * apart, 2)} percentage points at most.",
        f"""The share of digits that are read correctly, among the 60,000 trained on and the 10,000 kept for the test. After {whole[-1]} epochs: {last["train"]} and
        {last["test"]}. Below, the <b>gap</b>, training less test: at most {number(100 * apart, 2)} percentage points, which is no sign of overfitting. Recorded, not recomputed: the chapter's run
        of 10,000 iterations on all of MNIST with the numerical gradient, in <code>benchmarks/results</code>.""",
        lambda figure: _draw(figure, curves, whole),
        height=4.6,
    )


def _draw(figure: Figure, curves: dict[str, Any], whole: list[int]) -> None:
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    epochs = [curves["epochs"][at] for at in whole]
    for name, mark, colour, dashes in (("train", "o", ONE, DASHES[0]), ("test", "s", TWO, DASHES[1])):
        accuracy = [curves[f"{name}_accuracy"][at] for at in whole]
        axes.plot(
            epochs,
            accuracy,
            marker=mark,
            color=colour,
            linestyle=dashes,
            markersize=5,
            linewidth=1.6,
            label=f"{name} accuracy",
        )
    gap = 100 * (np.array(curves["train_accuracy"]) - np.array(curves["test_accuracy"]))[whole]
    below.axhline(0, color=INK, linewidth=0.8)
    below.bar(epochs, gap, width=0.5, color=THREE)
    reach = 1.2 * float(np.max(np.abs(gap)))
    below.set(xlabel="epochs", ylabel="gap, points", ylim=(-reach, reach), xticks=range(0, epochs[-1] + 1, 2))
    below.grid(axis="y", color=GRID)
    below.set_axisbelow(True)
    axes.set(ylabel="accuracy", ylim=(0, 1))
    axes.grid(axis="y", color=GRID)
    axes.legend(loc="lower right")
