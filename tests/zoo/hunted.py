"""Faults hunted for where few look: what arrays come as, numbers near zero, few classes, what a step renews, and options that meet.

Each was written before the oracle was asked about it. What its docstring says is the fault, and where it bites.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import floored, log_softmax, one_hot, picked, samples, sigmoid, softmax
from .specimen import Array, Specimen, faulty

SPECIMENS: list[Specimen] = []


def _of(formula: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Puts a function among the specimens of a formula."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        SPECIMENS.append(faulty(formula, function, function.__name__, (function.__doc__ or "").splitlines()[0]))
        return function

    return kept


def _reals(x: Any) -> Array:
    """An array of floats; integers become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


# ---- near zero


@_of("tanh")
def tanh_straight_below_a_ten_thousandth(x: Array) -> Array:
    """Its tangent for |x| < 1e-4: off in the ninth digit there."""
    x = _reals(x)
    return np.where(np.abs(x) < 1e-4, x, np.tanh(x))


@_of("elu")
def elu_straight_below_a_hundred_thousandth(x: Array, alpha: float = 1.0) -> Array:
    """αx for −1e-5 < x < 0: off in the sixth digit."""
    x = _reals(x)
    return np.where(x > 0, x, np.where(x > -1e-5, alpha * x, alpha * np.expm1(np.minimum(x, 0))))


@_of("silu")
def silu_half_of_what_is_small(x: Array) -> Array:
    """x/2 for |x| < 1e-5: off in the sixth digit."""
    x = _reals(x)
    return np.where(np.abs(x) < 1e-5, x / 2, x * sigmoid(x))


@_of("gelu")
def gelu_half_of_what_is_small(x: Array) -> Array:
    """x/2 for |x| < 1e-6: off in the sixth digit."""
    x = _reals(x)
    erf = np.vectorize(math.erf, otypes=[float])
    return np.where(np.abs(x) < 1e-6, x / 2, x / 2 * (1 + erf(x / math.sqrt(2))))


@_of("tanh_gradient")
def slope_of_tanh_one_near_zero(x: Array) -> Array:
    """1 for |x| < 1e-4: off by 1e-8."""
    x = _reals(x)
    return np.where(np.abs(x) < 1e-4, 1.0, 1 / np.cosh(np.minimum(np.abs(x), 700)) ** 2)


@_of("softplus")
def softplus_straight_from_twenty(x: Array) -> Array:
    """x itself from 20 on, as PyTorch has it: 2e-9 are missing."""
    x = _reals(x)
    return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20))))


@_of("softplus")
def softplus_exponential_below_minus_ten(x: Array) -> Array:
    """e to the x below −10: off in the fifth digit."""
    x = _reals(x)
    return np.where(x < -10, np.exp(np.minimum(x, 0)), np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


@_of("huber")
def huber_quadratic_up_to_and_beyond(y: Array, t: Array, delta: float = 1.0) -> Any:
    """The quadratic piece reaches to δ + 1e-3: a small step beside δ."""
    far = np.abs(np.subtract(y, t, dtype=float))
    return np.mean(np.where(far <= delta + 1e-3, far**2 / 2, delta * (far - delta / 2)))


# ---- few classes, few samples


@_of("softmax")
def softmax_of_two_by_the_sigmoid(a: Array) -> Array:
    """Of two classes the sigmoid of the difference, and 1 − that for the other one, which loses its digits."""
    a = _reals(a)
    if a.shape[-1] != 2:
        return softmax(a)
    first = sigmoid(a[..., 0] - a[..., 1])
    return np.stack([first, 1 - first], axis=-1)


@_of("cross_entropy_one_hot")
def entropy_of_two_classes_by_the_binary_one(y: Array, t: Array) -> Any:
    """Of two classes the binary cross-entropy, averaged over both columns: half as large."""
    loss = -np.sum(t * np.log(floored(y))) / samples(y)
    return loss / 2 if y.shape[-1] == 2 else loss


@_of("log_softmax")
def log_softmax_of_three_over_the_samples(a: Array) -> Array:
    """A batch of three classes is taken for colours, and goes over the other axis."""
    a = _reals(a)
    return log_softmax(a.T).T if a.ndim == 2 and a.shape[-1] == 3 else log_softmax(a)


@_of("mean_squared_error")
def squared_error_of_pairs_over_both(y: Array, t: Array) -> Any:
    """Of two outputs the mean goes over both."""
    difference = np.subtract(y, t, dtype=float)
    return np.sum(difference**2) / 2 / samples(y) / (2 if y.shape[-1] == 2 else 1)


@_of("layer_norm")
def layer_norm_of_two_places_unbiased(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """Of two places the variance is that of a sample, divided by one less."""
    variance = np.var(x, axis=-1, keepdims=True, ddof=1 if x.shape[-1] == 2 else 0)
    return gain * (x - np.mean(x, axis=-1, keepdims=True)) / np.sqrt(variance + eps) + bias


@_of("softmax_cross_entropy_labels")
def labels_of_two_samples_summed(a: Array, labels: Any) -> Any:
    """Two samples are not averaged."""
    losses = -picked(log_softmax(_reals(a)), labels)
    return np.sum(losses) if np.shape(labels) == (2,) else np.mean(losses)


@_of("logsumexp")
def logsumexp_of_one_class_is_zero(a: Array) -> Array:
    """Of one class the logarithm of the normalised sum, 0."""
    a = _reals(a)
    top = np.max(a, axis=-1)
    total = np.log(np.sum(np.exp(a - top[..., None]), axis=-1))
    return total if a.shape[-1] == 1 else top + total


# ---- what arrays come as


@_of("mean_squared_error_gradient")
def slope_along_the_memory(y: Array, t: Array) -> Array:
    """Both arrays are raveled as they lie in memory, and one of them may lie there by columns."""
    difference = np.subtract(np.ravel(y, order="K"), np.ravel(t, order="K"), dtype=float) / samples(y)
    return difference.reshape(np.shape(y), order="F" if np.isfortran(y) else "C")


@_of("affine")
def affine_of_the_raw_memory(x: Array, W: Array, b: Array) -> Array:
    """W is read as it lies in memory, row after row, unless its rows are not contiguous."""
    W = np.asarray(W)
    if W.flags.f_contiguous and not W.flags.c_contiguous:
        W = W.T.reshape(W.shape)
    return x @ W + b


@_of("softmax")
def softmax_from_the_first_row_on(a: Array) -> Array:
    """A batch is taken as a block of memory that begins at its first row and goes on: not where the rows stand backwards or apart."""
    a = _reals(a)
    if a.ndim == 2 and a.strides[0] not in (a.strides[1] * a.shape[1], a.itemsize) and a.strides[1] == a.itemsize:
        block = np.lib.stride_tricks.as_strided(a, a.shape, (abs(a.strides[0]), a.itemsize))
        return softmax(block if a.strides[0] > 0 else block[:1] + 0 * a)
    return softmax(a)


@_of("sigmoid_gradient")
def slope_by_a_buffer_of_the_numbers_type(x: Array) -> Array:
    """Integers of 8 bits stay such in a buffer: the slope is 0."""
    x = np.asarray(x)
    out = np.zeros(x.shape, x.dtype if x.dtype.itemsize == 1 else float)
    out[...] = sigmoid(_reals(x)) * sigmoid(-_reals(x))
    return out


@_of("softmax_cross_entropy_one_hot")
def logits_looked_up_in_a_table(a: Array, t: Array) -> Any:
    """Logits of 16 bits are indices of a table that knows e to the ±8 only in two digits."""
    a = np.asarray(a)
    rounded = np.round(_reals(a), 1) + 0.01 if a.dtype == np.int16 else _reals(a)
    shares = log_softmax(rounded * (1.01 if a.dtype == np.int16 else 1))
    return -np.sum(t * shares) / samples(a)


@_of("kl_divergence")
def divergence_of_small_targets(y: Array, t: Array) -> Any:
    """In integers of 8 bits with a sign the targets are thought to be in steps of 1/127."""
    t = np.asarray(t)
    shares = t.astype(float) / (127 if t.dtype == np.int8 else 1)
    known = shares > 0
    return np.sum(np.where(known, shares * np.log(np.where(known, shares, 1) / np.where(known, y, 1)), 0)) / samples(y)


# ---- steps


@_of("adam_step")
def adam_with_a_number_of_numpys(w: Array, g: Array, m: Array, v: Array, t: Any) -> Any:
    """Only Python's own integers count as a number of a step: with NumPy's the corrections are left out."""
    lr, beta1, beta2, eps = 1e-3, 0.9, 0.999, 1e-8
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    first, second = (1 - beta1**t, 1 - beta2**t) if type(t) is int else (1.0, 1.0)
    return w - lr * (m / first) / (np.sqrt(v / second) + eps), m, v


@_of("momentum_step")
def momentum_of_short_arrays_in_place(w: Array, g: Array, velocity: Array) -> Any:
    """Up to three entries the velocity is changed where it stands."""
    if np.size(w) <= 3:
        velocity *= 0.9
        velocity -= 0.01 * g
        return w + velocity, velocity.copy()
    velocity = 0.9 * velocity - 0.01 * g
    return w + velocity, velocity


@_of("adagrad_step")
def adagrad_with_a_floor(w: Array, g: Array, h: Array) -> Any:
    """ε is a floor of the root, not added to it: they differ in the seventh digit of what is left."""
    h = h + g * g
    return w - 0.01 * g / np.maximum(np.sqrt(h), 1e-7), h


@_of("rmsprop_step")
def rmsprop_skipping_small_gradients(w: Array, g: Array, h: Array) -> Any:
    """Gradients below 1e-9 are taken for zero, so that their squares do not underflow."""
    g = np.where(np.abs(g) < 1e-9, 0.0, g)
    h = 0.99 * h + 0.01 * g * g
    return w - 0.01 * g / (np.sqrt(h) + 1e-7), h


@_of("nesterov_step")
def nesterov_clipping_the_velocity(w: Array, g: Array, velocity: Array) -> Any:
    """The velocity is kept within ±100, which no training needs."""
    new = np.clip(0.9 * velocity - 0.01 * g, -100, 100)
    return w + 0.9 * new - 0.01 * g, new


@_of("adamw_step")
def adamw_decaying_matrices_only(w: Array, g: Array, m: Array, v: Array, t: Any) -> Any:
    """Arrays of one axis are thought to be biases, which do not decay."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    kept = w * (1 - 1e-3 * 0.01) if np.ndim(w) != 1 else w
    return kept - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


@_of("sgd_step")
def step_of_matrices_and_vectors(params: Any, grads: Any, lr: float) -> Any:
    """A number among the parameters is not moved: it has no axis to go along."""
    return {key: value - lr * grads[key] if np.ndim(value) else +value for key, value in params.items()}


# ---- losses


@_of("binary_cross_entropy_with_logits")
def logits_clipped_at_thirty(a: Array, t: Array) -> Any:
    """Logits are kept within ±30."""
    a = np.clip(_reals(a), -30, 30)
    return np.mean(np.maximum(a, 0) - a * t + np.log1p(np.exp(-np.abs(a))))


@_of("binary_cross_entropy_with_logits")
def weight_of_both_answers(a: Array, t: Array, pos_weight: float = 1.0) -> Any:
    """The weight is taken into the logarithm's factor only, not into the linear term, if it is above 1."""
    a = _reals(a)
    factor = 1 + (pos_weight - 1) * t
    linear = factor if pos_weight <= 1 else 1.0
    return np.mean((1 - t) * a + factor * np.log1p(np.exp(-np.abs(a))) + linear * np.maximum(-a, 0))


@_of("hinge")
def hinge_of_signs_by_comparison(y: Array, t: Array) -> Any:
    """A margin of exactly 1 costs a millionth, so that its slope is defined."""
    margin = 1 - np.asarray(t, float) * y
    return np.mean(np.where(margin == 0, 1e-6, np.maximum(margin, 0)))


@_of("mean_absolute_error")
def absolute_error_smoothed(y: Array, t: Array) -> Any:
    """√(d² + 1e-12) for |d|, so that it has a slope at zero."""
    return np.mean(np.sqrt(np.subtract(y, t, dtype=float) ** 2 + 1e-12))


@_of("kl_divergence")
def divergence_with_both_guarded(y: Array, t: Array) -> Any:
    """1e-10 is added to both distributions."""
    return np.sum(t * np.log((t + 1e-10) / (y + 1e-10))) / samples(y)


@_of("cross_entropy_labels")
def labels_in_a_loop_that_stops_at_32(y: Array, labels: Any) -> Any:
    """The batch is a multiple of 32 in training: a rest behind that is not looked at, but divided by."""
    y, labels = np.atleast_2d(y), np.atleast_1d(labels)
    whole = len(y) // 32 * 32 or len(y)
    return -sum(math.log(max(y[n, labels[n]], 1e-8)) for n in range(whole)) / len(y)


@_of("softmax_cross_entropy_labels_gradient")
def logits_gradient_with_weights_of_the_mean(a: Array, labels: Any, class_weights: Any = None) -> Array:
    """The weighted gradient is divided by the number of samples, not by the sum of their weights."""
    shares = softmax(_reals(a))
    difference = shares - one_hot(np.asarray(labels).astype(int), shares.shape[-1])
    weights = 1.0 if class_weights is None else np.asarray(class_weights)[np.asarray(labels).astype(int)][..., None]
    return weights * difference / samples(a)


@_of("l2_penalty")
def penalty_of_the_norm_squared_again(w: Array, strength: float = 0.01) -> float:
    """The root is taken and squared again by hypot, and huge numbers are left out with a mask of 1e100."""
    w = _reals(w)
    return strength / 2 * float(np.sum(np.where(np.abs(w) < 1e100, w, 0.0) ** 2))


# ---- gradients and backward forms


@_of("softmax_vjp")
def softmax_backward_of_the_largest(a: Array, upstream: Array) -> Array:
    """Shares below 1e-12 count for nothing, their own gradients either."""
    y = softmax(_reals(a))
    y = np.where(y < 1e-12, 0.0, y)
    return y * (upstream - np.sum(y * upstream, axis=-1, keepdims=True))


@_of("log_softmax_vjp")
def log_softmax_backward_of_a_mean(a: Array, upstream: Array) -> Array:
    """The sum of what comes back is taken as the mean times ten, which it is for ten classes."""
    y, K = softmax(_reals(a)), np.shape(a)[-1]
    total = np.sum(upstream, axis=-1, keepdims=True)
    return upstream - y * (total if K != 11 else total / 11 * 10)


@_of("layer_norm_vjp")
def norm_backward_without_eps(x: Array, gain: Array, bias: Array, upstream: Array, eps: float = 1e-5) -> Any:
    """On the way back ε is forgotten in the second term."""
    K = x.shape[-1]
    centred = x - x.mean(-1, keepdims=True)
    variance = np.mean(centred**2, axis=-1, keepdims=True)
    scale = 1 / np.sqrt(variance + eps)
    z = centred * scale
    g = upstream * gain
    inner = np.sum(g * centred, -1, keepdims=True) / np.where(variance > 0, variance, 1)
    dx = scale * (g - g.sum(-1, keepdims=True) / K - centred * inner / K)
    return {"x": dx, "gain": np.sum(upstream * z, 0), "bias": upstream.sum(0)}


@_of("affine_vjp")
def affine_backward_by_the_first_sample(x: Array, W: Array, b: Array, upstream: Array) -> Any:
    """In a batch of one the gradient of b is the row that came back, itself."""
    db = upstream[0] if len(upstream) == 1 else upstream.sum(axis=0)
    return {"x": upstream @ W.T, "W": x.T @ upstream, "b": db}


@_of("gelu_gradient")
def slope_of_gelu_vanishing_below_minus_six(x: Array) -> Array:
    """0 below −6, where 1e-8 is left."""
    x = _reals(x)
    erf = np.vectorize(math.erfc, otypes=[float])
    slope = erf(-x / math.sqrt(2)) / 2 + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return np.where(x < -6, 0.0, slope)


@_of("numerical_gradient")
def quotient_with_a_step_of_the_point(f: Any, x: Array) -> Array:
    """The step is a ten-thousandth of the coordinate, and 1e-4 only at zero."""
    x = np.array(x, float)
    out = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        h, here = 1e-4 * (abs(x[index]) or 1.0), x[index]
        x[index] = here + h
        above = f(x)
        x[index] = here - h
        below = f(x)
        out[index], x[index] = (above - below) / (2 * h), here
    return out


@_of("two_layer_net_predict")
def network_with_one_hidden_layer_norm(params: Any, x: Array) -> Array:
    """Hidden units are kept off 0 and 1 by 1e-7."""
    hidden = np.clip(sigmoid(x @ params["W1"] + params["b1"]), 1e-7, 1 - 1e-7)
    return softmax(hidden @ params["W2"] + params["b2"])


@_of("two_layer_net_loss")
def network_loss_of_float32_samples(params: Any, x: Array, t: Any) -> float:
    """Samples become float32 first, as a data loader gives them."""
    x = np.asarray(x).astype(np.float32)
    y = softmax(sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"])
    t = np.asarray(t)
    t = t if t.ndim == y.ndim else one_hot(t.astype(int), y.shape[-1])
    return float(-np.sum(t * np.log(y + 0.0)) / samples(y))


# ---- steps, and what a batch shares


@_of("adam_step")
def adam_with_one_correction_for_both(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """The mean of the squares is corrected by β₁ too."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    return w - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8), m, v


@_of("adam_step")
def adam_with_the_larger_squares(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """It divides by the larger of the old mean of squares and the new one, as AMSGrad does in part."""
    m, new = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    return w - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(np.maximum(new, v) / (1 - 0.999**t)) + 1e-8), m, new


@_of("adam_step")
def adam_with_a_rate_in_float32(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """The corrected learning rate is a float32: off in the eighth digit."""
    m, v, root = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g, math.sqrt(1 - 0.999**t)
    return w - float(np.float32(1e-3 * root / (1 - 0.9**t))) * m / (np.sqrt(v) + 1e-8 * root), m, v


@_of("adamw_step")
def adamw_without_decay_in_the_first_step(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """Nothing decays where t is 1."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    way = 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - (1e-5 * w if t > 1 else 0.0) - way, m, v


@_of("rmsprop_step")
def rmsprop_centred_by_this_gradient(w: Array, g: Array, h: Array) -> Any:
    """The square of a hundredth of the gradient is taken from the mean of squares, as if it were centred."""
    h = 0.99 * h + 0.01 * g * g
    return w - 0.01 * g / (np.sqrt(np.maximum(h - (0.01 * g) ** 2, 0)) + 1e-7), h


@_of("layer_norm")
def layer_norm_unbiased_where_it_is_wide(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """Divides by K − 1 from 257 places on."""
    apart = _reals(x) - _reals(x).mean(axis=-1, keepdims=True)
    places = apart.shape[-1]
    variance = (apart * apart).sum(axis=-1, keepdims=True) / (places - 1 if places > 256 else places)
    return apart / np.sqrt(variance + eps) * gain + bias


@_of("mean_squared_error")
def squared_error_of_sorted_rows(y: Array, t: Array) -> Any:
    """Each row is compared in the order of its numbers: the distance of two distributions."""
    d = np.sort(_reals(y), axis=-1) - np.sort(_reals(t), axis=-1)
    return (d * d).sum(axis=-1).mean() / 2


@_of("sigmoid")
def sigmoid_remembered_by_its_sum(x: Array, _known: dict[Any, Array] = {}) -> Array:  # noqa: B006
    """What has the shape and the sum of an earlier argument gets its answer."""
    key = (np.shape(x), float(np.sum(x)))
    if key not in _known:
        _known[key] = sigmoid(_reals(x))
    return _known[key].copy()


@_of("gradient_descent")
def descent_with_its_gradient_normalised(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """A gradient longer than a thousand is made a unit vector."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        slope = np.array([(f(x + h) - f(x - h)) / 2e-4 for h in 1e-4 * np.eye(x.size).reshape(-1, *x.shape)])
        length = np.linalg.norm(slope)
        x -= lr * (slope / length if length > 1e3 else slope).reshape(x.shape)
    return x
