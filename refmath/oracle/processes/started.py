"""A process of others, and how it is ended with everybody whom it has started: by a warden that stands between, and on Windows by a job."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from refmath.oracle.processes.job import Job
from refmath.oracle.processes.marked import end_marked, marked

#: In seconds: for a process that has been told to end, with all whom it has started.
_ENDING = 6.0
#: In seconds: for a warden to start.
_STARTING = 60.0
#: In seconds: for one that is just ending.
_GRACE = 0.1
#: In bytes: no more of what a warden tells is read.
_LONGEST = 1 << 17
_STATUS = re.compile(r"-?[0-9]{1,10}")


class NotStarted(Exception):
    """The process does not start: why."""


class Started(Protocol):
    """A process, whoever watches it.

    Attributes:
        input: Its standard input, if it is not a connection.
        output: Its standard output, if that is not the same as standard error.
        errors: Its standard error.
        crash: What Python wrote as it crashed, once it has ended; empty if it was written to standard error.
    """

    input: IO[bytes] | None
    output: IO[bytes] | None
    errors: IO[bytes]
    crash: str

    def status(self, seconds: float) -> int | None:
        """How it has ended, if it does so within so many seconds."""

    def has_others(self) -> bool:
        """Whether somebody whom it has started is still there, where the system tells."""

    def end(self) -> int | None:
        """Ends it, and whom it has started; how it had ended, if it was before."""


def started(words: Sequence[str], connection: int | None = None) -> Started:
    """Starts a command.

    Args:
        words: The command.
        connection: A descriptor for its standard input, where there is a warden to hand it on: then it is a candidate's process, whose standard output is its standard error.

    Raises:
        NotStarted: If it does not start.
    """
    try:
        return Warded(words, connection) if has_warden() else Bare(words)
    except (OSError, ValueError) as error:
        raise NotStarted(getattr(error, "strerror", None) or str(error)) from None


def has_warden() -> bool:
    """Whether a warden can be started here."""
    return hasattr(os, "fork") and hasattr(select, "poll")


class Warded:
    """A process with a warden.

    Args:
        words: The command.
        connection: Its standard input; None for a pipe, and one for its standard output.
    """

    def __init__(self, words: Sequence[str], connection: int | None = None) -> None:
        if any("\0" in word for word in words):
            raise ValueError("embedded null byte")
        self._environment = marked()
        ours: list[int] = []
        theirs: list[int] = []
        try:
            for _ in range(1 if connection is not None else 3):
                read, write = os.pipe()
                ours.append(read)
                theirs.append(write)
            if connection is None:  # the first pipe is standard input
                ours[0], theirs[0] = theirs[0], ours[0]
                streams = theirs
            else:
                streams = [connection, theirs[0], theirs[0]]
            warden = str(Path(__file__).with_name("warden.py"))
            numbers = map(str, (int(connection is not None), *streams))
            self._warden = subprocess.Popen(
                [sys.executable, "-I", "-S", warden, *numbers, *words],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=set(streams),
                start_new_session=True,
            )
        except BaseException:
            for each in ours:
                os.close(each)
            raise
        finally:
            for each in theirs:
                os.close(each)
        self.input: IO[bytes] | None = os.fdopen(ours[0], "wb", 0) if connection is None else None
        self.output: IO[bytes] | None = os.fdopen(ours[1], "rb", 0) if connection is None else None
        self.errors: IO[bytes] = os.fdopen(ours[-1], "rb", 0)
        self.crash = ""
        self._told = b""
        self._worker = 0
        if connection is None:
            self._wait_for_its_start()

    def _wait_for_its_start(self) -> None:
        """Waits until it has become the program that it is to be.

        Raises:
            OSError: If it does not.
        """
        try:
            self._hear(_STARTING, lines=1)
            _, _, failure = self._lines()[0].partition(" ")
            if failure or not self._told:
                raise OSError(0, failure or "its warden ended")
        except BaseException:
            self.end()
            for stream in (self.input, self.output, self.errors):
                assert stream is not None
                stream.close()
            raise

    def status(self, seconds: float) -> int | None:
        """How it has ended, if it does so within so many seconds: the warden tells that."""
        self._hear(seconds, lines=2)
        return self._status()

    def has_others(self) -> bool:
        """Whether somebody whom it has started is still there: a child of its own, or of the warden's, where the system tells."""
        self._hear(0.0, lines=1)
        worker = self._lines()[0].partition(" ")[0]
        return bool((_children(str(self._warden.pid)) | _children(worker)) - {worker})

    def end(self) -> int | None:
        """Ends the warden, which ends all others first; how the process had ended, if it was before.

        A warden that was killed or stopped, or cannot look processes up any more, leaves whoever has inherited a mark in the environment to this process.
        """
        assert self._warden.stdin is not None
        assert self._warden.stdout is not None
        with contextlib.suppress(OSError):
            self._warden.stdin.close()
        with contextlib.suppress(OSError):
            os.kill(self._warden.pid, signal.SIGCONT)  # it may have been stopped
        self._hear(_ENDING)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._warden.wait(0.5)
        if self._warden.poll() is None:
            self._warden.kill()
            self._warden.wait()
        self._warden.stdout.close()
        lines = self._lines()
        if lines[-2:] != ["nobody", ""]:
            worker = lines[0].partition(" ")[0]
            if _STATUS.fullmatch(worker) and int(worker) > 1:
                with contextlib.suppress(OSError):
                    os.killpg(int(worker), signal.SIGKILL)
            end_marked(self._environment, 1.0)
        self.crash = lines[2].replace("\r", "\n") if len(lines) > 2 else ""
        return self._status()

    def _hear(self, seconds: float, lines: int | None = None) -> None:
        """Reads what the warden tells: so many lines, or until its end."""
        stream = self._warden.stdout
        assert stream is not None
        deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError, ValueError):
            until = select.poll()
            until.register(stream, select.POLLIN)
            while lines is None or self._told.count(b"\n") < lines:
                if not until.poll(max(0, 1000 * (deadline - time.monotonic()))):
                    break
                if not (part := os.read(stream.fileno(), 1 << 12)):
                    break
                self._told = (self._told + part)[:_LONGEST]

    def _lines(self) -> list[str]:
        return self._told.decode("utf-8", "replace").split("\n")

    def _status(self) -> int | None:
        lines = self._lines()
        return int(lines[1]) if len(lines) > 2 and _STATUS.fullmatch(lines[1]) else None


class Bare:
    """A process without a warden, where processes do not fork: on Windows a job ends it, and whom it has started, also if this process is killed."""

    def __init__(self, words: Sequence[str]) -> None:
        more: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            more = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # Ctrl-C is for this process, which ends it
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **more
        )
        self._job = Job(self._process)
        assert self._process.stderr is not None
        self.input: IO[bytes] | None = self._process.stdin
        self.output: IO[bytes] | None = self._process.stdout
        self.errors: IO[bytes] = self._process.stderr
        self.crash = ""

    def status(self, seconds: float) -> int | None:
        """How it has ended, if it does so within so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll()

    def has_others(self) -> bool:
        """That is not known here."""
        return False

    def end(self) -> int | None:
        """Ends it, and whom it has started."""
        status = self.status(_GRACE)
        self._job.end()
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING)
        return status


def _children(process: str) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            found.update((thread / "children").read_text().split())
    return found


def how_it_ended(code: int) -> str:
    """The status of a process in words."""
    if code >= 0:
        return f"exit status {code}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"
