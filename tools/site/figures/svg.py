"""Drawings as inline SVG: colours are left to the page's style sheet, so that a drawing suits a light page and a dark one."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from matplotlib import style
from matplotlib.figure import Figure

Draw = Callable[[Figure], None]

#: Matplotlib wants colours; these stand for what docs/stylesheets/figures.css, or the page itself, says.
INK, GRID, PAPER = "#010101", "#010102", "#010103"
SERIES = ONE, TWO, THREE, FOUR = "#010111", "#010112", "#010113", "#010114"
COLOURS = {INK: "currentColor", GRID: "var(--refmath-grid)", PAPER: "var(--md-default-bg-color)"} | {
    colour: f"var(--refmath-{number})" for number, colour in enumerate(SERIES, 1)
}
#: A series is told by its dashes too, never by its colour alone.
DASHES: tuple[Any, ...] = ("-", (0, (6, 2.5)), (0, (6, 2, 1.5, 2)), (0, (1.5, 1.8)))
#: Inches; the width is that of the narrowest page, where 11 points are then about as many pixels.
WIDTH, HEIGHT = 5.0, 3.3

STYLE = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "legend.fontsize": 10.5,
    "legend.facecolor": PAPER,
    "legend.edgecolor": "none",
    "legend.framealpha": 1,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "lines.linewidth": 2,
    "patch.edgecolor": INK,
    "axes.unicode_minus": True,
}
_SVG = "{http://www.w3.org/2000/svg}"
# A bare `href` in SVG would be taken for a link by Material's instant navigation, which stumbles over it.
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def picture(key: str, title: str, description: str, draw: Draw, height: float = HEIGHT) -> str:
    """What is drawn on an empty figure, as one line of SVG with a title and a description.

    Args:
        key: A name that no other drawing of the site has: all ids begin with it.
        title: What it is, in a few words.
        description: What is seen, for those who do not see it.
        draw: Draws on the figure it is given.
        height: The height in inches.
    """
    with style.context(["default", STYLE, {"svg.hashsalt": key}]):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", file.getvalue(), flags=re.DOTALL))
    _for_a_page(root, key)
    _name(root, key, title, description)
    # Matplotlib writes lines of paths; a blank one would end the block of HTML.
    return " ".join(_coloured(ET.tostring(root, encoding="unicode")).split())


def _for_a_page(root: ET.Element, key: str) -> None:
    """Takes out what belongs to a file of its own, and what would meet its like from another drawing."""
    for child in list(root):
        if child.tag == f"{_SVG}metadata" or child.find(f"{_SVG}style") is not None:
            root.remove(child)
    used = set(re.findall(r"#([\w-]+)", " ".join(v for each in root.iter() for v in each.attrib.values())))
    for each in root.iter():
        each.tag = each.tag.removeprefix(_SVG)
        each.text = each.text if each.tag == "text" else None
        each.tail = None
        each.attrib = {
            name: _attribute(name, value, key) for name, value in each.attrib.items() if _needed(name, value, used)
        }
    for each in root.iter("g"):
        _say_once(each)


def _needed(name: str, value: str, used: set[str]) -> bool:
    """An id is needed only where something refers to it, and a turn only where it turns."""
    return value in used if name == "id" else not value.startswith("rotate(-0 ")


def _say_once(group: ET.Element) -> None:
    """The look that all marks of a group have is given to the group."""
    looks = {mark.get("style", "") for mark in group}
    if len(group) > 1 and len(looks) == 1 and all(mark.tag == "use" for mark in group):
        group.set("style", looks.pop())
        for mark in group:
            del mark.attrib["style"]


def _attribute(name: str, value: str, key: str) -> str:
    """The value with ids that are this drawing's own, with fewer digits, and in the page's own font."""
    if name == "id":
        return f"{key}-{value}"
    if name == "style":
        value = re.sub(
            r"font-family: [^;]*(; |$)", "", re.sub(r"font: ([\d.]+px) ", r"font-size: \1; font-family: ", value)
        )
    if name in ("d", "x", "y", "transform", "width", "height", "viewBox"):
        value = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), value)
    return re.sub(r"#(?!0101)(?=[a-zA-Z]\w*)", f"#{key}-", value) if "#" in value else value


def _name(root: ET.Element, key: str, title: str, description: str) -> None:
    """Makes it an image with a name."""
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    ids = [f"{key}-title", f"{key}-description"]
    root.attrib |= {"role": "img", "aria-labelledby": " ".join(ids), "data-search-exclude": ""}
    for place, (tag, id_, text) in enumerate(zip(("title", "desc"), ids, (title, description), strict=True)):
        element = ET.Element(tag, {"id": id_})
        element.text = text
        root.insert(place, element)


def _coloured(svg: str) -> str:
    for placeholder, colour in COLOURS.items():
        svg = svg.replace(placeholder, colour)
    return svg
