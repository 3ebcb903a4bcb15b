"""Starts one process, waits for it, and leaves none of its descendants behind; run as a program, which knows nothing of refmath.

It stands between the judge and a candidate's process. Whoever a candidate starts is a child of this process once its own parent has ended, so that none gets away; it is this process that
a candidate finds as its parent; and when the judge has gone, however it ended, the end of standard input is seen here. Standard output tells how the candidate's process
ended.
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
    """Starts the words after the first, with the descriptor that the first names as its standard input; what it says on its descriptor 3 of a
    crash is told after its end."""
    channel, *words = sys.argv[1:]
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    seen, noted = os.pipe()
    os.set_blocking(noted, False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(noted, warn_on_full_buffer=False)
    crash, crashed = os.pipe()
    os.set_blocking(crash, False)
    worker = os.fork()
    if worker == 0:
        _become(int(channel), crashed, words)
    os.close(int(channel))
    os.close(crashed)
    os.write(1, b"%d\n" % worker)
    status = None
    while status is None:
        ready, _, _ = select.select([0, seen], [], [])
        if 0 in ready:  # nothing is ever sent: this is its end
            break
        os.read(seen, 1 << 12)
        status = _reaped(worker)
    status = _ends_by_itself(worker) if status is None else status
    _end(worker)
    os.write(1, b"killed\n" if status is None else b"%d\n" % status)
    with contextlib.suppress(OSError):
        os.write(1, os.read(crash, 1 << 13))


def _become(channel: int, crashed: int, words: list[str]) -> None:
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as adjustment:
            adjustment.write("1000")  # where memory runs out, this process is to go first
        os.dup2(channel, 0)
        os.dup2(2, 1)
        os.dup2(crashed, 3)
        os.closerange(4, 1 << 12)
        os.execv(words[0], words)
    finally:
        os._exit(127)


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


def _end(worker: int) -> None:
    """Ends the worker's group and every descendant, also those that go on starting others."""
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
            return  # there is nobody left
        time.sleep(0.002)


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
