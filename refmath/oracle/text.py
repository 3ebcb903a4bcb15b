"""The report as a person reads it in a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from refmath.foreign_text import harmless
from refmath.oracle.protocol import as_lines
from refmath.oracle.report import Counterexample, Report

#: So many broken laws are told with their sentences, the others by name.
_LAWS_TOLD = 2
#: A worst counterexample longer than this is not printed whole.
_LONGEST_CALL = 1000
#: A name longer than this is cut in the table.
_LONGEST_NAME = 100
_STYLE = {
    "conforms": "bold green",
    "unstable": "bold yellow",
    "differs": "bold red",
    "failed": "bold magenta",
    "not judged": "bold red",
}


class Harmless:
    """Something to be printed, whatever text stands in it: styles are refmath's own, escapes in the text are nobody's."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


def as_table(reports: Sequence[Report], not_judged: Sequence[tuple[str, str]] = ()) -> Table:
    """One line for each candidate."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("function", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for name in ("typical", "edge", "extreme"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("worst ULP", justify="right", no_wrap=True)
    table.add_column("name of the mistake or convention", overflow="fold")
    for report in reports:
        function = report.target.rpartition(":")[2]
        name = function if function == report.formula else f"{function} as {report.formula}"
        table.add_row(
            _cell(name),
            Text(report.verdict, _STYLE[report.verdict]),
            *(f"{c.accepted}/{c.tried}" for c in report.classes.values()),
            ulps(report.worst_ulps),
            _cell(_named(report)),
        )
    for target, _ in not_judged:
        table.add_row(_cell(target.rpartition(":")[2]), Text("not judged", _STYLE["not judged"]), *[""] * 4, "")
    return table


def details(report: Report) -> RenderableType:
    """Everything behind a verdict: counterexamples, laws, evidence."""
    lines: list[Text] = []
    heading = Text.assemble(
        (report.target, "bold"), " as ", report.formula, report.under, ": ", (report.verdict, _STYLE[report.verdict])
    )
    lines.append(heading)
    if report.diagnosis:
        lines.append(
            Text.assemble("  ", (report.diagnosis.name, "bold"), f" ({report.diagnosis.kind}): {report.diagnosis.text}")
        )
    elif not report.conforms:
        lines.append(Text("  No mistake or convention of the page reproduces it."))
    if report.begins:
        lines.append(Text(f"  Right on typical inputs; lost only {report.begins}."))
    if report.smallest:
        lines += _counterexample("smallest", report.smallest)
    if report.worst and (report.smallest is None or _says_more(report.worst, report.smallest)):
        lines += _counterexample("worst", report.worst)
    broken = [each for each in report.laws if each.holds is False]
    lines += [Text(f"  law broken: {each.name}: {each.text}") for each in broken[:_LAWS_TOLD]]
    if broken[_LAWS_TOLD:]:
        lines.append(Text(f"  broken too: {', '.join(each.name for each in broken[_LAWS_TOLD:])}"))
    lines += [Text(f"  remark: {remark}") for remark in report.remarks]
    if report.declined:
        lines.append(Text(f"  declines: {', '.join(report.declined)}; the verdict is that of the rest"))
    if report.undeclared:
        names = ", ".join(map(repr, report.undeclared))
        lines.append(Text(f"  its table in pyproject.toml does not say so; if that is meant: declines = [{names}]"))
    if report.in_place:
        lines.append(Text("  in place: the answer is what became of the arguments that it renews"))
    lines.append(Text("  " + evidence(report), "dim"))
    lines.append(Text("  " + reach(report), "dim"))
    return Harmless(Group(*lines))


def evidence(report: Report) -> str:
    """What stands behind a verdict, in one line."""
    tried = ", ".join(f"{count.tried} {name}" for name, count in report.classes.items())
    said = [each for each in report.laws if each.holds is not None]
    rejected, missed = report.evidence.mistakes_rejected, report.evidence.mistakes_missed
    laws = f"{len(said)} laws on {report.evidence.law_inputs} inputs"
    if not report.laws and report.under:
        laws = "no laws, which are those of the page's defaults"
    text = f"evidence: inputs tried: {tried}; {laws}"
    if rejected or missed:
        text += f"; rejects {len(rejected)} of the {len(rejected) + len(missed)} known mistakes"
    text += f" (not: {', '.join(missed)})" if missed else ""
    return (
        text
        + f"; {report.dtype}{', strict' if report.strict else ''}; seed {report.evidence.seed}; {report.seconds:.1f} s"
    )


def reach(report: Report) -> str:
    """How far the search went, and what it left out, in one line."""
    told, left = report.extent, []
    sizes = ", ".join(f"{axis} up to {size}" for axis, size in told.sizes.items())
    tried = [*([f"sizes: {sizes}"] if sizes else [])]
    if told.certified is not None:
        tried += ["compared with exact values: {:,} of the {:,} entries of the largest answer".format(*told.certified)]
    tried += [f"number types: {report.dtype}, {', '.join(told.types)}"] if told.types else []
    tried += [f"layouts: plain, {', '.join(told.layouts)}"] if told.layouts else []
    tried += [f"{name}: {', '.join(map(str, values))}" for name, values in told.parameters.items()]
    left += [f"{', '.join(told.not_defined)}, on which the convention is not defined"] if told.not_defined else []
    left += [f"{', '.join(told.defaults)} other than the default"] if told.defaults else []
    left += [f"its own parameters {', '.join(told.own)}, which the formula does not have"] if told.own else []
    text = "; ".join(tried)
    if dropped := sum(told.dropped.values()):
        text += f"; dropped, as an honest evaluation may lose everything there: {dropped}"
    return text + (f"; not tried: {', '.join(left)}" if left else "")


def as_text(report: Report) -> str:
    """The details without colours, for a test-suite's failure message."""
    console = Console(width=120, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(details(report), soft_wrap=True)
    return captured.get()


def ulps(value: float) -> str:
    """A distance in units in the last place, short."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    return f"{value:.2f}" if value < 100 else f"{value:.3g}"


def _named(report: Report) -> str:
    if report.diagnosis is None and report.declined:
        return f"declines: {', '.join(report.declined)}"
    if report.diagnosis is None and report.conforms:
        own = [f"not tried: {', '.join(report.extent.own)}"] if report.extent.own else []
        return "; ".join([*(["in place"] if report.in_place else []), *own])
    if report.diagnosis is None:
        return "(no known name)"
    return report.diagnosis.name if report.diagnosis.kind == "mistake" else f"convention {report.diagnosis.name}"


def _cell(text: str) -> Text:
    """Text in which nothing is markup, and nothing is obeyed by a terminal."""
    return Text(harmless(text, _LONGEST_NAME, lines=False))


def _says_more(worst: Counterexample, smallest: Counterexample) -> bool:
    return worst.call != smallest.call and not (worst.trouble and worst.trouble == smallest.trouble)


def _entry(index: tuple[int | str, ...]) -> str:
    first, *rest = index
    return f"{first}{rest}" if isinstance(first, str) else str(list(index))


def _counterexample(which: str, example: Counterexample) -> list[Text]:
    call = example.call
    if which == "worst":
        call = _cut(call, "the whole line is in the JSON report")
    lines = [Text.assemble(f"  {which} counterexample ({example.class_}):\n", ("    >>> " + call, "cyan"))]
    entry = f" in entry {_entry(example.index)}" if example.index else ""
    if example.trouble:
        lines += [Text(f"    {line}") for line in example.trouble.splitlines()]
    elif example.expected is not None:
        low, high = example.expected
        lines.append(
            Text(
                f"    expected [{low!r}, {high!r}]{entry}\n    got      {example.got!r}, off by {ulps(example.ulps)} ULP"
            )
        )
    if example.request is not None and which == "smallest":
        request = as_lines([{"id": 1, **example.request}]).splitlines()[1]
        lines.append(Text("    request  " + _cut(request, "--save-failure FILE writes the whole line")))
    return lines


def _cut(text: str, where: str) -> str:
    return text if len(text) <= _LONGEST_CALL else f"{text[:_LONGEST_CALL]} … ({where})"
