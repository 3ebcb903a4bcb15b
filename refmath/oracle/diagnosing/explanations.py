"""Which changes of a definition answer as a candidate does: at most one of the arguments, one of the structure, one guard, and a factor.

Definitions are screened in floats on a few inputs. What is left must explain every answer: it agrees with the candidate up to rounding, or the candidate
lies inside the acceptance interval of the wrong definition, which is that of its balls. Only an input on which both are outside of the right interval
is evidence.
"""

from __future__ import annotations

import functools
import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import Format
from refmath.catalogue import related
from refmath.conventions import in_format
from refmath.mistakes.applied import arguments
from refmath.mistakes.batches import arrays_of
from refmath.mistakes.change import ANOTHER, FITTED, Applied, Change, Given
from refmath.mistakes.factor import FIRST, LAST, Factor, Ratios, components, in_words
from refmath.mistakes.operators import changes, guarded, other_settings, with_constants
from refmath.mistakes.programs import program_under
from refmath.mistakes.values import NotEvaluated, Values
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import Mistake, Part, Setting, by_place, packed
from refmath.symbols import Joint

#: So many inputs are screened.
_SCREENED = 12
#: How far answers may be off on screening; a guard of 1e-7 may come on top.
_ROOM = 1e-5
#: A factor of sizes is known from so many different ones.
_SIZES = 3
#: Two rare changes do not come together.
_RARE = 2
#: With the right constant they are off by so many units in the last place at most.
_NEAR = 2.0**14
#: Of constants that fit alike so many are looked at.
_ALIKE = 4
#: Of a definition without a typed program so many answers are confirmed in balls.
_CONFIRMED = 24
#: An answer that floats leave open may be so far off.
_DOUBTFUL = 1e-3
#: Of the guesses that fit on screening so many are held against all answers.
_EXPLAINING = 40
#: Nothing more is begun after so many seconds.
_SECONDS = 1.2


@dataclass(frozen=True)
class Explanation:
    """What a candidate does, and how far that explains its answers.

    Attributes:
        parts: The name and the sentence of each part.
        everywhere: Whether it explains all answers, or those on typical inputs only.
        is_setting: Whether it is the formula itself with another parameter.
        of: The key of the part of the answer that it explains, if it is one of several.
    """

    parts: tuple[tuple[str, str], ...]
    everywhere: bool
    is_setting: bool = False
    of: str = ""

    @property
    def is_simple(self) -> bool:
        """Whether it is one mistake, and not just a number that depends on sizes."""
        return len(self.parts) == 1 and self.name != "factor_of_sizes"

    @property
    def name(self) -> str:
        return " and ".join(name for name, _ in self.parts)

    @property
    def text(self) -> str:
        told = " Besides: ".join(text for _, text in self.parts)
        return f"Of the answer only {self.of} is wrong. {told}" if self.of else told


@dataclass(frozen=True)
class Guess:
    """What a candidate may do.

    Attributes:
        applied: What is applied to the arguments first.
        change: What is changed in the definition.
        typed: Or the mistake of the page that is made.
        value: The number that the change has, if it has one.
        factor: The factor of the whole.
    """

    applied: Applied | None = None
    change: Change | None = None
    typed: Mistake | None = None
    value: float | None = None
    factor: Factor = field(default_factory=Factor)

    @property
    def number(self) -> float:
        """The number of the change; nan if it has none."""
        return math.nan if self.value is None else self.value

    @property
    def cost(self) -> tuple[int, float, float]:
        """The number of changes, then of constants, then how rare they are."""
        count = (self.applied is not None) + (self.change is not None) + (self.typed is not None) + self.factor.cost[0]
        rank = (self.applied.rank if self.applied else 0) + (self.change.rank if self.change else 0)
        rank -= count == self.factor.cost[0]  # a factor of the whole says more than one that is missing somewhere
        return count, float(self.value is not None), rank + self.factor.cost[1]


class Sample:
    """One input, with the answer to it, for evaluating definitions in floats."""

    def __init__(self, chosen: Setting, trial: Trial, is_evaluated: bool = True) -> None:
        self.trial = trial
        self.chosen = chosen
        self.arrays, self.sizes = arrays_of(chosen.formula, trial.inputs) if is_evaluated else ({}, {})
        numbers = {name: self.arrays.pop(name) for name in list(self.arrays) if np.ndim(self.arrays[name]) == 0}
        constants: dict[str, Any] = {**chosen.parameters, **chosen.constants, **_numbers_of(trial)}
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


class Explainer:
    """Looks for changes of a definition that answer as a candidate does.

    Args:
        chosen: What the candidate was held against.
        trials: What is to be explained.
        format_: The number format.
        same: Whether two observations agree up to rounding.
        of: The key of the part of the answer that is explained, if it is one of several.
        settled: Parameters that the other parts of the answer show to be as they should.
        deadline: When nothing more is begun, in processor time, `time.process_time`, which other programs do not use up; by default soon.
    """

    def __init__(
        self,
        chosen: Setting,
        trials: Sequence[Trial],
        format_: Format,
        same: Callable[[Observation, Observation, Acceptance, Format], bool],
        *,
        deadline: float | None = None,
        of: str = "",
        settled: frozenset[str] = frozenset(),
    ) -> None:
        self.chosen = chosen = in_format(chosen, format_.name)
        self.trials, self.format_, self._same, self._part = list(trials), format_, same, of
        self._settled = settled
        self.given = Given.of(chosen, related(chosen.formula))
        self._programs: dict[Any, Candidate] = {}
        self.deadline = time.process_time() + _SECONDS if deadline is None else deadline
        self._samples: dict[int, Sample | None] = {}
        self._right: dict[int, bool] = {}
        self._typical: list[Guess] = []

    # ---- inputs

    def sample(self, trial: Trial) -> Sample | None:
        """A trial in floats; None where its arguments are none that definitions are evaluated on."""
        if id(trial) not in self._samples:
            try:
                self._samples[id(trial)] = Sample(self.chosen, trial, self._is_evaluated)
            except (ValueError, TypeError, KeyError):
                self._samples[id(trial)] = None
        return self._samples[id(trial)]

    def is_trusted(self, trial: Trial) -> bool:
        """Whether the right definition, evaluated in floats as it is written, is right there."""
        if id(trial) not in self._right:
            value = self._of(trial, Guess())
            with np.errstate(all="ignore"):
                near = (
                    value is not None
                    and value.size == trial.interval.nearest.size
                    and np.all(
                        np.abs(value.reshape(trial.interval.nearest.shape) - trial.interval.nearest)
                        <= 1e-9 * np.max(np.abs(trial.interval.nearest), initial=self.format_.smallest_normal)
                    )
                )
            right = bool(near) or (value is not None and is_accepted(_observed(value, trial), trial.interval))
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

    # ---- values

    def _of(self, trial: Trial, guess: Guess, numbers: Mapping[str, Any] | None = None) -> Any:
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
            if not self._is_evaluated:
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

    # ---- fitting

    def _fitted(self, guess: Guess, tried: Sequence[float] = (), units: float = math.inf) -> Iterator[Guess]:
        """A guess with the numbers and the factors that fit on the inputs screened, where answers may be off by some units in the last place."""
        count = max(1, len(tried))
        # In a changed definition only what it may hold itself is counted.
        plain = guess == Guess()
        ratios = Ratios(tuple(self.screened[0].counts if plain else self.screened[0].sizes), count)
        room = min(max(_ROOM, _NEAR * self.format_.unit), units * self.format_.unit)
        sizes: list[Any] = []
        constant = guess.change.constant if guess.change else ""
        for sample in self.screened:
            numbers = {constant: np.array(tried)} if tried else None
            value = self._of(sample.trial, guess, numbers)
            if value is None:
                return
            seen = sample.trial.seen.value
            own = value.reshape(value.shape[1:]) if tried and len(value) == 1 and value.ndim > seen.ndim else value
            shape = own.shape[1:] if tried and value.ndim and len(value) == count and own is value else own.shape
            if tuple(each for each in shape if each != 1) != tuple(each for each in seen.shape if each != 1):
                return
            rows = np.broadcast_to(value.reshape(-1, max(1, math.prod(shape))), (count, max(1, math.prod(shape))))
            alike = _are_right(rows, sample.trial)
            if not ratios.take(rows, seen.reshape(-1), sample.counts, room, alike):
                return
            sizes.append(np.abs(rows))
        ends = [np.array([end(each, axis=1) for each in sizes]) for end in (np.min, np.max)]
        # What is the same whatever it is given tells nothing.
        varies = ends[0].min(axis=0) < ends[1].max(axis=0) * (1 - _ROOM)
        is_formula = guess == Guess()
        for place, factor in ratios.simplest():
            if tried and factor.twos:  # with a number to choose, a multiple is nothing that is known
                continue
            if not (varies[place] or is_formula) or not self._is_told(factor):
                continue
            if guess.change is not None and guess.change.rank >= ANOTHER and not factor.is_one:
                continue
            yield replace(guess, factor=factor, value=tried[place] if tried else guess.value)

    def _is_told(self, factor: Factor) -> bool:
        """Whether the inputs screened are of so many sizes that a factor can be told from others."""
        different = {tuple(sample.sizes.values()) for sample in self.screened}
        return not factor.powers or len(different) >= _SIZES

    def _with_numbers(self, guess: Guess) -> Iterator[Guess]:
        """A guess with the number that fits: one of those that people choose, or another of at most three digits."""
        assert guess.change is not None
        tried = sorted(guess.change.tried)
        found = [each.number for each in self._fitted(guess, tried)]
        if found:
            yield from itertools.islice(self._fitted(guess, found, _NEAR), _ALIKE)
            return
        for sample in self.screened[:2]:
            for number in self._solved(guess, sample, tried):
                yield from self._fitted(guess, (number,), _NEAR)

    def _solved(self, guess: Guess, sample: Sample, tried: Sequence[float]) -> Iterator[float]:
        """The numbers for which a guess answers as the candidate does, on one input."""
        assert guess.change is not None
        constant = guess.change.constant
        seen, nearest = sample.trial.seen.value.reshape(-1), sample.trial.interval.nearest.reshape(-1)
        place = int(np.argmax(np.abs(seen - nearest))) if seen.size == nearest.size else 0

        def missed(numbers: Any) -> Any:
            value = self._of(sample.trial, guess, {constant: numbers})
            if value is None or value.size != len(numbers) * seen.size:
                return np.full(len(numbers), np.nan)
            return value.reshape(len(numbers), -1)[:, place] - seen[place]

        ends = [np.array(tried)]
        # Each time forty times as near.
        for _ in range(7):
            closer = []
            for numbers in ends[:3]:
                off = missed(numbers)
                places = np.flatnonzero((off[:-1] * off[1:] <= 0) & (off[:-1] != off[1:]))
                closer += [np.geomspace(numbers[at], numbers[at + 1], 40) for at in places]
            ends = closer
        yield from dict.fromkeys(float(f"{numbers[20]:.3g}") for numbers in ends)

    # ---- explaining

    def explains(self, guess: Guess) -> str:
        """`everywhere` if a guess explains every answer, `typical` if those on typical inputs, otherwise empty."""
        if not self._is_wrong(guess):
            return ""
        level, evidence = "everywhere", {"typical": 0, "everywhere": 0}
        confirmed = 0
        given = None
        for trial in sorted(self.trials, key=lambda each: each.class_ != "typical"):
            if level == "typical" and trial.class_ != "typical":
                break
            value = self._of(trial, guess)
            agrees, telling = False, False
            if value is not None and guess == Guess(factor=guess.factor):
                agrees = self._is_multiple(trial, guess.factor)
                telling = agrees and not trial.accepted
            elif value is not None:
                sample = self.sample(trial)
                assert sample is not None
                answer = _observed(value * guess.factor.value(sample.counts), trial)
                # What floats get right without the mistake they get right with it, as far as can be known.
                trusted = guess.typed is not None or self.is_trusted(trial)
                agrees = trusted and self._same(trial.seen, answer, trial.interval, self.format_)
                telling = agrees and not trial.accepted and not is_accepted(answer, trial.interval)
                doubtful = not agrees and guess.typed is None and (not trusted or _is_near(trial, answer))
                if (
                    guess.typed is None
                    and (doubtful or (telling and confirmed < _CONFIRMED // 3))
                    and confirmed < _CONFIRMED
                ):
                    confirmed += 1
                    given = given or self._setting(guess)
                    fitted = guess.change.constant if guess.change else ""
                    own = {name: number for name, number in _numbers_of(trial).items() if name != fitted}
                    under = replace(given, parameters={**given.parameters, **own}) if own else given
                    inside = _is_inside(under, trial, self.format_)
                    agrees = agrees if inside is None else inside
                    telling = telling and agrees
            if agrees:
                evidence["everywhere"] += telling
                evidence["typical"] += telling and trial.class_ == "typical"
            elif trial.class_ == "typical":
                return ""
            else:
                level = "typical"
        # A factor shows on typical inputs.
        told = evidence["typical"] if not guess.factor.is_one else evidence[level]
        return level if told else ""

    def _is_multiple(self, trial: Trial, factor: Factor) -> bool:
        """Whether an answer would be right without a factor."""
        sample = self.sample(trial)
        if sample is None or trial.seen.trouble is not None:
            return False
        return is_accepted(replace(trial.seen, value=trial.seen.value / factor.value(sample.counts)), trial.interval)

    def _is_wrong(self, guess: Guess) -> bool:
        """Whether a guess is another formula, its factor aside: two changes may undo each other."""
        if guess == Guess(factor=guess.factor):
            return True
        for trial in self.trials:
            value, right = self._of(trial, guess), self._of(trial, Guess())
            if value is None or right is None or value.size != right.size:
                return True
            if not np.allclose(value.ravel(), right.ravel(), rtol=1e-12, atol=0, equal_nan=True):
                return True
        return False

    def _setting(self, guess: Guess) -> Setting:
        """The formula with the mistake in its definition, for balls."""
        definition = guess.change.definition if guess.change else self.given.definition
        output = guess.change.output if guess.change else self.given.output
        if guess.applied is not None:
            definition = guess.applied.to(definition)
        factor = guess.factor.expression(self.given)
        parts = self.chosen.parts
        if isinstance(definition, Joint):
            parts = tuple(
                replace(part, definition=factor * made) for part, made in zip(parts, definition.args, strict=True)
            )
            definition = parts[0].definition
        else:
            definition = factor * definition
        parameters = dict(self.chosen.parameters)
        if guess.change is not None and guess.change.constant:
            parameters[guess.change.constant] = guess.number
        page = self.chosen.formula
        known = {**page.parameters, **self.chosen.constants, **parameters}
        formula = replace(
            page, definition=definition, output=output, parts=parts, range=None, forms=(), parameters=known
        )
        return replace(
            self.chosen, formula=formula, definition=definition, parts=parts, forms=(), parameters=parameters
        )

    @functools.cached_property
    def _is_evaluated(self) -> bool:
        """Whether definitions can be evaluated in floats; of what is done with functions, and by layers, only multiples are known."""
        return not self.chosen.formula.by_layers and not self.chosen.formula.takes_function

    @functools.cached_property
    def _can_explain(self) -> bool:
        """Whether an answer of finite numbers is refused."""
        return any(not each.trial.accepted for each in self.screened)

    def multiple(self) -> Explanation | None:
        """A factor without sizes by which all answers are wrong, at least on typical inputs."""
        if not self._can_explain:
            return None
        level, same = self._best(self._multiples())
        return self._told(same, level) if same else None

    def other_setting(self) -> Explanation | None:
        """The formula itself with other parameters, if that explains everything."""
        if not self._can_explain or not self._is_evaluated:
            return None
        level, same = self._best(
            guess
            for change in self._other_settings
            for guess in self._with_numbers(Guess(change=change))
            if guess.factor.is_one
        )
        return self._told(same, level) if level == "everywhere" else None

    @property
    def _other_settings(self) -> list[Change]:
        return [change for change in other_settings(self.given) if change.constant not in self._settled]

    def found(self) -> Explanation | None:
        """The simplest explanation, if there is one."""
        if not self._can_explain:
            return None
        best: Explanation | None = None
        most = math.inf
        stages = (self._single, self._guards, self._of_arguments, self._typed, self._both)
        for stage in stages if self._is_evaluated else (self._single, self._typed):
            level, same = self._best(stage())
            if same and same[0].cost[0] <= most:
                told = self._told(same, level)
                if level == "everywhere":
                    return told
                best = best or told
                # What explains more must not be much less simple.
                most = min(most, same[0].cost[0] + 1)
            if self._is_late:
                break
        return best

    def _best(self, guesses: Iterable[Guess]) -> tuple[str, list[Guess]]:
        """The simplest guesses that explain most."""
        found: dict[str, list[Guess]] = {"everywhere": [], "typical": []}
        fitting = sorted(guesses, key=lambda guess: guess.cost)
        for guess in fitting[:_EXPLAINING]:
            if self._is_late or (found["everywhere"] and guess.cost[0] > found["everywhere"][0].cost[0]):
                break
            level = self.explains(guess)
            if level == "typical":
                self._typical.append(guess)
            elif level and self._is_another_way_to_say_it(guess):
                level = ""
            if level:
                found[level].append(guess)
        for level, same in found.items():
            if same:
                # How rare they are only says which is told first.
                least = min(guess.cost for guess in same)[:2]
                return level, [guess for guess in same if guess.cost[:2] == least]
        return "", []

    @functools.cached_property
    def _arguments(self) -> tuple[Applied, ...]:
        return tuple(arguments(self.given))

    @property
    def _is_late(self) -> bool:
        return time.process_time() > self.deadline

    def _single(self) -> Iterator[Guess]:
        yield from self._multiples()
        yield from (each for each in self._fitted(Guess()) if each.factor.powers)
        for change in changes(self.given) if self._is_evaluated else ():
            yield from self._fitted(Guess(change=change))

    def _is_another_way_to_say_it(self, guess: Guess) -> bool:
        """Whether a definition is that of a simpler guess, which explains typical inputs; a typed program may be lost elsewhere."""
        simpler = [each for each in self._typical if each.cost < guess.cost and each.typed is None]
        return guess.typed is None and any(self._are_one(guess, each) for each in simpler)

    def _are_one(self, one: Guess, other: Guess) -> bool:
        """Whether two guesses are the same on the inputs screened, if the candidate is refused on typical ones."""
        for sample in self.screened:
            values = [self._of(sample.trial, each) for each in (one, other)]
            if values[0] is None or values[1] is None or sample.trial.class_ != "typical":
                return False
            first, second = (
                np.ravel(value) * each.factor.value(sample.counts)
                for value, each in zip(values, (one, other), strict=True)
            )
            if first.size != second.size or not np.allclose(first, second, rtol=1e-12, atol=0):
                return False
        return True

    def _multiples(self) -> Iterator[Guess]:
        """Factors without sizes, which the interval itself tells: there may be less left of an answer than is screened for."""
        refused = [sample.trial for sample in self.screened if not sample.trial.accepted]
        for sign, twos in itertools.product((1, -1), (0, 1, -1, 2, -2, 3, -3)):
            factor = Factor(sign, twos)
            if not factor.is_one and all(self._is_multiple(trial, factor) for trial in refused):
                yield Guess(factor=factor)

    def _guards(self) -> Iterator[Guess]:
        for change in (*self._other_settings, *with_constants(self.given), *guarded(self.given)):
            if self._is_late:
                return
            yield from self._with_numbers(Guess(change=change))

    def _of_arguments(self) -> Iterator[Guess]:
        for applied in self._arguments:
            yield from self._fitted(Guess(applied))

    def _typed(self) -> Iterator[Guess]:
        for typed in self._typed_mistakes():
            for applied in (None, *(self._arguments if self._is_evaluated else ())):
                if self._is_late:
                    return
                yield from self._fitted(Guess(applied, typed=typed))

    def _typed_mistakes(self) -> Iterator[Mistake]:
        for each in self.chosen.formula.mistakes if self.chosen.convention is None else ():
            if each.definition is not None:  # its definition is one of the changes
                continue
            made = program_under(self.chosen.formula, each, self.chosen.others)
            if made is not None:
                yield replace(each, program=made)
                for variant in each.variants:
                    yield replace(each, program=functools.partial(made, **variant))

    def _both(self) -> Iterator[Guess]:
        structural = changes(self.given)
        for applied in self._arguments:
            for change in structural:
                if applied.rank + change.rank <= _RARE:
                    yield from self._fitted(Guess(applied, change))
            if self._is_late:
                return

    # ---- words

    def _told(self, same: list[Guess], level: str) -> Explanation:
        """The explanation in words; of several that nothing separates the first two are told."""
        everywhere = level == "everywhere"
        first = Explanation(tuple(self._parts(same[0])), everywhere, self._is_setting(same[0]), self._part)
        for guess in same[1:]:
            other = Explanation(tuple(self._parts(guess)), everywhere)
            # Two values of parameters may come to the same, and are different programs.
            apart = (first.is_setting and self._is_setting(guess)) or not self._equal(guess, same[0])
            if other.name != first.name and apart:
                text = f"{first.text} Or: {other.text}"
                return Explanation(((f"{first.name} or {other.name}", text),), everywhere, first.is_setting)
        return first

    def _is_setting(self, guess: Guess) -> bool:
        own = guess.change is not None and guess.change.constant in self.chosen.parameters
        return own and guess.applied is None and guess.factor.is_one

    def _equal(self, one: Guess, other: Guess) -> bool:
        """Whether two guesses answer alike on all inputs."""
        for trial in self.trials:
            sample = self.sample(trial)
            if sample is None or not self.is_trusted(trial):
                continue
            values = [self._of(trial, each) for each in (one, other)]
            if any(value is None for value in values):
                return False
            first, second = (
                value * each.factor.value(sample.counts) for value, each in zip(values, (one, other), strict=True)
            )
            if not self._same(_observed(first, trial), _observed(second, trial), trial.interval, self.format_):
                return False
        return True

    def _parts(self, guess: Guess) -> Iterator[tuple[str, str]]:
        """The name and the sentence of each part; of what the page knows, the page's own."""
        parts: list[Guess] = []
        if guess.applied is not None:
            parts.append(Guess(guess.applied))
        if guess.change is not None or guess.typed is not None:
            parts.append(Guess(None, guess.change, guess.typed, guess.value))
        whole = None if self._is_setting(guess) else self._known(guess)
        if whole is not None:
            yield whole.name, whole.text
            return
        for part in parts:
            known = part.typed or (None if self._is_setting(part) else self._known(part))
            if known is not None:
                yield known.name, known.text
            elif part.applied is not None:
                yield part.applied.name, part.applied.text
            elif part.change is not None:
                yield self._of_change(part.change, part.number)
        for factor in components(guess.factor):
            known = self._known(Guess(factor=factor))
            yield (known.name, known.text) if known is not None else in_words(factor, self.given)

    def _of_change(self, change: Change, value: float) -> tuple[str, str]:
        if change.constant and change.constant != FITTED.name:
            return f"{change.name}={value:g}", change.text.replace("{value}", f"{value:g}")
        return change.name, change.text.replace("{value}", f"{value:g}")

    def _known(self, guess: Guess) -> Mistake | None:
        """The mistake of the page that answers as a guess does."""
        for typed in self._typed_mistakes():
            if all(self._is_known(sample, guess, typed) for sample in self.screened):
                return typed
        return None

    def _is_known(self, sample: Sample, guess: Guess, typed: Mistake) -> bool:
        value, known = self._of(sample.trial, guess), self._of(sample.trial, Guess(typed=typed))
        if value is None or known is None or value.size != known.size:
            return False
        value = value * guess.factor.value(sample.counts)
        return bool(
            np.allclose(value.ravel(), known.ravel(), rtol=1e-9, atol=1e-12 * np.max(np.abs(known), initial=0.0))
        )


def _in_a_row(values: Values, definition: Joint, parts: Sequence[Part]) -> Any:
    """All parts of an answer one after the other; for each number that is tried, if a constant is."""
    found = [values.of(each, part.output) for each, part in zip(definition.args, parts, strict=True)]
    rows = [
        each.reshape(*each.shape[: each.ndim - len(part.output)], -1) for each, part in zip(found, parts, strict=True)
    ]
    leading = max((row.shape[:-1] for row in rows), key=lambda shape: (len(shape), math.prod(shape)))
    return np.concatenate([np.broadcast_to(row, (*leading, row.shape[-1])) for row in rows], axis=-1)


def _numbers_of(trial: Trial) -> dict[str, float]:
    """The formula's parameters that the candidate was asked with, where they are numbers."""
    return {name: float(value) for name, value in trial.probe.parameters.items() if not isinstance(value, str)}


def _observed(value: Any, trial: Trial) -> Observation:
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


def _are_right(rows: Any, trial: Trial) -> Any:
    """For each row of values whether it is right, as the candidate's answer is, and would be with any factor."""
    interval = trial.interval
    if not trial.accepted or interval.entries is not None or rows.shape[1] != interval.low.size:
        return False
    low, high, said = (np.reshape(each, -1) for each in (interval.low, interval.high, interval.said))
    return np.all(~said | ((low <= rows) & (rows <= high) & (low <= 2 * rows) & (2 * rows <= high)), axis=1)


def _is_answered(trial: Trial) -> bool:
    """Whether there is an answer of finite numbers."""
    return trial.seen.trouble is None and trial.seen.value.size > 0 and bool(np.isfinite(trial.seen.value).all())


def _is_near(trial: Trial, answer: Observation) -> bool:
    """Whether an answer is so near, or so uncertain, that balls must decide."""
    if trial.seen.trouble is not None or trial.seen.value.shape != answer.value.shape:
        return False
    with np.errstate(all="ignore"):
        off = np.abs(trial.seen.value - answer.value)
        return bool(
            np.all(~np.isfinite(answer.value) | (off <= _DOUBTFUL * np.max(np.abs(trial.seen.value), initial=0.0)))
        )


def _is_inside(given: Setting, trial: Trial, format_: Format) -> bool | None:
    """Whether the candidate lies inside the interval of a wrong definition; None if balls cannot evaluate it."""
    try:
        interval = acceptance(given, read(given, *packed(given.formula, trial.inputs)), format_)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, NotImplementedError):
        return None
    if interval is None or trial.seen.trouble is not None:
        return None
    seen = trial.seen
    if seen.value.shape != interval.shape and np.squeeze(seen.value).shape == tuple(
        each for each in interval.shape if each != 1
    ):
        seen = replace(seen, value=seen.value.reshape(interval.shape))
    return is_accepted(seen, interval)
