"""The records of a formula, asked directly: settings, arguments in and out of mappings, and the sentences of laws and mistakes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from refmath.catalogue import formula
from refmath.made import made
from refmath.spec import (
    NO_PROGRAM,
    AtLeast,
    Convention,
    Equal,
    Formula,
    Input,
    Law,
    Mistake,
    Part,
    Relation,
    argument_names,
    defining,
    keyword_arguments,
    law,
    mistake,
    packed,
    setting,
    unpacked,
)

a, b, c, delta, j = sp.Symbol("a"), sp.Symbol("b"), sp.Symbol("c"), sp.Symbol("delta", positive=True), sp.Symbol("j")
PARTS, OTHER_PARTS = (Part("W", a, ((j, "K"),)),), (Part("W", b, ((j, "K"),)),)
FLOOR, OFFSET, OWN = a + b, a - b + delta, a * b


def program(*_inputs: Any, guard: str = "floor", delta: float = 0.5, count: int = 3) -> Any:
    return guard, delta, count


def own_program(*_inputs: Any) -> str:
    return "own"


PAGE = Formula(
    name="page",
    display="p",
    program=program,
    definition=FLOOR,
    inputs=(
        Input("params['W']", a, "real", ("K",), "params", "W"),
        Input("params['b']", b, "real", ("K",), "params", "b"),
        Input("x", c, "real", ("N", "K")),
    ),
    laws=(),
    mistakes=(),
    reference="",
    parts=PARTS,
    parameters={"guard": "floor", "delta": 0.5, "count": 3},
    choices={"guard": {"floor": FLOOR, "offset": OFFSET}},
    conventions=(
        Convention("small", "", "", {"guard": "offset", "delta": 0.25}),
        Convention("own", "", "", definition=OWN, parts=OTHER_PARTS, program=own_program),
        Convention("borrowed", "", "", definition=OWN),
        Convention("same", "", "", {"delta": 0.5}),
    ),
)
BARE = Formula(
    name="bare", display="", program=own_program, definition=a, inputs=(Input("x", a, "real", ()),), laws=(), mistakes=(), reference=""
)  # fmt: skip


def refused(error: type[Exception], message: str, take: Callable[..., Any], *given: Any, **options: Any) -> None:
    """Asserts that a call is refused in exactly these words."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        take(*given, **options)


# ---- settings


def test_the_defaults_are_the_page_itself() -> None:
    """Without a choice, and with the defaults chosen, it is the page's own definition, program and numbers."""
    for chosen in (setting(PAGE), setting(PAGE, guard="floor"), setting(PAGE, delta=0.5, count=3)):
        assert (chosen.formula, chosen.definition, chosen.program) == (PAGE, FLOOR, program)
        assert (dict(chosen.parameters), chosen.convention, chosen.parts) == ({"delta": 0.5, "count": 3}, None, PARTS)
    assert (setting(BARE).definition, setting(BARE).program) == (a, own_program)


def test_parameters_choose_the_definition_and_reach_the_program() -> None:
    """A choice has the definition of its value; the program is called with every parameter, given or not."""
    chosen = setting(PAGE, guard="offset", delta=np.float32(0.25))
    assert (chosen.formula, chosen.definition, chosen.convention, chosen.parts) == (PAGE, OFFSET, None, PARTS)
    assert dict(chosen.parameters) == {"delta": 0.25, "count": 3}
    assert type(chosen.parameters["delta"]) is float
    assert chosen.program(1, 2) == ("offset", np.float32(0.25), 3)
    assert setting(PAGE, count=10**30).parameters["count"] == 10**30


def test_a_convention_is_its_parameters_or_a_definition_of_its_own() -> None:
    """A convention sets parameters, or has its own definition, entries and program; the page's program, if it has none."""
    small = setting(PAGE, "small")
    assert (small.formula, small.definition, small.convention, small.parts) == (PAGE, OFFSET, "small", PARTS)
    assert (dict(small.parameters), small.program()) == ({"delta": 0.25, "count": 3}, ("offset", 0.25, 3))
    own = setting(PAGE, "own")
    assert (own.formula, own.definition, own.convention, own.parts) == (PAGE, OWN, "own", OTHER_PARTS)
    assert (own.parameters, own.program) == ({}, own_program)
    same = setting(PAGE, "same")
    assert (same.definition, same.program, same.convention) == (FLOOR, program, "same")
    borrowed = setting(PAGE, "borrowed")
    assert (borrowed.definition, borrowed.program, borrowed.parts) == (OWN, program, ())


def test_the_keyword_arguments_of_a_setting() -> None:
    """The arguments that lead to a setting: defaults, those of a convention, and none where a convention has its own definition."""
    assert keyword_arguments(setting(PAGE)) == {"guard": "floor", "delta": 0.5, "count": 3}
    assert keyword_arguments(setting(PAGE, "small")) == {"guard": "offset", "delta": 0.25, "count": 3}
    assert keyword_arguments(setting(PAGE, "own")) == {}
    assert keyword_arguments(setting(BARE)) == {}


def test_settings_that_there_are_not() -> None:
    """An unknown convention, parameter or choice is refused with those there are, or with none."""
    refused(ValueError, "page has no convention 'big'; it has: small, own, borrowed, same", setting, PAGE, "big")
    refused(ValueError, "bare has no convention 'big'; it has: none", setting, BARE, "big")
    refused(TypeError, "page has no parameter 'eps'; it has: guard, delta, count", setting, PAGE, eps=1.0)
    refused(TypeError, "bare has no parameter 'eps'; it has: none", setting, BARE, eps=1.0)
    for wrong in ("none", None, ["floor"]):
        refused(ValueError, f"guard of page must be one of floor, offset; got {wrong!r}", setting, PAGE, guard=wrong)
    message = "the convention 'own' settles the parameters of page; got ['count', 'delta'] too"
    refused(TypeError, message, setting, PAGE, "own", delta=1.0, count=2)


def test_numbers_that_are_none() -> None:
    """A parameter is a positive finite number, and no truth value."""
    for wrong in (True, "1", None, 1j):
        refused(TypeError, f"delta of page must be a real number; got {wrong!r}", setting, PAGE, delta=wrong)
    for number in (0.0, -0.5, math.inf, math.nan, 0):
        message = f"delta of page must be positive and finite; got {number!r}"
        refused(ValueError, message, setting, PAGE, delta=number)
    assert setting(PAGE, delta=5e-324).parameters["delta"] == 5e-324


# ---- arguments


def test_entries_of_a_mapping_go_into_it_and_come_out_of_it() -> None:
    """The arguments of a call are the mapping and the array; by name, each entry stands for itself."""
    by_name = {"params['W']": 1, "params['b']": 2, "x": 3}
    assert argument_names(PAGE) == ["params", "x"]
    assert argument_names(BARE) == ["x"]
    assert packed(PAGE, by_name) == [{"W": 1, "b": 2}, 3]
    assert unpacked(PAGE, [{"b": 2, "W": 1}, 3]) == by_name
    assert unpacked(BARE, [7]) == {"x": 7}
    twice = replace(PAGE, inputs=(*PAGE.inputs[:2], Input("grads['W']", c, "real", ("K",), "grads", "W")))
    assert packed(twice, {"params['W']": 1, "params['b']": 2, "grads['W']": 3}) == [{"W": 1, "b": 2}, {"W": 3}]


def test_other_arguments_are_refused() -> None:
    """Another number of arguments, what is no mapping, and a mapping with other keys are refused with what was meant and what came."""
    refused(TypeError, "page takes 2 inputs (params, x); got 1", unpacked, PAGE, [1])
    refused(TypeError, "page takes 2 inputs (params, x); got 3", unpacked, PAGE, [1, 2, 3])
    refused(TypeError, "params must be a mapping with the keys W, b; got list", unpacked, PAGE, [["W", "b"], 3])
    for keys, got in ((["W"], "W"), (["W", "b", 7], "W, b, 7"), ([], "none")):
        message = f"params must have the keys W, b; got {got}"
        refused(ValueError, message, unpacked, PAGE, [dict.fromkeys(keys, 1), 3])


# ---- laws and mistakes


def is_right(_f: Any, _x: Any) -> Iterator[Relation]:
    """Right is right.

    That is all.
    """
    yield Equal(1, 1)
    yield AtLeast(2, 1)


def wrong(x: Any) -> Any:
    """Wrong is wrong.

    And so it stays.
    """
    return x


def undocumented(_f: Any) -> Iterator[Relation]:
    yield from ()


def test_a_law_bears_the_name_and_the_sentence_of_its_function() -> None:
    """Name and text are the function's and its docstring's first line; only a defining law says it is one."""
    assert law(is_right) == Law("is_right", "Right is right.", is_right, defining=False)
    assert defining(is_right) == Law("is_right", "Right is right.", is_right, defining=True)


def test_a_mistake_bears_the_name_of_its_program_and_of_the_law_that_catches_it() -> None:
    """Name and text are the program's, beside the name of the law; it has no variants unless they are given."""
    assert mistake(wrong, caught_by=is_right) == Mistake("wrong", "Wrong is wrong.", wrong, "is_right", ())
    variants = ({"delta": 1},)
    assert mistake(wrong, caught_by=is_right, variants=variants).variants == variants
    one_by_one = mistake(wrong, caught_by=is_right, variants={"delta": (1, 2), "h": (3,)}).variants
    assert one_by_one == ({"delta": 1}, {"delta": 2}, {"h": 3})
    assert mistake(wrong, "slip", "It slips.", caught_by=is_right) == Mistake("slip", "It slips.", wrong, "is_right")


def test_a_law_may_have_another_sentence_on_a_page() -> None:
    """Where several pages have a law in common, a page may say it in its own words."""
    assert law(is_right, "It is right here.") == Law("is_right", "It is right here.", is_right)
    assert defining(is_right, "It is right here.") == Law("is_right", "It is right here.", is_right, defining=True)


def test_a_page_cites_what_its_docstring_cites() -> None:
    """A citation stands in the docstring alone; a formula without a program has none unless it is given."""
    assert formula("tanh").reference == "NIST Digital Library of Mathematical Functions, equation 4.28.4"
    plain = Formula("plain", formula("tanh").definition, inputs=formula("tanh").inputs)
    assert (plain.reference, replace(plain, reference="Elsewhere").reference) == ("", "Elsewhere")


def test_what_operators_make_has_a_sentence_of_its_own_or_that_of_all() -> None:
    """Of `made` the name says what makes it and what is told of it, unless the page says otherwise."""
    told = made("base_ten", caught_by=is_right)
    assert told == Mistake(
        "base_ten", "The logarithm is taken to base 10.", NO_PROGRAM, "is_right", operator="base_ten"
    )
    assert made("softmax_twice", caught_by=is_right).operator == "softmax_applied_first"
    own = made("softmin", "The smallest wins.", by="a → -a", caught_by=is_right)
    assert own == Mistake("softmin", "The smallest wins.", NO_PROGRAM, "is_right", operator="a → -a")


def test_what_readers_see_must_be_written() -> None:
    """A law without a docstring has no sentence, and is refused."""
    for make in (law, defining):
        with pytest.raises(
            ValueError, match="undocumented has no docstring; its first line is the sentence that readers see"
        ):
            make(undocumented)


# ---- what a definition is written in

ROWS = Input("rows", sp.IndexedBase("rows", shape=sp.symbols("N K"), real=True), "real", ("N", "K"))
NUMBER, RATE = Input("number", sp.Symbol("number"), "real", ()), Input("rate", sp.Symbol("rate"), "rate", ())
first, second = sp.symbols("n k", integer=True, nonnegative=True)


def test_an_array_is_indexed_and_a_number_calculates() -> None:
    """An array needs an index for each axis; an argument without axes stands for its number in every operation."""
    assert ROWS[first, second] == ROWS.symbol[first, second]
    refused(ValueError, "rows has 2 axes, N, K; got the indices n", lambda: ROWS[first])
    refused(
        ValueError,
        "one has 1 axis, K; got the indices n, k",
        lambda: replace(ROWS, name="one", axes=("K",))[first, second],
    )
    refused(TypeError, "rows is an array: give it an index for each of its axes N, K", lambda: sp.sympify(ROWS))
    for each in (NUMBER, RATE):
        refused(TypeError, f"{each.name} is one number: it has no indices", lambda each=each: each[first])
    symbol, other = NUMBER.symbol, RATE.symbol
    assert (symbol + 1, symbol + 1, symbol - other, 2 - symbol) == (NUMBER + 1, 1 + NUMBER, NUMBER - RATE, 2 - NUMBER)
    assert (symbol * other, 3 * symbol, symbol / 2, 2 / symbol) == (NUMBER * RATE, 3 * NUMBER, NUMBER / 2, 2 / NUMBER)
    assert (NUMBER**2, 2**NUMBER, -NUMBER, abs(NUMBER)) == (symbol**2, 2**symbol, -symbol, sp.Abs(symbol))
    assert (NUMBER < 1, NUMBER <= 1, NUMBER > 1, NUMBER >= 1) == (symbol < 1, symbol <= 1, symbol > 1, symbol >= 1)


def test_what_a_number_must_be_follows_from_its_symbol() -> None:
    """A parameter is any finite number, none below 0, or positive, as its symbol is; without a symbol it is positive."""
    for assumed, least, words in (
        ({}, -2.0, "finite"),
        ({"nonnegative": True}, 0.0, "finite and not negative"),
        ({"positive": True}, 5e-324, "positive and finite"),
    ):
        own = Formula(
            "own", NUMBER * sp.Symbol("gamma", real=True, **assumed), inputs=(NUMBER,), parameters={"gamma": 1.0}
        )
        assert setting(own, gamma=least).parameters == {"gamma": least}
        for wrong in (math.inf, math.nan, *([] if not assumed else [-5e-324])):
            refused(ValueError, f"gamma of own must be {words}; got {wrong!r}", setting, own, gamma=wrong)


def test_a_formula_needs_a_definition() -> None:
    """Without one, and without what a candidate's process knows instead, there is an error; with it all else is optional."""
    refused(
        TypeError, "the definition of own must be a SymPy expression; got None", Formula, "own", None, inputs=(NUMBER,)
    )
    known = Formula("own", None, inputs=(NUMBER,), output=())
    assert (known.definition, known.output) == (None, ())
    own = Formula("own", {"left": NUMBER + 1, "right": ROWS[first, second]}, inputs=(NUMBER, ROWS))
    assert [type(part) for part in own.parts] == [Part, Part]
    assert not own.has_program
    assert (own.laws, own.mistakes, own.conventions, own.display) == (
        (),
        (),
        (),
        r"\operatorname{own}",
    )
