"""Which pages the site has."""

from __future__ import annotations

from collections.abc import Sequence
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


#: A page of each kind, which is looked at in every form; of the others each is looked at in one.
KINDS = {
    "",
    "404.html",
    "benchmarks/",
    "check/",
    "check/gradient/",
    "errata/",
    "evidence/",
    "learn/cross_entropy/",
    "learn/network/",
    "losses/",
    "python/",
    "reference/cross_entropy_labels/",
    "reference/two_layer_net_gradient/",
    "verdict/",
    "who_conforms/",
}


def visits(forms: Sequence[str]) -> list[tuple[str, str]]:
    """Which page is looked at in which form: the kinds in all, the others in turn."""
    others = [each for each in addresses() if each not in KINDS]
    in_turn = {(each, forms[place % len(forms)]) for place, each in enumerate(others)}
    every = {(each, form) for each in addresses() if each in KINDS for form in forms}
    return sorted(in_turn | every, key=lambda visit: (forms.index(visit[1]), visit[0]))


def _address(source: Path) -> str:
    folder = source.parent if source.stem == "index" else source.with_suffix("")
    return "" if folder == Path() else f"{folder.as_posix()}/"
