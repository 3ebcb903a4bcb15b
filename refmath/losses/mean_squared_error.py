r"""Half the squared distance between output and target, averaged over the samples of a batch.

$$E = \frac{1}{N} \sum_{n} \frac{1}{2} \sum_{k} (y_{nk} - t_{nk})^2$$

**Conventions.** The ½ cancels the 2 of the derivative. The sum runs over the K entries of a sample, the mean over the N samples; a
single sample (K,) counts as a batch of one. Others drop the ½ or divide by all N·K entries: see the page's conventions.

**Infinities.** An infinite distance costs ∞, as does one whose square is beyond the dtype; ∞ − ∞ and nan give nan. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.11), divided by N.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.laws import is_never_negative, is_the_mean_of_its_samples, is_zero_for_a_perfect_output
from refmath.made import made
from refmath.narrow import rounded, rounded_number, widened
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining, law, mistake
from refmath.symbols import K, N, k, n

y, t = argument("y", "real", N, K), argument("t", "real", N, K)
definition = sp.Sum((y[n, k] - t[n, k]) ** 2 / 2, (k, 0, K - 1), (n, 0, N - 1)) / N


def mean_squared_error(y: Any, t: Any) -> np.floating[Any]:
    r"""Half the squared distance of each sample from its target, averaged over the samples.

    Args:
        y: Outputs, shape (K,) for one sample or (N, K) for a batch.
        t: Targets, of the same shape.

    Returns:
        The loss, a scalar in the dtype of the arguments (float64 for integers).

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty, or has other than one or two dimensions.

    Examples:
        >>> print(mean_squared_error([1.0, 2.0], [1.0, 0.0]))
        2.0
        >>> print(mean_squared_error([[1.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]))
        1.0
    """
    y, t = operands(y, t)
    # Narrow formats are computed in float32 and rounded once.
    # Beyond the range a square is ∞, below it 0, and ∞ − ∞ is nan, as the page says: no reason for a warning.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $d_{nk} = y_{nk} - t_{nk}$: subtract first; expanding the square would cancel when y is close to t.
        d = widened(y) - widened(t)
        #| $E_n = \frac{1}{2} \sum_k d_{nk}^2$
        loss = 0.5 * np.sum(d * d, axis=-1)
        #| $E = \frac{1}{N} \sum_n E_n$
        return rounded_number(np.mean(loss), np.result_type(y, t))


def operands(y: Any, t: Any) -> tuple[Array, Array]:
    """Output and target as real arrays of one shape."""
    y, t = arguments.samples("y", y), arguments.samples("t", t)
    arguments.same_shape("y", y, "t", t)
    return y, t


# ---- laws


def is_half_the_squared_distance_of_one_sample(loss: Any, y: Any, t: Any) -> Claims:
    """The loss of a single sample is half its squared distance from the target."""
    for y_n, t_n in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True):
        yield Equal(loss(y_n, t_n), np.sum((y_n - t_n) ** 2) / 2)


def is_symmetric(loss: Any, y: Any, t: Any) -> Claims:
    """Output and target may change places."""
    yield Equal(loss(y, t), loss(t, y))


def is_unmoved_by_a_common_shift(loss: Any, y: Any, t: Any) -> Claims:
    """Moving output and target by the same amount changes nothing."""
    for shift in (2**20, 2**40):
        yield Equal(loss(y + shift, t + shift), loss(y, t))


def quadruples_when_distances_double(loss: Any, y: Any, t: Any) -> Claims:
    """Doubling every distance makes the loss four times as large."""
    yield Equal(loss(2 * y, 2 * t), 4 * loss(y, t))


# ---- mistakes


def root_mean_squared(y: Array, t: Array, *, of: str = "each sample") -> Any:
    """The square root of the squared distance is taken."""
    d = (y - t) ** 2
    if of == "each sample":
        return np.mean(np.sqrt(np.sum(d, axis=-1)))
    means = {
        "entries": np.mean(d),
        "samples": np.mean(np.sum(d, axis=-1)),
        "all": np.sum(d),
        "loss": np.mean(np.sum(d, axis=-1)) / 2,
    }
    return np.sqrt(means[of])


def absolute_error(y: Array, t: Array, *, of: str = "half the samples' sums") -> Any:
    """Absolute differences instead of squares."""
    d = np.abs(y - t)
    means = {
        "half the samples' sums": np.mean(np.sum(d, axis=-1)) / 2,
        "samples' sums": np.mean(np.sum(d, axis=-1)),
        "entries": np.mean(d),
        "half the entries": np.mean(d) / 2,
        "all": np.sum(d),
        "half of all": np.sum(d) / 2,
    }
    return means[of]


def square_of_the_sum(y: Array, t: Array, *, signed: bool = True) -> Any:
    """The differences are added up before they are squared, not after: errors of opposite sign cancel."""
    total = np.sum(y - t if signed else np.abs(y - t), axis=-1)
    return 0.5 * np.mean(total**2)


def expanded_square(y: Array, t: Array, *, of_sums: bool = False) -> Any:
    """The square is expanded into y² − 2yt + t², which cancels when y is close to t."""
    if of_sums:
        return 0.5 * (np.vdot(y, y) - 2 * np.vdot(y, t) + np.vdot(t, t)) / len(np.atleast_2d(y))
    return 0.5 * np.mean(np.sum(y * y - 2 * y * t + t * t, axis=-1))


# ---- conventions

_mean_of_all = sp.Sum((y[n, k] - t[n, k]) ** 2, (k, 0, K - 1), (n, 0, N - 1)) / (N * K)
_half_of_all = sp.Sum((y[n, k] - t[n, k]) ** 2 / 2, (k, 0, K - 1), (n, 0, N - 1))


def _mean_of_all_program(y: Any, t: Any) -> Any:
    y, t = operands(y, t)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return rounded(np.mean((widened(y) - widened(t)) ** 2), np.result_type(y, t))


def _half_of_all_program(y: Any, t: Any) -> Any:
    y, t = operands(y, t)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return rounded(0.5 * np.sum((widened(y) - widened(t)) ** 2), np.result_type(y, t))


NO_DIVISION = "½ and the sum over everything it is given: a batch is not divided by N."
ALL_ENTRIES = "no ½, and the mean over all N·K entries."
SOURCES = {
    "seed": "the chapter, section on the mean squared error",
    "book": "K. Saitoh, Deep Learning from Scratch, section 4.2.1 (mean_squared_error)",
    "pytorch": "PyTorch documentation, torch.nn.MSELoss with reduction='mean'",
    "keras": "Keras documentation, keras.losses.MeanSquaredError: mean over the last axis, then over the batch",
    "sklearn": "scikit-learn documentation, sklearn.metrics.mean_squared_error with multioutput='uniform_average'",
}

MEAN_SQUARED_ERROR = Formula(
    name="mean_squared_error",
    display="E",
    program=mean_squared_error,
    ulps=4.0,
    definition=definition,
    inputs=(y, t),
    range=(0.0, math.inf),
    laws=(
        defining(is_half_the_squared_distance_of_one_sample),
        defining(is_the_mean_of_its_samples),
        law(is_never_negative),
        law(is_zero_for_a_perfect_output),
        law(is_symmetric),
        law(is_unmoved_by_a_common_shift),
        law(quadruples_when_distances_double),
    ),
    mistakes=(
        made(
            "mean_over_entries",
            "Mean over all N·K entries instead of the N samples.",
            caught_by=is_half_the_squared_distance_of_one_sample,
        ),
        made("sum_over_samples", caught_by=is_the_mean_of_its_samples),
        made("missing_half", caught_by=is_half_the_squared_distance_of_one_sample),
        mistake(
            root_mean_squared,
            caught_by=quadruples_when_distances_double,
            variants={"of": ("entries", "samples", "all", "loss")},
        ),
        mistake(
            absolute_error,
            caught_by=quadruples_when_distances_double,
            variants={"of": ("samples' sums", "entries", "half the entries", "all", "half of all")},
        ),
        mistake(square_of_the_sum, caught_by=is_half_the_squared_distance_of_one_sample, variants={"signed": (False,)}),
        mistake(expanded_square, caught_by=is_unmoved_by_a_common_shift, variants={"of_sums": (True,)}),
        made(
            "softmax_applied_first", "A softmax is applied to the output first.", caught_by=is_zero_for_a_perfect_output
        ),
        made("opposite_sign", "The sign is wrong.", caught_by=is_never_negative),
        made("one_loss_a_sample", caught_by=is_the_mean_of_its_samples),
        made("first_sample_only", caught_by=is_the_mean_of_its_samples),
    ),
    conventions=(
        *(
            Convention(c, NO_DIVISION, SOURCES[c], definition=_half_of_all, program=_half_of_all_program)
            for c in ("seed", "book")
        ),
        *(
            Convention(c, ALL_ENTRIES, SOURCES[c], definition=_mean_of_all, program=_mean_of_all_program)
            for c in ("pytorch", "keras", "sklearn")
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 0.0], "t": [0.0, 0.0]}, np.inf),
        Special("beyond_range", {"y": [1e200, 0.0], "t": [-1e200, 0.0]}, np.inf),
        Special("nan", {"y": [np.nan, 0.0], "t": [0.0, 0.0]}, np.nan),
        Special("infinity_by_infinity", {"y": [np.inf, 0.0], "t": [np.inf, 0.0]}, np.nan),
    ),
)
