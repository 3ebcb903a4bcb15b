"""Gradient descent in balls: where it leads, and that honest descents are inside the interval and others are not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import honest_learning
import learning_by_mpmath
import numpy as np
import pytest
import surveyed
from flint import arb, ctx
from mpmath import mp, mpf

from refmath.balls import descents
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.calculus.functions import EXPONENTIALS, LOG_SUM_EXP, SQUARED_SUM, SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import CLASSES, Class
from refmath.oracle.searching.probe import Inputs
from refmath.spec import setting

DESCENT = formula_named("gradient_descent")
FLOAT64 = FORMATS["float64"]

every_class = pytest.mark.parametrize("class_", CLASSES)
every_format = pytest.mark.parametrize("format_", [FLOAT64, FORMATS["float32"]], ids=lambda each: each.name)


@functools.cache
def judged(class_: Class, format_: Format) -> list[tuple[Inputs, Acceptance]]:
    under = setting(DESCENT)
    found = [
        (inputs, acceptance(under, read(under, *inputs.values()), format_))
        for inputs in surveyed.of_class(DESCENT, class_, format_)
    ]
    assert all(interval is not None for _, interval in found)
    return [(inputs, interval) for inputs, interval in found if interval is not None]


def arguments(inputs: Inputs) -> tuple[Any, Any, float, int]:
    """What a program is handed: function, start, rate and steps, the numbers as Python's."""
    f, start, lr, steps = inputs.values()
    return f, start, float(lr), int(steps)


# ---- where it leads


@pytest.mark.parametrize(
    "family", [SQUARES, SQUARED_SUM, LOG_SUM_EXP, EXPONENTIALS], ids=["squares", "sum", "log", "exp"]
)
@pytest.mark.parametrize("steps", [0, 1, 2, 7])
def test_a_descent_leads_where_mpmath_is_led(family: Any, steps: int) -> None:
    """With the slopes written by hand, in 80 digits, mpmath arrives where the balls do, to 50."""
    f = function(SQUARES, 0.5, 0.25, 0.125) + 0.5 * function(family, 0.25, -0.5, 0.125)
    start = [1.5, -0.7, 0.3]
    with mp.workdps(80), ctx.workprec(400):
        got = descents.end(f, [arb(x) for x in start], arb(0.1), steps)
        expected = learning_by_mpmath.value("gradient_descent", f, np.array(start), 0.1, steps)
        for ball, value in zip(got, expected, strict=True):
            assert abs(ball - arb(mp.nstr(value, 75))) <= arb(10) ** -50


def test_on_a_parabola_every_step_multiplies() -> None:
    """Under half of x² a descent of k steps ends at (1 − η)^k times its start."""
    with mp.workdps(60), ctx.workprec(300):
        for steps in (0, 1, 10, 100):
            (got,) = descents.end(function(SQUARES, 0.5), [arb(3)], arb(0.1), steps)
            assert abs(got - arb(mp.nstr(3 * (1 - mpf(0.1)) ** steps, 55))) <= arb(10) ** -45


# ---- what is inside


@every_class
@every_format
def test_honest_descents_are_inside(class_: Class, format_: Format) -> None:
    """On inputs of each class: with analytic slopes, central differences of several steps, in place, and in another order of operations."""
    for inputs, found in judged(class_, format_):
        for name, descent in honest_learning.DESCENTS.items():
            got = descent(*arguments(inputs))
            assert np.all(found.accepts(got)), f"{name} at {inputs}: off by {got - found.nearest}"


@every_class
def test_a_descent_rounded_to_float32_at_the_end_is_inside_in_float32(class_: Class) -> None:
    """Whoever descends in float64 and hands back float32 is honest for float32 inputs."""
    for inputs, found in judged(class_, FORMATS["float32"]):
        got = honest_learning.descended(honest_learning.analytic, *arguments(inputs)).astype(np.float32)
        assert np.all(found.accepts(got.astype(np.float64)))


# ---- what is outside

WRONG: dict[str, Callable[..., tuple[float, int]]] = {
    "one step more": lambda lr, steps: (lr, steps + 1),
    "one step less": lambda lr, steps: (lr, steps - 1),
    "a rate larger by a millionth": lambda lr, steps: (lr * (1 + 1e-6), steps),
    "a rate smaller by a millionth": lambda lr, steps: (lr * (1 - 1e-6), steps),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_another_descent_is_outside(wrong: str) -> None:
    """One step more or less, or another rate by a millionth, is refused on typical inputs, unless it starts where nothing moves."""
    seen = 0
    for inputs, found in judged("typical", FLOAT64):
        f, start, lr, steps = arguments(inputs)
        if np.abs(honest_learning.analytic(f, start)).max() < 0.1:
            continue
        seen += 1
        got = honest_learning.descended(honest_learning.analytic, f, start, *WRONG[wrong](lr, steps))
        assert not np.all(found.accepts(got)), f"{inputs}: off by {got - found.nearest} only"
    assert seen


@pytest.mark.parametrize(
    "gradient", [functools.partial(honest_learning.quotients, h=h, sides=(1, 0)) for h in (1e-3, 1e-4, 1e-6)]
)
def test_a_descent_by_forward_differences_is_outside(gradient: Callable[[Any, Any], Any]) -> None:
    """In a few entries the error of a forward difference is larger than what an honest descent may be off; a large sum is rounded as far."""
    for inputs, found in judged("typical", FLOAT64):
        f, start, lr, steps = arguments(inputs)
        if steps and start.size <= surveyed.SMALL:
            assert not np.all(found.accepts(honest_learning.descended(gradient, f, start, lr, steps)))


def test_no_step_leaves_next_to_no_room() -> None:
    """Without a step there is nothing to be off but the last place."""
    under = setting(DESCENT)
    found = acceptance(under, read(under, function(SQUARES, 1.0), np.array([3.0]), 0.1, 0), FLOAT64)
    assert found is not None
    assert found.accepts(np.array([3.0]))
    assert not found.accepts(np.array([3.0 + 2.0**-48]))


def test_steps_added_up_before_they_are_taken_off_the_start_are_inside() -> None:
    """Near a minimum the sum is as large as the start, and so is its rounding: some 1e-16 here, beside a value of 2e-8."""
    f, start, lr, total = function(SQUARES, 0.375), np.array([2.9]), 0.5, np.zeros(1)
    for _ in range(40):
        total += 2 * 0.375 * (start - lr * total)
    error = abs(float((start - lr * total)[0]) - 0.625**40 * 2.9)
    assert error > 1e-16
    with ctx.workprec(128):
        [allowance] = descents.allowance(f, [arb(2.9)], arb(lr), 40)
    assert error <= 4 * float(allowance)
