r"""The logarithm of 1 + R in double-double, with a proven bound of its error: $2^{-74}$ of its value.

R is a normalised pair, not negative, and at most $2^{30}$. With $c = \ln 2 / 1024$, a whole number j near $\ln(1 + R) / c$, and
$G = 2^{-j / 1024}$,

$$\ln(1 + R) = j c + \ln(1 + z), \qquad z = G (1 + R) - 1 = (G - 1) + G R.$$

NumPy's own logarithm only chooses j: whether it chose well is seen from z, and where $|z| > 2^{-11.5}$ the answer is nan. (With the best j it is at most
$2^{-11.52}$.) So no accuracy of it is taken for granted.

**Bounds of the steps**, numbered as in the program, $u = 2^{-53}$. For $j = 0$, $G = 1$ exactly and $z = R$: steps 1 to 4 round nothing. For $j \ge 1$,
$\ln(1 + R) \ge c - |\ln(1 + z)| > 2^{-11.6}$, so an error of $2^{-100}$ is $2^{-88}$ of the logarithm.

1. G as a pair is off by at most $2^{-106} G$, and the power of two in it is exact. In z, that counts $2^{-106} G (1 + R) < 2^{-105}$.
2. $G_1 - 1 = y + f$ exactly, by `two_sum`; $|f| \le u$.
3. $G_1 R_1 = p + e$ exactly, by `two_product`. ($R_1 < 2^{-900}$ has $G = 1$, for which that is so too.)
4. $y + p = z_1 + g$ exactly. The tails g, e, $G_1 R_2 + G_2 R_1$ and $f + G_2$ are at most 2u each, and are computed and added with seven roundings of numbers below
   7u: less than $50 u^2$. What is left out, $G_2 R_2$, is at most $u^2$. So z is off by less than $2^{-100}$ for $j \ge 1$; `two_sum` normalises it.
5. $z^2 = q + (f + 2 z_1 z_2)$ with $q + f = z_1^2$ exactly (for $|z_1| \ge 2^{-480}$; below that $z^2$ is nothing beside z). What is left out, $z_2^2$, and the roundings
   are below $8 u^2 z^2$.
6. The cube: $z_1^3 (\tfrac{1}{3} - \tfrac{z_1}{4} + \tfrac{z_1^2}{5} - \tfrac{z_1^3}{6} + \tfrac{z_1^4}{7})$ for $\tfrac{z^3}{3} - \dots$. It leaves out
   $z^8 / 8 \cdot 1.01$; its bracket is off by $2.01\,u$ of it (its first coefficient and its last sum), three products follow, and $z_1$ in place of z is
   $3.01\,u$: at most $8.1\,u\,|z|^3 / 3$ altogether.
7. $j c = j C_1 + j C_2$: the first product is exact (15 bits times 33), the second off by $j\,2^{-98} + u\,j\,2^{-44}$: less than $2^{-85} j c$.
8. $j c + z = s + f$ by `plus`: $4 u^2$ of it. $s - q / 2$ is exact by `two_sum`. The tails, $2.1\,u$ of the logarithm and the cube, are added with three
   roundings: $7 u^2$ of the logarithm, and $2.1\,u\,|z|^3 / 3$, as the cube is in two of them.

So the logarithm is off by $10.2\,u\,|z|^3 / 3 + 2^{-2.9} |z|^8$, with $|z| \le 2^{-11.5}$, and by $2^{-84}$ of it for all the rest. For $j = 0$ the
logarithm is at least $0.999 z$, and the first is at most $(2^{-74.2} + 2^{-83}) z$. For $j \ge 1$ it is at most
$2^{-85.7} + 2^{-94.9}$, and the logarithm is more than $2^{-11.56}$: $2^{-74.1}$ of it. Both are, with the rest, less than $2^{-74}$ of the logarithm.

A relative error ε of R itself adds at most ε: $R / (1 + R) \le \ln(1 + R)$.

**Reference.** P.-T. P. Tang, *Table-driven implementation of the logarithm function in IEEE floating-point arithmetic*, ACM Transactions on
Mathematical Software 16, 1990.
"""

from __future__ import annotations

import numpy as np
from flint import arb, ctx

from refmath.balls.double_double import Pair, fast_two_sum, plus, square, two_product, two_sum
from refmath.balls.exponential import C1, C2, PER_STEP, rounded
from refmath.balls.precision import ONE_AT_A_TIME

#: The proven bound of the relative error, in bits.
RELATIVE_BITS = 74

_STEPS = 1024


def _table() -> Pair:
    """$2^{-i / 1024}$ in pairs."""
    with ONE_AT_A_TIME, ctx.workprec(300):
        powers = [(-i * arb(2).log() / _STEPS).exp() for i in range(_STEPS)]
        heads = [rounded(power, 53) for power in powers]
        return np.array(heads), np.array(
            [rounded(p - h, 53) if h != 1 else 0.0 for p, h in zip(powers, heads, strict=True)]
        )


_HEADS, _TAILS = _table()


def log_of_one_plus(R: Pair) -> Pair:
    """ln(1 + R) entry by entry, for normalised pairs from 0 to 2³⁰; nan where it could not be computed.

    Examples:
        >>> import numpy as np
        >>> h, l = log_of_one_plus((np.array([0.0, 1e-30, 1.0]), np.zeros(3)))
        >>> h + l
        array([0.00000000e+00, 1.00000000e-30, 6.93147181e-01])
    """
    j = np.rint(np.log1p(R[0]) * PER_STEP)
    # 1
    n = j.astype(np.int64)
    i = n & (_STEPS - 1)
    scale = ((1023 - (n >> 10)) << 52).view(np.float64)
    G = _HEADS[i] * scale, _TAILS[i] * scale
    # 2
    y, f = two_sum(G[0], -1.0)
    # 3
    p, e = two_product(G[0], R[0])
    # 4
    z, g = two_sum(y, p)
    z, tail = two_sum(z, g + (e + (G[0] * R[1] + G[1] * R[0]) + (f + G[1])))
    z[~(np.abs(z) <= 2.0**-11.5)] = np.nan
    # 5
    q, f = square(z)
    f += 2 * z * tail
    # 6
    cube = z * z * z * (1 / 3 - z * (1 / 4 - z * (1 / 5 - z * (1 / 6 - z * (1 / 7)))))
    # 7, 8
    s, g = plus(fast_two_sum(j * C1, j * C2), (z, tail))
    s, e = two_sum(s, -0.5 * q)
    return fast_two_sum(s, (e + g) + (cube - 0.5 * f))
