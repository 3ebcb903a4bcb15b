"""What the tests cost: `nox -s cost` runs them and prints their processor time, by formula, and the test functions that take most of it.

A plugin of pytest, `-p tools.suite_cost`, with pytest-xdist or without. The time is that of the processor, of a test's
child processes too: it does not depend on how many cores there are, nor much on what else the machine does.
"""

from __future__ import annotations

import resource
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

#: How many test functions are told.
TOLD = 10
#: What a test's report, and the output of a worker, carry.
SPENT = "processor_seconds"
_STARTED: pytest.StashKey[float] = pytest.StashKey()


def processor_seconds() -> float:
    """What this process has used, and those of its children that have ended."""
    return own_seconds() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def own_seconds() -> float:
    """What this process has used."""
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


class Cost:
    """Adds up what the tests report, in the process that was started."""

    def __init__(self) -> None:
        self.of_function: defaultdict[str, float] = defaultdict(float)
        self.tests: Counter[str] = Counter()
        self.of_workers = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What a test took is told with its end."""
        if report.when == "teardown":
            function = report.nodeid.partition("[")[0]
            self.of_function[function] += sum(
                float(str(value)) for name, value in report.user_properties if name == SPENT
            )
            self.tests[function] += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist says what it used in all."""
        self.of_workers += getattr(node, "workeroutput", {}).get(SPENT, 0.0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The whole, and the dearest."""
        from refmath import FORMULAS  # only now: what a test imports is no part of the start

        whole = own_seconds() + self.of_workers if self.of_workers else processor_seconds()
        terminalreporter.section("cost")
        terminalreporter.write_line(
            f"{whole:.0f} s of processor time, {whole / len(FORMULAS):.1f} s for each of {len(FORMULAS)} formulas;"
            f" {whole - sum(self.of_function.values()):.0f} s of it for start and collection"
        )
        for function in sorted(self.of_function, key=self.of_function.__getitem__, reverse=True)[:TOLD]:
            seconds, count = self.of_function[function], self.tests[function]
            terminalreporter.write_line(f"{seconds:7.1f} s {count:6} × {function}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Remember when a test began."""
    item.stash[_STARTED] = processor_seconds()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Add what it took to its last report."""
    if call.when == "teardown":
        item.user_properties.append((SPENT, processor_seconds() - item.stash[_STARTED]))
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this process used, if it is a worker."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[SPENT] = processor_seconds()


def pytest_configure(config: pytest.Config) -> None:
    """The sums are made in one process only."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Cost())
