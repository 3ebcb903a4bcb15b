r"""The negative logarithm of the probability that the output gives to the label, averaged over the samples of a batch.

$$E = -\frac{1}{N} \sum_{n} \ln \max(y_{n, l_n}, \delta)$$

**Conventions.** The label l of a sample is the index of its class, counted from 0; a negative one is refused and does not count from the end.
Everything else is as for one-hot targets, with which this form agrees exactly, bit for bit: natural logarithm, mean over the N samples, a
single sample (K,) with a scalar label as a batch of one, and the guard as a `floor` (finite and never negative), an `offset` or `none`.

**Options.** With the costs $L_{nk} = -\ln \max(y_{nk}, \delta)$ a sample's loss is
$E_n = (1 - \varepsilon) w_{l_n} L_{n l_n} + \frac{\varepsilon}{K} \sum_k w_k L_{nk}$: the `class_weights` w are 1 unless they are given, and `label_smoothing` is ε.
It is 0 where the label is the `ignore_index`. `reduction="mean"` divides the sum by $\sum_n w_{l_n}$ over the samples that count, which without weights is their
number; `"sum"` divides by nothing, and `"none"` gives one loss a sample. If every sample is ignored the mean is 0/0, nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.108) with one-hot t, divided by N.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from refmath import arguments
from refmath.arguments import Array
from refmath.laws import is_never_negative, is_the_mean_of_its_samples, samples_of
from refmath.losses.cross_entropy_laws import (
    is_ln_k_for_a_uniform_output,
    is_minus_ln_delta_for_a_certain_error,
    is_unmoved_by_renaming_the_classes,
    is_zero_for_a_perfect_output,
)
from refmath.losses.cross_entropy_one_hot import (
    CROSS_ENTROPY_ONE_HOT,
    PARAMETERS,
    SOURCES,
    WRITTEN,
    Guard,
    Y,
    conventions,
    delta,
    guarded_log,
    keras_program,
    log_clipped,
    samples,
    share,
    sklearn_program,
    y,
)
from refmath.losses.encodings import twin, twins
from refmath.losses.options import Reduction, labels_of, of_labels, weighed
from refmath.losses.versions import options_of
from refmath.made import made
from refmath.narrow import rounded_number, widened
from refmath.spec import Claims, Domain, Equal, Formula, Input, defining, law, mistake
from refmath.symbols import N, n

l = sp.IndexedBase("l", shape=(N,), integer=True)


def _mean_of(term: sp.Expr) -> sp.Expr:
    return -sp.Sum(term, (n, 0, N - 1)) / N


definition = _mean_of(sp.log(sp.Max(y[n, l[n]], delta)))
_with_offset = _mean_of(sp.log(y[n, l[n]] + delta))
_without_guard = _mean_of(sp.log(y[n, l[n]]))


def cross_entropy_labels(
    y: Any,
    labels: Any,
    *,
    delta: float = 1e-8,
    guard: Guard = "floor",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    r"""The cross-entropy of each sample with its label, averaged over the samples.

    Args:
        y: Probabilities, shape (K,) for one sample or (N, K) for a batch.
        labels: The class of each sample, an integer in 0 .. K − 1: shape (N,) for a batch, a scalar for one sample.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(y, δ), `offset` for ln(y + δ), `none` for ln y.
        reduction: `mean` over the samples that count, `sum`, or `none` for one loss a sample.
        class_weights: How much a sample of each class counts, shape (K,); all the same if there are none.
        ignore_index: The label of samples that do not count; it need not be a class.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The loss in the dtype of `y` (float64 for integers): a scalar, or with the reduction `none` an array of shape (N,), a scalar of one sample. Never negative with the floor; ∞ without a guard where the label's
        probability is 0.

    Raises:
        TypeError: If `y` is not an array of real numbers, a label is not an integer, or δ not a real number.
        ValueError: If there is not one label for each sample, `y` is empty or has other than one or two dimensions, a label lies outside
            0 .. K − 1, a probability outside [0, 1], δ is not between 0 and 1, or the guard is none of the three.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> print(cross_entropy_labels([0.25, 0.5, 0.25], 1))
        0.6931471805599453
        >>> print(cross_entropy_labels([[0.0, 1.0], [0.0, 1.0]], [1, 0]))
        9.210340371976184
    """
    if chosen := of_labels(reduction, class_weights, ignore_index, label_smoothing):
        y = arguments.probabilities("y", y)
        labels = labels_of("labels", labels, y, "y", chosen)
        costs = 0 - guarded_log(widened(y), delta, guard)
        return weighed(labels, y, chosen, are_labels=True).loss({1.0: costs}, y.dtype)
    y, labels = operands(y, labels)
    #| $\ln \max(y_{nk}, \delta)$ of all entries and not only of those picked: NumPy's log may round an entry by its place in memory, and
    # the one-hot form takes the logarithm of this very array.
    log_y = guarded_log(widened(y), delta, guard)
    #| $E_n = -\ln \max(y_{n, l_n}, \delta)$; 0 − 0 is not −0 as −(0) would be.
    loss = 0 - picked(log_y, labels)
    #| $E = \frac{1}{N} \sum_n E_n$
    return rounded_number(np.mean(loss), y.dtype)


def operands(y: Any, labels: Any) -> tuple[Array, NDArray[np.intp]]:
    """Probabilities, and one label for each sample."""
    y = arguments.probabilities("y", y)
    return y, arguments.labels("labels", labels, y, "y")


def picked(values: Array, labels: NDArray[np.intp]) -> Array:
    """The entry that the label of each sample points at."""
    chosen: Array = np.take_along_axis(values, labels[..., None], axis=-1)[..., 0]
    return chosen


# ---- laws


def is_minus_the_log_of_the_labels_probability(loss: Any, y: Any, labels: Any) -> Claims:
    """The loss of a single sample is −ln of the probability of its label, which is taken to be at least δ."""
    for y_n, label in samples_of(y, labels):
        yield Equal(loss(y_n, label), -np.log(np.maximum(y_n, 0 * y_n + 1e-8))[label])


# ---- mistakes


def _of_labels(y: Array, labels: Any) -> Any:
    return np.log(np.maximum(picked(y, np.asarray(labels)), 1e-8))


def one_loss_a_sample(y: Array, labels: Any) -> Any:
    """One loss for each sample: the mean over the batch is not taken."""
    return -np.atleast_1d(_of_labels(y, labels))


def every_label_for_every_sample(y: Array, labels: Any, *, averaged: bool = False) -> Any:
    """y[:, labels] picks every label for every sample, not each sample's own."""
    losses = -np.log(np.maximum(y[..., labels], 1e-8))
    return np.mean(losses) if averaged else np.sum(losses) / samples(y)


def labels_as_weights(y: Array, labels: Any) -> Any:
    """The labels are multiplied with the logarithms, as if they were one-hot rows."""
    return -np.sum(np.asarray(labels)[..., None] * np.log(np.maximum(y, 1e-8))) / samples(y)


def likeliest_class(y: Array, labels: Any) -> Any:
    """The likeliest class is charged, not the label's."""
    return -np.mean(_of_labels(y, np.argmax(y, axis=-1)))


def axes_exchanged(y: Array, labels: Any) -> Any:
    """y[labels, n] instead of y[n, labels]: the labels run over the samples."""
    return -np.mean(np.log(np.maximum(np.atleast_2d(y)[labels, np.arange(samples(y))], 1e-8)))


def guard_too_large(y: Array, labels: Any) -> Any:
    """The floor is so high (0.001) that bad outputs go almost unpunished."""
    return -np.mean(np.log(np.maximum(picked(y, np.asarray(labels)), 1e-3)))


# ---- conventions

#: Where the libraries' losses of labels are described, which have other names than those of one-hot targets.
LABEL_SOURCES = SOURCES | {
    "pytorch": "PyTorch documentation, torch.nn.NLLLoss with reduction='mean', given ln y",
    "keras": "Keras documentation, keras.losses.SparseCategoricalCrossentropy; source, keras/src/backend/jax/nn.py (sparse_categorical_crossentropy)",
}
#: What the conventions are defined on where targets are labels: the book takes as many labels as outputs for one-hot targets, and so those
#: of a single class.
LABEL_DOMAINS = {"book": Domain(fewest_classes=2), "sklearn": Domain(fewest_classes=2)}


def operands_as_rows(y: Any, labels: Any) -> tuple[Array, Array]:
    """Probabilities, and one-hot targets of their shape."""
    y, labels = operands(y, labels)
    return y, np.eye(y.shape[-1], dtype=y.dtype)[labels]


INPUTS = (Y, Input("labels", l, "labels", ("N",)))

CROSS_ENTROPY_LABELS = Formula(
    name="cross_entropy_labels",
    display="E",
    program=cross_entropy_labels,
    ulps=5.0,
    definition=definition,
    inputs=INPUTS,
    parameters=PARAMETERS,
    choices={"guard": {"floor": definition, "offset": _with_offset, "none": _without_guard}},
    range=(0.0, math.inf),
    options=options_of(l, WRITTEN, are_labels=True),
    laws=(
        defining(is_minus_the_log_of_the_labels_probability),
        defining(is_the_mean_of_its_samples),
        law(is_never_negative),
        law(is_zero_for_a_perfect_output),
        law(is_minus_ln_delta_for_a_certain_error),
        law(is_ln_k_for_a_uniform_output, "Equal probabilities cost ln K, whatever the label."),
        law(
            is_unmoved_by_renaming_the_classes,
            "The order of the classes does not matter, if the labels are renamed with them.",
        ),
    ),
    mistakes=(
        made("opposite_sign", "The sign is wrong: the minus before the mean is missing.", caught_by=is_never_negative),
        *twins(CROSS_ENTROPY_ONE_HOT, "base_two", "base_ten", "sum_over_samples"),
        made("mean_over_entries", caught_by=is_ln_k_for_a_uniform_output),
        made(
            "no_guard",
            "Nothing guards the logarithm: a label of probability 0 costs infinity.",
            caught_by=is_minus_ln_delta_for_a_certain_error,
        ),
        twin(CROSS_ENTROPY_ONE_HOT, "both_sides_clipped", caught_by=is_zero_for_a_perfect_output),
        made(
            "labels_off_by_one",
            "The labels are counted from 1: each sample is charged for the class before its own.",
            caught_by=is_zero_for_a_perfect_output,
        ),
        mistake(every_label_for_every_sample, caught_by=is_the_mean_of_its_samples, variants={"averaged": (True,)}),
        mistake(labels_as_weights, caught_by=is_ln_k_for_a_uniform_output),
        mistake(likeliest_class, caught_by=is_minus_ln_delta_for_a_certain_error),
        mistake(axes_exchanged, caught_by=is_the_mean_of_its_samples),
        mistake(one_loss_a_sample, caught_by=is_the_mean_of_its_samples),
        made(
            "log_forgotten",
            "The logarithm is missing: only the labels' probabilities are averaged.",
            caught_by=is_never_negative,
        ),
        *twins(CROSS_ENTROPY_ONE_HOT, "one_added_inside_the_log", "guard_outside_log", "softmax_applied_first"),
        mistake(guard_too_large, caught_by=is_minus_ln_delta_for_a_certain_error),
        *twins(CROSS_ENTROPY_ONE_HOT, "first_sample_only", "single_sample_divided_by_classes"),
    ),
    conventions=conventions(
        keras=(_mean_of(log_clipped(share(n, l[n]))), keras_program),
        sklearn=(_mean_of(log_clipped(y[n, l[n]])), sklearn_program),
        operands=operands_as_rows,
        sources=LABEL_SOURCES,
        domains=LABEL_DOMAINS,
    ),
)
