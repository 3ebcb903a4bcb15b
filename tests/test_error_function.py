"""The tail of the normal distribution is good to a few units in the last place, in the widest floats too, near the zero of its slope and far out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from refmath.activations.error_function import FURTHEST, scaled_slope, scaled_tail, times_bell

RNG = np.random.default_rng(5)
#: Numbers of every magnitude, everyday ones, and some close to the zero of the slope.
T = np.concatenate(
    [
        [0.0, 5.0, FURTHEST, 0.7517915246935645],
        np.ldexp(RNG.uniform(1, 2, 300), RNG.integers(-60, 7, 300)),
        RNG.uniform(0, 40, 300),
        0.7517915246935645 + np.ldexp(RNG.uniform(-1, 1, 300), RNG.integers(-52, -1, 300)),
    ]
)


def exactly(number: Any) -> Any:
    return mpf(float(number)) + mpf(float(number - type(number)(float(number))))


def tail(t: Any) -> Any:
    return mp.exp(t * t / 2) * mp.erfc(t / mp.sqrt(2)) / 2


def worst(function: Any, exact: Any, dtype: type[Any]) -> float:
    """The largest relative error, in units of the type's epsilon."""
    t = T.astype(dtype)
    with mp.workdps(60), np.errstate(under="ignore"):
        pairs = [(exactly(got), exact(exactly(at))) for got, at in zip(function(t), t, strict=True)]
        return float(max(abs(got - value) / abs(value) for got, value in pairs)) / float(np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
def test_the_tail_and_its_slope_are_good_to_a_few_units(dtype: type[Any]) -> None:
    assert worst(scaled_tail, tail, dtype) <= 4
    assert worst(scaled_slope, lambda t: tail(t) - t / mp.sqrt(2 * mp.pi), dtype) <= 6


@pytest.mark.parametrize("factor", [1.0, 300.0])
def test_nothing_is_lost_on_the_way_to_the_smallest_numbers(factor: float) -> None:
    """A normal product keeps its digits where the exponential by itself is none any more; a subnormal one is off by two steps at most."""
    t = RNG.uniform(0, 39, 2000)
    with np.errstate(under="ignore"):
        got = times_bell(np.full_like(t, factor), t)
    with mp.workdps(60):
        for value, at in zip(got, t, strict=True):
            exact = factor * mp.exp(-(mpf(at) ** 2) / 2)
            assert abs(mpf(float(value)) - exact) <= 4 * mpf(2) ** -52 * exact + mpf(2) ** -1073
