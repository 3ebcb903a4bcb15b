"""One case: inputs, and what the formula's value on them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import ctx

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import in_parts, read
from refmath.balls.exact import NoValue
from refmath.balls.formats import Format, nearest
from refmath.calculus.functions import Function
from refmath.oracle.remote.tensors import number
from refmath.spec import Formula, Setting, argument_names, keyword_arguments, packed
from refmath.vectors.inputs import Inputs
from refmath.vectors.quadratics import matrix_and_vector

Outcome = Literal["value", "nan", "+inf", "reject"]
#: Enough to tell on which side of a tie a value lies; see `refmath.balls.exact`.
_PRECISION = 1 << 15


@dataclass(frozen=True)
class Answer:
    """What is expected: the value correctly rounded, and the interval around it; arrays in float64, or mappings of them by key."""

    expected: Any
    low: Any
    high: Any


@dataclass(frozen=True)
class Case:
    """One case of a file.

    Attributes:
        id: Its name in the file, which does not change from one version to the next.
        class_: `typical`, `edge`, `extreme`, `mistake`, `convention`, `special` or `reject`.
        why: Why it is there: `typical`, or the mistake or the edge that it is to catch.
        convention: The convention it belongs to; None for the formula's default.
        params: The settings of the formula's parameters.
        format_: The number format.
        inputs: The arguments by name, as a call takes them; real arrays in float64, whose numbers are numbers of the format.
        outcome: What comes of it.
        answer: The values expected; None if the inputs are to be rejected.
        exact: The arguments whose numbers are float64 in every format: what describes a function, and how far to go.
    """

    id: str
    class_: str
    why: str
    convention: str | None
    params: Mapping[str, Any]
    format_: Format
    inputs: Mapping[str, Any]
    outcome: Outcome
    answer: Answer | None
    exact: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        case = {
            "id": self.id,
            "class": self.class_,
            "why": self.why,
            "convention": self.convention,
            "params": dict(self.params),
            "dtype": self.format_.name,
            "inputs": {
                name: _input(value, "float64" if name in self.exact else self.format_.name)
                for name, value in self.inputs.items()
            },
            "outcome": self.outcome,
        }
        if self.answer is not None:
            case["expected"] = _each(self.answer.expected, self.format_.name)
            # Where only nan will do, there is no interval.
            if self.outcome != "nan":
                case["low"] = _each(self.answer.low, "float64")
                case["high"] = _each(self.answer.high, "float64")
        return case


def interval(under: Setting, inputs: Inputs, format_: Format) -> Acceptance | None:
    """The acceptance interval on some inputs; None where nothing can be said, or the rounding of a value cannot be settled."""
    try:
        found = acceptance(under, read(under, *packed(under.formula, inputs)), format_)
    except NoValue:  # a definition of one's own may have none everywhere
        return None
    if found is None or not found.said.all():
        return None
    with ctx.workprec(_PRECISION):
        settled = all(nearest(ball, format_) is not None for ball in found.exact.flat)
    return found if settled else None


def answer(under: Setting, inputs: Inputs, found: Acceptance) -> Answer:
    """What is expected, in the form of the formula's answer."""
    named = read(under, *packed(under.formula, inputs))
    return Answer(*(in_parts(under, named, each) for each in (found.nearest, found.low, found.high)))


#: Under these names a quadratic function is written.
_QUADRATIC = ("A", "b")


def call_inputs(formula: Formula, inputs: Inputs) -> dict[str, Any]:
    """The arguments by name, as they are written: entries of a mapping in it, a quadratic function as its matrix and its vector."""
    written: dict[str, Any] = {}
    for name, value in zip(argument_names(formula), packed(formula, inputs), strict=True):
        written |= (
            dict(zip(_QUADRATIC, matrix_and_vector(value), strict=True))
            if isinstance(value, Function)
            else {name: value}
        )
    return written


def _exact(formula: Formula) -> frozenset[str]:
    """Under which names the numbers of a formula's arguments are no matter of the candidate's format."""
    return frozenset({*_QUADRATIC, *(each.name for each in formula.inputs if each.is_number)})


def name_of(convention: str | None, format_: Format, why: str, place: int) -> str:
    """The name of a case: what it is about, and a number."""
    return ".".join([*([convention] if convention else []), format_.name, why, str(place)])


def case_of(
    under: Setting, name: str, class_: str, why: str, inputs: Inputs, format_: Format, found: Acceptance
) -> Case:
    """The case of a formula's value on some inputs."""
    infinite = bool(np.all(found.nearest == np.inf))
    return Case(
        name,
        class_,
        why,
        under.convention,
        keyword_arguments(under),
        format_,
        call_inputs(under.formula, inputs),
        "+inf" if infinite else "value",
        answer(under, inputs, found),
        _exact(under.formula),
    )


def _each(value: Any, dtype: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {key: _each(entry, dtype) for key, entry in value.items()}
    flat = [float(entry) for entry in np.asarray(value).flat]
    return {**_tensor(value, dtype), "hex": [_hex(entry) for entry in flat]}


def _input(value: Any, dtype: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {key: _input(entry, dtype) for key, entry in value.items()}
    return _tensor(value, dtype)


def _tensor(value: Any, dtype: str) -> dict[str, Any]:
    value = np.asarray(value)
    data = [number(entry) if isinstance(entry, float) else entry for entry in value.ravel().tolist()]
    return {
        "dtype": dtype if value.dtype.kind == "f" else value.dtype.name,
        "shape": list(value.shape),
        "data": data,
    }


def _hex(value: float) -> str:
    told = number(value)
    return told if isinstance(told, str) else value.hex()
