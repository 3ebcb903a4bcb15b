"""Trains the network that reads the digits a visitor of the site draws: `python -m tools.digit_weights` writes docs/assets/digits.bin.

The file holds the parameters of a network 784-100-10 as little-endian float16 (`W1` row by row, then `b1`, `W2`, `b2`), and after them test digits as bytes, which the
page shows as examples. It is trained on the 5,000 digits that come with refmath, each moved a little at random, with momentum and a learning rate that falls; the gradient is
that of `refmath.two_layer_net_gradient`, here in float32 and without its checks, because it is computed many thousand times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refmath.training.mnist import embedded
from refmath.whole_file import whole_file

FILE = Path(__file__).parents[1] / "docs" / "assets" / "digits.bin"
SHAPES = {"W1": (784, 100), "b1": (100,), "W2": (100, 10), "b2": (10,)}
ITERATIONS, BATCH, RATE, MOMENTUM = 12_000, 100, 0.1, 0.9
#: How many pixels an image is moved at most, to each side.
REACH = 2
EXAMPLES = 20

Array = NDArray[Any]


def trained() -> dict[str, Array]:
    """The parameters, in float32."""
    digits, rng = embedded(), np.random.default_rng(0)
    images = np.pad(
        digits.x_train.reshape(-1, 28, 28).astype(np.float32) / 255, ((0, 0), (REACH, REACH), (REACH, REACH))
    )
    params = {
        name: (rng.standard_normal(shape) / np.sqrt(shape[0]) * (len(shape) > 1)).astype(np.float32)
        for name, shape in SHAPES.items()
    }
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for step in range(ITERATIONS):
        some = rng.integers(0, len(images), BATCH)
        down, right = rng.integers(0, 2 * REACH + 1, 2)
        x = images[some, down : down + 28, right : right + 28].reshape(BATCH, -1)
        rate = np.float32(RATE * (1 - step / ITERATIONS))
        for name, slope in gradient(params, x, digits.t_train[some]).items():
            velocity[name] = np.float32(MOMENTUM) * velocity[name] - rate * slope
            params[name] = params[name] + velocity[name]
    return params


def gradient(params: dict[str, Array], x: Array, labels: Array) -> dict[str, Array]:
    """By backpropagation."""
    z = 1 / (1 + np.exp(-(x @ params["W1"] + params["b1"])))
    a = z @ params["W2"] + params["b2"]
    e = np.exp(a - np.max(a, axis=1, keepdims=True))
    by_logits = (e / e.sum(axis=1, keepdims=True) - np.eye(10, dtype=np.float32)[labels]) / len(x)
    by_sums = (by_logits @ params["W2"].T) * z * (1 - z)
    return {
        "W1": x.T @ by_sums,
        "b1": by_sums.sum(axis=0),
        "W2": z.T @ by_logits,
        "b2": by_logits.sum(axis=0),
    }


def stored(path: Path = FILE) -> tuple[dict[str, Array], Array]:
    """The parameters of the file in float64, and its examples, shape (M, 784), as bytes."""
    content, params, place = path.read_bytes(), {}, 0
    for name, shape in SHAPES.items():
        count = int(np.prod(shape))
        params[name] = np.frombuffer(content, "<f2", count, place).astype(float).reshape(shape)
        place += 2 * count
    return params, np.frombuffer(content, np.uint8, offset=place).reshape(-1, 784)


def main() -> None:
    """Writes the file."""
    params = trained()
    examples = embedded().x_test[:EXAMPLES].astype(np.uint8)
    content = b"".join(params[name].astype("<f2").tobytes() for name in SHAPES) + examples.tobytes()
    with whole_file(FILE) as out:
        out.write(content)


if __name__ == "__main__":
    main()
