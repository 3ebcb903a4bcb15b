"""What a candidate is tried on: inputs of every class, every axis small and large once, the same numbers in every number type and layout.

*typical*: any honest algorithm is accurate there. *edge*: zeros, ties, whole numbers, one sample, one class, other number types and layouts.
*extreme*: overflow, underflow, cancellation, near-certainty. Which numbers these are is up to the kinds of the arguments; here they
are put together. Few shapes are used, so that a candidate that is compiled anew for each is compiled seldom.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.balls.formats import FORMATS, Format
from refmath.kinds import kinds_of, mappings
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import CLASSES, Class, Kind, Way, holds
from refmath.oracle.candidates.arrays import LAYOUTS, Handed, Layout, layout_at
from refmath.oracle.searching.shape import ENTRIES
from refmath.spec import WHOLE, Domain, Formula, Input, setting
from refmath.symbols import free_symbols

Inputs = dict[str, Any]
#: The layouts that the arrays of a library can have, apart from the plain one.
_LAYOUTS: dict[Handed, tuple[Layout, ...]] = {
    "numpy": tuple(each for each in LAYOUTS if each != "plain"),
    "torch": ("by columns", "sliced", "strided", "strided by rows", "mixed"),
}
#: The number types that the arrays of a library can have.
_TYPES: dict[Handed, tuple[str, ...] | None] = {"numpy": None, "json": (), "jax": ("bool", "uint8", "int32")}
_TORCH = ("bool", "uint8", "int8", "int16", "int32", "int64", "float32")
#: Libraries that compile a function anew for every shape and number type: they are asked for fewer of both.
_COMPILING: tuple[Handed, ...] = ("jax",)
#: So many inputs in each number type, and in each layout: from four on, one that is always refused counts as declined.
_CLOTHED, _LAID_OUT = 4, 6
#: An axis is small in most inputs, of one of two sizes: one is a power of two, as laws divide by it, the other is not; and axes side by
#: side have different sizes, so that one is not taken for the other …
_SMALL = ((3, 2), (4, 3), (5, 4), (2, 5))
#: … and large in a few: on either side of these, and above the last; and once at the larger of the first two, of which every block is a part.
_LARGE = ((32, 64), (128, 256), (1024,))
#: Between them lie those at which extreme inputs are tried.
_BETWEEN = ((38, 120), (270, 500), (505, 1020))
#: Of the versions of a formula each has one of these.
_LARGE_OF_VERSIONS = (0, 0, 0, 1, 1, 2)
#: From so many examples on, each of these sizes is tried.
_EXAMPLES_FOR = (0, 40, 60)
#: Everyday sizes between small and large: each of them is tried once, in as many typical inputs, as far as a third of these …
_EVERYDAY = range(6, 31)
#: … and so many are tried in each of the other classes; of candidates that are compiled anew for each shape in the typical class alone.
_EVERYDAY_BESIDES = 4
_COMPILED_EVERYDAY = 4
#: Beside an everyday size the others are as large, unless an array had more entries than that: then one axis at a time.
_EVERYDAY_ENTRIES = 900
#: Under other parameters there are so many samples once, and an axis is of one of these sizes.
_MANY_SAMPLES, _MIDDLE = 33, (13, 17, 11)
#: So many small inputs are tried under each combination of choices, and under all values of a number together, but a few under each in any case.
_UNDER_CHOICES, _UNDER_VALUES = 22, 64
#: No array is larger than that, whatever its axes.
_ENTRIES = 20_000
#: The entries of one array in which a formula entry by entry is tried on every magnitude: a prime, so that it has no blocks.
_DENSE = 4099
#: The same of two axes, both of them primes.
_DENSE_ROWS = (7, 587)
#: A point from which hundreds of steps are made.
_FEW = (2,)
#: Values of numeric parameters that a candidate takes by name: of guards, one of which every format holds.
_DELTAS = (1e-12, 2.0**-10, 1e-5)
#: Of a number so many values between these are tried, on one input each.
_BETWEEN_VALUES = 16
#: A few extreme inputs are larger than everyday ones, one between each two of these.
_LARGER = (31, 60, 110, 190, 270)


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
        origin: The probe with the same numbers in plain clothes.
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
class Survey:
    """The inputs for one judgement; the same for the same seed, whatever is installed.

    Attributes:
        formula: The formula whose arguments are drawn.
        format_: The format of the real arrays.
        seed: Decides every number.
        examples: About how many inputs to draw of each class.
        array: Whose arrays they become.
        parameters: The formula's parameters that the candidate takes by name, with their defaults.
        domain: What is to be tried, of all that the formula is defined on.
        shape: Sizes to be tried besides, by axis; of arrays of any shape theirs, as `entries`.
        floating: Arguments that never come in another number type: what is differentiated by.
        brief: Whether small plain inputs, each way of choosing numbers once, and one large size of each axis are enough.
        set_to: Parameters that have another value than their default throughout.
    """

    formula: Formula
    format_: Format
    seed: int
    examples: int
    array: Handed = "numpy"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    domain: Domain = WHOLE
    shape: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    floating: tuple[str, ...] = ()
    brief: bool = False
    set_to: Mapping[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Probe]:
        small: list[Probe] = []
        for class_ in CLASSES:
            for probe in self._small(class_):
                small.append(probe)
                yield probe
            yield from self._large(class_)
        if self.brief:
            yield from self._in_types_of_arrays_by_name()
            return
        yield from self._in_other_layouts(small)
        yield from self._in_other_types()
        yield from self._under_other_parameters(small)
        yield from self._of_the_shape()

    def _kinds(self, each: Input) -> tuple[Kind, ...]:
        return kinds_of(each, self.domain)

    # ---- small inputs, way by way

    def _small(self, class_: Class) -> Iterator[Probe]:
        """Every way of every argument, in turn; the others are typical or of the same class. A brief survey has all arguments take turns at once."""
        each_way = list(self._turns(class_))
        turns = self._turns_at_once(each_way) if self.brief else [dict([turn]) for turn in each_way]
        shapes = self._shapes(class_)
        if self.brief and class_ == "edge":
            yield from self._masked()
            yield from self._ignored()
        # Hardly any formula has so many ways that each cannot have two.
        count = len(turns) if self.brief else max(self.examples, 2 * len(turns))
        everyday = self._everyday(class_, 2 * len(turns), count)
        for place in range(count):
            if place in everyday:
                yield self._of_everyday_size(class_, turns[place % len(turns)], place, everyday[place])
                continue
            sizes, single = shapes[(place // len(turns) + place) % len(shapes)]
            yield self._probe(class_, sizes, single, turns[place % len(turns)], place)
        if class_ == "edge" and not self.brief:
            for number in self.formula.parameters.values():
                yield from self._at(number)

    def _at(self, number: Any) -> Iterator[Probe]:
        """A batch, and a sample, some of whose numbers are a parameter's own: on which side of it they count is decided there."""
        if isinstance(number, bool | str) or not isinstance(number, int | float):
            return
        sizes = {axis: _SMALL[1][place % 2] if axis == "N" else 2 for place, axis in enumerate(self._axes())}
        for place, single in enumerate((False, True) if self._takes_single_samples() else (False,)):
            drawn = self._probe("edge", sizes | ({"...": 0} if "..." in sizes else {}), single, {}, place)
            found = {}
            for each in self.formula.inputs:
                at = self._kinds(each)[0].at
                if at is not None and not each.arrays:
                    draws = Draws(self.seed, self._name, each.name, "at", number, single)
                    found[each.name] = at(draws, np.shape(drawn.inputs[each.name]), number)
            found = {name: _in_format(values, self.format_) for name, values in found.items() if values is not None}
            if found:
                ways = {**drawn.ways, **dict.fromkeys(found, "at a parameter")}
                yield replace(drawn, inputs={**drawn.inputs, **found}, ways=ways)

    # ---- everyday sizes

    def _everyday(self, class_: Class, first: int, count: int) -> dict[int, int]:
        """Which of the inputs of a class, after the first ones, are of an everyday size: the number of each among these."""
        if self.brief:
            return {place: place for place in range(1, count, 2)} if class_ == "typical" else {}
        most = len(_EVERYDAY) if class_ == "typical" else _EVERYDAY_BESIDES
        if self.array in _COMPILING:
            most = _COMPILED_EVERYDAY if class_ == "typical" else 0
        wanted = min(most, self.examples // 3, count - first)
        return {first + number * (count - first) // wanted: number for number in range(wanted)}

    def _of_everyday_size(self, class_: Class, chosen: Mapping[str, Way], place: int, number: int) -> Probe:
        """An input whose axes are of everyday sizes, each axis of another one; now and then a single sample."""
        axes = self._axes()
        if class_ == "extreme" and self.array not in _COMPILING:
            return self._of_larger_size(chosen, place, number)
        order = Draws(self.seed, self._name, "everyday", class_).order(len(_EVERYDAY))
        here = int(order[number % len(order)])
        if "..." in axes:
            size = _EVERYDAY[here]
            shape = (size,) if class_ == "typical" or number % 2 else (2, size // 2)
            return self._probe(class_, {"...": -1}, False, chosen, place, shape)
        # One axis is the longer the shorter the axes beside it are, so that no array becomes very large.
        ends = (here, len(_EVERYDAY) - 1 - here)
        sizes = {axis: _EVERYDAY[ends[turn % 2]] for turn, axis in enumerate(axes)}
        if self._entries(dict.fromkeys(axes, _EVERYDAY[len(_EVERYDAY) // 2])) > _EVERYDAY_ENTRIES:
            alone = axes[number % len(axes)]
            sizes = {axis: size if axis == alone else 3 for axis, size in sizes.items()}
        single = class_ != "typical" and number % 2 == 1 and self._takes_single_samples()
        if class_ == "edge" and number == 0:
            # One output, one feature: a column of many samples.
            sizes = {axis: size if axis == axes[0] else 1 for axis, size in sizes.items()}
        return self._probe(class_, sizes, single, chosen, place)

    def _of_larger_size(self, chosen: Mapping[str, Way], place: int, number: int) -> Probe:
        """An extreme input one of whose axes is longer than everyday ones; each axis has its turn."""
        axes = self._axes()
        draws = Draws(self.seed, self._name, "larger", number)
        turn = (number + draws.below(2)) % (len(_LARGER) - 1) if len(axes) > 1 else number % (len(_LARGER) - 1)
        size = _LARGER[turn] + draws.below(_LARGER[turn + 1] - _LARGER[turn])
        if "..." in axes:
            return self._probe("extreme", {"...": -1}, False, chosen, place, (size,))
        axis = axes[number % len(axes)]
        return self._probe("extreme", self._sizes_beside(axis, self._fitting(axis, size)), False, chosen, place)

    def _masked(self) -> Iterator[Probe]:
        """A batch, and a sample, some of whose logits are −∞."""
        masking = self._masking()
        sizes = {axis: _SMALL[place][0] for place, axis in enumerate(self._axes())}
        for single in (False, True) if masking and self._takes_single_samples() else (False,) if masking else ():
            yield self._probe("edge", sizes, single, masking, 0)

    def _masking(self) -> dict[str, Way]:
        """The way that masks, by argument."""
        return {each.name: self._kinds(each)[0].ways["edge"][-1] for each in self.formula.inputs if each.masks}

    def _ignored(self) -> Iterator[Probe]:
        """A batch, and a sample, of which nothing counts: there is no mean of it, but a sum."""
        ignored = {each.name: each.ignored for each in self.formula.inputs if each.ignored is not None}
        sizes = {axis: _SMALL[place][0] for place, axis in enumerate(self._axes())}
        for single in (False, True) if ignored and self._takes_single_samples() else ():
            probe = self._probe("edge", sizes, single, {}, 1)
            labels = {name: np.full_like(probe.inputs[name], value) for name, value in ignored.items()}
            yield replace(probe, inputs={**probe.inputs, **labels})

    @property
    def _name(self) -> str:
        """What the numbers are drawn for: each version of a formula has its own."""
        arrays = [each.name for each in self.formula.inputs if each.by_name]
        return " ".join(
            [self.formula.name, *arrays, *(f"{name}={value}" for name, value in self.formula.settled.items())]
        )

    def _turns_at_once(self, each_way: list[tuple[str, Way]]) -> list[dict[str, Way]]:
        """Ways of all arguments, as many as the argument has that has most; each argument begins anywhere."""
        ways: dict[str, list[Way]] = {}
        for name, way in each_way:
            ways.setdefault(name, []).append(way)
        most = max(map(len, ways.values()))
        begin = {name: Draws(self.seed, self._name, name, "turn").below(len(of)) for name, of in ways.items()}
        return [{name: of[(begin[name] + place) % len(of)] for name, of in ways.items()} for place in range(most)]

    def _turns(self, class_: Class) -> Iterator[tuple[str, Way]]:
        for each in self.formula.inputs:
            for kind in self._kinds(each):
                for way in kind.ways[class_]:
                    yield each.name, way

    def _shapes(self, class_: Class) -> list[tuple[dict[str, int], bool]]:
        """The sizes of the axes, and whether it is a single sample, for small inputs."""
        axes = self._axes()
        if not axes:
            return [({}, False)]
        first = Draws(self.seed, self.formula.name, "sizes").below(len(_SMALL))
        # Each axis has each of the small sizes, but where few inputs are tried, or a candidate is compiled anew for each size.
        few = self.brief or self.array in _COMPILING or class_ == "edge"
        shifts = range(1 if few else len(_SMALL))
        plain = [
            {axis: _SMALL[(first + shift + place) % len(_SMALL)][which] for place, axis in enumerate(axes)}
            for shift in shifts
            for which in (0, 1)
        ]
        if "..." in axes:
            return [({"...": place}, False) for place in range(len(_ANY_SHAPES[class_]))]
        if class_ == "edge" and self.array in _COMPILING:
            plain = [{**plain[0], axis: 1} for axis in axes]
        elif class_ == "edge":
            square = dict.fromkeys(axes, plain[0][axes[-1]])
            plain = [square, *({**plain[0], axis: 1} for axis in axes), dict.fromkeys(axes, 1), plain[1]]
        singles = [False, True] if self._takes_single_samples() else [False]
        return [(sizes, single) for sizes in plain for single in singles]

    def _takes_single_samples(self) -> bool:
        return self.formula.single_samples and self.formula.inputs[0].axes[:1] == ("N",)

    def _axes(self) -> list[str]:
        return list(dict.fromkeys(axis for each in self.formula.inputs for axis in each.axes))

    # ---- large ones, axis by axis

    def _large(self, class_: Class) -> Iterator[Probe]:
        """Each axis on either side of the sizes at which programs change their ways; in the edge class only what masks, and no very large one."""
        if class_ == "edge":
            yield from self._masked_and_large()
            return
        if self.brief:
            if class_ == "typical":
                yield from self._large_once()
            return
        draws = Draws(self.seed, self.formula.name, "large", class_)
        for axis in self._axes():
            for place, around in enumerate(_LARGE):
                if self.examples < _EXAMPLES_FOR[place] or (place == 1 and self.array in _COMPILING):
                    continue
                # In the extreme class sizes between these, where nothing is compiled for each; and one that is a multiple of every block.
                sizes = [self._large_size(axis, around)]
                if class_ == "typical" and place < 2 and (axis == "N" or self.array not in _COMPILING):
                    sizes.append(self._fitting(axis, max(around)))
                if class_ == "extreme" and self.array not in _COMPILING:
                    sizes = [self._between(axis, place, sizes[0])]
                for size in sizes:
                    yield from self._of_size(class_, axis, size, place, draws)
                    if axis == "N" and place == 1 and class_ == "extreme":
                        yield from self._many_alike(self._sizes_beside(axis, size))
        for each in self.formula.inputs:
            if each.kind == "count" and class_ == "extreme" and self.examples >= _EXAMPLES_FOR[-1]:
                tiny = {
                    other.name: self._kinds(other)[0].ways["extreme"][0]
                    for other in self.formula.inputs
                    if other.kind == "rate"
                }
                yield self._probe(class_, {"...": -1}, False, tiny, 0, _FEW)

    def _large_once(self) -> Iterator[Probe]:
        """Each axis once, of one of the sizes: each version of a formula has its own."""
        draws = Draws(self.seed, self._name, "large")
        for axis in self._axes():
            place = draws.one_of(_LARGE_OF_VERSIONS)
            yield from self._of_size("typical", axis, self._large_size(axis, _LARGE[place]), place, draws)

    def _masked_and_large(self) -> Iterator[Probe]:
        """Each axis with masks, near the first size and the second; of a version, and of who is compiled anew for each shape, one of them."""
        masking = self._masking()
        few = self.brief or self.array in _COMPILING
        for turn, axis in enumerate(self._axes() if masking else ()):
            for place in range(2):
                if self.examples >= _EXAMPLES_FOR[place] and (not few or place == turn % 2 == 0):
                    size = self._large_size(axis, _LARGE[place])
                    yield self._probe("edge", self._sizes_beside(axis, size), False, masking, place)

    def _of_size(self, class_: Class, axis: str, size: int, place: int, draws: Draws) -> Iterator[Probe]:
        """An input with one large axis."""
        if axis != "...":
            yield self._probe(class_, self._sizes_beside(axis, size), False, {}, draws.below(1 << 20))
            return
        # Long in one axis, wide in two, and high in two.
        shape: Shape = (size,)
        if place == 1 and size % 64:
            shape = (3, size) if class_ == "typical" else (size // 2, 2)
        if place == len(_LARGE) - 1 and self._is_entry_by_entry():
            shape = (_DENSE,) if class_ == "typical" else _DENSE_ROWS
        yield self._probe(class_, {"...": -1}, False, {}, place, shape)

    def _sizes_beside(self, axis: str, size: int) -> dict[str, int]:
        sizes = {other: 2 if other == "N" else 3 for other in self._axes()} | {axis: size}
        # Several samples where there is room for them, so that not only the first classes have their turn.
        if axis == "K" and "N" in sizes and self._entries(sizes | {"N": 6}) <= _ENTRIES:
            sizes["N"] = 6
        return sizes

    def _many_alike(self, sizes: dict[str, int]) -> Iterator[Probe]:
        """Batches whose samples are all extreme in the same way: what is lost in a few of them may still be made up for by the others."""
        for each in self.formula.inputs:
            if each.axes[:1] == ("N",):
                for place, way in enumerate(self._kinds(each)[0].ways["extreme"]):
                    yield self._probe("extreme", sizes, False, {each.name: way}, place)

    def _large_size(self, axis: str, around: Sequence[int]) -> int:
        draws = Draws(self.seed, self._name if self.brief else self.formula.name, "size", axis, *around)
        size = draws.one_of(around)
        size += 2 + draws.below(14) if size == 1024 else draws.one_of((-1, 1, 2, 3, 5))
        return self._fitting(axis, int(size), 3 / 4)

    def _between(self, axis: str, place: int, other: int) -> int:
        """A size between the large ones, odd if that is even."""
        low, high = _BETWEEN[place]
        size = low + Draws(self.seed, self.formula.name, "between", axis, place).below(high - low)
        return self._fitting(axis, size // 2 * 2 + (other + 1) % 2)

    def _fitting(self, axis: str, size: int, smaller: float = 1 / 2) -> int:
        """A size at which the largest array has not too many entries."""
        while size > 8 and self._entries({axis: size}) > _ENTRIES:
            size = int(size * smaller)
        return size

    def _entries(self, sizes: Mapping[str, int]) -> int:
        """The entries of the largest array, where the other axes are small."""
        axes = [each.axes for each in self.formula.inputs]
        outputs = [self.formula.output, *(part.output for part in self.formula.parts)]
        axes += [tuple(axis for _, axis in output) for output in outputs]
        return max(math.prod(sizes.get(axis, 2 if axis == "N" else 3) for axis in each) for each in axes)

    def _is_entry_by_entry(self) -> bool:
        """Whether every array has the same shape as the answer, of any number of axes."""
        arrays = [each for each in self.formula.inputs if not each.is_number]
        return bool(self.formula.output) and all(each.axes == ("...",) and not each.is_function for each in arrays)

    # ---- the same numbers in other clothes

    def _in_other_layouts(self, small: list[Probe]) -> Iterator[Probe]:
        layouts = _LAYOUTS.get(self.array, ())
        for place, layout in enumerate(layouts):
            fit = [probe for probe in small if _are_changed(layout, probe.inputs)]
            for probe in _spread(fit[place % max(1, len(fit)) :], _LAID_OUT):
                yield replace(probe, class_="edge", layout=layout, origin=probe)

    def _in_other_types(self) -> Iterator[Probe]:
        """Inputs that a number type holds, in that type: all arguments that may have it, then only the last of them."""
        known = self._may_be_typed()
        # Compiled anew for each type, a candidate is asked for one shape only; of no axes there are few different arrays.
        shapes = self._shapes("edge" if "..." in self._axes() else "typical")[: 1 if self.array in _COMPILING else None]
        for dtype in self._other_types():
            # Where targets and labels both may have the type, each of them has its turn.
            encodings = max(sum(dtype in kind.types for kind in kinds) for kinds in known.values())
            encodings = 1 if self.array in _COMPILING else encodings
            # Whole numbers of the usual type come as all arguments, as the last one, and as the first one.
            turns = (3 if dtype == "int64" else 2) * _CLOTHED
            for encoding, place in itertools.product(range(encodings), range(turns)):
                sizes, single = shapes[place % len(shapes)]
                if place % _CLOTHED == 2 and self.array not in _COMPILING:
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

    def _in_types_of_arrays_by_name(self) -> Iterator[Probe]:
        """Of a version: what comes by name in other number types, so often that it may be declined, and some others, each version in another."""
        own = [each for each in self.formula.inputs if each.by_name] if self.array == "numpy" else []
        shapes = self._shapes("typical")
        for dtype in dict.fromkeys(dtype for each in own for kind in self._kinds(each) for dtype in kind.types):
            for place in range(0 if self._is_the_format(dtype) else _CLOTHED):
                probe = self._typed(dtype, *shapes[place % len(shapes)], _CLOTHED + place, 0, own)
                if probe is not None:
                    yield probe
        if self.array not in _COMPILING:
            yield from self._of_some_types(Draws(self.seed, self._name, "types").below(1 << 10), 1)

    def _may_be_typed(self) -> dict[str, tuple[Kind, ...]]:
        """The kinds of the arguments that may come in other number types."""
        known = (each for each in self.formula.inputs if not each.arrays and each.name not in self.floating)
        # A number of NumPy's is nothing that other libraries have.
        return {each.name: self._kinds(each) for each in known if self.array == "numpy" or not each.is_number}

    def _is_the_format(self, dtype: str) -> bool:
        """Whether a float type is the format asked for, or has no fewer digits."""
        return dtype in FORMATS and FORMATS[dtype].bits >= self.format_.bits

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
        known = self._may_be_typed() if of is None else {each.name: self._kinds(each) for each in of}
        having = {name: [kind for kind in kinds if dtype in kind.types] for name, kinds in known.items()}
        if dtype in FORMATS:
            having = {name: kinds for name, kinds in having.items() if not is_rounded_alone(self.formula, name)}
        fitting = {name: kinds[encoding % len(kinds)] for name, kinds in having.items() if kinds}
        # Integers stand for real numbers in the two usual formats only; labels and zeros and ones in each.
        if self.format_.bits < 24:
            fitting = {name: kind for name, kind in fitting.items() if kind.name in ("targets", "one_hot", "labels")}
        # Of a narrow format some may say nothing.
        enough = _CLOTHED + (2 if self.format_.bits < 24 else 0)
        if not fitting or (of is None and place >= enough and len(fitting) < 2):
            return None
        chosen = list(fitting)
        if len(fitting) > 1 and place >= _CLOTHED:
            chosen = chosen[:1] if of is None and place >= 2 * _CLOTHED else chosen[-1:]
        filled = {name: fitting[name] for name in chosen}
        drawn = self._probe("edge", sizes, single, {}, place, kinds=filled, filling=dtype)
        cast = [name for name in chosen if _may_be_cast(drawn.inputs[name], dtype)]
        if not cast:
            return None
        inputs = {
            name: np.asarray(value).astype(dtype) if name in cast else value for name, value in drawn.inputs.items()
        }
        return replace(drawn, inputs=inputs, types=dict.fromkeys(cast, dtype), origin=drawn)

    # ---- the formula's parameters

    def _under_other_parameters(self, small: list[Probe]) -> Iterator[Probe]:
        together = self.formula.choices if self.formula.meaning else {}
        for place, chosen in enumerate(self._choices_together([name for name in self.parameters if name in together])):
            anew = self._under(chosen)
            of_chosen = [*_spread(self._for(chosen, small)[place:], _UNDER_CHOICES), *anew._besides(place, 4)]
            yield from (replace(probe, parameters=chosen) for probe in of_chosen)
        for name in (name for name in self.parameters if name not in together):
            values: list[Any] = [*self.formula.choices.get(name, ())] or [*self.formula.tried.get(name, _DELTAS)]
            others = [each for each in values if each != self.formula.parameters[name]]
            between = self._between_values(name, values)
            for place, value in enumerate(others):
                of_value = [*_spread(small[place:], max(4 * _CLOTHED, _UNDER_VALUES // len(others)))]
                for number, probe in enumerate(of_value):
                    other = next(between, value) if number % 4 == 3 else value
                    yield replace(probe, parameters={name: other})
                of_value = [*self._besides(place, 2), *self._at(value)]
                yield from (replace(probe, parameters={name: value}) for probe in of_value)

    def _between_values(self, name: str, values: Sequence[Any]) -> Iterator[float]:
        """Values of a number between those that are tried anyway, of every magnitude; of a share that is nearly 1, what is left of 1 has every magnitude."""
        default = self.formula.parameters[name]
        if self.array in _COMPILING or any(isinstance(each, bool | str) for each in (default, *values)):
            return
        known = [float(each) for each in (default, *values)]
        of_shares = default > 0.5 and all(0 <= each < 1 for each in known)
        sizes = [1 - each for each in known] if of_shares else [each for each in known if each > 0]
        ends = [math.frexp(each)[1] for each in (min(sizes), max(sizes))]
        for size in (
            Draws(self.seed, self.formula.name, "between", name).ladder(ends[0] - 1, ends[1], _BETWEEN_VALUES).tolist()
        ):
            # Of three digits, so that a call can be typed.
            size = float(f"{min(max(size, min(sizes)), max(sizes)):.3g}")
            yield 1 - size if of_shares else size

    def _besides(self, place: int, everyday: int) -> list[Probe]:
        """What is tried under other parameters besides small inputs: some of everyday sizes, one of a middle size, and some in other number types."""
        if self.array in _COMPILING:
            return [self._of_middle_size(place)]
        sizes = [self._of_everyday_size("typical", {}, place, place * everyday + number) for number in range(everyday)]
        return [*sizes, self._of_middle_size(place), *self._of_some_types(place, everyday)]

    def _of_some_types(self, place: int, count: int) -> Iterator[Probe]:
        """Small inputs in some of the other number types, one in each."""
        names, shapes = self._other_types(), self._shapes("edge" if "..." in self._axes() else "typical")
        for number in range(min(count, len(names))):
            turn = place * count + number
            probe = self._typed(names[turn % len(names)], *shapes[turn % len(shapes)], turn % _CLOTHED, turn)
            if probe is not None:
                yield probe

    def _choices_together(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """All combinations of the values of parameters that choose together, but for their defaults; each without what has its default."""
        values = itertools.product(*(self.formula.choices[name] for name in names))
        others = (
            {name: value for name, value in zip(names, each, strict=True) if value != self.parameters[name]}
            for each in values
        )
        return [each for each in others if each]

    def _for(self, chosen: Mapping[str, Any], small: list[Probe]) -> list[Probe]:
        """Small inputs under other parameters: those of the others, unless an argument is of another kind then."""
        anew = self._under(chosen)
        if anew.formula.inputs == self.formula.inputs:
            return small
        return [probe for class_ in CLASSES for probe in anew._small(class_)]

    def _under(self, chosen: Mapping[str, Any]) -> Survey:
        """The same under other parameters, which may ask for arguments of other kinds."""
        return replace(self, formula=setting(self.formula, **{**self.set_to, **chosen}).formula)

    def _of_middle_size(self, place: int) -> Probe:
        """A typical input, each of whose axes is longer than those of small ones."""
        axes = self._axes()
        if "..." in axes:
            return self._probe("typical", {"...": -1}, False, {}, place, (_MANY_SAMPLES,))
        sizes = {axis: _MIDDLE[number % len(_MIDDLE)] for number, axis in enumerate(axes)} | {"N": _MANY_SAMPLES}
        while self._entries(sizes) > _ENTRIES:
            sizes = {axis: size // 2 for axis, size in sizes.items()}
        return self._probe("typical", sizes, False, {}, place)

    # ---- the shape asked for

    def _of_the_shape(self) -> Iterator[Probe]:
        """One typical input and one extreme one; axes that are not named are small."""
        if not self.shape:
            return
        entries = self.shape.get(ENTRIES)
        sizes = {axis: 2 if axis == "N" else 3 for axis in self._axes()}
        sizes |= {axis: size[0] for axis, size in self.shape.items() if axis != ENTRIES}
        if entries is not None:
            sizes["..."] = -1
        for class_ in ("typical", "extreme"):
            # Everyday numbers, of which none drowns in the others, so that each place of a sum is seen; then every magnitude.
            first = self.formula.inputs[0]
            everyday = {first.name: self._kinds(first)[0].ways["typical"][-1]} if class_ == "typical" else {}
            yield self._probe(class_, sizes, False, everyday, 0, entries, is_large=True)

    # ---- one input

    def _probe(
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
            options = [each for each in _ANY_SHAPES[class_] if each or not takes_steps]
            shape = options[sizes["..."] % len(options)]
        drawn: Inputs = {}
        beside: dict[str, tuple[str, Any]] = {}
        ways: dict[str, str] = {}
        named = mappings.shapes(Draws(self.seed, self.formula.name, "names", place), place)
        late = [each for each in self.formula.inputs if self._kinds(each)[0].is_late]
        for each in [each for each in self.formula.inputs if each not in late] + late:
            # In every number type the same numbers, as far as it holds them: what is acceptable is computed once.
            sized = (place, single, *sizes.values(), shape or "", bool(filling))
            key = (self.seed, self._name, each.name, class_, *sized)
            draws = Draws(*key)
            way = chosen.get(each.name)
            having = [kind for kind in self._kinds(each) if way in kind.ways[class_]]
            kind = (kinds or {}).get(each.name) or draws.one_of(having or self._kinds(each))
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
                    name: _in_format(way.draw(Draws(*key, name), own, self.format_, {}), self.format_)
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
                values = _in_format(values, self.format_)
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
_ANY_SHAPES: dict[Class, list[Shape]] = {
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


def _in_format(values: Any, format_: Format) -> Any:
    """Numbers rounded to the format; labels stay integers."""
    values = np.asarray(values)
    return values if values.dtype.kind in "iu" else values.astype(format_.dtype())


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


def _spread(of: Sequence[Probe], count: int) -> list[Probe]:
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
