"""A failing input made smaller: fewer samples, classes and entries first, then simpler numbers, as long as it fails."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from refmath.kinds import KINDS
from refmath.kinds.kind import Kind
from refmath.oracle.searching.probe import Inputs
from refmath.spec import Formula, Input, are_labels, places_of_parts, shapes_of_parts

#: How much may be tried on the way, as each input is judged anew: some hundreds of small inputs, some tens of large ones.
_MOST = 4000
#: Of inputs that cost more than this so many may be tried, each of them as large as the first: fewer of those, and more of smaller ones.
_LARGE, _LARGE_ONES = 1300, 6
#: Of more bytes than that a hash is kept to know them again.
_KEPT = 1 << 15


def reduced(formula: Formula, inputs: Inputs, fails: Callable[[Inputs], bool], place: tuple[int, ...] = ()) -> Inputs:
    """The smallest input that was found.

    Args:
        formula: The formula whose arguments these are.
        inputs: The arguments by name; they fail.
        fails: Whether an input fails as these do; one that is no input of the formula does not.
        place: An entry of the answer that fails: what belongs to it alone is tried first.

    Returns:
        An input that fails, the inputs themselves if no smaller one does.
    """
    left = _MOST
    left_of_large = _LARGE_ONES * _cost(formula, inputs)
    best = inputs
    # Some simpler values lead back to each other.
    known = {_key(inputs)}
    for smaller in _around(formula, inputs, place):
        known.add(_key(smaller))
        left -= _cost(formula, smaller)
        if fails(smaller):
            best = smaller
            break
    improved = True
    while improved and left > 0 and left_of_large > 0:
        improved = False
        for smaller in itertools.chain(_smaller(formula, best), _simpler(formula, best)):
            if _key(smaller) in known:
                continue
            known.add(_key(smaller))
            cost = _cost(formula, smaller)
            if cost > _LARGE:
                left_of_large -= max(cost, _cost(formula, inputs) // 8)
            else:
                left -= cost
            if left < 0 or left_of_large < 0:
                break
            if fails(smaller):
                best, improved = smaller, True
                break
    return best


def _key(value: Any) -> Any:
    """What tells inputs, or an argument, from others."""
    if isinstance(value, dict):
        return tuple((name, _key(each)) for name, each in value.items())
    if callable(value):
        return value
    numbers = np.asarray(value).tobytes()
    return np.shape(value), hashlib.blake2b(numbers).digest() if len(numbers) > _KEPT else numbers


def _cost(formula: Formula, inputs: Inputs) -> int:
    """How much work an input is: by its numbers, and by the steps that it asks for."""
    cost = 10
    for each in formula.inputs:
        value = inputs[each.name]
        if each.kind == "count":
            cost += 4 * int(value)
        elif not each.is_function:
            cost += sum(map(np.size, value.values() if isinstance(value, dict) else [value])) // 16
    return cost


def _kind(formula: Formula, inputs: Inputs, each: Input) -> Kind:
    if each.kind == "targets_or_labels":
        return KINDS["labels" if are_labels(formula, inputs, each) else "targets"]
    return KINDS[each.kind]


# ---- fewer entries


def _around(formula: Formula, inputs: Inputs, place: tuple[int, ...]) -> Iterator[Inputs]:
    """What belongs to an entry of the answer alone, along all axes that it has in common with the arguments, then along the first."""
    sizes = _axes(formula, inputs)
    axes: tuple[Any, ...] = tuple(axis for _, axis in formula.output)
    if formula.parts and len(place) == 1:
        axes, place = _in_its_part(formula, inputs, place[0])
    if formula.inputs[-1].axes == ("...",) or formula.inputs[0].axes == ("...",):
        axes = tuple(range(len(place)))
    # An answer may run over an axis twice: both places stay.
    places = {axis: [at for of, at in zip(axes, place, strict=False) if of == axis] for axis in dict.fromkeys(axes)}
    kept = [(axis, np.unique(at)) for axis, at in places.items() if at and sizes.get(axis, 0) > 4]
    for some in (kept, kept[:1]):
        smaller: Inputs | None = inputs
        for axis, only in some:
            smaller = None if smaller is None else _without(formula, smaller, axis, only)
        if some and smaller is not None:
            yield smaller


def _in_its_part(formula: Formula, inputs: Inputs, place: int) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """Of an entry of an answer in parts, which come one after the other: the axes of its part, and where in that it is."""
    shapes = shapes_of_parts(formula, inputs, formula.parts)
    places = places_of_parts(shapes)
    part = next(each for each in formula.parts if place < places[each.key].stop)
    at = tuple(map(int, np.unravel_index(place - places[part.key].start, shapes[part.key])))
    return tuple(axis for _, axis in part.output)[len(part.output) - len(at) :], at


def _smaller(formula: Formula, inputs: Inputs) -> Iterator[Inputs]:
    """Half of an axis, the other half, then without its end, or one place of it; in all arguments that have the axis."""
    for axis, size in _axes(formula, inputs).items():
        if size < 2:
            continue
        halves = [np.arange(size // 2), np.arange(size // 2, size)] if size > 2 else []
        ones = [np.delete(np.arange(size), place) for place in range(size)] if size <= 8 else []
        ends = [np.arange(size - some) for some in (size // 8, 1)] if size > 8 else []
        for kept in (*halves, *ends, *ones):
            smaller = _without(formula, inputs, axis, kept)
            if smaller is not None:
                yield smaller


def _axes(formula: Formula, inputs: Inputs) -> dict[Any, int]:
    """The sizes of the axes; those of an array of any shape are numbered."""
    sizes: dict[Any, int] = {}
    for each in formula.inputs:
        value = inputs[each.name]
        if each.is_function or isinstance(value, dict):
            continue
        shape = np.shape(value)
        names = _names(formula, inputs, each)
        sizes.update(zip(names, shape, strict=False))
    return sizes


def _names(formula: Formula, inputs: Inputs, each: Input) -> tuple[Any, ...]:
    """The names of the axes that a value has: labels lack the last one, a single sample the first; those of any shape are numbered."""
    dimensions = np.ndim(inputs[each.name])
    if each.axes == ("...",):
        return tuple(range(dimensions))
    names = each.axes[:-1] if each.kind == "targets_or_labels" and are_labels(formula, inputs, each) else each.axes
    return names[len(names) - dimensions :]


def _without(formula: Formula, inputs: Inputs, axis: Any, kept: Any) -> Inputs | None:
    smaller: Inputs = {}
    for each in formula.inputs:
        value = inputs[each.name]
        if each.is_function:
            if value.shape is None:
                return None  # a function of arrays of any shape has no axes
            smaller[each.name] = value.without(kept, axis) if isinstance(axis, int) else value
            continue
        if isinstance(value, dict) or each.is_number:
            smaller[each.name] = value
            continue
        value, kind = np.asarray(value), _kind(formula, inputs, each)
        names = _names(formula, inputs, each)
        if axis in names:
            value = kind.without(value, names.index(axis), kept)
        elif kind.name == "labels" and axis == each.classes:
            value = np.minimum(value, len(kept) - 1)
        smaller[each.name] = value
    return smaller


# ---- simpler numbers


def _simpler(formula: Formula, inputs: Inputs) -> Iterator[Inputs]:
    # Fewer steps make all that follows cheaper.
    for each in sorted(formula.inputs, key=lambda each: each.kind != "count"):
        value = inputs[each.name]
        if isinstance(value, dict):
            for key, array in value.items():
                if len(value) > 1:
                    yield _without_key(formula, inputs, key)
                for simple in KINDS[each.kind].simpler(array):
                    yield {**inputs, each.name: {**value, key: simple}}
            continue
        for simple in _kind(formula, inputs, each).simpler(value):
            yield {**inputs, each.name: simple}


def _without_key(formula: Formula, inputs: Inputs, key: str) -> Inputs:
    """Without one array, in every mapping."""
    mappings = {each.name for each in formula.inputs if each.arrays}
    return {
        name: {own: array for own, array in value.items() if own != key} if name in mappings else value
        for name, value in inputs.items()
    }
