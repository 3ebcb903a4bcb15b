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
)
