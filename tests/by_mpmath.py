"""The formulas of the catalogue once more in many digits: the first ones typed in by hand for mpmath, in forms that do not cancel.

Those of networks, functions and descents stand in `learning_by_mpmath`; the others are taken from the page by SymPy's own printer, in `by_sympy`.

Inputs are taken exactly as the floats they are. A batch is a list of rows; 120 digits are carried, so that at least 60 of the
result are right wherever logits lie within ±1e4 and probabilities are floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import by_sympy
import learning_by_mpmath
import numpy as np
from mpmath import mp, mpf

from refmath.catalogue import formula

WORKING_DIGITS = 120

#: Those of one number whose definitions cancel, in forms that do not.
OF_ONE_NUMBER: dict[str, Callable[[Any], Any]] = {
    "tanh_gradient": lambda x: 1 / mp.cosh(x) ** 2,
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "gelu_gradient": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2 + x * mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
}
#: Slopes of an activation in terms of its value.
OF_THE_VALUE: dict[str, Callable[[Any], Any]] = {
    "sigmoid_gradient": lambda y: y * (1 - y),
    "tanh_gradient": lambda y: (1 - y) * (1 + y),
}
#: The other formulas that stand here.
TYPED_BY_HAND = {
    f"{name}{of}"
    for of in ("", "_gradient")
    for name in (
        "sigmoid",
        "softmax",
        "logsumexp",
        "mean_squared_error",
        *(f"cross_entropy_{one}" for one in ("one_hot", "labels", "error")),
        *(f"softmax_cross_entropy_{one}" for one in ("one_hot", "labels")),
    )
} | {
    "log_softmax",
    "softmax_vjp",
    "log_softmax_vjp",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_gradient",
}

Row = list[Any]
Rows = list[Row]


def value(
    name: str, *inputs: Any, convention: str | None = None, digits: int = WORKING_DIGITS, **parameters: Any
) -> Any:
    """The value of a formula as an object array of mpmath numbers, of the shape of the formula's output; flat, if that is a mapping."""
    with mp.workdps(digits):
        if name in learning_by_mpmath.NAMES:
            return learning_by_mpmath.value(name, *inputs, convention=convention)
        known = OF_THE_VALUE if convention == "of_the_value" else OF_ONE_NUMBER
        if name in known and convention in (None, "of_the_value"):
            first = np.asarray(inputs[0])
            return _array([known[name](_number(x)) for x in first.ravel()], first.shape)
        if name not in TYPED_BY_HAND:
            return by_sympy.value(formula(name), *inputs, convention=convention, digits=digits, **parameters)
        first = np.asarray(inputs[0])
        if name.startswith("sigmoid"):
            entries = [_sigmoid(_number(x), name.endswith("gradient")) for x in first.ravel()]
            return _array(entries, first.shape)
        if name.startswith("binary_cross_entropy_with_logits"):
            pairs = list(zip(map(_number, first.ravel()), map(_number, np.ravel(inputs[1])), strict=True))
            w = mpf(parameters.get("pos_weight", 1.0))
            if name.endswith("gradient"):
                return _array([_logit_slope(x, u, w) / first.size for x, u in pairs], first.shape)
            losses = [w * u * mp.log1p(mp.exp(-x)) + (1 - u) * mp.log1p(mp.exp(x)) for x, u in pairs]
            return _array(mp.fsum(losses) / first.size, ())
        rows = _rows(first)
        if name in ("softmax", "logsumexp_gradient", "log_softmax"):
            joined = [[a for row in rows for a in row]] if convention == "scipy" else rows
            of_row = _log_softmax if name == "log_softmax" else _softmax
            return _array([of_row(row) for row in joined], first.shape)
        if name == "logsumexp":
            return _array([_logsumexp(row) for row in rows], first.shape[:-1])
        if name.endswith("softmax_vjp"):
            backwards = _softmax_backwards if name == "softmax_vjp" else _log_softmax_backwards
            return _array(list(map(backwards, rows, _rows(np.asarray(inputs[1])))), first.shape)
        if name == "softmax_gradient":
            return _array([_softmax_jacobian(row) for row in rows], (*first.shape, first.shape[-1]))
        targets = _targets(first, np.asarray(inputs[1]))
        per_sample, factor = _loss(name, len(rows), len(rows[0]), convention, parameters, first.dtype.name)
        samples = [per_sample(row, target) for row, target in zip(rows, targets, strict=True)]
        if name.endswith("gradient"):
            return _array([[factor * entry for entry in sample] for sample in samples], first.shape)
        return _array(factor * mp.fsum(samples), ())


def _loss(
    name: str, N: int, K: int, convention: str | None, parameters: dict[str, Any], dtype: str
) -> tuple[Callable[..., Any], Any]:
    """The loss or gradient of one sample, and the factor before the sum over the samples."""
    gradient = name.endswith("gradient")
    if name.startswith("mean_squared_error"):
        factor = {None: mpf(1) / N, "seed": mpf(1), "book": mpf(1)}.get(convention, mpf(2) / (N * K))
        return (_difference if gradient else _half_squared_distance), factor
    if name.startswith("softmax_cross_entropy"):
        delta = {None: mpf(0), "seed": mpf(10) ** -8, "book": mpf(10) ** -7}[convention]
        of_logits = _logit_gradient if gradient else _logit_loss
        return lambda a, t: of_logits(a, t, delta), mpf(1) / N
    guard, delta = parameters.get("guard", "floor"), mpf(parameters.get("delta", 1e-8))
    if convention in ("seed", "book"):
        guard, delta = "offset", mpf({"seed": 1e-8, "book": 1e-7}[convention])
    if convention == "pytorch":
        guard = "none"
    low, high, offset = {"floor": (delta, mp.inf, 0), "offset": (mpf(0), mp.inf, delta), "none": (mpf(0), mp.inf, 0)}[
        guard
    ]
    if convention in ("keras", "sklearn"):
        low = {"keras": mpf(10) ** -7, "sklearn": mpf(2) ** {"float32": -23, "float16": -10}.get(dtype, -52)}[
            convention
        ]
        high, offset = 1 - low, 0
    shares = convention == "keras"
    of_probabilities = _probability_gradient if gradient else _probability_loss
    return lambda y, t: of_probabilities(y, t, low, high, offset, shares), mpf(1) / N


# ---- one entry, one sample


def _sigmoid(x: Any, gradient: bool) -> Any:
    below = mp.exp(-abs(x))
    if gradient:
        return below / (1 + below) ** 2
    return (1 if x >= 0 else below) / (1 + below)


def _softmax(a: Row) -> Row:
    # A masked class has no probability.
    return [mpf(0) if own == -mp.inf else 1 / mp.fsum(mp.exp(other - own) for other in a) for own in a]


def _logit_slope(x: Any, u: Any, w: Any) -> Any:
    """(1 − u) σ(x) − w u σ(−x), in a form that does not cancel: near 0 by the hyperbolic tangent."""
    if abs(x) >= 1:
        return (1 - u) * _sigmoid(x, False) - w * u * _sigmoid(-x, False)
    return (1 - u - w * u + mp.tanh(x / 2) * (1 - u + w * u)) / 2


def _log_softmax(a: Row) -> Row:
    return [
        own if own == -mp.inf else -mp.log1p(mp.fsum(mp.exp(other - own) for j, other in enumerate(a) if j != k))
        for k, own in enumerate(a)
    ]


def _logsumexp(a: Row) -> Any:
    return max(a) + mp.log(mp.fsum(mp.exp(each - max(a)) for each in a))


def _softmax_backwards(a: Row, u: Row) -> Row:
    p = _softmax(a)
    return [p_j * _sum(p_k * (u_j - u_k) for p_k, u_k in zip(p, u, strict=True)) for p_j, u_j in zip(p, u, strict=True)]


def _log_softmax_backwards(a: Row, u: Row) -> Row:
    p = _softmax(a)
    # u − p Σ u, written so that nothing cancels near certainty.
    return [_sum([u[j] * _others(p, j), -p[j] * _sum([*u[:j], *u[j + 1 :], mpf(0)])]) for j in range(len(a))]


def _softmax_jacobian(a: Row) -> Rows:
    p = _softmax(a)
    return [[p_i * _others(p, i) if i == j else -p_i * p_j for j, p_j in enumerate(p)] for i, p_i in enumerate(p)]


def _half_squared_distance(y: Row, t: Row) -> Any:
    return mp.fsum((u - v) ** 2 for u, v in zip(y, t, strict=True)) / 2


def _difference(y: Row, t: Row) -> Row:
    return [u - v for u, v in zip(y, t, strict=True)]


def _probability_loss(y: Row, t: Row, low: Any, high: Any, offset: Any, shares: bool) -> Any:
    total = mp.fsum(y) if shares else mpf(1)
    guarded = [min(max(v / total, low), high) + offset for v in y]
    return -mp.fsum(w * mp.log(v) for v, w in zip(guarded, t, strict=True) if w)


def _probability_gradient(y: Row, t: Row, low: Any, high: Any, offset: Any, shares: bool) -> Row:
    total = mp.fsum(y) if shares else mpf(1)
    q = [v / total for v in y]
    slopes = [_quotient(-w, v + offset) if low <= v <= high else mpf(0) for v, w in zip(q, t, strict=True)]
    if not shares:
        return slopes
    # The chain rule: share k grows with y_k by (1 - q_k) / total, and falls with the others by q_k / total.
    return [
        mp.fsum(s * (_others(q, k) if k == j else -q[k]) / total for k, s in enumerate(slopes)) for j in range(len(y))
    ]


def _logit_loss(a: Row, t: Row, delta: Any) -> Any:
    def log_softmax(own: int) -> Any:
        odds = mp.fsum(mp.exp(other - a[own]) for k, other in enumerate(a) if k != own)
        return mp.log(1 / (1 + odds) + delta) if delta else -mp.log1p(odds)

    return -mp.fsum(w * log_softmax(k) for k, w in enumerate(t) if w)


def _logit_gradient(a: Row, t: Row, delta: Any) -> Row:
    p = _softmax(a)
    if not delta:
        # p − t, written so that nothing cancels near certainty.
        return [q * (1 - w) - w * _others(p, j) for j, (q, w) in enumerate(zip(p, t, strict=True))]
    # The chain rule: ln(p_k + δ) rises with the own logit by p_k (1 − p_k) / (p_k + δ), and falls with the others by p_k p_j / (p_k + δ).
    pull = [w * q / (q + delta) for q, w in zip(p, t, strict=True)]
    return [_sum(u * (-_others(p, k) if k == j else p[j]) for k, u in enumerate(pull)) for j in range(len(a))]


# ---- small parts


def _sum(terms: Iterable[Any]) -> Any:
    """A sum; zero, if nothing but the rounding of its terms is left of it."""
    given = list(terms)
    total = mp.fsum(given)
    return total if abs(total) > max(map(abs, given)) * mpf(10) ** (5 - mp.dps) else mpf(0)


def _others(p: Row, own: int) -> Any:
    """1 − p[own], where p sums to one."""
    return mp.fsum(q for k, q in enumerate(p) if k != own)


def _quotient(above: Any, below: Any) -> Any:
    """A quotient whose 0/0 is 0 and whose −1/0 is −∞."""
    if not above:
        return mpf(0)
    return above / below if below else mp.sign(above) * mp.inf


def _number(x: Any) -> Any:
    return mpf(int(x)) if np.asarray(x).dtype.kind in "iu" else mpf(float(x))


def _rows(array: Any) -> Rows:
    return [[_number(x) for x in row] for row in np.atleast_2d(array)]


def _targets(first: Any, second: Any) -> Rows:
    if second.ndim == first.ndim:
        return _rows(second)
    return [[mpf(int(k == label)) for k in range(first.shape[-1])] for label in np.atleast_1d(second)]


def _array(nested: Any, shape: tuple[int, ...]) -> Any:
    return np.array(nested, object).reshape(shape)
