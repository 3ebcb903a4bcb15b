"""No interruption is lost, wherever it is seen first."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from refmath.oracle.processes.interruptions import held_back, start, told_by_signals_to_end

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a signal that is sent there ends the process")


@pytest.fixture(autouse=True)
def _usual_signals() -> Iterator[None]:
    """Where the tests run in the background, an interruption may be ignored."""
    usual: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {each: signal.signal(each, handler) for each, handler in usual.items()}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("waits", [0.0, 0.1])
def test_in_a_callback_of_the_garbage_collector(sent: signal.Signals, waits: float) -> None:
    """Python drops what a callback raises, and the block is interrupted a moment later; if that is dropped too, again."""
    steps: Iterator[partial[None]] = iter([partial(signal.raise_signal, sent), partial(time.sleep, waits)])

    def callback(phase: str, info: dict[str, Any]) -> None:
        for step in steps:
            step()
            break

    def work() -> None:
        gc.callbacks.append(callback)
        gc.collect(0)
        gc.collect(0)
        time.sleep(10)

    try:
        with pytest.raises(KeyboardInterrupt), told_by_signals_to_end(True):
            work()
    finally:
        gc.callbacks.remove(callback)
    assert next(steps, None) is None
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_first_of_several_is_not_interrupted_by_the_others() -> None:
    """Whoever ends what it has started is left to it."""
    ended = False

    def work() -> None:
        nonlocal ended
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
            ended = True

    with pytest.raises(KeyboardInterrupt), told_by_signals_to_end(True):
        work()
    assert ended


def test_what_else_is_dropped_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever told it before, who is back afterwards."""
    told: list[type[BaseException]] = []

    def before(unraisable: Any) -> None:
        told.append(unraisable.exc_type)

    class Troubled:
        def __del__(self) -> None:
            raise ValueError

    monkeypatch.setattr(sys, "unraisablehook", before)
    with told_by_signals_to_end(True):
        Troubled()
    assert told == [ValueError]
    assert sys.unraisablehook is before


def test_a_thread_of_ours_receives_no_signal() -> None:
    """It would leave the main thread, which is to answer it, asleep."""
    blocked: list[set[int]] = []
    threads = [
        threading.Thread(target=lambda: blocked.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))) for _ in range(2)
    ]
    start(*threads)
    for each in threads:
        each.join()
    ours = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    interrupting = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM}
    assert [each & interrupting for each in blocked] == [interrupting, interrupting]
    assert not ours & interrupting


@pytest.mark.parametrize("receiver", ["main", "other"])
def test_held_back_whichever_thread_receives_it(receiver: str) -> None:
    """A numerical library's thread receives it where the main thread does not."""
    waits = threading.Event()
    other = threading.Thread(target=waits.wait)
    other.start()
    number = threading.main_thread().ident if receiver == "main" else other.ident
    assert number is not None
    at_the_end = False

    def work() -> None:
        nonlocal at_the_end
        signal.pthread_kill(number, signal.SIGINT)
        time.sleep(0.05)
        at_the_end = True

    try:
        with pytest.raises(KeyboardInterrupt), held_back():
            work()
    finally:
        waits.set()
        other.join()
    assert at_the_end
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nothing_is_held_back_for_ever() -> None:
    """Without an interruption the block ends as any other."""
    with held_back():
        time.sleep(0.01)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
