r"""The softmax: it turns the K logits of a sample into K probabilities.

$$p_{nk} = \frac{e^{a_{nk}}}{\sum_{j} e^{a_{nj}}}$$

**Conventions.** The sum runs over the K logits of a sample, the last axis; the samples of a batch do not touch each other. A single sample (K,)
counts as a batch of one. SciPy normalises over the whole array unless it is told an axis: see the page's conventions.

**Infinities.** The quotient decides, sample by sample. A logit of −∞ is a mask and has probability 0. A sample that holds +∞, or nothing but
−∞, has the quotient ∞/∞ or 0/0 and becomes nan, as in SciPy, PyTorch and JAX; so does a sample that holds nan. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.62).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations import plain_softmax as plain
from refmath.activations.special_logits import with_a_mask
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import (
    lies_between_zero_and_one,
    sums_to_one_over_each_sample,
    treats_each_sample_alone,
    unmoved_by_common_shifts,
)
from refmath.made import made
from refmath.spec import AtLeast, Claims, Convention, Equal, Form, Formula, defining, law, mistake
from refmath.symbols import K, Largest, N, i, j, k, n

a = argument("a", "logits", N, K, masks=True)
definition = sp.exp(a[i, j]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1))
#: The largest logit of a sample, and the softmax when it is subtracted from all of them first.
largest = Largest(a[i, k], (k, 0, K - 1))
shifted = sp.exp(a[i, j] - largest) / sp.Sum(sp.exp(a[i, k] - largest), (k, 0, K - 1))
#: The softmax from the logarithm of the sum of exponentials, which is subtracted from each logit.
logsumexp = sp.UnevaluatedExpr(largest + sp.log(sp.Sum(sp.exp(a[i, k] - largest), (k, 0, K - 1))))
from_logsumexp = sp.exp(a[i, j] - logsumexp)
SHIFTED = "shifted by the largest logit"
FROM_LOGSUMEXP = "from the logarithm of the sum of exponentials"
FROM_LOGSUMEXP_IN = "SciPy 1.2 to 1.8, scipy.special.softmax; PyTorch 2.13, the derivative of torch.logsumexp"
SHIFTED_IN = "SciPy 1.17, scipy.special.softmax; JAX 0.10, jax.nn.softmax"


def softmax(a: Any) -> Array:
    r"""The probabilities $e^{a_{nk}} / \sum_j e^{a_{nj}}$ that belong to logits.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has probability 0; a sample with +∞ or nan, or with
            nothing but −∞, becomes nan.

    Returns:
        The probabilities, of the shape and dtype of `a` (float64 for integers): in float64 a few units in the last place off, however far
        apart the logits are; float32 and float16 are rounded once.

    Raises:
        TypeError: If `a` is not an array of real numbers.
        ValueError: If `a` is empty, or has other than one or two dimensions.

    Examples:
        >>> softmax([1000.0, 1000.0])
        array([0.5, 0.5])
        >>> softmax([[0.0, -np.inf], [3.0, 3.0]])
        array([[1. , 0. ],
               [0.5, 0.5]])
    """
    a = arguments.samples("a", a)
    # Narrow formats are computed in float64 and rounded once: in float16 even a difference of two logits may overflow.
    z = a.astype(np.result_type(a, np.float64))
    # No reason for a warning: a difference beyond the range is −∞ and an exponential below it is 0, as they should be, and ∞ − ∞ is
    # the nan that the page promises.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $d_{nk} = a_{nk} - \max_j a_{nj} \le 0$: a common factor leaves the quotient as it is, and no exponential overflows.
        largest = np.max(z, axis=-1, keepdims=True)
        d = z - largest
        # What that subtraction rounded away (Knuth's two-sum): half a unit in the last place of d = 700 is 256 of its exponential.
        back = d - z
        lost = (z - (d - back)) - (largest + back)
        #| $e_{nk} = e^{d_{nk}}$, of which at least one is 1
        e = np.exp(d)
        e = e + e * np.where(np.isfinite(lost), lost, 0)
        #| $p_{nk} = e_{nk} \big/ \sum_j e_{nj}$
        p: Array = (e / np.sum(e, axis=-1, keepdims=True)).astype(a.dtype)
    return p


# ---- laws


def has_ratios_that_are_exponentials_of_differences(softmax: Any, a: Any) -> Claims:
    """Two probabilities of a sample are to each other as the exponentials of their logits."""
    for p_n, a_n in zip(np.atleast_2d(softmax(a)), np.atleast_2d(a), strict=True):
        products = np.outer(p_n, np.exp(a_n))
        yield Equal(products, products.T)


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1, -8)


def keeps_the_order_of_the_logits(softmax: Any, a: Any) -> Claims:
    """A larger logit has no smaller probability."""
    for p_n, a_n in zip(np.atleast_2d(softmax(a)), np.atleast_2d(a), strict=True):
        order = np.argsort(a_n)
        yield AtLeast(p_n[order][1:], p_n[order][:-1])


def moves_with_its_logits(softmax: Any, a: Any) -> Claims:
    """Reversing the order of the logits reverses the order of the probabilities."""
    yield Equal(softmax(a[..., ::-1]), softmax(a)[..., ::-1])


# ---- mistakes


def no_shift(a: Array) -> Any:
    """The largest logit is not subtracted, so that large logits overflow to nan and a sample of small ones to 0/0."""
    return plain.unshifted_softmax(a)


def shift_by_batch_maximum(a: Array) -> Any:
    """The maximum of the whole batch is subtracted, so that samples far below it become 0/0."""
    return plain.unshifted_softmax(a - np.max(a))


def clipped_argument(a: Array, *, bound: float = 500) -> Any:
    """The logits are clipped against overflow, to ±500 or so, instead of being shifted: beyond that they count as equal."""
    return plain.unshifted_softmax(np.clip(a, -bound, bound))


def shifted_by_mean(a: Array) -> Any:
    """The mean is subtracted instead of the maximum, so that exponentials still overflow."""
    return plain.unshifted_softmax(a - np.mean(a, axis=-1, keepdims=True))


def axis_not_kept(a: Array) -> Any:
    """Maximum and sum lose their axis (keepdims is missing), so a batch is divided along the wrong one, or not at all."""
    e = np.exp(a - np.max(a, axis=-1))
    return e / np.sum(e, axis=-1)


def shift_by_magnitude(a: Array) -> Any:
    """The largest absolute value is subtracted instead of the largest: where all logits are far below zero, nothing is left."""
    return plain.unshifted_softmax(a - np.max(np.abs(a), axis=-1, keepdims=True))


def scaled_logits(a: Array, *, by: Any = 0.5) -> Any:
    """The logits are scaled first: a temperature other than 1, or a standardisation."""
    factor = by if isinstance(by, float) else _SCALES[by](a)
    return plain.unshifted_softmax(factor * (a - np.max(a, axis=-1, keepdims=True)))


_SCALES = {
    "number of classes": lambda a: 1 / np.sqrt(a.shape[-1]),
    "classes": lambda a: 1 / a.shape[-1],
    "deviation": lambda a: 1 / np.std(a, axis=-1, keepdims=True),
    "magnitude": lambda a: 1 / np.max(np.abs(a), axis=-1, keepdims=True),
}


def unnormalised(a: Array) -> Any:
    """The exponentials are not divided by their sum."""
    return np.exp(a - np.max(a, axis=-1, keepdims=True))


def log_softmax(a: Array) -> Any:
    """The logarithms of the probabilities instead of the probabilities."""
    return plain.log_softmax(a)


def guarded_sum(a: Array, *, margin: float = 1e-8) -> Any:
    """A small number, 1e-8 or so, is added to the sum, so that the probabilities no longer add up to one."""
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / (np.sum(e, axis=-1, keepdims=True) + margin)


# ---- conventions


_largest_of_all = Largest(a[n, k], (k, 0, K - 1), (n, 0, N - 1))
_shifted_over_the_whole_array = sp.exp(a[i, j] - _largest_of_all) / sp.Sum(
    sp.exp(a[n, k] - _largest_of_all), (k, 0, K - 1), (n, 0, N - 1)
)


def _over_the_whole_array(a: Any) -> Array:
    a = arguments.samples("a", a)
    return softmax(a.reshape(-1)).reshape(a.shape)


SOFTMAX = Formula(
    name="softmax",
    display=r"p_{ij}",
    program=softmax,
    ulps=8.0,
    definition=definition,
    inputs=(a,),
    range=(0.0, math.inf),
    laws=(
        defining(sums_to_one_over_each_sample),
        defining(has_ratios_that_are_exponentials_of_differences),
        law(lies_between_zero_and_one, "No probability is below zero or above one."),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone, "Row n of a batch is the softmax of sample n."),
        law(keeps_the_order_of_the_logits),
        law(moves_with_its_logits),
    ),
    mistakes=(
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        mistake(shift_by_batch_maximum, caught_by=treats_each_sample_alone),
        mistake(
            clipped_argument,
            caught_by=has_ratios_that_are_exponentials_of_differences,
            variants={"bound": (20, 30, 36, 50, 88, 100, 250, 700, 709)},
        ),
        mistake(shifted_by_mean, caught_by=sums_to_one_over_each_sample),
        made(
            "over_samples",
            "Normalised over axis 0, the samples, instead of the logits of each sample.",
            caught_by=treats_each_sample_alone,
        ),
        made(
            "over_everything",
            "Normalised over the whole batch instead of each sample.",
            caught_by=treats_each_sample_alone,
        ),
        mistake(axis_not_kept, caught_by=treats_each_sample_alone),
        mistake(shift_by_magnitude, caught_by=is_unmoved_by_a_common_shift),
        mistake(
            scaled_logits,
            caught_by=has_ratios_that_are_exponentials_of_differences,
            variants={"by": (0.1, 2.0, 10.0, *_SCALES)},
        ),
        made(
            "divided_by_mean",
            "Divided by the mean of the exponentials instead of their sum: K times too large.",
            by="× K",
            caught_by=sums_to_one_over_each_sample,
        ),
        made(
            "plain_normalisation",
            "The logits are divided by their sum, without exponentials.",
            caught_by=is_unmoved_by_a_common_shift,
        ),
        mistake(unnormalised, caught_by=sums_to_one_over_each_sample),
        mistake(log_softmax, caught_by=lies_between_zero_and_one),
        made(
            "softmin",
            "The sign of the logits is wrong, so that the smallest one wins.",
            by="a → -a",
            caught_by=keeps_the_order_of_the_logits,
        ),
        made("base_two", "Powers of two instead of e.", caught_by=has_ratios_that_are_exponentials_of_differences),
        mistake(
            guarded_sum,
            caught_by=sums_to_one_over_each_sample,
            variants={"margin": (1e-5, 1e-6, 1e-7, 1e-9, 1e-10, 1e-12)},
        ),
        made(
            "sigmoid_of_each_logit",
            "The sigmoid of every logit by itself: probabilities that do not add up to one.",
            caught_by=sums_to_one_over_each_sample,
        ),
        made(
            "softmax_twice",
            "The softmax is applied to its own probabilities once more.",
            caught_by=has_ratios_that_are_exponentials_of_differences,
        ),
    ),
    forms=(Form(SHIFTED, shifted, SHIFTED_IN), Form(FROM_LOGSUMEXP, from_logsumexp, FROM_LOGSUMEXP_IN)),
    conventions=(
        Convention(
            "scipy",
            "normalised over the whole array, so that a batch sums to one altogether; the same for one sample.",
            "SciPy documentation, scipy.special.softmax with its default axis=None",
            definition=sp.exp(a[i, j]) / sp.Sum(sp.exp(a[n, k]), (k, 0, K - 1), (n, 0, N - 1)),
            program=_over_the_whole_array,
            forms=(Form(SHIFTED, _shifted_over_the_whole_array, SHIFTED_IN),),
        ),
    ),
    specials=with_a_mask([0.0, 1.0]),
)
