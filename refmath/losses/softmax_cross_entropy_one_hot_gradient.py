r"""The derivative of the softmax cross-entropy with one-hot targets with respect to the logits.

$$\frac{\partial E}{\partial a_{ij}} = \frac{1}{N} \left( \frac{\exp a_{ij}}{\sum_{m} \exp a_{im}} - t_{ij} \right)$$

**Conventions.** It belongs to the loss without a guard and with the mean over the N samples, for targets that are distributions: a factor
$\sum_k t_{ik} = 1$ before the softmax is left out. It is what PyTorch and Keras obtain by automatic differentiation of theirs, if its
`reduction` is the mean over samples. The book's layer `SoftmaxWithLoss` gives this gradient too, although its loss adds δ inside the
logarithm; the conventions `seed` and `book` are the exact gradients of the losses with δ, which die away where the target's probability
falls below δ.

**Infinities.** The quotient decides, as in the softmax. A logit of −∞ has probability 0, so its own entry is −t/N. A sample that holds +∞
or nan, or nothing but −∞, has nan in all its entries; the other samples of the batch are not touched. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.18), which holds for the softmax too, divided by N.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from refmath.activations.plain_softmax import log_softmax, softmax, unshifted_softmax
from refmath.activations.softmax import FROM_LOGSUMEXP, FROM_LOGSUMEXP_IN
from refmath.activations.special_logits import masked_target
from refmath.arguments import Array
from refmath.laws import is_an_nth_of_each_samples_gradient, unmoved_by_common_shifts
from refmath.losses.options import Reduction, of_targets, weighed
from refmath.losses.softmax_cross_entropy_one_hot import (
    BACKWARD,
    BACKWARD_IN,
    DIGITS,
    DOMAINS,
    INPUTS,
    Odds,
    a,
    delta,
    guarded_conventions,
    log_softmax_of,
    logsumexp_of,
    odds,
    operands,
    softmax_of,
    t,
)
from refmath.losses.versions import Written, options_of
from refmath.made import made
from refmath.spec import AtLeast, Claims, Equal, Form, Formula, defining, law, mistake
from refmath.symbols import K, N, i, j, k

definition = (softmax_of(i, j) - t[i, j]) / N

#: Under options: the definition, and the two forms.
WRITTEN = Written(
    lambda terms: terms.softmax_gradient(softmax_of),
    (
        lambda terms: terms.softmax_gradient(
            lambda sample, entry: sp.exp(sp.UnevaluatedExpr(log_softmax_of(sample, entry)))
        ),
        lambda terms: terms.softmax_gradient(lambda sample, entry: sp.exp(a[sample, entry] - logsumexp_of(sample))),
    ),
)


def softmax_cross_entropy_one_hot_gradient(
    a: Any, t: Any, *, reduction: Reduction = "mean", class_weights: Any = None, label_smoothing: float = 0.0
) -> Array:
    r"""The derivative of the softmax cross-entropy with respect to a: $(p_{nk} - t_{nk}) / N$, where p is the softmax of a.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has probability 0; a sample with +∞ or nan, or with
            nothing but −∞, has nan in all its entries.
        t: Targets, of the same shape; each sample a distribution, one-hot as a rule.
        reduction: `mean` over the samples, `sum`, or `none`, whose gradient is that of the sum.
        class_weights: How much each class counts, shape (K,); all the same if there are none.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The gradient, of the shape and dtype of `a` (float64 for integers).

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty or has other than one or two dimensions, or a target is not a distribution.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> softmax_cross_entropy_one_hot_gradient([0.0, 0.0], [0, 1])
        array([ 0.5, -0.5])
        >>> softmax_cross_entropy_one_hot_gradient([[0.0, 0.0], [1000.0, 0.0]], [[0, 1], [0, 1]])
        array([[ 0.25, -0.25],
               [ 0.5 , -0.5 ]])
    """
    a, t = operands(a, t)
    if chosen := of_targets(reduction, class_weights, label_smoothing):
        return weighed(t, a, chosen, are_labels=False).gradient(
            lambda targets: softmax_minus(targets, odds(a)), a.dtype
        )
    with np.errstate(under="ignore"):
        #| $\partial E / \partial a_{ij} = (p_{ij} - t_{ij}) / N$, with N = 1 for a single sample
        gradient: Array = (softmax_minus(t, odds(a)) / samples(a)).astype(a.dtype)
    return gradient


def softmax_minus(t: Array, r: Odds) -> Array:
    r"""$p - t$, from the odds that the logits give."""
    others = r.others[..., np.newaxis]
    #| $p_{ij} = \exp(a_{ij} - \max_m a_{im}) \big/ \sum_m \exp(a_{im} - \max_m a_{im})$
    p = r.odds / (1 + others)
    #| $p - t = (1 - t) - (1 - p)$ for the likeliest class: near certainty, p − 1 would cancel, but 1 − p is the sum of the others.
    difference: Array = np.where(r.top & (t > 0.5), (1 - t) - others / (1 + others), p - t)
    return difference


def samples(a: Array) -> int:
    """The number N of samples."""
    return 1 if a.ndim == 1 else int(a.shape[0])


# ---- laws


def is_the_softmax_minus_the_target_of_one_sample(gradient: Any, a: Any, t: Any) -> Claims:
    """The gradient of a single sample is its softmax minus its target."""
    for a_n, t_n in zip(np.atleast_2d(a), np.atleast_2d(t), strict=True):
        yield Equal(gradient(a_n, t_n), np.exp(a_n) / np.sum(np.exp(a_n)) - t_n)


def sums_to_zero_over_each_sample(gradient: Any, a: Any, t: Any) -> Claims:
    """The entries of each sample's gradient add up to zero, as its target adds up to one."""
    yield Equal(np.sum(np.atleast_2d(gradient(a, t)), axis=-1), (1 - np.sum(np.atleast_2d(t), axis=-1)) / samples(a))


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1024, -1024, 2**20)


def lies_between_the_ends_of_certainty(gradient: Any, a: Any, t: Any) -> Claims:
    """No entry is below −t/N, where the probability is 0, or above (1 − t)/N, where it is 1."""
    yield AtLeast(gradient(a, t), -t / samples(a))
    yield AtLeast((1 - t) / samples(a), gradient(a, t))


def is_one_kth_minus_the_target_for_equal_logits(gradient: Any, a: Any, t: Any) -> Claims:
    """For equal logits the gradient is 1/K − t, divided by N."""
    yield Equal(gradient(0 * a, t), ((1 + 0 * t) / t.shape[-1] - t) / samples(a))


def moves_against_the_target(gradient: Any, a: Any, t: Any) -> Claims:
    """What is added to the target is taken from the gradient."""
    other = t[..., ::-1]
    yield Equal(gradient(a, other) - gradient(a, t), (t - other) / samples(a))


# ---- mistakes


def central_difference(a: Array, t: Array, *, h: float = 1e-4) -> Any:
    """A difference quotient of the loss with a finite step instead of the derivative."""
    a = np.asarray(a, np.float64)
    gradient = np.empty(a.shape)
    for index in np.ndindex(a.shape):
        step = np.zeros(a.shape)
        step[index] = h
        gradient[index] = (_loss(a + step, t) - _loss(a - step, t)) / (2 * h)
    return gradient


def _loss(a: Array, t: Array) -> Any:
    return -np.sum(t * log_softmax(a)) / samples(a)


def jacobian_forgotten(a: Array, t: Array) -> Any:
    """−t/p, the derivative with respect to the probabilities: the softmax's own derivative is missing."""
    return -t / softmax(a) / samples(a)


def no_shift(a: Array, t: Array) -> Any:
    """The exponentials are taken without subtracting the largest logit: they overflow from 710 on."""
    return (unshifted_softmax(a) - t) / samples(a)


def shift_by_batch_maximum(a: Array, t: Array) -> Any:
    """The largest logit of the whole batch is subtracted, not each sample's own: samples far below it become 0/0."""
    return (unshifted_softmax(a - np.max(a)) - t) / samples(a)


# ---- conventions


def gradient_text(convention: str) -> str:
    """What a convention with a guard says of its gradient."""
    return f"the exact gradient of the loss with ln(p + δ), δ = 1e-{DIGITS[convention]}: it dies away where the target's p falls below δ."


def guarded_gradient(r: Odds, t: Array, delta: Any) -> Array:
    r"""$p_j U - u_j$ with $u_k = t_k p_k / (p_k + \delta)$ and U their sum, which is $U \cdot (p - u / U)$."""
    p = r.odds / (1 + r.others[..., np.newaxis])
    u = t * p / (p + delta)
    total = np.sum(u, axis=-1, keepdims=True)
    gradient: Array = total * softmax_minus(u / np.where(total > 0, total, 1), r)
    return gradient


def mean_of_guarded(a: Array, t: Array, delta: Any) -> Array:
    """The program of the gradients with a guard."""
    return np.asarray((guarded_gradient(odds(a), t, delta) / samples(a)).astype(a.dtype))


def _guarded(p: Callable[[Any, Any], sp.Expr]) -> sp.Expr:
    share = t[i, k] * p(i, k) / (p(i, k) + delta)
    return -sp.Sum(share * (sp.KroneckerDelta(k, j) - p(i, j)), (k, 0, K - 1)) / N


REFERENCE = "C. M. Bishop, Pattern Recognition and Machine Learning, 2006, equation (5.18), divided by N"

SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT = Formula(
    name="softmax_cross_entropy_one_hot_gradient",
    display=r"\frac{\partial E}{\partial a_{ij}}",
    program=softmax_cross_entropy_one_hot_gradient,
    ulps=100.0,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"), (j, "K")),
    derivative_of="softmax_cross_entropy_one_hot",
    laws=(
        defining(is_the_softmax_minus_the_target_of_one_sample),
        defining(is_an_nth_of_each_samples_gradient),
        law(sums_to_zero_over_each_sample),
        law(is_unmoved_by_a_common_shift, "Adding the same number to all logits changes nothing."),
        law(lies_between_the_ends_of_certainty),
        law(is_one_kth_minus_the_target_for_equal_logits),
        law(moves_against_the_target),
    ),
    mistakes=(
        made("missing_mean", caught_by=is_an_nth_of_each_samples_gradient),
        made("mean_over_entries", caught_by=moves_against_the_target),
        made("opposite_sign", "The sign is wrong: target minus softmax.", caught_by=moves_against_the_target),
        made(
            "factor_two",
            "Twice the gradient, as if it belonged to a square without its ½.",
            caught_by=moves_against_the_target,
        ),
        mistake(
            central_difference,
            caught_by=is_the_softmax_minus_the_target_of_one_sample,
            variants={"h": (1e-3, 1e-5, 1e-6, 1e-7, 1e-8)},
        ),
        made(
            "target_ignored",
            "The target is not subtracted: only the softmax, divided by N.",
            by="t → 0",
            caught_by=sums_to_zero_over_each_sample,
        ),
        made(
            "plus_instead_of_minus",
            "The target is added to the softmax instead of subtracted.",
            by="t → -t",
            caught_by=sums_to_zero_over_each_sample,
        ),
        made(
            "softmax_forgotten", "The softmax is missing: logits minus target.", caught_by=sums_to_zero_over_each_sample
        ),
        mistake(jacobian_forgotten, caught_by=sums_to_zero_over_each_sample),
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        mistake(shift_by_batch_maximum, caught_by=is_an_nth_of_each_samples_gradient),
        made("softmax_over_samples", caught_by=sums_to_zero_over_each_sample),
        made("softmax_over_everything", caught_by=sums_to_zero_over_each_sample),
        made("softmax_twice", caught_by=is_the_softmax_minus_the_target_of_one_sample),
        made("arguments_swapped", caught_by=moves_against_the_target),
    ),
    forms=(
        Form(BACKWARD, sp.exp(sp.UnevaluatedExpr(log_softmax_of(i, j))) / N - t[i, j] / N, BACKWARD_IN),
        Form(FROM_LOGSUMEXP, (sp.exp(a[i, j] - logsumexp_of(i)) - t[i, j]) / N, FROM_LOGSUMEXP_IN),
    ),
    conventions=guarded_conventions(_guarded, mean_of_guarded, operands, DOMAINS, gradient_text),
    options=options_of(t, WRITTEN, are_labels=False),
    specials=masked_target("t", [1.0, 0.0], [0.0, 1.0], [-1.0, 1.0], [0.0, 0.0]),
    reference=REFERENCE,
)
