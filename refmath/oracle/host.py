"""The process in which candidates live: it imports one target and answers for its functions; it judges nothing.

The judge asks in frames, one after the other, and each question runs the candidate's code in the guarded way. Whatever ends this process is seen by the judge, which starts
another.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import socket
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from refmath.oracle.arrays import Library, import_library
from refmath.oracle.backward import backward
from refmath.oracle.candidate import Candidate, Observation
from refmath.oracle.frames import Broken, Channel, unflat
from refmath.oracle.guard import guarded
from refmath.oracle.importing import functions_in, imported
from refmath.oracle.process_state import ProcessState
from refmath.oracle.signature import signature
from refmath.spec import Formula, Input, Part

#: Kept here, as a candidate may find another one in its place.
_leave = os._exit


def main() -> None:
    """Answers until nobody asks any more."""
    channel = Channel(socket.socket(fileno=os.dup(0)))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _with_tracebacks_of_crashes()
    host, process = Host(), os.getpid()
    while True:
        try:
            request, arrays = channel.receive()
        except Broken:  # nobody asks any more
            _leave(0)
        reply, answered = host.answer(request, arrays)
        if os.getpid() != process:  # a copy of this process that a candidate has forked
            _leave(0)
        channel.send({"id": request["id"], **reply}, answered)


def _with_tracebacks_of_crashes() -> None:
    """Where Python stood when it crashed is written to descriptor 3, which is the warden's."""
    with contextlib.suppress(OSError, ValueError):
        faulthandler.enable(os.dup(3), all_threads=False)
        os.close(3)


class Host:
    """One module, and the function of it that is being judged."""

    def __init__(self) -> None:
        self._module: ModuleType | None = None
        self._candidate = Candidate(_nobody)
        self._kept: dict[int, tuple[Observation, dict[str, Any]]] = {}
        self._state = ProcessState()
        self._functions: dict[tuple[str, str], Any] = {}

    def answer(self, request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """The reply to a question, and its arrays."""
        match request["do"]:
            case "library":
                library = guarded(lambda: import_library(request["array"]))
                text = f"{request['array']} cannot be imported: {library.text}"
                return {"error": text if library.error else ""}, []
            case "import":
                return self._import(request), []
            case "find":
                outcome = guarded(lambda: callable(getattr(self._module, request["name"], None)), request["seconds"])
                return {"found": outcome.value, "error": outcome.text, "late": outcome.late}, []
            case "judge":
                return self._judge(request), []
            case "call":
                return self._call(request, arrays)
            case "compare":
                kept = (self._kept[number] for number in request["of"] if number in self._kept)
                return {"changed": self._candidate.has_changed(kept)}, []
            case "forget":
                self._kept.clear()
                return {}, []
            case "changes":
                return {"changes": self._changes()}, []
        raise ValueError(f"nobody asks for {request['do']}")

    def _import(self, request: dict[str, Any]) -> dict[str, Any]:
        found = imported(request["place"], request["seconds"])
        if isinstance(found, str):
            return {"error": found}
        self._module = found
        functions = guarded(lambda: functions_in(found), request["seconds"]).value or []
        gc.freeze()  # what is there now stays, and need not be looked through again
        self._state, self._functions = ProcessState(), _functions()
        return {"functions": functions}

    def _judge(self, request: dict[str, Any]) -> dict[str, Any]:
        """Turns to a function; what it says of itself."""
        self._kept.clear()
        name, seconds = request["name"], request["seconds"]
        found = guarded(lambda: getattr(self._module, name), seconds)
        told = guarded(lambda: signature(found.value, request["arguments"]), seconds)  # type: ignore[arg-type]
        failed = found if found.late or found.error else told
        if told.value is None or failed.late or failed.error:
            return {"error": "is not known in time" if failed.late else failed.text}
        formula = formula_of(request["formula"])
        array: Library = request["array"]
        function: Any = backward(found.value, array) if request["backward"] else found.value  # type: ignore[arg-type]
        self._candidate = Candidate(function, array, seconds, formula)
        said = told.value
        return {"called": said.called, "text": said.text, "misfit": said.misfit, "by_name": said.by_name}

    def _call(self, request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        inputs = {name: unflat(told, arrays) for name, told in request["inputs"].items()}
        seen = self._candidate(inputs, request["layout"], request["parameters"])
        if request["keep"]:
            self._kept[request["id"]] = seen, inputs
        told = {
            "trouble": seen.trouble,
            "text": seen.text,
            "warnings": seen.warnings,
            "declines": seen.declines,
            "shares_memory": seen.shares_memory,
            "in_place": seen.in_place,
            "dtype": seen.dtype,
            "answered": seen.answer is not None,
        }
        return told, [] if seen.value is None else [seen.value]

    def _changes(self) -> list[str]:
        """What is not as it was after the import: of the process, and of the functions in it, the file's own among them."""
        changed = self._state.changes()
        now = _functions()
        replaced = any(now.get(name) != was for name, was in self._functions.items())
        return [*changed, *(["functions"] if replaced else [])]


def _functions() -> dict[tuple[str, str], Any]:
    """What tells the functions of all modules, and the modules, from others of their names."""
    found: dict[tuple[str, str], Any] = {}
    for place, module in list(sys.modules.items()):
        found[str(place), ""] = id(module)
        if type(module) is ModuleType:
            for name, value in list(vars(module).items()):
                if type(value) in _FUNCTIONS:
                    found[str(place), name] = id(value), id(getattr(value, "__code__", None))
    return found


def _nobody(*_arguments: Any) -> None:
    raise LookupError("there is no function yet")


#: What can be called in a module, by its type.
_FUNCTIONS = frozenset({type(_nobody), type(len), type, np.ufunc})


def formula_of(told: dict[str, Any]) -> Formula:
    """What a candidate's process knows of a formula: how it is called, and what form its answers have."""
    unknown: Any = None
    inputs = tuple(Input(symbol=unknown, **{**each, "axes": tuple(each["axes"])}) for each in told["inputs"])
    parts = tuple(Part(part["key"], unknown, tuple((unknown, axis) for axis in part["axes"])) for part in told["parts"])
    program: Callable[..., Any] = _nobody
    return Formula(
        name=told["name"],
        program=program,
        definition=unknown,
        inputs=inputs,
        output=tuple((unknown, axis) for axis in told["output"]),
        parts=parts,
    )


def told_of(formula: Formula) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "name": formula.name,
        "inputs": [
            {
                "name": each.name,
                "kind": each.kind,
                "axes": each.axes,
                "mapping": each.mapping,
                "key": each.key,
                "classes": each.classes,
                "arrays": each.arrays,
            }
            for each in formula.inputs
        ],
        "output": [axis for _, axis in formula.output],
        "parts": [{"key": part.key, "axes": [axis for _, axis in part.output]} for part in formula.parts],
    }
