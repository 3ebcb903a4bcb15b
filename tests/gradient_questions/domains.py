"""Ends of a domain: near them f is steep or curved, and beyond them it raises an error or is nan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Question, asked

FAMILY = "ends of a domain"


def logarithm(x: Any) -> Any:
    if np.any(x <= 0):
        raise ValueError("x: expected positive numbers")
    return np.log(x)


def root(x: Any) -> Any:
    if np.any(x < 0):
        raise ValueError("x: expected numbers that are not negative")
    return np.sqrt(x)


def logarithms(v: float) -> Iterator[Question]:
    yield from asked(
        FAMILY,
        f"log at {v:.0e}, an error beyond",
        lambda x: np.sum(logarithm(x)),
        [v],
        {"right": lambda x: 1 / x},
        {"clipped": lambda x: 1 / np.maximum(x, 2 * v), "value for slope": np.log, "sign": lambda x: -1 / x},
    )
    yield from asked(
        FAMILY,
        f"log at {v:.0e} and 2, nan beyond",
        lambda x: np.sum(np.log(x)),
        [v, 2.0],
        {"right": lambda x: 1 / x},
        {
            "zero near the end": lambda x: np.where(x < 1e-7, 0, 1 / x),
            "square": lambda x: 1 / np.maximum(x, 1e-150) ** 2,
        },
    )


def questions() -> Iterator[Question]:
    for v in (1e-10, 1e-300):
        yield from logarithms(v)
    yield from asked(
        FAMILY,
        "log(x + 1e-8) at 1e-10",
        lambda x: np.sum(np.log(x + 1e-8)),
        [1e-10, 0.3],
        {"right": lambda x: 1 / (x + 1e-8)},
        {"guard missing": lambda x: 1 / x, "guard ten times": lambda x: 1 / (x + 1e-7)},
    )
    yield from asked(
        FAMILY,
        "sqrt at 1e-12, an error beyond",
        lambda x: np.sum(root(x)),
        [1e-12, 4.0],
        {"right": lambda x: 0.5 / np.sqrt(x)},
        {
            "half missing": lambda x: 1 / np.sqrt(x),
            "multiplied": lambda x: 0.5 * np.sqrt(x),
            "guarded": lambda x: 0.5 / (np.sqrt(x) + 1e-8),
        },
    )
    yield from asked(
        FAMILY,
        "arcsin at 1 - 1e-12",
        lambda x: np.sum(np.arcsin(x)),
        [1 - 1e-12, 0.5],
        {"right": lambda x: 1 / np.sqrt((1 - x) * (1 + x))},
        {
            "root missing": lambda x: 1 / ((1 - x) * (1 + x)),
            "sign, as of arccos": lambda x: -1 / np.sqrt((1 - x) * (1 + x)),
            "as of arctan": lambda x: 1 / (1 + x * x),
        },
    )
    yield from asked(
        FAMILY,
        "arccosh at 1 + 1e-9",
        lambda x: np.sum(np.arccosh(x)),
        [1 + 1e-9, 3.0],
        {"right": lambda x: 1 / np.sqrt((x - 1) * (x + 1))},
        {"as of arcsinh": lambda x: 1 / np.sqrt(x * x + 1), "half": lambda x: 0.5 / np.sqrt((x - 1) * (x + 1))},
    )
    yield from asked(
        FAMILY,
        "log1p at -1 + 1e-9",
        lambda x: np.sum(np.log1p(x)),
        [-1 + 1e-9, 0.5],
        {"right": lambda x: 1 / (1 + x)},
        {
            "as of log": lambda x: 1 / x,
            "sign": lambda x: -1 / (1 + x),
            "zero near the end": lambda x: np.where(x < 0, 0, 1 / (1 + x)),
        },
    )
    yield from asked(
        FAMILY,
        "entropy near 0, an error beyond",
        lambda x: -np.sum(x * logarithm(x)),
        [1e-8, 0.3, 0.7],
        {"right": lambda x: -1 - np.log(x)},
        {"one missing": lambda x: -np.log(x), "sign of one": lambda x: 1 - np.log(x), "sign": lambda x: 1 + np.log(x)},
    )
    bits = np.array([1.0, 0, 1])

    def of_probabilities(p: Any) -> Any:
        return (p - bits) / (p * (1 - p)) / 3

    yield from asked(
        FAMILY,
        "cross-entropy of probabilities near 0 and 1",
        lambda p: -np.mean(bits * np.log(p) + (1 - bits) * np.log1p(-p)),
        [1e-7, 1e-3, 1 - 1e-7],
        {"right": of_probabilities},
        {
            "as if of the logits": lambda p: (p - bits) / 3,
            "clipped at 1e-5": lambda p: of_probabilities(np.clip(p, 1e-5, 1 - 1e-5)),
            "sum for mean": lambda p: (p - bits) / (p * (1 - p)),
        },
    )
    yield from asked(
        FAMILY,
        "1/x near 0",
        lambda x: np.sum(1 / x),
        [1e-6, -1e-3, 2.0],
        {"right": lambda x: -1 / x**2},
        {"sign": lambda x: 1 / x**2, "square missing": lambda x: -1 / x},
    )
    yield from asked(
        FAMILY,
        "exp near the largest double",
        lambda x: np.sum(np.exp(x)),
        [709.0],
        {"right": np.exp},
        {"half": lambda x: np.exp(x) / 2, "sign": lambda x: -np.exp(x)},
    )
