"""What has no meaning and must be refused: each argument spoilt as its kind says, and arrays whose shapes are wrong or do not fit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from refmath.balls.formats import FORMATS
from refmath.kinds import kinds_of
from refmath.kinds.draws import Draws
from refmath.spec import Formula, Input
from refmath.vectors import quadratics
from refmath.vectors.cases import call_inputs
from refmath.vectors.inputs import Inputs, draw, drawn_shape, kind_in
from refmath.vectors.reasons import Reason, of_different_sizes

#: A reason, and inputs by name.
_Rows = Iterator[tuple[str, Inputs]]

_TEXTS = {
    "empty": "There is nothing in it.",
    "scalar": "A number, where an array is meant.",
    "three_axes": "One axis more than a batch has.",
    "shapes_differ": "The shapes do not fit each other.",
    "would_broadcast": "The shapes differ, but would be broadcast.",
    "parameter_missing": "A mapping lacks one of its arrays.",
    "parameter_unknown": "A mapping has an array that does not belong there.",
}


def texts(formula: Formula) -> dict[str, str]:
    """What each reason means, in a sentence."""
    return {
        **_TEXTS,
        **{bad.name: bad.text for each in formula.inputs for kind in kinds_of(each) for bad in kind.rejected},
    }


def calls(formula: Formula) -> Iterator[tuple[str, dict[str, Any]]]:
    """A reason, and the arguments of a call that are to be refused; of an argument that may be of two kinds in both."""
    sound = Reason("edge", "sound", "", (of_different_sizes(formula),), 1)
    for turn in range(max(len(kinds_of(each)) for each in formula.inputs)):
        inputs = draw(formula, sound, FORMATS["float64"], turn)
        spoilt = [each for each in formula.inputs if turn == 0 or len(kinds_of(each)) > 1]
        for why, bad in (*_by_numbers(formula, inputs, spoilt, turn), *_by_shapes(formula, inputs, spoilt, turn)):
            yield why, call_inputs(formula, bad)
    yield from _by_mappings(call_inputs(formula, inputs))


def _by_numbers(formula: Formula, sound: Inputs, spoilt: list[Input], turn: int) -> _Rows:
    """As the kinds say."""
    extent = of_different_sizes(formula)
    for each in spoilt:
        kind = kind_in(each, turn)
        for bad in kind.rejected:
            yield bad.name, {**sound, each.name: bad.spoil(sound[each.name], drawn_shape(each, kind, extent))}


# ---- shapes


def _by_shapes(formula: Formula, sound: Inputs, spoilt: list[Input], turn: int) -> _Rows:
    """All arguments without an entry, or with an axis too many; one of them a number, or not as long as the others."""
    axes = {each.name: _axes(each, turn) for each in formula.inputs}
    known = list(dict.fromkeys(axis for named in axes.values() for axis in named))
    for axis in known if turn == 0 else ():
        yield "empty", {name: _at(axes[name], axis, value, _nothing) for name, value in sound.items()}
    if "N" in known:
        yield "three_axes", {name: value[None] if "N" in axes[name] else value for name, value in sound.items()}
    for each in spoilt:
        value, named = sound[each.name], axes[each.name]
        if named and "..." not in named:
            yield "scalar", {**sound, each.name: value.flat[0]}
        for axis in named:
            sharing = [name for name in axes if axis in axes[name]]
            if len(sharing) > 1:
                yield "would_broadcast", {**sound, each.name: _at(named, axis, value, _first)}
            # What is too long shows in whatever has that axis: it is enough to try one of them.
            if len(sharing) > 1 and each.name == sharing[-1]:
                yield "shapes_differ", {**sound, each.name: _at(named, axis, value, _longer)}


def _axes(each: Input, turn: int) -> tuple[str, ...]:
    """The axes of an argument; of two encodings, labels have one fewer."""
    are_labels = len(kinds_of(each)) > 1 and kind_in(each, turn).name == "labels"
    return each.axes[:-1] if are_labels else each.axes


def _nothing(value: Any, axis: int) -> Any:
    return np.take(value, [], axis=axis)


def _longer(value: Any, axis: int) -> Any:
    """With the first place of an axis once more."""
    return np.concatenate([value, _first(value, axis)], axis=axis)


def _first(value: Any, axis: int) -> Any:
    return np.take(value, [0], axis=axis)


def _at(axes: tuple[str, ...], axis: str, value: Any, change: Callable[[Any, int], Any]) -> Any:
    """An argument with one of its axes changed, if it has that one: of a mapping its first array, of a function what it is called with."""
    if callable(value):
        return quadratics.drawn(Draws("nothing"), 0)
    if axis not in axes:
        return value
    if isinstance(value, dict):
        first = next(iter(value))
        return {**value, first: change(value[first], value[first].ndim - 1)}
    return change(value, axes.index(axis))


# ---- mappings


def _by_mappings(call: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Arrays of a mapping that are missing, or too many."""
    for name, value in call.items():
        if isinstance(value, dict):
            *kept, last = value
            yield "parameter_missing", {**call, name: {key: value[key] for key in kept}}
            yield "parameter_unknown", {**call, name: {**value, f"{last}_": value[last]}}
