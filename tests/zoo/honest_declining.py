"""Honest implementations that decline a kind of input by an error, and steps that work on the parameters they are given.

Each says in `declines` or `in_place` what the oracle's report says of it.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from typing import Any

import numpy as np

from .honest_descents import F, by_unit_vectors
from .sound import floored, log_softmax, samples, sigmoid, softmax
from .specimen import Array, Specimen, installed

Params = dict[str, Any]


def softmax_for_batches_only(a: Array) -> Array:
    """axis=1 written out: one sample is an error."""
    raised = np.exp(a - a.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def squared_error_for_batches_only(y: Array, t: Array) -> Any:
    """axis=1 written out: one sample is an error."""
    return 0.5 * np.mean(np.sum((y.astype(float) - t) ** 2, axis=1))


def cross_entropy_for_two_dimensions(y: Array, t: Array) -> Any:
    """N, K = y.shape: one sample is an error."""
    count, classes = y.shape
    return -np.sum(t * np.log(floored(y))) * classes / (count * classes)


def error_deciding_by_format(y: Array, t: Any) -> Any:
    """Integers are labels, whatever their shape."""
    t = np.asarray(t)
    if t.dtype.kind in "iu":
        return -np.mean(np.log(floored(np.take_along_axis(y, t[..., None], axis=-1))))
    return -np.sum(t * np.log(floored(y))) / samples(y)


def logits_entropy_for_batches_only(a: Array, t: Array) -> Any:
    """axis=1 written out: one sample is an error."""
    shifted = a - a.max(axis=1, keepdims=True)
    return -np.sum(t * (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))) / len(a)


def labelled_for_batches_only(a: Array, labels: Any) -> Array:
    """p[range(N), labels]: one sample is an error."""
    count, _ = a.shape
    p = softmax(a)
    p[range(count), labels] -= 1
    return p / count


def loss_for_rows_only(params: Params, x: Array, t: Array) -> Any:
    """The targets' shares row by row, which labels have not."""
    a = sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return -np.einsum("nk,nk->", t.astype(a.dtype), log_softmax(a)) / len(x)


def descent_on_a_copy_of_its_kind(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """init_x.copy() of integers, from which NumPy does not take floats: an error."""
    x = init_x.copy()
    for _ in range(step_num):
        x -= lr * by_unit_vectors(f, x)
    return x


def step_in_place(params: Params, grads: Params, lr: float) -> None:
    """The chapter's loop, on the caller's own arrays; it returns nothing."""
    for key in params:
        params[key] -= lr * grads[key]


def step_replacing_entries(params: Params, grads: Params, lr: float) -> Params:
    """New arrays, but in the caller's dictionary."""
    for key in params:
        params[key] = params[key] - lr * grads[key]
    return params


def step_of_torch_in_place(params: Params, grads: Params, lr: float) -> Params:
    """torch's sub_, on the caller's tensors."""
    for key, value in params.items():
        value.sub_(lr * grads[key])
    return params


def _declining(formula: str, function: Any, *declines: str) -> Specimen:
    return Specimen(formula, function, honest=True, declines=declines)


def _in_place(function: Any, **options: Any) -> Specimen:
    return Specimen("sgd_step", function, honest=True, in_place=True, **options)


SPECIMENS: tuple[Specimen, ...] = (
    _declining("softmax", softmax_for_batches_only, "single samples"),
    _declining("mean_squared_error", squared_error_for_batches_only, "single samples"),
    _declining("cross_entropy_one_hot", cross_entropy_for_two_dimensions, "single samples"),
    _declining("cross_entropy_error", error_deciding_by_format, "integer targets"),
    _declining("softmax_cross_entropy_one_hot", logits_entropy_for_batches_only, "single samples"),
    _declining("softmax_cross_entropy_labels_gradient", labelled_for_batches_only, "single samples"),
    _declining("two_layer_net_loss", loss_for_rows_only, "labels"),
    _declining("gradient_descent", descent_on_a_copy_of_its_kind, "integer arrays"),
    _in_place(step_in_place),
    _in_place(step_replacing_entries),
)
if installed("torch"):
    SPECIMENS += (_in_place(step_of_torch_in_place, array="torch"),)
