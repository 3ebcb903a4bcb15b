"""Inputs of one kind only, as one encoding of the targets, or batches alone: whether a candidate is right on these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refmath.oracle.searching.declining import Factors
from refmath.oracle.searching.search import Trial
from refmath.spec import (
    Formula,
)


def _are(**wanted: str) -> Callable[[Factors], bool]:
    """Whether the factors of an input are these."""
    return lambda told: all(told.get(factor) == value for factor, value in wanted.items())


def _are_no_labels(told: Factors) -> bool:
    return told.get("encoding") != "labels"


def _are_no_soft_targets(told: Factors) -> bool:
    return told.get("encoding") != "soft targets"


#: Inputs that some programs do not know: the name of the fault, what they take, what not, and which they take.
KINDS: tuple[tuple[str, str, str, Callable[[Factors], bool]], ...] = (
    ("one_hot_targets_only", "one-hot targets", "targets that are other distributions", _are_no_soft_targets),
    ("one_hot_only", "one-hot targets", "integer labels", _are_no_labels),
    ("labels_only", "integer labels", "one-hot targets", _are(encoding="labels")),
    ("batches_only", "batches (N, K)", "a single sample (K,)", _are(arity="batches")),
    ("single_samples_only", "a single sample (K,)", "batches (N, K)", _are(arity="single samples")),
    (
        "batches_of_labels_only",
        "batches with integer labels",
        "single samples and one-hot targets",
        _are(arity="batches", encoding="labels"),
    ),
    (
        "batches_of_one_hot_targets_only",
        "batches with one-hot targets",
        "single samples and integer labels",
        lambda told: told.get("arity") == "batches" and _are_no_labels(told),
    ),
)


def right_for_some(formula: Formula, trials: list[Trial]) -> bool:
    """Whether a candidate is right on all inputs of a kind that some programs know alone, and mostly wrong on the others."""
    for *_, is_taken in KINDS:
        part = [trial for trial in trials if is_taken(trial.factors)]
        rest = [trial for trial in trials if not is_taken(trial.factors) and np.any(trial.interval.nearest != 0)]
        told = any(np.any(trial.interval.nearest != 0) for trial in part)
        if told and all(trial.accepted for trial in part) and are_lost(formula, rest):
            return True
    return False


def are_lost(formula: Formula, trials: list[Trial]) -> bool:
    """Whether most answers are refused for most sizes of a sample: where there are as many classes as the factor that is wrong, all are right by chance."""
    of_size: dict[Any, list[bool]] = {}
    for trial in trials:
        size = np.shape(trial.inputs[formula.inputs[0].name])[-1:]
        of_size.setdefault(size, []).append(trial.accepted)
    lost = [2 * sum(accepted) < len(accepted) for accepted in of_size.values()]
    return 2 * sum(lost) > len(lost)
