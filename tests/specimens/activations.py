"""Activations and their derivatives."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special


def relu_by_loop(x: Any) -> Any:
    flat = [max(float(each), 0.0) for each in np.ravel(x)]
    return np.array(flat, np.asarray(x).dtype).reshape(np.shape(x))


def relu_masked_in_place(x: Any) -> Any:
    x = np.array(x)
    x[x < 0] = 0
    return x


def relu_gradient_filled(x: Any) -> Any:
    slope = np.zeros_like(x)
    slope[x > 0] = 1
    return slope


def tanh_by_loop(x: Any) -> Any:
    return np.array([math.tanh(each) for each in np.ravel(x)], np.result_type(x, np.float16)).reshape(x.shape)


def sigmoid(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def elu_by_loop(x: Any) -> Any:
    values = [float(each) if each > 0 else math.expm1(each) for each in np.ravel(x)]
    return np.array(values, np.result_type(x, np.float16)).reshape(x.shape)


def selu(x: Any) -> Any:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543773 * np.expm1(np.minimum(x, 0)))


erf, erfc = special.erf, special.erfc


def gelu_by_loop(x: Any) -> Any:
    values = [each * statistics.NormalDist().cdf(each) for each in map(float, np.ravel(x))]
    return np.array(values, np.result_type(x, np.float16)).reshape(x.shape)


HONEST: dict[str, tuple[Callable[..., Any], ...]] = {
    "relu": (relu_by_loop, relu_masked_in_place, lambda x: x * (x > 0), lambda x: (x + np.abs(x)) / 2),
    "leaky_relu": (
        lambda x, slope=0.01: np.maximum(x, 0) + slope * np.minimum(x, 0),
        lambda x: np.maximum(x, 0.01 * x),
        lambda x: np.where(x < 0, x / 100, x),
    ),
    "leaky_relu_gradient": (
        lambda x, slope=0.01: np.where(x > 0, 1, slope),
        lambda x: (
            np.where(x > 0, np.float32(1), np.float32(0.01)) if x.dtype == np.float32 else (x > 0) + 0.01 * (x <= 0)
        ),
        lambda x: np.maximum(x > 0, 0.01),
    ),
    "tanh": (
        lambda x: np.where(x > 0, -np.expm1(-2 * x) / (1 + np.exp(-2 * x)), np.expm1(2 * x) / (1 + np.exp(2 * x))),
        lambda x: np.sign(x) * np.expm1(2 * np.minimum(np.abs(x), 30)) / (np.expm1(2 * np.minimum(np.abs(x), 30)) + 2),
        tanh_by_loop,
    ),
    "tanh_gradient": (
        lambda x: 1 - np.tanh(x) ** 2,
        lambda x: (1 - np.tanh(x)) * (1 + np.tanh(x)),
        lambda x: 1 / np.cosh(x) ** 2,
        lambda x: 4 / (np.exp(x) + np.exp(-x)) ** 2,
    ),
    "softplus": (
        lambda x: np.logaddexp(0, x),
        lambda x: np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
        lambda x: np.where(x > 40, x, np.log1p(np.exp(np.minimum(x, 40)))),
        lambda x: x - np.minimum(x, 0) - np.log(sigmoid(np.abs(x))),
    ),
    "softplus_gradient": (
        sigmoid,
        lambda x: np.exp(x - np.logaddexp(0, x)),
        lambda x: np.exp(-np.logaddexp(0, -x)),
    ),
    "elu": (
        lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
        lambda x, alpha=1.0: np.maximum(x, 0) + alpha * (np.exp(np.minimum(x, 0)) - 1),
        elu_by_loop,
    ),
    "elu_gradient": (
        lambda x, alpha=1.0: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))),
        lambda x, alpha=1.0: np.where(x > 0, 1, alpha * np.expm1(np.minimum(x, 0)) + alpha),
        lambda x: np.exp(np.minimum(x, 0)),
    ),
    "silu": (
        lambda x: x * sigmoid(x),
        lambda x: x / (1 + np.exp(-x)),
        lambda x: np.maximum(x, 0) - np.abs(x) * sigmoid(-np.abs(x)),
    ),
    "silu_gradient": (
        lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
        lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
        lambda x: x * sigmoid(x) + sigmoid(x) * (1 - x * sigmoid(x)),
    ),
    "gelu": (
        lambda x: 0.5 * x * (1 + erf(x / np.sqrt(x.dtype.type(2)))),
        lambda x: 0.5 * x * erfc(-x / np.sqrt(x.dtype.type(2))),
        gelu_by_loop,
    ),
    "gelu_gradient": (
        lambda x: 0.5 * (1 + erf(x / 2**0.5)) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi),
        lambda x: 0.5 * erfc(-x / 2**0.5) + x * np.exp(-0.5 * x**2) * (1 / math.sqrt(2 * math.pi)),
        lambda x: special.ndtr(x) + x * np.exp(-np.square(x) / 2) / math.sqrt(2 * math.pi),
    ),
    "relu_gradient": (
        relu_gradient_filled,
        lambda x: (x > 0).astype(x.dtype),
        lambda x: np.maximum(np.sign(x), 0),
    ),
}
FAULTY: dict[str, tuple[tuple[Callable[..., Any], str | None], ...]] = {
    "relu": (
        (lambda x: 1.0 * x, "maximum_forgotten"),
        (np.abs, "absolute_value_instead_of_maximum"),
        (lambda x: np.maximum(x, 0.01 * x), "leaky_relu_instead"),
        (lambda x: np.maximum(x, 0.2 * x), "leaky"),
        (lambda x: np.minimum(x, 0), "minimum_instead_of_maximum"),
        (lambda x: np.clip(x, 0, 6), "capped"),
        (lambda x: (x > 0) * 1.0, "derivative_instead_of_value"),
    ),
    "leaky_relu": (
        (lambda x: np.maximum(x, 0.0), "slope_ignored"),
        (lambda x: np.maximum(x, 0.2 * x), "slope=0.2"),
        (lambda x: np.where(x > 0, x, -0.01 * x), None),
        (lambda x: np.where(x > 0, x, x / 0.01), "slope=100"),
        (lambda x: np.where(x > 0, 0.01 * x, x), "branches_exchanged"),
        (lambda x: np.where(x > 0, 1, 0.01), "derivative_instead_of_value"),
    ),
    "leaky_relu_gradient": (
        (lambda x: (x > 0) * 1.0, "slope_ignored"),
        (lambda x: np.where(x > 0, 1, -0.01), None),
        (lambda x: np.where(x > 0, 1, 0.2), "slope=0.2"),
        (lambda x: np.where(x > 0, 0.01, 1), "branches_exchanged"),
        (lambda x: np.where(x > 0, x, 0.01 * x), "value_instead_of_derivative"),
        (lambda x: np.where(x >= 0, 1, 0.01), "jax"),
    ),
    "tanh": (
        (lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), "quotient_of_exponentials"),
        (lambda x: 2 / (1 + np.exp(-2 * x)) - 1, "sigmoid_form"),
        (lambda x: 1 / (1 + np.exp(-x)), "sigmoid_instead_of_tanh"),
        (lambda x: 2 / (1 + np.exp(-x)) - 1, None),
        (lambda x: 1 - np.tanh(x) ** 2, "derivative_instead_of_value"),
        (lambda x: -np.tanh(x), "opposite_sign"),
        (lambda x: 1.7159 * np.tanh(2 / 3 * x), "scaled_tanh"),
        (lambda x: np.clip(x, -1, 1), "hard_tanh"),
        (lambda x: np.maximum(x, 0), "relu_instead"),
    ),
    "tanh_gradient": (
        (lambda x: 1 - x**2, "of_the_value"),
        (lambda x: 1 - np.tanh(x), "square_forgotten"),
        (lambda x: 1 + np.tanh(x) ** 2, "sign_of_a_term"),
        (lambda x: np.tanh(x) ** 2 - 1, "opposite_sign"),
        (lambda x: np.tanh(x), "value_instead_of_derivative"),
        (lambda x: np.tanh(x) * (1 - np.tanh(x)), None),
        (lambda x: 1 / (2 + np.exp(x) + np.exp(-x)), "sigmoid_gradient_instead"),
        (lambda x: 1 - np.tanh(np.tanh(x)) ** 2, "slope_at_the_value"),
        (lambda x: np.tanh(x) ** 2, "complement_forgotten"),
    ),
    "softplus": (
        (lambda x: np.log(1 + np.exp(x)), "overflowing_form"),
        (lambda x: np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20)))), "pytorch"),
        (lambda x: np.logaddexp(0, -x), "sign_in_the_exponent"),
        (lambda x: np.maximum(x, 0), "relu_instead"),
        (sigmoid, "derivative_instead_of_value"),
        (lambda x: np.logaddexp(0, x) / np.log(2), "base_two"),
        (lambda x: np.logaddexp(0, 2 * x) / 2, None),
        (lambda x: np.logaddexp(0, x) - np.log(2), "shifted_softplus"),
        (lambda x: -np.logaddexp(0, x), "opposite_sign"),
    ),
    "softplus_gradient": (
        (lambda x: sigmoid(-x), "sign_in_the_exponent"),
        (lambda x: 1 - np.exp(-np.maximum(x, -700)), "derivative_of_the_value"),
        (lambda x: sigmoid(x) * sigmoid(-x), "sigmoid_gradient_instead"),
        (lambda x: np.logaddexp(0, x), "value_instead_of_derivative"),
        (lambda x: np.exp(x) / (1 + np.exp(x)), None),
        (lambda x: np.where(x > 20, 1, sigmoid(x)), "pytorch"),
        (lambda x: (x > 0) * 1.0, "relu_gradient_instead"),
        (lambda x: sigmoid(2 * x), "scaled_argument"),
    ),
    "elu": (
        (lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0))), "term_missing"),
        (lambda x: np.maximum(x, 0), "alpha_ignored"),
        (lambda x: np.where(x > 0, x, 0.5 * np.expm1(np.minimum(x, 0))), "alpha=0.5"),
        (lambda x: np.where(x > 0, x, -np.expm1(np.minimum(x, 0))), None),
        (lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0))), "derivative_instead_of_value"),
        (selu, "scaled_elu"),
        (lambda x: np.where(x > 0, x, 0.01 * x), "leaky_relu_instead"),
        (lambda x: np.expm1(x), "one_branch_only"),
        (lambda x: np.where(x > 0, np.expm1(x), x), "branches_exchanged"),
        (lambda x: np.logaddexp(0, x), "softplus_instead"),
    ),
    "elu_gradient": (
        (lambda x: np.where(x > 0, 1, x + 1), "derivative_of_the_value"),
        (lambda x: np.where(x > 0, 1, np.expm1(np.minimum(x, 0))), "value_below_zero"),
        (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), "value_instead_of_derivative"),
        (lambda x: np.where(x > 0, 1, -np.exp(np.minimum(x, 0))), None),
        (lambda x: (x > 0) * 1.0, "term_missing"),
        (lambda x: np.exp(x), "one_branch_only"),
        (lambda x: np.where(x > 0, 1, 0.5 * np.exp(np.minimum(x, 0))), "alpha=0.5"),
    ),
    "silu": (
        (sigmoid, "factor_missing"),
        (lambda x: x * sigmoid(1.702 * x), "quick_gelu"),
        (lambda x: x * np.clip(x + 3, 0, 6) / 6, "hard_swish"),
        (lambda x: x * sigmoid(-x), "sign_in_the_exponent"),
        (lambda x: np.maximum(x, 0), "relu_instead"),
        (lambda x: sigmoid(x) * (1 + x * sigmoid(-x)), "derivative_instead_of_value"),
        (lambda x: x * np.tanh(x), "tanh_instead_of_sigmoid"),
        (lambda x: x * x * sigmoid(x), None),
    ),
    "silu_gradient": (
        (sigmoid, "factor_held_fixed"),
        (lambda x: x * sigmoid(x) * (1 - sigmoid(x)), "sigmoid_differentiated_alone"),
        (lambda x: x * sigmoid(x), "value_instead_of_derivative"),
        (lambda x: sigmoid(x) * (1 - x * (1 - sigmoid(x))), "sign_of_a_term"),
        (lambda x: sigmoid(x) * (1 + x * sigmoid(x)), None),
        (lambda x: sigmoid(x) * (1 - sigmoid(x)), "sigmoid_gradient_instead"),
        (lambda x: -sigmoid(x) * (1 + x * sigmoid(-x)), "opposite_sign"),
    ),
    "gelu": (
        (lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), "tanh"),
        (lambda x: x * sigmoid(1.702 * x), "quick_gelu"),
        (lambda x: 0.5 * x * (1 + erf(x)), "root_of_two_forgotten"),
        (lambda x: x * (1 + erf(x / 2**0.5)), "missing_half"),
        (lambda x: 0.5 * (1 + erf(x / 2**0.5)), "factor_missing"),
        (lambda x: 0.5 * x * (1 - erf(x / 2**0.5)), "sign_of_a_term"),
        (lambda x: x * sigmoid(x), "silu_instead"),
        (lambda x: 0.5 * x * erf(x / 2**0.5), "term_missing"),
        (lambda x: np.maximum(x, 0), "relu_instead"),
        (lambda x: 0.5 * x * (1 + np.tanh(x)), None),
    ),
    "gelu_gradient": (
        (lambda x: 0.5 * (1 + erf(x / 2**0.5)), "factor_held_fixed"),
        (lambda x: x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi), "distribution_differentiated_alone"),
        (lambda x: 0.5 * (1 + erf(x / 2**0.5)) - x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi), "sign_of_a_term"),
        (lambda x: 0.5 * (1 + erf(x / 2**0.5)) + np.exp(-x * x / 2) / np.sqrt(2 * np.pi), "factor_missing"),
        (lambda x: 0.5 * x * (1 + erf(x / 2**0.5)), "value_instead_of_derivative"),
        (lambda x: 0.5 * (1 + erf(x / 2**0.5)) + x * np.exp(-x * x) / np.sqrt(2 * np.pi), "factor_missing"),
        (lambda x: sigmoid(x) * (1 + x * sigmoid(-x)), "silu_gradient_instead"),
    ),
    "relu_gradient": (
        (lambda x: (x >= 0) * 1.0, "other_side_of_the_kink"),
        (lambda x: np.maximum(x, 0), "value_instead_of_derivative"),
        (lambda x: np.sign(x), None),
        (lambda x: np.where(x > 0, 1, 0.01), "leaky_relu_gradient_instead"),
        (lambda x: np.where(x > 0, 1, 0.2), "leaky"),
        (lambda x: np.heaviside(x, 0.5), "mean_at_the_kink"),
        (lambda x: (x < 0) * 1.0, "sign_of_an_argument"),
    ),
}
