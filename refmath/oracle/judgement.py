"""One judgement: a candidate is searched for failures in every way in which it may be called, and what was found is one report."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from refmath.balls.precision import ONE_AT_A_TIME
from refmath.oracle.as_it_stands import (
    TOLD,
    as_parameter,
    axes_behind,
    divided_by_arrays,
    entry_of_a_tuple,
    in_order,
    of_axes,
    of_several_axes,
    raises_on_overflow,
    what_it_takes,
)
from refmath.oracle.candidates.arrays import Handed
from refmath.oracle.candidates.backward import backward as differentiated
from refmath.oracle.candidates.budget import Budget, Patient
from refmath.oracle.candidates.calling import USUAL, Calling, as_called, called_with
from refmath.oracle.candidates.candidate import Candidate, renewed_by
from refmath.oracle.candidates.guard import guarded, no_way_out
from refmath.oracle.candidates.holding import holding
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.candidates.process_state import ProcessState
from refmath.oracle.candidates.signature import Signature, signature
from refmath.oracle.loading.usual_names import order_by_names, parameters_of
from refmath.oracle.remote.adapter import RemoteFunction
from refmath.oracle.remote.child import Hosted, HostedFunction
from refmath.oracle.reporting.findings import Diagnosis, Extent
from refmath.oracle.reporting.report import Report
from refmath.oracle.request import Request
from refmath.oracle.searching.declining import INTEGERS
from refmath.oracle.searching.search import Search
from refmath.oracle.under_options import with_options
from refmath.oracle.verdict import judged
from refmath.spec import WHOLE, Domain, Formula, Setting, argument_names, keyword_arguments, keyword_names, setting


@dataclass(frozen=True)
class ByName:
    """What a candidate takes by name.

    Attributes:
        parameters: The formula's parameters, with their defaults.
        always: The keyword arguments of every call.
        meant: Its own names of parameters whose default is the formula's: what it does under other values shows whether they are that.
        own: The names and values of numbers of its own, by the formula's parameters that they seem to be.
    """

    parameters: Mapping[str, Any]
    always: Mapping[str, Any]
    meant: Mapping[str, str]
    own: Mapping[str, tuple[str, float]]


class Judgement:
    """A judgement that has not begun yet.

    Args:
        candidate: The function.
        request: What is asked.
        target: What the report calls the candidate; if it is not said, its module and name.
        tick: Called with a word on what is being done.

    Raises:
        NotJudged: If the candidate is no function, or cannot be called with the formula's inputs.
        ValueError: If it is one of a program, and the request is about functions in Python.

    Attributes:
        said: What the candidate says of itself.
        target: What the report calls it.
    """

    def __init__(
        self,
        candidate: Any,
        request: Request,
        target: str | None = None,
        tick: Callable[[str], None] = lambda _what: None,
    ) -> None:
        if isinstance(candidate, str) or not callable(candidate):
            raise NotJudged(f"{candidate!r} is not a function")
        if (held := holding(candidate)) is not None:
            candidate = (lambda: held) if request.steps else held
        self._candidate, self._request, self._tick = candidate, request, tick
        self._is_remote = isinstance(candidate, RemoteFunction)
        self._chosen = request.chosen
        calling = request.calling(request.order)
        if self._is_remote:
            _require_nothing_of_python(request, calling)
        self.said = self._signature(calling)
        require_fitting(self.said, self._chosen.formula, calling)
        self._order_by_names: tuple[str, ...] = ()
        if self._is_remote:
            self.said = replace(self.said, file="", line=0)  # those of refmath's own function that asks it
        elif not request.order:
            names = called_with(self._chosen.formula, calling)
            self._order_by_names = order_by_names(self.said.places, self._chosen.formula, names)
        if request.fixed and not self._is_remote:
            # It is always called with those that it takes by name.
            version = replace(self._chosen.formula, settled={})
            self._chosen = replace(self._chosen, formula=version, domain=_where_some_count(version))
        self._by_name = self._taken_by_name()
        self._calling = replace(
            request.calling(request.order or self._order_by_names),
            keywords=tuple(self._by_name.meant.items()),
            holds=self.said.holds,
        )
        self.target = target or self.said.called

    def report(self) -> Report:
        """Judges the candidate."""
        started = time.perf_counter()
        if isinstance(self._candidate, RemoteFunction):
            # What an earlier judgement has cost is not held against this one.
            self._candidate.adapter.forgive()
            self._candidate = self._candidate.under(self._chosen)
        # Neither NumPy's error state nor a filter of warnings that the candidate's file has set may reach the oracle itself.
        # The filters of warnings and the standard output belong to the whole process, as the precision does.
        with ONE_AT_A_TIME, no_way_out(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            in_this_process = not isinstance(self._candidate, HostedFunction | RemoteFunction)
            self._state: ProcessState | None = ProcessState() if in_this_process else None
            self._budget = Budget(self._request.budget)
            try:
                report = self._judged()
            finally:
                if self._state is not None:
                    self._state.restore_random_numbers()
        if self._request.may:
            report = replace(report, undeclared=tuple(sorted(set(report.declined) - self._request.may)))
        return replace(
            report,
            seconds=time.perf_counter() - started,
            remarks=(*self._remarks(report), *report.remarks),
            extent=self._extent(report),
            file=self.said.file,
            line=self.said.line or None,
        )

    def _judged(self) -> Report:
        """The report of the way of calling in which the candidate takes the formula's inputs."""
        request = self._request
        search = self._search(self._calling)
        report = judged(search, self.target, complete=request.complete)
        if not request.complete and (handing := what_it_takes(search, self._asked)) != "arrays":
            search = self._search(replace(self._calling, handing=handing))
            report = judged(search, self.target)
            remarks = (TOLD[handing], *report.remarks)
            report = replace(report, declined=("arrays", *report.declined), remarks=remarks)
        if behind := axes_behind(search, self._asked):
            search = self._search(replace(search.calling, behind=behind))
            report = judged(search, self.target, complete=request.complete)
            report = replace(report, remarks=(of_axes(search.calling), *report.remarks))
        if not report.conforms:
            return replace(report, diagnosis=self._diagnosis(report, search))
        if request.convention or request.backward:
            return report
        taken = [name for name in taken_options(self.said, request.page) if name not in request.options]
        return with_options(report, request.page, taken, request.fixed, lambda each: self._under(each, search))

    def _diagnosis(self, report: Report, search: Search) -> Diagnosis | None:
        """The name of the mistake: that of how the candidate is called, or else of what it computes."""
        if self._is_remote:  # it is called in one way only
            return report.diagnosis
        found = (
            entry_of_a_tuple(report, search, self._asked)
            or raises_on_overflow(search)
            or of_several_axes(search, self._asked)
            or divided_by_arrays(search)
            or report.diagnosis
        )
        if found is None:
            return None
        if self._request.layout != "rows" and found.name != "divided_by_arrays":
            found = replace(found, repair="")  # repairs name the axes of samples in rows
        if self._order_by_names and found.name == "arguments_swapped":
            usual = ",".join(argument_names(self._chosen.formula))
            found = replace(found, repair=f"If the names of its parameters mislead: --order {usual}.")
        return found

    def _asked(self, calling: Calling, of: Formula | None = None, always: Mapping[str, Any] | None = None) -> Patient:
        """The candidate, called in some way, with keyword arguments of every call."""
        of = self._chosen.formula if of is None else of
        always = self._by_name.always if always is None else always
        candidate, request = self._candidate, self._request
        if isinstance(candidate, HostedFunction):
            hosted = Hosted(candidate, of, request.backward, calling)
            hosted.always = always
            return Patient(hosted, self._budget, calling=calling)
        called = as_called(candidate if request.steps else lambda: candidate, calling)
        asked_for = differentiated(called, request.array) if request.backward else called
        limit = None if self._is_remote else request.timeout
        return Patient(
            Candidate(asked_for, request.array, limit, of, self._state, always), self._budget, calling=calling
        )

    def _search(self, calling: Calling) -> Search:
        """The search in which the candidate is called in some way."""
        request, by_name = self._request, self._by_name
        set_to = {**request.options, **{name: self._chosen.given[name] for name in request.parameters}}
        return self._begun(
            self._chosen,
            self._asked(calling),
            parameters={name: value for name, value in by_name.parameters.items() if name not in request.parameters},
            shape=request.sizes,
            always=by_name.always,
            set_to=set_to,
            calling=calling,
            own={name: value for name, (_, value) in by_name.own.items()},
            floating=self._never_integers or ((self._chosen.formula.inputs[0].name,) if request.backward else ()),
        )

    def _begun(self, chosen: Setting, candidate: Patient, **more: Any) -> Search:
        """A search with the options that every search of this judgement has."""
        request = self._request
        how = request.format_, request.seed, request.examples, request.strict
        handed: Handed = "json" if self._is_remote else request.array
        return Search(chosen, candidate, *how, handed, self._tick, budget=self._budget, **more)

    def _under(self, version: Formula, search: Search) -> Report | None:
        """The report on the candidate under a version of the formula; None if it refuses every input."""
        request = self._request
        own = {*version.settled, *(each.name for each in version.inputs if each.by_name)}
        always = {name: value for name, value in self._by_name.always.items() if name not in own}
        few = self._begun(
            replace(setting(version, **request.parameters), domain=_where_some_count(version)),
            self._asked(search.calling, version, always),
            brief=True,
            always=always,
            left_out=search.declined,
            calling=search.calling,
            floating=self._never_integers,
        )
        found = judged(few, self.target, complete=request.complete)
        return None if not request.complete and all(trial.seen.declines for trial in few.trials) else found

    @property
    def _never_integers(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._chosen.formula.inputs) if INTEGERS in self._request.may else ()

    def _signature(self, calling: Calling) -> Signature:
        """What the candidate says of itself."""
        formula = self._chosen.formula
        if isinstance(self._candidate, HostedFunction):
            return Hosted(self._candidate, formula, self._request.backward, calling).signature()
        return _signature(self._candidate, formula, self._request.timeout, calling)

    def _taken_by_name(self) -> ByName:
        """What the candidate takes by name; of a convention no parameters are tried."""
        request, chosen, said = self._request, self._chosen, self.said
        formula = chosen.formula
        taken = {} if request.convention else parameters_by_name(said, chosen)
        numbers = {} if request.convention else parameters_of(said.numbers, _numeric_parameters(request.page))
        own = {name: each for name, each in numbers.items() if name not in taken}
        keywords = said.by_name[len(argument_names(formula)) :]
        meant = {
            name: called
            for name, (called, value) in own.items()
            if not request.steps
            and called in keywords
            and value == formula.parameters[name]
            and name not in request.parameters
        }
        taken |= {name: formula.parameters[name] for name in meant}
        unset = request.page.options.defaults if request.page.options else {}
        settled = {**unset, **formula.parameters, **keyword_arguments(chosen), **request.options}
        always = {name: settled[name] for name in said.required}
        always |= {name: value for name, value in chosen.given.items() if name in taken and name in request.parameters}
        always |= {name: value for name, value in request.options.items() if name in said.by_name}
        return ByName(taken, always, meant, own)

    def _remarks(self, report: Report) -> list[str]:
        """What is told of how the candidate was called."""
        request, chosen = self._request, self._chosen
        told = (
            [f"what is judged is the gradient that {request.array} gives of the function"] if request.backward else []
        )
        told += [f"judged by {request.steps} steps in a row, from a state of zeros"] if request.steps else []
        told += [as_parameter(name, called) for name, called in self._by_name.meant.items()]
        if not report.conforms:
            told += [
                as_parameter(name, called, value)
                for name, (called, value) in self._by_name.own.items()
                if name in chosen.parameters
                and value != chosen.parameters[name]
                and f"{name}={value:g}" not in _said(report)
            ]
        if self._order_by_names:
            told.append(in_order(chosen.formula, self._order_by_names, self.said.places))
        return told

    def _extent(self, report: Report) -> Extent:
        """How far the search went, with what was not tried of what the candidate takes by name."""
        request, said = self._request, self.said
        own = () if request.convention else _of_its_own(said, request.page, self._by_name.meant)
        defaults = taken_options(said, request.page) if request.convention or request.backward else ()
        return replace(
            report.extent,
            left_out=(INTEGERS,) if INTEGERS in request.may else (),
            own=own,
            defaults=(*report.extent.defaults, *defaults),
        )


def _require_nothing_of_python(request: Request, calling: Calling) -> None:
    """Refuses what a program that is sent JSON cannot be asked for.

    Raises:
        ValueError: With what that is.
    """
    if request.backward:
        raise ValueError(
            "backward=True is about functions of PyTorch and JAX; a program in another process is sent JSON"
        )
    if calling != USUAL:
        raise ValueError(
            "order, take, layout and steps are about functions in Python; a program in another process is sent JSON"
        )


def require_fitting(said: Signature, formula: Formula, calling: Calling) -> None:
    """Refuses a function that cannot be called with the formula's inputs.

    Raises:
        NotJudged: With the two signatures.
    """
    if said.holds and not calling.steps and len(renewed_by(formula)) > 1:
        raise NotJudged(
            f"{said.called}{said.text} keeps its state to itself, and {formula.name} renews {', '.join(renewed_by(formula))}: "
            "say --steps 3 (steps=3)"
        )
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


def parameters_by_name(said: Signature, chosen: Setting) -> dict[str, Any]:
    """The formula's parameters that a function takes by name, with the formula's defaults."""
    taken = set(said.by_name) - set(argument_names(chosen.formula))
    return {name: default for name, default in chosen.formula.parameters.items() if name in taken}


def taken_options(said: Signature, formula: Formula) -> tuple[str, ...]:
    """The formula's options that a function takes by name."""
    taken = set(said.by_name) - set(argument_names(formula))
    return tuple(name for name in (formula.options.defaults if formula.options else ()) if name in taken)


def _numeric_parameters(formula: Formula) -> list[str]:
    """The parameters of a formula that are numbers."""
    return [name for name, value in formula.parameters.items() if isinstance(value, int | float)]


def _where_some_count(version: Formula) -> Domain:
    """What a version is tried on: of the classes one at least is not ignored."""
    return Domain(fewest_classes=2) if any(each.ignored is not None for each in version.inputs) else WHOLE


def _said(report: Report) -> str:
    """What is said of the name and the repair of a mistake."""
    return f"{report.diagnosis.name} {report.diagnosis.repair}" if report.diagnosis else ""


def _of_its_own(said: Signature, formula: Formula, meant: Mapping[str, str]) -> tuple[str, ...]:
    """Parameters with a default that the formula does not have, of a function that lacks some of the formula's: one may be meant by the other."""
    known = set(keyword_names(formula))
    others = known | set(meant.values())
    own = tuple(name for name in said.by_name[len(argument_names(formula)) :] if name not in others)
    return own if known - set(said.by_name) - set(meant) else ()
