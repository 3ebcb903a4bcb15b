"""Optax's losses, and one step of its optimisers, on JAX's arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from tools.who_conforms.counterpart import Counterpart


def _mean_of(loss: Callable[..., Any]) -> Callable[..., Any]:
    """The mean of what the loss is for each sample, or each entry."""
    return lambda first, second: jnp.mean(loss(first, second))


def _half_of_the_squares(y: Any, t: Any) -> Any:
    return jnp.sum(optax.l2_loss(y, t)) / (len(y) if y.ndim == 2 else 1)


def _sgd(params: Any, grads: Any, lr: float) -> Any:
    descent = optax.sgd(lr)
    updates, _ = descent.update(grads, descent.init(params), params)
    return optax.apply_updates(params, updates)


def _huber(y: Any, t: Any, delta: float = 1.0) -> Any:
    return jnp.mean(optax.huber_loss(y, t, delta=delta))


def _huber_slopes(y: Any, t: Any, delta: float = 1.0) -> Any:
    return jax.grad(_huber)(y, t, delta)


def _divergence(y: Any, t: Any) -> Any:
    return jnp.mean(optax.kl_divergence(jnp.log(y), t))


def _stepped(optimiser: Any, state: Any, w: Any, g: Any) -> tuple[Any, Any]:
    """The parameters after one step, and the state of the optimiser's first part."""
    first, *rest = optimiser.init(w)
    updates, (after, *_) = optimiser.update(g, (state(first), *rest), w)
    return optax.apply_updates(w, updates), after


def _with_trace(w: Any, g: Any, velocity: Any, lr: float, momentum: float, *, nesterov: bool) -> Any:
    descent = optax.sgd(lr, momentum=momentum, nesterov=nesterov)
    w, after = _stepped(descent, lambda first: first._replace(trace=velocity), w, g)
    return {"w": w, "velocity": after.trace}


def _momentum(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    return _with_trace(w, g, velocity, lr, momentum, nesterov=False)


def _nesterov(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    return _with_trace(w, g, velocity, lr, momentum, nesterov=True)


def _adagrad(w: Any, g: Any, h: Any, lr: float = 0.001, eps: float = 1e-7) -> Any:
    w, after = _stepped(optax.adagrad(lr, eps=eps), lambda first: first._replace(sum_of_squares=h), w, g)
    return {"w": w, "h": after.sum_of_squares}


def _rmsprop(w: Any, g: Any, h: Any, lr: float = 0.001, decay: float = 0.9, eps: float = 1e-7) -> Any:
    w, after = _stepped(optax.rmsprop(lr, decay=decay, eps=eps), lambda first: first._replace(nu=h), w, g)
    return {"w": w, "h": after.nu}


def _by_adam(descent: Any, w: Any, g: Any, m: Any, v: Any, t: Any) -> Any:
    w, after = _stepped(descent, lambda first: first._replace(count=jnp.asarray(t - 1, jnp.int32), mu=m, nu=v), w, g)
    return {"w": w, "m": after.mu, "v": after.nu}


def _adam(
    w: Any,
    g: Any,
    m: Any,
    v: Any,
    t: Any,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    return _by_adam(optax.adam(lr, beta1, beta2, eps), w, g, m, v, t)


def _adamw(
    w: Any,
    g: Any,
    m: Any,
    v: Any,
    t: Any,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Any:
    return _by_adam(optax.adamw(lr, beta1, beta2, eps, weight_decay=weight_decay), w, g, m, v, t)


_optax = functools.partial(Counterpart, "Optax", array="jax")


ONE_HOT, LABELS = "softmax_cross_entropy_one_hot", "softmax_cross_entropy_labels"
_one_hot = _mean_of(optax.softmax_cross_entropy)
_safe = _mean_of(optax.safe_softmax_cross_entropy)
_labels = _mean_of(optax.softmax_cross_entropy_with_integer_labels)
_fenchel_young = _mean_of(optax.losses.make_fenchel_young_loss(jax.nn.logsumexp))
_squares = _mean_of(optax.squared_error)
_hinge = _mean_of(optax.hinge_loss)
_binary = _mean_of(optax.sigmoid_binary_cross_entropy)

COUNTERPARTS = (
    _optax("optax.squared_error", "mean_squared_error", _squares, convention="pytorch"),
    _optax("optax.l2_loss, sum / N", "mean_squared_error", _half_of_the_squares),
    _optax("jax.grad of optax.squared_error", "mean_squared_error_gradient", jax.grad(_squares), convention="pytorch"),
    _optax("jax.grad of optax.l2_loss, sum / N", "mean_squared_error_gradient", jax.grad(_half_of_the_squares)),
    _optax("optax.softmax_cross_entropy", ONE_HOT, _one_hot),
    _optax("optax.safe_softmax_cross_entropy", ONE_HOT, _safe),
    _optax("optax.losses.make_fenchel_young_loss(logsumexp)", ONE_HOT, _fenchel_young),
    _optax("optax.softmax_cross_entropy_with_integer_labels", LABELS, _labels),
    _optax("jax.grad of optax.softmax_cross_entropy", f"{ONE_HOT}_gradient", jax.grad(_one_hot)),
    _optax("jax.grad of optax.safe_softmax_cross_entropy", f"{ONE_HOT}_gradient", jax.grad(_safe)),
    _optax(
        "jax.grad of optax.losses.make_fenchel_young_loss(logsumexp)", f"{ONE_HOT}_gradient", jax.grad(_fenchel_young)
    ),
    _optax("jax.grad of optax.softmax_cross_entropy_with_integer_labels", f"{LABELS}_gradient", jax.grad(_labels)),
    _optax("optax.huber_loss", "huber", _huber),
    _optax("jax.grad of optax.huber_loss", "huber_gradient", _huber_slopes),
    _optax("optax.hinge_loss", "hinge", _hinge),
    _optax("jax.grad of optax.hinge_loss", "hinge_gradient", jax.grad(_hinge), convention="jax"),
    _optax("optax.kl_divergence of log", "kl_divergence", _divergence),
    _optax("jax.grad of optax.kl_divergence of log", "kl_divergence_gradient", jax.grad(_divergence)),
    _optax("optax.sigmoid_binary_cross_entropy", "binary_cross_entropy_with_logits", _binary),
    _optax(
        "jax.grad of optax.sigmoid_binary_cross_entropy",
        "binary_cross_entropy_with_logits_gradient",
        jax.grad(_binary),
    ),
    _optax("optax.sgd", "sgd_step", _sgd),
    _optax("optax.sgd(momentum)", "momentum_step", _momentum, convention="pytorch"),
    _optax("optax.sgd(nesterov=True)", "nesterov_step", _nesterov, convention="pytorch"),
    _optax("optax.adagrad", "adagrad_step", _adagrad, convention="keras"),
    _optax("optax.rmsprop", "rmsprop_step", _rmsprop, convention="keras"),
    _optax("optax.adam", "adam_step", _adam),
    _optax("optax.adamw", "adamw_step", _adamw),
)
