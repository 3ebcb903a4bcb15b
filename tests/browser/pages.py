"""Which pages the site has."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS, SITE = ROOT / "docs", ROOT / "site"
#: The tests publish the site as this version of it.
VERSION = "1.2"


def addresses() -> list[str]:
    """The address of each page, relative to the site, as MkDocs makes it of the sources."""
    sources = (path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
    pages = (path for path in sources if path.parts[0] not in {"_generated", "ext", "overrides"})
    return sorted(_address(page) for page in pages)


def _address(source: Path) -> str:
    folder = source.parent if source.stem == "index" else source.with_suffix("")
    return "" if folder == Path() else f"{folder.as_posix()}/"
