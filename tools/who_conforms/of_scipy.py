"""The functions of SciPy and of scikit-learn, which take NumPy's arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.differentiate import derivative
from scipy.optimize import approx_fprime
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import log_loss, mean_squared_error

from tools.who_conforms.counterpart import NUMPY, WIDE, Counterpart


def _loss_of_one_hot(a: Any, t: Any) -> Any:
    return np.mean(-np.sum(t * log_softmax(a, axis=-1), axis=-1))


def _loss_of_labels(a: Any, labels: Any) -> Any:
    return np.mean(-np.take_along_axis(log_softmax(a, axis=-1), np.asarray(labels)[..., None], axis=-1))


def _forward_differences(f: Any, x: Any) -> Any:
    return approx_fprime(np.ravel(x), lambda point: f(point.reshape(x.shape))).reshape(x.shape)


def _derivatives(f: Any, x: Any) -> Any:
    """scipy.differentiate.derivative along each entry."""
    point = np.ravel(x).astype(np.float64)

    def along(entry: int, moved: Any) -> Any:
        return np.array([f(np.where(np.arange(point.size) == entry, m, point)) for m in np.ravel(moved)]).reshape(
            np.shape(moved)
        )

    slopes = [derivative(lambda m, entry=entry: along(entry, m), point[entry]).df for entry in range(point.size)]
    return np.reshape(slopes, np.shape(x))


def _log_loss_of_labels(y: Any, labels: Any) -> Any:
    y = np.atleast_2d(y)
    return log_loss(np.atleast_1d(labels), y, labels=np.arange(y.shape[1]))


def _log_loss_of_one_hot(y: Any, t: Any) -> Any:
    return _log_loss_of_labels(y, np.argmax(np.atleast_2d(t), axis=1))


def _squared_error(y: Any, t: Any) -> Any:
    return mean_squared_error(np.atleast_2d(t), np.atleast_2d(y))


def _scipy(
    function: str,
    formula: str,
    call: Callable[..., Any],
    dtypes: tuple[str, ...] = NUMPY,
    convention: str | None = None,
) -> Counterpart:
    return Counterpart("SciPy", function, formula, call, dtypes, convention)


def _sklearn(function: str, formula: str, call: Callable[..., Any], dtypes: tuple[str, ...] = NUMPY) -> Counterpart:
    return Counterpart("scikit-learn", function, formula, call, dtypes, "sklearn")


COUNTERPARTS = (
    _scipy("scipy.special.expit", "sigmoid", expit),
    _scipy("scipy.special.softmax(axis=-1)", "softmax", lambda a: softmax(a, axis=-1)),
    _scipy("scipy.special.softmax", "softmax", softmax, convention="scipy"),
    _scipy("mean of −t · scipy.special.log_softmax", "softmax_cross_entropy_one_hot", _loss_of_one_hot),
    _scipy("mean of −scipy.special.log_softmax at the labels", "softmax_cross_entropy_labels", _loss_of_labels),
    _scipy("scipy.optimize.approx_fprime", "numerical_gradient", _forward_differences, WIDE),
    _scipy("scipy.differentiate.derivative", "numerical_gradient", _derivatives, WIDE),
    _sklearn("sklearn.metrics.mean_squared_error", "mean_squared_error", _squared_error),
    _sklearn("sklearn.metrics.log_loss", "cross_entropy_one_hot", _log_loss_of_one_hot),
    _sklearn("sklearn.metrics.log_loss", "cross_entropy_labels", _log_loss_of_labels),
)
