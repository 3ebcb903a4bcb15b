r"""The derivative of the Kullback-Leibler divergence with respect to the predicted probabilities.

$$\frac{\partial E}{\partial y_{ij}} = -\frac{t_{ij}}{N y_{ij}}$$

**Conventions.** Where t is 0 it is 0, whatever y; where only y is, −∞. The probabilities are independent variables: that they sum to 1 plays no part. Keras clips
both from below, and what is clipped has no slope.

**Reference.** S. Kullback and R. A. Leibler, *On Information and Sufficiency*, 1951, equation (2.4), differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.losses.kl_divergence import CLIPPED, KERAS, KERAS_EPSILON, epsilon, operands, t, y
from refmath.narrow import rounded_array
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining, misdefined, mistake
from refmath.symbols import N, i, j, xdivy

definition = -xdivy(t[i, j], y[i, j]) / N


def kl_divergence_gradient(y: Any, t: Any) -> Array:
    r"""The derivative of the Kullback-Leibler divergence with respect to y: −t / (N y), and 0 where t is.

    Args:
        y: Predicted probabilities, shape (K,) for one sample or (N, K) for a batch.
        t: Targets, of the same shape; each sample a distribution.

    Returns:
        The gradient, of the shape and dtype of `y` (float64 for integers).

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty or has other than one or two dimensions, a probability lies outside [0, 1],
            or a target is not a distribution.

    Examples:
        >>> kl_divergence_gradient([0.25, 0.75], [0.0, 1.0])
        array([ 0.        , -1.33333333])
    """
    y, t = operands(y, t)
    #| $\partial E / \partial y_{ij} = -t_{ij} / (N y_{ij})$; narrow formats are computed in float64 and rounded once.
    return _slopes(y, t, t > 0)


def _slopes(y: Array, t: Array, counted: Any) -> Array:
    wide, samples = np.result_type(y, np.float64), 1 if y.ndim == 1 else len(y)
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        quotients = np.divide(t.astype(wide), y.astype(wide), out=np.zeros(y.shape, wide), where=counted)
        # 0 − 0 is not −0; and N y may be larger than any number that t / y is smaller than.
        return rounded_array(0 - quotients / samples, y.dtype)


def _keras(y: Any, t: Any) -> Array:
    y, t = operands(y, t)
    return _slopes(y, np.maximum(t.astype(np.result_type(y, np.float64)), KERAS_EPSILON), y >= KERAS_EPSILON)


def times_its_probability_is_minus_the_target(gradient: Any, y: Any, t: Any) -> Claims:
    """Of a single sample, the slope times the probability is minus the target, wherever the probability is not 0."""
    for y_n, t_n in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True):
        slopes = gradient(y_n, t_n)
        for place, (q, p) in enumerate(zip(y_n, t_n, strict=True)):
            yield Equal(slopes[place] * q, -p) if q > 0 else Equal(slopes[place], 0 if p == 0 else -np.inf)


def is_an_nth_of_each_samples_gradient(gradient: Any, y: Any, t: Any) -> Claims:
    """Row n of a batch's gradient is the gradient of sample n, divided by N."""
    rows = list(zip(np.atleast_2d(y), np.atleast_2d(t), strict=True))
    yield Equal(np.atleast_2d(gradient(y, t)), np.stack([gradient(y_n, t_n) / len(rows) for y_n, t_n in rows]))


def zero_by_zero(y: Array, t: Array) -> Any:
    """Where target and probability are 0, their quotient is nan, not 0."""
    return -t / y / (1 if y.ndim == 1 else len(y))


KL_DIVERGENCE_GRADIENT = Formula(
    "kl_divergence_gradient",
    definition,
    inputs=(y, t),
    display=r"\frac{\partial E}{\partial y_{ij}}",
    program=kl_divergence_gradient,
    ulps=1.5,
    output=((i, "N"), (j, "K")),
    derivative_of="kl_divergence",
    laws=(defining(times_its_probability_is_minus_the_target), defining(is_an_nth_of_each_samples_gradient)),
    mistakes=(
        mistake(zero_by_zero, caught_by=times_its_probability_is_minus_the_target),
        misdefined(
            "slope_at_the_logits",
            "It is (y − t) / N, the gradient at the logits of a softmax, not at the probabilities.",
            (y[i, j] - t[i, j]) / N,
            caught_by=times_its_probability_is_minus_the_target,
        ),
    ),
    conventions=(
        Convention(
            "keras",
            CLIPPED,
            KERAS,
            definition=sp.Piecewise((-sp.Max(t[i, j], epsilon) / (N * y[i, j]), y[i, j] >= epsilon), (0, True)),
            program=_keras,
            constants={"epsilon": KERAS_EPSILON},
        ),
    ),
    specials=(Special("impossible_target", {"y": [0.0, 1.0], "t": [1.0, 0.0]}, [-np.inf, 0.0]),),
)
