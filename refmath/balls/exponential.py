r"""The exponential in double-double, for arguments from −680 to 0, with a proven bound of its error: $2^{-73}$ of its value.

The argument is $x = d + e$, as an exact difference of two float64 numbers comes, with $|e| \le u\,|d|$, $u = 2^{-53}$. With $c = \ln 2 / 1024$,

$$e^x = 2^{j / 1024}\, e^r, \qquad r = x - j c, \qquad 2^{j / 1024} = 2^{\lfloor j / 1024 \rfloor}\, T_i, \qquad T_i = 2^{i / 1024}.$$

**Constants.** $C_1$ is c rounded to 33 bits, a multiple of $2^{-43}$ with $|c - C_1| \le 2^{-44}$; $C_2$ is $c - C_1$ rounded to float64, so
$|c - C_1 - C_2| \le 2^{-98}$. $H_i$ is $T_i$ rounded to 27 bits, and $\tau_i = T_i / H_i - 1$ rounded to float64, so $|\tau_i| \le 2^{-27}$, and
$H_i (1 + \tau_i)$ is off $T_i$ by at most $2^{-80}$ of it.

**Bounds of the steps**, numbered as in the program; errors are in units of $2^{-76}$, relative to 1 or to $e^x$, which is the same to 0.1 %.

1. $|d| \le 680$, so $|j| \le 1\,004\,573 < 2^{20}$, and $|d / c - j| \le \tfrac{1}{2} + 2^{-31}$, with the rounding of $d / c$.
2. $j C_1$ is exact: 20 bits times 33. So is $r_1 = d - j C_1$: for $j = 0$ there is nothing to do, and otherwise
   $|d| \ge c\,(\tfrac{1}{2} - 2^{-31}) > 2^{-12}$, so d is a multiple of $2^{-64}$, as is $j C_1$, and
   $|r_1| \le c\,(\tfrac{1}{2} + 2^{-31}) + 2^{20} \cdot 2^{-44} < 2^{-11.52} < 2^{53} \cdot 2^{-64}$.
3. $t = j C_2$ with $|t| \le 2^{-24}$: $C_2$ is off by $2^{20} \cdot 2^{-98}$, 0.25, and the product is rounded by $u \cdot 2^{-24}$, 0.5.
4. $x_1 + r_2 = r_1 - t$ by `fast_two_sum`: exact, or off by $1.01\,u\,|t|$, 0.51. $|x_1| < 2^{-11.52}$ and, either way, $|r_2| \le 2^{-64}$.
5. e is added to $r_2$: $|e| \le 680\,u < 2^{-43.5}$, so $|r_2| \le 2^{-43.4}$; the rounding, $2^{-96}$, is nothing.
6. $p_0 = x_1^2 (\tfrac{1}{2} + \tfrac{x_1}{6} + \tfrac{x_1^2}{24} + \tfrac{x_1^3}{120})$ by Horner. What follows the last term is at most
   $1.001\,|x_1|^6 / 720 < 2^{-78.6}$, 0.17. The bracket is off by at most $1.01\,u$ of it: its last sum is rounded by $u$ of it, and all that came before is
   multiplied by $|x_1| < 2^{-11.52}$. Two products follow, so $p_0$ is off by $3.02\,u$ of it, and
   $|p_0| < 1.001 \cdot x_1^2 / 2 < 2^{-24.03}$: 1.48.
7. $w = x_1 + p_0$, which is $e^{x_1} - 1$ to $2^{-64}$; it is only used in products below $2^{-27} w$.
8. $e^{x_1}(e^{r_2} - 1) = r_2 + r_2 w$ up to $r_2^2 / 2 < 2^{-87}$ and roundings of $2^{-96}$: 0.01. The sum p of $p_0$ and this is rounded by
   $u \cdot 2^{-24.02}$: 0.5. Now $e^{x_1 + r_2} = 1 + x_1 + p$, and with $r_2$ added w is $x_1 + p$ to $2^{-53}$.
9. $x_1 = x_2 + x_3$ exactly, the first with 26 bits, $|x_3| < 2^{-25} |x_1| < 2^{-36.5}$. $s = p + x_3$ is rounded by $u \cdot 2^{-24.01}$: 0.5.
10. $v = s + (\tau + \tau w)$, so that $T (1 + x_1 + p) = H (1 + x_2 + v)$: the inner sum is rounded by $u \cdot 2^{-26.9}$, 0.07, its product and
    the error of w are nothing, and the outer sum by $u \cdot 2^{-23.8}$, 0.58; the error of τ is $2^{-80}$, 0.07.
11. $A = H x_2$ is exact: 27 bits times 26. $H + A = h + f$ exactly by `fast_two_sum`.
12. $l = f + H v$: the product and the sum are rounded by $u \cdot 2^{-23.7} H$ each: 0.62 and 0.62.

H carries the factor $2^{\lfloor j / 1024 \rfloor} \ge 2^{-982}$, by an addition to its exponent. Products that fall below the normal numbers are off by $2^{-1075}$,
nothing beside $2^{-982}$. Together 5.4, and 5.41 relative to $e^x \ge 0.9996\,T$, so less than $8 \cdot 2^{-76} = 2^{-73}$. And
$|l| \le 2^{-53} h + 2^{-23.7} H < 2^{-23} h$.

**Reference.** P.-T. P. Tang, *Table-driven implementation of the exponential function in IEEE floating-point arithmetic*, ACM Transactions on
Mathematical Software 15, 1989; J.-M. Muller, *Elementary Functions*, 3rd edition, 2016, chapters 6 and 11.
"""

from __future__ import annotations

import numpy as np
from flint import arb, ctx

from refmath.balls.double_double import Array, Pair, head
from refmath.balls.precision import ONE_AT_A_TIME

#: $e^x$ is computed for x from here to 0.
LOWEST = -680.0
#: The proven bound of its relative error, in bits.
RELATIVE_BITS = 73

_STEPS = 1024


def rounded(value: arb, bits: int) -> float:
    """A ball's value rounded to a number of bits, 53 at most."""
    significand, exponent = map(int, value.mid().man_exp())
    drop = max(significand.bit_length() - bits, 0)
    kept = (significand + (1 << drop >> 1)) >> drop
    return float(np.ldexp(float(kept), drop + exponent))


def _constants() -> tuple[float, float, float, Array, Array]:
    with ONE_AT_A_TIME, ctx.workprec(300):
        c = arb(2).log() / _STEPS
        C1 = rounded(c, 33)
        powers = [(i * c).exp() for i in range(_STEPS)]
        H = [rounded(power, 27) for power in powers]
        tau = [rounded(power / h - 1, 53) if h != 1 else 0.0 for power, h in zip(powers, H, strict=True)]
        return C1, rounded(c - C1, 53), rounded(1 / c, 53), np.array(H), np.array(tau)


C1, C2, PER_STEP, _H, _TAU = _constants()
_H_BITS = _H.view(np.int64)


def exponential(d: Array, e: Array) -> Pair:
    """$e^{d + e}$ entry by entry, for d from `LOWEST` to 0 and |e| at most half a unit in the last place of d; contiguous arrays of one shape.

    Examples:
        >>> import numpy as np
        >>> h, l = exponential(np.array([0.0, -1.0]), np.zeros(2))
        >>> h + l
        array([1.        , 0.36787944])
    """
    # 1
    j = d * PER_STEP
    np.rint(j, out=j)
    # 2
    r = j * C1
    np.subtract(d, r, out=r)
    # 3
    t = j * C2
    # 4
    x = r - t
    r -= x
    r -= t
    # 5
    r += e
    # 6
    p = x * (1 / 120)
    p += 1 / 24
    p *= x
    p += 1 / 6
    p *= x
    p += 1 / 2
    p *= x
    p *= x
    # 7
    w = x + p
    # 8
    np.multiply(r, w, out=t)
    t += r
    p += t
    w += r
    # $H\,2^{\lfloor j / 1024 \rfloor}$: the multiples of 1024 in j, moved to where the exponent is
    n = j.astype(np.int64)
    i = n & (_STEPS - 1)
    n -= i
    n <<= 42
    n += _H_BITS.take(i, mode="clip")
    H = n.view(np.float64)
    tau = _TAU.take(i, mode="clip")
    # 9
    A = head(x)
    x -= A
    p += x
    # 10
    w *= tau
    w += tau
    w += p
    # 11
    A *= H
    h = H + A
    np.subtract(h, H, out=x)
    A -= x
    # 12
    w *= H
    w += A
    return h, w
