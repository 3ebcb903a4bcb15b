"""What `refmath check examples/chapter.py` prints, by running it."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from rich.console import Console

import refmath
from refmath.catalogue import called
from refmath.oracle.loading.load import load
from refmath.oracle.reporting.text import Printed, as_text, summary
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
    """What is said of one of the functions, and the line on each, as a terminal shows it."""
    shown = replace(reports()["numerical_gradient"], file=f"examples/{CHAPTER.name}")
    told = [as_text(shown), "", "…", "", *_lines(Printed([], summary(list(reports().values()))))]
    return code("\n".join(["$ refmath check examples/chapter.py", "…", "", *told])) + "\n"


def _lines(text: Printed) -> list[str]:
    console = Console(width=80, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as captured:
        console.print(text)
    return captured.get().strip("\n").splitlines()
