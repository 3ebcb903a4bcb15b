"""The ladder from which a slope is read: every part of the reading against the same in plain loops, and what is evaluated."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refmath.calculus import slope_estimate as module
from refmath.calculus.slope_estimate import (
    FEWEST,
    LOWEST,
    NOISY,
    UNKNOWN,
    Rung,
    Slope,
    first_movement,
    grain,
    kink,
    leaps,
    lepski,
    noise_level,
    read,
    slope_estimate,
)

EPS = 2.0**-52
FLOAT32 = 2.0**-23

# ---- in plain loops


def agrees(column: Sequence[float], bar: Sequence[float], k: int) -> bool:
    """Whether a rung agrees with all below it, within its own bar and theirs."""
    return all(abs(column[k] - column[j]) <= bar[k] + bar[j] for j in range(k))


def lepski_by_loops(column: Sequence[float], bar: Sequence[float]) -> int:
    """The last rung that agrees with all below, if all between the noisy ones and it do as well; less one."""
    k = NOISY
    while k < len(column) and agrees(column, bar, k):
        k += 1
    return max(k - 1, NOISY) - 1


def noise_by_loops(c: Sequence[float], t: Sequence[float], floor: Sequence[float]) -> tuple[list[float], int]:
    """The widest scatter of a rung's value about those below, as differences of φ, while the rungs agree within four times of it."""

    def scatter(k: int) -> float:
        return max(abs(c[j] - c[k]) * 2 * t[j] for j in range(k))

    noise, top = scatter(NOISY), NOISY
    while top + 1 < len(c):
        k = top + 1
        level = max(noise, scatter(k - 1), floor[k])
        if not agrees(c, [4 * level / (2 * each) for each in t], k):
            break
        noise, top = max(noise, scatter(k - 1)), k
    return [max(noise, each) for each in floor], top


def kink_by_loops(bend: Sequence[float], bar: Sequence[float]) -> tuple[float, float]:
    """The bend on the rungs up to two beyond the first clear one, if it is the same there to a quarter."""
    clear = [k for k, each in enumerate(bend) if abs(each) >= 64 * bar[k]]
    if not clear or clear[0] > len(bend) - 3:
        return 0.0, 0.0
    m = clear[0]
    if any(abs(bend[k] - bend[m]) > bar[k] + abs(bend[m]) / 4 for k in range(m + 3)):
        return 0.0, 0.0
    straightened = [(4 * low - high) / 3 for low, high in itertools.pairwise(bend)]
    wider = [1.5 * each for each in bar[:-1]]
    k = lepski_by_loops(straightened, wider)
    return straightened[k], wider[k] / 2


def grid_by_fractions(values: Sequence[float]) -> float:
    """The largest power of two of which all values are multiples."""
    parts = [Fraction(each) for each in values]
    return float(min(Fraction(part.numerator & -part.numerator, part.denominator) for part in parts))


def first_by_loops(rise: Sequence[float], fall: Sequence[float], size: Sequence[float]) -> float:
    """How far the first rung that moves at all moves, if there is a rung below, two above, and it is no further than a float32 moves."""
    moving = [k for k in range(len(rise)) if rise[k] != 0 or fall[k] != 0]
    if not moving or moving[0] == 0 or moving[0] > len(rise) - 3:
        return 0.0
    k = moving[0]
    height = max(abs(rise[k]), abs(fall[k]))
    # Along the slope both sides move, against each other: their sum is small beside their difference.
    along = 2 * abs(rise[k + 2] + fall[k + 2]) <= abs(rise[k + 2] - fall[k + 2])
    return height if along and height <= 64 * FLOAT32 * size[k] else 0.0


def read_by_loops(rungs: Sequence[Rung], value: float) -> tuple[float, float, float, float, int, bool]:
    """Slope, uncertainty, jump, noise, the last straight rung, and whether the top has left the straight part."""
    count = len(rungs)
    rise, fall = [each.above - value for each in rungs], [each.below - value for each in rungs]
    t = [(each.right + each.left) / 2 for each in rungs]
    size = [max(abs(value), *(max(abs(e.above), abs(e.below)) for e in rungs[: k + 1])) for k in range(count)]
    for side in (rise, fall):
        low = [abs(each) for each in side[: NOISY + 1]]
        if min(low) > 64 * FLOAT32 * size[0] and max(low) - min(low) <= max(low) / 4:
            return 0.0, math.inf, math.inf, math.inf, 0, True
    c = []
    for each, up, down in zip(rungs, rise, fall, strict=True):
        # Newton's divided differences at -left, 0 and right: the derivative of the parabola at 0.
        before, after = -down / each.left, up / each.right
        c.append((before * each.right + after * each.left) / (each.right + each.left))
    coarse = grain(np.array(rise), np.array(fall), np.array(size))
    noise, straight = noise_by_loops(c, t, [max(EPS * each, coarse) for each in size])
    bar = [1.1 * 4 * each / (2 * step) for each, step in zip(noise, t, strict=True)]
    once = [low + (low - high) / 15 for low, high in itertools.pairwise(c)]
    twice = [low + (low - high) / 255 for low, high in itertools.pairwise(once)]
    found = [(lepski_by_loops(column, bar), column) for column in (c, once, twice)]
    k, column = min(found, key=lambda each: bar[each[0]])
    bend = [(up + down) / step for up, down, step in zip(rise, fall, t, strict=True)]
    jump, doubt = kink_by_loops(bend, [4 * each for each in bar])
    bent = straight + 6 < count and all(last + 4 < len(column) for last, column in found)
    return column[k], bar[k] + doubt, jump, noise[k], straight, bent


# ---- the parts

integers = st.integers(-9, 9).map(float)
movements = st.one_of(st.just(0.0), st.just(0.0), integers)
counts = st.integers(NOISY + 1, NOISY + 8)


def rows(*entries: st.SearchStrategy[float]) -> st.SearchStrategy[list[tuple[float, ...]]]:
    """As many entries of each kind as there are rungs."""
    return counts.flatmap(lambda count: st.lists(st.tuples(*entries), min_size=count, max_size=count))


def columns(table: Sequence[tuple[float, ...]]) -> Any:
    return np.array(table, np.float64).T


@given(rows(integers, st.integers(0, 9).map(float)))
def test_the_best_rung_is_below_the_last_that_agrees(table: list[tuple[float, ...]]) -> None:
    """A rung that agrees exactly as far as its bar and the other's reach agrees."""
    column, bar = columns(table)
    assert lepski(column, bar) == lepski_by_loops(list(column), list(bar))


def a_row(length: int, *others: float) -> list[tuple[float, float]]:
    """Rungs that agree, and some that do not."""
    return [(0.0, 1.0)] * length + [(each, 1.0) for each in others]


@pytest.mark.parametrize(
    ("table", "last"),
    [
        (a_row(NOISY + 1), NOISY),
        (a_row(NOISY + 5), NOISY + 4),
        (a_row(NOISY + 2, 2.0, 2.0), NOISY + 3),
        (a_row(NOISY + 2, 2.5, 0.0), NOISY + 1),
        (a_row(NOISY, 5.0, 0.0), NOISY),
        (a_row(NOISY - 1, 5.0, 0.0, 0.0), NOISY),
    ],
)
def test_the_last_rung_that_agrees(table: list[tuple[float, float]], last: int) -> None:
    """Written out: the noisy rungs are never left, and one that disagrees ends the climb for good."""
    assert lepski(*columns(table)) == last - 1


@given(rows(integers, st.sampled_from([1.0, 2.0, 4.0]), st.integers(0, 3).map(float)))
@example([(4.0, 4.0, 0.0)] + [(0.0, 1.0, 0.0)] * 8 + [(4.0, 1.0, 0.0)] + [(44.0, 1.0, 0.0)] * 2)
def test_the_noise_is_the_widest_scatter(table: list[tuple[float, ...]]) -> None:
    """While rungs agree within four times the scatter so far, it grows with them; never is it below the floor."""
    c, t, floor = columns(table)
    noise, top = noise_level(c, t, floor)
    expected, expected_top = noise_by_loops(list(c), list(t), list(floor))
    assert (list(noise), top) == (expected, expected_top)


@given(rows(integers, st.sampled_from([0.0, 0.0625, 0.125, 1.0])))
@example([(4.0, 0.0625)] * 11)
@example([(0.0, 0.0625)] * 8 + [(4.0, 0.0625)] * 3)
@example([(3.0, 0.0625)] * 6 + [(4.0, 0.0625)] * 5)
@example([(5.0, 0.0)] + [(4.0, 0.0)] * 10)
@example([(5.0, 1.0)] + [(4.0, 0.0625)] * 10)
@example([(6.25, 1.25)] + [(4.0, 0.0625)] * 10)
@example([(4.0, 1.0)] * 8 + [(4.0, 0.0625)] * 3)
@example([(4.0, 1.0)] * 9 + [(4.0, 0.0625)] * 2)
@example([(4.0, 0.0625)] * 2 + [(5.0, 0.0625)] * 4 + [(9.0, 0.0625)] * 5)
def test_a_kink_is_the_same_bend_on_all_low_rungs(table: list[tuple[float, ...]]) -> None:
    """It has to show itself 64 times as clearly as the rounding, two rungs before the top, and to be the same to a quarter below and just above."""
    bend, bar = columns(table)
    assert kink(bend, bar) == pytest.approx(kink_by_loops(list(bend), list(bar)), rel=1e-14)


@given(rows(movements, movements, st.sampled_from([1.0, 2.0**18, 1e6, 1e9])))
@example([(0.0, 0.0, 1e6)] * 3 + [(2.0, 0.0, 1e6)] + [(8.0, 0.0, 1e6)] * 6)
@example([(0.0, 0.0, 1e6)] * 3 + [(2.0, 0.0, 1e6)] + [(8.0, -2.0, 1e6)] * 6)
@example([(0.0, 0.0, 1e6)] * 3 + [(2.0, 0.0, 1e6)] + [(9.0, -3.0, 1e6)] * 6)
@example([(0.0, 0.0, 2.0**18)] * 3 + [(2.0, 0.0, 2.0**18)] + [(8.0, -8.0, 2.0**18)] * 6)
@example([(0.0, 0.0, 1e6)] * 3 + [(2.0, -2.0, 1e6)] + [(8.0, -8.0, 1e6)] * 6)
@example([(0.0, 0.0, 1e6)] * 7 + [(2.0, -2.0, 1e6), (0.0, 0.0, 1e6), (3.0, -1.0, 1e6)])
@example([(0.0, 0.0, 1e6)] * 8 + [(2.0, -2.0, 1e6), (8.0, -8.0, 1e6)])
@example([(2.0, -2.0, 1e6)] * 10)
@example([(0.0, 0.0, 1e6)] * 10)
def test_the_first_movement_of_a_coarse_function(table: list[tuple[float, ...]]) -> None:
    """A function that stands still and then moves on both sides has steps; one that moves on one side only has a kink."""
    rise, fall, size = columns(table)
    assert first_movement(rise, fall, size) == first_by_loops(list(rise), list(fall), list(size))


@given(rows(integers, integers), st.integers(-1070, 900), st.sampled_from([1.0, 1e300]))
def test_the_grid_of_the_values(table: list[tuple[float, ...]], exponent: int, size: float) -> None:
    """Differences of values are multiples of a power of two, however small or large; zeros and what is not finite tell nothing of it."""
    rise, fall = np.ldexp(columns(table), exponent)
    sizes = np.full(rise.shape, size)
    moved = [each for each in [*rise, *fall] if each != 0]
    expected = max(grid_by_fractions(moved), first_by_loops(list(rise), list(fall), list(sizes))) if moved else 0.0
    assert grain(rise, fall, sizes) == expected
    rise[0], fall[-1] = math.nan, math.inf
    moved = [each for each in [*rise, *fall] if each != 0 and math.isfinite(each)]
    if moved:
        assert grain(rise, fall, sizes) >= grid_by_fractions(moved)


@given(rows(integers, st.sampled_from([2.0**10, 2.0**14, 2.0**15, 2.0**16, 2.0**17])))
@example([(8.0, 1.0)] * 4 + [(6.0, 1.0)] * 5)
@example([(8.0, 1.0)] * 8 + [(6.0, 1.0)])
@example([(8.0, 1.0)] * 8 + [(5.75, 1.0)])
@example([(8.0, 1.0)] * 9 + [(80.0, 1.0)])
@example([(8.0, 2.0**20)] * 9)
@example([(8.0, 2.0**20 - 1)] + [(8.0, 2.0**20)] * 8)
@example([(8.0, 2.0**20 - 1)] * 9)
def test_a_jump_is_the_same_on_all_low_rungs(table: list[tuple[float, ...]]) -> None:
    """By more than a float32 makes of the value, and the same to a quarter."""
    difference, size = columns(table)
    low = sorted(abs(each) for each in difference[: NOISY + 1])
    assert leaps(difference, size) == (low[0] > 64 * FLOAT32 * size[0] and 4 * (low[-1] - low[0]) <= low[-1])


# ---- the whole reading


def ladder(φ: Callable[[float], float], count: int, uneven: float = 0.0) -> list[Rung]:
    """What a function gives on so many rungs; the steps may be a little uneven, as after rounding."""
    steps = [(LOWEST * 4**k * (1 + uneven * (k % 3)), LOWEST * 4**k * (1 - uneven * (k % 2))) for k in range(count)]
    return [Rung(right, left, float(φ(right)), float(φ(-left))) for right, left in steps]


def rough(noise: float) -> Callable[[float], float]:
    """Noise that is no rounding of this or that size, and the same each time."""
    return lambda t: noise * math.sin(1e9 * math.fmod(1e7 * t, 1.7) + 3.0 * t)


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "nothing": lambda t: 0.0,
    "constant": lambda t: 3.5,
    "line": lambda t: 2 + 3 * t,
    "parabola": lambda t: 1 + t + 7 * t * t,
    "cubic": lambda t: 1 + t - 5 * t**3,
    "quintic": lambda t: t + 20 * t**3 + 300 * t**5,
    "exponential": math.exp,
    "sine": lambda t: math.sin(3 * t + 1),
    "fast sine": lambda t: math.sin(1000 * t),
    "hidden by an offset": lambda t: 1e9 + math.sin(t),
    "noisy line": lambda t: 2 * t + rough(1e-7)(t),
    "noisy cubic": lambda t: 1 + t + 40 * t**3 + rough(1e-5)(t),
    "noisy quintic": lambda t: 1 + t + 40 * t**3 - 500 * t**5 + rough(1e-4)(t),
    "very noisy": lambda t: t + rough(0.1)(t),
    "float32": lambda t: float(np.float32(math.exp(t) + 5)),
    "float32 sine": lambda t: float(np.float32(math.sin(2 * t + 0.5))),
    "float16": lambda t: float(np.float16(1 + t)),
    "steps": lambda t: math.floor(1e6 * t) / 1e6,
    "kink": lambda t: abs(t) + 2 * t,
    "one-sided": lambda t: max(t, 0.0),
    "bent kink": lambda t: 3 * abs(t) + t + 50 * t * t,
    "kink in float32": lambda t: float(np.float32(1 + abs(t))),
    "kink nearby": lambda t: abs(t - 1e-6),
    "jump": lambda t: 1.0 + (t > 0),
    "jump on the left": lambda t: 1.0 - (t < 0) + t,
    "small jump": lambda t: 1.0 + 1e-5 * (t > 0),
    "root": lambda t: math.copysign(math.sqrt(abs(t)), t),
    "flat, then not": lambda t: max(abs(t) - 1e-3, 0.0),
    "huge": lambda t: 1e300 * (1 + t),
    "tiny": lambda t: 1e-200 * (1 + t),
}


@pytest.mark.parametrize("uneven", [0.0, 0.01])
@pytest.mark.parametrize("count", range(FEWEST, 30, 4))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_read_is_read_by_loops(name: str, count: int, uneven: float) -> None:
    """Slope, uncertainty, jump, noise, straightness and the end of the climb, for functions of every sort."""
    φ = FUNCTIONS[name]
    rungs = ladder(φ, count, uneven)
    slope, bent = read(rungs, φ(0.0))
    value, uncertainty, jump, noise, straight, expected_bent = read_by_loops(rungs, φ(0.0))
    got = slope.value, slope.uncertainty, slope.jump, slope.noise
    assert got == pytest.approx((value, uncertainty, jump, noise), rel=1e-9, abs=1e-6 * min(uncertainty, 1e300))
    assert (slope.straight, bent, slope.at_zero, slope.rungs) == (straight, expected_bent, φ(0.0), tuple(rungs))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("line", 3), ("parabola", 1), ("cubic", 1), ("quintic", 1), ("sine", 3 * math.cos(1)), ("noisy quintic", 1)],
)
def test_a_slope_is_where_it_is_said_to_be(name: str, expected: float) -> None:
    """The known slope is within the uncertainty, which is far smaller than the slope."""
    φ = FUNCTIONS[name]
    slope, _ = read(ladder(φ, 26), φ(0.0))
    assert abs(slope.value - expected) <= slope.uncertainty < abs(expected) / 10
    assert slope.jump == 0


def test_a_kink_is_twice_its_slope() -> None:
    """|t| + 2t jumps from 1 to 3; its slope is told as the mean of both."""
    slope, _ = read(ladder(FUNCTIONS["kink"], 20), 0.0)
    assert slope.jump == pytest.approx(2)
    assert slope.value == pytest.approx(2)


# ---- the climb


class Climb:
    """A reading by hand: what it says once it has so many rungs, and all that it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, known_at: float = math.inf, bent_at: float = math.inf) -> None:
        self.asked: list[int] = []
        self.steps: list[float] = []
        self.known_at, self.bent_at = known_at, bent_at
        monkeypatch.setattr(module, "read", self.read)

    def read(self, rungs: list[Rung], value: float) -> tuple[Slope, bool]:
        self.asked.append(len(rungs))
        uncertainty = -2.0 * 2.0**-30 if len(rungs) >= self.known_at else -2.0 * 2.0**-30 * (1 + EPS)
        return Slope(-2.0, -uncertainty, 0.0, 0.0, 0, value, tuple(rungs)), len(rungs) >= self.bent_at

    def rung(self, t: float) -> Rung:
        self.steps.append(t)
        return Rung(t, t, 1.0, 1.0 + len(self.steps))


LAST = LOWEST * 4.0**29


def test_each_step_is_four_times_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the largest that is allowed, that one included; it is read at every third rung, and at the end."""
    climb = Climb(monkeypatch)
    slope = slope_estimate(climb.rung, 1.0, LAST)
    assert climb.steps == [LOWEST * 4.0**k for k in range(30)]
    assert climb.asked == [12, 15, 18, 21, 24, 27, 30, 30]
    assert len(slope.rungs) == 30
    assert slope.at_zero == 1.0
    climb.steps.clear()
    slope_estimate(climb.rung, 1.0, LAST * (1 - EPS))
    assert len(climb.steps) == 29


def test_the_climb_ends_when_the_slope_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is, to one part in 2**30 exactly; unless the whole is asked for."""
    climb = Climb(monkeypatch, known_at=15)
    slope = slope_estimate(climb.rung, 1.0, LAST)
    assert (len(slope.rungs), slope.at_zero) == (15, 1.0)
    assert len(slope_estimate(climb.rung, 1.0, LAST, whole=True).rungs) == 30


@pytest.mark.parametrize("whole", [False, True])
def test_the_climb_ends_where_the_function_bends(monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    """Whatever was asked for: above there is nothing to be learnt."""
    climb = Climb(monkeypatch, bent_at=16)
    assert len(slope_estimate(climb.rung, 1.0, LAST, whole=whole).rungs) == 18


@pytest.mark.parametrize("side", ["above", "below", "neither"])
def test_the_climb_ends_where_nothing_moves(monkeypatch: pytest.MonkeyPatch, side: str) -> None:
    """A function that has not moved on either side up to a step of 64 is flat."""
    climb = Climb(monkeypatch)

    def rung(t: float) -> Rung:
        climb.steps.append(t)
        return Rung(t, t, 2.0 if side == "above" else 1.0, 2.0 if side == "below" else 1.0)

    slope_estimate(rung, 1.0, 64 * LAST)
    # The step that comes after 29 rungs is the first beyond 64; the rungs are read at every third.
    assert LOWEST * 4.0**28 < 64 < LOWEST * 4.0**29
    assert len(climb.steps) == (30 if side == "neither" else 33)


def test_a_step_without_a_value_ends_the_climb(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is below it is read; from too few rungs nothing is."""
    climb = Climb(monkeypatch)
    for count in (0, FEWEST - 1, FEWEST, FEWEST + 2):
        climb.steps.clear()
        climb.asked.clear()

        def rung(t: float, count: int = count) -> Rung | None:
            return climb.rung(t) if len(climb.steps) < count else None

        slope = slope_estimate(rung, 1.0, LAST)
        if count < FEWEST:
            assert slope is UNKNOWN
            assert climb.asked == []
        else:
            assert len(slope.rungs) == count


def test_nothing_is_known_of_the_unknown() -> None:
    """A slope that could not be read says so by an infinite uncertainty."""
    assert Slope(0.0, math.inf, 0.0, math.inf, 0, 0.0, ()) == UNKNOWN
