"""The constants and the factors with which a changed definition answers as a candidate does."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.mistakes.change import ANOTHER
from refmath.mistakes.factor import Factor, Ratios
from refmath.oracle.diagnosing.answers import Answers, Sample
from refmath.oracle.diagnosing.guesses import Guess
from refmath.oracle.searching.search import Trial

#: How far answers may be off on screening; a guard of 1e-7 may come on top.
_ROOM = 1e-5
#: A factor of sizes is known from so many different ones.
_SIZES = 3
#: With the right constant they are off by so many units in the last place at most.
_NEAR = 2.0**14
#: Of constants that fit alike so many are looked at.
_ALIKE = 4


class Fitting:
    """Finds the number and the factor with which a guess answers as the candidate does, on the inputs screened.

    Args:
        answers: What guesses answer.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._screened, self._format = answers.screened, answers.format_

    def fitted(self, guess: Guess, tried: Sequence[float] = (), units: float = math.inf) -> Iterator[Guess]:
        """A guess with the numbers and the factors that fit on the inputs screened, where answers may be off by some units in the last place."""
        count = max(1, len(tried))
        # In a changed definition only what it may hold itself is counted.
        plain = guess == Guess()
        ratios = Ratios(tuple(self._screened[0].counts if plain else self._screened[0].sizes), count)
        room = min(max(_ROOM, _NEAR * self._format.unit), units * self._format.unit)
        sizes: list[Any] = []
        constant = guess.change.constant if guess.change else ""
        for sample in self._screened:
            numbers = {constant: np.array(tried)} if tried else None
            value = self._answers.of(sample.trial, guess, numbers)
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
        different = {tuple(sample.sizes.values()) for sample in self._screened}
        return not factor.powers or len(different) >= _SIZES

    def with_numbers(self, guess: Guess) -> Iterator[Guess]:
        """A guess with the number that fits: one of those that people choose, or another of at most three digits."""
        assert guess.change is not None
        tried = sorted(guess.change.tried)
        found = [each.number for each in self.fitted(guess, tried)]
        if found:
            yield from itertools.islice(self.fitted(guess, found, _NEAR), _ALIKE)
            return
        for sample in self._screened[:2]:
            for number in self._solved(guess, sample, tried):
                yield from self.fitted(guess, (number,), _NEAR)

    def _solved(self, guess: Guess, sample: Sample, tried: Sequence[float]) -> Iterator[float]:
        """The numbers for which a guess answers as the candidate does, on one input."""
        assert guess.change is not None
        constant = guess.change.constant
        seen, nearest = sample.trial.seen.value.reshape(-1), sample.trial.interval.nearest.reshape(-1)
        place = int(np.argmax(np.abs(seen - nearest))) if seen.size == nearest.size else 0

        def missed(numbers: Any) -> Any:
            value = self._answers.of(sample.trial, guess, {constant: numbers})
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


def _are_right(rows: Any, trial: Trial) -> Any:
    """For each row of values whether it is right, as the candidate's answer is, and would be with any factor."""
    interval = trial.interval
    if not trial.accepted or interval.entries is not None or rows.shape[1] != interval.low.size:
        return False
    low, high, said = (np.reshape(each, -1) for each in (interval.low, interval.high, interval.said))
    return np.all(~said | ((low <= rows) & (rows <= high) & (low <= 2 * rows) & (2 * rows <= high)), axis=1)
