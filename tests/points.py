"""Random points of a formula's domain: everyday ones, or all sorts, from subnormal differences to near-certainty and logits of ±1e4."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from refmath import FORMULAS
from refmath.balls.formats import Format
from refmath.calculus.functions import CUBES, FAMILIES, LOG_SUM_EXP, SQUARED_SUM, SQUARES, Function
from refmath.oracle.drawing import Branch
from refmath.oracle.inputs import strategy
from refmath.spec import Formula, Input, packed

#: The formulas whose arguments are a sample or a batch and its targets, each an array, and each array a matter by itself.
SAMPLES = tuple(each for each in FORMULAS if each.domain == "samples")

SHAPES = ((3,), (2, 3), (1,), (2,), (1, 3), (3, 2), (2, 1))

Arguments = tuple[Any, ...]


def everyday(formula: Formula, rng: np.random.Generator) -> Arguments:
    """The arguments of a call, small and in float64, on which any honest algorithm is accurate."""
    if formula.domain != "samples":
        return _of_other_domains(formula, rng, 0)
    shape = SHAPES[rng.integers(2)]
    return tuple(_draw(each, rng, shape, 0) for each in formula.inputs)


def all_sorts(formula: Formula, rng: np.random.Generator) -> Arguments:
    """The arguments of a call, of any kind and shape; those of a sample or a batch of any dtype too."""
    if formula.domain != "samples":
        return _of_other_domains(formula, rng, int(rng.integers(4)))
    shape = SHAPES[rng.integers(len(SHAPES))]
    inputs = [_draw(each, rng, shape, int(rng.integers(5))) for each in formula.inputs]
    dtype = rng.choice(["float64", "float64", "float32", "float16"])
    for place, each in enumerate(formula.inputs):
        if place and each.kind == "real" and rng.random() < 0.3:
            # So close to the first that the difference of their squares would cancel.
            inputs[place] = inputs[0] * (1 + rng.integers(-3, 4, shape) * 2.0**-50)
        inputs[place] = _cast(inputs[place], each, str(dtype), rng.random() < 0.3)
    return tuple(inputs)


def at_the_ends(formula: Formula, rng: np.random.Generator, dtype: str, finite: bool) -> Arguments:
    """The arguments of a call whose numbers are the largest, the smallest and the plainest of a dtype; infinities and nan too, if they may."""
    info = np.finfo(dtype)
    # The exponential of −740 is subnormal in float64.
    ends = np.array([0.0, 0.75, 1.0, 740.0, info.max, info.max / 2, info.tiny, info.smallest_subnormal], dtype)
    numbers = np.concatenate([ends, -ends])
    shape, sizes = SHAPES[rng.integers(len(SHAPES))], {axis: int(rng.integers(1, 4)) for axis in "NDHK"}

    def drawn(each: Input) -> Any:
        size = shape if formula.domain == "samples" else tuple(sizes[axis] for axis in each.axes)
        kind = each.kind if each.kind != "targets_or_labels" else str(rng.choice(["labels", "one_hot"]))
        if kind == "labels":
            return np.asarray(rng.integers(size[-1], size=size[:-1]))
        if kind == "one_hot":
            return (
                _one_hot(rng, size).astype(dtype)
                if rng.random() < 0.7
                else np.ones(size, dtype) / np.dtype(dtype).type(size[-1])
            )
        if kind == "probabilities":
            # Keras divides by the sum of a sample, and refuses one of zeros.
            inside = numbers[(numbers >= 0) & (numbers <= (1 if rng.random() < 0.7 else info.tiny))]
            return np.maximum(
                rng.choice(inside, size), _one_hot(rng, size).astype(dtype) * rng.choice(inside[inside > 0])
            )
        return rng.choice(numbers if finite else np.append(numbers, np.array([np.inf, -np.inf, np.nan], dtype)), size)

    values = {each.name: drawn(each) for each in formula.inputs}
    if [each.kind for each in formula.inputs] == ["real", "real"]:
        # Where both are the same number, also an infinite one, the difference is zero or nan.
        y, t = values.values()
        values["t"] = np.where(rng.random(shape) < 0.3, y, t)
    if formula.domain == "step":
        values["lr"] = float(rng.choice([0.1, 1e300, 1e-300]))
    return tuple(packed(formula, values))


def _draw(each: Input, rng: np.random.Generator, shape: tuple[int, ...], sort: int) -> Any:
    kind = each.kind
    if kind == "targets_or_labels":
        kind = "labels" if rng.random() < 0.5 else "one_hot"
    if kind == "labels":
        return np.asarray(rng.integers(shape[-1], size=shape[:-1]))
    if kind == "one_hot":
        return _shares(rng.integers(0, 5, shape), rng) if sort == 1 else _one_hot(rng, shape)
    return {"logits": _logits, "probabilities": _probabilities, "real": _reals}[kind](rng, shape, sort)


def _cast(values: Any, each: Input, dtype: str, integers: bool) -> Any:
    """The values in another dtype, if it can hold them; as integers, where they are."""
    if values.dtype.kind == "i" or (integers and np.all(values == np.rint(values)) and np.abs(values).max() < 2**53):
        return values.astype(np.int64)
    with np.errstate(over="ignore", under="ignore"):
        cast = values.astype(dtype)
    lost = not np.isfinite(cast).all() or (each.kind == "probabilities" and (cast.sum(axis=-1) == 0).any())
    return values if lost else cast


def _one_hot(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


def _logits(rng: np.random.Generator, shape: tuple[int, ...], sort: int) -> Any:
    if sort == 0:
        return rng.normal(scale=3, size=shape)
    if sort == 1:
        return rng.uniform(-1e4, 1e4, shape)
    if sort == 2:
        return rng.normal(size=shape) + _one_hot(rng, shape) * rng.choice([17, 36.5, 40, 100, 700, 1e4])
    if sort == 3:
        return rng.integers(-1, 2, shape) * 1.0
    return rng.normal(size=shape) * 2.0 ** rng.integers(-1060, 4, shape)


def _probabilities(rng: np.random.Generator, shape: tuple[int, ...], sort: int) -> Any:
    if sort == 0:
        return _shares(rng.integers(1, 60, shape), rng)
    if sort == 1:
        return _shares(rng.integers(0, 3, shape), rng)
    if sort == 2:
        return _one_hot(rng, shape)
    return _shares(2.0 ** -rng.integers(0, rng.choice([8, 40, 60, 1000]), shape), rng)


def _shares(weights: Any, rng: np.random.Generator) -> Any:
    """The weights divided by their sum; where all are zero, one of them is taken for certain."""
    weights = np.where(weights.sum(axis=-1, keepdims=True) > 0, weights, _one_hot(rng, weights.shape))
    return weights / weights.sum(axis=-1, keepdims=True)


def _reals(rng: np.random.Generator, shape: tuple[int, ...], sort: int) -> Any:
    if sort < 2:
        return rng.normal(size=shape)
    if sort == 2:
        return rng.integers(-4, 5, shape) / 8
    return rng.normal(size=shape) * math.ldexp(1.0, int(rng.integers(-1060, 1000)))


# ---- networks, steps of their parameters, functions and descents


def in_each_array(change: Callable[[Any], Any], argument: Any) -> Any:
    """The argument with every array in it changed: in a mapping entry by entry; functions and plain numbers stay."""
    if isinstance(argument, dict):
        return {key: in_each_array(change, value) for key, value in argument.items()}
    return change(argument) if isinstance(argument, np.ndarray) else argument


def arrays_in(arguments: Arguments) -> list[Any]:
    """All arrays among the arguments, those in mappings too."""
    found: list[Any] = []
    for each in arguments:
        in_each_array(found.append, each)
    return found


def of_branch(formula: Formula, branch: Branch, format_: Format, count: int) -> list[dict[str, Any]]:
    """So many of the oracle's own inputs of a branch, by name, the same each time."""
    found: list[dict[str, Any]] = []

    @seed(0)
    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(strategy(formula, branch, format_, "numpy"))
    def draw(inputs: dict[str, Any]) -> None:
        found.append(inputs)

    draw()
    return found


def key(inputs: dict[str, Any]) -> Any:
    """What tells inputs by name from others: the bits of the arrays, and functions themselves."""
    return tuple(
        value if callable(value) else (np.shape(value), np.asarray(value).dtype.str, np.asarray(value).tobytes())
        for value in inputs.values()
    )


def network(formula: Formula, rng: np.random.Generator, sizes: dict[str, int], sort: int = 0) -> Arguments:
    """The arguments of a call of the network, of given sizes N, D, H and K."""
    drawn = {each.name: _entries(each, rng, sizes, sort) for each in formula.inputs}
    return tuple(packed(formula, drawn))


def _of_other_domains(formula: Formula, rng: np.random.Generator, sort: int) -> Arguments:
    match formula.domain:
        case "network":
            return network(formula, rng, {axis: int(rng.integers(1, 4)) for axis in "NDHK"}, sort)
        case "step":
            sizes = {axis: int(rng.integers(1, 4)) for axis in "DHK"}
            scale = math.ldexp(1.0, int(rng.integers(-1000, 1000))) if sort == 3 else 1.0
            drawn = {each.name: scale * rng.normal(size=[sizes[axis] for axis in each.axes]) for each in formula.inputs}
            return (*packed(formula, drawn)[:-1], float(rng.choice([0.1, 0.01, 0.5])))
        case "descent":
            # Curvatures below 4, so that the rates are not such that errors grow.
            f, x = _function((SQUARES, SQUARED_SUM, LOG_SUM_EXP), rng, 0, largest=0.375)
            return f, x, float(rng.choice([0.1, 0.01, 0.25])), int(rng.integers(1, 6))
    return _function((SQUARES, CUBES) if sort == 3 else FAMILIES, rng, sort)


def _function(
    families: tuple[Any, ...], rng: np.random.Generator, sort: int, largest: float = 1.0
) -> tuple[Function, Any]:
    """A function and a point; coefficients and entries are neither zero nor so large that nothing is left of a value."""
    shape = SHAPES[rng.integers(2) if sort == 0 else rng.integers(len(SHAPES))]
    x = rng.choice([-1, 1], shape) * rng.uniform(0.25, 1.5, shape) * (100 if sort == 3 else 1)
    coefficients = rng.integers(1, round(8 * largest) + 1, x.size) / 8
    return Function(((1.0, families[rng.integers(len(families))], tuple(coefficients.tolist())),)), x


def _entries(each: Input, rng: np.random.Generator, sizes: dict[str, int], sort: int) -> Any:
    """An array of a network: everyday; with large outputs; with large inputs; whole numbers."""
    shape = tuple(sizes[axis] for axis in each.axes)
    if each.kind == "targets_or_labels":
        labels = rng.integers(shape[-1], size=shape[:-1])
        return labels if rng.random() < 0.5 else np.eye(shape[-1])[labels]
    if sort == 1 and each.key == "b2":
        return rng.uniform(-700, 700, shape)
    if sort == 2 and each.name == "x":
        return 100 * rng.normal(size=shape)
    return rng.integers(-2, 3, shape) * 1.0 if sort == 3 else rng.normal(size=shape)
