"""The figures of the zoo, from the file that `python -m tests.zoo docs/zoo.json` writes."""

from __future__ import annotations

import json
from pathlib import Path

from tools.site.markdown import table

FILE = Path(__file__).parents[2] / "docs" / "zoo.json"
COUNTS = ("honest", "refused", "faulty", "conforming", "classical", "named")


def zoo() -> str:
    """How many specimens of each formula there are, and how many are judged wrongly."""
    recorded = json.loads(FILE.read_text("utf-8"))
    rows = [(f"`{name}`", *(str(counts[each]) for each in COUNTS)) for name, counts in recorded["formulas"].items()]
    totals = [sum(counts[each] for counts in recorded["formulas"].values()) for each in COUNTS]
    head = (
        "formula",
        "honest",
        "of them refused",
        "faulty",
        "of them accepted",
        "faults with a classical name",
        "of them named",
    )
    told = f"As judged by refmath {recorded['version']}, at default effort:"
    return f"{told}\n\n{table(head, [*rows, ('**in all**', *(f'**{each}**' for each in totals))])}\n"
