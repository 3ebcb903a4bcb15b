"""From a SymPy definition to a Python function over balls, or over the numbers of a format.

SymPy writes the expression out as Python; the functions in it are those of `refmath.balls.functions`, or of `refmath.balls.roundings`. What these do not have is refused in one
sentence: nothing of Python's own, which rounds, stands in for it.

A sum, an exponential or a root, and whatever holds one, is a function of the indices that occur in it and of no others. Its values are kept
for as long as one evaluation lasts: so each is computed once, however many entries of the output need it, and nested sums are computed layer by
layer. They are still computed only when they are asked for: a branch that is not taken is not evaluated.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from refmath.balls.comparisons import Compared, compared
from refmath.balls.functions import BALLS, CONSTANTS, ELEMENTARY, Namespace
from refmath.balls.roundings import rounded
from refmath.balls.sums import kept
from refmath.symbols import Largest, Smallest, free_symbols, xdivy, xlogy

#: What takes so long that its values are worth keeping, besides powers that are no products.
_COSTLY = (sp.exp, sp.log, *ELEMENTARY, xlogy, sp.Sum, sp.Product, Largest, Smallest)
#: What SymPy prints rightly by itself.
_PLAIN = (sp.Add, sp.Mul)
#: Up to here every format holds every whole number; a fraction of larger ones is one number, as 0.044715 is, and no product and quotient.
_WHOLE = 256
#: More characters of an expression are not shown.
_LONGEST = 120
_INDEX = re.compile(r"\bq\d+\b")


class _BallPrinter(PythonCodePrinter):  # type: ignore[misc]  # SymPy has no types
    """Prints an expression so that no constant and no comparison leaves ball arithmetic, and nothing costly is computed twice.

    What is worth keeping is printed as the call of a function of the indices in it; `functions` holds their source. Those that differ only in the
    letters of their indices are one function.
    """

    # Not what an expression says of its own code in Python.
    printmethod = "_ball_code"

    def __init__(self, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...]) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": False})
        self._fixed = {str(symbol): f"v{place}" for place, symbol in enumerate(fixed)}
        self._letters: dict[sp.Symbol, str] = {}
        #: The indices that have a value where the printer is: those of the function it prints, and of the sums around.
        self._scope = frozenset(indices)
        self._within: dict[sp.Basic, tuple[frozenset[sp.Symbol], bool]] = {}
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
        if isinstance(expr, sp.Basic) and not self._is_known(expr):
            raise ValueError(f"{_short(expr)} cannot be evaluated in balls")
        if isinstance(expr, sp.Expr):
            symbols, costly = self._held(expr)
            own = self._scope & symbols
            if costly and (own != self._scope or _is_costly(expr)):
                return self._call_of(expr, own)
        printed: str = super()._print(expr, **settings)
        return printed

    def _is_known(self, expr: sp.Basic) -> bool:
        """Whether an expression has a method below, or is plain; what SymPy has methods for besides leaves ball arithmetic."""
        if expr.is_Integer:
            return True
        for each in type(expr).__mro__:
            if each in _PLAIN or f"_print_{each.__name__}" in vars(_BallPrinter):
                return True
            if hasattr(self, f"_print_{each.__name__}"):
                return False
        return False

    def _held(self, expr: Any) -> tuple[frozenset[sp.Basic], bool]:
        """The free symbols of an expression, and whether anything in it is costly."""
        if expr not in self._within:
            costly = _is_costly(expr) or any(self._held(each)[1] for each in expr.args)
            self._within[expr] = free_symbols(expr), costly
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
        return self.letter(expr) if expr in self._scope else self._given(expr)

    _print_Dummy = _print_Symbol

    def _print_Indexed(self, expr: Any) -> str:
        base, *indices = expr.args
        return f"{self._given(base)}[{', '.join(map(self._place, indices))}]"

    def _place(self, index: Any) -> str:
        """An index; one that is reckoned out must be looked at."""
        printed = self._print(index)
        plain = isinstance(index, sp.Symbol | sp.Indexed) or (index.is_Integer and index >= 0)
        return printed if plain else f"place({printed})"

    def _last(self, index: Any) -> str:
        """The last place of an index, which may be reckoned out too."""
        printed = self._print(index)
        return printed if index.is_polynomial() and index.is_finite else f"last_place({printed})"

    def _given(self, symbol: Any) -> str:
        """The name of an argument, a size or a parameter."""
        if str(symbol) not in self._fixed:
            raise ValueError(
                f"the definition holds {symbol}, which is neither an input nor an index, a size or a parameter"
            )
        return self._fixed[str(symbol)]

    def _print_Sum(self, expr: Any) -> str:
        return f"total({self._terms(expr)})"

    def _print_Product(self, expr: Any) -> str:
        return f"product({self._terms(expr)})"

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        largest = next((term for term in expr.args if isinstance(-term, Largest)), None)
        if largest is not None and len(expr.args) == 2:
            return self._call("less", (expr - largest, -largest))
        if len(expr.args) > 2:
            return self._call("added", self._as_ordered_terms(expr, order))
        return str(super()._print_Add(expr, order))

    def _print_log(self, expr: Any) -> str:
        (u,) = expr.args
        least = _floor_of(u)
        if least is None:
            return self._call("log", expr.args)
        return self._call("log_of_floored", (*(each for each in u.args if each != least), least))

    def _print_Max(self, expr: Any) -> str:
        logs = [each for each in expr.args if isinstance(each, sp.log)]
        least = _floor_of(expr)
        if len(expr.args) == 2 and len(logs) == 1:
            return self._call("floored_log", (*logs[0].args, *(each for each in expr.args if each != logs[0])))
        if least is not None:
            return self._call("floored", (*(each for each in expr.args if each != least), least))
        return self._call("maximum", expr.args)

    def _print_UnevaluatedExpr(self, expr: Any) -> str:
        # What is rounded by itself, before anything is done with it: a number of the format.
        return self._call("kept_in_the_format", expr.args)

    def _print_Largest(self, expr: Any) -> str:
        return f"largest({self._terms(expr)})"

    def _print_Smallest(self, expr: Any) -> str:
        return f"(-{self._print_Largest(Largest(-expr.function, *expr.limits))})"

    def _terms(self, expr: Any) -> str:
        """What is added up, or compared: a value at its indices, and the places of each index."""
        scope, self._scope = self._scope, self._scope | {index for index, *_ in expr.limits}
        # As SymPy has it, the last index is that of the outermost sum.
        limits = list(reversed(expr.limits))
        letters = [self.letter(index) for index, *_ in limits]
        loops = [f"range({self._place(first)}, {self._last(last)} + 1)" for _, first, last in limits]
        # Where a factor of many terms is zero they are, and what else is in them need not be evaluated.
        for factor in sp.Mul.make_args(expr.function) if isinstance(expr, sp.Sum) else ():
            factor = factor.args[0] if isinstance(factor, xlogy | xdivy) else factor
            if isinstance(factor, sp.Indexed) and factor.args[-1] == limits[-1][0] and factor != expr.function:
                base = self._given(factor.args[0])
                outer = "".join(f"{self._print(each)}, " for each in factor.args[1:-1])
                first, last = self._place(limits[-1][1]), self._last(limits[-1][2])
                loops[-1] = f"nonzero({base}, ({outer}), range({first}, {last} + 1))"
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

    def _print_NegativeInfinity(self, expr: Any) -> str:
        return "float('-inf')"

    def _call(self, name: str, arguments: Any) -> str:
        return f"{name}({', '.join(self._print(a) for a in arguments)})"

    def _print_Mul(self, expr: Any) -> str:
        factor, rest = expr.as_coeff_Mul()
        if factor.is_Rational and not factor.is_Integer and max(abs(factor.p), factor.q) > _WHOLE:
            return f"{self._print(factor)} * ({self._print(rest)})"
        numerator, denominator = sp.fraction(expr, exact=True)
        return super()._print_Mul(expr) if denominator == 1 else self._call("quotient", (numerator, denominator))

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.base, expr.exp
        if exponent == -1 and _floor_of(base) is not None:
            return self._call("quotient", (sp.Integer(1), base))
        if exponent.is_Integer:
            return f"power({self._print(base)}, {int(exponent)})"
        proved = ", True" if base.is_extended_nonnegative else ""
        return f"real_power({self._print(base)}, {self._print(exponent)}{proved})"

    def _print_Mod(self, expr: Any) -> str:
        return self._call("modulo", expr.args)

    def _print_frac(self, expr: Any) -> str:
        return self._call("modulo", (*expr.args, sp.Integer(1)))

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

    def _print_BooleanFalse(self, expr: Any) -> str:
        return "False"

    def _print_Piecewise(self, expr: Any) -> str:
        branches = (f"(lambda: {self._print(c)}, lambda: {self._print(e)})" for e, c in expr.args)
        return f"piecewise({', '.join(branches)})"


def _printed_as(name: str) -> Callable[[Any, Any], str]:
    """A method that prints the call of a function by this name, with the same arguments."""
    return lambda printer, expr: printer._call(name, expr.args)


#: The functions that are called with the arguments that they have in the definition.
_CALLED: dict[type[sp.Basic], str] = {
    sp.exp: "exp",
    sp.Min: "minimum",
    sp.Abs: "absolute",
    sp.sign: "sign",
    Compared: "compared",
    sp.Heaviside: "heaviside",
    sp.floor: "floor",
    sp.ceiling: "ceiling",
    xlogy: "xlogy",
    xdivy: "xdivy",
    **{function: each.name for function, each in ELEMENTARY.items()},
    **{constant: constant.__name__ for constant in CONSTANTS},
}
for _function, _name in _CALLED.items():
    setattr(_BallPrinter, f"_print_{_function.__name__}", _printed_as(_name))


def _is_costly(expr: Any) -> bool:
    return isinstance(expr, _COSTLY) or (isinstance(expr, sp.Pow) and not expr.exp.is_Integer)


def _floor_of(expr: Any) -> Any:
    """Of the larger of two the one that is a positive number, or a parameter that is one; None if there is none."""
    if not isinstance(expr, sp.Max) or len(expr.args) != 2:
        return None
    return next((each for each in expr.args if each.is_positive and not each.has(sp.Indexed)), None)


def _short(expr: Any) -> str:
    """An expression in a line."""
    text = " ".join(str(expr).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@functools.lru_cache(maxsize=512)
def evaluation(
    definition: sp.Expr, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...]
) -> Callable[..., Callable[..., Any]]:
    """The definition as a function of the values of `fixed`, which returns it as a function of the values of `indices`.

    What several entries have in common is computed once, in balls at the precision in force when it is first needed: the function that is
    returned belongs to one evaluation at one precision.
    """
    return _made(definition, fixed, indices, BALLS)


def rounded_evaluation(
    definition: sp.Expr, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...], number: type[Any]
) -> Callable[..., Callable[..., Any]]:
    """The same in the numbers of a format, a NumPy scalar type: every operation of the definition as it is written is rounded."""
    return _made(definition, fixed, indices, rounded(number))


def _made(
    definition: sp.Expr, fixed: tuple[sp.Basic, ...], indices: tuple[sp.Symbol, ...], functions: Namespace
) -> Callable[..., Callable[..., Any]]:
    printer = _BallPrinter(fixed, indices)
    value = printer.doprint(definition)
    lines = [*"\n".join(printer.functions()).splitlines()]
    lines += [f"def value({', '.join(map(printer.letter, indices))}): return {value}", "return value"]
    given = ", ".join(f"v{place}" for place in range(len(fixed)))
    source = "\n    ".join([f"def evaluation({given}):", *lines])
    namespace: dict[str, Any] = {**functions, "kept": kept, "compared": compared}
    # As SymPy's own lambdify does; the source is the printer's, which knows no names but those above.
    exec(compile(source, "<a definition in balls>", "exec"), namespace)  # noqa: S102
    made: Callable[..., Callable[..., Any]] = namespace["evaluation"]
    return made


@functools.lru_cache(maxsize=512)
def compiled(definition: sp.Expr, symbols: tuple[sp.Basic, ...]) -> Callable[..., Any]:
    """The definition as a function of the values of `symbols`, in balls at the precision in force when it is called."""
    begun = evaluation(definition, symbols, ())
    return lambda *values: begun(*values)()
