"""A progress bar on standard error, for judgements that take more than a second at a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from refmath.foreign_text import harmless

_PATIENCE = 1.0


class Progress:
    """Counts the functions judged; shows nothing before a second has passed, and nothing where nobody watches."""

    def __init__(self, total: int) -> None:
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("judging", total=total)
        self._begun = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._bar.stop()

    def tick(self, what: str) -> None:
        """Says what is being done."""
        if not self._shown and self._bar.console.is_terminal and time.monotonic() - self._begun > _PATIENCE:
            self._bar.start()
            self._shown = True
        if self._shown:
            self._bar.update(self._task, description=harmless(what, 60, lines=False))

    def done(self, what: str) -> None:
        """One function more is judged."""
        self._bar.advance(self._task)
        self.tick(what)
