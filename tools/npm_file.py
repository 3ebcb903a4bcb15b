"""One file of an npm package, for the site and its checks: `python -m tools.npm_file PACKAGE@VERSION FILE... FOLDER`.

The package is packed, not installed: nothing of it is run. npm knows which registry to ask. Without npm, or where it gets no answer,
nothing is written, and the reason is told.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from refmath.whole_file import whole_file

#: Half a minute without an answer is none; npm would try again for minutes.
IMPATIENT = ("--fetch-retries=0", "--fetch-timeout=30000")
SECONDS = 120


class Unavailable(Exception):
    """The package cannot be had here; the message says why."""


def fetch(package: str, names: Sequence[str], folder: Path) -> None:
    """Put the files with these names in the package into the folder, each under the last part of its name.

    Raises:
        Unavailable: if npm is not there, does not get the package, or the package lacks one of the files. Nothing is written then.
    """
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(_packed(package, Path(scratch))) as archive:
        contents = {name: _content(archive, name) for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        with whole_file(folder / Path(name).name) as out:
            out.write(content)


def _packed(package: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("there is no npm")
    command = [npm, "pack", package, "--silent", *IMPATIENT]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=SECONDS, text=True)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm gave no answer within {SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"npm does not get {package}: {error.stderr.strip() or error}") from None
    return next(folder.glob("*.tgz"))


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        member = archive.extractfile(f"package/{name}")
    except KeyError:
        member = None
    if member is None:
        raise Unavailable(f"the package has no file {name}")
    return member.read()


def main(arguments: Sequence[str]) -> int:
    """Fetch; 1 if that was not possible."""
    package, *names, folder = arguments
    try:
        fetch(package, names, Path(folder))
    except Unavailable as error:
        print(f"{package}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
