"""How a reader of the test vectors goes about it: with json and numpy, and without refmath."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np


def array(given: Any) -> Any:
    """An array, or a mapping of arrays, as the files hold them; a scalar for the shape []."""
    if "dtype" not in given:
        return {key: array(each) for key, each in given.items()}
    numbers = [float(each) if isinstance(each, str) else each for each in given["data"]]
    return np.array(numbers, given["dtype"]).reshape(given["shape"])[()]


def parts(value: Any) -> dict[str, Any]:
    """A mapping of arrays, or one array without a name."""
    return {key: np.asarray(each) for key, each in (value if isinstance(value, Mapping) else {"": value}).items()}


def accepts(case: Any, program: Callable[..., Any]) -> bool:
    """Whether a program does what a case asks for."""
    handed = {name: array(each) for name, each in case["inputs"].items()}
    arguments = list(handed.values())
    if "A" in handed:
        A, b, *others = arguments
        arguments = [lambda x: 0.5 * x @ A @ x + b @ x, *others]
    try:
        with np.errstate(all="ignore"):
            first, second = parts(program(*arguments)), parts(program(*arguments))
    except Exception:  # noqa: BLE001
        return bool(case["outcome"] == "reject")
    if case["outcome"] == "reject" or first.keys() != parts(array(case["expected"])).keys():
        return False
    for name, given in case["inputs"].items():
        before, after = parts(array(given)), parts(handed[name])
        if any(before[key].tobytes() != after[key].tobytes() for key in before):
            return False
    return all(fits(case, key, first[key]) and fits(case, key, second[key]) for key in first)


def fits(case: Any, key: str, got: Any) -> bool:
    """Whether one array of an answer holds real numbers, has the right shape, and lies in the interval; nan only where it must be."""
    expected = parts(array(case["expected"]))[key]
    if got.shape != expected.shape or (got.dtype.kind != "f" and got.dtype.name != "bfloat16"):
        return False
    if case["outcome"] == "nan":
        return bool(np.all(np.isnan(got)))
    low, high = parts(array(case["low"]))[key], parts(array(case["high"]))[key]
    return bool(np.all((low <= got.astype(np.float64)) & (got.astype(np.float64) <= high)))


def failures(cases: Iterable[Any], program: Callable[..., Any]) -> Iterator[str]:
    """The ids of the cases that a program fails."""
    return (case["id"] for case in cases if not accepts(case, program))
