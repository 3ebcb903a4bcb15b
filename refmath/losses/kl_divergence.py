r"""The Kullback-Leibler divergence of predicted distributions from their targets, averaged over the samples of a batch.

$$E = \frac{1}{N} \sum_{n} \sum_{k} t_{nk} \ln \frac{t_{nk}}{y_{nk}}$$

**Conventions.** The prediction y comes first, the target t second, as with any other loss; both are probabilities, not their logarithms. A term with t = 0 is 0, and one
with y = 0 < t is ∞. The sum runs over the K classes, the mean over the N samples: PyTorch's `kl_div` takes logarithms of y, and must be told
`reduction="batchmean"` to be this, as its own mean is over all N·K entries. Keras clips both from below.

**Reference.** S. Kullback and R. A. Leibler, *On Information and Sufficiency*, 1951, equation (2.4).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import is_the_mean_of_its_samples, is_zero_for_a_perfect_output
from refmath.narrow import rounded, rounded_number
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining, law, misdefined, mistake
from refmath.symbols import K, N, k, n, xlogy

y, t = argument("y", "probabilities", N, K), argument("t", "targets", N, K)
epsilon = sp.Symbol("epsilon", positive=True)
_term = xlogy(t[n, k], t[n, k]) - xlogy(t[n, k], y[n, k])
definition = sp.Sum(_term, (k, 0, K - 1), (n, 0, N - 1)) / N


def kl_divergence(y: Any, t: Any) -> np.floating[Any]:
    r"""The divergence of each sample from its target, averaged over the samples.

    Args:
        y: Predicted probabilities, shape (K,) for one sample or (N, K) for a batch.
        t: Targets, of the same shape; each sample a distribution.

    Returns:
        The divergence, a scalar in the dtype of `y` (float64 for integers); ∞ where a class that occurs has probability 0.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty or has other than one or two dimensions, a probability lies outside [0, 1],
            or a target is not a distribution.

    Examples:
        >>> print(kl_divergence([0.25, 0.75], [0.0, 1.0]))
        0.2876820724517809
    """
    y, t = operands(y, t)
    dtype, wide = y.dtype, np.result_type(y, np.float64)
    #| $E = \frac{1}{N} \sum_n \sum_k t_{nk} \ln (t_{nk} / y_{nk})$; narrow formats are computed in float64 and rounded once.
    terms = _terms(y.astype(wide), t.astype(wide))
    return rounded_number(np.sum(terms) / (1 if y.ndim == 1 else len(y)), dtype)


def operands(y: Any, t: Any) -> tuple[Array, Array]:
    """Probabilities and targets of one shape."""
    y = arguments.probabilities("y", y)
    return y, arguments.distributions("t", t, y, "y").astype(y.dtype, copy=False)


def _terms(y: Array, t: Array) -> Array:
    r"""$t \ln (t / y)$, and 0 where t is."""
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        #| Near each other $\ln (t / y) = \ln (1 + (t - y) / y)$, whose difference is exact; else the quotient, or where that leaves the range, $\ln t - \ln y$.
        quotient = t / y
        small = np.finfo(y.dtype).tiny / np.finfo(y.dtype).eps
        held = (quotient > small) & (quotient < 1 / small)
        logarithms = np.where(held, np.log(quotient), np.log(t) - np.log(y))
        logarithms = np.where(np.abs(t - y) <= y / 2, np.log1p((t - y) / y), logarithms)
        terms: Array = np.where(t > 0, t * logarithms, 0.0)
    return np.ravel(terms)


def _keras(y: Any, t: Any) -> Any:
    y, t = operands(y, t)
    wide = np.result_type(y, np.float64)
    terms = _terms(*(np.maximum(each.astype(wide), KERAS_EPSILON) for each in (y, t)))
    return rounded(np.sum(terms) / (1 if y.ndim == 1 else len(y)), y.dtype)


def is_the_expected_log_ratio_of_one_sample(loss: Any, y: Any, t: Any) -> Claims:
    """The loss of a single sample is its target's mean of ln (t / y), and infinite where a class that occurs has probability 0."""
    for y_n, t_n in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True):
        occurs = np.array(t_n > 0, bool)
        impossible = (y_n[occurs] == 0).any()
        yield Equal(loss(y_n, t_n), np.inf if impossible else np.sum(t_n[occurs] * np.log(t_n[occurs] / y_n[occurs])))


def zero_times_the_logarithm_of_zero(y: Array, t: Array) -> Any:
    """Where a target is 0, its logarithm is multiplied by it all the same: 0 · (−∞) is nan."""
    return np.sum(t * np.log(t / y)) / (1 if y.ndim == 1 else len(y))


KERAS_EPSILON = 1e-7
KERAS = "Keras documentation, keras.losses.KLDivergence: both clipped to [epsilon, 1], with epsilon = 1e-7"
CLIPPED = "probabilities and targets are kept at 1e-7 at least."
_clipped = [sp.Max(each[n, k], epsilon) for each in (t, y)]

KL_DIVERGENCE = Formula(
    "kl_divergence",
    definition,
    inputs=(y, t),
    display="E",
    program=kl_divergence,
    laws=(
        defining(is_the_expected_log_ratio_of_one_sample),
        defining(is_the_mean_of_its_samples),
        law(is_zero_for_a_perfect_output),
    ),
    mistakes=(
        mistake(zero_times_the_logarithm_of_zero, caught_by=is_the_expected_log_ratio_of_one_sample),
        misdefined(
            "cross_entropy",
            "It is the cross-entropy −Σ t ln y: the target's own entropy is not taken from it.",
            -sp.Sum(xlogy(t[n, k], y[n, k]), (k, 0, K - 1), (n, 0, N - 1)) / N,
            caught_by=is_zero_for_a_perfect_output,
        ),
    ),
    conventions=(
        Convention(
            "keras",
            CLIPPED,
            KERAS,
            definition=sp.Sum(_clipped[0] * sp.log(_clipped[0] / _clipped[1]), (k, 0, K - 1), (n, 0, N - 1)) / N,
            program=_keras,
            constants={"epsilon": KERAS_EPSILON},
        ),
    ),
    specials=(
        Special("impossible_target", {"y": [0.0, 1.0], "t": [1.0, 0.0]}, np.inf),
        Special("impossible_target", {"y": [[0.5, 0.5], [0.0, 1.0]], "t": [[1.0, 0.0], [1.0, 0.0]]}, np.inf),
    ),
)
