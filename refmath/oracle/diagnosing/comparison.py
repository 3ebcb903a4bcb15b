"""Whether two programs make the same mistake: their answers agree up to rounding, or are lost alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import Format
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.searching.search import Trial, is_accepted

#: Two programs with the same mistake round differently by a few units in the last place.
_ROUNDINGS = 64
#: Errors of one cause differ by no more than this factor from one program to another.
_COMPARABLE = 1e4
#: But it is none that gives no number on more than such a share of its losses where the candidate is right.
_SPARED, _FEW = 0.2, 3
#: Where the interval is wider than this, relative to the value, it says nothing about the scale of a wrong answer.
_WIDEST = 2.0**-10
#: No error at all, and those that arithmetic on numbers raises.
_OF_ARITHMETIC = frozenset({"", "ValueError", "ZeroDivisionError", "OverflowError", "FloatingPointError"})


def same(seen: Observation, answer: Observation, interval: Acceptance, format_: Format) -> bool:
    """Whether two observations agree up to rounding, or are lost alike."""
    if seen.trouble is None and answer.trouble is None:
        if is_accepted(seen, interval) and is_accepted(answer, interval):
            return True
        # One loss for one sample is the same mistake with its axis and without it.
        values = [
            np.squeeze(each.value) if each.value.shape != interval.exact.shape else each.value
            for each in (seen, answer)
        ]
        return bool(values[0].shape == values[1].shape and np.all(_close(values[0], values[1], interval, format_)))
    return _lost_alike(seen, answer)


def _lost_alike(seen: Observation, answer: Observation) -> bool:
    """Whether both gave no number: by an error of arithmetic or a nan, as it comes.

    But a changed argument, a wrong form or another error is like another one only if both did the same.
    """
    if {seen.trouble, answer.trouble} & {"wrote", "type"}:
        return seen.trouble == answer.trouble and (seen.trouble == "wrote" or seen.text == answer.text)
    errors = {error(each) for each in (seen, answer)} - _OF_ARITHMETIC
    if errors and len({error(each) for each in (seen, answer)}) > 1:
        return False
    return lost(seen) and lost(answer)


def error(seen: Observation) -> str:
    """The name of the error that was raised; empty for none."""
    return seen.text.removeprefix("raised ").partition(":")[0] if seen.trouble == "raised" else ""


def lost(seen: Observation) -> bool:
    return seen.trouble is not None or not np.all(np.isfinite(seen.value))


def _close(seen: Any, answer: Any, interval: Acceptance, format_: Format) -> Any:
    with np.errstate(all="ignore"):
        room = np.full(seen.shape, _ROUNDINGS * format_.unit)
        extra = np.zeros(seen.shape)
        if seen.size == interval.exact.size:
            extra, nearest = (each.reshape(seen.shape) for each in (interval.high - interval.low, interval.nearest))
            # Where the right answer is infinite, how many digits a wrong one has is not known: half of them count.
            extra = np.where(np.isnan(extra), format_.unit**0.5 * np.abs(answer), extra)
            relative = np.where(nearest != 0, extra / np.abs(nearest), 0.0)
            room = room + np.where(relative < _WIDEST, relative, 0.0)
        else:
            # Of another form it is a sum of the entries at most, and no further off than all of these together.
            widths = np.asarray(interval.high - interval.low)
            extra = extra + np.sum(widths, where=np.isfinite(widths))
        distance = np.abs(seen - answer)
        near = distance <= room * np.maximum(np.abs(seen), np.abs(answer)) + extra + format_.smallest_normal
        finite = np.isfinite(seen) & np.isfinite(answer)
        return (finite & near) | (~np.isfinite(seen) & ~np.isfinite(answer))


def likeness(answers: Iterable[Observation], trials: list[Trial], format_: Format) -> float:
    """How far a mistake is refused on the same inputs as the candidate, and lost there in the same way: from 0 to 1.

    That is how two programs look that lose their digits at the same step: what is left differs from program to program.
    """
    both = either = numberless = spared = 0
    for trial, answer in zip(trials, answers, strict=True):
        refused, mistaken = not trial.accepted, not is_accepted(answer, trial.interval)
        both += refused and mistaken and _as_far_off(trial.seen, answer, trial.interval)
        either += refused or mistaken
        numberless += mistaken and lost(answer)
        spared += mistaken and lost(answer) and not refused
        if trial.class_ == "typical" and (refused or mistaken) and not _nearly_right(trial, answer, format_):
            return 0.0
    return both / either if either and spared <= max(_FEW, _SPARED * numberless) else 0.0


def _as_far_off(seen: Observation, answer: Observation, interval: Acceptance) -> bool:
    """Whether two refused answers are both lost, or wrong by errors of comparable size."""
    if lost(seen) or lost(answer):
        return _lost_alike(seen, answer)
    if not seen.value.shape == answer.value.shape == interval.exact.shape:
        return bool(seen.value.shape == answer.value.shape)
    with np.errstate(all="ignore"):
        errors = [np.max(np.abs(each.value - interval.nearest)) for each in (seen, answer)]
    return bool(max(errors) <= _COMPARABLE * min(errors))


def _nearly_right(trial: Trial, answer: Observation, format_: Format) -> bool:
    """On a typical input: both are off by rounding only, or they agree."""
    if same(trial.seen, answer, trial.interval, format_):
        return True
    near = format_.unit ** (2 / 3)
    for seen in (trial.seen, answer):
        if seen.trouble is not None or seen.value.shape != trial.interval.exact.shape:
            return False
        if not np.all(np.abs(seen.value - trial.interval.nearest) <= near * np.abs(trial.interval.nearest) + near):
            return False
    return True
