"""A failing input made smaller: along every axis as far as it fails, then to simple numbers, within bounds of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refmath
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.calculus.functions import CUBES, EXPONENTIALS, SQUARES, Function
from refmath.catalogue import FORMULAS, formula
from refmath.kinds.draws import Draws
from refmath.oracle.searching.probe import Inputs
from refmath.oracle.searching.reducer import reduced
from refmath.oracle.searching.survey import Survey
from refmath.spec import Formula, packed, setting

SOFTMAX, SQUARED, ONE_HOT, LABELS = (
    formula(name) for name in ("softmax", "mean_squared_error", "cross_entropy_one_hot", "softmax_cross_entropy_labels")
)
FLOAT64 = FORMATS["float64"]


def smallest(page: Formula, fails: Callable[..., bool], place: tuple[int, ...] = (), **inputs: Any) -> Inputs:
    """The input that is found; every one on the way must be one of the formula, the last one must fail, and none is changed."""
    before = {name: str(value) for name, value in inputs.items()}
    asked: list[Inputs] = []

    def is_failing(given_inputs: Inputs) -> bool:
        asked.append(given_inputs)
        return fails(**given_inputs)

    found = reduced(page, inputs, is_failing, place)
    assert fails(**found)
    assert {name: str(value) for name, value in inputs.items()} == before
    assert len(asked) <= 500
    read(setting(page), *packed(page, found))
    return found


@given(st.integers(1, 12), st.integers(1, 300), st.integers(0, 2), st.integers(0, 80), st.integers(0, 5))
@settings(max_examples=30)
def test_a_failure_that_needs_size_keeps_just_that_size(rows: int, columns: int, n: int, k: int, seed: int) -> None:
    """Neither a row nor a column more than it needs, and nothing but zeros."""
    rows, columns = rows + n, columns + k
    a = Draws(seed).between(-9, 9, (rows, columns))
    found = smallest(SOFTMAX, lambda a: a.ndim == 2 and len(a) > n and a.shape[-1] > k, a=a)
    assert found["a"].shape == (n + 1, k + 1)
    assert not found["a"].any()


@pytest.mark.parametrize("size", [1033, 5000])
def test_a_large_array_is_cut_down_soon(size: int) -> None:
    """In some hundred questions at most, though each place of it might be the one."""
    for at in (0, 17, size - 1):
        x = Draws("large", at).between(1, 9, (size,))
        x[at] = 100.0
        found = smallest(formula("sigmoid"), lambda x: bool(np.max(x, initial=0) > 50), (at,), x=x)
        assert found["x"].tolist() == [100.0]


def test_one_place_of_a_large_answer_is_tried_first() -> None:
    """What belongs to the entry that is wrong is enough, unless it needs the others."""
    asked: list[tuple[int, ...]] = []

    def fails(a: Any) -> bool:
        asked.append(a.shape)
        return bool((a == 100).any())

    a = np.zeros((200, 6))
    a[123, 4] = 100.0
    assert smallest(SOFTMAX, fails, (123, 4), a=a)["a"].tolist() == [[100.0]]
    assert asked[0][0] == 1


def test_entries_become_simple() -> None:
    """Zeros, ones, whole numbers, multiples of 1/8, numbers of few digits: the first of these that still fails."""
    x = np.array([3.14159, -2.71828, 0.577216])
    sigmoid = formula("sigmoid")
    assert smallest(sigmoid, lambda x: x.size > 0, x=x)["x"].tolist() == [0.0]
    assert smallest(sigmoid, lambda x: bool(np.any(x > 0)), x=x)["x"].tolist() == [1.0]
    assert smallest(sigmoid, lambda x: bool(np.any(x < 0)), x=x)["x"].tolist() == [-1.0]
    assert smallest(sigmoid, lambda x: bool(np.any(x > 2.5)), x=x)["x"].tolist() == [3.0]
    assert smallest(sigmoid, lambda x: bool(np.any(np.abs(x - 0.6) < 0.05)), x=x)["x"].tolist() == [0.6]
    assert smallest(sigmoid, lambda x: bool(np.any(np.abs(x - 3.14) < 0.05)), x=x)["x"].tolist() == [3.1]
    assert smallest(sigmoid, lambda x: bool(np.any(x == 3.14159)), x=x)["x"].tolist() == [3.14159]


def test_arguments_that_belong_together_are_made_smaller_together() -> None:
    """Samples and classes are taken from outputs and targets alike; labels stay below the number of classes, targets sum to 1."""
    draws = Draws("together")
    y, t = draws.between(-9, 9, (7, 5)), draws.between(-9, 9, (7, 5))
    found = smallest(SQUARED, lambda y, t: bool(np.any(y != t)), y=y, t=t)
    assert {found[name].shape for name in "yt"} == {(1, 1)}
    assert sorted([float(found["y"].item()), float(found["t"].item())]) == [0.0, 1.0]
    labels = np.array([4, 3, 2, 1, 0, 4, 4])
    found = smallest(LABELS, lambda a, labels: a.shape[-1] > 1 and bool(np.any(labels > 0)), a=y, labels=labels)
    assert found["a"].shape == (1, 2)
    assert found["labels"].tolist() == [1]
    soft = np.array([[0.5, 0.25, 0.25], [0.125, 0.375, 0.5]])
    found = smallest(ONE_HOT, lambda y, t: bool(np.any((t > 0) & (t < 1))), y=soft[:, ::-1], t=soft)
    assert found["t"].tolist() == [[0.5, 0.5]]
    assert found["y"].sum() == 1


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8", "bool"])
def test_targets_of_integers_are_no_labels(dtype: str) -> None:
    """Where targets come in either encoding, the number of dimensions decides, and not the number type: classes are taken away alike."""
    t = np.eye(5)[[4, 3, 0]].astype(dtype)
    y = Draws("either").between(0.1, 1, (3, 5))
    either = formula("cross_entropy_error")
    found = smallest(either, lambda y, t: t.ndim == 2 and y.shape[-1] > 1, y=y / y.sum(axis=-1, keepdims=True), t=t)
    assert found["y"].shape == found["t"].shape == (1, 2)
    assert found["t"].dtype == dtype
    assert found["t"].sum() == 1


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "float32"])
def test_the_number_type_is_kept(dtype: str) -> None:
    """What fails in an integer type is shown in it."""
    y, t = np.array([[120, 3, 100]]).astype(dtype), np.array([[100, 100, 1]]).astype(dtype)
    found = smallest(SQUARED, lambda y, t: bool(np.any(y.astype(float) > t)), y=y, t=t)
    assert found["y"].dtype == found["t"].dtype == dtype
    assert found["y"].shape == found["t"].shape == (1, 1)


def test_functions_are_made_smaller_with_their_points() -> None:
    """A coefficient for each entry that is left; a parabola of ones, if that fails as well."""
    point = np.arange(1.0, 7.0).reshape(2, 3)
    f = Function(((1.0, CUBES, tuple(range(1, 7))), (-2.0, EXPONENTIALS, (0.5,) * 6)), point.shape)
    slope = formula("numerical_gradient")
    found = smallest(slope, lambda f, x: x.size > 0, f=f, x=point)
    assert found["x"].size == 1
    assert found["f"].terms == ((1.0, SQUARES, (1.0,)),)
    found = smallest(slope, lambda f, x: x.size > 1 and any(each is CUBES for _, each, _ in f.terms), f=f, x=point)
    assert found["x"].size == 2
    assert [family for _, family, _ in found["f"].terms] == [CUBES]
    assert found["f"](found["x"]) == np.sum(np.array(found["f"].terms[0][2]) * np.ravel(found["x"]) ** 3)


def test_mappings_lose_the_arrays_that_are_not_needed() -> None:
    """In all of them; the one that is needed becomes simple."""
    params = {"W1": np.full((2, 3), 2.5), "b1": np.full(3, 7.0), "W2": np.full((3, 2), 0.1), "b2": np.zeros(2)}
    grads = {key: value / 2 for key, value in params.items()}
    step = formula("sgd_step")
    found = smallest(step, lambda params, grads, lr: "W2" in params, params=params, grads=grads, lr=np.array(0.30001))
    assert list(found["params"]) == list(found["grads"]) == ["W2"]
    assert not found["params"]["W2"].any()
    assert not found["grads"]["W2"].any()
    assert found["lr"] == 1.0


def test_what_fails_everywhere_ends() -> None:
    """Simpler values that lead back to each other are tried once: nothing is asked twice."""
    for page in FORMULAS:
        probe = next(iter(Survey(page, FLOAT64, 0, 1)))
        asked: list[str] = []

        def fails(inputs: Inputs, asked: list[str] = asked) -> bool:
            asked.append(str(inputs))
            return True

        reduced(page, probe.inputs, fails)
        assert len(set(asked)) == len(asked) < 200


def test_what_fails_no_more_is_given_back() -> None:
    """If no smaller input fails, it is the input itself; then its whole neighbourhood was asked for."""
    a = np.array([[0.5, 2.5, 1.0], [0.25, 3.0, 2.0]])
    asked: list[Any] = []

    def never(inputs: Any) -> bool:
        asked.append(inputs)
        return False

    found = reduced(SOFTMAX, {"a": a}, never)
    assert found["a"] is a
    assert {each["a"].shape for each in asked} >= {(1, 3), (2, 2), (2, 3)}


def test_a_failure_that_needs_size_is_shown_small() -> None:
    """In a report: blocks of columns without the rest fail from 33 columns on, and one row of these is shown."""

    def candidate(a: Any) -> Any:
        a = np.asarray(a, float)
        e = np.exp(a - a.max(axis=-1, keepdims=True))
        K = a.shape[-1]
        whole = range(0, K - K % 32, 32) if K > 32 else [0]
        return e / sum(e[..., start : start + 32].sum(axis=-1, keepdims=True) for start in whole)

    report = refmath.check(candidate, "softmax")
    assert report.verdict == "differs"
    assert report.smallest is not None
    shape = np.shape(report.smallest.inputs["a"])
    assert shape[-1] == 33
    assert shape[:-1] in ((), (1,))
    assert len(report.smallest.call) < 300


def test_a_large_input_is_made_smaller_too() -> None:
    """As far as a few questions of its size go."""
    logits = np.zeros((80, 40))
    logits[70, 30] = 7.0
    asked: list[int] = []

    def fails(given: Inputs) -> bool:
        asked.append(np.size(given["a"]))
        return bool(np.any(given["a"] == 7.0)) and np.size(given["a"]) > 1400

    found = reduced(SOFTMAX, {"a": logits}, fails)
    assert fails(found)
    assert np.size(found["a"]) < logits.size
    assert len([size for size in asked if size > 1400]) < 60
