"""Judging a candidate: `check` gives the report, `assert_conforms` raises where a test-suite wants it to."""

from __future__ import annotations

import math
import pickle
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from refmath import arguments, catalogue
from refmath.balls.formats import FORMATS, format_named
from refmath.balls.precision import ONE_AT_A_TIME
from refmath.oracle.as_it_stands import (
    TOLD,
    as_parameter,
    axes_behind,
    divided_by_arrays,
    entry_of_a_tuple,
    in_order,
    of_axes,
    raises_on_overflow,
    what_it_takes,
    with_classes_first,
)
from refmath.oracle.candidates.arrays import Handed, Library, require
from refmath.oracle.candidates.backward import DIFFERENTIATING
from refmath.oracle.candidates.backward import backward as differentiated
from refmath.oracle.candidates.budget import CALLS, Budget, Patient
from refmath.oracle.candidates.calling import USUAL, Calling, Samples, as_called, called_with, calling_of, one_of
from refmath.oracle.candidates.candidate import Candidate, renewed_by, seconds
from refmath.oracle.candidates.guard import guarded, no_way_out
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.candidates.process_state import ProcessState
from refmath.oracle.candidates.signature import Signature, signature
from refmath.oracle.candidates.trajectory import trajectory
from refmath.oracle.loading.load import load
from refmath.oracle.loading.usual_names import order_by_names, parameters_of
from refmath.oracle.remote.adapter import RemoteFunction
from refmath.oracle.remote.child import Child, Hosted, HostedFunction
from refmath.oracle.reporting.merge import merged
from refmath.oracle.reporting.report import Report
from refmath.oracle.searching.declining import INTEGERS, require_kinds
from refmath.oracle.searching.search import Search
from refmath.oracle.searching.shape import fitted
from refmath.oracle.searching.survey import Survey
from refmath.oracle.under_options import with_options
from refmath.oracle.verdict import judged
from refmath.spec import (
    WHOLE,
    Domain,
    Formula,
    Setting,
    argument_names,
    keyword_arguments,
    keyword_names,
    packed,
    setting,
)

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
        layout: `columns` if the samples of a batch are the columns of its arrays; `classes_first` if the classes are on axis 1, as in PyTorch's (N, C, d).
        steps: Judge an optimiser that keeps its state to itself by so many steps in a row. The candidate then makes one when it is called without arguments:
            `lambda: Adam(lr=0.001).update`. What it makes takes the parameters and a gradient, as arrays, mappings or lists, and returns the new
            parameters or changes them in place.
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
    page = catalogue.gradient(against) if backward is True else catalogue.formula(against)
    set_to = arguments.by_name("parameters", {} if parameters is None else parameters)
    chosen = setting(page, convention, **set_to)
    if set_to:
        _require_known(chosen)
    if chosen.arrays:
        raise ValueError(
            f"{', '.join(chosen.arrays)} cannot be set: a function that takes it by name is tried with several arrays"
        )
    unset = page.options.defaults if page.options else {}
    # As they were read: whole numbers and floats of Python's own.
    fixed = page.options.read({name: value for name, value in set_to.items() if name in unset}) if page.options else {}
    options = {name: fixed.get(name, unset[name]) for name in set_to if name in unset}
    set_to = {name: value for name, value in set_to.items() if name not in options}
    format_ = format_named(dtype)
    examples, seed = arguments.whole("examples", examples, at_least=1), arguments.whole("seed", seed, at_least=0)
    strict, complete = arguments.switch("strict", strict), arguments.switch("complete", complete)
    arguments.function("tick", tick)
    if target is not None and not isinstance(target, str):
        raise TypeError(f"target must be a string; got {type(target).__name__} {target!r}")
    seconds(timeout)
    budget = CALLS * timeout if budget is None else seconds(budget, "budget")
    backward = arguments.switch("backward", backward)
    told: dict[str, Any] = {
        "backward": backward,
        "convention": convention,
        "parameters": parameters,
        "dtype": dtype,
        "array": array,
        "strict": strict,
        "complete": complete,
        "timeout": timeout,
        "budget": budget,
        "order": order,
        "take": take,
        "layout": layout,
        "steps": steps,
        "declines": (may := may_decline(declines, page)),
    }
    if arguments.whole("steps", steps, at_least=0):
        chosen = replace(setting(trajectory(chosen, steps)), convention=chosen.convention)
    order = _order(order)
    if take is not None:
        take = arguments.integer("take", take)
    if layout not in get_args(Samples):
        raise ValueError(f"layout must be {one_of(get_args(Samples))}; got {layout!r}")
    calling = calling_of(chosen.formula, order, take, layout, steps)
    if arguments.switch("isolate", isolate):
        told |= {"examples": examples, "seed": seed, "shape": shape, "target": target}
        return _isolated(candidate, against, {**told, "executor": executor, "tick": tick})
    sizes = fitted(chosen.formula, {} if shape is None else shape)
    require(array, format_)
    if backward and array not in DIFFERENTIATING:
        raise ValueError(f"backward=True needs a library that differentiates: array='torch' or 'jax'; got {array!r}")
    if isinstance(candidate, str) or not callable(candidate):
        raise NotJudged(f"{candidate!r} is not a function")
    if backward and isinstance(candidate, RemoteFunction):
        raise ValueError(
            "backward=True is about functions of PyTorch and JAX; a program in another process is sent JSON"
        )
    if isinstance(candidate, RemoteFunction) and (calling != USUAL):
        raise ValueError(
            "order, take, layout and steps are about functions in Python; a program in another process is sent JSON"
        )
    hosted = Hosted(candidate, chosen.formula, backward, calling) if isinstance(candidate, HostedFunction) else None
    said = hosted.signature() if hosted else _signature(candidate, chosen.formula, timeout, calling)
    require_fitting(said, chosen.formula, calling)
    by_names = (
        ()
        if order or isinstance(candidate, RemoteFunction)
        else order_by_names(said.places, chosen.formula, called_with(chosen.formula, calling))
    )
    order = order or by_names
    calling = calling_of(chosen.formula, order, take, layout, steps)
    if isinstance(candidate, RemoteFunction):
        said = replace(said, file="", line=0)  # those of refmath's own function that asks it
    if fixed and not isinstance(candidate, RemoteFunction):
        # It is always called with those that it takes by name.
        version = replace(chosen.formula, settled={})
        chosen = replace(chosen, formula=version, domain=_where_some_count(version))
    target = target or said.called
    if executor is not None:
        report = _in_parts(
            executor, candidate, said.called, against, examples, seed, {**told, "target": target}, shape, tick
        )
        return replace(report, seconds=time.perf_counter() - started, file=said.file, line=said.line or None)

    limit: float | None = timeout
    drawn: Handed = array
    if isinstance(candidate, RemoteFunction):
        # What an earlier judgement has cost is not held against this one.
        candidate.adapter.forgive()
        candidate, limit, drawn = candidate.under(chosen), None, "json"
    taken = {} if convention else parameters_by_name(said, chosen)
    known_as = parameters_of(said.numbers, _numeric_parameters(page))
    own = {} if convention else {name: each for name, each in known_as.items() if name not in taken}
    # Under another name, with the formula's own default: what it does under other values shows whether it is that.
    places = argument_names(chosen.formula)
    meant = {
        name: called
        for name, (called, value) in own.items()
        if not steps
        and called in said.by_name[len(places) :]
        and value == chosen.formula.parameters[name]
        and name not in set_to
    }
    taken |= {name: chosen.formula.parameters[name] for name in meant}
    calling = replace(calling, keywords=tuple(meant.items()))
    told_it = {name: value for name, value in chosen.given.items() if name in taken and name in set_to}
    settled = {**unset, **chosen.formula.parameters, **keyword_arguments(chosen), **options}
    always = {name: settled[name] for name in said.required}
    always |= told_it | {name: value for name, value in options.items() if name in said.by_name}
    free = {name: value for name, value in taken.items() if name not in set_to}
    # Neither NumPy's error state nor a filter of warnings that the candidate's file has set may reach the oracle itself.
    # The filters of warnings and the standard output belong to the whole process, as the precision does.
    with ONE_AT_A_TIME, no_way_out(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = None if hosted or isinstance(candidate, RemoteFunction) else ProcessState()
        whole = Budget(budget)

        def asked_as(how: Calling, of: Formula = chosen.formula, rest: Mapping[str, Any] = always) -> Patient:
            if isinstance(candidate, HostedFunction):
                hosted = Hosted(candidate, of, backward, how)
                hosted.always = rest
                return Patient(hosted, whole, calling=how)
            called = as_called(candidate if steps else lambda: candidate, how)
            asked_for = differentiated(called, array) if backward else called
            return Patient(Candidate(asked_for, array, limit, of, state, rest), whole, calling=how)

        def searched(how: Calling) -> Search:
            search = Search(
                chosen,
                asked_as(how),
                format_,
                seed,
                examples,
                strict,
                drawn,
                tick,
                free,
                sizes,
                always=always,
                budget=whole,
            )
            search.set_to = {**options, **{name: chosen.given[name] for name in set_to}}
            search.calling, search.own = how, {name: value for name, (_, value) in own.items()}
            search.floating = floating
            return search

        floating: tuple[str, ...] = (chosen.formula.inputs[0].name,) if backward else ()
        if INTEGERS in may:
            floating = tuple(each.name for each in chosen.formula.inputs)
        search = searched(calling)

        def under(version: Formula) -> Report | None:
            own = {*version.settled, *(each.name for each in version.inputs if each.by_name)}
            rest = {name: value for name, value in always.items() if name not in own}
            patient = asked_as(search.calling, version, rest)
            told = replace(setting(version, **set_to), domain=_where_some_count(version))
            few = Search(told, patient, format_, seed, examples, strict, drawn, tick, budget=whole, brief=True)
            few.always, few.left_out, few.calling = rest, search.declined, search.calling
            few.floating = floating if INTEGERS in may else ()
            found = judged(few, target, complete=complete)
            declines = not complete and all(trial.seen.declines for trial in few.trials)
            return None if declines else found

        try:
            report = judged(search, target, complete=complete)
            if not complete and (handing := what_it_takes(search, asked_as)) != "arrays":
                search = searched(replace(calling, handing=handing))
                report = judged(search, target)
                remarks = (TOLD[handing], *report.remarks)
                report = replace(report, declined=("arrays", *report.declined), remarks=remarks)
            if behind := axes_behind(search, asked_as):
                search = searched(replace(search.calling, behind=behind))
                report = judged(search, target, complete=complete)
                report = replace(report, remarks=(of_axes(behind), *report.remarks))
            if not report.conforms:
                found = (
                    entry_of_a_tuple(report, search, asked_as)
                    or raises_on_overflow(search)
                    or with_classes_first(search, asked_as)
                    or divided_by_arrays(search)
                    or report.diagnosis
                )
                if found is not None and layout != "rows" and found.name != "divided_by_arrays":
                    found = replace(found, repair="")  # repairs name the axes of samples in rows
                if found is not None and by_names and found.name == "arguments_swapped":
                    usual = ",".join(argument_names(chosen.formula))
                    found = replace(found, repair=f"If the names of its parameters mislead: --order {usual}.")
                report = replace(report, diagnosis=found)
            if report.conforms and not convention and not backward:
                taken_too = [name for name in taken_options(said, page) if name not in options]
                report = with_options(report, page, taken_too, fixed, under)
        finally:
            if state is not None:
                state.restore_random_numbers()
    told_of = [f"what is judged is the gradient that {array} gives of the function"] if backward else []
    told_of += [f"judged by {steps} steps in a row, from a state of zeros"] if steps else []
    told_of += [as_parameter(name, each) for name, each in meant.items()]
    told_of += (
        []
        if report.conforms
        else [
            as_parameter(name, called, value)
            for name, (called, value) in own.items()
            if name in chosen.parameters
            and value != chosen.parameters[name]
            and f"{name}={value:g}" not in _said(report)
        ]
    )
    told_of += [in_order(chosen.formula, by_names, said.places)] if by_names else []
    reach = replace(report.extent, left_out=(INTEGERS,) if INTEGERS in may else ())
    if may:
        report = replace(report, undeclared=tuple(sorted(set(report.declined) - may)))
    reach = replace(reach, own=() if convention else _of_its_own(said, page, meant))
    if convention or backward:
        reach = replace(reach, defaults=(*reach.defaults, *taken_options(said, page)))
    return replace(
        report,
        seconds=time.perf_counter() - started,
        remarks=(*told_of, *report.remarks),
        extent=reach,
        file=said.file,
        line=said.line or None,
    )


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
    candidate: Callable[..., Any],
    called: str,
    against: str | Formula,
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
        raise NotJudged(f"{called} cannot be sent to the executor's processes: {error}") from None
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


def may_decline(declines: Iterable[str], against: str | Formula) -> frozenset[str]:
    """What a test-suite says that a candidate may decline.

    Raises:
        TypeError: If it is one string.
        ValueError: If it names what is no kind of input.
    """
    if isinstance(declines, str):
        raise TypeError(f"declines must be a list of names, such as [{declines!r}]; got the string {declines!r}")
    said = frozenset(declines)
    require_kinds(said, catalogue.formula(against))
    return said


def not_said(report: Report, declines: frozenset[str]) -> str:
    """That a candidate declines what it may not, in a sentence; empty if it does not."""
    unsaid = [each for each in report.declined if each not in declines]
    return f"it declines {', '.join(unsaid)}; if that is meant, say declines={unsaid!r}" if unsaid else ""


def parameters_by_name(said: Signature, chosen: Setting) -> dict[str, Any]:
    """The formula's parameters that a function takes by name, with the formula's defaults."""
    taken = set(said.by_name) - set(argument_names(chosen.formula))
    return {name: default for name, default in chosen.formula.parameters.items() if name in taken}


def _require_known(chosen: Setting) -> None:
    """Refuses values of parameters that the formula's own program refuses.

    Raises:
        ValueError: With what it says.
    """
    probe = next(iter(Survey(chosen.formula, FORMATS["float64"], 0, 1)))
    try:
        # Whether it refuses is asked, not what it warns of.
        with np.errstate(all="ignore"):
            chosen.program(*packed(chosen.formula, probe.inputs))
    except ValueError as error:
        raise ValueError(f"parameters: {error}") from None


def _order(order: Any) -> tuple[str, ...]:
    """The order of arguments, as names."""
    is_row = isinstance(order, Iterable) and not isinstance(order, str)
    if not is_row or not all(isinstance(name, str) for name in order):
        raise TypeError(f"order must be names of arguments, such as ['t', 'y']; got {order!r}")
    return tuple(order)


def _numeric_parameters(formula: Formula) -> list[str]:
    """The parameters of a formula that are numbers."""
    return [name for name, value in formula.parameters.items() if isinstance(value, int | float)]


def _where_some_count(version: Formula) -> Domain:
    """What a version is tried on: of the classes one at least is not ignored."""
    return Domain(fewest_classes=2) if any(each.ignored is not None for each in version.inputs) else WHOLE


def taken_options(said: Signature, formula: Formula) -> tuple[str, ...]:
    """The formula's options that a function takes by name."""
    taken = set(said.by_name) - set(argument_names(formula))
    return tuple(name for name in (formula.options.defaults if formula.options else ()) if name in taken)


def _said(report: Report) -> str:
    """What is said of the name and the repair of a mistake."""
    return f"{report.diagnosis.name} {report.diagnosis.repair}" if report.diagnosis else ""


def _of_its_own(said: Signature, formula: Formula, meant: Mapping[str, str]) -> tuple[str, ...]:
    """Parameters with a default that the formula does not have, of a function that lacks some of the formula's: one may be meant by the other."""
    known = set(keyword_names(formula))
    others = known | set(meant.values())
    own = tuple(name for name in said.by_name[len(argument_names(formula)) :] if name not in others)
    return own if known - set(said.by_name) - set(meant) else ()


def require_fitting(said: Signature, formula: Formula, calling: Calling) -> None:
    """Refuses a function that cannot be called with the formula's inputs.

    Raises:
        NotJudged: With the two signatures.
    """
    if said.misfit:
        names = called_with(formula, calling)
        wanted = ", ".join([*names, *(f"{name}=..." for name in said.required)])
        known = f"; {formula.name} has the parameters {', '.join(formula.parameters)}" if formula.parameters else ""
        # What else it needs is known to whoever has written it.
        keeps = len(renewed_by(formula)) > 1 and not calling.steps
        steps = "; if it keeps its state to itself, say --steps 3" if keeps else ""
        owner, dot, method = said.called.rpartition(".")
        called = f"{owner}(...).{method}" if dot and owner.isidentifier() else said.called
        how = f"lambda {', '.join(names)}: {called}(...)"
        if calling.steps and dot and owner.isidentifier():  # one object for all steps of an input
            how = f"(lambda o: lambda {', '.join(names)}: o.{method}(...))({owner}(...))"
        hint = f"{steps}; say in the target how it is called, as in 'FILE:{how}'"
        raise NotJudged(
            f"{said.called}{said.text} cannot be called as {formula.name}({wanted}): {said.misfit}{known}{hint}"
        )


def _signature(candidate: Callable[..., Any], formula: Formula, timeout: float, calling: Calling) -> Signature:
    """What a function in this process says of itself."""
    with no_way_out():
        names = called_with(formula, calling)
        told = guarded(
            lambda: signature(candidate() if calling.steps else candidate, names, keyword_names(formula)), timeout
        )
    if told.value is None:
        why = "it did not answer in time" if told.late else f"it raised {told.text}"
        raise NotJudged(f"asked for its signature, {why}")
    return told.value
