r"""The cross-entropy with targets in either encoding, one-hot rows or labels, averaged over the samples of a batch.

$$E = -\frac{1}{N} \sum_{n} \sum_{k} t_{nk} \ln \max(y_{nk}, \delta)$$

**Conventions.** The number of dimensions decides: targets with as many as y are one-hot rows (or other distributions), targets with one
fewer are labels, and stand in the display for their one-hot rows. Size cannot decide: with a single class, N labels and N one-hot rows are
as many numbers. For everything else see the forms for one-hot targets and for labels, of which this is the choice and nothing more.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.108), divided by N; for the two encodings,
K. Saitoh, *Deep Learning from Scratch*, section 4.2.4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.laws import is_never_negative, is_the_mean_of_its_samples
from refmath.losses import cross_entropy_one_hot as of_one_hot
from refmath.losses.cross_entropy_labels import CROSS_ENTROPY_LABELS, cross_entropy_labels
from refmath.losses.cross_entropy_laws import (
    is_ln_k_for_a_uniform_output,
    is_minus_ln_delta_for_a_certain_error,
    is_minus_the_log_of_the_targets_probability,
    is_the_same_for_both_encodings,
    is_zero_for_a_perfect_output,
)
from refmath.losses.cross_entropy_one_hot import CROSS_ENTROPY_ONE_HOT, Guard, Y, cross_entropy_one_hot, samples
from refmath.losses.encodings import as_rows, twins
from refmath.losses.options import Reduction, label_to_ignore, labels_of
from refmath.losses.versions import options_of_either
from refmath.spec import Convention, Domain, Formula, Input, Program, defining, law, mistake


def cross_entropy_error(
    y: Any,
    t: Any,
    *,
    delta: float = 1e-8,
    guard: Guard = "floor",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    r"""The cross-entropy of each sample with its target, one-hot or a label, averaged over the samples.

    Args:
        y: Probabilities, shape (K,) for one sample or (N, K) for a batch.
        t: Targets: of the shape of `y` distributions, one-hot as a rule; with one dimension fewer integer labels, (N,) or a scalar.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(y, δ), `offset` for ln(y + δ), `none` for ln y.
        reduction: `mean` over the samples that count, `sum`, or `none` for one loss a sample.
        class_weights: How much each class counts, shape (K,); all the same if there are none.
        ignore_index: The label of samples that do not count; it need not be a class. Only with labels.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The loss in the dtype of `y` (float64 for integers): a scalar, or with the reduction `none` an array of shape (N,), a scalar of one sample. Never negative with the floor; ∞ without a guard where the target's
        probability is 0.

    Raises:
        TypeError: If an argument is not an array of real numbers, labels are not integers, or δ is not a real number.
        ValueError: If `t` fits `y` in neither encoding, a target is not a distribution or a label not in 0 .. K − 1, `y` is empty or has
            other than one or two dimensions, a probability lies outside [0, 1], δ is not between 0 and 1, or the guard is none of the three.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> print(cross_entropy_error([[0.5, 0.5], [0.125, 0.875]], [[0, 1], [1, 0]]))
        1.3862943611198906
        >>> print(cross_entropy_error([[0.5, 0.5], [0.125, 0.875]], [1, 0]))
        1.3862943611198906
    """
    options = {"reduction": reduction, "class_weights": class_weights, "label_smoothing": label_smoothing}
    #| $l_n$ given, so that $t_{nk}$ is 1 where $k = l_n$, and 0 elsewhere
    if holds_labels(y, t, ignore_index):
        return cross_entropy_labels(y, t, delta=delta, guard=guard, ignore_index=ignore_index, **options)
    #| $t_{nk}$ given
    return cross_entropy_one_hot(y, t, delta=delta, guard=guard, **options)


def holds_labels(y: Any, t: Any, ignored: int | None = None) -> bool:
    """Whether the targets are labels: one dimension fewer than the output; some of them may be ignored."""
    y, of_t = arguments.probabilities("y", y), arguments.dimensions("t", t)
    if of_t not in (y.ndim, y.ndim - 1):
        raise ValueError(
            f"t must have the shape of y (one-hot rows) or one dimension fewer (labels); got {of_t} dimensions for {y.ndim} of y, "
            f"shapes {np.shape(t)} and {y.shape}"
        )
    if of_t == y.ndim:
        if ignored is not None:
            raise ValueError(
                f"ignore_index is an option of labels; got t of shape {np.shape(t)} for y of shape {y.shape}"
            )
        return False
    # Refused here already, where the argument is called t and not labels.
    labels_of("labels t", t, y, "y", {} if ignored is None else {"ignore_index": label_to_ignore(ignored)})
    return True


# ---- mistakes


def labels_off_by_one_as_one_hot(y: Array, t: Array) -> Any:
    """Labels counted from 1, as one-hot rows; one-hot rows as they are."""
    return as_rows(y, t if t.ndim == y.ndim else (t - 1) % y.shape[-1])


def labels_summed(y: Array, t: Array) -> Any:
    """Only the losses of one-hot targets are averaged: with labels the 1/N is missing."""
    loss = cross_entropy_one_hot(y, as_rows(y, t))
    return loss if t.ndim == y.ndim else samples(y) * loss


def encoding_by_size(y: Array, t: Array) -> Any:
    """Size decides which encoding t is in, not dimension: N labels of a single class are taken for one-hot rows."""
    y, t = (y.reshape(1, y.size), t.reshape(1, t.size)) if y.ndim == 1 else (y, t)
    labels = t.argmax(axis=1) if t.size == y.size else t
    return -np.sum(np.log(np.maximum(y[np.arange(len(y)), labels], 1e-8))) / len(y)


def labels_only(y: Array, t: Array) -> Any:
    """Targets are always taken for labels: the zeros and ones of one-hot rows are used as indices."""
    y = np.atleast_2d(y)
    return -np.sum(np.log(np.maximum(y[np.arange(len(y)), t.astype(int)], 1e-8))) / len(y)


def one_hot_only(y: Array, t: Array) -> Any:
    """Targets are always taken for one-hot rows: labels are multiplied with the logarithms, where the shapes allow it."""
    return -np.sum(t * np.log(np.maximum(y, 1e-8))) / samples(y)


def labels_off_by_one(y: Array, t: Array) -> Any:
    """The labels are counted from 1: each sample is charged for the class before its own."""
    return cross_entropy_one_hot(y, labels_off_by_one_as_one_hot(y, t))


def every_label_for_every_sample(y: Array, t: Array, *, averaged: bool = False, one_hot_too: bool = True) -> Any:
    """y[:, labels] picks every label for every sample, not each sample's own."""
    if t.ndim == y.ndim and not one_hot_too:
        return cross_entropy_error(y, t)
    losses = -np.log(np.maximum(y[..., t.argmax(axis=-1) if t.ndim == y.ndim else t], 1e-8))
    return np.mean(losses) if averaged else np.sum(losses) / samples(y)


def guard_too_large(y: Array, t: Array) -> Any:
    """The floor is so high (0.001) that bad outputs go almost unpunished."""
    return of_one_hot.guard_too_large(y, as_rows(y, t))


# ---- conventions


def conventions(one_hot: Formula, labels: Formula) -> tuple[Convention, ...]:
    """The conventions of the one-hot form, with programs that choose by the encoding as well, and defined where both are."""
    return tuple(
        replace(
            first,
            program=_by_encoding(first.program, second.program) if first.program and second.program else first.program,
            domain=_common(first.domain, second.domain),
        )
        for first, second in zip(one_hot.conventions, labels.conventions, strict=True)
    )


def _common(of_targets: Domain, of_labels: Domain) -> Domain:
    """What targets in either encoding are defined on."""
    return replace(of_targets, fewest_classes=max(of_targets.fewest_classes, of_labels.fewest_classes))


def _by_encoding(one_hot: Program, labels: Program) -> Program:
    def program(y: Any, t: Any) -> Any:
        return labels(y, t) if holds_labels(y, t) else one_hot(y, t)

    return program


INPUTS = (Y, Input("t", of_one_hot.t, "targets_or_labels", ("N", "K")))

CROSS_ENTROPY_ERROR = replace(
    CROSS_ENTROPY_ONE_HOT,
    name="cross_entropy_error",
    program=cross_entropy_error,
    inputs=INPUTS,
    options=options_of_either("cross_entropy_labels", "cross_entropy_one_hot"),
    laws=(
        defining(is_minus_the_log_of_the_targets_probability),
        defining(is_the_mean_of_its_samples),
        defining(is_the_same_for_both_encodings),
        law(is_never_negative),
        law(is_zero_for_a_perfect_output),
        law(is_minus_ln_delta_for_a_certain_error),
        law(is_ln_k_for_a_uniform_output),
    ),
    mistakes=(
        *twins(CROSS_ENTROPY_ONE_HOT, "opposite_sign", "base_two", "base_ten", "sum_over_samples"),
        mistake(labels_summed, caught_by=is_the_same_for_both_encodings),
        *twins(CROSS_ENTROPY_ONE_HOT, "mean_over_entries", "no_guard", "both_sides_clipped"),
        mistake(encoding_by_size, caught_by=is_the_same_for_both_encodings),
        mistake(labels_only, caught_by=is_the_same_for_both_encodings),
        mistake(one_hot_only, caught_by=is_the_same_for_both_encodings),
        mistake(labels_off_by_one, caught_by=is_the_same_for_both_encodings),
        mistake(
            every_label_for_every_sample,
            caught_by=is_the_mean_of_its_samples,
            variants=({"averaged": True}, {"one_hot_too": False}, {"one_hot_too": False, "averaged": True}),
        ),
        *twins(
            CROSS_ENTROPY_ONE_HOT,
            "binary_cross_entropy",
            "one_loss_a_sample",
            "log_forgotten",
            "one_added_inside_the_log",
            "guard_outside_log",
            "softmax_applied_first",
        ),
        mistake(guard_too_large, caught_by=is_minus_ln_delta_for_a_certain_error),
        *twins(CROSS_ENTROPY_ONE_HOT, "first_sample_only", "single_sample_divided_by_classes"),
    ),
    conventions=conventions(CROSS_ENTROPY_ONE_HOT, CROSS_ENTROPY_LABELS),
    reference=CROSS_ENTROPY_ONE_HOT.reference
    + "; K. Saitoh, Deep Learning from Scratch, section 4.2.4, for the two encodings",
)
