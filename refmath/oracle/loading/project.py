"""What `[tool.refmath]` in a project's pyproject.toml says is to be judged, and how."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refmath.oracle.loading.targets import parted

#: What stands in a table of `[[tool.refmath.check]]`, and of which types its values are.
_KEYS: Mapping[str, tuple[type, ...]] = {
    "target": (str,),
    "against": (str,),
    "convention": (str,),
    "order": (list, str),
    "take": (int,),
    "layout": (str,),
    "steps": (int,),
    "parameters": (dict,),
    "dtype": (str,),
    "array": (str,),
    "strict": (bool,),
    "complete": (bool,),
    "seed": (int,),
    "backward": (bool,),
    "examples": (int,),
    "shape": (dict,),
    "declines": (list,),
    "definitions_only": (bool,),
}


@dataclass(frozen=True)
class Wanted:
    """A target that is to be judged.

    Attributes:
        target: The target.
        against: The formula; None for those whose names its functions bear.
        options: Options of this target, instead of those of the command line.
        declines: What it may decline; None if nothing is said of that.
    """

    target: str
    against: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    declines: tuple[str, ...] | None = None


def wanted(folder: Path) -> tuple[list[Wanted], list[str], Path]:
    """What is to be judged, the files with formulas of one's own, and the folder of the project, by the nearest pyproject.toml that says so.

    Args:
        folder: Where to begin; then the folders above it.

    Raises:
        ValueError: If no pyproject.toml says so, or if one says what cannot be; with its path, the table and what can be.
    """
    for each in (folder, *folder.parents):
        file = each / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("refmath")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{file} cannot be read: {error}") from None
        if tool is not None:
            return *_wanted(tool, file), each
    raise ValueError(
        "give a TARGET, as in refmath check losses.py, or list targets in pyproject.toml under [[tool.refmath.check]]"
    )


def _wanted(tool: Any, file: Path) -> tuple[list[Wanted], list[str]]:
    _require_keys(tool, {"check": (list,), "pages": (list,)}, f"{file}: [tool.refmath]")
    pages = [os.path.relpath(file.parent / str(page)) for page in tool.get("pages", [])]
    found = []
    for number, table in enumerate(tool.get("check", []), 1):
        where = f"{file}: [[tool.refmath.check]] number {number}"
        _require_keys(table, _KEYS, where)
        if "target" not in table:
            raise ValueError(f"{where} has no target")
        order = table.get("order", ())
        options = {key: value for key, value in table.items() if key not in ("target", "against", "declines")}
        if order:
            options["order"] = tuple(map(str.strip, order.split(",") if isinstance(order, str) else map(str, order)))
        declines = tuple(map(str, table.get("declines", ())))
        found.append(Wanted(_from_here(table["target"], file.parent), table.get("against"), options, declines))
    if not found:
        raise ValueError(
            f"{file}: [tool.refmath] lists nothing to be judged; add a table [[tool.refmath.check]] with a target"
        )
    return found, pages


def _require_keys(table: Any, keys: Mapping[str, tuple[type, ...]], where: str) -> None:
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table")  # noqa: TRY004  # what is wrong is the file
    for key, value in table.items():
        if key not in keys:
            raise ValueError(f"{where} has the unknown key {key!r}; it may have: {', '.join(keys)}")
        if not isinstance(value, keys[key]) or (isinstance(value, bool) and bool not in keys[key]):
            meant = " or ".join(_NAMES[each] for each in keys[key])
            raise ValueError(f"{where}: {key} must be {meant}; got {value!r}")


_NAMES = {str: "a string", list: "a list", int: "a whole number", bool: "true or false", dict: "a table"}


def _from_here(target: str, folder: Path) -> str:
    """A target that is written as seen from its pyproject.toml."""
    place, what = parted(target)
    if (folder / place).exists():
        place = os.path.relpath(folder / place)
    return f"{place}:{what}" if what else place
