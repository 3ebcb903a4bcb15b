"""Files are written whole or not at all, and what could not be written is found out before."""

from __future__ import annotations

import builtins
import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from refmath import whole_file as module
from refmath.whole_file import MARK, part_beside, refuse_unwritable, remove_left, whole_file

on_posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="links, devices and permissions are others there")


def test_the_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """The new content is there when the block has ended, and not before; nothing else is left in the directory."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with whole_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_everything_as_it_was(tmp_path: Path, trouble: type[BaseException]) -> None:
    """After an error or Ctrl-C amid writing, the old content is still there, and nothing beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise trouble

    with pytest.raises(trouble):
        write_half()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@on_posix
def test_others_may_read_it_as_far_as_the_user_allows(tmp_path: Path) -> None:
    """The file has the permissions of any file that the user makes."""
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "file"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


@on_posix
def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    """What a link leads to is replaced; a pipe is written to, as a device is, which no test should have in its hands."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "file")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        for path in (tmp_path / "link", tmp_path / "pipe"):
            refuse_unwritable(path)
            with whole_file(path) as file:
                file.write(b"new")
        assert os.read(reader, 9) == b"new"
    finally:
        os.close(reader)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "file").read_bytes() == b"new"
    assert (tmp_path / "pipe").is_fifo()


def test_what_cannot_be_written_is_refused_before(tmp_path: Path) -> None:
    """A directory that is not there, one in place of the file, and a file in place of the directory are refused; nothing is left."""
    (tmp_path / "file").write_bytes(b"old")
    for path in (tmp_path / "nowhere" / "file", tmp_path, tmp_path / "file" / "file"):
        with pytest.raises(OSError, match=r"directory"):
            refuse_unwritable(path)
    refuse_unwritable(tmp_path / "file")
    refuse_unwritable(tmp_path / "new")
    assert os.listdir(tmp_path) == ["file"]


@on_posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_what_may_not_be_written_is_refused_before(tmp_path: Path) -> None:
    """A file, and a directory, that is write-protected is refused."""
    (tmp_path / "file").touch(mode=0o400)
    (tmp_path / "folder").mkdir(mode=0o500)
    for path in (tmp_path / "file", tmp_path / "folder" / "file"):
        with pytest.raises(PermissionError):
            refuse_unwritable(path)


@on_posix
def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    """What nobody else may read is not open to all when it is written anew."""
    path = tmp_path / "file"
    path.touch(mode=0o600)
    with whole_file(path):
        pass
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("length", [200, 201, 240, 255])
def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path, length: int) -> None:
    """There is room for the name of the part too; a longer one is refused before."""
    path = tmp_path / ("n" * length)
    for content in (b"old", b"new"):
        refuse_unwritable(path)
        with whole_file(path) as file:
            file.write(content)
    assert path.read_bytes() == b"new"
    with pytest.raises(OSError, match=r"."):
        refuse_unwritable(tmp_path / ("n" * 256))


def test_why_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reason has the number and the words of the system's own."""
    with pytest.raises(IsADirectoryError) as told:
        refuse_unwritable(tmp_path)
    assert (told.value.errno, told.value.strerror) == (errno.EISDIR, "it is a directory")
    with pytest.raises(FileNotFoundError) as missing:
        refuse_unwritable(tmp_path / "nowhere" / "file")
    assert (missing.value.errno, missing.value.strerror) == (
        errno.ENOENT,
        f"there is no directory {tmp_path / 'nowhere'}",
    )
    (tmp_path / "file").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: (Path(path), mode) != (tmp_path / "file", os.W_OK))
    with pytest.raises(PermissionError) as protected:
        refuse_unwritable(tmp_path / "file")
    assert (protected.value.errno, protected.value.strerror) == (errno.EACCES, "it may not be written")


def test_a_part_is_never_somebody_elses_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file has the name already, another one is made up; the new part is open and locked, waiting for the lock if need be."""
    names, waits = iter(["00000000", "11111111"]), []
    monkeypatch.setattr("refmath.whole_file.secrets.token_hex", lambda _size: next(names))
    monkeypatch.setattr(module, "remove_left", lambda _path: None)
    monkeypatch.setattr(module, "locked", lambda _descriptor, wait=False: waits.append(wait))
    theirs = tmp_path / f".file.00000000{MARK}"
    theirs.write_bytes(b"theirs")
    with whole_file(tmp_path / "file") as file:
        file.write(b"new")
        assert (tmp_path / f".file.11111111{MARK}").exists()
    assert theirs.read_bytes() == b"theirs"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert waits == [True]


# ---- disks that are full


@pytest.mark.parametrize("where", ["flush", "close", "fsync", "replace"])
def test_a_failure_at_the_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """If the disk is full when the part is flushed, written, closed or moved, the old content stays, and nothing beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    class Part:
        def __init__(self, file: IO[bytes]) -> None:
            self._file = file

        def __getattr__(self, name: str) -> Any:
            return full if name == where else getattr(self._file, name)

        def close(self) -> None:
            self._file.close()
            if where == "close":
                full()

    monkeypatch.setattr(module, "open", lambda descriptor, _mode: Part(builtins.open(descriptor, "wb")), raising=False)  # noqa: SIM115
    if where in ("fsync", "replace"):
        monkeypatch.setattr(os, where, full)
    with pytest.raises(OSError, match="No space left"), whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@on_posix
def test_a_limit_on_the_size_of_files_leaves_nothing(tmp_path: Path) -> None:
    """What does not fit into the buffer is refused while it is written, and again when the part is closed."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = (
        "import resource, sys, pathlib, refmath.whole_file as w\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "with w.whole_file(pathlib.Path(sys.argv[1])) as file:\n    file.write(b'new' * int(sys.argv[2]))"
    )
    for times in ("1500", "100000"):
        told = subprocess.run(
            [sys.executable, "-c", code, path, times], capture_output=True, text=True, check=False, timeout=60
        )
        assert "File too large" in told.stderr
        assert "Exception ignored" not in told.stderr
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["file"]


# ---- what a killed process leaves

KILLED = (
    "import os, sys, pathlib, refmath.whole_file as w\n"
    "with w.whole_file(pathlib.Path(sys.argv[1])) as file:\n"
    "    file.write(b'half')\n    file.flush()\n    print(flush=True)\n    sys.stdin.readline()\n    os._exit(9)"
)


@on_posix
def test_what_a_killed_process_has_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    """The next that writes the same file removes it, and so does the next that only asks whether it could be."""
    path = tmp_path / "file"
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    for write in (remove_left, refuse_unwritable, lambda path: whole_file(path).__enter__()):
        with subprocess.Popen([sys.executable, "-c", KILLED, path], **pipes) as process:
            assert process.stdout is not None
            process.stdout.readline()
            remove_left(path)
            (part,) = tmp_path.iterdir()
            assert part.read_bytes() == b"half"
            process.communicate(b"\n", timeout=60)
        assert process.returncode == 9
        assert part.exists()
        write(path)
        assert not part.exists()


@on_posix
def test_a_part_is_locked_until_it_has_taken_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is closed already: nobody removes it in the last moment."""
    path, replace = tmp_path / "file", os.replace

    def others_come(*names: str) -> None:
        remove_left(path)
        replace(*names)

    monkeypatch.setattr(os, "replace", others_come)
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


@on_posix
def test_a_part_that_was_removed_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody took it for one that was left."""
    path, locked = tmp_path / "file", module.locked
    times = iter([True])

    def others_come(descriptor: int, wait: bool = False) -> bool:
        if next(times, False):
            remove_left(path)
        return locked(descriptor, wait)

    monkeypatch.setattr(module, "locked", others_come)
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


def test_nothing_else_is_taken_for_a_part(tmp_path: Path) -> None:
    """A part of another file, a directory, a link, and a user's file of a similar name stay."""
    path = tmp_path / "file"
    part_beside(tmp_path / "other").touch()
    part_beside(tmp_path / "file.npz").touch()
    part_beside(path).mkdir()
    (tmp_path / f".file.{MARK}").touch()
    (tmp_path / f".file.0123456g{MARK}").touch()
    (tmp_path / f".file.01234567{MARK}.txt").touch()
    (tmp_path / f"file.01234567{MARK}").touch()
    if hasattr(os, "mkfifo"):
        part_beside(path).symlink_to(tmp_path / "nowhere")
        os.mkfifo(part_beside(path))
    before = set(os.listdir(tmp_path))
    remove_left(path)
    assert set(os.listdir(tmp_path)) == before


def test_without_locks_it_is_removed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has none, but removes no file that is open."""
    monkeypatch.setattr(module, "_fcntl", None)
    path = tmp_path / "file"
    part_beside(path).touch()
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]
