"""Derivatives and gradients from values alone: their laws, what they leave alone, and who does the work."""

from __future__ import annotations

import functools
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath import central_difference, mean_squared_error, numerical_gradient
from refmath.arguments import Array
from refmath.calculus.numerical_gradient import processors

#: Multiples of 1/8: polynomials in them are exact in float64, and laws are equations.
eighths = st.integers(-800, 800).map(lambda n: n / 8)
steps = st.integers(-10, 3).map(lambda n: 2.0**n)
quadratics = st.tuples(eighths, eighths, eighths)
FUNCTIONS = [np.exp, np.sin, np.arctan, np.cosh, lambda x: x**5 - x]

UNPICKLABLE = (
    r"^f must be picklable for workers other than 1; got <function .*, which is not \(.*\): "
    "define it at the top level of a module, or give the map of a thread pool$"
)
ENDED_EARLY = (
    "^a process of the workers ended early: f ended it, or its module cannot be imported there "
    r"\(an interactive session's cannot, and a script needs `if __name__ == \"__main__\":`\)$"
)

each_function = pytest.mark.parametrize("f", FUNCTIONS, ids=["exp", "sin", "arctan", "cosh", "quintic"])


def polynomial(*coefficients: float) -> Callable[[Any], Any]:
    """The polynomial with these coefficients, the constant first."""
    return lambda x: sum(c * x**k for k, c in enumerate(coefficients))


def half_square(x: Array) -> Any:
    """½ |x|², whose gradient is x."""
    return 0.5 * np.sum(x * x)


def ends_its_process(x: Array) -> Any:
    """Ends the process that evaluates it."""
    os._exit(3)


# ---- laws


@given(quadratics, eighths, steps)
def test_a_quadratic_has_its_exact_slope(coefficients: tuple[float, ...], x: float, h: float) -> None:
    """On a polynomial of the second degree nothing of the expansion is left over."""
    _, b, a = coefficients
    assert central_difference(polynomial(*coefficients), x, h=h) == b + 2 * a * x


@given(eighths, steps)
def test_the_error_on_a_cube_is_the_square_of_the_step(x: float, h: float) -> None:
    """On x³ the slope is 3x² + h², to the last bit."""
    assert central_difference(lambda x: x * x * x, x, h=h) == 3 * x * x + h * h


@given(quadratics, quadratics, eighths, eighths, eighths, steps)
def test_the_slope_is_linear_in_the_function(
    p: tuple[float, ...], q: tuple[float, ...], a: float, b: float, x: float, h: float
) -> None:
    """The slope of a sum of multiples is the sum of the multiples of the slopes."""
    f, g = polynomial(*p), polynomial(*q)
    slope = functools.partial(central_difference, x=x, h=h)
    assert slope(lambda x: a * f(x) + b * g(x)) == a * slope(f) + b * slope(g)


@each_function
def test_the_observed_order_is_two(f: Callable[[Any], Any]) -> None:
    """Each halving of the step divides the error by four."""
    x = 0.75
    exact = central_difference(f, x, h=2.0**-14)
    errors = [abs(central_difference(f, x, h=2.0**-k) - exact) for k in range(4, 9)]
    orders = np.diff(-np.log2(errors))
    assert np.all(np.abs(orders - 2) < 0.03)


@each_function
@given(x=st.floats(-3, 3), h=st.floats(1e-6, 1))
def test_the_slope_is_even_in_the_step(f: Callable[[Any], Any], x: float, h: float) -> None:
    """A step to the left and one to the right are the same two steps."""
    assert central_difference(f, x, h=-h) == central_difference(f, x, h=h)


@given(st.floats(-1e6, 1e6), st.floats(1e-5, 10))
def test_the_identity_has_slope_one(x: float, h: float) -> None:
    """The rounding of x ± h does no harm: the difference is divided by the distance of the points that f was given."""
    assert central_difference(lambda x: x, x, h=h) == 1


@each_function
@given(x=st.floats(-2, 2))
def test_the_slope_is_the_derivative(f: Callable[[Any], Any], x: float) -> None:
    """With the step of 1e-4 the slope is that of a complex step, which has no such error, to seven digits."""
    z = complex(x, 1e-150)
    derivative = (f(z).imag if f is not np.arctan else np.arctan(z).imag) / 1e-150
    assert abs(central_difference(f, x) - derivative) <= 1e-6 * max(1, abs(derivative))


@given(st.lists(eighths, min_size=1, max_size=6), steps)
def test_the_gradient_of_half_the_square_is_the_point(x: list[float], h: float) -> None:
    """∇ ½|x|² = x, exactly where squares are."""
    assert np.array_equal(numerical_gradient(half_square, x, h=h), x)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_a_gradient_is_made_of_slopes(x: list[float]) -> None:
    """Each entry is the central difference along its coordinate."""

    def f(x: Array) -> Any:
        return np.sin(x[0]) * np.prod(np.cos(x)) + np.sum(x**3)

    def along(i: int) -> Callable[[float], Any]:
        return lambda moved: f(np.array([*x[:i], moved, *x[i + 1 :]]))

    assert [*numerical_gradient(f, x)] == [central_difference(along(i), x[i]) for i in range(len(x))]


# ---- shapes and dtypes


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 2), (2, 3, 4), (1, 1, 1, 2)], ids=str)
def test_a_gradient_has_the_shape_of_its_point(shape: tuple[int, ...]) -> None:
    """Any number of dimensions will do, none as well, and f is given that shape."""
    x = np.arange(1.0, 1 + math.prod(shape)).reshape(shape)
    gradient = numerical_gradient(lambda v: half_square(v) if v.shape == shape else None, x, h=0.5)
    assert isinstance(gradient, np.ndarray)
    assert gradient.shape == shape
    assert np.array_equal(gradient, x)
    assert np.array_equal(central_difference(lambda v: v * v / 2, x, h=0.5), x)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "i8", "u8", "f2", "f4", "f8", ">f8", ">f4", "<i2"])
def test_every_real_dtype_is_computed_in_float64(dtype: str) -> None:
    """Integers are not cut off, and float32 loses no digits."""
    x = np.array([[3, 4], [5, 0]], dtype)
    seen = []

    def f(v: Array) -> Any:
        seen.append(v.dtype)
        return np.sum(v * v)

    gradient = numerical_gradient(f, x)
    assert set(seen) == {np.dtype(np.float64)}
    assert gradient.dtype == np.float64
    assert np.allclose(gradient, 2 * x.astype(float), rtol=0, atol=1e-9)
    assert np.array_equal(central_difference(lambda v: v * v, x, h=0.5), 2 * x.astype(float))


def test_a_wider_dtype_stays() -> None:
    """What is wider than float64 is computed in its own width."""
    x = np.array([1, 2], np.longdouble) / 3
    assert numerical_gradient(half_square, x).dtype == np.longdouble
    assert central_difference(lambda v: v * v, x).dtype == np.longdouble


@pytest.mark.parametrize(
    "x",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12.0)[::2],
        np.broadcast_to(2.0, (2, 2)),
    ],
    ids=["transposed", "fortran", "strided", "broadcast"],
)
def test_every_layout_will_do(x: Array) -> None:
    """How an array lies in memory makes no difference."""
    assert np.array_equal(numerical_gradient(half_square, x, h=0.5), np.asarray(x))


@pytest.mark.parametrize(
    "returned",
    [float, np.float32, np.float64, lambda v: np.array(v), lambda v: np.array([v]), lambda v: np.array([[v]])],
    ids=["float", "float32", "float64", "0-d", "1-d", "2-d"],
)
def test_one_number_in_any_dress_is_accepted(returned: Callable[[Any], Any]) -> None:
    """f may return a number or an array that holds one."""
    assert np.array_equal(numerical_gradient(lambda x: returned(np.sum(x)), [1, 2], h=0.5), [1, 1])
    assert central_difference(lambda x: returned(x * x), 3, h=0.5) == 6


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float16])
def test_values_of_a_narrow_dtype_are_subtracted_in_a_wide_one(dtype: Any) -> None:
    """1 − 3 is −2, for unsigned integers too."""
    assert central_difference(lambda x: dtype(2 - x), 0, h=1) == -1
    assert np.array_equal(numerical_gradient(lambda x: dtype(2 - x[0]), [0], h=1), [-1])


# ---- what is left alone


def test_the_point_is_never_written_into() -> None:
    """Neither after f returned, nor while it runs, nor when it raises; not even through f's own argument."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    before = x.copy()
    kept = []

    def f(v: Array) -> Any:
        assert np.array_equal(x, before)
        assert not np.shares_memory(v, x)
        value = half_square(v)
        v[...] = np.nan
        kept.append(v)
        if len(kept) == 6:
            raise OSError("in f")
        return value

    with pytest.raises(OSError, match="in f"):
        numerical_gradient(f, x)
    assert np.array_equal(x, before)
    kept.clear()
    assert np.array_equal(numerical_gradient(lambda v: f(v) if len(kept) < 5 else half_square(v), x, h=0.5), before)
    assert all(not np.shares_memory(one, other) for i, one in enumerate(kept) for other in kept[:i])


def test_a_change_of_the_point_by_f_changes_nothing() -> None:
    """A function that writes into the array it was differentiated at does not move the point."""
    x = np.array([1.0, 2.0])

    def f(v: Array) -> Any:
        x[...] = 100
        return half_square(v)

    assert np.array_equal(numerical_gradient(f, x, h=0.5), [1, 2])


@pytest.mark.parametrize("error", [ValueError("x"), StopIteration("x"), KeyboardInterrupt("x"), ZeroDivisionError()])
@pytest.mark.parametrize("of", [central_difference, numerical_gradient])
def test_an_exception_in_f_passes_through(of: Callable[..., Any], error: BaseException) -> None:
    """It is the same exception."""

    def f(_x: Any) -> Any:
        raise error

    with pytest.raises(type(error)) as raised:
        of(f, [1.0])
    assert raised.value is error


# ---- values that are no ordinary numbers


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: np.inf if x > 0 else 1.0, np.inf),
        (lambda x: np.inf if x < 0 else 1.0, -np.inf),
        (lambda _: np.inf, np.nan),
        (lambda _: np.nan, np.nan),
        (lambda x: np.nan if x > 0 else 1.0, np.nan),
        (lambda x: 1e308 * np.sign(x), np.inf),
    ],
    ids=["inf right", "inf left", "inf", "nan", "nan right", "overflow"],
)
def test_infinities_follow_the_arithmetic(f: Callable[[Any], Any], slope: float) -> None:
    """The values of f are taken as they come, without a warning, and touch no other entry."""
    assert np.array_equal(central_difference(f, 0.0), slope, equal_nan=True)
    gradient = numerical_gradient(lambda x: f(x[0]) if x[0] else x[1] * 2, [0.0, 1.0], h=0.5)
    assert np.array_equal(gradient, [slope, 2], equal_nan=True)


@pytest.mark.parametrize("x", [1e13, -1e13, 2.0**40, 2**62])
@pytest.mark.parametrize("of", [central_difference, numerical_gradient])
def test_a_lost_step_is_no_zero(of: Callable[..., Any], x: float) -> None:
    """Where x + h is x, an error says so and how large h must be, and with that h it goes."""
    with pytest.raises(ValueError, match=r"h = 0\.0001 is lost in rounding at x\[1\] = .*take an h above") as refused:
        of(lambda x: np.sum(x), [1.0, x])
    needed = float(str(refused.value).rsplit(maxsplit=1)[-1])
    assert np.array_equal(of(lambda x: np.sum(x), [1.0, x], h=2 * needed), [1, 1])


# ---- who does the work


def f_of_many(x: Array) -> Any:
    """Something without symmetry."""
    return np.sum(np.sin(x) * np.arange(x.size).reshape(x.shape)) + np.prod(np.cos(x))


def backwards(function: Callable[[Any], Any], iterable: Iterable[Any]) -> list[Any]:
    """A `map` that hands back the last result first, as an unordered one may."""
    return [function(each) for each in iterable][::-1]


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 200])
def test_every_map_gives_the_same_bits(size: int) -> None:
    """Threads, the built-in map and one without order give what one process gives."""
    x = np.random.default_rng(size).standard_normal((size, 1))
    alone = numerical_gradient(f_of_many, x)
    with ThreadPoolExecutor(3) as threads:
        for workers in (map, threads.map, backwards):
            assert np.array_equal(numerical_gradient(f_of_many, x, workers=workers), alone)


def test_a_map_is_given_a_few_tasks() -> None:
    """However many entries there are, there are at most 64 tasks, and a number of processes cannot be told to a map."""
    tasks: list[range] = []

    def counting(function: Callable[[Any], Any], iterable: Iterable[Any]) -> list[Any]:
        tasks.extend(iterable)
        return [function(each) for each in tasks]

    numerical_gradient(half_square, np.ones(1000), workers=counting)
    assert len(tasks) == 64
    assert [i for task in tasks for i in task] == list(range(1000))
    assert max(map(len, tasks)) - min(map(len, tasks)) <= 1


def test_processes_give_the_same_bits() -> None:
    """A number of processes gives what one gives; −1 stands for as many as there are processors."""
    x = np.random.default_rng(0).standard_normal((5, 3))
    f = functools.partial(mean_squared_error, t=np.sin(x))
    assert np.array_equal(numerical_gradient(f, x, workers=2), numerical_gradient(f, x))
    assert np.array_equal(numerical_gradient(np.cosh, [1.5], workers=-1), numerical_gradient(np.cosh, [1.5]))
    assert 1 <= processors() <= (os.cpu_count() or 1)


class Pool:
    """In place of a pool of processes: what it was begun with, and the tasks, which it does itself."""

    begun: list[tuple[int, str]]
    ranges: list[range]

    def __init__(self, count: int, *, mp_context: Any) -> None:
        Pool.begun.append((count, mp_context.get_start_method()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def map(self, task: Callable[[range], Any], ranges: list[range]) -> Iterable[Any]:
        Pool.ranges = ranges
        return map(task, ranges)


@pytest.mark.parametrize(
    ("workers", "size", "processes", "tasks"), [(2, 100, 2, 8), (3, 5, 3, 5), (9, 4, 4, 4), (-1, 100, 5, 20)]
)
def test_so_many_processes_are_begun(
    monkeypatch: pytest.MonkeyPatch, workers: int, size: int, processes: int, tasks: int
) -> None:
    """No more than there are entries, begun anew and not forked; each has about four shares of equal length to do."""
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", Pool)
    monkeypatch.setattr("refmath.calculus.numerical_gradient.processors", lambda: 5)
    Pool.begun = []
    x = np.arange(1.0, size + 1)
    assert np.array_equal(numerical_gradient(half_square, x, workers=workers), numerical_gradient(half_square, x))
    assert Pool.begun == [(processes, "spawn")]
    assert len(Pool.ranges) == tasks
    assert [entry for each in Pool.ranges for entry in each] == list(range(size))
    assert max(map(len, Pool.ranges)) - min(map(len, Pool.ranges)) <= 1


@pytest.mark.parametrize(("allowed", "there", "count"), [({0, 2, 5}, 8, 3), (None, 8, 8), (None, None, 1)])
def test_processors_are_those_that_may_be_used(
    monkeypatch: pytest.MonkeyPatch, allowed: set[int] | None, there: int | None, count: int
) -> None:
    """Where the system can tell which; otherwise all there are, or one if nobody knows."""
    monkeypatch.setattr(os, "cpu_count", lambda: there)
    if allowed is None:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: allowed if process == 0 else set(), raising=False)
    assert processors() == count


def test_a_process_pool_gives_the_same_bits() -> None:
    """The map of an executor of processes gives what one process gives, and passes on what f raises."""
    x = np.random.default_rng(0).standard_normal((5, 3))
    f = functools.partial(mean_squared_error, t=np.sin(x))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert np.array_equal(numerical_gradient(f, x, workers=pool.map), numerical_gradient(f, x))
        with pytest.raises(ValueError, match=r"y and t must have the same shape; got \(3, 5\) and \(5, 3\)"):
            numerical_gradient(f, x.T, workers=pool.map)


def test_a_function_that_cannot_be_sent_is_refused() -> None:
    """A lambda cannot go to another process; the error says what can be done."""
    with pytest.raises(TypeError, match=UNPICKLABLE):
        numerical_gradient(lambda x: x[0], [1.0, 2.0], workers=2)


def test_a_process_that_dies_is_reported() -> None:
    """If a process ends early, the error says so, and nothing hangs."""
    with pytest.raises(RuntimeError, match=ENDED_EARLY):
        numerical_gradient(ends_its_process, [1.0, 2.0], workers=2)


@pytest.mark.parametrize(
    ("workers", "error", "message"),
    [
        (
            lambda f, xs: [f(x) for x in list(xs)[1:]],
            ValueError,
            "workers must return a result for every task; got those of 2 of 3",
        ),
        (lambda _f, _xs: None, TypeError, "workers must return the results.*NoneType"),
        (lambda _f, xs: xs, TypeError, "workers must return the results.*range"),
    ],
    ids=["one missing", "no results", "wrong results"],
)
def test_bad_workers_are_refused(workers: Any, error: type[Exception], message: str) -> None:
    """The refusal names the argument, what was expected, and what came."""
    with pytest.raises(error, match=message):
        numerical_gradient(half_square, [1.0, 2.0, 3.0], workers=workers)


@pytest.mark.distributed
def test_a_dask_cluster_gives_the_same_bits() -> None:
    """The map of a real cluster's executor gives what one process gives, and passes on what f raises."""
    from distributed import Client, LocalCluster

    x = np.random.default_rng(0).standard_normal((20, 10))
    f = functools.partial(mean_squared_error, t=np.sin(x))
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        workers = client.get_executor().map
        assert np.array_equal(numerical_gradient(f, x, workers=workers), numerical_gradient(f, x))
        with pytest.raises(ValueError, match=r"y and t must have the same shape; got \(10, 20\) and \(20, 10\)"):
            numerical_gradient(f, x.T, workers=workers)


@pytest.mark.distributed
def test_the_example_of_a_cluster_runs() -> None:
    """The program in examples/ starts a cluster of its own, and its gradients are those of backpropagation."""
    program = Path(__file__).parents[2] / "examples" / "distributed_gradient.py"
    told = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True, timeout=120)
    lines = told.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["W1", "b1", "W2", "b2"]
    assert all(float(line.split("at most ")[1].split()[0]) < 1e-8 for line in lines)


# ---- bad input

BAD_POINTS: dict[str, tuple[Any, type[Exception], str]] = {
    "nan": ([1.0, np.nan], ValueError, r"x must be finite; got x\[1\] = nan"),
    "inf": (np.array([[1.0], [np.inf]]), ValueError, r"x must be finite; got x\[1, 0\] = inf"),
    "scalar nan": (np.nan, ValueError, "x must be finite; got x = nan"),
    "largest": (1.7e308, ValueError, "h = 0.0001 is lost in rounding at x = 1.7e"),
}
BAD_STEPS: dict[str, tuple[Any, type[Exception], str]] = {
    "tiny": (1e-17, ValueError, "h = 1e-17 is lost in rounding at x"),
    "too large": (
        1.7976931348623157e308,
        ValueError,
        r"x ± h must be finite; it is not for h = 1.79.* at x\[1\] = 1e\+300",
    ),
}
BAD_VALUES: dict[str, tuple[Any, type[Exception], str]] = {
    "None": (None, TypeError, "f must return a real number; got NoneType"),
    "complex": (1j, TypeError, "f must return a real number; got complex"),
    "complex array": (np.array([1j]), TypeError, "f must return a real number; got ndarray of dtype complex128"),
    "string": ("1.0", TypeError, "f must return a real number; got str"),
    "list": ([1.0], TypeError, "f must return a real number; got list"),
    "bool": (True, TypeError, "f must return a real number; got bool"),
    "bool array": (np.array([True]), TypeError, "f must return .*; got ndarray of dtype bool"),
    "objects": (np.array([None]), TypeError, "f must return .*; got ndarray of dtype object"),
    "two numbers": (np.ones(2), ValueError, r"f must return one number.*; got shape \(2,\)"),
    "no number": (np.ones(0), ValueError, r"f must return one number.*; got shape \(0,\)"),
    "masked": (np.ma.masked, TypeError, "f must return a real number; got MaskedConstant"),
    "huge integer": (10**400, ValueError, "f must return a number within the range of float64; got an integer"),
}
both = pytest.mark.parametrize("of", [central_difference, numerical_gradient])


@both
@pytest.mark.parametrize("name", BAD_POINTS)
def test_a_bad_point_is_refused(of: Callable[..., Any], name: str) -> None:
    """The refusal names x, what was expected and what came; f is not evaluated."""
    x, error, message = BAD_POINTS[name]
    with pytest.raises(error, match=message):
        of(lambda _: pytest.fail("f was evaluated"), x)


@both
@pytest.mark.parametrize("name", BAD_STEPS)
def test_a_bad_step_is_refused(of: Callable[..., Any], name: str) -> None:
    """The refusal names h, what was expected and what came; f is not evaluated."""
    h, error, message = BAD_STEPS[name]
    with pytest.raises(error, match=message):
        of(lambda _: pytest.fail("f was evaluated"), [1.0, 1e300] if name == "too large" else [1.0], h=h)


@both
@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_bad_value_of_f_is_refused(of: Callable[..., Any], name: str) -> None:
    """The refusal names f, what was expected, and what it returned."""
    value, error, message = BAD_VALUES[name]
    with pytest.raises(error, match=message):
        of(lambda _: value, [1.0])


@pytest.mark.parametrize("side", [1, -1], ids=["right", "left"])
def test_what_f_returns_on_either_side_has_to_be_a_number(side: int) -> None:
    """A text is refused on the left as on the right, in words that name f."""
    with pytest.raises(TypeError, match=r"^f must return a real number; got str"):
        central_difference(lambda v: "a text" if v * side > 0 else 0.0, 0.0)


@pytest.mark.skipif(np.finfo(np.longdouble).eps == np.finfo(np.float64).eps, reason="longdouble is float64 here")
def test_a_longdouble_keeps_its_digits_on_both_sides() -> None:
    """The slope of a square is exact but for rounding, which is that of longdouble at a longdouble."""
    x = np.longdouble(1) / 3
    assert abs(central_difference(lambda v: v * v, x) - 2 * x) <= 1e-14


def test_a_slope_below_the_range_is_no_error() -> None:
    """Where NumPy is told to raise errors, a slope that underflows is still a slope."""
    with np.errstate(all="raise"):
        slope = central_difference(lambda v: 1e-300 if v > 0 else 0.0, 0.0, h=1e20)
    assert slope == 1e-300 / 2e20
