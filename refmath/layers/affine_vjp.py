r"""The backward form of the affine layer: what reaches its inputs, its weights and its biases of a gradient by its outputs.

$$\frac{\partial L}{\partial x_{nd}} = \sum_{h} u_{nh} W_{dh}, \quad \frac{\partial L}{\partial W_{dh}} = \sum_{n} x_{nd} u_{nh}, \quad
\frac{\partial L}{\partial b_h} = \sum_{n} u_{nh}$$

**Conventions.** u is the gradient by the outputs, `upstream`, of their shape; whatever mean there is over the samples is in it already. nan and ±∞ follow the arithmetic.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.3.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import argument
from refmath.laws import adding_the_samples_up, is_linear_in_the_upstream
from refmath.layers.affine import W, b, checked, product, x
from refmath.narrow import rounded
from refmath.spec import Claims, Equal, Formula, Part, defining, law
from refmath.symbols import H, N, d, h, n

upstream = argument("upstream", "weights", N, H)
definitions = (
    Part("x", sp.Sum(upstream[n, h] * W[d, h], (h, 0, H - 1)), ((n, "N"), (d, "D"))),
    Part("W", sp.Sum(x[n, d] * upstream[n, h], (n, 0, N - 1)), ((d, "D"), (h, "H"))),
    Part("b", sp.Sum(upstream[n, h], (n, 0, N - 1)), ((h, "H"),)),
)


def affine_vjp(x: Any, W: Any, b: Any, upstream: Any) -> dict[str, Any]:
    """The gradients by the inputs, the weights and the biases.

    Args:
        x: The inputs, shape (D,) for one sample or (N, D) for a batch.
        W: The weights, shape (D, H).
        b: The biases, shape (H,).
        upstream: The gradient by the outputs, shape (H,) or (N, H).

    Returns:
        The gradients by the names `x`, `W` and `b`, each of its argument's shape and dtype (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers.
        ValueError: If the shapes do not fit, or an array is empty.

    Examples:
        >>> affine_vjp([1.0, 2.0], [[1.0, 0.0], [2.0, 1.0]], [0.5, 0.0], [1.0, -1.0])
        {'x': array([1., 1.]), 'W': array([[ 1., -1.],
               [ 2., -2.]]), 'b': array([ 1., -1.])}
    """
    rows, weights, _ = checked(x, W, b)
    u = arguments.samples("upstream", upstream)
    if u.shape != (*rows.shape[:-1], weights.shape[1]):
        raise ValueError(
            f"upstream must have the shape {(*rows.shape[:-1], weights.shape[1])} of the output; got {u.shape}"
        )
    back = u.astype(np.result_type(u, np.float64))
    types = [arguments.real(name, value).dtype for name, value in (("x", x), ("W", W), ("b", b))]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $u W^\top$, $x^\top u$, and the sum of u over the samples
        found = (
            product(back, weights.T),
            product(np.atleast_2d(rows).T, np.atleast_2d(back)),
            np.atleast_2d(back).sum(axis=0),
        )
        return {name: rounded(value, dtype) for name, value, dtype in zip("xWb", found, types, strict=True)}


def goes_back_through_the_weights(vjp: Any, x: Any, W: Any, b: Any, upstream: Any) -> Claims:
    """The gradient by the inputs is the upstream times the transposed weights."""
    yield Equal(vjp(x, W, b, upstream)["x"], np.dot(upstream, W.T))


def weighs_the_inputs(vjp: Any, x: Any, W: Any, b: Any, upstream: Any) -> Claims:
    """The gradient by the weights is that by the outputs, weighed with the inputs and added up over the samples."""
    yield Equal(vjp(x, W, b, upstream)["W"], np.dot(np.atleast_2d(x).T, np.atleast_2d(upstream)))


adds_the_samples_up = adding_the_samples_up("b")


AFFINE_VJP = Formula(
    "affine_vjp",
    definitions[0].definition,
    inputs=(x, W, b, upstream),
    parts=definitions,
    single_samples=False,
    display=r"\frac{\partial L}{\partial x_{nd}}",
    program=affine_vjp,
    laws=(
        defining(goes_back_through_the_weights),
        defining(weighs_the_inputs),
        defining(adds_the_samples_up, "The gradient by the biases is that by the outputs, added up over the samples."),
        law(is_linear_in_the_upstream),
    ),
)
