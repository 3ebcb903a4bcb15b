"""Writes the generated parts of the site: `python -m tools.site`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import refmath
from refmath.vectors.files import document, fixed_files, write
from refmath.vectors.formulas import NAMES
from refmath.whole_file import whole_file
from tools.site.texts import texts
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


def _vectors() -> None:
    """The test vectors of this very version, to be downloaded."""
    DOWNLOADS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        documents = {f"{name}.json": document(name, refmath.__version__) for name in NAMES}
        write(Path(folder), documents | fixed_files())
        pack(Path(folder), DOWNLOADS / "refmath-vectors.zip")


if __name__ == "__main__":
    main()
