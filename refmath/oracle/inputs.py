"""What a candidate is tried on: inputs of three classes, drawn by Hypothesis from what each argument means.

*typical*: any honest algorithm is accurate there. *edge*: exact one-hots, zeros, ties, one sample, one class, integer arrays.
*extreme*: overflow, underflow, cancellation, near-certainty. All stay within what the format can hold without losing the
result of every honest evaluation.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from refmath.balls.formats import Format
from refmath.spec import Formula, Input

Class = Literal["typical", "edge", "extreme"]
CLASSES: tuple[Class, ...] = get_args(Class)

Inputs = dict[str, Any]
_Draw = Callable[[DrawFn, tuple[int, ...], Format], Any]


@st.composite
def inputs(draw: DrawFn, formula: Formula, class_: Class, format_: Format, *, integers: bool = True) -> Inputs:
    """Inputs of a class for a formula, as arrays in a format.

    Args:
        draw: Hypothesis's own argument.
        formula: The formula whose arguments are drawn.
        class_: The class of inputs.
        format_: The format of the real arrays.
        integers: Whether the edge class may hand over integer arrays where real ones are meant.
    """
    shape = draw(_any_shape(class_) if formula.inputs[0].axes == ("...",) else _sample_shape(class_))
    drawn: Inputs = {}
    for each in formula.inputs:
        drawn[each.name] = _draw_input(draw, each, class_, shape, format_, drawn)
    if class_ == "edge" and integers and format_.name == "float64" and draw(st.booleans()):
        for name, value in drawn.items():
            if np.all(value == np.rint(value)):
                drawn[name] = value.astype(np.int64)
    return drawn


def _draw_input(draw: DrawFn, each: Input, class_: Class, shape: tuple[int, ...], format_: Format, drawn: Inputs) -> Any:
    kind = each.kind
    if kind == "one_hot_or_labels":
        kind = "labels" if draw(st.booleans()) else "one_hot"
    if kind in ("labels", "one_hot"):
        labels = _filled(draw, st.integers(0, shape[-1] - 1), shape[:-1], np.int64)
        return labels if kind == "labels" else np.eye(shape[-1], dtype=format_.dtype())[labels]
    if kind == "real" and drawn:
        return _beside(draw, next(iter(drawn.values())), class_, format_)
    return _VALUES[kind, class_](draw, shape, format_)


def _sample_shape(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    """(K,) or (N, K); one sample in a batch and one class are edges."""
    few = 1 if class_ == "edge" else 2
    K = st.integers(few, 5)
    small = st.tuples(K) | st.tuples(st.integers(few, 4), K)
    # Now and then one that is larger than any small special case, and longer than a vector register.
    large = st.sampled_from([(17,), (10, 3), (3, 10), (9, 9)])
    return st.integers(0, 15).flatmap(lambda which: large if which == 15 and class_ == "typical" else small)


def _any_shape(class_: Class) -> SearchStrategy[tuple[int, ...]]:
    if class_ == "edge":
        return st.lists(st.integers(1, 3), max_size=3).map(tuple)
    return st.lists(st.integers(2, 4), min_size=1, max_size=2).map(tuple)


def _filled(draw: DrawFn, elements: SearchStrategy[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    size = math.prod(shape)
    return np.array(draw(st.lists(elements, min_size=size, max_size=size)), dtype).reshape(shape)


def _floats(low: float, high: float, format_: Format) -> SearchStrategy[float]:
    """Floats of the format in a range, without subnormal numbers; bfloat16 is drawn as float32 and rounded."""
    width: Literal[16, 32, 64] = {"float64": 64, "float32": 32, "float16": 16}.get(format_.name, 32)  # type: ignore[assignment]
    low, high = (float(np.dtype(f"f{width // 8}").type(end)) for end in (low, high))
    return st.floats(low, high, width=width, allow_subnormal=False)


def is_typical(formula: Formula, given: Inputs) -> bool:
    """Whether inputs that a law made from others are still such as any honest algorithm is accurate on."""
    for each in formula.inputs:
        values = np.abs(np.asarray(given[each.name], np.float64))
        if each.kind in ("logits", "real") and values.max() > 64:
            return False
        if each.kind == "probabilities" and values.min() < 2**-10:
            return False
    return True


# ---- logits


def _typical_logits(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    eighths = st.integers(-64, 64).map(lambda v: v / 8)
    return _filled(draw, draw(st.sampled_from([eighths, _floats(-10, 10, format_)])), shape, format_.dtype())


def _edge_logits(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return _filled(draw, st.sampled_from([0.0, 1.0, -1.0, 3.0, -0.0]), shape, format_.dtype())


def _extreme_logits(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    overflow = math.log(format_.largest)
    far = min(1e4, format_.largest / 4)
    # Above and below the point where exp leaves the format, far beyond it, and between.
    far_out = _floats(-far, far, format_)
    near_overflow = _floats(overflow - 2, overflow + 8, format_).flatmap(lambda v: st.sampled_from([v, -v]))
    scattered = st.sampled_from([far, -far, 0.0, overflow + 1, -overflow - 1])
    way = draw(st.sampled_from(["far", "overflow", "scattered", "certain", "offset"]))
    if way in ("far", "overflow", "scattered"):
        return _filled(draw, {"far": far_out, "overflow": near_overflow, "scattered": scattered}[way], shape, format_.dtype())
    small = _filled(draw, st.integers(-64, 64).map(lambda v: v / 8), shape, np.float64)
    if way == "offset":
        return (small + draw(st.sampled_from([far, -far, far / 2]))).astype(format_.dtype())
    # Near certainty: one entry of each sample leads by a gap at which the loss is tiny, but not zero.
    lead = np.eye(shape[-1])[_filled(draw, st.integers(0, shape[-1] - 1), shape[:-1], np.int64)] if shape else 1.0
    return (small / 8 + lead * draw(st.sampled_from([17.0, 25.0, 36.5, 40.0, 60.0, 100.0, 500.0, 700.0]))).astype(format_.dtype())


# ---- probabilities


def _normalised(weights: Any, format_: Format) -> Any:
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(format_.dtype())


def _typical_probabilities(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return _normalised(_filled(draw, st.integers(1, 63), shape, np.float64), format_)


def _edge_probabilities(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    if draw(st.booleans()):
        return np.eye(shape[-1], dtype=format_.dtype())[_filled(draw, st.integers(0, shape[-1] - 1), shape[:-1], np.int64)]
    weights = _filled(draw, st.integers(0, 2), shape, np.float64)
    weights[..., 0] += weights.sum(axis=-1) == 0
    return _normalised(weights, format_)


def _extreme_probabilities(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    # Powers of two down to the format's smallest numbers: on both sides of every guard, and ever nearer to certainty.
    deepest = draw(st.sampled_from([20, 30, format_.bits, -format_.min_exponent - 4]))
    exponents = _filled(draw, st.integers(0, deepest), shape, np.float64)
    weights = np.exp2(exponents.min(axis=-1, keepdims=True) - exponents)
    return _normalised(weights, format_)


# ---- real numbers: the first argument, and a second one beside it


def _typical_real(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return _typical_logits(draw, shape, format_)


def _edge_real(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    return _edge_logits(draw, shape, format_)


def _extreme_real(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
    # Squares and their sums stay within the format: what every honest evaluation loses says nothing.
    reach = -format_.min_exponent // 2 - 8
    scale = math.ldexp(1.0, draw(st.integers(-reach, reach)))
    return (_filled(draw, _floats(-2, 2, format_), shape, np.float64) * scale).astype(format_.dtype())


def _beside(draw: DrawFn, first: Any, class_: Class, format_: Format) -> Any:
    """A second array of the shape of the first: drawn alike, equal to it, or so close that a difference of squares cancels."""
    if class_ == "edge" and draw(st.booleans()):
        return first.copy()
    if class_ == "extreme" and draw(st.booleans()):
        steps = _filled(draw, st.integers(-4, 4), first.shape, np.float64)
        return (first.astype(np.float64) * (1 + steps * 2 * format_.unit)).astype(format_.dtype())
    return _VALUES["real", class_](draw, first.shape, format_)


_VALUES: dict[tuple[str, str], _Draw] = {
    ("logits", "typical"): _typical_logits,
    ("logits", "edge"): _edge_logits,
    ("logits", "extreme"): _extreme_logits,
    ("probabilities", "typical"): _typical_probabilities,
    ("probabilities", "edge"): _edge_probabilities,
    ("probabilities", "extreme"): _extreme_probabilities,
    ("real", "typical"): _typical_real,
    ("real", "edge"): _edge_real,
    ("real", "extreme"): _extreme_real,
}


@functools.cache
def strategy(formula: Formula, class_: Class, format_: Format, integers: bool) -> SearchStrategy[Inputs]:
    """The strategy for a class of inputs, built once."""
    return inputs(formula, class_, format_, integers=integers)
