"""What the commands on the site print, by running them where the site is built."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.site.markdown import code, wrapped

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

#: The commands, by the name of the part that shows what they print; all run in a copy of `examples/`, as a reader's directory would be.
COMMANDS = {
    "run_first": "refmath check first_loss.py",
    "run_second": "refmath check second_loss.py",
    "run_convention": "refmath check --convention pytorch conventions.py",
    "run_no_convention": "refmath check conventions.py",
    "run_tests": "pytest -q test_my_losses.py",
    "run_json": "refmath check --exit-zero --json - conventions.py",
    "run_gradient": "refmath gradient first_gradient.py:loss first_gradient.py:gradient --at first_gradient.py:w",
    "run_list": "refmath list",
    "run_train": "refmath train --iterations 400 --batch-size 50",
}


def transcripts() -> dict[str, str]:
    """Each command with what it printed, as a block of text."""
    with tempfile.TemporaryDirectory() as folder:
        place = shutil.copytree(EXAMPLES, Path(folder) / "examples")
        return {name: transcript(command, place) for name, command in COMMANDS.items()}


def transcript(command: str, place: Path) -> str:
    """A command and what it prints; nothing but what a reader would see in a terminal of 80 columns."""
    program, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        check=False,
        cwd=place,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{command} ended with status {done.returncode}:\n{done.stderr}")
    lines = [line.rstrip() for line in done.stdout.strip("\n").splitlines()]
    shown = code("\n".join([f"$ {command}", *lines]))
    return wrapped("transcript", shown) + "\n"
