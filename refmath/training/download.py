"""Fetches MNIST from its public mirrors; what fails a check is never kept."""

from __future__ import annotations

import logging
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from refmath.training.idx import File, read_idx
from refmath.whole_set import left_stages, stage_beside

#: Where MNIST's files lie, each with `.gz` behind its name.
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
_TIMEOUT = 30

#: Is told the file's name, how many bytes of it are there, and how many there will be (0 if nobody knows).
Watch = Callable[[str, int, int], None]


def download(directory: Path, mirrors: Sequence[str], files: Sequence[File], watch: Watch | None = None) -> None:
    """Fetches the files, checks each, and only then puts them into `directory`; an earlier copy there is replaced, and nothing else.

    Args:
        directory: Where they are to lie; it is made if it is not there.
        mirrors: Addresses that end in a slash, to be tried one after the other.
        files: What to fetch.
        watch: Is told how far it has got.

    Raises:
        ModuleNotFoundError: If pooch is not installed.
        OSError: If no mirror could serve them, or they cannot be written; the message says what was wrong with each mirror.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    for left in left_stages(directory):  # of a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    with stage_beside(directory) as scratch:
        part = scratch / "mnist"
        for file in files:
            _fetch_from_any(part, mirrors, file, watch or (lambda _name, _done, _total: None))
        if not directory.exists():
            part.replace(directory)
        else:
            for file in files:  # whatever else is there stays
                (part / f"{file.name}.gz").replace(directory / f"{file.name}.gz")
                (directory / file.name).unlink(missing_ok=True)


def _fetch_from_any(part: Path, mirrors: Sequence[str], file: File, watch: Watch) -> None:
    troubles = []
    for mirror in mirrors:
        try:
            _fetch(part, mirror, file, watch)
            return
        except (OSError, ValueError) as error:  # those of requests are OSErrors too
            troubles.append(f"{mirror}{file.name}.gz: {_plainly(error, part)}")
    raise OSError("MNIST could not be downloaded, and nothing of it was kept: " + "; ".join(troubles))


def _fetch(part: Path, mirror: str, file: File, watch: Watch) -> None:
    import pooch

    name = f"{file.name}.gz"
    (part / name).unlink(missing_ok=True)  # what another mirror served
    downloader = pooch.HTTPDownloader(progressbar=_Bar(name, 2 * math.prod(file.shape) + 1000, watch), timeout=_TIMEOUT)
    with _quiet(pooch.get_logger()):
        # pooch would compare the checksum of the compressed file, which differs between mirrors; the content's is compared below.
        pooch.retrieve(mirror + name, known_hash=None, fname=name, path=part, downloader=downloader)
    read_idx(part, file)


def _plainly(error: Exception, part: Path) -> str:
    """What went wrong, in a few words."""
    import requests

    match error:
        case requests.HTTPError() if error.response is not None:
            return f"the server answers {error.response.status_code} {error.response.reason}"
        case requests.Timeout():
            return f"no answer within {_TIMEOUT} s"
        case requests.ConnectionError() if "timed out" in str(error):  # amid a file
            return f"no answer within {_TIMEOUT} s"
        case requests.exceptions.ChunkedEncodingError():
            return "the transfer broke off"
        case requests.ConnectionError():
            return "no connection"
        case _:  # without the name of a directory that is gone by then
            return str(error).replace(f"{part}{os.sep}", "")


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """pooch tells the checksum of what it has fetched, which is of no use here."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class _Bar:
    """What pooch asks of a progress bar, handed on to `watch`; it ends a transfer that does not come to an end."""

    def __init__(self, name: str, limit: int, watch: Watch) -> None:
        self.total = 0
        self._name = name
        self._limit = limit
        self._watch = watch
        self._done = 0

    def update(self, size: int) -> None:
        self._done += size
        if self._done > self._limit:
            raise ValueError(f"it is longer than {self._limit:,} bytes, more than any copy of it")
        self._watch(self._name, self._done, self.total)

    def reset(self) -> None:
        # pooch does this at the end, and then counts the whole file once more.
        self._done = 0

    def close(self) -> None:
        pass
