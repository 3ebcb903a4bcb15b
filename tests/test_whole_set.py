"""A set of files is written whole or not at all; a user's files stay."""

from __future__ import annotations

import errno
import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from refmath import whole_file
from refmath.whole_file import MARK, part_beside
from refmath.whole_set import SUMS, in_sums, refuse_place, stage_beside, sums, write_set

ONE = {"a": b"1", "b": b"1", "gone": b"1"}
TWO = {"a": b"2", "b": b"2", "new": b"2"}


def there(directory: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in directory.iterdir()}


def test_the_list_of_checksums_is_read_as_it_was_written() -> None:
    """A list that anybody has changed says nothing."""
    written = sums(ONE)
    assert in_sums(written).keys() == ONE.keys()
    for changed in (b"", b"x", written[:-1], written + b"\n", written.replace(b"gone", b"mine"), written[1:]):
        assert in_sums(changed) == {}


def test_a_set_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    """Files that it has no more go, except for those that the user has changed; all others stay."""
    target = tmp_path / "below" / "set"
    write_set(target, ONE)
    assert there(target) == {**ONE, SUMS: sums(ONE)}
    (target / "mine").write_bytes(b"mine")
    write_set(target, TWO)
    assert there(target) == {**TWO, SUMS: sums(TWO), "mine": b"mine"}
    write_set(target, ONE)
    (target / "gone").write_bytes(b"mine")
    write_set(target, TWO)
    assert there(target) == {**TWO, SUMS: sums(TWO), "mine": b"mine", "gone": b"mine"}


def test_what_is_not_in_the_way_need_not_be_known(tmp_path: Path) -> None:
    """A file that holds already what is to be written is no obstacle, whoever has put it there."""
    (tmp_path / "a").write_bytes(b"2")
    write_set(tmp_path, TWO)
    assert there(tmp_path) == {**TWO, SUMS: sums(TWO)}


@pytest.mark.parametrize("count", range(1, 6))
@pytest.mark.parametrize("links", [True, False])
def test_if_a_file_cannot_take_its_place_all_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, links: bool
) -> None:
    """Whichever it is, and whether or not a file may have two names."""
    write_set(tmp_path, ONE)
    before = there(tmp_path)
    calls, replace, unlink = iter(range(1, 99)), os.replace, Path.unlink

    def fails() -> None:
        if next(calls) == count:
            raise OSError(13, "Permission denied")

    def may_fail(do: Any, *arguments: object) -> Any:
        fails()
        return do(*arguments)

    def no_links(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", partial(may_fail, replace))
        patch.setattr(Path, "unlink", lambda path, **_: may_fail(unlink, path))
        if not links:
            patch.setattr(os, "link", no_links)
        with pytest.raises(OSError, match="Permission denied"):
            write_set(tmp_path, TWO)
    assert there(tmp_path) == before


def test_a_new_set_that_cannot_be_written_leaves_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor those above it that were made for it."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_set(tmp_path / "one" / "two" / "set", ONE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("age", [0, 100_000])
def test_where_nothing_can_be_locked_old_stages_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int
) -> None:
    """On Windows, where directories cannot be opened, one that may still be written stays for a day."""
    monkeypatch.setattr(whole_file, "_fcntl", None)
    stage = part_beside(tmp_path / "vectors")
    stage.mkdir()
    os.utime(stage, (time.time() - age,) * 2)
    write_set(tmp_path, ONE)
    assert stage.exists() == (age == 0)
    assert in_sums((tmp_path / SUMS).read_bytes()).keys() == ONE.keys()


def test_a_place_is_refused_before(tmp_path: Path) -> None:
    """Nothing is made where it could be written, and what is in the way is named."""
    refuse_place(tmp_path / "one" / "two", ("a", "b"), {})
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "b").write_bytes(b"2")
    with pytest.raises(FileExistsError, match="it is not as refmath wrote it; move it away") as told:
        refuse_place(tmp_path, ("a", "b"), {})
    assert told.value.filename == str(tmp_path / "b")
    refuse_place(tmp_path, ("a", "b"), {"b": b"2"})
    for place, trouble, named in (
        (tmp_path / "b" / "set", NotADirectoryError, tmp_path / "b" / "set"),
        (tmp_path / "b", FileExistsError, tmp_path / "b"),
    ):
        with pytest.raises(trouble) as refused:
            refuse_place(place, ("a",), {})
        assert refused.value.filename == str(named)
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError) as in_the_way:
        refuse_place(tmp_path, ("a",), {})
    assert (in_the_way.value.filename, in_the_way.value.strerror) == (str(tmp_path / "a"), "it is a directory")
    (tmp_path / "a").rmdir()
    assert not [each for each in os.listdir(tmp_path) if MARK in each]


def test_all_that_is_in_the_way_is_named(tmp_path: Path) -> None:
    """The first by its path, the others after it; the number is that of a file that exists."""
    for names, others in (("a", ""), ("ab", ", and neither is b"), ("abc", ", and neither are b, c")):
        for name in names:
            (tmp_path / name).write_bytes(b"mine")
        with pytest.raises(FileExistsError) as told:
            refuse_place(tmp_path, tuple(names), {})
        assert told.value.errno == errno.EEXIST
        assert told.value.strerror == (
            f"it is not as refmath wrote it{others}; move it away, or choose another directory"
        )
        assert told.value.filename == str(tmp_path / "a")
    with pytest.raises(FileExistsError) as no_directory:
        refuse_place(tmp_path / "a", ("a",), {})
    assert (no_directory.value.errno, no_directory.value.strerror) == (
        errno.EEXIST,
        "it exists, and is not a directory",
    )


@pytest.mark.skipif(not whole_file.can_lock(), reason="it is their age that tells there")
def test_what_a_killed_process_has_left_goes_at_once_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    """Whoever lives holds a lock on its stage; what is in one that was left goes with it, but for its list until the set is whole."""
    left = part_beside(tmp_path / "vectors")
    left.mkdir()
    (left / "a").write_bytes(b"half")
    (left / ".old").mkdir()
    (left / ".old" / "a").write_bytes(b"old")
    with stage_beside(tmp_path / "vectors") as living:
        write_set(tmp_path, ONE)
        assert living.is_dir()
        assert not left.exists()
    assert not living.exists()
