"""The first strokes of every drawing: branches of a class of inputs, arrays filled with numbers, floats of a format."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from refmath.balls.formats import Format

Class = Literal["typical", "edge", "extreme"]
CLASSES: tuple[Class, ...] = get_args(Class)

Layout = Literal["single", "batch", "any", "wide", "tall"]

Inputs = dict[str, Any]
Draw = Callable[[DrawFn, tuple[int, ...], Format], Any]


@dataclass(frozen=True)
class Branch:
    """A part of a class of inputs that is searched by itself, so that no draw of the dice leaves it out.

    Attributes:
        class_: The class.
        way: How the values of the first argument are drawn.
        layout: `single` for one sample, `batch` for several, `any` for arrays of any shape; `wide` and `tall` for shapes
            larger than any small special case, longer than a vector register and than a usual batch.
        share: Its share of the examples, relative to the other branches.
    """

    class_: Class
    way: str
    layout: Layout
    share: float = 1.0


def filled(draw: DrawFn, elements: SearchStrategy[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    size = math.prod(shape)
    return np.array(draw(st.lists(elements, min_size=size, max_size=size)), dtype).reshape(shape)


def floats(low: float, high: float, format_: Format) -> SearchStrategy[float]:
    """Floats of the format in a range, without subnormal numbers; bfloat16 is drawn as float32 and rounded."""
    width: Literal[16, 32, 64] = {"float64": 64, "float32": 32, "float16": 16}.get(format_.name, 32)  # type: ignore[assignment]
    low, high = (float(np.dtype(f"f{width // 8}").type(end)) for end in (low, high))
    return st.floats(low, high, width=width, allow_subnormal=False)
