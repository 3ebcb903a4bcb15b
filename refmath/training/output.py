"""The terminal, the pipe or the file that a training is shown in: it may go away, be full or be closed, and the training goes on."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import IO, Any, cast

from rich.console import Console

from refmath.streams import ERRORS

#: Seconds after which a reader that takes nothing counts as gone, if the training is told to end meanwhile.
PATIENCE = 1.0
CLOSED = "it is closed"


class Output:
    """A stream to which as much is written as goes; what does not go is remembered, and not raised.

    Attributes:
        trouble: Why nothing more is written; None while all goes well.
    """

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream
        self.trouble = CLOSED if stream is None else None

    def write(self, text: str) -> int:
        """Writes a text; characters that the stream does not know are written in ASCII."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._try(lambda stream: stream.write(text.encode(encoding, ERRORS).decode(encoding)))
        return len(text)

    def flush(self) -> None:
        """Sees to it that what was written is there."""
        self._try(lambda stream: stream.flush())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _try(self, do: Callable[[IO[str]], object]) -> None:
        if self._stream is None or self.trouble is not None:
            return
        begun = time.monotonic()
        try:
            do(self._stream)
        except OSError as error:
            self._give_up(error.strerror or str(error))
        except ValueError:
            self._give_up(CLOSED)
        except KeyboardInterrupt:
            if time.monotonic() - begun > PATIENCE:
                self._give_up("nobody reads it")
            raise

    def _give_up(self, trouble: str) -> None:
        self.trouble = trouble
        with contextlib.suppress(
            AttributeError, OSError, ValueError
        ):  # Python writes at its end what is still in its buffer
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)


def output(stderr: bool = False) -> Output:
    """Standard output or standard error as it is now."""
    return Output(cast("IO[str] | None", sys.stderr if stderr else sys.stdout))


def console(out: Output) -> Console:
    """What lays out tables and bars on it."""
    return Console(highlight=False, file=cast("IO[str]", out))
