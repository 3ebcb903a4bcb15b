r"""The slope of a function of one variable at zero, and how far off the estimate may be, from values alone and without a step to choose.

$$c(t) = \frac{\varphi(t) - \varphi(-t)}{2 t} = \varphi'(0) + \frac{t^2}{6} \varphi'''(0) + \dots \pm \frac{\nu}{2 t}$$

The function is evaluated on a ladder of steps, each four times the one before. On its low rungs c(t) is φ'(0) and rounding, ν / 2t: how widely they scatter says
what the noise ν of the function is. Upwards the rounding falls, and c(t) stays within what it leaves open, until the curve begins to show: the rung below is the
best one. Richardson's extrapolation goes through the same, and wins when there is much noise.

At a kink the slopes to both sides differ, and $(\varphi(t) - 2 \varphi(0) + \varphi(-t)) / t$ is the same on every rung, where it falls with t for a smooth function.

**Reference.** O. V. Lepskii, *On a problem of adaptive estimation in Gaussian white noise*, Theory of Probability and its Applications 35, 1990, for the choice of
the rung; C. J. F. Ridders, *Accurate computation of F'(x) and F'(x)F''(x)*, Advances in Engineering Software 4, 1982, for the extrapolation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from refmath.arguments import Array

EPS = float(np.finfo(np.float64).eps)
#: The lowest rung, as a part of the size of x. It is no power of two, so that round numbers in f do not make all its values round.
LOWEST = 1.3 * 2.0**-51
#: So many rungs at the bottom are taken for noise.
NOISY = 8
#: From fewer rungs nothing is read: two more than the noisy ones are extrapolated from.
FEWEST = NOISY + 3
#: The error left open is so many times the widest scatter.
SAFETY = 4.0
#: An estimate is good enough when it is known to nine digits.
ENOUGH = 2.0**-30
#: Steps of a function that was computed in float32 somewhere inside are at most about so large, relative to its values.
COARSE = 64 * float(np.finfo(np.float32).eps)


class Rung(NamedTuple):
    """A step to the right and one to the left, as they came out after rounding, and the values there."""

    right: float
    left: float
    above: float
    below: float


@dataclass(frozen=True)
class Slope:
    """What the ladder says about φ at zero.

    Attributes:
        value: The slope; at a kink the mean of both sides.
        uncertainty: How far off it may be; infinite if there is nothing to tell from.
        jump: The slope on the right less the slope on the left, where there is a kink; infinite where φ itself jumps; otherwise 0.
        noise: How much of a difference of two values may be rounding.
        straight: The last rung up to which c shows nothing but noise.
        at_zero: φ(0).
        rungs: What was evaluated.
    """

    value: float
    uncertainty: float
    jump: float
    noise: float
    straight: int
    at_zero: float
    rungs: tuple[Rung, ...]


UNKNOWN = Slope(0.0, math.inf, 0.0, math.inf, 0, 0.0, ())


def slope_estimate(rung: Callable[[float], Rung | None], value: float, most: float, *, whole: bool = False) -> Slope:
    """Climbs the ladder until the slope is known well enough, or no more is to be learnt.

    Args:
        rung: Evaluates φ a step to the right and to the left; None where it has no finite value.
        value: φ(0).
        most: The largest step.
        whole: Go on although the slope is known, until the curve shows.
    """
    rungs: list[Rung] = []
    t = LOWEST
    while t <= most and (found := rung(t)) is not None:
        rungs.append(found)
        t *= 4
        if (
            len(rungs) >= FEWEST and len(rungs) % 3 == 0
        ):  # reading them costs as much as evaluating a small function a few times
            slope, bent = read(rungs, value)
            known = slope.uncertainty <= ENOUGH * abs(slope.value) and not whole
            flat = t > 64 and all(each.above == each.below == value for each in rungs)
            if known or bent or flat:
                return slope
    return read(rungs, value)[0] if len(rungs) >= FEWEST else UNKNOWN


@np.errstate(all="ignore")  # near the end of the range: what overflows here agrees with nothing
def read(rungs: list[Rung], value: float) -> tuple[Slope, bool]:
    """The slope from the rungs so far, and whether the top ones have left the straight part for good."""
    right, left, above, below = np.array(rungs).T
    t, rise, fall = (right + left) / 2, above - value, below - value
    size = np.maximum.accumulate(np.maximum(np.abs(above), np.abs(below))).clip(min=abs(value))
    if leaps(rise, size) or leaps(fall, size):
        return replace(UNKNOWN, jump=math.inf, at_zero=value, rungs=tuple(rungs)), True
    # The slope at zero of the parabola through three points: after rounding the steps differ a little.
    c = (rise * left / right - fall * right / left) / (right + left)
    noise, straight = noise_level(c, t, np.maximum(EPS * size, grain(rise, fall, size)))
    once = (16 * c[:-1] - c[1:]) / 15
    columns = [c, once, (256 * once[:-1] - once[1:]) / 255]
    # Extrapolation makes a little more of the noise.
    bar = 1.1 * SAFETY * noise / (2 * t)
    best = [lepski(column, bar[: len(column)]) for column in columns]
    k, column = min(zip(best, columns, strict=True), key=lambda each: bar[each[0]])
    jump, doubt = kink((rise + fall) / t, 4 * bar)
    bent = straight < len(c) - 6 and all(last + 4 < len(each) for last, each in zip(best, columns, strict=True))
    slope = Slope(float(column[k]), float(bar[k]) + doubt, jump, float(noise[k]), straight, value, tuple(rungs))
    return slope, bent


def leaps(difference: Array, size: Array) -> bool:
    """Whether the function jumps at zero: on one side it is off by the same on all the low rungs, and by more than float32 would make it."""
    low = np.abs(difference[: NOISY + 1])
    return bool(low.min() > COARSE * size[0] and low.max() - low.min() <= low.max() / 4)


def grain(rise: Array, fall: Array, size: Array) -> float:
    """The grid on which the values lie: coarser than that of float64 if the function was computed in a narrower format, or cancelled."""
    differences = np.concatenate([rise, fall])
    moved = differences[(differences != 0) & np.isfinite(differences)]
    if not moved.size:
        return 0.0
    mantissa, exponent = np.frexp(moved)
    bits = np.abs(mantissa * 2.0**53).astype(np.int64)
    grid = float(np.min(np.ldexp((bits & -bits).astype(float), exponent - 53)))
    return max(grid, first_movement(rise, fall, size))


def first_movement(rise: Array, fall: Array, size: Array) -> float:
    """The first movement of a function that stands still under small steps, if it is no more than float32 would make; otherwise 0."""
    first = int(np.argmax((rise != 0) | (fall != 0)))
    height = max(abs(float(rise[first])), abs(float(fall[first])))
    if first == 0 or first + 2 >= len(rise) or height > COARSE * size[first]:
        return 0.0
    # A flat side of a kink stands still as well, but then one side moves alone; a coarse function soon moves on both.
    up, down = float(rise[first + 2]), float(fall[first + 2])
    return height if abs(up + down) <= abs(up - down) / 2 else 0.0


def noise_level(c: Array, t: Array, floor: Array) -> tuple[Array, int]:
    """How much of a difference may be rounding, rung by rung, and the last rung up to which c shows nothing else."""

    def scatter(k: int) -> float:
        return float(np.max(np.abs(c[:k] - c[k]) * 2 * t[:k]))

    noise, top = scatter(NOISY), NOISY
    for k in range(NOISY + 1, len(c)):
        level = max(noise, scatter(k - 1), floor[k])
        bar = SAFETY * level / (2 * t[: k + 1])
        if not (np.abs(c[k] - c[:k]) <= bar[k] + bar[:k]).all():
            break
        noise, top = max(noise, scatter(k - 1)), k
    return np.maximum(noise, floor), top


def lepski(column: Array, bar: Array) -> int:
    """The rung below the last that agrees with all below it within their bars."""
    last = NOISY
    for k in range(NOISY, len(column)):
        if not (np.abs(column[k] - column[:k]) <= bar[k] + bar[:k]).all():
            break
        last = k
    return last - 1


def kink(bend: Array, bar: Array) -> tuple[float, float]:
    """The jump of the slope and how far off its halves may be: if the bend is the same on all rungs up to some that show it clearly; otherwise 0."""
    clear = np.flatnonzero(np.abs(bend) >= 64 * bar)
    if not clear.size or (m := int(clear[0])) + 2 >= len(bend):
        return 0.0, 0.0
    if not (np.abs(bend[: m + 3] - bend[m]) <= bar[: m + 3] + np.abs(bend[m]) / 4).all():
        return 0.0, 0.0
    # What the curvature adds to the bend grows with t: it is extrapolated away.
    column, bar = (4 * bend[:-1] - bend[1:]) / 3, 1.5 * bar[:-1]
    k = lepski(column, bar)
    return float(column[k]), float(bar[k]) / 2
