"""The pre-commit hook and the GitHub action of this repository: what they run, runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refmath

ROOT = Path(__file__).parents[1]
FAULTY = "def relu(x):\n    return x\n"
LISTED = "[[tool.refmath.check]]\ntarget = 'mine.py'\nexamples = 4\n"


@pytest.fixture(name="environment")
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A project with a faulty function, and a command `refmath` in its path."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(FAULTY, encoding="utf-8")
    Path("pyproject.toml").write_text(LISTED, encoding="utf-8")
    command = Path("bin", "refmath")
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m refmath "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = os.pathsep.join([str(command.parent.absolute()), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(Path(refmath.__file__).parents[1])}


def test_the_hook_judges_what_is_listed(environment: dict[str, str]) -> None:
    """Its entry, without file names, judges the project and fails on what does not conform."""
    hook = ROOT.joinpath(".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert re.search(r"^  pass_filenames: false$", hook, re.MULTILINE)
    entry = re.search(r"^  entry: (.+)$", hook, re.MULTILINE)
    assert entry is not None
    told = subprocess.run(
        entry[1].split(), check=False, capture_output=True, text=True, env=environment, timeout=120, encoding="utf-8"
    )
    assert told.returncode == 1
    assert "relu  differs  mine.py:1" in told.stdout
    right = "import numpy as np\n\n\ndef relu(x):\n    return np.maximum(x, 0)\n"
    Path("mine.py").write_text(right, encoding="utf-8")
    told = subprocess.run(entry[1].split(), check=False, capture_output=True, text=True, env=environment, timeout=120)
    assert told.returncode == 0, told.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash, which the action's steps are for")
@pytest.mark.parametrize("targets", ["", "mine.py:relu"], ids=["listed", "told"])
def test_the_action_annotates(environment: dict[str, str], targets: str) -> None:
    """Its last step prints an annotation at the function's line and fails."""
    action = ROOT.joinpath("action.yml").read_text(encoding="utf-8")
    step = action.rpartition("run: |\n")[2]
    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step],
        check=False,
        capture_output=True,
        text=True,
        env={**environment, "TARGETS": targets, "OPTIONS": "--examples 4"},
        timeout=120,
        encoding="utf-8",
    )
    assert told.returncode == 1, told.stderr
    assert re.search(r"^::error file=mine\.py,line=1,title=", told.stdout, re.MULTILINE)
