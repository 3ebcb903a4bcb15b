"""The samples that certified values are computed of: logits exactly as they are, and targets of either encoding."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refmath import arguments
from refmath.arguments import Array


class Batch(NamedTuple):
    """A batch of samples.

    Attributes:
        a: Logits (N, K), finite float64 numbers.
        labels: The label of each sample.
        one_hot: Whether the target of each sample is its label, and no other distribution.
        t: The targets (N, K), if they were not given as labels.
        dtype: What the values are to be rounded to.
        shape: The shape of the logits as they were given.
    """

    a: Array
    labels: Array
    one_hot: Array
    t: Array | None
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def target(self, n: int) -> Array:
        """The target of a sample, as a distribution."""
        return np.eye(1, self.a.shape[1], self.labels[n])[0] if self.t is None else np.asarray(self.t[n])


def batch(a: Any, t: Any, dtype: Any) -> Batch:
    """Logits, and targets of either encoding, as a batch.

    Raises:
        TypeError: If the logits are not real numbers that float64 can hold, or labels are not integers.
        ValueError: If the shapes do not fit, something is not finite, a target is no distribution or no label, or the dtype is another one.
    """
    target, given = rounded_to(dtype), exactly("a", a)
    logits = np.atleast_2d(given)
    if arguments.dimensions("t", t) == given.ndim - 1:
        labels = np.atleast_1d(arguments.labels("t", t, given, "a"))
        return Batch(logits, labels, np.ones(len(labels), bool), None, target, given.shape)
    targets = np.atleast_2d(_in_float64("t", arguments.distributions("t", t, given, "a")))
    one_hot = (np.count_nonzero(targets, axis=1) == 1) & (targets.max(axis=1) == 1)
    return Batch(logits, targets.argmax(axis=1), one_hot, targets, target, given.shape)


def rounded_to(dtype: Any) -> np.dtype[Any]:
    """The dtype that values are rounded to: float64 or float32, by name or as a dtype."""
    if not any(dtype == name or dtype == np.dtype(name) for name in ("float64", "float32")):
        raise ValueError(f"dtype must be float64 or float32; got {dtype!r}")
    target: np.dtype[Any] = np.dtype(dtype)
    return target


def exactly(name: str, value: Any) -> Array:
    """Samples as float64 numbers, none of them rounded, and all finite."""
    array = _in_float64(name, arguments.samples(name, value))
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be finite: a certified value belongs to real numbers; got {arguments.first(~np.isfinite(array), name, array)}"
        )
    given = np.asarray(value)
    if given.dtype.kind in "iu" and (long := (given > 2**53) | (given < -(2**53))).any():
        raise TypeError(f"{name} must hold integers up to 2**53; got {given[long].flat[0]}")
    return array


def _in_float64(name: str, array: Array) -> Array:
    if np.finfo(array.dtype).nmant > 52:
        raise TypeError(f"{name} must hold numbers that float64 can hold; got dtype {array.dtype}")
    return np.ascontiguousarray(array, np.float64)
