r"""Sums in balls: term by term, a whole row of many terms at once, and of terms of one sign in whatever order a program takes.

**Many terms.** A sum of 50,257 exponentials takes a ball some 50 milliseconds. From `MANY` terms on they are evaluated together, in double-double: entry k is
a ball around $s (h_k + l_k)$, with a scale s, itself a ball, that all entries have in common, and a radius $s\,\rho_k$. An exponential is
$e^{x} = e^{M} e^{x - M}$ with the largest middle M, so nothing overflows. The errors of double-double arithmetic, of which
`refmath.balls.double_double` and `refmath.balls.exponential` have the proofs, are in the radius, and so is one unit in the last place of what each operation of
balls of p bits would round: at p bits the radius is that of the sum term by term, but for the rounding of radii. Sums of values with both signs are added
by `two_sum`, which is exact; only the tails are rounded, $\lceil \log_2 N \rceil$ times by at most $2.1\,u$ of their magnitudes. What is not written in terms of
differences, products, powers and exponentials is evaluated term by term, and so is every precision above `HIGHEST`, where double-double would add nothing.

**Any order.** In p bits, with $u = 2^{-p}$, the ball of a sum of N terms has a radius of about $\tfrac{1}{2} N u$ of the sum: of 50,257 terms in 8 or 11 bits
more than the sum itself. But where all terms are $\ge 0$, no honest sum is so far off. Let a program add the terms $x_i$ by any binary tree of
additions that round to nearest; the rounded $\mathrm{fl}(l + r)$ of two numbers of the format is no further from $l + r$ than l, r, or $u (l + r)$, because l and
r are numbers of the format themselves. Hence

$$\max(l, r, (1 - u)(l + r)) \le \mathrm{fl}(l + r) \le l + r + \min(l, r, u (l + r)).$$

*From below.* Let $g(s, x) = \max(s, (1 - u)(s + x))$, and $L(X)$ what comes of it from the largest term to the smallest: $s_1 = x_1$,
$s_{i + 1} = g(s_i, x_{i + 1})$. No tree gives less than $L(X)$:

1. Of all sequences, the descending one gives least. Take neighbours $x \ge y$. If y changes s, then so does x, and
   $g(g(s, y), x) = (1 - u)^2 (s + y) + (1 - u) x$, while $g(g(s, x), y)$ is either $(1 - u)(s + x)$, less than that because $s \le (1 - u)(s + y)$, or
   $(1 - u)^2 (s + x) + (1 - u) y$, which is less by $u (1 - u)(x - y)$. If y does not change s, it does not change $g(s, x) \ge s$ either, and both are equal.
   g grows with s, so any sequence is sorted by such exchanges, and never gives more.
2. Two subtrees with the terms A and B, $L(A) \ge L(B)$: $L(A \cup B)$ is at most that of the sequence which takes A first and then
   B, $b_1 \ge b_2 \ge \dots$ With $h_j$ its value after j terms of B, and $L_j$ that of B's first j terms, $h_j \le \max(s, (1 - u)(s + L_j))$, $s = L(A)$. For
   $j = 1$ that is g. If $b = b_{j + 1}$ leaves $L_j$ as it is, it leaves the larger $h_j$ as it is. Otherwise $L_{j + 1} = (1 - u)(L_j + b) \ge b$, so
   $(1 - u)(s + b) \le (1 - u)(s + L_{j + 1})$, and $(1 - u)((1 - u)(s + L_j) + b) \le (1 - u)(s + L_{j + 1})$ because $b \le s$. So the tree, which has at least
   $\max(L(A), (1 - u)(L(A) + L(B)))$, has at least $L(A \cup B)$.

g stops growing at $x (1 - u) / u$: of equal terms $2^p - 1$ count, where a sum in the format stops at $2^p$ terms. So that is about the most that stagnation costs.

*From above.* One after the other, in any order, gives at most $s + 2 x$ for each x, so less than $2 \sum x_i$. Each level of a tree gives at most $1 + u$
times the sum. $U = 2 (1 + u)^{\lceil \log_2 N \rceil} \sum x_i$ holds for sequences, for pairwise sums, for blocks or lanes that are added up in sequence and
put together by pairs, and the other way round. It is not proven for sequences of sums that were stagnating themselves, at four times the sum; roundings
that all go the same way are no rounding to nearest of different numbers.

Accumulators in a wider format, rounded once at the end, lie in between. With inputs that are balls, L is that of the lower ends, U that of the upper ones.

**Any usual order, terms of both signs.** Partial sums of one order may happen to be small, or to be numbers of the format, where those of another are not: of
$-1 + 1 + 0.0589$ nothing is rounded, of $0.0589 - 1 + 1$ much is. A tree of pairs loses at most $(\lceil \log_2 N \rceil - 1) \, u \sum |x_i| + u |s|$ to first order, as its last addition gives the sum s itself. In a block of
`in_usual_orders` a sum of three terms or more has at least that radius beside those of its terms. It has none of it where every partial sum in
every order is a number of p bits: where all terms are multiples of a power of two that is no less than $2^{-p} \sum |x_i|$.

**Reference.** N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, 2002, chapter 4; S. M. Rump, *Error estimation of
floating-point summation and dot product*, BIT 52, 2012, for the distance of a rounded sum to both its terms.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.double_double import fast_two_sum, plus, times, two_sum
from refmath.balls.exponential import LOWEST, exponential

Floats = NDArray[np.float64]

#: From so many terms on they are evaluated together.
MANY = 2048
#: At more bits than that, term by term.
HIGHEST = 128
#: Roundings to more bits than that are nothing beside those of double-double arithmetic.
_MODELLED = 100
#: Below this the products of `times` may lose something to underflow: less than that.
_UNDERFLOW = 2.0**-1060
#: The relative errors, rounded up, of `plus` and `times`; and of `exponential`, and the roundings of the radii.
_PRODUCT, _EXPONENTIAL, _RADII = 2.0**-102, 2.0**-72.9, 2.0**-40
#: A ball is wide where the roundings of so much of a sum may be added up in it.
_WIDE = 0.25
#: Values that are computed once, however many entries need them, are kept up to so many.
_KEPT = 1 << 18


class TermByTerm(Exception):
    """What cannot be evaluated for a whole row at once."""


class Every:
    """An index that stands for all its places at once."""

    def __init__(self, places: range) -> None:
        self.places = places

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise TermByTerm

    def __hash__(self) -> int:
        return id(self)

    def _counted(self, _: object = None) -> Every:
        """With an index that is reckoned with, terms are evaluated one by one."""
        raise TermByTerm

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = _counted


class Vector:
    """Balls in a row: around `scale · (h + l)`, with radii `scale · radius`.

    Attributes:
        positive: Whether no value is negative, but for the scale's sign.
        shifted: Whether these are exponentials, which are divided by the largest.
    """

    shifted = False

    def __init__(self, h: Floats, l: Any, radius: Any, scale: Any = None, positive: bool = False) -> None:
        self.h, self.l, self.radius, self.scale, self.positive = h, l, radius, scale, positive

    @classmethod
    def of(cls, values: Floats, widen: float = 0.0, highest: float = math.inf) -> Vector:
        """Balls around given numbers; see `refmath.balls.evaluate.as_balls`."""
        radius = np.abs(values) * (widen * (1 + _RADII)) + (_UNDERFLOW if widen else 0.0)
        if widen and highest < math.inf:
            high = np.where(values <= highest, np.minimum(values + radius, highest), values + radius)
            low = values - radius
            middle = (low + high) / 2
            radius = np.maximum(high - middle, middle - low) * (1 + _RADII)
            return cls(middle, np.zeros_like(middle), radius)
        return cls(values, np.zeros_like(values), radius)

    def __neg__(self) -> Vector:
        return Vector(-self.h, -self.l, self.radius, self.scale)

    def __add__(self, other: Any) -> Vector:
        one, other = self._without_scale(), _vector(other)._without_scale()
        h, l = plus((one.h, one.l), (other.h, other.l))
        return _checked(h, l, one.radius + other.radius)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Vector:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Vector:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Vector:
        if not isinstance(other, Vector):
            # The rounding of each product is told by the entries, that of the scale is none.
            with ctx.workprec(max(ctx.prec, HIGHEST)):
                scale = other if self.scale is None else self.scale * other
                return _checked(self.h, self.l, self.radius, arb(scale), self.positive)
        scales = [each.scale for each in (self, other) if each.scale is not None]
        h, l = times((self.h, self.l), (other.h, other.l))
        radius = np.abs(self.h) * other.radius + (np.abs(other.h) + other.radius) * self.radius
        with ctx.workprec(max(ctx.prec, HIGHEST)):
            scale = functools.reduce(lambda one, two: one * two, scales) if scales else None
        return _checked(h, l, radius * (1 + 2 * _RADII) + _UNDERFLOW, scale)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Vector:
        if isinstance(other, Vector):
            raise TermByTerm
        with ctx.workprec(max(ctx.prec, HIGHEST)):
            return self.__mul__(1 / arb(other))

    def __rtruediv__(self, other: Any) -> Vector:
        raise TermByTerm

    def power(self, exponent: int) -> Vector:
        """A positive integer power by repeated multiplication; an even one is not negative."""
        product = functools.reduce(lambda one, other: one * other, [self] * exponent)
        below = product.h < product.radius
        product.positive = exponent % 2 == 0
        if exponent % 2 or not below.any():
            return product
        # The ball of a product of two factors does not know that they are the same.
        half = (product.h + product.radius) / 2 * (1 + _RADII)
        h, l = np.where(below, half, product.h), np.where(below, 0.0, product.l)
        return Vector(h, l, np.where(below, half, product.radius), product.scale, positive=True)

    def exp(self) -> Vector:
        """The exponentials, with that of the largest middle as their scale."""
        if self.scale is not None:
            raise TermByTerm
        largest = float(np.max(self.h))
        d, e = two_sum(self.h, np.float64(-largest))
        radius = self.radius
        if np.any(self.l):
            d, e = fast_two_sum(d, e + self.l)
            radius = radius + (np.abs(self.h) + abs(largest)) * 2.0**-103
        far = d < LOWEST
        d, e = np.where(far, LOWEST, d), np.where(far, 0.0, e)
        h, l = fast_two_sum(*exponential(np.ascontiguousarray(d), np.ascontiguousarray(e)))
        # What is far lies between 0 and exp(−680).
        h, l = np.where(far, 0.0, h), np.where(far, 0.0, l)
        grown = _grown(radius) if np.any(radius) else 0.0
        radius = np.where(far, 2.0**-981 * (1 + grown), h * ((grown + _EXPONENTIAL * (1 + grown)) * (1 + _RADII)))
        with ctx.workprec(max(ctx.prec, HIGHEST)):
            powers = _checked(h, l, radius, arb(largest).exp(), positive=True)
        powers.shifted = True
        return powers

    def total(self, before: Any = 0) -> Any:
        """The sum, as one ball; its roundings are those of adding the terms to what comes before them, one after the other."""
        h, l, tails = self.h, self.l, float(np.sum(np.abs(self.l)))
        count, magnitude = len(h), float(np.sum(np.abs(h)))
        depth = levels(count)
        rounded = float(np.sum(self._roundings(before)))
        if _USUAL_ORDERS.get() and ctx.prec < _MODELLED:
            least = magnitude * 2.0**-ctx.prec
            if rounded or tails or not (np.ldexp(h, -math.frexp(least)[1]) % 1 == 0).all():
                rounded = max(rounded, (depth - 1) * least)
        radius = float(np.sum(self.radius)) + rounded
        while (left := len(h)) > 1:
            half = left // 2
            s, e = two_sum(h[:half], h[half : 2 * half])
            e += l[:half] + l[half : 2 * half]
            h, l = (s, e) if left % 2 == 0 else (np.append(s, h[-1]), np.append(e, l[-1]))
        radius += 2.1 * 2.0**-53 * depth * (tails + depth * 2.0**-53 * magnitude)
        return self._scaled(arb(float(h[0])) + arb(float(l[0])), radius * (1 + _RADII + count * 2.0**-51))

    def _roundings(self, before: Any) -> Any:
        """One unit in the last place of each partial sum that has more digits than the precision in force."""
        start = float((arb(before) if self.scale is None else arb(before) / self.scale).mid())
        if not abs(start) < 2.0**1000:  # beside it these terms are nothing, but each is added
            return np.zeros(1)
        partial = np.cumsum(np.append(start, self.h))
        _, rest = two_sum(partial[:-1], self.h)
        return _rounding(partial[1:], rest)

    def widened(self, depth: int, terms: Iterable[Any]) -> Vector:
        """As the sum of some terms: with what so many roundings of their sizes may lose, and the last one, entry by entry."""
        if ctx.prec >= _MODELLED:
            return self
        sizes = sum(np.abs(_vector(each)._without_scale().h) for each in terms)
        radius = self.radius + (sizes * depth + np.abs(self.h)) * (2.0**-ctx.prec * (1 + _RADII))
        return Vector(self.h, self.l, radius, self.scale, self.positive)

    def lost_beside(self, before: Any) -> Any:
        """The roundings of adding the terms to what is beyond all comparison with them; 0 otherwise."""
        if ctx.prec >= _MODELLED or self.scale is None or abs(arb(before) / self.scale) < 2.0**1000:
            return 0
        return arb(0, 1) * abs(arb(before)) * len(self.h) * arb(2) ** -ctx.prec

    def ends(self) -> tuple[Floats, Floats]:
        """The lower ends and the upper ends, without the scale."""
        rest = np.abs(self.l)
        low, high = self.h - self.radius - rest, self.h + self.radius + rest
        slack = (np.abs(self.h) + self.radius) * 2.0**-50
        # What ends at zero exactly does so.
        low = np.where(low == 0, 0.0, low - slack)
        return np.maximum(low, 0.0) if self.positive else low, high + slack

    def scaled(self, ball: Any) -> Any:
        """A ball with the scale put to it."""
        return self._scaled(ball, 0.0)

    def _scaled(self, middle: Any, radius: float) -> Any:
        if not math.isfinite(radius):
            return arb.nan()
        with ctx.workprec(max(ctx.prec, HIGHEST) + 64):
            ball = middle + arb(0, radius)
            return ball if self.scale is None else ball * self.scale

    def _without_scale(self) -> Vector:
        if self.scale is not None:
            raise TermByTerm
        return self


def _vector(value: Any) -> Vector:
    """A number or a ball as one entry that stands beside every other."""
    if isinstance(value, Vector):
        return value
    with ctx.workprec(max(ctx.prec, HIGHEST)):
        ball = arb(value)
        h = float(ball.mid())
        l = float(ball.mid() - h)
        radius = float((ball.rad() + abs(ball.mid() - h - l)).upper()) * (1 + _RADII)
    return Vector(np.array([h]), np.array([l]), np.array([radius]))


def _checked(h: Floats, l: Floats, radius: Any, scale: Any = None, positive: bool = False) -> Vector:
    """A result, with what double-double arithmetic and a rounding to the precision in force may have lost in its radii."""
    if not np.isfinite(h).all():
        raise TermByTerm
    magnitude = np.abs(h)
    return Vector(h, l, (radius + magnitude * _PRODUCT + _rounding(h, l)) * (1 + _RADII), scale, positive)


def _rounding(h: Floats, l: Any = 0.0) -> Any:
    """One unit in the last place of the precision in force, where a number has more digits than that."""
    bits = ctx.prec
    if bits >= _MODELLED:
        return np.zeros_like(h)
    digits, exponents = np.frexp(h)
    digits = np.ldexp(digits, bits)
    return np.where((digits != np.rint(digits)) | (l != 0), np.ldexp(1.0, exponents - bits), 0.0)


def _grown(radius: Any) -> Any:
    """An upper bound of $e^r - 1$, entry by entry."""
    near = radius < 2.0**-20
    beyond = radius > -LOWEST
    back = np.where(near | beyond, 0.0, -radius)
    h, l = exponential(back, np.zeros_like(back))
    grown = np.where(near, radius * (1 + radius), ((1 - h) - l + 2.0**-51) / (h + l) * (1 + _RADII))
    return np.where(beyond, np.inf, grown)


# ---- sums


class Bounded:
    """Numbers of so many bits, and how many sums were bounded whose own ball would have been as wide as a quarter of the sum."""

    def __init__(self, bits: int, largest: float) -> None:
        self.bits, self.unit, self.largest, self.sums = bits, 2.0**-bits, largest, 0


_ANY_ORDER: ContextVar[Bounded | None] = ContextVar("_ANY_ORDER", default=None)


@contextlib.contextmanager
def in_any_order(bits: int, largest: float = math.inf) -> Iterator[Bounded]:
    """In this block sums of terms of one sign are all that a program may get which adds them in numbers of so many bits, in any order.

    Their terms, and what is done with a sum next, may be off by four units in the last place besides. A sum that may be beyond the largest number is not finite;
    but sums of a row of exponentials are shifted by every program.
    """
    bounded = Bounded(bits, largest)
    token = _ANY_ORDER.set(bounded)
    try:
        yield bounded
    finally:
        _ANY_ORDER.reset(token)


#: Whether sums are those of any usual order.
_USUAL_ORDERS: ContextVar[bool] = ContextVar("_USUAL_ORDERS", default=False)


@contextlib.contextmanager
def in_usual_orders(of_a_format: bool = True) -> Iterator[None]:
    """In this block the ball of a sum holds what a program gets that adds it in pairs, in whatever order; not if `of_a_format` is false."""
    token = _USUAL_ORDERS.set(of_a_format)
    try:
        yield
    finally:
        _USUAL_ORDERS.reset(token)


def added(*terms: Any) -> Any:
    """The sum of some terms, one after the other: balls or rows of them."""
    return _in_usual_orders(terms) if _USUAL_ORDERS.get() else sum(terms)


def _in_usual_orders(terms: list[Any] | tuple[Any, ...]) -> Any:
    """The sum of terms, and what other orders may lose beside it."""
    s = sum(terms)
    if len(terms) < _FEWEST:
        return s
    if isinstance(s, Vector):
        return s.widened(levels(len(terms)) - 1, terms)
    if not isinstance(s, arb) or not s.is_finite():
        return s
    # Of terms of one sign every partial sum is in the radius, in this order as in another.
    sizes = arb(sum(map(abs, terms))).mid()
    if sizes == abs(s.mid()):
        return s
    balls = list(map(arb, terms))
    count = len(balls) - sum(map(arb.is_zero, balls))
    if count > _MANY_FOR_FEW_BITS:
        with ctx.workprec(HIGHEST):
            sizes, inside = arb(sum(map(abs, balls))).mid(), sum(map(arb.rad, balls))
    else:
        inside = sum(map(arb.rad, balls))
    unit = 2.0**-ctx.prec
    least = (float(sizes) * (levels(count) - 1) + float(abs(s.mid()))) * unit
    own = float(s.rad()) - float(inside)
    if count < _FEWEST or not own < least < math.inf or _are_exact(balls, float(sizes) * unit):
        return s
    return s + arb(0, least - own)


#: Of two terms there is one order.
_FEWEST = 3
#: The sizes of so many terms add up well enough in the bits of any format.
_MANY_FOR_FEW_BITS = 16


def _are_exact(balls: list[Any], most: float) -> bool:
    """Whether numbers are multiples of a power of two that is no less than so much: then no partial sum is rounded."""
    if not all(map(arb.is_exact, balls)):
        return False
    return all(int(ball.mid().man_exp()[1]) >= math.frexp(most)[1] for ball in balls if not ball.is_zero())


def total(term: Callable[..., Any], *places: Callable[..., Iterable[int]]) -> Any:
    """A sum over one index or several.

    Args:
        term: The term, called with all indices.
        *places: The places of each index, from the outermost to the innermost, called with the indices outside of it.

    Returns:
        A ball; 0 for no terms.
    """
    bounded = _ANY_ORDER.get()
    if bounded is not None:
        return _bounded(list(_terms(term, places, ())), bounded)
    outer, *inner = places
    of = outer()
    if not inner and not _is_long(of):
        return added(*map(term, of))
    return _sum(_terms(term, places, ()))


def largest(term: Callable[..., Any], *places: Callable[..., Iterable[int]]) -> Any:
    """The largest of many values over one index or several: that very ball where it is settled which, and they are few; otherwise a hull.

    Args:
        term: The value, called with all indices.
        *places: The places of each index; see `total`.
    """
    return functools.reduce(larger, (_greatest(each) for each in _terms(term, places, ())))


def larger(u: Any, v: Any) -> Any:
    """The larger of two balls: that very ball where it is settled which, so that it is known again; else a hull."""
    if arb(u) >= arb(v):
        return u
    return v if arb(v) >= arb(u) else arb(u).max(arb(v))


def _greatest(value: Any) -> Any:
    """The greatest of a row; a ball is its own."""
    if not isinstance(value, Vector):
        return value
    if value.scale is not None:
        raise TermByTerm
    if not np.any(value.l) and not np.any(value.radius):
        return arb(float(np.max(value.h)))
    low, high = value.ends()
    return arb(float(np.max(low))).union(arb(float(np.max(high))))


def terms(term: Callable[..., Any], *places: Callable[..., Iterable[int]]) -> Iterator[Any]:
    """The values one after the other, none of them together."""
    own, *inner = places
    for place in own():
        if inner:
            yield from terms(functools.partial(term, place), *(functools.partial(each, place) for each in inner))
        else:
            yield term(place)


def _sum(terms: Iterable[Any]) -> Any:
    if _USUAL_ORDERS.get():
        terms = list(terms)
        if not any(isinstance(each, Vector) for each in terms):
            return _in_usual_orders(terms)
    s: Any = 0
    for each in terms:
        s = s + (each.total(s) + each.lost_beside(s) if isinstance(each, Vector) else each)
    return s


def _terms(term: Callable[..., Any], places: tuple[Callable[..., Iterable[int]], ...], fixed: tuple[int, ...]) -> Any:
    """The terms one after the other; many of the innermost index as a vector."""
    own, *inner = places
    if len(inner) == 1:
        # The usual two indices, in one loop.
        for place in own(*fixed):
            of = inner[0](*fixed, place)
            if _is_long(of):
                yield from _terms(term, (inner[0],), (*fixed, place))
            else:
                yield from map(functools.partial(term, *fixed, place), of)
        return
    if inner:
        for place in own(*fixed):
            yield from _terms(term, tuple(inner), (*fixed, place))
        return
    of = own(*fixed)
    if _is_long(of) and isinstance(of, range):
        # What cannot take a whole row refuses it, a list of labels or a logarithm by an error of its own. Nothing is hidden by that: every term is
        # then evaluated by itself, and what is really wrong with it fails again.
        with contextlib.suppress(TermByTerm, TypeError, IndexError):
            together = term(*fixed, Every(of))
            if isinstance(together, Vector) and len(together.h) == len(of):
                yield together
                return
    for place in of:
        yield term(*fixed, place)


def _is_long(of: Any) -> bool:
    """Whether the values at so many places are computed together, at the precision in force."""
    return isinstance(of, range) and len(of) >= MANY and ctx.prec <= HIGHEST


def _bounded(terms: list[Any], bounded: Bounded) -> Any:
    """The sum of terms for any order, if they are of one sign; otherwise in balls of two bits fewer, which is four times as wide."""
    vectors = [each for each in terms if isinstance(each, Vector)]
    scaled: Callable[[Any], Any] = arb
    low = high = np.array([np.nan])
    if vectors and len(vectors) == len(terms):
        low, high, scaled = _common_ends(vectors)
    elif terms and not vectors and all(arb(each).is_finite() for each in terms):
        low, high = (np.array([float(end(arb(each))) for each in terms]) for end in (arb.lower, arb.upper))
        exact = np.array([arb(each).is_exact() for each in terms])
        low = np.where(exact & (low == 0), 0.0, np.nextafter(low, -np.inf))
        high = np.where(exact & (high == 0), 0.0, np.nextafter(high, np.inf))
    for sign, (least, most) in ((1, (low, high)), (-1, (-high, -low))):
        if bool((least >= 0).all()):
            bounded.sums += len(least) * bounded.unit >= _WIDE
            found = scaled(_between(*bounds(least, most, bounded.unit), bounded.unit))
            shifted = bool(vectors) and all(each.shifted for each in vectors)
            return sign * found if shifted or bool(abs(found) < bounded.largest) else arb.nan()
    with ctx.workprec(max(bounded.bits - 2, 2)):
        return _sum(terms)


def _common_ends(vectors: list[Vector]) -> tuple[Floats, Floats, Callable[[Any], Any]]:
    """The ends of all entries of several vectors, and how a number of their common scale, the largest, becomes a ball."""
    with ctx.workprec(HIGHEST):
        scales = [arb(1) if each.scale is None else arb(each.scale) for each in vectors]
        largest = max(range(len(scales)), key=lambda place: float(abs(scales[place] / scales[0]).mid()))
        ratios = [scale / scales[largest] for scale in scales]
        factors = [(float(ratio.lower()), float(ratio.upper())) for ratio in ratios]
    lows, highs = [], []
    for each, (least, most) in zip(vectors, factors, strict=True):
        low, high = each.ends()
        if (least, most) != (1, 1):
            least, most = np.nextafter(least, -np.inf), np.nextafter(most, np.inf)
            sides = [low * least, low * most, high * least, high * most]
            low, high = np.minimum.reduce(sides), np.maximum.reduce(sides)
            low, high = np.where(low == 0, 0.0, np.nextafter(low, -np.inf)), np.nextafter(high, np.inf)
        lows.append(low)
        highs.append(high)
    return np.concatenate(lows), np.concatenate(highs), vectors[largest].scaled


def _between(low: float, high: float, unit: float) -> Any:
    # Four units in the last place for the terms, and four for what is done with the sum.
    low, high = low * (1 - 16 * unit), high * (1 + 16 * unit)
    return arb(low).union(arb(high)) if math.isfinite(high) else arb.nan()


def bounds(low: Floats, high: Floats, unit: float) -> tuple[float, float]:
    """What the sum of terms that are not negative may be in numbers with this unit roundoff, in any order: L and U.

    Args:
        low: The least that each term may be.
        high: The most.
        unit: $2^{-p}$.
    """
    slack = 1 + len(high) * 2.0**-51
    # Of few terms any tree has fewer roundings than that.
    growth = min(math.log(2) + levels(len(high)) * math.log1p(unit), (len(high) - 1) * math.log1p(unit))
    most = float(np.sum(high)) * slack * math.exp(growth) * (1 + _RADII)
    # The sum stops growing after some multiples of 1/u terms; only so many have to be in order.
    some = min(len(low), int(16 / unit))
    largest = np.partition(low, len(low) - some)[len(low) - some :]
    least = _stagnating(np.sort(largest)[::-1].tolist(), unit)
    if least is None:
        least = _stagnating(np.sort(low)[::-1].tolist(), unit, to_the_end=True) or 0.0
    return least * (1 - 2.0**-30), most


def levels(count: int) -> int:
    r"""$\lceil \log_2 N \rceil$."""
    return (count - 1).bit_length()


def _stagnating(terms: list[float], unit: float, to_the_end: bool = False) -> float | None:
    """$L$ of terms that descend; None if it is still growing at the last of them, unless these are all."""
    s, *rest = terms
    for x in rest:
        grown = (1 - unit) * (s + x)
        if grown <= s:
            return s
        s = grown
    return s if to_the_end else None


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of indices whose values are kept; those of a whole row at once are not, as nobody asks for them twice."""
    known = functools.lru_cache(_KEPT)(function)
    count = function.__code__.co_argcount
    if count == 0:
        return known
    if count == 1:
        return lambda one: function(one) if one.__class__ is Every else known(one)
    if count == 2:
        return lambda one, other: (
            function(one, other) if one.__class__ is Every or other.__class__ is Every else known(one, other)
        )
    return lambda *places: function(*places) if Every in map(type, places) else known(*places)
