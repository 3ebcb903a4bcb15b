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

from refmath.balls.formats import Format
from refmath.kinds.draws import Draws
from refmath.kinds.kind import CLASSES, Class, Way
from refmath.oracle.candidates.arrays import Handed
from refmath.oracle.searching.probe import Drawing, Probe, in_format
from refmath.oracle.searching.representations import OF_EACH_TYPE, Representations, spread
from refmath.oracle.searching.shape import ENTRIES
from refmath.oracle.searching.sizes import LARGE, LARGE_OF_VERSIONS, SMALL, Sizes
from refmath.spec import WHOLE, Domain, Formula, setting

#: Libraries that compile a function anew for every shape and number type: they are asked for fewer of both.
_COMPILING: tuple[Handed, ...] = ("jax",)
#: From so many examples on, each of these sizes is tried.
_EXAMPLES_FOR = (0, 40, 60)
#: So many small inputs are tried under each combination of choices, and under all values of a number together, but a few under each in any case.
_UNDER_CHOICES, _UNDER_VALUES = 22, 64
#: A point from which hundreds of steps are made.
_FEW = (2,)
#: Values of numeric parameters that a candidate takes by name: of guards, one of which every format holds.
_DELTAS = (1e-12, 2.0**-10, 1e-5)
#: Of a number so many values between these are tried, on one input each.
_BETWEEN_VALUES = 16


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
            yield from self._representations.in_types_of_arrays_by_name()
            return
        yield from self._representations.in_other_layouts(small)
        yield from self._representations.in_other_types()
        yield from self._under_other_parameters(small)
        yield from self._of_the_shape()

    @functools.cached_property
    def _drawing(self) -> Drawing:
        return Drawing(self.formula, self.format_, self.seed, self.domain)

    @functools.cached_property
    def _sizes(self) -> Sizes:
        return Sizes(self._drawing, self.examples, self.array in _COMPILING, self.brief)

    @functools.cached_property
    def _representations(self) -> Representations:
        return Representations(self._drawing, self._sizes, self.array, self.floating)

    # ---- small inputs, way by way

    def _small(self, class_: Class) -> Iterator[Probe]:
        """Every way of every argument, in turn; the others are typical or of the same class. A brief survey has all arguments take turns at once."""
        each_way = list(self._turns(class_))
        turns = self._turns_at_once(each_way) if self.brief else [dict([turn]) for turn in each_way]
        shapes = self._sizes.small(class_)
        if self.brief and class_ == "edge":
            yield from self._masked()
            yield from self._ignored()
        # Hardly any formula has so many ways that each cannot have two.
        count = len(turns) if self.brief else max(self.examples, 2 * len(turns))
        everyday = self._sizes.everyday(class_, 2 * len(turns), count)
        for place in range(count):
            if place in everyday:
                yield self._sizes.of_everyday_size(class_, turns[place % len(turns)], place, everyday[place])
                continue
            sizes, single = shapes[(place // len(turns) + place) % len(shapes)]
            yield self._drawing.probe(class_, sizes, single, turns[place % len(turns)], place)
        if class_ == "edge" and not self.brief:
            for number in self.formula.parameters.values():
                yield from self._at(number)

    def _at(self, number: Any) -> Iterator[Probe]:
        """A batch, and a sample, some of whose numbers are a parameter's own: on which side of it they count is decided there."""
        if isinstance(number, bool | str) or not isinstance(number, int | float):
            return
        sizes = {axis: SMALL[1][place % 2] if axis == "N" else 2 for place, axis in enumerate(self._drawing.axes())}
        for place, single in enumerate((False, True) if self._drawing.takes_single_samples() else (False,)):
            drawn = self._drawing.probe("edge", sizes | ({"...": 0} if "..." in sizes else {}), single, {}, place)
            found = {}
            for each in self.formula.inputs:
                at = self._drawing.kinds(each)[0].at
                if at is not None and not each.arrays:
                    draws = Draws(self.seed, self._drawing.name, each.name, "at", number, single)
                    found[each.name] = at(draws, np.shape(drawn.inputs[each.name]), number)
            found = {name: in_format(values, self.format_) for name, values in found.items() if values is not None}
            if found:
                ways = {**drawn.ways, **dict.fromkeys(found, "at a parameter")}
                yield replace(drawn, inputs={**drawn.inputs, **found}, ways=ways)

    def _masked(self) -> Iterator[Probe]:
        """A batch, and a sample, some of whose logits are −∞."""
        masking = self._drawing.masking()
        sizes = {axis: SMALL[place][0] for place, axis in enumerate(self._drawing.axes())}
        for single in (
            (False, True) if masking and self._drawing.takes_single_samples() else (False,) if masking else ()
        ):
            yield self._drawing.probe("edge", sizes, single, masking, 0)

    def _ignored(self) -> Iterator[Probe]:
        """A batch, and a sample, of which nothing counts: there is no mean of it, but a sum."""
        ignored = {each.name: each.ignored for each in self.formula.inputs if each.ignored is not None}
        sizes = {axis: SMALL[place][0] for place, axis in enumerate(self._drawing.axes())}
        for single in (False, True) if ignored and self._drawing.takes_single_samples() else ():
            probe = self._drawing.probe("edge", sizes, single, {}, 1)
            labels = {name: np.full_like(probe.inputs[name], value) for name, value in ignored.items()}
            yield replace(probe, inputs={**probe.inputs, **labels})

    def _turns_at_once(self, each_way: list[tuple[str, Way]]) -> list[dict[str, Way]]:
        """Ways of all arguments, as many as the argument has that has most; each argument begins anywhere."""
        ways: dict[str, list[Way]] = {}
        for name, way in each_way:
            ways.setdefault(name, []).append(way)
        most = max(map(len, ways.values()))
        begin = {name: Draws(self.seed, self._drawing.name, name, "turn").below(len(of)) for name, of in ways.items()}
        return [{name: of[(begin[name] + place) % len(of)] for name, of in ways.items()} for place in range(most)]

    def _turns(self, class_: Class) -> Iterator[tuple[str, Way]]:
        for each in self.formula.inputs:
            for kind in self._drawing.kinds(each):
                for way in kind.ways[class_]:
                    yield each.name, way

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
        for axis in self._drawing.axes():
            for place, around in enumerate(LARGE):
                if self.examples < _EXAMPLES_FOR[place] or (place == 1 and self._sizes.compiling):
                    continue
                # In the extreme class sizes between these, where nothing is compiled for each; and one that is a multiple of every block.
                sizes = [self._sizes.large(axis, around)]
                if class_ == "typical" and place < 2 and (axis == "N" or not self._sizes.compiling):
                    sizes.append(self._sizes.fitting(axis, max(around)))
                if class_ == "extreme" and not self._sizes.compiling:
                    sizes = [self._sizes.between(axis, place, sizes[0])]
                for size in sizes:
                    yield from self._sizes.of_size(class_, axis, size, place, draws)
                    if axis == "N" and place == 1 and class_ == "extreme":
                        yield from self._many_alike(self._sizes.beside(axis, size))
        for each in self.formula.inputs:
            if each.kind == "count" and class_ == "extreme" and self.examples >= _EXAMPLES_FOR[-1]:
                tiny = {
                    other.name: self._drawing.kinds(other)[0].ways["extreme"][0]
                    for other in self.formula.inputs
                    if other.kind == "rate"
                }
                yield self._drawing.probe(class_, {"...": -1}, False, tiny, 0, _FEW)

    def _large_once(self) -> Iterator[Probe]:
        """Each axis once, of one of the sizes: each version of a formula has its own."""
        draws = Draws(self.seed, self._drawing.name, "large")
        for axis in self._drawing.axes():
            place = draws.one_of(LARGE_OF_VERSIONS)
            yield from self._sizes.of_size("typical", axis, self._sizes.large(axis, LARGE[place]), place, draws)

    def _masked_and_large(self) -> Iterator[Probe]:
        """Each axis with masks, near the first size and the second; of a version, and of who is compiled anew for each shape, one of them."""
        masking = self._drawing.masking()
        few = self.brief or self._sizes.compiling
        for turn, axis in enumerate(self._drawing.axes() if masking else ()):
            for place in range(2):
                if self.examples >= _EXAMPLES_FOR[place] and (not few or place == turn % 2 == 0):
                    size = self._sizes.large(axis, LARGE[place])
                    yield self._drawing.probe("edge", self._sizes.beside(axis, size), False, masking, place)

    def _many_alike(self, sizes: dict[str, int]) -> Iterator[Probe]:
        """Batches whose samples are all extreme in the same way: what is lost in a few of them may still be made up for by the others."""
        for each in self.formula.inputs:
            if each.axes[:1] == ("N",):
                for place, way in enumerate(self._drawing.kinds(each)[0].ways["extreme"]):
                    yield self._drawing.probe("extreme", sizes, False, {each.name: way}, place)

    # ---- the formula's parameters

    def _under_other_parameters(self, small: list[Probe]) -> Iterator[Probe]:
        together = self.formula.choices if self.formula.meaning else {}
        for place, chosen in enumerate(self._choices_together([name for name in self.parameters if name in together])):
            anew = self._under(chosen)
            of_chosen = [*spread(self._for(chosen, small)[place:], _UNDER_CHOICES), *anew._besides(place, 4)]
            yield from (replace(probe, parameters=chosen) for probe in of_chosen)
        for name in (name for name in self.parameters if name not in together):
            values: list[Any] = [*self.formula.choices.get(name, ())] or [*self.formula.tried.get(name, _DELTAS)]
            others = [each for each in values if each != self.formula.parameters[name]]
            between = self._between_values(name, values)
            for place, value in enumerate(others):
                of_value = [*spread(small[place:], max(4 * OF_EACH_TYPE, _UNDER_VALUES // len(others)))]
                for number, probe in enumerate(of_value):
                    other = next(between, value) if number % 4 == 3 else value
                    yield replace(probe, parameters={name: other})
                of_value = [*self._besides(place, 2), *self._at(value)]
                yield from (replace(probe, parameters={name: value}) for probe in of_value)

    def _between_values(self, name: str, values: Sequence[Any]) -> Iterator[float]:
        """Values of a number between those that are tried anyway, of every magnitude; of a share that is nearly 1, what is left of 1 has every magnitude."""
        default = self.formula.parameters[name]
        if self._sizes.compiling or any(isinstance(each, bool | str) for each in (default, *values)):
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
        if self._sizes.compiling:
            return [self._sizes.of_middle_size(place)]
        sizes = [
            self._sizes.of_everyday_size("typical", {}, place, place * everyday + number) for number in range(everyday)
        ]
        return [*sizes, self._sizes.of_middle_size(place), *self._representations.of_some_types(place, everyday)]

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

    # ---- the shape asked for

    def _of_the_shape(self) -> Iterator[Probe]:
        """One typical input and one extreme one; axes that are not named are small."""
        if not self.shape:
            return
        entries = self.shape.get(ENTRIES)
        sizes = {axis: 2 if axis == "N" else 3 for axis in self._drawing.axes()}
        sizes |= {axis: size[0] for axis, size in self.shape.items() if axis != ENTRIES}
        if entries is not None:
            sizes["..."] = -1
        for class_ in ("typical", "extreme"):
            # Everyday numbers, of which none drowns in the others, so that each place of a sum is seen; then every magnitude.
            first = self.formula.inputs[0]
            everyday = {first.name: self._drawing.kinds(first)[0].ways["typical"][-1]} if class_ == "typical" else {}
            yield self._drawing.probe(class_, sizes, False, everyday, 0, entries, is_large=True)
