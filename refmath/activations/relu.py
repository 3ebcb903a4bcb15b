r"""The rectified linear unit: it lets positive numbers through and makes 0 of the others.

$$\mathrm{relu}(x) = \max(x, 0)$$

**Conventions.** None are needed. It works entry by entry on an array of any shape; nan gives nan.

**Reference.** V. Nair and G. E. Hinton, *Rectified Linear Units Improve Restricted Boltzmann Machines*, 2010, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.laws import is_its_argument_above_zero, works_entry_by_entry
from refmath.spec import Claims, Equal, Formula, defining, law
from refmath.symbols import i

definition = sp.Max(x[i], 0)


def relu(x: Any) -> Array | np.floating[Any]:
    r"""The larger of every entry and 0.

    Args:
        x: Real numbers, an array of any shape or a single number. nan gives nan.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers.
        ValueError: If `x` is empty.

    Examples:
        >>> relu([-2.0, 0.0, 3.0])
        array([0., 0., 3.])
    """
    x = arguments.real("x", x)
    #| $\max(x, 0)$
    values: Array | np.floating[Any] = np.maximum(x, x.dtype.type(0))
    return values


def is_zero_below_zero(relu: Any, x: Any) -> Claims:
    """Whatever is negative becomes 0."""
    yield Equal(relu(-np.abs(x)), 0 * x)


RELU = Formula(
    "relu",
    definition,
    inputs=(x,),
    display=r"\operatorname{relu}(x_{i})",
    program=relu,
    ulps=0.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_its_argument_above_zero, "Whatever is not negative stays what it is."),
        defining(is_zero_below_zero),
        law(works_entry_by_entry),
    ),
    specials=at_infinity(np.inf, 0.0),
)
