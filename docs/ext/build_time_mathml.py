"""Python-Markdown extension: a formula becomes MathML when the site is built, so that no reader's browser needs a script for it.

It takes over from `pymdownx.arithmatex` in its generic mode, which marks the formulas. One that does not parse stops the build.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from math_core import LatexError, LatexToMathML

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
DISPLAY = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
AFTER_ARITHMATEX = 5

SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"}
#: Signs that a font has raised already.
PRIMES = "′″‴⁗"
OPENING, CLOSING = re.compile(r"(?<!\\){"), re.compile(r"(?<!\\)}")
#: A name for a letter that HTML has and XML has not.
OF_HTML = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;)\w+;")


def legible(mathml: str) -> str:
    """A formula in which nothing is smaller than an index, and a prime is as large as it should be.

    An index of an index is set as large as an index, for what is smaller cannot be read. A prime that is raised again, as a script, needs a font with the
    feature `ssty`, which few readers have; beside its letter it is right in every font.
    """
    root = ET.fromstring(OF_HTML.sub(lambda entity: html.unescape(entity[0]), mathml))
    _lower_primes(root)
    _keep_size(root, normal=root.get("display") == "block", level=0)
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)


def beside(tex: str) -> list[str]:
    r"""The formulas that stand side by side in a display, with `\qquad` between them; where it is narrow, they stand one below the other."""
    parts = tex.split(r"\qquad")
    whole = all(
        len(OPENING.findall(part)) == len(CLOSING.findall(part)) and part.count(r"\begin") == part.count(r"\end")
        for part in parts
    )
    return parts if whole else [tex]


def _lower_primes(element: ET.Element) -> None:
    for child in element:
        _lower_primes(child)
    if element.tag not in ("msup", "msubsup") or element[-1].tag != "mo" or (element[-1].text or "x") not in PRIMES:
        return
    prime = element[-1]
    prime.attrib |= {"lspace": "0", "rspace": "0"}
    element.remove(prime)
    letter = element[0]
    if len(element) == 2:
        letter = ET.Element("msub")
        letter.extend(list(element))
    element.tag = "mrow"
    element[:] = [letter, prime]


def _keep_size(element: ET.Element, *, normal: bool, level: int) -> None:
    """Goes down with what MathML Core says of the style and of the level of scripts, and stops at the first level."""
    if element.get("displaystyle"):
        normal = element.get("displaystyle") == "true"
    for place, child in enumerate(element):
        style, deeper = normal, 0
        if element.tag == "mfrac":
            style, deeper = False, 0 if normal else 1
        elif element.tag in SCRIPTS and place:
            style, deeper = False, 1
        elif element.tag == "mroot" and place:
            style, deeper = False, 2
        elif element.tag == "mtable":
            style = False
        if level + deeper > 1:
            child.set("scriptlevel", "1")
        _keep_size(child, normal=style, level=min(level + deeper, 1))


class MathML(Postprocessor):
    """Replaces the formulas of a finished page."""

    converter = LatexToMathML(annotation=True)

    def run(self, text: str) -> str:
        text = INLINE.sub(lambda found: self.convert(found[1], displaystyle=False), text)
        return DISPLAY.sub(
            lambda found: f'<div class="display">{"".join(map(self.display, beside(found[1])))}</div>', text
        )

    def display(self, escaped: str) -> str:
        return self.convert(escaped, displaystyle=True)

    def convert(self, escaped: str, *, displaystyle: bool) -> str:
        tex = html.unescape(escaped).strip()
        try:
            mathml = self.converter.convert_with_local_state(tex, displaystyle=displaystyle)
        except LatexError as error:
            raise ValueError(f"this formula does not parse: {tex}\n{error}") from None
        mathml = legible(mathml)
        # The TeX is for whoever copies the formula; the search has the formula itself.
        return mathml.replace("<annotation ", "<annotation data-search-exclude ")


class BuildTimeMathML(Extension):
    """Registers the postprocessor behind arithmatex."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.postprocessors.register(MathML(md), "build-time-mathml", AFTER_ARITHMATEX)


def makeExtension(**settings: Any) -> BuildTimeMathML:
    """The name under which Python-Markdown looks for the extension."""
    return BuildTimeMathML(**settings)
