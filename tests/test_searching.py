"""The search, asked directly: what it tries, what it shrinks, what it asks laws and once more."""

from __future__ import annotations

import itertools
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis.internal.conjecture import providers
from made_up import (
    DOUBLE,
    FLOAT32,
    IN_PARTS,
    LAW_INPUTS,
    asks_for_a_third,
    double,
    failing,
    is_odd,
    law,
    page,
    said,
    search_of,
    x,
)

from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.oracle.candidate import CallFailed
from refmath.oracle.drawing import CLASSES, Branch, Class
from refmath.oracle.inputs import branches
from refmath.oracle.repetition import asked_again
from refmath.oracle.search import Search, Trial, trouble
from refmath.spec import Equal, Input, Relation

# ---- the search


def test_every_class_is_surveyed_and_nothing_is_tried_twice() -> None:
    """Each branch of each class has its share, at least one input and as many as are asked for; the answers are observed."""
    ticks: list[str] = []
    search = search_of(double, examples=20, tick=ticks.append)
    search.survey()
    counted = Counter(each.branch for each in search.trials)
    for class_ in CLASSES:
        each_of = branches(DOUBLE, class_)
        shares = sum(branch.share for branch in each_of)
        for branch in each_of:
            most = max(2, math.ceil(20 * branch.share / shares))
            assert 1 <= counted[branch] <= most, branch
    assert sum(counted.values()) == len(search.trials) > 30
    assert set(ticks) == set(CLASSES)
    assert len(ticks) >= len(search.trials)
    keys = {(each.inputs["x"].shape, each.inputs["x"].dtype.str, each.inputs["x"].tobytes()) for each in search.trials}
    assert len(keys) == len(search.trials)
    assert all(each.accepted and each.ulps == 0.0 for each in search.trials)
    assert {each.class_ for each in search.trials} == set(CLASSES)
    assert any(each.inputs["x"].dtype.kind == "i" for each in search.trials)
    assert not search.stopped
    few = search_of(double, examples=1)
    few.survey()
    counted = Counter(each.branch for each in few.trials)
    assert set(counted.values()) <= {1, 2}
    assert set(counted) == {branch for class_ in CLASSES for branch in branches(DOUBLE, class_)}


def inputs_of(search: Search) -> list[Any]:
    search.survey()
    return [each.inputs["x"].tolist() for each in search.trials]


def test_the_seed_the_format_and_the_library_decide_the_draws() -> None:
    """The same seed draws the same; another draws others; the arrays are of the format; JSON has no integers where real numbers are meant."""
    assert inputs_of(search_of(double)) == inputs_of(search_of(lambda x: 5 * x)) != inputs_of(search_of(double, seed=1))
    narrow = search_of(double, format_=FLOAT32, examples=12)
    narrow.survey()
    assert {each.inputs["x"].dtype for each in narrow.trials} == {np.dtype(np.float32)}
    plain = search_of(double, array="json", examples=16)
    plain.survey()
    assert {each.inputs["x"].dtype for each in plain.trials} == {np.dtype(np.float64)}


@pytest.mark.parametrize(
    ("kind", "after", "tried", "stopped"),
    [
        ("hung", 3, 4, True),
        ("gone", 3, 4, True),
        ("absent", 0, 1, True),
        ("spent", 3, 3, True),
        ("unsupported", 0, 1, True),
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
    assert search.shrink(search.trials[-1].branch, lambda _: True) is None or not stopped
    results, count = search.law(law(is_odd))
    assert set(results) == set(CLASSES)
    assert stopped <= (count == 0)


class Poison:
    """What must not be touched."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":  # unittest.mock looks what it puts something else in the place of
            return object.__getattribute__(self, name)
        raise AssertionError(name)

    def __getitem__(self, key: Any) -> Any:
        raise AssertionError(key)


def test_the_constants_of_local_modules_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis would mix numbers from all local source into what it draws; neither they nor what it remembers of them is asked for."""

    def never() -> Any:
        raise AssertionError("local constants were asked for")

    expected = inputs_of(search_of(double))
    monkeypatch.setattr(providers, "_get_local_constants", never, raising=False)
    monkeypatch.setattr(providers, "CONSTANTS_CACHE", Poison(), raising=False)
    assert inputs_of(search_of(double)) == expected
    # Versions of Hypothesis that have neither are served as well.
    monkeypatch.delattr(providers, "_get_local_constants")
    monkeypatch.delattr(providers, "CONSTANTS_CACHE")
    assert inputs_of(search_of(double)) == expected
    assert not hasattr(providers, "CONSTANTS_CACHE")


def test_equal_functions_have_one_interval() -> None:
    """A function is known by what it computes, not by where it lies in memory."""
    search = search_of(double, formula_named("numerical_gradient"))
    first, second, other = (function(SQUARES, each) for each in (1.0, 1.0, 2.0))
    names = [each.name for each in search.setting.formula.inputs]
    found = [search.interval(dict(zip(names, (f, np.array([3.0])), strict=True))) for f in (first, second, other)]
    assert found[0] is found[1] is not found[2]


def test_an_interval_is_computed_once_and_strictly_if_asked() -> None:
    """The same numbers in the same format have one interval; as integers, or in another shape, they have their own."""
    search, strict = search_of(double), search_of(double, strict=True)
    real, whole, row = {"x": np.array(3.0)}, {"x": np.array(3)}, {"x": np.array([3.0])}
    found = search.interval(real)
    assert found is search.interval({"x": np.array(3.0)})
    assert found is not search.interval(whole)
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
    branch = branches(DOUBLE, "typical")[0]
    assert search.trial(branch, {"x": np.array([1.0, 1 - 2.0**-53])}) is None
    assert asked == []
    found = search.trial(branch, {"x": np.array([3.0, 2.0])})
    assert found is not None
    assert (found.branch, found.accepted, found.seen.value, len(asked)) == (branch, True, 1.0, 1)


def test_trials_have_their_distance_and_their_trouble() -> None:
    """Distances in units of the exact value, infinite for what is no answer of the right shape, which is said in words."""
    branch = Branch("edge", "few", "any")
    for answer, off, words, accepted in (
        (6.0 + 2.0**-40, 1024.0, "", False),
        (6.0, 0.0, "", True),
        ([6.0], math.inf, "returned shape (1,) instead of ()", False),
        (None, math.inf, "returned None: is a return statement missing?", False),
        (math.nan, math.inf, "", False),
    ):
        found = search_of(lambda x, answer=answer: answer).trial(branch, {"x": np.array(3.0)})
        assert found is not None
        assert found.ulps == off
        assert (trouble(found.seen, found.interval), found.accepted, found.class_) == (words, accepted, "edge")


def test_a_failure_is_shrunk_to_the_smallest() -> None:
    """The smallest input of a branch that fails as wanted; none if none does."""
    ticks: list[str] = []
    search = search_of(lambda x: np.where(np.abs(x) > 2, 0.0, 2 * x), examples=20, tick=ticks.append)
    search.survey()
    seen = next(
        each for each in search.trials if not each.accepted and each.class_ == "typical" and each.branch.layout == "any"
    )
    ticks.clear()
    found = search.shrink(seen.branch, lambda each: not each.accepted)
    assert found is not None
    assert found.branch == seen.branch
    assert not found.accepted
    assert np.size(found.inputs["x"]) <= np.size(seen.inputs["x"])
    assert np.size(found.inputs["x"]) == 2
    assert set(ticks) == {"shrinking"}
    wanted: list[Trial] = []

    def refused(each: Trial) -> bool:
        if not each.accepted:
            wanted.append(each)
        return not each.accepted

    assert search.shrink(seen.branch, refused) is wanted[-1]
    assert len(wanted) > 2
    ticks.clear()
    assert search.shrink(seen.branch, lambda each: each.seen.trouble is not None) is None
    assert 20 < len(ticks) <= 40


def test_a_failure_that_does_not_come_again_is_shown_as_it_was() -> None:
    """What fails once and never again cannot be shrunk, and is found nevertheless."""
    times = itertools.count()
    found = search_of(double).shrink(branches(DOUBLE, "typical")[0], lambda _: next(times) == 0)
    assert found is not None
    assert next(times) > 1


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
        number = sum(each.class_ == class_ for each in search.trials)
        expected += math.ceil(number / max(1, math.ceil(number / most)))
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
    far = lambda x: np.where(np.abs(x) > 100, 3 * x, 2 * x)
    search, results = surveyed(far, asks_far_out)
    assert results["typical"] is not False
    assert results["extreme"] is False
    assert results["edge"] is False
    assert set(results) == set(CLASSES)
    within = lambda x: np.where(np.abs(x) > 100, 2.5 * x, 2 * x)
    only_typical = search_of(within, replace(DOUBLE, laws=(law(asks_far_out),)), examples=4)
    only_typical.survey()
    only_typical.trials = [each for each in only_typical.trials if each.class_ == "typical"]
    results = only_typical.law(law(asks_far_out))[0]
    assert results["extreme"] is False
    assert (results["typical"], results["edge"]) in ((None, None), (True, None))
    refused = [each for each in search.refused_in_laws if each.class_ != "edge"]
    assert refused
    assert all(each.class_ == "extreme" and not each.accepted for each in refused)
    assert all(each.branch.way and np.max(np.abs(each.inputs["x"])) > 100 for each in refused)
    assert all(each.ulps > 1e10 for each in refused)


def test_what_only_a_law_asks_for_is_refused_in_its_class() -> None:
    """A wrong answer to a question of a law, within the class, belongs to the trial that it came from; no answer says nothing."""

    def at_three_eighths(answer: Any) -> Callable[..., Any]:
        return lambda x: answer(x) if np.ndim(x) == 0 and x == 0.375 else 2 * x

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

    def breaks(where: Callable[[Any], bool]) -> dict[Class, bool | None]:
        chosen = [each for each in search.trials if each.class_ == "typical"]
        chosen = chosen[:: max(1, math.ceil(len(chosen) / 20))]

        def relations(_f: Any, x: Any) -> Iterator[Relation]:
            place = next((place for place, each in enumerate(chosen) if same(each.inputs["x"], x)), None)
            yield Equal(1, 2 if place is not None and where(place) else 1)

        return search.law(law(relations))[0]

    def same(drawn: Any, balls: Any) -> bool:
        flat = np.ravel(np.asarray(balls, object))
        return np.shape(drawn) == np.shape(balls) and bool([float(each) for each in flat] == np.ravel(drawn).tolist())

    for where in (lambda place: place == 0, lambda place: place == 2):
        assert breaks(where)["typical"] is False
    assert breaks(lambda place: False)["typical"] is True


# ---- asked again


def prepared(candidate: Callable[..., Any], *given: Any, **more: Any) -> Search:
    """A search that has tried some inputs."""
    search = search_of(candidate, **more)
    branch = Branch("typical", "eighths", "any")
    for each in given:
        found = search.trial(branch, {"x": np.asarray(each)})
        assert found is not None
        search.trials.append(found)
    return search


def test_a_function_of_its_inputs_is_left_in_peace() -> None:
    """Whoever answers the same again is told nothing: right or wrong, with an error or without, nan too."""
    for candidate in (double, lambda x: 3 * x, lambda x: 1 / 0, lambda x: np.nan * x, lambda x: [x], lambda x: None):
        assert asked_again(prepared(candidate, 1.0, 2.0, [1.0, 2.0])) == ""
    assert asked_again(search_of(double)) == ""


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
    # The one wrong answer keeps memory from being looked at.
    search = prepared(failing("spent", 2), 1.0, 2.0)
    search.trials.append(replace(search.trials[0], seen=said("raised")[0]))
    search.trials.reverse()
    assert asked_again(search) == ""


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


@pytest.mark.parametrize(("number", "step"), [(3, 1), (15, 1), (16, 2), (27, 3)])
def test_a_few_answers_of_one_shape_are_watched(number: int, step: int) -> None:
    """The first question is asked once more, then some of its shape, of which there are eight or a few more; then all of them again."""
    calls: list[float] = []

    def counting(x: Any) -> Any:
        calls.append(float(x))
        return 2 * x

    search = prepared(counting, *map(float, range(number)))
    calls.clear()
    assert asked_again(search) == ""
    watched = [float(each) for each in range(0, number, step)]
    assert calls == [0.0, *watched, *(float(each) for each in reversed(range(number)))]


def sharing() -> Callable[..., Any]:
    """A program that is right, and hands out the same array every time."""
    held: dict[Any, Any] = {}

    def program(x: Any) -> Any:
        array = held.setdefault(np.shape(x), np.empty(np.shape(x)))
        array[...] = 2 * np.asarray(x)
        return array

    return program


def test_who_hands_out_the_same_array_is_told() -> None:
    """An answer that the next call overwrites is told; of other shapes, of JSON's arrays, or after a failure it is not looked at."""
    message = "an earlier answer changed when it was called again: it hands out the same array every time"
    assert asked_again(prepared(sharing(), [1.0, 2.0], [3.0, 4.0])) == message
    assert asked_again(prepared(sharing(), [1.0, 2.0], [7.0], [3.0, 4.0], 5.0)) == message
    assert asked_again(prepared(sharing(), [1.0, 2.0], [3.0], 4.0)) == ""
    assert asked_again(prepared(sharing(), [1.0, 2.0])) == ""
    search = prepared(sharing(), [1.0, 2.0], [3.0, 4.0])
    search.trials.append(replace(search.trials[0], seen=said("raised")[0]))
    assert asked_again(search).startswith("it answered differently")
    search = prepared(sharing(), [1.0, 2.0], [3.0, 4.0])
    search.candidate = replace(search.candidate, array="array_api_strict")
    assert not asked_again(search).startswith("an earlier answer changed")
    many = prepared(sharing(), *([float(each), 0.0] for each in range(30)))
    assert asked_again(many) == message


def test_who_hands_out_the_same_mapping_is_told() -> None:
    """The arrays of an answer that is a mapping are watched as well."""
    shared = {"W": np.empty((1, 2)), "b": np.empty(2)}

    def sharing_all(params: Any, _y: Any) -> Any:
        for key, array in shared.items():
            array[...] = params[key]
        return shared

    for program, expected in ((sharing_all, "an earlier answer changed"), (lambda params, _y: dict(params), "")):
        search = search_of(program, IN_PARTS)
        for value in (1.0, 2.0):
            given = {"params['W']": np.full((1, 2), value), "params['b']": np.full(2, value), "y": np.array(value)}
            found = search.trial(Branch("typical", "", "any"), given)
            assert found is not None
            assert found.accepted
            search.trials.append(found)
        assert asked_again(search)[:25] == expected


def test_looking_at_memory_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """What a program prints then is not shown; what it raises then is found by asking again; a keyboard interrupt is the user's."""

    def loud(x: Any) -> Any:
        print("here I am")
        return 2 * x

    assert asked_again(prepared(loud, 1.0, 2.0)) == ""
    assert capsys.readouterr().out == ""
    share = sharing()

    def loud_and_sharing(x: Any) -> Any:
        sys.stdout.write("here I am")
        return share(x)

    assert asked_again(prepared(loud_and_sharing, [1.0, 2.0], [3.0, 4.0])).startswith("an earlier answer changed")
    assert capsys.readouterr().out == ""
    calls = itertools.count()
    raising = prepared(lambda x: 2 * x if next(calls) < 2 else 1 / 0, 1.0, 2.0)
    assert asked_again(raising).startswith("it answered differently")
    calls = itertools.count()

    def interrupted(x: Any) -> Any:
        if next(calls) < 2:
            return 2 * x
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked_again(prepared(interrupted, 1.0, 2.0))


@pytest.mark.parametrize("error", [KeyboardInterrupt, AssertionError])
def test_an_interruption_at_any_time_is_one(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """Before its engine is there Hypothesis makes an AssertionError of Ctrl-C; of any other error it remains one."""

    def run_engine(_state: Any) -> None:
        raise error

    monkeypatch.setattr("hypothesis.core.StateForActualGivenExecution.run_engine", run_engine)
    with pytest.raises(error):
        search_of(double).survey()


def test_without_hypothesis_internals_the_search_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the module that is patched is gone, inputs are tried all the same."""
    monkeypatch.setattr("refmath.oracle.search.providers", None)
    search = search_of(double)
    search.survey()
    assert search.trials
