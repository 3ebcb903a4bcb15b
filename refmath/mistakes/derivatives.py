"""Mistakes with whole functions: one is taken for its derivative or the other way round, its slope is taken somewhere else, or it is another one of its kind."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from refmath.mistakes.change import ANOTHER, Change, Given, substituted
from refmath.spec import Formula


def derivatives(given: Given) -> Iterator[Change]:
    """What is taken for a derivative by the first argument, and the derivative where the value is meant."""
    for each in given.related:
        if each.derivative_of == given.formula.name and not each.parts:
            told = f"It is the derivative, {each.name}, not the value."
            yield Change("derivative_instead_of_value", told, _in_the_symbols_of(given.formula, each), each.output, 0)
        elif each.name != given.formula.derivative_of and not each.parts:
            told = f"It is {each.name}, not {given.formula.name}."
            made = _in_the_symbols_of(given.formula, each).subs(dict(_defaults(each)))
            yield Change(f"{each.name}_instead", told, made, each.output, ANOTHER)
    value = next((each for each in given.related if each.name == given.formula.derivative_of), None)
    if value is None or value.parts or value.takes_function:
        return
    told = f"It is the value, {value.name}, not its derivative."
    yield Change("value_instead_of_derivative", told, _in_the_symbols_of(given.formula, value), value.output, 0)
    if value.output and len(given.formula.inputs) == 1 and given.formula.inputs[0].axes == ("...",):
        (entry,) = given.definition.atoms(sp.Indexed) or (None,)
        if entry is not None:
            made = _in_the_symbols_of(given.formula, value).subs(value.output[0][0], given.output[0][0])
            told = f"The slope is taken at the value of {value.name} instead of at its argument."
            yield Change("slope_at_the_value", told, substituted(given.definition, {entry: made}), given.output, 0)
            told = f"The slope as a function of the value of {value.name} is applied to the argument itself, as if it were that value."
            yield Change("derivative_of_the_value", told, substituted(given.definition, {made: entry}), given.output, 0)


def _defaults(page: Formula) -> Iterator[tuple[sp.Symbol, sp.Rational]]:
    """The parameters of a formula, and the exact numbers that they are if nobody says otherwise."""
    for each in page.definition.free_symbols:
        if each.name in page.parameters:
            yield each, sp.Rational(page.parameters[each.name])


def _in_the_symbols_of(page: Formula, value: Formula) -> sp.Expr:
    """The definition of a function in the symbols of its derivative's page."""
    own = {each.name: each.symbol for each in page.inputs}
    definition = value.definition
    for each in value.inputs:
        other = own.get(each.name, each.symbol)
        if other != each.symbol:
            entries = {
                entry: other[entry.indices] for entry in definition.atoms(sp.Indexed) if entry.base == each.symbol
            }
            definition = substituted(definition, entries)
    return definition
