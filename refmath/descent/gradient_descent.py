r"""Gradient descent: a step against the gradient, again and again.

$$x_{k+1} = x_k - \eta \nabla f(x_k)$$

**Conventions.** η is the learning rate `lr`, the same in every step; the gradient is the numerical one, with its step of 1e-4. The start is left as it was, and
the result is a new array in float64. It is where the last step led: a minimum only if f is kind. On $\frac{1}{2} \lambda x^2$ the values fall for
η ≤ 1/λ without overshooting, and grow beyond every bound for η > 2/λ.

**Infinities.** A descent that leaves the finite numbers, or goes so far out that a step of 1e-4 is lost in rounding there, has no result: it stops with an error
that says at which step.

**Reference.** J. Nocedal, S. J. Wright, *Numerical Optimization*, second edition, 2006, section 2.2, steepest descent with a constant step length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.calculus.central_difference import neighbours
from refmath.calculus.numerical_gradient import numerical_gradient

H = 1e-4


def gradient_descent(f: Callable[[Array], Any], init_x: Any, lr: float = 0.01, step_num: int = 100) -> Array:
    """Where a number of steps against the gradient lead.

    Args:
        f: The function to make small, of an array of the shape of `init_x`; it returns a real number, or an array that holds one.
        init_x: Where to start, an array of any shape.
        lr: The learning rate, positive.
        step_num: The number of steps; 0 gives the start.

    Returns:
        The last point, a new array of the shape of `init_x`, in float64 (longdouble if that is its dtype).

    Raises:
        TypeError: If f cannot be called or does not return a real number, `init_x` holds no real numbers, `lr` is none or `step_num` is not a whole number.
        ValueError: If `init_x` is empty, not finite, or too large for a step of 1e-4; if `lr` is not positive or not finite, or `step_num` is negative;
            if f returns an array of another size than 1. What f itself raises is passed on unchanged.
        FloatingPointError: If the descent leaves the finite numbers, or the reach of the numerical gradient; the message says at which step.

    Examples:
        >>> import numpy as np
        >>> x = gradient_descent(lambda x: np.sum(x**2), [-3.0, 4.0], lr=0.1, step_num=100)
        >>> bool(np.all(np.abs(x) < 1e-8))
        True
    """
    f = arguments.function("f", f)
    x = arguments.point("init_x", init_x)
    lr = arguments.positive("lr", lr)
    steps = arguments.whole("step_num", step_num, at_least=0)
    neighbours("init_x", x, H)
    for k in range(1, steps + 1):
        x = step(f, x, lr, f"the descent ended at step {k} of {steps}")
    return x


def step(f: Callable[[Array], Any], x: Array, lr: float, where: str) -> Array:
    """One step against the gradient.

    Raises:
        FloatingPointError: If there is no gradient at x, or no number to go to; the message begins with `where`.
    """
    try:
        neighbours("x", x, H)
    except ValueError as error:
        raise FloatingPointError(f"{where}: {error}; lr = {lr} may be too large") from None
    gradient = numerical_gradient(f, x, h=H)
    if (odd := ~np.isfinite(gradient)).any():
        raise FloatingPointError(f"{where}: {arguments.first(odd, 'gradient', gradient)} is not finite")
    with np.errstate(over="ignore", under="ignore"):
        x = x - lr * gradient
    if (gone := ~np.isfinite(x)).any():
        raise FloatingPointError(f"{where}: {arguments.first(gone, 'x', x)} is not finite; lr = {lr} may be too large")
    return x
