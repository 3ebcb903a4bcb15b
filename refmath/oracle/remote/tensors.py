"""Arrays as JSON and back: dtype, shape, and the entries one after the other, row by row; each reads back exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath.balls.formats import FORMATS, format_named

_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
#: NumPy has no more dimensions than this.
_DIMENSIONS = 64
#: And no more entries.
_ENTRIES = 1 << 48


def number(value: float) -> float | str:
    """A number as JSON can hold it: the non-finite ones as strings."""
    if math.isnan(value):
        return "nan"
    return value if math.isfinite(value) else "inf" if value > 0 else "-inf"


def tensor(value: Any) -> dict[str, Any]:
    """An array as JSON; a mapping of arrays by its keys, a function as its source."""
    if isinstance(value, Mapping):
        return {key: tensor(each) for key, each in value.items()}
    if callable(value):
        return {"function": str(value)}
    value = np.asarray(value)
    whole = value.dtype.kind in "iub"
    data = value.ravel().tolist() if whole else [number(each) for each in value.ravel().astype(np.float64).tolist()]
    return {"dtype": value.dtype.name, "shape": list(value.shape), "data": data}


def shown(given: Any, longest: int = 60, *, quoted: bool = True) -> str:
    """What was given, for a message: not longer than that; text without its quotation marks if it is not `quoted`."""
    text = given if isinstance(given, str) and not quoted else repr(given)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def read_tensor(given: Any) -> Any:
    """The array that a tensor in JSON stands for.

    Raises:
        TypeError: If it is none: the message says what is wrong with it.
    """
    if not isinstance(given, dict) or not given.keys() >= {"dtype", "shape", "data"}:
        raise TypeError(f"{shown(given)} is no tensor: it needs dtype, shape and data")
    dtype = _dtype(given["dtype"])
    shape = _shape(given["shape"])
    data = given["data"]
    if not isinstance(data, list):
        raise TypeError(f"data must be a flat list of numbers; got {shown(data)}")
    if len(data) != math.prod(shape):
        raise TypeError(f"data has {len(data)} entries, and the shape {list(shape)} has {math.prod(shape)}")
    try:
        values = np.array([_number(each, dtype.kind in "iu") for each in data], dtype if dtype.kind in "iu" else None)
    except OverflowError:
        raise TypeError(f"data holds a number beyond {dtype}") from None
    with np.errstate(over="ignore"):
        return values.astype(dtype).reshape(shape)


def _dtype(name: Any) -> np.dtype[Any]:
    if isinstance(name, str) and name in _INTEGERS:
        return np.dtype(str(name))
    if not isinstance(name, str) or name not in FORMATS:
        raise TypeError(f"dtype must be one of {', '.join(FORMATS)} or an integer type; got {shown(name)}")
    return format_named(name).dtype()


def _shape(given: Any) -> tuple[int, ...]:
    if not isinstance(given, list) or any(type(size) is not int or size < 0 for size in given):
        raise TypeError(f"shape must be a list of sizes; got {shown(given)}")
    if len(given) > _DIMENSIONS:
        raise TypeError(f"shape has {len(given)} dimensions; at most {_DIMENSIONS} can be read")
    # A size of zero lets the others be anything, but NumPy cannot hold any.
    if math.prod(max(size, 1) for size in given) > _ENTRIES:
        raise TypeError(f"the shape {shown(given)} is too large")
    return tuple(given)


def _number(entry: Any, whole: bool) -> int | float:
    if type(entry) is int:
        return entry if whole else float(entry)
    if not whole and type(entry) is float and math.isfinite(entry):
        return entry
    if not whole and isinstance(entry, str) and entry in _SPECIAL:
        return _SPECIAL[entry]
    if type(entry) is float and math.isinf(entry):  # JSON has no infinity: these were too many digits
        raise OverflowError
    allowed = "whole numbers" if whole else 'numbers, "nan", "inf" and "-inf"'
    raise TypeError(f"data must hold {allowed}; got {shown(entry)}")
