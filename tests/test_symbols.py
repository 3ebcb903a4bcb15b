"""x ln y and x/y with 0 where x is 0, as SymPy's functions; the largest and the smallest of many values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

from refmath.catalogue import FORMULAS
from refmath.spec import Formula
from refmath.symbols import K, Largest, Smallest, free_symbols, k, xdivy, xlogy
from tools.site.tex import tex

x, y = sp.symbols("x y", real=True)
a = sp.IndexedBase("a", real=True)
OPEN = [(0.0, 0.0), (0.0, 2.0), (0.5, 0.25), (-3.0, 2.0), (1.0, 1.0)]


def expected(function: Any, at_x: float, at_y: float) -> float:
    if at_x == 0:
        return 0.0
    return at_x * math.log(at_y) if function is xlogy else at_x / at_y


@pytest.mark.parametrize("function", [xlogy, xdivy])
@pytest.mark.parametrize(("at_x", "at_y"), OPEN)
def test_they_are_zero_where_their_first_argument_is(function: Any, at_x: float, at_y: float) -> None:
    """By substitution, by evaluation, rewritten in pieces, and printed for Python, NumPy and mpmath, without a warning."""
    written = 3 + 2 * function(x, y) / 7
    value = 3 + 2 * expected(function, at_x, at_y) / 7
    assert float(written.subs({x: sp.Rational(at_x), y: sp.Rational(at_y)})) == pytest.approx(value)
    assert float(written.evalf(subs={x: at_x, y: at_y})) == pytest.approx(value)
    assert float(written.rewrite(sp.Piecewise).subs({x: at_x, y: at_y})) == pytest.approx(value)
    for library in ("math", "numpy", "mpmath"):
        assert float(sp.lambdify((x, y), written, library)(at_x, at_y)) == pytest.approx(value)
    with mp.workdps(50):
        found = sp.lambdify((x, y), function(x, y), "mpmath")(mp.mpf(at_x), mp.mpf(at_y))
        exact = 0 if at_x == 0 else mp.mpf(at_x) * mp.log(at_y) if function is xlogy else mp.mpf(at_x) / at_y
        assert abs(found - exact) < mp.mpf(10) ** -45


def test_arrays_take_them_entry_by_entry() -> None:
    """Printed for NumPy, zeros of an array are zeros of the value."""
    of_x, of_y = np.array([0.0, 0.0, 2.0]), np.array([0.0, 5.0, 3.0])
    assert sp.lambdify((x, y), xlogy(x, y))(of_x, of_y).tolist() == [0.0, 0.0, 2 * math.log(3)]
    assert sp.lambdify((x, y), xdivy(x, y))(of_x, of_y).tolist() == [0.0, 0.0, 2 / 3]


def test_what_is_told_of_the_first_argument() -> None:
    """What is no zero gives the ordinary product; factors and signs are taken out, so that opposite terms cancel."""
    positive = sp.Symbol("p", positive=True)
    assert xlogy(positive, y) == positive * sp.log(y)
    assert xdivy(sp.exp(x), y) == sp.exp(x) / y
    assert xlogy(-2 * x, y) == -2 * xlogy(x, y)
    assert xlogy(x - 1, y) + xlogy(1 - x, y) == 0
    assert xlogy(0, y) == xdivy(0, sp.oo) == 0
    assert xlogy(sp.nan, y) is sp.nan
    assert xlogy(x, y).doit() == xlogy(x, y)


def test_whether_they_are_real() -> None:
    """x/y of real numbers is real, x ln y where y is not negative."""
    share = sp.Symbol("s", nonnegative=True)
    assert xlogy(x, share).is_extended_real
    assert xdivy(x, y).is_extended_real
    assert xlogy(x, y).is_extended_real is None
    assert xdivy(sp.Symbol("z"), y).is_extended_real is None


def test_slopes() -> None:
    """The slopes are right where x is not 0, and finite or infinite as the limits are where it is."""
    assert xlogy(x, x).diff(x) == sp.log(x) + xdivy(x, x)
    assert xlogy(x, y).diff(y).subs(x, 0) == 0
    assert xdivy(x, y).diff(y) == -xdivy(x, y**2)
    assert xlogy(x**2, 3 * y).diff(x) == 2 * x * sp.log(3 * y)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (xlogy(x, y), r"x \ln{\left(y \right)}"),
        (xlogy(1 - x, y) / 2, r"- \frac{\left(x - 1\right) \ln{\left(y \right)}}{2}"),
        (xlogy(x, y) ** 2, r"\left(x \ln{\left(y \right)}\right)^{2}"),
        (xdivy(x, y), r"\frac{x}{y}"),
        (sp.Sum(xlogy(a[k], y), (k, 0, K - 1)), r"\sum_{k=0}^{K - 1} a_{k} \ln{\left(y \right)}"),
        (sp.Sum(a[k], (k, 0, K - 1)) / y, r"\frac{1}{y} \sum_{k=0}^{K - 1} a_{k}"),
        (-sp.Sum(-a[k], (k, 0, K - 1)) / 2, r"- \frac{1}{2} \sum_{k=0}^{K - 1} \left(- a_{k}\right)"),
        (1 / sp.Sum(a[k], (k, 0, K - 1)), r"\frac{1}{\sum_{k=0}^{K - 1} a_{k}}"),
        ((x + 1) * sp.Sum(a[k], (k, 0, K - 1)), r"\left(x + 1\right) \sum_{k=0}^{K - 1} a_{k}"),
        (sp.Symbol("eps") + sp.Symbol("decay") * x, r"\varepsilon + \rho x"),
        (sp.Product(a[k], (k, 0, K - 1)), r"\prod_{k=0}^{K - 1} a_{k}"),
        (Largest(a[k] + 1, (k, 0, K - 1)), r"\max_{k} \left(a_{k} + 1\right)"),
        (Smallest(a[k], (k, 0, K - 1)), r"\min_{k} a_{k}"),
    ],
    ids=str,
)
def test_as_on_a_blackboard(written: sp.Expr, expected: str) -> None:
    """In a display they look like what they are."""
    assert tex(written) == expected


def test_the_smallest_of_so_many() -> None:
    """Once the sizes are numbers, the smallest is a minimum; before that it stays as it is."""
    smallest = Smallest(a[k], (k, 0, K - 1))
    assert smallest.doit() == smallest
    assert smallest.subs(K, 2).doit() == sp.Min(a[0], a[1])
    assert Largest(a[k], (k, 0, K - 1)) != smallest


@pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
def test_free_symbols_are_those_that_sympy_finds(page: Formula) -> None:
    """But for entries, and for the sizes that only the shapes of arguments hold."""
    for definition in [part.definition for part in page.parts] or [page.definition]:
        shapeless = definition.replace(sp.IndexedBase, lambda label, *_: sp.IndexedBase(label))
        found = {each for each in shapeless.free_symbols if isinstance(each, sp.Symbol)}
        assert free_symbols(definition) == found
