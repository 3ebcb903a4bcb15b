"""PyTorch's other losses and their autograd, on the CPU."""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch.nn import functional as F

from tools.who_conforms.counterpart import Counterpart
from tools.who_conforms.of_torch import differentiated

_torch = functools.partial(Counterpart, "PyTorch", array="torch")


def _huber(y: Any, t: Any, delta: float = 1.0) -> Any:
    return F.huber_loss(y, t, delta=delta)


def _huber_slopes(y: Any, t: Any, delta: float = 1.0) -> Any:
    return differentiated(functools.partial(_huber, delta=delta))(y, t)


def _hinge(y: Any, t: Any) -> Any:
    return F.relu(1 - t * y).mean()


def _penalty(w: Any, strength: float = 0.01) -> Any:
    return strength / 2 * (w**2).sum()


def _penalty_slopes(w: Any, strength: float = 0.01) -> Any:
    return differentiated(functools.partial(_penalty, strength=strength))(w)


def _divergence(y: Any, t: Any) -> Any:
    return F.kl_div(y.log(), t, reduction="sum" if y.ndim == 1 else "batchmean")


def _with_logits(a: Any, t: Any, pos_weight: float = 1.0) -> Any:
    return F.binary_cross_entropy_with_logits(a, t, pos_weight=torch.as_tensor(pos_weight, dtype=a.dtype))


def _with_logits_slopes(a: Any, t: Any, pos_weight: float = 1.0) -> Any:
    return differentiated(functools.partial(_with_logits, pos_weight=pos_weight))(a, t)


COUNTERPARTS = (
    _torch("F.l1_loss", "mean_absolute_error", F.l1_loss),
    _torch("autograd of F.l1_loss", "mean_absolute_error_gradient", differentiated(F.l1_loss)),
    _torch("F.huber_loss", "huber", _huber),
    _torch("F.smooth_l1_loss", "huber", F.smooth_l1_loss),
    _torch("autograd of F.huber_loss", "huber_gradient", _huber_slopes),
    _torch("mean of F.relu(1 − ty)", "hinge", _hinge),
    _torch("autograd of the same", "hinge_gradient", differentiated(_hinge)),
    _torch("λ/2 · (w ** 2).sum()", "l2_penalty", _penalty),
    _torch("autograd of the same", "l2_penalty_gradient", _penalty_slopes),
    _torch('F.kl_div of log, "batchmean"', "kl_divergence", _divergence),
    _torch("autograd of F.kl_div of log", "kl_divergence_gradient", differentiated(_divergence)),
    _torch("F.binary_cross_entropy", "binary_cross_entropy", F.binary_cross_entropy, convention="pytorch"),
    _torch(
        "autograd of F.binary_cross_entropy",
        "binary_cross_entropy_gradient",
        differentiated(F.binary_cross_entropy),
        convention="pytorch",
    ),
    _torch("F.binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits", _with_logits),
    _torch(
        "autograd of F.binary_cross_entropy_with_logits",
        "binary_cross_entropy_with_logits_gradient",
        _with_logits_slopes,
    ),
)
