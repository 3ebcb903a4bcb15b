"""Honest programs of the network, the step of its parameters, the numerical gradient and the descent, as many people write them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from learning_by_mpmath import slopes
from scipy import special
from scipy.optimize._numdiff import approx_derivative

# ---- the numerical gradient, and descents by it


def quotients(f: Any, x: Any, *, h: float = 1e-4, sides: tuple[int, int] = (1, -1)) -> Any:
    """Difference quotients in float64, entry by entry: central ones, or to one side."""
    x = np.array(x, np.float64)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        ends = []
        for side in sides:
            moved = x.copy()
            moved[index] += side * h
            ends.append(f(moved))
        gradient[index] = (ends[0] - ends[1]) / ((sides[0] - sides[1]) * h)
    return gradient


def put_back(f: Any, x: Any) -> Any:
    """The chapter's loop: each coordinate is moved in place and put back, in an array of its own."""
    x = np.array(x, np.float64)
    gradient = np.zeros_like(x)
    walk = np.nditer(x, flags=["multi_index"])
    for _ in walk:
        index = walk.multi_index
        before = float(x[index])
        x[index] = before + 1e-4
        above = f(x)
        x[index] = before - 1e-4
        below = f(x)
        gradient[index] = (above - below) / 2e-4
        x[index] = before
    return gradient


def three_points(f: Any, x: Any) -> Any:
    """SciPy's, with a step that it chooses itself."""
    x = np.array(x, np.float64)
    return np.reshape(approx_derivative(lambda row: f(row.reshape(x.shape)), x.ravel(), method="3-point"), x.shape)


def analytic(f: Any, x: Any) -> Any:
    """The slopes written down by hand, rounded once."""
    return np.array([float(slope) for slope in slopes(f, list(np.ravel(x).astype(float)))]).reshape(np.shape(x))


def descended(gradient: Callable[[Any, Any], Any], f: Any, init_x: Any, lr: float, step_num: int) -> Any:
    x = np.array(init_x, np.float64)
    for _ in range(step_num):
        x -= lr * gradient(f, x)
    return x


def descended_by_shares(f: Any, init_x: Any, lr: float, step_num: int) -> Any:
    """Another order of the same operations: the steps are halved and taken entry by entry, the last one first."""
    x = [float(entry) for entry in np.ravel(init_x)]
    for _ in range(step_num):
        gradient = np.ravel(quotients(f, np.reshape(x, np.shape(init_x)), h=1e-5))
        for entry in reversed(range(len(x))):
            x[entry] = (2 * x[entry] - 2 * (gradient[entry] * lr)) / 2
    return np.reshape(x, np.shape(init_x))


GRADIENTS: dict[str, Callable[[Any, Any], Any]] = {
    **{f"h = {h}": functools.partial(quotients, h=h) for h in (1e-4, 1e-5, 1e-6)},
    "put back": put_back,
    "3-point": three_points,
    "analytic": analytic,
}
DESCENTS: dict[str, Callable[..., Any]] = {
    **{name: functools.partial(descended, gradient) for name, gradient in GRADIENTS.items() if name != "3-point"},
    "by shares": descended_by_shares,
}


# ---- the network


def _rows(params: Any, t: Any) -> Any:
    return t if t.ndim == 2 else np.eye(len(params["b2"]), dtype=params["b2"].dtype)[t]


def _predict(params: Any, x: Any) -> Any:
    z = special.expit(x @ params["W1"] + params["b1"])
    return special.softmax(z @ params["W2"] + params["b2"], axis=1)


def _predict_by_samples(params: Any, x: Any) -> Any:
    samples = []
    for row in x:
        z = 1 / (1 + np.exp(-(np.dot(params["W1"].T, row) + params["b1"])))
        e = np.exp(np.dot(params["W2"].T, z) + params["b2"])
        samples.append(e / e.sum())
    return np.array(samples)


def _logits_by_einsum(params: Any, x: Any) -> Any:
    z = (1 + np.tanh((np.einsum("nd,dh->nh", x, params["W1"]) + params["b1"]) / 2)) / 2
    return np.einsum("nh,hk->nk", z, params["W2"]) + params["b2"]


def _predict_by_logs(params: Any, x: Any) -> Any:
    return np.exp(special.log_softmax(_logits_by_einsum(params, x), axis=1))


def _loss(params: Any, x: Any, t: Any) -> Any:
    return -np.sum(_rows(params, t) * np.log(_predict(params, x))) / len(x)


def _loss_by_logs(params: Any, x: Any, t: Any) -> Any:
    a = _logits_by_einsum(params, x)
    of_targets = np.einsum("nk,nk->n", a, t) if t.ndim == 2 else a[np.arange(len(a)), t]
    return np.mean(special.logsumexp(a, axis=1) - of_targets)


def _loss_by_samples(params: Any, x: Any, t: Any) -> Any:
    losses = [-np.dot(row, np.log(y)) for y, row in zip(_predict_by_samples(params, x), _rows(params, t), strict=True)]
    return sum(losses) / len(losses)


def _gradient(params: Any, x: Any, t: Any) -> Any:
    z = special.expit(x @ params["W1"] + params["b1"])
    delta2 = (_predict(params, x) - _rows(params, t)) / len(x)
    delta1 = delta2 @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z.T @ delta2, "b2": delta2.sum(axis=0)}


def _gradient_by_samples(params: Any, x: Any, t: Any) -> Any:
    total = {key: np.zeros_like(value) for key, value in params.items()}
    for row, target in zip(x, _rows(params, t), strict=True):
        one = _gradient(params, row[None], target[None])
        total = {key: total[key] + one[key] for key in total}
    return {key: value / len(x) for key, value in total.items()}


def _gradient_by_einsum(params: Any, x: Any, t: Any) -> Any:
    z = 1 / (1 + np.exp(-(x @ params["W1"] + params["b1"])))
    error = _predict_by_logs(params, x) - _rows(params, t)
    back = np.einsum("nk,hk,nh->nh", error, params["W2"], z - z**2)
    return {
        "b2": np.mean(error, axis=0),
        "W2": np.einsum("nh,nk->hk", z, error) / len(x),
        "b1": np.mean(back, axis=0),
        "W1": np.einsum("nd,nh->dh", x, back) / len(x),
    }


# ---- the step


def _step(params: Any, grads: Any, lr: float) -> Any:
    return {key: params[key] - lr * grads[key] for key in params}


def _step_in_a_copy(params: Any, grads: Any, lr: float) -> Any:
    moved = {key: value.copy() for key, value in params.items()}
    for key in reversed(moved):
        moved[key] += -lr * grads[key]
    return moved


def _step_by_entries(params: Any, grads: Any, lr: float) -> Any:
    return {
        key: np.array([w - g * lr for w, g in zip(np.ravel(value), np.ravel(grads[key]), strict=True)]).reshape(
            value.shape
        )
        for key, value in params.items()
    }


HONEST: dict[str, list[Callable[..., Any]]] = {
    "numerical_gradient": list(GRADIENTS.values()),
    "gradient_descent": list(DESCENTS.values()),
    "sgd_step": [_step, _step_in_a_copy, _step_by_entries],
    "two_layer_net_predict": [_predict, _predict_by_samples, _predict_by_logs],
    "two_layer_net_loss": [_loss, _loss_by_logs, _loss_by_samples],
    "two_layer_net_gradient": [_gradient, _gradient_by_samples, _gradient_by_einsum],
}
