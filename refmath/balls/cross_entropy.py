r"""The softmax cross-entropy in balls, sample by sample: the same mathematics as its pages' definitions, with one sum of exponentials a sample.

With the odds $r_k = \exp(a_k - a_q)$ against a likeliest class q, and $S = \sum_{k \ne q} r_k$, a sample costs
$\sum_k t_k (a_q - a_k) + \ln(1 + S) \sum_k t_k$, and its gradient is $r_k / (1 + S) - t_k$. The pages' definitions take all exponentials
again for every entry; both are written independently of each other, and compared by the tests.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.exact import Enclosure

Array = NDArray[Any]

#: In bits. $\sum_k t_k (a_q - a_k)$, and the ties of a mean of N of them, are multiples of 2⁻²²⁰⁰ for any float64 numbers. So every number
#: between 0 and 2⁻⁴⁰⁰⁰ added to it leads to the same rounding, and a smaller S may be given any value there.
_SMALL, _ANY_SMALLER = 4000, 5000


class _Odds(NamedTuple):
    likeliest: int
    odds: list[arb]
    others: arb


def mean_loss(a: Array, t: Array) -> Enclosure:
    """The loss of a batch: logits and targets (N, K), finite float64 numbers. Its rounding is certain; see `_SMALL`."""

    def at(precision: int) -> Array:
        with ctx.workprec(precision):
            losses = [_loss(a_n, t_n) for a_n, t_n in zip(a, t, strict=True)]
            return np.array(sum(losses, arb(0)) / len(a), object)

    return Enclosure(at)


def gradient_entries(a_n: Array, t_n: Array, samples: int, entries: Array) -> Enclosure:
    """Some entries of the gradient of one sample, divided by the number of samples."""

    def at(precision: int) -> Array:
        with ctx.workprec(precision):
            r = _odds(a_n)
            return np.array([_gradient(r, k, float(t_n[k])) / samples for k in entries], object)

    return Enclosure(at)


def _odds(a_n: Array) -> _Odds:
    likeliest = int(np.argmax(a_n))
    largest = arb(float(a_n[likeliest]))
    odds = [(arb(float(each)) - largest).exp() for each in a_n]
    return _Odds(likeliest, odds, sum(odds[:likeliest] + odds[likeliest + 1 :], arb(0)))


def _loss(a_n: Array, t_n: Array) -> arb:
    r = _odds(a_n)
    largest = arb(float(a_n[r.likeliest]))
    targets = [(k, arb(float(t_n[k]))) for k in np.flatnonzero(t_n)]
    gap = sum((t * (largest - arb(float(a_n[k]))) for k, t in targets), arb(0))
    # That includes a single class: S is 0 then, and so is the gap, and the rounding of so small a number.
    others = arb((1, -_ANY_SMALLER)) if r.others < arb((1, -_SMALL)) else r.others
    return gap + others.log1p() * sum((t for _, t in targets), arb(0))


def _gradient(r: _Odds, k: int, t: float) -> arb:
    if t == 1 and k == r.likeliest:
        return -r.others / (1 + r.others)
    return r.odds[k] / (1 + r.others) - arb(t)
