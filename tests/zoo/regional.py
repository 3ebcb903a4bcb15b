"""Faults that are confined to a region, drawn by a seed: a band of value, a size, a number of steps, a rate, a magnitude.

Each is described by data, and is refmath's own program beside that region, which tells it from the other specimens of the zoo. In it, the
answer is off by a relative error of 1e-3, or something is lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from refmath.catalogue import FORMULAS
from refmath.spec import Formula, packed, unpacked

from .specimen import Array, Specimen, faulty

SEED, COUNT = 20261128, 132
#: How far the answer is off in the region.
ERROR = 1e-3
Inputs = dict[str, Any]

#: Where a band of value or a bound on the magnitude of all inputs may lie, by the kind of the first array.
LOGITS, REALS, PROBABILITIES, ENTRIES, WEIGHTS = (1e-1, 1e4), (1e-2, 1e3), (1e-9, 0.5), (1e-2, 5e2), (1e-2, 1.0)
LARGEST_SIZE, MOST_STEPS, RATES = 1025, 120, (1e-3, 1.0)
#: Widths of a band, in decades.
WIDTHS = (0.02, 0.1)


@dataclass(frozen=True)
class Region:
    """Where a fault bites.

    Attributes:
        formula: The name of the formula.
        kind: `band`, `sizes from`, `sizes up to`, `tail`, `magnitudes above`, `magnitudes below`, `steps`, `rates above` or `rates below`.
        bounds: The ends of the band; else the size, the number of steps, the rate or the magnitude.
        axis: The axis whose size counts; `...` for the number of entries.
    """

    formula: str
    kind: str
    bounds: tuple[float, ...]
    axis: str = ""

    @property
    def text(self) -> str:
        """The region in words."""
        ends = " to ".join(f"{bound:.4g}" for bound in self.bounds)
        where = f" of {'entries' if self.axis == '...' else self.axis}" if self.axis else ""
        return f"{self.kind}{where} {ends}"

    @property
    def name(self) -> str:
        """The region as the name of a function."""
        return "_".join(
            self.text.replace("...", "entries").replace(".", "p").replace("-", "m").replace("+", "").split()
        )


# ------------------------------------------------------------------------------------------------------------------------ drawing


def regions(seed: int = SEED, count: int = COUNT) -> Iterator[Region]:
    """As many regions as are asked for, each formula in its turn."""
    random = Random(seed)
    for place in range(count):
        formula = FORMULAS[place % len(FORMULAS)]
        yield _region(random, formula, random.choice(_kinds(formula)))


def _kinds(formula: Formula) -> list[str]:
    kinds = ["sizes from", "sizes up to", "tail", "magnitudes above", "magnitudes below"]
    if not formula.name.startswith(("two_layer_net", "gradient_descent")):
        kinds += ["band"] * 4
    if any(each.kind == "rate" for each in formula.inputs):
        kinds += ["rates above", "rates below"]
    if any(each.kind == "count" for each in formula.inputs):
        kinds += ["steps", "steps"]
    return kinds


def _region(random: Random, formula: Formula, kind: str) -> Region:
    if kind == "band":
        return Region(formula.name, kind, _band(random, *_reach(formula)))
    if kind == "steps":
        return Region(formula.name, kind, (random.randint(2, MOST_STEPS),))
    if kind.startswith("rates"):
        return Region(formula.name, kind, (_spread(random, *RATES),))
    if kind.startswith("magnitudes"):
        return Region(formula.name, kind, (_spread(random, *_magnitudes(formula)),))
    size = round(_spread(random, 2, LARGEST_SIZE))
    axes = _axes(formula)
    if kind == "tail" and formula.name == "two_layer_net_loss":
        axes.remove("K")  # a loss has no entry for a class whose tail could be lost
    return Region(formula.name, kind, (size,), random.choice(axes))


def _band(random: Random, low: float, high: float) -> tuple[float, float]:
    start, width = _spread(random, low, high), random.uniform(*WIDTHS)
    return start, start * 10**width


def _spread(random: Random, low: float, high: float) -> float:
    """A number between two, evenly spread over its decades."""
    return float(10 ** random.uniform(math.log10(low), math.log10(high)))


def _reach(formula: Formula) -> tuple[float, float]:
    first = next(each for each in formula.inputs if not each.is_function)
    if first.kind in ("probabilities", "unit_interval"):
        # Below the floor the gradient is zero, whatever it is multiplied by.
        return (1e-8, 0.5) if formula.name.endswith("_gradient") else PROBABILITIES
    if first.kind in ("weights", "units"):
        return WEIGHTS
    if first.kind == "logits":
        return ENTRIES if first.axes == ("...",) else LOGITS
    return REALS


def _magnitudes(formula: Formula) -> tuple[float, float]:
    """Where a bound on all numbers may lie: those of a distribution of some twenty classes cannot all be less than a twentieth."""
    low, high = _reach(formula)
    return (0.05, high) if high < 1 else (low, high)


def _axes(formula: Formula) -> list[str]:
    return list(dict.fromkeys(axis for each in formula.inputs for axis in each.axes))


# ------------------------------------------------------------------------------------------------------------------- what is wrong


def wrong(region: Region) -> Callable[..., Any]:
    """A function that is wrong in a region."""
    formula = next(each for each in FORMULAS if each.name == region.formula)
    spoilt = _SPOILT[region.kind.partition(" ")[0]]

    def function(*arguments: Any) -> Any:
        inputs = unpacked(formula, arguments)
        return spoilt(formula, region, inputs, lambda given: formula.program(*packed(formula, given)))

    function.__name__ = function.__qualname__ = region.name
    function.__doc__ = f"Wrong for {region.text}."
    return function


Right = Callable[[Inputs], Any]


def _in_band(formula: Formula, region: Region, inputs: Inputs, right: Right) -> Any:
    """Entries, or the terms of a loss that belong to them, are off by a thousandth."""
    answer, low, high = right(inputs), *region.bounds
    of = next(each for each in formula.inputs if not each.is_function)
    first = inputs[of.name]
    if isinstance(first, dict):
        return {key: answer[key] * _factor(first[key], low, high) for key in answer}
    factor = _factor(first, low, high)
    if isinstance(answer, dict):
        return {key: value * factor if value.shape == factor.shape else value for key, value in answer.items()}
    if not formula.output and of.axes == ("...",):
        return answer + ERROR * _of_entries(formula, inputs, np.ravel(factor > 1), right)
    if not formula.output:
        return answer + np.sum(_terms(formula, inputs) * (factor - 1))
    if np.shape(answer) == factor.shape:
        return answer * factor
    # Of a Jacobian its rows; of an answer without classes, or with others, that of a sample whose first number is in the band.
    return answer * (factor[..., None] if formula.name == "softmax_gradient" else _of_samples(answer, factor[..., 0]))


def _of_samples(answer: Any, factor: Any) -> Any:
    return np.reshape(factor, np.shape(factor) + (1,) * (np.ndim(answer) - np.ndim(factor)))


def _of_entries(formula: Formula, inputs: Inputs, chosen: Any, right: Right) -> Any:
    """What some entries add to a loss of any shape, which is a mean of its terms, or a sum of them."""
    if not np.any(chosen):
        return 0.0
    part = right({name: np.ravel(value)[chosen] for name, value in inputs.items()})
    return part if formula.name == "l2_penalty" else part * np.mean(chosen)


def _factor(x: Any, low: float, high: float) -> Array:
    size = np.abs(np.asarray(x, float))
    return np.where((size >= low) & (size < high), 1 + ERROR, 1.0)


def _terms(formula: Formula, inputs: Inputs) -> Array:
    """The terms of a loss: one for each entry of the first argument; their sum is the loss."""
    first, second = (np.asarray(value) for value in inputs.values())
    first = first.astype(float)
    count = len(first) if first.ndim == 2 else 1
    if formula.name == "mean_squared_error":
        return np.asarray((first - second) ** 2 / 2 / count)
    t = np.eye(first.shape[-1])[second] if second.ndim < first.ndim else second.astype(float)
    if formula.name == "kl_divergence":
        return np.asarray(t * np.log(np.where(t > 0, t, 1.0) / np.where(t > 0, first, 1.0)) / count)
    if formula.name.startswith("softmax"):
        below = first - np.max(first, axis=-1, keepdims=True)
        return np.asarray(t * (np.log(np.sum(np.exp(below), axis=-1, keepdims=True)) - below) / count)
    return np.asarray(-t * np.log(np.maximum(first, 1e-8)) / count)


def _scaled(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: value * (1 + ERROR) for key, value in answer.items()}
    return answer * (1 + ERROR)


def _size(formula: Formula, inputs: Inputs, axis: str) -> int:
    """The size of an axis; of a single sample N is 1, of a mapping the entries of all arrays count together."""
    sizes: dict[str, int] = {"N": 1}
    for each in formula.inputs:
        value = inputs[each.name]
        if isinstance(value, dict):
            return sum(map(np.size, value.values()))
        if not each.is_function and each.axes == ("...",):
            return np.size(value)
        if not each.is_function:
            shape = np.shape(value)
            sizes.update(zip(each.axes[len(each.axes) - len(shape) :], shape, strict=True))
    return sizes[axis]


def _of_sizes(formula: Formula, region: Region, inputs: Inputs, right: Right) -> Any:
    """The whole answer is off by a thousandth, from a size on or up to it."""
    size, bound = _size(formula, inputs, region.axis), region.bounds[0]
    answer = right(inputs)
    return _scaled(answer) if (size >= bound if region.kind == "sizes from" else size <= bound) else answer


def _without_tail(formula: Formula, region: Region, inputs: Inputs, right: Right) -> Any:
    """What lies beyond the last multiple of a size is lost, if there is a multiple at all."""
    size, bound = _size(formula, inputs, region.axis), int(region.bounds[0])
    answer, kept = right(inputs), size // bound * bound
    if kept in (0, size):
        return answer
    if region.axis == "..." and not formula.output and not isinstance(answer, dict):
        return _of_entries(formula, inputs, np.arange(size) < kept, right)
    if region.axis == "...":
        return _without_entries(formula, inputs, answer, kept)
    if formula.name.startswith("two_layer_net"):
        return _without_part_of_a_network(formula, region.axis, inputs, right, kept)
    if isinstance(answer, dict) or (formula.output and region.axis not in [axis for _, axis in formula.output]):
        return _without_places(formula, region.axis, inputs, right, kept)
    if formula.output:
        return _cut(answer, 0 if region.axis == "N" else np.ndim(inputs[formula.inputs[0].name]) - 1, kept)
    terms = np.atleast_2d(_terms(formula, inputs))
    lost = terms[kept:] if region.axis == "N" else terms[:, kept:]
    return answer - np.sum(lost)


def _cut(answer: Array, axis: int, kept: int) -> Array:
    """An array whose entries from a place on are zero."""
    moved = np.array(answer)
    np.moveaxis(moved, axis, 0)[kept:] = 0
    return moved


def _without_places(formula: Formula, axis: str, inputs: Inputs, right: Right, kept: int) -> Any:
    """Places of an axis from one on are not looked at; in an array of the answer that has the axis they are zero."""
    taken = dict(inputs)
    for each in formula.inputs:
        value = inputs[each.name]
        if axis in each.axes:
            taken[each.name] = np.take(value, np.arange(kept), axis=each.axes.index(axis) - len(each.axes))
    answer, part = right(inputs), right(taken)
    if not isinstance(answer, dict):
        return part
    axes = {of.key: [name for _, name in of.output] for of in formula.parts}
    return {
        key: _cut(value, axes[key].index(axis), kept) if axis in axes[key] else part[key]
        for key, value in answer.items()
    }


def _without_entries(formula: Formula, inputs: Inputs, answer: Any, kept: int) -> Any:
    """Entries from a place on are zero; those of a descent or a step are left where they were."""
    if isinstance(answer, dict):
        left = kept
        cut = {}
        arrays = inputs.get("params", inputs)
        for key, value in answer.items():
            # Each array of a state has as many entries as the parameters; those of a mapping count together.
            left = left if "params" in inputs else kept
            here = max(0, min(left, value.size))
            flat = np.array(arrays[key], value.dtype).ravel()
            flat[:here] = value.ravel()[:here]
            cut[key], left = flat.reshape(value.shape), left - value.size
        return cut
    flat = np.zeros(np.size(answer))
    if formula.name == "gradient_descent":
        flat = np.array(inputs["init_x"], float).ravel()
    flat[:kept] = np.ravel(answer)[:kept]
    return flat.reshape(np.shape(answer))


def _without_part_of_a_network(formula: Formula, axis: str, inputs: Inputs, right: Right, kept: int) -> Any:
    """Samples, inputs, hidden units or classes from a place on are not looked at; where they have an entry of the answer, it is zero."""
    answer = right(inputs)
    output = {part.key: part.output for part in formula.parts} or {"": formula.output}
    if isinstance(answer, dict):
        if axis == "N":
            part = right({**inputs, **{name: inputs[name][:kept] for name in ("x", "t")}})
            return {key: value * (kept / len(inputs["x"])) for key, value in part.items()}
        axes = {key: [of for _, of in each] for key, each in output.items()}
        return {
            key: _cut(value, axes[key].index(axis), kept) if axis in axes[key] else value
            for key, value in answer.items()
        }
    if axis in [of for _, of in output[""]]:
        return _cut(answer, [of for _, of in output[""]].index(axis), kept)
    taken = dict(inputs)
    for each in formula.inputs:
        if axis in each.axes:
            taken[each.name] = np.take(inputs[each.name], np.arange(kept), axis=each.axes.index(axis))
    part = right(taken)
    return part * (kept / len(inputs["x"])) if axis == "N" else part


def _of_magnitudes(formula: Formula, region: Region, inputs: Inputs, right: Right) -> Any:
    """The whole answer is off by a thousandth, if all numbers of the first array lie above a bound, or below it."""
    first = next(inputs[each.name] for each in formula.inputs if not each.is_function)
    arrays = list(first.values()) if isinstance(first, dict) else [first]
    sizes = np.abs(np.concatenate([np.ravel(np.asarray(each, float)) for each in arrays]))
    inside = sizes > region.bounds[0] if region.kind == "magnitudes above" else sizes < region.bounds[0]
    answer = right(inputs)
    return _scaled(answer) if inside.all() else answer


def _of_steps(formula: Formula, region: Region, inputs: Inputs, right: Right) -> Any:
    """Steps after so many are not made."""
    return right({**inputs, "step_num": min(inputs["step_num"], int(region.bounds[0]))})


def _of_rates(formula: Formula, region: Region, inputs: Inputs, right: Right) -> Any:
    """A rate above a bound, or below it, is off by a thousandth."""
    lr, bound = inputs["lr"], region.bounds[0]
    beyond = lr > bound if region.kind == "rates above" else lr < bound
    return right({**inputs, "lr": lr * (1 + ERROR)} if beyond else inputs)


_SPOILT: dict[str, Callable[..., Any]] = {
    "band": _in_band,
    "sizes": _of_sizes,
    "tail": _without_tail,
    "magnitudes": _of_magnitudes,
    "steps": _of_steps,
    "rates": _of_rates,
}


def specimens(seed: int = SEED, count: int = COUNT) -> list[tuple[Region, Specimen]]:
    """The regions of a seed, each with the specimen that is wrong there."""
    return [
        (region, faulty(region.formula, wrong(region), f"wrong_for_{region.name}", region.text))
        for region in regions(seed, count)
    ]


SPECIMENS = [specimen for _, specimen in specimens()]
