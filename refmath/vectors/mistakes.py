"""For every mistake of a page, inputs on which it is refused."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import FORMATS
from refmath.oracle.candidate import Candidate
from refmath.spec import Formula, Mistake, Setting
from refmath.vectors.cases import Case, case_of, interval
from refmath.vectors.drawing import Class, Inputs, Way
from refmath.vectors.stream import Stream

_FORMAT = FORMATS["float64"]
#: How often every way of a class is tried, before a mistake counts as one that the class does not refuse.
_ROUNDS: dict[Class, int] = {"typical": 6, "edge": 8, "extreme": 60}


class NotRefused(Exception):
    """No input was found on which a mistake is refused."""


def cases(under: Setting, ways: list[Way], tick: Callable[[str], None]) -> Iterator[Case]:
    """For each mistake an input of its own that refuses it, and more where one of its variants passes that."""
    for mistake in under.formula.mistakes:
        found: list[tuple[Inputs, Acceptance]] = []
        for variant in ({}, *mistake.variants):
            tick(mistake.name)
            program = functools.partial(mistake.program, **variant)
            if not any(refuses(under.formula, program, *each) for each in found):
                found.append(_refusing(under, ways, mistake, program))
        for place, (inputs, expected) in enumerate(found, 1):
            name = f"{_FORMAT.name}.{mistake.name}.{place}"
            yield case_of(under, name, "mistake", mistake.name, inputs, _FORMAT, expected)


def refuses(formula: Formula, program: Callable[..., Any], inputs: Inputs, expected: Acceptance) -> bool:
    """Whether a program raises, writes into its input, or answers outside the interval, or in another shape."""
    seen = Candidate(program, formula=formula)(inputs)
    return (
        seen.trouble is not None
        or seen.value.shape != expected.exact.shape
        or not bool(np.all(expected.accepts(seen.value)))
    )


def _refusing(
    under: Setting, ways: list[Way], mistake: Mistake, program: Callable[..., Any]
) -> tuple[Inputs, Acceptance]:
    """The first inputs of a stream of the mistake's own on which it is refused: typical ones, as long as these will do."""
    stream = Stream(under.formula.name, mistake.name)
    for class_, rounds in _ROUNDS.items():
        of_class = [way for way in ways if way.class_ == class_]
        for turn, way in itertools.product(range(rounds), of_class):
            inputs = way.draw(under.formula, stream, _FORMAT, turn)
            expected = interval(under, inputs, _FORMAT)
            if expected is not None and refuses(under.formula, program, inputs, expected):
                return inputs, expected
    raise NotRefused(f"no vector of {under.formula.name} refuses {mistake.name}")
