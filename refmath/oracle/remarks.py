"""What a report says in words beside the verdict: where the answers are lost, what lies beside the domain, what was warned of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath.oracle.search import Search, Trial, is_accepted
from refmath.spec import Formula

#: A first argument for targets that are not one-hot.
_OUTPUTS = {"probabilities": np.array([0.5, 0.25, 0.25]), "logits": np.array([1.0, -2.0, 0.5])}


def beside_the_domain(search: Search) -> list[str]:
    """What becomes of inputs that the verdict does not speak of: targets that are not one-hot, outputs that do not sum to 1."""
    formula = search.setting.formula
    kinds = {each.kind for each in formula.inputs} if formula.domain == "samples" else set()
    told = []
    if kinds & {"one_hot", "one_hot_or_labels"} and not _understood(search, _OUTPUTS, np.array([0.25, 0.0, 0.75])):
        told.append(
            "it is right for one-hot targets only: other distributions, such as [0.25, 0, 0.75], are misunderstood"
        )
    unnormalised = {"probabilities": np.array([0.5, 0.125, 0.125])}
    if "probabilities" in kinds and not _understood(search, unnormalised, np.array([1.0, 0.0, 0.0])):
        told.append("it is right for outputs that sum to 1 only: [0.5, 0.125, 0.125] is refused, or normalised first")
    return told


def _understood(search: Search, outputs: Mapping[str, Any], target: Any) -> bool:
    """Whether the candidate is accepted on one sample, given by the kinds of the inputs."""
    values = {"one_hot": target, "one_hot_or_labels": target, **outputs}
    inputs = {
        each.name: np.array(int(target.argmax()))
        if each.kind == "labels"
        else values[each.kind].astype(search.format_.dtype())
        for each in search.setting.formula.inputs
    }
    interval = search.interval(inputs)
    return interval is None or is_accepted(search.candidate(inputs), interval)


def warnings_given(trials: list[Trial]) -> list[str]:
    told = dict.fromkeys(text for trial in trials for text in trial.seen.warnings)
    return [f"it warned: {text}" for text in told]


def begins(formula: Formula, refused: list[Trial], typical: list[Trial]) -> str:
    """What the inputs on which the answers were lost have in common, and no typical one has: what kind of arrays, or how large or small."""
    if not refused:
        return ""
    names = [each.name for each in formula.inputs if each.kind not in ("function", "rate", "count", "labels")]
    arrays = {name: [np.asarray(trial.inputs[name]) for trial in refused] for name in names}
    for each in formula.inputs:
        lost = arrays.get(each.name, ())
        if lost and each.kind != "one_hot_or_labels" and all(array.dtype.kind in "iu" for array in lost):
            return f"where {each.name} holds integers"
        if lost and all(not array.flags.c_contiguous for array in lost):
            return f"where {each.name} is stored by columns"
    for each in formula.inputs:
        if each.name not in names or each.kind in ("one_hot", "one_hot_or_labels"):
            continue
        usual = [np.asarray(trial.inputs[each.name]) for trial in typical]
        lost = arrays[each.name]
        if each.kind == "probabilities":
            least = max(float(array.min()) for array in lost)
            if all(least < array.min() for array in usual):
                return f"where min {each.name} ≤ {least:.3g}"
        else:
            most = min(float(np.abs(array).max()) for array in lost)
            if all(most > np.abs(array).max() for array in usual):
                return f"where max |{each.name}| ≥ {most:.3g}"
    return ""
