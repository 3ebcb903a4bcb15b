"""Formulas of one's own, from the files that hold them."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from refmath import catalogue
from refmath.spec import Formula

_LOADED: dict[Path, tuple[Formula, ...]] = {}


def add_from(files: Iterable[str]) -> tuple[Formula, ...]:
    """Makes the formulas of some files known by their names; a file that is known already is not read again.

    Args:
        files: Python files; every `refmath.Formula` that is a variable of the module counts.

    Returns:
        The formulas.

    Raises:
        ValueError: If a file is not there, cannot be run, holds no formula, or one whose name is taken; the message says which.
    """
    found: list[Formula] = []
    for file in files:
        path = Path(file).resolve()
        if path not in _LOADED:
            formulas = _formulas_in(file, path)
            try:
                catalogue.add(formulas)
            except ValueError as error:
                raise ValueError(f"{file}: {error}") from None
            _LOADED[path] = formulas
        found += _LOADED[path]
    return tuple(found)


def _formulas_in(file: str, path: Path) -> tuple[Formula, ...]:
    if not path.is_file():
        raise ValueError(f"there is no file {file}")
    module = _imported(file, path)
    try:
        return catalogue.formulas_in(module)
    except TypeError:
        raise ValueError(
            f"{file} holds no formula: none of its variables is a refmath.Formula that is not in the catalogue"
        ) from None


def _imported(file: str, path: Path) -> ModuleType:
    name = f"refmath_page_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # What stands beside it can be imported, as when it is run.
    sys.path.insert(0, str(path.parent))
    try:
        # What it prints is no part of a report.
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        where = _line(error, path)
        raise ValueError(f"{file}{where}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.parent))
    return module


def _line(error: BaseException, path: Path) -> str:
    """The line of the file at which an error arose."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno
    return f", line {line}" if line else ""
