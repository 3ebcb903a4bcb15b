r"""The derivative of the logistic sigmoid with respect to its argument.

$$\sigma'(x) = \sigma(x) \, (1 - \sigma(x))$$

**Conventions.** The argument is x, as in the sigmoid itself. Many programs keep the value $y = \sigma(x)$ and are handed that: y(1 − y), the convention
`of_the_value`. At ±∞ the derivative is 0; nan gives nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.88).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.sigmoid import definition as value
from refmath.activations.sigmoid import sigmoid
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import falls_away_from_zero, is_even, works_entry_by_entry
from refmath.made import made
from refmath.narrow import rounded_values
from refmath.spec import AtLeast, Claims, Convention, Equal, Formula, defining, law, misdefined, mistake
from refmath.symbols import i

definition = value * (1 - value)


def sigmoid_gradient(x: Any) -> Array | np.floating[Any]:
    r"""The derivative of the sigmoid at every entry, $\sigma(x) (1 - \sigma(x))$.

    Args:
        x: Real numbers, an array of any shape or a single number. ±∞ gives 0, nan gives nan.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> print(sigmoid_gradient(0.0))
        0.25
        >>> sigmoid_gradient([-1000.0, 0.0, 1000.0])
        array([0.  , 0.25, 0.  ])
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    # A product below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $\sigma'(x) = \sigma(x) \, \sigma(-x)$, because $1 - \sigma(x) = \sigma(-x)$: the difference would cancel for large x.
        values: Array | np.floating[Any] = (sigmoid(z) * sigmoid(-z)).astype(x.dtype)[()]
    return values


def _of_the_value(x: Any) -> Array | np.floating[Any]:
    x = arguments.shares("x", x)
    y = x.astype(np.result_type(x, np.float64))
    with np.errstate(under="ignore"):
        return rounded_values(y * (1 - y), x.dtype)


# ---- laws


def is_the_slope_of_the_sigmoid_below_zero(gradient: Any, x: Any) -> Claims:
    """For x ≤ 0 the slope times (1 + e to the x)² is e to the x, far down the tail too."""
    z = -np.abs(x)
    yield Equal(gradient(z) * (1 + np.exp(z)) * (1 + np.exp(z)), np.exp(z))


def lies_between_zero_and_a_quarter(gradient: Any, x: Any) -> Claims:
    """No slope is below zero or above a quarter."""
    yield AtLeast(gradient(x), 0)
    yield AtLeast(1 - 4 * gradient(x), 0)


def is_a_quarter_at_zero(gradient: Any, x: Any) -> Claims:
    """The slope at zero is a quarter."""
    yield Equal(4 * gradient(0 * x), 1)


# ---- mistakes


def derivative_of_the_value(x: Array) -> Any:
    """y(1 − y) is applied to x itself, as if x were already the value of the sigmoid."""
    return x * (1.0 - x)


def second_factor_forgotten(x: Array) -> Any:
    """Only σ(x), the value instead of its derivative."""
    return sigmoid(x)


def first_factor_forgotten(x: Array) -> Any:
    """Only 1 − σ(x), which is the derivative of ln σ(x)."""
    return sigmoid(-(x * 1.0))


def derivative_of_tanh(x: Array) -> Any:
    """1 − y², the rule for the hyperbolic tangent, applied to the sigmoid."""
    y = sigmoid(x)
    return 1 - y * y


def gradient_of_tanh(x: Array) -> Any:
    """The derivative of the hyperbolic tangent, 1 − tanh²(x)."""
    return 1 - np.tanh(x) ** 2


def overflowing_form(x: Array) -> Any:
    """exp(−x) / (1 + exp(−x))², which is nan or 0 once an exponential overflows."""
    return np.exp(-x) / (1 + np.exp(-x)) ** 2


def central_difference(x: Array) -> Any:
    """A difference quotient with a step of 1e-4 instead of the derivative."""
    return (sigmoid(x + 1e-4) - sigmoid(x - 1e-4)) / 2e-4


def clipped_argument(x: Array) -> Any:
    """The argument is clipped to ±500 against overflow, so that the tails stop falling there."""
    y = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return y * (1 - y)


SIGMOID_GRADIENT = Formula(
    name="sigmoid_gradient",
    display=r"\sigma'(x_{i})",
    program=sigmoid_gradient,
    ulps=4.0,
    definition=definition,
    inputs=(x,),
    derivative_of="sigmoid",
    range=(0.0, math.inf),
    laws=(
        defining(is_even),
        defining(is_the_slope_of_the_sigmoid_below_zero),
        law(lies_between_zero_and_a_quarter),
        law(is_a_quarter_at_zero),
        law(falls_away_from_zero),
        law(works_entry_by_entry, "The slope at an entry does not depend on the other entries."),
    ),
    mistakes=(
        mistake(derivative_of_the_value, caught_by=lies_between_zero_and_a_quarter),
        made(
            "gradient_of_the_value",
            "The sigmoid is applied twice: the derivative is taken at σ(x) instead of x.",
            by="sigmoid_applied_first",
            caught_by=is_a_quarter_at_zero,
        ),
        mistake(second_factor_forgotten, caught_by=is_even),
        mistake(first_factor_forgotten, caught_by=is_even),
        misdefined("plus_instead_of_minus", "σ(1 + σ) instead of σ(1 − σ).", value * (1 + value), caught_by=is_even),
        made("opposite_sign", "The sign is wrong: σ(σ − 1).", caught_by=lies_between_zero_and_a_quarter),
        mistake(derivative_of_tanh, caught_by=is_even),
        mistake(gradient_of_tanh, caught_by=is_a_quarter_at_zero),
        mistake(overflowing_form, caught_by=is_the_slope_of_the_sigmoid_below_zero),
        mistake(central_difference, caught_by=is_the_slope_of_the_sigmoid_below_zero),
        mistake(clipped_argument, caught_by=is_the_slope_of_the_sigmoid_below_zero),
    ),
    conventions=(
        Convention(
            "of_the_value",
            "The argument is the value y = σ(x), a number from 0 to 1: y(1 − y).",
            "PyTorch, sigmoid_backward in aten/src/ATen/native/cpu/BinaryOpsKernel.cpp; Darknet, logistic_gradient in src/activations.h",
            definition=x[i] * (1 - x[i]),
            program=_of_the_value,
            inputs=(argument("x", "unit_interval", ...),),
        ),
    ),
    specials=at_infinity(0.0, 0.0),
)
