"""What the reply to each question is, and how much of it: nothing else is taken from a candidate's process."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args

from refmath.oracle.candidates.candidate import Trouble
from refmath.oracle.candidates.guard import LONGEST

#: No text of a reply is longer, and no list of texts.
_LONGEST_TEXT, _MOST_TEXTS = 10 * LONGEST, 1000
#: No file has more lines.
_LAST_LINE = 1 << 31

#: What stands in the reply to each question, but in one that tells an error.
_REPLIES: Mapping[str, Mapping[str, str]] = {
    "library": {},
    "import": {"functions": "texts"},
    "find": {"found": "boolean", "late": "boolean"},
    "judge": {
        "called": "text",
        "text": "text",
        "misfit": "text",
        "by_name": "texts",
        "required": "texts",
        "places": "texts",
        "file": "text",
        "line": "line",
        "numbers": "numbers",
        "holds": "boolean",
    },
    "call": {
        "trouble": "trouble",
        "text": "text",
        "warnings": "texts",
        "declines": "boolean",
        "shares_memory": "boolean",
        "in_place": "boolean",
        "dtype": "text",
        "answered": "boolean",
    },
    "compare": {"changed": "boolean"},
    "forget": {},
    "changes": {"changes": "texts"},
}


class NoReply(ValueError):
    """What was said is no reply to this question: why."""


def read(asked: str, reply: Mapping[str, Any]) -> dict[str, Any]:
    """A reply, of which only this is kept; `error` is empty where there is none.

    Args:
        asked: What the question was.
        reply: What came back.

    Raises:
        NoReply: If something is missing, or something else than it must be.

    Examples:
        >>> read("changes", {"changes": ["the locale"], "more": 1})
        {'error': '', 'changes': ['the locale']}
        >>> read("changes", {"changes": 7})
        Traceback (most recent call last):
            ...
        refmath.oracle.remote.replies.NoReply: no reply: changes is not what it must be
    """
    error = _text("error", reply.get("error", ""))
    if error:
        return {"error": error, "late": reply.get("late") is True}
    return {"error": "", **{key: _value(key, kind, reply.get(key)) for key, kind in _REPLIES[asked].items()}}


def _value(key: str, kind: str, value: Any) -> Any:
    if kind == "text":
        return _text(key, value)
    if kind == "texts" and isinstance(value, list):
        return [_text(key, each) for each in value[:_MOST_TEXTS]]
    if kind == "numbers" and isinstance(value, list):
        return [_number(key, each) for each in value[:_MOST_TEXTS]]
    if (kind == "boolean" and isinstance(value, bool)) or (
        kind == "trouble" and (value is None or (isinstance(value, str) and value in get_args(Trouble)))
    ):
        return value
    if kind == "line" and type(value) is int and 0 <= value <= _LAST_LINE:
        return value
    raise NoReply(f"no reply: {key} is not what it must be")


def _number(key: str, value: Any) -> tuple[str, float]:
    """A number with its name."""
    if not (isinstance(value, list) and len(value) == 2 and type(value[1]) is float and math.isfinite(value[1])):
        raise NoReply(f"no reply: {key} holds what is no number with a name")
    return _text(key, value[0]), value[1]


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise NoReply(f"no reply: {key} is no text")
    return value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 3] + "..."
