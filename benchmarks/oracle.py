"""How long a verdict takes, and how long it takes to import refmath."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import refmath
from benchmarks.stages import stages
from benchmarks.tables import Table, row, table
from benchmarks.timing import Row, summary
from refmath.catalogue import FORMULAS, formula
from refmath.spec import Formula

CHECKS = """`refmath.check` of every formula of the catalogue at its default effort, refmath's own program being the candidate: once each, in this process, after
one that does not count."""
IMPORTS = """A Python that starts, imports, and ends, in turns: processor time of the whole process. `import refmath` loads nothing before a name is used; the
first name of a page brings NumPy and SymPy."""


def tables(quick: bool) -> list[Table]:
    """Verdicts, their stages, and imports."""
    pages = [formula("sgd_step"), formula("numerical_gradient")] if quick else FORMULAS
    options: dict[str, Any] = {"examples": 5} if quick else {}
    return [_checks(pages, options), stages(pages, **options), _imports(2 if quick else 7)]


def _checks(pages: Sequence[Formula], options: dict[str, Any]) -> Table:
    refmath.check(refmath.sigmoid, against="sigmoid", examples=5)
    rows: list[Row] = []
    for page in pages:
        begun, clock = time.process_time(), time.perf_counter()
        report = refmath.check(getattr(refmath, page.name), against=page.name, **options)
        took = time.process_time() - begun
        rows.append(row(page.name, processor=took, clock=time.perf_counter() - clock, verdict=report.verdict))
    for name, function in (("median", statistics.median), ("slowest", max)):
        slow = {key: function([each[key] for each in rows[: len(pages)]]) for key in ("processor", "clock")}
        rows.append(row(name, **slow))
    columns = [
        ("what", "formula", "text"),
        ("processor", "seconds of processor time", "number"),
        ("clock", "seconds by the clock", "number"),
        ("verdict", "verdict", "text"),
    ]
    return table("checks", "Verdicts", CHECKS, columns, rows)


def _imports(rounds: int) -> Table:
    commands = {
        "nothing": "pass",
        "numpy": "import numpy",
        "sympy": "import sympy",
        "refmath": "import refmath",
        "refmath, and a name of it": "from refmath import softmax",
        "refmath --help": "from refmath.cli import main; main()",
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, code in commands.items():
            times[name].append(_processor_time(code, ["--help"] if name.endswith("--help") else []))
    columns = [("what", "import", "text"), ("seconds", "processor time", "seconds"), ("seconds", "quartiles", "span")]
    return table("imports", "Imports", IMPORTS, columns, [row(name, summary(each)) for name, each in times.items()])


def _processor_time(code: str, arguments: list[str]) -> float:
    import resource  # only where there is such a module

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL, env=dict(os.environ)
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
