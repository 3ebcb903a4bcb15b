"""Faulty programs that were refused for a reason that was not the reason, or without a name: what they are told now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refmath


def quiet(program: Callable[..., Any]) -> Callable[..., Any]:
    """A program whose overflows are nobody's concern."""

    def called(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return program(*arguments)

    return called


def softmax(a: Any) -> Any:
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid_minus_target(z: Any, y: Any) -> Any:
    """The gradient of a sigmoid and the binary cross-entropy, not divided by N."""
    return 1 / (1 + np.exp(-z)) - y


def floored(y: Any, labels: Any) -> Any:
    """The cross-entropy with another floor."""
    y, labels = np.atleast_2d(y), np.atleast_1d(labels)
    return -np.mean(np.log(np.maximum(y[np.arange(len(y)), labels], 1e-15)))


def half_of_the_mean(y: Any, t: Any) -> Any:
    """The gradient of a mean over all entries, without its 2."""
    return (y - t) / y.size


def half_forgotten(x: Any) -> Any:
    """The half inside the tanh is forgotten: it is the sigmoid of 2x, and loses its lower tail besides."""
    return 0.5 * (np.tanh(x) + 1)


def total(y: Any, t: Any) -> Any:
    """Neither the ½ nor the mean."""
    return np.sum((y - t) ** 2)


def of_vectors(f: Any, x: Any) -> Any:
    """A numerical gradient for vectors only; f is always given the whole of x."""
    h = 1e-4
    g = np.zeros_like(x)
    for i in range(x.size):
        keep = x[i]
        x[i] = float(keep) + h
        above = f(x)
        x[i] = keep - h
        below = f(x)
        g[i] = (above - below) / (2 * h)
        x[i] = keep
    return g


def through_the_shares(a: Any, t: Any) -> Any:
    """The gradient of the log-softmax by way of the shares: 0/0 where one underflows."""
    s = softmax(a)
    g = -t / (1 if np.ndim(a) == 1 else len(a)) / s
    return s * (g - np.sum(g * s, axis=-1, keepdims=True))


@pytest.mark.parametrize(
    ("candidate", "against", "convention", "verdict", "name"),
    [
        (sigmoid_minus_target, "softmax_cross_entropy_one_hot_gradient", None, "differs", "sigmoid_of_each_logit and missing_mean"),
        (floored, "cross_entropy_labels", None, "unstable", "floor with delta=1e-15"),
        (half_of_the_mean, "mean_squared_error_gradient", "pytorch", "differs", "factor_half"),
        (half_forgotten, "sigmoid", None, "differs", "scaled_argument"),
        (total, "mean_squared_error", None, "differs", "missing_half and sum_over_samples"),
        (of_vectors, "numerical_gradient", None, "failed", "vectors_only"),
        # It shifts, so that it lacks no shift; what it does has no name.
        (through_the_shares, "softmax_cross_entropy_one_hot_gradient", None, "unstable", None),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_a_fault_is_told_by_its_own_name(
    candidate: Any, against: str, convention: Any, verdict: str, name: Any
) -> None:
    """Each is refused, and told what it does."""
    report = refmath.check(quiet(candidate), against, convention=convention)
    assert report.verdict == verdict
    assert (report.diagnosis and report.diagnosis.name) == name


def test_two_mistakes_have_a_sentence_each() -> None:
    """What is made of two mistakes is told in the words of the page for both."""
    report = refmath.check(total, "mean_squared_error", examples=20)
    assert report.diagnosis is not None
    assert report.diagnosis.kind == "mistake"
    assert report.diagnosis.text == (
        "The factor ½ is missing. Besides: The batch's losses are added up, not averaged: the 1/N is missing."
    )


@pytest.mark.parametrize("factor", [1, 0.5, 2])
def test_the_gradient_of_the_sigmoid_at_twice_the_argument(factor: float) -> None:
    """0.25/cosh²(x) is the derivative at 2x: the half inside is forgotten, whatever the factor."""
    spread = quiet(lambda x: factor * 0.25 / np.cosh(np.clip(x, -300, 300)) ** 2)
    report = refmath.check(spread, "sigmoid_gradient", examples=30)
    assert report.diagnosis is not None
    assert report.diagnosis.name.split(" and ")[0] == "scaled_argument"
