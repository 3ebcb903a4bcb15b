"""Why a formula is tried: everyday numbers, every way of the kinds of its arguments, integers, and short and long axes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from refmath.balls.formats import Format
from refmath.kinds import kinds_of
from refmath.kinds.draws import Shape
from refmath.kinds.kind import CLASSES, Class, Kind, Way
from refmath.spec import Formula
from refmath.symbols import COUNTED

#: The number type of integers that stand where real numbers are meant.
INTEGERS = "int64"
#: A vector register of numbers and some left over; of samples, which the fewest answers count, twice as many.
_MANY, _MANY_SAMPLES = 9, 17
#: No array of an input or of its answer has more entries than that.
_ENTRIES = 100
#: Small shapes for arrays of any shape; an array that a function is called with has one axis, so that the function can be written down.
_ANY_SHAPES: tuple[Shape, ...] = ((3,), (2, 3), (2, 2, 2))
_VECTORS: tuple[Shape, ...] = ((2,), (3,), (4,))


@dataclass(frozen=True)
class Extent:
    """The shape of an input: the sizes of its axes, whether it is a single sample, and the shape of what may have any."""

    sizes: Mapping[str, int]
    single: bool = False
    shape: Shape | None = None


@dataclass(frozen=True)
class Reason:
    """One reason to try a formula.

    Attributes:
        class_: Whether any honest algorithm is accurate there (typical), or the shape or the values are special.
        name: The reason, as it stands in the files.
        text: The reason in a sentence.
        extents: The shapes of its inputs, in turn.
        count: How many inputs of it belong to every file.
        kind: The kind of the arguments that are drawn in a way of their own …
        way: … and this way; without one, all are drawn in the first typical way of their kinds.
        are_integers: Whether real numbers are integers.
        is_a_shape: Whether only its shape is special, which is the same matter under every convention.
    """

    class_: Class
    name: str
    text: str
    extents: tuple[Extent, ...]
    count: int
    kind: str = ""
    way: Way | None = None
    are_integers: bool = False
    is_a_shape: bool = False

    def times(self, format_: Format, *, by_default: bool) -> int:
        """How many inputs of it stand in a file, under the default or under a convention.

        All of them in float64, half of them in float32 and under conventions, one in the small formats. Edges are the same matter in the small formats,
        shapes and integers under conventions; integers say nothing of a narrower format either.
        """
        name, half = format_.name, (self.count + 1) // 2
        if name == "float64":
            return self.count if by_default else 0 if self.is_a_shape or self.are_integers else half
        if not by_default:
            return int(self.name == "typical")
        if self.are_integers or (name != "float32" and self.class_ == "edge"):
            return 0
        return half if name == "float32" else 1


def reasons_to_try(formula: Formula) -> list[Reason]:
    """Every reason to try a formula, the typical ones first."""
    small = _small(formula)
    typical = Reason("typical", "typical", "Everyday numbers, on which any honest algorithm is accurate.", small, 3)
    integers = Reason("edge", "integers", "Integers where real numbers are meant.", small[:2], 2, are_integers=True)
    has_integers = any(INTEGERS in kind.types for kind in _drawn_kinds(formula))
    found = [typical, *_by_ways(formula, small), *([integers] if has_integers else []), *_by_shapes(formula)]
    return sorted(found, key=lambda reason: CLASSES.index(reason.class_))


def _by_ways(formula: Formula, small: tuple[Extent, ...]) -> Iterator[Reason]:
    """Every way of every kind, but the first typical one, which is that of all other inputs; one of several classes once."""
    for kind in _drawn_kinds(formula):
        known = {kind.ways["typical"][0].name}
        for class_ in CLASSES:
            for way in kind.ways[class_]:
                if way.name not in known:
                    known.add(way.name)
                    # Of what is at an edge one input says as much as two.
                    count = 1 if class_ == "edge" else 2
                    yield Reason(class_, _slug(f"{kind.name} {way.name}"), way.text, small, count, kind.name, way)


def _drawn_kinds(formula: Formula) -> list[Kind]:
    """The kinds of a formula's arguments, each once, but those of functions."""
    kinds = (kind for each in formula.inputs if not each.is_function for kind in kinds_of(each))
    return list({kind.name: kind for kind in kinds}.values())


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())


def _by_shapes(formula: Formula) -> Iterator[Reason]:
    """Short and long axes; two axes of the same length."""
    for name, text, extents in (*_of_any_shape(formula), *_of_axes(formula)):
        fitting = tuple(extent for extent in extents if _entries(formula, extent) <= _ENTRIES)
        if fitting:
            yield Reason("edge", name, text, fitting, len(fitting), is_a_shape=True)


def _of_any_shape(formula: Formula) -> Iterator[tuple[str, str, tuple[Extent, ...]]]:
    if "..." not in _axes(formula):
        return
    if not _has_function(formula):
        yield "no_axis", "A number without any axis.", (Extent({}, shape=()),)
    one, many = ([(1,)], [(_MANY,)]) if _has_function(formula) else ([(1,), (1, 1)], [(_MANY_SAMPLES,), (3, 6)])
    yield "one_entry", "An array of one entry.", tuple(Extent({}, shape=shape) for shape in one)
    yield "many_entries", _long("entries"), tuple(Extent({}, shape=shape) for shape in many)


def _of_axes(formula: Formula) -> Iterator[tuple[str, str, tuple[Extent, ...]]]:
    axes = [axis for axis in _axes(formula) if axis != "..."]
    usual = {axis: 2 + place % 2 for place, axis in enumerate(axes)}
    single = _takes_single_samples(formula)
    for axis in axes:
        one, several = COUNTED.get(axis, (f"place of {axis}", f"places of {axis}"))
        alone = (Extent({**usual, axis: 1}), *([Extent({**usual, axis: 1}, True)] if single and axis != "N" else []))
        yield _slug(f"one {one}"), f"The axis of the {several} has one place.", alone
        long = {**dict.fromkeys(axes, 2), axis: _MANY_SAMPLES if axis == "N" else _MANY}
        samples = [Extent(long, True)] if single and axis != "N" else []
        yield _slug(f"many {several}"), _long(several), (Extent(long), *samples)
    if len(axes) > 1:
        yield "one_of_each", "Every axis has one place.", (Extent(dict.fromkeys(axes, 1)),)
        yield "square", "All axes have the same length.", (Extent(dict.fromkeys(axes, 2)),)


def _long(several: str) -> str:
    return f"So many {several} that they fill a vector register, and some are left over."


def _entries(formula: Formula, extent: Extent) -> int:
    """The entries of the largest array of an input and of its answer."""
    if extent.shape is not None:
        return math.prod(extent.shape)
    sizes = {**extent.sizes, "N": 1} if extent.single else extent.sizes
    outputs = (formula.output, *(part.output for part in formula.parts))
    axes = [*(each.axes for each in formula.inputs), *(tuple(axis for _, axis in output) for output in outputs)]
    return max(math.prod(sizes[axis] for axis in each) for each in axes)


def _small(formula: Formula) -> tuple[Extent, ...]:
    """Small inputs, every other one a single sample where that is possible."""
    axes = _axes(formula)
    if "..." in axes:
        return tuple(Extent({}, shape=shape) for shape in (_VECTORS if _has_function(formula) else _ANY_SHAPES))
    singles = _takes_single_samples(formula)
    return tuple(
        Extent({axis: _length(place, len(axes), turn) for place, axis in enumerate(axes)}, singles and bool(turn % 2))
        for turn in range(4)
    )


def _length(place: int, axes: int, turn: int) -> int:
    """How long one of so many axes is: from 2 to 4, of more than three axes 2 or 3, and no two alike all the time."""
    return 2 + ((turn + place) % 3 if axes <= 3 else ((turn >> place % 2) + place // 2) % 2)


def of_different_sizes(formula: Formula) -> Extent:
    """A small batch, no two axes of which are of the same length."""
    axes = _axes(formula)
    if "..." in axes:
        return Extent({}, shape=(2,))
    return Extent({axis: 2 + place for place, axis in enumerate(axes)})


def _axes(formula: Formula) -> list[str]:
    return list(dict.fromkeys(axis for each in formula.inputs for axis in each.axes))


def _has_function(formula: Formula) -> bool:
    return any(each.is_function for each in formula.inputs)


def _takes_single_samples(formula: Formula) -> bool:
    return formula.single_samples and formula.inputs[0].axes[:1] == ("N",)
