"""Tells which functions a process calls that a test has started: tools/mutation.py lays this file where Python imports it as it starts, as `sitecustomize`."""

from __future__ import annotations

import os

#: The variable of the environment that names the file in which such processes tell it, a name in a line.
TOLD_IN = "MUTANT_CALLS_TOLD_IN"


#: The mutated functions that this process has called.
called: set[str] = set()


def begin(*, is_started: bool) -> None:
    """Whatever mutated function is called from now on is noted: in `called`, and told if this process was started, or is forked from the one that begins here."""
    from mutmut.mutation import trampoline

    here, told_in = 0 if is_started else os.getpid(), os.environ[TOLD_IN]

    def note(name: str, **_: str | None) -> None:
        if name in called:
            return
        called.add(name)
        if os.getpid() != here:
            with open(told_in, "a", encoding="utf-8") as told:
                told.write(f"{name}\n")

    # Mutmut's own looks its settings up at each call: a test that calls much would take a hundred times as long.
    trampoline.record_trampoline_hit = note
    if is_started:  # not in the environment: what this process starts comes by here as well
        trampoline._mutant_under_test = "stats"


if __name__ == "sitecustomize" and TOLD_IN in os.environ:
    begin(is_started=True)
