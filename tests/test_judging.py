"""The parts of a judgement, asked directly: laws, the search, the verdict, counterexamples, remarks, and several searches in one."""

from __future__ import annotations

import itertools
import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import sympy as sp
from flint import arb
from made_up import about, page, said, t, trial, wrong, x

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.oracle.adapter import RemoteFunction
from refmath.oracle.candidate import CallFailed, Candidate
from refmath.oracle.counterexample import counterexample, smallest_of, worst_of
from refmath.oracle.drawing import CLASSES, Branch, Class
from refmath.oracle.inputs import branches
from refmath.oracle.laws import Broken, NoAnswer, holds
from refmath.oracle.merge import merged
from refmath.oracle.remarks import begins, beside_the_domain, warnings_given
from refmath.oracle.repetition import asked_again
from refmath.oracle.report import ClassCount, Counterexample, Diagnosis, Evidence, LawResult, Report
from refmath.oracle.search import Search, Trial, is_accepted, trouble
from refmath.oracle.verdict import NotJudged, NotSupported, judged
from refmath.spec import AtLeast, Convention, Equal, Formula, Input, Law, Part, Relation, packed, setting
from refmath.symbols import K, N, i, k, n

FLOAT64, FLOAT32 = FORMATS["float64"], FORMATS["float32"]
LAW_INPUTS = {"typical": 20, "edge": 12, "extreme": 12}


def law(relations: Callable[..., Iterator[Relation]]) -> Law:
    return Law(relations.__name__, "It is so.", relations)


def is_odd(f: Any, x: Any) -> Iterator[Relation]:
    yield Equal(f(-x), -f(x))


def speaks_of_nothing(_f: Any, _x: Any) -> Iterator[Relation]:
    yield from ()


DOUBLE = page(
    2 * x[i],
    name="double",
    program=lambda x: 2 * np.asarray(x),
    output=((i, "N"),),
    laws=(law(is_odd), law(speaks_of_nothing)),
    mistakes=(wrong("thrice", lambda x: 3 * np.asarray(x)), wrong("harmless", lambda x: np.asarray(x) + x)),
    conventions=(Convention("four", "Four times.", "a book", definition=4 * x[i]),),
)


def double(x: Any) -> Any:
    return 2 * x


def search_of(
    candidate: Callable[..., Any],
    formula: Formula = DOUBLE,
    *,
    examples: int = 4,
    seed: int = 0,
    strict: bool = False,
    format_: Any = FLOAT64,
    array: Any = "numpy",
    convention: str | None = None,
    tick: Callable[[str], None] = lambda _what: None,
) -> Search:
    handed: Any = "numpy" if array == "json" else array
    observed = Candidate(candidate, handed, 10.0, formula)
    return Search(setting(formula, convention), observed, format_, seed, examples, strict, array, tick)


# ---- laws


def held(
    relations: Callable[..., Any], f: Any = double, given: Any = 3.0, formula: Formula = DOUBLE, **more: Any
) -> bool | None:
    """Whether a law holds for a program at one input."""
    under = setting(formula)
    inputs = {"x": np.asarray(given), **more}

    def interval(named: Any) -> Acceptance | None:
        return acceptance(under, read(under, *packed(formula, named)), FLOAT64)

    return holds(law(relations), under, inputs, FLOAT64, lambda named: f(*packed(formula, named)), interval)


def test_a_law_holds_if_all_its_relations_may_hold() -> None:
    """An equality holds within the intervals, an inequality if it may; one relation that cannot hold breaks the law."""
    off = 2 * 3 * 2.0**-52
    cases: list[tuple[list[Callable[..., Relation]], bool]] = [
        ([lambda f, x: Equal(f(x), 6)], True),
        ([lambda f, x: Equal(f(x), 6 + off)], True),
        ([lambda f, x: Equal(f(x), 6 + 100 * off)], False),
        ([lambda f, x: AtLeast(f(x), 6)], True),
        ([lambda f, x: AtLeast(f(x), 6 + off)], True),
        ([lambda f, x: AtLeast(f(x), 6 + 100 * off)], False),
        ([lambda f, x: AtLeast(f(x), 5)], True),
        ([lambda f, x: Equal(f(x), 5)], False),
        ([lambda f, x: Equal(f(x), 6), lambda f, x: Equal(f(x), 5)], False),
        ([lambda f, x: Equal(f(x), 5), lambda f, x: Equal(f(x), 6)], False),
        ([lambda f, x: Equal(f(2 * x), 2 * f(x)), lambda f, x: Equal(f(x), 6)], True),
    ]
    for relations, expected in cases:
        assert held(lambda f, x, relations=relations: (each(f, x) for each in relations)) is expected
    assert held(speaks_of_nothing) is None


def test_sides_of_a_relation_are_compared_entry_by_entry() -> None:
    """Every entry counts; one number may stand for all; other shapes are not equal; nan is neither equal nor more."""
    given = [1.0, 2.0]
    assert held(lambda f, x: iter([Equal(f(x), np.array([2, 4]))]), given=given) is True
    assert held(lambda f, x: iter([Equal(f(x), np.array([2, 5]))]), given=given) is False
    assert held(lambda f, x: iter([Equal(f(x), np.array([3, 4]))]), given=given) is False
    assert held(lambda f, x: iter([AtLeast(f(x), 2)]), given=given) is True
    assert held(lambda f, x: iter([AtLeast(f(x), 3)]), given=given) is False
    assert held(lambda f, x: iter([Equal(f(x), np.array([2, 4, 6]))]), given=given) is False
    assert held(lambda f, x: iter([Equal(f(x), np.array([[2, 4]]))]), given=given) is False
    assert held(lambda f, x: iter([Equal(arb.nan(), f(x[0]))]), given=given) is False
    assert held(lambda f, x: iter([Equal(f(x[0]), arb.nan())]), given=given) is False
    assert held(lambda f, x: iter([AtLeast(f(x[0]), arb.nan())]), given=given) is False
    for relation in (lambda f, x: Equal(f(x), None), lambda f, x: Equal(None, f(x))):
        with pytest.raises(TypeError, match=r"^the sides of a relation must be numbers; got None$"):
            held(lambda f, x, relation=relation: iter([relation(f, x)]))


def test_the_program_is_handed_what_the_law_asks_for() -> None:
    """What a law leaves alone comes as it was drawn, integers too; what it makes comes in the format, a scalar as one."""
    seen: list[Any] = []

    def notes(x: Any) -> Any:
        seen.append(x)
        return 2.0 * x

    drawn = np.array([3, 4])
    assert (
        held(lambda f, x: iter([Equal(f(x), f(x)), Equal(f(-x), f(x) * -1), Equal(f(x[0]), 6)]), notes, drawn) is True
    )
    assert seen[0] is drawn
    made = next(each for each in seen if np.ndim(each) and each[0] == -3)
    assert (made.dtype, made.tolist()) == (np.float64, [-3.0, -4.0])
    assert seen[-1].shape == ()
    assert float(seen[-1]) == 3.0


@pytest.mark.parametrize("factor", [arb(1) / 3, arb(2) ** 2000, arb(1, 1), arb(1) + arb(2) ** -60])
def test_what_the_format_cannot_hold_is_not_asked(factor: Any) -> None:
    """A law that leads to a number the format has not says nothing there."""

    def first_equal_to(number: int) -> Callable[..., Iterator[Relation]]:
        def relations(f: Any, x: Any) -> Iterator[Relation]:
            yield Equal(f(x), number)
            yield Equal(f(x * factor), 5)

        return relations

    assert held(lambda f, x: iter([Equal(f(x * factor), 5)])) is None
    assert held(first_equal_to(6)) is True
    assert held(first_equal_to(5)) is False


def test_a_narrow_format_holds_fewer_numbers() -> None:
    """In float32 neither 1 + 2⁻³⁰ nor 2¹³⁰ is a number; what it holds comes in float32."""
    under = setting(DOUBLE)
    seen: list[Any] = []

    def call(named: Any) -> Any:
        seen.append(named["x"].dtype)
        return 2.0 * named["x"]

    def asked(relations: Any) -> Any:
        interval = lambda named: acceptance(under, read(under, named["x"]), FLOAT32)
        return holds(law(relations), under, {"x": np.array(3.0)}, FLOAT32, call, interval)

    assert asked(lambda f, x: iter([Equal(f(x + arb(2) ** -30), 5)])) is None
    assert asked(lambda f, x: iter([Equal(f(x * arb(2) ** 130), 5)])) is None
    assert seen == []
    assert asked(lambda f, x: iter([Equal(f(2 * x), 12)])) is True
    assert seen == [np.float32]


def test_answers_that_are_none() -> None:
    """No answer says nothing about a law; a wrong infinity or nan breaks it; nothing is said where the interval says nothing."""

    def no_answer(_x: Any) -> Any:
        raise NoAnswer

    def broken(_x: Any) -> Any:
        raise Broken

    relation = lambda f, x: iter([Equal(f(x), f(x))])
    assert held(relation, no_answer) is None
    assert held(relation, broken) is False
    assert held(relation, lambda x: np.nan) is False
    assert held(relation, lambda x: np.inf) is False
    assert held(lambda f, x: iter([Equal(f(x), [6, np.nan])]), lambda x: [6, np.nan], [3.0, 4.0]) is False
    under = setting(DOUBLE)
    assert holds(law(relation), under, {"x": np.array(3.0)}, FLOAT64, lambda _: 6.0, lambda _: None) is None
    for sign in (1, -1):
        large = sign * 1e308
        assert (
            held(lambda f, x, sign=sign: iter([Equal(f(x), sign * arb.pos_inf())]), lambda x: 2 * float(x), large)
            is True
        )
        assert held(lambda f, x, sign=sign: iter([AtLeast(sign * f(x), 5)]), lambda x: 2 * float(x), large) is True
        assert held(relation, lambda x: -2 * float(x), large) is False


PICKED = page(sp.Sum(x[n, t[n]], (n, 0, N - 1)), Input("x", x, "real", ("N", "K")), Input("t", t, "labels", ("N",)))
WEIGHED = page(
    sp.Sum(x[n, k] * t[n, k], (k, 0, K - 1), (n, 0, N - 1)),
    Input("x", x, "real", ("N", "K")),
    Input("t", t, "one_hot_or_labels", ("N", "K")),
)


@pytest.mark.parametrize("formula", [PICKED, WEIGHED], ids=["labels", "either"])
def test_labels_are_integers_in_laws(formula: Formula) -> None:
    """Labels stay integers that can be counted with, for a batch and for a sample; one-hot integers are numbers."""
    seen: list[Any] = []

    def picked(x: Any, t: Any) -> Any:
        seen.append(t)
        rows, labels = np.atleast_2d(x), np.atleast_1d(t)
        return sum(row[int(label)] for row, label in zip(rows, labels, strict=True))

    batch, sample = np.array([[1.0, 2.0], [4.0, 8.0]]), np.array([1.0, 2.0])
    assert (
        held(lambda f, x, t: iter([Equal(f(x, 1 - t), 6 if t[0] else 9)]), picked, batch, formula, t=np.array([1, 0]))
        is False
    )
    assert held(lambda f, x, t: iter([Equal(f(x, 1 - t), 9)]), picked, batch, formula, t=np.array([1, 0])) is True
    assert seen[-1].tolist() == [0, 1]
    assert seen[-1].dtype.kind == "i"
    assert held(lambda f, x, t: iter([Equal(f(x, 1 - t), 1)]), picked, sample, formula, t=np.array(1)) is True
    assert np.shape(seen[-1]) == ()
    assert int(seen[-1]) == 0
    assert held(lambda f, x, t: iter([Equal(f(x[1], t[1]), 4)]), picked, batch, formula, t=np.array([1, 0])) is True
    if formula is WEIGHED:
        weigh = lambda x, t: float(np.sum(x * t))
        one_hot = np.array([[0, 1], [1, 0]])
        assert (
            held(lambda f, x, t: iter([Equal(f(x, t / 2), 3), Equal(f(x, t), 6)]), weigh, batch, formula, t=one_hot)
            is True
        )


def test_functions_counts_and_rates_in_laws() -> None:
    """A function may be changed by a law, a count is an integer, a rate comes as it was drawn unless the law changes it."""
    descent, f = formula_named("gradient_descent"), function(SQUARES, 1.0)
    under = setting(descent)
    names = [each.name for each in descent.inputs]
    seen: list[Any] = []

    def call(named: Any) -> Any:
        seen.append(named)
        g, start, lr, steps = named.values()
        return np.asarray(start) * (1 - 2 * float(lr) * g.terms[0][0]) ** int(steps)

    inputs = dict(zip(names, (f, np.array([4.0]), np.array(0.25), np.array(2)), strict=True))

    def relations(run: Any, g: Any, start: Any, lr: Any, steps: Any) -> Any:
        yield Equal(run(g, start, lr, steps), 1)
        yield Equal(run(0.5 * g, start, 2 * lr, steps), 1)
        yield Equal(run(g, start, lr, steps - 1), 2)

    def interval(named: Any) -> Any:
        return acceptance(under, read(under, *named.values()), FLOAT64)

    assert holds(law(relations), under, inputs, FLOAT64, call, interval) is True
    first, second, third = seen
    assert all(first[name] is inputs[name] for name in names)
    assert callable(second[names[0]])
    assert (float(second[names[2]]), int(third[names[3]])) == (0.5, 1)


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
    assert sum(counted.values()) == len(search.trials) > 45
    assert set(ticks) == set(CLASSES)
    assert len(ticks) >= len(search.trials)
    keys = {(each.inputs["x"].shape, each.inputs["x"].dtype.str, each.inputs["x"].tobytes()) for each in search.trials}
    assert len(keys) == len(search.trials)
    assert all(each.accepted and each.ulps == 0.0 for each in search.trials)
    assert {each.class_ for each in search.trials} == set(CLASSES)
    assert any(each.inputs["x"].dtype.kind == "i" for each in search.trials)
    assert not search.stopped


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


def failing(kind: Any, after: int) -> Callable[..., Any]:
    """A program that is right so many times, and fails from then on."""
    calls = itertools.count()

    def program(x: Any) -> Any:
        if next(calls) >= after:
            raise CallFailed(kind, f"it is {kind}")
        return 2 * x

    return program


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
    assert search.shrink(seen.branch, lambda each: each.seen.trouble is not None) is None


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


def asks_for_a_third(f: Any, _x: Any) -> Iterator[Relation]:
    yield Equal(f(arb(0.375)), 0.75)


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

    search = prepared(counting, *map(float, range(85)))
    calls.clear()
    assert asked_again(search).startswith("it answered differently")
    assert calls == [84.0 - 2 * place for place in range(43)]


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


def test_looking_at_memory_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """What a program prints then is not shown; what it raises then is found by asking again; a keyboard interrupt is the user's."""

    def loud(x: Any) -> Any:
        print("here I am")
        return 2 * x

    assert asked_again(prepared(loud, 1.0, 2.0)) == ""
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


# ---- counterexamples


def outside(*values: float, class_: Class = "typical", ulps: float = 1.0, seen: Any = 9.0) -> Trial:
    return trial(about(1.0), seen, class_, ulps, x=np.array(values))


def test_the_worst_is_the_shortest_of_those_that_are_nearly_as_bad() -> None:
    """Up to half as far off a shorter one is preferred, and of as many numbers the one further off; but none better than the smallest."""
    short, middle, long = outside(1.0, ulps=40.0), outside(1.0, 2.0, ulps=50.0), outside(1.0, 2.0, 3.0, ulps=100.0)
    assert worst_of([], None) is None
    assert worst_of([short, middle, long], short) is middle
    assert worst_of([short, long], short) is long
    assert worst_of([middle, long, outside(7.0, 7.0, ulps=60.0)], short) is not middle
    assert worst_of([short, middle], long) is long
    assert worst_of([], short) is short
    assert worst_of([outside(1.0, ulps=math.inf), long], short).ulps == math.inf  # type: ignore[union-attr]
    best = outside(1.0, 2.0, ulps=70.0)
    assert worst_of([middle, long], best) is best


def test_the_smallest_is_of_the_first_class_and_no_answer_outweighs_a_wrong_one() -> None:
    """If the search has stopped, it is the one of the fewest numbers; typical before edge before extreme; troubles before the rest."""
    search = search_of(double)
    search.stopped = True
    assert smallest_of(search, []) is None
    far, edge, long = outside(1.0, class_="extreme"), outside(1.0, 2.0, class_="edge"), outside(1.0, 2.0, 3.0)
    search.trials += [far, edge, long]
    assert smallest_of(search, [far, edge]) is edge
    assert smallest_of(search, [far, edge, long]) is long
    shorter = outside(1.0, 2.0)
    assert smallest_of(search, [long, far, shorter]) is shorter
    raised = outside(1.0, 2.0, 3.0, 4.0, class_="extreme", seen="raised")
    assert smallest_of(search, [shorter, raised]) is raised


def test_what_only_a_law_asked_for_is_not_shrunk() -> None:
    """An input that no branch draws cannot be found again by drawing."""
    search = search_of(lambda x: 3 * x)
    asked = outside(1.0, 2.0, 3.0)
    assert smallest_of(search, [asked]) is asked


def test_the_smallest_is_shrunk_to_a_failure_of_its_kind() -> None:
    """Drawn again and again, until nothing smaller fails; who raises somewhere is shown where he raises."""

    def raises_far_out(x: Any) -> Any:
        if np.max(np.abs(x)) > 4:
            raise ValueError("too far")
        return 3 * x

    search = search_of(raises_far_out, examples=20)
    search.survey()
    refused = [each for each in search.trials if not each.accepted]
    found = smallest_of(search, refused)
    assert found is not None
    assert found.seen.trouble == "raised"
    assert found.class_ == "typical"
    assert np.size(found.inputs["x"]) == 2
    search = search_of(lambda x: 3 * x, examples=20)
    search.survey()
    refused = [each for each in search.trials if not each.accepted]
    found = smallest_of(search, refused)
    assert found is not None
    assert (found.class_, found.seen.trouble, np.size(found.inputs["x"])) == ("typical", None, 2)
    # What cannot be found again is shown as it was seen.
    search.candidate = replace(search.candidate, function=double)
    typical = [each for each in refused if each.class_ == "typical"]
    assert smallest_of(search, refused) is min(typical, key=lambda each: np.size(each.inputs["x"]))


class Spent:
    """An adapter that is spent until it is forgiven."""

    def __init__(self) -> None:
        self.is_spent, self.forgiven, self.words = True, 0, ("program",)

    def forgive(self) -> None:
        self.is_spent, self.forgiven = False, self.forgiven + 1

    def answer(self, request: Any) -> Any:
        return [0.0] * 2


def test_a_program_elsewhere_is_forgiven_before_it_is_shrunk() -> None:
    """What a program was spent on in the search is not held against the shrinking; and what it was asked is told."""
    chosen = formula_named("softmax")
    adapter: Any = Spent()
    search = search_of(RemoteFunction(adapter, setting(chosen)), chosen)
    search.stopped = True
    seen = trial(about([0.5, 0.5]), [0.0, 0.0], a=np.array([1.0, 2.0]))
    seen = Trial(
        branches(chosen, "typical")[0], {chosen.inputs[0].name: np.array([1.0, 2.0])}, seen.interval, seen.seen, 1.0
    )
    search.trials.append(seen)
    found = smallest_of(search, [seen])
    assert adapter.forgiven == 1
    assert not search.stopped
    assert found is not None
    shown = counterexample(seen, search, "softmax")
    assert shown.request == search.candidate.function.request(np.array([1.0, 2.0]))  # type: ignore[attr-defined]
    assert shown.request is not None
    assert smallest_of(search, [seen]) is not None
    assert adapter.forgiven == 1


def shown(seen: Trial, formula: Formula = DOUBLE) -> Counterexample:
    return counterexample(seen, search_of(double, formula), "f")


def test_a_counterexample_shows_the_entry_that_is_furthest_outside() -> None:
    """The entry outside its interval that is furthest off, though one inside may be further; with its interval, and its place."""
    interval = about([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [-90.0, 4.0]], [[1.0, 2.0], [90.0, 4.0]])
    seen = trial(interval, [[1.0, 5.0], [60.0, 14.0]], "edge", x=np.array([[0.5, 1.0], [1.5, 2.0]]))
    found = shown(seen)
    assert (found.class_, found.expected, found.index, found.got) == ("edge", (4.0, 4.0), (1, 1), 14.0)
    assert (found.trouble, found.ulps, found.request) == ("", 10.0, None)
    assert found.inputs is seen.inputs
    assert found.call == "f(np.array([[0.5, 1.0], [1.5, 2.0]]))"
    wide = trial(about(1.0, 0.5, 2.5), 9.0, x=0.5)
    assert (shown(wide).expected, shown(wide).index, shown(wide).got, shown(wide).ulps) == ((0.5, 2.5), (), 9.0, 8.0)


def test_a_counterexample_without_an_answer_says_what_happened() -> None:
    """The trouble in words; what would have been accepted, if that is one number."""
    found = shown(trial(about(1.0, 0.5, 1.5), "raised: it", x=0.5))
    assert (found.expected, found.index, found.got, found.trouble, found.ulps) == (
        (0.5, 1.5),
        (),
        None,
        "raised: it",
        math.inf,
    )
    found = shown(trial(about([1.0, 2.0]), [[1.0]], x=[0.5, 1.0]))
    assert (found.expected, found.got) == (None, None)
    assert found.trouble == "returned shape (1, 1) instead of (2,)"


@pytest.mark.parametrize(
    ("value", "pasted"),
    [
        (np.array([0.1, 2.0]), "np.array([0.1, 2.0])"),
        (np.array(0.5), "np.array(0.5)"),
        (np.array(3), "3"),
        (np.array(3, np.uint8), "3"),
        (np.array([3, 4]), "np.array([3, 4])"),
        (np.array([3, 4], np.uint8), "np.array([3, 4], dtype=np.uint8)"),
        (np.array([0.5], np.float32), "np.array([0.5], dtype=np.float32)"),
        (np.array(0.5, np.float16), "np.array(0.5, dtype=np.float16)"),
        (np.array([0.5], ml_dtypes.bfloat16), "np.array([0.5], dtype=ml_dtypes.bfloat16)"),
        (np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]), "np.asfortranarray(np.array([[1.0, 2.0], [3.0, 4.0]]))"),
        (np.array([1.0, 2.0, 3.0, 4.0])[::2], "np.array([1.0, 3.0])"),
        (np.array([[1.0], [2.0]]), "np.array([[1.0], [2.0]])"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.dtype.name,
)
def test_arguments_can_be_pasted(value: Any, pasted: str) -> None:
    """Each array is written so that it comes back with its dtype and its layout."""
    assert shown(Trial(Branch("edge", "", "any"), {"x": value}, about(1.0), said(9.0)[0], 1.0)).call == f"f({pasted})"


def test_functions_numbers_and_mappings_can_be_pasted() -> None:
    """A function is its source, a rate and a count are plain numbers, and entries of a mapping are in it."""
    descent = formula_named("gradient_descent")
    f = function(SQUARES, 1.0)
    given: dict[str, Any] = dict(zip([each.name for each in descent.inputs], (f, [0.5], 0.25, 3), strict=True))
    found = shown(trial(about([1.0]), [9.0], **given), descent)
    assert found.call == f"f({f}, np.array([0.5]), 0.25, 3)"
    entries: dict[str, Any] = {"params['W']": [1.0], "params['b']": [2], "y": 0.5}
    found = shown(trial(about([1.0]), "raised", **entries), IN_PARTS)
    assert found.call == "f({'W': np.array([1.0]), 'b': np.array([2])}, np.array(0.5))"


IN_PARTS = page(
    x[0],
    Input("params['W']", x, "real", ("N", "K"), "params", "W"),
    Input("params['b']", t, "real", ("K",), "params", "b"),
    Input("y", x, "real", ()),
    domain="step",
    parts=(Part("W", x[n, k], ((n, "N"), (k, "K"))), Part("b", t[k], ((k, "K"),))),
)


@pytest.mark.parametrize(
    ("place", "index"),
    [(0, ("W", 0, 0)), (2, ("W", 0, 2)), (3, ("W", 1, 0)), (5, ("W", 1, 2)), (6, ("b", 0)), (8, ("b", 2))],
)
def test_the_place_in_a_mapping_begins_with_the_key(place: int, index: tuple[Any, ...]) -> None:
    """The entries are counted one array after the other; the place tells the key, and where it is in that array."""
    answer = np.arange(9.0)
    answer[place] += 7
    given: dict[str, Any] = {"params['W']": np.zeros((2, 3)), "params['b']": np.zeros(3), "y": 0.5}
    assert shown(trial(about(np.arange(9.0)), answer, **given), IN_PARTS).index == index


# ---- remarks


def test_warnings_are_told_once() -> None:
    """Each warning that was given anywhere, once, in the order in which they came."""
    first, second = outside(1.0), outside(2.0)
    trials = [
        replace(first, seen=replace(first.seen, warnings=("A: a", "B: b"))),
        replace(second, seen=replace(second.seen, warnings=("C: c", "A: a"))),
    ]
    assert warnings_given(trials) == ["it warned: A: a", "it warned: B: b", "it warned: C: c"]
    assert warnings_given([first]) == []


ONE_HOT = formula_named("cross_entropy_one_hot")


def test_what_lies_beside_the_domain_is_told() -> None:
    """Other distributions than one-hot ones, and outputs that do not sum to 1, are tried; labels have no other distributions."""
    distributions = (
        "it is right for one-hot targets only: other distributions, such as [0.25, 0, 0.75], are misunderstood"
    )
    outputs = "it is right for outputs that sum to 1 only: [0.5, 0.125, 0.125] is refused, or normalised first"

    def normalises(y: Any, t: Any) -> Any:
        return -np.sum(t * np.log(y / y.sum(axis=-1, keepdims=True)))

    def picks(y: Any, t: Any) -> Any:
        return -np.log(y[np.argmax(t)])

    right = ONE_HOT.program
    assert beside_the_domain(search_of(right, ONE_HOT)) == []
    assert beside_the_domain(search_of(picks, ONE_HOT)) == [distributions]
    assert beside_the_domain(search_of(normalises, ONE_HOT)) == [outputs]
    assert beside_the_domain(search_of(lambda y, t: normalises(y, np.eye(3)[np.argmax(t)]), ONE_HOT)) == [
        distributions,
        outputs,
    ]
    assert beside_the_domain(search_of(lambda y, t: 1 / 0, ONE_HOT)) == [distributions, outputs]
    either = formula_named("cross_entropy_error")
    assert beside_the_domain(search_of(either.program, either)) == []
    assert beside_the_domain(search_of(picks, either)) == [distributions]
    logits = formula_named("softmax_cross_entropy_one_hot")
    assert beside_the_domain(search_of(logits.program, logits)) == []
    assert beside_the_domain(search_of(lambda a, t: logits.program(a, np.eye(3)[np.argmax(t)]), logits)) == [
        distributions
    ]
    labels = formula_named("cross_entropy_labels")
    assert beside_the_domain(search_of(labels.program, labels)) == []
    asked = []

    def by_label(y: Any, t: Any) -> Any:
        asked.append((y, t))
        return -np.log((y / y.sum())[int(t)])

    assert beside_the_domain(search_of(by_label, labels)) == [outputs]
    ((y, label),) = asked
    assert (y.tolist(), label.tolist(), label.dtype.kind) == ([0.5, 0.125, 0.125], 0, "i")


def test_what_lies_beside_the_domain_is_asked_in_the_format() -> None:
    """The numbers that are tried are of the candidate's format; nothing is asked of other formulas, or of networks."""
    seen = []

    def notes(y: Any, t: Any) -> Any:
        seen.append((y.dtype, t.dtype, y.tolist(), t.tolist()))
        return ONE_HOT.program(y, t)

    assert beside_the_domain(search_of(notes, ONE_HOT, format_=FLOAT32)) == []
    single = np.dtype(np.float32)
    assert seen == [
        (single, single, [0.5, 0.25, 0.25], [0.25, 0.0, 0.75]),
        (single, single, [0.5, 0.125, 0.125], [1.0, 0.0, 0.0]),
    ]

    def never(*_: Any) -> Any:
        raise AssertionError("nothing is to be asked")

    for name in ("sigmoid", "softmax", "mean_squared_error", "two_layer_net_loss", "gradient_descent"):
        assert beside_the_domain(search_of(never, formula_named(name))) == []


def lost(*arrays: Any, name: str = "x", **others: Any) -> list[Trial]:
    return [
        Trial(Branch("extreme", "", "any"), {name: np.asanyarray(each), **others}, about(1.0), said(9.0)[0], 1.0)
        for each in arrays
    ]


def test_where_the_answers_begin_to_be_lost() -> None:
    """From which magnitude on, if no typical input is as large; by the smallest largest entry among those that are lost."""
    usual = lost([1.0, -8.0], [2.0])
    assert begins(DOUBLE, lost([10.0, -3.0], [-20.0]), usual) == "where max |x| ≥ 10"
    assert begins(DOUBLE, lost([1.0, -1234.5678]), usual) == "where max |x| ≥ 1.23e+03"
    assert begins(DOUBLE, lost([10.0], [7.0]), usual) == ""
    assert begins(DOUBLE, lost([10.0], [8.0]), usual) == ""
    assert begins(DOUBLE, [], usual) == ""


def test_probabilities_are_lost_where_they_are_small() -> None:
    """For probabilities it is the largest least entry of those that are lost, if no typical one is as small."""
    targets = {"t": np.array([1.0, 0.0])}
    usual = lost([0.25, 0.75], [0.5, 0.5], name="y", **targets)
    assert begins(ONE_HOT, lost([1e-9, 1.0], [1.0, 1e-5], name="y", **targets), usual) == "where min y ≤ 1e-05"
    assert begins(ONE_HOT, lost([1e-9, 1.0], [0.3, 0.7], name="y", **targets), usual) == ""
    assert begins(ONE_HOT, lost([0.25, 0.75], name="y", **targets), usual) == ""


def test_the_kind_of_the_arrays_is_told_before_their_size() -> None:
    """Integers, or arrays stored by columns, if all that are lost are such; targets and labels may be integers anyway."""
    usual = lost([1.0, -8.0])
    assert begins(DOUBLE, lost(np.array([100]), np.array([3, 4])), usual) == "where x holds integers"
    assert begins(DOUBLE, lost(np.array([100]), [300.0]), usual) == "where max |x| ≥ 100"
    columns = np.asfortranarray([[100.0, 200.0], [3.0, 4.0]])
    assert begins(DOUBLE, lost(columns, columns), usual) == "where x is stored by columns"
    assert begins(DOUBLE, lost(columns, [300.0]), usual) == "where max |x| ≥ 200"
    either = formula_named("cross_entropy_error")
    labels = np.array(1)
    usual = lost([0.25, 0.75], name="y", t=labels)
    assert begins(either, lost([1e-5, 1.0], name="y", t=labels), usual) == "where min y ≤ 1e-05"
    whole = lost(np.array([0, 1]), name="y", t=np.array([1.0, 0.0]))
    assert begins(ONE_HOT, whole, usual) == "where y holds integers"
    assert begins(ONE_HOT, lost([1e-5, 1.0], name="y", t=np.array([0, 1])), usual) == "where t holds integers"
    plain = formula_named("cross_entropy_labels")
    assert begins(plain, lost([1e-5, 1.0], name="y", t=labels), usual) == "where min y ≤ 1e-05"
    assert begins(either, lost([0.3, 0.7], name="y", t=labels), usual) == ""
    both = page(x[0] + t[0], Input("x", x, "real", ("...",)), Input("t", t, "real", ("...",)))
    second = lost([1.0], t=np.array([500.0]))
    assert begins(both, second, lost([2.0], t=np.array([3.0]))) == "where max |t| ≥ 500"


def test_numbers_and_functions_are_no_arrays_that_could_be_large() -> None:
    """Of a descent only the point is looked at: its function, rate and count are passed over."""
    descent = formula_named("gradient_descent")
    names = [each.name for each in descent.inputs]

    def at(start: float, rate: float, steps: int) -> list[Trial]:
        given = dict(
            zip(names, (function(SQUARES, 1.0), np.array([start]), np.array(rate), np.array(steps)), strict=True)
        )
        return [Trial(Branch("extreme", "", "any"), given, about([1.0]), said([9.0])[0], 1.0)]

    assert begins(descent, at(7.0, 99.0, 99), at(2.0, 0.1, 3)) == f"where max |{names[1]}| ≥ 7"
    assert begins(descent, at(1.0, 99.0, 99), at(2.0, 0.1, 3)) == ""


# ---- the verdict


def verdict_on(
    candidate: Callable[..., Any], formula: Formula = DOUBLE, target: str = "file.py:double", **options: Any
) -> Report:
    return judged(search_of(candidate, formula, **{"examples": 4, **options}), target)


def test_what_is_right_conforms_with_all_its_evidence() -> None:
    """Everything tried is accepted, the laws hold where they speak, and the mistakes that are ones are rejected."""
    report = verdict_on(double, seed=3)
    assert (report.target, report.formula, report.convention, report.verdict) == (
        "file.py:double",
        "double",
        None,
        "conforms",
    )
    assert set(report.classes) == set(CLASSES)
    assert all(count.tried == count.accepted >= 3 for count in report.classes.values())
    assert report.laws == (LawResult("is_odd", True, "It is so."), LawResult("speaks_of_nothing", None, "It is so."))
    assert (report.diagnosis, report.smallest, report.worst, report.worst_ulps) == (None, None, None, 0.0)
    assert (report.evidence.seed, report.evidence.mistakes_rejected, report.evidence.mistakes_missed) == (
        3,
        ("thrice",),
        ("harmless",),
    )
    search = search_of(double, seed=3)
    search.survey()
    assert report.evidence.law_inputs == search.law(DOUBLE.laws[0])[1] > 10
    assert {class_: count.tried for class_, count in report.classes.items()} == Counter(
        each.class_ for each in search.trials
    )
    assert (report.remarks, report.begins, report.dtype, report.strict) == ((), "", "float64", False)
    narrow = verdict_on(double, format_=FLOAT32, strict=True)
    assert (narrow.verdict, narrow.dtype, narrow.strict) == ("conforms", "float32", True)


def test_what_is_wrong_differs_and_is_shown_and_named() -> None:
    """A mistake of the page has its name; the smallest and the worst counterexample call it as the target does."""
    report = verdict_on(lambda x: 3 * x)
    assert report.verdict == "differs"
    assert report.diagnosis == Diagnosis("mistake", "thrice", "It does thrice.")
    assert report.smallest is not None
    assert report.worst is not None
    assert report.smallest.call.startswith("double(np.array([")
    assert report.smallest.class_ == "typical"
    assert report.worst.ulps >= report.smallest.ulps > 1e10
    assert report.worst_ulps >= report.worst.ulps
    assert any(count.accepted < count.tried for count in report.classes.values())
    assert report.laws[0].holds is True
    assert report.begins == ""
    assert report.evidence.mistakes_rejected == ("thrice",)
    unnamed = verdict_on(lambda x: 3 * x, target="file.py:<lambda>")
    assert unnamed.smallest is not None
    assert unnamed.smallest.call.startswith("double(")
    other = verdict_on(lambda x: 3 * x, target="package.module:other")
    assert other.smallest is not None
    assert other.smallest.call.startswith("other(")


def test_under_a_convention_no_law_is_asked() -> None:
    """Laws are those of the page's defaults; the convention is told, and the default is a diagnosis."""
    report = verdict_on(lambda x: 4 * x, convention="four")
    assert (report.verdict, report.convention, report.laws, report.evidence.law_inputs) == ("conforms", "four", (), 0)
    report = verdict_on(double, convention="four")
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "default"


def test_what_is_lost_beyond_typical_inputs_is_unstable() -> None:
    """If only other classes are refused, it is unstable, and where that begins is told; worst of all is seen there."""
    report = verdict_on(lambda x: np.where(np.abs(x) > 100, 0.0, 2.0 * x), examples=12)
    assert report.verdict == "unstable"
    assert report.begins.startswith("where max |x| ≥ ")
    assert float(report.begins.rpartition(" ")[2]) > 100
    assert report.classes["typical"].accepted == report.classes["typical"].tried
    assert report.classes["extreme"].accepted < report.classes["extreme"].tried
    assert report.smallest is not None
    assert report.smallest.class_ == "extreme"


def test_no_answer_has_failed() -> None:
    """An error or a wrong shape anywhere outweighs everything; if nothing ever came, nothing can be named."""
    report = verdict_on(lambda x: 1 / 0)
    assert (report.verdict, report.diagnosis, report.worst_ulps) == ("failed", None, math.inf)
    assert report.smallest is not None
    assert report.smallest.trouble.startswith("raised ZeroDivisionError")
    report = verdict_on(lambda x: [2 * x])
    assert (report.verdict, report.laws[0].holds) == ("failed", None)

    def mostly(x: Any) -> Any:
        return 1 / 0 if np.size(x) == 1 else 3 * x

    report = verdict_on(mostly, page(2 * x[i], output=((i, "N"),), mistakes=(wrong("mostly", mostly),)))
    assert report.verdict == "failed"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "mostly"


def test_what_remembers_differs_and_is_not_named() -> None:
    """A function that answers differently when it is asked again is right nowhere; the remark says so, first."""
    calls, before = itertools.count(), search_of(double)
    before.survey()

    def program(x: Any) -> Any:
        warnings.warn("careful", stacklevel=1)
        return 2 * x if next(calls) < len(before.trials) else 3 * x

    report = verdict_on(program, page(2 * x[i], output=((i, "N"),), mistakes=(wrong("thrice", lambda x: 3 * x),)))
    assert report.verdict == "differs"
    assert report.diagnosis is None
    assert report.remarks[0].startswith(("it answered differently", "an earlier answer changed"))
    assert report.remarks[1:] == ("it warned: UserWarning: careful",)


def test_remarks_of_what_conforms() -> None:
    """What lies beside the domain is told of what conforms, and only of that; warnings always."""

    def picks(y: Any, t: Any) -> Any:
        warnings.warn("slow", stacklevel=1)
        rows, targets = np.atleast_2d(y), np.atleast_2d(t)
        return -np.mean(np.log(np.maximum(rows[np.arange(len(rows)), targets.argmax(axis=-1)].astype(float), 1e-8)))

    short = replace(ONE_HOT, laws=(), mistakes=())
    report = verdict_on(picks, short, examples=3)
    assert report.verdict == "conforms"
    assert [each[:24] for each in report.remarks] == ["it is right for one-hot ", "it warned: UserWarning: "]
    report = verdict_on(lambda y, t: 1.5 * picks(y, t), short, examples=3)
    assert report.remarks == ("it warned: UserWarning: slow",)


def test_a_broken_law_is_enough() -> None:
    """Where all values are accepted but a law is broken, it differs, or is unstable if that is beyond typical inputs only."""

    def is_something_else(f: Any, x: Any) -> Iterator[Relation]:
        yield Equal(f(x), f(x) + 1 + abs(f(x)))

    def breaks_far_out(f: Any, x: Any) -> Iterator[Relation]:
        yield Equal(
            f(x), f(x) + int(any(abs(each) > 100 for each in np.ravel(np.asarray(x, object)))) * (1 + abs(f(x)))
        )

    report = verdict_on(double, replace(DOUBLE, laws=(law(is_odd), law(is_something_else))))
    assert (report.verdict, [each.holds for each in report.laws], report.smallest) == ("differs", [True, False], None)
    report = verdict_on(double, replace(DOUBLE, laws=(law(breaks_far_out), law(is_odd))), examples=30)
    assert (report.verdict, [each.holds for each in report.laws]) == ("unstable", [False, True])


def test_what_only_a_law_asks_for_counts_in_the_verdict() -> None:
    """A wrong answer to a law's question is a refusal, and is shown; it is the worst there is."""

    def at_three_eighths(x: Any) -> Any:
        return 3 * x if np.ndim(x) == 0 and x == 0.375 else 2 * x

    report = verdict_on(at_three_eighths, replace(DOUBLE, laws=(law(asks_for_a_third),)), examples=30)
    assert report.verdict in ("differs", "unstable")
    assert all(count.tried == count.accepted for count in report.classes.values())
    assert report.smallest is not None
    assert report.smallest.call == "double(np.array(0.375))"
    assert report.worst_ulps == report.smallest.ulps > 1e10


def test_what_was_never_there_is_not_judged() -> None:
    """A program that does not start, or does not know the formula, has no verdict; one that raises, or stops later, has."""
    with pytest.raises(NotJudged, match=r"^it is absent$") as refused:
        verdict_on(failing("absent", 0))
    assert not isinstance(refused.value, NotSupported)
    with pytest.raises(NotSupported, match=r"^it does not support this formula, in the number format asked for$"):
        verdict_on(failing("unsupported", 0))
    assert verdict_on(failing("gone", 3)).verdict == "failed"
    for kind in ("raised", "hung", "gone"):
        assert verdict_on(failing(kind, 0)).diagnosis is None
    report = verdict_on(failing("unsupported", 5))
    assert report.verdict == "failed"


@pytest.mark.parametrize("left_out", [("edge",), ("typical", "extreme")])
def test_a_class_that_was_not_tried_is_no_conformance(
    left_out: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was not tried everywhere does not conform; who was refused is."""

    def some(formula: Formula, class_: Class) -> list[Branch]:
        return [] if class_ in left_out else branches(formula, class_)

    monkeypatch.setattr("refmath.oracle.search.branches", some)
    short = replace(DOUBLE, laws=())
    with pytest.raises(
        NotJudged, match=f"^no input of the classes {', '.join(left_out)} could be tried: there is nothing to base"
    ):
        verdict_on(double, short)
    assert verdict_on(lambda x: 3 * x, short).verdict in ("differs", "unstable")


# ---- several searches


def reported(verdict: Any = "conforms", **changes: Any) -> Report:
    """A report in which little was found."""
    plain = Report(
        target="f",
        formula="double",
        convention=None,
        verdict=verdict,
        classes={class_: ClassCount(place + 2, place + 1) for place, class_ in enumerate(CLASSES)},
        laws=(LawResult("one", True, "One."), LawResult("two", None, "Two.")),
        diagnosis=None,
        smallest=None,
        worst=None,
        worst_ulps=1.0,
        evidence=Evidence(4, ("a",), ("b", "c"), 10),
        seconds=2.0,
    )
    return replace(plain, **changes)


def example(class_: Class = "typical", numbers: int = 2, ulps: float = 5.0, call: str = "f(x)") -> Counterexample:
    return Counterexample(class_, {"x": np.zeros(numbers), "y": np.zeros(1)}, call, None, (), None, "", ulps)


def test_counts_are_added_and_evidence_is_joined() -> None:
    """Inputs, seconds and laws' inputs are added up; a mistake is rejected if any search rejects it; the first seed stands."""
    first = reported(worst_ulps=3.0, remarks=("x", "y"))
    second = reported(
        classes={class_: ClassCount(10, 7) for class_ in CLASSES},
        evidence=Evidence(5, ("c",), ("a", "b"), 20),
        remarks=("y", "z"),
        worst_ulps=8.0,
        seconds=0.5,
    )
    whole = merged([first, second])
    assert whole.verdict == "conforms"
    assert whole.classes == {"typical": ClassCount(12, 8), "edge": ClassCount(13, 9), "extreme": ClassCount(14, 10)}
    assert whole.evidence == Evidence(4, ("a", "c"), ("b",), 30)
    assert whole.remarks == ("searched in 2 parts, with the seeds 4 to 5", "x", "y", "z")
    assert (whole.worst_ulps, whole.seconds, whole.begins) == (8.0, 2.5, "")
    assert (whole.smallest, whole.worst, whole.diagnosis) == (None, None, None)
    assert (whole.target, whole.formula) == ("f", "double")


@pytest.mark.parametrize("worst", ["unstable", "differs", "failed"])
def test_the_worst_verdict_is_that_of_the_whole(worst: Any) -> None:
    """Whichever search found it."""
    order = ["conforms", "unstable", "differs", "failed"]
    milder = order[order.index(worst) - 1]
    for verdicts in ([worst, milder, "conforms"], ["conforms", milder, worst], [milder, worst, milder]):
        assert merged([reported(each) for each in verdicts]).verdict == worst


def test_a_law_that_was_broken_anywhere_is_broken() -> None:
    """It holds if it held wherever it spoke, and says nothing if it spoke nowhere."""

    def laws(*held_: bool | None) -> Report:
        return reported(laws=tuple(LawResult(str(place), each, "So.") for place, each in enumerate(held_)))

    whole = merged([laws(True, None, None, False, True), laws(True, True, None, None, False)])
    assert [each.holds for each in whole.laws] == [True, True, None, False, False]
    assert [each.name for each in whole.laws] == ["0", "1", "2", "3", "4"]
    assert whole.laws[0].text == "So."


def test_the_smallest_counterexample_is_of_those_that_are_as_bad() -> None:
    """The smallest by class, numbers and length of the line, among searches of the worst verdict; the worst of all searches."""
    tiny = example(numbers=1, ulps=1.0)
    mild = reported("unstable", smallest=tiny, worst=example(numbers=9, ulps=70.0))
    candidates = [
        example("extreme", 1, 9.0),
        example("typical", 3, 6.0),
        example("typical", 2, 6.0, "f(xx)"),
        example("typical", 2, 6.0, "f(x)"),
        example("edge", 1, 9.0),
    ]
    whole = merged(
        [mild, *(reported("differs", smallest=each, worst=each) for each in candidates), reported("differs")]
    )
    assert whole.smallest is candidates[3]
    assert whole.worst is mild.worst
    alike = [example(numbers=5), example(numbers=3), example(numbers=4)]
    assert merged([reported("differs", worst=each, smallest=each) for each in alike]).worst is alike[1]


def test_the_name_that_most_have_given_is_that_of_the_whole() -> None:
    """Of searches with the worst verdict; of names given as often, the first. Where it begins is told by the first that knows."""
    a, b = Diagnosis("mistake", "a", "A."), Diagnosis("mistake", "b", "B.")
    assert merged([reported("differs", diagnosis=each) for each in (a, b, b)]).diagnosis == b
    assert merged([reported("differs", diagnosis=each) for each in (b, a)]).diagnosis == b
    assert merged([reported("differs", diagnosis=each) for each in (None, None, a)]).diagnosis == a
    mild = [reported("unstable", diagnosis=b)] * 3
    assert merged([*mild, reported("differs", diagnosis=a)]).diagnosis == a
    parts = [reported("unstable", begins=each) for each in ("", "where x", "where y")]
    assert merged(parts).begins == "where x"
    assert merged([reported("differs"), *parts]).begins == ""


def test_an_answer_is_accepted_in_every_entry_or_not_at_all() -> None:
    """With a trouble, another shape, or one entry outside, it is refused."""
    interval = about([1.0, 2.0], [0.0, 2.0], [1.0, 3.0])
    for value, accepted in (
        ([0.5, 2.5], True),
        ([1.0, 2.0], True),
        ([1.5, 2.0], False),
        ([1.0, 3.5], False),
        ("raised", False),
        ([[1.0, 2.0]], False),
        (1.0, False),
    ):
        assert is_accepted(said(value)[0], interval) is accepted
