"""Takes away from Python what Windows does not have, in every process that finds this folder on its path: `nox -s without_posix`.

The standard library keeps what it needs to start processes here; what refmath and its tests look up is gone. A text that is opened without an encoding is read and written in cp1252,
processes are started anew and not forked, and nothing is the name of a signal but what Windows knows.
"""

from __future__ import annotations

import os

#: What Windows has of these modules; the rest of what a Unix system has is taken away.
ABSENT = {
    "os": (
        "fork forkpty killpg setsid getsid getpgid setpgid getpgrp setpgrp tcgetpgrp tcsetpgrp getuid geteuid getgid getegid getresuid getresgid "
        "setuid seteuid setgid setegid getgroups setgroups initgroups nice getpriority setpriority sched_getaffinity sched_setaffinity sched_yield "
        "register_at_fork waitid wait wait3 wait4 pread pwrite preadv pwritev mkfifo mknod chown lchown fchown chroot sysconf getloadavg openpty "
        "posix_spawn posix_spawnp statvfs fstatvfs sync fdatasync ctermid posix_fadvise posix_fallocate memfd_create pidfd_open "
        "O_NONBLOCK O_NOFOLLOW O_DIRECTORY O_SYNC O_DSYNC PRIO_PROCESS PRIO_PGRP PRIO_USER"
    ),
    "signal": "setitimer getitimer alarm pause pthread_kill pthread_sigmask sigpending sigwait sigwaitinfo sigtimedwait siginterrupt SIG_BLOCK SIG_UNBLOCK SIG_SETMASK ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF",
    "select": "poll epoll kqueue",
    "socket": "AF_UNIX socketpair",
}  # fmt: skip
MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty")
#: The signals of Windows that a Unix system has too.
SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM"}
ENCODING = "cp1252"


def take_away() -> None:
    """Leaves what a process on Windows would find."""
    # These have looked up what they need when they are imported.
    import concurrent.futures.process
    import contextlib
    import enum
    import functools
    import importlib
    import multiprocessing.popen_spawn_posix
    import multiprocessing.resource_tracker
    import multiprocessing.spawn
    import random
    import signal
    import socketserver  # noqa: F401
    import subprocess
    import sys
    import tempfile  # noqa: F401

    with contextlib.suppress(ImportError):  # where pooch looks up the place of caches
        import platformdirs  # noqa: F401

    kill = signal.SIGKILL
    multiprocessing.resource_tracker._HAVE_SIGMASK = False  # type: ignore[attr-defined]
    for process in (subprocess.Popen, multiprocessing.popen_spawn_posix.Popen):
        process.kill = functools.partialmethod(_send, kill)  # type: ignore[assignment,method-assign]
    for module, names in ABSENT.items():
        found = importlib.import_module(module)
        for name in names.split():
            if hasattr(found, name):
                delattr(found, name)
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in [each.name for each in signal.Signals if each.name not in SIGNALS]:
        if hasattr(signal, name):
            delattr(signal, name)
    signal.Signals = enum.IntEnum("Signals", {each.name: int(each) for each in signal.Signals if each.name in SIGNALS})  # type: ignore[misc]
    for each in signal.Signals:
        setattr(signal, each.name, each)
    multiprocessing.set_start_method("spawn")
    del concurrent, random
    speak_cp1252()


def _send(process, number):  # type: ignore[no-untyped-def]
    """Sends a signal to a process of subprocess or multiprocessing, which look its name up otherwise."""
    os.kill(process.pid, number) if process.returncode is None else None


def speak_cp1252() -> None:
    """Opens a text without an encoding in that of a western Windows."""
    import builtins
    import functools
    import io
    import subprocess

    opened, started = io.open, subprocess.Popen.__init__

    @functools.wraps(opened)
    def opens(file, mode="r", buffering=-1, encoding=None, *more, **named):  # type: ignore[no-untyped-def]
        if "b" not in mode and encoding in (None, "locale"):
            encoding = ENCODING
        return opened(file, mode, buffering, encoding, *more, **named)

    @functools.wraps(started)
    def starts(process, *arguments, **named):  # type: ignore[no-untyped-def]
        if named.get("text") or named.get("universal_newlines") or named.get("errors"):
            named["encoding"] = named.get("encoding") or ENCODING
        started(process, *arguments, **named)

    io.open = builtins.open = opens
    subprocess.Popen.__init__ = starts  # type: ignore[assignment,method-assign]


if os.environ.get("REFMATH_WITHOUT_POSIX"):
    take_away()
