r"""The cross-entropy of the softmax of logits with integer labels, averaged over the samples of a batch.

$$E = -\frac{1}{N} \sum_{n} \ln \frac{\exp a_{n l_n}}{\sum_{m} \exp a_{nm}}$$

**Conventions.** The labels $l_n$ count from 0. Natural logarithm; the mean runs over the N samples, and a single sample (K,) with a scalar
label counts as a batch of one. The loss is, bit for bit, that of the one-hot form; there is no guard, because none is needed when the
logits are at hand. PyTorch (`cross_entropy`), Keras (`SparseCategoricalCrossentropy(from_logits=True)`) and SciPy (`log_softmax`, picked
at the labels, negated and averaged) agree with it as long as their `reduction` is the mean over samples, which is their default.

**Options.** With the costs $L_{nk} = -\ln p_{nk}$ a sample's loss is $E_n = (1 - \varepsilon) w_{l_n} L_{n l_n} + \frac{\varepsilon}{K} \sum_k w_k L_{nk}$: the
`class_weights` w are 1 unless they are given, and `label_smoothing` is ε. It is 0 where the label is the `ignore_index`. `reduction="mean"` divides the sum by
$\sum_n w_{l_n}$ over the samples that count, which without weights is their number; `"sum"` divides by nothing, and `"none"` gives one loss a sample. This is
what PyTorch computes. If every sample is ignored the mean is 0/0, nan.

**Infinities.** The quotient decides, as in the softmax. A logit of −∞ is a mask: it counts for nothing, but as a target costs ∞. A sample that
holds +∞ or nan, or nothing but −∞, has no quotient: it is nan, and so is its batch. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equations (5.24) and (5.25), divided by N, for one-hot targets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.plain_softmax import log_softmax, softmax, unshifted_log_softmax, unshifted_softmax
from refmath.activations.special_logits import masked_target
from refmath.arguments import Array
from refmath.laws import is_never_negative, is_the_mean_of_its_samples, unmoved_by_common_shifts
from refmath.losses.cross_entropy_laws import is_unmoved_by_renaming_the_classes
from refmath.losses.encodings import twins
from refmath.losses.options import Reduction, labels_of, of_labels, weighed
from refmath.losses.softmax_cross_entropy_one_hot import (
    FLOORS,
    LOG_SOFTMAX,
    LOG_SOFTMAX_IN,
    LOGSUMEXP,
    LOGSUMEXP_IN,
    REFERENCE,
    SOFTMAX_CROSS_ENTROPY_ONE_HOT,
    WRITTEN,
    a,
    costs,
    delta,
    guarded_conventions,
    guarded_loss,
    log_softmax_of,
    logsumexp_of,
    mean_of,
    odds,
    softmax_of,
)
from refmath.losses.versions import options_of
from refmath.made import made
from refmath.spec import AtLeast, Claims, Domain, Equal, Form, Formula, Input, defining, law, mistake
from refmath.symbols import N, n

l = sp.IndexedBase("l", shape=(N,), integer=True)
definition = -sp.Sum(sp.log(softmax_of(n, l[n])), (n, 0, N - 1)) / N


def softmax_cross_entropy_labels(
    a: Any,
    labels: Any,
    *,
    reduction: Reduction = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    r"""The cross-entropy of the softmax of each sample with its label, averaged over the samples.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has probability 0; a sample with +∞ or nan, or with
            nothing but −∞, makes the loss nan.
        labels: Integers from 0 to K − 1: a scalar for one sample, shape (N,) for a batch.
        reduction: `mean` over the samples that count, `sum`, or `none` for one loss a sample.
        class_weights: How much a sample of each class counts, shape (K,); all the same if there are none.
        ignore_index: The label of samples that do not count; it need not be a class.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The loss in the dtype of the logits (float64 for integers): a scalar, or with `none` an array of shape (N,), a scalar of one sample.

    Raises:
        TypeError: If the logits are not an array of real numbers, or the labels not integers.
        ValueError: If the shapes do not fit, the logits are empty or have other than one or two dimensions, or a label is out of range.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> print(softmax_cross_entropy_labels([0.0, 0.0], 1))
        0.6931471805599453
        >>> print(softmax_cross_entropy_labels([[1000.0, 0.0], [-1000.0, 0.0]], [1, 1]))
        500.0
        >>> softmax_cross_entropy_labels([[1000.0, 0.0], [0.0, 5.0]], [1, -100], reduction="none", ignore_index=-100)
        array([1000.,    0.])
    """
    if chosen := of_labels(reduction, class_weights, ignore_index, label_smoothing):
        a = arguments.samples("a", a)
        labels = labels_of("labels", labels, a, "a", chosen)
        return weighed(labels, a, chosen, are_labels=True).loss(costs(a), a.dtype)
    a, labels = operands(a, labels)
    r = odds(a)
    with np.errstate(under="ignore"):
        #| $\max_m a_{nm} - a_{n l_n}$
        gap = picked(r.gap, labels)
        #| $\ln \sum_m \exp(a_{nm} - \max_m a_{nm})$, where the largest logit's own exponential is the 1 of log1p.
        rest = np.log1p(r.others)
    return mean_of(gap, rest, a.dtype)


def operands(a: Any, labels: Any) -> tuple[Array, Array]:
    """Logits as a real array, and one label for each of its samples."""
    a = arguments.samples("a", a)
    return a, arguments.labels("labels", labels, a, "a")


def one_hot(labels: Array, like: Array) -> Array:
    """The labels as one-hot targets of the shape of `like`."""
    return np.asarray(np.arange(like.shape[-1]) == np.asarray(labels)[..., np.newaxis], np.float64)


def operands_as_rows(a: Any, labels: Any) -> tuple[Array, Array]:
    """Logits, and one-hot targets of their shape."""
    a, labels = operands(a, labels)
    return a, one_hot(labels, a)


def picked(values: Array, labels: Array) -> Array:
    """Of each sample the value at its label."""
    chosen: Array = np.take_along_axis(values, labels[..., np.newaxis], axis=-1)[..., 0]
    return chosen


# ---- laws


def differs_between_labels_by_their_logits(loss: Any, a: Any, labels: Any) -> Claims:
    """Of one sample, the losses of two labels differ by the difference of their logits."""
    for a_n in np.atleast_2d(a):
        for label in range(1, len(a_n)):
            yield Equal(loss(a_n, label - 1) - loss(a_n, label), a_n[label] - a_n[label - 1])


def has_probabilities_that_sum_to_one(loss: Any, a: Any, labels: Any) -> Claims:
    """Of one sample, the exponentials of the negative losses of all labels add up to one."""
    for a_n in np.atleast_2d(a):
        yield Equal(sum(np.exp(-loss(a_n, label)) for label in range(len(a_n))), 1)


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1024, -1024, 2**20)


def is_ln_k_for_equal_logits(loss: Any, a: Any, labels: Any) -> Claims:
    """Equal logits cost ln K, whatever the label."""
    yield Equal(loss(0 * a, labels), np.log(np.sum(np.exp(0 * np.atleast_2d(a)[0]))))


def lies_within_ln_k_above_the_gap(loss: Any, a: Any, labels: Any) -> Claims:
    """The loss is at least the gap between the largest logit and the label's, and at most ln K more."""
    for a_n, label in zip(np.atleast_2d(a), np.atleast_1d(labels), strict=True):
        gap = np.max(a_n) - a_n[label]
        yield AtLeast(loss(a_n, label), gap)
        yield AtLeast(gap + np.log(np.sum(np.exp(0 * a_n))), loss(a_n, label))


# ---- mistakes


def no_shift(a: Array, labels: Array) -> Any:
    """The exponentials are taken without subtracting the largest logit: they overflow from 710 on."""
    return -np.mean(np.log(picked(unshifted_softmax(a), labels)))


def log_of_softmax(a: Array, labels: Array) -> Any:
    """The softmax is computed first and its logarithm then: a probability that has underflowed gives ln 0."""
    return -np.mean(np.log(picked(softmax(a), labels)))


def shift_by_batch_maximum(a: Array, labels: Array) -> Any:
    """The largest logit of the whole batch is subtracted, not each sample's own: samples far below it underflow."""
    return -np.mean(picked(unshifted_log_softmax(a - np.max(a)), labels))


def logits_taken_for_probabilities(a: Array, labels: Array, *, floor: float | None = None) -> Any:
    """The softmax is missing: the logarithm of the logits themselves."""
    a = a if floor is None else np.maximum(a, floor)
    return -np.mean(np.log(picked(a, labels)))


def logits_taken_for_log_probabilities(a: Array, labels: Array) -> Any:
    """The log-softmax is missing: minus the label's logit itself."""
    return -np.mean(picked(a, labels))


def one_loss_a_sample(a: Array, labels: Array) -> Any:
    """One loss for each sample: the mean over the batch is not taken."""
    return -picked(np.atleast_2d(log_softmax(a)), np.atleast_1d(labels))


def every_label_for_every_sample(a: Array, labels: Array) -> Any:
    """Indexed as [:, labels]: each sample is charged for the labels of all samples."""
    return -np.sum(log_softmax(a)[..., labels]) / labels.size


# ---- conventions

#: What a convention is defined on: the book takes as many labels as outputs for one-hot targets, and so those of a single class.
LABEL_DOMAINS = {"book": Domain(fewest_classes=2)}


def _guarded(p: Callable[[Any, Any], sp.Expr]) -> sp.Expr:
    return -sp.Sum(sp.log(p(n, l[n]) + delta), (n, 0, N - 1)) / N


INPUTS = (Input("a", a, "logits", ("N", "K"), masks=True), Input("labels", l, "labels", ("N",)))

SOFTMAX_CROSS_ENTROPY_LABELS = Formula(
    name="softmax_cross_entropy_labels",
    display="E",
    program=softmax_cross_entropy_labels,
    ulps=100.0,
    definition=definition,
    inputs=INPUTS,
    laws=(
        defining(differs_between_labels_by_their_logits),
        defining(has_probabilities_that_sum_to_one),
        defining(is_the_mean_of_its_samples),
        law(is_never_negative),
        law(is_unmoved_by_a_common_shift, "Adding the same number to all logits changes nothing."),
        law(is_ln_k_for_equal_logits),
        law(lies_within_ln_k_above_the_gap),
        law(is_unmoved_by_renaming_the_classes, "The order of the classes does not matter, if the labels follow it."),
    ),
    mistakes=(
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        mistake(log_of_softmax, caught_by=lies_within_ln_k_above_the_gap),
        mistake(shift_by_batch_maximum, caught_by=is_the_mean_of_its_samples),
        made("sum_over_samples", caught_by=is_the_mean_of_its_samples),
        made("mean_over_entries", caught_by=is_ln_k_for_equal_logits),
        *twins(
            SOFTMAX_CROSS_ENTROPY_ONE_HOT,
            "opposite_sign",
            "base_two",
            "softmax_over_samples",
            "softmax_over_everything",
            "softmax_twice",
        ),
        mistake(logits_taken_for_probabilities, caught_by=is_unmoved_by_a_common_shift, variants=FLOORS),
        mistake(logits_taken_for_log_probabilities, caught_by=is_unmoved_by_a_common_shift),
        mistake(one_loss_a_sample, caught_by=is_the_mean_of_its_samples),
        made("first_sample_only", caught_by=is_the_mean_of_its_samples),
        made(
            "labels_off_by_one",
            "The labels are taken to count from 1: each picks the class before its own, and 0 the last.",
            caught_by=differs_between_labels_by_their_logits,
        ),
        mistake(every_label_for_every_sample, caught_by=is_the_mean_of_its_samples),
    ),
    forms=(
        Form(LOG_SOFTMAX, -sp.Sum(log_softmax_of(n, l[n]), (n, 0, N - 1)) / N, LOG_SOFTMAX_IN),
        Form(LOGSUMEXP, sp.Sum(logsumexp_of(n) - a[n, l[n]], (n, 0, N - 1)) / N, LOGSUMEXP_IN),
    ),
    conventions=guarded_conventions(_guarded, guarded_loss, operands_as_rows, LABEL_DOMAINS),
    options=options_of(l, WRITTEN, are_labels=True),
    specials=masked_target("labels", 0, 1, np.inf, 0.0),
    reference=REFERENCE,
)
