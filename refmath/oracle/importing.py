"""A target as a module, imported by its path or by its name; what its code raises is told in a sentence."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from refmath.oracle.guard import described, guarded

#: Of a line of the file so many characters are shown.
_LONGEST_LINE = 60


def imported(place: str, seconds: float) -> ModuleType | str:
    """The module, or why it cannot be imported; it may take so many seconds."""
    outcome = guarded(lambda: _module(place), seconds)
    if outcome.late:
        return f"{place} cannot be imported: it does not end within {seconds:g} s"
    return outcome.value or f"{place} cannot be imported: {outcome.text}"


def _module(place: str) -> ModuleType | str:
    # What it prints meanwhile must not mix with the report.
    with contextlib.redirect_stdout(sys.stderr):
        path = Path(place)
        return _from_file(path) if is_file(place) else _imported(place, lambda: importlib.import_module(place))


def is_file(place: str) -> bool:
    """Whether a target is a file, and not the name of a module."""
    return place.endswith(".py") or Path(place).is_file()


def functions_in(module: ModuleType | None) -> list[str]:
    """The names of the functions in a module."""
    return [
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and not isinstance(value, type)
    ]


def _from_file(path: Path) -> ModuleType | str:
    name = f"_refmath_candidate_{path.stem}"
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a module up by its name
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        return _imported(str(path), lambda: _executed(loader, module))
    finally:
        # The modules beside it can still be imported when its functions are called, but no longer hide others.
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)
        sys.path.append(folder)


def _executed(loader: importlib.machinery.SourceFileLoader, module: ModuleType) -> ModuleType:
    loader.exec_module(module)
    return module


def _imported(place: str, load_it: Callable[[], ModuleType]) -> ModuleType | str:
    if not place.endswith(".py") and "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return load_it()
    except ModuleNotFoundError as error:
        return f"{place} cannot be imported: {error}{_line(place, error)}"
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the module raises
        name, _, message = described(error).partition(": ")
        if isinstance(error, SyntaxError):
            message = message.removesuffix(f" ({Path(place).name}, line {error.lineno})")
        return f"{place} cannot be imported: {name}{_line(place, error)}: {message}"


def _line(place: str, error: BaseException) -> str:
    """The line of the file itself where importing it went wrong, if that can be told."""
    if isinstance(error, SyntaxError):
        return _told(error.lineno, error.text)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == place]
    return _told(own[-1].lineno, own[-1].line) if own else ""


def _told(line: int | None, text: str | None) -> str:
    """A line by its number, with what stands there."""
    shown = " ".join((text or "").split())
    shown = shown if len(shown) <= _LONGEST_LINE else shown[: _LONGEST_LINE - 3] + "..."
    return f" in line {line}" + (f", `{shown}`" if shown else "")
