"""The sheet of a formula: its mathematics, laws, conventions, rounding and mistakes, to be unfolded beside its program."""

from __future__ import annotations

from refmath.spec import Formula
from tools.site.markdown import details
from tools.site.parts import conventions, laws, mistakes
from tools.site.rounding import rounding
from tools.site.tex import displays


def sheet(formula: Formula) -> str:
    """The sheet, to be put under the heading of its formula."""
    titled = [
        ("The definition, as SymPy holds it", displays(formula)),
        ("Laws", laws(formula)),
        *([("Conventions", conventions(formula))] if formula.conventions else []),
        *([("How far an honest answer may be off", text)] if (text := rounding(formula)) else []),
        ("Common mistakes", mistakes(formula)),
    ]
    return "\n\n".join(details(title, body) for title, body in titled) + "\n"
