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
    if not any(dtype == name or dtype == np.dtype(name) for name in ("float64", "float32")):
        raise ValueError(f"dtype must be float64 or float32; got {dtype!r}")
    given = _in_float64("a", arguments.samples("a", a))
    _refuse_long_integers(np.asarray(a))
    if not np.isfinite(given).all():
        raise ValueError(
            f"a must be finite: a certified value belongs to real numbers; got {arguments.first(~np.isfinite(given), 'a', given)}"
        )
    logits = np.atleast_2d(given)
    if arguments.dimensions("t", t) == given.ndim - 1:
        labels = np.atleast_1d(arguments.labels("t", t, given, "a"))
        return Batch(logits, labels, np.ones(len(labels), bool), None, np.dtype(dtype), given.shape)
    targets = np.atleast_2d(_in_float64("t", arguments.distributions("t", t, given, "a")))
    one_hot = (np.count_nonzero(targets, axis=1) == 1) & (targets.max(axis=1) == 1)
    return Batch(logits, targets.argmax(axis=1), one_hot, targets, np.dtype(dtype), given.shape)


def _in_float64(name: str, array: Array) -> Array:
    if np.finfo(array.dtype).nmant > 52:
        raise TypeError(f"{name} must hold numbers that float64 can hold; got dtype {array.dtype}")
    return np.ascontiguousarray(array, np.float64)


def _refuse_long_integers(array: Array) -> None:
    if array.dtype.kind in "iu" and (long := (array > 2**53) | (array < -(2**53))).any():
        raise TypeError(f"a must hold integers up to 2**53; got {array[long].flat[0]}")
