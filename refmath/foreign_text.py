"""Text that others wrote, made harmless for a terminal: what would move the cursor, change colours or turn the direction of reading is shown as an escape."""

from __future__ import annotations

import re

#: Control characters but the tab and the end of a line, DEL, C1, the marks of direction, other ends of lines, the byte order mark, and halves of surrogate pairs.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def harmless(text: str, longest: int | None = None, *, lines: bool = True) -> str:
    r"""Text without anything that a terminal obeys.

    Args:
        text: What somebody else wrote.
        longest: Cut after so many characters.
        lines: Whether the ends of lines stay.

    Examples:
        >>> print(harmless("\x1b[2J conforms"))
        \x1b[2J conforms
    """
    if longest is not None and len(text) > longest:
        text = text[: max(0, longest - 3)] + "..."
    text = _HARMFUL.sub(_escape, text)
    return text if lines else " ".join(text.split("\n"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
