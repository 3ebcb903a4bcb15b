"""The report as a person reads it: in a terminal, in a failure message, in a notebook; nowhere wider than eighty columns.

Lines are broken here and not by the terminal, so that nothing is cut and what is to be pasted can be pasted.
"""

from __future__ import annotations

import html
import io
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from refmath.balls.formats import FORMATS
from refmath.foreign_text import harmless
from refmath.oracle.candidates.source_text import cell_and_line
from refmath.oracle.loading.targets import parted
from refmath.oracle.remote.protocol import as_lines
from refmath.oracle.reporting.breaking import ONLY, ORDINARY
from refmath.oracle.reporting.findings import ANOTHER_EACH_TIME, WRAPS_AROUND, Counterexample, Findings
from refmath.spec import shown
from refmath.streams import SIGNS

#: In columns: no line is longer, however wide the terminal is; in a narrower one than that labels stand above what they label.
WIDTH, _NARROW = 80, 60
#: What a label takes, and how far all but the heading is moved in.
_LABEL, _INDENT = 10, 2
#: A call of more lines is shown whole only if everything is.
_MOST_LINES = 24
#: A worst counterexample longer than this is not printed whole.
_LONGEST_CALL = 1000
#: So many laws are told with their sentences where no mistake explains the answers.
_LAWS_TOLD = 2
_APART = "   "
#: How a remark on a warning begins.
_WARNED = "it warned: "
_STYLE: Mapping[str, str] = {
    "conforms": "bold green",
    "unstable": "bold yellow",
    "differs": "bold red",
    "failed": "bold magenta",
    "not judged": "bold red",
}
#: What people call the classes of inputs.
CLASSES = {"typical": "ordinary", "edge": "special", "extreme": "huge or tiny"}
#: What is added to "3 of 94" to say of which inputs.
_INPUTS = {"typical": "ordinary inputs", "edge": "special inputs", "extreme": "inputs with huge or tiny numbers"}


@dataclass(frozen=True)
class Line:
    """One thing that is told: under a label, in lines that are moved in, or none.

    Attributes:
        text: The text, which may be broken at its spaces.
        label: What it is.
        style: The style of the text.
        begins: The style of what stands before the first colon, if that has one of its own.
        is_code: Whether it is a call, which is broken where Python goes on reading.
        apart: What stands between parts that are not broken.
    """

    text: str
    label: str = ""
    style: str = ""
    begins: str = ""
    is_code: bool = False
    apart: str = " "


class Printed:
    """Reports to be printed: foreign text is harmless, lines fit.

    Args:
        blocks: A heading for each, and the lines below it.
        after: Lines behind all of them.
    """

    def __init__(self, blocks: Sequence[tuple[Sequence[tuple[str, str]], Sequence[Line]]], after: Sequence[Any] = ()):
        self._blocks, self._after = blocks, after

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDTH)
        lines: list[Text] = []
        for heading, told in self._blocks:
            lines += [*_flowing(heading, width, options.encoding), *_laid_out(told, width, options.encoding), Text()]
        for row in self._after:
            lines += _flowing(row, width, options.encoding)
        for line in lines:
            line.rstrip()
            yield from line.render(console, end="\n")


# ---- breaking lines

#: What a judged program says itself keeps its letters, as escapes: they may be names.
_PLAIN = str.maketrans(SIGNS)


def _safe(text: str, encoding: str) -> str:
    """Text without anything that a terminal obeys, in characters that can be written."""
    safe = harmless(text.expandtabs(4))
    try:
        safe.encode(encoding)
    except UnicodeError:
        safe = safe.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return safe


def _flowing(pieces: Sequence[tuple[str, str]], width: int, encoding: str) -> list[Text]:
    """Pieces side by side, as many as fit in a line; none is broken that fits in one. Blanks at the end of a piece set it off from the next."""
    lines, line = list[Text](), Text()
    for text, style in pieces:
        safe = _safe(text, encoding).replace("\n", " ")
        needed = cell_len(safe.rstrip())
        if line.cell_len and line.cell_len + needed > width:
            lines.append(line)
            line, safe = Text(" " * _INDENT * 2), safe.lstrip()
        parts = [safe] if line.cell_len + needed <= width else _words(safe, width - 2 * _INDENT)
        for place, part in enumerate(parts):
            if place:
                lines.append(line)
                line = Text(" " * _INDENT * 2)
            line.append(part, style)
    return [*lines, line]


def _laid_out(told: Sequence[Line], width: int, encoding: str) -> list[Text]:
    """Each label with its text beside it; above it in few columns, and above a call of several lines."""
    lines: list[Text] = []
    for each in told:
        text, label = _safe(each.text, encoding), each.label
        beside = _INDENT + _LABEL if label else _INDENT
        parts = list(_broken(text, width - beside, each))
        if label and (width < _NARROW or (each.is_code and len(parts) > 1)):
            lines.append(Text.assemble(" " * _INDENT, (label, "dim")))
            beside, label = 2 * _INDENT, ""
            parts = list(_broken(text, width - beside, each))
        for place, part in enumerate(parts):
            line = Text.assemble(" " * _INDENT, ("" if place else label, "dim"))
            line.append(" " * (beside - line.cell_len) if part else "")
            line.append(part, each.style)
            if place == 0 and each.begins and ":" in part:
                line.stylize(each.begins, beside, beside + part.index(":"))
            lines.append(line)
    return lines


def _broken(text: str, width: int, told: Line) -> Iterator[str]:
    """Text in lines of a width; its own ends of lines stay."""
    for line in text.split("\n"):
        yield from _code(line, width) if told.is_code else _words(line, width, told.apart)


def _words(text: str, width: int, apart: str = " ") -> Iterator[str]:
    """Text broken at its blanks; a word that is too long by itself is broken where it must be."""
    line = ""
    for word in text.split(apart):
        if line and cell_len(line + apart + word) <= width:
            line += apart + word
            continue
        if line:
            yield line
        *whole, line = _folded(word, width, width)
        yield from whole
    yield line


def _code(text: str, width: int) -> Iterator[str]:
    """A call in lines that Python reads on: whole, or an argument a line, and these broken inside their brackets where they are too long."""
    if cell_len(text) <= width:
        yield text
        return
    first, arguments = _arguments(text)
    indent = " " * 4
    yield from _folded(first, width, width)
    for argument in arguments:
        for line in _filled(argument, width - len(indent)):
            yield indent + line


def _arguments(call: str) -> tuple[str, list[str]]:
    """A call up to its first bracket, and its arguments, each with what follows it."""
    first, bracket, rest = call.partition("(")
    arguments, depth, begun = list[str](), 0, 0
    for place, character in enumerate(rest):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            arguments.append(rest[begun : place + 1].strip())
            begun = place + 1
    return first + bracket, [*arguments, rest[begun:].strip()]


def _filled(text: str, width: int) -> Iterator[str]:
    """An argument in lines: broken after commas, else after brackets and blanks."""
    line = ""
    for chunk in re.findall(r".*?, |.+$", text):
        atoms = [chunk]
        if cell_len(chunk.rstrip()) > width:
            atoms = re.findall(r"[^\s(\[{]*[\s(\[{]|.+$", chunk)
        for atom in atoms:
            if line and cell_len(line) + cell_len(atom.rstrip()) > width:
                yield line.rstrip()
                line = ""
            *whole, line = _folded(line + atom, width + cell_len(atom) - cell_len(atom.rstrip()), width)
            yield from whole
    yield line.rstrip()


def _folded(text: str, width: int, then: int) -> Iterator[str]:
    """Text in pieces of a width, and of another one from the second on, wherever that is."""
    width, then = max(width, 2), max(then, 2)
    if cell_len(text.rstrip()) <= width:
        yield text
        return
    taken, used = "", 0
    for character in text:
        size = cell_len(character)
        if used + size > width:
            yield taken
            taken, used, width = "", 0, then
        taken, used = taken + character, used + size
    yield taken


# ---- what is told of one function


def details(report: Findings, *, verbose: bool = False) -> Printed:
    """What there is to say of one function."""
    return Printed([(heading(report), lines(report, verbose=verbose))])


def heading(report: Findings) -> list[tuple[str, str]]:
    """A mark, the name, the verdict, and where the function stands, in pieces."""
    style = _STYLE[report.verdict]
    rest = (f" as {report.formula}" if _name(report.target) != report.formula else "") + report.under
    return [
        (f"{_mark(report.conforms)} ", style),
        (f"{_name(report.target)}{'' if rest else '  '}", "bold"),
        *([(f"{rest}  ", "")] if rest else []),
        (f"{report.verdict}  ", style),
        (place(report), "dim"),
    ]


def _mark(good: bool) -> str:
    return "✓" if good else "✗"


def _name(target: str) -> str:
    return parted(target)[1] or target


def place(report: Findings) -> str:
    """The file and line of the function, the file as seen from the working directory; else what was judged."""
    if not report.file:
        stands, what = parted(report.target)
        return stands if what else ""
    if report.line and (cell := cell_and_line(Path(report.file), report.line)):
        return "{}, code cell {}, line {}".format(relative(report.file), *cell)
    return f"{relative(report.file)}:{report.line}" if report.line else relative(report.file)


def relative(file: str, start: str | None = None) -> str:
    """A file as seen from a directory, if it is in that, with slashes."""
    start = os.getcwd() if start is None else start
    path = Path(os.path.abspath(file))
    return path.relative_to(start).as_posix() if path.is_relative_to(start) else path.as_posix()


def lines(report: Findings, *, verbose: bool = False) -> list[Line]:
    """All that is said below the heading."""
    broken = [each for each in report.laws if each.holds is False]
    told = [Line(sentence(report))]
    if report.diagnosis:
        told.append(Line(why(report), "why", begins="bold"))
        told += [Line(report.diagnosis.repair, "try", style="green")] if report.diagnosis.repair else []
    elif not report.conforms:
        if not (report.smallest and report.smallest.trouble):
            told.append(Line("No mistake or convention that is known gives these answers.", "why"))
        told += [Line(f"This does not hold: {each.text}", "law") for each in broken[:_LAWS_TOLD]]
    if report.smallest:
        told += _example(report.smallest, report, "fails on", whole=verbose)
    said = report.diagnosis.text if report.diagnosis else ""
    told += [Line(remark, "note") for remark in notes(report) if f"{remark[:1].upper()}{remark[1:]}." != said]
    if report.in_place:
        told.append(Line("It works in place: the answer is what becomes of the arguments that it renews.", "note"))
    told.append(Line(counts(report), "inputs", apart=_APART))
    told += left_out(report)
    told += [Line(evidence(report), "tried", style="dim")]
    return [*told, *(_more(report, broken) if verbose else ())]


def notes(report: Findings) -> list[str]:
    """The remarks; all warnings together."""
    warned = [
        each.removeprefix(_WARNED).removeprefix("RuntimeWarning: ")
        for each in report.remarks
        if each.startswith(_WARNED)
    ]
    others = [each for each in report.remarks if not each.startswith(_WARNED)]
    return [*others, *([f"it warns: {'; '.join(warned)}"] if warned else [])]


def sentence(report: Findings) -> str:
    """Where it is right, and where it breaks."""
    tried = {name: count.tried for name, count in report.classes.items()}
    wrong = {name: count.tried - count.accepted for name, count in report.classes.items()}
    taken = " that it takes" if report.declined else ""
    if report.conforms:
        return f"Right on all {_many(sum(tried.values()), 'input')}{taken}."
    if not any(wrong.values()):
        return f"Right on all {_many(sum(tried.values()), 'input')}{taken} by themselves, but {_although(report)}"
    if wrong == tried:
        return f"Wrong on all {_many(sum(tried.values()), 'input')}{taken}."
    if report.diagnosis and report.diagnosis.name == WRAPS_AROUND:
        return f"Right on floats. Breaks on {_share('edge', wrong, tried)}, those of integers that wrap around."
    ordinary, only = report.breaks.removeprefix(ORDINARY), report.breaks.removeprefix(ONLY)
    if ordinary != report.breaks:
        return f"Wrong on {_share('typical', wrong, tried)}: when {ordinary}."
    if only == report.breaks != "":
        right = "Right on ordinary inputs" if not wrong["typical"] else f"Wrong on {_share('typical', wrong, tried)}"
        return f"{right}. Breaks {report.breaks}."
    several = [f"on {_share(name, wrong, tried)}" for name in wrong if wrong[name]]
    where = _listed(several)
    each = f"; in all of them {only}" if only else ""
    return f"{'Wrong' if wrong['typical'] else 'Right on ordinary inputs. Breaks'} {where}{each}."


def _although(report: Findings) -> str:
    """Why a report does not conform though every answer to the inputs counted was right, as a sentence goes on."""
    broken = next((each for each in report.laws if each.holds is False), None)
    if report.smallest:
        return "wrong on another one."
    if broken:
        return f"this does not hold: {broken.text}"
    at_random = report.diagnosis is None or report.diagnosis.name == ANOTHER_EACH_TIME
    return "not every time." if at_random else "an answer is not its caller's own."


def _share(name: str, wrong: Mapping[str, int], tried: Mapping[str, int]) -> str:
    return f"{'all' if wrong[name] == tried[name] else f'{wrong[name]} of'} {tried[name]} {_INPUTS[name]}"


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def why(report: Findings) -> str:
    """The name of the mistake, and what that is."""
    found = report.diagnosis
    assert found is not None
    name = f"convention {shown(found.name)}" if found.kind == "convention" else found.name
    return f"{name}: {found.sentence or found.text}"


def counts(report: Findings) -> str:
    """How many inputs of each class were answered rightly, each with a mark."""
    told = [
        f"{_mark(c.accepted == c.tried)} {CLASSES[name]} {c.accepted}/{c.tried}"
        for name, c in report.classes.items()
        if c.tried
    ]
    return _APART.join(told)


def left_out(report: Findings) -> list[Line]:
    """What is declined, what was dropped, and what was not tried."""
    told, reach = list[Line](), report.extent
    if report.declined:
        told.append(Line(f"{', '.join(report.declined)}; the verdict is that of the rest", "declines"))
    if report.undeclared:
        names = ", ".join(map(repr, report.undeclared))
        told.append(Line(f"that is not among what it may decline; if that is meant: declines = [{names}]", ""))
    if dropped := sum(reach.dropped.values()):
        told.append(Line(f"{_many(dropped, 'input')}, on which an honest evaluation may lose everything", "dropped"))
    left = [f"{', '.join(reach.not_defined)}, on which the convention is not defined"] if reach.not_defined else []
    left += [f"{', '.join(reach.left_out)}, which it declines as was said"] if reach.left_out else []
    left += ["the laws, which are those of the formula's defaults"] if report.under and not report.laws else []
    left += [f"other values of {_listed(reach.defaults)}"] if reach.defaults else []
    left += [f"its own parameters {', '.join(reach.own)}, which the formula does not have"] if reach.own else []
    return [*told, *([Line("; ".join(left), "not tried")] if left else [])]


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def evidence(report: Findings) -> str:
    """What stands behind a verdict, in a line."""
    said = [each for each in report.laws if each.holds is not None]
    rejected, missed = report.evidence.mistakes_rejected, report.evidence.mistakes_missed
    told = [
        _many(sum(count.tried for count in report.classes.values()), "input"),
        *([_many(len(said), "law")] if said else []),
    ]
    all_ = len(rejected) + len(missed)
    caught = [f"{len(rejected)} of {_many(all_, 'known mistake')} caught"] if all_ else []
    setting = f"{report.dtype}{', strict' if report.strict else ''}"
    return "; ".join([", ".join(told), *caught, setting, f"seed {report.evidence.seed}"])


# ---- counterexamples


def _example(example: Counterexample, report: Findings, label: str, *, whole: bool) -> Iterator[Line]:
    """A call to be pasted; what came of it, and what is right."""
    call = example.call
    if label == "worst":
        call = _cut(call, "the whole line is in the JSON report")
    elif not whole and len(list(_code(call, WIDTH - _INDENT - _LABEL))) > _MOST_LINES:
        call = f"{call[:_LONGEST_CALL]} … (--verbose shows all of it)"
    yield Line(call, label, style="cyan", is_code=True)
    at = f" in entry {_entry(example.index)}" if example.index else ""
    exact, got = example.exact, example.got
    if example.trouble:
        yield Line(example.trouble, "yours", style="red")
    elif got is not None:
        off = abs(got - exact) if exact is not None and math.isfinite(got) and math.isfinite(exact) else math.nan
        yield Line(
            f"{_number(got, report.dtype)}{at}{'' if math.isnan(off) else f', off by {off:.2g}'}", "yours", style="red"
        )
    if exact is not None:
        yield Line(f"{_number(exact, report.dtype)}{_allowance(example)}", "exact", style="green")
    if example.request is not None and label != "worst":
        request = as_lines([{"id": 1, **example.request}]).splitlines()[1]
        yield Line(_cut(request, "--save-failure FILE writes the whole line"), "request")


def _allowance(example: Counterexample) -> str:
    """How far off an answer may be there, in words."""
    assert example.exact is not None
    if example.expected is None or not math.isfinite(example.exact):
        return ""
    low, high = example.expected
    off = max(example.exact - low, high - example.exact)
    if math.isinf(off):
        return ""
    return f"; up to {off:.2g} off is accepted" if off > 0 else "; nothing else is accepted"


def _number(value: float, dtype: str) -> str:
    """A number in the fewest digits that tell it from others of its format."""
    narrow = FORMATS[dtype].dtype()
    if dtype == "float64" or not math.isfinite(value) or float(np.asarray(value).astype(narrow)) != value:
        return repr(value)
    return str(np.asarray(value).astype(narrow))


def _entry(index: tuple[int | str, ...]) -> str:
    first, *rest = index
    return f"{first}{rest}" if isinstance(first, str) else str(list(index))


def _cut(text: str, where: str) -> str:
    return text if len(text) <= _LONGEST_CALL else f"{text[:_LONGEST_CALL]} … ({where})"


# ---- what else there is to know


def _more(report: Findings, broken: Sequence[Any]) -> Iterator[Line]:
    """The worst case, distances in units in the last place, laws by name, sources, and how far the search went."""
    worst = report.worst
    if worst and (report.smallest is None or _says_more(worst, report.smallest)):
        yield from _example(worst, report, "worst", whole=True)
    if math.isfinite(report.worst_ulps):
        yield Line(f"the largest distance from an exact value is {ulps(report.worst_ulps)} ULP", "ulp")
    for each in broken:
        yield Line(f"{each.name}: {each.text}", "broken", begins="bold")
    held = [each.name for each in report.laws if each.holds]
    yield from [Line(", ".join(held), "laws")] if held else []
    if report.evidence.mistakes_missed:
        yield Line(", ".join(report.evidence.mistakes_missed), "missed")
    if report.diagnosis and report.diagnosis.sentence:
        yield Line(report.diagnosis.text, "source")
    yield from reach(report)
    yield Line(f"{report.seconds:.1f} s", "took")


def reach(report: Findings) -> Iterator[Line]:
    """How far the search went."""
    told = report.extent
    sizes = ", ".join(f"{axis} up to {size}" for axis, size in told.sizes.items())
    yield from [Line(sizes, "sizes")] if sizes else []
    if told.certified is not None:
        text = "compared with exact values: {:,} of the {:,} entries of the largest answer".format(*told.certified)
        yield Line(text, "entries")
    yield from [Line(f"{report.dtype}, {', '.join(told.types)}", "types")] if told.types else []
    yield from [Line(f"plain, {', '.join(told.layouts)}", "layouts")] if told.layouts else []
    for name, values in told.parameters.items():
        yield Line(f"{name}: {', '.join(map(str, values))}", "values")


def ulps(value: float) -> str:
    """A distance in units in the last place, short."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    return f"{value:.2f}" if value < 100 else f"{value:.3g}"


def _says_more(worst: Counterexample, smallest: Counterexample) -> bool:
    return worst.call != smallest.call and not (worst.trouble and worst.trouble == smallest.trouble)


# ---- all of it


def printed(
    reports: Sequence[Findings], not_judged: Sequence[tuple[str, str]] = (), *, verbose: bool = False, left: int = 0
) -> Printed:
    """What there is to say of each function, and last a line for each of them.

    Args:
        reports: The reports.
        not_judged: What could not be judged, and why.
        verbose: Whether to tell all that there is.
        left: How many functions were not looked at.
    """
    blocks = [(heading(each), lines(each, verbose=verbose)) for each in reports]
    return Printed(blocks, summary(reports, not_judged, left))


def summary(
    reports: Sequence[Findings], not_judged: Sequence[tuple[str, str]] = (), left: int = 0
) -> list[list[tuple[str, str]]]:
    """A line for each function, if there are several, and how many conform."""
    rows: list[tuple[str, str, str]] = [(_called(each), each.verdict, _named(each)) for each in reports]
    rows += [(_name(name), "not judged", "") for name, _ in not_judged]
    wide = max((cell_len(name) for name, *_ in rows), default=0)
    told = [
        [
            (f"{_mark(verdict == 'conforms')} ", _STYLE[verdict]),
            (name.ljust(min(wide, 40)) + "  ", ""),
            (verdict.ljust(10) + "  ", _STYLE[verdict]),
            (named, ""),
        ]
        for name, verdict, named in rows
    ]
    conforming = sum(report.conforms for report in reports)
    count = f"{conforming} of {len(rows)} conform."
    if left:
        count += f" {_many(left, 'function')} after that {'was' if left == 1 else 'were'} not looked at."
    several = len(rows) > 1 or bool(not_judged)
    return [*([*told, [("", "")]] if several else []), [(count, "bold")]]


def _called(report: Findings) -> str:
    name = _name(report.target)
    return name if name == report.formula else f"{name} as {report.formula}"


def _named(report: Findings) -> str:
    """What is told of a function in a word or two."""
    if report.diagnosis is None and report.declined:
        return f"declines {', '.join(report.declined)}"
    if report.diagnosis is None:
        return "" if report.conforms else "no known name"
    return report.diagnosis.name if report.diagnosis.kind == "mistake" else f"convention {shown(report.diagnosis.name)}"


def as_text(report: Findings, *, verbose: bool = False) -> str:
    """What there is to say of one function without colours, for a test suite's failure message."""
    console = Console(width=WIDTH, color_system=None, force_terminal=False, file=io.StringIO(), _environ={})
    with console.capture() as captured:
        console.print(details(report, verbose=verbose))
    return captured.get().rstrip("\n")


def as_html(report: Findings) -> str:
    """The same as a notebook shows it."""
    console = Console(width=WIDTH, color_system="truecolor", force_terminal=True, file=io.StringIO(), _environ={})
    made = [_in_html(segment) for segment in console.render(details(report)) if not segment.control]
    return f'<pre style="line-height:normal">{"".join(made).rstrip()}</pre>'


def _in_html(segment: Segment) -> str:
    text, style = html.escape(segment.text), segment.style
    if style is None or not text.strip():
        return text
    rules = ["font-weight:bold"] * bool(style.bold) + ["opacity:0.7"] * bool(style.dim)
    rules += [f"color:{_COLOURS[style.color.name]}"] if style.color else []
    return f'<span style="{";".join(rules)}">{text}</span>' if rules else text


#: Colours that can be read on white and on black.
_COLOURS = {"green": "#2a9d3f", "yellow": "#c08a00", "red": "#e0383e", "magenta": "#b34fc0", "cyan": "#1a90a8"}
