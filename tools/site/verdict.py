"""What `refmath check examples/chapter.py` prints, by running it."""

from __future__ import annotations

import functools
from pathlib import Path

from rich.console import Console

import refmath
from refmath.catalogue import called
from refmath.oracle.load import load
from refmath.oracle.text import as_table
from tools.site.markdown import code

CHAPTER = Path(__file__).parents[2] / "examples" / "chapter.py"


@functools.cache
def reports() -> dict[str, refmath.Report]:
    """The verdict on each function of the chapter."""
    found = load(str(CHAPTER))
    return {
        called(each.against): refmath.check(each.function, each.against, target=f"chapter.py:{called(each.against)}")
        for each in found
        if each.function is not None
    }


def chapter_verdict() -> str:
    """The table of all verdicts, as a terminal shows it."""
    console = Console(width=130, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as captured:
        console.print(as_table(list(reports().values())))
    lines = [line.rstrip() for line in captured.get().strip("\n").splitlines()]
    conforming = sum(report.conforms for report in reports().values())
    return (
        code(
            "\n".join(
                ["$ refmath check examples/chapter.py", "", *lines, "", f"{conforming} of {len(reports())} conform."]
            )
        )
        + "\n"
    )
