"""The search: every class of inputs is surveyed with Hypothesis, and a failure is shrunk to the smallest one."""

from __future__ import annotations

import contextlib
import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, settings

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import Format
from refmath.oracle.arrays import Handed
from refmath.oracle.candidate import Candidate, Observation
from refmath.oracle.drawing import CLASSES, Branch, Class, Inputs
from refmath.oracle.inputs import branches, is_typical, strategy
from refmath.oracle.laws import Broken, NoAnswer, holds
from refmath.spec import Law, Setting, packed

#: For a law, this many inputs of each class, unless fewer examples are asked for.
_LAW_INPUTS = {"typical": 20, "edge": 12, "extreme": 12}
_FEWEST_LAW_INPUTS = 4

# These are no part of what Hypothesis promises: where they are gone, nothing is put in their place. 6.130 has not all of them yet.
try:
    providers: Any = importlib.import_module("hypothesis.internal.conjecture.providers")
except ImportError:  # pragma: no cover: no version is without them
    providers = None
_NO_CONSTANTS = providers.Constants() if hasattr(providers, "Constants") else None
_CONSTANTS_CACHE = type(providers.CONSTANTS_CACHE)(1024) if hasattr(providers, "CONSTANTS_CACHE") else None


@dataclass(frozen=True, eq=False)
class Trial:
    """One input and what came of it."""

    branch: Branch
    inputs: Inputs
    interval: Acceptance
    seen: Observation
    ulps: float

    @property
    def class_(self) -> Class:
        return self.branch.class_

    @property
    def accepted(self) -> bool:
        return is_accepted(self.seen, self.interval)


def is_accepted(seen: Observation, interval: Acceptance) -> bool:
    """Whether an answer has the right shape and lies inside the interval in every entry."""
    return (
        seen.trouble is None and seen.value.shape == interval.exact.shape and bool(np.all(interval.accepts(seen.value)))
    )


def trouble(seen: Observation, interval: Acceptance) -> str:
    """What kept an answer from being a value of the right shape; empty if nothing did."""
    if seen.trouble is not None:
        return seen.text
    if seen.value.shape != interval.exact.shape:
        return f"returned shape {seen.value.shape} instead of {interval.exact.shape}"
    return ""


@dataclass
class Search:
    """One search for a counterexample: the inputs it tried, and what a setting expects there.

    Attributes:
        setting: The formula and convention held against.
        candidate: The function judged.
        format_: The number format.
        seed: Decides every draw.
        examples: Inputs drawn in each class, spread evenly over its branches.
        strict: Leave inputs unwidened in the acceptance interval.
        array: Whose arrays are drawn; `json` has no integers where real numbers are meant, and no layout in memory.
        tick: Called now and then with a word on what is being done.
        trials: What was tried, once `survey` has run.
        refused_in_laws: Inputs that only a law asked for, and on which the answer was not accepted.
        stopped: Whether nothing more is asked: a call did not come back in time, and each question would cost that time again; a
            program does not start any more, or does not know the formula.
    """

    setting: Setting
    candidate: Candidate
    format_: Format
    seed: int
    examples: int
    strict: bool
    array: Handed
    tick: Callable[[str], None]
    trials: list[Trial] = field(default_factory=list)
    stopped: bool = False
    refused_in_laws: list[Trial] = field(default_factory=list)
    _intervals: dict[Any, Acceptance | None] = field(default_factory=dict)

    def survey(self) -> None:
        """Tries inputs of every class; nothing stops at a failure."""
        known: set[Any] = set()
        for class_ in CLASSES:
            each_of = branches(self.setting.formula, class_)
            shares = sum(branch.share for branch in each_of)
            for branch in each_of:

                def visit(inputs: Inputs, branch: Branch = branch) -> None:
                    if self.stopped:
                        raise _NotAccepted
                    key = _key(inputs)
                    if key not in known:
                        known.add(key)
                        trial = self.trial(branch, inputs)
                        if trial is not None:
                            self.trials.append(trial)
                    self.tick(branch.class_)

                # Hypothesis's first draw is the simplest input of all, which other branches have as well.
                count = max(2, math.ceil(self.examples * branch.share / shares))
                with contextlib.suppress(_NotAccepted):
                    self._run(branch, count, (Phase.generate,), visit)
                if self.stopped:
                    return

    def trial(self, branch: Branch, inputs: Inputs) -> Trial | None:
        """The candidate on one input; None where every honest answer may be lost, and from one that is not asked any more."""
        interval = self.interval(inputs)
        if interval is None:
            return None
        seen = self._ask(inputs)
        if seen.trouble == "spent":
            return None
        return Trial(branch, inputs, interval, seen, _ulps(seen, interval))

    def _ask(self, inputs: Inputs) -> Observation:
        seen = self.candidate(inputs)
        unknown = seen.trouble == "unsupported" and not self.trials
        self.stopped = self.stopped or unknown or seen.trouble in ("hung", "absent", "gone", "spent")
        return seen

    def interval(self, inputs: Inputs) -> Acceptance | None:
        """The acceptance interval at some inputs, computed once."""
        key = _key(inputs)
        if key not in self._intervals:
            self._intervals[key] = acceptance(
                self.setting,
                read(self.setting, *packed(self.setting.formula, inputs)),
                self.format_,
                strict=self.strict,
            )
        return self._intervals[key]

    def shrink(self, branch: Branch, wanted: Callable[[Trial], bool]) -> Trial | None:
        """The smallest input of a branch on which a wanted failure happens, by Hypothesis's shrinking."""
        found: list[Trial] = []

        def visit(inputs: Inputs) -> None:
            trial = None if self.stopped else self.trial(branch, inputs)
            self.tick("shrinking")
            if trial is not None and wanted(trial):
                found.append(trial)
                raise _NotAccepted

        with contextlib.suppress(_NotAccepted, hypothesis.errors.Flaky):
            self._run(branch, 2 * self.examples, (Phase.generate, Phase.shrink), visit)
        return found[-1] if found else None

    def law(self, law: Law) -> tuple[dict[Class, bool | None], int]:
        """By class, whether the law held on every input it was tried on; and on how many it was."""

        within = True
        origin = branches(self.setting.formula, "typical")[0]

        def call(inputs: Inputs) -> Any:
            nonlocal within
            within = within and is_typical(self.setting.formula, inputs)
            interval, seen = self.interval(inputs), self._ask(inputs)
            if interval is None:
                raise Broken
            if seen.trouble == "spent":
                raise NoAnswer
            if not is_accepted(seen, interval):
                leads_out = origin.class_ == "typical" and not is_typical(self.setting.formula, inputs)
                branch = replace(origin, class_="extreme") if leads_out else origin
                self.refused_in_laws.append(Trial(branch, inputs, interval, seen, _ulps(seen, interval)))
            if trouble(seen, interval):
                raise NoAnswer
            return seen.value

        results: dict[Class, bool | None] = dict.fromkeys(CLASSES)
        tried = 0
        for class_ in CLASSES:
            count = min(_LAW_INPUTS[class_], max(_FEWEST_LAW_INPUTS, self.examples))
            for trial in _spread([each for each in self.trials if each.class_ == class_], count):
                if self.stopped:
                    return results, tried
                within, origin = True, trial.branch
                held = holds(law, self.setting, trial.inputs, self.format_, call, self.interval)
                self.tick(law.name)
                if held is None:
                    continue
                tried += 1
                # A law may lead from a typical input to an extreme one, and break there only.
                where: Class = class_ if within or class_ != "typical" else "extreme"
                results[where] = held and results[where] is not False
        return results, tried

    def _run(self, branch: Branch, examples: int, phases: tuple[Phase, ...], visit: Callable[[Inputs], None]) -> None:
        @hypothesis.seed(self.seed)
        @settings(
            max_examples=examples,
            phases=phases,
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(strategy(self.setting.formula, branch, self.format_, self.array))
        def run(inputs: Inputs) -> None:
            visit(inputs)

        with _same_draws_everywhere():
            try:
                run()
            except AssertionError as error:
                # An interruption just before the engine is there trips an assertion of Hypothesis's own, and would be lost in it.
                if isinstance(error.__context__, KeyboardInterrupt):
                    raise error.__context__ from None
                raise


def _ulps(seen: Observation, interval: Acceptance) -> float:
    return math.inf if trouble(seen, interval) else float(np.max(interval.ulps(seen.value)))


def _spread(trials: list[Trial], count: int) -> list[Trial]:
    """At most so many of the trials, from every part of the list."""
    return trials[:: max(1, math.ceil(len(trials) / count))]


class _NotAccepted(Exception):
    pass


def _same_draws_everywhere() -> contextlib.AbstractContextManager[Any]:
    """Draws depend on the seed alone.

    Hypothesis mixes numbers from the source of all local modules, the candidate's own included, into what it draws, and keeps
    them in a directory `.hypothesis` where the user stands.
    """
    if providers is None:
        return contextlib.nullcontext()
    return mock.patch.multiple(
        providers, create=True, _get_local_constants=lambda: _NO_CONSTANTS, CONSTANTS_CACHE=_CONSTANTS_CACHE
    )


def _key(inputs: Inputs) -> Any:
    return tuple(value if callable(value) else _bits(np.asarray(value)) for value in inputs.values())


def _bits(value: Any) -> Any:
    return value.shape, value.dtype.str, value.tobytes()
