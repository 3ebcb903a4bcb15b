"""The answer of `check_gradient` in one of three words."""

from __future__ import annotations

from typing import Any


def verdict(found: Any) -> str:
    """Either "right", "wrong" or "cannot be told": of a gradient that is right in the entries that can be seen, and has others, the whole is not told."""
    return "cannot be told" if found.verdict == "right" and found.unseen else str(found.verdict)
