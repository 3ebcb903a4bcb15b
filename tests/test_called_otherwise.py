"""What a candidate that was refused is right with when it is called in another way: each question asked by itself, of made-up answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from made_up import DOUBLE, about, said, trial

from refmath.catalogue import formula
from refmath.oracle.as_it_stands import (
    are_entry_by_entry,
    axes_behind,
    divided_by_arrays,
    entry_of_a_tuple,
    of_axes,
    of_several_axes,
    raises_on_overflow,
    what_it_takes,
)
from refmath.oracle.candidates.calling import USUAL, Calling
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.candidates.several_axes import arranged, dealt, handed, has_classes, in_rows, place_in
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Trial

REFUSED: Any = SimpleNamespace(conforms=False)
A_TUPLE = Observation(trouble="type", text="returned a tuple of 2")


def search_with(*trials: Trial, of: Any = DOUBLE, calling: Calling = USUAL) -> Any:
    return SimpleNamespace(trials=list(trials), taken=list(trials), formula=of, calling=calling)


def answering(*seen: Observation, by: Callable[[Calling], int]) -> tuple[Any, list[Calling]]:
    """A candidate that gives one of these answers, by how it is called; and how it was called."""
    asked: list[Calling] = []

    def ask(calling: Calling) -> Any:
        asked.append(calling)
        return lambda _inputs: seen[min(by(calling), len(seen) - 1)]

    return ask, asked


def on_batches(shape: tuple[int, int], seen: Any, value: float = 1.0) -> Trial:
    return trial(about(value), seen, "typical", y=np.ones(shape), t=np.zeros(shape[0], int))


def test_which_entry_of_a_tuple_is_right() -> None:
    """The first that is; a loss may stand beside its gradient."""
    tuples = replace(trial(about(1.0), 1.0, "typical", x=np.ones(2)), seen=A_TUPLE)
    short = Observation(trouble="type", text="returned 2 values")
    text = "It returns a tuple, of which entry {} is right."
    for answers, entry in ((said(1.0, 5.0), 0), (said(5.0, 1.0), 1), (said(5.0, 5.0, 1.0), 2)):
        ask, _ = answering(*answers, short, by=lambda calling: calling.take or 0)
        found = entry_of_a_tuple(REFUSED, search_with(tuples, tuples), ask)
        repair = f"Judge that entry: --take {entry}."
        assert found == Diagnosis("mistake", "returns_a_tuple", text.format(entry), repair=repair)
        found = entry_of_a_tuple(REFUSED, search_with(tuples, of=formula("mean_squared_error")), ask)
        other = f"--against mean_squared_error_gradient --take {(1, 0, 0)[entry]}."
        repair += f" If another one is the gradient: {other}"
        assert found == Diagnosis("mistake", "returns_a_tuple", text.format(entry), repair=repair)
    ask, asked = answering(*said(5.0, 5.0), short, by=lambda calling: calling.take or 0)
    assert entry_of_a_tuple(REFUSED, search_with(tuples), ask) is None
    assert [each.take for each in asked] == [0, 1, 2]


def test_a_tuple_is_one_each_time() -> None:
    """Nothing is asked of what conforms, of what is called for one entry already, or where most answers are none."""
    tuples = replace(trial(about(1.0), 1.0, "typical", x=np.ones(2)), seen=A_TUPLE)
    other = trial(about(1.0), 2.0, "typical", x=np.ones(2))
    ask, asked = answering(*said(1.0), by=lambda _: 0)
    assert entry_of_a_tuple(SimpleNamespace(conforms=True), search_with(tuples), ask) is None  # type: ignore[arg-type]
    assert entry_of_a_tuple(REFUSED, search_with(tuples, calling=Calling(take=0)), ask) is None
    assert entry_of_a_tuple(REFUSED, search_with(tuples, other, other), ask) is None
    assert asked == []
    extreme = replace(tuples, probe=replace(tuples.probe, class_="extreme"))
    assert entry_of_a_tuple(REFUSED, search_with(extreme), ask) is None
    assert entry_of_a_tuple(REFUSED, search_with(tuples, other), ask) is not None


def test_who_raises_where_an_exponential_is_too_large() -> None:
    """And nowhere else; of arrays, Python's own powers do so too."""
    numbers = Calling(handing="numbers")
    right, wrong = (trial(about(1.0), each, x=800.0) for each in (1.0, 2.0))
    raised = replace(right, seen=Observation(trouble="raised", text="raised OverflowError: math range error"))
    text = "It raises an OverflowError where an exponential is too large for a float, as math.exp does; NumPy gives ∞ there."
    repair = "Branch on the sign of x, so that nothing is exponentiated but negative numbers; or use np.exp."
    found = raises_on_overflow(search_with(right, raised, calling=numbers))
    assert found == Diagnosis("mistake", "raises_on_overflow", text, repair=repair)
    found = raises_on_overflow(search_with(right, raised))
    assert found is not None
    assert found.name == "raises_on_overflow"
    assert found.text.startswith("It raises an OverflowError where a number is too large")
    for search in (
        search_with(right),
        search_with(right, calling=numbers),
        search_with(raised, wrong, calling=numbers),
    ):
        assert raises_on_overflow(search) is None


def test_who_takes_the_classes_first() -> None:
    """With one axis behind them, or two; if batches in rows are all wrong, and of a shape that tells."""
    loss = formula("cross_entropy_labels")
    wrong = on_batches((6, 4), 5.0)
    for behind, shapes in ((1, "(N, K, d)"), (2, "(N, K, d, e)")):
        ask, asked = answering(*said(*[5.0] * (behind - 1), 1.0), by=lambda calling: calling.behind - 1)
        found = of_several_axes(search_with(wrong, of=loss), ask)
        text = f"It takes the classes on axis 1, as PyTorch does: {shapes}. Such arrays are right."
        repair = "If that is meant: --layout classes_first."
        assert found == Diagnosis("mistake", "classes_first", text, repair=repair)
        assert asked == [Calling(classes=(0, 1), behind=each) for each in range(1, behind + 1)]
    for behind, shapes in ((1, "(N, d, K)"), (2, "(N, d, e, K)")):
        ask, asked = answering(*said(5.0, *[5.0] * (behind - 1), 1.0), by=lambda calling: calling.last * calling.behind)
        found = of_several_axes(search_with(wrong, of=loss), ask)
        text = f"It takes samples on several axes: {shapes}. Such arrays are right."
        assert found == Diagnosis("mistake", "classes_last", text, repair="If that is meant: --layout classes_last.")
        assert len(asked) == 2 + behind
    ask, asked = answering(*said(5.0), by=lambda _: 0)
    assert of_several_axes(search_with(wrong, of=loss), ask) is None
    assert len(asked) == 4
    ask, asked = answering(*said(1.0), by=lambda _: 0)
    for search in (
        search_with(wrong),
        search_with(on_batches((6, 4), 1.0), wrong, of=loss),
        search_with(on_batches((6, 3), 5.0), of=loss),
        search_with(on_batches((6, 2), 5.0), of=loss),
        search_with(on_batches((6, 1), 5.0), of=loss),
        search_with(on_batches((5, 4), 5.0), of=loss),
        search_with(wrong, of=loss, calling=Calling(columns=(0,))),
        search_with(wrong, of=loss, calling=Calling(classes=(0,))),
    ):
        assert of_several_axes(search, ask) is None
    assert asked == []


def test_which_formulas_have_samples_and_classes() -> None:
    """And nothing else that has axes; the Jacobian, a gain along the classes and an answer in parts are something else."""
    having = (
        "softmax",
        "softmax_vjp",
        "logsumexp",
        "mean_squared_error",
        "cross_entropy_labels",
        "cross_entropy_error",
    )
    others = ("sigmoid", "softmax_gradient", "layer_norm", "rms_norm", "layer_norm_vjp", "affine", "huber", "hinge")
    assert [name for name in (*having, *others) if has_classes(formula(name))] == list(having)


@pytest.mark.parametrize("behind", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 3, 5, 6, 8, 12])
def test_rows_and_classes_first_hold_the_same(samples: int, behind: int) -> None:
    """A batch, its labels and its losses come back as they were, and each entry is found where it stands."""
    y, t = np.arange(4.0 * samples).reshape(samples, 4), np.arange(samples)
    arrays = arranged(y, behind, single=False), arranged(t, behind, single=False)
    lead, *rest = dealt(samples, behind)
    assert lead * math.prod(rest) == samples
    assert [each.shape for each in arrays] == [(lead, 4, *rest), (lead, *rest)]
    for rows, array in zip((y, t), arrays, strict=True):
        assert in_rows(array, behind, single=False).tolist() == rows.tolist()
        for index in np.ndindex(rows.shape):
            assert array[place_in(index, y.shape, behind)] == rows[index]
    assert place_in((), y.shape, behind) == ()
    last = arranged(y, behind, single=False, last=True)
    assert last.tolist() == y.reshape(lead, *rest, 4).tolist()
    assert in_rows(last, behind, single=False, last=True).tolist() == y.tolist()
    for index in np.ndindex(y.shape):
        assert last[place_in(index, y.shape, behind, last=True)] == y[index]


@pytest.mark.parametrize("behind", [1, 2])
def test_a_single_sample_is_a_batch_of_one(behind: int) -> None:
    """Its answer is one row, or one number; what has other axes stays what it is."""
    y = np.arange(4.0)
    one = arranged(y, behind, single=True)
    assert one.shape == (1, 4, *[1] * behind)
    assert in_rows(one, behind, single=True).tolist() == y.tolist()
    assert in_rows(one[:, 0], behind, single=True) == 0.0
    assert in_rows(one, behind, single=False).shape == (1, 4)
    assert in_rows(np.concatenate([one, one]), behind, single=True).shape == (2, 4)
    assert [one[place_in((k,), y.shape, behind)] for k in range(4)] == y.tolist()
    for other in (2.5, np.array(2.5), y, np.ones([2] * (behind + 3)), "text"):
        assert in_rows(other, behind, single=True) is other


def test_what_a_call_writes_reaches_the_arrays() -> None:
    """Each is handed over in one piece of memory; those of other places as they are."""
    y, weights = np.arange(24.0).reshape(6, 4), np.ones(4)
    with handed([y, weights], (0,), 1) as (given, same):
        assert (given.flags.c_contiguous, given.shape, same is weights) == (True, (3, 4, 2), True)
        assert not np.shares_memory(given, y)
        given[1, 2, 0] = -7.0
    assert y[2, 2] == -7.0
    assert np.count_nonzero(y != np.arange(24.0).reshape(6, 4)) == 1
    with handed([y], (0,), 1, last=True) as (given,):
        assert given.shape == (3, 2, 4)
    fixed = np.arange(24.0).reshape(6, 4)
    fixed.flags.writeable = False
    with handed([fixed], (0,), 1) as (given,):
        assert not given.flags.writeable


def test_a_sum_over_places_divided_by_arrays() -> None:
    """As often too large as there are places behind the classes, each time."""
    loss, calling = formula("cross_entropy_labels"), Calling(classes=(0, 1))
    two, three = on_batches((6, 4), 2.0), on_batches((9, 4), 3.0)
    found = divided_by_arrays(search_with(two, three, of=loss, calling=calling))
    text = "The sum over all places of (N, K, d) is divided by N, not by the number of places."
    repair = "Divide by the number of places too: of losses (N, d) take losses.mean()."
    assert found == Diagnosis("mistake", "divided_by_arrays", text, repair=repair)
    found = divided_by_arrays(search_with(on_batches((12, 5), 6.0), of=loss, calling=replace(calling, behind=2)))
    assert found is not None
    assert "(N, K, d, e)" in found.text
    for search in (
        search_with(two, three, of=loss),
        search_with(two, on_batches((9, 4), 2.0), of=loss, calling=calling),
        search_with(two, on_batches((9, 4), "raised"), of=loss, calling=calling),
        search_with(on_batches((5, 4), 1.0), of=loss, calling=calling),
        search_with(of=loss, calling=calling),
        search_with(two, of=formula("softmax"), calling=calling),
    ):
        assert divided_by_arrays(search) is None


@pytest.mark.parametrize(("answer", "behind"), [(5.0, 2), ("raised", 0)])
def test_how_many_axes_there_must_be(answer: Any, behind: int) -> None:
    """One more, if with fewer all batches raise and with these most do not."""
    loss, calling = formula("cross_entropy_labels"), Calling(classes=(0, 1))
    raised = on_batches((6, 4), "raised")
    ask, asked = answering(*said(answer), by=lambda _: 0)
    assert axes_behind(search_with(raised, of=loss, calling=calling), ask) == behind
    assert asked == [replace(calling, behind=2)]
    for search in (
        search_with(raised, of=loss),
        search_with(of=loss, calling=calling),
        search_with(raised, on_batches((6, 4), 5.0), of=loss, calling=calling),
        search_with(raised, of=loss, calling=replace(calling, behind=2)),
    ):
        assert axes_behind(search, ask) == 0
    told = "it takes no other arrays than those of 4 axes: it was called with"
    assert of_axes(replace(calling, behind=2)) == f"{told} (N, K, d, e)"
    assert of_axes(replace(calling, behind=2, last=True)) == f"{told} (N, d, e, K)"


def test_what_a_candidate_takes_in_place_of_arrays() -> None:
    """Numbers, where each number of the answer depends on that in its place alone; else lists; and arrays, if it takes any."""
    refused, lone = (
        replace(trial(about(1.0), "raised", "typical", x=each), seen=Observation(trouble="raised", declines=True))
        for each in (np.ones(3), np.ones(1))
    )
    sigmoid, softmax = formula("sigmoid"), formula("softmax")
    assert (are_entry_by_entry(sigmoid), are_entry_by_entry(softmax)) == (True, False)
    for of, answers, handing in (
        (sigmoid, said(1.0), "numbers"),
        (sigmoid, said("raised", 1.0), "lists"),
        (softmax, said(1.0), "lists"),
        (sigmoid, said("raised"), "arrays"),
    ):
        ask, asked = answering(*answers, by=lambda calling: int(calling.handing == "lists"))
        assert what_it_takes(search_with(refused, lone, of=of), ask) == handing
        assert asked[0].handing == ("numbers" if of is sigmoid else "lists")
    ask, asked = answering(*said(1.0), by=lambda _: 0)
    accepted = trial(about(1.0), 1.0, "typical", x=np.ones(3))
    for search in (
        search_with(lone, of=sigmoid),
        search_with(refused, accepted, of=sigmoid),
        search_with(refused, of=sigmoid, calling=Calling(handing="lists")),
    ):
        assert what_it_takes(search, ask) == "arrays"
    assert asked == []
