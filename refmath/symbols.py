"""The letters every definition is written in: the sizes N (samples), K (classes), D (inputs), H (hidden units), and their indices."""

from __future__ import annotations

from typing import Any, Self

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

N, K, D, H = sp.symbols("N K D H", integer=True, positive=True)
n, i = sp.symbols("n i", integer=True, nonnegative=True)
k, j, m = sp.symbols("k j m", integer=True, nonnegative=True)

d, h, p, q = sp.symbols("d h p q", integer=True, nonnegative=True)

SIZES = {"N": N, "K": K, "D": D, "H": H}
#: What is counted by a size: one of them, and several.
COUNTED = {
    "N": ("sample", "samples"),
    "K": ("class", "classes"),
    "D": ("input", "inputs"),
    "H": ("hidden unit", "hidden units"),
}


class Largest(ExprWithLimits):  # type: ignore[misc]  # SymPy has no types
    """The largest of the values that an expression takes while its indices run, e.g. `Largest(a[n, k], (k, 0, K - 1))`.

    Examples:
        >>> a = sp.IndexedBase("a")
        >>> Largest(a[k], (k, 0, 2)).doit()
        Max(a[0], a[1], a[2])
    """

    is_commutative = True
    is_extended_real = True

    def __new__(cls, function: Any, *limits: Any, **assumptions: Any) -> Any:
        """The largest value of a function of indices, each with its first and its last value."""
        return ExprWithLimits.__new__(cls, function, *limits, **assumptions)

    def doit(self, **hints: Any) -> Any:
        """The largest of so many values, once the sizes are numbers."""
        values = [self.function]
        for index, first, last in self.limits:
            if not (sp.sympify(first).is_Integer and sp.sympify(last).is_Integer):
                return self
            values = [value.subs(index, each) for value in values for each in range(int(first), int(last) + 1)]
        return sp.Max(*values)


class Parameter(sp.Symbol):  # type: ignore[misc]  # SymPy has no types
    """A keyword-only parameter of a formula: a SymPy symbol that knows its default.

    Attributes:
        default: The number that it is if nobody says otherwise.
        others: Numbers under which a candidate that takes it by name is tried besides.
    """

    __slots__ = ("default", "others")

    default: float
    others: tuple[float, ...]

    def __new__(cls, name: str, default: float, others: tuple[float, ...] = (), **assumptions: Any) -> Self:
        """A symbol of its own: SymPy's store of symbols would mix up two that differ in their defaults."""
        made: Self = sp.Symbol.__xnew__(cls, name, **assumptions)
        made.default, made.others = default, others
        return made

    def _hashable_content(self) -> Any:
        return (*super()._hashable_content(), self.default, self.others)

    def __getnewargs_ex__(self) -> Any:
        (name,), assumptions = super().__getnewargs_ex__()
        return (name, self.default, self.others), assumptions
