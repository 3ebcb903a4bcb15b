"""The IDX format of MNIST's files: big-endian sizes, then bytes; every file is checked against what it should be."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
_GZIP = b"\x1f\x8b"


class File(NamedTuple):
    """What a file should be.

    Attributes:
        name: Its name, without `.gz`.
        shape: The shape of the array of bytes that it holds.
        sha256: The SHA-256 of its content, uncompressed, in hexadecimal.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str


def read_idx(directory: Path, file: File) -> Bytes:
    """The array in `directory/NAME` or, where that is not there, in `directory/NAME.gz`.

    Raises:
        FileNotFoundError: If there is neither.
        OSError: If it cannot be read.
        ValueError: If it is not the file that it should be; the message says in what.
    """
    path = _path(directory, file)
    content = _content(path, len(_header(file.shape)) + math.prod(file.shape))
    trouble = _trouble(content, file)
    if trouble:
        raise ValueError(f"{path}: {trouble}")
    # A copy: NumPy asks the system for large pages, among which rows at random are found in two thirds of the time.
    return np.frombuffer(content, np.uint8, offset=len(_header(file.shape))).reshape(file.shape).copy()


def write_idx(array: NDArray[Any]) -> bytes:
    """The content of an IDX file, uncompressed, that holds an array of whole numbers from 0 to 255.

    Examples:
        >>> write_idx(np.array([7, 2], dtype=np.uint8))
        b'\\x00\\x00\\x08\\x01\\x00\\x00\\x00\\x02\\x07\\x02'
    """
    return _header(array.shape) + array.astype(np.uint8).tobytes()


def _path(directory: Path, file: File) -> Path:
    for path in (directory / file.name, directory / f"{file.name}.gz"):
        if path.exists():
            return path
    raise FileNotFoundError(f"{directory} holds neither {file.name} nor {file.name}.gz")


def _content(path: Path, size: int) -> bytes:
    """What is in a file, uncompressed; of one that is too long, one byte more than it should have."""
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP
        raw.seek(0)
        if not compressed:
            return raw.read(size + 1)
        try:
            return _unzipped(raw, size)
        except EOFError:
            raise ValueError(f"{path}: truncated: its gzip stream breaks off") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path}: damaged: its gzip stream cannot be read ({error})") from None


def _unzipped(raw: BinaryIO, size: int) -> bytes:
    with gzip.GzipFile(fileobj=raw) as stream:
        content = stream.read(size)
        return content + stream.read(1)  # a file of the right size is read to its end, and its checksum compared


def _header(shape: tuple[int, ...]) -> bytes:
    """Two zeros, 8 for bytes, the number of dimensions, and each size in four bytes."""
    return bytes([0, 0, 8, len(shape)]) + np.array(shape, dtype=">u4").tobytes()


def _trouble(content: bytes, file: File) -> str:
    """What is wrong with the content of a file; empty if nothing is."""
    header = _header(file.shape)
    if content[:4] != header[:4]:
        return f"not an IDX file of {len(file.shape)}-D bytes: it begins with {content[:4].hex() or 'nothing'}, not {header[:4].hex()}"
    if len(content) < len(header):
        return f"truncated: it ends in its header, after {len(content)} bytes"
    if content[: len(header)] != header:
        sizes = np.frombuffer(content, ">u4", len(file.shape), 4)
        return f"another file: it holds {_times(sizes.tolist())} bytes, where {file.name} has {_times(file.shape)}"
    expected = len(header) + math.prod(file.shape)
    if len(content) < expected:
        return f"truncated: it has {len(content):,} bytes (uncompressed), and should have {expected:,}"
    if len(content) > expected:
        return f"too long: it goes on after the {expected:,} bytes that it should have"
    if (found := hashlib.sha256(content).hexdigest()) != file.sha256:
        return (
            f"other content: of the right form, but its SHA-256 (uncompressed) is {found}, and should be {file.sha256}"
        )
    return ""


def _times(sizes: list[int] | tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in sizes)
