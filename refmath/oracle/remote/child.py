"""The process of a candidate, seen by the judge: started, asked, given up when its time is over, and ended with everybody whom it has started.

The judge believes nothing of what comes back: a reply is looked at like an answer of any other program.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import re
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.util import Finalize
from types import TracebackType
from typing import Any, Self

import numpy as np

from refmath.foreign_text import harmless
from refmath.oracle.candidates.arrays import Layout, Library
from refmath.oracle.candidates.calling import USUAL, Calling, called_with
from refmath.oracle.candidates.candidate import CallFailed, Observation, Trouble, most_entries
from refmath.oracle.candidates.importing import hint
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.candidates.signature import Signature
from refmath.oracle.processes import interruptions
from refmath.oracle.processes.started import NotStarted, Started, has_warden, how_it_ended, started
from refmath.oracle.remote.frames import Broken, Channel, NoFrame, TimeIsUp, flat
from refmath.oracle.remote.host import told_of
from refmath.oracle.remote.replies import NoReply, read
from refmath.spec import Formula, keyword_names

#: Importing a target may take so many times the limit of a call.
IMPORTING = 6
#: In seconds: for the process to start and import NumPy, PyTorch or JAX, which no candidate is to blame for.
_STARTING = 120.0
#: In seconds: so much longer than the limit of a call is waited until the process is given up, as it interrupts the call itself.
_GRACE = 0.5
#: In seconds: a process whose breaking has cost so much is not started again for the same function.
_PATIENCE = 3.0
#: In bytes: so much of the end of standard error is kept, in characters: so much of it shown, and so much passed on in all.
_KEPT, _SHOWN, _PASSED_ON = 8192, 600, 1 << 16
#: In bytes: no reply but an answer of many entries is longer.
_LONGEST_REPLY = 1 << 25
#: In bytes: a question that is no longer is sent ahead.
_AHEAD = 1 << 15
#: In bytes.
_PASSWORD = 32
#: How Python begins to say where it was as it crashed.
_CRASH = re.compile("Fatal Python error: |Windows fatal exception: ")


class _Ended(Exception):
    """The process has ended, or has said what is no reply: how, in words."""

    def __init__(self, text: str, trouble: Trouble = "raised") -> None:
        super().__init__(text)
        self.trouble: Trouble = trouble


class _Lost(_Ended):
    """The process has ended over a question whose reply nobody has asked for."""


class _Process:
    """One process with a channel to it."""

    def __init__(self, place: str, output: Callable[[bytes], None]) -> None:
        self._place, self._output = place, output
        self._started, connection = _hosts()
        self._channel = Channel(connection)
        self._tail, self._crash = bytearray(), ""
        self._sent = 0
        self._owner = os.getpid()
        # Unlike what `atexit` is told, this is also done where a pool's process ends.
        self._at_exit = Finalize(None, self.end, exitpriority=0)
        self._reader = threading.Thread(target=self._read, daemon=True)
        interruptions.start(self._reader)

    def ask(
        self, request: dict[str, Any], arrays: list[Any], seconds: float, most: int = _LONGEST_REPLY
    ) -> tuple[dict[str, Any], list[Any]]:
        """The reply to a question, which may have been sent before.

        Raises:
            _Ended: If there is none.
        """
        if request["id"] != self._sent:
            self.send(request, arrays, seconds)
        self._sent = 0
        with self._ended_by_faults(seconds):
            reply, answered = self._channel.receive(seconds + _GRACE, most)
        try:
            if type(reply.get("id")) is not int or reply["id"] != request["id"]:
                raise NoReply("the reply to another question")
            return read(request.get("do", "call"), reply), answered
        except NoReply as broken:
            self.end()
            raise _Ended(f"wrote to refmath what it must not: {broken}") from None

    def send(self, request: dict[str, Any], arrays: list[Any], seconds: float) -> None:
        """Sends a question.

        Raises:
            _Lost: If the process has ended over an earlier one, whose reply nobody has asked for.
            _Ended: If it has ended meanwhile.
        """
        if self._sent:
            self._sent = 0
            try:
                with self._ended_by_faults(seconds):
                    self._channel.receive(seconds + _GRACE, _LONGEST_REPLY)
            except _Ended:
                raise _Lost("was lost over an earlier question") from None
        with self._ended_by_faults(seconds):
            self._channel.send(request, arrays, seconds + _GRACE)
        self._sent = request["id"]

    @contextlib.contextmanager
    def _ended_by_faults(self, seconds: float) -> Iterator[None]:
        """Ends the process if it does not answer, or not as it should, and says how that was."""
        try:
            yield
        except TimeIsUp:
            self.end()
            raise _Ended(f"did not answer within {seconds:g} s", "hung") from None
        except NoFrame as broken:
            self.end()
            raise _Ended(self._with_last_words(f"wrote to refmath what it must not: {broken}")) from None
        except Broken:
            raise _Ended(self._with_last_words(self._how(self.end()))) from None
        except BaseException:
            self.end()
            raise

    def has_others(self) -> bool:
        """Whether somebody whom it has started is still there."""
        return self._started.has_others()

    @property
    def is_ours(self) -> bool:
        """Whether this process has started it, and none that was copied from that."""
        return os.getpid() == self._owner

    def end(self) -> int | None:
        """Ends the process and whom it has started; its status, if it had ended by itself."""
        if not self.is_ours:
            return None
        self._at_exit.cancel()
        self._channel.close()
        status = self._started.end()
        self._reader.join(1.0)
        for stream in (self._started.input, self._started.output):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._crash = self._started.crash or bytes(self._tail).decode("utf-8", "replace")
        return status

    def _how(self, status: int | None) -> str:
        """How the process ended, and in which line of the file, if Python could tell."""
        lines = re.findall(rf'File "{re.escape(self._place)}", line (\d{{1,9}}) in (\S{{1,99}})', self._crash)
        if status is None:
            return "closed the connection to refmath"
        where = " in line {}, in {},".format(*lines[0]) if lines else ""
        return f"ended its process{where} with {how_it_ended(status)}"

    def _read(self) -> None:
        """Takes what the process writes to standard output and standard error, so that it is not held up."""
        stream = self._started.errors
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(stream.fileno(), 1 << 16):
                self._tail += part
                del self._tail[:-_KEPT]
                self._output(part)
        with contextlib.suppress(OSError):
            stream.close()

    def _with_last_words(self, text: str) -> str:
        written = _CRASH.split(bytes(self._tail).decode("utf-8", "replace"))[0].strip()[-_SHOWN:]
        return text + (f"; the end of its standard error:\n{written}" if written else "")


def _hosts() -> tuple[Started, socket.socket]:
    """A process that has begun to answer for a module, and the connection with it.

    Raises:
        NotStarted: If there is none.
    """
    path = json.dumps(list(map(str, sys.path)))
    code = f"import sys; sys.path[:] = {path}; from refmath.oracle.remote import host; host.{{}}()"
    flags = ["-O"] * sys.flags.optimize + ["-B"] * sys.dont_write_bytecode
    words = [sys.executable, *flags, "-P", "-c"]
    if not has_warden():
        return _by_loopback([*words, code.format("main_by_loopback")])
    here, there = socket.socketpair()
    try:
        return started([*words, code.format("main")], there.fileno()), here
    except BaseException:
        here.close()
        raise
    finally:
        there.close()


def _by_loopback(words: list[str]) -> tuple[Started, socket.socket]:
    """The same where no descriptor can be handed on: the process connects, and shows by a password that it is the one which was started."""
    password = secrets.token_bytes(_PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = started(words)
        try:
            assert process.input is not None
            process.input.write(f"{server.getsockname()[1]} {password.hex()}\n".encode())
            deadline = time.monotonic() + _STARTING
            while time.monotonic() < deadline and process.status(0) is None:
                server.settimeout(0.1)
                with contextlib.suppress(TimeoutError):
                    connection, _ = server.accept()
                    if _knows(connection, password):
                        return process, connection
                    connection.close()
            raise NotStarted("it did not connect")
        except OSError as error:
            process.end()
            raise NotStarted(str(error)) from None
        except BaseException:
            process.end()
            raise


def _knows(connection: socket.socket, password: bytes) -> bool:
    """Whether the first that comes is the password; somebody else is not waited for."""
    connection.settimeout(2.0)
    told = b""
    with contextlib.suppress(OSError):
        while len(told) < len(password) and (part := connection.recv(len(password) - len(told))):
            told += part
    return hmac.compare_digest(told, password)


class Child:
    """A process of its own for the functions of one target; it is started when it is first asked, and again when it has ended.

    Args:
        array: The library whose arrays they take, which is imported there once.
        timeout: The limit of a call, in seconds.
        definitions_only: Whether nothing is run of a file but its imports, functions, classes and constants.
    """

    def __init__(self, array: Library = "numpy", timeout: float = 10.0, definitions_only: bool = False) -> None:
        self.array, self.timeout, self.definitions_only = array, timeout, definitions_only
        self.place = ""
        self._names: list[str] = []
        self._running: _Process | None = None
        self._last_id = 0
        self._lost = 0.0
        self._to_pass_on = _PASSED_ON

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process, if there is one."""
        running, self._running = self._running, None
        if running is not None:
            running.end()

    # ---- a module

    def imported(self, place: str) -> Child:
        """This process with a target in it, unless it has that.

        Raises:
            NotJudged: If it cannot be imported.
        """
        if place == self.place and self._running is not None and self._running.is_ours:
            return self
        self.close()
        self.place = place
        self.start()
        return self

    def start(self) -> bool:
        """Imports the target, unless it is there.

        Returns:
            Whether it was imported anew.

        Raises:
            NotJudged: If it cannot be imported.
        """
        if self._running is not None and self._running.is_ours:
            return False
        try:
            self._running = _Process(self.place, self._pass_on)
        except (OSError, NotStarted) as error:
            raise NotJudged(f"no process can be started: {error}") from None
        self._into_it(self.array, {"do": "library", "array": self.array}, _STARTING)
        seconds = IMPORTING * self.timeout
        request = {"do": "import", "place": self.place, "definitions_only": self.definitions_only, "seconds": seconds}
        reply = self._into_it(self.place, request, seconds)
        self._names = reply["functions"]
        return True

    def _into_it(self, what: str, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Has the process import something.

        Raises:
            NotJudged: If it does not.
        """
        try:
            reply, _ = self._ask(request, seconds=seconds)
        except _Ended as ended:
            told = hint(what, self.definitions_only)
            raise NotJudged(f"{what} cannot be imported: it {ended}{told}") from None
        if reply["error"]:
            self.close()
            raise NotJudged(reply["error"])
        return reply

    def functions(self) -> list[str]:
        """The names of the functions of the target."""
        return self._names

    def has(self, name: str) -> bool:
        """Whether there is something of that name to be called.

        Raises:
            NotJudged: If it does not say so.
        """
        self.start()
        try:
            reply, _ = self._ask({"do": "find", "name": name, "seconds": self.timeout})
        except _Ended as ended:
            raise NotJudged(f"looking {name} up, it {ended}") from None
        if reply.get("late"):
            raise NotJudged(f"looking {name} up did not end within {self.timeout:g} s")
        if reply["error"]:
            raise NotJudged(f"looking {name} up raised {reply['error']}")
        return reply["found"] is True

    def function(self, name: str) -> HostedFunction:
        """A function of the target."""
        return HostedFunction(self, name)

    def settle(self) -> None:
        """Leaves a function: if it has changed what belongs to the whole process, or has started others, the next one has another process."""
        if self._running is None:
            return
        try:
            reply, _ = self._ask({"do": "changes"})
        except _Ended:
            return
        if reply["error"] or reply["changes"] or self._running.has_others():
            self.close()

    # ---- questions

    @property
    def is_spent(self) -> bool:
        """Whether its breaking has cost so much that it is not started again."""
        return self._lost > _PATIENCE

    def forgive(self) -> None:
        """Forgets what its breaking has cost so far."""
        self._lost = 0.0

    def _send(self, request: dict[str, Any], arrays: Sequence[Any]) -> int:
        """Sends a question whose reply is asked for later, by its number."""
        running, self._last_id = self._running, self._last_id + 1
        assert running is not None
        try:
            running.send({"id": self._last_id, **request}, list(arrays), self.timeout)
        except BaseException:
            self._running = None
            raise
        return self._last_id

    def _ask(
        self,
        request: dict[str, Any],
        arrays: Sequence[Any] = (),
        seconds: float | None = None,
        most: int = _LONGEST_REPLY,
        sent: int = 0,
    ) -> tuple[dict[str, Any], list[Any]]:
        """The reply to a question, or to one that was sent before."""
        running = self._running
        assert running is not None
        if not sent:
            self._last_id += 1
        try:
            return running.ask(
                {"id": sent or self._last_id, **request},
                list(arrays),
                self.timeout if seconds is None else seconds,
                most,
            )
        except BaseException:
            self._running = None
            raise

    def _pass_on(self, part: bytes) -> None:
        """What it writes to standard output or standard error is told on standard error, harmless and not without end."""
        left, self._to_pass_on = self._to_pass_on, max(0, self._to_pass_on - len(part))
        if left > 0 and sys.stderr is not None:
            text = harmless(part[:left].decode("utf-8", "replace"))
            if self._to_pass_on == 0:
                text += f"\n(what else {self.place} writes is not shown)\n"
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(
                    text.encode(sys.stderr.encoding or "utf-8", "replace").decode(sys.stderr.encoding or "utf-8")
                )
                sys.stderr.flush()


class HostedFunction:
    """A function in a process of its own; a `Hosted` candidate asks it."""

    def __init__(self, child: Child, name: str) -> None:
        self.child, self.name = child, name
        self.__qualname__ = f"{child.place}:{name}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Sent to another process, it has a process of its own there.
        child = self.child
        return _elsewhere, (child.place, self.name, child.array, child.timeout, child.definitions_only)

    def __call__(self, *arguments: Any) -> Any:
        raise TypeError(f"{self.__qualname__} is judged in its own process; it cannot be called here")


def _elsewhere(place: str, name: str, array: Library, timeout: float, definitions_only: bool) -> HostedFunction:
    child = Child(array, timeout, definitions_only)
    child.place = place
    return HostedFunction(child, name)


@dataclass(frozen=True)
class _Expected:
    """A question that was sent ahead: its number, to whom, and what it asks."""

    number: int
    running: _Process | None
    inputs: Mapping[str, Any]
    layout: Layout
    parameters: Mapping[str, Any] | None

    def is_for(
        self, running: _Process | None, inputs: Mapping[str, Any], layout: Layout, parameters: Mapping[str, Any] | None
    ) -> bool:
        """Whether it asks the same of the same."""
        same = running is self.running and inputs is self.inputs and parameters is self.parameters
        return same and layout == self.layout


class Hosted:
    """A candidate in a process of its own, observed there from all sides.

    Args:
        function: The function.
        formula: The formula it is held against.
        backward: Whether the gradient that its library gives of it is asked for.
        calling: How it is called, if not as the formula is.

    Attributes:
        always: Keyword arguments of every call, unless a call has others of the names.
    """

    def __init__(
        self, function: HostedFunction, formula: Formula, backward: bool = False, calling: Calling = USUAL
    ) -> None:
        self.function, self._child, self._formula = function, function.child, formula
        self._told = {
            "do": "judge",
            "name": function.name,
            "arguments": called_with(formula, calling),
            "parameters": keyword_names(formula),
            "formula": told_of(formula),
            "backward": backward,
            "calling": calling.as_json(),
            "array": self._child.array,
            "seconds": self._child.timeout,
        }
        # What an earlier judgement has cost is not held against this one.
        self._child.forgive()
        self.always: Mapping[str, Any] = {}
        self._is_turned_to = self._has_ended = False
        self._keeps = True
        self._expected: _Expected | None = None
        self._ended: _Ended | None = None

    def signature(self) -> Signature:
        """What it says of itself.

        Raises:
            NotJudged: If it does not.
        """
        try:
            reply = self._turned_to()
        except _Ended as ended:
            raise NotJudged(f"asked for its signature, it {ended}") from None
        if reply["error"]:
            raise NotJudged(f"asked for its signature, it raised {reply['error']}")
        return Signature(
            reply["called"],
            reply["text"],
            reply["misfit"],
            tuple(reply["by_name"]),
            tuple(reply["required"]),
            tuple(reply["places"]),
            reply["file"],
            reply["line"],
            tuple(reply["numbers"]),
            reply["holds"],
        )

    def __call__(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> Observation:
        expected, self._expected = self._expected, None
        ended, self._ended = self._ended, None
        most = 8 * most_entries(self._formula, inputs)
        begun = time.monotonic()
        try:
            if ended is not None:
                raise ended
            self._ready()
            begun = time.monotonic()
            if expected is not None and expected.is_for(self._child._running, inputs, layout, parameters):
                reply, answered = self._child._ask({}, sent=expected.number, most=most)
            else:
                request, arrays = self._request(inputs, layout, parameters)
                reply, answered = self._child._ask(request, arrays, most=most)
            return _observation(reply, answered, self._child._last_id)
        except CallFailed as failed:
            return Observation(trouble=failed.trouble, text=str(failed))
        except _Lost:
            self._is_turned_to = False
            return self(inputs, layout, parameters)
        except _Ended as fault:
            self._is_turned_to, self._has_ended = False, True
            self._child._lost += time.monotonic() - begun
            return Observation(trouble=fault.trouble, text=str(fault))

    def expect(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> None:
        """Has the function begin with what it is asked next."""
        try:
            self._ready()
            request, arrays = self._request(inputs, layout, parameters)
            if sum(each.nbytes for each in arrays) <= _AHEAD:
                number = self._child._send(request, arrays)
                self._expected = _Expected(number, self._child._running, inputs, layout, parameters)
        except CallFailed:
            pass  # it is told when it is asked
        except _Lost:
            self._is_turned_to = False
        except _Ended as ended:  # between two questions: the next one is told
            self._ended = ended

    def _request(
        self, inputs: dict[str, Any], layout: Layout, parameters: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], list[Any]]:
        arrays: list[Any] = []
        told = {name: flat(value, arrays) for name, value in inputs.items()}
        asked = {"do": "call", "inputs": told, "layout": layout, "parameters": {**self.always, **(parameters or {})}}
        return {**asked, "keep": self._keeps}, arrays

    def has_changed(self, answers: Iterable[tuple[Observation, Mapping[str, Any]]]) -> bool:
        """Whether an earlier answer has changed, if the process that gave it is still there."""
        numbers = [seen.answer for seen, _ in answers]
        if not self._is_turned_to or self._child._running is None:
            return False
        try:
            reply, _ = self._child._ask({"do": "compare", "of": numbers}, seconds=2 * self._child.timeout)
        except _Ended as ended:
            self._is_turned_to = False
            return not isinstance(ended, _Lost)  # over the reading of it
        return bool(reply.get("changed"))

    def release(self) -> None:
        """Has its process forget what it answered, and keep nothing more."""
        self._keeps = False
        with contextlib.suppress(_Ended):
            if self._child._running is not None:
                self._child._ask({"do": "forget"})

    def _ready(self) -> None:
        """Starts the process, and has it turn to the function, unless that was done."""
        if self._is_turned_to and self._child._running is not None:
            return
        if self._child.is_spent:
            lost = self._child._lost
            raise CallFailed("spent", f"broke so often that {lost:.0f} s were lost; it is not started again")
        begun = time.monotonic()
        try:
            reply = self._turned_to()
        except NotJudged as error:
            raise CallFailed("gone", str(error)) from None
        finally:
            if self._has_ended:
                self._child._lost += time.monotonic() - begun
        if reply["error"]:
            raise CallFailed("gone", f"looked up again, it raised {reply['error']}")

    def _turned_to(self) -> dict[str, Any]:
        self._child.start()
        reply, _ = self._child._ask(self._told)
        self._is_turned_to = True
        return reply


def _observation(reply: dict[str, Any], answered: list[Any], number: int) -> Observation:
    """The observation that a reply tells.

    Raises:
        _Ended: If it tells none.
    """
    if (
        reply["error"]
        or len(answered) > 1
        or (reply["trouble"] is None and not answered)
        or any(each.dtype != np.float64 for each in answered)
    ):
        raise _Ended("wrote to refmath what it must not: no observation")
    return Observation(
        answered[0] if answered else None,
        reply["trouble"],
        reply["text"],
        tuple(reply["warnings"]),
        number if reply["answered"] else None,
        reply["declines"],
        reply["shares_memory"],
        reply["in_place"],
        reply["dtype"],
    )
