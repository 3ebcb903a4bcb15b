"""Narrow number formats: programs that add up or square compute float16 and bfloat16 in float32, and round once.

In eleven bits, or eight, a sum over a batch would lose its last samples, and float16 holds neither the square of 256 nor a δ of 1e-8.
bfloat16 is not one of NumPy's own formats: arrays of it come from the package ml_dtypes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def is_float(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is one of real floating-point numbers, bfloat16 included."""
    return dtype.kind == "f" or dtype.name == "bfloat16"


def epsilon(dtype: np.dtype[Any]) -> float:
    """The distance from 1 to the next number of a floating-point dtype."""
    return 2.0**-7 if dtype.name == "bfloat16" else float(np.finfo(dtype).eps)


def widened(array: Array) -> Array:
    """An array in float32, if its own format is narrower."""
    return array.astype(np.promote_types(array.dtype, np.float32), copy=False)


def rounded(value: Any, dtype: np.dtype[Any]) -> Any:
    """A result in the dtype of the arguments: beyond its range it is infinite, as it should be, and no reason for a warning."""
    with np.errstate(over="ignore", under="ignore"):
        return value.astype(dtype, copy=False)


def rounded_array(value: Any, dtype: np.dtype[Any]) -> Array:
    """The same of an array."""
    found: Array = rounded(value, dtype)
    return found


def rounded_values(value: Any, dtype: np.dtype[Any]) -> Array | np.floating[Any]:
    """The same of an array; one without axes becomes a NumPy scalar."""
    found: Array | np.floating[Any] = rounded(np.asarray(value), dtype)[()]
    return found


def rounded_number(value: Any, dtype: np.dtype[Any]) -> np.floating[Any]:
    """The same of a number of NumPy's."""
    found: np.floating[Any] = rounded(value, dtype)
    return found
