"""The acceptance interval: how far an honest evaluation in a given number format may be from the exact value.

The definition is evaluated twice on the given floats. At high precision: the exact value. At the format's own precision,
with real inputs and parameters widened by one unit in the last place: the radius of that ball is what an honest evaluation
may be off, every rounding and every conditioning included. A factor of 4 leaves room for other orders of the same
operations, one unit in the last place of the value for another formula that rounds where this one happens to be exact, and
the smallest normal number for formats that flush subnormal numbers to zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.differences import BITS
from refmath.balls.evaluate import Balls, evaluate, evaluate_honestly
from refmath.balls.exact import Enclosure
from refmath.balls.formats import Format
from refmath.spec import Setting

_FACTOR = 4
#: So many bits more where the balls of the format's own precision are too wide; the radii are scaled back.
_FINER = 16


@dataclass(frozen=True)
class Acceptance:
    """The exact value and the interval around it, entry by entry.

    Attributes:
        exact: Balls that settle the rounding of the exact value.
        nearest: The exact value, correctly rounded to the format (held in float64).
        low: Lower ends of the interval, float64; −inf where the format's range is left.
        high: Upper ends.
        allowance: The half-width of the interval, as balls.
        ulp: The format's unit in the last place at the exact value, float64.
    """

    exact: Balls
    nearest: Any
    low: Any
    high: Any
    allowance: Balls
    ulp: Any

    def accepts(self, got: Any) -> Any:
        """Entry by entry, whether a value lies inside; nan never does."""
        return (self.low <= got) & (got <= self.high)

    def ulps(self, got: Any) -> Any:
        """The distance from the exact value in units in the last place; inf for nan and for a wrong infinity."""
        got = np.asarray(got, np.float64)
        out = np.empty(self.exact.shape)
        with ctx.workprec(192):
            for index in np.ndindex(self.exact.shape):
                out[index] = _ulps(
                    float(got[index]), self.exact[index], float(self.nearest[index]), float(self.ulp[index])
                )
        return out


def acceptance(setting: Setting, inputs: dict[str, Any], format_: Format, *, strict: bool = False) -> Acceptance | None:
    """The acceptance interval of a formula on given inputs.

    Args:
        setting: The formula and its conventions.
        inputs: The inputs by name, as `refmath.balls.evaluate.read` returns them.
        format_: The number format that the candidate computes in.
        strict: Leave the inputs unwidened: only the roundings of the evaluation itself are allowed for.

    Returns:
        The interval; None where an honest evaluation may lose everything, so that nothing can be said.
    """
    certain = Enclosure(lambda precision: evaluate(setting, inputs, precision))
    return around(certain, _honest_radii(setting, inputs, format_, strict), format_)


def around(certain: Enclosure, honest: Balls, format_: Format) -> Acceptance | None:
    """The acceptance interval around exact values, from how far an honest evaluation may be off in each entry.

    Args:
        certain: The exact values.
        honest: The radii of an evaluation at the format's own precision, of the same shape; not finite where everything may be lost.
        format_: The number format that the candidate computes in.

    Returns:
        The interval; None if any radius is not finite.
    """
    rounded = _nearest(certain, format_)
    shape = certain.balls.shape
    low, high, ulp = np.empty(shape), np.empty(shape), np.empty(shape)
    allowance = np.empty(shape, object)
    with ctx.workprec(192):
        for index in np.ndindex(shape):
            ball, near = certain.balls.item(index), float(rounded[index])
            ulp[index] = format_.ulp(min(max(near, -format_.largest), format_.largest))
            if not ball.is_finite():
                low[index] = high[index] = near
                allowance[index] = arb(0)
                continue
            if not honest.item(index).is_finite():
                return None
            honest_loss = max(_FACTOR * honest.item(index), arb(float(ulp[index])))
            room = honest_loss + arb(format_.smallest_normal)
            allowance[index] = room.upper()
            low[index] = _bound((ball - room).lower(), format_, -1)
            high[index] = _bound((ball + room).upper(), format_, 1)
    return Acceptance(certain.balls, rounded, low, high, allowance, ulp)


def _honest_radii(setting: Setting, inputs: dict[str, Any], format_: Format, strict: bool) -> Balls:
    """What an honest evaluation may be off, entry by entry: one of the definition at the format's own precision."""
    if setting.formula.domain in ("function", "descent"):
        radii = evaluate_honestly(setting, inputs)
        # The last rounding, to the format of the arguments; the steps before it are taken in float64.
        return radii if format_.bits >= BITS else radii + abs(evaluate(setting, inputs, BITS)) * format_.unit
    widen, flush = 0.0 if strict else format_.unit, format_.smallest_normal
    balls = evaluate(setting, inputs, format_.bits, widen=widen, flush=flush)
    radii = _radii(balls)
    if _are_finite(radii).all():
        return radii
    # The balls of a narrow format are so wide that they may reach where the formula has no value, though no honest evaluation goes there.
    finer = evaluate(setting, inputs, format_.bits + _FINER, widen=widen / 2**_FINER, flush=flush / 2**_FINER)
    return np.where(_are_finite(radii), radii, _scaled_back(finer))


def _radii(balls: Balls) -> Balls:
    return np.array([ball.rad().upper() if ball.is_finite() else arb.nan() for ball in balls.flat], object).reshape(
        balls.shape
    )


def _are_finite(radii: Balls) -> NDArray[np.bool_]:
    return np.array([radius.is_finite() for radius in radii.flat]).reshape(radii.shape)


def _scaled_back(finer: Balls) -> Balls:
    """The radii at the format's own precision; nan for those that are larger than the value itself."""
    radii = [(radius * 2**_FINER).upper() for radius in _radii(finer).flat]
    pairs = zip(radii, finer.flat, strict=True)
    told = [radius if _FACTOR * radius < abs(ball) else arb.nan() for radius, ball in pairs]
    return np.array(told, object).reshape(finer.shape)


def _nearest(certain: Enclosure, format_: Format) -> Any:
    """The exact value rounded to the format; of a tie, either neighbour will do."""
    rounded = certain.rounded(format_)
    middles = (
        float(ball.mid()) if value is None else value for value, ball in zip(rounded, certain.balls.flat, strict=True)
    )
    return np.array(list(middles), np.float64).reshape(certain.balls.shape)


def _bound(end: Any, format_: Format, side: int) -> float:
    """An end of the interval in float64, rounded outwards; beyond the format's range it is infinite, as overflow is honest."""
    value = float(end.mid())
    if side * value > format_.largest:
        return side * np.inf
    return float(np.nextafter(value, side * np.inf))


def _ulps(got: float, ball: Any, near: float, ulp: float) -> float:
    if not np.isfinite(got) or not ball.is_finite():
        return 0.0 if got == near else np.inf
    return float((abs(arb(got) - ball) / arb(ulp)).upper().mid())
