r"""The derivative of the mean absolute error with respect to the output.

$$\frac{\partial E}{\partial y_i} = \frac{1}{N} \, \mathrm{sign}(y_i - t_i)$$

**Conventions.** There is no derivative where output and target agree. Here, as in PyTorch, it is 0 there; in JAX, whose
absolute value has the slope 1 at 0, it is 1 / N. nan and ∞ − ∞ give nan.

**Reference.** S. Boyd and L. Vandenberghe, *Convex Optimization*, 2004, section 6.1.2, for the loss; its slope follows on each side of the kink.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.laws import changes_sign_when_y_and_t_change_places
from refmath.losses.entrywise import is_an_nth_of_each_entrys_slope, operands, t, y
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining, law
from refmath.symbols import N, i

definition = sp.sign(y[i] - t[i]) / N


def mean_absolute_error_gradient(y: Any, t: Any) -> Array | np.floating[Any]:
    r"""The derivative of the mean absolute error with respect to y: the sign of each distance, divided by N.

    Args:
        y: Outputs, an array of any shape or a single number.
        t: Targets, of the same shape.

    Returns:
        The gradient, of the shape of `y` and the dtype of the arguments (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, or an argument is empty.

    Examples:
        >>> mean_absolute_error_gradient([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 5.0, 3.0])
        array([ 0.  ,  0.25, -0.25,  0.25])
    """
    y, t, dtype = operands(y, t)
    with np.errstate(over="ignore", invalid="ignore"):
        #| $\partial E / \partial y_i = \mathrm{sign}(y_i - t_i) / N$: a difference of floats is zero only where they are equal.
        return rounded_values(np.sign(y - t) / y.size, dtype)


def _at_least(y: Any, t: Any) -> Array | np.floating[Any]:
    y, t, dtype = operands(y, t)
    with np.errstate(over="ignore", invalid="ignore"):
        distance = y - t
        return rounded_values(np.where(distance == 0, 1.0, np.sign(distance)) / y.size, dtype)


def is_the_side_of_one_entry(gradient: Any, y: Any, t: Any) -> Claims:
    """Of a single entry, the slope times the distance from the target is the absolute value of that distance."""
    for y_i, t_i in zip(np.ravel(y), np.ravel(t), strict=True):
        yield Equal((y_i - t_i) * gradient(np.array([y_i]), np.array([t_i])), np.array([abs(y_i - t_i)]))


def is_zero_at_the_target(gradient: Any, y: Any, t: Any) -> Claims:
    """The slope is zero where output and target agree."""
    yield Equal(gradient(t, t), 0 * t)


MEAN_ABSOLUTE_ERROR_GRADIENT = Formula(
    "mean_absolute_error_gradient",
    definition,
    inputs=(y, t),
    display=r"\frac{\partial E}{\partial y_{i}}",
    program=mean_absolute_error_gradient,
    ulps=0.5,
    derivative_of="mean_absolute_error",
    range=(-1.0, 1.0),
    laws=(
        defining(is_the_side_of_one_entry),
        defining(is_an_nth_of_each_entrys_slope),
        defining(is_zero_at_the_target),
        law(changes_sign_when_y_and_t_change_places),
    ),
    conventions=(
        Convention(
            "jax",
            "the slope where y = t is 1 / N.",
            "JAX 0.10, the derivative of jnp.abs, which is 1 at 0",
            definition=sp.Piecewise((1, y[i] - t[i] >= 0), (-1, True)) / N,
            program=_at_least,
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 0.0], "t": [0.0, 0.0]}, [0.5, 0.0]),
        Special("infinity_by_infinity", {"y": [np.inf], "t": [np.inf]}, [np.nan]),
        Special("nan", {"y": [np.nan], "t": [0.0]}, [np.nan]),
    ),
    reference="S. Boyd and L. Vandenberghe, Convex Optimization, 2004, section 6.1.2",
)
