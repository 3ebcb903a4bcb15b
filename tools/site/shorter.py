"""Long expressions in lines: what stands in them several times, up to the names of its indices, gets a letter and a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import sympy as sp

#: The letters, in this order, without those that stand in the expressions.
LETTERS = ("r", "s", "c", "q", "z")
#: The operations in an expression that is written in one line; and the fewest for which a letter is worth a line.
LONG, SHORT = 18, 5
#: The indices of the pages, as they are spelt: n before k.
INDICES = "nidhkjmpq"


class Shorter(NamedTuple):
    """Expressions in which letters stand, and what each letter means.

    Attributes:
        whole: The expressions.
        parts: Each letter with its indices, and what it stands for, where letters may stand again; the last one first.
    """

    whole: tuple[sp.Expr, ...]
    parts: tuple[tuple[sp.Indexed, sp.Expr], ...]


def shorter(expressions: Sequence[sp.Expr]) -> Shorter:
    """The expressions with letters for what repeats, as long as one of them is long."""
    found = Shorter(tuple(expressions), ())
    taken = {str(getattr(each, "label", each)) for one in expressions for each in one.atoms(sp.Symbol, sp.IndexedBase)}
    for letter in (each for each in LETTERS if each not in taken):
        longest = max((*found.whole, *(meaning for _, meaning in found.parts)), key=size)
        if size(longest) <= LONG:
            break
        best = max(_repeated(found), key=lambda group: (len(group) - 1) * size(group[0].node), default=_half(longest))
        if not best:
            break
        found = _with_letter(found, sp.IndexedBase(letter), best)
    return found


def size(expression: sp.Expr) -> int:
    """How many operations an expression has, without those of its limits and its indices; those of an exponent count twice, being small."""
    if isinstance(expression, (sp.Indexed, sp.Symbol, sp.Number)):
        return 0
    if isinstance(expression, (sp.exp, sp.Pow)):
        base, exponent = expression.as_base_exp()
        return 1 + size(base) + 2 * size(exponent)
    parts = expression.args[:1] if isinstance(expression, sp.Sum) else expression.args
    return 1 + sum(size(each) for each in parts if isinstance(each, sp.Expr))


def spelt_out(found: Shorter) -> tuple[sp.Expr, ...]:
    """The expressions without the letters: those that `shorter` was given."""
    whole = found.whole
    # A letter may stand in what any other one means.
    for entry, meaning in found.parts * len(found.parts):
        uses = {use for each in whole for use in each.atoms(sp.Indexed) if use.base == entry.base}
        # No index of a sum within it must be taken for one of its own.
        closed = meaning.as_dummy()
        meant = {use: closed.xreplace(dict(zip(entry.indices, use.indices, strict=True))) for use in uses}
        whole = tuple(each.xreplace(meant) for each in whole)
    return whole


def _half(expression: sp.Expr) -> list[_Use]:
    """The largest part that is no product or sum of terms and holds at most half of an expression; none if there is no such part."""
    kinds = (sp.Pow, sp.Function)
    nodes = [node for node in sp.preorder_traversal(expression) if isinstance(node, kinds) and _free_indices(node)]
    fitting = [node for node in nodes if SHORT <= size(node) <= size(expression) / 2]
    return [_Use(node, _free_indices(node)) for node in sorted(fitting, key=size)[-1:]]


class _Use(NamedTuple):
    """A part of an expression, and its indices in an order that is the same for all of a group."""

    node: sp.Expr
    indices: tuple[sp.Symbol, ...]


def _repeated(found: Shorter) -> list[list[_Use]]:
    """The groups of parts that are equal up to the names of their indices."""
    groups: list[list[_Use]] = []
    # What is an answer by itself has a name already.
    answers = {*found.whole, *(each.args[0] for each in found.whole if isinstance(each, sp.UnevaluatedExpr))}
    nodes = {
        node
        for each in (*found.whole, *(meaning for _, meaning in found.parts))
        for node in sp.preorder_traversal(each)
        if isinstance(node, sp.Expr) and size(node) >= SHORT and node.has(sp.Indexed) and node not in answers
    }
    for node in sorted(nodes, key=sp.default_sort_key):
        indices = _free_indices(node)
        if not indices:
            continue
        for group in groups:
            same = _renamed(group[0], node, indices)
            if same:
                group.append(_Use(node, same))
                break
        else:
            groups.append([_Use(node, indices)])
    return [group for group in groups if len(group) > 1 or _count(found, group[0].node) > 1]


def _count(found: Shorter, node: sp.Expr) -> int:
    everything = (*found.whole, *(meaning for _, meaning in found.parts))
    return sum(1 for each in everything for part in sp.preorder_traversal(each) if part == node)


def _free_indices(node: sp.Expr) -> tuple[sp.Symbol, ...]:
    """The indices of a part, as they are spelt: n before k."""
    free = [each for each in node.free_symbols if isinstance(each, sp.Symbol) and each.name in INDICES]
    bases = {base.name for base in node.atoms(sp.IndexedBase)}
    return tuple(sorted((each for each in free if each.name not in bases), key=lambda each: INDICES.index(each.name)))


def _renamed(known: _Use, node: sp.Expr, indices: tuple[sp.Symbol, ...]) -> tuple[sp.Symbol, ...] | None:
    """The indices of a part in the places of those of a known one; none if the two differ by more than these."""
    if len(indices) != len(known.indices) or size(node) != size(known.node):
        return None
    for places in permutations(indices):
        if known.node.as_dummy().xreplace(dict(zip(known.indices, places, strict=True))) == node.as_dummy():
            return places
    return None


def _with_letter(found: Shorter, letter: sp.IndexedBase, group: list[_Use]) -> Shorter:
    entries = {use.node: letter[use.indices] for use in group}
    return Shorter(
        tuple(each.xreplace(entries) for each in found.whole),
        (
            *((entry, meaning.xreplace(entries)) for entry, meaning in found.parts),
            (letter[group[0].indices], group[0].node),
        ),
    )
