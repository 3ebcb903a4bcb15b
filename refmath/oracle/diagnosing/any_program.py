"""Faults that any formula's program may have: of its arguments, its shapes, and its number format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.oracle.candidates.budget import Asked
from refmath.oracle.diagnosing.comparison import error
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import (
    Formula,
    Setting,
    packed,
)

#: That nothing else is taken is known from so many inputs.
_OTHERS = 4


def of_any_program(candidate: Asked, chosen: Setting, trials: list[Trial], format_: Format) -> Diagnosis | None:
    """Faults that any formula's program may have."""
    if all(trial.seen.trouble == "wrote" for trial in trials if trial.seen.trouble is not None) and any(
        trial.seen.trouble == "wrote" for trial in trials
    ):
        return Diagnosis(
            "mistake", "writes_into_its_input", "It works on the caller's array: the argument is changed by the call."
        )
    # The narrowest first: what is blind to the digits beyond eight bits is blind to those beyond eleven.
    for name in ("bfloat16", "float16", "float32"):
        lower = FORMATS[name]
        if lower.bits < format_.bits and _computed_in(candidate, chosen, trials, lower):
            return Diagnosis(
                "mistake",
                f"computed_in_{name}",
                f"The answers are right in {name} only: the {format_.name} inputs were rounded to it on the way"
                + (" (JAX does so unless jax_enable_x64 is set)." if name == "float32" else "."),
            )
    if _takes_vectors_only(chosen.formula, trials):
        return Diagnosis(
            "mistake", "vectors_only", "It is right for vectors only: for arrays of any other shape it raises."
        )
    for reduced, missing in ((np.mean, "mean over the batch"), (np.sum, "sum over the samples")):
        if _is_right_after(reduced, chosen, trials):
            text = f"One loss for each sample: the {missing} is not taken."
            return Diagnosis("mistake", "one_loss_a_sample", text)
    if any(error(trial.seen) == "KeyError" for trial in trials):
        named = dict.fromkeys(trial.seen.text for trial in trials if error(trial.seen) == "KeyError")
        if all(trial.accepted or error(trial.seen) == "KeyError" for trial in trials):
            text = f"It looks for parameters of certain names, and is right only where there are any: it {next(iter(named))}."
            return Diagnosis("mistake", "fixed_names", text)
    return None


def _takes_vectors_only(formula: Formula, trials: list[Trial]) -> bool:
    """Whether a formula of arrays of any shape is answered rightly for vectors, and for none of another shape."""
    name = next((each.name for each in formula.inputs if each.axes == ("...",) and not each.arrays), None)
    if name is None:
        return False
    # With integers there may be something else besides.
    vectors = [trial for trial in trials if np.ndim(trial.inputs[name]) == 1 and not trial.probe.types]
    others = [trial for trial in trials if np.ndim(trial.inputs[name]) != 1]
    told = bool(vectors) and len(others) >= _OTHERS and all(trial.accepted for trial in vectors)
    return told and all(trial.seen.trouble == "raised" for trial in others)


def _is_right_after(reduced: Callable[[Any], Any], chosen: Setting, trials: list[Trial]) -> bool:
    """Whether a loss over arrays of any shape is not one number, but some along the axes but for the last, whose mean, or sum, is right."""
    if chosen.formula.inputs[0].axes != ("...",) or chosen.formula.output or chosen.parts:
        return False
    # A number has no last axis; and with integers there may be something else besides.
    shapes = [(trial, np.shape(next(iter(trial.inputs.values())))) for trial in trials if not trial.probe.types]
    others = [(trial, shape[:-1]) for trial, shape in shapes if shape and not trial.accepted]
    return len(others) >= _OTHERS and all(
        trial.seen.trouble is None
        and shape != ()
        and trial.seen.value.shape == shape
        and is_accepted(replace(trial.seen, value=reduced(trial.seen.value)), trial.interval)
        for trial, shape in others
    )


def is_right_in_columns(candidate: Asked, formula: Formula, trials: list[Trial]) -> bool:
    """Whether the candidate is right on batches whose samples are columns, where it is wrong on samples in rows."""
    arrays = [each.name for each in formula.inputs if each.axes[:1] == ("N",) and len(each.axes) == 2]
    asked = 0
    for trial in trials:
        shapes = {np.shape(trial.inputs[name]) for name in arrays}
        if trial.class_ != "typical" or not shapes or any(len(set(shape)) < 2 or 1 in shape for shape in shapes):
            continue
        asked += not trial.accepted
        seen = candidate(
            {name: np.ascontiguousarray(value.T) if name in arrays else value for name, value in trial.inputs.items()}
        )
        if seen.trouble is None and formula.output[:1] and formula.output[0][1] == "N":
            seen = replace(seen, value=seen.value.T)
        if not is_accepted(seen, trial.interval):
            return False
    return asked > 0


def _computed_in(candidate: Asked, chosen: Setting, trials: list[Trial], lower: Format) -> bool:
    """Whether the answers are those of a lower format: inside its interval, and without digits beyond it or blind to the inputs'."""
    said = asked = False
    beyond, blind = False, True
    for trial in trials:
        if trial.class_ == "extreme":
            continue
        interval = acceptance(chosen, read(chosen, *packed(chosen.formula, trial.inputs)), lower)
        if interval is None:
            continue
        said = True
        if not is_accepted(trial.seen, interval):
            return False
        beyond = beyond or not np.array_equal(lower.rounded(trial.seen.value), trial.seen.value)
        inputs = {name: _rounded(value, lower) for name, value in trial.inputs.items()}
        asked = asked or any(_differ(inputs[name], value) for name, value in trial.inputs.items())
        rounded = candidate(inputs)
        blind = blind and rounded.trouble is None and np.array_equal(rounded.value, trial.seen.value)
    return said and ((blind and asked) or not beyond)


def _differ(rounded: Any, value: Any) -> bool:
    if isinstance(value, dict):
        return any(_differ(rounded[key], each) for key, each in value.items())
    return rounded is not value and bool((rounded != value).any())


def _rounded(value: Any, lower: Format) -> Any:
    """A real array whose numbers are those of a lower format, in its own format still; labels and functions as they are."""
    if isinstance(value, dict):
        return {key: _rounded(each, lower) for key, each in value.items()}
    return value if callable(value) or value.dtype.kind in "iub" else lower.rounded(value).astype(value.dtype)
