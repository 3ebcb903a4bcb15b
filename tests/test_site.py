"""The generated parts of the site: nothing of a record is left out, and what they show is computed."""

from __future__ import annotations

import ast
import importlib
import json
import re
import runpy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from test_public_names import HOMES

import refmath
from refmath.catalogue import FORMULAS, formula
from refmath.page_text import source
from refmath.spec import shown
from tools.site import cards, excerpts, reference
from tools.site import gradient_questions as questions
from tools.site.errata import errata
from tools.site.figures import FIGURES
from tools.site.line_by_line import line_by_line
from tools.site.markdown import cell
from tools.site.markdown import name as name_of
from tools.site.matrix import matrix
from tools.site.parts import parts, untyped
from tools.site.transcripts import COMMANDS

pytestmark = pytest.mark.long

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["softmax", "mean_squared_error", "gradient_descent", "two_layer_net_gradient"])
def test_a_page_of_the_reference_holds_everything_of_its_record(name: str) -> None:
    """Every law, convention and mistake stands on the page, with its sentence, and the entries of an answer each have a display."""
    page = formula(name)
    text = reference.page(page)
    kinds: tuple[tuple[Any, ...], ...] = (page.laws, page.conventions, page.mistakes)
    named = [(shown(each.name), each.text) for kind in kinds for each in kind]
    for known, sentence in named:
        assert name_of(known) in text
        assert cell(sentence) in text
    whole, _, after = text.partition("## The definition, as SymPy holds it")
    assert after.partition("\n## ")[0].count("$$") >= 2 * max(1, len(page.parts))
    assert whole.startswith(f"---\ntitle: {json.dumps(reference.title(page))}")


def test_the_examples_of_mistakes_are_computed() -> None:
    """A mistake's example has its value and the right one: without the half, the loss is twice as large."""
    text = reference.page(formula("mean_squared_error"))
    row = next(line for line in text.splitlines() if name_of("missing_half") in line)
    ((wrong, right),) = re.findall(r"(\S+) instead of (\S+) \|", row)
    assert float(wrong) == pytest.approx(2 * float(right), rel=1e-4)


NAVIGATION = (DOCS.parent / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2].partition("\nplugins:")[0]


def test_every_formula_has_its_place_in_the_navigation() -> None:
    """Each page of the reference once, beside those of its family, and no two with the same title."""
    assert sorted(re.findall(r"- reference/(\w+)\.md", NAVIGATION)) == sorted(page.name for page in FORMULAS)
    families = [re.findall(r"- reference/(\w+)\.md", part) for part in re.split(r"\n      - \w+:\n", NAVIGATION)]
    for names in filter(None, families):
        assert len({formula(name).program.__module__.split(".")[1] for name in names}) == 1
    assert len({reference.title(page) for page in FORMULAS}) == len(FORMULAS)


def test_the_navigation_says_what_the_headings_say() -> None:
    """A page's label is its heading; only Home has one of its own."""
    assert re.findall(r"- ([^:\n]+): \S+\.md", NAVIGATION) == ["Home"]


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
    return found + [(page.program.__module__, page.name) for page in FORMULAS]


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


LEARN = ["squared_error", "cross_entropy", "softmax", "mini_batch", "differentiation", "gradient", "descent", "network"]


@pytest.mark.parametrize("name", LEARN)
def test_a_page_of_the_course_has_all_its_parts(name: str) -> None:
    """A figure, an example that runs, the program in a few lines, and refmath's own behind a fold; the rest is in the reference."""
    text = (DOCS / "learn" / f"{name}.md").read_text("utf-8")
    assert ">>> " in text
    assert '\n--8<-- "figure_' in text
    assert name == "differentiation" or '\n--8<-- "few_lines_' in text
    assert name == "differentiation" or '\n    --8<-- "steps_' in text
    assert not re.search(r'^--8<-- "(laws|conventions|mistakes)_', text, re.MULTILINE)
    assert "../reference/" in text
    assert "../check/index.md" in text


@pytest.mark.parametrize("name", excerpts.FEW_LINES)
def test_the_few_lines_of_the_course_conform(name: str) -> None:
    """What a reader is shown to type is right, on large logits, integers and single samples too."""
    program = runpy.run_path(str(DOCS.parent / "examples" / "few_lines.py"))[name]
    assert refmath.check(program, name, examples=6).verdict == "conforms"


def included(pages: Iterable[Path]) -> list[str]:
    """The parts that pages include."""
    written = [path for path in pages if "_generated" not in path.parts]
    return [name for path in written for name in re.findall(r'--8<-- "(\w+)\.md"', path.read_text("utf-8"))]


def test_what_is_excerpted_and_printed_is_shown() -> None:
    """Every excerpt and every transcript that is made stands on a page."""
    assert set(excerpts.EXCERPTS) | set(COMMANDS) <= set(included(DOCS.rglob("*.md")))


def test_what_the_course_includes_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of formulas that a page includes are made for that formula; what they hold, the session `docs` prints, and takes a minute."""
    for part in ("displays", "steps", "derivative"):
        monkeypatch.setattr(f"tools.site.parts.{part}", lambda _page: "")
    made = {name for page in FORMULAS for name in parts(page)} | {"steps_mini_batch", "steps_central_difference"}
    made |= {f"few_lines_{name}" for name in excerpts.FEW_LINES}
    kinds = ("definition_", "steps_", "few_lines_", "derivative_")
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
        excerpts.excerpt("first_loss.py", "def gone", "python")


def test_a_line_that_is_gone_is_told() -> None:
    """A meaning without its line stops the build."""
    with pytest.raises(ValueError, match="no line of the report begins with"):
        line_by_line("something else")


def test_a_page_has_a_card() -> None:
    """A picture of the size that is shown where somebody links to a page, small enough that there may be one of each."""
    picture = cards.card("Gradient of the softmax cross-entropy with one-hot targets", "a formula")
    width, height = (int.from_bytes(picture[place : place + 4], "big") for place in (16, 20))
    assert picture.startswith(b"\x89PNG")
    assert (width, height) == cards.SIZE
    assert len(picture) < 40_000


def test_a_page_says_what_it_is_about() -> None:
    """Each has a description, of which search engines and links show some 160 characters; no two have the same."""
    texts = {path: path.read_text("utf-8") for path in DOCS.rglob("*.md") if "_generated" not in path.parts}
    found = {path: re.search(r'\A---\n(?:.+\n)*?description: "(.+)"\n', text) for path, text in texts.items()}
    assert [path.name for path, description in found.items() if description is None] == []
    told = [description[1] for description in found.values() if description is not None]
    assert len(set(told)) == len(told)
    assert max(map(len, told)) <= 220
