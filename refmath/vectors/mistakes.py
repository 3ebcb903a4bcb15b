"""Inputs on which a program is refused: every mistake of a page, and what another convention would give."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence

from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import FORMATS
from refmath.conventions import outside
from refmath.kinds.kind import Class
from refmath.mistakes.programs import program_of
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.searching.declining import masks
from refmath.oracle.searching.search import is_accepted
from refmath.spec import Formula, Program, Setting, setting
from refmath.vectors.cases import Case, case_of, interval, name_of
from refmath.vectors.inputs import Inputs, draw
from refmath.vectors.reasons import Reason

_FORMAT = FORMATS["float64"]
#: How often every reason of a class is tried, before a mistake counts as one that the class does not refuse.
_ROUNDS: dict[Class, int] = {"typical": 6, "edge": 8, "extreme": 60}


#: The reason for a convention's cases on which the default is refused.
NOT_THE_DEFAULT = "not_the_default"


class NotRefused(Exception):
    """No input was found on which a program is refused that should be."""


def cases(under: Setting, table: list[Reason], tick: Callable[[str], None]) -> Iterator[Case]:
    """For each mistake an input of its own that refuses it, and more where one of its variants passes that."""
    for mistake in under.formula.mistakes:
        tick(mistake.name)
        programs = [
            functools.partial(program_of(under.formula, mistake), **variant) for variant in ({}, *mistake.variants)
        ]
        yield from _against(under, table, "mistake", mistake.name, programs, under)


def against_conventions(under: Setting, table: list[Reason], tick: Callable[[str], None]) -> Iterator[Case]:
    """For the default, an input that refuses each convention; for a convention, one that refuses the default."""
    for name, other in _others(under).items():
        tick(name)
        yield from _against(
            under, table, "convention", name, [other.program] if other.formula.has_program else [], other
        )


def reasons(formula: Formula) -> dict[str, str]:
    """What these reasons for a case mean, in a sentence."""
    return {
        **{mistake.name: mistake.text for mistake in formula.mistakes},
        **{f"not_{each.name}": f"The convention {each.name} gives another value here." for each in formula.conventions},
        NOT_THE_DEFAULT: "The formula's default gives another value here than the convention.",
    }


def _others(under: Setting) -> dict[str, Setting]:
    formula = under.formula
    if under.convention is not None:
        return {NOT_THE_DEFAULT: setting(formula)}
    return {f"not_{each.name}": setting(formula, each.name) for each in formula.conventions}


def _against(
    under: Setting, table: list[Reason], class_: str, why: str, programs: Sequence[Program], other: Setting
) -> Iterator[Case]:
    """As few inputs as refuse all of some programs, where these are defined."""
    found: list[tuple[Inputs, Acceptance]] = []
    for program in programs:
        if not any(refuses(under.formula, program, *each) for each in found):
            found.append(_refusing(under, table, why, program, other))
    for place, (inputs, expected) in enumerate(found, 1):
        name = name_of(under.convention, _FORMAT, why, place)
        yield case_of(under, name, class_, why, inputs, _FORMAT, expected)


def refuses(formula: Formula, program: Program, inputs: Inputs, expected: Acceptance) -> bool:
    """Whether a program raises, writes into its input, or answers outside the interval, or in another shape."""
    return not is_accepted(Candidate(program, formula=formula)(inputs), expected)


def _refusing(
    under: Setting, table: list[Reason], why: str, program: Program, other: Setting
) -> tuple[Inputs, Acceptance]:
    """The first inputs of its own on which a program is refused: typical ones, as long as these will do."""
    for class_, rounds in _ROUNDS.items():
        of_class = [reason for reason in table if reason.class_ == class_]
        for turn, reason in itertools.product(range(rounds), of_class):
            inputs = draw(under.formula, reason, _FORMAT, turn, under.convention or "", why)
            # Who does not know masks makes nan of them, whatever the mistake.
            if outside(under, inputs) or outside(other, inputs) or masks(under.formula, inputs):
                continue
            expected = interval(under, inputs, _FORMAT)
            if expected is not None and refuses(under.formula, program, inputs, expected):
                return inputs, expected
    raise NotRefused(f"no vector of {under.formula.name} refuses {why}")
