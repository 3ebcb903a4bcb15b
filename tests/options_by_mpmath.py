"""The cross-entropies under their options once more in many digits, typed in by hand; their gradients are differentiated by mpmath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mpmath import mp, mpf

#: Of a derivative by differences so many digits are right.
DIGITS = 60


def value(name: str, first: Any, second: Any, **options: Any) -> Any:
    """The value of a formula under options: an object array of mpmath numbers, of the shape of the answer."""
    first = np.asarray(first, np.float64)
    with mp.workdps(DIGITS + 40):
        if not name.endswith("_gradient"):
            losses = _losses(name, _rows(first), second, options)
            return _reduced(losses, second, np.shape(first)[-1], name, options, single=first.ndim == 1)
        of = name.removesuffix("_gradient")
        options = {
            **options,
            "reduction": "sum" if options.get("reduction") == "none" else options.get("reduction", "mean"),
        }

        def total(rows: Sequence[Sequence[Any]]) -> Any:
            return _reduced(_losses(of, rows, second, options), second, len(rows[0]), of, options, single=False)[()]

        found = np.empty(first.shape, object)
        rows = _rows(first)
        for place in np.ndindex(*np.atleast_2d(first).shape):
            np.atleast_2d(found)[place] = _slope(total, rows, place)
        return found


def _slope(total: Any, rows: list[list[Any]], place: tuple[int, int]) -> Any:
    sample, entry = place

    def along(x: Any) -> Any:
        return total([[x if (n, k) == place else old for k, old in enumerate(row)] for n, row in enumerate(rows)])

    return mp.diff(along, rows[sample][entry], h=mpf(10) ** -(DIGITS // 2))


def _rows(first: Any) -> list[list[Any]]:
    return [[mpf(float(entry)) for entry in row] for row in np.atleast_2d(first)]


def _losses(name: str, rows: Sequence[Sequence[Any]], second: Any, options: Mapping[str, Any]) -> list[Any]:
    """What each sample costs; 0 if it is ignored."""
    weights = options.get("class_weights")
    w = [mpf(float(each)) for each in weights] if weights is not None else [mpf(1)] * len(rows[0])
    share = mpf(float(options.get("label_smoothing", 0.0)))
    losses = []
    for row, target in zip(rows, _targets(second, len(rows[0]), options), strict=True):
        costs = _costs(name, row, options)
        if target is None:
            losses.append(mpf(0))
            continue
        parts = [(1 - share) * t + share / len(row) for t in target]
        losses.append(mp.fsum(w_k * t_k * cost for w_k, t_k, cost in zip(w, parts, costs, strict=True) if t_k))
    return losses


def _costs(name: str, row: Sequence[Any], options: Mapping[str, Any]) -> list[Any]:
    if name.startswith("softmax"):
        return [mp.log(mp.fsum(mp.exp(other - own) for other in row)) for own in row]
    delta, guard = mpf(options.get("delta", 1e-8)), options.get("guard", "floor")
    if guard == "floor":
        return [-mp.log(max(own, delta)) for own in row]
    return [-mp.log(own + delta) if guard == "offset" else -mp.log(own) if own else mp.inf for own in row]


def _targets(second: Any, classes: int, options: Mapping[str, Any]) -> list[list[Any] | None]:
    given = np.asarray(second)
    if given.dtype.kind in "iu":
        labels = np.atleast_1d(given).tolist()
        ignored = options.get("ignore_index")
        return [None if each == ignored else [mpf(int(each == k)) for k in range(classes)] for each in labels]
    return [[mpf(float(entry)) for entry in row] for row in np.atleast_2d(given)]


def _reduced(
    losses: list[Any], second: Any, classes: int, name: str, options: Mapping[str, Any], *, single: bool
) -> Any:
    reduction = options.get("reduction", "mean")
    if reduction == "none":
        out = np.empty(len(losses), object)
        out[:] = losses
        return out[0:1].reshape(()) if single else out
    total = mp.fsum(losses)
    if reduction == "mean":
        weights = options.get("class_weights")
        targets = _targets(second, classes, options)
        if np.asarray(second).dtype.kind in "iu" and weights is not None:
            total /= mp.fsum(mpf(float(weights[target.index(1)])) for target in targets if target is not None)
        else:
            total /= sum(target is not None for target in targets)
    return np.array(total, object)
