"""Derivatives of formulas, derived from their definitions: the gradient of a loss, and the backward form of any formula.

A derivative by the entries of an array is kept as a sum of terms, each a factor and the indices that must agree for it to count: what SymPy would
write as a sum over Kronecker deltas is one entry of that sum, and the derivative of a loss of N·K numbers is no longer than the loss.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from refmath.spec import Formula, Input, Part
from refmath.symbols import Largest, N

#: What is differentiated by: numbers that may change a little.
_CONTINUOUS = (
    "real",
    "floats",
    "gradients",
    "positive",
    "unit_interval",
    "signed_unit_interval",
    "logits",
    "probabilities",
    "weights",
    "units",
    "features",
    "point",
)
#: Names for the indices of a derivative, where the lower-case name of the axis is taken.
_LETTERS = "ijlmpqrsuv"


def gradient_of(formula: Formula, by: str | None = None) -> Formula:
    """The gradient of a formula, derived from its definition.

    Of a formula whose answer is an array it is the gradient of the sum of its entries: of one that works entry by entry, the slope at each.
    At a kink of |x| or of a maximum with a number the slope is that of the flat side, 0; two maxima that are equal share it.

    Args:
        formula: What is differentiated.
        by: The name of the argument; by default the first.

    Returns:
        A formula of the same arguments and parameters, called `…_gradient`.

    Raises:
        TypeError: If it is no `Formula`.
        ValueError: If it has no such argument, or one that cannot be differentiated by; or if there is something in it whose derivative is not known.

    Examples:
        >>> import sympy as sp, refmath
        >>> N = refmath.sizes("N")
        >>> n = refmath.indices("n")
        >>> y = refmath.argument("y", "real", N)
        >>> energy = refmath.Formula("energy", sp.Sum(y[n] ** 2, (n, 0, N - 1)) / 2, inputs=(y,))
        >>> gradient = refmath.gradient_of(energy)
        >>> print(gradient.name, gradient.definition, refmath.exact(gradient, [1.0, 3.0]).nearest())
        energy_gradient y[i] [1. 3.]
    """
    chosen = _argument(formula, by)
    at = _indices_for(formula, chosen, [])
    summed = formula.output

    def derived(definition: sp.Expr) -> sp.Expr:
        return _along(_summed(definition, summed), chosen, at)

    name = f"{formula.name}_gradient" if by is None else f"{formula.name}_gradient_by_{by}"
    return Formula(
        name,
        derived(formula.definition),
        inputs=formula.inputs,
        parameters=formula.parameters,
        output=_output(chosen, at),
        display=rf"\nabla {formula.display}",
        single_samples=formula.single_samples,
        choices={each: {key: derived(one) for key, one in of.items()} for each, of in formula.choices.items()},
        derivative_of=formula.name,
        tried=formula.tried,
    )


def vjp_of(formula: Formula, by: Iterable[str] | None = None) -> Formula:
    """The backward form of a formula: what arrives at its answer, carried back to its arguments (a vector–Jacobian product).

    Args:
        formula: What is carried back through.
        by: The names of the arguments; by default all arrays of numbers that may change a little.

    Returns:
        A formula of the same arguments and of `upstream`, which has the shape of the answer, called `…_vjp`. By one argument its answer is an array,
        by several a mapping by their names.

    Raises:
        TypeError: If it is no `Formula`.
        ValueError: If there is no such argument, or none that can be differentiated by.

    Examples:
        >>> import refmath
        >>> N = refmath.sizes("N")
        >>> n = refmath.indices("n")
        >>> a, b = refmath.argument("a", "real", N), refmath.argument("b", "real", N)
        >>> product = refmath.vjp_of(refmath.Formula("product", a[n] * b[n], inputs=(a, b)))
        >>> print({part.key: part.definition for part in product.parts})
        {'a': b[i]*upstream[i], 'b': a[i]*upstream[i]}
    """
    _require(formula)
    names = [each.name for each in formula.inputs if _is_continuous(each)] if by is None else list(by)
    if not names:
        raise ValueError(f"{formula.name} has no argument that it can be differentiated by")
    chosen = [_argument(formula, name) for name in names]
    if any(each.name == "upstream" for each in formula.inputs):
        raise ValueError(f"{formula.name} has an argument called upstream already")
    upstream = _upstream(formula)
    weighted = formula.definition * (
        upstream.symbol[[index for index, _ in formula.output]] if upstream.axes else upstream.symbol
    )
    parts = []
    for each in chosen:
        at = _indices_for(formula, each, [])
        parts.append(Part(each.name, _along(_summed(weighted, formula.output), each, at), _output(each, at)))
    return Formula(
        f"{formula.name}_vjp",
        parts[0].definition,
        inputs=(*formula.inputs, upstream),
        parameters={name: value for name, value in formula.parameters.items() if name not in formula.choices},
        output=parts[0].output if len(parts) == 1 else (),
        parts=tuple(parts) if len(parts) > 1 else (),
        display=rf"\mathrm{{vjp}}\, {formula.display}",
        single_samples=formula.single_samples,
        tried=formula.tried,
    )


def _require(formula: Any) -> None:
    if not isinstance(formula, Formula):
        raise TypeError(f"a refmath.Formula is differentiated; got {type(formula).__name__} {formula!r}")
    if formula.parts or formula.takes_function or formula.by_layers or any(each.arrays for each in formula.inputs):
        raise ValueError(f"{formula.name} cannot be differentiated: its answer, or an argument, is not one array")


def _argument(formula: Formula, by: str | None) -> Input:
    _require(formula)
    found = formula.inputs[0] if by is None else next((each for each in formula.inputs if each.name == by), None)
    if found is None:
        raise ValueError(
            f"{formula.name} has no argument {by!r}; it has: {', '.join(each.name for each in formula.inputs)}"
        )
    if not _is_continuous(found):
        raise ValueError(
            f"{formula.name} cannot be differentiated by {found.name}: {found.kind} cannot change a little"
        )
    return found


def _is_continuous(each: Input) -> bool:
    return each.kind in _CONTINUOUS


def _upstream(formula: Formula) -> Input:
    axes = tuple(axis for _, axis in formula.output)
    if formula.inputs[0].axes == ("...",) and axes:
        return Input("upstream", sp.IndexedBase("upstream", shape=(N,), real=True), "real", ("...",))
    shape = tuple(sp.Symbol(axis, integer=True, positive=True) for axis in axes)
    symbol: Any = sp.IndexedBase("upstream", shape=shape, real=True) if axes else sp.Symbol("upstream", real=True)
    return Input("upstream", symbol, "real", axes)


def _indices_for(formula: Formula, each: Input, taken: Iterable[str]) -> tuple[sp.Symbol, ...]:
    """An index for each axis of an argument, none of which occurs in the definitions."""
    definitions = [formula.definition, *(one for of in formula.choices.values() for one in of.values())]
    used = {str(symbol) for definition in definitions for symbol in definition.atoms(sp.Symbol)} | set(taken)
    made: list[sp.Symbol] = []
    for axis in each.axes:
        names = itertools.chain(
            [axis.lower()] if axis.isidentifier() else [], _LETTERS, (f"i{place}" for place in itertools.count())
        )
        name = next(name for name in names if name not in used)
        used.add(name)
        made.append(sp.Symbol(name, integer=True, nonnegative=True))
    return tuple(made)


def _output(each: Input, at: tuple[sp.Symbol, ...]) -> tuple[tuple[sp.Symbol, str], ...]:
    axes = ("N",) if each.axes == ("...",) else each.axes
    return tuple(zip(at, axes, strict=True))


def _summed(definition: sp.Expr, output: tuple[tuple[sp.Symbol, str], ...]) -> sp.Expr:
    """The sum over all entries of an answer."""
    if not output:
        return definition
    limits = [(index, 0, sp.Symbol(axis, integer=True, positive=True) - 1) for index, axis in reversed(output)]
    return sp.Sum(definition, *limits)


# ---- differentiation


@dataclass(frozen=True)
class _Term:
    """A factor, and the pairs of indices that must agree for it to count."""

    factor: sp.Expr
    agreeing: tuple[tuple[sp.Expr, sp.Symbol], ...] = ()

    def times(self, other: sp.Expr) -> _Term:
        return replace(self, factor=self.factor * other)

    def written(self) -> sp.Expr:
        return self.factor * sp.Mul(*(sp.KroneckerDelta(*pair) for pair in self.agreeing))


def _along(definition: sp.Expr, by: Input, at: tuple[sp.Symbol, ...]) -> sp.Expr:
    """The derivative of a number by the entry of an argument at some indices."""
    apart = _with_letters_apart(definition, frozenset())
    terms = list(_terms(apart, by.symbol, at))
    return sp.Add(*(each.written() for each in terms))


def _with_letters_apart(expression: sp.Expr, around: frozenset[sp.Symbol]) -> sp.Expr:
    """The same with an index of its own for each sum within a sum."""
    if isinstance(expression, ExprWithLimits):
        function, limits = expression.function, list(expression.limits)
        for place, (index, *ends) in enumerate(limits):
            if index in around:
                fresh = sp.Dummy(index.name, integer=True, nonnegative=True)
                function = function.xreplace({index: fresh})
                limits = [
                    sp.Tuple(*(each.xreplace({index: fresh}) for each in limit)) if other < place else limit
                    for other, limit in enumerate(limits)
                ]
                limits[place] = sp.Tuple(fresh, *ends)
        inside = around | {limit[0] for limit in limits}
        return expression.func(_with_letters_apart(function, inside), *limits)
    if not expression.args or isinstance(expression, sp.Indexed):
        return expression
    return expression.func(*(_with_letters_apart(each, around) for each in expression.args))


def _terms(expression: sp.Expr, base: Any, at: tuple[sp.Symbol, ...]) -> Iterator[_Term]:
    """The terms of a derivative."""
    if expression == base:
        yield _Term(sp.Integer(1))
        return
    if not _depends(expression, base):
        return
    if isinstance(expression, sp.Indexed):
        yield _Term(sp.Integer(1), tuple(zip(expression.indices, at, strict=True)))
    elif isinstance(expression, sp.Add):
        for each in expression.args:
            yield from _terms(each, base, at)
    elif isinstance(expression, sp.Mul):
        for place, each in enumerate(expression.args):
            others = sp.Mul(*expression.args[:place], *expression.args[place + 1 :])
            yield from (term.times(others) for term in _terms(each, base, at))
    elif isinstance(expression, sp.Pow):
        yield from _of_power(expression, base, at)
    elif isinstance(expression, sp.Sum):
        for term in _terms(expression.function, base, at):
            yield _collapsed(term, list(expression.limits))
    elif isinstance(expression, sp.Product):
        yield from _of_product(expression, base, at)
    elif isinstance(expression, Largest):
        yield from _of_largest(expression, base, at)
    elif isinstance(expression, sp.Piecewise):
        for place, (value, _) in enumerate(expression.args):
            for term in _terms(value, base, at):
                branches = [
                    (term.factor if other == place else 0, condition)
                    for other, (_, condition) in enumerate(expression.args)
                ]
                yield replace(term, factor=sp.Piecewise(*branches, evaluate=False))
    elif isinstance(expression, sp.Max | sp.Min):
        yield from _of_maximum(expression, base, at)
    elif isinstance(expression, sp.Abs):
        yield from (term.times(sp.sign(expression.args[0])) for term in _terms(expression.args[0], base, at))
    elif isinstance(expression, sp.sign | sp.floor | sp.ceiling | sp.Heaviside | sp.KroneckerDelta):
        return
    elif isinstance(expression, sp.UnevaluatedExpr):
        yield from _terms(expression.args[0], base, at)
    elif isinstance(expression, sp.Function):
        for place, each in enumerate(expression.args):
            if _depends(each, base):
                slope = _slope(expression, place)
                yield from (term.times(slope) for term in _terms(each, base, at))
    else:
        raise ValueError(f"the derivative of {expression} is not known")  # noqa: TRY004  # it is an expression, of an unknown kind


def _depends(expression: Any, base: Any) -> bool:
    return bool(expression.has(base)) or any(entry.base == base for entry in expression.atoms(sp.Indexed))


def _slope(function: Any, place: int) -> sp.Expr:
    try:
        slope = function.fdiff(place + 1)
    except sp.core.function.ArgumentIndexError:
        slope = None
    if slope is None or slope.has(sp.Derivative, sp.Subs):
        raise ValueError(f"the derivative of {function} is not known")
    return slope


def _of_power(expression: Any, base: Any, at: tuple[sp.Symbol, ...]) -> Iterator[_Term]:
    foot, exponent = expression.base, expression.exp
    if _depends(foot, base):
        yield from (term.times(exponent * foot ** (exponent - 1)) for term in _terms(foot, base, at))
    if _depends(exponent, base):
        yield from (term.times(expression * sp.log(foot)) for term in _terms(exponent, base, at))


def _collapsed(term: _Term, limits: list[Any]) -> _Term:
    """The sum of a term over some indices: those that must agree with an index of the derivative take one value only."""
    factor, agreeing = term.factor, list(term.agreeing)
    left = list(limits)
    for index, first, last in limits:
        pair = next((each for each in agreeing if each[0] == index and _is_whole(first, last)), None)
        if pair is None:
            continue
        agreeing.remove(pair)
        change = {index: pair[1]}
        factor = factor.xreplace(change)
        agreeing = [(each.xreplace(change), to) for each, to in agreeing]
        left = [limit.xreplace(change) if limit[0] != index else limit for limit in left]
        left = [limit for limit in left if limit[0] != index]
    summed = {limit[0] for limit in left}
    # What must agree with an index that is still added up is a factor inside the sum.
    inside = [pair for pair in agreeing if pair[0].free_symbols & summed]
    outside = tuple(pair for pair in agreeing if pair not in inside)
    factor = factor * sp.Mul(*(sp.KroneckerDelta(*pair) for pair in inside))
    return _Term(sp.Sum(factor, *left) if left else factor, outside)


def _is_whole(first: Any, last: Any) -> bool:
    """Whether an index runs along a whole axis, as that of a derivative does."""
    size = last + 1
    return bool(first == 0 and isinstance(size, sp.Symbol) and size.is_integer)


def _of_product(expression: Any, base: Any, at: tuple[sp.Symbol, ...]) -> Iterator[_Term]:
    """The others stay as they are where one factor changes."""
    if len(expression.limits) != 1:
        raise ValueError(f"the derivative of {expression} is not known: write it as products of one index each")
    (index, first, last) = expression.limits[0]
    other = sp.Dummy(index.name, integer=True, nonnegative=True)
    rest = sp.Product(
        sp.Piecewise((1, sp.Eq(other, index)), (expression.function.xreplace({index: other}), True)),
        (other, first, last),
    )
    for term in _terms(expression.function, base, at):
        yield _collapsed(term.times(rest), [expression.limits[0]])


def _of_largest(expression: Any, base: Any, at: tuple[sp.Symbol, ...]) -> Iterator[_Term]:
    """The entries that are the largest share the slope equally."""
    is_largest = sp.Piecewise((1, sp.Eq(expression.function, expression)), (0, True))
    fresh = {index: sp.Dummy(index.name, integer=True, nonnegative=True) for index, *_ in expression.limits}
    count = sp.Sum(is_largest, *expression.limits).xreplace(fresh)
    for term in _terms(expression.function, base, at):
        yield _collapsed(term.times(is_largest / count), list(expression.limits))


def _of_maximum(expression: Any, base: Any, at: tuple[sp.Symbol, ...]) -> Iterator[_Term]:
    """Of a maximum with a number the slope at the kink is 0; two that change share it."""
    is_smallest = isinstance(expression, sp.Min)
    changing = [each for each in expression.args if _depends(each, base)]
    fixed = [each for each in expression.args if not _depends(each, base)]
    for each in changing:
        beyond = [sp.Lt(each, other) if is_smallest else sp.Gt(each, other) for other in fixed]
        level = [sp.Le(each, other) if is_smallest else sp.Ge(each, other) for other in changing if other != each]
        shared = sp.Add(1, *(sp.Piecewise((1, sp.Eq(each, other)), (0, True)) for other in changing if other != each))
        slope = sp.Piecewise((1 / shared, sp.And(*beyond, *level)), (0, True))
        yield from (term.times(slope) for term in _terms(each, base, at))
