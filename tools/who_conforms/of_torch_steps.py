"""PyTorch's layers, their autograd, and one step of its optimisers, on the CPU."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional as F

from tools.who_conforms.counterpart import Counterpart

_torch = functools.partial(Counterpart, "PyTorch", array="torch")


def _affine(x: Any, W: Any, b: Any) -> Any:
    return F.linear(x, W.T, b)


def _layer_norm(x: Any, gain: Any, bias: Any, eps: float = 1e-5) -> Any:
    return F.layer_norm(x, gain.shape, gain, bias, eps)


def _rms_norm(x: Any, gain: Any, eps: float | None = None) -> Any:
    return F.rms_norm(x, gain.shape, gain, eps)


def _vjp(function: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """The slopes by each argument by its name, given those by the values, which come last."""

    def vjp(*given: Any, **parameters: Any) -> Any:
        *arguments, upstream = given
        arguments = [each.clone().requires_grad_() for each in arguments]
        slopes = torch.autograd.grad(function(*arguments, **parameters), arguments, upstream)
        return dict(zip(names, slopes, strict=True))

    return vjp


def _layer_norm_vjp(x: Any, gain: Any, bias: Any, upstream: Any, eps: float = 1e-5) -> Any:
    return _vjp(_layer_norm, ("x", "gain", "bias"))(x, gain, bias, upstream, eps=eps)


def _stepped(optimiser: Callable[..., Any], w: Any, g: Any, states: Mapping[str, str], **kept: Any) -> Any:
    """The parameters and the state after one step; `states` are the optimiser's names of the state's arrays, by the page's."""
    w = w.clone().requires_grad_()
    w.grad = g.clone()
    stepping = optimiser([w])
    stepping.state[w] = {key: value.clone() for key, value in kept.items()}
    stepping.step()
    return {"w": w.detach(), **{name: stepping.state[w][key] for name, key in states.items()}}


def _sgd(w: Any, g: Any, velocity: Any, *, nesterov: bool, lr: float, momentum: float) -> Any:
    how = functools.partial(torch.optim.SGD, lr=lr, momentum=momentum, nesterov=nesterov)
    return _stepped(how, w, g, {"velocity": "momentum_buffer"}, momentum_buffer=velocity)


def _momentum(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    return _sgd(w, g, velocity, nesterov=False, lr=lr, momentum=momentum)


def _nesterov(w: Any, g: Any, velocity: Any, lr: float = 0.01, momentum: float = 0.9) -> Any:
    return _sgd(w, g, velocity, nesterov=True, lr=lr, momentum=momentum)


def _adagrad(w: Any, g: Any, h: Any, lr: float = 0.01, eps: float = 1e-10) -> Any:
    how = functools.partial(torch.optim.Adagrad, lr=lr, eps=eps)
    return _stepped(how, w, g, {"h": "sum"}, sum=h, step=torch.tensor(3.0))


def _rmsprop(w: Any, g: Any, h: Any, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-8) -> Any:
    how = functools.partial(torch.optim.RMSprop, lr=lr, alpha=decay, eps=eps)
    return _stepped(how, w, g, {"h": "square_avg"}, square_avg=h, step=torch.tensor(3.0))


def _by_adam(optimiser: Any, w: Any, g: Any, m: Any, v: Any, t: Any, **parameters: Any) -> Any:
    how = functools.partial(optimiser, **parameters)
    before = torch.tensor(float(t) - 1)
    return _stepped(how, w, g, {"m": "exp_avg", "v": "exp_avg_sq"}, exp_avg=m, exp_avg_sq=v, step=before)


def _adam(**how: bool) -> Callable[..., Any]:
    def step(
        w: Any,
        g: Any,
        m: Any,
        v: Any,
        t: Any,
        lr: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> Any:
        return _by_adam(torch.optim.Adam, w, g, m, v, t, lr=lr, betas=(beta1, beta2), eps=eps, **how)

    return step


def _adamw(
    w: Any,
    g: Any,
    m: Any,
    v: Any,
    t: Any,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Any:
    return _by_adam(torch.optim.AdamW, w, g, m, v, t, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)


COUNTERPARTS = (
    _torch("F.linear", "affine", _affine),
    _torch("x @ W + b", "affine", lambda x, W, b: x @ W + b),
    _torch("autograd of F.linear", "affine_vjp", _vjp(_affine, ("x", "W", "b"))),
    _torch("F.layer_norm", "layer_norm", _layer_norm),
    _torch("autograd of F.layer_norm", "layer_norm_vjp", _layer_norm_vjp),
    _torch("F.rms_norm", "rms_norm", lambda x, gain: _rms_norm(x, gain), convention="pytorch"),
    _torch("F.rms_norm(eps=1e-6)", "rms_norm", lambda x, gain: _rms_norm(x, gain, 1e-6)),
    _torch("autograd of F.rms_norm", "rms_norm_vjp", _vjp(_rms_norm, ("x", "gain")), convention="pytorch"),
    _torch("torch.optim.SGD(momentum)", "momentum_step", _momentum, convention="pytorch"),
    _torch("torch.optim.SGD(nesterov=True)", "nesterov_step", _nesterov, convention="pytorch"),
    _torch("torch.optim.Adagrad", "adagrad_step", _adagrad, convention="pytorch"),
    _torch("torch.optim.RMSprop", "rmsprop_step", _rmsprop, convention="pytorch"),
    _torch("torch.optim.Adam", "adam_step", _adam()),
    _torch("torch.optim.Adam(foreach=True)", "adam_step", _adam(foreach=True)),
    _torch("torch.optim.Adam(fused=True)", "adam_step", _adam(fused=True)),
    _torch("torch.optim.AdamW", "adamw_step", _adamw),
)
