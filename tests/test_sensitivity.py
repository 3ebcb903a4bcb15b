"""How small a fault is found by a whole conformance run: a millionth in any one argument, four times what is allowed in any one entry."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from surveyed import is_stepwise

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


#: The arguments that are numbers; those of a function are differentiated numerically, where a millionth of the point is within the error.
NUDGED = [
    pytest.param(page, each, id=f"{page.name}-{each.name}")
    for page in FORMULAS
    for each in page.inputs
    if not page.takes_function and each.kind not in ("labels", "signs") and not is_stepwise(page)
]


def nudged(argument: Input, value: Any) -> Any:
    """The same argument, a millionth off, and still what it is meant to be."""
    if isinstance(value, Mapping):
        return {key: nudged(argument, entry) for key, entry in value.items()}
    value = np.asarray(value, np.float64)
    if argument.kind in ("targets", "targets_or_labels"):
        return value * (1 - 1e-6) + 1e-6 / value.shape[-1]
    return value * (1 - 1e-6)


@pytest.mark.parametrize(("page", "argument"), NUDGED)
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


DATA = [page for page in FORMULAS if not page.takes_function]


@pytest.mark.parametrize(
    ("page", "entry"), list(zip(DATA, itertools.cycle((0, -1)))), ids=lambda each: getattr(each, "name", "")
)
def test_four_times_the_allowance_in_one_entry_is_refused(page: Formula, entry: int) -> None:
    """A program that is exact but for one entry, which is four times as far off as is allowed, does not conform."""

    def candidate(*arguments: Any) -> Any:
        return beside(page, arguments, 4.0, entry)

    assert refmath.check(candidate, page.name, examples=3).verdict == "differs"
