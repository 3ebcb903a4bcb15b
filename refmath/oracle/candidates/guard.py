"""The one way in which code of others is run, in whichever process: under one limit, and whatever it raises is an outcome."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from refmath.oracle.processes import interruptions

_T = TypeVar("_T")
#: A text of somebody else is not longer than that.
LONGEST = 200
#: Kept here, as a candidate may find another one in its place.
_leave = os._exit


@dataclass
class Outcome(Generic[_T]):
    """What came of running somebody else's code.

    Attributes:
        value: What it gave, if it raised nothing.
        error: The class of what it raised instead.
        text: The name of that class, and its message in one line.
        late: Whether its time had passed.
    """

    value: _T | None = None
    error: type[BaseException] | None = None
    text: str = ""
    late: bool = False


def guarded(work: Callable[[], _T], seconds: float | None = None) -> Outcome[_T]:
    """Runs somebody else's code, from its beginning to the message of its error.

    Python code is interrupted when its time has passed, in the main thread of a Unix system; elsewhere it is waited for. Code that catches even that can only be
    ended with its process. A copy of this process that it has forked ends here, in silence.

    Args:
        work: What is to be run.
        seconds: How long it may take; None for what knows its own limit.

    Raises:
        KeyboardInterrupt: If the user has interrupted it; what it raises itself is an outcome.
    """
    outcome: Outcome[_T] = Outcome()
    process = os.getpid()
    limit = _Limit(seconds)
    try:
        with interruptions.told_apart() as come, limit:
            try:
                outcome.value = work()
            except _TooLate:
                raise
            except BaseException as error:  # noqa: BLE001  # whatever it raises is what came of it
                if not come():
                    outcome.error = type(error)
                    outcome.text = described(error)
        if come():
            raise KeyboardInterrupt
    except _TooLate:
        outcome.value, limit.passed = None, True
    finally:
        if os.getpid() != process:
            _leave(0)
        limit.disarm()
    outcome.late = limit.passed
    return outcome


def described(error: BaseException) -> str:
    """The class of an error and its message, in one line."""
    return f"{name_of(type(error))}: {one_line(error)}"


def name_of(of: type) -> str:
    """The name of a class, which its metaclass cannot change, and not too long."""
    name = str(type.__dict__["__name__"].__get__(of))
    return name if len(name) <= LONGEST else name[: LONGEST - 3] + "..."


def one_line(foreign: object) -> str:
    """The text of an error or a warning, in one line and not too long."""
    try:
        text = " ".join(str(foreign)[: 4 * LONGEST].split())
    except _TooLate:
        raise
    except BaseException:  # noqa: BLE001  # an exception may be broken itself
        text = "(no message: its __str__ raises)"
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


@contextlib.contextmanager
def no_way_out() -> Iterator[None]:
    """A candidate cannot end this process unjudged: here `os._exit` raises `SystemExit`; in a copy that it has forked it still ends that."""
    judging = os.getpid()

    def stay(status: int) -> None:
        if os.getpid() != judging:
            _leave(status)
        raise SystemExit(status)

    os._exit = stay  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = _leave


class _TooLate(BaseException):
    """Not an `Exception`, lest the candidate's own `except Exception` catch it."""


#: So many seconds an interruption has, at least, to get out of a call before the next one comes.
_AGAIN = 0.05


class _Limit:
    """Interrupts Python code after some seconds, and again until it gives up; tells afterwards whether time had passed.

    A timer that somebody else had set goes on afterwards.
    """

    def __init__(self, seconds: float | None) -> None:
        self.passed = False
        self._seconds = math.inf if seconds is None else seconds
        in_main_thread = threading.current_thread() is threading.main_thread()
        self._interrupts = seconds is not None and hasattr(signal, "setitimer") and in_main_thread
        self._over = True

    def __enter__(self) -> None:
        self._begun = time.monotonic()
        if self._interrupts:
            self._handler = signal.signal(signal.SIGALRM, self._too_late)
            self._over = False
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds, max(self._seconds / 10, _AGAIN))
        self._over = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disarm()

    def disarm(self) -> None:
        """Stops the timer, and only then lets go of the signal; once."""
        if self._over:
            return
        self._over = True  # an alarm that is on its way does not raise any more
        spent = time.monotonic() - self._begun
        self.passed = self.passed or spent > self._seconds
        if not self._interrupts:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        # One from C has no handler that could be put back.
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self._handler is None else self._handler)
        remaining, interval = self._timer
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, max(remaining - spent, 1e-3), interval)

    def _too_late(self, _signal: int, _frame: Any) -> None:
        if not self._over:
            self.passed = True
            raise _TooLate
