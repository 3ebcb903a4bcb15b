"""Imports point downwards only: who may know whom is written down here, and nowhere else."""

from __future__ import annotations

import ast
import functools
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import refmath

#: From the ground up; what stands on one line may not import what stands on a later one.
LAYERS = (
    (
        "spec",
        "made",
        "laws",
        "symbols",
        "completion",
        "declarations",
        "derivation",
        "narrow",
        "arguments",
        "foreign_text",
        "streams",
        "ended",
        "whole_file",
        "whole_set",
    ),
    ("activations", "losses", "layers"),
    ("calculus",),
    ("conventions",),
    ("balls",),
    ("kinds", "mistakes"),
    ("descent",),
    ("networks", "fast"),
    ("training",),
    ("catalogue", "pages"),
    ("certified", "oracle"),
    ("gradients", "vectors"),
    ("page_text", "cli", "__init__", "__main__"),
)
#: The same for the rooms of the oracle, and for its modules that stand in none.
ROOMS = (
    ("processes",),
    ("candidates",),
    ("remote",),
    ("searching",),
    ("loading",),
    ("reporting",),
    ("diagnosing",),
    (
        "as_it_stands",
        "check",
        "command",
        "judgement",
        "parametrized",
        "request",
        "under_options",
        "verdict",
        "__init__",
    ),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
RANK |= {f"oracle/{name}": rank for rank, names in enumerate(ROOMS) for name in names}
PACKAGE = Path(refmath.__file__).parent
SOURCES = {
    file.relative_to(PACKAGE).with_suffix("").as_posix(): file.read_text("utf-8") for file in PACKAGE.rglob("*.py")
}


def imported(module: str) -> Iterator[str]:
    """The modules of refmath that a module imports, anywhere in it."""
    for node in import_statements(SOURCES[module]):
        names = [each.name for each in node.names]
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            # What is imported from a package may be a module of it; a name that is none is the package's own.
            names = [f"{node.module}.{name}" for name in names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "refmath":
                inside = ["/".join(parts[1:end]) for end in range(len(parts), 1, -1)]
                yield next(
                    (path for path in inside if path in SOURCES), "/".join(parts[1:-1]) or "__init__"
                ).removesuffix("/__init__")


@functools.cache
def import_statements(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]


def upward() -> list[str]:
    """Every import that points upwards."""
    pairs = ((module, other) for module in SOURCES for other in imported(module))
    return [f"{one} imports {other}" for one, other in pairs if rank(one) < rank(other)]


def rank(module: str) -> tuple[int, int]:
    """How high a module stands: its layer, and its room in the oracle."""
    top, _, rest = module.partition("/")
    return RANK[top], RANK[f"{top}/{rest.split('/')[0] or '__init__'}"] if top == "oracle" else 0


def order() -> list[str]:
    """The modules in an order in which each stands above what it imports."""
    return list(graphlib.TopologicalSorter({module: set(imported(module)) for module in SOURCES}).static_order())


def test_every_module_has_its_layer() -> None:
    """Every module and package of refmath stands in one layer, and every name in a layer is there."""
    assert {module.split("/")[0] for module in SOURCES} == {name for names in LAYERS for name in names}
    rooms = {module.split("/")[1] for module in SOURCES if module.startswith("oracle/")}
    assert rooms == {name for names in ROOMS for name in names}


def test_imports_point_downwards() -> None:
    """No module imports one of a higher layer, not even inside a function."""
    assert upward() == []


def test_there_are_no_cycles() -> None:
    """No module imports itself by way of others, inside a layer either."""
    assert set(order()) >= set(SOURCES)


def test_exact_values_share_no_code_with_the_programs() -> None:
    """Ball arithmetic knows what a formula is, and nothing of its pages; no shared code can hide a shared mistake."""
    known = {other for module in SOURCES if module.startswith("balls/") for other in imported(module)}
    # The functions that programs are tried on are inputs: no page's program is among them.
    known -= {"calculus/functions", "calculus/definitions"}
    assert {other.split("/")[0] for other in known} <= {"balls", "conventions", "spec", "symbols", "completion"}


def test_what_an_argument_may_be_knows_no_page() -> None:
    """Which numbers are tried depends on the kinds of the arguments alone, and not on what is computed of them."""
    known = {other for module in SOURCES if module.startswith("kinds/") for other in imported(module)}
    assert {other for other in known if not other.startswith("kinds")} <= {
        "arguments",
        "balls/formats",
        "calculus/definitions",
        "calculus/functions",
        "spec",
    }


def reached(rooms: set[str]) -> set[str]:
    """The modules that the modules of some rooms import, directly or by way of others."""
    found: set[str] = set()
    ahead = [module for module in SOURCES if module.split("/")[0] in rooms]
    while ahead:
        new = set(imported(ahead.pop())) - found
        found |= new
        ahead += new
    return found


def test_the_programs_know_nothing_of_exact_values() -> None:
    """No page's program reaches ball arithmetic, not by way of others either: only what is fast and certified falls back on it."""
    for rooms in ({"activations", "losses"}, {"calculus"}, {"descent"}, {"networks"}, {"training"}):
        assert not any(module.startswith("balls/") for module in reached(rooms)), rooms
    assert "balls/cross_entropy" in reached({"fast"})


def test_what_is_certified_shares_no_code_with_the_programs() -> None:
    """The certified values come from double-double and ball arithmetic alone: of the pages' programs they know nothing."""
    certified = [module for module in SOURCES if module.startswith("fast/certified")]
    known = {other for module in certified for other in imported(module)} | reached({"balls"})
    assert certified
    assert {other.split("/")[0] for other in known - {"calculus/functions", "calculus/definitions"}} <= {
        "fast",
        "balls",
        "conventions",
        "spec",
        "symbols",
        "completion",
        "arguments",
        "narrow",
    }


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("spec", "from refmath import catalogue"),
        ("losses/mean_squared_error", "import refmath.balls.exact"),
        ("catalogue", "def f():\n    from refmath.oracle.check import check"),
        ("balls/exact", "from refmath import __version__"),
        ("oracle/candidates/guard", "from refmath.oracle.remote import child"),
    ],
)
def test_the_lint_sees_an_upward_import(module: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that points upwards is seen in each of its forms."""
    monkeypatch.setitem(SOURCES, module, f"{SOURCES[module]}\n\n{line}\n")
    assert len(upward()) == 1
    assert upward()[0].startswith(f"{module} imports ")


def test_the_lint_sees_a_cycle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two modules of one layer that import each other are seen."""
    monkeypatch.setitem(
        SOURCES,
        "oracle/reporting/report",
        SOURCES["oracle/reporting/report"] + "\nfrom refmath.oracle.searching import search\n",
    )
    monkeypatch.setitem(
        SOURCES,
        "oracle/searching/search",
        SOURCES["oracle/searching/search"] + "\nfrom refmath.oracle.reporting.report import Report\n",
    )
    with pytest.raises(graphlib.CycleError):
        order()
