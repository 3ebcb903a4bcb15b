"""What the programs refuse, with a message that names the argument and what came, and what they take although it looks bad."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from points import SAMPLES

from refmath import FORMULAS
from refmath.oracle.drawing import Inputs
from refmath.spec import Formula, Input, argument_names, packed

#: One sound batch for each kind of argument: two samples of three entries.
SOUND: dict[str, Any] = {
    "real": [[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]],
    "logits": [[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]],
    "probabilities": [[0.25, 0.25, 0.5], [0.0, 0.5, 0.5]],
    "one_hot": [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]],
    "one_hot_or_labels": [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]],
    "labels": [2, 0],
}

#: Arguments of these kinds hold real numbers.
REAL = ("real", "logits", "probabilities", "one_hot", "one_hot_or_labels")


@dataclass(frozen=True)
class Bad:
    """Something wrong with one argument.

    Attributes:
        name: What is wrong.
        spoil: Makes it from the sound argument, an array.
        error: How it is refused.
        came: What the message says of it, as a regular expression.
        kinds: The kinds of argument for which it is wrong.
    """

    name: str
    spoil: Callable[[Any], Any]
    error: type[Exception]
    came: str
    kinds: tuple[str, ...]


def replaced(number: float) -> Callable[[Any], Any]:
    """Puts a number in the place of the last entry."""

    def spoil(sound: Any) -> Any:
        spoilt = sound.astype(float)
        spoilt[-1, -1] = number
        return spoilt

    return spoil


def always(value: Any) -> Callable[[Any], Any]:
    return lambda _sound: value


def as_labels(*labels: Any) -> Callable[[Any], Any]:
    return lambda _sound: np.array(labels)


TARGETS = ("one_hot", "one_hot_or_labels")
SHARES = ("probabilities", *TARGETS)

#: A table of what is wrong with one argument alone.
BAD = [
    Bad("empty", lambda v: v[:0], ValueError, r"\(0, 3\)|\(0,\)", (*REAL, "labels")),
    Bad("no entries", lambda v: v[:, :0], ValueError, r"\(2, 0\)", REAL),
    Bad("empty list", lambda _v: [], ValueError, r"\(0,\)", ("real", "logits", "probabilities", "one_hot")),
    Bad("objects", lambda v: v.astype(object), TypeError, "object", (*REAL, "labels")),
    Bad("None", lambda _v: None, TypeError, "object", ("real", "logits", "probabilities", "one_hot", "labels")),
    Bad("strings", lambda v: v.astype(str), TypeError, "<U", (*REAL, "labels")),
    Bad("complex", lambda v: v + 0j, TypeError, "complex128", (*REAL, "labels")),
    Bad("booleans", lambda v: v > 0, TypeError, "bool", ("real", "logits", "probabilities", "labels")),
    Bad("dates", lambda v: v.astype("datetime64[s]"), TypeError, "datetime64", (*REAL, "labels")),
    Bad("ragged", lambda _v: [[0.5, 0.5], [1.0]], ValueError, "list: .*inhomogeneous", (*REAL, "labels")),
    Bad("masked", lambda v: np.ma.masked_array(v, v > 2), TypeError, "masked array", (*REAL, "labels")),
    Bad("nothing masked", np.ma.masked_array, TypeError, "masked array", (*REAL, "labels")),
    Bad("a number", lambda _v: 1.0, ValueError, r"shape \(\)|0 dimensions|got \(\)", REAL),
    Bad("three axes", lambda v: v[None], ValueError, r"\(1, 2, 3\)", REAL),
    Bad("four axes", lambda v: v[None, None], ValueError, r"\(1, 1, 2, 3\)", REAL),
    Bad("above one", replaced(1.5), ValueError, "1.5", SHARES),
    Bad("just above one", replaced(1 + 2.0**-40), ValueError, "1.0000000000009", SHARES),
    Bad("below zero", replaced(-0.25), ValueError, "-0.25", SHARES),
    Bad("just below zero", replaced(-5e-324), ValueError, "-5e-324", SHARES),
    Bad("nan", replaced(np.nan), ValueError, "nan", SHARES),
    Bad("infinite", replaced(np.inf), ValueError, "inf", SHARES),
    Bad("minus infinite", replaced(-np.inf), ValueError, "-inf", SHARES),
    Bad("sum above one", replaced(0.25), ValueError, "1.25", TARGETS),
    Bad("sum below one", lambda v: v * 0.75, ValueError, "0.75", TARGETS),
    Bad("sum of zero", lambda v: v * 0, ValueError, "0.0", TARGETS),
    Bad("sum a little off", lambda v: v * (1 - 2.0**-40), ValueError, "0.9999999999990", TARGETS),
    Bad("label too large", as_labels(0, 3), ValueError, "got 3", ("labels", "one_hot_or_labels")),
    Bad("label negative", as_labels(-1, 0), ValueError, "got -1", ("labels", "one_hot_or_labels")),
    Bad("labels floats", as_labels(2.0, 0.0), TypeError, "float64", ("labels", "one_hot_or_labels")),
    Bad("labels booleans", as_labels(True, False), TypeError, "bool", ("labels", "one_hot_or_labels")),
    Bad("labels strings", as_labels("2", "0"), TypeError, "<U", ("labels", "one_hot_or_labels")),
    Bad("labels nan", as_labels(np.nan, 0), TypeError, "float64", ("labels", "one_hot_or_labels")),
    Bad("too many labels", as_labels(0, 1, 2), ValueError, r"\(3,\)", ("labels", "one_hot_or_labels")),
    Bad("too few labels", as_labels(0), ValueError, r"\(1,\)", ("labels", "one_hot_or_labels")),
    Bad(
        "one label for all",
        lambda _v: 1,
        ValueError,
        r"shape \(\)|shapes \(\)|got \(\)",
        ("labels", "one_hot_or_labels"),
    ),
    Bad(
        "labels in a column", lambda _v: np.array([[2], [0]]), ValueError, r"\(2, 1\)", ("labels", "one_hot_or_labels")
    ),
    Bad("one-hot for labels", lambda _v: np.eye(3, dtype=int)[[2, 0]], ValueError, r"\(2, 3\)", ("labels",)),
]


#: Not wrong for an argument that may have any shape.
SHAPES = {"a number", "three axes", "four axes"}


def cases() -> Iterator[Any]:
    for formula, bad in itertools.product(SAMPLES, BAD):
        for place, each in enumerate(formula.inputs):
            if each.kind in bad.kinds and not (bad.name in SHAPES and each.axes == ("...",)):
                yield pytest.param(formula, place, bad, id=f"{formula.name}-{each.name}-{bad.name}".replace(" ", "_"))


def sound(formula: Formula) -> list[Any]:
    return [np.array(SOUND[each.kind]) for each in formula.inputs]


def refusal(formula: Formula, error: type[Exception], arguments: list[Any], **parameters: Any) -> str:
    """The message with which a program refuses its arguments, none of which it has written into."""
    before = [repr(value) for value in arguments]
    with pytest.raises(error) as refused:
        formula.program(*arguments, **parameters)
    assert type(refused.value) is error
    assert [repr(value) for value in arguments] == before
    return str(refused.value)


@pytest.mark.parametrize(("formula", "place", "bad"), list(cases()))
def test_what_has_no_meaning_is_refused(formula: Formula, place: int, bad: Bad) -> None:
    """The refusal is a ValueError or TypeError in whose message stand the argument's name and what came."""
    arguments = sound(formula)
    arguments[place] = bad.spoil(arguments[place])
    message = refusal(formula, bad.error, arguments)
    assert re.search(rf"\b{formula.inputs[place].name}\b", message), message
    assert re.search(bad.came, message), message


@pytest.mark.parametrize("formula", SAMPLES, ids=lambda formula: formula.name)
def test_the_sound_arguments_are_taken(formula: Formula) -> None:
    """What the table spoils is accepted as it stands: no refusal is for another reason than the one named."""
    assert np.isfinite(formula.program(*sound(formula))).all()
    assert np.isfinite(formula.program(*(value.tolist() for value in sound(formula)))).all()


# ---- networks, steps, functions and descents: one argument, or one entry of a mapping, spoilt


def square(v: Any) -> float:
    return float(np.sum(np.asarray(v) ** 2))


SOUND_PARAMS: Inputs = {
    "params['W1']": np.ones((2, 4)),
    "params['b1']": np.zeros(4),
    "params['W2']": np.ones((4, 3)),
    "params['b2']": np.zeros(3),
}
SOUND_BATCH: Inputs = {**SOUND_PARAMS, "x": np.array([[1.0, 2.0], [0.0, -1.0]])}
SOUND_OF: dict[str, Inputs] = {
    "numerical_gradient": {"f": square, "x": np.array([[1.0, 2.0]])},
    "gradient_descent": {"f": square, "init_x": np.array([1.0, 2.0]), "lr": 0.1, "step_num": 3},
    "sgd_step": {
        **SOUND_PARAMS,
        **{name.replace("params", "grads"): value for name, value in SOUND_PARAMS.items()},
        "lr": 0.1,
    },
    "two_layer_net_predict": SOUND_BATCH,
    "two_layer_net_loss": {**SOUND_BATCH, "t": np.array(SOUND["one_hot"])},
    "two_layer_net_gradient": {**SOUND_BATCH, "t": np.array(SOUND["one_hot"])},
}
#: What is wrong with an array of any shape.
NO_ARRAY = {"objects", "strings", "complex", "dates", "ragged", "masked", "nothing masked", "empty list"}
BAD_OF_OTHERS = [
    *(bad for bad in BAD if bad.name in NO_ARRAY or "one_hot_or_labels" in bad.kinds),
    *(
        Bad(name, always(value), error, came, ("rate",))
        for name, value, error, came in (
            ("zero", 0.0, ValueError, "0"),
            ("negative", -0.1, ValueError, "-0.1"),
            ("nan", np.nan, ValueError, "nan"),
            ("infinite", np.inf, ValueError, "inf"),
            ("a string", "0.1", TypeError, "str"),
            ("None", None, TypeError, "None"),
            ("a bool", True, TypeError, "True"),
            ("an array", np.array([0.1]), TypeError, "ndarray"),
        )
    ),
    *(
        Bad(name, always(value), error, came, ("count",))
        for name, value, error, came in (
            ("negative", -1, ValueError, "-1"),
            ("no whole number", 2.5, TypeError, "2.5"),
            ("a string", "3", TypeError, "str"),
            ("None", None, TypeError, "None"),
            ("a bool", True, TypeError, "True"),
        )
    ),
    *(
        Bad(name, always(value), TypeError, came, ("function",))
        for name, value, came in (
            ("None", None, "NoneType"),
            ("a number", 3.0, "float"),
            ("a name", "square", "str"),
        )
    ),
]


def other_cases() -> Iterator[Any]:
    for formula in (each for each in FORMULAS if each.domain != "samples"):
        for each, bad in itertools.product(formula.inputs, BAD_OF_OTHERS):
            # The shapes of the other arrays are their own: what is wrong with a batch of two samples says nothing of them.
            if each.kind in bad.kinds and (each.kind != "real" or bad.name in NO_ARRAY):
                yield pytest.param(formula, each, bad, id=f"{formula.name}-{each.name}-{bad.name}".replace(" ", "_"))


@pytest.mark.parametrize(("formula", "each", "bad"), list(other_cases()))
def test_what_has_no_meaning_is_refused_in_every_place(formula: Formula, each: Input, bad: Bad) -> None:
    """One argument or one entry of a mapping spoilt: the message names it, as `params['W1']`, and says what came."""
    given = SOUND_OF[formula.name]
    formula.program(*packed(formula, given))
    message = refusal(formula, bad.error, packed(formula, {**given, each.name: bad.spoil(given[each.name])}))
    assert each.name in message, message
    assert re.search(bad.came, message), message


MAPPINGS = [
    (formula, mapping)
    for formula in FORMULAS
    for mapping in dict.fromkeys(each.mapping for each in formula.inputs if each.mapping)
]


@pytest.mark.parametrize(("formula", "mapping"), MAPPINGS, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("fault", ["missing", "unknown", "a list", "None"])
def test_a_mapping_with_other_keys_is_refused(formula: Formula, mapping: str, fault: str) -> None:
    """A missing key and an unknown one are refused with the keys that came, and what is no mapping with its type."""
    arguments = packed(formula, SOUND_OF[formula.name])
    place = argument_names(formula).index(mapping)
    entries = arguments[place]
    arguments[place] = {
        "missing": {key: value for key, value in entries.items() if key != "b1"},
        "unknown": {**entries, "b3": np.zeros(3)},
        "a list": list(entries.values()),
        "None": None,
    }[fault]
    message = refusal(formula, ValueError if isinstance(arguments[place], dict) else TypeError, arguments)
    assert mapping in message
    assert {"missing": "W1, W2, b2", "unknown": "b3", "a list": "list", "None": "NoneType"}[fault] in message


# ---- two arguments that do not fit each other

SECOND = [formula for formula in SAMPLES if len(formula.inputs) == 2 and formula.inputs[1].kind != "labels"]
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
    values = np.zeros(shape)
    if kind in SHARES:
        values[..., 0] = 1
    return values


@pytest.mark.parametrize("formula", SECOND, ids=lambda formula: formula.name)
@pytest.mark.parametrize("pair", PAIRS)
def test_shapes_that_differ_are_refused(formula: Formula, pair: str) -> None:
    """No two arguments are broadcast against each other: the message names both, with their shapes."""
    first, second = PAIRS[pair]
    arguments = [of_shape(each.kind, shape) for each, shape in zip(formula.inputs, (first, second), strict=True)]
    fewer = formula.inputs[1].kind == "one_hot_or_labels" and len(second) == len(first) - 1
    # With one dimension fewer they are taken for labels, which are integers.
    message = refusal(formula, TypeError if fewer else ValueError, arguments)
    assert re.search(rf"\b{formula.inputs[1].name}\b", message), message
    if fewer:
        assert "float64" in message
    else:
        assert str(first) in message
        assert str(second) in message
        assert re.search(rf"\b{formula.inputs[0].name}\b", message), message


# ---- parameters

GUARDED = [formula for formula in FORMULAS if "guard" in formula.parameters]
BAD_DELTAS: dict[str, tuple[Any, type[Exception]]] = {
    "zero": (0.0, ValueError),
    "minus zero": (-0.0, ValueError),
    "one": (1.0, ValueError),
    "an integer one": (1, ValueError),
    "two": (2.0, ValueError),
    "negative": (-1e-8, ValueError),
    "nan": (float("nan"), ValueError),
    "infinite": (float("inf"), ValueError),
    "too small for a float": (0.0 * 5e-324, ValueError),
    "a string": ("1e-8", TypeError),
    "None": (None, TypeError),
    "a bool": (True, TypeError),
    "False": (False, TypeError),
    "NumPy's bool": (np.True_, TypeError),
    "complex": (1e-8 + 0j, TypeError),
    "an array": (np.array([1e-8]), TypeError),
    "a list": ([1e-8], TypeError),
}
BAD_GUARDS: dict[str, Any] = {
    "unknown": "ceiling",
    "capital": "Floor",
    "None": None,
    "empty": "",
    "a bool": True,
    "bytes": b"floor",
    "a number": 0,
}

every_guarded = pytest.mark.parametrize("formula", GUARDED, ids=lambda formula: formula.name)


@every_guarded
@pytest.mark.parametrize("delta", BAD_DELTAS)
@pytest.mark.parametrize("guard", ["floor", "offset"])
def test_a_delta_that_is_none_is_refused(formula: Formula, delta: str, guard: str) -> None:
    """δ is a real number between 0 and 1, under either guard; the message says what it was."""
    value, error = BAD_DELTAS[delta]
    message = refusal(formula, error, sound(formula), delta=value, guard=guard)
    assert "delta" in message
    assert repr(value) in message


@every_guarded
@pytest.mark.parametrize("guard", BAD_GUARDS)
def test_an_unknown_guard_is_refused(formula: Formula, guard: str) -> None:
    """The guard is one of three, which the message lists beside the one that came."""
    message = refusal(formula, ValueError, sound(formula), guard=BAD_GUARDS[guard])
    assert all(word in message for word in ("guard", "'floor'", "'offset'", "'none'", repr(BAD_GUARDS[guard])))


@every_guarded
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
    with pytest.raises(TypeError, match="reduction"):
        formula.program(*sound(formula), reduction="sum")


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
