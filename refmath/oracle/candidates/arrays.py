"""The arrays of other libraries: how inputs are handed over to them, and what an answer of theirs says."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from refmath.balls.formats import Format

Library = Literal["numpy", "torch", "jax", "array_api_strict"]
#: How inputs reach a candidate: as arrays of a library, or as JSON in another process.
Handed = Library | Literal["json"]
LIBRARIES: tuple[Library, ...] = get_args(Library)
#: How an array lies in memory.
Layout = Literal[
    "plain",
    "by columns",
    "sliced",
    "strided",
    "reversed",
    "read-only",
    "big-endian",
    "strided by rows",
    "reversed by rows",
    "mixed",
]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
#: The package of each library that has another name, for the message when it is missing.
_PACKAGES = {"array_api_strict": "array-api-strict"}


def require(library: Any, format_: Format) -> None:
    """Refuses arrays that cannot be made.

    Raises:
        ValueError: For an unknown library, or a format that it does not have.
        ImportError: If a package is missing.
    """
    if library not in LIBRARIES:
        raise ValueError(f"array must be one of {', '.join(LIBRARIES)}; got {library!r}")
    if importlib.util.find_spec(library) is None:
        package = _PACKAGES.get(library, library)
        raise ImportError(f"arrays of {library} need the package {package}: pip install {package}")
    if library == "array_api_strict" and format_.bits < 24:
        raise ValueError(
            f"array_api_strict has no {format_.name}: the array API standard knows float64 and float32 only"
        )
    format_.dtype()  # bfloat16 may have to be installed first


def import_library(library: Library) -> None:
    """Imports a library, so that no call waits for it."""
    importlib.import_module("jax.numpy" if library == "jax" else library)


def layout_at(layout: Layout, place: int) -> Layout:
    """How an array lies in memory that is one of several: of *mixed* ones all but the first are by columns."""
    return layout if layout != "mixed" else "by columns" if place else "plain"


def dressed(value: Any, layout: Layout) -> Any:
    """A private copy of an array that lies in memory as it is asked to; one of fewer than two entries is plain."""
    value = np.asarray(value)
    copy = np.array(value, order="C")
    match layout:
        case "by columns":
            copy = np.array(value, order="F")
        case "sliced" if value.ndim:
            copy = np.zeros((*value.shape[:-1], value.shape[-1] + 3), value.dtype)[..., : value.shape[-1]]
            copy[...] = value
        case "strided" if value.ndim:
            wide = np.zeros((*value.shape[:-1], 2 * value.shape[-1]), value.dtype)
            wide[..., ::2] = value
            copy = wide[..., ::2]
        case "reversed" if value.ndim:
            copy = np.array(value[..., ::-1], order="C")[..., ::-1]
        case "strided by rows" if value.ndim > 1:
            copy = np.zeros((2 * len(value), *value.shape[1:]), value.dtype)[::2]
            copy[...] = value
        case "reversed by rows" if value.ndim > 1:
            copy = np.array(value[::-1], order="C")[::-1]
        case "read-only":
            copy.flags.writeable = False
        case "big-endian" if value.dtype.kind in "iuf":
            copy = copy.astype(copy.dtype.newbyteorder(">"))
    return copy


def handed_over(value: Any, library: Library) -> Any:
    """A NumPy array as an array of a library, with its memory layout where the library has one."""
    match library:
        case "torch":
            return _tensor(value)
        case "jax":
            import jax.numpy as jnp

            return jnp.asarray(value)
        case "array_api_strict":
            import array_api_strict

            return array_api_strict.asarray(value)
    return value


def _tensor(value: Any) -> Any:
    import torch

    if value.dtype.name == "bfloat16":
        # NumPy and PyTorch share no bfloat16, but its sixteen bits.
        return torch.from_numpy(value.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(value) if value.ndim else torch.tensor(value[()])


def from_torch(answer: Any) -> Any:
    """A tensor as a NumPy array, from any device, with a gradient or without; anything else that PyTorch returns is refused.

    Raises:
        TypeError: If it is no tensor.
    """
    import torch

    if not isinstance(answer, torch.Tensor):
        raise TypeError(f"returned {type(answer).__name__} where real numbers are meant")
    plain = answer.detach().resolve_conj().resolve_neg().cpu()
    # NumPy has no bfloat16; float32 holds each of its numbers.
    return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()


def share_memory(answer: Any, handed: list[Any]) -> bool:
    """Whether an answer, or an array in it, lies in the memory of an array that was handed over."""
    answers, arguments = _arrays_in(answer), _arrays_in(handed)
    return any(_overlap(one, other) for one in answers for other in arguments)


def _arrays_in(value: Any) -> list[Any]:
    """The memory of an array, or of the arrays in a mapping or a sequence; those of JAX cannot be written into."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [array for each in value if not isinstance(each, int | float) for array in _arrays_in(each)]
    library = type(value).__module__.partition(".")[0]
    if library == "torch" and hasattr(value, "untyped_storage"):
        return [value]
    if library == "array_api_strict":
        value = value._array
    return [value] if isinstance(value, np.ndarray) and value.size else []


def _overlap(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(np.may_share_memory(one, other) and np.shares_memory(one, other))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    return bool(one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr())


def unchanged(before: Any, handed: Any) -> bool:
    """Whether an array that was handed over still holds what it held."""
    before = np.asarray(before)
    library = type(handed).__module__.partition(".")[0]
    if library in ("jax", "jaxlib"):
        return True  # JAX arrays cannot be written into
    if library == "torch":
        # Compared as real numbers: nothing that is handed over is nan.
        after, before = from_torch(handed), before.astype(np.float32) if before.dtype.name == "bfloat16" else before
    else:
        after = np.asarray(handed)
        after = after.astype(after.dtype.newbyteorder("="), copy=False)
    return bool(after.shape == before.shape and after.tobytes() == before.tobytes())
