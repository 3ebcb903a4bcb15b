"""Some steps of an optimiser in a row, from a state of zeros, as one formula: for objects that keep their state to themselves."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from refmath.oracle.candidates.candidate import renewed_by
from refmath.spec import NO_PROGRAM, ByFormat, Convention, Formula, Input, Mistake, Setting


class NotOfSteps(Exception):
    """A formula is not some steps in a row."""


#: Of what step some steps in a row are, and how many they are.
_OF: weakref.WeakKeyDictionary[Formula, tuple[Setting, int]] = weakref.WeakKeyDictionary()
#: More steps make expressions that take long to evaluate.
MOST = 5


def trajectory(chosen: Setting, steps: int) -> Formula:
    """The parameters after some steps, from the parameters before and the gradient of each step.

    Args:
        chosen: The step of an optimiser with a state.
        steps: How many.

    Raises:
        ValueError: If it is no step with a state, or if there are too many steps.
    """
    formula, parts = chosen.formula, chosen.parts or chosen.formula.parts
    if len(renewed_by(formula)) < 2 or len(formula.inputs) < 3:
        raise ValueError(f"steps are those of an optimiser with a state, such as momentum_step; {formula.name} is none")
    if not 1 <= steps <= MOST:
        raise ValueError(f"steps must be from 1 to {MOST}; got {steps}")
    numbers = {**chosen.parameters, **chosen.constants}
    if any(isinstance(each, ByFormat) for each in numbers.values()):
        raise ValueError(
            f"steps cannot be judged by the convention {chosen.convention}, whose numbers depend on the format"
        )
    w, gradient = formula.inputs[:2]
    gradients = tuple(_numbered(gradient, number) for number in range(1, steps + 1))
    definition = _after(formula, {part.key: part.definition for part in parts}, gradients)
    found = Formula(
        formula.name,
        definition,
        inputs=(w, *gradients),
        parameters=_occurring(definition, numbers),
        output=parts[0].output,
        reference=formula.reference,
    )
    conventions = [
        Convention(
            each.name, each.text, each.source, definition=_of(each.parts, formula, gradients), constants=each.constants
        )
        for each in formula.conventions
        if each.parts and each.name != chosen.convention
    ]
    mistakes = [
        Mistake(each.name, each.text, NO_PROGRAM, "", definition=_of_joint(each.definition, formula, gradients))
        for each in formula.mistakes
        if each.definition is not None and len(each.definition.args) == len(parts)
    ]
    made = replace(found, conventions=tuple(conventions), mistakes=tuple(mistakes))
    _OF[made] = chosen, steps
    return made


def steps_of(formula: Formula) -> tuple[Setting, int]:
    """The step that a trajectory consists of, and how many there are.

    Raises:
        NotOfSteps: If the formula is none.
    """
    if formula not in _OF:
        raise NotOfSteps(formula.name)
    return _OF[formula]


def _numbered(gradient: Input, number: int) -> Input:
    name = f"{gradient.name}{number}"
    return replace(gradient, name=name, kind="gradients", symbol=sp.IndexedBase(name, shape=gradient.symbol.shape))


def _of(parts: tuple[Any, ...], formula: Formula, gradients: tuple[Input, ...]) -> sp.Expr:
    return _after(formula, {part.key: part.definition for part in parts}, gradients)


def _of_joint(joint: sp.Expr, formula: Formula, gradients: tuple[Input, ...]) -> sp.Expr:
    keys = [part.key for part in formula.parts]
    return _after(formula, dict(zip(keys, joint.args, strict=True)), gradients)


def _after(formula: Formula, step: Mapping[str, sp.Expr], gradients: tuple[Input, ...]) -> sp.Expr:
    """The parameters after as many steps as there are gradients."""
    w, gradient = formula.inputs[:2]
    index = formula.parts[0].output[0][0]
    known = {each.name: each for each in formula.inputs}
    state: dict[str, sp.Expr] = dict.fromkeys(step, sp.S.Zero) | {w.name: w.symbol[index]}
    for number, each in enumerate(gradients, 1):
        at: dict[Any, Any] = {known[key].symbol[index]: value for key, value in state.items()}
        at[gradient.symbol[index]] = each.symbol[index]
        at |= {one.symbol: sp.Integer(number) for one in formula.inputs if one.kind == "step_number"}
        state = {key: definition.xreplace(at) for key, definition in step.items()}
    return state[w.name]


def _occurring(definition: sp.Expr, numbers: Mapping[str, Any]) -> dict[str, Any]:
    names = {symbol.name for symbol in definition.free_symbols}
    return {name: value for name, value in numbers.items() if name in names}
