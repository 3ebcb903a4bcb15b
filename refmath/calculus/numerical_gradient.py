r"""The gradient of a function at a point, from its values alone: every coordinate is moved by a step to either side in turn.

$$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2 h}$$

**Error.** That of the central difference in each coordinate: $\frac{h^2}{6} \partial_i^3 f$, and rounding of about $\varepsilon |f(x)| / |h|$.

**Conventions.** The gradient points where f *rises* fastest. It has the shape of x, whatever that is; $e_i$ is the array of that shape with a one at
entry i. Everything is computed in float64, or in the dtype of x if that is wider: a step of 1e-4 would vanish in integers, and leave two to four digits in
float32. For every evaluation f is given an array of its own, so that neither what f does with it nor an exception can change x.

**Infinities.** The values of f are taken as they come: ∞ on one side gives ±∞, ∞ on both or nan gives nan. There is no warning from here.

**Reference.** J. Nocedal, S. J. Wright, *Numerical Optimization*, second edition, 2006, equation (8.7).
"""

from __future__ import annotations

import functools
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.calculus.central_difference import neighbours, secant
from refmath.calculus.functions import CUBES, SQUARED_SUM, SQUARES, function
from refmath.spec import Claims, Equal, Formula, Input, defining, law, mistake
from refmath.symbols import N, i

f, x, h = sp.Function("f"), sp.IndexedBase("x", shape=(N,), real=True), sp.Symbol("h", positive=True)
e = sp.IndexedBase("e", shape=(N,))
definition = (f(sp.Symbol("x") + h * e[i]) - f(sp.Symbol("x") - h * e[i])) / (2 * h)

Workers = int | Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

#: As many shares at most are handed out to a `map`: some for each of a few machines, so that none waits long for the last.
SHARES = 64


def numerical_gradient(f: Callable[[Array], Any], x: Any, *, h: float = 1e-4, workers: Workers = 1) -> Array:
    """All partial derivatives of f at x by central differences: two evaluations of f for each entry of x.

    Args:
        f: A function of an array of the shape of x that returns a real number, or an array that holds one.
        x: Where to take the gradient, an array of any shape; 0-d too.
        h: The step, not zero.
        workers: How many processes share the evaluations (-1: one for each processor), or a function that is called as `map` is,
            `workers(function, iterable)`: the `map` of an executor of `concurrent.futures`, or of a Dask cluster's
            `Client(...).get_executor()`. f must be picklable for any but threads, and a script needs its `if __name__ == "__main__":`.
            The result is the same to the last bit.

    Returns:
        The gradient, an array of the shape of x, in float64 (longdouble if x is that).

    Raises:
        TypeError: If f cannot be called, cannot be pickled and has to be, or does not return a real number; if x holds no real numbers, h is none,
            or workers is neither a whole number nor a function.
        ValueError: If x is empty or not finite, h is zero or not finite, or so small beside an entry of x, or so large, that x ± h cannot be told
            from x, or is beyond the dtype; if f returns an array of another size than 1. What f itself raises is passed on unchanged.

    Examples:
        >>> import numpy as np
        >>> numerical_gradient(lambda x: np.sum(x**2), [3, 4], h=0.5)
        array([6., 8.])
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> with ThreadPoolExecutor() as executor:
        ...     numerical_gradient(lambda x: np.sum(x**2), np.eye(2), h=0.5, workers=executor.map)
        array([[2., 0.],
               [0., 2.]])
    """
    task = functools.partial(slopes, arguments.function("f", f), arguments.point("x", x), arguments.step("h", h))
    _, point, step = task.args
    neighbours("x", point, step)  # refuses a step that is lost before anything is evaluated
    gradient = np.empty(point.size, point.dtype)
    filled = 0
    for entries, values in mapped(task, point.size, workers):
        gradient[entries.start : entries.stop] = values
        filled += len(entries)
    if filled != point.size:
        raise ValueError(f"workers must return a result for every task; got those of {filled} of {point.size} entries")
    return gradient.reshape(point.shape)


def slopes(f: Callable[[Array], Any], x: Array, h: float, entries: range) -> tuple[range, Array]:
    """The partial derivatives in some entries of x, counted row by row; this is what a worker is given to do."""
    right, left = (each.reshape(-1) for each in neighbours("x", x, h))

    def value(entry: int, moved: Any) -> Any:
        #| $x \pm h e_i$, in an array of its own: f may write into it or keep it.
        point = x.copy()
        point.reshape(-1)[entry] = moved
        return arguments.returned("f", f(point), x.dtype)

    pairs = [(value(i, right[i]), value(i, left[i])) for i in entries]
    above, below = np.array(pairs).T
    distance = right[entries.start : entries.stop] - left[entries.start : entries.stop]
    #| $\left(f(x + h e_i) - f(x - h e_i)\right) / 2h$, for all entries of the share
    return entries, secant(above, below, distance)


def mapped(task: functools.partial[Any], size: int, workers: Workers) -> Iterable[tuple[range, Array]]:
    """The task done for all entries, in shares: here, by processes, or by a `map`."""
    if callable(workers):
        return results(workers(task, shares(size, SHARES)))
    count = arguments.whole("workers", workers, at_least=-1)
    if count == 0:
        raise ValueError("workers must be at least 1, or -1 for one process for each processor; got 0")
    count = min(count if count > 0 else processors(), size)
    return [task(range(size))] if count == 1 else in_processes(task, shares(size, min(4 * count, size)), count)


def results(given: Any) -> Iterator[tuple[range, Array]]:
    """What a `map` handed back, if it is that."""
    for each in given if isinstance(given, Iterable) else [given]:
        if not (isinstance(each, tuple) and len(each) == 2):
            raise TypeError(f"workers must return the results of the function, as map does; got {type(each).__name__}")
        yield each


def shares(size: int, most: int) -> list[range]:
    """The entries 0 .. size − 1 in at most so many ranges of nearly equal length."""
    count = min(size, most)
    return [range(size * i // count, size * (i + 1) // count) for i in range(count)]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(task: functools.partial[Any], ranges: list[range], count: int) -> list[tuple[range, Array]]:
    """The task done for each range by a pool of processes."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    refuse_unpicklable(task.args[0])
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return list(pool.map(task, ranges))
        except BrokenProcessPool as error:
            raise RuntimeError(
                "a process of the workers ended early: f ended it, or its module cannot be imported there (an interactive "
                'session\'s cannot, and a script needs `if __name__ == "__main__":`)'
            ) from error


def refuse_unpicklable(f: Any) -> None:
    """Refuses a function that cannot be sent to another process."""
    try:
        pickle.dumps(f)
    except Exception as error:
        raise TypeError(
            f"f must be picklable for workers other than 1; got {f!r}, which is not ({error}): define it at the top level of a module, "
            "or give the map of a thread pool"
        ) from error


# ---- laws, which hold up to what a step of 1e-4 leaves of a third derivative


def is_two_c_x_on_squares(gradient: Any, f: Any, x: Any) -> Claims:
    """The gradient of a weighted sum of squares is twice the weights times x: it points to where f rises."""
    weights = np.arange(1, np.size(x) + 1).reshape(np.shape(x))
    yield Equal(gradient(function(SQUARES, *map(float, weights.flat), shape=np.shape(x)), x), 2 * weights * x)


def is_three_x_squared_on_cubes(gradient: Any, f: Any, x: Any) -> Claims:
    """The gradient of a sum of cubes is three times the squares."""
    yield Equal(gradient(function(CUBES, *([1.0] * np.size(x)), shape=np.shape(x)), x), 3 * x * x)


def is_twice_the_sum_on_a_squared_sum(gradient: Any, f: Any, x: Any) -> Claims:
    """Every entry of the gradient of a squared sum is twice the sum: the other coordinates stay where they are."""
    yield Equal(gradient(function(SQUARED_SUM, *([1.0] * np.size(x)), shape=np.shape(x)), x), 2 * np.sum(x) + 0 * x)


def is_linear_in_f(gradient: Any, f: Any, x: Any) -> Claims:
    """The gradient of a sum is the sum of the gradients, and a factor of f is one of the gradient."""
    squares = function(SQUARES, *([1.0] * np.size(x)), shape=np.shape(x))
    yield Equal(gradient(2.0 * f + 3.0 * squares, x), 2 * gradient(f, x) + 3 * gradient(squares, x))


def changes_sign_with_f(gradient: Any, f: Any, x: Any) -> Claims:
    """Where f rises, −f falls."""
    yield Equal(gradient(-1.0 * f, x), -1 * gradient(f, x))


def is_zero_for_a_constant(gradient: Any, f: Any, x: Any) -> Claims:
    """What does not change has the gradient zero."""
    yield Equal(gradient(0.0 * function(SQUARES, *([1.0] * np.size(x)), shape=np.shape(x)), x), 0 * x)


# ---- mistakes


def _moved(x: Array, entry: int, by: Any, dtype: Any = np.float64) -> Array:
    moved = np.array(x, dtype)
    moved.flat[entry] += by
    return moved


def _quotients(x: Array, quotient: Callable[[int], Any]) -> Array:
    return np.array([quotient(entry) for entry in range(np.size(x))], np.float64).reshape(np.shape(x))


def forward_difference(f: Any, x: Array, *, h: float = 1e-4) -> Array:
    """(f(x + h) − f(x)) / h instead of the symmetric quotient: its error is of the first order in h."""
    here = f(np.array(x, np.float64))
    return _quotients(x, lambda entry: (f(_moved(x, entry, h)) - here) / h)


def backward_difference(f: Any, x: Array, *, h: float = 1e-4) -> Array:
    """(f(x) − f(x − h)) / h instead of the symmetric quotient: its error is of the first order in h."""
    here = f(np.array(x, np.float64))
    return _quotients(x, lambda entry: (here - f(_moved(x, entry, -h))) / h)


def missing_two(f: Any, x: Array, *, h: float = 1e-4) -> Array:
    """Divided by h instead of 2h: twice the gradient."""
    return _quotients(x, lambda entry: (f(_moved(x, entry, h)) - f(_moved(x, entry, -h))) / h)


def not_divided(f: Any, x: Array) -> Array:
    """The difference of the values is not divided by 2h."""
    return _quotients(x, lambda entry: f(_moved(x, entry, 1e-4)) - f(_moved(x, entry, -1e-4)))


def missing_brackets(f: Any, x: Array, *, first: bool = False) -> Array:
    """`(f1 - f2) / 2 * h` or `f1 - f2 / (2 * h)` instead of `(f1 - f2) / (2 * h)`."""
    h = 1e-4

    def quotient(entry: int) -> Any:
        f1, f2 = f(_moved(x, entry, h)), f(_moved(x, entry, -h))
        return f1 - f2 / (2 * h) if first else (f1 - f2) / 2 * h

    return _quotients(x, quotient)


def one_side_over_two_steps(f: Any, x: Array, *, h: float = 1e-4) -> Array:
    """(f(x + h) − f(x)) / 2h: a difference over one step is divided by two, half of the gradient."""
    return 0.5 * forward_difference(f, x, h=h)


def not_moved(f: Any, x: Array, *, always: bool = True) -> Array:
    """The steps are made in a copy, or in the same array for both sides, and f is never given the moved point: the gradient is zero.

    `flatten` copies always, `reshape(-1)` and `ravel` copy an array whose columns lie one after the other in memory.
    """
    point = np.array(x, np.float64)
    flat = point.flatten() if always else point.reshape(-1)
    gradient = np.zeros(point.size)
    for entry in range(point.size):
        before = flat[entry]
        flat[entry] = before + 1e-4
        right = f(point)
        flat[entry] = before - 1e-4
        gradient[entry] = (right - f(point)) / 2e-4
        flat[entry] = before
    return gradient.reshape(point.shape)


def row_by_row(f: Any, x: Array, *, floats: bool = True) -> Array:
    """f is given the rows of a matrix one after the other, instead of the matrix: only a sum over the rows has such a gradient."""
    rows = np.array(x, np.float64 if floats else None)
    if rows.ndim == 1:
        return numerical_gradient(f, rows) if floats else truncated_to_integers(f, rows)
    return np.stack([row_by_row(f, row, floats=floats) for row in rows])


def steps_in_float32(f: Any, x: Array, *, h: float = 1e-4) -> Array:
    """The moved points are rounded to float32: the step is coarse there, and the difference of the values lost in their rounding."""
    point = np.array(x, np.float32)
    return _quotients(
        x, lambda entry: (f(_moved(point, entry, h, np.float32)) - f(_moved(point, entry, -h, np.float32))) / (2 * h)
    )


def opposite_sign(f: Any, x: Array) -> Array:
    """The sides are exchanged: it points to where f falls."""
    return _quotients(x, lambda entry: (f(_moved(x, entry, -1e-4)) - f(_moved(x, entry, 1e-4))) / 2e-4)


def step_too_small(f: Any, x: Array, *, h: float = 1e-10) -> Array:
    """The step is so small that the difference of the values is lost in their rounding."""
    return _quotients(x, lambda entry: (f(_moved(x, entry, h)) - f(_moved(x, entry, -h))) / (2 * h))


def step_too_large(f: Any, x: Array, *, h: float = 1e-2) -> Array:
    """The step is so large that the curvature of f counts."""
    return _quotients(x, lambda entry: (f(_moved(x, entry, h)) - f(_moved(x, entry, -h))) / (2 * h))


def not_restored(f: Any, x: Array, *, at: float = -1.0) -> Array:
    """A coordinate stays where it was moved, so that the next ones are taken at another point."""
    point, h = np.array(x, np.float64), 1e-4

    def quotient(entry: int) -> Any:
        before = point.flat[entry]
        values = []
        for side in (1, -1):
            point.flat[entry] = before + side * h
            values.append(f(point.copy()))
        point.flat[entry] = before + at * h
        return (values[0] - values[1]) / (2 * h)

    return _quotients(x, quotient)


def all_at_once(f: Any, x: Array, *, h: float = 1e-4, shape: bool = True) -> Any:
    """All coordinates are moved together: every entry is the slope along the diagonal, or that slope is all there is."""
    point = np.array(x, np.float64)
    slope = (f(point + h) - f(point - h)) / (2 * h)
    return np.full(np.shape(x), slope) if shape else slope


def truncated_to_integers(f: Any, x: Array) -> Array:
    """The moved coordinates and the gradient have the dtype of x: for integers, x + h is x and x − h one less."""
    x = np.array(x)
    gradient = np.zeros_like(x)
    for entry in range(x.size):
        before = x.flat[entry]
        x.flat[entry] = before + 1e-4
        right = f(x)
        x.flat[entry] = before - 1e-4
        left = f(x)
        x.flat[entry] = before
        gradient.flat[entry] = (right - left) / 2e-4
    return gradient


def one_index_only(f: Any, x: Array) -> Array:
    """Runs over the first axis with a single index: on a matrix, whole rows are moved."""
    point = np.array(x, np.float64)
    gradient = np.zeros(point.shape)
    for row in range(point.shape[0]):
        step = np.zeros(point.shape)
        step[row] = 1e-4
        gradient[row] = (f(point + step) - f(point - step)) / 2e-4
    return gradient


def index_out_of_bounds(f: Any, x: Array) -> Array:
    """Runs over x.size with a single index, which a matrix does not have."""
    point = np.array(x, np.float64)
    gradient = np.zeros(point.shape)
    for entry in range(point.size):
        before = point[entry].copy()
        point[entry] = before + 1e-4
        right = f(point)
        point[entry] = before - 1e-4
        gradient[entry] = (right - f(point)) / 2e-4
        point[entry] = before
    return gradient


def flattened(f: Any, x: Array) -> Array:
    """The gradient comes back in a row, not in the shape of x."""
    return np.ravel(numerical_gradient(f, x))


INPUTS = (Input("f", sp.IndexedBase("f"), "function", ()), Input("x", x, "point", ("...",)))

NUMERICAL_GRADIENT = Formula(
    name="numerical_gradient",
    display=r"\frac{\partial f}{\partial x_i} \approx",
    program=numerical_gradient,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"),),
    laws=(
        defining(is_two_c_x_on_squares),
        defining(is_three_x_squared_on_cubes),
        defining(is_twice_the_sum_on_a_squared_sum),
        defining(is_linear_in_f),
        law(changes_sign_with_f),
        law(is_zero_for_a_constant),
    ),
    mistakes=(
        mistake(
            forward_difference,
            caught_by=is_two_c_x_on_squares,
            variants={"h": (1e-2, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 2.0**-26)},
        ),
        mistake(
            backward_difference,
            caught_by=is_two_c_x_on_squares,
            variants={"h": (1e-2, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 2.0**-26)},
        ),
        mistake(missing_two, caught_by=is_two_c_x_on_squares),
        mistake(one_side_over_two_steps, caught_by=is_two_c_x_on_squares, variants={"h": (1e-5, 1e-6)}),
        mistake(not_divided, caught_by=is_two_c_x_on_squares),
        mistake(missing_brackets, caught_by=is_two_c_x_on_squares, variants={"first": (True,)}),
        mistake(opposite_sign, caught_by=is_two_c_x_on_squares),
        mistake(
            step_too_small,
            caught_by=is_two_c_x_on_squares,
            variants={"h": (1e-8, 1e-9, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15, 1e-16, 2.0**-52, 1e-20, 1e-50)},
        ),
        mistake(step_too_large, caught_by=is_three_x_squared_on_cubes, variants={"h": (0.1, 1e-3, 5e-4, 0.5)}),
        mistake(not_restored, caught_by=is_twice_the_sum_on_a_squared_sum, variants={"at": (1.0,)}),
        mistake(
            all_at_once,
            caught_by=is_two_c_x_on_squares,
            variants=({"h": 1e-5}, {"h": 1e-6}, {"shape": False}, {"shape": False, "h": 1e-5}),
        ),
        mistake(truncated_to_integers, caught_by=is_two_c_x_on_squares),
        mistake(not_moved, caught_by=is_two_c_x_on_squares, variants={"always": (False,)}),
        mistake(steps_in_float32, caught_by=is_two_c_x_on_squares, variants={"h": (1e-3, 1e-5)}),
        mistake(one_index_only, caught_by=is_two_c_x_on_squares),
        mistake(row_by_row, caught_by=is_two_c_x_on_squares, variants={"floats": (False,)}),
        mistake(index_out_of_bounds, caught_by=is_two_c_x_on_squares),
        mistake(flattened, caught_by=is_two_c_x_on_squares),
    ),
)
