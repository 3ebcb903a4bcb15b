r"""The derivative of the cross-entropy with one-hot targets with respect to the output's probabilities.

$$\frac{\partial E}{\partial y_{ij}} = -\frac{t_{ij}}{N y_{ij}} \quad\text{where } y_{ij} \ge \delta, \qquad 0 \quad\text{below}$$

**Conventions.** It is the exact derivative of the loss with its guard: under the `floor` the loss is flat below δ, so nothing is left there,
and at δ itself the derivative from the right is taken; with the `offset` it is −t / (N(y + δ)); with `none` it is −t / (N y), which is −∞
where the target's probability is 0, and 0 wherever t is 0. The probabilities are independent variables: that they sum to 1 plays no part.
Each convention of the loss has its own gradient. Not to be confused with (p − t) / N, the gradient at the logits of a softmax.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.108), divided by N and differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.laws import is_an_nth_of_each_samples_gradient
from refmath.losses.cross_entropy_laws import (
    is_minus_one_over_the_targets_probability,
    is_minus_t_for_a_perfect_output,
    is_never_positive,
    is_zero_for_the_other_classes,
    sums_to_minus_one_when_weighed_with_y,
    vanishes_on_the_floor,
)
from refmath.losses.cross_entropy_one_hot import (
    INPUTS,
    KERAS_EPSILON,
    PARAMETERS,
    Guard,
    conventions,
    delta,
    epsilon,
    operands,
    samples,
    share,
    shares,
    sklearn_epsilon,
    t,
    valid_guard,
    y,
)
from refmath.losses.options import Reduction, of_targets, weighed
from refmath.losses.versions import Written, options_of
from refmath.made import made
from refmath.spec import Formula, defining, law, mistake
from refmath.symbols import K, N, i, j, k, m

definition = sp.Piecewise((-t[i, j] / (N * y[i, j]), y[i, j] >= delta), (0, True))
_with_offset = -t[i, j] / (N * (y[i, j] + delta))
_without_guard = sp.Piecewise((0, sp.Eq(t[i, j], 0)), (-sp.oo, sp.Eq(y[i, j], 0)), (-t[i, j] / (N * y[i, j]), True))


def _slope(sample: Any, entry: Any, share: sp.Expr, divisor: sp.Expr) -> sp.Expr:
    return -share / (divisor * y[sample, entry])


#: Under options, for each guard.
_WRITTEN = {
    "floor": lambda terms: terms.gradient(
        lambda sample, entry, *count: sp.Piecewise(
            (_slope(sample, entry, *count), y[sample, entry] >= delta), (0, True)
        )
    ),
    "offset": lambda terms: terms.gradient(
        lambda sample, entry, share, divisor: -share / (divisor * (y[sample, entry] + delta))
    ),
    "none": lambda terms: terms.gradient(
        lambda sample, entry, share, divisor: sp.Piecewise(
            (0, sp.Eq(share, 0)), (-sp.oo, sp.Eq(y[sample, entry], 0)), (_slope(sample, entry, share, divisor), True)
        )
    ),
}
WRITTEN = Written(_WRITTEN["floor"], guards=_WRITTEN)


def cross_entropy_one_hot_gradient(
    y: Any,
    t: Any,
    *,
    delta: float = 1e-8,
    guard: Guard = "floor",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    label_smoothing: float = 0.0,
) -> Array:
    r"""The derivative of the cross-entropy with respect to y: $-t_{nk} / (N y_{nk})$ from δ on, 0 below.

    Args:
        y: Probabilities, shape (K,) for one sample or (N, K) for a batch.
        t: Targets, of the same shape; each sample a distribution, one-hot as a rule.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(y, δ), `offset` for ln(y + δ), `none` for ln y.
        reduction: `mean` over the samples, `sum`, or `none`, whose gradient is that of the sum.
        class_weights: How much each class counts, shape (K,); all the same if there are none.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The gradient, of the shape and dtype of `y` (float64 for integers); −∞ where its value is beyond the dtype.

    Raises:
        TypeError: If an argument is not an array of real numbers, or δ not a real number.
        ValueError: If the shapes differ, an argument is empty or has other than one or two dimensions, a probability lies outside [0, 1],
            a target is not a distribution, δ is not between 0 and 1, or the guard is none of the three.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> cross_entropy_one_hot_gradient([0.25, 0.5, 0.25], [0, 1, 0])
        array([ 0., -2.,  0.])
        >>> cross_entropy_one_hot_gradient([[0.0, 1.0], [0.0, 1.0]], [[0, 1], [1, 0]])
        array([[ 0. , -0.5],
               [ 0. ,  0. ]])
    """
    y, t = operands(y, t)
    if chosen := of_targets(reduction, class_weights, label_smoothing):
        return weighed(t, y, chosen, are_labels=False).slope(guarded_divisor(y, delta, guard), y.dtype)
    #| $\partial \ln \max(y, \delta) / \partial y = 1 / y$ where $y \ge \delta$, and 0 = 1/∞ below
    divisor = samples(y) * guarded_divisor(y, delta, guard)
    # A quotient beyond the dtype is −∞, as is −t/0 without a guard: both are its value there.
    with np.errstate(over="ignore", divide="ignore"):
        #| $\partial E / \partial y_{ij} = -t_{ij} / (N y_{ij})$; where t is 0 so is the gradient, and 0 − 0 is not −0.
        gradient: Array = (0 - np.divide(t, divisor, out=np.zeros_like(divisor), where=t > 0)).astype(y.dtype)
    return gradient


def guarded_divisor(y: Array, delta: float, guard: Guard) -> Array:
    """What 1 is divided by in the derivative of the guarded logarithm; float16 is widened to float32, which holds 1e-8."""
    delta = valid_guard(delta, guard)
    wide = y.astype(np.promote_types(y.dtype, np.float32))
    if guard == "floor":
        # Compared in float64, so that δ is not rounded.
        return np.where(y >= np.float64(delta), wide, np.inf).astype(wide.dtype)
    return wide + delta if guard == "offset" else wide


# ---- mistakes


def _floored(y: Array) -> Any:
    return np.maximum(y, 1e-8)


def _right(y: Array, t: Array) -> Any:
    return np.where(y >= 1e-8, -t / _floored(y), 0.0)


def slope_at_the_floor(y: Array, t: Array) -> Any:
    """Below the floor −t/δ, as if the loss were not flat there."""
    return -t / _floored(y) / samples(y)


def gradient_at_the_logits(y: Array, t: Array) -> Any:
    """(y − t)/N: the gradient at the logits of a softmax, not at its probabilities."""
    return (y - t) / samples(y)


def binary_cross_entropy(y: Array, t: Array) -> Any:
    """The gradient of the binary cross-entropy of each class: (y − t)/(y(1 − y))."""
    return (y - t) / (_floored(y) * _floored(1 - y)) / samples(y)


def gradient_of_the_value(y: Array, t: Array) -> Any:
    """The logarithm is not differentiated: −t ln y."""
    return -t * np.log(_floored(y)) / samples(y)


def first_sample_only(y: Array, t: Array) -> Any:
    """Only the first sample of the batch is counted."""
    got = _right(y, t)
    if y.ndim == 2:
        got[1:] = 0
    return got


# ---- conventions


def inside(value: Any) -> Any:
    """Whether a value is left alone when clipped to [ε, 1 − ε]."""
    return sp.And(value >= epsilon, value <= 1 - epsilon)


_of_keras = (
    sp.Sum(sp.Piecewise((t[i, k], inside(share(i, k))), (0, True)), (k, 0, K - 1)) / sp.Sum(y[i, m], (m, 0, K - 1))
    - sp.Piecewise((t[i, j] / y[i, j], inside(share(i, j))), (0, True))
) / N
_of_sklearn = sp.Piecewise((-t[i, j] / (N * y[i, j]), inside(y[i, j])), (0, True))


def keras_program(y: Array, t: Array) -> Array:
    r"""$\frac{1}{N \sum_m y_m} \left( \sum_k [t_k] - \frac{[t_j]}{z_j} \right)$ for the shares $z = y / \sum_m y_m$; [t] is t within the clip, else 0."""
    # A share below the range is 0.
    with np.errstate(under="ignore"):
        share, least = shares(y), KERAS_EPSILON
    counted = np.where((share >= least) & (share <= 1 - least), t, 0)
    own = np.divide(counted, share, out=np.zeros_like(share), where=counted > 0)
    total = np.sum(y, axis=-1, keepdims=True, dtype=share.dtype)
    # A quotient beyond the dtype is infinite, one below its range 0.
    with np.errstate(over="ignore", under="ignore"):
        gradient: Array = ((np.sum(counted, axis=-1, keepdims=True) - own) / (samples(y) * total)).astype(y.dtype)
    return gradient


def sklearn_program(y: Array, t: Array) -> Array:
    """−t/(N y) within the clip, else 0."""
    wide, least = y.astype(np.promote_types(y.dtype, np.float64)), sklearn_epsilon(y)
    counted = np.where((wide >= least) & (wide <= 1 - least), t, 0)
    # A quotient beyond the dtype is −∞.
    with np.errstate(over="ignore"):
        gradient: Array = (
            0 - np.divide(counted, samples(y) * wide, out=np.zeros_like(wide), where=counted > 0)
        ).astype(y.dtype)
    return gradient


CROSS_ENTROPY_ONE_HOT_GRADIENT = Formula(
    name="cross_entropy_one_hot_gradient",
    display=r"\frac{\partial E}{\partial y_{ij}}",
    program=cross_entropy_one_hot_gradient,
    ulps=2.0,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"), (j, "K")),
    parameters=PARAMETERS,
    choices={"guard": {"floor": definition, "offset": _with_offset, "none": _without_guard}},
    derivative_of="cross_entropy_one_hot",
    laws=(
        defining(is_minus_one_over_the_targets_probability),
        defining(is_an_nth_of_each_samples_gradient),
        law(is_zero_for_the_other_classes),
        law(is_never_positive),
        law(sums_to_minus_one_when_weighed_with_y),
        law(is_minus_t_for_a_perfect_output),
        law(vanishes_on_the_floor),
    ),
    mistakes=(
        made("missing_mean", caught_by=is_an_nth_of_each_samples_gradient),
        made("mean_over_entries", caught_by=sums_to_minus_one_when_weighed_with_y),
        made("single_sample_divided_by_classes", caught_by=sums_to_minus_one_when_weighed_with_y),
        made("opposite_sign", "The sign is wrong: t/y without the minus.", caught_by=is_never_positive),
        made(
            "guard_ignored",
            "The guard is forgotten: −t/y everywhere, which is infinite or nan where y is 0.",
            by="one_branch_only",
            caught_by=vanishes_on_the_floor,
        ),
        mistake(slope_at_the_floor, caught_by=vanishes_on_the_floor),
        mistake(gradient_at_the_logits, caught_by=is_zero_for_the_other_classes),
        mistake(binary_cross_entropy, caught_by=is_zero_for_the_other_classes),
        made(
            "target_ignored",
            "−1/y for every class, whatever the target.",
            by="t → 1",
            caught_by=is_zero_for_the_other_classes,
        ),
        made(
            "arguments_swapped",
            "Output and target have changed places: −y/t.",
            caught_by=sums_to_minus_one_when_weighed_with_y,
        ),
        mistake(gradient_of_the_value, caught_by=is_minus_t_for_a_perfect_output),
        made(
            "base_two",
            "The gradient for a logarithm to base 2: divided by ln 2.",
            by="× 1/log(2)",
            caught_by=sums_to_minus_one_when_weighed_with_y,
        ),
        mistake(first_sample_only, caught_by=is_an_nth_of_each_samples_gradient),
    ),
    conventions=conventions(keras=(_of_keras, keras_program), sklearn=(_of_sklearn, sklearn_program)),
    options=options_of(t, WRITTEN, are_labels=False),
)
