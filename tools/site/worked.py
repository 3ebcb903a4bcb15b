"""The acceptance interval, worked out on two examples with the numbers that the oracle itself uses."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import evaluate, read
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.spec import setting
from tools.site.markdown import table

FLOAT64 = FORMATS["float64"]
FIRST = """### An example

A sample of two classes with the probabilities 0.9 and 0.1, of which the first is right:"""
SECOND = """### An example where the formula itself loses digits

The slope of the sigmoid at 30 is σ(1 − σ), and σ(30) is so close to 1 that 1 − σ cancels. A program that evaluates the formula as it stands loses digits, and that is
accepted. One that loses more is not:"""


def worked() -> str:
    """A case in which nothing is lost, and one in which the formula itself loses almost everything."""
    return (
        "\n\n".join(
            [
                FIRST,
                _example(
                    "cross_entropy_one_hot",
                    ([0.9, 0.1], [1, 0]),
                    {
                        "`-np.log(0.9)`": -np.log(0.9),
                        "`-np.log2(0.9) * np.log(2)`": -np.log2(0.9) * np.log(2),
                        "`-np.log(0.9 + 1e-8)`, the chapter": -np.log(0.9 + 1e-8),
                        "`-np.log(np.float32(0.9))`": float(-np.log(np.float32(0.9))),
                    },
                ),
                SECOND,
                _example(
                    "sigmoid_gradient",
                    (30.0,),
                    {
                        "`s * (1 - s)`": (s := 1 / (1 + np.exp(-30.0))) * (1 - s),
                        "`s * sigmoid(-x)`, which does not cancel": s * (1 / (1 + np.exp(30.0))),
                        "`s - s**2`": s - s**2,
                        "`(sigmoid(x + h) - sigmoid(x - h)) / 2h`, h = 10⁻⁴": (
                            1 / (1 + np.exp(-30.0001)) - 1 / (1 + np.exp(-29.9999))
                        )
                        / 2e-4,
                    },
                ),
            ]
        )
        + "\n"
    )


def _example(name: str, arguments: tuple[Any, ...], candidates: dict[str, float]) -> str:
    """The numbers of one acceptance interval, and which values lie in it."""
    chosen = setting(formula(name))
    inputs = read(chosen, *arguments)
    interval = acceptance(chosen, inputs, FLOAT64)
    assert interval is not None
    honest = evaluate(chosen, inputs, FLOAT64.bits, widen=FLOAT64.unit, flush=FLOAT64.smallest_normal)
    (exact,), (ball,) = interval.exact.flat, honest.flat
    low, high, ulp = (np.ravel(each)[0] for each in (interval.low, interval.high, interval.ulp))
    numbers = [
        ("exact value, 25 digits", f"`{exact.str(25, radius=False)}`"),
        ("radius of the ball at 53 bits, inputs widened", f"`{float(ball.rad().upper()):.3g}`"),
        ("unit in the last place", f"`{ulp:.3g}`"),
        ("accepted from", f"`{float(low)!r}`"),
        ("accepted up to", f"`{float(high)!r}`"),
    ]
    rows = [
        (
            program,
            f"`{float(value)!r}`",
            f"{abs(float(exact.mid()) - value) / ulp:.2g}",
            "yes" if low <= value <= high else "**no**",
        )
        for program, value in candidates.items()
    ]
    return (
        table(("what", "in float64"), numbers)
        + "\n\n"
        + table(("a program", "its value", "units off", "accepted"), rows)
    )
