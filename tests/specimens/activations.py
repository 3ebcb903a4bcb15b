"""Activations and their derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


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
        (lambda x: 1 - x**2, "derivative_of_the_value"),
        (lambda x: 1 - np.tanh(x), "square_forgotten"),
        (lambda x: 1 + np.tanh(x) ** 2, "sign_of_a_term"),
        (lambda x: np.tanh(x) ** 2 - 1, "opposite_sign"),
        (lambda x: np.tanh(x), "value_instead_of_derivative"),
        (lambda x: np.tanh(x) * (1 - np.tanh(x)), None),
        (lambda x: 1 / (2 + np.exp(x) + np.exp(-x)), "sigmoid_gradient_instead"),
        (lambda x: 1 - np.tanh(np.tanh(x)) ** 2, "slope_at_the_value"),
        (lambda x: np.tanh(x) ** 2, "complement_forgotten"),
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
