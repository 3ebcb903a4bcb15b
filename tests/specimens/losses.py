"""Losses over all entries, and their derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special


def absolute_error_by_loop(y: Any, t: Any) -> Any:
    total = 0.0
    for one, other in zip(np.ravel(y).tolist(), np.ravel(t).tolist(), strict=True):
        total += one - other if one > other else other - one
    return total / np.size(y)


def absolute_error_slopes_filled(y: Any, t: Any) -> Any:
    slopes = np.zeros(np.shape(y))
    slopes[y > t], slopes[y < t] = 1, -1
    return slopes / np.size(y)


def huber_by_branches(y: Any, t: Any, delta: float = 1.0) -> Any:
    total = 0.0
    for one, other in zip(np.ravel(y).tolist(), np.ravel(t).tolist(), strict=True):
        off = abs(one - other)
        total += 0.5 * off * off if off <= delta else delta * (off - 0.5 * delta)
    return total / np.size(y)


def huber_by_parts(y: Any, t: Any, delta: float = 1.0) -> Any:
    off = np.abs(1.0 * y - t)
    quadratic = np.minimum(off, delta)
    return np.mean(0.5 * quadratic**2 + delta * (off - quadratic))


def huber_slopes_filled(y: Any, t: Any, delta: float = 1.0) -> Any:
    slopes = np.asarray(1.0 * y - t)
    far = np.abs(slopes) > delta
    slopes[far] = delta * np.sign(slopes[far])
    return slopes / np.size(y)


def smooth_l1(y: Any, t: Any, delta: float = 1.0) -> Any:
    off = np.abs(y - t)
    return np.mean(np.where(off < delta, 0.5 * off**2 / delta, off - 0.5 * delta))


def huber_without_delta_before_the_line(y: Any, t: Any, delta: float = 1.0) -> Any:
    off = np.abs(y - t)
    return np.mean(np.where(off <= delta, 0.5 * off**2, off - 0.5 * delta))


def huber_slope_divided(y: Any, t: Any, delta: float = 1.0) -> Any:
    return np.clip((y - t) / delta, -1, 1) / np.size(y)


def huber_slope_of_one(y: Any, t: Any, delta: float = 1.0) -> Any:
    return np.where(np.abs(y - t) <= delta, y - t, np.sign(y - t)) / np.size(y)


def hinge_by_loop(y: Any, t: Any) -> Any:
    pairs = zip(np.ravel(y).tolist(), np.ravel(t).tolist(), strict=True)
    return sum(max(0.0, 1.0 - one * sign) for one, sign in pairs) / np.size(y)


def hinge_slopes_filled(y: Any, t: Any) -> Any:
    slopes = -1.0 * t / np.size(y)
    slopes[1.0 * y * t >= 1] = 0
    return slopes


def hinge_of_zeros_and_ones(y: Any, t: Any) -> Any:
    return np.mean(np.maximum(0, 1 - (2.0 * t - 1) * y))


def penalty_by_loop(w: Any, strength: float = 0.01) -> Any:
    return 0.5 * strength * sum(each * each for each in np.ravel(np.asarray(w, float)).tolist())


def penalty_of_a_vector(w: Any) -> Any:
    flat = np.ravel(1.0 * w)
    return 0.005 * np.dot(flat, flat)


def samples(y: Any) -> int:
    return 1 if np.ndim(y) == 1 else len(y)


def divergence_by_loop(y: Any, t: Any) -> Any:
    total = 0.0
    for q, p in zip(np.ravel(y).tolist(), np.ravel(1.0 * t).tolist(), strict=True):
        if p > 0:
            total += p * (math.log(p) - math.log(q)) if q > 0 else math.inf
    return total / samples(y)


def divergence_with_masks(y: Any, t: Any) -> Any:
    counted = t > 0
    return np.sum(t[counted] * np.log(t[counted] / y[counted])) / samples(y)


def divergence_slopes_filled(y: Any, t: Any) -> Any:
    slopes = np.zeros(np.shape(y))
    slopes[t > 0] = -1.0 * t[t > 0] / y[t > 0]
    return slopes / samples(y)


def divergence(y: Any, t: Any) -> Any:
    return special.rel_entr(1.0 * t, y)


HONEST: dict[str, tuple[Callable[..., Any], ...]] = {
    "mean_absolute_error": (
        absolute_error_by_loop,
        lambda y, t: np.abs(y - 1.0 * t).mean(),
        lambda y, t: np.linalg.norm(np.ravel(1.0 * y - t), 1) / np.size(y),
        lambda y, t: np.mean(1.0 * np.maximum(y, t) - np.minimum(y, t)),
    ),
    "mean_absolute_error_gradient": (
        absolute_error_slopes_filled,
        lambda y, t: np.sign(1.0 * y - t) / np.size(y),
        lambda y, t: ((y > t) * 1.0 - (y < t)) / np.size(y),
        lambda y, t: np.where(y == t, 0.0, np.copysign(1 / np.size(y), 1.0 * y - t)),
    ),
    "huber": (
        huber_by_branches,
        huber_by_parts,
        lambda y, t, *, delta=1.0: np.mean(
            np.where(np.abs(1.0 * y - t) < delta, (1.0 * y - t) ** 2 / 2, delta * (np.abs(1.0 * y - t) - delta / 2))
        ),
    ),
    "huber_gradient": (
        huber_slopes_filled,
        lambda y, t, *, delta=1.0: np.clip(1.0 * y - t, -delta, delta) / np.size(y),
        lambda y, t: np.where(np.abs(1.0 * y - t) < 1, 1.0 * y - t, np.sign(1.0 * y - t)) / np.size(y),
    ),
    "hinge": (
        hinge_by_loop,
        lambda y, t: np.mean(np.maximum(0, 1 - 1.0 * t * y)),
        lambda y, t: np.mean(np.where(t > 0, np.clip(1.0 - y, 0, None), np.clip(1.0 + y, 0, None))),
        lambda y, t: np.sum((1 - 1.0 * t * y) * (1.0 * t * y < 1)) / np.size(y),
    ),
    "hinge_gradient": (
        hinge_slopes_filled,
        lambda y, t: np.where(1.0 * t * y < 1, -1.0 * t, 0) / np.size(y),
        lambda y, t: -1.0 * t * (1 - 1.0 * t * y > 0) / np.size(y),
    ),
    "l2_penalty": (
        penalty_by_loop,
        penalty_of_a_vector,
        lambda w, strength=0.01: strength / 2 * np.sum(np.square(1.0 * w)),
        lambda w: 0.005 * np.linalg.norm(np.ravel(1.0 * w)) ** 2,
    ),
    "l2_penalty_gradient": (
        lambda w, strength=0.01: strength * w,
        lambda w: w / 100,
        lambda w: np.array([0.01 * each for each in np.ravel(w)], np.result_type(w, 0.0)).reshape(np.shape(w)),
    ),
    "kl_divergence": (
        divergence_by_loop,
        divergence_with_masks,
        lambda y, t: np.sum(special.rel_entr(1.0 * t, y)) / samples(y),
        lambda y, t: np.sum(special.xlogy(1.0 * t, (t + 0.0 * y)) - special.xlogy(t + 0.0 * y, y)) / samples(y),
    ),
    "kl_divergence_gradient": (
        divergence_slopes_filled,
        lambda y, t: np.where(t > 0, -1.0 * t / np.where(t > 0, y, 1.0), 0) / samples(y),
        lambda y, t: -np.divide(t, y, out=np.zeros(np.shape(y)), where=t > 0) / samples(y),
    ),
}
FAULTY: dict[str, tuple[tuple[Callable[..., Any], str | None], ...]] = {
    "mean_absolute_error": (
        (lambda y, t: np.sum(np.abs(y - t)), "sum_over_samples"),
        (lambda y, t: np.sum(np.abs(y - t)) / len(np.atleast_1d(y)), "mean_over_samples"),
        (lambda y, t: np.sum(np.abs(y - t), axis=-1).mean(), "mean_over_samples"),
        (lambda y, t: np.mean(np.abs(y - t), axis=-1), "one_loss_a_sample"),
        (lambda y, t: np.abs(y - t), "one_loss_a_sample"),
        (lambda y, t: np.mean((y - t) ** 2), "square_instead_of_absolute"),
        (lambda y, t: np.sqrt(np.mean((y - t) ** 2)), "root_taken"),
        (lambda y, t: np.mean(y - t), "absolute_value_forgotten"),
        (lambda y, t: np.abs(np.mean(y - t)), "absolute_value_of_the_sum"),
        (lambda y, t: np.mean(np.abs(y - t)) / 2, "factor_half"),
        (lambda y, t: np.mean(np.abs(y + t)), "sign_of_a_term"),
        (lambda y, t: np.max(np.abs(y - t)), "largest_only"),
        (lambda y, t: np.median(np.abs(y - t)), None),
        (lambda y, t: np.sign(y - t) / y.size, "derivative_instead_of_value"),
    ),
    "mean_absolute_error_gradient": (
        (lambda y, t: np.sign(y - t), "missing_mean"),
        (lambda y, t: np.sign(t - y) / y.size, "opposite_sign"),
        (lambda y, t: np.sign(y - t) / len(np.atleast_1d(y)), "mean_over_samples"),
        (lambda y, t: (y - t) / y.size, "sign_forgotten"),
        (lambda y, t: 2 * (y - t) / y.size, "sign_forgotten and factor_two"),
        (lambda y, t: np.where(y > t, 1.0, -1.0) / y.size, "other_side_of_the_kink"),
        (lambda y, t: np.where(y < t, -1.0, 1.0) / y.size, "jax"),
        (lambda y, t: (y > t) / y.size, "step_instead_of_sign"),
        (lambda y, t: np.mean(np.abs(y - t)), "value_instead_of_derivative"),
        (lambda y, t: np.abs(y - t) / y.size, None),
        (lambda y, t: np.sign(y) / y.size, "term_missing"),
    ),
    "huber": (
        (lambda y, t: np.sum(np.where(np.abs(y - t) <= 1, (y - t) ** 2 / 2, np.abs(y - t) - 0.5)), "sum_over_samples"),
        (
            lambda y, t: np.where(np.abs(y - t) <= 1, (y - t) ** 2 / 2, np.abs(y - t) - 0.5).mean(axis=-1),
            "one_loss_a_sample",
        ),
        (lambda y, t: np.mean(np.where(np.abs(y - t) <= 1, (y - t) ** 2, 2 * np.abs(y - t) - 1)), "factor_two"),
        (lambda y, t: np.mean(np.where(np.abs(y - t) <= 1, (y - t) ** 2 / 2, np.abs(y - t))), "term_missing"),
        (lambda y, t: np.mean(np.where(np.abs(y - t) <= 1, (y - t) ** 2, np.abs(y - t) - 0.5)), "factor_missing"),
        (
            lambda y, t: np.mean(np.where(np.abs(y - t) > 1, (y - t) ** 2 / 2, np.abs(y - t) - 0.5)),
            "branches_exchanged",
        ),
        (lambda y, t: np.mean((y - t) ** 2 / 2), "one_branch_only"),
        (lambda y, t: np.mean(np.abs(y - t) - 0.5), "one_branch_only"),
        (lambda y, t: np.mean(np.abs(y - t)), None),
        (lambda y, t: np.mean(np.sqrt(1 + (y - t) ** 2) - 1), "pseudo_huber"),
        (lambda y, t: np.mean(np.where(np.abs(y - t) <= 2, (y - t) ** 2 / 2, 2 * (np.abs(y - t) - 1))), "delta=2"),
        (
            lambda y, t: np.mean(np.where(np.abs(y - t) <= 1.35, (y - t) ** 2 / 2, 1.35 * (np.abs(y - t) - 1.35 / 2))),
            "delta=1.35",
        ),
        (lambda y, t: np.mean(np.where(y - t <= 1, (y - t) ** 2 / 2, np.abs(y - t) - 0.5)), "absolute_value_forgotten"),
        (lambda y, t: np.mean(np.where(np.abs(y - t) <= 1, (y - t) ** 2 / 2, y - t - 0.5)), "absolute_value_forgotten"),
        (smooth_l1, "divided_by_delta"),
        (huber_without_delta_before_the_line, "factor_missing"),
        (lambda y, t: np.clip(y - t, -1, 1) / y.size, "derivative_instead_of_value"),
    ),
    "huber_gradient": (
        (lambda y, t: np.clip(y - t, -1, 1), "missing_mean"),
        (lambda y, t: np.clip(t - y, -1, 1) / y.size, "opposite_sign"),
        (lambda y, t: np.clip(y - t, -1, 1) / len(np.atleast_1d(y)), "mean_over_samples"),
        (lambda y, t: (y - t) / y.size, "clip_forgotten"),
        (lambda y, t: np.sign(y - t) / y.size, "sign_instead_of_clip"),
        (lambda y, t: np.where(np.abs(y - t) <= 1, y - t, 1.0) / y.size, "sign_forgotten"),
        (lambda y, t: np.minimum(y - t, 1) / y.size, "maximum_forgotten"),
        (lambda y, t: np.clip(y - t, 0, 1) / y.size, None),
        (lambda y, t: np.clip(y - t, -2, 2) / y.size, "delta=2"),
        (lambda y, t: (y - t) / np.sqrt(1 + (y - t) ** 2) / y.size, "pseudo_huber"),
        (huber_slope_divided, "divided_by_delta"),
        (huber_slope_of_one, None),
        (
            lambda y, t: np.mean(np.where(np.abs(y - t) <= 1, (y - t) ** 2 / 2, np.abs(y - t) - 0.5)),
            "value_instead_of_derivative",
        ),
    ),
    "hinge": (
        (lambda y, t: np.sum(np.maximum(0, 1 - t * y)), "sum_over_samples"),
        (lambda y, t: np.sum(np.maximum(0, 1 - t * y), axis=-1).mean(), "mean_over_samples"),
        (lambda y, t: np.maximum(0, 1 - t * y), "one_loss_a_sample"),
        (lambda y, t: np.mean(1 - t * y), "maximum_forgotten"),
        (lambda y, t: np.mean(np.maximum(0, 1 + t * y)), "sign_of_a_term"),
        (lambda y, t: np.mean(np.maximum(0, -t * y)), "term_missing"),
        (lambda y, t: np.mean(np.maximum(0, 1 - t * y) ** 2), "squared"),
        (lambda y, t: np.mean(np.maximum(0, 1 - t * y) ** 2) / 2, "squared and factor_half"),
        (lambda y, t: np.mean(np.abs(1 - t * y)), "absolute_value_instead_of_maximum"),
        (hinge_of_zeros_and_ones, "signs_from_zeros_and_ones"),
        (lambda y, t: np.mean(np.log1p(np.exp(-t * y))), "logistic_loss"),
        (lambda y, t: np.maximum(0, np.mean(1 - t * y)), "maximum_of_the_sum"),
        (lambda y, t: np.mean(np.maximum(0, 1 - y)), "factor_missing"),
        (lambda y, t: np.mean(t * y < 1), None),
        (lambda y, t: np.mean(np.maximum(0, 1 - t * np.sign(y))), None),
        (lambda y, t: np.mean(np.minimum(0, 1 - t * y)), "minimum_instead_of_maximum"),
    ),
    "hinge_gradient": (
        (lambda y, t: np.where(t * y < 1, -t, 0), "missing_mean"),
        (lambda y, t: np.where(t * y < 1, t, 0) / y.size, "opposite_sign"),
        (lambda y, t: np.where(t * y < 1, -t, 0) / len(np.atleast_1d(y)), "mean_over_samples"),
        (lambda y, t: np.where(t * y <= 1, -t, 0) / y.size, "other_side_of_the_kink"),
        (lambda y, t: np.where(t * y == 1, -0.5 * t, np.where(t * y < 1, -t, 0)) / y.size, "jax"),
        (lambda y, t: -t / y.size, "one_branch_only"),
        (lambda y, t: np.where(t * y < 1, -1, 0) / y.size, None),
        (lambda y, t: np.where(t * y < 0, -t, 0) / y.size, "threshold_of_zero"),
        (lambda y, t: np.where(t * y > 1, -t, 0) / y.size, "branches_exchanged"),
        (lambda y, t: -t * np.maximum(0, 1 - t * y) / y.size, None),
        (lambda y, t: np.mean(np.maximum(0, 1 - t * y)), "value_instead_of_derivative"),
    ),
    "l2_penalty": (
        (lambda w, strength=0.01: strength * np.sum(w**2), "keras"),
        (lambda w, strength=0.01: strength**2 * np.sum(w**2) / 2, "multiplied_by_strength"),
        (lambda w, strength=0.01: strength / 2 * np.mean(w**2), "mean_instead_of_sum"),
        (lambda w, strength=0.01: strength / 2 * np.sqrt(np.sum(w**2)), "root_taken"),
        (lambda w, strength=0.01: strength * np.sqrt(np.sum(w**2)), "root_taken and missing_half"),
        (lambda w, strength=0.01: strength / 2 * np.sum(np.abs(w)), "absolute_value"),
        (lambda w, strength=0.01: strength / 2 * np.sum(w) ** 2, "square_of_the_sum"),
        (lambda w, strength=0.01: -strength / 2 * np.sum(w**2), "opposite_sign"),
        (lambda w: np.sum(w**2) / 2, "strength=1"),
        (lambda w: 0.1 * np.sum(w**2) / 2, "strength=0.1"),
        (lambda w, strength=0.01: strength / 2 * w**2, "sum_not_taken"),
        (lambda w, strength=0.01: strength / 2 * np.sum(w**2, axis=-1), "one_loss_a_sample"),
        (lambda w, strength=0.01: strength * w, "derivative_instead_of_value"),
        (lambda w, strength=0.01: strength / 4 * np.sum(w**2), "factor_half"),
    ),
    "l2_penalty_gradient": (
        (lambda w, strength=0.01: 2 * strength * w, "keras"),
        (lambda w, strength=0.01: strength * w / 2, "factor_half"),
        (lambda w, strength=0.01: -strength * w, "opposite_sign"),
        (lambda w, strength=0.01: strength * np.sign(w), None),
        (lambda w, strength=0.01: strength * w / np.size(w), "mean_instead_of_sum"),
        (lambda w, strength=0.01: strength * w**2 / 2, None),
        (lambda w: 1.0 * w, "strength=1"),
        (lambda w: 0.1 * w, "strength=0.1"),
        (lambda w, strength=0.01: strength * np.sum(w**2) / 2, "value_instead_of_derivative"),
        (lambda w, strength=0.01: (1 - strength) * w, "strength=0.99"),
        (lambda w, strength=0.01: strength * np.abs(w), "absolute_value_first"),
    ),
    "kl_divergence": (
        (lambda y, t: np.sum(divergence(y, t)), "sum_over_samples"),
        (lambda y, t: np.mean(divergence(y, t)), "mean_over_entries"),
        (lambda y, t: np.sum(divergence(y, t), axis=-1), "one_loss_a_sample"),
        (lambda y, t: np.sum(special.rel_entr(y, 1.0 * t)) / samples(y), "arguments_swapped"),
        (lambda y, t: -np.sum(divergence(y, t)) / samples(y), "opposite_sign"),
        (lambda y, t: np.sum(divergence(y, t)) / samples(y) / np.log(2), "base_two"),
        (lambda y, t: np.sum(t * np.log(t / y)) / samples(y), "zero_times_the_logarithm_of_zero"),
        (lambda y, t: -np.sum(special.xlogy(t, y)) / samples(y), "cross_entropy"),
        (lambda y, t: np.sum(t * np.log((t + 1e-8) / (y + 1e-8))) / samples(y), "guarded_logarithm"),
        (
            lambda y, t: np.sum(np.clip(t, 1e-7, 1) * np.log(np.clip(t, 1e-7, 1) / np.clip(y, 1e-7, 1))) / samples(y),
            "keras",
        ),
        (lambda y, t: -np.sum(special.xdivy(t, y)) / samples(y), None),
        (lambda y, t: np.sum(divergence(y, t)) / np.shape(y)[-1], "factor_of_sizes"),
        (lambda y, t: np.sum(np.exp(t) * (t - y)) / samples(y), None),
        (lambda y, t: -np.where(t > 0, t / y, 0) / samples(y), "derivative_instead_of_value"),
    ),
    "kl_divergence_gradient": (
        (lambda y, t: -np.where(t > 0, t / y, 0), "missing_mean"),
        (lambda y, t: np.where(t > 0, t / y, 0) / samples(y), "opposite_sign"),
        (lambda y, t: -np.where(t > 0, t / y, 0) / np.size(y), "mean_over_entries"),
        (lambda y, t: -t / y / samples(y), "zero_by_zero"),
        (lambda y, t: np.where(t > 0, np.log(t / y) + 1, 0) / samples(y), None),
        (lambda y, t: (y - t) / samples(y), "slope_at_the_logits"),
        (lambda y, t: -np.where(y > 0, y / t, 0) / samples(y), "arguments_swapped"),
        (lambda y, t: (1 - np.where(t > 0, t / y, 0)) / samples(y), None),
        (lambda y, t: -t / (y + 1e-8) / samples(y), "guarded_denominator or offset_added"),
        (lambda y, t: -np.where(y >= 1e-7, np.clip(t, 1e-7, 1) / y, 0) / samples(y), "keras"),
        (lambda y, t: np.sum(divergence(y, t)) / samples(y), "value_instead_of_derivative"),
    ),
}
