r"""The mean absolute error: how far the outputs are from their targets, on average.

$$E = \frac{1}{N} \sum_{n} |y_n - t_n|$$

**Conventions.** None are needed: the mean is over all N entries of the arrays, of whatever shape, in PyTorch, Keras and scikit-learn alike.
Infinite distances cost ∞; ∞ − ∞ and nan give nan.

**Reference.** C. J. Willmott and K. Matsuura, *Advantages of the Mean Absolute Error over the Root Mean Square Error*, 2005, equation (2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.losses.entrywise import is_the_mean_of_its_entries, mean_over_entries, operands, t, y
from refmath.spec import Claims, Equal, Formula, Special, defining, law
from refmath.symbols import N, n

definition = sp.Sum(sp.Abs(y[n] - t[n]), (n, 0, N - 1)) / N


def mean_absolute_error(y: Any, t: Any) -> np.floating[Any]:
    r"""The distance of each output from its target, averaged over all entries.

    Args:
        y: Outputs, an array of any shape or a single number.
        t: Targets, of the same shape.

    Returns:
        The loss, a scalar in the dtype of the arguments (float64 for integers).

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, or an argument is empty.

    Examples:
        >>> print(mean_absolute_error([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [3.0, 3.0]]))
        0.75
    """
    y, t, dtype = operands(y, t)
    #| $E = \frac{1}{N} \sum_n |y_n - t_n|$; narrow formats are computed in float64 and rounded once.
    return mean_over_entries(lambda scale: np.abs(scale * y - scale * t), dtype)


def is_the_distance_of_one_entry(loss: Any, y: Any, t: Any) -> Claims:
    """The loss of a single entry is its distance from the target."""
    for y_n, t_n in zip(np.ravel(y), np.ravel(t), strict=True):
        yield Equal(loss(np.array([y_n]), np.array([t_n])), abs(y_n - t_n))


def doubles_when_distances_double(loss: Any, y: Any, t: Any) -> Claims:
    """Doubling every distance makes the loss twice as large."""
    yield Equal(loss(2 * y, 2 * t), 2 * loss(y, t))


MEAN_ABSOLUTE_ERROR = Formula(
    "mean_absolute_error",
    definition,
    inputs=(y, t),
    display="E",
    program=mean_absolute_error,
    ulps=4.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_the_distance_of_one_entry),
        defining(is_the_mean_of_its_entries),
        law(doubles_when_distances_double),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 0.0], "t": [0.0, 0.0]}, np.inf),
        Special("nan", {"y": [np.nan, 0.0], "t": [0.0, 0.0]}, np.nan),
        Special("infinity_by_infinity", {"y": [np.inf, 0.0], "t": [np.inf, 0.0]}, np.nan),
    ),
)
