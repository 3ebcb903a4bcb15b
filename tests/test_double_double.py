"""Double-double arithmetic, its exponential and its logarithm: no observed error exceeds the bound that their pages prove."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from refmath.balls import double_double as dd
from refmath.balls import exponential as exponentials
from refmath.balls.exponential import C1, C2, LOWEST, exponential
from refmath.fast import logarithm as logarithms
from refmath.fast.logarithm import log_of_one_plus

Pair = tuple[Any, Any]
U = Fraction(1, 2**53)
C = np.log(2) / 1024

numbers = st.floats(-(2.0**300), 2.0**300, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 2.0**-300)
sizes = pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.zoo)])


def value(x: Pair) -> Fraction:
    return Fraction(float(x[0])) + Fraction(float(x[1]))


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Normalised pairs; tails of exactly half a unit in the last place included."""
    h = draw(numbers)
    tail = draw(st.one_of(st.floats(-1, 1), st.sampled_from([-1.0, 0.0, 1.0])))
    h, l = dd.fast_two_sum(np.float64(h), np.float64(tail * abs(h) * 2.0**-53))
    return h, (l if abs(l) > 2.0**-400 else np.float64(0))


# ---- the transformations


@given(a=numbers, b=numbers)
def test_the_transformations_are_exact(a: float, b: float) -> None:
    """The sum and its rest, and the product and its rest, are exact; so are both parts of a number."""
    a, b = np.float64(a), np.float64(b)
    s, e = dd.two_sum(a, b)
    assert s == a + b
    assert value((s, e)) == Fraction(a) + Fraction(b)
    larger, smaller = (a, b) if abs(a) >= abs(b) else (b, a)
    assert value(dd.fast_two_sum(larger, smaller)) == Fraction(a) + Fraction(b)
    p, e = dd.two_product(a, b)
    assert p == a * b
    assert value((p, e)) == Fraction(a) * Fraction(b)
    assert value(dd.square(a)) == Fraction(a) ** 2


@given(a=numbers, b=numbers)
def test_the_fast_sum_of_the_wrong_order_is_off_by_what_is_said(a: float, b: float) -> None:
    """With the smaller number first, the fast sum is off by at most 1.01 u |b|."""
    a, b = sorted((np.float64(a), np.float64(b)), key=abs)
    assert abs(value(dd.fast_two_sum(a, b)) - Fraction(a) - Fraction(b)) <= Fraction(101, 100) * U * abs(Fraction(b))


@given(a=numbers)
def test_the_head_has_26_bits(a: float) -> None:
    """The head has 26 bits, the rest is exact and less than 2⁻²⁵ of the number."""
    head = float(dd.head(np.array([a]))[0])
    assert np.frexp(head)[0] * 2**26 % 1 == 0
    assert Fraction(a - head) == Fraction(a) - Fraction(head)
    assert abs(a - head) < 2.0**-25 * abs(a) or a == 0


@given(x=pairs(), y=pairs())
def test_the_operations_are_off_by_less_than_is_said(x: Pair, y: Pair) -> None:
    """Sum, product and quotient of pairs keep within 4, 8 and 16 u² of the exact ones."""
    cases: list[tuple[Callable[..., Pair], Fraction, int]] = [
        (dd.plus, value(x) + value(y), 4),
        (dd.times, value(x) * value(y), 8),
    ]
    if y[0] != 0:
        cases.append((dd.over, value(x) / value(y), 16))
    for operation, exact, units in cases:
        assert abs(value(operation(x, y)) - exact) <= units * U**2 * abs(exact)


@given(
    heads=st.lists(st.floats(2.0**-60, 1), min_size=1, max_size=40),
    tails=st.integers(0, 10**6),
    bits=st.sampled_from([23, 40, 53]),
)
def test_the_total_is_off_by_less_than_is_said(heads: list[float], tails: int, bits: int) -> None:
    """The sum of positive pairs keeps within 2.1 u (λ + 2⁻⁴⁸) for each level, tails all of one sign included."""
    rng, h = np.random.default_rng(tails), np.array(heads)
    l = np.where(tails % 3, rng.uniform(-1, 1, len(h)), 1.0) * h * 2.0**-bits
    got = dd.total(h, l)
    exact = sum(map(Fraction, h.tolist()), Fraction()) + sum(map(Fraction, l.tolist()), Fraction())
    room = Fraction(21, 10) * U * (Fraction(1, 2**bits) + Fraction(1, 2**48)) * (len(h) - 1).bit_length()
    assert abs(value(got) - exact) <= room * exact
    assert abs(got[1]) <= 2.0**-53 * got[0]


def test_the_total_runs_along_the_axis_asked_for() -> None:
    """Along either axis, each row or column has its own sum."""
    h = np.arange(1.0, 16).reshape(3, 5)
    assert dd.total(h, 0 * h)[0].tolist() == h.sum(axis=0).tolist()
    assert dd.total(h, 0 * h, axis=1)[0].tolist() == h.sum(axis=1).tolist()


# ---- the exponential


def test_the_constants_are_what_the_proof_takes_them_for() -> None:
    """The parts of the step, and the table, are as short and as exact as their page says."""
    with ctx.workprec(300):
        c = arb(2).log() / 1024
        assert (C1 * 2**43).is_integer()
        assert C1 * 2**43 < 2**33
        assert abs(c - arb(C1)) <= arb((1, -44))
        assert abs(c - arb(C1) - arb(C2)) <= arb((1, -98))
        for i, (H, tau) in enumerate(zip(exponentials._H.tolist(), exponentials._TAU.tolist(), strict=True)):
            assert (H * 2**26).is_integer()
            assert abs(tau) <= 2.0**-27
            assert abs(arb(H) * (1 + arb(tau)) / (i * c).exp() - 1) <= arb((1, -80))
        for i, (h, l) in enumerate(zip(logarithms._HEADS.tolist(), logarithms._TAILS.tolist(), strict=True)):
            assert abs((arb(h) + arb(l)) / (-i * c).exp() - 1) <= arb((1, -106))
            assert abs(l) <= 2.0**-53 * h


def arguments_of_the_exponential(count: int, seed: int) -> Pair:
    """Random ones of every size, the middles and the ends of the steps and their neighbours, and the ends of the range."""
    rng = np.random.default_rng(seed)
    step = rng.integers(0, int(-LOWEST / C), count)
    near = np.concatenate([-(step + 0.5) * C, -step * C, -(step[: count // 2] + 0.5) * C])
    near += rng.integers(-2, 3, len(near)) * np.spacing(near)
    near[-(count // 2) :] *= 1 + rng.normal(size=count // 2) * 1e-9
    d = np.concatenate([rng.uniform(LOWEST, 0, count), -(10 ** rng.uniform(-300, 2.8, count)), near])
    d = np.concatenate([np.clip(d, LOWEST, 0), [0.0, -0.0, LOWEST, -5e-324, -C / 2]])
    tails = np.where(rng.random(len(d)) < 0.5, rng.choice([-1.0, 0.0, 1.0], len(d)), rng.uniform(-1, 1, len(d)))
    return d, tails * np.abs(d) * 2.0**-53


def off(got: Pair, exact: Callable[[int], arb]) -> Any:
    """The relative errors of pairs."""
    with ctx.workprec(200):
        errors = [
            abs((arb(h) + arb(l)) / exact(n) - 1)
            for n, (h, l) in enumerate(zip(got[0].tolist(), got[1].tolist(), strict=True))
        ]
        return np.array([float(error.upper()) for error in errors])


def off_exponential(d: Any, e: Any) -> Any:
    h, l = exponential(d, e)
    assert (np.abs(l) <= 2.0**-23 * h).all()
    return off((h, l), lambda n: (arb(float(d[n])) + arb(float(e[n]))).exp())


@sizes
def test_the_exponential_is_within_its_bound(count: int) -> None:
    """No error exceeds 2⁻⁷³, and no tail 2⁻²³; a search around the worst arguments finds none either."""
    d, e = arguments_of_the_exponential(count, 0)
    errors, rng = off_exponential(d, e), np.random.default_rng(1)
    for _ in range(4):
        assert errors.max() < 2.0**-73
        worst = np.argsort(errors)[-count // 8 :]
        d = d[worst] * (1 + rng.normal(size=len(worst)) * 10.0 ** rng.uniform(-16, -3, len(worst)))
        d = np.concatenate([np.clip(d, LOWEST, 0)] * 2)
        e = np.concatenate([np.abs(d[: len(worst)]), -np.abs(d[: len(worst)])]) * 2.0**-53
        errors = off_exponential(d, e)


# ---- the logarithm


def arguments_of_the_logarithm(count: int, seed: int) -> Pair:
    """Random ones of every size, and the middles between its steps."""
    rng = np.random.default_rng(seed)
    middles = np.expm1((rng.integers(0, 8000, count) + 0.5) * C)
    middles += rng.integers(-2, 3, count) * np.spacing(middles)
    first = np.expm1(C / 2) * (1 + rng.normal(size=count) * 10.0 ** rng.uniform(-16, -1, count))
    h = np.concatenate([10 ** rng.uniform(-295, 0, count), 10 ** rng.uniform(-6, 9, count), middles, first])
    h = np.concatenate([np.abs(h), [2.0**-982, 1.0, 2.0**-53, 2.0**30]])
    tails = np.where(rng.random(len(h)) < 0.5, rng.choice([-1.0, 0.0, 1.0], len(h)), rng.uniform(-1, 1, len(h)))
    h, l = dd.fast_two_sum(h, tails * h * 2.0**-53)
    return h, l


def off_logarithm(h: Any, l: Any) -> Any:
    with ctx.workprec(200):
        return off(log_of_one_plus((h, l)), lambda n: (arb(float(h[n])) + arb(float(l[n]))).log1p())


@sizes
def test_the_logarithm_is_within_its_bound(count: int) -> None:
    """No error exceeds 2⁻⁷⁴, for sums of odds of any size; a search around the worst arguments finds none either."""
    h, l = arguments_of_the_logarithm(count, 0)
    errors, rng = off_logarithm(h, l), np.random.default_rng(1)
    for _ in range(4):
        assert errors.max() < 2.0**-74
        worst = np.argsort(errors)[-count // 8 :]
        h = np.abs(h[worst] * (1 + rng.normal(size=len(worst)) * 10.0 ** rng.uniform(-16, -3, len(worst))))
        l = rng.choice([-1.0, 1.0], len(h)) * 2.0**-53 * 2.0 ** np.floor(np.log2(h))
        errors = off_logarithm(h, l)


def test_zero_has_the_logarithm_zero() -> None:
    """ln(1 + 0) is exactly 0."""
    assert [x.tolist() for x in log_of_one_plus((np.zeros(2), np.zeros(2)))] == [[0, 0], [0, 0]]


def test_numpys_logarithm_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """If NumPy's logarithm were off by more than a step, the answer would be nan, not wrong; by a little, it makes no difference."""
    h = np.linspace(0.01, 50, 100)
    expected = log_of_one_plus((h, 0 * h))
    log1p = np.log1p
    monkeypatch.setattr(np, "log1p", lambda x: log1p(x) + 1e-9)
    assert np.allclose(log_of_one_plus((h, 0 * h))[0], expected[0], rtol=1e-15)
    monkeypatch.setattr(np, "log1p", lambda x: log1p(x) + 2 * C)
    assert np.isnan(log_of_one_plus((h, 0 * h))[0]).all()
