r"""The derivative of the hyperbolic tangent with respect to its argument.

$$\tanh'(x) = 1 - \tanh^2(x) = \frac{1}{\cosh^2(x)}$$

**Conventions.** The argument is x, as in the hyperbolic tangent itself. Many programs keep the value $y = \tanh(x)$ and are handed that: 1 − y², the
convention `of_the_value`. At ±∞ the derivative is 0; nan gives nan.

**Reference.** NIST *Digital Library of Mathematical Functions*, equations 4.34.3 and 4.35.12.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.tanh import definition as value
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import falls_away_from_zero, is_even, lies_between_zero_and_one, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Form, Formula, defining, law
from refmath.symbols import i

definition = 1 - value**2


def tanh_gradient(x: Any) -> Array | np.floating[Any]:
    r"""The derivative of the hyperbolic tangent at every entry, $1 - \tanh^2(x)$.

    Args:
        x: Real numbers, an array of any shape or a single number. ±∞ gives 0, nan gives nan.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> tanh_gradient([-1000.0, 0.0, 1000.0])
        array([0., 1., 0.])
        >>> print(f"{tanh_gradient(300.0):.3e}")
        1.060e-260
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = np.abs(x.astype(np.result_type(x, np.float64)))
    # An exponential below the range is 0, as it should be, and no reason for a warning; nor is twice a number beyond it.
    with np.errstate(under="ignore", over="ignore"):
        #| $e = e^{-2|x|} \le 1$: of $e^{2x}$ and $e^{-2x}$ the one that never overflows.
        e = np.exp(-2 * z)
        #| $\frac{1}{\cosh^2(x)} = \frac{4e}{(1 + e)^2}$: $1 - \tanh^2(x)$ would cancel, and be 0 from |x| = 19 on.
        return rounded_values(4 * e / ((1 + e) * (1 + e)), x.dtype)


def _of_the_value(x: Any) -> Array | np.floating[Any]:
    x = arguments.shares("x", x, -1)
    y = x.astype(np.result_type(x, np.float64))
    return rounded_values((1 - y) * (1 + y), x.dtype)


def is_one_by_the_square_of_the_hyperbolic_cosine(gradient: Any, x: Any) -> Claims:
    """The slope times the square of the hyperbolic cosine is 1."""
    yield Equal(gradient(x) * np.cosh(x) * np.cosh(x), 1 + 0 * x)


TANH_GRADIENT = Formula(
    "tanh_gradient",
    definition,
    inputs=(x,),
    display=r"\tanh'(x_{i})",
    program=tanh_gradient,
    ulps=4.0,
    derivative_of="tanh",
    range=(0.0, np.inf),
    laws=(
        defining(is_even),
        defining(is_one_by_the_square_of_the_hyperbolic_cosine),
        law(lies_between_zero_and_one),
        law(falls_away_from_zero),
        law(works_entry_by_entry),
    ),
    forms=(
        Form(
            "one minus the square", definition, "PyTorch, tanh_backward in aten/src/ATen/native/cpu/BinaryOpsKernel.cpp"
        ),
        Form(
            "from the hyperbolic cosine",
            1 / sp.cosh(x[i]) ** 2,
            "autograd, the rule of tanh in autograd/numpy/numpy_vjps.py",
        ),
    ),
    conventions=(
        Convention(
            "of_the_value",
            "The argument is the value y = tanh(x), a number from −1 to 1: 1 − y².",
            "PyTorch, tanh_backward in aten/src/ATen/native/cpu/BinaryOpsKernel.cpp; Darknet, tanh_gradient in src/activations.h",
            definition=1 - x[i] ** 2,
            program=_of_the_value,
            inputs=(argument("x", "signed_unit_interval", ...),),
        ),
    ),
    specials=at_infinity(0.0, 0.0),
)
