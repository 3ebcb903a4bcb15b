"""A candidate that takes options by name, judged under them: each version of the formula is searched by itself, and all of it is one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from refmath.oracle.merge import together
from refmath.oracle.report import Report
from refmath.spec import Formula, options_in_words


def with_options(
    report: Report, page: Formula, taken: Sequence[str], under: Callable[[Formula], Report | None]
) -> Report:
    """The report on a candidate that conforms under the defaults, with what it does under the options that it takes.

    The first version under which it does not conform settles the verdict; nothing more is tried then.

    Args:
        report: What it does under the defaults.
        page: The formula.
        taken: The options that it takes by name.
        under: Judges it under a version; None where it refuses every input of it, and so declines the options.
    """
    if page.options is None or not taken:
        return report
    reports, tried = [report], [dict(page.options.defaults)]
    refused: list[Mapping[str, Any]] = []
    pages = [each() for each in page.options.encodings] or [page]
    for options, chosen in ((each.options, chosen) for each in pages if each.options for chosen in each.options.tried):
        if not chosen.keys() <= set(taken) or any(each.items() <= chosen.items() for each in refused):
            continue
        found = under(options.version(chosen))
        if found is None:
            refused.append(chosen)
            continue
        reports.append(found)
        tried.append({**page.options.defaults, **chosen})
        if not found.conforms:
            break
    whole = replace(together(reports), formula=page.name)
    parameters = {name: tuple(dict.fromkeys(each[name] for each in tried)) for name in taken}
    return replace(
        whole,
        declined=(*whole.declined, *map(options_in_words, refused)),
        extent=replace(whole.extent, parameters={**whole.extent.parameters, **parameters}),
    )
