"""Numbers that depend on their names alone: the same everywhere, and spread as they are said to be."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refmath.kinds.draws import Draws

names = st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=4)
shapes = st.one_of(st.just(()), st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple))


def draws() -> Draws:
    return Draws("pinned", 7)


# ---- the same everywhere


def test_the_first_draws_are_these() -> None:
    """No version of Python or NumPy may change them: a seed that somebody has written down would mean other inputs."""
    assert draws().integers((3,)).tolist() == [10669064388059688500, 9771069864783951642, 7223078672741452203]
    assert draws().below(1000, (5,)).tolist() == [500, 642, 203, 148, 546]
    assert draws().whole(-3, 3, (6,)).tolist() == [-2.0, -1.0, 1.0, -3.0, 3.0, -1.0]
    assert draws().eighths(2, (4,)).tolist() == [2.0, -1.25, -0.5, 1.375]
    assert draws().between(-1, 1, (3,)).tolist() == [0.15674227879220415, 0.059381517490640245, -0.2168722410980004]
    assert draws().magnitudes(-4, 4, (3,)).tolist() == [1.1878619056709085, 0.26054192440880036, 0.6127877678101932]
    assert draws().ladder(-2, 2, 3).tolist() == [1.0395876783270936, 0.44279037979870073, 2.377503678535999]
    assert draws().signs((5,)).tolist() == [1.0, 1.0, -1.0, 1.0, 1.0]
    assert draws().order(6).tolist() == [4, 3, 5, 2, 1, 0]
    assert draws().one_of("abcdef") == "c"


def by_hand(*given_names: object, count: int) -> list[int]:
    """SplitMix64 in Python's own integers."""
    digest = hashlib.blake2b("/".join(map(str, given_names)).encode(), digest_size=8).digest()
    key, found = int.from_bytes(digest, "little"), []
    for place in range(1, count + 1):
        z = (key + place * 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        found.append(z ^ (z >> 31))
    return found


@given(names, st.integers(0, 20))
def test_integers_are_those_of_the_generator(given_names: list[object], count: int) -> None:
    """Whatever the names are, and whether numbers come at once or one after the other."""
    expected = by_hand(*given_names, count=count)
    assert Draws(*given_names).integers((count,)).tolist() == expected
    one_by_one = Draws(*given_names)
    assert [int(one_by_one.integers((1,))[0]) for _ in range(count)] == expected


@given(names, names)
def test_other_names_are_another_sequence(one: list[object], other: list[object]) -> None:
    """Numbers are told apart by what they are for, and by nothing else."""
    same = "/".join(map(str, one)) == "/".join(map(str, other))
    assert (Draws(*one).integers((2,)).tolist() == Draws(*other).integers((2,)).tolist()) is same


def test_another_process_draws_the_same() -> None:
    """Neither the hash seed of the process nor what was drawn before has a part in it."""
    code = "from refmath.kinds.draws import Draws; print(Draws('pinned', 7).between(-1, 1, (3,)).tolist())"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert told.stdout.strip() == str(draws().between(-1, 1, (3,)).tolist())


# ---- spread as they are said to be


@given(names, shapes, st.integers(1, 1000))
def test_whole_numbers_lie_below_their_bound(given_names: list[object], shape: tuple[int, ...], bound: int) -> None:
    """They are int64 arrays of the shape; without a shape a Python integer."""
    found = Draws(*given_names).below(bound, shape)
    assert (type(found) is int) if shape == () else (found.dtype == np.int64 and found.shape == shape)
    assert np.all((np.asarray(found) >= 0) & (np.asarray(found) < bound))


@given(names, shapes, st.integers(-9, 9), st.integers(0, 9))
def test_numbers_lie_between_their_ends(given_names: list[object], shape: tuple[int, ...], low: int, more: int) -> None:
    """Whole numbers, multiples of 1/8, numbers of an interval, and some of a few values: float64 arrays of the shape, a scalar for none."""
    drawn = Draws(*given_names)
    whole, part = drawn.whole(low, low + more, shape), drawn.between(low, low + more, shape)
    eighths, few = drawn.eighths(more, shape), drawn.among((low, low + more, 0.5), shape)
    for each in (whole, part, eighths, few):
        assert each.dtype == np.float64
        assert each.shape == shape
    assert np.all((whole == np.rint(whole)) & (low <= whole) & (whole <= low + more))
    assert np.all((low <= part) & (part <= low + more))
    assert np.all((8 * eighths == np.rint(8 * eighths)) & (np.abs(eighths) <= more))
    assert np.isin(few, (low, low + more, 0.5)).all()
    assert np.isin(drawn.signs(shape), (-1, 1)).all()
    assert drawn.one_of([low, more]) in (low, more)


def test_every_value_has_its_turn() -> None:
    """Of a few values each comes about as often as the others."""
    counts = np.unique(draws().below(5, (5000,)), return_counts=True)[1]
    assert len(counts) == 5
    # Six standard deviations on either side.
    assert (np.abs(counts - 1000) < 6 * math.sqrt(800)).all()
    assert np.abs(np.mean(draws().between(0, 1, (5000,))) - 0.5) < 6 / math.sqrt(12 * 5000)


@given(names, st.integers(-40, 40), st.integers(1, 30))
def test_magnitudes_are_spread_over_their_octaves(given_names: list[object], lowest: int, octaves: int) -> None:
    """Positive numbers from one power of two up to another, some in each octave between them."""
    found = Draws(*given_names).magnitudes(lowest, lowest + octaves, (60 * octaves,))
    assert (found > 0).all()
    assert set(np.frexp(found)[1] - 1) == set(range(lowest, lowest + octaves))


@given(names, st.integers(-40, 40), st.integers(1, 30), st.integers(1, 200))
def test_each_stratum_of_a_ladder_holds_one_number(
    given_names: list[object], lowest: int, octaves: int, count: int
) -> None:
    """The octaves, in each of which numbers grow evenly, are cut into as many strata as there are numbers."""
    found = Draws(*given_names).ladder(lowest, lowest + octaves, count)
    assert found.shape == (count,)
    mantissas, exponents = np.frexp(found)
    places = (exponents - 1 - lowest) + (2 * mantissas - 1)
    assert sorted(np.floor(places * count / octaves).astype(int).tolist()) == list(range(count))


@given(names, st.integers(1, 50))
def test_an_order_holds_every_place_once(given_names: list[object], count: int) -> None:
    """And those of the same names are the same order."""
    order = Draws(*given_names).order(count)
    assert sorted(order.tolist()) == list(range(count))
    assert order.tolist() == Draws(*given_names).order(count).tolist()


def test_a_ladder_is_in_no_order() -> None:
    """Otherwise large numbers would lie beside large ones, and rows would differ by their place."""
    ladder = draws().ladder(-8, 8, 100)
    assert (np.diff(ladder) < 0).sum() > 20
    assert (np.diff(ladder) > 0).sum() > 20


def test_hardly_any_number_comes_twice() -> None:
    """Of a hundred thousand with 64 bits none does."""
    assert len(np.unique(draws().integers((10**5,)))) == 10**5
