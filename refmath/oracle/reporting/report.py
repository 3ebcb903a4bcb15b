"""The report: what was found, and how it shows itself."""

from __future__ import annotations

from refmath.oracle.reporting.findings import Findings
from refmath.oracle.reporting.text import as_html, as_text


class Report(Findings):
    """The verdict on one candidate.

    Attributes:
        target: Where the candidate came from.
        formula: The name in the catalogue it was held against.
        convention: The convention it was held against, if not the default.
        verdict: `conforms`, `unstable`, `differs` or `failed`.
        classes: Inputs tried and accepted, by class.
        laws: Each law of the page and whether it held.
        diagnosis: The mistake or convention that reproduces it, if one does.
        smallest: The smallest counterexample.
        worst: The worst one seen.
        worst_ulps: The largest distance from the exact value, accepted answers included.
        evidence: What stands behind the verdict.
        remarks: Anything else that was noticed, such as warnings given.
        seconds: How long it took.
        dtype: The number format it was judged in.
        strict: Whether inputs were left unwidened.
        begins: Where an unstable candidate is lost, in words; empty otherwise.
        declined: The kinds of inputs that it always refuses by an error: the verdict is that of the rest.
        extent: How far the search went.
        in_place: Whether its answer is what became of the arguments that a step renews.
        undeclared: What it declines, though pyproject.toml does not say that it may.
        breaks: On which inputs it is wrong, and on no others that were tried, as "Breaks" goes on; empty if nothing so simple is true.
        file: The file in which the function stands; empty if it stands in none, or is a program in another process.
        line: The line at which it begins; None if that is not known.
    """

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
