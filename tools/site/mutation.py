"""The mutation score, from the file that `nox -s mutation -- --record` writes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from tools.site.markdown import name, table

FILE = Path(__file__).parents[2] / "docs" / "mutation.json"
#: What is told together: a name, and how the paths of its modules begin.
GROUPS = (
    ("activations", "refmath/activations/"),
    ("losses", "refmath/losses/"),
    ("derivatives", "refmath/calculus/"),
    ("gradients judged", "refmath/gradients/"),
    ("descent", "refmath/descent/"),
    ("network", "refmath/networks/"),
    ("fast twins", "refmath/fast/"),
    ("training", "refmath/training/"),
    ("test vectors", "refmath/vectors/"),
    ("records, arguments, certified values, files", "refmath/"),
    ("ball arithmetic", "refmath/balls/"),
    ("the verdict", "refmath/oracle/"),
)
COUNTS = ("total", "killed", "survived", "equivalent", "not_tried")


def mutation() -> str:
    """How many small changes there are to each part, and how many of them the tests notice."""
    by_module: Mapping[str, Mapping[str, int]] = json.loads(FILE.read_text("utf-8"))["by_module"]
    counts: dict[str, dict[str, int]] = {group: dict.fromkeys(COUNTS, 0) for group, _ in GROUPS}
    for module, count in by_module.items():
        group = max((each for each in GROUPS if module.startswith(each[1])), key=lambda each: len(each[1]))[0]
        for each in COUNTS:
            counts[group][each] += count[each]
    rows = [(group, *_row(count)) for group, count in counts.items() if count["total"]]
    whole = {each: sum(count[each] for count in counts.values()) for each in COUNTS}
    rows.append(("**in all**", *(f"**{cell}**" for cell in _row(whole))))
    head = ("part", "changes", "noticed", "not noticed", "score", "left out: the same program", "not tried")
    return f"{table(head, rows)}\n\n{_others(by_module)}\n"


def _others(by_module: Collection[str]) -> str:
    """The modules that are not in the table, by their packages."""
    root = FILE.parents[1]
    packages: dict[str, list[str]] = {}
    for path in sorted((root / "refmath").rglob("*.py")):
        if path.name != "__init__.py" and path.relative_to(root).as_posix() not in by_module:
            packages.setdefault(".".join(path.relative_to(root).parent.parts), []).append(path.stem)
    listed = "; ".join(f"{', '.join(map(name, modules))} of {name(package)}" for package, modules in packages.items())
    return f"Not in this table, because they are not changed by mutation testing: {listed}."


def _row(count: Mapping[str, int]) -> list[str]:
    score = f"{count['killed'] / count['total']:.1%}" if count["total"] else "–"
    return [
        *(f"{count[each]:,}" for each in ("total", "killed", "survived")),
        score,
        *(f"{count[each]:,}" for each in ("equivalent", "not_tried")),
    ]
