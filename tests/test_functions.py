"""Functions with known derivatives, and how far an honest numerical gradient of them may be off."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from typing import Any

import honest_learning
import learning_by_mpmath
import numpy as np
import pytest
import surveyed
import sympy as sp
from flint import arb, ctx
from mpmath import mp, mpf

from refmath.balls import differences
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.differences import LARGEST_STEP, SMALLEST_STEP
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.calculus import functions
from refmath.calculus.functions import CUBES, FAMILIES, SQUARES, Family, Function, function
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import CLASSES, Class
from refmath.oracle.searching.probe import Inputs
from refmath.spec import setting
from refmath.symbols import N

GRADIENT = formula_named("numerical_gradient")
NAMES = {family: name for name, family in vars(functions).items() if isinstance(family, Family)}
FLOAT64 = FORMATS["float64"]

every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: NAMES[family])
every_format = pytest.mark.parametrize("format_", [FLOAT64, FORMATS["float32"]], ids=lambda each: each.name)


def coefficients(count: int, seed: int) -> tuple[float, ...]:
    return tuple(np.random.default_rng(seed).normal(size=count).tolist())


def point(count: int, seed: int) -> Any:
    return np.random.default_rng(100 + seed).normal(size=count)


def cases(family: Family) -> list[tuple[Function, Any]]:
    """The family with coefficients of both signs at points of one to four entries."""
    return [(function(family, *coefficients(count, count)), point(count, count)) for count in (1, 2, 3, 4)]


def as_mpf(x: Any) -> list[Any]:
    return [mpf(float(entry)) for entry in np.ravel(x)]


def balls(x: Any) -> list[Any]:
    return [arb(float(entry)) for entry in np.ravel(x)]


def is_at(ball: Any, value: Any, digits: int) -> bool:
    """Whether a ball holds a number of mpmath, to so many digits."""
    return bool(abs(ball - arb(mp.nstr(value, digits + 20))) <= (abs(arb(mp.nstr(value, 20))) + 1) * arb(10) ** -digits)


# ---- functions


@every_family
def test_the_definition_has_the_value_written_by_hand(family: Family) -> None:
    """SymPy's definition, written out, is the value typed in for mpmath, to 40 digits."""
    for f, x in cases(family):
        c, count = f.terms[0][2], x.size
        explicit = family.definition.subs(N, count).doit()
        given = {"x": x.tolist(), "c": c}
        numbers = {
            entry: sp.Rational(given[str(entry.base)][int(entry.indices[0])]) for entry in explicit.atoms(sp.Indexed)
        }
        value = explicit.subs(numbers).evalf(60)
        with mp.workdps(60):
            expected = learning_by_mpmath.at(f, as_mpf(x))
            assert abs(mpf(str(value)) - expected) <= mpf(10) ** -40 * (1 + abs(expected))


@every_family
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_program_has_the_value_of_the_definition(family: Family, dtype: str) -> None:
    """The NumPy program is right up to rounding, in the dtype of the point, on arrays of every shape with so many entries."""
    for f, x in cases(family):
        for shape in {x.shape, (1, x.size), (x.size, 1), (2, -1) if x.size % 2 == 0 else (1, 1, -1)}:
            given = x.astype(dtype).reshape(shape)
            got = f(given)
            assert np.asarray(got).dtype == np.dtype(dtype)
            assert np.shape(got) == ()
            with mp.workdps(40):
                expected = float(learning_by_mpmath.at(f, as_mpf(given)))
            room = 64 * float(np.finfo(dtype).eps)
            assert float(got) == pytest.approx(expected, rel=room, abs=room)


@every_family
def test_integers_are_the_numbers_they_are(family: Family) -> None:
    """At integers, and at lists, a function has the value at the floats, in float64."""
    f = function(family, 0.5, -0.25)
    expected = f(np.array([1.0, 2.0]))
    for given in (np.array([1, 2]), np.array([1, 2], np.uint8), [1, 2], [[1], [2]]):
        assert f(given) == expected
        assert f(given).dtype == np.float64


@every_family
def test_at_complex_numbers_a_function_goes_on(family: Family) -> None:
    """A tiny imaginary step gives the slope, as for any function that is made of the usual ones."""
    f, x = function(family, 0.5, -0.25), np.array([0.75, -1.5])
    moved = x + np.array([1e-20j, 0])
    step = np.array([1e-4, 0])
    assert f(moved).imag / 1e-20 == pytest.approx((f(x + step) - f(x - step)) / 2e-4, rel=1e-6, abs=1e-6)


@every_family
def test_the_text_of_a_function_is_the_function(family: Family) -> None:
    """`str` gives Python source which, evaluated, has the very same values: of one term, of a multiple, and of a sum."""
    for f, x in cases(family):
        other = function(SQUARES, *coefficients(x.size, 9))
        for each in (f, -2.0 * f, f + 0.1 * other, 3.0 * (f + other)):
            again = eval(str(each), {"np": np})
            for shape in (x.shape, (1, x.size)):
                assert again(x.reshape(shape)) == each(x.reshape(shape))


def test_the_text_of_a_function_says_no_more_than_it_must() -> None:
    """A factor of one is not written; any other is, and stands before the brackets."""
    text = "np.sum(np.array([0.5]) * np.ravel(x)**2)"
    assert str(function(SQUARES, 0.5)) == f"lambda x: {text}"
    assert str(2.0 * function(SQUARES, 0.5) + function(SQUARES, 0.5)) == f"lambda x: 2.0 * ({text}) + {text}"


@every_family
def test_a_function_can_be_sent_to_another_process(family: Family) -> None:
    """Pickled and unpickled, a function is the same: reports hold functions, and come from other processes with `--jobs`."""
    f = 2.0 * function(family, 0.5, -1.0)
    assert pickle.loads(pickle.dumps(f)) == f


def test_functions_are_added_and_multiplied() -> None:
    """A sum has the sum of the values, a multiple the multiple of the value, and quadratic is what consists of quadratics."""
    squares, cubes, x = function(SQUARES, 1.0, 2.0), function(CUBES, 0.5, 0.25), np.array([1.5, -2.0])
    assert (squares + cubes)(x) == squares(x) + cubes(x)
    assert (3.0 * squares)(x) == 3 * squares(x)
    assert (2.0 * (squares + 0.5 * cubes))(x) == 2 * squares(x) + cubes(x)
    assert (squares + squares).is_quadratic
    assert not (squares + cubes).is_quadratic
    assert squares + cubes == function(SQUARES, 1.0, 2.0) + function(CUBES, 0.5, 0.25)


# ---- functions that insist on a shape


class Wrapped:
    """Neither an array nor a list, but an array can be made of it."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.values, dtype)


def test_a_function_that_insists_takes_arrays_of_its_shape() -> None:
    """Of any number type, complex ones too, and whatever is an array of that shape: the values are the usual ones."""
    f, x = function(SQUARES, 0.5, 1.0, 2.0, shape=(3, 1)), np.array([[1.0], [2.0], [-3.0]])
    usual = function(SQUARES, 0.5, 1.0, 2.0)
    for given in (x, x.astype(np.float32), x.astype(np.int64), x + 0.5j, Wrapped(x), np.asfortranarray(x)):
        assert f(given) == usual(np.asarray(given))
        assert f(given).dtype == usual(np.asarray(given)).dtype
    number = function(CUBES, 2.0, shape=())
    assert number(np.array(3.0)) == number(np.float64(3)) == 54.0


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ([[1.0, 2.0]], "a list"),
        (((1.0, 2.0),), "a tuple"),
        (1.0, "a float"),
        (1, "an int"),
        (None, "a NoneType"),
        (np.ones(2), "shape (2,)"),
        (np.ones((2, 1)), "shape (2, 1)"),
        (np.float64(1), "shape ()"),
        (Wrapped([1.0, 2.0]), "shape (2,)"),
    ],
)
def test_a_function_that_insists_refuses_everything_else(given: Any, got: str) -> None:
    """What was given instead is said: its type, or its shape."""
    f = 2.0 * (function(SQUARES, 0.5, 1.0, shape=(1, 2)) + function(CUBES, 1.0, 1.0))
    with pytest.raises(TypeError) as refused:
        f(given)
    assert str(refused.value) == f"f takes an array of shape (1, 2); got {got}"


def test_sums_and_multiples_insist_on_the_shape_of_their_terms() -> None:
    """A term that takes any shape follows the others; two shapes have no sum."""
    one, other = function(SQUARES, 1.0, 2.0, shape=(2,)), function(CUBES, 1.0, 2.0)
    assert [(one + other).shape, (other + one).shape, (0.5 * one).shape] == [(2,)] * 3
    assert (other + other).shape is None
    assert one != function(SQUARES, 1.0, 2.0)
    with pytest.raises(ValueError, match=r"^functions of arrays of shapes \(2,\) and \(1, 2\) have no sum$"):
        one + function(CUBES, 1.0, 2.0, shape=(1, 2))


@every_family
def test_the_text_of_a_function_that_insists_has_its_values(family: Family) -> None:
    """`str` is that of the function that does not insist, and has the same values at arrays of the shape."""
    f, x = function(family, 0.5, -0.25, shape=(2, 1)) + function(SQUARES, 1.0, 2.0), np.array([[1.5], [-0.5]])
    assert str(f) == str(Function(f.terms))
    assert eval(str(f), {"np": np})(x) == f(x)
    assert pickle.loads(pickle.dumps(f)) == f


# ---- derivatives


@every_family
def test_the_gradient_is_the_one_written_by_hand(family: Family) -> None:
    """The partial derivatives in balls are those written by hand, to 60 digits, of multiples and sums too."""
    for f, x in cases(family):
        both = 3.0 * f + -0.5 * function(CUBES, *coefficients(x.size, 8))
        for each in (f, both):
            with mp.workdps(90), ctx.workprec(400):
                got, expected = differences.gradient(each, balls(x)), learning_by_mpmath.slopes(each, as_mpf(x))
                assert got.shape == x.shape
                assert all(is_at(ball, value, 60) for ball, value in zip(got, expected, strict=True))


@every_family
def test_the_second_derivatives_are_those_of_the_slopes(family: Family) -> None:
    """Each second derivative in balls is mpmath's numerical derivative of the slope written by hand, to 25 digits; they are symmetric."""
    for f, x in cases(family)[1:3]:
        with mp.workdps(80), ctx.workprec(300):
            got = differences.second_derivatives(f, balls(x))
            for i in range(x.size):
                for j in range(x.size):
                    assert is_at(got[i][j], mp.diff(functools.partial(slope_along, f, x, i, j), x[j]), 25)


def slope_along(f: Function, x: Any, i: int, j: int, moved: Any) -> Any:
    """Slope i where entry j is moved."""
    return learning_by_mpmath.slopes(f, [moved if place == j else entry for place, entry in enumerate(as_mpf(x))])[i]


@every_family
def test_quadratics_are_those_without_a_third_derivative(family: Family) -> None:
    """The second derivatives of a quadratic function are the same everywhere, and of no other."""
    f = function(family, *coefficients(3, 3))
    here, there = (differences.second_derivatives(f, balls(point(3, seed))) for seed in (1, 2))
    same = all(a.overlaps(b) for row, other in zip(here, there, strict=True) for a, b in zip(row, other, strict=True))
    assert same is family.quadratic is f.is_quadratic


# ---- the allowance


def interval(inputs: Inputs, format_: Format) -> Acceptance:
    under = setting(GRADIENT)
    found = acceptance(under, read(under, *inputs.values()), format_)
    assert found is not None
    return found


@functools.cache
def judged(class_: Class, format_: Format) -> list[tuple[Inputs, Acceptance]]:
    return [(inputs, interval(inputs, format_)) for inputs in surveyed.of_class(GRADIENT, class_, format_)]


@pytest.mark.parametrize("class_", CLASSES)
@every_format
@pytest.mark.parametrize("name", honest_learning.GRADIENTS)
def test_honest_gradients_are_inside(class_: Class, format_: Format, name: str) -> None:
    """On inputs of each class, central differences with steps from 1e-4 to 1e-6, SciPy's, and the slopes themselves are accepted."""
    for inputs, found in judged(class_, format_):
        got = honest_learning.GRADIENTS[name](*inputs.values())
        assert np.all(found.accepts(got)), f"{inputs}: {got} is off by {got - found.nearest}"


def one_sided(side: int, h: float) -> Callable[[Any, Any], Any]:
    return lambda f, x: honest_learning.quotients(f, x, h=h, sides=(side, 0))


@pytest.mark.parametrize("side", [1, -1], ids=["forward", "backward"])
@pytest.mark.parametrize("h", [1e-3, 1e-4, 1e-5, 1e-6])
def test_one_sided_differences_are_outside(h: float, side: int) -> None:
    """On typical inputs a difference to one side is refused, but where the second derivative happens to be next to nothing."""
    tried = judged("typical", FLOAT64)
    refused = [not np.all(found.accepts(one_sided(side, h)(*inputs.values()))) for inputs, found in tried]
    assert sum(refused) >= 0.75 * len(tried)


@pytest.mark.parametrize("h", [1e-2, 1e-3, 1e-10, 1e-12])
def test_steps_that_are_no_honest_ones_are_outside(h: float) -> None:
    """With steps ten times too large, or so small that the difference is lost, the gradient of a cube is refused."""
    inputs: Inputs = {"f": function(CUBES, 1.0, 0.7), "x": np.array([1.3, -0.9])}
    assert not np.all(interval(inputs, FLOAT64).accepts(honest_learning.quotients(*inputs.values(), h=h)))


@pytest.mark.parametrize("x", [0.75, -1.5, 3.0])
def test_the_allowance_is_the_third_derivative_and_the_rounding(x: float) -> None:
    """For x³ it is h² and what f loses in rounding, by the smallest step; for x² only that, so that a thousandth of a millionth is seen."""
    cubes, squares = (differences.allowance(function(each, 1.0), balls([x])).item() for each in (CUBES, SQUARES))
    rounding = 2.0**-53 * abs(x) ** 3 / SMALLEST_STEP
    assert LARGEST_STEP**2 <= cubes <= 1.1 * LARGEST_STEP**2 + 32 * rounding
    assert 0 < squares <= 32 * 2.0**-53 * x**2 / SMALLEST_STEP


def test_a_wider_point_has_a_wider_allowance() -> None:
    """Of a point that is known up to a ball, the third derivative is the largest of all points in it."""
    exponential = function(functions.EXPONENTIALS, 1.0)
    narrow, wide = (differences.allowance(exponential, [arb(1, radius)]).item() for radius in (0, 0.5))
    assert wide - narrow > (np.exp(1.5) - np.exp(1)) * LARGEST_STEP**2 / 6 * 0.99
