"""The chapter's own program: ten thousand iterations with the numerical gradient of 79,510 parameters."""

from __future__ import annotations

from benchmarks import digits as data
from benchmarks.tables import Table, table
from benchmarks.training import command, last

TEXT = """`refmath train --gradient numerical` on {name}: {iterations:,} iterations, each with the central differences of all 79,510 parameters, from the command's start
to its end. The row beneath is the same training by backpropagation. What the plain loop would take is that of one gradient of the table "Numerical
gradient: digits", times as many iterations: **extrapolated**, not run."""
COLUMNS = [
    ("what", "command", "text"),
    ("clock", "seconds by the clock", "number"),
    ("processor", "seconds of processor time", "number"),
    ("peak", "peak of memory, MiB", "number"),
    ("train", "train accuracy", "number"),
    ("test", "test accuracy", "number"),
]


def tables(quick: bool) -> list[Table]:
    """The whole run, with its curves."""
    iterations = 20 if quick else 10_000
    rows, drawn = [], {}
    for gradient in ("numerical", "backprop"):
        seconds, of_processor, peak, curves = command("--gradient", gradient, "--iterations", str(iterations))
        rows.append(
            {"what": f"refmath train --gradient {gradient}", "clock": seconds, "processor": of_processor, "peak": peak}
            | last(curves)
        )
        drawn[gradient] = {name: curves[name] for name in ("epochs", "train_accuracy", "test_accuracy")}
        drawn[gradient]["loss"] = [float(f"{each:.4g}") for each in curves["loss"][:: max(iterations // 200, 1)]]
    text = TEXT.format(name=data.digits().name, iterations=iterations)
    return [
        table(
            "whole-training",
            "Training with the numerical gradient",
            text,
            COLUMNS,
            rows,
            curves=drawn,
            iterations=iterations,
        )
    ]
