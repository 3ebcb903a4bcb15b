"""What the programs accept, asked directly: what is taken, as which array, and which words a refusal holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from refmath import arguments

EPSILON = {np.float64: 2.0**-52, np.float32: 2.0**-23, np.float16: 2.0**-10, ml_dtypes.bfloat16: 2.0**-7}
MASKED = np.ma.masked_array([0.5, 0.5], mask=[False, True])
RAGGED: Any = [[1.0, 2.0], [3.0]]
PAIR, ROWS = np.array([0.5, 0.5]), np.array([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]])

#: Everything that takes an array, by name.
OF_ARRAYS: dict[str, Callable[[str, Any], Any]] = {
    "real": arguments.real,
    "samples": arguments.samples,
    "probabilities": arguments.probabilities,
    "distributions": lambda name, value: arguments.distributions(name, value, PAIR, "y"),
    "labels": lambda name, value: arguments.labels(name, value, PAIR, "y"),
    "dimensions": arguments.dimensions,
    "point": arguments.point,
    "rows": arguments.rows,
}
every_taker = pytest.mark.parametrize("take", OF_ARRAYS.values(), ids=list(OF_ARRAYS))


def refused(error: type[Exception], message: str, take: Callable[..., Any], *given: Any, **options: Any) -> None:
    """Asserts that a call is refused, with these words from the first one on."""
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        take(*given, **options)


# ---- arrays


@every_taker
def test_masks_and_ragged_lists_are_refused_by_name(take: Callable[[str, Any], Any]) -> None:
    """A masked array has no meaning anywhere, and a ragged list is no array: both refusals begin with the argument's name."""
    refused(TypeError, "w must be a plain array; got a masked array", take, "w", MASKED)
    refused(ValueError, "w must be a rectangular array of real numbers; got list: ", take, "w", RAGGED)


@pytest.mark.parametrize("take", [arguments.real, arguments.samples, arguments.probabilities, arguments.rows])
@pytest.mark.parametrize("dtype", EPSILON)
def test_floats_keep_their_format(take: Callable[[str, Any], Any], dtype: Any) -> None:
    """An array of floats comes back in its own format, and what is in the machine's byte order already is not copied."""
    given = np.array([0.25, 0.5], dtype)
    taken = take("x", given)
    assert taken.dtype == given.dtype
    assert np.shares_memory(taken, given)


@pytest.mark.parametrize("take", [arguments.real, arguments.samples, arguments.rows])
@pytest.mark.parametrize("dtype", [">f4", ">f8", "<f4"])
def test_foreign_byte_orders_become_the_machines(take: Callable[[str, Any], Any], dtype: str) -> None:
    """The numbers and the width stay, the byte order becomes the machine's."""
    taken = take("x", np.array([1.5, -2.0], dtype))
    assert taken.dtype == np.dtype(dtype).newbyteorder("=")
    assert taken.dtype.isnative
    assert taken.tolist() == [1.5, -2.0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, ">i2"])
def test_integers_become_float64_where_real_numbers_are_meant(dtype: Any) -> None:
    """Integers of any width are real numbers, in float64; as rows of a data set they stay what they are."""
    given = np.array([[1, 2], [3, 100]], dtype)
    for take in (arguments.real, arguments.samples, arguments.point):
        taken = take("x", given)
        assert taken.dtype == np.float64
        assert taken.tolist() == [[1.0, 2.0], [3.0, 100.0]]
    assert arguments.rows("x", given).dtype == given.dtype.newbyteorder("=")
    assert arguments.rows("x", given).tolist() == given.tolist()


@pytest.mark.parametrize(
    "wrong", [np.array([1j]), np.array(["a"]), np.array([None]), np.array(["2000-01-01"], "M8[D]")]
)
def test_what_is_not_real_is_refused_with_its_dtype(wrong: Any) -> None:
    """Complex numbers, strings, objects and dates are refused with the name and the dtype."""
    for take in (arguments.real, arguments.samples, arguments.probabilities, arguments.point, arguments.rows):
        refused(TypeError, f"x must be an array of real numbers; got dtype {wrong.dtype}", take, "x", wrong)


def test_truth_values_are_rows_and_no_real_numbers() -> None:
    """Booleans may be rows of a data set, where nothing is computed with them, and are refused elsewhere."""
    given = np.array([True, False])
    assert arguments.rows("x", given).dtype == np.bool_
    refused(TypeError, "x must be an array of real numbers; got dtype bool", arguments.real, "x", given)


def test_the_number_of_dimensions_is_what_is_asked_for() -> None:
    """Any number of dimensions by default, one or two for samples, and none that was not asked for; one entry is enough."""
    assert [arguments.real("x", np.ones((1,) * each)).ndim for each in range(4)] == [0, 1, 2, 3]
    assert arguments.samples("x", [1.0]).shape == (1,)
    assert arguments.samples("x", [[1.0]]).shape == (1, 1)
    for shape in ((), (1, 2, 3)):
        refused(ValueError, f"x must be 1-D or 2-D; got shape {shape}", arguments.samples, "x", np.ones(shape))
    refused(ValueError, "x must be 0-D; got shape (1,)", arguments.real, "x", [1.0], dimensions=(0,))


def test_what_is_empty_is_refused() -> None:
    """No entries, no value."""
    for take in (arguments.real, arguments.samples, arguments.probabilities, arguments.point):
        for shape in ((0,), (2, 0)):
            refused(ValueError, f"x must not be empty; got shape {shape}", take, "x", np.ones(shape))


# ---- probabilities


@pytest.mark.parametrize("dtype", EPSILON)
def test_probabilities_end_at_zero_and_eight_units_above_one(dtype: Any) -> None:
    """0, 1 and what rounding makes of 1 are probabilities; the next number beyond eight units is not, and nothing below zero."""
    eight = np.array([0.0, 1.0, 1 + 8 * EPSILON[dtype]], dtype)
    assert arguments.probabilities("y", eight).tolist() == eight.tolist()
    for wrong in (1 + 9 * EPSILON[dtype], 1.5, -EPSILON[dtype], float("nan")):
        given = np.array([0.5, wrong, 7.0], dtype)
        message = f"y must hold probabilities in [0, 1]; got {given[1]} in an array of shape (3,)"
        refused(ValueError, message, arguments.probabilities, "y", given)


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("classes", [2, 4])
def test_distributions_sum_to_one_within_eight_units_a_class(dtype: Any, classes: int) -> None:
    """A sum is right within eight units for each of its classes, on both sides, and wrong one unit further."""
    unit = EPSILON[dtype]
    for off, is_right in (
        (8 * classes, True),
        (8 * classes + 1, False),
        (-8 * classes, True),
        (-8 * classes - 1, False),
    ):
        given = np.zeros((2, classes), dtype)
        given[:, 0], given[0, 1] = 1, 0
        given[1, :2] = [0.5, 0.5 + off * unit]
        like = np.zeros((2, classes), dtype)
        if is_right:
            assert arguments.distributions("t", given, like, "y").tolist() == given.tolist()
        else:
            refused(
                ValueError,
                "each sample of t must sum to 1; got a sum of ",
                arguments.distributions,
                "t",
                given,
                like,
                "y",
            )


def test_the_worst_sum_is_told() -> None:
    """The refusal tells the sum furthest from one, whichever side it is on, and the shape; of a single sample its own."""
    cases: list[tuple[Any, str]] = [
        ([[0.5, 0.25], [0.75, 0.75], [0.5, 0.5]], "1.5 in an array of shape (3, 2)"),
        ([[0.5, 0.5], [0.25, 0.25], [0.5, 0.25]], "0.5 in an array of shape (3, 2)"),
        ([0.5, 0.25], "0.75 in an array of shape (2,)"),
    ]
    for given, told in cases:
        message = f"each sample of t must sum to 1; got a sum of {told}"
        refused(ValueError, message, arguments.distributions, "t", given, np.zeros(np.shape(given)), "y")


def test_distributions_have_the_shape_of_the_outputs() -> None:
    """Another shape is refused with both names, also one that NumPy would broadcast; one-hot rows may be truth values."""
    message = "y and t must have the same shape; got (3, 2) and (2,)"
    refused(ValueError, message, arguments.distributions, "t", [0.5, 0.5], ROWS, "y")
    refused(ValueError, "t must hold probabilities", arguments.distributions, "t", [2.0, -1.0], PAIR, "y")
    single = np.array([0.25, 0.75], np.float32)
    for like in (PAIR, single):
        taken = arguments.distributions("t", np.array([True, False]), like, "y")
        assert taken.dtype == like.dtype
        assert taken.tolist() == [1.0, 0.0]
    assert arguments.distributions("t", single, PAIR, "y").dtype == np.float32


# ---- labels


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_labels_count_the_classes_from_zero(dtype: Any) -> None:
    """Every label from 0 to K − 1 is taken, for a batch and for a single sample, as an index."""
    taken = arguments.labels("t", np.array([0, 1, 0], dtype), ROWS, "y")
    assert taken.dtype == np.intp
    assert taken.tolist() == [0, 1, 0]
    single = arguments.labels("t", np.array(2, dtype), np.ones(3), "a")
    assert single.dtype == np.intp
    assert single.shape == ()
    assert int(single) == 2


def test_other_labels_are_refused() -> None:
    """Floats and truth values are no labels; each sample has one; and the first that is out of range is told."""
    refused(TypeError, "t must be integers; got dtype float64", arguments.labels, "t", [0.0, 1.0, 0.0], ROWS, "y")
    refused(TypeError, "t must be integers; got dtype bool", arguments.labels, "t", [True, False, True], ROWS, "y")
    message = "t must have one label for each sample: shape (3,) for y of shape (3, 2); got shape (2,)"
    refused(ValueError, message, arguments.labels, "t", [0, 1], ROWS, "y")
    message = "t must have one label for each sample: shape () for y of shape (2,); got shape (1,)"
    refused(ValueError, message, arguments.labels, "t", [0], PAIR, "y")
    message = "t must lie in 0 .. 1 for y of shape (3, 2); got 2"
    refused(ValueError, message, arguments.labels, "t", [0, 2, 5], ROWS, "y")
    message = "t must lie in 0 .. 1 for y of shape (3, 2); got -1"
    refused(ValueError, message, arguments.labels, "t", [1, -1, 2], ROWS, "y")


def test_encodings_are_told_apart_by_their_dimensions() -> None:
    """Numbers and truth values have dimensions; objects have no meaning, whatever shape they are put into."""
    assert [arguments.dimensions("t", each) for each in (3, [1], [[True]])] == [0, 1, 2]
    message = "t must be an array of real numbers; got list of dtype object"
    refused(TypeError, message, arguments.dimensions, "t", [None, 1])


# ---- numbers


@pytest.mark.parametrize("given", [2, 0.5, -3.0, np.int8(7), np.float32(0.25), np.float16(1.5)])
def test_a_number_is_a_float(given: Any) -> None:
    """Numbers of Python and NumPy are taken, and come back as Python's floats."""
    taken = arguments.number("rate", given)
    assert (type(taken), taken) == (float, float(given))


def test_what_is_no_finite_number_is_refused() -> None:
    """Truth values, strings, None and complex numbers are no numbers; nan, infinities and integers beyond every float are not finite."""
    takers = (arguments.number, arguments.positive, arguments.step)
    for take in takers:
        refused(TypeError, "h must be a real number; got bool True", take, "h", True)
        refused(TypeError, "h must be a real number; got str '1'", take, "h", "1")
        refused(TypeError, "h must be a real number; got NoneType None", take, "h", None)
        refused(TypeError, "h must be a real number; got complex 1j", take, "h", 1j)
        refused(TypeError, "h must be a real number; got bool", take, "h", np.True_)
        for wrong in (float("nan"), float("inf"), 10**400):
            refused(ValueError, f"h must be finite; got {wrong!r}", take, "h", wrong)


def test_positive_numbers_and_steps() -> None:
    """A positive number is above zero, however small; a step is anything but zero."""
    assert arguments.positive("rate", 5e-324) == 5e-324
    assert arguments.positive("rate", 0.5) == 0.5
    assert [arguments.step("h", each) for each in (-1e-4, 5e-324, 1)] == [-1e-4, 5e-324, 1.0]
    refused(ValueError, "rate must be positive; got 0", arguments.positive, "rate", 0)
    refused(ValueError, "rate must be positive; got -0.5", arguments.positive, "rate", -0.5)
    refused(ValueError, "h must not be zero; got 0.0", arguments.step, "h", 0.0)


def test_whole_numbers() -> None:
    """A whole number from a limit on, as Python's; floats and truth values are none."""
    for given in (3, np.uint8(3)):
        taken = arguments.whole("steps", given, at_least=3)
        assert (type(taken), taken) == (int, 3)
    refused(ValueError, "steps must be at least 3; got 2", arguments.whole, "steps", 2, at_least=3)
    refused(TypeError, "steps must be a whole number; got float 3.0", arguments.whole, "steps", 3.0, at_least=0)
    refused(TypeError, "steps must be a whole number; got bool True", arguments.whole, "steps", True, at_least=0)


def test_switches_and_functions() -> None:
    """True and False are switches, of NumPy too; a function is what can be called."""
    assert arguments.switch("strict", np.True_) is True
    assert arguments.switch("strict", False) is False
    refused(TypeError, "strict must be True or False; got int 1", arguments.switch, "strict", 1)
    assert arguments.function("f", len) is len
    refused(TypeError, "f must be a function; got int", arguments.function, "f", 3)


# ---- points, and what is said of them


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.int32])
def test_a_point_is_a_copy_of_float64_or_wider(dtype: Any) -> None:
    """A point is never the caller's own array, lies row by row in memory, and is of float64 unless it is wider."""
    given = np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], dtype))
    taken = arguments.point("x", given)
    assert taken.dtype == (np.longdouble if dtype == np.longdouble else np.float64)
    assert taken.flags.c_contiguous
    assert not np.shares_memory(taken, given)
    assert taken.tolist() == given.tolist()


def test_the_first_entry_that_is_not_finite_is_told() -> None:
    """The refusal of a point says where its first nan or infinity is."""
    given = np.array([[1.0, 2.0], [float("inf"), float("nan")]])
    refused(ValueError, "x must be finite; got x[1, 0] = inf", arguments.point, "x", given)
    refused(ValueError, "x must be finite; got x[1] = nan", arguments.point, "x", [0.0, float("nan")])
    refused(ValueError, "x must be finite; got x = -inf", arguments.point, "x", float("-inf"))
    refused(ValueError, "x must not be empty", arguments.point, "x", [])


def test_rows_are_counted_along_the_first_axis() -> None:
    """A single number has no first axis, and no samples are no rows; one number in a row is enough."""
    assert arguments.rows("x", [7]).tolist() == [7]
    for wrong in (3.0, np.ones((0, 2)), np.ones((2, 0))):
        message = f"x must hold at least one sample along its first axis; got shape {np.shape(wrong)}"
        refused(ValueError, message, arguments.rows, "x", wrong)


# ---- what functions return


class Array:
    """An array of another library, which NumPy can take."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.value, dtype)


@pytest.mark.parametrize(
    "given",
    [2, 2.0, np.float32(2), np.int8(2), np.array(2.0), np.array([[2]]), Array(2.0), np.array(2, ml_dtypes.bfloat16)],
)
def test_what_a_function_returns_is_one_number(given: Any) -> None:
    """A number of Python or NumPy, and an array of any library that holds one, in the format asked for."""
    for dtype in (np.float64, np.float32):
        taken = arguments.returned("f", given, np.dtype(dtype))
        assert (type(taken), float(taken), np.shape(taken)) == (dtype, 2.0, ())


def test_nan_and_infinity_may_be_returned() -> None:
    """nan and the infinities are numbers here."""
    assert np.isnan(arguments.returned("f", float("nan"), np.dtype(np.float64)))
    assert arguments.returned("f", float("-inf"), np.dtype(np.float64)) == float("-inf")


def test_what_is_no_number_may_not_be_returned() -> None:
    """Anything else is refused, and said of which type it was."""
    take, float64 = arguments.returned, np.dtype(np.float64)
    for wrong, kind in (
        (None, "NoneType"),
        (True, "bool"),
        ("1", "str"),
        ([1.0], "list"),
        (1j, "complex"),
        (MASKED, "MaskedArray"),
    ):
        refused(TypeError, f"f must return a real number; got {kind}", take, "f", wrong, float64)
    refused(TypeError, "f must return a real number; got ndarray of dtype bool", take, "f", np.array(True), float64)
    refused(TypeError, "f must return a real number; got ndarray of dtype object", take, "f", np.array(None), float64)
    message = "f must return one number, or an array that holds one; got shape (2,)"
    refused(ValueError, message, take, "f", np.ones(2), float64)
    message = "f must return a number within the range of float64; got an integer beyond it"
    refused(ValueError, message, take, "f", 10**400, float64)


# ---- generators


def test_a_seed_means_its_generator() -> None:
    """A generator is taken as it is; a seed, zero too, or a seed sequence gives the generator that NumPy gives."""
    own = np.random.default_rng(3)
    assert arguments.generator("rng", own) is own
    for seed in (0, 5, np.uint8(5)):
        assert arguments.generator("rng", seed).integers(2**62) == np.random.default_rng(seed).integers(2**62)
    sequence = np.random.SeedSequence(9)
    expected = np.random.default_rng(np.random.SeedSequence(9)).integers(2**62)
    assert arguments.generator("rng", sequence).integers(2**62) == expected


def test_what_is_no_seed_is_refused() -> None:
    """Floats, truth values and negative numbers are no seeds; None is a generator that draws afresh."""
    for wrong, kind in ((1.0, "float"), (True, "bool")):
        message = f"rng must be a numpy.random.Generator, a seed or None; got {kind}"
        refused(TypeError, message, arguments.generator, "rng", wrong)
    refused(ValueError, "rng as a seed must not be negative; got -1", arguments.generator, "rng", -1)
    assert arguments.generator("rng", None).integers(2**62) != arguments.generator("rng", None).integers(2**62)
