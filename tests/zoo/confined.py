"""More faults that are confined to a region, for every formula of the catalogue: bands of sizes, one number type, one layout, one class, a range of a parameter.

Like those of `regional`, each is refmath's own program beside its region, and off by a thousandth in it.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import numpy as np

from refmath.catalogue import FORMULAS
from refmath.spec import Formula, argument_names, packed, unpacked

from .regional import ERROR, LARGEST_SIZE, WIDTHS, Region
from .specimen import Array, Specimen, faulty

SEED, COUNT = 20261130, 67
#: From its lower end a band of sizes, or the range of a parameter, reaches so many times as far.
_FARTHER = (1.25, 2.0)
_INTEGERS = ("bool", "uint8", "int8", "int16", "int32", "int64")
_LABELS = ("uint8", "int8", "int16", "uint16", "int32", "uint32", "uint64")
_LAYOUTS = ("by columns", "not contiguous", "read-only", "big-endian", "negative strides")
#: Where a band of magnitudes may lie, by the kind of the first array.
_REACH = {
    "logits": (1e-1, 5e2),
    "probabilities": (1e-7, 0.5),
    "unit_interval": (1e-7, 0.5),
    "real": (1e-2, 1e3),
    "floats": (1e-2, 1e3),
    "weights": (1e-2, 1.0),
    "units": (1e-2, 1.0),
}
#: The last class that may be a region by itself.
_LAST_CLASS = 300


def _spread(random: Random, low: float, high: float) -> float:
    return float(10 ** random.uniform(math.log10(low), math.log10(high)))


def _arrays(formula: Formula) -> list[Any]:
    return [each for each in formula.inputs if not each.is_function and not each.is_number]


def _has_entries(formula: Formula) -> bool:
    """Whether an entry of the answer belongs to an entry of the first argument."""
    first = _arrays(formula)[0]
    axes = len(first.axes)
    return bool(formula.output) and len(formula.output) == axes and first.kind in _REACH and not first.mapping


def _kinds(formula: Formula) -> list[str]:
    kinds = ["sizes", "sizes", "layout"]
    if _typed(formula):
        kinds += ["type"]
    if any("K" in each.axes for each in formula.inputs):
        kinds += ["class"]
    if _has_entries(formula):
        kinds += ["band"]
    if any(formula.parameters.values()) and any(not isinstance(each, str) for each in formula.parameters.values()):
        kinds += ["parameter"]
    return kinds


def _typed(formula: Formula) -> list[Any]:
    """The arguments that somebody has in integers: not probabilities."""
    of = ("logits", "real", "targets", "labels", "features", "signs", "point")
    arrays = _arrays(formula)
    return [each for each in arrays if not each.arrays and (each.kind in of or each.name == "t")]


def regions(seed: int = SEED, count: int = COUNT) -> Iterator[tuple[Region, Mapping[str, Any]]]:
    """As many regions as are asked for, each formula in its turn, with what else tells them."""
    random = Random(seed)
    for place in range(count):
        formula = FORMULAS[place % len(FORMULAS)]
        kind = random.choice(_kinds(formula))
        told: dict[str, Any] = {}
        bounds: tuple[float, ...] = ()
        axis = ""
        if kind == "sizes":
            axis = random.choice(list(dict.fromkeys(axis for each in formula.inputs for axis in each.axes)))
            low = round(_spread(random, 2, LARGEST_SIZE))
            bounds = (low, max(low + 1, round(low * random.uniform(*_FARTHER))))
        elif kind == "band":
            start = _spread(random, *_REACH[_arrays(formula)[0].kind])
            bounds = (start, start * 10 ** random.uniform(*WIDTHS))
        elif kind == "type":
            each = random.choice(_typed(formula))
            types = _LABELS if each.kind == "labels" else _INTEGERS if each.name == "t" else _INTEGERS[1:]
            told = {"argument": each.name, "type": random.choice(types)}
        elif kind == "layout":
            told = {"layout": random.choice(_LAYOUTS)}
        elif kind == "class":
            bounds = (round(_spread(random, 1, _LAST_CLASS)),)
        else:
            names = [name for name, value in formula.parameters.items() if not isinstance(value, str)]
            name = random.choice(names)
            middle = formula.parameters[name] * random.choice((0.01, 0.1, 0.3, 3, 10, 100))
            if formula.parameters[name] > 0.5 and name != "delta" and name not in ("alpha", "pos_weight"):
                middle = 1 - (1 - formula.parameters[name]) * random.choice((2, 5, 10))
            told, bounds = {"parameter": name}, (middle / 2, middle * 2)
        yield Region(formula.name, kind, bounds, axis), told


def _is_so(layout: str, value: Any) -> bool:
    """Whether an array lies in memory in a way."""
    if isinstance(value, dict):
        return any(_is_so(layout, each) for each in value.values())
    if not isinstance(value, np.ndarray) or value.size < 2:
        return False
    match layout:
        case "by columns":
            return bool(value.flags.f_contiguous and not value.flags.c_contiguous)
        case "not contiguous":
            return not (value.flags.c_contiguous or value.flags.f_contiguous)
        case "read-only":
            return not value.flags.writeable
        case "big-endian":
            return bool(value.dtype.byteorder == ">")
    return any(stride < 0 for stride in value.strides)


def _sizes(formula: Formula, inputs: Mapping[str, Any]) -> dict[str, int]:
    sizes: dict[str, int] = {"N": 1}
    for each in formula.inputs:
        value = inputs[each.name]
        if isinstance(value, dict):
            return {"...": sum(map(np.size, value.values()))}
        if not each.is_function and each.axes == ("...",):
            return {"...": np.size(value)}
        if not each.is_function:
            shape = np.shape(value)
            sizes.update(zip(each.axes[len(each.axes) - len(shape) :], shape, strict=True))
    return sizes


def _off(answer: Any, factor: Any = 1 + ERROR) -> Any:
    if isinstance(answer, dict):
        return {key: _off(value, factor) for key, value in answer.items()}
    return answer * factor


def _at_a_class(formula: Formula, inputs: Mapping[str, Any], answer: Any, place: int) -> Any:
    """The entries of a class, or of an answer without classes all of it, if that class is the first sample's own."""
    K = _sizes(formula, inputs)["K"]
    if place >= K:
        return answer
    if isinstance(answer, dict):
        return {key: _spoilt_last(value, place) if value.shape[-1] == K else value for key, value in answer.items()}
    if np.ndim(answer) and np.shape(answer)[-1] == K:
        return _spoilt_last(answer, place)
    last = _arrays(formula)[-1]
    value = np.asarray(inputs[last.name])
    if value.dtype.kind in "iu" and (value.ndim == 0 or value.shape[-1:] != (K,)):
        hit = np.any(value == place)
    else:
        hit = np.any(np.argmax(np.where(np.isfinite(value), value, -1e300), axis=-1) == place)
    return _off(answer) if hit else answer


def _spoilt_last(answer: Array, place: int) -> Array:
    spoilt = np.array(answer)
    spoilt[..., place] *= 1 + ERROR
    return spoilt


def wrong(region: Region, told: Mapping[str, Any]) -> Callable[..., Any]:
    """A function that is wrong in a region."""
    formula = next(each for each in FORMULAS if each.name == region.formula)

    def function(*arguments: Any, **named: Any) -> Any:
        inputs = unpacked(formula, arguments)
        answer = formula.program(*packed(formula, inputs), **named)
        if region.kind == "sizes":
            low, high = region.bounds
            return _off(answer) if low <= _sizes(formula, inputs)[region.axis] < high else answer
        if region.kind == "type":
            return _off(answer) if np.asarray(inputs[told["argument"]]).dtype == told["type"] else answer
        if region.kind == "layout":
            return _off(answer) if any(_is_so(told["layout"], each) for each in inputs.values()) else answer
        if region.kind == "class":
            return _at_a_class(formula, inputs, answer, int(region.bounds[0]))
        if region.kind == "parameter":
            value = named.get(told["parameter"], formula.parameters[told["parameter"]])
            return _off(answer) if region.bounds[0] < value < region.bounds[1] else answer
        low, high = region.bounds
        size = np.abs(np.asarray(inputs[_arrays(formula)[0].name], np.float64))
        return _off(answer, np.where((size >= low) & (size < high), 1 + ERROR, 1.0))

    told_of = region.name + "".join(f"_{value}".replace(" ", "_").replace("-", "_") for value in told.values())
    function.__name__ = function.__qualname__ = "".join(c for c in told_of if c.isalnum() or c == "_")
    if region.kind == "parameter":
        # It takes the parameter by name.
        places = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in argument_names(formula)]
        default = formula.parameters[told["parameter"]]
        own = inspect.Parameter(told["parameter"], inspect.Parameter.KEYWORD_ONLY, default=default)
        function.__signature__ = inspect.Signature([*places, own])  # type: ignore[attr-defined]
    return function


def specimens(seed: int = SEED, count: int = COUNT) -> list[tuple[Region, Specimen]]:
    """The regions of a seed, each with the specimen that is wrong there."""
    return [
        (region, faulty(region.formula, wrong(region, told), "confined", f"{region.text} {told or ''}"))
        for region, told in regions(seed, count)
    ]


SPECIMENS = [specimen for _, specimen in specimens()]
