"""What a function is differentiated by: one array, or arrays in mappings and sequences, of NumPy, PyTorch or JAX, as one row of numbers and back."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from refmath import arguments, narrow
from refmath.arguments import Array
from refmath.oracle.arrays import from_torch, handed_over

Library = Literal["numpy", "torch", "jax"]
LIBRARIES: tuple[Library, ...] = get_args(Library)


@dataclass(frozen=True)
class Part:
    """One of the arrays.

    Attributes:
        path: The keys and places that lead to it.
        shape: Its shape.
        dtype: The dtype in which it is handed over.
        start: Where its entries begin in the row.
    """

    path: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def name(self) -> str:
        """Its path as one would write it behind the name of the whole: empty for a single array."""
        return written(self.path)


def written(path: tuple[Any, ...]) -> str:
    """A path as one would write it behind the name of the whole."""
    return "".join(f"[{each!r}]" for each in path)


class Container:
    """Arrays in whatever a function takes them in, as one row of numbers and back.

    Args:
        name: What they are called in messages.
        value: An array, a mapping or a sequence of arrays, nested or not; for PyTorch a module too, which stands for its parameters.
        library: Whose arrays they are.
    """

    def __init__(self, name: str, value: Any, library: Library) -> None:
        self.name, self.library = name, library
        self.module = value if library == "torch" and is_module(value) else None
        if self.module is not None:
            value = {key: each for key, each in self.module.named_parameters() if each.requires_grad}
            if not value:
                raise ValueError(f"{name} is a module without parameters that require a gradient")
        self.parts: list[Part] = []
        rows: list[Array] = []
        self.build = self._walk(value, (), rows)
        if not rows:
            raise ValueError(f"{name} must hold at least one array")
        self.row = np.concatenate(rows)
        if not self.row.size:
            raise ValueError(f"{name} must have at least one entry; got only empty arrays")

    def _walk(self, value: Any, path: tuple[Any, ...], rows: list[Array]) -> Callable[[Array], Any]:
        """Appends the arrays, and returns how the whole is put together again from the row."""
        if isinstance(value, Mapping):
            built = {key: self._walk(each, (*path, key), rows) for key, each in value.items()}
            return lambda row: {key: make(row) for key, make in built.items()}
        if is_sequence(value):
            made = [self._walk(each, (*path, place), rows) for place, each in enumerate(value)]
            kind = _sequence_of(type(value))
            return lambda row: kind([make(row) for make in made])
        part, row = self._part(value, path)
        self.parts.append(part)
        rows.append(row)
        return lambda row: self._array(part, row)

    def _part(self, value: Any, path: tuple[Any, ...]) -> tuple[Part, Array]:
        start = self.parts[-1].start + self.parts[-1].size if self.parts else 0
        name = f"{self.name}{written(path)}"
        array = real(name, value, self.library)
        wide = arguments.point(name, array)
        if self.library == "numpy":
            array = wide
        elif self.library == "jax":  # which may not take more than float32
            array = np.asarray(handed_over(wide.astype(array.dtype), "jax"))
            wide = array.astype(wide.dtype)
        dtype = array.dtype
        if self.library == "torch" and _is_bfloat16(value):
            dtype = np.dtype(_bfloat16())
        return Part(path, array.shape, dtype, start), wide.reshape(-1)

    def _array(self, part: Part, row: Array) -> Any:
        return handed_over(
            row[part.start : part.start + part.size].astype(part.dtype).reshape(part.shape), self.library
        )

    def at(self, row: Array) -> Any:
        """What the function is handed for a row of numbers: fresh arrays, or the module with these parameters."""
        built = self.build(row)
        if self.module is None:
            return built
        _set(self.module, built)
        return self.module

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """A module has its own parameters again at the end, and its own buffers, as those of a normalisation."""
        buffers = {} if self.module is None else {key: each.clone() for key, each in self.module.named_buffers()}
        try:
            yield
        finally:
            if self.module is not None:
                _set(self.module, self.build(self.row), buffers)

    def read(self, name: str, value: Any) -> tuple[Array, Array]:
        """The numbers of another such whole, as a gradient is, in one row; and the spacing of each next to 1.

        Raises:
            TypeError: If an array is missing, or is none.
            ValueError: If one has another shape than its counterpart.
        """
        if self.module is not None and is_module(value):
            value = {key: each.grad for key, each in value.named_parameters() if each.requires_grad}
        rows, spacings = [], []
        for part in self.parts:
            label = f"{name}{part.name}"
            found = _found(name, value, part.path)
            if found is None and self.library != "numpy":  # what a function does not depend on has none
                found = np.zeros(part.shape, part.dtype)
            array = real(label, found, self.library)
            if array.shape != part.shape:
                arguments.same_shape(f"{self.name}{part.name}", np.empty(part.shape, np.bool_), label, array)
            eps = narrow.epsilon(array.dtype) if narrow.is_float(array.dtype) else narrow.epsilon(np.dtype(float))
            rows.append(array.astype(np.float64).reshape(-1))
            spacings.append(np.full(part.size, max(eps, narrow.epsilon(part.dtype))))
        return np.concatenate(rows), np.concatenate(spacings)

    def part_of(self, entry: int) -> Part:
        """The array that an entry of the row belongs to."""
        return next(each for each in reversed(self.parts) if each.start <= entry and each.size)

    def place(self, entry: int) -> tuple[Part, tuple[int, ...]]:
        """The array and the index of an entry of the row."""
        part = self.part_of(entry)
        return part, tuple(int(each) for each in np.unravel_index(entry - part.start, part.shape))


def _found(name: str, value: Any, path: tuple[Any, ...]) -> Any:
    """What stands in a whole where another one has an array."""
    at = name
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            has = (
                f"the keys {', '.join(map(repr, value)) or 'none'}"
                if isinstance(value, Mapping)
                else type(value).__name__
            )
            raise TypeError(f"{at} must hold an array at {key!r}, as x does; got {has}") from None
        at = f"{at}[{key!r}]"
    return value


def is_sequence(value: Any) -> bool:
    """Whether it is a list or tuple of arrays, not one array written as lists of numbers."""
    return isinstance(value, list | tuple) and any(
        isinstance(each, Mapping) or (hasattr(each, "shape") and len(each.shape) > 0) or is_sequence(each)
        for each in value
    )


def _sequence_of(kind: type) -> Callable[[list[Any]], Any]:
    if hasattr(kind, "_fields"):
        return lambda items: kind(*items)
    return tuple if issubclass(kind, tuple) else list


def is_module(value: Any) -> bool:
    """Whether it is a module of PyTorch."""
    return hasattr(value, "named_parameters") and hasattr(value, "forward")


def _set(module: Any, parameters: Mapping[str, Any], buffers: Mapping[str, Any] | None = None) -> None:
    import torch

    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    with torch.no_grad():
        for key, each in {**parameters, **(buffers or {})}.items():
            own[key].copy_(each)


def _is_bfloat16(value: Any) -> bool:
    return str(getattr(value, "dtype", "")) == "torch.bfloat16"


def _bfloat16() -> Any:
    from refmath.balls.formats import format_named

    return format_named("bfloat16").dtype()


def real(name: str, value: Any, library: Library) -> Array:
    """An array of real numbers of a library as one of NumPy.

    Raises:
        TypeError: If it is none.
        ValueError: If it is empty.
    """
    if library == "torch" and type(value).__module__.partition(".")[0] == "torch":
        value = from_torch(value)
    if is_module(value):
        raise TypeError(f"{name} is a module of PyTorch: say array='torch'")
    if (
        isinstance(value, tuple)
        and any(np.ndim(each) for each in value)
        and len({np.shape(each) for each in value}) > 1
    ):
        kinds = ", ".join(type(each).__name__ for each in value)
        raise TypeError(
            f"{name} must be one array of real numbers; got a tuple of {kinds}: say which it is, as lambda x: f(x)[1]"
        )
    if isinstance(value, Mapping) or value is None or callable(value):
        raise TypeError(f"{name} must be an array of real numbers; got {type(value).__name__}")
    try:
        return arguments.real(name, value)
    except TypeError as error:
        if "dtype complex" not in str(error):
            raise
        told = (
            "a gradient by complex numbers is one by their real and imaginary parts, which can be given as two arrays"
        )
        raise TypeError(f"{error}: {told}") from None


def require(array: Any) -> Library:
    """The library, if it is one of those and is there.

    Raises:
        ValueError: If it is unknown.
        ImportError: If its package is missing.
    """
    if array not in LIBRARIES:
        raise ValueError(f"array must be one of {', '.join(LIBRARIES)}; got {array!r}")
    if importlib.util.find_spec(array) is None:
        raise ImportError(f"arrays of {array} need the package {array}: pip install {array}")
    library: Library = array
    return library


def own_gradient(f: Callable[[Any], Any], container: Container) -> Any:
    """The gradient that the library's own differentiation gives.

    Raises:
        ValueError: For NumPy, which has none.
    """
    if container.library == "numpy":
        raise ValueError(
            "gradient must be given: NumPy has none of its own; with array='torch' or array='jax' the library's is taken"
        )
    point = container.at(container.row)
    if container.library == "jax":
        import jax

        return jax.grad(f)(point)
    return _autograd(f, container, point)


def _autograd(f: Callable[[Any], Any], container: Container, point: Any) -> Any:
    """PyTorch's gradient, by whatever the point holds."""
    import torch

    if container.module is not None:
        leaves = {key: each for key, each in point.named_parameters() if each.requires_grad}
        point_with = point
    else:
        leaves = {}

        def required(value: Any, path: tuple[Any, ...]) -> Any:
            if isinstance(value, Mapping):
                return {key: required(each, (*path, key)) for key, each in value.items()}
            if isinstance(value, list | tuple):
                return _sequence_of(type(value))([required(each, (*path, place)) for place, each in enumerate(value)])
            leaves[path] = value.requires_grad_()
            return leaves[path]

        point_with = required(point, ())
    value = f(point_with)
    if not isinstance(value, torch.Tensor) or value.numel() != 1 or not value.requires_grad:
        raise TypeError("f must return a tensor of one number that depends on x, for PyTorch to differentiate it")
    found = dict(zip(leaves, torch.autograd.grad(value.sum(), list(leaves.values()), allow_unused=True), strict=True))
    return found if container.module is not None else _nested(container, found)


def _nested(container: Container, found: Mapping[tuple[Any, ...], Any]) -> Any:
    """Arrays by their paths, as `Container.read` finds them."""
    if [part.path for part in container.parts] == [()]:
        return found[()]
    whole: dict[Any, Any] = {}
    for path, each in found.items():
        at = whole
        for key in path[:-1]:
            at = at.setdefault(key, {})
        at[path[-1]] = each
    return whole
