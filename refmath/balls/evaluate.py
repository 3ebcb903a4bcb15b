"""Evaluating a formula's definition on given floating-point numbers, in balls of a given precision."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx, fmpq
from numpy.typing import NDArray

from refmath.balls import descents, differences, networks
from refmath.balls.comparisons import SMALLEST, as_given, number_as_given, with_exact_comparisons
from refmath.balls.compile import evaluation, rounded_evaluation
from refmath.balls.formats import FORMATS
from refmath.balls.functions import underflowing
from refmath.balls.sums import MANY, Every, TermByTerm, Vector, in_usual_orders
from refmath.calculus.functions import Function
from refmath.conventions import outside
from refmath.spec import (
    ByFormat,
    Formula,
    Input,
    Part,
    Setting,
    are_labels,
    is_single,
    places_of_parts,
    shapes_of_parts,
    unpacked,
)
from refmath.symbols import free_symbols

Balls = NDArray[Any]

_FUNCTIONS = ("function", "convex_function")


class BeyondAnAxis(ValueError):
    """An index of a definition has a place that its axis does not have."""


#: Of a larger array the balls are not kept.
_LARGE = 1 << 16

#: The closed range of what an argument of a kind may be: no honest rounding of it leads out of there.
RANGES: dict[str, tuple[float, float]] = dict.fromkeys(
    ("probabilities", "one_hot", "targets", "targets_or_labels", "unit_interval"), (0.0, 1.0)
) | {"signed_unit_interval": (-1.0, 1.0)}


def as_balls(values: Any, widen: float = 0.0, highest: float = math.inf) -> Balls:
    """An array of balls around exactly the given numbers, each with `widen · |value|` as its radius.

    Args:
        values: An array of any shape of binary floats or integers; bfloat16 included.
        widen: The radius, relative to each value; 0 for exact balls.
        highest: No ball reaches past this, or below minus this; a number that lies beyond it itself is left alone.

    Returns:
        An object array of `arb`, of the same shape.
    """
    values = np.asarray(values)
    balls = np.empty(values.size, object)
    plain = _plain(values).ravel()
    if plain.dtype == np.float64 and not widen:
        balls[:] = list(map(arb, plain.tolist()))
    elif plain.dtype == np.float64 and _is_simply_widened(plain, widen, highest):
        balls[:] = list(map(arb, plain.tolist(), (np.abs(plain) * widen).tolist()))
    else:
        balls[:] = [_ball(value, widen, highest) for value in plain.tolist()]
    return balls.reshape(values.shape)


def _is_simply_widened(values: NDArray[np.float64], widen: float, highest: float) -> bool:
    """Whether the radii of all balls are exact products, and none of them is cut."""
    radii = np.abs(values) * widen
    exact = math.frexp(widen)[0] == 0.5 and bool(
        (((radii >= _SURELY_NORMAL) & np.isfinite(radii)) | (values == 0)).all()
    )
    return exact and (highest == math.inf or not _reaches_past(values, widen, highest).any())


class _WhenAsked:
    """The balls of an array, each of them made when it is asked for: few entries of an output need few of an input.

    Those of a large array are made anew each time, and those of a whole row together.
    """

    def __init__(self, values: NDArray[Any], widen: float, highest: float) -> None:
        self._values, self._how = _plain(values), (widen, highest)
        self._made: dict[Any, Any] = {}
        self._last: tuple[Any, Any] = (None, None)

    def __getitem__(self, place: Any) -> Any:
        if place.__class__ is int and self._values.size > _LARGE:
            # An entry that stands in a definition twice is asked for twice in a row.
            if place != self._last[0]:
                value = self._values.item(place) if self._values.dtype == np.float64 else self._values[place]
                self._last = place, _ball(value, *self._how)
            return self._last[1]
        if place in self._made:
            return self._made[place]
        places = place if isinstance(place, tuple) else (place,)
        if any(isinstance(each, Every) for each in places):
            return self._row(places)
        ball = _ball(self._values[place], *self._how)
        if self._values.size <= _LARGE:
            self._made[place] = ball
        return ball

    def _row(self, places: tuple[Any, ...]) -> Vector:
        slices = [slice(each.places.start, each.places.stop) if isinstance(each, Every) else each for each in places]
        if self._values.dtype != np.float64 or sum(isinstance(each, Every) for each in places) > 1:
            raise TermByTerm
        row = np.ascontiguousarray(self._values[tuple(slices)])
        if not np.isfinite(row).all():
            raise TermByTerm
        return Vector.of(row, *self._how)

    def nonzero(self, outer: tuple[int, ...], places: range) -> Any:
        """The places of the last index at which a ball is not zero, if they are many; otherwise all."""
        if len(places) < MANY or self._values.dtype != np.float64:
            return places
        row = self._values[outer][places.start : places.stop]
        found = np.flatnonzero(row)
        return places if 2 * len(found) > len(row) else (found + places.start).tolist()


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers as float64 if it can hold them for certain; otherwise as they are, one by one."""
    kind = values.dtype.kind
    if kind in "iu":
        floats = values.astype(np.float64)
        return floats if bool((np.abs(floats) < 2.0**53).all()) else values.astype(object)
    if (kind == "f" and values.dtype.itemsize <= 8) or values.dtype.name == "bfloat16":
        return values.astype(np.float64)
    return values.astype(object)


def _ball(value: Any, widen: float, highest: float) -> Any:
    """A number as a ball; see `as_balls`."""
    if not widen or abs(value) == math.inf:
        return _exact(value)
    if abs(value) <= highest < math.inf and _reaches_past(float(value), widen, highest):
        return -_cut(-value, widen, highest) if value < 0 else _cut(value, widen, highest)
    if isinstance(value, float):
        radius = abs(value) * widen
        # Otherwise the product may be rounded.
        if radius >= _SURELY_NORMAL and math.frexp(widen)[0] == 0.5:
            return arb(value, radius)
    middle = _exact(value)
    return arb(middle, abs(middle) * widen)


#: A product that is no smaller has all its bits, if it is one with a power of two.
_SURELY_NORMAL = 2.0**-1000


def _reaches_past(values: Any, widen: float, highest: float) -> Any:
    """Which balls around floats may reach past the highest number that is allowed, or below minus that, their radii being kept to 30 bits only."""
    sizes = abs(values)
    return (sizes <= highest) & (sizes * (1 + widen * (1 + 2.0**-28)) >= highest)


@functools.lru_cache(maxsize=512)  # mostly of ones
def _cut(value: Any, widen: float, highest: float) -> Any:
    """A widened ball without what lies past the highest number: from its lower end, or a little below that, up to it."""
    with ctx.workprec(256):
        middle = _exact(value)
        # A radius is kept in 30 bits, rounded up; the middle goes by what it has become.
        half = arb(0, (highest - (middle - abs(middle) * widen)) / 2)
        return half + (highest - half.rad())


def evaluate(
    setting: Setting,
    inputs: dict[str, Any],
    precision: int,
    *,
    widen: float = 0.0,
    flush: float = 0.0,
    finer: int = 0,
    within: bool = True,
    entries: NDArray[np.int64] | None = None,
    common: dict[str, Any] | None = None,
) -> Balls:
    """The definition's value on the inputs, as balls computed with `precision` bits.

    Args:
        setting: The formula and its conventions.
        inputs: One array for each input of the formula; see `read`.
        precision: The working precision in bits.
        widen: The relative radius given to every real input and parameter first.
        flush: What may be lost where numbers underflow: the format's smallest normal number.
        finer: The number of bits by which the radius and `flush` are smaller than those of the format.
        within: Cut widened inputs to what their kind allows; they are not centred on their numbers then.
        entries: Positions in the output's entries in a row, if only these are wanted.
        common: What an evaluation has in common with others that differ from it in `within` and in the form only: empty at first, filled by the first one.

    Returns:
        An object array of `arb`, of the shape of the formula's output; 0-d for a scalar. An answer that is a mapping comes flat, its
        entries one after the other. With `entries`, these in a row.
    """
    formula = setting.formula
    sizes, shape = _sizes(setting, inputs)
    if entries is not None and not len(entries):
        return np.empty(0, object)
    # What may be lost to underflow is that of a format: there sums may be taken in another order.
    with ctx.workprec(precision), underflowing(flush, math.ldexp(flush, finer)), in_usual_orders(flush > 0):
        if formula.takes_function:
            return _of_function(setting, inputs, shape, entries, differences.gradient, descents.end)
        lazily = entries is not None and not formula.by_layers
        common = {} if common is None else common
        values = []
        for each in formula.inputs:
            if each.name not in common:
                common[each.name] = _values(each, inputs[each.name], sizes, widen, within, lazily, formula.by_layers)
            # What may be cut is another ball then.
            values.append(common.pop(each.name) if each.kind in RANGES else common[each.name])
        if formula.by_layers:
            given_numbers = _numbers(setting, widen, flush, finer)
            rounds = bool(flush) and not widen
            return networks.evaluate(
                setting,
                *values,
                numbers=given_numbers,
                flush=flush,
                rounds=rounds,
                entries=entries,
                common=common,
                bits=precision - finer,
                smallest=math.ldexp(flush, finer),
            )
        outputs = [(part.definition, part.output) for part in setting.parts] or [(setting.definition, formula.output)]
        numbers = _numbers(setting, widen, flush, finer)
        exactly: dict[sp.Basic, Any] = {}
        if widen:
            kinds = tuple((each.symbol, each.kind) for each in formula.inputs)
            held = {
                name: value for name, value in setting.parameters.items() if _is_held(value, precision - finer, flush)
            }
            names = frozenset(held)
            outputs = [(with_exact_comparisons(definition, kinds, names), output) for definition, output in outputs]
            mentioned = {symbol for definition, _ in outputs for symbol in free_symbols(definition)}
            compared = {base for definition, _ in outputs for base in _bases_in(definition)}
            exactly = {
                as_given(each.symbol): _values(each, inputs[each.name], sizes, lazily=lazily)
                for each in formula.inputs
                if isinstance(each.symbol, sp.IndexedBase) and as_given(each.symbol) in compared
            }
            exactly |= {
                number_as_given(name): arb(value)
                for name, value in sorted(held.items())
                if number_as_given(name) in mentioned
            }
            exactly[SMALLEST] = arb(flush)
        if precision < _OF_NUMBERS:
            outputs, numbers = _numbers_apart(setting, outputs, values, sizes, numbers, widen)
        given = setting, values, sizes, numbers, exactly
        if entries is None:
            balls = [_entries(*given, *each) for each in outputs]
            return np.concatenate([part.ravel() for part in balls]) if setting.parts else balls[0].reshape(shape)
        # Positions in each part; those of a part come one after the other, but not those of all parts.
        ends = np.cumsum([math.prod(sizes[axis] for _, axis in output) for _, output in outputs])
        starts = np.concatenate([[0], ends[:-1]])
        found = np.empty(len(entries), object)
        for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
            inside = (start <= entries) & (entries < end)
            if inside.any():
                found[inside] = _entries(*given, *outputs[place], entries=entries[inside] - start)
        return found


def _is_held(value: Any, bits: int, smallest: float) -> bool:
    """Whether a parameter is a number that a format of so many bits holds."""
    if isinstance(value, bool | str) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return abs(value) >= smallest and float(math.ldexp(math.frexp(value)[0], bits)).is_integer()


#: What is made of numbers alone, such as 1 − β and βᵗ, is computed with so many bits at least: programs of narrow formats have plain floats there.
_OF_NUMBERS = 24


def _numbers_apart(
    setting: Setting,
    outputs: list[tuple[sp.Expr, Any]],
    values: list[Any],
    sizes: dict[str, int],
    numbers: dict[str, Any],
    widen: float,
) -> tuple[list[tuple[sp.Expr, Any]], dict[str, Any]]:
    """Definitions in which a symbol stands for each part that is made of numbers alone, and the balls of these, rounded to the format."""
    alone = frozenset(numbers) | {str(each.symbol) for each in setting.formula.inputs if each.is_number}
    found, made = [], dict(numbers)
    exact = _numbers(setting, 0.0, 0.0)
    for definition, output in outputs:
        written, parts = _named_numbers(definition, alone)
        for name, part in parts.items():
            with ctx.workprec(_OF_NUMBERS):
                ball: Any = _entries(setting, values, sizes, exact, {}, part, ())[()]
                made[name] = ball + arb(0, abs(ball).upper() * widen)
        found.append((written, output))
    return found, made


@functools.lru_cache(maxsize=256)
def _named_numbers(definition: sp.Expr, alone: frozenset[str]) -> tuple[sp.Expr, dict[str, sp.Expr]]:
    """A definition with a symbol in place of each part that is made of some numbers alone, and these parts by the names of the symbols."""
    parts: dict[str, sp.Expr] = {}

    def named(node: sp.Basic) -> sp.Basic:
        if not node.args or isinstance(node, sp.Indexed):
            return node
        names = {str(each) for each in node.free_symbols}
        if isinstance(node, sp.Expr) and names and names <= alone:
            name = f"made_of_numbers_{sp.srepr(node)}"
            parts[name] = node
            return sp.Symbol(name, real=True)
        args = [named(each) for each in node.args]
        return node if all(map(operator.is_, args, node.args)) else node.func(*args)

    return named(definition), parts


def output_shape(setting: Setting, inputs: dict[str, Any]) -> tuple[int, ...]:
    """The shape of the output; of an answer that is a mapping, the number of all its entries."""
    sizes, shape = _sizes(setting, inputs)
    return (
        (sum(math.prod(sizes[axis] for _, axis in part.output) for part in setting.parts),) if setting.parts else shape
    )


def is_cut(setting: Setting, inputs: dict[str, Any], widen: float) -> bool:
    """Whether a widened input would reach past what its kind allows, so that its ball is cut, and not centred on it."""
    cut = ((inputs[each.name], RANGES[each.kind][1]) for each in setting.formula.inputs if each.kind in RANGES)
    return any(_reaches_past(np.asarray(values, np.float64), widen, highest).any() for values, highest in cut)


def evaluate_honestly(setting: Setting, inputs: dict[str, Any], entries: NDArray[np.int64] | None = None) -> Balls:
    """How far an honest answer may be from the exact one, for what is done with a function."""
    _, shape = _sizes(setting, inputs)
    return _of_function(setting, inputs, shape, entries, differences.allowance, descents.allowance)


def _of_function(
    setting: Setting,
    inputs: dict[str, Any],
    shape: tuple[int, ...],
    entries: NDArray[np.int64] | None,
    at: Callable[..., Balls],
    down: Callable[..., Balls],
) -> Balls:
    f, point, *others = inputs.values()
    balls = list(as_balls(point).ravel())
    if not others:
        found = at(f, balls, None if entries is None else entries.tolist())
        return found.reshape(shape) if entries is None else found
    # Every step takes all entries.
    rate, steps = others
    ends = down(f, balls, arb(float(rate)), int(steps))
    return ends.reshape(shape) if entries is None else ends[entries]


def by_definition(setting: Setting, inputs: dict[str, Any], precision: int) -> Balls:
    """The same from the SymPy definition alone, where `evaluate` has matrices for it."""
    formula = setting.formula
    sizes, _ = _sizes(setting, inputs)
    with ctx.workprec(precision):
        values = [_values(each, inputs[each.name], sizes) for each in formula.inputs]
        parts = setting.parts or (Part("", setting.definition, formula.output),)
        numbers = _numbers(setting, 0.0, 0.0)
        balls = [_entries(setting, values, sizes, numbers, {}, part.definition, part.output) for part in parts]
        return np.concatenate([part.ravel() for part in balls]) if setting.parts else balls[0]


def as_written(setting: Setting, inputs: dict[str, Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """What the SymPy definition gives when it is evaluated as it is written in the arithmetic of a format, entry by entry.

    Args:
        setting: The formula and its conventions.
        inputs: One array for each input of the formula; see `read`.
        dtype: The format's dtype.

    Returns:
        An array of that dtype, of the shape of the formula's output; an answer in parts comes flat, one after the other.
    """
    if setting.parts:
        formulas = [
            replace(setting.formula, definition=part.definition, output=part.output, parts=()) for part in setting.parts
        ]
        written = [
            as_written(replace(setting, formula=each, definition=each.definition, parts=()), inputs, dtype)
            for each in formulas
        ]
        return np.concatenate([each.ravel() for each in written])
    formula, number = setting.formula, dtype.type
    sizes, shape = _sizes(setting, inputs)
    values = [
        _index_labels(each, inputs[each.name], sizes)
        if each.kind == "labels"
        else _batch(each, inputs[each.name], sizes).astype(dtype)
        for each in formula.inputs
    ]
    given: dict[str, Any] = dict(sorted({**setting.parameters, **setting.constants}.items()))
    definition = setting.definition
    if dtype.itemsize < 8:
        # What is made of numbers alone is made of plain floats.
        plain = {each.name: inputs[each.name].item() for each in formula.inputs if each.is_number}
        plain |= {name: float(value) for name, value in given.items()}
        definition, parts = _named_numbers(definition, frozenset(plain))
        given |= {
            name: _calculated(part, tuple(sorted(plain)))(*map(plain.get, sorted(plain)))
            for name, part in parts.items()
        }
    numbers = [number(value) for value in given.values()]
    symbols = _symbols_of(setting, definition, sizes, given)
    begin = rounded_evaluation(definition, symbols, tuple(index for index, _ in formula.output), number)
    at = begin(*values, *(sizes[size] for size in sorted(sizes)), *numbers)
    ends = (range(sizes[axis]) for _, axis in formula.output)
    with np.errstate(all="ignore"):  # whatever the format makes of it
        return np.array([at(*index) for index in itertools.product(*ends)], dtype).reshape(shape)


@functools.lru_cache(maxsize=256)
def _calculated(part: sp.Expr, names: tuple[str, ...]) -> Callable[..., float]:
    """What is made of numbers alone, as a function of these numbers in plain floats."""
    made: Callable[..., float] = sp.lambdify([_symbol(part, name) for name in names], part, "math")
    return made


def _symbols_of(
    setting: Setting, definition: sp.Expr, sizes: dict[str, int], numbers: Iterable[str]
) -> tuple[sp.Basic, ...]:
    """What a definition is a function of: the inputs, the sizes, and numbers such as the parameters."""
    names = [*sorted(sizes), *numbers]
    return (*(each.symbol for each in setting.formula.inputs), *(_symbol(definition, name) for name in names))


def in_parts(setting: Setting, inputs: Mapping[str, Any], flat: Any) -> Any:
    """A flat answer in the form the formula gives it: a mapping of arrays by key, if it is one."""
    first = setting.formula.inputs[0]
    if first.arrays:
        return _split(flat, {key: np.shape(value) for key, value in inputs[first.name].items()})
    if not setting.parts:
        return flat
    return _split(flat, shapes_of_parts(setting.formula, inputs, setting.parts))


@functools.lru_cache(maxsize=512)
def _bases_in(definition: sp.Expr) -> frozenset[sp.Basic]:
    """The arguments of a definition, and what stands for them as they are given."""
    return frozenset(definition.atoms(sp.IndexedBase))


def _split(flat: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Entries in a row as arrays by key, of given shapes; of no arrays there are none."""
    return {key: np.asarray(flat)[place].reshape(shapes[key]) for key, place in places_of_parts(shapes).items()}


def _values(
    each: Input,
    array: Any,
    sizes: dict[str, int],
    widen: float = 0.0,
    within: bool = True,
    lazily: bool = False,
    by_layers: bool = False,
) -> Any:
    if each.arrays:
        array = np.concatenate([np.ravel(value) for value in array.values()] or [np.empty(0)])
    if each.kind == "labels":
        return _index_labels(each, array, sizes)
    batch = _batch(each, array, sizes)
    # A relative width never leads past zero.
    highest = RANGES[each.kind][1] if within and each.kind in RANGES else math.inf
    width = 0.0 if each.kind == "signs" or each.is_whole_number else widen
    # What is evaluated by layers multiplies whole matrices.
    lazily = batch.ndim > 0 and (lazily or (not by_layers and (max(batch.shape) >= MANY or batch.size > _LARGE)))
    return _WhenAsked(batch, width, highest) if lazily else as_balls(batch, width, highest)[()]


def _numbers(setting: Setting, widen: float, flush: float, finer: int = 0) -> dict[str, Any]:
    """The parameters, and the constants of a convention, as balls by name."""
    numbers = {**setting.parameters, **setting.constants}
    return {name: _parameter(name, value, widen, flush, finer) for name, value in sorted(numbers.items())}


def _entries(
    setting: Setting,
    values: list[Any],
    sizes: dict[str, int],
    numbers: dict[str, Any],
    exactly: Mapping[sp.Basic, Any],
    definition: sp.Expr,
    output: tuple[tuple[sp.Symbol, str], ...],
    *,
    entries: NDArray[np.int64] | None = None,
) -> Balls:
    """A definition at every value of its free indices, or at some of them in a row."""
    symbols = (*_symbols_of(setting, definition, sizes, numbers), *exactly)
    begin = evaluation(definition, symbols, tuple(index for index, _ in output))
    shape = tuple(sizes[axis] for _, axis in output)
    places = itertools.product(*map(range, shape)) if entries is None else _indices(entries, shape)
    out = np.empty(math.prod(shape) if entries is None else len(entries), object)
    try:
        at = begin(*values, *(sizes[s] for s in sorted(sizes)), *numbers.values(), *exactly.values())
        out[:] = [_settled(at(*index)) for index in places]
    except IndexError:
        along = ", ".join(f"{axis} = {size}" for axis, size in sizes.items())
        raise BeyondAnAxis(
            f"the definition of {setting.formula.name} has an index beyond an axis of an argument, where {along}: look at its sums, and at indices such as k + 1"
        ) from None
    return out.reshape(shape) if entries is None else out


def _settled(value: Any) -> Any:
    """A value as a ball; of an infinite one a finite radius is no matter."""
    ball = arb(value)
    if ball.is_finite() or ball.is_nan() or not ball.rad().is_finite():
        return ball
    return arb(ball.mid())


def _indices(entries: NDArray[np.int64], shape: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """The indices of positions in a row; a scalar has none."""
    if not shape:
        return [()] * len(entries)
    return zip(*(axis.tolist() for axis in np.unravel_index(entries, shape)), strict=True)


def read(setting: Setting, *values: Any) -> dict[str, Any]:
    """The inputs of a formula by name, as arrays whose shapes fit together.

    Args:
        setting: The formula and its conventions.
        *values: The arguments, as the program takes them.

    Raises:
        TypeError: If there are too many or too few, or one is not an array of real numbers (integers for labels).
        ValueError: If the shapes do not fit each other, an array is empty, a number is not finite, or the convention is not defined there.
    """
    formula = setting.formula
    given = unpacked(formula, values)
    inputs = {each.name: _read_one(each, given[each.name]) for each in formula.inputs}
    _require_like_arrays(formula, inputs)
    sizes, _ = _sizes(setting, inputs)
    if reason := outside(setting, inputs):
        raise ValueError(reason)
    for each in formula.inputs:
        if each.kind == "targets_or_labels" and are_labels(formula, inputs, each):
            inputs[each.name] = _one_hot(each.name, inputs[each.name], sizes[each.axes[-1]])
        elif each.kind == "labels":
            _require_classes(each.name, inputs[each.name], sizes[each.classes], each.ignored)
        elif each.kind in RANGES:
            _require_shares(each, inputs[each.name])
        elif each.kind in _ALLOWED:
            _require_allowed(each, inputs[each.name])
    return inputs


#: What numbers of a kind must be, in words and as a condition.
_ALLOWED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "positive": ("positive numbers", lambda values: values > 0),
    "second_moment": ("numbers that are not negative", lambda values: values >= 0),
    "class_weights": ("numbers that are not negative", lambda values: values >= 0),
    "signs": ("-1 and 1 only", lambda values: np.abs(values) == 1),
}


def _require_allowed(each: Input, array: Any) -> None:
    words, holds = _ALLOWED[each.kind]
    values = np.asarray(array, np.float64)
    refused = ~np.asarray(holds(values))
    if refused.any():
        raise ValueError(
            f"{each.name} must hold {words}; got {values[refused].flat[0]} in an array of shape {values.shape}"
        )


def _require_shares(each: Input, array: Any) -> None:
    """Refuses what the programs refuse: numbers outside of 0 to 1, and targets that do not sum to 1 in their own number type."""
    values = np.asarray(array, np.float64)
    low, high = RANGES[each.kind]
    beyond = (values < low) | (values > high)
    if beyond.any():
        raise ValueError(
            f"{each.name} must hold numbers from {low:g} to {high:g}; got {values[beyond].flat[0]} in an array of shape {values.shape}"
        )
    if each.kind in ("probabilities", "unit_interval", "signed_unit_interval") or values.ndim == 0:
        return
    sums = np.atleast_1d(values.sum(axis=-1))
    # As many roundings as numbers, each to the type in which they come.
    slack = 8 * values.shape[-1] * FORMATS[array.dtype.name if array.dtype.name in FORMATS else "float64"].unit
    off = np.abs(sums - 1)
    if not (off <= slack).all():
        raise ValueError(
            f"each sample of {each.name} must sum to 1; got a sum of {sums.flat[np.argmax(off)]} in an array of shape {values.shape}"
        )


def _require_like_arrays(formula: Formula, inputs: dict[str, Any]) -> None:
    """Mappings of arrays have the names and the shapes of the first of them; they come in its order."""
    names = [each.name for each in formula.inputs if each.arrays]
    for name in names[1:]:
        first, other = inputs[names[0]], inputs[name]
        if set(first) != set(other):
            raise ValueError(
                f"{names[0]} and {name} must have the same names; got {', '.join(first)} and {', '.join(other)}"
            )
        inputs[name] = {key: other[key] for key in first}
        for key, value in first.items():
            if value.shape != other[key].shape:
                raise ValueError(
                    f"{name}[{key!r}] must have the shape of {names[0]}[{key!r}]: {value.shape}; got {other[key].shape}"
                )


def _read_one(each: Input, value: Any) -> Any:
    if each.arrays:
        if not isinstance(value, Mapping):
            raise TypeError(f"{each.name} must be a mapping from names to arrays; got {value!r}")
        return {
            key: _read_one(replace(each, name=f"{each.name}[{key!r}]", arrays=False), own) for key, own in value.items()
        }
    if each.kind in _FUNCTIONS:
        if not isinstance(value, Function):
            raise TypeError(
                f"{each.name} must be a function whose derivatives are known, of refmath.calculus.functions; got {value!r}"
            )
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{each.name} must be a plain array; got a masked array, whose mask would be ignored")
    try:
        array = _without_rounding(value)
    except (ValueError, TypeError, RuntimeError) as error:
        if hasattr(value, "__array__"):
            refused = ValueError if isinstance(error, ValueError) else TypeError
            raise refused(f"{each.name} must be an array; got {type(value).__name__}: {error}") from None
        raise ValueError(f"{each.name} must be a rectangular array; got a ragged {type(value).__name__}") from None
    if array.dtype.kind == "b" and each.kind in ("targets", "one_hot", "targets_or_labels", "unit_interval"):
        array = array.astype(np.float64)
    real = array.dtype.kind in "iuf" or array.dtype.name == "bfloat16" or _holds_numbers(array)
    if not real or (each.kind == "labels" and array.dtype.kind not in "iu"):
        wanted = "integers" if each.kind == "labels" else "real numbers"
        raise TypeError(f"{each.name} must be an array of {wanted}; got dtype {array.dtype}")
    if array.size == 0:
        raise ValueError(f"{each.name} must not be empty; got shape {array.shape}")
    if each.masks:
        _require_masks(each.name, array)
    elif not _finite(array):
        raise ValueError(f"{each.name} must be finite: a certified value belongs to real numbers; got nan or inf")
    if each.is_number:
        _require_number(each, array)
    return array


def _require_masks(name: str, array: Any) -> None:
    """Refuses infinities but −∞, and nan."""
    if not _finite(np.where(array == -np.inf, 0, array)):
        raise ValueError(f"{name} must hold real numbers, or −∞ where it masks; got nan or inf")


def _require_number(each: Input, array: Any) -> None:
    """Refuses what is no learning rate, or no number of steps."""
    if array.ndim:
        raise ValueError(f"{each.name} must be one number; got shape {array.shape}")
    if each.is_whole_number and array.dtype.kind not in "iu":
        raise TypeError(f"{each.name} must be a whole number; got {array}")
    if (array < 0) if each.kind == "count" else (array <= 0):
        raise ValueError(
            f"{each.name} must {'not be negative' if each.kind == 'count' else 'be positive'}; got {array}"
        )


def _without_rounding(value: Any) -> Any:
    """An array of exactly the given numbers; NumPy would round integers of many digits beside a float."""
    array = np.asarray(value)
    if isinstance(value, list | tuple) and array.dtype.kind == "f":
        numbers = np.asarray(value, object)
        if any(isinstance(each, int) and abs(each) > 2**53 for each in numbers.flat):
            return numbers
    return array


def _finite(array: Any) -> bool:
    if array.dtype == object:
        return all(isinstance(each, int) or math.isfinite(each) for each in array.flat)
    return bool(np.isfinite(array.astype(np.float64) if array.dtype.name == "bfloat16" else array).all())


def _holds_numbers(array: Any) -> bool:
    return array.dtype == object and all(isinstance(each, int | float) for each in array.flat)


def _one_hot(name: str, labels: Any, classes: int) -> Any:
    _require_classes(name, labels, classes)
    return (np.asarray(labels)[..., None] == np.arange(classes)).astype(np.float64)


def _require_classes(name: str, labels: Any, classes: int, ignored: int | None = None) -> None:
    """Refuses what is no label of so many classes, and not the one that is ignored."""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels in {name} must be integers; got dtype {labels.dtype}")
    outside = (labels < 0) | (labels >= classes)
    if (outside if ignored is None else outside & (labels != ignored)).any():
        raise ValueError(f"labels in {name} must lie in 0 .. {classes - 1}; got {labels.tolist()}")


def _sizes(setting: Setting, inputs: dict[str, Any]) -> tuple[dict[str, int], tuple[int, ...]]:
    """The sizes of the axes by name, and the shape that the output has for these inputs."""
    formula = setting.formula
    if formula.takes_function:
        f, point, *_ = inputs.values()
        if any(len(coefficients) != point.size for _, _, coefficients in f.terms):
            raise ValueError(
                f"{formula.inputs[0].name} must have one coefficient for each of the {point.size} entries; got {f}"
            )
        if f.shape not in (None, point.shape):
            raise ValueError(
                f"{formula.inputs[0].name} must take an array of the shape of {formula.inputs[1].name}, {point.shape}; got one of {f.shape}"
            )
        return {"N": int(point.size)}, point.shape
    first = inputs[formula.inputs[0].name]
    if formula.inputs[0].arrays:
        size = sum(value.size for value in first.values())
        return {"N": size}, (size,)
    if formula.inputs[0].axes == ("...",):
        for each in formula.inputs[1:]:
            if each.axes == ("...",) and inputs[each.name].shape != first.shape:
                raise ValueError(
                    f"{each.name} must have the shape of {formula.inputs[0].name}, {first.shape}; got {inputs[each.name].shape}"
                )
        return {"N": int(first.size)}, first.shape if formula.output else ()
    sizes: dict[str, int] = {}
    single = is_single(formula, inputs)
    for each in formula.inputs:
        array = inputs[each.name]
        labels = each.kind == "targets_or_labels" and are_labels(formula, inputs, each)
        axes = each.axes[:-1] if labels else each.axes
        expected = axes[1:] if single and axes[:1] == ("N",) else axes
        known = tuple(
            sizes.get(axis, array.shape[place] if place < array.ndim else -1) for place, axis in enumerate(expected)
        )
        if array.shape != known:
            wanted = f"({', '.join(axes)})"
            if formula.single_samples and axes[:1] == ("N",):
                wanted = f"({', '.join(axes[1:])}) for one sample or {wanted} for a batch"
            among = ", ".join(f"{other.name} of shape {inputs[other.name].shape}" for other in formula.inputs)
            raise ValueError(f"{each.name} must have the axes {wanted}; got {among}")
        sizes.update(zip(expected, array.shape, strict=True))
    if single:
        sizes["N"] = 1
    shape = [sizes[axis] for _, axis in formula.output]
    return sizes, tuple(shape[1:] if single and shape and formula.output[0][1] == "N" else shape)


def _batch(each: Input, array: Any, sizes: dict[str, int]) -> Any:
    return (
        np.asarray(array).reshape(-1)
        if each.axes == ("...",)
        else np.asarray(array).reshape([sizes[axis] for axis in each.axes])
    )


def _index_labels(each: Input, labels: Any, sizes: dict[str, int]) -> Any:
    """Labels as whole numbers of Python's, by their indices."""
    whole = np.asarray(labels).astype(np.int64).reshape([sizes[axis] for axis in each.axes]).tolist()
    return whole if len(each.axes) == 1 else np.array(whole, object)


def _parameter(name: str, value: Any, widen: float, flush: float, finer: int) -> Any:
    """A parameter as a ball: rounded to the format, which holds fewer digits of it below the smallest normal number.

    Raises:
        TypeError: If it depends on the format, and the format was not settled by `refmath.conventions.in_format`.
    """
    if isinstance(value, ByFormat):
        raise TypeError(f"{name} depends on the number format: settle it by in_format first")
    # Half the distance between the smallest numbers of the format itself.
    size, half = abs(float(value)), math.ldexp(flush * widen, 2 * finer - 1)
    if size <= half:
        # What the format rounds to zero is not rounded but lost.
        return arb(_exact(value), size * widen)
    # Every other power of two is a number of the format.
    is_held = math.frexp(size)[0] == 0.5 and float(value) == value
    return arb(_exact(value), 0.0 if is_held else max(size * widen, math.ldexp(half, -finer)))


@functools.lru_cache(maxsize=512)  # SymPy takes longer to find the symbols than the balls take altogether
def _symbol(definition: sp.Expr, name: str) -> Any:
    """The symbol that a size or a parameter has in the definition; any symbol of that name, if the definition does without it."""
    return next((symbol for symbol in free_symbols(definition) if symbol.name == name), sp.Symbol(name))


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return arb(value)
    if isinstance(value, arb):
        return value
    if isinstance(value, int | np.integer):
        return arb(int(value))
    if isinstance(value, sp.Rational):
        return arb(fmpq(int(value.p), int(value.q)))
    if isinstance(value, np.longdouble) and np.longdouble is not np.float64 and np.isfinite(value):
        numerator, denominator = value.as_integer_ratio()
        return arb((numerator, 1 - denominator.bit_length()))
    return arb(float(value))
