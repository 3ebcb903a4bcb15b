r"""Is this gradient the gradient of this function?

$$f(x + \varepsilon v) = f(x) + \varepsilon \langle g, v \rangle + O(\varepsilon^2)$$

if and only if g is the gradient: the remainder falls with the second power of ε. If g is wrong, by 0.1 % as well, it falls with the first, once ε is small enough.

**What is done.** The slope along every coordinate is estimated from values of f, on steps of all sizes relative to that entry of x, together with how far the
estimate may be off: so neither a step nor a tolerance is chosen, and a wrong small entry is found among large ones. No estimate rests on steps that shorter ones contradict.
Beyond 1,000 entries it is a sample of the coordinates, and directions over entries of like size which together are all; one that contradicts g is halved until the entry is
found. The order is that of the remainder along random directions, above the rounding floor.

**Kinks.** Where the slopes to both sides differ, as those of max, abs or relu may, there is no gradient; every value between the two is accepted, and the kink named. Where
entries share a kink, as at a tie of maxima, the gradient must lie between both sides along directions over them, too.

**What cannot be told.** At a jump or a cusp there is no slope; on a staircase, as of a quantised function, that of one stair and that across many differ, and values of f do not
say which is meant. An entry whose effect is lost in the rounding of f cannot be seen, and the report says which are.

**Limits.** What differs by less than half the digits of the dtype of g counts as right; beside a large entry in float32, so does what differs by less than that one's
rounding. What happens in steps shorter than the spacing of floating-point numbers, or is as small as the rounding of f, nobody sees who has but values of f.

**Reference.** J. Nocedal, S. J. Wright, *Numerical Optimization*, second edition, 2006, theorem 2.1 (Taylor) and section 8.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.gradients import kinks
from refmath.gradients.containers import Library, require
from refmath.gradients.differentiated import contained, own_gradient
from refmath.gradients.kinks import Kinks, Outcome, Sides
from refmath.gradients.report import Doubt, Entry, GradientCheck, Kink, Tie, Verdict, place_of
from refmath.gradients.slope_estimate import EPS, Rival, Slope
from refmath.gradients.surroundings import LOST, Outputs, Place, Surroundings
from refmath.gradients.words import Seen, hints

#: Up to so many entries, every one is looked at.
EVERY = 1000
#: Beyond, so many one by one, and so many directions; the same for arrays that are larger still.
SAMPLED, BLOCKS = 200, 64
HUGE, SAMPLED_OF_HUGE, BLOCKS_OF_HUGE = 50_000, 16, 8
DIRECTIONS = 2
#: What is said of a function that does not move.
CONSTANT = "f does not change with x, on steps of any size."
#: Why nothing is told of an entry among others with kinks.
MEETING = "kinks of several entries meet here, and too few of the gradients beside x are seen"
#: An error that is no larger is looked at closely.
SMALL = 1e-2
#: So many contradicted directions are narrowed down to an entry.
NARROWED = 3


def check_gradient(f: Callable[[Any], Any], gradient: Any, x: Any, *, array: Library = "numpy") -> GradientCheck:
    """Whether a gradient is that of f at x.

    Args:
        f: A function of x that returns a real number, or an array that holds one. It is given what x is: an array of its shape (in float64 for NumPy), or a
            mapping or sequence of such arrays.
        gradient: Its gradient at x, of the shape of x, or a mapping or sequence of arrays as x is; or a function that returns it. None takes the library's own:
            PyTorch's autograd, or `jax.grad`.
        x: Where to compare: an array of any shape, or a mapping or sequence of arrays, as the parameters of a network; for PyTorch a module too, which stands for its
            parameters, and which f is given.
        array: Whose arrays f and gradient take: "numpy", "torch" or "jax".

    Returns:
        The verdict with its evidence. It is true if the gradient is right, and printed it is a text.

    Raises:
        TypeError: If f cannot be called or does not return a real number, or x or the gradient holds no real numbers.
        ValueError: If x is empty or not finite; if the gradient has another shape than x, or none is given for NumPy; if f is not finite at x, or has two values there; if it
            returns an array of another size than 1.
        ImportError: If the library is not installed.

    Examples:
        >>> import numpy as np
        >>> f = lambda x: np.sum(np.sin(x))
        >>> check = check_gradient(f, np.cos, [0.5, 2.0])
        >>> check.verdict
        'right'
        >>> check_gradient(f, lambda x: -np.cos(x), [0.5, 2.0]).hints
        ('Every entry has the wrong sign.',)
        >>> parameters = {"W": np.ones((2, 2)), "b": np.zeros(2)}
        >>> loss = lambda p: np.sum((p["W"] @ [1.0, 2.0] + p["b"]) ** 2)
        >>> check_gradient(loss, {"W": [[6.0, 12.0], [6.0, 12.0]], "b": [6.0, 5.0]}, parameters).hints
        ("Only ['b'] is wrong; the other arrays are right.", "['b']: only the last entry is wrong; the others are right.")
    """
    container = contained("x", x, require(array))
    with container.kept():
        about = Surroundings(arguments.function("f", f), container)
        if gradient is None:
            gradient = own_gradient(f, container)
        elif callable(gradient) and not hasattr(gradient, "named_parameters"):
            gradient = gradient(container.at(container.row))
        values, eps = container.read("gradient", gradient)
        return judged(about, Claim.of(values, eps, about))


def check_vjp(
    f: Callable[[Any], Any], vjp: Callable[[Any, Any], Any], x: Any, *, array: Library = "numpy"
) -> GradientCheck:
    """Whether a backward function is that of an array-valued f at x: whether vjp(x, u) is the gradient of ⟨u, f(x)⟩, for an upstream gradient u drawn at random.

    Args:
        f: A function of x that returns an array of any shape.
        vjp: Takes x and an upstream gradient of the shape of f(x), and returns the vector–Jacobian product, of the shape of x.
        x: Where to compare, as for `check_gradient`.
        array: Whose arrays both take: "numpy", "torch" or "jax".

    Returns:
        The verdict on the product, as of a gradient.

    Raises:
        TypeError: As `check_gradient` does.
        ValueError: As `check_gradient` does.

    Examples:
        >>> import numpy as np
        >>> W = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> bool(check_vjp(lambda x: W @ x, lambda x, upstream: W.T @ upstream, [1.0, -1.0]))
        True
        >>> bool(check_vjp(lambda x: W @ x, lambda x, upstream: W @ upstream, [1.0, -1.0]))
        False
    """
    arguments.function("vjp", vjp)
    container = contained("x", x, require(array))
    with container.kept():
        here = arguments.function("f", f)(container.at(container.row))
        outputs = container.another("what f returns", here)
        # Each output counts as much as the others, whatever its size: a mistake in a small one is not lost in the rounding of a large one.
        size = np.abs(outputs.row).astype(np.float64)
        weights = 2.0 ** -np.clip(np.frexp(np.where(size > 0, size, 1.0))[1], -40, 40)
        upstream = weights * np.random.default_rng(0).standard_normal(outputs.row.size)
        # Drawn in the dtype in which it is handed over, so that f and vjp are given the same numbers.
        upstream = outputs.read("upstream", outputs.build(upstream))[0]

        def product(given: Any) -> Any:
            values, _ = outputs.read("what f returns", f(given))
            return np.sum(upstream * values)

        about = Surroundings(product, container)
        about.eps = float(np.max(outputs.read("what f returns", here)[1]))
        values, eps = container.read("what vjp returns", vjp(container.at(container.row), outputs.build(upstream)))
        return judged(about, Claim.of(values, eps, about))


def check_jvp(
    f: Callable[[Any], Any], jvp: Callable[[Any, Any], Any], x: Any, *, array: Library = "numpy"
) -> GradientCheck:
    """Whether a forward derivative is that of an array-valued f at x: whether jvp(x, v) is the slope of f along v, for a tangent v drawn at random.

    Args:
        f: A function of x that returns an array of any shape.
        jvp: Takes x and a tangent of the shape of x, and returns the Jacobian–vector product, of the shape of f(x).
        x: Where to compare, as for `check_gradient`.
        array: Whose arrays both take: "numpy", "torch" or "jax".

    Returns:
        The verdict on the product, entry by entry.

    Raises:
        TypeError: As `check_gradient` does.
        ValueError: As `check_gradient` does.

    Examples:
        >>> import numpy as np
        >>> bool(check_jvp(np.sin, lambda x, tangent: np.cos(x) * tangent, [0.5, 2.0]))
        True
        >>> check_jvp(np.sin, lambda x, tangent: np.sin(x) * tangent, [0.5, 2.0]).verdict
        'wrong'
    """
    arguments.function("jvp", jvp)
    container = contained("x", x, require(array))
    with container.kept():
        about = Outputs(arguments.function("f", f), container)
        found = jvp(container.at(container.row), container.build(about.tangent))
        values, eps = about.outputs.read("what jvp returns", found)
        return judged(about, Claim.of(values, np.maximum(eps, about.eps), about))


class Claim(NamedTuple):
    """The gradient to be judged, in units of f: every entry times its scale; and how it was rounded.

    Attributes:
        given: Its entries, as they were given.
        values: The same in units of f.
        eps: The spacing of numbers next to 1 in the dtype of each.
        reach: The largest of the values.
        floor: What rounding leaves of each that is a sum of larger terms.
    """

    given: Array
    values: Array
    eps: Array
    reach: float
    floor: Array

    @classmethod
    def of(cls, given: Array, eps: Array, about: Place) -> Claim:
        with np.errstate(over="ignore", under="ignore"):
            values = given * about.unit * about.scale
        reach = float(np.max(np.abs(values), where=np.isfinite(values), initial=0))
        # An entry next to zero is looked at in steps as about a zero.
        floor = 8 * EPS * max(reach, abs(about.value)) * np.where(about.scale < LOST, about.scale, 1.0)
        return cls(given, values, eps, reach, floor)

    def lost(self, entry: int) -> bool:
        """Whether an entry is beyond the numbers in units of f."""
        vanishes = self.given[entry] != 0 and self.values[entry] == 0
        return bool(vanishes or (math.isfinite(self.given[entry]) and not math.isfinite(self.values[entry])))

    def tolerance(self, value: float, slope: Slope, entries: Array) -> float:
        """What a right value may be off: the uncertainty of the estimate, and the rounding of the value that was given."""
        eps = float(np.max(self.eps[entries]))
        rounding = math.sqrt(eps) * max(abs(value), abs(slope.value))
        # What is nearly 0 bears the rounding of the large terms that it is a sum of; in a narrow format, all small entries do that of the large ones.
        floor = float(np.max(self.floor[entries]))
        lost = floor if max(abs(value), abs(slope.value)) <= floor else 0.0
        return slope.uncertainty + rounding + max(lost, eps * self.reach if eps > EPS else 0)


@dataclass(frozen=True)
class Finding:
    """One entry: how far it is off in units of what it may be off, and whether that tells anything.

    Attributes:
        entry: Its place among all.
        record: What is reported of it.
        ratio: How far it is off, in units of what it may be.
        seen: Whether that tells anything.
        slope: The slope along it.
        kink: The kink along it, if there is one.
        doubt: Why nothing can be told of it.
        trusting: The staircase of which one stair is trusted to be the function.
        shared: Whether it lies at a kink that several share, and is right there.
    """

    entry: int
    record: Entry
    ratio: float
    seen: bool
    slope: Slope
    kink: Kink | None
    doubt: str
    trusting: str = ""
    shared: bool = False


def off(value: float, expected: float, tolerance: float) -> float:
    """How far a value is off, in units of what it may be; more than 1 if it is wrong, as nan and ∞ always are."""
    if value == expected:
        return 0.0
    return abs(value - expected) / tolerance if math.isfinite(value) and tolerance else math.inf


@np.errstate(over="ignore", invalid="ignore")  # of claims near the end of the range
def judged(about: Place, claim: Claim) -> GradientCheck:
    """The verdict on the values of a gradient."""
    rng = np.random.default_rng(0)
    looked_at = chosen(claim, rng)
    findings = [looked(claim, about, int(i)) for i in looked_at]
    blocks = [] if len(looked_at) == about.size else blocks_of(claim, about.size)
    ratios = [contradiction(claim, about, each, rng) for each in blocks]
    contradicted = [each for each, ratio in zip(blocks, ratios, strict=True) if ratio > 1]
    if sum(each.ratio > 1 for each in findings) < NARROWED:
        blamed = [narrowed(claim, about, block, rng) for block in contradicted[:NARROWED]]
        findings += [looked(claim, about, each) for each in blamed if each not in set(looked_at.tolist())]
    findings = as_high(findings)
    smooth = np.setdiff1d(np.arange(about.size), [each.entry for each in findings if each.kink or each.doubt])
    order = observed_order(claim, about, smooth, rng)
    ties = tied(claim, about, findings, rng)
    findings = settled(findings, ties)
    told = sum(not math.isnan(each) for each in ratios)
    return reported(about, claim, findings, ties, (len(contradicted), told, len(blocks), len(looked_at)), order)


def as_high(findings: list[Finding]) -> list[Finding]:
    """Where some entries show a staircase, a stair of another that is as high is one of the same, however wide."""
    rivals = [each.slope.rival for each in findings if each.slope.rival and each.doubt]
    heights = [each.height for each in rivals if not each.trusted]
    lowest = min((each for each in heights if each > 0), default=math.inf)
    return [
        replace(each, ratio=min(each.ratio, 1.0), seen=False, doubt=each.trusting)
        if each.trusting
        and each.slope.rival
        and each.slope.rival.height <= 4 * max(heights, default=0.0)
        and lowest < math.inf
        else each
        for each in findings
    ]


def settled(findings: list[Finding], ties: list[Outcome]) -> list[Finding]:
    """The findings about single entries, where what is found about several at once says more."""
    verdicts = {entry: each.verdict for each in ties for entry in each.entries}
    found = []
    for each in findings:
        verdict = verdicts.get(each.entry)
        if verdict == "inside":
            record = replace(each.record, expected=each.record.given)
            found.append(replace(each, record=record, ratio=min(each.ratio, 1.0), shared=True, seen=True))
        elif verdict == "unknown":
            found.append(replace(each, ratio=min(each.ratio, 1.0), seen=False, doubt=each.doubt or MEETING))
        else:
            found.append(replace(each, ratio=min(each.ratio, 1.0)) if verdict == "outside" else each)
    return found


def reported(
    about: Place,
    claim: Claim,
    findings: list[Finding],
    ties: list[Outcome],
    counts: tuple[int, int, int, int],
    order: float,
) -> GradientCheck:
    """What was found, as a report."""
    contradicted, told, tried, looked_at = counts
    wrong = {each.entry: each for each in findings if each.ratio > 1}
    seen = [each for each in findings if each.seen]
    worst = max(seen, key=lambda each: each.ratio, default=None)
    broken = [tie(about, each) for each in ties if each.verdict == "outside"]
    doubts = [Doubt(each.record.place, each.doubt) for each in findings if each.doubt and each.ratio <= 1]
    if told < tried / 2:
        most = f"they meet kinks of f, or tell nothing else; {looked_at} entries were looked at by themselves"
        doubts.append(Doubt(f"{tried - told} of {tried} directions over many entries", most))
    unseen = [each for each in findings if not each.seen and not each.doubt]
    # A few entries that rounding hides are listed; where they are most of all, nothing is told of the whole.
    hidden = not seen or len(unseen) > len(findings) / 2
    verdict: Verdict = "wrong" if wrong or broken or contradicted else "cannot be told" if doubts or hidden else "right"
    noise = max((each.slope.jitter for each in findings), default=0.0)
    steep = max((secant(each.slope) for each in findings), default=0.0)
    return GradientCheck(
        verdict=verdict,
        order=order,
        error=max((each.record.error for each in seen), default=math.nan),
        worst=worst.record if worst else None,
        wrong=tuple(each.record for each in wrong.values()),
        ties=tuple(broken),
        hints=tuple(hints(parts(about, claim, findings))) if wrong else () if steep or doubts else (CONSTANT,),
        kinks=tuple(each.kink for each in findings if each.kink),
        shared=sum(len(each.entries) for each in ties if each.verdict == "inside"),
        doubts=tuple(doubts),
        unseen=tuple(each.record for each in unseen),
        contradicted=contradicted,
        directions=told,
        looked_at=looked_at,
        size=about.size,
        known=max(
            (each.record.uncertainty / abs(each.record.given) for each in seen if each.record.given), default=0.0
        ),
        noise=noise / size if (size := max(abs(about.value), claim.reach, steep)) else 0.0,
        narrow=about.eps > EPS,
        evaluations=about.evaluations,
    )


def tie(about: Place, outcome: Outcome) -> Tie:
    """What is wrong with a gradient at a kink that entries share, in units of the gradient where these are one."""
    entries = np.array(outcome.entries)
    places = tuple(place_of(name, index) for name, index in map(about.index, outcome.entries))
    scales = set(about.scale[entries].tolist())
    scale = scales.pop() * about.unit if len(scales) == 1 else about.unit
    low, high = outcome.low / scale, outcome.high / scale
    return Tie(places, outcome.direction, outcome.given / scale, low, high)


def parts(about: Place, claim: Claim, findings: list[Finding]) -> list[Seen]:
    """The entries that are known, array by array."""
    known = sorted(
        (each for each in findings if each.seen and not each.kink and not each.doubt), key=lambda each: each.entry
    )
    found = []
    for name, shape, start, x in about.arrays():
        size = math.prod(shape)
        of_this = [each for each in known if start <= each.entry < start + size]
        if of_this:
            entries = np.array([each.entry - start for each in of_this])
            given, expected, doubt = np.array(
                [[e.record.given, e.record.expected, e.record.uncertainty] for e in of_this]
            ).T
            wrong = np.array([each.ratio > 1 for each in of_this])
            full = claim.given[start : start + size]
            found.append(Seen(name, shape, entries, x[entries], given, full, expected, doubt, wrong))
    return found


def chosen(claim: Claim, rng: np.random.Generator) -> Array:
    """The entries to look at one by one: all, or those of the largest effect and some at random."""
    size = len(claim.values)
    if size <= EVERY:
        return np.arange(size)
    count = SAMPLED if size <= HUGE else SAMPLED_OF_HUGE
    largest = np.argsort(-np.abs(claim.values))[: count // 2]
    others = np.setdiff1d(np.arange(size), largest)
    return np.concatenate([largest, rng.choice(others, count // 2, replace=False)])


def looked(claim: Claim, about: Place, i: int) -> Finding:
    """Compares one entry with the slope along its coordinate."""
    place = np.array([i])
    slope, value, scale = about.along(np.ones(1), place), float(claim.values[i]), float(about.scale[i]) * about.unit
    error = abs(value - slope.value)
    if off(value, slope.value, claim.tolerance(value, slope, place)) > 1 and error <= SMALL * max(
        abs(value), abs(slope.value)
    ):
        # What differs so little may be a matter of small jumps, as where an iteration takes a step more.
        slope = about.along(np.ones(1), place, closely=True)
    name, index = about.index(i)
    # At a kink whatever lies between the sides is right; elsewhere they are one.
    sides = Sides.of(slope) if math.isfinite(slope.jump) else Sides(slope.value, slope.value, math.inf)
    low, high = sorted((sides.left, sides.right))
    expected = slope.value if math.isnan(value) else min(max(value, low), high)
    ratio = off(value, expected, claim.tolerance(value, slope, place))
    given = float(claim.given[i])
    doubt = reason(about, slope, claim, value, ratio, place)
    uncertainty = slope.uncertainty
    note = trusting = ""
    if doubt and math.isfinite(value):
        if excluded(slope, claim, value, place):
            assert slope.rival is not None
            note, doubt = doubt, ""
            expected, uncertainty = min(
                ((slope.value, slope.uncertainty), (slope.rival.value, slope.rival.uncertainty)),
                key=lambda each: abs(each[0] - value),
            )
        else:
            ratio = min(ratio, 1.0)
    elif slope.rival and slope.rival.trusted:
        trusting = staircase(slope, slope.rival, scale)
    # What a zero is small beside is what f does in steps as long as the entry.
    size = max(abs(value), abs(expected)) or max(claim.reach, secant(slope))
    left_open = uncertainty + (float(claim.floor[i]) if 0 < max(abs(value), abs(expected)) <= claim.floor[i] else 0)
    known = left_open <= 0.1 * size or (uncertainty < math.inf and (slope.jump != 0 or not size))
    left, right = (0.0 if abs(each) <= 2 * slope.uncertainty else each / scale for each in (sides.left, sides.right))
    kink = Kink(index, left, right, given, name) if slope.jump and not doubt else None
    if kink and ratio > 1:
        note = f"anything from {min(left, right):.6g} to {max(left, right):.6g} is right"
    record = Entry(index, given, given if expected == value else expected / scale, uncertainty / scale, name, note)
    seen = (known and not doubt and not claim.lost(i)) or ratio > 1
    return Finding(i, record, ratio, seen, slope, kink, doubt, trusting)


def secant(slope: Slope) -> float:
    """How steep f is between x and the steps that are about as long as the entry, or the longest below."""
    rung = next(
        (each for each in slope.rungs if max(each.right, each.left) >= 0.25), slope.rungs[-1] if slope.rungs else None
    )
    if rung is None:
        return 0.0
    moves = [
        abs(value - slope.at_zero) / t
        for value, t in ((rung.above, rung.right), (rung.below, rung.left))
        if math.isfinite(value)
    ]
    return max(moves, default=0.0)


def reason(about: Place, slope: Slope, claim: Claim, value: float, ratio: float, place: Array) -> str:
    """Why nothing can be told of an entry, as a sentence without its end; empty if something can."""
    scale = float(about.scale[place[0]]) * about.unit
    if math.isinf(slope.jump):
        return "f jumps at x"
    if slope.cusp:
        return f"f has a cusp at x: it moves as the step to the power {slope.cusp:.2g}, and has no slope"
    if not slope.rungs:
        return f"f has no value beside x{f' ({about.failure})' if about.failure else ''}"
    if slope.rival and not slope.rival.trusted:
        across = slope.rival
        told = across.uncertainty <= 0.1 * max(abs(across.value), abs(slope.value), secant(slope))
        known = replace(slope, uncertainty=min(slope.uncertainty, across.uncertainty))
        also = off(value, across.value, claim.tolerance(value, known, place) + across.uncertainty)
        if ratio <= 1 and math.isfinite(slope.uncertainty) and ((also <= 1 and told) or slope.value != 0):
            return ""
        if not math.isfinite(across.height):
            return "f stands still on all steps, and has no value a little further on: it may be a staircase"
        if not across.height:
            one, other = slope.value / scale, across.value / scale
            return f"f has two slopes: {one:.9g} on the shortest steps, {other:.9g} on longer ones"
        return staircase(slope, across, scale)
    if not math.isfinite(slope.uncertainty):
        return "f moves unevenly on the shortest steps: its slope does not settle"
    return ""


def staircase(slope: Slope, across: Rival, scale: float) -> str:
    """A staircase in words."""
    stairs = (
        f"f is a staircase here, of steps {across.height:.1g} high: its slope is {slope.value / scale:.4g} on a stair"
    )
    told = across.uncertainty <= 0.5 * abs(across.value)
    return stairs + (f" and {across.value / scale:.4g} across many" if told else "")


def excluded(slope: Slope, claim: Claim, value: float, place: Array) -> bool:
    """Whether a value is the slope of a staircase neither on a stair nor across many."""
    across = slope.rival
    if across is None or not math.isfinite(across.uncertainty) or not math.isfinite(slope.uncertainty):
        return False
    tolerance = claim.tolerance(value, slope, place)
    low, high = sorted((slope.value, across.value))
    # Between the two lies what a part of the stairs would make of it.
    margin = tolerance + across.uncertainty + (high - low) / 8
    return not low - margin <= value <= high + margin


def tied(claim: Claim, about: Place, findings: list[Finding], rng: np.random.Generator) -> list[Outcome]:
    """What is found about entries that share a kink; nothing if the slopes along directions are the sums of those along the entries."""
    known = [each for each in findings if not each.doubt and math.isfinite(each.slope.uncertainty)]
    found = Kinks(about.along, {each.entry: Sides.of(each.slope) for each in known}, rng)
    if len(known) < 2 or found.is_separable():
        return []
    groups = [each for each in found.groups() if len(each) > 1]
    return [kinks.judged(each, claim.values[each], about.gradient_nearby, rng) for each in groups]


def contradiction(claim: Claim, about: Place, block: Array, rng: np.random.Generator) -> float:
    """How far the gradient is off along a random direction over some entries, in units of what it may be off; nan if the direction tells nothing."""
    signs = rng.choice([-1.0, 1.0], len(block))
    slope, value = about.along(signs, block), float(np.sum(signs * claim.values[block]))
    if slope.jump or slope.rival or slope.cusp or not slope.uncertainty < math.inf:
        return math.nan
    tolerance = claim.tolerance(value, slope, block) + float(np.sum(claim.eps[block] * np.abs(claim.values[block])))
    return off(value, slope.value, tolerance)


def blocks_of(claim: Claim, size: int) -> list[Array]:
    """Blocks of entries, which together are all of them, each of like effect: so a large one hides no small one."""
    return np.array_split(np.argsort(np.abs(claim.values)), BLOCKS if size <= HUGE else BLOCKS_OF_HUGE)


def narrowed(claim: Claim, about: Place, block: Array, rng: np.random.Generator) -> int:
    """An entry of a block that is to blame, by halving."""
    while len(block) > 1:
        half, other = np.array_split(block, 2)
        block = half if contradiction(claim, about, half, rng) > 1 else other
    return int(block[0])


def observed_order(claim: Claim, about: Place, smooth: Array, rng: np.random.Generator) -> float:
    """The lowest order of the Taylor remainder along some random directions; nan if none can be observed."""
    if not smooth.size:
        return math.nan
    orders = []
    for _ in range(DIRECTIONS if about.size <= HUGE else 1):
        signs = rng.choice([-1.0, 1.0], len(smooth))
        slope = about.along(signs, smooth, whole=True)
        if slope.uncertainty < math.inf and not slope.jump and not slope.rival:
            orders.append(order_along(claim, slope, float(np.sum(signs * claim.values[smooth])), smooth))
    return min(orders, default=math.nan)


def order_along(claim: Claim, slope: Slope, value: float, entries: Array) -> float:
    """The order of the remainder on the lowest rungs on which it is more than rounding."""
    right, left, above, below = np.array(slope.rungs).T
    #| $R(\varepsilon) = |f(x + \varepsilon v) - f(x) - \varepsilon \langle g, v \rangle|$
    remainder = np.fmax(np.abs(above - slope.at_zero - right * value), np.abs(below - slope.at_zero + left * value))
    floor = 8 * slope.noise + right * (claim.tolerance(value, slope, entries) - slope.uncertainty)
    visible = remainder[:-1] > floor[:-1]
    # Where it grows three rungs long: the rounding of f(x) itself is the same on all. Beyond the straight part begins something else, a kink for one.
    grows = visible & (remainder[1:] >= 2 * remainder[:-1])
    starts = np.flatnonzero(grows[:-2] & grows[1:-1] & grows[2:])
    if not starts.size or starts[0] > slope.straight:
        return math.inf
    low = slice(starts[0], starts[0] + 4)
    #| the slope of $\log R$ over $\log \varepsilon$
    return float(np.polyfit(np.log(right[low]), np.log(remainder[low]), 1)[0])
