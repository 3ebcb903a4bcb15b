"""The network, the step of its parameters, gradients of functions and descents, typed in by hand for mpmath.

The gradient of the network is carried forwards, one parameter at a time, where the page carries it back; the slopes of the
functions are written down, not derived. An answer that is a mapping comes flat, its entries one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from mpmath import mp, mpf

from refmath.calculus.functions import (
    BELL,
    CUBES,
    EXPONENTIALS,
    FRACTION,
    LOG_SUM_EXP,
    PRODUCT,
    SQUARED_SUM,
    SQUARES,
    Family,
    Function,
)

Row = list[Any]
Rows = list[Row]

NAMES = {
    "numerical_gradient",
    "gradient_descent",
    "sgd_step",
    "two_layer_net_predict",
    "two_layer_net_loss",
    "two_layer_net_gradient",
}
KEYS = ("W1", "b1", "W2", "b2")


def value(
    name: str,
    *arguments: Any,
    convention: str | None = None,
    activation: str = "sigmoid",
    output: str = "softmax",
) -> Any:
    """The value of one of these formulas as an object array of mpmath numbers, at the precision in force."""
    match name:
        case "numerical_gradient":
            f, x = arguments
            return _array(slopes(f, _numbers(x)), np.shape(x))
        case "gradient_descent":
            f, x, lr, steps = arguments
            return _array(_descended(f, _numbers(x), mpf(lr), steps), np.shape(x))
        case "sgd_step":
            params, grads, lr = arguments
            pairs = [zip(_numbers(params[key]), _numbers(grads[key]), strict=True) for key in params]
            return _array([w - mpf(lr) * g for pair in pairs for w, g in pair])
    params, x, *t = arguments
    delta = {None: mpf(0), "seed": mpf(10) ** -8, "book": mpf(10) ** -7}[convention]
    net = {key: np.array(_numbers(params[key]), object).reshape(np.shape(params[key])) for key in KEYS}
    samples = [_numbers(row) for row in x]
    if not t:
        answers = [_OUTPUTS[output](_logits(net, row, activation)) for row in samples]
        return _array(answers, (len(samples), len(net["b2"])))
    targets = _targets(np.asarray(t[0]), len(net["b2"]))
    if name == "two_layer_net_loss":
        given = zip(samples, targets, strict=True)
        losses = [_loss(_logits(net, row, activation), target, delta, output) for row, target in given]
        return _array(mp.fsum(losses) / len(samples), ())
    entries = [(key, index) for key in KEYS for index in np.ndindex(net[key].shape)]
    passed = [_passed_on(net, row, activation) for row in samples]
    sides = [
        [
            _slope_of_loss(net, key, index, row, target, delta, output)
            for row, target in zip(passed, targets, strict=True)
        ]
        for key, index in entries
    ]
    return _array([mp.fsum(of_samples) / len(samples) for of_samples in sides])


# ---- the network


def _sigmoid(a: Any) -> Any:
    return 1 / (1 + mp.exp(-a))


def _before(net: Mapping[str, Any], x: Row) -> Row:
    """What comes into the hidden units."""
    return [
        mp.fsum(x_d * w for x_d, w in zip(x, net["W1"][:, h], strict=True)) + net["b1"][h]
        for h in range(len(net["b1"]))
    ]


#: What hidden units make of what comes in, and the derivative of it.
_ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sigmoid": (_sigmoid, lambda a: _sigmoid(a) * _sigmoid(-a)),
    "relu": (lambda a: a if a > 0 else mpf(0), lambda a: mpf(1 if a > 0 else 0)),
    "tanh": (lambda a: mp.sinh(a) / mp.cosh(a), lambda a: 1 / mp.cosh(a) ** 2),
}


def _logits(net: Mapping[str, Any], x: Row, activation: str) -> Row:
    z = [_ACTIVATIONS[activation][0](a) for a in _before(net, x)]
    return [
        mp.fsum(z_h * w for z_h, w in zip(z, net["W2"][:, k], strict=True)) + net["b2"][k]
        for k in range(len(net["b2"]))
    ]


def _softmax(a: Row) -> Row:
    return [1 / mp.fsum(mp.exp(other - own) for other in a) for own in a]


_OUTPUTS: dict[str, Callable[[Row], Row]] = {
    "softmax": _softmax,
    "sigmoid": lambda a: list(map(_sigmoid, a)),
    "linear": lambda a: a,
}


def _loss(a: Row, t: Row, delta: Any, output: str) -> Any:
    pairs = list(zip(a, t, strict=True))
    if output == "linear":
        return mp.fsum((a_k - t_k) ** 2 for a_k, t_k in pairs) / 2
    if output == "sigmoid":
        return mp.fsum(t_k * mp.log1p(mp.exp(-a_k)) + (1 - t_k) * mp.log1p(mp.exp(a_k)) for a_k, t_k in pairs) / len(a)

    def log_softmax(own: int) -> Any:
        # Of a certain class ln p is tiny, but not zero.
        odds = mp.fsum(mp.exp(other - a[own]) for k, other in enumerate(a) if k != own)
        return mp.log(1 / (1 + odds) + delta) if delta else -mp.log1p(odds)

    return -mp.fsum(t_k * log_softmax(k) for k, t_k in enumerate(t) if t_k)


def _passed_on(net: Mapping[str, Any], x: Row, activation: str) -> tuple[Row, Row, Row, Row]:
    """A sample, its hidden units, their derivatives, and the logits."""
    before, (value, slope) = _before(net, x), _ACTIVATIONS[activation]
    return x, list(map(value, before)), list(map(slope, before)), _logits(net, x, activation)


def _slope_of_loss(
    net: Mapping[str, Any],
    key: str,
    index: tuple[int, ...],
    passed: tuple[Row, Row, Row, Row],
    t: Row,
    delta: Any,
    output: str,
) -> Any:
    """The derivative of the loss of one sample by one parameter, carried forwards through the network."""
    x, hidden, steep, a = passed
    p = _softmax(a)
    if key in ("W1", "b1"):
        h = index[-1]
        moved = steep[h] * (x[index[0]] if key == "W1" else 1)
        of_logits = [moved * net["W2"][h, k] for k in range(len(p))]
    else:
        of_logits = [mpf(int(k == index[-1])) * (hidden[index[0]] if key == "W2" else 1) for k in range(len(p))]
    if output == "linear":
        return mp.fsum(d * (a_k - t_k) for d, a_k, t_k in zip(of_logits, a, t, strict=True))
    if output == "sigmoid":
        slopes = [(1 - t_k) * _sigmoid(a_k) - t_k * _sigmoid(-a_k) for a_k, t_k in zip(a, t, strict=True)]
        return mp.fsum(d * slope for d, slope in zip(of_logits, slopes, strict=True)) / len(a)
    # Logit k against the mean of all: near certainty a difference with the mean itself would cancel.
    slopes_of_p = [
        p_k * mp.fsum(p_j * (d_k - d_j) for p_j, d_j in zip(p, of_logits, strict=True))
        for p_k, d_k in zip(p, of_logits, strict=True)
    ]
    return -mp.fsum(t_k * d / (p_k + delta) for t_k, d, p_k in zip(t, slopes_of_p, p, strict=True) if t_k)


def _targets(t: Any, K: int) -> Rows:
    if t.ndim == 1:
        return [[mpf(int(k == label)) for k in range(K)] for label in t]
    return [_numbers(row) for row in t]


# ---- functions with their slopes and curvatures written down: c and x in, a number, a row and a matrix out

Slopes = Callable[[Row, Row], Row]


def dot(u: Row, v: Row) -> Any:
    return mp.fsum(a * b for a, b in zip(u, v, strict=True))


def _each(entry: Callable[[Any, Any], Any]) -> Slopes:
    return lambda c, x: [entry(c_i, x_i) for c_i, x_i in zip(c, x, strict=True)]


def _bell(c: Row, x: Row) -> Any:
    return mp.exp(-dot([c_i**2 for c_i in c], [x_i**2 for x_i in x]) / 8)


def _shares(c: Row, x: Row) -> Row:
    total = mp.fsum(_each(lambda c, x: mp.exp(c * x))(c, x))
    return [mp.exp(c_i * x_i) / total for c_i, x_i in zip(c, x, strict=True)]


VALUES: dict[Family, Callable[[Row, Row], Any]] = {
    SQUARES: lambda c, x: mp.fsum(_each(lambda c, x: c * x**2)(c, x)),
    CUBES: lambda c, x: mp.fsum(_each(lambda c, x: c * x**3)(c, x)),
    SQUARED_SUM: lambda c, x: dot(c, x) ** 2,
    PRODUCT: lambda c, x: dot(x, x) * dot(c, x),
    EXPONENTIALS: lambda c, x: mp.fsum(_each(lambda c, x: mp.exp(c * x))(c, x)),
    BELL: _bell,
    LOG_SUM_EXP: lambda c, x: mp.log(mp.fsum(_each(lambda c, x: mp.exp(c * x))(c, x))),
    FRACTION: lambda c, x: dot(c, x) / (1 + dot(x, x)),
}
SLOPES: dict[Family, Slopes] = {
    SQUARES: _each(lambda c, x: 2 * c * x),
    CUBES: _each(lambda c, x: 3 * c * x**2),
    SQUARED_SUM: lambda c, x: [2 * dot(c, x) * c_i for c_i in c],
    PRODUCT: lambda c, x: [2 * x_i * dot(c, x) + dot(x, x) * c_i for c_i, x_i in zip(c, x, strict=True)],
    EXPONENTIALS: _each(lambda c, x: c * mp.exp(c * x)),
    BELL: lambda c, x: [-_bell(c, x) * c_i**2 * x_i / 4 for c_i, x_i in zip(c, x, strict=True)],
    LOG_SUM_EXP: lambda c, x: [c_i * share for c_i, share in zip(c, _shares(c, x), strict=True)],
    FRACTION: lambda c, x: [
        (c_i - 2 * x_i * dot(c, x) / (1 + dot(x, x))) / (1 + dot(x, x)) for c_i, x_i in zip(c, x, strict=True)
    ],
}


def at(f: Function, x: Row) -> Any:
    """The value of a function at a point."""
    return mp.fsum(mpf(factor) * VALUES[family](_numbers(c), x) for factor, family, c in f.terms)


def slopes(f: Function, x: Row) -> Row:
    """All partial derivatives of a function at a point."""
    of_terms = [[mpf(factor) * slope for slope in SLOPES[family](_numbers(c), x)] for factor, family, c in f.terms]
    return [mp.fsum(each) for each in zip(*of_terms, strict=True)]


def _descended(f: Function, x: Row, lr: Any, steps: int) -> Row:
    for _ in range(steps):
        x = [x_i - lr * slope for x_i, slope in zip(x, slopes(f, x), strict=True)]
    return x


def _numbers(values: Any) -> Row:
    """The entries of an array in a row, exactly."""
    return [mpf(int(v)) if isinstance(v, int | np.integer) else mpf(float(v)) for v in np.ravel(np.asarray(values))]


def _array(nested: Any, shape: tuple[int, ...] = (-1,)) -> Any:
    return np.array(nested, object).reshape(shape)
