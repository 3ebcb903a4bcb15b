r"""The derivative of the mean squared error with respect to the output.

$$\frac{\partial E}{\partial y_{ij}} = \frac{y_{ij} - t_{ij}}{N}$$

**Conventions.** It belongs to the loss with ½ and with the mean over the N samples; each convention of the loss has its own gradient.

**Infinities.** An infinite distance, or one beyond the dtype, has an infinite gradient; ∞ − ∞ and nan give nan. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.18), divided by N.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.laws import changes_sign_when_y_and_t_change_places, is_an_nth_of_each_samples_gradient
from refmath.losses.mean_squared_error import ALL_ENTRIES, NO_DIVISION, SOURCES, operands, t, y
from refmath.made import made
from refmath.narrow import rounded, rounded_array, widened
from refmath.spec import Claims, Convention, Equal, Formula, Special, defining, law, mistake
from refmath.symbols import K, N, i, j

definition = (y[i, j] - t[i, j]) / N


def mean_squared_error_gradient(y: Any, t: Any) -> Array:
    r"""The derivative of the mean squared error with respect to y: $(y_{nk} - t_{nk}) / N$.

    Args:
        y: Outputs, shape (K,) for one sample or (N, K) for a batch.
        t: Targets, of the same shape.

    Returns:
        The gradient, of the shape of `y`.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty, or has other than one or two dimensions.

    Examples:
        >>> mean_squared_error_gradient([1.0, 2.0], [1.0, 0.0])
        array([0., 2.])
    """
    y, t = operands(y, t)
    # Narrow formats are computed in float32 and rounded once.
    # Beyond the range a difference is ±∞, and ∞ − ∞ is nan, as the page says: no reason for a warning.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $\partial E / \partial y_{ij} = (y_{ij} - t_{ij}) / N$, with N = 1 for a single sample
        gradient = (widened(y) - widened(t)) / (1 if y.ndim == 1 else y.shape[0])
    return rounded_array(gradient, np.result_type(y, t))


# ---- laws


def is_the_distance_of_one_sample(gradient: Any, y: Any, t: Any) -> Claims:
    """The gradient of a single sample is y − t."""
    for y_n, t_n in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True):
        yield Equal(gradient(y_n, t_n), y_n - t_n)


def vanishes_for_a_perfect_output(gradient: Any, y: Any, t: Any) -> Claims:
    """The gradient is zero where output and target agree."""
    yield Equal(gradient(t, t), 0 * t)


# ---- mistakes


def _samples(y: Array) -> int:
    return 1 if y.ndim == 1 else int(y.shape[0])


def sign_only(y: Array, t: Array) -> Any:
    """The gradient of the absolute error: only the sign of y − t."""
    return np.sign(y - t) / _samples(y)


# ---- conventions


def _mean_of_all(y: Any, t: Any) -> Any:
    y, t = operands(y, t)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        # As a division, because twice the difference may be beyond the range.
        return rounded((widened(y) - widened(t)) / (y.size / 2), np.result_type(y, t))


def _half_of_all(y: Any, t: Any) -> Any:
    y, t = operands(y, t)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return y - t


MEAN_SQUARED_ERROR_GRADIENT = Formula(
    name="mean_squared_error_gradient",
    display=r"\frac{\partial E}{\partial y_{ij}}",
    program=mean_squared_error_gradient,
    ulps=1.5,
    definition=definition,
    inputs=(y, t),
    derivative_of="mean_squared_error",
    laws=(
        defining(is_the_distance_of_one_sample),
        defining(is_an_nth_of_each_samples_gradient),
        law(vanishes_for_a_perfect_output),
        law(changes_sign_when_y_and_t_change_places),
    ),
    mistakes=(
        made("missing_mean", caught_by=is_an_nth_of_each_samples_gradient),
        made("mean_over_entries", caught_by=is_the_distance_of_one_sample),
        made("factor_two", "Twice the gradient, as if the loss had no ½.", caught_by=is_the_distance_of_one_sample),
        made("opposite_sign", "The sign is wrong: t − y.", caught_by=is_the_distance_of_one_sample),
        made(
            "plus_instead_of_minus",
            "The target is added instead of subtracted: y + t.",
            by="t → -t",
            caught_by=vanishes_for_a_perfect_output,
        ),
        made(
            "target_ignored",
            "The target is missing: y instead of y − t.",
            by="t → 0",
            caught_by=vanishes_for_a_perfect_output,
        ),
        made(
            "divided_by_classes",
            "Divided by the K entries of a sample instead of the N samples.",
            by="× N/K",
            caught_by=is_the_distance_of_one_sample,
        ),
        mistake(sign_only, caught_by=is_the_distance_of_one_sample),
    ),
    conventions=(
        *(
            Convention(c, NO_DIVISION, SOURCES[c], definition=y[i, j] - t[i, j], program=_half_of_all)
            for c in ("seed", "book")
        ),
        *(
            Convention(c, ALL_ENTRIES, SOURCES[c], definition=2 * (y[i, j] - t[i, j]) / (N * K), program=_mean_of_all)
            for c in ("pytorch", "keras", "sklearn")
        ),
    ),
    specials=(
        Special("infinity", {"y": [np.inf, 1.0], "t": [0.0, 0.0]}, [np.inf, 1.0]),
        Special("nan", {"y": [np.nan], "t": [0.0]}, [np.nan]),
        Special("infinity_by_infinity", {"y": [np.inf], "t": [np.inf]}, [np.nan]),
    ),
)
