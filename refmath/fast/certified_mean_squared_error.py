r"""The mean squared error, correctly rounded.

$$E = \frac{1}{2 N} \sum_{n, k} (y_{nk} - t_{nk})^2$$

**Bounds of the steps**, numbered as in the program; $u = 2^{-53}$.

1. $y - t = d + e$ exactly, by `two_sum`, with $|e| \le u\,|d|$.
2. $d^2 = q + f$ exactly, by `square`. (Where $d^2 < 2^{-960}$ it may be off by $2^{-1070}$, nothing beside a result of $2^{-600}$ and up to $2^{31}$ entries.)
3. $l = f + 2 d e$: the product is rounded by $2 u^2 d^2$, the sum by $3.1\,u^2 d^2$, and $e^2 \le u^2 d^2$ is left out: $2^{-103}$ of the square. $|l| \le 3.1\,u\,q$.
4. The sum of up to $2^{31}$ of them, chunk by chunk, is at most 32 levels of `total`, with tails of $2^{-51}$: $2^{-99.7}$ each, $2^{-94.7}$ altogether.
5. The division by 2N: $2^{-102}$.

Together less than $2^{-94}$, and the rounding test is taken with $2^{-93}$. What it leaves open — ties, overflow, results below $2^{-600}$ — is computed in ball
arithmetic, which for a sum of squares ends at the exact value.

**Reference.** The test and the bounds are those of `rounding_test` and `double_double`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.balls.double_double import Pair, over, square, total, two_sum
from refmath.balls.squared_error import mean_loss
from refmath.fast.batch import exactly, rounded_to
from refmath.fast.rounding_test import narrowed, rounded

_RELATIVE = 2.0**-93
_SMALLEST = 2.0**-600
#: Entries of a chunk.
_AT_ONCE = 1 << 13


def certified_mean_squared_error(y: Any, t: Any, *, dtype: Any = "float64") -> np.floating[Any]:
    """Half the squared distance of each sample from its target, averaged over the samples; correctly rounded.

    Args:
        y: Outputs, shape (K,) for one sample or (N, K) for a batch, finite; each is taken exactly as it is.
        t: Targets, of the same shape, finite.
        dtype: What the loss is rounded to, float64 or float32.

    Returns:
        The number of that dtype nearest to the exact loss, the even one of two; ∞ if it is beyond the dtype.

    Raises:
        TypeError: If an argument does not hold real numbers that float64 can hold.
        ValueError: If the shapes differ, an argument is empty or not finite, or the dtype is another one.

    Examples:
        >>> print(certified_mean_squared_error([0.1, 0.2], [0.0, 0.0]))
        0.025
    """
    target = rounded_to(dtype)
    one, other = exactly("y", y), exactly("t", t)
    arguments.same_shape("y", one, "t", other)
    if np.array_equal(one, other):
        return target.type(0)  # type: ignore[no-any-return]
    N = 1 if one.ndim == 1 else len(one)
    with np.errstate(all="ignore"):
        # 5
        mean = over(_sum_of_squares(one.ravel(), other.ravel()), (np.array([2.0 * N]), np.zeros(1)))
        value, certain = narrowed(*rounded(mean, _RELATIVE), target)
    if not (certain[0] and mean[0][0] >= _SMALLEST):
        return mean_loss(one.reshape(N, -1), other.reshape(N, -1)).nearest(target)  # type: ignore[no-any-return]
    return value[0]  # type: ignore[no-any-return]


def _sum_of_squares(y: Array, t: Array) -> Pair:
    """The sum of the squared differences, one pair in arrays of one entry."""
    parts = []
    for start in range(0, len(y), _AT_ONCE):
        # 1
        d, e = two_sum(y[start : start + _AT_ONCE], -t[start : start + _AT_ONCE])
        # 2
        q, f = square(d)
        # 3
        d *= 2
        d *= e
        d += f
        # 4
        parts.append(total(q, d))
    return total(*np.array(parts).T[..., np.newaxis])
