"""Noise: jitter of a smooth function, losses of drawn samples, solvers that stop at a tolerance. The truth is that of the function without it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Array, Function, Question, asked, drawn

FAMILY = "noise"


def jitter(x: Array) -> float:
    """A number in -1 to 1 that hangs on every bit of x."""
    digest = hashlib.blake2b(np.ascontiguousarray(x).tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**63 - 1


def jittered(f: Function, relative: float) -> Function:
    return lambda x: f(x) * (1 + relative * jitter(x))


def wave(x: Any) -> Any:
    return 3 + np.sum(np.sin(x) * np.exp(x / 4))


def wave_gradient(x: Any) -> Any:
    return (np.cos(x) + np.sin(x) / 4) * np.exp(x / 4)


MATRIX, TARGET = drawn(401, 6, 4), drawn(402, 6)


def squares(x: Any) -> Any:
    return np.sum((MATRIX @ x - TARGET) ** 2)


def squares_gradient(x: Any) -> Any:
    return 2 * MATRIX.T @ (MATRIX @ x - TARGET)


def jitters() -> Iterator[Question]:
    x = np.array([0.3, -1.2, 2.1, 0.9])
    for relative in (1e-12, 1e-9, 1e-6):
        yield from asked(
            FAMILY,
            f"wave with a jitter of {relative:.0e}",
            jittered(wave, relative),
            x,
            {"right": wave_gradient},
            {
                "second term missing": lambda x: np.cos(x) * np.exp(x / 4),
                "sign": lambda x: -wave_gradient(x),
                "last entry zero": lambda x: wave_gradient(x) * (np.arange(4) < 3),
                "off by 1e-6": lambda x: (1 + 1e-6) * wave_gradient(x),
            },
            meant=wave,
            hard=("off by 1e-6",) if relative > 1e-9 else False,
        )
        yield from asked(
            FAMILY,
            f"squares with a jitter of {relative:.0e}",
            jittered(squares, relative),
            x,
            {"right": squares_gradient},
            {"factor 2 missing": lambda x: squares_gradient(x) / 2, "sign": lambda x: -squares_gradient(x)},
            meant=squares,
        )


def samples() -> Iterator[Question]:
    draws = drawn(403, 200, 3)

    def loss(v: Any) -> Any:
        mean, log_deviation = v[:3], v[3:]
        return np.mean(np.sum((mean + np.exp(log_deviation) * draws) ** 4, axis=1))

    def gradient(v: Any, inner: bool = True) -> Any:
        mean, deviation = v[:3], np.exp(v[3:])
        cubes = 4 * (mean + deviation * draws) ** 3
        by_deviation = cubes * draws * (deviation if inner else 1)
        return np.concatenate([np.mean(cubes, axis=0), np.mean(by_deviation, axis=0)])

    def expected(v: Any) -> Any:
        # That of the expectation: E(m + s z)^4 = m^4 + 6 m²s² + 3 s^4.
        mean, deviation = v[:3], np.exp(v[3:])
        return np.concatenate(
            [4 * mean**3 + 12 * mean * deviation**2, (12 * mean**2 * deviation + 12 * deviation**3) * deviation]
        )

    yield from asked(
        FAMILY,
        "Monte Carlo loss of a fixed seed",
        lambda v: loss(v) if v.dtype == object else redrawn(v),
        [0.5, -0.2, 1.1, -0.3, 0.1, -0.8],
        {"right": gradient},
        {
            "slope of the exponential missing": lambda v: gradient(v, inner=False),
            "of the expectation": expected,
            "means alone": lambda v: gradient(v) * (np.arange(6) < 3),
        },
    )

    def threshold(x: Any) -> Any:
        return np.mean(np.where(draws[:, 0] < x[0], 1.0, 0.0))

    yield from asked(
        FAMILY,
        "share of fixed draws below x",
        threshold,
        [0.3],
        {"zero": lambda x: 0 * x},
        {"density": lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi)},
        hard=True,
    )


def redrawn(v: Array) -> Any:
    """The loss, whose draws are made anew at each call from the same seed."""
    noise = np.random.default_rng(403).standard_normal((200, 3))
    return np.mean(np.sum((v[:3] + np.exp(v[3:]) * noise) ** 4, axis=1))


def solvers() -> Iterator[Question]:
    def fixed_point(x: Array) -> Any:
        y = np.zeros_like(x)
        while True:
            new = np.cos(y) / 2 + x
            if np.max(np.abs(new - y)) < 1e-8:
                return np.sum(new * new)
            y = new

    def to_the_end(x: Any) -> Any:
        y = 0 * x
        for _ in range(400):
            y = np.cos(y) / 2 + x
        return np.sum(y * y)

    def solution(x: Any) -> Any:
        y = 0 * x
        for _ in range(100):
            y = np.cos(y) / 2 + x
        return y

    yield from asked(
        FAMILY,
        "fixed point y = cos(y) / 2 + x, to 1e-8",
        fixed_point,
        [0.4, -0.7, 1.3],
        {"right": lambda x: 2 * solution(x) / (1 + np.sin(solution(x)) / 2)},
        {
            "one step alone": lambda x: 2 * solution(x),
            "sign inside": lambda x: 2 * solution(x) / (1 - np.sin(solution(x)) / 2),
            "factor 2 missing": lambda x: solution(x) / (1 + np.sin(solution(x)) / 2),
        },
        meant=to_the_end,
    )

    def newton(x: Array) -> Any:
        y = np.ones_like(x)
        while np.max(np.abs(y**3 + y - x)) > 1e-8:
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
        return np.sum(np.exp(-y))

    def root(x: Any, steps: int = 40) -> Any:
        y = 0 * x + 1
        for _ in range(steps):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
        return y

    yield from asked(
        FAMILY,
        "root of y³ + y = x by Newton, to 1e-8",
        newton,
        [0.4, 5.0, 1.3],
        {"right": lambda x: -np.exp(-root(x)) / (3 * root(x) ** 2 + 1)},
        {
            "solver's slope missing": lambda x: -np.exp(-root(x)),
            "sign": lambda x: np.exp(-root(x)) / (3 * root(x) ** 2 + 1),
            "square missing": lambda x: -np.exp(-root(x)) / (3 * root(x) + 1),
        },
        meant=lambda x: np.sum(np.exp(-root(x))),
    )

    def bisected(x: Array) -> Any:
        low, high = np.zeros_like(x), np.full_like(x, 4.0)
        while np.max(high - low) > 1e-8:
            middle = (low + high) / 2
            below = middle**3 + middle < x
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.sum(low + high) / 2

    yield from asked(
        FAMILY,
        "root of y³ + y = x by bisection, to 1e-8",
        bisected,
        [0.4, 5.0, 1.3],
        {"right": lambda x: 1 / (3 * root(x) ** 2 + 1)},
        {"zero": lambda x: 0 * x, "sign": lambda x: -1 / (3 * root(x) ** 2 + 1)},
        meant=lambda x: np.sum(root(x)),
        hard=("right", "zero"),
    )

    symmetric = MATRIX.T @ MATRIX

    def power_iteration(x: Array) -> Any:
        a, v = symmetric + np.diag(x), np.ones(4) / 2
        value = 0.0
        while True:
            v = a @ v / np.sqrt(np.sum((a @ v) ** 2))
            old, value = value, v @ a @ v
            if abs(value - old) < 1e-8 * abs(value):
                return value

    def eigenvector(x: Array) -> Array:
        found: Array = np.linalg.eigh(symmetric + np.diag(x))[1][:, -1]
        return found

    def largest(x: Any) -> Any:
        a, v = symmetric + np.where(np.eye(4) > 0, x, 0 * x), np.ones(4) / 2
        for _ in range(300):
            v = a @ v
            v = v / np.sqrt(np.sum(v * v))
        return v @ a @ v

    yield from asked(
        FAMILY,
        "largest eigenvalue by iteration, to 1e-8",
        power_iteration,
        [0.4, 1.0, -0.3, 0.8],
        {"right": lambda x: eigenvector(x) ** 2},
        {
            "not squared": lambda x: np.abs(eigenvector(x)),
            "of the smallest": lambda x: np.linalg.eigh(symmetric + np.diag(x))[1][:, 0] ** 2,
            "twice": lambda x: 2 * eigenvector(x) ** 2,
        },
        meant=largest,
        hard=("right",),  # for so many iterations the slope differs a little
    )


def questions() -> Iterator[Question]:
    for part in (jitters, samples, solvers):
        yield from part()
