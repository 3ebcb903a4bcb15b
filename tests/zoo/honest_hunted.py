"""Honest programs beside the faults of `hunted`: they look as odd, and are right.

Each was written before the oracle was asked about it.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import floored, log_softmax, one_hot, picked, samples, sigmoid, softmax
from .specimen import Array, Specimen

SPECIMENS: list[Specimen] = []


def _of(formula: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Puts a function among the specimens of a formula."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        note = (function.__doc__ or "").splitlines()[0]
        SPECIMENS.append(Specimen(formula, function, honest=True, note=note, **options))
        return function

    return kept


# ---- integers as they come


@_of("softmax")
def softmax_as_everybody_types_it(z: Array) -> Array:
    """Whatever z is of: NumPy makes float16 of the exponentials of small integers."""
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@_of("log_softmax")
def log_softmax_as_everybody_types_it(z: Array) -> Array:
    """The shift is subtracted twice over, in whatever type z is."""
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@_of("sigmoid")
def sigmoid_as_everybody_types_it(x: Array) -> Array:
    """1 / (1 + e to the −x), which overflows quietly for large −x, and then is 0 as it should be."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


@_of("sigmoid")
def sigmoid_into_an_array_of_floats(x: Array) -> Array:
    """Two halves, each written into its place of an array in float64."""
    out = np.empty(np.shape(x))
    above = np.asarray(x) >= 0
    out[above] = 1 / (1 + np.exp(-np.asarray(x)[above]))
    e = np.exp(np.asarray(x)[~above])
    out[~above] = e / (1 + e)
    return out


@_of("silu")
def silu_as_a_quotient(x: Array) -> Array:
    """x / (1 + e to the −x), which overflows quietly for large −x."""
    with np.errstate(over="ignore"):
        return x / (1 + np.exp(-np.asarray(x)))


@_of("gelu")
def gelu_in_a_loop(x: Array) -> Array:
    """Number by number, with the complement where that keeps the digits."""
    return np.reshape([value / 2 * math.erfc(-value / math.sqrt(2)) for value in np.ravel(x).tolist()], np.shape(x))


@_of("softplus")
def softplus_by_logaddexp(x: Array) -> Array:
    """The logarithm of e to the 0 and e to the x."""
    return np.logaddexp(0, x)


@_of("elu")
def elu_by_a_choice(x: Array, alpha: float = 1.0) -> Array:
    """Both branches are computed; the exponential of large numbers overflows, and is not chosen."""
    with np.errstate(over="ignore"):
        return np.where(np.asarray(x) > 0, x, alpha * np.expm1(x))


@_of("tanh_gradient")
def slope_of_tanh_by_the_value(x: Array) -> Array:
    """(1 − y)(1 + y)."""
    y = np.tanh(x)
    return (1 - y) * (1 + y)


@_of("logsumexp")
def logsumexp_by_reduction(z: Array) -> Array:
    """logaddexp, over the last axis."""
    return np.logaddexp.reduce(np.asarray(z), axis=-1)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_by_one_matrix_product(a: Array, t: Array) -> Any:
    """The target's logits and the normalisers apart: Σ t (lse − a)."""
    a, t = np.asarray(a, float), np.asarray(t, float)
    top = a.max(axis=-1, keepdims=True)
    normaliser = np.log(np.exp(a - top).sum(axis=-1, keepdims=True))
    return np.sum(np.where(t > 0, t * (normaliser - (a - top)), 0)) / samples(a)


@_of("softmax_cross_entropy_labels")
def logits_entropy_of_labels_of_any_type(a: Array, labels: Any) -> Any:
    """take_along_axis wants integers of 64 bits, and gets them."""
    shares = log_softmax(np.asarray(a, float))
    return -np.mean(picked(shares, np.asarray(labels).astype(np.int64)))


@_of("mean_squared_error")
def squared_error_by_a_norm(y: Array, t: Array) -> Any:
    """Half the squared norm of the difference, after both are floats."""
    difference = np.ravel(np.asarray(y, float) - np.asarray(t, float))
    return np.dot(difference, difference) / 2 / samples(y)


# ---- what memory is like


@_of("mean_squared_error_gradient")
def slope_into_an_array_like_the_first(y: Array, t: Array) -> Array:
    """empty_like keeps the order of the axes in memory, and the type is said."""
    out = np.empty_like(y, dtype=float)
    np.subtract(y, t, out=out, dtype=float)
    out /= samples(y)
    return out


@_of("affine")
def affine_by_einsum(x: Array, W: Array, b: Array) -> Array:
    """einsum, whichever way the arrays lie."""
    return np.einsum("nd,dh->nh", x, W) + b


@_of("affine_vjp")
def affine_backward_into_one_block(x: Array, W: Array, b: Array, upstream: Array) -> Any:
    """The gradients of W and b are two views of one block, which do not overlap."""
    block = np.concatenate([x.T @ upstream, upstream.sum(axis=0, keepdims=True)])
    return {"x": upstream @ W.T, "W": block[:-1], "b": block[-1]}


@_of("layer_norm")
def layer_norm_in_the_rows_of_a_copy(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """A copy by columns is worked on in place."""
    x = np.array(x, float, order="F")
    x -= x.mean(axis=-1, keepdims=True)
    x /= np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + eps)
    x *= gain
    return x + bias


@_of("relu")
def relu_that_copies(x: Array) -> Array:
    """A copy, whose negative entries are set to zero."""
    out = np.array(x)
    out[out < 0] = 0
    return out


# ---- few classes, and steps


@_of("softmax")
def softmax_of_two_by_both_sigmoids(a: Array) -> Array:
    """Of two classes the sigmoid of the difference, and of minus the difference."""
    a = np.asarray(a, float)
    if a.shape[-1] != 2 or not np.isfinite(a).all():
        return softmax(a)
    return np.stack([sigmoid(a[..., 0] - a[..., 1]), sigmoid(a[..., 1] - a[..., 0])], axis=-1)


@_of("cross_entropy_one_hot")
def entropy_of_two_classes_apart(y: Array, t: Array) -> Any:
    """Of two classes both terms are written out."""
    if y.shape[-1] == 2:
        terms = t[..., 0] * np.log(floored(y[..., 0])) + t[..., 1] * np.log(floored(y[..., 1]))
        return -np.mean(terms)
    return -np.sum(t * np.log(floored(y))) / samples(y)


@functools.cache
def _powers(beta: float, t: int) -> float:
    return 1 - beta**t


@_of("adam_step")
def adam_with_remembered_powers(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """1 − βᵗ is kept for each step."""
    m, v = m + 0.1 * (g - m), v + 0.001 * (g * g - v)
    return w - 1e-3 * (m / _powers(0.9, t)) / (np.sqrt(v / _powers(0.999, t)) + 1e-8), m, v


@_of("adam_step")
def adam_by_the_definition(w: Array, g: Array, m: Array, v: Array, t: int, lr: float = 1e-3, eps: float = 1e-8) -> Any:
    """As it is written."""
    m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
    return w - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + eps), m, v


@_of("adamw_step", declines=("int32 t",))
def adamw_of_plain_counts(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """The number of a step must be an int of Python's."""
    if not isinstance(t, int):
        raise TypeError(f"t must be an int; got {type(t).__name__}")
    m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
    w = w * (1 - 1e-3 * 0.01)
    return w - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


@_of("momentum_step", in_place=True)
def momentum_where_it_stands(w: Array, g: Array, velocity: Array) -> None:
    """Both arrays are renewed in place, whatever their size."""
    velocity *= 0.9
    velocity -= 0.01 * g
    w += velocity


@_of("sgd_step")
def step_by_a_comprehension(params: Any, grads: Any, lr: float) -> Any:
    """New arrays, by the names of the parameters."""
    return {key: params[key] - np.multiply(lr, grads[key]) for key in params}


@_of("kl_divergence")
def divergence_by_logarithms_apart(y: Array, t: Array) -> Any:
    """t ln t − t ln y, where t is not zero."""
    y, t = np.asarray(y, float), np.asarray(t, float)
    known = t > 0
    safe = np.where(known, t, 1.0)
    return np.sum(np.where(known, safe * (np.log(safe / np.where(known, y, 1.0))), 0.0)) / samples(y)


@_of("softmax_cross_entropy_labels_gradient")
def logits_gradient_minus_one_at_the_label(a: Array, labels: Any) -> Array:
    """1 is subtracted at each label, in a copy."""
    y = np.atleast_2d(softmax(np.asarray(a, float)))
    rows = np.atleast_1d(labels).astype(int)
    y = y - one_hot(rows, y.shape[-1])
    return (y / len(rows)).reshape(np.shape(a))


# ---- means that are moved towards what is new


def _moved(g: Array, m: Array, v: Array, beta1: float, beta2: float) -> tuple[Array, Array]:
    return m + (1 - beta1) * (g - m), v + (1 - beta2) * (g * g - v)


@_of("adam_step")
def adam_with_both_means_moved(
    w: Array, g: Array, m: Array, v: Array, t: int, lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999
) -> Any:
    """As the book moves them: where little of a mean is kept, most of it cancels."""
    m, v = _moved(g, m, v, beta1, beta2)
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + 1e-8), m, v


@_of("adamw_step")
def adamw_with_both_means_moved(
    w: Array, g: Array, m: Array, v: Array, t: int, beta1: float = 0.9, beta2: float = 0.999
) -> Any:
    """The same beside a decay."""
    m, v = _moved(g, m, v, beta1, beta2)
    return w - 1e-5 * w - 1e-3 * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + 1e-8), m, v


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_by_differences(a: Array, t: Array) -> Any:
    """Of each class the logsumexp of how far the others are above it."""
    a, t = np.atleast_2d(a), np.atleast_2d(t)
    above = np.subtract(a[:, None, :], a[:, :, None], dtype=np.result_type(a, 0.0))
    return np.mean(np.sum(t * np.logaddexp.reduce(above, axis=-1), axis=-1))


@_of("layer_norm_vjp")
def norm_backward_through_its_jacobian(x: Array, gain: Array, bias: Array, upstream: Array, eps: float = 1e-5) -> Any:
    """The matrix of each row, (I − 1/K − zzᵀ/K)/σ."""
    rows, back = np.atleast_2d(x) * 1.0, np.atleast_2d(upstream)
    places, apart = rows.shape[1], rows - rows.mean(axis=1, keepdims=True)
    inverse = 1 / np.sqrt(np.mean(apart * apart, axis=1) + eps)
    z = apart * inverse[:, None]
    jacobian = inverse[:, None, None] * (np.eye(places) - 1 / places - z[:, :, None] * z[:, None, :] / places)
    of_x = np.einsum("nij,nj->ni", jacobian, back * gain).reshape(np.shape(x))
    return {"x": of_x, "gain": (back * z).sum(axis=0), "bias": back.sum(axis=0)}


@_of("huber_gradient")
def huber_slope_by_a_median(y: Array, t: Array, delta: float = 1.0) -> Array:
    """The middle one of −δ, d and δ."""
    d = np.subtract(y, t, dtype=np.result_type(y, t, 0.0))
    return np.median(np.stack([d, np.full_like(d, delta), np.full_like(d, -delta)]), axis=0) / d.size
