"""The examples on the site run, and give what is printed under them."""

from __future__ import annotations

import doctest
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refmath
from refmath.catalogue import formula

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = DOCS.parent / "examples"
PAGES = [
    path for path in sorted(DOCS.rglob("*.md")) if "_generated" not in path.parts and ">>> " in path.read_text("utf-8")
]


#: What hangs on the rounding of a machine's own sine and sums: how often f is called, and the last digit of what is not known.
ROUNDING = re.compile(r"(?<=by )\d+(?= values\b)|(?<=± )\d(e-?\d+)?\b")


class Checker(doctest.OutputChecker):
    """Compares what was printed but for that."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(ROUNDING.sub("…", want), ROUNDING.sub("…", got), optionflags)


#: The course is arithmetic, which one Python can answer for all.
BY_PAGE = [
    pytest.param(page, id=str(page.relative_to(DOCS)), marks=[pytest.mark.long] if page.parent.name == "learn" else [])
    for page in PAGES
]


@pytest.mark.parametrize("page", BY_PAGE)
def test_the_examples_of_a_page_give_what_is_printed(page: Path) -> None:
    """From top to bottom, in one session, as a reader would type them."""
    told: list[str] = []
    examples = doctest.DocTestParser().get_doctest(page.read_text("utf-8"), {}, page.name, str(page), 0)
    result = doctest.DocTestRunner(Checker(), optionflags=doctest.ELLIPSIS).run(examples, out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "formula", "convention", "verdict", "name"),
    [
        ("first_loss", "softmax_cross_entropy_one_hot", None, "unstable", "no_shift"),
        ("second_loss", "softmax_cross_entropy_one_hot", None, "conforms", None),
        ("conventions", "mean_squared_error", None, "differs", "pytorch"),
        ("conventions", "mean_squared_error", "pytorch", "conforms", None),
    ],
)
def test_the_examples_that_are_checked_get_the_verdict_that_the_page_tells(
    file: str, formula: str, convention: str | None, verdict: str, name: str | None
) -> None:
    """The words around a transcript are true of it."""
    function = runpy.run_path(str(EXAMPLES / f"{file}.py"))[formula]
    report = refmath.check(function, formula, convention=convention, examples=20)
    assert report.verdict == verdict
    assert (report.diagnosis and report.diagnosis.name) == name


@pytest.mark.long
def test_the_example_of_a_test_suite_passes(tmp_path: Path) -> None:
    """`pytest test_my_losses.py`, in a directory of a reader's own."""
    place = shutil.copytree(EXAMPLES, tmp_path / "examples")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "test_my_losses.py"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(DOCS.parent)},
    )
    assert done.returncode == 0, done.stdout
    assert f"{3 + 4 + len(formula('softmax_cross_entropy_one_hot').laws)} passed" in done.stdout


@pytest.mark.interop
@pytest.mark.parametrize("name", ["softmax", "softmax_cross_entropy_one_hot", "softmax_cross_entropy_one_hot_gradient"])
def test_the_example_for_jax_conforms(name: str) -> None:
    """JAX's functions, in float32, as the page says."""
    function = runpy.run_path(str(EXAMPLES / "jax_losses.py"))[name]
    report = refmath.check(function, name, array="jax", dtype="float32")
    assert report.verdict == "conforms", report


@pytest.mark.interop
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_the_gradient_of_a_library_is_right_as_the_page_prints_it(library: str) -> None:
    """But for how often f was called, which differs a little from version to version."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{library}_gradient.py")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(DOCS.parent)},
    )
    page = (DOCS / "check" / "gradient.md").read_text("utf-8")
    told, shown = (ROUNDING.sub("…", " ".join(each.split())) for each in (done.stdout, page))
    assert told.startswith("The gradient is right.")
    assert told in shown


def test_the_first_gradient_lacks_what_the_page_says() -> None:
    """The words around the transcript are true of it."""
    made = runpy.run_path(str(EXAMPLES / "first_gradient.py"))
    check = refmath.check_gradient(made["loss"], made["gradient"], made["w"])
    assert check.verdict == "wrong"
    assert "1/3 is missing" in " ".join(check.hints)
    assert refmath.check_gradient(made["loss"], made["gradient"](made["w"]) / 3, made["w"])
