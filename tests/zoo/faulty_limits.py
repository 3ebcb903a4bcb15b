"""Implementations that are right about everyday input, and wrong where it has another form than their author had in mind.

Their honest twins bear the same names in the modules of the honest ones, as a rule.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import copy
import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import log_softmax, one_hot, sigmoid, softmax
from .specimen import Array, Specimen, faulty, installed

F = Callable[[Any], Any]
Params = dict[str, Any]


def _logits(params: Params, x: Array) -> Array:
    return sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def _rows(t: Array, like: Array) -> Array:
    return t if t.ndim == 2 else one_hot(t, like.shape[1])


# ------------------------------------------------------------------------------------------------------------- integers that wrap


def mean_squared_error_by_the_last_axis(y: Array, t: Array) -> Any:
    """Half the sum of squares over the classes, all in the integers' own type."""
    return 0.5 * np.mean(np.sum((y - t) ** 2, axis=-1))


def mean_squared_error_by_cases(y: Array, t: Array) -> Any:
    """One sample made a batch of one; the squares of integers wrap."""
    if y.ndim == 1:
        y = y.reshape(1, y.size)
        t = t.reshape(1, t.size)
    return np.sum((y - t) ** 2) / (2 * y.shape[0])


def mean_squared_error_by_vdot(y: Array, t: Array) -> Any:
    """The dot product of integers is one."""
    d = np.ravel(y - t)
    return np.dot(d, d) / 2 * (y.shape[-1] / y.size)


def mean_squared_error_by_einsum(y: Array, t: Array) -> Array:
    """An einsum of integers, which adds them up in their own type."""
    d = np.atleast_2d(y) - np.atleast_2d(t)
    return np.asarray(np.einsum("nk,nk->", d, d) / (2.0 * len(d)))


def mean_squared_error_by_norm(y: Array, t: Array) -> Any:
    """The norm is a float, but the difference wraps before."""
    return np.mean(np.linalg.norm(y - t, axis=-1) ** 2) / 2


def mean_squared_error_of_the_book(y: Array, t: Array) -> Any:
    """The book's half the sum over everything, in the integers' own type."""
    return 0.5 * np.sum((y - t) ** 2)


def mean_squared_error_of_a_library(y: Array, t: Array) -> Any:
    """The libraries' mean over everything, in the integers' own type."""
    return np.square(y - t).mean()


def mean_squared_error_gradient_by_shape(y: Array, t: Array) -> Array:
    """The difference of two integers wraps before it is divided."""
    return (y - t) / (y.shape[0] if y.ndim == 2 else 1)


def mean_squared_error_gradient_by_size(y: Array, t: Array) -> Array:
    """numpy.subtract, in the integers' own type."""
    return np.subtract(y, t) * (y.shape[-1] / y.size)


def mean_squared_error_gradient_of_the_book(y: Array, t: Array) -> Array:
    """The difference, as integers."""
    return y - t


def mean_squared_error_gradient_of_a_library(y: Array, t: Array) -> Array:
    """Twice the difference, as integers."""
    return 2 * (y - t) / y.size


def cross_entropy_one_hot_by_bits(y: Array, t: Array) -> Any:
    """The minus stands before the target: -1 is 255 in eight bits without a sign."""
    return np.mean(np.sum(-t * np.log2(np.maximum(y, 1e-8)), axis=-1)) * np.log(2.0)


def cross_entropy_one_hot_by_decibels(y: Array, t: Array) -> Any:
    """The minus stands before the target, in powers of ten."""
    return np.mean(np.sum(-t * np.log10(np.maximum(y, 1e-8)), axis=-1)) * math.log(10)


def cross_entropy_one_hot_gradient_by_where(y: Array, t: Array) -> Array:
    """-t of an unsigned integer, over y."""
    count = y.shape[0] if y.ndim == 2 else 1
    return np.where(y >= 1e-8, -t / np.maximum(y, 1e-8), 0.0) / count


def cross_entropy_one_hot_gradient_by_mask(y: Array, t: Array) -> Array:
    """-t of an unsigned integer, where there is something to fill in."""
    result = np.zeros(y.shape)
    mask = (y >= 1e-8) & (t != 0)
    result[mask] = -t[mask] / y[mask]
    result /= np.atleast_2d(y).shape[0]
    return result


def cross_entropy_one_hot_gradient_by_divide(y: Array, t: Array) -> Array:
    """numpy.negative of an unsigned integer."""
    return np.divide(np.negative(t), y * len(np.atleast_2d(y)), out=np.zeros(y.shape), where=y >= 1e-8)


def cross_entropy_one_hot_gradient_of_the_seed(y: Array, t: Array) -> Array:
    """-t of an unsigned integer, over y and its offset."""
    return -t / (y + 1e-8) / (len(y) if y.ndim == 2 else 1)


def cross_entropy_one_hot_gradient_without_guard(y: Array, t: Array) -> Array:
    """-t of an unsigned integer, with 0 / 0 = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(t == 0, 0.0, -t / y) / np.atleast_2d(y).shape[0]


def cross_entropy_error_gradient_of_the_seed(y: Array, t: Any) -> Array:
    """-t of an unsigned integer, where the target is one-hot."""
    if np.ndim(t) != y.ndim:
        t = np.eye(y.shape[-1])[t]
    return np.divide(-t, y + 1e-8) * (y.shape[-1] / y.size)


def jax_mean_squared_error(y: Any, t: Any) -> Any:
    """jax.numpy, in the integers' own type."""
    import jax.numpy as jnp

    return 0.5 * jnp.mean(jnp.sum((y - t) ** 2, axis=-1))


# ----------------------------------------------------------------------------------------------------------- one-hot targets only


def cross_entropy_one_hot_by_mask(y: Array, t: Array) -> Any:
    """The mean over the entries where the target is exactly 1."""
    return -np.log(np.maximum(y[t == 1], 1e-8)).mean()


def cross_entropy_one_hot_by_argmax(y: Array, t: Array) -> Any:
    """The class that weighs most, for the whole target."""
    y, t = np.atleast_2d(y), np.atleast_2d(t)
    p = y[np.arange(y.shape[0]), t.argmax(axis=1)]
    return -np.log(np.maximum(p, 1e-8)).sum() / y.shape[0]


def cross_entropy_one_hot_by_probability(y: Array, t: Array) -> Any:
    """The logarithm of the weighed mean of the probabilities."""
    p = np.sum(y * t, axis=-1)
    return np.mean(-np.log(np.maximum(p, 1e-8)))


def cross_entropy_error_by_dimension(y: Array, t: Any) -> Any:
    """The chapter's program: targets become labels by argmax."""
    t = np.asarray(t)
    if t.ndim == y.ndim:
        t = np.argmax(t, axis=-1)
    y, t = y.reshape(-1, y.shape[-1]), t.reshape(-1)
    return -np.sum(np.log(np.maximum(y[np.arange(y.shape[0]), t], 1e-8))) / y.shape[0]


def softmax_cross_entropy_one_hot_by_gaps(a: Array, t: Array) -> Any:
    """The gaps to the one entry of each row whose target is not 0."""
    a, hot = np.atleast_2d(a).astype(float), np.atleast_2d(t).astype(bool)
    gaps = a - a[hot][:, None]
    top = np.maximum(gaps.max(axis=1), 0)
    others = np.where(hot, 0.0, np.exp(gaps - top[:, None])).sum(axis=1)
    return np.mean(np.where(top == 0, np.log1p(others), top + np.log(np.exp(-top) + others)))


def softmax_cross_entropy_one_hot_sorted(a: Array, t: Array) -> float:
    """Log-sum-exp from the smallest logit up, less the logit that weighs most."""
    total = 0.0
    for row, target in zip(np.atleast_2d(a), np.atleast_2d(t), strict=True):
        *lower, top = sorted(float(v) for v in row)
        total += top + math.log1p(sum(math.exp(v - top) for v in lower)) - float(row[target.argmax()])
    return total / len(np.atleast_2d(a))


def softmax_cross_entropy_one_hot_gradient_without_cancellation(a: Array, t: Array) -> Array:
    """Where the target is not 1, it is taken for 0."""
    p = softmax(a)
    others = np.where(t == 1, 0.0, p)
    return np.where(t == 1, -others.sum(axis=-1, keepdims=True), p) / np.atleast_2d(a).shape[0]


def cross_entropy_one_hot_by_relative_entropy(y: Array, t: Array) -> Any:
    """The relative entropy, whose other half is the target's own entropy."""
    from scipy.special import rel_entr

    return np.mean(np.sum(rel_entr(t, np.maximum(y, 1e-8)), axis=-1))


def loss_of_labels(params: Params, x: Array, t: Array) -> Any:
    """Targets become labels first, and the right entries are picked."""
    a = _logits(params, x)
    labels = t.argmax(axis=1) if t.ndim == 2 else t
    return np.mean(np.logaddexp.reduce(a, axis=1) - a[np.arange(len(a)), labels])


def loss_of_gaps(params: Params, x: Array, t: Array) -> Any:
    """The gaps to the logit that weighs most."""
    a = _logits(params, x)
    labels = np.argmax(t, axis=1) if t.ndim == 2 else t
    gaps = a - np.take_along_axis(a, labels[:, None].astype(np.intp), axis=1)
    return np.logaddexp.reduce(gaps, axis=1).sum() / a.shape[0]


def loss_by_loops(params: Params, x: Array, t: Array) -> Any:
    """Plain Python; the logit that weighs most is taken off."""
    losses = []
    for a, t_n in zip(_logits(params, x), t, strict=True):
        top = max(a.tolist())
        total = top + math.log(math.fsum(math.exp(v - top) for v in a.tolist()))
        losses.append(total - float(a[int(np.argmax(t_n)) if t.ndim == 2 else int(t_n)]))
    return a.dtype.type(math.fsum(losses) / len(losses))


def loss_for_rows_only(params: Params, x: Array, t: Array) -> Any:
    """t.argmax(axis=1), which labels have not."""
    logs = log_softmax(_logits(params, x))
    return -logs[np.arange(len(x)), t.argmax(axis=1)].mean()


def gradient_on_the_probabilities_own_array(params: Params, x: Array, t: Array) -> Params:
    """One is taken off the picked entries, as the book does it; targets become labels."""
    z = sigmoid(x @ params["W1"] + params["b1"])
    delta = softmax(z @ params["W2"] + params["b2"]).copy()
    delta[np.arange(len(x)), np.argmax(t, axis=1) if t.ndim == 2 else t] -= 1
    delta /= len(x)
    back = delta.dot(params["W2"].T)
    back *= z
    back *= 1 - z
    return {"b2": delta.sum(0), "W2": z.T.dot(delta), "b1": back.sum(0), "W1": x.T.dot(back)}


def torch_cross_entropy_error(y: Any, t: Any) -> Any:
    """Targets become labels by argmax, their probabilities by gather."""
    import torch

    labels = t.argmax(dim=-1) if t.ndim == y.ndim else t
    return -torch.gather(y, -1, labels.unsqueeze(-1)).clamp_min(1e-8).log().mean()


# ---------------------------------------------------------------------------------------- too large, too many, or of another name


def mean_squared_error_by_loops(y: Array, t: Array) -> float:
    """Plain Python: the power of a float raises OverflowError where it should be infinite."""
    rows = list(zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True))
    return math.fsum((u - v) ** 2 for p, q in rows for u, v in zip(p, q, strict=True)) / 2 / len(rows)


def mean_squared_error_by_dist(y: Array, t: Array) -> float:
    """math.dist, whose square raises OverflowError where it should be infinite."""
    return statistics.fmean(math.dist(p, q) ** 2 / 2 for p, q in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True))


def mean_squared_error_running(y: Array, t: Array) -> float:
    """A running mean: the step back from infinity is nan."""
    mean = 0.0
    for seen, (p, q) in enumerate(zip(np.atleast_2d(y), np.atleast_2d(t), strict=True), start=1):
        mean += (float(np.sum(np.square(p - q.astype(float)))) / 2 - mean) / seen
    return mean


def mean_squared_error_gradient_by_complex_step(y: Array, t: Array) -> Array:
    """The square of a complex number beyond the range has no imaginary part any more."""
    h = 2.0**-30
    result = np.zeros(y.shape)
    for index in np.ndindex(*y.shape):
        z = y.astype(complex)
        z[index] += 1j * h
        result[index] = (0.5 * (z[index] - t[index]) ** 2).imag / h / np.atleast_2d(y).shape[0]
    return result


def gradient_by_complex_step(params: Params, x: Array, t: Array) -> Params:
    """A step of 1e-30 beside numbers of 1e-300 is below the smallest number."""
    h = 1e-30

    def slope(key: str, index: tuple[int, ...]) -> float:
        moved = {name: value.astype(complex) for name, value in params.items()}
        moved[key][index] += h * 1j
        a1 = x @ moved["W1"] + moved["b1"]
        side = np.where(a1.real < 0, -1.0, 1.0)
        small = np.exp(-side * a1)
        a = np.where(side > 0, 1, small) / (1 + small) @ moved["W2"] + moved["b2"]
        a = a - a.real.max(axis=1, keepdims=True)
        logs = a - np.log(np.sum(np.exp(a), axis=1, keepdims=True))
        return float((-np.sum(_rows(t, logs.real) * logs) / len(x)).imag / h)

    return {
        key: np.array([slope(key, index) for index in np.ndindex(value.shape)]).reshape(value.shape)
        for key, value in params.items()
    }


def cross_entropy_labels_by_choose(y: Array, labels: Any) -> Any:
    """numpy.choose over the columns, of which it takes 32, or 64."""
    return -np.log(np.maximum(np.choose(labels, y.T), 1e-8)).mean()


def step_on_a_copy(params: Params, grads: Params, lr: float) -> Params:
    """The chapter's loop over four names, on a deep copy."""
    params = copy.deepcopy(params)
    for key in ("W1", "b1", "W2", "b2"):
        params[key] -= lr * grads[key]
    return params


def by_apply_along_axis(f: F, x: Array) -> Array:
    """f is given the entries in a row, whatever shape it takes."""
    h = 6e-6
    flat = np.ravel(x).astype(float)
    moved = flat + h * np.concatenate([np.eye(flat.size), -np.eye(flat.size)])
    above, below = np.split(np.apply_along_axis(f, 1, moved), 2)
    return ((above - below) / (2 * h)).reshape(x.shape)


_SIGNED = "with int32 and narrower types"
_UNSIGNED = "with uint8"
_SQUARED, _DIFFERENCE = "mean_squared_error", "mean_squared_error_gradient"
_ONE_HOT, _LABELS, _ERROR = "cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error"
_RATIO, _EITHER_RATIO = "cross_entropy_one_hot_gradient", "cross_entropy_error_gradient"
_LOGITS, _LOGITS_GRADIENT = "softmax_cross_entropy_one_hot", "softmax_cross_entropy_one_hot_gradient"
_LOSS, _GRADIENT = "two_layer_net_loss", "two_layer_net_gradient"


def _wrapping(
    formula: str, function: Callable[..., Any], note: str, convention: str | None = None, **options: Any
) -> Specimen:
    return faulty(formula, function, "integer_overflow", note, convention=convention, **options)


def _one_hot_only(formula: str, function: Callable[..., Any], **options: Any) -> Specimen:
    return faulty(formula, function, "one_hot_targets_only", **options)


SPECIMENS: tuple[Specimen, ...] = (
    _wrapping(_SQUARED, mean_squared_error_by_the_last_axis, _SIGNED),
    _wrapping(_SQUARED, mean_squared_error_by_cases, _SIGNED),
    _wrapping(_SQUARED, mean_squared_error_by_vdot, _SIGNED),
    _wrapping(_SQUARED, mean_squared_error_by_einsum, _SIGNED),
    _wrapping(_SQUARED, mean_squared_error_by_norm, "with int16, int8 and uint8"),
    _wrapping(_SQUARED, mean_squared_error_of_the_book, _SIGNED, "book"),
    _wrapping(_SQUARED, mean_squared_error_of_a_library, _SIGNED, "pytorch"),
    _wrapping(_DIFFERENCE, mean_squared_error_gradient_by_shape, _SIGNED),
    _wrapping(_DIFFERENCE, mean_squared_error_gradient_by_size, _SIGNED),
    _wrapping(_DIFFERENCE, mean_squared_error_gradient_of_the_book, _SIGNED, "seed"),
    _wrapping(_DIFFERENCE, mean_squared_error_gradient_of_a_library, _SIGNED, "keras"),
    _wrapping(_ONE_HOT, cross_entropy_one_hot_by_bits, _UNSIGNED),
    _wrapping(_ONE_HOT, cross_entropy_one_hot_by_decibels, _UNSIGNED),
    _wrapping(_RATIO, cross_entropy_one_hot_gradient_by_where, _UNSIGNED),
    _wrapping(_RATIO, cross_entropy_one_hot_gradient_by_mask, _UNSIGNED),
    _wrapping(_RATIO, cross_entropy_one_hot_gradient_by_divide, _UNSIGNED),
    _wrapping(_RATIO, cross_entropy_one_hot_gradient_of_the_seed, _UNSIGNED, "seed"),
    _wrapping(_RATIO, cross_entropy_one_hot_gradient_without_guard, _UNSIGNED, "pytorch"),
    _wrapping(_EITHER_RATIO, cross_entropy_error_gradient_of_the_seed, _UNSIGNED, "seed"),
    _one_hot_only(_ONE_HOT, cross_entropy_one_hot_by_mask),
    _one_hot_only(_ONE_HOT, cross_entropy_one_hot_by_argmax),
    _one_hot_only(_ONE_HOT, cross_entropy_one_hot_by_probability),
    _one_hot_only(_ERROR, cross_entropy_error_by_dimension),
    _one_hot_only(_LOGITS, softmax_cross_entropy_one_hot_by_gaps),
    _one_hot_only(_LOGITS, softmax_cross_entropy_one_hot_sorted),
    _one_hot_only(_LOGITS_GRADIENT, softmax_cross_entropy_one_hot_gradient_without_cancellation),
    _one_hot_only(_LOSS, loss_of_labels),
    _one_hot_only(_LOSS, loss_of_gaps),
    _one_hot_only(_LOSS, loss_by_loops),
    _one_hot_only(_LOSS, loss_for_rows_only, note="declines labels"),
    _one_hot_only(_GRADIENT, gradient_on_the_probabilities_own_array),
    faulty(_SQUARED, mean_squared_error_by_loops, "overflow_raised", "only where the loss is infinite"),
    faulty(_SQUARED, mean_squared_error_by_dist, "overflow_raised", "only where the loss is infinite"),
    faulty(_SQUARED, mean_squared_error_running, "infinity_minus_infinity", "only where the loss is infinite"),
    faulty(_DIFFERENCE, mean_squared_error_gradient_by_complex_step, "square_overflows", "only beyond 1e154"),
    faulty(_GRADIENT, gradient_by_complex_step, "step_underflows", "only where a hidden unit is below 1e-278"),
    faulty(_LABELS, cross_entropy_labels_by_choose, "few_classes_only", "raises from 32 or 64 classes on"),
    faulty("sgd_step", step_on_a_copy, "names_written_out", "raises for other names"),
    faulty(
        "numerical_gradient",
        by_apply_along_axis,
        "flat_argument",
        "only for a function that is particular about shapes",
    ),
)
if installed("scipy"):
    SPECIMENS += (_one_hot_only(_ONE_HOT, cross_entropy_one_hot_by_relative_entropy),)
if installed("torch"):
    SPECIMENS += (_one_hot_only(_ERROR, torch_cross_entropy_error, array="torch"),)
if installed("jax"):
    SPECIMENS += (_wrapping(_SQUARED, jax_mean_squared_error, _SIGNED, array="jax"),)
