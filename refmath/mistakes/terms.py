"""Mistakes with terms and factors: one is missing, has another sign, or is put upside down."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from refmath.mistakes.change import Given, replaced, shown
from refmath.symbols import xdivy

Found = Iterator[tuple[str, str, int, sp.Expr]]


def terms(given: Given) -> Found:
    """Definitions with a mistake in a sum of a few terms."""
    yield from replaced(given.definition, _terms)


def factors(given: Given) -> Found:
    """Definitions with a mistake in a product."""
    sizes = set(given.sizes.values())
    yield from replaced(given.definition, lambda node: _factors(node, sizes))
    shares = {
        each.symbol for each in given.formula.inputs if each.kind in ("real", "probabilities", "targets", "one_hot")
    }
    yield from replaced(given.definition, lambda node: _complements(node, shares))


def _terms(node: sp.Basic) -> Found:
    if not isinstance(node, sp.Add):
        return
    for term in node.args:
        named = f" {shown(term)}" if shown(term) else ""
        told = f"The term{named} is missing." if named else "A term is missing."
        yield "term_missing", told, 1, node - term
        yield "sign_of_a_term", f"The sign of the term{named} is wrong.", 1, node - 2 * term
    yield "difference_reversed", f"The sign of {shown(node) or 'a sum of terms'} is wrong.", 1, -node
    rest = 1 - node
    if 1 in node.args and not rest.is_number:
        of = shown(rest)
        yield "complement_forgotten", f"{of} instead of 1 − {of}." if of else "A difference from 1 is missing.", 0, rest


def _complements(node: sp.Basic, shares: set[sp.IndexedBase]) -> Found:
    if isinstance(node, sp.Indexed) and node.base in shares:
        yield "complement_taken", f"1 − {shown(node)} instead of {shown(node)}.", 2, 1 - node


def _factors(node: sp.Basic, sizes: set[sp.Symbol]) -> Found:
    if isinstance(node, xdivy):
        above, below = node.args
        yield "factor_missing", f"The division by {shown(below) or 'a term'} is missing.", 0, above
        yield "factor_missing", f"The factor {shown(above) or 'above'} is missing.", 0, 1 / below
        yield "quotient_inverted", "Numerator and denominator have changed places.", 2, xdivy(below, above)
        yield (
            "multiplied_instead_of_divided",
            f"Multiplied by {shown(below) or 'it'} instead of divided.",
            1,
            above * below,
        )
    if not isinstance(node, sp.Mul):
        return
    for factor in node.args:
        if factor == -1 or (factor.free_symbols and factor.free_symbols <= sizes):
            continue
        named = f" {shown(factor)}" if shown(factor) else ""
        # Of a negative number the sign stays.
        left = [sp.Integer(-1)] if factor.is_Rational and factor < 0 else []
        rest = sp.Mul(*left, *(each for each in node.args if each != factor))
        if rest.is_number:
            continue
        inverse = isinstance(factor, sp.Pow) and factor.exp.is_negative
        said = f"The division by {shown(1 / factor)} is missing." if inverse and shown(1 / factor) else ""
        yield "factor_missing", said or (f"The factor{named} is missing." if named else "A factor is missing."), 0, rest
        if inverse and not factor.is_number:
            of = shown(1 / factor) or "it"
            yield "multiplied_instead_of_divided", f"Multiplied by {of} instead of divided.", 2, rest / factor
        elif not factor.is_number and not factor.has(sp.Sum, xdivy):
            yield (
                "divided_instead_of_multiplied",
                f"Divided by {shown(factor) or 'a factor'} instead of multiplied.",
                2,
                rest / factor,
            )
    numerator, denominator = sp.fraction(node, exact=True)
    if not denominator.is_number and not denominator.free_symbols <= sizes and not numerator.is_number:
        yield "quotient_inverted", "Numerator and denominator have changed places.", 2, denominator / numerator
