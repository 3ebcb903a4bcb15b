"""The name of the mistake: which wrong program, or which other convention, answers as the candidate does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.oracle.candidate import Candidate, Observation
from refmath.oracle.report import Diagnosis
from refmath.oracle.search import Trial, is_accepted
from refmath.spec import Formula, Mistake, Setting, setting

#: Two programs with the same mistake round differently by a few units in the last place.
_ROUNDINGS = 64


def diagnose(
    candidate: Candidate,
    chosen: Setting,
    trials: list[Trial],
    format_: Format,
    answers: dict[str, list[Observation]],
) -> Diagnosis | None:
    """The convention or mistake that reproduces the candidate, if one does.

    Args:
        candidate: The candidate, for further questions.
        chosen: The formula and the convention that the candidate was held against.
        trials: What was tried.
        format_: The number format.
        answers: For each mistake of the page, what it answers on the inputs tried.

    Returns:
        The first explanation that fits everywhere, conventions before mistakes; else one that fits wherever the
        candidate answers sensibly.
    """
    formula = chosen.formula
    conventions = [name for name in _other_conventions(formula, chosen) if _conforms(setting(formula, name), trials, format_)]
    reproduced = [each for each in formula.mistakes if _reproduces(answers[each.name], trials, format_)]
    if conventions:
        return _convention(formula, conventions, reproduced)
    if reproduced:
        return _mistake(reproduced[0])
    other = _another_delta(candidate, chosen, trials, format_) or _of_any_program(chosen, trials, format_)
    if other:
        return other
    typical = [trial for trial in trials if trial.class_ == "typical"]
    if any(not trial.accepted for trial in typical):
        conventions = [name for name in _other_conventions(formula, chosen) if _conforms(setting(formula, name), typical, format_)]
        if conventions:
            found = _convention(formula, conventions, [])
            return Diagnosis(found.kind, found.name, found.text + " It holds on typical inputs only: elsewhere the candidate is lost as well.")
    alike = [each for each in formula.mistakes if _fails_alike(answers[each.name], trials, format_)]
    return _mistake(alike[0]) if alike else None


def answers_of_mistakes(formula: Formula, trials: list[Trial]) -> dict[str, list[Observation]]:
    """What each mistake of the page answers on the inputs tried."""
    answers = {}
    for each in formula.mistakes:
        program = Candidate(each.program)
        answers[each.name] = [program(trial.inputs) for trial in trials]
    return answers


def _mistake(mistake: Mistake) -> Diagnosis:
    return Diagnosis("mistake", mistake.name, mistake.text)


def _convention(formula: Formula, names: list[str | None], mistakes: list[Mistake]) -> Diagnosis:
    if names[0] is None:
        return Diagnosis("convention", "default", f"It follows the defaults of {formula.name}, not the convention asked for.")
    first = next(each for each in formula.conventions if each.name == names[0])
    others = f" (also: {', '.join(map(str, names[1:]))})" if len(names) > 1 else ""
    mistake = f" As a mistake: {mistakes[0].name}." if mistakes else ""
    text = first.text if first.text.endswith(".") else first.text + "."
    return Diagnosis("convention", first.name, f"{text} Convention {first.name}{others}; source: {first.source}.{mistake}")


def _other_conventions(formula: Formula, chosen: Setting) -> Iterable[str | None]:
    default = [None] if chosen.convention is not None else []
    return [*default, *(each.name for each in formula.conventions if each.name != chosen.convention)]


def _conforms(other: Setting, trials: list[Trial], format_: Format) -> bool:
    """Whether the candidate is accepted under another setting on every input where that says anything."""
    said = False
    for trial in trials:
        interval = acceptance(other, read(other, *trial.inputs.values()), format_)
        if interval is not None:
            said = True
            if not is_accepted(trial.seen, interval):
                return False
    return said


def _reproduces(answers: list[Observation], trials: list[Trial], format_: Format) -> bool:
    return all(_same(trial.seen, answer, trial.interval, format_) for trial, answer in zip(trials, answers, strict=True))


def _same(seen: Observation, answer: Observation, interval: Acceptance, format_: Format) -> bool:
    """Whether two observations agree up to rounding; two lost answers agree, however they were lost."""
    if seen.trouble is None and answer.trouble is None:
        return bool(seen.value.shape == answer.value.shape and np.all(_close(seen.value, answer.value, interval, format_)))
    return _lost(seen) and _lost(answer)


def _lost(seen: Observation) -> bool:
    return seen.trouble is not None or not np.all(np.isfinite(seen.value))


def _close(seen: Any, answer: Any, interval: Acceptance, format_: Format) -> Any:
    with np.errstate(all="ignore"):
        room = np.full(seen.shape, _ROUNDINGS * format_.unit)
        extra = np.zeros(seen.shape)
        if seen.shape == interval.exact.shape:
            extra = interval.high - interval.low
            relative = np.where(interval.nearest != 0, extra / np.abs(interval.nearest), 0.0)
            room = room + np.where(np.isfinite(relative), relative, 0.0)
        distance = np.abs(seen - answer)
        near = distance <= room * np.maximum(np.abs(seen), np.abs(answer)) + extra + format_.smallest_normal
        finite = np.isfinite(seen) & np.isfinite(answer)
        return (finite & near) | (~np.isfinite(seen) & ~np.isfinite(answer))


def _fails_alike(answers: list[Observation], trials: list[Trial], format_: Format) -> bool:
    """Whether a mistake is refused on much the same inputs as the candidate, and agrees with it wherever both are accepted.

    That is how two programs look that lose their digits at the same step: what is left differs from program to program.
    """
    both = either = 0
    for trial, answer in zip(trials, answers, strict=True):
        refused, mistaken = not trial.accepted, not is_accepted(answer, trial.interval)
        both += refused and mistaken
        either += refused or mistaken
        if trial.class_ == "typical" and (refused or mistaken) and not _nearly_right(trial, answer, format_):
            return False
    return both > 0 and both >= 0.6 * either


def _nearly_right(trial: Trial, answer: Observation, format_: Format) -> bool:
    """On a typical input: both are off by rounding only, or they agree."""
    if _same(trial.seen, answer, trial.interval, format_):
        return True
    near = np.sqrt(format_.unit)
    for seen in (trial.seen, answer):
        if seen.trouble is not None or seen.value.shape != trial.interval.exact.shape:
            return False
        if not np.all(np.abs(seen.value - trial.interval.nearest) <= near * np.abs(trial.interval.nearest) + near):
            return False
    return True


def _another_delta(candidate: Candidate, chosen: Setting, trials: list[Trial], format_: Format) -> Diagnosis | None:
    """The same formula with another guard or δ: what it makes of a probability of zero tells which δ that would be."""
    formula = chosen.formula
    if "delta" not in formula.parameters:
        return None
    zero = {"probabilities": np.array([0.0, 1.0], format_.dtype()), "labels": np.array(0)}
    target = np.array([1.0, 0.0], format_.dtype())
    told = candidate({each.name: zero.get(each.kind, target) for each in formula.inputs})
    if told.trouble is not None or told.value.size == 0 or not np.isfinite(told.value.flat[0]) or told.value.flat[0] == 0:
        return None
    value = abs(float(told.value.flat[0]))
    # The loss is −ln δ there, the gradient −1/δ under an offset; people choose powers of ten, or a multiple of one.
    for delta in {float(f"{guess:.3g}") for guess in (np.exp(-value), 1 / value)}:
        for guard in formula.choices["guard"]:
            if 0 < delta < 1 and guard != "none" and _conforms(setting(formula, guard=guard, delta=delta), trials, format_):
                text = f"It is the formula with the guard {guard!r} and δ = {delta:g}."
                return Diagnosis("convention", f"{guard} with delta={delta:g}", text)
    return None


def _of_any_program(chosen: Setting, trials: list[Trial], format_: Format) -> Diagnosis | None:
    """Faults that any formula's program may have."""
    if all(trial.seen.trouble == "wrote" for trial in trials if trial.seen.trouble is not None) and any(
        trial.seen.trouble == "wrote" for trial in trials
    ):
        return Diagnosis("mistake", "writes_into_its_input", "It works on the caller's array: the argument is changed by the call.")
    for name in ("float32", "float16"):
        lower = FORMATS[name]
        if lower.bits < format_.bits and _computed_in(chosen, trials, lower):
            return Diagnosis(
                "mistake",
                f"computed_in_{name}",
                f"The answers are right in {name} only: the {format_.name} inputs were rounded to it on the way"
                + (" (JAX does so unless jax_enable_x64 is set)." if name == "float32" else "."),
            )
    single = [trial for trial in trials if _is_single(chosen, trial)]
    batches = [trial for trial in trials if not _is_single(chosen, trial)]
    if single and batches and not any(trial.accepted for trial in single) and all(trial.accepted for trial in batches):
        return Diagnosis("mistake", "batches_only", "It is right for batches (N, K), but not for a single sample (K,).")
    return None


def _computed_in(chosen: Setting, trials: list[Trial], lower: Format) -> bool:
    """Whether the answers are those of a lower format: inside its interval, and without digits beyond it."""
    said = False
    for trial in trials:
        if trial.class_ == "extreme":
            continue
        interval = acceptance(chosen, read(chosen, *trial.inputs.values()), lower)
        if interval is None:
            continue
        said = True
        if not is_accepted(trial.seen, interval) or not np.array_equal(trial.seen.value.astype(lower.name), trial.seen.value):
            return False
    return said


def _is_single(chosen: Setting, trial: Trial) -> bool:
    first = chosen.formula.inputs[0]
    return first.axes != ("...",) and np.ndim(trial.inputs[first.name]) == len(first.axes) - 1
