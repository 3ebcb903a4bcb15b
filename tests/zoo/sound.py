"""Sound parts around which the faulty specimens are built, so that each is wrong in one way only."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from typing import Any

import numpy as np

from .specimen import Array

FLOOR = 1e-8


def difference(y: Array, t: Array) -> Array:
    """y - t in floats: that of two integers would be one too, and wrap."""
    return np.subtract(y, t, dtype=float)


def samples(y: Array) -> int:
    """The size of a batch; one sample is a batch of one."""
    return y.shape[0] if y.ndim == 2 else 1


def floored(y: Array) -> Array:
    """The probabilities, none below the floor."""
    return np.maximum(y, FLOOR)


def sigmoid(x: Array) -> Array:
    """The logistic function, accurate in both tails."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def softmax(a: Array) -> Array:
    """The softmax over the last axis."""
    raised = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return raised / np.sum(raised, axis=-1, keepdims=True)


def log_softmax(a: Array) -> Array:
    """The logarithm of the softmax over the last axis."""
    shifted = a - np.max(a, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def one_hot(labels: Any, classes: int) -> Array:
    """The labels as rows of the identity matrix."""
    return np.eye(classes)[labels]


def picked(y: Array, labels: Any) -> Array:
    """Each sample's entry at its own label."""
    return np.take_along_axis(y, np.asarray(labels)[..., None], axis=-1)[..., 0]
