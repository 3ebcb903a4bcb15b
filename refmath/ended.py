"""The signals by which a process is told to end: heard at once, or noted until what must not be lost is written."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

#: Ctrl-C, `kill` and `timeout`, a terminal that is closed, a limit on processor time, and Ctrl-Break; a system has some of them.
NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGBREAK")
CTRL_C = 128 + signal.SIGINT


class Ears:
    """What has been heard.

    Attributes:
        number: The signal that came first; None if none has.
        interrupts: Whether one that comes interrupts what is done, as Ctrl-C does; if not, it is only noted.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.interrupts = False

    @property
    def status(self) -> int:
        """The exit status that tells which it was, as a shell does: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
        return CTRL_C if self.number is None else 128 + self.number

    def hear(self, number: int, _frame: Any = None) -> None:
        """What a signal does."""
        if self.number is None:
            self.number = number
        if self.interrupts:
            self.interrupts = False  # whoever is interrupted has to write something: once is enough
            raise KeyboardInterrupt


@contextlib.contextmanager
def ears() -> Iterator[Ears]:
    """In this block the signals to end are heard; those that are ignored, as under nohup, and those that somebody else hears are left alone."""
    heard = Ears()
    if threading.current_thread() is not threading.main_thread():  # no other may say what a signal means
        yield heard
        return
    known = [signal.Signals[name] for name in NAMES if name in signal.Signals.__members__]
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {each: handler for each in known if (handler := signal.getsignal(each)) in usual}

    def not_raised(unraisable: Any) -> None:
        """A callback, as of the garbage collector, lets nothing through: `number` tells of it."""
        if unraisable.exc_type is not KeyboardInterrupt or heard.number is None:
            hook(unraisable)
        else:
            heard.interrupts = True

    hook, sys.unraisablehook = sys.unraisablehook, not_raised
    for each in before:
        signal.signal(each, heard.hear)
    try:
        yield heard
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        sys.unraisablehook = hook
