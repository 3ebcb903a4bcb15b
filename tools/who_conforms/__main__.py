"""Judges all counterparts with the libraries that are installed, and writes docs/who_conforms.json and docs/who_conforms.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools.who_conforms.judging import EXAMPLES, SEED, counterparts, row, today, versions
from tools.who_conforms.page import page

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Some minutes."""
    rows = []
    for each in counterparts():
        for dtype in each.dtypes:
            rows.append(row(each, dtype))
            verdicts = rows[-1]["verdict"], "strictly", rows[-1]["strict"]
            print(each.library, each.function, each.formula, dtype, *verdicts, file=sys.stderr, flush=True)
    table = {"date": today(), "versions": versions(), "examples": EXAMPLES, "seed": SEED, "rows": rows}
    (DOCS / "who_conforms.json").write_text(
        json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    (DOCS / "who_conforms.md").write_text(page(table), encoding="utf-8")


if __name__ == "__main__":
    main()
