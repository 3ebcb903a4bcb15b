"""Guards against ln 0, 0/0 and √0: put in, moved, or dropped. Their size is fitted."""

from __future__ import annotations

import sympy as sp

from refmath.mistakes.change import FITTED, SMALL, Given, maximum, minimum, nodes, replaced, substituted
from refmath.mistakes.terms import Found
from refmath.symbols import xdivy, xlogy

e = FITTED


def guards(given: Given) -> Found:
    """Definitions with a guard of unknown size."""
    yield from replaced(given.definition, lambda node: _guards(node, given))
    logs = [node for node in nodes(given.definition) if isinstance(node, sp.log | xlogy)]
    if len(set(logs)) > 1:
        for name, text, rank, _ in _of_log(sp.log(sp.Symbol("u"))):
            of_each = {log: _of_log(log) if isinstance(log, sp.log) else _of_xlogy(log) for log in logs}
            made = {log: next(new for one, _, _, new in found if one == name) for log, found in of_each.items()}
            yield name, text, rank, substituted(given.definition, made)
    for each in given.formula.inputs:
        if each.kind in ("probabilities", "targets", "real", "logits"):
            entries = [one for one in given.definition.atoms(sp.Indexed) if one.base == each.symbol]
            if each.kind == "probabilities":
                told = f"{each.name} is clipped on both sides, to [δ, 1 − δ] with δ = {{value}}."
                yield (
                    "both_sides_clipped",
                    told,
                    0,
                    substituted(given.definition, {one: minimum(maximum(one, e), 1 - e) for one in entries}),
                )
                told = f"{{value}} is added to {each.name}."
                yield "offset_added", told, 1, substituted(given.definition, {one: one + e for one in entries})


def moved(given: Given) -> Found:
    """Definitions whose own guard is dropped, or has another form."""
    yield from replaced(given.definition, lambda node: _moved(node, given))


def _of_log(node: sp.Basic) -> Found:
    (u,) = node.args
    yield "guarded_logarithm", "A small number, {value}, is added inside the logarithm.", 0, sp.log(u + e)
    yield "floored_logarithm", "What is inside the logarithm is kept at {value} at least.", 0, sp.log(maximum(u, e))
    yield (
        "both_sides_clipped",
        "What is inside the logarithm is clipped on both sides, to [δ, 1 − δ] with δ = {value}.",
        0,
        sp.log(minimum(maximum(u, e), 1 - e)),
    )
    yield "guard_outside_log", "{value} is added to the logarithm instead of inside it.", 2, sp.log(u) + e
    yield "clamped_logarithm", "The logarithm is kept at −{value} at least.", 1, maximum(sp.log(u), -e)


def _of_xlogy(node: sp.Basic) -> Found:
    x, u = node.args
    for name, text, rank, logarithm in _of_log(sp.log(u)):
        yield name, text, rank, x * logarithm


def _guards(node: sp.Basic, given: Given) -> Found:
    if isinstance(node, sp.log):
        yield from _of_log(node)
    elif isinstance(node, xlogy):
        yield from _of_xlogy(node)
    elif isinstance(node, xdivy):
        above, below = node.args
        yield "guarded_denominator", "A small number, {value}, is added to a denominator.", 0, above / (below + e)
        yield "floored_denominator", "A denominator is kept at {value} at least.", 0, above / maximum(below, e)
    elif isinstance(node, sp.Pow) and node.exp.is_negative and not node.is_number:
        if node.base.free_symbols <= set(given.sizes.values()):
            return
        base, power = node.args
        yield "guarded_denominator", "A small number, {value}, is added to a denominator.", 0, (base + e) ** power
        yield "floored_denominator", "A denominator is kept at {value} at least.", 0, maximum(base, e) ** power
        if power == sp.Rational(-1, 2):
            yield (
                "guarded_denominator",
                "A small number, {value}, is added to a root in a denominator.",
                0,
                1 / (sp.sqrt(base) + e),
            )
    elif isinstance(node, sp.Mul):
        above, below = sp.fraction(node, exact=True)
        if isinstance(below, sp.Mul) and not below.free_symbols <= set(given.sizes.values()):
            sizes = [each for each in below.args if each.free_symbols <= set(given.sizes.values())]
            rest = sp.Mul(*(each for each in below.args if each not in sizes))
            yield (
                "guarded_denominator",
                "A small number, {value}, is added to a denominator.",
                0,
                above / sp.Mul(*sizes) / (rest + e),
            )
            yield (
                "floored_denominator",
                "A denominator is kept at {value} at least.",
                0,
                above / sp.Mul(*sizes) / maximum(rest, e),
            )
            told = "A small number, {value}, is added to numerator and denominator."
            yield "guarded_quotient", told, 1, (above + e) / sp.Mul(*sizes) / (rest + e)
        elif isinstance(below, sp.Add | sp.Sum):
            told = "A small number, {value}, is added to numerator and denominator."
            yield "guarded_quotient", told, 1, (above + e) / (below + e)
    if isinstance(node, sp.Pow) and abs(node.exp) == sp.Rational(1, 2):
        yield (
            "guarded_root",
            "A small number, {value}, is added inside the square root.",
            0,
            (node.base + e) ** node.exp,
        )


def _moved(node: sp.Basic, given: Given) -> Found:
    def is_guard(each: sp.Basic) -> bool:
        return (each.is_Symbol and each.name in given.guards) or (each.is_Rational and 0 < each < SMALL)

    if isinstance(node, sp.Max) and len(node.args) == 2:
        guard = next((each for each in node.args if is_guard(each)), None)
        if guard is not None:
            (u,) = (each for each in node.args if each != guard)
            yield "no_guard", "Nothing guards it: the floor is missing.", 0, u
            yield "offset_guard", "The guard is added, not a floor.", 0, u + guard
            yield "both_sides_clipped", "It is clipped on both sides, not from below only.", 0, minimum(node, 1 - guard)
    if isinstance(node, sp.log) and isinstance(node.args[0], sp.Max | sp.Add):
        inner = node.args[0]
        guard = next((each for each in inner.args if is_guard(each)), None)
        if guard is not None:
            u = inner.func(*(each for each in inner.args if each != guard))
            yield "guard_outside_log", "The guard is added to the logarithm instead of inside it.", 2, sp.log(u) + guard
    if isinstance(node, sp.Add):
        for guard in filter(is_guard, node.args):
            yield "floor_instead_of_offset", "The guard is a floor, not added.", 1, maximum(node - guard, guard)
    if isinstance(node, sp.Pow) and abs(node.exp) == sp.Rational(1, 2) and isinstance(node.base, sp.Add):
        for guard in filter(is_guard, node.base.args):
            rest = node.base - guard
            yield (
                "epsilon_outside_the_root",
                f"{guard} is added to the root instead of inside it.",
                0,
                (sp.sqrt(rest) + guard) ** (2 * node.exp),
            )
            yield "epsilon_missing", f"{guard} inside the root is missing.", 1, rest**node.exp
    if isinstance(node, sp.Pow) and node.exp.is_negative and isinstance(node.base, sp.Add):
        for guard in filter(is_guard, node.base.args):
            rest = node.base - guard
            if isinstance(rest, sp.Pow) and rest.exp == sp.Rational(1, 2):
                yield (
                    "epsilon_inside_the_root",
                    f"{guard} is added inside the root instead of to it.",
                    0,
                    sp.sqrt(rest.base + guard) ** node.exp,
                )
