"""What is said of wrong gradients: what was done to them, and nothing where nothing was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.arguments import Array
from refmath.gradients.words import Seen, factor, factor_said, hints, of_one

SHAPE = (4, 3)
X = np.random.default_rng(3).standard_normal(SHAPE)
RIGHT = np.random.default_rng(0).standard_normal(SHAPE)
ROW, COLUMN = np.indices(SHAPE)


def seen(given: Any, expected: Any = RIGHT, x: Any = X, name: str = "", uncertainty: float = 1e-9) -> Seen:
    given, expected, x = (np.asarray(each, float) for each in (given, expected, x))
    wrong = np.abs(given - expected) > 10 * uncertainty
    doubt = np.full(given.size, uncertainty)
    row = given.ravel()
    return Seen(name, given.shape, np.arange(given.size), x.ravel(), row, row, expected.ravel(), doubt, wrong.ravel())


def said(given: Any, expected: Any = RIGHT, x: Any = X) -> list[str]:
    return list(hints([seen(given, expected, x)]))


SQUARE = np.random.default_rng(2).standard_normal((3, 3))
LINE = np.arange(1.0, 9.0) ** 1.5
KNOWN: dict[str, tuple[Any, Any, Any, str]] = {
    "sign": (-RIGHT, RIGHT, X, "Every entry has the wrong sign."),
    "zero": (0 * RIGHT, RIGHT, X, "Every entry is 0."),
    "twice": (2 * RIGHT, RIGHT, X, "Every entry is 2 times too large: a factor ½ is missing."),
    "half": (RIGHT / 2, RIGHT, X, "Every entry is 2 times too small: a factor 2 is missing."),
    "rows": (4 * RIGHT, RIGHT, X, "Every entry is 4 times too large, which is the size of axis 0: 1/4 is missing."),
    "columns": (RIGHT / 3, RIGHT, X, "Every entry is 3 times too small, which is the size of axis 1: 1/3 stands there once too often."),
    "entries": (12 * RIGHT, RIGHT, X, "Every entry is 12 times too large, which is the number of entries: 1/12 is missing."),
    "samples": (32 * RIGHT, RIGHT, X, "Every entry is 32 times too large: 1/32 is missing, if 32 is a number of samples."),
    "odd factor": (1.3 * RIGHT, RIGHT, X, "Every entry is 1.3 times too large."),
    "sign and factor": (-4 * RIGHT, RIGHT, X, "Every entry is 4 times too large and has the wrong sign, which is the size of axis 0: 1/4 is missing."),
    "little": (1.00002 * RIGHT, RIGHT, X, "Every entry is too large by 2e-05 of itself."),
    "nearly twice": (2.003 * RIGHT, RIGHT, X, "Every entry is 2.003 times too large."),
    "nearly samples": (777.37 * RIGHT, RIGHT, X, "Every entry is 777.4 times too large."),
    "flipped": (RIGHT[::-1, ::-1], RIGHT, X, "Its order is reversed along every axis."),
    "one entry": (-3 * LINE[:1], LINE[:1], LINE[:1], "Every entry is 3 times too large and has the wrong sign."),
    "a number": (np.array(2.0), np.array(1.0), np.array(1.0), "Every entry is 2 times too large."),
    "transposed": (SQUARE.T, SQUARE, SQUARE, "It is transposed."),
    "reversed": (RIGHT[::-1], RIGHT, X, "Its order is reversed along axis 0."),
    "shifted": (np.roll(RIGHT, 1, 1), RIGHT, X, "It is shifted by one along axis 1."),
    "tail": (np.where(ROW < 2, RIGHT, 0), RIGHT, X, "It is 0 from entry [2, 0] on, 6 in a row."),
    "line tail": (np.where(np.arange(8) < 5, LINE, 0), LINE, LINE, "It is 0 from entry [5] on."),
    "some zeros": (np.where((ROW + COLUMN) % 2, RIGHT, 0), RIGHT, X, "Every entry that is wrong is 0."),
    "last row": (np.where(ROW == 3, RIGHT**2 + 1, RIGHT), RIGHT, X, "It is wrong only at index 3 (the last) of axis 0, and right elsewhere."),
    "a column": (np.where(COLUMN == 1, RIGHT**2 + 1, RIGHT), RIGHT, X, "It is wrong only at index 1 of axis 1, and right elsewhere."),
    "last entry": (np.where(np.arange(8) == 7, 1, LINE), LINE, LINE, "Only the last entry is wrong; the others are right."),
    "first entry": (np.where(np.arange(8) == 0, 7, LINE), LINE, LINE, "Only the first entry is wrong; the others are right."),
    "diagonal": (np.where(np.eye(3) > 0, SQUARE**2 + 1, SQUARE), SQUARE, SQUARE, "It is wrong only on the diagonal."),
    "off diagonal": (np.where(np.eye(3) > 0, SQUARE, SQUARE**2 + 1), SQUARE, SQUARE, "It is right only on the diagonal."),
    "offset": (RIGHT + 0.25, RIGHT, X, "Every entry is 0.25 too large."),
    "penalty": (RIGHT - 0.1 * X, RIGHT, X, "It is off by -0.1 times x: such a term is missing, as that of an L2 penalty."),
    "negative": (np.where(X < 0, RIGHT**2 + 1, RIGHT), RIGHT, X, "It is wrong exactly where x is negative."),
    "row offsets": (RIGHT + np.array([[0.1], [0.3], [-2.0], [0.7]]), RIGHT, X, "Within each row every entry is off by the same: something that is taken from the whole row is missing or too many."),
    "softmax": (RIGHT, RIGHT - np.abs(RIGHT) / np.abs(RIGHT).sum(1, keepdims=True) * RIGHT.sum(1, keepdims=True), X, "The right gradient sums to 0 over axis 1, and this one does not: something that is taken from all of them is missing."),
    "row factors": (RIGHT * np.array([[2.0], [3.0], [-1.0], [0.5]]), RIGHT, X, "Each row is off by a factor of its own."),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_done_is_said(name: str) -> None:
    """Word for word."""
    given, expected, x, sentence = KNOWN[name]
    assert said(given, expected, x) == [sentence]


@given(st.integers(0, 10**6))
def test_of_numbers_that_have_nothing_in_common_nothing_is_said(seed: int) -> None:
    """Other numbers in place of all entries."""
    other = np.random.default_rng(seed).standard_normal(SHAPE)
    assert said(other) == []


@given(st.integers(0, 10**6), st.integers(1, 11))
def test_of_some_wrong_entries_only_what_holds_is_said(seed: int, count: int) -> None:
    """Where they stand, if they are all in one place; never what they have in common with right ones."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(12, count, replace=False)
    given = RIGHT.copy()
    given.flat[chosen] = rng.standard_normal(count) * 3
    for sentence in said(given):
        rows, columns = np.unravel_index(chosen, SHAPE)
        if "of axis 0" in sentence:
            assert len(set(rows)) == 1
        elif "of axis 1" in sentence:
            assert len(set(columns)) == 1
        else:
            assert "x is" in sentence


def test_nothing_is_said_of_what_is_no_number() -> None:
    """nan and the infinities speak for themselves."""
    assert said(np.where(ROW == 0, math.nan, RIGHT)) == []


def test_a_factor_that_is_within_the_doubt_is_none() -> None:
    """With a tenth of doubt in each entry, and none that tells more."""
    assert list(hints([seen(1.05 * RIGHT, uncertainty=0.1)])) == []


def parts(**factors: float) -> list[Seen]:
    return [seen(factor * RIGHT, name=f"['{name}']") for name, factor in factors.items()]


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ({"W": 1.0, "b": -1.0}, ["Only ['b'] is wrong; the other arrays are right.", "['b']: every entry has the wrong sign."]),
        ({"W": -1.0, "b": -1.0}, ["Every entry has the wrong sign."]),
        ({"W": 5.0, "b": 5.0, "c": 5.0}, ["Every entry is 5 times too large: 1/5 is missing, if 5 is a number of samples."]),
        ({"W": -1.0, "b": 0.0}, ["['W']: every entry has the wrong sign.", "['b']: every entry is 0."]),
        ({"W": 1.0, "b": 1.0}, []),
    ],
)  # fmt: skip
def test_of_several_arrays_it_is_said_which(factors: dict[str, float], expected: list[str]) -> None:
    """Together where they are alike, and else one by one."""
    assert list(hints(parts(**factors))) == expected


def test_a_sample_of_the_entries_tells_less() -> None:
    """Of a large array some entries are known: a factor and a transposition show there too, what holds of all others does not."""

    def some(given: Array) -> list[str]:
        whole = seen(given, SQUARE, SQUARE)
        kept = np.array([0, 1, 5])
        rest = {
            each: getattr(whole, each)[kept] for each in ("entries", "x", "given", "expected", "uncertainty", "wrong")
        }
        return list(hints([Seen(name="", shape=(3, 3), all_given=given.ravel(), **rest)]))

    assert some(-SQUARE) == ["Every entry has the wrong sign."]
    assert some(SQUARE.T) == ["It is transposed."]
    assert some(np.where(np.eye(3) > 0, SQUARE, SQUARE**2 + 1)) == []


def told(given: Any, expected: Any, x: Any = None, uncertainty: float = 1e-9) -> list[str]:
    """All that can be said of one array; where it stands says nothing unless it is given."""
    expected = np.asarray(expected, float)
    x = np.full(expected.shape, 1.0) if x is None else x
    return list(of_one(seen(given, expected, x, uncertainty=uncertainty)))


def test_numbers_are_the_same_within_twice_their_doubt() -> None:
    """And a ten-thousandth of themselves."""
    one = seen([10.0], [10.0], [1.0], uncertainty=0.5)
    assert one.same(np.array([10.0]), np.array([11.0]))
    assert not one.same(np.array([10.0]), np.array([11.01]))
    sure = seen([10.0], [10.0], [1.0], uncertainty=0.0)
    assert sure.same(np.array([10.0]), np.array([10.0009]))
    assert not sure.same(np.array([10.0]), np.array([10.0011]))


def test_arrays_are_alike_if_each_is_like_the_first() -> None:
    """To a ten-thousandth: then it is told of the first."""
    assert list(hints(parts(a=2.0, b=2.0001))) == ["Every entry is 2 times too large: a factor ½ is missing."]
    assert list(hints(parts(a=2.0, b=2.00015, c=2.0003))) == [
        "['a']: every entry is 2 times too large: a factor ½ is missing.",
        "['b']: every entry is 2 times too large.",
        "['c']: every entry is 2 times too large.",
    ]


def test_up_to_three_arrays_are_named() -> None:
    """Of more than three no more is said of the others."""
    two = list(hints(parts(a=-1.0, b=-1.0, c=1.0)))
    assert two[0] == "Only ['a'], ['b'] are wrong; the other arrays are right."
    three = list(hints(parts(a=-1.0, b=-1.0, c=-1.0, d=1.0)))
    assert three[0] == "Only ['a'], ['b'], ['c'] are wrong; the other arrays are right."
    four = list(hints(parts(a=-1.0, b=-1.0, c=-1.0, d=-1.0, e=1.0)))
    assert four == [f"['{name}']: every entry has the wrong sign." for name in "abc"]


@pytest.mark.parametrize(
    ("given", "expected", "doubt", "found"),
    [
        ([2000.0], [1000.0], 1.0, None),  # known to three digits and no better
        ([2001.0], [1000.5], 1.0, 2.0),
        ([2000.0, 2000.0], [1000.0, 1000.0], 1.0, None),
        ([10000.0, 0.0], [5000.0, 0.0], 1.0, None),  # one that tells of two
        ([10000.0, 12000.0], [5000.0, 6000.0], 1.0, 2.0),
        ([1.01, 1.01, 1.01 + 1.0e-5], [1.0, 1.0, 1.0], 1e-12, 1.01),
        ([1.01, 1.01, 1.01 + 1.5e-5], [1.0, 1.0, 1.0], 1e-12, None),
        ([1.01, 1.01, 1.01 + 4.9e-5], [1.0, 1.0, 1.0], 1e-5, 1.01),
        ([1.01, 1.01, 1.01 + 5.5e-5], [1.0, 1.0, 1.0], 1e-5, None),
        ([3.0, 3.0, 3.005], [1.0, 1.0, 1.0], 1e-9, None),  # near, but not the same
        ([1 + 2.0**-11, 1 + 2.0**-11], [1.0, 1.0], 2.0**-11, None),  # it may as well be right
        ([1 + 2.0**-10, 1 + 2.0**-10], [1.0, 1.0], 2.0**-11, 1 + 2.0**-10),
    ],
)
def test_one_factor(given: list[float], expected: list[float], doubt: float, found: float | None) -> None:
    """Of all entries that are known well enough; near 1 they must agree better."""
    told = factor(seen(given, expected, given, uncertainty=doubt))
    assert (told is None) if found is None else (told is not None and told[0] == pytest.approx(found, rel=1e-12))


def test_a_factor_is_as_uncertain_as_the_entries() -> None:
    """As the middle one of them, relative to it."""
    found = factor(seen([10000.0, 12000.0, 20000.0], [5000.0, 6000.0, 10000.0], [1.0] * 3, uncertainty=1.0))
    assert found is not None
    assert found[0] == 2.0
    assert found[1] == pytest.approx(1 / 6000 + 1e-7, rel=1e-12)


@pytest.mark.parametrize(
    ("found", "doubt", "shape", "sentence"),
    [
        (9e-13, 0.0, (), "Every entry is 0"),
        (2.0**-30, 0.0, (), "Every entry is 1073741824 times too small"),
        (-1 - 2.0**-10, 2.0**-10, (), "Every entry has the wrong sign"),
        (-1 - 2.0**-9, 2.0**-10, (), "Every entry is 1.002 times too large and has the wrong sign"),
        (1.0005, 1e-7, (), "Every entry is too large by 0.0005 of itself"),
        (0.9995, 1e-7, (), "Every entry is too small by 0.0005 of itself"),
        (1.0015, 1e-7, (), "Every entry is 1.002 times too large"),
        (4.125, 2.0**-7, (), "Every entry is 4 times too large"),
        (4.125, 0.007, (), "Every entry is 4.125 times too large"),
        (1.01, 0.01, (), "Every entry is 1.01 times too large"),
        (12345.0, 1e-9, (1,), "Every entry is 12345 times too large"),
        (5.0, 1e-9, (5,), "Every entry is 5 times too large, which is the size of axis 0: 1/5 is missing"),
        (2.0, 1e-9, (2,), "Every entry is 2 times too large: a factor ½ is missing"),
        (3.0, 1e-9, (2, 3), "Every entry is 3 times too large, which is the size of axis 1: 1/3 is missing"),
        (7.0, 1e-9, (2, 3), "Every entry is 7 times too large: 1/7 is missing, if 7 is a number of samples"),
        (1 / 7, 1e-9, (2, 3), "Every entry is 7 times too small: 1/7 stands there once too often, if 7 is a number of samples"),
    ],
)  # fmt: skip
def test_a_factor_in_words(found: float, doubt: float, shape: tuple[int, ...], sentence: str) -> None:
    """A whole number where it may be one, and what it may stand for."""
    assert factor_said(found, doubt, shape) == sentence


def test_numbers_in_wrong_places() -> None:
    """Two suffice, one does not; a shift goes either way."""
    assert said([2.0, 1.0], [1.0, 2.0], [1.0, 1.0]) == ["Its order is reversed along axis 0."]
    assert said(np.roll(RIGHT, -1, 0)) == ["It is shifted by one along axis 0."]
    assert said(np.roll(RIGHT, 1, 0)) == ["It is shifted by one along axis 0."]
    one = np.array([0.0])
    single = Seen("", (3,), np.array([0]), one, one + 3, np.array([3.0, 2.0, 0.0]), one, one + 1e-9, one == 0)
    assert list(of_one(single)) == []


def line(**entries: float) -> Any:
    """Eight entries, some of them others."""
    given = LINE.copy()
    for name, value in entries.items():
        given[int(name[1:])] = value
    return given


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        (line(_2=0, _5=99), []),
        (line(_6=0, _7=0), ["It is 0 from entry [6] on"]),
        (line(_7=0), ["Only the last entry is wrong; the others are right"]),
        (line(_1=0, _5=0), ["Every entry that is wrong is 0"]),
        (line(_3=0), []),
    ],
)
def test_zeros(given: Any, sentences: list[str]) -> None:
    """At the end, or wherever something is wrong; of one alone it is said where it stands, at most."""
    assert told(given, LINE) == sentences


def wrong_at(shape: tuple[int, ...], *places: tuple[int, ...]) -> list[str]:
    """What is said if some entries are off, each in its own way."""
    expected = np.random.default_rng(5).uniform(1, 2, shape)
    given = expected.copy()
    for number, place in enumerate(places):
        given[place] = 7.0 + number**2
    return told(given, expected)


def test_places() -> None:
    """Two at least, and an axis along which there are others."""
    assert wrong_at((1, 8), (0, 1), (0, 5)) == []
    assert wrong_at((2, 4), (1, 0), (1, 2)) == ["It is wrong only at index 1 (the last) of axis 0, and right elsewhere"]
    assert wrong_at((2, 4), (0, 0), (0, 2)) == [
        "It is wrong only at index 0 (the first) of axis 0, and right elsewhere"
    ]
    assert wrong_at((4, 3), (1, 2)) == []
    assert wrong_at((4, 3), (0, 0), (1, 1)) == []
    assert wrong_at((3, 3), (0, 0)) == []
    assert wrong_at((3, 3), (0, 0), (1, 1)) == ["It is wrong only on the diagonal"]
    assert wrong_at((3, 3), (0, 0), (1, 2)) == []
    assert wrong_at((8,), (3,)) == []
    assert wrong_at((2,), (1,)) == ["Only the last entry is wrong; the others are right"]


@pytest.mark.parametrize(
    ("rest", "expected", "sentences"),
    [
        ([0.25] * 3, [1.0, 2.0, 4.0], ["Every entry is 0.25 too large"]),
        ([-0.25] * 3, [1.0, 2.0, 4.0], ["Every entry is 0.25 too small"]),
        ([0.25] * 2, [1.0, 2.0], []),
        ([0.01, 0.012, 0.011], [1000.0, 2000.0, 4000.0], []),
    ],
)
def test_offsets(rest: list[float], expected: list[float], sentences: list[str]) -> None:
    """The same for three entries or more, to a thousandth."""
    assert told(np.array(expected) + rest, expected) == sentences


PENALTY = "It is off by {} times x: such a term is {}, as that of an L2 penalty"
FOUR = np.array([3.0, 5.0, 7.0, 11.0])


@pytest.mark.parametrize(
    ("rest", "x", "doubt", "sentences"),
    [
        ([0, 0.1, 0.2, 0.4], [0, 1, 2, 4], 1e-9, [PENALTY.format("0.1", "too many")]),
        ([0, -0.1, -0.2, -0.4], [0, 1, 2, 4], 1e-9, [PENALTY.format("-0.1", "missing")]),
        ([0, 0.1, 0.15, 0.2], [0, 1, 1.5, 2], 1e-9, [PENALTY.format("0.1", "too many")]),
        ([0, 0, 0.2, -0.4], [0, 0, 2, -4], 1e-9, []),
        ([0.1, -0.1, 0.1, -0.1], [1, -1, 1, -1], 1e-9, []),
        ([0, 0.1, 0.2, 0.36], [0, 1, 2, 4], 1e-9, []),
        ([0, 10, 20, 40.02], [0, 100, 200, 400], 1e-4, [PENALTY.format("0.1", "too many")]),
        ([0, 10, 20, 40.06], [0, 100, 200, 400], 1e-4, []),
        ([0.015, 1, 2, 4], [0, 1, 2, 4], 0.01, [PENALTY.format("1", "too many")]),
        ([0.025, 1, 2, 4], [0, 1, 2, 4], 0.01, []),
        ([0, 0.105, 0.21, 0.42], [0, 1, 2, 4], 0.01, [PENALTY.format("0.105", "too many")]),
        ([0, 0.095, 0.19, 0.38], [0, 1, 2, 4], 0.01, []),
    ],
)
def test_penalties(rest: list[float], x: list[float], doubt: float, sentences: list[str]) -> None:
    """What is left over is a multiple of x, where three entries show it by more than they may be off."""
    given = FOUR + rest
    assert told(given, FOUR, np.array(x, float), doubt) == sentences


@pytest.mark.parametrize(
    ("x", "sign", "sentences"),
    [
        ([-2, 0, 0.5, 2, 3, -1, 0, 4], -1, ["It is wrong exactly where x is negative"]),
        ([-2, 0, 0.5, 2, 3, -1, 0, 4], 1, ["It is wrong exactly where x is positive"]),
        ([-2, 0, 0.5, 1, 3, -1, 0, 4], 0, ["It is wrong exactly where x is 0"]),
        ([2, 1, -1, 0, 1, 2, 3, 4], -1, []),
        ([-2, -1, 3, -1, -1, -2, -3, -4], -1, []),
        ([-2, -1, 3, -1, -1, -2, 3, -4], -1, ["It is wrong exactly where x is negative"]),
    ],
)
def test_signs(x: list[float], sign: int, sentences: list[str]) -> None:
    """Two entries with it at least, and two without."""
    expected = np.random.default_rng(5).uniform(1, 2, 8)
    given = np.where(np.sign(x) == sign, expected**3 + 5 * np.arange(8) ** 2 + 3, expected)
    assert told(given.reshape(2, 4), expected.reshape(2, 4), np.array(x, float).reshape(2, 4)) == sentences


SAME = (
    "Within each {0} every entry is off by the same: something that is taken from the whole {0} is missing or too many"
)
OWN = "Each {} is off by a factor of its own"
TWO = np.array([[1.25, -2.5, 4.0, 7.5], [3.0, 1.5, -5.0, 2.0]])


@pytest.mark.parametrize(
    ("rest", "doubt", "sentences"),
    [
        ([[1, 1, 1, 1], [3, 3, 3, 3]], 1e-9, [SAME.format("row")]),
        ([[1, 1, 1.009, 1], [3, 3, 3, 3]], 1e-3, [SAME.format("row")]),
        ([[1, 1, 1.0145, 1], [3, 3, 3, 3]], 1e-3, []),
        ([[10, 10, 10.05, 10], [3, 3, 3, 3]], 1e-9, [SAME.format("row")]),
        ([[1, 1, 1, 1], [0, 0, 0, 0]], 1e-9, ["It is wrong only at index 0 (the first) of axis 0, and right elsewhere"]),
        ([[1, 1, 1, 0], [3, 3, 3, 0]], 1e-9, []),
    ],
)  # fmt: skip
def test_rows_that_are_off_by_the_same(rest: Any, doubt: float, sentences: list[str]) -> None:
    """To a hundredth, and what is not known of them; two rows at least, and each of them as a whole."""
    assert told(TWO + np.array(rest), TWO, uncertainty=doubt) == sentences


def test_rows_and_columns() -> None:
    """Some of the rows, or the columns; where a row is too short to tell, the columns still may."""
    offsets = np.array([0.0, 1.0, 0.0, 3.0])
    assert told(RIGHT + offsets[:, None], RIGHT) == [SAME.format("row")]
    assert told(RIGHT + np.array([0.1, -0.3, 0.7]), RIGHT) == [SAME.format("column")]
    assert told(RIGHT[:, :2] + np.array([0.1, -0.3]), RIGHT[:, :2]) == [SAME.format("column")]
    assert told(RIGHT * np.array([2.0, 3.0, 0.5]), RIGHT) == [OWN.format("column")]


@pytest.mark.parametrize(
    ("expected", "ratios", "doubt", "sentences"),
    [
        ([[1.005, 2, 5], [3, 1.5, 7]], [[2] * 3, [3] * 3], 0.01, [OWN.format("row")]),
        ([[1.0, 2, 5], [3, 1.5, 7]], [[2] * 3, [3] * 3], 0.01, []),
        ([[1.25, 2, 5], [3, 1.5, 7]], [[1.1, 1.105, 1.1], [3] * 3], 1e-9, []),
        ([[1.25, 2, 5], [3, 1.5, 7]], [[1.5, 1.506, 1.5], [3] * 3], 1e-3, [OWN.format("row")]),
        ([[1.25, 2, 5], [3, 1.5, 7]], [[1.5, 1.5072, 1.5], [3] * 3], 1e-3, []),
        ([[1.25, 2, 5], [3, 1.5, 7]], [[2] * 3, [1] * 3], 1e-9, ["It is wrong only at index 0 (the first) of axis 0, and right elsewhere"]),
    ],
)  # fmt: skip
def test_rows_that_are_off_by_factors(expected: Any, ratios: Any, doubt: float, sentences: list[str]) -> None:
    """To a hundredth of what the factor is off, and what is not known; where every entry is known to two digits."""
    assert told(np.array(expected) * ratios, expected, uncertainty=doubt) == sentences


SUMS = "The right gradient sums to 0{}, and this one does not: something that is taken from all of them is missing"


@pytest.mark.parametrize(
    ("expected", "rest", "doubt", "sentences"),
    [
        ([[1, 2, 4], [-1, -2, -4]], [[1, 0, 5], [2, 7, 0]], 1e-9, [SUMS.format(" over axis 0")]),
        ([[1, 2, -3], [4, -5, 1]], [[1, 0, 5], [2, 7, 0]], 1e-9, [SUMS.format(" over axis 1")]),
        ([1, 2, -3], [1, 0, 5], 1e-9, [SUMS.format("")]),
        ([[1, 2, -2.995], [4, -5, 1]], [[1, 0, 5], [2, 7, 0]], 0.001, [SUMS.format(" over axis 1")]),
        ([[1, 2, -2.992], [4, -5, 1]], [[1, 0, 5], [2, 7, 0]], 0.001, []),
        ([[1, 0.55, -1.55], [4, -5, 1]], [[1, 0, 5], [2, 7, 0]], 0.001, [SUMS.format(" over axis 1")]),
        ([[1, 0.45, -1.45], [4, -5, 1]], [[1, 0, 5], [2, 7, 0]], 0.001, []),
        ([[1, 2, -3], [4, -5, 1]], [[1, 0, 5], [2, -2, 0]], 1e-9, []),
    ],
)
def test_sums(expected: Any, rest: Any, doubt: float, sentences: list[str]) -> None:
    """Zero over each row, as far as it is known; and no more in most of them."""
    given = np.array(expected, float) + rest
    assert told(given, expected, uncertainty=doubt) == sentences


def test_of_a_number_nothing_is_said_where_the_right_one_is_zero() -> None:
    """It is off by what it is."""
    assert told(np.array(1.0), np.array(0.0)) == []
