"""Layers and their backward forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Program = Callable[..., Any]


def _rows(x: Any) -> Any:
    return np.atleast_2d(x)


def affine_by_einsum(x: Any, W: Any, b: Any) -> Any:
    return np.einsum("...d,dh->...h", x, W) + b


def affine_by_columns(x: Any, W: Any, b: Any) -> Any:
    return np.stack([np.sum(x * W[:, h], axis=-1) + b[h] for h in range(W.shape[1])], axis=-1)


def affine_vjp(x: Any, W: Any, b: Any, upstream: Any) -> Any:
    return {"x": upstream @ W.T, "W": _rows(x).T @ _rows(upstream), "b": _rows(upstream).sum(axis=0)}


def affine_vjp_in_a_row(x: Any, W: Any, b: Any, upstream: Any) -> Any:
    u, rows = _rows(upstream), _rows(x)
    return np.dot(upstream, W.T), np.dot(rows.T, u), np.sum(u, axis=0)


def affine_vjp_by_einsum(x: Any, W: Any, b: Any, upstream: Any) -> Any:
    u, rows = _rows(upstream), _rows(x)
    return np.einsum("...h,dh->...d", upstream, W), np.einsum("nd,nh->dh", rows, u), np.einsum("nh->h", u)


def layer_norm(x: Any, gain: Any, bias: Any, eps: float = 1e-5) -> Any:
    mean = x.mean(axis=-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(x.var(axis=-1, keepdims=True) + eps) + bias


def layer_norm_centred(x: Any, gain: Any, bias: Any, eps: float = 1e-5) -> Any:
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return bias + gain * (centred * (np.mean(centred**2, axis=-1, keepdims=True) + eps) ** -0.5)


def layer_norm_by_loop(x: Any, gain: Any, bias: Any) -> Any:
    found = []
    for row in _rows(x):
        centred = row - row.sum() / row.size
        found.append(centred / np.sqrt((centred * centred).sum() / row.size + 1e-5) * gain + bias)
    return np.reshape(found, np.shape(x))


def layer_norm_vjp(x: Any, gain: Any, bias: Any, upstream: Any, eps: float = 1e-5) -> Any:
    rows, u = _rows(x), _rows(upstream)
    centred = rows - rows.mean(axis=-1, keepdims=True)
    root = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)
    z, g = centred / root, gain * u
    by_x = (g - g.mean(axis=-1, keepdims=True) - z * (g * z).mean(axis=-1, keepdims=True)) / root
    return {"x": by_x.reshape(np.shape(x)), "gain": (u * z).sum(axis=0), "bias": u.sum(axis=0)}


def layer_norm_vjp_with_sums(x: Any, gain: Any, bias: Any, upstream: Any) -> Any:
    """As it is often written: everything times K, divided by K at the end."""
    rows, u = _rows(x), _rows(upstream)
    K = rows.shape[-1]
    mean = rows.mean(axis=-1, keepdims=True)
    inverse = 1 / np.sqrt(rows.var(axis=-1, keepdims=True) + 1e-5)
    z, g = (rows - mean) * inverse, u * gain
    by_x = inverse / K * (K * g - g.sum(axis=-1, keepdims=True) - z * (g * z).sum(axis=-1, keepdims=True))
    return by_x.reshape(np.shape(x)), (u * z).sum(axis=0), u.sum(axis=0)


def layer_norm_vjp_step_by_step(x: Any, gain: Any, bias: Any, upstream: Any) -> Any:
    """Backwards through each line of the program: the root, the variance, the mean."""
    rows, u = _rows(x), _rows(upstream)
    K = rows.shape[-1]
    centred = rows - rows.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True) + 1e-5
    g = u * gain
    by_variance = (g * centred).sum(axis=-1, keepdims=True) * -0.5 * variance**-1.5
    by_centred = g * variance**-0.5 + by_variance * 2 * centred / K
    by_x = by_centred - by_centred.mean(axis=-1, keepdims=True)
    return by_x.reshape(np.shape(x)), (u * centred * variance**-0.5).sum(axis=0), u.sum(axis=0)


def rms_norm(x: Any, gain: Any, eps: float = 1e-6) -> Any:
    return gain * x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)


def rms_norm_by_rsqrt(x: Any, gain: Any, eps: float = 1e-6) -> Any:
    return x * (np.sum(x * x, axis=-1, keepdims=True) / x.shape[-1] + eps) ** -0.5 * gain


def rms_norm_by_loop(x: Any, gain: Any) -> Any:
    rows = [row / np.sqrt(np.dot(row, row) / row.size + 1e-6) * gain for row in _rows(x)]
    return np.reshape(rows, np.shape(x))


def rms_norm_vjp(x: Any, gain: Any, upstream: Any, eps: float = 1e-6) -> Any:
    rows, u = _rows(x), _rows(upstream)
    root = np.sqrt((rows**2).mean(axis=-1, keepdims=True) + eps)
    z, g = rows / root, gain * u
    by_x = (g - z * (g * z).mean(axis=-1, keepdims=True)) / root
    return {"x": by_x.reshape(np.shape(x)), "gain": (u * z).sum(axis=0)}


def rms_norm_vjp_in_a_row(x: Any, gain: Any, upstream: Any) -> Any:
    found = rms_norm_vjp(x, gain, upstream)
    return found["x"], found["gain"]


def rms_norm_vjp_step_by_step(x: Any, gain: Any, upstream: Any) -> Any:
    rows, u = _rows(x), _rows(upstream)
    K = rows.shape[-1]
    square = (rows * rows).sum(axis=-1, keepdims=True) / K + 1e-6
    g = u * gain
    by_square = (g * rows).sum(axis=-1, keepdims=True) * -0.5 * square**-1.5
    by_x = g * square**-0.5 + by_square * 2 * rows / K
    return by_x.reshape(np.shape(x)), (u * rows * square**-0.5).sum(axis=0)


HONEST: dict[str, tuple[Program, ...]] = {
    "affine": (lambda x, W, b: x @ W + b, affine_by_einsum, affine_by_columns),
    "affine_vjp": (affine_vjp, affine_vjp_in_a_row, affine_vjp_by_einsum),
    "layer_norm": (layer_norm, layer_norm_centred, layer_norm_by_loop),
    "layer_norm_vjp": (layer_norm_vjp, layer_norm_vjp_with_sums, layer_norm_vjp_step_by_step),
    "rms_norm": (rms_norm, rms_norm_by_rsqrt, rms_norm_by_loop),
    "rms_norm_vjp": (rms_norm_vjp, rms_norm_vjp_in_a_row, rms_norm_vjp_step_by_step),
}


# ---- faulty ones


def _normed(
    ddof: int = 0, inside: bool = True, root: bool = True, gain_first: bool = True, moved: bool = True, axis: int = -1
) -> Program:
    def norm(x: Any, gain: Any, bias: Any) -> Any:
        mean = x.mean(axis=axis, keepdims=True) if moved else 0
        spread = ((x - x.mean(axis=axis, keepdims=True)) ** 2).sum(axis=axis, keepdims=True) / (x.shape[axis] - ddof)
        below = np.sqrt(spread + 1e-5) if inside else np.sqrt(spread) + 1e-5
        z = (x - mean) / (below if root else spread + 1e-5)
        return gain * z + bias if gain_first else z + bias

    return norm


def _backward(
    mean: bool = True,
    turn: bool = True,
    gained: bool = True,
    root: bool = True,
    summed: bool = True,
    normal: bool = True,
) -> Program:
    def vjp(x: Any, gain: Any, bias: Any, upstream: Any) -> Any:
        rows, u = _rows(x), _rows(upstream)
        centred = rows - rows.mean(axis=-1, keepdims=True)
        below = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        z, g = centred / below, gain * u if gained else u
        by_x = g - mean * g.mean(axis=-1, keepdims=True) - turn * z * (g * z).mean(axis=-1, keepdims=True)
        over = np.sum if summed else np.mean
        return (
            (by_x / below if root else by_x).reshape(np.shape(x)),
            over(u * (z if normal else 1), axis=0),
            over(u, axis=0),
        )

    return vjp


def _rooted(
    inside: bool = True, mean: bool = True, root: bool = True, gained: bool = True, eps: float = 1e-6
) -> Program:
    def norm(x: Any, gain: Any) -> Any:
        square = (x * x).sum(axis=-1, keepdims=True) / (x.shape[-1] if mean else 1)
        below = np.sqrt(square + eps) if inside else np.sqrt(square) + eps
        return (gain if gained else 1) * x / (below if root else square + eps)

    return norm


def _rooted_back(
    turn: bool = True, gained: bool = True, root: bool = True, summed: bool = True, sign: int = -1
) -> Program:
    def vjp(x: Any, gain: Any, upstream: Any) -> Any:
        rows, u = _rows(x), _rows(upstream)
        below = np.sqrt((rows**2).mean(axis=-1, keepdims=True) + 1e-6)
        z, g = rows / below, gain * u if gained else u
        by_x = g + sign * turn * z * (g * z).mean(axis=-1, keepdims=True)
        by_gain = (u * z).sum(axis=0) if summed else (u * z).mean(axis=0)
        return (by_x / below if root else by_x).reshape(np.shape(x)), by_gain

    return vjp


def _affine_back(
    flat: bool = False, mean: bool = False, sign: int = 1, half: float = 1.0, bias: bool = True
) -> Program:
    def vjp(x: Any, W: Any, b: Any, upstream: Any) -> Any:
        u, rows = _rows(upstream), _rows(x)
        count = len(u) if mean else 1
        by_b = (u.sum(axis=0) if bias else u[0]) / count
        return sign * (upstream @ W.T), (rows.T @ u) / count * half, np.full_like(b, u.sum()) if flat else by_b

    return vjp


FAULTY: dict[str, tuple[tuple[Program, str | None], ...]] = {
    "affine": (
        (lambda x, W, b: x @ W, "term_missing"),
        (lambda x, W, b: x @ W - b, "sign_of_a_term"),
        (lambda x, W, b: x @ (W - 1) + b, None),
        (lambda x, W, b: (x @ W + b) / len(np.atleast_2d(x)), "mean_instead_of_sum"),
        (lambda x, W, b: -(x @ W + b), "opposite_sign"),
        (lambda x, W, b: x @ W / W.shape[0] + b, "mean_instead_of_sum"),
    ),
    "affine_vjp": (
        (_affine_back(flat=True), None),
        (_affine_back(mean=True), "mean_instead_of_sum"),
        (_affine_back(sign=-1), "opposite_sign"),
        (_affine_back(half=0.5), "factor_half"),
        (_affine_back(bias=False), "first_sample_only"),
        (lambda x, W, b, upstream: affine_vjp_in_a_row(x, W, b, 2 * upstream), "factor_two"),
    ),
    "layer_norm": (
        (_normed(ddof=1), "divided_by_one_less"),
        (_normed(inside=False), "epsilon_outside_the_root"),
        (_normed(root=False), "root_forgotten"),
        (_normed(gain_first=False), "factor_missing"),
        (_normed(moved=False), "term_missing"),
        (_normed(axis=0), "single_samples_only"),
    ),
    "layer_norm_vjp": (
        (_backward(mean=False), "term_missing"),
        (_backward(turn=False), "term_missing"),
        (lambda x, gain, bias, upstream: layer_norm_vjp(x, gain, bias, 0.5 * upstream), "factor_half"),
        (_backward(gained=False), "gain_forgotten"),
        (_backward(normal=False), "normalised_numbers_forgotten"),
        (_backward(root=False), "factor_missing"),
        (_backward(summed=False), "mean_instead_of_sum"),
    ),
    "rms_norm": (
        (_rooted(inside=False), "epsilon_outside_the_root"),
        (_rooted(mean=False), "sum_instead_of_mean"),
        (_rooted(root=False), "root_forgotten"),
        (_rooted(gained=False), "factor_missing"),
        (_rooted(eps=1e-3), "eps=0.001"),
        (lambda x, gain: rms_norm(x - x.mean(axis=-1, keepdims=True), gain), None),
    ),
    "rms_norm_vjp": (
        (_rooted_back(turn=False), "term_missing"),
        (_rooted_back(sign=1), "sign_of_a_term"),
        (_rooted_back(gained=False), "gain_forgotten"),
        (_rooted_back(root=False), "factor_missing"),
        (_rooted_back(summed=False), "mean_instead_of_sum"),
        (lambda x, gain, upstream: rms_norm_vjp_in_a_row(x, gain, -upstream), "opposite_sign"),
    ),
}
