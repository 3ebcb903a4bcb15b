"""Honest implementations that call SciPy; there are none where SciPy is not installed."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from typing import Any

import numpy as np

from .specimen import Array, Specimen, installed


def sigmoid_by_expit(x: Array) -> Array:
    """scipy.special.expit."""
    from scipy.special import expit

    return expit(x)


def sigmoid_by_log_expit(x: Array) -> Array:
    """The exponential of scipy.special.log_expit."""
    from scipy.special import log_expit

    return np.exp(log_expit(x))


def sigmoid_by_the_logistic_distribution(x: Array) -> Array:
    """The distribution function of the logistic distribution."""
    from scipy.stats import logistic

    return logistic.cdf(x)


def sigmoid_gradient_by_expit(x: Array) -> Array:
    """The product of the two tails."""
    from scipy.special import expit

    return expit(x) * expit(-x)


def sigmoid_gradient_by_the_logistic_distribution(x: Array) -> Array:
    """The density of the logistic distribution."""
    from scipy.stats import logistic

    return logistic.pdf(x)


def softmax_by_scipy_over_the_last_axis(a: Array) -> Array:
    """scipy.special.softmax, told which axis."""
    from scipy.special import softmax

    return softmax(a, axis=-1)


def softmax_by_log_softmax(a: Array) -> Array:
    """The exponential of scipy.special.log_softmax."""
    from scipy.special import log_softmax

    return np.exp(log_softmax(a, axis=-1))


def softmax_by_logsumexp(a: Array) -> Array:
    """The exponential of the logits less their log-sum-exp."""
    from scipy.special import logsumexp

    return np.exp(a - logsumexp(a, axis=-1, keepdims=True))


def softmax_of_scipy_as_it_comes(a: Array) -> Array:
    """scipy.special.softmax with its own default, over the whole array."""
    from scipy.special import softmax

    return softmax(a)


def softmax_gradient_by_scipy(a: Array) -> Array:
    """p_i (delta_ij - p_j) from SciPy's softmax."""
    from scipy.special import softmax

    p = softmax(a, axis=-1)
    return p[..., None] * np.eye(p.shape[-1]) - p[..., None] * p[..., None, :]


def mean_squared_error_by_sqeuclidean(y: Array, t: Array) -> Any:
    """scipy.spatial.distance.sqeuclidean for each sample."""
    from scipy.spatial.distance import sqeuclidean

    return np.mean([sqeuclidean(p, q) / 2 for p, q in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True)])


def cross_entropy_one_hot_by_xlogy(y: Array, t: Array) -> Any:
    """scipy.special.xlogy, with the floor."""
    from scipy.special import xlogy

    return -np.sum(xlogy(t, np.maximum(y, 1e-8))) / (len(y) if y.ndim == 2 else 1)


def cross_entropy_one_hot_by_xlogy_alone(y: Array, t: Array) -> Any:
    """scipy.special.xlogy, whose 0 ln 0 is 0, without a guard."""
    from scipy.special import xlogy

    return -xlogy(t, y).sum(axis=-1).mean()


def cross_entropy_one_hot_by_relative_entropy(y: Array, t: Array) -> Any:
    """The relative entropy, and the target's own entropy, which is 0 for a one-hot row."""
    from scipy.special import entr, rel_entr

    t = t.astype(float)
    return np.mean(np.sum(rel_entr(t, np.maximum(y, 1e-8)) + entr(t), axis=-1))


def cross_entropy_labels_by_entr(y: Array, labels: Any) -> Any:
    """-p ln p from scipy.special.entr, over p."""
    from scipy.special import entr

    p = np.maximum(np.take_along_axis(y, np.asarray(labels)[..., None], -1), 1e-8)
    return np.mean(entr(p) / p)


def softmax_cross_entropy_one_hot_by_logsumexp(a: Array, t: Array) -> Any:
    """Log-sum-exp less the target's logit."""
    from scipy.special import logsumexp

    return np.mean(logsumexp(a, axis=-1) - (t * a).sum(axis=-1))


def softmax_cross_entropy_one_hot_by_log_softmax(a: Array, t: Array) -> Any:
    """Minus the target times scipy.special.log_softmax."""
    from scipy.special import log_softmax

    return -(t * log_softmax(a, axis=-1)).sum() / (1 if a.ndim == 1 else a.shape[0])


def softmax_cross_entropy_labels_by_log_softmax(a: Array, labels: Any) -> Any:
    """scipy.special.log_softmax at the labels."""
    from scipy.special import log_softmax

    return -np.mean(np.take_along_axis(log_softmax(a, axis=-1), np.asarray(labels)[..., None], axis=-1))


def softmax_cross_entropy_one_hot_gradient_by_scipy(a: Array, t: Array) -> Array:
    """SciPy's softmax less the target, over the number of samples."""
    from scipy.special import softmax

    return (softmax(a, axis=-1) - t) / np.atleast_2d(a).shape[0]


def softmax_cross_entropy_labels_gradient_by_scipy(a: Array, labels: Any) -> Array:
    """SciPy's softmax, one taken off at each label."""
    from scipy.special import softmax

    hot = np.asarray(labels)[..., None] == np.arange(a.shape[-1])
    return (softmax(a, axis=-1) - hot) * (a.shape[-1] / a.size)


SPECIMENS: tuple[Specimen, ...] = (
    Specimen("sigmoid", sigmoid_by_expit, honest=True),
    Specimen("sigmoid", sigmoid_by_log_expit, honest=True),
    Specimen("sigmoid", sigmoid_by_the_logistic_distribution, honest=True),
    Specimen("sigmoid_gradient", sigmoid_gradient_by_expit, honest=True),
    Specimen("sigmoid_gradient", sigmoid_gradient_by_the_logistic_distribution, honest=True),
    Specimen("softmax", softmax_by_scipy_over_the_last_axis, honest=True),
    Specimen("softmax", softmax_by_log_softmax, honest=True),
    Specimen("softmax", softmax_by_logsumexp, honest=True),
    Specimen("softmax", softmax_of_scipy_as_it_comes, honest=True, convention="scipy"),
    Specimen("softmax_gradient", softmax_gradient_by_scipy, honest=True),
    Specimen("mean_squared_error", mean_squared_error_by_sqeuclidean, honest=True),
    Specimen("cross_entropy_one_hot", cross_entropy_one_hot_by_xlogy, honest=True),
    Specimen("cross_entropy_one_hot", cross_entropy_one_hot_by_xlogy_alone, honest=True, convention="pytorch"),
    Specimen("cross_entropy_one_hot", cross_entropy_one_hot_by_relative_entropy, honest=True),
    Specimen("cross_entropy_labels", cross_entropy_labels_by_entr, honest=True),
    Specimen("softmax_cross_entropy_one_hot", softmax_cross_entropy_one_hot_by_logsumexp, honest=True),
    Specimen("softmax_cross_entropy_one_hot", softmax_cross_entropy_one_hot_by_log_softmax, honest=True),
    Specimen("softmax_cross_entropy_labels", softmax_cross_entropy_labels_by_log_softmax, honest=True),
    Specimen("softmax_cross_entropy_one_hot_gradient", softmax_cross_entropy_one_hot_gradient_by_scipy, honest=True),
    Specimen("softmax_cross_entropy_labels_gradient", softmax_cross_entropy_labels_gradient_by_scipy, honest=True),
)
if not installed("scipy"):
    SPECIMENS = ()
