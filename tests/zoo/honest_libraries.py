"""Honest implementations that call PyTorch, JAX or scikit-learn; those of a library that is not installed are left out.

The plain wrappers of `array="torch"` refuse integer tensors where a real one is meant, as PyTorch itself does.
The JAX specimens that take NumPy arrays switch on 64 bits themselves; those that take JAX arrays compute in the format that comes.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .specimen import Array, Specimen, installed

# ------------------------------------------------------------------------------------------------------ torch, with torch's arrays


def torch_sigmoid(x: Any) -> Any:
    """torch.sigmoid."""
    import torch

    return torch.sigmoid(x)


def torch_sigmoid_by_logsigmoid(x: Any) -> Any:
    """The exponential of logsigmoid."""
    from torch.nn import functional

    return functional.logsigmoid(x).exp()


def torch_sigmoid_gradient_by_autograd(x: Any) -> Any:
    """Autograd through torch.sigmoid."""
    import torch

    x = x.detach().clone().requires_grad_()
    torch.sigmoid(x).sum().backward()
    return x.grad


def torch_softmax(a: Any) -> Any:
    """torch.nn.functional.softmax."""
    from torch.nn import functional

    return functional.softmax(a, dim=-1)


def torch_softmax_as_a_module(a: Any) -> Any:
    """torch.nn.Softmax, with a gradient attached to the answer."""
    import torch

    return torch.nn.Softmax(dim=-1)(a.clone().requires_grad_())


def torch_softmax_gradient_by_jacobian(a: Any) -> Any:
    """torch.autograd.functional.jacobian, sample by sample."""
    import torch

    if a.ndim == 1:
        return torch.autograd.functional.jacobian(lambda v: torch.softmax(v, dim=0), a)
    return torch.stack([torch_softmax_gradient_by_jacobian(row) for row in a])


def torch_softmax_gradient_by_vmap(a: Any) -> Any:
    """torch.func: a vectorised reverse-mode Jacobian."""
    import torch

    jacobian = torch.func.jacrev(lambda v: torch.softmax(v, dim=-1))
    return jacobian(a) if a.ndim == 1 else torch.vmap(jacobian)(a)


def torch_mean_squared_error(y: Any, t: Any) -> Any:
    """PyTorch's own sum, halved and divided by the number of samples."""
    from torch.nn import functional

    return functional.mse_loss(y, t, reduction="sum") / (2 * (y.shape[0] if y.dim() == 2 else 1))


def torch_mse_loss(y: Any, t: Any) -> Any:
    """torch.nn.functional.mse_loss as it comes."""
    from torch.nn import functional

    return functional.mse_loss(y, t)


def torch_mean_squared_error_gradient(y: Any, t: Any) -> Any:
    """torch.autograd.grad of the half sum."""
    import torch

    y = y.detach().clone().requires_grad_()
    loss = (y - t).pow(2).sum(-1).mean() / 2
    return torch.autograd.grad(loss, y)[0]


def torch_mse_loss_gradient(y: Any, t: Any) -> Any:
    """Autograd through mse_loss as it comes."""
    from torch.nn import functional

    y = y.detach().clone().requires_grad_()
    functional.mse_loss(y, t).backward()
    return y.grad


def torch_cross_entropy_one_hot(y: Any, t: Any) -> Any:
    """The floor by clamp."""
    return -(t * y.clamp(min=1e-8).log()).sum(-1).mean()


def torch_cross_entropy_one_hot_by_where(y: Any, t: Any) -> Any:
    """The unguarded logarithm, where the target is not 0."""
    import torch

    return -torch.where(t > 0, t * y.log(), 0).sum(dim=-1).mean()


def torch_cross_entropy_labels(y: Any, labels: Any) -> Any:
    """nll_loss of the floored logarithm."""
    import torch
    from torch.nn import functional

    return functional.nll_loss(torch.log(torch.clamp(y, min=1e-8)), labels)


def torch_cross_entropy_labels_by_nll_loss(y: Any, labels: Any) -> Any:
    """nll_loss of the unguarded logarithm."""
    from torch.nn import functional

    return functional.nll_loss(y.log(), labels)


def torch_cross_entropy_error(y: Any, t: Any) -> Any:
    """Both encodings, the label's logarithms by gather."""
    import torch

    logs = y.clamp_min(1e-8).log()
    return -((t * logs).sum(dim=-1) if t.ndim == y.ndim else torch.gather(logs, -1, t.unsqueeze(-1))).mean()


def torch_cross_entropy_one_hot_gradient(y: Any, t: Any) -> Any:
    """Autograd through clamp."""
    y = y.detach().clone().requires_grad_()
    torch_cross_entropy_one_hot(y, t).backward()
    return y.grad


def torch_cross_entropy_labels_gradient(y: Any, labels: Any) -> Any:
    """Autograd through clamp and nll_loss."""
    import torch

    y = y.detach().clone().requires_grad_()
    return torch.autograd.grad(torch_cross_entropy_labels(y, labels), y)[0]


def torch_softmax_cross_entropy_one_hot(a: Any, t: Any) -> Any:
    """torch.nn.functional.cross_entropy with probabilities as targets."""
    from torch.nn import functional

    return functional.cross_entropy(a, t.to(a.dtype))


def torch_softmax_cross_entropy_one_hot_by_logsumexp(a: Any, t: Any) -> Any:
    """torch.logsumexp, with a gradient attached to the answer."""
    import torch

    a = a.clone().requires_grad_()
    return (torch.logsumexp(a, dim=-1) - (a * t).sum(dim=-1)).mean()


def torch_softmax_cross_entropy_labels(a: Any, labels: Any) -> Any:
    """torch.nn.functional.cross_entropy."""
    from torch.nn import functional

    return functional.cross_entropy(a, labels)


def torch_softmax_cross_entropy_labels_as_a_module(a: Any, labels: Any) -> Any:
    """torch.nn.NLLLoss after torch.nn.LogSoftmax."""
    import torch

    return torch.nn.NLLLoss()(torch.nn.LogSoftmax(dim=-1)(a), labels)


def torch_softmax_cross_entropy_one_hot_gradient(a: Any, t: Any) -> Any:
    """Autograd through cross_entropy with probabilities."""
    a = a.detach().clone().requires_grad_()
    torch_softmax_cross_entropy_one_hot(a, t).backward()
    return a.grad


def torch_softmax_cross_entropy_labels_gradient(a: Any, labels: Any) -> Any:
    """torch.func.grad of cross_entropy."""
    import torch
    from torch.nn import functional

    return torch.func.grad(functional.cross_entropy)(a, labels)


# ------------------------------------------------------------------------------------------------------ torch, with NumPy's arrays


def sigmoid_through_torch(x: Array) -> Array:
    """torch.from_numpy, which shares memory and warns when the array is read-only; integers become doubles."""
    import torch

    answer: Array = torch.sigmoid(torch.from_numpy(x.astype(np.result_type(x, np.float32), copy=False))).numpy()
    return answer


def softmax_through_torch(a: Array) -> Array:
    """torch.tensor, which copies."""
    import torch

    answer: Array = torch.softmax(torch.tensor(a, dtype=torch.float64), dim=-1).numpy()
    return answer


def softmax_cross_entropy_labels_through_torch(a: Array, labels: Any) -> float:
    """cross_entropy, given back as a Python float by item()."""
    import torch
    from torch.nn import functional

    loss = functional.cross_entropy(torch.tensor(a, dtype=torch.float64), torch.tensor(labels, dtype=torch.long))
    return loss.item()


def softmax_cross_entropy_one_hot_gradient_through_torch(a: Array, t: Array) -> Array:
    """Autograd, given back as a NumPy array."""
    import torch
    from torch.nn import functional

    logits = torch.tensor(a, dtype=torch.float64, requires_grad=True)
    functional.cross_entropy(logits, torch.tensor(t, dtype=torch.float64)).backward()
    gradient: Array = np.asarray(logits.grad)
    return gradient


# ---------------------------------------------------------------------------------------------------------- jax, with jax's arrays


def jax_sigmoid(x: Any) -> Any:
    """jax.nn.sigmoid."""
    import jax

    return jax.nn.sigmoid(x)


def jax_sigmoid_gradient_by_vmap(x: Any) -> Any:
    """jax.grad, mapped over every number."""
    import jax

    return jax.vmap(jax.grad(jax.nn.sigmoid))(x.ravel()).reshape(x.shape)


def jax_softmax(a: Any) -> Any:
    """jax.nn.softmax, compiled."""
    import jax

    return jax.jit(jax.nn.softmax)(a)


@cache
def _compiled_jacobian() -> tuple[Any, Any]:
    import jax

    jacobian = jax.jacfwd(jax.nn.softmax)
    return jax.jit(jacobian), jax.jit(jax.vmap(jacobian))


def jax_softmax_gradient(a: Any) -> Any:
    """jax.jacfwd, mapped over the samples, and compiled once."""
    return _compiled_jacobian()[a.ndim - 1](a)


def jax_mean_squared_error(y: Any, t: Any) -> Any:
    """jax.numpy, in floats."""
    import jax.numpy as jnp

    return 0.5 * jnp.mean(jnp.sum((y.astype(float) - t) ** 2, axis=-1))


@cache
def _compiled_gradient(loss: Callable[..., Any]) -> Any:
    import jax

    return jax.jit(jax.grad(loss))


def _half_the_sum(y: Any, t: Any) -> Any:
    return 0.5 * ((y - t) ** 2).sum() / (y.size / y.shape[-1])


def jax_mean_squared_error_gradient(y: Any, t: Any) -> Any:
    """jax.grad of the half sum, compiled once."""
    return _compiled_gradient(_half_the_sum)(y, t)


def jax_cross_entropy_one_hot(y: Any, t: Any) -> Any:
    """The floor by jax.numpy.maximum."""
    import jax.numpy as jnp

    return -jnp.mean(jnp.sum(t * jnp.log(jnp.maximum(y, 1e-8)), axis=-1))


def jax_cross_entropy_one_hot_by_xlogy(y: Any, t: Any) -> Any:
    """jax.scipy.special.xlogy, without a guard."""
    import jax

    return -jax.scipy.special.xlogy(t, y).sum(axis=-1).mean()


def jax_cross_entropy_labels(y: Any, labels: Any) -> Any:
    """One-hot rows by jax.nn.one_hot."""
    import jax

    return jax_cross_entropy_one_hot(y, jax.nn.one_hot(labels, y.shape[-1], dtype=y.dtype))


def jax_softmax_cross_entropy_one_hot(a: Any, t: Any) -> Any:
    """jax.nn.log_softmax."""
    import jax

    return -(t * jax.nn.log_softmax(a)).sum(axis=-1).mean()


def jax_softmax_cross_entropy_labels(a: Any, labels: Any) -> Any:
    """jax.nn.logsumexp less the label's logit."""
    import jax
    import jax.numpy as jnp

    chosen = jnp.take_along_axis(a, jnp.asarray(labels)[..., None], axis=-1)[..., 0]
    return jnp.mean(jax.nn.logsumexp(a, axis=-1) - chosen)


def jax_softmax_cross_entropy_one_hot_gradient(a: Any, t: Any) -> Any:
    """jax.grad of the log-softmax form, compiled once."""
    return _compiled_gradient(jax_softmax_cross_entropy_one_hot)(a, t)


def jax_softmax_cross_entropy_labels_gradient(a: Any, labels: Any) -> Any:
    """jax.grad of the label form, compiled once."""
    return _compiled_gradient(jax_softmax_cross_entropy_labels)(a, labels)


# -------------------------------------------------------------------------------------------------------- jax, with NumPy's arrays


def softmax_through_jax(a: Array) -> Array:
    """In 64 bits, which JAX must be asked for."""
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(True):
        return np.asarray(jax.nn.softmax(jnp.asarray(a, dtype=jnp.float64), axis=-1))


def softmax_cross_entropy_one_hot_through_jax(a: Array, t: Array) -> float:
    """In 64 bits, given back as a Python float."""
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(True):
        logits = jnp.asarray(a, dtype=jnp.float64)
        return float(-jnp.mean(jnp.sum(jnp.asarray(t) * jax.nn.log_softmax(logits), axis=-1)))


# ---------------------------------------------------------------------------------------------------------------------- scikit-learn


def sklearn_mean_squared_error(y: Array, t: Array) -> Any:
    """sklearn.metrics.mean_squared_error as it comes."""
    from sklearn.metrics import mean_squared_error

    return mean_squared_error(t, y)


def sklearn_mean_squared_error_halved(y: Array, t: Array) -> Any:
    """The same, times half the number of classes."""
    from sklearn.metrics import mean_squared_error

    return mean_squared_error(t, y) * y.shape[-1] / 2


def sklearn_log_loss_of_labels(y: Array, labels: Any) -> Any:
    """sklearn.metrics.log_loss, with a branch for the single class which it takes for two."""
    from sklearn.metrics import log_loss

    y = np.atleast_2d(y).astype(np.result_type(y, np.float32), copy=False)
    if y.shape[1] == 1:
        return -np.log(1 - np.finfo(y.dtype).eps)
    return log_loss(np.atleast_1d(labels), y, labels=np.arange(y.shape[1]))


def sklearn_softmax(a: Array) -> Array:
    """sklearn.utils.extmath.softmax, which works on rows and is asked for a copy."""
    from sklearn.utils.extmath import softmax

    answer: Array = softmax(np.atleast_2d(a).astype(np.result_type(a, np.float32)), copy=True).reshape(a.shape)
    return answer


TORCH = (
    Specimen("sigmoid", torch_sigmoid, honest=True, array="torch"),
    Specimen("sigmoid", torch_sigmoid_by_logsigmoid, honest=True, array="torch"),
    Specimen("sigmoid_gradient", torch_sigmoid_gradient_by_autograd, honest=True, array="torch"),
    Specimen("softmax", torch_softmax, honest=True, array="torch"),
    Specimen("softmax", torch_softmax_as_a_module, honest=True, array="torch"),
    Specimen("softmax_gradient", torch_softmax_gradient_by_jacobian, honest=True, array="torch"),
    Specimen("softmax_gradient", torch_softmax_gradient_by_vmap, honest=True, array="torch"),
    Specimen("mean_squared_error", torch_mean_squared_error, honest=True, array="torch"),
    Specimen("mean_squared_error", torch_mse_loss, honest=True, convention="pytorch", array="torch"),
    Specimen("mean_squared_error_gradient", torch_mean_squared_error_gradient, honest=True, array="torch"),
    Specimen("mean_squared_error_gradient", torch_mse_loss_gradient, honest=True, convention="pytorch", array="torch"),
    Specimen("cross_entropy_one_hot", torch_cross_entropy_one_hot, honest=True, array="torch"),
    Specimen(
        "cross_entropy_one_hot",
        torch_cross_entropy_one_hot_by_where,
        honest=True,
        convention="pytorch",
        array="torch",
    ),
    Specimen("cross_entropy_labels", torch_cross_entropy_labels, honest=True, array="torch"),
    Specimen(
        "cross_entropy_labels", torch_cross_entropy_labels_by_nll_loss, honest=True, convention="pytorch", array="torch"
    ),
    Specimen("cross_entropy_error", torch_cross_entropy_error, honest=True, array="torch"),
    Specimen("cross_entropy_one_hot_gradient", torch_cross_entropy_one_hot_gradient, honest=True, array="torch"),
    Specimen("cross_entropy_labels_gradient", torch_cross_entropy_labels_gradient, honest=True, array="torch"),
    Specimen("softmax_cross_entropy_one_hot", torch_softmax_cross_entropy_one_hot, honest=True, array="torch"),
    Specimen(
        "softmax_cross_entropy_one_hot", torch_softmax_cross_entropy_one_hot_by_logsumexp, honest=True, array="torch"
    ),
    Specimen("softmax_cross_entropy_labels", torch_softmax_cross_entropy_labels, honest=True, array="torch"),
    Specimen(
        "softmax_cross_entropy_labels", torch_softmax_cross_entropy_labels_as_a_module, honest=True, array="torch"
    ),
    Specimen(
        "softmax_cross_entropy_one_hot_gradient",
        torch_softmax_cross_entropy_one_hot_gradient,
        honest=True,
        array="torch",
    ),
    Specimen(
        "softmax_cross_entropy_labels_gradient", torch_softmax_cross_entropy_labels_gradient, honest=True, array="torch"
    ),
    Specimen("sigmoid", sigmoid_through_torch, honest=True, note="warns when it is given a read-only array"),
    Specimen("softmax", softmax_through_torch, honest=True),
    Specimen("softmax_cross_entropy_labels", softmax_cross_entropy_labels_through_torch, honest=True),
    Specimen(
        "softmax_cross_entropy_one_hot_gradient", softmax_cross_entropy_one_hot_gradient_through_torch, honest=True
    ),
)

JAX = (
    Specimen("sigmoid", jax_sigmoid, honest=True, array="jax"),
    Specimen("sigmoid_gradient", jax_sigmoid_gradient_by_vmap, honest=True, array="jax"),
    Specimen("softmax", jax_softmax, honest=True, array="jax"),
    Specimen("softmax_gradient", jax_softmax_gradient, honest=True, array="jax"),
    Specimen("mean_squared_error", jax_mean_squared_error, honest=True, array="jax"),
    Specimen("mean_squared_error_gradient", jax_mean_squared_error_gradient, honest=True, array="jax"),
    Specimen("cross_entropy_one_hot", jax_cross_entropy_one_hot, honest=True, array="jax"),
    Specimen(
        "cross_entropy_one_hot", jax_cross_entropy_one_hot_by_xlogy, honest=True, convention="pytorch", array="jax"
    ),
    Specimen("cross_entropy_labels", jax_cross_entropy_labels, honest=True, array="jax"),
    Specimen("softmax_cross_entropy_one_hot", jax_softmax_cross_entropy_one_hot, honest=True, array="jax"),
    Specimen("softmax_cross_entropy_labels", jax_softmax_cross_entropy_labels, honest=True, array="jax"),
    Specimen(
        "softmax_cross_entropy_one_hot_gradient", jax_softmax_cross_entropy_one_hot_gradient, honest=True, array="jax"
    ),
    Specimen(
        "softmax_cross_entropy_labels_gradient", jax_softmax_cross_entropy_labels_gradient, honest=True, array="jax"
    ),
    Specimen("softmax", softmax_through_jax, honest=True),
    Specimen("softmax_cross_entropy_one_hot", softmax_cross_entropy_one_hot_through_jax, honest=True),
)

SKLEARN = (
    Specimen("mean_squared_error", sklearn_mean_squared_error, honest=True, convention="sklearn"),
    Specimen("mean_squared_error", sklearn_mean_squared_error_halved, honest=True),
    Specimen("cross_entropy_labels", sklearn_log_loss_of_labels, honest=True, convention="sklearn"),
    Specimen("softmax", sklearn_softmax, honest=True),
)

SPECIMENS: tuple[Specimen, ...] = (
    *(TORCH if installed("torch") else ()),
    *(JAX if installed("jax") else ()),
    *(SKLEARN if installed("sklearn") else ()),
)
