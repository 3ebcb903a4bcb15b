"""The mathematics of `refmath.calculus.functions`, by the names that they have there: SymPy expressions over any number N of entries."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from refmath.symbols import N, i

x, c = sp.IndexedBase("x", shape=(N,), real=True), sp.IndexedBase("c", shape=(N,), real=True)


def _sum(summand: sp.Expr) -> sp.Expr:
    return sp.Sum(summand, (i, 0, N - 1))


DEFINITIONS: Mapping[str, sp.Expr] = {
    "SQUARES": _sum(c[i] * x[i] ** 2),
    "CUBES": _sum(c[i] * x[i] ** 3),
    "SQUARED_SUM": _sum(c[i] * x[i]) ** 2,
    "PRODUCT": _sum(x[i] ** 2) * _sum(c[i] * x[i]),
    "EXPONENTIALS": _sum(sp.exp(c[i] * x[i])),
    "BELL": sp.exp(-_sum(c[i] ** 2 * x[i] ** 2) / 8),
    "LOG_SUM_EXP": sp.log(_sum(sp.exp(c[i] * x[i]))),
    "FRACTION": _sum(c[i] * x[i]) / (1 + _sum(x[i] ** 2)),
}
