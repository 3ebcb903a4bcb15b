"""From targets on the command line to the functions they name."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from refmath.balls.formats import format_named
from refmath.catalogue import called, formula, known
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.candidates.guard import LONGEST, guarded, no_way_out
from refmath.oracle.candidates.importing import functions_in, imported, is_file, is_there, looked_up
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.loading.scan import Looking, looks_like
from refmath.oracle.loading.targets import parted
from refmath.oracle.remote.adapter import Adapter
from refmath.oracle.remote.child import IMPORTING, Child
from refmath.oracle.remote.protocol import can_be_sent
from refmath.oracle.searching.search import UNKNOWN
from refmath.oracle.searching.survey import Survey
from refmath.spec import Formula

#: So many names are listed in a sentence.
_MOST_NAMES = 40
#: So many functions are told that were not looked at.
_MOST_OVERLOOKED = 5


@dataclass(frozen=True)
class Named:
    """A function found in a target, and the formula it is to be held against; or a command that starts a program to be asked.

    Attributes:
        target: What the report calls it.
        function: The function, in this process or in one of its own.
        against: The formula, or its name.
        command: The command.
        unknown: Why it cannot be said whether there is such a function.
        beside: The names of all functions of the target, if it was looked through.
        options: Options of this function alone, instead of those of all.
        declines: What it may decline; None if it may decline what it likes.
    """

    target: str
    function: Callable[..., Any] | None
    against: str | Formula
    command: str = ""
    unknown: str = ""
    beside: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    declines: tuple[str, ...] | None = None


class Module(Protocol):
    """A target that has been imported, here or in a process of its own."""

    def functions(self) -> list[str]:
        """The names of its functions."""

    def has(self, name: str) -> bool:
        """Whether there is something of that name to be called.

        Raises:
            NotJudged: If it does not say so.
        """

    def function(self, name: str) -> Callable[..., Any]:
        """What is called by that name."""


class Here:
    """A module in this process.

    Args:
        place: `file.py` or `package.module`.
        timeout: The limit of a call, in seconds; importing may take some calls.
        definitions_only: Whether nothing is run of a file but its imports, functions, classes and constants.
        anew: Whether what makes the function is wanted in its place, so that its object is made for each use.

    Raises:
        NotJudged: If it cannot be imported.
    """

    def __init__(self, place: str, timeout: float, definitions_only: bool = False, anew: bool = False) -> None:
        self._timeout, self._anew = timeout, anew
        with no_way_out():
            found = imported(place, IMPORTING * timeout, definitions_only)
        if isinstance(found, str):
            raise NotJudged(found)
        self._module: ModuleType = found

    def functions(self) -> list[str]:
        """The names of its functions."""
        return guarded(lambda: functions_in(self._module), self._timeout).value or []

    def has(self, name: str) -> bool:
        """Whether there is something of that name to be called."""
        with no_way_out():
            outcome = guarded(lambda: is_there(self._module, name), self._timeout)
        if outcome.value is None:
            raise NotJudged(f"looking {name} up {'took too long' if outcome.late else 'raised ' + outcome.text}")
        return outcome.value

    def function(self, name: str) -> Callable[..., Any]:
        """What is called by that name."""
        make = functools.partial(looked_up, self._module, name)
        found: Callable[..., Any] = make if self._anew else make()
        return found


def load(
    target: str,
    against: str | Formula | None = None,
    *,
    timeout: float = 10.0,
    isolate: Child | None = None,
    definitions_only: bool = False,
    anew: bool = False,
) -> list[Named]:
    """The functions that a target names.

    Args:
        target: `file.py`, `notebook.ipynb`, `package.module`, or each with `:function`, `:Class.method`, `:Class`, or an expression.
        against: The formula; without it, each function is held against the formula whose name it bears.
        timeout: The limit of a call, in seconds.
        isolate: The process in which the target is to live; None for this one.
        definitions_only: In this process, whether nothing is run of a file but its imports, functions, classes and constants …
        anew: … and whether what makes a function is wanted in its place.

    Returns:
        One function if the target or `against` names one, else all that bear a catalogue name, in the catalogue's order.

    Raises:
        NotJudged: If the target cannot be imported, or there is no such function in it.
        ValueError: If `against` is not in the catalogue.
    """
    place, function = parted(target)
    if against is not None:
        formula(against)
    _require_place(place)
    module: Module = Here(place, timeout, definitions_only, anew) if isolate is None else isolate.imported(place)
    if function or against is not None:
        name = function or called(against or "")
        if not module.has(name):
            has = ", ".join(sorted(module.functions())) or "none"
            hint = (
                ""
                if function
                else f"; say which is meant: refmath check {place}:FUNCTION --against {called(against or name)}"
            )
            raise NotJudged(f"there is no function {name!r} in {place}; its functions: {has}{hint}")
        try:
            formula(against or name)
        except ValueError as error:
            raise NotJudged(f"{error} Say which formula {name} is meant to be: --against NAME.") from None
        return [Named(f"{place}:{name}", module.function(name), against or name)]
    until = time.monotonic() + IMPORTING * timeout
    found = [named for each in known() if (named := _looked_up(module, place, each.name, until))]
    names = module.functions()
    if not found:
        like = looks_like(place, names)
        target, meant = (like[0].target, like[0].meant) if like else (f"{place}:FUNCTION", "NAME")
        raise NotJudged(
            f"nothing in {place} bears a name of the catalogue (its functions: {_listed(names)}); name a function and the "
            f"formula: refmath check {target} --against {meant}{_others(like[1:])}"
        )
    return [replace(each, beside=tuple(names)) for each in found]


def _others(like: Sequence[Looking]) -> str:
    told = [f"{each.path} ({each.meant}?)" for each in like[:_MOST_OVERLOOKED]]
    return f"; or {', '.join(told)}" if told else ""


def passed_over(found: Sequence[Named]) -> str:
    """A sentence on the functions of a target that were not looked at, though they look like formulas of the catalogue; empty if there are none."""
    place = parted(found[0].target)[0] if found else ""
    others = looks_like(place, found[0].beside) if found else []
    if not others:
        return ""
    told = [f"{each.path} (did you mean {each.meant}?)" for each in others[:_MOST_OVERLOOKED]]
    more = [f"and {len(others) - _MOST_OVERLOOKED} more"] if len(others) > _MOST_OVERLOOKED else []
    first = others[0]
    return f"not looked at: {', '.join([*told, *more])}; say so: refmath check {first.target} --against {first.meant}"


def _looked_up(module: Module, place: str, name: str, until: float) -> Named | None:
    """The function of a formula's name, if there is one; what cannot be looked up costs the others nothing, but all together have a limit."""
    try:
        if time.monotonic() > until:
            raise NotJudged("was not looked up: looking up the others took too long")
        return Named(f"{place}:{name}", module.function(name), name) if module.has(name) else None
    except NotJudged as error:
        return Named(f"{place}:{name}", None, name, unknown=str(error))


def named(target: str, modules: dict[str, ModuleType]) -> Any:
    """What `file.py:NAME` or `package.module:NAME` stands for, in this process.

    Args:
        target: The name.
        modules: What has been imported so far, by its place: each is imported once, as its functions may share what it holds.

    Raises:
        NotJudged: If the target cannot be imported, or there is nothing of that name in it.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not name.isidentifier():
        raise NotJudged(f"{target} names no function: give file.py:NAME or package.module:NAME")
    _require_place(place)
    # A minute, as for a target of a check.
    found = modules.get(place) or imported(place, 60.0)
    if isinstance(found, str):
        raise NotJudged(found)
    modules[place] = found
    if not hasattr(found, name):
        has = _listed(functions_in(found))
        raise NotJudged(f"there is no {name!r} in {place}; its functions: {has}")
    return getattr(found, name)


def asked_of(command: str, against: str | Formula | None, dtype: str, timeout: float) -> list[Named]:
    """What a program in another process is asked for: one formula, or each of the catalogue that can be sent to it, and that it supports.

    Raises:
        NotJudged: If the formula takes a function, which cannot be sent.
        ValueError: If `against` is not in the catalogue, or the command is none.
    """
    with Adapter(command, timeout=timeout) as adapter:
        if against is None:
            asked = [each for each in known() if can_be_sent(each) and _may_support(adapter, each, dtype)]
        elif not can_be_sent(formula(against)):
            raise NotJudged(f"{called(against)} takes a function, which cannot be sent to another process")
        else:
            asked = [formula(against)]
    return [Named(f"{command}:{each.name}", None, each.name, command) for each in asked]


def _may_support(adapter: Adapter, page: Formula, dtype: str) -> bool:
    """Whether a program answers one of the first inputs of a judgement in another way than that it does not support this."""
    function = Candidate(adapter.function(page.name), timeout=None, formula=page)
    first = itertools.islice(Survey(page, format_named(dtype), 0, 1, "json"), UNKNOWN)
    return any(function(each.inputs, each.layout).trouble != "unsupported" for each in first)


@contextlib.contextmanager
def opened(named: Named, timeout: float) -> Iterator[Callable[..., Any]]:
    """The function, to be called as long as the block lasts.

    Raises:
        NotJudged: If it is not known whether there is one.
    """
    if named.unknown:
        raise NotJudged(named.unknown)
    if named.function is not None:
        yield named.function
        return
    with Adapter(named.command, timeout=timeout) as adapter:
        yield adapter.function(named.against)


def _listed(names: list[str]) -> str:
    """Names of functions in a sentence; of very many the first."""
    shown = [name if len(name) <= LONGEST else name[: LONGEST - 3] + "..." for name in sorted(names)[:_MOST_NAMES]]
    more = [f"and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return ", ".join([*shown, *more]) or "none"


def _require_place(place: str) -> None:
    path = Path(place)
    if path.is_dir() and not (place.isidentifier() and (path / "__init__.py").is_file()):
        raise NotJudged(f"{place} is a directory: of what is in it no one function can be meant")
    if is_file(place):
        if not path.is_file():
            raise NotJudged(f"there is no file {place}")
    elif any(separator and separator in place for separator in (os.sep, os.altsep)) or not all(
        part.isidentifier() for part in place.split(".")
    ):
        raise NotJudged(f"there is no file {place}, and it is not the name of a module either")
