"""Puts a built site beside those of other versions: `python -m tools.versions SITE VERSION PUBLIC`.

PUBLIC/index.html       leads to latest/, or to dev/ before the first release
PUBLIC/versions.json    what the site's menu of versions shows
PUBLIC/404.html         what the host shows for an address that is not there
PUBLIC/dev/             the site of the branch main
PUBLIC/0.1/, ...        the site of each release
PUBLIC/latest/          the newest release once more, for links that are meant to stay
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

DEV, LATEST = "dev", "latest"
RELEASE = re.compile(r"[0-9]+(\.[0-9]+)+")
FORWARD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>refmath</title>
<meta http-equiv="refresh" content="0; url={to}/">
</head>
<body><a href="{to}/">refmath</a></body>
</html>
"""


def add(site: Path, version: str, public: Path) -> None:
    """Put the site of a version into the tree, in place of what it held of that version.

    Raises:
        ValueError: if the version is neither `dev` nor numbers with dots between them.
    """
    if version != DEV and not RELEASE.fullmatch(version):
        raise ValueError(f"version: expected {DEV} or a number such as 1.2, not {version!r}")
    _replace(site, public / version)
    released = releases(public)
    if version != DEV and version == released[0]:
        _replace(site, public / LATEST)
    home = LATEST if released else DEV
    shutil.copy(public / home / "404.html", public / "404.html")
    (public / "index.html").write_text(FORWARD.format(to=home), "utf-8")
    (public / "versions.json").write_text(json.dumps(menu(public), indent=1), "utf-8")


def releases(public: Path) -> list[str]:
    """The releases in the tree, the newest first."""
    found = [path.name for path in public.iterdir() if path.is_dir() and RELEASE.fullmatch(path.name)]
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")], reverse=True)


def menu(public: Path) -> list[dict[str, object]]:
    """The menu of versions, in the form that the site's theme reads."""
    released = releases(public)
    named = [(version, [LATEST] if version == released[0] else []) for version in released]
    if (public / DEV).is_dir():
        named.append((DEV, []))
    return [{"version": version, "title": version, "aliases": aliases} for version, aliases in named]


def _replace(site: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(site, folder)


if __name__ == "__main__":
    add(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
