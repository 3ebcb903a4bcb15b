r"""The Gaussian error linear unit: every number times the probability that a normal random number is smaller.

$$\mathrm{gelu}(x) = x \, \Phi(x) = \frac{x}{2} \left( 1 + \operatorname{erf} \frac{x}{\sqrt{2}} \right)$$

**Conventions.** It is exact, as PyTorch's is by default. JAX's default, PyTorch's `approximate="tanh"` and the first GPT take a hyperbolic tangent for the
error function, which is off by up to 5·10⁻⁴. At ∞ it is ∞, at −∞ it is 0; nan gives nan.

**Reference.** D. Hendrycks and K. Gimpel, *Gaussian Error Linear Units (GELUs)*, 2016, section 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.error_function import FURTHEST, scaled_tail, times_bell
from refmath.arguments import Array
from refmath.laws import is_more_by_x_than_its_mirror_image, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, defining, law, misdefined
from refmath.symbols import i

definition = x[i] / 2 * (1 + sp.erf(x[i] / sp.sqrt(2)))
#: The argument of the hyperbolic tangent in the approximation, and the approximation.
inner = sp.sqrt(2 / sp.pi) * (x[i] + sp.Rational(44715, 10**6) * x[i] ** 3)
by_tanh = x[i] / 2 * (1 + sp.tanh(inner))


def gelu(x: Any) -> Array | np.floating[Any]:
    r"""Every entry times the normal distribution function there, $x \, \Phi(x)$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives ∞, −∞ gives 0, nan gives nan.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> gelu([-1000.0, 0.0, 1000.0])
        array([  -0.,    0., 1000.])
        >>> print(f"{gelu(-30.0):.3e}")
        -1.472e-196
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    # A tail below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $t = |x|$, and $t \, \Phi(-t) = t \, m(t) \, e^{-t^2/2}$: the tail itself, as $1 + \operatorname{erf}$ would cancel.
        t = np.minimum(np.abs(z), FURTHEST)
        tail = times_bell(t * scaled_tail(t), t)
        #| $x \, \Phi(x) = x - t \, \Phi(-t)$ for x ≥ 0, and $-t \, \Phi(-t)$ for x < 0
        return rounded_values(np.where(z >= 0, z - tail, -tail), x.dtype)


def odds_by_tanh(z: Array) -> tuple[Any, Any, Any]:
    """Of the approximation exp(−2|u|), where u is the argument of the hyperbolic tangent, |x| and the slope of u; far out nothing changes any more."""
    t = np.minimum(np.abs(z), FURTHEST)
    cubed = z.dtype.type(44715) / 10**6
    root = np.sqrt(z.dtype.type(1) / np.arctan(z.dtype.type(1)) / 2)
    return np.exp(-2 * root * (t + cubed * t * t * t)), t, root * (1 + 3 * cubed * t * t)


def _by_tanh(x: Any) -> Array | np.floating[Any]:
    x = arguments.real("x", x)
    z = x.astype(np.result_type(x, np.float64))
    with np.errstate(under="ignore"):
        e, t, _ = odds_by_tanh(z)
        return rounded_values(np.where(z >= 0, z, -t * e) / (1 + e), x.dtype)


#: The complementary error function of floats, and of exact numbers.
erfc = np.frompyfunc(lambda u: u.erfc() if hasattr(u, "erfc") else math.erfc(u), 1, 1)


def is_the_argument_times_the_tail_below_zero(gelu: Any, x: Any) -> Claims:
    """For x ≤ 0 twice the value is x times the complementary error function of |x|/√2, far down the tail too."""
    yield Equal(2 * gelu(-np.abs(x)), -np.abs(x) * erfc(np.sqrt(x * x / 2)))


GELU = Formula(
    "gelu",
    definition,
    inputs=(x,),
    display=r"\operatorname{gelu}(x_{i})",
    program=gelu,
    ulps=8.0,
    laws=(
        defining(is_more_by_x_than_its_mirror_image),
        defining(is_the_argument_times_the_tail_below_zero),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "quick_gelu",
            "x σ(1.702 x), the coarser approximation of the paper.",
            x[i] / (1 + sp.exp(-sp.Rational(1702, 1000) * x[i])),
            caught_by=is_the_argument_times_the_tail_below_zero,
        ),
        misdefined(
            "root_of_two_forgotten",
            "erf(x) instead of erf(x/√2).",
            x[i] / 2 * (1 + sp.erf(x[i])),
            caught_by=is_the_argument_times_the_tail_below_zero,
        ),
    ),
    conventions=(
        Convention(
            "tanh",
            "approximated by a hyperbolic tangent.",
            "JAX 0.10, jax.nn.gelu with its default approximate=True; PyTorch, torch.nn.GELU(approximate='tanh')",
            definition=by_tanh,
            program=_by_tanh,
        ),
    ),
    specials=at_infinity(np.inf, 0.0),
)
