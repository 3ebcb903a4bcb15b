r"""The derivative of the Gaussian error linear unit with respect to its argument.

$$\mathrm{gelu}'(x) = \Phi(x) + x \, \varphi(x), \qquad \varphi(x) = \frac{e^{-x^2/2}}{\sqrt{2 \pi}}$$

**Conventions.** It is exact, as PyTorch's is by default; JAX's default differentiates the approximation by a hyperbolic tangent. It is 0 at −0.7517…,
where gelu is smallest. At ∞ it is 1, at −∞ it is 0; nan gives nan.

**Reference.** D. Hendrycks and K. Gimpel, *Gaussian Error Linear Units (GELUs)*, 2016, section 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.error_function import FURTHEST, scaled_slope, times_bell
from refmath.activations.gelu import erfc, inner, odds_by_tanh
from refmath.arguments import Array
from refmath.laws import complements_its_mirror_image, is_one_half_at_zero, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Form, Formula, defining, law, misdefined
from refmath.symbols import i

_below = (1 + sp.erf(x[i] / sp.sqrt(2))) / 2
_density = sp.exp(-(x[i] ** 2) / 2) / sp.sqrt(2 * sp.pi)
definition = _below + x[i] * _density
#: The slope of the argument of the hyperbolic tangent.
_slope = sp.sqrt(2 / sp.pi) * (1 + sp.Rational(3 * 44715, 10**6) * x[i] ** 2)


def gelu_gradient(x: Any) -> Array | np.floating[Any]:
    r"""The derivative of the GELU at every entry, $\Phi(x) + x \, \varphi(x)$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives 1, −∞ gives 0, nan gives nan.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> gelu_gradient([-1000.0, 0.0, 1000.0])
        array([-0. ,  0.5,  1. ])
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    # A tail below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $t = |x|$, and $\Phi(-t) - t \, \varphi(t) = \left( m(t) - \frac{t}{\sqrt{2 \pi}} \right) e^{-t^2/2}$, which is $\mathrm{gelu}'(-t)$
        t = np.minimum(np.abs(z), FURTHEST)
        below = times_bell(scaled_slope(t), t)
        #| $\mathrm{gelu}'(x) = 1 - \mathrm{gelu}'(-x)$ for x > 0
        return rounded_values(np.where(z > 0, 1 - below, below), x.dtype)


def _by_tanh(x: Any) -> Array | np.floating[Any]:
    x = arguments.real("x", x)
    z = x.astype(np.result_type(x, np.float64))
    with np.errstate(under="ignore"):
        e, t, slope = odds_by_tanh(z)
        below = (1 - 2 * t * slope / (1 + e)) * e / (1 + e)
        return rounded_values(np.where(z > 0, 1 - below, below), x.dtype)


#: The root of π in floats, and in exact numbers.
_root_of_pi = np.frompyfunc(lambda u: u.pi().sqrt() if hasattr(u, "pi") else math.sqrt(math.pi), 1, 1)


def is_the_tail_less_the_argument_times_the_density_below_zero(gradient: Any, x: Any) -> Claims:
    """For x ≤ 0, with s = |x|/√2, twice the slope is erfc(s) − 2 s exp(−s²)/√π."""
    s = np.sqrt(x * x / 2)
    yield Equal(2 * gradient(-np.abs(x)), erfc(s) - 2 * s * np.exp(-s * s) / _root_of_pi(x))


GELU_GRADIENT = Formula(
    "gelu_gradient",
    definition,
    inputs=(x,),
    display=r"\operatorname{gelu}'(x_{i})",
    program=gelu_gradient,
    ulps=8.0,
    derivative_of="gelu",
    laws=(
        defining(complements_its_mirror_image),
        defining(is_the_tail_less_the_argument_times_the_density_below_zero),
        law(is_one_half_at_zero),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "factor_held_fixed",
            "Only Φ(x): x is differentiated, and its factor is not.",
            _below,
            caught_by=is_the_tail_less_the_argument_times_the_density_below_zero,
        ),
        misdefined(
            "distribution_differentiated_alone",
            "Only x φ(x): the distribution function is differentiated, and x is not.",
            definition - _below,
            caught_by=is_one_half_at_zero,
        ),
    ),
    forms=(
        Form(
            "from the distribution function",
            sp.UnevaluatedExpr(1 + sp.erf(x[i] / sp.sqrt(2))) / 2 + x[i] * _density,
            "PyTorch, GeluBackwardKernelImpl in aten/src/ATen/native/cpu/Activation.cpp",
        ),
    ),
    conventions=(
        Convention(
            "tanh",
            "the derivative of the approximation by a hyperbolic tangent.",
            "JAX 0.10, jax.nn.gelu with its default approximate=True; PyTorch, torch.nn.GELU(approximate='tanh')",
            definition=(1 + sp.tanh(inner)) / 2 + x[i] / 2 * (1 - sp.tanh(inner) ** 2) * _slope,
            program=_by_tanh,
            forms=(
                Form(
                    "by the product rule",
                    sp.UnevaluatedExpr(1 + sp.tanh(inner)) / 2 + x[i] / 2 * (1 - sp.tanh(inner) ** 2) * _slope,
                    "PyTorch, GeluBackwardKernelImpl in aten/src/ATen/native/cpu/Activation.cpp",
                ),
            ),
        ),
    ),
    specials=at_infinity(1.0, 0.0),
)
