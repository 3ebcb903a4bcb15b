"""Mistakes with parameters: another value, one taken for another, its complement or its inverse."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy as sp

from refmath.mistakes.change import FITTED, Given, replaced, shown
from refmath.mistakes.terms import Found


def parameters(given: Given) -> Found:
    """Definitions that take a parameter for something else."""
    symbols = [each for each in given.definition.free_symbols if each.name in given.parameters]
    for each in sorted(symbols, key=str):
        name = each.name
        yield f"complement_of_{name}", f"1 − {name} instead of {name}.", 1, given.definition.xreplace({each: 1 - each})
        yield f"inverse_of_{name}", f"1/{name} instead of {name}.", 1, given.definition.xreplace({each: 1 / each})
        yield f"{name}_ignored", f"{name} is ignored, as if it were 0.", 2, given.definition.subs(each, 0)
        yield f"{name}_ignored", f"{name} is ignored, as if it were 1.", 1, given.definition.subs(each, 1)
    for one, other in itertools.combinations(sorted(symbols, key=str), 2):
        told = f"{one} and {other} have changed places."
        yield "parameters_swapped", told, 0, given.definition.xreplace({one: other, other: one})


def constants(given: Given) -> Found:
    """Definitions in which a number that is a term of a sum, or the exponent of a power, is another one."""
    yield from replaced(given.definition, _constants)


def _constants(node: sp.Basic) -> Found:
    if isinstance(node, sp.Add):
        for term in node.args:
            if term.is_Rational and term > 0:
                yield "another_constant", f"The constant is {{value}} instead of {shown(term)}.", 2, node - term + FITTED


def other_values(given: Given) -> Iterator[tuple[str, str]]:
    """The parameters whose value may be another one, and in words."""
    for each in sorted(given.definition.free_symbols, key=str):
        if each.name in given.parameters:
            yield each.name, f"It is the formula with {each.name} = {{value}}."
