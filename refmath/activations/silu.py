r"""The sigmoid linear unit, also called swish: every number times its own sigmoid.

$$\mathrm{silu}(x) = x \, \sigma(x) = \frac{x}{1 + e^{-x}}$$

**Conventions.** None are needed; the swish with a factor β inside of the sigmoid has β = 1 here. At ∞ it is ∞, at −∞ it is 0; nan gives nan.

**Reference.** S. Elfwing, E. Uchibe and K. Doya, *Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning*, 2018, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import is_more_by_x_than_its_mirror_image, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import AtLeast, Claims, Equal, Form, Formula, defining, law, misdefined, mistake
from refmath.symbols import i

definition = x[i] / (1 + sp.exp(-x[i]))


def silu(x: Any) -> Array | np.floating[Any]:
    r"""Every entry times its sigmoid, $x / (1 + e^{-x})$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives ∞, −∞ gives 0, nan gives nan.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> silu([-1000.0, 0.0, 1000.0])
        array([  -0.,    0., 1000.])
        >>> print(f"{silu(-710.0):.3e}")
        -3.178e-306
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    # An exponential below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $e = e^{-|x|/2}$: its square never overflows, and is not taken before $x e$, which is larger, so that no digit is lost to underflow.
        e = np.exp(-np.abs(z) / 2)
        #| $\frac{x}{1 + e^{-x}} = \frac{x}{1 + e^2}$ for x ≥ 0, and $\frac{(x e) \, e}{1 + e^2}$ for x < 0; −∞ is as good as −10⁶ there.
        above, below = z, np.clip(z, -1e6, 0) * e * e
        return rounded_values(np.where(z >= 0, above, below) / (1 + e * e), x.dtype)


def has_the_odds_e_to_the_x(silu: Any, x: Any) -> Claims:
    """The value at x is minus e to the x times the value at −x, in the lower tail too."""
    yield Equal(silu(-np.abs(x)), -np.exp(-np.abs(x)) * silu(np.abs(x)))


def has_the_sign_of_its_argument(silu: Any, x: Any) -> Claims:
    """No value has another sign than its argument."""
    yield AtLeast(silu(np.abs(x)), 0)
    yield AtLeast(-silu(-np.abs(x)), 0)


def overflowing_form(x: Array) -> Any:
    """x e^x / (1 + e^x), which is nan as soon as the exponential overflows."""
    return x * np.exp(x) / (1 + np.exp(x))


SILU = Formula(
    "silu",
    definition,
    inputs=(x,),
    display=r"\operatorname{silu}(x_{i})",
    program=silu,
    ulps=4.0,
    laws=(
        defining(is_more_by_x_than_its_mirror_image),
        defining(has_the_odds_e_to_the_x),
        law(has_the_sign_of_its_argument),
        law(works_entry_by_entry),
    ),
    mistakes=(
        mistake(overflowing_form, caught_by=is_more_by_x_than_its_mirror_image),
        misdefined(
            "quick_gelu",
            "x σ(1.702 x), an approximation of the GELU.",
            x[i] / (1 + sp.exp(-sp.Rational(1702, 1000) * x[i])),
            caught_by=has_the_odds_e_to_the_x,
        ),
        misdefined(
            "hard_swish",
            "x times a straight line cut off at 0 and 1 in place of the sigmoid, a cheap stand-in.",
            x[i] * sp.Min(sp.Max(x[i] + 3, 0), 6) / 6,
            caught_by=has_the_odds_e_to_the_x,
        ),
    ),
    forms=(
        Form(
            "x times its sigmoid",
            x[i] * sp.UnevaluatedExpr(1 / (1 + sp.exp(-x[i]))),
            "JAX, silu in jax/_src/nn/functions.py",
        ),
    ),
    specials=at_infinity(np.inf, 0.0),
)
