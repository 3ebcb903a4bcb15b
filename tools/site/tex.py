"""TeX from SymPy, the way it is written on a blackboard."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from refmath.page_text import SIGNS
from refmath.spec import Formula, Part
from tools.site.shorter import Shorter, shorter

#: The letters of the text for arguments and parameters with longer names.
LETTERS = {
    "bias": r"\beta",
    "decay": r"\rho",
    "eps": r"\varepsilon",
    "gain": r"\gamma",
    "lr": r"\eta",
    "momentum": r"\mu",
    "pos_weight": "w",
    "slope": "s",
    "strength": r"\lambda",
    "upstream": "u",
    "velocity": "v",
    "weight_decay": r"\lambda",
}


def tex(expression: Any) -> str:
    """An expression, as TeX."""
    return str(_Blackboard({"ln_notation": True}).doprint(expression))


def displays(formula: Formula) -> str:
    """What a formula is, in a display; an answer that has several entries has one for each."""
    sign = "" if formula.display.endswith(SIGNS) else "="
    found = shorter([each.definition for each in formula.parts] or [formula.definition])
    meant = _meanings(found)
    first = f"$$ {formula.display} {sign} {tex(found.whole[0])} $$"
    if not formula.parts:
        return "\n\n".join([first, *meant])
    shown = _entry(formula.parts[0])
    assert shown in formula.display, f"the display of {formula.name} should hold {shown}"
    others = [
        f"$$ {formula.display.replace(shown, _entry(part))} {sign} {tex(whole)} $$"
        for part, whole in zip(formula.parts[1:], found.whole[1:], strict=True)
    ]
    return "\n\n".join([first, *others, *meant])


def in_lines(before: str, expression: Any) -> list[str]:
    """A display of an expression, behind what stands before it; and if it is long, the displays of what repeats in it."""
    found = shorter([expression])
    return [f"$$ {before} {tex(found.whole[0])} $$", *_meanings(found)]


def _meanings(found: Shorter) -> list[str]:
    lines = [f"$$ {tex(entry)} = {tex(meaning)} $$" for entry, meaning in found.parts]
    return ["where", *lines] if lines else []


def _entry(part: Part) -> str:
    """The entry of a parameter that a part is about: `W_{1,pq}` for the key W1."""
    indices = tuple(index for index, _ in part.output)
    return tex(sp.IndexedBase(part.key)[indices])


def _in_brackets(text: str) -> str:
    return rf"\left({text}\right)"


class _Blackboard(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's TeX, but with a sign of its own for each index of a sum, the outer one first, and the indices of a letter side by side."""

    def _print_Sum(self, expr: Any) -> str:
        signs = [
            f"\\sum_{{{self._print(i)}={self._print(low)}}}^{{{self._print(high)}}}" for i, low, high in expr.limits
        ]
        body = self._print(expr.function)
        return " ".join(
            [*reversed(signs), _in_brackets(body) if expr.function.is_Add or body.startswith("-") else body]
        )

    def _print_Mul(self, expr: Any) -> str:
        # What a sum is multiplied by stands before it, and not above and below in a fraction: 1/N Σ x.
        # SymPy prints 1/x by this function too, though it is no product.
        sums = [each for each in expr.args if isinstance(each, sp.Sum)] if expr.is_Mul else []
        if len(sums) != 1:
            return str(super()._print_Mul(expr))
        factor = sp.Mul(*(each for each in expr.args if each is not sums[0]))
        sign = "- " if factor.could_extract_minus_sign() else ""
        factor = -factor if sign else factor
        shown = self._print(factor)
        before = "" if factor == 1 else f"{_in_brackets(shown) if factor.is_Add else shown} "
        return f"{sign}{before}{self._print(sums[0])}"

    def _print_UnevaluatedExpr(self, expr: Any) -> str:
        return rf"\left({self._print(expr.args[0])}\right)"

    def _print_Product(self, expr: Any) -> str:
        return self._print_Sum(expr).replace(r"\sum", r"\prod")

    def _print_Largest(self, expr: Any, sign: str = r"\max") -> str:
        body = self._print(expr.function)
        under = ", ".join(self._print(index) for index, *_ in expr.limits)
        together = rf"\left({body}\right)" if expr.function.is_Add else body
        return rf"{sign}_{{{under}}} {together}"

    def _print_Smallest(self, expr: Any) -> str:
        return self._print_Largest(expr, r"\min")

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> Any:
        # x − h and not −h + x; and a letter before a product.
        terms = super()._as_ordered_terms(expr, order=order)
        return sorted(terms, key=lambda term: (term.could_extract_minus_sign(), term.is_Mul))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return LETTERS.get(expr.name) or str(super()._print_Symbol(expr, style))

    def _print_KroneckerDelta(self, expr: Any, exp: Any = None) -> str:
        # δ is the guard of the logarithm.
        left, right = map(self._print, expr.args)
        bracket = rf"\left[{left} = {right}\right]"
        return bracket if exp is None else f"{bracket}^{{{exp}}}"

    def _print_Indexed(self, expr: Any) -> str:
        indices = [self._print(index) for index in expr.indices]
        together = "".join(indices) if all(len(index) == 1 for index in indices) else ",".join(indices)
        name = expr.base.name
        if name.startswith("grad_"):
            entry = self._print(sp.IndexedBase(name.removeprefix("grad_"))[expr.indices])
            return rf"\frac{{\partial L}}{{\partial {entry}}}"
        letter = name.rstrip("0123456789")
        number = name.removeprefix(letter)
        return f"{self._print(sp.Symbol(letter))}_{{{number}{',' if number else ''}{together}}}"
