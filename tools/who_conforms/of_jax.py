"""JAX's functions, on the CPU, outside jit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.example_libraries import optimizers

from tools.who_conforms.counterpart import Counterpart


def _softmax(a: Any) -> Any:
    return jax.nn.softmax(a, axis=-1)


def _jacobians(jacobian: Callable[..., Any]) -> Callable[..., Any]:
    """The Jacobian of the softmax of each sample."""
    return lambda a: jacobian(a) if a.ndim == 1 else jax.vmap(jacobian)(a)


def _exp_of_logsumexp(a: Any) -> Any:
    return jnp.exp(a - jax.nn.logsumexp(a, axis=-1, keepdims=True))


def _logsumexp_of_one_hot(a: Any, t: Any) -> Any:
    return jnp.mean(jax.nn.logsumexp(a, axis=-1) - jnp.sum(t * a, axis=-1))


def _logsumexp_of_labels(a: Any, labels: Any) -> Any:
    return jnp.mean(jax.nn.logsumexp(a, axis=-1) - jnp.take_along_axis(a, labels[..., None], axis=-1)[..., 0])


def _xlogy(y: Any, t: Any) -> Any:
    return -jnp.mean(jnp.sum(jax.scipy.special.xlogy(t, y), axis=-1))


def _sgd(params: Any, grads: Any, lr: float) -> Any:
    start, update, parameters = optimizers.sgd(lr)
    return parameters(update(0, grads, start(params)))


def _loss_of_one_hot(a: Any, t: Any) -> Any:
    return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(a, axis=-1), axis=-1))


def _loss_of_labels(a: Any, labels: Any) -> Any:
    logs = jax.nn.log_softmax(a, axis=-1)
    return -jnp.mean(jnp.take_along_axis(logs, labels[..., None], axis=-1))


def _logits(params: Any, x: Any) -> Any:
    return jax.nn.sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def _loss(params: Any, x: Any, t: Any) -> Any:
    a = _logits(params, x)
    return _loss_of_one_hot(a, t) if t.ndim == 2 else _loss_of_labels(a, t)


_jax = functools.partial(Counterpart, "JAX", array="jax")


COUNTERPARTS = (
    _jax("jax.nn.sigmoid", "sigmoid", jax.nn.sigmoid),
    _jax("jax.nn.sigmoid without jax_enable_x64", "sigmoid", jax.nn.sigmoid, ("float64",), x64=False),
    _jax("jax.lax.logistic", "sigmoid", jax.lax.logistic),
    _jax("jnp.exp of jax.nn.log_sigmoid", "sigmoid", lambda x: jnp.exp(jax.nn.log_sigmoid(x))),
    _jax("jax.scipy.stats.logistic.cdf", "sigmoid", jax.scipy.stats.logistic.cdf),
    _jax("jax.scipy.stats.logistic.pdf", "sigmoid_gradient", jax.scipy.stats.logistic.pdf),
    _jax("jax.grad of jax.nn.sigmoid", "sigmoid_gradient", jax.grad(lambda x: jnp.sum(jax.nn.sigmoid(x)))),
    _jax("jax.nn.softmax", "softmax", _softmax),
    _jax("jnp.exp of jax.nn.log_softmax", "softmax", lambda a: jnp.exp(jax.nn.log_softmax(a, axis=-1))),
    _jax("jnp.exp of a − jax.nn.logsumexp", "softmax", _exp_of_logsumexp),
    _jax("jax.jacrev of jax.nn.softmax", "softmax_gradient", _jacobians(jax.jacrev(_softmax))),
    _jax("−mean of jax.scipy.special.xlogy", "cross_entropy_one_hot", _xlogy, convention="pytorch"),
    _jax("jax.grad of the same", "cross_entropy_one_hot_gradient", jax.grad(_xlogy), convention="pytorch"),
    _jax("mean of −t · jax.nn.log_softmax", "softmax_cross_entropy_one_hot", _loss_of_one_hot),
    _jax("mean of −jax.nn.log_softmax at the labels", "softmax_cross_entropy_labels", _loss_of_labels),
    _jax("jax.grad of the same", "softmax_cross_entropy_one_hot_gradient", jax.grad(_loss_of_one_hot)),
    _jax("jax.grad of the same", "softmax_cross_entropy_labels_gradient", jax.grad(_loss_of_labels)),
    _jax("mean of jax.nn.logsumexp − t · a", "softmax_cross_entropy_one_hot", _logsumexp_of_one_hot),
    _jax("mean of jax.nn.logsumexp − a at the labels", "softmax_cross_entropy_labels", _logsumexp_of_labels),
    _jax(
        "jax.grad of jax.nn.logsumexp − t · a",
        "softmax_cross_entropy_one_hot_gradient",
        jax.grad(_logsumexp_of_one_hot),
    ),
    _jax(
        "jax.grad of jax.nn.logsumexp − a at the labels",
        "softmax_cross_entropy_labels_gradient",
        jax.grad(_logsumexp_of_labels),
    ),
    _jax("jax.example_libraries.optimizers.sgd", "sgd_step", _sgd),
    _jax("jax.nn.softmax, jax.nn.sigmoid", "two_layer_net_predict", lambda p, x: jax.nn.softmax(_logits(p, x))),
    _jax("jax.nn.log_softmax, jax.nn.sigmoid", "two_layer_net_loss", _loss),
    _jax("jax.grad of the same", "two_layer_net_gradient", jax.grad(_loss)),
)
