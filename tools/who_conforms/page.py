"""The page "Who conforms", from the table."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from textwrap import indent
from typing import Any

from refmath.balls.formats import FORMATS
from refmath.spec import shown
from tools.site.markdown import details

_HEAD = """---
description: "Which functions of PyTorch, JAX, Optax, Keras, SciPy and scikit-learn compute what they should, in which number format, with dates and versions."
hide: [navigation]
---

# Who conforms

This table is generated: on {date}, with refmath {refmath}. It holds functions of {libraries} against the pages of the catalogue, in each number format
they have: the verdict of `refmath check` on {examples} inputs or so of each class, with seed {seed}. What a verdict means is said [here](verdict.md). A function whose
documentation follows another convention is held against that convention. Each is judged a second time with `--strict`, where the inputs are not widened and
[only the roundings of an honest evaluation](verdict.md#the-acceptance-interval) are allowed for.

{legend} Where answers begin to be lost, which kinds of input are refused by an error, and the counterexamples are in [who_conforms.json](who_conforms.json).
To judge those of the libraries that are installed, and write both anew:

```sh
python -m tools.who_conforms
```

{summary}
"""

_LEGEND = (
    "✓: conforms; (✓): conforms, but not strictly. The number is the largest distance from the exact value seen, in units in the last place of the format; "
    "where the exact value is next to zero it may be huge, and honest all the same."
)

#: Under which name each library is installed, and what those compute with.
PACKAGES = {
    "PyTorch": "torch",
    "JAX": "jax",
    "Optax": "optax",
    "Keras": "keras",
    "SciPy": "scipy",
    "scikit-learn": "scikit-learn",
}
_BENEATH = {"NumPy": "numpy", "ml_dtypes": "ml_dtypes"}

_REFUSED = (
    "Not to conform is not to be faulty. A function may do what its documentation says, and yet not what the page says:"
)
_STRICTLY = "These lose more than the roundings of the definition and its forms come to, though no more than a last-place uncertainty of the inputs does:"
_UNEXPLAINED = "not looked into."


def _reasons_in(table: str) -> dict[tuple[str, str], str]:
    """The reasons of a table of why.toml, by function and formula."""
    known = tomllib.loads((Path(__file__).parent / "why.toml").read_text("utf-8"))
    return {(function, formula): each["why"] for each in known[table] for function, formula in each["programs"]}


#: Why a function does not conform, held against a page …
WHY = _reasons_in("usually")
#: … and why one conforms, but not strictly.
WHY_STRICTLY = _reasons_in("strictly")

_NEAR_CERTAINTY = """
## Near certainty

The loss of a sample of two classes whose target leads by a gap *g* is ln(1 + exp(−*g*)); of more classes, ln(1 + Σ exp(−*g*)) over the gaps to the others. These functions take the logarithm of a softmax, and answer zero, or a number with no
digit right, as soon as that is smaller than the unit of the format. The interval allows it, as any evaluation of −ln *p* loses as much; refmath's own programs
do not lose it. The gap, with two classes, from which on no digit is right, though the loss is a normal number of the format:
"""


def page(table: dict[str, Any]) -> str:
    """The page in Markdown."""
    versions, rows = table["versions"], table["rows"]
    libraries = ", ".join(f"{name} {versions[package]}" for name, package in PACKAGES.items() if package in versions)
    programs = {(row["library"], row["function"], row["formula"], row["convention"]) for row in rows}
    others = ", ".join(f"{name} {versions[package]}" for name, package in _BENEATH.items() if package in versions)
    summary = (
        f"{len(programs)} programs, {len(rows)} with each number format counted. Usually: {_counts(rows, 'verdict')}. "
        f"Strictly: {_counts(rows, 'strict')}. {others}."
    )
    told = {
        "date": _days(table["rows"]),
        "refmath": versions["refmath"],
        "examples": table["examples"],
        "seed": table["seed"],
        "legend": _LEGEND,
    }
    head = _HEAD.format(libraries=libraries, summary=summary, **told)
    libraries_of = groupby(rows, lambda row: row["library"])
    head += "".join(_tab(library, list(each)) for library, each in libraries_of)
    head += _reasons(rows, "verdict", WHY, "What does not conform", _REFUSED)
    head += _reasons(rows, "strict", WHY_STRICTLY, "What conforms, but not strictly", _STRICTLY)
    return head + _near_certainty(rows)


def _tab(library: str, rows: list[dict[str, Any]]) -> str:
    lines = "\n".join(
        _lines(rows, lambda row: ("held against", f"[`{row['formula']}`](reference/{row['formula']}.md)"))
    )
    return f'\n=== "{library}"\n\n{indent(lines, "    ")}\n'


def _days(rows: list[dict[str, Any]]) -> str:
    """The days on which some rows were judged."""
    return " and ".join(sorted({row["date"] for row in rows}))


def _counts(rows: list[dict[str, Any]], key: str) -> str:
    """How many rows have each verdict."""
    verdicts = [row[key] for row in rows]
    return ", ".join(
        f"{each} {verdicts.count(each)}" for each in ("conforms", "unstable", "differs", "failed") if each in verdicts
    )


def _reasons(rows: list[dict[str, Any]], key: str, why: dict[tuple[str, str], str], title: str, head: str) -> str:
    """What keeps each function from conforming, and in which formats; strictly, of those that usually conform."""
    refused: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row[key] != "conforms" and (key == "verdict" or row["verdict"] == "conforms"):
            refused.setdefault((row["library"], row["function"], row["formula"]), []).append(row["dtype"])
    lines = [
        f"- `{function}` ({library}, `{formula}`, {', '.join(dtypes)}): {why.get((function, formula), _UNEXPLAINED)}"
        for (library, function, formula), dtypes in refused.items()
    ]
    return f"\n## {title}\n\n{head}\n\n" + details(f"{len(lines)} programs", "\n".join(lines)) + "\n" if lines else ""


def _near_certainty(rows: list[dict[str, Any]]) -> str:
    """What all of them lose, and may lose, when the loss is smaller than the format's unit."""
    lost = [row for row in rows if row["lost_near_certainty"]]
    if not lost:
        return ""
    lines = [
        f"| {row['library']} | `{row['function']}` | `{row['formula']}` | {row['dtype']} | {row['lost_near_certainty']:g} |"
        for row in lost
    ]
    table = "\n".join(["| library | function | held against | format | gap |", "|---|---|---|---|---:|", *lines])
    return _NEAR_CERTAINTY + details(f"{len(lines)} programs and formats", table) + "\n"


def of_formula(table: dict[str, Any], formula: str) -> str:
    """The programs that were held against a formula, a row for each; empty if there are none."""
    rows = [row for row in table["rows"] if row["formula"] == formula]
    if not rows:
        return ""
    versions = table["versions"]
    told = ", ".join(
        f"{library} {versions[PACKAGES[library]]}" for library in dict.fromkeys(row["library"] for row in rows)
    )
    return f"{told}, on {_days(rows)}, with refmath {versions['refmath']}. {_LEGEND}\n\n" + "\n".join(
        _lines(rows, lambda row: ("library", row["library"]))
    )


def _lines(rows: list[dict[str, Any]], second: Callable[[dict[str, Any]], tuple[str, str]]) -> Iterator[str]:
    """A row for each program, and in it a cell for each number format."""
    head = second(rows[0])[0]
    yield '<div class="verdicts" markdown>\n'
    yield f"| function | {head} | {' | '.join(FORMATS)} |"
    yield f"|---|---|{'---:|' * len(FORMATS)}"
    programs: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        programs.setdefault((row["library"], row["function"], row["formula"], row["convention"] or ""), []).append(row)
    for of_program in programs.values():
        first, of = of_program[0], {row["dtype"]: row for row in of_program}
        cells = [_cell(of.get(each)) for each in FORMATS]
        under = f", convention `{shown(first['convention'])}`" if first["convention"] else ""
        yield f"| `{first['function']}`{under} | {second(first)[1]} | {' | '.join(cells)} |"
    yield "\n</div>"


def _cell(row: dict[str, Any] | None) -> str:
    """The verdict in a number format, with the largest distance that was seen."""
    if row is None:
        return ""
    if row["verdict"] != "conforms":
        return f"**{row['verdict']}**"
    return f"{'✓' if row['strict'] == 'conforms' else '(✓)'} {_ulps(row['worst_ulps'])}"


def _ulps(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}" if value < 100 else f"{value:.2g}"
