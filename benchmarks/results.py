"""The file of results: every section with its tables, its date and the machine it was measured on."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, today
from benchmarks.page import page
from refmath.whole_file import whole_file


def measure(name: str, quick: bool, file: Path) -> None:
    """Measures a section, and puts it into the file in place of the one that is there."""
    section = importlib.import_module(f"benchmarks.{name}")
    before = machine()  # before: afterwards the load would be the benchmark's own
    tables = section.tables(quick)
    results = _read(file)
    results["sections"][name] = {"date": today(), "quick": quick, "machine": before, "tables": tables}
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as out:
        out.write((json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())


def render(file: Path, place: Path) -> None:
    """The page and its figures, from the file alone."""
    from benchmarks.figures import figures

    drawn = figures(_read(file), place.parent / place.stem)
    with whole_file(place) as out:
        out.write(page(_read(file), {name: f"{place.stem}/{path.name}" for name, path in drawn.items()}).encode())


def _read(file: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {"sections": {}}
    return results
