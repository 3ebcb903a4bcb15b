"""What a function is differentiated by: one array, or arrays in mappings and sequences, as one row of numbers and back; of NumPy here, of others in differentiated.py."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from refmath import arguments, narrow
from refmath.arguments import Array

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
    """Arrays of NumPy in whatever a function takes them in, as one row of numbers and back.

    Args:
        name: What they are called in messages.
        value: An array, a mapping or a sequence of arrays, nested or not.
    """

    #: What is to be said where f has two values at one point.
    unsteady = ""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.parts: list[Part] = []
        rows: list[Array] = []
        self.build = self._walk(value, (), rows)
        if not rows:
            raise ValueError(f"{name} must hold at least one array")
        self.row = np.concatenate(rows)

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
        array, dtype = self.taken(value, arguments.point(name, self.real(name, value)))
        return Part(path, array.shape, dtype, start), array.reshape(-1)

    def _array(self, part: Part, row: Array) -> Any:
        return self.handed(row[part.start : part.start + part.size].astype(part.dtype).reshape(part.shape))

    def taken(self, value: Any, array: Array) -> tuple[Array, np.dtype[Any]]:
        """The numbers of an array as they can be handed over again, and the dtype in which they will be."""
        return array, array.dtype

    def handed(self, array: Array) -> Any:
        """An array as f is handed it."""
        return array

    def real(self, name: str, value: Any) -> Array:
        """An array of real numbers as one of NumPy; what is none is refused."""
        return real(name, value)

    def returned(self, found: Any) -> Any:
        """What f returned, as NumPy can read it.

        Raises:
            TypeError: If it is several things.
        """
        if isinstance(found, tuple | list):
            kinds = ", ".join(type(each).__name__ for each in found)
            raise TypeError(
                f"f must return a number; got a {type(found).__name__} of {kinds}: if the first is the loss, give lambda x: f(x)[0]"
            )
        return found

    def another(self, name: str, value: Any) -> Container:
        """Other arrays of the same library."""
        return Container(name, value)

    def at(self, row: Array) -> Any:
        """What the function is handed for a row of numbers: fresh arrays."""
        return self.build(row)

    def kept(self) -> contextlib.AbstractContextManager[None]:
        """At the end all is again as it was; as f is handed fresh arrays, there is nothing to do."""
        return contextlib.nullcontext()

    def read(self, name: str, value: Any) -> tuple[Array, Array]:
        """The numbers of another such whole, as a gradient is, in one row; and the spacing of each next to 1.

        Raises:
            TypeError: If an array is missing, or is none.
            ValueError: If one has another shape than its counterpart.
        """
        rows, spacings = [], []
        for part in self.parts:
            label = f"{name}{part.name}"
            array = self.real(label, self.counterpart(name, value, part))
            if array.shape != part.shape:
                arguments.same_shape(f"{self.name}{part.name}", np.empty(part.shape, np.bool_), label, array)
            eps = narrow.epsilon(array.dtype) if narrow.is_float(array.dtype) else narrow.epsilon(np.dtype(float))
            rows.append(array.astype(np.float64).reshape(-1))
            spacings.append(np.full(part.size, max(eps, narrow.epsilon(part.dtype))))
        own = dict.fromkeys(part.path[0] for part in self.parts if part.path)
        more = [key for key in value if key not in own] if own and isinstance(value, Mapping) else []
        if more:
            raise TypeError(f"{name} holds {more[0]!r}, and {self.name} does not: it has {', '.join(map(repr, own))}")
        return np.concatenate(rows), np.concatenate(spacings)

    def counterpart(self, name: str, value: Any, part: Part) -> Any:
        """What stands in another whole in place of one of the arrays."""
        return _found(name, value, part.path)

    def part_of(self, entry: int) -> Part:
        """The array that an entry of the row belongs to."""
        return next(each for each in reversed(self.parts) if each.start <= entry)

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


def real(name: str, value: Any) -> Array:
    """An array of real numbers as one of NumPy.

    Raises:
        TypeError: If it is none.
        ValueError: If it is empty.
    """
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
