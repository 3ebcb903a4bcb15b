"""One report from the reports of several searches for the same candidate: each with a seed of its own, or under options of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from refmath.kinds.kind import CLASSES
from refmath.oracle.reporting.findings import (
    ClassCount,
    Counterexample,
    Diagnosis,
    Evidence,
    Extent,
    LawResult,
    Verdict,
)
from refmath.oracle.reporting.report import Report
from refmath.oracle.searching.search import numbers_in

#: From the best to the worst; what one search has found is so, whatever the others did not find.
_VERDICTS: tuple[Verdict, ...] = ("conforms", "unstable", "differs", "failed")


def merged(reports: Sequence[Report]) -> Report:
    """What several searches have found together: counts are added up, and the worst verdict stands.

    Args:
        reports: Reports on the same candidate under the same setting, at least one.
    """
    rejected = {name for report in reports for name in report.evidence.mistakes_rejected}
    first = reports[0].evidence
    evidence = Evidence(
        first.seed,
        tuple(name for name in (*first.mistakes_rejected, *first.mistakes_missed) if name in rejected),
        tuple(name for name in first.mistakes_missed if name not in rejected),
        sum(report.evidence.law_inputs for report in reports),
    )
    seeds = f"searched in {len(reports)} parts, with the seeds {first.seed} to {reports[-1].evidence.seed}"
    whole = together(reports)
    return replace(
        whole,
        laws=tuple(_law([report.laws[place] for report in reports]) for place in range(len(whole.laws))),
        evidence=evidence,
        remarks=(seeds, *whole.remarks),
    )


def together(reports: Sequence[Report]) -> Report:
    """The same of searches that have not all tried the same laws and mistakes: those of the first stand."""
    worst = max(reports, key=lambda report: _VERDICTS.index(report.verdict))
    as_bad = [report for report in reports if report.verdict == worst.verdict]
    return replace(
        worst,
        classes={class_: _added(reports, class_) for class_ in CLASSES},
        laws=reports[0].laws,
        diagnosis=_diagnosis(as_bad),
        smallest=min(_of(as_bad, "smallest"), key=_size, default=None),
        worst=max(_of(reports, "worst"), key=lambda example: (example.ulps, -_size(example)[1]), default=None),
        worst_ulps=max(report.worst_ulps for report in reports),
        evidence=reports[0].evidence,
        remarks=tuple(dict.fromkeys(remark for report in reports for remark in report.remarks)),
        seconds=sum(report.seconds for report in reports),
        declined=tuple(dict.fromkeys(name for report in reports for name in report.declined)),
        extent=_extent([report.extent for report in reports]),
        in_place=any(report.in_place for report in reports),
        begins=next((report.begins for report in as_bad if report.begins), ""),
        breaks=_breaks(reports),
    )


def _breaks(reports: Sequence[Report]) -> str:
    """Where it breaks, if all searches say the same: what is true of the inputs of one need not be true of those of another."""
    told = {report.breaks for report in reports}
    return told.pop() if len(told) == 1 else ""


def _added(reports: Sequence[Report], class_: str) -> ClassCount:
    counts = [report.classes[class_] for report in reports]
    return ClassCount(sum(each.tried for each in counts), sum(each.accepted for each in counts))


def _extent(extents: Sequence[Extent]) -> Extent:
    """The largest sizes, and all types, layouts and parameters."""
    sizes: dict[str, int] = {}
    for each in extents:
        sizes.update({axis: max(size, sizes.get(axis, 0)) for axis, size in each.sizes.items()})
    first = extents[0]
    return replace(
        first,
        sizes=sizes,
        types=tuple(dict.fromkeys(name for each in extents for name in each.types)),
        layouts=tuple(dict.fromkeys(name for each in extents for name in each.layouts)),
        parameters={
            name: tuple(dict.fromkeys(value for each in extents for value in each.parameters.get(name, ())))
            for name in first.parameters
        },
        certified=max((each.certified for each in extents if each.certified), key=lambda count: count[1], default=None),
        dropped={class_: sum(each.dropped.get(class_, 0) for each in extents) for class_ in CLASSES},
    )


def _law(results: Sequence[LawResult]) -> LawResult:
    said = [each.holds for each in results if each.holds is not None]
    return replace(results[0], holds=all(said) if said else None)


def _diagnosis(reports: Sequence[Report]) -> Diagnosis | None:
    """The name that most searches have given; of as many, the first."""
    named = [report.diagnosis for report in reports if report.diagnosis is not None]
    return Counter(named).most_common(1)[0][0] if named else None


def _of(reports: Sequence[Report], which: str) -> list[Counterexample]:
    return [example for report in reports if (example := getattr(report, which)) is not None]


def _size(example: Counterexample) -> tuple[int, int, int]:
    """What makes a counterexample small: a typical input rather than an extreme one, few numbers, a short line."""
    return CLASSES.index(example.class_), numbers_in(example.inputs), len(example.call)
