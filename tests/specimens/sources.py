"""What the sources of conventions publish, typed anew: of activations, layers and steps of optimisers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Program = Callable[..., Any]

# ---- activations


def gelu_by_tanh(x: Any) -> Any:
    """`torch.nn.functional.gelu` with approximate="tanh", and `jax.nn.gelu` as it comes."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_by_tanh_gradient(x: Any) -> Any:
    """Backwards through the approximation, as PyTorch's kernel goes."""
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    slope = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
    return 0.5 * (1 + np.tanh(inner)) + 0.5 * x * (1 / np.cosh(inner) ** 2) * slope


def softplus_with_a_threshold(x: Any) -> Any:
    """`torch.nn.functional.softplus`: from 20 on the argument itself."""
    return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20))))


def softplus_with_a_threshold_gradient(x: Any) -> Any:
    """`torch.nn.functional.softplus`, backwards: from 20 on one."""
    powers = np.exp(np.minimum(x, 20))
    return np.where(x > 20, 1, powers / (powers + 1))


# ---- layers


def layer_norm(eps: float) -> Program:
    def norm(x: Any, gain: Any, bias: Any) -> Any:
        mean, variance = np.mean(x, axis=-1, keepdims=True), np.var(x, axis=-1, keepdims=True)
        return (x - mean) / np.sqrt(variance + eps) * gain + bias

    return norm


def layer_norm_vjp(eps: float) -> Program:
    def vjp(x: Any, gain: Any, bias: Any, upstream: Any) -> Any:
        rows, u = np.atleast_2d(x), np.atleast_2d(upstream)
        centred = rows - np.mean(rows, axis=-1, keepdims=True)
        below = np.sqrt(np.var(rows, axis=-1, keepdims=True) + eps)
        z, g = centred / below, u * gain
        back = g - np.mean(g, axis=-1, keepdims=True) - z * np.mean(g * z, axis=-1, keepdims=True)
        return {"x": (back / below).reshape(np.shape(x)), "gain": np.sum(u * z, axis=0), "bias": np.sum(u, axis=0)}

    return vjp


def epsilon_of(x: Any) -> float:
    """PyTorch's, as its RMSNorm uses it when it computes in float32 what is narrower."""
    return 2.0**-52 if x.dtype.kind == "i" or x.dtype.itemsize == 8 else 2.0**-23


def rms_norm(x: Any, gain: Any) -> Any:
    """`torch.nn.RMSNorm` without an eps of its own; narrow formats are computed in float32."""
    wide = x.astype(np.promote_types(x.dtype, np.float32))
    z = wide / np.sqrt(np.mean(wide**2, axis=-1, keepdims=True) + epsilon_of(x))
    return (z * gain.astype(z.dtype)).astype(x.dtype if x.dtype.kind != "i" else np.float64)


def rms_norm_vjp(x: Any, gain: Any, upstream: Any) -> Any:
    wide = np.promote_types(x.dtype, np.float32)
    rows, u = np.atleast_2d(x).astype(wide), np.atleast_2d(upstream).astype(wide)
    below = np.sqrt(np.mean(rows**2, axis=-1, keepdims=True) + epsilon_of(x))
    z, g = rows / below, u * gain.astype(wide)
    back = (g - z * np.mean(g * z, axis=-1, keepdims=True)) / below
    return back.reshape(np.shape(x)).astype(x.dtype), np.sum(u * z, axis=0).astype(gain.dtype)


# ---- steps


def torch_momentum(w: Any, g: Any, velocity: Any) -> Any:
    """`torch.optim.SGD` with momentum: buf = μ buf + g, p = p − η buf."""
    velocity = 0.9 * velocity + g
    return w - 0.01 * velocity, velocity


def torch_nesterov(w: Any, g: Any, velocity: Any) -> Any:
    """`torch.optim.SGD` with nesterov=True: the gradient and μ times the buffer."""
    velocity = 0.9 * velocity + g
    return w - 0.01 * (g + 0.9 * velocity), velocity


def subtracted_momentum(w: Any, g: Any, velocity: Any) -> Any:
    """Ruder's overview, equation (4): v = γ v + η ∇J, θ = θ − v."""
    velocity = 0.9 * velocity + 0.01 * g
    return w - velocity, velocity


def keras_adagrad(w: Any, g: Any, h: Any) -> Any:
    """`keras.optimizers.Adagrad`: the accumulator and ε under the root."""
    h = h + np.square(g)
    return w - 0.001 * g / np.sqrt(h + 1e-7), h


def torch_adagrad(w: Any, g: Any, h: Any) -> Any:
    """`torch.optim.Adagrad`: std = √sum + 1e-10."""
    h = h + g * g
    return w - 0.01 * g / (np.sqrt(h) + 1e-10), h


def keras_rmsprop(w: Any, g: Any, h: Any) -> Any:
    """`keras.optimizers.RMSprop`: velocity = ρ velocity + (1 − ρ) g², and the step over the root of it and ε."""
    h = 0.9 * h + (1 - 0.9) * np.square(g)
    return w - 0.001 * g / np.sqrt(h + 1e-7), h


def torch_rmsprop(w: Any, g: Any, h: Any) -> Any:
    """`torch.optim.RMSprop`: square_avg = α square_avg + (1 − α) g², over √square_avg + 1e-8."""
    h = 0.99 * h + (1 - 0.99) * g * g
    return w - 0.01 * g / (np.sqrt(h) + 1e-8), h


def keras_adam(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
    """`keras.optimizers.Adam`, and the book's: α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ), over √v + ε."""
    alpha = 1e-3 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    m, v = m + (1 - 0.9) * (g - m), v + (1 - 0.999) * (np.square(g) - v)
    return w - alpha * m / (np.sqrt(v) + 1e-7), m, v


def log_softmax_over_the_array(a: Any) -> Any:
    """`scipy.special.log_softmax` with axis=None."""
    moved = a - np.max(a)
    return moved - np.log(np.sum(np.exp(moved)))


#: What is computed in float32 where the format is narrower, and what is as it stands.
WITH_ROOM: dict[tuple[str, str], Program] = {
    ("log_softmax", "scipy"): log_softmax_over_the_array,
    ("sigmoid_gradient", "of_the_value"): lambda y: 1 * (1 - y) * y,
    ("tanh_gradient", "of_the_value"): lambda y: 1 * (1 - y * y),
    ("gelu", "tanh"): gelu_by_tanh,
    ("gelu_gradient", "tanh"): gelu_by_tanh_gradient,
    ("softplus", "pytorch"): softplus_with_a_threshold,
    ("softplus_gradient", "pytorch"): softplus_with_a_threshold_gradient,
    ("leaky_relu", "keras"): lambda x: np.where(x > 0, x, 0.3 * x),
    ("leaky_relu_gradient", "keras"): lambda x: np.where(x > 0, 1, 0.3),
    ("leaky_relu_gradient", "jax"): lambda x: np.where(x >= 0, 1, 0.01),
    ("layer_norm", "keras"): layer_norm(1e-3),
    ("layer_norm_vjp", "keras"): layer_norm_vjp(1e-3),
    ("momentum_step", "pytorch"): torch_momentum,
    ("momentum_step", "ruder"): subtracted_momentum,
    ("nesterov_step", "pytorch"): torch_nesterov,
    ("adagrad_step", "keras"): keras_adagrad,
    ("adagrad_step", "pytorch"): torch_adagrad,
    ("rmsprop_step", "keras"): keras_rmsprop,
    ("rmsprop_step", "pytorch"): torch_rmsprop,
    ("adam_step", "keras"): keras_adam,
    ("adam_step", "book"): keras_adam,
}
AS_IT_STANDS: dict[tuple[str, str], Program] = {
    ("rms_norm", "pytorch"): rms_norm,
    ("rms_norm_vjp", "pytorch"): rms_norm_vjp,
}
