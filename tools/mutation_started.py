"""Tells which functions a process calls that a test has started: tools/mutation.py lays this file where Python imports it as it starts, as `sitecustomize`."""

from __future__ import annotations

import os

#: The variable of the environment that names the file in which such processes tell it, a name in a line.
TOLD_IN = "MUTANT_CALLS_TOLD_IN"


def begin(*, is_started: bool) -> None:
    """Whatever mutated function is called from now on is told: in a process that was started, or in one that is forked from this one."""
    from mutmut.mutation import trampoline

    here, told_in, known = 0 if is_started else os.getpid(), os.environ[TOLD_IN], set[str]()
    of_mutmut = trampoline.record_trampoline_hit

    def record(name: str, caller: str | None = None) -> None:
        if os.getpid() == here:
            of_mutmut(name, caller=caller)
        elif name not in known:
            known.add(name)
            with open(told_in, "a", encoding="utf-8") as told:
                told.write(f"{name}\n")

    trampoline.record_trampoline_hit = record
    if is_started:  # not in the environment: what this process starts comes by here as well
        trampoline._mutant_under_test = "stats"


if __name__ == "sitecustomize" and TOLD_IN in os.environ:
    begin(is_started=True)
