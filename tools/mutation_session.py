"""A pytest plugin that tries mutants in forks of a process which has collected the tests: see tools/mutation.py."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools import mutation_started

mutation_started.quicken()
mutation_started.ask_for("stats")

#: Seconds that each test has with a mutant besides ten times those without it.
GRACE = 20.0
#: Seconds, without a mutant, of the tests that are tried with one of a sample: of so large a room a test file may take minutes.
PATIENCE = 60.0
MEMORY = 6 << 30


@dataclass
class Passed:
    """A test that passes without a mutant: how long it takes, and the functions it passes through, here or in a process that it starts."""

    item: pytest.Item
    seconds: float
    functions: set[str]
    #: For each function, and for each module, how many of its mutants this test was the one to notice: the likeliest is tried first.
    noticed: Counter[str] = field(default_factory=Counter)

    def unlikelihood(self, function: str) -> tuple[int, float]:
        """The smaller, the sooner it is tried: whether it has noticed mutants of this function, or of this module, and is quick."""
        module = function.rpartition(".")[0]
        likely = 1 + self.noticed.total() + 4 * self.noticed[module]
        return -self.noticed[function], self.seconds / likely


@dataclass
class Running:
    """The mutants that are being tried, by the number of their process."""

    names: dict[int, str] = field(default_factory=dict)
    begun: dict[int, float] = field(default_factory=dict)
    #: The tests by the names under which a fork tells which of them it runs.
    tests: dict[str, Passed] = field(default_factory=dict)

    def limit(self, number: int) -> float:
        """Until when the test that a fork runs has to end."""
        told = Path(f"running-{number}")
        with contextlib.suppress(OSError):  # it has begun none yet
            test = self.tests.get(told.read_text(encoding="utf-8"))
            return told.stat().st_mtime + GRACE + 10 * (test.seconds if test else 0.0)
        return self.begun[number] + GRACE


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Instead of the tests once, some of them for each mutant."""
    from mutmut.configuration import config

    import refmath

    config()  # mutmut reads it where it is first asked for: here, and not in a folder that a test goes to
    assert Path(refmath.__file__).is_relative_to(Path.cwd()), f"the mutants are not what is tested: {refmath.__file__}"
    asked = json.loads(Path("asked.json").read_text(encoding="utf-8"))
    at_import = set(mutation_started.called)
    session.items = [each for each in session.items if concerns(each.nodeid, asked["page"])]
    passed = without_mutants(session)
    results: dict[str, str] = {}
    running = Running(tests={each.item.nodeid: each for each in passed})
    for name in asked["mutants"]:
        if time.time() > asked["until"]:
            break
        function = name.partition("__mutmut_")[0]
        tests = sorted(
            (each for each in passed if function in each.functions), key=lambda each: each.unlikelihood(function)
        )
        if asked["is_sample"]:
            tests = [test for test, so_far in zip(tests, running_sums(tests), strict=True) if so_far <= PATIENCE]
        if tests:
            begin(running, name, session, tests)
        else:
            results[name] = "survived"
        while len(running.names) >= asked["jobs"]:
            collect(running, results)
        record(results)
    while running.names:
        collect(running, results)
    # What is called while a module is imported is changed only in a process that imports it anew.
    again = [
        name
        for name, outcome in results.items()
        if outcome == "survived" and name.partition("__mutmut_")[0] in at_import
    ]
    if again:
        # Those for which the time does not last are not tried.
        results = {name: outcome for name, outcome in results.items() if name not in again} | anew(
            again, asked["until"]
        )
    record(results)
    return True


def running_sums(tests: list[Passed]) -> Iterator[float]:
    """The seconds of each test and of those before it."""
    return itertools.accumulate(each.seconds for each in tests)


def concerns(test: str, page: str) -> bool:
    """Whether a test may notice what a page does: it bears its name, or that of no other page."""
    from refmath.catalogue import FORMULAS

    named = {each.name for each in FORMULAS if re.search(rf"(?<![a-z_]){each.name}(?![a-z_])", test)}
    return not named or page not in {each.name for each in FORMULAS} or page in named


def record(results: dict[str, str]) -> None:
    Path("told.json").write_text(json.dumps(results), encoding="utf-8")


def forked(work: Callable[[], int]) -> int:
    """The number of a process that does some work and ends with its answer."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    code = 70
    try:
        with open(os.devnull, "w", encoding="utf-8") as silence:
            os.dup2(silence.fileno(), 1)
            os.dup2(silence.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        code = work()
    finally:
        os._exit(code)


def without_mutants(session: pytest.Session) -> list[Passed]:
    """Every test once, in a fork, so that nothing is left of it here."""

    def work() -> int:
        elsewhere = Path("called_elsewhere").absolute()
        mutation_started.begin_to_tell(str(elsewhere))
        # A process that a test starts has not read mutmut's configuration, and may be in a folder without one.
        os.environ.pop("MUTANT_UNDER_TEST", None)
        told = {}
        for item in session.items:
            mutation_started.called.clear()
            elsewhere.write_bytes(b"")
            begun, failed = time.perf_counter(), session.testsfailed
            run(item, None)
            if session.testsfailed == failed:
                called = mutation_started.called | set(elsewhere.read_text(encoding="utf-8").split())
                told[item.nodeid] = time.perf_counter() - begun, sorted(called)
        Path("passed.json").write_text(json.dumps(told), encoding="utf-8")
        return 0

    os.waitpid(forked(work), 0)
    told: dict[str, Any] = json.loads(Path("passed.json").read_text(encoding="utf-8"))
    return [
        Passed(each, seconds, set(functions))
        for each in session.items
        for seconds, functions in [told.get(each.nodeid, (0.0, ()))]
        if each.nodeid in told
    ]


def run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def begin(running: Running, name: str, session: pytest.Session, tests: list[Passed]) -> None:
    """Tries a mutant in a fork."""
    here = Path.cwd()

    def work() -> int:
        mutation_started.ask_for(name)
        items = [each.item for each in tests]
        told = here / f"running-{os.getpid()}"
        for item, following in zip(items, [*items[1:], None], strict=True):
            told.write_text(item.nodeid, encoding="utf-8")
            run(item, following)
            if session.testsfailed:
                return 1
        return 0

    number = forked(work)
    running.names[number], running.begun[number] = name, time.time()


def collect(running: Running, results: dict[str, str]) -> None:
    """Waits for one of the mutants, and ends those whose time is over."""
    while True:
        number, status = os.waitpid(-1, os.WNOHANG)
        if number in running.names:
            results[running.names[number]] = "survived" if status == 0 else "killed"
            ended(running, number, is_noticed=status != 0)
            return
        for late in [each for each in running.names if time.time() > running.limit(each)]:
            os.kill(late, 9)
            os.waitpid(late, 0)
            results[running.names[late]] = "timeout"
            ended(running, late, is_noticed=True)
            return
        time.sleep(0.005)


def ended(running: Running, number: int, *, is_noticed: bool) -> None:
    """Forgets a fork that has ended, and notes which test has noticed its mutant."""
    function = running.names.pop(number).partition("__mutmut_")[0]
    del running.begun[number]
    told = Path(f"running-{number}")
    if told.exists():
        if is_noticed:
            running.tests[told.read_text(encoding="utf-8")].noticed.update([function, function.rpartition(".")[0]])
        told.unlink()


def anew(names: list[str], until: float) -> dict[str, str]:
    """Tries mutants in processes of their own, which import everything with them."""
    told = Path("told_anew.json")
    told.unlink(missing_ok=True)
    Path("asked_anew.json").write_text(json.dumps({"mutants": names, "until": until}), encoding="utf-8")
    run = subprocess.run([sys.executable, "-m", "tools.mutation_anew"], check=False, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"mutants of what is called at import could not be tried:\n{run.stderr[-4000:]}")
    results: dict[str, str] = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    return results
