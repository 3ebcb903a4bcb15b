"""Integers that wrap around: what is right of the same numbers in 64 bits, and wrong in their own narrower type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from refmath.oracle.reporting.findings import WRAPS_AROUND, Diagnosis
from refmath.oracle.searching.declining import INTEGERS
from refmath.oracle.searching.search import Search, Trial

#: So many of the refused inputs are asked for again.
_ASKED = 8
#: Squares of integers of so many bits may be beyond 64 bits.
_LONG = 32


def in_their_own_type(search: Search, refused: Sequence[Trial]) -> Diagnosis | None:
    """That a candidate computes in the type of the integers it is given, if that explains all answers that are refused.

    Args:
        search: The search, for further questions.
        refused: What was refused.
    """
    numbers = {each.name for each in search.formula.inputs if each.is_number}
    if not refused or not all(
        _is_of_narrow_integers(trial) and numbers.isdisjoint(trial.probe.types) for trial in refused
    ):
        return None
    # The squares of 32 bits need not fit into 64 themselves: the shortest tell most.
    shortest = sorted(refused, key=_bits)[:_ASKED]
    right = [_is_right_in_64_bits(search, trial) for trial in shortest]
    if not any(right) or not all(each for each, trial in zip(right, shortest, strict=True) if _bits(trial) < _LONG):
        return None
    first = search.formula.inputs[0].name
    types = dict.fromkeys(dtype for trial in refused for dtype in trial.probe.types.values())
    return Diagnosis(
        "mistake",
        WRAPS_AROUND,
        f"Integers are computed with in their own type, {' or '.join(types)}, beyond whose range they wrap around. The same numbers in 64 bits are right.",
        repair=f"Convert first: {first} = np.asarray({first}, float). If it is never given integers: --declines {INTEGERS}.",
    )


def _is_right_in_64_bits(search: Search, trial: Trial) -> bool:
    wide = {name: trial.inputs[name].astype(np.int64) for name in trial.probe.types}
    probe = replace(trial.probe, inputs={**trial.inputs, **wide}, types=dict.fromkeys(wide, "int64"), origin=None)
    again = search.trial(probe)
    return again is not None and again.accepted


def _bits(trial: Trial) -> int:
    """The number of bits of the widest integers."""
    return max(8 * np.dtype(dtype).itemsize for dtype in trial.probe.types.values())


def _is_of_narrow_integers(trial: Trial) -> bool:
    """Whether an input came in integers of fewer than 64 bits, and a wrong number came of it."""
    types = trial.probe.types.values()
    narrow = bool(types) and all(np.dtype(dtype).kind in "iu" and np.dtype(dtype).itemsize < 8 for dtype in types)
    return narrow and trial.seen.trouble is None
