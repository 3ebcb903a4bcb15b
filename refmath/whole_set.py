"""Sets of files that are written whole or not at all, and only over the files of an earlier set.

`SHA256SUMS` among them says which files belong to the set, and what is in them: a file that it does not know, or that has changed since, is a user's, and is never written over. A set is first written
into a directory of its own, a *stage*. Where there was no directory, the stage becomes it, in one step. Otherwise its files take their places one after the other, `SHA256SUMS` last;
if that fails, the old ones come back. If a process is killed meanwhile, its stage stays: by the list in it the next process knows the files that were moved, and writes the set anew.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from refmath.ended import ears
from refmath.whole_file import (
    can_lock,
    is_plain,
    locked,
    part_beside,
    parts,
    refuse_unwritable,
    written,
    written_directory,
)

SUMS = "SHA256SUMS"
_HEAD = "# Written by refmath, which replaces these files if they are unchanged. To check them: sha256sum --check SHA256SUMS\n# "
#: Where stages cannot be locked, one that is so many seconds old was left.
_OLD = 86_400.0


def refuse_place(directory: Path, names: Iterable[str], contents: Mapping[str, bytes]) -> None:
    """Finds out now whether a set could be written later; it changes nothing but what a killed process has left.

    Args:
        directory: Where it is to be.
        names: The names of its files.
        contents: What will be in those whose content is known already.

    Raises:
        OSError: If it could not: the directory cannot be made or written, or holds a file of one of the names that no earlier set has left.
    """
    if not directory.exists():
        above = next(each for each in directory.absolute().parents if each.exists())
        if not above.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{above} is not a directory", str(directory))
        with tempfile.TemporaryFile(dir=above):
            pass
        return
    if not directory.is_dir():
        raise FileExistsError(errno.EEXIST, "it exists, and is not a directory", str(directory))
    for name in (*names, SUMS):
        try:
            refuse_unwritable(directory / name)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(directory / name)) from None
    _refuse_foreign(directory, names, contents)


def write_set(directory: Path, contents: Mapping[str, bytes]) -> None:
    """Writes a set, and `SHA256SUMS`; other files in the directory stay. Signals to end wait for its end.

    Raises:
        OSError: If it cannot be written; then all is as it was before.
    """
    with ears() as heard:
        _write(directory, {**contents, SUMS: sums(contents)})
    if heard.number is not None:
        signal.raise_signal(heard.number)


def sums(contents: Mapping[str, bytes]) -> bytes:
    """The content of `SHA256SUMS`, which holds the checksum of its own lines too."""
    lines = "".join(f"{_digest(content)}  {name}\n" for name, content in sorted(contents.items())).encode()
    return _HEAD.encode() + _digest(lines).encode() + b"\n" + lines


def in_sums(content: bytes) -> dict[str, str]:
    """The checksums in a `SHA256SUMS`, by the files' names; none if it is not one that refmath wrote and nobody changed."""
    head = len(_HEAD.encode()) + 64 + 1
    lines = content[head:]
    if content[:head] != _HEAD.encode() + _digest(lines).encode() + b"\n":
        return {}
    pairs = [line.split("  ", 1) for line in lines.decode().splitlines()]
    return {name: digest for digest, name in pairs}


# ---- what is there already


def _refuse_foreign(directory: Path, names: Iterable[str], contents: Mapping[str, bytes]) -> None:
    known = [in_sums(_content(each / SUMS)) for each in (directory, *_stages(directory))]

    def is_ours(name: str) -> bool:
        path = directory / name
        content = _content(path)
        if path.is_symlink():
            return False
        if name == SUMS:
            return bool(in_sums(content))
        return content == contents.get(name) or any(_digest(content) == each.get(name) for each in known)

    foreign = [name for name in (*names, SUMS) if os.path.lexists(directory / name) and not is_ours(name)]
    if foreign:
        others = f", and neither {'is' if len(foreign) == 2 else 'are'} {', '.join(foreign[1:])}" if foreign[1:] else ""
        what = f"it is not as refmath wrote it{others}; move it away, or choose another directory"
        raise FileExistsError(errno.EEXIST, what, str(directory / foreign[0]))


def _stages(directory: Path) -> list[Path]:
    return [each for each in parts(_inside(directory)) if each.is_dir() and not each.is_symlink()]


def _inside(directory: Path) -> Path:
    """What the stages in a directory are named after."""
    return directory / "vectors"


def _content(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes() if is_plain(path) else b""
    return b""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---- writing


def _write(directory: Path, contents: Mapping[str, bytes]) -> None:
    if directory.exists():
        _refuse_foreign(directory, [name for name in contents if name != SUMS], contents)
        for left in left_stages(_inside(directory)):
            _empty(left)  # all but the list by which what it has moved is known
        with stage_beside(_inside(directory)) as stage:
            _fill(stage, contents)
            _move(stage, directory, list(contents))
        left_over = left_stages(_inside(directory))
    else:
        made = [each for each in directory.absolute().parents if not each.exists()]
        directory.parent.mkdir(parents=True, exist_ok=True)
        left_over = left_stages(directory)
        try:
            with stage_beside(directory) as stage:
                _fill(stage, contents)
                os.rename(stage, directory)
        except BaseException:
            for each in made:
                with contextlib.suppress(OSError):
                    each.rmdir()
            raise
        written_directory(directory.parent)
    for each in left_over:
        shutil.rmtree(each, ignore_errors=True)


@contextlib.contextmanager
def stage_beside(path: Path) -> Iterator[Path]:
    """A new directory, locked, that is gone when the block ends."""
    while True:
        stage = part_beside(path)
        stage.mkdir()
        lock = _opened(stage)
        if lock is not None:
            locked(lock, wait=True)
        if stage.exists():  # nobody has taken it for one that was left, in the moment before it was locked
            break
        if lock is not None:
            os.close(lock)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _fill(stage: Path, contents: Mapping[str, bytes]) -> None:
    # The list first: whatever is moved later can be known by it.
    for name in (SUMS, *(each for each in contents if each != SUMS)):
        with (stage / name).open("wb") as file:
            file.write(contents[name])
            file.flush()
            written(file.fileno())
    written_directory(stage)


def _move(stage: Path, directory: Path, names: list[str]) -> None:
    """Moves the files of a stage to their places, and takes away those of an earlier set that this one has no more; all or none."""
    old, copy = stage / ".old", stage / ".copy"
    old.mkdir()
    earlier = in_sums(_content(directory / SUMS))
    gone = [name for name in earlier if name not in names and _digest(_content(directory / name)) == earlier[name]]
    done: list[str] = []
    try:
        for name in (*(each for each in names if each != SUMS), *gone, SUMS):
            if (directory / name).exists():
                _keep(directory / name, old / name)
            done.append(name)
            if name in gone:
                (directory / name).unlink()
            elif name == SUMS:  # the list in the stage stays until the end
                _keep(stage / SUMS, copy)
                os.replace(copy, directory / SUMS)
            else:
                os.replace(stage / name, directory / name)
    except BaseException:
        for name in reversed(done):
            with contextlib.suppress(OSError):
                if (old / name).exists():
                    os.replace(old / name, directory / name)
                elif name not in gone:
                    (directory / name).unlink()
        raise
    written_directory(directory)


def _keep(path: Path, copy: Path) -> None:
    """Gives a file a second name; where it can have but one, copies it."""
    try:
        os.link(path, copy)
    except OSError:
        shutil.copy2(path, copy)


# ---- what a killed process has left


def left_stages(path: Path) -> list[Path]:
    """The stages of processes that are no more."""
    return [each for each in parts(path) if each.is_dir() and not each.is_symlink() and _is_left(each)]


def _is_left(stage: Path) -> bool:
    descriptor = _opened(stage) if can_lock() else None
    if descriptor is None:
        with contextlib.suppress(OSError):
            return time.time() - stage.stat().st_mtime > _OLD
        return False
    try:
        return locked(descriptor)
    finally:
        os.close(descriptor)


def _opened(directory: Path) -> int | None:
    """A directory, open; None where directories cannot be opened, as on Windows."""
    with contextlib.suppress(OSError):
        return os.open(directory, os.O_RDONLY)
    return None


def _empty(stage: Path) -> None:
    with contextlib.suppress(OSError):
        for each in stage.iterdir():
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)
            elif each.name != SUMS:
                each.unlink()
