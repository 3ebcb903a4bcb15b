"""The same numbers represented otherwise: in every memory layout, and in every number type that holds them."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.balls.formats import FORMATS
from refmath.kinds.draws import Draws
from refmath.kinds.kind import Kind, holds
from refmath.oracle.candidates.arrays import LAYOUTS, Handed, Layout, layout_at
from refmath.oracle.searching.probe import Drawing, Probe
from refmath.oracle.searching.sizes import Sizes
from refmath.spec import Formula, Input
from refmath.symbols import free_symbols

#: The layouts that the arrays of a library can have, apart from the plain one.
_LAYOUTS: dict[Handed, tuple[Layout, ...]] = {
    "numpy": tuple(each for each in LAYOUTS if each != "plain"),
    "torch": ("by columns", "sliced", "strided", "strided by rows", "mixed"),
}
#: The number types that the arrays of a library can have.
_TYPES: dict[Handed, tuple[str, ...] | None] = {"numpy": None, "json": (), "jax": ("bool", "uint8", "int32")}
_TORCH = ("bool", "uint8", "int8", "int16", "int32", "int64", "float32")
#: So many inputs in each number type, and in each layout: from four on, one that is always refused counts as declined.
OF_EACH_TYPE, _OF_EACH_LAYOUT = 4, 6


@dataclass(frozen=True)
class Representations:
    """Inputs in other memory layouts and number types.

    Attributes:
        drawing: What draws the arguments.
        sizes: The sizes at which the formula is tried.
        array: Whose arrays the arguments become.
        floating: Arguments that never come in another number type.
    """

    drawing: Drawing
    sizes: Sizes
    array: Handed = "numpy"
    floating: tuple[str, ...] = ()

    def in_other_layouts(self, small: list[Probe]) -> Iterator[Probe]:
        """Small inputs, some in each layout in which their arrays lie otherwise in memory."""
        layouts = _LAYOUTS.get(self.array, ())
        for place, layout in enumerate(layouts):
            fit = [probe for probe in small if _are_changed(layout, probe.inputs)]
            for probe in spread(fit[place % max(1, len(fit)) :], _OF_EACH_LAYOUT):
                yield replace(probe, class_="edge", layout=layout, origin=probe)

    def in_other_types(self) -> Iterator[Probe]:
        """Inputs that a number type holds, in that type: all arguments that may have it, then only the last of them."""
        known = self._may_be_typed()
        # Compiled anew for each type, a candidate is asked for one shape only; of no axes there are few different arrays.
        shapes = self.sizes.small("edge" if "..." in self.drawing.axes() else "typical")[
            : 1 if self.sizes.compiling else None
        ]
        for dtype in self._other_types():
            # Where targets and labels both may have the type, each of them has its turn.
            encodings = max(sum(dtype in kind.types for kind in kinds) for kinds in known.values())
            encodings = 1 if self.sizes.compiling else encodings
            # Whole numbers of the usual type come as all arguments, as the last one, and as the first one.
            turns = (3 if dtype == "int64" else 2) * OF_EACH_TYPE
            for encoding, place in itertools.product(range(encodings), range(turns)):
                sizes, single = shapes[place % len(shapes)]
                if place % OF_EACH_TYPE == 2 and not self.sizes.compiling:
                    # Where an index runs over more than a small type can count.
                    sizes = {axis: 90 if axis == "N" else size for axis, size in sizes.items()}
                    single = False
                probe = self._typed(dtype, sizes, single, place, encoding)
                if probe is not None:
                    yield probe

    def _other_types(self) -> list[str]:
        """The number types besides the format in which some argument may come, and which the arrays of the library can have."""
        kinds = itertools.chain.from_iterable(self._may_be_typed().values())
        allowed = _TORCH if self.array == "torch" else _TYPES.get(self.array)
        names = dict.fromkeys(dtype for kind in kinds for dtype in kind.types)
        return [each for each in names if (allowed is None or each in allowed) and not self._is_the_format(each)]

    def in_types_of_arrays_by_name(self) -> Iterator[Probe]:
        """Of a version: what comes by name in other number types, so often that it may be declined, and some others, each version in another."""
        own = [each for each in self.drawing.formula.inputs if each.by_name] if self.array == "numpy" else []
        shapes = self.sizes.small("typical")
        for dtype in dict.fromkeys(dtype for each in own for kind in self.drawing.kinds(each) for dtype in kind.types):
            for place in range(0 if self._is_the_format(dtype) else OF_EACH_TYPE):
                probe = self._typed(dtype, *shapes[place % len(shapes)], OF_EACH_TYPE + place, 0, own)
                if probe is not None:
                    yield probe
        if not self.sizes.compiling:
            yield from self.of_some_types(Draws(self.drawing.seed, self.drawing.name, "types").below(1 << 10), 1)

    def _may_be_typed(self) -> dict[str, tuple[Kind, ...]]:
        """The kinds of the arguments that may come in other number types."""
        known = (each for each in self.drawing.formula.inputs if not each.arrays and each.name not in self.floating)
        # A number of NumPy's is nothing that other libraries have.
        return {each.name: self.drawing.kinds(each) for each in known if self.array == "numpy" or not each.is_number}

    def _is_the_format(self, dtype: str) -> bool:
        """Whether a float type is the format asked for, or has no fewer digits."""
        return dtype in FORMATS and FORMATS[dtype].bits >= self.drawing.format_.bits

    def _typed(
        self,
        dtype: str,
        sizes: dict[str, int],
        single: bool,
        place: int,
        encoding: int,
        of: Sequence[Input] | None = None,
    ) -> Probe | None:
        """Numbers in a type: of all arguments that may have it, or of the last of them or the first one, or of those that are asked for."""
        known = self._may_be_typed() if of is None else {each.name: self.drawing.kinds(each) for each in of}
        having = {name: [kind for kind in kinds if dtype in kind.types] for name, kinds in known.items()}
        if dtype in FORMATS:
            having = {name: kinds for name, kinds in having.items() if not is_rounded_alone(self.drawing.formula, name)}
        fitting = {name: kinds[encoding % len(kinds)] for name, kinds in having.items() if kinds}
        # Integers stand for real numbers in the two usual formats only; labels and zeros and ones in each.
        if self.drawing.format_.bits < 24:
            fitting = {name: kind for name, kind in fitting.items() if kind.name in ("targets", "one_hot", "labels")}
        # Of a narrow format some may say nothing.
        enough = OF_EACH_TYPE + (2 if self.drawing.format_.bits < 24 else 0)
        if not fitting or (of is None and place >= enough and len(fitting) < 2):
            return None
        chosen = list(fitting)
        if len(fitting) > 1 and place >= OF_EACH_TYPE:
            chosen = chosen[:1] if of is None and place >= 2 * OF_EACH_TYPE else chosen[-1:]
        filled = {name: fitting[name] for name in chosen}
        drawn = self.drawing.probe("edge", sizes, single, {}, place, kinds=filled, filling=dtype)
        cast = [name for name in chosen if _may_be_cast(drawn.inputs[name], dtype)]
        if not cast:
            return None
        inputs = {
            name: np.asarray(value).astype(dtype) if name in cast else value for name, value in drawn.inputs.items()
        }
        return replace(drawn, inputs=inputs, types=dict.fromkeys(cast, dtype), origin=drawn)

    def of_some_types(self, place: int, count: int) -> Iterator[Probe]:
        """Small inputs in some of the other number types, one in each."""
        names, shapes = self._other_types(), self.sizes.small("edge" if "..." in self.drawing.axes() else "typical")
        for number in range(min(count, len(names))):
            turn = place * count + number
            probe = self._typed(names[turn % len(names)], *shapes[turn % len(shapes)], turn % OF_EACH_TYPE, turn)
            if probe is not None:
                yield probe


def _may_be_cast(value: Any, dtype: str) -> bool:
    """Whether a type holds the values: labels by labels, real numbers by whatever is no narrower."""
    return not isinstance(value, dict) and holds(dtype, np.asarray(value))


def _are_changed(layout: Layout, inputs: Mapping[str, Any]) -> bool:
    """Whether some array lies in memory otherwise in a layout."""
    return any(
        _are_changed(layout, value) if isinstance(value, dict) else _changes(layout_at(layout, place), value)
        for place, value in enumerate(inputs.values())
    )


def _changes(layout: Layout, value: Any) -> bool:
    """Whether an array lies in memory otherwise in a layout."""
    shape = np.shape(value) if isinstance(value, np.ndarray) and layout != "plain" else ()
    if layout in ("strided by rows", "reversed by rows"):
        return len(shape) > 1 and shape[0] > 1
    if layout in ("by columns", "sliced"):
        return bool(sum(size > 1 for size in shape) > 1)
    if layout in ("strided", "reversed"):
        return bool(shape) and shape[-1] > 1
    return bool(math.prod(shape) > 1)


def spread(of: Sequence[Probe], count: int) -> list[Probe]:
    """At most so many, from the first to the last; not at equal distances, as shapes come in turn."""
    if len(of) <= count:
        return list(of)
    places = dict.fromkeys((place * len(of) // count + place % 3) % len(of) for place in range(count))
    rest = (place for place in range(len(of)) if place not in places)
    return [of[place] for place in sorted([*places, *itertools.islice(rest, count - len(places))])]


@functools.lru_cache(maxsize=256)
def is_rounded_alone(formula: Formula, name: str) -> bool:
    """Whether an honest program computes something of an argument alone, which it may do in the type that this has: its logarithm, or its product with a parameter."""
    symbol = next(each.symbol for each in formula.inputs if each.name == name)
    parameters = set(formula.parameters)
    for definition in [part.definition for part in formula.parts] or [formula.definition]:
        for node in sp.preorder_traversal(definition):
            if not (node.is_Add or node.is_Mul or node.is_Function) or not node.has(symbol):
                continue
            if node.is_Function and node.args[-1].has(symbol) and not node.is_Piecewise:
                return True
            rest = [each for each in node.args if not each.has(symbol)]
            if not node.is_Function and any(
                {str(of) for of in free_symbols(each)} <= parameters and free_symbols(each) for each in rest
            ):
                return True
    return False
