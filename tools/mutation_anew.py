"""Tries mutants of what is called while a module is imported: see tools/mutation.py.

Each has a fork of this process, which has imported what refmath and its tests need, but nothing of refmath itself. The tests that noticed
another mutant of the same function are tried first, by themselves.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from tools.mutation import UNMARKED
from tools.mutation_session import GRACE, forked
from tools.mutation_started import ask_for

NEEDED = ("flint", "hypothesis", "mpmath", "mutmut.state", "numpy", "scipy.special", "sympy")
OPTIONS = [
    *("-n0", "-x", "-q", "--tb=native", "-p", "no:cacheprovider"),
    *("-o", f"addopts=-m '{UNMARKED}'"),
    # Nobody reads what an assertion in Hypothesis would say.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]
#: So many of the likeliest tests are tried before all of them.
LIKELIEST = 4


class Chosen:
    """A plugin that runs some of the tests, in a given order, and keeps the name of the one that failed."""

    def __init__(self, tests: list[str]) -> None:
        self.tests, self.failed = {name: place for place, name in enumerate(tests)}, ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (each for each in items if each.nodeid in self.tests), key=lambda each: self.tests[each.nodeid]
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid


def status(name: str, tests: list[str], seconds: float) -> str:
    """What becomes of a mutant under some tests; the test that notices it is written to `noticed`."""
    noticed = Path("noticed")
    noticed.unlink(missing_ok=True)

    def work() -> int:
        ask_for(name)
        chosen = Chosen(tests)
        files = list(dict.fromkeys(each.partition("::")[0] for each in tests))
        code = int(pytest.main([*OPTIONS, *files], plugins=[chosen]))
        noticed.write_text(chosen.failed, encoding="utf-8")
        return code

    number, limit = forked(work), time.time() + GRACE + 10 * seconds
    while time.time() < limit:
        ended, code = os.waitpid(number, os.WNOHANG)
        if ended:
            return "survived" if code == 0 else "killed"
        time.sleep(0.01)
    os.kill(number, 9)
    os.waitpid(number, 0)
    return "timeout"


def main() -> None:
    """Tries the mutants named in asked_anew.json, and writes told_anew.json."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # no threads of a library may run where a fork is made
    for each in NEEDED:
        importlib.import_module(each)
    asked: dict[str, Any] = json.loads(Path("asked_anew.json").read_text(encoding="utf-8"))
    passed: dict[str, Any] = json.loads(Path("passed.json").read_text(encoding="utf-8"))
    seconds = {name: told[0] for name, told in passed.items()}
    every_test = sorted(seconds, key=lambda test: seconds[test])
    few = every_test[:50]
    assert status("none", few, sum(map(seconds.__getitem__, few))) == "survived", "the tests fail without a mutant"
    noticed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    results: dict[str, str] = {}
    for name in asked["mutants"]:
        if time.time() > asked["until"]:
            break
        likeliest = noticed[name.partition("__mutmut_")[0]]
        first = [test for test, _ in likeliest.most_common(LIKELIEST)]
        results[name] = status(name, first, sum(map(seconds.__getitem__, first))) if first else "survived"
        if results[name] == "survived":
            results[name] = status(name, every_test, sum(seconds.values()))
        test = Path("noticed").read_text(encoding="utf-8") if Path("noticed").exists() else ""
        if results[name] == "killed" and test in seconds:
            likeliest[test] += 1
        Path("told_anew.json").write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
