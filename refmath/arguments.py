"""What the programs accept: every refusal names the argument, what was expected and what came.

An array counts as the numbers it holds, whatever its memory layout, byte order or class: a subclass of NumPy's array, `np.matrix` for one, is
taken as the plain array it is underneath, and so is an array of another library. A masked array is refused even if it masks nothing: there is no
meaning here for what a mask hides. What is returned is a plain array, in the byte order of the machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refmath import narrow

Array = NDArray[Any]


def real(name: str, value: Any, *, dimensions: tuple[int, ...] | None = None) -> Array:
    """`value` as a floating-point array: floats keep their dtype, integers become float64.

    Raises:
        TypeError: If it is not an array of real numbers.
        ValueError: If it is empty or has another number of dimensions.
    """
    array = _numbers(name, value)
    if dimensions is not None and array.ndim not in dimensions:
        expected = " or ".join(f"{d}-D" for d in dimensions)
        raise ValueError(f"{name} must be {expected}; got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty; got shape {array.shape}")
    return array.astype(np.float64) if array.dtype.kind in "iu" else array


def samples(name: str, value: Any) -> Array:
    """A real array of one sample (K,) or a batch of samples (N, K)."""
    return real(name, value, dimensions=(1, 2))


def probabilities(name: str, value: Any) -> Array:
    """Samples whose entries lie in [0, 1], up to the rounding of their dtype."""
    array = samples(name, value)
    slack = 8 * narrow.epsilon(array.dtype)
    with np.errstate(invalid="ignore"):  # bfloat16 warns where nan is compared
        inside = (array >= 0) & (array <= 1 + slack)
    if not inside.all():
        raise ValueError(
            f"{name} must hold probabilities in [0, 1]; got {array[~inside].flat[0]} in an array of shape {array.shape}"
        )
    return array


def shares(name: str, value: Any, least: int = 0) -> Array:
    """A real array of any shape whose entries lie in [0, 1], or from another least one on, each by itself; booleans count as 0 and 1.

    Raises:
        TypeError: If it is not an array of real numbers.
        ValueError: If it is empty, or an entry lies elsewhere.
    """
    array = _plain(name, value)
    array = real(name, array.astype(np.float64) if array.dtype == np.bool_ else array)
    with np.errstate(invalid="ignore"):  # bfloat16 warns where nan is compared
        outside = ~((array >= least) & (array <= 1))
    if outside.any():
        raise ValueError(f"{name} must hold numbers in [{least}, 1]; got {first(outside, name, array)}")
    return array


def distributions(name: str, value: Any, like: Array, like_name: str) -> Array:
    """Targets of the shape of `like` whose samples are distributions; one-hot rows are the usual case, and may be boolean."""
    array = _plain(name, value)
    array = probabilities(name, array.astype(like.dtype) if array.dtype == np.bool_ else array)
    same_shape(like_name, like, name, array)
    sums = array.sum(axis=-1)
    slack = 8 * array.shape[-1] * narrow.epsilon(array.dtype)
    if not (np.abs(sums - 1) <= slack).all():
        worst = sums.flat[np.argmax(np.abs(sums - 1))] if sums.ndim else sums
        raise ValueError(
            f"each sample of {name} must sum to 1; got a sum of {worst} in an array of shape {array.shape}"
        )
    return array


def signs(name: str, value: Any) -> Array:
    """A real array whose entries are −1 or 1.

    Raises:
        TypeError: If it is not an array of real numbers.
        ValueError: If it is empty, or an entry is neither.
    """
    array = real(name, value)
    refused = ~np.isin(array.astype(np.float64), (-1.0, 1.0))
    if refused.any():
        raise ValueError(f"{name} must hold -1 and 1 only; got {first(refused, name, array)}")
    return array


def labels(name: str, value: Any, like: Array, like_name: str) -> NDArray[np.intp]:
    """Integer labels, one for each sample of `like`: (N,) for (N, K), a scalar for (K,).

    Raises:
        TypeError: If they are not integers.
        ValueError: If there is another number of them, or one is not in 0 .. K − 1.
    """
    array = integers(name, value)
    if array.shape != like.shape[:-1]:
        raise ValueError(
            f"{name} must have one label for each sample: shape {like.shape[:-1]} for {like_name} of shape {like.shape}; "
            f"got shape {array.shape}"
        )
    K = like.shape[-1]
    outside = (array < 0) | (array >= K)
    if outside.any():
        raise ValueError(
            f"{name} must lie in 0 .. {K - 1} for {like_name} of shape {like.shape}; got {array[outside].flat[0]}"
        )
    return array.astype(np.intp)


def integers(name: str, value: Any) -> NDArray[np.integer[Any]]:
    """An array of integers.

    Raises:
        TypeError: If they are not integers.
    """
    array = _plain(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers; got dtype {array.dtype}")
    return array


def dimensions(name: str, value: Any) -> int:
    """The number of dimensions of an argument, by which two encodings are told apart.

    Raises:
        TypeError: If it is no array of numbers at all.
    """
    array = _plain(name, value)
    if array.dtype == object:
        raise TypeError(f"{name} must be an array of real numbers; got {type(value).__name__} of dtype object")
    return array.ndim


def same_shape(first_name: str, first: Array, second_name: str, second: Array) -> None:
    """Refuses two operands of different shape, which NumPy might broadcast."""
    if first.shape != second.shape:
        raise ValueError(
            f"{first_name} and {second_name} must have the same shape; got {first.shape} and {second.shape}"
        )


def number(name: str, value: Any) -> float:
    """A finite real number.

    Raises:
        TypeError: If it is no real number.
        ValueError: If it is nan or infinite.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number; got {type(value).__name__} {value!r}")
    try:
        finite = math.isfinite(accepted := float(value))
    except OverflowError:  # an integer beyond every float
        finite = False
    if not finite:
        raise ValueError(f"{name} must be finite; got {value!r}")
    return accepted


def positive(name: str, value: Any) -> float:
    """A finite number above zero."""
    if (accepted := number(name, value)) <= 0:
        raise ValueError(f"{name} must be positive; got {value!r}")
    return accepted


def nonnegative(name: str, value: Any) -> float:
    """A finite number that is not below zero."""
    if (accepted := number(name, value)) < 0:
        raise ValueError(f"{name} must not be negative; got {value!r}")
    return accepted


def step(name: str, value: Any) -> float:
    """A finite number other than zero."""
    if (accepted := number(name, value)) == 0:
        raise ValueError(f"{name} must not be zero; got {value!r}")
    return accepted


def integer(name: str, value: Any) -> int:
    """A whole number.

    Raises:
        TypeError: If it is no integer.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number; got {type(value).__name__} {value!r}")
    return int(value)


def whole(name: str, value: Any, *, at_least: int) -> int:
    """A whole number from `at_least` on.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is smaller.
    """
    if (accepted := integer(name, value)) < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {value}")
    return accepted


def switch(name: str, value: Any) -> bool:
    """True or False.

    Raises:
        TypeError: If it is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {type(value).__name__} {value!r}")
    return bool(value)


def by_name(name: str, value: Any) -> dict[str, Any]:
    """Values by names.

    Raises:
        TypeError: If it is no mapping, or a name is no string.
    """
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{name} must be a mapping from names to values; got {type(value).__name__} {value!r}")
    return dict(value)


def function(name: str, value: Any) -> Callable[..., Any]:
    """Something that can be called.

    Raises:
        TypeError: If it cannot.
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function; got {type(value).__name__}")
    return value  # type: ignore[no-any-return]


def point(name: str, value: Any) -> Array:
    """A point at which to differentiate: a copy in float64 (in a wider format if it has one), all of it finite.

    Raises:
        TypeError: If it is not an array of real numbers.
        ValueError: If it is empty, or an entry is nan or infinite.
    """
    array = real(name, value)
    array = np.array(array, dtype=np.result_type(array, np.float64), order="C", subok=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {first(~np.isfinite(array), name, array)}")
    return array


def rows(name: str, value: Any) -> Array:
    """An array of numbers or truth values whose first axis counts samples, in its own dtype."""
    array = _plain(name, value)
    if array.dtype.kind not in "biu" and not narrow.is_float(array.dtype):
        raise TypeError(f"{name} must be an array of real numbers; got dtype {array.dtype}")
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name} must hold at least one sample along its first axis; got shape {array.shape}")
    return _native(array)


def first(chosen: Array, name: str, array: Array) -> str:
    """The first of the chosen entries of an array and where it is, for a message: `x[1, 2] = nan`."""
    index = tuple(int(i) for i in np.argwhere(chosen)[0])
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return f"{name}{place} = {array[index]}"


def returned(name: str, value: Any, dtype: np.dtype[Any]) -> Any:
    """What a function returned, as a number: real, or an array that holds one. nan and the infinities are numbers here.

    Raises:
        TypeError: If it is anything else.
        ValueError: If it is an array of another size, or an integer beyond every float.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number or hasattr(value, "__array__")) or isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must return a real number; got {type(value).__name__}")
    array = np.asarray(value)
    if isinstance(value, int) and array.dtype.kind == "O":
        raise ValueError(f"{name} must return a number within the range of {dtype}; got an integer beyond it")
    if array.dtype.kind not in "iu" and not narrow.is_float(array.dtype):
        raise TypeError(f"{name} must return a real number; got {type(value).__name__} of dtype {array.dtype}")
    if array.size != 1:
        raise ValueError(f"{name} must return one number, or an array that holds one; got shape {array.shape}")
    return array.astype(dtype).reshape(())[()]


def generator(name: str, value: Any) -> np.random.Generator:
    """A random generator, or a seed for one; None for one that draws afresh.

    Raises:
        TypeError: If it is neither.
        ValueError: If the seed is negative.
    """
    if isinstance(value, np.random.Generator):
        return value
    is_seed = value is None or isinstance(value, int | np.integer | np.random.SeedSequence)
    if isinstance(value, bool | np.bool_) or not is_seed:
        raise TypeError(f"{name} must be a numpy.random.Generator, a seed or None; got {type(value).__name__}")
    if isinstance(value, int | np.integer) and value < 0:
        raise ValueError(f"{name} as a seed must not be negative; got {value}")
    return np.random.default_rng(value)


def _numbers(name: str, value: Any) -> Array:
    array = _plain(name, value)
    if array.dtype.kind not in "iu" and not narrow.is_float(array.dtype):
        raise TypeError(f"{name} must be an array of real numbers; got dtype {array.dtype}")
    return _native(array)


def _native(array: Array) -> Array:
    """An array in its own dtype, but in the byte order of the machine."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _plain(name: str, value: Any) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must be a plain array; got a masked array, whose mask would be ignored: fill it first")
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        # A tensor with a gradient to keep, or on a device that NumPy does not see, says what to do with it.
        refused = ValueError if isinstance(error, ValueError) else TypeError
        raise refused(
            f"{name} must be a rectangular array of real numbers; got {type(value).__name__}: {error}"
        ) from None
