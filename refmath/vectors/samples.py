"""Inputs for the formulas of a sample or a batch: by what the first argument means, with targets, labels or a second array beside it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import FORMATS, Format
from refmath.spec import Formula, Input
from refmath.vectors.drawing import Class, Inputs, Way
from refmath.vectors.stream import Stream, filled, rounded

Shape = tuple[int, ...]
Draw = Callable[[Stream, Shape, Format], Array]
#: A second array, made from the first.
Beside = Callable[[Stream, Array, Format], Array]

#: The greatest whole number whose exponential a format holds. A table, as a logarithm may be rounded otherwise elsewhere.
_OVERFLOW = {"float64": 709, "float32": 88, "float16": 11, "bfloat16": 88}
_FAR = {"float64": 1e4, "float32": 1e4, "float16": 8160.0, "bfloat16": 9984.0}


def ways(formula: Formula) -> list[Way]:
    """Every way of making inputs for a formula, the typical ones first."""
    first = formula.inputs[0]
    tables = {"logits": _LOGITS, "probabilities": _PROBABILITIES, "real": _REALS}
    shapes = _ANY_SHAPES if first.axes == ("...",) else _SHAPES
    return list(itertools.chain(*(_with_shapes(shapes, *row) for row in tables[first.kind])))


def _with_shapes(
    shapes: dict[str, tuple[Shape, ...]], class_: Class, name: str, text: str, draw: Draw, beside: Beside | None = None
) -> Iterator[Way]:
    chosen = shapes.get(name, shapes[class_])
    if not chosen:
        return

    def inputs(formula: Formula, stream: Stream, format_: Format, turn: int) -> Inputs:
        first = rounded(draw(stream, chosen[turn % len(chosen)], format_), format_)
        drawn = {formula.inputs[0].name: first}
        for each in formula.inputs[1:]:
            drawn[each.name] = _second(each, stream, first, format_, turn, beside or _alike(draw))
        if name == "integers":
            drawn = {name: value.astype(np.int64) for name, value in drawn.items()}
        return drawn

    formats = ("float64",) if name == "integers" else tuple(FORMATS)
    yield Way(class_, name, text, len(chosen), inputs, formats, is_a_shape=name in shapes and name != class_)


def _second(each: Input, stream: Stream, first: Array, format_: Format, turn: int, beside: Beside) -> Array:
    if each.kind == "real":
        return rounded(beside(stream, first, format_), format_)
    K = first.shape[-1]
    start = stream.below(K)
    # In a batch of many, every class has its turn.
    many = first.size > 16
    labels = np.array(
        [(start + n) % K if many else stream.below(K) for n in range(math.prod(first.shape[:-1]))], np.int64
    ).reshape(first.shape[:-1])
    if each.kind == "labels" or (each.kind == "targets_or_labels" and turn % 2):
        return labels
    return np.eye(K)[labels]


_SHAPES: dict[str, tuple[Shape, ...]] = {
    "typical": ((2, 3), (3,), (4, 2), (3, 4)),
    "edge": ((2, 3), (3,)),
    "extreme": ((2, 3), (3,)),
    "one_class": ((3, 1), (2, 1), (1,)),
    "batch_of_one": ((1, 4), (1, 2)),
    "no_axis": (),
    "one_entry": (),
    "many_classes": ((2, 9), (9,)),
    "many_samples": ((17, 2), (19, 2)),
}
_ANY_SHAPES: dict[str, tuple[Shape, ...]] = {
    **_SHAPES,
    "typical": ((3,), (2, 3), (2, 2, 2)),
    "one_class": (),
    "batch_of_one": (),
    "no_axis": ((), ()),
    "one_entry": ((1,), (1, 1)),
    "many_classes": (),
    "many_samples": ((17,), (3, 6)),
}


def _alike(draw: Draw) -> Beside:
    return lambda stream, first, format_: draw(stream, first.shape, format_)


# ---- logits


def _ordinary(stream: Stream, shape: Shape, format_: Format) -> Array:
    return filled(shape, lambda: stream.between(-6, 6))


def _zeros(stream: Stream, shape: Shape, format_: Format) -> Array:
    return np.zeros(shape)


def _few(stream: Stream, shape: Shape, format_: Format) -> Array:
    return filled(shape, lambda: stream.one_of((0.0, 1.0, -1.0, 3.0)))


def _whole(stream: Stream, shape: Shape, format_: Format) -> Array:
    return filled(shape, lambda: float(stream.below(9) - 4))


def _huge(stream: Stream, shape: Shape, format_: Format) -> Array:
    far = _FAR[format_.name]
    return filled(shape, lambda: stream.one_of((far, -far, 0.0, stream.between(-far, far))))


def _at_overflow(stream: Stream, shape: Shape, format_: Format) -> Array:
    edge = _OVERFLOW[format_.name]
    return filled(shape, lambda: stream.one_of((1.0, -1.0)) * (edge + stream.between(-2, 8)))


def _with_common_offset(stream: Stream, shape: Shape, format_: Format) -> Array:
    offsets = filled((*shape[:-1], 1), lambda: stream.one_of((1.0, -1.0)) * _FAR[format_.name])
    return filled(shape, lambda: stream.eighths(3)) + offsets


def _near_certainty(stream: Stream, shape: Shape, format_: Format) -> Array:
    """One logit of each sample leads by a gap at which the loss is tiny, but not zero."""
    gaps = (9.0, 17.0, 25.0, 36.5, 40.0, 80.0, 500.0, 700.0)
    logits = filled(shape, lambda: stream.eighths(1))
    for sample in logits.reshape(-1, shape[-1]):
        sample[stream.below(len(sample))] += stream.one_of(gaps)
    return logits


def _tiny(stream: Stream, shape: Shape, format_: Format) -> Array:
    return filled(
        shape, lambda: stream.one_of((1.0, -1.0)) * math.ldexp(1.0, -8 - stream.below(-format_.min_exponent - 9))
    )


def _subnormal(stream: Stream, shape: Shape, format_: Format) -> Array:
    unit = math.ldexp(1.0, format_.min_exponent - format_.bits + 1)
    return filled(shape, lambda: (1 + stream.below(2 ** (format_.bits - 2))) * unit * stream.one_of((1.0, -1.0)))


_ENTRIES = "a whole vector register of entries, and some that are left over"
_LOGITS: tuple[tuple[Any, ...], ...] = (
    ("typical", "typical", "Everyday logits, on which any honest algorithm is accurate.", _ordinary),
    ("edge", "zeros", "All logits are zero.", _zeros),
    ("edge", "ties", "Few different values, so that some logits are equal.", _few),
    ("edge", "integers", "Integers where real numbers are meant.", _whole),
    ("edge", "one_class", "A single class.", _ordinary),
    ("edge", "batch_of_one", "A batch of one sample: it keeps its first axis.", _ordinary),
    ("edge", "no_axis", "One number without any axis.", _ordinary),
    ("edge", "one_entry", "An array of one entry, with one axis or two.", _ordinary),
    ("edge", "many_classes", f"Many classes: {_ENTRIES}.", _ordinary),
    ("edge", "many_samples", f"Many samples: {_ENTRIES}.", _ordinary),
    ("extreme", "huge", "Logits up to ten thousand, far beyond the range of the exponential.", _huge),
    ("extreme", "overflow", "Logits at which the exponential just leaves the format's range.", _at_overflow),
    ("extreme", "common_offset", "Everyday differences, far from zero.", _with_common_offset),
    ("extreme", "near_certainty", "One class is nearly certain: a loss that is tiny, but not zero.", _near_certainty),
    ("extreme", "tiny", "Logits close to zero, down to the smallest normal numbers.", _tiny),
    ("extreme", "subnormal", "Logits that are subnormal numbers.", _subnormal),
)


# ---- probabilities


def _normalised(weights: Array) -> Array:
    """Each sample divided by its sum; the sum is rounded once, whatever the order of the entries."""
    rows = weights.reshape(-1, weights.shape[-1])
    return np.array([[value / math.fsum(row) for value in row] for row in rows.tolist()]).reshape(weights.shape)


def _weighted(stream: Stream, shape: Shape, format_: Format) -> Array:
    return _normalised(filled(shape, lambda: 1.0 + stream.below(63)))


def _uniform(stream: Stream, shape: Shape, format_: Format) -> Array:
    return _normalised(np.ones(shape))


def _certain(stream: Stream, shape: Shape, format_: Format) -> Array:
    return np.eye(shape[-1])[[stream.below(shape[-1]) for _ in range(math.prod(shape[:-1]))]].reshape(shape)


def _some_zeros(stream: Stream, shape: Shape, format_: Format) -> Array:
    weights = filled(shape, lambda: float(stream.one_of((0, 0, 1, 2))))
    weights[..., stream.below(shape[-1])] += 1
    return _normalised(weights)


def _around_the_guards(stream: Stream, shape: Shape, format_: Format) -> Array:
    """Powers of two from 1 to below every guard in use; one entry of each sample is large."""
    weights = filled(shape, lambda: math.ldexp(1.0, -stream.below(31)))
    weights[..., stream.below(shape[-1])] = 1
    return _normalised(weights)


def _nearly_certain(stream: Stream, shape: Shape, format_: Format) -> Array:
    """One probability is 1 minus a few units in the last place."""
    probabilities = filled(shape, lambda: math.ldexp(1.0, -stream.below(6) - format_.bits + 4))
    for sample in probabilities.reshape(-1, shape[-1]):
        lead = stream.below(len(sample))
        sample[lead] = 0
        sample[lead] = 1 - math.fsum(sample)
    return probabilities


def _smallest(stream: Stream, shape: Shape, format_: Format) -> Array:
    weights = filled(shape, lambda: math.ldexp(1.0, -stream.below(-format_.min_exponent - 3)))
    weights[..., stream.below(shape[-1])] = 1
    return _normalised(weights)


def _subnormal_shares(stream: Stream, shape: Shape, format_: Format) -> Array:
    probabilities = np.abs(_subnormal(stream, shape, format_))
    for sample in probabilities.reshape(-1, shape[-1]):
        sample[stream.below(len(sample))] = 1
    return probabilities


_PROBABILITIES: tuple[tuple[Any, ...], ...] = (
    ("typical", "typical", "Everyday probabilities, on which any honest algorithm is accurate.", _weighted),
    ("edge", "uniform", "All classes are equally likely.", _uniform),
    ("edge", "certain", "Outputs that are one-hot themselves: perfect, or certain and wrong.", _certain),
    ("edge", "some_zeros", "Some probabilities are exactly zero.", _some_zeros),
    ("edge", "one_class", "A single class, which is certain.", _uniform),
    ("edge", "batch_of_one", "A batch of one sample: it keeps its first axis.", _weighted),
    ("edge", "many_classes", f"Many classes: {_ENTRIES}.", _weighted),
    ("edge", "many_samples", f"Many samples: {_ENTRIES}.", _weighted),
    ("extreme", "around_the_guards", "Small probabilities on both sides of every guard in use.", _around_the_guards),
    ("extreme", "near_certainty", "One probability is 1 but for its last places.", _nearly_certain),
    ("extreme", "smallest", "Probabilities down to the smallest normal numbers.", _smallest),
    ("extreme", "subnormal", "Probabilities that are subnormal numbers.", _subnormal_shares),
)


# ---- real numbers, and others beside them


def _equal(stream: Stream, first: Array, format_: Format) -> Array:
    return first.copy()


def _close(stream: Stream, first: Array, format_: Format) -> Array:
    """So close that a difference of squares cancels."""
    factors: Array = 1 + filled(first.shape, lambda: (stream.below(9) - 4) * 2 * format_.unit)
    return np.multiply(first, factors)


def _scaled(sign: int) -> Draw:
    """Numbers so large, or so small, that their squares and the sums of them just stay within the format."""

    def draw(stream: Stream, shape: Shape, format_: Format) -> Array:
        scale = math.ldexp(1.0, sign * (-format_.min_exponent // 2 - 4))
        return filled(shape, lambda: stream.between(-2, 2) * scale)

    return draw


_REALS: tuple[tuple[Any, ...], ...] = (
    ("typical", "typical", "Everyday numbers, on which any honest algorithm is accurate.", _ordinary),
    ("edge", "zeros", "All numbers are zero.", _zeros),
    ("edge", "ties", "Few different values, so that some outputs hit their targets.", _few),
    ("edge", "equal", "The outputs are the targets.", _ordinary, _equal),
    ("edge", "integers", "Integers where real numbers are meant.", _whole),
    ("edge", "one_class", "A single entry in each sample.", _ordinary),
    ("edge", "batch_of_one", "A batch of one sample: it keeps its first axis.", _ordinary),
    ("edge", "many_classes", f"Many entries: {_ENTRIES}.", _ordinary),
    ("edge", "many_samples", f"Many samples: {_ENTRIES}.", _ordinary),
    ("extreme", "cancellation", "Outputs within a few last places of their targets.", _ordinary, _close),
    ("extreme", "large", "Numbers whose squares just stay within the format.", _scaled(1)),
    ("extreme", "small", "Numbers whose squares are close to the smallest ones of the format.", _scaled(-1)),
    ("extreme", "subnormal", "Subnormal numbers.", _subnormal),
)
