"""One case: inputs, and what the formula's value on them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import ctx

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import in_parts, read
from refmath.balls.formats import FORMATS, Format, nearest
from refmath.calculus.functions import Function
from refmath.oracle.tensors import number
from refmath.spec import Setting, keyword_arguments, packed
from refmath.vectors.drawing import Inputs
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

    def as_json(self) -> dict[str, Any]:
        case = {
            "id": self.id,
            "class": self.class_,
            "why": self.why,
            "convention": self.convention,
            "params": dict(self.params),
            "dtype": self.format_.name,
            "inputs": {name: _input(name, value, self.format_) for name, value in self.inputs.items()},
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
    found = acceptance(under, read(under, *packed(under.formula, inputs)), format_)
    if found is None:
        return None
    with ctx.workprec(_PRECISION):
        settled = all(nearest(ball, format_) is not None for ball in found.exact.flat)
    return found if settled else None


def answer(under: Setting, inputs: Inputs, found: Acceptance) -> Answer:
    """What is expected, in the form of the formula's answer."""
    named = read(under, *packed(under.formula, inputs))
    return Answer(*(in_parts(under, named, each) for each in (found.nearest, found.low, found.high)))


def call_inputs(under: Setting, inputs: Inputs) -> dict[str, Any]:
    """The arguments by name, as they are written: entries of a mapping in it, a quadratic function as its matrix and its vector."""
    named = dict(
        zip(
            dict.fromkeys(each.mapping or each.name for each in under.formula.inputs),
            packed(under.formula, inputs),
            strict=True,
        )
    )
    f = named.pop("f", None)
    if not isinstance(f, Function):
        return named
    A, b = matrix_and_vector(f)
    return {"A": A, "b": b, **named}


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
        call_inputs(under, inputs),
        "+inf" if infinite else "value",
        answer(under, inputs, found),
    )


def _each(value: Any, dtype: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {key: _each(entry, dtype) for key, entry in value.items()}
    flat = [float(entry) for entry in np.asarray(value).flat]
    return {**_tensor(value, dtype), "hex": [_hex(entry) for entry in flat]}


def _input(name: str, value: Any, format_: Format) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {key: _input(key, entry, format_) for key, entry in value.items()}
    value = np.asarray(value)
    # What describes the function, and how far to go, is no matter of the candidate's format.
    exact = value.dtype.kind == "f" and name in ("A", "b", "lr")
    return _tensor(value, FORMATS["float64"].name if exact else format_.name)


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
