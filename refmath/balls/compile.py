"""From a SymPy definition to a Python function over balls.

SymPy writes the expression out as Python; the functions in it are those below. A condition that a ball leaves open
yields the hull of both branches, so the result encloses every value the definition takes on the inputs.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import arb
from sympy.printing.pycode import PythonCodePrinter


def exp(value: Any) -> Any:
    return arb(value).exp()


def log(value: Any) -> Any:
    """The natural logarithm; ln 0 is −∞, as in the limit."""
    value = arb(value)
    return arb.neg_inf() if value.is_zero() else value.log()


def rational(numerator: int, denominator: int) -> Any:
    return arb(numerator) / denominator


def quotient(numerator: Any, denominator: Any) -> Any:
    """A quotient in balls, of two integers too (Python would round theirs to a float)."""
    return arb(numerator) / denominator


def maximum(*values: Any) -> Any:
    return functools.reduce(_larger, values)


def minimum(*values: Any) -> Any:
    return -functools.reduce(_larger, [-arb(value) for value in values])


def _larger(u: Any, v: Any) -> Any:
    """The larger of two balls: that very ball where it is settled which, as some versions of FLINT make it wider; else a hull."""
    u, v = arb(u), arb(v)
    if u >= v:
        return u
    return v if v >= u else u.max(v)


def power(base: Any, exponent: int) -> Any:
    """An integer power by repeated multiplication (python-flint's own power loses balls around zero)."""
    product = functools.reduce(operator.mul, [arb(base)] * abs(exponent), arb(1))
    return product if exponent >= 0 else 1 / product


def heaviside(value: Any, at_zero: Any) -> Any:
    """The unit step: 0 below zero, `at_zero` at it, 1 above; [0, 1] where the ball leaves it open."""
    if value > 0:
        return arb(1)
    if value < 0:
        return arb(0)
    return arb(at_zero) if arb(value).is_zero() else arb(0).union(arb(1))


def compare(symbol: str, left: Any, right: Any) -> bool | None:
    """Whether the comparison holds for all points of the balls, for none of them (False), or for some (None)."""
    if symbol in ("==", "!="):
        equal = _settled(arb(left) == right, arb(left) != right)
        return equal if symbol == "==" or equal is None else not equal
    holds = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[symbol]
    fails = {"<": operator.ge, "<=": operator.gt, ">": operator.le, ">=": operator.lt}[symbol]
    return _settled(holds(arb(left), right), fails(arb(left), right))


def piecewise(*branches: tuple[Callable[[], bool | None], Callable[[], Any]]) -> Any:
    """The first branch whose condition holds; the hull of all that may be taken, if the balls leave that open."""
    hull = None
    for condition, value in branches:
        decided = condition()
        if decided is False:
            continue
        taken = arb(value())
        hull = taken if hull is None else hull.union(taken)
        if decided:
            break
    if hull is None:
        raise ValueError("no branch of the definition applies")
    return hull


def any_of(*conditions: bool | None) -> bool | None:
    """Whether at least one condition holds; None if the balls leave that open."""
    return True if True in conditions else None if None in conditions else False


def all_of(*conditions: bool | None) -> bool | None:
    """Whether every condition holds; None if the balls leave that open."""
    return False if False in conditions else None if None in conditions else True


def none_of(condition: bool | None) -> bool | None:
    """Whether the condition does not hold; None if the balls leave that open."""
    return None if condition is None else not condition


def _settled(true: bool, false: bool) -> bool | None:
    return True if true else False if false else None


class _BallPrinter(PythonCodePrinter):  # type: ignore[misc]  # SymPy has no types
    """Prints an expression so that no constant and no comparison leaves ball arithmetic."""

    def _print_Rational(self, expr: Any) -> str:
        return f"rational({expr.p}, {expr.q})"

    _print_Half = _print_Rational

    def _print_Float(self, expr: Any) -> str:
        raise ValueError(
            f"a definition must not hold the rounded number {expr}: write it as a rational or as a parameter"
        )

    def _print_Infinity(self, expr: Any) -> str:
        return "float('inf')"

    def _call(self, name: str, arguments: Any) -> str:
        return f"{name}({', '.join(self._print(a) for a in arguments)})"

    def _print_Mul(self, expr: Any) -> str:
        numerator, denominator = sp.fraction(expr, exact=True)
        return super()._print_Mul(expr) if denominator == 1 else self._call("quotient", (numerator, denominator))

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        if not expr.exp.is_Integer:
            raise ValueError(f"only integer powers can be evaluated in balls, not {expr}")
        return f"power({self._print(expr.base)}, {int(expr.exp)})"

    def _print_exp(self, expr: Any) -> str:
        return self._call("exp", expr.args)

    def _print_log(self, expr: Any) -> str:
        return self._call("log", expr.args)

    def _print_Max(self, expr: Any) -> str:
        return self._call("maximum", expr.args)

    def _print_Min(self, expr: Any) -> str:
        return self._call("minimum", expr.args)

    def _print_Heaviside(self, expr: Any) -> str:
        return self._call("heaviside", expr.args)

    def _print_KroneckerDelta(self, expr: Any) -> str:
        return f"int({self._print(expr.args[0])} == {self._print(expr.args[1])})"

    def _print_Relational(self, expr: Any) -> str:
        return f"compare({expr.rel_op!r}, {self._print(expr.lhs)}, {self._print(expr.rhs)})"

    def _print_And(self, expr: Any) -> str:
        return self._call("all_of", expr.args)

    def _print_Or(self, expr: Any) -> str:
        return self._call("any_of", expr.args)

    def _print_Not(self, expr: Any) -> str:
        return self._call("none_of", expr.args)

    def _print_BooleanTrue(self, expr: Any) -> str:
        return "True"

    def _print_Piecewise(self, expr: Any) -> str:
        branches = (f"(lambda: {self._print(c)}, lambda: {self._print(e)})" for e, c in expr.args)
        return f"piecewise({', '.join(branches)})"


_FUNCTIONS = (
    exp,
    log,
    rational,
    quotient,
    power,
    maximum,
    minimum,
    heaviside,
    compare,
    any_of,
    all_of,
    none_of,
    piecewise,
)
_BALLS = {f.__name__: f for f in _FUNCTIONS}


@functools.lru_cache(maxsize=512)
def compiled(definition: sp.Expr, symbols: tuple[sp.Basic, ...]) -> Callable[..., Any]:
    """The definition as a function of the values of `symbols`, in balls at the precision in force when it is called."""
    printer = _BallPrinter({"fully_qualified_modules": False, "allow_unknown_functions": False})
    function: Callable[..., Any] = sp.lambdify(symbols, definition, modules=[_BALLS], printer=printer)
    # What the printer does not know it takes from Python's math, which rounds.
    rounded = sorted(name for module, names in printer.module_imports.items() if module != "builtins" for name in names)
    if rounded:
        raise ValueError(f"{', '.join(rounded)} cannot be evaluated in balls: {definition}")
    return function
