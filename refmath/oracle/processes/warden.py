"""Starts one process, waits for it, and leaves none of its descendants behind; run as a program, which knows nothing of refmath.

It stands between the judge and a process of others, a candidate's or an adapter's. Whoever that starts is a child of this process once its own parent has ended, so that none gets
away; it is this process that it finds as its parent; and when the judge has gone, however it ended, the end of standard input is seen here.

Standard output tells, in lines: the number of the process, or why there is none; how it ended, and what Python wrote as it crashed; and, at the end, whether nobody is left.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

_SET_DEATH_SIGNAL, _SET_SUBREAPER = 1, 36
#: Seconds in which all descendants are to be ended.
_PATIENCE = 5.0
#: Seconds in which one that nobody asks any more may end by itself.
_GRACE = 0.05


def main() -> None:
    """Starts the words after the first four: whether it is a candidate's process, and its standard input, output and error, as descriptors.

    With a candidate's process all ends at once, and on its descriptor 3 it says what is told of a crash. The end of an adapter's is told, and its descendants may go on answering.
    """
    is_candidates, *streams = map(int, sys.argv[1:5])
    words = sys.argv[5:]
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_SUBREAPER, 1, 0, 0, 0)
    for number in range(1, signal.NSIG):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    seen, noted = os.pipe()
    os.set_blocking(noted, False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(noted, warn_on_full_buffer=False)
    crash, crashed = os.pipe()
    os.set_blocking(crash, False)
    failing, failed = os.pipe()
    worker = os.fork()
    if worker == 0:
        _become([*streams, crashed] if is_candidates else streams, failed, words)
    for each in {*streams, crashed, failed}:
        os.close(each)
    failure = os.read(failing, 1 << 8)  # until it has become another program
    os.write(1, b"%d %s\n" % (worker, failure))
    status = None
    told = False
    while True:
        ready, _, _ = select.select([0, *([] if told else [seen])], [], [])
        if 0 in ready:  # nothing is ever sent: this is its end
            break
        os.read(seen, 1 << 12)
        status = _reaped(worker)
        if status is not None:
            if is_candidates:
                break
            told = _tell(status, crash)
    if status is None:
        status = _ends_by_itself(worker)
    nobody = _end(worker)
    if not told:
        _tell(status, crash)
    os.write(1, b"nobody\n" if nobody else b"some\n")


def _tell(status: int | None, crash: int) -> bool:
    """Tells how the process has ended; a crash in one line."""
    text = b""
    with contextlib.suppress(OSError):
        text = os.read(crash, 1 << 13).replace(b"\n", b"\r")
    with contextlib.suppress(OSError):
        os.write(1, (b"killed" if status is None else b"%d" % status) + b"\n" + text + b"\n")
    return True


def _become(streams: list[int], failed: int, words: list[str]) -> None:
    import fcntl  # only where there is such a module, so that this one can be looked at everywhere

    try:
        os.setsid()
        for number in range(1, signal.NSIG):
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as adjustment:
            adjustment.write("1000")  # where memory runs out, this process is to go first
        # None of these is one of those that are replaced.
        failed, *high = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (failed, *streams)]
        for each in streams:
            os.set_inheritable(each, False)
        for number, each in enumerate(high):
            os.dup2(each, number)
        os.closerange(len(streams), 10)
        os.execvp(words[0], words)
    except OSError as error:
        os.write(failed, (error.strerror or str(error)).encode("utf-8", "replace"))
    finally:
        os._exit(127)  # what is above 9 closes itself as it becomes another program


def _ends_by_itself(worker: int) -> int | None:
    """The status of a worker that is just ending, which the judge may have seen first."""
    deadline = time.monotonic() + _GRACE
    while (status := _reaped(worker)) is None and time.monotonic() < deadline:
        time.sleep(0.002)
    return status


def _reaped(worker: int) -> int | None:
    """The status of the worker, if it has ended; whoever else has ended is forgotten."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, told = os.waitpid(-1, os.WNOHANG)
            if ended == worker:
                status = os.waitstatus_to_exitcode(told)
            if ended == 0:
                break
    return status


def _end(worker: int) -> bool:
    """Ends the worker's group and every descendant, also those that go on starting others; whether nobody is left."""
    deadline = time.monotonic() + _PATIENCE
    with contextlib.suppress(OSError):
        os.killpg(worker, signal.SIGKILL)
    while time.monotonic() < deadline:
        known: set[int] = set()
        while new := _descendants() - known:
            for each in new:  # one that stands still starts no others
                with contextlib.suppress(OSError):
                    os.kill(each, signal.SIGSTOP)
            known |= new
        for each in known:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        time.sleep(0.002)
    return False


def _descendants() -> set[int]:
    """All processes that descend from this one, where the system tells."""
    children: dict[int, list[int]] = {}
    try:
        entries = os.listdir("/proc")
    except OSError:
        return set()
    for entry in entries:
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as stat:
                    fields = stat.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if fields[0] != b"Z":
                children.setdefault(int(fields[1]), []).append(int(entry))
    found: set[int] = set()
    ahead = [os.getpid()]
    while ahead:
        new = children.get(ahead.pop(), [])
        found.update(new)
        ahead += new
    return found


if __name__ == "__main__":
    main()
