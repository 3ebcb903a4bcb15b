"""What is said of wrong gradients: what was done to them, and nothing where nothing was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.arguments import Array
from refmath.gradients.words import Seen, hints

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
