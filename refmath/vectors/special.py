"""Inputs without an ordinary value: infinities and nan, as the pages say what becomes of them, and what has no meaning and is rejected.

No arithmetic in balls stands behind these cases: they are facts of the pages and of the kinds of their arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from refmath.balls.formats import FORMATS
from refmath.spec import SPECIAL, Formula, keyword_arguments, setting
from refmath.vectors import rejected
from refmath.vectors.cases import Answer, Case, Outcome

_FORMAT = FORMATS["float64"]


def texts(formula: Formula) -> dict[str, str]:
    """What each reason for a special case of a formula means, in a sentence."""
    return {**SPECIAL, **rejected.texts(formula)}


def cases(formula: Formula) -> Iterator[Case]:
    """The special cases of a formula's default."""
    known: dict[str, int] = {}
    for class_, why, inputs, outcome, answer in (*_values(formula), *_rejected(formula)):
        place = known[why] = known.get(why, 0) + 1
        name = f"{_FORMAT.name}.{why}.{place}"
        yield Case(name, class_, why, None, keyword_arguments(setting(formula)), _FORMAT, inputs, outcome, answer)


_Rows = Iterator[tuple[str, str, Mapping[str, Any], Outcome, Answer | None]]


def _values(formula: Formula) -> _Rows:
    for each in formula.specials:
        expected = _arrays(each.expected)
        yield "special", each.why, _arrays(each.inputs), _outcome(expected), Answer(expected, expected, expected)


def _rejected(formula: Formula) -> _Rows:
    for why, call in rejected.calls(formula):
        yield "reject", why, _arrays(call), "reject", None


def _outcome(expected: Any) -> Outcome:
    """What comes of it: nothing but nan, nothing but +∞, or values."""
    parts = expected.values() if isinstance(expected, Mapping) else [expected]
    entries = np.concatenate([np.ravel(part) for part in parts])
    return "nan" if np.isnan(entries).all() else "+inf" if (entries == np.inf).all() else "value"


def _arrays(value: Any) -> Any:
    return {key: _arrays(entry) for key, entry in value.items()} if isinstance(value, Mapping) else np.asarray(value)
