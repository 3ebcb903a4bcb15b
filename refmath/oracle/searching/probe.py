"""One input to try: its arguments, drawn by their kinds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from refmath.balls.formats import Format
from refmath.kinds import kinds_of, mappings
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Class, Kind, Way
from refmath.oracle.candidates.arrays import Layout
from refmath.spec import WHOLE, Domain, Formula, Input

Inputs = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Probe:
    """One input to try.

    Attributes:
        class_: The class of its numbers.
        inputs: The arguments by name, in the number types in which they are handed over.
        ways: How the numbers of each argument were chosen.
        layout: How the arrays lie in memory.
        types: The number types that are not the format asked for, by argument.
        parameters: The keyword arguments of the call.
        origin: The probe with the same numbers, plainly represented.
    """

    class_: Class
    inputs: Inputs
    ways: Mapping[str, str]
    layout: Layout = "plain"
    types: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    origin: Probe | None = None

    @property
    def is_plain(self) -> bool:
        """Whether its arrays come as everybody's do."""
        return self.layout == "plain" and not self.types


@dataclass(frozen=True)
class Drawing:
    """Draws the arguments of a formula; the same for the same seed, whatever is installed.

    Attributes:
        formula: The formula whose arguments are drawn.
        format_: The format of the real arrays.
        seed: Decides every number.
        domain: What is to be tried, of all that the formula is defined on.
    """

    formula: Formula
    format_: Format
    seed: int
    domain: Domain = WHOLE

    @property
    def name(self) -> str:
        """What the numbers are drawn for: each version of a formula has its own."""
        arrays = [each.name for each in self.formula.inputs if each.by_name]
        return " ".join(
            [self.formula.name, *arrays, *(f"{name}={value}" for name, value in self.formula.settled.items())]
        )

    def axes(self) -> list[str]:
        """The names of the axes of all arguments."""
        return list(dict.fromkeys(axis for each in self.formula.inputs for axis in each.axes))

    def takes_single_samples(self) -> bool:
        """Whether a batch may be one sample without its axis."""
        return self.formula.single_samples and self.formula.inputs[0].axes[:1] == ("N",)

    def is_entry_by_entry(self) -> bool:
        """Whether every array has the same shape as the answer, of any number of axes."""
        arrays = [each for each in self.formula.inputs if not each.is_number]
        return bool(self.formula.output) and all(each.axes == ("...",) and not each.is_function for each in arrays)

    def kinds(self, each: Input) -> tuple[Kind, ...]:
        """The kinds of an argument, in the domain that is tried."""
        return kinds_of(each, self.domain)

    def masking(self) -> dict[str, Way]:
        """The way that masks, by argument."""
        return {each.name: self.kinds(each)[0].ways["edge"][-1] for each in self.formula.inputs if each.masks}

    def entries(self, sizes: Mapping[str, int]) -> int:
        """The entries of the largest array, where the other axes are small."""
        axes = [each.axes for each in self.formula.inputs]
        outputs = [self.formula.output, *(part.output for part in self.formula.parts)]
        axes += [tuple(axis for _, axis in output) for output in outputs]
        return max(math.prod(sizes.get(axis, 2 if axis == "N" else 3) for axis in each) for each in axes)

    def probe(
        self,
        class_: Class,
        sizes: dict[str, int],
        single: bool,
        chosen: Mapping[str, Way],
        place: int,
        shape: Shape | None = None,
        kinds: Mapping[str, Kind] | None = None,
        filling: str = "",
        is_large: bool = False,
    ) -> Probe:
        """An input of a class: some arguments by a chosen way, the others by one of the same class or, half the time, a typical one.

        Args:
            class_: The class.
            sizes: The sizes of the axes; of `...` the place of a small shape.
            single: Whether it is a single sample.
            chosen: The ways of some arguments.
            place: Tells it from other inputs of these ways.
            shape: The shape for `...`, of a large array.
            kinds: The kinds of some arguments, where they have several.
            filling: The integer type that the numbers are to fill.
            is_large: Whether it is of a size that was asked for, however large.
        """
        if "K" in sizes:
            sizes = sizes | {"K": max(sizes["K"], self.domain.fewest_classes)}
        is_large = is_large or shape is not None or any(size > 16 for axis, size in sizes.items() if axis != "...")
        if shape is None and "..." in sizes:
            # What is made of a number without axes step by step is no array any more.
            takes_steps = any(each.kind == "count" for each in self.formula.inputs)
            options = [each for each in ANY_SHAPES[class_] if each or not takes_steps]
            shape = options[sizes["..."] % len(options)]
        drawn: Inputs = {}
        beside: dict[str, tuple[str, Any]] = {}
        ways: dict[str, str] = {}
        named = mappings.shapes(Draws(self.seed, self.formula.name, "names", place), place)
        late = [each for each in self.formula.inputs if self.kinds(each)[0].is_late]
        for each in [each for each in self.formula.inputs if each not in late] + late:
            # In every number type the same numbers, as far as it holds them: what is acceptable is computed once.
            sized = (place, single, *sizes.values(), shape or "", bool(filling))
            key = (self.seed, self.name, each.name, class_, *sized)
            draws = Draws(*key)
            way = chosen.get(each.name)
            having = [kind for kind in self.kinds(each) if way in kind.ways[class_]]
            kind = (kinds or {}).get(each.name) or draws.one_of(having or self.kinds(each))
            if way is None or way not in kind.ways[class_]:
                way = self._other_way(kind, class_, draws, is_large, shape)
            axes = each.axes[1:] if single and each.axes[:1] == ("N",) else each.axes
            if each.kind == "labels":
                axes += (each.classes,)
            of_argument = (
                () if kind.is_number else shape if each.axes == ("...",) else tuple(sizes[axis] for axis in axes)
            )
            if each.arrays:
                shapes = dict(named)
                if is_large:
                    shapes[next(iter(shapes))] = shape or ()
                values: Any = {
                    name: in_format(way.draw(Draws(*key, name), own, self.format_, {}), self.format_)
                    for name, own in shapes.items()
                }
                if beside and place % 2:
                    values = dict(reversed(values.items()))
            elif filling and each.name in (kinds or {}) and kind.fills is not None and filling in kind.types:
                values = kind.fills(draws, of_argument or (), self.format_, filling)
            else:
                values = way.draw(draws, of_argument or (), self.format_, beside)
            if each.ignored is not None:
                values = _with_ignored(each.ignored, values, draws, sizes[each.classes])
            if not each.arrays and not each.is_function and not kind.is_number:
                values = in_format(values, self.format_)
            drawn[each.name] = values
            beside[each.name] = (kind.name, values)
            ways[each.name] = way.name
        order = [each.name for each in self.formula.inputs]
        if place % 2:
            # Whose entries come by name are not always in one order.
            keyed = [each.name for each in self.formula.inputs if each.mapping]
            order = keyed[::-1] + [name for name in order if name not in keyed]
        return Probe(class_, {name: drawn[name] for name in order}, ways)

    def _other_way(self, kind: Kind, class_: Class, draws: Draws, is_large: bool, shape: Shape | None) -> Way:
        if is_large and class_ in kind.dense:
            return kind.dense[class_]
        of: Class = "typical" if is_large or (class_ != "typical" and draws.below(2)) else class_
        way: Way = draws.one_of(kind.ways[of])
        return way


def is_typical(formula: Formula, inputs: Inputs) -> bool:
    """Whether inputs that were made from others are still such as any honest algorithm is accurate on."""
    for each in formula.inputs:
        value = inputs[each.name]
        for array in value.values() if isinstance(value, dict) else [value]:
            if not any(kind.is_typical(array) for kind in kinds_of(each)):
                return False
    return True


#: Small shapes for arrays of any shape.
ANY_SHAPES: dict[Class, list[Shape]] = {
    "typical": [(3,), (2, 3)],
    "edge": [(2, 3), (), (1,), (1, 2), (2, 1, 3), (3,), (2, 1, 2, 2)],
    "extreme": [(3,), (2, 3)],
}


def _with_ignored(ignored: int, labels: Any, draws: Draws, classes: int) -> Any:
    """Labels, about a third of them replaced by the one that is ignored, but not the first, so that a sample counts if there are several classes."""
    labels = np.array(labels)
    if labels.flat[0] == ignored:
        labels.flat[0] = (ignored + 1) % classes
    replaced = np.asarray(draws.below(3, np.shape(labels)) == 0)
    replaced.flat[0] = False
    return np.where(replaced, ignored, labels)


def in_format(values: Any, format_: Format) -> Any:
    """Numbers rounded to the format; labels stay integers."""
    values = np.asarray(values)
    return values if values.dtype.kind in "iu" else values.astype(format_.dtype())
