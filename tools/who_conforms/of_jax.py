"""JAX's functions, on the CPU, outside jit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from tools.who_conforms.counterpart import ALL, Counterpart


def _softmax_gradient(a: Any) -> Any:
    jacobian = jax.jacrev(lambda logits: jax.nn.softmax(logits, axis=-1))
    return jacobian(a) if a.ndim == 1 else jax.vmap(jacobian)(a)


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


def _jax(
    function: str, formula: str, call: Callable[..., Any], dtypes: tuple[str, ...] = ALL, *, x64: bool = True
) -> Counterpart:
    return Counterpart("JAX", function, formula, call, dtypes, array="jax", x64=x64)


COUNTERPARTS = (
    _jax("jax.nn.sigmoid", "sigmoid", jax.nn.sigmoid),
    _jax("jax.nn.sigmoid without jax_enable_x64", "sigmoid", jax.nn.sigmoid, ("float64",), x64=False),
    _jax("jax.grad of jax.nn.sigmoid", "sigmoid_gradient", jax.grad(lambda x: jnp.sum(jax.nn.sigmoid(x)))),
    _jax("jax.nn.softmax", "softmax", lambda a: jax.nn.softmax(a, axis=-1)),
    _jax("jax.jacrev of jax.nn.softmax", "softmax_gradient", _softmax_gradient),
    _jax("mean of −t · jax.nn.log_softmax", "softmax_cross_entropy_one_hot", _loss_of_one_hot),
    _jax("mean of −jax.nn.log_softmax at the labels", "softmax_cross_entropy_labels", _loss_of_labels),
    _jax("jax.grad of the same", "softmax_cross_entropy_one_hot_gradient", jax.grad(_loss_of_one_hot)),
    _jax("jax.grad of the same", "softmax_cross_entropy_labels_gradient", jax.grad(_loss_of_labels)),
    _jax("jax.nn.softmax, jax.nn.sigmoid", "two_layer_net_predict", lambda p, x: jax.nn.softmax(_logits(p, x))),
    _jax("jax.nn.log_softmax, jax.nn.sigmoid", "two_layer_net_loss", _loss),
    _jax("jax.grad of the same", "two_layer_net_gradient", jax.grad(_loss)),
)
