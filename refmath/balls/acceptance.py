"""The acceptance interval: how far an honest evaluation in a given number format may be from the exact value.

The definition is evaluated on the given floats at high precision: the exact value. In the form that honest programs evaluate, which is the
definition itself where a page names no other, it is evaluated once more at the format's own precision, with real inputs and parameters widened
by one unit in the last place: the radius of that ball is what an honest evaluation may be off, every rounding and every conditioning included;
of several forms the largest counts, but for those that keep no digit of what the best one keeps; the definition itself, where it is among them, always does. A factor of 4 leaves room for other orders of the same
operations, one unit in the last place of the value for another formula that rounds where this one happens to be exact, and
the smallest normal number for formats that flush subnormal numbers to zero. No end lies outside of what the formula's values, and every honest
rounding of them, can be at all.

The arithmetic here is NumPy's on float64, a whole array at a time, and every bound is rounded outwards.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls import networks
from refmath.balls.differences import BITS
from refmath.balls.evaluate import (
    Balls,
    as_balls,
    evaluate,
    evaluate_honestly,
    is_cut,
    output_shape,
)
from refmath.balls.exact import Enclosure
from refmath.balls.formats import Format
from refmath.balls.sums import in_any_order
from refmath.conventions import in_format
from refmath.spec import Setting, in_form

Floats = NDArray[np.float64]

_FACTOR = 4
#: So many bits more where the balls of the format's own precision are too wide; the radii are scaled back.
_FINER = 16
_PRECISION = 192
#: A radius below this may have been rounded up by much.
_SMALL = 2.0**-1000


@dataclass(frozen=True)
class Acceptance:
    """The exact value and the interval around it, entry by entry: of all entries of an output, or of some of them in a row.

    Attributes:
        exact: Balls that settle the rounding of the exact value.
        nearest: The exact value, correctly rounded to the format (held in float64).
        low: Lower ends of the interval, float64; −inf where the format's range is left, and where nothing is said.
        high: Upper ends.
        half_width: Half of the interval, rounded up: float64, or balls; infinite where nothing is said.
        ulp: The format's unit in the last place at the exact value, float64.
        said: Whether anything is said of an entry: not where an honest evaluation may lose everything. By default of all.
        shape: The shape of the whole output; by default these are all its entries. An answer that is a mapping is flat.
        entries: The positions of these entries in the whole output, its entries in a row; None if these are all.
        is_nan: Whether there is no value, but 0/0: nan is what is accepted then, and nothing else.
    """

    exact: Balls
    nearest: Any
    low: Any
    high: Any
    half_width: Any
    ulp: Any
    said: Any = None
    shape: Any = None
    entries: NDArray[np.int64] | None = None
    is_nan: bool = False

    def __post_init__(self) -> None:
        if self.said is None:
            object.__setattr__(self, "said", np.ones(self.exact.shape, bool))
        if self.shape is None:
            object.__setattr__(self, "shape", self.exact.shape)

    @functools.cached_property
    def allowance(self) -> Balls:
        """The half-width of the interval, as balls; +∞ where nothing is said."""
        return as_balls(self.half_width)

    def at(self, got: Any) -> Any:
        """The values of a whole answer at these entries.

        Raises:
            ValueError: If it has not as many entries as the output.
        """
        got = np.asarray(got)
        if self.entries is None:
            return got
        if got.size != math.prod(self.shape):
            raise ValueError(f"an answer of shape {got.shape} has not the entries of one of shape {self.shape}")
        return got.reshape(-1)[self.entries]

    def index(self, place: int) -> tuple[int, ...]:
        """Where in the whole output one of these entries is, which are counted in a row."""
        position = place if self.entries is None else self.entries[place]
        return tuple(map(int, np.unravel_index(position, self.shape))) if self.shape else ()

    def accepts(self, got: Any) -> Any:
        """Entry by entry, whether a value of a whole answer lies inside; nan never does, but where nothing is said, or where it is the value."""
        got = self.at(got)
        if self.is_nan:
            return np.isnan(got)
        return ~self.said | ((self.low <= got) & (got <= self.high))

    def ulps(self, got: Any) -> Any:
        """The distance of a whole answer from the exact value in units in the last place.

        It is inf for nan and for a wrong infinity, and 0 where nothing is said.
        """
        got = np.broadcast_to(np.asarray(self.at(got), np.float64), self.exact.shape)
        if self.is_nan:
            return np.where(np.isnan(got), 0.0, np.inf)
        at = self._places
        with np.errstate(over="ignore", invalid="ignore"):
            far, rest = _sum(got, -at.middle)
            units = (np.abs(far + (rest - at.rest)) + at.radius) / self.ulp
        numbers = np.isfinite(got) & at.finite
        units = np.where(numbers, units, np.where(got == self.nearest, 0.0, np.inf))
        # Where float64 cannot hold what is on the way, balls can.
        unsure = ~np.isfinite(units) | ((at.radius > 0) & (at.radius < _SMALL))
        for place in np.argwhere(numbers & unsure):
            index = tuple(place)
            units[index] = _ulps(float(got[index]), self.exact[index], float(self.ulp[index]))
        return np.where(self.said, units, 0.0)

    @functools.cached_property
    def _places(self) -> _Places:
        return _places(self.exact)


def acceptance(
    setting: Setting,
    inputs: dict[str, Any],
    format_: Format,
    *,
    strict: bool = False,
    entries: Any = None,
) -> Acceptance | None:
    """The acceptance interval of a formula on given inputs.

    Args:
        setting: The formula and its conventions.
        inputs: The inputs by name, as `refmath.balls.evaluate.read` returns them.
        format_: The number format that the candidate computes in.
        strict: Leave the inputs unwidened: only the roundings of the evaluation itself are allowed for.
        entries: Certify only these entries: their positions in the output, its entries in a row (of a mapping, one array after the other).

    Returns:
        The interval; None where an honest evaluation may lose everything in every entry, so that nothing can be said.

    Raises:
        ValueError: If a position is none in the output.
    """
    setting = in_format(setting, format_.name)
    shape = output_shape(setting, inputs)
    if entries is not None:
        entries = _positions(entries, math.prod(shape))
    certain = Enclosure(
        lambda precision: evaluate(setting, inputs, precision, entries=entries),
        some_at=lambda precision, places: evaluate(
            setting, inputs, precision, entries=places if entries is None else entries[places]
        ),
    )
    if setting.formula.by_layers and networks.overflows(setting, certain.balls, len(inputs["x"]), format_.largest):
        return None
    radii = honest_radii(setting, inputs, format_, strict, certain.balls, entries)
    # A formula need not say what its values can be.
    range_ = getattr(setting, "range", None) or (-np.inf, np.inf)
    ends = _ends_in_any_order(setting, inputs, format_, strict, certain.balls, entries, radii)
    return _around(certain, radii, format_, range_, shape, entries, ends)


def of_nothing(setting: Setting, inputs: dict[str, Any]) -> Acceptance | None:
    """What is accepted where a formula is a quotient of two sums of nothing, 0/0: nan; None where it has no value for another reason."""
    numerator, denominator = sp.fraction(setting.definition)
    parts = (replace(setting, definition=each) for each in (numerator, denominator))
    if setting.parts or not all(ball.is_zero() for part in parts for ball in evaluate(part, inputs, _PRECISION).flat):
        return None
    value = np.full(output_shape(setting, inputs), np.nan)
    return Acceptance(as_balls(value), value, value, value, value, value, is_nan=True)


def around(certain: Enclosure, honest: Balls, format_: Format) -> Acceptance | None:
    """The acceptance interval around exact values, from how far an honest evaluation may be off in each entry.

    Args:
        certain: The exact values.
        honest: The radii of an evaluation at the format's own precision, of the same shape; not finite where everything may be lost.
        format_: The number format that the candidate computes in.

    Returns:
        The interval; None if no radius is finite, and no exact value infinite.
    """
    radii = np.array([_upwards(radius) for radius in honest.flat], np.float64).reshape(honest.shape)
    return _around(certain, radii, format_, (-np.inf, np.inf), certain.balls.shape, None)


def _positions(entries: Any, size: int) -> NDArray[np.int64]:
    positions = np.asarray(entries)
    if positions.dtype.kind not in "iu" or positions.ndim != 1 or (positions < 0).any() or (positions >= size).any():
        raise ValueError(f"entries must be positions in 0 .. {size - 1}, in a row; got {entries!r}")
    return positions.astype(np.int64)


class _Places(NamedTuple):
    """Balls as floats: the middle is `middle + rest`, up to half a unit in the last place of `rest`."""

    middle: Floats
    rest: Floats
    radius: Floats
    finite: NDArray[np.bool_]


def _places(balls: Balls) -> _Places:
    """Where balls are; the radius is rounded up, nothing is meant by the floats of a ball that is not finite."""
    with ctx.workprec(_PRECISION):
        middles = [ball.mid() for ball in balls.flat]
        first = [float(middle) for middle in middles]
        rests = [float(middle - value) for middle, value in zip(middles, first, strict=True)]
        radii = [_upwards(ball.rad()) for ball in balls.flat]
        finite = [bool(ball.is_finite()) for ball in balls.flat]
    middle, rest, radius = (np.array(each, np.float64).reshape(balls.shape) for each in (first, rests, radii))
    return _Places(middle, rest, radius, np.array(finite, bool).reshape(balls.shape))


def _around(
    certain: Enclosure,
    radii: Floats,
    format_: Format,
    range_: tuple[float, float],
    shape: tuple[int, ...],
    entries: NDArray[np.int64] | None,
    ends: tuple[Floats, Floats] | None = None,
) -> Acceptance | None:
    rounded = _nearest(certain, format_)
    balls = certain.balls
    at = _places(balls)
    # An infinite value is its own interval; a ball that is not finite for another reason tells nothing.
    infinite = ~at.finite & np.isinf(at.middle) & (at.radius == 0)
    bounded = np.zeros_like(infinite) if ends is None else at.finite & np.isfinite(ends[0])
    said = infinite | bounded | (at.finite & np.isfinite(radii))
    if not said.any():
        return None
    ulp = format_.ulps(np.clip(rounded, -format_.largest, format_.largest))
    with np.errstate(over="ignore", invalid="ignore"):
        # A radius times four is exact.
        room = np.where(said, _up(np.maximum(_FACTOR * radii, ulp), format_.smallest_normal), np.inf)
        low, high = (np.array(_outwards(at, _up(at.radius, room), format_, side)) for side in (-1, 1))
        beyond = at.finite & said & ~np.isfinite(at.middle + at.radius)
    for index in map(tuple, np.argwhere(beyond)):
        low[index], high[index] = (_end_of(balls[index], room[index], format_, side) for side in (-1, 1))
    if ends is not None:
        ends = _moved_out(ends, format_)
        room = np.where(bounded, np.nextafter(np.fmax(*(abs(rounded - end) + ulp for end in ends)), np.inf), room)
        low, high = np.where(bounded, ends[0], low), np.where(bounded, ends[1], high)
    low, high = np.maximum(low, range_[0]), np.minimum(high, range_[1])
    low, high = np.where(said, low, -np.inf), np.where(said, high, np.inf)
    low, high, room = (np.where(infinite, end, own) for end, own in ((rounded, low), (rounded, high), (0.0, room)))
    return Acceptance(balls, rounded, low, high, room, ulp, said, shape, entries)


def _ends_in_any_order(
    setting: Setting,
    inputs: dict[str, Any],
    format_: Format,
    strict: bool,
    exact: Balls,
    entries: NDArray[np.int64] | None,
    radii: Floats,
) -> tuple[Floats, Floats] | None:
    """The least and the most that an honest evaluation may give where the ball has lost everything to the length of a sum; nan elsewhere.

    Sums are bounded for every order, as `refmath.balls.sums` derives; everything else counts fourfold from the start: inputs are widened by four
    units in the last place, and terms and results are off by as many. None where no sum is long. Nothing is said where zero is among the values, as
    that is more than the value itself.
    """
    numbers = sum(np.size(value) for value in inputs.values() if not isinstance(value, dict))
    if setting.formula.takes_function or numbers < 2.0 ** (format_.bits - 2):
        return None
    with np.errstate(over="ignore"):
        values = np.array([float(abs(ball).mid()) for ball in exact.flat]).reshape(radii.shape)
        lost = np.flatnonzero(~(_FACTOR * radii < values))
    if not lost.size:
        return None
    with in_any_order(format_.bits, format_.largest) as bounded:
        balls = evaluate(
            setting,
            inputs,
            format_.bits + _FINER,
            widen=0.0 if strict else _FACTOR * format_.unit,
            flush=_FACTOR * format_.smallest_normal,
            entries=lost if entries is None else entries[lost],
        )
    if not bounded.sums:
        return None
    low, high = np.full((2, radii.size), np.nan)
    for place, ball in zip(lost.tolist(), balls.flat, strict=True):
        if ball.is_finite() and not ball.contains(0):
            low[place], high[place] = -_upwards(-ball.lower()), _upwards(ball.upper())
    return low.reshape(radii.shape), high.reshape(radii.shape)


def _moved_out(ends: tuple[Floats, Floats], format_: Format) -> tuple[Floats, Floats]:
    """Bounds moved out by the last roundings and by what may be flushed; infinite beyond the format's range, as overflow is honest."""
    units = (format_.ulps(np.clip(np.nan_to_num(end), -format_.largest, format_.largest)) for end in ends)
    below, above = (_FACTOR * unit + format_.smallest_normal for unit in units)
    low, high = np.nextafter(ends[0] - below, -np.inf), np.nextafter(ends[1] + above, np.inf)
    return np.where(low < -format_.largest, -np.inf, low), np.where(high > format_.largest, np.inf, high)


def _sum(left: Any, right: Any) -> tuple[Any, Any]:
    """A sum as float64 rounds it, and what it was off (Knuth's TwoSum): both together are the exact sum."""
    total = left + right
    part = total - left
    return total, (left - (total - part)) + (right - part)


def _up(left: Any, right: Any) -> Any:
    """A sum rounded up."""
    total, rest = _sum(left, right)
    return np.where(rest > 0, np.nextafter(total, np.inf), total)


def _upwards(exact: Any) -> float:
    """A float64 that is no smaller; nan stays."""
    value = float(exact)
    return value if exact <= value else math.nextafter(value, math.inf)


def _outwards(at: _Places, out: Floats, format_: Format, side: int) -> Floats:
    """The ends at one side, so far out from the middles, rounded outwards, and one step further out where there is nothing to round."""
    # The rest of a middle is rounded itself, by less than that step where it is zero.
    rest = np.where(at.rest == 0, 0.0, np.nextafter(side * at.rest, np.inf))
    total, off = _sum(side * at.middle, _up(rest, out))
    further = np.where(off >= 0, np.nextafter(total, np.inf), total)
    # Beyond the format's range they are infinite, as overflow is honest.
    return side * np.where(total > format_.largest, np.inf, further)


def _end_of(ball: Any, room: float, format_: Format, side: int) -> float:
    """The same for a ball that reaches beyond float64."""
    with ctx.workprec(_PRECISION):
        end = float((side * ball + room).upper())
    return side * (math.inf if end > format_.largest else math.nextafter(end, math.inf))


def honest_radii(
    setting: Setting,
    inputs: dict[str, Any],
    format_: Format,
    strict: bool,
    exact: Balls,
    entries: NDArray[np.int64] | None,
) -> Floats:
    """What an honest evaluation may be off, entry by entry: one of the definition, or of its forms, at the format's own precision."""
    if setting.formula.takes_function:
        radii = evaluate_honestly(setting, inputs, entries)
        if format_.bits < BITS:
            # The last rounding, to the format of the arguments; the steps before it are taken in float64.
            last = abs(evaluate(setting, inputs, BITS, entries=entries)) * format_.unit
            radii = np.asarray(radii + last, object)  # NumPy makes a number of an array without axes
        return np.array([_upwards(radius.upper()) for radius in radii.flat], np.float64).reshape(radii.shape)
    widen = 0.0 if strict else format_.unit
    forms = [in_form(setting, form) for form in setting.forms] or [setting]
    as_defined = np.array([[(form.definition, form.parts) == (setting.definition, setting.parts)] for form in forms])
    # Whether the inputs are cut to what they may be or not, nothing honest is further off: the nearer bound is taken.
    ways = (False, True) if is_cut(setting, inputs, widen) else (False,)

    def reaches(finer: int, places: NDArray[np.int64] | None, exactly: Balls) -> Floats:
        scale = 2.0**-finer
        options: dict[str, Any] = {"widen": widen * scale, "flush": format_.smallest_normal * scale, "entries": places}
        options["finer"] = finer
        of_forms = []
        common: dict[str, Any] = {}
        for form in forms:
            found = []
            for within in ways:
                balls = evaluate(form, inputs, format_.bits + finer, within=within, common=common, **options)
                radii = [_reach(*each, within) for each in zip(balls.flat, exactly.flat, strict=True)]
                found.append([_scaled_back(*each) for each in zip(radii, balls.flat, strict=True)] if finer else radii)
            of_forms.append(functools.reduce(np.fmin, map(np.array, found)))
        return _of_all(np.array(of_forms), as_defined, _sizes_of(exactly), format_)

    radii = reaches(0, entries, exact)
    lost = np.flatnonzero(~np.isfinite(radii))
    if lost.size:
        # The balls of a narrow format are so wide that they may reach where the formula has no value, though no honest evaluation goes there.
        radii[lost] = reaches(_FINER, lost if entries is None else entries[lost], exact.ravel()[lost])
    return radii.reshape(exact.shape)


def _of_all(radii: Floats, as_defined: NDArray[np.bool_], sizes: Floats, format_: Format) -> Floats:
    """The largest of the forms' radii, entry by entry, without those of forms that keep no digit of what the best of them keeps, unless one is the definition."""
    best = functools.reduce(np.fmin, radii)
    with np.errstate(over="ignore"):
        least = np.maximum(np.maximum(best, sizes * format_.unit), format_.smallest_normal)
        keeping = (radii <= least * 2.0**format_.bits) | (as_defined & np.isfinite(radii))
    largest: Floats = np.where(np.isfinite(best), np.where(keeping, radii, 0.0).max(axis=0), best)
    return largest


def _sizes_of(balls: Balls) -> Floats:
    """About how large each of some balls is."""
    return np.array([abs(float(ball.mid())) for ball in balls.flat], np.float64)


def _reach(ball: Any, exact: Any, cut: bool) -> float:
    """How far an honest evaluation may be off: the radius of its ball; if the inputs were cut, the way to the farther end of it."""
    if not ball.is_finite():
        return math.nan
    if not cut or not exact.is_finite():
        radius = _upwards(ball.rad())
        # Of a value far beyond float64 the last places are no matter: every honest evaluation overflows.
        return 0.0 if math.isinf(_FACTOR * radius) and bool(2 * _FACTOR * ball.rad() < abs(ball)) else radius
    with ctx.workprec(_PRECISION):
        return _upwards((ball.rad() + abs(ball.mid() - exact.mid())).upper())


def _scaled_back(radius: float, finer: Any) -> float:
    """The radius at the format's own precision, from that of a finer ball; nan if it is more than the value itself."""
    radius *= 2**_FINER
    return radius if bool(arb(_FACTOR * radius) < abs(finer)) else math.nan


def _nearest(certain: Enclosure, format_: Format) -> Floats:
    """The exact value rounded to the format; of a tie, either neighbour will do."""
    rounded = certain.rounded(format_)
    middles = (
        float(ball.mid()) if value is None else value for value, ball in zip(rounded, certain.balls.flat, strict=True)
    )
    return np.array(list(middles), np.float64).reshape(certain.balls.shape)


def _ulps(got: float, ball: Any, ulp: float) -> float:
    with ctx.workprec(_PRECISION):
        return float((abs(arb(got) - ball) / arb(ulp)).upper().mid())
