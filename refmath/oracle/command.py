"""`refmath check` behind its options: judges what a target names, one function after the other or side by side."""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, get_args

from refmath.balls.formats import format_named
from refmath.catalogue import called, formula
from refmath.oracle.candidates.arrays import require
from refmath.oracle.candidates.backward import DIFFERENTIATING
from refmath.oracle.candidates.calling import Samples, calling_of, one_of
from refmath.oracle.candidates.not_judged import NotJudged, NotSupported
from refmath.oracle.candidates.trajectory import trajectory
from refmath.oracle.check import check
from refmath.oracle.loading.load import Named, load, opened
from refmath.oracle.loading.project import Wanted
from refmath.oracle.loading.scan import Looking, in_directory
from refmath.oracle.loading.targets import parted
from refmath.oracle.processes import interruptions
from refmath.oracle.remote.child import Child, HostedFunction
from refmath.oracle.remote.protocol import as_lines
from refmath.oracle.reporting.progress import Progress
from refmath.oracle.reporting.report import Report
from refmath.oracle.searching.declining import require_kinds
from refmath.oracle.searching.shape import axes, fitted, written
from refmath.pages import add_from
from refmath.spec import Formula, settable_names, setting, shown, stored

#: Kept here, as it is another one while a function is judged.
_leave = os._exit
#: So many processes of candidates are there at a time.
_MOST_PROCESSES = 4


def require_convention(found: list[Named], convention: str | None) -> None:
    """Refuses the name of a convention that none of the formulas knows, before anything is judged."""
    known = dict.fromkeys(one.name for each in found for one in formula(each.against).conventions)
    if found and convention is not None and known.keys().isdisjoint({convention, stored(convention)}):
        several = len(found) > 1
        has = "none of the formulas has a" if several else f"{called(found[0].against)} has no"
        names = ", ".join(map(shown, known)) or "none"
        raise ValueError(f"{has} convention {convention!r}; {'they have' if several else 'it has'}: {names}")


def parameters_in(settings: list[str]) -> dict[str, Any]:
    """Values of parameters by name, from `NAME=VALUE`: numbers, and words where they are none.

    Raises:
        ValueError: If one is no such pair, or a name stands there twice.
    """
    found: dict[str, Any] = {}
    for each in settings:
        name, equals, value = (part.strip() for part in each.partition("="))
        if not (equals and name.isidentifier() and value):
            raise ValueError(f"param must be NAME=VALUE, as in activation=relu; got {each!r}")
        if name in found:
            raise ValueError(f"param sets {name} twice")
        found[name] = _value(value)
    return found


def _value(text: str) -> int | float | str:
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return number(text)
    return text


def require_parameters(found: list[Named], given: Mapping[str, Any], convention: str | None) -> None:
    """Refuses parameters that none of the formulas has, or values that it cannot have, before anything is judged.

    Raises:
        ValueError: With the parameters that the formula has, or with what each of several has.
    """
    if not given:
        return
    if convention is not None:
        raise ValueError("param cannot be set together with --convention, which settles the parameters")
    having = [each for each in found if set(given) <= set(settable_names(formula(each.against)))]
    for each in having:
        try:
            setting(formula(each.against), **given)
        except (TypeError, ValueError) as error:
            raise ValueError(f"param: {error}") from None
    if not having:
        known = "; ".join(
            f"{called(each.against)}: {', '.join(settable_names(formula(each.against))) or 'none'}" for each in found
        )
        raise ValueError(
            f"param names parameters that none of the formulas has together, {', '.join(given)}; they have: {known}"
        )


def require_declines(found: list[Named], declines: Sequence[str]) -> None:
    """Refuses the name of a kind that none of the formulas has, before anything is judged.

    Raises:
        ValueError: With the kinds that there are.
    """
    errors = []
    for each in found:
        try:
            require_kinds(declines, formula(each.against))
        except ValueError as error:
            errors.append(error)
    if found and len(errors) == len(found):
        raise errors[0]


def require_shape(found: list[Named], shape: Mapping[str, Any]) -> None:
    """Refuses a shape that none of the formulas has, or that does not fit into memory, before anything is judged.

    Raises:
        ValueError: With the axes that the formula has, or with what each of several has.
    """
    if not shape:
        return
    having = [each for each in found if set(shape) <= set(axes(formula(each.against)))]
    if len(found) == 1 or having:
        for each in having or found:
            fitted(formula(each.against), shape)
        return
    known = "; ".join(f"{called(each.against)}: {', '.join(axes(formula(each.against))) or 'none'}" for each in found)
    raise ValueError(f"shape names axes that none of the formulas has together, {', '.join(shape)}; they have: {known}")


class Processes:
    """The processes in which the functions of targets live, one for each file, if that is not this one; all end together."""

    def __init__(self) -> None:
        self._children: dict[tuple[Any, ...], Child] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for each in self._children.values():
            each.close()

    def child(self, place: str, options: Mapping[str, Any]) -> Child | None:
        """The process of a file or module; None for this one."""
        if options["in_process"]:
            return None
        known = place, options["array"], options["definitions_only"]
        if known not in self._children:
            # More of them would fill the memory, where each has imported PyTorch: one that was closed starts again when it is asked.
            for each in list(self._children.values())[: -_MOST_PROCESSES + 1]:
                each.close()
            self._children[known] = Child(options["array"], options["timeout"], options["definitions_only"])
        return self._children[known]


@dataclass(frozen=True)
class Found:
    """What some targets name.

    Attributes:
        functions: The functions that are to be judged.
        not_judged: Targets that could not be looked at, each with the reason.
        looking: What looks like a formula in a directory, and is not judged.
    """

    functions: list[Named]
    not_judged: list[tuple[str, str]]
    looking: list[Looking]


def found_in(targets: Sequence[Wanted], options: dict[str, Any], processes: Processes) -> Found:
    """The functions that some targets name. If there is but one target, what is wrong with it is raised.

    Raises:
        NotJudged: If the only target cannot be imported, or has no such function.
        ValueError: If a formula is not in the catalogue.
    """
    found = Found([], [], [])
    for each in targets:
        own = {**options, **each.options}
        if Path(each.target).is_dir():
            _look_through(each, own, processes, found, alone=len(targets) == 1)
            continue
        try:
            functions = _loaded(each.target, each.against, own, processes)
        except NotJudged as error:
            if len(targets) == 1:
                raise
            found.not_judged.append((each.target, str(error)))
            continue
        found.functions.extend(replace(one, options=each.options, declines=each.declines) for one in functions)
    return found


def _loaded(
    target: str, against: str | Formula | None, options: Mapping[str, Any], processes: Processes
) -> list[Named]:
    child = processes.child(parted(target)[0], options)
    return load(
        target,
        against,
        timeout=options["timeout"],
        isolate=child,
        definitions_only=options["definitions_only"],
        anew=options["steps"] > 0,
    )


def _look_through(each: Wanted, options: dict[str, Any], processes: Processes, found: Found, *, alone: bool) -> None:
    """Finds, in a directory, the functions that bear the name of a formula; and those that look like one."""
    if each.against is not None:
        formula(each.against)
    seen, unread = in_directory(Path(each.target))
    if alone and not seen:
        told = f"; {len(unread)} could not be read, such as {': '.join(unread[0])}" if unread else ""
        raise NotJudged(f"no function in the files of {each.target} has a name that looks like a formula{told}")
    found.looking.extend(one for one in seen if not one.is_exact)
    found.not_judged.extend(unread)
    for one in seen:
        if one.is_exact and each.against in (None, one.path):
            target = f"{one.place}:{one.path}"
            try:
                functions = _loaded(target, each.against, options, processes)
            except NotJudged as error:
                found.not_judged.append((target, str(error)))
                continue
            found.functions.extend(replace(named, options=each.options, declines=each.declines) for named in functions)


def looking_in_words(looking: Sequence[Looking], most: int) -> list[str]:
    """Lines on the functions that look like formulas, with the command that judges each."""
    if not looking:
        return []
    count = len(looking)
    head = f"{count} {'function looks like a formula' if count == 1 else 'functions look like formulas'} of the catalogue, by {'its name' if count == 1 else 'their names'}. To judge one:"
    lines = [f"  refmath check {each.target} --against {each.meant}" for each in looking[:most]]
    return [head, *lines, *([f"  ... and {count - most} more: --list-all"] if count > most else [])]


def judge_all(
    found: list[Named],
    options: dict[str, Any],
    jobs: int,
    leave_out: bool,
    fails: Callable[[Report], bool] | None = None,
) -> tuple[list[Report], list[tuple[str, str]], int]:
    """A report for each function, and the reason for each that could not be judged; one that is not supported can be left out.

    With `fails` none is judged after the first of which that is true, or that could not be judged; how many these are comes last.
    """
    reports: list[Report] = []
    not_judged: list[tuple[str, str]] = []
    outcomes: Generator[Report | NotJudged | str, None, None]
    with Progress(len(found)) as progress:
        if jobs == 1 or len(found) == 1:
            outcomes = (_judge(each, options, progress.tick) for each in found)
        else:
            outcomes = _side_by_side(found, options, jobs)
        with contextlib.closing(outcomes):
            for place, (each, outcome) in enumerate(zip(found, outcomes, strict=True), 1):
                progress.done(each.target)
                if isinstance(outcome, Report):
                    reports.append(outcome)
                elif not (leave_out and isinstance(outcome, NotSupported)):
                    not_judged.append((each.target, str(outcome)))
                if fails is not None and (not_judged or any(map(fails, reports[-1:]))):
                    return reports, not_judged, len(found) - place
                following = found[place] if place < len(found) else None
                if isinstance(each.function, HostedFunction) and not _lives_with(following, each.function.child):
                    each.function.child.close()
    return reports, not_judged, 0


def _lives_with(named: Named | None, child: Child) -> bool:
    return named is not None and isinstance(named.function, HostedFunction) and named.function.child is child


def _judge(named: Named, options: dict[str, Any], tick: Callable[[str], None]) -> Report | NotJudged:
    options = {**options, **named.options}
    try:
        setting(formula(named.against), options["convention"])
    except ValueError as error:
        return NotJudged(str(error))
    try:
        with_calling(named, options)
    except ValueError as error:
        return NotJudged(str(error))
    options, lacks = _with_shape(named, options)
    options, lacking = _with_parameters(named, options)
    try:
        with opened(named, options["timeout"]) as function:
            may = tuple(options["declines"] if named.declines is None else named.declines)
            told = {**_of_check(options), "declines": may}
            report = check(function, named.against, target=named.target, tick=tick, **told)
            strict = named.declines is not None or bool(may)
            undeclared = tuple(sorted(set(report.declined) - set(may))) if strict else ()
            report = replace(report, remarks=(*report.remarks, *lacks, *lacking), undeclared=undeclared)
            return report
    except NotJudged as error:
        return error
    except Exception as error:  # noqa: BLE001  # one function less must not cost the verdicts on the others
        traceback.print_exc()
        return NotJudged(f"an error of refmath itself, please report it: {type(error).__name__}: {error}")
    finally:
        if isinstance(named.function, HostedFunction):
            named.function.child.settle()


def with_calling(named: Named, options: Mapping[str, Any]) -> None:
    """Refuses a way of calling that a function's formula does not have.

    Raises:
        ValueError: With what the formula has.
    """
    chosen = setting(formula(named.against), options["convention"])
    if options["steps"]:
        chosen = setting(trajectory(chosen, options["steps"]))
    calling_of(chosen.formula, options["order"], options["take"], options["layout"], options["steps"])


def require_calling(found: list[Named], options: Mapping[str, Any]) -> None:
    """Refuses a way of calling that none of the formulas has, before anything is judged.

    Raises:
        ValueError: With what the first of them has.
    """
    errors = []
    for each in found:
        try:
            with_calling(each, {**options, **each.options})
        except ValueError as error:
            errors.append(str(error))
    if errors and len(errors) == len(found):
        raise ValueError(errors[0])


def require_tables(found: list[Named]) -> None:
    """Refuses what the tables of pyproject.toml say that cannot be, before anything is judged.

    Raises:
        ValueError: With the target of the table.
        ImportError: If a package that it needs is not installed.
    """
    for each in found:
        own, page = each.options, formula(each.against)
        try:
            setting(page, own.get("convention"), **({} if "convention" in own else own.get("parameters", {})))
            fitted(page, own.get("shape", {}))
            require(own.get("array", "numpy"), format_named(own.get("dtype", "float64")))
            require_kinds(each.declines or (), page)
            if own.get("layout", "rows") not in get_args(Samples):
                raise ValueError(f"layout must be {one_of(get_args(Samples))}; got {own['layout']!r}")
            if own.get("examples", 1) < 1 or own.get("seed", 0) < 0:
                raise ValueError("examples must be at least 1, and seed at least 0")
            if own.get("backward") and own.get("array") not in DIFFERENTIATING:
                raise ValueError('backward needs array = "torch" or "jax"')
        except (TypeError, ValueError) as error:
            raise ValueError(f"pyproject.toml, {each.target}: {error}") from None


def _of_check(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in ("in_process", "pages", "definitions_only")}


def _with_shape(named: Named, options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The options without a shape that a formula does not have, and a remark that says so."""
    shape = options.get("shape") or {}
    missing = [axis for axis in shape if axis not in axes(formula(named.against))]
    if not missing:
        return options, []
    told = (
        f"the shape {written(shape)} was not tried: {called(named.against)} has no axis {' and no axis '.join(missing)}"
    )
    return {**options, "shape": None}, [told]


def _of_encodings(against: Any) -> str:
    """What has the options of a formula that takes its targets in either encoding."""
    options = formula(against).options
    return f"; hold it against {' or '.join(options.encodings)}" if options and options.encodings else ""


def _with_parameters(named: Named, options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The options without parameters that a formula does not have, and a remark that says so."""
    given = options.get("parameters") or {}
    missing = [name for name in given if name not in settable_names(formula(named.against))]
    if not missing:
        return options, []
    kept = {name: value for name, value in given.items() if name not in missing}
    return {**options, "parameters": kept}, [
        f"{', '.join(missing)} was not set: {called(named.against)} has no such parameter{_of_encodings(named.against)}"
    ]


def _judge_again(named: Named, options: dict[str, Any]) -> Report | NotJudged:
    """Judges one function in a process of its own, which has to load it again."""
    add_from(options["pages"])
    try:
        # One that asks a program must end it on its way out; one that runs a function could not, if that hangs outside Python.
        with interruptions.told_by_signals_to_end(bool(named.command)):
            if named.command or named.unknown:
                return _judge(named, options, lambda _what: None)
            with Processes() as processes:
                own = {**options, **named.options}
                (loaded,) = _loaded(named.target, named.against, own, processes)
                named = replace(named, function=loaded.function)
                return _judge(named, options, lambda _what: None)
    except NotJudged as error:
        return error
    except KeyboardInterrupt:
        os._exit(130)  # the pool would take it for an answer, and hand this process the next function


def _begin_beside_others() -> None:
    """What each process of a pool does first: it leaves Ctrl-C to the first one, and ends when that is gone, killed or not."""
    interruptions.leave_to_the_first_process()
    interruptions.start(threading.Thread(target=_end_with_the_first_process, daemon=True))


def _end_with_the_first_process() -> None:
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        _leave(130)  # and with it what it has started


def _side_by_side(
    found: list[Named], options: dict[str, Any], jobs: int
) -> Generator[Report | NotJudged | str, None, None]:
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(
        min(jobs, len(found)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_beside_others,
    ) as pool:
        try:
            with interruptions.held_back():
                for each in found:  # each process has one of its own for its function
                    if isinstance(each.function, HostedFunction):
                        each.function.child.close()
                futures = [pool.submit(_judge_again, replace(each, function=None), options) for each in found]
            for future in futures:
                try:
                    yield future.result()
                except BrokenProcessPool:
                    yield "the process that judged it, or another one beside it, ended abruptly; without --jobs it is judged alone"
        except BaseException:  # an interruption: leaving the block would wait for all of them
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def baseline(file: str) -> set[tuple[str, ...]]:
    """What a report of earlier says that does not conform: the target, the formula, the verdict and the name of the mistake of each.

    Args:
        file: What `--json` has written.

    Raises:
        ValueError: If it cannot be read, or is no such report.
    """
    try:
        results = json.loads(Path(file).read_text(encoding="utf-8"))["results"]
        return {_known_by(each) for each in results}
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}; --json {file} writes it") from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError(f"{file} is not a report that --json has written") from None


def is_new(report: Report, among: set[tuple[str, ...]]) -> bool:
    """Whether a report makes the command fail: it does not conform and that is not known, or it declines what it must not."""
    return (not report.conforms and not is_known(report, among)) or bool(report.undeclared)


def is_known(report: Report, among: set[tuple[str, ...]]) -> bool:
    """Whether an earlier report has said the same of a function."""
    return _known_by(report.as_json()) in among


def _known_by(result: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells a fault from others: the function, what it was held against, and the mistake; of one without a name the smallest input that fails, and what came of it."""
    place, what = parted(result["target"])
    smallest = result["smallest"] or {}
    came = " ".join(str(smallest.get(key)) for key in ("call", "index", "got", "trouble"))
    fault = (result["diagnosis"] or {}).get("name") or came
    held = result["formula"], result["convention"] or "", result["dtype"]
    return Path(place).as_posix(), what, *held, result["verdict"], fault


def as_json(reports: list[Report], not_judged: list[tuple[str, str]]) -> str:
    """The JSON report."""
    results = [report.as_json() for report in reports]
    missing = [{"target": target, "reason": why} for target, why in not_judged]
    return json.dumps({"results": results, "not_judged": missing}, indent=2, allow_nan=False) + "\n"


def as_requests(failures: list[dict[str, Any]]) -> str:
    """The requests that a program failed on, as a conversation to be sent to it again."""
    return as_lines([{"id": place, **request} for place, request in enumerate(failures, 1)])


@contextlib.contextmanager
def standard_output_kept() -> Iterator[None]:
    """Standard output is the report's: what a candidate's C or its children write there goes to standard error."""
    kept = None
    with contextlib.suppress(OSError, AttributeError):  # one of them is closed
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
    try:
        yield
    finally:
        if kept is not None:
            with contextlib.suppress(Exception):  # what C's own buffer still holds, where there is a C library to ask
                ctypes.CDLL(None).fflush(None)
            os.dup2(kept, 1)
            os.close(kept)
