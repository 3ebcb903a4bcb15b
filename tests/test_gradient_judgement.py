"""How a gradient is judged from slopes: every step by itself, on slopes that are made up."""

from __future__ import annotations

import dataclasses
import itertools
import math
import operator
import sys
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refmath import check_gradient
from refmath.arguments import Array
from refmath.calculus.gradient_report import Entry, Kink
from refmath.calculus.slope_estimate import EPS, UNKNOWN, Rung, Slope

module: Any = sys.modules["refmath.calculus.check_gradient"]  # in its package the name is that of the function
Claim, off = module.Claim, module.off
FLAT = dataclasses.replace(UNKNOWN, value=0.0, uncertainty=0.0, noise=0.0)


def slope(value: float, uncertainty: float = 0.0, **others: Any) -> Slope:
    return dataclasses.replace(FLAT, value=value, uncertainty=uncertainty, **others)


class About:
    """In place of the surroundings of a point: slopes that follow from a gradient, each of them known as well as one likes."""

    def __init__(self, truth: Any, scale: Any = 1.0, uncertainty: float = 1e-12, shape: Any = -1) -> None:
        self.truth = np.array(truth, np.float64).reshape(-1)
        self.scale = np.broadcast_to(np.ravel(np.array(scale, np.float64)), self.truth.shape).copy()
        self.x, self.size, self.evaluations = np.zeros(self.truth.shape).reshape(shape), self.truth.size, 17
        self.uncertainty = uncertainty
        self.asked: list[tuple[list[float], list[int], bool]] = []
        self.change: Callable[[Slope, Array], Slope] = lambda found, _entries: found

    def along(self, direction: Array, entries: Array, *, whole: bool = False) -> Slope:
        self.asked.append((direction.tolist(), entries.tolist(), whole))
        value = float(np.sum(direction * self.truth[entries] * self.scale[entries]))
        return self.change(slope(value, self.uncertainty), entries)

    def claim(self, gradient: Any, eps: float = EPS) -> Any:
        values = np.array(gradient, np.float64).reshape(-1) * self.scale
        return Claim(values, eps, float(np.max(np.abs(values), where=np.isfinite(values), initial=0)))


# ---- how far off


@pytest.mark.parametrize(
    ("value", "expected", "tolerance", "ratio"),
    [
        (3.0, 1.0, 4.0, 0.5),
        (1.0, 3.0, 0.5, 4.0),
        (2.0, 2.0, 0.0, 0.0),
        (2.0, 1.0, 0.0, math.inf),
        (math.nan, 1.0, 9.0, math.inf),
        (math.inf, 1.0, 9.0, math.inf),
        (1.0, 2.0, math.inf, 0.0),
    ],
)
def test_off_is_in_units_of_what_may_be(value: float, expected: float, tolerance: float, ratio: float) -> None:
    """Twice as far off as is allowed is 2; what is no number is infinitely far off, and what is equal not at all."""
    assert off(value, expected, tolerance) == ratio


@pytest.mark.parametrize(
    ("eps", "value", "known", "tolerance"),
    [
        (2.0**-52, 3.0, slope(-5.0, 0.25), 0.25 + 5 * 2.0**-26),
        (2.0**-52, -7.0, slope(5.0, 0.25), 0.25 + 7 * 2.0**-26),
        (2.0**-22, 3.0, slope(5.0, 0.25), 0.25 + 5 * 2.0**-11 + 100 * 2.0**-22),
        (2.0**-60, 4.0, slope(4.0), 4 * 2.0**-30),
    ],
)
def test_a_right_value_may_be_off_by_half_its_digits(eps: float, value: float, known: Slope, tolerance: float) -> None:
    """And by the uncertainty of the slope; in a narrow format, by the rounding of the largest entry too."""
    assert Claim(np.array([100.0]), eps, 100.0).tolerance(value, known) == pytest.approx(tolerance, rel=1e-15)


@pytest.mark.parametrize(("eps", "more"), [(2.0**-60, 0.0), (2.0**-52, 0.0), (2.0**-51, 2.0**9), (2.0**-22, 2.0**38)])
def test_only_in_narrow_formats_the_largest_entry_counts(eps: float, more: float) -> None:
    """In float64 the uncertainty holds its rounding already."""
    claim = Claim(np.array([1.0]), eps, 2.0**60)
    assert claim.tolerance(1.0, slope(1.0, 0.25)) == 0.25 + math.sqrt(eps) + more


def test_a_gradient_is_taken_in_units_of_f() -> None:
    """Each entry times its scale, in the precision of its dtype; the reach is that of the largest finite one."""
    about = About([1.0, 2.0, 3.0], scale=[1.0, 2.0, 4.0])
    claim = module.given(np.array([1, -5, np.inf], np.float32), about)
    assert claim.values.tolist() == [1.0, -10.0, math.inf]
    assert claim.values.dtype == np.float64
    assert (claim.eps, claim.reach) == (2.0**-23, 10.0)
    assert module.given([math.nan] * 3, about).reach == 0.0
    assert module.given([1, 2, 3], about).eps == EPS


def test_a_gradient_may_be_a_function() -> None:
    """It is given the point, and what it does to that is its own affair."""
    about = About([[1.0, 2.0]], shape=(1, 2))
    about.x += 3.0

    def gradient(x: Array) -> Array:
        g = 2 * x
        x[...] = np.nan
        return g

    assert module.given(gradient, about).values.tolist() == [6.0, 6.0]
    assert about.x.tolist() == [[3.0, 3.0]]


def test_a_gradient_of_another_shape_is_refused() -> None:
    """The error has both shapes, by name."""
    with pytest.raises(ValueError, match=r"^x and gradient .*\(3,\) and \(1, 3\)"):
        module.given(np.ones((1, 3)), About([1.0, 2.0, 3.0]))
    with pytest.raises(TypeError, match=r"^gradient must be"):
        module.given("steep", About([1.0]))


# ---- which entries


@pytest.mark.parametrize("size", [1, 999, 1000])
def test_up_to_a_thousand_entries_all_are_looked_at(size: int) -> None:
    """In their order."""
    assert module.chosen(About(np.ones(size)).claim(np.ones(size)), np.random.default_rng(0)).tolist() == list(
        range(size)
    )


def test_of_more_entries_the_largest_and_some_others_are_looked_at() -> None:
    """A hundred of the largest effect, whatever their signs, and a hundred others, none twice; which others is a matter of the seed."""
    values = np.random.default_rng(1).permutation(np.arange(1.0, 1002.0)) * np.resize([1, -1], 1001)
    claim = About(values).claim(values)
    found = module.chosen(claim, np.random.default_rng(0))
    assert len(found) == len(set(found.tolist())) == 200
    assert sorted(np.abs(values[found[:100]])) == list(np.arange(902.0, 1002.0))
    assert np.abs(values[found[100:]]).max() < 902
    assert found.tolist() == module.chosen(claim, np.random.default_rng(0)).tolist()
    assert set(found.tolist()) != set(module.chosen(claim, np.random.default_rng(5)).tolist())
    assert sorted(found[:100].tolist()) == sorted(module.chosen(claim, np.random.default_rng(5))[:100].tolist())


# ---- one entry


def looked(about: About, gradient: Any, i: int = 0, eps: float = EPS) -> Any:
    return module.looked(about.claim(gradient, eps), about, i)


def test_a_right_entry_is_seen_and_not_off() -> None:
    """The record has the entry in its own units, at its own place."""
    about = About([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], scale=[[1, 1, 1], [1, 2, 1]], uncertainty=1e-3, shape=(2, 3))
    found = looked(about, [1, 2, 3, 4, 5 + 1e-4, 6], 4)
    assert about.asked == [([1.0], [4], False)]
    assert (found.entry, found.seen, found.kink) == (4, True, None)
    assert found.record == Entry((1, 1), 5 + 1e-4, 5.0, 5e-4)
    assert found.ratio == pytest.approx(2e-4 / (1e-3 + 2.0**-26 * 10), rel=1e-3)
    assert all(type(each) is int for each in found.record.index)


@pytest.mark.parametrize(
    ("given", "uncertainty", "seen"),
    [
        (2.0, 0.02, True),
        (2.0, 0.0201, False),
        (1.99, 0.02, True),
        (0.0, 1e9, True),
        (0.0, math.inf, False),
        (1e-6, 1.0, False),
        (2.0, math.inf, False),
        (50.0, 1.0, True),
        (-2.0, 1.0, True),
    ],
)
def test_what_is_known_to_a_hundredth_is_seen(given: float, uncertainty: float, seen: bool) -> None:
    """And a zero, if anything is known at all; and what is contradicted, however little is known."""
    truth = 0.0 if given in (0.0, 1e-6) else 2.0
    found = looked(About([truth], uncertainty=uncertainty), [given])
    assert found.seen is seen
    assert (found.ratio > 1) is (given in (50.0, -2.0))


#: With a gradient of 0 and this uncertainty, 1.0 is off by exactly what it may be.
JUST = 1 - 2.0**-26


@pytest.mark.parametrize(("given", "wrong"), [(1.0, False), (1.5, True)])
def test_what_is_off_by_just_what_it_may_be_is_not_wrong(
    monkeypatch: pytest.MonkeyPatch, given: float, wrong: bool
) -> None:
    """Nor is it seen; half as much more is both."""
    about = About([0.0], uncertainty=JUST)
    found = looked(about, [given])
    assert (found.ratio == 1.0) is not wrong
    assert found.seen is wrong
    assert bool(judged(monkeypatch, about, [given]).wrong) is wrong


@pytest.mark.parametrize(
    ("given", "expected"), [(0.5, 0.5), (-1.0, -1.0), (3.0, 3.0), (3.5, 3.0), (-2.0, -1.0), (math.nan, 1.0)]
)
@pytest.mark.parametrize("jump", [4.0, -4.0])
def test_at_a_kink_what_is_between_is_right(given: float, expected: float, jump: float) -> None:
    """Between the slopes of both sides, these included; the nearest of them is what it should be."""
    about = About([0.5], scale=2.0, uncertainty=1e-6)
    about.change = lambda found, _: dataclasses.replace(found, jump=jump)
    found = looked(about, [given / 2])
    assert found.record.expected == expected / 2
    assert (found.ratio > 1) is (given != expected)
    left, right = (-0.5, 1.5) if jump > 0 else (1.5, -0.5)
    assert found.kink == Kink((0,), left, right)
    assert found.seen


def test_a_kink_is_seen_however_little_is_known_of_its_middle() -> None:
    """But not where nothing is known."""
    about = About([0.0], uncertainty=0.5)
    about.change = lambda found, _: dataclasses.replace(found, jump=1.0)
    assert looked(about, [0.25]).seen
    about.uncertainty = math.inf
    assert not looked(about, [0.25]).seen


# ---- several entries


def test_a_direction_contradicts_what_does_not_fit_it() -> None:
    """Each entry goes one way or the other at random; the rounding of all of them is allowed for."""
    truth = np.arange(1.0, 9.0)
    about = About(truth, scale=2.0, uncertainty=1e-3)
    wrong = truth.copy()
    wrong[5] += 0.5
    block = np.array([1, 3, 5])
    for seed in range(6):
        about.asked.clear()
        ratio = module.contradiction(about.claim(wrong, 2.0**-30), about, block, np.random.default_rng(seed))
        ((signs, entries, whole),) = about.asked
        assert set(signs) <= {1.0, -1.0}
        assert (entries, whole) == ([1, 3, 5], False)
        value, known = (2 * float(np.sum(np.array(signs) * each[block])) for each in (wrong, truth))
        tolerance = 1e-3 + 2.0**-15 * max(abs(value), abs(known)) + 2.0**-30 * 16.0 + 2.0**-30 * 2 * (2 + 4 + 6.5)
        assert ratio == pytest.approx(1.0 / tolerance, rel=1e-12)


def test_directions_are_drawn_both_ways() -> None:
    """Over many draws each entry goes each way about half of the time."""
    about = About(np.ones(40))
    rng = np.random.default_rng(0)
    for _ in range(20):
        module.contradiction(about.claim(np.ones(40)), about, np.arange(40), rng)
    signs = np.array([each for each, *_ in about.asked])
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert abs(signs.mean()) < 0.15
    assert len({tuple(each) for each in signs}) == 20


@pytest.mark.parametrize(
    "change", [{"jump": 1.0}, {"jump": -1.0}, {"jump": math.inf}, {"uncertainty": math.inf}, {"uncertainty": math.nan}]
)
def test_where_a_direction_tells_nothing_it_contradicts_nothing(change: dict[str, Any]) -> None:
    """At a kink, at a jump, and where the slope is not known."""
    about = About(np.ones(3))
    about.change = lambda found, _: dataclasses.replace(found, **change)
    assert module.contradiction(about.claim(5 * np.ones(3)), about, np.arange(3), np.random.default_rng(0)) == 0.0


def test_blocks_are_all_entries_and_each_of_like_size() -> None:
    """64 of them, from the smallest effects to the largest, whatever the signs; one that is contradicted is handed on."""
    values = np.random.default_rng(2).permutation(np.arange(1.0, 1281.0)) * np.resize([1, -1], 1280)
    about = About(values, scale=1 / 16)
    wrong = values.copy()
    places = [int(np.flatnonzero(np.abs(values) == each)[0]) for each in (1.0, 700.0, 1280.0)]
    wrong[places] += 3.0
    blocks = list(module.wrong_blocks(about.claim(wrong), about, np.random.default_rng(0)))
    asked = [entries for _, entries, _ in about.asked]
    assert len(asked) == 64
    assert sorted(entry for each in asked for entry in each) == list(range(1280))
    tops = [float(np.max(np.abs(wrong[each]))) for each in asked]
    assert tops == sorted(tops)
    assert [set(places) & set(block.tolist()) for block in blocks] == [{places[0]}, {places[1]}, {places[2]}]


def test_a_block_is_handed_on_if_it_is_off_by_more_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not if it is off by just that."""
    ratios = iter([1.0, 1.5, 0.0, 9.0] + [0.5] * 60)
    monkeypatch.setattr(module, "contradiction", lambda *_: next(ratios))
    about = About(np.arange(1.0, 129.0))
    blocks = list(module.wrong_blocks(about.claim(about.truth), about, np.random.default_rng(0)))
    assert [block.tolist() for block in blocks] == [[2, 3], [6, 7]]


@pytest.mark.parametrize("entry", [0, 1, 7, 12])
def test_a_wrong_entry_is_found_by_halving(entry: int) -> None:
    """Of a block the half that is further off, until one is left."""
    truth = np.arange(1.0, 14.0)
    about = About(truth)
    wrong = truth.copy()
    wrong[entry] *= 2
    block = np.random.default_rng(3).permutation(13)
    found = module.narrowed(about.claim(wrong), about, block, np.random.default_rng(0))
    assert found == entry
    assert type(found) is int
    assert len(about.asked) <= 8


# ---- the order of the remainder


def rungs(φ: Callable[[float], float], count: int = 20, uneven: float = 0.0) -> tuple[Rung, ...]:
    """Values on rungs of a ladder, whose steps to both sides may differ."""
    steps = [2.0**-30 * 4**k for k in range(count)]
    return tuple(Rung(t, t * (1 + uneven), φ(t), φ(-t * (1 + uneven))) for t in steps)


def order(φ: Callable[[float], float], value: float, known: Slope, **options: Any) -> float:
    claim = Claim(np.array([value]), 2.0**-52, abs(value))
    at = dataclasses.replace(known, at_zero=φ(0.0), rungs=rungs(φ, **options))
    return cast(float, module.order_along(claim, at, value))


@pytest.mark.parametrize("uneven", [0.0, 0.5])
@pytest.mark.parametrize(
    ("φ", "value", "expected"),
    [
        (lambda t: 1 + t + 3 * t * t, 1.0, 2.0),
        (lambda t: 1 - t - 3 * t * t, -1.0, 2.0),
        (lambda t: t + 5 * t**3, 1.0, 3.0),
        (lambda t: t + 3 * t * t, 1.5, 1.0),
        (lambda t: t - 1e-9 * t * t, 0.5, 1.0),
        (lambda t: 2 + t, 1.0, math.inf),
    ],
)
def test_the_order_is_that_of_what_is_left(φ: Any, value: float, expected: float, uneven: float) -> None:
    """The second power of the step for a right slope, the third if there is no curvature, the first for a wrong one; infinite where nothing is left."""
    got = order(φ, value, slope(1.0, 1e-12, noise=1e-15, straight=19), uneven=uneven)
    assert got == pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize(("straight", "seen"), [(19, True), (10, True), (9, False), (0, False)])
def test_beyond_the_straight_part_no_order_is_seen(straight: int, seen: bool) -> None:
    """What begins there is something else."""
    # 3 t² is just above the floor, eight times the noise, on the rung number ten, and well below it on the others before.
    noise = 3 * (2.0**-30 * 4.0**10) ** 2 / 8 * 0.99
    got = order(lambda t: 3 * t * t, 0.0, slope(0.0, 0.0, noise=noise, straight=straight))
    assert math.isfinite(got) is seen
    if seen:
        assert got == pytest.approx(2.0, abs=1e-6)


def test_the_floor_holds_what_a_right_value_may_be_off() -> None:
    """A value that is off by less than half of its digits leaves a remainder, which is none of the function's."""
    known = slope(1.0, 1e-3, noise=0.0, straight=19)
    claim = Claim(np.array([1.0]), 2.0**-52, 1.0)
    tolerance = claim.tolerance(1.0, known) - 1e-3
    assert order(lambda t: t, 1.0 + 0.9 * tolerance, known) == math.inf
    assert order(lambda t: t, 1.0 + 1.2 * tolerance, known) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("lost", "expected"), [((), 2.0), ((14,), 2.0), ((9, 13, 17), math.inf)])
def test_the_remainder_grows_for_three_rungs(lost: tuple[int, ...], expected: float) -> None:
    """Visible and at least twice as large from each to the next: a single rung that shows nothing is passed over."""
    steps = [2.0**-30 * 4**k for k in range(20)]

    def φ(t: float) -> float:
        k = round((math.log2(abs(t)) + 30) / 2) if t else -1
        return 0.0 if k in lost or k < 7 else t * t

    claim = Claim(np.zeros(1), 2.0**-52, 0.0)
    at = slope(0.0, 0.0, noise=steps[6] ** 2, straight=19, rungs=tuple(Rung(t, t, φ(t), φ(-t)) for t in steps))
    assert module.order_along(claim, at, 0.0) == pytest.approx(expected, abs=1e-9)


FACTORS = [0.25, 1.0, 2.0, 2.5, 3.0, 4.0, 16.0]


@given(
    st.lists(st.sampled_from(FACTORS), min_size=12, max_size=12), st.sampled_from([0.0, 1.0, 4.0]), st.integers(0, 9)
)
@example([1.0] * 3 + [4.0] * 9, 4.0, 9)
@example([0.25, 16.0, 2.0, 2.0, 2.0, 1.0, 4.0, 4.0, 4.0, 16.0, 16.0, 4.0], 0.0, 9)
@example([1.0, 1.0, 16.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0], 1.0, 9)
def test_the_first_three_steps_that_grow_are_read(factors: list[float], floor: float, straight: int) -> None:
    """The line of least squares through four rungs, from the first that is above the floor and grows to at least the double three times."""
    remainders = list(itertools.accumulate(factors, operator.mul))
    steps = [2.0**-30 * 4**k for k in range(12)]
    on_rungs = tuple(Rung(t, t, r, 0.0) for t, r in zip(steps, remainders, strict=True))
    known = slope(0.0, 0.0, noise=floor / 8, straight=straight, rungs=on_rungs)
    start = next((k for k in range(9) if all(_grows(remainders, floor, k + j) for j in range(3))), 99)
    expected = math.inf
    if start <= straight:
        logs = [math.log(each, 4) for each in remainders[start : start + 4]]
        expected = sum(weight * each for weight, each in zip((-0.3, -0.1, 0.1, 0.3), logs, strict=True))
    assert module.order_along(Claim(np.zeros(1), 2.0**-52, 0.0), known, 0.0) == pytest.approx(expected, abs=1e-9)


def _grows(remainders: list[float], floor: float, k: int) -> bool:
    return remainders[k] > floor and remainders[k + 1] >= 2 * remainders[k]


def test_one_side_is_enough_to_see_a_remainder() -> None:
    """The larger of both sides counts."""
    for φ in (lambda t: max(t, 0.0) ** 2, lambda t: min(t, 0.0) ** 2):
        got = order(φ, 0.0, slope(0.0, 0.0, noise=1e-18, straight=19))
        assert got == pytest.approx(2.0, abs=1e-6)


def test_the_order_is_the_lowest_of_four_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Along the entries without a kink, to the end of the ladder; where a slope is not known, or jumps, none is seen."""
    about = About([1.0, 2.0, 3.0, 4.0], scale=2.0)
    claim = about.claim([1.0, 2.0, 3.0, 4.5])
    orders = iter([2.5, 1.5, 2.0, 3.0])
    given: list[float] = []

    def order_along(of: Any, known: Slope, value: float) -> float:
        assert of is claim
        assert known.uncertainty == 1e-12
        given.append(value)
        return next(orders)

    monkeypatch.setattr(module, "order_along", order_along)
    smooth = np.array([0, 3])
    assert module.observed_order(claim, about, smooth, np.random.default_rng(0)) == 1.5
    assert [(entries, whole) for _, entries, whole in about.asked] == [([0, 3], True)] * 4
    assert given == [2 * (signs[0] * 1.0 + signs[1] * 4.5) for signs, *_ in about.asked]
    assert {each for signs, *_ in about.asked for each in signs} == {1.0, -1.0}
    for changed in (slope(1.0, jump=1.0), slope(1.0, math.inf)):
        monkeypatch.setattr(about, "change", lambda *_, changed=changed: changed)
        assert math.isnan(module.observed_order(claim, about, smooth, np.random.default_rng(0)))
    assert math.isnan(module.observed_order(claim, about, np.array([], int), np.random.default_rng(0)))


# ---- the report of it all


def judged(monkeypatch: pytest.MonkeyPatch, about: About, gradient: Any) -> Any:
    monkeypatch.setattr(module, "Surroundings", lambda _f, _x: about)

    def observed_order(claim: Any, of: Any, smooth: Array, rng: Any) -> float:
        assert isinstance(claim, Claim)
        assert of is about
        assert isinstance(rng, np.random.Generator)
        return float(smooth.size)

    monkeypatch.setattr(module, "observed_order", observed_order)
    return check_gradient(lambda _x: 0.0, gradient, about.x)


def test_a_right_gradient_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that was found stands in the report."""
    about = About([1.0, 2.0, 3.0])
    check = judged(monkeypatch, about, [1.0, 2.0, 3.0])
    assert check.ok is True
    assert (check.order, check.error, check.wrong, check.kinks, check.unseen) == (3.0, 0.0, (), (), ())
    assert (check.contradicted, check.looked_at, check.size, check.evaluations) == (0, 3, 3, 17)
    assert check.worst.index in {(0,), (1,), (2,)}


def test_a_wrong_gradient_is_told_with_its_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst is the one that is furthest off by what it may be, not in numbers."""
    about = About([1.0, 2.0, 3.0, 1e6])
    check = judged(monkeypatch, about, [1.0, 2.5, 3.75, 1e6 + 1e4])
    assert check.ok is False
    assert [each.index for each in check.wrong] == [(1,), (2,), (3,)]
    assert check.worst.index in {(1,), (2,)}
    assert check.error == pytest.approx(0.2, rel=1e-6)


def test_kinks_and_what_is_unseen_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is looked for along the entries without a kink; where nothing at all is seen, nothing is right."""
    about = About([1.0, 2.0, 3.0, 4.0], shape=(2, 2))

    def change(found: Slope, entries: Array) -> Slope:
        if entries[0] == 1:
            return dataclasses.replace(found, jump=2.0)
        return dataclasses.replace(found, uncertainty=math.inf) if entries[0] == 2 else found

    about.change = change
    check = judged(monkeypatch, about, [[1.0, 2.0], [3.0, 4.0]])
    assert check.ok
    assert check.order == 3.0
    assert check.kinks == (Kink((0, 1), 1.0, 3.0),)
    assert check.unseen == ((1, 0),)
    about.change = lambda found, _: dataclasses.replace(found, uncertainty=math.inf)
    check = judged(monkeypatch, about, [[1.0, 2.0], [3.0, 4.0]])
    assert check.ok is False
    assert (check.worst, check.wrong, check.contradicted) == (None, (), 0)
    assert math.isnan(check.error)


def test_beyond_a_thousand_entries_directions_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong entry that was not looked at is found by the directions, and then looked at; the same question has the same answer."""
    truth = np.arange(1.0, 1501.0)
    reports = []
    for _ in range(2):
        about = About(truth)
        wrong = truth.copy()
        wrong[[3, 700]] *= 1.5
        reports.append(judged(monkeypatch, about, wrong))
    check = reports[0]
    assert reports[0] == reports[1]
    assert check.ok is False
    assert {each.index for each in check.wrong} == {(3,), (700,)}
    assert (check.contradicted, check.looked_at, check.size) == (2, 200, 1500)
    right = judged(monkeypatch, About(truth), truth)
    assert right.ok
    assert (right.contradicted, right.looked_at) == (0, 200)
    first = [entries[0] for _, entries, _ in about.asked[:200]]
    assert first == module.chosen(about.claim(wrong), np.random.default_rng(0)).tolist()


def test_up_to_a_thousand_no_direction_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry has been looked at already."""
    about = About(np.ones(1000))
    assert judged(monkeypatch, about, np.ones(1000)).looked_at == 1000
    assert all(len(entries) == 1 for _, entries, _ in about.asked)


def test_the_arguments_are_refused_by_name() -> None:
    """f is what is called, x what it is called with."""
    with pytest.raises(TypeError, match=r"^f must be"):
        check_gradient(3, [1.0], [1.0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^x must be"):
        check_gradient(np.sum, [1.0], "here")
