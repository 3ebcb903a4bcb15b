"""Judging a candidate: `check` gives the report, `assert_conforms` raises where a test-suite wants it to."""

from __future__ import annotations

import inspect
import math
import pickle
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import replace
from typing import Any

import numpy as np

from refmath import arguments, catalogue
from refmath.balls.formats import format_named
from refmath.balls.precision import ONE_AT_A_TIME
from refmath.oracle.adapter import RemoteFunction
from refmath.oracle.arrays import Handed, Library, require
from refmath.oracle.candidate import Candidate, no_way_out, seconds
from refmath.oracle.merge import merged
from refmath.oracle.report import Report
from refmath.oracle.search import Search
from refmath.oracle.shape import fitted
from refmath.oracle.verdict import NotJudged, judged
from refmath.spec import Formula, Setting, argument_names, setting

#: Inputs drawn in each class by default.
EXAMPLES = 80
#: So many parts a search is split into that is shared out.
PARTS = 8


def check(
    candidate: Callable[..., Any],
    against: str,
    *,
    convention: str | None = None,
    dtype: str = "float64",
    array: Library = "numpy",
    strict: bool = False,
    complete: bool = False,
    examples: int = EXAMPLES,
    seed: int = 0,
    timeout: float = 10.0,
    shape: Mapping[str, Any] | None = None,
    target: str | None = None,
    executor: Executor | None = None,
    tick: Callable[[str], None] = lambda _what: None,
) -> Report:
    """Judges an implementation of a formula; one at a time in a process.

    Args:
        candidate: The function; it is called with the formula's inputs, positionally. Or one of an `Adapter`.
        against: The name of the formula in the catalogue.
        convention: One of the page's conventions, instead of its defaults.
        dtype: The number format of the inputs, and the one whose rounding is honest: float64, float32, float16 or bfloat16.
        array: Whose arrays the function takes: numpy, torch, jax or array_api_strict. Answers are understood from any of them.
        strict: Allow for the roundings of an honest evaluation only, not for a last-place uncertainty of the inputs.
        complete: Let it decline nothing: an error on any kind of input, single samples or integers for instance, is *failed*.
        examples: About how many inputs are drawn in each class, and at least two for each way of choosing their numbers.
        seed: The same seed tries the same inputs.
        timeout: Seconds after which a single call counts as hung; it is interrupted in the main thread of Unix systems, and
            waited for elsewhere. An adapter has a limit of its own.
        shape: Sizes to be tried besides the usual ones, by axis: `{"N": 4096, "K": 50257}`, and `{"entries": 1000000}` or
            `{"entries": (1000, 1000)}` where arrays may have any shape. One typical input and one extreme one; axes that are not named stay
            small. Of an answer of more than 100,000 entries a sample is certified.
        target: What the report calls the candidate; by default its module and name.
        executor: Shares a large search out: to the processes of a pool, or, by a Dask cluster's `Client(...).get_executor()`, to other
            machines. It is split into eight, each with a seed of its own, and what they find is one report; the candidate must be
            picklable.
        tick: Called with a word on what is being done, for a progress bar.

    Returns:
        The report, whose `verdict` is `conforms`, `unstable`, `differs` or `failed`.

    Raises:
        ValueError: For an unknown formula, convention, dtype or library, for numbers that make no sense, or for a shape that the formula
            does not have, or that does not fit into memory.
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
    chosen = setting(catalogue.formula(against), convention)
    format_ = format_named(dtype)
    examples, seed = arguments.whole("examples", examples, at_least=1), arguments.whole("seed", seed, at_least=0)
    strict, complete = arguments.switch("strict", strict), arguments.switch("complete", complete)
    arguments.function("tick", tick)
    if target is not None and not isinstance(target, str):
        raise TypeError(f"target must be a string; got {type(target).__name__} {target!r}")
    seconds(timeout)
    sizes = fitted(chosen.formula, {} if shape is None else shape)
    require(array, format_)
    if not callable(candidate):
        raise NotJudged(f"{candidate!r} is not a function")
    require_signature(candidate, chosen.formula)
    target = target or _name(candidate)
    if executor is not None:
        told = {
            "convention": convention,
            "dtype": dtype,
            "array": array,
            "strict": strict,
            "complete": complete,
            "timeout": timeout,
            "target": target,
        }
        report = _in_parts(executor, candidate, against, examples, seed, told, shape, tick)
        return replace(report, seconds=time.perf_counter() - started)

    limit: float | None = timeout
    drawn: Handed = array
    if isinstance(candidate, RemoteFunction):
        # What an earlier judgement has cost is not held against this one.
        candidate.adapter.forgive()
        candidate, limit, drawn = candidate.under(chosen), None, "json"
    observed = Candidate(candidate, array, limit, chosen.formula)
    parameters = {} if convention else parameters_by_name(candidate, chosen)
    search = Search(chosen, observed, format_, seed, examples, strict, drawn, tick, parameters, sizes)
    # Neither NumPy's error state nor a filter of warnings that the candidate's file has set may reach the oracle itself.
    # The filters of warnings and the standard output belong to the whole process, as the precision does.
    with ONE_AT_A_TIME, no_way_out(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = judged(search, target, complete=complete)
    return replace(report, seconds=time.perf_counter() - started)


def _in_parts(
    executor: Executor,
    candidate: Callable[..., Any],
    against: str,
    examples: int,
    seed: int,
    options: dict[str, Any],
    shape: Any,
    tick: Callable[[str], None],
) -> Report:
    """The report of a search in parts, each with a seed of its own, the first with the shape; the same whatever the executor."""
    try:
        pickle.dumps(candidate)
    except Exception as error:  # noqa: BLE001  # whatever pickling it may raise
        raise NotJudged(f"{_name(candidate)} cannot be sent to the executor's processes: {error}") from None
    if not hasattr(executor, "submit"):
        raise TypeError(f"executor must have a method submit, as those of concurrent.futures have; got {executor!r}")
    each = math.ceil(examples / PARTS)
    seeds = range(seed, seed + PARTS)
    parts = [
        executor.submit(
            check, candidate, against, examples=each, seed=own, shape=shape if own == seed else None, **options
        )
        for own in seeds
    ]
    reports = []
    try:
        for part in parts:
            reports.append(part.result())
            tick("searching in parts")
    except BrokenExecutor as error:
        raise NotJudged(f"the executor broke while it judged {_name(candidate)}: {error}") from None
    finally:
        for part in parts:
            part.cancel()  # those that have not begun, if one of them has failed
    return merged(reports)


def assert_conforms(
    candidate: Callable[..., Any], against: str, *, declines: Iterable[str] = (), **options: Any
) -> None:
    """Raises unless a candidate conforms, and declines nothing that is not said: for a test-suite.

    Args:
        candidate: The function to be judged.
        against: The name of the formula in the catalogue.
        declines: What it may decline, in the words of the report: `["single samples"]`.
        **options: As in `check`.

    Raises:
        AssertionError: With the report as its message.

    Examples:
        >>> import refmath
        >>> refmath.assert_conforms(refmath.mean_squared_error, "mean_squared_error", examples=20)
    """
    if isinstance(declines, str):
        raise TypeError(f"declines must be a list of names, such as [{declines!r}]; got the string {declines!r}")
    report = check(candidate, against, **options)
    unsaid = [each for each in report.declined if each not in set(declines)]
    if report.conforms and not unsaid:
        return
    from refmath.oracle.text import as_text

    said = f"it declines {', '.join(unsaid)}; if that is meant, say declines={unsaid!r}\n" if unsaid else ""
    raise AssertionError(said + as_text(report))


def parameters_by_name(candidate: Callable[..., Any], chosen: Setting) -> dict[str, Any]:
    """The formula's parameters that a function takes by name, with the formula's defaults."""
    try:
        known = inspect.signature(candidate).parameters.values()
    except (TypeError, ValueError):
        return {}
    by_name = {each.name for each in known if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)}
    taken = by_name - set(argument_names(chosen.formula))
    return {name: default for name, default in chosen.formula.parameters.items() if name in taken}


def require_signature(candidate: Callable[..., Any], formula: Formula) -> None:
    """Refuses a function that cannot be called with the formula's inputs.

    Raises:
        NotJudged: With the two signatures.
    """
    try:
        signature = inspect.signature(candidate)
    except (TypeError, ValueError):
        return  # some compiled functions have none: then the call itself will tell
    try:
        signature.bind(*argument_names(formula))
    except TypeError as error:
        wanted = ", ".join(argument_names(formula))
        raise NotJudged(
            f"{_name(candidate)}{signature} cannot be called as {formula.name}({wanted}): {error}"
        ) from None


def _name(candidate: Callable[..., Any]) -> str:
    return getattr(candidate, "__qualname__", None) or type(candidate).__name__
