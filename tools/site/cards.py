"""The card of each page, which is shown where somebody links to it: the mark, the title and what kind of page it is."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tools.maths_font import FOLDER, FONTS

SIZE = 1200, 630
PAPER, INK, MARK, SOFT = "#faf8f3", "#17212b", "#c14a00", "#5f6a72"
#: What a page is, by the folder that it is in.
KINDS = {"learn": "a lesson", "check": "check my code", "reference": "a formula, and all that is known of it"}


def cards(docs: Path) -> dict[str, bytes]:
    """A PNG for each page, by the page's address with hyphens for strokes: `learn-descent-`, and `index-` for the first."""
    sources = [
        path for path in sorted(docs.rglob("*.md")) if path.relative_to(docs).parts[0] not in ("_generated", "ext")
    ]
    named = {path.relative_to(docs).with_suffix("").as_posix(): path for path in sources}
    return {
        f"{name.removesuffix('/index').replace('/', '-')}-": card(
            _title(path), KINDS.get(name.partition("/")[0] if "/" in name else "", "an oracle for formulas")
        )
        for name, path in named.items()
    }


def card(title: str, kind: str) -> bytes:
    """The picture of a page with this title."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    for left, right, stem in ((100, 140, 100), (184, 224, 210)):
        draw.rectangle((stem, 90, stem + 14, 210), INK)
        draw.rectangle((left, 90, right, 104), INK)
        draw.rectangle((left, 196, right, 210), INK)
    draw.ellipse((146, 132, 182, 168), MARK)
    draw.text((252, 150), "refmath", INK, _font("STIX Two Text", 64, 600), anchor="lm")
    size = 92 if len(title) < 40 else 72
    lines = _lines(draw, title, _font("STIX Two Text", size, 500))
    for place, line in enumerate(lines):
        draw.text((100, 290 + place * size * 1.12), line, INK, _font("STIX Two Text", size, 500))
    draw.text((100, 560), kind, SOFT, _font("Source Sans 3", 34, 400), anchor="lm")
    out = io.BytesIO()
    image.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()


def _title(path: Path) -> str:
    """The title of a page: that of its head, or its first heading. What is generated has none before."""
    text = path.read_text("utf-8")
    found = re.search(r'^title: "?(.+?)"?$', text, re.MULTILINE) or re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else "Errata of the chapter" if path.stem == "errata" else path.stem.capitalize()


def _lines(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font) <= SIZE[0] - 200:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(family: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    """A font of the site, or where it could not be fetched one that comes with matplotlib."""
    file = next(FOLDER / each.folder / each.file for each in FONTS if each.family == family)
    if not file.exists():
        from matplotlib import get_data_path

        return ImageFont.truetype(str(Path(get_data_path(), "fonts", "ttf", "DejaVuSerif.ttf")), size)
    font = ImageFont.truetype(str(file), size)
    font.set_variation_by_axes([weight])
    return font
