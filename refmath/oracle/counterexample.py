"""Counterexamples: which of the refused trials are shown, the line to paste, and the entry of the answer that is furthest off."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.oracle.adapter import RemoteFunction
from refmath.oracle.drawing import CLASSES, Inputs
from refmath.oracle.report import Counterexample
from refmath.oracle.search import Search, Trial, trouble
from refmath.spec import Formula, packed


def smallest_of(search: Search, refused: list[Trial]) -> Trial | None:
    """The smallest input that is refused, found by shrinking; None if none was."""
    if not refused:
        return None
    # No answer at all outweighs a wrong one.
    troubled = [trial for trial in refused if trouble(trial.seen, trial.interval)]
    of_kind = troubled or refused
    class_ = next(each for each in CLASSES if any(trial.class_ == each for trial in of_kind))
    seen = min((trial for trial in of_kind if trial.class_ == class_), key=lambda trial: _numbers(trial.inputs))
    remote = search.candidate.function
    if isinstance(remote, RemoteFunction) and remote.adapter.is_spent:
        remote.adapter.forgive()
        search.stopped = False
    if search.stopped or seen not in search.trials:
        return seen
    return (
        search.shrink(
            seen.branch,
            lambda trial: not trial.accepted and bool(troubled) <= bool(trouble(trial.seen, trial.interval)),
        )
        or seen
    )


def worst_of(refused: list[Trial], smallest: Trial | None) -> Trial | None:
    """The trial furthest off; of those as bad up to a factor of two, the one with the fewest numbers to read."""
    if smallest is None:
        return None
    known = [*refused, smallest]
    enough = max(smallest.ulps, max(trial.ulps for trial in known) / 2)
    return min(
        (trial for trial in known if trial.ulps >= enough), key=lambda trial: (_numbers(trial.inputs), -trial.ulps)
    )


def counterexample(trial: Trial, search: Search, called: str) -> Counterexample:
    """A trial that was refused, as the report shows it; `called` is the function's name there."""
    formula, remote = search.setting.formula, search.candidate.function
    request = remote.request(*packed(formula, trial.inputs)) if isinstance(remote, RemoteFunction) else None
    return replace(_bare_counterexample(trial, formula, called), request=request)


def _bare_counterexample(trial: Trial, formula: Formula, called: str) -> Counterexample:
    text = trouble(trial.seen, trial.interval)
    numbers = {each.name for each in formula.inputs if each.kind in ("rate", "count")}
    pasted = packed(
        formula,
        {name: repr(value.item()) if name in numbers else _paste(value) for name, value in trial.inputs.items()},
    )
    call = f"{called}({', '.join(map(_paste_mapping, pasted))})"
    if text:
        low, high = trial.interval.low, trial.interval.high
        expected = (float(low), float(high)) if low.ndim == 0 else None
        return Counterexample(trial.class_, trial.inputs, call, expected, (), None, text, math.inf)
    ulps = trial.interval.ulps(trial.seen.value)
    outside = np.where(trial.interval.accepts(trial.seen.value), -1.0, ulps)
    index = np.unravel_index(int(np.argmax(outside)), outside.shape)
    return Counterexample(
        trial.class_,
        trial.inputs,
        call,
        (float(trial.interval.low[index]), float(trial.interval.high[index])),
        _place(trial.inputs, formula, tuple(int(place) for place in index)),
        float(trial.seen.value[index]),
        "",
        float(ulps[index]),
    )


def _place(inputs: Inputs, formula: Formula, index: tuple[int, ...]) -> tuple[int | str, ...]:
    """Which entry of the answer an index counts; in a mapping, whose entries are counted one after the other, its key comes first."""
    if not formula.parts:
        return index
    shapes = {each.key: np.shape(inputs[each.name]) for each in formula.inputs if each.mapping == "params"}
    rest = index[0]
    for part in formula.parts:
        size = math.prod(shapes[part.key])
        if rest < size:
            return part.key, *map(int, np.unravel_index(rest, shapes[part.key]))
        rest -= size
    raise IndexError(index)


def _paste_mapping(value: str | dict[str, str]) -> str:
    if isinstance(value, str):
        return value
    return "{" + ", ".join(f"{key!r}: {entry}" for key, entry in value.items()) + "}"


def _paste(value: Any) -> str:
    """An argument as Python source that gives exactly this array, or this function."""
    if callable(value):
        return str(value)
    value = np.asarray(value)
    if value.ndim == 0 and value.dtype.kind in "iu":
        return repr(value.item())
    if value.ndim > 1 and not value.flags.c_contiguous:
        return f"np.asfortranarray({_paste(np.ascontiguousarray(value))})"
    home = "ml_dtypes" if value.dtype.name == "bfloat16" else "np"
    dtype = "" if value.dtype.name in ("float64", "int64") else f", dtype={home}.{value.dtype.name}"
    return f"np.array({value.tolist()!r}{dtype})"


def _numbers(inputs: Inputs) -> int:
    return sum(np.size(value) for value in inputs.values())
