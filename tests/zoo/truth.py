"""What is true: every formula and convention in mpmath at 60 digits, and how far off an honest evaluation may be.

Beside each exact value stands its *unit*: the amount by which the value moves, to first order, when every input and every intermediate
result moves by its own size. A rounding moves them by half an epsilon, so an honest evaluation is off by a small number of units times
epsilon; HONEST and VISIBLE, in `test_zoo`, say how small.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf

from . import truth_of_descents, truth_of_networks
from .measured import Measured
from .specimen import Array

DIGITS = 60
EPSILON = {"float64": mpf(2) ** -52, "float32": mpf(2) ** -23}
Row = list[mpf]


class Truth(NamedTuple):
    """Exact values and their units, as object arrays of the shape which the answer must have."""

    values: Array
    units: Array


def truth(formula: str, convention: str | None, arguments: tuple[Any, ...], dtype: str = "float64") -> Truth:
    """The exact value of a formula under a convention (None: the default) at the given floats."""
    with mp.workdps(DIGITS):
        if formula in {"numerical_gradient", "gradient_descent"}:
            values, units = getattr(truth_of_descents, formula)(*arguments)
            return _stacked(values, units, np.shape(arguments[1]))
        if formula == "sgd_step":
            return _measured(truth_of_networks.sgd_step(*arguments))
        if formula.startswith("two_layer_net"):
            return _of_network(formula, convention, arguments)
        first = np.asarray(arguments[0])
        if formula in {"sigmoid", "sigmoid_gradient"}:
            return _elementwise(_sigmoid if formula == "sigmoid" else _sigmoid_gradient, first)
        rows = _rows(first)
        if formula == "softmax":
            return _softmax_over_rows(rows, first.shape, convention)
        if formula == "softmax_gradient":
            pairs = [_jacobian(row) for row in rows]
            return _stacked([v for v, _ in pairs], [u for _, u in pairs], first.shape + first.shape[-1:])
        targets = _targets(first, np.asarray(arguments[1]))
        name = formula.removesuffix("_gradient")
        per_sample: Callable[[Row, Row, bool], tuple[Any, Any]]
        if name == "mean_squared_error":
            per_sample = _squares
        elif name.startswith("softmax"):
            delta = {None: mpf(0), "seed": mpf("1e-8"), "book": mpf("1e-7")}[convention]
            per_sample = partial(_softmax_cross_entropy, delta)
        else:
            per_sample = partial(_cross_entropy, convention, EPSILON[dtype])
        gradient = formula.endswith("_gradient")
        answers = [per_sample(row, target, gradient) for row, target in zip(rows, targets, strict=True)]
        factor = _factor(name, convention, len(rows), len(rows[0]))
        if gradient:
            return _stacked(
                [[factor * v for v in values] for values, _ in answers],
                [[abs(factor) * u for u in units] for _, units in answers],
                first.shape,
            )
        return _stacked(factor * mp.fsum(v for v, _ in answers), factor * mp.fsum(u for _, u in answers), ())


def _of_network(formula: str, convention: str | None, arguments: tuple[Any, ...]) -> Truth:
    if formula == "two_layer_net_predict":
        return _measured(truth_of_networks.predict(*arguments))
    of_targets = truth_of_networks.loss if formula == "two_layer_net_loss" else truth_of_networks.gradient
    return _measured(of_targets(convention, *arguments))


def _measured(numbers: Any) -> Truth:
    """The truth in measured numbers; gradients and parameters are in one row."""
    a = np.array(numbers, object)
    both: list[Measured] = a.ravel().tolist()
    return _stacked([one.value for one in both], [one.unit for one in both], a.shape)


def _rows(a: Array) -> list[Row]:
    return [[mpf(v) for v in row] for row in np.atleast_2d(a).tolist()]


def _targets(first: Array, second: Array) -> list[Row]:
    """The targets as rows, from either encoding."""
    if second.ndim == first.ndim:
        return _rows(second)
    return [[mpf(k == label) for k in range(first.shape[-1])] for label in np.atleast_1d(second).tolist()]


def _stacked(values: Any, units: Any, shape: tuple[int, ...]) -> Truth:
    return Truth(np.array(values, dtype=object).reshape(shape), np.array(units, dtype=object).reshape(shape))


def _factor(name: str, convention: str | None, count: int, classes: int) -> mpf:
    """What the sum over the samples is multiplied by."""
    if name != "mean_squared_error" or convention is None:
        return mpf(1) / count
    return mpf(1) if convention in {"seed", "book"} else mpf(2) / (count * classes)


def _elementwise(of: Callable[[mpf], tuple[mpf, mpf]], x: Array) -> Truth:
    pairs = [of(mpf(v)) for v in x.ravel().tolist()]
    return _stacked([v for v, _ in pairs], [u for _, u in pairs], x.shape)


def _sigmoid(x: mpf) -> tuple[mpf, mpf]:
    value = 1 / (1 + mp.exp(-x))
    return value, value * (1 + abs(x) / (1 + mp.exp(x)))


def _sigmoid_gradient(x: mpf) -> tuple[mpf, mpf]:
    """The unit is that of y (1 - y), which is honest and loses relative accuracy where y is near 1."""
    value, unit = _sigmoid(x)
    return value / (1 + mp.exp(x)), unit


def _softmax_row(row: Row) -> tuple[Row, Row]:
    """The softmax of one row and, for each entry, its relative unit."""
    top = max(row)
    raised = [mp.exp(v - top) for v in row]
    total = mp.fsum(raised)
    values = [v / total for v in raised]
    common = len(row) + abs(top) + mp.fsum(p * abs(v) for p, v in zip(values, row, strict=True))
    return values, [common + abs(v) for v in row]


def _softmax_over_rows(rows: list[Row], shape: tuple[int, ...], convention: str | None) -> Truth:
    if convention == "scipy":
        rows = [[v for row in rows for v in row]]
    pairs = [_softmax_row(row) for row in rows]
    return _stacked([v for v, _ in pairs], [[p * u for p, u in zip(v, r, strict=True)] for v, r in pairs], shape)


def _jacobian(row: Row) -> tuple[list[Row], list[Row]]:
    values, relative = _softmax_row(row)
    classes = range(len(row))
    jacobian = [[values[i] * ((i == j) - values[j]) for j in classes] for i in classes]
    units = [[values[i] * ((i == j) + values[j]) * (relative[i] + relative[j]) for j in classes] for i in classes]
    return jacobian, units


def _squares(y: Row, t: Row, gradient: bool) -> tuple[Any, Any]:
    pairs = list(zip(y, t, strict=True))
    if gradient:
        return [u - v for u, v in pairs], [abs(u) + abs(v) for u, v in pairs]
    value = mp.fsum((u - v) ** 2 for u, v in pairs) / 2
    return value, value + mp.fsum(abs(u - v) * (abs(u) + abs(v)) for u, v in pairs)


def _cross_entropy(convention: str | None, epsilon: mpf, y: Row, t: Row, gradient: bool) -> tuple[Any, Any]:
    """- sum of t ln g(y), where g is the guard of the convention, and g'(y) / g(y) is needed for the gradient."""
    total = mp.fsum(y) if convention == "keras" else mpf(1)
    low, high, offset = {
        None: (mpf("1e-8"), mp.inf, mpf(0)),
        "seed": (-mp.inf, mp.inf, mpf("1e-8")),
        "book": (-mp.inf, mp.inf, mpf("1e-7")),
        "keras": (mpf("1e-7"), 1 - mpf("1e-7"), mpf(0)),
        "sklearn": (epsilon, 1 - epsilon, mpf(0)),
        "pytorch": (-mp.inf, mp.inf, mpf(0)),
    }[convention]
    shares = [v / total + offset for v in y]
    if gradient:
        slopes = [w / v if w and v and low <= v <= high else mpf(0) for v, w in zip(shares, t, strict=True)]
        if convention == "pytorch":
            slopes = [mp.inf if w and not v else s for v, w, s in zip(y, t, slopes, strict=True)]
        inside = mp.fsum(s * v for s, v in zip(slopes, shares, strict=True)) if convention == "keras" else mpf(0)
        return [(inside - s) / total for s in slopes], [(inside + s) / total for s in slopes]
    guarded = [min(max(v, low), high) for v in shares]
    terms = [(w, mp.log(v) if v else -mp.inf) for v, w in zip(guarded, t, strict=True) if w]
    return -mp.fsum(w * v for w, v in terms), mp.fsum(w * (1 + abs(v)) for w, v in terms)


def _softmax_cross_entropy(delta: mpf, a: Row, t: Row, gradient: bool) -> tuple[Any, Any]:
    p, relative = _softmax_row(a)
    if gradient:
        shares = [w * q / (q + delta) for q, w in zip(p, t, strict=True)]
        total = mp.fsum(shares)
        values = [q * total - s for q, s in zip(p, shares, strict=True)]
        return values, [(q * total + s) * r for q, s, r in zip(p, shares, relative, strict=True)]
    top = max(a)
    log_total = top + mp.log(mp.fsum(mp.exp(v - top) for v in a))
    logs = [mp.log(q + delta) if delta else v - log_total for q, v in zip(p, a, strict=True)]
    value = -mp.fsum(w * v for w, v in zip(t, logs, strict=True))
    return value, abs(value) + mp.fsum(w * r for w, r in zip(t, relative, strict=True))
