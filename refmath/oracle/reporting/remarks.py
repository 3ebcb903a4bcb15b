"""What a report says in words beside the verdict: where the answers are lost, what lies beside the domain, what was warned of."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.oracle.searching.declining import masks
from refmath.oracle.searching.search import Search, Trial, is_accepted
from refmath.spec import Formula

#: So many warnings are told, each once.
_WARNINGS_TOLD = 8


def beside_the_domain(search: Search) -> list[str]:
    """What becomes of inputs that the verdict does not speak of: outputs that do not sum to 1."""
    formula = search.formula
    axes = [each.axes == (("N",) if each.kind == "labels" else ("N", "K")) for each in formula.inputs]
    if (
        formula.is_version
        or not any(each.kind == "probabilities" for each in formula.inputs)
        or not formula.single_samples
        or not all(axes)
    ):
        return []
    target = np.array([1.0, 0.0, 0.0])
    inputs = {
        each.name: np.array(0)
        if each.kind == "labels"
        else (np.array([0.5, 0.125, 0.125]) if each.kind == "probabilities" else target).astype(search.format_.dtype())
        for each in formula.inputs
    }
    taken, _ = search.declined.adapted(formula, inputs)
    interval = None if taken is None else search.interval(taken)
    if taken is None or interval is None or is_accepted(search.candidate(taken), interval):
        return []
    return ["it is right for outputs that sum to 1 only: [0.5, 0.125, 0.125] is refused, or normalised first"]


def warnings_given(trials: list[Trial]) -> list[str]:
    # Of 0/0, where nothing counts, NumPy warns in any case.
    told = list(dict.fromkeys(text for trial in trials if not trial.interval.is_nan for text in trial.seen.warnings))
    more = len(told) - _WARNINGS_TOLD
    return [*(f"it warned: {text}" for text in told[:_WARNINGS_TOLD]), *([f"{more} more warnings"] if more > 0 else [])]


def begins(formula: Formula, refused: list[Trial], typical: list[Trial]) -> str:
    """What the inputs on which the answers were lost have in common, and no typical one has: what kind of arrays, or how large or small."""
    if not refused:
        return ""
    if all(trial.interval.is_nan for trial in refused):
        return "where nothing counts: of nothing the mean is 0/0, nan"
    if all(trial.probe.layout != "plain" for trial in refused):
        layouts = dict.fromkeys(trial.probe.layout for trial in refused)
        return f"where arrays are {' or '.join(layouts)}"
    if all(masks(formula, trial.inputs) for trial in refused):
        return "where logits are −∞"
    for each in formula.inputs:
        types = [trial.probe.types.get(each.name) for trial in refused]
        if all(types):
            return f"where {each.name} holds {' or '.join(map(str, dict.fromkeys(types)))}"
    if all(trial.probe.types for trial in refused):
        return f"where arrays are of {' or '.join(dict.fromkeys(t for trial in refused for t in trial.probe.types.values()))}"
    for factor in ("encoding", "arity", "samples", "classes", "axes"):
        values = {trial.factors.get(factor) for trial in refused}
        usual = {trial.factors.get(factor) for trial in typical}
        if len(values) == 1 and not values & usual and (value := values.pop()):
            return f"for {value}"
    for each in formula.inputs:
        if each.kind in ("labels", "targets", "targets_or_labels", "one_hot") or each.is_function or each.is_number:
            continue
        usual_arrays, lost = ([_entries(trial, each.name) for trial in trials] for trials in (typical, refused))
        if each.kind == "probabilities":
            least = max(float(array.min()) for array in lost)
            if all(least < array.min() for array in usual_arrays):
                return f"where min {each.name} ≤ {least:.3g}"
        else:
            most = min(float(np.abs(array).max()) for array in lost)
            if all(most > np.abs(array).max() for array in usual_arrays):
                return f"where max |{each.name}| ≥ {most:.3g}"
    if all(_overflows(trial) for trial in refused):
        return "where a sum or a power on the way overflows: the answer is infinite, the exact value is not"
    return ""


def _overflows(trial: Trial) -> bool:
    """Whether some entry of an answer is infinite, or nan, where the exact value is a number of the format."""
    if trial.seen.trouble is not None or np.shape(trial.seen.value) != trial.interval.shape:
        return False
    wrong = ~trial.interval.accepts(trial.seen.value)
    return bool(
        np.all(~np.isfinite(trial.interval.at(trial.seen.value)[wrong]) & np.isfinite(trial.interval.nearest[wrong]))
    )


def _entries(trial: Trial, name: str) -> Any:
    value = trial.inputs[name]
    if isinstance(value, dict):
        return np.concatenate([np.ravel(np.asarray(each, np.float64)) for each in value.values()])
    return np.asarray(value, np.float64)
