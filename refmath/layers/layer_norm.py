r"""Layer normalisation: the K numbers of a sample are moved to mean 0 and scaled to variance 1, then given a gain and a bias each.

$$y_{nk} = \gamma_k \, \frac{x_{nk} - \mu_n}{\sqrt{v_n + \varepsilon}} + \beta_k, \qquad
\mu_n = \frac{1}{K} \sum_{j} x_{nj}, \quad v_n = \frac{1}{K} \sum_{j} (x_{nj} - \mu_n)^2$$

**Conventions.** The variance is divided by K, not by K − 1, and ε is added to it, inside the root, as PyTorch, Flax, Keras and the paper's own code do. Keras takes ε = 0.001
unless it is told otherwise. A single sample is a batch of one. nan and ±∞ follow the arithmetic.

**Reference.** J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer Normalization*, 2016, equations (2) to (4).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument, parameter
from refmath.laws import treats_each_sample_alone
from refmath.narrow import rounded_array
from refmath.spec import Claims, Convention, Equal, Formula, defining, law, mistake
from refmath.symbols import Intermediate, K, N, j, k, m, n

x, gain, bias = argument("x", "units", N, K), argument("gain", "weights", K), argument("bias", "weights", K)
eps = parameter("eps", 1e-5, others=(1e-12, 1e-3, 0.5), positive=True)
mean = Intermediate(sp.Sum(x[n, j], (j, 0, K - 1)) / K)
variance = Intermediate(sp.Sum((x[n, m] - mean) ** 2, (m, 0, K - 1)) / K)
normal = (x[n, k] - mean) / sp.sqrt(variance + eps)
definition = gain[k] * normal + bias[k]


def layer_norm(x: Any, gain: Any, bias: Any, *, eps: float = 1e-5) -> Array:
    r"""The numbers of each sample, normalised, times a gain, plus a bias.

    Args:
        x: The numbers, shape (K,) for one sample or (N, K) for a batch.
        gain: The gains γ, shape (K,).
        bias: The biases β, shape (K,).
        eps: What keeps the root from zero, ε, positive.

    Returns:
        The normalised numbers, of the shape and dtype of `x` (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or ε no number.
        ValueError: If the shapes do not fit, an array is empty, or ε is not positive.

    Examples:
        >>> layer_norm([1.0, 3.0], [1.0, 2.0], [0.0, 10.0], eps=1e-300)
        array([-1., 12.])
    """
    rows, gains, biases = checked(x, gain=gain, bias=bias)
    normal, _ = normalised(rows, arguments.positive("eps", eps))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $\gamma_k z_{nk} + \beta_k$
        return rounded_array(gains * normal + biases, arguments.samples("x", x).dtype)


def normalised(rows: Array, eps: float) -> tuple[Array, Array]:
    """Rows moved to mean 0 and scaled to variance 1 in float64 or wider, and the roots they were divided by."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $d_{nk} = x_{nk} - \mu_n$, of which the mean is taken away once more: the first one was rounded.
        rows, exponent = in_reach(rows)
        distance = rows - np.mean(rows, axis=-1, keepdims=True)
        distance = distance - np.mean(distance, axis=-1, keepdims=True)
        #| $z_{nk} = d_{nk} \big/ \sqrt{v_n + \varepsilon}$
        root = root_of_mean_square(distance, eps, exponent)
        return distance / root, np.ldexp(root, exponent)


def in_reach(rows: Array) -> tuple[Array, Any]:
    """Rows of numbers that are 2⁵⁰⁰ at most, so that no sum of their squares overflows, and the powers of two by which they were divided."""
    exponent = np.maximum(np.frexp(np.max(np.abs(rows), axis=-1, keepdims=True))[1] - 500, 0)
    return np.ldexp(rows, -exponent), exponent


def root_of_mean_square(numbers: Array, eps: float, exponent: Any) -> Array:
    """The root of the mean square of each row and ε, for numbers that are so many powers of two too small; never less than that of ε alone."""
    guard = numbers.dtype.type(eps)
    squares = np.mean(numbers * numbers, axis=-1, keepdims=True) + np.ldexp(guard, -2 * exponent)
    return np.asarray(np.maximum(np.sqrt(squares), np.ldexp(np.sqrt(guard), -exponent)))


def checked(x: Any, **of_places: Any) -> tuple[Array, ...]:
    """Samples, and arrays with a number for each place of a sample, in float64 at least."""
    rows = arguments.samples("x", x)
    found = {name: arguments.real(name, value, dimensions=(1,)) for name, value in of_places.items()}
    for name, value in found.items():
        if value.shape != rows.shape[-1:]:
            raise ValueError(f"{name} must have the shape {rows.shape[-1:]} of a sample; got {value.shape}")
    return tuple(each.astype(np.result_type(each, rows, np.float64)) for each in (rows, *found.values()))


def has_mean_zero(norm: Any, x: Any, gain: Any, bias: Any) -> Claims:
    """With gains of one and no bias, the numbers of each sample add up to nothing."""
    yield Equal(np.sum(np.atleast_2d(norm(x, 0 * gain + 1, 0 * bias)), axis=-1), 0)


def is_the_distance_over_the_root(norm: Any, x: Any, gain: Any, bias: Any) -> Claims:
    """What is left without the bias, times the root of variance and ε, is the distance from the mean times the gain: ε is the float 1e-5."""
    rows = np.atleast_2d(x)
    distance = rows - np.sum(rows, axis=-1, keepdims=True) / rows.shape[-1]
    root = np.sqrt(np.sum(distance * distance, axis=-1, keepdims=True) / rows.shape[-1] + 1e-5)
    yield Equal((np.atleast_2d(norm(x, gain, bias)) - bias) * root, gain * distance)


def is_unmoved_by_a_common_shift(norm: Any, x: Any, gain: Any, bias: Any) -> Claims:
    """The same number added to all of a sample changes nothing, be it a small one or a large one."""
    for shift in (1, 64):
        yield Equal(norm(x + shift, gain, bias), norm(x, gain, bias))


def variance_by_the_mean_of_squares(x: Array, gain: Array, bias: Array) -> Any:
    """The variance as the mean of squares less the square of the mean: far from zero the difference loses every digit, or is negative."""
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.mean(x * x, axis=-1, keepdims=True) - mean * mean
    return gain * (x - mean) / np.sqrt(variance + 1e-5) + bias


LAYER_NORM = Formula(
    "layer_norm",
    definition,
    inputs=(x, gain, bias),
    parameters=(eps,),
    output=((n, "N"), (k, "K")),
    display="y_{nk}",
    program=layer_norm,
    laws=(
        defining(has_mean_zero),
        defining(is_the_distance_over_the_root),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone),
    ),
    mistakes=(mistake(variance_by_the_mean_of_squares, caught_by=is_unmoved_by_a_common_shift),),
    conventions=(
        Convention(
            "keras",
            "ε is 0.001.",
            "Keras 3 documentation, keras.layers.LayerNormalization",
            parameters={"eps": 1e-3},
        ),
    ),
)
