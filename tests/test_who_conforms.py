"""The table "Who conforms": the page is what the JSON says, and the JSON is what a fresh judging says."""

from __future__ import annotations

import datetime
import functools
import importlib.metadata
import importlib.util
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.spec import setting
from tools.who_conforms import judging
from tools.who_conforms.page import PACKAGES, WHY, WHY_STRICTLY, page

DOCS = Path(__file__).parents[1] / "docs"

VERDICTS = ("conforms", "unstable", "differs", "failed")
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
    ("Optax", "optax.softmax_cross_entropy", "softmax_cross_entropy_one_hot", "bfloat16"),
    ("Keras", "keras.losses.categorical_crossentropy", "cross_entropy_one_hot", "float32"),
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


def test_the_table_says_when_and_with_what_it_was_made() -> None:
    """The date is a day, and refmath and each library with a row have a version."""
    assert datetime.date.fromisoformat(table()["date"]) >= datetime.date(2026, 1, 1)
    libraries = {row["library"] for row in table()["rows"]}
    assert {"refmath", "numpy", *(PACKAGES[library] for library in libraries)} <= table()["versions"].keys()
    assert all(re.fullmatch(r"\d+(\.\w+)+", version) for version in table()["versions"].values())


def test_every_row_is_of_the_catalogue_and_rests_on_something() -> None:
    """Every row names a page, a convention of it, a format and verdicts that their counts allow, and no row is there twice."""
    rows = table()["rows"]
    programs = {(row["library"], row["function"], row["formula"], row["convention"]) for row in rows}
    assert len({(*key(row), row["convention"]) for row in rows}) == len(rows) > 300
    assert len(programs) >= 60
    assert {row["library"] for row in rows} == set(PACKAGES)
    for row in rows:
        setting(formula(row["formula"]), row["convention"])
        assert row["dtype"] in FORMATS
        for prefix, verdict in (("", row["verdict"]), ("strict_", row["strict"])):
            assert verdict in VERDICTS
            accepted = all(each["tried"] == each["accepted"] > 0 for each in row[f"{prefix}classes"].values())
            assert (verdict == "conforms") <= accepted
            lawful = verdict == "conforms" or bool(row[f"{prefix}laws_broken"])
            assert (row[f"{prefix}counterexample"] is None) <= lawful


def test_what_conforms_strictly_conforms() -> None:
    """The strict interval is the smaller one."""
    assert all(row["verdict"] == "conforms" for row in table()["rows"] if row["strict"] == "conforms")


def test_whatever_does_not_conform_is_explained() -> None:
    """The page says of each function why it does not conform, usually or strictly."""
    assert "not looked into" not in page(table())


def test_a_library_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its functions are not judged, and it has no version; those of the others are."""
    missing = ("torch", "jax", "optax", "keras", "sklearn")
    monkeypatch.setattr(judging, "find_spec", lambda name: None if name in missing else importlib.util.find_spec(name))
    assert {each.library for each in judging.counterparts()} == {"SciPy"}

    def installed(package: str) -> str:
        if package in (*missing, "scikit-learn"):
            raise importlib.metadata.PackageNotFoundError(package)
        return importlib.metadata.version(package)

    monkeypatch.setattr(judging, "version", installed)
    assert judging.versions().keys() == {"refmath", "numpy", "scipy", "ml_dtypes"}


def test_a_table_of_one_library_makes_a_page() -> None:
    """A run where most libraries are missing writes a page without them."""
    rows = [row for row in table()["rows"] if row["library"] == "SciPy"]
    versions = {name: version for name, version in table()["versions"].items() if name in ("refmath", "numpy", "scipy")}
    written = page({**table(), "rows": rows, "versions": versions})
    assert '\n=== "SciPy"\n' in written
    assert "PyTorch 2" not in written
    assert '=== "PyTorch"' not in written


@pytest.mark.interop
@pytest.mark.parametrize("wanted", AGAIN, ids=" ".join)
def test_a_row_judged_anew_says_the_same(wanted: tuple[str, ...]) -> None:
    """With the versions that the table names, a fresh judging gives the committed verdict."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("KERAS_BACKEND", "jax")
    package = PACKAGES[wanted[0]]
    for module in ("jax", {"scikit-learn": "sklearn"}.get(package, package)):
        pytest.importorskip(module)
    import jax

    committed = next(each for each in table()["rows"] if key(each) == wanted)
    if judging.versions()[package] != table()["versions"][package]:
        pytest.skip(
            f"{package} {judging.versions()[package]} is installed, the table is of {table()['versions'][package]}"
        )
    before = jax.config.jax_enable_x64
    try:
        chosen = next(
            each for each in judging.counterparts() if (each.library, each.function, each.formula) == wanted[:3]
        )
        fresh = judging.row(chosen, wanted[3], examples=table()["examples"])
    finally:
        jax.config.update("jax_enable_x64", before)
    for field in ("verdict", "classes", "diagnosis", "strict", "strict_classes"):
        assert fresh[field] == committed[field]


@pytest.mark.parametrize(("reasons", "verdict"), [(WHY, "verdict"), (WHY_STRICTLY, "strict")])
def test_every_reason_is_that_of_a_refused_row(reasons: dict[tuple[str, str], str], verdict: str) -> None:
    """What conforms by now needs no explanation any more."""
    refused = {(row["function"], row["formula"]) for row in table()["rows"] if row[verdict] != "conforms"}
    assert set(reasons) <= refused
