"""The digits that the comparisons are made on: all of MNIST if it is there, or the subset that is part of refmath."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import plain
from refmath.training import mnist

#: Where the four files of MNIST are; None for the cache, or the embedded digits. The command line sets it.
PLACE: list[Path | None] = [None]


class Batch(NamedTuple):
    """Inputs (N, D), labels (N,), and the parameters of a network."""

    x: Any
    labels: Any
    params: plain.Params


class Data(NamedTuple):
    """Digits, and what they are called in a table."""

    digits: mnist.Digits
    name: str

    def batch(self, size: int) -> Batch:
        """The first digits, scaled, and a network as the training begins."""
        x = mnist.scaled(self.digits.x_train[:size], "float64")
        return Batch(x, self.digits.t_train[:size], plain.network(784, 100, 10, 0.01, np.random.default_rng(0)))


def digits() -> Data:
    """All of MNIST, or the embedded subset."""
    if PLACE[0] is not None:
        return Data(mnist.read_mnist(PLACE[0], mnist.FULL), "all of MNIST")
    found = mnist.cached(mnist.FULL)
    return Data(mnist.embedded(), "the embedded digits") if found is None else Data(found, "all of MNIST")
