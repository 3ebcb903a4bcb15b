r"""The derivative of the rectified linear unit with respect to its argument.

$$\mathrm{relu}'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}$$

**Conventions.** There is no derivative at 0. Here, as in PyTorch, JAX, Keras and the book, it is 0 there. nan gives nan.

**Reference.** X. Glorot, A. Bordes and Y. Bengio, *Deep Sparse Rectifier Neural Networks*, 2011, section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import is_one_above_zero, works_entry_by_entry
from refmath.spec import Claims, Equal, Formula, defining, law
from refmath.symbols import i

definition = sp.Piecewise((1, x[i] > 0), (0, True))


def relu_gradient(x: Any) -> Array | np.floating[Any]:
    r"""The derivative of the ReLU at every entry: 1 above 0, and 0 from there down.

    Args:
        x: Real numbers, an array of any shape or a single number. nan gives nan.

    Returns:
        The derivatives, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> relu_gradient([-2.0, 0.0, 3.0])
        array([0., 0., 1.])
    """
    x = arguments.real("x", x)
    #| $1$ where $x > 0$, and $0$ elsewhere
    values: Array | np.floating[Any] = np.where(np.isnan(x), x, x > 0).astype(x.dtype)[()]
    return values


def is_zero_at_zero_and_below(gradient: Any, x: Any) -> Claims:
    """The slope is 0 wherever the argument is not positive, at 0 too."""
    yield Equal(gradient(-np.abs(x)), 0 * x)


RELU_GRADIENT = Formula(
    "relu_gradient",
    definition,
    inputs=(x,),
    display=r"\operatorname{relu}'(x_{i})",
    program=relu_gradient,
    ulps=0.0,
    derivative_of="relu",
    range=(0.0, 1.0),
    laws=(defining(is_one_above_zero), defining(is_zero_at_zero_and_below), law(works_entry_by_entry)),
    specials=at_infinity(1.0, 0.0),
)
