"""What a candidate does, in words: of what a page knows the page's own, of several that nothing separates the first two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from refmath.mistakes.change import FITTED, Change
from refmath.mistakes.factor import components, in_words
from refmath.oracle.diagnosing.answers import Answers, Sample
from refmath.oracle.diagnosing.confirmation import Confirmation
from refmath.oracle.diagnosing.guesses import Explanation, Guess
from refmath.spec import Mistake


class Wording:
    """Tells guesses: what the page knows in the page's words, the rest in those of the changes.

    Args:
        answers: What guesses answer.
        confirmation: What holds them against each other.
        of: The key of the part of the answer that is explained, if it is one of several.
    """

    def __init__(self, answers: Answers, confirmation: Confirmation, of: str = "") -> None:
        self._answers, self._confirmation, self._part = answers, confirmation, of

    def told(self, same: list[Guess], level: str) -> Explanation:
        """The explanation in words; of several that nothing separates the first two are told."""
        everywhere = level == "everywhere"
        first = Explanation(tuple(self._parts(same[0])), everywhere, self._is_setting(same[0]), self._part)
        for guess in same[1:]:
            other = Explanation(tuple(self._parts(guess)), everywhere)
            # Two values of parameters may come to the same, and are different programs.
            apart = (first.is_setting and self._is_setting(guess)) or not self._confirmation.are_alike(guess, same[0])
            if other.name != first.name and apart:
                text = f"{first.text} Or: {other.text}"
                return Explanation(((f"{first.name} or {other.name}", text),), everywhere, first.is_setting)
        return first

    def _is_setting(self, guess: Guess) -> bool:
        own = guess.change is not None and guess.change.constant in self._answers.chosen.parameters
        return own and guess.applied is None and guess.factor.is_one

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
            yield (known.name, known.text) if known is not None else in_words(factor, self._answers.given)

    def _of_change(self, change: Change, value: float) -> tuple[str, str]:
        if change.constant and change.constant != FITTED.name:
            return f"{change.name}={value:g}", change.text.replace("{value}", f"{value:g}")
        return change.name, change.text.replace("{value}", f"{value:g}")

    def _known(self, guess: Guess) -> Mistake | None:
        """The mistake of the page that answers as a guess does."""
        for typed in self._answers.typed_mistakes():
            if all(self._is_known(sample, guess, typed) for sample in self._answers.screened):
                return typed
        return None

    def _is_known(self, sample: Sample, guess: Guess, typed: Mistake) -> bool:
        value, known = self._answers.of(sample.trial, guess), self._answers.of(sample.trial, Guess(typed=typed))
        if value is None or known is None or value.size != known.size:
            return False
        value = value * guess.factor.value(sample.counts)
        return bool(
            np.allclose(value.ravel(), known.ravel(), rtol=1e-9, atol=1e-12 * np.max(np.abs(known), initial=0.0))
        )
