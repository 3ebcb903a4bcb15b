"""Stairs and oscillation: what a function does on a scale that some steps leap over.

Rounding that the program asks for, to integers, to levels of 8 bits or to 3 decimals, is a part of the function: it is constant around x, and its gradient is 0.
Rounding that only happens, because 1 - sigmoid(x) is a small difference of large numbers, is not: there the truth is that of the real numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Question, asked, constant, drawn, sigmoid

FAMILY, OSCILLATION = "stairs", "oscillation"


def quantised(x: Any, step: float) -> Any:
    return np.rint(x / step) * step


def stairs() -> Iterator[Question]:
    yield from asked(
        FAMILY,
        "round",
        lambda x: np.sum(np.rint(x)),
        [0.4, 1.3, -2.2],
        {"zero": constant(0, 0, 0)},
        {"straight through": constant(1, 1, 1)},
    )
    yield from asked(
        FAMILY,
        "round, of large numbers",
        lambda x: np.sum(np.rint(x)),
        [1234.3, -4567.8],
        {"zero": constant(0, 0)},
        {"straight through": constant(1, 1)},
        hard=True,
    )
    yield from asked(
        FAMILY,
        "floor, of numbers that are no integers",
        lambda x: np.sum(np.floor(x) * np.array([1.0, 2, 3])),
        [0.4, 3.3, -2.2],
        {"zero": constant(0, 0, 0)},
        {"weights": constant(1, 2, 3)},
    )
    inputs, above = drawn(301, 5, 3), drawn(302, 5)

    def weights(bits: int, step: float) -> Iterator[Question]:
        yield from asked(
            FAMILY,
            f"weights of {bits} bits",
            lambda w: np.sum(above * np.tanh(inputs @ quantised(w, step))),
            [0.4, -0.81, 0.113],
            {"zero": constant(0, 0, 0)},
            {"straight through": lambda w: inputs.T @ (above * (1 - np.tanh(inputs @ quantised(w, step)) ** 2))},
            hard=bits == 8,
        )

    yield from weights(4, 1 / 7)
    yield from weights(8, 1 / 127)
    yield from asked(
        FAMILY,
        "weights of 8 bits, straight through and x besides",
        lambda w: np.sum(quantised(w, 1 / 127) + w * w),
        [0.4, -0.81, 0.113],
        {"squares alone": lambda w: 2 * w},
        {"straight through": lambda w: 1 + 2 * w, "factor 2 missing": lambda w: w},
        hard=("squares alone", "straight through"),
    )
    yield from asked(
        FAMILY,
        "loss rounded to 3 decimals",
        lambda x: np.rint(1000 * np.mean((x - 0.3) ** 2)) / 1000,
        [0.5, 1.2, -0.4],
        {"zero": constant(0, 0, 0)},
        {"of the loss that is rounded": lambda x: 2 * (x - 0.3) / 3, "that, without factor 2": lambda x: (x - 0.3) / 3},
        hard=("zero", "of the loss that is rounded"),
    )
    yield from asked(
        FAMILY,
        "sum of signs and a smooth function",
        lambda x: np.sum(np.sign(x) + np.sin(x)),
        [0.4, -1.3],
        {"that of the smooth one": np.cos},
        {"sine": np.sin, "one more": lambda x: 1 + np.cos(x)},
    )
    for v in (20.0, 28.0, 30.0, 33.0, 36.0):
        yield from asked(
            FAMILY,
            f"-log(1 - sigmoid(x)) at {v:g}",
            lambda x: np.sum(-np.log(1 - sigmoid(x))),
            [v],
            {"right": sigmoid},
            {"zero": constant(0), "sign": lambda x: -sigmoid(x)},
            hard=("right", "zero") if v > 20 else False,
        )
    yield from asked(
        FAMILY,
        "log(1 + exp(x)) at -33",
        lambda x: np.sum(np.log(1 + np.exp(x))),
        [-33.0],
        {"right": sigmoid},
        {"zero": constant(0), "sign": lambda x: -sigmoid(x)},
        hard=("right", "zero"),
    )
    yield from asked(
        FAMILY,
        "1 - cos(x) at 1e-7",
        lambda x: np.sum(1 - np.cos(x)),
        [1e-7],
        {"right": np.sin},
        {"sign": lambda x: -np.sin(x)},
    )


def oscillation() -> Iterator[Question]:
    def ripple(height: float, pace: float) -> Iterator[Question]:
        yield from asked(
            OSCILLATION,
            f"x + {height:.0e} sin({pace:.0e} x)",
            lambda x: np.sum(x + height * np.sin(pace * x)),
            [0.75, -0.3125],
            {"right": lambda x: 1 + height * pace * np.cos(pace * x)},
            {
                "oscillation missing": lambda x: 1 + 0 * x,
                "pace missing": lambda x: 1 + height * np.cos(pace * x),
                "sine": lambda x: 1 + height * pace * np.sin(pace * x),
            },
        )

    for height, pace in ((1e-3, 1e6), (1e-9, 1e12), (1e-6, 1e4)):
        yield from ripple(height, pace)
    yield from asked(
        OSCILLATION,
        "sin(1e6 x)",
        lambda x: np.sum(np.sin(1e6 * x)),
        [0.7, -1.3, 0.21],
        {"right": lambda x: 1e6 * np.cos(1e6 * x)},
        {"pace missing": lambda x: np.cos(1e6 * x), "sign": lambda x: -1e6 * np.cos(1e6 * x), "zero": lambda x: 0 * x},
    )
    yield from asked(
        OSCILLATION,
        "sin(1/x) at 1e-4",
        lambda x: np.sum(np.sin(1 / x)),
        [1.0e-4, 0.5],
        {"right": lambda x: -np.cos(1 / x) / x**2},
        {"sign": lambda x: np.cos(1 / x) / x**2, "inner slope missing": lambda x: np.cos(1 / x)},
    )
    yield from asked(
        OSCILLATION,
        "x² and a wave that is 0 at every multiple of 0.01",
        lambda x: np.sum(x * x + 0.1 * np.sin(100 * np.pi * x)),
        [0.25, 0.5],
        {"right": lambda x: 2 * x + 10 * np.pi * np.cos(100 * np.pi * x)},
        {"wave missing": lambda x: 2 * x},
    )


def questions() -> Iterator[Question]:
    yield from stairs()
    yield from oscillation()
