"""JAX's activations, their gradients, and a layer of units, on the CPU, outside jit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from tools.who_conforms.counterpart import Counterpart

_jax = functools.partial(Counterpart, "JAX", array="jax")


def _slopes(function: Callable[..., Any]) -> Callable[..., Any]:
    """jax.grad of a function of each entry; what is named is a parameter of it."""

    def slopes(x: Any, **parameters: Any) -> Any:
        return jax.grad(lambda entries: jnp.sum(function(entries, **parameters)))(x)

    return slopes


def _vjp(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, upstream: jax.vjp(function, a)[1](upstream)[0]


def _leaky_relu(x: Any, slope: float = 0.01) -> Any:
    return jax.nn.leaky_relu(x, slope)


def _leaky_relu_slopes(x: Any, slope: float = 0.01) -> Any:
    return _slopes(_leaky_relu)(x, slope=slope)


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return jax.nn.elu(x, alpha)


def _elu_slopes(x: Any, alpha: float = 1.0) -> Any:
    return _slopes(_elu)(x, alpha=alpha)


_gelu = functools.partial(jax.nn.gelu, approximate=False)
_softmax = functools.partial(jax.nn.softmax, axis=-1)
_log_softmax = functools.partial(jax.nn.log_softmax, axis=-1)
_logsumexp = functools.partial(jax.nn.logsumexp, axis=-1)


def _affine(x: Any, W: Any, b: Any) -> Any:
    return jnp.dot(x, W) + b


def _affine_vjp(x: Any, W: Any, b: Any, upstream: Any) -> Any:
    return dict(zip(("x", "W", "b"), jax.vjp(_affine, x, W, b)[1](upstream), strict=True))


COUNTERPARTS = (
    _jax("jax.nn.relu", "relu", jax.nn.relu),
    _jax("jax.grad of jax.nn.relu", "relu_gradient", _slopes(jax.nn.relu)),
    _jax("jax.nn.leaky_relu", "leaky_relu", _leaky_relu),
    _jax("jax.grad of jax.nn.leaky_relu", "leaky_relu_gradient", _leaky_relu_slopes, convention="jax"),
    _jax("jnp.tanh", "tanh", jnp.tanh),
    _jax("jax.grad of jnp.tanh", "tanh_gradient", _slopes(jnp.tanh)),
    _jax("jax.nn.softplus", "softplus", jax.nn.softplus),
    _jax("jax.grad of jax.nn.softplus", "softplus_gradient", _slopes(jax.nn.softplus)),
    _jax("jax.nn.elu", "elu", _elu),
    _jax("jax.grad of jax.nn.elu", "elu_gradient", _elu_slopes),
    _jax("jax.nn.gelu(approximate=False)", "gelu", _gelu),
    _jax("jax.nn.gelu", "gelu", jax.nn.gelu, convention="tanh"),
    _jax("jax.grad of jax.nn.gelu(approximate=False)", "gelu_gradient", _slopes(_gelu)),
    _jax("jax.grad of jax.nn.gelu", "gelu_gradient", _slopes(jax.nn.gelu), convention="tanh"),
    _jax("jax.nn.silu", "silu", jax.nn.silu),
    _jax("jax.grad of jax.nn.silu", "silu_gradient", _slopes(jax.nn.silu)),
    _jax("jax.nn.log_softmax", "log_softmax", _log_softmax),
    _jax("jax.nn.logsumexp", "logsumexp", _logsumexp),
    _jax("jax.grad of jax.nn.logsumexp", "logsumexp_gradient", jax.grad(lambda a: jnp.sum(_logsumexp(a)))),
    _jax("jax.vjp of jax.nn.softmax", "softmax_vjp", _vjp(_softmax)),
    _jax("jax.vjp of jax.nn.log_softmax", "log_softmax_vjp", _vjp(_log_softmax)),
    _jax("jnp.dot(x, W) + b", "affine", _affine),
    _jax("jax.vjp of the same", "affine_vjp", _affine_vjp),
)
