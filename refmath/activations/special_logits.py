"""Logits that are no numbers, or masks: what softmaxes and their losses say becomes of a sample that holds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.spec import Special

#: Samples without a softmax, and why.
_WITHOUT = (
    ("nan", [np.nan, 0.0]),
    ("infinity_by_infinity", [np.inf, 0.0]),
    ("infinity_by_infinity", [-np.inf, -np.inf]),
)


def with_a_mask(value: Any) -> tuple[Special, ...]:
    """The value for a mask beside a zero; where there is no softmax it is nan throughout."""
    return (Special("infinity", {"a": [-np.inf, 0.0]}, value), *without_a_softmax(value))


def without_a_softmax(value: Any, **others: Any) -> tuple[Special, ...]:
    """Samples without a softmax, whose values are nan and of the shape of a value."""
    lost = np.full(np.shape(value), np.nan).tolist()
    return tuple(Special(why, {"a": sample, **others}, lost) for why, sample in _WITHOUT)


def masked_target(name: str, masked: Any, other: Any, value: Any, value_of_other: Any) -> tuple[Special, ...]:
    """The values of a mask beside a zero, if the target is the class that it masks, and if it is the other."""
    why = "infinity" if np.ndim(value) else "impossible_target"
    return (
        Special("infinity", {"a": [-np.inf, 0.0], name: other}, value_of_other),
        Special(why, {"a": [-np.inf, 0.0], name: masked}, value),
        *without_a_softmax(value, **{name: masked}),
    )
