"""The page "Who conforms", from the table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

_HEAD = """# Who conforms

This table is generated. It holds functions of {libraries} against the pages of the catalogue, in each number format
they have: the verdict of `refmath check` on {examples} inputs or so of each class, with seed {seed}. What a verdict means is said [here](verdict.md). A function whose
documentation follows another convention is held against that convention.

*Worst ULP* is the largest distance from the exact value seen, in units in the last place of the format, in answers that were accepted too. *Begins* says
from where on answers were lost. The counterexamples are in [who_conforms.json](who_conforms.json). To judge what is installed, and write both anew:

```sh
python -m tools.who_conforms
```

{summary}
"""

_NEAR_CERTAINTY = """
## Near certainty

The loss of a sample whose target leads by a gap *g* is ln(1 + exp(−*g*)). These functions take the logarithm of a softmax, and answer zero, or a number with no
digit right, as soon as that is smaller than the unit of the format. The interval allows it, as any evaluation of −ln *p* loses as much; refmath's own programs
do not lose it. The gap from which on no digit is right, though the loss is a normal number of the format:

| library | function | held against | format | gap |
|---|---|---|---|---:|
"""


def page(table: dict[str, Any]) -> str:
    """The page in Markdown."""
    versions = table["versions"]
    names = {"PyTorch": "torch", "JAX": "jax", "SciPy": "scipy", "scikit-learn": "scikit-learn"}
    libraries = ", ".join(f"{name} {versions[package]}" for name, package in names.items())
    verdicts = [row["verdict"] for row in table["rows"]]
    counts = ", ".join(
        f"{each} {verdicts.count(each)}" for each in ("conforms", "unstable", "differs", "failed") if each in verdicts
    )
    summary = f"Of {len(verdicts)} functions in one format each: {counts}. NumPy {versions['numpy']}, ml_dtypes {versions['ml_dtypes']}."
    head = _HEAD.format(libraries=libraries, summary=summary, examples=table["examples"], seed=table["seed"])
    sections = groupby(table["rows"], lambda row: row["library"])
    head += _near_certainty(table["rows"])
    return head + "".join(f"\n## {library}\n\n" + "\n".join(_lines(list(rows))) + "\n" for library, rows in sections)


def _near_certainty(rows: list[dict[str, Any]]) -> str:
    """What all of them lose, and may lose, when the loss is smaller than the format's unit."""
    lost = [row for row in rows if row["lost_near_certainty"]]
    if not lost:
        return ""
    lines = [
        f"| {row['library']} | `{row['function']}` | `{row['formula']}` | {row['dtype']} | {row['lost_near_certainty']:g} |"
        for row in lost
    ]
    return _NEAR_CERTAINTY + "\n".join(lines) + "\n"


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| function | held against | format | verdict | worst ULP | begins | name of the mistake, or what was raised |"
    yield "|---|---|---|---|---:|---|---|"
    for row in rows:
        under = f", convention {row['convention']}" if row["convention"] else ""
        verdict = row["verdict"] if row["verdict"] == "conforms" else f"**{row['verdict']}**"
        cells = (
            f"`{row['function']}`",
            f"`{row['formula']}`{under}",
            row["dtype"],
            verdict,
            _ulps(row["worst_ulps"]),
            _begins(row["begins"]),
            f"`{row['diagnosis']}`" if row["diagnosis"] else (row["counterexample"] or {}).get("trouble") or "",
        )
        yield f"| {' | '.join(cells)} |"


def _begins(text: str | None) -> str:
    # A bar would end the cell.
    return f"`{text}`".replace("max |", "largest ").replace("| =", " =") if text else ""


def _ulps(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}" if value < 100 else f"{value:.2g}"
