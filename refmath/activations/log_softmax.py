r"""The log-softmax: the logarithms of the probabilities that belong to the K logits of a sample.

$$\ell_{nk} = \ln \frac{e^{a_{nk}}}{\sum_{j} e^{a_{nj}}}$$

**Conventions.** Natural logarithm; the sum runs over the K logits of a sample, the last axis. A single sample (K,) counts as a batch of one. SciPy
normalises over the whole array unless it is told an axis: see the page's conventions.

**Infinities.** A logit of −∞ is a mask, and stays −∞. A sample that holds +∞ or nan, or nothing but −∞, is nan. There is no warning.

**Reference.** P. Blanchard, D. J. Higham and N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*, 2021, section 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.over_last_axis import (
    LOG_SOFTMAX,
    LOG_SOFTMAX_IN,
    exponentials,
    log_softmax_shifted,
    treats_each_sample_alone,
)
from refmath.activations.plain_softmax import softmax, unshifted_log_softmax
from refmath.activations.softmax import a, logsumexp
from refmath.activations.special_logits import with_a_mask
from refmath.arguments import Array
from refmath.laws import unmoved_by_common_shifts
from refmath.narrow import rounded_array
from refmath.spec import AtLeast, Claims, Convention, Equal, Form, Formula, defining, law, mistake
from refmath.symbols import K, Largest, N, i, j, k, n

definition = a[i, j] - sp.log(sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))


def log_softmax(a: Any) -> Array:
    r"""The logarithms of the probabilities that belong to logits.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ stays −∞; a sample with +∞ or nan, or with nothing but −∞,
            becomes nan.

    Returns:
        The logarithms, of the shape and dtype of `a` (float64 for integers), never positive; those near 0 are good to the last places too.

    Raises:
        TypeError: If `a` is not an array of real numbers.
        ValueError: If `a` is empty, or has other than one or two dimensions.

    Examples:
        >>> log_softmax([1000.0, 0.0])
        array([    0., -1000.])
    """
    a = arguments.samples("a", a)
    #| $d_{nk} = a_{nk} - \max_j a_{nj}$: a common factor leaves the quotient as it is, and no exponential overflows.
    z = exponentials(a)
    with np.errstate(under="ignore"):
        #| $\ell_{nk} = d_{nk} - \ln(1 + \sum_{j \ne \text{top}} e^{d_{nj}})$, where the 1 is the largest logit's own: near 0 no digit is lost.
        return rounded_array(z.d - np.log1p(z.others), a.dtype)


def has_exponentials_that_sum_to_one(log_softmax: Any, a: Any) -> Claims:
    """The exponentials of each sample add up to one."""
    yield Equal(np.sum(np.exp(np.atleast_2d(log_softmax(a))), axis=-1), 1)


def keeps_the_differences_of_the_logits(log_softmax: Any, a: Any) -> Claims:
    """Two values of a sample are as far apart as their logits."""
    got = log_softmax(a)
    yield Equal(got[..., 1:] - got[..., :-1], a[..., 1:] - a[..., :-1])


def is_never_positive(log_softmax: Any, a: Any) -> Claims:
    """No value is above zero."""
    yield AtLeast(0 * a, log_softmax(a))


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1024, -1024)


def logarithm_of_the_softmax(a: Array) -> Any:
    """The softmax is computed first and its logarithm then: a probability that has underflowed gives ln 0."""
    return np.log(softmax(a))


def no_shift(a: Array) -> Any:
    """The largest logit is not subtracted, so that large logits overflow."""
    return unshifted_log_softmax(a)


def shift_by_batch_maximum(a: Array) -> Any:
    """The maximum of the whole batch is subtracted, so that samples far below it become ln 0."""
    return unshifted_log_softmax(a - np.max(a))


def shift_not_added_back(a: Array) -> Any:
    """The largest logit is subtracted inside the sum and not outside."""
    d = a - np.max(a, axis=-1, keepdims=True)
    return a - np.log(np.sum(np.exp(d), axis=-1, keepdims=True))


_largest_of_all = Largest(a[n, k], (k, 0, K - 1), (n, 0, N - 1))
_all = (k, 0, K - 1), (n, 0, N - 1)


def _over_the_whole_array(a: Any) -> Array:
    a = arguments.samples("a", a)
    return log_softmax(a.reshape(-1)).reshape(a.shape)


LOG_SOFTMAX_PAGE = Formula(
    "log_softmax",
    definition,
    inputs=(a,),
    display=r"\ell_{ij}",
    program=log_softmax,
    ulps=4.0,
    range=(-np.inf, 0.0),
    laws=(
        defining(has_exponentials_that_sum_to_one),
        defining(keeps_the_differences_of_the_logits),
        law(is_never_positive),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone),
    ),
    mistakes=(
        mistake(logarithm_of_the_softmax, caught_by=keeps_the_differences_of_the_logits),
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        mistake(shift_by_batch_maximum, caught_by=treats_each_sample_alone),
        mistake(shift_not_added_back, caught_by=is_unmoved_by_a_common_shift),
    ),
    forms=(
        Form(LOG_SOFTMAX, log_softmax_shifted, LOG_SOFTMAX_IN),
        Form(
            "the logit less the logarithm of the sum of exponentials",
            a[i, j] - logsumexp,
            "scikit-learn 1.9, sklearn._loss.HalfMultinomialLoss",
        ),
    ),
    conventions=(
        Convention(
            "scipy",
            "normalised over the whole array, so that the exponentials of a batch sum to one altogether; the same for one sample.",
            "SciPy documentation, scipy.special.log_softmax with its default axis=None",
            definition=sp.log(sp.exp(a[i, j]) / sp.Sum(sp.exp(a[n, k]), *_all)),
            program=_over_the_whole_array,
            forms=(
                Form(
                    LOG_SOFTMAX,
                    sp.UnevaluatedExpr(a[i, j] - _largest_of_all)
                    - sp.log(sp.Sum(sp.exp(a[n, k] - _largest_of_all), *_all)),
                    LOG_SOFTMAX_IN,
                ),
            ),
        ),
    ),
    specials=with_a_mask([-np.inf, 0.0]),
)
