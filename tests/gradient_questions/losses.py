"""Losses and penalties, with respect to what is predicted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .question import Question, asked, drawn, log_softmax, sigmoid, softmax, softplus

FAMILY = "losses"

#: Logits of five examples in four classes; labels, also as rows of the unit matrix; real targets; targets of 0 and 1.
Z, LABELS, TARGETS = 2 * drawn(101, 5, 4), np.array([0, 3, 1, 1, 2]), drawn(102, 8)
ONE_HOT = np.eye(4)[LABELS]
BITS = np.array([0.0, 1, 1, 0, 1, 0, 0, 1])
P = 1.3 * drawn(103, 8)
SIGNS = 2 * BITS - 1


def of_classes() -> Iterator[Question]:
    yield from asked(
        FAMILY,
        "cross_entropy_one_hot",
        lambda z: -np.mean(np.sum(ONE_HOT * log_softmax(z), axis=1)),
        Z,
        {"right": lambda z: (softmax(z) - ONE_HOT) / 5},
        {
            "sum for mean": lambda z: softmax(z) - ONE_HOT,
            "sign": lambda z: (ONE_HOT - softmax(z)) / 5,
            "mean over all entries": lambda z: (softmax(z) - ONE_HOT) / 20,
            "targets missing": lambda z: softmax(z) / 5,
        },
    )
    yield from asked(
        FAMILY,
        "cross_entropy_labels",
        lambda z: -np.mean(log_softmax(z)[np.arange(5), LABELS]),
        Z,
        {"right": lambda z: (softmax(z) - ONE_HOT) / 5},
        {
            "labels one off": lambda z: (softmax(z) - np.roll(ONE_HOT, 1, axis=1)) / 5,
            "last example missing": lambda z: (softmax(z) - ONE_HOT) * (np.arange(5) < 4)[:, None] / 5,
            "softmax over the batch": lambda z: (softmax(z.T).T - ONE_HOT) / 5,
            "others' share missing": lambda z: (softmax(z) - 1) * ONE_HOT / 5,
        },
    )
    smoothed = 0.9 * ONE_HOT + 0.1 / 4
    yield from asked(
        FAMILY,
        "label_smoothing",
        lambda z: -np.mean(np.sum(smoothed * log_softmax(z), axis=1)),
        Z,
        {"right": lambda z: (softmax(z) - smoothed) / 5},
        {
            "not smoothed": lambda z: (softmax(z) - ONE_HOT) / 5,
            "smoothed over the others": lambda z: (softmax(z) - (0.9 * ONE_HOT + 0.1 / 3 * (1 - ONE_HOT))) / 5,
            "share of the others missing": lambda z: (softmax(z) - 0.9 * ONE_HOT) / 5,
        },
    )
    weights = drawn(104, 5, 4)
    yield from asked(
        FAMILY,
        "log_softmax",
        lambda z: np.sum(weights * log_softmax(z)),
        Z,
        {"right": lambda z: weights - softmax(z) * np.sum(weights, axis=1, keepdims=True)},
        {
            "sum not kept": lambda z: weights - softmax(z),
            "diagonal alone": lambda z: weights * (1 - softmax(z)),
            "summed over the batch": lambda z: weights - softmax(z) * np.sum(weights, axis=0),
        },
    )
    yield from asked(
        FAMILY,
        "logsumexp",
        lambda z: np.sum(np.max(z, axis=1) + np.log(np.sum(np.exp(z - np.max(z, axis=1, keepdims=True)), axis=1))),
        Z,
        {"right": softmax},
        {
            "the maximum alone": lambda z: (z == np.max(z, axis=1, keepdims=True)) * 1.0,
            "path of the maximum twice": lambda z: softmax(z) + (z == np.max(z, axis=1, keepdims=True)),
            "over the other axis": lambda z: softmax(z.T).T,
        },
    )
    probabilities = softmax(drawn(105, 5, 4))
    yield from asked(
        FAMILY,
        "kl_divergence",
        lambda z: np.mean(np.sum(probabilities * (np.log(probabilities) - log_softmax(z)), axis=1)),
        Z,
        {"right": lambda z: (softmax(z) - probabilities) / 5},
        {
            "other direction": lambda z: (
                softmax(z)
                * (
                    log_softmax(z)
                    - np.log(probabilities)
                    - np.sum(softmax(z) * (log_softmax(z) - np.log(probabilities)), axis=1, keepdims=True)
                )
                / 5
            ),
            "as if of the log-probabilities": lambda z: -probabilities / 5,
            "mean over all entries": lambda z: (softmax(z) - probabilities) / 20,
        },
    )


def of_bits() -> Iterator[Question]:
    yield from asked(
        FAMILY,
        "binary_cross_entropy_with_logits",
        lambda z: np.mean(softplus(z) - z * BITS),
        P,
        {"right": lambda z: (sigmoid(z) - BITS) / 8},
        {
            "slope of sigmoid once more": lambda z: (sigmoid(z) - BITS) * sigmoid(z) * (1 - sigmoid(z)) / 8,
            "sum for mean": lambda z: sigmoid(z) - BITS,
            "logits for probabilities": lambda z: (z - BITS) / 8,
        },
    )

    def focal(z: Any) -> Any:
        q = sigmoid(SIGNS * z)
        return -np.mean((1 - q) ** 2 * np.log(q))

    def focal_gradient(z: Any, weight: float = 1.0, power: float = 2.0) -> Any:
        q = sigmoid(SIGNS * z)
        return SIGNS * (weight * power * (1 - q) ** 2 * q * np.log(q) - (1 - q) ** 3) / 8

    yield from asked(
        FAMILY,
        "focal",
        focal,
        P,
        {"right": focal_gradient},
        {
            "slope of the weight missing": lambda z: focal_gradient(z, weight=0),
            "sign of the slope of the weight": lambda z: focal_gradient(z, weight=-1),
            "power missing": lambda z: focal_gradient(z, power=1),
        },
    )
    yield from asked(
        FAMILY,
        "hinge",
        lambda z: np.mean(np.maximum(0, 1 - SIGNS * z)),
        P,
        {"right": lambda z: -SIGNS * (SIGNS * z < 1) / 8},
        {
            "condition at 0": lambda z: -SIGNS * (SIGNS * z < 0) / 8,
            "sign": lambda z: SIGNS * (SIGNS * z < 1) / 8,
            "condition missing": lambda z: -SIGNS / 8,
        },
    )
    yield from asked(
        FAMILY,
        "squared_hinge",
        lambda z: np.mean(np.maximum(0, 1 - SIGNS * z) ** 2),
        P,
        {"right": lambda z: -2 * SIGNS * np.maximum(0, 1 - SIGNS * z) / 8},
        {
            "factor 2 missing": lambda z: -SIGNS * np.maximum(0, 1 - SIGNS * z) / 8,
            "targets missing": lambda z: -2 * np.maximum(0, 1 - SIGNS * z) / 8,
            "slope of hinge": lambda z: -SIGNS * (SIGNS * z < 1) / 8,
        },
    )
    yield from asked(
        FAMILY,
        "logistic",
        lambda z: np.sum(softplus(-SIGNS * z)),
        P,
        {"right": lambda z: -SIGNS * sigmoid(-SIGNS * z)},
        {
            "sigmoid of the margin": lambda z: -SIGNS * sigmoid(SIGNS * z),
            "outer targets missing": lambda z: -sigmoid(-SIGNS * z),
            "mean for sum": lambda z: -SIGNS * sigmoid(-SIGNS * z) / 8,
        },
    )

    def dice(z: Any) -> Any:
        p = sigmoid(z)
        return 1 - (2 * np.sum(p * BITS) + 1) / (np.sum(p) + np.sum(BITS) + 1)

    def dice_gradient(z: Any, second: float = 1.0, slope: bool = True) -> Any:
        p = sigmoid(z)
        below = np.sum(p) + np.sum(BITS) + 1
        of_p = -2 * BITS / below + second * (2 * np.sum(p * BITS) + 1) / below**2
        return of_p * p * (1 - p) if slope else of_p

    yield from asked(
        FAMILY,
        "dice",
        dice,
        P,
        {"right": dice_gradient},
        {
            "denominator held constant": lambda z: dice_gradient(z, second=0),
            "slope of sigmoid missing": lambda z: dice_gradient(z, slope=False),
            "sign of the second term": lambda z: dice_gradient(z, second=-1),
        },
    )


def of_numbers() -> Iterator[Question]:
    def d(x: Any) -> Any:
        return x - TARGETS

    yield from asked(
        FAMILY,
        "squared_error",
        lambda x: np.mean(d(x) ** 2),
        P,
        {"right": lambda x: 2 * d(x) / 8},
        {
            "factor 2 missing": lambda x: d(x) / 8,
            "sum for mean": lambda x: 2 * d(x),
            "last example missing": lambda x: 2 * d(x) * (np.arange(8) < 7) / 8,
            "sign": lambda x: -2 * d(x) / 8,
        },
    )
    yield from asked(
        FAMILY,
        "absolute_error",
        lambda x: np.mean(np.abs(d(x))),
        P,
        {"right": lambda x: np.sign(d(x)) / 8},
        {
            "difference for its sign": lambda x: d(x) / 8,
            "sign": lambda x: -np.sign(d(x)) / 8,
            "positive alone": lambda x: (d(x) > 0) / 8,
        },
    )
    yield from asked(
        FAMILY,
        "huber",
        lambda x: np.sum(np.where(np.abs(d(x)) <= 0.8, d(x) ** 2 / 2, 0.8 * (np.abs(d(x)) - 0.4))),
        P,
        {"right": lambda x: np.clip(d(x), -0.8, 0.8)},
        {
            "delta missing outside": lambda x: np.where(np.abs(d(x)) <= 0.8, d(x), np.sign(d(x))),
            "not clipped": d,
            "sign missing outside": lambda x: np.where(np.abs(d(x)) <= 0.8, d(x), 0.8),
        },
    )
    yield from asked(
        FAMILY,
        "log_cosh",
        lambda x: np.sum(np.log(np.cosh(d(x)))),
        P,
        {"right": lambda x: np.tanh(d(x))},
        {
            "tanh of x": np.tanh,
            "hyperbolic sine": lambda x: np.sinh(d(x)),
            "near zero alone": d,
        },
    )
    yield from asked(
        FAMILY,
        "quantile",
        lambda x: np.mean(np.maximum(0.9 * (TARGETS - x), -0.1 * (TARGETS - x))),
        P,
        {"right": lambda x: np.where(x < TARGETS, -0.9, 0.1) / 8},
        {
            "levels exchanged": lambda x: np.where(x < TARGETS, -0.1, 0.9) / 8,
            "sign": lambda x: np.where(x < TARGETS, 0.9, -0.1) / 8,
            "median": lambda x: np.where(x < TARGETS, -0.5, 0.5) / 8,
        },
    )
    counts = np.array([0.0, 1, 4, 2, 0, 7, 3, 1])
    yield from asked(
        FAMILY,
        "poisson_log_rate",
        lambda x: np.mean(np.exp(x) - counts * x),
        P,
        {"right": lambda x: (np.exp(x) - counts) / 8},
        {
            "as if of the rate": lambda x: (1 - counts / np.exp(x)) / 8,
            "log-rate for rate": lambda x: (x - counts) / 8,
            "counts missing": lambda x: np.exp(x) / 8,
        },
    )
    yield from asked(
        FAMILY,
        "poisson_rate",
        lambda x: np.mean(x - counts * np.log(x)),
        np.exp(P),
        {"right": lambda x: (1 - counts / x) / 8},
        {
            "counts not divided": lambda x: (1 - counts) / 8,
            "sign of the second term": lambda x: (1 + counts / x) / 8,
            "first term missing": lambda x: -counts / x / 8,
        },
    )

    def gaussian(v: Any) -> Any:
        mean, log_variance = v[:8], v[8:]
        return np.sum(log_variance + (TARGETS - mean) ** 2 * np.exp(-log_variance)) / 2 + 4 * math.log(2 * math.pi)

    def gaussian_gradient(v: Any, one: float = 1.0, half: float = 0.5, divided: bool = True) -> Any:
        mean, inverse = v[:8], np.exp(-v[8:])
        return np.concatenate(
            [(mean - TARGETS) * (inverse if divided else 1), half * (one - (TARGETS - mean) ** 2 * inverse)]
        )

    yield from asked(
        FAMILY,
        "gaussian",
        gaussian,
        np.concatenate([P, 0.5 * drawn(106, 8)]),
        {"right": gaussian_gradient},
        {
            "half missing": lambda v: gaussian_gradient(v, half=1),
            "slope of the log-variance missing": lambda v: gaussian_gradient(v, one=0),
            "variance missing": lambda v: gaussian_gradient(v, divided=False),
            "zero for the log-variances": lambda v: gaussian_gradient(v, half=0),
        },
    )


def of_vectors() -> Iterator[Question]:
    other, near, far = drawn(107, 6), drawn(108, 6), drawn(109, 6)

    def cosine_gradient(x: Any, second: float = 1.0, power: int = 3) -> Any:
        size, size_of_other = np.sqrt(np.sum(x * x)), np.sqrt(np.sum(other * other))
        return (other / size - second * x * np.sum(x * other) / size**power) / size_of_other

    yield from asked(
        FAMILY,
        "cosine_similarity",
        lambda x: np.sum(x * other) / np.sqrt(np.sum(x * x) * np.sum(other * other)),
        drawn(110, 6),
        {"right": cosine_gradient},
        {
            "norm held constant": lambda x: cosine_gradient(x, second=0),
            "norm squared, not cubed": lambda x: cosine_gradient(x, power=2),
            "sign of the second term": lambda x: cosine_gradient(x, second=-1),
        },
    )
    yield from asked(
        FAMILY,
        "triplet",
        lambda x: np.maximum(0, np.sum((x - near) ** 2) - np.sum((x - far) ** 2) + 40),
        drawn(110, 6),
        {"right": lambda x: 2 * (far - near)},
        {
            "path of the far one missing": lambda x: 2 * (x - near),
            "factor 2 missing": lambda x: far - near,
            "near and far exchanged": lambda x: 2 * (near - far),
        },
    )

    def distance(x: Any) -> Any:
        return np.sqrt(np.sum((x - near) ** 2))

    yield from asked(
        FAMILY,
        "contrastive",
        lambda x: np.maximum(0, 9 - distance(x)) ** 2,
        drawn(110, 6),
        {"right": lambda x: -2 * (9 - distance(x)) * (x - near) / distance(x)},
        {
            "distance not divided by": lambda x: -2 * (9 - distance(x)) * (x - near),
            "sign": lambda x: 2 * (9 - distance(x)) * (x - near) / distance(x),
            "factor 2 missing": lambda x: -(9 - distance(x)) * (x - near) / distance(x),
        },
    )
    design, seen = drawn(111, 9, 6), drawn(112, 9)
    yield from asked(
        FAMILY,
        "ridge",
        lambda w: np.sum((design @ w - seen) ** 2) / 18 + 0.05 * np.sum(w * w),
        drawn(113, 6),
        {"right": lambda w: design.T @ (design @ w - seen) / 9 + 0.1 * w},
        {
            "penalty's factor 2 missing": lambda w: design.T @ (design @ w - seen) / 9 + 0.05 * w,
            "penalty missing": lambda w: design.T @ (design @ w - seen) / 9,
            "bias not penalised": lambda w: design.T @ (design @ w - seen) / 9 + 0.1 * w * (np.arange(6) > 0),
            "last example missing": lambda w: design[:-1].T @ (design @ w - seen)[:-1] / 9 + 0.1 * w,
        },
    )
    start, step = drawn(114, 6), drawn(115, 3, 6)

    def contrast(x: Any) -> Any:
        return np.concatenate([np.sum(x * start, keepdims=True), step @ x]) / 0.5

    rows = np.concatenate([start[None], step])
    yield from asked(
        FAMILY,
        "info_nce",
        lambda x: -log_softmax(contrast(x))[0],
        0.3 * drawn(116, 6),
        {"right": lambda x: rows.T @ (softmax(contrast(x)) - np.eye(4)[0]) / 0.5},
        {
            "temperature missing": lambda x: rows.T @ (softmax(contrast(x)) - np.eye(4)[0]),
            "the others missing": lambda x: rows[:1].T @ (softmax(contrast(x)) - np.eye(4)[0])[:1] / 0.5,
            "the positive one missing": lambda x: rows[1:].T @ softmax(contrast(x))[1:] / 0.5,
        },
    )


def questions() -> Iterator[Question]:
    for part in (of_classes, of_bits, of_numbers, of_vectors):
        yield from part()
