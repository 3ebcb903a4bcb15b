"""What the report of a gradient check says, word for word."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from refmath.calculus.gradient_report import Entry, GradientCheck, Kink

RIGHT = GradientCheck(
    ok=True,
    order=2.04,
    error=0.0,
    worst=Entry((0,), 1.0, 1.0, 1e-9),
    wrong=(),
    kinks=(),
    unseen=(),
    contradicted=0,
    looked_at=3,
    size=4,
    evaluations=60,
)
OFF = Entry((1, 0), 3.0, 2.0, 1e-7)
FURTHER_OFF = Entry((0, 2), -1 / 3, 4.0, 0.25)


def says(**changes: Any) -> list[str]:
    """The lines of a report that differs from the one of a right gradient."""
    return str(dataclasses.replace(RIGHT, **changes)).splitlines()


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (2.04, "Taylor remainder of order 2.0"),
        (1.5, "Taylor remainder of order 1.5"),
        (1.46, "Taylor remainder of order 1.5, as beside a kink"),
        (math.inf, "no Taylor remainder but rounding"),
        (math.nan, "order of the Taylor remainder unknown"),
    ],
)
def test_a_right_gradient_is_told_with_its_order(order: float, words: str) -> None:
    """One line says that the gradient is right, how much was looked at, and what remains of f."""
    assert says(order=order) == [f"The gradient is right: 3 of 4 entries looked at, {words}."]


def test_one_entry_is_no_entries() -> None:
    """A function of a single number has one entry."""
    assert says(looked_at=1, size=1)[0].startswith("The gradient is right: 1 of 1 entry looked at")


def test_wrong_entries_are_listed_the_worst_first() -> None:
    """Each says what was given and what it should be; none says anything of directions if none contradicts."""
    assert says(ok=False, order=1.0, wrong=(OFF, FURTHER_OFF)) == [
        "The gradient is wrong in 2 entries: 3 of 4 entries looked at, Taylor remainder of order 1.0.",
        "  [0, 2]: -0.333333333 was given; it should be 4 ± 0.2",
        "  [1, 0]: 3 was given; it should be 2 ± 1e-07",
    ]


@pytest.mark.parametrize(("number", "words"), [(1, "1 direction"), (3, "3 directions")])
def test_directions_that_contradict_are_counted(number: int, words: str) -> None:
    """Directions are told beside the entries, and without any entry."""
    rest = "3 of 4 entries looked at, Taylor remainder of order 2.0."
    assert says(ok=False, wrong=(OFF,), contradicted=number)[0] == (
        f"The gradient is wrong in 1 entry and along {words}: {rest}"
    )
    assert says(ok=False, contradicted=number) == [f"The gradient is wrong in 0 entries and along {words}: {rest}"]


def test_where_nothing_can_be_told_that_is_said() -> None:
    """Neither right nor wrong is a third answer, with the entries that were lost."""
    assert says(ok=False, unseen=((0,), (3,))) == [
        "Nothing can be told: the effect of every entry is lost in the rounding of f, or f jumps.",
        "Entries whose effect is lost in the rounding of f:",
        "  [0]",
        "  [3]",
    ]


def test_kinks_are_told_with_both_slopes() -> None:
    """A kink says where it is and which slopes are accepted."""
    assert says(kinks=(Kink((2,), -1.0, 1 / 3),))[1:] == [
        "Kinks of f, at which every slope between those of both sides is accepted:",
        "  [2]: slope -1 on the left, 0.333333 on the right",
    ]


@pytest.mark.parametrize(("count", "more"), [(5, []), (6, ["  and 1 more"]), (9, ["  and 4 more"])])
def test_of_many_only_five_are_listed(count: int, more: list[str]) -> None:
    """Five are listed whole; of more than that, the number of the others is told."""
    assert says(unseen=tuple((each,) for each in range(count)))[2:] == [*(f"  [{each}]" for each in range(5)), *more]


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (Entry((), 3.0, 2.0, 0.25), 0.25),
        (Entry((), 2.0, -4.0, 2.0), 1.0),
        (Entry((), 2.0, 1.0, 1.0), 0.0),
        (Entry((), 2.0, 1.0, 5.0), 0.0),
        (Entry((), 2.0, 2.0, 0.0), 0.0),
        (Entry((), math.inf, 1.0, 0.5), math.inf),
        (Entry((), -math.inf, 1.0, 0.5), math.inf),
    ],
)
def test_the_error_is_relative_and_leaves_the_uncertainty_out(entry: Entry, error: float) -> None:
    """What is beyond the uncertainty, relative to the larger of both values; infinite for a value that is."""
    assert entry.error == error


def test_the_report_is_its_answer() -> None:
    """In an `if` a report is what it found."""
    assert bool(RIGHT) is True
    assert bool(dataclasses.replace(RIGHT, ok=False)) is False
