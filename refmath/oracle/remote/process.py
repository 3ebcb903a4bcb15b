"""A running program that is asked in lines and answers in lines: whatever it does, nothing is waited for without a limit."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.util import Finalize

from refmath.oracle.candidates.candidate import CallFailed
from refmath.oracle.processes import interruptions
from refmath.oracle.processes.command_line import joined
from refmath.oracle.processes.started import NotStarted, how_it_ended, started
from refmath.oracle.remote.protocol import Fault

#: In bytes: no answer that is meant is longer.
LONGEST_LINE = 1 << 25
#: No program is asked for so many lines at once.
_MOST_LINES = 1000
#: In bytes: so much of the end of standard error is kept, and so much of it shown.
_KEPT, _SHOWN = 8192, 600
#: In seconds: for a program whose standard input has ended to end by itself, and for one that was killed to be gone.
_GRACE = 1.0


class Ended(Fault):
    """The program has closed its standard output, most likely because it has ended."""

    def __init__(self, more: str = "") -> None:
        super().__init__(f"ended without an answer{more}")


class RunningProgram:
    """A process, and the three threads that keep its pipes from filling up; each closes its own, whenever nobody has the other end any more.

    Args:
        words: The command that starts it.

    Raises:
        CallFailed: If it does not start.
    """

    def __init__(self, words: Sequence[str]) -> None:
        try:
            self._process = started(words)
        except NotStarted as error:
            raise CallFailed("absent", f"it does not start: {joined(words)}: {error}") from None
        self._requests: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lines: queue.SimpleQueue[bytes | Fault] = queue.SimpleQueue()
        self._complaints = bytearray()
        self._unfinished = 0
        self._owner = os.getpid()
        # Unlike what `atexit` is told, this is also done where a pool's process ends, and only in the process that it was told.
        self._at_exit = Finalize(None, self.end, exitpriority=0)
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._write, self._read, self._keep_complaints)
        ]
        interruptions.start(*self._threads)

    def ask(self, line: str, seconds: float) -> bytes:
        """Sends one line, and waits for one line.

        Raises:
            Fault: If none comes in time, or it is too long.
        """
        self._requests.put(line)
        try:
            answer = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise self._silence(seconds) from None
        if isinstance(answer, Fault):
            raise answer
        return answer

    @property
    def is_ours(self) -> bool:
        """Whether this process has started it: one that was forked from that has none of the threads, and must not end it either."""
        return os.getpid() == self._owner

    def answers_as_its_input_ends(self) -> bool:
        """Whether a program that was silent has something to say now: then it has answered, and its answer was not flushed."""
        self._requests.put(None)
        with suppress(queue.Empty):
            return isinstance(self._lines.get(timeout=_GRACE), bytes)
        return False

    @property
    def has_begun_a_line(self) -> bool:
        """Whether a part of a line has come, and not its end."""
        return self._unfinished > 0

    def _silence(self, seconds: float) -> Fault:
        if self._process.status(0) is not None:
            return Ended("; a process that it has started keeps its standard output open")
        begun = f": {self._unfinished} bytes of a line came, and not its end" if self._unfinished else ""
        return Fault(f"did not answer within {seconds:g} s{begun}", "hung")

    def end(self, *, grace: float = _GRACE) -> int | None:
        """Ends the process and its children.

        Args:
            grace: Seconds in which it may end by itself, as its standard input has ended.

        Returns:
            How it has ended by itself; None if it has not.
        """
        self._at_exit.cancel()
        self._requests.put(None)
        by_itself = self._process.status(grace)
        self._process.end()
        for thread in self._threads[1:]:
            thread.join(_GRACE)
        return by_itself

    def broken(self, fault: Fault) -> str:
        """Ends it; what went wrong, completed by how it ended and what it wrote to standard error."""
        has_ended = isinstance(fault, Ended)
        text = str(fault)
        status = self.end(grace=_GRACE if has_ended else 0.0)
        if status is not None and has_ended:
            text += f" ({how_it_ended(status)})"
        complaints = bytes(self._complaints).decode("utf-8", "replace").strip()
        return f"{text}; the end of its standard error:\n{complaints[-_SHOWN:]}" if complaints else text

    def _write(self) -> None:
        stream = self._process.input
        assert stream is not None
        with suppress(OSError, ValueError):
            while (line := self._requests.get()) is not None:
                stream.write(line.encode())
                stream.flush()
        with suppress(OSError, ValueError):
            stream.close()

    def _read(self) -> None:
        stream = self._process.output
        assert stream is not None
        for line in _lines(stream.fileno(), self._note_unfinished):
            self._lines.put(line)
            if self._lines.qsize() > _MOST_LINES:
                break
        else:
            self._lines.put(Ended())
        stream.close()

    def _note_unfinished(self, size: int) -> None:
        self._unfinished = size

    def _keep_complaints(self) -> None:
        stream = self._process.errors
        with suppress(OSError):
            while part := os.read(stream.fileno(), 1 << 16):
                self._complaints += part
                del self._complaints[:-_KEPT]
        stream.close()


def _lines(descriptor: int, unfinished: Callable[[int], None]) -> Iterator[bytes | Fault]:
    """The lines that arrive, until one is too long or there are no more; `unfinished` is told how much there is of the next."""
    rest = bytearray()
    with suppress(OSError):
        while part := os.read(descriptor, 1 << 16):
            begun = len(rest)
            rest += part
            while (end := rest.find(b"\n", begun)) >= 0:
                yield bytes(rest[:end])
                del rest[: end + 1]
                begun = 0
            unfinished(len(rest))
            if len(rest) > LONGEST_LINE:
                yield Fault(f"answered a line longer than {LONGEST_LINE >> 20} MiB")
                return
    if rest:
        yield bytes(rest)
