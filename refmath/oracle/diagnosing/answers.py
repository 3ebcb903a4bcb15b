"""What changed definitions and wrong programs answer, evaluated in floats on the inputs that a candidate was tried on."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.balls.formats import Format
from refmath.catalogue import related
from refmath.conventions import in_format
from refmath.mistakes.batches import arrays_of
from refmath.mistakes.change import Applied, Given
from refmath.mistakes.factor import FIRST, LAST
from refmath.mistakes.programs import program_under
from refmath.mistakes.values import NotEvaluated, Values
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.diagnosing.guesses import Guess
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import Mistake, Part, Setting, by_place
from refmath.symbols import Joint

#: So many inputs are screened.
_SCREENED = 12


class Sample:
    """One input, with the answer to it, for evaluating definitions in floats."""

    def __init__(self, chosen: Setting, trial: Trial, is_evaluated: bool = True) -> None:
        self.trial = trial
        self.chosen = chosen
        self.arrays, self.sizes = arrays_of(chosen.formula, trial.inputs) if is_evaluated else ({}, {})
        numbers = {name: self.arrays.pop(name) for name in list(self.arrays) if np.ndim(self.arrays[name]) == 0}
        constants: dict[str, Any] = {**chosen.parameters, **chosen.constants, **numbers_of(trial)}
        self.numbers = numbers | {name: float(value) for name, value in constants.items()}
        self._values: dict[Any, Values] = {}
        of_any = [each for each in chosen.formula.inputs if each.axes == ("...",)]
        #: The shape of arguments that have any; definitions take their entries in a row.
        self.any_shape: tuple[int, ...] = np.shape(trial.inputs[of_any[0].name]) if of_any else ()
        #: What a factor of the whole may count: the sizes, and the lengths of the first axis and the last where there may be any.
        self.counts: dict[str, int] = dict(self.sizes)
        if of_any and self.sizes:
            first, *_, last = (*self.any_shape, *self.any_shape) or (1, 1)
            self.counts |= {FIRST: first, LAST: last}

    def values(self, applied: Applied | None, numbers: Mapping[str, Any]) -> Values:
        """What evaluates definitions under changed arguments and parameters."""
        key = None if applied is None else id(applied)
        if numbers:
            return Values(self.changed(applied), self.sizes, {**self.numbers, **numbers})
        if key not in self._values:
            self._values[key] = Values(self.changed(applied), self.sizes, self.numbers)
        return self._values[key]

    def changed(self, applied: Applied | None) -> dict[str, Any]:
        """The arguments after something was applied to them."""
        if applied is None:
            return self.arrays
        plain = self.values(None, {})
        found = dict(self.arrays)
        for each in self.chosen.formula.inputs:
            entry = applied.entries.get(str(each.symbol))
            if entry is not None:
                axes = ("N",) if each.axes == ("...",) else each.axes
                indices = _indices(len(self.arrays[str(each.symbol)].shape))
                found[str(each.symbol)] = plain.of(entry(each.symbol[indices]), tuple(zip(indices, axes, strict=False)))
        return found


@functools.cache
def _indices(count: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Symbol(f"place_{place}", integer=True, nonnegative=True) for place in range(count))


class Answers:
    """What guesses answer, in floats, on the inputs that a candidate was tried on.

    Args:
        chosen: What the candidate was held against.
        trials: What is to be explained.
        format_: The number format.
    """

    def __init__(self, chosen: Setting, trials: Sequence[Trial], format_: Format) -> None:
        self.chosen = chosen = in_format(chosen, format_.name)
        self.trials, self.format_ = list(trials), format_
        self.given = Given.of(chosen, related(chosen.formula))
        self._programs: dict[Any, Candidate] = {}
        self._samples: dict[int, Sample | None] = {}
        self._right: dict[int, bool] = {}

    @functools.cached_property
    def is_evaluated(self) -> bool:
        """Whether definitions can be evaluated in floats; of what is done with functions, and by layers, only multiples are known."""
        return not self.chosen.formula.by_layers and not self.chosen.formula.takes_function

    def sample(self, trial: Trial) -> Sample | None:
        """A trial in floats; None where its arguments are none that definitions are evaluated on."""
        if id(trial) not in self._samples:
            try:
                self._samples[id(trial)] = Sample(self.chosen, trial, self.is_evaluated)
            except (ValueError, TypeError, KeyError):
                self._samples[id(trial)] = None
        return self._samples[id(trial)]

    def is_trusted(self, trial: Trial) -> bool:
        """Whether the right definition, evaluated in floats as it is written, is right there."""
        if id(trial) not in self._right:
            value = self.of(trial, Guess())
            with np.errstate(all="ignore"):
                near = (
                    value is not None
                    and value.size == trial.interval.nearest.size
                    and np.all(
                        np.abs(value.reshape(trial.interval.nearest.shape) - trial.interval.nearest)
                        <= 1e-9 * np.max(np.abs(trial.interval.nearest), initial=self.format_.smallest_normal)
                    )
                )
            right = bool(near) or (value is not None and is_accepted(observed(value, trial), trial.interval))
            self._right[id(trial)] = right
        return self._right[id(trial)]

    @functools.cached_property
    def screened(self) -> list[Sample]:
        """A few telling inputs: those refused first, of many sizes; typical ones alone, if one of them is refused."""
        usable = [trial for trial in self.trials if _is_answered(trial)]
        order = {"typical": 0, "edge": 1, "extreme": 2}
        if any(trial.class_ == "typical" and not trial.accepted for trial in usable):
            # Elsewhere there may be something else besides.
            usable = [trial for trial in usable if trial.class_ == "typical"]
        usable.sort(key=lambda trial: (trial.accepted, order[trial.class_]))
        refused = self._of_many_shapes([trial for trial in usable if not trial.accepted], _SCREENED)
        # The first one rules out most: it has sizes that differ, and are no powers of two.
        refused.sort(key=lambda each: -len({size for size in each.sizes.values() if size & (size - 1)}))
        return refused + self._of_many_shapes([trial for trial in usable if trial.accepted], _SCREENED // 3)

    def _of_many_shapes(self, trials: list[Trial], count: int) -> list[Sample]:
        """So many of some trials: first one of each shape, then another, then the rest."""
        turns: list[list[Trial]] = [[], [], []]
        shapes: dict[Any, int] = {}
        for trial in trials:
            shape = tuple(map(np.shape, trial.inputs.values()))
            turns[min(shapes.get(shape, 0), 2)].append(trial)
            shapes[shape] = shapes.get(shape, 0) + 1
        samples = ((trial, self.sample(trial)) for trial in itertools.chain(*turns))
        usable = (sample for trial, sample in samples if sample is not None and self.is_trusted(trial))
        return list(itertools.islice(usable, count))

    def of(self, trial: Trial, guess: Guess, numbers: Mapping[str, Any] | None = None) -> Any:
        """What a guess answers, without its factor; None if it cannot be evaluated."""
        sample = self.sample(trial)
        if sample is None:
            return None
        definition, output = (
            (guess.change.definition, guess.change.output)
            if guess.change
            else (self.given.definition, self.given.output)
        )
        fitted = {guess.change.constant: guess.number} if guess.change and guess.change.constant else {}
        try:
            if guess.typed is not None:
                return self._of_program(sample, guess)
            if not self.is_evaluated:
                return trial.interval.nearest if trial.interval.entries is None else None
            values = sample.values(guess.applied, numbers if numbers is not None else fitted)
            if isinstance(definition, Joint):
                return _in_a_row(values, definition, self.chosen.parts)
            value = values.of(definition, output)
            return value.reshape(*value.shape[:-1], *sample.any_shape) if output and sample.any_shape else value
        except NotEvaluated:
            return None

    def _of_program(self, sample: Sample, guess: Guess) -> Any:
        """What the program of a typed mistake answers on changed arguments."""
        assert guess.typed is not None
        inputs = dict(sample.trial.inputs)
        changed = sample.changed(guess.applied)
        for each in self.chosen.formula.inputs:
            if guess.applied is not None and str(each.symbol) in guess.applied.entries:
                was = np.asarray(inputs[each.name])
                array = changed[str(each.symbol)]
                if array.size != was.size:
                    raise NotEvaluated("labels are no array of numbers")
                kind = was.dtype if each.kind == "labels" else np.float64
                inputs[each.name] = array.reshape(was.shape).astype(kind)
        key = guess.typed.name, guess.typed.program
        if key not in self._programs:
            self._programs[key] = Candidate(guess.typed.program, formula=by_place(self.chosen.formula))
        seen = self._programs[key](inputs, sample.trial.probe.layout)
        if seen.trouble is not None:
            raise NotEvaluated(seen.text)
        return seen.value

    def typed_mistakes(self) -> Iterator[Mistake]:
        for each in self.chosen.formula.mistakes if self.chosen.convention is None else ():
            if each.definition is not None:  # its definition is one of the changes
                continue
            made = program_under(self.chosen.formula, each, self.chosen.others)
            if made is not None:
                yield replace(each, program=made)
                for variant in each.variants:
                    yield replace(each, program=functools.partial(made, **variant))


def _in_a_row(values: Values, definition: Joint, parts: Sequence[Part]) -> Any:
    """All parts of an answer one after the other; for each number that is tried, if a constant is."""
    found = [values.of(each, part.output) for each, part in zip(definition.args, parts, strict=True)]
    rows = [
        each.reshape(*each.shape[: each.ndim - len(part.output)], -1) for each, part in zip(found, parts, strict=True)
    ]
    leading = max((row.shape[:-1] for row in rows), key=lambda shape: (len(shape), math.prod(shape)))
    return np.concatenate([np.broadcast_to(row, (*leading, row.shape[-1])) for row in rows], axis=-1)


def numbers_of(trial: Trial) -> dict[str, float]:
    """The formula's parameters that the candidate was asked with, where they are numbers."""
    return {name: float(value) for name, value in trial.probe.parameters.items() if not isinstance(value, str)}


def observed(value: Any, trial: Trial) -> Observation:
    """A value as an answer in the form that the candidate's has, if it has as many entries."""
    with np.errstate(all="ignore"):
        value = np.asarray(value, np.float64)
    shape = trial.interval.shape
    seen = trial.seen.value
    for wanted in (shape, None if seen is None else seen.shape):
        if (
            wanted is not None
            and value.size == math.prod(wanted)
            and np.squeeze(value).shape == tuple(each for each in wanted if each != 1)
        ):
            return Observation(np.asarray(value).reshape(wanted))
    return Observation(np.asarray(value))


def _is_answered(trial: Trial) -> bool:
    """Whether there is an answer of finite numbers."""
    return trial.seen.trouble is None and trial.seen.value.size > 0 and bool(np.isfinite(trial.seen.value).all())
