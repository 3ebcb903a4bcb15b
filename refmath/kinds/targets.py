"""Targets: each sample a distribution over the classes, one-hot as a rule, but any other one too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, table
from refmath.kinds.probabilities import one_hot, simpler_distributions, without_some

#: Every type that people keep zeros and ones in, and the narrower floats.
TYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float32")


def _one_hot(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return one_hot(draws, shape)


def soft(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Shares that are multiples of 1/64, so that they sum to 1 exactly in every format."""
    K, samples = shape[-1], math.prod(shape[:-1])
    parts = np.asarray(draws.below(K, (samples, 64)))
    counts = np.zeros((samples, K))
    np.add.at(counts, (np.arange(samples)[:, None], parts), 1)
    return counts.reshape(shape) / 64


def _smoothed(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """One-hot targets of which every other class has the same small share, so small that they sum to 1 exactly; another one in each sample."""
    K, samples = shape[-1], (*shape[:-1], 1)
    least = max(1, (K - 1).bit_length())
    powers = least + 1 + np.asarray(draws.below(4, samples))
    share = np.where(powers < format_.bits, np.ldexp(1.0, -powers), 0.0)
    lead = one_hot(draws, shape)
    return np.asarray(lead * (1 - K * share) + share)


def _halves(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """Two classes of the same share; one-hot where both are the same."""
    return (one_hot(draws, shape) + one_hot(draws, shape)) / 2


def _nearly_one_hot(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    """One-hot but for a share that is as small as a share beside 1 can be."""
    share = math.ldexp(1.0, -draws.one_of((3, 5, format_.bits - 1)))
    return (1 - share) * one_hot(draws, shape) + share * one_hot(draws, shape)


def _fills(draws: Draws, shape: Shape, format_: Format, dtype: str) -> Array:
    return soft(draws, shape, format_, {}) if dtype == "float32" else one_hot(draws, shape)


def _spoilt_by(*first: float) -> Callable[[Any, Shape], Any]:
    """The last target holds a few numbers, and then zeros."""

    def spoil(value: Any, shape: Shape) -> Any:
        spoilt = np.array(value)
        spoilt[-1] = 0
        spoilt[-1, : len(first)] = first
        return spoilt

    return spoil


_REJECTED = (
    Rejected("target_without_class", "A target holds nothing but zeros.", _spoilt_by()),
    Rejected("negative_target", "A target holds a negative probability.", _spoilt_by(2, -1)),
)

KIND = Kind(
    "targets",
    table(
        ("typical", "one-hot", "One-hot targets.", _one_hot),
        ("typical", "soft", "Targets that are any distribution.", soft),
        ("typical", "smoothed", "One-hot targets, smoothed: every other class has the same small share.", _smoothed),
        ("edge", "one-hot", "One-hot targets.", _one_hot),
        ("edge", "halves", "Targets that are shared by two classes.", _halves),
        ("extreme", "one-hot", "One-hot targets.", _one_hot),
        ("extreme", "nearly one-hot", "Targets that are one-hot but for a small share.", _nearly_one_hot),
    ),
    types=TYPES,
    fills=_fills,
    simpler=simpler_distributions,
    without=without_some,
    rejected=_REJECTED,
)
ONE_HOT = Kind(
    "one_hot",
    table(*((class_, "one-hot", "One-hot targets.", _one_hot) for class_ in ("typical", "edge", "extreme"))),
    types=TYPES,
    fills=lambda draws, shape, _format, _dtype: one_hot(draws, shape),
    simpler=simpler_distributions,
    without=without_some,
    rejected=_REJECTED,
)
