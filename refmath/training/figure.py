"""The chapter's figure, and beside it the loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from refmath.training.history import Curves
from refmath.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")


def save_figure(path: Path, drawn: Curves) -> None:
    """Draws the curves into a file whose suffix is one of `FORMATS`; it is written whole or not at all.

    Raises:
        ModuleNotFoundError: If matplotlib is not installed.
        OSError: If the file cannot be written.
    """
    with whole_file(path) as file:
        figure(drawn).savefig(file, format=path.suffix.lower()[1:], dpi=150)


def figure(drawn: Curves) -> Figure:
    """Train and test accuracy against epochs, and the loss against iterations.

    Raises:
        ModuleNotFoundError: If matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    made = Figure(figsize=(10, 4), layout="constrained")
    left, right = made.subplots(1, 2)
    _draw_accuracy(left, drawn)
    _draw_loss(right, drawn)
    return made


def _draw_accuracy(axes: Axes, drawn: Curves) -> None:
    # Marks on every point only where they do not run into each other.
    marks: dict[str, Any] = {"markevery": max(len(drawn.epochs) // 20, 1), "markersize": 4}
    axes.plot(drawn.epochs, drawn.train_accuracy, "o-", label="train accuracy", **marks)
    axes.plot(drawn.epochs, drawn.test_accuracy, "s--", label="test accuracy", **marks)
    axes.set(xlabel="epochs", ylabel="accuracy", ylim=(0, 1))
    axes.locator_params(axis="x", integer=True)
    axes.legend(loc="lower right")


def _draw_loss(axes: Axes, drawn: Curves) -> None:
    iterations = np.arange(1, len(drawn.loss) + 1)
    axes.plot(iterations, drawn.loss, color="C0", alpha=0.35, linewidth=0.6, label="of each batch")
    whole = len(drawn.loss) // drawn.iterations_per_epoch
    if whole > 1:
        means = np.reshape(drawn.loss[: whole * drawn.iterations_per_epoch], (whole, -1)).mean(axis=1)
        middles = (np.arange(whole) + 0.5) * drawn.iterations_per_epoch
        axes.plot(middles, means, color="C3", label="mean over an epoch")
    axes.set(xlabel="iterations", ylabel="loss")
    axes.set_ylim(bottom=0)
    if drawn.loss:
        axes.legend(loc="upper right")
