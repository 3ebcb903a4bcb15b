"""Kinks that several entries share: which belong together, and what a subgradient must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.arguments import Array
from refmath.gradients.kinks import Kinks, Sides, outcomes
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


@given(partitions, st.integers(0, 99), st.data())
def test_shares_that_add_up_are_right_and_others_are_not(
    groups: list[list[int]], seed: int, data: st.DataObject
) -> None:
    """In each pool: any weights that sum to one; off in one pool by a tenth is off."""
    size, rng = sum(map(len, groups)), np.random.default_rng(seed)
    weights = rng.choice([1.0, -1.0, 0.5, -3.0], len(groups)).tolist()
    gradient = np.zeros(size)
    for weight, group in zip(weights, groups, strict=True):
        gradient[group] = weight * rng.dirichlet(np.ones(len(group)))

    def judged(values: Array) -> list[Any]:
        return list(outcomes(kinks(pools(groups, weights), size), values, lambda _value, slope: slope.uncertainty))

    assert not any(each.off or each.mixed for each in judged(gradient))
    several = [group for group in groups if len(group) > 1]
    if several:
        pool = data.draw(st.sampled_from(several))
        gradient[data.draw(st.sampled_from(pool))] += 0.1
        assert [sorted(each.entries) for each in judged(gradient) if each.off] == [pool]


def test_the_sum_of_the_entries_is_told_first() -> None:
    """Where all go the same way it is plain what is wrong."""
    (found,) = outcomes(kinks(lambda x: float(np.max(x)), 3), np.ones(3), lambda _value, slope: slope.uncertainty)
    assert found.off
    assert found.signs == (1.0, 1.0, 1.0)
    assert (found.given, found.low, found.high) == (3.0, 1.0, 1.0)


def test_where_convex_and_concave_meet_nothing_is_told() -> None:
    """However wrong the gradient is."""
    f = lambda x: float(max(x[0], x[1]) - 2 * max(x[0], -x[1]))
    (found,) = outcomes(kinks(f, 2), np.array([-1.0, 0.5]), lambda _value, slope: slope.uncertainty)
    assert found.mixed
    assert not found.off


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
