"""Inputs without an ordinary value: infinities and nan, as the pages say what becomes of them, and what has no meaning and is rejected.

No arithmetic in balls stands behind these cases: they are written down, from the sentences of the pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from refmath.balls.formats import FORMATS
from refmath.spec import Formula, keyword_arguments, setting
from refmath.vectors.cases import Answer, Case, Outcome

INF, NAN = float("inf"), float("nan")
Rows = Iterator[tuple[str, Outcome, dict[str, Any], Any]]

TEXTS = {
    "nan": "nan in the input gives nan.",
    "infinity": "An infinite number in the input: the limit, where there is one.",
    "infinity_by_infinity": "∞/∞, 0/0 or ∞ − ∞: nan.",
    "impossible_target": "A target of probability zero costs infinity.",
    "beyond_range": "The value is beyond the range of the format.",
    "empty": "There is nothing in it.",
    "scalar": "A number, where a sample is meant.",
    "three_axes": "Three axes, where a sample or a batch is meant.",
    "shapes_differ": "The shapes do not fit each other.",
    "would_broadcast": "The shapes differ, but would be broadcast.",
    "label_too_large": "There is no class of that label.",
    "label_negative": "A label is negative, which would count from the end.",
    "labels_not_integers": "The labels are not integers.",
    "too_few_labels": "There are fewer labels than samples.",
    "nan_probability": "A probability is nan.",
    "negative_probability": "A probability is negative.",
    "probability_above_one": "A probability is above one.",
    "target_without_class": "A target holds nothing but zeros.",
    "negative_target": "A target holds a negative probability.",
    "parameter_missing": "A parameter is missing.",
    "parameter_unknown": "There is a gradient without a parameter.",
    "rate_zero": "The learning rate is zero.",
    "rate_negative": "The learning rate is negative.",
    "rate_nan": "The learning rate is nan.",
    "steps_negative": "The number of steps is negative.",
    "start_not_finite": "The start is not finite.",
}


def cases(formula: Formula) -> Iterator[Case]:
    """The special cases of a formula's default."""
    under = setting(formula)
    known: dict[str, int] = {}
    for why, outcome, inputs, expected in (*_values(formula), *_rejected(formula)):
        place = known[why] = known.get(why, 0) + 1
        arrays = {name: _arrays(value) for name, value in inputs.items()}
        exact = _arrays(expected)
        answer = None if outcome == "reject" else Answer(exact, exact, exact)
        kind = "reject" if outcome == "reject" else "special"
        yield Case(
            f"float64.{why}.{place}",
            kind,
            why,
            None,
            keyword_arguments(under),
            FORMATS["float64"],
            arrays,
            outcome,
            answer,
        )


def _arrays(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _arrays(entry) for key, entry in value.items()}
    return np.asarray(value)


# ---- infinities and nan


def _values(formula: Formula) -> Rows:
    match formula.name:
        case "sigmoid":
            yield "infinity", "value", {"x": [INF, -INF]}, [1.0, 0.0]
            yield "nan", "nan", {"x": [NAN]}, [NAN]
        case "sigmoid_gradient":
            yield "infinity", "value", {"x": [INF, -INF]}, [0.0, 0.0]
            yield "nan", "nan", {"x": [NAN]}, [NAN]
        case "softmax":
            yield "infinity", "value", {"a": [-INF, 0.0]}, [0.0, 1.0]
            for why, sample in _SAMPLES_OF_NAN:
                yield why, "nan", {"a": sample}, [NAN, NAN]
        case "softmax_gradient":
            yield "infinity", "value", {"a": [-INF, 0.0]}, [[0.0, 0.0], [0.0, 0.0]]
            for why, sample in _SAMPLES_OF_NAN:
                yield why, "nan", {"a": sample}, [[NAN, NAN], [NAN, NAN]]
        case "mean_squared_error":
            yield "infinity", "+inf", {"y": [INF, 0.0], "t": [0.0, 0.0]}, INF
            yield "beyond_range", "+inf", {"y": [1e200, 0.0], "t": [-1e200, 0.0]}, INF
            yield "nan", "nan", {"y": [NAN, 0.0], "t": [0.0, 0.0]}, NAN
            yield "infinity_by_infinity", "nan", {"y": [INF, 0.0], "t": [INF, 0.0]}, NAN
        case "mean_squared_error_gradient":
            yield "infinity", "value", {"y": [INF, 1.0], "t": [0.0, 0.0]}, [INF, 1.0]
            yield "nan", "nan", {"y": [NAN], "t": [0.0]}, [NAN]
            yield "infinity_by_infinity", "nan", {"y": [INF], "t": [INF]}, [NAN]
        case "two_layer_net_predict":
            yield "nan", "nan", {"params": _params(), "x": [[NAN, 1.0]]}, [[NAN, NAN]]
        case "two_layer_net_loss":
            yield "nan", "nan", {"params": _params(), "x": [[NAN, 1.0]], "t": [0]}, NAN
        case "sgd_step":
            one = {"W1": [[1.0]], "b1": [1.0], "W2": [[1.0]], "b2": [1.0]}
            lost = {"W1": [[NAN]], "b1": [NAN], "W2": [[NAN]], "b2": [NAN]}
            yield "nan", "nan", {"params": one, "grads": lost, "lr": 0.5}, lost
    if formula.name.startswith("softmax_cross_entropy"):
        yield from _from_logits(formula)


_SAMPLES_OF_NAN = (
    ("nan", [NAN, 0.0]),
    ("infinity_by_infinity", [INF, 0.0]),
    ("infinity_by_infinity", [-INF, -INF]),
)


def _from_logits(formula: Formula) -> Rows:
    target = "labels" if formula.inputs[1].kind == "labels" else "t"
    second, first = (1, 0) if target == "labels" else ([0.0, 1.0], [1.0, 0.0])
    gradient = formula.name.endswith("_gradient")
    yield "infinity", "value", {"a": [-INF, 0.0], target: second}, [0.0, 0.0] if gradient else 0.0
    if gradient:
        yield "infinity", "value", {"a": [-INF, 0.0], target: first}, [-1.0, 1.0]
    else:
        yield "impossible_target", "+inf", {"a": [-INF, 0.0], target: first}, INF
    for why, sample in _SAMPLES_OF_NAN:
        yield why, "nan", {"a": sample, target: first}, [NAN, NAN] if gradient else NAN


def _params() -> dict[str, Any]:
    return {"W1": [[1.0, 2.0], [0.5, -1.0]], "b1": [0.0, 1.0], "W2": [[1.0, -1.0], [0.5, 2.0]], "b2": [0.0, 0.0]}


# ---- what is rejected


def _rejected(formula: Formula) -> Rows:
    rejected = {
        "network": _by_networks,
        "step": _by_steps,
        "descent": _by_descents,
        "samples": _by_samples,
    }[formula.domain]
    for why, inputs in rejected(formula):
        yield why, "reject", inputs, None


_Rejected = Iterator[tuple[str, dict[str, Any]]]
_ROWS = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]])
_NOTHING = np.zeros((0, 3))


def _by_samples(formula: Formula) -> _Rejected:
    first, *others = formula.inputs
    if not others:
        yield "empty", {first.name: np.zeros(0)}
        if first.axes != ("...",):
            yield "empty", {first.name: _NOTHING}
            yield "scalar", {first.name: 1.0}
            yield "three_axes", {first.name: np.zeros((2, 2, 2))}
        return
    (second,) = others
    if second.kind in ("labels", "targets_or_labels"):
        yield from _by_labels(first.name, second.name)
    if second.kind != "labels":
        yield from _by_targets(first.name, second.name, are_distributions=second.kind != "real")
    if first.kind == "probabilities":
        target = np.eye(3)[:2] if second.kind != "labels" else np.array([0, 1])
        for why, odd in (("nan_probability", NAN), ("negative_probability", -0.25), ("probability_above_one", 1.5)):
            rows = _ROWS.copy()
            rows[1, 1] = odd
            yield why, {first.name: rows, second.name: target}


def _by_labels(first: str, second: str) -> _Rejected:
    yield "empty", {first: _NOTHING, second: np.zeros(0, np.int64)}
    for why, labels in (
        ("label_too_large", np.array([0, 3])),
        ("label_negative", np.array([0, -1])),
        ("labels_not_integers", np.array([0.0, 1.0])),
        ("too_few_labels", np.array([1])),
    ):
        yield why, {first: _ROWS, second: labels}


def _by_targets(first: str, second: str, *, are_distributions: bool) -> _Rejected:
    yield "empty", {first: _NOTHING, second: _NOTHING}
    yield "shapes_differ", {first: _ROWS, second: np.eye(2)}
    yield "would_broadcast", {first: _ROWS, second: np.array([[1.0, 0.0, 0.0]])}
    if are_distributions:
        yield "target_without_class", {first: _ROWS, second: np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])}
        yield "negative_target", {first: _ROWS, second: np.array([[1.0, 0.0, 0.0], [2.0, -1.0, 0.0]])}


def _by_networks(formula: Formula) -> _Rejected:
    target = {"t": np.array([1])} if len(formula.inputs) > 5 else {}
    x = np.array([[1.0, 2.0]])
    without = {key: value for key, value in _params().items() if key != "b2"}
    yield "parameter_missing", {"params": without, "x": x, **target}
    yield "shapes_differ", {"params": {**_params(), "W2": [[1.0, 2.0]]}, "x": x, **target}
    yield "shapes_differ", {"params": _params(), "x": np.array([[1.0, 2.0, 3.0]]), **target}
    yield "empty", {"params": _params(), "x": np.zeros((0, 2)), **{key: np.zeros(0, np.int64) for key in target}}
    if target:
        yield "label_too_large", {"params": _params(), "x": x, "t": np.array([2])}
        yield "label_negative", {"params": _params(), "x": x, "t": np.array([-1])}
        yield "too_few_labels", {"params": _params(), "x": np.array([[1.0, 2.0], [3.0, 4.0]]), "t": np.array([1])}


def _by_steps(formula: Formula) -> _Rejected:
    params = {"W1": [[1.0, 2.0]], "b1": [0.5, 1.0], "W2": [[1.0], [2.0]], "b2": [0.0]}
    without = {key: value for key, value in params.items() if key != "b2"}
    yield "parameter_missing", {"params": params, "grads": without, "lr": 0.1}
    yield "parameter_unknown", {"params": without, "grads": params, "lr": 0.1}
    yield "would_broadcast", {"params": params, "grads": {**params, "W1": [[1.0]]}, "lr": 0.1}
    for why, rate in (("rate_zero", 0.0), ("rate_negative", -0.1), ("rate_nan", NAN)):
        yield why, {"params": params, "grads": params, "lr": rate}


def _by_descents(formula: Formula) -> _Rejected:
    call = {"A": np.eye(2), "b": np.zeros(2), "init_x": np.array([1.0, 2.0]), "lr": 0.1, "step_num": 3}
    for why, rate in (("rate_zero", 0.0), ("rate_negative", -0.1), ("rate_nan", NAN)):
        yield why, {**call, "lr": rate}
    yield "steps_negative", {**call, "step_num": -1}
    yield "start_not_finite", {**call, "init_x": np.array([1.0, INF])}
    yield "empty", {**call, "A": np.zeros((0, 0)), "b": np.zeros(0), "init_x": np.zeros(0)}
