"""Writes the generated parts of the site: `python -m tools.site`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import refmath
from refmath.catalogue import FORMULAS
from refmath.vectors.files import document, fixed_files, write
from refmath.vectors.formulas import NAMES
from refmath.whole_file import whole_file
from tools.site.errata import errata
from tools.site.figures import figures
from tools.site.matrix import matrix
from tools.site.sheet import sheet
from tools.site.verdict import chapter_verdict
from tools.vectors_archive import pack

DOCS = Path(__file__).parents[2] / "docs"
GENERATED, DOWNLOADS = DOCS / "_generated", DOCS / "downloads"


def main() -> None:
    """Every generated part, each in a file."""
    GENERATED.mkdir(exist_ok=True)
    parts = {each.name: sheet(each) for each in FORMULAS}
    parts |= {"chapter_verdict": chapter_verdict(), "errata": errata(), "matrix": matrix(FORMULAS)}
    parts |= figures()
    for name, text in parts.items():
        with whole_file(GENERATED / f"{name}.md") as out:
            out.write(text.encode())
    _vectors()


def _vectors() -> None:
    """The test vectors of this very version, to be downloaded."""
    DOWNLOADS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        documents = {f"{name}.json": document(name, refmath.__version__) for name in NAMES}
        write(Path(folder), documents | fixed_files())
        pack(Path(folder), DOWNLOADS / "refmath-vectors.zip")


if __name__ == "__main__":
    main()
