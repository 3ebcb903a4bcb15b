r"""The derivative of the cross-entropy with labels with respect to the output's probabilities.

$$\frac{\partial E}{\partial y_{ij}} = -\frac{\delta_{j, l_i}}{N y_{ij}} \quad\text{where } y_{ij} \ge \delta, \qquad 0 \quad\text{below}$$

**Conventions.** $\delta_{j, l_i}$ is 1 at the label of sample i, and 0 elsewhere; δ alone is the guard. The gradient has the shape of y, and
one entry a sample that is not zero. Everything else is as for one-hot targets, with which this form agrees exactly, bit for bit: it is the
derivative of the loss with its guard, flat below the `floor`, −1/(N(y + δ)) with the `offset`, and −1/(N y), or −∞, with `none`.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.108) with one-hot t, divided by N and
differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.laws import is_an_nth_of_each_samples_gradient, samples_of
from refmath.losses.cross_entropy_labels import (
    INPUTS,
    LABEL_DOMAINS,
    LABEL_SOURCES,
    l,
    operands,
    operands_as_rows,
    picked,
)
from refmath.losses.cross_entropy_laws import (
    is_never_positive,
    is_zero_for_the_other_classes,
    sums_to_minus_one_when_weighed_with_y,
    vanishes_on_the_floor,
)
from refmath.losses.cross_entropy_one_hot import PARAMETERS, Guard, conventions, delta, samples, share, y
from refmath.losses.cross_entropy_one_hot_gradient import (
    CROSS_ENTROPY_ONE_HOT_GRADIENT,
    WRITTEN,
    guarded_divisor,
    inside,
    keras_program,
    sklearn_program,
)
from refmath.losses.encodings import certain, twin, twins
from refmath.losses.options import Reduction, labels_of, of_labels, weighed
from refmath.losses.versions import options_of
from refmath.made import made
from refmath.spec import Claims, Equal, Formula, defining, law, misdefined, mistake
from refmath.symbols import K, N, i, j, m

_at_label = sp.KroneckerDelta(j, l[i])
definition = sp.Piecewise((-_at_label / (N * y[i, j]), y[i, j] >= delta), (0, True))
_with_offset = -_at_label / (N * (y[i, j] + delta))
_without_guard = sp.Piecewise((0, sp.Ne(j, l[i])), (-sp.oo, sp.Eq(y[i, j], 0)), (-1 / (N * y[i, j]), True))


def cross_entropy_labels_gradient(
    y: Any,
    labels: Any,
    *,
    delta: float = 1e-8,
    guard: Guard = "floor",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Array:
    r"""The derivative of the cross-entropy with respect to y: $-1 / (N y_{n, l_n})$ at the labels from δ on, 0 elsewhere.

    Args:
        y: Probabilities, shape (K,) for one sample or (N, K) for a batch.
        labels: The class of each sample, an integer in 0 .. K − 1: shape (N,) for a batch, a scalar for one sample.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(y, δ), `offset` for ln(y + δ), `none` for ln y.
        reduction: `mean` over the samples that count, `sum`, or `none`, whose gradient is that of the sum.
        class_weights: How much a sample of each class counts, shape (K,); all the same if there are none.
        ignore_index: The label of samples that do not count; it need not be a class.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The gradient, of the shape and dtype of `y` (float64 for integers); −∞ where its value is beyond the dtype.

    Raises:
        TypeError: If `y` is not an array of real numbers, a label is not an integer, or δ not a real number.
        ValueError: If there is not one label for each sample, `y` is empty or has other than one or two dimensions, a label lies outside
            0 .. K − 1, a probability outside [0, 1], δ is not between 0 and 1, or the guard is none of the three.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> cross_entropy_labels_gradient([0.25, 0.5, 0.25], 1)
        array([ 0., -2.,  0.])
        >>> cross_entropy_labels_gradient([[0.0, 1.0], [0.0, 1.0]], [1, 0])
        array([[ 0. , -0.5],
               [ 0. ,  0. ]])
    """
    if chosen := of_labels(reduction, class_weights, ignore_index, label_smoothing):
        y = arguments.probabilities("y", y)
        labels = labels_of("labels", labels, y, "y", chosen)
        return weighed(labels, y, chosen, are_labels=True).slope(guarded_divisor(y, delta, guard), y.dtype)
    y, labels = operands(y, labels)
    #| $\partial \ln \max(y, \delta) / \partial y = 1 / y$ where $y \ge \delta$, and 0 = 1/∞ below
    divisor = samples(y) * guarded_divisor(picked(y, labels), delta, guard)
    gradient: Array = np.zeros_like(y)
    # A quotient beyond the dtype is −∞, as is −1/0 without a guard: both are its value there.
    with np.errstate(over="ignore", divide="ignore"):
        #| $\partial E / \partial y_{n, l_n} = -1 / (N y_{n, l_n})$; all other entries stay 0, and 0 − 0 is not −0.
        np.put_along_axis(gradient, labels[..., None], (0 - 1 / divisor).astype(y.dtype)[..., None], axis=-1)
    return gradient


# ---- laws


def is_minus_one_over_the_labels_probability(gradient: Any, y: Any, labels: Any) -> Claims:
    """The gradient of a single sample is −1/y at its label, if y is at least δ there, and 0 everywhere else."""
    for y_n, label in samples_of(y, labels):
        slopes = [-1 / y_k if k == label and y_k >= 1e-8 else 0 * y_k for k, y_k in enumerate(y_n)]
        yield Equal(gradient(y_n, label), np.array(slopes))


def is_minus_an_nth_at_the_label_for_a_perfect_output(gradient: Any, y: Any, labels: Any) -> Claims:
    """At a certain and right output the gradient is −1/N at the label: the loss still falls as y rises."""
    right = certain(y, labels)
    yield Equal(gradient(right, labels), -right / len(np.atleast_2d(y)))


# ---- mistakes


def _floored(y: Array) -> Any:
    return np.maximum(y, 1e-8)


def _one_hot(y: Array, labels: Any) -> Any:
    return np.eye(y.shape[-1])[labels]


def _right(y: Array, labels: Any) -> Any:
    return np.where(y >= 1e-8, -_one_hot(y, labels) / _floored(y), 0.0)


def every_label_for_every_sample(y: Array, labels: Any) -> Any:
    """gradient[:, labels] sets every label's entry in every sample, not each sample's own."""
    anywhere = np.zeros(y.shape)
    anywhere[..., labels] = 1
    return np.where(y >= 1e-8, -anywhere / _floored(y), 0.0) / samples(y)


def only_the_labels_entries(y: Array, labels: Any) -> Any:
    """One number a sample: the entries of the labels are not put back into an array of the shape of y."""
    return picked(_right(y, labels), np.asarray(labels)) / samples(y)


# ---- conventions

_of_keras = (
    sp.Piecewise((1, inside(share(i, l[i]))), (0, True)) / sp.Sum(y[i, m], (m, 0, K - 1))
    - sp.Piecewise((_at_label / y[i, j], inside(share(i, j))), (0, True))
) / N
_of_sklearn = sp.Piecewise((-_at_label / (N * y[i, j]), inside(y[i, j])), (0, True))


CROSS_ENTROPY_LABELS_GRADIENT = Formula(
    name="cross_entropy_labels_gradient",
    display=r"\frac{\partial E}{\partial y_{ij}}",
    program=cross_entropy_labels_gradient,
    ulps=2.0,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"), (j, "K")),
    parameters=PARAMETERS,
    choices={"guard": {"floor": definition, "offset": _with_offset, "none": _without_guard}},
    derivative_of="cross_entropy_labels",
    laws=(
        defining(is_minus_one_over_the_labels_probability),
        defining(is_an_nth_of_each_samples_gradient),
        law(is_zero_for_the_other_classes),
        law(is_never_positive),
        law(
            sums_to_minus_one_when_weighed_with_y,
            "The sum of y times the gradient is −1, as long as every label has a probability of at least δ.",
        ),
        law(is_minus_an_nth_at_the_label_for_a_perfect_output),
        law(vanishes_on_the_floor),
    ),
    mistakes=(
        *twins(CROSS_ENTROPY_ONE_HOT_GRADIENT, "missing_mean", "mean_over_entries", "single_sample_divided_by_classes"),
        made("opposite_sign", "The sign is wrong: 1/y without the minus.", caught_by=is_never_positive),
        misdefined(
            "guard_ignored",
            "The guard is forgotten: −1/y at every label, which is infinite where y is 0.",
            sp.Piecewise((-1 / (N * y[i, j]), sp.Eq(j, l[i])), (0, True)),
            caught_by=vanishes_on_the_floor,
        ),
        twin(
            CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "slope_at_the_floor",
            "Below the floor −1/δ, as if the loss were not flat there.",
            caught_by=vanishes_on_the_floor,
        ),
        twin(
            CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "gradient_at_the_logits",
            "y − 1 at the label and y elsewhere, over N: the gradient at the logits of a softmax, not at its probabilities.",
            caught_by=is_zero_for_the_other_classes,
        ),
        made(
            "labels_off_by_one",
            "The labels are counted from 1: the entry before each label's is set.",
            caught_by=is_zero_for_the_other_classes,
        ),
        mistake(every_label_for_every_sample, caught_by=is_zero_for_the_other_classes),
        mistake(only_the_labels_entries, caught_by=is_minus_one_over_the_labels_probability),
        misdefined(
            "target_ignored",
            "−1/y for every class, whatever the label.",
            sp.Piecewise((-1 / (N * y[i, j]), y[i, j] >= delta), (0, True)),
            caught_by=is_zero_for_the_other_classes,
        ),
        twin(
            CROSS_ENTROPY_ONE_HOT_GRADIENT,
            "gradient_of_the_value",
            "The logarithm is not differentiated: −ln y at the label.",
            caught_by=is_minus_an_nth_at_the_label_for_a_perfect_output,
        ),
        *twins(CROSS_ENTROPY_ONE_HOT_GRADIENT, "base_two", "first_sample_only"),
    ),
    options=options_of(l, WRITTEN, are_labels=True),
    conventions=conventions(
        keras=(_of_keras, keras_program),
        sklearn=(_of_sklearn, sklearn_program),
        operands=operands_as_rows,
        sources=LABEL_SOURCES,
        domains=LABEL_DOMAINS,
    ),
)
