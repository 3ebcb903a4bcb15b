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
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.calculus.central_difference import neighbours
from refmath.calculus.functions import SQUARES, function
from refmath.calculus.numerical_gradient import numerical_gradient
from refmath.spec import Claims, Equal, Formula, Input, defining, law, mistake
from refmath.symbols import N, i
from refmath.symbols import k as at_step

#: The step of the numerical gradient.
H = 1e-4

init_x = sp.IndexedBase("init_x", shape=(N,), real=True)
#: Where k steps have led, with entries x[k, i].
x = sp.IndexedBase("x", real=True)
eta, steps = sp.Symbol("lr", positive=True), sp.Symbol("step_num", integer=True, nonnegative=True)
#: One step; the formula's value is that of `step_num` of them.
definition = x[at_step, i] - eta * sp.Derivative(sp.Function("f")(x[at_step]), x[at_step, i])


def gradient_descent(f: Callable[[Array], Any], init_x: Any, lr: float = 0.01, step_num: int = 100) -> Array:
    """The point reached after a number of steps against the gradient.

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
    #| $\nabla f(x)$, by central differences
    gradient = numerical_gradient(f, x, h=H)
    if (odd := ~np.isfinite(gradient)).any():
        raise FloatingPointError(f"{where}: {arguments.first(odd, 'gradient', gradient)} is not finite")
    with np.errstate(over="ignore", under="ignore"):
        #| $x \leftarrow x - \eta \, \nabla f(x)$: a new array, so that the caller's start stays as it is.
        x = x - lr * gradient
    if (gone := ~np.isfinite(x)).any():
        raise FloatingPointError(f"{where}: {arguments.first(gone, 'x', x)} is not finite; lr = {lr} may be too large")
    return x


# ---- laws


def shrinks_a_parabola_by_the_same_factor(descent: Any, f: Any, init_x: Any, lr: Any, step_num: int) -> Claims:
    """On half the sum of squares, every step multiplies x by 1 − η."""
    parabola = function(SQUARES, *([0.5] * np.size(init_x)), shape=np.shape(init_x))
    yield Equal(descent(parabola, init_x, lr, step_num), (1 - lr) ** step_num * init_x)


def goes_its_own_way_in_every_entry(descent: Any, f: Any, init_x: Any, lr: Any, step_num: int) -> Claims:
    """On a weighted sum of squares, every entry shrinks by its own factor, 1 − 2cη."""
    weights = np.array([1.0, 0.25, 0.5, 0.125] * np.size(init_x))[: np.size(init_x)]
    factors = np.array([(1 - 2 * int(8 * c) * lr / 8) ** step_num for c in weights], object).reshape(np.shape(init_x))
    yield Equal(
        descent(function(SQUARES, *map(float, weights), shape=np.shape(init_x)), init_x, lr, step_num), factors * init_x
    )


def begins_with_one_step_downhill(descent: Any, f: Any, init_x: Any, lr: Any, step_num: int) -> Claims:
    """One step is the start minus η times the gradient there."""
    squares = function(SQUARES, *([2.0] * np.size(init_x)), shape=np.shape(init_x))
    yield Equal(descent(squares, init_x, lr, 1), init_x - 4 * lr * init_x)


def stays_where_no_step_is_made(descent: Any, f: Any, init_x: Any, lr: Any, step_num: int) -> Claims:
    """No step leads nowhere."""
    yield Equal(descent(f, init_x, lr, 0), init_x)


def stays_at_a_stationary_point(descent: Any, f: Any, init_x: Any, lr: Any, step_num: int) -> Claims:
    """Where the gradient is zero, nothing moves."""
    yield Equal(
        descent(function(SQUARES, *([1.0] * np.size(init_x)), shape=np.shape(init_x)), 0 * init_x, lr, step_num),
        0 * init_x,
    )


# ---- mistakes: the descent with one thing wrong about it


def _slopes(f: Any, x: Array) -> Array:
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = H
        gradient[index] = (f(x + step) - f(x - step)) / (2 * H)
    return gradient


def _descended(
    f: Any,
    init_x: Array,
    lr: float,
    step_num: int,
    *,
    gradient: Any = _slopes,
    rate: Any = lambda lr, k: lr,
    by: Any = lambda gradient: gradient,
) -> Array:
    x = np.array(init_x, np.float64)
    for k in range(step_num):
        x = x - rate(lr, k) * by(gradient(f, x))
    return x


def ascending(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """It goes along the gradient, which points to where f rises."""
    return _descended(f, init_x, -lr, step_num)


def one_step_short(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """One step too few."""
    return _descended(f, init_x, lr, step_num - 1)


def one_step_more(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """One step too many."""
    return _descended(f, init_x, lr, step_num + 1)


def only_one_step(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """It returns after the first step."""
    return _descended(f, init_x, lr, min(step_num, 1))


def learning_rate_ignored(f: Any, init_x: Array, lr: float, step_num: int, *, rate: float = 0.01) -> Array:
    """The learning rate given is not used."""
    return _descended(f, init_x, rate, step_num)


def steps_ignored(f: Any, init_x: Array, lr: float, step_num: int, *, steps: int = 10) -> Array:
    """The number of steps given is not used."""
    return _descended(f, init_x, lr, steps)


def gradient_of_the_start(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is taken once, at the start, and not again at every point."""
    return init_x - step_num * lr * _slopes(f, np.array(init_x, np.float64))


def momentum_unasked(
    f: Any, init_x: Array, lr: float, step_num: int, *, momentum: float = 0.9, nesterov: bool = False
) -> Array:
    """Earlier steps are carried on: descent with momentum."""
    x, v = np.array(init_x, np.float64), np.zeros(np.shape(init_x))
    for _ in range(step_num):
        v = momentum * v - lr * _slopes(f, x + momentum * v if nesterov else x)
        x = x + v
    return x


def decaying_rate(f: Any, init_x: Array, lr: float, step_num: int, *, how: str = "1 / k") -> Array:
    """The learning rate falls from step to step."""
    rates = {
        "1 / k": lambda lr, k: lr / (k + 1),
        "root": lambda lr, k: lr / np.sqrt(k + 1),
        "0.999": lambda lr, k: lr * 0.999**k,
        "0.99": lambda lr, k: lr * 0.99**k,
        "0.95": lambda lr, k: lr * 0.95**k,
        "0.9": lambda lr, k: lr * 0.9**k,
    }
    return _descended(f, init_x, lr, step_num, rate=rates[how])


def adaptive_rate(f: Any, init_x: Array, lr: float, step_num: int, *, how: str = "adagrad") -> Array:
    """Each entry has a learning rate of its own, which its earlier slopes decide: AdaGrad, RMSprop or Adam."""
    decay, momentum, epsilon = {
        "adagrad": (None, 0.0, 1e-7),
        "adagrad, 1e-8": (None, 0.0, 1e-8),
        "rmsprop": (0.99, 0.0, 1e-7),
        "rmsprop, 0.9": (0.9, 0.0, 1e-8),
        "adam": (0.999, 0.9, 1e-8),
        "adam, 1e-7": (0.999, 0.9, 1e-7),
    }[how]
    x, first, second = np.array(init_x, np.float64), np.zeros(np.shape(init_x)), np.zeros(np.shape(init_x))
    for k in range(1, step_num + 1):
        slopes = _slopes(f, x)
        first = momentum * first + (1 - momentum) * slopes
        second = second + slopes**2 if decay is None else decay * second + (1 - decay) * slopes**2
        # Only Adam corrects the bias of the zeros it began with.
        correction = (1 - momentum**k, 1 - decay**k) if momentum and decay else (1, 1)
        x = x - lr * (first / correction[0]) / (np.sqrt(second / correction[1]) + epsilon)
    return x


def only_the_step(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """`x = -lr * gradient`: every point is the step alone, not the last point and the step."""
    x = np.array(init_x, np.float64)
    for _ in range(step_num):
        x = -lr * _slopes(f, x)
    return x


def divided_by_the_rate(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is divided by the learning rate."""
    return _descended(f, init_x, 1.0, step_num, by=lambda gradient: gradient / lr)


def mean_of_the_gradient(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is divided by the number of its entries."""
    return _descended(f, init_x, lr, step_num, by=lambda gradient: gradient / gradient.size)


def kept_as_integers(f: Any, init_x: Array, lr: float, step_num: int, *, refused: bool = False) -> Array:
    """The points have the dtype of the start: from integers it goes on among integers, or NumPy refuses the step."""
    x = np.array(init_x)
    for _ in range(step_num):
        np.subtract(x, lr * _slopes(f, np.array(x, np.float64)), out=x, casting="same_kind" if refused else "unsafe")
    return x


def normalised_gradient(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """Every step has the length η: only the direction of the gradient is used."""

    def unit(gradient: Array) -> Any:
        length = np.sqrt(np.sum(gradient * gradient))
        return gradient / length if length else gradient

    return _descended(f, init_x, lr, step_num, by=unit)


def sign_only(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """Only the sign of each partial derivative is used."""
    return _descended(f, init_x, lr, step_num, by=np.sign)


def forward_difference(f: Any, init_x: Array, lr: float, step_num: int, *, h: float = 1e-4) -> Array:
    """The gradient is a forward difference, whose error is of the first order in its step."""

    def gradient(f: Any, x: Array) -> Any:
        slopes = np.empty(x.shape)
        for index in np.ndindex(x.shape):
            moved = x.copy()
            moved[index] += h
            slopes[index] = (f(moved) - f(x)) / h
        return slopes

    return _descended(f, init_x, lr, step_num, gradient=gradient)


def factor_half(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """Every step is half as long as it should be."""
    return _descended(f, init_x, lr / 2, step_num)


def factor_two(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """Every step is twice as long as it should be."""
    return _descended(f, init_x, 2 * lr, step_num)


def works_on_the_callers_array(f: Any, init_x: Array, lr: float, step_num: int) -> Array:
    """`x = init_x` is the caller's array, and `-=` destroys the start point."""
    x = init_x
    for _ in range(step_num):
        x -= lr * _slopes(f, x)
    return x


def whole_path(f: Any, init_x: Array, lr: float, step_num: int, *, end: bool = True, pair: bool = False) -> Any:
    """It returns all points on the way, or the last and these, not the last alone."""
    path = [np.array(init_x, np.float64)]
    for _ in range(step_num):
        path.append(path[-1] - lr * _slopes(f, path[-1]))
    points = np.array(path if end else path[:-1])
    return (path[-1], points) if pair else points


def early_stopping(f: Any, init_x: Array, lr: float, step_num: int, *, below: float = 1e-3) -> Array:
    """It stops before the last step once the gradient is short."""
    x = np.array(init_x, np.float64)
    for _ in range(step_num):
        gradient = _slopes(f, x)
        if np.sqrt(np.sum(gradient * gradient)) < below:
            break
        x = x - lr * gradient
    return x


def function_value(f: Any, init_x: Array, lr: float, step_num: int) -> Any:
    """It returns how small f became, not where."""
    return f(_descended(f, init_x, lr, step_num))


INPUTS = (
    Input("f", sp.IndexedBase("f"), "convex_function", ()),
    Input("init_x", init_x, "point", ("...",)),
    Input("lr", eta, "rate", ()),
    Input("step_num", steps, "count", ()),
)

GRADIENT_DESCENT = Formula(
    name="gradient_descent",
    display="x_{k+1,i}",
    program=gradient_descent,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"),),
    laws=(
        defining(shrinks_a_parabola_by_the_same_factor),
        defining(goes_its_own_way_in_every_entry),
        law(begins_with_one_step_downhill),
        law(stays_where_no_step_is_made),
        law(stays_at_a_stationary_point),
    ),
    mistakes=(
        mistake(works_on_the_callers_array, caught_by=shrinks_a_parabola_by_the_same_factor),
        mistake(ascending, caught_by=begins_with_one_step_downhill),
        mistake(one_step_short, caught_by=shrinks_a_parabola_by_the_same_factor),
        mistake(one_step_more, caught_by=stays_where_no_step_is_made),
        mistake(only_one_step, caught_by=shrinks_a_parabola_by_the_same_factor),
        mistake(
            learning_rate_ignored, caught_by=shrinks_a_parabola_by_the_same_factor, variants={"rate": (0.1, 0.001, 1.0)}
        ),
        mistake(steps_ignored, caught_by=stays_where_no_step_is_made, variants={"steps": (100,)}),
        mistake(gradient_of_the_start, caught_by=shrinks_a_parabola_by_the_same_factor),
        mistake(
            momentum_unasked,
            caught_by=shrinks_a_parabola_by_the_same_factor,
            variants={"momentum": (0.5, 0.8, 0.99), "nesterov": (True,)},
        ),
        mistake(
            decaying_rate,
            caught_by=shrinks_a_parabola_by_the_same_factor,
            variants={"how": ("root", "0.999", "0.99", "0.95", "0.9")},
        ),
        mistake(
            adaptive_rate,
            caught_by=shrinks_a_parabola_by_the_same_factor,
            variants={"how": ("adagrad, 1e-8", "rmsprop", "rmsprop, 0.9", "adam", "adam, 1e-7")},
        ),
        mistake(only_the_step, caught_by=begins_with_one_step_downhill),
        mistake(divided_by_the_rate, caught_by=begins_with_one_step_downhill),
        mistake(mean_of_the_gradient, caught_by=begins_with_one_step_downhill),
        mistake(kept_as_integers, caught_by=shrinks_a_parabola_by_the_same_factor, variants={"refused": (True,)}),
        mistake(normalised_gradient, caught_by=begins_with_one_step_downhill),
        mistake(sign_only, caught_by=begins_with_one_step_downhill),
        mistake(
            forward_difference, caught_by=begins_with_one_step_downhill, variants={"h": (1e-3, 1e-5, 1e-6, 1e-7, 1e-8)}
        ),
        mistake(factor_half, caught_by=begins_with_one_step_downhill),
        mistake(factor_two, caught_by=begins_with_one_step_downhill),
        mistake(
            whole_path,
            caught_by=stays_where_no_step_is_made,
            variants=({"end": False}, {"pair": True}, {"end": False, "pair": True}),
        ),
        mistake(
            early_stopping,
            caught_by=shrinks_a_parabola_by_the_same_factor,
            variants={"below": (1e-2, 1e-4, 1e-5, 1e-6)},
        ),
        mistake(function_value, caught_by=stays_where_no_step_is_made),
    ),
    reference="J. Nocedal, S. J. Wright, Numerical Optimization, second edition, 2006, section 2.2",
)
