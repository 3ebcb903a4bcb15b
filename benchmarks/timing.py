"""Timing by turns on a machine that others may use too: A B A B, processor time, medians and quartiles."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Row = dict[str, Any]


def by_turns(cases: Mapping[str, Callable[[], Any]], rounds: int, at_least: float = 0.02) -> dict[str, Row]:
    """Each case once in every round, as often in a row as `at_least` seconds take, after a turn that does not count.

    Returns:
        By the cases' names, the summary of the seconds of processor time for one call.
    """
    times: dict[str, list[float]] = {name: [] for name in cases}
    calls = {name: _calls(case, at_least) for name, case in cases.items()}
    for _ in range(rounds):
        for name, case in cases.items():
            times[name].append(processor_time(case, calls[name]) / calls[name])
    return {name: summary(each) for name, each in times.items()}


def processor_time(case: Callable[[], Any], calls: int = 1) -> float:
    """Seconds of processor time for so many calls, those of the system on their behalf included."""
    begun = time.process_time()
    for _ in range(calls):
        case()
    return time.process_time() - begun


def summary(times: list[float]) -> Row:
    """Median and quartiles of some seconds."""
    low, median, high = (float(each) for each in np.percentile(times, [25, 50, 75]))
    return {"median": median, "low": low, "high": high, "measured": len(times)}


def times(row: Row, factor: float) -> Row:
    """What is extrapolated from a summary."""
    return {**row, **{name: row[name] * factor for name in ("median", "low", "high")}}


def _calls(case: Callable[[], Any], at_least: float) -> int:
    case()
    return max(1, round(at_least / max(processor_time(case), 1e-6)))
