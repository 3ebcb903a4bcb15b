r"""Ziv's rounding test: whether an approximation with a proven bound is good enough to round the exact value correctly.

Let v be a real number, h and l float64 numbers with $|v - (h + l)| \le B$, and b a float64 number with $b (1 - u) \ge B + u\,|l|$, $u = 2^{-53}$. If

$$\mathrm{RN}(h + \mathrm{RN}(l - b)) = \mathrm{RN}(h + \mathrm{RN}(l + b)),$$

then this is RN(v), v rounded correctly.

*Proof.* $\mathrm{RN}(l + b) \ge (l + b) - u\,|l + b| \ge l + b - u\,|l| - u\,b \ge l + B$, and likewise $\mathrm{RN}(l - b) \le l - B$. So
$h + \mathrm{RN}(l - b) \le v \le h + \mathrm{RN}(l + b)$. RN is monotone, and a float64 sum is RN of the exact sum, subnormal results included. ∎

Nothing is asked of l but that its rounding, $u\,|l|$, is counted in b: nothing beside B for a normalised pair, where it is $2^{-106}\,|h|$. Where v is a tie of two
neighbours, or so near to one that the bound does not tell, the two sides differ, and the test fails.

A value rounded correctly to float64, y, rounds on to float32 correctly, unless y is a tie of two float32 numbers: those ties are float64 numbers, so v lies on
the same side of each as y does; at one, y does not tell on which side v is.

**Reference.** A. Ziv, *Fast evaluation of elementary mathematical functions with correctly rounded last bit*, ACM Transactions on Mathematical
Software 17, 1991.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.balls.double_double import Pair

#: Below this, products may underflow, and relative bounds end.
SMALLEST = 2.0**-960


def rounded(x: Pair, relative: float) -> tuple[Array, Array]:
    """Each pair rounded to float64, and whether that is certain, for pairs that are not negative.

    Args:
        x: Pairs h + l.
        relative: What b is to be, divided by h.
    """
    h, l = x
    b = h * relative
    low = l - b
    low += h
    b += l
    b += h
    certain = low == b
    certain &= h >= SMALLEST
    return b, certain


def narrowed(y: Array, certain: Array, dtype: Any) -> tuple[Array, Array]:
    """Correctly rounded float64 values in another dtype, float64 or float32, and whether they are certain there."""
    if dtype == np.float64:
        return y, certain
    # What overflows is not certain, and what underflows is rounded like everything else.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        z = y.astype(np.float32)
        back = z.astype(np.float64)
        direction = np.where(y > back, np.inf, -np.inf).astype(np.float32)
        other = np.nextafter(z, direction).astype(np.float64)
        tie = (y != back) & (y - back == other - y)
    return z, certain & ~tie & np.isfinite(z)
