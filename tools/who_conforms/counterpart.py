"""A function of a library, and the page it is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from refmath.oracle.candidates.arrays import Library

ALL = ("float64", "float32", "float16", "bfloat16")
WIDE = ("float64", "float32")
#: Without bfloat16, which NumPy does not know.
NUMPY = ("float64", "float32", "float16")


@dataclass(frozen=True)
class Counterpart:
    """A function of a library that computes what a page says.

    Attributes:
        library: The library's name.
        function: What is called, as one would write it.
        formula: The page it is held against …
        call: … and how it is called with that page's inputs.
        dtypes: The number formats it has.
        convention: The convention that its documentation follows, if it is not the page's default.
        array: Whose arrays it takes.
        x64: Whether JAX may compute in 64 bits.
    """

    library: str
    function: str
    formula: str
    call: Callable[..., Any]
    dtypes: tuple[str, ...] = ALL
    convention: str | None = None
    array: Library = "numpy"
    x64: bool = True
