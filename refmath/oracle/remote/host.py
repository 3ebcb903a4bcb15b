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
import threading
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from refmath.oracle.candidates.arrays import Library, import_library
from refmath.oracle.candidates.backward import backward
from refmath.oracle.candidates.calling import as_called, calling_from
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.candidates.guard import guarded
from refmath.oracle.candidates.importing import functions_in, imported, is_there, looked_up
from refmath.oracle.candidates.process_state import ProcessState
from refmath.oracle.candidates.signature import signature
from refmath.oracle.processes import interruptions
from refmath.oracle.remote.frames import Broken, Channel, unflat
from refmath.spec import Formula, Input, Part

#: Kept here, as a candidate may find another one in its place.
_leave = os._exit


def main() -> None:
    """Answers, on the connection that is its standard input, until nobody asks any more; what is to be told of a crash goes to descriptor 3."""
    connection = socket.socket(fileno=os.dup(0))
    _take_from_nowhere()
    with contextlib.suppress(OSError, ValueError):
        faulthandler.enable(os.dup(3), all_threads=False)
        os.close(3)
    _answer(connection)


def main_by_loopback() -> None:
    """The same on a connection of its own, whose port and password are the first line of its standard input; as that ends, whoever was to ask has gone."""
    line = b""
    while not line.endswith(b"\n") and (part := os.read(0, 1)):
        line += part
    port, password = line.split()
    connection = socket.create_connection(("127.0.0.1", int(port)))
    connection.sendall(bytes.fromhex(password.decode()))
    asking = os.dup(0)
    _take_from_nowhere()
    os.dup2(2, 1)
    faulthandler.enable(os.dup(2), all_threads=False)
    interruptions.start(threading.Thread(target=_leave_after, args=(asking,), daemon=True))
    _answer(connection)


def _take_from_nowhere() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _leave_after(asking: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(asking, 1 << 10):
            pass
    _leave(0)


def _answer(connection: socket.socket) -> None:
    channel = Channel(connection)
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


class Host:
    """One module, and the function of it that is being judged."""

    def __init__(self) -> None:
        self._module: ModuleType | None = None
        self._candidate = Candidate(_nobody)
        self._kept: dict[int, tuple[Observation, dict[str, Any]]] = {}
        self._state = ProcessState()
        self._functions = Functions()
        self._audited = False
        sys.addaudithook(self._hear)

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
                module = self._module
                outcome = guarded(lambda: module is not None and is_there(module, request["name"]), request["seconds"])
                text = outcome.text or ("took too long" if outcome.late else "")
                return {"found": outcome.value is True, "error": text, "late": outcome.late}, []
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
        found = imported(request["place"], request["seconds"], request["definitions_only"])
        if isinstance(found, str):
            return {"error": found}
        self._module = found
        functions = guarded(lambda: functions_in(found), request["seconds"]).value or []
        gc.freeze()  # what is there now stays, and need not be looked through again
        self._state, self._functions, self._audited = ProcessState(), Functions(), False
        return {"functions": functions}

    def _judge(self, request: dict[str, Any]) -> dict[str, Any]:
        """Turns to a function; what it says of itself. What the last one has drawn, or has set to come, is nothing to it."""
        self._kept.clear()
        self._state.restore_random_numbers()
        faulthandler.cancel_dump_traceback_later()
        name, seconds, calling = request["name"], request["seconds"], calling_from(request["calling"])
        module = self._module
        found = guarded(lambda: as_called(lambda: looked_up(module, name), calling), seconds)  # type: ignore[arg-type]
        told = guarded(lambda: signature(found.value, request["arguments"], request["parameters"]), seconds)  # type: ignore[arg-type]
        failed = found if found.late or found.error else told
        if told.value is None or failed.late or failed.error:
            return {"error": "is not known in time" if failed.late else failed.text}
        formula = formula_of(request["formula"])
        array: Library = request["array"]
        function: Any = backward(found.value, array) if request["backward"] else found.value  # type: ignore[arg-type]
        self._candidate = Candidate(function, array, seconds, formula)
        said = told.value
        return {
            "called": said.called,
            "text": said.text,
            "misfit": said.misfit,
            "by_name": said.by_name,
            "required": said.required,
            "places": said.places,
            "file": said.file,
            "line": said.line,
            "numbers": said.numbers,
            "holds": said.holds,
        }

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
        now = Functions()
        replaced = any(now.told.get(name) != was for name, was in self._functions.told.items())
        return [*changed, *(["functions"] if replaced else []), *(["audits"] if self._audited else [])]

    def _hear(self, event: str, _arguments: Any) -> None:
        """Hears of whoever wants to hear what this process does: he cannot be sent away again."""
        if event == "sys.addaudithook":
            self._audited = True


class Functions:
    """What tells the functions of all modules and of the classes in them, and the modules, from others of their names.

    Attributes:
        told: A number for each of them, by its place and name.
    """

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], int] = {}
        self._classes: dict[int, int] = {}
        self._kept: list[Any] = []  # as long as it is there, nothing else has its number
        for place, module in list(sys.modules.items()):
            self.told[str(place), ""] = id(module)
            if type(module) is ModuleType:
                for name, value in list(vars(module).items()):
                    if type(value) in _FUNCTIONS:
                        self.told[str(place), str(name)] = hash(self._of(value))
                    elif issubclass(type(value), type):
                        self.told[str(place), str(name)] = self._of_class(value)

    def _of_class(self, value: type) -> int:
        if id(value) not in self._classes:
            self._kept.append(value)
            attributes = [] if _FLAGS(value) & _IMMUTABLE else list(_DICTIONARY(value).values())
            told = hash((id(value), *(self._of(each) for each in attributes if type(each) in _FUNCTIONS)))
            self._classes[id(value)] = told
        return self._classes[id(value)]

    def _of(self, function: Any) -> tuple[int, ...]:
        """What tells a function, and what it wraps, from another one; what is called by it is no part of that."""
        parts = [function]
        if type(function) in (_DISPATCHER, staticmethod, classmethod):
            function = getattr(function, "__wrapped__", function)
            parts.append(function)
        if type(function) is FunctionType:
            parts += [function.__code__, function.__defaults__, *(function.__kwdefaults__ or {}).values()]
        self._kept += parts
        return tuple(map(id, parts))


def _nobody(*_arguments: Any) -> None:
    raise LookupError("there is no function yet")


_DISPATCHER = type(np.mean)
_DICTIONARY: Callable[[type], dict[str, Any]] = type.__dict__["__dict__"].__get__
_FLAGS: Callable[[type], int] = type.__dict__["__flags__"].__get__
#: Of a class whose attributes nobody can change: in C Py_TPFLAGS_IMMUTABLETYPE.
_IMMUTABLE = 1 << 8
#: What can be called in a module or in a class, by its type.
_FUNCTIONS = frozenset(
    {
        FunctionType,
        type(len),
        np.ufunc,
        _DISPATCHER,
        staticmethod,
        classmethod,
        property,
        type(str.join),
        type(object.__init__),
    }
)


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
        settled=told["settled"],
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
                "by_name": each.by_name,
            }
            for each in formula.inputs
        ],
        "output": [axis for _, axis in formula.output],
        "settled": dict(formula.settled),
        "parts": [{"key": part.key, "axes": [axis for _, axis in part.output]} for part in formula.parts],
    }
