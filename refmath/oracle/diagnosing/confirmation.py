"""Whether a change of a definition explains all that a candidate answers: in floats where these are enough, in balls where they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import Format
from refmath.mistakes.factor import Factor
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.diagnosing.answers import Answers, numbers_of, observed
from refmath.oracle.diagnosing.guesses import Guess
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import Setting, packed
from refmath.symbols import Joint

#: Of a definition without a typed program so many answers are confirmed in balls.
_CONFIRMED = 24
#: An answer that floats leave open may be so far off.
_DOUBTFUL = 1e-3
#: Whether two observations agree up to rounding.
Same = Callable[[Observation, Observation, Acceptance, Format], bool]


class Confirmation:
    """Holds a guess against all answers of the candidate.

    Args:
        answers: What guesses answer.
        same: Whether two observations agree up to rounding.
    """

    def __init__(self, answers: Answers, same: Same) -> None:
        self._answers, self._same = answers, same
        self._trials, self._format = answers.trials, answers.format_

    def explains(self, guess: Guess) -> str:
        """`everywhere` if a guess explains every answer, `typical` if those on typical inputs, otherwise empty."""
        if not self._is_wrong(guess):
            return ""
        level, evidence = "everywhere", {"typical": 0, "everywhere": 0}
        confirmed = 0
        given = None
        for trial in sorted(self._trials, key=lambda each: each.class_ != "typical"):
            if level == "typical" and trial.class_ != "typical":
                break
            value = self._answers.of(trial, guess)
            agrees, telling = False, False
            if value is not None and guess == Guess(factor=guess.factor):
                agrees = self.is_multiple(trial, guess.factor)
                telling = agrees and not trial.accepted
            elif value is not None:
                sample = self._answers.sample(trial)
                assert sample is not None
                answer = observed(value * guess.factor.value(sample.counts), trial)
                # What floats get right without the mistake they get right with it, as far as can be known.
                trusted = guess.typed is not None or self._answers.is_trusted(trial)
                agrees = trusted and self._same(trial.seen, answer, trial.interval, self._format)
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
                    own = {name: number for name, number in numbers_of(trial).items() if name != fitted}
                    under = replace(given, parameters={**given.parameters, **own}) if own else given
                    inside = _is_inside(under, trial, self._format)
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

    def is_multiple(self, trial: Trial, factor: Factor) -> bool:
        """Whether an answer would be right without a factor."""
        sample = self._answers.sample(trial)
        if sample is None or trial.seen.trouble is not None:
            return False
        return is_accepted(replace(trial.seen, value=trial.seen.value / factor.value(sample.counts)), trial.interval)

    def _is_wrong(self, guess: Guess) -> bool:
        """Whether a guess is another formula, its factor aside: two changes may undo each other."""
        if guess == Guess(factor=guess.factor):
            return True
        for trial in self._trials:
            value, right = self._answers.of(trial, guess), self._answers.of(trial, Guess())
            if value is None or right is None or value.size != right.size:
                return True
            if not np.allclose(value.ravel(), right.ravel(), rtol=1e-12, atol=0, equal_nan=True):
                return True
        return False

    def _setting(self, guess: Guess) -> Setting:
        """The formula with the mistake in its definition, for balls."""
        definition = guess.change.definition if guess.change else self._answers.given.definition
        output = guess.change.output if guess.change else self._answers.given.output
        if guess.applied is not None:
            definition = guess.applied.to(definition)
        factor = guess.factor.expression(self._answers.given)
        parts = self._answers.chosen.parts
        if isinstance(definition, Joint):
            parts = tuple(
                replace(part, definition=factor * made) for part, made in zip(parts, definition.args, strict=True)
            )
            definition = parts[0].definition
        else:
            definition = factor * definition
        parameters = dict(self._answers.chosen.parameters)
        if guess.change is not None and guess.change.constant:
            parameters[guess.change.constant] = guess.number
        page = self._answers.chosen.formula
        known = {**page.parameters, **self._answers.chosen.constants, **parameters}
        formula = replace(
            page, definition=definition, output=output, parts=parts, range=None, forms=(), parameters=known
        )
        return replace(
            self._answers.chosen, formula=formula, definition=definition, parts=parts, forms=(), parameters=parameters
        )

    def are_alike(self, one: Guess, other: Guess) -> bool:
        """Whether two guesses answer alike on all inputs."""
        for trial in self._trials:
            sample = self._answers.sample(trial)
            if sample is None or not self._answers.is_trusted(trial):
                continue
            values = [self._answers.of(trial, each) for each in (one, other)]
            if any(value is None for value in values):
                return False
            first, second = (
                value * each.factor.value(sample.counts) for value, each in zip(values, (one, other), strict=True)
            )
            if not self._same(observed(first, trial), observed(second, trial), trial.interval, self._format):
                return False
        return True


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
