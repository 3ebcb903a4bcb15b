"""What a function says of itself, before it is called: its name, its parameters, and whether the arguments of a formula fit them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Signature:
    """What a function says of its parameters.

    Attributes:
        called: Its qualified name.
        text: Its signature, as it is written; empty where it has none, as some compiled functions.
        misfit: Why the arguments do not fit; empty if they do.
        by_name: The parameters that can be given by name.
        required: Those of the formula's parameters that it takes by name and has no default for: each call gives them.
        places: The parameters that can be given by place, in order.
    """

    called: str
    text: str = ""
    misfit: str = ""
    by_name: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def signature(function: Callable[..., Any], arguments: Sequence[str], parameters: Sequence[str] = ()) -> Signature:
    """Asks a function; all of this may run code of its own.

    Args:
        function: The function.
        arguments: The names of the arguments that it is to be called with, by position.
        parameters: The names of the formula's parameters, which are given by name if it needs them.
    """
    called = str(getattr(function, "__qualname__", None) or type(function).__name__)
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return Signature(called)  # then the call itself will tell
    named = [each for each in found.parameters.values() if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)]
    by_name = tuple(str(each.name) for each in named)
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
        return Signature(called, str(found), str(error), by_name, required, places)
    return Signature(called, str(found), "", by_name, required, places)
