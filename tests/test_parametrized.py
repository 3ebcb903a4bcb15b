"""One judgement as many tests: what they are called, and which of them fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.catalogue import formula


def outcomes(candidate: Callable[..., Any], against: str, **options: Any) -> dict[str, str]:
    """What came of each test, by its id: the first line of its message, or nothing."""
    told = {}
    for each in refmath.parametrize_with_checks(candidate, against, examples=4, **options).args[1]:
        try:
            each.values[0]()
        except AssertionError as failure:
            told[each.id] = str(failure).partition("\n")[0]
        else:
            told[each.id] = ""
    return told


def wrong(told: dict[str, str]) -> list[str]:
    return [name for name, text in told.items() if text]


def batches_only(a: Any) -> Any:
    if np.ndim(a) != 2:
        raise ValueError("a batch, please")
    return refmath.softmax(a)


def test_there_is_a_test_for_each_class_each_law_and_the_rest() -> None:
    """The function is judged once, whatever there is to be asked; under a convention there are no laws."""
    calls = []

    def counted(x: Any) -> Any:
        calls.append(x)
        return refmath.relu(x)

    told = outcomes(counted, "relu")
    classes = ["ordinary_inputs", "special_inputs", "huge_or_tiny_inputs"]
    assert list(told) == [*classes, *(law.name for law in formula("relu").laws), "everything_else"]
    assert wrong(told) == []
    assert 0 < len(calls) < 1000
    of_convention = outcomes(
        lambda y, t: np.mean(np.subtract(y, t, dtype=float) ** 2), "mean_squared_error", convention="pytorch"
    )
    assert list(of_convention) == [*classes, "everything_else"]
    assert wrong(of_convention) == []


def test_what_is_wrong_shows_by_the_names_of_the_tests() -> None:
    """Each says in its first line what is wrong of that which it asks, and then has the whole report."""
    told = outcomes(lambda x: np.where(x < -4, -1.0, np.maximum(x, 0)), "relu")
    assert "is_zero_below_zero" in wrong(told)
    assert "is_its_argument_above_zero" not in wrong(told)
    assert told["is_zero_below_zero"] == "This does not hold: Whatever is negative becomes 0."
    assert told["everything_else"] == ""
    (number, _, tried, *_rest) = told["ordinary_inputs"].split()
    assert 0 < int(number) <= int(tried)
    # What draws at random is wrong on no input by itself.
    calls = iter(range(100_000))
    told = outcomes(lambda x: refmath.relu(x) if next(calls) < 150 else np.asarray(x) - 1.0, "relu")
    assert wrong(told)


def test_what_may_be_declined() -> None:
    """What is declined must be said, as in `assert_conforms`."""
    assert outcomes(batches_only, "softmax")["everything_else"].startswith(
        "it declines single samples; if that is meant"
    )
    assert wrong(outcomes(batches_only, "softmax", declines=["single samples"])) == []
    with pytest.raises(ValueError, match="which is no kind of input"):
        refmath.parametrize_with_checks(batches_only, "softmax", declines=["nonsense"])
    with pytest.raises(TypeError, match="declines must be a list of names"):
        refmath.parametrize_with_checks(batches_only, "softmax", declines="single samples")


def test_no_law_is_passed_over_that_speaks() -> None:
    """One that holds is asked; only one that speaks of no input is skipped."""
    skipped = []
    for each in refmath.parametrize_with_checks(refmath.relu, "relu", examples=4).args[1]:
        try:
            each.values[0]()
        except pytest.skip.Exception:
            skipped.append(each.id)
    assert skipped == []
