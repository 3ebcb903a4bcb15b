r"""The derivative of the Huber loss with respect to the output.

$$\frac{\partial E}{\partial y_i} = \frac{1}{N} \max(-\delta, \min(y_i - t_i, \delta))$$

**Conventions.** It is the distance from the target, clipped to ±δ and divided by the number of entries. That of PyTorch's `smooth_l1_loss` is divided by δ.
nan and ∞ − ∞ give nan.

**Reference.** P. J. Huber, *Robust Estimation of a Location Parameter*, 1964, section 1, differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.losses.entrywise import is_an_nth_of_each_entrys_slope, operands, t, y
from refmath.losses.huber import delta
from refmath.narrow import rounded_values
from refmath.spec import Claims, Equal, Formula, Special, defining, misdefined
from refmath.symbols import N, i

_distance = y[i] - t[i]
definition = sp.Max(-delta, sp.Min(_distance, delta)) / N


def huber_gradient(y: Any, t: Any, *, delta: float = 1.0) -> Array | np.floating[Any]:
    r"""The derivative of the Huber loss with respect to y: each distance, clipped to ±δ and divided by N.

    Args:
        y: Outputs, an array of any shape or a single number.
        t: Targets, of the same shape.
        delta: The distance δ from which on the loss is linear.

    Returns:
        The gradient, of the shape of `y` and the dtype of the arguments (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If an argument is not an array of real numbers, or δ no number.
        ValueError: If the shapes differ, an argument is empty, or δ is not positive and finite.

    Examples:
        >>> huber_gradient([1.5, 3.0], [1.0, 0.0])
        array([0.25, 0.5 ])
    """
    (y, t, dtype), most = operands(y, t), arguments.positive("delta", delta)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $\partial E / \partial y_i = \max(-\delta, \min(y_i - t_i, \delta)) / N$
        return rounded_values(np.clip(y - t, -most, most) / y.size, dtype)


def is_a_small_distance_itself(gradient: Any, y: Any, t: Any) -> Claims:
    """With δ = 1, the slope of a single entry no further than 1 from its target is its distance, with its sign."""
    for y_n, t_n in ((-0.5, 0.0), *zip(np.ravel(y), np.ravel(t), strict=True)):
        if abs(y_n - t_n) <= 1:
            yield Equal(gradient(np.array([y_n]), np.array([t_n])), np.array([y_n - t_n]))


def is_one_from_one_on(gradient: Any, y: Any, t: Any) -> Claims:
    """With δ = 1, the slope of a single entry further than 1 from its target is 1, or −1 below it."""
    for y_n, t_n in ((-3.0, 0.0), *zip(np.ravel(y), np.ravel(t), strict=True)):
        if abs(y_n - t_n) >= 1:
            yield Equal(gradient(np.array([y_n]), np.array([t_n])), np.array([1.0 if y_n > t_n else -1.0]))


HUBER_GRADIENT = Formula(
    "huber_gradient",
    definition,
    inputs=(y, t),
    parameters=(delta,),
    display=r"\frac{\partial E}{\partial y_{i}}",
    program=huber_gradient,
    ulps=1.5,
    derivative_of="huber",
    laws=(
        defining(is_a_small_distance_itself),
        defining(is_one_from_one_on),
        defining(is_an_nth_of_each_entrys_slope),
    ),
    mistakes=(
        misdefined(
            "pseudo_huber",
            "It is the slope d / √(1 + (d/δ)²) of a smooth loss, which is nowhere exactly a distance or δ.",
            _distance / sp.sqrt(1 + (_distance / delta) ** 2) / N,
            caught_by=is_one_from_one_on,
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 0.0], "t": [0.0, 0.0]}, [0.5, 0.0]),
        Special("infinity_by_infinity", {"y": [np.inf], "t": [np.inf]}, [np.nan]),
        Special("nan", {"y": [np.nan], "t": [0.0]}, [np.nan]),
    ),
)
