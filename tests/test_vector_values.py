"""The values of the test vectors: a training that passes and many that do not, and the same numbers by other means."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from plain_consumer import accepts, array, parts
from vector_files import cases, with_value

import refmath
from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import formula
from refmath.spec import Mistake, setting
from refmath.vectors.formulas import STEPS

pytestmark = pytest.mark.long

# ---- the training


def training(params: Any, x: Any, t: Any, lr: float, *, step: Any = None, after: bool = True) -> dict[str, Any]:
    """The training that the vectors describe, by refmath's functions; one thing may be wrong."""
    step = step or refmath.sgd_step
    told: dict[str, list[Any]] = {key: [] for key in ("loss", *params)}
    for x_k, t_k in zip(x, t, strict=True):
        before = params
        params = step(params, refmath.two_layer_net_gradient(params, x_k, t_k), lr)
        told["loss"].append(refmath.two_layer_net_loss(params if after else before, x_k, t_k))
        for key, value in params.items():
            told[key].append(value)
    return {key: np.array(values) for key, values in told.items()}


def test_refmaths_training_passes() -> None:
    """A hundred steps with refmath's functions stay inside the intervals, which are narrow up to the last step."""
    (case,) = cases("training")
    assert accepts(case, training)
    low, high = parts(array(case["low"])), parts(array(case["high"]))
    assert all(0 < np.max(high[key] - low[key]) < 2e-10 for key in low)
    assert array(case["expected"])["W1"].shape == (100, 4, 3)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "mistake",
    # The gradients of a network come in the order of its parameters.
    [each for each in formula("sgd_step").mistakes if each.name != "paired_by_order"],
    ids=lambda each: each.name,
)
def test_a_wrong_step_does_not_pass_for_a_training(mistake: Mistake) -> None:
    """A training whose steps are wrong in one of the ways of their page is refused, and so is a loss of before the step."""
    (case,) = cases("training")
    # An unusually large gradient is cut off at 1 or 5, and there is none in this training.
    variants = [each for each in ({}, *mistake.variants) if mistake.name != "clipped_gradient" or each == {"at": 0.1}]
    for variant in variants:
        step = functools.partial(mistake.program, **variant)
        assert not accepts(case, functools.partial(training, step=step)), variant
    assert not accepts(case, functools.partial(training, after=False))


# ---- steps of optimisers in a row


def in_a_row(name: str, convention: str | None = None, step: Any = None, **wrong: Any) -> Any:
    """The steps that the vectors describe, by refmath's program; the state at first, or what is counted, may be wrong."""
    page = STEPS[name]
    step = step or setting(page, convention).program
    keys = [part.key for part in page.parts]
    counted = any(each.is_whole_number for each in page.inputs)

    def walk(w: Any, g: Any) -> dict[str, Any]:
        state = {key: np.full_like(w, wrong.get("start", 0.0)) for key in keys[1:]}
        told: dict[str, list[Any]] = {key: [] for key in keys}
        for number, gradient in enumerate(g, wrong.get("first", 1)):
            new = step(w, gradient, *state.values(), *([number] if counted else []))
            w, state = new["w"], {key: new[key] for key in state} if wrong.get("keeps", True) else state
            for key, kept in told.items():
                kept.append(new[key])
        return {key: np.array(kept) for key, kept in told.items()}

    return walk


@pytest.mark.parametrize("name", STEPS)
def test_refmaths_steps_pass(name: str) -> None:
    """A hundred steps with refmath's program stay inside the intervals, which are narrow up to the last one, under each convention."""
    for convention in (None, *(each.name for each in STEPS[name].conventions)):
        found = cases(name, convention)
        assert [each["dtype"] for each in found] == ["float64", "float32"][: 1 if convention else 2]
        for case in found:
            assert accepts(case, in_a_row(name, convention))
            low, high = array(case["low"])["w"], array(case["high"])["w"]
            assert low.shape == (100, 3)
            assert 0 < np.max(high - low) < (1e-12 if case["dtype"] == "float64" else 1e-3)


@pytest.mark.parametrize("name", STEPS)
def test_wrong_steps_in_a_row_do_not_pass(name: str) -> None:
    """A state that begins elsewhere, or is never kept, and steps that are counted from 0 or 2 are refused, and so is another convention."""
    case, single = cases(name)
    page, start = STEPS[name], 1e-3
    wrong: list[dict[str, Any]] = [{"start": start}, {"keeps": False}]
    wrong += [{"first": 2}, {"first": 3}] if any(each.is_whole_number for each in page.inputs) else []
    for each in wrong:
        assert not accepts(case, in_a_row(name, **each)), each
        assert not accepts(single, in_a_row(name, **each)), each
    for convention in (each.name for each in page.conventions):
        other = in_a_row(name, convention)
        assert not accepts(case, other), convention


def by_hand(name: str, w: Any, g: Any, state: dict[str, Any], t: int) -> tuple[Any, dict[str, Any]]:
    """One step of numbers of mpmath, as the literature has it; the parameters are the doubles of the page."""
    one = {key: mpmath.mpf(value) for key, value in STEPS[name].parameters.items()}
    lr = one["lr"]
    if name in ("momentum_steps", "nesterov_steps"):
        v = one["momentum"] * state.get("velocity", 0) - lr * g
        return w + (v if name == "momentum_steps" else one["momentum"] * v - lr * g), {"velocity": v}
    if name in ("adagrad_steps", "rmsprop_steps"):
        h = state.get("h", 0)
        h = h + g**2 if name == "adagrad_steps" else one["decay"] * h + (1 - one["decay"]) * g**2
        return w - lr * g / (mpmath.sqrt(h) + one["eps"]), {"h": h}
    m = one["beta1"] * state.get("m", 0) + (1 - one["beta1"]) * g
    v = one["beta2"] * state.get("v", 0) + (1 - one["beta2"]) * g**2
    mean, squares = m / (1 - one["beta1"] ** t), v / (1 - one["beta2"] ** t)
    w = w * (1 - lr * one["weight_decay"]) if name == "adamw_steps" else w
    return w - lr * mean / (mpmath.sqrt(squares) + one["eps"]), {"m": m, "v": v}


def rounded(value: Any, format_: Format) -> float:
    """The nearest number of a format; mpmath tells a number without its sign."""
    return format_.nearest(*map(int, value.man_exp)) * (-1 if value < 0 else 1)


@pytest.mark.parametrize("name", STEPS)
def test_the_steps_are_those_of_mpmath(name: str) -> None:
    """All parameters and states of a hundred steps are those of mpmath with 60 digits, correctly rounded."""
    for case in cases(name):
        inputs, expected = {key: array(each) for key, each in case["inputs"].items()}, array(case["expected"])
        with mpmath.workdps(60):
            for entry in range(3):
                w = mpmath.mpf(float(inputs["w"][entry]))
                state: dict[str, Any] = {}
                for number, gradient in enumerate(inputs["g"][:, entry], 1):
                    w, state = by_hand(name, w, mpmath.mpf(float(gradient)), state, number)
                    for key, value in {"w": w, **state}.items():
                        assert rounded(value, FORMATS[case["dtype"]]) == expected[key][number - 1, entry], (key, number)


# ---- the values, by other means


def test_the_training_is_that_of_mpmath() -> None:
    """All losses and parameters of the training are those of mpmath with 60 digits, correctly rounded."""
    (case,) = cases("training")
    params, x, t, lr = (array(each) for each in case["inputs"].values())
    expected = array(case["expected"])
    with mpmath.workdps(60):
        exact = {key: np.vectorize(mpmath.mpf, otypes=[object])(value) for key, value in params.items()}
        for k, (x_k, t_k) in enumerate(zip(x, t, strict=True)):
            y, z = forward(exact, x_k)
            errors = (y - np.eye(3)[t_k]) / len(x_k)
            back = (errors @ exact["W2"].T) * z * (1 - z)
            slopes = {"W1": x_k.T @ back, "b1": back.sum(axis=0), "W2": z.T @ errors, "b2": errors.sum(axis=0)}
            exact = {key: value - mpmath.mpf(float(lr)) * slopes[key] for key, value in exact.items()}
            y, _ = forward(exact, x_k)
            loss = -mpmath.fsum(mpmath.log(y[n, label]) for n, label in enumerate(t_k)) / len(t_k)
            assert float(loss) == expected["loss"][k]
            for key, value in exact.items():
                assert np.array_equal(value.astype(np.float64), expected[key][k]), (key, k)


def forward(params: dict[str, Any], x: Any) -> tuple[Any, Any]:
    """Prediction and hidden units of a network in mpmath."""
    exp = np.vectorize(mpmath.exp, otypes=[object])
    z = 1 / (1 + exp(-(x @ params["W1"] + params["b1"])))
    e = exp(z @ params["W2"] + params["b2"])
    return e / e.sum(axis=1, keepdims=True), z


def test_the_softmax_is_that_of_mpmath() -> None:
    """Every value that is expected of the softmax is the one of mpmath, correctly rounded to float64 or float32."""
    for case in with_value(cases("softmax", None, "float64", "float32")):
        # Far below the smallest number mpmath rounds otherwise than the format; and its digits must reach the smallest difference.
        with mpmath.workdps(700):
            a = np.atleast_2d(array(case["inputs"]["a"])).astype(np.float64)
            e = np.vectorize(mpmath.exp, otypes=[object])(np.vectorize(mpmath.mpf, otypes=[object])(a))
            y = (e / e.sum(axis=1, keepdims=True)).ravel()
        format_ = FORMATS[case["dtype"]]
        rounded_ = [format_.nearest(int(value.man_exp[0]), int(value.man_exp[1])) for value in y]
        assert rounded_ == case["expected"]["data"], case["id"]


def test_descents_are_those_of_fractions() -> None:
    """Every point that a descent is expected to lead to is the exact one, correctly rounded."""
    for case in with_value(cases("gradient_descent", None, "float64")):
        A, b, start, lr, steps = (array(each) for each in case["inputs"].values())
        assert np.array_equal(A, A.T)
        assert int(steps) <= 130
        point = [Fraction(float(each)) for each in start]
        for _ in range(int(steps)):
            slopes = [
                sum((Fraction(entry) * each for entry, each in zip(row, point, strict=True)), Fraction(float(b_i)))
                for row, b_i in zip(A.tolist(), b, strict=True)
            ]
            point = [each - Fraction(float(lr)) * slope for each, slope in zip(point, slopes, strict=True)]
        assert [float(each) for each in point] == case["expected"]["data"], case["id"]


def test_a_descent_with_the_gradient_itself_passes() -> None:
    """Who goes down by Ax + b, and not by a numerical gradient, is accepted too."""
    for case in with_value(cases("gradient_descent")):
        A, b, x, lr, steps = (array(each) for each in case["inputs"].values())
        x = x.astype(np.float64)
        for _ in range(int(steps)):
            x = x - lr * (A @ x + b)
        assert accepts(case, lambda f, start, lr, steps, x=x: x), case["id"]
