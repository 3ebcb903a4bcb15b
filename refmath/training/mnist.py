"""The digits of MNIST: all of them from a directory or the cache, or the subset that refmath brings along."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refmath.training.idx import Bytes, File, read_idx

#: MNIST's own four files, in the order of `Digits`; the checksums are those of the uncompressed content.
FULL = (
    File(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    File("train-labels-idx1-ubyte", (60_000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    File(
        "t10k-images-idx3-ubyte", (10_000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    File("t10k-labels-idx1-ubyte", (10_000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
#: The subset that is part of refmath; tools/embedded_mnist.py drew it and printed these lines.
EMBEDDED = (
    File("train-images-idx3-ubyte", (5000, 28, 28), "a9d7dba4002a670e023cd93d843e1b5110e8be847e0eb44ed19137f9c96a2d0a"),
    File("train-labels-idx1-ubyte", (5000,), "884a5f2ab43830df52f29997f40a7fd5df9534f3e111936af522ffd7ab434051"),
    File("t10k-images-idx3-ubyte", (1000, 28, 28), "76cfb89b057fb6f5652332c3d2cbd5063ce761e47263fe2c650132ea86f3819f"),
    File("t10k-labels-idx1-ubyte", (1000,), "3f29eff9188417b3905b683cc0af8daa528c1b264b7d40db89810cafbbe6ac31"),
)
_EMBEDDED_PLACE = Path(__file__).parent / "data"

#: The number of classes, and the largest value of a pixel.
CLASSES, WHITE = 10, 255


class Digits(NamedTuple):
    """Images of digits and what they show.

    Attributes:
        x_train: The training images, shape (N, D), a byte for each pixel, 0 to 255.
        t_train: Their labels, shape (N,), 0 to 9.
        x_test: The test images, shape (M, D).
        t_test: Their labels, shape (M,).
        fingerprint: One checksum of it all, by which a saved run knows its data again.
    """

    x_train: Bytes
    t_train: NDArray[np.intp]
    x_test: Bytes
    t_test: NDArray[np.intp]
    fingerprint: str


def read_mnist(directory: Path, files: tuple[File, ...]) -> Digits:
    """The digits in the four files of a directory, each checked.

    Raises:
        FileNotFoundError: If the directory or a file is not there.
        OSError: If a file cannot be read.
        ValueError: If a file is not what it should be; the message says in what.
    """
    if not directory.is_dir():
        raise FileNotFoundError(f"there is no directory {directory}")
    x_train, t_train, x_test, t_test = (read_idx(directory, file) for file in files)
    return Digits(_rows(x_train), t_train.astype(np.intp), _rows(x_test), t_test.astype(np.intp), fingerprint(files))


def embedded() -> Digits:
    """The subset that is part of refmath: 5,000 training and 1,000 test digits, drawn at random from MNIST's.

    Examples:
        >>> digits = embedded()
        >>> digits.x_train.shape, digits.t_test.shape
        ((5000, 784), (1000,))
    """
    return read_mnist(_EMBEDDED_PLACE, EMBEDDED)


def cache_directory() -> Path | None:
    """Where a downloaded MNIST is kept: `REFMATH_CACHE`, or the system's place for caches, which pooch knows; None without either."""
    if named := os.environ.get("REFMATH_CACHE"):
        return Path(named) / "mnist"
    try:
        import pooch
    except ModuleNotFoundError:
        return None
    return Path(pooch.os_cache("refmath")) / "mnist"


def cached(files: tuple[File, ...]) -> Digits | None:
    """The copy in the cache; None if there is none.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it has been damaged.
    """
    directory = cache_directory()
    return read_mnist(directory, files) if directory is not None and directory.is_dir() else None


def fingerprint(files: tuple[File, ...]) -> str:
    """One checksum for the contents of several files."""
    return hashlib.sha256("\n".join(file.sha256 for file in files).encode()).hexdigest()


def scaled(images: Bytes, dtype: str) -> NDArray[np.floating]:
    """Pixels from 0 to 1.

    Examples:
        >>> scaled(np.array([[0, 51, 255]], dtype=np.uint8), "float64")
        array([[0. , 0.2, 1. ]])
    """
    return np.divide(images, WHITE, dtype=np.dtype(dtype))


def _rows(images: Bytes) -> Bytes:
    return images.reshape(len(images), -1)
