"""The report as annotations of GitHub Actions: one at the line of each function that does not conform."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from refmath.foreign_text import harmless
from refmath.oracle.loading.targets import parted
from refmath.oracle.reporting.findings import Findings
from refmath.oracle.reporting.text import relative, sentence, why


def commands(reports: Sequence[Findings], not_judged: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Workflow commands, one a line. Text that others wrote can end none of them, and begin none.

    Args:
        reports: The reports.
        not_judged: What could not be judged, and why.
    """
    root = os.environ.get("GITHUB_WORKSPACE") or os.getcwd()
    for report in reports:
        if report.conforms and not report.undeclared:
            continue
        place = {"file": relative(report.file, root), "line": str(report.line or 1)} if report.file else {}
        told = [sentence(report)]
        if report.undeclared:
            told.append(f"It declines {', '.join(report.undeclared)}, which its table in pyproject.toml does not list.")
        if report.diagnosis:
            told += [why(report), *([f"Try: {report.diagnosis.repair}"] if report.diagnosis.repair else [])]
        if report.smallest:
            told.append(f"Fails on: {report.smallest.call}")
        name = parted(report.target)[1] or report.target
        yield _command({**place, "title": f"{name} {report.verdict}"}, "\n".join(told))
    for target, reason in not_judged:
        yield _command({"title": f"{parted(target)[1] or target} not judged"}, reason)


def _command(properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::error {told}::{_escaped(message)}"


def _escaped(text: str, also: str = "") -> str:
    """Text as a command has it: percent signs and ends of lines, and in a property what would end it, by their codes."""
    for each in ("%", "\r", "\n", *also):
        text = text.replace(each, f"%{ord(each):02X}")
    return harmless(text)
