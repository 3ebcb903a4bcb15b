"""The generated parts of the site: nothing of a record is left out, and what they show is computed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from refmath.catalogue import FORMULAS, formula
from refmath.spec import Formula
from tools.site.errata import errata
from tools.site.markdown import cell
from tools.site.matrix import matrix
from tools.site.sheet import sheet

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["softmax", "mean_squared_error", "gradient_descent", "two_layer_net_gradient"])
def test_a_sheet_holds_everything_of_its_record(name: str) -> None:
    """Every law, convention and mistake stands in the sheet, with its sentence, and the entries of an answer each have a display."""
    page = formula(name)
    text = sheet(page)
    kinds: tuple[tuple[Any, ...], ...] = (page.laws, page.conventions, page.mistakes)
    named = [(each.name, each.text) for kind in kinds for each in kind]
    for known, sentence in named:
        assert f"`{known}`" in text
        assert cell(sentence) in text
    assert text.count("$$") == 2 * max(1, len(page.parts))


def test_the_examples_of_mistakes_are_computed() -> None:
    """A mistake's example has its value and the right one: without the half, the loss is twice as large."""
    row = next(line for line in sheet(formula("mean_squared_error")).splitlines() if "`missing_half`" in line)
    ((wrong, right),) = re.findall(r"(\S+) instead of (\S+) \|", row)
    assert float(wrong) == pytest.approx(2 * float(right), rel=1e-4)


@pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
def test_every_formulas_sheet_is_on_the_site(page: Formula) -> None:
    """Each sheet is put in exactly one page of the site."""
    pages = [path.name for path in DOCS.glob("*.md") if f'--8<-- "{page.name}.md"' in path.read_text("utf-8")]
    assert len(pages) == 1


def test_the_matrix_adds_up() -> None:
    """The last line of the table of counts is the sum of the catalogue."""
    last = next(line for line in matrix(FORMULAS).splitlines() if line.startswith("| **in all**"))
    laws, _, mistakes, *_ = map(int, re.findall(r"\*\*(\d+)\*\*", last))
    assert laws == sum(len(page.laws) for page in FORMULAS)
    assert mistakes == sum(len(page.mistakes) for page in FORMULAS)


@pytest.mark.zoo
def test_the_errata_show_each_flaw() -> None:
    """All ten flaws of the chapter are shown, none without what was computed."""
    sections = errata().split("\n## ")[1:]
    assert len(sections) == 10
    assert all("```" in section or "**" in section or "times" in section for section in sections)
