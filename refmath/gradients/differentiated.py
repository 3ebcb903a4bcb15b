"""Arrays of PyTorch and JAX that a function is differentiated by, modules of PyTorch, and the gradients that both have of their own."""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.gradients.containers import Container, Library, Part, is_module
from refmath.oracle.candidates.arrays import from_torch, handed_over


def contained(name: str, value: Any, library: Library) -> Container:
    """Arrays of a library in whatever a function takes them in.

    Args:
        name: What they are called in messages.
        value: An array, a mapping or a sequence of arrays, nested or not; for PyTorch a module too, which stands for its parameters.
        library: Whose arrays they are.
    """
    if library == "numpy":
        return Container(name, value)
    if library == "jax":
        return OfJax(name, value)
    return OfModule(name, value) if is_module(value) else OfTorch(name, value)


class OfLibrary(Container):
    """Arrays of a library that differentiates by itself."""

    def counterpart(self, name: str, value: Any, part: Part) -> Any:
        """What stands in another whole in place of one of the arrays; zeros where a function does not depend on it."""
        found = super().counterpart(name, value, part)
        return np.zeros(part.shape, part.dtype) if found is None else found

    def returned(self, found: Any) -> Any:
        """What f returned, as NumPy can read it."""
        return found

    def another(self, name: str, value: Any) -> Container:
        """Other arrays of the same library."""
        return contained(name, value, self.library)

    library: Library

    def handed(self, array: Array) -> Any:
        """An array as f is handed it."""
        return handed_over(array, self.library)


class OfJax(OfLibrary):
    """Arrays of JAX, which may not take more than float32."""

    library: Library = "jax"

    def taken(self, value: Any, array: Array) -> tuple[Array, np.dtype[Any]]:
        """The numbers of an array as they can be handed over again, and the dtype in which they will be."""
        handed = np.asarray(handed_over(array.astype(self.real(self.name, value).dtype), "jax"))
        return handed.astype(array.dtype), handed.dtype


class OfTorch(OfLibrary):
    """Arrays of PyTorch."""

    library: Library = "torch"

    def taken(self, value: Any, array: Array) -> tuple[Array, np.dtype[Any]]:
        """The numbers of an array as they can be handed over again, and the dtype in which they will be."""
        if str(getattr(value, "dtype", "")) == "torch.bfloat16":
            from refmath.balls.formats import format_named

            return array, np.dtype(format_named("bfloat16").dtype())
        return array, self.real(self.name, value).dtype

    def real(self, name: str, value: Any) -> Array:
        """An array of real numbers as one of NumPy; what is none is refused."""
        return super().real(name, _plain(value))

    def returned(self, found: Any) -> Any:
        """What f returned, as NumPy can read it."""
        return self.real("what f returns", found) if _is_of_torch(found) else found


class OfModule(OfTorch):
    """The parameters of a module of PyTorch that require a gradient."""

    unsteady = "; a module in training mode drops units at random: call eval() first"

    def __init__(self, name: str, value: Any) -> None:
        self.module = value
        parameters = {key: each for key, each in value.named_parameters() if each.requires_grad}
        if not parameters:
            raise ValueError(f"{name} is a module without parameters that require a gradient")
        super().__init__(name, parameters)

    def at(self, row: Array) -> Any:
        """The module with these parameters."""
        _set(self.module, self.build(row))
        return self.module

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """The module has its own parameters again at the end, and its own buffers, as those of a normalisation."""
        buffers = {key: each.clone() for key, each in self.module.named_buffers()}
        try:
            yield
        finally:
            _set(self.module, {**self.build(self.row), **buffers})

    def read(self, name: str, value: Any) -> tuple[Array, Array]:
        """The numbers of another such whole in one row, of a module the gradients; and the spacing of each next to 1."""
        if is_module(value):
            value = {key: each.grad for key, each in value.named_parameters() if each.requires_grad}
        return super().read(name, value)


def _set(module: Any, values: Mapping[str, Any]) -> None:
    import torch

    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    with torch.no_grad():
        for key, each in values.items():
            own[key].copy_(each)


def _is_of_torch(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch"


def _plain(value: Any) -> Any:
    return from_torch(value) if _is_of_torch(value) else value


def own_gradient(f: Callable[[Any], Any], container: Container) -> Any:
    """The gradient that the library's own differentiation gives.

    Raises:
        ValueError: For NumPy, which has none.
    """
    if isinstance(container, OfTorch):
        return _autograd(f, container)
    if isinstance(container, OfJax):
        import jax

        return jax.grad(f)(container.at(container.row))
    raise ValueError(
        "gradient must be given: NumPy has none of its own; with array='torch' or array='jax' the library's is taken"
    )


def _autograd(f: Callable[[Any], Any], container: OfTorch) -> Any:
    """PyTorch's gradient, by whatever the point holds."""
    import torch

    point = container.at(container.row)
    if isinstance(container, OfModule):
        leaves = {(key,): each for key, each in point.named_parameters() if each.requires_grad}
    else:
        paths = [part.path for part in container.parts]
        leaves = {path: functools.reduce(operator.getitem, path, point).requires_grad_() for path in paths}
    value = f(point)
    if not isinstance(value, torch.Tensor) or value.numel() != 1 or not value.requires_grad:
        raise TypeError("f must return a tensor of one number that depends on x, for PyTorch to differentiate it")
    found = torch.autograd.grad(value.sum(), list(leaves.values()), allow_unused=True)
    return _nested(dict(zip(leaves, found, strict=True)))


def _nested(found: Mapping[tuple[Any, ...], Any]) -> Any:
    """Arrays by their paths, as `Container.read` finds them."""
    if () in found:
        return found[()]
    whole: dict[Any, Any] = {}
    for path, each in found.items():
        at = whole
        for key in path[:-1]:
            at = at.setdefault(key, {})
        at[path[-1]] = each
    return whole
