"""PyTorch's functions, on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from tools.who_conforms.counterpart import Counterpart


def _differentiated(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Autograd, by the first argument."""

    def gradient(first: Any, *others: Any) -> Any:
        first = first.clone().requires_grad_()
        return torch.autograd.grad(loss(first, *others), first)[0]

    return gradient


def _half_of_the_squares(y: Any, t: Any) -> Any:
    return F.mse_loss(y, t, reduction="sum") / (2 * (len(y) if y.ndim == 2 else 1))


def _nll_of_one_hot(y: Any, t: Any) -> Any:
    return F.nll_loss(y.log(), t.argmax(dim=-1))


def _nll_of_labels(y: Any, labels: Any) -> Any:
    return F.nll_loss(y.log(), labels)


def _softmax_gradient(a: Any) -> Any:
    jacobian = torch.func.jacrev(lambda logits: F.softmax(logits, dim=-1))
    return jacobian(a) if a.ndim == 1 else torch.vmap(jacobian)(a)


def _network(params: Any, dtype: Any) -> nn.Sequential:
    (D, H), K = params["W1"].shape, len(params["b2"])
    network = nn.Sequential(nn.Linear(D, H, dtype=dtype), nn.Sigmoid(), nn.Linear(H, K, dtype=dtype))
    with torch.no_grad():
        for layer, number in ((network[0], "1"), (network[2], "2")):
            layer.weight.copy_(params["W" + number].T)
            layer.bias.copy_(params["b" + number])
    return network


def _predict(params: Any, x: Any) -> Any:
    return F.softmax(_network(params, x.dtype)(x), dim=1)


def _loss(params: Any, x: Any, t: Any) -> Any:
    return nn.CrossEntropyLoss()(_network(params, x.dtype)(x), t)


def _gradient(params: Any, x: Any, t: Any) -> Any:
    network = _network(params, x.dtype)
    nn.CrossEntropyLoss()(network(x), t).backward()
    first, second = network[0], network[2]
    return {"W1": first.weight.grad.T, "b1": first.bias.grad, "W2": second.weight.grad.T, "b2": second.bias.grad}


def _sgd(params: Any, grads: Any, lr: float) -> Any:
    moved = {key: value.clone().requires_grad_() for key, value in params.items()}
    for key, value in moved.items():
        value.grad = grads[key].clone()
    torch.optim.SGD(moved.values(), lr=lr).step()
    return moved


def _torch(function: str, formula: str, call: Callable[..., Any], convention: str | None = None) -> Counterpart:
    return Counterpart("PyTorch", function, formula, call, convention=convention, array="torch")


COUNTERPARTS = (
    _torch("torch.sigmoid", "sigmoid", torch.sigmoid),
    _torch("autograd of torch.sigmoid", "sigmoid_gradient", _differentiated(lambda x: torch.sigmoid(x).sum())),
    _torch("torch.softmax", "softmax", lambda a: torch.softmax(a, dim=-1)),
    _torch("torch.func.jacrev of softmax", "softmax_gradient", _softmax_gradient),
    _torch("F.mse_loss", "mean_squared_error", F.mse_loss, "pytorch"),
    _torch("F.mse_loss, sum / 2N", "mean_squared_error", _half_of_the_squares),
    _torch("autograd of F.mse_loss", "mean_squared_error_gradient", _differentiated(F.mse_loss), "pytorch"),
    _torch("F.nll_loss of log", "cross_entropy_one_hot", _nll_of_one_hot, "pytorch"),
    _torch("F.nll_loss of log", "cross_entropy_labels", _nll_of_labels, "pytorch"),
    _torch(
        "autograd of F.nll_loss of log", "cross_entropy_labels_gradient", _differentiated(_nll_of_labels), "pytorch"
    ),
    _torch("F.cross_entropy", "softmax_cross_entropy_one_hot", F.cross_entropy),
    _torch("F.cross_entropy", "softmax_cross_entropy_labels", F.cross_entropy),
    _torch("autograd of F.cross_entropy", "softmax_cross_entropy_one_hot_gradient", _differentiated(F.cross_entropy)),
    _torch("autograd of F.cross_entropy", "softmax_cross_entropy_labels_gradient", _differentiated(F.cross_entropy)),
    _torch("torch.optim.SGD", "sgd_step", _sgd),
    _torch("nn.Linear, nn.Sigmoid, F.softmax", "two_layer_net_predict", _predict),
    _torch("nn.Linear, nn.Sigmoid, nn.CrossEntropyLoss", "two_layer_net_loss", _loss),
    _torch("backward through the same", "two_layer_net_gradient", _gradient),
)
