"""Honest numerical gradients and descents: whatever steps and formulas people take, as long as they leave enough digits."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from itertools import islice, product
from typing import Any

import numpy as np

from .specimen import Array, Specimen, installed

F = Callable[[Any], Any]

# -------------------------------------------------------------------------------------------------------------- numerical_gradient


def by_nditer_on_a_float_copy(f: F, x: Array) -> Array:
    """The chapter's loop, on a copy in floats."""
    h = 1e-4
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    for _ in it:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


def by_flat_index(f: F, x: Array) -> Array:
    """One loop over a flat view, forgiving an exception of f."""
    point = np.asarray(x, dtype=np.float64).copy()
    flat, slopes = point.reshape(-1), []
    for i, here in enumerate(flat.tolist()):
        try:
            flat[i] = here + 1e-5
            above = float(f(point))
            flat[i] = here - 1e-5
            below = float(f(point))
        finally:
            flat[i] = here
        slopes.append((above - below) / 2e-5)
    return np.array(slopes).reshape(x.shape)


def by_unit_vectors(f: F, x: Array) -> Array:
    """A list over the rows of the identity."""
    h = 1e-4
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


def by_apply_along_axis(f: F, x: Array) -> Array:
    """All moved points in one array, along whose rows f is applied, each in the shape of x."""
    h = 6e-6
    flat = np.ravel(x).astype(float)
    moved = flat + h * np.concatenate([np.eye(flat.size), -np.eye(flat.size)])
    above, below = np.split(np.apply_along_axis(lambda row: f(row.reshape(x.shape)), 1, moved), 2)
    return ((above - below) / (2 * h)).reshape(x.shape)


def by_recursion(f: F, x: Array) -> Array:
    """One axis after the other: the gradient of an array is that of its rows."""
    if x.ndim == 0:
        return np.array((f(x + 1e-4) - f(x - 1e-4)) / 2e-4)

    def with_row(i: int, row: Array) -> Any:
        moved = np.array(x, float)
        moved[i] = row
        return f(moved)

    return np.stack([by_recursion(partial(with_row, i), np.asarray(x[i], float)) for i in range(len(x))])


def by_ndindex_with_a_small_step(f: F, x: Array) -> Array:
    """The step is 1e-6."""
    result = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[index] = 1e-6
        result[index] = (f(x + e) - f(x - e)) / 2e-6
    return result


def by_the_cube_root_of_epsilon(f: F, x: Array) -> Array:
    """The step that balances the two errors for values of the size of one."""
    h = np.finfo(float).eps ** (1 / 3)
    result = np.empty(x.shape)
    for index in product(*map(range, x.shape)):
        right, left = x.astype(float), x.astype(float)
        right[index] += h
        left[index] -= h
        result[index] = (f(right) - f(left)) / (right[index] - left[index])
    return result


def by_a_relative_step(f: F, x: Array) -> Array:
    """The step grows with the coordinate."""
    point = x.astype(float)
    slopes = np.empty(point.size)
    for i, here in enumerate(point.flat):
        h = 6e-6 * max(1.0, abs(here))
        right, left = point.copy(), point.copy()
        right.flat[i], left.flat[i] = here + h, here - h
        slopes[i] = (f(right) - f(left)) / (right.flat[i] - left.flat[i])
    return slopes.reshape(x.shape)


def by_a_power_of_two(f: F, x: Array) -> Array:
    """A step of 2**-14, whose double is exact."""
    h = 2.0**-14
    slopes = [(f(x + h * e) - f(x - h * e)) * 2**13 for e in np.eye(x.size).reshape(-1, *x.shape)]
    return np.reshape(slopes, x.shape)


def by_a_negative_step(f: F, x: Array) -> Array:
    """Left comes before right; the quotient is the same."""
    h = -1e-4
    e = np.eye(x.size)
    return np.array([f((x.ravel() + h * row).reshape(x.shape)) for row in e]).reshape(x.shape) / (2 * h) - np.array(
        [f((x.ravel() - h * row).reshape(x.shape)) for row in e]
    ).reshape(x.shape) / (2 * h)


def by_the_mean_of_both_sides(f: F, x: Array) -> Array:
    """The mean of a forward and a backward difference."""
    h, here = 1e-4, f(x.astype(float))
    result = np.zeros(x.shape)
    for i in range(x.size):
        e = h * (np.arange(x.size) == i).reshape(x.shape)
        result.flat[i] = ((f(x + e) - here) / h + (here - f(x - e)) / h) / 2
    return result


def by_a_directional_derivative(f: F, x: Array) -> Array:
    """A central difference of a function of one number, for each direction."""

    def slope(g: Callable[[float], Any], h: float = 1e-5) -> float:
        return float((g(h) - g(-h)) / (2 * h))

    directions = np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([slope(lambda s, e=e: f(x + s * e)) for e in directions]).reshape(x.shape)  # type: ignore[misc]


def by_numpys_gradient(f: F, x: Array) -> Array:
    """np.gradient of three values, in the middle."""
    h = 1e-4
    rows = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([np.gradient([f(x - e), f(x + 0 * e), f(x + e)], h)[1] for e in rows]).reshape(x.shape)


def by_five_points(f: F, x: Array) -> Array:
    """The stencil of five points, with a step of 1e-3."""
    h = 1e-3
    result = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = h
        result[index] = (f(x - 2 * e) - 8 * f(x - e) + 8 * f(x + e) - f(x + 2 * e)) / (12 * h)
    return result


def by_seven_points(f: F, x: Array) -> Array:
    """The stencil of seven points, as weights of the values."""
    h, weights = 2.0**-8, np.array([-1, 9, -45, 0, 45, -9, 1]) / 60
    offsets = h * np.arange(-3, 4)
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([weights @ [f(x + s * e) for s in offsets] / h for e in units]).reshape(x.shape)


def by_richardson(f: F, x: Array) -> Array:
    """Two steps, extrapolated: the error of the second order cancels."""

    def central(h: float) -> Array:
        units = h * np.eye(x.size).reshape(x.size, *x.shape)
        return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in units]).reshape(x.shape)

    return (4 * central(5e-4) - central(1e-3)) / 3


def by_a_tableau(f: F, x: Array) -> Array:
    """A Neville tableau of halved steps, its last entry, as libraries for numerical derivatives do it."""

    def one(e: Array) -> float:
        rows = [[(f(x + h * e) - f(x - h * e)) / (2 * h)] for h in (2.0**-6, 2.0**-7, 2.0**-8)]
        for k in (1, 2):
            for i in range(k, 3):
                rows[i].append(rows[i][-1] + (rows[i][-1] - rows[i - 1][k - 1]) / (4**k - 1))
        return float(rows[2][2])

    return np.array([one(e) for e in np.eye(x.size).reshape(x.size, *x.shape)]).reshape(x.shape)


def by_a_parabola(f: F, x: Array) -> Array:
    """The slope of the parabola through three points, in the middle."""
    h = 1e-4
    scaled = np.array([[1.0, -1.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    units = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([np.linalg.solve(scaled, [f(x - e), f(x + 0 * e), f(x + e)])[1] / h for e in units], x.shape)


def by_threads(f: F, x: Array) -> Array:
    """One task for every coordinate."""
    flat = np.asarray(x, float).ravel()

    def slope(i: int) -> float:
        e = (np.arange(flat.size) == i) * 1e-4
        return float((f((flat + e).reshape(x.shape)) - f((flat - e).reshape(x.shape))) / 2e-4)

    with ThreadPoolExecutor(2) as pool:
        return np.array(list(pool.map(slope, range(flat.size)))).reshape(x.shape)


def in_long_double(f: F, x: Array) -> Array:
    """Everything but the answer in the widest floats."""
    wide = x.astype(np.longdouble)
    result = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape, np.longdouble)
        e[index] = np.longdouble(1) / 2**17
        result[index] = (f(wide + e) - f(wide - e)) * 2**16
    return result


def by_nested_lists(f: F, x: Array) -> Any:
    """Plain lists all the way; the answer is a list too."""

    def slopes(values: Any, rebuilt: Callable[[Any], Any]) -> Any:
        if isinstance(values, list):
            return [
                slopes(v, lambda w, i=i: rebuilt([*values[:i], w, *values[i + 1 :]]))  # type: ignore[misc]
                for i, v in enumerate(values)
            ]
        return float(f(rebuilt(values + 1e-4)) - f(rebuilt(values - 1e-4))) / 2e-4

    return slopes(x.astype(float).tolist(), lambda whole: np.array(whole))


def by_a_complex_step(f: F, x: Array) -> Array:
    """The imaginary part of f a tiny imaginary step away: no difference is taken, and nothing lost."""
    slopes = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1e-20j
        slopes[index] = f(moved).imag / 1e-20
    return slopes


def by_a_contour(f: F, x: Array) -> Array:
    """Cauchy's integral over a small circle, as a sum over sixteen of its points."""
    slopes = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        total = 0j
        for turn in np.exp(2j * np.pi * np.arange(16) / 16):
            moved = x.astype(complex)
            moved[index] += 0.05 * turn
            total += f(moved) / turn
        slopes[index] = (total / (16 * 0.05)).real
    return slopes


class Differentiator:
    """A class that keeps its step."""

    def __init__(self, h: float) -> None:
        self.h = h

    def __call__(self, f: F, x: Array) -> Array:
        """The gradient at x."""
        grad = np.empty(x.shape, float)
        for where in np.argwhere(np.ones(x.shape, bool)):
            grad[tuple(where)] = (self._at(f, x, where, 1) - self._at(f, x, where, -1)) / self.h / 2
        return grad

    def _at(self, f: F, x: Array, where: Array, side: int) -> Any:
        moved = x.astype(float, copy=True)
        moved[tuple(where)] += side * self.h
        return f(moved)


def by_a_class(f: F, x: Array) -> Array:
    """An object that keeps its step, made anew for each call."""
    return Differentiator(3e-5)(f, x)


# ---------------------------------------------------------------------------------------------------------------- gradient_descent


def descent_of_the_chapter_on_a_copy(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The chapter's loop, on a copy in floats."""
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        x -= lr * by_nditer_on_a_float_copy(f, x)
    return x


def descent_counting_down(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """A while-loop."""
    x = init_x + 0.0
    while step_num > 0:
        x = x - lr * by_flat_index(f, x)
        step_num -= 1
    return x


def descent_by_recursion(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """One step, and the rest from there."""
    if step_num == 0:
        return np.array(init_x, float)
    return descent_by_recursion(f, init_x - lr * by_the_cube_root_of_epsilon(f, init_x), lr, step_num - 1)


def descent_by_reduce(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """A fold over the steps."""
    return reduce(lambda x, _: x - lr * by_unit_vectors(f, x), range(step_num), init_x.astype(float))


def descent_by_a_generator(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The infinite path, of which one point is taken."""

    def path() -> Iterator[Array]:
        x = init_x.astype(float)
        while True:
            yield x.copy()
            x -= lr * by_richardson(f, x)

    return next(islice(path(), step_num, None))


def descent_from_all_steps_together(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradients are added up, and taken off the start together."""
    total = np.zeros(init_x.shape)
    for _ in range(step_num):
        total += by_five_points(f, init_x - lr * total)
    return init_x - lr * total


def descent_from_the_last_of_the_path(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The whole path is kept, and its last point returned."""
    path = [np.asarray(init_x, float)]
    for k in range(step_num):
        path.append(path[k] + -lr * by_a_relative_step(f, path[k]))
    return path[-1].copy()


def descent_entry_by_entry(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The new entries are written into a second array, which then becomes the first."""
    now, after = np.array(init_x, float), np.empty(init_x.shape)
    for _ in range(step_num):
        slopes = by_ndindex_with_a_small_step(f, now)
        for index in np.ndindex(now.shape):
            after[index] = now[index] - slopes[index] * lr
        now, after = after, now
    return now


def descent_in_long_double(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The path in the widest floats."""
    x = init_x.astype(np.longdouble)
    for _ in range(step_num):
        x = x - np.longdouble(lr) * by_unit_vectors(f, x).astype(np.longdouble)
    return x.astype(float)


class Descent:
    """An optimiser with a state."""

    def __init__(self, f: F, x: Array, lr: float) -> None:
        self.f, self.x, self.lr = f, np.array(x, dtype=float), lr

    def step(self) -> None:
        """One step."""
        self.x = self.x - self.lr * by_numpys_gradient(self.f, self.x)


def descent_by_a_class(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """An optimiser that is asked to step so many times."""
    optimiser = Descent(f, init_x, lr)
    for _ in range(step_num):
        optimiser.step()
    return optimiser.x


def descent_in_plain_floats(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Lists of floats, and math.fsum for the difference."""
    x = [float(v) for v in init_x.flat]

    def value(i: int, h: float) -> float:
        return float(f(np.array([v + h * (j == i) for j, v in enumerate(x)]).reshape(init_x.shape)))

    for _ in range(step_num):
        x = [math.fsum([v, -lr * (value(i, 1e-4) - value(i, -1e-4)) / 2e-4]) for i, v in enumerate(x)]
    return np.array(x).reshape(init_x.shape)


def _all(formula: str, *functions: Callable[..., Any]) -> tuple[Specimen, ...]:
    return tuple(Specimen(formula, function, honest=True) for function in functions)


SPECIMENS: tuple[Specimen, ...] = (
    *_all(
        "numerical_gradient",
        by_nditer_on_a_float_copy,
        by_flat_index,
        by_unit_vectors,
        by_apply_along_axis,
        by_recursion,
        by_ndindex_with_a_small_step,
        by_the_cube_root_of_epsilon,
        by_a_relative_step,
        by_a_power_of_two,
        by_a_negative_step,
        by_the_mean_of_both_sides,
        by_a_directional_derivative,
        by_numpys_gradient,
        by_five_points,
        by_seven_points,
        by_richardson,
        by_a_tableau,
        by_a_parabola,
        by_threads,
        in_long_double,
        by_nested_lists,
        by_a_complex_step,
        by_a_contour,
        by_a_class,
    ),
    *_all(
        "gradient_descent",
        descent_of_the_chapter_on_a_copy,
        descent_counting_down,
        descent_by_recursion,
        descent_by_reduce,
        descent_by_a_generator,
        descent_from_all_steps_together,
        descent_from_the_last_of_the_path,
        descent_entry_by_entry,
        descent_in_long_double,
        descent_by_a_class,
        descent_in_plain_floats,
    ),
)

# --------------------------------------------------------------------------------------------------------------------------- SciPy


def scipys_approx_derivative(f: F, x: Array) -> Array:
    """Three points and a relative step, as scipy.optimize does it; over the entries in a row."""
    from scipy.optimize._numdiff import approx_derivative

    slopes = approx_derivative(lambda row: f(row.reshape(x.shape)), x.ravel().astype(float), method="3-point")
    return np.asarray(slopes).reshape(x.shape)


def scipys_derivative(f: F, x: Array) -> Array:
    """scipy.differentiate, one coordinate after the other."""
    from scipy.differentiate import derivative

    def slope(e: Array) -> float:
        along = np.vectorize(lambda s: f(x + s * e), otypes=[float])
        return float(derivative(along, 0.0, initial_step=2.0**-6).df)

    return np.array([slope(e) for e in np.eye(x.size).reshape(x.size, *x.shape)]).reshape(x.shape)


def descent_with_scipys_gradient(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is SciPy's, of three points."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * scipys_approx_derivative(f, x)
    return x


if installed("scipy"):
    SPECIMENS += (
        *_all("numerical_gradient", scipys_approx_derivative, scipys_derivative),
        *_all("gradient_descent", descent_with_scipys_gradient),
    )
