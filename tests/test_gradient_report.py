"""What the report of a gradient check says, word for word."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.gradients.report import Doubt, Entry, GradientCheck, Kink, Tie

RIGHT = GradientCheck(
    verdict="right",
    order=2.04,
    error=0.0,
    worst=Entry((0,), 1.0, 1.0, 1e-9),
    wrong=(),
    ties=(),
    hints=(),
    kinks=(),
    shared=0,
    doubts=(),
    unseen=(),
    contradicted=0,
    directions=0,
    looked_at=4,
    size=4,
    known=1e-9,
    noise=0.0,
    narrow=False,
    evaluations=60,
)
OFF = Entry((1, 0), 3.0, 2.0, 1e-7)
FURTHER_OFF = Entry((0, 2), -1 / 3, 4.0, 0.25, "['W']")
EVIDENCE = "Looked at: all 4 entries, by 60 values of f; Taylor remainder of order 2.0."


def says(**changes: Any) -> list[str]:
    """The lines of a report that differs from the one of a right gradient."""
    return str(dataclasses.replace(RIGHT, **changes)).splitlines()


def test_a_right_gradient() -> None:
    """A sentence, and what was looked at."""
    assert says() == ["The gradient is right.", EVIDENCE]
    assert RIGHT
    assert RIGHT.ok


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (2.04, "Taylor remainder of order 2.0."),
        (1.0, "Taylor remainder of order 1.0."),
        (math.inf, "no Taylor remainder but rounding."),
        (math.nan, "order of the Taylor remainder unknown."),
    ],
)
def test_the_order_of_the_remainder(order: float, words: str) -> None:
    """In words, where it is no number."""
    assert " ".join(says(order=order)).endswith(words)


@pytest.mark.parametrize(
    ("known", "digits"),
    [(1e-9, ""), (1e-7, ""), (1.1e-7, ", to the 6 digits that f tells"), (3e-3, ", to the 2 digits that f tells"), (0.09, ", to the 1 digit that f tells"), (0.5, ", to the 1 digit that f tells"), (0.0, "")],
)  # fmt: skip
def test_digits_are_told_where_they_are_few(known: float, digits: str) -> None:
    """From seven on they count as all."""
    assert says(known=known)[0] == f"The gradient is right{digits}."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 1, "looked_at": 1}, "Looked at: the only entry, by 60 values of f"),
        ({"size": 5000, "looked_at": 200, "directions": 64}, "200 of 5000 entries and 64 directions over all of them"),
        ({"noise": 3e-9}, "of order 2.0; f jitters by 3e-09 of its value."),
        (
            {"known": 1e-2, "narrow": True},
            "f is computed in a format narrower than float64, in which it would tell more.",
        ),
        ({"noise": 3e-13}, "of order 2.0."),
    ],
)
def test_what_was_looked_at(changes: dict[str, Any], words: str) -> None:
    """Entries, directions, values, and the noise where there is more than rounding."""
    assert words in " ".join(says(**changes))


def test_a_wrong_gradient() -> None:
    """The entries that are furthest off first, each with what it should be, after what they have in common."""
    assert says(verdict="wrong", wrong=(OFF, FURTHER_OFF), hints=("Every entry has the wrong sign.",)) == [
        "The gradient is wrong in 2 entries.",
        "Every entry has the wrong sign.",
        "  ['W'][0, 2]: -0.333333333 was given; it should be 4 ± 0.2",
        "  [1, 0]: 3 was given; it should be 2 ± 1e-07",
        EVIDENCE,
    ]
    assert says(verdict="wrong", wrong=(OFF,) * 4)[0] == "The gradient is wrong in every entry."
    assert says(verdict="wrong", wrong=(OFF,), size=1)[0] == "The gradient is wrong."
    assert says(verdict="wrong", wrong=(OFF,) * 9, size=20)[5:7] == [
        says(verdict="wrong", wrong=(OFF,))[1],
        "  and 4 more",
    ]
    assert says(verdict="wrong", contradicted=1)[0] == "The gradient is wrong: 1 direction contradicts it."
    assert says(verdict="wrong", contradicted=3)[0] == "The gradient is wrong: 3 directions contradict it."


def test_a_tie() -> None:
    """The sum of the entries, or a direction over them."""
    sum_of = Tie(("[0]", "[1]"), (1.0, 1.0), 2.0, 1.0, 1.0)
    along = Tie(("[0]", "[1]"), (0.5, -1.25), 2.0, -1.25, 0.5)
    lines = says(verdict="wrong", ties=(sum_of, along))
    assert lines[0] == "The gradient is wrong: no subgradient where several entries share a kink."
    assert lines[1] == "  the sum of the gradient over [0], [1] is 2; it should be 1"
    assert lines[2] == "  along (0.5, -1.25) over [0], [1] is 2; it should be from -1.25 to 0.5"
    many = str(Tie(tuple(f"[{i}]" for i in range(9)), (1.0,) * 9, 9.0, 1.0, 1.0))
    assert many == "the sum of the gradient over [0], [1], [2], [3], [4], [5] … is 9; it should be 1"


def test_kinks() -> None:
    """Both slopes, and the one that was given."""
    lines = says(kinks=(Kink((0,), 0.0, 1.0, 0.5), Kink((1,), -1.0, 1.0, 0.0, "['b']")))
    assert lines[0] == "The gradient is right, as a subgradient."
    assert lines[1:4] == [
        "f has a kink here; every slope between those of both sides counts as right:",
        "  [0]: slope 0 on the left, 1 on the right; 0.5 was given",
        "  ['b'][1]: slope -1 on the left, 1 on the right; 0 was given",
    ]


def test_what_cannot_be_told() -> None:
    """With the reason; beside wrong entries as well."""
    doubts = (Doubt("[1]", "f jumps at x"),)
    assert says(verdict="cannot be told", doubts=doubts)[:3] == [
        "Whether the gradient is right cannot be told in 1 entry; 3 others are right.",
        "Why it cannot be told:",
        "  [1]: f jumps at x",
    ]
    assert says(verdict="wrong", wrong=(OFF,), doubts=doubts)[2:4] == [
        "Of these nothing can be told:",
        "  [1]: f jumps at x",
    ]
    unseen = (Entry((2,), 0.25, 0.0, 3.0),)
    assert says(verdict="cannot be told", unseen=unseen)[-3:-1] == [
        "Not seen, as the effect is lost in the rounding of f:",
        "  [2]: 0.25 was given, its effect is known to ± 3",
    ]
    assert says(verdict="cannot be told", doubts=doubts * 4)[0] == "Whether the gradient is right cannot be told here."
    assert says(unseen=unseen)[0] == "The gradient is right in the entries that can be seen."


@pytest.mark.parametrize(
    ("given", "expected", "uncertainty", "error"),
    [
        (3.0, 2.0, 0.25, 0.25),
        (2.0, 3.0, 2.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
        (math.inf, 1.0, 1.0, math.inf),
        (0.0, 2.0, 0.0, 1.0),
    ],
)
def test_the_error_of_an_entry(given: float, expected: float, uncertainty: float, error: float) -> None:
    """Relative to the larger of both, and what may be uncertain taken off."""
    assert Entry((0,), given, expected, uncertainty).error == error


texts = st.text("abc <>&[]'", min_size=1, max_size=200)


@given(st.lists(texts, max_size=3), st.lists(texts, max_size=8), st.sampled_from(["right", "wrong", "cannot be told"]))
def test_no_line_is_wider_than_a_terminal(hints: list[str], reasons: list[str], verdict: Any) -> None:
    """80 columns, whatever stands in it; as HTML what it says is text."""
    check = dataclasses.replace(
        RIGHT, verdict=verdict, hints=tuple(hints), doubts=tuple(Doubt("[0]", why) for why in reasons)
    )
    assert all(len(line) <= 80 or " " not in line.strip() for line in str(check).splitlines())
    html = check._repr_html_()
    assert html.count("<") == html.count(">") == 4


def test_the_report_as_json() -> None:
    """What the text says, for programs; numbers that are none as strings."""
    check = dataclasses.replace(RIGHT, verdict="wrong", order=math.inf, wrong=(Entry((1,), math.nan, 2.0, 0.5),))
    found = json.loads(json.dumps(check.as_json(), allow_nan=False))
    assert found["verdict"] == "wrong"
    assert found["sentence"] == "The gradient is wrong in 1 entry."
    assert found["wrong"] == [{"place": "[1]", "given": "nan", "expected": 2.0, "uncertainty": 0.5}]
    assert found["order"] == "inf"
