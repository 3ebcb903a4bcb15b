"""The search: every input of the survey is tried, laws are held against some of them, and a failure is made smaller."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from refmath.balls.acceptance import Acceptance, acceptance, of_nothing
from refmath.balls.evaluate import as_written, read
from refmath.balls.exact import NoValue
from refmath.balls.formats import FORMATS, Format
from refmath.conventions import in_format
from refmath.kinds.draws import Draws
from refmath.kinds.kind import BEYOND_RANGE, CLASSES, Class
from refmath.oracle.candidates.arrays import Handed
from refmath.oracle.candidates.budget import Asked, Budget
from refmath.oracle.candidates.calling import USUAL, Calling
from refmath.oracle.candidates.candidate import Observation, answer_shape, answer_size
from refmath.oracle.searching.declining import Declined, Factors, factors, masks
from refmath.oracle.searching.laws import Broken, NoAnswer, holds
from refmath.oracle.searching.probe import Inputs, Probe, is_typical
from refmath.oracle.searching.reducer import reduced
from refmath.oracle.searching.sample import LARGE, sampled
from refmath.oracle.searching.survey import Survey
from refmath.spec import Formula, Law, Setting, packed, varied

#: For a law, this many inputs of each class, unless fewer examples are asked for.
_LAW_INPUTS = {"typical": 20, "edge": 12, "extreme": 12}
_FEWEST_LAW_INPUTS = 4
#: Laws are held against inputs of at most so many numbers.
_LAW_ENTRIES = 64
#: Who does not support the first inputs, so many of them, does not know the formula.
UNKNOWN = 4
#: Of a larger answer so many entries are certified.
_CERTIFIED = 1500
#: Of larger arrays a hash is kept to know them again.
_KEPT = 1 << 12

#: The floats that a library makes of integers where it takes an exponential or a logarithm of them, by the kind of the argument.
_MADE_BY: dict[tuple[Handed, str], dict[str, str]] = {
    ("numpy", "logits"): {"int8": "float16", "int16": "float32"},
    **dict.fromkeys(
        (("torch", kind) for kind in ("logits", "probabilities", "unit_interval")),
        dict.fromkeys(("bool", "uint8", "int8", "int16", "int32", "int64"), "float32"),
    ),
}

Intervals = dict[Any, Acceptance | None]
#: What was acceptable in the last searches, some megabytes each: to compute it is half of a judgement, and the next candidate is often held against the same.
_KNOWN: deque[tuple[Any, Intervals]] = deque(maxlen=4)
#: The same of brief searches, of which a judgement may take many.
_KNOWN_OF_FEW: deque[tuple[Any, Intervals]] = deque(maxlen=48)


@dataclass(frozen=True, eq=False)
class Trial:
    """One input and what came of it."""

    probe: Probe
    interval: Acceptance
    seen: Observation
    ulps: float
    factors: Factors

    @property
    def class_(self) -> Class:
        return self.probe.class_

    @property
    def inputs(self) -> Inputs:
        return self.probe.inputs

    @property
    def accepted(self) -> bool:
        return is_accepted(self.seen, self.interval)


def _known(same: Any, among: deque[tuple[Any, Intervals]]) -> Intervals:
    """The intervals of earlier searches for the same; an empty mapping, to be filled, if there were none of late."""
    intervals = next((own for other, own in among if other == same), Intervals())
    kept = [each for each in among if each[1] is not intervals]
    among.clear()
    among.extend([*kept, (same, intervals)])
    return intervals


def is_accepted(seen: Observation, interval: Acceptance) -> bool:
    """Whether an answer has the right shape and lies inside the interval in every entry."""
    return seen.trouble is None and seen.value.shape == interval.shape and bool(np.all(interval.accepts(seen.value)))


def trouble(seen: Observation, interval: Acceptance) -> str:
    """What kept an answer from being a value of the right shape; empty if nothing did."""
    if seen.trouble is not None:
        return seen.text
    if seen.value.shape != interval.shape:
        return f"returned shape {seen.value.shape} instead of {interval.shape}"
    return seen.text if seen.text and not is_accepted(seen, interval) else ""


#: Two programs that follow a definition as it is written differ by so many units in the last place.
_FOLLOWED = 64


@dataclass
class Search:
    """One search for a counterexample: the inputs it tried, and what a setting expects there.

    Attributes:
        setting: The formula and convention held against.
        candidate: The function judged.
        format_: The number format.
        seed: Decides every number.
        examples: About how many inputs of each class.
        strict: Leave inputs unwidened in the acceptance interval.
        array: Whose arrays are drawn; `json` has no integers where real numbers are meant, and no layout in memory.
        tick: Called now and then with a word on what is being done.
        parameters: The formula's parameters that the candidate takes by name, with their defaults.
        shape: Sizes to be tried besides the usual ones, by axis.
        always: The keyword arguments that every call has, unless it has others of the names.
        floating: Arguments that never come in another number type.
        brief: Whether few inputs are enough.
        left_out: What the candidate is known to decline: it is not asked.
        set_to: The formula's parameters that were set for the whole judgement.
        calling: How the candidate is called.
        own: Numbers of the candidate's own, by the formula's parameters that they seem to be.
        trials: What was tried, once `survey` has run.
        without_value: Inputs at which the definition has no value: of a formula of one's own there may be some.
        dropped: How many inputs of each class say nothing, as every honest evaluation may lose everything there.
        declined: What the candidate declines, once that is settled; laws ask it only for what it takes.
        refused_in_laws: Inputs that only a law asked for, and on which the answer was not accepted.
        smaller: What was tried while a failure was made smaller.
        stopped: Whether nothing more is asked: a call did not come back in time, and each question would cost that time again; a
            program does not start any more, or does not know the formula.
        budget: The time that all of it may take.
    """

    setting: Setting
    candidate: Asked
    format_: Format
    seed: int
    examples: int
    strict: bool
    array: Handed
    tick: Callable[[str], None]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    shape: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    always: Mapping[str, Any] = field(default_factory=dict)
    floating: tuple[str, ...] = ()
    brief: bool = False
    left_out: Declined = field(default_factory=Declined)
    set_to: Mapping[str, Any] = field(default_factory=dict)
    calling: Calling = USUAL
    own: Mapping[str, float] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)
    without_value: list[Probe] = field(default_factory=list)
    dropped: dict[Class, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    declined: Declined = field(default_factory=Declined)
    stopped: bool = False
    refused_in_laws: list[Trial] = field(default_factory=list)
    smaller: list[Trial] = field(default_factory=list)
    budget: Budget = field(default_factory=lambda: Budget(math.inf))
    _intervals: Intervals = field(init=False)

    def __post_init__(self) -> None:
        # Whose program is called is no matter, and with parameters each setting has its own.
        same = replace(self.setting, program=self.formula.program)
        self._intervals = _known((same, self.format_, self.strict, self.seed), _KNOWN_OF_FEW if self.brief else _KNOWN)

    @property
    def formula(self) -> Formula:
        return self.setting.formula

    @property
    def taken(self) -> list[Trial]:
        """The trials without those that are declined: what the verdict speaks of."""
        return [trial for trial in self.trials if not self.declined.covers(trial.factors)]

    def survey(self) -> None:
        """Tries inputs of every class; nothing stops at a failure."""
        known: set[Any] = set()
        domain = self.setting.domain
        for probe in Survey(
            self.formula,
            self.format_,
            self.seed,
            self.examples,
            self.array,
            self.parameters,
            domain,
            self.shape,
            self.floating,
            self.brief,
            {name: value for name, value in self.set_to.items() if name in self.formula.parameters},
        ):
            key = (_key(probe.inputs), probe.layout, *probe.types.items(), *probe.parameters.items())
            if key not in known and not self.left_out.covers(factors(self.formula, probe)):
                known.add(key)
                trial = self.trial(probe)
                if trial is not None:
                    self.trials.append(trial)
            self.tick(probe.class_)
            if self.stopped or self.budget.is_spent:
                self.stopped = True
                return

    def trial(self, probe: Probe) -> Trial | None:
        """The candidate on one input; None where every honest answer may be lost, and from one that is not asked any more."""
        # While the interval is computed, a candidate in a process of its own is already at it.
        self.candidate.expect(probe.inputs, probe.layout, probe.parameters)
        try:
            interval = self.interval(probe.inputs, probe.parameters)
        except NoValue:
            self.without_value.append(probe)
            return None
        if interval is None:
            self.dropped[probe.class_] += 1
            return None
        seen = self._ask(probe)
        # An error says of a mean over nothing what nan says, and of its gradient nobody says more.
        if seen.trouble == "spent" or (interval.is_nan and seen.trouble == "raised"):
            return None
        if _is_of_nothing(self.formula, probe.inputs) and (
            seen.trouble == "raised" or (seen.trouble is None and bool(np.isnan(seen.value).all()))
        ):
            return None
        own = self._own_format(probe, seen)
        if own is None:
            interval = (
                self.interval(probe.inputs, probe.parameters, numbers=numbers_of(self.formula, probe, seen)) or interval
            )
        else:
            narrower = self.interval(probe.inputs, probe.parameters, own)
            if narrower is None:
                self.dropped[probe.class_] += 1
                return None
            interval = narrower
        trial = Trial(probe, interval, seen, _ulps(seen, interval), factors(self.formula, probe))
        if not trial.accepted and self._overflows_on_the_way(trial):
            self.dropped[probe.class_] += 1
            return None
        return trial

    def _overflows_on_the_way(self, trial: Trial) -> bool:
        """Whether it answers as the definition itself does where products in it leave the format's range, 1 / ∞, or that has no number there, ∞ − ∞."""
        huge = any(way in BEYOND_RANGE for way in trial.probe.ways.values())
        if not huge or not self.formula.is_written_out or trouble(trial.seen, trial.interval):
            return False
        refused = ~np.asarray(trial.interval.accepts(trial.seen.value))
        if trial.interval.entries is not None:
            return False
        chosen = varied(self.setting, **trial.probe.parameters)
        inputs = read(chosen, *packed(self.formula, trial.inputs))
        written = as_written(in_format(chosen, self.format_.name), inputs, np.dtype(self.format_.dtype()))
        written = np.asarray(written, np.float64).reshape(refused.shape)
        followed = np.isclose(trial.seen.value, written, rtol=_FOLLOWED * self.format_.unit, atol=0, equal_nan=True)
        lost = np.isnan(written) & ~np.isfinite(trial.seen.value)
        lost |= followed & ~np.asarray(trial.interval.accepts(written))
        return bool(lost[refused].all())

    def _own_format(self, probe: Probe, seen: Observation) -> Format | None:
        """A narrower format than was asked for, in which an answer may be right: that of its own, if all numbers came as integers, or that of the exponentials of such.

        Integers have no format: each library makes its own of them, and an answer that is right in that one is right.
        """
        if not probe.types:
            return None
        arrays = [
            probe.inputs[each.name] for each in self.formula.inputs if not each.is_function and not each.is_number
        ]
        are_integers = all(not isinstance(each, dict) and np.asarray(each).dtype.kind in "iub" for each in arrays)
        names = [
            _MADE_BY.get((self.array, each.kind), {}).get(probe.types.get(each.name, ""), "")
            for each in self.formula.inputs
        ]
        found = [FORMATS[name] for name in (*names, seen.dtype if are_integers else "") if name in FORMATS]
        own = min(found, key=lambda format_: format_.bits, default=self.format_)
        return own if own.bits < self.format_.bits else None

    def _ask(self, probe: Probe) -> Observation:
        seen = self.candidate(probe.inputs, probe.layout, probe.parameters)
        # Batches alone may be what it does not support, or labels: these are among the first inputs.
        asked = [*(trial.seen for trial in self.trials[:UNKNOWN]), seen]
        unknown = len(asked) == UNKNOWN and all(each.trouble == "unsupported" for each in asked)
        self.stopped = self.stopped or unknown or seen.trouble in ("hung", "absent", "gone", "spent")
        return seen

    def interval(
        self,
        inputs: Inputs,
        parameters: Mapping[str, Any] | None = None,
        format_: Format | None = None,
        numbers: str = "",
    ) -> Acceptance | None:
        """The acceptance interval at some inputs, computed once for the same numbers, whatever their types and layout.

        The numbers of the convention are those that it has in the format, or in another one.
        """
        numbers = numbers if self.setting.constants else ""
        key = (_key(inputs), format_ and format_.name, numbers, *(parameters or {}).items())
        if key not in self._intervals:
            chosen = varied(self.setting, **(parameters or {}))
            chosen = in_format(chosen, numbers) if numbers else chosen
            numbers_read = read(chosen, *packed(self.formula, inputs))
            try:
                self._intervals[key] = acceptance(
                    chosen, numbers_read, format_ or self.format_, strict=self.strict, entries=self._certified(inputs)
                )
            except NoValue:
                nothing = of_nothing(chosen, numbers_read) if self.formula.is_version else None
                if nothing is None:
                    raise
                self._intervals[key] = nothing
        return self._intervals[key]

    def _certified(self, inputs: Inputs) -> Any:
        """Which entries of a large answer are certified: the first and the last, and some in every part; None for all."""
        size = answer_size(self.formula, inputs)
        if size <= 2 * _CERTIFIED:
            return None
        draws = Draws(self.seed, self.formula.name, "certified", size)
        if size > LARGE:
            return sampled(draws, answer_shape(self.formula, inputs))
        parts = np.arange(_CERTIFIED) * size // _CERTIFIED
        inside = draws.below(size // _CERTIFIED, (_CERTIFIED,)) + parts
        return np.unique(np.concatenate([inside, np.arange(64), size - 1 - np.arange(64)]))

    def shrink(self, trial: Trial, wanted: Callable[[Trial], bool]) -> Trial:
        """The smallest input that is found from a failing one on which a wanted failure still happens."""
        found = trial
        # In many classes all shares are small, and it is typical nevertheless: what is made smaller need not be more so.
        typical = trial.class_ == "typical" and is_typical(self.formula, trial.inputs)

        def fails(inputs: Inputs) -> bool:
            nonlocal found
            self.tick("shrinking")
            if typical and not is_typical(self.formula, inputs):
                return False
            tried = self.other(trial, inputs)
            if tried is not None:
                self.smaller.append(tried)
            if tried is None or not wanted(tried):
                return False
            found = tried
            return True

        reduced(self.formula, trial.inputs, fails, _failing_entry(trial))
        return found

    def other(self, like: Trial, inputs: Inputs) -> Trial | None:
        """The candidate on other inputs represented as those of a trial; None if they are no inputs of the formula, say nothing, or nothing more is asked."""
        if self.stopped or self.budget.is_spent:
            return None
        dropped, without_value = dict(self.dropped), list(self.without_value)
        try:
            return self.trial(replace(like.probe, inputs=inputs, origin=None))
        except (ValueError, TypeError, ArithmeticError):
            return None
        finally:
            self.dropped, self.without_value = dropped, without_value

    def law(self, law: Law) -> tuple[dict[Class, bool | None], int]:
        """By class, whether the law held on every input it was tried on; and on how many it was."""

        if not self.trials:
            return dict.fromkeys(CLASSES), 0
        within = True
        origin = self.trials[0].probe

        def call(inputs: Inputs) -> Any:
            nonlocal within
            within = within and is_typical(self.formula, inputs)
            taken, back = self.declined.adapted(self.formula, inputs)
            asked = None if taken is None else _plainly(origin, taken)
            told = {} if asked is None else factors(self.formula, asked)
            if asked is not None and not self.declined.covers(told):
                self.candidate.expect(asked.inputs, asked.layout, asked.parameters)
            interval = self.interval(inputs)
            if interval is None:
                raise Broken
            if taken is None or asked is None or self.declined.covers(told):
                raise NoAnswer
            answered = self._ask(asked)
            if answered.trouble == "spent":
                raise NoAnswer
            seen = replace(answered, value=back(answered.value)) if answered.trouble is None else answered
            if not is_accepted(seen, interval):
                if origin.class_ == "typical" and not is_typical(self.formula, inputs):
                    asked = replace(asked, class_="extreme")
                expected = self.interval(taken) or interval
                trial = Trial(asked, expected, answered, _ulps(answered, expected), told)
                if self._overflows_on_the_way(trial):
                    raise NoAnswer
                self.refused_in_laws.append(trial)
            if trouble(seen, interval):
                raise NoAnswer
            return seen.value

        results: dict[Class, bool | None] = dict.fromkeys(CLASSES)
        tried = 0
        for class_ in CLASSES:
            count = min(_LAW_INPUTS[class_], max(_FEWEST_LAW_INPUTS, self.examples))
            for trial in _spread([each for each in self.taken if self._is_for_laws(each, class_)], count):
                if self.stopped or self.budget.is_spent:
                    return results, tried
                within, origin = True, trial.probe
                held = holds(law, self.setting, trial.inputs, self.format_, call, self.interval)
                self.tick(law.name)
                if held is None:
                    continue
                tried += 1
                # A law may lead from a typical input to an extreme one, and break there only.
                where: Class = class_ if within or class_ != "typical" else "extreme"
                results[where] = held and results[where] is not False
        return results, tried

    def _is_for_laws(self, trial: Trial, class_: Class) -> bool:
        """Whether a trial is of a class, small, and of everyday layout and parameters."""
        probe = trial.probe
        small = numbers_in(probe.inputs) <= _LAW_ENTRIES
        # Integers of a narrow type are a matter of the type, not of the law.
        usual = all(dtype == "int64" for dtype in probe.types.values())
        # An answer in a format of its own is held against no other answers.
        usual = usual and self._own_format(probe, trial.seen) is None
        # Of −∞ a law may make ∞ − ∞.
        usual = usual and not masks(self.formula, probe.inputs)
        return trial.class_ == class_ and small and usual and probe.layout == "plain" and not probe.parameters


def _plainly(origin: Probe, taken: Inputs) -> Probe:
    """What a law asks for; what it leaves alone comes as it was drawn."""
    types = {name: of for name, of in origin.types.items() if np.asarray(taken[name]).dtype == of}
    return replace(origin, inputs=taken, layout="plain", types=types, parameters={})


def numbers_of(formula: Formula, probe: Probe, seen: Observation) -> str:
    """The format whose numbers a convention has for an answer, if it is not the one asked for.

    Integers have no format: that of the answer is what the library has made of them, and a plain Python number is one of float64.
    """
    first = probe.inputs[formula.inputs[0].name]
    are_integers = isinstance(first, np.ndarray) and first.dtype.kind in "iub"
    if not are_integers:
        return ""
    return seen.dtype if seen.dtype in FORMATS else "float64"


def _is_of_nothing(formula: Formula, inputs: Inputs) -> bool:
    """Whether it is the gradient of a mean in which no sample counts, 0 or 0/0."""
    ignored = [(inputs[each.name], each.ignored) for each in formula.inputs if each.ignored is not None]
    is_mean = formula.settled.get("reduction", "mean") == "mean"
    return bool(formula.output) and is_mean and any(bool(np.all(labels == value)) for labels, value in ignored)


def _failing_entry(trial: Trial) -> tuple[int, ...]:
    """Where an answer is furthest off; nowhere, where there is none."""
    if trouble(trial.seen, trial.interval):
        return ()
    refused = np.where(trial.interval.accepts(trial.seen.value), -1.0, trial.interval.ulps(trial.seen.value))
    return trial.interval.index(int(np.argmax(refused)))


def _spread(of: list[Trial], count: int) -> list[Trial]:
    """At most so many, from the first to the last."""
    return [of[place * len(of) // count] for place in range(count)] if len(of) > count else of


def numbers_in(inputs: Inputs) -> int:
    """How many numbers some inputs hold altogether."""
    values = (each for value in inputs.values() for each in (value.values() if isinstance(value, dict) else [value]))
    return sum(map(np.size, values))


def _ulps(seen: Observation, interval: Acceptance) -> float:
    if trouble(seen, interval):
        return math.inf
    return float(np.max(interval.ulps(seen.value)))


def _key(inputs: Inputs) -> Any:
    return tuple(map(_numbers, inputs.values()))


def _numbers(value: Any) -> Any:
    """What tells numbers from others, whatever type they come in; labels, which mean something else, are told from real numbers."""
    if callable(value):
        return value
    if isinstance(value, dict):
        return tuple((key, _numbers(each)) for key, each in value.items())
    array = np.asarray(value)
    numbers = np.ascontiguousarray(array, np.float64)
    return array.shape, numbers.tobytes() if array.size <= _KEPT else hashlib.blake2b(numbers.data).digest()
