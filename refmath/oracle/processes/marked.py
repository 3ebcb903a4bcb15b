"""The processes that descend from one that was given a mark in its environment, also those with a session of their own."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from pathlib import Path

_NAME = "REFMATH_STARTED"


def marked() -> dict[str, str]:
    """The environment for a process whose descendants are to be found again."""
    return {**os.environ, _NAME: secrets.token_hex(16)}


def end_marked(environment: dict[str, str], patience: float) -> None:
    """Kills the processes that have inherited the mark, for so many seconds, where the system tells what they have inherited."""
    mark = f"{_NAME}={environment[_NAME]}".encode()
    deadline = time.monotonic() + patience
    while (found := _having(mark)) and time.monotonic() < deadline:
        for each in found:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        time.sleep(0.002)


def _having(mark: bytes) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found
