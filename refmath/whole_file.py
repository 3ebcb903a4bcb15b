"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def refuse_unwritable(path: Path) -> None:
    """Finds out now whether `path` could be written later; nothing is changed by it.

    Raises:
        OSError: If it could not: there is no such directory, it is a directory itself, or writing is not allowed.
    """
    path = _real(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no directory {path.parent}")
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it may not be written")
    if _is_plain(path):
        with tempfile.TemporaryFile(dir=path.parent):
            pass


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write `path`'s new content into; it takes the place of the old one when the block ends, and only if it ends well.

    Raises:
        OSError: If it cannot be written; then the old one, if there is one, is as it was.
    """
    path = _real(path)
    if not _is_plain(path):
        with path.open("wb") as device:
            yield device
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        try:
            yield part  # type: ignore[misc]  # a wrapper that has all of a file's methods
            part.close()
            os.chmod(part.name, 0o666 & ~_umask())
            os.replace(part.name, path)
        except BaseException:
            part.close()
            Path(part.name).unlink(missing_ok=True)
            raise


def _real(path: Path) -> Path:
    """Where a link leads to, so that it stays a link."""
    return Path(os.path.realpath(path))


def _is_plain(path: Path) -> bool:
    """Whether it is a file, or will be one; a device or a pipe stays what it is."""
    return path.is_file() or not path.exists()


def _umask() -> int:
    """What the user withholds from files that are made anew; a temporary file is readable by its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
