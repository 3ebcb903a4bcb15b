"""Command lines, split into words and put together again as the system does it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence

#: In a line for Windows: backslashes before a quotation mark, two quotation marks, blanks, anything else.
_PIECE = re.compile(r'(?P<slashes>\\*)(?P<mark>"{1,2})|(?P<blank>[ \t]+)|(?P<rest>\\+|[^\\" \t]+)')


def split(line: str, windows: bool = sys.platform == "win32") -> list[str]:
    r"""The words of a command line.

    Args:
        line: As it would be typed.
        windows: Whether by the rules of Windows, where a backslash is one unless it stands before a quotation mark.

    Raises:
        ValueError: If a quotation does not end, where that is an error.

    Examples:
        >>> split(r'"C:\My programs\adapter.exe" --name "a \"b\""', windows=True)
        ['C:\\My programs\\adapter.exe', '--name', 'a "b"']
        >>> split(r"'my programs/adapter' --name a\ b", windows=False)
        ['my programs/adapter', '--name', 'a b']
    """
    if not windows:
        return shlex.split(line)
    words: list[str] = []
    begun = quoted = False
    for piece in _PIECE.finditer(line):
        slashes, marks = piece["slashes"] or "", piece["mark"] or ""
        if piece["blank"] and not quoted:
            begun = False
            continue
        if not begun:
            words.append("")
            begun = True
        words[-1] += piece["rest"] or piece["blank"] or "\\" * (len(slashes) // 2)
        if len(slashes) % 2:  # the first mark is meant as it stands
            words[-1] += '"'
            marks = marks[1:]
        if len(marks) == 2 and quoted:  # so are two in a quotation
            words[-1] += '"'
        elif len(marks) == 1:
            quoted = not quoted
    return words


def joined(words: Sequence[str], windows: bool = sys.platform == "win32") -> str:
    r"""The command line of some words, to be typed or pasted.

    Args:
        words: What `split` gives back.
        windows: Whether by the rules of Windows.

    Examples:
        >>> joined(["C:\\My programs\\adapter.exe", "it's"], windows=True)
        '"C:\\My programs\\adapter.exe" it\'s'
        >>> joined(["my programs/adapter", "it"], windows=False)
        "'my programs/adapter' it"
    """
    return subprocess.list2cmdline(words) if windows else shlex.join(words)
