"""The functions of SciPy, which take NumPy's arrays."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from scipy.differentiate import derivative
from scipy.optimize import approx_fprime
from scipy.spatial.distance import sqeuclidean
from scipy.special import erf, expit, huber, log_expit, log_softmax, logsumexp, ndtr, rel_entr, softmax, xlogy
from scipy.stats import logistic

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

    def at(entry: int, m: Any) -> Any:
        return np.where(np.arange(point.size) == entry, m, point).reshape(np.shape(x))

    def along(entry: int, moved: Any) -> Any:
        return np.reshape([f(at(entry, m)) for m in np.ravel(moved)], np.shape(moved))

    slopes = [derivative(lambda m, entry=entry: along(entry, m), point[entry]).df for entry in range(point.size)]
    return np.reshape(slopes, np.shape(x))


def _exp_of_logsumexp(a: Any) -> Any:
    return np.exp(a - logsumexp(a, axis=-1, keepdims=True))


def _logsumexp_of_one_hot(a: Any, t: Any) -> Any:
    return np.mean(logsumexp(a, axis=-1) - np.sum(t * a, axis=-1))


def _logsumexp_of_labels(a: Any, labels: Any) -> Any:
    return np.mean(logsumexp(a, axis=-1) - np.take_along_axis(a, np.asarray(labels)[..., None], axis=-1)[..., 0])


def _xlogy(y: Any, t: Any) -> Any:
    return -np.mean(np.sum(xlogy(t, y), axis=-1))


def _relative_entropy(y: Any, t: Any) -> Any:
    """Of one-hot targets, which have no entropy of their own."""
    return np.mean(np.sum(rel_entr(t, y), axis=-1))


def _squares(y: Any, t: Any) -> Any:
    return sqeuclidean(np.ravel(y), np.ravel(t)) / (2 * (len(y) if np.ndim(y) == 2 else 1))


def _divergence(y: Any, t: Any) -> Any:
    return np.mean(np.sum(rel_entr(t, y), axis=-1))


def _huber(y: Any, t: Any, delta: float = 1.0) -> Any:
    return np.mean(huber(delta, y - t))


def _binary_of_logits(a: Any, t: Any) -> Any:
    return -np.mean(t * log_expit(a) + (1 - t) * log_expit(-a))


_scipy = functools.partial(Counterpart, "SciPy", dtypes=NUMPY)


COUNTERPARTS = (
    _scipy("scipy.special.expit", "sigmoid", expit),
    _scipy("np.exp of scipy.special.log_expit", "sigmoid", lambda x: np.exp(log_expit(x))),
    _scipy("scipy.stats.logistic.cdf", "sigmoid", logistic.cdf),
    _scipy("scipy.stats.logistic.pdf", "sigmoid_gradient", logistic.pdf),
    _scipy("np.exp of scipy.special.log_softmax", "softmax", lambda a: np.exp(log_softmax(a, axis=-1))),
    _scipy("np.exp of a − scipy.special.logsumexp", "softmax", _exp_of_logsumexp),
    _scipy("scipy.special.softmax(axis=-1)", "softmax", lambda a: softmax(a, axis=-1)),
    _scipy("scipy.special.softmax", "softmax", softmax, convention="scipy"),
    _scipy("scipy.spatial.distance.sqeuclidean / 2N", "mean_squared_error", _squares),
    _scipy("−mean of scipy.special.xlogy", "cross_entropy_one_hot", _xlogy, convention="pytorch"),
    _scipy("mean of scipy.special.rel_entr", "cross_entropy_one_hot", _relative_entropy, convention="pytorch"),
    _scipy("mean of −t · scipy.special.log_softmax", "softmax_cross_entropy_one_hot", _loss_of_one_hot),
    _scipy("mean of −scipy.special.log_softmax at the labels", "softmax_cross_entropy_labels", _loss_of_labels),
    _scipy("mean of scipy.special.logsumexp − t · a", "softmax_cross_entropy_one_hot", _logsumexp_of_one_hot),
    _scipy("mean of scipy.special.logsumexp − a at the labels", "softmax_cross_entropy_labels", _logsumexp_of_labels),
    _scipy("scipy.special.log_softmax", "log_softmax", lambda a: log_softmax(a, axis=-1)),
    _scipy("scipy.special.logsumexp", "logsumexp", lambda a: logsumexp(a, axis=-1)),
    _scipy("scipy.special.softmax(axis=-1)", "logsumexp_gradient", lambda a: softmax(a, axis=-1)),
    _scipy("−scipy.special.log_expit of −x", "softplus", lambda x: -log_expit(-x)),
    _scipy("scipy.special.expit", "softplus_gradient", expit),
    _scipy("x · scipy.special.ndtr", "gelu", lambda x: x * ndtr(x)),
    _scipy("x/2 · (1 + scipy.special.erf)", "gelu", lambda x: x / 2 * (1 + erf(x / np.sqrt(2)))),
    _scipy("x · scipy.special.expit", "silu", lambda x: x * expit(x)),
    _scipy("mean of scipy.special.huber", "huber", _huber),
    _scipy("mean of scipy.special.rel_entr", "kl_divergence", _divergence),
    _scipy("t · scipy.special.log_expit", "binary_cross_entropy_with_logits", _binary_of_logits),
    _scipy("scipy.optimize.approx_fprime", "numerical_gradient", _forward_differences, dtypes=WIDE),
    _scipy("scipy.differentiate.derivative", "numerical_gradient", _derivatives, dtypes=WIDE),
)
