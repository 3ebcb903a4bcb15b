"""Programs of mistakes: the page's own, or what evaluates the wrong definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from refmath.mistakes.batches import arrays_of
from refmath.mistakes.change import Output
from refmath.mistakes.values import Values
from refmath.spec import Formula, Mistake, Program, is_single, keyword_arguments, setting, unpacked


def program_of(formula: Formula, mistake: Mistake) -> Program:
    """The program that makes a mistake of a page."""
    if mistake.definition is None:
        return mistake.program
    return evaluating(formula, mistake.definition, formula.output)


def evaluating(formula: Formula, definition: sp.Expr, output: Output) -> Callable[..., Any]:
    """A program that evaluates a definition of the arguments of a formula in wide floats, and rounds once.

    Args:
        formula: The formula, whose parameters it takes.
        definition: The definition, in the symbols of the formula's.
        output: Its free indices, each with its axis.
    """

    def program(*arguments: Any, **parameters: Any) -> Any:
        inputs = unpacked(formula, arguments)
        numbers = {**keyword_arguments(setting(formula)), **parameters}
        arrays, sizes = arrays_of(formula, inputs)
        scalars = {name: arrays.pop(name) for name in list(arrays) if np.ndim(arrays[name]) == 0}
        value = Values(arrays, sizes, {**numbers, **scalars}).of(definition, output)
        first = np.asarray(inputs[formula.inputs[0].name])
        dtype = first.dtype if first.dtype.kind not in "iub" else np.dtype(np.float64)
        if formula.inputs[0].axes == ("...",) and output:
            value = value.reshape(first.shape)
        elif is_single(formula, inputs) and output and output[0][1] == "N":
            value = value[0]
        with np.errstate(all="ignore"):
            return np.asarray(value).astype(dtype)[()]

    return program
