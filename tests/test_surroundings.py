"""A function about a point: where it is evaluated, what counts as a value there, and in which units steps are measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from refmath.arguments import Array
from refmath.calculus import surroundings as module
from refmath.calculus.slope_estimate import UNKNOWN, Rung, Slope
from refmath.calculus.surroundings import Surroundings, scales

Step = Callable[[float], Rung | None]


class Asked:
    """What the estimate of a slope was asked for; it knows nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "slope_estimate", self.slope_estimate)

    def slope_estimate(self, rung: Step, value: float, most: float, *, whole: bool = False) -> Slope:
        self.rung, self.value, self.most, self.whole = rung, value, most, whole
        return UNKNOWN


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


class Recorder:
    """f(x) = the sum of the entries, each multiplied by ten once more than the one before; it remembers its points."""

    def __init__(self) -> None:
        self.points: list[list[float]] = []

    def __call__(self, point: Array) -> float:
        self.points.append(point.reshape(-1).tolist())
        value = float(sum(10**place * entry for place, entry in enumerate(point.reshape(-1))))
        point[...] = np.nan  # what is written into it is nobody else's
        return value


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([3.0, -0.5], [3.0, 0.5]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([0.0, -0.25, 8.0], [0.25, 0.25, 8.0]),
        ([0.0, 4.0, 8.0], [1.0, 4.0, 8.0]),
        ([2.0**-80, -1.0], [2.0**-70, 1.0]),
        ([2.0**-69, -1.0], [2.0**-69, 1.0]),
        ([2.0**-80, 0.0, 4.0], [2.0**-68, 2.0**-80, 4.0]),
        ([0.0, 5e-324], [5e-324, 5e-324]),
    ],
)
def test_steps_are_measured_in_the_size_of_an_entry(x: list[float], expected: list[float]) -> None:
    """That of a zero is the smallest of the others, or 1; none is smaller than 2**-70 of the largest."""
    for dtype in (np.float64, np.longdouble):
        got = scales(np.array(x, dtype))
        assert got.tolist() == expected
        assert got.dtype == np.float64


def test_a_function_is_asked_twice_at_the_point() -> None:
    """Its value there is known, and every evaluation is counted."""
    f = Recorder()
    about = Surroundings(f, np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert (about.value, about.evaluations, about.size) == (4321.0, 2, 4)
    assert f.points == [[1.0, 2.0, 3.0, 4.0]] * 2
    assert about.x.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert about.scale.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert about.at(np.array([[5.0, 0.0], [0.0, 0.0]])) == 5.0
    assert about.evaluations == 3
    assert type(about.value) is float


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_function_without_a_value_is_refused(value: float) -> None:
    """At the point itself f has to be finite."""
    with pytest.raises(ValueError, match=rf"^f must be finite at x; got {value}$"):
        Surroundings(lambda _x: value, np.ones(2))


def test_a_function_of_two_values_is_refused() -> None:
    """Noise from a generator is no function of x."""
    values = iter([1.5, 2.5])
    with pytest.raises(ValueError, match=r"^f must have one value at x; got 1\.5, and then 2\.5$"):
        Surroundings(lambda _x: next(values), np.ones(2))


def test_what_f_returns_is_read_as_a_number() -> None:
    """Anything else is refused as what f returned."""
    assert Surroundings(lambda x: np.sum(x, keepdims=True, dtype=np.float32), np.ones(2)).value == 2.0
    with pytest.raises(TypeError, match=r"^f must return a real number; got str$"):
        Surroundings(lambda _x: "2", np.ones(2))
    with pytest.raises(
        ValueError, match=r"^f must return a number within the range of float64; got an integer beyond it$"
    ):
        Surroundings(lambda _x: 10**400, np.ones(2))


@pytest.mark.parametrize(
    ("entries", "whole", "most"),
    [([1], False, 2.0**20), ([1], True, 2.0**20), ([0, 1], False, 2.0**20), ([0, 1], True, 0.5)],
)
def test_how_far_the_ladder_may_reach(asked: Asked, entries: list[int], whole: bool, most: float) -> None:
    """Along several entries no further than half of each, if the whole is asked for: none shall change its sign."""
    about = Surroundings(Recorder(), np.array([1.0, 2.0]))
    assert about.along(np.ones(len(entries)), np.array(entries), whole=whole) is UNKNOWN
    assert (asked.value, asked.most, asked.whole) == (21.0, most, whole)


def test_the_whole_is_not_asked_for_unless_one_says_so(asked: Asked) -> None:
    """By default the ladder ends when the slope is known."""
    Surroundings(Recorder(), np.array([1.0, 2.0])).along(np.ones(1), np.array([0]))
    assert asked.whole is False


def test_a_step_along_one_entry(asked: Asked) -> None:
    """It is so many times the direction and the entry's size; the others stay."""
    f = Recorder()
    about = Surroundings(f, np.array([[1.0, -2.0, 4.0]]))
    about.along(np.array([3.0]), np.array([1]))
    assert asked.rung(0.25) == Rung(0.25, 0.25, 401.0 + 10 * -0.5, 401.0 + 10 * -3.5)
    assert f.points[2:] == [[1.0, -0.5, 4.0], [1.0, -3.5, 4.0]]
    assert about.evaluations == 4
    assert about.x.tolist() == [[1.0, -2.0, 4.0]]


def test_the_step_along_one_entry_is_the_one_that_was_made(asked: Asked) -> None:
    """0.7 units above 1 is rounded to one; below 1 the units are half as large."""
    about = Surroundings(Recorder(), np.array([1.0, 1.0]))
    about.along(np.array([-1.0]), np.array([0]))
    rung = asked.rung(0.7 * 2.0**-52)
    assert rung is not None
    assert (rung.right, rung.left) == (2.0**-53, 2.0**-52)


def test_a_step_along_several_entries(asked: Asked) -> None:
    """Each moves in units of its own size, and the step counts as what it was meant to be."""
    f = Recorder()
    about = Surroundings(f, np.array([1.0, -2.0, 4.0]))
    about.along(np.array([1.0, -0.5]), np.array([2, 0]))
    t = 0.7 * 2.0**-52
    rung = asked.rung(t)
    assert rung is not None
    assert (rung.right, rung.left) == (t, t)
    assert asked.rung(0.5) == Rung(0.5, 0.5, 600 - 20 + 0.75, 200 - 20 + 1.25)
    assert f.points[-2:] == [[0.75, -2.0, 6.0], [1.25, -2.0, 2.0]]


def test_beyond_the_range_there_is_no_value(asked: Asked) -> None:
    """Where a coordinate is beyond every float f is not asked, and there is no rung."""
    f = Recorder()
    about = Surroundings(f, np.array([1.5 * 2.0**1023, 1.0]))
    about.along(np.ones(1), np.array([0]))
    assert asked.rung(0.5) is None
    assert f.points[2:] == [[0.75 * 2.0**1023, 1.0]]


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_side_without_a_value_is_no_rung(asked: Asked, side: int, value: float) -> None:
    """Both sides have to be finite."""
    about = Surroundings(lambda x: value if side * (x[0] - 1) > 0 else 1.0, np.ones(1))
    about.along(np.ones(1), np.array([0]))
    assert asked.rung(0.125) is None


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, FloatingPointError])
def test_an_error_of_f_near_the_point_is_the_callers(asked: Asked, error: type[Exception]) -> None:
    """From a quarter of the entry on f may have no value: that ends the ladder."""

    def f(x: Array) -> Any:
        if x[0] != 1:
            raise error("not here")
        return 1.0

    Surroundings(f, np.ones(1)).along(np.ones(1), np.array([0]))
    with pytest.raises(error, match="not here"):
        asked.rung(math.nextafter(0.25, 0))
    assert asked.rung(0.25) is None
    assert asked.rung(1.0) is None


def test_another_error_of_f_is_the_callers_anywhere(asked: Asked) -> None:
    """A KeyError is no lack of a value."""

    def f(x: Array) -> Any:
        return {1.0: 1.0}[float(x[0])]

    Surroundings(f, np.ones(1)).along(np.ones(1), np.array([0]))
    with pytest.raises(KeyError):
        asked.rung(1.0)


def test_warnings_from_afar_are_not_given(asked: Asked) -> None:
    """An overflow a long way from the point is no news, and warnings are errors here."""
    Surroundings(lambda x: np.exp(x[0]), np.ones(1)).along(np.ones(1), np.array([0]))
    assert asked.rung(2.0**12) is None


def test_a_point_of_no_dimensions(asked: Asked) -> None:
    """A single number is a point as well."""
    Surroundings(lambda x: 3.0 * x, np.array(2.0)).along(np.ones(1), np.array([0]))
    assert asked.rung(0.5) == Rung(0.5, 0.5, 9.0, 3.0)
