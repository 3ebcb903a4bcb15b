"""The examples on the site run, and give what is printed under them."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [
    path for path in sorted(DOCS.rglob("*.md")) if "_generated" not in path.parts and ">>> " in path.read_text("utf-8")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_the_examples_of_a_page_give_what_is_printed(page: Path) -> None:
    """From top to bottom, in one session, as a reader would type them."""
    told: list[str] = []
    examples = doctest.DocTestParser().get_doctest(page.read_text("utf-8"), {}, page.name, str(page), 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)
