"""The parts of a formula's page, each printed from its record: what it is, its program step by step, its derivative, and its tables."""

from __future__ import annotations

import functools
import inspect
import re
from typing import Any

import numpy as np
import sympy as sp

from refmath.catalogue import formula as formula_named
from refmath.oracle.candidate import Candidate
from refmath.page_text import called_by, source
from refmath.spec import Formula, Law, Mistake, setting, unpacked
from refmath.vectors import formulas
from refmath.vectors.cases import Case
from tools.site.derivative import derivative_of, variable
from tools.site.markdown import cell, code, table
from tools.site.tex import displays, tex

#: An example is shown with its inputs if they hold no more numbers than this.
_FEW = 8
#: A comment that begins so says, in mathematics, what the lines under it compute.
_STEP = re.compile(r"^\s*#\| ?(.*)$")


def parts(formula: Formula) -> dict[str, str]:
    """All parts by name, without those that the formula does not have."""
    name = formula.name
    found = {
        f"definition_{name}": displays(formula),
        f"steps_{name}": steps(formula.program),
        f"laws_{name}": laws(formula),
        f"mistakes_{name}": mistakes(formula),
    }
    if formula.conventions:
        found[f"conventions_{name}"] = conventions(formula)
    if formula.derivative_of and formula.domain == "samples":
        found[f"derivative_{name}"] = derivative(formula)
    return {each: f"{text}\n" for each, text in found.items()}


def laws(formula: Formula) -> str:
    """The laws: those that leave only one function first."""
    ordered = sorted(formula.laws, key=lambda each: not each.defining)
    return table(("law", "what it says"), [_law(each) for each in ordered])


def conventions(formula: Formula) -> str:
    """Who means something else by the same name."""
    rows = [(f"`{each.name}`", cell(each.text), cell(each.source)) for each in formula.conventions]
    return table(("convention", "what differs", "who says so"), rows)


@functools.cache
def mistakes(formula: Formula) -> str:
    """The mistakes, each with the law that catches it and what it makes of an input."""
    rows = [
        (f"`{each.name}`", cell(each.text), f"`{each.caught_by}`", _example(formula, each)) for each in formula.mistakes
    ]
    return table(("mistake", "what is wrong", "law that catches it", "for example"), rows)


def derivative(gradient: Formula) -> str:
    """What SymPy finds when it differentiates a definition, what that is when its sums are done, and what the page's program computes."""
    value = formula_named(gradient.derivative_of or "")
    by = variable(gradient)
    entry = tex(by)
    raw, done, form = value.definition.diff(by), derivative_of(setting(value), gradient), gradient.definition
    lines = [
        f"SymPy, told to differentiate the definition with respect to ${entry}$, answers",
        f"$$ {tex(raw)} $$",
        *_reasons(raw, gradient),
    ]
    if done.has(sp.Heaviside):
        lines += ["That leaves, with θ for the step from 0 to 1,", f"$$ {tex(done)} $$"]
    lines += ["The program computes it in the form", f"$$ {gradient.display} = {tex(form)} $$"]
    return "\n\n".join(lines)


def _reasons(raw: Any, gradient: Formula) -> list[str]:
    """Why SymPy's answer is what the program computes, as far as it is more than algebra."""
    used = ["Each Kronecker delta picks its term out of its sum"] if raw.has(sp.KroneckerDelta) else []
    if len(gradient.inputs) > 1 and gradient.inputs[1].kind == "one_hot" and "softmax" in gradient.name:
        used.append("the entries of a target add up to one")
    return [" and ".join(used) + "."] if used else []


# ---- the program, step by step


def steps(program: Any) -> str:
    """The program, and the steps that it leaves to others of its page: words on one side, the lines that they are about on the other."""
    programs = [program, *(each for each in called_by(program) if "#| " in source(each))]
    rows = [row for each in programs for row in _rows(each)]
    cells = [f"{_div('words', words)}\n\n{_div('lines', code(lines, 'python'))}" for words, lines in rows]
    return _div("steps", "\n\n".join(cells))


def _rows(program: Any) -> list[tuple[str, str]]:
    """The lines of a function in groups, each with the words that stand above it; the first group has its docstring's first sentence."""
    summary = (inspect.getdoc(program) or "").partition("\n\n")[0].replace("\n", " ")
    groups: list[tuple[list[str], list[str]]] = [([summary], [])]
    for line in source(program).splitlines():
        found = _STEP.match(line)
        if found is None:
            groups[-1][1].append(line)
        elif groups[-1][1]:
            groups.append(([found[1]], []))
        else:
            groups[-1][0].append(found[1])
    return [(" ".join(words), "\n".join(lines).rstrip()) for words, lines in groups]


def _div(kind: str, body: str) -> str:
    return f'<div class="{kind}" markdown>\n\n{body}\n\n</div>'


# ---- the rows of the tables


def _law(law: Law) -> tuple[str, str]:
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
