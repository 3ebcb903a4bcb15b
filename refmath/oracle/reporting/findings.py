"""What a check found: the verdict, and everything that stands behind it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata
from typing import Any, Literal

import numpy as np

from refmath.oracle.remote.tensors import number, tensor
from refmath.spec import shown

Verdict = Literal["conforms", "unstable", "differs", "failed"]


#: The packages whose versions decide which inputs a seed stands for, and what is accepted there.
_DECIDING = ("refmath", "numpy", "python-flint", "sympy")
#: An array of a counterexample that holds more numbers is not written down, but only described.
LONGEST = 1 << 15


#: The name of the fault of which integers are to blame that nobody may ever pass.
WRAPS_AROUND = "computed_in_the_integers_own_type"
#: The name of the fault that the answer to the same question is another one each time.
ANOTHER_EACH_TIME = "another_answer_each_time"


@functools.cache
def versions() -> Mapping[str, str]:
    """The versions of what decides the inputs and their exact values, as far as they are installed as packages."""
    found = {}
    for package in _DECIDING:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed as a package"
    return found


@dataclass(frozen=True)
class ClassCount:
    """How many inputs of a class were tried, and on how many of them the answer was accepted."""

    tried: int
    accepted: int


@dataclass(frozen=True)
class LawResult:
    """Whether a law held on every input it was tried on; None if it applied to none of them."""

    name: str
    holds: bool | None
    text: str


@dataclass(frozen=True)
class Diagnosis:
    """What reproduces the candidate's answers: a mistake or a convention of the page, or a fault of any program.

    Attributes:
        kind: Whether it is a mistake, or a convention: then nothing is wrong but the name.
        name: Its name.
        text: What that is, in sentences; of a convention also where it is from.
        sentence: The same without names and sources, if these stand in the text.
        repair: What to do about it, in a line or two; empty where nothing general can be said.
    """

    kind: Literal["mistake", "convention"]
    name: str
    text: str
    sentence: str = ""
    repair: str = ""

    def and_that(self, text: str) -> Diagnosis:
        """The same with one sentence more."""
        return replace(self, text=f"{self.text} {text}", sentence=self.sentence and f"{self.sentence} {text}")


@dataclass(frozen=True)
class Counterexample:
    """An input on which the answer was not accepted.

    Attributes:
        class_: The class of the input.
        inputs: The arguments by name, as arrays.
        call: The call, as a line to be pasted; an array of more than 32,768 numbers is only described in it.
        expected: What would have been accepted there: `[low, high]` of the entry that is furthest off.
        index: Which entry of the answer that is; empty for a scalar, and with the key first for an answer that is a mapping.
        got: The answer's entry, or None if there was none.
        trouble: What happened instead of an answer.
        ulps: The distance from the exact value in units in the last place.
        request: What was asked, if it was asked of another process.
        exact: The exact value of that entry, rounded to the number format; None if there is no such entry.
    """

    class_: str
    inputs: dict[str, Any]
    call: str
    expected: tuple[float, float] | None
    index: tuple[int | str, ...]
    got: float | None
    trouble: str
    ulps: float
    request: dict[str, Any] | None = None
    exact: float | None = None

    def as_json(self) -> dict[str, Any]:
        asked = {} if self.request is None else {"request": self.request}
        return asked | {
            "class": self.class_,
            "inputs": {name: _tensor(value) for name, value in self.inputs.items()},
            "call": self.call,
            "expected": None if self.expected is None else [number(end) for end in self.expected],
            "index": list(self.index),
            "got": None if self.got is None else number(self.got),
            "exact": None if self.exact is None else number(self.exact),
            "trouble": self.trouble or None,
            "ulps": number(self.ulps),
        }


def _tensor(value: Any) -> dict[str, Any]:
    """An array as JSON; without its numbers where they are too many."""
    if isinstance(value, np.ndarray) and value.size > LONGEST:
        return {"dtype": value.dtype.name, "shape": list(value.shape), "data": None}
    return tensor(value)


@dataclass(frozen=True)
class Evidence:
    """What the verdict rests on: the mistakes of the page that this very search rejects, and how to repeat it.

    Attributes:
        seed: With the same seed and the same versions the same inputs are tried.
        mistakes_rejected: The mistakes of the page that would not have conformed on the inputs tried.
        mistakes_missed: Those that would have.
        law_inputs: On how many inputs laws were tried.
        versions: Of refmath, and of what decides the inputs and their exact values.
    """

    seed: int
    mistakes_rejected: tuple[str, ...]
    mistakes_missed: tuple[str, ...]
    law_inputs: int
    versions: Mapping[str, str] = field(default_factory=versions)


@dataclass(frozen=True)
class Extent:
    """What was tried.

    Attributes:
        sizes: The largest size of each axis; of arrays of any shape that of all their axes together, as `entries`.
        types: The number types besides the format asked for.
        layouts: How arrays lay in memory, besides the plain layout.
        parameters: The values of each of the formula's parameters that the candidate takes by name.
        defaults: The parameters that it does not take by name: it was judged under their defaults only.
        order: The arguments in the order in which they were handed over.
        dropped: How many inputs of each class say nothing, as every honest evaluation may lose everything there.
        not_defined: The kinds of input that the convention is not defined on, such as `soft targets`: they were not tried.
        set_to: The parameters that were set for the whole judgement; they are among `parameters` too.
        own: Parameters of the candidate that have other names, if it lacks some of the formula's: they stayed at their defaults too.
        left_out: The kinds of inputs that were left out because that was asked for.
        certified: How many entries of the largest answer were compared with exact values, and how many it has; None if all were, of every answer.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    parameters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    defaults: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    not_defined: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    set_to: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    certified: tuple[int, int] | None = None


@dataclass(frozen=True)
class Findings:
    """What a check found: the fields of a `Report`, which says what they are."""

    target: str
    formula: str
    convention: str | None
    verdict: Verdict
    classes: dict[str, ClassCount]
    laws: tuple[LawResult, ...]
    diagnosis: Diagnosis | None
    smallest: Counterexample | None
    worst: Counterexample | None
    worst_ulps: float
    evidence: Evidence
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0
    dtype: str = "float64"
    strict: bool = False
    begins: str = ""
    declined: tuple[str, ...] = ()
    extent: Extent = field(default_factory=Extent)
    in_place: bool = False
    undeclared: tuple[str, ...] = ()
    breaks: str = ""
    file: str = ""
    line: int | None = None

    @property
    def under(self) -> str:
        """Under which convention and parameters it was judged, as a heading goes on; empty for the defaults."""
        told = [f"convention {shown(self.convention)}"] if self.convention else []
        told += [f"{name}={value!r}" for name, value in self.extent.set_to.items()]
        return "".join(f", {each}" for each in told)

    @property
    def conforms(self) -> bool:
        """Whether the verdict is `conforms`."""
        return self.verdict == "conforms"

    def __bool__(self) -> bool:
        return self.conforms

    def as_json(self) -> dict[str, Any]:
        """The report as plain data: one entry of `results` in the JSON report."""
        return {
            "target": self.target,
            "formula": self.formula,
            "convention": self.convention,
            "verdict": self.verdict,
            "classes": {name: {"tried": c.tried, "accepted": c.accepted} for name, c in self.classes.items()},
            "laws": [{"name": each.name, "holds": each.holds} for each in self.laws],
            "diagnosis": None
            if self.diagnosis is None
            else {
                "kind": self.diagnosis.kind,
                "name": self.diagnosis.name,
                "text": self.diagnosis.text,
                "repair": self.diagnosis.repair or None,
            },
            "smallest": None if self.smallest is None else self.smallest.as_json(),
            "worst": None if self.worst is None else self.worst.as_json(),
            "worst_ulps": number(self.worst_ulps),
            "seconds": round(self.seconds, 3),
            "dtype": self.dtype,
            "strict": self.strict,
            "begins": self.begins or None,
            "breaks": self.breaks or None,
            "file": self.file or None,
            "line": self.line,
            "remarks": list(self.remarks),
            "declined": list(self.declined),
            "undeclared": list(self.undeclared),
            "in_place": self.in_place,
            "extent": dict(self.extent.sizes),
            "types": list(self.extent.types),
            "layouts": list(self.extent.layouts),
            "parameters": {name: list(values) for name, values in self.extent.parameters.items()},
            "own_parameters": list(self.extent.own),
            "order": list(self.extent.order),
            "dropped": dict(self.extent.dropped),
            "not_defined": list(self.extent.not_defined),
            "left_out": list(self.extent.left_out),
            "certified": self.extent.certified
            and {"entries": self.extent.certified[0], "of": self.extent.certified[1]},
            "evidence": {
                "seed": self.evidence.seed,
                "mistakes_rejected": list(self.evidence.mistakes_rejected),
                "mistakes_missed": list(self.evidence.mistakes_missed),
                "law_inputs": self.evidence.law_inputs,
                "versions": dict(self.evidence.versions),
            },
        }
