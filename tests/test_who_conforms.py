"""The table "Who conforms": the page is what the JSON says, and the JSON is what a fresh judging says."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.spec import setting
from tools.who_conforms.page import page

DOCS = Path(__file__).parents[1] / "docs"

#: A handful of rows: library, function, formula, format.
AGAIN = [
    ("PyTorch", "torch.sigmoid", "sigmoid", "bfloat16"),
    ("PyTorch", "F.cross_entropy", "softmax_cross_entropy_labels", "float64"),
    ("PyTorch", "autograd of F.nll_loss of log", "cross_entropy_labels_gradient", "float32"),
    ("PyTorch", "backward through the same", "two_layer_net_gradient", "float16"),
    ("SciPy", "scipy.special.softmax(axis=-1)", "softmax", "float16"),
    ("SciPy", "scipy.optimize.approx_fprime", "numerical_gradient", "float64"),
    ("scikit-learn", "sklearn.metrics.log_loss", "cross_entropy_labels", "float64"),
    ("JAX", "jax.nn.sigmoid without jax_enable_x64", "sigmoid", "float64"),
]


@functools.cache
def table() -> Any:
    """The table as it is committed."""
    return json.loads((DOCS / "who_conforms.json").read_text("utf-8"))


def key(row: dict[str, Any]) -> tuple[str, ...]:
    return row["library"], row["function"], row["formula"], row["dtype"]


def test_the_page_says_what_the_json_says() -> None:
    """The Markdown page is the one that the committed JSON gives, letter by letter."""
    assert (DOCS / "who_conforms.md").read_text("utf-8") == page(table())


def test_every_row_is_of_the_catalogue_and_rests_on_something() -> None:
    """Every row names a page, a convention of it, a format and a verdict that its counts allow, and no row is there twice."""
    rows = table()["rows"]
    assert len({(*key(row), row["convention"]) for row in rows}) == len(rows) > 100
    assert {row["library"] for row in rows} == {"PyTorch", "JAX", "SciPy", "scikit-learn"}
    for row in rows:
        setting(formula(row["formula"]), row["convention"])
        assert row["dtype"] in FORMATS
        accepted = all(each["tried"] == each["accepted"] > 0 for each in row["classes"].values())
        assert (row["verdict"] == "conforms") <= accepted
        assert (row["counterexample"] is None) <= (row["verdict"] == "conforms" or bool(row["laws_broken"]))


@pytest.mark.interop
@pytest.mark.parametrize("wanted", AGAIN, ids=" ".join)
def test_a_row_judged_anew_says_the_same(wanted: tuple[str, ...]) -> None:
    """With the versions that the table names, a fresh judging gives the committed verdict."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    for module in ("torch", "jax", "scipy", "sklearn"):
        pytest.importorskip(module)
    import jax

    from tools.who_conforms.judging import counterparts, row, versions

    committed = next(each for each in table()["rows"] if key(each) == wanted)
    package = {"PyTorch": "torch", "JAX": "jax", "SciPy": "scipy"}.get(wanted[0], "scikit-learn")
    if versions()[package] != table()["versions"][package]:
        pytest.skip(f"{package} {versions()[package]} is installed, the table is of {table()['versions'][package]}")
    before = jax.config.jax_enable_x64
    try:
        chosen = next(each for each in counterparts() if (each.library, each.function, each.formula) == wanted[:3])
        fresh = row(chosen, wanted[3], examples=table()["examples"])
    finally:
        jax.config.update("jax_enable_x64", before)
    for field in ("verdict", "classes", "diagnosis"):
        assert fresh[field] == committed[field]
