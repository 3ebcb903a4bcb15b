"""How far an honest answer of a formula may be off, and what that is measured against."""

from __future__ import annotations

import functools

from refmath.balls.formats import FORMATS
from refmath.oracle.forms import MOST, figures
from refmath.spec import Formula, setting
from tools.site.tex import tex


@functools.cache
def rounding(formula: Formula) -> str:
    """The forms whose rounding is allowed for, each with its radius on typical inputs; empty for what is computed in another way."""
    if formula.takes_function or formula.by_layers or any(each.arrays for each in formula.inputs):
        return ""
    chosen = setting(formula)
    said = [
        f"An honest answer may be off by what evaluating {'this form' if chosen.forms else 'the definition'} loses."
    ]
    said += [f"*{form.name}*, as in {form.source}:\n\n$$ {tex(form.definition)} $$" for form in chosen.forms]
    for form in chosen.forms or (None,):
        told = figures(chosen, form, FORMATS["float64"])
        said.append(
            f"In float64, on typical inputs left as they are, its radius is {told.middle:.2g} times conditioning and one unit in the last place in the "
            f"middle, and at most {told.worst:.2g} times conditioning and one unit in the last place of the larger of the value and 1; "
            f"more than {MOST:g} would be no form. Evaluated as it is written it is off by up to {told.shares['typical']:.2g} of the radius."
        )
    return "\n\n".join(said)
