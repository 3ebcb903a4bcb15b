"""The first words of every table of inputs: a way of making them, and why it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from refmath.balls.formats import Format
from refmath.spec import Formula
from refmath.vectors.stream import Stream

Inputs = dict[str, Any]
Class = Literal["typical", "edge", "extreme"]


@dataclass(frozen=True)
class Way:
    """One reason to try a formula, and how to make inputs for it.

    Attributes:
        class_: Whether any honest algorithm is accurate there (typical), or the shape or the values are special.
        name: The reason, as it stands in the files.
        text: The reason in a sentence.
        count: How many inputs of it belong to every file.
        draw: Makes the inputs of a formula: from a stream, in a format, the first, second … of their kind.
        formats: The formats in which it is tried.
        is_a_shape: Whether only its shape is special, which is the same matter under every convention.
    """

    class_: Class
    name: str
    text: str
    count: int
    draw: Callable[[Formula, Stream, Format, int], Inputs]
    formats: tuple[str, ...]
    is_a_shape: bool = False
