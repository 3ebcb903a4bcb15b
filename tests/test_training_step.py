"""The fast step of the training by backpropagation, held to the three pages that it consists of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refmath
from refmath.descent.stochastic_gradient_descent import sgd_step
from refmath.fast.training_step import TrainingStep, gradient_by_labels, loss_by_labels, step_against
from refmath.networks.two_layer_net_gradient import two_layer_net_gradient
from refmath.networks.two_layer_net_loss import two_layer_net_loss
from refmath.networks.two_layer_net_predict import Parameters, two_layer_net_predict

DTYPES = ("float64", "float32")


def quiet(function: Callable[..., Any], params: Any, x: Any, t: Any) -> Any:
    """A function of the twin for any arguments that its page takes: what is checked or arranged before the first step is done here."""
    if np.ndim(t) == 2 and not np.isin(t, (0, 1)).all():
        raise ValueError("the twin takes labels, which other distributions than one-hot ones have none of")
    labels = np.argmax(t, axis=1) if np.ndim(t) == 2 else np.asarray(t)
    dtype = np.result_type(*params.values(), x, np.float32)
    net = Parameters(**{name: np.asarray(value, dtype) for name, value in params.items()})
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return function(net, np.asarray(x, dtype), labels)


def gradient(params: Any, x: Any, t: Any) -> Any:
    """The gradient of the twin under the name of its page."""
    return quiet(gradient_by_labels, params, x, t)._asdict()


def loss(params: Any, x: Any, t: Any) -> Any:
    """The loss of the twin under the name of its page."""
    return quiet(loss_by_labels, params, x, t)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("candidate", "page"),
    [(gradient, "two_layer_net_gradient"), (loss, "two_layer_net_loss")],
    ids=["gradient", "loss"],
)
@pytest.mark.parametrize("examples", [4, pytest.param(20, marks=pytest.mark.zoo)])
def test_it_conforms_to_its_page(candidate: Callable[..., Any], page: str, dtype: str, examples: int) -> None:
    """Typical, edge and extreme inputs: inside the acceptance interval everywhere, and every law holds."""
    report = refmath.check(candidate, against=page, dtype=dtype, examples=examples)
    assert report.verdict == "conforms", str(report)


class Case:
    """A network, a batch of bytes with many zeros in it, and labels, of any size."""

    def __init__(self, dtype: str, seed: int, sizes: tuple[int, int, int, int], size: float) -> None:
        N, D, H, K = sizes
        rng = np.random.default_rng(seed)
        self.images = (rng.integers(0, 256, (N, D)) * (rng.random((N, D)) < 0.3)).astype(np.uint8)
        self.labels = rng.integers(0, K, N)
        self.x = np.divide(self.images, 255, dtype=np.dtype(dtype))
        shapes = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
        self.params = {name: (size * rng.standard_normal(shape)).astype(dtype) for name, shape in shapes.items()}
        self.step = TrainingStep(N, (D, H), dtype, scale=255)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    N, D, H, K = (draw(st.integers(1, most)) for most in (12, 40, 9, 6))
    return Case(
        draw(st.sampled_from(DTYPES)),
        draw(st.integers(0, 2**32 - 1)),
        (N, D, H, K),
        draw(st.sampled_from([0.01, 1, 5])),
    )


@given(cases(), st.floats(0.01, 2))
def test_a_step_is_that_of_the_pages(case: Case, lr: float) -> None:
    """At random sizes and in both formats, the parameters after the step and the loss there are the pages', up to a few roundings."""
    grads = two_layer_net_gradient(case.params, case.x, case.labels)
    expected = sgd_step(case.params, grads, lr)
    after, loss_there = case.step(case.params, case.images, case.labels, lr)
    eps = np.finfo(case.x.dtype).eps
    for name, value in expected.items():
        assert after[name].dtype == value.dtype
        assert after[name].shape == value.shape
        # The first factor of what backpropagation multiplies and sums is at most 1, and W2 the only other that is not.
        slack = eps * (np.abs(case.params[name]) + lr * 200 * (1 + np.abs(case.params["W2"]).max()))
        assert (np.abs(after[name] - value) <= slack).all()
    # The loss at the very parameters that came out: what is left is how the two sum.
    there = two_layer_net_loss(after, case.x, case.labels)
    assert abs(loss_there() - there) <= 100 * eps * (1 + np.abs(after["W2"]).sum() + np.abs(after["W1"]).sum())


@given(cases())
def test_the_step_itself_rounds_as_its_page(case: Case) -> None:
    """For the same gradient the new parameters are those of sgd_step bit for bit, and the old ones stay as they were."""
    grads = two_layer_net_gradient(case.params, case.x, case.labels)
    expected = sgd_step(case.params, grads, 0.1)
    before = {name: value.copy() for name, value in case.params.items()}
    got = step_against(Parameters(**case.params), Parameters(**grads), 0.1)._asdict()
    for name, value in expected.items():
        assert (got[name] == value).all()
        assert (case.params[name] == before[name]).all()


@given(cases())
def test_a_weight_of_an_input_that_is_zero_everywhere_stays(case: Case) -> None:
    """A row of W1 whose input is zero in the whole batch is the same afterwards, bit for bit, and the given arrays are as they were."""
    before = {name: value.copy() for name, value in case.params.items()}
    images = case.images.copy()
    after, _ = case.step(case.params, case.images, case.labels, 1.0)
    unused = ~case.images.any(axis=0)
    assert (after["W1"][unused] == before["W1"][unused]).all()
    assert (case.images == images).all()
    for name, value in before.items():
        assert (case.params[name] == value).all()
        assert not np.shares_memory(after[name], case.params[name])


@given(cases(), st.integers(1, 12))
def test_what_one_step_leaves_behind_does_not_reach_the_next(case: Case, first: int) -> None:
    """The arrays are used again, for smaller batches too: a step comes out the same in an object that has made others."""
    once, loss_once = case.step(case.params, case.images, case.labels, 0.5)
    kept, loss_kept = {name: value.copy() for name, value in once.items()}, loss_once()
    case.step(once, case.images[:first], case.labels[:first], 0.5)[1]()
    case.step.likeliest(once, case.images[-first:])
    again, loss_again = case.step(case.params, case.images, case.labels, 0.5)
    assert loss_kept == loss_again()
    for name, value in kept.items():
        assert (once[name] == value).all()
        assert (again[name] == value).all()


@given(cases())
def test_the_likeliest_class_is_the_one_of_the_largest_probability(case: Case) -> None:
    """The classes are those of two_layer_net_predict; where two probabilities are a rounding apart, either will do."""
    y = two_layer_net_predict(case.params, case.x)
    got = case.step.likeliest(case.params, case.images)
    assert (y[np.arange(len(y)), got] >= y.max(axis=1) * (1 - 1e3 * np.finfo(y.dtype).eps)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_from_zero_a_unit_is_on_or_off(dtype: str) -> None:
    """Where the exponential of a sum would overflow, its unit is 1 or next to 0 and learns nothing; no nan comes of it."""
    size = np.finfo(dtype).max / 4
    net = {"W1": np.array([[size, -size]]), "b1": np.zeros(2), "W2": np.ones((2, 2)), "b2": np.zeros(2)}
    net = {name: value.astype(dtype) for name, value in net.items()}
    x, labels = np.ones((1, 1), dtype), np.array([0])
    got = gradient(net, x, labels)
    assert got["W2"] == pytest.approx(np.array([[-0.5, 0.5], [0, 0]]))
    assert got["b1"] == pytest.approx(0, abs=float(np.finfo(dtype).tiny) * 2)
    assert loss(net, x, labels) == pytest.approx(np.log(2))


@pytest.mark.parametrize("dtype", DTYPES)
def test_near_certainty_keeps_its_digits(dtype: str) -> None:
    """Where the label is certain up to the last bit, loss and errors are small and not zero, as their exact values are."""
    params = {"W1": [[0.0]], "b1": [0.0], "W2": [[0.0, 0.0]], "b2": [60.0, 0.0]}
    net = {name: np.array(value, dtype) for name, value in params.items()}
    x, labels = np.zeros((1, 1), dtype), np.array([0])
    assert loss(net, x, labels) == pytest.approx(np.exp(-60), rel=1e-5)
    assert gradient(net, x, labels)["b2"] == pytest.approx([-np.exp(-60), np.exp(-60)], rel=1e-5)
