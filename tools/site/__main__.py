"""Writes the generated parts of the site: `python -m tools.site`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import refmath
from refmath import central_difference, mini_batch
from refmath.catalogue import FORMULAS
from refmath.vectors.files import document, fixed_files, write
from refmath.vectors.formulas import NAMES
from refmath.whole_file import whole_file
from tools.site.errata import errata
from tools.site.excerpts import excerpts
from tools.site.families import families
from tools.site.figures import figures
from tools.site.matrix import matrix
from tools.site.parts import parts, steps
from tools.site.sheet import sheet
from tools.site.transcripts import transcripts
from tools.site.verdict import chapter_verdict
from tools.site.worked import worked
from tools.vectors_archive import pack

DOCS = Path(__file__).parents[2] / "docs"
GENERATED, DOWNLOADS = DOCS / "_generated", DOCS / "downloads"


def main() -> None:
    """Every generated part, each in a file."""
    GENERATED.mkdir(exist_ok=True)
    for name, text in texts().items():
        with whole_file(GENERATED / f"{name}.md") as out:
            out.write(text.encode())
    _vectors()


def texts() -> dict[str, str]:
    """The parts that pages include, by the names under which they do."""
    found = {each.name: sheet(each) for each in FORMULAS}
    for each in FORMULAS:
        found |= parts(each)
    found |= {f"steps_{each.__name__}": f"{steps(each)}\n" for each in (central_difference, mini_batch)}
    found |= {"function_families": families(), "worked_interval": worked()}
    found |= {"chapter_verdict": chapter_verdict(), "errata": errata(), "matrix": matrix(FORMULAS)}
    return found | transcripts() | excerpts() | figures()


def _vectors() -> None:
    """The test vectors of this very version, to be downloaded."""
    DOWNLOADS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        documents = {f"{name}.json": document(name, refmath.__version__) for name in NAMES}
        write(Path(folder), documents | fixed_files())
        pack(Path(folder), DOWNLOADS / "refmath-vectors.zip")


if __name__ == "__main__":
    main()
