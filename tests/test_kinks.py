"""Kinks that several entries share: which belong together, and what a subgradient must satisfy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.arguments import Array
from refmath.gradients.kinks import MOST, Kinks, Outcome, Sides, judged, nearest
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
