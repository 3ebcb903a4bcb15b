"""The reference of a formula: its program as it is documented, and its mathematics, laws, conventions, rounding and mistakes, to be unfolded."""

from __future__ import annotations

import re
from pathlib import Path

from refmath.oracle.made import made
from refmath.spec import Formula
from tools.site.markdown import details
from tools.site.parts import conventions, laws, made_by_operators, mistakes, options, steps
from tools.site.rounding import rounding
from tools.site.tex import displays

_COURSE = Path(__file__).parents[2] / "docs" / "learn"
#: The formulas whose programs the course shows step by step.
TAUGHT = {name for page in _COURSE.glob("*.md") for name in re.findall(r'"steps_(\w+)\.md"', page.read_text("utf-8"))}


def sheet(formula: Formula) -> str:
    """The reference, to be put under the heading of its formula."""
    program = f"::: {formula.program.__module__}\n    options:\n      members: [{formula.name}]"
    titled = [
        ("The definition, as SymPy holds it", displays(formula)),
        *([("The program, step by step", steps(formula.program))] if formula.name not in TAUGHT else []),
        *([("Options", options(formula))] if formula.options is not None else []),
        ("Laws", laws(formula)),
        *([("Conventions", conventions(formula))] if formula.conventions else []),
        *([("How far an honest answer may be off", text)] if (text := rounding(formula)) else []),
        *([("Common mistakes", mistakes(formula))] if formula.mistakes else []),
        *([("Mistakes with the definition", made_by_operators(formula))] if made(formula) else []),
    ]
    return "\n\n".join([program, *(details(title, body) for title, body in titled)]) + "\n"
