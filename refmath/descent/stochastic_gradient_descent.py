r"""One step of stochastic gradient descent: every parameter moves against its gradient, which was taken on a batch.

$$W \leftarrow W - \eta \frac{\partial L}{\partial W}$$

**Conventions.** η is the learning rate `lr`. The parameters are returned in a new dictionary, each with the dtype it had (float64 for integers); the
given ones stay as they were. No momentum, no weight decay.

**Infinities.** nan and ±∞ in parameters and gradients follow the arithmetic, as does what grows beyond the dtype. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.43).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array


def sgd_step(params: Mapping[str, Any], grads: Mapping[str, Any], lr: float) -> dict[str, Array]:
    """The parameters after one step against their gradients.

    Args:
        params: The parameters by name, arrays of any shape.
        grads: The gradients by the same names, each of its parameter's shape.
        lr: The learning rate, positive.

    Returns:
        The new parameters by the same names, each in its parameter's dtype (float64 for integers).

    Raises:
        TypeError: If `params` or `grads` is not a mapping, an array holds no real numbers, or `lr` is none.
        ValueError: If the names or the shapes differ, an array is empty, or `lr` is not positive or not finite.

    Examples:
        >>> sgd_step({"W": [[1.0, 2.0]], "b": [0.5]}, {"W": [[4.0, -4.0]], "b": [0.0]}, 0.25)
        {'W': array([[0., 3.]]), 'b': array([0.5])}
    """
    values, slopes = arrays("params", params), arrays("grads", grads)
    lr = arguments.positive("lr", lr)
    if set(values) != set(slopes):
        raise ValueError(f"params and grads must have the same names; got {names(params)} and {names(grads)}")
    for name in values:
        arguments.same_shape(f"params[{name!r}]", values[name], f"grads[{name!r}]", slopes[name])
    # What grows beyond the dtype is ∞, and ∞ − ∞ nan, as the page says: no reason for a warning.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| The difference is taken in the wider of the two dtypes, and rounded to the parameter's once.
        return {name: np.asarray(W - lr * slopes[name]).astype(W.dtype, copy=False) for name, W in values.items()}


def arrays(name: str, given: Mapping[str, Any]) -> dict[str, Array]:
    """A mapping's values as real arrays."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping from names to arrays; got {type(given).__name__}")
    return {key: arguments.real(f"{name}[{key!r}]", value) for key, value in given.items()}


def names(given: Mapping[str, Any]) -> str:
    """The names of a mapping, for a message."""
    return ", ".join(map(str, given)) or "none"
