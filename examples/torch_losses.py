"""PyTorch's functions behind catalogue signatures.

refmath check --array torch examples/torch_losses.py
"""

import torch
import torch.nn.functional as F


def sigmoid(x):
    return torch.sigmoid(x)


def softmax(a):
    return torch.softmax(a, dim=-1)


def mean_squared_error(y, t):
    # PyTorch's own convention: no ½, and the mean over all entries.
    return F.mse_loss(y, t)


def cross_entropy_one_hot(y, t):
    # PyTorch has no cross-entropy of probabilities with a guard; this is what people write.
    return -(t * torch.log(y)).sum(dim=-1).mean()


def cross_entropy_labels(y, labels):
    return F.nll_loss(torch.log(y), labels)


def softmax_cross_entropy_one_hot(a, t):
    return F.cross_entropy(a, t)


def softmax_cross_entropy_labels(a, labels):
    return F.cross_entropy(a, labels)


def softmax_cross_entropy_labels_gradient(a, labels):
    a = a.detach().clone().requires_grad_()
    F.cross_entropy(a, labels).backward()
    return a.grad
