r"""The binary cross-entropy of logits: each entry is a question of its own with two answers, and the loss the mean over all entries.

$$E = -\frac{1}{N} \sum_{n} \Big( w \, t_n \ln \sigma(a_n) + (1 - t_n) \ln \sigma(-a_n) \Big), \qquad \sigma(a) = \frac{1}{1 + e^{-a}}$$

**Conventions.** Natural logarithm; N counts all entries of an array of any shape. Targets lie between 0 and 1. The weight w of what is positive, 1
unless it is given, multiplies the first term only, as in PyTorch; the mean divides by N all the same. There is no guard, because none is needed when
the logits are at hand. PyTorch (`binary_cross_entropy_with_logits`), Keras (`BinaryCrossentropy(from_logits=True)`) and optax
(`sigmoid_binary_cross_entropy`, averaged) agree with it.

**Infinities.** An infinite logit costs nothing if its target is certain and on its side, and ∞ otherwise. nan gives nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.90), divided by N.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument, parameter
from refmath.laws import is_never_negative
from refmath.losses.entrywise import is_the_mean_of_its_entries, mean_over_entries
from refmath.spec import Claims, Equal, Form, Formula, Special, defining, law, misdefined, mistake
from refmath.symbols import N, n

a, t = argument("a", "logits", ...), argument("t", "unit_interval", ...)
pos_weight = parameter("pos_weight", 1.0, others=(1 / 16, 2.0, 16.0), positive=True)


def mean(term: sp.Expr) -> sp.Expr:
    """The mean over all entries."""
    return sp.Sum(term, (n, 0, N - 1)) / N


def softplus(x: sp.Expr) -> sp.Expr:
    """ln(1 + e^x) as it is evaluated: the larger of x and 0 is taken out of the logarithm."""
    m = sp.Max(x, 0)
    return sp.UnevaluatedExpr(m + sp.log(sp.exp(-m) + sp.exp(x - m)))


definition = mean(
    pos_weight * t[n] * sp.log(1 + sp.exp(-a[n])) + (1 - t[n]) * sp.log(1 + sp.exp(a[n])),
)


def binary_cross_entropy_with_logits(a: Any, t: Any, *, pos_weight: float = 1.0) -> np.floating[Any]:
    r"""The cross-entropy of the sigmoid of each logit with its target, averaged over all entries.

    Args:
        a: Logits, an array of any shape or a single number.
        t: Targets between 0 and 1, of the same shape; 0 or 1 as a rule, and booleans too.
        pos_weight: The weight w of the first term, positive.

    Returns:
        The loss, a scalar in the dtype of `a` (float64 for integers). Never negative.

    Raises:
        TypeError: If an argument is not an array of real numbers, or the weight no number.
        ValueError: If the shapes differ, an argument is empty, a target lies outside [0, 1], or the weight is not positive and finite.

    Examples:
        >>> print(binary_cross_entropy_with_logits([0.0, 0.0], [0, 1]))
        0.6931471805599453
        >>> print(binary_cross_entropy_with_logits([1000.0, -1000.0], [0, 0]))
        500.0
    """
    a, t = operands(a, t)
    w = arguments.positive("pos_weight", pos_weight)
    #| $w t_n$ and $1 - t_n$: what the two answers count.
    positive, negative = w * t, 1 - t
    wide = a.astype(t.dtype)

    def losses(scale: float) -> Array:
        #| $\ln(1 + e^{\pm a}) = \max(\pm a, 0) + \ln(1 + e^{-|a|})$: no term is negative, so that nothing cancels.
        z = scale * wide
        # Where a target counts for nothing, so does an infinite logit.
        far = np.where(positive > 0, positive * np.maximum(-z, 0), 0) + np.where(t < 1, negative * np.maximum(z, 0), 0)
        near = (positive + negative) * np.log1p(np.exp(-np.abs(wide)))
        return np.asarray(far + scale * near)

    return mean_over_entries(losses, a.dtype)


def operands(a: Any, t: Any) -> tuple[Array, Array]:
    """Logits in their dtype, and as many targets in float64 at least."""
    a, t = arguments.real("a", a), arguments.shares("t", t)
    arguments.same_shape("a", a, "t", t)
    return a, t.astype(np.result_type(a, t, np.float64))


def differs_between_the_answers_by_the_logit(loss: Any, a: Any, t: Any) -> Claims:
    """What all targets of 0 cost is more than what all targets of 1 cost by the mean of the logits."""
    yield Equal(loss(a, 0 * t) - loss(a, 0 * t + 1), np.mean(a))


def has_probabilities_that_sum_to_one(loss: Any, a: Any, t: Any) -> Claims:
    """Of one logit, the exponentials of the negative losses of both answers add up to one."""
    for a_n in np.reshape(a, -1)[:8]:
        one = np.array([a_n])
        yield Equal(np.exp(-loss(one, 0 * one)) + np.exp(-loss(one, 0 * one + 1)), 1)


def is_linear_in_the_targets(loss: Any, a: Any, t: Any) -> Claims:
    """Targets half-way to 1 cost half of what they did, and half of what targets of 1 cost."""
    yield Equal(2 * loss(a, (t + 1) / 2), loss(a, t) + loss(a, 0 * t + 1))


def logarithm_of_the_sigmoid(a: Array, t: Array, *, pos_weight: float = 1.0) -> Any:
    """The sigmoid is computed first and its logarithm then: where it is rounded to 0 or 1 the loss is infinite, or nan."""
    p = 1 / (1 + np.exp(-a))
    return -np.mean(pos_weight * t * np.log(p) + (1 - t) * np.log(1 - p))


def clipped_sigmoid(a: Array, t: Array, *, pos_weight: float = 1.0, margin: float = 1e-7) -> Any:
    """The sigmoid is computed first and kept away from 0 and 1, so that a loss beyond −ln of the margin is not told."""
    p = np.clip(1 / (1 + np.exp(-a)), margin, 1 - margin)
    return -np.mean(pos_weight * t * np.log(p) + (1 - t) * np.log(1 - p))


def offset_sigmoid(a: Array, t: Array, *, pos_weight: float = 1.0, margin: float = 1e-8) -> Any:
    """The sigmoid is computed first, and a small number is added to it inside the logarithm."""
    p = 1 / (1 + np.exp(-a))
    return -np.mean(pos_weight * t * np.log(p + margin) + (1 - t) * np.log(1 - p + margin))


def no_shift(a: Array, t: Array, *, pos_weight: float = 1.0) -> Any:
    """The exponential is taken as it is, so that those of large logits overflow."""
    return np.mean((1 + (pos_weight - 1) * t) * np.log1p(np.exp(a)) - pos_weight * t * a)


_MARGINS = {"margin": (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)}

BINARY_CROSS_ENTROPY_WITH_LOGITS = Formula(
    "binary_cross_entropy_with_logits",
    definition,
    inputs=(a, t),
    parameters=(pos_weight,),
    display="E",
    program=binary_cross_entropy_with_logits,
    ulps=8.0,
    range=(0.0, np.inf),
    laws=(
        defining(differs_between_the_answers_by_the_logit),
        defining(has_probabilities_that_sum_to_one),
        defining(is_the_mean_of_its_entries, "The loss of an array is the mean of the losses of its entries."),
        defining(is_linear_in_the_targets),
        law(is_never_negative),
    ),
    mistakes=(
        misdefined(
            "sigmoid_forgotten",
            "The sigmoid is missing: the logits are taken for probabilities.",
            mean(-t[n] * sp.log(a[n]) - (1 - t[n]) * sp.log(1 - a[n])),
            caught_by=differs_between_the_answers_by_the_logit,
        ),
        mistake(logarithm_of_the_sigmoid, caught_by=differs_between_the_answers_by_the_logit),
        mistake(clipped_sigmoid, caught_by=differs_between_the_answers_by_the_logit, variants=_MARGINS),
        mistake(offset_sigmoid, caught_by=differs_between_the_answers_by_the_logit, variants=_MARGINS),
        mistake(no_shift, caught_by=differs_between_the_answers_by_the_logit),
    ),
    forms=(
        Form(
            "the larger of the logit and 0, and a logarithm of at most 2",
            mean(pos_weight * t[n] * softplus(-a[n]) + (1 - t[n]) * softplus(a[n])),
            "optax 0.2, optax.losses.sigmoid_binary_cross_entropy",
        ),
        Form(
            "the logit, and a logarithm of the sigmoid",
            mean((1 - t[n]) * a[n] + (1 + (pos_weight - 1) * t[n]) * softplus(-a[n])),
            "PyTorch 2.13, torch.nn.functional.binary_cross_entropy_with_logits",
        ),
    ),
    specials=(
        Special("infinity", {"a": [-np.inf, np.inf], "t": [0.0, 1.0]}, 0.0),
        Special("impossible_target", {"a": [-np.inf, 0.0], "t": [1.0, 1.0]}, np.inf),
        Special("nan", {"a": [np.nan, 0.0], "t": [1.0, 0.0]}, np.nan),
    ),
)
