"""What belongs to a whole process: whoever changes it changes it for everybody who runs there."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import json
import locale
import math
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

_NAMESPACES = {
    "NumPy": np,
    "numpy.linalg": np.linalg,
    "numpy.random": np.random,
    **{module.__name__: module for module in (math, builtins, os, time, json, signal, warnings)},
}
#: What the modules themselves write there.
_NOT_FUNCTIONS = frozenset(
    {"_", "filters", "_filters_version", "showwarning", "_showwarnmsg_impl", "onceregistry", "defaultaction", "_exit"}
)
_HOOKS = ("excepthook", "unraisablehook", "displayhook")
#: Kept here, as a candidate may find another one in its place.
_ENVIRONMENT = os.environ
_SIGNALS = tuple(
    signal.Signals[name]
    for name in (
        "SIGINT",
        "SIGTERM",
        "SIGHUP",
        "SIGALRM",
        "SIGVTALRM",
        "SIGPROF",
        "SIGCHLD",
        "SIGPIPE",
        "SIGFPE",
        "SIGUSR1",
        "SIGUSR2",
    )
    if name in signal.Signals.__members__
)
_TIMERS = ("ITIMER_VIRTUAL", "ITIMER_PROF")


class ProcessState:
    """The state of this process at a moment: NumPy's functions and error state, rounding, recursion limit, locale, environment, working directory, signal
    handlers, hooks, random numbers.

    Examples:
        >>> import sys
        >>> before, limit = ProcessState(), sys.getrecursionlimit()
        >>> sys.setrecursionlimit(limit + 1)
        >>> before.changes()
        ['the recursion limit']
        >>> before.restore()
        >>> sys.getrecursionlimit() == limit
        True
    """

    def __init__(self) -> None:
        self._namespaces = {name: dict(vars(module)) for name, module in _NAMESPACES.items()}
        self._was = _simple()
        self._handlers = _handlers()
        self._random = (random.getstate(), np.random.get_state())  # noqa: NPY002  # others may still draw from it
        self._threads = threading.active_count()

    def changes(self) -> list[str]:
        """What is not as it was, in words; threads that are left over too, which cannot be put back."""
        found = [f"{name}'s functions" for name, _ in self._replaced()]
        now = _simple()
        found += [name for name, was in self._was.items() if now[name] != was]
        found += ["signal handlers"] if _handlers() != self._handlers else []
        found += ["threads"] if threading.active_count() > self._threads else []
        return list(dict.fromkeys(found))

    def restore(self) -> None:
        """Puts back what can be put back, but for the random numbers."""
        for name, key in list(self._replaced()):
            setattr(_NAMESPACES[name], key, self._namespaces[name][key])
        now = _simple()
        for name, was in self._was.items():
            if now[name] != was:
                with contextlib.suppress(Exception):  # a directory that is gone, for one
                    _put_back(name, was)
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._handlers.items():
                if handler is not None and signal.getsignal(number) != handler:
                    signal.signal(number, handler)
            for timer in _TIMERS:
                if hasattr(signal, timer):
                    signal.setitimer(getattr(signal, timer), 0)

    def restore_random_numbers(self) -> None:
        """Puts back what the generators of Python and NumPy would have drawn next."""
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])  # noqa: NPY002

    def _replaced(self) -> Iterator[tuple[str, str]]:
        """The names that do not mean any more what they did."""
        for name, module in _NAMESPACES.items():
            now = vars(module)
            for key, value in self._namespaces[name].items():
                if now.get(key, None) is not value and key not in _NOT_FUNCTIONS:
                    yield name, key


def _simple() -> dict[str, Any]:
    try:
        directory = os.getcwd()
    except OSError:
        directory = ""
    return {
        "NumPy's error state": (np.geterr(), np.geterrcall()),
        "the rounding mode": _C.fegetround() if _C else 0,
        "the recursion limit": sys.getrecursionlimit(),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the environment": dict(_variables()),
        "the working directory": directory,
        **{f"sys.{name}": getattr(sys, name, None) for name in _HOOKS},
    }


def _put_back(name: str, was: Any) -> None:
    match name:
        case "NumPy's error state":
            np.seterr(**was[0])
            np.seterrcall(was[1])
        case "the rounding mode" if _C:
            _C.fesetround(was)
        case "the recursion limit":
            sys.setrecursionlimit(was)
        case "the locale":
            locale.setlocale(locale.LC_ALL, was)
        case "the environment":
            for variable in set(_variables()) - set(was):
                os.unsetenv(variable)
            _variables().clear()
            for variable, value in was.items():
                _variables()[variable] = value
                os.putenv(variable, value)
        case "the working directory":
            os.chdir(was)
        case _:
            setattr(sys, name.removeprefix("sys."), was)


def _variables() -> dict[Any, Any]:
    """The variables behind `os.environ`, as they are encoded."""
    found: dict[Any, Any] = _ENVIRONMENT._data  # type: ignore[attr-defined]
    return found


def _handlers() -> dict[signal.Signals, Any]:
    return {number: signal.getsignal(number) for number in _SIGNALS}


def _rounding() -> Any:
    """C's own functions for the rounding mode, where there are any."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.fegetround, library.fesetround  # noqa: B018  # each is looked up
        return library
    return None


_C = _rounding()
