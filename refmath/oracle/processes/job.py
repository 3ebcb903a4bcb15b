"""What Windows has for ending a process together with all whom it has started: a job, which also ends with the process that holds it."""

from __future__ import annotations

import contextlib
import ctypes
import subprocess
import sys
from typing import Any

_KILL_ON_CLOSE, _EXTENDED_LIMITS = 0x2000, 9


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32 * 2),
        ("counters", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


class Job:
    """A job with one process in it, and whomever that starts; elsewhere nothing."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._job: Any = None
        if sys.platform == "win32":
            with contextlib.suppress(OSError, AttributeError):
                kernel = ctypes.WinDLL("kernel32")
                kernel.CreateJobObjectW.restype = ctypes.c_void_p
                limits = _Limits(flags=_KILL_ON_CLOSE)
                job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
                kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
                kernel.AssignProcessToJobObject(job, ctypes.c_void_p(int(process._handle)))  # type: ignore[attr-defined]
                self._job = job

    def end(self) -> None:
        """Ends all in it; once."""
        job, self._job = self._job, None
        if sys.platform == "win32" and job:
            with contextlib.suppress(OSError, AttributeError):
                kernel = ctypes.WinDLL("kernel32")
                kernel.TerminateJobObject(job, 1)
                kernel.CloseHandle(job)
