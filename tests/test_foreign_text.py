"""Whatever others write is shown, and nothing of it is obeyed."""

from __future__ import annotations

import io
import unicodedata

import pytest
from rich.console import Console

from refmath.foreign_text import harmless
from refmath.oracle.reporting.text import Line, Printed

CONTROLS = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) in ("Cc", "Zl", "Zp", "Cs")]
DIRECTIONS = [chr(code) for code in range(0x10000) if unicodedata.bidirectional(chr(code)) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}]  # fmt: skip


@pytest.mark.parametrize("each", [*CONTROLS[:66], *CONTROLS[66::500], *DIRECTIONS, "\u200e", "\u200f", "\u061c", "\ufeff"], ids=ascii)  # fmt: skip
def test_a_harmful_character_is_shown_as_an_escape(each: str) -> None:
    """All control characters but the tab and the end of a line, and all marks of direction."""
    told = harmless(f"a{each}b")
    if each in "\t\n":
        assert told == f"a{each}b"
    else:
        assert told in (f"a\\x{ord(each):02x}b", f"a\\u{ord(each):04x}b")


def test_other_text_stays_as_it_is() -> None:
    """Letters of any language, signs, emoji."""
    for text in ("", "∂L/∂w ≤ ε", "损失函数", "שלום", "e\u0301", "👩‍🔬"):
        assert harmless(text) == text


def test_it_is_cut_and_put_in_one_line() -> None:
    """Where a length or a line is asked for."""
    assert harmless("x" * 100, 10) == "xxxxxxx..."
    assert harmless("a\nb", lines=False) == "a b"


def test_styles_are_refmaths_own() -> None:
    """The escapes of a style are written, those of the text are shown, and markup is no style."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=100)
    console.print(Printed([([("a.py:\x9bf ", "red")], [Line("\x1b[2J[bold]x[/]", style="red")])]))
    assert out.getvalue() == "\x1b[31ma.py:\\x9bf\x1b[0m\n  \x1b[31m\\x1b[2J[bold]x[/]\x1b[0m\n\n"
