r"""The derivative of the hinge loss with respect to the output.

$$\frac{\partial E}{\partial y_i} = \begin{cases} -t_i / N & t_i y_i < 1 \\ 0 & t_i y_i \ge 1 \end{cases}$$

**Conventions.** There is no derivative at the margin, where t y = 1. Here it is 0 there, as where max(0, ·) has the slope of a ReLU; JAX, whose maximum shares the
slope of equals, has half of −t / N. nan gives nan.

**Reference.** S. Shalev-Shwartz, Y. Singer and N. Srebro, *Pegasos: Primal Estimated sub-GrAdient SOlver for SVM*, 2007, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.losses.entrywise import is_an_nth_of_each_entrys_slope
from refmath.losses.hinge import operands, t, y
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining
from refmath.symbols import N, i

definition = sp.Piecewise((-t[i], t[i] * y[i] < 1), (0, True)) / N


def hinge_gradient(y: Any, t: Any) -> Array | np.floating[Any]:
    r"""The derivative of the hinge loss with respect to y: −t / N below the margin, 0 from there on.

    Args:
        y: Outputs, an array of any shape or a single number.
        t: Classes, −1 or 1, of the same shape.

    Returns:
        The gradient, of the shape and dtype of `y` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty, or a class is neither −1 nor 1.

    Examples:
        >>> hinge_gradient([2.0, 0.5, 0.5, 1.0], [1, 1, -1, 1])
        array([ 0.  , -0.25,  0.25,  0.  ])
    """
    y, t, dtype = operands(y, t)
    #| $-t_i / N$ where $t_i y_i < 1$: nothing is rounded in the product of a number and a sign.
    slopes = np.where(t * y < 1, -t / y.size, 0.0)
    return rounded_values(np.where(np.isnan(y), y, slopes), dtype)


def _halfway(y: Any, t: Any) -> Array | np.floating[Any]:
    y, t, dtype = operands(y, t)
    slopes = np.where(t * y == 1, -t / (2 * y.size), np.where(t * y < 1, -t / y.size, 0.0))
    return rounded_values(np.where(np.isnan(y), y, slopes), dtype)


def is_minus_its_class_below_the_margin(gradient: Any, y: Any, t: Any) -> Claims:
    """On the side of the other class, and below 1 on its own, the slope is −t, divided by the number of entries."""
    for outputs in (-np.abs(y) * t, 0.5 * t):
        yield Equal(gradient(outputs, t) * np.size(y), -t)


def is_zero_from_the_margin_on(gradient: Any, y: Any, t: Any) -> Claims:
    """From 1 on, at 1 too, the slope is 0."""
    yield Equal(gradient(1 * t, t), 0 * t)
    yield Equal(gradient((1 + np.abs(y)) * t, t), 0 * t)


HINGE_GRADIENT = Formula(
    "hinge_gradient",
    definition,
    inputs=(y, t),
    display=r"\frac{\partial E}{\partial y_{i}}",
    program=hinge_gradient,
    ulps=0.5,
    derivative_of="hinge",
    range=(-1.0, 1.0),
    laws=(
        defining(is_minus_its_class_below_the_margin),
        defining(is_zero_from_the_margin_on),
        defining(is_an_nth_of_each_entrys_slope),
    ),
    conventions=(
        Convention(
            "jax",
            "the slope at the margin is −t / (2 N).",
            "JAX 0.10, the derivative of jnp.maximum, which equals share",
            definition=sp.Piecewise((-t[i], t[i] * y[i] < 1), (-t[i] / 2, sp.Eq(t[i] * y[i], 1)), (0, True)) / N,
            program=_halfway,
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, -np.inf], "t": [1.0, 1.0]}, [0.0, -0.5]),
        Special("nan", {"y": [np.nan], "t": [1.0]}, [np.nan]),
    ),
)
