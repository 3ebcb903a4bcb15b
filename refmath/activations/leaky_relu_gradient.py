r"""The derivative of the leaky rectified linear unit with respect to its argument.

$$\mathrm{leaky\_relu}'(x) = \begin{cases} 1 & x > 0 \\ s & x \le 0 \end{cases}$$

**Conventions.** There is no derivative at 0. Here, as in PyTorch, it is the slope s there; in JAX, which asks whether x ≥ 0, it is 1. nan gives nan.

**Reference.** A. L. Maas, A. Y. Hannun and A. Y. Ng, *Rectifier Nonlinearities Improve Neural Network Acoustic Models*, 2013, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.leaky_relu import LEAKY_RELU, slope
from refmath.arguments import Array
from refmath.laws import is_one_above_zero, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, defining, law
from refmath.symbols import i

definition = sp.Piecewise((1, x[i] > 0), (slope, True))


def leaky_relu_gradient(x: Any, *, slope: float = 0.01) -> Array | np.floating[Any]:
    r"""The derivative of the leaky ReLU at every entry: 1 above 0, and the slope from there down.

    Args:
        x: Real numbers, an array of any shape or a single number. nan gives nan.
        slope: The slope s at 0 and below.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers, or the slope is no number.
        ValueError: If `x` is empty, or the slope is not finite.

    Examples:
        >>> leaky_relu_gradient([-2.0, 0.0, 3.0], slope=0.25)
        array([0.25, 0.25, 1.  ])
    """
    x, s = arguments.real("x", x), arguments.number("slope", slope)
    #| $1$ where $x > 0$, and $s$ elsewhere
    return rounded_values(np.where(np.isnan(x), np.nan, np.where(x > 0, 1.0, s)), x.dtype)


def _at_least(x: Any, *, slope: float = 0.01) -> Array | np.floating[Any]:
    x = arguments.real("x", x)
    values: Array | np.floating[Any] = np.where(x == 0, x.dtype.type(1), leaky_relu_gradient(x, slope=slope))[()]
    return values


def is_a_hundredth_at_zero_and_below(gradient: Any, x: Any) -> Claims:
    """The slope is 0.01, the number of float64, wherever the argument is not positive, at 0 too."""
    yield Equal(gradient(-np.abs(x)), 0.01 + 0 * x)


LEAKY_RELU_GRADIENT = Formula(
    "leaky_relu_gradient",
    definition,
    inputs=(x,),
    parameters=(slope,),
    display=r"\operatorname{leaky\_relu}'(x_{i})",
    program=leaky_relu_gradient,
    ulps=0.5,
    derivative_of="leaky_relu",
    laws=(defining(is_one_above_zero), defining(is_a_hundredth_at_zero_and_below), law(works_entry_by_entry)),
    conventions=(
        *LEAKY_RELU.conventions,
        Convention(
            "jax",
            "the slope at 0 is 1.",
            "JAX 0.10, jax.nn.leaky_relu, which asks whether x ≥ 0",
            definition=sp.Piecewise((1, x[i] >= 0), (slope, True)),
            program=_at_least,
            constants={"slope": 0.01},
        ),
    ),
    specials=at_infinity(1.0, 0.01),
)
