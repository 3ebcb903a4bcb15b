"""Judging a candidate: `check` gives the report, `assert_conforms` raises where a test-suite wants it to."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import replace
from typing import Any

from refmath import arguments
from refmath.oracle.candidates.arrays import Library
from refmath.oracle.candidates.calling import Samples
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.judgement import Judgement
from refmath.oracle.loading.load import load
from refmath.oracle.remote.child import Child
from refmath.oracle.reporting.merge import merged
from refmath.oracle.reporting.report import Report
from refmath.oracle.request import may_decline, read
from refmath.spec import Formula

#: Inputs drawn in each class by default.
EXAMPLES = 80
#: So many parts a search is split into that is shared out.
PARTS = 8


def check(
    candidate: Callable[..., Any] | str,
    against: str | Formula,
    *,
    convention: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    dtype: str = "float64",
    array: Library = "numpy",
    strict: bool = False,
    complete: bool = False,
    examples: int = EXAMPLES,
    seed: int = 0,
    timeout: float = 10.0,
    budget: float | None = None,
    isolate: bool = False,
    backward: bool = False,
    shape: Mapping[str, Any] | None = None,
    order: Sequence[str] = (),
    take: int | None = None,
    layout: Samples = "rows",
    steps: int = 0,
    declines: Iterable[str] = (),
    target: str | None = None,
    executor: Executor | None = None,
    tick: Callable[[str], None] = lambda _what: None,
) -> Report:
    """Judges an implementation of a formula; one at a time in a process.

    The function is called in this very process, so that it may be a lambda, or stand in a notebook. What it raises is its verdict, a call that takes too long is interrupted where
    that is possible, and what it does to NumPy, the environment or signals is put back after each call. But one that crashes, ends the process, or catches every
    interruption takes this process with it. With `isolate=True` it has a process of its own, and whatever it does to that is its verdict.

    Args:
        candidate: The function; it is called with the formula's inputs, positionally. Or one of an `Adapter`. With `isolate` where it stands: `"losses.py:softmax"` or
            `"package.module:softmax"`.
        against: The formula: its name in the catalogue, or a `refmath.Formula` of your own.
        convention: One of the page's conventions, instead of its defaults.
        parameters: Values of some of the formula's parameters, or options, by name, instead of their defaults: `{"activation": "relu"}`. A function that takes one of
            them by name is called with it; what any other function does is held against the formula under that value.
        dtype: The number format of the inputs, and the one whose rounding is honest: float64, float32, float16 or bfloat16.
        array: Whose arrays the function takes: numpy, torch, jax or array_api_strict. Answers are understood from any of them.
        strict: Allow for the roundings of an honest evaluation only, not for a last-place uncertainty of the inputs.
        complete: Let it decline nothing: an error on any kind of input, single samples or integers for instance, is *failed*.
        examples: About how many inputs are drawn in each class, and at least two for each way of choosing their numbers.
        seed: The same seed tries the same inputs.
        timeout: Seconds after which a single call counts as hung; it is interrupted in the main thread of Unix systems, and
            waited for elsewhere. An adapter has a limit of its own.
        budget: Seconds that the judgement may take in all, after which nothing more is asked; 30 times the `timeout` by default. What was tried until then is judged; if all of
            that was right, that is no verdict yet.
        backward: Judge the gradient that PyTorch or JAX (`array`) gives of the function by its first argument; `against` is the function's own formula.
        isolate: Judge it in a process of its own, which imports it from where it stands.
        shape: Sizes to be tried besides the usual ones, by axis: `{"N": 4096, "K": 50257}`, and `{"entries": 1000000}` or
            `{"entries": (1000, 1000)}` where arrays may have any shape. One typical input and one extreme one; axes that are not named stay
            small. Of an answer of more than 100,000 entries a sample is certified.
        order: The formula's arguments in the order in which the function takes them: `["t", "y"]`. Without it the names of its parameters
            decide where they say that the order is another one (`y_true, y_pred`), and the report tells.
        take: Which entry of the tuple that it returns is the answer: 0 for the first.
        layout: `columns` if the samples of a batch are the columns of its arrays; `classes_first` if the classes are on axis 1, as in PyTorch's
            (N, C, d); `classes_last` if the samples are on several axes, as in a language model's (N, d, C).
        steps: Judge an optimiser that keeps its state to itself by so many steps in a row. The candidate then makes one when it is called without arguments:
            `lambda: Adam(lr=0.001).update`. What it makes takes the parameters and a gradient, as arrays, mappings or lists, and returns the new
            parameters or changes them in place. Or the candidate is a class of PyTorch's manner, made for its parameters, whose `step()` finds the
            gradients there: `torch.optim.Adam`.
        declines: What it may refuse by an error, in the words of the report; what else it does is told. Of `integers` it is handed none where real numbers are meant.
        target: What the report calls the candidate; by default its module and name.
        executor: Shares a large search out: to the processes of a pool, or, by a Dask cluster's `Client(...).get_executor()`, to other
            machines. It is split into eight, each with a seed of its own, and what they find is one report; the candidate must be
            picklable.
        tick: Called with a word on what is being done, for a progress bar.

    Returns:
        The report, whose `verdict` is `conforms`, `unstable`, `differs` or `failed`.

    Raises:
        ValueError: For an unknown formula, convention, dtype or library, for numbers that make no sense, for parameters that the formula cannot have, that are arrays, or that
            depend on the encoding of the targets, or for a shape that the formula does not have, or that does not fit into memory.
        ImportError: If the dtype or the arrays need a package that is not installed.
        TypeError: If an argument is not what it should be: a number, a name, a boolean, a function, an executor.
        NotJudged: If the function cannot take the formula's inputs, or cannot be sent to the executor's processes, or if these break.

    Examples:
        >>> import numpy as np, refmath
        >>> report = refmath.check(lambda y, t: np.sum((y - t) ** 2) / 2, "mean_squared_error", examples=20)
        >>> report.verdict, report.diagnosis.name
        ('differs', 'seed')
    """
    started = time.perf_counter()
    arguments.function("tick", tick)
    if target is not None and not isinstance(target, str):
        raise TypeError(f"target must be a string; got {type(target).__name__} {target!r}")
    options: dict[str, Any] = {
        "convention": convention,
        "parameters": parameters,
        "dtype": dtype,
        "array": array,
        "strict": strict,
        "complete": complete,
        "examples": examples,
        "seed": seed,
        "timeout": timeout,
        "budget": budget,
        "backward": backward,
        "shape": shape,
        "order": order,
        "take": take,
        "layout": layout,
        "steps": steps,
        "declines": declines if isinstance(declines, str) else tuple(declines),
    }
    request = read(against, **options)
    if arguments.switch("isolate", isolate):
        return _isolated(candidate, against, {**options, "target": target, "executor": executor, "tick": tick})
    judgement = Judgement(candidate, request, target, tick)
    if executor is None:
        return judgement.report()
    report = _in_parts(executor, candidate, judgement, against, {**options, "target": judgement.target}, tick)
    said = judgement.said
    return replace(report, seconds=time.perf_counter() - started, file=said.file, line=said.line or None)


def _isolated(candidate: Any, against: str | Formula, options: dict[str, Any]) -> Report:
    """The report on what a target names, from a process that is there as long as that takes."""
    if not isinstance(candidate, str):
        raise TypeError(
            f"isolate=True needs where the function stands, as in 'losses.py:softmax'; got {type(candidate).__name__}"
        )
    with Child(options["array"], options["timeout"]) as child:
        (named,) = load(candidate, against, timeout=options["timeout"], isolate=child)
        assert named.function is not None
        return check(named.function, against, **{**options, "target": options["target"] or named.target})


def _in_parts(
    executor: Executor,
    candidate: Callable[..., Any] | str,
    judgement: Judgement,
    against: str | Formula,
    options: dict[str, Any],
    tick: Callable[[str], None],
) -> Report:
    """The report of a search in parts, each with a seed of its own, the first with the shape; the same whatever the executor."""
    called = judgement.said.called
    try:
        pickle.dumps(candidate)
    except Exception as error:  # noqa: BLE001  # whatever pickling it may raise
        raise NotJudged(f"{called} cannot be sent to the executor's processes: {error}") from None
    if not hasattr(executor, "submit"):
        raise TypeError(f"executor must have a method submit, as those of concurrent.futures have; got {executor!r}")
    each, first = math.ceil(options["examples"] / PARTS), options["seed"]
    parts = [
        executor.submit(
            check,
            candidate,
            against,
            **{**options, "examples": each, "seed": seed, "shape": options["shape"] if seed == first else None},
        )
        for seed in range(first, first + PARTS)
    ]
    reports = []
    try:
        for part in parts:
            reports.append(part.result())
            tick("searching in parts")
    except BrokenExecutor as error:
        raise NotJudged(f"the executor broke while it judged {called}: {error}") from None
    finally:
        for part in parts:
            part.cancel()  # those that have not begun, if one of them has failed
    return merged(reports)


def assert_conforms(
    candidate: Callable[..., Any], against: str | Formula, *, declines: Iterable[str] = (), **options: Any
) -> None:
    """Raises unless a candidate conforms, and declines nothing that is not said: for a test-suite.

    Args:
        candidate: The function to be judged.
        against: The formula: its name in the catalogue, or a `refmath.Formula` of your own.
        declines: What it may decline, in the words of the report: `["single samples"]`.
        **options: As in `check`.

    Raises:
        AssertionError: With the report as its message.
        ValueError: If `declines` names what is no kind of input, and as of `check`.

    Examples:
        >>> import refmath
        >>> refmath.assert_conforms(refmath.mean_squared_error, "mean_squared_error", examples=20)
    """
    said = may_decline(declines, against)
    report = check(candidate, against, declines=said, **options)
    unsaid = not_said(report, said)
    if report.conforms and not unsaid:
        return
    raise AssertionError(f"{unsaid}\n{report}" if unsaid else str(report))


def not_said(report: Report, declines: frozenset[str]) -> str:
    """That a candidate declines what it may not, in a sentence; empty if it does not."""
    unsaid = [each for each in report.declined if each not in declines]
    return f"it declines {', '.join(unsaid)}; if that is meant, say declines={unsaid!r}" if unsaid else ""
