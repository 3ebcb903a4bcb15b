r"""The exponential linear unit: it lets positive numbers through, and bends the others towards −α.

$$\mathrm{elu}(x) = \begin{cases} x & x > 0 \\ \alpha \, (e^x - 1) & x \le 0 \end{cases}$$

**Conventions.** α is 1 unless it is told otherwise, as in PyTorch, JAX and Keras. At −∞ it is −α; nan gives nan.

**Reference.** D.-A. Clevert, T. Unterthiner and S. Hochreiter, *Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)*, 2016, section 3.
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
from refmath.spec import Claims, Equal, Formula, defining, law, misdefined
from refmath.symbols import i

alpha = parameter("alpha", 1.0, others=(0.0, 1 / 64, 16.0, -0.5))
definition = sp.Piecewise((x[i], x[i] > 0), (alpha * (sp.exp(x[i]) - 1), True))


def elu(x: Any, *, alpha: float = 1.0) -> Array | np.floating[Any]:
    r"""Every entry that is positive, and $\alpha (e^x - 1)$ of the others.

    Args:
        x: Real numbers, an array of any shape or a single number. nan gives nan.
        alpha: How far below zero it goes.

    Returns:
        The values, of the shape and dtype of `x` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `x` is not an array of real numbers, or α is no number.
        ValueError: If `x` is empty, or α is not finite.

    Examples:
        >>> elu([-1000.0, 0.0, 3.0], alpha=0.5)
        array([-0.5,  0. ,  3. ])
    """
    x, a = arguments.real("x", x), arguments.number("alpha", alpha)
    # Narrow formats are computed in float64 and rounded once.
    z = x.astype(np.result_type(x, np.float64))
    with np.errstate(under="ignore"):
        #| $e^x - 1$ of what is not positive, where no exponential overflows; expm1 keeps every digit near 0.
        below = a * np.expm1(np.minimum(z, 0))
        return rounded_values(np.where(z > 0, z, below), x.dtype)


def is_the_exponential_less_one_below_zero(elu: Any, x: Any) -> Claims:
    """Of whatever is negative it is the exponential less 1."""
    yield Equal(elu(-np.abs(x)), np.exp(-np.abs(x)) - 1)


ELU = Formula(
    "elu",
    definition,
    inputs=(x,),
    parameters=(alpha,),
    display=r"\operatorname{elu}(x_{i})",
    program=elu,
    ulps=2.0,
    laws=(
        defining(is_its_argument_above_zero),
        defining(is_the_exponential_less_one_below_zero),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "scaled_elu",
            "The self-normalising SELU, which has an α of 1.673 and a scale of 1.051.",
            sp.Rational(10507009873554805, 10**16) * definition.subs(alpha, sp.Rational(16732632423543773, 10**16)),
            caught_by=is_its_argument_above_zero,
        ),
    ),
    specials=at_infinity(np.inf, -1.0),
)
