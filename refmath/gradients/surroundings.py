"""A function about a point: its slopes along coordinates and other directions, in steps that suit the size of each entry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from refmath import arguments, narrow
from refmath.arguments import Array
from refmath.gradients.containers import Container
from refmath.gradients.slope_estimate import TINY, Slope, slope_estimate

#: Values of f beyond two to this power are taken in another unit.
FAR = 500
#: A smaller entry may as well stand for a zero.
LOST = 2.0**-40
#: A slope that is so well known on steps of every size is the same at zero and next to it.
SMOOTH = 1e-6
#: The largest step, in units of an entry.
FARTHEST = 2.0**20


class Place(Protocol):
    """What is judged: so many entries, each with a slope of its own."""

    size: int
    scale: Array
    value: float
    evaluations: int
    unit: float
    eps: float
    failure: str

    def along(self, direction: Array, entries: Array, *, whole: bool = False, closely: bool = False) -> Slope:
        """The slope along a direction, which is given at some entries, in units of their scales."""

    def gradient_nearby(self, direction: Array, entries: Array) -> tuple[Array, float] | None:
        """The gradient over some entries at a point a little beside x, and how far off it may be; None where there is none."""

    def index(self, entry: int) -> tuple[str, tuple[int, ...]]:
        """The name of the array that an entry stands in, empty if there is but one; and its index there."""

    def arrays(self) -> Iterator[tuple[str, tuple[int, ...], int, Array]]:
        """Each array: its name, its shape, where it begins among the entries, and the entries of the point."""


class Surroundings:
    """f about x, along coordinates and other directions; it counts the evaluations."""

    def __init__(self, f: Callable[[Any], Any], container: Container) -> None:
        self.f, self.container, self.evaluations = f, container, 0
        self.x, self.size, self.eps, self.unit = container.row, container.row.size, 0.0, 1.0
        #: What f raised last, beside x.
        self.failure = ""
        self.value = self.at(self.x)
        if not math.isfinite(self.value):
            raise ValueError(f"f must be finite at x; got {self.value}")
        if (again := self.at(self.x)) != self.value:
            raise ValueError(f"f must have one value at x; got {self.value}, and then {again}{container.unsteady}")
        self.scale = np.concatenate([scales(self.x[each.start : each.start + each.size]) for each in container.parts])
        _, exponent = math.frexp(self.value)
        if self.value and abs(exponent) > FAR:  # so that no product of what follows leaves the range of float64
            self.unit = math.ldexp(1.0, -max(exponent, -FAR - 500))
            self.value *= self.unit

    def at(self, point: Array) -> float:
        """f at a row of numbers."""
        self.evaluations += 1
        found = self.container.returned(self.f(self.container.at(point)))
        if not self.eps:
            self.eps = rounding(found)
        if np.size(found) > 1:
            raise ValueError(
                f"f must return one number, or an array that holds one; got shape {np.shape(found)}: for an array-valued f, check_vjp judges a backward "
                "function, and check_jvp a forward one"
            )
        return float(arguments.returned("f", found, np.dtype(np.float64))) * self.unit

    def along(self, direction: Array, entries: Array, *, whole: bool = False, closely: bool = False) -> Slope:
        """The slope along a direction, which is given at some entries, in units of their scales."""
        slope = self.with_steps(direction * self.scale[entries], entries, whole, closely)
        if len(entries) > 1 or slope.uncertainty <= 0.01 * abs(slope.value) or slope.jump or slope.cusp:
            return slope
        own = float(self.scale[entries[0]])
        if own >= LOST:
            return slope
        # Steps that suit so small an entry move nothing: it is taken for the zero that it may have been meant to be.
        larger = self.with_steps(direction, entries, whole, closely)
        if not larger.uncertainty <= SMOOTH * abs(larger.value) and not larger.jump:
            return slope  # what is no more even about zero has a slope of its own at so small an entry
        rival = larger.rival and larger.rival._replace(
            value=larger.rival.value * own, uncertainty=larger.rival.uncertainty * own
        )
        return replace(
            larger,
            value=larger.value * own,
            uncertainty=larger.uncertainty * own,
            jump=larger.jump * own,
            rival=rival,
        )

    def with_steps(self, steps: Array, entries: Array, whole: bool, closely: bool) -> Slope:
        """The slope along a direction as it is given."""
        start, one = self.x[entries], len(entries) == 1
        dtypes = {self.container.part_of(int(each)).dtype for each in entries[:: max(1, len(entries) // 16)]}
        spacing = max(narrow.epsilon(each) for each in dtypes)
        dtype = dtypes.pop()

        def step(t: float) -> tuple[float, float]:
            with np.errstate(over="ignore"):
                moved = start + t * steps
            # Along a coordinate the step is the one that was really made; along several it is a little different in each.
            made = float((moved.astype(dtype).astype(moved.dtype)[0] - start[0]) / steps[0]) if one else t
            if made == 0 or not np.isfinite(moved).all():
                return t, math.nan
            point = self.x.copy()
            point[entries] = moved
            # Beside x f may have no value, and warn or fail: that is no fault of f, which was asked about x.
            with np.errstate(all="ignore"):
                try:
                    return made, self.at(point)
                except Exception as error:  # noqa: BLE001  # whatever f raises
                    self.failure = f"{type(error).__name__}: {error}"
                    return made, math.nan

        most = 0.5 if whole and not one else FARTHEST
        return slope_estimate(
            step,
            self.value,
            most,
            spacing=spacing,
            eps=self.eps,
            tiny=TINY * max(self.unit, 1.0),
            whole=whole,
            closely=closely,
        )

    def gradient_nearby(self, direction: Array, entries: Array) -> tuple[Array, float] | None:
        """The gradient over some entries at a point a little beside x, and how far off it may be; None where there is none."""
        eps = max(self.eps, *(narrow.epsilon(self.container.part_of(int(each)).dtype) for each in entries))
        step = float(np.cbrt(eps))
        scale, there = self.scale[entries], self.x.copy()
        there[entries] += 64 * step * direction * scale
        try:
            middle, found = self.at(there), []
            for place, entry in enumerate(entries):
                sides = []
                for sign in (1, -1):
                    point = there.copy()
                    point[entry] += sign * step * scale[place]
                    sides.append(sign * (self.at(point) - middle) / step)
                found.append(sides)
        except Exception:  # noqa: BLE001  # whatever f raises
            return None
        right, left = np.array(found).T
        doubt = 16 * eps * max(abs(middle), abs(self.value)) / step
        bend = float(np.abs(right - left).max())
        if not bend <= 4 * doubt + 0.03 * float(np.abs(right).max()):
            return None  # a kink between, or no number
        return (right + left) / 2, max(doubt, bend / 2)

    def index(self, entry: int) -> tuple[str, tuple[int, ...]]:
        """The name of the array that an entry stands in, empty if there is but one; and its index there."""
        part, place = self.container.place(entry)
        return part.name, place

    def arrays(self) -> Iterator[tuple[str, tuple[int, ...], int, Array]]:
        """Each array: its name, its shape, where it begins among the entries, and the entries of the point."""
        for part in self.container.parts:
            yield part.name, part.shape, part.start, self.x[part.start : part.start + part.size].astype(np.float64)


class Outputs:
    """An array-valued f about x along one direction: each entry of its value has a slope. Values of f are kept, as all entries share them."""

    def __init__(self, f: Callable[[Any], Any], container: Container) -> None:
        self.f, self.container, self.evaluations, self.unit, self.failure = f, container, 0, 1.0, ""
        sizes = np.concatenate([scales(container.row[e.start : e.start + e.size]) for e in container.parts])
        drawn = sizes * np.random.default_rng(0).standard_normal(container.row.size)
        # In the dtype in which it is handed over, so that f and jvp are given the same numbers.
        self.tangent = container.read("tangent", container.build(drawn))[0]
        #: What f returns at x, in which its other values are read.
        here = f(container.at(container.row))
        self.outputs = container.another("what f returns", here)
        #: How they are rounded, as their own dtypes tell.
        self.eps = float(np.max(self.outputs.read("what f returns", here)[1]))
        self.known: dict[float, Array] = {}
        value = self.value_at(0.0)
        if not np.array_equal(value, self.outputs.read("what f returns", here)[0]):
            raise ValueError(f"f must have one value at x; got two{self.container.unsteady}")
        self.size = value.size
        self.value, self.scale = float(np.max(np.abs(value))), np.ones(self.size)

    def value_at(self, t: float) -> Array:
        """f a step along the tangent, as a row of numbers."""
        if t not in self.known:
            self.evaluations += 1
            found = self.f(self.container.at(self.container.row + t * self.tangent))
            self.known[t] = self.outputs.read("what f returns", found)[0]
        return self.known[t]

    def along(self, direction: Array, entries: Array, *, whole: bool = False, closely: bool = False) -> Slope:
        """The slope of a sum of some entries, each times its factor."""

        def step(t: float) -> tuple[float, float]:
            with np.errstate(all="ignore"):
                try:
                    return t, float(np.sum(direction * self.value_at(t)[entries]))
                except Exception as error:  # noqa: BLE001  # whatever f raises
                    self.failure = f"{type(error).__name__}: {error}"
                    return t, math.nan

        spacing = max(narrow.epsilon(each.dtype) for each in self.container.parts)
        value = float(np.sum(direction * self.value_at(0.0)[entries]))
        most = 0.5 if whole else FARTHEST
        return slope_estimate(step, value, most, spacing=spacing, eps=self.eps, whole=whole, closely=closely)

    def gradient_nearby(self, direction: Array, entries: Array) -> tuple[Array, float] | None:
        """None: the entries of what f returns have slopes of their own, and no kink that they share."""
        return None

    def index(self, entry: int) -> tuple[str, tuple[int, ...]]:
        """The index of an entry of what f returns."""
        part, place = self.outputs.place(entry)
        return part.name, place

    def arrays(self) -> Iterator[tuple[str, tuple[int, ...], int, Array]]:
        """What f returns; in place of a point, which it has none of, zeros."""
        for part in self.outputs.parts:
            yield part.name, part.shape, part.start, np.zeros(part.size)


def rounding(found: Any) -> float:
    """The rounding of what f returned, relative to its value, as its dtype tells."""
    dtype = getattr(found, "dtype", None)
    return (
        narrow.epsilon(dtype) if isinstance(dtype, np.dtype) and narrow.is_float(dtype) else float(np.finfo(float).eps)
    )


def scales(x: Array) -> Array:
    """The size of each entry as a power of two, in which steps are measured; for a zero the smallest of the others, at most 1."""
    size = np.abs(x).astype(np.float64)
    if not size.any():
        return np.ones_like(size)
    _, exponent = np.frexp(size)
    size = np.where(size == 0, 0.0, np.ldexp(1.0, exponent - 1))
    regular = size[size >= min(LOST, float(size.max()))]
    return np.where(size == 0, min(1.0, float(regular.min())), size)
