"""Faulty numerical gradients and descents, each wrong in one way."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from collections.abc import Callable
from typing import Any

import numpy as np

from .honest_descents import by_unit_vectors
from .specimen import Array, Specimen, faulty, installed

F = Callable[[Any], Any]

# -------------------------------------------------------------------------------------------------------------- numerical_gradient


def _units(x: Array, h: float) -> Array:
    return h * np.eye(x.size).reshape(x.size, *x.shape)


def forwards(f: F, x: Array) -> Array:
    """The forward difference."""
    here = f(x + 0.0)
    return np.array([(f(x + e) - here) / 1e-4 for e in _units(x, 1e-4)]).reshape(x.shape)


def forwards_with_a_small_step(f: F, x: Array) -> Array:
    """The forward difference with the step that is best for it, 1.5e-8: half of the digits are lost."""
    h = np.sqrt(np.finfo(float).eps)
    grad = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(float)
        moved[index] += h
        grad[index] = (f(moved) - f(x.astype(float))) / h
    return grad


def forwards_by_a_millionth(f: F, x: Array) -> Array:
    """The forward difference with a step of 1e-6."""
    here = f(np.array(x, float))
    slopes = []
    for i in range(x.size):
        moved = np.ravel(x).astype(float)
        moved[i] += 1e-6
        slopes.append((f(moved.reshape(x.shape)) - here) / 1e-6)
    return np.reshape(slopes, x.shape)


def backwards(f: F, x: Array) -> Array:
    """The backward difference."""
    here = f(x.astype(float))
    return np.array([(here - f(x - e)) / 1e-5 for e in _units(x, 1e-5)]).reshape(x.shape)


def over_one_step(f: F, x: Array) -> Array:
    """Divided by h and not by 2 h."""
    h = 1e-4
    grad = np.zeros(x.shape)
    it = np.nditer(grad, flags=["multi_index"], op_flags=[["readwrite"]])  # type: ignore[list-item]
    for entry in it:
        e = np.zeros(x.shape)
        e[it.multi_index] = h
        entry[...] = (f(x + e) - f(x - e)) / h  # type: ignore[index]
    return grad


def over_two_steps_times_h(f: F, x: Array) -> Array:
    """A missing bracket: (f - f) / 2 * h."""
    h = 1e-4
    return np.reshape([(f(x + e) - f(x - e)) / 2 * h for e in _units(x, h)], x.shape)


def over_four_steps(f: F, x: Array) -> Array:
    """Half of the gradient."""
    return np.reshape([(f(x + e) - f(x - e)) / 4e-5 for e in _units(x, 1e-5)], x.shape)


def undivided(f: F, x: Array) -> Array:
    """The differences themselves."""
    return np.reshape([f(x + e) - f(x - e) for e in _units(x, 1e-4)], x.shape)


def downhill(f: F, x: Array) -> Array:
    """Left minus right."""
    return np.reshape([(f(x - e) - f(x + e)) / 2e-5 for e in _units(x, 1e-5)], x.shape)


def with_the_books_bad_step(f: F, x: Array) -> Array:
    """10e-50, which the book warns of: everything is zero."""
    h = 10e-50
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        right, left = np.array(x, float), np.array(x, float)
        right[index], left[index] = x[index] + h, x[index] - h
        grad[index] = (f(right) - f(left)) / (2 * h)
    return grad


def with_a_step_of_a_trillionth(f: F, x: Array) -> Array:
    """A step of 1e-12."""
    return np.reshape([(f(x + e) - f(x - e)) / 2e-12 for e in _units(x, 1e-12)], x.shape)


def with_the_machine_epsilon(f: F, x: Array) -> Array:
    """The step is the unit of floating-point numbers."""
    h = np.finfo(float).eps
    return np.reshape([(f(x + e) - f(x - e)) / (2 * h) for e in _units(x, h)], x.shape)


def with_a_step_of_a_hundredth(f: F, x: Array) -> Array:
    """A step of 1e-2."""
    return np.reshape([(f(x + e) - f(x - e)) / 2e-2 for e in _units(x, 1e-2)], x.shape)


def with_a_step_of_a_thousandth(f: F, x: Array) -> Array:
    """A step of 1e-3, from both sides."""
    grad = np.empty(x.size)
    for i in range(x.size):
        right = np.array(x, float)
        left = right.copy()
        right.flat[i] += 1e-3
        left.flat[i] -= 1e-3
        grad[i] = (f(right) - f(left)) / 0.002
    return grad.reshape(x.shape)


def staying_on_the_left(f: F, x: Array) -> Array:
    """The chapter's loop without its last line: every entry stays a step to the left."""
    h = 1e-4
    x = x.astype(float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h
        right = f(x)
        x[index] = value - h
        grad[index] = (right - f(x)) / (2 * h)
    return grad


def staying_on_the_right(f: F, x: Array) -> Array:
    """The right side is taken last, and kept."""
    x = np.array(x, float)
    flat, slopes = x.reshape(-1), np.empty(x.size)
    for i in range(x.size):
        flat[i] -= 1e-4
        below = f(x)
        flat[i] += 2e-4
        slopes[i] = (f(x) - below) / 2e-4
    return slopes.reshape(x.shape)


def along_the_diagonal(f: F, x: Array) -> Array:
    """x + h moves all entries at once."""
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h) * np.ones(x.shape)


def along_the_diagonal_as_a_number(f: F, x: Array) -> Any:
    """x + h moves all entries at once, and one number comes back."""
    h = 1e-4
    return (f(x + h) - f(x - h)) / (2 * h)


def of_the_chapter(f: F, x: Array) -> Array:
    """The chapter's own: it works on the caller's array, and with integers h is lost in it."""
    h = 1e-4
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=[["readwrite"]])  # type: ignore[list-item]
    while not it.finished:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        it.iternext()
    return grad


def into_an_array_like_x(f: F, x: Array) -> Array:
    """The moved points are floats, but the gradient is stored as what x is: for integers, rounded."""
    grad = np.zeros_like(x)
    for i, e in enumerate(_units(x, 1e-4)):
        grad.flat[i] = (f(x + e) - f(x - e)) / 2e-4
    return grad


def of_the_first_book_loop(f: F, x: Array) -> Array:
    """The book's first version, for vectors: a single index runs over x.size."""
    h = 1e-4
    x = x.astype(float)
    grad = np.zeros_like(x)
    for idx in range(x.size):
        tmp_val = x[idx].copy()
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


def row_by_row(f: F, x: Array) -> Array:
    """enumerate(x) gives the rows of a matrix, which are moved as a whole."""
    grad = np.zeros(x.shape)
    for i, row in enumerate(x):
        right, left = x.astype(float), x.astype(float)
        right[i], left[i] = row + 1e-4, row - 1e-4
        grad[i] = (f(right) - f(left)) / 2e-4
    return grad


def in_a_row(f: F, x: Array) -> Array:
    """The gradient is not given the shape of x."""
    return np.array([(f(x + e) - f(x - e)) / 2e-4 for e in _units(x, 1e-4)])


def transposed(f: F, x: Array) -> Array:
    """Filled column by column, though the entries run row by row."""
    slopes = [(f(x + e) - f(x - e)) / 2e-4 for e in _units(x, 1e-4)]
    return np.reshape(slopes, x.shape, order="F")


def moving_the_callers_array(f: F, x: Array) -> Array:
    """Steps up and down again in the caller's array, which rounds: a digit of it may be lost."""
    grad = np.zeros(x.shape)
    flat = x.reshape(-1) if x.flags.c_contiguous else x.T.reshape(-1)
    for i in range(x.size):
        flat[i] += 1e-4
        above = f(x)
        flat[i] -= 2e-4
        grad.flat[i] = (above - f(x)) / 2e-4
        flat[i] += 1e-4
    return grad


def in_single_precision(f: F, x: Array) -> Array:
    """The moved points are float32."""
    x = x.astype(np.float32)
    h = np.float32(1e-4)
    units = np.eye(x.size, dtype=np.float32).reshape(x.size, *x.shape)
    return np.reshape([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in units], x.shape)


def of_length_one(f: F, x: Array) -> Array:
    """Divided by its length."""
    grad = np.reshape([(f(x + e) - f(x - e)) / 2e-4 for e in _units(x, 1e-4)], x.shape)
    length = np.linalg.norm(grad)
    return grad / length if length > 0 else grad


def by_stencil_with_a_wrong_weight(f: F, x: Array) -> Array:
    """The stencil of five points with a sign exchanged."""
    h = 1e-3
    return np.reshape(
        [(f(x - 2 * e) - 8 * f(x - e) + 8 * f(x + e) + f(x + 2 * e)) / (12 * h) for e in _units(x, h)], x.shape
    )


def without_the_last_entry(f: F, x: Array) -> Array:
    """range(1, n) in disguise: the last entry is never reached."""
    grad = np.zeros(x.size)
    for i in range(x.size - 1):
        e = np.zeros(x.size)
        e[i] = 1e-4
        grad[i] = (f(x + e.reshape(x.shape)) - f(x - e.reshape(x.shape))) / 2e-4
    return grad.reshape(x.shape)


# ---------------------------------------------------------------------------------------------------------------- gradient_descent


def descent_of_the_chapter(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The chapter's own: x is init_x, and -= moves the start."""
    x = init_x
    for _ in range(step_num):
        x -= lr * by_unit_vectors(f, x)
    return x


def descent_into_the_start(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """np.subtract with out=; asarray makes no copy."""
    x = np.asarray(init_x, dtype=float)
    for _ in range(step_num):
        np.subtract(x, lr * by_unit_vectors(f, x), out=x)
    return x


def ascent(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Plus instead of minus."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x + lr * by_unit_vectors(f, x)
    return x


def descent_from_one(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """range(1, step_num): one step is missing."""
    x = init_x.astype(float)
    for _ in range(1, step_num):
        x = x - lr * by_unit_vectors(f, x)
    return x


def descent_to_the_last(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """range(step_num + 1): one step too many."""
    x = init_x.astype(float)
    for _ in range(step_num + 1):
        x = x - lr * by_unit_vectors(f, x)
    return x


def descent_returning_early(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The return stands inside the loop."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * by_unit_vectors(f, x)
        return x
    return x


def descent_at_its_own_rate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The rate is 0.1, whatever is asked for."""
    lr = 0.1
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * by_unit_vectors(f, x)
    return x


def descent_without_a_rate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is taken off as it is."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - by_unit_vectors(f, x)
    return x


def descent_of_a_hundred_steps(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Always the book's hundred steps."""
    x = init_x.astype(float)
    for _ in range(100):
        x = x - lr * by_unit_vectors(f, x)
    return x


def descent_with_the_first_gradient(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient stands before the loop."""
    x = init_x.astype(float)
    gradient = by_unit_vectors(f, x)
    for _ in range(step_num):
        x = x - lr * gradient
    return x


def descent_at_the_start(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is taken at init_x each time, not at x."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * by_unit_vectors(f, init_x)
    return x


def descent_with_momentum(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Velocity is kept, with a factor of 0.9."""
    x, v = init_x.astype(float), 0.0 * init_x
    for _ in range(step_num):
        v = 0.9 * v + by_unit_vectors(f, x)
        x = x - lr * v
    return x


def descent_with_averaged_gradients(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """A moving average of the gradients."""
    x, m = init_x.astype(float), 0.0 * init_x
    for _ in range(step_num):
        m = 0.9 * m + 0.1 * by_unit_vectors(f, x)
        x = x - lr * m
    return x


def descent_with_falling_rate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The rate is divided by the number of the step."""
    x = init_x.astype(float)
    for k in range(1, step_num + 1):
        x = x - lr / k * by_unit_vectors(f, x)
    return x


def descent_with_decay(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The rate shrinks by a hundredth after each step."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * by_unit_vectors(f, x)
        lr *= 0.99
    return x


def descent_by_direction(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Each step has the length of the rate."""
    x = init_x.astype(float)
    for _ in range(step_num):
        gradient = by_unit_vectors(f, x)
        length = np.linalg.norm(gradient)
        x = x - lr * (gradient / length if length > 0 else gradient)
    return x


def descent_by_sign(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Each entry moves by the rate."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * np.sign(by_unit_vectors(f, x))
    return x


def descent_with_forward_differences(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient is a forward difference."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * forwards(f, x)
    return x


def descent_with_twice_the_gradient(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient's 2 h lacks its 2."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * over_one_step(f, x)
    return x


def descent_with_its_path(f: F, init_x: Array, lr: float, step_num: int) -> Any:
    """The point and the path, as a pair."""
    x, path = init_x.astype(float), []
    for _ in range(step_num):
        path.append(x)
        x = x - lr * by_unit_vectors(f, x)
    return x, np.array(path)


def path_of_the_descent(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """All points, the start and the end included."""
    path = [init_x.astype(float)]
    for _ in range(step_num):
        path.append(path[-1] - lr * by_unit_vectors(f, path[-1]))
    return np.array(path)


def value_at_the_end(f: F, init_x: Array, lr: float, step_num: int) -> Any:
    """How small f became, not where."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * by_unit_vectors(f, x)
    return f(x)


def descent_stopping_where_it_is_flat(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """It stops once the gradient is shorter than a thousandth."""
    x = init_x.astype(float)
    for _ in range(step_num):
        gradient = by_unit_vectors(f, x)
        if np.linalg.norm(gradient) < 1e-3:
            break
        x = x - lr * gradient
    return x


def descent_stopping_uphill(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """It stops once the value no longer falls."""
    x = init_x.astype(float)
    for _ in range(step_num):
        after = x - lr * by_unit_vectors(f, x)
        if f(after) > f(x):
            break
        x = after
    return x


def descent_halving_its_rate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """It looks for a rate at which the value falls."""
    x = init_x.astype(float)
    for _ in range(step_num):
        gradient, rate = by_unit_vectors(f, x), lr
        while f(x - rate * gradient) > f(x) and rate > 1e-6:
            rate /= 2
        x = x - rate * gradient
    return x


def descent_among_integers(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """A copy in the start's own dtype: integers stay integers."""
    x = init_x.copy()
    for _ in range(step_num):
        x[...] = x - lr * by_unit_vectors(f, x)
    return x


def descent_entry_after_entry(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Each entry moves as soon as its slope is known: coordinate descent."""
    x = init_x.astype(float)
    for _ in range(step_num):
        for index in np.ndindex(x.shape):
            x[index] -= lr * by_unit_vectors(f, x)[index]
    return x


def descent_with_clipping(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Gradients beyond one are cut off."""
    x = init_x.astype(float)
    for _ in range(step_num):
        x = x - lr * np.clip(by_unit_vectors(f, x), -1, 1)
    return x


def descent_returning_the_gradient(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The last gradient, not the last point."""
    x, gradient = init_x.astype(float), np.zeros(init_x.shape)
    for _ in range(step_num):
        gradient = by_unit_vectors(f, x)
        x = x - lr * gradient
    return gradient


_SLOPES, _DESCENT = "numerical_gradient", "gradient_descent"
SPECIMENS: tuple[Specimen, ...] = (
    faulty(_SLOPES, forwards, "forward_difference"),
    faulty(_SLOPES, forwards_with_a_small_step, "forward_difference"),
    faulty(_SLOPES, forwards_by_a_millionth, "forward_difference"),
    faulty(_SLOPES, backwards, "backward_difference"),
    faulty(_SLOPES, over_one_step, "missing_two"),
    faulty(_SLOPES, over_two_steps_times_h, "missing_brackets", "h squared times the gradient"),
    faulty(_SLOPES, over_four_steps, "factor_half"),
    faulty(_SLOPES, undivided, "not_divided"),
    faulty(_SLOPES, downhill, "opposite_sign"),
    faulty(_SLOPES, with_the_books_bad_step, "step_too_small"),
    faulty(_SLOPES, with_a_step_of_a_trillionth, "step_too_small"),
    faulty(_SLOPES, with_the_machine_epsilon, "step_too_small"),
    faulty(_SLOPES, with_a_step_of_a_hundredth, "step_too_large", "second degrees are right"),
    faulty(_SLOPES, with_a_step_of_a_thousandth, "step_too_large", "second degrees are right"),
    faulty(_SLOPES, staying_on_the_left, "not_restored", "sums of functions of one entry are right"),
    faulty(_SLOPES, staying_on_the_right, "not_restored", "sums of functions of one entry are right"),
    faulty(_SLOPES, along_the_diagonal, "all_at_once"),
    faulty(_SLOPES, along_the_diagonal_as_a_number, "all_at_once", "a number, not an array"),
    faulty(_SLOPES, of_the_chapter, "truncated_to_integers", "only for integers"),
    faulty(_SLOPES, into_an_array_like_x, "gradient_truncated", "only for integers"),
    faulty(_SLOPES, of_the_first_book_loop, "index_out_of_bounds", "vectors are right"),
    faulty(_SLOPES, row_by_row, "one_index_only", "vectors are right"),
    faulty(_SLOPES, in_a_row, "flattened", "vectors are right"),
    faulty(_SLOPES, transposed, "filled_by_columns", "vectors are right"),
    faulty(_SLOPES, moving_the_callers_array, "writes_into_its_input", "mostly in the last digit"),
    faulty(_SLOPES, in_single_precision, "steps_in_float32"),
    faulty(_SLOPES, of_length_one, "normalised_gradient"),
    faulty(_SLOPES, by_stencil_with_a_wrong_weight, "wrong_weight"),
    faulty(_SLOPES, without_the_last_entry, "last_entry_forgotten"),
    faulty(_DESCENT, descent_of_the_chapter, "writes_into_its_input"),
    faulty(_DESCENT, descent_into_the_start, "writes_into_its_input", "not for integers"),
    faulty(_DESCENT, ascent, "ascending"),
    faulty(_DESCENT, descent_from_one, "one_step_short"),
    faulty(_DESCENT, descent_to_the_last, "one_step_more"),
    faulty(_DESCENT, descent_returning_early, "only_one_step"),
    faulty(_DESCENT, descent_at_its_own_rate, "learning_rate_ignored"),
    faulty(_DESCENT, descent_without_a_rate, "learning_rate_ignored"),
    faulty(_DESCENT, descent_of_a_hundred_steps, "steps_ignored"),
    faulty(_DESCENT, descent_with_the_first_gradient, "gradient_of_the_start"),
    faulty(_DESCENT, descent_at_the_start, "gradient_of_the_start"),
    faulty(_DESCENT, descent_with_momentum, "momentum_unasked"),
    faulty(_DESCENT, descent_with_averaged_gradients, "moving_average"),
    faulty(_DESCENT, descent_with_falling_rate, "decaying_rate"),
    faulty(_DESCENT, descent_with_decay, "decaying_rate"),
    faulty(_DESCENT, descent_by_direction, "normalised_gradient"),
    faulty(_DESCENT, descent_by_sign, "sign_only"),
    faulty(_DESCENT, descent_with_forward_differences, "forward_difference"),
    faulty(_DESCENT, descent_with_twice_the_gradient, "factor_two"),
    faulty(_DESCENT, descent_with_its_path, "returns_a_tuple", "a pair"),
    faulty(_DESCENT, path_of_the_descent, "whole_path"),
    faulty(_DESCENT, value_at_the_end, "function_value"),
    faulty(_DESCENT, descent_stopping_where_it_is_flat, "early_stopping", "only where a gradient is short"),
    faulty(_DESCENT, descent_stopping_uphill, "stopping_uphill", "only where the rate is too large"),
    faulty(_DESCENT, descent_halving_its_rate, "line_search", "only where the rate is too large"),
    faulty(_DESCENT, descent_among_integers, "kept_as_integers", "only for integers"),
    faulty(_DESCENT, descent_entry_after_entry, "coordinate_descent", "sums of functions of one entry are right"),
    faulty(_DESCENT, descent_with_clipping, "clipped_gradient"),
    faulty(_DESCENT, descent_returning_the_gradient, "last_gradient_returned"),
)


def scipys_approx_fprime(f: F, x: Array) -> Array:
    """scipy.optimize.approx_fprime: a forward difference with a step of 1.5e-8."""
    from scipy.optimize import approx_fprime

    return approx_fprime(x.ravel().astype(float), lambda row: f(row.reshape(x.shape))).reshape(x.shape)


if installed("scipy"):
    SPECIMENS += (faulty(_SLOPES, scipys_approx_fprime, "forward_difference"),)
