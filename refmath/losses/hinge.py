r"""The hinge loss: how much an output falls short of the margin 1 on the side of its class, on average.

$$E = \frac{1}{N} \sum_{n} \max(0, 1 - t_n y_n), \qquad t_n = \pm 1$$

**Conventions.** The mean is over all N entries of the arrays, of whatever shape; classes are −1 and 1, and outputs are scores, not probabilities. It is the hinge
loss of Keras and of scikit-learn with two classes; PyTorch's `hinge_embedding_loss` is another function. An output at ∞ on the wrong side costs ∞; nan gives nan.

**Reference.** V. N. Vapnik, *Statistical Learning Theory*, 1998, section 10.1; C. Cortes and V. Vapnik, *Support-Vector Networks*, 1995, section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.losses.entrywise import is_the_mean_of_its_entries, mean_over_entries
from refmath.spec import Claims, Equal, Formula, Special, defining, misdefined
from refmath.symbols import N, n

y, t = argument("y", "real", ...), argument("t", "signs", ...)
definition = sp.Sum(sp.Max(0, 1 - t[n] * y[n]), (n, 0, N - 1)) / N


def hinge(y: Any, t: Any) -> np.floating[Any]:
    r"""The hinge loss of each output, averaged over all entries.

    Args:
        y: Outputs, an array of any shape or a single number.
        t: Classes, −1 or 1, of the same shape.

    Returns:
        The loss, a scalar in the dtype of `y` (float64 for integers).

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty, or a class is neither −1 nor 1.

    Examples:
        >>> print(hinge([2.0, 0.5, 0.5], [1, 1, -1]))
        0.6666666666666666
    """
    y, t, dtype = operands(y, t)
    #| $E = \frac{1}{N} \sum_n \max(0, 1 - t_n y_n)$; narrow formats are computed in float64 and rounded once.
    return mean_over_entries(lambda scale: np.maximum(0.0, scale - t * (scale * y)), dtype)


def operands(y: Any, t: Any) -> tuple[Array, Array, np.dtype[Any]]:
    """Outputs and classes of one shape, in float64 at least, and the number type of the answer."""
    y, t = arguments.real("y", y), arguments.signs("t", t)
    arguments.same_shape("y", y, "t", t)
    wide = np.result_type(y, np.float64)
    return y.astype(wide), t.astype(wide), y.dtype


def is_what_lacks_to_the_margin(loss: Any, y: Any, t: Any) -> Claims:
    """An output on the side of the other class, by however much, costs 1 more than that."""
    yield Equal(loss(-np.abs(y) * t, t), np.sum(1 + np.abs(y)) / np.size(y))


def is_zero_beyond_the_margin(loss: Any, y: Any, t: Any) -> Claims:
    """An output on the side of its class costs nothing from 1 on."""
    yield Equal(loss(t, t), 0)
    yield Equal(loss((1 + np.abs(y)) * t, t), 0)


def falls_by_a_line_up_to_the_margin(loss: Any, y: Any, t: Any) -> Claims:
    """Between 0 and 1 on the side of its class an output costs what it lacks to 1."""
    for share in (0, 0.25, 0.5, 0.75):
        yield Equal(loss(share * t, t), 1 - share)


HINGE = Formula(
    "hinge",
    definition,
    inputs=(y, t),
    display="E",
    program=hinge,
    ulps=4.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_what_lacks_to_the_margin),
        defining(falls_by_a_line_up_to_the_margin),
        defining(is_zero_beyond_the_margin),
        defining(is_the_mean_of_its_entries),
    ),
    mistakes=(
        misdefined(
            "logistic_loss",
            "It is the logistic loss ln(1 + exp(−t y)), which is never 0.",
            sp.Sum(sp.log(1 + sp.exp(-t[n] * y[n])), (n, 0, N - 1)) / N,
            caught_by=is_zero_beyond_the_margin,
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 0.0], "t": [-1.0, 1.0]}, np.inf),
        Special("infinity", {"y": [np.inf, 0.0], "t": [1.0, 1.0]}, 0.5),
        Special("nan", {"y": [np.nan, 0.0], "t": [1.0, 1.0]}, np.nan),
    ),
    reference="C. Cortes and V. Vapnik, Support-Vector Networks, 1995, section 3; V. N. Vapnik, Statistical Learning Theory, 1998, section 10.1",
)
