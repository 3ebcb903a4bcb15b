"""The answer of `check_gradient` in one of three words."""

from __future__ import annotations

from typing import Any


def verdict(found: Any) -> str:
    """Either "right", "wrong" or "cannot be told"."""
    if hasattr(found, "verdict"):
        return str(found.verdict)
    if found.ok:
        return "right"
    return "wrong" if found.wrong or found.contradicted else "cannot be told"
