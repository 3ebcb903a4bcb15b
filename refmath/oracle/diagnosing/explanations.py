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
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from refmath.balls.formats import Format
from refmath.mistakes.applied import arguments
from refmath.mistakes.change import Applied, Change
from refmath.mistakes.factor import Factor
from refmath.mistakes.operators import changes, guarded, other_settings, with_constants
from refmath.oracle.diagnosing.answers import Answers
from refmath.oracle.diagnosing.confirmation import Confirmation, Same
from refmath.oracle.diagnosing.fitting import Fitting
from refmath.oracle.diagnosing.guesses import Explanation, Guess
from refmath.oracle.diagnosing.wording import Wording
from refmath.oracle.searching.search import Trial
from refmath.spec import Setting

#: Two rare changes do not come together.
_RARE = 2
#: Of the guesses that fit on screening so many are held against all answers.
_EXPLAINING = 40
#: Nothing more is begun after so many seconds.
_SECONDS = 1.2


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
        same: Same,
        *,
        deadline: float | None = None,
        of: str = "",
        settled: frozenset[str] = frozenset(),
    ) -> None:
        self._answers = Answers(chosen, trials, format_)
        self._confirmation = Confirmation(self._answers, same)
        self._wording = Wording(self._answers, self._confirmation, of)
        self._settled = settled
        self.deadline = time.process_time() + _SECONDS if deadline is None else deadline
        self._typical: list[Guess] = []

    @functools.cached_property
    def _fitting(self) -> Fitting:
        return Fitting(self._answers)

    @functools.cached_property
    def _can_explain(self) -> bool:
        """Whether an answer of finite numbers is refused."""
        return any(not each.trial.accepted for each in self._answers.screened)

    def multiple(self) -> Explanation | None:
        """A factor without sizes by which all answers are wrong, at least on typical inputs."""
        if not self._can_explain:
            return None
        level, same = self._best(self._multiples())
        return self._wording.told(same, level) if same else None

    def other_setting(self) -> Explanation | None:
        """The formula itself with other parameters, if that explains everything."""
        if not self._can_explain or not self._answers.is_evaluated:
            return None
        level, same = self._best(
            guess
            for change in self._other_settings
            for guess in self._fitting.with_numbers(Guess(change=change))
            if guess.factor.is_one
        )
        return self._wording.told(same, level) if level == "everywhere" else None

    @property
    def _other_settings(self) -> list[Change]:
        return [change for change in other_settings(self._answers.given) if change.constant not in self._settled]

    def found(self) -> Explanation | None:
        """The simplest explanation, if there is one."""
        if not self._can_explain:
            return None
        best: Explanation | None = None
        most = math.inf
        stages = (self._single, self._guards, self._of_arguments, self._typed, self._both)
        for stage in stages if self._answers.is_evaluated else (self._single, self._typed):
            level, same = self._best(stage())
            if same and same[0].cost[0] <= most:
                told = self._wording.told(same, level)
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
            level = self._confirmation.explains(guess)
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
        return tuple(arguments(self._answers.given))

    @property
    def _is_late(self) -> bool:
        return time.process_time() > self.deadline

    def _single(self) -> Iterator[Guess]:
        yield from self._multiples()
        yield from (each for each in self._fitting.fitted(Guess()) if each.factor.powers)
        for change in changes(self._answers.given) if self._answers.is_evaluated else ():
            yield from self._fitting.fitted(Guess(change=change))

    def _is_another_way_to_say_it(self, guess: Guess) -> bool:
        """Whether a definition is that of a simpler guess, which explains typical inputs; a typed program may be lost elsewhere."""
        simpler = [each for each in self._typical if each.cost < guess.cost and each.typed is None]
        return guess.typed is None and any(self._are_one(guess, each) for each in simpler)

    def _are_one(self, one: Guess, other: Guess) -> bool:
        """Whether two guesses are the same on the inputs screened, if the candidate is refused on typical ones."""
        for sample in self._answers.screened:
            values = [self._answers.of(sample.trial, each) for each in (one, other)]
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
        refused = [sample.trial for sample in self._answers.screened if not sample.trial.accepted]
        for sign, twos in itertools.product((1, -1), (0, 1, -1, 2, -2, 3, -3)):
            factor = Factor(sign, twos)
            if not factor.is_one and all(self._confirmation.is_multiple(trial, factor) for trial in refused):
                yield Guess(factor=factor)

    def _guards(self) -> Iterator[Guess]:
        for change in (*self._other_settings, *with_constants(self._answers.given), *guarded(self._answers.given)):
            if self._is_late:
                return
            yield from self._fitting.with_numbers(Guess(change=change))

    def _of_arguments(self) -> Iterator[Guess]:
        for applied in self._arguments:
            yield from self._fitting.fitted(Guess(applied))

    def _typed(self) -> Iterator[Guess]:
        for typed in self._answers.typed_mistakes():
            for applied in (None, *(self._arguments if self._answers.is_evaluated else ())):
                if self._is_late:
                    return
                yield from self._fitting.fitted(Guess(applied, typed=typed))

    def _both(self) -> Iterator[Guess]:
        structural = changes(self._answers.given)
        for applied in self._arguments:
            for change in structural:
                if applied.rank + change.rank <= _RARE:
                    yield from self._fitting.fitted(Guess(applied, change))
            if self._is_late:
                return
