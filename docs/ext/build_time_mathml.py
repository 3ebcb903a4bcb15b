"""Python-Markdown extension: a formula becomes MathML when the site is built, so that no reader's browser needs a script for it.

It takes over from `pymdownx.arithmatex` in its generic mode, which marks the formulas. One that does not parse stops the build.
"""

from __future__ import annotations

import html
import re
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from math_core import LatexError, LatexToMathML

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
DISPLAY = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
AFTER_ARITHMATEX = 5


class MathML(Postprocessor):
    """Replaces the formulas of a finished page."""

    converter = LatexToMathML(annotation=True)

    def run(self, text: str) -> str:
        text = INLINE.sub(lambda found: self.convert(found[1], displaystyle=False), text)
        return DISPLAY.sub(
            lambda found: f'<div class="display">{self.convert(found[1], displaystyle=True)}</div>', text
        )

    def convert(self, escaped: str, *, displaystyle: bool) -> str:
        tex = html.unescape(escaped).strip()
        try:
            mathml = self.converter.convert_with_local_state(tex, displaystyle=displaystyle)
        except LatexError as error:
            raise ValueError(f"this formula does not parse: {tex}\n{error}") from None
        # The TeX is for whoever copies the formula; the search has the formula itself.
        return mathml.replace("<annotation ", "<annotation data-search-exclude ")


class BuildTimeMathML(Extension):
    """Registers the postprocessor behind arithmatex."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.postprocessors.register(MathML(md), "build-time-mathml", AFTER_ARITHMATEX)


def makeExtension(**settings: Any) -> BuildTimeMathML:
    """The name under which Python-Markdown looks for the extension."""
    return BuildTimeMathML(**settings)
