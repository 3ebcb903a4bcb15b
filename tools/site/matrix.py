"""What stands behind the verdicts, in numbers: for each formula its laws and mistakes, and which law catches which mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from refmath.spec import Formula
from tools.site.markdown import name, table


def matrix(catalogue: Sequence[Formula]) -> str:
    """A table of counts over the whole catalogue, then a table of laws for each formula."""
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
    return "\n\n".join([table(head, [*rows, totals]), *(_laws(each) for each in catalogue)]) + "\n"


def _laws(formula: Formula) -> str:
    """Which mistakes name which law as the one that catches them."""
    caught = Counter(mistake.caught_by for mistake in formula.mistakes)
    rows = [
        (
            name(law.name),
            str(caught[law.name]),
            ", ".join(name(each.name) for each in formula.mistakes if each.caught_by == law.name),
        )
        for law in formula.laws
    ]
    return f"### {formula.name}\n\n{table(('law', 'mistakes', 'those that name it'), rows)}"
