"""A function of an array about a point: its slopes along coordinates and other directions, in steps that suit the size of each entry."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.calculus.slope_estimate import Rung, Slope, slope_estimate


class Surroundings:
    """f about x, along coordinates and other directions; it counts the evaluations."""

    def __init__(self, f: Callable[[Array], Any], x: Array) -> None:
        self.f, self.x, self.evaluations = f, x, 0
        self.value = self.at(x)
        if not math.isfinite(self.value):
            raise ValueError(f"f must be finite at x; got {self.value}")
        if (again := self.at(x)) != self.value:
            raise ValueError(f"f must have one value at x; got {self.value}, and then {again}")
        self.scale, self.size = scales(x.reshape(-1)), x.size

    def at(self, point: Array) -> float:
        self.evaluations += 1
        return float(arguments.returned("f", self.f(point.copy()), np.dtype(np.float64)))

    def along(self, direction: Array, entries: Array, *, whole: bool = False) -> Slope:
        """The slope along a direction, which is given at some entries, in units of their scales."""
        steps = direction * self.scale[entries]
        start = self.x.reshape(-1)[entries]
        one = len(entries) == 1

        def moved(t: float) -> tuple[float, float]:
            point = self.x.copy()
            point.reshape(-1)[entries] = start + t * steps
            # Along a coordinate the step is the one that was really made; along several it is a little different in each.
            made = float((point.reshape(-1)[entries[0]] - start[0]) / steps[0]) if one else t
            return made, self.at(point) if np.isfinite(point).all() else math.nan

        def rung(t: float) -> Rung | None:
            # Far away f may have no value, and warn or fail: that is no fault of f, which was asked about x.
            with np.errstate(all="ignore"):
                try:
                    (right, above), (left, below) = moved(t), moved(-t)
                except (ArithmeticError, ValueError):
                    if t < 0.25:
                        raise
                    return None
            return Rung(right, -left, above, below) if math.isfinite(above) and math.isfinite(below) else None

        return slope_estimate(rung, self.value, 0.5 if whole and not one else 2.0**20, whole=whole)


def scales(x: Array) -> Array:
    """The size of each entry, in which steps are measured; for a zero the smallest of the others, at most 1."""
    size = np.abs(x).astype(np.float64)
    if not size.any():
        return np.ones_like(size)
    return np.where(size == 0, min(1.0, float(size[size > 0].min())), np.maximum(size, 2.0**-70 * size.max()))
