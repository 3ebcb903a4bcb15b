r"""The leaky rectified linear unit: it lets positive numbers through, and a small share of the others.

$$\mathrm{leaky\_relu}(x) = \begin{cases} x & x > 0 \\ s x & x \le 0 \end{cases}$$

**Conventions.** The slope s below zero is 0.01, as in PyTorch, JAX and the paper; Keras's layer takes 0.3 unless it is told otherwise, its function 0.2. nan gives nan, and so
does −∞ with a slope of 0.

**Reference.** A. L. Maas, A. Y. Hannun and A. Y. Ng, *Rectifier Nonlinearities Improve Neural Network Acoustic Models*, 2013, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.entrywise import at_infinity, x
from refmath.arguments import Array
from refmath.declarations import parameter
from refmath.laws import is_its_argument_above_zero, works_entry_by_entry
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, defining, law
from refmath.symbols import i

slope = parameter("slope", 0.01, others=(0.0, 1e-3, 2.0, -0.25))
definition = sp.Piecewise((x[i], x[i] > 0), (slope * x[i], True))


def leaky_relu(x: Any, *, slope: float = 0.01) -> Array | np.floating[Any]:
    r"""Every entry that is positive, and a share of the others.

    Args:
        x: Real numbers, an array of any shape or a single number. nan gives nan.
        slope: The share s that is left of what is not positive.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers, or the slope is no number.
        ValueError: If `x` is empty, or the slope is not finite.

    Examples:
        >>> leaky_relu([-2.0, 0.0, 3.0], slope=0.25)
        array([-0.5,  0. ,  3. ])
    """
    x, s = arguments.real("x", x), arguments.number("slope", slope)
    #| $x$ where $x > 0$, and $s x$ elsewhere; narrow formats are computed in float64 and rounded once.
    wide = x.astype(np.result_type(x, np.float64))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return rounded_values(np.where(wide > 0, wide, s * wide), x.dtype)


def is_a_hundredth_below_zero(leaky_relu: Any, x: Any) -> Claims:
    """Of whatever is negative the share 0.01 is left, a number of float64."""
    yield Equal(leaky_relu(-np.abs(x)), -np.abs(x) * 0.01)


LEAKY_RELU = Formula(
    "leaky_relu",
    definition,
    inputs=(x,),
    parameters=(slope,),
    display=r"\operatorname{leaky\_relu}(x_{i})",
    program=leaky_relu,
    ulps=0.5,
    laws=(defining(is_its_argument_above_zero), defining(is_a_hundredth_below_zero), law(works_entry_by_entry)),
    conventions=(
        Convention(
            "keras",
            "a slope of 0.3, unless it is told otherwise.",
            "Keras documentation, keras.layers.LeakyReLU, negative_slope",
            parameters={"slope": 0.3},
        ),
    ),
    specials=at_infinity(np.inf, -np.inf),
)
