r"""The derivative of the exponential linear unit with respect to its argument.

$$\mathrm{elu}'(x) = \begin{cases} 1 & x > 0 \\ \mathrm{elu}(x) + \alpha & x \le 0 \end{cases}$$

**Conventions.** There is no derivative at 0 unless α = 1. Here, as in PyTorch and JAX, it is α there. Below zero elu(x) + α is α eˣ, which JAX computes
as the paper has it, and PyTorch directly. At −∞ it is 0; nan gives nan.

**Reference.** D.-A. Clevert, T. Unterthiner and S. Hochreiter, *Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)*, 2016, section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.elu import alpha
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import is_one_above_zero, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Equal, Form, Formula, defining, law, misdefined
from refmath.symbols import i

definition = sp.Piecewise((1, x[i] > 0), (alpha * (sp.exp(x[i]) - 1) + alpha, True))


def elu_gradient(x: Any, *, alpha: float = 1.0) -> Array | np.floating[Any]:
    r"""The derivative of the ELU at every entry: 1 above 0, and $\alpha e^x$ from there down.

    Args:
        x: Real numbers, an array of any shape or a single number. nan gives nan.
        alpha: How far below zero the ELU goes.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers, or α is no number.
        ValueError: If `x` is empty, or α is not finite.

    Examples:
        >>> elu_gradient([-1000.0, 0.0, 3.0], alpha=0.5)
        array([0. , 0.5, 1. ])
    """
    x, a = arguments.real("x", x), arguments.number("alpha", alpha)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    with np.errstate(under="ignore"):
        #| $1$ where $x > 0$, and $\alpha (e^x - 1) + \alpha = \alpha e^x$ elsewhere, where no exponential overflows
        return rounded_values(np.where(z > 0, 1.0, a * np.exp(np.minimum(z, 0))), x.dtype)


def is_the_exponential_at_zero_and_below(gradient: Any, x: Any) -> Claims:
    """The slope is the exponential wherever the argument is not positive."""
    yield Equal(gradient(-np.abs(x)), np.exp(-np.abs(x)))


ELU_GRADIENT = Formula(
    "elu_gradient",
    definition,
    inputs=(x,),
    parameters=(alpha,),
    display=r"\operatorname{elu}'(x_{i})",
    program=elu_gradient,
    ulps=2.0,
    derivative_of="elu",
    laws=(
        defining(is_one_above_zero),
        defining(is_the_exponential_at_zero_and_below),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "derivative_of_the_value",
            "y + α, the slope as a function of the value, is applied to x itself.",
            sp.Piecewise((1, x[i] > 0), (x[i] + alpha, True)),
            caught_by=is_the_exponential_at_zero_and_below,
        ),
        misdefined(
            "value_below_zero",
            "Below zero it is the value α (e^x − 1) instead of its slope.",
            sp.Piecewise((1, x[i] > 0), (alpha * (sp.exp(x[i]) - 1), True)),
            caught_by=is_the_exponential_at_zero_and_below,
        ),
    ),
    forms=(
        Form("from the value", definition, "JAX, the derivative of expm1 in jax/_src/lax/lax.py"),
        Form(
            "from the exponential",
            sp.Piecewise((1, x[i] > 0), (alpha * sp.exp(x[i]), True)),
            "PyTorch, elu_backward_kernel in aten/src/ATen/native/cpu/Activation.cpp",
        ),
    ),
    specials=at_infinity(1.0, 0.0),
)
