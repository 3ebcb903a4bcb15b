"""The sizes at which a formula is tried: each axis small and large, and everyday ones between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Class, Way
from refmath.oracle.searching.probe import ANY_SHAPES, Drawing, Probe

#: An axis is small in most inputs, of one of two sizes: one is a power of two, as laws divide by it, the other is not; and axes side by
#: side have different sizes, so that one is not taken for the other …
SMALL = ((3, 2), (4, 3), (5, 4), (2, 5))
#: … and large in a few: on either side of these, and above the last; and once at the larger of the first two, of which every block is a part.
LARGE = ((32, 64), (128, 256), (1024,))
#: Between them lie those at which extreme inputs are tried.
_BETWEEN = ((38, 120), (270, 500), (505, 1020))
#: Of the versions of a formula each has one of these.
LARGE_OF_VERSIONS = (0, 0, 0, 1, 1, 2)
#: Everyday sizes between small and large: each of them is tried once, in as many typical inputs, as far as a third of these …
_EVERYDAY = range(6, 31)
#: … and so many are tried in each of the other classes; of candidates that are compiled anew for each shape in the typical class alone.
_EVERYDAY_BESIDES = 4
_COMPILED_EVERYDAY = 4
#: Beside an everyday size the others are as large, unless an array had more entries than that: then one axis at a time.
_EVERYDAY_ENTRIES = 900
#: Under other parameters there are so many samples once, and an axis is of one of these sizes.
_MANY_SAMPLES, _MIDDLE = 33, (13, 17, 11)
#: No array is larger than that, whatever its axes.
_ENTRIES = 20_000
#: The entries of one array in which a formula entry by entry is tried on every magnitude: a prime, so that it has no blocks.
_DENSE = 4099
#: The same of two axes, both of them primes.
_DENSE_ROWS = (7, 587)
#: A few extreme inputs are larger than everyday ones, one between each two of these.
_LARGER = (31, 60, 110, 190, 270)


@dataclass(frozen=True)
class Sizes:
    """The sizes at which a formula is tried.

    Attributes:
        drawing: What draws the arguments.
        examples: About how many inputs of each class there are.
        compiling: Whether the candidate is compiled anew for each shape, so that there are few.
        brief: Whether one large size of each axis is enough.
    """

    drawing: Drawing
    examples: int
    compiling: bool = False
    brief: bool = False

    def small(self, class_: Class) -> list[tuple[dict[str, int], bool]]:
        """The sizes of the axes, and whether it is a single sample, for small inputs."""
        axes = self.drawing.axes()
        if not axes:
            return [({}, False)]
        first = Draws(self.drawing.seed, self.drawing.formula.name, "sizes").below(len(SMALL))
        # Each axis has each of the small sizes, but where few inputs are tried, or a candidate is compiled anew for each size.
        few = self.brief or self.compiling or class_ == "edge"
        shifts = range(1 if few else len(SMALL))
        plain = [
            {axis: SMALL[(first + shift + place) % len(SMALL)][which] for place, axis in enumerate(axes)}
            for shift in shifts
            for which in (0, 1)
        ]
        if "..." in axes:
            return [({"...": place}, False) for place in range(len(ANY_SHAPES[class_]))]
        if class_ == "edge" and self.compiling:
            plain = [{**plain[0], axis: 1} for axis in axes]
        elif class_ == "edge":
            square = dict.fromkeys(axes, plain[0][axes[-1]])
            plain = [square, *({**plain[0], axis: 1} for axis in axes), dict.fromkeys(axes, 1), plain[1]]
        singles = [False, True] if self.drawing.takes_single_samples() else [False]
        return [(sizes, single) for sizes in plain for single in singles]

    def everyday(self, class_: Class, first: int, count: int) -> dict[int, int]:
        """Which of the inputs of a class, after the first ones, are of an everyday size: the number of each among these."""
        if self.brief:
            return {place: place for place in range(1, count, 2)} if class_ == "typical" else {}
        most = len(_EVERYDAY) if class_ == "typical" else _EVERYDAY_BESIDES
        if self.compiling:
            most = _COMPILED_EVERYDAY if class_ == "typical" else 0
        wanted = min(most, self.examples // 3, count - first)
        return {first + number * (count - first) // wanted: number for number in range(wanted)}

    def of_everyday_size(self, class_: Class, chosen: Mapping[str, Way], place: int, number: int) -> Probe:
        """An input whose axes are of everyday sizes, each axis of another one; now and then a single sample."""
        axes = self.drawing.axes()
        if class_ == "extreme" and not self.compiling:
            return self._of_larger_size(chosen, place, number)
        order = Draws(self.drawing.seed, self.drawing.name, "everyday", class_).order(len(_EVERYDAY))
        here = int(order[number % len(order)])
        if "..." in axes:
            size = _EVERYDAY[here]
            shape = (size,) if class_ == "typical" or number % 2 else (2, size // 2)
            return self.drawing.probe(class_, {"...": -1}, False, chosen, place, shape)
        # One axis is the longer the shorter the axes beside it are, so that no array becomes very large.
        ends = (here, len(_EVERYDAY) - 1 - here)
        sizes = {axis: _EVERYDAY[ends[turn % 2]] for turn, axis in enumerate(axes)}
        if self.drawing.entries(dict.fromkeys(axes, _EVERYDAY[len(_EVERYDAY) // 2])) > _EVERYDAY_ENTRIES:
            alone = axes[number % len(axes)]
            sizes = {axis: size if axis == alone else 3 for axis, size in sizes.items()}
        single = class_ != "typical" and number % 2 == 1 and self.drawing.takes_single_samples()
        if class_ == "edge" and number == 0:
            # One output, one feature: a column of many samples.
            sizes = {axis: size if axis == axes[0] else 1 for axis, size in sizes.items()}
        return self.drawing.probe(class_, sizes, single, chosen, place)

    def _of_larger_size(self, chosen: Mapping[str, Way], place: int, number: int) -> Probe:
        """An extreme input one of whose axes is longer than everyday ones; each axis has its turn."""
        axes = self.drawing.axes()
        draws = Draws(self.drawing.seed, self.drawing.name, "larger", number)
        turn = (number + draws.below(2)) % (len(_LARGER) - 1) if len(axes) > 1 else number % (len(_LARGER) - 1)
        size = _LARGER[turn] + draws.below(_LARGER[turn + 1] - _LARGER[turn])
        if "..." in axes:
            return self.drawing.probe("extreme", {"...": -1}, False, chosen, place, (size,))
        axis = axes[number % len(axes)]
        return self.drawing.probe("extreme", self.beside(axis, self.fitting(axis, size)), False, chosen, place)

    def of_middle_size(self, place: int) -> Probe:
        """A typical input, each of whose axes is longer than those of small ones."""
        axes = self.drawing.axes()
        if "..." in axes:
            return self.drawing.probe("typical", {"...": -1}, False, {}, place, (_MANY_SAMPLES,))
        sizes = {axis: _MIDDLE[number % len(_MIDDLE)] for number, axis in enumerate(axes)} | {"N": _MANY_SAMPLES}
        while self.drawing.entries(sizes) > _ENTRIES:
            sizes = {axis: size // 2 for axis, size in sizes.items()}
        return self.drawing.probe("typical", sizes, False, {}, place)

    def of_size(self, class_: Class, axis: str, size: int, place: int, draws: Draws) -> Iterator[Probe]:
        """An input with one large axis."""
        if axis != "...":
            yield self.drawing.probe(class_, self.beside(axis, size), False, {}, draws.below(1 << 20))
            return
        # Long in one axis, wide in two, and high in two.
        shape: Shape = (size,)
        if place == 1 and size % 64:
            shape = (3, size) if class_ == "typical" else (size // 2, 2)
        if place == len(LARGE) - 1 and self.drawing.is_entry_by_entry():
            shape = (_DENSE,) if class_ == "typical" else _DENSE_ROWS
        yield self.drawing.probe(class_, {"...": -1}, False, {}, place, shape)

    def beside(self, axis: str, size: int) -> dict[str, int]:
        sizes = {other: 2 if other == "N" else 3 for other in self.drawing.axes()} | {axis: size}
        # Several samples where there is room for them, so that not only the first classes have their turn.
        if axis == "K" and "N" in sizes and self.drawing.entries(sizes | {"N": 6}) <= _ENTRIES:
            sizes["N"] = 6
        return sizes

    def large(self, axis: str, around: Sequence[int]) -> int:
        draws = Draws(
            self.drawing.seed, self.drawing.name if self.brief else self.drawing.formula.name, "size", axis, *around
        )
        size = draws.one_of(around)
        size += 2 + draws.below(14) if size == 1024 else draws.one_of((-1, 1, 2, 3, 5))
        return self.fitting(axis, int(size), 3 / 4)

    def between(self, axis: str, place: int, other: int) -> int:
        """A size between the large ones, odd if that is even."""
        low, high = _BETWEEN[place]
        size = low + Draws(self.drawing.seed, self.drawing.formula.name, "between", axis, place).below(high - low)
        return self.fitting(axis, size // 2 * 2 + (other + 1) % 2)

    def fitting(self, axis: str, size: int, smaller: float = 1 / 2) -> int:
        """A size at which the largest array has not too many entries."""
        while size > 8 and self.drawing.entries({axis: size}) > _ENTRIES:
            size = int(size * smaller)
        return size
