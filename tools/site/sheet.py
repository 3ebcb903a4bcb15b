"""The sheet of a formula: its mathematics, laws, conventions and mistakes, printed from its record."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from sympy.printing.latex import LatexPrinter

from refmath.oracle.candidate import Candidate
from refmath.spec import Formula, Mistake, unpacked
from refmath.vectors import formulas
from refmath.vectors.cases import Case
from tools.site.markdown import cell, details, table

#: An example is shown with its inputs if they hold no more numbers than this.
_FEW = 8


def sheet(formula: Formula) -> str:
    """The sheet, to be put under the heading of its formula."""
    parts = [
        details("The definition, as SymPy holds it", _display(formula)),
        details("Laws", table(("law", "what it says"), [_law(each) for each in formula.laws])),
    ]
    if formula.conventions:
        known = [(f"`{each.name}`", cell(each.text), cell(each.source)) for each in formula.conventions]
        parts.append(details("Conventions", table(("convention", "what differs", "who says so"), known)))
    rows = [
        (f"`{each.name}`", cell(each.text), f"`{each.caught_by}`", _example(formula, each)) for each in formula.mistakes
    ]
    parts.append(
        details("Common mistakes", table(("mistake", "what is wrong", "law that catches it", "for example"), rows))
    )
    return "\n\n".join(parts) + "\n"


class _OneSumAfterTheOther(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's TeX, but with a sign of its own for each index of a sum, the outer one first."""

    def _print_Sum(self, expr: Any) -> str:
        signs = [
            f"\\sum_{{{self._print(i)}={self._print(low)}}}^{{{self._print(high)}}}" for i, low, high in expr.limits
        ]
        body = self._print(expr.function)
        return " ".join([*reversed(signs), rf"\left({body}\right)" if expr.function.is_Add else body])


def _tex(definition: Any) -> str:
    return str(_OneSumAfterTheOther().doprint(definition))


def _display(formula: Formula) -> str:
    sign = "" if formula.display.endswith(r"\approx") else "="
    first = f"$$ {formula.display} {sign} {_tex(formula.definition)} $$"
    others = [f"Entry `{part.key}`:\n\n$$ {_tex(part.definition)} $$" for part in formula.parts[1:]]
    return "\n\n".join([first, *others])


def _law(law: Any) -> tuple[str, str]:
    return f"`{law.name}`", cell(law.text) + (" *(defining)*" if law.defining else "")


def _example(formula: Formula, mistake: Mistake) -> str:
    """What the mistake gives at a test vector, and what is right there, in the entry that is furthest off."""
    # A descent's function stands in its vectors as a matrix, which says little in a table.
    case = None if formula.domain in ("function", "descent") else _vectors(formula).get(mistake.name)
    if case is None or case.answer is None:
        return ""
    seen = Candidate(mistake.program, formula=formula)(unpacked(formula, list(case.inputs.values())))
    if seen.trouble is not None:
        return cell(seen.text)
    expected = _flat(case.answer.expected)
    given = np.ravel(seen.value)
    if given.shape != expected.shape:
        return f"{given.size} numbers instead of {expected.size}"
    off = np.nan_to_num(np.abs(given - expected) / (np.abs(expected) + 1e-300), nan=np.inf)
    worst = int(np.argmax(off))
    return f"{_of(formula, case)}{given[worst]:.6g} instead of {expected[worst]:.6g}"


def _flat(value: Any) -> Any:
    return np.concatenate([np.ravel(each) for each in value.values()]) if isinstance(value, dict) else np.ravel(value)


def _of(formula: Formula, case: Case) -> str:
    """The arguments, where they are short enough to be read in a table."""
    arguments = list(case.inputs.values())
    if any(isinstance(each, dict) for each in arguments):
        return ""
    if sum(np.size(each) for each in arguments) > _FEW:
        return ""
    shown = ", ".join(str(np.asarray(each).tolist()) for each in arguments)
    return f"`{formula.name}({shown})`: "


@functools.cache
def _vectors(formula: Formula) -> dict[str, Case]:
    """The first test vector for each mistake, under the default."""
    found: dict[str, Case] = {}
    for case in formulas.cases(formula):
        if case.class_ == "mistake" and case.convention is None:
            found.setdefault(case.why, case)
    return found
