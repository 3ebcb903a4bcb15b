"""Optax's losses and its gradient descent, on JAX's arrays."""

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


_optax = functools.partial(Counterpart, "Optax", array="jax")


ONE_HOT, LABELS = "softmax_cross_entropy_one_hot", "softmax_cross_entropy_labels"
_one_hot = _mean_of(optax.softmax_cross_entropy)
_safe = _mean_of(optax.safe_softmax_cross_entropy)
_labels = _mean_of(optax.softmax_cross_entropy_with_integer_labels)
_fenchel_young = _mean_of(optax.losses.make_fenchel_young_loss(jax.nn.logsumexp))
_squares = _mean_of(optax.squared_error)

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
    _optax("optax.sgd", "sgd_step", _sgd),
)
