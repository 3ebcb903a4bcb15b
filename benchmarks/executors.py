"""What other processes gain: a large search and a numerical gradient, shared out to one and two of them, on this machine."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

import numpy as np

import refmath
from benchmarks.machine import installed
from benchmarks.tables import Table, against, missing, row, table
from benchmarks.timing import Row, summary
from refmath import numerical_gradient, softmax_cross_entropy_labels

FORMULA = "softmax_cross_entropy_one_hot"
#: The formula that is judged soonest, for a quick run.
QUICK_FORMULA = "sgd_step"
HERE = "the eight parts one after the other, here"
ALONE = "one search, without an executor"
GRADIENT = "workers=1: all of it, here"
COMMON = """Seconds **by the clock**, in turns: the processes are begun before and have imported what they need; the clusters are Dask's on
the loopback address, one thread to a process. On {cores} cores two processes can gain a factor of two at most, and nothing where other programs keep the cores busy: a
system that shares them out by session gives two processes of one session no more than one. How busy they were is said by "load before", below."""
CHECK = """`refmath.check` of {formula} with `examples={examples}`, the search shared out by `executor=`: eight parts, each with a seed of its own. One search of
as many examples is not the same work: it has one seed, and no input twice. """
WORKERS = """`numerical_gradient` of the softmax cross-entropy with labels by {size:,} logits: {evaluations:,} evaluations, in 64 shares, by `workers=` an executor's `map`. """


def tables(quick: bool) -> list[Table]:
    """A search and a gradient, by every executor."""
    rounds, examples, samples = (1, 1, 4) if quick else (3, 1000, 300)
    with contextlib.ExitStack() as stack:
        opened = {
            what: stack.enter_context(opens())
            for what, opens, library in EXECUTORS
            if installed(library) and not (quick and what not in QUICK)
        }
        return [
            _search(opened, rounds, QUICK_FORMULA if quick else FORMULA, examples),
            _gradient(opened, rounds, samples),
        ]


class InTurn(Executor):
    """An executor that does each task when it is handed over, in this process: what the others have to beat."""

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """The task, done."""
        future: Future[Any] = Future()
        future.set_result(task(*arguments, **options))
        return future


def pool(processes: int) -> ProcessPoolExecutor:
    """Processes of the standard library; begun anew and not forked, for a cluster's threads may run here."""
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


@contextlib.contextmanager
def cluster(processes: int) -> Iterator[Any]:
    """The executor of a Dask cluster on the loopback address."""
    from distributed import Client, LocalCluster

    options = {"threads_per_worker": 1, "processes": True, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=processes, **options) as begun, Client(begun) as client:
        yield client.get_executor()


#: What each executor is called in the table, what opens it, and the library it needs.
EXECUTORS: tuple[tuple[str, Callable[[], Any], str], ...] = (
    (HERE, functools.partial(contextlib.nullcontext, InTurn()), "numpy"),
    ("ProcessPoolExecutor, 1 process", functools.partial(pool, 1), "numpy"),
    ("ProcessPoolExecutor, 2 processes", functools.partial(pool, 2), "numpy"),
    ("Dask cluster, 1 process", functools.partial(cluster, 1), "distributed"),
    ("Dask cluster, 2 processes", functools.partial(cluster, 2), "distributed"),
)

#: Those that a quick run begins.
QUICK = {HERE, "ProcessPoolExecutor, 2 processes", "Dask cluster, 2 processes"}


def _search(opened: Mapping[str, Any], rounds: int, formula: str, examples: int) -> Table:
    reports: dict[str, Any] = {}

    def judged(what: str, executor: Any) -> None:
        reports[what] = refmath.check(getattr(refmath, formula), formula, examples=examples, executor=executor)

    for executor in opened.values():
        # Twice as many as there are processes, so that each has imported what it needs.
        for begun in [executor.submit(refmath.check, refmath.sgd_step, "sgd_step", examples=1) for _ in range(4)]:
            begun.result()
    cases = {ALONE: None, **opened}
    seconds = _by_the_clock({what: functools.partial(judged, what, cases[what]) for what in cases}, rounds)
    rows: list[Row] = [row(ALONE, seconds[ALONE], **_said(reports[ALONE]))]
    rows += [row(what, seconds[what], **_said(reports[what])) for what in opened]
    rows += _left_out(opened)
    text = CHECK.format(formula=formula, examples=examples) + _common()
    columns = [
        *_columns("executor", "one verdict"),
        ("verdict", "verdict", "text"),
        ("tried", "inputs tried", "number"),
    ]
    return table("executors", "A large search, shared out", text, columns, against(rows, HERE))


def _gradient(opened: Mapping[str, Any], rounds: int, samples: int) -> Table:
    a = np.random.default_rng(0).standard_normal((samples, 10))
    loss = functools.partial(softmax_cross_entropy_labels, labels=np.arange(samples) % 10)
    right = numerical_gradient(loss, a)
    cases: dict[str, Any] = {GRADIENT: 1, "workers=2: two processes of its own, begun and ended": 2}
    cases |= {what: executor.map for what, executor in opened.items() if what != HERE}
    got: dict[str, Any] = {}

    def taken(what: str) -> None:
        got[what] = numerical_gradient(loss, a, workers=cases[what])

    seconds = _by_the_clock({what: functools.partial(taken, what) for what in cases}, rounds)
    rows: list[Row] = [row(what, seconds[what], same=_yes(np.array_equal(got[what], right))) for what in cases]
    rows += _left_out(opened)
    text = WORKERS.format(size=a.size, evaluations=2 * a.size) + _common()
    columns = [*_columns("workers", "one gradient"), ("same", "same to the last bit", "text")]
    return table("workers", "A numerical gradient, shared out", text, columns, against(rows, GRADIENT))


def _by_the_clock(cases: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Row]:
    """Each case once in every round; it is other processes that work, and their time is none of this one's."""
    times: dict[str, list[float]] = {what: [] for what in cases}
    for _ in range(rounds):
        for what, case in cases.items():
            begun = time.perf_counter()
            case()
            times[what].append(time.perf_counter() - begun)
    return {what: summary(each) for what, each in times.items()}


def _columns(what: str, one: str) -> list[tuple[str, str, str]]:
    return [
        ("what", what, "text"),
        ("seconds", one, "seconds"),
        ("seconds", "quartiles", "span"),
        ("ratio", "against one process, here", "ratio"),
    ]


def _left_out(opened: Mapping[str, Any]) -> list[Row]:
    return [
        missing(what, library) if not installed(library) else {"what": what, "missing": "left out of a quick run"}
        for what, _, library in EXECUTORS
        if what not in opened
    ]


def _said(report: Any) -> dict[str, Any]:
    return {"verdict": report.verdict, "tried": sum(each.tried for each in report.classes.values())}


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _common() -> str:
    return COMMON.format(cores=multiprocessing.cpu_count())
