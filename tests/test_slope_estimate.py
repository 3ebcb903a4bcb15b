"""The ladder from which a slope is read: its margins hold, whatever the function does, and what it cannot tell it does not tell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refmath.gradients import slope_estimate as module
from refmath.gradients.slope_estimate import (
    EPS,
    FEWEST,
    LOWEST,
    SAFETY,
    TINY,
    WIDE,
    Ladder,
    Reading,
    Rung,
    Slope,
    agreeing,
    cusp_of,
    differences,
    kink,
    leaps,
    louder,
    magnitude,
    measured_noise,
    noise_of_neighbours,
    noise_on,
    of_one_side,
    read,
    slope_estimate,
    unexplained,
    unsettled,
    vanishing,
)

pytestmark = pytest.mark.long

FLOAT32 = 2.0**-23
FARTHEST = 2.0**20
Function = Callable[[float], float]


def stepped(φ: Function) -> Callable[[float], tuple[float, float]]:
    """As the surroundings of a point give it: what raises or is infinite is no number."""

    def step(t: float) -> tuple[float, float]:
        try:
            return t, float(φ(t))
        except (ArithmeticError, ValueError):
            return t, math.nan

    return step


def estimate(φ: Function, **options: Any) -> Slope:
    return slope_estimate(stepped(φ), float(φ(0.0)), options.pop("most", FARTHEST), **options)


def ladder(φ: Function, count: int, **options: Any) -> Ladder:
    """A ladder with so many rungs, or as many as there are."""
    found = Ladder(stepped(φ), float(φ(0.0)), EPS, options.get("eps", EPS), TINY, FARTHEST)
    while found.count < count and found.climb():
        pass
    return found


# ---- margins


def jitter(t: float, seed: int = 0) -> float:
    """From −1 to 1, by every bit of t."""
    return float(np.random.default_rng([int(np.float64(t).view(np.uint64)), seed]).uniform(-1, 1))


SMOOTH: dict[str, tuple[Function, float]] = {
    "nothing": (lambda t: 0.0, 0.0),
    "constant": (lambda t: 3.5, 0.0),
    "line": (lambda t: 2 + 3 * t, 3.0),
    "parabola": (lambda t: 1 + t + 7 * t * t, 1.0),
    "cubic": (lambda t: 1 + t - 5 * t**3, 1.0),
    "quintic": (lambda t: t + 20 * t**3 + 300 * t**5, 1.0),
    "fourth power": (lambda t: t**4, 0.0),
    "exponential": (math.exp, 1.0),
    "sine": (lambda t: math.sin(3 * t + 1), 3 * math.cos(1)),
    "fast sine": (lambda t: math.sin(1e6 * t), 1e6),
    "logarithm": (lambda t: math.log(1e-3 + t), 1e3),
    "root": (lambda t: math.sqrt(1e-9 + t), 0.5 / math.sqrt(1e-9)),
    "pole": (lambda t: 1 / (1e-6 - t), 1e12),
    "saturated": (lambda t: 1 / (1 + math.exp(-40 - t)), math.exp(-40)),
    "huge": (lambda t: 1e300 * (1 + t), 1e300),
    "tiny": (lambda t: 1e-200 * (1 + t), 1e-200),
    "kink nearby": (lambda t: 2 * t + abs(t - 1e-6), 1.0),
    "kink very near": (lambda t: 2 * t + max(t + 1e-12, 0), 3.0),
    "dead": (lambda t: max(t - 0.3, 0.0), 0.0),
    "fast and small": (lambda t: t + 1e-8 * math.sin(1e10 * t), 101.0),
    "faster": (lambda t: t + 1e-3 * math.sin(1e9 * t), 1 + 1e6),
    "quantised": (lambda t: float(np.round(0.3 + t)), 0.0),
}


@pytest.mark.parametrize("offset", [0.0, 1.0, -1e3, 1e6])
@pytest.mark.parametrize("name", SMOOTH)
def test_a_slope_is_where_it_is_said_to_be(name: str, offset: float) -> None:
    """Within the margin that is told, behind a constant of any size; and without one it is known well."""
    φ, expected = SMOOTH[name]
    slope = estimate(lambda t: φ(t) + offset)
    # With a constant of a million some steps of this set are as coarse as a staircase.
    told = (slope.rival is None or slope.rival.trusted) and not slope.cusp and math.isfinite(slope.jump)
    if told:
        allowed = slope.uncertainty + abs(slope.jump) / 2
        assert abs(slope.value - expected) <= allowed + 1e-12 * abs(expected)
    if offset == 0:
        assert told
        assert slope.uncertainty <= 1e-2 * abs(expected) + 1e-8
        assert slope.jump == 0


@example(2.0**-24, 0.0, 0.0, 1.0, 1e-7, 0)
@example(1e-6, 0.0, 0.0, 1.0, 1e-7, 1)
@given(
    st.floats(-10, 10),
    st.floats(-10, 10),
    st.floats(-10, 10),
    st.floats(1e-3, 1e3),
    st.sampled_from([0.0, 1e-12, 1e-9, 1e-7]),
    st.integers(0, 99),
)
def test_margins_hold_under_noise(a: float, b: float, c: float, pace: float, noise: float, seed: int) -> None:
    """A sine, a line and a parabola, and a jitter of any size that is none of a staircase; of a sine that the jitter hides no values tell."""
    slope = estimate(lambda t: a * math.sin(pace * t) + b * t + c * t * t + 3 + noise * jitter(t, seed))
    # On every rung it lies within what is left open for noise.
    hidden = 0 < abs(a) <= SAFETY * slope.noise
    if slope.rival is None and math.isfinite(slope.uncertainty) and not hidden:
        assert abs(slope.value - (a * pace + b)) <= slope.uncertainty + abs(slope.jump) / 2 + 1e-13 * abs(a * pace + b)


@pytest.mark.parametrize("at", np.random.default_rng(0).uniform(0.2, 3, 8).tolist())
def test_margins_hold_in_float32(at: float) -> None:
    """A function that was computed in float32 somewhere inside is coarse, and known to a few digits."""
    slope = estimate(lambda t: float(np.float32(math.sin(at + t)) * np.float32(2)))
    assert slope.rival is None
    assert abs(slope.value - 2 * math.cos(at)) <= slope.uncertainty <= 0.05


@pytest.mark.parametrize("pieces", [100, 1000, 10000])
def test_a_staircase_has_two_slopes(pieces: int) -> None:
    """0 on a stair, and the one across many, with the height of a stair."""
    slope = estimate(lambda t: math.floor((0.55371 + 3 * t) * pieces) / pieces)
    assert slope.value == 0
    assert slope.rival is not None
    assert abs(slope.rival.value - 3) <= slope.rival.uncertainty < 1
    assert slope.rival.height == pytest.approx(1 / pieces, rel=1e-6)
    assert slope.rival.width <= WIDE


def test_stairs_of_rounding_are_noise() -> None:
    """Jumps no higher than a float32 makes them are none of the function."""
    slope = estimate(lambda t: math.floor(1e8 * (1 + 2 * t)) / 1e8)
    assert slope.rival is None
    assert abs(slope.value - 2) <= slope.uncertainty < 1e-3


def test_a_function_that_stands_still_and_then_ends_may_be_a_stair() -> None:
    """Nothing else is known of it."""
    slope = estimate(lambda t: 1.0 if abs(t) < WIDE / 3 else math.nan)
    assert slope.rival is not None
    assert math.isnan(slope.rival.height)
    assert math.isinf(slope.rival.uncertainty)
    assert estimate(lambda t: 1.0 if abs(t) < 9 * WIDE else math.nan).rival is None


def test_what_settles_on_another_slope_further_up_is_seen_when_it_is_looked_at_closely() -> None:
    """As where an iteration takes a step more beyond some point."""

    def φ(t: float) -> float:
        return 5 + t + 1e-3 * math.copysign(max(abs(t) - 1e-5, 0), t)

    assert estimate(φ).rival is None
    slope = estimate(φ, closely=True)
    assert slope.value == pytest.approx(1)
    assert slope.rival is not None
    assert abs(slope.rival.value - 1.001) <= slope.rival.uncertainty <= 3e-4
    assert estimate(math.exp, closely=True).rival is None


# ---- kinks, cusps, jumps


@pytest.mark.parametrize(("left", "right"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (3.0, 3.5), (-2.0, 1e3)])
@pytest.mark.parametrize("bent", [0.0, 5.0])
def test_a_kink_has_two_sides(left: float, right: float, bent: float) -> None:
    """Both slopes are known, with curvature and without."""
    slope = estimate(lambda t: (right if t > 0 else left) * t + bent * t * t + 7)
    assert slope.value - slope.jump / 2 == pytest.approx(left, abs=1e-5 * max(abs(left), abs(right)))
    assert slope.value + slope.jump / 2 == pytest.approx(right, abs=1e-5 * max(abs(left), abs(right)))


@pytest.mark.parametrize("distance", [1e-12, 1e-10, 1e-6, 1e-3, 0.1])
@pytest.mark.parametrize("side", [1, -1])
def test_a_kink_beside_zero_is_none_at_zero(distance: float, side: int) -> None:
    """From 1e-12 of the entry on."""
    slope = estimate(lambda t: max(side * t + distance, 0.0) + 1)
    assert slope.jump == 0
    assert abs(slope.value - side) <= slope.uncertainty < 0.01


@pytest.mark.parametrize("power", [0.2, 1 / 3, 0.5, 2 / 3, 0.8])
@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_a_cusp_is_told_with_its_power(power: float, odd: bool, offset: float) -> None:
    """Whether it is even, and has no slope to its sides, or odd, and has none at all."""
    slope = estimate(lambda t: offset + abs(t) ** power * (math.copysign(1, t) if odd else 1))
    assert slope.cusp == pytest.approx(power, abs=0.02)


@pytest.mark.parametrize("power", [1.2, 1.5, 2.0, 3.0])
def test_a_higher_power_is_no_cusp(power: float) -> None:
    """Its slope is 0."""
    slope = estimate(lambda t: abs(t) ** power)
    assert slope.cusp == 0
    assert abs(slope.value) <= slope.uncertainty < 1e-2


@pytest.mark.parametrize(
    "φ",
    [lambda t: float(t > 0), lambda t: 1.0 - (t < 0) + t, lambda t: 5 * math.floor(t)],
    ids=["right", "left", "floor"],
)
def test_a_jump_at_zero_is_infinite(φ: Function) -> None:
    """Nothing else is told of the slope."""
    slope = estimate(φ)
    assert slope.jump == math.inf
    assert slope.uncertainty == math.inf


@pytest.mark.parametrize(
    "φ",
    [lambda t: abs(t) * math.sin(1 / t) if t else 0.0, lambda t: t * math.log(abs(t)) if t else 0.0],
    ids=["sine", "logarithm"],
)
def test_what_does_not_settle_is_not_known(φ: Function) -> None:
    """Neither |t| sin(1/t) nor t ln|t| has a slope at 0."""
    slope = estimate(φ)
    assert slope.uncertainty > 0.1 or slope.cusp or slope.jump == math.inf


# ---- ends of a domain


@pytest.mark.parametrize("end", [1e-16, 1e-14, 1e-11, 1e-8])
@pytest.mark.parametrize("side", [1, -1])
def test_beside_an_end_the_other_side_tells(end: float, side: int) -> None:
    """To a few digits less."""
    slope = estimate(lambda t: math.exp(t) if side * t < end else math.nan)
    assert abs(slope.value - 1) <= slope.uncertainty < 1e-4


def test_a_function_of_one_side_only() -> None:
    """Its slope to that side."""
    slope = estimate(lambda t: 2 * t + t * t if t >= 0 else math.nan)
    assert slope.side == 1
    assert abs(slope.value - 2) <= slope.uncertainty < 1e-5


def test_without_a_value_beside_zero_nothing_is_known() -> None:
    """Nor from fewer rungs than are read."""
    slope = estimate(lambda t: math.nan if t else 3.0)
    assert (slope.uncertainty, slope.rungs, slope.at_zero) == (math.inf, (), 3.0)
    few = estimate(lambda t: t, most=LOWEST * EPS * 4.0 ** (FEWEST - 2))
    assert few.uncertainty == math.inf
    assert 0 < len(few.rungs) < FEWEST


# ---- the climb


def test_each_step_is_about_four_times_the_one_before() -> None:
    """From a little more than the spacing on, to both sides, up to the largest that is allowed; no two have the same digits."""
    steps: list[float] = []

    def step(t: float) -> tuple[float, float]:
        steps.append(t)
        return t, math.sin(t)

    slope = slope_estimate(step, 0.0, 1.0, whole=True)
    rungs = [each.right for each in slope.rungs]
    digits = {math.frexp(each)[0] for each in rungs}
    assert len(digits) == len(rungs)
    assert all(3 < after / before < 5.2 for before, after in itertools.pairwise(rungs))
    assert LOWEST * EPS <= rungs[0] < 2 * LOWEST * EPS
    assert [each.left for each in slope.rungs] == rungs
    assert {t for t in steps if abs(t) in rungs} == {sign * t for t in rungs for sign in (1, -1)}
    assert max(steps) <= 1.0


def test_the_climb_ends_when_the_slope_is_known() -> None:
    """A line is known long before its end, and is looked at twice further up."""
    asked = []

    def φ(t: float) -> float:
        asked.append(t)
        return 3.0 * t

    slope = estimate(φ)
    assert slope.uncertainty <= 2.0**-30 * 3
    assert len(slope.rungs) < 25
    assert max(asked) <= 2 * WIDE
    assert len(estimate(φ, whole=True).rungs) > 30


def test_a_slope_that_only_the_shortest_steps_have_is_not_taken_for_known() -> None:
    """A part in float16 moves in steps of its own: what lies below them is no slope of the whole."""
    slope = estimate(lambda t: 1e-3 * t + float(np.float16(1.3 + t)) if t < 9 else math.nan)
    assert slope.rival is not None
    assert abs(slope.rival.value - 1.001) <= slope.rival.uncertainty


# ---- the parts, in plain loops


rows = st.lists(
    st.tuples(st.integers(-9, 9).map(float), st.sampled_from([0.5, 1.0, 2.0, 9.0])), min_size=1, max_size=16
)


@given(rows)
@example([(0.0, 1.0), (2.0, 1.0), (4.0, 1.0)])
def test_the_last_rung_that_agrees(table: list[tuple[float, float]]) -> None:
    """All rungs up to it are compatible, each with each."""
    column, bar = (np.array(each) for each in zip(*table, strict=True))
    count = 0
    while count < len(table) and all(abs(column[count] - column[j]) <= bar[count] + bar[j] for j in range(count)):
        count += 1
    assert agreeing(column, bar) == count - 1


def test_a_rung_without_a_number_agrees_with_nothing() -> None:
    """Not even with itself."""
    assert agreeing(np.array([1.0, math.nan, 1.0]), np.ones(3)) == 0
    assert agreeing(np.array([math.nan, 1.0]), np.ones(2)) == -1


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.1, 10), st.floats(0.1, 10))
def test_the_slope_of_a_parabola_is_exact_on_uneven_steps(slope: float, bend: float, right: float, left: float) -> None:
    """As after rounding; of one side it is the secant."""

    def φ(t: float) -> float:
        return 2 + slope * t + bend * t * t

    rung = [Rung(right, left, φ(right), φ(-left))]
    scale = abs(slope) + abs(bend) * 10 + 1
    assert differences(rung, 2.0, 0)[0][0] == pytest.approx(slope, abs=1e-12 * scale / min(right, left))
    assert differences(rung, 2.0, 1)[0][0] == pytest.approx(slope + bend * right, abs=1e-12 * scale / right)
    assert differences(rung, 2.0, -1)[0][0] == pytest.approx(slope - bend * left, abs=1e-12 * scale / left)
    assert differences(rung, 2.0, 0)[1][0] == pytest.approx((right + left) / 2)


def kink_by_loops(bend: Sequence[float], bar: Sequence[float]) -> float:
    """The bend on the rungs up to two beyond the first clear one, if it is the same there to a quarter."""
    clear = [k for k, each in enumerate(bend) if abs(each) >= 64 * bar[k]]
    if not clear or clear[0] > len(bend) - 3:
        return 0.0
    m = clear[0]
    if any(abs(bend[k] - bend[m]) > bar[k] + abs(bend[m]) / 4 for k in range(m + 3)):
        return 0.0
    straightened = [(4 * low - high) / 3 for low, high in itertools.pairwise(bend)]
    return straightened[max(agreeing(np.array(straightened), 1.5 * np.array(bar[:-1])) - 1, 0)]


@given(
    st.lists(
        st.tuples(st.integers(-9, 9).map(float), st.sampled_from([0.0, 0.0625, 0.125, 1.0])), min_size=3, max_size=14
    )
)
@example([(4.0, 0.0625)] * 11)
@example([(0.0, 0.0625)] * 8 + [(4.0, 0.0625)] * 3)
@example([(3.0, 0.0625)] * 6 + [(4.0, 0.0625)] * 5)
@example([(6.25, 1.25)] + [(4.0, 0.0625)] * 10)
def test_a_kink_is_the_same_bend_on_all_low_rungs(table: list[tuple[float, float]]) -> None:
    """It has to show itself 64 times as clearly as the rounding, and to be the same to a quarter below and just above."""
    bend, bar = (np.array(each) for each in zip(*table, strict=True))
    assert kink(bend, bar, 4.0 ** np.arange(len(bend)))[0] == pytest.approx(
        kink_by_loops(list(bend), list(bar)), rel=1e-14
    )


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        ([4.0**k for k in range(8)], False),  # smooth
        ([2.0**k for k in range(8)], False),  # the power 1.5
        ([1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0], True),
        ([1.0] * 8, True),  # a kink, which is asked for before
        ([0.0] * 4 + [1.0] * 4, False),  # a kink nearby
        ([1e-9] * 8, False),
    ],
)
def test_slopes_that_do_not_draw_together_are_unsettled(bend: list[float], expected: bool) -> None:
    """Unless shorter steps show that they are one."""
    assert unsettled(np.array(bend), np.full(8, 1e-3)) is expected


def test_slopes_that_draw_together_have_a_limit() -> None:
    """They are at least halved from each rung to the one below; those of a root or a logarithm are not."""
    t = 4.0 ** np.arange(10)
    value, margin = vanishing(3 + t * np.array([1, -1, 1, 1, -1, 1, -1, -1, 1, 1]), t)
    assert abs(value - 3) <= margin < 1e4
    assert vanishing(t**-0.5, t)[1] == math.inf
    assert vanishing(np.arange(10.0), t)[1] == math.inf
    assert vanishing(np.full(10, math.nan), t)[1] == math.inf


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-6])
def test_the_noise_of_neighbouring_values_is_measured(size: float) -> None:
    """To a small factor; a smooth function has none beyond its rounding."""
    found = measured_noise(ladder(lambda t: math.sin(1 + t) + size * jitter(t), 12))
    assert size / 3 <= found <= 5 * size
    assert measured_noise(ladder(lambda t: math.sin(1 + t), 12)) <= 4 * EPS
    assert measured_noise(ladder(lambda t: float(np.round(0.3 + t)), 12)) == 0


@given(st.floats(0.05, 0.85), st.sampled_from([0.0, 1.0, 100.0]))
def test_a_power_is_read_from_the_rungs(power: float, offset: float) -> None:
    """Where it is less than 1."""
    found = ladder(lambda t: offset + abs(t) ** power, FEWEST)
    level = np.full(FEWEST, EPS * max(offset, 1e-9))
    if abs(found.rungs[0].above - offset) > 64 * level[0]:
        assert cusp_of(found, level) == pytest.approx(power, abs=0.05)


def test_what_is_read_names_the_rungs_it_rests_on() -> None:
    """The last of each column that agrees with all below."""
    reading = read(ladder(lambda t: t + t**3, 26), 0.0)
    first, second, third = reading.last
    assert first < second + 1 == third + 2 == 25
    assert reading.slope.straight == first
    assert not reading.sudden
    stairs = read(ladder(lambda t: math.floor(1e3 * t + 0.5) / 1e3, 26), 0.0)
    assert stairs.sudden
    assert module.discontinuity(ladder(lambda t: math.floor(1e3 * t + 0.5) / 1e3, 26), stairs) == pytest.approx(
        (1e-3, 5e-4)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("slope", [1.0, 3.0, -0.7])
def test_a_cast_at_zero_rounds_every_step(dtype: Any, slope: float) -> None:
    """About a zero there are floating-point numbers of every size: no step is short enough to be none, and none is exact."""
    found = estimate(lambda t: float(dtype(t)) * slope)
    assert abs(found.value - slope) <= found.uncertainty + abs(found.jump) / 2
    assert found.uncertainty <= 0.02 * abs(slope)


@given(st.floats(1e-12, 1e-3), st.floats(1e-6, 1.0), st.floats(0.5, 2.0), st.sampled_from([1, -1]))
def test_a_kink_that_noise_hides_is_within_the_margin(distance: float, bend: float, at: float, side: int) -> None:
    """What it does further up is not taken for the slope at zero."""
    slope = estimate(lambda t: math.sin(at + t) + 1 + bend * max(side * t - distance, 0.0))
    assert abs(slope.value - math.cos(at)) <= 1.3 * (slope.uncertainty + abs(slope.jump) / 2) + 1e-13


# ---- the parts, at their edges


class Table:
    """A function that is only known at some steps, and says at which it was asked."""

    def __init__(self, values: Callable[[float], float]) -> None:
        self.values, self.asked = values, list[float]()

    def __call__(self, t: float) -> tuple[float, float]:
        self.asked.append(t)
        return t, self.values(t)


def made(values: Callable[[float], float], rungs: Sequence[Rung] = (), side: int = 0, value: float = 0.0) -> Ladder:
    found = Ladder(Table(values), value, EPS, EPS, TINY, FARTHEST)
    found.rungs, found.side = list(rungs), side
    return found


@pytest.mark.parametrize(("side", "sign"), [(0, 1), (1, 1), (-1, -1)])
def test_the_noise_is_that_of_nine_values(side: int, sign: int) -> None:
    """From the eighth step on, on the side that there is; twice as large as differences of high order say."""
    alternating = made(lambda t: 3.0 + (-1) ** round(abs(t)), side=side)
    noise, moving = noise_on(alternating, 1.0)
    assert alternating.step.asked == [sign * i for i in range(8, 17)]  # type: ignore[attr-defined]
    # Differences of an order k are 2 to the power k times half the range, of which noise would make the root of 2k over k.
    assert noise == pytest.approx(2 * max(2**k / math.sqrt(math.comb(2 * k, k)) for k in range(4, 7)))
    assert moving is True


@pytest.mark.parametrize(("moves", "moving"), [(4, False), (5, True)])
def test_most_values_must_differ_from_their_neighbours(moves: int, moving: bool) -> None:
    """Five of eight; a level stretch has no noise at all."""
    assert noise_on(made(lambda t: min(t, 8.0 + moves)), 1.0)[1] is moving
    assert noise_on(made(lambda t: 2.0), 1.0) == (0.0, False)
    assert noise_on(made(lambda t: math.nan if t == 16 else t), 1.0) == (0.0, False)


def test_smooth_values_have_no_noise() -> None:
    """A parabola has no differences of the fourth order."""
    assert noise_on(made(lambda t: t * t), 1.0)[0] == pytest.approx(0.0, abs=1e-12)
    # Of the fourth power the fourth difference is 24 everywhere.
    assert noise_on(made(lambda t: t**4), 1.0)[0] == pytest.approx(2 * 24 / math.sqrt(70), rel=1e-9)


def test_neighbours_are_one_spacing_apart_or_seven() -> None:
    """A wave that is level on one of the two shows on the other."""
    ladder = made(lambda t: float(round(t / EPS) % 7))
    assert noise_of_neighbours(ladder) > 1
    assert {round(t / EPS) for t in ladder.step.asked} == {*range(8, 17), *range(56, 113, 7)}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("first", "step"),
    [(13.0, 13.0), (14.0, 26.0), (26.0, 26.0), (27.0, 52.0), (2.0, 13.0), (200.0, 208.0)],
)
def test_noise_is_measured_where_values_begin_to_move(first: float, step: float) -> None:
    """In steps of 13 spacings times a power of two, as long as the rung on which they move."""
    ladder = made(lambda t: 0.0, [Rung(first * EPS, first * EPS, 1.0, 0.0)])
    assert measured_noise(ladder) == 0.0
    assert ladder.step.asked[9:] == [i * step * EPS for i in range(8, 17)]  # type: ignore[attr-defined]


def test_noise_is_not_measured_in_long_steps() -> None:
    """Nor where nothing moves, or only to where there is no number."""
    for rung in (Rung(2.0**-19, 2.0**-19, 1.0, 1.0), Rung(1e-9, 1e-9, 0.0, 0.0), Rung(1e-9, 1e-9, math.nan, 0.0)):
        ladder = made(lambda t: t, [rung])
        assert measured_noise(ladder) == 0.0
        assert ladder.step.asked == []  # type: ignore[attr-defined]


EIGHT = np.arange(8.0)


@pytest.mark.parametrize(
    ("low", "found"),
    [
        ([1 + 2.0**-7, *[1.0] * 7], (1.0, 2 * 2.0**-7)),
        ([1.011, *[1.0] * 7], (0.0, math.inf)),
        ((1 + 2.0**EIGHT).tolist(), (2.0, 4.0)),
        ((1 + 4.0**EIGHT).tolist(), (2.0, 4 * 3 * 2.0**6)),
        (EIGHT.tolist(), (0.0, math.inf)),
        ([0, 0, 0, 1, 1, 5, 5, 5], (0.0, 4 * max(1 / 2.0**2, 4 / 2.0**4))),
        ([0, 0, 0, 1, 1, 4.9, 4.9, 4.9], (0.0, math.inf)),
        ([0, 0, 1, 1, 5.1, 5.1, 5.1, 5.1], (0.0, math.inf)),
        ([math.nan, *[1.0] * 7], (0.0, math.inf)),
    ],
)
def test_slopes_that_draw_together(low: list[float], found: tuple[float, float]) -> None:
    """Nearly one they are one; where the lowest moves are a quarter of the highest, what is left is a geometric series."""
    assert vanishing(np.array(low), EIGHT + 1) == pytest.approx(found)


def level(above: list[float], below: list[float]) -> list[Rung]:
    return [Rung(i + 1.0, i + 1.0, *each) for i, each in enumerate(zip(above, below, strict=True))]


@pytest.mark.parametrize(
    ("above", "below", "side", "leaping"),
    [
        ([1.0] * 8, [0.0] * 8, 0, True),
        ([0.0] * 8, [-1.0] * 8, 0, True),
        ([1.0] * 7 + [0.75], [0.0] * 8, 0, True),
        ([1.0] * 7 + [0.7], [0.0] * 8, 0, False),
        ([math.nan] * 8, [0.0] * 8, -1, False),
        ([math.nan] * 8, [2.0] * 8, -1, True),
        ([1.0] * 7 + [math.inf], [0.0] * 8, 0, False),
    ],
)
def test_a_jump_at_zero(above: list[float], below: list[float], side: int, leaping: bool) -> None:
    """A side that is off by the same on all the low rungs, within a quarter."""
    assert leaps(made(lambda t: t, level(above, below), side), 0.5) is leaping


@pytest.mark.parametrize(
    ("value", "above", "below", "coarse", "leaping"),
    [
        (2.0, 3.1, 2.0, 0.3, True),
        (2.0, 3.1, 2.0, 0.36, False),
        (0.0, 1.0, 0.0, 1.0, False),
        (0.0, 1.0, 0.0, 0.9, True),
        (0.0, 1.0, -4.0, 0.9, True),
        (0.0, 1.0, 0.125, 0.9, True),
        (-9.0, -8.0, -9.0, 0.12, False),
        (-9.0, -8.0, -9.0, 0.11, True),
    ],
)
def test_a_jump_is_more_than_rounding(value: float, above: float, below: float, coarse: float, leaping: bool) -> None:
    """As a part of the largest of the values."""
    assert leaps(made(lambda t: t, level([above] * 8, [below] * 8), value=value), coarse) is leaping


def test_what_jumps_at_zero_is_told_with_its_values() -> None:
    """And on which side there are any."""
    for φ, side in ((lambda t: 2.0 + (t > 0), 0), (lambda t: 2.0 + (t > 0) if t >= 0 else math.nan, 1)):
        found = estimate(φ)
        assert (found.jump, found.at_zero, found.side, len(found.rungs)) == (math.inf, 2.0, side, FEWEST)
    short = estimate(lambda t: 2.0 + t if 0 <= t < 1e-14 else math.nan)
    assert (short.uncertainty, short.at_zero, short.side) == (math.inf, 2.0, 1)
    assert 0 < len(short.rungs) < FEWEST


def test_what_stands_still_to_its_end_may_be_a_stair() -> None:
    """If that is near."""
    near = estimate(lambda t: 2.0 if abs(t) < 0.01 else math.nan).rival
    assert near is not None
    assert (near.value, near.uncertainty, near.trusted) == (0.0, math.inf, False)
    assert math.isnan(near.height)
    assert 0.001 < near.width < 0.01
    assert estimate(lambda t: 2.0 if abs(t) < 1 else math.nan).rival is None


def test_what_no_curve_explains_of_a_bend() -> None:
    """What grows with the step is taken off; on the last rung nothing can be."""
    t = np.array([1.0, 4.0, 20.0])
    assert unexplained(3 * t, t) == pytest.approx([0.0, 0.0, 60.0])
    assert unexplained(-2 - 3 * t, t) == pytest.approx([2.0, 2.0, 62.0])


@pytest.mark.parametrize(
    ("bend", "found"),
    [
        ([64.0, 64.0, 64.0], True),
        ([-64.0, 64.0, -64.0], True),
        ([63.0, 64.0, 64.0], False),
        ([63.9, 63.9, 63.9], False),
        ([15.0, 64.0, 99.0, 83.0], True),
        ([14.9, 64.0, 99.0, 83.0], False),
        ([15.0, 64.0, 83.0, 84.0], False),
        ([15.0, 64.0, 83.0, math.nan], True),
    ],
)
def test_sides_that_do_not_draw_together(bend: list[float], found: bool) -> None:
    """Clear on three rungs, not a third larger two rungs on; on shorter steps a quarter may hide in the bar."""
    assert unsettled(np.array(bend), np.ones(len(bend))) is found


@pytest.mark.parametrize(
    ("bend", "bar", "found"),
    [
        ([64.0, 64.0, 64.0], 1.0, (64.0, 0.75)),
        ([-64.0, -64.0, -64.0], 1.0, (-64.0, 0.75)),
        ([64.0, 64.0], 1.0, (0.0, 0.0)),
        ([63.9, 63.9, 63.9], 1.0, (0.0, 0.0)),
        ([64.0, 64.0, 81.0], 1.0, (64.0, 0.75)),
        ([64.0, 64.0, 81.1], 1.0, (0.0, 0.0)),
        ([64.0, 64.0, 64.0, 64.0, 64.0], [1.0, 2.0, 3.0, 4.0, 5.0], (64.0, 2.25)),
        ([47.0, 64.0, 64.0, 64.0], 1.0, (47 - 17 / 3, 0.75)),
        ([46.9, 64.0, 64.0, 64.0], 1.0, (0.0, 0.0)),
        ([67.0, 76.0, 112.0, 256.0], 1.0, (0.0, 0.0)),
        ([641.0, 644.0, 656.0, 704.0], 1.0, (640.0, 0.75)),
    ],
)
def test_a_kink_from_its_bend(bend: list[float], bar: Any, found: tuple[float, float]) -> None:
    """The same within a quarter on all rungs up to the second above the first that is clear; what grows with the step is taken off."""
    t = 4.0 ** np.arange(len(bend))
    assert kink(np.array(bend), np.broadcast_to(np.array(bar), len(bend)), t) == pytest.approx(found)


@pytest.mark.parametrize(
    ("powers", "level", "power"),
    [
        ([0.5] * 7, 1 / 65, 0.5),
        ([0.5] * 7, 1 / 64, 0.0),
        ([0.5] * 7, 1 / 63, 0.0),
        ([0.89] * 7, 1e-9, 0.89),
        ([0.91] * 7, 1e-9, 0.0),
        ([0.03] * 7, 1e-9, 0.03),
        ([0.01] * 7, 1e-9, 0.0),
        ([0.45, 0.54] * 3 + [0.5], 1e-9, 0.4957),
        ([0.45, 0.56] * 3 + [0.5], 1e-9, 0.0),
    ],
)
def test_the_power_of_a_cusp(powers: list[float], level: float, power: float) -> None:
    """On either side, if all rungs show about the same one, that is less than 1, by much more than the noise."""
    t = 4.0 ** np.arange(8)
    moved = np.cumprod([1.0, *[4.0**each for each in powers]])
    for sides in ((moved, np.zeros(8)), (np.full(8, math.nan), -moved)):
        rungs = [Rung(a, a, b, c) for a, b, c in zip(t, *sides, strict=True)]
        assert cusp_of(made(lambda t: t, rungs), np.full(8, level)) == pytest.approx(power, abs=1e-4)


@pytest.mark.parametrize(
    ("start", "then", "neighbours", "factor"),
    [
        (2, {3: 5}, 1.0, 3),
        (2, {3: 4, 10: 6}, 1.0, 10),
        (2, {3: 4, 10: 5, 30: 7}, 3.0, 30),
        (2, {3: 4, 10: 5, 30: 6, 100: 8}, 9.0, 100),
        (2, {3: 4, 10: 5, 30: 6, 100: 7}, 9.0, 0),
        (2, {3: 4, 10: 6}, 0.67, 10),
        (2, {3: 4, 10: 6}, 0.66, 0),
        (2, {3: 5}, 0.0, 3),
        (3, {3: 6}, 9.0, 3),
        (3, {3: 5, 10: 9}, 9.0, 0),
    ],
)
def test_a_louder_noise(
    monkeypatch: pytest.MonkeyPatch, start: int, then: dict[int, int], neighbours: float, factor: int
) -> None:
    """The least of some that explains two rungs more than its loudness would; a much louder one if neighbouring values show it."""
    slope = Slope(1.0, 1.0, 0.0, 2.0, 0, 0.0, ())

    def reading(first: int) -> Reading:
        return Reading(slope, (first, first, first), bent=True, sudden=True)

    monkeypatch.setattr(module, "read", lambda _ladder, noise: reading(then[round(noise / 2)]))
    monkeypatch.setattr(module, "noise_of_neighbours", lambda _ladder: neighbours)
    last = Reading(slope, (start, 9, 9), bent=True, sudden=True)
    assert louder(made(lambda t: t), last) == 2.0 * factor


def beside(side: int) -> Ladder:
    """3 t + t², with a kink a little beside zero on one side."""
    found = Ladder(stepped(lambda t: 3 * t + t * t + 5 * max(-side * t - 1e-9, 0.0)), 0.0, EPS, EPS, TINY, FARTHEST)
    while found.count < 20 and found.climb():
        pass
    return found


VAGUE = Slope(3.05, 0.1, 0.0, 1e-17, 3, 0.0, ())


@pytest.mark.parametrize("side", [1, -1])
def test_the_side_that_goes_on_as_it_begins(side: int) -> None:
    """It tells more where the other one has a kink, if both agree."""
    ladder = beside(side)
    found = of_one_side(ladder, VAGUE)
    assert found.value == pytest.approx(3.0, abs=1e-6)
    assert found.uncertainty < 1e-5
    assert replace(found, value=3.05, uncertainty=0.1) == VAGUE
    for known in (
        replace(VAGUE, uncertainty=0.003),
        replace(VAGUE, jump=1.0),
        replace(VAGUE, value=4.0),
        replace(VAGUE, value=-3.0),
    ):
        assert of_one_side(ladder, known) is known
    ladder.side = side
    assert of_one_side(ladder, VAGUE) is VAGUE


def test_a_rung_has_the_sides_that_there_are() -> None:
    """The other side is not asked."""
    right, left = made(lambda t: t + 1, side=1), made(lambda t: t + 1, side=-1)
    assert right.rung(2.0)[:3] == (2.0, 2.0, 3.0)
    assert left.rung(2.0)[:2] == (2.0, 2.0)
    assert (left.rung(2.0).below, math.isnan(left.rung(2.0).above), math.isnan(right.rung(2.0).below)) == (
        -1.0,
        True,
        True,
    )
    assert set(right.step.asked) == {2.0}  # type: ignore[attr-defined]
    assert set(left.step.asked) == {-2.0}  # type: ignore[attr-defined]


def test_a_side_that_ends_late_ends_the_ladder() -> None:
    """Before sixteen rungs the other side goes on alone; the largest step is still made."""
    filler = Rung(1.0, 1.0, 1.0, 1.0)
    early, late = (made(lambda t: t if t > 0 else math.nan, [filler] * count) for count in (15, 16))
    assert (early.climb(), early.side) == (True, 1)
    assert (late.climb(), late.side) == (False, 0)
    last = made(lambda t: t)
    last.most = last.top
    assert last.climb()
    assert not last.climb()


def test_a_jump_is_measured_by_both_sides_and_the_value() -> None:
    """Where there is but one side, by the value at zero."""
    fading = [-4.0, *[-0.1] * 7]
    assert not leaps(made(lambda t: t, level([1.0] * 8, fading)), 0.3)
    assert not leaps(made(lambda t: t, level(fading, [1.0] * 8)), 0.3)
    assert not leaps(made(lambda t: t, level([-8.0] * 8, [-8.9] * 8), value=-9.0), 0.112)
    assert leaps(made(lambda t: t, level([math.nan] * 8, [2.0] * 8), -1, 0.5), 0.9)


@pytest.mark.parametrize(("right", "asked"), [(0.5, [0.7, -0.7]), (0.6, []), (1.0, [])])
def test_how_large_a_function_is(right: float, asked: list[float]) -> None:
    """On the first rung beyond a half, or at 0.7 if there is none."""
    ladder = made(lambda t: 10 * t, [Rung(right, right, 3.0, -4.0)], value=1.0)
    assert magnitude(ladder) == (7.0 if asked else 4.0)
    assert ladder.step.asked == asked  # type: ignore[attr-defined]


def test_it_is_read_every_third_rung() -> None:
    """And at eight; a constant is no longer climbed than to some hundreds."""
    for φ in (math.exp, lambda t: math.sin(3 * t + 1), lambda t: 1 + t - 5 * t**3, lambda t: 1e-3 * math.exp(t)):
        count = len(estimate(φ).rungs)
        assert count % 3 == 0 or count == FEWEST
    assert estimate(lambda t: 3.5).rungs[-1].right < 2000
