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
#: The signals that interrupt, as far as this system has them.
_INTERRUPTING = {
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if name in signal.Signals.__members__
}
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
        start(again)
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
    """An interruption waits for the end of this block.

    In the processes that are started in it, and in every thread that they start as they import, it waits for `leave_to_the_first_process`.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        with _blocked():
            yield
        return
    come = 0

    def wait(number: int, _frame: Any) -> None:  # one that another thread has received, as of a numerical library
        nonlocal come
        come = number

    signal.signal(signal.SIGINT, wait)
    try:
        with _blocked():
            yield
    finally:
        signal.signal(signal.SIGINT, before)
        if come:
            before(come, None)


def leave_to_the_first_process() -> None:
    """Ctrl-C reaches every process of a terminal at once; the first one ends the others."""
    signal.signal(signal.SIGINT, lambda _signal, _frame: None)  # unlike SIG_IGN, not passed on to programs
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTING)


def start(*threads: threading.Thread) -> None:
    """Starts threads that receive no signal that interrupts.

    If another thread receives it, the main one, which is to answer it, is not woken where it waits: the system chooses another one if the main one has just been sent
    a signal too.
    """
    with _blocked():
        for each in threads:
            each.start()


@contextlib.contextmanager
def _blocked() -> Iterator[None]:
    """In this thread, and in what is started in this block."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
