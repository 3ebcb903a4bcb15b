r"""The logistic sigmoid: it presses every real number into the interval from 0 to 1.

$$\sigma(x) = \frac{1}{1 + e^{-x}}$$

**Conventions.** None are needed: everybody who says sigmoid, or logistic function, means this one. It works entry by entry on an array of any
shape. The infinities follow the mathematics, $\sigma(\infty) = 1$ and $\sigma(-\infty) = 0$; nan gives nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.59).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.activations.plain_softmax import softmax
from refmath.arguments import Array
from refmath.laws import (
    complements_its_mirror_image,
    has_the_odds_e_to_the_x,
    is_one_half_at_zero,
    lies_between_zero_and_one,
    never_falls,
    works_entry_by_entry,
)
from refmath.made import made
from refmath.spec import Formula, defining, law, mistake
from refmath.symbols import i

definition = 1 / (1 + sp.exp(-x[i]))


def sigmoid(x: Any) -> Array | np.floating[Any]:
    r"""The logistic sigmoid of every entry, $1 / (1 + e^{-x})$.

    Args:
        x: Real numbers, an array of any shape or a single number. ∞ gives 1, −∞ gives 0, nan gives nan.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> print(sigmoid(0.0))
        0.5
        >>> sigmoid([-1000.0, 0.0, 1000.0])
        array([0. , 0.5, 1. ])
    """
    x = arguments.real("x", x)
    # Narrow formats are computed in float64 and rounded once: their own exponential may be some units off.
    z = x.astype(np.result_type(x, np.float64))
    # An exponential below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $e = e^{-|x|} \le 1$: of $e^x$ and $e^{-x}$ the one that never overflows.
        e = np.exp(-np.abs(z))
        #| $\sigma(x) = \frac{1}{1 + e}$ for x ≥ 0
        above = 1 / (1 + e)
        #| $\sigma(x) = \frac{e}{1 + e} = e - \frac{e^2}{1 + e}$ for x < 0: the small correction hides the rounding of 1 + e.
        below = e - e * e / (1 + e)
        values: Array | np.floating[Any] = np.where(z >= 0, above, below).astype(x.dtype)[()]
    return values


# ---- mistakes


def overflowing_form(x: Array) -> Any:
    """exp(x) / (1 + exp(x)), which is nan as soon as exp(x) overflows."""
    return np.exp(x) / (1 + np.exp(x))


def tanh_form(x: Array) -> Any:
    """(1 + tanh(x/2)) / 2, which loses the lower tail: 1 + tanh cancels."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def complement_form(x: Array) -> Any:
    """1 − 1/(1 + exp(x)), which loses the lower tail: the difference cancels."""
    return 1 - 1 / (1 + np.exp(x))


def hard_sigmoid(x: Array, *, slope: float = 1 / 6) -> Any:
    """A straight line through 1/2 cut off at 0 and 1, a cheap stand-in."""
    return np.clip(slope * x + 0.5, 0, 1)


def clipped_argument(x: Array, *, bound: float = 500) -> Any:
    """The argument is clipped against overflow, to ±500 or so, and the lower tail stops falling there."""
    return 1 / (1 + np.exp(-np.clip(x, -bound, bound)))


def clipped_value(x: Array, *, margin: float = 1e-7) -> Any:
    """The value is kept a small number, 1e-7 or so, away from 0 and 1."""
    return np.clip(1 / (1 + np.exp(-x)), margin, 1 - margin)


def guarded(x: Array, *, outside: bool = True, delta: float = 1e-8) -> Any:
    """A small δ is added where nothing can be divided by zero."""
    return 1 / (1 + np.exp(-x)) + delta if outside else 1 / (1 + np.exp(-x) + delta)


def scaled_argument(x: Array, *, by: float = 2.0) -> Any:
    """The argument is scaled first: too steep or too flat."""
    return 1 / (1 + np.exp(-by * x))


def softmax_over_the_entries(x: Array) -> Any:
    """The softmax over all entries, which makes them compete."""
    return softmax(x, axis=None)


SIGMOID = Formula(
    name="sigmoid",
    display=r"\sigma(x_{i})",
    program=sigmoid,
    ulps=2.1,
    definition=definition,
    inputs=(x,),
    range=(0.0, 1.0),
    laws=(
        defining(complements_its_mirror_image, "The values at x and at −x add up to one."),
        defining(has_the_odds_e_to_the_x, "The value at x is e to the x times the value at −x, in both tails too."),
        law(lies_between_zero_and_one, "No value is below zero or above one."),
        law(is_one_half_at_zero, "The value at zero is one half."),
        law(never_falls),
        law(works_entry_by_entry),
    ),
    mistakes=(
        made(
            "sign_flipped",
            "The minus sign in the exponent is missing: 1 / (1 + exp(x)), which falls.",
            by="x → -x",
            caught_by=never_falls,
        ),
        mistake(overflowing_form, caught_by=lies_between_zero_and_one),
        mistake(tanh_form, caught_by=has_the_odds_e_to_the_x),
        mistake(complement_form, caught_by=has_the_odds_e_to_the_x),
        made(
            "tanh_itself",
            "The hyperbolic tangent, which runs from −1 to 1.",
            by="tanh_instead_of_sigmoid",
            caught_by=complements_its_mirror_image,
        ),
        mistake(hard_sigmoid, caught_by=has_the_odds_e_to_the_x, variants={"slope": (0.2, 0.25)}),
        mistake(
            clipped_argument, caught_by=has_the_odds_e_to_the_x, variants={"bound": (20, 30, 36, 50, 88, 100, 250, 700)}
        ),
        mistake(
            clipped_value,
            caught_by=has_the_odds_e_to_the_x,
            variants={"margin": (1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 2.0**-52)},
        ),
        made("base_two", "Powers of two instead of e: 1 / (1 + 2^−x).", caught_by=has_the_odds_e_to_the_x),
        mistake(
            guarded,
            caught_by=complements_its_mirror_image,
            variants=tuple(
                {"outside": outside, "delta": delta}
                for outside in (True, False)
                for delta in (1e-7, 1e-8, 1e-10, 1e-12)
            ),
        ),
        mistake(scaled_argument, caught_by=has_the_odds_e_to_the_x, variants={"by": (0.5, 1.702, 0.1)}),
        mistake(softmax_over_the_entries, caught_by=works_entry_by_entry),
    ),
    specials=at_infinity(1.0, 0.0),
)
