"""Programs of mistakes: the page's own, or what evaluates the wrong definition."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from refmath.mistakes.batches import arrays_of
from refmath.mistakes.change import Output
from refmath.mistakes.values import Values
from refmath.spec import Formula, Mistake, Program, is_single, keyword_arguments, setting, unpacked
from refmath.symbols import Joint


def program_of(formula: Formula, mistake: Mistake) -> Program:
    """The program that makes a mistake of a page."""
    if mistake.definition is None:
        return mistake.program
    return evaluating(formula, mistake.definition, formula.output)


def program_under(formula: Formula, mistake: Mistake, others: Mapping[str, Any]) -> Program | None:
    """The program of a mistake under parameters that are not the defaults; None if it does not know one of them."""
    made = program_of(formula, mistake)
    if not others:
        return made
    # What evaluates a definition takes every number.
    known = set(formula.parameters) - set(formula.choices)
    if mistake.definition is None:
        known = set(inspect.signature(made).parameters)
    return functools.partial(made, **others) if set(others) <= known else None


def evaluating(formula: Formula, definition: sp.Expr, output: Output) -> Callable[..., Any]:
    """A program that evaluates a definition of the arguments of a formula in wide floats, and rounds once.

    Args:
        formula: The formula, whose parameters it takes.
        definition: The definition, in the symbols of the formula's; of an answer in parts all of them, as one.
        output: Its free indices, each with its axis; of no account for an answer in parts.
    """
    defaults = keyword_arguments(setting(formula))
    # The wrong definition stands for itself, whichever of the page's own is chosen.
    known = [name for name in formula.parameters if name not in formula.choices]

    def program(*arguments: Any, **parameters: Any) -> Any:
        inputs = unpacked(formula, arguments)
        given = {**defaults, **parameters}
        numbers = {name: given[name] for name in known if name in given}
        arrays, sizes = arrays_of(formula, inputs)
        scalars = {name: arrays.pop(name) for name in list(arrays) if np.ndim(arrays[name]) == 0}
        values = Values(arrays, sizes, {**numbers, **scalars})
        if not isinstance(definition, Joint):
            return _answer(values.of(definition, output), formula, inputs, output, formula.inputs[0].name)
        named = {each.name for each in formula.inputs}
        return {
            part.key: _answer(
                values.of(made, part.output),
                formula,
                inputs,
                part.output,
                part.key if part.key in named else formula.inputs[0].name,
            )
            for made, part in zip(definition.args, formula.parts, strict=True)
        }

    return program


def _answer(value: Any, formula: Formula, inputs: Mapping[str, Any], output: Output, like: str) -> Any:
    """Values as an answer, in the number type of an argument and in its shape."""
    first = np.asarray(inputs[like])
    dtype = first.dtype if first.dtype.kind not in "iub" else np.dtype(np.float64)
    if formula.inputs[0].axes == ("...",) and output:
        value = value.reshape(np.shape(inputs[formula.inputs[0].name]))
    elif is_single(formula, dict(inputs)) and output and output[0][1] == "N":
        value = value[0]
    with np.errstate(all="ignore"):  # a wrong definition may give any number, also one beyond the type's range
        return np.asarray(value).astype(dtype)[()]
