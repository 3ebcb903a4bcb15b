"""The certified mean squared error: every value is the rational number rounded once, ties included."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath import exact
from refmath.balls import squared_error
from refmath.fast import certified_mean_squared_error as page
from refmath.fast.certified_mean_squared_error import certified_mean_squared_error
from refmath.fast.rounding_test import rounded

pytestmark = pytest.mark.long

finite = st.floats(allow_nan=False, allow_infinity=False)


def loss(y: Any, t: Any) -> Fraction:
    """The loss as a rational number."""
    pairs = zip(np.ravel(y).tolist(), np.ravel(t).tolist(), strict=True)
    squares = sum(((Fraction(a) - Fraction(b)) ** 2 for a, b in pairs), Fraction())
    return squares / (2 * len(np.atleast_2d(y)))


def nearest(value: Fraction) -> float:
    """Rounded to float64, ties to even; Python divides integers like that."""
    try:
        return float(value)
    except OverflowError:
        return np.inf


@st.composite
def operands(draw: st.DrawFn) -> tuple[Any, Any]:
    """Outputs and targets of some shape: any floats, such as nearly cancel, and large integers, whose losses are often ties."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    kind = draw(st.sampled_from(["any", "near", "integers", "tiny"]))
    rng = np.random.default_rng(draw(st.integers(0, 10**9)))
    if kind == "any":
        each = st.lists(finite, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
        return np.reshape(draw(each), shape), np.reshape(draw(each), shape)
    if kind == "integers":
        return rng.integers(-(2**27), 2**27, shape), rng.integers(0, 2, shape)
    y = rng.normal(size=shape) * 10.0 ** draw(st.integers(-170, 150))
    return y, (y * (1 + rng.normal(size=shape) * 1e-14) if kind == "near" else y * 1e-20 * rng.normal(size=shape))


@given(operands=operands())
def test_it_is_the_rational_number_rounded(operands: tuple[Any, Any]) -> None:
    """Whatever is given, the loss is the exact one, rounded."""
    y, t = operands
    assert certified_mean_squared_error(y, t) == nearest(loss(y, t))
    assert certified_mean_squared_error(y[0], t[0]) == nearest(loss(y[0], t[0]))


@pytest.mark.zoo
def test_a_hundred_thousand_values_are_right() -> None:
    """Of 100,000 losses of random outputs, none differs from the rational number rounded."""
    rng = np.random.default_rng(0)
    for _ in range(100_000):
        y, t = rng.normal(size=(2, 3, 2)) * 2.0 ** rng.integers(-30, 30, (2, 1, 1))
        assert certified_mean_squared_error(y, t) == nearest(loss(y, t))


@given(operands=operands(), dtype=st.sampled_from(["float64", "float32"]))
def test_it_is_the_pages_definition(operands: tuple[Any, Any], dtype: str) -> None:
    """In either dtype it is what the page defines."""
    y, t = operands
    assert certified_mean_squared_error(y, t, dtype=dtype) == exact("mean_squared_error", y, t).nearest(dtype)


def test_ties_go_to_ball_arithmetic_and_to_even(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of 2⁵⁴ + 2·odd is a tie: it is not certain, and is rounded to even; so is what lies next to it."""
    asked = []

    def counted(y: Any, t: Any) -> Any:
        asked.append(y)
        return squared_error.mean_loss(y, t)

    monkeypatch.setattr(page, "mean_loss", counted)
    # Half of 2⁵⁴ + 1 + 1 is 2⁵³ + 1
    for small, expected in ((0.0, 2.0**53), (2.0**-10, 2.0**53 + 2), (2.0**-400, 2.0**53 + 2)):
        assert certified_mean_squared_error([2.0**27, 1.0, 1.0, small], np.zeros(4)) == expected
    assert len(asked) == 2
    # Half of 2⁵⁴ + 4 + 1 + 1 is 2⁵³ + 3
    assert certified_mean_squared_error([2.0**27, 2.0, 1.0, 1.0], np.zeros(4)) == 2.0**53 + 4


def test_many_entries_are_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several chunks, what is put to the rounding test is off by less than it is told, and is certain."""
    seen = []

    def noted(x: Any, relative: float) -> Any:
        seen.append((x, relative))
        return rounded(x, relative)

    monkeypatch.setattr(page, "rounded", noted)
    monkeypatch.setattr(page, "mean_loss", None)
    rng = np.random.default_rng(0)
    for y in (rng.normal(size=(30, 1000)), rng.uniform(1, 1.5, (10, 1000)), np.full((9, 1000), 1 / 3)):
        t = rng.normal(size=y.shape) * 2.0**-53
        exactly = loss(y, t)
        assert certified_mean_squared_error(y, t) == nearest(exactly)
        x, relative = seen.pop()
        assert abs(Fraction(float(x[0][0])) + Fraction(float(x[1][0])) - exactly) < Fraction(relative) / 2 * exactly


def test_equal_arrays_have_no_loss() -> None:
    """y = t costs exactly 0, in the dtype asked for."""
    y = np.ones((2, 3))
    assert certified_mean_squared_error(y, y, dtype="float32") == 0
    assert certified_mean_squared_error(y, y, dtype="float32").dtype == np.float32


def test_what_has_no_value_is_refused() -> None:
    """Shapes that differ, numbers that are not finite, and another dtype are refused with a sentence; nothing is written into."""
    with pytest.raises(ValueError, match="y and t must have the same shape"):
        certified_mean_squared_error([1.0, 2.0], [[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"t must be finite: .* got t\[1\] = inf"):
        certified_mean_squared_error([1.0, 2.0], [1.0, np.inf])
    with pytest.raises(TypeError, match="t must hold integers up to 2\\*\\*53; got 9007199254740993"):
        certified_mean_squared_error([1.0], [2**53 + 1])
    with pytest.raises(ValueError, match="dtype must be float64 or float32; got 'int8'"):
        certified_mean_squared_error([1.0], [2.0], dtype="int8")
    y, t = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    certified_mean_squared_error(y, t)
    assert (y.tolist(), t.tolist()) == ([1, 2], [3, 5])
