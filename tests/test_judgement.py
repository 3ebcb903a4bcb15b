"""One judgement: what a candidate is called with, how often, where, and what the report says of that."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.catalogue import formula
from refmath.oracle import under_options
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.judgement import Judgement
from refmath.oracle.remote.adapter import RemoteFunction
from refmath.spec import setting

FEW: dict[str, Any] = {"examples": 4}


class Asked:
    """A program in another process, as far as a function of it can tell: it counts what it is forgiven."""

    def __init__(self, formula_name: str) -> None:
        self.words, self.timeout = ["program"], 10.0
        self.forgiven = 0
        self._program: Callable[..., Any] = formula(formula_name).program
        self.requests: list[dict[str, Any]] = []
        self.is_spent = False

    def forgive(self) -> None:
        self.forgiven += 1

    def answer(self, request: dict[str, Any]) -> Any:
        self.requests.append(request)
        arrays = [np.array(each["data"], float).reshape(each["shape"]) for each in request["inputs"].values()]
        return self._program(*arrays)


def test_a_function_of_a_program() -> None:
    """It is told the setting, it has no file, and what an earlier judgement has cost is forgiven."""
    program: Any = Asked("huber")
    function = RemoteFunction(program, setting(formula("huber")))
    report = refmath.check(function, "huber", parameters={"delta": 0.25}, **FEW)
    assert (report.verdict, report.file, report.line) == ("differs", "", None)
    assert report.target == "program:huber"
    assert program.forgiven == 1
    assert all(each["params"] == {"delta": 0.25} for each in program.requests)


@pytest.mark.parametrize("more", [{"order": ["t", "y"]}, {"take": 0}, {"layout": "columns"}])
def test_a_program_is_sent_json(more: dict[str, Any]) -> None:
    program: Any = Asked("mean_squared_error")
    with pytest.raises(ValueError, match="a program in another process is sent JSON"):
        refmath.check(
            RemoteFunction(program, setting(formula("mean_squared_error"))), "mean_squared_error", **more, **FEW
        )


LABELLED = "softmax_cross_entropy_labels"
BY_NAME: dict[str, Callable[..., Any]] = {"mean": np.mean, "sum": np.sum, "none": lambda losses: losses}


def labelled(a: Any, labels: Any) -> Any:
    """One loss for each sample."""
    shifted = np.asarray(a, np.result_type(a, np.float32)) - np.max(a, axis=-1, keepdims=True)
    own = np.take_along_axis(shifted, np.asarray(labels, int)[..., None], axis=-1)[..., 0]
    return np.log(np.sum(np.exp(shifted), axis=-1)) - own


def test_what_is_set_is_handed_over_by_name() -> None:
    """To who takes it; who does not is held against the formula under that value. What is not set is tried under several values."""
    seen: set[float] = set()

    def taking(y: Any, t: Any, delta: float = 1.0) -> Any:
        seen.add(delta)
        return refmath.huber(y, t, delta=delta)

    assert refmath.check(taking, "huber", parameters={"delta": 0.25}, **FEW).conforms
    assert seen == {0.25}
    assert refmath.check(
        lambda y, t: refmath.huber(y, t, delta=0.25), "huber", parameters={"delta": 0.25}, **FEW
    ).conforms
    seen.clear()
    assert refmath.check(taking, "huber", **FEW).conforms
    assert len(seen) > 3
    slopes: set[float] = set()

    def leaky(x: Any, alpha: float = 0.01) -> Any:
        slopes.add(alpha)
        return refmath.leaky_relu(x, slope=alpha)

    assert refmath.check(leaky, "leaky_relu", **FEW).conforms
    assert len(slopes) > 3


def test_an_option_that_is_set_is_in_every_call() -> None:
    """And no other value of it is tried."""
    seen: set[str] = set()

    def loss(a: Any, labels: Any, reduction: str = "mean") -> Any:
        seen.add(reduction)
        return BY_NAME[reduction](labelled(a, labels))

    report = refmath.check(loss, LABELLED, parameters={"reduction": "sum"}, **FEW)
    assert (report.verdict, seen) == ("conforms", {"sum"})
    assert refmath.check(loss, LABELLED, **FEW).conforms
    assert {"mean", "sum", "none"} <= seen


def test_of_who_declines_integers_none_are_asked() -> None:
    kinds: set[str] = set()

    def square(y: Any, t: Any) -> Any:
        kinds.update(np.asarray(each).dtype.kind for each in (y, t))
        return refmath.mean_squared_error(y, t)

    assert refmath.check(square, "mean_squared_error", declines=["integers"], **FEW).extent.left_out == ("integers",)
    assert kinds == {"f"}
    refmath.check(square, "mean_squared_error", **FEW)
    assert kinds > {"f", "i"}


def test_the_seconds_are_those_of_the_judgement() -> None:
    begun = time.perf_counter()
    report = refmath.check(lambda y, t: 0.0, "mean_squared_error", **FEW)
    assert 0 < report.seconds <= time.perf_counter() - begun


def test_what_is_asked_for_its_signature_must_answer() -> None:
    """In time, and without an error."""

    class Slow:
        @property
        def __signature__(self) -> Any:
            time.sleep(5)

        def __call__(self, y: Any, t: Any) -> Any:
            return 0.0

    with pytest.raises(NotJudged) as told:
        refmath.check(Slow(), "mean_squared_error", timeout=0.05)
    assert str(told.value) == "asked for its signature, it did not answer in time"
    with pytest.raises(NotJudged, match="'none' is not a function"):
        refmath.check("none", "mean_squared_error")


@pytest.mark.parametrize("told", [{"parameters": 3}, {"parameters": {1: 2}}])
def test_parameters_are_given_by_name(told: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="parameters must be"):
        refmath.check(refmath.mean_squared_error, "mean_squared_error", **told)


class Here(Executor):
    """Does everything at once."""

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*arguments, **options))
        return done


def test_the_first_part_has_the_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone: that size is tried once. Each part has its own seed."""
    seeds: list[tuple[int, int]] = []
    init = Judgement.__init__

    def remembered(self: Judgement, candidate: Any, request: Any, *more: Any) -> None:
        seeds.append((request.seed, request.sizes.get("K", (0,))[0]))
        init(self, candidate, request, *more)

    monkeypatch.setattr(Judgement, "__init__", remembered)
    monkeypatch.setattr("refmath.oracle.check.PARTS", 3)
    report = refmath.check(refmath.softmax, "softmax", shape={"K": 3001}, executor=Here(), seed=5, examples=3)
    assert seeds == [(5, 3001), (5, 3001), (6, 0), (7, 0)]
    assert report.extent.sizes["K"] == 3001


def test_a_function_in_a_process_of_its_own(tmp_path: Path) -> None:
    """It is held against what is asked, whatever its name."""
    file = tmp_path / "some.py"
    file.write_text("def softmax(y, t):\n    return ((y - t) ** 2).sum() / 2\n", encoding="utf-8")
    report = refmath.check(f"{file}:softmax", "mean_squared_error", isolate=True, examples=2)
    assert (report.formula, report.verdict, report.target) == ("mean_squared_error", "differs", f"{file}:softmax")
    with pytest.raises(TypeError, match="isolate=True needs where the function stands"):
        refmath.check(refmath.softmax, "softmax", isolate=True)


def test_options_that_cannot_be_judged_are_told() -> None:
    """The rest is the report."""
    page = formula(LABELLED)
    report = refmath.check(lambda a, labels: np.mean(labelled(a, labels)), page, **FEW)

    def under(_version: Any) -> Any:
        raise NotJudged("no time")

    whole = under_options.with_options(report, page, ["reduction"], {}, under)
    assert whole.verdict == report.verdict
    assert [each.endswith(": no time") for each in whole.remarks if each not in report.remarks] == [True] * 2
    assert under_options.with_options(report, page, [], {}, under) is report


def of_a_language_model(logits: Any, targets: Any) -> Any:
    """Its sequences have an axis of their own."""
    batch, length, _ = logits.shape
    return np.mean(labelled(logits, targets).reshape(batch * length))


def test_samples_on_several_axes() -> None:
    """A loss of sequences is right in its own layout, and told so in the usual one; a sum over their places is none."""
    found = refmath.check(of_a_language_model, LABELLED, **FEW).diagnosis
    assert found is not None
    assert (found.name, found.repair) == ("classes_last", "If that is meant: --layout classes_last.")
    assert refmath.check(of_a_language_model, LABELLED, layout="classes_last", **FEW).conforms
    summed = refmath.check(
        lambda logits, targets: of_a_language_model(logits, targets) * logits.shape[1],
        LABELLED,
        layout="classes_last",
        **FEW,
    )
    assert summed.diagnosis is not None
    assert summed.diagnosis.name == "divided_by_arrays"
    with pytest.raises(ValueError, match="layout='classes_last' is about samples and classes"):
        refmath.check(refmath.sigmoid, "sigmoid", layout="classes_last", **FEW)
