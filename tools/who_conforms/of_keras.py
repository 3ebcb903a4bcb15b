"""Keras's functions, with the JAX backend, on the CPU."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras

from tools.who_conforms.counterpart import Counterpart


def _mean_of(loss: Callable[..., Any], **how: bool) -> Callable[..., Any]:
    """The mean over the samples, and the target last."""
    called = partial(loss, **how)
    return lambda y, t: jnp.mean(called(t, y))


_keras = functools.partial(Counterpart, "Keras", array="jax")


def _leaky_relu(x: Any, slope: float = 0.01) -> Any:
    return keras.ops.leaky_relu(x, slope)


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return keras.ops.elu(x, alpha)


def _huber(y: Any, t: Any, delta: float = 1.0) -> Any:
    return jnp.mean(keras.losses.huber(jnp.ravel(t), jnp.ravel(y), delta=delta))


def _penalty(w: Any, strength: float = 0.01) -> Any:
    return keras.regularizers.L2(strength)(w)


def _of_all(loss: Callable[..., Any], **how: bool) -> Callable[..., Any]:
    """The mean over all entries, and the target last."""
    called = partial(loss, **how)
    return lambda y, t: jnp.mean(called(jnp.ravel(t), jnp.ravel(y)))


def _layer_norm(x: Any, gain: Any, bias: Any, eps: float = 1e-3) -> Any:
    return keras.ops.layer_normalization(x, gain, bias, axis=-1, epsilon=eps)


def _rms_norm(x: Any, gain: Any, eps: float = 1e-6) -> Any:
    return keras.ops.rms_normalization(x, gain, axis=-1, epsilon=eps)


_binary = keras.losses.binary_crossentropy
_one_hot, _labels = keras.losses.categorical_crossentropy, keras.losses.sparse_categorical_crossentropy
_squares = _mean_of(keras.losses.mean_squared_error)
_one_hot_of_logits, _labels_of_logits = _mean_of(_one_hot, from_logits=True), _mean_of(_labels, from_logits=True)

COUNTERPARTS = (
    _keras("keras.ops.sigmoid", "sigmoid", keras.ops.sigmoid),
    _keras("keras.ops.softmax", "softmax", keras.ops.softmax),
    _keras("keras.losses.mean_squared_error", "mean_squared_error", _squares, convention="keras"),
    _keras("jax.grad of the same", "mean_squared_error_gradient", jax.grad(_squares), convention="keras"),
    _keras("keras.losses.categorical_crossentropy", "cross_entropy_one_hot", _mean_of(_one_hot), convention="keras"),
    _keras(
        "keras.losses.sparse_categorical_crossentropy", "cross_entropy_labels", _mean_of(_labels), convention="keras"
    ),
    _keras(
        "keras.losses.categorical_crossentropy(from_logits=True)", "softmax_cross_entropy_one_hot", _one_hot_of_logits
    ),
    _keras(
        "keras.losses.sparse_categorical_crossentropy(from_logits=True)",
        "softmax_cross_entropy_labels",
        _labels_of_logits,
    ),
    _keras("jax.grad of the same", "softmax_cross_entropy_one_hot_gradient", jax.grad(_one_hot_of_logits)),
    _keras("jax.grad of the same", "softmax_cross_entropy_labels_gradient", jax.grad(_labels_of_logits)),
    _keras("keras.ops.relu", "relu", keras.ops.relu),
    _keras("keras.ops.leaky_relu", "leaky_relu", _leaky_relu),
    _keras("keras.ops.tanh", "tanh", keras.ops.tanh),
    _keras("keras.ops.softplus", "softplus", keras.ops.softplus),
    _keras("keras.ops.elu", "elu", _elu),
    _keras("keras.ops.gelu(approximate=False)", "gelu", partial(keras.ops.gelu, approximate=False)),
    _keras("keras.ops.silu", "silu", keras.ops.silu),
    _keras("keras.ops.log_softmax", "log_softmax", keras.ops.log_softmax),
    _keras("keras.ops.logsumexp", "logsumexp", partial(keras.ops.logsumexp, axis=-1)),
    _keras("keras.losses.mean_absolute_error", "mean_absolute_error", _of_all(keras.losses.mean_absolute_error)),
    _keras("keras.losses.huber", "huber", _huber),
    _keras("keras.losses.hinge", "hinge", _of_all(keras.losses.hinge)),
    _keras("keras.regularizers.L2", "l2_penalty", _penalty, convention="keras"),
    _keras("keras.losses.kl_divergence", "kl_divergence", _mean_of(keras.losses.kl_divergence), convention="keras"),
    _keras("keras.losses.binary_crossentropy", "binary_cross_entropy", _of_all(_binary), convention="keras"),
    _keras(
        "keras.losses.binary_crossentropy(from_logits=True)",
        "binary_cross_entropy_with_logits",
        _of_all(_binary, from_logits=True),
    ),
    _keras("keras.ops.layer_normalization", "layer_norm", _layer_norm, convention="keras"),
    _keras("keras.ops.rms_normalization", "rms_norm", _rms_norm),
)
