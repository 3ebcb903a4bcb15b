"""Many entries: more than one would look at one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Array, Question, asked, drawn

FAMILY = "many entries"


def but(g: Array, entry: int, factor: float) -> Array:
    """A gradient with one entry changed."""
    changed = g.copy()
    changed.reshape(-1)[entry] *= factor
    return changed


def questions() -> Iterator[Question]:
    sizes = np.logspace(-3, 3, 1200)
    yield from asked(
        FAMILY,
        "1200 sines of sizes from 1e-3 to 1e3",
        lambda x: np.sum(sizes * np.sin(x)),
        drawn(601, 1200),
        {"right": lambda x: sizes * np.cos(x)},
        {
            "one small entry zero": lambda x: but(sizes * np.cos(x), 17, 0),
            "one small entry twice": lambda x: but(sizes * np.cos(x), 130, 2),
            "one large entry off by 1 %": lambda x: but(sizes * np.cos(x), 1150, 1.01),
            "zero from the 1191st on": lambda x: sizes * np.cos(x) * (np.arange(1200) < 1190),
            "reversed": lambda x: (sizes * np.cos(x))[::-1],
        },
    )
    inputs, above = drawn(602, 20, 34), drawn(603, 20, 34) / 20

    def slope(w: Any) -> Any:
        return above * (1 - np.tanh(inputs @ w / 6) ** 2) / 6

    yield from asked(
        FAMILY,
        "dense layer of 34 to 34",
        lambda w: np.sum(above * np.tanh(inputs @ w / 6)),
        drawn(604, 34, 34),
        {"right": lambda w: inputs.T @ slope(w)},
        {
            "transposed": lambda w: (inputs.T @ slope(w)).T,
            "last example missing": lambda w: inputs[:-1].T @ slope(w)[:-1],
            "one entry's sign": lambda w: but(inputs.T @ slope(w), 777, -1),
            "last column zero": lambda w: inputs.T @ slope(w) * (np.arange(34) < 33),
            "scale missing": lambda w: inputs.T @ slope(w) * 6,
        },
    )
    weights = np.abs(drawn(605, 1100)) + 0.1
    yield from asked(
        FAMILY,
        "squared error of 1100, mean",
        lambda x: np.mean(weights * (x - 0.5) ** 2),
        drawn(606, 1100),
        {"right": lambda x: 2 * weights * (x - 0.5) / 1100},
        {
            "factor 2 missing": lambda x: weights * (x - 0.5) / 1100,
            "sum for mean": lambda x: 2 * weights * (x - 0.5),
            "one entry zero": lambda x: but(2 * weights * (x - 0.5) / 1100, 5, 0),
            "weights missing": lambda x: 2 * (x - 0.5) / 1100,
        },
    )
