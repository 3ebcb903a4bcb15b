r"""The logarithm of the sum of exponentials of a sample's logits: a maximum with soft edges.

$$s_n = \ln \sum_{k} e^{a_{nk}}$$

**Conventions.** Natural logarithm; the sum runs over the K logits of a sample, the last axis, and each sample has a value of its own: a single sample
(K,) gives a scalar. SciPy and JAX sum over the whole array unless they are told an axis. Where the value is close to 0, as at (−ln 2, −ln 2), the
largest logit and the rest cancel: an honest answer is then good to the last place of the largest logit, not to its own.

**Infinities.** A logit of −∞ is a mask and counts for nothing; nothing but −∞ gives −∞, and a +∞ gives +∞. nan gives nan. There is no warning.

**Reference.** P. Blanchard, D. J. Higham and N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*, 2021, section 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.over_last_axis import LOGSUMEXP_IN, exponentials, logsumexp_shifted, treats_each_sample_alone
from refmath.activations.softmax import SHIFTED, a
from refmath.arguments import Array
from refmath.narrow import rounded
from refmath.spec import AtLeast, Claims, Equal, Form, Formula, Special, defining, law, misdefined, mistake
from refmath.symbols import K, Largest, i, k

definition = sp.log(sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))


def logsumexp(a: Any) -> Array | np.floating[Any]:
    r"""The logarithm of the sum of the exponentials of each sample.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch.

    Returns:
        One value a sample, a scalar or shape (N,), in the dtype of `a` (float64 for integers).

    Raises:
        TypeError: If `a` is not an array of real numbers.
        ValueError: If `a` is empty, or has other than one or two dimensions.

    Examples:
        >>> print(logsumexp([1000.0, -np.inf]))
        1000.0
        >>> logsumexp([[0.0, 0.0], [3.0, -5000.0]])
        array([0.69314718, 3.        ])
    """
    a = arguments.samples("a", a)
    #| $m_n = \max_k a_{nk}$
    z = exponentials(a)
    with np.errstate(under="ignore"):
        #| $s_n = m_n + \ln(1 + \sum_{k \ne \text{top}} e^{a_{nk} - m_n})$, where the 1 is the largest logit's own; an infinite $m_n$ is all there is.
        values = np.where(np.isfinite(z.largest), z.largest + np.log1p(z.others), z.largest)[..., 0]
    answer: Array = rounded(values, a.dtype)[()]
    return answer


def makes_the_exponentials_sum_to_one(logsumexp: Any, a: Any) -> Claims:
    """Subtracted from the logits of a single sample, it makes their exponentials add up to one."""
    for a_n in np.atleast_2d(a):
        yield Equal(np.sum(np.exp(a_n - logsumexp(a_n))), 1)


def lies_within_ln_k_above_the_largest(logsumexp: Any, a: Any) -> Claims:
    """It is at least the largest logit, and at most ln K more."""
    largest = np.max(a, axis=-1)
    yield AtLeast(logsumexp(a), largest)
    yield AtLeast(largest + np.log(np.sum(np.exp(0 * a), axis=-1)), logsumexp(a))


def moves_with_a_common_shift(logsumexp: Any, a: Any) -> Claims:
    """Moving all logits moves it by the same amount."""
    for shift in (1024, -1024):
        yield Equal(logsumexp(a + shift), logsumexp(a) + shift)


def no_shift(a: Array) -> Any:
    """The largest logit is not subtracted, so that large logits overflow, and the sum of small ones is 0."""
    return np.log(np.sum(np.exp(a), axis=-1))


def shift_not_added_back(a: Array) -> Any:
    """The largest logit is subtracted against overflow, and not added again."""
    return np.log(np.sum(np.exp(a - np.max(a, axis=-1, keepdims=True)), axis=-1))


def shift_by_batch_maximum(a: Array) -> Any:
    """The maximum of the whole batch is subtracted, so that samples far below it become ln 0."""
    return np.max(a) + np.log(np.sum(np.exp(a - np.max(a)), axis=-1))


def over_everything(a: Array) -> Any:
    """One value for the whole batch instead of one for each sample."""
    return np.max(a) + np.log(np.sum(np.exp(a - np.max(a))))


LOGSUMEXP = Formula(
    "logsumexp",
    definition,
    inputs=(a,),
    display="s_{i}",
    program=logsumexp,
    laws=(
        defining(makes_the_exponentials_sum_to_one),
        defining(treats_each_sample_alone),
        law(lies_within_ln_k_above_the_largest),
        law(moves_with_a_common_shift),
    ),
    mistakes=(
        misdefined(
            "largest_only",
            "It is the largest logit itself: the maximum, without soft edges.",
            Largest(a[i, k], (k, 0, K - 1)),
            caught_by=makes_the_exponentials_sum_to_one,
        ),
        mistake(no_shift, caught_by=moves_with_a_common_shift),
        mistake(shift_not_added_back, caught_by=makes_the_exponentials_sum_to_one),
        mistake(shift_by_batch_maximum, caught_by=treats_each_sample_alone),
        mistake(over_everything, caught_by=treats_each_sample_alone),
    ),
    forms=(Form(SHIFTED, logsumexp_shifted, LOGSUMEXP_IN),),
    specials=(
        Special("infinity", {"a": [-np.inf, 0.0]}, 0.0),
        Special("infinity", {"a": [-np.inf, -np.inf]}, -np.inf),
        Special("infinity", {"a": [np.inf, np.inf]}, np.inf),
        Special("nan", {"a": [np.nan, np.inf]}, np.nan),
    ),
)
