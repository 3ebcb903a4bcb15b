r"""The hyperbolic tangent: it presses every real number into the interval from −1 to 1.

$$\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}$$

**Conventions.** None are needed. It works entry by entry on an array of any shape. At ±∞ it is ±1; nan gives nan.

**Reference.** NIST *Digital Library of Mathematical Functions*, equation 4.28.4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import never_falls, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import AtLeast, Claims, Equal, Formula, defining, law, misdefined, mistake
from refmath.symbols import i

definition = sp.tanh(x[i])


def tanh(x: Any) -> Array | np.floating[Any]:
    r"""The hyperbolic tangent of every entry.

    Args:
        x: Real numbers, an array of any shape or a single number. ±∞ gives ±1, nan gives nan.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> tanh([-1000.0, 0.0, 1000.0])
        array([-1.,  0.,  1.])
    """
    x = arguments.real("x", x)
    with np.errstate(under="ignore"):
        #| $\tanh(x)$ as NumPy has it, which neither overflows nor cancels; narrow formats are computed in float64 and rounded once.
        return rounded_values(np.tanh(x.astype(np.result_type(x, np.float64))), x.dtype)


def is_odd(tanh: Any, x: Any) -> Claims:
    """The value at −x is minus the value at x."""
    yield Equal(tanh(-x), -tanh(x))


def is_the_quotient_of_the_hyperbolic_sine_and_cosine(tanh: Any, x: Any) -> Claims:
    """The value times the hyperbolic cosine is the hyperbolic sine."""
    yield Equal(tanh(x) * np.cosh(x), np.sinh(x))


def lies_between_minus_one_and_one(tanh: Any, x: Any) -> Claims:
    """The square of no value is above 1."""
    yield AtLeast(1 - tanh(x) * tanh(x), 0)


def quotient_of_exponentials(x: Array) -> Any:
    """(e^x − e^−x) / (e^x + e^−x) as it is written, which is nan as soon as an exponential overflows."""
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def sigmoid_form(x: Array) -> Any:
    """2σ(2x) − 1, which loses the digits of small numbers: the difference cancels."""
    return 2 / (1 + np.exp(-2 * x)) - 1


TANH = Formula(
    "tanh",
    definition,
    inputs=(x,),
    display=r"\tanh(x_{i})",
    program=tanh,
    ulps=2.0,
    range=(-1.0, 1.0),
    laws=(
        defining(is_odd),
        defining(is_the_quotient_of_the_hyperbolic_sine_and_cosine),
        law(lies_between_minus_one_and_one),
        law(never_falls),
        law(works_entry_by_entry),
    ),
    mistakes=(
        mistake(quotient_of_exponentials, caught_by=lies_between_minus_one_and_one),
        mistake(sigmoid_form, caught_by=is_the_quotient_of_the_hyperbolic_sine_and_cosine),
        misdefined(
            "scaled_tanh",
            "LeCun's 1.7159 tanh(2x/3) instead of tanh(x).",
            sp.Rational(17159, 10000) * sp.tanh(sp.Rational(2, 3) * x[i]),
            caught_by=lies_between_minus_one_and_one,
        ),
        misdefined(
            "hard_tanh",
            "A straight line cut off at −1 and 1, a cheap stand-in.",
            sp.Min(sp.Max(x[i], -1), 1),
            caught_by=is_the_quotient_of_the_hyperbolic_sine_and_cosine,
        ),
    ),
    specials=at_infinity(1.0, -1.0),
)
