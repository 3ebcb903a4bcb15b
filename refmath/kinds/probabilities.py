"""Probabilities: the outputs of a classifier, which sum to 1 over the last axis up to their rounding."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Draw, Kind, Rejected, Way, spoilt_by, table
from refmath.kinds.labels import telling

_TYPICAL = 2.0**-10
_DENSE = "Probabilities of every magnitude, evenly spread."


def normalised(weights: Array) -> Array:
    """Each sample divided by its sum, which is rounded once, whatever the order of the entries."""
    sums = [math.fsum(row.tolist()) for row in weights.reshape(-1, weights.shape[-1])]
    return weights / np.array(sums).reshape((*weights.shape[:-1], 1))


def one_hot(draws: Draws, shape: Shape) -> Array:
    """One entry of each sample is 1; in a batch of more samples than classes every class has its turn."""
    K, samples = shape[-1], shape[:-1]
    count = math.prod(samples)
    labels = np.asarray(draws.below(K, samples))
    if K > 16:
        labels = telling(draws, samples, K)
    elif count > 8:
        labels = (np.arange(count).reshape(samples) + draws.below(K)) % K
    return np.eye(K)[labels] if count * K < 1 << 22 else np.asarray(labels[..., None] == np.arange(K), np.float64)


def _weighted(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return normalised(draws.whole(1, 63, shape))


def _uniform(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return normalised(np.ones(shape))


def _certain(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return one_hot(draws, shape)


def _some_zeros(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    weights = draws.whole(0, 2, shape)
    weights[..., draws.below(shape[-1])] += 1
    return normalised(weights)


def _at_the_guards(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Small shares that are the guards in use themselves."""
    small = draws.among((1e-7, 1e-8, 1e-10, 1e-12), shape)
    lead = one_hot(draws, shape) > 0
    rest = [1 - math.fsum(row) for row in np.where(lead, 0, small).reshape(-1, shape[-1]).tolist()]
    return np.where(lead, np.array(rest).reshape((*shape[:-1], 1)), small)


def _down_to(deepest: Callable[[Format], int]) -> Draw:
    """Numbers of every magnitude down to a depth: on both sides of every guard, and ever nearer to certainty."""

    def draw(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
        weights = np.minimum(draws.magnitudes(-deepest(format_), 1, shape), 1.0)
        return normalised(np.maximum(weights, one_hot(draws, shape)))

    return draw


def _dense(deepest: Callable[[Format], int]) -> Draw:
    """Each sample holds one magnitude, evenly spread, beside one share that is large."""

    def draw(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
        samples = (*shape[:-1], 1)
        ladder = draws.ladder(-deepest(format_), 0, math.prod(samples)).reshape(samples)
        return normalised(np.maximum(ladder * draws.between(0.5, 1, shape), one_hot(draws, shape)))

    return draw


def _at(draws: Draws, shape: Shape, number: float) -> Array | None:
    """One class of each sample has the number, another one the rest."""
    if not 0 < number <= 0.5 or shape[-1] < 2:
        return None
    classes, samples = np.arange(shape[-1]), (*shape[:-1], 1)
    first = np.asarray(draws.below(shape[-1], samples))
    second = (first + 1 + np.asarray(draws.below(shape[-1] - 1, samples))) % shape[-1]
    return np.where(classes == first, number, np.where(classes == second, 1 - number, 0.0))


def simpler_distributions(value: Any) -> Iterator[Any]:
    """Equal shares, certainties, then shares of few digits."""
    value = np.asarray(value)
    K = value.shape[-1]
    if value.dtype.kind in "iub":
        return
    yield from _others(value, np.full_like(value, 1 / K))
    for row in np.ndindex(value.shape[:-1]):
        for simple in (np.full(K, 1 / K), np.eye(K)[int(np.argmax(value[row]))], _in_parts_of(8, value[row])):
            changed = value.copy()
            changed[row] = simple
            yield from _others(value, changed)


def _others(value: Any, changed: Any) -> Iterator[Any]:
    if not np.array_equal(changed, value) and len(repr(changed.tolist())) <= len(repr(value.tolist())):
        yield changed


def _in_parts_of(parts: int, row: Any) -> Any:
    shares = np.rint(np.asarray(row, np.float64) * parts) / parts
    lead = int(np.argmax(shares))
    shares[lead] += 1 - shares.sum()
    return shares


def without_some(value: Any, axis: int, kept: Any) -> Any:
    """Fewer samples, or fewer classes: what the others held goes to the last one that stays."""
    rest = np.take(value, kept, axis=axis)
    if axis in (-1, value.ndim - 1) and value.dtype.kind not in "iub":
        others = rest[..., :-1].astype(np.float64).sum(axis=-1)
        rest = rest.copy()
        rest[..., -1] = np.maximum(1 - others, 0)
    elif axis in (-1, value.ndim - 1):
        rest = rest.copy()
        rest[..., -1] |= rest.sum(axis=-1) == 0
    return rest


KIND = Kind(
    "probabilities",
    table(
        ("typical", "weighted", "Everyday probabilities.", _weighted),
        ("edge", "certain", "Outputs that are one-hot themselves: perfect, or certain and wrong.", _certain),
        ("edge", "some zeros", "Some probabilities are exactly zero.", _some_zeros),
        ("edge", "uniform", "All classes are equally likely.", _uniform),
        ("extreme", "at the guards", "Small probabilities that are the usual guards themselves.", _at_the_guards),
        (
            "extreme",
            "around the guards",
            "Small probabilities on both sides of every guard in use.",
            _down_to(lambda format_: min(30, -format_.min_exponent - 4)),
        ),
        (
            "extreme",
            "to the last place",
            "Small probabilities, and others that are 1 but for their last places.",
            _down_to(lambda format_: format_.bits),
        ),
        (
            "extreme",
            "to the smallest",
            "Probabilities down to the smallest normal numbers.",
            _down_to(lambda format_: -format_.min_exponent - 4),
        ),
    ),
    is_typical=lambda value: bool(
        np.asarray(value, np.float64).min() >= _TYPICAL and np.asarray(value, np.float64).max() <= 1 - _TYPICAL
    ),
    dense={
        # A large sample has small shares in any case.
        "typical": Way("dense", _DENSE, _dense(lambda _: 8)),
        "extreme": Way("dense", _DENSE, _dense(lambda format_: min(34, -format_.min_exponent - 4))),
    },
    types=("int64", "int32"),
    fills=lambda draws, shape, _format, _dtype: one_hot(draws, shape),
    at=_at,
    simpler=simpler_distributions,
    without=without_some,
    rejected=(
        Rejected("nan_probability", "A probability is nan.", spoilt_by(math.nan)),
        Rejected("negative_probability", "A probability is negative.", spoilt_by(-0.25)),
        Rejected("probability_above_one", "A probability is above one.", spoilt_by(1.5)),
    ),
)
