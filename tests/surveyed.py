"""Inputs for the tests: drawn by the kinds of the arguments, and put together by the oracle's survey."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import sympy as sp

from refmath import FORMULAS
from refmath.balls.evaluate import RANGES
from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import formula
from refmath.conventions import in_format
from refmath.kinds.draws import Draws
from refmath.kinds.kind import CLASSES, Class, holds
from refmath.kinds.probabilities import one_hot
from refmath.mistakes.batches import arrays_of
from refmath.mistakes.values import Values
from refmath.oracle.searching.probe import Drawing, Inputs, Probe
from refmath.oracle.searching.survey import Survey
from refmath.spec import WHOLE, Domain, Formula, Setting, packed, setting, unpacked

#: The formulas whose arguments are a sample or a batch and its targets, each an array, and whose answer is one.
SAMPLES = tuple(each for each in FORMULAS if each.takes_samples and not each.parts)

FLOAT64 = FORMATS["float64"]
#: All sorts of inputs come in these formats.
SORTS = tuple(FORMATS[name] for name in ("float64", "float32", "float16"))
#: The entries of an array in a small input.
SMALL = 25

Arguments = tuple[Any, ...]


def is_stepwise(formula: Formula) -> bool:
    """Whether a formula takes a few values only, one on each side of a step: no small change of an argument is seen in it."""
    signs = {each.symbol for each in formula.inputs if each.kind == "signs"}
    return all(_changes_at_steps_only(each.definition, signs) for each in formula.parts or (formula,))


def signature(formula: Formula) -> Any:
    """What formulas have in common that take and answer the same: what the oracle does with the one it does with the other."""
    kinds = tuple((each.kind, each.axes == ("...",), each.arrays) for each in formula.inputs)
    return kinds, formula.by_layers, bool(formula.output), bool(formula.parts)


def by_signature(formulas: Iterable[Formula]) -> list[Any]:
    """The formulas as parameters: the first of each signature in every run, the others in the session `zoo`."""
    known: set[Any] = set()
    found = []
    for each in formulas:
        marks = [pytest.mark.zoo] if signature(each) in known else []
        known.add(signature(each))
        found.append(pytest.param(each, id=each.name, marks=marks))
    return found


def in_turn(
    formulas: Iterable[Formula], choices: Sequence[Any], start: int = 0, *, one_of_each_signature: bool = False
) -> list[Any]:
    """Each formula with each choice as parameters: with one of them in every run, the next formula with the next, with the others in the session `zoo`.

    Tests that start at different choices try a formula with all of them between them. Where one of each signature is enough, the other formulas
    are for that session altogether.
    """
    known: set[Any] = set()
    found = []
    for each in formulas:
        is_left = one_of_each_signature and signature(each) in known
        for turn, choice in enumerate(choices):
            marks = [pytest.mark.zoo] if is_left or turn != start % len(choices) else []
            found.append(pytest.param(each, choice, id=f"{each.name}-{getattr(choice, 'name', choice)}", marks=marks))
        known.add(signature(each))
        start += not is_left
    return found


def setting_of_value(gradient: Formula, convention: str | None = None, **parameters: Any) -> Setting:
    """The setting of the formula that a gradient is the derivative of, which need not have a convention that speaks of kinks only."""
    value = formula(str(gradient.derivative_of))
    known = convention in {each.name for each in value.conventions}
    return setting(value, convention if known else None, **parameters)


def _changes_at_steps_only(definition: sp.Basic, signs: set[Any]) -> bool:
    if isinstance(definition, sp.Indexed):
        return definition.base in signs
    if isinstance(definition, sp.sign | sp.Heaviside | sp.floor):
        return True
    if isinstance(definition, sp.Piecewise):
        return all(_changes_at_steps_only(branch, signs) for branch, _ in definition.args)
    return all(_changes_at_steps_only(each, signs) for each in definition.args)


# ---- kinks


def is_at_a_kink(under: Setting, value: Setting, inputs: tuple[Any, ...], near: float = 0.0) -> bool:
    """Whether some entry lies where two branches meet, or near: at the guard of a logarithm or the end of a clip there is no derivative."""
    under = in_format(under, np.asarray(inputs[0]).dtype.name)
    arrays, sizes = arrays_of(under.formula, unpacked(under.formula, inputs))
    numbers: dict[str, Any] = {**under.parameters, **under.constants}
    for node in sp.preorder_traversal(value.definition):
        for left, right in joints(node):
            difference = left - right
            axes = {
                index: str(size)
                for each in difference.atoms(sp.Indexed)
                for index, size in zip(each.indices, each.base.shape, strict=True)
                if isinstance(index, sp.Symbol)
            }
            if np.any(np.abs(Values(arrays, sizes, numbers).of(difference, tuple(axes.items()))) <= near):
                return True
    return False


def joints(node: sp.Basic) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """What is equal where two branches of an expression meet."""
    if isinstance(node, sp.Max | sp.Min):
        yield from itertools.combinations(node.args, 2)
    elif isinstance(node, sp.Rel) and not isinstance(node, sp.Eq | sp.Ne):
        yield node.args
    elif isinstance(node, sp.Abs):
        yield node.args[0], sp.Integer(0)


# ---- inputs of a survey


@functools.cache
def probes(
    formula: Formula, format_: Format, seed: int = 0, examples: int = 0, domain: Domain = WHOLE
) -> tuple[Probe, ...]:
    """A survey's inputs, those of all classes; what differs from another one only by its layout in memory is left out."""
    survey = Survey(formula, format_, seed, examples, domain=domain)
    return tuple(probe for probe in survey if probe.layout == "plain")


def as_batch(formula: Formula, inputs: Arguments) -> Arguments:
    """The arguments of a single sample as those of a batch of one: what has no axis of samples stays as it is."""
    return tuple(
        value[np.newaxis] if each.axes[:1] in (("N",), ("...",)) else value
        for each, value in zip(formula.inputs, inputs, strict=True)
    )


def of_class(formula: Formula, class_: Class, format_: Format, seed: int = 0, examples: int = 0) -> list[Inputs]:
    """A survey's inputs of a class by name, small and large."""
    return [probe.inputs for probe in probes(formula, format_, seed, examples) if probe.class_ == class_]


def everyday(formula: Formula, count: int, seed: int = 0, format_: Format = FLOAT64) -> list[Arguments]:
    """The arguments of so many calls, small, on which any honest algorithm is accurate."""
    # The typical class comes first; a third of it at most is of everyday sizes, which are not small.
    typical = itertools.takewhile(lambda probe: probe.class_ == "typical", Survey(formula, format_, seed, 2 * count))
    return [_arguments(formula, probe) for probe in itertools.islice(filter(_has_short_axes, typical), count)]


def _has_short_axes(probe: Probe) -> bool:
    """Whether no axis is of an everyday size or more."""
    arrays = (value for value in probe.inputs.values() if not callable(value))
    each = (one for value in arrays for one in (value.values() if isinstance(value, dict) else [value]))
    return all(size < 6 for one in each for size in np.shape(one))


def all_sorts(
    formula: Formula, count: int, seed: int = 0, formats: Iterable[Format] = SORTS, domain: Domain = WHOLE
) -> list[Arguments]:
    """The arguments of so many calls, small, of all classes in turn, in several formats and number types, within a convention's domain."""
    found: list[Probe] = []
    for turn in itertools.count(seed):
        for format_ in formats:
            found += filter(is_small, probes(formula, format_, turn, domain=domain))
        if len(found) >= count:
            break
    mixed = [found[place] for place in Draws(formula.name, seed).order(len(found))]
    classes = ([probe for probe in mixed if probe.class_ == class_] for class_ in CLASSES)
    in_turn = [probe for turn in itertools.zip_longest(*classes) for probe in turn if probe is not None]
    return [_arguments(formula, probe) for probe in in_turn[:count]]


def of_sizes(
    formula: Formula,
    sizes: Mapping[str, int],
    class_: Class = "typical",
    seed: int = 0,
    format_: Format = FLOAT64,
    domain: Domain = WHOLE,
) -> Arguments:
    """The arguments of a call, a batch whose axes have the given sizes, or as many places as a convention's domain needs."""
    drawing = Drawing(formula, format_, seed, domain)
    return _arguments(formula, drawing.probe(class_, dict(sizes), False, {}, seed))


def spread(of: Sequence[Probe], count: int) -> list[Probe]:
    """At most so many, from the first to the last."""
    return [of[place * len(of) // count] for place in range(count)] if len(of) > count else list(of)


def is_small(probe: Probe) -> bool:
    """Whether no array has more than a few entries."""
    return all(each.size <= SMALL for each in arrays_in(probe.inputs.values()))


def _arguments(formula: Formula, probe: Probe) -> Arguments:
    """The arguments of a call, arrays of their own; numbers are plain ones, as whoever calls a program hands them over."""
    copies = {
        each.name: probe.inputs[each.name].item() if each.is_number else in_each_array(np.copy, probe.inputs[each.name])
        for each in formula.inputs
    }
    return tuple(packed(formula, copies))


def takes(formula: Formula, name: str, dtype: str) -> bool:
    """Whether an argument is tried in a number type."""
    return any(probe.types.get(name) == dtype for probe in probes(formula, FLOAT64))


# ---- integers, and the ends of a number type


def in_integers(formula: Formula, dtype: str) -> list[Arguments]:
    """The arguments of calls with all arrays in an integer type: real numbers rounded to what it holds, shares where they are zeros and ones."""
    ends = np.iinfo(dtype)

    def rounded(values: Any) -> Any:
        if values.dtype.kind != "f":
            return values
        # Adding zero makes 0 of −0.
        return np.asarray(np.rint(np.clip(values, ends.min, min(ends.max, 2**53))) + 0.0)

    def cast(values: Any) -> Any:
        return values.astype(dtype)

    found: list[Arguments] = []
    for probe in filter(is_small, probes(formula, FLOAT64)):
        values = {
            each.name: value if each.kind in RANGES or each.kind == "signs" else in_each_array(rounded, value)
            for each, value in zip(formula.inputs, probe.inputs.values(), strict=True)
        }
        if all(holds(dtype, array) for array in arrays_in(values.values())):
            found.append(tuple(packed(formula, {name: in_each_array(cast, value) for name, value in values.items()})))
    return found


def at_the_ends(formula: Formula, count: int, dtype: str) -> list[Arguments]:
    """The arguments of so many calls, of the largest, smallest and plainest numbers of a dtype; in every other one infinities and nan are among them."""
    found = [probe.inputs for probe in probes(formula, FLOAT64) if is_small(probe)]
    draws = Draws(formula.name, dtype)
    return [_spoilt(formula, found[turn % len(found)], draws, dtype, turn % 2 == 0) for turn in range(count)]


def _spoilt(formula: Formula, inputs: Inputs, draws: Draws, dtype: str, finite: bool) -> Arguments:
    ends = _ends(dtype)
    anything = ends if finite else np.append(ends, np.array([np.inf, -np.inf, np.nan], dtype))
    spoilt: Inputs = {}
    for place, each in enumerate(formula.inputs):
        value = inputs[each.name]
        if each.is_whole_number:
            spoilt[each.name] = value.item()
        elif each.is_number:
            spoilt[each.name] = draws.one_of((value.item(), 1e300, 1e-300))
        elif isinstance(value, np.ndarray) and value.dtype.kind in "iub":
            spoilt[each.name] = value
        elif each.kind == "signs":
            spoilt[each.name] = value.astype(dtype)
        elif each.kind in RANGES:
            # Targets are distributions; each probability is a variable of its own.
            spoilt[each.name] = value.astype(dtype) if place else _shares(ends, draws, value.shape)
        else:
            spoilt[each.name] = in_each_array(lambda array: _some(anything, draws, array.shape), value)
            if each.kind == "second_moment":
                spoilt[each.name] = np.abs(spoilt[each.name])
    first, *others = (each for each in formula.inputs if not each.arrays)
    for each in others:
        if each.kind == first.kind and spoilt[each.name].shape == spoilt[first.name].shape:
            # Where both are the same number, also an infinite one, the difference is zero or nan.
            same = _some(np.array([True, False, False]), draws, spoilt[each.name].shape)
            spoilt[each.name] = np.where(same, spoilt[first.name], spoilt[each.name])
    return tuple(packed(formula, spoilt))


def _ends(dtype: str) -> Any:
    info = np.finfo(dtype)
    # The exponential of −740 is subnormal in float64.
    ends = np.array([0.0, 0.75, 1.0, 740.0, info.max, info.max / 2, info.tiny, info.smallest_subnormal], dtype)
    return np.concatenate([ends, -ends])


def _shares(ends: Any, draws: Draws, shape: tuple[int, ...]) -> Any:
    """Numbers from zero to one, all of them tiny now and then; at least one of each sample is positive, as Keras divides by the sum."""
    highest = draws.one_of((1, 1, np.finfo(ends.dtype).tiny))
    inside = ends[(ends >= 0) & (ends <= highest)]
    lead = (one_hot(draws, shape) if shape else np.array(0.0)).astype(ends.dtype)
    return np.maximum(_some(inside, draws, shape), lead * _some(inside[inside > 0], draws, shape))


def _some(numbers: Any, draws: Draws, shape: tuple[int, ...]) -> Any:
    return numbers[np.asarray(draws.below(len(numbers), shape))]


# ---- the parts of inputs


def in_each_array(change: Callable[[Any], Any], argument: Any) -> Any:
    """The argument with every array in it changed: in a mapping entry by entry; functions and plain numbers stay."""
    if isinstance(argument, dict):
        return {key: in_each_array(change, value) for key, value in argument.items()}
    return change(argument) if isinstance(argument, np.ndarray) else argument


def arrays_in(arguments: Iterable[Any]) -> list[Any]:
    """All arrays among the arguments, those in mappings too."""
    found: list[Any] = []
    for each in arguments:
        in_each_array(found.append, each)
    return found


def key(inputs: Inputs) -> Any:
    """What tells inputs by name from others: the bits of the arrays, and functions themselves."""
    return tuple(map(_bits, inputs.values()))


def _bits(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _bits(each)) for name, each in value.items())
    return value if callable(value) else (np.shape(value), np.asarray(value).dtype.str, np.asarray(value).tobytes())
