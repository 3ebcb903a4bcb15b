r"""Gradients of known functions in balls, and how far an honest numerical gradient may be from them.

A central difference with step h is off by $\frac{h^2}{6} \partial^3 f$ somewhere between x − h and x + h, and by the rounding of f divided by h. Both are
bounded here by balls: the third derivative over that whole stretch, and f at the format's own precision. An honest step is the page's
1e-4 or a smaller one down to 1e-6, about the cube root of float64's unit, where the two errors are in balance.

All entries of a gradient together take a multiple of what the function takes itself: sums that they have in common are computed once, also where one
entry is moved and the others stay.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.compile import evaluation
from refmath.calculus.definitions import c, x
from refmath.calculus.functions import Family, Function
from refmath.symbols import N, j, k

Balls = NDArray[Any]

#: The largest and the smallest step that an honest numerical gradient takes.
LARGEST_STEP, SMALLEST_STEP = 1e-4, 1e-6
#: Steps are taken in float64 whatever the dtype of x.
BITS, UNIT = 53, 2.0**-52
_PRECISION = 128


@functools.cache
def _derivative(family: Family, *by: sp.Symbol) -> sp.Expr:
    """A derivative of a family by entries of x, without a sum over a Kronecker delta."""
    if not by:
        return family.definition
    return _collapsed(sp.diff(_derivative(family, *by[:-1]), x[by[-1]]))


def _collapsed(expr: sp.Expr) -> sp.Expr:
    """Each sum over all entries that a Kronecker delta picks one of is that one."""
    replaced: sp.Expr = expr.replace(lambda each: isinstance(each, sp.Sum), _collapsed_sum)
    return replaced


def _collapsed_sum(total: sp.Sum) -> sp.Expr:
    ((index, *ends),) = total.limits
    if ends != [0, N - 1]:
        return total
    return sp.Add(*(_picked(term, index, sp.Sum(term, total.limits[0])) for term in sp.Add.make_args(total.function)))


def _picked(term: sp.Expr, index: sp.Symbol, total: sp.Sum) -> sp.Expr:
    """The sum of one term: what a delta among its factors picks, zero, or the sum itself."""
    if term == 0:
        return term
    for delta in sp.Mul.make_args(term):
        if isinstance(delta, sp.KroneckerDelta) and index in delta.args:
            (picked,) = set(delta.args) - {index}
            return (term / delta).xreplace({index: picked})
    return total


def _at(f: Function, point: list[Any], *by: sp.Symbol) -> Callable[..., Any]:
    """A derivative of f at a point, as a function of the entries that it is taken by; at the precision in force."""
    indices = tuple(dict.fromkeys(by))
    return _summed(
        (factor, evaluation(_derivative(family, *by), (x, c, N), indices)(point, _exact(coefficients), len(point)))
        for factor, family, coefficients in f.terms
    )


def _summed(terms: Iterable[tuple[float, Callable[..., Any]]]) -> Callable[..., Any]:
    exact = [(arb(factor), term) for factor, term in terms]
    return lambda *indices: sum((factor * arb(term(*indices)) for factor, term in exact), arb(0))


def _exact(coefficients: tuple[float, ...]) -> list[Any]:
    return [arb(each) for each in coefficients]


def gradient(f: Function, point: list[Any], entries: Iterable[int] | None = None) -> Balls:
    """The partial derivatives of f at a point, or some of them, at the precision in force."""
    slope = _at(f, point, j)
    return _row(slope(entry) for entry in _places(point, entries))


def own_second_derivatives(f: Function, point: list[Any]) -> list[Any]:
    """The second derivatives by each entry alone, at the precision in force."""
    own = _at(f, point, j, j)
    return [own(entry) for entry in range(len(point))]


def second_derivatives(f: Function, point: list[Any]) -> list[list[Any]]:
    """The second derivatives of f at a point, at the precision in force."""
    entries = range(len(point))
    own = own_second_derivatives(f, point)
    # The mixed ones of the other terms are zero.
    mixed = _at(Function(tuple(term for term in f.terms if not term[1].separable)), point, j, k)
    upper = {(i, l): mixed(i, l) for i in entries for l in entries if i < l}
    return [[own[i] if i == l else upper[min(i, l), max(i, l)] for l in entries] for i in entries]


def allowance(f: Function, point: list[Any], entries: Iterable[int] | None = None) -> Balls:
    """How far an honest central difference may be from each partial derivative, without the usual factor of 4.

    Args:
        f: The function.
        point: Where it is differentiated: balls, which may be wide.
        entries: Only these entries are of interest.

    Returns:
        One bound for each entry.
    """
    rounding = _rounding(f, point) / SMALLEST_STEP
    places = _places(point, entries)
    if f.is_quadratic:
        return _row(rounding.upper() for _ in places)
    with ctx.workprec(_PRECISION):
        third = _third_derivatives(f, point)
        truncations = [abs(third(entry)).upper() * LARGEST_STEP**2 / 6 for entry in places]
    return _row((rounding + each).upper() for each in truncations)


def _third_derivatives(f: Function, point: list[Any]) -> Callable[[int], Any]:
    """The third derivatives by each entry alone, wherever within a step it is, while the others stay where they are."""
    stretched = [each + arb(0, 1.01 * LARGEST_STEP) for each in point]

    def term(family: Family, coefficients: tuple[float, ...]) -> Callable[..., Any]:
        sums, third = _by_one_entry(family)
        exact, size = _exact(coefficients), len(point)
        others = [_sums_of_others([at(entry) for entry in range(size)]) for at in (s(point, exact, size) for s in sums)]
        moved: Callable[..., Any] = third(stretched, exact, size, *others)
        return moved

    # The second derivatives of a quadratic function are constant.
    return _summed(
        (factor, term(family, coefficients)) for factor, family, coefficients in f.terms if not family.quadratic
    )


@functools.cache
def _by_one_entry(family: Family) -> tuple[list[Callable[..., Any]], Callable[..., Any]]:
    """The summands of all sums in the third derivative, and that derivative as a function of the sums of the other entries.

    Its x is for the entry it is taken by; the sums of the others are arrays, with one sum for each entry that is left out.
    """
    derivative = _derivative(family, j, j, j)
    sums = sorted((each for each in derivative.atoms(sp.Sum) if each.limits[0][1:] == (0, N - 1)), key=str)
    others = [sp.IndexedBase(f"others_{place}") for place in range(len(sums))]
    split = {
        each: rest[j] + each.function.xreplace({each.limits[0][0]: j}) for each, rest in zip(sums, others, strict=True)
    }
    summands = [evaluation(each.function, (x, c, N), (each.limits[0][0],)) for each in sums]
    return summands, evaluation(derivative.xreplace(split), (x, c, N, *others), (j,))


def _sums_of_others(values: list[Any]) -> list[Any]:
    """For each value the sum of all others: of those before it and those after it, as a difference of balls would be wider."""
    before = itertools.accumulate(values, initial=arb(0))
    after = list(itertools.accumulate(reversed(values), initial=arb(0)))[-2::-1]
    return [one + other for one, other in zip(before, after, strict=False)]


def _rounding(f: Function, point: list[Any]) -> Any:
    """The rounding of f a step away from the point: as much as it loses at float64's precision, x + h being rounded as well."""
    lost = arb(0)
    with ctx.workprec(BITS):
        for side in (LARGEST_STEP, -LARGEST_STEP):
            moved = [arb(each.mid()) + side for each in point]
            rounded = [arb(each.mid(), abs(each.mid()) * UNIT) for each in moved]
            lost = max(lost, _at(f, rounded)().rad().upper())
    return lost


def _places(point: list[Any], entries: Iterable[int] | None) -> Iterable[int]:
    return range(len(point)) if entries is None else entries


def _row(balls: Iterable[Any]) -> Balls:
    return np.array(list(balls), object)
