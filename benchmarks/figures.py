"""The figures of the page, as light SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.growth import NAMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(results: Mapping[str, Any], directory: Path) -> dict[str, Path]:
    """Draws what there is to draw, and says where it is, by the names of the tables."""
    tables = {table["name"]: table for section in results["sections"].values() for table in section["tables"]}
    drawn = {}
    for name, draw in DRAWINGS.items():
        if name in tables:
            directory.mkdir(parents=True, exist_ok=True)
            drawn[name] = directory / f"{name}.svg"
            _save(draw(tables[name]), drawn[name])
    return drawn


def _save(figure: Figure, path: Path) -> None:
    import matplotlib

    # Letters stay letters, ids and dates do not change from run to run: small files, and small differences between them.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "refmath"}):
        figure.savefig(path, metadata={"Date": None})
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", "utf-8")


def _growth(table: Mapping[str, Any]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.4), layout="constrained")
    axes = figure.subplots(2, 2, sharey=True).flat
    for each, (name, points) in zip(axes, table["points"].items(), strict=True):
        for method, mark, label in (
            ("plain", "s--", "plain loop, extrapolated"),
            ("structural", "o-", "refmath, structural"),
        ):
            medians = [point[method]["median"] for point in points]
            each.loglog(table["values"], medians, mark, label=label, markersize=4)
        each.set(xlabel=f"{name}, {NAMES[name]}", ylabel="seconds")
        each.minorticks_off()  # a hundred small lines, each an element of the file
        each.grid(alpha=0.3)
    figure.axes[0].legend(loc="upper left")
    return figure


def _whole_training(table: Mapping[str, Any]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, (gradient, curves) in enumerate(table["curves"].items()):
        style = "-" if gradient == "numerical" else "--"
        left.plot(
            curves["epochs"],
            curves["train_accuracy"],
            f"o{style}",
            color=f"C{2 * number}",
            markersize=3,
            label=f"train, {gradient}",
        )
        left.plot(
            curves["epochs"],
            curves["test_accuracy"],
            f"s{style}",
            color=f"C{2 * number + 1}",
            markersize=3,
            label=f"test, {gradient}",
        )
        every = table["iterations"] / len(curves["loss"])
        right.plot(
            [1 + every * i for i in range(len(curves["loss"]))],
            curves["loss"],
            style,
            linewidth=0.8,
            color=f"C{2 * number}",
            label=gradient,
        )
    left.set(xlabel="epochs", ylabel="accuracy", ylim=(0, 1))
    right.set(xlabel="iterations", ylabel="loss of a batch")
    right.set_ylim(bottom=0)
    left.legend(loc="lower right")
    right.legend()
    return figure


DRAWINGS: dict[str, Callable[[Mapping[str, Any]], Figure]] = {"growth": _growth, "whole-training": _whole_training}
