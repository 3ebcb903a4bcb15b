r"""The derivative of the softplus with respect to its argument: the sigmoid.

$$\mathrm{softplus}'(x) = \frac{e^x}{1 + e^x} = \sigma(x)$$

**Conventions.** PyTorch gives 1 above its threshold of 20, which is off by up to 2·10⁻⁹. At ∞ the derivative is 1, at −∞ it is 0; nan gives nan.

**Reference.** I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, 2016, equation (3.37).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.sigmoid import sigmoid
from refmath.arguments import Array
from refmath.laws import (
    complements_its_mirror_image,
    has_the_odds_e_to_the_x,
    lies_between_zero_and_one,
    works_entry_by_entry,
)
from refmath.spec import Convention, Form, Formula, defining, law, misdefined
from refmath.symbols import i

definition = 1 / (1 + sp.exp(-x[i]))


def softplus_gradient(x: Any) -> Array | np.floating[Any]:
    r"""The derivative of the softplus at every entry, $1 / (1 + e^{-x})$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives 1, −∞ gives 0, nan gives nan.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> softplus_gradient([-1000.0, 0.0, 1000.0])
        array([0. , 0.5, 1. ])
    """
    #| $\mathrm{softplus}'(x) = \sigma(x)$
    return sigmoid(x)


def _with_threshold(x: Any) -> Array | np.floating[Any]:
    x = arguments.real("x", x)
    values: Array | np.floating[Any] = np.where(x > 20, x.dtype.type(1), softplus_gradient(x))[()]
    return values


SOFTPLUS_GRADIENT = Formula(
    "softplus_gradient",
    definition,
    inputs=(x,),
    display=r"\operatorname{softplus}'(x_{i})",
    program=softplus_gradient,
    ulps=2.1,
    derivative_of="softplus",
    range=(0.0, 1.0),
    laws=(
        defining(complements_its_mirror_image),
        defining(has_the_odds_e_to_the_x),
        law(lies_between_zero_and_one),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "derivative_of_the_value",
            "1 − e^−y, the slope as a function of the value, is applied to x itself.",
            1 - sp.exp(-x[i]),
            caught_by=complements_its_mirror_image,
        ),
    ),
    forms=(
        Form("the sigmoid", definition, "TensorFlow, the gradient of softplus in tensorflow/python/ops/nn_grad.py"),
        Form(
            "from the value",
            sp.exp(x[i] - (sp.Max(x[i], 0) + sp.log(1 + sp.exp(-sp.Abs(x[i]))))),
            "JAX, the derivative of logaddexp in jax/_src/lax/other.py",
        ),
    ),
    conventions=(
        Convention(
            "pytorch",
            "1 above the threshold of 20.",
            "PyTorch documentation, torch.nn.Softplus, threshold",
            definition=sp.Piecewise((1, x[i] > 20), (definition, True)),
            program=_with_threshold,
        ),
    ),
    specials=at_infinity(1.0, 0.0),
)
