"""PyTorch's activations and their autograd, on the CPU."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from tools.who_conforms.counterpart import Counterpart
from tools.who_conforms.of_torch import differentiated

_torch = functools.partial(Counterpart, "PyTorch", array="torch")


def _vjp(function: Callable[..., Any]) -> Callable[..., Any]:
    """The slopes by the argument, given those by the values."""

    def vjp(a: Any, upstream: Any) -> Any:
        a = a.clone().requires_grad_()
        return torch.autograd.grad(function(a), a, upstream)[0]

    return vjp


def _slopes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Autograd of a function of each entry; what is named is a parameter of it."""

    def slopes(x: Any, **parameters: Any) -> Any:
        return differentiated(lambda entry: function(entry, **parameters).sum())(x)

    return slopes


def _leaky_relu(x: Any, slope: float = 0.01) -> Any:
    return F.leaky_relu(x, slope)


def _leaky_relu_slopes(x: Any, slope: float = 0.01) -> Any:
    return _slopes(_leaky_relu)(x, slope=slope)


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return F.elu(x, alpha)


def _elu_slopes(x: Any, alpha: float = 1.0) -> Any:
    return _slopes(_elu)(x, alpha=alpha)


def _gelu_by_tanh(x: Any) -> Any:
    return F.gelu(x, approximate="tanh")


def _softmax(a: Any) -> Any:
    return torch.softmax(a, dim=-1)


def _log_softmax(a: Any) -> Any:
    return F.log_softmax(a, dim=-1)


def _logsumexp(a: Any) -> Any:
    return torch.logsumexp(a, dim=-1)


COUNTERPARTS = (
    _torch("torch.relu", "relu", torch.relu),
    _torch("torch.clamp(min=0)", "relu", lambda x: torch.clamp(x, min=0)),
    _torch("autograd of torch.relu", "relu_gradient", _slopes(torch.relu)),
    _torch("F.leaky_relu", "leaky_relu", _leaky_relu),
    _torch("autograd of F.leaky_relu", "leaky_relu_gradient", _leaky_relu_slopes),
    _torch("torch.tanh", "tanh", torch.tanh),
    _torch("autograd of torch.tanh", "tanh_gradient", _slopes(torch.tanh)),
    _torch("F.softplus", "softplus", F.softplus, convention="pytorch"),
    _torch("torch.logaddexp(x, 0)", "softplus", lambda x: torch.logaddexp(x, torch.zeros_like(x))),
    _torch("−F.logsigmoid of −x", "softplus", lambda x: -F.logsigmoid(-x)),
    _torch("autograd of F.softplus", "softplus_gradient", _slopes(F.softplus), convention="pytorch"),
    _torch("F.elu", "elu", _elu),
    _torch("autograd of F.elu", "elu_gradient", _elu_slopes),
    _torch("F.gelu", "gelu", F.gelu),
    _torch('F.gelu(approximate="tanh")', "gelu", _gelu_by_tanh, convention="tanh"),
    _torch("autograd of F.gelu", "gelu_gradient", _slopes(F.gelu)),
    _torch("autograd of the same", "gelu_gradient", _slopes(_gelu_by_tanh), convention="tanh"),
    _torch("F.silu", "silu", F.silu),
    _torch("x · torch.sigmoid", "silu", lambda x: x * torch.sigmoid(x)),
    _torch("autograd of F.silu", "silu_gradient", _slopes(F.silu)),
    _torch("F.log_softmax", "log_softmax", _log_softmax),
    _torch("a − torch.logsumexp", "log_softmax", lambda a: a - torch.logsumexp(a, dim=-1, keepdim=True)),
    _torch("torch.logsumexp", "logsumexp", _logsumexp),
    _torch("autograd of torch.logsumexp", "logsumexp_gradient", differentiated(lambda a: _logsumexp(a).sum())),
    _torch("autograd of torch.softmax", "softmax_vjp", _vjp(_softmax)),
    _torch("autograd of F.log_softmax", "log_softmax_vjp", _vjp(_log_softmax)),
)
