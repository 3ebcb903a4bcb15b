r"""Every central difference of the two-layer network's loss, from what a single parameter can change.

The plain loop computes $(L(w + h) - L(w - h)) / 2h$ for one parameter after the other, each time with a whole pass through the network. But
$W_1[i, j]$ reaches the loss of a sample through hidden unit $j$ alone, and only where $x_{ni} \ne 0$:

1. **The argument of the sigmoid** moves by $\pm d$, with $d = h\,x_{ni}$ (for $b_1[j]$, $d = h$). Samples with the same $d$ share the result, so each
   distinct value of a sample is computed once.

2. **The hidden unit** moves by $\delta_\pm = \sigma(a \pm d) - \sigma(a)$. With $u = \tanh(a/2)$ and $\tau = \tanh(d/2)$ the addition theorem gives, without
   any subtraction of neighbours,

    $$\delta_\pm = \pm\frac{\tau (1 - u^2)}{2 (1 \pm u \tau)}, \qquad
    e = \frac{\delta_+ - \delta_-}{2} = \frac{\tau (1 - u^2)}{2 (1 - u^2 \tau^2)}, \qquad
    c = \frac{\delta_+ + \delta_-}{2} = -u \tau e$$

    and $1 - u^2 = 4\,\sigma(a)\,\sigma(-a)$ keeps its digits in both tails.

3. **The logits** of the sample move by $s\,w_k$, with $w_k = W_2[j, k]$ and $s = \delta_\pm$, and its loss by
   $K(s) - s \sum_k t_k w_k$, where $K(s) = \ln \sum_k p_k e^{w_k s}$ is the cumulant generating function of the weights under the probabilities $p$.
   With the cumulants $\kappa_m$, and $g = \kappa_1 - \sum_k t_k w_k = \sum_k (p_k - t_k) w_k$, the difference of the two losses is

    $$2e \left[g + \kappa_2\, c + \frac{\kappa_3}{6} (3 c^2 + e^2) + \frac{\kappa_4}{6} (c^3 + c e^2) + \frac{\kappa_5}{120} (5 c^4 + 10 c^2 e^2 + e^4)
    + \dots\right]$$

    Nothing cancels: the leading term is where backpropagation, too, takes its gradient from.

4. **The rest of the series.** Let R be the range of the weights of a unit, and $\bar w$ its middle. On the disc $|s| \le 2/R$ the terms of
   $\sum_k p_k e^{(w_k - \bar w) s}$ have absolute values between $e^{-1}$ and $e$, and arguments within $\pm 1$. So the absolute value of the
   sum lies between $e^{-1} \cos 1$ and $e$, its argument within $\pm 1$, and its logarithm is less than 2 in absolute value. Cauchy's
   estimate gives $|\kappa_m| / m! < 2\,(R/2)^m$. With $r = \tfrac{1}{2} R \max|\delta_\pm|$, the m-th term in the brackets is then at most
   $R\,m\,r^{m-1}$.

   That is not enough where one class is nearly certain: the brackets are as small as $q R$ there, with $q = 1 - \max_k p_k$. But so are the cumulants.
   The variance of the weights is at most $q R^2$, and their m-th central moment at most $R^{m-2}$ times it, so
   $\kappa_6 = \mu_6 - 15 \mu_4 \mu_2 - 10 \mu_3^2 + 30 \mu_2^3$ is at most $q R^6 (1 + 25 q + 30 q^2)$, and the sixth term at most
   $\frac{6 \cdot 32}{720} (1 + 25 q + 30 q^2)\,r^5\,q R$: for $q \le \frac{1}{2}$ less than $6\,r^5\,q R$, and beyond that the first bound gives at most
   $12\,r^5\,q R$. For the terms after it, when $q \le \frac{1}{4}$: with the weights taken about that of the likeliest class, the sum
   differs from 1 by at most $q (e - 1)$ on the disc $|s| \le 1/R$, so its logarithm is less than $4 q$, each term at most $4\,m\,(2 r)^{m-1} q R$, and all of them
   together less than $2000\,r^6\,q R$; when $q > \frac{1}{4}$ the first bound gives less than that.

   For $r \le 3 \cdot 10^{-4}$ what follows the fifth term is thus less than $2^{-54} q R$, below the rounding of the terms $(p_k - t_k) w_k$ of g. A larger r, from a
   large step, large inputs or large weights, is computed without the series, by `_class_by_class`.

5. **The second layer.** $W_2[j, k]$ moves one logit by $\pm s$, with $s = h z_{nj}$ (for $b_2[k]$, $s = h$). That is the same series with the
   weight 1 for class k and 0 for the others: its cumulants are those of the Bernoulli distribution, $\kappa_1 = p$, $\kappa_3 = p q (q - p)$ and
   $\kappa_5 = p q (q - p)(1 - 12 p q)$ with $q = 1 - p$; the even ones drop out, as the two points lie symmetrically.

What is left is one division and some fifteen products for each distinct entry of a sample and hidden unit, in place of a pass through the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from refmath import arguments
from refmath.activations.sigmoid import sigmoid
from refmath.arguments import Array
from refmath.losses.softmax_cross_entropy_one_hot import UNIT, odds
from refmath.losses.softmax_cross_entropy_one_hot_gradient import softmax_minus
from refmath.networks.two_layer_net_loss import holds_labels
from refmath.networks.two_layer_net_predict import Parameters, inputs, parameters

#: Up to this r what follows the fifth term of the series is below rounding.
_SERIES = 3e-4
#: From this step of a logit on, the losses are taken by logarithms: there is nothing left to cancel.
_FAR = 30.0
#: In entries of the input: so many are taken at once, which bounds the memory.
_AT_ONCE = 1 << 19


def network_differences(params: Mapping[str, Any], x: Any, t: Any, *, h: float = 1e-4) -> dict[str, Array]:
    """The central differences of the two-layer network's loss by every parameter.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,); all finite.
        x: Inputs, shape (N, D), finite. Zeros cost nothing, and equal entries of a sample are computed once.
        t: Targets: distributions (N, K), one-hot as a rule, or integer labels (N,).
        h: The step, not zero.

    Returns:
        The gradients by the parameters' names, each of its parameter's shape, in float64.

    Raises:
        TypeError: If `params` is not a mapping, an array does not hold the numbers it should, or h is no number.
        ValueError: If a parameter is missing or unknown, the shapes do not fit, something is not finite, a target is no distribution or no
            label, or h is zero.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((1, 1)), "b1": np.zeros(1), "W2": np.zeros((1, 2)), "b2": np.zeros(2)}
        >>> network_differences(params, [[1.0]], [0])["b2"].round(9)
        array([-0.5,  0.5])
    """
    net = parameters(params)
    x = inputs(net, x)
    targets = _targets(net, x, t)
    step = abs(arguments.step("h", h))
    net = Parameters(*(arguments.point(f"params[{name!r}]", each) for name, each in net._asdict().items()))
    x = arguments.point("x", x)
    first, second = np.zeros((net.W1.shape[0] + 1, net.W1.shape[1])), np.zeros((net.W2.shape[0] + 1, net.W2.shape[1]))
    rows = max(1, _AT_ONCE // (net.W1.shape[0] + 1))
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        # A sum beyond the range is ∞, whose sigmoid is 1, and what vanishes beside 1 may underflow. The others come from steps
        # so large that logarithms take the place of what they spoil.
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            a1 = x[part] @ net.W1 + net.b1
            z = np.asarray(sigmoid(a1))
            errors = _errors(z @ net.W2 + net.b2, targets[part])
            first += _first_layer(net.W2, x[part], a1, z, errors, step)
            second += _second_layer(z, errors, step)
    first, second = first / len(x), second / len(x)
    return {"W1": first[:-1], "b1": first[-1], "W2": second[:-1], "b2": second[-1]}


class _Errors(NamedTuple):
    """What the losses of some samples have at their logits.

    Attributes:
        p: The probabilities.
        q: One minus them, without cancellation.
        logarithms: The logarithms of the probabilities.
        likeliest: The likeliest class of each sample.
        t: The targets.
        total: Their sum for each sample.
        by_logits: The derivative of the loss, T p − t.
    """

    p: Array
    q: Array
    logarithms: Array
    likeliest: Array
    t: Array
    total: Array
    by_logits: Array


def _targets(net: Parameters, x: Array, t: Any) -> Array:
    """The targets as float64 rows."""
    classes = net.W2.shape[1]
    like = np.empty((len(x), classes))
    if holds_labels(net, x, t):
        return np.eye(classes)[arguments.labels("t", t, like, "the network's output")]
    return arguments.distributions("t", t, like, "the network's output").astype(np.float64)


def _errors(a: Array, t: Array) -> _Errors:
    r = odds(a)
    others = r.others[:, np.newaxis]
    p = r.odds / (1 + others)
    #| $1 - p$ is the sum of the others for the likeliest class
    q = np.where(r.top, others / (1 + others), 1 - p)
    # Targets in a narrow format may miss 1 by a rounding.
    total = t.sum(axis=1, keepdims=True)
    by_logits = softmax_minus(t, r) + (total - 1) * p
    return _Errors(p, q, -UNIT * r.gap - np.log1p(others), np.argmax(r.top, axis=1), t, total, by_logits)


def _second_layer(z: Array, errors: _Errors, h: float) -> Array:
    """What W2 and, in the last row, b2 get: one logit moves by ±h z, or by ±h."""
    z = np.column_stack([z, np.ones(len(z))])
    if h / 2 > _SERIES:
        return np.stack(
            [np.sum(_logit_by_logit(h * z[:, j, np.newaxis], errors) / h, axis=0) for j in range(z.shape[1])]
        )
    p, q, g, total = errors.p, errors.q, errors.by_logits, errors.total
    #| $\kappa_3 = p q (q - p)$ and $\kappa_5 = p q (q - p) (1 - 12 p q)$ of the Bernoulli distribution
    third = total * p * q * (q - p)
    fifth = third * (1 - 12 * p * q)
    square = h * h * z * z
    #| $\frac{1}{2 h} \left[K(h z) - K(-h z) - 2 h z t\right] = z \left(g + \frac{\kappa_3}{6} (h z)^2 + \frac{\kappa_5}{120} (h z)^4\right)$
    return np.asarray(z.T @ g + (z * square).T @ (third / 6) + (z * square * square).T @ (fifth / 120))


def _logit_by_logit(s: Array, errors: _Errors) -> Array:
    """Half the difference of the losses when each logit by itself moves by ±s, for any step: without the series."""
    p, q, g, total = errors.p, errors.q, errors.by_logits, errors.total
    #| $\ln\frac{q + p e^s}{q + p e^{-s}} - 2 s p$, which changes its sign with p and q in each other's place: the smaller cancels less.
    smaller = np.minimum(p, q)
    near = np.log1p(2 * smaller * np.sinh(s) / (1 + smaller * np.expm1(-s)))
    # Far away a power overflows, and a probability that has underflowed counts again.
    beyond = np.where(s <= _FAR, near, _far_away(s, errors)) - s * (2 * smaller)
    return np.asarray(s * g + total * np.where(p <= q, beyond, -beyond) / 2)


def _far_away(s: Array, errors: _Errors) -> Array:
    """The logarithm of (q + p eˢ) / (q + p e⁻ˢ), with the smaller of the two as p, from the logarithms of both."""
    top = np.arange(errors.p.shape[1]) == errors.likeliest[:, np.newaxis]
    others = np.logaddexp.reduce(np.where(top, -np.inf, errors.logarithms), axis=1, keepdims=True)
    of_p, of_q = errors.logarithms, np.where(top, others, np.log1p(-errors.p, where=~top, out=np.zeros_like(errors.p)))
    smaller, larger = np.where(errors.p <= errors.q, (of_p, of_q), (of_q, of_p))
    return np.asarray(np.logaddexp(larger, smaller + s) - np.logaddexp(larger, smaller - s))


class _Moved(NamedTuple):
    """The entries of each sample that are not zero: the distinct ones, and where they stand, column by column."""

    counts: Array
    values: Array
    places: Array
    columns: Array
    starts: Array


def _moved(x: Array) -> _Moved:
    """Every entry of x that is not zero, equal ones of a sample only once."""
    rows, columns = np.nonzero(x)
    values = x[rows, columns]
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(rows) != 0) | (np.diff(values) != 0)
    place = np.empty(len(order), np.intp)
    place[order] = np.cumsum(new) - 1
    by_column = np.argsort(columns, kind="stable")
    columns = columns[by_column]
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    return _Moved(np.bincount(rows[new], minlength=len(x)), values[new], place[by_column], columns[starts], starts)


def _first_layer(W2: Array, x: Array, a1: Array, z: Array, errors: _Errors, h: float) -> Array:
    """What W1 and, in the last row, b1 get: one hidden unit moves."""
    moved = _moved(np.column_stack([x, np.ones(len(x))]))
    d = h * moved.values
    tau = np.tanh(d / 2)
    largest = float(np.max(np.abs(tau)))
    #| $|\delta_\pm| \le \frac{|\tau|}{2 (1 - |\tau|)}$
    r = np.ptp(W2, axis=1) * (largest / (4 * (1 - largest)) if largest < 1 else np.inf)
    terms = _terms(a1, z, _cumulants(W2, errors))
    out = np.zeros((x.shape[1] + 1, len(W2)))
    for j in range(len(W2)):
        if r[j] <= _SERIES:
            halves = _series(tau, *(np.repeat(each[:, j], moved.counts) for each in terms))
        else:
            halves = _class_by_class(d, np.repeat(a1[:, j], moved.counts), W2[j], errors, moved.counts)
        out[moved.columns, j] = np.add.reduceat(halves[moved.places], moved.starts)
    return out / h


def _terms(a1: Array, z: Array, cumulants: list[Array]) -> list[Array]:
    """What the series needs of each sample and hidden unit, every entry (N, H)."""
    g, k2, k3, k4, k5 = cumulants
    return [np.tanh(a1 / 2), 2 * z * sigmoid(-a1), g, k2, k3 / 6, k4 / 6, k5 / 120]


def _cumulants(W2: Array, errors: _Errors) -> list[Array]:
    """Of each sample and hidden unit: g, and the second to fifth cumulant of the weights, times T; each (N, H)."""
    out = np.empty((5, len(errors.p), len(W2)))
    for k in np.unique(errors.likeliest):
        rows = errors.likeliest == k
        # Taken about the weight of the likeliest class, what is left is small near certainty, and keeps its digits.
        w = W2 - W2[:, k, np.newaxis]
        m1, m2, m3, m4, m5 = (errors.p[rows] @ (w**power).T for power in range(1, 6))
        # The errors of a sample add up to zero, so that weight can be left out of their sum too.
        out[0, rows] = errors.by_logits[rows] @ w.T
        out[1, rows] = m2 - m1**2
        out[2, rows] = m3 - 3 * m2 * m1 + 2 * m1**3
        out[3, rows] = m4 - 4 * m3 * m1 - 3 * m2**2 + 12 * m2 * m1**2 - 6 * m1**4
        out[4, rows] = (
            m5 - 5 * m4 * m1 - 10 * m3 * m2 + 20 * m3 * m1**2 + 30 * m2**2 * m1 - 60 * m2 * m1**3 + 24 * m1**5
        )
    out[1:] *= errors.total
    return list(out)


def _series(tau: Array, u: Array, slope: Array, g: Array, k2: Array, k3: Array, k4: Array, k5: Array) -> Array:
    r"""Half the differences of the losses at $\pm d$, by the series: the cumulants come divided by 1, 6, 6 and 120, the slope is $(1 - u^2) / 2$."""
    ut = u * tau
    q = ut * ut
    #| $e = \frac{\tau (1 - u^2)}{2 (1 - u^2 \tau^2)}$, $c = -u \tau e$
    e = tau * slope / (1 - q)
    fourth, fifth = -k4 * ut * (1 + q), k5 * (1 + q * (10 + 5 * q))
    return np.asarray(e * (g + e * (-k2 * ut + e * (k3 * (1 + 3 * q) + e * (fourth + e * fifth)))))


def _class_by_class(d: Array, a: Array, w: Array, errors: _Errors, counts: Array) -> Array:
    r"""Half the differences of the losses at $\pm d$, for any step and any weights w of the unit.

    From $\sigma(a) - \sigma(b) = \sigma(a)\,\sigma(-b)\,(1 - e^{b - a})$, and with the weights taken about $\sum_k t_k w_k$,
    whose term is then zero.
    """
    about = (errors.t @ w)[:, np.newaxis] / errors.total
    v, p, logarithms = (np.repeat(each, counts, axis=0) for each in (w - about, errors.p, errors.logarithms))
    size = np.abs(d)
    left = (sigmoid(a) * sigmoid(size - a) * np.expm1(-size))[:, np.newaxis]
    step = (sigmoid(a + size) * sigmoid(size - a) * -np.expm1(-2 * size))[:, np.newaxis]
    at_left = p * np.exp(v * left)
    ratio = np.sum(at_left * np.expm1(v * step), axis=1) / np.sum(at_left, axis=1)
    difference = np.log1p(ratio)
    # What more than halves, or leaves the range, is taken by logarithms: there is nothing left to cancel.
    far = ~((ratio > -0.5) & np.isfinite(ratio))
    if far.any():
        at_left, moved = (logarithms + v * left)[far], (v * step)[far]
        difference[far] = _log_of_sum(at_left + moved) - _log_of_sum(at_left)
    return np.asarray(np.sign(d) * np.repeat(errors.total, counts) * difference / 2)


def _log_of_sum(logarithms: Array) -> Array:
    """The logarithm of the sum of each row, from the logarithms of its entries."""
    largest = logarithms.max(axis=1, keepdims=True)
    return np.asarray(largest[:, 0] + np.log(np.sum(np.exp(logarithms - largest), axis=1)))
