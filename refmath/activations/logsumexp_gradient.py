r"""The gradient of the logarithm of the sum of exponentials, sample by sample: the softmax.

$$\frac{\partial s_n}{\partial a_{nk}} = \frac{e^{a_{nk}}}{\sum_{j} e^{a_{nj}}}$$

**Conventions.** Each sample has a gradient of its own, of its own value; there is no mean over the samples, and no 1/N.

**Infinities.** As in the softmax: a logit of −∞ has slope 0; a sample that holds +∞ or nan, or nothing but −∞, is nan.

**Reference.** P. Blanchard, D. J. Higham and N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*, 2021, section 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.activations.over_last_axis import treats_each_sample_alone
from refmath.activations.softmax import (
    SOFTMAX,
    a,
    has_ratios_that_are_exponentials_of_differences,
    is_unmoved_by_a_common_shift,
    no_shift,
    softmax,
)
from refmath.activations.softmax import definition as p
from refmath.arguments import Array
from refmath.laws import sums_to_one_over_each_sample
from refmath.spec import Formula, Special, defining, law, mistake

definition = p


def logsumexp_gradient(a: Any) -> Array:
    r"""The slopes of each sample's logarithm of the sum of exponentials by its logits.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has slope 0; a sample with +∞ or nan, or with nothing but
            −∞, becomes nan.

    Returns:
        The slopes, of the shape and dtype of `a` (float64 for integers); those of a sample add up to one.

    Raises:
        TypeError: If `a` is not an array of real numbers.
        ValueError: If `a` is empty, or has other than one or two dimensions.

    Examples:
        >>> logsumexp_gradient([[1000.0, 1000.0], [0.0, -np.inf]])
        array([[0.5, 0.5],
               [1. , 0. ]])
    """
    #| $\partial s_n / \partial a_{nk} = e^{a_{nk}} \big/ \sum_j e^{a_{nj}}$
    return softmax(a)


LOGSUMEXP_GRADIENT = Formula(
    "logsumexp_gradient",
    definition,
    inputs=(a,),
    display=r"\frac{\partial s_{i}}{\partial a_{ij}}",
    program=logsumexp_gradient,
    ulps=8.0,
    range=(0.0, np.inf),
    derivative_of="logsumexp",
    laws=(
        defining(sums_to_one_over_each_sample),
        defining(has_ratios_that_are_exponentials_of_differences),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone),
    ),
    mistakes=(mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),),
    forms=SOFTMAX.forms,
    specials=(
        Special("infinity", {"a": [-np.inf, 0.0]}, [0.0, 1.0]),
        Special("nan", {"a": [np.nan, 0.0]}, [np.nan, np.nan]),
        Special("infinity_by_infinity", {"a": [np.inf, 0.0]}, [np.nan, np.nan]),
    ),
)
