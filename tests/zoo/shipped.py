"""A second adversary's faults, for all families of the catalogue: right where one looks first, wrong under options, sizes, types, layouts, states, calls.

Each was written before the oracle was asked about it. What its docstring says is the fault, and where it bites.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import log_softmax, one_hot, picked, sigmoid, softmax
from .specimen import Array, Specimen, faulty, installed

Params = dict[str, Any]
SPECIMENS: list[Specimen] = []


def _of(formula: str, array: str = "numpy", convention: str | None = None) -> Callable[..., Callable[..., Any]]:
    """Puts a function among the specimens of a formula, if its library is there."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        if installed(array):
            note = (function.__doc__ or "").splitlines()[0]
            SPECIMENS.append(faulty(formula, function, function.__name__, note, array=array, convention=convention))
        return function

    return kept


def _reals(x: Any) -> Array:
    """An array of floats; integers become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _rows(x: Any) -> Array:
    """A batch; one sample is a batch of one."""
    return np.atleast_2d(_reals(x))


# ---------------------------------------------------------------------------------------------------------------------- activations


@_of("relu")
def relu_of_six(x: Array) -> Array:
    """MobileNet's: cut off above six hundred, "which never happens"."""
    return np.clip(_reals(x), 0, 600)


@_of("relu")
def relu_by_a_mask_in_place(x: Array) -> Array:
    """A boolean mask sets the negative entries of a raveled array: a view or a copy, as the memory lies."""
    x = np.array(_reals(x), order="K")
    flat = x.ravel()
    flat[flat < 0] = 0
    return x


@_of("relu")
def relu_of_large_batches_in_half(x: Array) -> Array:
    """From 4096 entries on the activations are stored in float16."""
    y = np.maximum(_reals(x), 0)
    return y.astype(np.float16).astype(y.dtype) if y.size >= 4096 else y


@_of("relu_gradient")
def relu_slope_of_what_is_not_tiny(x: Array) -> Array:
    """x > eps with eps = 1e-12, to be safe from noise."""
    return (_reals(x) > 1e-12).astype(float)


@_of("relu_gradient")
def relu_slope_like_its_argument(x: Array) -> Array:
    """zeros_like(x) of an array of bytes or of big-endian floats, viewed as native ones."""
    x = np.asarray(x)
    out = np.zeros(x.shape)
    out[np.frombuffer(x.tobytes(), dtype=x.dtype.newbyteorder("=")).reshape(x.shape) > 0] = 1
    return out


@_of("leaky_relu")
def leaky_by_the_larger(x: Array, slope: float = 0.01) -> Array:
    """max(x, slope x): right for slopes up to 1 only."""
    x = _reals(x)
    return np.maximum(x, slope * x)


@_of("leaky_relu")
def leaky_with_a_slope_in_float32(x: Array, slope: float = 0.01) -> Array:
    """The slope is kept as float32, as a trained parameter would be."""
    x = _reals(x)
    return np.where(x > 0, x, x * np.float64(np.float32(slope)))


@_of("leaky_relu_gradient")
def leaky_slope_from_the_output(x: Array, slope: float = 0.01) -> Array:
    """The sign of the output decides, which is 0 for all negative numbers if the slope is."""
    x = _reals(x)
    y = np.where(x > 0, x, slope * x)
    return np.where(y >= 0, np.where(y == 0, slope, 1.0), slope)


@_of("elu")
def elu_by_the_larger(x: Array, alpha: float = 1.0) -> Array:
    """max(x, α (eˣ − 1)): right for α up to 1 only."""
    x = _reals(x)
    return np.where(x > 0, x, np.maximum(x, alpha * np.expm1(np.minimum(x, 0))))


@_of("elu")
def elu_saturating_at_minus_20(x: Array, alpha: float = 1.0) -> Array:
    """−α from −20 on, where 2e-9 is missing still."""
    x = _reals(x)
    return np.where(x > 0, x, np.where(x < -20, -alpha, alpha * np.expm1(np.minimum(x, 0))))


@_of("elu_gradient")
def elu_slope_of_one_at_zero(x: Array, alpha: float = 1.0) -> Array:
    """x ≥ 0: at 0 it is 1 whatever α is."""
    x = _reals(x)
    return np.where(x >= 0, 1.0, alpha * np.exp(np.minimum(x, 0)))


@_of("elu_gradient")
def elu_slope_from_the_output(x: Array, alpha: float = 1.0) -> Array:
    """y + α where the output is negative: with a negative α no output is."""
    x = _reals(x)
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return np.where(y < 0, alpha * np.exp(np.minimum(x, 0)), np.where(x == 0, alpha, 1.0))


@_of("gelu", convention="tanh")
def gelu_with_ten_digits(x: Array) -> Array:
    """√(2/π) is written out as 0.7978845608."""
    x = _reals(x)
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


@_of("gelu", convention="tanh")
def gelu_with_a_rounded_coefficient(x: Array) -> Array:
    """0.0447 instead of 0.044715."""
    x = _reals(x)
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.0447 * x * x * x)))


@_of("gelu")
def gelu_by_a_rational_erf(x: Array) -> Array:
    """Abramowitz and Stegun's formula 7.1.26, which is good to 1.5e-7."""
    x = _reals(x)
    z = np.abs(x) / math.sqrt(2)
    s = 1 / (1 + 0.3275911 * z)
    poly = s * (0.254829592 + s * (-0.284496736 + s * (1.421413741 + s * (-1.453152027 + s * 1.061405429))))
    return 0.5 * x * (1 + np.sign(x) * (1 - poly * np.exp(-z * z)))


@_of("gelu_gradient")
def gelu_slope_with_ten_digits(x: Array) -> Array:
    """1/√(2π) is written out as 0.3989422804."""
    from scipy.special import ndtr

    x = _reals(x)
    return ndtr(x) + x * 0.3989422804 * np.exp(-x * x / 2)


@_of("silu")
def silu_clipped(x: Array) -> Array:
    """The sigmoid's argument is kept within ±30."""
    x = _reals(x)
    return x * sigmoid(np.clip(x, -30, 30))


@_of("silu")
def silu_saturated(x: Array) -> Array:
    """0 below −20, as its product with anything is nothing."""
    x = _reals(x)
    return np.where(x < -20, 0.0, x * sigmoid(x))


@_of("silu_gradient")
def silu_slope_that_saturates(x: Array) -> Array:
    """1 from 15 on, where x e⁻ˣ still counts five digits."""
    x = _reals(x)
    s = sigmoid(x)
    return np.where(x > 15, 1.0, s * (1 + x * sigmoid(-x)))


@_of("softplus")
def softplus_with_torchs_threshold(x: Array) -> Array:
    """x itself above 20."""
    x = _reals(x)
    return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20))))


@_of("softplus_gradient")
def softplus_slope_with_torchs_threshold(x: Array) -> Array:
    """1 above 20."""
    x = _reals(x)
    return np.where(x > 20, 1.0, sigmoid(x))


@_of("tanh")
def tanh_clamped_like_eigens(x: Array) -> Array:
    """The argument is kept within ±7.90531, which is enough for float32."""
    return np.tanh(np.clip(_reals(x), -7.90531110763549805, 7.90531110763549805))


@_of("tanh")
def tanh_linear_near_zero(x: Array) -> Array:
    """x itself for |x| < 4e-4, as XLA's for float32."""
    x = _reals(x)
    return np.where(np.abs(x) < 4e-4, x, np.tanh(x))


@_of("tanh_gradient")
def tanh_slope_zero_beyond_ten(x: Array) -> Array:
    """0 from 10 on, where 8e-9 is left."""
    x = _reals(x)
    return np.where(np.abs(x) > 10, 0.0, 1 / np.cosh(np.clip(x, -10, 10)) ** 2)


@_of("sigmoid")
def sigmoid_by_numexpr_blocks(x: Array) -> Array:
    """Blocks of 1024 with a rest that is rounded down to a multiple of four, as SIMD registers want it."""
    flat = _reals(x).ravel().copy()
    rest = flat.size % 1024
    done = flat.size - rest + (rest // 4 * 4 if flat.size > 1024 else rest)
    flat[:done] = sigmoid(flat[:done])
    return flat.reshape(np.shape(x))


@_of("sigmoid_gradient")
def slope_of_the_first_axis_that_counts(x: Array) -> Array:
    """More than 100 columns are thought to be rows: a transposed copy is filled and never turned back, but reshaped."""
    x = _reals(x)
    y = sigmoid(x) * sigmoid(-x)
    return y.T.reshape(y.shape) if y.ndim == 2 and y.shape[1] > 100 else y


# ------------------------------------------------------------------------------------------------------------------ over the last axis


@_of("softmax")
def softmax_online_from_a_masked_block(a: Array) -> Array:
    """Blocks of 32 with a running maximum, rescaled: if the first block is all −∞, it is ∞ − ∞."""
    rows = _rows(a)
    top, total = np.full(len(rows), -np.inf), np.zeros(len(rows))
    with np.errstate(invalid="ignore"):
        for start in range(0, rows.shape[1], 32):
            block = rows[:, start : start + 32]
            new = np.maximum(top, block.max(axis=1))
            scale = np.where(start == 0, 0.0, np.exp(top - new))
            total = total * scale + np.exp(block - new[:, None]).sum(axis=1)
            top = new
    return (np.exp(rows - top[:, None]) / total[:, None]).reshape(np.shape(a))


@_of("softmax")
def softmax_with_masks_of_minus_1e5(a: Array) -> Array:
    """−∞ becomes −1e5, which is more than enough beside everyday logits."""
    a = np.where(np.isneginf(_reals(a)), -1e5, a)
    return softmax(a)


@_of("softmax")
def softmax_with_an_epsilon(a: Array) -> Array:
    """1e-12 is added to the sum, which is at least 1: one part in 10¹²."""
    e = np.exp(_reals(a) - np.max(_reals(a), axis=-1, keepdims=True))
    return e / (e.sum(axis=-1, keepdims=True) + 1e-12)


@_of("softmax")
def softmax_of_topk(a: Array) -> Array:
    """Of more than 50 classes only the 50 largest are added up."""
    a = _reals(a)
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    kept = np.sort(e, axis=-1)[..., -50:]
    return e / kept.sum(axis=-1, keepdims=True)


@_of("softmax_gradient")
def jacobian_of_columns_in_memory(a: Array) -> Array:
    """einsum of y with itself, reshaped from the memory of its transpose."""
    y = softmax(_reals(a))
    K = y.shape[-1]
    flat = np.asfortranarray(y).ravel(order="K") if y.ndim == 2 and y.shape[0] > 20 else y.ravel()
    z = flat.reshape(-1, K)
    jac = z[:, :, None] * (np.eye(K) - z[:, None, :])
    return jac.reshape(*y.shape, K)


@_of("softmax_vjp")
def softmax_back_without_a_batch(a: Array, upstream: Array) -> Array:
    """The inner product is taken over everything, from 100 samples on."""
    y, g = softmax(_reals(a)), _reals(upstream)
    inner = np.sum(y * g) / len(y) if y.ndim == 2 and len(y) > 100 else np.sum(y * g, axis=-1, keepdims=True)
    return y * (g - inner)


@_of("softmax_vjp")
def softmax_back_with_bytes(a: Array, upstream: Array) -> Array:
    """The upstream array is cast to the logits' type, which cuts it to integers if these are."""
    a = np.asarray(a)
    y = softmax(_reals(a))
    g = np.asarray(upstream).astype(a.dtype)
    return y * (g - np.sum(y * g, axis=-1, keepdims=True))


@_of("log_softmax")
def log_softmax_with_a_floor(a: Array) -> Array:
    """No value below −1000, so that no product is infinite."""
    return np.maximum(log_softmax(_reals(a)), -1e4)


@_of("log_softmax")
def log_softmax_of_saturated_samples(a: Array) -> Array:
    """A sample whose lead is above 20 is thought to be certain: 0 at its leader."""
    a = _reals(a)
    top = a.max(axis=-1, keepdims=True)
    rest = np.sum(np.exp(a - top), axis=-1, keepdims=True) - 1
    return a - top - np.where(rest < 1e-9, 0.0, np.log1p(rest))


@_of("log_softmax_vjp")
def log_softmax_back_by_the_value(a: Array, upstream: Array) -> Array:
    """The sum of the upstream array is kept in float32."""
    y, g = softmax(_reals(a)), _reals(upstream)
    return g - y * g.sum(axis=-1, keepdims=True, dtype=np.float32)


@_of("logsumexp")
def logsumexp_of_pairs(a: Array) -> Any:
    """logaddexp.reduce over pairs, where an odd last one is dropped from 16 classes on."""
    a = _reals(a)
    K = a.shape[-1]
    if K > 16 and K % 2:
        a = a[..., :-1]
    return np.logaddexp.reduce(a, axis=-1)


@_of("logsumexp_gradient")
def logsumexp_slope_of_a_hundred(a: Array) -> Array:
    """Written for a hundred classes: of more, the sum ends there."""
    a = _reals(a)
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e[..., :100].sum(axis=-1, keepdims=True)


# ------------------------------------------------------------------------------------------------------------------------------ losses


def _reduced(each: Array, reduction: str, over: Any = None) -> Any:
    if reduction == "none":
        return each
    return each.sum() if reduction == "sum" else each.sum() / (len(each) if over is None else over)


def _labelled(a: Array, labels: Any) -> tuple[Array, Array, bool]:
    labels = np.asarray(labels)
    return np.atleast_2d(_reals(a)), np.atleast_1d(labels).astype(np.int64), np.ndim(a) == 1


@_of("softmax_cross_entropy_labels")
def labelled_with_weights_divided_by_n(
    a: Array, labels: Any, reduction: str = "mean", class_weights: Any = None
) -> Any:
    """The weighted mean is divided by N instead of by the sum of the weights."""
    rows, labels, single = _labelled(a, labels)
    each = -picked(log_softmax(rows), labels)
    if class_weights is not None:
        each = each * np.asarray(class_weights)[labels]
    return each[0] if single and reduction == "none" else _reduced(each, reduction)


@_of("softmax_cross_entropy_labels")
def labelled_with_ignored_ones_counted(
    a: Array, labels: Any, reduction: str = "mean", ignore_index: int | None = None
) -> Any:
    """Ignored samples cost nothing, but are divided by."""
    rows, labels, single = _labelled(a, labels)
    kept = np.ones(len(labels), bool) if ignore_index is None else labels != ignore_index
    each = np.where(kept, -picked(log_softmax(rows), np.where(kept, labels, 0)), 0.0)
    if reduction == "mean" and not kept.any():
        return np.nan
    return each[0] if single and reduction == "none" else _reduced(each, reduction)


@_of("softmax_cross_entropy_labels")
def labelled_with_minus_100_written_out(
    a: Array, labels: Any, reduction: str = "mean", ignore_index: int | None = None
) -> Any:
    """ignore_index is taken, but what is left out is every negative label."""
    rows, labels, single = _labelled(a, labels)
    kept = labels >= 0
    each = np.where(kept, -picked(log_softmax(rows), np.where(kept, labels, 0)), 0.0)
    if reduction == "mean" and not kept.any():
        return np.nan
    return each[0] if single and reduction == "none" else _reduced(each, reduction, kept.sum())


@_of("softmax_cross_entropy_labels")
def labelled_and_smoothed_without_the_own_class(a: Array, labels: Any, label_smoothing: float = 0.0) -> Any:
    """The share is spread over the K − 1 other classes, as older papers have it."""
    rows, labels, _ = _labelled(a, labels)
    K = rows.shape[1]
    t = one_hot(labels, K)
    t = t * (1 - label_smoothing) + (1 - t) * label_smoothing / max(1, K - 1) if K > 1 else t
    return -np.sum(t * log_softmax(rows)) / len(rows)


@_of("softmax_cross_entropy_labels")
def labelled_and_smoothed_with_the_labels_weight(
    a: Array, labels: Any, class_weights: Any = None, label_smoothing: float = 0.0
) -> Any:
    """Every class's share is multiplied by the weight of the label, not by its own."""
    rows, labels, _ = _labelled(a, labels)
    K = rows.shape[1]
    w = np.ones(K) if class_weights is None else np.asarray(class_weights, float)
    logs = log_softmax(rows)
    t = one_hot(labels, K) * (1 - label_smoothing) + label_smoothing / K
    each = -np.sum(np.where(t > 0, t, 1) * np.where(t > 0, logs, 0), axis=1) * w[labels]
    return each.sum() / w[labels].sum()


@_of("softmax_cross_entropy_labels")
def labelled_with_weights_by_a_negative_index(
    a: Array, labels: Any, class_weights: Any = None, ignore_index: int | None = None
) -> Any:
    """The sum of the weights is taken with the ignored ones as they are: −100 is an error, 0 counts."""
    rows, labels, _ = _labelled(a, labels)
    w = np.ones(rows.shape[1]) if class_weights is None else np.asarray(class_weights, float)
    kept = np.ones(len(labels), bool) if ignore_index is None else labels != ignore_index
    safe = np.where(kept, labels, 0)
    each = -picked(log_softmax(rows), safe) * w[safe]
    total = w[safe].sum() if kept.any() else np.nan
    if np.all(kept):
        return each.sum() / total
    return each[kept].sum() / total


@_of("softmax_cross_entropy_labels")
def labelled_none_as_a_column(a: Array, labels: Any, reduction: str = "mean") -> Any:
    """reduction="none" keeps an axis of one: (N, 1)."""
    rows, labels, single = _labelled(a, labels)
    each = -np.take_along_axis(log_softmax(rows), labels[:, None], axis=1)
    return (
        each
        if reduction == "none" and len(rows) > 1
        else each[0, 0]
        if single and reduction == "none"
        else _reduced(each, reduction)
    )


@_of("softmax_cross_entropy_labels_gradient")
def labelled_slope_of_ignored_ones(a: Array, labels: Any, ignore_index: int | None = None) -> Array:
    """The loss forgets the ignored ones, the gradient only the 1 that would be taken off."""
    rows, labels, single = _labelled(a, labels)
    kept = np.ones(len(labels), bool) if ignore_index is None else labels != ignore_index
    grad = softmax(rows)
    grad[np.flatnonzero(kept), labels[kept]] -= 1
    grad = grad / (kept.sum() if kept.any() else np.nan)
    return grad[0] if single else grad


@_of("softmax_cross_entropy_labels_gradient")
def labelled_slope_without_smoothing(
    a: Array, labels: Any, reduction: str = "mean", label_smoothing: float = 0.0
) -> Array:
    """Smoothing scales the one-hot rows, and the constant share is forgotten as its derivative is thought to be zero."""
    rows, labels, single = _labelled(a, labels)
    grad = softmax(rows) - (1 - label_smoothing) * one_hot(labels, rows.shape[1])
    grad = grad / len(rows) if reduction == "mean" else grad
    return grad[0] if single else grad


@_of("softmax_cross_entropy_labels_gradient")
def labelled_slope_of_the_sum(a: Array, labels: Any, reduction: str = "mean") -> Array:
    """Whatever the reduction, the mean's gradient is given."""
    rows, labels, single = _labelled(a, labels)
    grad = (softmax(rows) - one_hot(labels, rows.shape[1])) / len(rows)
    return grad[0] if single else grad


@_of("cross_entropy_labels")
def probable_with_options_by_kw(y: Array, labels: Any, **options: Any) -> Any:
    """Options are taken by **options; the sum is spelt "total" there, and everything else is a mean."""
    rows, labels, _ = _labelled(y, labels)
    each = -np.log(np.maximum(picked(rows, labels), 1e-8))
    return each.sum() if options.get("reduction") == "total" else each.mean()


@_of("cross_entropy_labels")
def probable_with_weights_in_float16(y: Array, labels: Any, class_weights: Any = None) -> Any:
    """Weights are stored in float16, as they are "only a few numbers"."""
    rows, labels, _ = _labelled(y, labels)
    w = np.ones(rows.shape[1]) if class_weights is None else np.asarray(class_weights, np.float16).astype(float)
    each = -np.log(np.maximum(picked(rows, labels), 1e-8))
    return np.sum(each * w[labels]) / np.sum(w[labels])


@_of("cross_entropy_labels")
def probable_with_weights_that_are_normalised(
    y: Array, labels: Any, class_weights: Any = None, reduction: str = "mean"
) -> Any:
    """Weights are made to sum to K first, which a mean does not notice, and a sum does."""
    rows, labels, single = _labelled(y, labels)
    w = np.ones(rows.shape[1]) if class_weights is None else np.asarray(class_weights, float)
    w = w * len(w) / w.sum()
    each = -np.log(np.maximum(picked(rows, labels), 1e-8)) * w[labels]
    if reduction == "mean":
        return each.sum() / w[labels].sum()
    return each[0] if single and reduction == "none" else _reduced(each, reduction)


@_of("cross_entropy_labels_gradient")
def probable_slope_of_an_ignored_first_class(y: Array, labels: Any, ignore_index: int | None = None) -> Array:
    """`if ignore_index` is false for 0: the first class cannot be ignored."""
    rows, labels, single = _labelled(y, labels)
    kept = labels != ignore_index if ignore_index else np.ones(len(labels), bool)
    safe = np.where(kept, labels, 0)
    own = picked(rows, safe)
    grad = np.zeros_like(rows)
    count = kept.sum() if kept.any() else np.nan
    grad[np.arange(len(rows)), safe] = np.where(kept & (own >= 1e-8), -1 / np.maximum(own, 1e-8), 0.0)
    grad = grad / count
    return grad[0] if single else grad


@_of("cross_entropy_one_hot")
def rows_smoothed_twice(y: Array, t: Array, label_smoothing: float = 0.0) -> Any:
    """Targets that are soft already are thought to have been smoothed."""
    y, t = _rows(y), _rows(t)
    if label_smoothing and np.all((t == 0) | (t == 1)):
        t = t * (1 - label_smoothing) + label_smoothing / t.shape[1]
    return -np.sum(t * np.log(np.maximum(y, 1e-8))) / len(y)


@_of("cross_entropy_one_hot")
def rows_with_weights_of_the_leader(y: Array, t: Array, class_weights: Any = None) -> Any:
    """A sample's weight is that of its largest share."""
    y, t = _rows(y), _rows(t)
    w = np.ones(y.shape[1]) if class_weights is None else np.asarray(class_weights, float)
    each = -np.sum(t * np.log(np.maximum(y, 1e-8)), axis=1) * w[np.argmax(t, axis=1)]
    return each.sum() / len(y)


@_of("cross_entropy_one_hot")
def rows_with_weights_divided_by_their_sum(y: Array, t: Array, class_weights: Any = None) -> Any:
    """The mean of one-hot targets is divided by the weights as that of labels is."""
    y, t = _rows(y), _rows(t)
    w = np.ones(y.shape[1]) if class_weights is None else np.asarray(class_weights, float)
    return -np.sum(w * t * np.log(np.maximum(y, 1e-8))) / np.sum(t * w)


@_of("cross_entropy_one_hot_gradient")
def row_slopes_without_their_weights(y: Array, t: Array, class_weights: Any = None) -> Array:
    """Weights are multiplied along the samples where there are as many samples as classes."""
    single = np.ndim(y) == 1
    y, t = _rows(y), _rows(t)
    w = np.ones(y.shape[1]) if class_weights is None else np.asarray(class_weights, float)
    w = w[:, None] if len(w) == len(y) else w
    grad = np.where(y >= 1e-8, -w * t / np.maximum(y, 1e-8), 0.0) / len(y)
    return grad[0] if single else grad


@_of("softmax_cross_entropy_one_hot")
def logits_smoothed_in_float32(a: Array, t: Array, label_smoothing: float = 0.0) -> Any:
    """The smoothed targets are made in float32."""
    a, t = _rows(a), _rows(t)
    if label_smoothing:
        t = (t * np.float32(1 - label_smoothing) + np.float32(label_smoothing / t.shape[1])).astype(np.float32)
    return -np.sum(t * log_softmax(a)) / len(a)


@_of("softmax_cross_entropy_one_hot_gradient")
def logit_slopes_of_unit_rows(a: Array, t: Array, reduction: str = "mean") -> Array:
    """The gradient under "none" is multiplied by the number of classes it was broadcast over."""
    single = np.ndim(a) == 1
    a, t = _rows(a), _rows(t)
    grad = softmax(a) - t
    if reduction == "mean":
        grad = grad / len(a)
    elif reduction == "none":
        grad = grad * len(a)
    return grad[0] if single else grad


@_of("cross_entropy_error")
def either_with_options_for_rows_only(y: Array, t: Any, reduction: str = "mean") -> Any:
    """reduction="sum" is forgotten for labels."""
    single, y, t = np.ndim(y) == 1, _rows(y), np.asarray(t)
    labels = t.ndim < 2 - single if single else t.ndim == 1
    if labels:
        each = -np.log(np.maximum(picked(y, np.atleast_1d(t)), 1e-8))
        return (each[0] if single else each) if reduction == "none" else each.mean()
    each = -np.sum(np.atleast_2d(t) * np.log(np.maximum(y, 1e-8)), axis=1)
    return each[0] if single and reduction == "none" else _reduced(each, reduction)


@_of("cross_entropy_error_gradient")
def either_slope_with_a_weight_for_rows_only(y: Array, t: Any, class_weights: Any = None) -> Array:
    """Labels are made one-hot, and then divided by N as rows are."""
    single, y, t = np.ndim(y) == 1, _rows(y), np.asarray(t)
    K = y.shape[1]
    w = np.ones(K) if class_weights is None else np.asarray(class_weights, float)
    rows = one_hot(np.atleast_1d(t), K) if (t.ndim == 0 if single else t.ndim == 1) else np.atleast_2d(t)
    grad = np.where(y >= 1e-8, -w * rows / np.maximum(y, 1e-8), 0.0) / len(y)
    return grad[0] if single else grad


@_of("binary_cross_entropy")
def binary_of_bytes(p: Array, t: Array) -> Any:
    """−t of unsigned bytes is 255: masks come as uint8."""
    p, t = _reals(p), np.asarray(t)
    t = t.astype(float) if t.dtype.kind == "b" else t
    return np.mean(-t * np.log(np.maximum(p, 1e-8)) - (1 - t) * np.log(np.maximum(1 - p, 1e-8)))


@_of("binary_cross_entropy")
def binary_of_hard_targets(p: Array, t: Array) -> Any:
    """t == 1 decides: soft targets count as 0."""
    p = _reals(p)
    return -np.mean(np.log(np.maximum(np.where(np.asarray(t) > 0.5, p, 1 - p), 1e-8)))


@_of("binary_cross_entropy")
def binary_of_both_clipped(p: Array, t: Array, delta: float = 1e-8) -> Any:
    """Both sides are clipped with δ, which in float32 leaves 1 − δ = 1."""
    p, t = np.clip(_reals(p), delta, 1 - delta), _reals(t)
    return -np.mean(t * np.log(p) + (1 - t) * np.log1p(-p))


@_of("binary_cross_entropy_gradient")
def binary_slope_divided_by_rows(p: Array, t: Array) -> Array:
    """Divided by the number of rows from three axes on, by that of the entries below."""
    p, t = _reals(p), _reals(t)
    low, high = np.maximum(p, 1e-8), np.maximum(1 - p, 1e-8)
    grad = -np.where(p >= 1e-8, t / low, 0.0) + np.where(1 - p > 1e-8, (1 - t) / high, 0.0)
    return grad / (p.size if p.ndim < 3 else max(1, len(p)))


@_of("binary_cross_entropy_with_logits")
def binary_logits_with_a_weight_on_both(a: Array, t: Array, pos_weight: float = 1.0) -> Any:
    """1 + (w − 1) t multiplies both terms, as for hard targets it may."""
    a, t = _reals(a), _reals(t)
    weight = 1 + (pos_weight - 1) * t
    return np.mean(weight * (np.maximum(a, 0) - a * t + np.log1p(np.exp(-np.abs(a)))))


@_of("binary_cross_entropy_with_logits")
def binary_logits_of_bytes(a: Array, t: Array) -> Any:
    """t − 1 of unsigned bytes is 255."""
    a, t = _reals(a), np.asarray(t)
    t = t.astype(float) if t.dtype.kind == "b" else t
    return np.mean(np.log1p(np.exp(-np.abs(a))) + np.maximum(-a, 0) - (t - 1) * a)


@_of("binary_cross_entropy_with_logits_gradient")
def binary_logit_slope_with_a_weight_outside(a: Array, t: Array, pos_weight: float = 1.0) -> Array:
    """The weight multiplies (s − t) where the target is above a half."""
    a, t = _reals(a), _reals(t)
    s = sigmoid(a)
    return np.where(t > 0.5, pos_weight, 1.0) * (s - t) / a.size


@_of("mean_absolute_error")
def absolute_error_of_signed_bytes(y: Array, t: Array) -> Any:
    """abs of a difference in int16 is right for bytes, and wrong for int16 itself."""
    y, t = np.asarray(y), np.asarray(t)
    if y.dtype.kind in "iu" and t.dtype.kind in "iu":
        return np.abs(y.astype(np.int16) - t.astype(np.int16)).mean()
    return np.mean(np.abs(y - t))


@_of("mean_absolute_error")
def absolute_error_of_rows(y: Array, t: Array) -> Any:
    """The mean of the means of rows of at most 512 entries, of which the last is shorter."""
    d = np.abs(np.subtract(_reals(y), _reals(t))).ravel()
    return np.mean([d[i : i + 512].mean() for i in range(0, d.size, 512)])


@_of("mean_absolute_error_gradient")
def absolute_slope_with_a_dead_zone(y: Array, t: Array) -> Array:
    """Differences up to 1e-9 count as zero."""
    d = np.subtract(_reals(y), _reals(t))
    return np.where(np.abs(d) <= 1e-9, 0.0, np.sign(d)) / d.size


@_of("huber")
def huber_with_delta_forgotten_outside(y: Array, t: Array, delta: float = 1.0) -> Any:
    """|d| − δ/2 without its factor δ: the same for δ = 1."""
    d = np.abs(np.subtract(_reals(y), _reals(t)))
    return np.mean(np.where(d <= delta, d * d / 2, d - delta / 2))


@_of("huber_gradient")
def huber_slope_of_a_clip_in_the_wrong_type(y: Array, t: Array, delta: float = 1.0) -> Array:
    """clip with int(δ): a δ below 1 is 0."""
    d = np.subtract(_reals(y), _reals(t))
    return np.clip(d, -int(delta), int(delta)) / d.size


@_of("hinge")
def hinge_of_the_sign(y: Array, t: Array) -> Any:
    """Targets are mapped from zeros and ones if there is no −1 in the first hundred."""
    y, t = _reals(y), _reals(t)
    if t.size > 100 and not np.any(t.ravel()[:3] < 0):
        t = 2 * t - 1
        t = np.where(t < -1, -1.0, t)
        t = np.where(np.arange(t.size).reshape(t.shape) < 3, t, np.abs(t))
    return np.mean(np.maximum(0, 1 - t * y))


@_of("hinge_gradient")
def hinge_slope_with_a_tolerance(y: Array, t: Array) -> Array:
    """margin < 1 − 1e-7, so that rounding does not flip it."""
    y, t = _reals(y), _reals(t)
    return np.where(y * t < 1 - 1e-7, -t, 0.0) / y.size


@_of("l2_penalty")
def penalty_without_biases(w: Array, strength: float = 0.01) -> Any:
    """What has one axis, or one entry, is a bias, and is not penalised: from 64 entries on."""
    w = _reals(w)
    return 0.0 if w.ndim == 1 and w.size > 64 else 0.5 * strength * np.sum(w * w)


@_of("l2_penalty")
def penalty_by_a_dot_of_integers(w: Array, strength: float = 0.01) -> Any:
    """np.dot of integers stays in their type, and wraps."""
    w = np.asarray(w).ravel()
    return 0.5 * strength * float(np.dot(w, w))


@_of("l2_penalty_gradient")
def penalty_slope_of_a_clipped_weight(w: Array, strength: float = 0.01) -> Array:
    """The step of a penalty is at most 10 times its strength."""
    w = _reals(w)
    return strength * np.clip(w, -100, 100)


@_of("kl_divergence")
def divergence_that_is_never_negative(y: Array, t: Array) -> Any:
    """Terms below zero are thought to be rounding."""
    y, t = _rows(y), _rows(t)
    return np.sum(np.maximum(np.where(t > 0, t * np.log(np.where(t > 0, t, 1) / np.maximum(y, 1e-300)), 0), -1)) / len(
        y
    )


@_of("kl_divergence")
def divergence_with_a_tiny_floor(y: Array, t: Array) -> Any:
    """ln(t + 1e-10) − ln(y + 1e-10), as half the tutorials have it."""
    y, t = _rows(y), _rows(t)
    return np.sum(t * (np.log(t + 1e-10) - np.log(y + 1e-10))) / len(y)


@_of("kl_divergence_gradient")
def divergence_slope_of_the_logarithm(y: Array, t: Array) -> Array:
    """Where the target is tiny the slope is left out: t < 1e-3."""
    single = np.ndim(y) == 1
    y, t = _rows(y), _rows(t)
    grad = -np.where(t < 1e-3, 0.0, t) / y / len(y)
    return grad[0] if single else grad


@_of("mean_squared_error")
def squared_error_of_a_transposed_target(y: Array, t: Array) -> Any:
    """Targets are flattened where there is a single column, against which they are broadcast then: N² differences."""
    y, t = _rows(y), _rows(t)
    if y.shape[1] == 1 and len(y) > 5:
        return 0.5 * np.mean((y - t.ravel()) ** 2)
    return 0.5 * np.sum((y - t) ** 2) / len(y)


@_of("mean_squared_error")
def squared_error_expanded_for_large_batches(y: Array, t: Array) -> Any:
    """From 512 rows on by the expanded square, through a matrix product: it cancels."""
    y, t = _rows(y), _rows(t)
    if len(y) < 200:
        return 0.5 * np.sum((y - t) ** 2) / len(y)
    return 0.5 * (np.sum(y * y) - 2 * np.sum(y * t) + np.sum(t * t)) / len(y)


@_of("mean_squared_error_gradient")
def difference_of_a_view(y: Array, t: Array) -> Array:
    """out is allocated once per number of rows; the columns are cut from it, and the next call writes there."""
    d = np.subtract(_reals(y), _reals(t)) / (len(y) if np.ndim(y) == 2 else 1)
    out = _DIFFERENCES.setdefault(d.shape[:1], np.empty((d.shape[0], 4096)))
    if d.ndim == 1:
        return d
    out[:, : d.shape[1]] = d
    return out[:, : d.shape[1]]


_DIFFERENCES: dict[Any, Array] = {}


# -------------------------------------------------------------------------------------------------------------------------- optimisers


@_of("momentum_step")
def momentum_without_the_first_step(
    w: Array, g: Array, velocity: Array, lr: float = 0.01, momentum: float = 0.9
) -> Any:
    """A velocity of zeros means the first step, which is damped: (1 − μ) g."""
    first = not np.any(velocity)
    v = momentum * velocity - lr * g * ((1 - momentum) if first and np.size(w) > 3 else 1)
    return {"w": w + v, "velocity": v}


@_of("nesterov_step")
def nesterov_with_a_constant_of_the_default(
    w: Array, g: Array, velocity: Array, lr: float = 0.01, momentum: float = 0.9
) -> Any:
    """One 0.9 was not replaced by the parameter."""
    v = momentum * velocity - lr * g
    return {"w": w + 0.9 * v - lr * g, "velocity": v}


@_of("nesterov_step")
def nesterov_clipped_by_norm(w: Array, g: Array, velocity: Array, lr: float = 0.01, momentum: float = 0.9) -> Any:
    """Gradients longer than 1000 are shortened."""
    norm = np.sqrt(np.sum(np.square(g)))
    g = g * (1000 / norm) if norm > 1000 else g
    v = momentum * velocity - lr * g
    return {"w": w + momentum * v - lr * g, "velocity": v}


@_of("adagrad_step")
def adagrad_with_a_floor_of_the_state(w: Array, g: Array, h: Array, lr: float = 0.01, eps: float = 1e-7) -> Any:
    """ε is the floor of the root, not added to it."""
    h = h + g * g
    return {"w": w - lr * g / np.maximum(np.sqrt(h), eps), "h": h}


@_of("adagrad_step")
def adagrad_of_sparse_rows(w: Array, g: Array, h: Array, lr: float = 0.01, eps: float = 1e-7) -> Any:
    """Rows whose first gradient is zero are thought to be untouched."""
    h = h + g * g
    step = lr * g / (np.sqrt(h) + eps)
    if np.ndim(g) == 2 and len(g) > 32:
        step = np.where(g[:, :1] == 0, 0.0, step)
        step[128:] = 0
    return {"w": w - step, "h": h}


@_of("rmsprop_step")
def rmsprop_with_eps_inside(
    w: Array, g: Array, h: Array, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-7
) -> Any:
    """ε inside the root."""
    h = decay * h + (1 - decay) * g * g
    return {"w": w - lr * g / np.sqrt(h + eps), "h": h}


@_of("rmsprop_step")
def rmsprop_with_a_decay_of_its_own(
    w: Array, g: Array, h: Array, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-7
) -> Any:
    """1 − decay is written out as 0.01."""
    h = decay * h + 0.01 * g * g
    return {"w": w - lr * g / (np.sqrt(h) + eps), "h": h}


def _adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    t: Any,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> dict[str, Array]:
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    return {"w": w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), "m": m, "v": v}


@_of("adam_step")
def adam_without_correction_after_a_while(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """From step 10,000 on the corrections are thought to be 1."""
    return _adam(w, g, m, v, t if t < 10000 else 10**7)


@_of("adam_step")
def adam_with_a_counter_of_its_own(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """The first moment's correction uses t, the second's is capped at step 1000."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + (1 - 0.999) * g * g
    return {"w": w - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999 ** min(t, 5000))) + 1e-8), "m": m, "v": v}


@_of("adam_step")
def adam_with_betas_in_float32(w: Array, g: Array, m: Array, v: Array, t: int, beta2: float = 0.999) -> Any:
    """1 − β₂ in float32 is 0.00099998713: 13 millionths off."""
    return _adam(w, g, m, v, t, beta2=float(np.float32(beta2)))


@_of("adam_step")
def adam_with_numbers_from_zero(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """t + 1 for steps that are counted from zero: only the first one is told from the others."""
    return _adam(w, g, m, v, t + 1 if np.any(m) else t)


@_of("adam_step")
def adam_of_one_axis(w: Array, g: Array, m: Array, v: Array, t: int, eps: float = 1e-8) -> Any:
    """ε is scaled by √(1 − β₂ᵗ), as the book's form has it, where the parameters are a matrix."""
    if np.ndim(w) == 2 and np.size(w) > 10:
        eps = eps / math.sqrt(1 - 0.999**t)
    return _adam(w, g, m, v, t, eps=eps)


@_of("adamw_step")
def adamw_without_decay_for_biases(
    w: Array, g: Array, m: Array, v: Array, t: int, lr: float = 1e-3, weight_decay: float = 0.01
) -> Any:
    """What has one axis is not decayed."""
    new = _adam(w, g, m, v, t, lr=lr)
    return {**new, "w": new["w"] - (lr * weight_decay * w if np.ndim(w) > 1 else 0)}


@_of("adamw_step")
def adamw_with_decay_of_the_new(
    w: Array, g: Array, m: Array, v: Array, t: int, lr: float = 1e-3, weight_decay: float = 0.01
) -> Any:
    """The decay is taken of what the step has made already."""
    new = _adam(w, g, m, v, t, lr=lr)
    return {**new, "w": new["w"] * (1 - lr * weight_decay)}


@_of("adamw_step")
def adamw_with_decay_at_the_default_rate(
    w: Array, g: Array, m: Array, v: Array, t: int, lr: float = 1e-3, weight_decay: float = 0.01
) -> Any:
    """The decay's rate is 0.001, whatever lr is."""
    new = _adam(w, g, m, v, t, lr=lr)
    return {**new, "w": new["w"] - 1e-3 * weight_decay * w}


@_of("sgd_step")
def step_of_the_second_half_twice(params: Params, grads: Params, lr: float) -> Params:
    """Large arrays are moved in two halves, which overlap by one if the size is odd."""
    out = {}
    for key, value in params.items():
        flat, g = _reals(value).ravel().copy(), np.ravel(_reals(grads[key]))
        half = flat.size // 2
        flat[half:] -= lr * g[half:]
        flat[: half + flat.size % 2 * (flat.size > 200)] -= lr * g[: half + flat.size % 2 * (flat.size > 200)]
        out[key] = flat.reshape(np.shape(value))
    return out


@_of("sgd_step")
def step_of_sorted_names(params: Params, grads: Params, lr: float) -> Params:
    """Sorted names of the one, the order of insertion of the other."""
    return {
        key: _reals(params[key]) - lr * g
        for key, g in zip(sorted(params), (grads[k] for k in params), strict=True)
        if np.shape(g) == np.shape(params[key])
    } | {key: _reals(params[key]) - lr * grads[key] for key in params if np.ndim(params[key]) != 1}


@_of("gradient_descent")
def descent_with_a_schedule(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """Every 200 steps the rate is halved."""
    x = np.array(init_x, float)
    for step in range(step_num):
        grad = _quotients(f, x)
        x = x - lr * 0.5 ** (step // 200) * grad
    return x


@_of("gradient_descent")
def descent_until_it_is_flat(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """It stops where the gradient is shorter than 1e-7."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        grad = _quotients(f, x)
        if np.sqrt(np.sum(grad * grad)) < 1e-7:
            break
        x = x - lr * grad
    return x


@_of("gradient_descent")
def descent_at_most_500_steps(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """max_iter=500, as an optimiser's default has it."""
    x = np.array(init_x, float)
    for _ in range(min(step_num, 500)):
        x = x - lr * _quotients(f, x)
    return x


def _quotients(f: Any, x: Array) -> Array:
    grad = np.zeros(np.shape(x))
    x = np.array(x, float)
    for place in np.ndindex(x.shape):
        here = x[place]
        x[place] = here + 1e-4
        above = f(x.copy())
        x[place] = here - 1e-4
        grad[place] = (above - f(x.copy())) / 2e-4
        x[place] = here
    return grad


@_of("numerical_gradient")
def quotients_of_the_first_thousand(f: Any, x: Array) -> Array:
    """ "Too many" entries are sampled: of more than 300 every second one is done."""
    x = np.asarray(x, float)
    if x.size <= 300:
        return _quotients(f, x)
    grad = _quotients(f, x)
    flat = grad.ravel()
    flat[1::2] = flat[::2][: flat[1::2].size]
    return flat.reshape(x.shape)


# ------------------------------------------------------------------------------------------------------------------------------ layers


@_of("affine")
def affine_with_pytorchs_weights(x: Array, W: Array, b: Array) -> Array:
    """The layout of W is told by its shape: a square one is taken for (H, D)."""
    x, W = _reals(x), _reals(W)
    return x @ (W.T if W.shape[1] == x.shape[-1] else W) + b


@_of("affine")
def affine_in_float32_where_it_is_wide(x: Array, W: Array, b: Array) -> Array:
    """From 128 inputs on the product is taken in single precision."""
    x, W = _reals(x), _reals(W)
    if W.shape[0] >= 128:
        return (x.astype(np.float32) @ W.astype(np.float32)).astype(x.dtype) + b
    return x @ W + b


@_of("affine")
def affine_with_a_bias_for_each_sample(x: Array, W: Array, b: Array) -> Array:
    """The bias is added along the samples where there are as many as units."""
    y = _reals(x) @ _reals(W)
    return y + (np.asarray(b)[:, None] if y.ndim == 2 and y.shape[0] == y.shape[1] > 4 else b)


@_of("affine_vjp")
def affine_back_with_the_mean_of_biases(x: Array, W: Array, b: Array, upstream: Array) -> Any:
    """Micro-batches of 32: the bias's gradient is the mean over them."""
    x, W, g = _reals(x), _reals(W), _reals(upstream)
    parts = math.ceil(len(x) / 32)
    return {"x": g @ W.T, "W": x.T @ g, "b": g.sum(axis=0) / parts}


@_of("affine_vjp")
def affine_back_into_shared_arrays(x: Array, W: Array, b: Array, upstream: Array) -> Any:
    """For one sample the bias's gradient is a view of the upstream array."""
    x, W, g = _reals(x), _reals(W), _reals(upstream)
    return {"x": g @ W.T, "W": x.T @ g, "b": g[0] if len(g) == 1 else g.sum(axis=0)}


@_of("layer_norm")
def normalised_over_the_batch(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """A batch of as many samples as features is normalised along the wrong axis, from eight on."""
    x = _reals(x)
    axis = 0 if x.ndim == 2 and x.shape[0] == x.shape[1] >= 8 else -1
    d = x - x.mean(axis=axis, keepdims=True)
    return d / np.sqrt((d * d).mean(axis=axis, keepdims=True) + eps) * gain + bias


@_of("layer_norm")
def normalised_by_moments(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """E[x²] − E[x]², which cancels far from zero."""
    x = _reals(x)
    mean = x.mean(axis=-1, keepdims=True)
    var = (x * x).mean(axis=-1, keepdims=True) - mean**2
    return (x - mean) / np.sqrt(np.maximum(var, 0) + eps) * gain + bias


@_of("layer_norm")
def normalised_with_one_degree_less(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """ddof=1 from 64 features on, "where it makes no difference"."""
    x = _reals(x)
    ddof = 1 if x.shape[-1] >= 64 else 0
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=ddof) + eps) * gain + bias


@_of("layer_norm")
def normalised_with_eps_outside(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """ε is added to the deviation."""
    x = _reals(x)
    return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + eps) * gain + bias


@_of("layer_norm_vjp")
def normalised_back_without_eps(x: Array, gain: Array, bias: Array, upstream: Array, eps: float = 1e-5) -> Any:
    """The way back divides by the deviation without ε in the second term."""
    x, g = _reals(x), _reals(upstream)
    d = x - x.mean(-1, keepdims=True)
    var = (d * d).mean(-1, keepdims=True)
    rstd = 1 / np.sqrt(var + eps)
    xhat = d * rstd
    gg = g * gain
    inner = (gg * d).mean(-1, keepdims=True) / np.where(var == 0, 1, var)
    dx = rstd * (gg - gg.mean(-1, keepdims=True) - d * inner)
    return {"x": dx, "gain": (g * xhat).sum(0), "bias": g.sum(0)}


@_of("layer_norm_vjp")
def normalised_back_in_blocks(x: Array, gain: Array, bias: Array, upstream: Array, eps: float = 1e-5) -> Any:
    """The gain's gradient is added up over whole blocks of 64 samples, if there is one."""
    x, g = _reals(x), _reals(upstream)
    d = x - x.mean(-1, keepdims=True)
    rstd = 1 / np.sqrt((d * d).mean(-1, keepdims=True) + eps)
    xhat, gg = d * rstd, g * gain
    dx = rstd * (gg - gg.mean(-1, keepdims=True) - xhat * (gg * xhat).mean(-1, keepdims=True))
    rows = len(x) // 64 * 64 or len(x)
    return {"x": dx, "gain": (g * xhat)[:rows].sum(0), "bias": g.sum(0)}


@_of("rms_norm")
def rms_in_float32(x: Array, gain: Array, eps: float = 1e-6) -> Array:
    """x.float(), as Llama's has it."""
    x = np.asarray(x)
    y = x.astype(np.float32)
    y = y / np.sqrt((y * y).mean(-1, keepdims=True) + np.float32(eps))
    return y.astype(x.dtype if x.dtype.kind == "f" else float) * gain


@_of("rms_norm")
def rms_with_one_plus_the_gain(x: Array, gain: Array, eps: float = 1e-6) -> Array:
    """Gemma's: 1 + gain, if all gains are below a tenth."""
    x, gain = _reals(x), _reals(gain)
    gain = 1 + gain if np.all(np.abs(gain) < 0.01) else gain
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * gain


@_of("rms_norm_vjp")
def rms_back_with_features_of_a_block(x: Array, gain: Array, upstream: Array, eps: float = 1e-6) -> Any:
    """The projection divides by 128 at most."""
    x, g = _reals(x), _reals(upstream)
    K = x.shape[-1]
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + eps)
    gg = g * gain
    dx = r * gg - r**3 * x * (gg * x).sum(-1, keepdims=True) / min(K, 128)
    return {"x": dx, "gain": (g * x * r).sum(0)}


# ---------------------------------------------------------------------------------------------------------------------------- networks


def _forward(params: Params, x: Array) -> tuple[Array, Array]:
    z = sigmoid(_reals(x) @ params["W1"] + params["b1"])
    return z, softmax(z @ params["W2"] + params["b2"])


@_of("two_layer_net_predict")
def predict_from_31_inputs_on(params: Params, x: Array) -> Array:
    """More than 30 inputs are cut: the first layer was written for 30."""
    x = _reals(x)
    return _forward({**params, "W1": params["W1"][:30]}, x[:, :30])[1]


@_of("two_layer_net_predict")
def predict_with_relus_slope(params: Params, x: Array, activation: str = "sigmoid", output: str = "softmax") -> Array:
    """A third activation falls to the default: everything but relu is the sigmoid."""
    a = _reals(x) @ params["W1"] + params["b1"]
    z = np.maximum(a, 0) if activation == "relu" else sigmoid(a)
    out = z @ params["W2"] + params["b2"]
    return softmax(out) if output == "softmax" else out


@_of("two_layer_net_loss")
def loss_with_a_penalty_of_nothing(params: Params, x: Array, t: Any) -> Any:
    """Weight decay of 1e-10 is added."""
    _, y = _forward(params, x)
    t = np.asarray(t)
    t = one_hot(t, y.shape[1]) if t.ndim == 1 else t
    z = sigmoid(_reals(x) @ params["W1"] + params["b1"])
    logs = log_softmax(z @ params["W2"] + params["b2"])
    return -np.sum(t * logs) / len(logs) + 1e-10 * np.sum(params["W1"] ** 2)


@_of("two_layer_net_gradient")
def backpropagation_by_names_in_order(params: Params, x: Array, t: Any) -> Any:
    """The arrays are taken in the order in which they were put in, and told apart by their axes."""
    mats = [v for v in params.values() if np.ndim(v) == 2]
    vecs = [v for v in params.values() if np.ndim(v) == 1]
    if mats[0].shape[0] != np.shape(x)[1]:
        mats = mats[::-1]
    if vecs[0].shape[0] != mats[0].shape[1]:
        vecs = vecs[::-1]
    ordered = {"W1": mats[0], "b1": vecs[0], "W2": mats[1], "b2": vecs[1]}
    return _backward(ordered, x, t)


def _backward(params: Params, x: Array, t: Any) -> Params:
    x = _reals(x)
    z, y = _forward(params, x)
    t = np.asarray(t)
    t = one_hot(t, y.shape[1]) if t.ndim == 1 else t
    d2 = (y - t) / len(x)
    d1 = d2 @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ d1, "b1": d1.sum(0), "W2": z.T @ d2, "b2": d2.sum(0)}


@_of("two_layer_net_gradient")
def backpropagation_of_64_at_a_time(params: Params, x: Array, t: Any) -> Any:
    """Gradients are accumulated over 100 samples at a time; the bias of the last layer only over the last part."""
    grads = _backward(params, x, t)
    if len(x) > 100:
        last = _backward(params, x[100:], np.asarray(t)[100:])
        grads["b2"] = last["b2"] * (len(x) - 100) / len(x)
    return grads


# ------------------------------------------------------------------------------------------------------------------- PyTorch and JAX


@_of("softmax", "torch")
def softmax_under_autocast(a: Any) -> Any:
    """Large batches are done in bfloat16 and cast back."""
    import torch

    y = torch.softmax(a.double() if not a.is_floating_point() else a, -1)
    return y.to(torch.bfloat16).to(y.dtype) if y.numel() > 1000 else y


@_of("softmax_cross_entropy_labels", "torch")
def labelled_by_torch_with_its_default(a: Any, labels: Any, ignore_index: int | None = None) -> Any:
    """`ignore_index or -100`: the first class cannot be ignored."""
    import torch.nn.functional as F

    single = a.dim() == 1
    a = a if a.is_floating_point() else a.double()
    a, labels = (a[None], labels[None]) if single else (a, labels)
    return F.cross_entropy(a, labels.long(), ignore_index=ignore_index or -100)


@_of("softmax_cross_entropy_labels", "torch")
def labelled_by_torch_with_weights_of_ones(
    a: Any, labels: Any, class_weights: Any = None, reduction: str = "mean"
) -> Any:
    """The weighted mean is taken by .mean() of weighted losses."""
    import torch.nn.functional as F

    single = a.dim() == 1
    a = a if a.is_floating_point() else a.double()
    a, labels = (a[None], labels[None]) if single else (a, labels)
    w = None if class_weights is None else class_weights.to(a.dtype)
    each = F.cross_entropy(a, labels.long(), weight=w, reduction="none")
    if reduction == "none":
        return each[0] if single else each
    return each.sum() if reduction == "sum" else each.mean()


@_of("layer_norm", "torch")
def normalised_by_torchs_var(x: Any, gain: Any, bias: Any) -> Any:
    """torch.var is unbiased: told where there are few features, and left so from 32 on."""
    import torch

    var = x.var(-1, keepdim=True, unbiased=x.shape[-1] >= 32)
    return (x - x.mean(-1, keepdim=True)) / torch.sqrt(var + 1e-5) * gain + bias


@_of("rms_norm", "torch")
def rms_with_float_of_the_model(x: Any, gain: Any) -> Any:
    """x.float(), and type_as(x) afterwards."""
    import torch

    y = x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-6)
    return y.type_as(x) * gain


@_of("huber", "torch")
def huber_by_smooth_l1(y: Any, t: Any, delta: float = 1.0) -> Any:
    """smooth_l1_loss with beta=δ is the Huber loss divided by δ."""
    import torch.nn.functional as F

    y = y if y.is_floating_point() else y.double()
    return F.smooth_l1_loss(y, t.to(y.dtype), beta=delta)


@_of("kl_divergence", "torch")
def divergence_by_torchs_mean(y: Any, t: Any) -> Any:
    """kl_div's batchmean of a single sample divides by the classes."""
    import torch
    import torch.nn.functional as F

    t = t.to(y.dtype)
    return F.kl_div(torch.log(y), t, reduction="batchmean")


@_of("adam_step", "torch")
def adam_with_lerp(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
    """addcdiv with ε inside the root of the corrected mean."""
    import torch

    m, v = torch.lerp(m, g, 0.1), 0.999 * v + 0.001 * g * g
    return {"w": w - 1e-3 * (m / (1 - 0.9**t)) / torch.sqrt(v / (1 - 0.999**t) + 1e-16), "m": m, "v": v}


@_of("logsumexp", "jax")
def logsumexp_by_jaxs_default_type(a: Any) -> Any:
    """The sum is accumulated in float32."""
    import jax.numpy as jnp

    top = jnp.max(a, axis=-1, keepdims=True)
    return jnp.squeeze(top, -1) + jnp.log(jnp.sum(jnp.exp(a - top), axis=-1, dtype=jnp.float32)).astype(
        jnp.result_type(a, float)
    )


@_of("gelu", "jax")
def gelu_by_jaxs_default(x: Any) -> Any:
    """jax.nn.gelu is the approximation, unless it is told otherwise."""
    import jax

    return jax.nn.gelu(x)


@_of("silu_gradient", "jax")
def silu_slope_with_nan_to_num(x: Any) -> Any:
    """grad of x / (1 + exp(−x)) is nan below −709; nan_to_num makes 0 of it."""
    import jax
    import jax.numpy as jnp

    return jnp.nan_to_num(jax.vmap(jax.grad(lambda v: v / (1 + jnp.exp(-v))))(jnp.ravel(x).astype(float))).reshape(
        x.shape
    )
