"""Random points of a formula's domain: everyday ones, or all sorts, from subnormal differences to near-certainty and logits of ±1e4."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refmath.spec import Formula, Input

SHAPES = ((3,), (2, 3), (1,), (2,), (1, 3), (3, 2), (2, 1))


def everyday(formula: Formula, rng: np.random.Generator) -> tuple[Any, ...]:
    """Inputs of one of the first two shapes, in float64, on which any honest algorithm is accurate."""
    shape = SHAPES[rng.integers(2)]
    return tuple(_draw(each, rng, shape, 0) for each in formula.inputs)


def all_sorts(formula: Formula, rng: np.random.Generator) -> tuple[Any, ...]:
    """Inputs of any kind, shape and dtype."""
    shape = SHAPES[rng.integers(len(SHAPES))]
    inputs = [_draw(each, rng, shape, int(rng.integers(5))) for each in formula.inputs]
    dtype = rng.choice(["float64", "float64", "float32", "float16"])
    for place, each in enumerate(formula.inputs):
        if place and each.kind == "real" and rng.random() < 0.3:
            # So close to the first that the difference of their squares would cancel.
            inputs[place] = inputs[0] * (1 + rng.integers(-3, 4, shape) * 2.0**-50)
        inputs[place] = _cast(inputs[place], each, str(dtype), rng.random() < 0.3)
    return tuple(inputs)


def _draw(each: Input, rng: np.random.Generator, shape: tuple[int, ...], sort: int) -> Any:
    kind = each.kind
    if kind == "one_hot_or_labels":
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
