"""Where the time of a verdict goes: the processor time of each of its stages, taken while it is given."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

import refmath
from benchmarks.tables import Table, row, table
from refmath.oracle import verdict
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.diagnosing import diagnosis
from refmath.oracle.searching.search import Search
from refmath.oracle.searching.survey import Survey
from refmath.spec import Formula

TEXT = """The same verdicts over again, with a clock that is switched whenever one stage of `refmath.check` hands over to another: each second belongs to one
of them. Right programs are refmath's own; wrong ones are, for every formula, the first of the mistakes on its page, and only they are shrunk and
diagnosed, whatever these two ask of the other stages included."""


class Mistaken(Candidate):
    """What the oracle's candidates of its own are while the clock runs, mistakes and conventions: to be told from the one that is judged."""


REST = "everything else: asking again, remarks, the report"
#: A stage, where its function is looked up, the function's name, and whether all that it calls belongs to it.
STAGES: tuple[tuple[str, Any, str, bool], ...] = (
    ("drawing inputs", Survey, "_probe", False),
    ("exact values in balls, and intervals of what is accepted", Search, "interval", False),
    ("calls of the candidate", Candidate, "__call__", False),
    ("comparing answers with the intervals", Search, "trial", False),
    ("laws, apart from the calls and values they ask for", Search, "law", False),
    ("the page's mistakes on the same inputs, as evidence", Mistaken, "__call__", False),
    ("comparing the mistakes' answers", verdict, "is_accepted", False),
    ("shrinking a counterexample", Search, "shrink", True),
    ("diagnosis", verdict, "diagnose", True),
)


class Clock:
    """Processor time by stages, of which one is on at a time.

    Attributes:
        seconds: What each stage has taken so far.

    Examples:
        >>> clock = Clock()
        >>> clock.timed("summing", sum)([1, 2])
        3
        >>> sorted(clock.seconds) == sorted([REST, "summing"])
        True
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._on, self._alone, self._since = REST, False, time.process_time()

    def switch(self, stage: str) -> None:
        """Ends the stage that is on, and begins another."""
        now = time.process_time()
        self.seconds[self._on] += now - self._since
        self._on, self._since = stage, now

    def timed(self, stage: str, function: Callable[..., Any], alone: bool = False) -> Callable[..., Any]:
        """A function with its time counted to a stage; if `alone`, with the time of every other stage that it calls."""

        def call(*arguments: Any, **options: Any) -> Any:
            if self._alone:
                return function(*arguments, **options)
            outer, self._alone = self._on, alone
            self.switch(stage)
            try:
                return function(*arguments, **options)
            finally:
                self.switch(outer)
                self._alone = False

        return call


@contextlib.contextmanager
def clocked() -> Iterator[Clock]:
    """A clock that the stages of every verdict given meanwhile switch."""

    clock = Clock()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(diagnosis, "Candidate", Mistaken))
        # All of them before the first is put in place: one class inherits from another.
        timed = [clock.timed(stage, getattr(place, name), alone) for stage, place, name, alone in STAGES]
        for (_, place, name, _), function in zip(STAGES, timed, strict=True):
            stack.enter_context(mock.patch.object(place, name, function))
        clock.switch(REST)
        yield clock
        clock.switch(REST)


def stages(pages: Iterable[Formula], **options: Any) -> Table:
    """The shares of the stages, over right programs and over wrong ones."""
    pages = list(pages)
    wrong = [(page.mistakes[0].program, page.name) for page in pages if page.mistakes]
    of_right = _spent([(getattr(refmath, page.name), page.name) for page in pages], options)
    of_wrong = _spent(wrong, options)
    names = (*(each[0] for each in STAGES), REST)
    rows = [row(stage, right=_share(of_right, stage), wrong=_share(of_wrong, stage)) for stage in names]
    columns = [("what", "stage", "text"), ("right", "right programs", "share"), ("wrong", "wrong programs", "share")]
    columns += [("right_seconds", "seconds each", "number"), ("wrong_seconds", "seconds each, wrong", "number")]
    all_of_it = row("all of it", right=1.0, wrong=1.0)
    all_of_it |= {
        "right_seconds": sum(of_right.values()) / len(pages),
        "wrong_seconds": sum(of_wrong.values()) / max(len(wrong), 1),
    }
    return table("stages", "Where the time of a verdict goes", TEXT, columns, [*rows, all_of_it])


def _spent(candidates: Iterable[tuple[Callable[..., Any], str]], options: dict[str, Any]) -> dict[str, float]:
    with clocked() as clock:
        for candidate, name in candidates:
            refmath.check(candidate, against=name, **options)
    return clock.seconds


def _share(seconds: dict[str, float], stage: str) -> float:
    return seconds.get(stage, 0.0) / sum(seconds.values())
