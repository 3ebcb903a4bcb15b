"""Honest programs for all families of the catalogue, written otherwise than their pages: einsum, loops, sums of another order, in place, other libraries."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import log_softmax, one_hot, picked, sigmoid, softmax
from .specimen import Array, Specimen, installed

Params = dict[str, Any]
SPECIMENS: list[Specimen] = []


def _of(formula: str, array: str = "numpy", convention: str | None = None) -> Callable[..., Callable[..., Any]]:
    """Puts a function among the specimens of a formula, if its library is there."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        if installed(array):
            SPECIMENS.append(Specimen(formula, function, True, convention, array))  # type: ignore[arg-type]
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
def relu_by_half_a_sum(x: Array) -> Array:
    """(x + |x|) / 2."""
    x = _reals(x)
    return (x + np.abs(x)) / 2


@_of("relu")
def relu_by_a_product(x: Array) -> Array:
    """x (x > 0)."""
    x = np.asarray(x)
    return x * (x > 0)


@_of("relu_gradient")
def relu_slope_of_booleans(x: Array) -> Array:
    """A comparison, as floats."""
    return np.greater(x, 0).astype(np.float64)


@_of("relu_gradient")
def relu_slope_by_heaviside(x: Array) -> Array:
    """The step function, 0 at 0."""
    return np.heaviside(_reals(x), 0.0)


@_of("leaky_relu")
def leaky_by_two_parts(x: Array, slope: float = 0.01) -> Array:
    """Both parts, added."""
    x = _reals(x)
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


@_of("leaky_relu_gradient")
def leaky_slope_by_putmask(x: Array, slope: float = 0.01) -> Array:
    """An array of slopes, into which ones are put."""
    out = np.full(np.shape(x), slope, dtype=np.float64)
    np.putmask(out, np.asarray(x) > 0, 1.0)
    return out


@_of("elu")
def elu_by_a_mask(x: Array, alpha: float = 1.0) -> Array:
    """Only what is negative goes through expm1."""
    x = np.array(_reals(x))
    flat = x.reshape(-1)
    negative = flat < 0
    flat[negative] = alpha * np.expm1(flat[negative])
    return flat.reshape(x.shape)


@_of("elu_gradient")
def elu_slope_by_exponential_of_minimum(x: Array, alpha: float = 1.0) -> Array:
    """α e to the min(x, 0), or 1."""
    x = _reals(x)
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


@_of("gelu")
def gelu_by_erfc(x: Array) -> Array:
    """Half of x erfc(−x/√2)."""
    from scipy.special import erfc

    x = _reals(x)
    return 0.5 * x * erfc(-x * math.sqrt(0.5))


@_of("gelu")
def gelu_by_the_normal_distribution(x: Array) -> Array:
    """x Φ(x), by SciPy's."""
    from scipy.special import ndtr

    return np.multiply(x, ndtr(_reals(x)))


@_of("gelu_gradient")
def gelu_slope_by_the_density(x: Array) -> Array:
    """Φ + x φ."""
    from scipy.special import ndtr

    x = _reals(x)
    return ndtr(x) + x * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


@_of("silu")
def silu_as_a_quotient(x: Array) -> Array:
    """x / (1 + e⁻ˣ), where infinity divides."""
    x = _reals(x)
    with np.errstate(over="ignore"):
        return x / (1 + np.exp(-x))


@_of("silu")
def silu_by_tanh(x: Array) -> Array:
    """By SciPy's logistic function."""
    from scipy.special import expit

    x = _reals(x)
    return x * expit(x)


@_of("silu_gradient")
def silu_slope_by_both_sides(x: Array) -> Array:
    """s + x s (1 − s), with 1 − s as σ(−x)."""
    x = _reals(x)
    s = sigmoid(x)
    return s + x * s * sigmoid(-x)


@_of("softplus")
def softplus_by_logaddexp(x: Array) -> Array:
    """ln(e⁰ + eˣ)."""
    return np.logaddexp(0.0, _reals(x))


@_of("softplus")
def softplus_by_the_larger(x: Array) -> Array:
    """max(x, 0) and what is missing."""
    x = _reals(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@_of("softplus_gradient")
def softplus_slope_by_scipy(x: Array) -> Array:
    """expit."""
    from scipy.special import expit

    return expit(_reals(x))


@_of("tanh")
def tanh_by_expm1(x: Array) -> Array:
    """−expm1(−2|x|) / (2 + expm1(−2|x|)), with its sign."""
    x = _reals(x)
    e = np.expm1(-2 * np.abs(x))
    return np.copysign(e / (2 + e), x)


@_of("tanh")
def tanh_number_by_number(x: Array) -> Any:
    """math.tanh of each."""
    return np.vectorize(math.tanh, otypes=[float])(x)


@_of("tanh_gradient")
def tanh_slope_by_cosh(x: Array) -> Array:
    """1 / cosh²."""
    x = np.clip(_reals(x), -350, 350)
    return 1 / np.cosh(x) ** 2


@_of("tanh_gradient")
def tanh_slope_as_written(x: Array) -> Array:
    """1 − tanh²."""
    y = np.tanh(_reals(x))
    return 1 - y * y


# ------------------------------------------------------------------------------------------------------------------ over the last axis


@_of("softmax_vjp")
def softmax_back_by_einsum(a: Array, upstream: Array) -> Array:
    """Inner products by einsum."""
    y = softmax(_reals(a))
    return y * (upstream - np.einsum("...k,...k->...", y, _reals(upstream))[..., None])


@_of("softmax_vjp")
def softmax_back_through_jacobians(a: Array, upstream: Array) -> Array:
    """Each sample's Jacobian, times its upstream row."""
    y, g = softmax(_rows(a)), _rows(upstream)
    out = np.array([(np.diag(p) - np.outer(p, p)) @ row for p, row in zip(y, g, strict=True)])
    return out.reshape(np.shape(a))


@_of("log_softmax")
def log_softmax_by_scipy(a: Array) -> Array:
    """SciPy's over the last axis."""
    from scipy.special import log_softmax as scipys

    return scipys(_reals(a), axis=-1)


@_of("log_softmax")
def log_softmax_row_by_row(a: Array) -> Array:
    """Rows by math.fsum."""
    out = []
    for row in _rows(a).tolist():
        top = max(row)
        total = math.log(math.fsum(math.exp(v - top) for v in row))
        out.append([v - top - total for v in row])
    return np.array(out).reshape(np.shape(a))


@_of("log_softmax_vjp")
def log_softmax_back_in_place(a: Array, upstream: Array) -> Array:
    """The share of the sum is taken off in place."""
    g = np.array(upstream, dtype=np.float64)
    g -= softmax(_reals(a)) * np.sum(g, axis=-1, keepdims=True)
    return g


@_of("logsumexp")
def logsumexp_by_logaddexp(a: Array) -> Any:
    """logaddexp.reduce."""
    return np.logaddexp.reduce(_reals(a), axis=-1)


@_of("logsumexp")
def logsumexp_in_blocks(a: Array) -> Any:
    """Blocks of 32, whose maxima and sums are joined."""
    rows = _rows(a)
    parts = []
    for start in range(0, rows.shape[1], 32):
        block = rows[:, start : start + 32]
        top = block.max(axis=1)
        safe = np.where(np.isneginf(top), 0.0, top)
        with np.errstate(divide="ignore"):
            parts.append(safe + np.log(np.exp(block - safe[:, None]).sum(axis=1)))
    return np.logaddexp.reduce(np.array(parts), axis=0).reshape(np.shape(a)[:-1])[()]


@_of("logsumexp_gradient")
def logsumexp_slope_by_the_value(a: Array) -> Array:
    """e to the a − logsumexp(a)."""
    return np.exp(log_softmax(_reals(a)))


# ------------------------------------------------------------------------------------------------------------------------------ losses


@_of("softmax_cross_entropy_labels")
def labelled_with_all_options(
    a: Array,
    labels: Any,
    *,
    reduction: str = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    """Every option, sample by sample."""
    single = np.ndim(a) == 1
    logs, labels = log_softmax(_rows(a)), np.atleast_1d(labels)
    K = logs.shape[1]
    w = np.ones(K) if class_weights is None else np.asarray(class_weights, float)
    costs, weights = [], []
    for row, label in zip(logs, labels.tolist(), strict=True):
        if ignore_index is not None and label == ignore_index:
            costs.append(0.0)
            weights.append(0.0)
            continue
        cost = -(1 - label_smoothing) * w[label] * row[label]
        if label_smoothing:
            cost -= label_smoothing / K * float(np.sum(w * row))
        costs.append(cost)
        weights.append(float(w[label]))
    if reduction == "none":
        return np.array(costs)[0] if single else np.array(costs)
    total = math.fsum(costs) if all(map(math.isfinite, costs)) else float(np.sum(costs))
    if reduction == "sum":
        return total
    return total / math.fsum(weights) if any(weights) else math.nan


@_of("softmax_cross_entropy_labels")
def labelled_by_kw(a: Array, labels: Any, **options: Any) -> Any:
    """One option of its own by **options, which it knows."""
    each = -picked(log_softmax(_rows(a)), np.atleast_1d(labels).astype(np.int64))
    reduction = options.pop("reduction", "mean")
    if options:
        raise TypeError(f"unknown options {sorted(options)}")
    if reduction == "none":
        return each[0] if np.ndim(a) == 1 else each
    return np.sum(each) if reduction == "sum" else np.mean(each)


def _logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    return inner


@_of("softmax_cross_entropy_labels")
@_logged
def labelled_and_decorated(a: Array, labels: Any) -> Any:
    """A decorator's (*arguments, **named) around it."""
    return -np.mean(picked(log_softmax(_rows(a)), np.atleast_1d(labels).astype(np.int64)))


@_of("softmax_cross_entropy_labels")
def labelled_whatever_else(a: Array, labels: Any, **_: Any) -> Any:
    """Takes any names and speaks of none."""
    return np.mean(np.logaddexp.reduce(_rows(a), axis=1) - picked(_rows(a), np.atleast_1d(labels).astype(np.int64)))


@_of("softmax_cross_entropy_labels_gradient")
def labelled_slope_with_options(
    a: Array, labels: Any, *, reduction: str = "mean", class_weights: Any = None, ignore_index: int | None = None
) -> Array:
    """Each sample's weight, which is zero where it is ignored."""
    single = np.ndim(a) == 1
    rows, labels = _rows(a), np.atleast_1d(labels).astype(np.int64)
    kept = np.ones(len(labels), bool) if ignore_index is None else labels != ignore_index
    safe = np.where(kept, labels, 0)
    w = kept * (np.ones(rows.shape[1]) if class_weights is None else np.asarray(class_weights, float))[safe]
    grad = (softmax(rows) - one_hot(safe, rows.shape[1])) * w[:, None]
    if reduction == "mean":
        grad = grad / (w.sum() if kept.any() else np.nan)
    return grad[0] if single else grad


@_of("softmax_cross_entropy_one_hot")
def logits_by_logsumexp_and_dot(a: Array, t: Array) -> Any:
    """logsumexp − ⟨t, a⟩ of shifted logits, by vecdot-like einsum."""
    a, t = _rows(a), _rows(t)
    low = a - a.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(low).sum(axis=1)) * t.sum(axis=1) - np.einsum("nk,nk->n", t, low))


@_of("cross_entropy_labels")
def probable_by_choose(y: Array, labels: Any, *, reduction: str = "mean") -> Any:
    """The entries are looked up in a flat array, in 64 bits."""
    rows, labels = _rows(y), np.atleast_1d(labels).astype(np.int64)
    own = rows.ravel()[np.arange(len(rows)) * rows.shape[1] + labels]
    each = -np.log(np.maximum(own, 1e-8))
    if reduction == "none":
        return each[0] if np.ndim(y) == 1 else each
    return each.sum() if reduction == "sum" else each.mean()


@_of("cross_entropy_one_hot")
def rows_by_tensordot(y: Array, t: Array) -> Any:
    """tensordot over both axes."""
    y, t = _rows(y), _rows(t)
    return -float(np.tensordot(t, np.log(np.maximum(y, 1e-8)), axes=((0, 1), (0, 1)))) / len(y)


@_of("cross_entropy_error")
def either_by_ndim(y: Array, t: Any) -> Any:
    """Labels have an axis less."""
    t = np.asarray(t)
    t = one_hot(t, np.shape(y)[-1]) if t.ndim < np.ndim(y) else t
    return -np.sum(t * np.log(np.clip(y, 1e-8, None))) / (1 if np.ndim(y) == 1 else len(y))


@_of("binary_cross_entropy")
def binary_entry_by_entry(p: Array, t: Array) -> Any:
    """math.log of each."""
    pairs = list(zip(np.ravel(_reals(p)).tolist(), np.ravel(_reals(t)).tolist(), strict=True))
    return -math.fsum(b * math.log(max(a, 1e-8)) + (1 - b) * math.log(max(1 - a, 1e-8)) for a, b in pairs) / len(pairs)


@_of("binary_cross_entropy")
def binary_for_any_targets(p: Array, t: Array, delta: float = 1e-8) -> Any:
    """Plain arithmetic of whatever comes."""
    return -np.mean(t * np.log(np.maximum(p, delta)) + (1 - t) * np.log(np.maximum(1 - p, delta)))


@_of("binary_cross_entropy_with_logits")
def binary_logits_by_softplus(a: Array, t: Array, pos_weight: float = 1.0) -> Any:
    """(1 − t) a and a softplus with its weight."""
    a, t = _reals(a), _reals(t)
    return np.mean((1 - t) * a + (1 + (pos_weight - 1) * t) * np.logaddexp(0, -a))


@_of("binary_cross_entropy_with_logits_gradient")
def binary_logit_slope_by_two_sides(a: Array, t: Array, pos_weight: float = 1.0) -> Array:
    """(1 − t) σ(a) − w t σ(−a)."""
    a, t = _reals(a), _reals(t)
    return ((1 - t) * sigmoid(a) - pos_weight * t * sigmoid(-a)) / a.size


@_of("mean_absolute_error")
def absolute_error_by_fsum(y: Array, t: Array) -> Any:
    """fsum of plain floats."""
    d = np.ravel(np.subtract(y, t, dtype=float)).tolist()
    return math.fsum(map(abs, d)) / len(d)


@_of("mean_absolute_error_gradient")
def absolute_slope_by_comparisons(y: Array, t: Array) -> Array:
    """(y > t) − (y < t)."""
    return (np.greater(y, t).astype(float) - np.less(y, t)) / np.size(y)


@_of("huber")
def huber_by_clipping(y: Array, t: Array, delta: float = 1.0) -> Any:
    """c (|d| − c/2) with c = min(|d|, δ)."""
    d = np.abs(np.subtract(y, t, dtype=float))
    c = np.minimum(d, delta)
    return np.mean(c * (d - c / 2))


@_of("huber")
def huber_by_scipy(y: Array, t: Array, delta: float = 1.0) -> Any:
    """scipy.special.huber."""
    from scipy.special import huber

    return np.mean(huber(delta, np.subtract(y, t, dtype=float)))


@_of("huber_gradient")
def huber_slope_by_clipping(y: Array, t: Array, delta: float = 1.0) -> Array:
    """The difference, cut off at δ."""
    return np.clip(np.subtract(y, t, dtype=float), -delta, delta) / np.size(y)


@_of("hinge")
def hinge_by_a_comprehension(y: Array, t: Array) -> Any:
    """max(0, 1 − t y) of each, sorted before they are added up."""
    each = sorted(
        max(0.0, 1 - b * a) for a, b in zip(np.ravel(_reals(y)).tolist(), np.ravel(_reals(t)).tolist(), strict=True)
    )
    return sum(each) / len(each)


@_of("hinge_gradient")
def hinge_slope_by_choose(y: Array, t: Array) -> Array:
    """−t where the margin is missed."""
    y, t = _reals(y), _reals(t)
    return np.where(t * y < 1, -t, 0.0) / y.size


@_of("l2_penalty")
def penalty_by_vdot(w: Array, strength: float = 0.01) -> Any:
    """vdot of floats."""
    w = _reals(w).ravel()
    return 0.5 * strength * np.vdot(w, w)


@_of("kl_divergence")
def divergence_by_rel_entr(y: Array, t: Array) -> Any:
    """scipy.special.rel_entr."""
    from scipy.special import rel_entr

    return np.sum(rel_entr(_rows(t), _rows(y))) / len(_rows(y))


@_of("kl_divergence")
def divergence_by_xlogy(y: Array, t: Array) -> Any:
    """t ln t − t ln y."""
    from scipy.special import xlogy

    y, t = _rows(y), _rows(t)
    return np.mean(np.sum(xlogy(t, t) - xlogy(t, y), axis=1))


@_of("mean_squared_error")
def squared_error_by_einsum(y: Array, t: Array) -> Any:
    """einsum of the difference with itself."""
    d = np.subtract(_rows(y), _rows(t))
    return np.einsum("nk,nk->", d, d) / (2 * len(d))


@_of("mean_squared_error")
def squared_error_from_the_smallest(y: Array, t: Array) -> Any:
    """The squares are sorted before they are added up."""
    d = np.subtract(_rows(y), _rows(t), dtype=float)
    return 0.5 * np.sum(np.sort(d * d, axis=None)) / len(d)


# -------------------------------------------------------------------------------------------------------------------------- optimisers


@_of("momentum_step")
def momentum_in_place(w: Array, g: Array, velocity: Array, lr: float = 0.01, momentum: float = 0.9) -> None:
    """Both arrays are renewed where they are."""
    velocity *= momentum
    velocity -= lr * g
    w += velocity


@_of("nesterov_step")
def nesterov_by_the_old_velocity(w: Array, g: Array, velocity: Array, lr: float = 0.01, momentum: float = 0.9) -> Any:
    """μ²v − (1 + μ)ηg."""
    return w + momentum * momentum * velocity - (1 + momentum) * lr * g, momentum * velocity - lr * g


@_of("adagrad_step")
def adagrad_as_a_tuple(w: Array, g: Array, h: Array, lr: float = 0.01, eps: float = 1e-7) -> Any:
    """A tuple, squares by np.square."""
    h = h + np.square(g)
    return w - lr * g / (np.sqrt(h) + eps), h


@_of("rmsprop_step")
def rmsprop_by_addition(w: Array, g: Array, h: Array, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-7) -> Any:
    """h + (1 − ρ)(g² − h)."""
    h = h * decay + (g * g) * (1 - decay)
    return {"h": h, "w": w - lr * (g / (h**0.5 + eps))}


@_of("adam_step")
def adam_in_place(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    t: int,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> None:
    """Everything where it is."""
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    w -= lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


@_of("adam_step")
def adam_by_expm1(w: Array, g: Array, m: Array, v: Array, t: int) -> Any:
    """Corrections by expm1 and log1p."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * (g * g)
    first, second = -math.expm1(t * math.log(0.9)), -math.expm1(t * math.log(0.999))
    return w - 1e-3 / first * m / (np.sqrt(v) / math.sqrt(second) + 1e-8), m, v


@_of("adamw_step")
def adamw_by_shrinking_first(
    w: Array, g: Array, m: Array, v: Array, t: int, lr: float = 1e-3, weight_decay: float = 0.01
) -> Any:
    """The weights shrink, then move."""
    m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g**2
    w = w * (1 - lr * weight_decay)
    return {"w": w - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), "m": m, "v": v}


@_of("sgd_step")
def step_by_comprehension(params: Params, grads: Params, lr: float) -> Params:
    """A mapping by comprehension."""
    return {
        key: np.asarray(value, dtype=np.result_type(value, np.float32)) - lr * grads[key]
        for key, value in params.items()
    }


@_of("gradient_descent")
def descent_in_a_while_loop(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """A while loop, copies, quotients by flat index."""
    x = np.array(init_x, dtype=np.float64)
    while step_num > 0:
        grad = np.zeros_like(x)
        for place in range(x.size):
            above, below = x.copy(), x.copy()
            above.flat[place] += 1e-4
            below.flat[place] -= 1e-4
            grad.flat[place] = (f(above) - f(below)) / 2e-4
        x = x - lr * grad
        step_num -= 1
    return x


# ------------------------------------------------------------------------------------------------------------------------------ layers


@_of("affine")
def affine_by_einsum(x: Array, W: Array, b: Array) -> Array:
    """einsum over the inputs."""
    return np.einsum("...d,dh->...h", x, W) + b


@_of("affine")
def affine_with_ones(x: Array, W: Array, b: Array) -> Array:
    """The bias is a row more."""
    x = np.asarray(x)
    return np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1) @ np.vstack([W, b])


@_of("affine_vjp")
def affine_back_as_a_tuple(x: Array, W: Array, b: Array, upstream: Array) -> Any:
    """A tuple, sums by ones."""
    return upstream @ W.T, np.einsum("nd,nh->dh", x, upstream), np.ones(len(x)) @ upstream


@_of("layer_norm")
def normalised_by_var(x: Array, gain: Array, bias: Array, eps: float = 1e-5) -> Array:
    """np.var over a tuple of axes."""
    x = np.asarray(x)
    axes = (x.ndim - 1,)
    return gain * (x - np.mean(x, axis=axes, keepdims=True)) / np.sqrt(np.var(x, axis=axes, keepdims=True) + eps) + bias


@_of("layer_norm_vjp")
def normalised_back_by_terms(x: Array, gain: Array, bias: Array, upstream: Array, eps: float = 1e-5) -> Any:
    """(K g − Σ g − x̂ Σ g x̂) / (K σ)."""
    K = x.shape[1]
    d = x - x.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(d**2, axis=1, keepdims=True) + eps)
    xhat, g = d / deviation, upstream * gain
    dx = (K * g - g.sum(axis=1, keepdims=True) - xhat * (g * xhat).sum(axis=1, keepdims=True)) / (K * deviation)
    return {"x": dx, "gain": np.sum(upstream * xhat, axis=0), "bias": np.sum(upstream, axis=0)}


@_of("rms_norm")
def rms_by_linalg(x: Array, gain: Array, eps: float = 1e-6) -> Array:
    """vecdot-like einsum for the squares."""
    x = np.asarray(x)
    squares = np.einsum("...k,...k->...", x, x)[..., None] / x.shape[-1]
    return x * gain / np.sqrt(squares + eps)


@_of("rms_norm_vjp")
def rms_back_row_by_row(x: Array, gain: Array, upstream: Array, eps: float = 1e-6) -> Any:
    """Row by row."""
    dx, dgain = np.zeros_like(x), np.zeros_like(gain)
    for n, (row, g) in enumerate(zip(x, upstream, strict=True)):
        r = 1 / math.sqrt(float(np.mean(row * row)) + eps)
        gg = g * gain
        dx[n] = r * (gg - row * (r * r * float(np.mean(gg * row))))
        dgain += g * row * r
    return {"x": dx, "gain": dgain}


# ---------------------------------------------------------------------------------------------------------------------------- networks


@_of("two_layer_net_predict")
def predict_sample_by_sample(params: Params, x: Array, activation: str = "sigmoid", output: str = "softmax") -> Array:
    """Every sample by itself, with a table of functions."""
    functions: dict[str, Callable[[Array], Array]] = {
        "sigmoid": sigmoid,
        "relu": lambda v: np.maximum(v, 0),
        "tanh": np.tanh,
    }
    outputs: dict[str, Callable[[Array], Array]] = {
        "softmax": softmax,
        "sigmoid": sigmoid,
        "linear": lambda v: v,
        "identity": lambda v: v,
    }
    if activation not in functions or output not in outputs:
        raise NotImplementedError(activation, output)
    rows = [functions[activation](row @ params["W1"] + params["b1"]) for row in _reals(x)]
    return np.stack([outputs[output](row @ params["W2"] + params["b2"]) for row in rows])


@_of("two_layer_net_loss")
def loss_by_logsumexp(params: Params, x: Array, t: Any) -> Any:
    """Shifted logits and their targets."""
    a = sigmoid(_reals(x) @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    t = np.asarray(t)
    t = one_hot(t, a.shape[1]) if t.ndim == 1 else t
    return -float(np.sum(t * log_softmax(a))) / len(a)


# ------------------------------------------------------------------------------------------------------------------- PyTorch and JAX


@_of("layer_norm", "torch")
def normalised_by_torch(x: Any, gain: Any, bias: Any) -> Any:
    """torch.nn.functional.layer_norm."""
    import torch.nn.functional as F

    return F.layer_norm(x, x.shape[-1:], gain, bias, 1e-5)


@_of("softmax_cross_entropy_labels", "torch")
def labelled_by_torch(
    a: Any,
    labels: Any,
    reduction: str = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    """torch.nn.functional.cross_entropy with its options."""
    import torch.nn.functional as F

    single = a.dim() == 1
    a = a if a.is_floating_point() else a.double()
    a, labels = (a[None], labels[None]) if single else (a, labels)
    w = None if class_weights is None else class_weights.to(a.dtype)
    ignored = -100 if ignore_index is None else ignore_index
    found = F.cross_entropy(
        a, labels.long(), weight=w, ignore_index=ignored, reduction=reduction, label_smoothing=label_smoothing
    )
    return found[0] if single and reduction == "none" else found


@_of("huber", "torch")
def huber_by_torch(y: Any, t: Any, delta: float = 1.0) -> Any:
    """torch.nn.functional.huber_loss."""
    import torch.nn.functional as F

    y = y if y.is_floating_point() else y.double()
    return F.huber_loss(y, t.to(y.dtype), delta=delta)


@_of("binary_cross_entropy_with_logits", "torch")
def binary_logits_by_torch(a: Any, t: Any) -> Any:
    """torch.nn.functional.binary_cross_entropy_with_logits."""
    import torch.nn.functional as F

    a = a if a.is_floating_point() else a.double()
    return F.binary_cross_entropy_with_logits(a, t.to(a.dtype))


@_of("logsumexp", "jax")
def logsumexp_by_jax(a: Any) -> Any:
    """jax.nn.logsumexp."""
    import jax

    return jax.nn.logsumexp(a, axis=-1)


@_of("silu_gradient", "jax")
def silu_slope_by_jax(x: Any) -> Any:
    """The derivative of jax.nn.silu."""
    import jax
    import jax.numpy as jnp

    return jax.vmap(jax.grad(jax.nn.silu))(jnp.ravel(x).astype(float)).reshape(x.shape)
