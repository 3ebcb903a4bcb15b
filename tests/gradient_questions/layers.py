"""Layers of networks: a weighted sum of what they return, with respect to their inputs or their weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .question import Array, Function, Question, asked, drawn, erf, sigmoid, softmax, softplus

FAMILY = "layers"
EPS = 1e-5

#: A, a batch of four examples with three features; C, the slopes that come from above.
A, C, W, B = drawn(1, 4, 3), drawn(2, 4, 3), drawn(3, 3, 3), drawn(4, 3)


def activation(
    name: str, f: Callable[[Any], Any], slope: Callable[[Any], Any], wrong: dict[str, Callable[[Any], Any]], seed: int
) -> Iterator[Question]:
    """An activation of an array, weighted with C."""

    def weighted(of_each: Function) -> Function:
        return lambda x: C * of_each(x)

    claims = {claim: weighted(of_each) for claim, of_each in wrong.items()}
    yield from asked(
        FAMILY, name, lambda x: np.sum(C * f(x)), 1.5 * drawn(seed, 4, 3), {"right": weighted(slope)}, claims
    )


def density(x: Any) -> Any:
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def tanh_form_slope(x: Any) -> Any:
    """The slope of GELU's tanh form, which is not that of GELU."""
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return (1 + t) / 2 + x * (1 - t * t) / 2 * c * (1 + 3 * 0.044715 * x * x)


def activations() -> Iterator[Question]:
    yield from activation(
        "tanh",
        np.tanh,
        lambda x: 1 - np.tanh(x) ** 2,
        {
            "slope in the value": lambda x: 1 - np.tanh(np.tanh(x)) ** 2,
            "no square": lambda x: 1 - np.tanh(x),
            "argument for value": lambda x: 1 - x * x,
        },
        11,
    )
    yield from activation(
        "sigmoid",
        sigmoid,
        lambda x: sigmoid(x) * (1 - sigmoid(x)),
        {
            "slope in the value": lambda x: sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x))),
            "argument for value": lambda x: x * (1 - x),
            "second factor missing": sigmoid,
        },
        12,
    )
    yield from activation(
        "gelu",
        lambda x: x * (1 + erf(x / math.sqrt(2))) / 2,
        lambda x: (1 + erf(x / math.sqrt(2))) / 2 + x * density(x),
        {
            "second term missing": lambda x: (1 + erf(x / math.sqrt(2))) / 2,
            "slope of the tanh form": tanh_form_slope,
            "root of two missing": lambda x: (1 + erf(x)) / 2 + x * density(x),
        },
        13,
    )
    yield from activation(
        "silu",
        lambda x: x * sigmoid(x),
        lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
        {
            "second term missing": sigmoid,
            "sign of the second term": lambda x: sigmoid(x) * (1 - x * (1 - sigmoid(x))),
            "value for argument": lambda x: sigmoid(x) * (1 + x * sigmoid(x) * (1 - sigmoid(x))),
        },
        14,
    )
    yield from activation(
        "elu",
        lambda x: np.where(x > 0, x, 0.7 * np.expm1(np.minimum(x, 0 * x))),
        lambda x: np.where(x > 0, 1, 0.7 * np.exp(x)),
        {
            "alpha missing": lambda x: np.where(x > 0, 1, np.exp(x)),
            "the value instead": lambda x: np.where(x > 0, 1, 0.7 * np.expm1(x)),
            "zero below": lambda x: np.where(x > 0, 1.0, 0.0),
        },
        15,
    )
    yield from activation(
        "softplus",
        softplus,
        sigmoid,
        {
            "sign": lambda x: sigmoid(-x),
            "slope of sigmoid": lambda x: sigmoid(x) * (1 - sigmoid(x)),
            "step": lambda x: (x > 0) * 1.0,
        },
        16,
    )
    yield from activation(
        "leaky_relu",
        lambda x: np.where(x > 0, x, 0.3 * x),
        lambda x: np.where(x > 0, 1, 0.3),
        {
            "leak missing": lambda x: np.where(x > 0, 1.0, 0.0),
            "sign of the leak": lambda x: np.where(x > 0, 1, -0.3),
            "leak of the usual size": lambda x: np.where(x > 0, 1, 0.01),
        },
        17,
    )
    yield from activation(
        "mish",
        lambda x: x * np.tanh(softplus(x)),
        lambda x: np.tanh(softplus(x)) + x * sigmoid(x) * (1 - np.tanh(softplus(x)) ** 2),
        {
            "sigmoid missing": lambda x: np.tanh(softplus(x)) + x * (1 - np.tanh(softplus(x)) ** 2),
            "second term missing": lambda x: np.tanh(softplus(x)),
            "square missing": lambda x: np.tanh(softplus(x)) + x * sigmoid(x) * (1 - np.tanh(softplus(x))),
        },
        18,
    )


def dense() -> Iterator[Question]:
    def slope(z: Any) -> Any:
        return C * (1 - np.tanh(z) ** 2)

    yield from asked(
        FAMILY,
        "dense_weights",
        lambda w: np.sum(C * np.tanh(A @ w)),
        W,
        {"right": lambda w: A.T @ slope(A @ w)},
        {
            "transposed": lambda w: (A.T @ slope(A @ w)).T,
            "slope in the value": lambda w: A.T @ slope(np.tanh(A @ w)),
            "last example missing": lambda w: A[:-1].T @ slope(A @ w)[:-1],
            "mean over the batch": lambda w: A.T @ slope(A @ w) / len(A),
        },
    )
    yield from asked(
        FAMILY,
        "dense_bias",
        lambda b: np.sum(C * np.tanh(A @ W + b)),
        B,
        {"right": lambda b: np.sum(slope(A @ W + b), axis=0)},
        {
            "mean instead of sum": lambda b: np.mean(slope(A @ W + b), axis=0),
            "first example alone": lambda b: slope(A @ W + b)[0],
            "slope of the layer missing": lambda b: np.sum(C, axis=0),
        },
    )
    yield from asked(
        FAMILY,
        "dense_input",
        lambda a: np.sum(C * np.tanh(a @ W)),
        A,
        {"right": lambda a: slope(a @ W) @ W.T},
        {
            "weights not transposed": lambda a: slope(a @ W) @ W,
            "zero from the third example on": lambda a: slope(a @ W) @ W.T * (np.arange(4) < 2)[:, None],
            "sign": lambda a: -slope(a @ W) @ W.T,
        },
    )
    gates, other = drawn(21, 4, 3), drawn(22, 4, 3)
    yield from asked(
        FAMILY,
        "gated_linear_unit",
        lambda x: np.sum(C * x * other * sigmoid(x * gates)),
        drawn(23, 4, 3),
        {"right": lambda x: C * other * sigmoid(x * gates) * (1 + x * gates * (1 - sigmoid(x * gates)))},
        {
            "path through the gate missing": lambda x: C * other * sigmoid(x * gates),
            "path through the value missing": lambda x: (
                C * x * other * gates * sigmoid(x * gates) * sigmoid(-x * gates)
            ),
            "chain through the gate missing": lambda x: C * other * sigmoid(x * gates) * (1 + x * sigmoid(-x * gates)),
        },
    )
    mask = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0]).reshape(4, 3) / 0.75
    yield from asked(
        FAMILY,
        "dropout",
        lambda x: np.sum(C * np.tanh(x * mask)),
        drawn(24, 4, 3),
        {"right": lambda x: C * mask * (1 - np.tanh(x * mask) ** 2)},
        {
            "mask missing": lambda x: C * (1 - np.tanh(x * mask) ** 2),
            "scale missing": lambda x: C * (mask > 0) * (1 - np.tanh(x * mask) ** 2),
            "scaled twice": lambda x: C * mask**2 * (1 - np.tanh(x * mask) ** 2),
        },
    )
    yield from asked(
        FAMILY,
        "residual",
        lambda a: np.sum(C * (a + np.tanh(a @ W))),
        A,
        {"right": lambda a: C + slope(a @ W) @ W.T},
        {
            "skip missing": lambda a: slope(a @ W) @ W.T,
            "branch missing": lambda a: C,
            "weights not transposed": lambda a: C + slope(a @ W) @ W,
        },
    )


def convolution() -> Iterator[Question]:
    signal, above = drawn(31, 10), drawn(32, 7)

    def windows(s: Any, width: int = 4) -> Any:
        return np.stack([s[i : i + width] for i in range(len(s) - width + 1)])

    def slope(k: Any, s: Any = signal) -> Any:
        return above * (1 - np.tanh(windows(s) @ k) ** 2)

    def of_signal(s: Any, k: Array) -> Any:
        found = np.zeros(10)
        for i, each in enumerate(slope(k, s)):
            found[i : i + 4] += each * k
        return found

    kernel = drawn(33, 4)
    yield from asked(
        FAMILY,
        "conv1d_kernel",
        lambda k: np.sum(above * np.tanh(windows(signal) @ k)),
        kernel,
        {"right": lambda k: windows(signal).T @ slope(k)},
        {
            "flipped": lambda k: (windows(signal).T @ slope(k))[::-1],
            "last position missing": lambda k: windows(signal)[:-1].T @ slope(k)[:-1],
            "one off": lambda k: windows(np.roll(signal, -1)).T @ slope(k),
        },
    )
    yield from asked(
        FAMILY,
        "conv1d_signal",
        lambda s: np.sum(above * np.tanh(windows(s) @ kernel)),
        signal,
        {"right": lambda s: of_signal(s, kernel)},
        {
            "kernel flipped": lambda s: np.convolve(slope(kernel, s), kernel[::-1]),
            "overwritten, not added": lambda s: np.concatenate([slope(kernel, s) * kernel[0], np.zeros(3)]),
            "zero at the end": lambda s: of_signal(s, kernel) * (np.arange(10) < 7),
        },
    )
    images = drawn(34, 12)
    weights = drawn(35, 4)

    def share(x: Any) -> Any:
        rows = x.reshape(4, 3)
        return (rows == np.max(rows, axis=1, keepdims=True)) * 1.0

    yield from asked(
        FAMILY,
        "maxpool",
        lambda x: np.sum(weights * np.max(x.reshape(4, 3), axis=1)),
        images,
        {"right": lambda x: (share(x) * weights[:, None]).reshape(-1)},
        {
            "no path of the max": lambda x: np.repeat(weights, 3),
            "shared by all": lambda x: np.repeat(weights, 3) / 3,
            "to the first": lambda x: (np.eye(3)[[0, 0, 0, 0]] * weights[:, None]).reshape(-1),
        },
    )
    yield from asked(
        FAMILY,
        "average_pooling",
        lambda x: np.sum(weights * np.tanh(np.mean(x.reshape(4, 3), axis=1))),
        images,
        {"right": lambda x: np.repeat(weights * (1 - np.tanh(np.mean(x.reshape(4, 3), axis=1)) ** 2) / 3, 3)},
        {
            "width missing": lambda x: np.repeat(weights * (1 - np.tanh(np.mean(x.reshape(4, 3), axis=1)) ** 2), 3),
            "one of each": lambda x: (
                np.repeat(weights * (1 - np.tanh(np.mean(x.reshape(4, 3), axis=1)) ** 2), 3) * np.tile([1, 0, 0], 4)
            ),
            "axes mixed up": lambda x: np.tile(weights * (1 - np.tanh(np.mean(x.reshape(4, 3), axis=1)) ** 2) / 3, 3),
        },
    )
    rows = np.array([0, 2, 2, 1, 0])
    targets = drawn(36, 5, 3)
    yield from asked(
        FAMILY,
        "embedding_sum",
        lambda e: np.sum((e[rows] - targets) ** 2),
        drawn(37, 4, 3),
        {"right": lambda e: np.stack([np.sum(2 * (e[i] - targets[rows == i]), axis=0) for i in range(4)])},
        {
            "assigned, not added": lambda e: np.stack(
                [np.sum(2 * (e[i] - targets[rows == i][-1:]), axis=0) for i in range(4)]
            ),
            "divided by the count": lambda e: np.stack(
                [np.sum(2 * (e[i] - targets[rows == i]), axis=0) / max(1, np.sum(rows == i)) for i in range(4)]
            ),
            "one off": lambda e: np.stack(
                [np.sum(2 * (e[(i - 1) % 4] - targets[rows == (i - 1) % 4]), axis=0) for i in range(4)]
            ),
        },
    )


def normalisation() -> Iterator[Question]:
    gain = 1 + 0.3 * drawn(41, 3)
    x = 2 * drawn(42, 4, 3) + 1

    def normal(x: Any, axis: int) -> Any:
        d = x - np.mean(x, axis=axis, keepdims=True)
        return d / np.sqrt(np.mean(d * d, axis=axis, keepdims=True) + EPS)

    def inverse(x: Any, axis: int, ddof: int = 0) -> Any:
        return 1 / np.sqrt(np.var(x, axis=axis, keepdims=True, ddof=ddof) + EPS)

    def back(x: Any, axis: int, mean: bool = True, variance: bool = True, ddof: int = 0) -> Any:
        g, n = C * gain, normal(x, axis)
        through = g - mean * np.mean(g, axis=axis, keepdims=True)
        return inverse(x, axis, ddof) * (through - variance * n * np.mean(g * n, axis=axis, keepdims=True))

    def normalised(name: str, axis: int) -> Iterator[Question]:
        yield from asked(
            FAMILY,
            name,
            lambda x: np.sum(C * gain * normal(x, axis)),
            x,
            {"right": lambda x: back(x, axis)},
            {
                "mean held constant": lambda x: back(x, axis, mean=False),
                "variance held constant": lambda x: back(x, axis, variance=False),
                "both held constant": lambda x: back(x, axis, mean=False, variance=False),
                "other axis": lambda x: back(x, 1 - axis),
                "variance with one less": lambda x: back(x, axis, ddof=1),
            },
        )

    yield from normalised("layer_norm", 1)
    yield from normalised("batch_norm", 0)
    yield from asked(
        FAMILY,
        "layer_norm_gain",
        lambda g: np.sum(C * np.tanh(g * normal(x, 1))),
        gain,
        {"right": lambda g: np.sum(C * normal(x, 1) * (1 - np.tanh(g * normal(x, 1)) ** 2), axis=0)},
        {
            "not summed, first row": lambda g: (C * normal(x, 1) * (1 - np.tanh(g * normal(x, 1)) ** 2))[0],
            "other axis": lambda g: np.sum((C * normal(x, 1) * (1 - np.tanh(g * normal(x, 1)) ** 2))[:3], axis=1),
            "not normalised": lambda g: np.sum(C * x * (1 - np.tanh(g * normal(x, 1)) ** 2), axis=0),
        },
    )

    def root(x: Any) -> Any:
        return np.sqrt(np.mean(x * x, axis=1, keepdims=True) + EPS)

    def inner(x: Any) -> Any:
        return np.sum(C * gain * x, axis=1, keepdims=True)

    yield from asked(
        FAMILY,
        "rms_norm",
        lambda x: np.sum(C * gain * x / root(x)),
        x,
        {"right": lambda x: C * gain / root(x) - x * inner(x) / (3 * root(x) ** 3)},
        {
            "root held constant": lambda x: C * gain / root(x),
            "not divided by the width": lambda x: C * gain / root(x) - x * inner(x) / root(x) ** 3,
            "sign of the second term": lambda x: C * gain / root(x) + x * inner(x) / (3 * root(x) ** 3),
            "gain missing": lambda x: C / root(x) - x * np.sum(C * x, axis=1, keepdims=True) / (3 * root(x) ** 3),
        },
    )


def attention() -> Iterator[Question]:
    q, k, v, above = drawn(51, 4, 4), drawn(52, 4, 4), drawn(53, 4, 4), drawn(54, 4, 4)

    def weights(q: Any, k: Any) -> Any:
        return softmax(q @ k.T / 2)

    def of_scores(q: Any, k: Any, whole: bool = True) -> Any:
        p, g = weights(q, k), above @ v.T
        return p * (g - whole * np.sum(p * g, axis=1, keepdims=True))

    yield from asked(
        FAMILY,
        "attention_keys",
        lambda k: np.sum(above * (weights(q, k) @ v)),
        k,
        {"right": lambda k: of_scores(q, k).T @ q / 2},
        {
            "scale missing": lambda k: of_scores(q, k).T @ q,
            "scores not transposed": lambda k: of_scores(q, k) @ q / 2,
            "diagonal of softmax alone": lambda k: of_scores(q, k, whole=False).T @ q / 2,
        },
    )
    yield from asked(
        FAMILY,
        "attention_queries",
        lambda q: np.sum(above * (weights(q, k) @ v)),
        q,
        {"right": lambda q: of_scores(q, k) @ k / 2},
        {
            "transposed": lambda q: of_scores(q, k).T @ k / 2,
            "scaled twice": lambda q: of_scores(q, k) @ k / 4,
            "keys transposed": lambda q: of_scores(q, k) @ k.T / 2,
        },
    )
    yield from asked(
        FAMILY,
        "attention_values",
        lambda v: np.sum(above * np.tanh(weights(q, k) @ v)),
        v,
        {"right": lambda v: weights(q, k).T @ (above * (1 - np.tanh(weights(q, k) @ v) ** 2))},
        {
            "weights not transposed": lambda v: weights(q, k) @ (above * (1 - np.tanh(weights(q, k) @ v) ** 2)),
            "softmax over the other axis": lambda v: (
                softmax(k @ q.T / 2) @ (above * (1 - np.tanh(weights(q, k) @ v) ** 2))
            ),
            "last query missing": lambda v: weights(q, k)[:-1].T @ (above * (1 - np.tanh(weights(q, k) @ v) ** 2))[:-1],
        },
    )
    yield from asked(
        FAMILY,
        "softmax",
        lambda x: np.sum(C * softmax(x)),
        A,
        {"right": lambda x: softmax(x) * (C - np.sum(C * softmax(x), axis=1, keepdims=True))},
        {
            "diagonal alone": lambda x: C * softmax(x) * (1 - softmax(x)),
            "summed over the other axis": lambda x: softmax(x) * (C - np.sum(C * softmax(x), axis=0)),
            "second term missing": lambda x: C * softmax(x),
        },
    )


def cells() -> Iterator[Question]:
    state, memory, above = drawn(61, 3), drawn(62, 3), drawn(63, 3)

    def lstm(z: Any) -> tuple[Any, ...]:
        i, f, o, g = sigmoid(z[0]), sigmoid(z[1]), sigmoid(z[2]), np.tanh(z[3])
        return i, f, o, g, f * memory + i * g

    def lstm_gradient(z: Any, cell: Any = None, candidate: Any = None) -> Any:
        i, f, o, g, c = lstm(z)
        of_c = above * o * (1 - np.tanh(c) ** 2) if cell is None else cell(o, c)
        of_g = (1 - g * g) if candidate is None else candidate(g)
        of_o = above * np.tanh(c) * o * (1 - o)
        return np.stack([of_c * g * i * (1 - i), of_c * memory * f * (1 - f), of_o, of_c * i * of_g])

    yield from asked(
        FAMILY,
        "lstm_cell",
        lambda z: np.sum(above * lstm(z)[2] * np.tanh(lstm(z)[4])),
        drawn(64, 4, 3),
        {"right": lstm_gradient},
        {
            "slope of the last tanh missing": lambda z: lstm_gradient(z, cell=lambda o, c: above * o),
            "slope of the candidate in the value": lambda z: lstm_gradient(z, candidate=lambda g: 1 - np.tanh(g) ** 2),
            "input and forget gates exchanged": lambda z: lstm_gradient(z)[[1, 0, 2, 3]],
            "output gate missing": lambda z: lstm_gradient(z, cell=lambda o, c: above * (1 - np.tanh(c) ** 2)),
        },
    )

    def gru(z: Any) -> Any:
        u, r = sigmoid(z[0]), sigmoid(z[1])
        n = np.tanh(z[2] + r * state)
        return u, r, n

    def gru_gradient(z: Any, sign: float = 1.0, reset: float = 1.0) -> Any:
        u, r, n = gru(z)
        of_n = above * (1 - u) * (1 - n * n)
        return np.stack([sign * above * (state - n) * u * (1 - u), reset * of_n * state * r * (1 - r), of_n])

    yield from asked(
        FAMILY,
        "gru_cell",
        lambda z: np.sum(above * ((1 - gru(z)[0]) * gru(z)[2] + gru(z)[0] * state)),
        drawn(65, 3, 3),
        {"right": gru_gradient},
        {
            "sign of the update gate": lambda z: gru_gradient(z, sign=-1),
            "reset gate missing": lambda z: gru_gradient(z, reset=0),
            "slope of the candidate missing": lambda z: (
                gru_gradient(z) * [[1], [1], [0]] + np.stack([np.zeros(3), np.zeros(3), above * (1 - gru(z)[0])])
            ),
        },
    )


def questions() -> Iterator[Question]:
    for part in (activations, dense, convolution, normalisation, attention, cells):
        yield from part()
