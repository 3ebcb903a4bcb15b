"""MNIST's files: what is read, what is refused and why, what refmath brings along, and the download."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digits import write_mnist
from numpy.typing import NDArray

from refmath.training.download import download
from refmath.training.idx import File, read_idx, write_idx
from refmath.training.mnist import (
    EMBEDDED,
    FULL,
    cache_directory,
    cached,
    embedded,
    fingerprint,
    read_mnist,
    scaled,
)

REAL = os.environ.get("REFMATH_MNIST")
needs_mnist = pytest.mark.skipif(REAL is None, reason="REFMATH_MNIST names no directory with the four files of MNIST")
DATA = Path(__file__).parents[1] / "refmath" / "training" / "data"


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a directory."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}


# ---- reading


@pytest.mark.parametrize("gzipped", [True, False])
def test_the_four_files_are_read(tmp_path: Path, gzipped: bool) -> None:
    """Images become rows of bytes and labels integers, from gzipped files and from others; what is written is read again."""
    files = write_mnist(tmp_path, 7, 3, gzipped=gzipped)
    read = read_mnist(tmp_path, files)
    assert read.x_train.shape == (7, 784)
    assert read.x_test.shape == (3, 784)
    assert read.t_train.shape == (7,)
    assert read.t_train.dtype == np.intp
    assert read.fingerprint == fingerprint(files)
    arrays: tuple[NDArray[Any], ...] = (read.x_train, read.t_train, read.x_test, read.t_test)
    for file, array in zip(files, arrays, strict=True):
        raw = (tmp_path / (file.name + ".gz" * gzipped)).read_bytes()
        assert write_idx(array.reshape(file.shape)) == (gzip.decompress(raw) if gzipped else raw)


def test_a_compressed_file_without_its_suffix_is_read(tmp_path: Path) -> None:
    """Whether a file is compressed is seen from its first bytes, and not from its name."""
    (file, *_) = write_mnist(tmp_path)
    (tmp_path / f"{file.name}.gz").rename(tmp_path / file.name)
    assert read_idx(tmp_path, file).shape == file.shape


def test_the_fingerprint_tells_data_apart(tmp_path: Path) -> None:
    """Other digits have another fingerprint, the same ones the same."""
    same, again, other = (write_mnist(tmp_path / str(n), seed=seed) for n, seed in enumerate((0, 0, 1)))
    assert fingerprint(same) == fingerprint(again) != fingerprint(other)


def test_pixels_are_scaled_to_0_to_1() -> None:
    """Every pixel is divided by 255 in the number format asked for, with one rounding."""
    pixels = np.arange(256, dtype=np.uint8)
    for dtype in ("float64", "float32"):
        got = scaled(pixels, dtype)
        assert got.dtype == dtype
        assert (got == (np.arange(256) / 255).astype(dtype)).all()
        assert (got[0], got[-1]) == (0, 1)


# ---- refusing

IMAGES = File("images", (3, 2, 2), hashlib.sha256(write_idx(np.arange(12).reshape(3, 2, 2))).hexdigest())
RIGHT = write_idx(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
FAULTY = {
    "nothing": (b"", "not an IDX file of 3-D bytes: it begins with nothing, not 00000803"),
    "foreign": (b"\x89PNG....", "not an IDX file of 3-D bytes: it begins with 89504e47, not 00000803"),
    "labels": (write_idx(np.zeros(12)), "not an IDX file of 3-D bytes: it begins with 00000801, not 00000803"),
    "header": (RIGHT[:9], "truncated: it ends in its header, after 9 bytes"),
    "sizes": (write_idx(np.zeros((4, 2, 2))), "another file: it holds 4 × 2 × 2 bytes, where images has 3 × 2 × 2"),
    "short": (RIGHT[:-1], "truncated: it has 27 bytes (uncompressed), and should have 28"),
    "long": (RIGHT + b"x", "too long: it goes on after the 28 bytes that it should have"),
    "changed": (RIGHT[:-1] + b"x", "other content: of the right form, but its SHA-256 (uncompressed) is "),
}


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("fault", FAULTY)
def test_it_is_said_what_is_wrong_with_a_file(tmp_path: Path, fault: str, gzipped: bool) -> None:
    """A truncated, a longer, a foreign and a changed file are refused with its name and exactly what is wrong with it."""
    content, message = FAULTY[fault]
    path = tmp_path / ("images.gz" if gzipped else "images")
    path.write_bytes(gzip.compress(content) if gzipped else content)
    with pytest.raises(ValueError, match=re.escape(f"{path}: {message}")):
        read_idx(tmp_path, IMAGES)


def test_a_right_file_is_not_refused(tmp_path: Path) -> None:
    """The same file without a fault is read."""
    (tmp_path / "images").write_bytes(RIGHT)
    assert (read_idx(tmp_path, IMAGES).ravel() == np.arange(12)).all()


def test_a_broken_gzip_stream_is_refused_wherever_it_breaks(tmp_path: Path) -> None:
    """A gzip stream cut off at any byte, or with one byte changed, is refused in a sentence or has the right content."""
    path = tmp_path / "images.gz"
    whole = gzip.compress(RIGHT, mtime=0)
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(ValueError, match=r"images\.gz: (truncated|not an IDX file)"):
            read_idx(tmp_path, IMAGES)
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            read_idx(tmp_path, IMAGES)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017  # a byte of the header that means nothing may be any


def test_an_endless_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A file that would unpack to gigabytes is refused after the size that it should have."""
    with gzip.open(tmp_path / "images.gz", "wb", compresslevel=9) as out:
        out.write(RIGHT)
        for _ in range(64):
            out.write(bytes(1 << 20))
    with pytest.raises(ValueError, match="too long"):
        read_idx(tmp_path, IMAGES)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing directory and a missing file are named, the latter under both its names."""
    with pytest.raises(FileNotFoundError, match=r"there is no directory .*nowhere"):
        read_mnist(tmp_path / "nowhere", FULL)
    files = write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte\.gz"):
        read_mnist(tmp_path, files)


# ---- the embedded subset


def test_the_embedded_subset_is_what_it_should_be() -> None:
    """5,000 and 1,000 real digits of all ten classes, in at most 1.5 MB, with licence, authors and checksums beside them."""
    read = embedded()
    assert (len(read.x_train), len(read.x_test)) == (5000, 1000)
    for labels in (read.t_train, read.t_test):
        assert (np.bincount(labels) > len(labels) / 20).all()
    assert sum(len(content) for content in contents(DATA).values()) < 1_500_000
    note = (DATA / "README.md").read_text(encoding="utf-8")
    assert "CC BY-SA 3.0" in note
    assert "Yann LeCun, Corinna Cortes and Christopher J. C. Burges" in note
    for file in EMBEDDED:
        assert f"{file.sha256}  {file.name}" in note


@needs_mnist
def test_the_embedded_digits_are_mnists_own() -> None:
    """Every embedded digit is one of MNIST's, the training digits among its training digits, with the label it has there."""
    full, part = read_mnist(Path(str(REAL)), FULL), embedded()
    for x, t, all_x, all_t in (
        (part.x_train, part.t_train, full.x_train, full.t_train),
        (part.x_test, part.t_test, full.x_test, full.t_test),
    ):
        there = {(image.tobytes(), int(label)) for image, label in zip(all_x, all_t, strict=True)}
        here = {(image.tobytes(), int(label)) for image, label in zip(x, t, strict=True)}
        assert here <= there
        assert len(here) == len(x)


# ---- the cache and the download


class Server(http.server.ThreadingHTTPServer):
    """A mirror on this machine: serves a directory, under `/broken/` only half of each file, and so on."""

    directory: Path
    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers in the ways that real servers have."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)
        *_, manner, name = self.path.split("/")
        path = self.server.directory / name
        if not path.is_file() or manner == "missing":
            self.send_error(404)
            return
        content = gzip.compress(b"another file") if manner == "other" else path.read_bytes()
        self.send_response(200)
        if manner != "long":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content[: len(content) // 2] if manner == "broken" else content)
            for _ in range(1000 if manner == "long" else 0):
                self.wfile.write(bytes(1000))
        except ConnectionError:
            pass  # the client has had enough, as it should

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mirror that serves the directory `served`."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as made:
        made.directory, made.asked = tmp_path / "served", []
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the download goes."""
    return tmp_path / "cache" / "mnist"


def test_a_download_is_what_the_mirror_has(server: Server, kept: Path) -> None:
    """All four files are fetched from the first mirror and can be read, with progress up to their size."""
    files = write_mnist(server.directory)
    told: dict[str, tuple[int, int]] = {}
    download(kept, [server.url], files, lambda name, done, total: told.update({name: (done, total)}))
    assert contents(kept) == contents(server.directory)
    assert read_mnist(kept, files).fingerprint == fingerprint(files)
    assert told == {name: (len(content), len(content)) for name, content in contents(server.directory).items()}
    assert server.asked == [f"/{file.name}.gz" for file in files]
    assert os.listdir(kept.parent) == ["mnist"]


def changed(served: Path) -> None:
    """Of the second file, the content is another one of the right form."""
    path = served / f"{FULL[1].name}.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1] + b"\x0a"))


def no_gzip(served: Path) -> None:
    """In place of the second file there is a page that says something else."""
    (served / f"{FULL[1].name}.gz").write_bytes(b"<html>This is not the file you are looking for.</html>")


@pytest.mark.parametrize(
    ("manner", "harm", "message"),
    [
        ("broken/", None, "train-images-idx3-ubyte.gz: the transfer broke off"),
        ("missing/", None, "train-images-idx3-ubyte.gz: the server answers 404 Not Found"),
        ("long/", None, "train-images-idx3-ubyte.gz: it is longer than 63,720 bytes, more than any copy of it"),
        ("", changed, "train-labels-idx1-ubyte.gz: other content: of the right form, but its SHA-256"),
        ("", no_gzip, "train-labels-idx1-ubyte.gz: not an IDX file of 1-D bytes: it begins with 3c68746d"),
    ],
)
def test_a_bad_download_is_refused_and_nothing_kept(
    server: Server, kept: Path, manner: str, harm: Callable[[Path], None] | None, message: str
) -> None:
    """A transfer that breaks off, a missing file, one without end and a wrong checksum are told, and nothing is left of them."""
    files = write_mnist(server.directory, 40, 20)
    if harm:
        harm(server.directory)
    with pytest.raises(OSError, match="nothing of it was kept") as caught:
        download(kept, [server.url + manner], files)
    assert message in str(caught.value)
    assert str(kept.parent) not in str(caught.value)
    assert os.listdir(kept.parent) == []


def test_the_next_mirror_is_tried(server: Server, kept: Path) -> None:
    """What one mirror lacks or breaks is fetched from the next; one that does not answer is told as such where none is left."""
    files = write_mnist(server.directory)
    nobody = "http://127.0.0.1:9/"
    download(kept, [nobody, *(server.url + manner for manner in ("broken/", "missing/", "other/", ""))], files)
    assert contents(kept) == contents(server.directory)
    with pytest.raises(OSError, match=r"http://127\.0\.0\.1:9/train-images-idx3-ubyte\.gz: no connection"):
        download(kept, [nobody], files)
    assert contents(kept) == contents(server.directory)


def test_a_download_replaces_a_damaged_copy(server: Server, kept: Path) -> None:
    """A new copy takes the place of the old one as a whole."""
    files = write_mnist(server.directory)
    kept.mkdir(parents=True)
    (kept / f"{FULL[0].name}").write_bytes(b"damaged")
    download(kept, [server.url], files)
    assert contents(kept) == contents(server.directory)
    assert os.listdir(kept.parent) == ["mnist"]


def test_the_cache_is_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REFMATH_CACHE names the directory of the cache; otherwise it is the system's; what is in it is read, and damage is told."""
    monkeypatch.delenv("REFMATH_CACHE", raising=False)
    place = cache_directory()
    assert place is not None
    assert "refmath" in place.parts
    monkeypatch.setenv("REFMATH_CACHE", str(tmp_path))
    assert cached(FULL) is None
    files = write_mnist(tmp_path / "mnist")
    found = cached(files)
    assert found is not None
    assert found.fingerprint == fingerprint(files)
    with pytest.raises(ValueError, match="another file"):
        cached(FULL)
