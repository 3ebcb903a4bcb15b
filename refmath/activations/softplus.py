r"""The softplus: a smooth ReLU, whose derivative is the sigmoid.

$$\mathrm{softplus}(x) = \ln(1 + e^x)$$

**Conventions.** PyTorch gives x itself above its threshold of 20, which is off by up to 2·10⁻⁹: in float64 ten digits are left there. At ∞ it is
∞, at −∞ it is 0; nan gives nan.

**Reference.** C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau and R. Garcia, *Incorporating Second-Order Functional Knowledge for Better Option Pricing*, 2001.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import is_more_by_x_than_its_mirror_image, never_falls, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import (
    AtLeast,
    Claims,
    Convention,
    Equal,
    Form,
    Formula,
    defining,
    law,
    misdefined,
    mistake,
)
from refmath.symbols import i

definition = sp.log(1 + sp.exp(x[i]))


def softplus(x: Any) -> Array | np.floating[Any]:
    r"""The softplus of every entry, $\ln(1 + e^x)$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives ∞, −∞ gives 0, nan gives nan.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> softplus([-1000.0, 0.0, 1000.0])
        array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
        >>> print(f"{softplus(-300.0):.3e}")
        5.148e-131
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    # An exponential below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $\ln(1 + e^x) = \max(x, 0) + \ln(1 + e^{-|x|})$: no exponential overflows, and log1p keeps every digit of a small one.
        return rounded_values(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))), x.dtype)


def _with_threshold(x: Any) -> Array | np.floating[Any]:
    x = arguments.real("x", x)
    values: Array | np.floating[Any] = np.where(x > 20, x, softplus(x))[()]
    return values


def has_an_exponential_that_is_one_more(softplus: Any, x: Any) -> Claims:
    """The exponential of the value is 1 more than the exponential of the argument."""
    yield Equal(np.exp(softplus(-np.abs(x))), 1 + np.exp(-np.abs(x)))


def lies_above_the_relu(softplus: Any, x: Any) -> Claims:
    """No value is below 0 or below the argument."""
    yield AtLeast(softplus(-np.abs(x)), 0)
    yield AtLeast(softplus(np.abs(x)), np.abs(x))


def overflowing_form(x: Array) -> Any:
    """ln(1 + e^x) as it is written, which is infinite as soon as the exponential overflows."""
    return np.log1p(np.exp(x))


SOFTPLUS = Formula(
    "softplus",
    definition,
    inputs=(x,),
    display=r"\operatorname{softplus}(x_{i})",
    program=softplus,
    ulps=2.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_more_by_x_than_its_mirror_image),
        defining(has_an_exponential_that_is_one_more),
        law(lies_above_the_relu),
        law(never_falls),
        law(works_entry_by_entry),
    ),
    mistakes=(
        mistake(overflowing_form, caught_by=is_more_by_x_than_its_mirror_image),
        misdefined(
            "shifted_softplus",
            "ln 2 is subtracted, so that it is 0 at 0.",
            definition - sp.log(2),
            caught_by=has_an_exponential_that_is_one_more,
        ),
    ),
    forms=(
        Form(
            "from the larger of x and 0",
            sp.Max(x[i], 0) + sp.log(1 + sp.exp(-sp.Abs(x[i]))),
            "NumPy, npy_logaddexp in numpy/_core/src/npymath/npy_math_internal.h.src",
        ),
    ),
    conventions=(
        Convention(
            "pytorch",
            "x itself above the threshold of 20.",
            "PyTorch documentation, torch.nn.Softplus, threshold",
            definition=sp.Piecewise((x[i], x[i] > 20), (definition, True)),
            program=_with_threshold,
        ),
    ),
    specials=at_infinity(np.inf, 0.0),
)
