r"""The softmax backwards: the slopes by its logits, from those by its probabilities.

$$g_{nj} = \sum_{k} u_{nk} \frac{\partial p_{nk}}{\partial a_{nj}} = p_{nj} \Big( u_{nj} - \sum_{k} u_{nk} p_{nk} \Big), \qquad p_{nk} = \frac{e^{a_{nk}}}{\sum_{j} e^{a_{nj}}}$$

**Conventions.** The argument is the logits, not the probabilities; `upstream`, u, multiplies the Jacobian from the left. The sums run over the last
axis, and a single sample (K,) counts as a batch of one.

**Infinities.** A logit of −∞ has slope 0; a sample that the softmax makes nan is nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.106), multiplied from the left.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.activations.over_last_axis import (
    Exponentials,
    exponentials,
    operands,
    out_of_reach_of_overflow,
    treats_each_sample_alone,
    upstream,
)
from refmath.activations.plain_softmax import unshifted_softmax
from refmath.activations.softmax import SHIFTED, a, shifted
from refmath.activations.softmax import definition as p
from refmath.arguments import Array
from refmath.laws import unmoved_by_common_shifts
from refmath.narrow import rounded_array
from refmath.spec import Claims, Equal, Form, Formula, Special, defining, law, misdefined, mistake
from refmath.symbols import K, i, j, m


def backwards(p: sp.Expr) -> sp.Expr:
    """The slope by logit j of sample i, given its probability."""
    return p * (upstream[i, j] - sp.Sum(upstream[i, m] * p.subs(j, m), (m, 0, K - 1)))


definition = backwards(p)


def softmax_vjp(a: Any, upstream: Any) -> Array:
    r"""The slopes by the logits, given those by the probabilities: the vector–Jacobian product of the softmax.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has slope 0.
        upstream: The slopes by the probabilities, of the same shape.

    Returns:
        The slopes, of the shape and dtype of `a` (float64 for integers); those of a sample add up to zero.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, or an argument is empty or has other than one or two dimensions.

    Examples:
        >>> softmax_vjp([0.0, 0.0], [1.0, 3.0])
        array([-0.5,  0.5])
    """
    a, u = operands(a, upstream)
    # Narrow formats are computed in float64 and rounded once.
    u, scale = out_of_reach_of_overflow(u.astype(np.result_type(a, u, np.float64)))
    z = exponentials(a.astype(u.dtype))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        # What is common to all $u_{nk}$ is of no account: the one next to their mean is subtracted first, and equal ones leave exactly 0.
        from_mean = np.abs(u - np.sum(times_probability(u, z), axis=-1, keepdims=True))
        #| $v_{nj} = u_{nj} - c_n$
        v = u - np.take_along_axis(u, np.argmin(from_mean, axis=-1, keepdims=True), axis=-1)
        #| $g_{nj} = p_{nj} (v_{nj} - \sum_k v_{nk} p_{nk})$
        g = times_probability(v - np.sum(times_probability(v, z), axis=-1, keepdims=True), z)
        return rounded_array(g / scale, a.dtype)


def times_probability(u: Array, z: Exponentials) -> Array:
    """Numbers times their probabilities, of which only the product may underflow."""
    product: Array = z.root * (z.root * u) / (1 + z.others)
    return product


def sums_to_zero_over_each_sample(vjp: Any, a: Any, upstream: Any) -> Claims:
    """The slopes of a sample add up to zero: moving all logits together moves no probability."""
    got = np.atleast_2d(vjp(a, upstream))
    yield Equal(np.sum(got, axis=-1), np.sum(0 * got, axis=-1))


def differs_by_upstream_for_each_probability(vjp: Any, a: Any, upstream: Any) -> Claims:
    """Divided by their probabilities, two slopes of a sample differ as the upstream numbers do."""
    for g_n, a_n, u_n in zip(*map(np.atleast_2d, (vjp(a, upstream), a, upstream)), strict=True):
        e = np.exp(a_n)
        products = np.outer(g_n, e) * np.sum(e)
        yield Equal(products - products.T, np.outer(e, e) * (u_n[:, None] - u_n[None, :]))


def is_linear_in_upstream(vjp: Any, a: Any, upstream: Any) -> Claims:
    """Minus twice as much from upstream makes minus twice the slopes."""
    yield Equal(vjp(a, -2 * upstream), -2 * vjp(a, upstream))


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1024, -1024)


def no_shift(a: Array, upstream: Array) -> Any:
    """The largest logit is not subtracted, so that large logits overflow."""
    p = unshifted_softmax(a)
    return p * (upstream - np.sum(upstream * p, axis=-1, keepdims=True))


#: The probability as a number of its own, which may have underflowed.
_p = sp.UnevaluatedExpr(shifted)

SOFTMAX_VJP = Formula(
    "softmax_vjp",
    definition,
    inputs=(a, upstream),
    display="g_{ij}",
    program=softmax_vjp,
    laws=(
        defining(sums_to_zero_over_each_sample),
        defining(differs_by_upstream_for_each_probability),
        law(is_linear_in_upstream),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone),
    ),
    mistakes=(
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        misdefined(
            "diagonal_only",
            "Each slope takes its own upstream number alone, p(1 − p)u: the other probabilities are left out.",
            p * (1 - p) * upstream[i, j],
            caught_by=sums_to_zero_over_each_sample,
        ),
        misdefined(
            "softmax_forgotten",
            "The softmax is missing: the argument is taken for probabilities, and not for logits.",
            backwards(a[i, j]),
            caught_by=sums_to_zero_over_each_sample,
        ),
        misdefined(
            "unweighted_sum",
            "The upstream numbers are added up without their probabilities.",
            p * (upstream[i, j] - sp.Sum(upstream[i, m], (m, 0, K - 1))),
            caught_by=sums_to_zero_over_each_sample,
        ),
        misdefined(
            "log_softmax_instead",
            "It is the log-softmax backwards.",
            upstream[i, j] - p * sp.Sum(upstream[i, m], (m, 0, K - 1)),
            caught_by=differs_by_upstream_for_each_probability,
        ),
    ),
    forms=(
        Form(SHIFTED, backwards(_p), "PyTorch 2.13, the derivative of torch.softmax"),
        Form(
            "shifted, and each product by itself",
            _p * upstream[i, j] - _p * sp.Sum(upstream[i, m] * _p.subs(j, m), (m, 0, K - 1)),
            "JAX 0.10, the derivative of jax.nn.softmax",
        ),
    ),
    specials=(
        Special("infinity", {"a": [-np.inf, 0.0], "upstream": [3.0, 2.0]}, [0.0, 0.0]),
        Special("nan", {"a": [np.nan, 0.0], "upstream": [3.0, 2.0]}, [np.nan, np.nan]),
        Special("nan", {"a": [0.0, 0.0], "upstream": [np.nan, 2.0]}, [np.nan, np.nan]),
    ),
)
