r"""The derivative of the cross-entropy with targets in either encoding with respect to the output's probabilities.

$$\frac{\partial E}{\partial y_{ij}} = -\frac{t_{ij}}{N y_{ij}} \quad\text{where } y_{ij} \ge \delta, \qquad 0 \quad\text{below}$$

**Conventions.** The number of dimensions decides: targets with as many as y are one-hot rows (or other distributions), targets with one
fewer are labels, and stand in the display for their one-hot rows. For everything else see the gradients for one-hot targets and for
labels, of which this is the choice and nothing more. Not to be confused with (p − t) / N, the gradient at the logits of a softmax.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.108), divided by N and differentiated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.laws import is_an_nth_of_each_samples_gradient
from refmath.losses import cross_entropy_one_hot_gradient as of_one_hot
from refmath.losses.cross_entropy_error import INPUTS, conventions, holds_labels, labels_off_by_one_as_one_hot
from refmath.losses.cross_entropy_labels_gradient import CROSS_ENTROPY_LABELS_GRADIENT, cross_entropy_labels_gradient
from refmath.losses.cross_entropy_laws import (
    is_minus_one_over_the_targets_probability,
    is_minus_t_for_a_perfect_output,
    is_never_positive,
    is_the_same_for_both_encodings,
    is_zero_for_the_other_classes,
    sums_to_minus_one_when_weighed_with_y,
    vanishes_on_the_floor,
)
from refmath.losses.cross_entropy_one_hot import Guard, samples
from refmath.losses.cross_entropy_one_hot_gradient import CROSS_ENTROPY_ONE_HOT_GRADIENT, cross_entropy_one_hot_gradient
from refmath.losses.encodings import as_rows, twin, twins
from refmath.losses.options import Reduction
from refmath.losses.versions import options_of_either
from refmath.spec import defining, law, mistake


def cross_entropy_error_gradient(
    y: Any,
    t: Any,
    *,
    delta: float = 1e-8,
    guard: Guard = "floor",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Array:
    r"""The derivative of the cross-entropy with respect to y: $-t_{nk} / (N y_{nk})$ from δ on, 0 below.

    Args:
        y: Probabilities, shape (K,) for one sample or (N, K) for a batch.
        t: Targets: of the shape of `y` distributions, one-hot as a rule; with one dimension fewer integer labels, (N,) or a scalar.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(y, δ), `offset` for ln(y + δ), `none` for ln y.
        reduction: `mean` over the samples that count, `sum`, or `none`, whose gradient is that of the sum.
        class_weights: How much each class counts, shape (K,); all the same if there are none.
        ignore_index: The label of samples that do not count; it need not be a class. Only with labels.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The gradient, of the shape and dtype of `y` (float64 for integers); −∞ where its value is beyond the dtype.

    Raises:
        TypeError: If an argument is not an array of real numbers, labels are not integers, or δ is not a real number.
        ValueError: If `t` fits `y` in neither encoding, a target is not a distribution or a label not in 0 .. K − 1, `y` is empty or has
            other than one or two dimensions, a probability lies outside [0, 1], δ is not between 0 and 1, or the guard is none of the three.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> cross_entropy_error_gradient([[0.5, 0.5], [0.125, 0.875]], [[0, 1], [1, 0]])
        array([[ 0., -1.],
               [-4.,  0.]])
        >>> cross_entropy_error_gradient([[0.5, 0.5], [0.125, 0.875]], [1, 0])
        array([[ 0., -1.],
               [-4.,  0.]])
    """
    options = {"reduction": reduction, "class_weights": class_weights, "label_smoothing": label_smoothing}
    #| $l_i$ given, so that $t_{ij}$ is 1 where $j = l_i$, and 0 elsewhere
    if holds_labels(y, t, ignore_index):
        return cross_entropy_labels_gradient(y, t, delta=delta, guard=guard, ignore_index=ignore_index, **options)
    #| $t_{ij}$ given
    return cross_entropy_one_hot_gradient(y, t, delta=delta, guard=guard, **options)


# ---- mistakes


def encoding_by_size(y: Array, t: Array) -> Any:
    """Size decides which encoding t is in, not dimension: N labels of a single class are taken for one-hot rows."""
    rows, t = (y.reshape(1, y.size), t.reshape(1, t.size)) if y.ndim == 1 else (y, t)
    labels = t.argmax(axis=1) if t.size == y.size else t.reshape(-1)
    return of_one_hot.cross_entropy_one_hot_gradient(rows, np.eye(y.shape[-1])[labels]).reshape(y.shape)


def labels_only(y: Array, t: Array) -> Any:
    """Targets are always taken for labels: the zeros and ones of one-hot rows are used as indices."""
    rows = np.atleast_2d(y)
    got = np.zeros(rows.shape)
    place = np.arange(len(rows)), t.astype(int)
    got[place] = np.where(rows[place] >= 1e-8, -1 / np.maximum(rows[place], 1e-8), 0.0) / len(rows)
    return got.reshape(y.shape)


def one_hot_only(y: Array, t: Array) -> Any:
    """Targets are always taken for one-hot rows: labels are divided by the probabilities, where the shapes allow it."""
    return np.where(y >= 1e-8, -t / np.maximum(y, 1e-8), 0.0) / samples(y)


def labels_off_by_one(y: Array, t: Array) -> Any:
    """The labels are counted from 1: the entry before each label's is set."""
    return cross_entropy_one_hot_gradient(y, labels_off_by_one_as_one_hot(y, t))


def labels_summed(y: Array, t: Array) -> Any:
    """Only the gradient for one-hot targets is divided by N: with labels the 1/N is missing."""
    got = cross_entropy_one_hot_gradient(y, as_rows(y, t))
    return got if t.ndim == y.ndim else samples(y) * got


CROSS_ENTROPY_ERROR_GRADIENT = replace(
    CROSS_ENTROPY_ONE_HOT_GRADIENT,
    name="cross_entropy_error_gradient",
    program=cross_entropy_error_gradient,
    inputs=INPUTS,
    options=options_of_either("cross_entropy_labels_gradient", "cross_entropy_one_hot_gradient"),
    derivative_of="cross_entropy_error",
    laws=(
        defining(is_minus_one_over_the_targets_probability),
        defining(is_an_nth_of_each_samples_gradient),
        defining(is_the_same_for_both_encodings, "One-hot rows and the labels they stand for have the same gradient."),
        law(is_zero_for_the_other_classes),
        law(is_never_positive),
        law(sums_to_minus_one_when_weighed_with_y),
        law(
            is_minus_t_for_a_perfect_output,
            "At a certain and right output the gradient is −1/N at the target's class: the loss still falls as y rises.",
        ),
        law(vanishes_on_the_floor),
    ),
    mistakes=(
        *twins(
            CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "missing_mean",
            "mean_over_entries",
            "single_sample_divided_by_classes",
            "opposite_sign",
            "guard_ignored",
            "slope_at_the_floor",
            "gradient_at_the_logits",
            "binary_cross_entropy",
            "target_ignored",
            "gradient_of_the_value",
        ),
        mistake(encoding_by_size, caught_by=is_the_same_for_both_encodings),
        mistake(labels_only, caught_by=is_the_same_for_both_encodings),
        mistake(one_hot_only, caught_by=is_the_same_for_both_encodings),
        mistake(labels_off_by_one, caught_by=is_the_same_for_both_encodings),
        mistake(labels_summed, caught_by=is_the_same_for_both_encodings),
        twin(CROSS_ENTROPY_ONE_HOT_GRADIENT, "first_sample_only", caught_by=is_an_nth_of_each_samples_gradient),
    ),
    conventions=conventions(CROSS_ENTROPY_ONE_HOT_GRADIENT, CROSS_ENTROPY_LABELS_GRADIENT),
)
