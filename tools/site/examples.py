"""What a mistake does to a result: an input, what the mistaken program makes of it, and what is right."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from refmath.kinds.kind import CLASSES
from refmath.oracle.candidates.candidate import Candidate
from refmath.spec import Formula, Program, unpacked
from refmath.vectors import formulas
from refmath.vectors.cases import Case
from tools.site.markdown import cell

#: An input that holds more numbers than this is not shown.
_FEW = 8
#: A relative error that anybody sees.
_PLAIN = 1e-3
#: What a difference quotient may be off by rounding.
_ROUNDING = 1e-8


def _squares(x: Any) -> Any:
    return np.sum(np.asarray(x) ** 2)


def _cubes(x: Any) -> Any:
    return np.sum(np.asarray(x) ** 3)


def _squared_sum(x: Any) -> Any:
    return np.sum(np.asarray(x)) ** 2


_SQUARES = "lambda x: np.sum(x**2)", _squares
_CUBES = "lambda x: np.sum(x**3)", _cubes
_SQUARED_SUM = "lambda x: np.sum(x)**2", _squared_sum
#: What the programs of functions are shown at, the plainest first: the function, and the other arguments.
_OF_FUNCTIONS: Mapping[str, tuple[tuple[tuple[str, Any], tuple[Any, ...]], ...]] = {
    "numerical_gradient": (
        (_SQUARES, ([3.0, 4.0],)),
        (_SQUARES, ([3, 4],)),
        (_SQUARES, ([[3.0, 4.0], [0.0, 1.0]],)),
        (_CUBES, ([3.0, 4.0],)),
        (_SQUARED_SUM, ([3.0, 4.0],)),
        (_SQUARED_SUM, ([[3.0, 4.0], [0.0, 1.0]],)),
    ),
    "gradient_descent": (
        (_SQUARES, ([3.0, 4.0], 0.25, 2)),
        (_SQUARES, ([3, 4], 0.25, 2)),
        (_SQUARES, ([3.0, 4.0], 0.25, 0)),
        (_SQUARES, ([3.0, 4.0], 0.01, 100)),
        (_CUBES, ([3.0, 4.0], 0.01, 3)),
    ),
}


class _Seen(NamedTuple):
    """What a mistake makes of an input.

    Attributes:
        harm: How far off that is beside the largest entry that is right; infinite if it is no number at all.
        off: How far off an entry is beside what is right there.
        strange: Whether the input is too long to be shown, or, where it never is, the number that is right is very small or very large.
        text: All of it in words.
    """

    harm: float
    off: float
    strange: bool
    text: str


def example(formula: Formula, program: Program) -> str:
    """An example of what the program of a mistake makes of an input, for a table's cell; empty if it does no harm to any of the inputs that there are."""
    told = _told_of_functions(formula, program) if formula.name in _OF_FUNCTIONS else _told_of_vectors(formula, program)
    # What is no number comes first, then what anybody sees, and of these what is short.
    best = min(
        told,
        key=lambda each: (
            not math.isinf(each.harm),
            each.harm < _PLAIN,
            each.off < _PLAIN,
            each.strange,
            len(each.text),
        ),
        default=None,
    )
    return "" if best is None else best.text


# ---- formulas of data


def _told_of_vectors(formula: Formula, program: Program) -> list[_Seen]:
    candidate = Candidate(program, formula=formula)
    return [seen for case in _vectors(formula) if (seen := _seen(candidate, formula, case)) is not None]


@functools.cache
def _vectors(formula: Formula) -> list[Case]:
    """The test vectors of finite numbers under the default, in float64."""
    return [
        each
        for each in formulas.cases(formula)
        if each.convention is None
        and each.answer is not None
        and each.format_.name == "float64"
        and each.class_ in (*CLASSES, "mistake")
    ]


def _seen(program: Candidate, formula: Formula, case: Case) -> _Seen | None:
    """None where a mistake does no harm."""
    assert case.answer is not None
    observed = program(unpacked(formula, list(case.inputs.values())))
    arrays = [part for each in case.inputs.values() for part in (each.values() if isinstance(each, dict) else [each])]
    is_data, of = len(arrays) == len(case.inputs), ""
    if is_data and sum(map(np.size, arrays)) <= _FEW:
        of = f"`{formula.name}({', '.join(str(np.asarray(each).tolist()) for each in arrays)})`: "
    if observed.trouble is not None:
        return _Seen(math.inf, math.inf, False, of + cell(observed.text))
    expected, given = _flat(case.answer.expected), _flat(observed.value)
    if given.shape != expected.shape:
        return _Seen(math.inf, math.inf, False, f"{of}{_numbers(given.size)} instead of {_numbers(expected.size)}")
    harm, off = _errors(given, expected)
    worst = int(np.argmax(harm if harm.max() >= _PLAIN else off))
    pair = _told_apart(given[[worst]], expected[[worst]])
    strange = not of and (is_data or not 1e-3 <= abs(expected[worst]) <= 1e3)
    return None if pair is None else _Seen(harm.max(), off.max(), strange, f"{of}{pair[0]} instead of {pair[1]}")


def _errors(given: Any, expected: Any) -> tuple[Any, Any]:
    """For each entry its error beside the largest that is right, and beside itself; infinite where a number should be and is none."""
    wrong = np.abs(expected[np.isfinite(expected)])
    largest = max(wrong.max(initial=0.0), np.nextafter(0, 1))
    with np.errstate(all="ignore"):
        difference = np.abs(given - expected)
        errors = [difference / np.maximum(np.abs(expected), least) for least in (largest, np.nextafter(0, 1))]
    no_number = ~np.isfinite(given) & np.isfinite(expected)
    first, second = (
        np.where(given == expected, 0.0, np.where(no_number, np.inf, np.nan_to_num(each))) for each in errors
    )
    return first, second


def _flat(value: Any) -> Any:
    return np.concatenate([np.ravel(each) for each in value.values()]) if isinstance(value, dict) else np.ravel(value)


# ---- formulas of functions


def _told_of_functions(formula: Formula, program: Program) -> list[_Seen]:
    names = [each.name for each in formula.inputs]
    told = []
    for (source, f), others in _OF_FUNCTIONS[formula.name]:
        inputs = dict(zip(names, (f, *map(np.array, others)), strict=True))
        observed = Candidate(program, formula=formula)(inputs)
        call = f"`{formula.name}({', '.join([source, *map(str, others)])})`: "
        if observed.trouble is not None:
            told.append(_Seen(math.inf, math.inf, False, call + cell(observed.text)))
            continue
        expected, given = np.asarray(formula.program(f, *others)), np.asarray(observed.value)
        harm = _errors(given.ravel(), expected.ravel())[0].max() if given.shape == expected.shape else math.inf
        pair = _told_apart(given, expected)
        # Two right differences are rounded differently too.
        if pair is not None and harm > _ROUNDING:
            told.append(_Seen(harm, harm, False, f"{call}{pair[0]} instead of {pair[1]}"))
    return told


# ---- numbers in words


def _told_apart(given: Any, expected: Any) -> tuple[str, str] | None:
    """Two arrays with six digits, or with as many as tell them apart; None if they are the same."""
    for digits in range(6, 18):
        pair = _digits(given, digits), _digits(expected, digits)
        if pair[0] != pair[1]:
            return pair
    return None


def _digits(array: Any, digits: int) -> str:
    if np.ndim(array) == 0 or (np.ndim(array) == 1 and np.size(array) == 1):
        return f"{float(np.ravel(array)[0]) + 0.0:.{digits}g}"
    return f"[{', '.join(_digits(each, digits) for each in array)}]"


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"
