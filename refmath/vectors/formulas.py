"""All cases of a formula: under its default in every format, under each convention, for each mistake, and the special ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import FORMULAS
from refmath.conventions import outside
from refmath.spec import Formula, setting
from refmath.vectors import mistakes, special, steps, trajectory
from refmath.vectors.cases import Case, case_of, interval, name_of
from refmath.vectors.inputs import draw
from refmath.vectors.reasons import Reason, reasons_to_try

#: Formulas that have vectors: a function that may be any is no data.
WITH_VECTORS = tuple(page for page in FORMULAS if all(each.kind != "function" for each in page.inputs))
#: Steps of optimisers with a state, of which a hundred in a row have vectors too.
STEPS = {steps.name(page): page for page in WITH_VECTORS if steps.is_step(page)}
NAMES = (*(each.name for each in WITH_VECTORS), *STEPS, trajectory.NAME)

_FLOAT64 = FORMATS["float64"]


def cases(formula: Formula, tick: Callable[[str], None] = lambda _what: None) -> Iterator[Case]:
    """All cases of a formula.

    Args:
        formula: One of `WITH_VECTORS`.
        tick: Called with a word on what is being done.
    """
    table, default = reasons_to_try(formula), setting(formula)
    for format_ in FORMATS.values():
        tick(format_.name)
        yield from _standing(formula, None, table, format_)
    for convention in formula.conventions:
        for format_ in (_FLOAT64, FORMATS["float32"]):
            tick(convention.name)
            yield from _standing(formula, convention.name, table, format_)
        yield from mistakes.against_conventions(setting(formula, convention.name), table, tick)
    yield from mistakes.against_conventions(default, table, tick)
    yield from mistakes.cases(default, table, tick)
    yield from special.cases(formula)


def _standing(formula: Formula, convention: str | None, table: list[Reason], format_: Format) -> Iterator[Case]:
    under = setting(formula, convention)
    for reason in table:
        for turn in range(reason.times(format_, by_default=convention is None)):
            # The same inputs under every convention: what differs is the value.
            inputs = draw(under.formula, reason, format_, turn)
            expected = None if outside(under, inputs) else interval(under, inputs, format_)
            if expected is not None:
                name = name_of(convention, format_, reason.name, turn + 1)
                yield case_of(under, name, reason.class_, reason.name, inputs, format_, expected)


def reasons(formula: Formula) -> dict[str, str]:
    """What each reason for a case means, in a sentence."""
    return {
        **{reason.name: reason.text for reason in reasons_to_try(formula)},
        **special.texts(formula),
        **mistakes.reasons(formula),
    }
