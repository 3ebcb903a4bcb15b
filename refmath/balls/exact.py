"""The certified value of a formula: an enclosure of the exact real number, refined until its rounding is settled."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.evaluate import Balls, evaluate, in_parts, read
from refmath.balls.formats import FORMATS, Format, each_nearest, format_named
from refmath.balls.precision import ONE_AT_A_TIME
from refmath.conventions import in_format
from refmath.spec import Setting

#: In bits. The last is enough for any sum of squares of float64 numbers; what it leaves undecided lies as close to a tie as exp(−11000).
_FIRST_PRECISION, _LAST_PRECISION = 128, 1 << 14
#: Enough for a tie plus exp(−20000) too, which the losses of logits within ±10000 may be; a caller who wants the number waits for it.
_PATIENT_PRECISION = 1 << 15


class NoValue(ValueError):
    """The formula has no value at some inputs."""


class Enclosure:
    """Proven bounds of an exact value, or of an array of them, tight enough to round it correctly.

    Args:
        evaluate_at: The value as balls, at a precision in bits.
        form: What the answer is made of an array, flat if it is a mapping.
        some_at: The same of some entries only, by their positions in a row; without it all are computed again where one is not settled.
    """

    def __init__(
        self,
        evaluate_at: Callable[[int], Balls],
        form: Callable[[Any], Any] = lambda flat: flat[()],
        some_at: Callable[[int, NDArray[np.int64]], Balls] | None = None,
    ) -> None:
        self._evaluate_at, self._form, self._some_at = evaluate_at, form, some_at
        self._precision = _FIRST_PRECISION
        with ONE_AT_A_TIME:
            self.balls = evaluate_at(self._precision)
        settled = self.rounded(FORMATS["float64"])
        if any(near is None and ball.is_nan() for near, ball in zip(settled, self.balls.flat, strict=True)):
            raise NoValue(
                "the value cannot be enclosed: the formula has none at these inputs, or they are beyond the arithmetic"
            )

    @functools.cached_property
    def lower(self) -> Any:
        """Lower bounds, float64 rounded down; a scalar or an array of the shape of the formula's output."""
        return self._each(lambda ball: _outward(ball.lower(), -np.inf))

    @functools.cached_property
    def upper(self) -> Any:
        """Upper bounds, float64 rounded up."""
        return self._each(lambda ball: _outward(ball.upper(), np.inf))

    def nearest(self, dtype: Any = "float64") -> Any:
        """The exact value rounded correctly, to nearest and ties to even, in a binary format.

        Args:
            dtype: float64, float32, float16 or bfloat16 (which needs the package ml_dtypes), by name or as a dtype.

        Returns:
            A scalar or an array of that dtype; a mapping of arrays for a formula whose answer is one.

        Raises:
            ValueError: For any other dtype.
            ArithmeticError: If the rounding cannot be settled, because the value is a tie to all practical precision.
        """
        format_ = format_named(dtype)
        target = format_.dtype()
        rounded = self.rounded(format_, _PATIENT_PRECISION)
        if None in rounded:
            raise ArithmeticError(
                f"the rounding to {format_.name} is not settled at {self._precision} bits: a tie, by all appearance"
            )
        return self._form(np.array(rounded, np.float64).reshape(self.balls.shape).astype(target))

    def rounded(self, format_: Format, last_precision: int = _LAST_PRECISION) -> list[float | None]:
        """Each entry rounded correctly; None for what the last precision leaves undecided, a tie by all appearance."""
        with ONE_AT_A_TIME:
            while True:
                with ctx.workprec(self._precision):
                    rounded = each_nearest(list(self.balls.flat), format_)
                if None not in rounded or self._precision >= last_precision:
                    return rounded
                self._precision *= 2
                self._refine(np.flatnonzero([each is None for each in rounded]))

    def _refine(self, unsettled: NDArray[np.int64]) -> None:
        """Compute what is not settled at a higher precision."""
        if self._some_at is None or len(unsettled) == self.balls.size:
            self.balls = self._evaluate_at(self._precision)
            return
        flat = self.balls.ravel().copy()
        flat[unsettled] = self._some_at(self._precision, unsettled)
        self.balls = flat.reshape(self.balls.shape)

    def _each(self, function: Callable[[Any], float]) -> Any:
        return self._form(np.array([function(ball) for ball in self.balls.flat], np.float64).reshape(self.balls.shape))

    def __repr__(self) -> str:
        return f"Enclosure(lower={self.lower!r}, upper={self.upper!r})"


def enclosure(chosen: Setting, *inputs: Any) -> Enclosure:
    """The exact value of a formula under a setting; see `refmath.exact`.

    A number of a convention that depends on the format is that of the first argument's number type.
    """
    named = read(chosen, *inputs)
    settled = in_format(chosen, _number_type(named))
    return Enclosure(
        lambda precision: evaluate(settled, named, precision),
        lambda flat: in_parts(settled, named, flat[()]),
        lambda precision, places: evaluate(settled, named, precision, entries=places),
    )


def _number_type(inputs: Mapping[str, Any]) -> str:
    """The number type of the first argument; a mapping, or a function, is no array."""
    return str(getattr(next(iter(inputs.values())), "dtype", "float64"))


def _outward(bound: Any, direction: float) -> float:
    """A float64 on the far side of an exact bound, or equal to it."""
    value = float(bound.mid())
    if arb(value) == bound.mid() or (arb(value) > bound.mid()) == (direction > 0):
        return value
    return float(np.nextafter(value, direction))
