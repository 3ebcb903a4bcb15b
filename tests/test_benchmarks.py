"""The benchmarks: that they run, and what they leave behind. Never a time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
SECTIONS = {"gradient", "training", "certified", "growth", "oracle", "executors"}


def benchmarks(*options: str, place: Path) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own: it sets the number of threads before NumPy is there."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *options, "--output", str(place), "--page", str(place / "page.md")],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "REFMATH_CACHE": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )


#: A run of all of them takes a fifth of a minute.
of_a_run = pytest.mark.zoo


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a quick run has left its results and its page."""
    place = tmp_path_factory.mktemp("benchmarks")
    ran = benchmarks("--quick", place=place)
    assert ran.returncode == 0, ran.stderr
    return place


@pytest.fixture(scope="module")
def sections(place: Path) -> dict[str, Any]:
    """The results of a quick run, by section."""
    sections: dict[str, Any] = json.loads((place / "results.json").read_text("utf-8"))["sections"]
    return sections


@of_a_run
def test_every_row_is_measured_or_says_why_not(sections: dict[str, Any]) -> None:
    """Each section has its tables, its date and its machine; each row holds a figure for what its columns promise, or is missing."""
    assert sections.keys() == SECTIONS
    for section in sections.values():
        assert section["quick"] is True
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", section["date"])
        assert {"processor", "cores", "python", "versions"} <= section["machine"].keys()
        for table in section["tables"]:
            keys = [key for key, _, _ in table["columns"]]
            assert table["rows"]
            for row in table["rows"]:
                assert "missing" in row or set(row) - {"what"} & set(keys)
                if "seconds" in row:
                    summary = row["seconds"]
                    assert 0 <= summary["low"] <= summary["median"] <= summary["high"]
                    assert summary["measured"] >= 1


@of_a_run
def test_what_was_asked_for_is_compared(sections: dict[str, Any]) -> None:
    """The plain loops, refmath, the libraries and the floor each have a row, whether they are installed or not."""
    rows = {table["name"]: [row["what"] for row in table["rows"]] for s in sections.values() for table in s["tables"]}
    for words, name in (
        (("plain loop", "SciPy", "PyTorch", "refmath, TwoLayerNet", "backpropagation"), "gradient-dense"),
        (("plain loop", "numdifftools"), "gradient-small"),
        (
            (
                "plain NumPy loop, float64",
                "refmath, the steps",
                "refmath train, float32",
                "the matrix products",
                "PyTorch eager",
                "JAX jit",
            ),
            "training",
        ),
        (("NumPy", "SciPy", "refmath.exact", "refmath's ball", "mpmath"), "certified-5-4-0"),
        (("N, samples", "K, classes", "D, inputs", "H, hidden"), "growth"),
        (("sgd_step", "median", "slowest"), "checks"),
        (("drawing inputs", "exact values", "calls of the candidate", "laws", "shrinking", "diagnosis"), "stages"),
        (("one search", "the eight parts", "ProcessPoolExecutor, 1", "Dask cluster, 2"), "executors"),
        (("workers=1", "workers=2", "ProcessPoolExecutor, 2", "Dask cluster, 1"), "workers"),
        (("numpy", "refmath"), "imports"),
    ):
        for word in words:
            assert any(what.startswith(word) for what in rows[name]), f"{name}: {word}"


@of_a_run
def test_all_programs_compute_the_same(sections: dict[str, Any]) -> None:
    """What is timed is the same thing: accuracies of the trainings and errors of the gradients and losses say so."""
    (training,) = sections["training"]["tables"]
    accuracies = [row["accuracy"] for row in training["rows"] if row.get("accuracy")]
    assert len(accuracies) > 2
    assert max(accuracies) - min(accuracies) < 0.02
    for table in sections["gradient"]["tables"]:
        assert all(row["error"] < 1e-7 for row in table["rows"] if row.get("error") is not None)
    searches, gradients = ([r for r in t["rows"] if "missing" not in r] for t in sections["executors"]["tables"])
    assert len({(row["verdict"], row["tried"]) for row in searches[1:]}) == 1
    assert {row["same"] for row in gradients} == {"yes"}
    certified = {row["what"]: row for row in sections["certified"]["tables"][1]["rows"]}
    assert certified["refmath.exact, correctly rounded"]["ulps"] == 0


@of_a_run
def test_every_second_of_a_verdict_belongs_to_one_stage(sections: dict[str, Any]) -> None:
    """The shares add up to the whole; only a wrong program is diagnosed, and no stage that every verdict needs is empty."""
    (table,) = (table for table in sections["oracle"]["tables"] if table["name"] == "stages")
    *stages, whole = table["rows"]
    for kind in ("right", "wrong"):
        assert sum(row[kind] for row in stages) == pytest.approx(whole[kind])
    share = {row["what"].split(" ")[0]: row for row in stages}
    assert share["diagnosis"]["right"] == share["shrinking"]["right"] == 0 < share["diagnosis"]["wrong"]
    assert all(share[each]["right"] > 0 for each in ("drawing", "exact", "calls", "comparing", "laws,", "the"))


@of_a_run
def test_the_page_is_made_from_the_results_alone(place: Path, sections: dict[str, Any]) -> None:
    """Rendered anew from the file, page and figure are the same; every table is in it, a missing library by name, and the quick run is called one."""
    page, figure = place / "page.md", place / "page" / "growth.svg"
    before = page.read_text("utf-8"), figure.read_text("utf-8")
    results = json.loads((place / "results.json").read_text("utf-8"))
    ran = benchmarks("--render", place=place)
    assert ran.returncode == 0, ran.stderr
    assert (page.read_text("utf-8"), figure.read_text("utf-8")) == before
    assert "the figures below mean nothing" in before[0]
    for section in sections.values():
        for table in section["tables"]:
            assert f"## {table['title']}\n" in before[0]
            assert all(f"| {row['what']} |" in before[0] for row in table["rows"])

    row = results["sections"]["training"]["tables"][0]["rows"][1]
    kept = {"what": row["what"], "missing": "JAX is not installed"}
    results["sections"]["training"]["tables"][0]["rows"][1] = kept
    (place / "results.json").write_text(json.dumps(results), "utf-8")
    assert benchmarks("--render", place=place).returncode == 0
    assert f"| {row['what']} | JAX is not installed |" in page.read_text("utf-8")


def test_a_quick_run_never_replaces_the_figures() -> None:
    """Without a place of its own a quick run is refused: the figures of the site are those of a whole one."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "--quick needs" in ran.stderr


def test_the_page_of_the_site_is_that_of_its_results(tmp_path: Path) -> None:
    """docs/benchmarks.md is what the committed results render to: nobody has typed a figure into it."""
    (tmp_path / "results.json").write_bytes((ROOT / "benchmarks" / "results" / "results.json").read_bytes())
    ran = benchmarks("--render", place=tmp_path)
    assert ran.returncode == 0, ran.stderr
    rendered = (tmp_path / "page.md").read_text("utf-8").replace("](page/", "](benchmarks/")
    assert rendered == (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
