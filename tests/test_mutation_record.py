"""Mutation testing: the tool knows every module of the rooms of which it draws samples, and in the record nine changes of ten are noticed in each."""

from __future__ import annotations

import ast
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tools.mutation import NOT_MUTATED, ROOT, known_modules

RECORD: dict[str, dict[str, Any]] = json.loads((ROOT / "docs" / "mutation.json").read_text(encoding="utf-8"))["by_module"]  # fmt: skip
ROOMS = ("fast", "oracle", "training", "vectors")


def changeable(file: Path) -> bool:
    """Whether there is a function in a module: mutmut changes nothing else."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_of_a_room_can_be_tried(room: str) -> None:
    """The tool names the tests of one that is new, too."""
    modules = {
        file.relative_to(ROOT).as_posix() for file in (ROOT / "refmath" / room).rglob("*.py") if changeable(file)
    }
    assert modules - NOT_MUTATED <= known_modules().keys()


@pytest.mark.parametrize("room", ROOMS)
def test_nine_of_ten_changes_are_noticed(room: str) -> None:
    """Of what was tried in each room."""
    counts = Counter[str]()
    for module, count in RECORD.items():
        if module.startswith(f"refmath/{room}/"):
            counts.update(killed=count["killed"], total=count["total"])
    assert 10 * counts["killed"] >= 9 * counts["total"] > 0
