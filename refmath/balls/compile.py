"""From a SymPy definition to a Python function over balls.

SymPy writes the expression out as Python; the functions in it are those below. A condition that a ball leaves open
yields the hull of both branches, so the result encloses every value the definition takes on the inputs.

A sum, an exponential or a logarithm, and whatever holds one, is a function of the indices that occur in it and of no others. Its values are kept
for as long as one evaluation lasts: so each is computed once, however many entries of the output need it, and nested sums are computed layer by
layer. They are still computed only when they are asked for: a branch that is not taken is not evaluated.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from flint import arb
from sympy.printing.pycode import PythonCodePrinter

from refmath.balls.sums import Vector, kept, larger, largest, terms, total
from refmath.symbols import Largest

Namespace = dict[str, Callable[..., Any]]


def exp(value: Any) -> Any:
    return value.exp() if isinstance(value, Vector) else arb(value).exp()


def log(value: Any) -> Any:
    """The natural logarithm; ln 0 is −∞, as in the limit."""
    value = arb(value)
    return arb.neg_inf() if value.is_zero() else value.log()


def rational(numerator: int, denominator: int) -> Any:
    return arb(numerator) / denominator


def quotient(numerator: Any, denominator: Any) -> Any:
    """A quotient in balls, of two integers too (Python would round theirs to a float)."""
    return (numerator if isinstance(numerator, Vector) else arb(numerator)) / denominator


def maximum(*values: Any) -> Any:
    return functools.reduce(larger, values)


def minimum(*values: Any) -> Any:
    return -functools.reduce(larger, [-arb(value) for value in values])


def less(value: Any, largest: Any) -> Any:
    """A difference from the largest of several: of a ball that is the largest itself it is 0, however wide the ball."""
    return arb(0) if value is largest else value - largest


def power(base: Any, exponent: int) -> Any:
    """An integer power by repeated multiplication (python-flint's own power loses balls around zero)."""
    if isinstance(base, Vector) and exponent > 0:
        return base.power(exponent)
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


def nonzero(array: Any, outer: tuple[int, ...], places: range) -> Any:
    """The places of the last index at which an array may differ from zero: of many places those alone, otherwise all."""
    found = getattr(array, "nonzero", None)
    return places if found is None or isinstance(array, np.ndarray) else found(outer, places)


def _settled(true: bool, false: bool) -> bool | None:
    return True if true else False if false else None


#: What takes so long that its values are worth keeping.
_COSTLY = (sp.exp, sp.log, sp.Sum, Largest)
_INDEX = re.compile(r"\bq\d+\b")


class _BallPrinter(PythonCodePrinter):  # type: ignore[misc]  # SymPy has no types
    """Prints an expression so that no constant and no comparison leaves ball arithmetic, and nothing costly is computed twice.

    What is worth keeping is printed as the call of a function of the indices in it; `functions` holds their source. Those that differ only in the
    letters of their indices are one function.
    """

    def __init__(self, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...]) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": False})
        self._fixed = {str(symbol): f"v{place}" for place, symbol in enumerate(fixed)}
        self._letters: dict[sp.Symbol, str] = {}
        #: The indices that have a value where the printer is: those of the function it prints, and of the sums around.
        self._scope = frozenset(indices)
        self._within: dict[sp.Basic, tuple[frozenset[sp.Basic], bool]] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._calls: dict[str, int] = {}
        self._kept: set[str] = set()

    def letter(self, index: sp.Symbol) -> str:
        """The name of an index in the source."""
        return self._letters.setdefault(index, f"q{len(self._letters)}")

    def functions(self) -> list[str]:
        """The source of every function; only those that may be asked for the same value twice keep their values."""
        return [
            f"{'@kept' if name in self._kept or self._calls[name] > 1 else ''}\ndef {name}({taken}): return {body}"
            for (taken, body), name in self._names.items()
        ]

    def _print(self, expr: Any, **settings: Any) -> str:
        if isinstance(expr, sp.Expr):
            symbols, costly = self._held(expr)
            own = self._scope & symbols
            if costly and (own != self._scope or isinstance(expr, _COSTLY)):
                return self._call_of(expr, own)
        printed: str = super()._print(expr, **settings)
        return printed

    def _held(self, expr: Any) -> tuple[frozenset[sp.Basic], bool]:
        """The free symbols of an expression, and whether anything in it is costly."""
        if expr not in self._within:
            self._within[expr] = frozenset(expr.free_symbols), expr.has(*_COSTLY)
        return self._within[expr]

    def _call_of(self, expr: Any, own: frozenset[sp.Basic]) -> str:
        """The call of the function that an expression becomes."""
        scope, self._scope = self._scope, own
        body = super()._print(expr)
        self._scope = scope
        letters = list(dict.fromkeys(_INDEX.findall(body)))
        taken = [letter for letter in letters if letter in {self.letter(index) for index in own}]
        # In the order in which they occur: then functions that differ only in their letters are printed alike.
        renamed = {letter: f"i{place}" for place, letter in enumerate(letters)}
        key = ", ".join(renamed[letter] for letter in taken), _INDEX.sub(lambda found: renamed[found[0]], body)
        name = self._names.setdefault(key, f"f{len(self._names)}")
        self._calls[name] = self._calls.get(name, 0) + 1
        if own != scope:
            self._kept.add(name)
        return f"{name}({', '.join(taken)})"

    def _print_Symbol(self, expr: Any) -> str:
        return self.letter(expr) if expr in self._scope else self._fixed.get(str(expr), str(expr))

    def _print_Indexed(self, expr: Any) -> str:
        base, *indices = expr.args
        return f"{self._fixed.get(str(base), str(base))}[{', '.join(map(self._print, indices))}]"

    def _print_Sum(self, expr: Any) -> str:
        return f"total({self._terms(expr)})"

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        largest = next((term for term in expr.args if isinstance(-term, Largest)), None)
        if largest is not None and len(expr.args) == 2:
            return self._call("less", (expr - largest, -largest))
        return str(super()._print_Add(expr, order))

    def _print_UnevaluatedExpr(self, expr: Any) -> str:
        # What is rounded by itself, before anything is added to it.
        return f"({self._print(expr.args[0])})"

    def _print_Largest(self, expr: Any) -> str:
        return f"largest({self._terms(expr)})"

    def _terms(self, expr: Any) -> str:
        """What is added up, or compared: a value at its indices, and the places of each index."""
        scope, self._scope = self._scope, self._scope | {index for index, *_ in expr.limits}
        # As SymPy has it, the last index is that of the outermost sum.
        limits = list(reversed(expr.limits))
        letters = [self.letter(index) for index, *_ in limits]
        loops = [f"range({self._print(first)}, {self._print(last)} + 1)" for _, first, last in limits]
        # Where a factor of many terms is zero they are, and what else is in them need not be evaluated.
        for factor in sp.Mul.make_args(expr.function) if isinstance(expr, sp.Sum) else ():
            if isinstance(factor, sp.Indexed) and factor.args[-1] == limits[-1][0] and factor != expr.function:
                base = str(factor.args[0])
                outer = "".join(f"{self._print(each)}, " for each in factor.args[1:-1])
                first, last = (self._print(each) for each in limits[-1][1:])
                loops[-1] = f"nonzero({self._fixed.get(base, base)}, ({outer}), range({first}, {last} + 1))"
                break
        places = [f"lambda {', '.join(letters[:place])}: {loop}" for place, loop in enumerate(loops)]
        printed = f"lambda {', '.join(letters)}: {self._print(expr.function)}, {', '.join(places)}"
        self._scope = scope
        return printed

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
    less,
    heaviside,
    compare,
    any_of,
    all_of,
    none_of,
    piecewise,
    nonzero,
    total,
    largest,
)
_BALLS: Namespace = {f.__name__: f for f in _FUNCTIONS}


def _rounded(number: type[Any]) -> Namespace:
    """The same functions over the numbers of a format: each result is one of them again."""

    def power(base: Any, exponent: int) -> Any:
        product = functools.reduce(operator.mul, [number(base)] * abs(exponent), number(1))
        return product if exponent >= 0 else number(1) / product

    def piecewise(*branches: tuple[Callable[[], bool], Callable[[], Any]]) -> Any:
        return next(number(value()) for condition, value in branches if condition())

    return {
        "exp": lambda value: number(np.exp(number(value))),
        "log": lambda value: number(np.log(number(value))),
        # Python rounds a quotient of whole numbers once, however large they are.
        "rational": lambda numerator, denominator: number(numerator / denominator),
        "quotient": lambda numerator, denominator: number(numerator) / number(denominator),
        "power": power,
        "maximum": lambda *values: max(map(number, values)),
        "minimum": lambda *values: min(map(number, values)),
        "less": lambda value, largest: number(value - largest),
        "heaviside": lambda value, at_zero: number(np.heaviside(float(value), float(at_zero))),
        "compare": lambda symbol, left, right: _COMPARED[symbol](left, right),
        "any_of": lambda *conditions: any(conditions),
        "all_of": lambda *conditions: all(conditions),
        "none_of": operator.not_,
        "piecewise": piecewise,
        "nonzero": nonzero,
        "total": lambda term, *places: sum(terms(term, *places), number(0)),
        "largest": lambda term, *places: max(terms(term, *places)),
    }


_COMPARED = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@functools.lru_cache(maxsize=512)
def evaluation(
    definition: sp.Expr, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...]
) -> Callable[..., Callable[..., Any]]:
    """The definition as a function of the values of `fixed`, which returns it as a function of the values of `indices`.

    What several entries have in common is computed once, in balls at the precision in force when it is first needed: the function that is
    returned belongs to one evaluation at one precision.
    """
    return _made(definition, fixed, indices, _BALLS)


def rounded_evaluation(
    definition: sp.Expr, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...], number: type[Any]
) -> Callable[..., Callable[..., Any]]:
    """The same in the numbers of a format, a NumPy scalar type: every operation of the definition as it is written is rounded."""
    return _made(definition, fixed, indices, _rounded(number))


def _made(
    definition: sp.Expr, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...], functions: Namespace
) -> Callable[..., Callable[..., Any]]:
    printer = _BallPrinter(fixed, indices)
    value = printer.doprint(definition)
    # What the printer does not know it takes from Python's math, which rounds.
    rounded = sorted(name for module, names in printer.module_imports.items() if module != "builtins" for name in names)
    if rounded:
        raise ValueError(f"{', '.join(rounded)} cannot be evaluated in balls: {definition}")
    lines = [*"\n".join(printer.functions()).splitlines()]
    lines += [f"def value({', '.join(map(printer.letter, indices))}): return {value}", "return value"]
    given = ", ".join(f"v{place}" for place in range(len(fixed)))
    source = "\n    ".join([f"def evaluation({given}):", *lines])
    namespace: dict[str, Any] = {**functions, "kept": kept}
    # As SymPy's own lambdify does; the source is the printer's, which knows no names but those above.
    exec(compile(source, f"<{definition}>", "exec"), namespace)  # noqa: S102
    made: Callable[..., Callable[..., Any]] = namespace["evaluation"]
    return made


@functools.lru_cache(maxsize=512)
def compiled(definition: sp.Expr, symbols: tuple[sp.Basic, ...]) -> Callable[..., Any]:
    """The definition as a function of the values of `symbols`, in balls at the precision in force when it is called."""
    begun = evaluation(definition, symbols, ())
    return lambda *values: begun(*values)()
