r"""The log-softmax backwards: the slopes by its logits, from those by its logarithms.

$$g_{nj} = \sum_{k} u_{nk} \frac{\partial \ell_{nk}}{\partial a_{nj}} = u_{nj} - p_{nj} \sum_{k} u_{nk}, \qquad p_{nk} = e^{\ell_{nk}} = \frac{e^{a_{nk}}}{\sum_{j} e^{a_{nj}}}$$

**Conventions.** The argument is the logits, not the logarithms; `upstream`, u, multiplies the Jacobian from the left. The sums run over the last
axis, and a single sample (K,) counts as a batch of one.

**Infinities.** A logit of −∞ takes what comes from upstream as it is; a sample that the softmax makes nan is nan.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.106), divided by the probability of its row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath.activations.over_last_axis import (
    exponentials,
    log_softmax_shifted,
    operands,
    out_of_reach_of_overflow,
    treats_each_sample_alone,
    upstream,
)
from refmath.activations.plain_softmax import unshifted_softmax
from refmath.activations.softmax import SHIFTED, a, shifted
from refmath.activations.softmax import definition as p
from refmath.activations.softmax_vjp import (
    is_linear_in_upstream,
    is_unmoved_by_a_common_shift,
    sums_to_zero_over_each_sample,
    times_probability,
)
from refmath.arguments import Array
from refmath.narrow import rounded_array
from refmath.spec import Claims, Equal, Form, Formula, Special, defining, law, misdefined, mistake
from refmath.symbols import K, i, j, m


def backwards(p: sp.Expr) -> sp.Expr:
    """The slope by logit j of sample i, given its probability."""
    return upstream[i, j] - p * sp.Sum(upstream[i, m], (m, 0, K - 1))


definition = backwards(p)


def log_softmax_vjp(a: Any, upstream: Any) -> Array:
    r"""The slopes by the logits, given those by the logarithms: the vector–Jacobian product of the log-softmax.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch.
        upstream: The slopes by the logarithms, of the same shape.

    Returns:
        The slopes, of the shape and dtype of `a` (float64 for integers); those of a sample add up to zero.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, or an argument is empty or has other than one or two dimensions.

    Examples:
        >>> log_softmax_vjp([0.0, 0.0], [1.0, 3.0])
        array([-1.,  1.])
    """
    a, u = operands(a, upstream)
    # Narrow formats are computed in float64 and rounded once.
    u, scale = out_of_reach_of_overflow(u.astype(np.result_type(a, u, np.float64)))
    z = exponentials(a.astype(u.dtype))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        others, own = np.where(z.top, 0, u), np.sum(np.where(z.top, u, 0), axis=-1, keepdims=True)
        rest = np.sum(others, axis=-1, keepdims=True)
        #| $u_{nj} (1 - p_{nj}) - p_{nj} \sum_{k \ne j} u_{nk}$ at the top, where 1 − p would cancel
        at_top = np.sum(np.where(z.top, 0, times_probability(own, z)), axis=-1, keepdims=True) - rest / (1 + z.others)
        #| $g_{nj} = u_{nj} - p_{nj} \sum_k u_{nk}$
        g = np.where(z.top, at_top, u - times_probability(own + rest, z))
        return rounded_array(g / scale, a.dtype)


def takes_of_upstream_what_the_exponentials_say(vjp: Any, a: Any, upstream: Any) -> Claims:
    """What it takes of the upstream numbers of a sample is proportional to the exponentials of the logits."""
    for g_n, a_n, u_n in zip(*map(np.atleast_2d, (vjp(a, upstream), a, upstream)), strict=True):
        products = np.outer(u_n - g_n, np.exp(a_n))
        yield Equal(products, products.T)


def no_shift(a: Array, upstream: Array) -> Any:
    """The largest logit is not subtracted, so that large logits overflow."""
    return upstream - unshifted_softmax(a) * np.sum(upstream, axis=-1, keepdims=True)


LOG_SOFTMAX_VJP = Formula(
    "log_softmax_vjp",
    definition,
    inputs=(a, upstream),
    display="g_{ij}",
    program=log_softmax_vjp,
    laws=(
        defining(sums_to_zero_over_each_sample),
        defining(takes_of_upstream_what_the_exponentials_say),
        law(is_linear_in_upstream),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone),
    ),
    mistakes=(
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        misdefined(
            "jacobian_not_transposed",
            "The Jacobian is multiplied from the right, not the left: the sum has the probabilities in it, which stand before it.",
            upstream[i, j] - sp.Sum(upstream[i, m] * p.subs(j, m), (m, 0, K - 1)),
            caught_by=sums_to_zero_over_each_sample,
        ),
        misdefined(
            "diagonal_only",
            "Each slope takes its own upstream number alone, (1 − p)u: the other numbers are left out.",
            upstream[i, j] * (1 - p),
            caught_by=sums_to_zero_over_each_sample,
        ),
        misdefined(
            "softmax_instead",
            "It is the softmax backwards.",
            p * (upstream[i, j] - sp.Sum(upstream[i, m] * p.subs(j, m), (m, 0, K - 1))),
            caught_by=takes_of_upstream_what_the_exponentials_say,
        ),
    ),
    forms=(
        Form(SHIFTED, backwards(sp.UnevaluatedExpr(shifted)), "JAX 0.10, the derivative of jax.nn.log_softmax"),
        Form(
            "from the exponential of the log-softmax",
            backwards(sp.UnevaluatedExpr(sp.exp(sp.UnevaluatedExpr(log_softmax_shifted)))),
            "PyTorch 2.13, the derivative of torch.log_softmax",
        ),
    ),
    specials=(
        Special("infinity", {"a": [-np.inf, 0.0], "upstream": [3.0, 2.0]}, [3.0, -3.0]),
        Special("nan", {"a": [np.nan, 0.0], "upstream": [3.0, 2.0]}, [np.nan, np.nan]),
        Special("nan", {"a": [0.0, 0.0], "upstream": [np.nan, 2.0]}, [np.nan, np.nan]),
    ),
)
