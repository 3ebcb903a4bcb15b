"""Standard streams that are closed, or that know but a few characters."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import unicodedata

#: What some signs are in characters that every terminal has.
SIGNS = {
    "✓": "+",
    "✗": "x",
    "−": "-",
    "–": "-",
    "—": "--",
    "…": "...",
    "×": "*",
    "·": "*",
    "±": "+-",
    "∓": "-+",
    "√": "sqrt",
    "∞": "inf",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "←": "<-",
    "∂": "d",
    "′": "'",
    "⌊": "floor(",
    "⌋": ")",
    "⟨": "<",
    "⟩": ">",
    "∎": "QED",
    "\u0302": "_hat",
    "λ": "lambda",
    "Λ": "Lambda",
}
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) (?:FINAL )?LETTER (\w+)")
#: Small and raised, or lowered: how that begins in one line.
_SET = {"<super>": "^", "<sub>": "_"}


def in_ascii(text: str) -> str:
    r"""Mathematics in characters that every terminal has; what has no such form is shown as an escape.

    Examples:
        >>> print(in_ascii("−∞ ≤ σ(x)⁻¹², Δ ½"))
        -inf <= sigma(x)^-12, Delta 1/2
        >>> print(in_ascii("㎝ 雪"))
        cm \u96ea
    """
    plain, last = [], ""
    for character in text:
        kind = unicodedata.decomposition(character).partition(" ")[0]
        mark = _SET.get(kind, "")
        plain.append(("" if mark == last else mark) + _plain(character))
        last = mark
    return "".join(plain)


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    if greek := _GREEK.fullmatch(unicodedata.name(character, "")):
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].title()
    parts = unicodedata.normalize("NFKD", character).replace("\u2044", "/").replace("−", "-")
    plain = "".join(each for each in parts if not unicodedata.combining(each))
    return plain if plain.isascii() and plain else ascii(character)[1:-1]


def _encoded(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end


#: How a stream is told to write in ASCII what it has no other characters for.
ERRORS = "refmath.in_ascii"
codecs.register_error(ERRORS, _encoded)


def occupy_what_is_closed() -> None:
    """Opens standard streams that are closed, onto nothing: else the next file would take the place of one, and get what is meant for it."""
    with contextlib.suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
