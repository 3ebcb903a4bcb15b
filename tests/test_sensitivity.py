"""How small a fault is found by a whole conformance run: a millionth in any one argument, four times what is allowed in any one entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from surveyed import by_signature, is_stepwise, signature

import refmath
from refmath import FORMULAS
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.spec import Formula, Input, are_labels, packed, setting, unpacked

pytestmark = pytest.mark.long

FLOAT64 = FORMATS["float64"]
#: Inputs of each class.
FEW = 4


@pytest.fixture(autouse=True)
def the_interval_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No law is tried and no mistake looked for: whatever is refused here lies outside the interval."""
    monkeypatch.setattr("refmath.oracle.verdict._laws", lambda _search: ((), set(), 0))
    monkeypatch.setattr("refmath.oracle.verdict.diagnose", lambda *_arguments: None)
    monkeypatch.setattr("refmath.oracle.verdict.answers_of_mistakes", lambda *_arguments: {})


def counts(page: Formula, argument: Input) -> bool:
    """Whether an argument is of any account: a backward form takes those of the layer, needed or not."""
    definitions = [part.definition for part in page.parts] or [page.definition]
    return page.by_layers or any(argument.symbol in each.atoms(type(argument.symbol)) for each in definitions)


def nudges() -> list[Any]:
    """The arguments that are numbers: the first of each kind and signature, and in the session `zoo` all of them.

    Those of a function are differentiated numerically, where a millionth of the point is within the error.
    """
    known: set[Any] = set()
    found = []
    for page in FORMULAS:
        for each in page.inputs:
            is_number = each.kind not in ("labels", "signs") and not each.is_whole_number
            if is_number and not page.takes_function and not is_stepwise(page) and counts(page, each):
                alike = (signature(page), each.kind)
                marks = [pytest.mark.zoo] if alike in known else []
                found.append(pytest.param(page, each, id=f"{page.name}-{each.name}", marks=marks))
                known.add(alike)
    return found


def nudged(argument: Input, value: Any) -> Any:
    """The same argument, a millionth off, and still what it is meant to be."""
    if isinstance(value, Mapping):
        return {key: nudged(argument, entry) for key, entry in value.items()}
    value = np.asarray(value, np.float64)
    if argument.kind in ("targets", "targets_or_labels"):
        return value * (1 - 1e-6) + 1e-6 / value.shape[-1]
    return value * (1 - 1e-6)


@pytest.mark.parametrize(("page", "argument"), nudges())
def test_a_millionth_in_any_argument_is_refused(page: Formula, argument: Input) -> None:
    """A program that takes one of its arguments a millionth too small does not conform, and is right nowhere else."""

    def candidate(*arguments: Any) -> Any:
        inputs = unpacked(page, arguments)
        if are_labels(page, inputs, argument):
            return page.program(*arguments)
        value = nudged(argument, inputs[argument.name])
        if argument.kind == "rate":
            value = float(value)
        return page.program(*packed(page, {**inputs, argument.name: value}))

    assert refmath.check(candidate, page.name, examples=FEW).verdict == "differs"


def beside(page: Formula, arguments: tuple[Any, ...], times: float, entry: int) -> Any:
    """The exact answer, but one entry is so many times the allowance away from it."""
    under = setting(page)
    found = acceptance(under, read(under, *arguments), FLOAT64)
    assert found is not None
    values = np.array(found.nearest, np.float64)
    place = np.unravel_index(entry % values.size, values.shape)
    ends = np.asarray(found.low)[place], np.asarray(found.high)[place]
    off = max(abs(each - values[place]) for each in ends)
    values[place] += np.copysign(times * off, (-1) ** entry)
    like = page.program(*arguments)
    return _in_parts(like, values) if isinstance(like, Mapping) else values[()]


def _in_parts(like: Mapping[str, Any], flat: Any) -> Mapping[str, Any]:
    """An answer that is a mapping like another one, from all of its entries in a row."""
    ends = np.cumsum([np.size(part) for part in like.values()])
    pieces = np.split(np.ravel(flat), ends[:-1])
    return {key: piece.reshape(np.shape(part)) for (key, part), piece in zip(like.items(), pieces, strict=True)}


@pytest.mark.parametrize("page", by_signature(page for page in FORMULAS if not page.takes_function))
def test_four_times_the_allowance_in_one_entry_is_refused(page: Formula) -> None:
    """A program that is exact but for one entry, the first or the last, which is four times as far off as is allowed, does not conform."""
    entry = -(FORMULAS.index(page) % 2)

    def candidate(*arguments: Any) -> Any:
        return beside(page, arguments, 4.0, entry)

    assert refmath.check(candidate, page.name, examples=3).verdict == "differs"
