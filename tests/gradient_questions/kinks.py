"""Kinks, places beside them, cusps and jumps.

At a kink an element of Clarke's subdifferential is right: the slopes to both sides and what lies between, at a tie of a maximum shares that add up to one.
Beside a kink, however near, f is differentiable, and its one slope alone is right. At a jump and at a cusp of infinite slopes there is no derivative, so that
whatever is claimed is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Question, asked, constant

FAMILY, BESIDE, WITHOUT = "kinks", "beside kinks", "cusps and jumps"


def relu_sum(x: Any) -> Any:
    return np.sum(np.maximum(x, 0))


def kinks() -> Iterator[Question]:
    yield from asked(
        FAMILY,
        "relu at 0",
        relu_sum,
        [-1.0, 0.0, 1.0],
        {f"slope {at}": constant(0, at, 1) for at in (0, 1, 0.5)},
        {f"slope {at}": constant(0, at, 1) for at in (7, -1, 1.5)} | {"the other entry zero": constant(0, 0.5, 0)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "leaky relu at 0",
        lambda x: np.sum(np.where(x > 0, x, 0.3 * x)),
        [0.0, -2.0],
        {"left slope": constant(0.3, 0.3), "right slope": constant(1, 0.3)},
        {"zero": constant(0, 0.3), "leak missing elsewhere": constant(1, 0)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "absolute values at 0",
        lambda x: np.sum(np.abs(x)),
        [0.0, 2.0, -3.0],
        {f"slope {at}": constant(at, 1, -1) for at in (0, 1, -1, 0.4)},
        {"slope 7": constant(7, 1, -1), "slope 1.1": constant(1.1, 1, -1), "signs missing": constant(0, 1, 1)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "maximum at a tie of two",
        np.max,
        [1.0, 1.0, 0.0],
        {"the first": constant(1, 0, 0), "the last": constant(0, 1, 0), "halves": constant(0.5, 0.5, 0)},
        {
            "one to both": constant(1, 1, 0),
            "zero to both": constant(0, 0, 0),
            "seven": constant(7, 0, 0),
            "one third to all": constant(1 / 3, 1 / 3, 1 / 3),
        },
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "max pooling at a tie in one window",
        lambda x: np.sum(np.array([2.0, -1]) * np.max(x.reshape(2, 3), axis=1)),
        [0.5, 3.0, 3.0, 1.0, 2.0, -1.0],
        {"the first": constant(0, 2, 0, 0, -1, 0), "halves": constant(0, 1, 1, 0, -1, 0)},
        {
            "all to both": constant(0, 2, 2, 0, -1, 0),
            "none": constant(0, 0, 0, 0, -1, 0),
            "other window zero": constant(0, 2, 0, 0, 0, 0),
        },
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "hinge at 1",
        lambda x: np.sum(np.maximum(0, 1 - np.array([1.0, -1, 1]) * x)),
        [1.0, 2.0, 0.25],
        {"left slope": constant(-1, 1, -1), "right slope": constant(0, 1, -1), "half": constant(-0.5, 1, -1)},
        {"sign": constant(1, 1, -1), "seven": constant(7, 1, -1), "another's sign": constant(0, -1, -1)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "huber's outer part at its corner, wrongly joined",
        lambda x: np.sum(np.where(np.abs(x) <= 1, x * x / 2, 2 * np.abs(x) - 1.5)),
        [1.0, 0.5],
        {"left slope": constant(1, 0.5), "right slope": constant(2, 0.5)},
        {"zero": constant(0, 0.5), "beyond": constant(2.5, 0.5)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "relu network with a dead unit at its kink",
        lambda w: np.sum(np.maximum(np.array([1.0, 2]) @ w, 0) * np.array([3.0, 1])),
        np.array([[2.0, 0.5], [-1.0, 1.0]]),
        {"none": constant(0, 1, 0, 2), "all": constant(3, 1, 6, 2), "half": constant(1.5, 1, 3, 2)},
        {"inconsistent": constant(3, 1, 0, 2), "sign": constant(-3, 1, -6, 2), "live unit zero": constant(0, 0, 0, 0)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "norm at 0",
        lambda x: np.sqrt(np.sum(x * x)),
        [0.0, 0.0],
        {"zero": constant(0, 0), "a unit vector": constant(0.6, 0.8)},
        {"longer than one": constant(1, 1), "seven": constant(7, 0)},
        ground="kink",
    )


def beside() -> Iterator[Question]:
    for distance in (1e-12, 1e-9, 1e-6, 1e-3):
        yield from asked(
            BESIDE,
            f"relu(x - 1), {distance:.0e} above its kink",
            lambda x: np.sum(np.maximum(x - 1, 0)),
            [1 + distance, 3.0],
            {"one": constant(1, 1)},
            {"zero": constant(0, 1), "half": constant(0.5, 1)},
        )
        yield from asked(
            BESIDE,
            f"relu, {distance:.0e} below its kink at 0",
            relu_sum,
            [-distance, 2.0],
            {"zero": constant(0, 1)},
            {"one": constant(1, 1), "half": constant(0.5, 1)},
        )
        yield from asked(
            BESIDE,
            f"maximum, {distance:.0e} beside a tie",
            np.max,
            [1.0, 1 + distance, 0.0],
            {"the larger": constant(0, 1, 0)},
            {"the other": constant(1, 0, 0), "halves": constant(0.5, 0.5, 0)},
        )
        yield from asked(
            BESIDE,
            f"absolute value and a curve, {distance:.0e} above its kink",
            lambda x: np.sum(np.abs(x) + np.sin(x)),
            [distance, 0.7],
            {"right": lambda x: 1 + np.cos(x)},
            {
                "slope of the other side": lambda x: np.array([-1, 1]) + np.cos(x),
                "middle": lambda x: np.array([0, 1]) + np.cos(x),
            },
        )


def without() -> Iterator[Question]:
    yield from asked(
        WITHOUT,
        "root of |x| at 0",
        lambda x: np.sum(np.sqrt(np.abs(x))),
        [0.0, 0.0],
        {},
        {"zero": constant(0, 0), "one": constant(1, 1)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "root of |x| at 0 in one entry",
        lambda x: np.sum(np.sqrt(np.abs(x))),
        [0.0, 4.0],
        {},
        {"zero there": constant(0, 0.25)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "|x| to the power 2/3 at 0",
        lambda x: np.sum(np.abs(x) ** (2 / 3)),
        [0.0],
        {},
        {"zero": constant(0), "two thirds": constant(2 / 3)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "cube root at 0",
        lambda x: np.sum(np.sign(x) * np.abs(x) ** (1 / 3)),
        [0.0],
        {},
        {"zero": constant(0), "one": constant(1)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "|x| to the power 1.5 at 0",
        lambda x: np.sum(np.abs(x) ** 1.5),
        [0.0, 0.0],
        {"zero": constant(0, 0)},
        {"one and a half": constant(1.5, 1.5), "one": constant(1, 0)},
    )
    yield from asked(
        WITHOUT,
        "floor at an integer",
        lambda x: np.sum(np.floor(x)),
        [2.0, 1.2],
        {},
        {"zero": constant(0, 0), "one": constant(1, 1)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "floor and x at an integer",
        lambda x: np.sum(np.floor(x) + x),
        [2.0, 1.2],
        {},
        {"one": constant(1, 1), "two": constant(2, 2)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "sign at 0",
        lambda x: np.sum(np.sign(x)),
        [0.0],
        {},
        {"zero": constant(0), "one": constant(1)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "step and a smooth function",
        lambda x: np.sum(np.where(x >= 0, 1, 0) + np.sin(x)),
        [0.0, 0.5],
        {},
        {"that of the smooth one": np.cos},
        ground="none",
    )
    weights = np.array([2.0, -1.0, 0.5])
    yield from asked(
        WITHOUT,
        "accuracy of a classifier at its threshold",
        lambda x: np.sum(np.where(np.array([[1.0, 0, 0], [2, 4, 0], [1, 1, 1]]) @ x > 0, 1.0, 0.0)) / 3,
        weights,
        {},
        {"zero": constant(0, 0, 0)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "x² sin(1/x) at 0",
        lambda x: np.sum(np.where(x == 0, 0 * x, x * x * np.sin(1 / np.where(x == 0, 1 + 0 * x, x)))),
        [0.0],
        {"zero": constant(0)},
        {"one": constant(1), "minus one": constant(-1), "seven": constant(7)},
    )
    yield from asked(
        WITHOUT,
        "|x| sin(1/x) at 0",
        lambda x: np.sum(np.where(x == 0, 0 * x, np.abs(x) * np.sin(1 / np.where(x == 0, 1 + 0 * x, x)))),
        [0.0],
        {},
        {"zero": constant(0), "one": constant(1)},
        ground="none",
    )
    yield from asked(
        WITHOUT,
        "wrong elsewhere than at the jump",
        lambda x: np.sum(np.floor(x)) + np.sum(x * x),
        [2.0, 1.2, 0.7],
        {},
        {"factor 2 missing": lambda x: x},
        ground="none",
    )


def questions() -> Iterator[Question]:
    for part in (kinks, beside, without):
        yield from part()
