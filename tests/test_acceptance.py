"""The acceptance interval: honest evaluations are inside, faults are outside, in every format."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import by_mpmath
import honest_learning
import numpy as np
import pytest
import specimens
import surveyed
from by_fractions import rounded
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from refmath import FORMULAS
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import evaluate, output_shape, read
from refmath.balls.formats import FORMATS, Format
from refmath.oracle.candidates.candidate import Candidate
from refmath.spec import Formula, setting, unpacked

pytestmark = pytest.mark.long

every_formula = pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
every_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=list(FORMATS))


def in_a_format(start: int, formulas: Sequence[Formula] = FORMULAS) -> pytest.MarkDecorator:
    """Each formula in one format, the next in the next: the tests of this file start at different ones, and have all between them."""
    return pytest.mark.parametrize(("formula", "format_"), surveyed.in_turn(formulas, list(FORMATS.values()), start))


_LARGEST = FORMATS["float64"].largest


def interval(
    formula: Formula, inputs: tuple[Any, ...], format_: Format, *, strict: bool = False, **chosen: Any
) -> Acceptance | None:
    """The acceptance interval of a formula at some inputs."""
    under = setting(formula, **chosen)
    return acceptance(under, read(under, *inputs), format_, strict=strict)


def certain_interval(formula: Formula, inputs: tuple[Any, ...], format_: Format, *, strict: bool = False) -> Acceptance:
    found = interval(formula, inputs, format_, strict=strict)
    assert found is not None
    return found


def named(name: str) -> Formula:
    return next(formula for formula in FORMULAS if formula.name == name)


def trials(formula: Formula, format_: Format, count: int) -> Iterator[tuple[tuple[Any, ...], Acceptance]]:
    """Inputs of all sorts with their intervals, where there is one."""
    for inputs in surveyed.all_sorts(formula, count, formats=(format_,)):
        found = interval(formula, inputs, format_)
        if found is not None:
            yield inputs, found


# ---- some entries


@every_formula
def test_some_entries_are_those_of_all(formula: Formula) -> None:
    """In any order and repeated, entries asked for by their positions are those that the whole output has there."""
    rng, under = np.random.default_rng(6), setting(formula)
    for inputs in surveyed.everyday(formula, 2) + surveyed.all_sorts(formula, 2):
        named_ = read(under, *inputs)
        whole = evaluate(under, named_, 200)
        assert output_shape(under, named_) == whole.shape
        places = rng.integers(whole.size, size=5)
        some = evaluate(under, named_, 200, entries=places)
        assert some.shape == (5,)
        for ball, expected in zip(some, whole.ravel()[places], strict=True):
            assert ball.overlaps(expected)
            assert ball.rad() <= 2 * expected.rad() + abs(expected) * arb(2) ** -180
        assert evaluate(under, named_, 200, entries=np.zeros(0, np.int64)).shape == (0,)


@in_a_format(0)
def test_some_entries_are_certified_as_among_all(formula: Formula, format_: Format) -> None:
    """Nearest numbers, units and what is said are those of the whole, and the ends are, up to the roundings of the balls."""
    rng, under = np.random.default_rng(16), setting(formula)
    for inputs in surveyed.everyday(formula, 5, format_=format_):
        named_ = read(under, *inputs)
        whole = acceptance(under, named_, format_)
        assert whole is not None
        places = rng.integers(whole.exact.size, size=3)
        some = acceptance(under, named_, format_, entries=places)
        assert some is not None
        assert some.shape == whole.shape
        assert np.all(some.accepts(whole.nearest))
        for name in ("nearest", "ulp", "said"):
            np.testing.assert_array_equal(getattr(whole, name).ravel()[places], getattr(some, name))
        for name in ("low", "high"):
            # At the format's own precision sums of products may be rounded in another order, and more often.
            room = np.asarray(whole.half_width).ravel()[places]
            np.testing.assert_array_less(np.abs(getattr(whole, name).ravel()[places] - getattr(some, name)), room)


# ---- what is inside


@in_a_format(1)
def test_the_exact_value_is_inside(formula: Formula, format_: Format) -> None:
    """On inputs of all sorts, mpmath's value lies within the interval, which has the shape of the output."""
    for inputs, found in trials(formula, format_, 12):
        expected = by_mpmath.value(formula.name, *inputs)
        assert expected.shape == np.shape(found.low) == np.shape(found.high) == np.shape(found.nearest)
        for low, value, high in zip(np.ravel(found.low), expected.flat, np.ravel(found.high), strict=True):
            assert low <= value <= high, inputs


@in_a_format(2)
def test_the_nearest_number_is_inside(formula: Formula, format_: Format) -> None:
    """The correctly rounded value is accepted on inputs of all sorts: overflow, underflow, ties and certainty."""
    for inputs, found in trials(formula, format_, 20):
        assert np.all(found.accepts(found.nearest)), inputs


@in_a_format(3)
def test_the_neighbours_of_the_nearest_number_are_inside(formula: Formula, format_: Format) -> None:
    """On everyday inputs, what is off by at most one unit in the last place is accepted, unless no value of the page lies there."""
    lowest, highest = formula.range or (-np.inf, np.inf)
    for inputs in surveyed.everyday(formula, 20, format_=format_):
        found = certain_interval(formula, inputs, format_)
        for side in (-1, 1):
            neighbour = np.clip(found.nearest + side * found.ulp, lowest, highest)
            # Where the nearest number is not the exact value, its neighbour on that side is further off than one unit.
            assert np.all(found.accepts(neighbour) | (found.ulps(neighbour) > 1)), inputs


def _softmax(a: Any) -> Any:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _one_hot(first: Any, targets: Any) -> Any:
    """The targets in the dtype of the first argument; labels as one-hot rows."""
    return (
        targets.astype(first.dtype)
        if targets.ndim == first.ndim
        else np.eye(first.shape[-1], dtype=first.dtype)[targets]
    )


def _samples(first: Any) -> int:
    return 1 if first.ndim == 1 else int(first.shape[0])


def _at_targets(values: Any, t: Any) -> Any:
    """The entries at the labels, by indexing; of targets that are distributions, what they weigh."""
    if t.ndim == values.ndim:
        return np.einsum("...k,...k->...", values, t)
    rows = np.atleast_2d(values)
    return rows[np.arange(len(rows)), np.atleast_1d(t)]


def _jacobian_by_loops(a: Any) -> Any:
    rows = np.atleast_2d(_softmax(a))
    blocks = [[[p_i * ((i == j) - p_j) for j, p_j in enumerate(row)] for i, p_i in enumerate(row)] for row in rows]
    return np.array(blocks, a.dtype).reshape(*a.shape, a.shape[-1])


def _jacobian_by_einsum(a: Any) -> Any:
    p = special.softmax(a, axis=-1)
    return np.einsum("...i,ij->...ij", p, np.eye(a.shape[-1], dtype=a.dtype)) - np.einsum("...i,...j->...ij", p, p)


def _cross_entropy(y: Any, t: Any) -> Any:
    return -np.sum(_one_hot(y, t) * np.log(np.maximum(y, y.dtype.type(1e-8)))) / _samples(y)


def _cross_entropy_gradient(y: Any, t: Any) -> Any:
    return -_one_hot(y, t) / y / _samples(y)


_OF_PROBABILITIES: list[Callable[..., Any]] = [
    _cross_entropy,
    lambda y, t: np.mean(-_at_targets(np.log(y), t)),
    lambda y, t: -np.mean(np.sum(special.xlogy(_one_hot(y, t), y), axis=-1)),
]
_GRADIENTS_OF_PROBABILITIES: list[Callable[..., Any]] = [
    _cross_entropy_gradient,
    lambda y, t: np.where(_one_hot(y, t) > 0, -1 / (_samples(y) * y), 0) * _one_hot(y, t),
    lambda y, t: -np.exp(special.xlogy(1, _one_hot(y, t) / _samples(y)) - np.log(y)),
]
_OF_LOGITS: list[Callable[..., Any]] = [
    lambda a, t: -np.sum(_one_hot(a, t) * special.log_softmax(a, axis=-1)) / _samples(a),
    lambda a, t: np.mean(special.logsumexp(np.atleast_2d(a), axis=-1) - _at_targets(a, t)),
    lambda a, t: np.mean(-_at_targets(np.log(_softmax(a)), t)),
]
_GRADIENTS_OF_LOGITS: list[Callable[..., Any]] = [
    lambda a, t: (special.softmax(a, axis=-1) - _one_hot(a, t)) / _samples(a),
    lambda a, t: np.exp(a - special.logsumexp(a, axis=-1, keepdims=True)) / _samples(a) - _one_hot(a, t) / _samples(a),
    lambda a, t: np.einsum("...k,...jk->...j", -_one_hot(a, t) / _softmax(a) / _samples(a), _jacobian_by_loops(a)),
]

HONEST: dict[str, list[Callable[..., Any]]] = {
    "sigmoid": [special.expit, lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(special.log_expit(x))],
    "sigmoid_gradient": [
        lambda x: special.expit(x) * special.expit(-x),
        lambda x: special.expit(x) * (1 - special.expit(x)),
        lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
    ],
    "softmax": [
        lambda a: special.softmax(a, axis=-1),
        _softmax,
        lambda a: np.exp(a) / np.sum(np.exp(a), axis=-1, keepdims=True),
        lambda a: np.exp(special.log_softmax(a, axis=-1)),
    ],
    "softmax_gradient": [
        _jacobian_by_loops,
        _jacobian_by_einsum,
        lambda a: _softmax(a)[..., None] * (np.eye(a.shape[-1], dtype=a.dtype) - _softmax(a)[..., None, :]),
    ],
    "mean_squared_error": [
        lambda y, t: 0.5 * np.sum((y - t) ** 2) / _samples(y),
        lambda y, t: np.mean([np.dot(d, d) / 2 for d in np.atleast_2d(y - t)]),
        lambda y, t: np.einsum("...k,...k->...", y - t, y - t).sum() / (2 * _samples(y)),
    ],
    "mean_squared_error_gradient": [
        lambda y, t: (y - t) / _samples(y),
        lambda y, t: y / _samples(y) - t / _samples(y),
        lambda y, t: (2 * y - 2 * t) / (2 * _samples(y)),
    ],
    "cross_entropy_one_hot": _OF_PROBABILITIES,
    "cross_entropy_labels": _OF_PROBABILITIES,
    "cross_entropy_error": _OF_PROBABILITIES,
    "cross_entropy_one_hot_gradient": _GRADIENTS_OF_PROBABILITIES,
    "cross_entropy_labels_gradient": _GRADIENTS_OF_PROBABILITIES,
    "cross_entropy_error_gradient": _GRADIENTS_OF_PROBABILITIES,
    "softmax_cross_entropy_one_hot": _OF_LOGITS,
    "softmax_cross_entropy_labels": _OF_LOGITS,
    "softmax_cross_entropy_one_hot_gradient": _GRADIENTS_OF_LOGITS,
    "softmax_cross_entropy_labels_gradient": _GRADIENTS_OF_LOGITS,
    **honest_learning.HONEST,
}


@every_formula
@pytest.mark.parametrize("name", ["float64", "float32"])
def test_honest_evaluations_are_inside(formula: Formula, name: str) -> None:
    """On everyday inputs, at least three honest forms of every formula, one of them SciPy's if it has any, are accepted."""
    honest = HONEST.get(formula.name) or specimens.HONEST[formula.name]
    assert len(honest) >= 3
    for inputs in surveyed.everyday(formula, 24, format_=FORMATS[name]):
        found = certain_interval(formula, inputs, FORMATS[name])
        for place, form in enumerate(honest):
            with np.errstate(divide="ignore"):
                got = Candidate(form, formula=formula)(unpacked(formula, inputs)).value
            assert np.all(found.accepts(got)), (
                f"form {place} of {formula.name} at {inputs}: {got} is off by {found.ulps(got)} ULP"
            )


# ---- what is outside


@every_formula
def test_a_millionth_off_is_outside_in_every_entry(formula: Formula) -> None:
    """On everyday inputs in float64, a value off by 1e-6 of itself is refused, and next to zero one that is off by 1e-10.

    The error of a difference quotient is one of the function, not of its slope: where a slope is below one, 1e-6 is too much.
    """
    for inputs in surveyed.everyday(formula, 60):
        found = certain_interval(formula, inputs, FORMATS["float64"])
        off = np.maximum(1e-6 * np.abs(found.nearest), 1e-6 if formula.takes_function else 1e-10)
        assert not np.any(found.accepts(found.nearest + off)), inputs
        assert not np.any(found.accepts(found.nearest - off)), inputs


@in_a_format(4)
def test_nan_is_never_inside(formula: Formula, format_: Format) -> None:
    """nan is refused on inputs of all sorts wherever anything is said, and one nan does not spoil the other entries."""
    for _, found in trials(formula, format_, 10):
        got = found.nearest.copy()
        got.flat[0] = np.nan
        expected = np.ones(got.shape, bool)
        expected.flat[0] = not found.said.flat[0]
        np.testing.assert_array_equal(expected, found.accepts(got))


@in_a_format(5)
def test_infinity_is_inside_only_beyond_the_range(formula: Formula, format_: Format) -> None:
    """∞ is accepted only where the interval reaches beyond the format's largest number, and only with the right sign."""
    for inputs, found in trials(formula, format_, 20):
        for sign in (1, -1):
            reaches = np.asarray(found.high if sign > 0 else -found.low) > format_.largest
            np.testing.assert_array_equal(
                reaches, np.asarray(found.accepts(np.full(found.nearest.shape, sign * np.inf))), str(inputs)
            )
        # Far within the range no interval reaches its end.
        small = np.abs(found.nearest) < format_.largest / 2**12
        assert not np.any(small & np.isposinf(found.high) & (np.abs(found.low) < format_.largest / 2**12))


@pytest.mark.parametrize(
    ("name", "inputs", "format_name", "sign"),
    [
        ("mean_squared_error", ([1e200], [0.0]), "float64", 1),
        ("mean_squared_error", ([1e25], [0.0]), "float32", 1),
        ("mean_squared_error", ([1e3], [0.0]), "float16", 1),
        ("mean_squared_error_gradient", ([-6e4], [6e4]), "float16", -1),
        ("mean_squared_error_gradient", ([-3e38], [3e38]), "bfloat16", -1),
    ],
)
def test_beyond_the_range_infinity_is_right(name: str, inputs: tuple[Any, ...], format_name: str, sign: int) -> None:
    """Where the exact value is beyond the largest number, the infinity of its sign is accepted, and neither the other nor nan."""
    found = certain_interval(named(name), inputs, FORMATS[format_name])
    assert np.all(found.accepts(sign * np.inf))
    assert not np.any(found.accepts(-sign * np.inf))
    assert not np.any(found.accepts(np.nan))


@every_format
def test_where_this_formula_is_exact_another_may_round(format_: Format) -> None:
    """sigmoid(0) is ½ without any rounding in this formula; in another order of operations it may miss by one unit."""
    setting_ = setting(named("sigmoid"))
    accepted = acceptance(setting_, read(setting_, np.zeros(1)), format_, strict=True)
    assert accepted is not None
    ulp = format_.ulp(0.5)
    assert accepted.accepts(np.array([0.5 - ulp]))
    assert accepted.accepts(np.array([0.5 + ulp]))
    assert not accepted.accepts(np.array([0.5 + 3 * ulp]))


def test_an_infinite_value_accepts_itself_only() -> None:
    """Where the exact value is ∞, as with ln 0 and no guard, only ∞ is accepted, and the entries beside it are judged as ever."""
    found = interval(named("cross_entropy_one_hot"), ([0.0, 1.0], [1, 0]), FORMATS["float64"], guard="none")
    assert found is not None
    expected = [True, False, False, False]
    assert expected == [bool(found.accepts(got)) for got in (np.inf, 1.7e308, -np.inf, np.nan)]
    gradient = interval(
        named("cross_entropy_one_hot_gradient"),
        ([[0.0, 0.5], [0.5, 0.5]], [[1, 0], [1, 0]]),
        FORMATS["float64"],
        guard="none",
    )
    assert gradient is not None
    np.testing.assert_array_equal([[True, True], [True, True]], gradient.accepts([[-np.inf, 0], [-1, 0]]))
    np.testing.assert_array_equal([[False, True], [False, False]], gradient.accepts([[-1e300, 0], [-np.inf, 1e-9]]))


# ---- how wide it is


@every_format
def test_the_width_is_four_radii_and_the_smallest_normal_number(format_: Format) -> None:
    """For 3 − 1 the inputs may move by 3 and by 1 units: 4 · 4 units are allowed; strictly, one unit of the exact 2."""
    gradient, smallest = named("mean_squared_error_gradient"), Fraction(format_.smallest_normal)
    expected = 16 * Fraction(format_.unit) + smallest
    found = certain_interval(gradient, ([3.0], [1.0]), format_)
    assert expected <= Fraction(float(found.allowance[0])) <= expected * Fraction(1001, 1000)
    strictly = certain_interval(gradient, ([3.0], [1.0]), format_, strict=True)
    # It is kept in float64.
    expected = 2 * Fraction(format_.unit) + smallest
    assert expected <= Fraction(float(strictly.allowance[0])) <= expected * (1 + Fraction(1, 2**52))


@in_a_format(6)
def test_the_ends_are_the_exact_value_and_the_allowance_apart(formula: Formula, format_: Format) -> None:
    """The ends lie outside exact value ± allowance, by less than a hair, or at infinity where the format ends, or where the page's range does."""
    lowest, highest = formula.range or (-np.inf, np.inf)
    for inputs, found in trials(formula, format_, 10):
        for ball, room, low, high in zip(
            found.exact.flat, found.allowance.flat, np.ravel(found.low), np.ravel(found.high), strict=True
        ):
            if abs(ball) == arb.pos_inf():
                # An infinite value is its own interval.
                assert arb(low) == arb(high) == ball
                continue
            with ctx.workprec(256):
                # The ends are numbers of float64.
                below, above = min(ball.mid() - room, arb(_LARGEST)), max(ball.mid() + room, arb(-_LARGEST))
                hair = max(abs(ball.mid()), room) * 2.0**-48 + 1e-320
                assert low == -np.inf or below - hair <= arb(low) <= below or below < lowest == low, inputs
                assert high == np.inf or above <= arb(high) <= above + hair or above > highest == high, inputs


# What takes a function is given it at points of its own: its interval allows for their rounding, and strictly too.
@in_a_format(7, [each for each in FORMULAS if not each.takes_function])
def test_the_strict_interval_is_the_narrower_one(formula: Formula, format_: Format) -> None:
    """Leaving the inputs unwidened allows less, or at least no more than the slack of ball arithmetic, which is coarse in a few bits."""
    narrower = wider = moving = 0
    for inputs in surveyed.everyday(formula, 12, format_=format_):
        moving += moves(formula, inputs)
        rooms = [certain_interval(formula, inputs, format_, strict=strict).allowance for strict in (True, False)]
        strict, widened = (np.array([float(room) for room in each.flat]) for each in rooms)
        wider += int(np.any(strict > 1.25 * widened))
        narrower += int(np.any(strict < widened))
    # In a few bits a ball of widened inputs may be lost, and the finer one that then counts is nearer than that of the inputs as they are.
    assert wider <= (0 if format_.bits >= 24 else 2)
    assert narrower == 0 if surveyed.is_stepwise(formula) and not formula.parameters else narrower >= 3 * moving / 4


def moves(formula: Formula, inputs: tuple[Any, ...]) -> bool:
    """Whether a value moves with its arguments and parameters, or all are where the formula is flat."""
    chosen = setting(formula)
    return any(ball.rad() > 2.0**-60 for ball in evaluate(chosen, read(chosen, *inputs), 300, widen=2.0**-30).flat)


@every_formula
@pytest.mark.parametrize("narrow", ["float16", "bfloat16"])
def test_a_format_of_fewer_bits_has_a_wider_interval(formula: Formula, narrow: str) -> None:
    """On the same everyday inputs, each narrower format allows more, in every entry that is not zero, up to the ends of the page's range."""
    lowest, highest = formula.range or (-np.inf, np.inf)
    for inputs in surveyed.everyday(formula, 5, format_=FORMATS[narrow]):
        found = [certain_interval(formula, inputs, FORMATS[name]) for name in ("float64", "float32", narrow)]
        for less, more in itertools.pairwise(found):
            below = (more.low < less.low) | (more.low == lowest)
            above = (less.high < more.high) | (more.high == highest)
            assert np.all(below & above | (np.asarray(less.nearest) == 0)), inputs


@pytest.mark.parametrize(
    ("name", "inputs"),
    [("softmax", ([1e30, 1e30],)), ("softmax_cross_entropy_labels", ([1e30, 1e30], 1))],
)
def test_where_everything_may_be_lost_nothing_is_said(name: str, inputs: tuple[Any, ...]) -> None:
    """Where an honest evaluation may have any result at all, there is no interval; strictly, there is one."""
    assert interval(named(name), inputs, FORMATS["float32"]) is None
    assert interval(named(name), inputs, FORMATS["float32"], strict=True) is not None


# ---- the distance in units in the last place


numbers = st.integers(1, 8000).map(lambda v: v / 8)


@every_format
@given(y=st.lists(numbers, min_size=1, max_size=3), got=st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_the_distance_in_ulps_is_that_of_fractions(format_: Format, y: list[float], got: float) -> None:
    """For the squared error, which is rational, the distance from the exact value is that of fractions, in units of its rounding."""
    value = sum((Fraction(entry) ** 2 for entry in y), Fraction(0)) / 2
    found = certain_interval(named("mean_squared_error"), (y, [0.0] * len(y)), format_)
    nearest = float(rounded(value, format_.name))
    assert nearest == float(found.nearest)
    if np.isfinite(nearest):
        exactly = abs(Fraction(got) - value) / Fraction(format_.ulp(nearest))
        assert float(exactly) == pytest.approx(float(found.ulps(got)), rel=1e-12)


def test_the_distance_of_every_entry() -> None:
    """Each entry has its own distance: 0 for the nearest number of an exact value, 1 for its neighbour, ∞ for nan and infinities."""
    y, zeros = np.array([[1.0, 2.0], [4.0, 8.0]]), np.zeros((2, 2))
    found = certain_interval(named("mean_squared_error_gradient"), (y, zeros), FORMATS["float32"])
    unit = FORMATS["float32"].unit
    got = np.array([[0.5, 1 + unit], [np.nan, np.inf]])
    np.testing.assert_array_equal([[0, 1], [np.inf, np.inf]], found.ulps(got))
    np.testing.assert_array_equal(np.array([[0.5, 1], [2, 4]]) * unit, found.ulp)


def test_the_right_infinity_is_no_distance_away() -> None:
    """Where the value rounds to ∞, ∞ is 0 units off, and −∞ and nan are infinitely far."""
    found = certain_interval(named("mean_squared_error"), ([1e25], [0.0]), FORMATS["float32"])
    expected = [0.0, np.inf, np.inf]
    assert expected == [float(found.ulps(got)) for got in (np.inf, -np.inf, np.nan)]
