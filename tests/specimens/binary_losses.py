"""The binary cross-entropy: of logits, entry by entry, and its gradient."""

from __future__ import annotations

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


HONEST: dict[str, tuple[Callable[..., Any], ...]] = {
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
