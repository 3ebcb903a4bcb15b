"""The lines of JSON that are exchanged with a program in another process.

→ {"hello": {"protocol": 1}}
← {"hello": {"protocol": 1, "name": "my-losses"}}
→ {"id": 7, "formula": "softmax", "params": {}, "inputs": {"a": TENSOR}}
← {"id": 7, "output": TENSOR}    or    {"id": 7, "error": "text"}    or    {"id": 7, "unsupported": true}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from refmath.oracle.candidates.candidate import Trouble
from refmath.oracle.remote.tensors import read_tensor, shown, tensor
from refmath.spec import Formula, Setting, argument_names, keyword_arguments

PROTOCOL = 1
HELLO: Mapping[str, Any] = {"hello": {"protocol": PROTOCOL}}


class Fault(Exception):
    """The conversation has broken down: out of step with a program, there is no telling which answer belongs to which question."""

    def __init__(self, text: str, trouble: Trouble = "raised") -> None:
        super().__init__(text)
        self.trouble: Trouble = trouble


class Refusal(Exception):
    """An answer that keeps to the protocol, and gives no output."""

    def __init__(self, text: str, trouble: Trouble = "raised") -> None:
        super().__init__(text)
        self.trouble: Trouble = trouble


def can_be_sent(formula: Formula) -> bool:
    """Whether all inputs of a formula are data."""
    return all(not each.is_function for each in formula.inputs)


def request(chosen: Setting, arguments: Sequence[Any]) -> dict[str, Any]:
    """What a program is asked for these arguments, without an id."""
    named = zip(argument_names(chosen.formula), arguments, strict=True)
    return {
        "formula": chosen.formula.name,
        "params": keyword_arguments(chosen),
        "inputs": {name: tensor(value) for name, value in named},
    }


def line(message: Mapping[str, Any]) -> str:
    """A message as it is written."""
    return json.dumps(message, allow_nan=False) + "\n"


def as_lines(requests: Sequence[Mapping[str, Any]]) -> str:
    """A conversation that asks for these requests, as it is written to a program's standard input."""
    return "".join(map(line, [HELLO, *requests]))


def read_line(given: bytes) -> Any:
    """The message in a line.

    Raises:
        Fault: If it is no JSON.
    """
    try:
        return json.loads(given.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        text = shown(given.decode("utf-8", "replace"), 80)
        reason = _why(error, text)
        raise Fault(f"printed a line that is no JSON{reason}: {text}; standard output is for answers only") from None


def _why(error: Exception, text: str) -> str:
    """Why a line is no JSON, unless that is to be seen from what is shown of it."""
    match error:
        case json.JSONDecodeError():
            return f" ({error.msg} at character {error.pos + 1})" if text.endswith("...") else ""
        case UnicodeDecodeError():
            return " (not UTF-8)"
        case RecursionError():
            return " (nested too deeply)"
        case _NotAllowed():
            return f" ({error})"
    return " (a number of too many digits)"


def name_in(greeting: Any) -> str:
    """The program's own name; one that does not know the greeting may answer it with an error.

    Raises:
        Fault: If it is no greeting, or one in another protocol.
    """
    if isinstance(greeting, dict) and "error" in greeting:
        return ""
    hello = greeting.get("hello") if isinstance(greeting, dict) else None
    if not isinstance(hello, dict):
        raise Fault(f"answered it with {shown(greeting, 80)}")
    if type(hello.get("protocol")) is not int or hello["protocol"] != PROTOCOL:
        raise Fault(f"speaks protocol {shown(hello.get('protocol'))}; refmath speaks {PROTOCOL}")
    return str(hello.get("name", ""))


def output_in(reply: Any, asked: int) -> Any:
    """The output in an answer to the request with the id `asked`, decoded.

    Raises:
        Fault: If it is no answer to that request.
        Refusal: If it is one without an output, or with an output that cannot be read.
    """
    if not isinstance(reply, dict):
        raise Fault(f"answered {shown(reply, 80)}, which is no object")
    if type(reply.get("id")) is not int or reply["id"] != asked:
        again = type(reply.get("id")) is int and 0 < reply["id"] < asked
        order = ", which was answered before" if again else ""
        raise Fault(f"was asked request {asked} and answered request {shown(reply.get('id'))}{order}")
    given = [key for key in ("output", "error", "unsupported") if key in reply]
    match given:
        case ["output"]:
            return _decoded(reply["output"])
        case ["error"]:
            error = reply["error"]
            text = shown(error, 200, quoted=False)
            raise Refusal(f"answered with an error: {text}")
        case ["unsupported"] if reply["unsupported"] is True:
            raise Refusal("answered that it does not support this", "unsupported")
    has = f" with {' and '.join(given)}" if len(given) > 1 else ""
    raise Fault(
        f"answered {shown(reply, 80)}{has}; it needs an output, an error, or unsupported: true, and one of them only"
    )


def _decoded(output: Any) -> Any:
    """An array, or a mapping of arrays."""
    try:
        if isinstance(output, dict) and not output.keys() & {"dtype", "shape", "data"}:
            return {key: read_tensor(entry) for key, entry in output.items()}
        return read_tensor(output)
    except (TypeError, ImportError) as error:
        raise Refusal(f"answered with what cannot be read: {error}", "type") from None


class _NotAllowed(ValueError):
    """What JSON's grammar may allow, and the protocol does not."""


def _no_constant(name: str) -> Any:
    meant = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[name]
    raise _NotAllowed(f'{name} must be written as the string "{meant}"')


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each of whose keys stands there once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        known: set[str] = set()
        twice = next(key for key, _ in pairs if key in known or known.add(key))  # type: ignore[func-returns-value]
        raise _NotAllowed(f"the key {shown(twice)} stands there twice")
    return found
