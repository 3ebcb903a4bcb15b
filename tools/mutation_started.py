"""Which mutated functions are called, here and in processes that a test starts: tools/mutation.py lays this file where Python imports it as it starts, as `sitecustomize`.

In the process of the tests a call goes by a shorter way than mutmut's, which looks at the environment and at its settings each time: what is called often
would take ten times as long.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any

#: The variable of the environment that names the file in which processes that are started tell it, a name in a line.
TOLD_IN = "MUTANT_CALLS_TOLD_IN"
#: The mutated functions that this process has called.
called: set[str] = set()
#: What is asked for in this process: `stats`, or the module and the name of a mutant.
_asked = ("", "")
#: The process whose calls need not be told.
_here = 0


def ask_for(mutant: str) -> None:
    """From now on a mutant takes the place of its function, in the processes that are started too; `stats` for none: then calls are noted."""
    from mutmut.mutation.trampoline import set_mutant_under_test

    global _asked
    module, _, name = mutant.rpartition(".")
    _asked = module, name
    set_mutant_under_test(mutant)


def note(name: str, **_: str | None) -> None:
    """Notes a call in `called`; it is told if this process was started, or forked from the one that told it to."""
    if name in called:
        return
    called.add(name)
    if TOLD_IN in os.environ and os.getpid() != _here:
        with open(os.environ[TOLD_IN], "a", encoding="utf-8") as told:
            told.write(f"{name}\n")


def begin_to_tell(told_in: str) -> None:
    """Whatever is called in processes that this one starts, or that are forked from it, is told in a file."""
    global _here
    _here, os.environ[TOLD_IN] = os.getpid(), told_in


def quicken() -> None:
    """Has the functions of modules that are imported from now on called by the shorter way."""
    from mutmut.mutation import trampoline
    from mutmut.utils.format_utils import mangled_name_from_mutant_name

    of_mutmut = trampoline.wrap_in_trampoline

    def wrapped(mutants: dict[str, Callable[..., Any]], is_classmethod: bool = False) -> Any:
        def decorated(function: Callable[..., Any]) -> Any:
            kinds = (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
            if is_classmethod or any(is_one(function) for is_one in kinds):
                return of_mutmut(mutants, is_classmethod)(function)
            module, full_name = function.__module__, ""

            @functools.wraps(function)
            def call(*arguments: Any, **named: Any) -> Any:
                nonlocal full_name
                original = mutants["_mutmut_orig"]
                in_module, name = _asked
                if name == "stats":
                    if not full_name:
                        full_name = f"{original.__module__}.{mangled_name_from_mutant_name(original.__name__)}"
                    note(full_name)
                elif in_module == module:
                    return mutants.get(name, original)(*arguments, **named)
                return original(*arguments, **named)

            return call

        return decorated

    trampoline.wrap_in_trampoline = wrapped
    trampoline.record_trampoline_hit = note


if __name__ == "sitecustomize" and TOLD_IN in os.environ:
    from mutmut.mutation import trampoline

    trampoline.record_trampoline_hit = note
    trampoline._mutant_under_test = "stats"  # not in the environment: what this process starts comes by here as well
