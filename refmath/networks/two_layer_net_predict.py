r"""The two-layer network: a hidden layer of sigmoids, and a softmax over the classes.

$$y = \operatorname{softmax}(\sigma(x W_1 + b_1) W_2 + b_2)$$

**Conventions.** The samples are the rows of x, so a layer multiplies by its weights from the right; a bias is added to every row. D inputs, H
hidden units, K classes.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.1, equations (5.2) to (5.5), with a softmax as output.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from refmath import arguments
from refmath.activations.sigmoid import sigmoid
from refmath.activations.softmax import softmax
from refmath.arguments import Array


def two_layer_net_predict(params: Mapping[str, Any], x: Any) -> Array:
    r"""The probabilities of the classes, $\operatorname{softmax}(\sigma(x W_1 + b_1) W_2 + b_2)$.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,).
        x: Inputs, shape (N, D).

    Returns:
        The probabilities, shape (N, K), in the widest dtype of the arguments (float64 for integers).

    Raises:
        TypeError: If `params` is not a mapping, or one of the arrays holds no real numbers.
        ValueError: If a parameter is missing or unknown, or the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "W2": np.zeros((3, 2)), "b2": np.log([1, 3])}
        >>> two_layer_net_predict(params, [[1.0, 0.0], [0.0, 1.0]])
        array([[0.25, 0.75],
               [0.25, 0.75]])
    """
    net = parameters(params)
    return softmax(logits(net, inputs(net, x)))


class Parameters(NamedTuple):
    """The parameters as real arrays of one dtype whose shapes fit: W1 (D, H), b1 (H,), W2 (H, K), b2 (K,)."""

    W1: Array
    b1: Array
    W2: Array
    b2: Array


def parameters(params: Mapping[str, Any]) -> Parameters:
    """The parameters of a network, checked.

    Raises:
        TypeError: If `params` is not a mapping, or one of them holds no real numbers.
        ValueError: If one is missing or unknown, or the shapes do not fit.
    """
    if not isinstance(params, Mapping):
        raise TypeError(f"params must be a mapping with the keys W1, b1, W2, b2; got {type(params).__name__}")
    if set(params) != set(Parameters._fields):
        raise ValueError(f"params must have the keys W1, b1, W2, b2; got {', '.join(map(str, params)) or 'none'}")
    arrays = {
        name: arguments.real(f"params[{name!r}]", params[name], dimensions=(2,) if name[0] == "W" else (1,))
        for name in Parameters._fields
    }
    shapes = {name: array.shape for name, array in arrays.items()}
    (_, H), (H2, K) = shapes["W1"], shapes["W2"]
    if not (shapes["b1"] == (H,) and H2 == H and shapes["b2"] == (K,)):
        given = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"params must have the shapes W1 (D, H), b1 (H,), W2 (H, K), b2 (K,); got {given}")
    dtype = np.result_type(*arrays.values())
    return Parameters(*(array.astype(dtype, copy=False) for array in arrays.values()))


def inputs(net: Parameters, x: Any) -> Array:
    """The samples, checked against the first layer."""
    x = arguments.real("x", x, dimensions=(2,))
    if x.shape[1] != net.W1.shape[0]:
        raise ValueError(f"x must have the shape (N, {net.W1.shape[0]}) for W1 of shape {net.W1.shape}; got {x.shape}")
    wide: Array = x.astype(np.result_type(x, net.W1), copy=False)
    return wide


def logits(net: Parameters, x: Array) -> Array:
    r"""$a = \sigma(x W_1 + b_1) W_2 + b_2$, shape (N, K)."""
    # A sum beyond the range is ∞, whose sigmoid is 1: no reason for a warning. What has no value at all is nan, and stays nan.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $z = \sigma(x W_1 + b_1)$
        z = sigmoid(x @ net.W1 + net.b1)
        #| $a = z W_2 + b_2$
        a: Array = z @ net.W2 + net.b2
    return a
