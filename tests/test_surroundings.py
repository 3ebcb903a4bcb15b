"""A function about a point: where it is evaluated, what counts as a value there, and in which units steps are measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from refmath.arguments import Array
from refmath.gradients import surroundings as module
from refmath.gradients.containers import Container
from refmath.gradients.slope_estimate import UNKNOWN, Rival, Slope
from refmath.gradients.surroundings import Outputs, Surroundings, rounding, scales

Step = Callable[[float], tuple[float, float]]


def about(f: Callable[[Any], Any], x: Any) -> Surroundings:
    return Surroundings(f, Container("x", x))


class Asked:
    """What the estimate of a slope was asked for; it knows nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "slope_estimate", self.slope_estimate)

    def slope_estimate(self, step: Step, value: float, most: float, **options: Any) -> Slope:
        self.step, self.value, self.most, self.options = step, value, most, options
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
        ([3.0, -0.5], [2.0, 0.5]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([0.0, -0.25, 8.0], [0.25, 0.25, 8.0]),
        ([0.0, 5.0, 9.0], [1.0, 4.0, 8.0]),
        ([2.0**-80, -1.0], [2.0**-80, 1.0]),
        ([2.0**-80, 0.0, 4.0], [2.0**-80, 1.0, 4.0]),
        ([0.0, 5e-324], [5e-324, 5e-324]),
    ],
)
def test_steps_are_measured_in_the_size_of_an_entry(x: list[float], expected: list[float]) -> None:
    """As a power of two; that of a zero is the smallest of the others that are not next to zero, or 1."""
    for dtype in (np.float64, np.longdouble):
        got = scales(np.array(x, dtype))
        assert got.tolist() == expected
        assert got.dtype == np.float64


def test_a_function_is_asked_twice_at_the_point() -> None:
    """Its value there is known, and every evaluation is counted."""
    f = Recorder()
    here = about(f, np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert (here.value, here.evaluations, here.size) == (4321.0, 2, 4)
    assert f.points == [[1.0, 2.0, 3.0, 4.0]] * 2
    assert here.scale.tolist() == [1.0, 2.0, 2.0, 4.0]
    assert here.at(np.array([5.0, 0.0, 0.0, 0.0])) == 5.0
    assert here.evaluations == 3


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_function_without_a_value_is_refused(value: float) -> None:
    """At the point itself f has to be finite."""
    with pytest.raises(ValueError, match=rf"^f must be finite at x; got {value}$"):
        about(lambda _x: value, np.ones(2))


def test_a_function_of_two_values_is_refused() -> None:
    """Noise from a generator is no function of x."""
    values = iter([1.5, 2.5])
    with pytest.raises(ValueError, match=r"^f must have one value at x; got 1\.5, and then 2\.5$"):
        about(lambda _x: next(values), np.ones(2))


def test_what_f_returns_is_read_as_a_number() -> None:
    """Anything else is refused as what f returned; its dtype says how it is rounded."""
    here = about(lambda x: np.sum(x, keepdims=True, dtype=np.float32), np.ones(2))
    assert (here.value, here.eps) == (2.0, 2.0**-23)
    assert about(lambda x: 3, np.ones(2)).eps == 2.0**-52
    with pytest.raises(TypeError, match=r"^f must return a real number; got str$"):
        about(lambda _x: "2", np.ones(2))
    with pytest.raises(ValueError, match=r"^f must return one number, .*; got shape \(2,\): .* check_vjp"):
        about(lambda x: x, np.ones(2))


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (3.0, 1.0),
        (0.0, 1.0),
        (2.0**499, 1.0),
        (2.0**500, 2.0**-501),
        (1e300, 2.0**-997),
        (1e-300, 2.0**996),
        (1e-320, 2.0**1000),
    ],
)
def test_values_far_from_one_are_taken_in_another_unit(value: float, unit: float) -> None:
    """So that no product leaves the range of float64."""
    here = about(lambda _x: value, np.ones(2))
    assert here.unit == unit
    assert here.value == value * unit
    assert here.at(here.x) == value * unit


@pytest.mark.parametrize(
    ("entries", "whole", "most"),
    [([1], False, 2.0**20), ([1], True, 2.0**20), ([0, 1], False, 2.0**20), ([0, 1], True, 0.5)],
)
def test_how_far_the_ladder_may_reach(asked: Asked, entries: list[int], whole: bool, most: float) -> None:
    """Along several entries no further than half of each, if the whole is asked for: none shall change its sign."""
    here = about(Recorder(), np.array([1.0, 2.0]))
    assert here.along(np.ones(len(entries)), np.array(entries), whole=whole) is UNKNOWN
    assert (asked.value, asked.most) == (21.0, most)
    assert asked.options == {"spacing": 2.0**-52, "eps": 2.0**-52, "tiny": 2.0**-1074, "whole": whole, "closely": False}


def test_a_step_along_one_entry(asked: Asked) -> None:
    """It is so many times the direction and the entry's size; the others stay."""
    f = Recorder()
    here = about(f, np.array([[1.0, -2.0, 4.0]]))
    here.along(np.array([3.0]), np.array([1]))
    assert asked.step(0.25) == (0.25, 401.0 + 10 * -0.5)
    assert asked.step(-0.25) == (-0.25, 401.0 + 10 * -3.5)
    assert f.points[2:] == [[1.0, -0.5, 4.0], [1.0, -3.5, 4.0]]
    assert here.evaluations == 4
    assert here.x.tolist() == [1.0, -2.0, 4.0]


def test_the_step_along_one_entry_is_the_one_that_was_made(asked: Asked) -> None:
    """0.7 units above 1 is rounded to one; below 1 the units are half as large."""
    here = about(Recorder(), np.array([1.0, 1.0]))
    here.along(np.array([-1.0]), np.array([0]))
    assert asked.step(0.7 * 2.0**-52)[0] == 2.0**-53
    assert asked.step(-0.7 * 2.0**-52)[0] == -(2.0**-52)
    assert asked.step(0.3 * 2.0**-53)[1] != asked.step(0.3 * 2.0**-53)[1]  # nan: no step was made


def test_a_step_along_several_entries(asked: Asked) -> None:
    """Each moves in units of its own size, and the step counts as what it was meant to be."""
    here = about(Recorder(), np.array([1.0, -2.0, 4.0]))
    here.along(np.array([1.0, -0.5]), np.array([2, 0]))
    assert asked.step(0.7 * 2.0**-52)[0] == 0.7 * 2.0**-52
    assert asked.step(0.5) == (0.5, 600 - 20 + 0.75)
    assert asked.step(-0.5) == (-0.5, 200 - 20 + 1.25)


def test_beyond_the_range_there_is_no_value(asked: Asked) -> None:
    """Where a coordinate is beyond every float f is not asked."""
    f = Recorder()
    here = about(f, np.array([1.5 * 2.0**1023, 1.0]))
    here.along(np.ones(1), np.array([0]))
    assert math.isnan(asked.step(0.75)[1])
    assert len(f.points) == 2


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, IndexError, RuntimeError, AssertionError])
def test_where_f_fails_it_has_no_value(asked: Asked, error: type[Exception]) -> None:
    """Near x and far from it, whatever it raises; what that was is kept."""

    def f(x: Array) -> Any:
        if x[0] > 1:
            raise error("not here")
        return 2.0

    here = about(f, np.ones(1))
    here.along(np.ones(1), np.array([0]))
    assert math.isnan(asked.step(2.0**-52)[1])
    assert math.isnan(asked.step(4.0)[1])
    assert asked.step(-0.25) == (-0.25, 2.0)
    assert here.failure == f"{error.__name__}: not here"


def test_an_interruption_passes_through(asked: Asked) -> None:
    """It is no failure of f."""

    def f(x: Array) -> Any:
        if x[0] > 1:
            raise KeyboardInterrupt
        return 2.0

    about(f, np.ones(1)).along(np.ones(1), np.array([0]))
    with pytest.raises(KeyboardInterrupt):
        asked.step(0.5)


def test_gradients_nearby_are_those_of_a_piece() -> None:
    """Of max(x, 2y) on either side of its kink; on it there is none."""
    here = about(lambda x: max(x[0], 2 * x[1]), np.array([1.0, 0.5]))
    entries = np.arange(2)
    for direction, expected in (([1.0, -1.0], [1.0, 0.0]), ([-1.0, 1.0], [0.0, 1.0])):
        found = here.gradient_nearby(np.array(direction), entries)
        assert found is not None
        assert np.allclose(found[0], expected, atol=found[1] + 1e-6)
    assert here.gradient_nearby(np.array([1.0, 1.0]), entries) is None


def test_warnings_from_afar_are_not_given(asked: Asked) -> None:
    """An overflow a long way from the point is no news, and warnings are errors here."""
    about(lambda x: np.exp(x[0]), np.ones(1)).along(np.ones(1), np.array([0]))
    assert asked.step(2.0**12)[1] == math.inf


@pytest.mark.parametrize("small", [1e-13, 1e-300])
def test_an_entry_next_to_zero_is_taken_for_one(small: float) -> None:
    """Where steps of its own size move nothing, steps as about a zero do; in its own units again."""
    here = about(lambda x: np.exp(x[0]) + x[1], np.array([small, 1.0]))
    slope = here.along(np.ones(1), np.array([0]))
    assert slope.value / here.scale[0] == pytest.approx(1, abs=1e-6)
    assert slope.uncertainty / here.scale[0] < 1e-6


def test_entries_of_several_arrays_have_names() -> None:
    """The path to the array, and the index in it; each array comes with its entries."""
    here = about(lambda p: np.sum(p["W"]) + p["b"], {"W": np.arange(4.0).reshape(2, 2), "b": np.array(7.0)})
    assert [here.index(i) for i in (2, 4)] == [("['W']", (1, 0)), ("['b']", ())]
    assert [(name, shape, start, x.tolist()) for name, shape, start, x in here.arrays()] == [
        ("['W']", (2, 2), 0, [0.0, 1.0, 2.0, 3.0]),
        ("['b']", (), 4, [7.0]),
    ]


def test_outputs_share_their_values() -> None:
    """f is asked once for each step, whichever of its entries is looked at."""
    calls = []

    def f(x: Array) -> Array:
        calls.append(x.copy())
        return np.array([np.sin(x[0]), x[0] * x[1], 3.0])

    here = Outputs(f, Container("x", np.array([0.5, 2.0])))
    expected = [np.cos(0.5) * here.tangent[0], 2 * here.tangent[0] + 0.5 * here.tangent[1], 0.0]
    for place, slope in enumerate(expected):
        found = here.along(np.ones(1), np.array([place]))
        assert abs(found.value - slope) <= found.uncertainty + 1e-12
    before = len(calls)
    both = here.along(np.array([1.0, -1.0]), np.array([0, 1]))
    assert abs(both.value - (expected[0] - expected[1])) <= both.uncertainty + 1e-12
    assert len(calls) <= before + 40
    assert here.evaluations <= len(calls)
    assert (here.size, here.index(2)) == (3, ("", (2,)))


def test_outputs_must_be_finite() -> None:
    """The first that is not is named."""
    with pytest.raises(ValueError, match=r"^what f returns must be finite; got what f returns\[1\] = nan$"):
        Outputs(lambda x: np.array([1.0, np.nan]), Container("x", np.ones(2)))


@pytest.mark.parametrize(
    ("value", "eps"), [(1.0, 2.0**-52), (3, 2.0**-52), (np.float32(1), 2.0**-23), (np.ones(1, np.float16), 2.0**-10), (np.int32(3), 2.0**-52)]
)  # fmt: skip
def test_the_rounding_of_a_value_is_that_of_its_dtype(value: Any, eps: float) -> None:
    """Integers and Python's numbers are as fine as float64."""
    assert rounding(value) == eps


class Narrow(Container):
    """Arrays of which the first is handed over in float64, and the others in float32."""

    unsteady = "; so it goes"

    def taken(self, value: Any, array: Array) -> tuple[Array, np.dtype[Any]]:
        return array, np.dtype(np.float32 if self.parts else np.float64)


def test_a_container_knows_why_values_may_differ() -> None:
    """As those of a module in training."""
    values = iter([1.5, 2.5])
    with pytest.raises(ValueError, match=r"^f must have one value at x; got 1\.5, and then 2\.5; so it goes$"):
        Surroundings(lambda _x: next(values), Narrow("x", np.ones(1)))


def test_nothing_has_failed_at_first() -> None:
    """Neither of f nor of what it returns."""
    assert about(Recorder(), np.ones(1)).failure == ""
    outputs = Outputs(lambda x: x + 0.0, Container("x", np.ones(2)))
    assert (outputs.failure, outputs.unit, outputs.evaluations) == ("", 1.0, 1)


def test_what_several_numbers_mean_is_asked() -> None:
    """A word on what judges functions of arrays."""
    with pytest.raises(ValueError, match="one number") as raised:
        about(lambda _x: np.ones((2, 1)), np.ones(2))
    assert str(raised.value) == (
        "f must return one number, or an array that holds one; got shape (2, 1): for an array-valued f, check_vjp judges a backward function, "
        "and check_jvp a forward one"
    )


def test_the_widest_spacing_counts(asked: Asked) -> None:
    """Of the arrays in which the entries stand; along one entry the step is the one that is left in its dtype."""
    here = Surroundings(lambda p: float(p[0].sum() + p[1].sum()), Narrow("x", [np.ones(40), np.ones(40)]))
    for entries, spacing in (([0], 2.0**-52), ([40], 2.0**-23), ([0, 40], 2.0**-23), (range(33), 2.0**-52)):
        here.along(np.ones(len(entries)), np.array(entries))
        assert asked.options["spacing"] == spacing
    here.along(np.ones(1), np.array([0]))
    assert asked.step(0.7 * 2.0**-23)[0] == pytest.approx(0.7 * 2.0**-23, rel=1e-6)
    here.along(np.ones(1), np.array([40]))
    assert asked.step(0.7 * 2.0**-23)[0] == 2.0**-23


@pytest.mark.parametrize(("value", "tiny"), [(1e300, 2.0**-1074), (1.0, 2.0**-1074), (1e-300, 2.0**-78)])
def test_the_smallest_distance_of_values_is_in_their_unit(asked: Asked, value: float, tiny: float) -> None:
    """Where they are taken in a smaller one."""
    about(lambda _x: value, np.ones(1)).along(np.ones(1), np.array([0]))
    assert asked.options["tiny"] == tiny


def slope(value: float, uncertainty: float, **others: Any) -> Slope:
    return replace(UNKNOWN, value=value, uncertainty=uncertainty, **others)


class Answers:
    """Slopes, one after the other; and with what steps and options they were asked for."""

    def __init__(self, here: Surroundings, *slopes: Slope) -> None:
        self.slopes, self.asked = list(slopes), []  # type: list[Slope], list[Any]
        here.with_steps = self  # type: ignore[method-assign]

    def __call__(self, steps: Array, entries: Array, whole: bool, closely: bool) -> Slope:
        self.asked.append((steps.tolist(), entries.tolist(), whole, closely))
        return self.slopes[len(self.asked) - 1]


SMALL = 2.0**-41
ROUGH = slope(1.0, 0.5)


@pytest.mark.parametrize(
    ("x", "entries", "own"),
    [
        (SMALL, [0], slope(1.0, 0.01)),
        (SMALL, [0], slope(-1.0, 0.01)),
        (SMALL, [0], slope(1.0, 0.5, jump=1.0)),
        (SMALL, [0], slope(1.0, 0.5, cusp=0.5)),
        (SMALL, [0, 1], ROUGH),
        (2.0**-40, [0], ROUGH),
        (1.0, [0], ROUGH),
    ],
)
def test_steps_of_its_own_size_suffice(x: float, entries: list[int], own: Slope) -> None:
    """Where they tell the slope to a hundredth, or a kink or a cusp; along several entries; and for an entry that is not next to zero."""
    here = about(Recorder(), np.array([x, 2.0]))
    answers = Answers(here, own)
    assert here.along(np.ones(len(entries)), np.array(entries)) is own
    assert answers.asked == [([x, 2.0][: len(entries)], entries, False, False)]


@pytest.mark.parametrize("own", [ROUGH, slope(1.0, 0.011), slope(0.0, math.inf)])
def test_where_they_do_not_it_may_be_a_zero(own: Slope) -> None:
    """Longer steps count if they tell the slope to a millionth, or a kink; what they tell is in units of the entry again."""
    here = about(Recorder(), np.array([SMALL, 2.0]))
    answers = Answers(here, own, slope(-4.0, 4e-6, rival=Rival(3.0, 0.5, 0.25, 0.125)))
    found = here.along(np.array([-1.0]), np.array([0]), whole=True, closely=True)
    assert answers.asked == [([-SMALL], [0], True, True), ([-1.0], [0], True, True)]
    assert (found.value, found.uncertainty, found.jump) == (-4 * SMALL, 4e-6 * SMALL, 0.0)
    assert found.rival == Rival(3 * SMALL, 0.5 * SMALL, 0.25, 0.125)
    Answers(here, own, slope(-4.0, 5e-6))
    assert here.along(np.ones(1), np.array([0])) is own
    Answers(here, own, slope(-4.0, 1.0, jump=2.0))
    kink = here.along(np.ones(1), np.array([0]))
    assert (kink.value, kink.uncertainty, kink.jump, kink.rival) == (-4 * SMALL, SMALL, 2 * SMALL, None)


@pytest.mark.parametrize(("kind", "eps"), [(float, 2.0**-52), (np.float32, 2.0**-23)])
def test_where_gradients_nearby_are_taken(kind: Callable[[float], Any], eps: float) -> None:
    """64 steps beside x, each the cube root of the rounding, in units of each entry; and a step to both sides of that."""
    points: list[list[float]] = []

    def f(x: Array) -> Any:
        points.append(x.tolist())
        return kind(x[0] + 10 * x[1])

    here = about(f, np.array([1.0, 2.0]))
    found = here.gradient_nearby(np.array([1.0, -0.5]), np.arange(2))
    step = float(np.cbrt(eps))
    beside = [1 + 64 * step, 2 - 64 * step]
    expected = [beside, [beside[0] + step, beside[1]], [beside[0] - step, beside[1]]]
    expected += [[beside[0], beside[1] + 2 * step], [beside[0], beside[1] - 2 * step]]
    assert np.allclose(points[2:], expected, rtol=0, atol=1e-15)
    assert found is not None
    assert np.allclose(found[0], [1.0, 20.0], atol=found[1])
    assert found[1] == pytest.approx(16 * eps * 21.0 / step, rel=1e-6)


def bent(bend: float, far: float = 0.0) -> tuple[Array, float] | None:
    """The gradient where f has a kink exactly 64 steps beside x, with the slope 1 to the left of it."""
    corner = 1 + 64 * float(np.cbrt(2.0**-52))
    here = about(lambda x: far + (x[0] - corner) + bend * max(x[0] - corner, 0.0), np.array([1.0]))
    return here.gradient_nearby(np.ones(1), np.array([0]))


def test_gradients_at_a_kink_are_none() -> None:
    """Unless both sides are one within three hundredths, or within four times what rounding leaves open."""
    found = bent(0.03)
    assert found is not None
    assert float(found[0][0]) == pytest.approx(1.015, rel=1e-6)
    assert found[1] == pytest.approx(0.015, rel=1e-6)
    assert bent(0.032) is None
    doubt = 16 * 2.0**-52 * 1e9 / float(np.cbrt(2.0**-52))
    assert bent(3.8 * doubt, 1e9) is not None
    assert bent(4.5 * doubt, 1e9) is None


def test_where_f_fails_nearby_there_is_no_gradient() -> None:
    """Whatever it raises."""

    def f(x: Array) -> float:
        if x[0] != 1:
            raise KeyError("not here")
        return 1.0

    assert about(f, np.ones(1)).gradient_nearby(np.ones(1), np.array([0])) is None


def outputs(f: Callable[[Array], Any]) -> Outputs:
    return Outputs(f, Container("x", np.array([0.5, 2.0])))


def test_the_direction_of_outputs_is_drawn_in_units_of_the_entries() -> None:
    """The same for each check."""
    here = outputs(lambda x: x + 0.0)
    assert here.tangent.tolist() == (np.array([0.5, 2.0]) * np.random.default_rng(0).standard_normal(2)).tolist()
    assert (here.size, here.value, here.scale.tolist()) == (2, 2.0, [1.0, 1.0])
    assert here.gradient_nearby(np.ones(1), np.array([0])) is None
    assert [(name, shape, start, x.tolist()) for name, shape, start, x in here.arrays()] == [("", (2,), 0, [0.0, 0.0])]


@pytest.mark.parametrize(("whole", "most"), [(False, 2.0**20), (True, 0.5)])
def test_along_outputs(asked: Asked, whole: bool, most: float) -> None:
    """The sum of some of them, each times its factor, at steps along the tangent."""
    here = outputs(lambda x: np.array([x[0], 3.0, 10 * x[1]]))
    here.eps = 2.0**-23
    here.along(np.array([2.0, -1.0]), np.array([0, 2]), whole=whole, closely=whole)
    assert (asked.value, asked.most) == (2 * 0.5 - 20, most)
    assert asked.options == {"spacing": 2.0**-52, "eps": 2.0**-23, "whole": whole, "closely": whole}
    step, value = asked.step(0.25)
    moved = np.array([0.5, 2.0]) + 0.25 * here.tangent
    assert step == 0.25
    assert value == pytest.approx(2 * moved[0] - 10 * moved[1], rel=1e-6)
    assert here.evaluations == 2
    asked.step(0.5)
    asked.step(0.25)
    assert here.evaluations == 3
    here.along(np.ones(1), np.array([0]))
    assert (asked.options["whole"], asked.options["closely"]) == (False, False)


def test_outputs_that_fail_beside_x(asked: Asked) -> None:
    """There is no value there, and why is kept."""
    here = outputs(lambda x: np.ones(2) if x[0] == 0.5 else np.ones(3))
    here.along(np.ones(1), np.array([0]))
    assert math.isnan(asked.step(0.25)[1])
    assert here.failure == ("ValueError: what f returns and what f returns must have the same shape; got (2,) and (3,)")
    far = outputs(lambda x: np.exp(1e4 * np.abs(x)) if x[0] != 0.5 else np.ones(2))
    far.along(np.ones(1), np.array([0]))
    assert asked.step(0.25) == (0.25, math.inf)
