"""A candidate in another process: a program in any language that is asked in lines of JSON, and answers in lines of JSON.

    → {"hello": {"protocol": 1}}
    ← {"hello": {"protocol": 1, "name": "my-losses"}}
    → {"id": 7, "formula": "softmax", "params": {}, "inputs": {"a": TENSOR}}
    ← {"id": 7, "output": TENSOR}    or    {"id": 7, "error": "text"}    or    {"id": 7, "unsupported": true}

It may do anything wrong that a program can do: whatever it does becomes a `CallFailed` that says what it was, with the end of what
it wrote to standard error. It is then ended, with its children, and started anew for the next question.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from refmath import catalogue
from refmath.oracle.candidate import CallFailed
from refmath.oracle.tensors import read_tensor, tensor
from refmath.spec import Formula, Setting, argument_names, setting

PROTOCOL = 1
#: In bytes: no answer that is meant is longer.
LONGEST_LINE = 1 << 25
#: No program is asked for so many lines at once.
_MOST_LINES = 1000
#: In seconds: a program whose breaking has cost so much is not started again.
_PATIENCE = 5.0
#: In bytes: so much of the end of standard error is kept, and so much of it shown.
_KEPT, _SHOWN = 8192, 600
#: In seconds: for a program whose standard input has ended to end by itself.
_GRACE = 1.0


class Adapter:
    """A program that computes formulas of the catalogue for others to judge; it is started when it is first asked.

    Args:
        command: The command that starts it: a line as for a shell (but no shell reads it), or the list of its words.
        timeout: Seconds after which an answer counts as not given.

    Raises:
        ValueError: For an empty command, one with unbalanced quotes, or a timeout that is not positive.

    Examples:
        >>> import refmath
        >>> with refmath.Adapter("node losses.mjs") as adapter:  # doctest: +SKIP
        ...     report = refmath.check(adapter.function("softmax"), "softmax")
    """

    def __init__(self, command: str | Sequence[str], *, timeout: float = 10.0) -> None:
        words = shlex.split(command, posix=os.name == "posix") if isinstance(command, str) else list(command)
        if not words or not all(isinstance(word, str) for word in words):
            raise ValueError(f"command must be the words of a command; got {command!r}")
        if not 0 < timeout <= threading.TIMEOUT_MAX:
            raise ValueError(f"timeout must be a positive number of seconds; got {timeout!r}")
        self.words, self.timeout = words, timeout
        self.name = ""
        self._running: _Running | None = None
        self._last_id = 0
        self._lost = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def function(self, against: str, *, convention: str | None = None) -> RemoteFunction:
        """A formula of the catalogue as this program computes it.

        Args:
            against: The name of the formula.
            convention: The convention whose parameters it is told, instead of the formula's defaults.

        Raises:
            ValueError: For an unknown formula or convention, or one that takes a function, which cannot be sent.
        """
        chosen = setting(catalogue.formula(against), convention)
        if not can_be_sent(chosen.formula):
            raise ValueError(f"{against} takes a function, which cannot be sent to another process")
        return RemoteFunction(self, chosen)

    def answer(self, request: Mapping[str, Any]) -> Any:
        """The output that the program gives for a request, decoded.

        Args:
            request: What to ask, without an id.

        Raises:
            CallFailed: If it gives none.
        """
        begun = time.monotonic()
        running = self._started()
        self._last_id += 1
        try:
            reply = running.ask({"id": self._last_id, **request}, self.timeout)
            return _output(reply, self._last_id)
        except _Refusal as refusal:
            raise CallFailed(refusal.trouble, str(refusal)) from None
        except BaseException as error:
            # Out of step with it, there is no telling which answer belongs to which question.
            self._running = None
            text = running.end(str(error))
            self._lost += time.monotonic() - begun
            if isinstance(error, _Fault):
                raise CallFailed(error.trouble, text) from None
            raise

    @property
    def is_spent(self) -> bool:
        """Whether its breaking has cost so much that it is not started again."""
        return self._lost > _PATIENCE

    def forgive(self) -> None:
        """Forgets what its breaking has cost so far, so that it is started again."""
        self._lost = 0.0

    def close(self) -> None:
        """Ends the program, and the processes it has started."""
        running, self._running = self._running, None
        if running is not None:
            running.end("")

    def _started(self) -> _Running:
        if self._running is not None:
            return self._running
        if self.is_spent:
            raise CallFailed("spent", f"broke so often that {self._lost:.0f} s were lost; it is not started again")
        running = _Running(self.words)
        try:
            greeting = running.ask({"hello": {"protocol": PROTOCOL}}, self.timeout)
            self.name = _name(greeting)
        except BaseException as error:
            text = running.end(str(error))
            if isinstance(error, _Fault):
                # One that does not even greet will not do so the next time.
                raise CallFailed("gone", f"asked for its greeting, it {text}") from None
            raise
        self._running = running
        return running


class RemoteFunction:
    """A function of an adapter: called with arrays, it gives arrays, and raises `CallFailed` where the program fails."""

    def __init__(self, adapter: Adapter, chosen: Setting) -> None:
        self.adapter, self._setting = adapter, chosen
        self.__qualname__ = f"{shlex.join(adapter.words)}:{chosen.formula.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Sent to another process, it starts a program of its own there.
        return _elsewhere, (
            self.adapter.words,
            self.adapter.timeout,
            self._setting.formula.name,
            self._setting.convention,
        )

    def __call__(self, *arguments: Any) -> Any:
        return self.adapter.answer(self.request(*arguments))

    def under(self, chosen: Setting) -> RemoteFunction:
        """This function told the parameters of another setting of its formula.

        Raises:
            ValueError: If it is a setting of another formula.
        """
        if chosen.formula is not self._setting.formula:
            raise ValueError(
                f"a function asked for {self._setting.formula.name} cannot be held against {chosen.formula.name}"
            )
        return RemoteFunction(self.adapter, chosen)

    def request(self, *arguments: Any) -> dict[str, Any]:
        """What the program is asked for these arguments, without an id."""
        named = zip(argument_names(self._setting.formula), arguments, strict=True)
        return {
            "formula": self._setting.formula.name,
            "params": _parameters(self._setting),
            "inputs": {name: _encoded(value) for name, value in named},
        }


def _elsewhere(words: list[str], timeout: float, against: str, convention: str | None) -> RemoteFunction:
    adapter = Adapter(words, timeout=timeout)
    atexit.register(adapter.close)
    return adapter.function(against, convention=convention)


def can_be_sent(formula: Formula) -> bool:
    """Whether all inputs of a formula are data."""
    return all(each.kind != "function" for each in formula.inputs)


def as_lines(requests: Sequence[Mapping[str, Any]]) -> str:
    """A conversation that asks for these requests, as it is written to a program's standard input."""
    return "".join(map(_line, [{"hello": {"protocol": PROTOCOL}}, *requests]))


def _line(message: Mapping[str, Any]) -> str:
    return json.dumps(message, allow_nan=False) + "\n"


def _parameters(chosen: Setting) -> dict[str, Any]:
    """The keyword-only parameters, those that choose between definitions included."""
    convention = next((each for each in chosen.formula.conventions if each.name == chosen.convention), None)
    return {**chosen.formula.parameters, **(convention.parameters if convention else {})}


def _encoded(value: Any) -> Any:
    return {key: tensor(entry) for key, entry in value.items()} if isinstance(value, Mapping) else tensor(value)


class _Fault(Exception):
    """The conversation has broken down."""

    def __init__(self, text: str, trouble: Any = "raised") -> None:
        super().__init__(text)
        self.trouble = trouble


class _Refusal(Exception):
    """An answer that keeps to the protocol, and gives no output."""

    def __init__(self, text: str, trouble: Any = "raised") -> None:
        super().__init__(text)
        self.trouble = trouble


def _name(greeting: Any) -> str:
    """The program's own name; one that does not know the greeting may answer it with an error."""
    if isinstance(greeting, dict) and "error" in greeting:
        return ""
    hello = greeting.get("hello") if isinstance(greeting, dict) else None
    if not isinstance(hello, dict):
        raise _Fault(f"answered it with {_short(greeting)}")
    if hello.get("protocol") != PROTOCOL:
        raise _Fault(f"speaks protocol {_short(hello.get('protocol'))}; refmath speaks {PROTOCOL}")
    return str(hello.get("name", ""))


def _output(reply: Any, asked: int) -> Any:
    if not isinstance(reply, dict):
        raise _Fault(f"answered {_short(reply)}, which is no object")
    if type(reply.get("id")) is not int or reply["id"] != asked:
        again = type(reply.get("id")) is int and 0 < reply["id"] < asked
        order = ", which was answered before" if again else ""
        raise _Fault(f"was asked request {asked} and answered request {_short(reply.get('id'))}{order}")
    given = [key for key in ("output", "error", "unsupported") if key in reply]
    match given:
        case ["output"]:
            return _decoded(reply["output"])
        case ["error"]:
            raise _Refusal(f"answered with an error: {_short(reply['error'], 200)}")
        case ["unsupported"] if reply["unsupported"] is True:
            raise _Refusal("answered that it does not support this", "unsupported")
    raise _Fault(f"answered {_short(reply)}; it needs an output, an error, or unsupported: true")


def _decoded(output: Any) -> Any:
    """An array, or a mapping of arrays."""
    try:
        if isinstance(output, dict) and not output.keys() & {"dtype", "shape", "data"}:
            return {key: read_tensor(entry) for key, entry in output.items()}
        return read_tensor(output)
    except (TypeError, ImportError) as error:
        raise _Refusal(f"answered with what cannot be read: {error}", "type") from None


def _short(given: Any, longest: int = 80) -> str:
    text = given if isinstance(given, str) and longest > 80 else repr(given)
    return text if len(text) <= longest else text[: longest - 3] + "..."


class _Running:
    """One process and the three threads that keep its pipes from filling up: none of them is ever waited for without a limit."""

    def __init__(self, words: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # so that its children can be ended with it
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CallFailed("absent", f"it does not start: {shlex.join(words)}: {reason}") from None
        self._requests: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lines: queue.SimpleQueue[bytes | _Fault] = queue.SimpleQueue()
        self._complaints = bytearray()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._write, self._read, self._keep_complaints)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, message: Mapping[str, Any], seconds: float) -> Any:
        """Sends one line, waits for one line, and reads it."""
        self._requests.put(_line(message))
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise _Fault(f"did not answer within {seconds:g} s", "hung") from None
        if isinstance(line, _Fault):
            raise line
        try:
            return json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            shown = _short(line.decode("utf-8", "replace"))
            reason = f" ({error})" if isinstance(error, _NoConstant) else ""
            raise _Fault(
                f"printed a line that is no JSON{reason}: {shown}; standard output is for answers only"
            ) from None

    def end(self, text: str) -> str:
        """Ends the process and its children; what went wrong, completed by how it ended and what it wrote to standard error."""
        self._requests.put(None)
        if not text:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
        elif text == _ENDED:
            with suppress(subprocess.TimeoutExpired):
                text = f"{_ENDED} ({_status(self._process.wait(_GRACE))})"
        self._kill()
        for thread in self._threads[1:]:
            thread.join(_GRACE)
        complaints = bytes(self._complaints).decode("utf-8", "replace").strip()
        self._close()
        return f"{text}; the end of its standard error:\n{complaints[-_SHOWN:]}" if complaints else text

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()

    def _close(self) -> None:
        # A pipe that a thread still reads, because somebody has inherited its other end, must be left to that thread.
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        for stream, thread in zip(streams, self._threads, strict=True):
            if stream is not None and not thread.is_alive():
                with suppress(OSError):
                    stream.close()

    def _write(self) -> None:
        stream = self._process.stdin
        assert stream is not None
        with suppress(OSError, ValueError):
            while (line := self._requests.get()) is not None:
                stream.write(line.encode())
                stream.flush()
        with suppress(OSError, ValueError):
            stream.close()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        for line in _lines(stream.fileno()):
            self._lines.put(line)
            if self._lines.qsize() > _MOST_LINES:
                return
        self._lines.put(_Fault(_ENDED))

    def _keep_complaints(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with suppress(OSError):
            while part := os.read(stream.fileno(), 1 << 16):
                self._complaints += part
                del self._complaints[:-_KEPT]


_ENDED = "ended without an answer"


def _lines(descriptor: int) -> Iterator[bytes | _Fault]:
    """The lines that arrive, until one is too long or there are no more."""
    rest = bytearray()
    with suppress(OSError):
        while part := os.read(descriptor, 1 << 16):
            begun = len(rest)
            rest += part
            while (end := rest.find(b"\n", begun)) >= 0:
                yield bytes(rest[:end])
                del rest[: end + 1]
                begun = 0
            if len(rest) > LONGEST_LINE:
                yield _Fault(f"answered a line longer than {LONGEST_LINE >> 20} MiB")
                return
    if rest:
        yield bytes(rest)


def _status(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    with suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"


class _NoConstant(ValueError):
    pass


def _no_constant(name: str) -> Any:
    meant = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[name]
    raise _NoConstant(f'{name} must be written as the string "{meant}"')
