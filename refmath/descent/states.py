"""What steps of optimisers share: the parameters, their gradients and a state are arrays of one shape, and the state is renewed with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument
from refmath.narrow import rounded
from refmath.spec import Claims, Equal, Part
from refmath.symbols import i

w, g = argument("w", "floats", ...), argument("g", "floats", ...)


def parts(**definitions: sp.Expr) -> tuple[Part, ...]:
    """The parts of an answer by name, entry by entry."""
    return tuple(Part(key, definition, ((i, "N"),)) for key, definition in definitions.items())


def arrays(*never_negative: str, **given: Any) -> list[Array]:
    """Some arguments by name as arrays of one shape; a step is computed in float64 at least, and rounded once.

    Args:
        *never_negative: The names of those that hold no negative number.
        **given: The arguments.

    Raises:
        TypeError: If one is no array of real numbers.
        ValueError: If one is empty, of another shape than the first, or holds a negative number that it must not.
    """
    found = {name: arguments.real(name, value) for name, value in given.items()}
    first, *others = found
    for name in others:
        arguments.same_shape(first, found[first], name, found[name])
    for name in never_negative:
        if (negative := found[name] < 0).any():
            raise ValueError(f"{name} must not be negative; got {arguments.first(negative, name, found[name])}")
    return [each.astype(np.result_type(each, np.float64)) for each in found.values()]


def share(name: str, value: Any) -> float:
    """A share that is kept: at least 0, and below 1.

    Raises:
        TypeError: If it is no real number.
        ValueError: If it lies elsewhere.
    """
    accepted = arguments.number(name, value)
    if not 0 <= accepted < 1:
        raise ValueError(f"{name} must be at least 0 and below 1; got {value!r}")
    return accepted


def as_given(given: dict[str, Any], **new: Array) -> dict[str, Any]:
    """New arrays by name, each in the number type of the argument of that name (float64 for integers)."""
    return {
        name: rounded(np.asarray(value), arguments.real(name, given[name]).dtype)[()] for name, value in new.items()
    }


# ---- laws of every step


def does_not_depend_on_the_place(step: Any, w: Any, *others: Any) -> Claims:
    """From another place the step is the same."""
    here, there = step(w, *others), step(0 * w, *others)
    yield Equal(here["w"] - w, there["w"])


def works_entry_by_entry(step: Any, w: Any, *others: Any) -> Claims:
    """What becomes of an entry does not depend on the other entries."""
    every = step(w, *others)
    for place in range(np.size(w) if np.ndim(w) else 0):
        alone = step(*(_entry(each, place) for each in (w, *others)))
        for key, values in every.items():
            yield Equal(alone[key], np.asarray(values, object).reshape(-1)[place : place + 1])


def _entry(given: Any, place: int) -> Any:
    """One entry of an array, as an array; a number as it is."""
    return np.asarray(given, object).reshape(-1)[place : place + 1] if np.ndim(given) else given
