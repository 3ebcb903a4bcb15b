"""Narrow formats: functions computed in float32 or float16 inside, or that return float32; and x itself in float32. The truth is that without rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Function, Question, asked, drawn, sigmoid, softplus

FAMILY = "narrow formats"
X = drawn(501, 5)
#: Every format holds them exactly.
MATRIX, TARGET = (each.astype(np.float16).astype(np.float64) for each in (drawn(502, 6, 5), drawn(503, 6)))


def inside(f: Function, dtype: Any) -> Function:
    """f as a program that computes in another format, and returns what it does as a double."""
    return lambda x: float(f(x.astype(dtype)))


def sines(x: Any) -> Any:
    return np.sum(np.sin(x))


def squares(x: Any) -> Any:
    # The data in the format of x, if that is one.
    matrix, target = (each if x.dtype == object else each.astype(x.dtype) for each in (MATRIX, TARGET))
    return np.sum((matrix @ x - target) ** 2) / 2


def squares_gradient(x: Any) -> Any:
    return MATRIX.T @ (MATRIX @ x - TARGET)


def logistic(x: Any) -> Any:
    return np.sum(softplus(3 * x))


def logistic_gradient(x: Any) -> Any:
    return 3 * sigmoid(3 * x)


def of_formats(name: str, f: Function, gradient: Function, wrong: dict[str, Function]) -> Iterator[Question]:
    right = {"right": gradient}
    yield from asked(FAMILY, f"{name} in float32 inside", inside(f, np.float32), X, right, wrong, meant=f)
    # Half precision leaves two digits of a slope: enough for what is plainly wrong.
    half = inside(f, np.float16)
    yield from asked(FAMILY, f"{name} in float16 inside", half, X, right, wrong, meant=f, hard=("right",))
    yield from asked(FAMILY, f"{name}, returned in float32", lambda x: np.float32(f(x)), X, right, wrong, meant=f)
    yield from asked(FAMILY, f"{name} of x in float32", f, X.astype(np.float32), right, wrong, meant=f)


def questions() -> Iterator[Question]:
    yield from of_formats(
        "sines",
        sines,
        np.cos,
        {
            "sign": lambda x: -np.cos(x),
            "value for slope": np.sin,
            "last entry zero": lambda x: np.cos(x) * (np.arange(5) < 4),
        },
    )
    yield from of_formats(
        "squares",
        squares,
        squares_gradient,
        {"factor 2 too much": lambda x: 2 * squares_gradient(x), "targets missing": lambda x: MATRIX.T @ (MATRIX @ x)},
    )
    yield from of_formats(
        "softplus",
        logistic,
        logistic_gradient,
        {"inner slope missing": lambda x: sigmoid(3 * x), "inner factor missing": lambda x: 3 * sigmoid(x)},
    )
    yield from asked(
        FAMILY,
        "tanh in float32, added up in float64",
        lambda x: np.sum(np.tanh(x.astype(np.float32)), dtype=np.float64),
        X,
        {"right": lambda x: 1 - np.tanh(x) ** 2},
        {"square missing": lambda x: 1 - np.tanh(x), "value": np.tanh},
        meant=lambda x: np.sum(np.tanh(x)),
    )
    yield from asked(
        FAMILY,
        "part in float32, part in float64",
        lambda x: np.sum(x * x) + float(np.sum(np.exp(x.astype(np.float32)))),
        X,
        {"right": lambda x: 2 * x + np.exp(x)},
        {"narrow part missing": lambda x: 2 * x, "wide part missing": np.exp},
        meant=lambda x: np.sum(x * x + np.exp(x)),
        # Its finest steps show what a function with stairs so small would show.
        hard=("right", "narrow part missing"),
    )
    for v in (4.0, 8.0, 12.0):
        yield from asked(
            FAMILY,
            f"-log(1 - sigmoid(x)) in float32 at {v:g}",
            lambda x: np.float32(np.sum(-np.log(np.float32(1) - sigmoid(x)))),
            np.array([v], np.float32),
            {"right": sigmoid},
            {"zero": lambda x: 0 * x, "sign": lambda x: -sigmoid(x)},
            meant=lambda x: np.sum(-np.log(1 - sigmoid(x))),
            hard=("right", "zero") if v > 8 else False,
        )
    yield from asked(
        FAMILY,
        "relu of x in float32, at its kink",
        lambda x: np.sum(np.maximum(x, 0)),
        np.array([0.0, 1.5, -2.0], np.float32),
        {"zero": lambda x: np.array([0, 1, 0], np.float32), "one": lambda x: np.array([1, 1, 0], np.float32)},
        {"seven": lambda x: np.array([7, 1, 0], np.float32), "path missing": lambda x: np.array([0, 0, 0], np.float32)},
        ground="kink",
    )
    yield from asked(
        FAMILY,
        "1e4 + sines of x in float32",
        lambda x: np.float32(1e4) + np.sum(np.sin(x)),
        X.astype(np.float32),
        {"right": np.cos},
        {"sign": lambda x: -np.cos(x)},
        meant=lambda x: 1e4 + np.sum(np.sin(x)),
        hard=("right",),
    )
    yield from asked(
        FAMILY,
        "gradient rounded to float16",
        sines,
        X,
        {"right": lambda x: np.cos(x).astype(np.float16)},
        {"sign": lambda x: -np.cos(x).astype(np.float16)},
    )
    yield from asked(
        FAMILY,
        "gradient rounded to float32",
        squares,
        X,
        {"right": lambda x: squares_gradient(x).astype(np.float32)},
        {"factor 2 too much": lambda x: 2 * squares_gradient(x).astype(np.float32)},
    )
