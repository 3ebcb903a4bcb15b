"""The generated parts of the site: nothing of a record is left out, and what they show is computed."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from test_public_names import HOMES

import refmath
from refmath.catalogue import FORMULAS, formula
from refmath.page_text import source
from refmath.spec import Formula, shown
from tools.site import gradient_questions as questions
from tools.site.errata import errata
from tools.site.excerpts import EXCERPTS, excerpt
from tools.site.figures import FIGURES
from tools.site.line_by_line import line_by_line
from tools.site.markdown import cell
from tools.site.markdown import name as name_of
from tools.site.matrix import matrix
from tools.site.parts import parts, untyped
from tools.site.sheet import sheet
from tools.site.shorter import shorter
from tools.site.transcripts import COMMANDS

pytestmark = pytest.mark.long

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["softmax", "mean_squared_error", "gradient_descent", "two_layer_net_gradient"])
def test_a_sheet_holds_everything_of_its_record(name: str) -> None:
    """Every law, convention and mistake stands in the sheet, with its sentence, and the entries of an answer each have a display."""
    page = formula(name)
    text = sheet(page)
    kinds: tuple[tuple[Any, ...], ...] = (page.laws, page.conventions, page.mistakes)
    named = [(shown(each.name), each.text) for kind in kinds for each in kind]
    for known, sentence in named:
        assert name_of(known) in text
        assert cell(sentence) in text
    letters = shorter([each.definition for each in page.parts] or [page.definition]).parts
    of_forms = sum(1 + len(shorter([each.definition]).parts) for each in page.forms)
    assert text.count("$$") == 2 * (max(1, len(page.parts)) + len(letters) + of_forms)


def test_the_examples_of_mistakes_are_computed() -> None:
    """A mistake's example has its value and the right one: without the half, the loss is twice as large."""
    row = next(line for line in sheet(formula("mean_squared_error")).splitlines() if name_of("missing_half") in line)
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


def test_the_answers_about_gradients_are_those_of_the_record() -> None:
    """Each family and each tool has its row, and the counts of a cell are those of the record."""
    record = json.loads(questions.FILE.read_text("utf-8"))
    text = questions.gradient_questions()
    for family, found in record["families"].items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {family} ({found['questions']}) |"))
        for answers, counts in zip(row.strip("| ").split(" | ")[1:], found["tools"].values(), strict=True):
            told = [int(each) for each in re.findall(r"\d+", answers)] or [found["questions"]]
            assert sum(told) == found["questions"]
            assert told[0] == counts["answered_rightly"]
    assert f"Asked on {record['date']}" in text
    assert all(cell(name) in text for name in record["confidently_wrong"][questions.OWN])


def test_where_no_answer_is_wrong_that_is_said() -> None:
    """One that is wrong is named; none is a sentence."""
    assert "no question wrongly" in questions._own_mistakes({"confidently_wrong": {questions.OWN: []}})
    assert "- |x| at 0" in questions._own_mistakes({"confidently_wrong": {questions.OWN: ["|x| at 0"]}}).replace(
        "\\|", "|"
    )


# ---- the pages


def directives() -> list[tuple[str, str]]:
    """The objects that the pages document by mkdocstrings: module and name; those of formulas by their references."""
    found = []
    for path in sorted(DOCS.glob("*.md")):
        for module, names in re.findall(
            r"^::: ([\w.]+)\n    options:\n      members: \[(.*?)\]$", path.read_text("utf-8"), re.MULTILINE
        ):
            found += [(module, name.strip()) for name in names.split(",")]
        of_formulas = [page for page in FORMULAS if f'--8<-- "{page.name}.md"' in path.read_text("utf-8")]
        found += [(page.program.__module__, page.name) for page in of_formulas]
    return found


def test_every_public_name_is_documented_once() -> None:
    """The reference has each name of `refmath.__all__`, and nothing of the site documents a thing twice."""
    documented = directives()
    assert len(documented) == len(set(documented))
    homes = {name for module, name in documented if module == "refmath"} | {
        name for module, name in documented if module == HOMES.get(name)
    }
    assert homes == set(refmath.__all__)


def test_the_reference_documents_what_there_is() -> None:
    """Whatever a page documents can be imported, and has a docstring."""
    for module, name in directives():
        value = getattr(importlib.import_module(module), name)
        assert name == "FORMULAS" or value.__doc__


LEARN = ["squared_error", "cross_entropy", "mini_batch", "differentiation", "gradient", "descent", "network"]


@pytest.mark.parametrize("name", LEARN)
def test_a_page_of_the_course_has_all_its_parts(name: str) -> None:
    """Program, laws, conventions, mistakes, a figure, and an example that runs."""
    text = (DOCS / "learn" / f"{name}.md").read_text("utf-8")
    for part in ("steps", "laws", "mistakes") if name != "differentiation" else ("steps",):
        assert f'--8<-- "{part}_' in text
    for heading in ("## Laws", "## Common mistakes"):
        assert heading in text
    assert ">>> " in text
    assert '--8<-- "figure_' in text
    assert "## Conventions" in text or name == "differentiation"
    assert "../check/index.md" in text


def included(pages: Iterable[Path]) -> list[str]:
    """The parts that pages include."""
    written = [path for path in pages if "_generated" not in path.parts]
    return [name for path in written for name in re.findall(r'--8<-- "(\w+)\.md"', path.read_text("utf-8"))]


@pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
def test_every_program_is_shown_step_by_step(page: Formula, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of each formula stands, step by step, on a page of the course or else in its reference."""
    # What takes seconds, and is no matter here.
    for part in ("displays", "laws", "mistakes", "made_by_operators", "rounding"):
        monkeypatch.setattr(f"tools.site.sheet.{part}", lambda _page: "")
    monkeypatch.setattr("tools.site.sheet.made", lambda _page: ())
    course = included((DOCS / "learn").glob("*.md"))
    assert (f"steps_{page.name}" in course) != ("The program, step by step" in sheet(page))


def test_what_is_excerpted_and_printed_is_shown() -> None:
    """Every excerpt and every transcript that is made stands on a page."""
    assert set(EXCERPTS) | set(COMMANDS) <= set(included(DOCS.rglob("*.md")))


def test_what_the_course_includes_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of formulas that a page includes are made for that formula; what they hold, the session `docs` prints, and takes a minute."""
    for part in ("displays", "steps", "laws", "mistakes", "conventions", "derivative"):
        monkeypatch.setattr(f"tools.site.parts.{part}", lambda _page: "")
    made = {name for page in FORMULAS for name in parts(page)} | {"steps_mini_batch", "steps_central_difference"}
    kinds = ("definition_", "steps_", "laws_", "mistakes_", "conventions_", "derivative_")
    wanted = {name for name in included(DOCS.rglob("*.md")) if name.startswith(kinds)}
    assert wanted <= made
    assert {f"figure_{name}" for name in FIGURES} == {
        name for name in included(DOCS.rglob("*.md")) if name.startswith("figure_")
    }


def test_a_program_without_its_types_is_the_same_program() -> None:
    """What the steps show is the program's own code: without types and comments nothing else is gone."""
    for page in FORMULAS:
        shown = ast.parse(untyped(source(page.program)))
        meant = ast.parse(source(page.program))
        for node in ast.walk(meant):
            if isinstance(node, ast.arg):
                node.annotation = None
            if isinstance(node, ast.FunctionDef):
                node.returns = None
        assert ast.dump(Untyped().visit(shown)) == ast.dump(Untyped().visit(meant))


class Untyped(ast.NodeTransformer):
    """Assignments without their types."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None
        return ast.Assign([node.target], node.value)


def test_an_excerpt_that_is_gone_is_told() -> None:
    """An excerpt whose beginning is no longer in the file stops the build."""
    with pytest.raises(ValueError, match="has no line that begins with 'def gone'"):
        excerpt("first_loss.py", "def gone", "python")


def test_a_line_that_is_gone_is_told() -> None:
    """A meaning without its line stops the build."""
    with pytest.raises(ValueError, match="no line of the report begins with"):
        line_by_line("something else")
