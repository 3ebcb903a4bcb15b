"""Files are written whole or not at all, and what could not be written is found out before."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from refmath.whole_file import refuse_unwritable, whole_file

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="links, devices and permissions are others there")


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
def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    """What a link leads to is replaced, and a device is written to."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "file")
    for path in (tmp_path / "link", Path(os.devnull)):
        refuse_unwritable(path)
        with whole_file(path) as file:
            file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "file").read_bytes() == b"new"
    assert not Path(os.devnull).is_file()


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
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everything")
def test_what_may_not_be_written_is_refused_before(tmp_path: Path) -> None:
    """A file, and a directory, that is write-protected is refused."""
    (tmp_path / "file").touch(mode=0o400)
    (tmp_path / "folder").mkdir(mode=0o500)
    for path in (tmp_path / "file", tmp_path / "folder" / "file"):
        with pytest.raises(PermissionError):
            refuse_unwritable(path)
