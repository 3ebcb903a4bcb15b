r"""The derivative of the L2 penalty with respect to the weights.

$$\frac{\partial E}{\partial w_i} = \lambda w_i$$

**Conventions.** It belongs to the penalty with ½. That of Keras' `regularizers.L2`, which has no ½, is twice as large.
±∞ stays what it is; nan gives nan.

**Reference.** A. Krogh and J. A. Hertz, *A Simple Weight Decay Can Improve Generalization*, 1991, equation (2).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.losses.l2_penalty import strength, w
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining
from refmath.symbols import i

definition = strength * w[i]


def l2_penalty_gradient(w: Any, *, strength: float = 0.01) -> Array | np.floating[Any]:
    r"""The derivative of the L2 penalty with respect to w: each entry times the strength.

    Args:
        w: Weights, an array of any shape or a single number.
        strength: The factor λ.

    Returns:
        The gradient, of the shape and dtype of `w` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If `w` is not an array of real numbers, or the strength no number.
        ValueError: If `w` is empty, or the strength is negative or not finite.

    Examples:
        >>> l2_penalty_gradient([3.0, -4.0], strength=0.5)
        array([ 1.5, -2. ])
    """
    w, factor = arguments.real("w", w), arguments.nonnegative("strength", strength)
    wide = w.astype(np.result_type(w, np.float64))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $\partial E / \partial w_i = \lambda w_i$; narrow formats are computed in float64 and rounded once.
        return rounded_values(wide * wide.dtype.type(factor), w.dtype)


def is_a_hundredth_of_each_weight(gradient: Any, w: Any) -> Claims:
    """The slope at a single weight is 0.01 of it, the number of float64."""
    for each in np.ravel(w):
        yield Equal(gradient(np.array([each])), np.array([each * 0.01]))


def works_entry_by_entry(gradient: Any, w: Any) -> Claims:
    """The slope at an entry does not depend on the others, nor on how many there are."""
    slopes = np.ravel(gradient(w))
    for place, each in enumerate(np.ravel(w)):
        yield Equal(gradient(np.array([each])), slopes[place : place + 1])


L2_PENALTY_GRADIENT = Formula(
    "l2_penalty_gradient",
    definition,
    inputs=(w,),
    parameters=(strength,),
    display=r"\frac{\partial E}{\partial w_{i}}",
    program=l2_penalty_gradient,
    ulps=0.5,
    derivative_of="l2_penalty",
    laws=(defining(is_a_hundredth_of_each_weight), defining(works_entry_by_entry)),
    conventions=(
        Convention(
            "keras",
            "no ½ in the penalty: twice the gradient of this strength.",
            "Keras documentation, keras.regularizers.L2: l2 * reduce_sum(square(x)), with l2=0.01",
            parameters={"strength": 0.02},
        ),
    ),
    specials=(
        Special("infinity", {"w": [np.inf, -np.inf]}, [np.inf, -np.inf]),
        Special("nan", {"w": [np.nan]}, [np.nan]),
    ),
)
