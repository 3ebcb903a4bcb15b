"""The training by backpropagation: block by block in turns, to the end of the chapter's run."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import digits as data
from benchmarks.machine import installed
from benchmarks.tables import Table, against, missing, row, table
from benchmarks.timing import Row, summary
from benchmarks.trainers import BATCH, LR

LOOP = "plain NumPy loop, float64"
#: What each program is called in the table, what it records, its name in `benchmarks.trainers`, and the library it needs.
PROGRAMS = (
    (LOOP, "nothing", "plain float64", "numpy"),
    ("plain NumPy loop, float32", "nothing", "plain float32", "numpy"),
    ("plain NumPy loop, float64, as in the chapter", "loss and accuracies", "chapter float64", "numpy"),
    ("refmath, the steps of training alone, float64", "nothing", "steps float64", "numpy"),
    ("refmath, the steps of training alone, float32", "nothing", "steps float32", "numpy"),
    ("refmath train, float64", "loss and accuracies", "refmath float64", "numpy"),
    ("refmath train, float32", "loss and accuracies", "refmath float32", "numpy"),
    (
        "the matrix products of refmath train alone, float64",
        "nothing, but multiplies for loss and accuracies",
        "products float64",
        "numpy",
    ),
    (
        "the matrix products of refmath train alone, float32",
        "nothing, but multiplies for loss and accuracies",
        "products float32",
        "numpy",
    ),
    ("PyTorch eager, float64", "nothing", "torch float64", "torch"),
    ("PyTorch eager, float32", "nothing", "torch float32", "torch"),
    ("JAX jit, float64", "nothing", "jax float64", "jax"),
    ("JAX jit, float32", "nothing", "jax float32", "jax"),
)
#: Those that are worth the start of a process in a quick run.
QUICK = {"plain float64", "steps float64", "refmath float64", "refmath float32", "products float64"}
COLUMNS = [
    ("what", "program", "text"),
    ("records", "records", "text"),
    ("seconds", "a block", "seconds"),
    ("seconds", "quartiles", "span"),
    ("ratio", "a block, against the plain loop", "ratio"),
    ("total", "whole run, seconds", "number"),
    ("of_total", "whole run, against the plain loop", "ratio"),
    ("accuracy", "test accuracy", "number"),
]
TEXT = """Processor time of blocks of {size} iterations on {data} ({D}-100-10, batch {batch}, lr {lr}), every program in a process of its own, and its block after every other's, {blocks}
times: that is {iterations:,} iterations each, with the same initial weights and the same batches. Only refmath gathers bytes and scales the pixels itself, in every
iteration; the others are given them as floats. "Whole run" is the sum of all blocks. The column "records" says what a program computes beside its steps: the
chapter, and `refmath train` with it, computes the loss of the batch *after* each step, by a second pass through the network, and both
accuracies on all digits before the first iteration and after every epoch of {epoch} iterations; the bare loops record nothing. The yardstick is the bare one.
Like is compared with like where both record the same. How near `refmath train`, with all its records, can come to a loop without any is said by the rows of
its matrix products alone, of matrices of the same sizes: the floor under steps, losses and accuracies, for nothing else is done there."""
WHOLE = """`refmath train` as a command, from its start to its end, reading the files and writing the JSON included. The peak of its memory for a
tenth of the iterations stands beside it: it does not grow with their number."""


def tables(quick: bool) -> list[Table]:
    """Blocks in turns."""
    size, blocks = (3, 2) if quick else (100, 100)
    names = [name for _, _, name, library in PROGRAMS if installed(library) and not (quick and name not in QUICK)]
    times, accuracies = _measured(names, size, blocks)
    rows: list[Row] = []
    for what, records, name, library in PROGRAMS:
        if name not in times:
            rows.append({"what": what, "missing": "left out of a quick run"} if quick else missing(what, library))
            continue
        whole = sum(times[name])
        of_whole = whole / sum(times["plain float64"])
        each = row(what, summary(times[name]), records=records, total=whole, of_total=of_whole)
        rows.append(each | {"accuracy": accuracies[name]})
    digits, data_name = data.digits()
    epoch = len(digits.x_train) // BATCH
    text = TEXT.format(
        size=size,
        data=data_name,
        D=digits.x_train.shape[1],
        batch=BATCH,
        lr=LR,
        blocks=blocks,
        iterations=size * blocks,
        epoch=epoch,
    )
    out = [table("training", "Training by backpropagation", text, COLUMNS, against(rows, LOOP))]
    return out if quick else [*out, commands()]


def _measured(names: list[str], size: int, blocks: int) -> tuple[dict[str, list[float]], dict[str, float | None]]:
    """The times of every program's blocks, and its accuracy at the end if it has one, by its name."""
    with contextlib.ExitStack() as stack:
        programs = {name: stack.enter_context(_started(name, size * blocks)) for name in names}
        for program in programs.values():
            _answer(program)
        times: dict[str, list[float]] = {name: [] for name in programs}
        for begin in range(0, size * blocks, size):
            for name, program in programs.items():
                times[name].append(_asked(program, f"{begin} {begin + size}"))
        return times, {name: _asked(program, "end") for name, program in programs.items()}


def _started(name: str, iterations: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "benchmarks.trainers", name, str(iterations), str(data.PLACE[0] or "")]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _asked(program: subprocess.Popen[str], question: str) -> Any:
    assert program.stdin is not None
    print(question, file=program.stdin, flush=True)
    return _answer(program)


def _answer(program: subprocess.Popen[str]) -> Any:
    assert program.stdout is not None
    line = program.stdout.readline()
    if not line:
        raise RuntimeError(f"{program.args!r} ended")
    return json.loads(line)


# ---- the command, as a user runs it


def commands() -> Table:
    """The whole command, in both formats, and for a tenth of the iterations."""
    rows = []
    for dtype in ("float64", "float32"):
        for iterations in (1_000, 10_000):
            seconds, of_processor, peak, curves = command("--dtype", dtype, "--iterations", str(iterations))
            what = f"refmath train --dtype {dtype} --iterations {iterations}"
            rows.append({"what": what, "clock": seconds, "processor": of_processor, "peak": peak} | last(curves))
    columns = [
        ("what", "command", "text"),
        ("clock", "seconds by the clock", "number"),
        ("processor", "seconds of processor time", "number"),
        ("peak", "peak of memory, MiB", "number"),
        ("train", "train accuracy", "number"),
        ("test", "test accuracy", "number"),
    ]
    return table("command", "The command", WHOLE, columns, rows)


def command(*options: str) -> tuple[float, float, float, dict[str, Any]]:
    """Runs `refmath train`: seconds by the clock and of processor time, peak of memory in MiB, and the curves."""
    import resource  # only where there is such a module

    place = ["--data", str(data.PLACE[0])] if data.PLACE[0] else []
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "curves.json"
        words = [sys.executable, "-m", "refmath", "train", *place, *options, "--json", str(file)]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
            peak = _peak(process)
        seconds = time.perf_counter() - begun
        if process.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with status {process.returncode}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        of_processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds, of_processor, peak, json.loads(file.read_text("utf-8"))


def _peak(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process ever held, in MiB, looked at until it ends: the system keeps it for the largest child only."""
    peak = 0.0
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
        except OSError:
            lines = []
        peak = max([peak, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
        time.sleep(0.05)
    return round(peak, 1)


def last(curves: dict[str, Any]) -> dict[str, float]:
    """The accuracies at the end."""
    return {"train": curves["train_accuracy"][-1], "test": curves["test_accuracy"][-1]}
