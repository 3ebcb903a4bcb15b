"""Whether a law holds, asked directly: what it is handed, what it may ask for, and what no answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from made_up import DOUBLE, FLOAT32, FLOAT64, IN_PARTS, double, law, page, speaks_of_nothing, t, x

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.oracle.searching.laws import Broken, NoAnswer, _infinite, holds
from refmath.spec import AtLeast, Equal, Formula, Input, Relation, packed, setting
from refmath.symbols import K, N, k, n

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


def test_an_infinity_is_one_only_where_no_number_is_accepted() -> None:
    """Where numbers of the format are accepted beside it, it stands for any number."""
    inf = np.inf
    assert [_infinite(each, each, each) for each in (inf, -inf)] == [arb.pos_inf(), arb.neg_inf()]
    for got, low, high in ((inf, 1e308, inf), (-inf, -inf, -1e308), (inf, -inf, inf)):
        assert _infinite(got, low, high).contains(0)


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
    assert held(lambda f, x: iter([Equal([2, 4], f(x))]), given=given) is True
    assert held(lambda f, x: iter([Equal([2, 5], f(x))]), given=given) is False
    assert held(lambda f, x: iter([Equal(2, f(x[0]))]), given=given) is True
    assert held(lambda f, x: iter([AtLeast(5, 5)]), given=given) is True
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
    assert held(lambda f, x: iter([Equal(f(np.array([0.5, 2], np.float32)), [1, 4])]), notes) is True
    assert (seen[-1].dtype, seen[-1].tolist()) == (np.dtype(np.float64), [0.5, 2.0])


def test_answers_in_parts_are_mappings_in_laws() -> None:
    """A law asks for an entry of such an answer by its key, in its shape."""
    named = {"params['W']": np.array([[1.0, 2.0]]), "params['b']": np.array([3.0, 4.0]), "y": np.array(0.5)}
    under = setting(IN_PARTS)

    def relations(f: Any, params: Any, y: Any) -> Iterator[Relation]:
        got = f({**params, "b": 2 * params["b"]}, y)
        yield Equal(got["W"], [[1, 2]])
        yield Equal(got["b"], [6, 8])

    def call(given: Any) -> Any:
        return np.concatenate([given["params['W']"].ravel(), given["params['b']"].ravel()])

    def interval(given: Any) -> Acceptance | None:
        return acceptance(under, read(under, *packed(IN_PARTS, given)), FLOAT64)

    assert holds(law(relations), under, named, FLOAT64, call, interval) is True
    assert holds(law(relations), under, named, FLOAT64, lambda given: 1.5 * call(given), interval) is False


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
    Input("t", t, "targets_or_labels", ("N", "K")),
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
            held(
                lambda f, x, t: iter([Equal(f(x, (2 * t + 1) / 4), 6.75), Equal(f(x, t), 6)]),
                weigh,
                batch,
                formula,
                t=one_hot,
            )
            is True
        )


@pytest.mark.parametrize("shape", [(2,), (2, 2)])
def test_one_hot_integers_are_real_numbers_in_laws(shape: tuple[int, ...]) -> None:
    """What a law makes of one-hot targets comes in the format, though they were drawn as integers; for a sample as for a batch."""
    seen: list[Any] = []

    def weighed(x: Any, t: Any) -> Any:
        seen.append(t)
        return float(np.sum(np.asarray(x) * t))

    one_hot, ones = np.array([1, 0]) if len(shape) == 1 else np.eye(2, dtype=int), np.ones(shape)
    count = float(np.prod(shape)) / 2
    assert held(lambda f, x, t: iter([Equal(f(x, 1 - t), count)]), weighed, ones, WEIGHED, t=one_hot) is True
    assert seen[-1].dtype == np.float64
    assert seen[-1].tolist() == (1 - one_hot).tolist()


def test_labels_of_what_is_no_sample_are_integers_too() -> None:
    """Where the first argument is no batch, labels have one axis less than the targets of a batch."""
    b = sp.IndexedBase("b")
    chosen = page(
        sp.Sum(b[k] * t[n, k], (k, 0, K - 1), (n, 0, N - 1)),
        Input("x", b, "real", ("K",)),
        Input("t", t, "targets_or_labels", ("N", "K")),
        single_samples=False,
    )
    seen: list[Any] = []

    def program(x: Any, t: Any) -> Any:
        seen.append(t)
        return float(sum(x[int(label)] for label in t))

    relations = lambda f, x, t: iter([Equal(f(x, (t + 1) % 3), 3)])
    assert held(relations, program, np.array([1.0, 2.0, 4.0]), chosen, t=np.array([2, 0])) is True
    assert seen[-1].dtype.kind == "i"
    assert seen[-1].tolist() == [0, 1]


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
