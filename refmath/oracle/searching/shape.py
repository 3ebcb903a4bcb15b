"""The size that somebody wants tried besides the usual ones: how it is written, and whether a formula has such axes."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath.spec import Formula

#: What an array of any shape is called, whose axes have no names.
ENTRIES = "entries"
#: The inputs, the candidate's copies of them, its answers and what is computed of them: so many times the numbers of one call, in float64.
_COPIES = 10
#: The memory of a machine that does not tell.
_USUAL_MEMORY = 8 << 30

Shape = Mapping[str, tuple[int, ...]]


def axes(formula: Formula) -> tuple[str, ...]:
    """The axes whose sizes can be chosen; none of what takes a function, whose answer costs a call for every entry."""
    if formula.takes_function:
        return ()
    named = dict.fromkeys(axis for each in formula.inputs if not each.is_number for axis in each.axes)
    return tuple(ENTRIES if axis == "..." else axis for axis in named)


def parsed(text: str) -> dict[str, Any]:
    """What `--shape` says: sizes by axis.

    Raises:
        ValueError: If it is not written like `N=4096,K=1000` or `entries=1000x1000`.

    Examples:
        >>> parsed("N=4096,K=50257")
        {'N': 4096, 'K': 50257}
        >>> parsed("entries=1000x1000")
        {'entries': (1000, 1000)}
    """
    sizes: dict[str, Any] = {}
    for part in text.split(","):
        axis, equals, size = (each.strip() for each in part.partition("="))
        factors = size.lower().split("x")
        if not (axis and equals and all(each.isascii() and each.removeprefix("-").isdigit() for each in factors)):
            raise ValueError(
                f"shape must be written like N=4096,K=1000, or entries=1000x1000 for arrays of any shape; got {text!r}"
            )
        if axis in sizes:
            raise ValueError(f"shape gives {axis} twice: {text!r}")
        numbers = tuple(map(int, factors))
        sizes[axis] = numbers if len(numbers) > 1 else numbers[0]
    return sizes


def fitted(formula: Formula, shape: Any) -> Shape:
    """Sizes by axis that a formula has, and that fit into memory; of each axis one number, but for `entries`.

    Raises:
        TypeError: If it is no mapping from names to whole numbers.
        ValueError: If the formula has no such axis, a size is not positive, or there is no room for so many numbers.
    """
    if not isinstance(shape, Mapping):
        raise TypeError(f'shape must be a mapping from axes to sizes, such as {{"N": 4096}}; got {shape!r}')
    sizes: dict[str, tuple[int, ...]] = {}
    for axis, size in shape.items():
        require_axes(formula, {axis: size})
        several = isinstance(size, tuple | list) and len(size) > 0
        if several and len(size) > 1 and axis != ENTRIES:
            raise ValueError(f"shape must give {axis} as one number; got {'x'.join(map(str, size))}")
        numbers = size if several else (size,)
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int | np.integer):
                raise TypeError(f"shape must give {axis} as a whole number; got {size!r}")
            if number < 1:
                raise ValueError(f"shape must give {axis} as a positive number; got {number}")
        sizes[axis] = tuple(map(int, numbers))
    _require_room(formula, sizes)
    return sizes


def require_axes(formula: Formula, shape: Mapping[str, Any]) -> None:
    """Refuses axes that a formula does not have.

    Raises:
        ValueError: With those that it has.
    """
    known = axes(formula)
    for axis in shape:
        if axis not in known:
            has = f"it has {', '.join(known)}" if known else "its size cannot be chosen, as it takes a function"
            raise ValueError(f"shape names the axis {axis}, which {formula.name} does not have: {has}")


def numbers(formula: Formula, sizes: Shape) -> int:
    """How many numbers the inputs and the answer hold together; axes that are not named count as 3."""

    def of(names: Any) -> int:
        return math.prod(math.prod(sizes.get(ENTRIES if axis == "..." else axis, (3,))) for axis in names)

    inputs = [each.axes for each in formula.inputs if not each.is_number]
    any_shape = any("..." in names for names in inputs)
    outputs = [part.output for part in formula.parts] or [formula.output]
    answers = [("...",) if any_shape and output else tuple(axis for _, axis in output) for output in outputs]
    # Targets of either encoding may be drawn as one number for each class.
    return sum(map(of, [*inputs, *answers]))


def _require_room(formula: Formula, sizes: Shape) -> None:
    needed = 8 * _COPIES * numbers(formula, sizes)
    room = _memory() // 2
    if needed > room:
        axis, size = max(sizes.items(), key=lambda item: math.prod(item[1]))
        told = "x".join(map(str, size))
        raise ValueError(
            f"shape is too large: {formula.name} would need about {_gigabytes(needed)} of memory, and half of this machine's is "
            f"{_gigabytes(room)}; choose a smaller size of {axis} than {told}"
        )


def _gigabytes(count: int) -> str:
    return f"{count / (1 << 30):.3g} GiB"


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no such question
        return _USUAL_MEMORY


def written(shape: Mapping[str, Any]) -> str:
    """A shape as `--shape` takes it."""
    return ",".join(f"{axis}={'x'.join(map(str, np.atleast_1d(size).tolist()))}" for axis, size in shape.items())
