"""Judging a candidate: `check` gives the report, `assert_conforms` raises where a test-suite wants it to."""

from __future__ import annotations

import contextlib
import inspect
import io
import math
import pickle
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np

from refmath import catalogue
from refmath.balls.exact import ONE_AT_A_TIME
from refmath.balls.formats import format_named
from refmath.oracle.adapter import RemoteFunction
from refmath.oracle.arrays import Handed, Library, require
from refmath.oracle.candidate import Candidate, no_way_out
from refmath.oracle.counterexample import counterexample
from refmath.oracle.diagnosis import answers_of_mistakes, diagnose
from refmath.oracle.drawing import CLASSES, Class, Inputs
from refmath.oracle.merge import merged
from refmath.oracle.report import ClassCount, Evidence, LawResult, Report, Verdict
from refmath.oracle.search import Search, Trial, is_accepted, trouble
from refmath.spec import Formula, argument_names, setting

#: A first argument for targets that are not one-hot.
_OUTPUTS = {"probabilities": np.array([0.5, 0.25, 0.25]), "logits": np.array([1.0, -2.0, 0.5])}
#: Inputs drawn in each class by default.
EXAMPLES = 80
#: So many parts a search is split into that is shared out.
PARTS = 8


class NotJudged(Exception):
    """The candidate could not be judged at all: the message says why, in a sentence."""


class NotSupported(NotJudged):
    """The program says itself that it does not compute this formula."""


def check(
    candidate: Callable[..., Any],
    against: str,
    *,
    convention: str | None = None,
    dtype: str = "float64",
    array: Library = "numpy",
    strict: bool = False,
    examples: int = EXAMPLES,
    seed: int = 0,
    timeout: float = 10.0,
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
        examples: About how many inputs are drawn in each class, and at least two in each of its branches.
        seed: The same seed tries the same inputs.
        timeout: Seconds after which a single call counts as hung; it is interrupted in the main thread of Unix systems, and
            waited for elsewhere. An adapter has a limit of its own.
        target: What the report calls the candidate; by default its module and name.
        executor: Shares a large search out: to the processes of a pool, or, by a Dask cluster's `Client(...).get_executor()`, to other
            machines. It is split into eight, each with a seed of its own, and what they find is one report; the candidate must be
            picklable.
        tick: Called with a word on what is being done, for a progress bar.

    Returns:
        The report, whose `verdict` is `conforms`, `unstable`, `differs` or `failed`.

    Raises:
        ValueError: For an unknown formula, convention, dtype or library, or numbers of examples that make no sense.
        ImportError: If the dtype or the arrays need a package that is not installed.
        NotJudged: If the function cannot take the formula's inputs, or cannot be sent to the executor's processes.

    Examples:
        >>> import numpy as np, refmath
        >>> report = refmath.check(lambda y, t: np.sum((y - t) ** 2) / 2, "mean_squared_error", examples=20)
        >>> report.verdict, report.diagnosis.name
        ('differs', 'seed')
    """
    started = time.perf_counter()
    chosen = setting(catalogue.formula(against), convention)
    format_ = format_named(dtype)
    if type(examples) is not int or examples < 1:
        raise ValueError(f"examples must be a whole number, at least 1; got {examples!r}")
    if not 0 < timeout <= threading.TIMEOUT_MAX:
        raise ValueError(f"timeout must be a positive number of seconds; got {timeout!r}")
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
            "timeout": timeout,
            "target": target,
        }
        report = _in_parts(executor, candidate, against, examples, seed, told, tick)
        return replace(report, seconds=time.perf_counter() - started)

    limit: float | None = timeout
    drawn: Handed = array
    if isinstance(candidate, RemoteFunction):
        candidate, limit, drawn = candidate.under(chosen), None, "json"
    observed = Candidate(candidate, array, limit, chosen.formula)
    search = Search(chosen, observed, format_, seed, examples, strict, drawn, tick)
    # Neither NumPy's error state nor a filter of warnings that the candidate's file has set may reach the oracle itself.
    # The filters of warnings and the standard output belong to the whole process, as the precision does.
    with ONE_AT_A_TIME, no_way_out(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = _report(search, target)
    return replace(report, seconds=time.perf_counter() - started)


def _in_parts(
    executor: Executor,
    candidate: Callable[..., Any],
    against: str,
    examples: int,
    seed: int,
    options: dict[str, Any],
    tick: Callable[[str], None],
) -> Report:
    """The report of a search in parts, each with a seed of its own; the same whatever the executor."""
    try:
        pickle.dumps(candidate)
    except Exception as error:  # noqa: BLE001  # whatever pickling it may raise
        raise NotJudged(f"{_name(candidate)} cannot be sent to the executor's processes: {error}") from None
    each = math.ceil(examples / PARTS)
    seeds = range(seed, seed + PARTS)
    parts = [executor.submit(check, candidate, against, examples=each, seed=own, **options) for own in seeds]
    reports = []
    for part in parts:
        reports.append(part.result())
        tick("searching in parts")
    return merged(reports)


def _report(search: Search, target: str) -> Report:
    """Searches, and puts everything together that stands behind the verdict."""
    chosen, format_ = search.setting, search.format_
    search.survey()
    _require_answers(search.trials)
    laws, broken, law_inputs = _laws(search)
    changed = _asked_again(search)
    everything = [*search.trials, *search.refused_in_laws]
    verdict = _verdict(everything, broken, changed)
    answers = answers_of_mistakes(chosen.formula, search.trials)
    rejected = tuple(
        name
        for name, seen in answers.items()
        if any(not is_accepted(each, trial.interval) for each, trial in zip(seen, search.trials, strict=True))
    )
    refused = [trial for trial in everything if not trial.accepted]
    smallest = _smallest(search, refused)
    worst = _worst(refused, smallest)
    # The name under which the target has it; what has none, a lambda for one, is called like the formula.
    called = next(name for name in (target.rpartition(":")[2], chosen.formula.name) if name.isidentifier())
    remarks = [
        *([changed] if changed else []),
        *(_beside_the_domain(search) if verdict == "conforms" else []),
        *_warnings(search.trials),
    ]
    return Report(
        target=target,
        formula=chosen.formula.name,
        convention=chosen.convention,
        verdict=verdict,
        classes={each: _count(search.trials, each) for each in CLASSES},
        laws=laws,
        diagnosis=None
        if verdict == "conforms" or changed or _nothing_came(search.trials)
        else diagnose(search.candidate, chosen, search.trials, format_, answers),
        smallest=None if smallest is None else counterexample(smallest, search, called),
        worst=None if worst is None else counterexample(worst, search, called),
        worst_ulps=max((trial.ulps for trial in [*search.trials, *([worst] if worst else [])]), default=math.nan),
        evidence=Evidence(search.seed, rejected, tuple(name for name in answers if name not in rejected), law_inputs),
        remarks=tuple(remarks),
        begins=_begins(
            chosen.formula,
            [*refused, *([smallest] if smallest else [])],
            [trial for trial in search.trials if trial.class_ == "typical"],
        )
        if verdict == "unstable"
        else "",
        dtype=format_.name,
        strict=search.strict,
    )


def assert_conforms(candidate: Callable[..., Any], against: str, **options: Any) -> None:
    """Raises unless a candidate conforms: for a test-suite.

    Args:
        candidate: The function to be judged.
        against: The name of the formula in the catalogue.
        **options: As in `check`.

    Raises:
        AssertionError: With the report as its message.

    Examples:
        >>> import refmath
        >>> refmath.assert_conforms(refmath.mean_squared_error, "mean_squared_error", examples=20)
    """
    report = check(candidate, against, **options)
    if not report.conforms:
        from refmath.oracle.text import as_text

        raise AssertionError(as_text(report))


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


def _require_answers(trials: list[Trial]) -> None:
    """Refuses to judge a program that did not even start, or that does not compute this formula."""
    kinds = {trial.seen.trouble for trial in trials}
    if kinds == {"absent"}:
        raise NotJudged(trials[0].seen.text)
    if kinds == {"unsupported"}:
        raise NotSupported("it does not support this formula, in the number format asked for")


def _nothing_came(trials: list[Trial]) -> bool:
    """Whether there is no answer at all that could tell which mistake was made."""
    return all(trial.seen.trouble in ("raised", "hung", "gone", "unsupported") for trial in trials)


def _verdict(trials: list[Trial], broken: set[Class], changed: str) -> Verdict:
    if any(trouble(trial.seen, trial.interval) for trial in trials):
        return "failed"
    refused: set[Class] = {trial.class_ for trial in trials if not trial.accepted} | broken
    if changed or "typical" in refused:
        return "differs"
    if refused:
        return "unstable"
    tried = {trial.class_ for trial in trials}
    if tried != set(CLASSES):
        missing = ", ".join(each for each in CLASSES if each not in tried)
        raise NotJudged(f"no input of the classes {missing} could be tried: there is nothing to base a verdict on")
    return "conforms"


def _laws(search: Search) -> tuple[tuple[LawResult, ...], set[Class], int]:
    results, broken, inputs = [], set[Class](), 0
    for law in search.setting.formula.laws if search.setting.convention is None else ():
        by_class, tried = search.law(law)
        inputs += tried
        broken |= {class_ for class_, held in by_class.items() if held is False}
        said = [held for held in by_class.values() if held is not None]
        results.append(LawResult(law.name, all(said) if said else None, law.text))
    return tuple(results), broken, inputs


def _asked_again(search: Search) -> str:
    """Asks once more, in reverse order: a function that remembers or draws at random is no function of its inputs."""
    if search.stopped:
        return ""
    if _answers_share_memory(search):
        return "an earlier answer changed when it was called again: it hands out the same array every time"
    for trial in reversed(search.trials[:: max(1, len(search.trials) // 40)]):
        again = search.candidate(trial.inputs)
        if again.trouble == "spent":
            return ""
        if is_accepted(again, trial.interval) != trial.accepted or (again.trouble != trial.seen.trouble):
            return "it answered differently when asked the same again: the answer depends on something besides its arguments"
    return ""


def _answers_share_memory(search: Search) -> bool:
    """Whether an answer that the caller still holds is overwritten by a later call."""
    first = search.trials[0] if search.trials else None
    troubled = any(trouble(each.seen, each.interval) for each in search.trials)
    if first is None or troubled or search.candidate.array != "numpy":
        return False
    alike = [
        each for each in search.trials if all(np.shape(each.inputs[n]) == np.shape(v) for n, v in first.inputs.items())
    ]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            # Each of these calls has gone well before.
            held = search.candidate.ask(first.inputs)
            before = search.candidate.value_of(held, first.inputs)
            for each in alike[:: max(1, len(alike) // 8)]:
                search.candidate.ask(each.inputs)
            return not np.array_equal(before, search.candidate.value_of(held, first.inputs), equal_nan=True)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # then it answers differently, which the questions below find
        return False


def _beside_the_domain(search: Search) -> list[str]:
    """What becomes of inputs that the verdict does not speak of: targets that are not one-hot, outputs that do not sum to 1."""
    formula = search.setting.formula
    kinds = {each.kind for each in formula.inputs} if formula.domain == "samples" else set()
    told = []
    if kinds & {"one_hot", "one_hot_or_labels"} and not _understood(search, _OUTPUTS, np.array([0.25, 0.0, 0.75])):
        told.append(
            "it is right for one-hot targets only: other distributions, such as [0.25, 0, 0.75], are misunderstood"
        )
    unnormalised = {"probabilities": np.array([0.5, 0.125, 0.125])}
    if "probabilities" in kinds and not _understood(search, unnormalised, np.array([1.0, 0.0, 0.0])):
        told.append("it is right for outputs that sum to 1 only: [0.5, 0.125, 0.125] is refused, or normalised first")
    return told


def _understood(search: Search, outputs: Mapping[str, Any], target: Any) -> bool:
    """Whether the candidate is accepted on one sample, given by the kinds of the inputs."""
    values = {"one_hot": target, "one_hot_or_labels": target, **outputs}
    inputs = {
        each.name: np.array(int(target.argmax()))
        if each.kind == "labels"
        else values[each.kind].astype(search.format_.dtype())
        for each in search.setting.formula.inputs
    }
    interval = search.interval(inputs)
    return interval is None or is_accepted(search.candidate(inputs), interval)


def _smallest(search: Search, refused: list[Trial]) -> Trial | None:
    if not refused:
        return None
    # No answer at all outweighs a wrong one.
    troubled = [trial for trial in refused if trouble(trial.seen, trial.interval)]
    of_kind = troubled or refused
    class_ = next(each for each in CLASSES if any(trial.class_ == each for trial in of_kind))
    seen = min((trial for trial in of_kind if trial.class_ == class_), key=lambda trial: _size(trial.inputs))
    remote = search.candidate.function
    if isinstance(remote, RemoteFunction) and remote.adapter.is_spent:
        remote.adapter.forgive()
        search.stopped = False
    if search.stopped or seen not in search.trials:
        return seen
    return (
        search.shrink(
            seen.branch,
            lambda trial: not trial.accepted and bool(troubled) <= bool(trouble(trial.seen, trial.interval)),
        )
        or seen
    )


def _worst(refused: list[Trial], smallest: Trial | None) -> Trial | None:
    """The trial furthest off; of those as bad up to a factor of two, the one with the fewest numbers to read."""
    if smallest is None:
        return None
    known = [*refused, smallest]
    enough = max(smallest.ulps, max(trial.ulps for trial in known) / 2)
    return min((trial for trial in known if trial.ulps >= enough), key=lambda trial: (_size(trial.inputs), -trial.ulps))


def _size(inputs: Inputs) -> int:
    return sum(np.size(value) for value in inputs.values())


def _count(trials: list[Trial], class_: Class) -> ClassCount:
    of_class = [trial for trial in trials if trial.class_ == class_]
    return ClassCount(len(of_class), sum(trial.accepted for trial in of_class))


def _warnings(trials: list[Trial]) -> list[str]:
    told = dict.fromkeys(text for trial in trials for text in trial.seen.warnings)
    return [f"it warned: {text}" for text in told]


def _begins(formula: Formula, refused: list[Trial], typical: list[Trial]) -> str:
    """What the inputs on which the answers were lost have in common, and no typical one has: what kind of arrays, or how large or small."""
    if not refused:
        return ""
    names = [each.name for each in formula.inputs if each.kind not in ("function", "rate", "count", "labels")]
    arrays = {name: [np.asarray(trial.inputs[name]) for trial in refused] for name in names}
    for each in formula.inputs:
        lost = arrays.get(each.name, ())
        if lost and each.kind != "one_hot_or_labels" and all(array.dtype.kind in "iu" for array in lost):
            return f"where {each.name} holds integers"
        if lost and all(not array.flags.c_contiguous for array in lost):
            return f"where {each.name} is stored by columns"
    for each in formula.inputs:
        if each.name not in names or each.kind in ("one_hot", "one_hot_or_labels"):
            continue
        usual = [np.asarray(trial.inputs[each.name]) for trial in typical]
        lost = arrays[each.name]
        if each.kind == "probabilities":
            least = max(float(array.min()) for array in lost)
            if all(least < array.min() for array in usual):
                return f"where min {each.name} ≤ {least:.3g}"
        else:
            most = min(float(np.abs(array).max()) for array in lost)
            if all(most > np.abs(array).max() for array in usual):
                return f"where max |{each.name}| ≥ {most:.3g}"
    return ""


def _name(candidate: Callable[..., Any]) -> str:
    return getattr(candidate, "__qualname__", None) or type(candidate).__name__
