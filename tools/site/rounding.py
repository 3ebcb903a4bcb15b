"""How far an honest answer of a formula may be off, and what that is measured against."""

from __future__ import annotations

import functools
from dataclasses import replace

from refmath.balls.formats import FORMATS
from refmath.oracle.searching.forms import MOST, definitions_of, figures
from refmath.spec import Form, Formula, Setting, in_form, setting
from tools.site.markdown import cell, table, wrapped
from tools.site.tex import displays, in_lines

_HEAD = ("evaluated", "radius in the middle", "largest radius", "largest error found")


@functools.cache
def rounding(formula: Formula) -> str:
    """The forms whose rounding is allowed for, each with its radius on typical inputs; empty for what is computed in another way."""
    if formula.takes_function or formula.by_layers or any(each.arrays for each in formula.inputs):
        return ""
    chosen = setting(formula)
    as_written = any(definitions_of(in_form(chosen, form)) == definitions_of(chosen) for form in chosen.forms)
    said = [_OF_SEVERAL if as_written else _OF[min(len(chosen.forms), 2)]]
    for each in chosen.forms:
        said += [f"*{each.name}*, as in {each.source}:", *_display(chosen, each)]
    rows = []
    for form in chosen.forms or (None,):
        told = figures(chosen, form, FORMATS["float64"])
        name = form.name if form else "the definition as it is written"
        numbers = told.middle, told.worst, told.shares["typical"]
        rows.append((cell(name), *(f"{number:.2g}" for number in numbers)))
    said.append(
        "On typical float64 inputs, left as they are. The radius in the middle is a multiple of what conditioning and one unit in the last place come to, "
        "the largest one of conditioning and one unit in the last place of the larger of the value and 1; "
        f"more than {MOST:g} would be no form. The largest error of a program that rounds every operation is a share of the radius."
    )
    return "\n\n".join([*said, wrapped("rounding", table(_HEAD, rows))])


def _display(chosen: Setting, form: Form) -> list[str]:
    told = in_form(chosen, form)
    if not chosen.parts:
        return in_lines("", told.definition)
    return [displays(replace(chosen.formula, definition=told.definition, parts=told.parts))]


_OF = (
    "An honest answer may be off by what evaluating the definition loses, as it is written.",
    "No program evaluates the definition as it is written. An honest answer may be off by what evaluating this form of it loses.",
    "No program evaluates the definition as it is written. An honest answer may be off by what evaluating one of these forms of it loses.",
)
#: Where the definition is one of them.
_OF_SEVERAL = "Programs evaluate it in more than one way. An honest answer may be off by what any of these loses."
