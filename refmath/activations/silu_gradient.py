r"""The derivative of the sigmoid linear unit with respect to its argument.

$$\mathrm{silu}'(x) = \sigma(x) \, (1 + x \, (1 - \sigma(x)))$$

**Conventions.** None are needed. It is 0 at $x_0 = -1.278…$, where silu is smallest. At ∞ it is 1, at −∞ it is 0; nan gives nan.

**Reference.** S. Elfwing, E. Uchibe and K. Doya, *Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning*, 2018, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import complements_its_mirror_image, is_one_half_at_zero, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Equal, Form, Formula, defining, law, misdefined
from refmath.symbols import i

_sigmoid = 1 / (1 + sp.exp(-x[i]))
definition = _sigmoid * (1 + x[i] * (1 - _sigmoid))

#: The zero of the derivative, as a sum of two numbers of float64.
_ZERO, _REST = -1.2784645427610737, -1.0946994183093437e-16


def silu_gradient(x: Any) -> Array | np.floating[Any]:
    r"""The derivative of the SiLU at every entry, $\sigma(x) (1 + x (1 - \sigma(x)))$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives 1, −∞ gives 0, nan gives nan.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> silu_gradient([-1000.0, 0.0, 1000.0])
        array([-0. ,  0.5,  1. ])
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    # An exponential below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $u = -|x|$, and $e = e^{u/2}$; −∞ is as good as −10⁶ here.
        u = np.maximum(-np.abs(z), -1e6)
        e = np.exp(u / 2)
        #| $1 + u + e^u = d + e^{x_0} (e^d - 1)$ with $d = u - x_0$, as $1 + x_0 + e^{x_0} = 0$: both terms have the sign of d, and nothing cancels near the zero.
        d = (u - _ZERO) - _REST
        bend = d + ((-1 - z.dtype.type(_ZERO)) - _REST) * np.expm1(d)
        #| $\mathrm{silu}'(u) = \frac{e^u (1 + u + e^u)}{(1 + e^u)^2}$, and $\mathrm{silu}'(x) = 1 - \mathrm{silu}'(-x)$ for x > 0
        below = bend * e * e / ((1 + e * e) * (1 + e * e))
        return rounded_values(np.where(z > 0, 1 - below, below), x.dtype)


def is_the_slope_of_the_silu_below_zero(gradient: Any, x: Any) -> Claims:
    """For x ≤ 0 the slope times (1 + e to the x)² is (1 + x + e to the x) e to the x, far down the tail too."""
    z = -np.abs(x)
    yield Equal(gradient(z) * (1 + np.exp(z)) * (1 + np.exp(z)), (1 + z + np.exp(z)) * np.exp(z))


SILU_GRADIENT = Formula(
    "silu_gradient",
    definition,
    inputs=(x,),
    display=r"\operatorname{silu}'(x_{i})",
    program=silu_gradient,
    ulps=8.0,
    derivative_of="silu",
    laws=(
        defining(complements_its_mirror_image),
        defining(is_the_slope_of_the_silu_below_zero),
        law(is_one_half_at_zero),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "factor_held_fixed",
            "Only σ(x): x is differentiated, and its factor is not.",
            _sigmoid,
            caught_by=is_the_slope_of_the_silu_below_zero,
        ),
        misdefined(
            "sigmoid_differentiated_alone",
            "Only x σ(x) (1 − σ(x)): the sigmoid is differentiated, and x is not.",
            x[i] * _sigmoid * (1 - _sigmoid),
            caught_by=is_one_half_at_zero,
        ),
    ),
    forms=(
        Form(
            "from the sigmoid",
            sp.UnevaluatedExpr(_sigmoid) * (1 + x[i] * (1 - _sigmoid)),
            "PyTorch, silu_backward_kernel in aten/src/ATen/native/cpu/Activation.cpp",
        ),
    ),
    specials=at_infinity(1.0, 0.0),
)
