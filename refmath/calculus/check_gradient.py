r"""Is this gradient the gradient of this function?

$$f(x + \varepsilon v) = f(x) + \varepsilon \langle g, v \rangle + O(\varepsilon^2)$$

if and only if g is the gradient: the remainder falls with the second power of ε. If g is wrong, by 0.1 % as well, it falls with the first, once ε is small enough.

**What is done.** The slope along every coordinate is estimated from values of f, on steps of all sizes relative to that entry of x, together with how far the
estimate may be off: so neither a step nor a tolerance is chosen, and a wrong small entry is found among large ones. Beyond 1,000 entries it is a sample of the
coordinates, and 64 directions over entries of like size which together are all; one that contradicts g is halved until the entry is found. The order is that of the
remainder along random directions, above the rounding floor.

**Kinks.** Where the slopes to both sides differ, as those of max, abs or relu may, there is no gradient; every value between the two is accepted, and the kink named.

**Limits.** An entry whose effect is lost in the rounding of f cannot be seen, and the report says which are. What differs by less than half the digits of the
dtype of g counts as right; beside a large entry in float32, so does what differs by less than that one's rounding. A function computed partly in float32
and partly in float64 has another slope in its finest steps than at large, and is judged by the finest.

**Reference.** J. Nocedal, S. J. Wright, *Numerical Optimization*, second edition, 2006, theorem 2.1 (Taylor) and section 8.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from refmath import arguments, narrow
from refmath.arguments import Array
from refmath.calculus.gradient_report import Entry, GradientCheck, Kink
from refmath.calculus.slope_estimate import EPS, Slope
from refmath.calculus.surroundings import Surroundings

#: Up to so many entries, every one is looked at.
EVERY = 1000
SAMPLED, BLOCKS, DIRECTIONS = 200, 64, 4


def check_gradient(f: Callable[[Array], Any], gradient: Any, x: Any) -> GradientCheck:
    """Whether a gradient is that of f at x.

    Args:
        f: A function of an array of the shape of x that returns a real number, or an array that holds one.
        gradient: Its gradient at x, an array of the shape of x; or a function that returns it.
        x: Where to compare, an array of any shape.

    Returns:
        The verdict with its evidence. It is true if nothing contradicts the gradient, and printed it is a text.

    Raises:
        TypeError: If f cannot be called or does not return a real number, or x or the gradient holds no real numbers.
        ValueError: If x is empty or not finite; if the gradient has another shape than x; if f is not finite at x, or has two values there; if it returns
            an array of another size than 1.

    Examples:
        >>> import numpy as np
        >>> f = lambda x: np.sum(np.sin(x))
        >>> print(check_gradient(f, np.cos, [0.5, 2.0]))
        The gradient is right: 2 of 2 entries looked at, Taylor remainder of order 2.0.
        >>> bool(check_gradient(f, lambda x: 1.001 * np.cos(x), [0.5, 2.0]))
        False
    """
    about = Surroundings(arguments.function("f", f), arguments.point("x", x))
    claim = given(gradient, about)
    rng = np.random.default_rng(0)
    looked_at = chosen(claim, rng)
    findings = [looked(claim, about, int(i)) for i in looked_at]
    contradicted = [] if len(looked_at) == about.size else list(wrong_blocks(claim, about, rng))
    findings += [looked(claim, about, narrowed(claim, about, block, rng)) for block in contradicted]
    smooth = np.setdiff1d(np.arange(about.size), [each.entry for each in findings if each.kink])
    wrong = {each.record.index: each.record for each in findings if each.ratio > 1}
    seen = [each for each in findings if each.seen]
    worst = max(seen, key=lambda each: each.ratio, default=None)
    return GradientCheck(
        ok=not wrong and not contradicted and bool(seen),
        order=observed_order(claim, about, smooth, rng),
        error=max((each.record.error for each in seen), default=math.nan),
        worst=worst and worst.record,
        wrong=tuple(wrong.values()),
        kinks=tuple(each.kink for each in findings if each.kink),
        unseen=tuple(each.record.index for each in findings if not each.seen),
        contradicted=len(contradicted),
        looked_at=len(looked_at),
        size=about.size,
        evaluations=about.evaluations,
    )


class Claim(NamedTuple):
    """The gradient to be judged, in units of f: every entry times its scale; and how it was rounded."""

    values: Array
    eps: float
    reach: float

    def tolerance(self, value: float, slope: Slope) -> float:
        """What a right value may be off: the uncertainty of the estimate, and the rounding of the value that was given."""
        rounding = math.sqrt(self.eps) * max(abs(value), abs(slope.value))
        # In a narrow format small entries bear the rounding of the large ones that they were computed with; in float64 that is less than the
        # uncertainty, which is made of the rounding of f.
        return slope.uncertainty + rounding + (self.eps * self.reach if self.eps > EPS else 0)


class Finding(NamedTuple):
    """One entry: how far it is off in units of what it may be off, and whether that tells anything."""

    entry: int
    record: Entry
    ratio: float
    seen: bool
    kink: Kink | None


def off(value: float, expected: float, tolerance: float) -> float:
    """How far a value is off, in units of what it may be; more than 1 if it is wrong, as nan and ∞ always are."""
    if value == expected:
        return 0.0
    return abs(value - expected) / tolerance if math.isfinite(value) and tolerance else math.inf


def given(gradient: Any, about: Surroundings) -> Claim:
    """The gradient as it was given, or as the function that was given returns it."""
    g = arguments.real("gradient", gradient(about.x.copy()) if callable(gradient) else gradient)
    arguments.same_shape("x", about.x, "gradient", g)
    values = g.astype(np.float64).reshape(-1) * about.scale
    return Claim(values, narrow.epsilon(g.dtype), float(np.max(np.abs(values), where=np.isfinite(values), initial=0)))


def chosen(claim: Claim, rng: np.random.Generator) -> Array:
    """The entries to look at one by one: all, or those of the largest effect and some at random."""
    size = len(claim.values)
    if size <= EVERY:
        return np.arange(size)
    largest = np.argsort(-np.abs(claim.values))[: SAMPLED // 2]
    others = np.setdiff1d(np.arange(size), largest)
    return np.concatenate([largest, rng.choice(others, SAMPLED // 2, replace=False)])


def looked(claim: Claim, about: Surroundings, i: int) -> Finding:
    """Compares one entry with the slope along its coordinate."""
    slope, value, scale = about.along(np.ones(1), np.array([i])), float(claim.values[i]), float(about.scale[i])
    index = tuple(int(j) for j in np.unravel_index(i, about.x.shape))
    # At a kink whatever lies between the sides is right; elsewhere they are one.
    left, right = slope.value - slope.jump / 2, slope.value + slope.jump / 2
    expected = slope.value if math.isnan(value) else min(max(value, min(left, right)), max(left, right))
    ratio = off(value, expected, claim.tolerance(value, slope))
    known = slope.uncertainty <= 0.01 * max(abs(value), abs(expected)) or (
        slope.uncertainty < math.inf and (value == 0 or slope.jump != 0)
    )
    kink = Kink(index, left / scale, right / scale) if slope.jump else None
    record = Entry(index, value / scale, expected / scale, slope.uncertainty / scale)
    return Finding(i, record, ratio, known or ratio > 1, kink)


def contradiction(claim: Claim, about: Surroundings, block: Array, rng: np.random.Generator) -> float:
    """How far the gradient is off along a random direction over some entries, in units of what it may be off."""
    signs = rng.choice([-1.0, 1.0], len(block))
    slope, value = about.along(signs, block), float(np.sum(signs * claim.values[block]))
    if slope.jump or not slope.uncertainty < math.inf:
        return 0.0
    tolerance = claim.tolerance(value, slope) + claim.eps * float(np.sum(np.abs(claim.values[block])))
    return off(value, slope.value, tolerance)


def wrong_blocks(claim: Claim, about: Surroundings, rng: np.random.Generator) -> Iterator[Array]:
    """The blocks of entries, which together are all of them, along which the gradient is contradicted."""
    # Entries of like effect are put together, so that a large one hides no small one.
    for block in np.array_split(np.argsort(np.abs(claim.values)), BLOCKS):
        if contradiction(claim, about, block, rng) > 1:
            yield block


def narrowed(claim: Claim, about: Surroundings, block: Array, rng: np.random.Generator) -> int:
    """The entry of a block that is most to blame, by halving."""
    while len(block) > 1:
        block = max(np.array_split(block, 2), key=lambda half: contradiction(claim, about, half, rng))
    return int(block[0])


def observed_order(claim: Claim, about: Surroundings, smooth: Array, rng: np.random.Generator) -> float:
    """The lowest order of the Taylor remainder along some random directions; nan if none can be observed."""
    if not smooth.size:
        return math.nan
    orders = []
    for _ in range(DIRECTIONS):
        signs = rng.choice([-1.0, 1.0], len(smooth))
        slope = about.along(signs, smooth, whole=True)
        if slope.uncertainty < math.inf and not slope.jump:
            orders.append(order_along(claim, slope, float(np.sum(signs * claim.values[smooth]))))
    return min(orders, default=math.nan)


def order_along(claim: Claim, slope: Slope, value: float) -> float:
    """The order of the remainder on the lowest rungs on which it is more than rounding."""
    right, left, above, below = np.array(slope.rungs).T
    #| $R(\varepsilon) = |f(x + \varepsilon v) - f(x) - \varepsilon \langle g, v \rangle|$
    remainder = np.maximum(np.abs(above - slope.at_zero - right * value), np.abs(below - slope.at_zero + left * value))
    floor = 8 * slope.noise + right * (claim.tolerance(value, slope) - slope.uncertainty)
    visible = remainder[:-1] > floor[:-1]
    # Where it grows three rungs long: the rounding of f(x) itself is the same on all. Beyond the straight part begins something else, a kink for one.
    grows = visible & (remainder[1:] >= 2 * remainder[:-1])
    starts = np.flatnonzero(grows[:-2] & grows[1:-1] & grows[2:])
    if not starts.size or starts[0] > slope.straight:
        return math.inf
    low = slice(starts[0], starts[0] + 4)
    #| the slope of $\log R$ over $\log \varepsilon$
    return float(np.polyfit(np.log(right[low]), np.log(remainder[low]), 1)[0])
