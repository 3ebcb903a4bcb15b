"""Programs of mistakes: the page's own, or what evaluates the wrong definition."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.mistakes.applied import arguments
from refmath.mistakes.batches import arrays_of
from refmath.mistakes.change import Applied, Change, Given, Output, rebuilt
from refmath.mistakes.operators import named
from refmath.mistakes.values import Values
from refmath.spec import Formula, Mistake, Program, is_single, keyword_arguments, setting, unpacked
from refmath.symbols import Joint, Largest

#: Behind an operator: what of the two is wrong, where the other is right; a single sample lacks the axis of the samples.
_WHERE = {" in batches": False, " in single samples": True}


def program_of(formula: Formula, mistake: Mistake) -> Program:
    """The program that makes a mistake of a page: its own, or what evaluates the wrong definition."""
    if mistake.definition is not None:
        return evaluating(formula, mistake.definition, formula.output)
    return _made_by(formula, mistake.operator) if mistake.operator else mistake.program


@functools.lru_cache(maxsize=512)
def _made_by(formula: Formula, operator: str) -> Program:
    where = next((each for each in _WHERE if operator.endswith(each)), "")
    made = made_of(formula, operator.removesuffix(where))
    wrong = evaluating(formula, in_reach(made.definition), made.output)
    if not where:
        return wrong
    right = evaluating(formula, in_reach(formula.definition), formula.output)

    def program(*arguments: Any, **parameters: Any) -> Any:
        is_wrong = is_single(formula, unpacked(formula, arguments)) == _WHERE[where]
        return (wrong if is_wrong else right)(*arguments, **parameters)

    return program


def made_of(formula: Formula, operator: str) -> Change:
    """What an operator makes of the definition of a formula, as `Mistake.operator` has it; of several changes of a name the first.

    Raises:
        ValueError: If it makes nothing of it.
    """
    given = Given.of(setting(replace(formula, mistakes=())))
    if operator.startswith("× "):
        factor = sp.sympify(operator.removeprefix("× "), given.sizes)
        return Change(operator, "", factor * given.definition, given.output)
    first, _, entry = operator.partition(" → ")
    if entry:
        (argument,) = (each for each in formula.inputs if each.name == first)
        symbol = str(argument.symbol)
        applied = [Applied(operator, "", {symbol: lambda each: sp.sympify(entry, {first: each})})]
    else:
        applied = [each for each in arguments(given) if each.name == operator]
    for each in applied:
        return Change(operator, each.text, each.to(given.definition), given.output)
    found = named(operator, given)
    if found is None:
        raise ValueError(f"no operator makes {operator} of the definition of {formula.name}")
    return found


def program_under(formula: Formula, mistake: Mistake, others: Mapping[str, Any]) -> Program | None:
    """The program of a mistake under parameters that are not the defaults; None if it does not know one of them."""
    made = program_of(formula, mistake)
    if not others:
        return made
    # What evaluates a definition takes every number.
    known = set(formula.parameters) - set(formula.choices)
    if callable(mistake.program):
        known = set(inspect.signature(made).parameters)
    return functools.partial(made, **others) if set(others) <= known else None


def evaluating(formula: Formula, definition: sp.Expr, output: Output) -> Callable[..., Any]:
    """A program that evaluates a definition of the arguments of a formula in wide floats, and rounds once.

    Args:
        formula: The formula, whose parameters it takes.
        definition: The definition, in the symbols of the formula's; of an answer in parts all of them, as one.
        output: Its free indices, each with its axis; of no account for an answer in parts.
    """
    # The wrong definition stands for itself, whichever of the page's own is chosen.
    known = set(formula.parameters) - set(formula.choices)
    defaults = {name: value for name, value in keyword_arguments(setting(formula)).items() if name in known}

    def program(*arguments: Any, **parameters: Any) -> Any:
        inputs = unpacked(formula, arguments)
        numbers = {name: parameters.get(name, value) for name, value in defaults.items()}
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


@functools.lru_cache(maxsize=512)
def in_reach(definition: sp.Expr) -> sp.Expr:
    """A definition in which no sum of exponentials overflows: the largest is taken out of it, and meets the others there."""
    if not any(isinstance(each.function, sp.exp) for each in definition.atoms(sp.Sum)):
        return definition
    return _shifted(definition)


def _shifted(expression: sp.Basic) -> sp.Basic:
    args = [_shifted(each) for each in expression.args]
    same = all(one is other for one, other in zip(args, expression.args, strict=True))
    made = expression if same else rebuilt(expression, args)
    if isinstance(made, sp.Sum) and isinstance(made.function, sp.exp):
        (u,) = made.function.args
        largest = Largest(u, *made.limits)
        return sp.exp(largest) * sp.Sum(sp.exp(u - largest), *made.limits)
    if not isinstance(made, sp.Mul | sp.log):
        return made
    # The exponentials of a product are one, and none is left inside a logarithm.
    factors = sp.Mul.make_args(made.args[0] if isinstance(made, sp.log) else made)
    exponent = sp.Add(*(each.args[0] for each in factors if isinstance(each, sp.exp)))
    rest = sp.Mul(*(each for each in factors if not isinstance(each, sp.exp)))
    return exponent + sp.log(rest) if isinstance(made, sp.log) else sp.exp(exponent) * rest


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
