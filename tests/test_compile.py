"""From SymPy to balls: the ball of an expression holds the expression's value at every point of its arguments' balls."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from refmath.balls.compile import compiled, evaluation, rounded_evaluation
from refmath.symbols import Smallest, xlogy

pytestmark = pytest.mark.long

x, y, z = sp.symbols("x y z", real=True)
N, K = sp.symbols("N K", integer=True, positive=True)
n, k = sp.symbols("n k", integer=True, nonnegative=True)
a = sp.IndexedBase("a", shape=(N, K), real=True)

#: A ball, as middle and radius, and where in it a point lies: from −1 to 1. All are multiples of 1/64, so that the arithmetic is exact.
eighths = st.integers(-40, 40).map(lambda v: Fraction(v, 8))
radii = st.sampled_from([Fraction(0), Fraction(1, 8), Fraction(1), Fraction(7, 2)])
places = st.integers(-8, 8).map(lambda v: Fraction(v, 8))
balls = st.tuples(eighths, radii, places)

Drawn = tuple[Fraction, Fraction, Fraction]
Exact = Callable[..., Fraction]


def as_arb(value: Fraction) -> Any:
    """A dyadic fraction as an exact ball."""
    return arb((value.numerator, 1 - value.denominator.bit_length()))


def ball_of(drawn: Drawn) -> Any:
    return arb(as_arb(drawn[0]), as_arb(drawn[1]))


def point_of(drawn: Drawn) -> Fraction:
    return drawn[0] + drawn[1] * drawn[2]


def fraction(exact_ball: Any) -> Fraction:
    significand, exponent = map(int, exact_ball.man_exp())
    return significand * Fraction(2) ** exponent


def holds(ball: Any, value: Fraction) -> bool:
    """Whether a value lies in a ball; a ball that is not finite holds everything."""
    ball = arb(ball)
    return not ball.is_finite() or abs(fraction(ball.mid()) - value) <= fraction(ball.rad())


def ends(ball: Any) -> tuple[float, float]:
    """The ends of a ball, to the nearest hundredth: the radius is kept to 30 bits only."""
    return round(float(arb(ball).lower()), 2), round(float(arb(ball).upper()), 2)


def is_tight(ball: Any, bits: int) -> bool:
    """Whether the ball's relative radius is at most 2^−bits."""
    return bool(arb(ball).is_finite() and fraction(ball.rad()) * 2**bits <= abs(fraction(ball.mid())))


# ---- rational expressions, by fractions


def step(value: Fraction, at_zero: Fraction) -> Fraction:
    return at_zero if value == 0 else Fraction(value > 0)


RATIONAL: dict[sp.Expr, Exact] = {
    x + sp.Rational(1, 3): lambda u, v: u + Fraction(1, 3),
    x / 2 - y / 7: lambda u, v: u / 2 - v / 7,
    sp.Rational(10**40, 3) * x: lambda u, v: Fraction(10**40, 3) * u,
    x * y: lambda u, v: u * v,
    x**2: lambda u, v: u**2,
    x**3 * y: lambda u, v: u**3 * v,
    (x - y) ** 2 / 2: lambda u, v: (u - v) ** 2 / 2,
    1 / x: lambda u, v: 1 / u,
    x**-2 * y: lambda u, v: v / u**2,
    x**-3: lambda u, v: 1 / u**3,
    x / (3 * y): lambda u, v: u / (3 * v),
    (x + y) / (x - y): lambda u, v: (u + v) / (u - v),
    sp.Max(x, y): lambda u, v: max(u, v),
    sp.Max(x, y, sp.Rational(1, 3)): lambda u, v: max(u, v, Fraction(1, 3)),
    sp.Min(x, y): lambda u, v: min(u, v),
    sp.Min(sp.Max(x, -1), sp.Rational(2, 3)) + y: lambda u, v: min(max(u, Fraction(-1)), Fraction(2, 3)) + v,
    sp.Abs(x): lambda u, v: abs(u),
    sp.Heaviside(x): lambda u, v: step(u, Fraction(1, 2)),
    sp.Heaviside(x - y, 1): lambda u, v: step(u - v, Fraction(1)),
    sp.Heaviside(x, 0) * y: lambda u, v: step(u, Fraction(0)) * v,
    sp.Piecewise((x, x > y), (-y, True)): lambda u, v: u if u > v else -v,
    sp.Piecewise((1, x < y), (-1, True)): lambda u, v: Fraction(1 if u < v else -1),
    sp.Piecewise((1, x >= y), (-1, True)): lambda u, v: Fraction(1 if u >= v else -1),
    sp.Piecewise((1, x <= y), (-1, True)): lambda u, v: Fraction(1 if u <= v else -1),
    sp.Piecewise((1, sp.Eq(x, y)), (-1, True)): lambda u, v: Fraction(1 if u == v else -1),
    sp.Piecewise((1, sp.Ne(x, y)), (-1, True)): lambda u, v: Fraction(1 if u != v else -1),
    sp.Piecewise((1, sp.And(x > 0, y > 0)), (-1, True)): lambda u, v: Fraction(1 if u > 0 and v > 0 else -1),
    sp.Piecewise((1, sp.Or(x > 0, y > 0)), (-1, True)): lambda u, v: Fraction(1 if u > 0 or v > 0 else -1),
    sp.Piecewise((1, sp.Not(sp.And(x > 0, y > 0))), (-1, True)): lambda u, v: Fraction(
        1 if not (u > 0 and v > 0) else -1
    ),
    sp.Piecewise((1, x > 1), (2, y > 1), (3, x > -1), (4, True)): lambda u, v: Fraction(
        1 if u > 1 else 2 if v > 1 else 3 if u > -1 else 4
    ),
    sp.Piecewise((0, sp.Eq(x, 0)), (y / x, True)): lambda u, v: v / u if u else Fraction(0),
}


@pytest.mark.parametrize("expression", RATIONAL, ids=str)
@pytest.mark.parametrize("precision", [8, 53, 256])
@given(first=balls, second=balls)
@example(first=(Fraction(0), Fraction(0), Fraction(0)), second=(Fraction(0), Fraction(0), Fraction(0)))
@example(first=(Fraction(0), Fraction(1), Fraction(0)), second=(Fraction(0), Fraction(1), Fraction(-1)))
@example(first=(Fraction(1), Fraction(1), Fraction(-1)), second=(Fraction(0), Fraction(1), Fraction(1)))
def test_a_rational_expression_is_enclosed(expression: sp.Expr, precision: int, first: Drawn, second: Drawn) -> None:
    """At any point of the balls, around zero and at the joints too, the exact value lies in the result, at any precision."""
    try:
        expected = RATIONAL[expression](point_of(first), point_of(second))
    except ZeroDivisionError:
        return
    with ctx.workprec(precision):
        actual = compiled(expression, (x, y))(ball_of(first), ball_of(second))
    assert holds(actual, expected), f"{expected} is not in {actual}"


@pytest.mark.parametrize("expression", RATIONAL, ids=str)
@given(first=eighths, second=eighths)
def test_at_a_point_the_enclosure_is_tight(expression: sp.Expr, first: Fraction, second: Fraction) -> None:
    """For exact arguments the result is as tight as the precision allows: no branch is left open, and nothing else is lost."""
    try:
        expected = RATIONAL[expression](first, second)
    except ZeroDivisionError:
        return
    with ctx.workprec(256):
        actual = arb(compiled(expression, (x, y))(as_arb(first), as_arb(second)))
        assert holds(actual, expected)
        assert is_tight(actual, 240)


# ---- exponentials and logarithms, by mpmath


def mp_of(value: Fraction) -> Any:
    return mpf(value.numerator) / value.denominator


TRANSCENDENTAL: dict[sp.Expr, Callable[..., Any]] = {
    sp.exp(x): lambda u, v: mp.exp(u),
    sp.exp(-x) * y: lambda u, v: mp.exp(-u) * v,
    sp.log(x): lambda u, v: mp.log(u),
    sp.log(sp.Max(x, sp.Rational(1, 10**8))): lambda u, v: mp.log(max(u, mpf(10) ** -8)),
    1 / (1 + sp.exp(-x)): lambda u, v: 1 / (1 + mp.exp(-u)),
    sp.exp(x) / (sp.exp(x) + sp.exp(y)): lambda u, v: 1 / (1 + mp.exp(v - u)),
    y * sp.log(x) - x / 3: lambda u, v: v * mp.log(u) - u / 3,
}


@pytest.mark.parametrize("expression", TRANSCENDENTAL, ids=str)
@pytest.mark.parametrize("precision", [8, 53, 256])
@given(first=balls, second=balls)
def test_exponentials_and_logarithms_are_enclosed(
    expression: sp.Expr, precision: int, first: Drawn, second: Drawn
) -> None:
    """At any point of the balls, the value that mpmath finds with 120 digits lies in the result, which is tight for exact arguments."""
    if expression.has(sp.log) and not expression.has(sp.Max) and point_of(first) <= 0:
        return
    with mp.workdps(120):
        expected = TRANSCENDENTAL[expression](mp_of(point_of(first)), mp_of(point_of(second)))
        significand, exponent = map(int, expected.man_exp)
    value = (-1 if expected < 0 else 1) * significand * Fraction(2) ** exponent
    with ctx.workprec(precision):
        actual = arb(compiled(expression, (x, y))(ball_of(first), ball_of(second)))
        # mpmath's own rounding, far below the ball's.
        assert holds(arb(actual.mid(), actual.rad() + arb((1, -380))) if actual.is_finite() else actual, value)
        if precision == 256 and first[1] == second[1] == 0 and value:
            assert is_tight(actual, 200)


def test_the_logarithm_of_zero_is_minus_infinity() -> None:
    """ln 0 is −∞ as in the limit; of a ball that reaches below zero nothing is known, and of a negative number neither."""
    logarithm = compiled(sp.log(x), (x,))
    assert float("-inf") == float(logarithm(arb(0)))
    for unknown in (arb(0, 1), arb(-1), arb(1, 2)):
        assert not arb(logarithm(unknown)).is_finite()


def test_an_exponential_is_no_denominator() -> None:
    """exp(−x) is the exponential of −x: its reciprocal would have no value over a ball so wide that exp(x) may be anything."""
    found = compiled(5 * sp.exp(-x) * y, (x, y))(arb(0, 100), arb(1))
    assert found.is_finite()
    assert holds(found, Fraction(5))


def test_infinity_is_a_constant() -> None:
    """A definition may say that its value is infinite somewhere."""
    expression = compiled(sp.Piecewise((-sp.oo, sp.Eq(x, 0)), (sp.oo, x > 1), (1 / x, True)), (x,))
    assert [float("-inf"), float("inf"), 2.0] == [float(arb(expression(arb(value)))) for value in (0, 3, 0.5)]


# ---- powers


@pytest.mark.parametrize("exponent", [-3, -2, -1, 2, 3, 7])
def test_powers_of_balls_around_zero(exponent: int) -> None:
    """A positive power of a ball around zero is finite and holds the powers of its points; of a negative power nothing is known."""
    actual = arb(compiled(x**exponent, (x,))(arb(0, 1)))
    assert (exponent > 0) == actual.is_finite()
    assert holds(actual, Fraction(-1) ** exponent)
    assert holds(actual, Fraction(0))


def test_the_power_zero_is_one() -> None:
    """SymPy writes x⁰ as 1; a power that is zero only when it is evaluated is one too."""
    power = compiled(sp.Pow(x, 0, evaluate=False), (x,))
    expected = [1.0, 1.0]
    assert expected == [float(arb(power(arb(value)))) for value in (0, 5)]


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (sp.sqrt(x), 1.5),
        (x ** sp.Rational(1, 3), 2.25 ** (1 / 3)),
        (x**y, 2.25**0.5),
        (x**N, 2.25**3),
        (2**x, 2**2.25),
        (1 / sp.sqrt(x), 1 / 1.5),
        (sp.sqrt(2) * x, 2**0.5 * 2.25),
        ((-1) ** N * x, -2.25),
    ],
    ids=str,
)
def test_other_powers(power: sp.Expr, expected: float) -> None:
    """Roots, and exponents that are arguments, parameters or sizes."""
    found = arb(compiled(power, (x, y, N))(arb(2.25), arb(0.5), 3))
    assert float(found) == pytest.approx(expected, rel=1e-15)
    assert is_tight(found, 44)


def test_a_power_of_zero() -> None:
    """0 to a positive power is 0, to the power 0 it is 1, and to a negative one infinite, if not every power of it may be meant."""
    power = compiled(x**y, (x, y))
    expected = [0.0, 0.0, 1.0, math.inf]
    assert expected == [float(arb(power(arb(0), arb(value)))) for value in (0.5, 3, 0, -0.5)]
    assert arb(power(arb(0), arb(1, 2))).is_nan()
    assert ends(power(arb(0), arb(1, 1))) == (0, 1)


# ---- joints


HULLS: list[tuple[sp.Expr, tuple[float, float]]] = [
    (sp.Max(x, 0), (0, 1)),
    (sp.Min(x, 0), (-1, 0)),
    (sp.Heaviside(x), (0, 1)),
    (sp.Abs(x), (0, 1)),
    (sp.Abs(x - 3), (2, 4)),
    (sp.sign(x), (-1, 1)),
    (sp.sign(x + 2), (1, 1)),
    (sp.Heaviside(x, 5), (0, 5)),
    (sp.Heaviside(x - 2, 5), (0, 0)),
    (sp.floor(x + sp.Rational(1, 2)), (-1, 1)),
    (sp.floor(x / 3 + sp.Rational(1, 2)), (0, 0)),
    (sp.ceiling(x + sp.Rational(1, 2)), (0, 2)),
    (sp.frac(x), (0, 1)),
    (sp.Mod(x, -3), (-3, 0)),
    (sp.Mod(x + 5, 3), (0, 3)),
    (sp.Mod(x / 2 + 4, 3), (0.5, 1.5)),
    (sp.Piecewise((2, x > 0), (5, True)), (2, 5)),
    (sp.Piecewise((2, sp.Eq(x, 0)), (5, True)), (2, 5)),
    (sp.Piecewise((2, x > 3), (5, x > 0), (7, x > -3), (11, True)), (5, 7)),
    (sp.Piecewise((2, sp.And(x > 0, x > 2)), (5, True)), (5, 5)),
    (sp.Piecewise((2, sp.Or(x > 0, x < 2)), (5, True)), (2, 2)),
    (sp.Piecewise((2, sp.Or(x > 0, x > 2)), (5, True)), (2, 5)),
]


@pytest.mark.parametrize(("expression", "expected"), HULLS, ids=str)
def test_a_condition_left_open_gives_the_hull(expression: sp.Expr, expected: tuple[float, float]) -> None:
    """On the ball from −1 to 1, each branch that some point takes is in the result, and no other."""
    lower, upper = ends(compiled(expression, (x,))(arb(0, 1)))
    assert expected == pytest.approx((lower, upper), abs=0.05)


def test_a_branch_not_taken_is_not_evaluated() -> None:
    """Where a condition is decided, the other branch may be 1/0 without harm."""
    expression = compiled(sp.Piecewise((0, sp.Eq(x, 0)), (1 / x, True)), (x,))
    expected = [0.0, 0.5]
    assert expected == [float(arb(expression(arb(value)))) for value in (0, 2)]


def test_a_definition_without_a_branch_is_refused_there() -> None:
    """Where no branch applies, there is no value, and that is said."""
    expression = compiled(sp.Piecewise((1, x > 0)), (x,))
    assert float(arb(expression(arb(1)))) == 1.0
    with pytest.raises(ValueError, match=r"^no branch of the definition applies$"):
        expression(arb(-1))


# ---- sums, indices and sizes


@given(st.integers(1, 3), st.integers(1, 3), st.data())
def test_sums_run_over_their_indices(rows: int, columns: int, data: st.DataObject) -> None:
    """Nested sums, sums of sums and sums beside a free index are those that loops give."""
    cells = st.lists(eighths, min_size=rows * columns, max_size=rows * columns)
    flat = data.draw(cells)
    table = [flat[row * columns : (row + 1) * columns] for row in range(rows)]
    row = data.draw(st.integers(0, rows - 1))
    free = sp.Symbol("i", integer=True)
    cases: list[tuple[sp.Expr, Fraction]] = [
        (sp.Sum(a[n, k], (k, 0, K - 1), (n, 0, N - 1)), sum(flat, Fraction(0))),
        (
            sp.Sum(sp.Sum(a[n, k], (k, 0, K - 1)) ** 2, (n, 0, N - 1)) / N,
            sum((sum(r, Fraction(0)) ** 2 for r in table), Fraction(0)) / rows,
        ),
        (
            sp.Sum(a[free, k] * (k + 1), (k, 0, K - 1)),
            sum((value * (place + 1) for place, value in enumerate(table[row])), Fraction(0)),
        ),
        (
            sp.Sum(a[free, k], (k, 0, n), (n, 0, K - 1)),
            sum((sum(table[row][: last + 1], Fraction(0)) for last in range(columns)), Fraction(0)),
        ),
        (sp.Sum(a[n, k] * sp.KroneckerDelta(n, free), (k, 0, K - 1), (n, 0, N - 1)), sum(table[row], Fraction(0))),
    ]
    values = np.array([as_arb(value) for value in flat], object).reshape(rows, columns)
    for expression, expected in cases:
        actual = compiled(expression, (a, N, K, free))(values, rows, columns, row)
        assert holds(actual, expected), expression
        assert ends(actual) == pytest.approx((float(expected), float(expected)), abs=0.02), expression


def test_the_kronecker_delta_compares_indices_and_labels() -> None:
    """δ is 1 where two indices are equal, labels taken from an array too, and 0 elsewhere."""
    labels = sp.IndexedBase("l", integer=True)
    delta = compiled(sp.KroneckerDelta(k, labels[n]), (labels, n, k))
    expected = [[1, 0, 0], [0, 0, 1]]
    assert expected == [[delta([0, 2], row, column) for column in range(3)] for row in range(2)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (x + 2 / N, Fraction(2, 3)),
        (x + 1 / N, Fraction(1, 3)),
        (x - K / N, Fraction(-7, 3)),
        (x + sp.KroneckerDelta(N, 3) / N, Fraction(1, 3)),
        (x + N * K / (N + K) - 5, Fraction(21, 10) - 5),
        (x + N / 7, Fraction(3, 7)),
        (x + sp.Sum(n, (n, 0, N)) / K, Fraction(6, 7)),
    ],
    ids=str,
)
def test_quotients_of_sizes_are_not_rounded(expression: sp.Expr, expected: Fraction) -> None:
    """A quotient of integers is a ball as tight as any other, not Python's float: with N = 3 and K = 7 at 256 bits."""
    with ctx.workprec(256):
        actual = arb(compiled(expression, (x, N, K))(arb(0), 3, 7))
        assert holds(actual, expected)
        assert is_tight(actual, 240)


def test_a_decimal_fraction_is_one_number() -> None:
    """0.044715 x is rounded twice in a narrow format, and not lost in 44715 x or in a millionth."""
    written = sp.Rational(44715, 10**6) * x**3 - sp.Rational(3, 1000) * x
    at = rounded_evaluation(written, (x,), (), np.float16)
    assert float(at(np.float16(4))()) == pytest.approx(0.044715 * 64 - 0.012, rel=2e-3)
    with ctx.workprec(200):
        found = arb(compiled(written, (x,))(arb(4)))
        assert holds(found, Fraction(44715 * 64, 10**6) - Fraction(12, 1000))
        assert is_tight(found, 190)


# ---- what cannot be evaluated


@pytest.mark.parametrize("expression", [sp.Float(0.5) * x, x + sp.Float(1e-8), sp.log(x + sp.Float("0.1"))], ids=str)
def test_rounded_numbers_are_refused(expression: sp.Expr) -> None:
    """A float in a definition is a rounded number: it must be a rational or a parameter."""
    with pytest.raises(
        ValueError, match=r"a definition must not hold the rounded number .*: write it as a rational or as a parameter"
    ):
        compiled(expression, (x,))


REFUSED: dict[sp.Basic, str] = {
    sp.gamma(x): "gamma(x)",
    x * sp.gamma(x + 1) + 1: "gamma(x + 1)",
    sp.Function("f")(x): "f(x)",
    sp.Integral(x, (x, 0, 1)): "Integral(x, (x, 0, 1))",
    sp.exp(sp.I * x): "I",
    sp.nan + x: "nan",
    sp.zoo + x: "zoo",
    sp.GoldenRatio * x: "GoldenRatio",
    sp.LambertW(x): "LambertW(x)",
    sp.DiracDelta(x): "DiracDelta(x)",
    sp.Derivative(sp.floor(x), x): "Derivative(floor(x), x)",
    sp.factorial(N): "factorial(N)",
    sp.binomial(N, 2): "binomial(N, 2)",
    sp.sec(x): "sec(x)",
    sp.sinc(x): "sinc(x)",
    sp.Piecewise((1, sp.ITE(x > 0, x > 1, x < -2)), (0, True)): "",
}


@pytest.mark.parametrize("expression", REFUSED, ids=str)
def test_what_has_no_translation_is_refused(expression: sp.Expr) -> None:
    """What balls cannot evaluate is named in a sentence, also where Python's math could, which rounds: a constant, a function, an integral."""
    message = f"^{re.escape(REFUSED[expression])}.* cannot be evaluated in balls$"
    with pytest.raises(ValueError, match=message):
        compiled(expression, (x, N))


def test_a_long_expression_is_named_by_its_beginning() -> None:
    """An integral of a long expression is named in a line all the same."""
    expression = sp.Integral(sum(sp.cos(v * x) for v in range(99)), x)
    with pytest.raises(ValueError, match=r"^Integral\(.{111}… cannot be evaluated in balls$"):
        compiled(expression, (x,))


@pytest.mark.parametrize("symbol", [z, sp.IndexedBase("c")[0], sp.Sum(x * k, (n, 0, 2))], ids=str)
def test_a_symbol_that_nobody_declares_is_refused(symbol: sp.Expr) -> None:
    """A symbol that is no argument, no index, no size and no parameter is named."""
    message = r"^the definition holds [zck], which is neither an input nor an index, a size or a parameter$"
    with pytest.raises(ValueError, match=message):
        compiled(symbol + x, (x, N))


# ---- precision


def test_the_precision_is_that_of_the_call() -> None:
    """A compiled definition is compiled once, and computes with the precision in force when it is called."""
    third = compiled(x / 3, (x,))
    assert third is compiled(x / 3, (x,))
    for bits in (16, 53, 200):
        with ctx.workprec(bits):
            radius = fraction(third(arb(1)).rad())
        assert Fraction(1, 2 ** (bits + 4)) < radius <= Fraction(1, 2**bits)


# ---- nothing is computed twice


class Counted:
    """An array of exact balls that counts how often an entry is asked for."""

    def __init__(self, *shape: int) -> None:
        self.values = np.array([arb(v) / 8 for v in range(1, math.prod(shape) + 1)], object).reshape(shape)
        self.asked = 0

    def __getitem__(self, place: Any) -> Any:
        self.asked += 1
        return self.values[place]


j, m = sp.symbols("j m", integer=True, nonnegative=True)
b, W = sp.IndexedBase("b", real=True), sp.IndexedBase("W", real=True)
SHARE = sp.exp(a[n, j]) / sp.Sum(sp.exp(a[n, k]), (k, 0, K - 1))


def every_entry(definition: sp.Expr, given: dict[Any, Any], **indices: range) -> list[Any]:
    """A definition at all values of its free indices, in one evaluation."""
    letters = {"n": n, "j": j, "m": m}
    at = evaluation(definition, tuple(given), tuple(letters[each] for each in indices))(*given.values())
    return [arb(at(*index)) for index in itertools.product(*indices.values())]


def test_a_sum_that_entries_have_in_common_is_computed_once() -> None:
    """Every exponential of a softmax is taken once, for its own entry and for the sum of its sample; the values are those of loops."""
    given = Counted(3, 50)
    got = every_entry(SHARE, {a: given, N: 3, K: 50}, n=range(3), j=range(50))
    assert given.asked == 3 * 50
    powers = [[value.exp() for value in row] for row in given.values]
    expected = [power / sum(row) for row in powers for power in row]
    assert [str(ball) for ball in got] == [str(ball) for ball in expected]


def test_nested_sums_are_computed_layer_by_layer() -> None:
    """A layer on a layer on a layer asks for as many numbers as three layers have, not for their product."""
    first = sp.log(sp.Sum(a[n, k] * W[k, j], (k, 0, K - 1)))
    second = sp.Sum(first.subs(j, m) * W[m, j], (m, 0, K - 1))
    inputs, weights = Counted(4, 6), Counted(6, 6)
    got = every_entry(sp.exp(-second) + second, {a: inputs, W: weights, N: 4, K: 6}, n=range(4), j=range(6))
    assert inputs.asked == 4 * 6 * 6
    assert weights.asked == 2 * 4 * 6 * 6
    layers = [[arb(v) for v in row] for row in inputs.values]
    of_layer: list[Callable[[Any], Any]] = [lambda v: v.log(), lambda v: (-v).exp() + v]
    for function in of_layer:
        layers = [[function(sum(v * weights.values[k, j] for k, v in enumerate(row))) for j in range(6)] for row in layers]  # fmt: skip
    assert all(a.overlaps(b) for a, b in zip(got, itertools.chain(*layers), strict=True))
    assert all(is_tight(ball, 40) for ball in got)


@pytest.mark.parametrize(
    "costly",
    [
        sp.tanh(a[n, k]),
        sp.erf(a[n, k]),
        sp.sqrt(a[n, k]),
        a[n, k] ** sp.Rational(1, 3),
        2 ** a[n, k],
        xlogy(a[n, k], a[n, k]),
        sp.atan(a[n, k]),
        sp.Product(1 + a[n, k] * a[n, m], (m, 0, 0)),
        sp.exp(-Smallest(a[n, k], (k, 0, K - 1))),
    ],
    ids=str,
)
def test_every_costly_function_is_kept(costly: sp.Expr) -> None:
    """Roots, powers and functions are taken once for all the entries of an output that need them."""
    alone, together = Counted(3, 5), Counted(3, 5)
    row = sp.Sum(costly, (k, 0, K - 1))
    every_entry(row, {a: alone, K: 5}, n=range(3))
    every_entry(row + j, {a: together, K: 5}, n=range(3), j=range(7))
    assert alone.asked == together.asked


def test_where_the_first_argument_is_zero_nothing_else_is_asked_for() -> None:
    """Of a long row of targets that are nearly all zero, the sum of x ln y needs the logarithms of the others only."""

    class Sparse(Counted):
        def nonzero(self, outer: tuple[int, ...], places: range) -> list[int]:
            return [place for place in places if place % 10 == 3]

    targets, given = Sparse(40), Counted(40)
    (found,) = every_entry(sp.Sum(xlogy(b[k], W[k]), (k, 0, K - 1)), {b: targets, W: given, K: 40})
    assert given.asked == targets.asked == 4
    assert found.overlaps(sum(targets.values[place] * given.values[place].log() for place in (3, 13, 23, 33)))


def test_a_sum_over_an_index_too_many_takes_nothing_costly_again() -> None:
    """What does not depend on the index of a sum is computed once for all of its values."""
    given = Counted(40)
    (got,) = every_entry(sp.Sum(sp.exp(b[k]) * n, (k, 0, K - 1), (n, 0, N - 1)), {b: given, N: 30, K: 40})
    assert given.asked == 40
    assert got.overlaps(sum(value.exp() for value in given.values) * 435)


def test_what_differs_only_in_its_letters_is_computed_once() -> None:
    """Sums over other letters are the same sums; those whose indices change places are others."""
    given = Counted(5, 5)
    rows, others = sp.Sum(a[n, k], (k, 0, K - 1)), sp.Sum(a[n, m], (m, 0, K - 1))
    columns = sp.Sum(a[m, n], (m, 0, K - 1))
    definition = sp.Add(sp.exp(rows), sp.log(others), columns, evaluate=False)
    got = every_entry(definition, {a: given, N: 5, K: 5}, n=range(5))
    assert given.asked == 2 * 25
    by_row, by_column = given.values.sum(axis=1), given.values.sum(axis=0)
    assert all(ball.overlaps(by_row[row].exp() + by_row[row].log() + by_column[row]) for row, ball in enumerate(got))


def test_a_letter_may_be_that_of_a_free_index_and_of_a_sum() -> None:
    """Within a sum its letter is the sum's own, around it the free index's, and its last index may be the free one."""
    given = Counted(4)
    definition = sp.exp(b[n]) + sp.exp(sp.Sum(sp.exp(b[n]), (n, 0, 3))) + sp.exp(sp.Sum(sp.exp(b[k]) * n, (k, 0, n)))
    got = every_entry(definition, {b: given}, n=range(4))
    powers = [value.exp() for value in given.values]
    for place, ball in enumerate(got):
        assert ball.overlaps(powers[place] + sum(powers).exp() + (place * sum(powers[: place + 1])).exp())
        assert is_tight(ball, 30)


def test_a_branch_that_no_entry_takes_is_not_evaluated() -> None:
    """A sum in a branch is computed only once an entry takes that branch."""
    given, other = Counted(6), Counted(6)
    costly = sp.Sum(1 / (W[k] - sp.Rational(3, 8)), (k, 0, K - 1))
    definition = sp.Piecewise((b[n], b[n] > sp.Rational(1, 2)), (sp.exp(costly), b[n] > 5), (sp.log(b[n]), True))
    got = every_entry(definition, {b: given, W: other, K: 6}, n=range(6))
    assert other.asked == 0
    assert all(ball.is_finite() for ball in got)


def test_every_evaluation_is_fresh() -> None:
    """Nothing is kept for other inputs, nor for another precision."""
    begin = evaluation(SHARE, (a, N, K), (n, j))
    for bits in (24, 200, 24):
        for scale in (1, 2):
            values = Counted(2, 3).values * scale
            with ctx.workprec(bits):
                at = begin(values, 2, 3)
                got = [at(0, 1), at(0, 1)]
                assert fraction(got[0].rad()) > Fraction(1, 2 ** (bits + 4))
                assert is_tight(got[0], bits - 8)
            with ctx.workprec(300):
                assert got[0].overlaps(values[0, 1].exp() / sum(value.exp() for value in values[0]))
            assert str(got[0]) == str(got[1])
