"""Small files in MNIST's form, and the digits in them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np

from refmath.training.idx import File, write_idx
from refmath.training.mnist import FULL, Digits, read_mnist


def write_mnist(
    directory: Path, train: int = 40, test: int = 20, *, gzipped: bool = True, seed: int = 0
) -> tuple[File, ...]:
    """Four files of random digits under MNIST's names, and what is to be said of each."""
    directory.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    files = []
    for file, shape in zip(FULL, ((train, 28, 28), (train,), (test, 28, 28), (test,)), strict=True):
        content = write_idx(rng.integers(0, 256 if len(shape) == 3 else 10, shape, dtype=np.uint8))
        name = f"{file.name}.gz" if gzipped else file.name
        (directory / name).write_bytes(gzip.compress(content) if gzipped else content)
        files.append(File(file.name, shape, hashlib.sha256(content).hexdigest()))
    return tuple(files)


def digits(directory: Path, train: int = 40, test: int = 20) -> Digits:
    """Random digits by way of files."""
    return read_mnist(directory, write_mnist(directory, train, test))
