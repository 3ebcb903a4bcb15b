"""The structural numerical gradient: the values of the plain loop, and of the exact central difference in ball arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from hypothesis import given
from hypothesis import strategies as st

from refmath import TwoLayerNet, sgd_step, two_layer_net_gradient, two_layer_net_loss
from refmath.fast import network_differences as fast
from refmath.fast.network_differences import network_differences
from refmath.training.mnist import embedded, scaled

pytestmark = pytest.mark.long

NAMES = ("W1", "b1", "W2", "b2")
Params = dict[str, Any]
Place = tuple[str, tuple[int, ...]]


def drawn(N: int, D: int, H: int, K: int, seed: int, *, scale: float = 1.0) -> tuple[Params, Any, Any]:
    """A network, samples of which half the entries are zero or repeated, and labels."""
    rng = np.random.default_rng(seed)
    shapes = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
    params = {name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}
    x = rng.standard_normal((N, D)) * (rng.random((N, D)) < 0.7)
    return params, np.where(rng.random((N, D)) < 0.3, 0.5, x), rng.integers(0, K, N)


def plain(params: Params, x: Any, t: Any, h: float = 1e-4) -> Params:
    """The chapter's loop."""
    K = len(params["b2"])
    net = TwoLayerNet(x.shape[1], len(params["b1"]), K, rng=0)
    net.params = params
    return net.numerical_gradient(x, t, h=h, method="plain")


def exact(params: Params, x: Any, t: Any, places: list[Place], h: float = 1e-4) -> Iterator[Any]:
    """The central differences of the loss with labels t, in balls of 1000 bits; only what an entry moves is computed again."""
    W1, b1, W2, b2 = (params[name] for name in NAMES)
    samples, step = range(len(x)), arb(h)
    a1 = _plus(_balls(x) * _balls(W1), b1)
    z = [[_sigmoid(value) for value in row] for row in a1]
    a2 = _plus(arb_mat(z) * _balls(W2), b2)

    def loss(name: str, place: tuple[int, ...], n: int, sign: int) -> Any:
        a = list(a2[n])
        *row, last = place
        if name in ("W1", "b1"):
            d = sign * step * (arb(float(x[n, row[0]])) if row else 1)
            moved = _sigmoid(a1[n][last] + d) - z[n][last]
            a = [value + moved * arb(float(w)) for value, w in zip(a, W2[last], strict=True)]
        else:
            a[last] += sign * step * (z[n][row[0]] if row else 1)
        return sum((value.exp() for value in a), arb(0)).log() - a[t[n]]

    for name, place in places:
        moving = [n for n in samples if name != "W1" or x[n, place[0]] != 0]
        total = sum((loss(name, place, n, 1) - loss(name, place, n, -1) for n in moving), arb(0))
        yield total / (2 * step * len(x))


def _balls(matrix: Any) -> Any:
    return arb_mat([[arb(float(value)) for value in row] for row in matrix])


def _plus(product: Any, bias: Any) -> list[list[Any]]:
    rows, columns = product.nrows(), product.ncols()
    return [[product[n, j] + arb(float(bias[j])) for j in range(columns)] for n in range(rows)]


def _sigmoid(a: Any) -> Any:
    return 1 / (1 + (-a).exp())


def off(got: Params, params: Params, x: Any, t: Any, places: list[Place], h: float = 1e-4) -> float:
    """The distance of some entries from the exact ones, relative, in the Euclidean norm."""
    with ctx.workprec(1000):
        truth = list(exact(params, x, t, places, h))
        error = sum(
            ((arb(float(got[name][place])) - value) ** 2 for (name, place), value in zip(places, truth, strict=True)),
            arb(0),
        )
        return math.sqrt(float(error.upper() / sum((value**2 for value in truth), arb(0)).lower()))


def everywhere(params: Params) -> list[Place]:
    return [(name, tuple(map(int, place))) for name in NAMES for place in np.ndindex(params[name].shape)]


# ---- against the plain loop


@given(
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(1, 5)),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([0.01, 1.0, 5.0]),
    h=st.sampled_from([1e-4, 1e-3, -1e-4, 0.05]),
    encoding=st.sampled_from(["labels", "one-hot", "distributions"]),
)
def test_it_is_the_plain_loop(
    sizes: tuple[int, int, int, int], seed: int, scale: float, h: float, encoding: str
) -> None:
    """For any sizes, weights, steps and targets it agrees with the chapter's loop, as far as that one's rounding allows."""
    params, x, t = drawn(*sizes, seed, scale=scale)
    if encoding != "labels":
        t = np.eye(sizes[3])[t]
    if encoding == "distributions":
        t = 0.75 * t + 0.25 / sizes[3]
    got, expected = network_differences(params, x, t, h=h), plain(params, x, t, h)
    # The loop takes the difference of two losses, each rounded: relative to their size, by the step.
    room = 2.0**-50 * (1 + abs(float(two_layer_net_loss(params, x, t)))) / abs(h) + 2.0**-40
    for name in NAMES:
        assert got[name].shape == expected[name].shape
        assert np.max(np.abs(got[name] - expected[name])) <= room


def test_float32_is_computed_in_float64() -> None:
    """Parameters and samples in float32 are taken as the numbers they are; the differences come in float64, as the loop's do."""
    params, x, t = drawn(3, 4, 3, 5, 0)
    narrow = {name: value.astype(np.float32) for name, value in params.items()}
    got = network_differences(narrow, x.astype(np.float32), t)
    again = network_differences(
        {name: value.astype(np.float64) for name, value in narrow.items()}, x.astype(np.float32).astype(np.float64), t
    )
    for name, expected in plain(narrow, x.astype(np.float32), t).items():
        assert got[name].dtype == expected.dtype == np.float64
        assert np.array_equal(got[name], again[name])
        assert np.allclose(got[name], expected, atol=1e-8)


def test_it_is_the_class_methods_default() -> None:
    """The class takes it unless the loop is asked for, and knows no third way."""
    net, (_, x, t) = TwoLayerNet(3, 4, 2, 1.0, rng=0), drawn(5, 3, 4, 2, 1)
    default, loop = net.numerical_gradient(x, t), net.numerical_gradient(x, t, method="plain")
    for name, value in network_differences(net.params, x, t).items():
        assert np.array_equal(default[name], value)
        assert not np.array_equal(loop[name], value)
    with pytest.raises(ValueError, match="method must be 'structural' or 'plain'; got 'fast'"):
        net.numerical_gradient(x, t, method="fast")  # type: ignore[arg-type]


def test_it_evaluates_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fast about it is not a faster loop: no loss is computed at all."""
    monkeypatch.setattr("refmath.networks.two_layer_net.two_layer_net_loss", None)
    TwoLayerNet(3, 4, 2, rng=0).numerical_gradient(*drawn(5, 3, 4, 2, 1)[1:])


# ---- against the exact central difference


@given(
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(2, 4)),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([0.01, 1.0, 3.0, 30.0]),
    h=st.sampled_from([1e-4, 1e-2, 0.7, 1e-7, 50.0, 1e3]),
)
def test_it_is_the_exact_central_difference(
    sizes: tuple[int, int, int, int], seed: int, scale: float, h: float
) -> None:
    """For any step, also one that is too large for the series, all entries are the exact differences; nothing cancels for small ones."""
    params, x, t = drawn(*sizes, seed, scale=scale)
    assert off(network_differences(params, x, t, h=h), params, x, t, everywhere(params), h) <= 1e-12 * max(1, scale)


@pytest.mark.parametrize("h", [500.0, 1e3, 1e6])
def test_probabilities_that_underflow_count_again_after_a_large_step(h: float) -> None:
    """A step that carries a class from below the smallest number to certainty is exact too, and nothing overflows into nan."""
    params, x, t = drawn(3, 2, 3, 4, 12)
    params["b2"] = np.array([0.0, 800.0, -800.0, 3.0])
    assert off(network_differences(params, x, t, h=h), params, x, t, everywhere(params), h) <= 1e-12


def test_a_single_class_has_no_differences() -> None:
    """Where there is one class only, it is certain, whatever the step."""
    params, x, _ = drawn(3, 2, 3, 1, 13)
    for h in (1e-4, 1.0, 1e3):
        assert not any(value.any() for value in network_differences(params, x, np.zeros(3, int), h=h).values())


@pytest.fixture(scope="module")
def trained() -> tuple[Params, Any, Any]:
    """The chapter's network after 100 steps, and a batch of real digits."""
    digits = embedded()
    rng, params = np.random.default_rng(1), TwoLayerNet(784, 100, 10, rng=0).params
    for _ in range(100):
        drawn = rng.integers(0, 5000, 100)
        gradient = two_layer_net_gradient(params, scaled(digits.x_train[drawn], "float64"), digits.t_train[drawn])
        params = sgd_step(params, gradient, 1.0)
    drawn = rng.integers(0, 5000, 100)
    return params, scaled(digits.x_train[drawn], "float64"), digits.t_train[drawn]


def sample(x: Any, count: int) -> list[Place]:
    """Some entries of every parameter of the chapter's network; of W1 such as have a pixel."""
    rng, live = np.random.default_rng(2), np.flatnonzero(x.any(axis=0))
    places: list[Place] = [("b1", (j,)) for j in range(0, 100, 10)]
    places += [("b2", (k,)) for k in range(10)]
    places += [("W2", (int(rng.integers(100)), int(rng.integers(10)))) for _ in range(count // 4)]
    places += [("W1", (int(rng.choice(live)), int(rng.integers(100)))) for _ in range(count - len(places))]
    return places


REGIMES = {"initial": 0.0, "trained": 1.0, "saturated": 5.0, "very saturated": 25.0}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("count", [60, pytest.param(700, marks=pytest.mark.zoo)])
def test_at_the_chapters_size_it_is_exact_in_every_regime(
    trained: tuple[Params, Any, Any], regime: str, count: int
) -> None:
    """For 784-100-10 and a batch of 100, initial, trained and saturated, it is off the exact difference by at most 1e-14."""
    params, x, t = trained
    factor = REGIMES[regime]
    params = (
        {name: factor * value for name, value in params.items()} if factor else TwoLayerNet(784, 100, 10, rng=0).params
    )
    assert off(network_differences(params, x, t), params, x, t, sample(x, count)) <= 1e-14


# ---- the parts


@pytest.mark.parametrize("scale", [0.1, 2.0])
def test_the_series_and_the_classes_agree(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the series is used, computing class by class gives the same; where it is not, the series would be wrong."""
    params, x, t = drawn(6, 5, 4, 3, 7, scale=scale)
    for h, alike in ((1e-4, True), (3.0, False)):
        given = network_differences(params, x, t, h=h)
        monkeypatch.setattr(fast, "_SERIES", -1.0 if alike else np.inf)
        other = network_differences(params, x, t, h=h)
        monkeypatch.undo()
        for name in NAMES:
            near = np.max(np.abs(given[name] - other[name])) <= 1e-13 * np.max(np.abs(given[name]))
            assert near == alike, (name, h)


def test_the_cut_of_the_series_is_where_it_no_longer_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the largest r that the series is used for, it is as good as class by class."""
    params, x, t = drawn(6, 5, 4, 3, 8)
    # r = R |δ| / 2 with |δ| about h / 4 · x
    widest = float(np.ptp(params["W2"], axis=1).max() * np.abs(np.column_stack([x, np.ones(6)])).max())
    h = 7.9 * fast._SERIES / widest
    series = network_differences(params, x, t, h=h)
    assert fast._SERIES >= widest * np.tanh(h / 2) / 4 > 0.9 * fast._SERIES
    monkeypatch.setattr(fast, "_SERIES", -1.0)
    classes = network_differences(params, x, t, h=h)
    for name in ("W1", "b1"):
        assert np.max(np.abs(series[name] - classes[name])) <= 4e-15 * np.max(np.abs(classes[name]))


def test_zeros_and_repetitions_are_entries_like_others() -> None:
    """Whether entries are zero, equal or all different, each stands where it belongs."""
    params, x, t = drawn(4, 6, 3, 3, 9)
    for samples in (np.zeros_like(x), np.ones_like(x), np.arange(24.0).reshape(4, 6) / 24, -x, x.astype(int)):
        expected = plain(params, samples, t)
        for name, value in network_differences(params, samples, t).items():
            assert np.allclose(value, expected[name], atol=1e-9), name


def test_large_batches_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the samples are taken at once or in parts makes no difference but rounding."""
    params, x, t = drawn(7, 6, 3, 3, 10)
    whole = network_differences(params, x, t)
    monkeypatch.setattr(fast, "_AT_ONCE", 14)
    for name, value in network_differences(params, x, t).items():
        assert np.allclose(value, whole[name], rtol=1e-14, atol=1e-16)


def test_what_is_given_stays_as_it_is() -> None:
    """Parameters, samples and targets are not written into."""
    params, x, t = drawn(4, 6, 3, 3, 11)
    for each in (*params.values(), x, t):
        each.flags.writeable = False
    network_differences(params, x, t)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"h": 0}, "h must not be zero"),
        ({"h": np.nan}, "h must be finite"),
        ({"x": [[np.nan, 0.0]]}, "x must be finite"),
        ({"x": [[1.0]]}, r"x must have the shape \(N, 2\)"),
        ({"t": [3]}, "t must"),
        ({"t": [0, 1]}, "t must have the shape"),
        (
            {"params": {"W1": [[0.0], [np.inf]], "b1": [0.0], "W2": [[0.0, 0.0]], "b2": [0.0, 0.0]}},
            r"params\['W1'\] must be finite",
        ),
        ({"params": {"W1": [[0.0]]}}, "params must have the keys W1, b1, W2, b2"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    """Each argument is refused by name."""
    params = {"W1": [[0.0], [1.0]], "b1": [0.0], "W2": [[0.0, 1.0]], "b2": [0.0, 0.0]}
    arguments: dict[str, Any] = {"params": params, "x": [[1.0, 2.0]], "t": [0], **change}
    with pytest.raises(ValueError, match=message):
        network_differences(arguments["params"], arguments["x"], arguments["t"], h=arguments.get("h", 1e-4))
