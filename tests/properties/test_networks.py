"""The two-layer network: its gradient against differences of its loss, its symmetries, and the class over it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath import (
    TwoLayerNet,
    check_gradient,
    numerical_gradient,
    softmax_cross_entropy_one_hot,
    two_layer_net_gradient,
    two_layer_net_loss,
    two_layer_net_predict,
)
from refmath.arguments import Array

NAMES = ("W1", "b1", "W2", "b2")
EPS = float(np.finfo(float).eps)


def network(D: int, H: int, K: int, rng: np.random.Generator) -> dict[str, Array]:
    shapes = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def drawn(D: int, H: int, K: int, N: int, seed: int) -> tuple[dict[str, Array], Array, Array]:
    """A network, samples and labels."""
    rng = np.random.default_rng(seed)
    return network(D, H, K, rng), rng.standard_normal((N, D)), rng.integers(0, K, N)


one_to_four = st.integers(1, 4)
networks = st.builds(drawn, one_to_four, one_to_four, one_to_four, st.integers(1, 5), st.integers(0, 2**32))


def close(one: Any, other: Any, ulps: float = 64) -> bool:
    """Whether two values differ by no more than the rounding of sums of this size."""
    one, other = np.asarray(one), np.asarray(other)
    return bool(np.all(np.abs(one - other) <= ulps * EPS * (1 + np.abs(other))))


# ---- prediction


@given(networks)
def test_the_prediction_is_a_distribution(drawn: Any) -> None:
    """Every row of the prediction is positive and sums to 1."""
    params, x, _ = drawn
    y = two_layer_net_predict(params, x)
    assert y.shape == (len(x), len(params["b2"]))
    assert np.all(y > 0)
    assert close(y.sum(axis=1), 1, 4)


def test_the_prediction_by_hand() -> None:
    """σ(ln 3) = ¾, twice; logits 0 and 1.5·ln 2·… as computed with a pencil."""
    params = {
        "W1": np.log([[3.0, 1 / 3]]),
        "b1": np.zeros(2),
        "W2": np.log([[16.0, 1.0], [1.0, 16.0]]),
        "b2": np.zeros(2),
    }
    # Hidden (3/4, 1/4), logits (12 ln 2/4, 4 ln 2/4) = (3 ln 2, ln 2), probabilities 8 : 2.
    assert close(two_layer_net_predict(params, [[1.0]]), [[0.8, 0.2]])
    assert close(two_layer_net_loss(params, [[1.0]], [1]), math.log(5))


@given(networks, st.randoms(use_true_random=False))
def test_the_order_of_hidden_units_means_nothing(drawn: Any, random: Any) -> None:
    """Permuting the hidden units changes neither prediction nor loss, and permutes the gradient with them."""
    params, x, t = drawn
    order = list(range(len(params["b1"])))
    random.shuffle(order)
    permuted = {**params, "W1": params["W1"][:, order], "b1": params["b1"][order], "W2": params["W2"][order]}
    assert close(two_layer_net_predict(permuted, x), two_layer_net_predict(params, x))
    assert close(two_layer_net_loss(permuted, x, t), two_layer_net_loss(params, x, t))
    gradient, moved = two_layer_net_gradient(params, x, t), two_layer_net_gradient(permuted, x, t)
    assert close(moved["W1"], gradient["W1"][:, order])
    assert close(moved["b1"], gradient["b1"][order])
    assert close(moved["W2"], gradient["W2"][order])
    assert close(moved["b2"], gradient["b2"])


@given(networks, st.randoms(use_true_random=False))
def test_the_order_of_the_batch_means_nothing(drawn: Any, random: Any) -> None:
    """Permuting the samples with their targets permutes the prediction, and changes neither loss nor gradient."""
    params, x, t = drawn
    order = list(range(len(x)))
    random.shuffle(order)
    assert close(two_layer_net_predict(params, x[order]), two_layer_net_predict(params, x)[order])
    assert close(two_layer_net_loss(params, x[order], t[order]), two_layer_net_loss(params, x, t))
    gradient, moved = two_layer_net_gradient(params, x, t), two_layer_net_gradient(params, x[order], t[order])
    assert all(close(moved[name], gradient[name]) for name in NAMES)


# ---- loss


@given(networks)
def test_a_network_that_says_nothing_loses_the_logarithm_of_the_classes(drawn: Any) -> None:
    """With an output layer of zeros the prediction is uniform, and the loss ln K."""
    params, x, t = drawn
    K = len(params["b2"])
    mute = {**params, "W2": np.zeros_like(params["W2"]), "b2": np.zeros(K)}
    assert np.array_equal(two_layer_net_predict(mute, x), np.full((len(x), K), 1 / K))
    assert close(two_layer_net_loss(mute, x, t), math.log(K), 4)


@given(networks)
def test_the_loss_of_a_batch_is_the_mean_of_its_samples(drawn: Any) -> None:
    """And its gradient the mean of their gradients."""
    params, x, t = drawn
    single = [(x[n : n + 1], t[n : n + 1]) for n in range(len(x))]
    assert close(two_layer_net_loss(params, x, t), np.mean([two_layer_net_loss(params, *each) for each in single]))
    gradient, parts = two_layer_net_gradient(params, x, t), [two_layer_net_gradient(params, *each) for each in single]
    assert all(close(np.mean([part[name] for part in parts], axis=0), gradient[name]) for name in NAMES)


@given(networks)
def test_labels_are_one_hot_rows(drawn: Any) -> None:
    """A label and its one-hot row have the same loss and the same gradient."""
    params, x, t = drawn
    one_hot = np.eye(len(params["b2"]))[t]
    assert close(two_layer_net_loss(params, x, one_hot), two_layer_net_loss(params, x, t))
    by_label, by_row = two_layer_net_gradient(params, x, t), two_layer_net_gradient(params, x, one_hot)
    assert all(close(by_row[name], by_label[name]) for name in NAMES)


@given(networks)
def test_the_loss_is_the_cross_entropy_of_the_prediction(drawn: Any) -> None:
    """It is the mean of −ln y of the right class, and never negative."""
    params, x, t = drawn
    y = two_layer_net_predict(params, x)
    loss = two_layer_net_loss(params, x, t)
    assert loss >= 0
    assert close(loss, -np.mean(np.log(y[np.arange(len(t)), t])))


def test_the_loss_is_finite_where_the_prediction_is_certain() -> None:
    """A wrong class of probability zero in float64 costs its logit margin, not ∞; the gradient is finite too."""
    params = {"W1": np.zeros((1, 1)), "b1": np.array([100.0]), "W2": np.array([[4000.0, 0.0]]), "b2": np.zeros(2)}
    assert two_layer_net_predict(params, [[0.0]])[0, 1] == 0
    assert two_layer_net_loss(params, [[0.0]], [1]) == 4000
    gradient = two_layer_net_gradient(params, [[0.0]], [1])
    assert np.array_equal(gradient["b2"], [1, -1])
    assert two_layer_net_loss(params, [[0.0]], [0]) == 0


# ---- gradient


@given(networks)
def test_the_gradient_is_the_numerical_one(drawn: Any) -> None:
    """Backpropagation and central differences agree to eight digits of the largest entry, for every parameter."""
    params, x, t = drawn
    gradient = two_layer_net_gradient(params, x, t)
    assert list(gradient) == list(NAMES)
    for name in NAMES:

        def f(value: Array, name: str = name) -> Any:
            return two_layer_net_loss({**params, name: value}, x, t)

        numerical = numerical_gradient(f, params[name])
        assert gradient[name].shape == numerical.shape == params[name].shape
        assert np.all(np.abs(gradient[name] - numerical) <= 1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_passes_its_check(name: str) -> None:
    """The check of gradients finds it right for every parameter, and wrong without the division by N."""
    params, x, t = drawn(3, 4, 3, 5, 1)

    def f(value: Array) -> Any:
        return two_layer_net_loss({**params, name: value}, x, t)

    gradient = two_layer_net_gradient(params, x, t)[name]
    assert check_gradient(f, gradient, params[name])
    assert not check_gradient(f, 5 * gradient, params[name])


@given(networks)
def test_the_gradient_of_the_output_bias_sums_to_zero(drawn: Any) -> None:
    """A common shift of all logits changes nothing, so the slopes by b2 cancel, as do those by each row of W2."""
    gradient = two_layer_net_gradient(*drawn)
    assert close(gradient["b2"].sum(), 0, 16)
    assert close(gradient["W2"].sum(axis=1), 0, 16)


# ---- dtypes, and what is left alone


def test_float32_stays_float32() -> None:
    """A network and samples in float32 are computed in float32; one float64 makes it float64."""
    params, x, t = drawn(3, 4, 2, 5, 0)
    narrow = {name: value.astype(np.float32) for name, value in params.items()}
    x32 = x.astype(np.float32)
    assert two_layer_net_predict(narrow, x32).dtype == np.float32
    assert two_layer_net_loss(narrow, x32, t).dtype == np.float32
    assert {value.dtype for value in two_layer_net_gradient(narrow, x32, t).values()} == {np.dtype(np.float32)}
    assert two_layer_net_predict(narrow, x).dtype == np.float64
    assert np.allclose(two_layer_net_predict(narrow, x32), two_layer_net_predict(params, x), atol=1e-6)
    assert two_layer_net_predict({name: np.ones(v.shape, int) for name, v in params.items()}, x32).dtype == np.float64


def test_the_network_writes_into_nothing() -> None:
    """Parameters, samples and targets stay as they were, and the gradient shares no memory with them."""
    params, x, t = drawn(3, 4, 2, 5, 0)
    given = [*params.values(), x, t]
    before = [each.copy() for each in given]
    gradient = two_layer_net_gradient(params, x, t)
    two_layer_net_predict(params, x)
    two_layer_net_loss(params, x, np.eye(2)[t])
    assert all(np.array_equal(one, other) for one, other in zip(given, before, strict=True))
    assert not any(np.shares_memory(one, other) for one in gradient.values() for other in given)


# ---- the class


def test_the_class_hands_on_to_the_functions() -> None:
    """Its methods are the functions of the pages, applied to its parameters."""
    net = TwoLayerNet(3, 4, 2, 0.5, rng=np.random.default_rng(1))
    _, x, t = drawn(3, 4, 2, 6, 0)
    assert np.array_equal(net.predict(x), two_layer_net_predict(net.params, x))
    assert net.loss(x, t) == two_layer_net_loss(net.params, x, t)
    gradient, numerical = net.gradient(x, t), net.numerical_gradient(x, t)
    expected = two_layer_net_gradient(net.params, x, t)
    assert list(gradient) == list(numerical) == list(net.params)
    for name in NAMES:
        assert np.array_equal(gradient[name], expected[name])
        assert np.all(np.abs(numerical[name] - gradient[name]) <= 1e-8)


def test_the_class_begins_as_the_chapter_says() -> None:
    """Gaussian weights of the given deviation, zero biases, all in float64; the same seed gives the same network."""
    net = TwoLayerNet(784, 100, 10, rng=0)
    assert {name: value.shape for name, value in net.params.items()} == {
        "W1": (784, 100), "b1": (100,), "W2": (100, 10), "b2": (10,)
    }  # fmt: skip
    assert {value.dtype for value in net.params.values()} == {np.dtype(float)}
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()
    assert net.params["W1"].std() == pytest.approx(0.01, rel=0.02)
    assert net.params["W2"].std() == pytest.approx(0.01, rel=0.1)
    assert abs(net.params["W1"].mean()) < 5 * 0.01 / math.sqrt(78400)
    assert np.array_equal(net.params["W2"], TwoLayerNet(784, 100, 10, rng=np.random.default_rng(0)).params["W2"])
    assert not np.array_equal(net.params["W2"], TwoLayerNet(784, 100, 10, rng=1).params["W2"])
    assert not any(value.any() for value in TwoLayerNet(2, 2, 2, 0, rng=0).params.values())
    assert not np.array_equal(TwoLayerNet(2, 2, 2).params["W1"], TwoLayerNet(2, 2, 2).params["W1"])


def test_the_chapters_program_runs_with_its_imports_changed() -> None:
    """As the chapter types it: the network without a generator, batches by hand, a step that writes into the parameters, losses and accuracies."""
    draws = np.random.default_rng(0)
    x_train, t_train = draws.random((60, 12)), np.eye(3)[draws.integers(0, 3, 60)]
    network = TwoLayerNet(input_size=12, hidden_size=5, output_size=3)
    learning_rate, batch_size, train_loss_list = 1.0, 10, []
    for _ in range(200):
        batch_mask = np.random.choice(60, batch_size)  # noqa: NPY002  # as it is typed there
        grad = network.gradient(x_train[batch_mask], t_train[batch_mask])
        for key in ("W1", "b1", "W2", "b2"):
            network.params[key] -= learning_rate * grad[key]
        train_loss_list.append(network.loss(x_train, t_train))
    assert len(train_loss_list) == 200
    assert np.isfinite(train_loss_list).all()
    # Whatever was drawn, a small step against the gradient of all samples lowers their loss.
    grad = network.gradient(x_train, t_train)
    for key in ("W1", "b1", "W2", "b2"):
        network.params[key] -= 0.01 * grad[key]
    assert network.loss(x_train, t_train) < train_loss_list[-1]
    assert 0 <= network.accuracy(x_train, t_train) <= 1
    assert set(network.numerical_gradient(x_train[:4], t_train[:4])) == set(network.params)


def test_accuracy_is_the_share_of_right_answers() -> None:
    """It counts the samples whose likeliest class is the target's, for both encodings."""
    net = TwoLayerNet(2, 2, 2, rng=0)
    net.params = {"W1": 10 * np.eye(2), "b1": np.zeros(2), "W2": 10 * np.eye(2), "b2": np.zeros(2)}
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert net.accuracy(x, [0, 1, 0, 1]) == 1
    assert net.accuracy(x, [0, 1, 1, 1]) == 0.75
    assert net.accuracy(x, np.eye(2)[[1, 0, 1, 0]]) == 0
    assert isinstance(net.accuracy(x, [0, 1, 0, 1]), float)


@pytest.mark.parametrize("method", ["plain", "structural"])
def test_differences_need_finite_parameters(method: Any) -> None:
    """A parameter that is not finite is named, with the entry, by both methods."""
    net = TwoLayerNet(2, 2, 2, rng=0)
    net.params["W2"] = np.array([[1.0, np.nan], [0.0, 1.0]])
    with pytest.raises(ValueError, match=r"^params\['W2'\] must be finite; got params\['W2'\]\[0, 1\] = nan$"):
        net.numerical_gradient(np.ones((1, 2)), [0], method=method)


def test_a_step_against_the_gradient_lowers_the_loss() -> None:
    """The gradient points where the loss rises."""
    net = TwoLayerNet(3, 4, 2, 0.5, rng=2)
    _, x, t = drawn(3, 4, 2, 8, 0)
    before, gradient = net.loss(x, t), net.gradient(x, t)
    net.params = {name: value - 0.1 * gradient[name] for name, value in net.params.items()}
    assert net.loss(x, t) < before


def test_the_class_takes_replaced_parameters() -> None:
    """An assignment to one entry of `params` counts at once, as in the chapter's loop."""
    net = TwoLayerNet(2, 2, 2, rng=0)
    x = np.ones((1, 2))
    net.params["b2"] = np.array([0.0, 1000.0])
    assert net.loss(x, [1]) < 1e-300
    logits = np.array([[0.0, 1000.0]])
    assert net.loss(x, [0]) == pytest.approx(float(softmax_cross_entropy_one_hot(logits, [[1.0, 0.0]])), rel=1e-3)


# ---- bad input

SOUND, X, T = drawn(2, 3, 2, 4, 0)


def changed(**arrays: Any) -> dict[str, Any]:
    """The sound network with other arrays; None leaves one out."""
    return {name: value for name, value in {**SOUND, **arrays}.items() if value is not None}


BAD_NETWORKS: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "list": ([1, 2], X, TypeError, "params must be a mapping with the keys W1, b1, W2, b2; got list"),
    "missing": (changed(b1=None), X, ValueError, "params must have the keys W1, b1, W2, b2; got W1, W2, b2"),
    "empty": ({}, X, ValueError, "params must have the keys .*; got none"),
    "bias": (changed(b1=np.ones(2)), X, ValueError, r"params must have the shapes .*got W1 \(2, 3\), b1 \(2,\)"),
    "bias that would broadcast": (changed(b1=np.ones(1)), X, ValueError, "params must have the shapes"),
    "bias in a row": (changed(b2=np.ones((1, 2))), X, ValueError, r"params\['b2'\] must be 1-D; got shape \(1, 2\)"),
    "layers": (changed(W2=np.ones((4, 2))), X, ValueError, r"params must have the shapes .*W2 \(4, 2\)"),
    "sample": (SOUND, X[0], ValueError, r"x must be 2-D; got shape \(2,\)"),
    "inputs": (SOUND, X.T, ValueError, r"x must have the shape \(N, 2\) for W1 of shape \(2, 3\); got \(2, 4\)"),
    "no samples": (SOUND, X[:0], ValueError, r"x must not be empty; got shape \(0, 2\)"),
}
BAD_TARGETS: dict[str, tuple[Any, type[Exception], str]] = {
    "too few": (T[:3], ValueError, r"t must have the shape \(4, 2\) .* or \(4,\) .*; got \(3,\)"),
    "one for all": (1, ValueError, r"t must have the shape .*; got \(\)"),
    "transposed": (np.eye(2)[T].T, ValueError, r"t must have the shape .*; got \(2, 4\)"),
}


@pytest.mark.parametrize("name", BAD_NETWORKS)
def test_a_bad_network_is_refused(name: str) -> None:
    """The refusal names the argument, what was expected and what came, in all three functions."""
    params, x, error, message = BAD_NETWORKS[name]
    for call in (
        two_layer_net_predict,
        lambda p, x: two_layer_net_loss(p, x, T),
        lambda p, x: two_layer_net_gradient(p, x, T),
    ):
        with pytest.raises(error, match=message):
            call(params, x)


@pytest.mark.parametrize("name", BAD_TARGETS)
def test_bad_targets_are_refused(name: str) -> None:
    """The refusal names the targets, what was expected and what came; by the class too."""
    t, error, message = BAD_TARGETS[name]
    net = TwoLayerNet(2, 3, 2, rng=0)
    net.params = SOUND
    for call in (net.loss, net.gradient, net.accuracy, net.numerical_gradient):
        with pytest.raises(error, match=message):
            call(X, t)
