"""What the report of a gradient check says, word for word."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.gradients.report import Doubt, Entry, GradientCheck, Kink, Tie, listed, wrapped

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
        "Whether the gradient is right cannot be told in 1 entry; the other 3 are right.",
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


def test_the_report_as_json_is_complete() -> None:
    """Every key, with the sentences that the text has."""
    kink, doubt, tie = (
        Kink((0,), 0.0, 1.0),
        Doubt("[1]", "f jumps at x"),
        Tie(("[0]", "[1]"), (1.0, 1.0), 2.0, 1.0, 1.0),
    )
    changes: dict[str, Any] = {"hints": ("Every entry is 0.",), "kinks": (kink,), "doubts": (doubt,), "ties": (tie,)}
    check = dataclasses.replace(RIGHT, **changes, unseen=(Entry((2,), 0.25, 0.0, 3.0),), directions=7, size=5)
    assert check.as_json() == {
        "verdict": "right",
        "sentence": "The gradient is right in the entries that can be seen, as a subgradient.",
        "hints": ["Every entry is 0."],
        "wrong": [],
        "ties": ["the sum of the gradient over [0], [1] is 2; it should be 1"],
        "kinks": ["[0]: slope 0 on the left, 1 on the right"],
        "doubts": ["[1]: f jumps at x"],
        "unseen": ["[2]"],
        "known": 1e-9,
        "order": 2.04,
        "looked_at": 4,
        "size": 5,
        "directions": 7,
        "evaluations": 60,
    }


@pytest.mark.parametrize(
    ("index", "array", "place"),
    [((), "", "x"), ((), "['b']", "['b']"), ((3,), "", "[3]"), ((0, 2), "['W']", "['W'][0, 2]")],
)
def test_where_an_entry_stands(index: tuple[int, ...], array: str, place: str) -> None:
    """As one would write it; a number is x itself, or its array."""
    assert Entry(index, 1.0, 2.0, 0.0, array).place == place


def test_an_entry_in_words() -> None:
    """Nothing is said of what it should be where that is not known; what else there is stands in parentheses."""
    assert str(Entry((0,), 1.0, 2.0, math.inf)) == "[0]: 1 was given"
    assert str(Entry((0,), 1.0, 2.0, 0.5)) == "[0]: 1 was given; it should be 2 ± 0.5"
    assert str(Entry((), 1.0, 2.0, 0.5, note="so")) == "x: 1 was given; it should be 2 ± 0.5 (so)"


def test_a_tie_over_more_entries_than_are_named() -> None:
    """Six are, and as many parts of the direction."""

    def tie(count: int) -> str:
        direction = tuple(i + 0.5 for i in range(count))
        return str(Tie(tuple(f"[{i}]" for i in range(count)), direction, 9.0, 1.0, 1.0))

    six = "along (0.5, 1.5, 2.5, 3.5, 4.5, 5.5{}) over [0], [1], [2], [3], [4], [5]{} is 9; it should be 1"
    assert tie(6) == six.format("", "")
    assert tie(7) == six.format(", …", " …")


@pytest.mark.parametrize(
    ("low", "high", "right"),
    [
        (2e6 - 2, 2e6, "2e+06"),
        (2e6 - 2.1, 2e6, "from 2e+06 to 2e+06"),
        (0.0, 0.0, "0"),
        (0.5, 0.75, "from 0.5 to 0.75"),
        (-4.0, -4.0, "-4"),
    ],
)
def test_ends_that_are_all_but_one(low: float, high: float, right: str) -> None:
    """Within a millionth."""
    assert str(Tie(("[0]", "[1]"), (1.0, 1.0), 9.0, low, high)).endswith(f"is 9; it should be {right}")


@pytest.mark.parametrize(
    ("verdict", "colour"), [("right", "green"), ("wrong", "crimson"), ("cannot be told", "darkorange")]
)
def test_the_report_as_html(verdict: Any, colour: str) -> None:
    """The text, its first line in the colour of the verdict."""
    check = dataclasses.replace(RIGHT, verdict=verdict, contradicted=2, hints=("a < b",))
    first, _, rest = str(check).partition("\n")
    assert rest.endswith(f"a < b\n{EVIDENCE}")
    assert check._repr_html_() == f'<pre><b style="color:{colour}">{first}</b>\n{rest.replace("<", "&lt;")}</pre>'


def test_lines_are_broken_between_words() -> None:
    """What was indented is indented further where it goes on; a word with hyphens stays whole."""
    word = "check-gradient-of-f"
    assert wrapped(" ".join([word] * 5)) == [" ".join([word] * 4), word]
    assert wrapped("  " + " ".join([word] * 5)) == ["  " + " ".join([word] * 3), "      " + " ".join([word] * 2)]
    assert wrapped("") == [""]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"narrow": True, "known": 1.1e-3}, True),
        ({"narrow": True, "known": 1e-3}, False),
        ({"narrow": True, "unseen": (OFF,)}, True),
        ({"known": 1.1e-3}, False),
        ({"unseen": (OFF,)}, False),
    ],
)
def test_a_narrow_format_is_named_where_it_matters(changes: dict[str, Any], told: bool) -> None:
    """Where something is not seen, or known to less than three digits."""
    lines = says(**changes)
    assert (lines[1] == "f is computed in a format narrower than float64, in which it would tell more.") is told


def test_an_effect_that_is_not_known() -> None:
    """Where not even a bound is."""
    lines = says(unseen=(Entry((2,), 0.25, 0.0, math.inf), Entry((3,), 0.5, 0.0, 2.0)))
    assert lines[-3:-1] == [
        "  [2]: 0.25 was given, its effect is not known",
        "  [3]: 0.5 was given, its effect is known to ± 2",
    ]


def test_how_many_cannot_be_told() -> None:
    """And how many are right beside them; or that the effect of most entries, or of all, is lost."""
    doubts, unseen = (Doubt("[1]", "f jumps at x"),), (Entry((2,), 0.25, 0.0, 3.0),)

    def sentence(**changes: Any) -> str:
        return " ".join(says(verdict="cannot be told", **changes)).partition(" Why ")[0].partition(" Not ")[0]

    start = "Whether the gradient is right cannot be told"
    assert sentence(doubts=doubts * 2, looked_at=9) == f"{start} in 2 entries; the other 7 are right."
    assert (
        sentence(doubts=doubts * 2, unseen=unseen * 6, looked_at=9) == f"{start} in 2 entries; the other one is right."
    )
    assert sentence(doubts=doubts * 2, unseen=unseen * 7, looked_at=9) == f"{start} here."
    assert sentence(unseen=unseen * 3) == f"{start}: the effect of most entries is lost in the rounding of f."
    assert sentence(unseen=unseen * 4) == f"{start}: the effect of every entry is lost in the rounding of f."


def test_both_of_two_entries_are_every_entry() -> None:
    """And the noise is told from 1e-12 on."""
    assert says(verdict="wrong", wrong=(OFF,) * 2, size=2)[0] == "The gradient is wrong in every entry."
    assert says(noise=1e-12)[-1] == EVIDENCE
    assert " ".join(says(noise=1.1e-12)).endswith(f"{EVIDENCE[:-1]}; f jitters by 1e-12 of its value.")


def test_five_items_are_listed() -> None:
    """Of more it is said how many."""
    five = ["  1", "  2", "  3", "  4", "  5"]
    assert list(listed([1, 2, 3, 4, 5])) == five
    assert list(listed([1, 2, 3, 4, 5, 6])) == [*five, "  and 1 more"]
