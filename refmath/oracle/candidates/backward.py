"""A loss by the gradient that its own library's automatic differentiation gives of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

#: The libraries that differentiate.
DIFFERENTIATING = ("torch", "jax")


def backward(loss: Callable[..., Any], array: str) -> Callable[..., Any]:
    """The gradient of a function's value, or of the sum of its values, by its first argument.

    Args:
        loss: A function of arrays of PyTorch or JAX.
        array: Which of them: `torch` or `jax`.

    Returns:
        A function of the same arguments. It raises a TypeError for numbers that cannot change a little, such as integers.
    """
    return functools.wraps(loss)({"torch": _by_torch, "jax": _by_jax}[array](loss))


def _by_torch(loss: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    def gradient(first: Any, *others: Any, **parameters: Any) -> Any:
        if not first.is_floating_point():
            raise TypeError(f"PyTorch differentiates by floating-point tensors only; got {first.dtype}")
        point = first.detach().clone().requires_grad_()
        value = loss(point, *others, **parameters)
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"a loss must be a tensor to be differentiated; got {type(value).__name__}")
        if not value.requires_grad:
            raise RuntimeError("the loss is cut off from its first argument: detached, or computed outside of PyTorch")
        (slopes,) = torch.autograd.grad(value.sum(), point)
        return slopes

    return gradient


def _by_jax(loss: Callable[..., Any]) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    def gradient(first: Any, *others: Any, **parameters: Any) -> Any:
        if not jnp.issubdtype(first.dtype, jnp.floating):
            raise TypeError(f"JAX differentiates by floating-point arrays only; got {first.dtype}")
        return jax.grad(lambda point: jnp.sum(loss(point, *others, **parameters)))(first)

    return gradient
