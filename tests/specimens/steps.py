"""Steps of optimisers: as functions that give new arrays, in place, with several answers in a row."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Program = Callable[..., Any]


def momentum_in_place(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> None:
    velocity *= momentum
    velocity -= lr * g
    w += velocity


def momentum_in_a_row(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    velocity = momentum * velocity - lr * g
    return w + velocity, velocity


def momentum_written_out(w: Any, g: Any, velocity: Any) -> Any:
    return {"w": (w - 0.01 * g) + 0.9 * velocity, "velocity": -(0.01 * g - 0.9 * velocity)}


def nesterov_of_the_book(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    ahead = w + momentum * momentum * velocity - (1 + momentum) * lr * g
    return ahead, momentum * velocity - lr * g


def nesterov_of_the_course(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    before = velocity
    velocity = momentum * velocity - lr * g
    return w + (-momentum * before + (1 + momentum) * velocity), velocity


def nesterov_ahead(w: Any, g: Any, velocity: Any) -> Any:
    velocity = 0.9 * velocity - 0.01 * g
    return {"velocity": velocity, "w": w + 0.9 * velocity - 0.01 * g}


def adagrad_in_place(w: Any, g: Any, h: Any, lr: float = 0.01, eps: float = 1e-7) -> None:
    h += g * g
    w -= lr * g / (np.sqrt(h) + eps)


def adagrad_in_a_row(w: Any, g: Any, h: Any) -> Any:
    h = h + g**2
    return w - 0.01 / (h**0.5 + 1e-7) * g, h


def adagrad_by_loop(w: Any, g: Any, h: Any) -> Any:
    found = [
        (a - 0.01 * b / (math.hypot(math.sqrt(c), b) + 1e-7), c + b * b)
        for a, b, c in zip(np.ravel(w).tolist(), np.ravel(g).tolist(), np.ravel(h).tolist(), strict=True)
    ]
    return {
        key: np.array([each[place] for each in found], np.asarray(w).dtype).reshape(np.shape(w))
        for place, key in enumerate(("w", "h"))
    }


def rmsprop_in_place(w: Any, g: Any, h: Any, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-7) -> None:
    h *= decay
    h += (1 - decay) * g * g
    w -= lr * g / (np.sqrt(h) + eps)


def rmsprop_in_a_row(w: Any, g: Any, h: Any) -> Any:
    h = h + 0.01 * (g**2 - h)
    return w - 0.01 * g / (np.sqrt(h) + 1e-7), h


def rmsprop_as_a_mean(w: Any, g: Any, h: Any, decay: float = 0.99) -> Any:
    h = decay * h + (1 - decay) * g**2
    return w - 0.01 * (g / (h**0.5 + 1e-7)), h


def adam(
    w: Any,
    g: Any,
    m: Any,
    v: Any,
    t: int,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def adam_in_place(w: Any, g: Any, m: Any, v: Any, t: int) -> None:
    m += (1 - 0.9) * (g - m)
    v += (1 - 0.999) * (g * g - v)
    w -= 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


def adam_of_a_library(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
    """The corrections outside, as PyTorch has them."""
    m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * (g * g)
    denominator = np.sqrt(v) / math.sqrt(1 - 0.999**t) + 1e-8
    return {"w": w - 1e-3 / (1 - 0.9**t) * (m / denominator), "m": m, "v": v}


def adamw(w: Any, g: Any, m: Any, v: Any, t: int, weight_decay: float = 0.01) -> Any:
    return adam(w - 1e-3 * weight_decay * w, g, m, v, t)


def adamw_in_place(w: Any, g: Any, m: Any, v: Any, t: int) -> None:
    w *= 1 - 1e-3 * 0.01
    adam_in_place(w, g, m, v, t)


def adamw_together(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
    m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g**2
    hat, root = m / (1 - 0.9**t), np.sqrt(v / (1 - 0.999**t))
    return w - 1e-3 * (hat / (root + 1e-8) + 0.01 * w), m, v


HONEST: dict[str, tuple[Program, ...]] = {
    "momentum_step": (momentum_in_place, momentum_in_a_row, momentum_written_out),
    "nesterov_step": (nesterov_of_the_book, nesterov_of_the_course, nesterov_ahead),
    "adagrad_step": (adagrad_in_place, adagrad_in_a_row, adagrad_by_loop),
    "rmsprop_step": (rmsprop_in_place, rmsprop_in_a_row, rmsprop_as_a_mean),
    "adam_step": (adam, adam_in_place, adam_of_a_library),
    "adamw_step": (adamw, adamw_in_place, adamw_together),
}


# ---- faulty ones


def _momentum(sign: float = -1, moves: float = 1, new: float = 1, share: float = 1, rate: float = 0.01) -> Program:
    def step(w: Any, g: Any, velocity: Any) -> Any:
        after = 0.9 * velocity + sign * share * rate * g
        return w + moves * (after if new else velocity), after

    return step


def _nesterov(looks: float = 0.9, again: float = 0.01, sign: float = -1) -> Program:
    def step(w: Any, g: Any, velocity: Any) -> Any:
        after = 0.9 * velocity + sign * 0.01 * g
        return w + looks * after - again * g, after

    return step


def _squares(
    kept: float = 1, taken: float = 1, eps: float = 1e-7, inside: bool = False, sign: float = -1, new: bool = True
) -> Program:
    def step(w: Any, g: Any, h: Any) -> Any:
        after = kept * h + taken * g**2
        under = after if new else h
        root = np.sqrt(under + eps) if inside else np.sqrt(under) + eps
        return w + sign * 0.01 * g / root, after

    return step


def _adam(
    correct: tuple[bool, bool] = (True, True), shift: int = 0, inside: bool = False, root: bool = True, new: bool = True
) -> Program:
    def step(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
        after, squares = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g**2
        hat, mean = (after, squares) if new else (m, v)
        hat = hat / (1 - 0.9 ** (t + shift)) if correct[0] else hat
        mean = mean / (1 - 0.999 ** (t + shift)) if correct[1] else mean
        below = np.sqrt(mean + 1e-8) if inside else (np.sqrt(mean) if root else mean) + 1e-8
        return w - 1e-3 * hat / below, after, squares

    return step


def _adam_corrected(*kept: str) -> Program:
    def step(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
        w, m, v = adam(w, g, m, v, t)
        return w, m / (1 - 0.9**t) if "m" in kept else m, v / (1 - 0.999**t) if "v" in kept else v

    return step


def _penalised(step: Program = adam, decay: float = 0.01) -> Program:
    return lambda w, g, m, v, t: step(w, g + decay * w, m, v, t)


def _decayed(share: float) -> Program:
    return lambda w, g, m, v, t: adam(share * w, g, m, v, t)


FAULTY: dict[str, tuple[tuple[Program, str | None], ...]] = {
    "momentum_step": (
        (_momentum(sign=1), "sign_of_a_term"),
        (_momentum(moves=-1), "sign_of_a_term"),
        (_momentum(sign=1, moves=-1), "ruder"),
        (_momentum(new=0), "old_velocity_used"),
        (_momentum(rate=0.001), "lr=0.001"),
        (_momentum(rate=1), "lr=1"),
    ),
    "nesterov_step": (
        (_nesterov(sign=1), "sign_of_a_term"),
        (_nesterov(looks=1, again=0), "plain_momentum"),
        (_nesterov(again=0), "term_missing"),
        (_nesterov(looks=-0.9), "sign_of_a_term"),
        (_nesterov(again=-0.01), "sign_of_a_term"),
        (_nesterov(looks=1), "factor_missing"),
    ),
    "adagrad_step": (
        (_squares(inside=True), "epsilon_inside_the_root"),
        (_squares(sign=1), "sign_of_a_term"),
        (_squares(new=False), "old_h_used"),
        (_squares(kept=0), "term_missing"),
        (_squares(taken=-1), "sign_of_a_term"),
        (_squares(eps=1e-4), "eps=0.0001"),
    ),
    "rmsprop_step": (
        (_squares(kept=0.99, taken=0.01, inside=True), "epsilon_inside_the_root"),
        (_squares(kept=0.99, taken=0.01, sign=1), "sign_of_a_term"),
        (_squares(kept=0.99, taken=0.01, new=False), "old_h_used"),
        (_squares(kept=0.9, taken=0.1), "decay=0.9"),
        (_squares(), None),
        (_squares(kept=0.99, taken=1), "sum_instead_of_running_mean"),
    ),
    "adam_step": (
        (_adam(correct=(False, False)), "bias_correction_missing"),
        (_adam(correct=(False, True)), "factor_missing"),
        (_adam(shift=1), "step_off_by_one"),
        (_adam(inside=True), "epsilon_inside_the_root"),
        (_adam(root=False), "root_forgotten"),
        (_adam(new=False), "old_state_used"),
        (_adam_corrected("m", "v"), "corrected_state_kept"),
        (_adam_corrected("m"), "corrected_mean_kept"),
        (_adam_corrected("v"), "corrected_squares_kept"),
    ),
    "adamw_step": (
        (adam, "factor_missing"),
        (_penalised(), "penalty_in_the_gradient"),
        (_decayed(1 - 0.01), "factor_missing"),
        (_decayed(1 + 1e-3 * 0.01), "sign_of_a_term"),
        (
            lambda w, g, m, v, t: _adam(correct=(False, False))((1 - 1e-3 * 0.01) * w, g, m, v, t),
            "bias_correction_missing",
        ),
        (_decayed(1 - 1e-3 * 0.1), "weight_decay=0.1"),
    ),
}
