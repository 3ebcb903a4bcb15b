r"""The derivative of the binary cross-entropy with respect to the logits.

$$\frac{\partial E}{\partial a_i} = \frac{(1 - t_i) \, \sigma(a_i) - w \, t_i \, \sigma(-a_i)}{N}, \qquad \sigma(a) = \frac{1}{1 + e^{-a}}$$

**Conventions.** N counts all entries of an array of any shape. The weight w of what is positive multiplies the second term only; for w = 1 the
gradient is (σ(a) − t) / N, which cancels near certainty.

**Infinities.** The limits, σ(∞) = 1 and σ(−∞) = 0. nan gives nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.91), divided by N.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.sigmoid import sigmoid
from refmath.arguments import Array
from refmath.losses.binary_cross_entropy_with_logits import a, operands, pos_weight, softplus, t
from refmath.narrow import rounded_values
from refmath.spec import AtLeast, Claims, Equal, Form, Formula, Special, defining, law, misdefined
from refmath.symbols import N, i


def sigma(x: sp.Expr) -> sp.Expr:
    """The sigmoid."""
    return 1 / (1 + sp.exp(-x))


definition = ((1 - t[i]) * sigma(a[i]) - pos_weight * t[i] * sigma(-a[i])) / N


def binary_cross_entropy_with_logits_gradient(a: Any, t: Any, *, pos_weight: float = 1.0) -> Array | np.floating[Any]:
    r"""The derivative of the binary cross-entropy by every logit.

    Args:
        a: Logits, an array of any shape or a single number.
        t: Targets between 0 and 1, of the same shape; 0 or 1 as a rule, and booleans too.
        pos_weight: The weight w of the targets of 1, positive.

    Returns:
        The gradient, of the shape and dtype of `a` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If an argument is not an array of real numbers, or the weight no number.
        ValueError: If the shapes differ, an argument is empty, a target lies outside [0, 1], or the weight is not positive and finite.

    Examples:
        >>> binary_cross_entropy_with_logits_gradient([0.0, 0.0], [0, 1])
        array([ 0.25, -0.25])
    """
    a, t = operands(a, t)
    w = arguments.positive("pos_weight", pos_weight)
    z = a.astype(t.dtype)
    with np.errstate(over="ignore", under="ignore"):
        #| $(1 - t_i) \, \sigma(a_i) - w \, t_i \, \sigma(-a_i)$: near certainty σ(a) − t would cancel.
        slopes = (1 - t) * sigmoid(z) - t * sigmoid(-z) * w
        return rounded_values(np.asarray(slopes / a.size), a.dtype)


def differs_between_the_answers_by_one(gradient: Any, a: Any, t: Any) -> Claims:
    """The gradient at targets of 0 is larger than that at targets of 1 by 1/N in every entry."""
    yield Equal(gradient(a, 0 * t) - gradient(a, 0 * t + 1), (0 * a + 1) / np.size(a))


def has_the_odds_e_to_the_a(gradient: Any, a: Any, t: Any) -> Claims:
    """The gradient at targets of 0 is minus e to the a times that at targets of 1."""
    yield Equal(gradient(a, 0 * t), -np.exp(a) * gradient(a, 0 * t + 1))


def is_linear_in_the_targets(gradient: Any, a: Any, t: Any) -> Claims:
    """Targets half-way to 1 have half of the gradient that they had, and half of that at targets of 1."""
    yield Equal(2 * gradient(a, (t + 1) / 2), gradient(a, t) + gradient(a, 0 * t + 1))


def is_never_positive_where_the_target_is_one(gradient: Any, a: Any, t: Any) -> Claims:
    """With targets of 1 no logit that rises raises the loss."""
    yield AtLeast(0 * a, gradient(a, 0 * t + 1))


BINARY_CROSS_ENTROPY_WITH_LOGITS_GRADIENT = Formula(
    "binary_cross_entropy_with_logits_gradient",
    definition,
    inputs=(a, t),
    parameters=(pos_weight,),
    display=r"\frac{\partial E}{\partial a_{i}}",
    program=binary_cross_entropy_with_logits_gradient,
    derivative_of="binary_cross_entropy_with_logits",
    laws=(
        defining(differs_between_the_answers_by_one),
        defining(has_the_odds_e_to_the_a),
        defining(is_linear_in_the_targets),
        law(is_never_positive_where_the_target_is_one),
    ),
    mistakes=(
        misdefined(
            "sigmoid_forgotten",
            "The sigmoid is missing: the logit itself less the target.",
            (a[i] - t[i]) / N,
            caught_by=has_the_odds_e_to_the_a,
        ),
        misdefined(
            "slope_of_the_sigmoid_beside",
            "The slope of the sigmoid is multiplied in once more, as for a squared error.",
            (sigma(a[i]) - t[i]) * sigma(a[i]) * sigma(-a[i]) / N,
            caught_by=differs_between_the_answers_by_one,
        ),
    ),
    forms=(
        Form(
            "the sigmoid less the target",
            ((1 + (pos_weight - 1) * t[i]) * sigma(a[i]) - pos_weight * t[i]) / N,
            "scikit-learn 1.9, sklearn._loss.HalfBinomialLoss",
        ),
        Form(
            "one less the target, less the sigmoid of the other side",
            ((1 - t[i]) - (1 + (pos_weight - 1) * t[i]) * sigma(-a[i])) / N,
            "PyTorch 2.13, the derivative of torch.nn.functional.binary_cross_entropy_with_logits",
        ),
        Form(
            "from the exponentials of the logarithms of the sigmoid",
            ((1 - t[i]) * sp.exp(a[i] - softplus(a[i])) - pos_weight * t[i] * sp.exp(-a[i] - softplus(-a[i]))) / N,
            "JAX 0.10, the derivative of jax.nn.log_sigmoid",
        ),
    ),
    specials=(
        Special("infinity", {"a": [-np.inf, np.inf], "t": [1.0, 0.0]}, [-0.5, 0.5]),
        Special("nan", {"a": [np.nan], "t": [1.0]}, [np.nan]),
    ),
)
