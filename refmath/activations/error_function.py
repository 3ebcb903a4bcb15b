r"""The tail of the normal distribution, to the last few units down to the smallest numbers: NumPy has no error function.

$$m(t) = e^{t^2/2} \, \Phi(-t) = \tfrac{1}{2} e^{t^2/2} \operatorname{erfc}(t / \sqrt{2}), \qquad t \ge 0$$

With the exponential taken out, m falls slowly, from ½ at 0, as 1/t. So $(1 + 2t) \, m(t)$ is a smooth function of $s = \frac{t - 5}{t + 5}$, which runs
from −1 to 1, and 33 terms of its Chebyshev series are good to 10⁻²², for the widest floats too.

**Reference.** M. M. Shepherd and J. G. Laframboise, *Chebyshev Approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞*, 1981.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from refmath.arguments import Array

#: The coefficients of the Chebyshev series.
_SERIES = (
    "0.768192619380380100134957",
    "0.0896586028673275257895952",
    "-0.0971679645874839580343464",
    "0.0528667351028375488429206",
    "-0.0206448684083203449560063",
    "0.00618617186370880987344643",
    "-0.00141775621914350876225743",
    "0.000232149342466830341353313",
    "-0.0000204218563898858235626011",
    "-0.0000013227167712039978071196",
    "0.000000683530392723164017820351",
    "-5.87754101689443254162204e-8",
    "-1.15538867076995802513764e-8",
    "2.81043182735620995767203e-9",
    "1.14564735079048208044905e-10",
    "-9.62868399856897436146621e-11",
    "1.46125900972375435147519e-12",
    "3.24079089439543942419982e-12",
    "-1.48071414110295864455937e-13",
    "-1.1686906841734209293542e-13",
    "6.54313381481070253227468e-15",
    "4.61522524283340618879758e-15",
    "-2.09143596629133473575456e-16",
    "-1.96761701230322558450625e-16",
    "3.01269786597295727921504e-18",
    "8.74624801623168642826703e-18",
    "2.73134132289208492125822e-19",
    "-3.86991695810601244343951e-19",
    "-3.681648026730862639525e-20",
    "1.60044791456669507715437e-20",
    "3.02036324469931020325111e-21",
    "-5.47248010773678461993079e-22",
    "-2.02346757020947812954166e-22",
)
#: From there on the tail is 0 in every format, and so is what it is multiplied by.
FURTHEST = 200.0
#: The zero of m(t) − t / √(2π), as a sum of a number of float64 and a small rest, and the Taylor series there, from the first power on.
_ZERO, _REST = 0.7517915246935645, "-1.49567591770098832732056e-17"
_AT_THE_ZERO = (
    "-0.572406175227614574667258",
    "0.0847563696385305978250098",
    "-0.036581591489379881314456",
    "0.0143136597992531438455993",
    "-0.00516414067299087610961512",
    "0.0017385504348288805054929",
    "-0.000551016170119173223725918",
    "0.000165537643520522346866095",
    "-0.0000473962636336333308202477",
    "0.0000129905534218615003558952",
    "-0.00000342091596999989749224104",
    "0.000000868228149077226117634788",
    "-0.000000212937646617173714646719",
    "5.05816736473029759128133e-8",
    "-1.16607182042877013903324e-8",
    "2.61345278309247011594951e-9",
    "-5.70349797163057287490638e-10",
    "1.213704799708105585365e-10",
    "-2.52160262617374679516227e-11",
)
_NEAR = 0.25
_DENSITY_AT_ZERO = "0.398942280401432677939946059934"


@functools.cache
def _numbers(digits: tuple[str, ...], dtype: np.dtype[Any]) -> tuple[Any, ...]:
    """Decimal numbers in a number type."""
    return tuple(dtype.type(each) for each in digits)


def scaled_tail(t: Array) -> Any:
    """m(t), for numbers from 0 on."""
    first, *others = _numbers(_SERIES, t.dtype)
    # Clenshaw's rule as Reinsch has it, which goes by the distance e from the nearer end, s = −1 or s = 1: there it would lose digits.
    side = np.where(t < 5, -1, 1).astype(t.dtype)
    e = np.where(t < 5, 2 * t, -10) / (t + 5)
    value, step = np.zeros_like(t), np.zeros_like(t)
    for coefficient in reversed(others):
        step = 2 * e * value + side * step + coefficient
        value = step + side * value
    return (first + (e * value + side * step)) / (1 + 2 * t)


def scaled_slope(t: Array) -> Any:
    """m(t) − t / √(2π), for numbers from 0 on: near its zero, where the difference would cancel, by its Taylor series there."""
    density, rest = _numbers((_DENSITY_AT_ZERO, _REST), t.dtype)
    d = (t - _ZERO) - rest
    near = np.abs(d) <= _NEAR
    d = np.where(near, d, 0)
    value = np.zeros_like(t)
    for coefficient in reversed(_numbers(_AT_THE_ZERO, t.dtype)):
        value = (value + coefficient) * d
    return np.where(near, value, scaled_tail(t) - t * density)


def times_bell(value: Array, t: Array) -> Any:
    """A value times exp(−t²/2), for numbers from 0 to `FURTHEST`: nothing is lost in the square, nor to underflow on the way."""
    h = np.rint(16 * t) / 16
    # h² is exact, and t² = h² + (t − h)(t + h).
    e = np.exp(-h * h / 4)
    return value * np.exp(-(t - h) * (t + h) / 2) * e * e
