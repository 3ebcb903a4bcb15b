"""What is true of the two-layer network and of a step of its parameters, in measured numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from mpmath import mp, mpf

from .measured import Measured, exp, log, measured
from .specimen import Array

Numbers = list[Measured]
DELTAS = {None: mpf(0), "seed": mpf("1e-8"), "book": mpf("1e-7")}


def sgd_step(params: Mapping[str, Array], grads: Mapping[str, Array], lr: float) -> Numbers:
    """All entries of all parameters, after the step."""
    return [
        measured(w) - measured(lr) * measured(g)
        for key in params
        for w, g in zip(np.ravel(params[key]).tolist(), np.ravel(grads[key]).tolist(), strict=True)
    ]


def predict(params: Mapping[str, Array], x: Array) -> Array:
    """The probabilities (N, K)."""
    return _layers(params, x)[2]


def loss(convention: str | None, params: Mapping[str, Array], x: Array, t: Array) -> Measured:
    """The mean cross-entropy; without an offset from the logits, as a share may be zero."""
    _, a, y = _layers(params, x)
    costs = []
    for a_n, y_n, t_n in zip(a, y, _targets(t, y), strict=True):
        if delta := DELTAS[convention]:
            costs += [-t_nk * log(y_nk + delta) for t_nk, y_nk in zip(t_n, y_n, strict=True) if t_nk.value]
            continue
        top = max(v.value for v in a_n)
        value = top + mp.log(mp.fsum(mp.exp(v.value - top) for v in a_n))
        total = Measured(value, sum(y_nk.value * v.unit for y_nk, v in zip(y_n, a_n, strict=True)) + abs(value) + 1)
        costs += [t_nk * (total - v) for t_nk, v in zip(t_n, a_n, strict=True) if t_nk.value]
    together: Measured = np.sum(np.array(costs, object))
    return together / len(y)


def gradient(convention: str | None, params: Mapping[str, Array], x: Array, t: Array) -> Numbers:
    """All entries of the gradients of W1, b1, W2, b2."""
    z, _, y = _layers(params, x)
    rows = zip(y, _targets(t, y), strict=True)
    delta2 = np.array([_by_logits(y_n, t_n, DELTAS[convention]) for y_n, t_n in rows], object) / len(y)
    delta1 = (delta2 @ _measured(params["W2"]).T) * (z * (1 - z))
    parts = (_measured(x).T @ delta1, np.sum(delta1, axis=0), z.T @ delta2, np.sum(delta2, axis=0))
    by_key = dict(zip(("W1", "b1", "W2", "b2"), parts, strict=True))
    return [entry for key in params for entry in np.ravel(by_key[key])]


def _layers(params: Mapping[str, Array], x: Array) -> tuple[Array, Array, Array]:
    W1, b1, W2, b2 = (_measured(params[key]) for key in ("W1", "b1", "W2", "b2"))
    a1 = _measured(x) @ W1 + b1
    z = np.array([[_sigmoid(v) for v in row] for row in a1], object)
    a2 = z @ W2 + b2
    return z, a2, np.array([_softmax(row) for row in a2], object)


def _measured(a: Any) -> Array:
    a = np.asarray(a)
    return np.array([measured(v) for v in a.ravel().tolist()], object).reshape(a.shape)


def _targets(t: Array, y: Array) -> Array:
    return _measured(t if np.ndim(t) == 2 else np.eye(y.shape[1])[t])


def _sigmoid(a: Measured) -> Measured:
    value = 1 / (1 + mp.exp(-a.value))
    return Measured(value, value * (1 + a.unit / (1 + mp.exp(a.value))))


def _softmax(row: Array) -> Numbers:
    top = max(v.value for v in row)
    raised = [exp(Measured(v.value - top, v.unit)) for v in row]
    total = mp.fsum(v.value for v in raised)
    common = len(row) + mp.fsum(v.unit for v in raised) / total
    return [Measured(v.value / total, (v.unit + v.value * common) / total) for v in raised]


def _by_logits(y: Array, t: Array, delta: mpf) -> Numbers:
    """The derivative of one sample's loss by its logits; its unit is that of probabilities and targets before they cancel."""
    shares = [
        t_k.value * y_k.value / (y_k.value + delta) if delta else t_k.value for y_k, t_k in zip(y, t, strict=True)
    ]
    total = mp.fsum(shares)
    relative = [y_k.unit / y_k.value for y_k in y]
    return [
        Measured(y_k.value * total - share, (y_k.value * total + share) * of_k)
        for y_k, share, of_k in zip(y, shares, relative, strict=True)
    ]
