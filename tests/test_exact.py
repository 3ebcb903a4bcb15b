"""`refmath.exact`: certified values, against mpmath at 60 digits and a rounding by definition."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import by_mpmath
import numpy as np
import pytest
import surveyed
from by_fractions import DTYPES, rounded
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from surveyed import SAMPLES

import refmath
from refmath import Enclosure, exact
from refmath.balls.evaluate import evaluate, read
from refmath.conventions import in_format
from refmath.spec import Formula, setting

pytestmark = pytest.mark.long

_60_DIGITS, _ALMOST_ALL_DIGITS = mpf(10) ** -60, mpf(10) ** -100
_GUARDS: list[dict[str, Any]] = [
    {"guard": "offset"},
    {"guard": "none"},
    {"delta": 0.25},
    {"guard": "offset", "delta": 2.0**-30},
]

#: Here each argument is an array; what has mappings, functions and numbers among them is told in `test_exact_learning`.
every_formula = pytest.mark.parametrize("formula", SAMPLES, ids=lambda formula: formula.name)


def settings_of(formula: Formula) -> Iterator[dict[str, Any]]:
    """Every setting that is not the default: the guards, if it has one, and the conventions."""
    if "guard" in formula.parameters:
        yield from _GUARDS
    yield from ({"convention": each.name} for each in formula.conventions)


every_other_setting = pytest.mark.parametrize(
    ("formula", "chosen"),
    [(formula, chosen) for formula in SAMPLES for chosen in settings_of(formula)],
    ids=lambda value: getattr(value, "name", None) or "-".join(f"{name}={setting}" for name, setting in value.items()),
)


# ---- against mpmath


@every_formula
@pytest.mark.parametrize("count", [24, pytest.param(1000, marks=pytest.mark.zoo)])
def test_the_value_is_that_of_mpmath(formula: Formula, count: int) -> None:
    """At many random points of all sorts, the value is mpmath's to 60 digits, within the bounds, and rounded rightly to four formats."""
    _compare(formula, {}, count)


@every_other_setting
@pytest.mark.parametrize("count", [15, pytest.param(40, marks=pytest.mark.zoo)])
def test_the_value_of_each_setting_is_that_of_mpmath(formula: Formula, chosen: dict[str, Any], count: int) -> None:
    """Under every guard and every convention of a formula, the value is mpmath's too."""
    _compare(formula, chosen, count)


def _compare(formula: Formula, chosen: dict[str, Any], count: int) -> None:
    under = setting(formula, **chosen)
    for number, inputs in enumerate(surveyed.all_sorts(under.formula, count, domain=under.domain)):
        expected = by_mpmath.value(formula.name, *inputs, **chosen)
        actual = exact(formula.name, *inputs, **chosen)
        where = f"{formula.name} of {inputs!r} under {chosen}"
        assert expected.shape == np.shape(actual.lower) == np.shape(actual.upper), where
        # What cancels as far as exp(−20000) takes milliseconds an exponential to follow: every 20th point has to do.
        assert _agrees_to_60_digits(expected, formula, inputs, chosen, 1 << 15 if number % 20 == 0 else 1 << 11), where
        assert _within_tight_bounds(expected, actual), (
            f"{where}: {actual} does not hold {expected}, or is wider than it need be"
        )
        if _is_doubtful(expected):
            # As far above a tie as exp(−20000), perhaps: with so many digits only what is a tie is still taken for one.
            expected = by_mpmath.value(formula.name, *inputs, **chosen, digits=9000)
        for name in DTYPES:
            try:
                nearest = actual.nearest(name)
            except ArithmeticError:  # of a tie, by all appearance
                assert _is_doubtful(expected, [name], digits=8000), where
                continue
            assert DTYPES[name] == nearest.dtype, where
            assert _rounded(expected, name) == _plain(nearest), f"{where} in {name}"


def _agrees_to_60_digits(
    expected: Any, formula: Formula, inputs: tuple[Any, ...], chosen: dict[str, Any], last_precision: int
) -> bool:
    """Whether the definition's balls lie around mpmath's values, with a relative radius below 1e-60 unless the last precision forbids."""
    under = in_format(setting(formula, **chosen), np.asarray(inputs[0]).dtype.name)
    named = read(under, *inputs)
    for precision in (256, 1 << 11, 1 << 15):
        balls = evaluate(under, named, precision)
        with mp.workdps(by_mpmath.WORKING_DIGITS):
            triples = [
                (_as_mpf(ball.mid()), _as_mpf(ball.rad()), value)
                for ball, value in zip(balls.flat, expected.flat, strict=True)
            ]
            if not all(_is_close(middle, value, radius + _60_DIGITS * abs(value)) for middle, radius, value in triples):
                return False
            # Of a value of zero, 60 digits are 60 digits behind the point.
            if precision == last_precision or all(
                mp.isinf(v) or radius <= (abs(v) or 1) * _60_DIGITS for _, radius, v in triples
            ):
                return True
    return False


def _is_close(left: Any, right: Any, distance: Any) -> bool:
    return bool(left == right if mp.isinf(right) else abs(left - right) <= distance)


def _as_mpf(exact_ball: arb) -> Any:
    if not exact_ball.is_finite():
        return mpf(float(exact_ball))
    significand, exponent = map(int, exact_ball.man_exp())
    return mp.ldexp(mpf(significand), exponent)


def _within_tight_bounds(expected: Any, actual: Enclosure) -> bool:
    """Whether the bounds enclose the values and are no further apart than the neighbours of the nearest number."""
    lower, upper, nearest = (np.atleast_1d(each) for each in (actual.lower, actual.upper, actual.nearest()))
    with mp.workdps(by_mpmath.WORKING_DIGITS):
        # mpmath may be off in its very last digits, where an exact bound knows better.
        doubt = [_ALMOST_ALL_DIGITS * abs(value) if mp.isfinite(value) else 0 for value in expected.flat]
        ends = zip(lower.flat, expected.flat, upper.flat, doubt, strict=True)
        enclosed = all(low - off <= value <= high + off for low, value, high, off in ends)
    return bool(
        enclosed and (np.nextafter(nearest, -np.inf) <= lower).all() and (upper <= np.nextafter(nearest, np.inf)).all()
    )


def _is_doubtful(expected: Any, names: Iterable[str] = DTYPES, digits: int = 100) -> bool:
    """Whether the last digits of mpmath's values decide how they are rounded: to so many digits, one looks like a tie of a format."""
    with mp.workdps(digits):
        short = [+value for value in expected.flat if mp.isfinite(value) and (+value).man_exp[0].bit_length() <= 54]
    with mp.workdps(digits + 20):
        less, more = (np.array([value * (1 + sign * mpf(10) ** -digits) for value in short]) for sign in (-1, 1))
    return any(_rounded(less, name) != _rounded(more, name) for name in names)


def _rounded(expected: Any, name: str) -> list[float]:
    return [float(value) if mp.isinf(value) else float(rounded(_fraction(value), name)) for value in expected.flat]


def _plain(nearest: Any) -> list[float]:
    return [float(value) for value in np.ravel(nearest)]


def _fraction(value: Any) -> Fraction:
    significand, exponent = map(int, value.man_exp)
    sign = -1 if value < 0 else 1
    if significand and significand.bit_length() + exponent < -5000:
        # Far below the smallest number of any format only the sign matters, and the power of two might be a very long integer.
        return sign * Fraction(1, 2**5000)
    return sign * significand * Fraction(2) ** exponent


# ---- exact results


@given(
    st.lists(st.tuples(st.integers(-(2**20), 2**20), st.integers(-(2**20), 2**20)), min_size=1, max_size=5),
    st.integers(1, 3),
)
def test_a_rational_value_is_found_to_the_last_bit(pairs: list[tuple[int, int]], samples: int) -> None:
    """The squared error is rational: its rounding is that of the fraction, ties and all."""
    y, t = ([[pair[side] / 8 for pair in pairs]] * samples for side in (0, 1))
    expected = sum((Fraction(u - v, 8) ** 2 for u, v in pairs), Fraction(0)) / 2
    actual = exact("mean_squared_error", y, t)
    assert expected == Fraction(float(actual.lower)) == Fraction(float(actual.upper))
    assert [float(rounded(expected, name)) for name in DTYPES] == [float(actual.nearest(name)) for name in DTYPES]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("float64", 2049.0), ("float32", 2049.0), ("float16", 2048.0), ("bfloat16", 2048.0)],
)
def test_a_tie_goes_to_the_even_neighbour(name: str, expected: float) -> None:
    """½ (64² + 2) = 2049 lies half-way between two neighbours in float16, and is not a number of bfloat16 either."""
    assert expected == float(exact("mean_squared_error", [64.0, 1.0, 1.0], [0.0, 0.0, 0.0]).nearest(name))


def test_a_tie_that_no_precision_settles_is_told() -> None:
    """½ − t may be a tie in bfloat16, but ½ = e / (e + e) is never known exactly: that is said; other formats have their rounding."""
    tie = (1 + 2.0**-8) / 8
    actual = exact("softmax_cross_entropy_one_hot_gradient", [1.0, 1.0], [0.5 - tie, 0.5 + tie])
    np.testing.assert_array_equal([tie, -tie], actual.nearest())
    np.testing.assert_array_equal([tie, -tie], actual.nearest("float16"))
    with pytest.raises(
        ArithmeticError, match="the rounding to bfloat16 is not settled at 32768 bits: a tie, by all appearance"
    ):
        actual.nearest("bfloat16")


@pytest.mark.parametrize("numbers", [[0.1], [0.1, 0.25], [[0.1, 0.7], [0.3, 0.5]]])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, DTYPES["bfloat16"].type])
def test_inputs_are_taken_exactly_as_they_are(numbers: Any, dtype: Any) -> None:
    """0.1 is another number in each format, and the value is that of the very number given."""
    y = np.array(numbers, dtype)
    expected = sum((Fraction(float(value)) ** 2 for value in y.flat), Fraction(0)) / 2 / (1 if y.ndim == 1 else len(y))
    actual = exact("mean_squared_error", y, np.zeros(y.shape))
    assert Fraction(float(actual.lower)) <= expected <= Fraction(float(actual.upper))
    assert float(rounded(expected, "float64")) == actual.nearest()


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than float64 here")
def test_a_long_double_is_taken_exactly_too() -> None:
    """The last bits of a long double count: (1 + 2⁻⁶⁰) − 1 and (2⁻¹⁰⁰⁰⁰ · 2) − 2⁻¹⁰⁰⁰⁰ are not zero, and a large one is not ∞."""
    one, tiny = np.longdouble(1), np.longdouble(2) ** -10000
    assert exact("mean_squared_error_gradient", [one + np.longdouble(2) ** -60], [one]).nearest() == [2.0**-60]
    assert exact("mean_squared_error_gradient", [2 * tiny], [tiny]).upper == [5e-324]
    assert exact("sigmoid", np.longdouble(2) ** 10000).nearest() == 1.0


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64, ">f8", ">f4", ">i2"])
def test_integers_and_foreign_byte_orders_are_numbers_too(dtype: Any) -> None:
    """Integers of any width, and floats of the other byte order, mean the numbers they are."""
    top = int(np.iinfo(dtype).max) if np.dtype(dtype).kind in "iu" else 3
    y = np.array([top, 1], dtype)
    expected = Fraction(top - 1) ** 2 / 2
    actual = exact("mean_squared_error", y, np.ones(2, dtype))
    assert float(rounded(expected, "float64")) == actual.nearest()


ZEROS: dict[str, tuple[Any, ...]] = {
    "softmax_gradient": ([3.0],),
    "mean_squared_error": ([0.1, 5e-324], [0.1, 5e-324]),
    "mean_squared_error_gradient": ([[0.1], [0.2]], [[0.1], [0.2]]),
    "cross_entropy_one_hot": ([1.0, 0.0], [1, 0]),
    "cross_entropy_labels": ([1.0, 0.0], 0),
    "cross_entropy_error": ([1.0, 0.0], 0),
    "softmax_cross_entropy_one_hot": ([[3.0], [-1e4]], [[1], [1]]),
    "softmax_cross_entropy_labels": ([-7.5], 0),
    "softmax_cross_entropy_one_hot_gradient": ([3.0], [1.0]),
    "softmax_cross_entropy_labels_gradient": ([1e300], 0),
}


@pytest.mark.parametrize("name", ZEROS)
def test_a_value_of_zero_is_zero(name: str) -> None:
    """Where the value is zero, as with one class or a perfect output, the bounds hold it and it rounds to +0 in every format."""
    actual = exact(name, *ZEROS[name])
    assert (actual.lower <= 0).all()
    assert (actual.upper >= 0).all()
    for format_name in DTYPES:
        assert [1.0] * actual.lower.size == [
            math.copysign(1, zero) for zero in _plain(actual.nearest(format_name)) if zero == 0
        ]


@pytest.mark.parametrize(
    ("name", "inputs", "below", "above", "expected"),
    [
        ("mean_squared_error", ([1e200], [-1e200]), sys.float_info.max, math.inf, math.inf),
        ("mean_squared_error_gradient", ([1e308], [-1e308]), sys.float_info.max, math.inf, math.inf),
        ("mean_squared_error_gradient", ([-1e308], [1e308]), -math.inf, -sys.float_info.max, -math.inf),
        ("mean_squared_error", ([1e-200], [0.0]), 0.0, 5e-324, 0.0),
        ("mean_squared_error_gradient", ([5e-324, 0.0], [0.0, 0.0]), 0.0, 5e-324, 5e-324),
        ("softmax_cross_entropy_labels", ([1e308, -1e308], 1), sys.float_info.max, math.inf, math.inf),
        (
            "softmax_cross_entropy_labels",
            ([1e300, 0.0], 1),
            np.nextafter(1e300, 0.0),
            np.nextafter(1e300, math.inf),
            1e300,
        ),
        ("sigmoid", (-1e308,), 0.0, 5e-324, 0.0),
        ("sigmoid", (1e308,), np.nextafter(1.0, 0.0), np.nextafter(1.0, 2.0), 1.0),
        ("sigmoid", (-745.0,), 0.0, 1e-323, 5e-324),
    ],
)
def test_values_at_and_beyond_the_ends_of_the_range(
    name: str, inputs: Any, below: float, above: float, expected: float
) -> None:
    """A finite value beyond the largest number lies between it and ∞, and one below the smallest between it and 0."""
    actual = exact(name, *inputs)
    lower, upper, nearest = (float(np.ravel(each)[0]) for each in (actual.lower, actual.upper, actual.nearest()))
    assert below <= lower <= upper <= above
    assert expected == nearest


def test_an_infinite_value_is_certain() -> None:
    """Without a guard, ln 0 makes the loss ∞ and its derivative −∞, and nothing else of the batch matters."""
    loss = exact("cross_entropy_one_hot", [[0.0, 1.0], [0.5, 0.5]], [[1, 0], [0, 1]], guard="none")
    assert (math.inf,) * 3 == (loss.lower, loss.upper, loss.nearest("float16"))
    gradient = exact("cross_entropy_one_hot_gradient", [[0.0, 1.0], [0.5, 0.5]], [[1, 0], [0, 1]], guard="none")
    assert [-math.inf, 0.0, 0.0, -1.0] == _plain(gradient.nearest())


# ---- shapes


@every_formula
def test_lists_arrays_and_tuples_are_the_same_numbers(formula: Formula) -> None:
    """Nested lists and tuples are taken as arrays are."""
    (inputs,) = surveyed.everyday(formula, 1, seed=1)
    expected = exact(formula.name, *inputs).nearest()
    for alike in ([array.tolist() for array in inputs], [_tuples(array.tolist()) for array in inputs]):
        np.testing.assert_array_equal(expected, exact(formula.name, *alike).nearest())


def _tuples(nested: Any) -> Any:
    return tuple(map(_tuples, nested)) if isinstance(nested, list) else nested


@every_formula
def test_one_sample_is_a_batch_of_one(formula: Formula) -> None:
    """A single sample (K,) has the value of the batch (1, K), without the batch's axis."""
    inputs = next(each for each in surveyed.everyday(formula, 8) if each[0].ndim == 1)
    expected = exact(formula.name, *surveyed.as_batch(formula, inputs)).nearest()
    actual = exact(formula.name, *inputs).nearest()
    np.testing.assert_array_equal(expected[0] if formula.output else expected, actual)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_gradient"])
@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 3)])
def test_entry_by_entry_any_shape_is_kept(name: str, shape: tuple[int, ...]) -> None:
    """The sigmoid of an array of any shape has that shape, and a scalar's is a scalar."""
    x = np.random.default_rng(3).normal(size=shape)
    expected = [exact(name, float(entry)).nearest() for entry in np.ravel(x)]
    actual = exact(name, x)
    assert shape == np.shape(actual.lower) == np.shape(actual.upper) == np.shape(actual.nearest("float32"))
    assert expected == _plain(actual.nearest())


def test_scalars_come_back_as_scalars() -> None:
    """Bounds and rounding of a scalar are NumPy scalars of the right type, not arrays."""
    actual = exact("mean_squared_error", [1.0], [0.0])
    expected = [np.float64, np.float64, np.float64, np.float32, np.float16, DTYPES["bfloat16"].type]
    assert expected == [type(actual.lower), type(actual.upper), *(type(actual.nearest(name)) for name in DTYPES)]


def test_the_representation_shows_the_bounds() -> None:
    """An enclosure prints as its bounds, of which each is read back."""
    actual = exact("mean_squared_error", [0.1], [0.0])
    assert f"Enclosure(lower={actual.lower!r}, upper={actual.upper!r})" == repr(actual)


# ---- what is left alone


@every_formula
def test_the_inputs_are_only_read(formula: Formula) -> None:
    """The inputs may be read-only, and hold the same bits afterwards."""
    (inputs,) = surveyed.all_sorts(formula, 1)
    before = [array.copy() for array in inputs]
    for array in inputs:
        array.flags.writeable = False
    exact(formula.name, *inputs).nearest("float16")
    for expected, actual in zip(before, inputs, strict=True):
        assert (expected.dtype, expected.tobytes()) == (actual.dtype, actual.tobytes())


@every_formula
@pytest.mark.parametrize("precision", [2, 53, 1000])
def test_the_precision_of_the_ball_library_is_the_callers(formula: Formula, precision: int) -> None:
    """Whatever precision flint is set to, the value is the same, and the setting is found as it was left."""
    (inputs,) = surveyed.everyday(formula, 1, seed=5)
    expected = exact(formula.name, *inputs).nearest()
    with ctx.workprec(precision):
        actual = exact(formula.name, *inputs)
        assert precision == ctx.prec
        np.testing.assert_array_equal(expected, actual.nearest())
        assert (actual.lower <= actual.upper).all()
        with pytest.raises(ValueError, match=r"finite|got nan or inf"):
            exact(
                formula.name, *(np.full(array.shape, np.nan) if array.dtype.kind == "f" else array for array in inputs)
            )
        assert precision == ctx.prec


# ---- refusals


@pytest.mark.parametrize(
    ("unknown", "near"),
    [
        ("sigmiod", "did you mean sigmoid"),
        ("mean_square_error", "did you mean mean_squared_error"),
        ("softmaxgradient", "softmax_gradient"),
        ("zzz", "`refmath list` shows all names"),
        ("", "`refmath list` shows all names"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(unknown: str, near: str) -> None:
    """A name that is not in the catalogue is refused, with the nearest names if there are any."""
    with pytest.raises(ValueError, match="there is no formula") as refused:
        exact(unknown, [1.0])
    assert repr(unknown) in str(refused.value)
    assert near in str(refused.value)


@every_formula
@pytest.mark.parametrize("change", [-1, 1])
def test_too_few_or_too_many_inputs_are_refused(formula: Formula, change: int) -> None:
    """Another number of inputs is refused with their names and the number that came."""
    (inputs,) = surveyed.everyday(formula, 1, seed=6)
    given = inputs[:change] if change < 0 else (*inputs, inputs[0])
    names = ", ".join(each.name for each in formula.inputs)
    with pytest.raises(TypeError) as refused:
        exact(formula.name, *given)
    assert f"{formula.name} takes {len(inputs)} inputs ({names}); got {len(given)}" == str(refused.value)


@every_formula
@pytest.mark.parametrize(
    "wrong",
    [
        np.array([1j, 0]),
        np.array(["a", "b"]),
        np.array([object(), None]),
        np.array([True, False]),
        np.array(["2000-01-01"], "M8[D]"),
    ],
    ids=["complex", "string", "object", "boolean", "date"],
)
def test_what_is_not_a_real_number_is_refused(formula: Formula, wrong: Any) -> None:
    """Complex numbers, strings, objects, dates, and booleans but for targets are refused in each argument, with its name and the dtype."""
    (inputs,) = surveyed.everyday(formula, 1)
    for place, each in enumerate(formula.inputs):
        if surveyed.takes(formula, each.name, wrong.dtype.name):
            continue
        with pytest.raises(
            TypeError, match=f"^{each.name} must be an array of .*; got dtype {re.escape(str(wrong.dtype))}$"
        ):
            exact(formula.name, *inputs[:place], wrong, *inputs[place + 1 :])


@every_formula
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", list(DTYPES.values()), ids=str)
def test_what_is_not_finite_is_refused(formula: Formula, wrong: float, dtype: np.dtype[Any]) -> None:
    """nan and the infinities are refused in each real argument, in any format, but −∞ where it masks: a certified value belongs to real numbers."""
    (inputs,) = surveyed.everyday(formula, 1, seed=8)
    for place, each in enumerate(formula.inputs):
        if inputs[place].dtype.kind == "f":
            given = [array.copy() for array in inputs]
            given[place].flat[-1] = wrong
            given[place] = given[place].astype(dtype)
            if each.masks and wrong == -np.inf:
                assert not np.isnan(exact(formula.name, *given).nearest()).any()
                continue
            said = "must hold real numbers, or −∞ where it masks; got nan or inf" if each.masks else "must be finite"
            with pytest.raises(ValueError, match=f"^{each.name} {said}"):
                exact(formula.name, *given)


@every_formula
def test_an_empty_input_is_refused(formula: Formula) -> None:
    """An empty array is refused with its shape: no samples, or samples without entries."""
    for shape in ((0,), (0, 3), (2, 0)):
        empty = [
            np.zeros(shape[:-1] if each.kind == "labels" else shape, int if each.kind == "labels" else float)
            for each in formula.inputs
        ]
        with pytest.raises(ValueError, match=r"must not be empty; got shape \("):
            exact(formula.name, *empty)


PAIRS = [formula for formula in SAMPLES if len(formula.inputs) == 2]
ROWS = [formula for formula in SAMPLES if formula.inputs[0].axes == ("N", "K")]


UNFIT = [
    ((2,), (3,)),
    ((2, 3), (3, 2)),
    ((1, 3), (3, 1)),
    ((2, 2), (1, 2)),
    ((3,), (1, 3)),
    ((2, 3), (1,)),
    ((2, 3), ()),
]
UNFIT_AS_TARGETS = [*UNFIT, ((2, 3), (3,)), ((1, 2), (2,)), ((3,), ())]
UNFIT_AS_LABELS = [*UNFIT, ((2, 3), (2, 1)), ((2, 3), (2, 3)), ((3,), (1,)), ((1, 3), ())]


@pytest.mark.parametrize("formula", PAIRS, ids=lambda formula: formula.name)
def test_shapes_that_do_not_fit_are_refused(formula: Formula) -> None:
    """Shapes that differ are refused, those that NumPy would broadcast too."""
    kind = formula.inputs[1].kind
    if formula.inputs[1].axes[:1] not in (("N",), ("...",)):
        with pytest.raises(ValueError, match=r"must have the axes .* of shape \("):
            exact(formula.name, *(np.ones((2, 3)) for _ in formula.inputs))
        return
    unfit = UNFIT if kind == "targets_or_labels" else UNFIT_AS_LABELS if kind == "labels" else UNFIT_AS_TARGETS
    for first, second in unfit:
        told = (
            r"must have the shape of .*; got \("
            if formula.inputs[0].axes == ("...",)
            else r"must have the axes .* of shape \("
        )
        with pytest.raises(ValueError, match=told):
            exact(formula.name, np.full(first, 0.5), np.zeros(second, int))


@pytest.mark.parametrize("formula", ROWS, ids=lambda formula: formula.name)
@pytest.mark.parametrize("shape", [(), (1, 2, 2)])
def test_scalars_and_more_than_two_axes_are_refused(formula: Formula, shape: tuple[int, ...]) -> None:
    """Samples are (K,) or (N, K); neither a single number nor a third axis has a meaning."""
    with pytest.raises(ValueError, match="must have the axes"):
        exact(formula.name, *(np.ones(shape, int if each.kind == "labels" else float) for each in formula.inputs))


LABELLED = [formula for formula in PAIRS if formula.inputs[1].kind in ("labels", "targets_or_labels")]


@pytest.mark.parametrize("formula", LABELLED, ids=lambda formula: formula.name)
@pytest.mark.parametrize(("labels", "said"), [([0, 3], "[0, 3]"), ([-1, 0], "[-1, 0]"), ([2**40, 0], "1099511627776")])
def test_labels_out_of_range_are_refused(formula: Formula, labels: list[int], said: str) -> None:
    """A label below 0 or beyond K − 1 is refused, with the range and the labels: counting from the end has no meaning here."""
    with pytest.raises(ValueError, match=r"labels in \w+ must lie in 0 \.\. 2; got ") as refused:
        exact(formula.name, np.full((2, 3), 0.5), labels)
    assert said in str(refused.value)


@pytest.mark.parametrize("formula", LABELLED, ids=lambda formula: formula.name)
@pytest.mark.parametrize("labels", [[0.0, 1.0], [True, False]])
def test_labels_that_are_not_integers_are_refused(formula: Formula, labels: list[Any]) -> None:
    """Floats and booleans are no labels, even where they are whole."""
    with pytest.raises(
        TypeError,
        match=r"labels.* must be .*; got dtype (float64|bool)|must be an array of real numbers; got dtype bool",
    ):
        exact(formula.name, np.full((2, 3), 0.5), labels)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        (
            {"gamma": 1.0},
            TypeError,
            "cross_entropy_one_hot has no parameter 'gamma'; it has: delta, guard, reduction, class_weights, label_smoothing",
        ),
        (
            {"guard": "ceiling"},
            ValueError,
            "guard of cross_entropy_one_hot must be one of floor, offset, none; got 'ceiling'",
        ),
        ({"guard": None}, ValueError, "guard of cross_entropy_one_hot must be one of floor, offset, none; got None"),
        ({"delta": "small"}, TypeError, "delta of cross_entropy_one_hot must be a real number; got 'small'"),
        ({"delta": True}, TypeError, "delta of cross_entropy_one_hot must be a real number; got True"),
        ({"delta": 1e-8j}, TypeError, "delta of cross_entropy_one_hot must be a real number; got 1e-08j"),
        (
            {"convention": "kera"},
            ValueError,
            "cross_entropy_one_hot has no convention 'kera'; it has: chapter, book, pytorch, keras, sklearn",
        ),
        (
            {"convention": "keras", "delta": 0.5},
            TypeError,
            "the convention 'keras' settles the parameters of cross_entropy_one_hot; got ['delta'] too",
        ),
        (
            {"convention": "seed", "guard": "floor"},
            TypeError,
            "the convention 'seed' settles the parameters of cross_entropy_one_hot; got ['guard'] too",
        ),
        ({"delta": -1.0}, ValueError, "delta of cross_entropy_one_hot must be positive and finite; got -1.0"),
        ({"delta": float("nan")}, ValueError, "delta of cross_entropy_one_hot must be positive and finite; got nan"),
    ],
)
def test_settings_that_the_page_does_not_have_are_refused(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    """An unknown parameter, value or convention is refused with those there are."""
    with pytest.raises(error) as refused:
        exact("cross_entropy_one_hot", [0.5, 0.5], [1, 0], **parameters)
    assert message == str(refused.value)


def test_a_formula_without_settings_says_so() -> None:
    """Where there are no parameters or conventions, the refusal says none."""
    with pytest.raises(TypeError, match="sigmoid has no parameter 'delta'; it has: none"):
        exact("sigmoid", 0.0, delta=1.0)
    with pytest.raises(ValueError, match="sigmoid has no convention 'book'; it has: none"):
        exact("sigmoid", 0.0, convention="book")


def test_a_value_that_does_not_exist_is_refused() -> None:
    """Keras divides by the sum of the outputs: 0 by 0 is no real number, and is not called an enclosure."""
    with pytest.raises(ValueError, match="the value cannot be enclosed"):
        exact("cross_entropy_one_hot", [0.0, 0.0], [0, 1], convention="keras")


def test_integers_of_many_digits_are_not_rounded() -> None:
    """Each number in a list counts as it is, also where NumPy would round an integer beside a float."""
    assert exact("mean_squared_error", [2**53 + 1, 0.5], [2**53, 0]).nearest() == 0.625
    assert exact("mean_squared_error", [2**64 - 1, -1], [2**64 - 2, -1]).nearest() == 0.5


@pytest.mark.parametrize("dtype", ["float128", "int32", np.int64, "complex128"])
def test_another_dtype_is_refused(dtype: Any) -> None:
    """A value is rounded to one of four formats; any other is refused."""
    enclosure = exact("sigmoid", 0.0)
    with pytest.raises(ValueError, match="dtype must be one of float64, float32, float16, bfloat16; got "):
        enclosure.nearest(dtype)


def test_without_ml_dtypes_there_is_no_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ml_dtypes cannot be imported, bfloat16 is refused with what to install, and everything else works."""
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    enclosure = exact("sigmoid", 0.0)
    expected = [0.5, 0.5, 0.5]
    assert expected == [float(enclosure.nearest(name)) for name in ("float64", "float32", "float16")]
    with pytest.raises(ImportError, match="bfloat16 needs the package ml_dtypes: pip install"):
        enclosure.nearest("bfloat16")


def test_threads_do_not_disturb_each_other() -> None:
    """Values asked for by several threads at once, at different precisions, are those asked for alone."""
    rng = np.random.default_rng(0)
    tasks: list[tuple[Any, ...]] = [
        ("softmax_cross_entropy_one_hot", 30 * rng.normal(size=(8, 3)), np.eye(3)[rng.integers(0, 3, 8)])
        for _ in range(8)
    ]
    tasks += [("mean_squared_error", [1.0 + 2.0**-600, 2.0**-1000], [1.0, 2.0**600]) for _ in range(8)]
    alone = [exact(*task).nearest() for task in tasks]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda task: exact(*task).nearest(), tasks)) == alone


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("softmax_cross_entropy_one_hot", ([1.0, 2.0], [0.5, 0.2]), "must sum to 1; got a sum of 0.7"),
        ("softmax_cross_entropy_one_hot_gradient", ([[1.0, 2.0]], [[0.5, 0.6]]), "must sum to 1; got a sum of 1.1"),
        ("cross_entropy_one_hot", ([0.5, 0.5], [1.5, -0.5]), "t must hold numbers from 0 to 1; got 1.5"),
        ("cross_entropy_labels", ([-0.25, 0.5], 0), "y must hold numbers from 0 to 1; got -0.25"),
        ("cross_entropy_error", ([0.5, 0.5], [0.0, 0.0]), "must sum to 1; got a sum of 0.0"),
    ],
)
def test_what_the_program_refuses_has_no_certified_value(name: str, values: tuple[Any, ...], says: str) -> None:
    """Of targets that are no distribution the gradient would not be that of the loss."""
    with pytest.raises(ValueError, match=says):
        exact(name, *values)
    with pytest.raises(ValueError, match="must"):
        getattr(refmath, name)(*map(np.asarray, values))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", ["softmax_cross_entropy_one_hot", "softmax_cross_entropy_one_hot_gradient"])
def test_thirds_sum_to_one_in_their_own_type(name: str, dtype: Any) -> None:
    """Rounded thirds are a distribution to every number type that they come in, whatever the type of the logits."""
    a, t = np.array([[1.0, 2.0, 4.0]]), np.full((1, 3), 1 / 3, dtype)
    value = exact(name, a, t).nearest()
    assert np.allclose(value, getattr(refmath, name)(a, t), rtol=1e-12)
    assert getattr(refmath, name)(a, t).dtype == np.float64


def test_a_step_of_no_parameters_is_none() -> None:
    assert exact("sgd_step", {}, {}, 0.1).nearest() == refmath.sgd_step({}, {}, 0.1) == {}
