"""The letters every definition is written in: the sizes N (samples), K (classes), D (inputs), H (hidden units), and their indices."""

from __future__ import annotations

import functools
from typing import Any, Self

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.printing.precedence import PRECEDENCE

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


@functools.lru_cache(maxsize=4096)
def free_symbols(expr: sp.Basic) -> frozenset[sp.Symbol]:
    """The symbols that an expression depends on: without the indices of its sums, and the sizes in the shapes of its arguments.

    SymPy finds them anew for every sum within a sum; here each part is looked at once, and remembered.

    Examples:
        >>> x = sp.IndexedBase("x", shape=(N, K))
        >>> sorted(map(str, free_symbols(sp.Sum(x[n, k], (k, 0, K - 1)))))
        ['K', 'n', 'x']
    """
    if isinstance(expr, sp.Symbol):
        return frozenset({expr})
    if isinstance(expr, sp.IndexedBase):
        return free_symbols(expr.label)
    if not isinstance(expr, ExprWithLimits):
        return frozenset[sp.Symbol]().union(*map(free_symbols, expr.args))
    found = free_symbols(expr.function)
    for index, *bounds in expr.limits:
        found = (found - {index}).union(*map(free_symbols, bounds))
    return found


class Intermediate(sp.UnevaluatedExpr):  # type: ignore[misc]  # SymPy has no types
    """A result on the way to another one: a term by itself, which is computed first, and which mistakes change wherever it is used.

    Examples:
        >>> x, y = sp.symbols("x y")
        >>> y + Intermediate(-x - 1)
        y + (-x - 1)
    """

    precedence = PRECEDENCE["Atom"]

    def _code(self, printer: Any) -> str:
        # SymPy takes a minus sign out of the first term of an unevaluated sum for that of the whole.
        return f"({printer._print(self.args[0])})"

    _sympystr = _pythoncode = _numpycode = _mpmathcode = _code

    def _latex(self, printer: Any) -> str:
        # LaTeX's printer puts parentheses where a factor needs them.
        printed = str(printer._print(self.args[0]))
        return rf"\left({printed}\right)" if printed.startswith("-") else printed

    def _eval_is_extended_real(self) -> Any:
        return self.args[0].is_extended_real

    def _eval_is_extended_nonnegative(self) -> Any:
        return self.args[0].is_extended_nonnegative


class Joint(sp.Function):  # type: ignore[misc]  # SymPy has no types
    """The definitions of all parts of an answer as one expression: what stands in several of them is changed in all.

    Examples:
        >>> x, y = sp.symbols("x y")
        >>> Joint(x + y, x * y).subs(x, 2).args
        (y + 2, 2*y)
    """


class _OfAll(ExprWithLimits):  # type: ignore[misc]  # SymPy has no types
    """One of the values that an expression takes while its indices run."""

    is_commutative = True
    is_extended_real = True
    _of_values: Any = None

    def __new__(cls, function: Any, *limits: Any, **assumptions: Any) -> Any:
        """One of the values of a function of indices, each with its first and its last value."""
        return ExprWithLimits.__new__(cls, function, *limits, **assumptions)

    def doit(self, **hints: Any) -> Any:
        """That of so many values, once the sizes are numbers."""
        values = [self.function]
        for index, first, last in self.limits:
            if not (sp.sympify(first).is_Integer and sp.sympify(last).is_Integer):
                return self
            values = [value.subs(index, each) for value in values for each in range(int(first), int(last) + 1)]
        return self._of_values(*values)


class Largest(_OfAll):
    """The largest of the values that an expression takes while its indices run, e.g. `Largest(a[n, k], (k, 0, K - 1))`.

    Examples:
        >>> a = sp.IndexedBase("a")
        >>> Largest(a[k], (k, 0, 2)).doit()
        Max(a[0], a[1], a[2])
    """

    _of_values = sp.Max


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


class Smallest(_OfAll):
    """The smallest of the values that an expression takes while its indices run.

    Examples:
        >>> a = sp.IndexedBase("a")
        >>> Smallest(a[k], (k, 0, 2)).doit()
        Min(a[0], a[1], a[2])
    """

    _of_values = sp.Min


class _WhereNotZero(sp.Function):  # type: ignore[misc]
    """A product or a quotient that is 0 where its first argument is, whatever the second."""

    nargs = 2

    @staticmethod
    def ordinary(x: Any, y: Any) -> Any:
        """What it is where x is not 0."""
        raise NotImplementedError

    @classmethod
    def eval(cls, x: Any, y: Any) -> Any:
        """What can be told of its arguments at once: whether x is zero, and its sign and factor."""
        if sp.nan in (x, y):
            return sp.nan
        if x.is_zero:
            return sp.Integer(0)
        if x.is_zero is False:
            return cls.ordinary(x, y)
        factor, rest = x.as_coeff_Mul()
        if factor != 1:
            return factor * cls(rest, y)
        return -cls(-x, y) if x.could_extract_minus_sign() else None

    def _eval_rewrite_as_Piecewise(self, x: Any, y: Any, **_: Any) -> Any:
        return sp.Piecewise((0, sp.Eq(x, 0)), (self.ordinary(x, y), True))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        shown = self._shown(printer)
        return shown if exp is None else rf"\left({shown}\right)^{{{exp}}}"

    def _shown(self, printer: Any) -> str:
        return str(printer._print(self.ordinary(*self.args)))

    def _code(self, printer: Any) -> str:
        x, y = self.args
        # Where x is 0, y is of no account: nothing is made of it there, and nothing is warned of.
        return self._in_code(printer, printer._print(x), sp.Piecewise((1, sp.Eq(x, 0)), (y, True)))

    def _in_code(self, printer: Any, x: str, y: Any) -> str:
        raise NotImplementedError

    _pythoncode = _numpycode = _mpmathcode = _jaxcode = _torchcode = _code


class xlogy(_WhereNotZero):  # as SymPy names functions, and SciPy this one
    """x ln y, and 0 where x is 0, whatever y: 0 ln 0 = 0.

    Examples:
        >>> x, y = sp.symbols("x y", nonnegative=True)
        >>> xlogy(x, y).subs({x: 0, y: 0}), xlogy(x, y).subs({x: 2, y: 3})
        (0, 2*log(3))
        >>> xlogy(x, y).diff(x), xlogy(x, y).diff(y)
        (log(y), xdivy(x, y))
    """

    @staticmethod
    def ordinary(x: Any, y: Any) -> Any:
        """x ln y."""
        return x * sp.log(y)

    def _eval_is_extended_real(self) -> Any:
        x, y = self.args
        return True if x.is_extended_real and y.is_extended_nonnegative else None

    def _shown(self, printer: Any) -> str:
        x, y = self.args
        return f"{printer.parenthesize(x, PRECEDENCE['Mul'])} {printer._print(sp.log(y))}"

    def _in_code(self, printer: Any, x: str, y: Any) -> str:
        return f"(({x})*{printer._print(sp.log(y))})"

    def fdiff(self, argindex: int = 1) -> Any:
        """The slope by x, which is ln y, or by y."""
        x, y = self.args
        return sp.log(y) if argindex == 1 else xdivy(x, y)


class xdivy(_WhereNotZero):
    """x / y, and 0 where x is 0, whatever y.

    Examples:
        >>> x, y = sp.symbols("x y", nonnegative=True)
        >>> xdivy(x, y).subs({x: 0, y: 0}), xdivy(x, y).subs({x: 2, y: 3})
        (0, 2/3)
        >>> xdivy(x, y).diff(x), xdivy(x, y).diff(y)
        (1/y, -xdivy(x, y**2))
    """

    @staticmethod
    def ordinary(x: Any, y: Any) -> Any:
        """x / y."""
        return x / y

    def _eval_is_extended_real(self) -> Any:
        x, y = self.args
        return True if x.is_extended_real and y.is_extended_real else None

    def _in_code(self, printer: Any, x: str, y: Any) -> str:
        return f"(({x})/({printer._print(y)}))"

    def fdiff(self, argindex: int = 1) -> Any:
        """The slope by x, which is 1 / y, or by y."""
        x, y = self.args
        return 1 / y if argindex == 1 else -xdivy(x, y**2)
