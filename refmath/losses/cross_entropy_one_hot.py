r"""The negative logarithm of the probability that the output gives to the target, averaged over the samples of a batch.

$$E = -\frac{1}{N} \sum_{n} \sum_{k} t_{nk} \ln \max(y_{nk}, \delta)$$

**Conventions.** Natural logarithm; the mean runs over the N samples, and a single sample (K,) counts as a batch of one. Targets may be
any distributions. The guard keeps ln 0 away: a `floor`, ln max(y, δ), under which the loss is finite *and* never negative, and zero for a
perfect output; an `offset`, ln(y + δ), which makes the loss of a perfect output −ln(1 + δ) < 0; or `none`, where 0 · ln 0 = 0 and the loss
is ∞ if the target's probability is 0. Others clip on both sides or normalise first: see the page's conventions.

**Options.** With the costs $L_{nk} = -\ln \max(y_{nk}, \delta)$ a sample's loss is
$E_n = \sum_k w_k \big((1 - \varepsilon) t_{nk} + \frac{\varepsilon}{K}\big) L_{nk}$: the `class_weights` w are 1 unless they are given, and
`label_smoothing` is ε. `reduction="mean"` divides the sum by N, whatever the weights; `"sum"` divides by nothing, and `"none"` gives one loss a sample.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.108), divided by N.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, Literal

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.laws import is_never_negative, is_the_mean_of_its_samples
from refmath.losses.cross_entropy_laws import (
    is_ln_k_for_a_uniform_output,
    is_minus_ln_delta_for_a_certain_error,
    is_minus_the_log_of_the_targets_probability,
    is_unmoved_by_renaming_the_classes,
    is_zero_for_a_perfect_output,
)
from refmath.losses.options import Reduction, of_targets, weighed
from refmath.losses.versions import Written, options_of
from refmath.made import made
from refmath.narrow import rounded_number, widened
from refmath.spec import (
    WHOLE,
    AtLeast,
    ByFormat,
    Claims,
    Constant,
    Convention,
    Domain,
    Formula,
    Input,
    Program,
    defining,
    law,
    mistake,
)
from refmath.symbols import K, N, k, m, n, xlogy

y, t = sp.IndexedBase("y", shape=(N, K), real=True), sp.IndexedBase("t", shape=(N, K), real=True)
delta, epsilon = sp.symbols("delta epsilon", positive=True)


def _mean_of(term: sp.Expr) -> sp.Expr:
    return -sp.Sum(term, (k, 0, K - 1), (n, 0, N - 1)) / N


definition = _mean_of(t[n, k] * sp.log(sp.Max(y[n, k], delta)))
_with_offset = _mean_of(t[n, k] * sp.log(y[n, k] + delta))
_without_guard = _mean_of(sp.Piecewise((0, sp.Eq(t[n, k], 0)), (t[n, k] * sp.log(y[n, k]), True)))

#: Under options, for each guard.
_WRITTEN = {
    "floor": lambda terms: terms.loss(lambda share, *place: -share * sp.log(sp.Max(y[place], delta))),
    "offset": lambda terms: terms.loss(lambda share, *place: -share * sp.log(y[place] + delta)),
    "none": lambda terms: terms.loss(lambda share, *place: -xlogy(share, y[place])),
}
WRITTEN = Written(_WRITTEN["floor"], guards=_WRITTEN)

Guard = Literal["floor", "offset", "none"]


def cross_entropy_one_hot(
    y: Any,
    t: Any,
    *,
    delta: float = 1e-8,
    guard: Guard = "floor",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    label_smoothing: float = 0.0,
) -> Any:
    r"""The cross-entropy of each sample with its target, averaged over the samples.

    Args:
        y: Probabilities, shape (K,) for one sample or (N, K) for a batch.
        t: Targets, of the same shape; each sample a distribution, one-hot as a rule.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(y, δ), `offset` for ln(y + δ), `none` for ln y.
        reduction: `mean` over the samples, `sum`, or `none` for one loss a sample.
        class_weights: How much each class counts, shape (K,); all the same if there are none.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The loss in the dtype of `y` (float64 for integers): a scalar, or with the reduction `none` an array of shape (N,), a scalar of one sample. Never negative with the floor; ∞ without a guard where the target's
        probability is 0.

    Raises:
        TypeError: If an argument is not an array of real numbers, or δ not a real number.
        ValueError: If the shapes differ, an argument is empty or has other than one or two dimensions, a probability lies outside [0, 1],
            a target is not a distribution, δ is not between 0 and 1, or the guard is none of the three.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> print(cross_entropy_one_hot([0.25, 0.5, 0.25], [0, 1, 0]))
        0.6931471805599453
        >>> print(cross_entropy_one_hot([[0.0, 1.0], [0.0, 1.0]], [[0, 1], [1, 0]]))
        9.210340371976184
    """
    y, t = operands(y, t)
    #| $\ln \max(y_{nk}, \delta)$; narrow formats are computed in float32 and rounded once.
    log_y = guarded_log(widened(y), delta, guard)
    if chosen := of_targets(reduction, class_weights, label_smoothing):
        return weighed(t, y, chosen, are_labels=False).loss({1.0: 0 - log_y}, y.dtype)
    #| $E_n = -\sum_k t_{nk} \ln \max(y_{nk}, \delta)$; 0 · ln 0 counts as 0, and 0 − 0 is not −0 as −(0) would be.
    loss = 0 - np.sum(np.multiply(t, log_y, out=np.zeros_like(log_y), where=t > 0), axis=-1)
    #| $E = \frac{1}{N} \sum_n E_n$
    return rounded_number(np.mean(loss), y.dtype)


def operands(y: Any, t: Any) -> tuple[Array, Array]:
    """Probabilities, and as many targets in their dtype; each target is a distribution."""
    y = arguments.probabilities("y", y)
    return y, arguments.distributions("t", t, y, "y").astype(y.dtype)


def guarded_log(y: Array, delta: float, guard: Guard) -> Array:
    r"""$\ln \max(y, \delta)$, $\ln(y + \delta)$ or $\ln y$, entry by entry."""
    delta = valid_guard(delta, guard)
    # ln 0 = −∞ is what the guard is about: either it gives way to ln δ below, or no guard is wanted.
    with np.errstate(divide="ignore"):
        log_y: Array = np.log(y)
    if guard == "none":
        return log_y
    #| $\ln \max(y, \delta) = \max(\ln y, \ln \delta)$: in logarithms δ fits into every dtype; as a float16 number, 1e-8 would be 0.
    floored: Array = np.maximum(log_y, y.dtype.type(math.log(delta)))
    if guard == "floor":
        return floored
    #| $\ln(y + \delta) = \ln u + \ln(1 + v / u)$ with the larger of them as u, the other as v: 1 + δ itself would be rounded.
    wide = np.float64(delta)
    # Far from δ the correction is below the range.
    with np.errstate(under="ignore"):
        raised: Array = floored + np.log1p(np.minimum(y, wide) / np.maximum(y, wide)).astype(y.dtype)
    return raised


def valid_guard(delta: Any, guard: Any) -> float:
    """δ as a float; refuses what is no guard. Without a guard δ is ignored, and 1 stands for it."""
    if guard not in ("floor", "offset", "none"):
        raise ValueError(f"guard must be 'floor', 'offset' or 'none'; got {guard!r}")
    if guard == "none":
        return 1.0
    accepted = _real(delta)
    if not 0 < accepted < 1:
        raise ValueError(f"delta must lie between 0 and 1; got {delta!r}")
    return accepted


def _real(delta: Any) -> float:
    if isinstance(delta, bool) or not isinstance(delta, Real):
        raise TypeError(f"delta must be a real number; got {delta!r}")
    try:
        return float(delta)
    except OverflowError:  # an integer beyond every float
        return math.inf


# ---- laws


def never_rises_on_the_way_to_the_target(loss: Any, y: Any, t: Any) -> Claims:
    """Moving the output half-way to the target never raises the loss."""
    yield AtLeast(loss(y, t), loss((y + t) / 2, t))


# ---- mistakes

#: How far from 0 and 1 people keep a probability.
MARGINS = {"margin": (1e-6, 1e-7, 1e-9, 1e-10, 1e-12, 1e-15, 2.0**-52)}


def samples(y: Array) -> int:
    """The number of samples; (K,) is one."""
    return 1 if y.ndim == 1 else int(y.shape[0])


def _floored(y: Array) -> Any:
    return np.log(np.maximum(y, 1e-8))


def both_sides_clipped(y: Array, t: Array, *, margin: float = 1e-8) -> Any:
    """The probabilities are clipped on both sides, to [δ, 1 − δ]: a perfect output is charged −ln(1 − δ)."""
    return -np.sum(t * np.log(np.clip(y, margin, 1 - margin))) / samples(y)


def binary_cross_entropy(y: Array, t: Array) -> Any:
    """The binary cross-entropy of each class: the other classes are charged −ln(1 − y) too."""
    return -np.sum(t * _floored(y) + (1 - t) * _floored(1 - y)) / samples(y)


def guard_too_large(y: Array, t: Array, *, floor: float = 1e-3) -> Any:
    """The floor is so high (0.001) that bad outputs go almost unpunished."""
    return -np.sum(t * np.log(np.maximum(y, floor))) / samples(y)


def log_of_the_mean(y: Array, t: Array) -> Any:
    """The samples' probabilities are averaged before the logarithm is taken, not after."""
    return -np.log(np.maximum(np.sum(t * y) / samples(y), 1e-8))


# ---- conventions

SOURCES = {
    "seed": "the chapter, section on the cross-entropy error",
    "book": "K. Saitoh, Deep Learning from Scratch, section 4.2.4 (cross_entropy_error)",
    "pytorch": "PyTorch documentation, torch.nn.NLLLoss with reduction='mean', given ln y and the class of each one-hot target",
    "keras": "Keras documentation, keras.losses.CategoricalCrossentropy; source, keras/src/backend/numpy/nn.py (categorical_crossentropy)",
    "sklearn": "scikit-learn documentation, sklearn.metrics.log_loss (1.5 and later)",
}
TEXTS = {
    "seed": "δ = 1e-8 is added inside the logarithm, ln(y + δ): finite for y = 0, but only ≥ −ln(1 + δ), which is the loss of a perfect output.",
    "book": "δ = 1e-7 is added inside the logarithm, ln(y + δ): finite for y = 0, but only ≥ −ln(1 + δ), which is the loss of a perfect output.",
    "pytorch": "no guard: ∞ where the target's probability is 0.",
    "keras": "each sample is divided by its sum and then clipped to [1e-7, 1 − 1e-7]: never below −ln(1 − 1e-7), the loss of a perfect output.",
    "sklearn": "clipped to [ε, 1 − ε], where ε belongs to the number format: a perfect output costs −ln(1 − ε) > 0.",
}


#: The distance from 1 to the next number: scikit-learn computes in these three formats, and in float64 whatever else it is given.
MACHINE_EPSILON = ByFormat({"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-52})
#: The numbers of a convention.
CONSTANTS: dict[str, Mapping[str, Constant]] = {
    "keras": {"epsilon": sp.Rational(1, 10**7)},
    "sklearn": {"epsilon": MACHINE_EPSILON},
}
#: What a convention is defined on, where that is not everything: the book and PyTorch take the class of a one-hot target, scikit-learn
#: refuses all others, and takes the probability of a single class for that of the second of two.
DOMAINS = {
    "book": Domain(targets="one-hot"),
    "pytorch": Domain(targets="one-hot"),
    "sklearn": Domain(fewest_classes=2, targets="one-hot"),
}


def conventions(
    keras: tuple[sp.Expr, Program],
    sklearn: tuple[sp.Expr, Program],
    operands: Callable[[Any, Any], tuple[Array, Array]] = operands,
    sources: Mapping[str, str] = SOURCES,
    domains: Mapping[str, Domain] = DOMAINS,
) -> tuple[Convention, ...]:
    """The five conventions of every cross-entropy of probabilities, given those that no guard of ours expresses.

    Args:
        keras: The definition, and the program, of probabilities and rows of targets …
        sklearn: … and these.
        operands: Makes these of the arguments.
        sources: Where the libraries say so.
        domains: What they are defined on.
    """

    def program(convention: str) -> Program:
        return lambda y, t: own[convention][1](*operands(y, t))

    settings: dict[str, dict[str, Any]] = {
        "seed": {"guard": "offset"},
        "book": {"guard": "offset", "delta": 1e-7},
        "pytorch": {"guard": "none"},
    }
    own = {"keras": keras, "sklearn": sklearn}
    return (
        *(Convention(c, TEXTS[c], sources[c], settings[c], domain=domains.get(c, WHOLE)) for c in settings),
        *(
            Convention(
                c,
                TEXTS[c],
                sources[c],
                definition=own[c][0],
                program=program(c),
                constants=CONSTANTS[c],
                domain=domains.get(c, WHOLE),
            )
            for c in own
        ),
    )


KERAS_EPSILON = 1e-7


def sklearn_epsilon(y: Array) -> float:
    """The machine epsilon of the probabilities' dtype, where scikit-learn computes in it, or else that of float64."""
    return float(np.finfo(y.dtype if y.dtype.name in ("float32", "float16") else np.float64).eps)


def share(sample: Any, entry: Any) -> sp.Expr:
    """A probability divided by the sum of its sample, as Keras does first."""
    return y[sample, entry] / sp.Sum(y[sample, m], (m, 0, K - 1))


def log_clipped(value: sp.Expr) -> sp.Expr:
    """The logarithm of a value clipped to [ε, 1 − ε]."""
    return sp.log(sp.Min(sp.Max(value, epsilon), 1 - epsilon))


def shares(y: Array) -> Array:
    """Each sample divided by its sum, in float64 at least."""
    sums = np.sum(y, axis=-1, keepdims=True, dtype=np.promote_types(y.dtype, np.float64))
    if not (sums > 0).all():
        raise ValueError("each sample of y must have a positive sum, since it is divided by it; got a sample of zeros")
    divided: Array = y / sums
    return divided


def clipped_log(y: Array, epsilon: float) -> Array:
    """The program of `log_clipped`, in float64 at least; clipped in logarithms, where 1 − ε is not rounded."""
    # ln 0 = −∞ gives way to ln ε.
    with np.errstate(divide="ignore"):
        log_y = np.log(y.astype(np.promote_types(y.dtype, np.float64)))
    clipped: Array = np.clip(log_y, math.log(epsilon), math.log1p(-epsilon))
    return clipped


def keras_program(y: Array, t: Array) -> Any:
    """The mean of Keras, over samples that are divided by their sums."""
    # In a narrower dtype, a loss close to 0 is 0.
    with np.errstate(under="ignore"):
        return np.mean(0 - np.sum(t * clipped_log(shares(y), KERAS_EPSILON), axis=-1)).astype(y.dtype)


def sklearn_program(y: Array, t: Array) -> Any:
    """The mean of scikit-learn."""
    # In a narrower dtype, a loss close to 0 is 0.
    with np.errstate(under="ignore"):
        return np.mean(0 - np.sum(t * clipped_log(y, sklearn_epsilon(y)), axis=-1)).astype(y.dtype)


Y = Input("y", y, "probabilities", ("N", "K"))
INPUTS = (Y, Input("t", t, "targets", ("N", "K")))
PARAMETERS = {"delta": 1e-8, "guard": "floor"}

CROSS_ENTROPY_ONE_HOT = Formula(
    name="cross_entropy_one_hot",
    display="E",
    program=cross_entropy_one_hot,
    ulps=5.0,
    definition=definition,
    inputs=INPUTS,
    parameters=PARAMETERS,
    choices={"guard": {"floor": definition, "offset": _with_offset, "none": _without_guard}},
    range=(0.0, math.inf),
    options=options_of(t, WRITTEN, are_labels=False),
    laws=(
        defining(is_minus_the_log_of_the_targets_probability),
        defining(is_the_mean_of_its_samples),
        law(is_never_negative),
        law(is_zero_for_a_perfect_output),
        law(is_minus_ln_delta_for_a_certain_error),
        law(is_ln_k_for_a_uniform_output),
        law(never_rises_on_the_way_to_the_target),
        law(is_unmoved_by_renaming_the_classes),
    ),
    mistakes=(
        made("opposite_sign", caught_by=is_never_negative),
        made("base_two", caught_by=is_ln_k_for_a_uniform_output),
        made("base_ten", caught_by=is_ln_k_for_a_uniform_output),
        made("sum_over_samples", caught_by=is_the_mean_of_its_samples),
        made(
            "mean_over_entries",
            "Mean over all N·K entries instead of the N samples.",
            caught_by=is_ln_k_for_a_uniform_output,
        ),
        made("no_guard", caught_by=is_minus_ln_delta_for_a_certain_error),
        mistake(both_sides_clipped, caught_by=is_zero_for_a_perfect_output, variants=MARGINS),
        made("arguments_swapped", "Output and target have changed places.", caught_by=is_ln_k_for_a_uniform_output),
        mistake(binary_cross_entropy, caught_by=is_ln_k_for_a_uniform_output),
        made("one_loss_a_sample", caught_by=is_the_mean_of_its_samples),
        made("log_forgotten", caught_by=is_never_negative),
        made("one_added_inside_the_log", caught_by=is_never_negative),
        made("guard_outside_log", caught_by=is_minus_ln_delta_for_a_certain_error),
        made("softmax_applied_first", caught_by=is_zero_for_a_perfect_output),
        mistake(
            guard_too_large,
            caught_by=is_minus_ln_delta_for_a_certain_error,
            variants={"floor": (0.1, 0.01, 1e-4, 1e-5, 1e-6)},
        ),
        made("first_sample_only", caught_by=is_the_mean_of_its_samples),
        made("single_sample_divided_by_classes", caught_by=is_the_mean_of_its_samples),
        mistake(log_of_the_mean, caught_by=is_the_mean_of_its_samples),
    ),
    conventions=conventions(
        keras=(_mean_of(t[n, k] * log_clipped(share(n, k))), keras_program),
        sklearn=(_mean_of(t[n, k] * log_clipped(y[n, k])), sklearn_program),
    ),
)
