"""The mistakes of one step, made in each of some steps in a row: for optimisers that keep their state to themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import Format
from refmath.conventions import in_format
from refmath.mistakes.change import Given
from refmath.mistakes.operators import changes
from refmath.mistakes.programs import evaluating
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.candidates.trajectory import NotOfSteps, steps_of
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import Formula, Setting, setting

Same = Callable[[Observation, Observation, Acceptance, Format], bool]
#: Of the way that was gone two answers may differ by such a part, and by so many roundings of where it leads.
_PART, _ROUNDINGS = 1e-9, 4
#: How the explanation of typical inputs alone goes on.
_ELSEWHERE = "That explains the ordinary inputs; elsewhere there is something else besides."


def mistaken_steps(
    formula: Formula, trials: Sequence[Trial], format_: Format, same: Same, own: Mapping[str, float]
) -> Diagnosis | None:
    """Which mistake with one step explains the answers to some steps in a row, if they are refused.

    Args:
        formula: Some steps in a row, or any other formula, of which nothing is said.
        trials: What was tried.
        format_: The number format.
        same: Whether two observations agree up to rounding.
        own: Numbers of the candidate's own that seem to be parameters of the formula.
    """
    try:
        chosen, steps = steps_of(formula)
    except NotOfSteps:
        return None
    # The typical ones decide; the first of them tells most mistakes from the candidate.
    ordered = sorted(trials, key=lambda trial: (trial.class_ != "typical", trial.accepted))
    if all(trial.accepted for trial in ordered):
        return None
    for under in (*with_numbers(chosen, own), chosen):
        under = in_format(under, format_.name)
        for change in changes(Given.of(under)):
            level = _explains(_program(under, steps, change.definition), formula, ordered, format_, same)
            if level:
                others = {
                    name: value for name, value in under.parameters.items() if value != chosen.parameters.get(name)
                }
                told = (
                    f" Its own numbers are others too: {in_words(others)}."
                    if others and chosen.convention is None
                    else ""
                )
                text = f"{change.text}{told}"
                return Diagnosis("mistake", change.name, text if level == "everywhere" else f"{text} {_ELSEWHERE}")
    return None


def with_numbers(chosen: Setting, own: Mapping[str, float]) -> Iterator[Setting]:
    """The step with numbers of the candidate's own, if these are others than those that were asked for."""
    known = {name: value for name, value in own.items() if name in chosen.parameters}
    if chosen.convention is None and any(chosen.parameters[name] != value for name, value in known.items()):
        try:
            yield setting(chosen.formula, **{**chosen.given, **known})
        except (TypeError, ValueError):
            return


def in_words(numbers: Mapping[str, float]) -> str:
    """Some numbers by name."""
    return ", ".join(f"{name} = {value:g}" for name, value in numbers.items())


def _program(chosen: Setting, steps: int, definition: sp.Expr) -> Callable[..., Any] | None:
    """Some steps in a row by a wrong definition of one."""
    if len(getattr(definition, "args", ())) != len(chosen.parts):
        return None
    formula = chosen.formula
    one = evaluating(replace(formula, parts=chosen.parts), definition, ())
    numbers: dict[str, Any] = {**chosen.parameters, **chosen.constants}
    kept = [each.name for each in formula.inputs[2:] if each.kind != "step_number"]
    counted = any(each.kind == "step_number" for each in formula.inputs)

    def in_a_row(w: Any, *gradients: Any) -> Any:
        state = dict.fromkeys(kept, 0 * w)
        for number, gradient in enumerate(gradients, 1):
            told = one(w, gradient, *state.values(), *([number] if counted else []), **numbers)
            w, state = told[formula.inputs[0].name], {name: told[name] for name in kept}
        return w

    return in_a_row


def _goes_as_far(trial: Trial, answer: Observation, format_: Format) -> bool:
    """Whether two answers differ by a small part of the way that was gone, as corrections such as 1 − 0.999 are rounded."""
    if trial.seen.trouble is not None or answer.trouble is not None or trial.seen.value.shape != answer.value.shape:
        return False
    start = np.asarray(next(iter(trial.inputs.values())), np.float64)
    with np.errstate(all="ignore"):
        off, way = np.abs(trial.seen.value - answer.value), np.abs(answer.value - start)
        room = _PART * way + _ROUNDINGS * format_.unit * np.maximum(np.abs(start), np.abs(answer.value))
        return bool(np.all(off <= room))


def _explains(
    program: Callable[..., Any] | None, formula: Formula, trials: Sequence[Trial], format_: Format, same: Same
) -> str:
    """`everywhere` if a wrong program answers as the candidate does on all inputs, `typical` if on typical ones, otherwise empty."""
    if program is None:
        return ""
    candidate, level, told = Candidate(program, timeout=None, formula=formula), "everywhere", 0
    for trial in trials:
        if level == "typical" and trial.class_ != "typical":
            break
        answer = candidate(trial.inputs)
        if same(trial.seen, answer, trial.interval, format_) or _goes_as_far(trial, answer, format_):
            told += not trial.accepted and not is_accepted(answer, trial.interval)
        elif trial.class_ == "typical":
            return ""
        else:
            level = "typical"
    return level if told else ""
