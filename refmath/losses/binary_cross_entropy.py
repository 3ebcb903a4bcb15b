r"""The binary cross-entropy of probabilities: each entry is a question of its own with two answers, and the loss the mean over all entries.

$$E = -\frac{1}{N} \sum_{n} \Big( t_n \ln \max(p_n, \delta) + (1 - t_n) \ln \max(1 - p_n, \delta) \Big)$$

**Conventions.** Natural logarithm; N counts all entries of an array of any shape. Outputs and targets lie between 0 and 1. The guard keeps ln 0 away from both
answers: a `floor`, under which the loss is finite *and* never negative, and zero for a perfect output; an `offset`, ln(p + δ) and ln(1 − p + δ); or
`none`, where 0 · ln 0 = 0 and the loss is ∞ if a target that counts has probability 0. PyTorch keeps the logarithm itself at −100, Keras and scikit-learn clip p on
both sides. Where the logits are at hand, `binary_cross_entropy_with_logits` needs no guard.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.90), divided by N.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import is_never_negative
from refmath.losses.binary_cross_entropy_with_logits import is_linear_in_the_targets, mean
from refmath.losses.cross_entropy_one_hot import (
    KERAS_EPSILON,
    MACHINE_EPSILON,
    MARGINS,
    PARAMETERS,
    Guard,
    delta,
    epsilon,
    sklearn_epsilon,
    valid_guard,
)
from refmath.losses.entrywise import is_the_mean_of_its_entries, mean_over_entries
from refmath.spec import Claims, Convention, Domain, Equal, Form, Formula, defining, law, misdefined, mistake
from refmath.symbols import n, xlogy

p, t = argument("p", "unit_interval", ...), argument("t", "unit_interval", ...)


def _loss(log_p: sp.Expr, log_rest: sp.Expr) -> sp.Expr:
    return mean(-t[n] * log_p - (1 - t[n]) * log_rest)


definition = _loss(sp.log(sp.Max(p[n], delta)), sp.log(sp.Max(1 - p[n], delta)))
_with_offset = _loss(sp.log(p[n] + delta), sp.log(1 - p[n] + delta))
_without_guard = mean(-xlogy(t[n], p[n]) - xlogy(1 - t[n], 1 - p[n]))


def binary_cross_entropy(p: Any, t: Any, *, delta: float = 1e-8, guard: Guard = "floor") -> np.floating[Any]:
    r"""The cross-entropy of each probability with its target, averaged over all entries.

    Args:
        p: Probabilities of the answer 1, an array of any shape or a single number.
        t: Targets between 0 and 1, of the same shape; 0 or 1 as a rule, and booleans too.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(p, δ), `offset` for ln(p + δ), `none` for ln p; and the same of 1 − p.

    Returns:
        The loss, a scalar in the dtype of `p` (float64 for integers). Never negative with the floor; ∞ without a guard where a target that counts
        has probability 0.

    Raises:
        TypeError: If an argument is not an array of real numbers, or δ not a real number.
        ValueError: If the shapes differ, an argument is empty, an entry lies outside [0, 1], δ is not between 0 and 1, or the guard is none of the three.

    Examples:
        >>> print(binary_cross_entropy([0.5, 0.75], [0, 1]))
        0.4904146265058631
        >>> print(binary_cross_entropy([1.0, 1.0], [1, 0]))
        9.210340371976184
    """
    p, t, dtype = operands(p, t)
    log_p, log_rest = _guarded_logs(p, delta, guard)
    return _mean_loss(t, log_p, log_rest, dtype)


def operands(p: Any, t: Any) -> tuple[Array, Array, np.dtype[Any]]:
    """Probabilities and as many targets, in float64 at least, and the number type of the answer."""
    p, t = arguments.shares("p", p), arguments.shares("t", t)
    arguments.same_shape("p", p, "t", t)
    wide = np.result_type(p, np.float64)
    return p.astype(wide), t.astype(wide), p.dtype


def logs(p: Array) -> tuple[Array, Array]:
    r"""$\ln p$ and $\ln(1 - p)$, each within a rounding or two."""
    # ln 0 = −∞ is what guards are about.
    with np.errstate(divide="ignore", under="ignore"):
        #| $\ln(1 - p)$ as `log1p`, since 1 − p would round small p away; $\ln p$ needs none, as floats near 1 are what they are.
        return np.log(p), np.log1p(-p)


def _guarded_logs(p: Array, delta: float, guard: Guard) -> tuple[Array, Array]:
    least = p.dtype.type(valid_guard(delta, guard))
    if guard == "none":
        return logs(p)
    if guard == "floor":
        #| $\ln \max(p, \delta) = \max(\ln p, \ln \delta)$, and the same of $1 - p$.
        log_p, log_rest = logs(p)
        return np.maximum(log_p, np.log(least)), np.maximum(log_rest, np.log(least))
    #| $\ln(p + \delta) = \ln(1 + (\delta - (1 - p)))$: of the larger of p and 1 − p the rest to 1 is exact, and nothing small is added to 1.
    far, rest = p > 0.5, 1 - p
    return (
        np.where(far, np.log1p(least - rest), np.log(p + least)),
        np.where(far, np.log(rest + least), np.log1p(least - p)),
    )


def _mean_loss(t: Array, log_p: Array, log_rest: Array, dtype: np.dtype[Any]) -> np.floating[Any]:
    # NumPy multiplies both branches: 0 · ∞ is nan where the other one is taken.
    #| $-t \ln p - (1 - t) \ln(1 - p)$; 0 · ln 0 counts as 0, and 0 − 0 is not −0. Narrow formats are computed in float64 and rounded once.
    with np.errstate(invalid="ignore", under="ignore"):
        losses = 0 - np.where(t > 0, t * log_p, 0) - np.where(t < 1, (1 - t) * log_rest, 0)
    return mean_over_entries(lambda scale: scale * losses, dtype)


# ---- laws


def certain_answers(t: Any) -> tuple[Any, Any]:
    """As many targets of 0 only, and of 1 only."""
    return 0 * t, 0 * t + 1


def is_minus_the_log_of_the_answers_probability(loss: Any, p: Any, t: Any) -> Claims:
    """A single target of 1 costs −ln p, and one of 0 costs −ln(1 − p); both probabilities are taken to be at least δ."""
    for p_n in (0.25, *np.reshape(p, -1)):
        one = np.array([p_n])
        for answer, probability in ((0 * one + 1, one), (0 * one, 1 - one)):
            yield Equal(loss(one, answer), -np.log(np.maximum(probability, 0 * one + 1e-8))[0])


def is_zero_for_a_perfect_output(loss: Any, p: Any, t: Any) -> Claims:
    """A certain and right output has loss zero, whichever of the answers it is."""
    for answer in certain_answers(t):
        yield Equal(loss(answer, answer), 0)


def is_minus_ln_delta_for_a_certain_error(loss: Any, p: Any, t: Any) -> Claims:
    """A certain and wrong output costs −ln δ, not infinity."""
    for answer in certain_answers(t):
        yield Equal(loss(1 - answer, answer), -np.log(0 * np.ravel(t)[0] + 1e-8))


def is_ln_2_for_even_odds(loss: Any, p: Any, t: Any) -> Claims:
    """A probability of ½ costs ln 2, whatever the target."""
    yield Equal(loss(0 * t + 0.5, t), np.log(0 * np.ravel(t)[0] + 2))


def is_unmoved_by_exchanging_the_answers(loss: Any, p: Any, t: Any) -> Claims:
    """It does not matter which of the two answers is called 1."""
    yield Equal(loss(1 - p, 1 - t), loss(p, t))


# ---- mistakes


def both_sides_clipped(p: Array, t: Array, *, margin: float = 1e-8) -> Any:
    """The probabilities are clipped on both sides, to [δ, 1 − δ]: a perfect output is charged −ln(1 − δ)."""
    p = np.clip(p, margin, 1 - margin)
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


# ---- conventions

SOURCES = {
    "keras": "Keras documentation, keras.losses.BinaryCrossentropy; source, keras/src/backend/numpy/nn.py (binary_crossentropy)",
    "sklearn": "scikit-learn documentation, sklearn.metrics.log_loss (1.5 and later)",
}
PYTORCH_FLOOR = -100


def clipped(value: sp.Expr) -> sp.Expr:
    """A value clipped to [ε, 1 − ε]."""
    return sp.Min(sp.Max(value, epsilon), 1 - epsilon)


def _pytorch(p: Any, t: Any) -> Any:
    p, t, dtype = operands(p, t)
    log_p, log_rest = (np.maximum(each, PYTORCH_FLOOR) for each in logs(p))
    return _mean_loss(t, log_p, log_rest, dtype)


def _of_clipped(p: Any, t: Any, margin: float) -> Any:
    p, t, dtype = operands(p, t)
    log_p, log_rest = (np.clip(each, math.log(margin), math.log1p(-margin)) for each in logs(p))
    return _mean_loss(t, log_p, log_rest, dtype)


def clipped_conventions(
    definition: sp.Expr, of_clipped: Callable[[Any, Any, float], Any], forms: tuple[Form, ...] = ()
) -> tuple[Convention, ...]:
    """The conventions that clip p on both sides, each by a margin of its own.

    Args:
        definition: What both of them define.
        of_clipped: The program, from p, t and the margin.
        forms: How Keras evaluates it.
    """

    def keras(p: Any, t: Any) -> Any:
        return of_clipped(p, t, KERAS_EPSILON)

    def sklearn(p: Any, t: Any) -> Any:
        return of_clipped(p, t, sklearn_epsilon(arguments.shares("p", p)))

    return (
        Convention(
            "keras",
            "p is clipped to [1e-7, 1 − 1e-7]: never below −ln(1 − 1e-7), the loss of a perfect output.",
            SOURCES["keras"],
            definition=definition,
            program=keras,
            forms=forms,
            constants={"epsilon": KERAS_EPSILON},
        ),
        Convention(
            "sklearn",
            "p is clipped to [ε, 1 − ε], where ε belongs to the number format: a perfect output costs −ln(1 − ε) > 0.",
            SOURCES["sklearn"],
            definition=definition,
            program=sklearn,
            constants={"epsilon": MACHINE_EPSILON},
            # It takes labels, which are certain.
            domain=Domain(certain=("t",)),
        ),
    )


_as_clipped = _loss(sp.log(clipped(p[n])), sp.log(1 - clipped(p[n])))
_each_clipped = _loss(sp.log(clipped(p[n])), sp.log(sp.Max(sp.Min(1 - p[n], 1 - epsilon), epsilon)))

BINARY_CROSS_ENTROPY = Formula(
    "binary_cross_entropy",
    definition,
    inputs=(p, t),
    parameters=PARAMETERS,
    choices={"guard": {"floor": definition, "offset": _with_offset, "none": _without_guard}},
    display="E",
    program=binary_cross_entropy,
    ulps=4.0,
    range=(0.0, np.inf),
    laws=(
        defining(is_minus_the_log_of_the_answers_probability),
        defining(is_the_mean_of_its_entries),
        defining(is_linear_in_the_targets),
        law(is_never_negative),
        law(is_zero_for_a_perfect_output),
        law(is_minus_ln_delta_for_a_certain_error),
        law(is_ln_2_for_even_odds),
        law(is_unmoved_by_exchanging_the_answers),
    ),
    mistakes=(
        mistake(both_sides_clipped, caught_by=is_zero_for_a_perfect_output, variants=MARGINS),
        misdefined(
            "floored_before_the_complement",
            "p is kept at δ, and 1 − p is taken of what is kept: it has no floor of its own, and ln 0 stays where p is 1.",
            _loss(sp.log(sp.Max(p[n], delta)), sp.log(1 - sp.Max(p[n], delta))),
            caught_by=is_minus_ln_delta_for_a_certain_error,
        ),
        misdefined(
            "offset_before_the_complement",
            "δ is added to p before 1 − p is taken: ln(1 − p − δ) is the logarithm of a negative number where p is 1.",
            _loss(sp.log(p[n] + delta), sp.log(1 - p[n] - delta)),
            caught_by=is_minus_ln_delta_for_a_certain_error,
        ),
    ),
    forms=(
        Form(
            "both probabilities kept at the floor",
            definition,
            "XGBoost, src/metric/elementwise_metric.cu (EvalRowLogLoss)",
        ),
        Form(
            "what is left of a probability kept below 1 less the floor",
            _loss(sp.log(sp.Max(p[n], delta)), sp.log(1 - sp.Min(p[n], 1 - delta))),
            "revrand, formerly pyalacarte/classification.py (logistic_svi)",
        ),
    ),
    conventions=(
        Convention(
            "pytorch",
            "no floor under p, but one under its logarithm, of −100: an impossible answer costs 100.",
            "PyTorch documentation, torch.nn.BCELoss; source, aten/src/ATen/native/Loss.cpp (binary_cross_entropy)",
            definition=_loss(*(sp.Max(sp.log(each), PYTORCH_FLOOR) for each in (p[n], 1 - p[n]))),
            program=_pytorch,
        ),
        *clipped_conventions(
            _each_clipped,
            _of_clipped,
            (
                Form("the rest of what is clipped", _as_clipped, SOURCES["keras"]),
                Form("each answer clipped", _each_clipped, SOURCES["keras"]),
            ),
        ),
    ),
)
