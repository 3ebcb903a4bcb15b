"""PyTorch's functions, on the CPU."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from tools.who_conforms.counterpart import Counterpart


def differentiated(loss: Callable[..., Any]) -> Callable[..., Any]:
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


def _nll_of_log_softmax(a: Any, labels: Any) -> Any:
    return F.nll_loss(F.log_softmax(a, dim=-1), labels)


def _logsumexp_of_labels(a: Any, labels: Any) -> Any:
    return (torch.logsumexp(a, dim=-1) - a.gather(-1, labels[..., None].long())[..., 0]).mean()


def _logsumexp_of_one_hot(a: Any, t: Any) -> Any:
    return (torch.logsumexp(a, dim=-1) - (t * a).sum(dim=-1)).mean()


def _categorical(a: Any, labels: Any) -> Any:
    return -torch.distributions.Categorical(logits=a).log_prob(labels).mean()


def _bernoulli(x: Any) -> Any:
    return torch.distributions.Bernoulli(logits=x).probs


def _categorical_probabilities(a: Any) -> Any:
    return torch.distributions.Categorical(logits=a).probs


def _xlogy(y: Any, t: Any) -> Any:
    return -torch.xlogy(t, y).sum(dim=-1).mean()


def _softmax(a: Any) -> Any:
    return F.softmax(a, dim=-1)


def _jacobians(jacobian: Callable[..., Any]) -> Callable[..., Any]:
    """The Jacobian of the softmax of each sample."""
    return lambda a: jacobian(a) if a.ndim == 1 else torch.vmap(jacobian)(a)


def _jacobian(a: Any) -> Any:
    """torch.autograd.functional.jacobian, sample by sample."""
    jacobian = torch.autograd.functional.jacobian
    return jacobian(_softmax, a) if a.ndim == 1 else torch.stack([jacobian(_softmax, sample) for sample in a])


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


def _functional_loss(params: Any, x: Any, t: Any) -> Any:
    return F.cross_entropy(torch.sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"], t)


def _sgd(**how: bool) -> Callable[..., Any]:
    def step(params: Any, grads: Any, lr: float) -> Any:
        moved = {key: value.clone().requires_grad_() for key, value in params.items()}
        for key, value in moved.items():
            value.grad = grads[key].clone()
        torch.optim.SGD(moved.values(), lr=lr, **how).step()
        return moved

    return step


_torch = functools.partial(Counterpart, "PyTorch", array="torch")


COUNTERPARTS = (
    _torch("torch.sigmoid", "sigmoid", torch.sigmoid),
    _torch("torch.special.expit", "sigmoid", torch.special.expit),
    _torch("torch.exp of F.logsigmoid", "sigmoid", lambda x: torch.exp(F.logsigmoid(x))),
    _torch("torch.distributions.Bernoulli(logits).probs", "sigmoid", _bernoulli),
    _torch("autograd of torch.sigmoid", "sigmoid_gradient", differentiated(lambda x: torch.sigmoid(x).sum())),
    _torch("torch.softmax", "softmax", lambda a: torch.softmax(a, dim=-1)),
    _torch("nn.Softmax", "softmax", nn.Softmax(dim=-1)),
    _torch("F.softmin of −a", "softmax", lambda a: F.softmin(-a, dim=-1)),
    _torch("torch.exp of F.log_softmax", "softmax", lambda a: torch.exp(F.log_softmax(a, dim=-1))),
    _torch(
        "torch.exp of a − torch.logsumexp", "softmax", lambda a: torch.exp(a - torch.logsumexp(a, -1, keepdim=True))
    ),
    _torch("torch.distributions.Categorical(logits).probs", "softmax", _categorical_probabilities),
    _torch("torch.func.jacrev of softmax", "softmax_gradient", _jacobians(torch.func.jacrev(_softmax))),
    _torch("torch.autograd.functional.jacobian of softmax", "softmax_gradient", _jacobian),
    _torch("F.mse_loss", "mean_squared_error", F.mse_loss, convention="pytorch"),
    _torch("F.mse_loss, sum / 2N", "mean_squared_error", _half_of_the_squares),
    _torch("autograd of F.mse_loss", "mean_squared_error_gradient", differentiated(F.mse_loss), convention="pytorch"),
    _torch("autograd of F.mse_loss, sum / 2N", "mean_squared_error_gradient", differentiated(_half_of_the_squares)),
    _torch("F.nll_loss of log", "cross_entropy_one_hot", _nll_of_one_hot, convention="pytorch"),
    _torch("F.nll_loss of log", "cross_entropy_labels", _nll_of_labels, convention="pytorch"),
    _torch(
        "autograd of F.nll_loss of log",
        "cross_entropy_labels_gradient",
        differentiated(_nll_of_labels),
        convention="pytorch",
    ),
    _torch(
        "autograd of F.nll_loss of log",
        "cross_entropy_one_hot_gradient",
        differentiated(_nll_of_one_hot),
        convention="pytorch",
    ),
    _torch("−mean of torch.xlogy", "cross_entropy_one_hot", _xlogy, convention="pytorch"),
    _torch("autograd of torch.xlogy", "cross_entropy_one_hot_gradient", differentiated(_xlogy), convention="pytorch"),
    _torch("F.cross_entropy", "softmax_cross_entropy_one_hot", F.cross_entropy),
    _torch("F.cross_entropy", "softmax_cross_entropy_labels", F.cross_entropy),
    _torch("autograd of F.cross_entropy", "softmax_cross_entropy_one_hot_gradient", differentiated(F.cross_entropy)),
    _torch("autograd of F.cross_entropy", "softmax_cross_entropy_labels_gradient", differentiated(F.cross_entropy)),
    _torch("F.nll_loss of F.log_softmax", "softmax_cross_entropy_labels", _nll_of_log_softmax),
    _torch(
        "autograd of F.nll_loss of F.log_softmax",
        "softmax_cross_entropy_labels_gradient",
        differentiated(_nll_of_log_softmax),
    ),
    _torch("mean of torch.logsumexp − t · a", "softmax_cross_entropy_one_hot", _logsumexp_of_one_hot),
    _torch("mean of torch.logsumexp − a at the labels", "softmax_cross_entropy_labels", _logsumexp_of_labels),
    _torch(
        "autograd of torch.logsumexp − t · a",
        "softmax_cross_entropy_one_hot_gradient",
        differentiated(_logsumexp_of_one_hot),
    ),
    _torch(
        "autograd of torch.logsumexp − a at the labels",
        "softmax_cross_entropy_labels_gradient",
        differentiated(_logsumexp_of_labels),
    ),
    _torch("−mean of torch.distributions.Categorical.log_prob", "softmax_cross_entropy_labels", _categorical),
    _torch("torch.optim.SGD", "sgd_step", _sgd()),
    _torch("torch.optim.SGD(foreach=True)", "sgd_step", _sgd(foreach=True)),
    _torch("torch.optim.SGD(fused=True)", "sgd_step", _sgd(fused=True)),
    _torch("nn.Linear, nn.Sigmoid, F.softmax", "two_layer_net_predict", _predict),
    _torch("nn.Linear, nn.Sigmoid, nn.CrossEntropyLoss", "two_layer_net_loss", _loss),
    _torch("backward through the same", "two_layer_net_gradient", _gradient),
    _torch("torch.func.grad of F.cross_entropy", "two_layer_net_gradient", torch.func.grad(_functional_loss)),
)
