"""The functions by which derivatives are judged, with the derivatives that SymPy finds."""

from __future__ import annotations

import sympy as sp

from refmath.calculus.definitions import x
from refmath.calculus.functions import FAMILIES
from tools.site.derivative import collapsed
from tools.site.markdown import table
from tools.site.tex import tex

_AT = sp.Symbol("j", integer=True)


def families() -> str:
    """A table: each function, its partial derivative, and its third derivative in the same entry."""
    rows = [
        (
            f"${tex(each.definition)}$",
            f"${tex(_derivative(each.definition, 1))}$",
            f"${tex(_derivative(each.definition, 3))}$",
        )
        for each in FAMILIES[:5]
    ]
    return table(("$f(x)$", r"$\partial f / \partial x_j$", r"$\partial^3 f / \partial x_j^3$"), rows) + "\n"


def _derivative(f: sp.Expr, times: int) -> sp.Expr:
    for _ in range(times):
        f = sp.factor_terms(collapsed(f.diff(x[_AT])))
    return f
