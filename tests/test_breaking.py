"""Where a candidate breaks, in words: what is told holds for every input that was tried, and is tested before it is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.oracle import verdict
from refmath.oracle.reporting.breaking import ONLY, ORDINARY, Ask, breaks
from refmath.oracle.reporting.merge import together
from refmath.oracle.reporting.text import sentence
from refmath.oracle.searching.search import Trial
from refmath.spec import Formula

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def softmax(a: Any) -> Any:
    e = np.exp(a)
    return e / e.sum(axis=-1, keepdims=True)


def softmax_by_batch(a: Any) -> Any:
    e = np.exp(a - a.max())
    return e / e.sum(axis=-1, keepdims=True)


def loss_of_labels(a: Any, labels: Any) -> Any:
    p = np.exp(a - a.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(p)), labels] if a.ndim == 2 else p[labels]))


def no_guard(y: Any, t: Any) -> Any:
    return -np.sum(t * np.log(y)) / (1 if y.ndim == 1 else len(y))


def first_two_and_clipped(y: Any, t: Any) -> Any:
    d = np.clip(np.subtract(y, t, dtype=float)[..., :2], -1e3, 1e3)
    return np.sum(d * d, axis=-1).mean() / 2


CASES: list[tuple[str, Callable[..., Any], str]] = [
    ("sigmoid", lambda x: np.exp(x) / (1 + np.exp(x)), "when x is 710 or more"),
    ("sigmoid", lambda x: 1 / (1 + np.exp(-np.clip(x, -500, 500))), "when x is −501 or less"),
    ("softmax", softmax, "when a logit is 710 or more, or when all logits of a sample are −7"),
    ("softmax", softmax_by_batch, "when the largest logits of two samples are 7"),
    ("softmax_cross_entropy_labels", loss_of_labels, "when the target's logit is 7"),
    ("relu", lambda x: np.where(x > 100, np.nan, np.maximum(x, 0)), "when x is 100"),
    ("relu", lambda x: np.maximum(x, 0) if x.flags.c_contiguous else 0 * x, f"{ONLY}an array is not laid out plainly"),
    ("relu", lambda x: np.maximum(x, 0) if x.dtype.kind == "f" else x - x, f"{ONLY}x holds integers"),
    ("mean_squared_error", lambda y, t: np.sum((y - t) ** 2) / 2, f"{ORDINARY}the input is a batch"),
    ("cross_entropy_one_hot", no_guard, f"{ONLY}a probability is "),
    # Of two outputs it is the mean over all entries that is half of the squares of a sample; of one output, to which the counterexample leads, it is not.
    ("mean_squared_error", lambda y, t: np.mean((y - t) ** 2), ""),
    ("mean_squared_error", first_two_and_clipped, f"{ORDINARY}there are 3 classes or more"),
    ("sigmoid", lambda x: np.tanh(x), ""),
]


@pytest.mark.parametrize(("against", "candidate", "told"), CASES, ids=map(str, range(len(CASES))))
def test_where_it_breaks(against: str, candidate: Callable[..., Any], told: str) -> None:
    """By how large an entry is, or how far two are apart, by layout, number type or shape; nothing where nothing so simple is true."""
    report = refmath.check(candidate, against, target=against)
    assert report.breaks.startswith(told)
    assert bool(report.breaks) == bool(told)
    assert report.as_json()["breaks"] == (report.breaks or None)
    assert ("Breaks when" in sentence(report)) == told.startswith("when")


@pytest.mark.parametrize("case", range(6))
@pytest.mark.parametrize("seed", [0, 1])
def test_a_bound_holds_for_all_that_was_tried(case: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all inputs tried, those on the way to the bound included, none is right beyond it."""
    tried: list[Trial] = []

    def watched(formula: Formula, first: Any, besides: Any, ask: Ask) -> str:
        def asked(like: Trial, inputs: Any) -> Trial | None:
            found = ask(like, inputs)
            tried.extend([found] if found else [])
            return found

        tried.extend([*first, *besides])
        return breaks(formula, first, besides, asked)

    monkeypatch.setattr(verdict, "breaks", watched)
    against, candidate, _ = CASES[case]
    report = refmath.check(candidate, against, seed=seed, examples=40, target=against)
    assert report.breaks.startswith("when ")
    beyond = _beyond(report.breaks)
    assert beyond is not None
    values = [(beyond(trial.inputs), trial.accepted) for trial in tried]
    assert any(value for value, _ in values)
    assert not any(value and accepted for value, accepted in values)


def _beyond(told: str) -> Callable[[Any], bool] | None:
    """What a sentence says, read again."""
    numbers = [float(each.replace("−", "-")) for each in re.findall(r"−?\d+(?:\.\d+)?", told)]
    rows: Callable[[Any], Any] = lambda inputs: np.atleast_2d(np.asarray(next(iter(inputs.values())), np.float64))
    if "x is" in told:
        return lambda inputs: bool(
            rows(inputs).max() >= numbers[0] if "more" in told else rows(inputs).min() <= numbers[0]
        )
    if "a logit is" in told and "all logits" in told:
        return lambda inputs: bool(rows(inputs).max() >= numbers[0] or rows(inputs).max(axis=-1).min() <= numbers[1])
    if re.fullmatch(r"when a logit is \d+ or more", told):
        return lambda inputs: bool(rows(inputs).max() >= numbers[0])
    if "a logit is" in told and "two samples" in told:
        return lambda inputs: bool(rows(inputs).max() >= numbers[0] or np.ptp(rows(inputs).max(axis=-1)) >= numbers[1])
    if "two samples" in told:
        return lambda inputs: bool(np.ptp(rows(inputs).max(axis=-1)) >= next(n for n in numbers if n > 100))
    if "target's logit" in told:

        def below(inputs: Any) -> bool:
            a, labels = rows(inputs), np.ravel(inputs["labels"])
            gaps = a.max(axis=-1) - a[np.arange(len(a)), labels]
            # A masked label is no logit: its loss is ∞, which is right.
            return bool(np.any(np.isfinite(gaps) & (gaps >= numbers[0]))) and bool(np.isfinite(gaps).all())

        return below
    return None


def test_few_failures_tell_nothing() -> None:
    """From one or two wrong answers no bound is told."""
    calls = 0

    def wrong_once(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return np.maximum(x, 0) + (calls == 7)

    assert refmath.check(wrong_once, "relu", target="relu").breaks == ""


def test_an_option_under_which_it_breaks_is_told() -> None:
    """Right under the defaults, and wrong under an option that it takes by name."""

    def loss(y: Any, labels: Any, *, reduction: Any = "mean") -> Any:
        value = refmath.cross_entropy_labels(y, labels, reduction=reduction)
        return value if reduction == "mean" else 2 * value

    report = refmath.check(loss, "cross_entropy_labels", examples=4)
    assert re.fullmatch(rf"{ONLY}it is called with reduction=(sum|none)", report.breaks)
    assert f"in all of them {report.breaks.removeprefix(ONLY)}." in sentence(report)


def test_searches_in_parts_tell_what_all_say() -> None:
    """What one of several searches says need not be true of the inputs of another."""
    report = refmath.check(CASES[0][1], "sigmoid", examples=4, target="sigmoid")
    other = replace(report, breaks="when x is 3 or more")
    assert together([report, report]).breaks == report.breaks != ""
    assert together([report, other]).breaks == ""
