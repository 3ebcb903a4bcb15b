"""What a network is tried on: parameters, a batch of samples and its targets, of sizes that fit together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from refmath.balls.formats import Format
from refmath.oracle.arrays import Handed
from refmath.oracle.drawing import Branch, Class, Draw, Inputs, Layout, filled, floats
from refmath.spec import Formula

_Sizes = dict[str, int]


def branches(class_: Class) -> list[Branch]:
    """The branches of a class for a network."""
    small = [Branch(class_, way, "batch") for way in _WAYS[class_]]
    if class_ == "edge":
        return [*small, Branch(class_, "few", "single")]
    last = next(reversed(_WAYS[class_]))
    return [*small, *(Branch(class_, last, layout, 0.3) for layout in ("wide", "tall"))]


@st.composite
def inputs(draw: DrawFn, formula: Formula, branch: Branch, format_: Format, array: Handed) -> Inputs:
    """The inputs of a branch; see `refmath.oracle.inputs.strategy`."""
    sizes = draw(_SIZES[branch.layout])
    dtype = format_.dtype()
    drawn: Inputs = {}
    for each in formula.inputs:
        if each.kind == "one_hot_or_labels":
            drawn[each.name] = _targets(draw, sizes, dtype)
        else:
            shape = tuple(sizes[axis] for axis in each.axes)
            drawn[each.name] = _WAYS[branch.class_][branch.way](each.key or each.name)(draw, shape, format_).astype(
                dtype
            )
    if branch.class_ == "edge" and array == "torch" and draw(st.booleans()):
        return {name: np.asfortranarray(value) if value.ndim > 1 else value for name, value in drawn.items()}
    if branch.class_ == "edge" and array == "numpy" and format_.name == "float64":
        _unusual_arrays(draw, formula, drawn)
    return drawn


def _targets(draw: DrawFn, sizes: _Sizes, dtype: Any) -> Any:
    N, K = sizes["N"], sizes["K"]
    # In a large batch every class has its turn.
    labels = filled(draw, st.integers(0, K - 1), (min(N, 8),), np.int64)
    labels = (np.resize(labels, N) + np.arange(N) // 8) % K
    return labels if draw(st.booleans()) else np.eye(K, dtype=dtype)[labels]


def _unusual_arrays(draw: DrawFn, formula: Formula, drawn: Inputs) -> None:
    """Pixels as integers, columns one after the other in memory, labels in the smallest integers."""
    whole, by_columns, small = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    for each in formula.inputs:
        value = drawn[each.name]
        if value.dtype.kind in "iu" and small:
            value = value.astype(np.uint8)
        elif whole and each.name == "x" and np.all(value == np.rint(value)):
            value = value.astype(np.int64)
        drawn[each.name] = np.asfortranarray(value) if by_columns and value.ndim > 1 else value


def _sizes(N: tuple[int, int], D: tuple[int, int], H: tuple[int, int], K: tuple[int, int]) -> SearchStrategy[_Sizes]:
    ranges = {"N": N, "D": D, "H": H, "K": K}
    return st.fixed_dictionaries({size: st.integers(*ends) for size, ends in ranges.items()})


_SIZES: dict[Layout, SearchStrategy[_Sizes]] = {
    "single": _sizes((1, 2), (1, 2), (1, 2), (1, 2)),
    "batch": _sizes((1, 4), (1, 3), (1, 4), (2, 4)),
    "wide": _sizes((3, 3), (5, 5), (12, 12), (10, 10)),
    "tall": _sizes((130, 130), (2, 2), (3, 3), (3, 3)),
}


# ---- the values of each array, by its key


def _eighths(reach: float) -> Draw:
    steps = round(8 * reach)
    return lambda draw, shape, format_: filled(draw, st.integers(-steps, steps).map(lambda v: v / 8), shape, np.float64)


def _between(low: float, high: float) -> Draw:
    """Numbers between two others, none so small that honest steps on the way to a gradient vanish beside it."""

    def drawn(draw: DrawFn, shape: tuple[int, ...], format_: Format) -> Any:
        values = filled(draw, floats(low, high, format_), shape, np.float64)
        return np.where(np.abs(values) < 2.0**-64, 0.0, values)

    return drawn


def _among(*values: float) -> Draw:
    return lambda draw, shape, format_: filled(draw, st.sampled_from(values), shape, np.float64)


def _scaled(draws: Draw, scale: float) -> Draw:
    return lambda draw, shape, format_: draws(draw, shape, format_) * scale


def _black_pixels(key: str) -> Draw:
    """Samples of zeros and ones: what the hidden units make of them is the biases' doing, in formats of few digits too."""
    return _among(0.0, 1.0) if key == "x" else _eighths({"b1": 6, "W2": 2}.get(key, 1))


def _large_outputs(key: str) -> Draw:
    """Logits up to the reach at which every exponential that is not shifted overflows."""
    return _among(5000.0, -5000.0, 700.0, -700.0, 90.0, -90.0, 0.0) if key == "b2" else _eighths(2)


def _large_inputs(key: str) -> Draw:
    """Hidden units deep in the tails of the sigmoid."""
    return _scaled(_eighths(2), 256.0) if key == "x" else _eighths(2)


def _certain(key: str) -> Draw:
    """One class leads by a gap at which the loss is tiny, but not zero."""
    return _among(0.0, 17.0, 25.0, 40.0, 80.0) if key == "b2" else _scaled(_eighths(1), 0.5)


def _rows_apart(key: str) -> Draw:
    """Samples whose logits are far from each other, though those of each are close together."""
    if key == "W2":
        return _among(-1000.0, -999.0, -998.0)
    return _eighths(6) if key in ("W1", "x") else _eighths(2)


def _saturated(key: str) -> Draw:
    return _eighths(6) if key in ("W1", "W2", "x") else _eighths(20)


_WAYS: dict[Class, dict[str, Callable[[str], Draw]]] = {
    "typical": {
        "eighths": lambda key: _eighths(2),
        "pixels": lambda key: _between(0, 1) if key == "x" else _between(-1, 1),
        "ordinary": lambda key: _between(-2, 2),
    },
    "edge": {
        "few": lambda key: _among(0.0, 1.0, -1.0),
        "black pixels": _black_pixels,
    },
    "extreme": {
        "large outputs": _large_outputs,
        "large inputs": _large_inputs,
        "certain": _certain,
        "rows apart": _rows_apart,
        "saturated": _saturated,
    },
}
