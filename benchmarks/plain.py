"""The yardstick: the chapter's network and loops as one writes them down in NumPy, without a thought for speed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Params = dict[str, Any]


def sigmoid(a: Any) -> Any:
    """1 / (1 + exp(−a))."""
    return 1 / (1 + np.exp(-a))


def softmax(a: Any) -> Any:
    """The softmax of each row."""
    e = np.exp(a - np.max(a, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def predict(params: Params, x: Any) -> Any:
    """The probabilities of the classes."""
    return softmax(np.dot(sigmoid(np.dot(x, params["W1"]) + params["b1"]), params["W2"]) + params["b2"])


def loss(params: Params, x: Any, t: Any) -> Any:
    """The cross-entropy with one-hot targets, with the chapter's δ."""
    return -np.sum(t * np.log(predict(params, x) + 1e-8)) / len(x)


def accuracy(params: Params, x: Any, labels: Any) -> float:
    """The share of samples told rightly, a thousand at a time."""
    right = 0
    for start in range(0, len(x), 1000):
        part = slice(start, start + 1000)
        right += int(np.sum(np.argmax(predict(params, x[part]), axis=1) == labels[part]))
    return right / len(x)


def gradient(params: Params, x: Any, t: Any) -> Params:
    """Backpropagation."""
    z = sigmoid(np.dot(x, params["W1"]) + params["b1"])
    y = softmax(np.dot(z, params["W2"]) + params["b2"])
    dy = (y - t) / x.dtype.type(len(x))
    da = np.dot(dy, params["W2"].T) * ((1 - z) * z)
    return {"W1": np.dot(x.T, da), "b1": np.sum(da, axis=0), "W2": np.dot(z.T, dy), "b2": np.sum(dy, axis=0)}


def step(params: Params, x: Any, t: Any, lr: Any) -> None:
    """One step, into the parameters themselves."""
    for name, slope in gradient(params, x, t).items():
        params[name] -= lr * slope


def difference(params: Params, place: tuple[str, tuple[int, ...]], x: Any, t: Any, h: float = 1e-4) -> float:
    """The central difference of the loss by one parameter: two passes through the network, and the parameter put back."""
    name, index = place
    kept = params[name][index]
    params[name][index] = kept + h
    above = loss(params, x, t)
    params[name][index] = kept - h
    below = loss(params, x, t)
    params[name][index] = kept
    return float((above - below) / (2 * h))


def network(D: int, H: int, K: int, std: float, rng: np.random.Generator) -> Params:
    """Gaussian weights and zero biases."""
    return {
        "W1": std * rng.standard_normal((D, H)),
        "b1": np.zeros(H),
        "W2": std * rng.standard_normal((H, K)),
        "b2": np.zeros(K),
    }


def places(params: Params, count: int, rng: np.random.Generator) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Parameters at random, each as likely as any other."""
    ends = np.cumsum([value.size for value in params.values()])
    for flat in rng.integers(0, ends[-1], count):
        which = int(np.searchsorted(ends, flat, side="right"))
        name = list(params)[which]
        index = np.unravel_index(int(flat - (ends[which - 1] if which else 0)), params[name].shape)
        yield name, tuple(int(i) for i in index)
