"""The inputs of a formula as definitions take them: whole batches of wide floats, and labels as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath.mistakes.values import WIDE
from refmath.spec import Formula, are_labels, is_single


def arrays_of(formula: Formula, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
    """The arguments as whole batches of float64, by the name of their symbol, and the sizes of the axes."""
    single = is_single(formula, dict(inputs))
    arrays, sizes = dict[str, Any](), dict[str, int]()
    axes: tuple[str, ...]
    for each in formula.inputs:
        value = inputs[each.name]
        array = np.concatenate([np.ravel(one) for one in value.values()]) if each.arrays else np.asarray(value)
        labels = are_labels(formula, dict(inputs), each)
        array = array.astype(np.int64 if labels else WIDE)
        if each.axes == ("...",) or each.arrays:
            array, axes = array.reshape(-1), ("N",)
        else:
            axes = each.axes[:-1] if labels and each.kind == "targets_or_labels" else each.axes
            array = array.reshape((1, *array.shape)) if single and axes[:1] == formula.inputs[0].axes[:1] else array
        sizes.update(zip(axes, array.shape, strict=True))
        if labels and each.kind == "targets_or_labels":
            array = (array[..., None] == np.arange(sizes[each.classes])).astype(WIDE)
        arrays[str(each.symbol)] = array
    return arrays, sizes
