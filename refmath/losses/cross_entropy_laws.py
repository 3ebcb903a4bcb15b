"""Laws of cross-entropies and of their gradients, for targets that are rows, that are labels, or either."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from refmath.laws import samples_of
from refmath.losses.encodings import are_one_hot, one_hot, other_encoding
from refmath.spec import AtLeast, Claims, Equal


def certain_errors(y: Any, t: Any) -> Iterable[Any]:
    """The outputs that are certain of a wrong class, as long as the targets are certain, and there is another class."""
    if np.shape(y)[-1] > 1 and are_one_hot(one_hot(y, t)):
        yield np.roll(one_hot(y, t), 1, axis=-1)


# ---- of the losses


def is_minus_the_log_of_the_targets_probability(loss: Any, y: Any, t: Any) -> Claims:
    """The loss of a single sample is −ln of the probability of its class, which is taken to be at least δ."""
    for y_n, t_n in samples_of(y, t):
        yield Equal(loss(y_n, t_n), -np.sum(one_hot(y_n, t_n) * np.log(np.maximum(y_n, 0 * y_n + 1e-8))))


def is_zero_for_a_perfect_output(loss: Any, y: Any, t: Any) -> Claims:
    """A certain and right output has loss zero."""
    if are_one_hot(one_hot(y, t)):
        yield Equal(loss(one_hot(y, t), t), 0)


def is_minus_ln_delta_for_a_certain_error(loss: Any, y: Any, t: Any) -> Claims:
    """A certain and wrong output costs −ln δ, not infinity."""
    for wrong in certain_errors(y, t):
        yield Equal(loss(wrong, t), -np.log(0 * y.flat[0] + 1e-8))


def is_ln_k_for_a_uniform_output(loss: Any, y: Any, t: Any) -> Claims:
    """Equal probabilities cost ln K, whatever the target."""
    ones = 0 * y + 1
    yield Equal(loss(ones / np.shape(y)[-1], t), np.log(np.sum(np.atleast_2d(ones)[0])))


def is_unmoved_by_renaming_the_classes(loss: Any, first: Any, t: Any) -> Claims:
    """The order of the classes does not matter."""
    renamed = t[..., ::-1] if np.ndim(t) == np.ndim(first) else np.shape(first)[-1] - 1 - t
    yield Equal(loss(first[..., ::-1], renamed), loss(first, t))


# ---- of the losses and of the gradients


def is_the_same_for_both_encodings(function: Any, y: Any, t: Any) -> Claims:
    """One-hot rows and the labels they stand for have the same loss."""
    if are_one_hot(one_hot(y, t)):
        yield Equal(function(y, other_encoding(y, t)), function(y, t))


# ---- of the gradients


def is_minus_one_over_the_targets_probability(gradient: Any, y: Any, t: Any) -> Claims:
    """The gradient of a single sample is −1/y at its class, if y is at least δ, and 0 everywhere else."""
    for y_n, t_n in samples_of(y, t):
        pairs = zip(y_n, one_hot(y_n, t_n), strict=True)
        yield Equal(gradient(y_n, t_n), np.array([-t_k / y_k if y_k >= 1e-8 else 0 * y_k for y_k, t_k in pairs]))


def is_zero_for_the_other_classes(gradient: Any, y: Any, t: Any) -> Claims:
    """The probabilities of the other classes play no part: the gradient is zero there."""
    yield Equal(np.where(one_hot(y, t) > 0, 0, gradient(y, t)), 0 * y)


def is_never_positive(gradient: Any, y: Any, t: Any) -> Claims:
    """No probability that rises raises the loss: the gradient is never positive."""
    yield AtLeast(0 * y, gradient(y, t))


def sums_to_minus_one_when_weighed_with_y(gradient: Any, y: Any, t: Any) -> Claims:
    """The sum of y times the gradient is −1, as long as every target has a probability of at least δ."""
    if (y[one_hot(y, t) > 0] >= 1e-8).all():
        yield Equal(np.sum(y * gradient(y, t)), -1)


def is_minus_t_for_a_perfect_output(gradient: Any, y: Any, t: Any) -> Claims:
    """At a certain and right output the gradient is −t/N: the loss still falls as y rises."""
    right = one_hot(y, t)
    if are_one_hot(right):
        yield Equal(gradient(right, t), -right / len(np.atleast_2d(y)))


def vanishes_on_the_floor(gradient: Any, y: Any, t: Any) -> Claims:
    """At a certain and wrong output the loss is flat: the floor holds it, and the gradient is zero."""
    for wrong in certain_errors(y, t):
        yield Equal(gradient(wrong, t), 0 * y)
