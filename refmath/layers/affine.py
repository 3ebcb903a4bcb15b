r"""The affine layer: each sample times a matrix of weights, plus a bias for each unit.

$$y_{nh} = \sum_{d} x_{nd} W_{dh} + b_h$$

**Conventions.** The samples are rows, and W has a row for each input, of shape (D, H); a PyTorch Linear keeps the transpose. A single sample (D,) gives (H,). nan and ±∞
follow the arithmetic.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import treats_each_sample_alone
from refmath.narrow import rounded_array
from refmath.spec import Claims, Equal, Form, Formula, defining, law
from refmath.symbols import D, H, N, d, h, n

x, W, b = argument("x", "weights", N, D), argument("W", "weights", D, H), argument("b", "weights", H)
definition = sp.Sum(x[n, d] * W[d, h], (d, 0, D - 1)) + b[h]


def affine(x: Any, W: Any, b: Any) -> Array:
    r"""The outputs $x W + b$ of a layer.

    Args:
        x: The inputs, shape (D,) for one sample or (N, D) for a batch.
        W: The weights, shape (D, H).
        b: The biases, shape (H,).

    Returns:
        The outputs, (H,) or (N, H), in the dtype of `x` (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers.
        ValueError: If the shapes do not fit, or an array is empty.

    Examples:
        >>> affine([[1.0, 2.0], [0.0, 1.0]], [[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]], [0.5, 0.0, 0.0])
        array([[ 5.5,  2. , -1. ],
               [ 2.5,  1. ,  0. ]])
    """
    rows, weights, biases = checked(x, W, b)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $x W + b$, added up input by input; narrow formats are computed in float64 and rounded once.
        return rounded_array(product(rows, weights) + biases, arguments.samples("x", x).dtype)


def product(left: Array, right: Array) -> Array:
    """A product of matrices, of which no term overtakes another: in the order of the definition rounding is the same on every machine."""
    total: Array = left[..., :1] * right[0]
    for place in range(1, len(right)):
        total = total + left[..., place, None] * right[place]
    return total


def checked(x: Any, W: Any, b: Any) -> tuple[Array, Array, Array]:
    """The arguments of a layer, in float64 at least, if their shapes fit."""
    rows, weights, biases = (
        arguments.samples("x", x),
        arguments.real("W", W, dimensions=(2,)),
        arguments.real("b", b, dimensions=(1,)),
    )
    if weights.shape[0] != rows.shape[-1] or biases.shape[0] != weights.shape[1]:
        raise ValueError(
            f"x, W and b must have shapes (N, D), (D, H) and (H,); got {rows.shape}, {weights.shape} and {biases.shape}"
        )
    wide = np.result_type(rows, np.float64)
    return rows.astype(wide), weights.astype(np.result_type(weights, wide)), biases.astype(np.result_type(biases, wide))


def is_linear_without_the_bias(affine: Any, x: Any, W: Any, b: Any) -> Claims:
    """Without the bias, twice the input gives twice the output, and no input none."""
    yield Equal(affine(2 * x, W, 0 * b), 2 * affine(x, W, 0 * b))
    yield Equal(affine(0 * x, W, 0 * b), 0 * affine(x, W, b))


def adds_the_products(affine: Any, x: Any, W: Any, b: Any) -> Claims:
    """Each output is the sum of inputs times weights, and a bias."""
    yield Equal(affine(x, W, b), np.dot(x, W) + b)


AFFINE = Formula(
    "affine",
    definition,
    inputs=(x, W, b),
    output=((n, "N"), (h, "H")),
    display="y_{nh}",
    program=affine,
    laws=(
        defining(adds_the_products),
        defining(is_linear_without_the_bias),
        law(treats_each_sample_alone, "Row n of a batch is the output of sample n."),
    ),
    forms=(
        Form("the products, and then the bias", definition, "NumPy 2.4, x @ W + b; JAX 0.10, jnp.dot(x, W) + b"),
        Form(
            "the products added to the bias",
            sp.Sum(x[n, d] * W[d, h] + sp.KroneckerDelta(d, 0) * b[h], (d, 0, D - 1)),
            "PyTorch 2.13, torch.nn.functional.linear, which is an addmm",
        ),
    ),
)
