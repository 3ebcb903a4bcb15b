"""The search, asked directly: what it tries, what it shrinks, what it asks laws and once more."""

from __future__ import annotations

import itertools
import math
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from made_up import (
    DOUBLE,
    FLOAT32,
    IN_PARTS,
    LAW_INPUTS,
    about,
    asks_for_a_third,
    double,
    failing,
    is_odd,
    law,
    page,
    probe,
    said,
    search_of,
    trial,
    x,
)

from refmath.balls.formats import FORMATS
from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.kinds import KINDS
from refmath.kinds.kind import CLASSES, Class
from refmath.oracle.candidates.candidate import CallFailed
from refmath.oracle.diagnosing.repetition import _is_another, asked_again, not_its_own
from refmath.oracle.searching.search import Search, Trial, _plainly, trouble
from refmath.spec import Equal, Input, Relation
from refmath.symbols import N, i

# ---- the search


def test_every_way_is_tried_and_nothing_is_tried_twice() -> None:
    """Each way of choosing numbers has its turn in each class, as often as the others, and so many inputs as are asked for; the answers are observed."""
    ticks: list[str] = []
    search = search_of(double, examples=20, tick=ticks.append)
    search.survey()
    small = [each for each in search.trials if each.probe.is_plain and np.size(each.inputs["x"]) <= 8]
    counted = Counter((each.class_, each.probe.ways["x"]) for each in small)
    for class_, ways in KINDS["real"].ways.items():
        for way in ways:
            assert 1 <= counted[class_, way.name] <= math.ceil(20 / len(ways)), way
    # A third of the typical inputs is of everyday sizes.
    assert sum(counted.values()) == len(small) > 40
    assert set(ticks) == set(CLASSES)
    assert len(ticks) >= len(search.trials)
    keys = {
        (each.inputs["x"].shape, each.inputs["x"].dtype.str, each.inputs["x"].tobytes(), each.probe.layout)
        for each in search.trials
    }
    assert len(keys) == len(search.trials)
    assert all(each.accepted and each.ulps == 0.0 for each in search.trials)
    assert {each.class_ for each in search.trials} == set(CLASSES)
    assert any(each.inputs["x"].dtype.kind == "i" for each in search.trials)
    assert not search.stopped
    few = search_of(double, examples=1)
    few.survey()
    tried_ways = {(each.class_, each.probe.ways["x"]) for each in few.trials}
    assert tried_ways >= {(class_, way.name) for class_ in CLASSES for way in KINDS["real"].ways[class_]}


def test_under_other_parameters_all_is_asked_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The candidate, and each interval; what a law asks for then comes under the formula's own again, in plain arrays."""
    asked: list[Any] = []

    def candidate(x: Any, **given: Any) -> Any:
        asked.append(given)
        return double(x)

    search = search_of(candidate)

    def interval(_inputs: Any, parameters: Any, *_: Any, **__: Any) -> Any:
        asked.append(parameters)
        return about(2.0)

    monkeypatch.setattr(search, "interval", interval)
    under = replace(probe(x=np.array(1.0)), parameters={"scale": 3.0}, layout="strided", types={"x": "int8"})
    found = search.trial(replace(under, layout="plain"))
    assert found is not None
    assert found.accepted
    assert asked == [{"scale": 3.0}] * 3
    taken = {"x": np.array(4.0)}
    plain = _plainly(under, taken)
    assert (plain.inputs, plain.layout, plain.types, plain.parameters) == (taken, "plain", {}, {})
    kept = {"x": np.array(4, np.int8)}
    assert _plainly(under, kept).types == {"x": "int8"}


def inputs_of(search: Search) -> list[Any]:
    search.survey()
    return [each.inputs["x"].tolist() for each in search.trials]


def test_the_seed_the_format_and_the_library_decide_the_draws() -> None:
    """The same seed draws the same; another draws others; the arrays are of the format; JSON has no integers where real numbers are meant."""
    assert inputs_of(search_of(double)) == inputs_of(search_of(lambda x: 5 * x)) != inputs_of(search_of(double, seed=1))
    for format_, array, others in (
        (FLOAT32, "numpy", {"int8", "uint8", "int16", "int32", "int64"}),
        (FORMATS["float16"], "numpy", set()),
        (FORMATS["float64"], "json", set()),
    ):
        search = search_of(double, format_=format_, array=array, examples=12)
        search.survey()
        dtypes = {each.inputs["x"].dtype.name for each in search.trials}
        assert dtypes == {format_.name} | others
        assert ({each.probe.layout for each in search.trials} == {"plain"}) is (array == "json")


@pytest.mark.parametrize(
    ("kind", "after", "tried", "stopped"),
    [
        ("hung", 3, 4, True),
        ("gone", 3, 4, True),
        ("absent", 0, 1, True),
        ("spent", 3, 3, True),
        ("unsupported", 0, 4, True),
        ("unsupported", 3, None, False),
        ("raised", 0, None, False),
    ],
)
def test_what_is_gone_is_asked_no_more(kind: str, after: int, tried: int | None, stopped: bool) -> None:
    """A program that hangs, is gone, or never knew the formula is not asked again; one that raises is."""
    search = search_of(failing(kind, after))
    search.survey()
    assert search.stopped == stopped
    assert len(search.trials) == tried if tried is not None else len(search.trials) > 10
    last = search.trials[-1]
    assert not stopped or search.shrink(last, lambda _: True) is last
    results, count = search.law(law(is_odd))
    assert set(results) == set(CLASSES)
    assert stopped <= (count == 0)


def test_nothing_is_drawn_by_hypothesis() -> None:
    """A judgement does without the package that the tests draw with: neither its version nor what it finds in local source decides the inputs."""
    code = (
        "import refmath, sys; refmath.check(refmath.sigmoid, 'sigmoid', examples=1); print('hypothesis' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False"]


def test_equal_functions_have_one_interval() -> None:
    """A function is known by what it computes, not by where it lies in memory."""
    search = search_of(double, formula_named("numerical_gradient"))
    first, second, other = (function(SQUARES, each) for each in (1.0, 1.0, 2.0))
    names = [each.name for each in search.setting.formula.inputs]
    found = [search.interval(dict(zip(names, (f, np.array([3.0])), strict=True))) for f in (first, second, other)]
    assert found[0] is found[1] is not found[2]


def test_an_interval_is_computed_once_and_strictly_if_asked() -> None:
    """The same numbers have one interval, whatever their type; in another shape they have their own."""
    search, strict = search_of(double), search_of(double, strict=True)
    real, whole, row = {"x": np.array(3.0)}, {"x": np.array(3)}, {"x": np.array([3.0])}
    found = search.interval(real)
    assert found is search.interval({"x": np.array(3.0)})
    assert found is search.interval(whole)
    assert search.interval({"x": np.array([[3.0]])}) is not search.interval(row)
    narrower = strict.interval(real)
    assert found is not None
    assert narrower is not None
    assert float(narrower.allowance[()]) < float(found.allowance[()])


LOST = page(1 / (x[0] - x[1]), Input("x", x, "real", ("...",)))


def test_where_nothing_can_be_said_nothing_is_asked() -> None:
    """There is no trial where every honest answer may be lost, and the program is not called there."""
    asked = []

    def notes(x: Any) -> Any:
        asked.append(x)
        return 1.0

    search = search_of(notes, LOST)
    assert search.trial(probe("edge", x=np.array([1.0, 1 - 2.0**-53]))) is None
    assert asked == []
    assert search.dropped == {"typical": 0, "edge": 1, "extreme": 0}
    given = probe("edge", x=np.array([3.0, 2.0]))
    found = search.trial(given)
    assert found is not None
    assert (found.probe, found.accepted, found.seen.value, len(asked)) == (given, True, 1.0, 1)
    assert search.dropped["edge"] == 1


def test_trials_have_their_distance_and_their_trouble() -> None:
    """Distances in units of the exact value, infinite for what is no answer of the right shape, which is said in words."""
    for answer, off, words, accepted in (
        (6.0 + 2.0**-40, 1024.0, "", False),
        (6.0, 0.0, "", True),
        ([6.0], math.inf, "returned shape (1,) instead of ()", False),
        (None, math.inf, "returned None: is a return statement missing?", False),
        (math.nan, math.inf, "", False),
    ):
        found = search_of(lambda x, answer=answer: answer).trial(probe("edge", x=np.array(3.0)))
        assert found is not None
        assert found.ulps == off
        assert (trouble(found.seen, found.interval), found.accepted, found.class_) == (words, accepted, "edge")


def too_large(x: Any) -> Any:
    return np.where(np.abs(x) > 2, 0.0, 2.0 * x)


def refused_first(search: Search, class_: Class = "typical") -> Trial:
    """The first input of a class that is refused."""
    search.survey()
    return next(each for each in search.trials if not each.accepted and each.class_ == class_)


def test_a_failure_is_shrunk_to_a_small_and_simple_one() -> None:
    """One whole number is left of it, in the same class and representation; the last that failed as wanted is the one that is given."""
    ticks: list[str] = []
    search = search_of(too_large, examples=20, tick=ticks.append)
    seen = refused_first(search)
    ticks.clear()
    wanted: list[Trial] = []

    def refused(each: Trial) -> bool:
        if not each.accepted:
            wanted.append(each)
        return not each.accepted

    found = search.shrink(seen, refused)
    assert set(ticks) == {"shrinking"}
    assert found is wanted[-1]
    assert len(wanted) > 1
    assert not found.accepted
    assert (found.class_, found.probe.layout, found.inputs["x"].dtype) == ("typical", "plain", np.float64)
    value = np.ravel(found.inputs["x"])
    assert value.size == 1
    assert 2 < abs(value[0]) == abs(np.rint(value[0]))
    ticks.clear()
    assert search.shrink(seen, lambda each: each.seen.trouble is not None) is seen
    assert len(ticks) > 1


def test_shrinking_leads_out_of_no_class_and_drops_nothing() -> None:
    """A typical failure stays typical, though an extreme one would be smaller; what is lost on the way is not counted as dropped."""
    inverse = page(1 / sp.Sum(x[i], (i, 0, N - 1)))
    search = search_of(lambda x: 1 / np.sum(x) if np.size(x) == 1 else 0.0, inverse)
    seen = search.trial(probe("edge", x=np.array([0.5, 1e-16 - 0.5, 4.0])))
    assert seen is not None
    assert search.interval({"x": np.array([0.5, 1e-16 - 0.5])}) is None
    assert search.shrink(seen, lambda each: not each.accepted).inputs["x"].size == 2
    assert search.dropped == dict.fromkeys(CLASSES, 0)
    far = search_of(lambda x: np.where(np.abs(x) > 60, 0.0, 2.0 * x))
    small = replace(trial(about(1.0), 9.0, "typical"), probe=probe("typical", x=np.array([8.0, 62.0, 8.0])))
    found = far.shrink(small, lambda each: not each.accepted)
    assert found.inputs["x"].tolist() in ([62.0], [61.0])
    # What was drawn as typical, and is not by its numbers, is made smaller all the same.
    large = replace(small, probe=probe("typical", x=np.full(100, 70.0)))
    assert far.shrink(large, lambda each: not each.accepted).inputs["x"].tolist() == [70.0]


def test_a_failure_that_does_not_come_again_is_shown_as_it_was() -> None:
    """What fails once and never again is shown as it failed last."""
    times = itertools.count()
    search = search_of(double)
    search.survey()
    seen = search.trials[1]
    found = search.shrink(seen, lambda _: next(times) == 0)
    assert found is not seen
    assert next(times) > 1
    assert search.shrink(seen, lambda _: False) is seen


def test_who_is_spent_while_a_law_asks_has_given_no_answer() -> None:
    """It is not refused, and the law says nothing; what a law does not speak of does not keep it from the others."""
    before = search_of(double, examples=20)
    before.survey()
    search = search_of(failing("spent", len(before.trials)), examples=20)
    search.survey()
    assert search.law(law(is_odd)) == (dict.fromkeys(CLASSES), 0)
    assert search.refused_in_laws == []

    def speaks_of_rows(f: Any, x: Any) -> Iterator[Relation]:
        if np.ndim(x) == 1:
            yield Equal(f(x), f(x))

    def speaks_of_others(f: Any, x: Any) -> Iterator[Relation]:
        if np.ndim(x) != 1:
            yield Equal(f(x), f(x))

    rows, others, both = (before.law(law(each))[1] for each in (speaks_of_rows, speaks_of_others, is_odd))
    assert 0 < rows < both
    assert rows + others == both


def test_no_law_is_tried_on_more_inputs_than_were_asked_for() -> None:
    """Of each class as many as the examples, but at least four."""
    tried = {}
    for examples in (1, 4, 7):
        search = search_of(double, examples=examples)
        search.survey()
        tried[examples] = search.law(law(is_odd))[1]
    assert tried[1] == tried[4] <= 3 * 4
    assert tried[4] < tried[7] <= 3 * 7


def test_a_law_is_tried_on_some_inputs_of_each_class() -> None:
    """Twenty typical inputs and a dozen of the others, spread over the trials; what it does not speak of is not counted."""
    ticks: list[str] = []
    search = search_of(double, examples=60, tick=ticks.append)
    search.survey()
    ticks.clear()
    results, tried = search.law(DOUBLE.laws[0])
    expected = 0
    for class_, most in LAW_INPUTS.items():
        usual = [
            each
            for each in search.trials
            if each.class_ == class_
            and each.probe.layout == "plain"
            and set(each.probe.types.values()) <= {"int64"}
            and np.size(each.inputs["x"]) <= 64
        ]
        assert len(usual) > most
        expected += most
    assert (results, tried) == (dict.fromkeys(CLASSES, True), expected)
    assert set(ticks) == {"is_odd"}
    assert search.law(DOUBLE.laws[1]) == (dict.fromkeys(CLASSES), 0)
    assert search.refused_in_laws == []


def asks_far_out(f: Any, x: Any) -> Iterator[Relation]:
    yield Equal(f(1024 * x), 1024 * f(x))


def surveyed(candidate: Callable[..., Any], relations: Any) -> tuple[Search, dict[Class, bool | None]]:
    search = search_of(candidate, replace(DOUBLE, laws=(law(relations),)), examples=16)
    search.survey()
    return search, search.law(law(relations))[0]


def test_a_law_may_lead_out_of_a_class() -> None:
    """Where a law leads from a typical input to one that is not, its breach is one of the extreme class; so is what is refused there."""
    far = lambda x: np.where(np.abs(x) > 100, 3.0 * x, 2.0 * x)
    search, results = surveyed(far, asks_far_out)
    assert results["typical"] is not False
    assert results["extreme"] is False
    assert results["edge"] is False
    assert set(results) == set(CLASSES)
    within = lambda x: np.where(np.abs(x) > 100, 2.5 * x, 2.0 * x)
    only_typical = search_of(within, replace(DOUBLE, laws=(law(asks_far_out),)), examples=4)
    only_typical.survey()
    only_typical.trials = [each for each in only_typical.trials if each.class_ == "typical"]
    results = only_typical.law(law(asks_far_out))[0]
    assert results["extreme"] is False
    assert (results["typical"], results["edge"]) in ((None, None), (True, None))
    refused = [each for each in search.refused_in_laws if each.class_ != "edge"]
    assert refused
    assert all(each.class_ == "extreme" and not each.accepted for each in refused)
    assert all(np.max(np.abs(each.inputs["x"])) > 100 for each in refused)
    assert all(each.ulps > 1e10 for each in refused)


def test_what_only_a_law_asks_for_is_refused_in_its_class() -> None:
    """A wrong answer to a question of a law, within the class, belongs to the trial that it came from; no answer says nothing."""

    def at_three_eighths(answer: Any) -> Callable[..., Any]:
        return lambda x: answer(x) if np.ndim(x) == 0 and x == 0.375 else double(x)

    search, results = surveyed(at_three_eighths(lambda x: 3 * x), asks_for_a_third)
    refused = search.refused_in_laws
    assert refused
    assert {each.class_ for each in refused} == {each for each, held_ in results.items() if held_ is False}
    assert all(each.inputs["x"] == 0.375 and each.seen.value == 1.125 for each in refused)
    search, results = surveyed(at_three_eighths(lambda x: 1 / 0), asks_for_a_third)
    assert False not in results.values()
    assert search.refused_in_laws
    assert all(each.seen.trouble == "raised" and each.ulps == math.inf for each in search.refused_in_laws)
    search, results = surveyed(at_three_eighths(lambda x: [2 * x]), asks_for_a_third)
    assert False not in results.values()
    assert search.refused_in_laws


def test_one_breach_is_enough() -> None:
    """A law that is broken once in a class does not hold there, whatever it did before and after."""

    search = search_of(double)
    search.survey()

    def breaks(where: Callable[[int], bool]) -> dict[Class, bool | None]:
        # Typical inputs are the first that it is held against.
        places = itertools.count()

        def relations(_f: Any, _x: Any) -> Iterator[Relation]:
            yield Equal(1, 2 if where(next(places)) else 1)

        return search.law(law(relations))[0]

    for where in (lambda place: place == 0, lambda place: place == 2):
        assert breaks(where)["typical"] is False
    assert breaks(lambda place: False)["typical"] is True


# ---- asked again


def prepared(candidate: Callable[..., Any], *given: Any, **more: Any) -> Search:
    """A search that has tried some inputs."""
    search = search_of(candidate, **more)
    for each in given:
        found = search.trial(probe("typical", x=np.asarray(each)))
        assert found is not None
        search.trials.append(found)
    return search


def test_a_function_of_its_inputs_is_left_in_peace() -> None:
    """Whoever answers the same again is told nothing: right or wrong, with an error or without, nan too."""
    for candidate in (
        double,
        lambda x: 3 * x,
        lambda x: 1 / 0,
        lambda x: np.nan * x,
        lambda x: [2 * x],
        lambda x: None,
    ):
        search = prepared(candidate, 1.0, 2.0, [1.0, 2.0])
        assert (asked_again(search), not_its_own(search)) == ("", "")
    assert asked_again(search_of(double)) == not_its_own(search_of(double)) == ""


def test_answers_that_change_are_told() -> None:
    """Another answer to the same question, an error where there was none, or another error, is told."""
    message = "it answered differently when asked the same again"
    for first, then in ((lambda x: 2 * x, lambda x: 3 * x), (lambda x: 3 * x, lambda x: 2 * x)):
        calls = itertools.count()
        search = prepared(
            lambda x, first=first, then=then, calls=calls: first(x) if next(calls) < 2 else then(x), 1.0, 2.0
        )
        assert asked_again(search).startswith(message)
    for second in ("type", "hung"):
        calls = itertools.count()

        def program(x: Any, *, calls: Any = calls, second: str = second) -> Any:
            raise CallFailed("raised" if next(calls) < 1 else second, "no")  # type: ignore[arg-type]

        assert asked_again(prepared(program, 1.0)).startswith(message)


def test_who_is_gone_or_spent_is_not_asked_again() -> None:
    """A search that has stopped asks nothing; one whose program is spent says nothing."""
    calls: list[Any] = []

    def counting(x: Any) -> Any:
        calls.append(x)
        return 2 * x

    search = prepared(counting, 1.0, 2.0)
    search.stopped = True
    assert asked_again(search) == ""
    assert len(calls) == 2
    search = prepared(failing("spent", 2), 1.0, 2.0)
    search.trials.append(replace(search.trials[0], seen=said("raised")[0]))
    search.trials.reverse()
    assert asked_again(search) == ""


@pytest.mark.parametrize(
    ("again", "before", "another"),
    [
        (1.0, 1.1, True),
        ([1.0, 200.0], [1.1, 200.0], False),
        (1.0, 1.0 + 1e-9, False),
        ([1.0, np.inf], [2.0, np.nan], True),
        ([1.0, np.inf], [1.0, np.nan], False),
        ([1.0], 2.0, False),
        ("raised", 2.0, False),
        (2.0, "raised", False),
    ],
)
def test_another_answer_differs_by_more_than_another_order(again: Any, before: Any, another: bool) -> None:
    """By a thousandth of the largest entry; of what is no number, or no answer, nothing is said."""
    assert _is_another(*said(again, before)) is another


def test_whole_numbers_alone_leave_the_format_to_the_candidate() -> None:
    """An answer in a narrower format is right in that one if no array has come in the format asked for."""
    search = search_of(double)
    whole = replace(probe(x=np.array([3], np.int8)), types={"x": "int8"})
    (seen,) = said([6.0])
    for of, dtype, own in (
        (whole, "float32", True),
        (whole, "float64", False),
        (whole, "int8", False),
        (replace(whole, inputs={"x": np.array([3.0])}), "float32", False),
        (replace(whole, inputs={"x": {"W": np.array([3])}}), "float32", False),
        (replace(whole, types={}), "float32", False),
    ):
        assert search._own_format(of, replace(seen, dtype=dtype)) is (FORMATS[dtype] if own else None)


def test_forty_questions_are_asked_again_from_the_last() -> None:
    """Of many trials every second or third one, the last of them first."""
    calls: list[float] = []
    first = itertools.count()

    def counting(x: Any) -> Any:
        calls.append(float(x))
        return 1 / 0 if next(first) == 0 else 2 * x

    search = prepared(counting, *map(float, range(80)))
    calls.clear()
    assert asked_again(search).startswith("it answered differently")
    assert calls == [78.0 - 2 * place for place in range(40)]


# ---- whose an answer is


def sharing() -> Callable[..., Any]:
    """A program that is right, and hands out the same array every time."""
    held: dict[Any, Any] = {}

    def program(x: Any) -> Any:
        array = held.setdefault(np.shape(x), np.empty(np.shape(x)))
        array[...] = 2 * np.asarray(x)
        return array

    return program


OVERWRITTEN = "an earlier answer changed when it was called again: it hands out the same array every time"


def test_who_hands_out_the_same_array_is_told() -> None:
    """An answer that any later call overwrites is told, whatever was asked between them; nothing is asked for that."""
    calls: list[Any] = []
    share = sharing()

    def counting(x: Any) -> Any:
        calls.append(x)
        return share(x)

    assert not_its_own(prepared(counting, [1.0, 2.0], [7.0], [3.0, 4.0], 5.0)) == OVERWRITTEN
    assert len(calls) == 4
    assert not_its_own(prepared(sharing(), [1.0, 2.0], [3.0, 4.0])) == OVERWRITTEN
    # Overwritten by the same numbers in the end, but not by those in between.
    assert not_its_own(prepared(sharing(), [1.0, 2.0], [3.0, 4.0], [1.0, 2.0])) == OVERWRITTEN
    assert not_its_own(prepared(sharing(), [1.0, 2.0], [3.0], 4.0)) == ""
    assert not_its_own(prepared(sharing(), [1.0, 2.0])) == ""
    many = prepared(sharing(), *([float(each), 0.0] for each in range(30)))
    assert not_its_own(many) == OVERWRITTEN
    # A call that failed has no answer to look at; the others have.
    search = prepared(sharing(), [1.0, 2.0], [3.0, 4.0])
    search.trials.insert(0, replace(search.trials[0], seen=said("raised")[0]))
    assert not_its_own(search) == OVERWRITTEN
    search.trials = [replace(each, seen=said("raised")[0]) for each in search.trials]
    assert not_its_own(search) == ""


def test_wrong_answers_are_looked_at_too() -> None:
    """Whether an answer is right says nothing about whose it is; nan that stays nan has not changed."""
    share = sharing()
    assert (
        not_its_own(prepared(lambda x: np.multiply(share(x), 2, out=share(x)), [1.0, 2.0], [3.0, 4.0])) == OVERWRITTEN
    )
    assert not_its_own(prepared(lambda x: np.nan * x, [1.0, 2.0], [3.0, 4.0])) == ""


@pytest.mark.parametrize(
    "answer",
    [lambda x: x, lambda x: x[:], lambda x: x[::-1], lambda x: x.reshape(-1)[:1], lambda x: [x[0], x[:1]]],
    ids=["itself", "a view", "reversed", "a part", "a part in a list"],
)
def test_an_answer_in_the_memory_of_an_argument_is_told(answer: Callable[..., Any]) -> None:
    """Who changes one changes the other; of a copy that is not so, and a number has no memory to share."""
    message = "its answer lies in the memory of its argument: who changes one changes the other"
    assert not_its_own(prepared(answer, [1.0, 2.0])) == message
    assert not_its_own(prepared(lambda x: np.array(answer(x)[0]), [1.0, 2.0])) == ""
    assert not_its_own(prepared(lambda x: x[0], [1.0, 2.0])) == ""


def test_who_hands_out_the_same_mapping_is_told() -> None:
    """The arrays of an answer that is a mapping are watched as well, and so is the mapping."""
    shared = {"W": np.empty((1, 2)), "b": np.empty(2)}
    kept: dict[str, Any] = {}

    def sharing_all(params: Any, _y: Any) -> Any:
        for key, array in shared.items():
            array[...] = params[key]
        return shared

    def sharing_the_mapping(params: Any, _y: Any) -> Any:
        kept.update({key: np.array(value) for key, value in params.items()})
        return kept

    for program, expected in (
        (sharing_all, "an earlier answer changed"),
        (sharing_the_mapping, "an earlier answer changed"),
        (lambda params, _y: {key: value.copy() for key, value in params.items()}, ""),
        (lambda params, _y: dict(params), "its answer lies in the memory"),
    ):
        search = search_of(program, IN_PARTS)
        for value in (1.0, 2.0):
            found = search.trial(
                probe(
                    "typical",
                    **{"params['W']": np.full((1, 2), value), "params['b']": np.full(2, value), "y": np.array(value)},
                )
            )
            assert found is not None
            assert found.accepted
            search.trials.append(found)
        assert not_its_own(search).startswith(expected)
        assert bool(not_its_own(search)) is bool(expected)


@pytest.mark.interop
def test_tensors_that_are_handed_out_again_are_told() -> None:
    """A tensor that later calls write into, or that lies in the memory of its argument, is as little the caller's own."""
    torch = pytest.importorskip("torch")
    buffer = torch.empty(2, dtype=torch.float64)
    assert not_its_own(prepared(lambda x: buffer.copy_(2 * x), [1.0, 2.0], [3.0, 4.0], array="torch")) == OVERWRITTEN
    assert not_its_own(prepared(lambda x: x[:1], [1.0, 2.0], array="torch")).startswith("its answer lies in the memory")
    assert not_its_own(prepared(lambda x: 2 * x, [1.0, 2.0], [3.0, 4.0], array="torch")) == ""


def test_asking_again_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """What a program prints then is not shown; what it raises then is an answer that changed."""

    def loud(x: Any) -> Any:
        print("here I am")
        return 2 * x

    assert asked_again(prepared(loud, 1.0, 2.0)) == ""
    assert capsys.readouterr().out == ""
    calls = itertools.count()
    raising = prepared(lambda x: 2 * x if next(calls) < 2 else 1 / 0, 1.0, 2.0)
    assert asked_again(raising).startswith("it answered differently")


@pytest.mark.parametrize("after", [0, 5, "shrinking", "is_odd", "again"])
def test_an_interruption_at_any_time_is_one(after: Any) -> None:
    """Ctrl-C belongs to the user, while inputs are tried, a failure is made smaller, a law asks, or everything is asked again."""
    heard = [""]
    calls = itertools.count()

    def program(x: Any) -> Any:
        if next(calls) == after or heard[-1] == after:
            signal.raise_signal(signal.SIGINT)
        return 3.0 * x

    search = search_of(program, tick=heard.append)

    def everything() -> None:
        search.survey()
        search.shrink(search.trials[0], lambda each: not each.accepted)
        search.law(law(is_odd))
        heard.append("again")
        asked_again(search)

    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            everything()
    finally:
        signal.signal(signal.SIGINT, kept)
