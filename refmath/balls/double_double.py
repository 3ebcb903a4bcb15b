r"""Double-double arithmetic: a number as the unevaluated sum h + l of two float64 numbers, and what each operation may be off.

Let $u = 2^{-53}$ be the unit roundoff: rounding to nearest changes x by at most $u\,|x|$, as long as nothing leaves the range. Every array
operation of NumPy is rounded like that (IEEE 754), so the bounds below hold entry by entry. A pair is *normalised* if $|l| \le u\,|h|$.

1. **`two_sum`**: $s + e = a + b$ exactly, for any a and b (D. E. Knuth).

2. **`fast_two_sum`**: $s + e = a + b$ exactly, if $|a| \ge |b|$ (T. J. Dekker). Otherwise it is off by at most $1.01\,u\,|b|$. With
   $s = a + b + \delta$, $|\delta| \le 2 u\,|b|$, it computes $z = (b + \delta)(1 + \epsilon)$ and $e = (b - z)(1 + \epsilon')$, where
   $|\epsilon|, |\epsilon'| \le u$, so that $s + e - (a + b) = -\epsilon (b + \delta)(1 + \epsilon') - \epsilon' \delta$.

3. **`head`** keeps the first 26 bits of a number. What it cuts off has at most 27 bits, is exact in float64, and is less than $2^{-25}$ of the number.

4. **`two_product`**, and likewise **`square`**: $p + e = a b$ exactly (G. W. Veltkamp and T. J. Dekker), for factors up to $2^{970}$ in size and a product of at least $2^{-960}$.

5. **`plus`** of normalised pairs is off by at most $4 u^2$ of the sum, whatever the signs: M. Joldes, J.-M. Muller and V. Popescu,
   algorithm 6, prove $3 u^2 + 13 u^3$.

6. **`times`** of normalised pairs is off by at most $8 u^2$ of the product: their algorithm 10 has $7 u^2$, and the same operations.

7. **`over`**, a pair over a pair: with q the rounded $h_1 / h_2$, $h_1 - q h_2$ is computed exactly (the remainder of a division is a float64
   number) and at most $u\,|h_1|$; $l_1 - q l_2$ is at most $2.1\,u\,|h_1|$. Three roundings of those and their sum are at most $7 u^2 |h_1|$, and to divide by
   $h_2$ in place of the pair, and round, $7 u^2$ of the quotient. So it is off by at most $16 u^2 = 2^{-102}$ of it.

8. **`total`**, of pairs that are not negative with $|l| \le \lambda\,h$: halves are added to halves, $\lceil \log_2 K \rceil$ times. The sum of two
   heads is exact, and leaves a rest of at most u of it, so in 30 levels the tails stay below $\lambda + 2^{-48}$ of the heads. A level rounds twice, and
   adds at most $2.1\,u\,(\lambda + 2^{-48})$ to the relative error of the sum.

**Reference.** J.-M. Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd edition, 2018, sections 4.3, 4.4 and 14.1; M. Joldes, J.-M. Muller
and V. Popescu, *Tight and rigorous error bounds for basic building blocks of double-word arithmetic*, ACM Transactions on Mathematical
Software 44, 2017; N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, 2002, section 4.3.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: Arrays of one shape, or scalars.
Pair = tuple[Any, Any]

#: All bits of a float64 but the last 27.
_FIRST_26_BITS = np.int64(-1 << 27)
#: 2²⁷ + 1, with which Veltkamp splits a number into 26 bits and 26 bits with a sign.
_SPLIT = 134217729.0


def two_sum(a: Any, b: Any) -> Pair:
    """The rounded sum, and what rounding took from it, exactly."""
    s = a + b
    back = s - a
    return s, (a - (s - back)) + (b - back)


def fast_two_sum(a: Any, b: Any) -> Pair:
    """The same for |a| ≥ |b|, in half the operations."""
    s = a + b
    return s, b - (s - a)


def head(a: Array) -> Array:
    """The first 26 bits of each number."""
    return (a.view(np.int64) & _FIRST_26_BITS).view(np.float64)


def two_product(a: Any, b: Any) -> Pair:
    """The rounded product, and what rounding took from it, exactly."""
    p = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def square(a: Any) -> Pair:
    """The rounded square, and what rounding took from it, exactly."""
    p = a * a
    a1, a2 = _halves(a)
    return p, (a1 * a1 - p) + (2 * a1) * a2 + a2 * a2


def _halves(a: Any) -> Pair:
    scaled = _SPLIT * a
    high = scaled - (scaled - a)
    return high, a - high


def plus(x: Pair, y: Pair) -> Pair:
    """The sum of two pairs, of any signs."""
    s, e = two_sum(x[0], y[0])
    t, f = two_sum(x[1], y[1])
    s, e = fast_two_sum(s, e + t)
    return fast_two_sum(s, e + f)


def times(x: Pair, y: Pair) -> Pair:
    """The product of two pairs."""
    p, e = two_product(x[0], y[0])
    return fast_two_sum(p, e + (x[0] * y[1] + x[1] * y[0]))


def over(x: Pair, y: Pair) -> Pair:
    """The quotient of two pairs."""
    q = x[0] / y[0]
    p, e = two_product(q, y[0])
    #| $x - q y = ((h_1 - p) - e) + (l_1 - q l_2)$, where $h_1 - p$ is exact
    remainder = ((x[0] - p) - e) + (x[1] - q * y[1])
    return fast_two_sum(q, remainder / y[0])


def exact_total(h: Array, l: Array) -> Pair:
    """The sum of some pairs in a row, of any signs, rounded to a pair once; nan beyond the range. It takes longer than `total` for many."""
    terms = [*h.tolist(), *l.tolist()]
    try:
        s = math.fsum(terms)
        return s, math.fsum([*terms, -s])
    except (OverflowError, ValueError):
        return math.nan, math.nan


def total(h: Array, l: Array, axis: int = 0) -> Pair:
    """The sum of pairs that are not negative, along an axis; normalised."""
    h, l = h.swapaxes(0, axis), l.swapaxes(0, axis)
    while (count := len(h)) > 1:
        half = count // 2
        one, other = h[:half], h[half : 2 * half]
        larger = np.maximum(one, other)
        smaller = np.minimum(one, other)
        s = larger + smaller
        # fast_two_sum, in place
        larger -= s
        smaller += larger
        rest = l[:half] + l[half : 2 * half]
        rest += smaller
        if count % 2:
            s, rest = np.concatenate([s, h[-1:]]), np.concatenate([rest, l[-1:]])
        h, l = s, rest
    return fast_two_sum(h[0], l[0])
