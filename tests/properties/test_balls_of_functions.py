"""The functions that definitions are made of, over balls, by mpmath: every value at every point of the argument's ball lies in the result."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from refmath.balls.compile import compiled, rounded_evaluation
from refmath.balls.evaluate import _WhenAsked
from refmath.balls.formats import FORMATS
from refmath.balls.sums import MANY
from refmath.symbols import Largest, Smallest, xdivy, xlogy

pytestmark = pytest.mark.long

x, y = sp.symbols("x y", real=True)
u = sp.Symbol("u", real=True)
k, K = sp.Symbol("k", integer=True, nonnegative=True), sp.Symbol("K", integer=True, positive=True)
a, b = sp.IndexedBase("a", real=True), sp.IndexedBase("b", real=True)

PRECISIONS = (8, 53, 256)
#: mpmath's own precision, and how far it is off at most.
EXACT, OFF = 1500, 1000


class Drawn(NamedTuple):
    """A ball of dyadic numbers, and a point in it, from −1 to 1 of the radius away from the middle."""

    middle: Fraction
    radius: Fraction
    place: Fraction

    @property
    def ball(self) -> Any:
        return arb(as_arb(self.middle), as_arb(self.radius))

    @property
    def point(self) -> Fraction:
        return self.middle + self.radius * self.place

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        return self.middle - self.radius, self.middle + self.radius

    @property
    def ends_of_the_ball(self) -> tuple[Fraction, Fraction]:
        """Those of the ball itself: flint keeps a radius to 30 bits, rounded up."""
        significand, exponent = map(int, self.ball.rad().man_exp())
        radius = significand * Fraction(2) ** exponent
        return self.middle - radius, self.middle + radius


def as_arb(value: Fraction) -> Any:
    return arb((value.numerator, 1 - value.denominator.bit_length()))


def as_mpf(value: Fraction) -> Any:
    return mpf(value.numerator) / value.denominator


def as_ball(value: Any) -> Any:
    """What mpmath has found, as a ball that is as wide as that may be off."""
    if not mp.isfinite(value):
        return arb.nan() if mp.isnan(value) else arb.pos_inf() if value > 0 else arb.neg_inf()
    significand, exponent = map(int, value.man_exp)
    with ctx.workprec(2 * EXACT):
        exact = arb((-significand if value < 0 else significand, exponent))
        return arb(exact, abs(exact) * arb(2) ** -OFF)


def holds(ball: Any, value: Any) -> bool:
    ball = arb(ball)
    if not ball.is_finite():
        return ball.is_nan() or not ball.is_exact() or bool(ball == as_ball(value))
    with ctx.workprec(2 * EXACT):
        return bool(ball.overlaps(as_ball(value)))


places = st.fractions(-1, 1, max_denominator=8).map(lambda v: Fraction(round(v * 64), 64))
signs = st.sampled_from([-1, 1])


Room = Literal["real", "positive", "unit"]


@st.composite
def drawn(draw: st.DrawFn, largest: int = 12, room: Room = "real") -> Drawn:
    """Balls of ordinary, huge and tiny numbers: exact, thin and wide, with zero at an end or inside; or within a room."""
    middle = Fraction(draw(st.integers(1, 255)), 64) * Fraction(2) ** draw(
        st.sampled_from([0, 0, 0, 1, 3, 6, largest, -3, -20, -60, -1000])
    )
    relative = draw(
        st.sampled_from(
            [Fraction(0), Fraction(0), *(Fraction(1, 2**e) for e in (250, 52, 23, 10, 7, 4, 2, 1)), Fraction(1)]
        )
    )
    if room == "unit":
        middle /= Fraction(2) ** (largest + 2)
    if room == "positive":
        return Drawn(middle, middle * relative, draw(places))
    sign, wider = draw(signs), draw(st.sampled_from([1, 1, 1, 3, 100]))
    if room == "unit":
        wider = 1
    kind = draw(st.sampled_from(["ball", "ball", "ball", "zero"]))
    return Drawn(sign * middle if kind == "ball" else Fraction(0), middle * relative * wider, draw(places))


class Known(NamedTuple):
    """A function of one number: how it is written, by mpmath, and what its numbers may be.

    Attributes:
        largest: The largest numbers are about 2 to that.
        domain: Where it has a value …
        room: … and what is drawn of it.
        rises: Whether it rises, or falls, all the way.
    """

    written: sp.Expr
    exact: Callable[[Any], Any]
    largest: int = 12
    domain: Callable[[Fraction], bool] = lambda _: True
    rises: bool = True
    room: Room = "real"


def nonnegative(value: Fraction) -> bool:
    return value >= 0


def positive(value: Fraction) -> bool:
    return value > 0


def up_to_one(value: Fraction) -> bool:
    return abs(value) <= 1


ELEMENTARY = {
    "exp": Known(sp.exp(x), mp.exp),
    "log": Known(sp.log(x), lambda v: mp.log(v) if v else -mp.inf, 1000, nonnegative, room="positive"),
    "log of floored": Known(sp.log(sp.Max(x, sp.Rational(1, 10**8))), lambda v: mp.log(max(v, mpf(10) ** -8)), 1000),
    "floored log": Known(
        sp.Max(sp.log(x), -100),
        lambda v: max(mp.log(v), mpf(-100)) if v else mpf(-100),
        1000,
        nonnegative,
        room="positive",
    ),
    "tanh": Known(sp.tanh(x), mp.tanh),
    "sinh": Known(sp.sinh(x), mp.sinh),
    "cosh": Known(sp.cosh(x), mp.cosh, rises=False),
    "erf": Known(sp.erf(x), lambda v: mp.erf(v)),
    "erfc": Known(sp.erfc(x), lambda v: mp.erfc(v), largest=7),
    "atan": Known(sp.atan(x), mp.atan, 1000),
    "asinh": Known(sp.asinh(x), mp.asinh, 300),
    "asin": Known(sp.asin(x), mp.asin, 6, up_to_one, room="unit"),
    "acos": Known(sp.acos(x), mp.acos, 6, up_to_one, rises=False, room="unit"),
    "sin": Known(sp.sin(x), mp.sin, rises=False),
    "cos": Known(sp.cos(x), mp.cos, rises=False),
    "tan": Known(sp.tan(x), mp.tan, rises=False),
    "sqrt": Known(sp.sqrt(x), mp.sqrt, 1000, nonnegative, room="positive"),
    "rsqrt": Known(1 / sp.sqrt(x), lambda v: 1 / mp.sqrt(v), 1000, positive, room="positive"),
    "x^(3/2)": Known(x ** sp.Rational(3, 2), lambda v: v * mp.sqrt(v), 300, nonnegative, room="positive"),
    "x^(-5/2)": Known(x ** sp.Rational(-5, 2), lambda v: 1 / (v * v * mp.sqrt(v)), 300, positive, room="positive"),
    "cbrt": Known(sp.cbrt(x), lambda v: mp.cbrt(v), 300, nonnegative, room="positive"),
    "x^(3/7)": Known(x ** sp.Rational(3, 7), lambda v: mp.power(v, mpf(3) / 7), 300, nonnegative, room="positive"),
    "x^(1/pi)": Known(x ** (1 / sp.pi), lambda v: mp.power(v, 1 / mp.pi), 300, nonnegative, room="positive"),
    "2^x": Known(2**x, lambda v: mp.power(2, v)),
    "softplus": Known(sp.log(1 + sp.exp(x)), lambda v: mp.log(1 + mp.exp(v)), 9),
    "Abs": Known(sp.Abs(x), abs, 1000, rises=False),
    "sign": Known(sp.sign(x), mp.sign, 1000, rises=False),
    "floor": Known(sp.floor(x), mp.floor, rises=False),
    "ceiling": Known(sp.ceiling(x), mp.ceil, rises=False),
    "frac": Known(sp.frac(x), mp.frac, rises=False),
    "Mod": Known(sp.Mod(x, sp.Rational(3, 4)), lambda v: v - mp.floor(v * 4 / 3) * 3 / 4, rises=False),
    "xlogx": Known(
        xlogy(x, x), lambda v: v * mp.log(v) if v else mpf(0), 300, nonnegative, rises=False, room="positive"
    ),
    "xdivx": Known(xdivy(x, x), lambda v: mpf(v != 0), 300, rises=False),
    "heaviside": Known(sp.Heaviside(x, 3), lambda v: mpf(3 if v == 0 else v > 0), 300, rises=False),
    "pi x": Known(sp.pi * x, lambda v: mp.pi * v, 1000),
    "e + x": Known(sp.E + x, lambda v: mp.e + v, 1000, rises=False),
    "gelu": Known(x * (1 + sp.erf(x / sp.sqrt(2))) / 2, lambda v: v * (1 + mp.erf(v / mp.sqrt(2))) / 2, 5, rises=False),
}
#: Beside their zeros these have absolute, and no relative bounds.
CROSSING = {"sin", "cos", "tan", "acos", "e + x", "gelu", "softplus", "Mod", "frac", "floor", "ceiling"}
#: An exponential is flint's own: a wide ball reaches as far down as up.
BY_EXP = {"exp", "softplus", "2^x"}
#: These jump.
JUMPING = {"sign", "floor", "ceiling", "frac", "Mod", "xdivx", "heaviside", "tan"}


@pytest.mark.parametrize("name", ELEMENTARY)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(data=st.data())
def test_a_function_is_enclosed(name: str, precision: int, data: st.DataObject) -> None:
    """Ordinary, huge and tiny balls, thin and wide, touching zero and around it: the value at any point is in the result, at any precision."""
    function = ELEMENTARY[name]
    of = data.draw(drawn(function.largest, data.draw(st.sampled_from(["real", function.room]))))
    assume(function.domain(of.middle))
    assume(function.domain(of.point))
    with mp.workprec(EXACT):
        expected = function.exact(as_mpf(of.point))
    with ctx.workprec(precision):
        found = arb(compiled(function.written, (x,))(of.ball))
    assert holds(found, expected), f"{mp.nstr(expected)} is not in {found}"


@pytest.mark.parametrize("name", ELEMENTARY)
@pytest.mark.parametrize("precision", [24, 53, 256])
@given(data=st.data())
def test_at_a_number_the_enclosure_is_tight(name: str, precision: int, data: st.DataObject) -> None:
    """At a number itself the result is about as tight as the precision."""
    function = ELEMENTARY[name]
    of = data.draw(drawn(min(function.largest, 6), function.room))._replace(radius=Fraction(0))
    assume(function.domain(of.point) and abs(of.point) > Fraction(1, 2**20))
    with ctx.workprec(precision):
        found = arb(compiled(function.written, (x,))(of.ball))
    if not found.is_finite():
        assert name == "tan"
        return
    with mp.workprec(EXACT):
        size = abs(as_ball(function.exact(as_mpf(of.point))))
    # The arguments of a logarithm or of an exponential within, and exponents that are rounded, are worth some bits.
    size = size + 1 + abs(of.ball) if name in CROSSING else size
    assert found.rad() <= size * arb(2) ** (8 - precision)


@pytest.mark.parametrize(
    "name", [name for name, function in ELEMENTARY.items() if function.rises and name not in BY_EXP]
)
@given(data=st.data())
def test_a_wide_ball_loses_little(name: str, data: st.DataObject) -> None:
    """What rises all the way is as wide as from the value at one end to that at the other: half as wide again at most."""
    function = ELEMENTARY[name]
    of = data.draw(drawn(min(function.largest, 6), function.room))
    least, most = of.ends
    assume(least < most and function.domain(least) and function.domain(most) and of.radius > abs(of.middle) / 2**40)
    with mp.workprec(EXACT):
        # By a hair wider than drawn: from 0 to 10⁻⁸ a floored logarithm rises by all that the hair is longer than the floor.
        widest = zip(of.ends, of.ends_of_the_ball, strict=True)
        ends = [as_ball(function.exact(as_mpf(wider if function.domain(wider) else end))) for end, wider in widest]
    found = arb(compiled(function.written, (x,))(of.ball))
    if not all(end.is_finite() for end in ends):
        assert not found.is_finite()
        return
    assert found.is_finite(), found
    width, size = abs(ends[1] - ends[0]), abs(ends[0]) + abs(ends[1])
    assert 2 * found.rad() <= width * 1.6 + size * 2.0**-24


@pytest.mark.parametrize("name", [name for name in ELEMENTARY if name not in JUMPING])
@given(data=st.data())
def test_a_thin_ball_stays_thin(name: str, data: st.DataObject) -> None:
    """A relative width of 2⁻⁴⁰ becomes as much as the function's own slope makes of it."""
    function = ELEMENTARY[name]
    of = data.draw(drawn(min(function.largest, 4), function.room))
    of = of._replace(radius=abs(of.middle) / 2**40)
    least, most = of.ends
    assume(function.domain(least) and function.domain(most) and function.domain(of.middle * 2) and of.middle)
    found = arb(compiled(function.written, (x,))(of.ball))
    with mp.workprec(EXACT):
        at = [as_ball(function.exact(as_mpf(point))) for point in (least, of.middle, most)]
    slope = abs(at[2] - at[0]) + 2 * abs(at[1] - at[0])
    size = abs(at[1]) + (1 + abs(of.ball) if name in CROSSING else 0)
    assert found.rad() <= slope * 2 + size * arb(2) ** -(38 if name in ("sin", "cos", "gelu", "xlogx", "cosh") else 44)


@pytest.mark.parametrize("precision", [8, 11, 24, 53])
@pytest.mark.parametrize("name", ["log of floored", "floored log"])
def test_a_floored_logarithm_of_what_touches_zero_ends_at_its_floor(name: str, precision: int) -> None:
    """A ball from 0 to some number has the floor as its lower end, whatever the precision."""
    function = ELEMENTARY[name]
    with ctx.workprec(precision):
        # 1 − p for a p that may be 1.
        found = arb(compiled(function.written, (x,))(arb(2.0**-12, 2.0**-12)))
    with mp.workprec(EXACT):
        least, most = (as_ball(function.exact(mpf(end))) for end in (0, 2.0**-11))
    assert found.contains(least)
    assert found.contains(most)
    assert found.rad() <= (most - least) * 0.51 + 32 * arb(2) ** (2 - precision)


# ---- powers


def power_of(base: Any, exponent: Any) -> Any:
    return mpf(1) if exponent == 0 else mp.inf if base == 0 and exponent < 0 else mp.power(base, exponent)


exponents = st.tuples(
    st.integers(-40, 40).map(lambda v: Fraction(v, 8)),
    st.sampled_from([Fraction(0), Fraction(0), *(Fraction(1, 2**e) for e in (60, 23, 8, 3, 1)), Fraction(3)]),
    places,
).map(lambda each: Drawn(*each))


@pytest.mark.parametrize("precision", PRECISIONS)
@given(base=drawn(200, room="positive"), exponent=exponents)
@example(base=Drawn(Fraction(1), Fraction(1), Fraction(-1)), exponent=Drawn(Fraction(1), Fraction(1), Fraction(-1)))
@example(base=Drawn(Fraction(1), Fraction(1), Fraction(-1)), exponent=Drawn(Fraction(1, 2), Fraction(0), Fraction(0)))
@example(base=Drawn(Fraction(0), Fraction(0), Fraction(0)), exponent=Drawn(Fraction(0), Fraction(0), Fraction(0)))
@example(base=Drawn(Fraction(0), Fraction(0), Fraction(0)), exponent=Drawn(Fraction(1), Fraction(1), Fraction(-1)))
@example(base=Drawn(Fraction(0), Fraction(0), Fraction(0)), exponent=Drawn(Fraction(-1, 2), Fraction(0), Fraction(0)))
def test_powers_are_enclosed(precision: int, base: Drawn, exponent: Drawn) -> None:
    """Any power of any ball that does not reach below zero; finite for positive exponents, where the base may be zero too."""
    with mp.workprec(EXACT):
        expected = power_of(as_mpf(base.point), as_mpf(exponent.point))
    with ctx.workprec(precision):
        found = arb(compiled(x**y, (x, y))(base.ball, exponent.ball))
    assert holds(found, expected), f"{mp.nstr(expected)} is not in {found}"
    # A whole power is a product, which may lose its sign.
    if exponent.ends[0] >= 0 or (base.ends[0] > 0 and (exponent.radius or exponent.middle.denominator > 1)):
        assert found.is_finite()


@given(base=drawn(200, room="positive"), exponent=exponents)
def test_wide_powers_are_those_of_the_corners(base: Drawn, exponent: Drawn) -> None:
    """Over a wide box the result is the hull of the powers at its corners."""
    base = base._replace(radius=base.middle / 2 + Fraction(base.radius) / 2)
    exponent = exponent._replace(middle=abs(exponent.middle) + 1, radius=1 + Fraction(exponent.radius) / 4)
    found = arb(compiled(x**y, (x, y))(base.ball, exponent.ball))
    with mp.workprec(EXACT):
        corners = [as_ball(power_of(as_mpf(v), as_mpf(e))) for v in base.ends for e in exponent.ends]
    hull = functools.reduce(lambda one, other: one.union(other), corners)
    assert found.rad() <= hull.rad() * 1.01


@pytest.mark.parametrize("exponent", [sp.Rational(1, 2), sp.Rational(1, 3), sp.Rational(-1, 2), y, sp.pi])
@given(base=drawn(200))
def test_a_power_of_what_may_be_negative_is_nan(exponent: sp.Expr, base: Drawn) -> None:
    """A root of a ball that reaches below zero, by more than rounding does, is nothing that is known; no exception, and no complex number."""
    assume(base.ends[0] < 0 and -base.ends[0] > base.ends[1] / 2**20)
    found = arb(compiled(x**exponent, (x, y))(base.ball, arb("0.3")))
    assert not found.is_finite()


@given(base=drawn(20))
def test_whole_powers_take_negative_bases(base: Drawn) -> None:
    """An exponent that is a whole number, as a parameter or a size may be, takes any base."""
    for exponent in (arb(3), 4, arb(0), arb(1), 65):
        found = arb(compiled(u**y, (u, y))(base.ball, exponent))
        with mp.workprec(EXACT):
            assert holds(found, as_mpf(base.point) ** int(float(exponent)))
        assert found.is_finite()


@pytest.mark.parametrize("precision", PRECISIONS)
@given(st.lists(drawn(4), min_size=1, max_size=6))
def test_a_root_of_squares_is_never_below_zero(precision: int, of: list[Drawn]) -> None:
    """SymPy proves that a sum of squares is not negative: its root is finite, however wide the squares, and holds 0 where they do."""
    norm = sp.sqrt(sp.Sum(a[k] ** 2, (k, 0, K - 1)) / K)
    with ctx.workprec(precision):
        found = arb(compiled(norm, (a, K))([each.ball for each in of], len(of)))
    with mp.workprec(EXACT):
        expected = mp.sqrt(sum(as_mpf(each.point) ** 2 for each in of) / len(of))
    assert found.is_finite()
    assert holds(found, expected)


# ---- xlogy and xdivy


@pytest.mark.parametrize("precision", PRECISIONS)
@given(first=drawn(20), second=drawn(200, room="positive"))
def test_products_with_a_logarithm_are_enclosed(precision: int, first: Drawn, second: Drawn) -> None:
    """x ln y and x/y, with 0 where x is 0; finite as long as y keeps away from zero."""
    of_x, of_y = as_mpf(first.point), as_mpf(second.point)
    with mp.workprec(EXACT):
        of_x, of_y = as_mpf(first.point), as_mpf(second.point)
        logs = mpf(0) if of_x == 0 else of_x * (mp.log(of_y) if of_y else -mp.inf)
        quotients = mpf(0) if of_x == 0 else of_x / of_y if of_y else mp.inf * mp.sign(of_x)
    with ctx.workprec(precision):
        found = [arb(compiled(each(x, y), (x, y))(first.ball, second.ball)) for each in (xlogy, xdivy)]
    assert holds(found[0], logs)
    assert holds(found[1], quotients)
    if first.middle == first.radius == 0 or second.ends[0] > second.middle / 2**20:
        assert all(each.is_finite() for each in found)


# ---- rows of many terms

ROWS = {
    "tanh": sp.tanh(a[k]),
    "erf": sp.erf(a[k]) * a[k],
    "Abs": sp.Abs(a[k] - 1),
    "sqrt": sp.sqrt(a[k] ** 2 + 1),
    "cube root": sp.cbrt(sp.Abs(a[k])),
    "sign": sp.sign(a[k]) * a[k],
    "floor": sp.floor(a[k]) / 7,
    "Mod": sp.Mod(k, 3) * a[k],
    "xlogy": xlogy(sp.Max(a[k], 0), sp.exp(a[k])),
    "mixed": sp.exp(a[k]) * sp.tanh(a[k]) + sp.cos(a[k]),
    "xlogy of a constant": xlogy(x, x) * sp.exp(a[k]),
    "power of a row": 2 ** (a[k]) + sp.exp(-a[k]),
    "square by a parameter": sp.Pow(sp.Abs(a[k]), y),
}


class Row:
    """A row of float64 numbers that gives whole rows too, as inputs do."""

    def __init__(self, values: Any) -> None:
        self.balls = _WhenAsked(values, 0.0, np.inf)

    def __getitem__(self, place: Any) -> Any:
        return self.balls[place]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("precision", [24, 53, 100])
def test_a_sum_of_a_long_row_is_that_of_its_terms(name: str, precision: int) -> None:
    """Whether a row is evaluated at once or term by term, its sum holds the exact one, as tightly as so many bits and terms allow."""
    rng = np.random.default_rng(3)
    values = rng.integers(-1000, 1000, MANY + 3) / 256
    symbols = (a, K, x, y)
    given = (Row(values), len(values), arb(0.375), arb(1.5))
    row = compiled(sp.Sum(ROWS[name], (k, 0, K - 1)), symbols)
    with ctx.workprec(precision):
        found = row(*given)
    with ctx.workprec(400):
        exact = row(*given)
        sizes = compiled(sp.Sum(sp.Abs(ROWS[name]), (k, 0, K - 1)), symbols)(*given)
        assert found.overlaps(exact)
        # Roundings of partial sums, and of terms.
        bits = min(precision, 72)  # those of an exponential in double-double
        assert found.rad() <= sizes * (len(values) + 100) * arb(2) ** -bits


@pytest.mark.parametrize("count", [0, 1, 5, MANY])
def test_a_product_is_that_of_its_factors(count: int) -> None:
    """A product over an index, of none of which it is 1."""
    factors = [Fraction(64 + place % 5 - 2, 64) for place in range(count)]
    found = compiled(sp.Product(a[k], (k, 0, K - 1)), (a, K))([as_arb(each) for each in factors], count)
    expected = functools.reduce(lambda one, other: one * other, factors, Fraction(1))
    with mp.workprec(20000):
        value = as_mpf(expected)
    assert holds(found, value)
    assert found.rad() <= abs(found) * 2.0**-38


@given(st.lists(drawn(4), min_size=1, max_size=6), st.integers(0, 5))
def test_the_largest_and_the_smallest_are_enclosed(of: list[Drawn], place: int) -> None:
    """The largest and the smallest of some balls, and how far one of them is from these."""
    given = [each.ball for each in of], len(of)
    points = [each.point for each in of]
    place %= len(of)
    for chosen, extreme in ((Largest, max), (Smallest, min)):
        for beside in (0, a[place]):
            found = compiled(beside - chosen(a[k], (k, 0, K - 1)), (a, K))(*given)
            expected = (points[place] if beside else 0) - extreme(points)
            with mp.workprec(EXACT):
                assert holds(found, as_mpf(expected))


# ---- infinities

INFINITE: list[tuple[sp.Expr, float, float | None]] = [
    (sp.exp(x), -mp.inf, 0.0),
    (sp.exp(x), mp.inf, mp.inf),
    (sp.log(x), mp.inf, mp.inf),
    (sp.log(x), -mp.inf, None),
    (sp.tanh(x), -mp.inf, -1.0),
    (sp.erf(x), mp.inf, 1.0),
    (sp.erf(x), -mp.inf, -1.0),
    (sp.erfc(x), mp.inf, 0.0),
    (sp.erfc(x), -mp.inf, 2.0),
    (sp.sinh(x), -mp.inf, -mp.inf),
    (sp.cosh(x), -mp.inf, mp.inf),
    (sp.sin(x), mp.inf, None),
    (sp.cos(x), -mp.inf, None),
    (sp.asin(x), mp.inf, None),
    (sp.sqrt(x), mp.inf, mp.inf),
    (sp.sqrt(x), -mp.inf, None),
    (1 / sp.sqrt(x), mp.inf, 0.0),
    (sp.cbrt(x), mp.inf, mp.inf),
    (x**sp.pi, mp.inf, mp.inf),
    (2**x, -mp.inf, 0.0),
    (2**x, mp.inf, mp.inf),
    (sp.Abs(x), -mp.inf, mp.inf),
    (sp.sign(x), -mp.inf, -1.0),
    (sp.Heaviside(x), mp.inf, 1.0),
    (sp.floor(x), -mp.inf, -mp.inf),
    (sp.ceiling(x), mp.inf, mp.inf),
    (sp.Max(x, 3), -mp.inf, 3.0),
    (sp.Max(x, 3), mp.inf, mp.inf),
    (sp.Min(x, 3), mp.inf, 3.0),
    (x - x * 2, mp.inf, -mp.inf),
    (sp.exp(x) - x, -mp.inf, mp.inf),
    (sp.Piecewise((x, x > 0), (sp.exp(x), True)), -mp.inf, 0.0),
    (xlogy(0 * x, x), mp.inf, 0.0),
    (1 / (1 + sp.exp(-x)), -mp.inf, 0.0),
    (1 / (1 + sp.exp(-x)), mp.inf, 1.0),
]


@pytest.mark.parametrize(("written", "at", "expected"), INFINITE, ids=str)
def test_at_an_infinity_there_is_the_limit(written: sp.Expr, at: Any, expected: float | None) -> None:
    """Where there is a limit it is exactly the value; elsewhere nothing is known."""
    found = arb(compiled(written, (x,))(arb.pos_inf() if at > 0 else arb.neg_inf()))
    if expected is None:
        assert found.is_nan()
    else:
        assert found.is_exact()
        assert float(found) == expected


def test_atan_ends_at_half_of_pi() -> None:
    """The arc tangent of an infinity is ±π/2."""
    for side in (-1, 1):
        found = compiled(sp.atan(x), (x,))(side * arb.pos_inf())
        assert found.overlaps(side * arb.pi() / 2)
        assert found.rad() < 1e-14


@pytest.mark.parametrize("name", ELEMENTARY)
def test_of_what_may_be_anything_nothing_is_known(name: str) -> None:
    """A ball that is nan stays nan; one that is infinitely wide gives nothing wrong, and no exception."""
    function = compiled(ELEMENTARY[name].written, (x,))
    assert not arb(function(arb.nan())).is_finite()
    found = arb(function(arb(0, float("inf"))))
    with mp.workprec(EXACT):
        assert all(
            holds(found, ELEMENTARY[name].exact(mpf(v))) for v in (0.5, 0.75) if ELEMENTARY[name].domain(Fraction(v))
        )


# ---- in the numbers of a format


@pytest.mark.parametrize("name", ELEMENTARY)
@pytest.mark.parametrize("format_", FORMATS)
def test_in_a_format_every_result_is_a_number_of_it(name: str, format_: str) -> None:
    """Evaluated as it is written, in the arithmetic of a format, a function gives numbers of that format, close to the exact ones."""
    number = FORMATS[format_].dtype().type
    at = rounded_evaluation(ELEMENTARY[name].written, (x,), (), number)
    unit = FORMATS[format_].unit
    for value in (0.25, 0.75, 1.0, 1.25, 2.5, 3.0):
        if not ELEMENTARY[name].domain(Fraction(value)):
            continue
        found = at(number(value))()
        assert isinstance(found, number | int)
        with mp.workprec(EXACT):
            expected = ELEMENTARY[name].exact(mpf(value))
        assert abs(float(found) - float(expected)) <= 8 * unit * max(abs(float(expected)), 0.25)
