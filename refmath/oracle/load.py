"""From a target on the command line to the functions it names."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from refmath.catalogue import FORMULAS, formula
from refmath.oracle.adapter import Adapter
from refmath.oracle.candidate import no_way_out
from refmath.oracle.protocol import can_be_sent
from refmath.oracle.verdict import NotJudged


@dataclass(frozen=True)
class Named:
    """A function found in a target, and the formula it is to be held against; or a command that starts a program to be asked."""

    target: str
    function: Callable[..., Any] | None
    against: str
    command: str = ""


def load(target: str, against: str | None = None) -> list[Named]:
    """The functions that a target names.

    Args:
        target: `file.py`, `package.module`, or either with `:function`.
        against: The formula; without it, each function is held against the formula whose name it bears.

    Returns:
        One function if the target or `against` names one, else all that bear a catalogue name, in the catalogue's order.

    Raises:
        NotJudged: If the target cannot be imported, or there is no such function in it.
        ValueError: If `against` is not in the catalogue.
    """
    place, _, function = target.rpartition(":") if _has_function(target) else (target, "", "")
    if against is not None:
        formula(against)
    module = _module(place)
    if function or against is not None:
        name = function or str(against)
        if not callable(getattr(module, name, None)):
            has = ", ".join(sorted(_functions(module))) or "none"
            hint = "" if function else f"; say which is meant: refmath check {place}:FUNCTION --against {against}"
            raise NotJudged(f"there is no function {name!r} in {place}; its functions: {has}{hint}")
        try:
            formula(against or name)
        except ValueError as error:
            raise NotJudged(f"{error} Say which formula {name} is meant to be: --against NAME.") from None
        return [Named(f"{place}:{name}", getattr(module, name), against or name)]
    found = [
        Named(f"{place}:{each.name}", getattr(module, each.name), each.name)
        for each in FORMULAS
        if callable(getattr(module, each.name, None))
    ]
    if not found:
        has = ", ".join(sorted(_functions(module))) or "none"
        raise NotJudged(
            f"nothing in {place} bears a name of the catalogue (its functions: {has}); name a function and the formula: "
            f"refmath check {place}:FUNCTION --against NAME"
        )
    return found


def named(target: str) -> Any:
    """What `file.py:NAME` or `package.module:NAME` stands for.

    Raises:
        NotJudged: If the target cannot be imported, or there is nothing of that name in it.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not name.isidentifier():
        raise NotJudged(f"{target} names no function: give file.py:NAME or package.module:NAME")
    module = _module(place)
    if not hasattr(module, name):
        has = ", ".join(sorted(_functions(module))) or "none"
        raise NotJudged(f"there is no {name!r} in {place}; its functions: {has}")
    return getattr(module, name)


def asked_of(command: str, against: str | None) -> list[Named]:
    """What a program in another process is asked for: one formula, or each of the catalogue that can be sent to it.

    Raises:
        NotJudged: If the formula takes a function, which cannot be sent.
        ValueError: If `against` is not in the catalogue, or the command is none.
    """
    Adapter(command)
    asked = FORMULAS if against is None else (formula(against),)
    found = [Named(f"{command}:{each.name}", None, each.name, command) for each in asked if can_be_sent(each)]
    if not found:
        raise NotJudged(f"{against} takes a function, which cannot be sent to another process")
    return found


@contextlib.contextmanager
def opened(named: Named, timeout: float) -> Iterator[Callable[..., Any]]:
    """The function, to be called as long as the block lasts."""
    if named.function is not None:
        yield named.function
        return
    with Adapter(named.command, timeout=timeout) as adapter:
        yield adapter.function(named.against)


def _has_function(target: str) -> bool:
    _, colon, function = target.rpartition(":")
    return bool(colon) and function.isidentifier()


def _functions(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and not isinstance(value, type)
    ]


def _module(place: str) -> ModuleType:
    path = Path(place)
    if path.is_dir() and not (place.isidentifier() and (path / "__init__.py").is_file()):
        raise NotJudged(f"{place} is a directory; give a file or a module")
    # What the module prints while it is imported must not mix with the report.
    with contextlib.redirect_stdout(sys.stderr):
        if place.endswith(".py") or path.is_file():
            if not path.is_file():
                raise NotJudged(f"there is no file {place}")
            return _from_file(path)
        if os.sep in place or not all(part.isidentifier() for part in place.split(".")):
            raise NotJudged(f"there is no file {place}, and it is not the name of a module either")
        return _imported(place, lambda: importlib.import_module(place))


def _from_file(path: Path) -> ModuleType:
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


def _imported(place: str, load_it: Callable[[], ModuleType]) -> ModuleType:
    if not place.endswith(".py") and "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        with no_way_out():
            return load_it()
    except ModuleNotFoundError as error:
        raise NotJudged(f"{place} cannot be imported: {error}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # whatever the module raises
        raise NotJudged(f"{place} cannot be imported: {type(error).__name__}{_line(place, error)}: {error}") from None


def _line(place: str, error: BaseException) -> str:
    """The line of the file itself where importing it went wrong, if that can be told."""
    if isinstance(error, SyntaxError):
        return f" in line {error.lineno}"
    own = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == place]
    return f" in line {own[-1]}" if own else ""
