r"""The functions that a definition is made of, over balls: each result holds the function's values at every point of its arguments' balls.

**Wide balls.** A function that rises, or falls, is evaluated at both ends of a ball that is not thin, so nothing is lost. At a kink or a jump, of
Max, Abs, sign, floor or a branch, a ball that lies on both sides has the hull of both.

**Powers.** $x^y$ with a whole exponent is a product. Any other needs $x \ge 0$; $0^y$ is 0 for positive exponents, and $0^0 = 1$. On a box it is largest and smallest at
corners, as it rises or falls in x at a fixed y, and in y at a fixed x. An exponent that is no number of a format, such as ⅓, is as wide as its rounding: whoever computes $x^{1/3}$
as a power rounds it too.

**Where there is no value** the ball is nan: at a logarithm or a root of a negative number, and of a ball that reaches below zero. Two balls that reach below zero only touch it: one that SymPy
proves not to be negative, such as a sum of squares, and one whose lower end is nothing beside its upper one, which is what rounding makes of a ball that ends at zero.

**Infinities** are limits: $e^{-\infty} = 0$, $\ln 0 = -\infty$, $\tanh \infty = 1$. Where there is no limit the ball is nan.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, NamedTuple

import numpy as np
import sympy as sp
from flint import arb, ctx

from refmath.balls.sums import Vector, added, larger, largest, terms, total

Namespace = dict[str, Callable[..., Any]]

#: A ball with a radius up to this is thin: there the slopes at one point say enough of it.
_THIN = 2.0**-6
#: So many bits more than asked for, within a function: then its own roundings are nothing beside the last one.
_GUARD = 10
#: A whole exponent up to this is a product of factors one after the other; up to the second, of squares.
_FEW, _MANY = 32, 1 << 16
#: What is beyond so many bits has overflowed, or underflowed, in every format.
_MOST_BITS = 128


def nan() -> Any:
    """A ball that may be anything."""
    return arb.nan()


def hull(*balls: Any) -> Any:
    """The smallest ball around several."""
    if any(arb(ball).is_nan() for ball in balls):
        return nan()
    # Each union rounds its radius up; what holds the other already stays as it is.
    return functools.reduce(lambda one, other: one if one.contains(other) else one.union(other), map(arb, balls))


def _rounded(ball: Any) -> Any:
    """A ball that was computed with more bits, rounded to the precision in force: about a unit in the last place wide at least, if it is no number itself.

    By chance its middle may have so few digits that nothing needs to be rounded, where the value is rounded by everybody.
    """
    found = +ball
    if ball.is_exact() or not found.is_finite() or found.mid() != ball.mid():
        return found
    return found + arb(0, abs(found.mid()) * arb(2) ** -ctx.prec)


# ---- arithmetic


def rational(numerator: int, denominator: int) -> Any:
    return arb(numerator) / denominator


def quotient(numerator: Any, denominator: Any) -> Any:
    """A quotient in balls, of two integers too (Python would round theirs to a float)."""
    return (numerator if isinstance(numerator, Vector) else arb(numerator)) / denominator


def less(value: Any, largest: Any) -> Any:
    """A difference from the largest of several: of a ball that is the largest itself it is 0, however wide the ball."""
    return arb(0) if value is largest else value - largest


#: What may be lost of a number below the second one, where the format underflows; nothing in exact values.
_UNDERFLOW: ContextVar[tuple[float, float]] = ContextVar("underflow", default=(0.0, 0.0))


@contextmanager
def underflowing(lost: float, below: float) -> Iterator[None]:
    """In this block what is kept as a number of a format may lose so much where it lies below the other number."""
    token = _UNDERFLOW.set((lost, below))
    try:
        yield
    finally:
        _UNDERFLOW.reset(token)


def kept_in_the_format(value: Any) -> Any:
    """A value that is a number of the format before anything is done with it: it may have underflowed. Beside the others of a long sum that is nothing."""
    lost, below = _UNDERFLOW.get()
    # Beside a wider ball it is nothing, and 0 is kept as it is.
    if not lost or isinstance(value, Vector) or arb(value).is_zero() or not arb(value).abs_upper() < 2 * below:
        return value
    return value + arb(0, lost)


def product(term: Callable[..., Any], *places: Callable[..., Any]) -> Any:
    """A product over one index or several; see `refmath.balls.sums.total`. It is 1 for no factors."""
    return functools.reduce(operator.mul, terms(term, *places), arb(1))


# ---- exponentials, logarithms and powers


def exp(value: Any) -> Any:
    return value.exp() if isinstance(value, Vector) else arb(value).exp()


def log(value: Any) -> Any:
    """The natural logarithm; ln 0 is −∞, as in the limit."""
    value = arb(value)
    return arb.neg_inf() if value.is_zero() else value.log()


def log_of_floored(value: Any, least: Any) -> Any:
    """The logarithm of the larger of two numbers, the second of them positive: of a ball that is not positive at both ends of what is left of it."""
    value = arb(value)
    if value > 0:
        return log(maximum(value, least))
    return hull(log(least), log(maximum(arb(value.upper()), least)))


def floored_log(value: Any, least: Any) -> Any:
    """The larger of a logarithm and another number, which it is where a ball that touches zero has a logarithm far below."""
    value = arb(value)
    if value > 0 or not touches_zero(value):
        return maximum(log(value), least)
    return hull(least, maximum(log(arb(value.upper())), least))


def power(base: Any, exponent: int) -> Any:
    """An integer power by repeated multiplication (python-flint's own power loses balls around zero)."""
    if isinstance(base, Vector) and exponent > 0:
        return base.power(exponent)
    product = _product_of(arb(base), abs(exponent))
    return product if exponent >= 0 else 1 / product


def _product_of(base: Any, count: int) -> Any:
    if count <= _FEW:
        return functools.reduce(operator.mul, [base] * count, arb(1))
    half = _product_of(base, count // 2)
    return half * half * base if count % 2 else half * half


def real_power(base: Any, exponent: Any, is_nonnegative: bool = False) -> Any:
    """Any power: of a base that is not negative, or with a whole exponent.

    Args:
        base: The base.
        exponent: The exponent; whole if it is an integer, or a ball that is one exactly.
        is_nonnegative: Whether the base is proved not to be negative, whatever its ball.
    """
    if not isinstance(exponent, int):
        exponent = arb(exponent)
        if exponent.is_exact() and exponent.is_integer() and abs(exponent) < _MANY:
            exponent = int(exponent.unique_fmpz())
    if isinstance(exponent, int) and abs(exponent) < _MANY:
        return power(base, exponent)
    base, exponent = arb(base), arb(exponent)
    if not base > 0:
        return _power_at_zero(base, exponent) if touches_zero(base, is_nonnegative) else nan()
    if _is_narrow(base) and not exponent.rad() > _THIN:
        return _power_of_narrow(base, exponent)
    return hull(*(_power_of_narrow(x, y) for x in _ends(base) for y in _ends(exponent)))


def _power_at_zero(base: Any, exponent: Any) -> Any:
    """A power of a ball whose lower end is zero: infinite, or anything, for exponents that are not positive, but for 0⁰."""
    least, most = _ends(exponent)
    if exponent.contains(0) and touches_zero(exponent):
        least = arb(0)
    if base.is_zero() and most < 0:
        return arb.pos_inf()
    if not least >= 0:
        return nan()
    if base.is_zero():
        return hull(*(int(each.is_zero()) for each in (least, most)))
    corners = [_power_of_narrow(arb(base.upper()), each) for each in (least, most)]
    return hull(0, 1, *corners) if least.is_zero() else hull(0, *corners)


def _power_of_narrow(base: Any, exponent: Any) -> Any:
    """A power of a positive ball; zero too, for exponents that are not negative."""
    if exponent.is_exact() and (2 * exponent).is_integer() and abs(exponent) < _FEW:
        twice = int((2 * exponent).unique_fmpz())
        with ctx.workprec(ctx.prec + _GUARD):
            found = power(base, abs(twice) // 2) * (base.sqrt() if twice % 2 else 1)
            found = found if twice >= 0 else 1 / found
    else:
        steepness = float(abs(exponent * log(base)).upper())
        bits = min(math.frexp(steepness)[1], _MOST_BITS) if math.isfinite(steepness) else 0
        with ctx.workprec(ctx.prec + max(bits, 0) + _GUARD):
            found = (exponent * log(base)).exp()
    return _rounded(found)


def touches_zero(ball: Any, is_nonnegative: bool = False) -> bool:
    """Whether a ball that holds zero ends there, but for what rounding has put to it."""
    if not ball.is_finite() or not ball.upper() >= 0:
        return False
    # A radius has 30 bits.
    return is_nonnegative or bool(ball.lower() >= -ball.upper() * arb(2) ** (4 - min(ctx.prec, 30)))


def _is_narrow(ball: Any) -> bool:
    """Whether a ball is infinite, or a power of it is about as wide as its slope says."""
    return ball.is_exact() or bool(16 * ball.rad() < ball.lower())


def _ends(ball: Any) -> tuple[Any, Any]:
    return (ball, ball) if ball.is_exact() else (arb(ball.lower()), arb(ball.upper()))


def xlogy(x: Any, y: Any) -> Any:
    """x ln y, and 0 where x is 0."""
    if arb(x).is_zero():
        return arb(0)
    if x is y:
        return _xlogx(arb(x))
    return arb(x) * log(y)


def _xlogx(x: Any) -> Any:
    """x ln x: from 0 at zero down to −1/e at 1/e, and up from there."""
    if x > 0 and _is_narrow(x):
        return x * log(x)
    if not (x > 0 or touches_zero(x)):
        return nan()
    values = [end * log(end) if end > 0 else arb(0) for end in (arb(x.lower()), arb(x.upper()))]
    lowest = (arb(-1)).exp()
    return hull(*values, *([-lowest] if x.overlaps(lowest) else []))


def xdivy(x: Any, y: Any) -> Any:
    """x / y of a y that is not negative, and 0 where x is 0: the derivative of x ln y, which is infinite where y is 0."""
    if arb(x).is_zero():
        return arb(0)
    if arb(y).is_zero() and (arb(x) > 0 or arb(x) < 0):
        return arb.pos_inf() if arb(x) > 0 else arb.neg_inf()
    if x is y and arb(x).is_finite():
        return hull(0, 1) if arb(x).contains(0) else arb(1)
    return arb(x) / y


# ---- kinks and jumps


def maximum(*values: Any) -> Any:
    return functools.reduce(larger, values)


#: With so many bits the middle of a hull is as good as exact beside its radius, which is kept to 30 bits.
_OF_HULLS = 64


def floored(value: Any, least: Any) -> Any:
    """The larger of two numbers, the second of them positive: of a ball that is not positive the hull ends near there, and not below zero for want of bits."""
    value = arb(value)
    if value > 0:
        return maximum(value, least)
    with ctx.workprec(max(ctx.prec, _OF_HULLS)):
        return maximum(value, least)


def minimum(*values: Any) -> Any:
    return -functools.reduce(larger, [-arb(value) for value in values])


def absolute(value: Any) -> Any:
    if isinstance(value, int):
        return abs(value)
    value = arb(value)
    return hull(0, value.abs_upper()) if value.contains(0) and not value.is_zero() else abs(value)


def sign(value: Any) -> Any:
    return _by_sign(arb(value), -1, 0, 1)


def heaviside(value: Any, at_zero: Any) -> Any:
    """The unit step: 0 below zero, `at_zero` at it, 1 above."""
    return _by_sign(arb(value), 0, at_zero, 1)


def _by_sign(value: Any, below: Any, at_zero: Any, above: Any) -> Any:
    """What belongs to the sign of a ball; the hull of what may do so, if that is open."""
    if value > 0:
        return arb(above)
    if value.is_nan():
        return nan()
    taken = [below] if value.lower() < 0 else []
    taken += [above] if value.upper() > 0 else []
    taken += [at_zero] if value.contains(0) else []
    return hull(*taken)


def floor(value: Any) -> Any:
    """The greatest whole number that is not above; an infinity is its own."""
    value = arb(value)
    if value.is_nan():
        return nan()
    return hull(*(end.floor() if end.is_finite() else end for end in _ends(value)))


def ceiling(value: Any) -> Any:
    return -floor(-arb(value))


def modulo(value: Any, divisor: Any) -> Any:
    """What a division leaves, with the sign of the divisor; anything up to the divisor, where it is open how often it goes."""
    if isinstance(value, int) and isinstance(divisor, int):
        return value % divisor
    value, divisor = arb(value), arb(divisor)
    if value.is_nan() or (value.is_exact() and not value.is_finite()):
        return nan()
    times = floor(value / divisor)
    return value - divisor * times if times.is_exact() and times.is_finite() else hull(0, divisor)


def compare(symbol: str, left: Any, right: Any) -> bool | None:
    """Whether the comparison holds for all points of the balls, for none of them (False), or for some (None)."""
    if symbol in ("==", "!="):
        equal = _settled(arb(left) == right, arb(left) != right)
        return equal if symbol == "==" or equal is None else not equal
    holds = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[symbol]
    fails = {"<": operator.ge, "<=": operator.gt, ">": operator.le, ">=": operator.lt}[symbol]
    return _settled(holds(arb(left), right), fails(arb(left), right))


def piecewise(*branches: tuple[Callable[[], bool | None], Callable[[], Any]]) -> Any:
    """The first branch whose condition holds; the hull of all that may be taken, if the balls leave that open."""
    taken = None
    for condition, value in branches:
        decided = condition()
        if decided is False:
            continue
        taken = arb(value()) if taken is None else taken.union(arb(value()))
        if decided:
            break
    if taken is None:
        raise ValueError("no branch of the definition applies")
    return taken


def any_of(*conditions: bool | None) -> bool | None:
    """Whether at least one condition holds; None if the balls leave that open."""
    return True if True in conditions else None if None in conditions else False


def all_of(*conditions: bool | None) -> bool | None:
    """Whether every condition holds; None if the balls leave that open."""
    return False if False in conditions else None if None in conditions else True


def none_of(condition: bool | None) -> bool | None:
    """Whether the condition does not hold; None if the balls leave that open."""
    return None if condition is None else not condition


def _settled(true: bool, false: bool) -> bool | None:
    return True if true else False if false else None


def nonzero(array: Any, outer: tuple[int, ...], places: range) -> Any:
    """The places of the last index at which an array may differ from zero: of many places those alone, otherwise all."""
    found = getattr(array, "nonzero", None)
    return places if found is None or isinstance(array, np.ndarray) else found(outer, places)


def place(index: Any) -> Any:
    """An index that is reckoned out: a whole number from 0 on, as a negative one would count from the end.

    Raises:
        IndexError: If it is none.
    """
    number = arb(index)
    whole = number.unique_fmpz() if number.is_exact() and number.is_integer() else None
    if whole is None or whole < 0:
        raise IndexError(f"there is no place {index}")
    return int(whole)


def last_place(index: Any) -> Any:
    """Where an index ends; at −1 there are no terms."""
    return place(index + 1) - 1


# ---- functions of one number


class Elementary(NamedTuple):
    """A function of one real number.

    Attributes:
        name: Its name in a printed definition, and for flint.
        course: Whether it rises or falls all the way, is even and rises from zero on, or does neither.
        limits: What it tends to at −∞ and at ∞, where flint does not say.
    """

    name: str
    course: Literal["monotone", "even", "other"]
    limits: tuple[int, int] | None = None

    def __call__(self, value: Any) -> Any:
        """Its values on a ball."""
        ball = arb(value)
        if self.course == "other" or (ball.is_finite() and not ball.rad() > _THIN):
            found = self._at(ball) if ball.is_finite() else nan()
            if self.course == "other" or found.is_finite():
                return found
        if ball.is_nan():
            return nan()
        ends = _ends(ball) if self.course == "monotone" else (arb(ball.abs_lower()), arb(ball.abs_upper()))
        return hull(*map(self._at, ends))

    def _at(self, ball: Any) -> Any:
        if self.limits and ball.is_exact() and not ball.is_finite():
            return arb(self.limits[bool(ball > 0)])
        with ctx.workprec(ctx.prec + _GUARD):
            found = getattr(ball, self.name)()
        return _rounded(found)


#: By the class that SymPy has for it.
ELEMENTARY: dict[type[sp.Function], Elementary] = {
    sp.tanh: Elementary("tanh", "monotone"),
    sp.sinh: Elementary("sinh", "monotone"),
    sp.cosh: Elementary("cosh", "even"),
    sp.erf: Elementary("erf", "monotone", (-1, 1)),
    sp.erfc: Elementary("erfc", "monotone", (2, 0)),
    sp.sin: Elementary("sin", "other"),
    sp.cos: Elementary("cos", "other"),
    sp.tan: Elementary("tan", "other"),
    sp.asin: Elementary("asin", "monotone"),
    sp.acos: Elementary("acos", "monotone"),
    sp.atan: Elementary("atan", "monotone"),
    sp.asinh: Elementary("asinh", "monotone"),
}

#: The constants that SymPy has.
CONSTANTS: dict[type[sp.Basic], Callable[[], Any]] = {
    sp.core.numbers.Pi: arb.pi,
    sp.core.numbers.Exp1: arb.const_e,
    sp.core.numbers.EulerGamma: arb.const_euler,
    sp.core.numbers.Catalan: arb.const_catalan,
}

BALLS: Namespace = {
    **{
        function.__name__: function
        for function in (
            *(
                exp,
                log,
                log_of_floored,
                floored_log,
                power,
                real_power,
                xlogy,
                xdivy,
                rational,
                quotient,
                less,
                kept_in_the_format,
                added,
                total,
                product,
                largest,
            ),
            *(maximum, floored, minimum, absolute, sign, heaviside, floor, ceiling, modulo, nonzero, place, last_place),
            *(compare, piecewise, any_of, all_of, none_of),
        )
    },
    **{each.name: each.__call__ for each in ELEMENTARY.values()},
    **{each.__name__: value for each, value in CONSTANTS.items()},
}
