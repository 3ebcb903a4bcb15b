r"""The derivative of the softmax cross-entropy with integer labels with respect to the logits.

$$\frac{\partial E}{\partial a_{ij}} = \frac{1}{N} \left( \frac{\exp a_{ij}}{\sum_{m} \exp a_{im}} - \delta_{j l_i} \right)$$

**Conventions.** $\delta_{j l_i}$ is 1 at the label and 0 elsewhere; the gradient is, bit for bit, that of the one-hot form. It belongs to the
loss without a guard and with the mean over the N samples, and is what PyTorch and Keras obtain by automatic differentiation of theirs, if
its `reduction` is the mean over samples. The book's layer `SoftmaxWithLoss` gives this gradient too, although its loss adds δ inside the
logarithm; the conventions `seed` and `book` are the exact gradients of the losses with δ, which die away where the label's probability
falls below δ.

**Infinities.** The quotient decides, as in the softmax. A logit of −∞ has probability 0, so its own entry is 0, or −1/N at the label. A sample
that holds +∞ or nan, or nothing but −∞, has nan in all its entries; the other samples of the batch are not touched. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.18), which holds for the softmax too, divided by N.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.plain_softmax import softmax
from refmath.activations.softmax import FROM_LOGSUMEXP, FROM_LOGSUMEXP_IN
from refmath.activations.special_logits import masked_target
from refmath.arguments import Array
from refmath.laws import is_an_nth_of_each_samples_gradient, unmoved_by_common_shifts
from refmath.losses.encodings import twin, twins
from refmath.losses.options import Reduction, labels_of, of_labels, weighed
from refmath.losses.softmax_cross_entropy_labels import INPUTS, LABEL_DOMAINS, l, one_hot, operands, operands_as_rows
from refmath.losses.softmax_cross_entropy_one_hot import (
    BACKWARD,
    BACKWARD_IN,
    a,
    delta,
    guarded_conventions,
    log_softmax_of,
    logsumexp_of,
    odds,
    softmax_of,
)
from refmath.losses.softmax_cross_entropy_one_hot_gradient import (
    REFERENCE,
    SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT,
    WRITTEN,
    gradient_text,
    mean_of_guarded,
    samples,
    softmax_minus,
)
from refmath.losses.versions import options_of
from refmath.made import made
from refmath.spec import AtLeast, Claims, Equal, Form, Formula, defining, law, mistake
from refmath.symbols import N, i, j

definition = (softmax_of(i, j) - sp.KroneckerDelta(j, l[i])) / N


def softmax_cross_entropy_labels_gradient(
    a: Any,
    labels: Any,
    *,
    reduction: Reduction = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Array:
    r"""The derivative of the softmax cross-entropy with respect to a: $(p_{nk} - \delta_{k l_n}) / N$, where p is the softmax of a.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has probability 0; a sample with +∞ or nan, or with
            nothing but −∞, has nan in all its entries.
        labels: Integers from 0 to K − 1: a scalar for one sample, shape (N,) for a batch.
        reduction: `mean` over the samples that count, `sum`, or `none`, whose gradient is that of the sum.
        class_weights: How much a sample of each class counts, shape (K,); all the same if there are none.
        ignore_index: The label of samples that do not count; it need not be a class.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The gradient, of the shape and dtype of `a` (float64 for integers).

    Raises:
        TypeError: If the logits are not an array of real numbers, or the labels not integers.
        ValueError: If the shapes do not fit, the logits are empty or have other than one or two dimensions, or a label is out of range.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> softmax_cross_entropy_labels_gradient([0.0, 0.0], 1)
        array([ 0.5, -0.5])
        >>> softmax_cross_entropy_labels_gradient([[0.0, 0.0], [1000.0, 0.0]], [1, 1])
        array([[ 0.25, -0.25],
               [ 0.5 , -0.5 ]])
    """
    if chosen := of_labels(reduction, class_weights, ignore_index, label_smoothing):
        a = arguments.samples("a", a)
        labels = labels_of("labels", labels, a, "a", chosen)
        return weighed(labels, a, chosen, are_labels=True).gradient(
            lambda targets: softmax_minus(targets, odds(a)), a.dtype
        )
    a, labels = operands(a, labels)
    with np.errstate(under="ignore"):
        #| $\partial E / \partial a_{ij} = (p_{ij} - \delta_{j l_i}) / N$, with N = 1 for a single sample
        gradient: Array = (softmax_minus(one_hot(labels, a), odds(a)) / samples(a)).astype(a.dtype)
    return gradient


# ---- laws


def has_probabilities_in_the_ratio_of_their_exponentials(gradient: Any, a: Any, labels: Any) -> Claims:
    """Of one sample, with 1 added at its label, the entries are to each other as the exponentials of the logits."""
    for a_n, label in zip(np.atleast_2d(a), np.atleast_1d(labels), strict=True):
        products = np.outer(gradient(a_n, label) + _target(label, a_n), np.exp(a_n))
        yield Equal(products, products.T)


def sums_to_zero_over_each_sample(gradient: Any, a: Any, labels: Any) -> Claims:
    """The entries of each sample's gradient add up to zero."""
    yield Equal(np.sum(np.atleast_2d(gradient(a, labels)), axis=-1), 0)


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1024, -1024, 2**20)


def pulls_the_label_up_and_the_others_down(gradient: Any, a: Any, labels: Any) -> Claims:
    """The entry at the label is between −1/N and 0, every other between 0 and 1/N."""
    yield AtLeast(gradient(a, labels), -_target(labels, a) / samples(a))
    yield AtLeast((1 - _target(labels, a)) / samples(a), gradient(a, labels))


def is_one_kth_minus_the_target_for_equal_logits(gradient: Any, a: Any, labels: Any) -> Claims:
    """For equal logits the gradient is 1/K, less 1 at the label, divided by N."""
    target = _target(labels, a)
    yield Equal(gradient(0 * a, labels), ((1 + 0 * target) / a.shape[-1] - target) / samples(a))


def moves_one_nth_when_the_label_moves(gradient: Any, a: Any, labels: Any) -> Claims:
    """Another label changes two entries of its sample: by 1/N at the old label, by −1/N at the new one."""
    other = a.shape[-1] - 1 - labels
    yield Equal(gradient(a, other) - gradient(a, labels), (_target(labels, a) - _target(other, a)) / samples(a))


def _target(labels: Any, a: Any) -> Any:
    """One-hot targets as exact numbers of the kind of the logits."""
    # 0 · (−∞) is nan, and 0 · e^−∞ is 0.
    return 0 * np.exp(a - np.maximum(a, 0)) + one_hot(labels, a).astype(int)


# ---- mistakes


def every_label_for_every_sample(a: Array, labels: Array) -> Any:
    """Indexed as [:, labels]: each sample has 1 subtracted at the labels of all samples."""
    p = softmax(a)
    p[..., labels] -= 1
    return p / samples(a)


# ---- conventions


def _guarded(p: Callable[[Any, Any], sp.Expr]) -> sp.Expr:
    p_l = p(i, l[i])
    return -p_l * (sp.KroneckerDelta(j, l[i]) - p(i, j)) / (p_l + delta) / N


SOFTMAX_CROSS_ENTROPY_LABELS_GRADIENT = Formula(
    name="softmax_cross_entropy_labels_gradient",
    display=r"\frac{\partial E}{\partial a_{ij}}",
    program=softmax_cross_entropy_labels_gradient,
    ulps=100.0,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"), (j, "K")),
    derivative_of="softmax_cross_entropy_labels",
    laws=(
        defining(has_probabilities_in_the_ratio_of_their_exponentials),
        defining(sums_to_zero_over_each_sample),
        defining(is_an_nth_of_each_samples_gradient),
        law(is_unmoved_by_a_common_shift, "Adding the same number to all logits changes nothing."),
        law(pulls_the_label_up_and_the_others_down),
        law(is_one_kth_minus_the_target_for_equal_logits),
        law(moves_one_nth_when_the_label_moves),
    ),
    mistakes=(
        made("missing_mean", caught_by=is_an_nth_of_each_samples_gradient),
        made("mean_over_entries", caught_by=moves_one_nth_when_the_label_moves),
        twin(SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT, "opposite_sign", caught_by=pulls_the_label_up_and_the_others_down),
        twin(SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT, "factor_two", caught_by=moves_one_nth_when_the_label_moves),
        twin(
            SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "central_difference",
            caught_by=has_probabilities_in_the_ratio_of_their_exponentials,
        ),
        made(
            "target_ignored",
            "Nothing is subtracted at the label: only the softmax, divided by N.",
            by="term_missing",
            caught_by=sums_to_zero_over_each_sample,
        ),
        made(
            "plus_instead_of_minus",
            "The 1 is added at the label instead of subtracted.",
            by="sign_of_a_term",
            caught_by=sums_to_zero_over_each_sample,
        ),
        made(
            "softmax_forgotten",
            "The softmax is missing: logits minus one-hot target.",
            caught_by=sums_to_zero_over_each_sample,
        ),
        twin(
            SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "jacobian_forgotten",
            "−1/p at the label, the derivative with respect to the probabilities: the softmax's own derivative is missing.",
            caught_by=sums_to_zero_over_each_sample,
        ),
        *twins(
            SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "no_shift",
            "shift_by_batch_maximum",
            "softmax_over_samples",
            "softmax_over_everything",
        ),
        made("softmax_twice", caught_by=has_probabilities_in_the_ratio_of_their_exponentials),
        made(
            "labels_off_by_one",
            "The labels are taken to count from 1: 1 is subtracted one class too early, for label 0 at the last.",
            caught_by=moves_one_nth_when_the_label_moves,
        ),
        mistake(every_label_for_every_sample, caught_by=is_an_nth_of_each_samples_gradient),
    ),
    forms=(
        Form(
            BACKWARD, sp.exp(sp.UnevaluatedExpr(log_softmax_of(i, j))) / N - sp.KroneckerDelta(j, l[i]) / N, BACKWARD_IN
        ),
        Form(FROM_LOGSUMEXP, (sp.exp(a[i, j] - logsumexp_of(i)) - sp.KroneckerDelta(j, l[i])) / N, FROM_LOGSUMEXP_IN),
    ),
    conventions=guarded_conventions(_guarded, mean_of_guarded, operands_as_rows, LABEL_DOMAINS, gradient_text),
    options=options_of(l, WRITTEN, are_labels=True),
    specials=masked_target("labels", 0, 1, [-1.0, 1.0], [0.0, 0.0]),
    reference=REFERENCE,
)
