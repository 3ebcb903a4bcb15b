"""The softmax and its logarithm as people write them: what mistakes of many pages are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.arguments import Array

# ---- mistakes


def unshifted_softmax(a: Array) -> Any:
    """The softmax of each sample, whose exponentials overflow unless they were shifted."""
    e = np.exp(a)
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax(a: Array, axis: int | None = -1) -> Any:
    """The softmax of each sample, or along another axis, or of everything."""
    e = np.exp(a - np.max(a, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def unshifted_log_softmax(a: Array) -> Any:
    """The logarithm of the softmax of each sample, whose exponentials overflow unless they were shifted."""
    return a - np.log(np.sum(np.exp(a), axis=-1, keepdims=True))


def log_softmax(a: Array) -> Any:
    """The logarithm of the softmax of each sample."""
    return unshifted_log_softmax(a - np.max(a, axis=-1, keepdims=True))
