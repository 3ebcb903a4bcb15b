"""Arguments, and parts of an answer, in another order: told as that, whatever their shapes are and whether they come in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refmath


def adam(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    new = refmath.adam_step(a, b, d, c, e)
    return new["w"], new["v"], new["m"]


def unchecked(a: Any, b: Any, c: Any, _d: Any) -> Any:
    return a @ c.T, b.T @ a, a.sum(axis=0)


def picked(a: Any, b: Any) -> Any:
    return refmath.cross_entropy_labels(b, a)


ORDERS: dict[str, tuple[Callable[..., Any], str, str, str]] = {
    "upstream first": (
        lambda one, two: refmath.softmax_vjp(two, one),
        "softmax_vjp",
        "arguments_swapped",
        "a and upstream have changed places. It takes its arguments in the order upstream, a; the formula's is a, upstream.",
    ),
    "upstream first of four": (
        unchecked,
        "affine_vjp",
        "arguments_in_another_order",
        "It takes its arguments in the order upstream, x, W, b; the formula's is x, W, b, upstream.",
    ),
    "it always raises": (
        lambda one, two, three, four: refmath.layer_norm_vjp(two, three, four, one),
        "layer_norm_vjp",
        "arguments_in_another_order",
        "It takes its arguments in the order upstream, x, gain, bias; the formula's is x, gain, bias, upstream.",
    ),
    "labels first": (
        picked,
        "cross_entropy_labels",
        "arguments_swapped",
        "y and labels have changed places. It takes its arguments in the order labels, y; the formula's is y, labels.",
    ),
    "the answer": (
        lambda w, g, velocity: tuple(refmath.momentum_step(w, g, velocity).values())[::-1],
        "momentum_step",
        "answer_in_another_order",
        "Its answer comes in the order velocity, w; the formula's is w, velocity.",
    ),
    "the state and the answer": (
        adam,
        "adam_step",
        "arguments_swapped",
        (
            "m and v have changed places. It takes its arguments in the order w, g, v, m, t; the formula's is w, g, m, v, t. "
            "Its answer comes in the order w, v, m; the formula's is w, m, v."
        ),
    ),
}


@pytest.mark.parametrize("way", list(ORDERS))
def test_another_order_is_told(way: str) -> None:
    """Who is right in another order is told which it is, and which is the formula's."""
    candidate, against, name, text = ORDERS[way]
    # What the candidate warns of is not asked here.
    with np.errstate(all="ignore"):
        report = refmath.check(candidate, against, examples=30)
    assert not report.conforms
    assert report.diagnosis is not None
    assert (report.diagnosis.kind, report.diagnosis.name, report.diagnosis.text) == ("mistake", name, text)


def test_an_order_with_another_fault_is_not_told() -> None:
    """Who is right in no order has another fault."""
    report = refmath.check(
        lambda upstream, x, W, b: (*unchecked(upstream, x, W, b)[:2], upstream.mean(axis=0)), "affine_vjp", examples=20
    )
    orders = {name for _, _, name, _ in ORDERS.values()}
    assert not report.conforms
    assert report.diagnosis is None or report.diagnosis.name not in orders
    report = refmath.check(lambda upstream, a: 2 * refmath.softmax_vjp(a, upstream), "softmax_vjp", examples=20)
    assert not report.conforms
    assert report.diagnosis is None or report.diagnosis.name not in orders


def test_what_always_raises_in_any_order_has_no_name() -> None:
    """Nothing that comes back tells anything."""

    def broken(a: Any, upstream: Any) -> Any:
        raise ZeroDivisionError

    assert refmath.check(broken, "softmax_vjp", examples=4).diagnosis is None
