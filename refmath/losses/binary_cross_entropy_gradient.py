r"""The derivative of the binary cross-entropy with respect to the probabilities.

$$\frac{\partial E}{\partial p_i} = \frac{1}{N} \left( \frac{1 - t_i}{1 - p_i} - \frac{t_i}{p_i} \right) \quad\text{where } p_i \ge \delta \text{ and } 1 - p_i \ge \delta$$

**Conventions.** It is the exact derivative of the loss with its guard: under the `floor` a term whose probability is below δ is flat and 0, and at δ itself the
derivative from above is taken; with the `offset` p + δ and 1 − p + δ are divided by; with `none` the gradient is ∓∞ where a target that counts has probability 0.
PyTorch divides p − t by p(1 − p), kept at 1e-12, which is not the derivative of its own loss. Not to be confused with (p − t) / N, the gradient at the logits.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.90), divided by N and differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.arguments import Array
from refmath.losses.binary_cross_entropy import certain_answers, clipped_conventions, operands, p, t
from refmath.losses.binary_cross_entropy_with_logits_gradient import (
    is_linear_in_the_targets,
    is_never_positive_where_the_target_is_one,
)
from refmath.losses.cross_entropy_one_hot import MARGINS, PARAMETERS, Guard, delta, epsilon, valid_guard
from refmath.losses.cross_entropy_one_hot_gradient import inside
from refmath.losses.entrywise import is_an_nth_of_each_entrys_slope
from refmath.narrow import rounded_values
from refmath.spec import Claims, Convention, Equal, Formula, defining, law, misdefined, mistake
from refmath.symbols import N, i, xdivy

_rest = 1 - p[i]


def _gradient(slope_p: sp.Expr, slope_rest: sp.Expr) -> sp.Expr:
    """Of the slopes of both logarithms."""
    return ((1 - t[i]) * slope_rest - t[i] * slope_p) / N


def _floored(u: sp.Expr) -> sp.Expr:
    # From δ on the larger of u and δ is u; below, a division by 0 is none.
    return sp.Piecewise((1 / sp.Max(u, delta), u >= delta), (0, True))


definition = _gradient(_floored(p[i]), _floored(_rest))
_with_offset = _gradient(1 / (p[i] + delta), 1 / (_rest + delta))
_without_guard = (xdivy(1 - t[i], _rest) - xdivy(t[i], p[i])) / N


def binary_cross_entropy_gradient(
    p: Any, t: Any, *, delta: float = 1e-8, guard: Guard = "floor"
) -> Array | np.floating[Any]:
    r"""The derivative of the binary cross-entropy by every probability.

    Args:
        p: Probabilities of the answer 1, an array of any shape or a single number.
        t: Targets between 0 and 1, of the same shape; 0 or 1 as a rule, and booleans too.
        delta: The guard's δ, between 0 and 1; ignored if there is no guard.
        guard: `floor` for ln max(p, δ), `offset` for ln(p + δ), `none` for ln p; and the same of 1 − p.

    Returns:
        The gradient, of the shape and dtype of `p` (float64 for integers); a NumPy scalar for a single number.

    Raises:
        TypeError: If an argument is not an array of real numbers, or δ not a real number.
        ValueError: If the shapes differ, an argument is empty, an entry lies outside [0, 1], δ is not between 0 and 1, or the guard is none of the three.

    Examples:
        >>> binary_cross_entropy_gradient([0.5, 0.25], [0, 1])
        array([ 1., -2.])
        >>> binary_cross_entropy_gradient([1.0, 1.0], [1, 0])
        array([-0.5,  0. ])
    """
    p, t, dtype = operands(p, t)
    least = p.dtype.type(valid_guard(delta, guard))
    if guard == "offset":
        with np.errstate(under="ignore"):
            #| $\frac{1 - t}{1 - p + \delta} - \frac{t}{p + \delta}$ over a common denominator
            slopes = ((p - t) + least * (1 - 2 * t)) / ((p + least) * (1 - p + least))
        return _divided(slopes, dtype)
    counted = (p >= least, 1 - p >= least) if guard == "floor" else (t > 0, t < 1)
    return _divided(_slopes(p, t, *counted), dtype)


def _slopes(p: Array, t: Array, of_p: Array, of_rest: Array) -> Array:
    """The slopes of all entries, and which of the two terms of each counts."""
    rest = 1 - p
    # A quotient beyond the dtype is infinite, as is one by 0 without a guard: both are its value there.
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        #| $\frac{1 - t}{1 - p} - \frac{t}{p} = \frac{p - t}{p (1 - p)}$, where nothing cancels that was not given so
        values = [(p - t) / (p * rest), 0 - t / p, (1 - t) / rest]
    return np.asarray(np.select([of_p & of_rest, of_p, of_rest], values, 0.0))


def _divided(slopes: Array, dtype: np.dtype[Any]) -> Array | np.floating[Any]:
    """The slopes by the number of entries, rounded once; what is below the range is 0."""
    with np.errstate(under="ignore"):
        return rounded_values(np.asarray(slopes / slopes.size), dtype)


# ---- laws


def is_the_slope_of_the_answers_logarithm(gradient: Any, p: Any, t: Any) -> Claims:
    """A single target of 1 has the slope −1/p, and one of 0 the slope 1/(1 − p), where the probability is at least δ; below it is 0."""
    for p_n in (0.25, *np.reshape(p, -1)):
        one = np.array([p_n])
        for answer, probability, sign in ((0 * one + 1, p_n, -1), (0 * one, 1 - p_n, 1)):
            yield Equal(gradient(one, answer)[0], sign / probability if probability >= 1e-8 else 0)


def vanishes_on_the_floor(gradient: Any, p: Any, t: Any) -> Claims:
    """At a certain and wrong output the loss is flat: the floor holds it, and the gradient is zero."""
    for answer in certain_answers(t):
        yield Equal(gradient(1 - answer, answer), 0 * t)


def still_falls_at_a_perfect_output(gradient: Any, p: Any, t: Any) -> Claims:
    """At a certain and right output the gradient is 1/N for a target of 0, and −1/N for one of 1."""
    for answer in certain_answers(t):
        yield Equal(gradient(answer, answer), (1 - 2 * answer) / np.size(t))


def changes_sign_when_the_answers_are_exchanged(gradient: Any, p: Any, t: Any) -> Claims:
    """It does not matter which of the two answers is called 1, but for the sign."""
    yield Equal(gradient(1 - p, 1 - t), -gradient(p, t))


# ---- mistakes


def guard_ignored(p: Array, t: Array) -> Any:
    """The guard is forgotten: the slopes are taken everywhere, and are infinite or nan where a probability is 0."""
    return ((1 - t) / (1 - p) - t / p) / p.size


def floored_product(p: Array, t: Array, *, margin: float = 1e-8) -> Any:
    """p − t is divided by p(1 − p), kept at δ at least: large numbers where the loss is flat, and 0 for a perfect output."""
    return (p - t) / np.maximum(p * (1 - p), margin) / p.size


# ---- conventions

#: A number of float32 there, whatever the tensors are.
PYTORCH_FLOOR = float(np.float32(1e-12))


def _pytorch(p: Any, t: Any) -> Any:
    p, t, dtype = operands(p, t)
    with np.errstate(under="ignore"):
        return _divided((p - t) / np.maximum(p * (1 - p), PYTORCH_FLOOR), dtype)


def _of_clipped(p: Any, t: Any, margin: float) -> Any:
    p, t, dtype = operands(p, t)
    counted = (p >= margin) & (p <= 1 - margin)
    return _divided(_slopes(p, t, counted, counted), dtype)


_where_not_clipped = sp.Piecewise(
    (_gradient(*(1 / sp.Max(each, epsilon) for each in (p[i], _rest))), inside(p[i])), (0, True)
)

BINARY_CROSS_ENTROPY_GRADIENT = Formula(
    "binary_cross_entropy_gradient",
    definition,
    inputs=(p, t),
    parameters=PARAMETERS,
    choices={"guard": {"floor": definition, "offset": _with_offset, "none": _without_guard}},
    display=r"\frac{\partial E}{\partial p_{i}}",
    program=binary_cross_entropy_gradient,
    ulps=4.0,
    derivative_of="binary_cross_entropy",
    laws=(
        defining(is_the_slope_of_the_answers_logarithm),
        defining(is_an_nth_of_each_entrys_slope),
        defining(is_linear_in_the_targets),
        law(is_never_positive_where_the_target_is_one),
        law(vanishes_on_the_floor),
        law(still_falls_at_a_perfect_output),
        law(changes_sign_when_the_answers_are_exchanged),
    ),
    mistakes=(
        mistake(guard_ignored, caught_by=vanishes_on_the_floor),
        mistake(floored_product, caught_by=still_falls_at_a_perfect_output, variants=MARGINS),
        misdefined(
            "slope_at_the_floor",
            "Where a probability is below δ, the slope is taken to be that at δ, as if the loss were not flat there.",
            _gradient(1 / sp.Max(p[i], delta), 1 / sp.Max(_rest, delta)),
            caught_by=vanishes_on_the_floor,
        ),
        misdefined(
            "gradient_at_the_logits",
            "It is (p − t) / N, the gradient at the logits of a sigmoid, not at its probabilities.",
            (p[i] - t[i]) / N,
            caught_by=still_falls_at_a_perfect_output,
        ),
    ),
    conventions=(
        Convention(
            "pytorch",
            "p − t is divided by p(1 − p), kept at 1e-12 at least: 0 for a perfect output, and no derivative of the loss below.",
            "PyTorch source, aten/src/ATen/native/Loss.cpp (binary_cross_entropy_backward)",
            definition=(p[i] - t[i]) / sp.Max(p[i] * _rest, epsilon) / N,
            program=_pytorch,
            constants={"epsilon": PYTORCH_FLOOR},
        ),
        *clipped_conventions(_where_not_clipped, _of_clipped),
    ),
)
