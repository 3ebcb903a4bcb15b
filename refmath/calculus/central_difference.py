r"""The slope of a function at a point, from its values a step to the right and a step to the left.

$$f'(x) \approx \frac{f(x + h) - f(x - h)}{2 h}$$

**Error.** The expansion of f about x leaves $\frac{h^2}{6} f'''(x) + O(h^4)$: nothing on polynomials up to the second degree, exactly $h^2$ on $x^3$,
and a quarter of it when h is halved. The other error is rounding, about $\varepsilon |f(x)| / |h|$, which grows as h shrinks; for values of the size
of one, $h = 10^{-4}$ leaves about 1e-8 of the one and 1e-12 of the other. A negative h gives the same as a positive one.

**Conventions.** The symmetric quotient, not $(f(x + h) - f(x)) / h$, whose error is a first power of h. f is a function of one number; an array of
points gives an array of slopes. Everything is computed in float64, or in the dtype of x if that is wider.

**Infinities.** The values of f are taken as they come: ∞ on one side gives ±∞, ∞ on both or nan gives nan. There is no warning from here.

**Reference.** J. Nocedal, S. J. Wright, *Numerical Optimization*, second edition, 2006, equation (8.7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array


def central_difference(f: Callable[[Any], Any], x: Any, *, h: float = 1e-4) -> Any:
    r"""The slope of f at x by the central difference, $(f(x + h) - f(x - h)) / 2h$.

    Args:
        f: A function of one real number that returns a real number, or an array that holds one.
        x: Where to take the slope: a number, or an array of any shape, whose entries f is given one after the other.
        h: The step, not zero.

    Returns:
        The slope at x, a number in float64 (longdouble if x is that), or an array of the shape of x.

    Raises:
        TypeError: If f cannot be called or does not return a real number, if x holds no real numbers, or h is none.
        ValueError: If x is empty or not finite, h is zero or not finite, or so small beside an entry of x, or so large, that x ± h cannot be told
            from x, or is beyond the dtype; if f returns an array of another size than 1. What f itself raises is passed on unchanged.

    Examples:
        >>> print(central_difference(lambda x: x**3, 2.0, h=0.125))
        12.015625
        >>> central_difference(lambda x: x**2, [1, 2, 3], h=0.25)
        array([2., 4., 6.])
    """
    f = arguments.function("f", f)
    x = arguments.point("x", x)
    right, left = neighbours("x", x, arguments.step("h", h))
    pairs = [
        (arguments.returned("f", f(r), x.dtype), arguments.returned("f", f(l), x.dtype))
        for r, l in zip(right.ravel(), left.ravel(), strict=True)
    ]
    above, below = np.array(pairs).T.reshape(2, *x.shape)
    return secant(above, below, right - left)[()]


def neighbours(name: str, x: Array, h: float) -> tuple[Array, Array]:
    """The points x + h and x − h, entry by entry.

    Raises:
        ValueError: If one of them is x itself, so that a difference would be zero for every f, or is not finite.
    """
    with np.errstate(over="ignore"):
        right, left = x + h, x - h
    if (lost := (right == x) | (left == x)).any():
        half = np.spacing(np.abs(x[lost][0])) / 2
        raise ValueError(
            f"h = {h} is lost in rounding at {arguments.first(lost, name, x)}: x + h or x - h is x itself there; "
            f"take an h above {half}"
        )
    if (beyond := ~(np.isfinite(right) & np.isfinite(left))).any():
        raise ValueError(f"x ± h must be finite; it is not for h = {h} at {arguments.first(beyond, name, x)}")
    return right, left


def secant(above: Array, below: Array, distance: Array) -> Array:
    """The slope between values of f and the points where they were taken."""
    # ∞ − ∞ is nan, and a quotient beyond the range ∞, as the page says: no reason for a warning.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| The display's $2h$ is the distance of the points. x + h and x − h are rounded, by up to ε|x|/2 each, so it is the distance of the points
        #| that f was really given: with $2h$ itself, even f(x) = x would have a slope off by ε|x|/h.
        slope: Array = (above - below) / distance
    return slope
