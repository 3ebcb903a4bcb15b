"""The functions of scikit-learn, which take NumPy's arrays."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from sklearn._loss import AbsoluteError, HalfBinomialLoss, HalfMultinomialLoss, HalfSquaredError, HuberLoss
from sklearn.metrics import hinge_loss, log_loss, mean_absolute_error, mean_squared_error
from sklearn.utils.extmath import softmax

from tools.who_conforms.counterpart import NUMPY, WIDE, Counterpart


def _log_loss_of_labels(y: Any, labels: Any) -> Any:
    y = np.atleast_2d(y)
    return log_loss(np.atleast_1d(labels), y, labels=np.arange(y.shape[1]))


def _log_loss_of_one_hot(y: Any, t: Any) -> Any:
    return _log_loss_of_labels(y, np.argmax(np.atleast_2d(t), axis=1))


def _squared_error(y: Any, t: Any) -> Any:
    return mean_squared_error(np.atleast_2d(t), np.atleast_2d(y))


def _softmax(a: Any) -> Any:
    return softmax(np.atleast_2d(a)).reshape(np.shape(a))


def _in_a_row(array: Any, dtype: Any = None) -> Any:
    """What the compiled losses take: memory in C's order and the machine's, a batch, and the targets in the format of the logits."""
    return np.array(array, dtype or np.asarray(array).dtype.newbyteorder("="), order="C")


def _half_multinomial(a: Any, labels: Any) -> Any:
    a = _in_a_row(np.atleast_2d(a))
    loss = HalfMultinomialLoss(n_classes=a.shape[1])
    return np.mean(loss.loss(y_true=_in_a_row(np.atleast_1d(labels), a.dtype), raw_prediction=a))


def _half_multinomial_gradient(a: Any, labels: Any) -> Any:
    logits = _in_a_row(np.atleast_2d(a))
    loss = HalfMultinomialLoss(n_classes=logits.shape[1])
    slopes = loss.gradient(y_true=_in_a_row(np.atleast_1d(labels), logits.dtype), raw_prediction=logits)
    return np.reshape(slopes / len(logits), np.shape(a))


def _half_multinomial_probabilities(a: Any) -> Any:
    logits = _in_a_row(np.atleast_2d(a))
    return HalfMultinomialLoss(n_classes=logits.shape[1]).predict_proba(logits).reshape(np.shape(a))


def _half_squared_error(y: Any, t: Any) -> Any:
    y, t = _in_a_row(y), _in_a_row(t, np.asarray(y).dtype.newbyteorder("="))
    return np.sum(HalfSquaredError().loss(y_true=t.ravel(), raw_prediction=y.ravel())) / (len(y) if y.ndim == 2 else 1)


def _entries(first: Any, second: Any) -> dict[str, Any]:
    """What the compiled losses take, each entry a sample."""
    first = _in_a_row(first)
    return {"raw_prediction": first.ravel(), "y_true": _in_a_row(second, first.dtype).ravel()}


def _absolute_error(y: Any, t: Any) -> Any:
    return mean_absolute_error(np.ravel(t), np.ravel(y))


def _compiled_absolute_error(y: Any, t: Any) -> Any:
    return np.mean(AbsoluteError().loss(**_entries(y, t)))


def _huber(y: Any, t: Any, delta: float = 1.0) -> Any:
    loss = HuberLoss()
    loss.closs.delta = delta
    return np.mean(loss.loss(**_entries(y, t)))


def _hinge(y: Any, t: Any) -> Any:
    return hinge_loss(np.ravel(t), np.ravel(y), labels=[-1, 1])


def _half_binomial(a: Any, t: Any) -> Any:
    return np.mean(HalfBinomialLoss().loss(**_entries(a, t)))


def _half_binomial_gradient(a: Any, t: Any) -> Any:
    return np.reshape(HalfBinomialLoss().gradient(**_entries(a, t)) / np.size(a), np.shape(a))


_sklearn = functools.partial(Counterpart, "scikit-learn", dtypes=NUMPY)


LABELS = "softmax_cross_entropy_labels"
COUNTERPARTS = (
    _sklearn("sklearn.utils.extmath.softmax", "softmax", _softmax),
    _sklearn("HalfMultinomialLoss.predict_proba", "softmax", _half_multinomial_probabilities, dtypes=WIDE),
    _sklearn("sklearn.metrics.mean_squared_error", "mean_squared_error", _squared_error, convention="sklearn"),
    _sklearn("sum of HalfSquaredError.loss / N", "mean_squared_error", _half_squared_error, dtypes=WIDE),
    _sklearn("sklearn.metrics.log_loss", "cross_entropy_one_hot", _log_loss_of_one_hot, convention="sklearn"),
    _sklearn("sklearn.metrics.log_loss", "cross_entropy_labels", _log_loss_of_labels, convention="sklearn"),
    _sklearn("mean of HalfMultinomialLoss.loss", LABELS, _half_multinomial, dtypes=WIDE),
    _sklearn("HalfMultinomialLoss.gradient / N", f"{LABELS}_gradient", _half_multinomial_gradient, dtypes=WIDE),
    _sklearn("sklearn.metrics.mean_absolute_error", "mean_absolute_error", _absolute_error),
    _sklearn("mean of AbsoluteError.loss", "mean_absolute_error", _compiled_absolute_error, dtypes=WIDE),
    _sklearn("mean of HuberLoss.loss", "huber", _huber, dtypes=WIDE),
    _sklearn("sklearn.metrics.hinge_loss", "hinge", _hinge),
    _sklearn("mean of HalfBinomialLoss.loss", "binary_cross_entropy_with_logits", _half_binomial, dtypes=WIDE),
    _sklearn(
        "HalfBinomialLoss.gradient / N",
        "binary_cross_entropy_with_logits_gradient",
        _half_binomial_gradient,
        dtypes=WIDE,
    ),
)
