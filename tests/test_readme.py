"""The README: short, its report is the one that its function gets, and its commands can be copied."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from refmath.catalogue import FORMULAS
from refmath.cli import app

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of code in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_it_is_short() -> None:
    """Whoever opens it can read it, with its code, in three minutes."""
    assert len(README.split()) <= 600


def test_the_report_is_the_one_on_its_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function, saved and judged as the README says, gets the report that stands there, line by line."""
    monkeypatch.chdir(tmp_path)
    command = re.search(r"^`refmath (check my_losses[^`]*)` says:$", README, re.MULTILINE)
    assert command is not None
    Path("my_losses.py").write_text(blocks("python")[0], encoding="utf-8")
    told = CliRunner().invoke(app, command[1].split())
    assert told.exit_code == 1
    assert told.stdout.startswith(blocks("text")[0])


def test_it_counts_the_formulas() -> None:
    """As many as the catalogue has."""
    assert f"It knows {len(FORMULAS)} formulas" in README


def test_its_links_lead_somewhere() -> None:
    """To files of the repository, or to other hosts."""
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", README):
        assert link.startswith("https://") or ROOT.joinpath(link).exists(), link
