"""What a candidate is tried on: inputs of three classes, drawn by Hypothesis from what each argument means.

*typical*: any honest algorithm is accurate there. *edge*: exact one-hots, zeros, ties, one sample, one class, integer arrays.
*extreme*: overflow, underflow, cancellation, near-certainty. All stay within what the format can hold without losing the
result of every honest evaluation.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from refmath.balls.formats import Format
from refmath.oracle import function_inputs, network_inputs
from refmath.oracle.arrays import Handed
from refmath.oracle.drawing import Branch, Class, Draw, Inputs, Layout, filled, floats
from refmath.spec import Formula, Input


def branches(formula: Formula, class_: Class) -> list[Branch]:
    """The branches of a class for a formula."""
    match formula.domain:
        case "network":
            return network_inputs.branches(class_)
        case "step":
            return function_inputs.step_branches(class_)
        case "function" | "descent":
            return function_inputs.branches(formula, class_)
    first = formula.inputs[0]
    layouts: tuple[Layout, ...] = ("any",) if first.axes == ("...",) else ("single", "batch")
    small = [Branch(class_, way, layout) for way in _WAYS[first.kind, class_] for layout in layouts]
    if class_ == "edge":
        return small
    return [
        *small,
        *(Branch(class_, next(reversed(_WAYS[first.kind, class_])), layout, 0.3) for layout in ("wide", "tall")),
    ]


@functools.cache
def strategy(formula: Formula, branch: Branch, format_: Format, array: Handed) -> SearchStrategy[Inputs]:
    """The inputs of a branch for a formula, as arrays in a format; built once.

    Args:
        formula: The formula whose arguments are drawn.
        branch: The branch.
        format_: The format of the real arrays.
        array: Whose arrays they become: in the edge class, NumPy's may hold integers where real numbers are meant, and NumPy's and
            PyTorch's may lie in memory column by column.
    """
    match formula.domain:
        case "network":
            return network_inputs.inputs(formula, branch, format_, array)
        case "step":
            return function_inputs.steps(formula, branch, format_, array)
        case "function" | "descent":
            return function_inputs.inputs(formula, branch, format_, array)
    return _inputs(formula, branch, format_, array)


@st.composite
def _inputs(draw: DrawFn, formula: Formula, branch: Branch, format_: Format, array: Handed) -> Inputs:
    class_ = branch.class_
    shape = draw(_SHAPES[branch.layout](class_))
    first, *others = formula.inputs
    drawn: Inputs = {first.name: _WAYS[first.kind, class_][branch.way](draw, shape, format_)}
    for each in others:
        drawn[each.name] = _second(draw, each, branch, drawn[first.name], format_)
    if class_ == "edge" and array == "numpy":
        _unusual_arrays(draw, formula, branch, format_, drawn)
    if class_ == "edge" and array == "torch" and draw(st.booleans()):
        return {name: np.asfortranarray(value) if value.ndim > 1 else value for name, value in drawn.items()}
    return drawn


def _unusual_arrays(draw: DrawFn, formula: Formula, branch: Branch, format_: Format, drawn: Inputs) -> None:
    """Integers where real numbers are meant, the smallest integers as labels, columns one after the other in memory."""
    whole = format_.name == "float64" and (branch.way == "whole" or draw(st.booleans()))
    by_columns, small = draw(st.booleans()), draw(st.booleans())
    for each in formula.inputs:
        value = drawn[each.name]
        is_label = value.dtype.kind in "iu"
        if is_label and small:
            value = value.astype(np.uint8)
        elif not is_label and whole and value.ndim and np.all(value == np.rint(value)):
            value = value.astype(np.int64)
        drawn[each.name] = np.asfortranarray(value) if by_columns and value.ndim > 1 else value


def _second(draw: DrawFn, each: Input, branch: Branch, first: Any, format_: Format) -> Any:
    """An argument that belongs to the first: its targets or labels, or a real array beside it."""
    if each.kind == "real":
        return _beside(draw, first, branch, format_)
    classes = first.shape[-1]
    if branch.layout in ("wide", "tall"):
        # Every class has its turn, the last one too.
        labels = (
            draw(st.integers(0, classes - 1)) - np.arange(math.prod(first.shape[:-1])).reshape(first.shape[:-1])
        ) % classes
    else:
        labels = filled(draw, st.integers(0, classes - 1), first.shape[:-1], np.int64)
    if each.kind == "labels" or (each.kind == "one_hot_or_labels" and draw(st.booleans())):
        return labels
    return np.eye(first.shape[-1], dtype=format_.dtype())[labels]


def _single(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    return st.tuples(_entries(class_))


def _batch(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    # One sample in a batch, like one class, is an edge.
    return st.tuples(st.integers(1 if class_ == "edge" else 2, 4), _entries(class_))


def _any(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    if class_ == "edge":
        return st.lists(st.integers(1, 3), max_size=3).map(tuple)
    return st.lists(st.integers(2, 4), min_size=1, max_size=2).map(tuple)


def _entries(class_: Class) -> SearchStrategy[int]:
    return st.integers(1 if class_ == "edge" else 2, 5)


def _wide(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    return st.sampled_from([(10, 10), (3, 12), (20,)])


def _tall(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    return st.sampled_from([(50, 2), (7, 3), (130, 2)])


_SHAPES: dict[Layout, Callable[[Class], SearchStrategy[tuple[int, ...]]]] = {
    "single": _single,
    "batch": _batch,
    "any": _any,
    "wide": _wide,
    "tall": _tall,
}


def is_typical(formula: Formula, given: Inputs) -> bool:
    """Whether inputs that a law made from others are still such as any honest algorithm is accurate on."""
    for each in formula.inputs:
        if each.kind in ("function", "rate", "count"):
            continue
        values = np.abs(np.asarray(given[each.name], np.float64))
        if each.kind in ("logits", "real") and values.max() > 64:
            return False
        if each.kind == "probabilities" and values.min() < 2**-10:
            return False
    return True


# ---- logits: far below and above, where exp leaves the format, and near certainty


def _eighths(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    reach = 8 * round(min(8, _usual(format_)))
    return filled(draw, st.integers(-reach, reach).map(lambda v: v / 8), shape, format_.dtype())


def _whole(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return filled(draw, st.integers(-8, 8), shape, format_.dtype())


def _ordinary(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return filled(draw, floats(-_usual(format_), _usual(format_), format_), shape, format_.dtype())


def _usual(format_: Format) -> float:
    """How far ordinary numbers reach: the exponential of the distance between two of them is a normal number."""
    return min(10.0, float(round((1 - format_.min_exponent) * math.log(2) / 2 - 1)))


def _few(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return filled(draw, st.sampled_from([0.0, 1.0, -1.0, 3.0, -0.0]), shape, format_.dtype())


def _far(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return filled(draw, floats(-_reach(format_), _reach(format_), format_), shape, format_.dtype())


def _middling(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    """Every magnitude between the ordinary and the far ones."""
    return _magnitudes(draw, shape, format_, _reach(format_))


def _magnitudes(draw: DrawFn, shape: tuple[int, ...], format_: Format, largest: float) -> Any:
    magnitudes = floats(0, math.log2(largest), format_).map(math.exp2)
    signed = magnitudes.flatmap(lambda v: st.sampled_from([v, -v]))
    return filled(draw, signed, shape, np.float64).astype(format_.dtype())


def _overflow(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    edge = math.log(format_.largest)
    near = floats(edge - 2, edge + 8, format_).flatmap(lambda v: st.sampled_from([v, -v]))
    return filled(draw, near, shape, format_.dtype())


def _scattered(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    edge, far = math.log(format_.largest), _reach(format_)
    return filled(draw, st.sampled_from([far, -far, 0.0, edge + 1, -edge - 1]), shape, format_.dtype())


def _offset(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    """Ordinary logits with a common offset, a different one for each sample."""
    far = _reach(format_)
    offsets = filled(draw, st.sampled_from([far, -far, far / 2, 0.0]), (*shape[:-1], 1), np.float64)
    return (_eighths(draw, shape, format_) + offsets).astype(format_.dtype())


def _certain(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    """One entry of each sample leads by a gap at which the loss is tiny, but not zero."""
    lead = np.eye(shape[-1])[filled(draw, st.integers(0, shape[-1] - 1), shape[:-1], np.int64)]
    gap = draw(st.sampled_from(_gaps(format_)))
    return (_eighths(draw, shape, format_) / 8 + lead * gap).astype(format_.dtype())


def _gaps(format_: Format) -> list[float]:
    """Leads at which 1 − p is close to the format's unit, and far below it."""
    if format_.bits >= 24:
        return [17.0, 25.0, 36.5, 40.0, 60.0, 80.0, 500.0, 700.0]
    last_place = round(8 * format_.bits * math.log(2)) / 8
    return [last_place - 1, last_place, last_place + 1.5, 17.0, 40.0, 80.0]


def _tiny(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    small = st.integers(8, -format_.min_exponent - 1).flatmap(
        lambda e: st.sampled_from([math.ldexp(1.0, -e), -math.ldexp(1.0, -e)])
    )
    return filled(draw, small, shape, format_.dtype())


def _reach(format_: Format) -> float:
    # The losses of four samples that are as far off as they can be still have a sum.
    return min(1e4, format_.largest / 16)


# ---- probabilities


def _normalised(weights: Any, format_: Format) -> Any:
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(format_.dtype())


def _weighted(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return _normalised(filled(draw, st.integers(1, 63), shape, np.float64), format_)


def _certainties(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return np.eye(shape[-1], dtype=format_.dtype())[filled(draw, st.integers(0, shape[-1] - 1), shape[:-1], np.int64)]


def _some_zeros(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    weights = filled(draw, st.integers(0, 2), shape, np.float64)
    weights[..., 0] += weights.sum(axis=-1) == 0
    return _normalised(weights, format_)


def _down_to(deepest: Callable[[Format], int]) -> Draw:
    """Powers of two down to a depth: on both sides of every guard, and ever nearer to certainty."""

    def draw_them(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
        exponents = filled(draw, st.integers(0, deepest(format_)), shape, np.float64)
        return _normalised(np.exp2(exponents.min(axis=-1, keepdims=True) - exponents), format_)

    return draw_them


# ---- real numbers: the first argument, and a second one beside it


def _squarable(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    """Every magnitude whose squares a whole batch can add up."""
    return _magnitudes(draw, shape, format_, min(_reach(format_), math.sqrt(format_.largest / 4096)))


def _scaled(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    # Squares and their sums stay within the format: what every honest evaluation loses says nothing.
    reach = max(1, -format_.min_exponent // 2 - 8)
    scale = math.ldexp(1.0, draw(st.integers(-reach, reach)))
    return (filled(draw, floats(-2, 2, format_), shape, np.float64) * scale).astype(format_.dtype())


def _beside(draw: DrawFn, first: Any, branch: Branch, format_: Format) -> Any:
    """A second array of the shape of the first: drawn alike, equal to it, or so close that a difference of squares cancels."""
    class_ = branch.class_
    # Whole numbers that are equal say nothing about integers.
    if class_ == "edge" and branch.way != "whole" and draw(st.booleans()):
        return first.copy()
    if class_ == "extreme" and draw(st.booleans()):
        steps = filled(draw, st.integers(-4, 4), first.shape, np.float64)
        return (first.astype(np.float64) * (1 + steps * 2 * format_.unit)).astype(format_.dtype())
    # At the edge whole numbers, which may come as integers beside an array that is none.
    ways = {"few": _few} if class_ == "edge" else _WAYS["real", class_]
    return ways[draw(st.sampled_from(sorted(ways)))](draw, first.shape, format_)


_WAYS: dict[tuple[str, Class], dict[str, Draw]] = {
    ("logits", "typical"): {"eighths": _eighths, "ordinary": _ordinary},
    ("logits", "edge"): {"few": _few, "whole": _whole},
    ("logits", "extreme"): {
        "far": _far,
        "middling": _middling,
        "overflow": _overflow,
        "scattered": _scattered,
        "offset": _offset,
        "certain": _certain,
        "tiny": _tiny,
    },
    ("probabilities", "typical"): {"weighted": _weighted},
    ("probabilities", "edge"): {"certainties": _certainties, "some zeros": _some_zeros},
    ("probabilities", "extreme"): {
        "around the guards": _down_to(lambda format_: min(30, -format_.min_exponent - 4)),
        "to the last place": _down_to(lambda format_: format_.bits),
        "to the smallest": _down_to(lambda format_: -format_.min_exponent - 4),
    },
    ("real", "typical"): {"eighths": _eighths, "ordinary": _ordinary},
    ("real", "edge"): {"few": _few, "whole": _whole, "eighths": _eighths},
    ("real", "extreme"): {"middling": _squarable, "scaled": _scaled},
}
