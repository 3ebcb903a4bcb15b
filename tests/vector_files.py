"""The test vectors as the tests read them: each file computed once."""

from __future__ import annotations

import functools
import json
from typing import Any

from refmath.vectors import files


@functools.cache
def content(name: str) -> bytes:
    """A file, as it is written; its version is 0, so that no release changes it."""
    return files.document(name, "0")


@functools.cache
def vectors(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(content(name))
    return read


def cases(name: str, convention: str | None = None, *dtypes: str) -> list[Any]:
    """The cases of a formula under a convention, in some formats (in all that NumPy has)."""
    wanted = dtypes or ("float64", "float32", "float16")
    return [each for each in vectors(name)["cases"] if each["convention"] == convention and each["dtype"] in wanted]


def with_value(found: list[Any]) -> list[Any]:
    """Those in which something is computed: a program must not be refused only for what it does not refuse itself."""
    return [each for each in found if each["class"] not in ("reject", "special")]
