"""TeX from SymPy, the way it is written on a blackboard."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from refmath.spec import Formula


def tex(expression: Any) -> str:
    """An expression, as TeX."""
    return str(_Blackboard({"ln_notation": True}).doprint(expression))


def displays(formula: Formula) -> str:
    """What a formula is, in a display; an answer that has several entries has one for each."""
    sign = "" if formula.display.endswith(r"\approx") else "="
    first = f"$$ {formula.display} {sign} {tex(formula.definition)} $$"
    others = [f"Entry `{part.key}`:\n\n$$ {tex(part.definition)} $$" for part in formula.parts[1:]]
    return "\n\n".join([first, *others])


class _Blackboard(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's TeX, but with a sign of its own for each index of a sum, the outer one first, and the indices of a letter side by side."""

    def _print_Sum(self, expr: Any) -> str:
        signs = [
            f"\\sum_{{{self._print(i)}={self._print(low)}}}^{{{self._print(high)}}}" for i, low, high in expr.limits
        ]
        body = self._print(expr.function)
        return " ".join([*reversed(signs), rf"\left({body}\right)" if expr.function.is_Add else body])

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> Any:
        # x − h and not −h + x; and a letter before a product.
        terms = super()._as_ordered_terms(expr, order=order)
        return sorted(terms, key=lambda term: (term.could_extract_minus_sign(), term.is_Mul))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        # The name of an argument is the letter of the text.
        return r"\eta" if expr.name == "lr" else str(super()._print_Symbol(expr, style))

    def _print_Indexed(self, expr: Any) -> str:
        base = self._print(expr.base)
        if expr.base.name.startswith("grad_"):
            of = self._print(sp.Symbol(expr.base.name.removeprefix("grad_")))
            base = rf"\frac{{\partial L}}{{\partial {of}}}"
        indices = [self._print(index) for index in expr.indices]
        together = "".join(indices) if all(len(index) == 1 for index in indices) else ",".join(indices)
        if "frac" in base:
            base = rf"\left({base}\right)"
        return f"{base}_{{{together}}}" if "_" not in base else f"{{{base}}}_{{{together}}}"
