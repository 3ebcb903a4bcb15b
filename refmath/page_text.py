"""A page as it is read in a terminal, printed from the records."""

from __future__ import annotations

import inspect
from typing import Any

import sympy as sp
from rich import box
from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from refmath.conventions import described
from refmath.oracle.diagnosing.made import made
from refmath.spec import Formula, argument_names, shown

#: A definition is drawn up to so many characters wide; a wider one would be broken into pieces by the terminal.
_WIDEST = 100
#: What a display may end with, in place of a sign of equality.
SIGNS = (r"\approx", r"\leftarrow")


def page_text(formula: Formula, encoding: str = "utf-8") -> RenderableType:
    """Display, code, laws, conventions and mistakes of a formula; drawn with the characters that an encoding has."""
    parts: list[RenderableType] = [
        Text(f"{formula.name}{_signature(formula)}", "bold"),
        Text(_summary(formula)),
        Text(),
        Text("Definition", "bold"),
        *_drawn(formula, encoding),
        Text(f"TeX: {_left_side(formula)} {sp.latex(formula.definition)}"),
        *(Text(f"TeX, entry {part.key}: {sp.latex(part.definition)}") for part in formula.parts[1:]),
        *([Text(f"Reference: {formula.reference}")] if formula.reference else []),
        *([Text(f"The derivative of {formula.derivative_of} by its first argument.")] if formula.derivative_of else []),
    ]
    if formula.has_program:
        parts += [Text(), Text("Program", "bold"), Syntax(_code(formula), "python", background_color="default")]
    if formula.options is not None:
        options = [
            (f"{name}={value!r}", formula.options.texts[name]) for name, value in formula.options.defaults.items()
        ]
        parts.append(_table("Options", options))
    if formula.laws:
        laws = [(each.name, ("defining: " if each.defining else "") + each.text) for each in formula.laws]
        parts.append(_table("Laws", laws))
    if formula.conventions:
        parts.append(
            _table(
                "Conventions",
                [(shown(each.name), f"{described(each)} [{each.source}]") for each in formula.conventions],
            )
        )
    if formula.mistakes:
        mistakes = [(each.name, f"{each.text} Caught by {each.caught_by}.") for each in formula.mistakes]
        parts.append(_table("Common mistakes", mistakes))
    if made(formula):
        parts.append(_table("Mistakes with the definition", [(each.name, each.text) for each in made(formula)]))
    return Group(*parts)


def _drawn(formula: Formula, encoding: str) -> list[Text]:
    """The definition drawn with characters, unless it is wider than a page."""
    drawn = sp.pretty(formula.definition, use_unicode=True, wrap_line=False)
    try:
        drawn.encode(encoding)
    except UnicodeError:
        drawn = sp.pretty(formula.definition, use_unicode=False, wrap_line=False)
    wide = max(map(len, drawn.splitlines())) > _WIDEST
    return [] if wide else [Text(drawn), Text()]


def _left_side(formula: Formula) -> str:
    """What is defined, with its sign of equality."""
    return formula.display if formula.display.endswith(SIGNS) else f"{formula.display} ="


def _signature(formula: Formula) -> str:
    if not formula.has_program:
        given = ", ".join(argument_names(formula))
        return f"({given}{''.join(f', {name}={value!r}' for name, value in formula.parameters.items())})"
    parameters = inspect.signature(formula.program).parameters.values()
    shown = [each.name if each.default is each.empty else f"{each.name}={each.default!r}" for each in parameters]
    first_keyword = next((place for place, each in enumerate(parameters) if each.kind is each.KEYWORD_ONLY), None)
    if first_keyword is not None:
        shown.insert(first_keyword, "*")
    return f"({', '.join(shown)})"


def _summary(formula: Formula) -> str:
    return "" if not formula.has_program else (inspect.getdoc(formula.program) or "").partition("\n\n")[0]


def _code(formula: Formula) -> str:
    """The sources of the program, and of the functions beside it that it calls, without their docstrings."""
    if not formula.has_program:
        return ""
    return "\n\n".join(map(source, [formula.program, *called_by(formula.program)]))


def called_by(program: Any) -> list[Any]:
    """The functions of a program's own module that it calls, and those that these call."""
    known = [program]
    for each in known:
        named = [each.__globals__.get(name) for name in each.__code__.co_names]
        known += [f for f in named if inspect.isfunction(f) and f.__module__ == program.__module__ and f not in known]
    return known[1:]


def source(program: Any) -> str:
    text = inspect.cleandoc("\n" + inspect.getsource(program))
    head, quotes, rest = text.partition('"""')
    if not quotes:
        return text
    return head.removesuffix("r").rstrip() + rest.partition('"""')[2]


def _table(title: str, rows: list[tuple[str, str]]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE, show_header=False, pad_edge=False
    )
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, Text(text))
    return table
