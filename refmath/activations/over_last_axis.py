r"""What the functions of a sample's logits share, those over the last axis: their argument, their forms, and exponentials that do not overflow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.softmax import a, largest
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.spec import Claims, Equal
from refmath.symbols import K, N, i, j, k

upstream = argument("upstream", "real", N, K)

LOG_SOFTMAX = "shifted logits less the logarithm of their sum of exponentials"
LOG_SOFTMAX_IN = "SciPy 1.17, scipy.special.log_softmax; JAX 0.10, jax.nn.log_softmax"
LOGSUMEXP_IN = "SciPy 1.8, scipy.special.logsumexp; JAX 0.10, jax.nn.logsumexp"

_rest = sp.log(sp.Sum(sp.exp(a[i, k] - largest), (k, 0, K - 1)))
log_softmax_shifted = sp.UnevaluatedExpr(a[i, j] - largest) - _rest
logsumexp_shifted = largest + _rest


class Exponentials(NamedTuple):
    r"""The exponentials of a sample's logits beside the largest of them.

    Attributes:
        top: Where the largest logit is: one entry a sample, the first if there are several.
        largest: The largest logit.
        d: How far each logit is from it, rounded.
        e: $\exp(a_k - \max_m a_m)$, to the last place; exactly 1 at the top.
        root: Its square root, which does not underflow where the product of it with a large number does not.
        others: The sum of them without the top's own.
    """

    top: Array
    largest: Array
    d: Array
    e: Array
    root: Array
    others: Array


def exponentials(a: Array) -> Exponentials:
    """The exponentials of logits, in float64 at least, beside the largest of each sample: none overflows, and at least one is 1."""
    z = a.astype(np.result_type(a, np.float64))
    # A difference beyond the range is −∞ and its exponential 0, as they should be; ∞ − ∞ is the nan that the pages promise.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        largest = np.max(z, axis=-1, keepdims=True)
        top = np.arange(z.shape[-1]) == np.argmax(z, axis=-1, keepdims=True)
        d = z - largest
        # What that subtraction rounded away (Knuth's two-sum): half a unit in the last place of d = 700 is 256 of its exponential.
        back = d - z
        lost = (z - (d - back)) - (largest + back)
        lost = np.where(np.isfinite(lost), lost, 0)
        e, root = np.exp(d), np.exp(d / 2)
        e, root = e + e * lost, root + root * lost / 2
        return Exponentials(top, largest, d, e, root, np.sum(e - top, axis=-1, keepdims=True))


def operands(a: Any, upstream: Any) -> tuple[Array, Array]:
    """Logits and as many numbers from upstream, as real arrays."""
    a, upstream = arguments.samples("a", a), arguments.samples("upstream", upstream)
    arguments.same_shape("a", a, "upstream", upstream)
    return a, upstream


def out_of_reach_of_overflow(u: Array) -> tuple[Array, Array]:
    """Numbers times a power of two, one a sample, at which no sum of them overflows; and that power."""
    reach = np.finfo(u.dtype).max / (4 * u.shape[-1])
    with np.errstate(invalid="ignore", under="ignore"):
        far = np.max(np.abs(u), axis=-1, keepdims=True) > reach
        scale = np.where(far, 2.0 ** -(u.shape[-1].bit_length() + 2), 1.0).astype(u.dtype)
        return u * scale, scale


def treats_each_sample_alone(function: Any, a: Any, *others: Any) -> Claims:
    """Entry n of a batch is that of sample n alone."""
    rows = zip(*(np.atleast_2d(each) for each in (a, *others)), strict=True)
    expected = np.stack([function(*row) for row in rows])
    yield Equal(np.reshape(function(a, *others), expected.shape), expected)
