"""What belongs to a whole process: whoever changes it changes it for everybody who runs there."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import decimal
import functools
import gc
import itertools
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
#: What all these names mean now; and how it is put in a row, kept here as a candidate may find another one in its place.
_MEANINGS = tuple(vars(module).values() for module in _NAMESPACES.values())
_in_a_row = np.fromiter
_HOOKS = ("excepthook", "unraisablehook", "displayhook", "breakpointhook")
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
_TIMERS = ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")
#: The smallest normal number and the smallest at all, whose parts and multiples some modes of a processor take for zero.
_NORMAL, _SUBNORMAL = sys.float_info.min, 5e-324


class ProcessState:
    """The state of this process at a moment: NumPy's functions, error state and printing, the arithmetic of floats and decimals, limits, locale, environment, working and root directory, mask of new files,
    signals and timers, traces and hooks, the garbage collector, where modules come from, random numbers.

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
        self._places = _places()
        self._was = _simple()
        self._handlers = _handlers()
        self._random = (random.getstate(), np.random.get_state())  # noqa: NPY002  # others may still draw from it
        self._threads = _threads()

    def changes(self) -> list[str]:
        """What is not as it was, in words; threads that are left over too, which cannot be put back."""
        found = [f"{name}'s functions" for name, _ in self._replaced()]
        now = _simple()
        found += [name for name, was in self._was.items() if now[name] != was]
        found += ["signal handlers"] if _handlers() != self._handlers else []
        found += ["timers"] if any(signal.getitimer(timer)[0] for timer in _timers()) else []
        found += ["threads"] if _threads() > self._threads else []
        return list(dict.fromkeys(found))

    def restore(self) -> None:
        """Puts back what can be put back, but for the random numbers."""
        for name, key in self._replaced():
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
            for timer in _timers()[1:]:  # the first may have been set before
                signal.setitimer(timer, 0)

    def restore_random_numbers(self) -> None:
        """Puts back what the generators of Python and NumPy would have drawn next."""
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])  # noqa: NPY002

    def _replaced(self) -> list[tuple[str, str]]:
        """The names that do not mean any more what they did."""
        # This is asked after each call, of more than a thousand names: where all objects are is seen at once.
        places = _places()
        if places and places == self._places:
            return []
        found = [
            (name, key)
            for name, module in _NAMESPACES.items()
            for key, value in self._namespaces[name].items()
            if vars(module).get(key, None) is not value and key not in _NOT_FUNCTIONS
        ]
        if not found:
            # New names, of modules that were imported meanwhile, are nobody's fault.
            self._places = places
        return found


def _places() -> bytes:
    """Where in memory everything lies that the names mean; empty if another thread is changing that."""
    try:
        return _in_a_row(itertools.chain.from_iterable(_MEANINGS), object).tobytes()
    except RuntimeError:
        return b""


def _simple() -> dict[str, Any]:
    try:
        directory = os.getcwd()
    except OSError:
        directory = ""
    return {
        "NumPy's error state": (np.geterr(), np.geterrcall()),
        "NumPy's printing": np.get_printoptions(),
        "the rounding mode": _C.fegetround() if _C else 0,
        "the arithmetic of floats": (_NORMAL / 2 > 0, _SUBNORMAL * 2**60 > 0, _C.fegetexcept() if _traps() else 0),
        "the context of decimals": _decimals(),
        "the recursion limit": sys.getrecursionlimit(),
        "the interpreter's settings": (sys.getswitchinterval(), sys.get_int_max_str_digits()),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the environment": dict(_variables()),
        "the working directory": directory,
        "the mask of new files": _mask(),
        "the root directory": _root(),
        "the garbage collector": (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
        "what is told of garbage": tuple(gc.callbacks),
        "where modules come from": (tuple(sys.meta_path), tuple(sys.path_hooks), tuple(sys.path)),
        "traces": (sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile()),
        "threading.excepthook": threading.excepthook,
        "limits": _limits(),
        **{f"sys.{name}": getattr(sys, name, None) for name in _HOOKS},
    }


def _mask() -> int:
    """The mask of new files, which is told by setting another: for that moment the narrowest, so that nobody's file is open to others."""
    now = os.umask(0o077)
    os.umask(now)
    return now


def _root() -> tuple[int, int]:
    """What the root directory is; nothing that is known where it cannot be looked at."""
    try:
        found = os.stat(os.sep)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _decimals() -> tuple[Any, ...]:
    now = decimal.getcontext()
    traps = [each for each, is_on in now.traps.items() if is_on]
    return now.prec, now.rounding, now.Emin, now.Emax, now.capitals, now.clamp, [], traps


def _limits() -> Any:
    """What the system allows this process, how it favours it, and for whom it takes it."""
    if not hasattr(os, "getuid"):
        return ()
    import resource  # only where there is such a module

    return (
        tuple((number, resource.getrlimit(number)) for number in _limited()),
        frozenset(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        (os.getuid(), os.geteuid(), os.getgid(), os.getegid()),
        os.getpriority(os.PRIO_PROCESS, 0),
        frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (),
    )


@functools.cache
def _limited() -> tuple[int, ...]:
    import resource  # only where there is such a module

    return tuple(dict.fromkeys(each for name, each in vars(resource).items() if name.startswith("RLIMIT_")))


def _put_back(name: str, was: Any) -> None:
    match name:
        case "NumPy's error state":
            np.seterr(**was[0])
            np.seterrcall(was[1])
        case "NumPy's printing":
            np.set_printoptions(**was)
        case "the rounding mode" if _C:
            _C.fesetround(was)
        case "the arithmetic of floats" if _C and sys.platform == "linux":
            rounding = _C.fegetround()
            _C.fesetenv(_DEFAULT)
            _C.fesetround(rounding)
        case "the context of decimals":
            decimal.setcontext(decimal.Context(*was))
        case "the interpreter's settings":
            sys.setswitchinterval(was[0])
            sys.set_int_max_str_digits(was[1])
        case "the garbage collector":
            (gc.enable if was[0] else gc.disable)()
            gc.set_threshold(*was[1])
            gc.set_debug(was[2])
        case "where modules come from" | "what is told of garbage":
            pass  # a module that a function imports when it is called may need them
        case "traces":
            sys.settrace(was[0])
            sys.setprofile(was[1])
            threading.settrace(was[2])
            threading.setprofile(was[3])
        case "threading.excepthook":
            threading.excepthook = was
        case "limits":
            _put_back_limits(was)
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
        case "the mask of new files":
            os.umask(was)
        case "the root directory":
            pass  # nobody comes out of another one
        case _:
            setattr(sys, name.removeprefix("sys."), was)


def _put_back_limits(was: Any) -> None:
    """As far as they can be: nobody but root raises a limit that was lowered for good."""
    import resource  # only where there is such a module

    limits, blocked, _, priority, processors = was
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, priority)
    with contextlib.suppress(OSError):
        if processors:
            os.sched_setaffinity(0, processors)
    for number, limit in limits:
        if resource.getrlimit(number) != limit:
            hard = resource.getrlimit(number)[1]
            for each in (limit, (limit[0], hard), (hard, hard)):
                with contextlib.suppress(OSError, ValueError):
                    resource.setrlimit(number, each)
                    break


def _threads() -> int:
    """How many threads run Python, also those that `threading` does not know."""
    return len(sys._current_frames())


def _timers() -> list[int]:
    return [getattr(signal, name) for name in _TIMERS if hasattr(signal, name)]


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
#: In C FE_DFL_ENV.
_DEFAULT = ctypes.c_void_p(-1)


def _traps() -> bool:
    """Whether C tells which faults of arithmetic end a process."""
    return _C is not None and hasattr(_C, "fegetexcept")
