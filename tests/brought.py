"""Formulas as users bring them, without mistakes, laws or conventions, and ten faulty programs of each, written before the operators were looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from refmath.spec import Formula, Input
from refmath.symbols import K, N, i, k, n

p, t, y, z = (sp.IndexedBase(name, shape=(N, K), real=True) for name in "ptyz")
s = sp.IndexedBase("s", shape=(N,), real=True)
alpha, beta, margin, tau, epsilon = sp.symbols("alpha beta margin tau epsilon", positive=True)


@dataclass(frozen=True)
class Brought:
    """A formula, a right program for it, and faulty ones, each with what the names of its fault may be."""

    formula: Formula
    faults: dict[str, tuple[Callable[..., Any], set[str]]]


def formula(name: str, definition: sp.Expr, program: Callable[..., Any], *inputs: Input, **more: Any) -> Formula:
    """A formula with a definition and nothing else; its program is there to be judged first."""
    return Formula(
        name=name,
        display="E",
        program=program,
        definition=definition,
        inputs=inputs,
        laws=(),
        mistakes=(),
        reference="",
        **more,
    )


def rows(*arrays: Any) -> list[Any]:
    return [np.atleast_2d(np.asarray(each, np.float64)) for each in arrays]


def of_rows(loss: Callable[..., Any]) -> Callable[..., Any]:
    """A program that takes single samples as batches of one."""

    def program(*arrays: Any, **more: Any) -> Any:
        with np.errstate(all="ignore"):
            return loss(*rows(*arrays), **more)

    return program


# ---- focal loss

EPS = sp.Rational(1, 10**7)
focal = -alpha * sp.Sum((1 - p[n, k]) ** 2 * t[n, k] * sp.log(sp.Max(p[n, k], EPS)), (k, 0, K - 1), (n, 0, N - 1)) / N


def _log(p: Any) -> Any:
    return np.log(np.maximum(p, 1e-7))


def _focal(p: Any, t: Any, *, alpha: float = 0.25) -> Any:
    return -alpha * np.mean(np.sum(t * (1 - p) ** 2 * _log(p), axis=1))


def _softmax(a: Any, axis: int = 1) -> Any:
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


FOCAL = Brought(
    formula(
        "focal_loss",
        focal,
        of_rows(_focal),
        Input("p", p, "probabilities", ("N", "K")),
        Input("t", t, "one_hot", ("N", "K")),
        parameters={"alpha": 0.25},
    ),
    {
        "the power of p itself": (
            lambda p, t: -0.25 * np.mean(np.sum(t * p**2 * _log(p), 1)),
            {"complement_forgotten"},
        ),
        "gamma is 1": (lambda p, t: -0.25 * np.mean(np.sum(t * (1 - p) * _log(p), 1)), {"square_forgotten"}),
        "gamma is a factor": (
            lambda p, t: -0.25 * np.mean(np.sum(t * 2 * (1 - p) * _log(p), 1)),
            {"multiplied_by_the_exponent"},
        ),
        "no alpha": (
            lambda p, t: -np.mean(np.sum(t * (1 - p) ** 2 * _log(p), 1)),
            {"factor_missing", "factor_four", "alpha_ignored", "alpha=1"},
        ),
        "plain cross-entropy": (lambda p, t: -0.25 * np.mean(np.sum(t * _log(p), 1)), {"factor_missing"}),
        "mean of entries": (lambda p, t: -0.25 * np.mean(t * (1 - p) ** 2 * _log(p)), {"mean_over_entries"}),
        "base two, summed": (
            lambda p, t: -0.25 * np.sum(t * (1 - p) ** 2 * _log(p)) / np.log(2),
            {"base_two and sum_over_samples"},
        ),
        "softmax of probabilities": (lambda p, t: _focal(_softmax(p), t), {"softmax_applied_first"}),
        "detached log of the complement": (
            lambda p, t: -0.25 * np.mean(np.sum(t * (1 - p) ** 2 * _log(1 - p), 1)),
            {"complement_taken", "complement_inside_the_log"},
        ),
        "no guard, plus": (
            lambda p, t: 0.25 * np.mean(np.sum(t * (1 - p) ** 2 * np.log(p), 1)),
            {"opposite_sign", "no_guard and opposite_sign"},
        ),
    },
)

# ---- Tversky loss

hit, false, missed = p[n, k] * t[n, k], p[n, k] * (1 - t[n, k]), (1 - p[n, k]) * t[n, k]
over: Any = lambda term: sp.Sum(term, (k, 0, K - 1))
tversky = sp.Sum(1 - (over(hit) + 1) / (over(hit) + alpha * over(false) + beta * over(missed) + 1), (n, 0, N - 1)) / N


def _tversky(p: Any, t: Any, alpha: float = 0.3, beta: float = 0.7, smooth: float = 1.0, axis: Any = 1) -> Any:
    tp, fp, fn = (np.sum(each, axis=axis) for each in (p * t, p * (1 - t), (1 - p) * t))
    return np.mean(1 - (tp + smooth) / (tp + alpha * fp + beta * fn + smooth))


def _index(p: Any, t: Any, **more: Any) -> Any:
    return 1 - _tversky(p, t, **more)


def _unsmoothed_above(p: Any, t: Any) -> Any:
    tp, fp, fn = (np.sum(each, axis=1) for each in (p * t, p * (1 - t), (1 - p) * t))
    return np.mean(1 - tp / (tp + 0.3 * fp + 0.7 * fn + 1))


def _squares_below(p: Any, t: Any) -> Any:
    return np.mean(1 - (np.sum(p * t, 1) + 1) / (0.3 * np.sum(p * p, 1) + 0.7 * np.sum(t * t, 1) + 1))


def _without_negation(p: Any, t: Any) -> Any:
    tp, fp, fn = (np.sum(each, axis=1) for each in (p * t, p * t, (1 - p) * t))
    return np.mean(1 - (tp + 1) / (tp + 0.3 * fp + 0.7 * fn + 1))


TVERSKY = Brought(
    formula(
        "tversky_loss",
        tversky,
        of_rows(_tversky),
        Input("p", p, "probabilities", ("N", "K")),
        Input("t", t, "targets", ("N", "K")),
        parameters={"alpha": 0.3, "beta": 0.7},
    ),
    {
        # Of distributions alpha and beta mean the same: as many are wrong as are missed. So exchanging them is no fault.
        "squares below": (_squares_below, {"none"}),
        "the index": (_index, {"complement_forgotten"}),
        "minus the index": (lambda p, t: -_index(p, t), {"term_missing"}),
        "over the batch": (lambda p, t: _tversky(p, t, axis=None), {"over_everything"}),
        "Jaccard": (lambda p, t: _tversky(p, t, 1.0, 1.0), {"alpha=1.3", "beta=1.7"}),
        "not smoothed": (lambda p, t: _tversky(p, t, smooth=1e-7), {"another_constant"}),
        "smoothed below only": (_unsmoothed_above, {"term_missing"}),
        "summed": (lambda p, t: len(p) * _tversky(p, t), {"sum_over_samples"}),
        "negation forgotten": (_without_negation, {"complement_forgotten"}),
        "beta forgotten": (lambda p, t: _tversky(p, t, 0.3, 1.0), {"factor_missing", "beta_ignored", "beta=1"}),
    },
)

# ---- quantile (pinball) loss

rest = t[n, k] - y[n, k]
quantile = sp.Sum(sp.Max(tau * rest, (tau - 1) * rest), (k, 0, K - 1), (n, 0, N - 1)) / (N * K)


def _quantile(y: Any, t: Any, q: float = 0.9) -> Any:
    d = t - y
    return np.mean(np.maximum(q * d, (q - 1) * d))


QUANTILE = Brought(
    formula(
        "quantile_loss",
        quantile,
        of_rows(_quantile),
        Input("y", y, "real", ("N", "K")),
        Input("t", t, "real", ("N", "K")),
        parameters={"tau": 0.9},
    ),
    {
        "residual reversed": (lambda y, t: _quantile(t, y), {"arguments_swapped", "complement_of_tau", "tau=0.1"}),
        "the other quantile": (
            lambda y, t: _quantile(y, t, 1 - 0.9),
            {"arguments_swapped", "complement_of_tau", "tau=0.1"},
        ),
        "minimum": (lambda y, t: np.mean(np.minimum(0.9 * (t - y), -0.1 * (t - y))), {"minimum_instead_of_maximum"}),
        "1 - q instead of q - 1": (
            lambda y, t: np.mean(np.maximum(0.9 * (t - y), (1 - 0.9) * (t - y))),
            {"difference_reversed"},
        ),
        "summed": (lambda y, t: np.sum(np.maximum(0.9 * (t - y), -0.1 * (t - y))), {"sum_instead_of_mean"}),
        "summed over entries": (
            lambda y, t: np.sum(np.maximum(0.9 * (t - y), -0.1 * (t - y))) / len(y),
            {"sum_instead_of_mean"},
        ),
        "median": (lambda y, t: _quantile(y, t, 0.5), {"tau=0.5"}),
        "no first factor": (lambda y, t: np.mean(np.maximum(t - y, -0.1 * (t - y))), {"factor_missing"}),
        "one side only": (lambda y, t: np.mean(0.9 * (t - y)), {"maximum_forgotten"}),
        "one a sample, twice": (
            lambda y, t: 2 * np.mean(np.maximum(0.9 * (t - y), -0.1 * (t - y)), 1),
            {"one_loss_a_sample and factor_two"},
        ),
    },
)

# ---- cosine distance

length: Any = lambda of: sp.sqrt(sp.Sum(of[n, i] ** 2, (i, 0, K - 1)))
product = sp.Sum(y[n, k] * z[n, k], (k, 0, K - 1))
cosine = sp.Sum(1 - product / sp.Max(length(y) * length(z), epsilon), (n, 0, N - 1)) / N


def _similarity(y: Any, z: Any) -> Any:
    return np.sum(y * z, 1) / np.maximum(np.linalg.norm(y, axis=1) * np.linalg.norm(z, axis=1), 1e-8)


COSINE = Brought(
    formula(
        "cosine_distance",
        cosine,
        of_rows(lambda y, z: np.mean(1 - _similarity(y, z))),
        Input("y", y, "real", ("N", "K")),
        Input("z", z, "real", ("N", "K")),
        parameters={"epsilon": 1e-8},
    ),
    {
        "the similarity": (lambda y, z: np.mean(_similarity(y, z)), {"complement_forgotten"}),
        "minus the similarity": (lambda y, z: -np.mean(_similarity(y, z)), {"term_missing"}),
        "plus": (lambda y, z: np.mean(1 + _similarity(y, z)), {"sign_of_a_term", "sign_of_an_argument"}),
        "not normalised": (lambda y, z: np.mean(1 - np.sum(y * z, 1)), {"factor_missing"}),
        "one norm forgotten": (
            lambda y, z: np.mean(1 - np.sum(y * z, 1) / np.linalg.norm(y, axis=1)),
            {"factor_missing"},
        ),
        "no roots": (
            lambda y, z: np.mean(1 - np.sum(y * z, 1) / (np.sum(y * y, 1) * np.sum(z * z, 1))),
            {"root_forgotten"},
        ),
        "norms of the batch": (
            lambda y, z: np.mean(1 - np.sum(y * z, 1) / (np.linalg.norm(y) * np.linalg.norm(z))),
            {"over_everything"},
        ),
        "summed": (lambda y, z: np.sum(1 - _similarity(y, z)), {"sum_over_samples"}),
        "sums of absolute values": (
            lambda y, z: np.mean(1 - np.sum(y * z, 1) / (np.abs(y).sum(1) * np.abs(z).sum(1))),
            {"sum_of_absolute_values"},
        ),
        "halved": (lambda y, z: np.mean(1 - _similarity(y, z)) / 2, {"factor_half"}),
    },
)

# ---- contrastive loss: of similar pairs the squared distance, of others what is missing to the margin

square = sp.Sum((y[n, k] - z[n, k]) ** 2, (k, 0, K - 1))
contrastive = sp.Sum(s[n] * square + (1 - s[n]) * sp.Max(0, margin - sp.sqrt(square)) ** 2, (n, 0, N - 1)) / (2 * N)


def _pairs(similar: Callable[..., Any], other: Callable[..., Any], swapped: bool = False) -> Callable[..., Any]:
    def program(y: Any, z: Any, s: Any) -> Any:
        s = 1 - s if swapped else s
        d = np.sqrt(np.sum((y - z) ** 2, axis=1))
        return np.mean(s * similar(d) + (1 - s) * other(d)) / 2

    return program


def _hinge(d: Any, margin: float = 3.0) -> Any:
    return np.maximum(0, margin - d)


_contrastive = _pairs(lambda d: d**2, lambda d: _hinge(d) ** 2)

CONTRASTIVE = Brought(
    formula(
        "contrastive_loss",
        contrastive,
        _contrastive,
        Input("y", y, "real", ("N", "K")),
        Input("z", z, "real", ("N", "K")),
        Input("s", s, "real", ("N",)),
        parameters={"margin": 3.0},
        single_samples=False,
    ),
    {
        "similar and others swapped": (
            _pairs(lambda d: d**2, lambda d: _hinge(d) ** 2, True),
            {"complement_first", "complement_taken"},
        ),
        "another margin": (_pairs(lambda d: d**2, lambda d: _hinge(d, 1.0) ** 2), {"margin=1", "margin_ignored"}),
        "margin minus the square": (_pairs(lambda d: d**2, lambda d: _hinge(d**2) ** 2), {"root_forgotten"}),
        "hinge not squared": (_pairs(lambda d: d**2, _hinge), {"square_forgotten"}),
        "distance not squared": (_pairs(lambda d: d, lambda d: _hinge(d) ** 2), {"root_taken"}),
        "no half": (lambda y, z, s: 2 * _contrastive(y, z, s), {"missing_half"}),
        "summed": (lambda y, z, s: len(y) * _contrastive(y, z, s), {"sum_over_samples"}),
        "no hinge": (_pairs(lambda d: d**2, lambda d: (3 - d) ** 2), {"maximum_forgotten"}),
        "similar pairs only": (_pairs(lambda d: d**2, lambda d: 0 * d), {"term_missing"}),
        "hinge of the other sign": (
            _pairs(lambda d: d**2, lambda d: np.maximum(0, d - 3) ** 2),
            {"difference_reversed", "minimum_instead_of_maximum"},
        ),
    },
)

BROUGHT = (FOCAL, TVERSKY, QUANTILE, COSINE, CONTRASTIVE)
