"""The ball of a sum holds what honest programs get that add in other orders, and no more where all of them get the same."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import refmath
from refmath.balls.acceptance import acceptance
from refmath.balls.compile import evaluation
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.balls.sums import MANY, Every, Vector, added, in_usual_orders, total
from refmath.spec import Form, in_form, setting

AFFINE_VJP, ADAM = (
    next(page for page in refmath.FORMULAS if page.name == name) for name in ("affine_vjp", "adam_step")
)
BITS = 24
numbers = st.floats(-8, 8, width=32).map(np.float32)


def summed(terms: Any) -> Any:
    """The ball of a sum in float32, in any usual order."""
    with ctx.workprec(BITS), in_usual_orders():
        return arb(added(*(arb(float(each)) for each in terms)))


def in_pairs(terms: list[Any]) -> Any:
    while len(terms) > 1:
        pairs = [terms[place : place + 2] for place in range(0, len(terms), 2)]
        terms = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    return terms[0]


@given(st.lists(numbers, min_size=3, max_size=40), st.randoms(use_true_random=False))
def test_pairs_in_any_order_are_held(terms: list[Any], random: Any) -> None:
    ball = summed(terms)
    random.shuffle(terms)
    assert ball.contains(arb(float(in_pairs(list(terms)))))


@given(st.permutations([-1.0, 1.0, 0.05893510230443, 1.0, -1.0, -1.0, 0.0, 1.0]))
def test_one_after_the_other_is_held_fourfold(terms: Any) -> None:
    ball = summed(np.float32(terms))
    got = functools.reduce(operator.add, map(np.float32, terms))
    assert bool(abs(arb(float(got)) - ball.mid()) <= 4 * ball.rad())


@given(st.lists(st.integers(-512, 512), min_size=3, max_size=64))
def test_what_every_order_gives_exactly_is_exact(terms: list[int]) -> None:
    eighths = [each / 8 for each in terms]
    ball = summed(eighths)
    assert ball.is_exact()
    assert float(ball) == sum(eighths)


def test_no_order_is_meant_but_its_own_in_exact_values_and_of_two_terms() -> None:
    with ctx.workprec(BITS):
        own = added(arb(-1), arb(1), arb(0.125 + 2.0**-20))
    assert own.rad() == 0
    assert summed([1.0, -1.0 + 2.0**-24]).rad() == 0
    assert summed([-1.0, 1.0, 0.1]).rad() > 0


@pytest.mark.parametrize("bits", [11, BITS])
def test_a_long_row_is_as_wide_as_its_terms_one_by_one(bits: int) -> None:
    values = np.tile([1.0, -1.0], MANY // 2) + np.linspace(0, 2.0**-8, MANY)
    values = values.astype(np.float32).astype(np.float64)
    of = Vector.of(values)
    with ctx.workprec(bits), in_usual_orders():
        together = total(lambda k: of if isinstance(k, Every) else arb(float(values[k])), lambda: range(MANY))
        one_by_one = added(*map(arb, values.tolist()))
    least = (np.log2(MANY) - 1) * 2.0**-bits * np.abs(values).sum()
    for ball in (together, one_by_one):
        assert least <= float(ball.rad()) <= 2 * least


def test_three_terms_of_a_definition_are_a_sum_too() -> None:
    a, b, c = sp.symbols("a b c")
    begun = evaluation(a + b + c, (a, b, c), ())
    with ctx.workprec(BITS), in_usual_orders():
        ball = begun(arb(-1), arb(1), arb(float(np.float32(0.1))))()
    got = np.float32(0.1) + np.float32(1) + np.float32(-1)
    assert got != np.float32(0.1)
    assert bool(abs(arb(float(got)) - ball.mid()) <= 4 * ball.rad())


@pytest.mark.parametrize("format_", ["float64", "float32"])
def test_strictly_a_sum_in_another_order_is_accepted_and_a_digit_more_is_not(format_: str) -> None:
    dtype = FORMATS[format_].dtype()
    upstream = np.array([[-1], [1], [1], [-1], [0.05893510230443], [1]], dtype)
    x = np.zeros((6, 1), dtype)
    named = read(setting(AFFINE_VJP), x, np.zeros((1, 1), dtype), np.zeros(1, dtype), upstream)
    interval = acceptance(setting(AFFINE_VJP), named, FORMATS[format_], strict=True)
    assert interval is not None
    last = dtype.type(0)
    for each in upstream.ravel():
        last = each + last
    first = in_pairs(list(upstream.ravel()))
    for got, is_right in ((last, True), (first, True), (last * (1 + 2**8 * np.finfo(dtype).eps), False)):
        whole = np.array(interval.nearest)
        whole[-1] = got
        assert interval.accepts(whole)[-1] == is_right


def test_a_form_of_some_arrays_of_an_answer_leaves_the_others_as_they_are_defined() -> None:
    chosen = setting(ADAM)
    moved = in_form(chosen, Form("made up", {"m": sp.Integer(0)}, "nowhere"))
    assert [part.definition for part in moved.parts] == [
        chosen.parts[0].definition,
        sp.Integer(0),
        chosen.parts[2].definition,
    ]
    with pytest.raises(ValueError, match="the form 'made up' defines mean; adam_step has w, m, v"):
        in_form(chosen, Form("made up", {"mean": sp.Integer(0)}, "nowhere"))
