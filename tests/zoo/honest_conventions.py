"""Implementations for one-hot targets only that are honest, as their convention is defined on no others."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import sigmoid, softmax
from .specimen import Array, Specimen, installed

Params = dict[str, Any]


def _logits(params: Params, x: Array) -> Array:
    return sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def cross_entropy_one_hot_without_guard(y: Array, t: Array) -> Any:
    """No guard, and the mean over the entries where the target is exactly 1."""
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(y[t == 1]))


def cross_entropy_one_hot_unguarded_loop(y: Array, t: Array) -> float:
    """No guard, in plain Python: whatever is not 0 counts as 1."""
    rows = list(zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True))
    terms = [(-math.log(u) if u > 0 else math.inf) for p, q in rows for u, v in zip(p, q, strict=True) if v]
    return sum(terms) / len(rows)


def cross_entropy_error_of_the_book(y: Array, t: Any) -> Any:
    """Picks the entries where the target is exactly 1."""
    hot = np.asarray(t)[..., None] == np.arange(y.shape[-1]) if np.ndim(t) < y.ndim else np.asarray(t) == 1
    return -np.log(y[hot] + 1e-7).mean()


def sklearn_log_loss_of_one_hot(y: Array, t: Array) -> Any:
    """scikit-learn's log_loss of the classes that weigh most."""
    from .honest_libraries import sklearn_log_loss_of_labels

    return sklearn_log_loss_of_labels(y, np.argmax(np.atleast_2d(t), axis=1))


def loss_of_the_book(params: Params, x: Array, t: Array) -> Any:
    """The logarithm of the picked prediction and 1e-7; targets become labels."""
    y = softmax(_logits(params, x))
    if t.size == y.size and t.ndim == 2:
        t = t.argmax(axis=1)
    return -np.sum(np.log(y[np.arange(y.shape[0]), t] + 1e-7)) / y.shape[0]


def torch_cross_entropy_one_hot_by_nll_loss(y: Any, t: Any) -> Any:
    """nll_loss of the unguarded logarithm, at the class that weighs most."""
    from torch.nn import functional

    return functional.nll_loss(y.log(), t.argmax(dim=-1))


def _under(convention: str, formula: str, function: Callable[..., Any], **options: Any) -> Specimen:
    return Specimen(formula, function, honest=True, convention=convention, **options)


SPECIMENS: tuple[Specimen, ...] = (
    _under("pytorch", "cross_entropy_one_hot", cross_entropy_one_hot_without_guard),
    _under("pytorch", "cross_entropy_one_hot", cross_entropy_one_hot_unguarded_loop),
    _under("book", "cross_entropy_error", cross_entropy_error_of_the_book),
    _under("book", "two_layer_net_loss", loss_of_the_book),
)
if installed("sklearn"):
    SPECIMENS += (_under("sklearn", "cross_entropy_one_hot", sklearn_log_loss_of_one_hot),)
if installed("torch"):
    SPECIMENS += (_under("pytorch", "cross_entropy_one_hot", torch_cross_entropy_one_hot_by_nll_loss, array="torch"),)
