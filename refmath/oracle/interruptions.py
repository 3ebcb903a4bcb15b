"""Ctrl-C, and the signals that end a process: each ends what refmath has started, from wherever it is reached."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

#: Seconds until an interruption that was lost in a callback is tried again.
PAUSE = 0.01
#: The interruptions that came from outside so far.
_come = 0


def _note() -> None:
    global _come
    _come += 1


@contextlib.contextmanager
def told_apart() -> Iterator[Callable[[], bool]]:
    """Tells whether an interruption has come from outside since this block began: what a candidate raises itself is none."""
    before, at_first = signal.getsignal(signal.SIGINT), _come

    def has_come() -> bool:
        return _come > at_first

    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield has_come
        return

    def interrupt(number: int, frame: Any) -> None:
        _note()
        before(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield has_come
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def told_by_signals_to_end(wanted: bool) -> Iterator[None]:
    """If wanted, SIGTERM, and SIGHUP of a terminal that is closed, interrupt this block like Ctrl-C, so that it ends what it has started.

    Wanted or not, no interruption is lost in here.
    """
    if threading.current_thread() is not threading.main_thread():  # no other may say what a signal means
        yield
        return
    known = [signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__]
    # Somebody else's handler stays, and so does a signal that is to be ignored, as under nohup.
    taken = [each for each in known if wanted and signal.getsignal(each) is signal.SIG_DFL]
    last = signal.SIGINT

    def interrupt(number: int, _frame: Any) -> None:
        nonlocal last
        last = signal.Signals(number)
        _note()
        # Whoever is about to end what it has started is not to be interrupted in that: a pool ends each of its processes again when one is gone.
        for each in taken:
            signal.signal(each, lambda _signal, _frame: None)
        raise KeyboardInterrupt

    def not_raised(unraisable: Any) -> None:
        """Python drops what is raised in a callback, as of the garbage collector, where a signal is often seen first: it is sent again."""
        nonlocal last
        elsewhere = threading.current_thread() is not threading.main_thread()  # where no signal is seen
        if unraisable.exc_type is not KeyboardInterrupt or elsewhere:
            before(unraisable)
            return
        for each in taken:
            signal.signal(each, interrupt)
        again = threading.Timer(PAUSE, _send_to_the_main_thread, (last,))
        again.daemon = True
        again.start()
        last = signal.SIGINT

    before, sys.unraisablehook = sys.unraisablehook, not_raised
    for each in taken:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each in taken:
            signal.signal(each, signal.SIG_DFL)
        sys.unraisablehook = before


def _send_to_the_main_thread(number: signal.Signals) -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:  # which also ends its waiting
        signal.pthread_kill(main, number)
    else:
        signal.raise_signal(number)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """An interruption waits for the end of this block, and for `leave_to_the_first_process` in the processes that are started in it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_to_the_first_process() -> None:
    """Ctrl-C reaches every process of a terminal at once; the first one ends the others."""
    signal.signal(signal.SIGINT, lambda _signal, _frame: None)  # unlike SIG_IGN, not passed on to programs
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
