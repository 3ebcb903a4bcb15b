"""A candidate in another process: a program in any language that is asked in lines of JSON, and answers in lines of JSON.

It may do anything wrong that a program can do: whatever it does becomes a `CallFailed` that says what it was, with the end of what
it wrote to standard error. It is then ended, with its children, and started anew for the next question.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from refmath import catalogue
from refmath.oracle.candidates.candidate import CallFailed, seconds
from refmath.oracle.processes.command_line import joined, split
from refmath.oracle.remote import protocol
from refmath.oracle.remote.process import RunningProgram
from refmath.oracle.remote.protocol import Fault, Refusal
from refmath.spec import Formula, Setting, setting

#: Words that mean something to a shell only.
_FOR_A_SHELL = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1"})
#: In seconds: a program whose breaking has cost so much is not started again.
_PATIENCE = 5.0


class Adapter:
    """A program that computes formulas of the catalogue for others to judge; it is started when it is first asked.

    It is asked one thing at a time, also by threads that share it. One that is not closed is ended with this process.

    Args:
        command: The command that starts it: a line as for a shell (but no shell reads it), or the list of its words.
        timeout: Seconds after which an answer counts as not given.

    Raises:
        TypeError: If the command is neither a line nor words, or the timeout is no number.
        ValueError: For an empty command, one with unbalanced quotes or for a shell, or a timeout that is not positive.

    Examples:
        >>> import refmath
        >>> with refmath.Adapter("node losses.mjs") as adapter:  # doctest: +SKIP
        ...     report = refmath.check(adapter.function("softmax"), "softmax")
    """

    def __init__(self, command: str | Sequence[str], *, timeout: float = 10.0) -> None:
        self.words, self.timeout = _words(command), seconds(timeout)
        self.name = ""
        self._running: RunningProgram | None = None
        self._last_id = 0
        self._lost = 0.0
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def function(self, against: str | Formula, *, convention: str | None = None) -> RemoteFunction:
        """A formula of the catalogue as this program computes it.

        Args:
            against: The formula, or its name.
            convention: The convention whose parameters it is told, instead of the formula's defaults.

        Raises:
            ValueError: For an unknown formula or convention, or one that takes a function, which cannot be sent.
        """
        chosen = setting(catalogue.formula(against), convention)
        if not protocol.can_be_sent(chosen.formula):
            raise ValueError(f"{chosen.formula.name} takes a function, which cannot be sent to another process")
        return RemoteFunction(self, chosen)

    def answer(self, request: Mapping[str, Any]) -> Any:
        """The output that the program gives for a request, decoded.

        Args:
            request: What to ask, without an id.

        Raises:
            CallFailed: If it gives none.
        """
        with self._one_at_a_time:
            return self._answer(request)

    def _answer(self, request: Mapping[str, Any]) -> Any:
        begun = time.monotonic()
        running = self._started()
        self._last_id += 1
        try:
            reply = running.ask(protocol.line({"id": self._last_id, **request}), self.timeout)
            return protocol.output_in(protocol.read_line(reply), self._last_id)
        except Refusal as refusal:
            raise CallFailed(refusal.trouble, str(refusal)) from None
        except Fault as fault:
            self._running = None
            text = running.broken(fault)
            self._lost += time.monotonic() - begun
            raise CallFailed(fault.trouble, text) from None
        except BaseException:  # an interruption: the answer to this question may come when the next one is asked
            self._running = None
            running.end(grace=0.0)
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
        if running is not None and running.is_ours:
            running.end()

    def _started(self) -> RunningProgram:
        if self._running is not None and self._running.is_ours:
            return self._running
        if self.is_spent:
            raise CallFailed("spent", f"broke so often that {self._lost:.0f} s were lost; it is not started again")
        running = RunningProgram(self.words)
        try:
            greeting = running.ask(protocol.line(protocol.HELLO), self.timeout)
            self.name = protocol.name_in(protocol.read_line(greeting))
        except Fault as fault:
            # One that does not even greet will not do so the next time.
            why = running.broken(_unflushed(fault, running))
            raise CallFailed("gone", f"asked for its greeting, it {why}") from None
        except BaseException:
            running.end(grace=0.0)
            raise
        self._running = running
        return running


def _unflushed(fault: Fault, running: RunningProgram) -> Fault:
    """What went wrong with a greeting; one that only was not flushed is called that."""
    if fault.trouble != "hung" or running.has_begun_a_line or not running.answers_as_its_input_ends():
        return fault
    return Fault(f"{fault}, and answered when its standard input ended: it must flush every line", "hung")


def _words(command: str | Sequence[str]) -> list[str]:
    if not isinstance(command, str | list | tuple):
        raise TypeError(f"command must be a line or the list of its words; got {type(command).__name__}")
    try:
        words = split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise ValueError(f"command must be the words of a command; got {command!r}: {error}") from None
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"command must be the words of a command; got {command!r}")
    for_a_shell = _FOR_A_SHELL.intersection(words) if isinstance(command, str) else ()
    if for_a_shell:
        raise ValueError(
            f"command has {', '.join(sorted(for_a_shell))}, and no shell reads it; write sh -c '...' around it"
        )
    return words


class RemoteFunction:
    """A function of an adapter: called with arrays, it gives arrays, and raises `CallFailed` where the program fails."""

    def __init__(self, adapter: Adapter, chosen: Setting) -> None:
        self.adapter, self._setting = adapter, chosen
        self.__qualname__ = f"{joined(adapter.words)}:{chosen.formula.name}"

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
        if chosen.formula.name != self._setting.formula.name:
            raise ValueError(
                f"a function asked for {self._setting.formula.name} cannot be held against {chosen.formula.name}"
            )
        return RemoteFunction(self.adapter, chosen)

    def request(self, *arguments: Any) -> dict[str, Any]:
        """What the program is asked for these arguments, without an id."""
        return protocol.request(self._setting, arguments)


def _elsewhere(words: list[str], timeout: float, against: str | Formula, convention: str | None) -> RemoteFunction:
    return _adapter_here(tuple(words), timeout).function(against, convention=convention)


@functools.cache
def _adapter_here(words: tuple[str, ...], timeout: float) -> Adapter:
    """One program for all that is sent to this process, as long as it lasts."""
    return Adapter(words, timeout=timeout)
