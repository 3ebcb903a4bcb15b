"""Files that are written whole or not at all.

The new content is written beside the file, into a *part*, which then takes its place. While a process writes a part it holds a lock on it, and the system lets go of the lock when the
process ends, however that happens. So a part without one was left by a process that was killed, and is removed by the next that writes the same file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

_fcntl: Any = None  # on Windows, where nobody removes a file that is open
with contextlib.suppress(ImportError):
    import fcntl as _fcntl

#: How the name of a part ends.
MARK = ".refmath-part"
#: What a file system answers that cannot be asked to write its content to the disk now.
_UNASKED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def refuse_unwritable(path: Path) -> None:
    """Finds out now whether `path` could be written later; it changes nothing but what a killed process has left of it.

    Raises:
        OSError: If it could not: there is no such directory, it is a directory itself, its name is too long, or writing is not allowed.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.lstat()
    path = _real(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no directory {path.parent}")
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it may not be written")
    if is_plain(path):
        remove_left(path)
        with tempfile.TemporaryFile(dir=path.parent):
            pass


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write `path`'s new content into; it takes the place of the old one when the block ends, and only if it ends well.

    Raises:
        OSError: If it cannot be written; then the old one, if there is one, is as it was, and nothing is beside it.
    """
    path = _real(path)
    if not is_plain(path):
        with path.open("wb") as device:
            yield device
        return
    remove_left(path)
    descriptor, name = _begun(path)
    lock = None if _fcntl is None else os.dup(descriptor)
    part = open(descriptor, "wb")  # noqa: SIM115  # closed below, whatever happens
    try:
        yield part
        part.flush()
        written(part.fileno())
        part.close()
        with contextlib.suppress(FileNotFoundError):
            os.chmod(name, stat.S_IMODE(path.stat().st_mode))
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):  # it tries once more to write what did not fit
            part.close()
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    finally:
        if lock is not None:
            os.close(lock)
    written_directory(path.parent)


def is_plain(path: Path) -> bool:
    """Whether it is a file, or will be one; a device or a pipe stays what it is."""
    return path.is_file() or not path.exists()


def remove_left(path: Path) -> None:
    """Removes what killed processes have left of a file; what a living one is writing stays."""
    for part in parts(path):
        with contextlib.suppress(OSError):  # it is somebody else's, or gone by now
            if _fcntl is None:
                part.unlink()
            elif stat.S_ISREG(part.lstat().st_mode):
                descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    if locked(descriptor):
                        part.unlink()
                finally:
                    os.close(descriptor)


def parts(path: Path) -> list[Path]:
    """The parts of a file, or the unfinished directories, that lie beside it."""
    form = re.compile(rf"\.{re.escape(_stem(path))}\.[0-9a-f]{{8}}{re.escape(MARK)}")
    with contextlib.suppress(OSError):
        return [path.parent / name for name in os.listdir(path.parent) if form.fullmatch(name)]
    return []


def part_beside(path: Path) -> Path:
    """The name of a new part."""
    return path.parent / f".{_stem(path)}.{secrets.token_hex(4)}{MARK}"


def can_lock() -> bool:
    """Whether this system has locks that end with their process."""
    return _fcntl is not None


def locked(descriptor: int, wait: bool = False) -> bool:
    """Locks an open file or directory for as long as it is open; False if somebody else has done so, or nobody can."""
    try:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | (0 if wait else _fcntl.LOCK_NB))
    except (AttributeError, OSError):
        return False
    return True


def written(descriptor: int) -> None:
    """Waits until what was written into a file is on the disk, where the system can be asked for that.

    Raises:
        OSError: If it could not be written.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNASKED:
            raise


def written_directory(path: Path) -> None:
    """Waits until the names in a directory are on the disk, where the system can be asked for that."""
    with contextlib.suppress(OSError):  # the content is there; Windows opens no directories
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _begun(path: Path) -> tuple[int, str]:
    """A new part, open and locked, and its name; the user says by his umask who may read it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    while True:
        name = str(part_beside(path))
        try:
            descriptor = os.open(name, flags, 0o666)
        except FileExistsError:
            continue
        locked(descriptor, wait=True)
        if os.path.exists(name):  # nobody has taken it for one that was left, in the moment before it was locked
            return descriptor, name
        os.close(descriptor)


def _real(path: Path) -> Path:
    """Where a link leads to, so that it stays a link; that of a pipe leads nowhere, as /dev/stdout."""
    return Path(os.path.realpath(path)) if is_plain(path) else path


def _stem(path: Path) -> str:
    """A file's name, or what stands for one that leaves no room for more."""
    name = path.name
    return name if len(os.fsencode(name)) <= 200 else hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
