"""What stands behind the verdicts, in numbers: for each formula its laws and mistakes, and which law catches which mistake."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from refmath.spec import Formula
from tools.site.markdown import name, table

#: The laws that each mistake breaks, from the file that `python -m tools.law_matrix` writes.
FILE = Path(__file__).parents[2] / "docs" / "laws.json"


def matrix(catalogue: Sequence[Formula]) -> str:
    """A table of counts over the whole catalogue, then a table of laws for each formula."""
    broken = json.loads(FILE.read_text("utf-8"))["formulas"]
    for each in catalogue:
        if broken.get(each.name, {}).keys() != {mistake.name for mistake in each.mistakes}:
            raise ValueError(
                f"{FILE.name} does not know the mistakes of {each.name} as they are: run `python -m tools.law_matrix`"
            )
    head = ("formula", "laws", "of them defining", "mistakes", "with variants", "conventions")
    rows = [
        (
            name(each.name),
            str(len(each.laws)),
            str(sum(law.defining for law in each.laws)),
            str(len(each.mistakes)),
            str(sum(1 + len(mistake.variants) for mistake in each.mistakes)),
            str(len(each.conventions)),
        )
        for each in catalogue
    ]
    totals = ["**in all**", *(f"**{sum(int(row[place]) for row in rows)}**" for place in range(1, len(head)))]
    tables = (_laws(each, broken[each.name]) for each in catalogue if each.mistakes)
    return "\n\n".join([table(head, [*rows, totals]), *tables]) + "\n"


def _laws(formula: Formula, broken: Mapping[str, Sequence[str]]) -> str:
    """Which mistakes break which law; those that name it as the one that catches them stand first."""
    rows = []
    for law in formula.laws:
        naming = [each.name for each in formula.mistakes if each.caught_by == law.name]
        others = [each.name for each in formula.mistakes if law.name in broken[each.name] and each.name not in naming]
        told = [*(f"**{name(each)}**" for each in naming), *map(name, others)]
        rows.append((name(law.name), f"{len(told)} of {len(formula.mistakes)}", ", ".join(told)))
    return f"### {formula.name}\n\n{table(('law', 'is broken by', 'these mistakes'), rows)}"
