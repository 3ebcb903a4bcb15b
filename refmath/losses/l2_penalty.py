r"""The L2 penalty: half the sum of the squared weights, times its strength.

$$E = \frac{\lambda}{2} \sum_{n} w_n^2$$

**Conventions.** The sum is over all N entries of an array of any shape, with the ½ that cancels the 2 of the derivative, and without a mean. Keras'
`regularizers.L2` has no ½: it is this penalty with twice the strength. An infinite weight costs ∞, but nan with a strength of 0; nan
gives nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (1.4).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import argument, parameter
from refmath.narrow import rounded_number
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining, law
from refmath.symbols import N, n

w = argument("w", "real", ...)
strength = parameter("strength", 0.01, others=(0.0, 1e-3, 1.0), nonnegative=True)
definition = strength * sp.Sum(w[n] ** 2, (n, 0, N - 1)) / 2


def l2_penalty(w: Any, *, strength: float = 0.01) -> np.floating[Any]:
    r"""Half the sum of the squares of all entries, times a strength.

    Args:
        w: Weights, an array of any shape or a single number.
        strength: The factor λ.

    Returns:
        The penalty, a scalar in the dtype of `w` (float64 for integers); ∞ only where it is beyond the dtype itself.

    Raises:
        TypeError: If `w` is not an array of real numbers, or the strength no number.
        ValueError: If `w` is empty, or the strength is negative or not finite.

    Examples:
        >>> print(l2_penalty([3.0, -4.0], strength=0.5))
        6.25
    """
    w, factor = arguments.real("w", w), arguments.nonnegative("strength", strength)
    #| Narrow formats are computed in float64 and rounded once.
    wide = w.astype(np.result_type(w, np.float64))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $w_n = 2^e u_n$ with $|u_n| \le 1$, as a square may leave the range though the penalty does not
        exponent = int(np.frexp(np.max(np.abs(wide)))[1])
        units = np.ldexp(np.ravel(wide), -exponent)
        #| $E = 2^{2e} \, \frac{\lambda}{2} \sum_n u_n^2$
        half = np.sum(units * units) * wide.dtype.type(factor / 2)
        return rounded_number(np.ldexp(half, 2 * exponent), w.dtype)


def is_half_the_square_of_one_weight(penalty: Any, w: Any) -> Claims:
    """A single weight costs half its square, times 0.01, the number of float64."""
    for each in np.ravel(w):
        yield Equal(penalty(np.array([each])), each * each * 0.01 / 2)


def is_the_sum_over_its_weights(penalty: Any, w: Any) -> Claims:
    """The penalty is the sum of those of all weights, each taken alone."""
    yield Equal(penalty(w), sum(penalty(np.array([each])) for each in np.ravel(w)))


def quadruples_when_weights_double(penalty: Any, w: Any) -> Claims:
    """Doubling all weights makes the penalty four times as large."""
    yield Equal(penalty(2 * w), 4 * penalty(w))


L2_PENALTY = Formula(
    "l2_penalty",
    definition,
    inputs=(w,),
    parameters=(strength,),
    display="E",
    program=l2_penalty,
    ulps=4.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_half_the_square_of_one_weight),
        defining(is_the_sum_over_its_weights),
        law(quadruples_when_weights_double),
    ),
    conventions=(
        Convention(
            "keras",
            "no ½: twice the penalty of this strength.",
            "Keras documentation, keras.regularizers.L2: l2 * reduce_sum(square(x)), with l2=0.01",
            parameters={"strength": 0.02},
        ),
    ),
    specials=(
        Special("infinity", {"w": [-np.inf, 0.0]}, np.inf),
        Special("beyond_range", {"w": [1e200, 0.0]}, np.inf),
        Special("nan", {"w": [np.nan, 0.0]}, np.nan),
    ),
)
