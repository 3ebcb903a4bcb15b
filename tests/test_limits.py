"""Limits hold, and leave everything as it was: on the time of a call, on what a file unpacks to, on a server that says no more."""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from digits import write_mnist

from refmath.oracle.candidates.guard import _Limit, _TooLate
from refmath.training import download as module
from refmath.training.download import download
from refmath.training.idx import File, read_idx
from refmath.whole_file import MARK

with_timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="calls cannot be interrupted there")


# ---- the time of a call


@pytest.fixture
def rings() -> Iterator[list[float]]:
    """When a timer that somebody else has set went off."""
    told: list[float] = []
    before = signal.signal(signal.SIGALRM, lambda *_: told.append(time.monotonic()))
    yield told
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@with_timers
def test_a_timer_of_somebody_else_goes_on(rings: list[float]) -> None:
    """It has as much time left as it would have had, and the same interval; its handler is back."""
    handler = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 100, 7)
    with _Limit(10):
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= 10
        time.sleep(0.05)
    remaining, interval = signal.getitimer(signal.ITIMER_REAL)
    assert 90 < remaining <= 99.95
    assert interval == 7
    assert signal.getsignal(signal.SIGALRM) is handler
    assert rings == []


@with_timers
def test_a_timer_that_would_have_gone_off_meanwhile_does_so_at_once(rings: list[float]) -> None:
    """And only once, if it was to do so once."""
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    with _Limit(10):
        time.sleep(0.05)
        assert rings == []
    time.sleep(0.05)
    assert len(rings) == 1
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@with_timers
def test_without_a_timer_none_is_left(rings: list[float]) -> None:
    """Neither after a call in time, nor after one that took too long."""
    for seconds, takes in ((10.0, 0.0), (0.02, 5.0)):
        limit = _Limit(seconds)
        with contextlib.suppress(_TooLate), limit:
            time.sleep(takes)
        assert limit.passed == (takes > seconds)
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert rings == []


@with_timers
def test_a_call_that_swallows_the_interruption_is_interrupted_again() -> None:
    """After a tenth of the time."""
    limit = _Limit(0.05)
    with contextlib.suppress(_TooLate), limit:
        for _ in range(3):
            try:
                time.sleep(5)
            except _TooLate:
                continue
        time.sleep(5)
    assert limit.passed


@with_timers
@pytest.mark.parametrize("seconds", [None, 0.01])
def test_only_the_main_thread_is_interrupted(seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere the call is waited for, and it is told that time had passed; without a limit nobody is."""
    monkeypatch.setattr(signal, "setitimer", lambda *_: pytest.fail("a timer is set"))
    limit = _Limit(seconds)
    found: list[bool] = []

    def work() -> None:
        mine = _Limit(0.01)
        with mine:
            time.sleep(0.03)
        found.append(mine.passed)

    if seconds is None:
        with limit:
            time.sleep(0.02)
        assert not limit.passed
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]


# ---- what a file unpacks to


def test_a_gzip_bomb_takes_no_memory(tmp_path: Path) -> None:
    """Of 256 MiB that a quarter of a megabyte unpacks to, no more is unpacked than the file should have."""
    with gzip.open(tmp_path / "images.gz", "wb", compresslevel=9) as out:
        for _ in range(256):
            out.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="not an IDX file"):
            read_idx(tmp_path, File("images", (3, 2, 2), ""))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


# ---- a server that says no more


@pytest.mark.parametrize("says", [b"", b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(500)])
def test_a_stalled_download_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: bytes) -> None:
    """Whether the server says nothing, or stops amid a file; nothing of it is kept, and what is wrong is said."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(module, "_TIMEOUT", 0.2)
    files = write_mnist(tmp_path / "served")
    kept: list[Any] = []

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.recv(4096)
            connection.sendall(says)
            kept.append(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(OSError, match=r"no answer within 0\.2 s"):
            download(tmp_path / "cache" / "mnist", [f"http://127.0.0.1:{listening.getsockname()[1]}/"], files)
        assert time.monotonic() - begun < 10
    for connection in kept:
        connection.close()
    assert os.listdir(tmp_path / "cache") == []


def test_what_a_killed_download_has_left_is_removed(tmp_path: Path) -> None:
    """By the next one."""
    left = tmp_path / f".mnist.01234567{MARK}"
    (left / "mnist").mkdir(parents=True)
    os.utime(left, (0, 0))  # where it cannot be locked, it is its age that tells
    with pytest.raises(OSError, match="could not be downloaded"):
        download(tmp_path / "mnist", [], write_mnist(tmp_path / "served")[:1])
    assert os.listdir(tmp_path) == ["served"]
