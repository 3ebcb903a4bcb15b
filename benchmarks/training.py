"""The training by backpropagation: block by block in turns, to the end of the chapter's run."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import digits as data
from benchmarks import plain
from benchmarks.machine import installed
from benchmarks.tables import Table, against, missing, row, table
from benchmarks.timing import Row, processor_time, summary
from refmath.networks.two_layer_net import TwoLayerNet
from refmath.training.loop import Settings, Training
from refmath.training.mnist import Digits, scaled

LOOP = "plain NumPy loop, float64"
BATCH, LR = 100, 0.1
#: Makes the iterations from one number to another.
Block = Callable[[int, int], None]
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
TEXT = """Processor time of blocks of {size} iterations on {data} ({D}-100-10, batch {batch}, lr {lr}), every program's block after every other's, {blocks}
times: that is {iterations:,} iterations each, with the same initial weights and the same batches. Only refmath scales the pixels itself, in every
iteration; the others are given them as floats. "Whole run" is the sum of all blocks. The column "records" says what a program computes beside its steps: the
chapter, and `refmath train` with it, computes the loss of the batch *after* each step, by a second pass through the network, and both
accuracies on all digits before the first iteration and after every epoch of {epoch} iterations; the bare loops record nothing. The yardstick is the bare one."""
WHOLE = """`refmath train` as a command, from its start to its end, reading the files and writing the JSON included. The peak of its memory for a
tenth of the iterations stands beside it: it does not grow with their number."""


def tables(quick: bool) -> list[Table]:
    """Blocks in turns."""
    digits, name = data.digits()
    size, blocks = (3, 2) if quick else (100, 100)
    programs = _programs(digits, size * blocks, quick)
    ready = {what: make() for what, (_, make) in programs.items() if make is not None}
    times: dict[str, list[float]] = {what: [] for what in ready}
    for begin in range(0, size * blocks, size):
        for what, (block, _) in ready.items():
            times[what].append(processor_time(lambda block=block, begin=begin: block(begin, begin + size)))  # type: ignore[misc]
    rows: list[Row] = []
    for what, (records, make) in programs.items():
        if make is None:
            rows.append(missing(what, what.split()[0]))
        else:
            params = ready[what][1]()
            accuracy = plain.accuracy(params, scaled(digits.x_test, "float64"), digits.t_test)
            each = row(what, summary(times[what]), records=records, total=sum(times[what]), accuracy=accuracy)
            each["of_total"] = each["total"] / sum(times[LOOP])
            rows.append(each)
    epoch = len(digits.x_train) // BATCH
    text = TEXT.format(
        size=size, data=name, D=784, batch=BATCH, lr=LR, blocks=blocks, iterations=size * blocks, epoch=epoch
    )
    out = [table("training", "Training by backpropagation", text, COLUMNS, against(rows, LOOP))]
    return out if quick else [*out, commands()]


Made = tuple[Block, Callable[[], plain.Params]]


def _programs(digits: Digits, iterations: int, quick: bool) -> dict[str, tuple[str, Callable[[], Made] | None]]:
    """What each program records, and what makes it ready to run: its block, and a look at its parameters."""
    rng = np.random.default_rng(0)
    begin = TwoLayerNet(784, 100, 10, rng=rng).params
    batches = np.array([rng.choice(len(digits.x_train), BATCH) for _ in range(iterations)])
    x = {dtype: scaled(digits.x_train, dtype) for dtype in ("float64", "float32")}
    labels = digits.t_train

    def numpy(dtype: str, *, records: bool = False) -> Callable[[], Made]:
        return lambda: _numpy(begin, x[dtype], labels, batches, digits if records else None)

    def refmath(dtype: str) -> Callable[[], Made]:
        return lambda: _refmath(Settings(iterations=iterations, dtype=dtype), digits)

    torch = installed("torch")
    jax = installed("jax")
    return {
        LOOP: ("nothing", numpy("float64")),
        "plain NumPy loop, float32": ("nothing", numpy("float32")),
        "plain NumPy loop, float64, as in the chapter": ("loss and accuracies", numpy("float64", records=True)),
        "refmath train, float64": ("loss and accuracies", refmath("float64")),
        "refmath train, float32": ("loss and accuracies", refmath("float32")),
        "PyTorch eager, float64": (
            "nothing",
            (lambda: _torch(begin, x["float64"], labels, batches)) if torch else None,
        ),
        "PyTorch eager, float32": (
            "nothing",
            (lambda: _torch(begin, x["float32"], labels, batches)) if torch else None,
        ),
        "JAX jit, float64": ("nothing", (lambda: _jax(begin, x["float64"], labels, batches)) if jax else None),
        "JAX jit, float32": ("nothing", (lambda: _jax(begin, x["float32"], labels, batches)) if jax else None),
    }


def _numpy(begin: plain.Params, x: Any, labels: Any, batches: Any, recorded: Digits | None) -> Made:
    """The chapter's loop; with the digits, it records what the chapter records."""
    params = {name: value.astype(x.dtype) for name, value in begin.items()}
    t = np.eye(10, dtype=x.dtype)[labels]
    lr = x.dtype.type(LR)
    x_test = scaled(recorded.x_test, x.dtype.name) if recorded else None
    losses, accuracies = [], []

    def block(start: int, stop: int) -> None:
        for i in range(start, stop):
            if recorded and i % (len(x) // BATCH) == 0:
                accuracies.append((plain.accuracy(params, x, labels), plain.accuracy(params, x_test, recorded.t_test)))
            x_batch, t_batch = x[batches[i]], t[batches[i]]
            plain.step(params, x_batch, t_batch, lr)
            if recorded:
                losses.append(plain.loss(params, x_batch, t_batch))

    return block, lambda: params


def _refmath(settings: Settings, digits: Digits) -> Made:
    training = Training(settings, digits)
    iterations = training.iterate()

    def block(start: int, stop: int) -> None:
        for _ in range(start, stop):
            next(iterations)

    return block, lambda: training.state.params


def _torch(begin: plain.Params, x: Any, labels: Any, batches: Any) -> Made:
    import torch

    torch.set_num_threads(1)
    samples, targets, chosen = torch.from_numpy(x), torch.from_numpy(labels), torch.from_numpy(batches)
    params = {name: torch.tensor(value.astype(x.dtype), requires_grad=True) for name, value in begin.items()}
    optimizer = torch.optim.SGD(params.values(), lr=LR)

    def block(start: int, stop: int) -> None:
        for rows in chosen[start:stop]:
            z = torch.sigmoid(samples[rows] @ params["W1"] + params["b1"])
            loss = torch.nn.functional.cross_entropy(z @ params["W2"] + params["b2"], targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return block, lambda: {name: value.detach().numpy() for name, value in params.items()}


def _jax(begin: plain.Params, x: Any, labels: Any, batches: Any) -> Made:
    import jax

    jax.config.update("jax_enable_x64", True)
    samples, targets = jax.numpy.asarray(x), jax.numpy.asarray(labels)
    state = [{name: jax.numpy.asarray(value.astype(x.dtype)) for name, value in begin.items()}]

    def loss(params: Any, x_batch: Any, t_batch: Any) -> Any:
        a = jax.nn.sigmoid(x_batch @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
        return -jax.numpy.mean(jax.numpy.take_along_axis(jax.nn.log_softmax(a), t_batch[:, None], 1))

    def descend(params: Any, rows: Any) -> Any:
        grads = jax.grad(loss)(params, samples[rows], targets[rows])
        return {name: value - x.dtype.type(LR) * grads[name] for name, value in params.items()}

    step = jax.jit(descend)
    jax.block_until_ready(step(state[0], batches[0]))  # compiled before the first turn

    def block(start: int, stop: int) -> None:
        for rows in batches[start:stop]:
            state[0] = step(state[0], rows)
        jax.block_until_ready(state[0])

    return block, lambda: {name: np.asarray(value) for name, value in state[0].items()}


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
