r"""The slope of a function of one variable at zero, and how far off the estimate may be, from values alone and without a step to choose.

$$c(t) = \frac{\varphi(t) - \varphi(-t)}{2 t} = \varphi'(0) + \frac{t^2}{6} \varphi'''(0) + \dots \pm \frac{\nu}{t}$$

The function is evaluated on a ladder of steps, each four times the one before. **Noise.** ν is the rounding of the function's values: as large as their format makes it, or
more if differences of neighbouring values say so (they vanish with their order for a smooth function, and do not for noise). **Agreement.** From the shortest step
upwards, c(t) ± ν/t must be compatible with every shorter step; the first that is not ends the climb, whatever longer steps would say. Richardson's extrapolation goes through
the same, and the narrowest of the estimates counts. So no estimate rests on steps that shorter ones contradict. A wave no higher than the error that noise leaves open is
noise to it: on no rung could the values tell.

**Kinks, cusps, jumps.** At a kink $(\varphi(t) - 2 \varphi(0) + \varphi(-t)) / t$ is the same on every rung, where it falls with t for a smooth function; at a cusp
it grows as t falls; at a jump a side is off by the same on all the low rungs.

**Stairs.** Where the steps above suddenly disagree, it is searched by halving whether the function is continuous there. If it jumps by no more than a computation in float32 would
make of its values, that is rounding: ν is as large, and the climb begins anew. If it jumps by more, it is a staircase: the slope of one stair and the slope across many are
both kept, as values of the function do not say which is meant, unless the stair is wide.

**Reference.** O. V. Lepskii, *On a problem of adaptive estimation in Gaussian white noise*, Theory of Probability and its Applications 35, 1990, for the choice of
the rung; J. J. Moré, S. M. Wild, *Estimating computational noise*, SIAM Journal on Scientific Computing 33, 2011, for the noise; C. J. F. Ridders, *Accurate computation of
F'(x) and F'(x)F''(x)*, Advances in Engineering Software 4, 1982, for the extrapolation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from refmath.arguments import Array

EPS = float(np.finfo(np.float64).eps)
#: The lowest rung, as a multiple of the spacing of x. It is no power of two, so that round numbers in f do not make all its values round.
LOWEST = 2.6
#: Each rung is about four times the one before: no two have the same digits, which a cast to a narrower format would round alike.
GOLDEN = (math.sqrt(5) - 1) / 2
#: From fewer rungs nothing is read.
FEWEST = 8
#: Where one side ends before so many rungs, the other one is climbed alone.
ENDS_EARLY = 16
#: The error left open is so many times the noise.
SAFETY = 4.0
#: An estimate is good enough when it is known to nine digits.
ENOUGH = 2.0**-30
#: Jumps of a function that was computed in float32 somewhere inside are at most about so large, relative to its values.
COARSE = 64 * float(np.finfo(np.float32).eps)
#: A function that moves evenly in steps up to this part of x has no stairs of rounding.
WIDE = 2.0**-4
#: In a narrow format the error left open is so many times as large.
HIDDEN = 3.0
#: Slopes on the lowest rungs that differ by no more than this part of them are one.
ALIKE = 1e-2
#: With longer steps its noise is not measured.
SHORT = 2.0**-20
#: The smallest distance of two numbers.
TINY = 2.0**-1074

Step = Callable[[float], tuple[float, float]]


class Rung(NamedTuple):
    """A step to the right and one to the left, as they came out after rounding, and the values there; nan where there is none."""

    right: float
    left: float
    above: float
    below: float


class Rival(NamedTuple):
    """The slope across many stairs, where that of one stair is another.

    Attributes:
        value: The slope.
        uncertainty: How far off it may be; infinite if there are too few stairs.
        height: The height of a stair; 0 where φ does not jump, but has another slope on longer steps; nan where it stands still on all.
        width: How far φ goes the way that it goes at zero.
        trusted: Whether that is so far that one stair is the function, unless others are as high.
    """

    value: float
    uncertainty: float
    height: float
    width: float
    trusted: bool = False


@dataclass(frozen=True)
class Slope:
    """What the ladder says about φ at zero.

    Attributes:
        value: The slope; at a kink the mean of both sides.
        uncertainty: How far off it may be; infinite if there is nothing to tell from.
        jump: The slope on the right less the slope on the left, where there is a kink; infinite where φ itself jumps; otherwise 0.
        noise: How much of a difference of two values may be rounding.
        straight: The last rung that agrees with all below.
        at_zero: φ(0).
        rungs: What was evaluated.
        cusp: The power of t with which φ moves, if it is less than 1; otherwise 0.
        rival: The slope across many stairs, if φ is a staircase.
        jitter: The noise of values next to φ(0).
        side: 1 or −1 if φ has values on that side only; otherwise 0.
    """

    value: float
    uncertainty: float
    jump: float
    noise: float
    straight: int
    at_zero: float
    rungs: tuple[Rung, ...]
    cusp: float = 0.0
    rival: Rival | None = None
    side: int = 0
    jitter: float = 0.0


UNKNOWN = Slope(0.0, math.inf, 0.0, math.inf, 0, 0.0, ())


class Ladder:
    """The values of φ on rungs, evaluated as far as they are asked for.

    Args:
        step: Evaluates φ at a step, which may be negative: the step as it came out after rounding, and the value, nan where φ has none.
        value: φ(0).
        spacing: The distance of neighbouring steps.
        eps: The rounding of the values, relative to them.
        tiny: The smallest distance of two values: below it nothing moves.
        most: The largest step.
    """

    def __init__(self, step: Step, value: float, spacing: float, eps: float, tiny: float, most: float) -> None:
        self.step, self.value, self.spacing, self.most = step, value, spacing, most
        self.eps, self.tiny = eps, tiny
        self.rungs: list[Rung] = []
        self.side = 0

    @property
    def top(self) -> float:
        """The step of the next rung."""
        k = self.count
        return LOWEST * self.spacing * 4.0**k * (1 + k * GOLDEN % 1 / 4)

    def rung(self, t: float) -> Rung:
        """Both sides of a step; where φ has values on one side only, that side."""
        right, above = self.step(t) if self.side >= 0 else (t, math.nan)
        left, below = self.step(-t) if self.side <= 0 else (-t, math.nan)
        return Rung(right, -left, above, below)

    def climb(self) -> bool:
        """Adds a rung; False where there is no higher one."""
        if self.top > self.most:
            return False
        found = self.rung(self.top)
        ends = math.isfinite(found.above), math.isfinite(found.below)
        if ends[0] != ends[1] and not self.side and len(self.rungs) < ENDS_EARLY:
            self.side = ends[0] - ends[1]  # the domain ends on the other side: this one tells more
        if not (any(ends) if self.side else all(ends)):
            return False
        self.rungs.append(found)
        return True

    @property
    def count(self) -> int:
        return len(self.rungs)


class Reading(NamedTuple):
    """What the rungs say under a given noise.

    Attributes:
        slope: The estimate.
        last: For each column, the last rung that agrees with all below.
        bent: Whether all columns have left their straight part for good.
        sudden: Whether they do so at once, where an extrapolation would agree longer if the function were smooth.
    """

    slope: Slope
    last: tuple[int, int, int]
    bent: bool
    sudden: bool


def slope_estimate(
    step: Step,
    value: float,
    most: float,
    *,
    spacing: float = EPS,
    eps: float = EPS,
    tiny: float = TINY,
    whole: bool = False,
    closely: bool = False,
) -> Slope:
    """Climbs the ladder until the slope is known well enough, or no more is to be learnt.

    Args:
        step: Evaluates φ at a step, which may be negative: the step as it came out after rounding, and the value, nan where φ has none.
        value: φ(0).
        most: The largest step.
        spacing: The distance of neighbouring steps.
        eps: The rounding of the values of φ, relative to them.
        tiny: The smallest distance of two values.
        whole: Go on although the slope is known, until the curve shows.
        closely: Search longer steps for a jump, too.
    """
    ladder = Ladder(step, value, spacing, eps, tiny, most)
    slope = estimated(ladder, whole)
    return scrutinised(ladder, slope) if closely and not slope.rival and math.isfinite(slope.uncertainty) else slope


def estimated(ladder: Ladder, whole: bool) -> Slope:
    """The slope, as far as the ladder tells it."""
    value = ladder.value
    while ladder.count < FEWEST and ladder.climb():
        pass
    if ladder.count < FEWEST:
        return replace(UNKNOWN, at_zero=value, rungs=tuple(ladder.rungs), side=ladder.side)
    coarse = max(COARSE, 64 * ladder.eps)
    if leaps(ladder, coarse):
        return replace(UNKNOWN, jump=math.inf, at_zero=value, rungs=tuple(ladder.rungs), side=ladder.side)
    noise = measured_noise(ladder)
    for _ in range(6):
        reading = climbed(ladder, noise, whole)
        slope = reading.slope
        if not reading.sudden or slope.cusp:
            return ended(ladder, slope)
        height, width = discontinuity(ladder, reading)
        if not height:
            if not (noise := louder(ladder, reading)):
                return of_one_side(ladder, slope)
            continue
        size = magnitude(ladder)
        # So wide a stair is none of rounding, unless the values themselves are so coarse.
        if height > (64 * ladder.eps if width >= WIDE else coarse) * size:
            return with_rival(ladder, slope, height, width, trusted=width >= WIDE and height > coarse * size)
        noise = max(height, 2 * noise)
    return slope


def magnitude(ladder: Ladder) -> float:
    """How large φ is, at zero or on steps as long as the entry: at a zero of φ it is no measure of what it was computed from."""
    rung = next((each for each in ladder.rungs if max(each.right, each.left) > 0.5), None) or ladder.rung(0.7)
    found = [abs(each) for each in (ladder.value, rung.above, rung.below) if math.isfinite(each)]
    return max(found)


def louder(ladder: Ladder, reading: Reading) -> float:
    """A noise that explains many rungs more than its loudness alone would; 0 if there is none, as beside a kink."""
    slope = reading.slope
    # Much of it only where not even the shortest steps agree, nor neighbouring values: an oscillation of many steps is none.
    most = 100 if reading.last[0] <= 2 else 3
    for factor in (3, 10, 30, 100):
        if factor > most or (factor > 3 and 30 * noise_of_neighbours(ladder) < factor * slope.noise):
            return 0.0
        if max(read(ladder, factor * slope.noise).last) >= reading.last[0] + math.log(factor, 4) + 2:
            return factor * slope.noise
    return 0.0


def of_one_side(ladder: Ladder, slope: Slope) -> Slope:
    """The slope on the side that goes on as it begins, where the other one soon has a kink: if both agree, and it tells more."""
    if ladder.side or slope.jump or slope.uncertainty <= abs(slope.value) / 1000:
        return slope
    for side in (1, -1):
        alone = Ladder(ladder.step, ladder.value, ladder.spacing, ladder.eps, ladder.tiny, ladder.most)
        alone.rungs, alone.side = ladder.rungs, side
        found = read(alone, slope.noise).slope
        if (
            found.uncertainty < slope.uncertainty / 4
            and abs(found.value - slope.value) <= found.uncertainty + slope.uncertainty
        ):
            return replace(slope, value=found.value, uncertainty=found.uncertainty)
    return slope


def ended(ladder: Ladder, slope: Slope) -> Slope:
    """The slope, unless φ stands still on all steps and these end soon, as they do at the end of its domain: then it may be a stair."""
    last = ladder.rungs[-1]
    still = all({each.above, each.below} - gaps(each) == {ladder.value} for each in ladder.rungs)
    width = max(last.right, last.left)
    return replace(slope, rival=Rival(0.0, math.inf, math.nan, width)) if still and width < WIDE else slope


@np.errstate(all="ignore")
def scrutinised(ladder: Ladder, slope: Slope) -> Slope:
    """The slope with another as its rival, if longer steps settle on that: as where an iteration takes a step more beyond some point."""
    while ladder.top <= WIDE and ladder.climb():
        pass
    c, t = differences(ladder.rungs, ladder.value, ladder.side)
    twice = extrapolated(c, t, ladder.side)[2]
    moves = np.abs(np.diff(twice))[slope.straight + 1 :]
    if len(moves) < 2:
        return slope
    # Where two steps in turn change it least.
    settled = np.maximum(moves[:-1], moves[1:])
    k = int(np.argmin(settled))
    value, uncertainty = float(twice[slope.straight + 1 + k]), 4 * float(settled[k])
    if not abs(value - slope.value) > uncertainty + slope.uncertainty:
        return slope
    return replace(slope, rival=Rival(value, uncertainty, 0.0, float(t[slope.straight])))


def with_rival(ladder: Ladder, slope: Slope, height: float, width: float, *, trusted: bool) -> Slope:
    """A staircase: what the slope across many stairs is; one stair may be so wide that it is trusted to be the function."""
    across = climbed(ladder, height, whole=False).slope
    return replace(slope, rival=Rival(across.value, across.uncertainty, height, width, trusted))


def climbed(ladder: Ladder, noise: float, whole: bool) -> Reading:
    """Climbs until the slope is known under a noise, and longer steps do not contradict it."""
    while True:
        if ladder.count % 3 == 0 or ladder.count == FEWEST:
            reading = read(ladder, noise)
            slope = reading.slope
            known = slope.uncertainty <= ENOUGH * abs(slope.value) and not whole
            flat = ladder.top > 256 and all(
                {each.above, each.below} - gaps(each) == {ladder.value} for each in ladder.rungs
            )
            if (known and confirmed(ladder, slope)) or reading.bent or slope.cusp or flat:
                return reading
        if not ladder.climb():
            return read(ladder, noise)


@np.errstate(all="ignore")
def confirmed(ladder: Ladder, slope: Slope) -> bool:
    """Whether two longer steps see about the same slope, so that nothing coarser lies above."""
    for t in (WIDE / 16, WIDE / 2):
        if t > ladder.top:
            c, _ = differences([ladder.rung(t)], ladder.value, ladder.side)
            if not abs(c[0] - slope.value) <= abs(slope.value) / 8:
                return False
    return ladder.top > WIDE / 2 or not slope.jump


@np.errstate(all="ignore")  # near the end of the range: what overflows here agrees with nothing
def read(ladder: Ladder, noise: float) -> Reading:
    """The slope from the rungs so far."""
    rungs, value = ladder.rungs, ladder.value
    c, t = differences(rungs, value, ladder.side)
    right, left, above, below = np.array(rungs).T
    size = np.maximum.accumulate(np.fmax(np.abs(above), np.abs(below))).clip(min=abs(value))
    floor = np.maximum(ladder.eps * size, ladder.tiny)
    level = np.maximum(floor, noise)
    bar = SAFETY * level / (t if ladder.side else 2 * t)
    columns = extrapolated(c, t, ladder.side)
    last = [agreeing(column, bar[: len(column)]) for column in columns]
    bend = (above - value) / right + (below - value) / left
    jump, doubt = (0.0, 0.0) if ladder.side else kink(bend, 4 * bar, t)
    # As much again for what the curve may add unseen; extrapolation makes a little more of the noise.
    doubts = (3.0 if ladder.side else 2.0) * bar
    if not ladder.side and not jump:
        # A kink beside zero, which the noise of shorter steps hides, shows itself in a bend that does not grow with the step.
        doubts = doubts + unexplained(bend, t)
    # What an estimate differs by from the one a rung below is left open, too: many kinks beside zero may add up to a slope of their own.
    left_open = [doubts[: len(column)] + np.abs(np.diff(column, prepend=column[0])) for column in columns]
    # The rung below the last that agrees, or a lower one of which less is left open.
    best = [int(np.argmin(each[: max(end, 1)])) for each, end in zip(left_open, last, strict=True)]
    chosen = min(range(3), key=lambda i: left_open[i][best[i]] if last[i] >= 2 else math.inf)
    if last[chosen] >= 2:
        k = best[chosen]
        estimate, uncertainty, noisy = float(columns[chosen][k]), float(left_open[chosen][k]), float(level[k])
        # In a narrow format the noise hides more than one kink.
        uncertainty *= HIDDEN if ladder.eps > EPS else 1
        uncertainty = uncertainty if math.isfinite(estimate) else math.inf
    else:
        (estimate, uncertainty), noisy = vanishing(c, t), float(level[0])
    cusp = 0.0
    if not ladder.side and not jump and unsettled(bend, 4 * bar):
        doubt = math.inf
    if not jump or not math.isfinite(uncertainty):
        cusp = cusp_of(ladder, level)
    bent = all(end + 4 < len(each) for end, each in zip(last, columns, strict=True))
    sudden = last[0] + 1 < len(c) and max(last) == last[0]
    straight = max(last[0], 0)
    slope = Slope(
        estimate,
        uncertainty + doubt,
        jump,
        noisy,
        straight,
        value,
        tuple(rungs),
        cusp,
        None,
        ladder.side,
        float(level[0]),
    )
    return Reading(slope, (last[0], last[1], last[2]), bent, sudden)


@np.errstate(all="ignore")
def differences(rungs: list[Rung], value: float, side: int) -> tuple[Array, Array]:
    """The slope at zero of the parabola through three points, as after rounding the steps differ a little; of one side, of the line through two."""
    right, left, above, below = np.array(rungs).T
    if side > 0:
        return (above - value) / right, right
    if side < 0:
        return (value - below) / left, left
    c = (above - value) / right * (left / (right + left)) + (value - below) / left * (right / (right + left))
    return c, (right + left) / 2


@np.errstate(all="ignore")
def extrapolated(c: Array, t: Array, side: int) -> list[Array]:
    """The slopes, and those extrapolated once and twice: their error begins with the second power of the step, of one side with the first."""
    power = 1 if side else 2
    once = c[:-1] + (c[:-1] - c[1:]) / ((t[1:] / t[:-1]) ** power - 1)
    return [c, once, once[:-1] + (once[:-1] - once[1:]) / ((t[2:] / t[:-2]) ** power - 1)]


def agreeing(column: Array, bar: Array) -> int:
    """The last rung up to which all are compatible within their bars; −1 if the first is no number."""
    low, high = np.maximum.accumulate(column - bar), np.minimum.accumulate(column + bar)
    apart = np.flatnonzero(~(low <= high))
    return int(apart[0]) - 1 if apart.size else len(column) - 1


def vanishing(c: Array, t: Array) -> tuple[float, float]:
    """The limit of slopes that disagree on all rungs, and how far off it may be, if they are nearly one, or draw together as the steps fall."""
    low = c[:FEWEST]
    if np.isfinite(low).all() and np.ptp(low) <= ALIKE * np.abs(low).min():
        # A cast to a narrower format rounds the step itself: by as much on each rung, relative to it.
        return float(np.median(low)), float(2 * np.ptp(low))
    moves = np.abs(np.diff(low))
    if not np.isfinite(moves).all() or moves[:3].max() > moves[4:].max() / 4:
        return 0.0, math.inf
    # At least halved from each rung to the one below: what is left is no more than a geometric series.
    return float(c[0]), float(4 * np.max(moves / 2.0 ** np.arange(len(moves))))


def leaps(ladder: Ladder, coarse: float) -> bool:
    """Whether the function jumps at zero: on one side it is off by the same on all the low rungs, and by more than rounding would make it."""
    _, _, above, below = np.array(ladder.rungs[:FEWEST]).T
    size = max(abs(ladder.value), abs(above[0]), abs(below[0])) if not ladder.side else abs(ladder.value)
    for values in (above, below):
        low = np.abs(values - ladder.value)
        if np.isfinite(low).all() and low.min() > coarse * size and low.max() - low.min() <= low.max() / 4:
            return True
    return False


def measured_noise(ladder: Ladder) -> float:
    """The noise of neighbouring values, or where they first move; 0 if they stand still for long, or are smooth."""
    moved = next((each for each in ladder.rungs if {each.above, each.below} - {ladder.value} - gaps(each)), None)
    if moved is None or (t := max(moved.right, moved.left)) > SHORT:
        return 0.0
    if noise_on(ladder, ladder.spacing)[1]:
        return noise_of_neighbours(ladder)
    # An odd number of spacings: multiples of a power of two may hide the rounding of a product.
    h = 13 * ladder.spacing * 2.0 ** max(math.ceil(math.log2(t / ladder.spacing / 13)), 0)
    return noise_on(ladder, h)[0]


def noise_of_neighbours(ladder: Ladder) -> float:
    """The noise of values that are next to each other, or nearly so: a wave of many neighbours is none."""
    return max(noise_on(ladder, count * ladder.spacing)[0] for count in (1, 7))


def noise_on(ladder: Ladder, h: float) -> tuple[float, bool]:
    """The noise of values that are a step apart, and whether most of them differ."""
    # A little beside zero, where a kink or a cusp would be taken for noise.
    values = np.array([ladder.step(i * h * (ladder.side or 1))[1] for i in range(8, 17)])
    if not np.isfinite(values).all() or not (size := float(np.ptp(values))):
        return 0.0, False
    values = (values - values[0]) / size
    moving = bool(2 * np.count_nonzero(np.diff(values)) > len(values))
    levels = []
    for order in range(1, 7):
        values = np.diff(values)
        levels.append(math.sqrt(float(np.mean(values**2)) / math.comb(2 * order, order)))
    return 2 * size * max(levels[3:]), moving


def gaps(rung: Rung) -> set[float]:
    """What stands in a rung where φ has no finite value."""
    return {each for each in (rung.above, rung.below) if not math.isfinite(each)}


def discontinuity(ladder: Ladder, reading: Reading) -> tuple[float, float]:
    """By how much φ jumps before the first rung that disagrees, and how far from zero; 0 if it is continuous there."""
    # A jump shows itself best when what φ rises between jumps is taken off: as the rungs say, or nothing, as on a stair.
    for slope in dict.fromkeys((reading.slope.value, 0.0)):
        found = jump_between(ladder, reading, slope)
        if found[0]:
            return found
    return 0.0, 0.0


def jump_between(ladder: Ladder, reading: Reading, slope: float) -> tuple[float, float]:
    """The same, for a slope between jumps, by halving: the half in which φ moves more is kept."""
    value, far = ladder.value, ladder.rungs[reading.last[0] + 1]
    ends = []
    if ladder.side >= 0:
        ends.append((1, far.right, far.above - slope * far.right))
    if ladder.side <= 0:
        ends.append((-1, far.left, far.below + slope * far.left))
    # From zero on: a jump may have been within what the rounding left open on shorter steps.
    low, at_low = 0.0, value
    sign, high, at_high = max(ends, key=lambda each: abs(each[2] - value))
    noise, moved, far_off = 4 * max(reading.slope.noise, ladder.eps * abs(value)), abs(at_high - value), high
    while high - low > 4 * ladder.spacing and abs(at_high - at_low) > noise:
        if high - low < 1e-3 * far_off and abs(at_high - at_low) <= 8 * moved * (high - low) / far_off:
            break  # it moves less and less, as what is continuous does
        made, found = ladder.step(sign * (low + high) / 2)
        middle, at_middle = abs(made), found - slope * made
        if not low < middle < high or not math.isfinite(found):
            break
        if abs(at_middle - at_low) >= abs(at_high - at_middle):
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
    height = abs(at_high - at_low)
    # What is continuous moves less, the closer one looks.
    steady = moved * min(8 * (high - low) / far_off, 0.5)
    jumps = height > max(noise, steady) and high - low <= 8 * ladder.spacing
    return (height, high) if jumps else (0.0, 0.0)


def cusp_of(ladder: Ladder, level: Array) -> float:
    """The power of t with which a side moves, if it is less than 1 on all the rungs that show it; otherwise 0."""
    right, left, above, below = np.array(ladder.rungs[:FEWEST]).T
    for t, values in ((right, above), (left, below)):
        moved = np.abs(values - ladder.value)
        if np.isfinite(moved).all() and (moved > 64 * level[:FEWEST]).all():
            powers = np.diff(np.log(moved)) / np.diff(np.log(t))
            if (powers < 0.9).all() and (powers > 0.02).all() and np.ptp(powers) < 0.1:
                return float(powers.mean())
    return 0.0


def unexplained(bend: Array, t: Array) -> Array:
    """What is left of the bend on each rung when what grows with the step is taken off: what a smooth function leaves is rounding."""
    rest = np.abs(bend[:-1] + (bend[:-1] - bend[1:]) / (t[1:] / t[:-1] - 1))
    return np.append(rest, np.abs(bend[-1]))


def unsettled(bend: Array, bar: Array) -> bool:
    """Whether the slopes of both sides differ on the lowest rungs that show it, by no constant, and do not draw together as the steps fall."""
    clear = np.flatnonzero(np.abs(bend) >= 64 * bar)
    if not clear.size or (m := int(clear[0])) + 2 >= len(bend):
        return False
    # On shorter steps it may be as large for all that is seen.
    may = (np.abs(bend[:m]) + bar[:m] >= np.abs(bend[m]) / 4).all()
    return bool(may and not abs(bend[m + 2]) >= 1.3 * abs(bend[m]))


def kink(bend: Array, bar: Array, t: Array) -> tuple[float, float]:
    """The jump of the slope and how far off its halves may be: if the bend is the same on all rungs up to some that show it clearly; otherwise 0."""
    clear = np.flatnonzero(np.abs(bend) >= 64 * bar)
    if not clear.size or (m := int(clear[0])) + 2 >= len(bend):
        return 0.0, 0.0
    if not (np.abs(bend[: m + 3] - bend[m]) <= bar[: m + 3] + np.abs(bend[m]) / 4).all():
        return 0.0, 0.0
    # What the curvature adds to the bend grows with t: it is extrapolated away.
    column, bar = bend[:-1] + (bend[:-1] - bend[1:]) / (t[1:] / t[:-1] - 1), 1.5 * bar[:-1]
    k = max(agreeing(column, bar) - 1, 0)
    return float(column[k]), float(bar[k]) / 2
