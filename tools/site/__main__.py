"""Writes the generated parts of the site: `python -m tools.site`."""

from __future__ import annotations

from pathlib import Path

from refmath.catalogue import FORMULAS
from refmath.whole_file import whole_file
from tools.site.errata import errata
from tools.site.matrix import matrix
from tools.site.sheet import sheet
from tools.site.verdict import chapter_verdict

GENERATED = Path(__file__).parents[2] / "docs" / "_generated"


def main() -> None:
    """Every generated part, each in a file."""
    GENERATED.mkdir(exist_ok=True)
    parts = {each.name: sheet(each) for each in FORMULAS}
    parts |= {"chapter_verdict": chapter_verdict(), "errata": errata(), "matrix": matrix(FORMULAS)}
    for name, text in parts.items():
        with whole_file(GENERATED / f"{name}.md") as out:
            out.write(text.encode())


if __name__ == "__main__":
    main()
