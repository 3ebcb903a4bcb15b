"""The functions that a definition is made of, over the numbers of a format: each result is one of them again."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from refmath.balls.functions import CONSTANTS, ELEMENTARY, Namespace, last_place, nonzero, place
from refmath.balls.sums import terms

_COMPARED = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
#: What NumPy calls otherwise, or does not have.
_OTHERWISE: dict[str, Callable[[Any], Any]] = {
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "erf": lambda value: math.erf(float(value)),
    "erfc": lambda value: math.erfc(float(value)),
}


_NAMES: tuple[str, ...] = tuple(each.name for each in ELEMENTARY.values())
_CONSTANTS: dict[str, float] = {each.__name__: float(value()) for each, value in CONSTANTS.items()}


def _of_numpy(name: str) -> Callable[[Any], Any]:
    found: Callable[[Any], Any] = _OTHERWISE[name] if name in _OTHERWISE else getattr(np, name)
    return found


def rounded(number: type[Any]) -> Namespace:
    """The functions of `refmath.balls.functions`, over the numbers of a NumPy scalar type."""

    def of_one(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: number(function(number(value)))

    def constant(value: float) -> Callable[[], Any]:
        return lambda: number(value)

    def power(base: Any, exponent: int) -> Any:
        product = functools.reduce(operator.mul, [number(base)] * abs(exponent), number(1))
        return product if exponent >= 0 else number(1) / product

    def real_power(base: Any, exponent: Any, is_nonnegative: bool = False) -> Any:
        if isinstance(exponent, int):
            return power(base, exponent)
        if exponent == 0.5:
            return number(np.sqrt(number(base)))
        return number(np.power(number(base), number(exponent)))

    def piecewise(*branches: tuple[Callable[[], bool], Callable[[], Any]]) -> Any:
        return next(number(value()) for condition, value in branches if condition())

    def modulo(value: Any, divisor: Any) -> Any:
        whole = isinstance(value, int) and isinstance(divisor, int)
        return value % divisor if whole else number(np.mod(number(value), number(divisor)))

    return {
        "exp": of_one(np.exp),
        "log": of_one(np.log),
        "log_of_floored": lambda value, least: number(np.log(max(number(value), number(least)))),
        "floored": lambda value, least: max(number(value), number(least)),
        "floored_log": lambda value, least: max(number(np.log(number(value))), number(least)),
        # Python rounds a quotient of whole numbers once, however large they are.
        "rational": lambda numerator, denominator: number(numerator / denominator),
        "quotient": lambda numerator, denominator: number(numerator) / number(denominator),
        "power": power,
        "real_power": real_power,
        "xlogy": lambda x, y: number(0) if x == 0 else number(x) * number(np.log(number(y))),
        "xdivy": lambda x, y: number(0) if x == 0 else number(x) / number(y),
        "maximum": lambda *values: max(map(number, values)),
        "minimum": lambda *values: min(map(number, values)),
        "absolute": abs,
        "sign": of_one(np.sign),
        "floor": of_one(np.floor),
        "ceiling": of_one(np.ceil),
        "modulo": modulo,
        "kept_in_the_format": lambda value: value,
        "less": lambda value, largest: number(value - largest),
        "heaviside": lambda value, at_zero: number(np.heaviside(float(value), float(at_zero))),
        "compare": lambda symbol, left, right: _COMPARED[symbol](left, right),
        "any_of": lambda *conditions: any(conditions),
        "all_of": lambda *conditions: all(conditions),
        "none_of": operator.not_,
        "piecewise": piecewise,
        "nonzero": nonzero,
        "place": place,
        "last_place": last_place,
        "added": lambda *terms: functools.reduce(operator.add, terms),
        "total": lambda term, *places: sum(terms(term, *places), number(0)),
        "product": lambda term, *places: functools.reduce(operator.mul, terms(term, *places), number(1)),
        "largest": lambda term, *places: max(terms(term, *places)),
        **{name: of_one(_of_numpy(name)) for name in _NAMES},
        **{name: constant(value) for name, value in _CONSTANTS.items()},
    }
