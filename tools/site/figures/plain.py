"""Drawings that are written as SVG, without Matplotlib: pixels, and what a script moves."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from refmath.arguments import Array

#: Shades of grey, as much of them as the eye tells apart in a small picture.
SHADES = (0.3, 0.6, 1.0)


def drawing(key: str, title: str, description: str, size: tuple[float, float], body: str) -> str:
    """An image of so many units across and down, with a title and a description."""
    width, height = (f"{each:g}" for each in size)
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-title {key}-description" data-search-exclude="">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-description">{escape(description)}</desc>{body}</svg>'
    )


def pixels(image: Array, left: float, top: float) -> str:
    """A picture of numbers from 0 to 1, one unit a pixel, in the colour of the page's ink."""
    level = np.digitize(image, (0.15, 0.45, 0.75))
    return "".join(
        f'<path fill="currentColor" fill-opacity="{shade:g}" d="{_runs(level == place, left, top)}"/>'
        for place, shade in enumerate(SHADES, 1)
    )


def _runs(inked: Array, left: float, top: float) -> str:
    """A rectangle for each run of neighbours in a row."""
    return "".join(
        f"M{left + first:g} {top + row:g}h{last - first}v1h{first - last}z"
        for row, line in enumerate(inked)
        for first, last in _between(line)
    )


def _between(line: Array) -> Iterable[tuple[int, int]]:
    """Where runs begin, and where they have ended."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(int)))
    return zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)


def words(x: float, y: float, text: str, *, size: float = 11, anchor: str = "middle") -> str:
    """A line of text."""
    return f'<text x="{x:g}" y="{y:g}" fill="currentColor" text-anchor="{anchor}" style="font-size: {size:g}px">{escape(text)}</text>'
