"""Laws that hold of many formulas alike; what a page says of its own it adds where it takes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refmath.spec import AtLeast, Claims, Equal

# ---- of what lies where


def is_never_negative(function: Any, *given: Any) -> Claims:
    """The loss is never negative."""
    yield AtLeast(function(*given), 0)


def lies_between_zero_and_one(function: Any, *given: Any) -> Claims:
    """No slope is below zero or above one."""
    yield AtLeast(function(*given), 0)
    yield AtLeast(1 - function(*given), 0)


# ---- of functions of one number


def works_entry_by_entry(function: Any, x: Any) -> Claims:
    """The value of an entry does not depend on the other entries."""
    entries = np.asarray(x, object).reshape(-1)
    values = np.asarray(function(x), object).reshape(-1)
    for place in range(entries.size):
        yield Equal(function(entries[place : place + 1]), values[place : place + 1])


def complements_its_mirror_image(function: Any, x: Any) -> Claims:
    """The slopes at x and at −x add up to one."""
    yield Equal(function(x) + function(-x), 1 + 0 * x)


def has_the_odds_e_to_the_x(function: Any, x: Any) -> Claims:
    """The slope at x is e to the x times the slope at −x, in both tails too."""
    yield Equal(function(x), np.exp(x) * function(-x))


def is_one_half_at_zero(function: Any, x: Any) -> Claims:
    """The slope at zero is one half."""
    yield Equal(2 * function(0 * x), 1)


def never_falls(function: Any, x: Any) -> Claims:
    """A larger argument has no smaller value."""
    yield AtLeast(function(x + 1), function(x))


def is_even(function: Any, x: Any) -> Claims:
    """The slope at x and at −x is the same."""
    yield Equal(function(x), function(-x))


def falls_away_from_zero(function: Any, x: Any) -> Claims:
    """Twice as far from zero the slope is no larger."""
    yield AtLeast(function(x), function(2 * x))


def is_its_argument_above_zero(function: Any, x: Any) -> Claims:
    """Whatever is positive stays what it is."""
    yield Equal(function(np.abs(x)), np.abs(x))


def is_one_above_zero(function: Any, x: Any) -> Claims:
    """The slope is 1 wherever the argument is positive."""
    yield Equal(function(np.abs(x) + 1), 1 + 0 * x)
    yield Equal(np.abs(x) * function(np.abs(x)), np.abs(x))


def is_more_by_x_than_its_mirror_image(function: Any, x: Any) -> Claims:
    """The value at x less the value at −x is x."""
    yield Equal(function(x) - function(-x), x)


# ---- of samples


def samples_of(first: Any, *others: Any) -> list[tuple[Any, ...]]:
    """The samples, each with what belongs to it; a single one with what was given."""
    return [(first, *others)] if np.ndim(first) == 1 else list(zip(first, *others, strict=True))


def treats_each_sample_alone(function: Any, first: Any, *others: Any) -> Claims:
    """Row n of a batch is sample n, normalised."""
    found = function(first, *others)
    alone = [function(sample, *others) for sample in np.atleast_2d(first)]
    yield Equal(found[None] if np.ndim(first) == 1 else found, np.stack(alone))


def is_the_mean_of_its_samples(loss: Any, *given: Any) -> Claims:
    """The loss of a batch is the mean of the losses of its samples."""
    losses = [loss(*sample) for sample in samples_of(*given)]
    yield Equal(loss(*given), sum(losses) / len(losses))


def is_an_nth_of_each_samples_gradient(gradient: Any, *given: Any) -> Claims:
    """Row n of a batch's gradient is the gradient of sample n, divided by N."""
    samples = samples_of(*given)
    yield Equal(np.atleast_2d(gradient(*given)), np.stack([gradient(*sample) / len(samples) for sample in samples]))


def unmoved_by_common_shifts(*shifts: int) -> Callable[..., Claims]:
    """The law of what these numbers do, if one of them is added to all logits of the first argument."""

    def is_unmoved_by_a_common_shift(function: Any, a: Any, *others: Any) -> Claims:
        """Moving all logits by the same amount changes nothing."""
        for shift in shifts:
            yield Equal(function(a + shift, *others), function(a, *others))

    return is_unmoved_by_a_common_shift


def sums_to_one_over_each_sample(function: Any, *given: Any) -> Claims:
    """The probabilities of each sample add up to one."""
    yield Equal(np.sum(np.atleast_2d(function(*given)), axis=-1), 1)


# ---- of outputs and targets


def is_zero_for_a_perfect_output(loss: Any, y: Any, t: Any) -> Claims:
    """An output equal to its target has loss zero."""
    yield Equal(loss(t, t), 0)


def changes_sign_when_y_and_t_change_places(gradient: Any, y: Any, t: Any) -> Claims:
    """Exchanging output and target turns the gradient round."""
    yield Equal(gradient(t, y), -gradient(y, t))


# ---- of backward forms


def is_linear_in_the_upstream(vjp: Any, *given: Any) -> Claims:
    """Twice the upstream gives twice each gradient."""
    *others, upstream = given
    once, twice = vjp(*others, upstream), vjp(*others, 2 * upstream)
    for name in once:
        yield Equal(twice[name], 2 * once[name])


def adding_the_samples_up(name: str) -> Callable[..., Claims]:
    """The law of the gradient by an argument that is added to each sample."""

    def adds_the_samples_up(vjp: Any, *given: Any) -> Claims:
        """By the biases: the upstream, added up over the samples."""
        yield Equal(vjp(*given)[name], np.sum(np.atleast_2d(given[-1]), axis=0))

    return adds_the_samples_up
