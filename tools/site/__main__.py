"""Writes the generated parts of the site: `python -m tools.site`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import refmath
from refmath.vectors.files import document, fixed_files, write
from refmath.vectors.formulas import NAMES
from refmath.whole_file import whole_file
from tools.site.cards import cards
from tools.site.install import installs
from tools.site.texts import texts
from tools.vectors_archive import pack

DOCS = Path(__file__).parents[2] / "docs"
GENERATED, REFERENCE, DOWNLOADS, CARDS = (DOCS / each for each in ("_generated", "reference", "downloads", "cards"))


def main() -> None:
    """Every generated part, each in a file."""
    for folder in (GENERATED, REFERENCE, DOWNLOADS):
        folder.mkdir(exist_ok=True)
    parts, reference = texts()
    _write(GENERATED, {**parts, **installs(_wheel())})
    _write(REFERENCE, reference)
    CARDS.mkdir(exist_ok=True)
    for name, picture in cards(DOCS).items():
        with whole_file(CARDS / f"{name}.png") as out:
            out.write(picture)
    _vectors()
    for adapter in (DOCS.parent / "examples" / "adapters").glob("losses.*"):
        shutil.copy(adapter, DOWNLOADS)


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """The pages or parts, each in a file, and no others in the folder."""
    for old in folder.glob("*.md"):
        if old.stem not in texts:
            old.unlink()
    for name, text in texts.items():
        with whole_file(folder / f"{name}.md") as out:
            out.write(text.encode())


def _wheel() -> str:
    """This very version, to be downloaded and installed: the name of the file."""
    for old in DOWNLOADS.glob("*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DOWNLOADS), str(DOCS.parent)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = DOWNLOADS.glob("*.whl")
    return wheel.name


def _vectors() -> None:
    """The test vectors of this very version, to be downloaded."""
    with tempfile.TemporaryDirectory() as folder:
        documents = {f"{name}.json": document(name, refmath.__version__) for name in NAMES}
        write(Path(folder), documents | fixed_files())
        pack(Path(folder), DOWNLOADS / "refmath-vectors.zip")


if __name__ == "__main__":
    main()
