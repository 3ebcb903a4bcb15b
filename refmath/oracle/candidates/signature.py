"""What a function says of itself, before it is called: its name, its parameters, and whether the arguments of a formula fit them."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

#: Of an object that holds more than that no more is looked at.
_MOST_NUMBERS = 64
#: No parameter of a formula is larger.
_LARGEST = 1e300


@dataclass(frozen=True)
class Signature:
    """What a function says of its parameters.

    Attributes:
        called: Its qualified name.
        text: Its signature, as it is written; empty where it has none, as some compiled functions.
        misfit: Why the arguments do not fit; empty if they do.
        by_name: The parameters that can be given by name; of those that `**` takes, the formula's own that its code speaks of.
        required: Those of the formula's parameters that it takes by name and has no default for: each call gives them.
        places: The parameters that can be given by place, in order.
        file: The file that it stands in, as Python names it; empty if there is none.
        line: The line that it begins at; 0 if that is not known.
        numbers: The numbers that it has of its own, by name: the defaults of its parameters, and what the object of a method holds.
        holds: Whether it is the step of an optimiser that is made for the parameters which it changes.
    """

    called: str
    text: str = ""
    misfit: str = ""
    by_name: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    numbers: tuple[tuple[str, float], ...] = ()
    holds: bool = False


def signature(function: Callable[..., Any], arguments: Sequence[str], parameters: Sequence[str] = ()) -> Signature:
    """Asks a function; all of this may run code of its own.

    Args:
        function: The function.
        arguments: The names of the arguments that it is to be called with, by position.
        parameters: The names of the formula's parameters, which are given by name if it needs them.
    """
    called = str(getattr(function, "__qualname__", None) or type(function).__name__)
    file, line = _place(function)
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return Signature(called, file=file, line=line)  # then the call itself will tell
    named = [each for each in found.parameters.values() if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)]
    by_name = tuple(str(each.name) for each in named)
    if any(each.kind is each.VAR_KEYWORD for each in found.parameters.values()):
        spoken_of = _texts(function)
        by_name += tuple(name for name in parameters if name in spoken_of and name not in found.parameters)
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    places = tuple(str(each.name) for each in found.parameters.values() if each.kind in by_place)
    placed = list(found.parameters)[: len(arguments)]
    required = tuple(
        str(each.name)
        for each in named
        if each.default is each.empty
        and each.name in parameters
        and (each.kind is each.KEYWORD_ONLY or each.name not in placed)
    )
    try:
        found.bind(*arguments, **dict.fromkeys(required))
    except TypeError as error:
        return Signature(called, str(found), str(error), by_name, required, places, file, line)
    own = {**_held_by(function), **{each.name: each.default for each in named}}
    holds = getattr(function, "holds_parameters", False) is True
    return Signature(called, str(found), "", by_name, required, places, file, line, tuple(_numbers_in(own)), holds)


def _held_by(function: Callable[..., Any]) -> Mapping[str, Any]:
    """What the object of a method holds, by name; of a function what it has from around it, and what an object there holds."""
    function = inspect.unwrap(function)
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None) or ()
    around = {name: each.cell_contents for name, each in zip(code.co_freevars, cells, strict=False)} if code else {}
    found = dict(around)
    for each in (*around.values(), getattr(function, "__self__", None)):
        held = getattr(each, "__dict__", {})
        found |= dict(held) if isinstance(held, dict) and not isinstance(each, type | ModuleType) else {}
    return found


def _numbers_in(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Those of some values that are numbers; of a pair of numbers, such as `betas`, each by itself."""
    for name, value in list(values.items())[:_MOST_NUMBERS]:
        pair = isinstance(value, tuple | list) and len(value) == 2
        for place, each in enumerate(value if pair else (value,), 1):
            # A whole number may be beyond every float.
            if isinstance(each, int | float) and not isinstance(each, bool) and abs(each) <= _LARGEST:
                yield (f"{name.removesuffix('s')}{place}" if pair else name), float(each)


def _texts(function: Any) -> set[str]:
    """The texts in a function's code, such as the names that it looks up in what `**` gives it; none for what is not written in Python."""
    try:
        codes = [_code(function)]
    except Exception:  # noqa: BLE001  # whatever a strange object raises, it is judged all the same
        return set()
    texts: set[str] = set()
    while codes:
        for each in codes.pop().co_consts:
            if isinstance(each, CodeType):
                codes.append(each)
            texts.update([each] if isinstance(each, str) else ())
    return texts


def _code(function: Any) -> CodeType:
    """The code of a function, beneath what wraps it."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    code: CodeType = getattr(function, "__code__", None) or type(function).__call__.__code__
    return code


def _place(function: Any) -> tuple[str, int]:
    """The file and the line where a function begins, beneath what wraps it; nothing for what is not written in Python, or in no file."""
    try:
        code = _code(function)
        file, line = str(code.co_filename), int(code.co_firstlineno)
    except Exception:  # noqa: BLE001  # whatever a strange object raises, it is judged all the same
        return "", 0
    return (file, line) if os.path.isfile(file) else ("", 0)
