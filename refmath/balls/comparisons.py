r"""Comparisons that every honest program makes exactly: of entries of the arguments with each other, or with numbers that the format holds.

An argument is widened because it may have been rounded on the way. At a jump, as of $\mathrm{sign}(y_i - t_i)$ where $y_i = t_i$, the widened numbers would lie on both
sides, and whatever a program does there would be accepted. But whether two floats are equal, and which of them is larger, no program gets wrong: their
difference is rounded, but never to zero, and never to the other sign. Nor is a parameter such as δ in doubt, where the format holds its number. The same holds for $1 - t_i y_i$ with $t_i = \pm 1$, as such a product is not
rounded. So what is compared is taken as it is given. Only a difference below the smallest normal number may be flushed to zero.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb
from sympy.core.relational import Relational

#: Up to here every format holds every whole number.
_WHOLE = 256


class Compared(sp.Function):  # type: ignore[misc]  # SymPy has no types
    """A difference of what is given, of which only the sign is of interest, and the smallest normal number."""

    nargs = 2


#: In a definition, the smallest normal number of the format.
SMALLEST = sp.Symbol("smallest normal", positive=True)


def compared(difference: Any, smallest: Any) -> Any:
    """A difference that is not zero, but may be flushed to it."""
    difference = arb(difference)
    if difference.is_zero() or abs(difference) >= smallest:
        return difference
    return difference.union(arb(0))


@functools.lru_cache(maxsize=256)
def as_given(symbol: sp.IndexedBase) -> sp.IndexedBase:
    """What stands for an argument as it is given, beside the one that is widened."""
    return sp.IndexedBase(sp.Symbol(f"{symbol.label} as given", real=True))


def number_as_given(name: str) -> sp.Symbol:
    """What stands for a parameter as it is given, beside the one that is widened."""
    return sp.Symbol(f"{name} as given", real=True)


@functools.lru_cache(maxsize=512)
def with_exact_comparisons(
    definition: sp.Expr, kinds: tuple[tuple[sp.Basic, str], ...], held: frozenset[str] = frozenset()
) -> sp.Expr:
    """A definition whose comparisons are of arguments as they are given, wherever programs make them exactly.

    Args:
        definition: The definition.
        kinds: The symbols of the arguments and the names of their kinds.
        held: The names of the parameters whose numbers the format holds.
    """
    known = {symbol: kind for symbol, kind in kinds if isinstance(symbol, sp.IndexedBase)}
    new: dict[sp.Basic, sp.Basic] = {}
    for each in definition.atoms(sp.sign, sp.Heaviside):
        if _is_exact(each.args[0], known, held):
            new[each] = each.func(_exactly(each.args[0], known, held), *each.args[1:])
    for each in definition.atoms(Relational):
        if _is_exact(each.lhs - each.rhs, known, held):
            new[each] = each.func(_exactly(each.lhs - each.rhs, known, held), 0)
    return definition.xreplace(new) if new else definition


def _exactly(difference: sp.Expr, known: Mapping[sp.Basic, str], held: frozenset[str]) -> sp.Expr:
    numbers = {symbol: number_as_given(str(symbol)) for symbol in difference.atoms(sp.Symbol) if str(symbol) in held}
    entries = {
        entry: as_given(entry.base)[entry.indices] for entry in difference.atoms(sp.Indexed) if entry.base in known
    }
    return Compared(difference.xreplace(entries | numbers), SMALLEST)


def _is_exact(difference: sp.Expr, known: Mapping[sp.Basic, str], held: frozenset[str]) -> bool:
    """Whether a difference is that of two numbers that programs have exactly; of one alone the sign is never in doubt."""
    terms = sp.Add.make_args(difference)
    return len(terms) == 2 and all(_is_held(term, known, held) for term in terms) and difference.has(sp.Indexed)


def _is_held(term: sp.Expr, known: Mapping[sp.Basic, str], held: frozenset[str]) -> bool:
    """Whether a term is a number of every format, a parameter that the format holds, or an entry of an argument with some signs."""
    if term.is_Rational:
        return bool(abs(term.p) <= _WHOLE and term.q <= _WHOLE and term.q & (term.q - 1) == 0)
    factors = [each for each in sp.Mul.make_args(term) if abs(each) != 1]
    if len(factors) == 1 and isinstance(factors[0], sp.Symbol) and str(factors[0]) in held:
        return True
    entries = all(isinstance(each, sp.Indexed) and each.base in known for each in factors)
    return entries and sum(known[each.base] != "signs" for each in factors) <= 1
