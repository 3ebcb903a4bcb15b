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
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.spec import Mistake

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
