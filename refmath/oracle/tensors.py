"""Arrays as JSON and back: dtype, shape, and the entries one after the other, row by row; each reads back exactly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refmath.balls.formats import FORMATS, format_named

_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
#: NumPy has no more dimensions than this.
_DIMENSIONS = 64


def number(value: float) -> float | str:
    """A number as JSON can hold it: the non-finite ones as strings."""
    if math.isnan(value):
        return "nan"
    return value if math.isfinite(value) else "inf" if value > 0 else "-inf"


def tensor(value: Any) -> dict[str, Any]:
    """An array as JSON; a function as its source."""
    if callable(value):
        return {"function": str(value)}
    value = np.asarray(value)
    whole = value.dtype.kind in "iub"
    data = value.ravel().tolist() if whole else [number(each) for each in value.ravel().astype(np.float64).tolist()]
    return {"dtype": value.dtype.name, "shape": list(value.shape), "data": data}


def read_tensor(given: Any) -> Any:
    """The array that a tensor in JSON stands for.

    Raises:
        TypeError: If it is none: the message says what is wrong with it.
    """
    if not isinstance(given, dict) or not given.keys() >= {"dtype", "shape", "data"}:
        raise TypeError(f"{_short(given)} is no tensor: it needs dtype, shape and data")
    dtype = _dtype(given["dtype"])
    shape = _shape(given["shape"])
    data = given["data"]
    if not isinstance(data, list):
        raise TypeError(f"data must be a flat list of numbers; got {_short(data)}")
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
        raise TypeError(f"dtype must be one of {', '.join(FORMATS)} or an integer type; got {_short(name)}")
    return format_named(name).dtype()


def _shape(given: Any) -> tuple[int, ...]:
    if not isinstance(given, list) or any(type(size) is not int or size < 0 for size in given):
        raise TypeError(f"shape must be a list of sizes; got {_short(given)}")
    if len(given) > _DIMENSIONS:
        raise TypeError(f"shape has {len(given)} dimensions; at most {_DIMENSIONS} can be read")
    return tuple(given)


def _number(entry: Any, whole: bool) -> int | float:
    if type(entry) is int:
        return entry if whole else float(entry)
    if not whole and type(entry) is float:
        return entry
    if not whole and isinstance(entry, str) and entry in _SPECIAL:
        return _SPECIAL[entry]
    allowed = "whole numbers" if whole else 'numbers, "nan", "inf" and "-inf"'
    raise TypeError(f"data must hold {allowed}; got {_short(entry)}")


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."
