"""Packs the test vectors into an archive: `python tools/vectors_archive.py DIR refmath-vectors-VERSION.zip`.

The same files make the same bytes: no time of day, no owner and no order of a directory gets into it.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def pack(directory: Path, archive: Path) -> None:
    """Writes all files of a directory into an archive, in a folder that bears the archive's name."""
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(directory.iterdir()):
            entry = zipfile.ZipInfo(f"{archive.stem}/{file.name}")
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, on Windows too
            packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:]))
