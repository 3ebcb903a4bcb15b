"""Every argument of every public name, given hostile values: refused in a sentence that names it, or taken for what it is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bad_input import ROWS, Row, rows_of
from public_calls import CALLS, GIVEN_BY_REFMATH, NOT_FOR_CALLERS, Call, of_formula, plain
from surveyed import SAMPLES

import refmath
from refmath import FORMULAS, GradientCheck
from refmath.balls.evaluate import RANGES
from refmath.catalogue import formula as formula_named
from refmath.spec import Convention, Formula, argument_names, setting

pytestmark = pytest.mark.long


def cells(*, taken: bool) -> Iterator[Any]:
    """The table: every argument of every call with every row of its kind."""
    for call in CALLS:
        for name, kind in call.kinds.items():
            for row in rows_of(kind, call.sound_argument(name)):
                if (row.error is None) == taken:
                    yield pytest.param(call, name, row, id=f"{call}-{name}-{row.name}")


def as_bytes(value: Any) -> Any:
    """All there is to an argument: what its arrays hold, how, and where."""
    if isinstance(value, dict):
        return {key: as_bytes(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return type(value), value.dtype, value.shape, value.strides, bytes(value.tobytes()), value.flags.writeable
    return repr(value) if isinstance(value, list | tuple) else id(value)


def arrays(value: Any) -> Iterator[Any]:
    """The arrays and numbers of an answer."""
    if isinstance(value, dict):
        yield from (each for entry in value.values() for each in arrays(entry))
    elif isinstance(value, tuple):
        yield from (each for entry in value for each in arrays(entry))
    elif isinstance(value, refmath.Enclosure):
        yield from (value.lower, value.upper)
    elif isinstance(value, refmath.TwoLayerNet):
        yield from value.params.values()
    elif isinstance(value, refmath.Report):
        yield str(replace(value, seconds=0))
    elif isinstance(value, GradientCheck):
        yield np.array([value.ok, value.order, value.error])
    else:
        yield value


@pytest.mark.parametrize(("call", "name", "row"), list(cells(taken=False)))
def test_what_has_no_meaning_is_refused(call: Call, name: str, row: Row) -> None:
    """The refusal says which argument it is and what came, as a ValueError or TypeError, and nothing is changed."""
    arguments = call.arguments(**{name: row.spoil(call.sound_argument(name))})
    before = as_bytes(arguments)
    assert row.error
    with pytest.raises(row.error) as refused:
        call.function(**arguments)
    message = str(refused.value)
    assert type(refused.value) is row.error, message
    assert re.search(rf"(?<!\w){re.escape(row.named or name)}(?!\w)", message), message
    assert re.search(row.came, message), message
    # What it is held against is another argument, or what a network makes of them.
    assert set(re.findall(r"for (\S+) of shape", message)) <= {*call.kinds, "W1", "y"}, message
    assert as_bytes(arguments) == before


@pytest.mark.parametrize(("call", "name", "row"), list(cells(taken=True)))
def test_what_is_taken_counts_as_a_plain_array(call: Call, name: str, row: Row) -> None:
    """The answer is that for a plain copy, bit for bit and in its dtype, an array of its own; nothing is changed or warned of."""
    value = row.spoil(call.sound_argument(name))
    arguments = call.arguments(**{name: value})
    before = as_bytes(arguments)
    answer = call.function(**arguments)
    assert as_bytes(arguments) == before
    expected = call(**{name: plain(value)})
    for got, wanted in zip(arrays(answer), arrays(expected), strict=True):
        assert type(got) is type(wanted)
        assert np.asarray(got).dtype == np.asarray(wanted).dtype
        np.testing.assert_array_equal(got, wanted, strict=True)
        assert not np.shares_memory(got, np.asarray(value)) or not isinstance(got, np.ndarray)


@pytest.mark.parametrize(
    "call", [call for call in CALLS if not call.of.startswith(("check", "assert", "parametrize", "Adapter"))], ids=str
)
def test_the_sound_arguments_are_taken(call: Call) -> None:
    """What the table spoils is accepted as it stands: no refusal is for another reason than the one named."""
    for each in arrays(call()):
        assert np.isfinite(each).all()


# ---- the table is whole


def given_by_callers() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function, class and method that takes arguments."""
    for name in sorted(set(refmath.__all__) - GIVEN_BY_REFMATH):
        value = getattr(refmath, name)
        yield name, value
        if inspect.isclass(value):
            methods = inspect.getmembers(value, inspect.isfunction)
            yield from ((f"{name}.{method}", each) for method, each in methods if not method.startswith("_"))


def parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self"}


def test_every_argument_of_every_public_name_is_in_the_table() -> None:
    """A new name, a new method or a new argument without rows fails here."""
    wanted = {
        name: parameters(function)
        for name, function in given_by_callers()
        if name not in NOT_FOR_CALLERS and parameters(function)
    }
    found: dict[str, set[str]] = {}
    for call in CALLS:
        found.setdefault(call.of, set()).update(call.parameters())
    assert found == wanted
    assert {kind for call in CALLS for kind in call.kinds.values()} == set(ROWS)


def test_assert_conforms_has_the_options_of_check() -> None:
    """Beside what it may decline, its arguments in the table are all those that `check` has."""
    (call,) = (call for call in CALLS if call.of == "assert_conforms")
    assert set(call.kinds) == {*parameters(refmath.check), "declines"}


def test_no_two_rows_of_a_kind_have_one_name() -> None:
    """A row's name says which it is."""
    for kind, rows in ROWS.items():
        names = [row.name for row in rows]
        assert len(names) == len(set(names)), kind


# ---- the helpers of what follows


def sound(formula: Formula) -> list[Any]:
    return [of_formula(formula).arguments()[each.name] for each in formula.inputs]


def refusal(formula: Formula, error: type[Exception], arguments: list[Any]) -> str:
    """The message with which a program refuses its arguments."""
    with pytest.raises(error) as refused:
        formula.program(*arguments)
    assert type(refused.value) is error
    return str(refused.value)


# ---- two arguments that do not fit each other

SECOND = [
    formula
    for formula in SAMPLES
    if len(formula.inputs) == 2
    and formula.inputs[1].kind != "labels"
    and formula.inputs[0].axes == formula.inputs[1].axes
]
PAIRS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "a row for a batch": ((2, 3), (3,)),
    "a batch for a row": ((3,), (2, 3)),
    "one row for two": ((2, 3), (1, 3)),
    "two rows for one": ((1, 3), (2, 3)),
    "a column": ((2, 3), (2, 1)),
    "for a column": ((2, 1), (2, 3)),
    "one entry": ((3,), (1,)),
    "for one entry": ((1,), (3,)),
    "another length": ((3,), (4,)),
    "turned round": ((2, 3), (3, 2)),
    "as many numbers": ((2, 3), (6,)),
    "a batch of one": ((3,), (1, 3)),
    "for a batch of one": ((1, 3), (3,)),
    "a batch for a square": ((3, 3), (3,)),
}


def of_shape(kind: str, shape: tuple[int, ...]) -> Any:
    """Sound values of a shape: the first entry of each sample has all."""
    values = np.ones(shape) if kind == "signs" else np.zeros(shape)
    if kind in RANGES:
        values[..., 0] = 1
    return values


@pytest.mark.parametrize("formula", SECOND, ids=lambda formula: formula.name)
@pytest.mark.parametrize("pair", PAIRS)
def test_shapes_that_differ_are_refused(formula: Formula, pair: str) -> None:
    """No two arguments are broadcast against each other: the message names both, with their shapes."""
    first, second = PAIRS[pair]
    arguments = [of_shape(each.kind, shape) for each, shape in zip(formula.inputs, (first, second), strict=True)]
    fewer = formula.inputs[1].kind == "targets_or_labels" and len(second) == len(first) - 1
    # With one dimension fewer they are taken for labels, which are integers.
    message = refusal(formula, TypeError if fewer else ValueError, arguments)
    assert re.search(rf"\b{formula.inputs[1].name}\b", message), message
    if fewer:
        assert "float64" in message
    else:
        assert str(first) in message
        assert str(second) in message
        assert re.search(rf"\b{formula.inputs[0].name}\b", message), message


# ---- conventions

OWN_PROGRAMS = [
    pytest.param(formula, convention, id=f"{formula.name}-{convention.name}")
    for formula in FORMULAS
    for convention in formula.conventions
    if convention.program and not convention.inputs
]


@pytest.mark.parametrize(("formula", "convention"), OWN_PROGRAMS)
def test_a_conventions_own_program_refuses_in_the_same_words(formula: Formula, convention: Convention) -> None:
    """Whatever the page's program refuses, that of a convention does for the same reason: hostile values, and shapes that differ."""
    call = of_formula(formula)
    hostile = [
        call.arguments(**{name: row.spoil(call.sound_argument(name))})
        for name, kind in call.kinds.items()
        if name not in formula.parameters
        for row in rows_of(kind, call.sound_argument(name))
        if row.error
    ]
    if formula in SECOND:
        hostile += [
            {each.name: of_shape(each.kind, shape) for each, shape in zip(formula.inputs, pair, strict=True)}
            for pair in PAIRS.values()
        ]
    program = convention.program or formula.program
    for arguments in hostile:
        given = [arguments[name] for name in argument_names(formula)]
        with pytest.raises((TypeError, ValueError)) as expected:
            formula.program(*given)
        with pytest.raises(type(expected.value)) as refused:
            program(*given)
        assert str(refused.value) == str(expected.value)


@pytest.mark.parametrize(("name", "least"), [("sigmoid_gradient", 0), ("tanh_gradient", -1)])
def test_a_gradient_of_the_value_refuses_what_is_no_value(name: str, least: int) -> None:
    """Under `of_the_value` a number that the formula never gives is refused, by the program and as an exact value."""
    chosen = setting(formula_named(name), "of_the_value")
    for number in (least - 0.5, 1.5):
        with pytest.raises(ValueError, match=rf"^x must hold numbers in \[{least}, 1\]; got x\[1\] = {number}$"):
            chosen.program([0.5, number])
        with pytest.raises(ValueError, match=f"^x must hold numbers from {least} to 1; got {number}"):
            refmath.exact(name, [0.5, number], convention="of_the_value")
    assert chosen.program([1.0, least, 0.5]).tolist() == [
        0,
        0,
        refmath.exact(name, 0.5, convention="of_the_value").nearest(),
    ]


@pytest.mark.parametrize("name", [formula.name for formula in SAMPLES if formula.name.startswith("cross_entropy")])
def test_what_keras_divides_by_is_refused_if_it_is_zero(name: str) -> None:
    """Under the convention of Keras a sample is divided by its sum: one of zeros has no shares, in a batch or alone."""
    (page,) = (formula for formula in FORMULAS if formula.name == name)
    program = setting(page, "keras").program
    for y in ([0.0, 0.0], [[0.5, 0.5], [0.0, 0.0]]):
        target = (
            np.zeros(np.shape(y)[:-1], int)
            if page.inputs[1].kind == "labels"
            else np.eye(2)[np.zeros(np.shape(y)[:-1], int)]
        )
        with pytest.raises(ValueError, match=r"^each sample of y must have a positive sum.* got a sample of zeros$"):
            program(y, target)


# ---- parameters

GUARDED = [formula for formula in FORMULAS if "guard" in formula.parameters]


@pytest.mark.parametrize("formula", GUARDED, ids=lambda formula: formula.name)
def test_without_a_guard_delta_plays_no_part(formula: Formula) -> None:
    """With the guard `none` δ is ignored, as the page says; and it may be any real number type elsewhere."""
    expected = formula.program(*sound(formula), guard="none")
    np.testing.assert_array_equal(formula.program(*sound(formula), guard="none", delta=7), expected)
    for delta in (np.float32(0.25), np.float64(0.25), np.float16(0.25)):
        np.testing.assert_array_equal(
            formula.program(*sound(formula), delta=delta), formula.program(*sound(formula), delta=0.25)
        )


@pytest.mark.parametrize("formula", SAMPLES, ids=lambda formula: formula.name)
def test_parameters_are_named(formula: Formula) -> None:
    """No parameter may be given by its place: a third argument is too many, and so is an unknown name."""
    with pytest.raises(TypeError, match="positional argument"):
        formula.program(*sound(formula), 0.5)
    with pytest.raises(TypeError, match="unheard_of"):
        formula.program(*sound(formula), unheard_of="sum")


# ---- accepted, although it looks bad


def program(name: str) -> Callable[..., Any]:
    return next(formula.program for formula in FORMULAS if formula.name == name)


INF, NAN = np.inf, np.nan
TAKEN: list[tuple[str, tuple[Any, ...], Any]] = [
    ("sigmoid", ([INF, -INF, NAN, 0],), [1, 0, NAN, 0.5]),
    ("sigmoid", (INF,), 1),
    ("sigmoid_gradient", ([INF, -INF, NAN, 0],), [0, 0, NAN, 0.25]),
    ("softmax", ([[0, -INF], [INF, 0], [-INF, -INF], [NAN, 0], [3, 3]],), [[1, 0], *[[NAN, NAN]] * 3, [0.5, 0.5]]),
    ("softmax", ([INF, -INF, 0.0],), [NAN, NAN, NAN]),
    ("softmax_gradient", ([[0, 0, -INF]],), [[[0.25, -0.25, 0], [-0.25, 0.25, 0], [0, 0, 0]]]),
    ("softmax_gradient", ([[INF, 0], [0, 0]],), [[[NAN, NAN]] * 2, [[0.25, -0.25], [-0.25, 0.25]]]),
    ("softmax_cross_entropy_one_hot", ([0, 0, -INF], [1, 0, 0]), np.log(2)),
    ("softmax_cross_entropy_one_hot", ([0, 0, -INF], [0, 0, 1]), INF),
    ("softmax_cross_entropy_one_hot", ([INF, 0], [1, 0]), NAN),
    ("softmax_cross_entropy_one_hot", ([-INF, -INF], [1, 0]), NAN),
    ("softmax_cross_entropy_one_hot", ([[NAN, 0], [0, 0]], [[1, 0], [1, 0]]), NAN),
    ("softmax_cross_entropy_labels", ([0, 0, -INF], 0), np.log(2)),
    ("softmax_cross_entropy_labels", ([0, 0, -INF], 2), INF),
    ("softmax_cross_entropy_labels", ([INF, 0], 0), NAN),
    ("softmax_cross_entropy_labels", ([-INF, -INF], 0), NAN),
    ("softmax_cross_entropy_labels", ([[NAN, 0], [0, 0]], [0, 0]), NAN),
    ("softmax_cross_entropy_one_hot_gradient", ([0, 0, -INF], [0, 0, 1]), [0.5, 0.5, -1]),
    (
        "softmax_cross_entropy_one_hot_gradient",
        ([[INF, 0], [NAN, 0], [-INF, -INF], [0, 0]], [[1, 0]] * 4),
        [*[[NAN, NAN]] * 3, [-0.125, 0.125]],
    ),
    ("softmax_cross_entropy_labels_gradient", ([0, 0, -INF], 2), [0.5, 0.5, -1]),
    (
        "softmax_cross_entropy_labels_gradient",
        ([[INF, 0], [NAN, 0], [-INF, -INF], [0, 0]], [0] * 4),
        [*[[NAN, NAN]] * 3, [-0.125, 0.125]],
    ),
    ("mean_squared_error", ([INF, 0.0], [0.0, 0.0]), INF),
    ("mean_squared_error", ([INF, 0.0], [INF, 0.0]), NAN),
    ("mean_squared_error", ([NAN, 0.0], [0.0, 0.0]), NAN),
    ("mean_squared_error", ([1e200], [0.0]), INF),
    (
        "mean_squared_error_gradient",
        ([INF, -INF, INF, NAN, 1.0], [0.0, 0.0, INF, 0.0, 0.5]),
        [INF, -INF, NAN, NAN, 0.5],
    ),
    # One-hot rows may be booleans; a little more than one is rounding; the target may hesitate; labels may be unsigned.
    ("cross_entropy_one_hot", ([0.25, 0.75], np.array([True, False])), np.log(4)),
    ("softmax_cross_entropy_one_hot", ([0.0, 0.0], np.array([True, False])), np.log(2)),
    ("cross_entropy_error", ([0.25, 0.75], np.array([True, False])), np.log(4)),
    ("cross_entropy_one_hot", ([0.0, 1 + 2.0**-52], [0, 1]), -(2.0**-52)),
    ("cross_entropy_one_hot", ([0.5, 0.25, 0.25], [0.1, 0.2, 0.7]), np.log(2) * 1.9),
    ("cross_entropy_labels", ([[0.5, 0.5]], np.array([1], np.uint8)), np.log(2)),
    ("cross_entropy_labels", ([0.5, 0.5], np.int8(1)), np.log(2)),
    # The probabilities of an output need not sum to one: each is a variable of its own.
    ("cross_entropy_one_hot", ([0.25, 0.25], [1, 0]), np.log(4)),
    # One class: N labels and N one-hot rows are as many numbers, told apart by dimension.
    ("cross_entropy_error", ([[1.0], [1.0]], [[1], [1]]), 0),
    ("cross_entropy_error", ([[1.0], [1.0]], [0, 0]), 0),
]


@pytest.mark.parametrize(
    ("name", "inputs", "expected"), TAKEN, ids=[f"{name}{inputs}".replace(" ", "") for name, inputs, _ in TAKEN]
)
def test_what_the_page_gives_a_meaning_is_taken(name: str, inputs: tuple[Any, ...], expected: Any) -> None:
    """Infinities and nan where the page speaks of them, and inputs that are unusual, have the documented value, silently."""
    with np.errstate(all="raise"):
        got = program(name)(*inputs)
    np.testing.assert_allclose(got, expected, rtol=1e-15, atol=0)
