"""The certified softmax cross-entropy and its gradient: every value is the one that ball arithmetic rounds to, however near to a tie."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from refmath import exact
from refmath.balls import cross_entropy as balls
from refmath.balls.exponential import exponential
from refmath.balls.formats import FORMATS
from refmath.fast import certified_cross_entropy as losses_page
from refmath.fast import certified_cross_entropy_gradient as gradient_page
from refmath.fast import odds as odds_page
from refmath.fast.certified_cross_entropy import certified_sample_losses, certified_softmax_cross_entropy
from refmath.fast.certified_cross_entropy_gradient import certified_softmax_cross_entropy_gradient
from refmath.fast.rounding_test import narrowed, rounded

pytestmark = pytest.mark.long

FUNCTIONS = (certified_softmax_cross_entropy, certified_sample_losses, certified_softmax_cross_entropy_gradient)
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
DTYPES = ("float64", "float32")


class Fallbacks:
    """Counts the values that went to ball arithmetic."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.losses = self.entries = 0
        monkeypatch.setattr(losses_page, "mean_loss", self._mean_loss)
        monkeypatch.setattr(gradient_page, "gradient_entries", self._gradient_entries)

    def _mean_loss(self, a: Any, t: Any) -> Any:
        self.losses += 1
        return balls.mean_loss(a, t)

    def _gradient_entries(self, a_n: Any, t_n: Any, samples: int, entries: Any) -> Any:
        self.entries += len(entries)
        return balls.gradient_entries(a_n, t_n, samples, entries)


@pytest.fixture
def fallbacks(monkeypatch: pytest.MonkeyPatch) -> Fallbacks:
    return Fallbacks(monkeypatch)


def compared(a: Any, labels: Any, dtype: str = "float64") -> int:
    """Asserts that the losses, their mean and the gradient are those of ball arithmetic; the number of values."""
    N, K = map(int, a.shape)
    t = np.eye(K)[labels]
    each = [balls.mean_loss(a[n : n + 1], t[n : n + 1]).nearest(dtype) for n in range(N)]
    assert certified_sample_losses(a, labels, dtype=dtype).tolist() == each
    assert certified_softmax_cross_entropy(a, labels, dtype=dtype) == balls.mean_loss(a, t).nearest(dtype)
    rows = [balls.gradient_entries(a[n], t[n], N, np.arange(K)).nearest(dtype) for n in range(N)]
    assert np.array_equal(certified_softmax_cross_entropy_gradient(a, labels, dtype=dtype), np.stack(rows))
    return N + 1 + N * K


def batches(count: int, seed: int) -> Iterator[tuple[Any, Any]]:
    """Logits of every scale, of equal ones up to far beyond the exponential's range, with labels of all kinds."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        K = int(rng.choice([1, 2, 3, 10, 65, 100]))
        N = int(rng.integers(1, 6 if K > 10 else 12))
        a = 10.0 ** rng.uniform(-9, 3.1) * rng.normal(size=(N, K)) + rng.choice([0, 0, 1e3, -1e8])
        a = rng.choice([a, a.astype(np.float32).astype(np.float64), np.round(a), np.round(8 * a) / 8])
        yield a, rng.choice([rng.integers(0, K, N), a.argmax(axis=1), a.argmin(axis=1)])


# ---- against ball arithmetic


def test_values_of_every_scale_are_those_of_ball_arithmetic() -> None:
    """Many thousand losses, means and entries, of both dtypes: none differs from ball arithmetic."""
    values = sum(compared(a, labels, DTYPES[n % 2]) for n, (a, labels) in enumerate(batches(250, 0)))
    assert values > 12_000


@pytest.mark.zoo
def test_half_a_million_values_are_those_of_ball_arithmetic() -> None:
    """Of more than 500,000 losses, means and entries none differs from ball arithmetic."""
    assert sum(compared(a, labels, DTYPES[n % 2]) for n, (a, labels) in enumerate(batches(9000, 1))) > 500_000


def test_a_thousand_classes_are_too(fallbacks: Fallbacks) -> None:
    """With many classes nothing differs either, and nothing goes to ball arithmetic."""
    a = 3 * np.random.default_rng(0).normal(size=(3, 1000))
    compared(a, [0, 999, 5])
    assert (fallbacks.losses, fallbacks.entries) == (0, 0)


@given(
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1.0, 40.0]),
)
def test_ball_arithmetic_is_the_pages_definition(sizes: tuple[int, int], seed: int, scale: float) -> None:
    """What the values are compared with is what the pages define, for labels, one-hot targets and other distributions."""
    rng = np.random.default_rng(seed)
    a, labels = scale * rng.normal(size=sizes), rng.integers(0, sizes[1], sizes[0])
    one_hot = np.eye(sizes[1])[labels]
    t = np.round(rng.dirichlet(np.ones(sizes[1]), sizes[0]), 3)
    t[:, -1] = 1 - t[:, :-1].sum(axis=1)
    t = np.abs(t)
    name = "softmax_cross_entropy"
    assert certified_softmax_cross_entropy(a, labels) == exact(f"{name}_labels", a, labels).nearest()
    gradient = certified_softmax_cross_entropy_gradient(a, labels)
    assert np.array_equal(gradient, exact(f"{name}_labels_gradient", a, labels).nearest())
    for targets in (one_hot, t):
        assert certified_softmax_cross_entropy(a, targets) == exact(f"{name}_one_hot", a, targets).nearest()
        gradient = certified_softmax_cross_entropy_gradient(a, targets)
        assert np.array_equal(gradient, exact(f"{name}_one_hot_gradient", a, targets).nearest())


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_another_arithmetic_agrees(scale: float) -> None:
    """mpmath, which has nothing in common with the tables or with ball arithmetic, gives the same."""
    rng = np.random.default_rng(0)
    a, labels = scale * rng.normal(size=(20, 4)), rng.integers(0, 4, 20)
    with mp.workdps(80):
        powers = [[mp.exp(mp.mpf(float(each))) for each in row] for row in a]
        p = [[each / mp.fsum(row) for each in row] for row in powers]
        losses = [-mp.log(row[label]) for row, label in zip(p, labels, strict=True)]
        gradient = [
            [(p_k - int(k == label)) / 20 for k, p_k in enumerate(row)] for row, label in zip(p, labels, strict=True)
        ]
        assert certified_sample_losses(a, labels).tolist() == [float(loss) for loss in losses]
        assert certified_softmax_cross_entropy(a, labels) == float(mp.fsum(losses) / 20)
        entries = certified_softmax_cross_entropy_gradient(a, labels).tolist()
        assert entries == [[float(entry) for entry in row] for row in gradient]


# ---- near certainty, and at the ends of the range


@pytest.mark.parametrize("dtype", DTYPES)
def test_near_certainty_nothing_is_lost(dtype: str) -> None:
    """Gaps from 0 to beyond where the exponential ends, with the label on either side."""
    gaps = np.concatenate(
        [np.arange(0, 800, 7.3), [36.04, 679.9, 680.0, 680.1, 690.0, 708.4, 744.4, 745.1, 745.2, 746.0]]
    )
    a = np.column_stack([np.zeros_like(gaps), -gaps])
    for label in (0, 1):
        compared(a, np.full(len(a), label), dtype)
        for n in range(0, len(a), 5):
            compared(a[n : n + 1], [label], dtype)


EXTREMES = {
    "opposite ends": [[1.7e308, -1.7e308, 0.0], [-1.7e308, 1.7e308, 1.0]],
    "equal at an end": [[1.7e308] * 3, [-1.7e308] * 3],
    "subnormal": [[5e-324, 0.0, -5e-324], [1e-310, 2e-310, 0.0]],
    "far from each other": [[0.0, -1e6, -1e5], [1e10, 0.0, 1e10]],
    "all but one far": [[0.0, -700.0, -710.0], [0.0, -750.0, -700.0]],
    "far beside nearly far": [[0.0, -660.0, -681.0], [1e300, 1e300, -1e300]],
    "a gap whose rest is large": [[1e300 / 3, 1e300 / 3, 1e285 / 7], [1e300 / 3, 0.0, 1e300 / 3]],
    "small beside smaller": [[0.0, -660.0], [0.0, -690.0]],
    "one class": [[3.0], [-1e300]],
    "minus zero": [[-0.0, 0.0], [0.0, -0.0]],
}


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_extreme_logits(name: str, dtype: str) -> None:
    """Whatever finite logits are given, the values are the exact ones, rounded."""
    a = np.array(EXTREMES[name])
    for label in range(a.shape[1]):
        compared(a, np.array([label, a.shape[1] - 1 - label]), dtype)
        compared(a, np.array([label, label]), dtype)


def test_a_sum_with_a_tie_and_nothing_visible_is_settled() -> None:
    """A gap that is a tie, plus exp(−10⁶), is rounded upwards; no precision would show it, but it is more than the tie."""
    a = np.array([[2.0**53 + 2, -1.0, -(2.0**60)]])
    gap = Fraction(2**53 + 3)
    assert float(gap) == 2.0**53 + 4  # a tie, to even
    assert certified_sample_losses(a, [1])[0] == 2.0**53 + 4
    a[0, 0] -= 2
    assert float(Fraction(2**53 + 1)) == 2.0**53
    assert certified_sample_losses(a, [1])[0] == certified_softmax_cross_entropy(a, [1]) == 2.0**53 + 2


def test_a_target_that_is_not_one_hot_may_stand_beside_one_that_is() -> None:
    """Samples of both kinds have one mean, also where the losses are small; and each its own loss."""
    a, t = np.array([[0.0, -100.0], [0.0, -55.0]]), np.array([[1.0, 1e-30], [1.0, 0.0]])
    losses = [balls.mean_loss(a[n : n + 1], t[n : n + 1]).nearest() for n in (0, 1)]
    assert certified_sample_losses(a, t).tolist() == losses
    assert certified_softmax_cross_entropy(a, t) == balls.mean_loss(a, t).nearest()


def test_a_loss_beyond_the_dtype_is_infinite() -> None:
    """Beyond the largest number of the dtype, the nearest is ∞."""
    assert certified_softmax_cross_entropy([1e308, -1e308], 1) == np.inf
    assert certified_softmax_cross_entropy([1e38, -1e39], 1, dtype="float32") == np.inf
    assert certified_sample_losses([[1e308, -1e308], [0.0, 0.0]], [1, 0])[1] == np.float64(np.log(2))


# ---- near ties


def near_tie(target: arb, terms: int) -> Any:
    """Logits 0, x, y, …, whose exponentials but the first add up to a target, as nearly as so many of them can."""
    logits = [0.0]
    left = target
    for _ in range(terms):
        x = float(left.log().mid())
        while arb(x).exp() > left:
            x = float(np.nextafter(x, -np.inf))
        logits.append(x)
        left -= arb(x).exp()
    return np.array([logits])


def middle(dtype: str, rng: np.random.Generator, scale: float) -> arb:
    """A tie of two numbers of a dtype."""
    y = np.dtype(dtype).type(scale * rng.uniform(0.5, 2))
    return (arb(float(y)) + arb(float(np.nextafter(y, np.dtype(dtype).type(np.inf))))) / 2


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [6, pytest.param(150, marks=pytest.mark.zoo)])
def test_near_ties_are_left_to_ball_arithmetic(dtype: str, count: int, fallbacks: Fallbacks) -> None:
    """Losses and entries made to lie within 2⁻⁹⁰ of a tie are known not to be certain, and come out right."""
    rng = np.random.default_rng(count)
    for _ in range(count):
        for scale in (1e-12, 1e-3, 0.5, 5.0):
            with ctx.workprec(400):
                a = near_tie(middle(dtype, rng, scale).exp() - 1, 3)
            before = fallbacks.losses
            certified_sample_losses(a, [0], dtype=dtype)
            assert fallbacks.losses == before + 1
            compared(a, [0], dtype)
            # Twice the same sample has the same mean.
            compared(np.concatenate([a, a]), [0, 0], dtype)
        with ctx.workprec(400):
            a = near_tie(1 / middle(dtype, rng, 0.3) - 1, 3)
        for label in (0, 1):
            before = fallbacks.entries
            certified_softmax_cross_entropy_gradient(a, [1], dtype=dtype)
            assert fallbacks.entries > before
            compared(a, [label], dtype)


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.zoo)])
def test_ties_at_every_distance(count: int) -> None:
    """Losses at distances of 2⁻⁵⁵ to 2⁻¹⁵⁰ from a tie, on either side of it, come out right."""
    rng = np.random.default_rng(count)
    for _ in range(count):
        with ctx.workprec(400):
            tie = middle("float64", rng, 10.0 ** rng.uniform(-6, 1.5))
            tie *= 1 + arb((int(rng.choice([-1, 1])), -int(rng.integers(55, 150))))
            a = near_tie(tie.exp() - 1, 3)
        compared(a, [0])


# ---- the bounds of the steps


def steps(a: Any, labels: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[float]:
    """The errors of what is put to the rounding test, relative to the bounds that it is put to the test with."""
    seen: list[tuple[Any, float]] = []

    def noted(x: Any, relative: float) -> Any:
        seen.append(((x[0].copy(), x[1].copy()), relative))
        return rounded(x, relative)

    for page in (losses_page, gradient_page):
        monkeypatch.setattr(page, "rounded", noted)
    certified_sample_losses(a, labels)
    certified_softmax_cross_entropy_gradient(a, labels)
    monkeypatch.undo()
    (losses, loss_bound), (entries, entry_bound), (at_label, label_bound) = seen
    with ctx.workprec(400):
        for n, (a_n, label) in enumerate(zip(a, labels, strict=True)):
            t = np.eye(1, len(a_n), label)
            yield beside((losses[0][n], losses[1][n]), balls._loss(a_n, t[0]), loss_bound)
            r = balls._odds(a_n)
            p = [each / (1 + r.others) / len(a) for each in r.odds]
            yield max(
                beside(x, p_k, entry_bound)
                for x, p_k in zip(zip(entries[0][n], entries[1][n], strict=True), p, strict=True)
            )
            yield beside((at_label[0][n], at_label[1][n]), -balls._gradient(r, label, 1.0) / len(a), label_bound)


def beside(x: Any, exact: arb, bound: float) -> float:
    """The relative error of a pair divided by its bound."""
    return float(abs((arb(float(x[0])) + arb(float(x[1]))) / exact - 1).upper()) / bound


@pytest.mark.parametrize("count", [3, pytest.param(150, marks=pytest.mark.zoo)])
def test_what_is_put_to_the_rounding_test_is_within_its_bound(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses and entries are off by less than the test is told, for any classes: random, all alike, in steps, or all but one vanishing."""
    rng = np.random.default_rng(count)
    worst = 0.0
    for K in (2, 3, 9, 33, 100, 300):
        for _ in range(count):
            scale = 10.0 ** rng.uniform(-8, 2)
            c = np.log(2) / 1024
            for a in (
                scale * rng.normal(size=(3, K)),
                np.zeros((3, K)) + scale * (np.arange(K) > 0) * [[1], [-1], [0.5]],
                -(rng.integers(0, 1024, (3, K)) + 0.5) * c,
                np.where(np.arange(K) == 1, 0, -rng.uniform(0, 670)) + rng.normal(size=(3, K)),
            ):
                worst = max(worst, *steps(a, rng.integers(0, K, 3), monkeypatch))
    assert worst < 1


# ---- the rounding test


@given(
    h=st.floats(1e-200, 1e200),
    tail=st.one_of(st.floats(-1, 1), st.sampled_from([-0.5, 0.5, 0.5 + 2.0**-16, 0.5 - 2.0**-20])),
    bits=st.integers(54, 80),
    where=st.one_of(st.floats(-1, 1), st.sampled_from([-1.0, 1.0])),
)
def test_what_passes_the_rounding_test_is_rounded_correctly(h: float, tail: float, bits: int, where: float) -> None:
    """Wherever the exact value lies within the bound, its nearest float64 number is the one that passed."""
    l, relative = float(np.spacing(h)) * tail, 2.0**-bits
    y, certain = rounded((np.array([h]), np.array([l])), relative)
    room = Fraction(relative) * Fraction(h) * (1 - Fraction(2, 2**53)) - Fraction(abs(l)) / 2**53
    if certain[0] and room > 0:
        assert float(Fraction(h) + Fraction(l) + Fraction(where) * room) == y[0]


def test_the_rounding_test_does_not_pass_a_tie() -> None:
    """At a tie, and nearer to one than the bound, nothing is certain; a little farther it is; nan and ∞ never are."""
    h = np.array([1.0, 1.0, 1.0, 1.0, 1.0, np.nan, np.inf, 2.0**-1000])
    l = np.array([2.0**-53, 2.0**-53 - 2.0**-75, 2.0**-53 + 2.0**-75, 2.0**-53 - 2.0**-68, 0.0, 0.0, 0.0, 0.0])
    with np.errstate(invalid="ignore"):
        certain = rounded((h, l), 2.0**-70)[1]
    assert certain.tolist() == [False, False, False, True, True, False, False, False]


@given(y=st.floats(allow_nan=False, allow_infinity=False), up=st.booleans())
def test_what_is_certain_in_float32_is_rounded_once(y: float, up: bool) -> None:
    """A value on either side of its float64 rounding has the float32 rounding that is called certain."""
    z, certain = narrowed(np.array([y]), np.array([True]), np.dtype("float32"))
    shift = Fraction(int(up) * 2 - 1, 2**1100)
    numerator, denominator = (Fraction(y) + shift).as_integer_ratio()
    once = FORMATS["float32"].nearest(numerator, 1 - denominator.bit_length())
    if certain[0]:
        assert once == z[0]


@pytest.mark.parametrize(
    ("y", "certain"),
    [
        (1 + 2.0**-24, False),
        (1 + 2.0**-24 + 2.0**-52, True),
        (1.0, True),
        (2.0**-150, False),
        (3 * 2.0**-150, False),
        (2.0**-149, True),
        (2.0**-151, True),
        (3.5e38, False),
    ],
)
def test_ties_of_float32_are_not_certain(y: float, certain: bool) -> None:
    """Ties among normal and subnormal numbers are not certain, nor is overflow."""
    assert narrowed(np.array([y]), np.array([True]), np.dtype("float32"))[1].tolist() == [certain]


def test_a_bound_that_is_too_small_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the errors were as large as 2⁻⁵⁶, the comparison with ball arithmetic would see it."""

    def worse(d: Any, e: Any) -> Any:
        h, l = exponential(d, e)
        return h, l + h * 2.0**-56

    monkeypatch.setattr(odds_page, "exponential", worse)
    with pytest.raises(AssertionError):
        sum(compared(a, labels) for a, labels in batches(60, 0))


# ---- what goes in and what comes out


@each_function
def test_what_is_typical_is_certain_without_balls(function: Any, fallbacks: Fallbacks) -> None:
    """Of typical logits nothing is left to ball arithmetic."""
    rng = np.random.default_rng(0)
    function(rng.normal(size=(100, 10)), rng.integers(0, 10, 100))
    assert (fallbacks.losses, fallbacks.entries) == (0, 0)


@each_function
def test_both_encodings_give_the_same(function: Any, fallbacks: Fallbacks) -> None:
    """One-hot targets, of any dtype, give what labels give, and just as fast."""
    rng = np.random.default_rng(0)
    a, labels = rng.normal(size=(7, 5)), rng.integers(0, 5, 7)
    for one_hot in (np.eye(5)[labels], np.eye(5, dtype=bool)[labels], np.eye(5, dtype=np.float32)[labels]):
        assert np.array_equal(function(a, one_hot), function(a, labels))
    assert (fallbacks.losses, fallbacks.entries) == (0, 0)


@each_function
def test_a_single_sample_is_a_batch_of_one(function: Any) -> None:
    """(K,) gives what (1, K) gives, in its own shape."""
    a = np.array([0.5, -1.0, 2.0])
    single, many = function(a, 1), function(a[np.newaxis], [1])
    assert np.array_equal(np.ravel(single), np.ravel(many))
    assert np.shape(single) == (a.shape if function is FUNCTIONS[2] else ())


@each_function
def test_any_layout_and_narrow_dtype(function: Any) -> None:
    """Transposed, reversed, float32, float16 and integer logits are taken as the numbers they are."""
    a, labels = np.round(np.random.default_rng(0).normal(size=(6, 4)) * 4), [0, 3, 1, 1, 2, 0]
    expected = function(a, labels)
    for other in (
        np.asfortranarray(a),
        a.astype(np.float32),
        a.astype(np.float16),
        a.astype(int),
        a.tolist(),
        a.astype(">f8"),
    ):
        assert np.array_equal(function(other, labels), expected)
    assert np.array_equal(function(a[::-1, ::-1], labels), function(a[::-1, ::-1].copy(), labels))


@each_function
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_answer_is_of_the_dtype_asked_for(function: Any, dtype: str) -> None:
    """float64 by default, float32 by name or as a dtype."""
    for asked in (dtype, np.dtype(dtype), np.dtype(dtype).type):
        assert function([[0.25, 1.0]], [1], dtype=asked).dtype == dtype
    assert function([[0.25, 1.0]], [1]).dtype == np.float64


@each_function
def test_the_arguments_are_not_written_into(function: Any) -> None:
    """Logits and targets stay what they were, far classes included."""
    a, t = np.array([[0.0, -800.0, 3.0], [1.0, 2.0, 4.0]]), np.eye(3)[[1, 2]]
    before = a.copy(), t.copy()
    function(a, t)
    assert np.array_equal(a, before[0])
    assert np.array_equal(t, before[1])


@each_function
def test_a_batch_of_many_chunks_is_one_of_its_parts(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many samples are taken at once makes no difference."""
    rng = np.random.default_rng(0)
    for K in (7, 90):
        a, labels = rng.normal(size=(50, K)), rng.integers(0, K, 50)
        expected = function(a, labels)
        monkeypatch.setattr(odds_page, "_AT_ONCE", 300)
        assert np.array_equal(function(a, labels), expected)
        monkeypatch.undo()


@each_function
@pytest.mark.parametrize(
    ("a", "t", "message"),
    [
        ([[0.0, np.nan]], [0], r"a must be finite: .* got a\[0, 1\] = nan"),
        ([0.0, np.inf], 0, r"a must be finite: .* got a\[1\] = inf"),
        ([[0.0, 1.0]], [2], "t must lie in 0 .. 1 for a of shape"),
        ([[0.0, 1.0]], [0, 1], "t must have one label for each sample"),
        ([[0.0, 1.0]], [[0.5, 0.75]], "each sample of t must sum to 1"),
        ([], 0, "a must not be empty"),
    ],
)
def test_what_has_no_value_is_refused(function: Any, a: Any, t: Any, message: str) -> None:
    """What is not finite, no label, no distribution or nothing at all is refused with a sentence."""
    with pytest.raises(ValueError, match=message):
        function(a, t)


@each_function
def test_what_float64_does_not_hold_is_refused(function: Any) -> None:
    """Extended precision and long integers would be rounded before anything is computed; another dtype of the answer is not known."""
    with pytest.raises(TypeError, match="a must hold numbers that float64 can hold; got dtype"):
        function(np.zeros((1, 2), np.longdouble), [0])
    with pytest.raises(TypeError, match="a must hold integers up to 2\\*\\*53; got 9007199254740993"):
        function([[2**53 + 1, 0]], [0])
    with pytest.raises(TypeError, match="t must be integers; got dtype float64"):
        function([[0.0, 1.0]], [0.0])
    with pytest.raises(ValueError, match="dtype must be float64 or float32; got 'float16'"):
        function([[0.0, 1.0]], [0], dtype="float16")
