"""What is fuzzed: whatever the bytes are, they are refused in clean words, or mean something that reads back as the same.

Each target takes the bytes of one input and raises an AssertionError, or an exception that is no refusal, where refmath is at fault.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from refmath.oracle.remote.protocol import Fault, Refusal, name_in, output_in, read_line
from refmath.oracle.remote.tensors import tensor
from refmath.training.idx import File, read_idx, write_idx
from refmath.training.loop import Settings, Training
from refmath.training.mnist import Digits
from refmath.training.saved_run import load, resume, save

Target = Callable[[bytes], None]

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
LABELS = np.array([7, 2], np.uint8)
SMALL = Settings(iterations=3, batch_size=2, hidden=1)
ASKED = 7


@cache
def _folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="refmath-fuzz-", dir=memory if memory.is_dir() else None))


def idx_file(data: bytes) -> None:
    """An IDX file of images or of labels, gzipped or not: another file than the right one is refused by its path."""
    array, content = (LABELS, data[1:]) if data[:1] == b"l" else (IMAGES, data[1:])
    right = write_idx(array)
    file = File("file", array.shape, hashlib.sha256(right).hexdigest())
    path = _folder() / file.name
    path.write_bytes(content)
    try:
        read = read_idx(path.parent, file)
    except ValueError as error:
        _names_the_file(error, path)
        is_right = False
    else:
        is_right = bool((read == array).all())
    assert is_right == (_unzipped(content) == right)


def adapters_answer(data: bytes) -> None:
    """A line that a program answers: out of step, refused, or tensors that are written as they were read."""
    try:
        reply = read_line(data)
    except Fault as fault:
        _is_said_in_words(str(fault))
        return
    try:
        assert isinstance(name_in(reply), str)
    except Fault as fault:
        _is_said_in_words(str(fault))
    try:
        output = output_in(reply, ASKED)
    except (Fault, Refusal) as refused:
        _is_said_in_words(str(refused))
    else:
        given = reply["output"]
        for read, sent in (
            ((each, given[key]) for key, each in output.items()) if isinstance(output, dict) else [(output, given)]
        ):
            _is_what_was_sent(read, sent)


def _is_what_was_sent(read: Any, sent: dict[str, Any]) -> None:
    assert read.dtype.name == sent["dtype"]
    assert list(read.shape) == sent["shape"]
    if sent["dtype"] == "float64" or "int" in sent["dtype"]:
        # repr tells −0 from 0, and a big integer is the float that it is read as.
        floats = "int" not in sent["dtype"]
        data = [float(each) if floats and type(each) is int else each for each in sent["data"]]
        assert list(map(repr, tensor(read)["data"])) == list(map(repr, data))


def _unzipped(content: bytes) -> bytes:
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b""


def _names_the_file(error: ValueError, path: Path) -> None:
    """A refusal in a sentence that begins with the path; nobody is advised to unpickle."""
    assert str(error).startswith(f"{path}: ")
    assert "allow_pickle" not in str(error)


def _is_said_in_words(text: str) -> None:
    assert text
    assert len(text) < 2000, text


def saved_run(data: bytes) -> None:
    """The bytes of a saved training: refused by its path, or a run that can be gone on with, or fits no longer."""
    path = _folder() / "run.npz"
    path.write_bytes(data)
    try:
        run = load(path)
    except ValueError as error:
        _names_the_file(error, path)
        return
    try:
        training = resume(run, digits(), None)
    except ValueError as error:
        _is_said_in_words(str(error))
    else:
        assert training.state.iteration == len(run.loss)


def part_of_a_saved_run(data: bytes) -> None:
    """One array of a saved training, chosen by the first byte, is these bytes; the archive around it is whole."""
    names = sorted(parts())
    name = names[data[0] % len(names)] if data else names[0]
    saved_run(_archive({**parts(), name: data[1:]}))


def text_of_a_saved_run(data: bytes) -> None:
    """The settings of a saved training, or the state of its generator, are this text."""
    name = "rng" if data[:1] == b"r" else "settings"
    # NumPy's texts hold anything but a surrogate, and end at their last character that is not null.
    text = np.array(data[1:].decode("utf-8", "replace"))
    out = io.BytesIO()
    np.lib.format.write_array(out, text)
    saved_run(_archive({**parts(), name: out.getvalue()}))


@cache
def digits() -> Digits:
    """Four training and two test digits of three pixels."""
    pixels = np.arange(12, dtype=np.uint8).reshape(4, 3)
    labels = np.array([1, 0, 3, 2], np.intp)
    return Digits(pixels, labels, pixels[:2], labels[:2], "few")


@cache
def whole_run() -> bytes:
    """A training of three iterations, saved."""
    training = Training(SMALL, digits())
    for _ in training.iterate():
        pass
    path = _folder() / "whole.npz"
    save(path, training)
    return path.read_bytes()


@cache
def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole_run())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def seeds(target: Target) -> Iterator[bytes]:
    """Inputs that mean something, to begin with."""
    if target is idx_file:
        for kind, array in ((b"i", IMAGES), (b"l", LABELS)):
            yield kind + write_idx(array)
            yield kind + gzip.compress(write_idx(array), mtime=0)
    elif target is adapters_answer:
        answers: list[dict[str, Any]] = [
            {"hello": {"protocol": 1, "name": "losses"}},
            {"id": ASKED, "error": "text"},
            {"id": ASKED, "unsupported": True},
            {"id": ASKED, "output": tensor(np.float64(0.5))},
            {"id": ASKED, "output": tensor(np.array([[1.0, np.inf], [-0.0, np.nan]], np.float32))},
            {"id": ASKED, "output": {"W1": tensor(np.eye(2)), "b1": tensor(np.arange(2))}},
        ]
        yield from (json.dumps(each).encode() for each in answers)
    elif target is saved_run:
        yield whole_run()
    elif target is part_of_a_saved_run:
        for place, name in enumerate(sorted(parts())):
            yield bytes([place]) + parts()[name]
    else:
        for name in ("settings", "rng"):
            text = str(np.lib.format.read_array(io.BytesIO(parts()[f"{name}.npy"])))
            yield name[:1].encode() + text.encode()


TARGETS: tuple[Target, ...] = (idx_file, adapters_answer, saved_run, part_of_a_saved_run, text_of_a_saved_run)
