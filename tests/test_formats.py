"""The formats, and the one rounding that every certified value ends in."""

from __future__ import annotations

import itertools
import math
import sys
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from by_fractions import DTYPES, as_fraction, pattern, rounded
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st

from refmath.balls.formats import FORMATS, Format, format_named, nearest

every_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=list(FORMATS))
every_narrow_format = pytest.mark.parametrize(
    "format_", [FORMATS["float16"], FORMATS["bfloat16"]], ids=["float16", "bfloat16"]
)

significands = st.integers(-(2**12), 2**12) | st.integers(-(2**200), 2**200)


def dyadic(value: Fraction) -> tuple[int, int]:
    """A fraction whose denominator is a power of two, as significand and exponent."""
    return value.numerator, 1 - value.denominator.bit_length()


def same(left: Any, right: Any) -> bool:
    """Whether two floats are the same number with the same sign, of zeros too."""
    return float(left) == float(right) and math.copysign(1, float(left)) == math.copysign(1, float(right))


def all_finite(format_: Format) -> Any:
    """Every finite number of a 16-bit format that is not negative, upwards."""
    dtype = DTYPES[format_.name]
    return np.arange(pattern(dtype.type(np.inf)), dtype=np.uint16).view(dtype)


# ---- rounding


@every_format
@given(significand=significands, place=st.integers(-4, 4), exponent=st.integers(-1300, 1100))
def test_rounding_to_a_format(format_: Format, significand: int, place: int, exponent: int) -> None:
    """Any dyadic number, near the ends of the range too, becomes the nearest of the format's numbers around it."""
    ends = [
        format_.min_exponent - format_.bits + place,
        format_.max_exponent - significand.bit_length() + place,
        exponent,
    ]
    for end in ends:
        expected = rounded(Fraction(significand) * Fraction(2) ** end, format_.name)
        assert same(expected, format_.nearest(significand, end)), end


@given(significand=significands, exponent=st.integers(-1400, 1100))
@example(significand=1, exponent=-1075)
@example(significand=3, exponent=-1075)
@example(significand=-1, exponent=-1075)
@example(significand=2**54 - 1, exponent=1024 - 54)
@example(significand=2**55 - 3, exponent=1024 - 55)
def test_rounding_to_float64_is_pythons(significand: int, exponent: int) -> None:
    """In float64 the rounding is that of Python's division of integers, which overflows where refmath gives infinity."""
    try:
        expected = float(Fraction(significand) * Fraction(2) ** exponent)
    except OverflowError:
        expected = math.copysign(math.inf, significand)
    assert expected == FORMATS["float64"].nearest(significand, exponent)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_a_float64_is_numpys(value: float) -> None:
    """To float32 and float16, a float64 is rounded as NumPy casts it, and stays as it is in float64."""
    for name in ("float64", "float32", "float16"):
        with np.errstate(over="ignore", under="ignore"):
            expected = np.float64(value).astype(name)
        assert float(expected) == FORMATS[name].nearest(*dyadic(Fraction(value))), name


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_rounding_a_float32_to_bfloat16_is_that_of_ml_dtypes(value: float) -> None:
    """A float32 is rounded to bfloat16 as ml_dtypes casts it."""
    with np.errstate(over="ignore"):
        expected = np.float32(value).astype(DTYPES["bfloat16"])
    assert float(expected) == FORMATS["bfloat16"].nearest(*dyadic(Fraction(value)))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than float64 here")
@given(st.integers(2**63, 2**64 - 1), st.integers(-1160, 970))
def test_rounding_a_long_double_is_the_processors(significand: int, exponent: int) -> None:
    """A long double is rounded to float64 as the processor does it."""
    wide = np.ldexp(np.longdouble(np.uint64(significand)), exponent)
    with np.errstate(over="ignore", under="ignore"):
        expected = np.float64(wide)
    assert float(expected) == FORMATS["float64"].nearest(significand, exponent)


@every_format
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4), st.integers(-3, 3))
def test_an_array_is_rounded_as_its_numbers_are(format_: Format, numbers: list[float], place: int) -> None:
    """Each number of an array becomes the nearest of the format, near both ends of its range too, with the sign of its zeros."""
    ends = [format_.largest, format_.smallest_normal, format_.ulp(0.0), 1.5 * format_.ulp(0.0)]
    with np.errstate(over="ignore", under="ignore"):
        near = [number for end in ends for number in (end * (1 + place * format_.unit / 8), -end)]
    given_ = [number for number in (*numbers, *near, 0.0, -0.0) if math.isfinite(number)]
    got = format_.rounded(np.array(given_).reshape(1, -1))
    assert got.shape == (1, len(given_))
    assert got.dtype == np.float64
    for number, each in zip(given_, got[0], strict=True):
        assert same(each, format_.nearest(*dyadic(Fraction(number))) if number else number), number
    assert np.isnan(format_.rounded(np.nan))
    assert format_.rounded(np.array([0.5], np.float32)).dtype == np.float64
    assert format_.rounded([np.inf, -np.inf, 3]).tolist() == [np.inf, -np.inf, 3.0]


@every_narrow_format
def test_every_number_of_a_narrow_format_is_its_own_rounding(format_: Format) -> None:
    """All numbers of float16 and of bfloat16, subnormal ones included, stay as they are, and so do their negatives."""
    numbers = [float(number) for number in all_finite(format_)]
    expected = [(number, -number) for number in numbers[1:]]
    actual = [
        (format_.nearest(s, e), format_.nearest(-s, e)) for s, e in (dyadic(Fraction(number)) for number in numbers[1:])
    ]
    assert expected == actual


@every_narrow_format
def test_every_tie_of_a_narrow_format_goes_to_the_even_neighbour(format_: Format) -> None:
    """Half-way between any two neighbours the even one is taken; a little off, the nearer one."""
    numbers = all_finite(format_)
    little = Fraction(1, 2**200)
    for below, above in itertools.pairwise(numbers):
        middle = (as_fraction(below) + as_fraction(above)) / 2
        even = below if pattern(below) % 2 == 0 else above
        expected = (float(below), float(even), float(above), -float(even))
        actual = tuple(format_.nearest(*dyadic(value)) for value in (middle - little, middle, middle + little, -middle))
        assert expected == actual


@every_format
def test_the_threshold_of_overflow(format_: Format) -> None:
    """From half a unit beyond the largest number on, the result is infinite; below that it is the largest number."""
    threshold = Fraction(format_.largest) + Fraction(format_.ulp(format_.largest)) / 2
    below = threshold - Fraction(1, 2**300)
    assert (format_.largest, math.inf) == (format_.nearest(*dyadic(below)), format_.nearest(*dyadic(threshold)))
    assert (-format_.largest, -math.inf) == (format_.nearest(*dyadic(-below)), format_.nearest(*dyadic(-threshold)))


@every_format
def test_the_threshold_of_underflow(format_: Format) -> None:
    """Half the smallest number is a tie with zero and becomes zero, with its sign; anything more becomes the smallest number."""
    smallest = Fraction(format_.ulp(0.0))
    for sign in (1, -1):
        assert same(sign * 0.0, format_.nearest(*dyadic(sign * smallest / 2)))
        assert same(sign * 0.0, format_.nearest(*dyadic(sign * smallest / 2**4000)))
        assert float(sign * smallest) == format_.nearest(*dyadic(sign * (smallest / 2 + Fraction(1, 2**2000))))


@every_format
def test_zero_and_numbers_out_of_all_proportion(format_: Format) -> None:
    """Zero is zero whatever its exponent, and exponents of any size cost neither time nor memory."""
    huge = 10**30
    expected = (0.0, 0.0, 0.0, -0.0, math.inf, -math.inf)
    cases = [(0, -5000), (0, 5000), (1, -huge), (-1, -huge), (1, huge), (-1, huge)]
    assert all(same(left, format_.nearest(*case)) for left, case in zip(expected, cases, strict=True))


# ---- what the formats are


@every_format
def test_the_constants_are_those_of_the_dtype(format_: Format) -> None:
    """Name, smallest normal number, largest number and unit are those that finfo gives for the format's dtype."""
    dtype = DTYPES[format_.name]
    info = ml_dtypes.finfo(dtype)
    assert (dtype, float(info.smallest_normal), float(info.max), float(info.eps)) == (
        format_.dtype(),
        format_.smallest_normal,
        format_.largest,
        format_.unit,
    )


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
@given(st.data())
def test_the_ulp_is_numpys_spacing(name: str, data: st.DataObject) -> None:
    """At every number of a format but the largest, the unit in the last place is what np.spacing says, at negative ones too."""
    dtype = DTYPES[name]
    bits = data.draw(st.integers(0, pattern(dtype.type(np.inf)) - 2))
    value = np.array(bits, f"u{dtype.itemsize}").view(dtype)
    expected = float(np.spacing(value))
    assert (expected, expected) == (FORMATS[name].ulp(float(value)), FORMATS[name].ulp(-float(value)))


@every_narrow_format
def test_the_ulp_is_the_distance_to_the_next_number(format_: Format) -> None:
    """In the narrow formats, at every number but the largest, one unit further is the next number."""
    numbers = [float(number) for number in all_finite(format_)]
    assert numbers[1:] == [number + format_.ulp(number) for number in numbers[:-1]]


# ---- formats by name


@every_format
def test_a_format_goes_by_its_name_and_by_its_dtype(format_: Format) -> None:
    """A format is found by the dtype's name, by the dtype, and by the scalar type."""
    dtype = DTYPES[format_.name]
    assert [format_] * 3 == [format_named(format_.name), format_named(dtype), format_named(dtype.type)]


@pytest.mark.parametrize(
    "unknown",
    ["float128", "double", "", np.int64, np.complex128, "int32", 5.5, [1], {"names": "a", "formats": ["f8", "f8"]}],
)
def test_other_formats_are_refused(unknown: Any) -> None:
    """Any other name or dtype is refused with the four names and what was given."""
    with pytest.raises(ValueError, match="dtype must be one of float64, float32, float16, bfloat16; got ") as refused:
        format_named(unknown)
    assert str(refused.value).endswith(f"got {unknown!r}")


def test_without_ml_dtypes_only_bfloat16_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ml_dtypes cannot be imported, bfloat16 says what to install, and the other formats do without it."""
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    others = ["float64", "float32", "float16"]
    assert others == [str(FORMATS[name].dtype()) for name in others]
    with pytest.raises(ImportError, match=r"^bfloat16 needs the package ml_dtypes: pip install 'refmath\[array\]'$"):
        FORMATS["bfloat16"].dtype()


# ---- rounding a ball


@every_format
@given(significand=st.integers(1, 2**60), exponent=st.integers(-200, 20), sign=st.sampled_from([1, -1]))
def test_an_exact_ball_is_rounded_as_its_number(format_: Format, significand: int, exponent: int, sign: int) -> None:
    """The rounding of a ball without radius is the rounding of its middle."""
    with ctx.workprec(128):
        ball = arb((sign * significand, exponent))
        assert same(format_.nearest(sign * significand, exponent), nearest(ball, format_))


@every_format
def test_a_ball_around_a_tie_is_not_settled(format_: Format) -> None:
    """A ball that holds numbers on both sides of a tie has no rounding, however small; on one side of it, it has."""
    with ctx.workprec(256):
        radius, above = arb((1, -150)), arb((1, -100))
        middle = arb(1) + arb(format_.unit) / 2
        assert [None, 1.0, 1 + format_.unit] == [
            nearest(arb(point, radius), format_) for point in (middle, middle - above, middle + above)
        ]


@every_format
def test_a_ball_around_zero_is_zero_without_a_sign(format_: Format) -> None:
    """A ball so small that only zero is near is +0 if it holds zero, and keeps its sign otherwise; a larger one is not settled."""
    with ctx.workprec(64):
        tiny, smallest = arb((1, -5000)), arb(format_.ulp(0.0))
        assert same(0.0, nearest(arb(0, tiny), format_))
        assert same(0.0, nearest(arb(tiny, tiny / 4), format_))
        assert same(-0.0, nearest(arb(-tiny, tiny / 4), format_))
        assert nearest(arb(0, smallest), format_) is None


@every_format
def test_infinite_balls(format_: Format) -> None:
    """The infinities are their own roundings; what is not a number, or any number at all, has none."""
    assert [math.inf, -math.inf] == [nearest(arb.pos_inf(), format_), nearest(arb.neg_inf(), format_)]
    assert nearest(arb(0, arb.pos_inf()), format_) is None
    assert nearest(arb.nan(), format_) is None
