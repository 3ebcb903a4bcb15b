"""Steps of optimisers: what the programs take and give, and the ways of answering that count as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import surveyed
from flint import arb

import refmath
from refmath import FORMULAS
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula as formula_named
from refmath.oracle.candidates.candidate import Candidate, renewed_by
from refmath.spec import Formula, setting, unpacked

STEPS = [page for page in FORMULAS if renewed_by(page)]
every_step = pytest.mark.parametrize("page", STEPS, ids=lambda page: page.name)


def plain_step(w: Any, g: Any, velocity: Any) -> dict[str, Any]:
    after = 0.9 * velocity - 0.01 * g
    return {"w": w + after, "velocity": after}


def test_these_are_the_steps_with_a_state() -> None:
    """Every formula whose answer renews its arguments, and no other."""
    assert {page.name for page in STEPS} == {page.name for page in FORMULAS if page.inputs[0].kind == "floats"}
    assert len(STEPS) >= 6
    assert renewed_by(formula_named("two_layer_net_gradient")) == ()


@every_step
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "longdouble"])
def test_each_array_keeps_its_number_type(page: Formula, dtype: str) -> None:
    """The parameters and the state come back in the type that each had, and near what they are in float64."""
    for inputs in surveyed.everyday(page, 4):
        cast = [surveyed.in_each_array(lambda array: array.astype(dtype), each) for each in inputs]
        new, expected = page.program(*cast), page.program(*inputs)
        for name in renewed_by(page):
            assert new[name].dtype == np.dtype(dtype)
            assert np.shape(new[name]) == np.shape(expected[name])
            np.testing.assert_allclose(new[name].astype(float), expected[name], rtol=2e-2, atol=2e-2)


@every_step
def test_whole_numbers_count_as_float64(page: Formula) -> None:
    """Integers are taken, and what comes back is in float64."""
    arrays = [3 if each.is_number else np.array([1, 4, 0]) for each in page.inputs]
    floats = [each if isinstance(each, int) else each.astype(float) for each in arrays]
    new, expected = page.program(*arrays), page.program(*floats)
    for name in renewed_by(page):
        assert new[name].dtype == np.float64
        np.testing.assert_array_equal(new[name], expected[name])


@every_step
def test_arrays_of_other_shapes_are_refused(page: Formula) -> None:
    """The gradient and the state have the shape of the parameters."""
    arrays = [3 if each.is_number else np.ones((2, 3)) for each in page.inputs]
    for place, each in enumerate(page.inputs):
        if not each.is_number and place:
            wrong = [*arrays[:place], np.ones((3, 2)), *arrays[place + 1 :]]
            with pytest.raises(
                ValueError, match=rf"w and {each.name} must have the same shape; got \(2, 3\) and \(3, 2\)"
            ):
                page.program(*wrong)


def _parameters_alone(w: Any, g: Any, velocity: Any) -> Any:
    velocity[...] = 0.9 * velocity - 0.01 * g
    return w + velocity


WAYS: dict[str, tuple[Callable[..., Any], bool]] = {
    "mapping": (plain_step, False),
    "other order": (lambda *given: dict(reversed(plain_step(*given).items())), False),
    "tuple": (lambda *given: tuple(plain_step(*given).values()), False),
    "list": (lambda *given: list(plain_step(*given).values()), False),
}


def _in_place(w: Any, g: Any, velocity: Any) -> None:
    new = plain_step(w, g, velocity)
    w[...], velocity[...] = new["w"], new["velocity"]


def _given_back(w: Any, g: Any, velocity: Any) -> Any:
    _in_place(w, g, velocity)
    return w


def _state_in_place(w: Any, g: Any, velocity: Any) -> Any:
    new = plain_step(w, g, velocity)
    velocity[...] = new["velocity"]
    return new["w"], velocity


WAYS |= {
    "nothing": (_in_place, True),
    "the parameters": (_given_back, True),
    "the state in place": (_state_in_place, True),
    "the parameters, and the state in place": (_parameters_alone, True),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_a_step_may_answer_in_several_ways(way: str) -> None:
    """New arrays by name or in a row, or nothing and the arguments renewed, which is said."""
    program, in_place = WAYS[way]
    report = refmath.check(program, "momentum_step", examples=4)
    assert (report.verdict, report.in_place) == ("conforms", in_place)


def test_the_gradient_must_stay_as_it_is() -> None:
    """What a step does not renew it must not write into, even if it answers in place."""

    def clears(w: Any, g: Any, velocity: Any) -> None:
        _in_place(w, g, velocity)
        g[...] = 0

    seen = Candidate(clears, formula=formula_named("momentum_step"))(
        {"w": np.ones(2), "g": np.ones(2), "velocity": np.ones(2)}
    )
    assert (seen.trouble, seen.text) == ("wrote", "wrote into its argument g")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda w, g, velocity: (w,), "a tuple of 1"),
        (
            lambda w, g, velocity: np.array([w, velocity]),
            "returned ndarray instead of 2 arrays; expected a tuple (w, velocity)",
        ),
        (lambda w, g, velocity: np.float64(1.0), "float64"),
        (lambda w, g, velocity: {"w": 1 * w}, "a mapping with the keys w instead of w, velocity"),
        (lambda w, g, velocity: (1 * w, 1 * w, 1 * w), "a tuple of 3"),
    ],
)
def test_what_is_no_answer_is_told(answer: Callable[..., Any], told: str) -> None:
    """Too few arrays, too many, or one alone: it is said what was returned, and what is meant."""
    seen = Candidate(answer, formula=formula_named("momentum_step"))(
        {"w": np.ones(2), "g": np.ones(2), "velocity": np.ones(2)}
    )
    assert seen.trouble == "type"
    assert told in seen.text


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda w, g, velocity: None, "returned nothing and wrote nothing into w and velocity"),
        (lambda w, g, velocity: w, "returned w as it was given and wrote nothing into w and velocity"),
        (lambda w, g, velocity: w + 0.9 * velocity - 0.01 * g, "returned one array and wrote nothing into velocity"),
    ],
    ids=["nothing", "its argument", "the parameters alone"],
)
def test_a_step_that_renews_nothing_is_told_so(answer: Callable[..., Any], told: str) -> None:
    """Who returns nothing, or the parameters alone, and has written nothing has failed: it is said in which ways it may answer."""
    report = refmath.check(answer, "momentum_step", examples=10)
    assert (report.verdict, report.in_place, report.diagnosis) == ("failed", False, None)
    assert report.smallest is not None
    assert report.smallest.trouble == (
        f"{told}; expected a tuple (w, velocity) in this order, or a mapping with these keys, or w and velocity renewed in place"
    )


def test_a_step_of_a_mapping_that_renews_nothing_is_told_so() -> None:
    """Its parameters come in a mapping, and so does the answer."""
    report = refmath.check(lambda params, grads, lr: None, "sgd_step", examples=10)
    assert report.smallest is not None
    assert report.smallest.trouble == (
        "returned nothing and wrote nothing into params; expected a mapping, or params renewed in place"
    )


def test_a_state_at_rest_may_stay_as_it_is() -> None:
    """Where nothing is to change, whoever works in place writes what was there: that is right."""

    def step(w: Any, g: Any, velocity: Any) -> Any:
        velocity *= 0.9
        velocity -= 0.01 * g
        return w + velocity

    candidate = Candidate(step, formula=formula_named("momentum_step"))
    seen = candidate({"w": np.ones(2), "g": np.zeros(2), "velocity": np.zeros(2)})
    assert (seen.trouble, seen.in_place, seen.value.tolist()) == (None, True, [1.0, 1.0, 0.0, 0.0])


def test_gradients_are_expected_in_a_row_or_by_name() -> None:
    """A backward form has no state: its answer is a tuple or a mapping."""
    inputs = {"x": np.ones((2, 3)), "W": np.ones((3, 2)), "b": np.ones(2), "upstream": np.ones((2, 2))}
    for answer, told in ((np.ones(2), "ndarray"), (None, "None (is a return statement missing?)")):
        seen = Candidate(lambda *_, answer=answer: answer, formula=formula_named("affine_vjp"))(inputs)
        assert seen.text == (
            f"returned {told} instead of 3 arrays; expected a tuple (x, W, b) in this order, or a mapping with these keys"
        )


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_what_is_made_of_numbers_alone_has_24_bits(name: str) -> None:
    """1 − β₂ᵗ is known to a millionth in a narrow format too, though β₂ itself is rounded to 1 there."""
    page = formula_named("adam_step")
    inputs = ([1.0], [0.5], [0.25], [0.125], 2)
    found = acceptance(setting(page), read(setting(page), *inputs), FORMATS[name])
    assert found is not None
    exact = [float(arb(ball).mid()) for ball in found.exact.flat]
    # A few units in the last place of the format, and not all of its digits.
    assert float(found.half_width[0]) < 40 * FORMATS[name].unit * abs(exact[0])
    assert float(found.half_width[2]) < 40 * FORMATS[name].unit * exact[2]


@every_step
def test_each_step_follows_its_conventions(page: Formula) -> None:
    """The program of each convention is accepted under it, and refused under the default."""
    for convention in page.conventions:
        program = setting(page, convention.name).program
        assert refmath.check(program, page, convention=convention.name, examples=4).verdict == "conforms"
        assert refmath.check(program, page, examples=4).verdict != "conforms"


def test_the_parts_of_an_answer_are_in_order() -> None:
    """A tuple is taken in the order of the parts: the parameters first, then the state."""
    page = formula_named("adam_step")
    new = page.program(*(inputs := surveyed.everyday(page, 1)[0]))
    swapped = (new["w"], new["v"], new["m"])
    assert list(new) == ["w", "m", "v"]
    value = Candidate(lambda *_: swapped, formula=page)(unpacked(page, inputs)).value
    assert not np.array_equal(value, np.concatenate([np.ravel(each) for each in new.values()]))


@pytest.mark.parametrize("name", ["momentum_step", "adam_step"])
@pytest.mark.parametrize("end", [20, 60])
def test_a_fault_at_the_end_of_a_state_is_found(name: str, end: int) -> None:
    """A state that is wrong from some entry on is refused, with a counterexample of few entries beyond that."""
    page = formula_named(name)

    def forgets(*arguments: Any) -> Any:
        new = {key: np.array(value) for key, value in page.program(*arguments).items()}
        last = new[renewed_by(page)[-1]]
        last.reshape(-1)[end:] = 0
        return new

    report = refmath.check(forgets, name)
    assert report.verdict in ("differs", "unstable")
    assert report.smallest is not None
    assert np.size(report.smallest.inputs["w"]) <= 2 * end
