"""docs/benchmarks.md, from the results alone: no figure in it is typed by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

ORDER = ("gradient", "training", "whole_training", "certified", "growth", "oracle", "executors")
#: The rows of the training that were to reach something, by their names up to the number format.
STEPS, WHOLE = "refmath, the steps of training alone", "refmath train"
HEAD = """---
description: "How long refmath, NumPy, SciPy and PyTorch take for the same: numerical gradients, training, certified values. When and where it was measured."
---

# Benchmarks

Measured with `nox -s benchmark`, which also writes this page from the figures in `benchmarks/results/results.json`. All programs of a table take turns, in
one thread; what is shown is processor time, unless a table says that it is time by the clock, the median over the turns, and the quartiles beside it. Times differ from machine to machine and from hour
to hour; the ratios, taken from the same turns, do so less. A row that was not measured says why.
"""
FIGURES = {
    "growth": "Cost of the numerical gradient against each of the sizes, both axes logarithmic",
    "whole-training": "Train and test accuracy of the training with the numerical gradient, and with backpropagation",
}


def page(results: Mapping[str, Any], figures: Mapping[str, str]) -> str:
    """The Markdown, with the figures at the given places."""
    sections = results["sections"]
    parts = [HEAD, _when(sections)]
    if any(section["quick"] for section in sections.values()):
        parts.append("**A quick run, to see that everything works: the figures below mean nothing.**\n")
    if aims := targets(sections):
        parts.append("\n".join(_target(each) for each in aims) + "\n")
    for name in ORDER:
        for table in sections.get(name, {"tables": []})["tables"]:
            parts.append(f"## {table['title']}\n\n{table['text']}\n\n{markdown(table)}")
            if table["name"] in figures:
                parts.append(f"![{FIGURES[table['name']]}]({figures[table['name']]})\n")
    parts.append(_machines(sections))
    return "\n".join(parts)


def markdown(table: Mapping[str, Any]) -> str:
    """A table of rows as one of Markdown."""
    # A column that no row fills is left out.
    columns = [c for c in table["columns"] if any(row.get(c[0]) is not None for row in table["rows"])]
    lines = [
        "| " + " | ".join(heading for _, heading, _ in columns) + " |",
        "|" + "|".join("---" if kind == "text" else "---:" for _, _, kind in columns) + "|",
    ]
    for row in table["rows"]:
        if "missing" in row:
            cells = [row["what"], row["missing"], *[""] * (len(columns) - 2)]
        else:
            cells = [_cell(row.get(key), kind) for key, _, kind in columns]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "text":
        return str(value)
    if kind == "share":
        return f"{100 * value:.1f} %"
    if kind == "seconds":
        return in_seconds(value["median"])
    if kind == "span":
        return f"{in_seconds(value['low'])} – {in_seconds(value['high'])}" if value["measured"] > 1 else "measured once"
    # A thousandth of a time says less than a thousand times as fast.
    return f"1 / {number(1 / value)}" if kind == "ratio" and value < 0.1 else number(value)


def in_seconds(value: float) -> str:
    """Seconds in the unit in which they are read most easily.

    Examples:
        >>> in_seconds(0.00123), in_seconds(71.4), in_seconds(660000)
        ('1.23 ms', '71.4 s', '7.64 days')
    """
    for unit, size in (("days", 86400), ("h", 3600), ("min", 600), ("s", 1), ("ms", 1e-3)):
        if value >= size:
            return f"{number(value / (60 if unit == 'min' else size))} {unit}"
    return f"{number(value * 1e6)} µs"


def number(value: float) -> str:
    """A number with three digits, or all of an integer; very small and very large ones with an exponent.

    Examples:
        >>> [number(value) for value in (0.76543, 12345.6, 3, 3.2e-10, 0)]
        ['0.765', '12,346', '3', '3.2e-10', '0']
    """
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2g}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


# ---- what was aimed at


def targets(sections: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the training was to reach, against what it reached, both from the tables."""
    rows = {
        row["what"]: row
        for table in sections.get("training", {"tables": []})["tables"]
        for row in table["rows"]
        if "ratio" in row
    }
    out = []
    for dtype, most in (("float64", 0.95), ("float32", 0.45)):
        for own, other, most_of_it in (
            (STEPS, "plain NumPy loop, float64", most),
            (STEPS, f"PyTorch eager, {dtype}", 1.0),
            (WHOLE, "plain NumPy loop, float64, as in the chapter", most),
            (WHOLE, "plain NumPy loop, float64", most),
            (WHOLE, f"PyTorch eager, {dtype}", 1.0),
        ):
            ours, theirs = rows.get(f"{own}, {dtype}"), rows.get(other)
            if ours is not None and theirs is not None:
                what = f"{own}, {dtype} ({ours['records']} recorded), against {other} ({theirs['records']} recorded)"
                iteration = ours["seconds"]["median"] / theirs["seconds"]["median"]
                whole = ours["total"] / theirs["total"]
                out.append({"what": what, "most": most_of_it, "got": whole, "iteration": iteration})
    return out


def _target(target: Mapping[str, Any]) -> str:
    reached = "reached" if target["got"] <= target["most"] else "**missed**"
    of_an_iteration = f"an iteration without accuracies {number(target['iteration'])}"
    return f"- {target['what']}: the whole run {number(target['got'])}, {of_an_iteration}; aimed at: at most {number(target['most'])}: {reached}."


def _when(sections: Mapping[str, Any]) -> str:
    """Date, machine and load in a sentence, for the top of the page."""
    machines = [each["machine"] for each in sections.values()]
    if not machines:
        return ""
    days = [each["date"] for each in sections.values()]
    dates = " to ".join(sorted({min(days), max(days)}))
    where = "; ".join(dict.fromkeys(f"{m['processor']}, {m['cores']} cores, Python {m['python']}" for m in machines))
    loads = [m["load"] for m in machines if m["load"] is not None]
    busy = [m for m in machines if m["load"] is not None and m["load"] > m["cores"]]
    told = f"**Measured {dates}** on {where}."
    if loads:
        told += f" The load before a section was {min(loads)} to {max(loads)}."
    if busy:
        told += f" For {len(busy)} of {len(machines)} sections that is more than there are cores: other programs were running, so trust the ratios before the times."
    return f"{told} [Versions](#measured-on)\n"


def _machines(sections: Mapping[str, Any]) -> str:
    lines = [
        "## Measured on",
        "",
        "| section | date | machine | system | Python | load before | versions |",
        "|---|---|---|---|---|---:|---|",
    ]
    for name in ORDER:
        if name in sections:
            m = sections[name]["machine"]
            versions = ", ".join(f"{library} {version or 'missing'}" for library, version in m["versions"].items())
            where = f"{m['processor']}, {m['cores']} cores"
            cells = (name, sections[name]["date"], where, m["system"], m["python"], str(m["load"]), versions)
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
