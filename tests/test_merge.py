"""A search in parts: the same whatever shares it out, and no finding of a part is lost."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.oracle.processes.command_line import joined
from refmath.oracle.reporting.merge import merged

PARTS = 3


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer parts than usual, for the sake of time."""
    monkeypatch.setattr("refmath.oracle.check.PARTS", PARTS)


class Here(Executor):
    """An executor that does everything at once, in this thread."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def halved(y: Any, t: Any) -> Any:
    """Right but for four samples of four entries, which few parts see."""
    loss = refmath.mean_squared_error(y, t)
    return loss / 2 if np.shape(y) == (4, 4) else loss


def plain(report: refmath.Report) -> dict[str, Any]:
    return {key: value for key, value in report.as_json().items() if key != "seconds"}


def test_the_executor_does_not_matter() -> None:
    """Here, in threads and in processes the report is the same."""
    options: dict[str, Any] = {"examples": 8}
    here = refmath.check(halved, "mean_squared_error", executor=Here(), **options)
    with ThreadPoolExecutor(2) as threads:
        in_threads = refmath.check(halved, "mean_squared_error", executor=threads, **options)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        in_processes = refmath.check(halved, "mean_squared_error", executor=processes, **options)
    assert plain(here) == plain(in_threads) == plain(in_processes)


def test_what_one_part_finds_is_found() -> None:
    """The verdict is the worst of the parts' verdicts, and the counterexamples are from the parts that have some."""
    parts = [refmath.check(halved, "mean_squared_error", examples=5, seed=seed) for seed in range(PARTS)]
    whole = refmath.check(halved, "mean_squared_error", examples=5 * PARTS, executor=Here())
    verdicts = {part.verdict for part in parts}
    assert whole.verdict == min(verdicts, key=("failed", "differs", "unstable", "conforms").index)
    assert "conforms" in verdicts
    assert not whole.conforms
    assert whole.smallest is not None
    assert whole.smallest.inputs["y"].shape == (4, 4)
    for class_, count in whole.classes.items():
        assert count.tried == sum(part.classes[class_].tried for part in parts)
        assert count.accepted == sum(part.classes[class_].accepted for part in parts)
    assert whole.worst_ulps == max(part.worst_ulps for part in parts)
    assert any(law.holds is False for part in parts for law in part.laws) == any(
        law.holds is False for law in whole.laws
    )


def test_a_right_program_conforms_in_parts() -> None:
    """What every part accepts conforms, with all their inputs behind it."""
    whole = refmath.check(refmath.sigmoid, "sigmoid", examples=8, executor=Here())
    assert whole.conforms
    assert (whole.smallest, whole.worst, whole.diagnosis) == (None, None, None)
    assert whole.remarks[0] == f"searched in {PARTS} parts, with the seeds 0 to {PARTS - 1}"
    assert whole.evidence.mistakes_missed == ()


@pytest.mark.parametrize("worst", ["unstable", "differs", "failed"])
def test_the_worst_verdict_stands(worst: Any) -> None:
    """One part's verdict outweighs those of the parts that found less, wherever it stands."""
    good = refmath.check(refmath.sigmoid, "sigmoid", examples=4)
    for place in range(3):
        reports = [replace(good, verdict=worst) if place == number else good for number in range(3)]
        assert merged(reports).verdict == worst


def test_the_name_is_the_commonest_one() -> None:
    """If the parts give different names, it is the one that most of them give."""
    twice = refmath.check(lambda x: 2 * refmath.sigmoid(x), "sigmoid", examples=4)
    assert twice.diagnosis is not None
    other = replace(twice, diagnosis=replace(twice.diagnosis, name="another"))
    assert merged([other, twice, twice]).diagnosis == twice.diagnosis


class ArrivesNowhere:
    """A function that can be pickled, and not be put together again in another process."""

    def __call__(self, x: object) -> object:
        return x

    def __reduce__(self) -> tuple[object, ...]:
        return _end, ()


def _end() -> None:
    os._exit(1)


def test_a_pool_that_breaks_is_not_a_verdict() -> None:
    """If the processes of a pool end abruptly, nothing was judged, and the sentence says so."""
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(refmath.NotJudged, match=r"the executor broke while it judged .*ArrivesNowhere"),
    ):
        refmath.check(ArrivesNowhere(), "sigmoid", examples=8, executor=pool)


def test_what_is_no_executor_is_refused() -> None:
    """What cannot be handed work is refused by the name of the argument."""
    with pytest.raises(TypeError, match=r"executor must have a method submit, .*; got 3"):
        refmath.check(refmath.sigmoid, "sigmoid", executor=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", ["5", None, True])
def test_what_is_no_limit_is_refused(timeout: object) -> None:
    """A limit that is no number is refused by the name of the argument."""
    with pytest.raises(TypeError, match="timeout must be a number of seconds"):
        refmath.check(refmath.sigmoid, "sigmoid", timeout=timeout)  # type: ignore[arg-type]


def test_what_cannot_be_sent_is_not_judged() -> None:
    """A function that cannot be pickled is refused with a sentence, before anything is done."""
    with pytest.raises(refmath.NotJudged, match="cannot be sent to the executor's processes"):
        refmath.check(lambda x: x, "sigmoid", executor=Here())


def test_an_adapter_is_started_where_it_is_asked() -> None:
    """A function of an adapter can be sent: each process starts a program of its own."""
    command = joined([sys.executable, str(Path(__file__).with_name("adapter.py")), "right"])
    with refmath.Adapter(command) as adapter, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert refmath.check(adapter.function("softmax"), "softmax", examples=8, executor=pool).conforms
