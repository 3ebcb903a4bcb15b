"""All operators, applied to a definition: every structural change of it, equals merged."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from refmath.mistakes.change import FITTED, Change, Given, nodes, substituted
from refmath.mistakes.derivatives import derivatives
from refmath.mistakes.functions import functions
from refmath.mistakes.guards import guards, moved
from refmath.mistakes.parameters import constants, leaks, parameters, settings
from refmath.mistakes.steps import steps
from refmath.mistakes.sums import one_a_sample, sums
from refmath.mistakes.terms import Found, factors, terms
from refmath.symbols import Joint

#: Guards that people choose, and others.
SMALL = (
    *tuple(float(f"{digit}e-{power}") for power in range(2, 21) for digit in (1, 2, 3, 5)),
    2.0 ** (-52),
    2.0 ** (-23),
)
#: What other constants are.
ROUND = (
    1e-4,
    1e-3,
    0.01,
    0.05,
    0.1,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.75,
    0.8,
    0.9,
    0.99,
    1.0,
    1.5,
    2.0,
    2.5,
    3.0,
    4.0,
    5.0,
    8.0,
    10.0,
    20.0,
    50.0,
    100.0,
)
OPERATORS = (moved, steps, functions, sums, parameters, terms, factors)


@functools.lru_cache(maxsize=64)
def changes(given: Given) -> tuple[Change, ...]:
    """Every structural change of a definition, without constants that would have to be fitted."""
    return tuple(_merged(_structural(given), given))


def named(name: str, given: Given) -> Change | None:
    """The first structural change of that name; None if there is none."""
    return next(
        (each for each in _structural(given) if each.name == name and each.definition != given.definition), None
    )


@functools.lru_cache(maxsize=64)
def of_one_part(given: Given, place: int) -> tuple[Change, ...]:
    """What may be wrong with one part of an answer alone, told from all of them: an old state that is used there, and what the page says of it."""
    whole = given.definition
    if not isinstance(whole, Joint):
        return ()
    found = [
        *((each.name, each.text, each.definition) for each in typed(given)),
        *((n, t, d) for n, t, _, d in steps(given)),
    ]
    return tuple(
        Change(name, text, made.args[place], given.formula.parts[place].output, 0)
        for name, text, made in found
        if all(
            (one == other) != (at == place) for at, (one, other) in enumerate(zip(made.args, whole.args, strict=True))
        )
    )


@functools.lru_cache(maxsize=64)
def guarded(given: Given) -> tuple[Change, ...]:
    """The same definition with guards of unknown size."""
    found = (
        Change(
            *each[:2], each[3], given.output, each[2], FITTED.name, ROUND if each[0] == "clamped_logarithm" else SMALL
        )
        for written in _ways(given)
        for each in guards(written)
    )
    return tuple(_merged(found, given))


@functools.lru_cache(maxsize=64)
def with_constants(given: Given) -> tuple[Change, ...]:
    """The definition with a number in it of unknown value."""
    made = itertools.chain(leaks(given), constants(given))
    found = (Change(*each[:2], each[3], given.output, each[2], FITTED.name, SMALL + ROUND) for each in made)
    return tuple(_merged(found, given))


@functools.lru_cache(maxsize=64)
def other_settings(given: Given) -> tuple[Change, ...]:
    """The formula with a parameter of unknown value, under each of its choices."""
    return tuple(
        Change(name, text, definition, given.output, 0, parameter, _tried(parameter, given))
        for name, text, definition, parameter in settings(given)
    )


def typed(given: Given) -> Iterator[Change]:
    """What the page itself says that people define instead."""
    page = given.formula
    own = Joint(*(part.definition for part in page.parts)) if page.parts else page.definition
    for each in page.mistakes if given.definition == own else ():
        if each.definition is not None:
            yield Change(each.name, each.text, each.definition, given.output, 0)


def _tried(parameter: str, given: Given) -> tuple[float, ...]:
    """The values that are tried for a parameter: nobody guards with 1 or more."""
    return tuple(value for value in SMALL + ROUND if value < 1) if parameter in given.guards else ROUND


def _structural(given: Given) -> Iterator[Change]:
    yield from one_a_sample(given)
    yield from derivatives(given)
    yield from typed(given)
    for written, operator in itertools.product(_ways(given), OPERATORS):
        found: Found = operator(written)
        for name, text, rank, definition in found:
            yield Change(name, text, definition, given.output, rank)


def _ways(given: Given) -> list[Given]:
    """The definition, and with the logarithm of a quotient where it is a difference of logarithms: people write both."""
    quotients = {
        node: sp.log(sp.exp(node + log) / log.args[0])
        for node in nodes(given.definition)
        if isinstance(node, sp.Add)
        for log in (-each for each in node.args)
        if isinstance(log, sp.log) and log.has(sp.exp) and not (node + log).has(sp.log)
    }
    return [given, *([replace(given, definition=substituted(given.definition, quotients))] if quotients else [])]


def _merged(found: Iterator[Change], given: Given) -> Iterator[Change]:
    """What differs from the definition, and is a number at all; of equals the least rare."""
    known = {(given.definition, given.output)}
    for each in sorted(found, key=lambda each: each.rank):
        key = each.definition, each.output
        if key not in known and not each.definition.has(sp.zoo, sp.nan, sp.oo) and each.definition.atoms(sp.Indexed):
            known.add(key)
            yield each
