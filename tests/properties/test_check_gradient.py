"""`check_gradient`: right gradients are right wherever one looks, wrong ones are found, kinks are named."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp

from refmath import (
    GradientCheck,
    check_gradient,
    check_jvp,
    check_vjp,
    softmax,
    softmax_cross_entropy_one_hot,
    softmax_cross_entropy_one_hot_gradient,
    two_layer_net_gradient,
    two_layer_net_loss,
)
from refmath.arguments import Array

pytestmark = pytest.mark.long

Generator = np.random.Generator
POINTS = 2
SIZES = np.logspace(-6, 6, 7)
MATRIX = np.random.default_rng(9).standard_normal((6, 5))
TARGET = np.random.default_rng(8).standard_normal(6)
ONE_HOT = np.eye(4)[[0, 2, 1]]
X, LABELS = np.random.default_rng(7).standard_normal((5, 3)), [0, 1, 1, 0, 1]


@dataclasses.dataclass(frozen=True)
class Case:
    """A function with its right gradient, and where to look.

    Attributes:
        name: What it is.
        f: The function.
        gradient: Its gradient.
        point: Draws a point.
        resolved: The smallest relative error of one entry that its rounding lets one see, of those that are tried.
    """

    name: str
    f: Callable[[Array], Any]
    gradient: Callable[[Array], Array]
    point: Callable[[Generator], Array]
    resolved: float = 1e-4


def normal(*shape: int, scale: float = 1.0) -> Callable[[Generator], Array]:
    return lambda rng: scale * rng.standard_normal(shape)


def rosenbrock(x: Array) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_gradient(x: Array) -> Array:
    gradient, d = np.zeros_like(x), x[1:] - x[:-1] ** 2
    gradient[:-1] = -400 * x[:-1] * d - 2 * (1 - x[:-1])
    gradient[1:] += 200 * d
    return gradient


def unpacked(v: Array, dtype: Any = float) -> dict[str, Array]:
    parts = np.split(v.astype(dtype), [6, 8, 12])
    return {"W1": parts[0].reshape(3, 2), "b1": parts[1], "W2": parts[2].reshape(2, 2), "b2": parts[3]}


def network_gradient(v: Array) -> Array:
    gradient = two_layer_net_gradient(unpacked(v), X, LABELS)
    return np.concatenate([gradient[name].ravel() for name in ("W1", "b1", "W2", "b2")])


def initial_network(rng: Generator) -> Array:
    """Small weights and zero biases, as a network starts."""
    return np.concatenate([0.01 * rng.standard_normal(6), np.zeros(2), 0.01 * rng.standard_normal(4), np.zeros(2)])


def positive(rng: Generator) -> Array:
    return np.exp(3 * rng.standard_normal(5))


CASES = [
    Case("linear", lambda x: x @ np.arange(1.0, 6), lambda _: np.arange(1.0, 6), normal(5)),
    Case("constant", lambda _: 5.0, np.zeros_like, normal(3)),
    Case(
        "least_squares",
        lambda x: np.sum((MATRIX @ x - TARGET) ** 2),
        lambda x: 2 * MATRIX.T @ (MATRIX @ x - TARGET),
        normal(5),
    ),
    Case("rosenbrock", rosenbrock, rosenbrock_gradient, normal(5)),
    Case("rosenbrock_far_out", rosenbrock, rosenbrock_gradient, normal(5, scale=1e3)),
    Case("log_sum_exp", logsumexp, softmax, normal(6, scale=3)),
    Case(
        "cross_entropy",
        lambda a: softmax_cross_entropy_one_hot(a, ONE_HOT),
        lambda a: softmax_cross_entropy_one_hot_gradient(a, ONE_HOT),
        normal(3, 4, scale=3),
    ),
    Case("network", lambda v: two_layer_net_loss(unpacked(v), X, LABELS), network_gradient, normal(14)),
    Case(
        "network_at_the_start", lambda v: two_layer_net_loss(unpacked(v), X, LABELS), network_gradient, initial_network
    ),
    Case(
        "network_in_float32",
        lambda v: two_layer_net_loss(unpacked(v, np.float32), X.astype(np.float32), LABELS),
        network_gradient,
        normal(14),
        resolved=0.5,
    ),
    Case("norm", lambda x: np.sqrt(np.sum(x * x)), lambda x: x / np.sqrt(np.sum(x * x)), normal(5)),
    Case("steep", lambda x: np.sum(np.exp(1e6 * x)), lambda x: 1e6 * np.exp(1e6 * x), normal(3, scale=1e-6)),
    Case("fast", lambda x: np.sum(np.sin(1e6 * x)), lambda x: 1e6 * np.cos(1e6 * x), normal(3)),
    Case("waves", lambda x: np.sum(x * np.sin(x)), lambda x: np.sin(x) + x * np.cos(x), normal(2, 2, scale=10)),
    Case("sizes", lambda x: np.sum(SIZES * x * x), lambda x: 2 * SIZES * x, normal(7), resolved=1e-3),
    Case(
        "large_and_small",
        lambda x: (x[0] / 1e-10) ** 2 + np.sin(x[1] / 1e10),
        lambda x: np.array([2 * x[0] / 1e-20, np.cos(x[1] / 1e10) / 1e10]),
        lambda rng: rng.standard_normal(2) * [1e-10, 1e10],
    ),
    Case("logarithms", lambda x: np.sum(x * np.log(x)), lambda x: 1 + np.log(x), positive),
    Case("roots", lambda x: np.sum(np.sqrt(x)), lambda x: 0.5 / np.sqrt(x), positive),
    Case("hidden_by_an_offset", lambda x: 1e6 + np.sum(np.log(x)), lambda x: 1 / x, positive, resolved=1e-3),
    Case("cancelling", lambda x: (1e10 + np.sum(x * x)) - 1e10, lambda x: 2 * x, normal(3), resolved=1e-3),
    Case(
        "near_its_minimum",
        lambda x: np.sum((x - 1) ** 2),
        lambda x: 2 * (x - 1),
        lambda rng: 1 + 1e-8 * rng.standard_normal(4),
    ),
    Case("in_float32", lambda x: np.sum(np.sin(x.astype(np.float32))), np.cos, normal(5), resolved=1e-3),
    Case(
        "added_up_in_float64",
        lambda x: np.sum(np.tanh(x.astype(np.float32)), dtype=float),
        lambda x: 1 / np.cosh(x) ** 2,
        normal(5),
        resolved=1e-3,
    ),
    Case("at_zero", lambda x: np.sum(np.tanh(x)), lambda x: 1 / np.cosh(x) ** 2, lambda _: np.zeros(3)),
    Case("a_number", lambda x: np.exp(x), lambda x: np.exp(x), lambda rng: np.array(rng.standard_normal())),
    Case("integers", lambda x: np.sum(x**3), lambda x: 3 * x**2, lambda rng: rng.integers(1, 9, (2, 2))),
    Case(
        "off_the_kinks", lambda x: np.sum(np.maximum(x, 0) * SIZES), lambda x: (x > 0) * SIZES, normal(7), resolved=0.5
    ),
    Case("product", np.prod, lambda x: np.prod(x) / x, normal(6)),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def points(case: Case) -> list[Array]:
    rng = np.random.default_rng(0)
    return [case.point(rng) for _ in range(POINTS)]


# ---- right


@every_case
def test_a_right_gradient_is_right(case: Case) -> None:
    """It is right at every point, given as a function or as an array; nothing is called a kink, and the error is tiny."""
    for x in points(case):
        check = check_gradient(case.f, case.gradient, x)
        assert check, str(check)
        assert not check.wrong
        assert not check.kinks
        assert check.error < 1e-7
        assert check.looked_at == check.size == np.size(x)
        assert not 0 <= check.order < 1.8
        # As JSON: an order that cannot be observed is nan, which equals nothing, itself included.
        assert check.as_json() == check_gradient(case.f, case.gradient(np.asarray(x, float)), x).as_json()


@pytest.mark.parametrize(
    ("f", "gradient", "x", "order"),
    [
        (np.sum, np.ones_like, [1.0, 2.0], math.inf),
        (lambda x: np.sum(x * x), lambda x: 2 * x, [1.0, 2.0], 2),
        (lambda x: np.sum(np.exp(x)), np.exp, [1.0, 2.0], 2),
        (lambda x: np.sum(x * x), lambda x: 2.002 * x, [1.0, 2.0], 1),
        (lambda x: np.sum(np.exp(x)), lambda x: 1.001 * np.exp(x), [1.0, 2.0], 1),
        (np.sum, lambda x: 0.999 * np.ones_like(x), [1.0, 2.0], 1),
    ],
    ids=["linear", "square", "exp", "square off", "exp off", "linear off"],
)
def test_the_observed_order(f: Any, gradient: Any, x: Any, order: float) -> None:
    """It is 2 for a right gradient, infinite if f is linear, and an error of 0.1 % makes it 1."""
    assert check_gradient(f, gradient, x).order == pytest.approx(order, abs=0.05)


def test_the_rounding_of_the_function_at_the_point_is_no_order() -> None:
    """Where f is coarse the value at x itself is off by the same on every step; that is not taken for a remainder."""
    rng = np.random.default_rng(1)
    coarse = next(case for case in CASES if case.name == "added_up_in_float64")
    for x in rng.standard_normal((30, 5)):
        assert check_gradient(coarse.f, coarse.gradient, x).order > 1.8


# ---- wrong


WRONG: dict[str, Callable[[Array], Array]] = {
    "sign": lambda g: -g,
    "missing_1_N": lambda g: 3 * g,
    "1_N_too_many": lambda g: g / 5,
    "zero": np.zeros_like,
    "1_percent": lambda g: 1.01 * g,
}


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        # The smallest for each case, the others in turn; with all of them in the session `zoo`.
        pytest.param(
            case,
            wrong,
            id=f"{name}-{case.name}",
            marks=[] if name == "1_percent" or turn == place % 4 else [pytest.mark.zoo],
        )
        for place, case in enumerate(CASES)
        for turn, (name, wrong) in enumerate(WRONG.items())
    ],
)
def test_a_wrong_gradient_is_found(case: Case, wrong: Callable[[Array], Array]) -> None:
    """A factor that is wrong for all entries is found at every point."""
    for x in points(case)[:1]:
        gradient = case.gradient(np.asarray(x, float))
        if gradient.any():
            check = check_gradient(case.f, wrong(gradient), x)
            assert not check.ok
            assert check.wrong


@every_case
def test_one_wrong_entry_is_found_and_named(case: Case) -> None:
    """Among right entries one is off by as little as can be seen, one after the other: it alone is named, with its right value."""
    x, error = np.asarray(points(case)[0], float), case.resolved
    right = np.asarray(case.gradient(x))
    for index in list(np.ndindex(right.shape))[:: max(1, right.size // 2)]:
        if right[index] != 0:
            gradient = right.copy()
            gradient[index] *= 1 + error
            check = check_gradient(case.f, gradient, x)
            assert [each.index for each in check.wrong] == [index], str(check)
            (entry,) = check.wrong
            assert entry == check.worst
            assert entry.given == pytest.approx(gradient[index], rel=1e-14)
            assert abs(entry.expected - right[index]) <= entry.uncertainty + 1e-12 * abs(right[index])
            assert 0.5 * error < check.error < 1.5 * error


def test_a_transposed_gradient_is_found() -> None:
    """A square matrix whose gradient is transposed."""
    rng = np.random.default_rng(1)
    A, W = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    assert check_gradient(lambda W: np.sum(A * np.sin(W)), lambda W: A * np.cos(W), W)
    assert not check_gradient(lambda W: np.sum(A * np.sin(W)), lambda W: (A * np.cos(W)).T, W)


def test_a_gradient_that_is_no_number_is_wrong() -> None:
    """nan and ∞ are wrong entries."""
    check = check_gradient(np.sum, [np.inf, np.nan, 1, -np.inf], np.ones(4))
    assert not check
    assert {each.index for each in check.wrong} == {(0,), (1,), (3,)}
    assert check.error == math.inf


@pytest.mark.parametrize("seed", range(4))
def test_a_float32_gradient_may_be_rounded(seed: int) -> None:
    """A gradient computed in float32 is right, its smallest entries too, and wrong with an error of 0.1 %."""
    x = np.random.default_rng(seed).standard_normal(14)
    X32 = X.astype(np.float32)
    rounded = np.concatenate([v.ravel() for v in two_layer_net_gradient(unpacked(x, np.float32), X32, LABELS).values()])
    assert rounded.dtype == np.float32

    def f(v: Array) -> Any:
        return two_layer_net_loss(unpacked(v), X, LABELS)

    assert check_gradient(f, rounded, x)
    assert not check_gradient(f, rounded * np.float32(1.001), x)


def test_small_entries_in_float32_bear_the_rounding_of_large_ones() -> None:
    """What is left where large terms cancel in float32 is no error."""
    check = check_gradient(
        lambda x: 100 * x[0] + 1e-3 * np.sin(x[1]), np.array([100, 1e-3 * np.cos(1) + 4e-6], np.float32), np.ones(2)
    )
    assert check


# ---- many entries


def test_one_wrong_entry_among_thousands_is_found() -> None:
    """Beyond 1,000 entries, of sizes from 1e-6 to 1e6, a wrong one is found although it is not in the sample."""
    sizes, x = np.logspace(-6, 6, 2400), np.random.default_rng(0).standard_normal(2400)
    right = 2 * sizes * x
    check = check_gradient(lambda x: np.sum(sizes * x * x), right, x)
    assert check
    assert check.looked_at < check.size == 2400
    for entry in (300, 2000):
        wrong = right.copy()
        wrong[entry] *= 1.01
        check = check_gradient(lambda x: np.sum(sizes * x * x), wrong, x)
        assert {each.index for each in check.wrong} == {(entry,)}


# ---- kinks


def slopes(x: Array) -> Any:
    """1, 2, 3, … times the positive parts."""
    return np.sum(np.maximum(x, 0) * np.arange(1, x.size + 1))


@pytest.mark.parametrize("given", [[0, 2, 0, 0], [1, 2, 0, 4], [0.5, 2, 0, 3]], ids=["left", "right", "between"])
def test_the_kinks_of_relu_are_named(given: list[float]) -> None:
    """At 0 every slope between those of both sides is accepted, and the kink is named with both."""
    check = check_gradient(slopes, np.array(given), [0, 1, -1, 0])
    assert check
    assert [each.index for each in check.kinks] == [(0,), (3,)]
    assert np.allclose([(each.left, each.right) for each in check.kinks], [(0, 1), (0, 4)], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("f", "x", "kinks"),
    [
        (np.abs, 0.0, {()}),
        (lambda x: np.sum(np.abs(x)), [0.0, 1.0, 0.0], {(0,), (2,)}),
        (np.max, [2.0, 2.0, 1.0], {(0,), (1,)}),
        (lambda x: np.sum(np.exp(np.abs(x)) + x**2), [1.0, 0.0], {(1,)}),
        (lambda x: np.sum(np.maximum(x, 0.1 * x)).astype(np.float32), [0.0, 1.0], {(0,)}),
        (lambda x: np.linalg.norm(x), [0.0, 0.0], {(0,), (1,)}),
    ],
    ids=["abs", "sum_of_abs", "tie_of_max", "curved", "leaky_relu_float32", "norm"],
)
def test_kinks_are_named_and_no_errors(f: Any, x: Any, kinks: set[Any]) -> None:
    """At a kink the mean of both sides is accepted as well."""
    step = 2.0**-20
    x = np.asarray(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = step
        gradient[index] = (f(x + e) - f(x - e)) / (2 * step)
    check = check_gradient(f, gradient.astype(np.float32), x)
    assert check, str(check)
    assert {each.index for each in check.kinks} == kinks
    assert "f has a kink here" in str(check)


def test_the_slope_below_zero_that_a_leaky_relu_lacks_is_found() -> None:
    """Beside its kink, where there is one gradient."""
    x = np.array([-2.0, -0.5, 0.25, 3.0])
    f = lambda x: np.sum(np.where(x > 0, x, 0.3 * x))
    assert check_gradient(f, lambda x: np.where(x > 0, 1.0, 0.3), x)
    check = check_gradient(f, lambda x: (x > 0) * 1.0, x)
    assert [each.index for each in check.wrong] == [(0,), (1,)]


def test_the_sides_of_a_curved_kink_are_known() -> None:
    """Where the slope changes on both sides, those at the kink are told to nine digits."""
    check = check_gradient(lambda x: np.exp(2 * abs(x)) + np.sin(3 * x), 3.0, 0.0)
    assert check
    (found,) = check.kinks
    assert found.left == pytest.approx(1, abs=1e-9)
    assert found.right == pytest.approx(5, abs=1e-9)
    for outside in (1 - 1e-6, 5 + 1e-6):
        assert not check_gradient(lambda x: np.exp(2 * abs(x)) + np.sin(3 * x), outside, 0.0)


def test_beside_a_kink_and_beyond_its_sides_errors_are_errors() -> None:
    """A kink excuses no slope that neither side has, and no other entry."""
    assert not check_gradient(slopes, [2.0, 2, 0, 0], [0, 1, -1, 0])
    assert not check_gradient(slopes, [-0.01, 2, 0, 0], [0, 1, -1, 0])
    assert not check_gradient(slopes, [0.0, 2.002, 0, 0], [0, 1, -1, 0])
    assert not check_gradient(slopes, [0.0, 2, 0.001, 0], [0, 1, -1, 0])


@pytest.mark.parametrize("distance", [1e-9, -1e-9, 1e-6, -1e-6, 1e-3, -1e-3, 0.3])
def test_near_a_kink_a_wrong_gradient_is_wrong(distance: float) -> None:
    """So long as the kink is not at the point itself, there is one slope, and it is found."""
    x = 1 + np.array([distance, 1.0])
    f, right = (lambda x: np.sum(np.maximum(x - 1, 0))), (x > 1) * 1.0
    check = check_gradient(f, right, x)
    assert check
    assert check.kinks == ()
    assert check.order == math.inf
    for wrong in (right + np.array([0.001, 0]), right + np.array([0, 0.001]), [0.5, 1.0], [1 - right[0], 1.0]):
        assert not check_gradient(f, wrong, x)


# ---- what cannot be told


def test_what_is_lost_in_rounding_is_said() -> None:
    """If nothing can be seen the gradient is not called right; if something can, the rest is named, with its size."""
    nothing = check_gradient(lambda x: 1e24 + np.sum(x * x), lambda x: 2 * x, [1.0, 2.0])
    assert nothing.verdict == "cannot be told"
    assert nothing.wrong == ()
    assert [each.index for each in nothing.unseen] == [(0,), (1,)]
    assert str(nothing).startswith("Whether the gradient is right cannot be told: the effect of every entry is lost")
    some = check_gradient(lambda x: 1e10 * x[0] ** 2 + 1e-14 * np.sin(x[1]), [2e10, 1e-14 * np.cos(2)], [1.0, 2.0])
    assert some
    assert [each.index for each in some.unseen] == [(1,)]
    assert str(some).startswith("The gradient is right in the entries that can be seen.")
    assert "lost in the rounding of f:\n  [1]: -4.16e-15 was given" in str(some)


@pytest.mark.parametrize("given", [0.0, 1.0])
@pytest.mark.parametrize(
    ("f", "x", "why"),
    [
        (lambda x: np.floor(x[0]), [2.0], "f jumps at x"),
        (lambda x: np.sum(np.floor(x) + x), [2.0], "f jumps at x"),
        (lambda x: np.sum(np.sign(x)), [0.0], "f jumps at x"),
        (lambda x: np.sum(np.sqrt(np.abs(x))), [0.0], "power 0.5"),
        (lambda x: np.sum(np.cbrt(x)), [0.0], "power 0.33"),
        (lambda x: 5 + np.sum(np.abs(x) ** 0.25), [0.0, 0.0], "power 0.25"),
    ],
    ids=["floor", "floor and x", "sign", "root", "cube root", "fourth root"],
)
def test_at_a_jump_or_a_cusp_no_gradient_is_right(f: Any, x: Any, why: str, given: float) -> None:
    """It is told which of the two it is."""
    check = check_gradient(f, np.full(len(x), given), x)
    assert check.verdict == "cannot be told"
    assert all(why in each.why for each in check.doubts)
    assert len(check.doubts) == len(x)
    assert why in str(check)


@pytest.mark.parametrize("error", [ValueError("domain"), ZeroDivisionError()], ids=["ValueError", "ZeroDivisionError"])
@pytest.mark.parametrize("edge", [0.25, 1 - 1e-3, 1 - 1e-9, 1 - 1e-14, 1 - 1e-16])
def test_f_need_not_exist_beside_the_point(error: Exception, edge: float) -> None:
    """Where f has no value on one side, the other one tells."""

    def f(x: Array) -> Any:
        if x[0] < edge:
            raise error
        return 1e3 + x[0] ** 3

    assert check_gradient(f, [3.0], [1.0])
    assert check_gradient(f, [3.001], [1.0]).verdict == "wrong"


def test_where_f_fails_on_both_sides_it_is_said_how() -> None:
    """Whatever it raises beside x."""
    check = check_gradient(lambda x: {1.0: 1.0}[float(x[0])], [3.0], [1.0])
    assert check.verdict == "cannot be told"
    assert "f has no value beside x (KeyError: " in str(check)


# ---- stairs, noise, oscillation


QUANTISED = np.array([0.4, 1.3, -2.2])


def test_a_quantised_function_has_the_gradient_zero() -> None:
    """It stands still around the point, however it goes on further away; a straight-through gradient is not its own."""
    assert check_gradient(lambda x: np.sum(np.round(x)), np.zeros_like, QUANTISED)
    assert check_gradient(lambda x: np.sum(np.round(x)), np.ones_like, QUANTISED).verdict == "wrong"


@pytest.mark.parametrize("levels", [64, 256, 4096])
@pytest.mark.parametrize("given", [0.0, 1.0])
def test_on_a_fine_staircase_nothing_is_told_of_its_two_slopes(levels: int, given: float) -> None:
    """That of one stair, 0, and that across many, 1; of another it is told that it is neither."""
    f = lambda x: np.sum(np.round(x * levels) / levels)
    x = np.array([0.4321, 0.7321])
    check = check_gradient(f, np.full(2, given), x)
    assert check.verdict == "cannot be told"
    assert "staircase" in str(check)
    assert check_gradient(f, np.full(2, 2.0), x).verdict == "wrong"
    assert check_gradient(f, np.full(2, -1.0), x).verdict == "wrong"


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("at", [10.0, 15.0, 18.0, 20.0, 22.0, 24.0, 26.0, 28.0, 30.0, 33.0, 36.0])
def test_the_staircase_of_a_cancellation_is_not_taken_for_the_function(at: float) -> None:
    """−ln(1 − σ(x)): its values are ever coarser, and the right gradient is never refused."""
    f = lambda x: np.sum(-np.log(1 - sigmoid(x)))
    assert check_gradient(f, sigmoid, [at]).verdict == ("right" if at <= 26 else "cannot be told")
    assert check_gradient(f, np.zeros(1), [at]).verdict == ("wrong" if at <= 26 else "cannot be told")


@pytest.mark.parametrize("at", [4.0, 6.0, 8.0, 10.0, 12.0, 14.0])
def test_nor_is_it_in_float32(at: float) -> None:
    """The same function as a kernel's test has it."""

    def s32(x: Array) -> Array:
        return sigmoid(x).astype(np.float32)

    f = lambda x: np.float32(np.sum(-np.log(np.float32(1) - s32(x))))
    assert check_gradient(f, s32, np.array([at], np.float32)).verdict == ("right" if at <= 6 else "cannot be told")


@pytest.mark.parametrize("frequency", [1e2, 1e5, 1e8, 1e11, 1e12])
def test_an_oscillation_is_seen_on_steps_that_are_short_enough(frequency: float) -> None:
    """However little it is beside the rest: the slope at the point itself counts."""
    height = 1e-1 / frequency**0.5
    f = lambda x: np.sum(x + height * np.sin(frequency * x))
    right = lambda x: 1 + height * frequency * np.cos(frequency * x)
    x = np.array([0.3])
    assert check_gradient(f, right, x)
    assert check_gradient(f, np.ones_like, x).verdict == "wrong"


def jitter(x: Array) -> float:
    """A number from −1 to 1 that depends on every bit of x."""
    return float(np.random.default_rng(np.asarray(x, np.float64).view(np.uint64).ravel().tolist()).uniform(-1, 1))


@pytest.mark.parametrize("size", [1e-13, 1e-11, 1e-9, 1e-7])
def test_noise_is_no_error_and_hides_none_that_is_larger(size: float) -> None:
    """The margin grows with the noise, and holds."""
    f = lambda x: np.sum(np.sin(x)) + size * jitter(x)
    x = np.array([0.5, 1.0, -2.0])
    check = check_gradient(f, np.cos, x)
    assert check
    assert check.noise > size / 10
    off = check_gradient(f, lambda x: 1.1 * np.cos(x), x)
    assert off.verdict == "wrong"
    for entry in off.wrong:
        assert abs(entry.expected - math.cos(x[entry.index])) <= entry.uncertainty


def test_what_goes_to_zero_unevenly_has_its_slope_there() -> None:
    """x² sin(1/x) has the slope 0 at 0; |x| sin(1/x) has none, which no claim can get past."""

    def f(x: Array, power: int) -> Any:
        return np.sum(np.where(x == 0, 0, np.abs(x) ** power * np.sin(1 / np.where(x == 0, 1, x))))

    assert check_gradient(lambda x: f(x, 2), [0.0], [0.0]).verdict in ("right", "cannot be told")
    assert check_gradient(lambda x: f(x, 2), [1.0], [0.0]).verdict == "wrong"
    assert check_gradient(lambda x: f(x, 1), [0.0], [0.0]).verdict == "cannot be told"


def test_what_underflows_is_not_seen() -> None:
    """The squares of 1e-300 are all 0."""
    check = check_gradient(lambda x: np.sum(x * x), lambda x: 2.002 * x, [1e-300, 2e-300])
    assert check.verdict == "cannot be told"
    assert [each.given for each in check.unseen] == [2.002e-300, 4.004e-300]


@pytest.mark.parametrize("size", [1e-320, 1e-300, 1e-200, 1e200, 1e300])
def test_values_may_be_of_any_size(size: float) -> None:
    """A function of 1e-300 or 1e300 is judged as one of 1."""
    x = np.array([0.5, 2.0])
    assert check_gradient(lambda x: size * np.sum(np.sin(x)), size * np.cos(x), x)
    assert check_gradient(lambda x: size * np.sum(np.sin(x)), 1.5 * size * np.cos(x), x).verdict == "wrong"


# ---- ties


TIE = np.array([1.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ([1, 0, 0], "right"),
        ([0, 1, 0], "right"),
        ([0.5, 0.5, 0], "right"),
        ([0.3, 0.7, 0], "right"),
        ([1, 1, 0], "wrong"),
        ([0, 0, 0], "wrong"),
        ([0.7, 0.7, 0], "wrong"),
        ([0.5, 0.4, 0], "wrong"),
        ([1.5, -0.5, 0], "wrong"),
        ([0.5, 0.5, 0.5], "wrong"),
    ],
)
@pytest.mark.parametrize("sign", [1, -1], ids=["max", "min"])
def test_at_a_tie_the_shares_add_up(given: list[float], verdict: str, sign: int) -> None:
    """Each entry by itself may be anything from 0 to 1: together they are 1."""
    f = lambda x: np.max(x) if sign > 0 else np.min(-x)
    check = check_gradient(f, sign * np.array(given, float), TIE)
    assert check.verdict == verdict
    if given in ([1, 1, 0], [0, 0, 0]):
        (tie,) = check.ties
        assert str(tie) == f"the sum of the gradient over [0], [1] is {sign * sum(given):g}; it should be {sign}"


def pooled(x: Array) -> Any:
    """Maxima of pairs, weighted with both signs."""
    return np.sum(np.max(x.reshape(4, 2), axis=1) * np.array([1.0, -2.0, 3.0, -0.5]))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_pools_at_a_tie_are_judged_each_by_itself(share: float) -> None:
    """All windows at a tie at once, of both signs: halves are right, and all to the first; 1 to both, or none, is not."""
    weights = np.repeat([1.0, -2.0, 3.0, -0.5], 2)
    shares = np.tile([share, 1 - share], 4)
    assert check_gradient(pooled, weights * shares, np.zeros(8))
    for wrong in (weights, 0 * weights, weights * np.where(np.arange(8) == 5, 1, shares) if share != 0 else -weights):
        check = check_gradient(pooled, wrong, np.zeros(8))
        assert check.verdict == "wrong"
        assert check.ties or check.wrong


@pytest.mark.parametrize("slope", [0.0, 1.0, 0.5])
def test_kinks_that_have_nothing_to_do_with_each_other_are_judged_one_by_one(slope: float) -> None:
    """relu with weights of both signs: each convention of its slope at 0 is right."""
    weights = np.array([1.0, -2.0, 3.0])
    assert check_gradient(lambda x: np.sum(weights * np.maximum(x, 0)), slope * weights, np.zeros(3))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [([-1, 0], "right"), ([1, 2], "right"), ([-2, 1], "right"), ([0, 3], "right"), ([-0.5, 1.5], "right"), ([2, 0], "wrong"), ([1, 3], "wrong"), ([-2, -1], "wrong")],
)  # fmt: skip
def test_where_kinks_of_both_signs_meet_gradients_nearby_tell(given: list[float], verdict: str) -> None:
    """max(x, y) − 2 max(x, −y) is neither convex nor concave at 0: the hull of its four gradients is right."""
    f = lambda x: max(x[0], x[1]) - 2 * max(x[0], -x[1])
    assert check_gradient(f, np.array(given, float), [0.0, 0.0]).verdict == verdict


@pytest.mark.parametrize(
    ("given", "verdict"), [([1, 0, 0], "right"), ([1 / 3] * 3, "right"), ([0, 0, 0], "wrong"), ([1, 1, 1], "wrong")]
)
def test_a_kink_that_no_entry_shows_by_itself_is_found(given: list[float], verdict: str) -> None:
    """The median of three equal numbers stands still along each, and does not along all."""
    assert check_gradient(np.median, np.array(given, float), np.ones(3)).verdict == verdict


def test_more_entries_than_are_judged_together_are_told_as_such() -> None:
    """A tie of sixty."""
    check = check_gradient(np.max, np.zeros(60), np.ones(60))
    assert check.verdict == "cannot be told"
    assert len(check.doubts) == 60


def test_what_is_zero_by_symmetry_bears_the_rounding_of_its_terms() -> None:
    """A shift before a normalisation changes nothing; its gradient is what rounding leaves of a sum of ones."""
    X, w = np.random.default_rng(0).standard_normal((20, 3)), np.array([1.0, -2.0, 0.5])

    def f(p: dict[str, Array]) -> Any:
        z = X * p["w"] + p["b"]
        return np.sum(np.tanh((z - z.mean(0)) / z.std(0) + 0.3) ** 2)

    from_f = {"w": np.zeros(3), "b": np.array([8.9e-16, -1.7e-15, 0.0])}
    check = check_gradient(f, from_f, {"w": w, "b": np.full(3, 0.25)})
    assert check.verdict != "wrong"
    assert (
        check_gradient(f, {**from_f, "b": np.array([1e-9, 0, 0])}, {"w": w, "b": np.full(3, 0.25)}).verdict == "wrong"
    )


@pytest.mark.parametrize("f", [lambda d: np.log(np.sum(d)), lambda d: np.sum(d) ** 3 - 1], ids=["log", "cube"])
def test_at_a_zero_of_f_its_rounding_is_not_zero(f: Any) -> None:
    """What it was computed from is of the size of 1."""
    d = np.array([0.1, 0.2, 0.7])
    right = np.ones(3) * (1 if f(2 * d) < 1 else 3)
    assert check_gradient(f, right, d)
    assert check_gradient(f, right * [1, 1.01, 1], d).verdict == "wrong"


# ---- array-valued functions


W = np.random.default_rng(4).standard_normal((3, 2))


def layer(x: Array) -> Array:
    return np.tanh(x) @ W


def backward(x: Array, upstream: Array) -> Array:
    return (1 - np.tanh(x) ** 2) * (upstream @ W.T)


def forward(x: Array, tangent: Array) -> Array:
    return ((1 - np.tanh(x) ** 2) * tangent) @ W


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)])
def test_a_backward_and_a_forward_function_are_judged(shape: tuple[int, ...]) -> None:
    """At points of any shape; a slope that is missing is found by both."""
    x = np.random.default_rng(0).standard_normal(shape)
    assert check_vjp(layer, backward, x)
    assert check_jvp(layer, forward, x)
    assert check_vjp(layer, lambda _x, upstream: upstream @ W.T, x).verdict == "wrong"
    assert check_jvp(layer, lambda _x, tangent: tangent @ W, x).verdict == "wrong"


def test_several_outputs_are_judged_together() -> None:
    """By their keys or places, upstream and tangent as well."""
    f = lambda x: {"sine": np.sin(x), "square": x * x}
    x = np.array([0.5, -1.0])
    assert check_vjp(f, lambda x, u: np.cos(x) * u["sine"] + 2 * x * u["square"], x)
    assert check_vjp(f, lambda x, u: np.cos(x) * u["sine"] + x * u["square"], x).verdict == "wrong"
    right = check_jvp(f, lambda x, v: {"sine": np.cos(x) * v, "square": 2 * x * v}, x)
    assert right
    wrong = check_jvp(f, lambda x, v: {"sine": np.cos(x) * v, "square": x * v}, x)
    assert wrong.hints[0] == "Only ['square'] is wrong; the other arrays are right."


def test_outputs_in_float32_are_known_to_a_few_digits() -> None:
    """Their rounding is no error of the derivative."""
    x = np.random.default_rng(1).standard_normal((4, 3))
    coarse = lambda x: layer(x).astype(np.float32)
    for check in (check_vjp(coarse, backward, x), check_jvp(coarse, forward, x)):
        assert check, str(check)
        assert check.narrow
        assert check.known > 1e-6


def test_a_small_output_is_not_lost_beside_a_large_one() -> None:
    """Its share of the backward function is missing."""
    f = lambda x: np.array([1e9 * x[0], np.sin(x[0])])
    assert check_vjp(f, lambda x, u: np.array([1e9 * u[0] + np.cos(x[0]) * u[1]]), [1.0])
    assert check_vjp(f, lambda _x, u: np.array([1e9 * u[0]]), [1.0]).verdict == "wrong"


def test_outputs_that_are_drawn_anew_are_refused() -> None:
    """As a number that is."""
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="f must have one value at x; got two"):
        check_jvp(lambda x: x + rng.normal(size=2), lambda _x, v: v, [1.0, 2.0])


def test_at_a_shared_kink_a_large_entry_hides_no_small_one() -> None:
    """Each is judged in units of its own."""
    f = lambda x: max(1e4 * x[0] + x[1], 1e4 * x[0] - x[1] + x[0])
    assert check_gradient(f, [1e4, 1.0], [0.0, 0.0]).verdict != "wrong"
    assert check_gradient(f, [1e4, 15.0], [0.0, 0.0]).verdict != "right"


def test_of_what_does_not_move_it_is_said() -> None:
    """A function that ignores x has the gradient zero, which is seldom what was meant."""
    check = check_gradient(lambda _: 3.0, np.zeros(3), np.ones(3))
    assert check
    assert check.hints == ("f does not change with x, on steps of any size.",)


# ---- the report


def test_the_report_can_be_read() -> None:
    """It says what was looked at, the order, and the worst entries with their right values."""
    x = np.arange(1.0, 9)
    lines = str(check_gradient(lambda x: np.sum(np.exp(x)), np.exp, x)).splitlines()
    assert lines[0] == "The gradient is right."
    assert lines[1].startswith("Looked at: all 8 entries, by ")
    lines = str(check_gradient(lambda x: np.sum(x * x), 2 * x * np.where(x > 6, 1, 1 + x / 100), x)).splitlines()
    assert lines[0] == "The gradient is wrong in 6 entries."
    assert lines[1].startswith("  [5]: 12.72 was given; it should be 12")
    assert "  and 1 more" in lines


def test_the_result_cannot_be_changed() -> None:
    """It is a record, and true exactly if it says ok."""
    check = check_gradient(np.sum, [1.0], [1.0])
    assert isinstance(check, GradientCheck)
    assert bool(check) is check.ok is True
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.ok = False  # type: ignore[misc]


def test_nothing_is_written_into() -> None:
    """Neither the point nor the gradient, and what f and gradient do to their arguments harms nothing."""
    x, g = np.array([1.0, 2.0]), np.array([2.0, 4.0])

    def f(v: Array) -> Any:
        value = np.sum(v * v)
        v[...] = np.nan
        return value

    def gradient(v: Array) -> Array:
        g = 2 * v
        v[...] = np.nan
        return g

    assert check_gradient(f, g, x)
    assert check_gradient(f, gradient, x)
    assert np.array_equal(x, [1, 2])
    assert np.array_equal(g, [2, 4])


def test_the_same_question_has_the_same_answer() -> None:
    """Nothing is left to a random state outside, and none is changed."""
    x = np.random.default_rng(0).standard_normal(50)
    state = repr(np.random.get_state())  # noqa: NPY002
    one, other = (check_gradient(lambda x: np.sum(np.sin(x)), np.cos, x) for _ in range(2))
    assert one == other
    assert one.evaluations > 0
    assert repr(np.random.get_state()) == state  # noqa: NPY002


# ---- bad input

values = iter(range(10**6))
BAD: dict[str, tuple[Any, Any, Any, type[Exception], str]] = {
    "f nan": (lambda _: np.nan, [1.0], [1.0], ValueError, "f must be finite at x; got nan"),
    "f infinite": (lambda _: -np.inf, [1.0], [1.0], ValueError, "f must be finite at x; got -inf"),
    "f random": (lambda _: next(values), [1.0], [1.0], ValueError, "f must have one value at x; got .*, and then"),
    "f array": (
        lambda x: x,
        [1.0, 1.0],
        [1.0, 1.0],
        ValueError,
        r"f must return one number.*; got shape \(2,\).*check_vjp",
    ),
    "f complex": (lambda x: 1j * x[0], [1.0], [1.0], TypeError, "f must return a real number; got"),
    "x complex": (
        np.sum,
        [1.0],
        [1j],
        TypeError,
        "x must be an array of real numbers; got dtype complex128: .* real and imaginary",
    ),
    "no gradient": (np.sum, None, [1.0], ValueError, "gradient must be given: NumPy has none of its own"),
    "f None": (lambda _: None, [1.0], [1.0], TypeError, "f must return a real number; got NoneType"),
    "gradient shape": (
        np.sum,
        [1.0],
        [1.0, 1.0],
        ValueError,
        r"x and gradient must have the same shape; got \(2,\) and \(1,\)",
    ),
    "x nan": (np.sum, [1.0], [np.nan], ValueError, r"x must be finite; got x\[0\] = nan"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    """The refusal names the argument, what was expected, and what came."""
    f, gradient, x, error, message = BAD[name]
    with pytest.raises(error, match=message):
        check_gradient(f, gradient, x)
