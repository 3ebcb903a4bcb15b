"""The two-layer network in balls, through ball matrices: the same mathematics as its pages' definitions, at any size.

The definitions are nested sums, whose cost grows with the product of all sizes; a product of ball matrices takes what a product
of matrices takes. Both are written independently of each other, and compared by the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx
from numpy.typing import NDArray

from refmath.balls.sums import added
from refmath.spec import Setting

Balls = NDArray[Any]


def evaluate(
    setting: Setting,
    W1: Balls,
    b1: Balls,
    W2: Balls,
    b2: Balls,
    x: Balls,
    t: Balls | None = None,
    *,
    numbers: Mapping[str, Any] | None = None,
    flush: float = 0.0,
    rounds: bool = False,
    entries: NDArray[np.int64] | None = None,
    common: dict[str, Any] | None = None,
    bits: int = 0,
    smallest: float = 0.0,
) -> Balls:
    """Prediction (N, K), loss () or gradient (flat: W1, b1, W2, b2) of the network, at the precision in force.

    The numbers are those of the convention: its δ, if it has one. What each layer hands to the next may be off by `flush`: so much is lost where it
    underflows. If it `rounds`, each product may be off by what is lost when its terms are added up in another order; factors that are wide
    themselves allow for that. Below or above the kink of a ReLU is what comes in from the numbers as they are given, without their width, for every order of
    the additions. `bits` is the format's own precision and `smallest` its smallest normal number; without them, the precision in force.
    With `entries`, positions in the answer in a row, only these are computed. `common` keeps the layers for another evaluation that differs in the
    targets only.
    """
    lost: Any = arb(0, flush)
    product = _rounded_product if rounds else _product
    if t is None and entries is not None:
        # The samples do not depend on each other.
        samples, classes = np.divmod(entries, len(b2))
        needed, rows = np.unique(samples, return_inverse=True)
        own: dict[str, Any] = {"flush": flush, "rounds": rounds, "bits": bits, "smallest": smallest}
        return np.asarray(evaluate(setting, W1, b1, W2, b2, x[needed], **own)[rows, classes])
    common = {} if common is None else common
    activation, output = (setting.chosen.get(name) for name in ("activation", "output"))
    if "layers" not in common:
        incoming = product(x, W1) + b1
        if activation == "relu":
            incoming = _in_range(incoming, smallest)
        z = _each(_ACTIVATIONS[activation or "sigmoid"], incoming) + lost
        a = product(z, W2) + b2
        common["layers"] = incoming, z, a, _outputs(a, output)
    incoming, z, a, y = common["layers"]
    if t is None:
        return np.asarray(y)
    delta = (numbers or {}).get("delta", arb(0))
    N = len(x)
    if not setting.parts:
        loss = _loss(a, y, t, delta, output) / N
        return np.full(() if entries is None else len(entries), loss, object)
    if output in ("sigmoid", "linear"):
        delta2 = (y - t) / (y.size if output == "sigmoid" else N) + lost
    else:
        delta2 = np.array([_by_logits(y_n, t_n, delta, N) for y_n, t_n in zip(y, t, strict=True)], object) + lost
    carried_back = _in_range(product(delta2, W2.T), smallest)
    delta1 = (carried_back + lost) * (
        _slopes(activation, incoming, z, (x, W1, b1), bits or ctx.prec, smallest) + lost
    ) + lost
    if entries is not None:
        return _some(((x, delta1), (None, delta1), (z, delta2), (None, delta2)), entries)
    gradients = (product(x.T, delta1), _sums(delta1), product(z.T, delta2), _sums(delta2))
    return np.concatenate([gradient.ravel() for gradient in gradients])


def overflows(setting: Setting, exact: Balls, samples: int, largest: float) -> bool:
    """Whether a square, or the sum of the squares of all samples, may be beyond a format's range on the way to a loss that is not."""
    is_squares = setting.chosen.get("output") == "linear" and not setting.parts and not setting.formula.output
    return is_squares and bool(exact.item() <= largest < 2 * samples * exact.item())


def _in_range(balls: Balls, smallest: float) -> Balls:
    """What is a number on the way in a format too, which has about as many powers of two above 1 as below; anything elsewhere: ∞ times 0 and ∞ − ∞ are nan."""
    if not smallest:
        return balls
    largest = 4 / arb(smallest)
    return _each(lambda ball: ball if abs(ball) < largest else arb.nan(), balls)


def _outputs(a: Balls, output: str | None) -> Balls:
    """The outputs from the sums of the second layer: by rows a softmax, unless another function is asked for."""
    if output == "linear":
        return a
    return _each(_sigmoid, a) if output == "sigmoid" else np.array([_softmax(row) for row in a], object)


def _product(left: Balls, right: Balls) -> Balls:
    product = arb_mat(left.tolist()) * arb_mat(right.tolist())
    return np.array(product.entries(), object).reshape(left.shape[0], right.shape[1])


def _rounded_product(left: Balls, right: Balls) -> Balls:
    """The product, each entry off by half a unit in the last place of the sum of its terms' sizes: what cancels has been rounded before."""
    # That is a bound on a radius, of which few digits are needed.
    terms = np.abs(left.astype(float)) @ np.abs(right.astype(float))
    unit = 2.0**-ctx.prec
    rounding = np.array([arb(0, size * unit) if np.isfinite(size) else arb(0) for size in terms.flat], object)
    return np.asarray(_product(left, right) + rounding.reshape(terms.shape))


def _some(factors: tuple[tuple[Balls | None, Balls], ...], entries: NDArray[np.int64]) -> Balls:
    """Some entries of the products of transposed matrices with others, all in a row; None stands for a column of ones."""
    widths = [(1 if left is None else left.shape[1], right.shape[1]) for left, right in factors]
    ends = np.cumsum([rows * columns for rows, columns in widths])
    parts = np.searchsorted(ends, entries, side="right")
    found = np.empty(len(entries), object)
    for place, (entry, part) in enumerate(zip(entries.tolist(), parts.tolist(), strict=True)):
        left, right = factors[part]
        row, column = divmod(entry - (int(ends[part - 1]) if part else 0), right.shape[1])
        found[place] = _sum(right[:, column] if left is None else left[:, row] * right[:, column])
    return found


def _each(function: Any, balls: Balls) -> Balls:
    return np.array([function(ball) for ball in balls.flat], object).reshape(balls.shape)


def _sums(rows: Balls) -> Balls:
    return np.array([_sum(column) for column in rows.T], object)


def _sum(balls: Any) -> Any:
    return arb(added(*balls))


def _sigmoid(a: Any) -> Any:
    return 1 / (1 + (-a).exp())


def _relu(a: Any) -> Any:
    return a if a >= 0 else arb(0) if a <= 0 else arb(0).union(a.upper())


_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"sigmoid": _sigmoid, "relu": _relu, "tanh": lambda a: a.tanh()}


def _slopes(
    activation: str | None, incoming: Balls, z: Balls, layer: tuple[Balls, Balls, Balls], bits: int, smallest: float
) -> Balls:
    """The derivatives of the hidden units by what comes in, which is computed in a format from inputs, weights and biases."""
    if activation == "tanh":
        return np.asarray(1 - z * z)
    if activation != "relu":
        return np.asarray(z * (1 - z))
    x, W1, b1 = layer
    # So much an honest evaluation of what comes in may be off, if it is not exact.
    terms = np.abs(x.astype(float)) @ np.abs(W1.astype(float)) + np.abs(b1.astype(float))
    unit = _ROUNDINGS * 2.0**-bits
    slopes = np.empty(incoming.shape, object)
    for (n, h), a in np.ndenumerate(incoming):
        if a.is_finite() and abs(a.mid()) > _ROUNDINGS * a.rad() + unit * arb(terms[n, h]) + smallest:
            slopes[n, h] = arb(int(a > 0))
        else:
            slopes[n, h] = _slope_at_the_kink([*zip(x[n], W1[:, h], strict=True), (arb(1), b1[h])], bits, smallest)
    return slopes


#: As everywhere, an honest evaluation may be off by four times the radius of its ball.
_ROUNDINGS = 4


def _slope_at_the_kink(factors: list[tuple[Any, Any]], bits: int, smallest: float) -> Any:
    """The slope of a ReLU of a sum of products near 0: of numbers as they are given, as widened ones would lie on both sides.

    If every partial sum in every order is a number of so many bits, each program finds the same sign. Otherwise the sign is in doubt where the sum is no
    larger than what roundings may be, or where terms may be flushed to zero.
    """
    pairs = [(left.mid().man_exp(), right.mid().man_exp()) for left, right in factors]
    products = [(int(m) * int(k), int(e) + int(f)) for (m, e), (k, f) in pairs if m and k]
    last = min((exponent for _, exponent in products), default=0)
    # In units of the last place of all.
    terms = [mantissa << (exponent - last) for mantissa, exponent in products]
    total, size = sum(terms), sum(map(abs, terms))
    flushed = any(0 < abs(arb(each)) * arb(2) ** last < smallest for each in terms)
    if not flushed and (size <= 1 << bits or abs(total) << bits > _ROUNDINGS * size):
        return arb(int(total > 0))
    return arb(0).union(arb(1))


def _softmax(logits: Balls) -> list[Any]:
    # The quotient does not change when all logits move; the exponentials of large ones would be beyond the arithmetic.
    largest = max((arb(a.mid()) for a in logits), key=float)
    powers = [(a - largest).exp() for a in logits]
    total = _sum(powers)
    return [power / total for power in powers]


def _loss(a: Balls, y: Balls, t: Balls, delta: Any, output: str | None) -> Any:
    """The losses of all samples, added up."""
    if output == "linear":
        distances = (a_nk - t_nk for a_nk, t_nk in zip(a.flat, t.flat, strict=True))
        # A power of a ball around 0 would be nan.
        return _sum(d * d for d in distances) / 2
    if output == "sigmoid":
        return _sum(_binary_cross_entropy(*each) for each in zip(a.flat, t.flat, strict=True)) / t.shape[1]
    return _sum(_cross_entropy(y_n, t_n, delta) for y_n, t_n in zip(y, t, strict=True))


def _binary_cross_entropy(a: Any, t: Any) -> Any:
    # As PyTorch has it: of the forms of the page of this loss the one that loses most.
    return (1 - t) * a + _relu(-a) + (-abs(a)).exp().log1p()


def _cross_entropy(y: Balls, t: Balls, delta: Any) -> Any:
    return -_sum(t_k * (y_k + delta).log() for y_k, t_k in zip(y, t, strict=True) if not t_k.is_zero())


def _by_logits(y: Balls, t: Balls, delta: Any, N: int) -> list[Any]:
    """The derivative by its logits of one of the N samples' losses: with u = t y / (y + δ) / N, y Σ u − u."""
    u = [(t_k if delta.is_zero() else t_k * y_k / (y_k + delta)) / N for y_k, t_k in zip(y, t, strict=True)]
    total = _sum(u)
    return [y_k * total - u_k for y_k, u_k in zip(y, u, strict=True)]
