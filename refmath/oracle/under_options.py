"""A candidate that takes options by name, judged under them: each version of the formula is searched by itself, and all of it is one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from refmath import catalogue
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.reporting.breaking import ONLY
from refmath.oracle.reporting.merge import together
from refmath.oracle.reporting.report import Report
from refmath.spec import Formula, options_in_words


def with_options(
    report: Report,
    page: Formula,
    taken: Sequence[str],
    fixed: Mapping[str, Any],
    under: Callable[[Formula], Report | None],
) -> Report:
    """The report on a candidate that conforms so far, with what it does under the other options that it takes.

    The first version under which it does not conform settles the verdict; nothing more is tried then.

    Args:
        report: What it does so far.
        page: The formula.
        taken: The options that it takes by name, but for those that are set.
        fixed: The options that are set, and not to their defaults.
        under: Judges it under a version; None where it refuses every input of it, and so declines the options.
    """
    if page.options is None or not taken:
        return report
    reports, tried = [report], [dict(page.options.defaults)]
    refused: list[tuple[str, Mapping[str, Any]]] = []
    asked = []
    for called, each in _pages(page, report):
        assert each.options is not None
        asked.append(called)
        for chosen in each.options.tried:
            known = any(of == called and other.items() <= chosen.items() for of, other in refused)
            if not chosen.keys() <= set(taken) or known or _have_met(chosen, taken, each.options.tried):
                continue
            words = options_in_words(chosen)
            try:
                found = under(each.options.version(each, {**fixed, **chosen}))
            except NotJudged as error:
                reports[0] = replace(reports[0], remarks=(*reports[0].remarks, f"not judged under {words}: {error}"))
                continue
            if found is None:
                refused.append((called, chosen))
                continue
            reports.append(_declining_under(words, found, report))
            tried.append({**page.options.defaults, **chosen})
            if not found.conforms:
                whole = _whole(reports, page, taken, tried, _declined(refused, asked))
                return replace(whole, breaks=f"{ONLY}it is called with {words}")
    return _whole(reports, page, taken, tried, _declined(refused, asked))


def _have_met(chosen: Mapping[str, Any], taken: Sequence[str], tried: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a reduction and another option that are tried together meet under three options, too, which are all taken."""
    return (
        len(chosen) == 2
        and "reduction" in chosen
        and any(
            len(other) == 3 and chosen.keys() < other.keys() <= set(taken) and other["reduction"] == chosen["reduction"]
            for other in tried
        )
    )


def _pages(page: Formula, report: Report) -> list[tuple[str, Formula]]:
    """The formulas whose versions are tried, with what tells them apart: those of the encodings that the candidate does not decline."""
    if page.options is None or not page.options.encodings:
        return [("", page)]
    encodings = zip(("labels", "one-hot targets"), page.options.encodings, strict=True)
    return [(f" with {called}", catalogue.formula(name)) for called, name in encodings if called not in report.declined]


def _declining_under(words: str, found: Report, report: Report) -> Report:
    """A report under options, in which what is declined is told to be declined there."""
    return replace(
        found, declined=tuple(f"{each} under {words}" for each in found.declined if each not in report.declined)
    )


def _declined(refused: Sequence[tuple[str, Mapping[str, Any]]], asked: Sequence[str]) -> tuple[str, ...]:
    """The options that are declined, in words: of one encoding alone with that."""
    of_all = [chosen for _, chosen in refused]
    told = [
        options_in_words(chosen) + ("" if of_all.count(chosen) == len(asked) else called) for called, chosen in refused
    ]
    return tuple(dict.fromkeys(told))


def _whole(
    reports: Sequence[Report],
    page: Formula,
    taken: Sequence[str],
    tried: Sequence[Mapping[str, Any]],
    declined: tuple[str, ...],
) -> Report:
    whole = replace(together(reports), formula=page.name)
    parameters = {name: tuple(dict.fromkeys(each[name] for each in tried)) for name in taken}
    return replace(
        whole,
        declined=(*whole.declined, *declined),
        extent=replace(whole.extent, parameters={**whole.extent.parameters, **parameters}),
    )
