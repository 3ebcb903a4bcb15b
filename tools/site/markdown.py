"""Markdown: tables and foldable sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import indent


def cell(text: str) -> str:
    """A text that can stand in a table's cell; code between backticks stays as it is."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    escaped = [
        part if place % 2 else re.sub(r"([$*_])", r"\\\1", part).replace("<", "&lt;")
        for place, part in enumerate(parts)
    ]
    return "".join(escaped).replace("|", r"\|")


def prose(text: str) -> str:
    """A text in which only mathematics between dollars and code between backticks are marked."""
    parts = re.split(r"(\$[^$]+\$|`[^`]+`)", text)
    return "".join(
        part if place % 2 else re.sub(r"([\\*_])", r"\\\1", part).replace("<", "&lt;")
        for place, part in enumerate(parts)
    )


def name(identifier: str) -> str:
    """A name as code that may be broken at its underscores, where a column is narrow."""
    return f"<code>{identifier.replace('_', '_<wbr>')}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def details(title: str, body: str) -> str:
    """A section that the reader unfolds."""
    return f'??? note "{title}"\n\n{indent(body, "    ")}'


def wrapped(kind: str, body: str) -> str:
    """A part of its own, which the stylesheets know by its kind."""
    return f'<div class="{kind}" markdown>\n\n{body}\n\n</div>'


def code(text: str, language: str = "text") -> str:
    """A block of code, or of what was printed."""
    return f"```{language}\n{text.rstrip()}\n```"
