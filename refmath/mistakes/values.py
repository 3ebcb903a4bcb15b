"""A definition in floats, a whole array at a time: quick, and shared by the many definitions that differ in one place.

Every index has an axis of its own, so that an expression is an array over the indices in it. Values are kept by expression: of a definition that
differs from another in one place, only what holds that place is computed anew. Rounding is not controlled here; what decides is evaluated in balls. The widest floats of the platform
are taken: definitions are evaluated as they are written, and exponentials leave the range of float64 soon.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

WIDE = np.longdouble
#: The axis of a constant that is tried with many values at once, counted from the last.
_GRID = 24


class NotEvaluated(Exception):
    """An expression that cannot be evaluated here."""


class Values:
    """The values of expressions on one input.

    Args:
        arrays: The arguments by the name of their symbol, as whole batches.
        sizes: The sizes of the axes by name.
        numbers: The parameters by name. One of them may be a row of numbers: values then have a first axis for these.
    """

    def __init__(self, arrays: Mapping[str, Any], sizes: Mapping[str, int], numbers: Mapping[str, Any]) -> None:
        self.arrays = {name: array.astype(WIDE) if array.dtype.kind == "f" else array for name, array in arrays.items()}
        self.sizes = dict(sizes)
        self._numbers = {name: _on_the_grid(value) for name, value in numbers.items()}
        self._axes: dict[sp.Symbol, tuple[int, range]] = {}
        self._known: dict[Any, Any] = {}

    def of(self, expression: sp.Expr, output: Sequence[tuple[sp.Symbol, str]] = ()) -> Any:
        """An expression at all values of its free indices.

        Raises:
            NotEvaluated: If it holds something unknown.
        """
        with np.errstate(all="ignore"):
            for index, axis in output:
                self._bind(index, range(self.sizes[axis]))
            try:
                found = np.asarray(self._value(expression))
            except (KeyError, IndexError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
                raise NotEvaluated(str(error)) from None
        places = [self._axes[index][0] for index, _ in output]
        ranks = max([found.ndim, *places])
        found = found.reshape((1,) * (ranks - found.ndim) + found.shape)
        first = [ranks - _GRID] if ranks >= _GRID else []
        order = [*first, *(ranks - place for place in places)]
        rest = [axis for axis in range(ranks) if axis not in order]
        if any(found.shape[axis] != 1 for axis in rest):
            raise NotEvaluated("an index is free that is none of the output's")
        shape = [len(self._axes[index][1]) for index, _ in output]
        moved = found.transpose(order + rest).reshape([found.shape[axis] for axis in order])
        return np.broadcast_to(moved, [*moved.shape[: len(first)], *shape])

    def _bind(self, index: sp.Symbol, places: range) -> None:
        known = self._axes.setdefault(index, (len(self._axes) + 1, places))
        if known[1] != places or known[0] >= _GRID:
            raise NotEvaluated(f"the index {index} runs over two ranges, or there are too many")

    def _value(self, expression: Any) -> Any:
        if expression not in self._known:
            self._known[expression] = _rule(expression.__class__)(self, expression)
        return self._known[expression]

    def _arguments(self, expression: Any) -> list[Any]:
        return [self._value(each) for each in expression.args]

    def symbol(self, symbol: sp.Symbol) -> Any:
        """The value of an index, a size or a parameter."""
        if symbol in self._axes:
            place, places = self._axes[symbol]
            return np.arange(places.start, places.stop).reshape((-1,) + (1,) * (place - 1))
        return self.sizes[symbol.name] if symbol.name in self.sizes else self._numbers[symbol.name]

    def indexed(self, expression: sp.Indexed) -> Any:
        """An argument at its indices, of which negative ones count from the end; nan at places that it does not have, as in a branch that is not taken."""
        array = self.arrays[str(expression.base.label)]
        found = [np.asarray(self._value(each)) for each in expression.indices]
        places = [place if place.dtype.kind in "iu" else place.astype(np.int64) for place in found]
        beyond = [(place < -size) | (place >= size) for place, size in zip(places, array.shape, strict=True)]
        if not any(np.any(each) for each in beyond):
            return array[tuple(places)]
        inside = tuple(np.where(out, 0, place) for out, place in zip(beyond, places, strict=True))
        return np.where(functools.reduce(np.logical_or, beyond), np.nan, array[inside])

    def over(self, reduced: Callable[..., Any], repeated: Callable[[Any, int], Any], expression: Any) -> Any:
        """An expression reduced over its limits, the first of which is the innermost."""
        for index, first, last in expression.limits:
            start, stop = self._value(first), self._value(last)
            if not isinstance(start, int) or not isinstance(stop, int):
                raise NotEvaluated("a limit is no number")
            self._bind(index, range(start, stop + 1))
        value = np.asarray(self._value(expression.function))
        for index, *_ in expression.limits:
            place, places = self._axes[index]
            if value.ndim >= place and value.shape[-place] == len(places):
                value = reduced(value, axis=-place, keepdims=True)
            else:
                value = repeated(value, len(places))
        return value

    def pieces(self, expression: sp.Piecewise) -> Any:
        """The first branch whose condition holds."""
        value: Any = np.nan
        for branch, condition in reversed(expression.args):
            holds = self._value(condition)
            value = self._value(branch) if holds is True else np.where(holds, self._value(branch), value)
        return value


def _on_the_grid(value: Any) -> Any:
    return WIDE(value) if np.ndim(value) == 0 else np.asarray(value, WIDE).reshape((-1,) + (1,) * (_GRID - 1))


def _float(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(WIDE) if value.dtype.kind in "iub" else value
    return value if isinstance(value, np.floating) else WIDE(value)


def _power(values: Values, expression: sp.Pow) -> Any:
    base, exponent = values._arguments(expression)
    if isinstance(exponent, int) and exponent == 2:
        return base * base
    base = _float(base)
    if isinstance(exponent, int):
        return 1 / base if exponent == -1 else base**exponent
    return np.power(base, _float(exponent))


def _each(function: Callable[..., Any]) -> Callable[[Values, Any], Any]:
    return lambda values, expression: function(*map(_float, values._arguments(expression)))


def _folded(function: Callable[[Any, Any], Any]) -> Callable[[Values, Any], Any]:
    return lambda values, expression: functools.reduce(function, values._arguments(expression))


def _xlogy(x: Any, y: Any) -> Any:
    return np.where(np.equal(x, 0), 0.0, x * np.log(y))


def _xdivy(x: Any, y: Any) -> Any:
    return np.where(np.equal(x, 0), 0.0, x / y)


def _exact(number: Any) -> Any:
    return lambda _values, _expression: number


_RULES: dict[str, Callable[[Values, Any], Any]] = {
    "Symbol": Values.symbol,
    "Dummy": Values.symbol,
    "Integer": lambda _, number: int(number),
    "Rational": lambda _, number: WIDE(int(number.p)) / WIDE(int(number.q)),
    "Float": lambda _, number: float(number),
    "NumberSymbol": lambda _, number: float(number),
    "Infinity": _exact(math.inf),
    "NegativeInfinity": _exact(-math.inf),
    "BooleanTrue": _exact(True),
    "BooleanFalse": _exact(False),
    "Indexed": Values.indexed,
    "Sum": lambda values, expression: values.over(np.sum, operator.mul, expression),
    "Product": lambda values, expression: values.over(np.prod, operator.pow, expression),
    "Largest": lambda values, expression: values.over(np.max, lambda value, _: value, expression),
    "Smallest": lambda values, expression: values.over(np.min, lambda value, _: value, expression),
    "Piecewise": Values.pieces,
    "Pow": _power,
    "Add": _folded(operator.add),
    "Mul": _folded(operator.mul),
    "Max": _folded(np.maximum),
    "Min": _folded(np.minimum),
    "And": _folded(np.logical_and),
    "Or": _folded(np.logical_or),
    "Not": _each(np.logical_not),
    "UnevaluatedExpr": _each(lambda value: value),
    "exp": _each(np.exp),
    "log": _each(np.log),
    "tanh": _each(np.tanh),
    "sinh": _each(np.sinh),
    "cosh": _each(np.cosh),
    "sin": _each(np.sin),
    "cos": _each(np.cos),
    "tan": _each(np.tan),
    "asin": _each(np.arcsin),
    "acos": _each(np.arccos),
    "atan": _each(np.arctan),
    "asinh": _each(np.arcsinh),
    "Abs": _each(np.abs),
    "sign": _each(np.sign),
    "floor": _each(np.floor),
    "ceiling": _each(np.ceil),
    "erf": _each(np.vectorize(lambda x: math.erf(float(x)), otypes=[np.float64])),
    "erfc": _each(np.vectorize(lambda x: math.erfc(float(x)), otypes=[np.float64])),
    "Heaviside": _each(np.heaviside),
    "KroneckerDelta": _each(lambda left, right: np.equal(left, right) * WIDE(1)),
    "Mod": lambda values, expression: operator.mod(*values._arguments(expression)),
    "Equality": _each(np.equal),
    "Unequality": _each(np.not_equal),
    "StrictLessThan": _each(np.less),
    "LessThan": _each(np.less_equal),
    "StrictGreaterThan": _each(np.greater),
    "GreaterThan": _each(np.greater_equal),
    "xlogy": _each(_xlogy),
    "xdivy": _each(_xdivy),
}


@functools.cache
def _rule(kind: type) -> Callable[[Values, Any], Any]:
    """How an expression of some kind is evaluated: as the nearest of its bases that is known."""
    for base in kind.__mro__:
        if base.__name__ in _RULES:
            return _RULES[base.__name__]
    raise NotEvaluated(f"{kind.__name__} cannot be evaluated in floats")
