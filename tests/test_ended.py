"""Signals to end interrupt once, or are noted."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from refmath import ended
from refmath.ended import ears

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a signal that is sent there ends the process")


@pytest.fixture(autouse=True)
def _usual_signals() -> Iterator[None]:
    """Where the tests run in the background, an interruption may be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU"])
def test_a_signal_interrupts_once(name: str) -> None:
    """The first one does, where it may; the status tells which it was, and afterwards each means what it did."""
    sent = signal.Signals[name]
    before = signal.getsignal(sent)
    with ears() as heard:
        signal.raise_signal(sent)
        assert heard.status == 128 + sent
        heard.interrupts = True
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(sent)
        signal.raise_signal(signal.SIGINT)
        assert heard.status == 128 + sent
    assert signal.getsignal(sent) is before


def test_what_is_ignored_or_heard_by_others_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that the system does not have is none."""
    monkeypatch.setattr(ended, "NAMES", (*ended.NAMES, "SIGNOWHERE"))
    told: list[int] = []
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.signal(signal.SIGTERM, lambda number, _: told.append(number))  # fmt: skip
    try:
        with ears() as heard:
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
        assert heard.number is None
        assert told == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGHUP, before[0])
        signal.signal(signal.SIGTERM, before[1])


def test_what_a_callback_drops_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word; what else is dropped is told by whoever told it before."""
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(unraisable.exc_type))
    steps = [lambda: signal.raise_signal(signal.SIGTERM)]

    def callback(phase: str, info: dict[str, Any]) -> None:
        if steps:
            steps.pop()()

    class Troubled:
        def __del__(self) -> None:
            raise ValueError

    gc.callbacks.append(callback)
    try:
        with ears() as heard:
            heard.interrupts = True
            gc.collect(0)
            assert heard.number == signal.SIGTERM
            Troubled()
    finally:
        gc.callbacks.remove(callback)
    assert told == [ValueError]


def test_another_thread_hears_nothing() -> None:
    """There is nothing it could do."""
    found: list[int] = []

    def work() -> None:
        with ears() as heard:
            found.append(heard.status)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [ended.CTRL_C]
