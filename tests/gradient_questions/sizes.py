"""Sizes over many orders of magnitude: of x, of f and of the gradient, mixed inside one x; large constants; zero and the smallest numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Array, Question, asked, drawn

FAMILY = "sizes"
#: Sizes within one x, over twelve orders of magnitude.
MIXED = np.logspace(-6, 6, 7)


def of_size(exponent: int) -> Iterator[Question]:
    s = 10.0**exponent
    yield from asked(
        FAMILY,
        f"sine of x of size 1e{exponent}",
        lambda x: np.sum(np.sin(x / s)),
        s * drawn(201, 4),
        {"right": lambda x: np.cos(x / s) / s},
        {
            "inner slope missing": lambda x: np.cos(x / s),
            "off by 0.1 %": lambda x: 1.001 * np.cos(x / s) / s,
        },
    )
    yield from asked(
        FAMILY,
        f"f of size 1e{2 * exponent}",
        lambda x: s * s * np.sum(np.exp(np.sin(x))),
        drawn(202, 4),
        {"right": lambda x: s * s * np.cos(x) * np.exp(np.sin(x))},
        {"inner slope missing": lambda x: s * s * np.exp(np.sin(x))},
    )


def scaled() -> Iterator[Question]:
    for exponent in (-6, -3, 3, 6):
        yield from of_size(exponent)
    yield from asked(
        FAMILY,
        "squares of mixed sizes, each weighted to count alike",
        lambda x: np.sum((x / MIXED) ** 2),
        MIXED * (1 + drawn(203, 7) ** 2),
        {"right": lambda x: 2 * x / MIXED**2},
        {
            "weight not squared": lambda x: 2 * x / MIXED,
            "smallest entry zero": lambda x: 2 * x / MIXED**2 * (np.arange(7) > 0),
            "largest entry off by 0.1 %": lambda x: 2 * x / MIXED**2 * np.where(np.arange(7) == 6, 1.001, 1),
        },
    )
    yield from asked(
        FAMILY,
        "linear, of mixed sizes",
        lambda x: np.sum(x / MIXED),
        MIXED * drawn(204, 7),
        {"right": lambda x: 1 / MIXED},
        {
            "multiplied, not divided": lambda x: MIXED + 0 * x,
            "zero from the third entry on": lambda x: np.where(np.arange(7) < 2, 1 / MIXED, 0),
        },
    )
    slopes = np.array([3.0, -2.0, 0.5])
    yield from asked(
        FAMILY,
        "linear",
        lambda x: slopes @ x + 4,
        [0.3, -1.1, 20.0],
        {"right": lambda x: slopes},
        {
            "times x": lambda x: slopes * x,
            "constant term added": lambda x: slopes + 4,
            "reversed": lambda x: slopes[::-1],
        },
    )
    yield from asked(
        FAMILY,
        "constant",
        lambda x: 5.0 + 0 * np.sum(x),
        [0.3, -1.1],
        {"right": lambda x: 0 * x},
        {"one": lambda x: 0 * x + 1},
    )
    yield from asked(
        FAMILY,
        "rosenbrock, far out",
        lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
        1e3 * drawn(205, 4),
        {"right": rosenbrock_gradient},
        {"path of the later entry missing": lambda x: rosenbrock_gradient(x, later=0)},
    )
    yield from asked(
        FAMILY,
        "a single number",
        lambda x: np.exp(x) * np.sin(x),
        np.array(0.7),
        {"right": lambda x: np.exp(x) * (np.sin(x) + np.cos(x))},
        {"product of the slopes": lambda x: np.exp(x) * np.cos(x)},
    )


def rosenbrock_gradient(x: Any, later: float = 1.0) -> Any:
    found, d = np.zeros_like(x), x[1:] - x[:-1] ** 2
    found[:-1] = -400 * x[:-1] * d - 2 * (1 - x[:-1])
    found[1:] += later * 200 * d
    return found


def near_zero() -> Iterator[Question]:
    yield from asked(
        FAMILY,
        "tanh at zero",
        lambda x: np.sum(np.array([1.0, 2, 3]) * np.tanh(x)),
        np.zeros(3),
        {"right": lambda x: np.array([1.0, 2, 3])},
        {"value for slope": np.tanh, "sign": lambda x: -np.array([1.0, 2, 3]), "weights missing": lambda x: np.ones(3)},
    )
    yield from asked(
        FAMILY,
        "product, one factor zero",
        lambda x: x[0] * x[1] * x[2],
        [0.0, 2.0, 3.0],
        {"right": lambda x: np.array([6.0, 0, 0])},
        {"product over entry, zero for nan": lambda x: np.zeros(3), "sum rule": lambda x: np.array([5.0, 3, 2])},
    )
    tiny = np.array([1e-300, -2e-300])
    yield from asked(
        FAMILY,
        "sine at 1e-300",
        lambda x: np.sum(np.sin(x)),
        tiny,
        {"right": np.cos},
        {"sign": lambda x: -np.cos(x), "zero": lambda x: 0 * x},
    )
    yield from asked(
        FAMILY,
        "exponential at 1e-300",
        lambda x: np.sum(np.exp(x)),
        tiny,
        {"right": np.exp},
        {"twice": lambda x: 2 * np.exp(x), "zero": lambda x: 0 * x},
    )
    yield from asked(
        FAMILY,
        "squares at 1e-200, which vanish in double precision",
        lambda x: np.sum(x * x),
        [1e-200, 2e-200],
        {"right": lambda x: 2 * x},
        {"off by 0.1 %": lambda x: 2.002 * x},
        hard=True,
    )
    yield from asked(
        FAMILY,
        "squares at 1e-100",
        lambda x: np.sum(x * x),
        [1e-100, 2e-100],
        {"right": lambda x: 2 * x},
        {"off by 0.1 %": lambda x: 2.002 * x, "factor 2 missing": lambda x: x},
    )


def offset_by(offset: float) -> Iterator[Question]:
    yield from asked(
        FAMILY,
        f"{offset:.0e} + sum of squares",
        lambda x: offset + np.sum(x * x),
        drawn(206, 4) * 3,
        {"right": lambda x: 2 * x},
        {"factor 2 missing": lambda x: x, "sign": lambda x: -2 * x},
    )
    yield from asked(
        FAMILY,
        f"{offset:.0e} + sum of tanh",
        lambda x: offset + np.sum(np.tanh(x)),
        0.5 * drawn(207, 4),
        {"right": lambda x: 1 - np.tanh(x) ** 2},
        {"off by 0.1 %": lambda x: 1.001 * (1 - np.tanh(x) ** 2), "sign": lambda x: np.tanh(x) ** 2 - 1},
        hard=("right", "off by 0.1 %") if offset > 1e10 else False,
    )


def beside(name: str, x: Array, smallest: int) -> Iterator[Question]:
    rows = np.eye(4)
    yield from asked(
        FAMILY,
        f"entry of {name}, squares",
        lambda x: np.sum(x * x),
        x,
        {"right": lambda x: 2 * x},
        {
            "smallest entry off by 0.1 %": lambda x: 2 * x * (1 + 0.001 * rows[smallest]),
            "smallest entry sign": lambda x: 2 * x * (1 - 2 * rows[smallest]),
            "entry of 1 zero": lambda x: 2 * x * (1 - rows[2]),
            "largest entry's factor 2 missing": lambda x: 2 * x * (1 - rows[1 - smallest] / 2),
        },
        # Whoever cannot see the smallest entry may still see the others.
        hard=("right", "smallest entry off by 0.1 %", "smallest entry sign"),
    )


def hidden() -> Iterator[Question]:
    for offset in (1e8, 1e12):
        yield from offset_by(offset)
    yield from asked(
        FAMILY,
        "(1e10 + sum of squares) - 1e10",
        lambda x: (1e10 + np.sum(x * x)) - 1e10,
        drawn(208, 4),
        {"right": lambda x: 2 * x},
        {"factor 2 missing": lambda x: x},
    )
    yield from beside("1e-3 beside one of 1e6", np.array([1e6, 1e-3, 1.0, -2.0]), 1)
    yield from beside("1e-8 beside one of 1e8", np.array([1e-8, 1e8, 1.0, 1e-3]), 0)
    weights = np.array([1e4, 1.0, 1e-4, 1e-6])
    yield from asked(
        FAMILY,
        "small effect beside a large one, sines",
        lambda x: np.sum(weights * np.sin(x)),
        [0.3, 0.8, 1.1, 0.4],
        {"right": lambda x: weights * np.cos(x)},
        {
            "smallest entry zero": lambda x: weights * np.cos(x) * [1, 1, 1, 0],
            "smallest entry sign": lambda x: weights * np.cos(x) * [1, 1, 1, -1],
            "third entry twice": lambda x: weights * np.cos(x) * [1, 1, 2, 1],
        },
    )
    yield from asked(
        FAMILY,
        "effect of 1e-14 beside one of 1e6, sines",
        lambda x: 1e6 * np.sin(x[0]) + 1e-14 * np.sin(x[1]),
        [0.3, 0.8],
        {"right": lambda x: np.array([1e6, 1e-14]) * np.cos(x)},
        {"small entry twice": lambda x: np.array([1e6, 2e-14]) * np.cos(x)},
        hard=True,
    )


def questions() -> Iterator[Question]:
    for part in (scaled, near_zero, hidden):
        yield from part()
