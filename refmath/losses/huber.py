r"""The Huber loss: half the squared distance of output and target, which from δ on grows like the distance itself.

$$E = \frac{1}{N} \sum_{n} h(y_n - t_n), \qquad h(d) = \begin{cases} \frac{1}{2} d^2 & |d| \le \delta \\ \delta \left(|d| - \frac{\delta}{2}\right) & |d| > \delta \end{cases}$$

**Conventions.** The mean is over all N entries of the arrays, of whatever shape. PyTorch's `smooth_l1_loss` is this loss divided by δ: for δ = 1 they
are the same. Infinite distances cost ∞; ∞ − ∞ and nan give nan.

**Reference.** P. J. Huber, *Robust Estimation of a Location Parameter*, 1964, section 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import parameter
from refmath.losses.entrywise import is_the_mean_of_its_entries, mean_over_entries, operands, t, y
from refmath.spec import Claims, Equal, Formula, Special, defining, misdefined
from refmath.symbols import N, n

delta = parameter("delta", 1.0, others=(1 / 16, 2.0, 16.0), positive=True)
d = sp.Abs(y[n] - t[n])
_square, _line = d**2 / 2, delta * (d - delta / 2)
definition = sp.Sum(sp.Piecewise((_square, d <= delta), (_line, True)), (n, 0, N - 1)) / N


def huber(y: Any, t: Any, *, delta: float = 1.0) -> np.floating[Any]:
    r"""The Huber loss of each output, averaged over all entries.

    Args:
        y: Outputs, an array of any shape or a single number.
        t: Targets, of the same shape.
        delta: The distance δ from which on the loss is linear.

    Returns:
        The loss, a scalar in the dtype of the arguments (float64 for integers).

    Raises:
        TypeError: If an argument is not an array of real numbers, or δ no number.
        ValueError: If the shapes differ, an argument is empty, or δ is not positive and finite.

    Examples:
        >>> print(huber([1.5, 3.0], [1.0, 0.0]))
        1.3125
        >>> print(huber([1.5, 3.0], [1.0, 0.0], delta=2.0))
        2.0625
    """
    (y, t, dtype), least = operands(y, t), arguments.positive("delta", delta)
    #| $E = \frac{1}{N} \sum_n h(|y_n - t_n|)$ with $h(d) = \frac{1}{2} d^2$ up to δ and $\delta (d - \frac{\delta}{2})$ beyond; narrow formats are computed in float64.
    return mean_over_entries(lambda scale: _losses(np.abs(scale * y - scale * t), scale, least), dtype)


def _losses(d: Array, scale: float, least: float) -> Array:
    """The losses times a scale, of distances times it."""
    return np.asarray(np.where(d <= scale * least, d * (d / scale) / 2, least * (d - scale * least / 2)))


def is_half_the_square_of_a_small_distance(loss: Any, y: Any, t: Any) -> Claims:
    """With δ = 1, the loss of a single entry no further than 1 from its target is half its squared distance."""
    for y_n, t_n in ((-0.5, 0.0), *zip(np.ravel(y), np.ravel(t), strict=True)):
        if abs(y_n - t_n) <= 1:
            yield Equal(loss(np.array([y_n]), np.array([t_n])), (y_n - t_n) ** 2 / 2)


def is_a_large_distance_less_a_half(loss: Any, y: Any, t: Any) -> Claims:
    """With δ = 1, the loss of a single entry further than 1 from its target is its distance less ½."""
    for y_n, t_n in ((-3.0, 0.0), *zip(np.ravel(y), np.ravel(t), strict=True)):
        if abs(y_n - t_n) >= 1:
            yield Equal(loss(np.array([y_n]), np.array([t_n])), abs(y_n - t_n) - 0.5)


HUBER = Formula(
    "huber",
    definition,
    inputs=(y, t),
    parameters=(delta,),
    display="E",
    program=huber,
    ulps=4.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_half_the_square_of_a_small_distance),
        defining(is_a_large_distance_less_a_half),
        defining(is_the_mean_of_its_entries),
    ),
    mistakes=(
        misdefined(
            "pseudo_huber",
            "It is the smooth loss δ² (√(1 + (d/δ)²) − 1), which is nowhere exactly a parabola or a line.",
            sp.Sum(delta**2 * (sp.sqrt(1 + (d / delta) ** 2) - 1), (n, 0, N - 1)) / N,
            caught_by=is_half_the_square_of_a_small_distance,
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 0.0], "t": [0.0, 0.0]}, np.inf),
        Special("nan", {"y": [np.nan, 0.0], "t": [0.0, 0.0]}, np.nan),
        Special("infinity_by_infinity", {"y": [np.inf, 0.0], "t": [np.inf, 0.0]}, np.nan),
    ),
)
