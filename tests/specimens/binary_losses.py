"""The binary cross-entropy: of probabilities and of logits, entry by entry, and its gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

_s = special.expit


def _loss(a: Any, t: Any) -> Any:
    return np.maximum(a, 0) - a * t + np.log1p(np.exp(-np.abs(a)))


def with_logits_one_by_one(a: Any, t: Any) -> Any:
    losses = [float(_loss(*pair)) for pair in zip(np.ravel(a), np.ravel(t), strict=True)]
    return np.float64(sum(losses) / len(losses)).astype(np.result_type(a, np.float32))


def with_logits_by_sides(a: Any, t: Any) -> Any:
    return np.mean(np.where(a > 0, (1 - t) * a, -t * a) + np.log1p(np.exp(-np.abs(a))))


def one_by_one(p: Any, t: Any, delta: float = 1e-8) -> Any:
    total = 0.0
    for q, u in zip(np.ravel(p).tolist(), np.ravel(t).tolist(), strict=True):
        total -= u * math.log(max(q, delta)) + (1 - u) * math.log(max(1 - q, delta))
    return np.asarray(total / np.size(p), np.result_type(p, np.float32))


def of_two_columns(p: Any, t: Any) -> Any:
    outputs, targets = (np.stack([1.0 - np.ravel(each), 1.0 * np.ravel(each)], axis=1) for each in (p, t))
    return -np.mean(np.sum(targets * np.log(np.maximum(outputs, 1e-8)), axis=1))


def floored_logs(p: Any, t: Any, delta: float = 1e-8) -> Any:
    # ln 0 gives way to ln δ.
    with np.errstate(divide="ignore"):
        log_p, log_rest = (np.maximum(each, np.log(delta)) for each in (np.log(p), np.log1p(-1.0 * p)))
    return np.mean((t - 1.0) * log_rest - t * log_p)


def kept_on_either_side(p: Any, t: Any, delta: float = 1e-8) -> Any:
    wide, t = np.asarray(p, np.float64), np.asarray(t, np.float64)
    losses = t * np.log(np.maximum(wide, delta)) + (1 - t) * np.log(1 - np.minimum(wide, 1 - delta))
    return np.asarray(-np.mean(losses), np.result_type(p, np.float32))


def _plain(p: Any, t: Any, delta: float = 1e-8) -> Any:
    return -(t * np.log(np.maximum(p, delta)) + (1 - 1.0 * t) * np.log(np.maximum(1 - 1.0 * p, delta)))


def _clipped(p: Any, t: Any, margin: float) -> Any:
    p = np.clip(p, margin, 1 - margin)
    return t * np.log(p) + (1 - t) * np.log(1 - p)


def slopes_of_two_terms(p: Any, t: Any, delta: float = 1e-8) -> Any:
    p, t = 1.0 * p, 1.0 * t
    left = np.where(p >= delta, t / np.maximum(p, delta), 0)
    right = np.where(1 - p >= delta, (1 - t) / np.maximum(1 - p, delta), 0)
    return (right - left) / np.size(p)


def slopes_filled(p: Any, t: Any) -> Any:
    p, t = 1.0 * np.asarray(p), 1.0 * np.asarray(t)
    slopes = np.zeros(p.shape, p.dtype)
    above, below = p >= 1e-8, 1 - p >= 1e-8
    slopes[above] -= t[above] / p[above]
    slopes[below] += (1 - t[below]) / (1 - p[below])
    return slopes / slopes.size


def slopes_over_the_product(p: Any, t: Any) -> Any:
    p, t = 1.0 * np.asarray(p), 1.0 * np.asarray(t)
    inner = (p >= 1e-8) & (1 - p >= 1e-8)
    product = np.where(inner, p * (1 - p), 1)
    ends = np.where(p < 0.5, (1 - t) / (1 - np.minimum(p, 0.5)), -t / np.maximum(p, 0.5))
    return np.where(inner, (p - t) / product, ends) / p.size


def _slope(p: Any, t: Any) -> Any:
    return slopes_of_two_terms(p, t) * np.size(p)


HONEST: dict[str, tuple[Callable[..., Any], ...]] = {
    "binary_cross_entropy": (
        one_by_one,
        of_two_columns,
        floored_logs,
        kept_on_either_side,
        lambda p, t, delta=1e-8: np.mean(_plain(p, t, delta)),
        lambda p, t: (
            -np.mean(special.xlogy(t, np.maximum(p, 1e-8)) + special.xlogy(1 - 1.0 * t, np.maximum(1 - 1.0 * p, 1e-8)))
        ),
    ),
    "binary_cross_entropy_gradient": (
        slopes_of_two_terms,
        slopes_filled,
        slopes_over_the_product,
    ),
    "binary_cross_entropy_with_logits": (
        with_logits_one_by_one,
        with_logits_by_sides,
        lambda a, t: np.mean(_loss(a, t)),
        lambda a, t: -np.mean(t * special.log_expit(a) + (1 - t) * special.log_expit(-a)),
        lambda a, t, pos_weight=1.0: np.mean(pos_weight * t * np.logaddexp(0, -a) + (1 - t) * np.logaddexp(0, a)),
    ),
    "binary_cross_entropy_with_logits_gradient": (
        lambda a, t: (_s(a) - t) / np.size(a),
        lambda a, t, pos_weight=1.0: ((1 - t) * _s(a) - pos_weight * t * _s(-a)) / np.size(a),
        lambda a, t: np.where(a > 0, (1 - t) - _s(-a), _s(a) - t) / np.size(a),
    ),
}
FAULTY: dict[str, tuple[tuple[Callable[..., Any], str | None], ...]] = {
    "binary_cross_entropy": (
        (lambda p, t: -np.mean(t * np.log(np.maximum(p, 1e-8))), "term_missing"),
        (lambda p, t: np.sum(_plain(p, t)), "sum_over_samples"),
        (lambda p, t: _plain(p, t), "one_loss_a_sample"),
        (lambda p, t: np.mean(np.sum(np.atleast_1d(_plain(p, t)), axis=-1)), "mean_over_samples"),
        (lambda p, t: -np.mean(_plain(p, t)), "opposite_sign"),
        (lambda p, t: np.mean(_plain(p, t)) / np.log(2), "base_two"),
        (lambda p, t: np.mean(_plain(t, p)), "arguments_swapped"),
        (lambda p, t: np.mean(_plain(_s(p), t)), "sigmoid_applied_first"),
        (lambda p, t: -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)), "no_guard"),
        (
            lambda p, t: -np.mean(t * np.log(np.maximum(p, 1e-8)) + (1 - t) * np.log(1 - np.maximum(p, 1e-8))),
            "floored_before_the_complement",
        ),
        (lambda p, t: -np.mean(t * np.log(p + 1e-8) + (1 - t) * np.log(1 - p - 1e-8)), "offset_before_the_complement"),
        (lambda p, t: -np.mean(t * np.log(p + 1e-8) + (1 - t) * np.log(1 - p + 1e-8)), "offset with delta=1e-08"),
        (lambda p, t: -np.mean(t * np.log(np.maximum(p, 1e-8)) + (1 - t) * np.log(1 - p)), "no_guard"),
        (lambda p, t: -np.mean(_clipped(p, t, 1e-8)), "both_sides_clipped"),
        (lambda p, t: -np.mean(_clipped(p, t, 1e-12)), "both_sides_clipped"),
        (lambda p, t: -np.mean(_clipped(p, t, 1e-7)), "keras"),
        (lambda p, t: np.mean(_plain(p, t, 1e-3)), "floor with delta=0.001"),
        (lambda p, t: np.mean((p - t) ** 2), None),
        (lambda p, t: -np.mean(np.log(np.maximum(np.abs(1 - p - t), 1e-8))), None),
    ),
    "binary_cross_entropy_gradient": (
        (_slope, "missing_mean"),
        (lambda p, t: -slopes_of_two_terms(p, t), "opposite_sign"),
        (lambda p, t: (p - t) / np.size(p), "gradient_at_the_logits"),
        (lambda p, t: ((1 - t) / (1 - p) - t / p) / np.size(p), "guard_ignored"),
        (lambda p, t: (p - t) / (p * (1 - p)) / np.size(p), "guard_ignored"),
        (lambda p, t: (p - t) / np.maximum(p * (1 - p), 1e-8) / np.size(p), "floored_product"),
        (lambda p, t: (p - t) / np.maximum(p * (1 - p), 1e-12) / np.size(p), "floored_product"),
        (lambda p, t: (p - t) / (p * (1 - p) + 1e-8) / np.size(p), None),
        (
            lambda p, t: ((1 - t) / np.maximum(1 - p, 1e-8) - t / np.maximum(p, 1e-8)) / np.size(p),
            "slope_at_the_floor",
        ),
        (lambda p, t: ((1 - t) / (1 - p + 1e-8) - t / (p + 1e-8)) / np.size(p), None),
        (lambda p, t: _slope(p, t) / (len(p) if np.ndim(p) else 1), "mean_over_samples"),
        (lambda p, t: -np.where(p >= 1e-8, t / np.maximum(p, 1e-8), 0) / np.size(p), "term_missing"),
        (lambda p, t: np.mean(_plain(p, t)), "value_instead_of_derivative"),
        (lambda p, t: slopes_of_two_terms(t, p), "arguments_swapped"),
    ),
    "binary_cross_entropy_with_logits": (
        (lambda a, t: -np.mean(t * special.log_expit(a)), "term_missing"),
        (lambda a, t: np.sum(_loss(a, t)), "sum_over_samples"),
        (_loss, "one_loss_a_sample"),
        (lambda a, t: -np.mean(_loss(a, t)), "opposite_sign"),
        (lambda a, t: np.mean(_loss(a, t)) / np.log(2), "base_two"),
        (lambda a, t: -np.mean(t * np.log(a) + (1 - t) * np.log(1 - a)), "sigmoid_forgotten"),
        (lambda a, t: np.mean(_loss(_s(a), t)), "sigmoid_applied_first"),
        (lambda a, t: np.mean(_loss(t, a)), "arguments_swapped"),
        (lambda a, t: -np.mean(t * np.log(_s(a)) + (1 - t) * np.log(1 - _s(a))), "logarithm_of_the_sigmoid"),
        (
            lambda a, t: -np.mean(t * np.log(_s(a) + 1e-8) + (1 - t) * np.log(1 - _s(a) + 1e-8)),
            "offset_sigmoid",
        ),
        (
            lambda a, t: (
                -np.mean(
                    t * np.log(np.clip(_s(a), 1e-7, 1 - 1e-7)) + (1 - t) * np.log(1 - np.clip(_s(a), 1e-7, 1 - 1e-7))
                )
            ),
            "clipped_sigmoid",
        ),
        (lambda a, t: np.mean(np.log1p(np.exp(a)) - a * t), "no_shift"),
        # At the default these are right.
        (
            lambda a, t, pos_weight=1.0: np.mean(t * np.logaddexp(0, -a) + pos_weight * (1 - t) * np.logaddexp(0, a)),
            "pos_weight_on_the_wrong_term",
        ),
        (lambda a, t, pos_weight=1.0: pos_weight * np.mean(_loss(a, t)), "pos_weight_on_every_term"),
        (
            lambda a, t, pos_weight=1.0: (
                np.sum(pos_weight * t * np.logaddexp(0, -a) + (1 - t) * np.logaddexp(0, a))
                / np.sum(pos_weight * t + (1 - t))
            ),
            "divided_by_the_weights",
        ),
        (lambda a, t: np.mean((_s(a) - t) ** 2), None),
    ),
    "binary_cross_entropy_with_logits_gradient": (
        (lambda a, t: _s(a) - t, "missing_mean"),
        (lambda a, t: (t - _s(a)) / np.size(a), "opposite_sign"),
        (lambda a, t: (a - t) / np.size(a), "sigmoid_forgotten"),
        (lambda a, t: (_s(a) - t) * _s(a) * _s(-a) / np.size(a), "slope_of_the_sigmoid_beside"),
        (lambda a, t: -t * _s(-a) / np.size(a), "term_missing"),
        (lambda a, t: (_s(_s(a)) - t) / np.size(a), "sigmoid_applied_first"),
        (lambda a, t: _s(a) / np.size(a), "argument_ignored"),
        (lambda a, t: np.mean(_loss(a, t)), "value_instead_of_derivative"),
        (lambda a, t, pos_weight=1.0: (pos_weight * (1 - t) * _s(a) - t * _s(-a)) / np.size(a), None),
    ),
}
