"""Mistakes with parameters: another value, one taken for another, its complement or its inverse."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import sympy as sp

from refmath.mistakes.change import FITTED, Given, maximum, minimum, nodes, replaced, shown, substituted
from refmath.mistakes.terms import Found


def parameters(given: Given) -> Found:
    """Definitions that take a parameter for something else."""
    symbols = [each for each in given.definition.free_symbols if each.name in given.parameters]
    for each in sorted(symbols, key=str):
        name = each.name
        if 0 < dict(given.numbers)[name] < 1 and name not in given.guards:
            yield (
                f"complement_of_{name}",
                f"1 − {name} instead of {name}.",
                1,
                substituted(given.definition, {each: 1 - each}),
            )
        yield f"inverse_of_{name}", f"1/{name} instead of {name}.", 1, substituted(given.definition, {each: 1 / each})
        yield f"divided_by_{name}", f"It is divided by {name}.", 1, given.definition / each
        yield f"multiplied_by_{name}", f"It is multiplied by {name}.", 1, given.definition * each
        yield f"{name}_ignored", f"{name} is ignored, as if it were 0.", 2, given.definition.subs(each, 0)
        yield f"{name}_ignored", f"{name} is ignored, as if it were 1.", 1, given.definition.subs(each, 1)
        yield from replaced(given.definition, functools.partial(_weighed, weight=each))
    for one, other in itertools.combinations(sorted(symbols, key=str), 2):
        told = f"{one} and {other} have changed places."
        yield "parameters_swapped", told, 0, substituted(given.definition, {one: other, other: one})


def _weighed(node: sp.Basic, weight: sp.Symbol) -> Found:
    """A sum whose terms are weighed otherwise: the others, all of them, or by a mean that is one of the weights."""
    if isinstance(node, sp.Mul):
        yield from _divided_by_weights(node, weight)
    if not isinstance(node, sp.Add):
        return
    weighed = [term for term in node.args if weight in sp.Mul.make_args(term)]
    others = [term for term in node.args if term not in weighed]
    # The share of a mean stands in the other term, too.
    if not weighed or not others or any(term.has(weight) or not term.atoms(sp.Indexed) for term in others):
        return
    of_others = [weight * term for term in others]
    told = f"The wrong term is multiplied by {weight}."
    yield f"{weight}_on_the_wrong_term", told, 0, sp.Add(*(term / weight for term in weighed), *of_others)
    yield f"{weight}_on_every_term", f"Every term is multiplied by {weight}, not one.", 0, sp.Add(*weighed, *of_others)


def _divided_by_weights(node: sp.Mul, weight: sp.Symbol) -> Found:
    """A mean of weighed logarithms that is divided by the weights, not by their number."""
    for total in (each for each in node.args if isinstance(each, sp.Sum)):
        sizes = sp.Mul(*(last + 1 - first for _, first, last in total.limits))
        weights = total.function.replace(lambda each: isinstance(each, sp.log), lambda _: sp.Integer(1))
        if 1 / sizes in node.args and weights.has(weight) and weights != total.function:
            told = f"Divided by the sum of the weights instead of {shown(sizes)}."
            yield "divided_by_the_weights", told, 0, node * sizes / sp.Sum(weights, *total.limits)


def constants(given: Given) -> Found:
    """Definitions in which a number that is a term of a sum, or the exponent of a power, is another one."""
    yield from replaced(given.definition, _constants)
    numbers = [
        term for node in nodes(given.definition) if isinstance(node, sp.Add) for term in node.args if term.is_Rational
    ]
    for number in sorted(each for each in set(numbers) if each > 0 and numbers.count(each) > 1):
        made = {
            node: node - number + FITTED
            for node in nodes(given.definition)
            if isinstance(node, sp.Add) and number in node.args
        }
        inner = {
            node: new for node, new in made.items() if not any(node != other and node.has(other) for other in made)
        }
        told = f"The constant {number} is {{value}}, wherever it is added."
        yield "another_constant", told, 2, substituted(given.definition, inner)


def _constants(node: sp.Basic) -> Found:
    if isinstance(node, sp.Add):
        for term in node.args:
            if term.is_Rational and term > 0:
                yield (
                    "another_constant",
                    f"The constant is {{value}} instead of {shown(term)}.",
                    2,
                    node - term + FITTED,
                )


def leaks(given: Given) -> Found:
    """Definitions in which something is left of a part that should be 0."""
    yield from replaced(given.definition, _leaks)


def _leaks(node: sp.Basic) -> Found:
    told = "It is leaky: {value} of it is left where 0 is meant."
    if isinstance(node, sp.Max) and len(node.args) == 2 and 0 in node.args:
        (u,) = (each for each in node.args if each != 0)
        yield "leaky", told, 1, maximum(u, 0) + FITTED * minimum(u, 0)
        yield "capped", "Nothing above {value} comes through.", 1, minimum(maximum(u, 0), FITTED)
    elif isinstance(node, sp.Piecewise) and len(node.args) == 2 and 0 in [each for each, _ in node.args]:
        (u,) = (each for each, _ in node.args if each != 0)
        yield "leaky", told, 1, sp.Piecewise(*((FITTED * u if each == 0 else each, where) for each, where in node.args))


def settings(given: Given) -> Iterator[tuple[str, str, sp.Expr, str]]:
    """Names, sentences and definitions of the formula under each of its choices, with each parameter that may have another value."""
    formula = given.formula
    choices = [(name, value, made) for name, each in formula.choices.items() for value, made in each.items()]
    own = [("", "", given.definition)] if given.definition not in [made for *_, made in choices] else []
    for choice, value, definition in [*own, *choices]:
        for each in sorted(definition.free_symbols, key=str):
            if each.name in given.parameters:
                called = "δ" if each.name == "delta" else each.name
                told = f"the {choice} {value!r} and " if choice else ""
                name = f"{value} with {each.name}" if choice else each.name
                yield name, f"It is the formula with {told}{called} = {{value}}.", definition, each.name
