"""What `refmath check` does around its judgements: options read, functions found, processes kept, reports written; each part by itself."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest
from rich.console import Console

import refmath
from refmath.oracle import command
from refmath.oracle.candidates import source_text
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.candidates.not_judged import NotJudged, NotSupported
from refmath.oracle.loading import load
from refmath.oracle.loading.load import Named
from refmath.oracle.loading.scan import Looking
from refmath.oracle.remote.child import HostedFunction
from refmath.oracle.reporting import progress
from refmath.oracle.searching.search import UNKNOWN


def target(against: str, function: Any = None) -> Named:
    return Named(f"mine.py:{against}", function, against)


@pytest.fixture(scope="module")
def wrong() -> refmath.Report:
    """A sum that is no mean."""
    return refmath.check(
        lambda y, t: np.sum((y - t) ** 2) / 2, "mean_squared_error", examples=4, target="a/mine.py:mse"
    )


# ---- options


def test_parameters_are_numbers_or_words() -> None:
    """Whole ones stay whole; what is no number is a word."""
    read = command.parameters_in(["steps=3", " delta = 1e-7 ", "guard=floor", "x=a=b"])
    assert read == {"steps": 3, "delta": 1e-7, "guard": "floor", "x": "a=b"}
    assert [type(each) for each in read.values()] == [int, float, str, str]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["a=1", "a=2"], "param sets a twice"),
        (["a"], "param must be NAME=VALUE, as in activation=relu; got 'a'"),
        (["1=2"], "param must be NAME=VALUE, as in activation=relu; got '1=2'"),
        (["a="], "param must be NAME=VALUE, as in activation=relu; got 'a='"),
    ],
)
def test_what_is_no_parameter_is_refused(settings: list[str], told: str) -> None:
    with pytest.raises(ValueError, match="param") as refused:
        command.parameters_in(settings)
    assert str(refused.value) == told


def test_parameters_are_those_of_one_of_the_formulas() -> None:
    """Of several formulas one must have all of them, and take their values; a convention settles them."""
    found = [target("softmax"), target("leaky_relu"), target("adam_step")]
    command.require_parameters(found, {}, "pytorch")
    command.require_parameters(found, {"beta1": 0.8, "eps": 1e-9}, None)
    with pytest.raises(ValueError, match="param") as refused:
        command.require_parameters(found, {"beta1": 0.8}, "pytorch")
    assert str(refused.value) == "param cannot be set together with --convention, which settles the parameters"
    with pytest.raises(ValueError, match="param") as refused:
        command.require_parameters(found, {"beta1": 0.8, "alpha": 1}, None)
    assert "that none of the formulas has together, beta1, alpha; they have: softmax: none; leaky_relu: " in str(
        refused.value
    )
    with pytest.raises(ValueError, match=r"^param: .*reduction"):
        command.require_parameters([target("softmax_cross_entropy_labels")], {"reduction": "most"}, None)


def test_what_is_declined_must_be_a_kind_of_one_of_the_formulas() -> None:
    found = [target("softmax"), target("cross_entropy_labels")]
    command.require_declines(found, ["uint8 labels", "single samples"])
    command.require_declines([], ["nonsense"])
    with pytest.raises(ValueError, match="no kind of input"):
        command.require_declines(found, ["nonsense"])


def test_a_shape_must_be_of_axes_of_one_of_the_formulas() -> None:
    found = [target("softmax"), target("sigmoid")]
    command.require_shape(found, {})
    command.require_shape(found, {"K": 7})
    with pytest.raises(ValueError, match="shape") as refused:
        command.require_shape(found, {"K": 7, "entries": 9})
    assert str(refused.value).endswith("K, entries; they have: softmax: N, K; sigmoid: entries")
    with pytest.raises(ValueError, match="softmax"):
        command.require_shape(found[:1], {"H": 7})


@pytest.mark.parametrize(
    ("own", "is_right"),
    [({}, True), ({"examples": 1, "seed": 0}, True), ({"examples": 0}, False), ({"seed": -1}, False)],
)
def test_numbers_of_a_table_are_those_of_the_options(own: dict[str, Any], is_right: bool) -> None:
    tables = [replace(target("softmax"), options=own)]
    if is_right:
        command.require_tables(tables)
        return
    with pytest.raises(ValueError, match="examples"):
        command.require_tables(tables)


def test_what_looks_like_a_formula_is_told_with_its_command() -> None:
    """One, several, and more than are shown."""
    looking = [Looking(f"{name}.py", "loss", "mean_squared_error", False) for name in "abc"]
    assert command.looking_in_words([], 2) == []
    assert command.looking_in_words(looking[:1], 2) == [
        "1 function looks like a formula of the catalogue, by its name. To judge one:",
        f"  refmath check {looking[0].target} --against mean_squared_error",
    ]
    several = command.looking_in_words(looking, 2)
    assert several[0] == "3 functions look like formulas of the catalogue, by their names. To judge one:"
    assert several[1:3] == [f"  refmath check {each.target} --against mean_squared_error" for each in looking[:2]]
    assert several[3:] == ["  ... and 1 more: --list-all"]
    assert len(command.looking_in_words(looking, 3)) == 4


# ---- reports


def test_the_json_report_is_lines_for_people_too(wrong: refmath.Report) -> None:
    text = command.as_json([wrong], [("b.py", "there is none")])
    assert text.startswith('{\n  "results": [\n    {\n')
    assert text.endswith("}\n")
    told = json.loads(text)
    assert told["not_judged"] == [{"target": "b.py", "reason": "there is none"}]
    assert [each["target"] for each in told["results"]] == ["a/mine.py:mse"]


def test_what_is_known_is_the_function_and_its_mistake(wrong: refmath.Report, tmp_path: Path) -> None:
    """Not the place of a failure: the same mistake with another smallest input is known, another one at the same input is new."""
    (tmp_path / "known.json").write_text(command.as_json([wrong], []), encoding="utf-8")
    among = command.baseline(str(tmp_path / "known.json"))
    assert command.is_known(wrong, among)
    assert not command.is_new(wrong, among)
    assert wrong.diagnosis is not None
    assert wrong.smallest is not None
    elsewhere = replace(wrong, smallest=replace(wrong.smallest, call="f(1)"))
    assert command.is_known(elsewhere, among)
    for other in (
        replace(wrong, diagnosis=replace(wrong.diagnosis, name="another")),
        replace(wrong, target="a/mine.py:loss"),
        replace(wrong, target="b/mine.py:mse"),
        replace(wrong, formula="cross_entropy_labels"),
        replace(wrong, convention="seed"),
        replace(wrong, dtype="float32"),
        replace(wrong, verdict="unstable"),
    ):
        assert command.is_new(other, among)
    assert command.is_new(replace(wrong, undeclared=("single samples",)), among)


def test_without_a_name_the_smallest_input_tells(wrong: refmath.Report) -> None:
    nameless = replace(wrong, diagnosis=None)
    assert nameless.smallest is not None
    among = {command._known_by(nameless.as_json())}
    assert command.is_known(nameless, among)
    assert not command.is_known(replace(nameless, smallest=replace(nameless.smallest, call="f(1)")), among)


# ---- one function after the other


class Process:
    """A process that only counts how often it was ended."""

    def __init__(self, place: str) -> None:
        self.place, self.ended = place, 0

    def close(self) -> None:
        self.ended += 1


def test_a_process_lives_until_the_last_of_its_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    one: Any = Process("one.py")
    other: Any = Process("other.py")
    found = [target("softmax", HostedFunction(each, "softmax")) for each in (one, one, other)]
    seen: list[tuple[int, int]] = []

    def judge(*_: Any) -> NotJudged:
        seen.append((one.ended, other.ended))
        return NotJudged("not today")

    monkeypatch.setattr(command, "_judge", judge)
    reports, not_judged, left = command.judge_all(found, {}, 1, leave_out=False)
    assert seen == [(0, 0), (0, 0), (1, 0)]
    assert (one.ended, other.ended) == (1, 1)
    assert (reports, not_judged, left) == ([], [(found[0].target, "not today")] * 3, 0)


def test_what_is_not_supported_may_be_left_out(monkeypatch: pytest.MonkeyPatch, wrong: refmath.Report) -> None:
    """And after the first failure nothing more is judged, if that is asked for."""
    outcomes: Iterator[Any] = itertools.cycle([NotSupported("it has none"), wrong, NotJudged("it is none")])
    monkeypatch.setattr(command, "_judge", lambda *_: next(outcomes))
    found = [target("softmax")] * 3
    assert command.judge_all(found, {}, 1, leave_out=True) == ([wrong], [(found[0].target, "it is none")], 0)
    assert len(command.judge_all(found, {}, 1, leave_out=False)[1]) == 2
    told = command.judge_all(found, {}, 1, leave_out=True, fails=lambda report: not report.conforms)
    assert told == ([wrong], [], 1)


# ---- functions found


def test_what_a_name_stands_for(tmp_path: Path) -> None:
    """Each file is imported once; what is not there is told with what is."""
    file = tmp_path / "some.py"
    file.write_text("def one():\n    pass\ndef two():\n    pass\n", encoding="utf-8")
    modules: dict[str, ModuleType] = {}
    function = load.named(f"{file}:one", modules)
    assert function.__name__ == "one"
    assert load.named(f"{file}:one", modules) is function
    with pytest.raises(NotJudged) as refused:
        load.named(f"{file}:three", modules)
    assert str(refused.value) == f"there is no 'three' in {file}; its functions: one, two"
    (tmp_path / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    with pytest.raises(NotJudged, match="ZeroDivisionError"):
        load.named(f"{tmp_path / 'broken.py'}:one", {})
    with pytest.raises(NotJudged, match="names no function"):
        load.named(str(file), {})


class Program:
    """In place of an adapter: it supports softmax, and counts what it is asked."""

    def __init__(self, words: str, timeout: float = 10.0) -> None:
        self.words, self.timeout = words, timeout
        PROGRAMS.append(self)
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.timeout = -self.timeout

    def function(self, name: str) -> Any:
        return lambda *_: name


PROGRAMS: list[Program] = []


def test_a_program_is_asked_what_it_supports(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit of a call; of each formula by a few inputs, and by no more."""
    monkeypatch.setattr(load, "Adapter", Program)
    counts: dict[str, int] = {}

    def observed(function: Any, **_: Any) -> Any:
        name = function()

        def ask(*_: Any) -> Observation:
            counts[name] = counts.get(name, 0) + 1
            return Observation(trouble="type" if name == "softmax" else "unsupported", text="")

        return ask

    monkeypatch.setattr(load, "Candidate", observed)
    PROGRAMS.clear()
    assert [each.against for each in load.asked_of("program", None, "float64", 3.5)] == ["softmax"]
    assert [each.timeout for each in PROGRAMS] == [-3.5]  # ended once
    assert counts.pop("softmax") == 1
    assert set(counts.values()) == {UNKNOWN}
    (named,) = load.asked_of("program", "softmax", "float64", 3.5)
    assert (named.target, named.command, named.function) == ("program:softmax", "program", None)
    with pytest.raises(NotJudged, match="takes a function"):
        load.asked_of("program", "numerical_gradient", "float64", 3.5)


def test_a_file_is_read_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more is too much."""
    file = tmp_path / "some.py"
    file.write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(source_text, "_LARGEST", file.stat().st_size)
    assert source_text.source_of(file) == "x = 1\n"
    monkeypatch.setattr(source_text, "_LARGEST", file.stat().st_size - 1)
    with pytest.raises(ValueError, match="large"):
        source_text.source_of(file)


# ---- progress


def test_the_bar_shows_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a line, without markup of a candidate's own; after a second, at a terminal."""
    screen, now = io.StringIO(), SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=200))
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    with progress.Progress(2) as bar:
        bar.tick("[red]early[/red]")
        assert screen.getvalue() == ""
        now.seconds = 1.5
        bar.done("[red]late[/red] " + "x" * 100)
        bar._bar.refresh()
    shown = screen.getvalue()
    assert "[red]late[/red] xxx" in shown
    assert "early" not in shown
    assert "x" * 61 not in shown
    assert "1/2" in shown


def test_nobody_watches_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=screen, force_terminal=False))
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    with progress.Progress(1) as bar:
        bar.done("softmax")
    assert screen.getvalue() == ""
