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

#: Why a function does not conform, where that is nothing that its authors would call a fault.
_WHY = {
    "autograd of F.nll_loss of log": "at a probability of 0 the chain rule multiplies 0 by ∞, which is nan. Taken from the logits, as PyTorch recommends, the same gradient conforms.",
    "jax.nn.sigmoid without jax_enable_x64": "JAX turns float64 into float32 unless it is told not to. With `jax_enable_x64` the same function conforms.",
    "scipy.optimize.approx_fprime": "it is a forward difference, as its documentation says, and so off by h/2 · f″; the catalogue's numerical gradient is central.",
}

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
    head += _reasons(table["rows"]) + _near_certainty(table["rows"])
    return head + "".join(f"\n## {library}\n\n" + "\n".join(_lines(list(rows))) + "\n" for library, rows in sections)


def _reasons(rows: list[dict[str, Any]]) -> str:
    """What keeps functions from conforming that do what they are meant to."""
    refused = dict.fromkeys(row["function"] for row in rows if row["verdict"] != "conforms")
    lines = [f"- `{function}`: {_WHY[function]}" for function in refused if function in _WHY]
    if not lines:
        return ""
    return "\nNot to conform is not to be faulty:\n\n" + "\n".join(lines) + "\n"


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
    yield '<div class="verdicts" markdown>\n'
    yield "| function | verdict | format | held against | worst ULP | begins | name of the mistake, or what was raised |"
    yield "|---|---|---|---|---:|---|---|"
    for row in rows:
        under = f", convention {row['convention']}" if row["convention"] else ""
        verdict = row["verdict"] if row["verdict"] == "conforms" else f"**{row['verdict']}**"
        cells = (
            f"`{row['function']}`",
            verdict,
            row["dtype"],
            f"`{row['formula']}`{under}",
            _ulps(row["worst_ulps"]),
            _begins(row["begins"]),
            f"`{row['diagnosis']}`" if row["diagnosis"] else (row["counterexample"] or {}).get("trouble") or "",
        )
        yield f"| {' | '.join(cells)} |"
    yield "\n</div>"


def _begins(text: str | None) -> str:
    # A bar would end the cell.
    return f"`{text}`".replace("max |", "largest ").replace("| =", " =") if text else ""


def _ulps(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}" if value < 100 else f"{value:.2g}"
