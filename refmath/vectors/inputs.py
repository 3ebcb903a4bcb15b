"""Inputs for a reason: numbers that are drawn from the kinds of a formula's arguments.

They depend on names alone (`refmath.kinds.draws`), and are rounded without a package for bfloat16: so they are the same everywhere, and in years.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds import kinds_of, mappings
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Way
from refmath.spec import Formula, Input
from refmath.vectors import quadratics
from refmath.vectors.reasons import INTEGERS, Extent, Reason

Inputs = dict[str, Any]


def draw(formula: Formula, reason: Reason, format_: Format, turn: int, *purpose: str) -> Inputs:
    """Inputs for a reason: the first, second … of them, all others if they are for another purpose.

    Real numbers come in float64, and are numbers of the format.
    """
    return _Draw(formula, reason, format_, turn, purpose).inputs()


def kind_in(each: Input, turn: int, wanted: str = "") -> Kind:
    """The kind of an argument: of two that it may be of the one that is wanted, or each in turn, for batches and for single samples."""
    kinds = kinds_of(each)
    return next((kind for kind in kinds if kind.name == wanted), kinds[(turn + turn // 2) % len(kinds)])


def drawn_shape(each: Input, kind: Kind, extent: Extent) -> Shape:
    """The shape that an argument is drawn for; that of labels ends with the number of classes."""
    if kind.is_number:
        return ()
    if each.axes == ("...",):
        return extent.shape or ()
    axes = each.axes[1:] if extent.single and each.axes[:1] == ("N",) else each.axes
    return tuple(extent.sizes[axis] for axis in (*axes, *([each.classes] if each.kind == "labels" else [])))


@dataclass(frozen=True)
class _Draw:
    """One drawing of inputs; see `draw`."""

    formula: Formula
    reason: Reason
    format_: Format
    turn: int
    purpose: tuple[str, ...]

    def inputs(self) -> Inputs:
        """All arguments by name, each drawn beside those that it may depend on."""
        beside: dict[str, tuple[str, Any]] = {}
        for each in self._in_order():
            kind = kind_in(each, self.turn, self.reason.kind)
            beside[each.name] = kind.name, self._argument(each, kind, beside)
        return {each.name: beside[each.name][1] for each in self.formula.inputs}

    def _in_order(self) -> list[Input]:
        """What depends on other arguments comes after them: those in the way of the reason may, some kinds do."""
        return sorted(
            self.formula.inputs,
            key=lambda each: (kinds_of(each)[0].is_late, each.name in self._in_the_way_of_the_reason),
        )

    @functools.cached_property
    def _in_the_way_of_the_reason(self) -> set[str]:
        """The arguments that are drawn so: first all of its kind, then each of them alone."""
        of_kind = [
            each.name for each in self.formula.inputs if self.reason.kind in {kind.name for kind in kinds_of(each)}
        ]
        alone = self.turn % (len(of_kind) + 1)
        if alone == 0 or len(of_kind) == 1:
            return set(of_kind)
        first = Draws(self.formula.name, self.reason.name).below(len(of_kind))
        return {of_kind[(first + alone) % len(of_kind)]}

    def _draws(self, *names: str) -> Draws:
        return Draws(self.formula.name, self.format_.name, self.reason.name, *self.purpose, self.turn, *names)

    @functools.cached_property
    def _extent(self) -> Extent:
        return self.reason.extents[self.turn % len(self.reason.extents)]

    def _argument(self, each: Input, kind: Kind, beside: Beside) -> Any:
        if each.is_function:
            return quadratics.drawn(self._draws(each.name), _point(beside).size)
        draws = self._draws(each.name)
        way = self._way(each, kind, draws)
        if each.arrays:
            return self._arrays(each, kind, way, beside)
        return self._numbers(kind, way, draws, drawn_shape(each, kind, self._extent), beside)

    def _way(self, each: Input, kind: Kind, draws: Draws) -> Way:
        """The way of the reason, or a typical one; the first of these where the reason is no way."""
        if self.reason.way is None:
            return kind.ways["typical"][0]
        way: Way = (
            self.reason.way if each.name in self._in_the_way_of_the_reason else draws.one_of(kind.ways["typical"])
        )
        return way

    def _arrays(self, each: Input, kind: Kind, way: Way, beside: Beside) -> dict[str, Array]:
        """A mapping of arrays; every other time all but the first one come in another order."""
        drawn = {
            name: self._numbers(kind, way, self._draws(each.name, name), shape, _of_name(beside, name))
            for name, shape in self._shapes.items()
        }
        is_reversed = self.turn % 2 and each is not self.formula.inputs[0]
        return dict(reversed(drawn.items())) if is_reversed else drawn

    @functools.cached_property
    def _shapes(self) -> Mapping[str, Shape]:
        """The shapes of the arrays in a mapping; where a shape is the reason, the first array has it."""
        shapes = mappings.shapes(self._draws("names"), self.turn)
        if self.reason.is_a_shape and self._extent.shape is not None:
            shapes[next(iter(shapes))] = self._extent.shape
        return shapes

    def _numbers(self, kind: Kind, way: Way, draws: Draws, shape: Shape, beside: Beside) -> Array:
        """Numbers of a kind, rounded to the format; integers where the reason is that."""
        if self.reason.are_integers and kind.fills is not None and INTEGERS in kind.types:
            return kind.fills(draws, shape, self.format_, INTEGERS).astype(INTEGERS)
        values = np.asarray(way.draw(draws, shape, self.format_, beside))
        return values if kind.is_number or values.dtype.kind in "iu" else self.format_.rounded(values)


def _point(beside: Beside) -> Array:
    """Where a function is called; it comes before the function."""
    return next(np.asarray(value) for kind, value in beside.values() if kind == "point")


def _of_name(beside: Beside, name: str) -> Beside:
    """What has been drawn in other mappings by the same name."""
    return {other: (kind, value[name]) for other, (kind, value) in beside.items() if isinstance(value, dict)}
