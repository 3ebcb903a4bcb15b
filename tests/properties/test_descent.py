"""Descent: where the steps lead, in one dimension and in many, on all data and on batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from refmath import gradient_descent, mini_batch, numerical_gradient, sgd_step, two_layer_net_gradient
from refmath.arguments import Array

eighths = st.integers(-800, 800).map(lambda n: n / 8)


def bowl(curvature: float) -> Callable[[Array], Any]:
    """½ λ |x|²."""
    return lambda x: curvature / 2 * np.sum(x * x)


# ---- gradient descent: laws


@given(
    st.floats(0.1, 10), st.floats(0.01, 0.5), st.lists(st.floats(-10, 10), min_size=1, max_size=3), st.integers(0, 8)
)
def test_on_a_bowl_the_iterates_are_powers(curvature: float, lr: float, x: list[float], k: int) -> None:
    """On ½ λ |x|² the k-th point is (1 − ηλ)^k times the start, on both sides of 1/λ and of 2/λ."""
    factor = 1 - lr * curvature
    got = gradient_descent(bowl(curvature), x, lr=lr, step_num=k)
    # Each step adds the rounding of f, over the step of 1e-4, times η; what it adds is then multiplied on.
    scale = max(map(abs, x), default=0) * max(1, abs(factor)) ** k
    assert np.all(np.abs(got - factor**k * np.array(x)) <= 1e-10 * (1 + scale) ** 2 * (1 + lr * curvature) * (k + 1))


@given(st.lists(eighths, min_size=1, max_size=4), st.sampled_from([0.5, 0.25, 0.01]))
def test_one_step_is_a_step_against_the_gradient(x: list[float], lr: float) -> None:
    """x₁ = x₀ − η ∇f(x₀), to the last bit; and two steps are two times one."""

    def f(x: Array) -> Any:
        return np.sum(np.sin(x) * np.arange(1, x.size + 1))

    one = gradient_descent(f, x, lr=lr, step_num=1)
    assert np.array_equal(one, np.array(x) - lr * numerical_gradient(f, x))
    assert np.array_equal(gradient_descent(f, x, lr=lr, step_num=2), gradient_descent(f, one, lr=lr, step_num=1))


@given(st.floats(0.001, 10), st.integers(1, 20))
def test_stationary_points_stay(lr: float, k: int) -> None:
    """Minimum, maximum and saddle alike: where the slopes are zero nothing moves; elsewhere than at 0, where x ± h is rounded, hardly."""
    for signs in ([1, 1], [-1, -1], [1, -1]):
        assert np.array_equal(gradient_descent(lambda x, s=signs: x * x @ s, np.zeros(2), lr, k), [0, 0])  # type: ignore[misc]
        moved = gradient_descent(lambda x, s=signs: (x - 1) ** 2 @ s, np.ones(2), lr, 1)  # type: ignore[misc]
        assert np.all(np.abs(moved - 1) <= 1e-15 * lr + 1e-15)


@given(st.floats(0.1, 10), st.floats(0.01, 1), st.floats(0.01, 5))
def test_up_to_the_inverse_curvature_it_falls(curvature: float, share: float, x: float) -> None:
    """For η ≤ 1/λ the values fall, and the point never passes the minimum."""
    lr = share / curvature
    path = [gradient_descent(bowl(curvature), x, lr=lr, step_num=k) for k in range(5)]
    slack = 1e-9 * (1 + x) ** 2
    assert all(float(a) >= float(b) - slack for a, b in itertools.pairwise(path))
    assert float(path[-1]) >= -slack


@given(st.floats(0.1, 10), st.floats(2.1, 4), st.floats(0.1, 5))
def test_beyond_twice_the_inverse_curvature_it_diverges(curvature: float, share: float, x: float) -> None:
    """For η > 2/λ each point is further away than the one before."""
    path = [abs(gradient_descent(bowl(curvature), x, lr=share / curvature, step_num=k)) for k in range(6)]
    assert all(a < b for a, b in itertools.pairwise(path))


def test_the_chapters_example() -> None:
    """x₀² + x₁² from (−3, 4): with η = 0.1 the minimum, with η = 1e-10 nearly nothing, and with η = 10 an error."""
    start = np.array([-3.0, 4.0])
    f = bowl(2)
    assert np.all(np.abs(gradient_descent(f, start, 0.1, 100)) < 1e-8)
    assert np.allclose(gradient_descent(f, start, 1e-10, 100), start, rtol=0, atol=1e-6)
    assert not np.array_equal(gradient_descent(f, start, 1e-10, 100), start)
    with pytest.raises(FloatingPointError, match=r"ended at step \d+ of 100: .*lr = 10.0 may be too large"):
        gradient_descent(f, start, 10.0, 100)
    assert np.array_equal(start, [-3, 4])


# ---- gradient descent: what it takes and gives


@pytest.mark.parametrize("dtype", ["i4", "f2", "f4", "f8"])
@pytest.mark.parametrize("shape", [(), (2,), (2, 2), (1, 2, 3)], ids=str)
def test_the_result_is_a_new_array_in_float64(dtype: str, shape: tuple[int, ...]) -> None:
    """It has the shape of the start, which stays as it was, also if there is no step, and f writes into its argument."""
    start = np.full(shape, 3, dtype)

    def f(x: Array) -> Any:
        value = np.sum(x * x)
        x[...] = np.nan
        return value

    for k in (0, 1, 5):
        x = gradient_descent(f, start, 0.25, k)
        assert x.dtype == np.float64
        assert x.shape == shape
        assert not np.shares_memory(x, start)
        assert np.allclose(x, 3 * 0.5**k, rtol=0, atol=1e-9)
    assert np.array_equal(start, np.full(shape, 3, dtype))


def test_the_defaults_are_the_chapters() -> None:
    """η = 0.01, a hundred steps, by position or by name."""
    x = gradient_descent(bowl(1), [2.0])
    assert np.array_equal(x, gradient_descent(bowl(1), [2.0], 0.01, 100))
    assert np.array_equal(x, gradient_descent(bowl(1), init_x=[2.0], lr=0.01, step_num=100))
    assert x == pytest.approx(2 * 0.99**100, rel=1e-9)


@pytest.mark.parametrize(
    ("f", "lr", "step", "why"),
    [
        (lambda x: np.sum(x**2) * 1e150, 1e200, 1, r"x\[0\] = -inf is not finite; lr = 1e\+200 may be too large"),
        (lambda x: np.nan if x[0] < 2.5 else np.sum(x**2), 0.25, 2, r"gradient\[0\] = nan is not finite"),
        (lambda x: np.inf if 1.50005 < x[0] < 1.5002 else np.sum(x**2), 0.25, 2, r"gradient\[0\] = inf is not finite"),
        (
            lambda x: -np.sum(x**2),
            1e4,
            4,
            r"h = 0.0001 is lost in rounding at x\[0\] = 2.*; lr = 10000.0 may be too large",
        ),
    ],
    ids=["overflow", "nan", "inf", "too far out"],
)
def test_a_descent_without_a_result_says_at_which_step(f: Any, lr: float, step: int, why: str) -> None:
    """It ends with a FloatingPointError, an ArithmeticError, that names the step and the reason; one step fewer has a result."""
    with np.errstate(over="ignore"), pytest.raises(FloatingPointError, match=rf"ended at step {step} of 50: {why}"):
        gradient_descent(f, [3.0, 0.0], lr, 50)
    assert np.isfinite(gradient_descent(f, [3.0, 0.0], lr, step - 1)).all()


def test_errors_of_numpy_play_no_part_in_a_descent() -> None:
    """Where NumPy is told to raise them, what a step overflows to is reported all the same, and what is below the range is zero."""
    with np.errstate(all="raise"):
        with pytest.raises(FloatingPointError, match=r"ended at step 1 of 1: x\[0\] = -inf is not finite"):
            gradient_descent(lambda x: 1e150 * x[0], [1.0], 1e200, 1)
        assert np.array_equal(gradient_descent(lambda x: 1e-200 * x[0], [1.0], 1e-200, 1), [1.0])


def test_an_exception_in_f_passes_through_the_descent() -> None:
    """It is the same exception, and the start stays."""
    error, start = RuntimeError("in f"), np.ones(2)

    def f(_x: Array) -> Any:
        raise error

    with pytest.raises(RuntimeError) as raised:
        gradient_descent(f, start)
    assert raised.value is error
    assert np.array_equal(start, [1, 1])


BAD_DESCENTS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "f array": ({"f": lambda x: x}, ValueError, r"f must return one number.*; got shape \(2,\)"),
    "f None": ({"f": lambda _: None}, TypeError, "f must return a real number; got NoneType"),
    "start nan": ({"init_x": [1.0, np.nan]}, ValueError, r"init_x must be finite; got init_x\[1\] = nan"),
    "start too large": ({"init_x": [1e15]}, ValueError, r"h = 0.0001 is lost in rounding at init_x\[0\]"),
}


@pytest.mark.parametrize("name", BAD_DESCENTS)
def test_a_bad_descent_is_refused(name: str) -> None:
    """The refusal names the argument, what was expected and what came."""
    changed, error, message = BAD_DESCENTS[name]
    with pytest.raises(error, match=message):
        gradient_descent(**{"f": bowl(1), "init_x": [1.0, 2.0], **changed})


# ---- one step of stochastic gradient descent


@given(
    st.lists(eighths, min_size=1, max_size=4), st.sampled_from([0.5, 0.25, 1.0]), st.sampled_from(["f4", "f8", "i4"])
)
def test_a_step_goes_against_the_gradient(values: list[float], lr: float, dtype: str) -> None:
    """Each parameter loses η times its gradient, keeps its dtype (integers become float64), and is a new array."""
    W, b = np.array(values, dtype), np.array([1], dtype)
    before = W.copy()
    grads = {"b": np.array([0.5]), "W": np.arange(len(values)) / 8}
    new = sgd_step({"W": W, "b": b}, grads, lr)
    assert list(new) == ["W", "b"]
    assert np.array_equal(new["W"], before - lr * grads["W"])
    assert np.array_equal(new["b"], 1 - lr * grads["b"])
    assert new["W"].dtype == (np.float64 if dtype == "i4" else dtype)
    assert np.array_equal(W, before)
    assert not np.shares_memory(new["W"], W)


def test_a_step_without_a_gradient_gives_copies() -> None:
    """Zero gradients move nothing, and what is returned shares no memory with what was given."""
    params = {"W": np.ones((2, 2)), "b": np.array(3.0)}
    new = sgd_step(params, {"W": np.zeros((2, 2)), "b": 0.0}, 1)
    assert np.array_equal(new["W"], params["W"])
    assert isinstance(new["b"], np.ndarray)
    assert new["b"].shape == ()
    assert not np.shares_memory(new["W"], params["W"])
    assert sgd_step({}, {}, 0.1) == {}


def test_a_step_follows_the_arithmetic_without_warnings() -> None:
    """Infinite and nan gradients, and overflow, are taken as they come."""
    new = sgd_step({"W": np.array([1.0, np.inf, 1e308])}, {"W": [np.nan, np.inf, -1e308]}, 10.0)
    assert np.array_equal(new["W"], [np.nan, np.nan, np.inf], equal_nan=True)
    with np.errstate(all="raise"):
        assert np.array_equal(sgd_step({"W": [1.0, 0.0]}, {"W": [1e-200, 1e-200]}, 1e-200)["W"], [1.0, 0.0])
    narrow = sgd_step({"W": np.ones(1, np.float32)}, {"W": np.array([-1e200])}, 1.0)
    assert np.array_equal(narrow["W"], [np.inf])


def test_a_descent_is_a_row_of_steps() -> None:
    """With the whole data as a batch, stochastic gradient descent is gradient descent."""

    def f(x: Array) -> Any:
        return np.sum(x**4)

    params: dict[str, Array] = {"x": np.array([1.0, -0.5])}
    for _ in range(7):
        params = sgd_step(params, {"x": numerical_gradient(f, params["x"])}, 0.1)
    assert np.array_equal(params["x"], gradient_descent(f, [1.0, -0.5], 0.1, 7))


BAD_STEPS: dict[str, tuple[Any, Any, Any, type[Exception], str]] = {
    "name missing": (
        {"W": 1.0, "b": 1.0},
        {"W": 1.0},
        0.1,
        ValueError,
        "params and grads must have the same names; got W, b and W",
    ),
    "name unknown": ({}, {"W": 1.0}, 0.1, ValueError, "params and grads must have the same names; got none and W"),
    "shapes": (
        {"W": [1.0]},
        {"W": [[1.0]]},
        0.1,
        ValueError,
        r"params\['W'\] and grads\['W'\] must have the same shape; got",
    ),
}


@pytest.mark.parametrize("name", BAD_STEPS)
def test_a_bad_step_is_refused(name: str) -> None:
    """The refusal names the argument, what was expected and what came."""
    params, grads, lr, error, message = BAD_STEPS[name]
    with pytest.raises(error, match=message):
        sgd_step(params, grads, lr)


# ---- batches


@given(st.integers(1, 20), st.integers(1, 40), st.booleans(), st.integers(0, 2**32))
def test_targets_stay_with_their_samples(N: int, B: int, replace: bool, seed: int) -> None:
    """Every sample of a batch is one of the data's, with its own target; without replacement none comes twice."""
    assume(replace or B <= N)
    x, labels = np.arange(2.0 * N).reshape(N, 2), np.arange(N)
    x_batch, t_batch = mini_batch(x, labels, B, np.random.default_rng(seed), replace)
    assert x_batch.shape == (B, 2)
    assert np.array_equal(x_batch, x[t_batch])
    assert replace or len(set(t_batch.tolist())) == B
    rows, hot = mini_batch(x, np.eye(N), B, np.random.default_rng(seed), replace=replace)
    assert np.array_equal(rows, x_batch)
    assert np.array_equal(hot.argmax(axis=1), t_batch)


def test_the_rows_are_those_of_choice() -> None:
    """The rows are `rng.choice(N, B, replace=replace)`, and the generator has drawn nothing else."""
    x = np.arange(30.0).reshape(10, 3)
    for replace in (True, False):
        rng, twin = np.random.default_rng(5), np.random.default_rng(5)
        batches = [mini_batch(x, x, 4, rng, replace=replace)[0] for _ in range(3)]
        assert all(np.array_equal(batch, x[twin.choice(10, 4, replace=replace)]) for batch in batches)
        assert not np.array_equal(batches[0], batches[1])


def test_a_batch_is_new_and_keeps_its_dtypes() -> None:
    """Pixels in uint8, targets of truth values: nothing is converted, and nothing is shared."""
    x, t = np.ones((4, 2, 2), np.uint8), np.eye(4, dtype=bool)
    x_batch, t_batch = mini_batch(x, t, 4, np.random.default_rng(0), replace=False)
    assert (x_batch.dtype, t_batch.dtype) == (x.dtype, t.dtype)
    assert not np.shares_memory(x_batch, x)
    assert not np.shares_memory(t_batch, t)


def test_every_sample_is_drawn_equally_often() -> None:
    """Over many draws with replacement each sample has its share, within five standard deviations."""
    x, rng = np.arange(10), np.random.default_rng(0)
    drawn = np.concatenate([mini_batch(x, x, 100, rng)[0] for _ in range(200)])
    counts = np.bincount(drawn, minlength=10)
    assert np.all(np.abs(counts - 2000) < 5 * np.sqrt(2000 * 0.9))


def network(rng: np.random.Generator) -> dict[str, Array]:
    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (2,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def test_the_mean_of_the_batches_gradients_is_the_gradient() -> None:
    """Over a partition into batches of one size, drawn without replacement, the mean of the gradients is that of all data."""
    rng = np.random.default_rng(3)
    params, x, t = network(rng), rng.standard_normal((12, 3)), rng.integers(0, 2, 12)
    shuffled, targets = mini_batch(x, t, 12, rng, replace=False)
    whole = two_layer_net_gradient(params, x, t)
    for B in (1, 2, 3, 4, 6):
        parts = [two_layer_net_gradient(params, shuffled[i : i + B], targets[i : i + B]) for i in range(0, 12, B)]
        for name, value in whole.items():
            assert np.allclose(np.mean([part[name] for part in parts], axis=0), value, rtol=0, atol=1e-15)


def test_the_same_generator_takes_the_same_path() -> None:
    """Ten steps of stochastic gradient descent from the same state of the generator end at the same bits; from another, elsewhere."""

    def walked(seed: int) -> dict[str, Array]:
        rng = np.random.default_rng(seed)
        params, x, t = network(np.random.default_rng(0)), np.eye(3)[[0, 1, 2, 0, 1]], np.array([0, 1, 1, 0, 1])
        for _ in range(10):
            params = sgd_step(params, two_layer_net_gradient(params, *mini_batch(x, t, 2, rng)), 0.1)
        return params

    one, same, other = walked(1), walked(1), walked(2)
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert any(not np.array_equal(one[name], other[name]) for name in one)


def test_a_batch_is_drawn_as_the_generator_says() -> None:
    """A seed is the generator that begins with it; without one, batches differ."""
    x, t = np.arange(1000.0)[:, None], np.arange(1000)
    seeded, same = mini_batch(x, t, 50, 7), mini_batch(x, t, 50, np.random.default_rng(7))
    assert np.array_equal(seeded[1], same[1])
    assert not np.array_equal(mini_batch(x, t, 50)[1], mini_batch(x, t, 50)[1])


RNG = np.random.default_rng(0)
BAD_BATCHES: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "lengths": ({"t": [0, 1]}, ValueError, r"x and t must have the same length; got shapes \(3, 2\) and \(2,\)"),
    "empty": ({"x": np.ones((0, 2)), "t": []}, ValueError, r"x must hold at least one sample.*; got shape \(0, 2\)"),
    "no features": ({"x": np.ones((3, 0))}, ValueError, r"x must hold at least one sample.*; got shape \(3, 0\)"),
    "size too large": ({"batch_size": 4, "replace": False}, ValueError, "batch_size must be at most 3, .*; got 4"),
    "rng": ({"rng": 0.5}, TypeError, "rng must be a numpy.random.Generator, a seed or None; got float"),
    "negative seed": ({"rng": -1}, ValueError, "rng as a seed must not be negative; got -1"),
}


@pytest.mark.parametrize("name", BAD_BATCHES)
def test_a_bad_batch_is_refused(name: str) -> None:
    """The refusal names the argument, what was expected and what came; the generator draws nothing."""
    changed, error, message = BAD_BATCHES[name]
    before = RNG.bit_generator.state
    with pytest.raises(error, match=message):
        mini_batch(**{"x": np.ones((3, 2)), "t": [0, 1, 2], "batch_size": 2, "rng": RNG, **changed})
    assert RNG.bit_generator.state == before
