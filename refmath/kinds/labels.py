"""Labels: the number of a class, for each sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Draw, Kind, Rejected, spoilt_by, table

#: Every integer type that can count classes.
TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "uint64")


def _any(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """Any class; in a batch of many samples every class has its turn."""
    samples, K = shape[:-1], shape[-1]
    count = math.prod(samples)
    if K > 16:
        return telling(draws, samples, K)
    if count > 8:
        return np.asarray((draws.below(K) - np.arange(count, dtype=np.int64)).reshape(samples) % K)
    return np.asarray(draws.below(K, samples), np.int64)


def _of_masked(draw: Draw) -> Draw:
    """Labels of classes whose logits are finite, where there are logits beside them; those of every other batch are any, though their loss is infinite then."""

    def labels(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
        drawn = np.asarray(draw(draws, shape, format_, beside))
        for kind, values in beside.values():
            if kind == "logits" and np.shape(values) == shape and np.isneginf(np.asarray(values, np.float64)).any():
                picked = np.take_along_axis(np.asarray(values, np.float64), drawn[..., np.newaxis], axis=-1)[..., 0]
                if draws.below(2):
                    drawn = np.where(np.isneginf(picked), np.argmax(np.asarray(values, np.float64), axis=-1), drawn)
        return drawn

    return labels


def telling(draws: Draws, samples: Shape, K: int) -> Array:
    """Of many classes the last ones, those where small integer types end, and any others, in turn."""
    places = [K - 1, 127, 255, 128, 256, 0, K - 2, *draws.below(K, (4,)).tolist()]
    turn = draws.below(len(places)) + np.arange(math.prod(samples), dtype=np.int64)
    return np.asarray(np.array(places, np.int64)[turn % len(places)].reshape(samples) % K)


def _ends(draws: Draws, shape: Shape, format_: Format, beside: Beside) -> Array:
    """The first class and the last one."""
    return np.asarray(np.asarray(draws.below(2, shape[:-1]), np.int64) * (shape[-1] - 1))


def _simpler(value: Any) -> Iterator[Any]:
    value = np.asarray(value)
    if value.any():
        yield np.zeros_like(value)
    for index in np.ndindex(value.shape):
        if value[index]:
            changed = value.copy()
            changed[index] = 0
            yield changed


KIND = Kind(
    "labels",
    table(
        ("typical", "labels", "Labels of any class.", _of_masked(_any)),
        ("edge", "first and last", "Labels of the first class and of the last.", _of_masked(_ends)),
        ("extreme", "labels", "Labels of any class.", _of_masked(_any)),
    ),
    types=TYPES,
    simpler=_simpler,
    rejected=(
        Rejected(
            "label_too_large",
            "There is no class of that label.",
            lambda value, shape: spoilt_by(shape[-1])(value, shape),
        ),
        Rejected("label_negative", "A label is negative, which would count from the end.", spoilt_by(-1)),
        Rejected("labels_not_integers", "The labels are not integers.", lambda value, _shape: value.astype(np.float64)),
    ),
)
