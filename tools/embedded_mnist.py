"""Draws the embedded subset of MNIST: python tools/embedded_mnist.py DIRECTORY_WITH_MNIST

It writes four gzipped IDX files into refmath/training/data/, the same ones each time, and prints the lines of `EMBEDDED` in
refmath/training/mnist.py.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refmath.training.idx import write_idx
from refmath.training.mnist import FULL, read_mnist

SEED = 20260101
TRAIN, TEST = 5000, 1000
PLACE = Path(__file__).parents[1] / "refmath" / "training" / "data"


def main(directory: str) -> None:
    """Draws digits at random, without putting one back, and keeps them in MNIST's order."""
    full = read_mnist(Path(directory), FULL)
    rng = np.random.default_rng(SEED)
    train = np.sort(rng.choice(len(full.x_train), TRAIN, replace=False))
    test = np.sort(rng.choice(len(full.x_test), TEST, replace=False))
    arrays: tuple[NDArray[Any], ...] = (
        full.x_train[train].reshape(-1, 28, 28),
        full.t_train[train],
        full.x_test[test].reshape(-1, 28, 28),
        full.t_test[test],
    )
    for file, array in zip(FULL, arrays, strict=True):
        content = write_idx(array)
        # No name and no time in the gzip header: the same digits are the same file.
        (PLACE / f"{file.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        print(f'    File("{file.name}", {array.shape}, "{hashlib.sha256(content).hexdigest()}"),')


if __name__ == "__main__":
    main(sys.argv[1])
