"""What losses that are means over all entries share: their arguments, the mean itself, and the laws that say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.narrow import rounded_number
from refmath.spec import Claims, Equal

y, t = argument("y", "real", ...), argument("t", "real", ...)

#: Numbers beyond the range of sums are added up as so many times less: a power of two, by which nothing is rounded.
_LESS = 2.0**-64


def operands(y: Any, t: Any) -> tuple[Array, Array, np.dtype[Any]]:
    """Output and target as real arrays of one shape, in float64 at least, and the number type of the answer."""
    y, t = arguments.real("y", y), arguments.real("t", t)
    arguments.same_shape("y", y, "t", t)
    wide = np.result_type(y, t, np.float64)
    return y.astype(wide), t.astype(wide), np.result_type(y, t)


def mean_over_entries(of: Callable[[Any], Array], dtype: np.dtype[Any]) -> np.floating[Any]:
    """The mean of what a function of a scale gives, rounded once; infinite only where the mean itself is beyond the range.

    Args:
        of: Gives the losses of the entries, each times the scale.
        dtype: The number type of the answer.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for scale in (1.0, _LESS):
            # In the order of the indices, wherever the numbers lie in memory.
            losses = np.ravel(of(scale))
            mean = np.sum(losses) / losses.size / scale
            if np.isfinite(mean):
                break
    return rounded_number(mean, dtype)


# ---- laws


def is_the_mean_of_its_entries(loss: Any, y: Any, t: Any) -> Claims:
    """The loss is the mean of the losses of all entries, each taken alone."""
    pairs = _pairs(y, t)
    yield Equal(loss(y, t), sum(loss(*pair) for pair in pairs) / len(pairs))


def is_an_nth_of_each_entrys_slope(gradient: Any, y: Any, t: Any) -> Claims:
    """Each entry of the gradient is that of the entry taken alone, divided by the number of entries."""
    pairs, slopes = _pairs(y, t), np.asarray(gradient(y, t), object).reshape(-1)
    for place, pair in enumerate(pairs):
        yield Equal(slopes[place : place + 1] * len(pairs), gradient(*pair))


def _pairs(y: Any, t: Any) -> list[tuple[Any, Any]]:
    outputs, targets = np.asarray(y, object).reshape(-1), np.asarray(t, object).reshape(-1)
    return [(outputs[place : place + 1], targets[place : place + 1]) for place in range(outputs.size)]
