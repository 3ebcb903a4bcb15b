"""Kinks that several entries share: which belong together, and what a subgradient must satisfy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.arguments import Array
from refmath.gradients.kinks import MOST, STARTS, Kinks, Outcome, Sides, judged, nearest
from refmath.gradients.slope_estimate import UNKNOWN, Slope


def slopes_of(f: Callable[[Array], float], size: int) -> Callable[[Array, Array], Slope]:
    """The slopes of a function that is positively homogeneous, at zero: exact but for rounding."""

    def along(direction: Array, entries: Array) -> Slope:
        point = np.zeros(size)
        point[entries] = direction
        right, left = f(point), -f(-point)
        values = {"value": (right + left) / 2, "jump": right - left, "uncertainty": 1e-12}
        return Slope(**{**vars(UNKNOWN), **values})

    return along


def kinks(f: Callable[[Array], float], size: int, seed: int = 0) -> Kinks:
    along = slopes_of(f, size)
    sides = {i: Sides.of(along(np.ones(1), np.array([i]))) for i in range(size)}
    return Kinks(along, sides, np.random.default_rng(seed))


def pools(groups: list[list[int]], weights: list[float]) -> Callable[[Array], float]:
    """Maxima over groups of entries, weighted."""
    return lambda x: sum(w * np.max(x[group]) for w, group in zip(weights, groups, strict=True))


partitions = st.lists(st.integers(0, 4), min_size=2, max_size=12).map(
    lambda labels: [[i for i, each in enumerate(labels) if each == label] for label in sorted(set(labels))]
)


@given(partitions, st.lists(st.sampled_from([1.0, -1.0, 0.5, -3.0]), min_size=5, max_size=5), st.integers(0, 99))
def test_entries_of_a_pool_belong_together(groups: list[list[int]], weights: list[float], seed: int) -> None:
    """And those of different pools do not, whatever their signs."""
    size = sum(map(len, groups))
    found = kinks(pools(groups, weights[: len(groups)]), size, seed).groups()
    assert sorted(map(sorted, found)) == sorted(groups)


def gradients_of(f: Callable[[Array], float], size: int) -> Callable[[Array, Array], tuple[Array, float] | None]:
    """The gradient of a piecewise linear function at a point, by differences that cross no kink."""

    def nearby(direction: Array, entries: Array) -> tuple[Array, float] | None:
        point, step = np.zeros(size), 1e-6
        point[entries] = direction
        moves = [point + step * np.eye(size)[i] for i in entries]
        return np.array([(f(each) - f(point)) / step for each in moves]), 1e-9

    return nearby


def told(f: Callable[[Array], float], group: list[int], values: Array, size: int) -> Outcome:
    return judged(group, values[group], gradients_of(f, size), np.random.default_rng(0))


@given(partitions, st.integers(0, 99), st.data())
def test_shares_that_add_up_are_right_and_others_are_not(
    groups: list[list[int]], seed: int, data: st.DataObject
) -> None:
    """In each pool: any weights that sum to one; off in one pool by a tenth is off."""
    size, rng = sum(map(len, groups)), np.random.default_rng(seed)
    weights = rng.choice([1.0, -1.0, 0.5, -3.0], len(groups)).tolist()
    gradient, f = np.zeros(size), pools(groups, weights)
    for weight, group in zip(weights, groups, strict=True):
        gradient[group] = weight * rng.dirichlet(np.ones(len(group)))
    several = [group for group in groups if len(group) > 1]
    assert all(told(f, group, gradient, size).verdict == "inside" for group in several)
    if several:
        pool = data.draw(st.sampled_from(several))
        gradient[data.draw(st.sampled_from(pool))] += 0.1
        assert told(f, pool, gradient, size).verdict == "outside"


def test_the_sum_of_the_entries_is_told_first() -> None:
    """Where all go the same way it is plain what is wrong."""
    found = told(lambda x: float(np.max(x)), [0, 1, 2], np.ones(3), 3)
    assert found.verdict == "outside"
    assert found.direction == (1.0, 1.0, 1.0)
    assert (found.given, found.low, found.high) == pytest.approx((3.0, 1.0, 1.0))


def test_where_the_sum_is_right_another_direction_is_told() -> None:
    """A share below zero."""
    found = told(lambda x: float(np.max(x)), [0, 1], np.array([1.5, -0.5]), 2)
    assert found.verdict == "outside"
    assert not found.low <= found.given <= found.high


def test_where_convex_and_concave_meet_the_hull_counts() -> None:
    """Of the four gradients of max(x, y) − 2 max(x, −y)."""
    f = lambda x: float(max(x[0], x[1]) - 2 * max(x[0], -x[1]))
    assert told(f, [0, 1], np.array([0.0, 1.0]), 2).verdict == "inside"
    assert told(f, [0, 1], np.array([1.0, 0.0]), 2).verdict == "outside"


def test_of_too_many_entries_or_too_few_gradients_nothing_is_told() -> None:
    """Nor where gradients are known too badly."""
    rng, size = np.random.default_rng(0), MOST + 1
    assert judged(list(range(size)), np.zeros(size), lambda d, _e: (d, 0.0), rng).verdict == "unknown"
    assert judged([0, 1], np.zeros(2), lambda _d, _e: None, rng).verdict == "unknown"
    vague = lambda d, _e: (np.eye(2)[int(d[0] < d[1])], 0.5)
    assert judged([0, 1], np.full(2, 5.0), vague, rng).verdict == "unknown"


points = st.lists(st.lists(st.floats(-3, 3), min_size=3, max_size=3), min_size=1, max_size=8).map(np.array)


@given(points, st.integers(0, 99))
def test_the_nearest_point_of_a_hull(hull: Array, seed: int) -> None:
    """No mean of its corners is nearer by more than was asked for."""
    found = nearest(hull, 1e-2)
    means = np.random.default_rng(seed).dirichlet(np.ones(len(hull)), 300) @ hull
    assert (found @ found) <= (means**2).sum(1).min() + 1e-4


def test_entries_that_are_coupled_only_together_are_one_group() -> None:
    """|x + y + z| couples each with each; a kink in x alone stays alone."""
    f = lambda x: float(abs(x[0] + x[1] + x[2]) + abs(x[3]))
    assert sorted(map(sorted, kinks(f, 4).groups())) == [[0, 1, 2], [3]]


@pytest.mark.parametrize("v", [2.0, -3.0])
def test_along_one_entry_the_sides_are_known(v: float) -> None:
    """Against it they change places."""
    found = kinks(lambda x: float(max(x[0], 0) + 2 * max(-x[0], 0)), 1).of(np.array([v]), [0])
    assert (found.left, found.right) == ((-4.0, 2.0) if v > 0 else (-3.0, 6.0))
    assert found.uncertainty == abs(v) * 1e-12


@given(partitions, st.integers(0, 99))
def test_a_function_is_separable_where_no_pool_has_two_entries(groups: list[list[int]], seed: int) -> None:
    """Each two entries go against each other at least once, and all go together once."""
    size = sum(map(len, groups))
    assert kinks(pools(groups, [1.0] * len(groups)), size, seed).is_separable() is (size == len(groups) or size == 1)


def test_directions_are_nothing_special() -> None:
    """Each entry goes one way or the other, by a half to three halves."""
    drawn = kinks(lambda x: 0.0, 1).drawn(400)
    assert drawn.shape == (400,)
    assert 100 < np.count_nonzero(drawn < 0) < 300
    assert 0.5 <= np.abs(drawn).min() < 0.51
    assert 1.49 < np.abs(drawn).max() <= 1.5


@pytest.mark.parametrize(
    ("size", "signs"),
    [
        (1, ["+"]),
        (2, ["++", "+-"]),
        (3, ["+++", "+-+", "++-"]),
        (4, ["++++", "+-+-", "++--"]),
        (5, ["+++++", "+-+-+", "++--+", "++++-"]),
    ],
)
def test_each_two_go_against_each_other_once(size: int, signs: list[str]) -> None:
    """After all have gone the same way; each by a half to three halves."""
    asked: list[Array] = []

    def along(direction: Array, entries: Array) -> Slope:
        assert entries.tolist() == [10 * i for i in range(size)]
        asked.append(direction)
        return Slope(**{**vars(UNKNOWN), "uncertainty": 0.0})

    sides = {10 * i: Sides(0.0, 0.0, 0.0) for i in range(size)}
    assert Kinks(along, sides, np.random.default_rng(0)).is_separable()
    assert ["".join("-" if each < 0 else "+" for each in direction) for direction in asked] == signs
    sizes = np.abs(np.concatenate(asked))
    assert sizes.min() >= 0.5
    assert sizes.max() <= 1.5
    assert len(set(sizes.tolist())) == len(sizes)


@pytest.mark.parametrize(
    ("left", "right", "differ"), [(0.5, 0.5, False), (0.5, 0.51, True), (-0.51, 0.0, True), (-0.5, -0.5, False)]
)
def test_slopes_differ_by_more_than_they_may_be_off(left: float, right: float, differ: bool) -> None:
    """On either side, all doubts together."""
    apart = [Sides(1.0, 1.0, 0.125), Sides(-1.0, -1.0, 0.125)]
    assert Kinks.differ(Sides(left, right, 0.25), apart) is differ
    assert Kinks.differ(Sides(left, right, 0.25), [Sides(0.0, 0.0, 0.25)]) is differ


def test_entries_with_a_kink_of_their_own_come_first() -> None:
    """And no more than so many are asked for their partners."""
    assert kinks(lambda x: float(abs(x[2]) + x[0]), 4).groups() == [[2], [0], [1], [3]]
    size = STARTS + 6
    assert kinks(lambda x: float(np.abs(x).sum()), size).groups() == [[i] for i in range(STARTS)]


class Nearby:
    """Gradients nearby, one after the other; then none."""

    def __init__(self, *gradients: list[float], doubt: float = 0.0) -> None:
        self.left, self.doubt = list(gradients), doubt
        self.asked: list[tuple[Array, list[int]]] = []

    def __call__(self, direction: Array, entries: Array) -> tuple[Array, float] | None:
        self.asked.append((direction, entries.tolist()))
        return (np.array(self.left.pop(0)), self.doubt) if self.left else None

    def verdict(self, *values: float) -> Outcome:
        group = list(range(3, 3 + len(values)))
        return judged(group, np.array(values), self, np.random.default_rng(0))


def test_where_gradients_are_taken() -> None:
    """In 24 directions and six more for each entry, of which the longest part is 1."""
    nearby = Nearby(*[[1.0, 0.0, 0.0]] * 99)
    found = nearby.verdict(1.0, 0.0, 0.0)
    assert (found.verdict, found.entries) == ("inside", (3, 4, 5))
    assert len(nearby.asked) == 24 + 6 * 3
    assert all(np.abs(direction).max() == 1 and entries == [3, 4, 5] for direction, entries in nearby.asked)


def test_eight_gradients_suffice() -> None:
    """And as many entries as are judged at all."""
    assert Nearby(*[[1.0, 0.0]] * 8).verdict(1.0, 0.0).verdict == "inside"
    few = Nearby(*[[1.0, 0.0]] * 7).verdict(1.0, 0.0)
    assert (few.verdict, few.entries) == ("unknown", (3, 4))
    most = Nearby(*[[1.0] * MOST] * 999)
    assert most.verdict(*[1.0] * MOST).verdict == "inside"
    more = Nearby(*[[1.0] * (MOST + 1)] * 999).verdict(*[1.0] * (MOST + 1))
    assert (more.verdict, more.entries) == ("unknown", tuple(range(3, MOST + 4)))


@pytest.mark.parametrize(
    ("piece", "doubt", "value", "verdict"),
    [
        (1.0, 0.01, 1.021, "inside"),
        (1.0, 0.01, 1.03, "outside"),
        (100.0, 0.0, 100.15, "inside"),
        (100.0, 0.0, 100.25, "outside"),
        (100.0, 1.0, 150.0, "outside"),
        (100.0, 8.0, 150.0, "unknown"),
        (1.0, 0.3, 5.0, "unknown"),
    ],
)
def test_how_far_off_a_subgradient_may_be(piece: float, doubt: float, value: float, verdict: str) -> None:
    """Two thousandths of the largest, and twice the doubt; where that is a tenth, nothing is told."""
    found = Nearby(*[[piece, 0.0]] * 99, doubt=doubt).verdict(value, 0.0)
    assert (found.verdict, found.entries) == (verdict, (3, 4))


def test_gradients_that_are_seen_late_leave_others_open() -> None:
    """If the last third comes closer than the first two thirds; not if those have seen it too."""
    assert Nearby(*[[1.0, 0.0]] * 24, *[[0.5, 0.0]] * 12).verdict(0.0, 0.0).verdict == "unknown"
    assert Nearby(*[[1.0, 0.0]] * 24, *[[0.85, 0.0]] * 12).verdict(0.0, 0.0).verdict == "outside"
    assert Nearby(*[[1.0, 0.0]] * 20, *[[0.5, 0.0]] * 16).verdict(0.0, 0.0).verdict == "outside"


def test_the_direction_that_shows_it_best() -> None:
    """From the nearest gradient towards the one that was given, each entry in units of its own; its longest part is 1."""
    found = Nearby(*[[1.0, 0.0], [0.0, 1.0]] * 18).verdict(1.5, -0.5)
    assert max(map(abs, found.direction)) == 1
    assert found.direction[0] > 0 > found.direction[1]
    assert found.given > found.high + 0.5


def test_the_nearest_point_is_as_near_as_it_was_asked_for() -> None:
    """On an edge, on a corner, inside; whatever corner is the first."""
    corners = np.array([[3.0, 1.0], [-1.0, 1.0], [0.5, 4.0]])
    assert nearest(corners, 1e-9) == pytest.approx([0.0, 1.0], abs=1e-9)
    assert nearest(corners + np.array([2.0, 0.0]), 1e-9) == pytest.approx([1.0, 1.0], abs=1e-9)
    assert nearest(corners - np.array([0.0, 2.0]), 1e-9) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert nearest(np.array([[-9.0, 1.0], [2.0, 2.0]]), 100.0).tolist() == [2.0, 2.0]
    circle = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 50)]) + np.array([1.5, 0.0])
    assert nearest(circle, 1e-9) == pytest.approx([1.5 - np.cos(np.pi / 49), 0.0], abs=1e-9)
