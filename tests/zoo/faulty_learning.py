"""More faulty numerical gradients, descents, steps and networks, as people write them when they type a formula from memory."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return,no-untyped-call"

from collections.abc import Callable
from typing import Any

import numpy as np

from .honest_descents import by_unit_vectors
from .sound import log_softmax, one_hot, sigmoid, softmax
from .specimen import Array, Specimen, faulty

F = Callable[[Any], Any]
Params = dict[str, Any]
H = 1e-4

# -------------------------------------------------------------------------------------------------------------- numerical_gradient


def on_a_flat_copy(f: F, x: Array) -> Array:
    """x.flatten() copies: f never sees the moved point."""
    x, grad = x.astype(float), np.zeros(x.size)
    flat = x.flatten()
    for i in range(x.size):
        value = flat[i]
        flat[i] = value + H
        right = f(x)
        flat[i] = value - H
        grad[i] = (right - f(x)) / (2 * H)
        flat[i] = value
    return grad.reshape(x.shape)


def on_what_may_be_a_copy(f: F, x: Array) -> Array:
    """reshape(-1) is a view, but not of an array that is stored by columns."""
    x, grad = np.array(x, float), np.zeros(x.size)
    flat = x.reshape(-1)
    for i in range(x.size):
        value = flat[i]
        flat[i] = value + H
        right = f(x)
        flat[i] = value - H
        grad[i] = (right - f(x)) / (2 * H)
        flat[i] = value
    return grad.reshape(x.shape)


def with_both_sides_in_one_array(f: F, x: Array) -> Array:
    """right = left = x: both names are one array, and the steps undo each other."""
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        right = left = x.astype(float)
        right[index] += H
        left[index] -= H
        grad[index] = (f(right) - f(left)) / (2 * H)
    return grad


def one_side_over_two(f: F, x: Array) -> Array:
    """The forward difference, divided by 2 h."""
    x, grad = x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        right = x.copy()
        right[index] += H
        grad[index] = (f(right) - f(x)) / (2 * H)
    return grad


def without_brackets(f: F, x: Array) -> Array:
    """f(right) - f(left) / (2 h)."""
    x, grad = x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = H
        grad[index] = f(x + step) - f(x - step) / (2 * H)
    return grad


def of_the_books_second_version(f: F, x: Array) -> Array:
    """The book's loop over the rows of a matrix, of which f is given one at a time."""
    if x.ndim == 1:
        return by_unit_vectors(f, x)
    grad = np.zeros(x.shape)
    for i, row in enumerate(x):
        grad[i] = of_the_books_second_version(f, row)
    return grad


def with_a_step_of_a_ten_billionth(f: F, x: Array) -> Array:
    """A step of 1e-10."""
    units = 1e-10 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + e) - f(x - e)) / 2e-10 for e in units], x.shape)


# ---------------------------------------------------------------------------------------------------------------- gradient_descent


def descent_with_the_books_history(f: F, init_x: Array, lr: float, step_num: int) -> Any:
    """The book's own: the last point, and an array of those before."""
    x, history = init_x.astype(float), []
    for _ in range(step_num):
        history.append(x.copy())
        x -= lr * by_unit_vectors(f, x)
    return x, np.array(history)


def descent_by_adam(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Adam, with its usual constants."""
    x = init_x.astype(float)
    m, v = np.zeros_like(x), np.zeros_like(x)
    for k in range(1, step_num + 1):
        g = by_unit_vectors(f, x)
        m += 0.1 * (g - m)
        v += 0.001 * (g**2 - v)
        x = x - lr * np.sqrt(1 - 0.999**k) / (1 - 0.9**k) * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999**k))
    return x


def descent_by_adagrad(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """AdaGrad, with the book's 1e-7."""
    x, h = init_x.astype(float), np.zeros(init_x.shape)
    for _ in range(step_num):
        g = by_unit_vectors(f, x)
        h += g * g
        x -= lr * g / (np.sqrt(h) + 1e-7)
    return x


def descent_that_forgets_where_it_was(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """x = -lr * grad, where x -= lr * grad is meant."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = -lr * by_unit_vectors(f, x)
    return x


def descent_divided_by_the_rate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """grad / lr."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - by_unit_vectors(f, x) / lr
    return x


def descent_by_the_mean(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient over the number of its entries."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * by_unit_vectors(f, x) / x.size
    return x


def descent_at_half_the_rate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """As if f were halved, as a mean of squares often is."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - 0.5 * lr * by_unit_vectors(f, x)
    return x


# ------------------------------------------------------------------------------------------------------------------------ sgd_step


def step_twice_as_long(params: Params, grads: Params, lr: float) -> Params:
    """The 2 of a square's derivative, once more."""
    return {key: params[key] - 2 * lr * grads[key] for key in params}


def step_half_as_long(params: Params, grads: Params, lr: float) -> Params:
    """A half that belongs into the loss."""
    return {key: params[key] - 0.5 * lr * grads[key] for key in params}


def step_divided_by_the_rate(params: Params, grads: Params, lr: float) -> Params:
    """grads / lr."""
    return {key: params[key] - grads[key] / lr for key in params}


def step_at_a_rounded_rate(params: Params, grads: Params, lr: float) -> Params:
    """The rate is kept as float32."""
    rate = np.float32(lr)
    return {key: params[key] - rate.astype(float) * grads[key] for key in params}


def step_clipped_together(params: Params, grads: Params, lr: float) -> Params:
    """The gradients of all parameters are at most of length one, together."""
    length = np.sqrt(sum(np.sum(g * g) for g in grads.values()))
    return {key: params[key] - lr / max(1.0, length) * grads[key] for key in params}


# ---------------------------------------------------------------------------------------------------------------------- the network


def _logits(params: Params, x: Array, activation: Any = sigmoid) -> Array:
    return activation(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def predict_by_sums_without_an_axis_kept(params: Params, x: Array) -> Array:
    """e / e.sum(axis=1) fits only where there are as many samples as classes."""
    a = _logits(params, x)
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


def predict_with_a_guarded_sum(params: Params, x: Array) -> Array:
    """1e-8 against a division by zero that cannot happen."""
    a = _logits(params, x)
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / (e.sum(axis=1, keepdims=True) + 1e-8)


def predict_with_a_sigmoid_too_many(params: Params, x: Array) -> Array:
    """Both layers have a sigmoid, and then comes the softmax."""
    return softmax(sigmoid(_logits(params, x)))


def predict_clipped(params: Params, x: Array) -> Array:
    """np.clip with 1e-7."""
    return np.clip(softmax(_logits(params, x)), 1e-7, 1 - 1e-7)


def predict_by_leaky_relu(params: Params, x: Array) -> Array:
    """Leaky ReLU in the hidden layer."""
    return softmax(_logits(params, x, lambda a: np.maximum(a, 0.01 * a)))


def _cross_entropy(params: Params, log_y: Array, t: Array) -> Any:
    return -np.mean(np.sum((t if t.ndim == 2 else one_hot(t, len(params["b2"]))) * log_y, axis=1))


def loss_in_decades(params: Params, x: Array, t: Array) -> Any:
    """np.log10."""
    return _cross_entropy(params, log_softmax(_logits(params, x)) / np.log(10.0), t)


def loss_with_a_floor(params: Params, x: Array, t: Array) -> Any:
    """np.maximum(y, 1e-12)."""
    return _cross_entropy(params, np.log(np.maximum(softmax(_logits(params, x)), 1e-12)), t)


def loss_with_another_offset(params: Params, x: Array, t: Array) -> Any:
    """y + 1e-12."""
    return _cross_entropy(params, np.log(softmax(_logits(params, x)) + 1e-12), t)


def loss_with_exponentials_unshifted(params: Params, x: Array, t: Array) -> Any:
    """a - log(sum(exp(a)))."""
    a = _logits(params, x)
    return _cross_entropy(params, a - np.log(np.sum(np.exp(a), axis=1, keepdims=True)), t)


def loss_shifted_by_the_batch(params: Params, x: Array, t: Array) -> Any:
    """np.max without an axis."""
    a = _logits(params, x)
    a = a - np.max(a)
    return _cross_entropy(params, a - np.log(np.sum(np.exp(a), axis=1, keepdims=True)), t)


def _gradient(params: Params, x: Array, t: Array, *, diagonal: bool = False, tanh: bool = False) -> Params:
    z = (np.tanh if tanh else sigmoid)(x @ params["W1"] + params["b1"])
    y = softmax(z @ params["W2"] + params["b2"])
    d2 = (y - (t if t.ndim == 2 else one_hot(t, y.shape[1]))) / len(x)
    d2 = d2 * y * (1 - y) if diagonal else d2
    d1 = (d2 @ params["W2"].T) * (1 - z * z if tanh else z * (1 - z))
    return {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": z.T @ d2, "b2": d2.sum(axis=0)}


def gradient_of_squares_of_sigmoids(params: Params, x: Array, t: Array) -> Params:
    """The errors times y (1 - y), as for a squared error and sigmoids."""
    return _gradient(params, x, t, diagonal=True)


def gradient_by_tanh(params: Params, x: Array, t: Array) -> Params:
    """tanh in the hidden layer, and its slope."""
    return _gradient(params, x, t, tanh=True)


_SLOPES, _DESCENT, _STEP = "numerical_gradient", "gradient_descent", "sgd_step"
_PREDICT, _LOSS, _GRADIENT = "two_layer_net_predict", "two_layer_net_loss", "two_layer_net_gradient"
SPECIMENS: tuple[Specimen, ...] = (
    faulty(_SLOPES, on_a_flat_copy, "not_moved"),
    faulty(_SLOPES, on_what_may_be_a_copy, "not_moved", "only for arrays stored by columns"),
    faulty(_SLOPES, with_both_sides_in_one_array, "not_moved"),
    faulty(_SLOPES, one_side_over_two, "one_side_over_two_steps"),
    faulty(_SLOPES, without_brackets, "missing_brackets"),
    faulty(_SLOPES, of_the_books_second_version, "row_by_row", "sums over rows, and vectors, are right"),
    faulty(_SLOPES, with_a_step_of_a_ten_billionth, "step_too_small"),
    faulty(_DESCENT, descent_with_the_books_history, "returns_a_tuple", "a pair"),
    faulty(_DESCENT, descent_by_adam, "adaptive_rate"),
    faulty(_DESCENT, descent_by_adagrad, "adaptive_rate"),
    faulty(_DESCENT, descent_that_forgets_where_it_was, "only_the_step"),
    faulty(_DESCENT, descent_divided_by_the_rate, "divided_by_the_rate"),
    faulty(_DESCENT, descent_by_the_mean, "mean_of_the_gradient"),
    faulty(_DESCENT, descent_at_half_the_rate, "factor_half"),
    faulty(_STEP, step_twice_as_long, "factor_two"),
    faulty(_STEP, step_half_as_long, "factor_half"),
    faulty(_STEP, step_divided_by_the_rate, "divided_by_the_rate"),
    faulty(_STEP, step_at_a_rounded_rate, "rate_in_float32"),
    faulty(_STEP, step_clipped_together, "clipped_gradient"),
    faulty(_PREDICT, predict_by_sums_without_an_axis_kept, "axis_not_kept"),
    faulty(_PREDICT, predict_with_a_guarded_sum, "guarded_denominator"),
    faulty(_PREDICT, predict_with_a_sigmoid_too_many, "sigmoid_before_the_softmax"),
    faulty(_PREDICT, predict_clipped, "clipped"),
    faulty(_PREDICT, predict_by_leaky_relu, "another_activation"),
    faulty(_LOSS, loss_in_decades, "base_ten"),
    faulty(_LOSS, loss_with_a_floor, "guarded_logarithm", "only where a share vanishes"),
    faulty(_LOSS, loss_with_another_offset, "guarded_logarithm"),
    faulty(_LOSS, loss_with_exponentials_unshifted, "no_shift", "only from 710 on"),
    faulty(_LOSS, loss_shifted_by_the_batch, "shift_by_batch_maximum", "only with rows far from each other"),
    faulty(_GRADIENT, gradient_of_squares_of_sigmoids, "squared_error_gradient"),
    faulty(_GRADIENT, gradient_by_tanh, "another_activation"),
)
