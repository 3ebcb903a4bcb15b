"""Inputs for the two-layer network, and for a step of its parameters: of several sizes, at ease and in trouble."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.spec import Formula
from refmath.vectors.drawing import Class, Inputs, Way
from refmath.vectors.stream import Stream, filled, rounded

_Sizes = tuple[int, int, int, int]
_Numbers = Callable[[Stream, Format], float]
#: Numbers for an array, by its key.
_Fill = Callable[[str], _Numbers]

#: The samples N, inputs D, hidden units H and classes K.
_EVERYDAY: tuple[_Sizes, ...] = ((3, 2, 4, 3), (2, 3, 2, 2), (4, 2, 3, 4), (5, 4, 3, 2))
_SMALL: tuple[_Sizes, ...] = ((2, 2, 3, 3), (3, 1, 2, 2))


def ways(formula: Formula) -> list[Way]:
    """Every way of making inputs for the network, or for a step of its parameters, the typical ones first."""
    return [_way(*row) for row in (_STEP if formula.domain == "step" else _NETWORK)]


def _way(class_: Class, name: str, text: str, sizes: tuple[_Sizes, ...], numbers: _Fill) -> Way:
    def inputs(formula: Formula, stream: Stream, format_: Format, turn: int) -> Inputs:
        size = dict(zip("NDHK", sizes[turn % len(sizes)], strict=True))
        drawn: Inputs = {}
        for each in formula.inputs:
            number = numbers(each.key or each.name)
            if each.kind == "targets_or_labels":
                drawn[each.name] = _targets(stream, size["N"], size["K"], turn)
            elif each.kind == "rate":
                drawn[each.name] = np.array(stream.one_of((0.1, 0.01, 0.5, 0.3)))
            else:
                values = filled(tuple(size[axis] for axis in each.axes), lambda number=number: number(stream, format_))  # type: ignore[misc]
                drawn[each.name] = rounded(values, format_)
        return drawn

    return Way(
        class_,
        name,
        text,
        len(sizes),
        inputs,
        ("float64", "float32"),
        is_a_shape=sizes not in (_EVERYDAY, _EVERYDAY[:2], _SMALL),
    )


def _targets(stream: Stream, N: int, K: int, turn: int) -> Array:
    start = stream.below(K)
    labels = np.array([(start + n) % K if N > 8 else stream.below(K) for n in range(N)], np.int64)
    return labels if turn % 2 else np.eye(K)[labels]


def _among(*values: float) -> _Numbers:
    return lambda stream, format_: stream.one_of(values)


def _within(reach: float) -> _Numbers:
    return lambda stream, format_: stream.between(-reach, reach)


def _eighths(reach: float, scale: float = 1.0) -> _Numbers:
    return lambda stream, format_: stream.eighths(reach) * scale


def _pixels(key: str) -> _Numbers:
    return (lambda stream, format_: stream.below(256) / 255) if key == "x" else _within(1)


def _large_outputs(key: str) -> _Numbers:
    return _among(5000.0, -5000.0, 700.0, -700.0, 90.0, -90.0, 0.0) if key == "b2" else _eighths(2)


def _large_inputs(key: str) -> _Numbers:
    return _eighths(2, 256.0) if key == "x" else _eighths(2)


def _nearly_certain(key: str) -> _Numbers:
    return _among(0.0, 17.0, 25.0, 40.0, 80.0) if key == "b2" else _eighths(1, 0.5)


def _rows_apart(key: str) -> _Numbers:
    if key == "W2":
        return _among(-1000.0, -999.0, -998.0)
    return _eighths(6) if key in ("W1", "x") else _eighths(2)


def _saturated(key: str) -> _Numbers:
    return _eighths(6) if key in ("W1", "W2", "x") else _eighths(20)


_NETWORK: tuple[tuple[Any, ...], ...] = (
    ("typical", "typical", "Everyday parameters and samples.", _EVERYDAY, lambda key: _within(2)),
    ("typical", "pixels", "Pixels from 0 to 1.", _EVERYDAY[:2], _pixels),
    ("edge", "zeros", "All parameters and samples are zero.", _SMALL, lambda key: _among(0.0)),
    ("edge", "ties", "Zeros and ones only.", _SMALL, lambda key: _among(0.0, 1.0, -1.0)),
    (
        "edge",
        "as_many_units_as_classes",
        "As many hidden units as classes, and as many inputs.",
        ((2, 3, 3, 3), (3, 2, 2, 2)),
        lambda key: _within(2),
    ),
    ("edge", "batch_of_one", "A batch of one sample.", ((1, 2, 3, 3), (1, 3, 2, 2)), lambda key: _within(2)),
    (
        "edge",
        "one_of_each",
        "One sample, one input, one hidden unit, one class.",
        ((1, 1, 1, 1), (1, 1, 1, 1)),
        lambda key: _within(2),
    ),
    (
        "edge",
        "many_units",
        "More hidden units and classes than a vector register holds.",
        ((2, 3, 9, 9),),
        lambda key: _within(1),
    ),
    (
        "edge",
        "many_samples",
        "More samples than a vector register holds.",
        ((17, 2, 3, 3), (19, 2, 3, 3)),
        lambda key: _within(2),
    ),
    ("extreme", "large_outputs", "Logits whose exponentials overflow.", _SMALL, _large_outputs),
    ("extreme", "large_inputs", "Hidden units deep in the tails of the sigmoid.", _SMALL, _large_inputs),
    ("extreme", "near_certainty", "One class is nearly certain.", _SMALL, _nearly_certain),
    ("extreme", "rows_apart", "Samples whose logits are far from each other.", _SMALL, _rows_apart),
    ("extreme", "saturated", "Hidden units and outputs close to 0 or 1.", _SMALL, _saturated),
)


def _scaled(sign: int) -> _Numbers:
    return lambda stream, format_: stream.between(-2, 2) * math.ldexp(1.0, sign * (-format_.min_exponent // 2))


_STEP: tuple[tuple[Any, ...], ...] = (
    ("typical", "typical", "Everyday parameters and gradients.", _EVERYDAY, lambda key: _within(6)),
    ("edge", "zeros", "All parameters and gradients are zero.", _SMALL, lambda key: _among(0.0)),
    ("edge", "ties", "Zeros and ones only.", _SMALL, lambda key: _among(0.0, 1.0, -1.0)),
    ("edge", "one_of_each", "One entry in every array.", ((1, 1, 1, 1), (1, 1, 1, 1)), lambda key: _within(6)),
    ("edge", "many_entries", "More entries than a vector register holds.", ((1, 3, 5, 7),), lambda key: _within(6)),
    ("extreme", "large", "Very large parameters and gradients.", _SMALL, lambda key: _scaled(1)),
    ("extreme", "small", "Very small parameters and gradients.", _SMALL, lambda key: _scaled(-1)),
)
