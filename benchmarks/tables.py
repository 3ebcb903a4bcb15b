"""What every comparison returns: a table of measured rows, plain enough for JSON."""

from __future__ import annotations

from typing import Any

from benchmarks.timing import Row

#: A column's key in the rows, its heading, and how the page shows it: `text`, `seconds`, `span`, `ratio`, `share` or `number`.
Column = tuple[str, str, str]
Table = dict[str, Any]


def table(name: str, title: str, text: str, columns: list[Column], rows: list[Row], **more: Any) -> Table:
    """A table; `more` is what figures need beside it."""
    return {"name": name, "title": title, "text": text, "columns": [list(c) for c in columns], "rows": rows, **more}


def row(what: str, seconds: Row | None = None, **more: Any) -> Row:
    """A measured row."""
    return {"what": what, **({"seconds": seconds} if seconds else {}), **more}


def missing(what: str, library: str) -> Row:
    """A row that could not be measured."""
    return {"what": what, "missing": f"{library} is not installed"}


def against(rows: list[Row], base: str) -> list[Row]:
    """The rows with the ratio of each median to that of one of them."""
    of_base = next(each["seconds"]["median"] for each in rows if each["what"] == base)
    for each in rows:
        if "seconds" in each:
            each["ratio"] = each["seconds"]["median"] / of_base
    return rows
