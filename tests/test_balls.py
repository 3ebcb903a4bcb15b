"""Ball arithmetic asked directly: what goes in, how wide it is made, and what comes out, by fractions and by hand."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from refmath.balls import cross_entropy, descents, differences, networks, squared_error
from refmath.balls.acceptance import Acceptance, _around, acceptance, around
from refmath.balls.compile import evaluation
from refmath.balls.evaluate import _numbers, as_balls, by_definition, evaluate, evaluate_honestly, in_parts, read
from refmath.balls.exact import Enclosure, enclosure
from refmath.balls.formats import FORMATS, each_nearest, nearest
from refmath.balls.sums import MANY
from refmath.calculus.definitions import c as weights
from refmath.calculus.definitions import x as vector
from refmath.calculus.functions import (
    BELL,
    CUBES,
    EXPONENTIALS,
    FAMILIES,
    SQUARED_SUM,
    SQUARES,
    Family,
    Function,
    function,
)
from refmath.catalogue import formula as formula_named
from refmath.spec import Formula, Input, Kind, Part, Setting, setting, shapes_of_parts
from refmath.symbols import K, Largest, N, j, xlogy

pytestmark = pytest.mark.long

x, y, t = sp.IndexedBase("x"), sp.IndexedBase("y"), sp.IndexedBase("t")
i, k, n = sp.symbols("i k n", integer=True, nonnegative=True)
delta = sp.Symbol("delta", positive=True)
FLOAT64, FLOAT32, FLOAT16, BFLOAT16 = (FORMATS[name] for name in ("float64", "float32", "float16", "bfloat16"))
ROWS = ("N", "K")
#: Called with as many arrays of balls as there are.
network: Any = networks.evaluate


def page(definition: Any, *inputs: Input, **more: Any) -> Setting:
    """A formula made up for a test, under its defaults."""
    made = Formula(
        name="page",
        display="",
        program=lambda *_: 0,
        definition=sp.sympify(definition),
        inputs=inputs,
        laws=(),
        mistakes=(),
        reference="",
        **more,
    )
    return setting(made)


def argument(symbol: Any, kind: Kind = "real", axes: tuple[str, ...] = ("...",)) -> Input:
    return Input(str(symbol), symbol, kind, axes)


def fraction(exact_ball: Any) -> Fraction:
    significand, exponent = map(int, exact_ball.man_exp())
    return significand * Fraction(2) ** exponent


def middle(ball: Any) -> Fraction:
    return fraction(ball.mid())


def radius(ball: Any) -> Fraction:
    return fraction(ball.rad())


def is_about(value: Fraction | float, expected: Fraction | float) -> bool:
    """Whether a radius is what it should be, and at most a thousandth wider: radii are rounded up, to 30 bits."""
    return expected <= value <= expected * Fraction(1001, 1000)


def refused(error: type[Exception], message: str, take: Callable[..., Any], *given: Any) -> None:
    """Asserts that a call is refused, with these words from the first one on."""
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        take(*given)


# ---- numbers become balls


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ml_dtypes.bfloat16, np.int8, np.longdouble])
def test_balls_are_the_numbers_and_as_wide_as_they_are_told(dtype: Any) -> None:
    """Without a width the balls are exact; with one, its multiple of the magnitude is the radius. The shape stays."""
    numbers = np.array([[3, -2, 0], [1, 5, -7]], dtype)
    exact, wide = as_balls(numbers), as_balls(numbers, 2.0**-10)
    assert exact.shape == wide.shape == (2, 3)
    for place in np.ndindex(2, 3):
        value = Fraction(int(numbers[place]))
        assert (middle(exact[place]), radius(exact[place])) == (value, Fraction(0))
        assert middle(wide[place]) == value
        assert is_about(radius(wide[place]), abs(value) / 2**10)
    assert as_balls(dtype(3)).shape == ()
    assert middle(as_balls(dtype(3))[()]) == 3


def test_no_digit_of_a_number_is_lost() -> None:
    """Integers of any length, subnormal numbers and a number of ten bits more than float64 has are taken exactly."""
    assert middle(as_balls(np.array([2**200 + 1], object))[0]) == 2**200 + 1
    assert middle(as_balls(np.uint64(2**64 - 1))[()]) == 2**64 - 1
    assert middle(as_balls(5e-324)[()]) == Fraction(1, 2**1074)
    assert middle(as_balls(np.float32(0.1))[()]) == Fraction(float(np.float32(0.1)))
    assert middle(as_balls(np.array([arb(1) / 4], object))[0]) == Fraction(1, 4)
    if np.finfo(np.longdouble).nmant >= 63:
        wide = np.longdouble(1) + np.longdouble(2) ** -63
        assert middle(as_balls(wide)[()]) == 1 + Fraction(1, 2**63)
        assert middle(as_balls(-(np.longdouble(2) ** -5000))[()]) == -Fraction(1, 2**5000)


@pytest.mark.parametrize("value", [1.0, 1 - 2.0**-53, 1 - 2.0**-30, 0.999, 1 / 3])
@pytest.mark.parametrize("widen", [2.0**-52, 2.0**-23, 2.0**-7])
def test_a_widened_ball_stays_below_the_highest_number(value: float, widen: float) -> None:
    """It holds everything of the widened ball that is allowed, to the last bit, next to nothing else, and nothing beyond."""
    (ball,) = as_balls(np.array([value]), widen, 1.0)
    low, high = middle(ball) - radius(ball), middle(ball) + radius(ball)
    least, most = Fraction(value) * (1 - Fraction(widen)), min(Fraction(value) * (1 + Fraction(widen)), Fraction(1))
    room = Fraction(value) * Fraction(widen) / 1000
    assert least - room <= low <= least
    assert most <= high <= min(most + room, Fraction(1))


def test_a_number_beyond_the_highest_is_left_alone() -> None:
    """What is itself too large, and zero, are what they were."""
    for value in (1.5, 0.0, -3.0):
        (ball,) = as_balls(np.array([value]), 2.0**-10, 1.0)
        assert middle(ball) == Fraction(value)
        assert is_about(radius(ball), abs(Fraction(value)) / 2**10)
    beyond, below, one = as_balls(np.array([10**400, -(10**400), 1], object), 2.0**-10, 1.0)
    assert [middle(beyond), middle(below)] == [Fraction(10**400), Fraction(-(10**400))]
    assert middle(one) + radius(one) == 1
    (wide,) = as_balls(np.array([1 - np.longdouble(2) ** -60]), 2.0**-10, 1.0)
    assert middle(wide) + radius(wide) == 1


# ---- a definition is evaluated


DIFFERENCE = page(
    sp.Sum((x[n, k] - t[n, k]) ** 2, (k, 0, K - 1), (n, 0, N - 1)) / N,
    argument(x, axes=ROWS),
    argument(t, axes=ROWS),
)
BY_ENTRY = page(x[n, k] * N + K, argument(x, axes=ROWS), output=((n, "N"), (k, "K")))
ANY_SHAPE = page(2 * x[i], argument(x), output=((i, "N"),))
ONE_NUMBER = page(x[0] - x[N - 1], argument(x))
AT_LABEL = page(
    x[n, t[n]], argument(x, axes=ROWS), argument(t, "labels", ("N",)), output=((n, "N"),)
)  # fmt: skip
OF_EITHER = page(
    sp.Sum(x[n, k] * t[n, k], (k, 0, K - 1)),
    argument(x, axes=ROWS),
    argument(t, "targets_or_labels", ROWS),
    output=((n, "N"),),
)
OF_DELTA = page(delta * x[0], argument(x), parameters={"delta": 0.75})
W, B = sp.IndexedBase("W"), sp.IndexedBase("b")
IN_PARTS = page(
    x[n, k],
    Input("params['W']", x, "real", ROWS, "params", "W"),
    Input("params['b']", B, "real", ("K",), "params", "b"),
    Input("y", y, "real", ("N",)),
    single_samples=False,
    parts=(
        Part("W", 2 * x[n, k], ((n, "N"), (k, "K"))),
        Part("b", 3 * B[k] + y[0], ((k, "K"),)),
        Part("c", delta * y[n], ((n, "N"),)),
    ),
    parameters={"delta": 0.25},
)


def values(chosen: Setting, *given: Any, precision: int = 100, **options: Any) -> Any:
    return evaluate(chosen, read(chosen, *given), precision, **options)


def numbers(balls: Any) -> Any:
    return np.array([float(ball) for ball in balls.flat]).reshape(balls.shape).tolist()


def test_a_batch_a_sample_and_any_shape() -> None:
    """What each shape of the arguments means, and which shape the value has."""
    rows, others = [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]], [[0.0, 0.0, 1.0], [1.0, 2.0, 3.0]]
    assert numbers(values(DIFFERENCE, rows, others)) == (1 + 4 + 9 + 49 + 14**2 + 29**2) / 2
    assert numbers(values(DIFFERENCE, rows[0], others[0])) == 1 + 4 + 9
    assert numbers(values(BY_ENTRY, rows)) == [[5.0, 7.0, 11.0], [19.0, 35.0, 67.0]]
    assert numbers(values(BY_ENTRY, rows[0])) == [4.0, 5.0, 7.0]
    assert numbers(values(ANY_SHAPE, rows)) == [[2.0, 4.0, 8.0], [16.0, 32.0, 64.0]]
    assert numbers(values(ANY_SHAPE, 3)) == 6.0
    assert numbers(values(ONE_NUMBER, rows)) == -31.0


def test_labels_are_indices_and_either_encoding_is_one_hot() -> None:
    """Labels pick entries; where both encodings are allowed, labels mean their one-hot rows, for one sample too."""
    rows = [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]
    assert numbers(values(AT_LABEL, rows, [2, 0])) == [4.0, 8.0]
    assert numbers(values(AT_LABEL, rows[0], 1)) == 2.0
    for targets in ([2, 0], [[0, 0, 1], [1, 0, 0]], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]):
        assert numbers(values(OF_EITHER, rows, targets)) == [4.0, 8.0]
    assert numbers(values(OF_EITHER, rows[1], 1)) == numbers(values(OF_EITHER, rows[1], [0, 1, 0])) == 16.0
    named = read(OF_EITHER, rows, [2, 0])
    assert named["t"].tolist() == [[0, 0, 1], [1, 0, 0]]
    assert read(AT_LABEL, rows, [2, 0])["t"].tolist() == [2, 0]


def test_where_there_are_no_single_samples_labels_have_one_axis_less_than_their_targets() -> None:
    """Where there are no single samples, targets of either encoding are told apart by what those of a batch have."""
    chosen = page(
        sp.Sum(B[k] * t[n, k], (k, 0, K - 1)),
        argument(B, axes=("K",)),
        argument(t, "targets_or_labels", ROWS),
        single_samples=False,
        output=((n, "N"),),
    )
    for targets in ([2, 0], [[0, 0, 1], [1, 0, 0]]):
        assert numbers(values(chosen, [1.0, 2.0, 4.0], targets)) == [4.0, 1.0]


def test_a_network_is_evaluated_by_matrices() -> None:
    """The inputs in their order, the setting, the width and what underflows all reach the matrices."""
    rng = np.random.default_rng(1)
    given = {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 2)), "b2": np.ones(2)}
    for name in ("predict", "loss", "gradient"):
        chosen = setting(formula_named(f"two_layer_net_{name}"), None if name == "predict" else "seed")
        named = read(chosen, given, rng.normal(size=(2, 2)), *([] if name == "predict" else [[0, 1]]))
        for widen, flush in ((0.0, 0.0), (2.0**-20, 2.0**-20)):
            found = evaluate(chosen, named, 90, widen=widen, flush=flush)
            with ctx.workprec(90):
                # Widened targets stay within [0, 1].
                balls = [as_balls(each, widen, 1.0 if key == "t" else math.inf) for key, each in named.items()]
                expected = network(chosen, *balls, numbers=_numbers(chosen, widen, flush), flush=flush)
            assert [str(ball) for ball in found.flat] == [str(ball) for ball in expected.flat]
            assert found.shape == expected.shape


def test_an_answer_in_parts_is_flat_and_can_be_put_back() -> None:
    """Entries of a mapping follow each other, and are put into their shapes again by key; other answers stay as they are."""
    given = {"W": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "b": [7.0, 8.0]}, [0.5, 0.0, 0.0]
    named = read(IN_PARTS, *given)
    for balls in (evaluate(IN_PARTS, named, 64), by_definition(IN_PARTS, named, 64)):
        assert numbers(balls) == [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 21.5, 24.5, 0.125, 0.0, 0.0]
    back = in_parts(IN_PARTS, named, np.arange(11.0))
    assert {key: each.tolist() for key, each in back.items()} == {
        "W": [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]],
        "b": [6.0, 7.0],
        "c": [8.0, 9.0, 10.0],
    }
    flat = np.arange(3.0)
    assert in_parts(ANY_SHAPE, {}, flat) is flat
    back = enclosure(IN_PARTS, *given).nearest("float32")
    assert back["b"].dtype == np.float32
    assert back["W"].tolist() == [[2.0, 4.0], [6.0, 8.0], [10.0, 12.0]]


def test_the_precision_and_the_width_are_those_asked_for() -> None:
    """A third is known to the bits asked for; with a width, every real input and parameter is that much wider, labels are not."""
    third = page(x[0] / 3, argument(x))
    for bits in (20, 53, 200):
        relative = radius(values(third, [1.0], precision=bits)[()]) * 3
        assert Fraction(1, 2 ** (bits + 3)) < relative <= Fraction(1, 2 ** (bits - 2))
        assert radius(by_definition(third, read(third, [1.0]), bits)[()]) * 3 == relative
    assert is_about(radius(values(ONE_NUMBER, [3.0, 1.0], widen=2.0**-10)[()]), Fraction(4, 2**10))
    assert is_about(radius(values(OF_DELTA, [4.0], widen=2.0**-10)[()]), Fraction(6, 2**10) + Fraction(3, 2**20))
    assert is_about(radius(values(AT_LABEL, [[1.0, 8.0]], [1], widen=2.0**-10)[0]), Fraction(8, 2**10))
    assert is_about(radius(values(IN_PARTS, {"W": [[1.0]], "b": [2.0]}, [4.0], widen=2.0**-8)[0]), Fraction(2, 2**8))
    assert is_about(radius(values(IN_PARTS, {"W": [[1.0]], "b": [2.0]}, [4.0], widen=2.0**-8)[1]), Fraction(10, 2**8))
    held = values(IN_PARTS, {"W": [[1.0]], "b": [2.0]}, [4.0], widen=2.0**-8)[2]
    assert is_about(radius(held), Fraction(1, 2**8))  # every format holds a quarter
    rounded = setting(IN_PARTS.formula, delta=0.75)
    both = values(rounded, {"W": [[1.0]], "b": [2.0]}, [4.0], widen=2.0**-8)[2]
    assert is_about(radius(both), Fraction(6, 2**8) + Fraction(3, 2**16))
    flushed = values(rounded, {"W": [[1.0]], "b": [2.0]}, [4.0], widen=2.0**-8, flush=4.0)[2]
    assert is_about(radius(flushed), Fraction(11, 2**8) + Fraction(8, 2**16))
    small = setting(OF_DELTA.formula, delta=0.375)
    assert is_about(
        radius(values(small, [0], widen=2.0**-10)[()] + 4 * values(small, [1], widen=2.0**-10)[()]),
        Fraction(3, 2**10) + Fraction(3, 2**21),
    )
    assert radius(by_definition(small, read(small, [4]), 64)[()]) == 0


def test_a_number_of_steps_is_never_widened() -> None:
    """A count is a whole number, whatever the width; a rate is a real one."""
    m = sp.Symbol("m")
    for kind, expected in (("count", 6), ("rate", 12)):
        chosen = page(m * x[0], argument(x), Input("m", m, kind, ()))  # type: ignore[arg-type]
        ball = values(chosen, [2.0], 3, widen=2.0**-10)[()]
        assert middle(ball) == 6
        assert Fraction(expected, 2**10) <= radius(ball) <= Fraction(expected, 2**10) * Fraction(1001, 1000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            (0.75, 0.75 * 2.0**-10),
            (1e-6, 2.0**-25),
            (1.5 * 2.0**-24, 2.0**-25),
            (2.0**-25, 2.0**-35),
            (2.0**-26, 2.0**-36),
        ),
        *((2.0**exponent, 0.0) for exponent in (0, -10, -14, -20, -24)),
    ],
)
def test_a_parameter_is_rounded_to_the_format_it_is_used_in(value: float, expected: float) -> None:
    """Half a unit of the smallest normal number, where that is more than the relative width; a power of two is held, or lost where it would be zero."""
    chosen = setting(OF_DELTA.formula, delta=value)
    ball = values(chosen, [1], widen=0.0, flush=2.0**-14)[()]
    assert (middle(ball), radius(ball)) == (Fraction(value), Fraction(0))
    ball = values(
        page(delta + 0 * x[0], argument(x), parameters={"delta": value}), [0.0], widen=2.0**-10, flush=2.0**-14
    )[()]
    assert middle(ball) == Fraction(value)
    assert radius(ball) == 0 if expected == 0 else is_about(radius(ball), Fraction(expected))


def test_a_parameter_that_the_definition_does_without() -> None:
    """A parameter need not occur in the definition, and several are told apart by their names."""
    gamma = sp.Symbol("gamma", positive=True)
    assert numbers(values(page(x[0], argument(x), parameters={"delta": 0.75}), [4.0])) == 4.0
    chosen = page(gamma - 2 * delta + 0 * x[0], argument(x), parameters={"gamma": 8, "delta": 0.5})
    assert numbers(values(chosen, [0.0])) == 7.0


@pytest.mark.parametrize("value", [0, 0.0, -1, -1.0, -0.75, 3, -1e-9])
def test_a_parameter_may_be_zero_or_negative(value: float) -> None:
    """Where the symbol allows it a parameter is any number: exact, and rounded as its size tells; powers of two, and zero, are held."""
    gamma = sp.Symbol("gamma", real=True)
    chosen = setting(page(gamma + 0 * x[0], argument(x), parameters={"gamma": 1.0}).formula, gamma=value)
    exact = values(chosen, [0.0])[()]
    assert (middle(exact), radius(exact)) == (Fraction(value), Fraction(0))
    ball = values(chosen, [0.0], widen=2.0**-10, flush=2.0**-14)[()]
    assert middle(ball) == Fraction(value)
    held = value in (0, -1)
    # As many digits as the format has above its smallest normal number; below, half of its smallest one.
    expected = 0 if held else Fraction(1, 2**25) if abs(value) < 2.0**-14 else abs(Fraction(value)) / 2**10
    lost = abs(Fraction(value)) / 2**10 if abs(value) <= 2.0**-25 else expected
    assert radius(ball) == 0 if held else is_about(radius(ball), lost)


def test_a_parameter_is_what_its_symbol_may_be() -> None:
    """A positive symbol stands for positive numbers only, one that is not negative for zero too, any other for every finite number."""
    at_least, any_number = sp.Symbol("gamma", nonnegative=True), sp.Symbol("gamma", real=True)
    for symbol, allowed, wrong, told in (
        (delta, (0.5, 3), (0.0, -1.0), "positive and finite"),
        (at_least, (0, 0.5), (-1.0, math.inf), "finite and not negative"),
        (any_number, (0, -2.5), (math.inf, math.nan), "finite"),
    ):
        chosen = page(symbol * x[0], argument(x), parameters={symbol.name: 1.0})
        for value in allowed:
            given: dict[str, Any] = {symbol.name: value}
            assert numbers(values(setting(chosen.formula, None, **given), [2.0])) == 2 * value
        for value in wrong:
            message = f"{symbol.name} of page must be {told}; got {value!r}"
            with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
                setting(chosen.formula, None, **{symbol.name: value})


def test_an_exponent_that_is_a_parameter() -> None:
    """(1 − p) to the γ at γ = 0, ½ and 2, where p is 1 too: 0⁰ is 1; an honest evaluation is not far off."""
    gamma = sp.Symbol("gamma", nonnegative=True)
    made = page(
        (1 - x[i]) ** gamma, argument(x, "probabilities"), output=((i, "N"),), parameters={"gamma": 2.0}
    ).formula
    for exponent, expected in ((0, [1.0, 1.0, 1.0]), (0.5, [1.0, 0.5, 0.0]), (2.0, [1.0, 0.0625, 0.0])):
        chosen = setting(made, gamma=exponent)
        assert numbers(values(chosen, [0.0, 0.75, 1.0])) == expected
        for format_ in FORMATS.values():
            interval_ = acceptance(chosen, read(chosen, [0.0, 0.75, 1.0]), format_)
            assert interval_ is not None
            assert interval_.accepts(np.array(expected)).all()
            assert (interval_.half_width <= 8 * math.sqrt(format_.unit)).all()


SHIFTED = x[n, k] - Largest(x[n, j], (j, 0, K - 1))
LOG_SOFTMAX = page(
    sp.UnevaluatedExpr(SHIFTED) - sp.log(sp.Sum(sp.exp(SHIFTED), (k, 0, K - 1))),
    Input("x", x, "logits", ROWS, masks=True),
    output=((n, "N"), (k, "K")),
)
LOSS_OF_MASKED = page(
    -sp.Sum(xlogy(t[n, k], sp.exp(x[n, k]) / sp.Sum(sp.exp(x[n, j]), (j, 0, K - 1))), (k, 0, K - 1), (n, 0, N - 1)) / N,
    Input("x", x, "logits", ROWS, masks=True),
    argument(t, "one_hot", ROWS),
)
MASKED = [[1.0, -math.inf, 1.0], [-math.inf, -math.inf, -1000.0]]


def test_a_logit_of_minus_infinity_masks_its_class() -> None:
    """Where an input says so, −∞ is a number: its exponential is 0, its logarithmic share −∞, and the others are what they would be without it."""
    found = values(LOG_SOFTMAX, MASKED)
    assert [[float(each) for each in row] for row in found] == [
        pytest.approx([-math.log(2), -math.inf, -math.log(2)]),
        [-math.inf, -math.inf, 0.0],
    ]
    assert numbers(values(LOSS_OF_MASKED, MASKED, [[1, 0, 0], [0, 0, 1]])) == pytest.approx(math.log(2) / 2)
    assert numbers(values(LOSS_OF_MASKED, MASKED, [[0, 1, 0], [0, 0, 1]])) == math.inf
    assert values(LOG_SOFTMAX, [-math.inf, -math.inf])[0].is_nan()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, object])
@pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda each: each.name)
def test_masks_are_exact_in_every_type(dtype: Any, format_: Any) -> None:
    """−∞ is never widened, and belongs to an interval of its own; the others have theirs."""
    named = read(LOG_SOFTMAX, np.array(MASKED, dtype))
    told = acceptance(LOG_SOFTMAX, named, format_)
    assert told is not None
    assert told.said.all()
    infinite = np.isinf(np.array(told.nearest))
    assert infinite.tolist() == [[False, True, False], [True, True, False]]
    assert (told.half_width[infinite] == 0).all()
    assert (told.half_width[~infinite] < 64 * format_.unit).all()
    assert told.accepts(told.nearest).all()
    assert not told.accepts(np.nan_to_num(told.nearest)).all()


def test_a_long_row_may_hold_masks() -> None:
    """Among thousands of logits some are −∞; the sum is that of the others."""
    row = np.zeros(MANY + 4)
    row[::2] = -np.inf
    found = values(LOG_SOFTMAX, row, precision=53, widen=2.0**-50)
    assert float(found[1]) == pytest.approx(-math.log(MANY / 2 + 2))
    assert numbers(found[:1]) == [-math.inf]


@pytest.mark.parametrize("wrong", [[math.inf, 0.0], [math.nan, 0.0]])
def test_only_minus_infinity_masks(wrong: list[float]) -> None:
    """∞ and nan are refused all the same, and −∞ where the input does not say that it masks."""
    message = "x must hold real numbers, or −∞ where it masks; got nan or inf"
    refused(ValueError, message, read, LOG_SOFTMAX, wrong)
    message = "x must be finite: a certified value belongs to real numbers; got nan or inf"
    refused(ValueError, message, read, BY_ENTRY, [-math.inf, 0.0])


OF_SAMPLES = page(
    x[n, k],
    argument(x, axes=ROWS),
    argument(B, axes=("K",)),
    argument(y, axes=("N",)),
    parts=(
        Part("x", B[k] * x[n, k], ((n, "N"), (k, "K"))),
        Part("b", sp.Sum(x[n, k] * y[n], (n, 0, N - 1)), ((k, "K"),)),
        Part("y", sp.Sum(x[n, k], (k, 0, K - 1)), ((n, "N"),)),
        Part("loss", sp.Sum(sp.tanh(y[n]), (n, 0, N - 1)) / N, ()),
    ),
)
STEP = page(
    x[i] - y[i],
    argument(x),
    argument(y),
    parts=(
        Part("w", x[i] - y[i] / (sp.sqrt(sp.Abs(y[i])) + 1), ((i, "N"),)),
        Part("v", x[i] * y[i], ((i, "N"),)),
        Part("norm", sp.sqrt(sp.Sum(y[i] ** 2, (i, 0, N - 1))), ()),
    ),
)


def test_several_arrays_of_a_batch_and_of_a_sample() -> None:
    """An answer of several arrays and a number, for a batch, and for a single sample, whose arrays lack the axis of the samples."""
    batch = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [10.0, 100.0], [0.0, 1.0, 0.0]
    found = enclosure(OF_SAMPLES, *batch).nearest()
    assert {key: each.tolist() for key, each in found.items()} == {
        "x": [[10.0, 200.0], [30.0, 400.0], [50.0, 600.0]],
        "b": [3.0, 4.0],
        "y": [3.0, 7.0, 11.0],
        "loss": math.tanh(1) / 3,
    }
    named = read(OF_SAMPLES, *batch)
    told = acceptance(OF_SAMPLES, named, FLOAT32)
    assert told is not None
    assert told.shape == (6 + 2 + 3 + 1,)
    some = acceptance(OF_SAMPLES, named, FLOAT32, entries=np.array([11, 0, 7]))
    assert some is not None
    assert some.nearest.tolist() == told.nearest[[11, 0, 7]].tolist()
    found = enclosure(OF_SAMPLES, [1.0, 2.0], [10.0, 100.0], 1.0).nearest()
    assert {key: each.tolist() for key, each in found.items()} == {
        "x": [10.0, 200.0],
        "b": [1.0, 2.0],
        "y": 3.0,
        "loss": math.tanh(1),
    }
    named = read(OF_SAMPLES, [1.0, 2.0], [10.0, 100.0], 1.0)
    assert shapes_of_parts(OF_SAMPLES.formula, named, OF_SAMPLES.parts) == {"x": (2,), "b": (2,), "y": (), "loss": ()}


def test_several_arrays_of_any_shape() -> None:
    """Arrays of any shape have answers of that shape, and numbers beside them; all arguments have one shape."""
    found = enclosure(STEP, [[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [4.0, 9.0]]).nearest()
    assert {key: each.tolist() for key, each in found.items()} == {
        "w": [[1.0, 1.5], [3 - 4 / 3, 4 - 9 / 4]],
        "v": [[0.0, 2.0], [12.0, 36.0]],
        "norm": math.sqrt(98),
    }
    assert enclosure(STEP, 2.0, 4.0).nearest()["w"].shape == ()
    refused(ValueError, "y must have the shape of x, (2,); got (3,)", read, STEP, [1.0, 2.0], [1.0, 2.0, 3.0])


def test_functions_and_descents_have_their_own_ways() -> None:
    """A derivative at a point, in the shape of the point, and where a descent leads; how far an honest answer may be off."""
    slope, descent = (setting(formula_named(name)) for name in ("numerical_gradient", "gradient_descent"))
    f, point = function(SQUARES, 1.0, 2.0, 3.0, 4.0), [[1.0, 2.0], [3.0, 4.0]]
    assert numbers(values(slope, f, point)) == [[2.0, 8.0], [18.0, 32.0]]
    assert numbers(values(descent, f, point, 0.125, 1)) == [[0.75, 1.0], [0.75, 0.0]]
    assert numbers(values(descent, f, point, 0.125, 2)) == [[0.5625, 0.5], [0.1875, 0.0]]
    flat = [arb(each) for each in (1, 2, 3, 4)]
    honest = evaluate_honestly(slope, read(slope, f, point))
    assert honest.shape == (2, 2)
    assert [str(each) for each in honest.flat] == [str(each) for each in differences.allowance(f, flat)]
    honest = evaluate_honestly(descent, read(descent, f, point, 0.125, 3))
    assert honest.shape == (2, 2)
    assert [str(each) for each in honest.flat] == [str(each) for each in descents.allowance(f, flat, arb(0.125), 3)]


def test_entries_of_parts_are_counted_over_all_of_them() -> None:
    """The positions go on from one array of a mapping to the next."""
    named = read(IN_PARTS, {"W": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "b": [7.0, 8.0]}, [0.5, 0.0, 0.0])
    assert numbers(evaluate(IN_PARTS, named, 64, entries=np.array([8, 0, 7, 5, 6]))) == [0.125, 2.0, 24.5, 12.0, 21.5]


def test_few_entries_cost_little() -> None:
    """Of a large softmax and a large network, only what some entries need is looked at."""
    asked: list[int] = []

    class Watched(np.ndarray[Any, Any]):
        def __getitem__(self, place: Any) -> Any:
            asked.append(1)
            return super().__getitem__(place)

    with ctx.workprec(64):
        table = as_balls(np.ones((50, 20))).view(Watched)
    softmax = formula_named("softmax")
    at = evaluation(softmax.definition, (softmax.inputs[0].symbol, N, K), tuple(index for index, _ in softmax.output))
    value = at(table, 50, 20)
    value(3, 4), value(3, 5), value(40, 0)
    assert len(asked) == 2 * 20


def test_inputs_that_no_entry_needs_are_not_even_read() -> None:
    """An array of numbers that ball arithmetic cannot take does no harm where it is not asked for."""
    named = read(BY_ENTRY, [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    named["x"] = named["x"].astype(object)
    named["x"][0, 1] = "no number"
    assert numbers(evaluate(BY_ENTRY, named, 64, entries=np.array([2, 5, 2]))) == [11.0, 67.0, 11.0]
    with pytest.raises(ValueError, match="no number"):
        evaluate(BY_ENTRY, named, 64)


# ---- what is read


def test_what_is_read_is_named_and_kept() -> None:
    """Arrays keep their dtype; integers of many digits beside a float stay exact."""
    named = read(DIFFERENCE, np.array([1.5], np.float32), [2])
    assert list(named) == ["x", "t"]
    assert named["x"].dtype == np.float32
    assert read(ANY_SHAPE, [2**53, 0.5])["x"].dtype == np.float64
    for many in ([2**53 + 1, 0.5], (-(2**53) - 1, 0.5)):
        named = read(ANY_SHAPE, many)
        assert named["x"].tolist() == list(many)
        assert middle(evaluate(ANY_SHAPE, named, 200)[0]) == 2 * many[0]
    assert middle(values(ANY_SHAPE, [10**400], precision=2000)[0]) == 2 * 10**400
    assert read(ANY_SHAPE, [2**60])["x"].dtype == np.int64
    if np.finfo(np.longdouble).maxexp > 10001:
        assert middle(values(ANY_SHAPE, [np.longdouble(2) ** 10000])[0]) == 2**10001


def test_arrays_that_are_refused() -> None:
    """Masks, ragged lists, what is not real, empty or not finite: each with the name, what was wanted and what came."""
    for chosen, others in ((ANY_SHAPE, ()), (DIFFERENCE, ([1.0],))):
        refused(
            TypeError, "x must be a plain array; got a masked array", read, chosen, np.ma.masked_array([1.0]), *others
        )
        refused(
            ValueError, "x must be a rectangular array; got a ragged list", read, chosen, [[1.0], [1.0, 2.0]], *others
        )
        for wrong in (np.array([1j]), np.array(["a"]), np.array([None]), np.array([True])):
            refused(
                TypeError, f"x must be an array of real numbers; got dtype {wrong.dtype}", read, chosen, wrong, *others
            )
        refused(ValueError, "x must not be empty; got shape (0,)", read, chosen, [], *others)
        for number in (math.nan, math.inf):
            for dtype in (np.float64, np.float16, ml_dtypes.bfloat16):
                refused(ValueError, "x must be finite", read, chosen, np.array([1, number], dtype), *others)
        refused(ValueError, "x must be finite", read, chosen, [2**53 + 1, math.nan], *others)
    refused(TypeError, "page takes 1 inputs (x); got 0", read, ANY_SHAPE)


def test_labels_that_are_refused() -> None:
    """Floats are no labels in either place where labels may stand, nor are numbers without a class."""
    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    refused(TypeError, "t must be an array of integers; got dtype float64", read, AT_LABEL, rows, [0.0, 1.0, 0.0])
    refused(TypeError, "labels in t must be integers; got dtype float64", read, OF_EITHER, rows, [0.0, 1.0, 0.0])
    for chosen in (AT_LABEL, OF_EITHER):
        for wrong in ([0, 2, 1], [0, -1, 1], [2**60, 0, 0]):
            refused(ValueError, f"labels in t must lie in 0 .. 1; got {wrong}", read, chosen, rows, wrong)
        assert read(chosen, rows, [0, 1, 1])


def test_shapes_that_are_refused() -> None:
    """Every axis must be as long as wherever else it occurs; the refusal says what was meant and what all shapes are."""
    told = "(K) for one sample or (N, K) for a batch; got x of shape (2, 3), t of shape (3, 2)"
    refused(ValueError, f"t must have the axes {told}", read, DIFFERENCE, np.ones((2, 3)), np.ones((3, 2)))
    told = "(K) for one sample or (N, K) for a batch; got x of shape (1, 1, 1), t of shape (1,)"
    refused(ValueError, f"x must have the axes {told}", read, DIFFERENCE, np.ones((1, 1, 1)), np.ones(1))
    refused(ValueError, "x must have the axes (K)", read, DIFFERENCE, 1.0, 1.0)
    refused(ValueError, "t must have the axes () for one sample or (N) for a batch", read, AT_LABEL, np.ones(2), [0])
    told = "(N); got params['W'] of shape (2, 1), params['b'] of shape (1,), y of shape (3,)"
    refused(ValueError, f"y must have the axes {told}", read, IN_PARTS, {"W": [[1.0], [2.0]], "b": [1.0]}, np.ones(3))
    three = page(x[n, k, i], argument(x, axes=("N", "K", "D")), output=((n, "N"), (k, "K"), (i, "D")))
    refused(
        ValueError, "x must have the axes (K, D) for one sample or (N, K, D) for a batch; got x", read, three, [1.0]
    )
    refused(ValueError, "params['b'] must have the axes (K)", read, IN_PARTS, {"W": [[1.0]], "b": [[1.0]]}, [1.0])


def test_functions_and_numbers_that_are_refused() -> None:
    """A descent takes a known function with a coefficient for each entry, a positive rate and a number of steps."""
    descent, f = setting(formula_named("gradient_descent")), function(SQUARES, 1.0, 2.0)
    message = (
        "f must be a function whose derivatives are known, of refmath.calculus.functions; got <built-in function len>"
    )
    refused(TypeError, message, read, descent, len, [1.0, 2.0], 0.1, 3)
    named = read(descent, f, [1.0, 2.0], 1, 0)
    assert named["f"] is f
    rate, steps = list(named)[2:]
    message = "f must have one coefficient for each of the 1 entries; got lambda x: "
    refused(ValueError, message, read, descent, f, [1.0], 0.1, 3)
    refused(ValueError, "f must have one coefficient", read, descent, f + function(SQUARES, 1.0), [1.0, 2.0], 0.1, 3)
    insisting = Function(f.terms, (1, 2))
    message = "f must take an array of the shape of init_x, (2,); got one of (1, 2)"
    refused(ValueError, message, read, descent, insisting, [1.0, 2.0], 0.1, 3)
    assert read(descent, insisting, [[1.0, 2.0]], 0.1, 3)["f"] is insisting
    refused(ValueError, f"{rate} must be one number; got shape (1,)", read, descent, f, [1.0, 2.0], [0.1], 3)
    refused(ValueError, f"{steps} must be one number; got shape (1,)", read, descent, f, [1.0, 2.0], 0.1, [3])
    refused(TypeError, f"{steps} must be a whole number; got 3.0", read, descent, f, [1.0, 2.0], 0.1, 3.0)
    refused(ValueError, f"{steps} must not be negative; got -1", read, descent, f, [1.0, 2.0], 0.1, -1)
    for number in (0.0, -0.1):
        refused(ValueError, f"{rate} must be positive; got {number}", read, descent, f, [1.0, 2.0], number, 3)


# ---- enclosures


def asked(value: Callable[[], Any], calls: list[int]) -> Callable[[int], Any]:
    """An evaluation that notes at which precisions it is asked."""

    def at(precision: int) -> Any:
        calls.append(precision)
        with ctx.workprec(precision):
            return value()

    return at


def test_an_enclosure_is_refined_until_its_rounding_is_settled() -> None:
    """128 bits do for a third; a number 2⁻³⁰⁰ above a tie takes 512; then bounds and roundings are right."""
    calls: list[int] = []
    third = Enclosure(asked(lambda: np.array(arb(1) / 3, object), calls))
    assert calls == [128]
    assert (third.lower, third.upper) == (np.nextafter(1 / 3, 0), np.nextafter(1 / 3, 1)) or third.lower < third.upper
    assert Fraction(third.lower) < Fraction(1, 3) < Fraction(third.upper)
    assert third.upper == np.nextafter(third.lower, 1)
    assert [third.nearest(), third.nearest("float32")] == [1 / 3, np.float32(1 / 3)]
    calls = []
    close = Enclosure(asked(lambda: np.array(1 + arb(2) ** -53 + (arb(-300)).exp() / 3, object), calls))
    assert calls == [128, 256, 512]
    assert close.nearest() == 1 + 2.0**-52
    assert (close.lower, close.upper) == (1.0, 1 + 2.0**-52)


def test_a_tie_is_given_up_at_last() -> None:
    """What looks like a tie is followed to 2¹⁴ bits, and to 2¹⁵ for whoever wants the number, which has none then."""
    calls: list[int] = []
    tie = Enclosure(asked(lambda: np.array([3 * (arb(1) / 3) + arb(2) ** -53], object), calls), lambda flat: flat)
    assert calls == [2**each for each in range(7, 15)]
    assert tie.rounded(FLOAT64) == [None]
    assert calls == [2**each for each in range(7, 15)]
    assert (tie.lower.tolist(), tie.upper.tolist()) == ([1.0], [1 + 2.0**-52])
    assert tie.nearest("float32").tolist() == [1.0]
    refused(
        ArithmeticError, "the rounding to float64 is not settled at 32768 bits: a tie, by all appearance", tie.nearest
    )
    assert calls == [2**each for each in range(7, 16)]


@pytest.mark.parametrize("sign", [1, -1])
def test_bounds_are_rounded_outwards(sign: int) -> None:
    """A number of float64 is its own bound; others lie between neighbours; beyond the range the bound is infinite on the far side."""
    for value in (0.5, 0.0, 5e-324, 1e308):
        same = Enclosure(asked(functools.partial(np.array, arb(sign * value), object), []))
        assert same.lower == same.upper == sign * value
    with ctx.workprec(128):
        near = [sign * (1 + arb((1, -60))), sign * (1 + arb((1, -53)) + arb((1, -60)))]
    between = Enclosure(lambda _: np.array(near, object), lambda flat: flat)
    ends = [(1.0, 1 + 2.0**-52)] * 2
    assert list(zip(between.lower, between.upper, strict=True)) == [
        tuple(sorted((sign * a, sign * b))) for a, b in ends
    ]
    beyond = Enclosure(lambda _: np.array(sign * arb((1, 2000)), object))
    largest = FLOAT64.largest
    assert (beyond.lower, beyond.upper) == ((largest, np.inf) if sign > 0 else (-np.inf, -largest))
    assert beyond.nearest() == sign * np.inf
    infinite = Enclosure(lambda _: np.array(arb.pos_inf() if sign > 0 else arb.neg_inf(), object))
    assert infinite.lower == infinite.upper == infinite.nearest("float16") == sign * np.inf


def test_an_enclosure_keeps_its_form() -> None:
    """Scalars by default, otherwise what the form makes of the flat array; what is no number has no enclosure."""
    square = Enclosure(lambda _: np.array([[arb(1), arb(2)], [arb(3), arb(4)]], object), lambda flat: flat * 2)
    assert square.lower.tolist() == square.upper.tolist() == square.nearest().tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert square.nearest("float16").dtype == np.float16
    scalar = Enclosure(lambda _: np.array(arb(0.25), object))
    assert repr(scalar) == f"Enclosure(lower={scalar.lower!r}, upper={scalar.upper!r})"
    assert isinstance(scalar.nearest("float32"), np.float32)
    with pytest.raises(ValueError, match=r"^the value cannot be enclosed: .* beyond the arithmetic$"):
        Enclosure(lambda _: np.array([arb(1), arb.nan()], object))
    with pytest.raises(ValueError, match="dtype must be one of float64"):
        scalar.nearest("int8")


# ---- the interval around a value


def certain(*balls: Any, shape: tuple[int, ...] | None = None) -> Enclosure:
    array = np.empty(len(balls), object)
    array[:] = [arb(ball) for ball in balls]
    return Enclosure(lambda _: array.reshape((len(balls),) if shape is None else shape))


def honest(*radii: Any, shape: tuple[int, ...] | None = None) -> Any:
    array = np.empty(len(radii), object)
    array[:] = [arb(each) for each in radii]
    return array.reshape((len(radii),) if shape is None else shape)


def interval(found: Acceptance | None) -> Acceptance:
    assert found is not None
    return found


@pytest.mark.parametrize("format_", [FLOAT64, FLOAT32, FLOAT16, BFLOAT16], ids=lambda each: each.name)
def test_the_interval_is_four_radii_or_one_unit_and_the_smallest_number(format_: Any) -> None:
    """Around 3 and −3 a radius of 5 units counts four times, one of an eighth of a unit counts as one unit of 3, which is two of 1."""
    unit, smallest = Fraction(format_.unit), Fraction(format_.smallest_normal)
    found = interval(around(certain(3, -3), honest(5 * format_.unit, format_.unit / 8), format_))
    for place, (value, room) in enumerate(((3, 20 * unit), (-3, 2 * unit))):
        room += smallest
        assert is_about(fraction(found.allowance[place]), room)
        # The ends are numbers of float64, one step further out.
        assert room <= value - Fraction(found.low[place]) <= room * Fraction(1001, 1000) + Fraction(1, 2**51)
        assert room <= Fraction(found.high[place]) - value <= room * Fraction(1001, 1000) + Fraction(1, 2**51)
    assert (found.nearest.tolist(), found.ulp.tolist()) == ([3.0, -3.0], [2 * format_.unit] * 2)
    assert [float(ball) for ball in found.exact] == [3.0, -3.0]


def test_the_shape_is_that_of_the_value() -> None:
    """A scalar's interval is a scalar's, and a table's a table's."""
    found = interval(around(certain(0.5, shape=()), honest(0, shape=()), FLOAT64))
    assert (
        found.low.shape == found.high.shape == found.ulp.shape == np.shape(found.nearest) == found.allowance.shape == ()
    )
    found = interval(around(certain(1, 2, 3, 4, shape=(2, 2)), honest(0, 0, 0, 0, shape=(2, 2)), FLOAT64))
    assert found.nearest.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert found.ulp.tolist() == [[2.0**-52, 2.0**-51], [2.0**-51, 2.0**-50]]


def test_infinite_values_and_infinite_radii() -> None:
    """An infinite value is its own interval, whatever the radius; of other entries with an infinite radius nothing is said."""
    found = interval(around(certain(arb.neg_inf(), 1), honest(arb.nan(), 0), FLOAT32))
    assert (found.low[0], found.high[0], found.nearest[0]) == (-np.inf,) * 3
    assert float(found.allowance[0]) == 0
    assert found.ulp[0] == FLOAT32.ulp(FLOAT32.largest)
    assert found.accepts([-np.inf, 1.0]).tolist() == [True, True]
    assert around(certain(1, 1), honest(arb.nan(), arb.pos_inf()), FLOAT32) is None
    for lost in (arb.nan(), arb.pos_inf()):
        found = interval(around(certain(1, arb.pos_inf(), 1), honest(lost, lost, 0), FLOAT32))
        assert found.said.tolist() == [False, True, True]
        assert (found.low[0], found.high[0], found.nearest[0], float(found.allowance[0])) == (
            -np.inf,
            np.inf,
            1,
            np.inf,
        )
        for anything in (np.nan, np.inf, -np.inf, 7.0):
            assert found.accepts([anything, np.inf, anything]).tolist() == [True, True, False]
            assert found.ulps([anything, np.inf, 1.0]).tolist() == [0.0, 0.0, 0.0]


def test_a_ball_that_may_be_anything_is_not_its_middle() -> None:
    """Where not even the exact value is enclosed, nothing is said; a middle that is infinite by itself is a value."""
    found = interval(around(certain(arb(0, math.inf), 2), honest(0, 0), FLOAT64))
    assert found.said.tolist() == [False, True]
    assert found.accepts([np.nan, 2.0]).tolist() == [True, True]


@pytest.mark.parametrize("sign", [1, -1])
def test_beyond_the_largest_number_the_interval_is_open(sign: int) -> None:
    """An end beyond the format's largest number is infinite; one that is that very number is not."""
    largest, ulp = FLOAT16.largest, FLOAT16.ulp(FLOAT16.largest)
    found = interval(
        around(certain(sign * 2 * arb(largest), sign * (arb(largest) - 8 * ulp)), honest(0, 2 * ulp), FLOAT16)
    )
    near, far = (found.low, found.high) if sign > 0 else (-found.high, -found.low)
    assert (far[0], found.nearest[0], found.ulp[0]) == (np.inf, sign * np.inf, ulp)
    assert is_about(2 * largest - near[0], ulp)
    # largest − 8 ulp + 8 ulp + the smallest normal number is beyond.
    assert far[1] == np.inf
    assert is_about(largest - near[1], 16 * ulp)
    found = interval(around(certain(sign * (arb(largest) - 9 * ulp)), honest(2 * ulp), FLOAT16))
    near, far = (found.low, found.high) if sign > 0 else (-found.high, -found.low)
    assert is_about(far[0], largest - ulp)


def test_the_range_of_a_formula_cuts_the_interval() -> None:
    """No end lies outside of the closed range that exact values never leave; where nothing is said, it is left open."""
    certainly = Enclosure(lambda _: np.array([arb(0), arb(1), arb(1) / 2, arb(1)], object))
    found = _around(certainly, np.array([1e-3, 1e-3, 1e-3, np.nan]), FLOAT32, (0.0, 1.0), (4,), None)
    assert found is not None
    assert (found.low[0], found.high[1], found.low[3], found.high[3]) == (0.0, 1.0, -np.inf, np.inf)
    assert (found.high[0], found.low[1]) == pytest.approx((4e-3, 1 - 4e-3), rel=1e-6)
    assert found.low[2] < 0.4961
    assert found.high[2] > 0.5039
    assert float(found.allowance[0]) == pytest.approx(4e-3)


class Ranged(Setting):
    """A setting that says what its values can be."""

    range = (0.0, 1.0)


def test_the_range_is_that_of_the_setting() -> None:
    """A formula of shares has none above one."""
    plain = page(x[i], argument(x), output=((i, "N"),))
    chosen = Ranged(plain.formula, plain.definition, plain.program, plain.parameters)
    for under, high in ((plain, 1 + 4 * FLOAT32.unit), (chosen, 1.0)):
        found = interval(acceptance(under, read(under, np.array([1.0])), FLOAT32))
        assert found.high[0] == pytest.approx(high, rel=1e-9)


def test_inputs_that_are_shares_are_widened_to_one_at_most() -> None:
    """ln(2 − y − δ) of y = 1 has a value for all shares only; without that nothing could be said of it."""
    definition = sp.log(1 - x[i] + sp.Rational(1, 10**4)) - 100
    for kind, some in (("real", False), ("probabilities", True)):
        chosen = page(definition, argument(x, kind), output=((i, "N"),))  # type: ignore[arg-type]
        ball = values(chosen, np.array([1.0]), precision=53, widen=2.0**-7)[0]
        assert bool(ball.is_finite()) is some
    half = page(x[i], argument(x, "probabilities"), output=((i, "N"),))
    found = interval(acceptance(half, read(half, np.array([1.0, 0.5, 0.0])), FLOAT32))
    expected = [4 * FLOAT32.unit, 2 * FLOAT32.unit, FLOAT32.smallest_normal]
    # An honest value is still as far from the exact one as its input may have been.
    assert [float(each) for each in found.allowance[:2]] == pytest.approx(expected[:2], rel=1e-6)


def test_some_entries_are_certified_as_among_all() -> None:
    """Ends, nearest numbers and units are those of the whole; a whole answer is judged at these entries."""
    rows = np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    named = read(BY_ENTRY, rows)
    whole = interval(acceptance(BY_ENTRY, named, FLOAT32))
    some = interval(acceptance(BY_ENTRY, named, FLOAT32, entries=np.array([4, 0, 5])))
    assert (whole.shape, whole.entries, some.shape) == ((2, 3), None, (2, 3))
    assert some.entries is not None
    assert some.entries.tolist() == [4, 0, 5]
    for name in ("low", "high", "nearest", "ulp", "said", "allowance"):
        assert getattr(some, name).shape == (3,)
        assert [str(each) for each in getattr(some, name)] == [str(each) for each in getattr(whole, name).flat[[4, 0, 5]]]  # fmt: skip
    assert [some.index(place) for place in range(3)] == [(1, 1), (0, 0), (1, 2)]
    assert [whole.index(place) for place in (0, 4)] == [(0, 0), (1, 1)]
    got = whole.nearest.copy()
    got[0, 0] += 1
    assert some.accepts(got).tolist() == [True, False, True]
    assert some.accepts(got.ravel()).tolist() == [True, False, True]
    assert some.at(got).tolist() == [35.0, 6.0, 67.0]
    assert some.ulps(got).tolist() == [0.0, 1 / FLOAT32.ulp(5.0), 0.0]
    assert whole.at(got) is got
    refused(ValueError, "an answer of shape (3,) has not the entries of one of shape (2, 3)", some.at, np.zeros(3))
    scalar = interval(acceptance(ONE_NUMBER, read(ONE_NUMBER, rows), FLOAT64, entries=[0]))
    assert (scalar.shape, scalar.index(0), scalar.accepts(-31.0).tolist()) == ((), (), [True])
    for wrong in ([6], [-1], [0.5], [[1]]):
        with pytest.raises(ValueError, match=r"^entries must be positions in 0 .. 5, in a row; got "):
            acceptance(BY_ENTRY, named, FLOAT32, entries=np.array(wrong))


def test_entries_of_a_mapping_are_counted_in_a_row() -> None:
    """An answer that is a mapping is judged flat: its shape is the number of its entries."""
    named = read(IN_PARTS, {"W": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "b": [7.0, 8.0]}, [0.5, 0.0, 0.0])
    for entries in (None, [7, 8]):
        found = interval(acceptance(IN_PARTS, named, FLOAT64, entries=entries))
        assert found.shape == (11,)
    assert [found.index(place) for place in (0, 1)] == [(7,), (8,)]
    assert found.accepts(np.array([0.0] * 7 + [24.5, 0.125] + [0.0] * 2)).tolist() == [True, True]


def test_one_entry_of_which_nothing_can_be_said_does_not_spoil_the_others() -> None:
    """Where an honest evaluation may lose everything anything is accepted, and the entries beside it are judged as ever."""
    chosen = page(sp.log(x[i] - sp.Rational(1023, 1024)) - 10, argument(x), output=((i, "N"),))
    named = read(chosen, np.array([1.0, 2.0, 1.0]))
    assert acceptance(chosen, read(chosen, np.array([1.0])), BFLOAT16) is None
    found = interval(acceptance(chosen, named, BFLOAT16))
    assert found.said.tolist() == [False, True, False]
    assert found.accepts([np.nan, found.nearest[1], np.inf]).tolist() == [True, True, True]
    assert found.accepts([np.nan, np.nan, np.inf]).tolist() == [True, False, True]
    assert found.ulps([np.nan, np.nan, 3.0]).tolist() == [0.0, np.inf, 0.0]
    some = interval(acceptance(chosen, named, BFLOAT16, entries=[2, 1]))
    assert some.said.tolist() == [False, True]
    assert (some.low[1], some.high[1]) == (found.low[1], found.high[1])
    assert acceptance(chosen, named, BFLOAT16, entries=[2, 0]) is None


@pytest.mark.parametrize("format_", FORMATS.values(), ids=list(FORMATS))
def test_ends_and_distances_are_those_of_balls(format_: Any) -> None:
    """Of balls of every size and width, near the ends of the range too: ends no nearer than exactly, and hardly further; distances to 12 digits."""
    rng = np.random.default_rng(8)
    exponents = rng.integers(format_.min_exponent - 30, format_.max_exponent + 3, 300).tolist()
    with ctx.workprec(150):
        middles = [arb(float(rng.normal())) * arb(2) ** each / 3 for each in exponents]
        balls = [middle_.mid() + arb(0, abs(middle_) * arb(2) ** -60) for middle_ in middles]
        radii = [abs(middle_).upper() * arb(2) ** -int(each) for middle_, each in zip(middles, rng.integers(1, 70, 300), strict=True)]  # fmt: skip
    found = interval(around(certain(*balls), honest(*radii), format_))
    got = found.nearest * (1 + 3 * format_.unit)
    with ctx.workprec(300), np.errstate(over="ignore"):
        for place, (ball, honest_radius) in enumerate(zip(balls, radii, strict=True)):
            near = float(found.nearest[place])
            unit = format_.ulp(min(max(near, -format_.largest), format_.largest))
            assert found.ulp[place] == unit
            room = max(4 * honest_radius, arb(unit)) + format_.smallest_normal
            for end, side in ((float(found.low[place]), -1), (float(found.high[place]), 1)):
                exactly = side * ball.mid() + ball.rad() + room
                hair = abs(exactly) * arb(2) ** -50 + room * arb(2) ** -50 + arb(2) ** -1073
                if math.isfinite(end):
                    assert exactly <= side * end <= exactly + hair
                else:
                    assert side * end > 0
                    assert exactly + hair >= format_.largest
            if math.isfinite(got[place]):
                distance = abs(arb(float(got[place])) - ball.mid()) / unit
                assert (
                    abs(arb(float(found.ulps(got)[place])) - distance)
                    <= distance * arb(10) ** -12 + ball.rad() / unit * 2
                )


@pytest.mark.parametrize("format_", FORMATS.values(), ids=list(FORMATS))
def test_many_balls_are_rounded_as_each_is(format_: Any) -> None:
    """Around numbers, ties and their surroundings, subnormal ones, both ends of the range and zero, wide and exact balls: as one by one."""
    with ctx.workprec(400):
        unit = arb(2) ** (1 - format_.bits)
        bases = [arb(0), 1 + 0 * unit, 1 + unit, 1 + unit / 2, 1 + 3 * unit / 2, arb(1) / 3, arb(4) / 3]
        scales = [arb(2) ** each for each in (0, format_.min_exponent, format_.min_exponent - format_.bits + 2, format_.min_exponent - format_.bits, format_.max_exponent, -1075, -1090, 1025)]  # fmt: skip
        largest = arb(format_.largest)
        middles = [base * scale for base in bases for scale in scales]
        middles += [largest, largest * (1 + unit / 4), largest + largest * unit / 2 / (2 - unit)]
        middles += [arb(2) ** (format_.max_exponent + 1) * (1 - unit / 4), *([arb.pos_inf()])]
        near = [arb(0), *(arb(2) ** -each for each in (8, 25, 54, 56, 60, 70, 300))]
        balls = [
            sign * (middle_ * (1 + side * off)).mid() + arb(0, 1) * wide * abs(middle_).mid()
            for middle_ in middles
            for sign in (1, -1)
            for side in (1, -1)
            for off in near
            for wide in (arb(0), arb(2) ** -301, arb(2) ** -65, arb(2) ** -55, arb(2) ** -24, arb(2) ** -7)
        ]
        balls += [arb(0), arb(0, 1), arb(0, 1e-320), arb.nan(), arb.neg_inf(), arb(0, math.inf), arb((3, -1076))]
        expected = [nearest(ball, format_) for ball in balls]
        got = each_nearest(balls, format_)
    assert [repr(each) for each in got] == [repr(each) for each in expected]
    assert sum(each is None for each in expected) > 100
    assert each_nearest([], format_) == []


def test_a_tie_has_either_neighbour_for_its_nearest_number() -> None:
    """What stays undecided is rounded by its middle."""

    def tie(precision: int) -> Any:
        with ctx.workprec(precision):
            return np.array([3 * (arb(1) / 3) + arb(2) ** -11, arb(5)], object)

    found = interval(around(Enclosure(tie), honest(0, 0), FLOAT16))
    assert abs(found.nearest[0] - 1) <= 2.0**-10
    assert found.nearest[1] == 5.0
    assert np.isfinite(found.nearest).all()


def test_what_is_not_known_better_is_allowed_for() -> None:
    """Around a ball that stays wide, the interval holds all of it and more; distances are counted from its far end."""
    found = interval(around(certain(arb(1, 0.25)), honest(0), FLOAT32))
    unit = FLOAT32.unit
    assert 0.75 - 1.1 * unit <= found.low[0] <= 0.75 - 0.9 * unit / 2
    assert 1.25 + 0.9 * unit / 2 <= found.high[0] <= 1.25 + 1.1 * unit
    assert found.ulps([2.0])[0] == pytest.approx(1.25 / found.ulp[0], rel=1e-9)


def test_the_ends_belong_to_the_interval_and_distances_are_counted_in_units() -> None:
    """Both ends are inside and their neighbours are not; distances are in units, and infinite for what is infinitely wrong."""
    found = Acceptance(honest(1, 2, arb.pos_inf()), np.array([1.0, 2.0, np.inf]), np.array([0.5, 2.0, np.inf]), np.array([1.5, 4.0, np.inf]), honest(0, 0, 0), np.array([0.25, 0.5, 1.0]))  # fmt: skip
    assert found.accepts(np.array([0.5, 4.0, np.inf])).tolist() == [True, True, True]
    assert found.accepts(np.array([1.5, 2.0, 1.0])).tolist() == [True, True, False]
    assert found.accepts(np.nextafter([0.5, 4.0, np.inf], [0, 5, 0])).tolist() == [False, False, False]
    assert found.accepts(np.array([np.nan, np.nan, np.nan])).tolist() == [False, False, False]
    assert found.ulps([2.0, 2.0, np.inf]).tolist() == [4.0, 0.0, 0.0]
    assert found.ulps([0.5, np.inf, -np.inf]).tolist() == [2.0, np.inf, np.inf]
    assert found.ulps([np.nan, 3.25, 7.0]).tolist() == [np.inf, 2.5, np.inf]


LOSES_ALL = page(-10 + sp.log(x[0] - x[1]), argument(x))


def test_a_narrow_format_is_judged_with_finer_balls_where_its_own_have_no_value() -> None:
    """1 − 0.99 may be anything below 0.026 in bfloat16, negative too, and has no logarithm; the finer balls tell how far it may be off."""
    named = read(LOSES_ALL, np.array([1.0, 0.98828125]))
    found = interval(acceptance(LOSES_ALL, named, BFLOAT16))
    off = 4 * (1 + 0.98828125) * BFLOAT16.unit / (1 - 0.98828125)
    assert 0.99 * off <= float(found.allowance[()]) <= 1.05 * off
    # One of 0.996 is off by four times the number itself: then nothing can be said.
    assert acceptance(LOSES_ALL, read(LOSES_ALL, np.array([1.0, 0.99609375])), BFLOAT16) is None
    # Where the balls of the format itself have a value, they decide.
    both = page(-10 + sp.log(x[0] - x[1]) * 0 + x[i], argument(x), output=((i, "N"),))
    found = interval(acceptance(both, read(both, np.array([1.0, 0.5])), BFLOAT16))
    assert 4 * BFLOAT16.unit <= float(found.allowance[0]) <= 5 * 4 * BFLOAT16.unit


def test_one_entry_of_many_may_need_the_finer_balls() -> None:
    """Each entry is judged by the format's own balls if they have a value there, and by the finer ones otherwise."""
    chosen = page(
        sp.Piecewise((sp.log(x[0] - x[1]) - 10, sp.Eq(i, 0)), (x[0] * x[1], True)), argument(x), output=((i, "N"),)
    )
    found = interval(acceptance(chosen, read(chosen, np.array([1.0, 0.98828125])), BFLOAT16))
    off = (1 + 0.98828125) * BFLOAT16.unit
    assert 0.99 * 4 * off / (1 - 0.98828125) <= float(found.allowance[0]) <= 1.05 * 4 * off / (1 - 0.98828125)
    # Both factors may be off at once, which balls of more bits would hardly notice.
    assert is_about(float(found.allowance[1]), 4 * 0.98828125 * (2 + BFLOAT16.unit) * BFLOAT16.unit)


def test_strictly_the_inputs_are_what_they_are() -> None:
    """Strictly only roundings count, of which a difference of two numbers of the format has none; but underflow is allowed for."""
    named = read(ONE_NUMBER, np.array([3.0, 1.0]))
    for format_ in (FLOAT64, FLOAT32, FLOAT16):
        strict = interval(acceptance(ONE_NUMBER, named, format_, strict=True))
        usual = interval(acceptance(ONE_NUMBER, named, format_))
        assert is_about(fraction(strict.allowance[()]), 2 * Fraction(format_.unit) + Fraction(format_.smallest_normal))
        assert is_about(fraction(usual.allowance[()]), 16 * Fraction(format_.unit) + Fraction(format_.smallest_normal))


def test_what_is_done_with_a_function_is_rounded_at_last_to_its_format() -> None:
    """In float64 the radius is that of an honest answer; in float32 one unit of the value is added to it."""
    slope, descent = (setting(formula_named(name)) for name in ("numerical_gradient", "gradient_descent"))
    f, point = function(SQUARES, 1.0, 2.0), np.array([3.0, -5.0])
    for chosen, more, values_ in ((slope, (), (6.0, -20.0)), (descent, (0.125, 1), (2.25, -2.5))):
        named = read(chosen, f, point, *more)
        radii = [float(each) for each in evaluate_honestly(chosen, named)]
        for format_, unit in ((FLOAT64, 0.0), (FLOAT32, FLOAT32.unit)):
            found = interval(acceptance(chosen, named, format_))
            for place, value in enumerate(values_):
                off = max(4 * (radii[place] + unit * abs(value)), format_.ulp(value)) + format_.smallest_normal
                assert float(found.allowance[place]) == pytest.approx(off, rel=1e-12, abs=0)


def test_the_intervals_of_a_table_are_a_table() -> None:
    """Each entry of two rows has its own allowance, also where the finer balls have to tell it."""
    rows = np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    found = interval(acceptance(BY_ENTRY, read(BY_ENTRY, rows), FLOAT32))
    assert found.nearest.tolist() == [[5.0, 7.0, 11.0], [19.0, 35.0, 67.0]]
    assert all(
        is_about(fraction(room), 8 * Fraction(float(each)) * Fraction(FLOAT32.unit))
        for room, each in zip(found.allowance.flat, rows.flat, strict=True)
    )
    near = page(sp.log(x[n, k] - sp.Rational(255, 256)) - 10, argument(x, axes=ROWS), output=((n, "N"), (k, "K")))
    found = interval(acceptance(near, read(near, [[1.0, 2.0], [1.0, 1.0]]), BFLOAT16))
    rooms = np.array([float(each) for each in found.allowance.flat]).reshape(2, 2)
    lost = 4 * 256 * BFLOAT16.unit
    assert (rooms[[0, 1, 1], [0, 0, 1]] > 0.99 * lost).all()
    # The logarithm and its sum with −10 are rounded besides.
    assert (rooms[[0, 1, 1], [0, 0, 1]] < 1.5 * lost).all()
    assert 0.5 * lost > rooms[0, 1] > 8 * BFLOAT16.unit


def test_what_underflows_is_allowed_for() -> None:
    """A parameter below the smallest normal number is known to half a unit of that only, by the finer balls too."""
    small = setting(page(delta + 0 * x[0], argument(x), parameters={"delta": 0.5}).formula, delta=1e-6)
    for strict, radius_ in ((False, 4 * 2.0**-25), (True, 2.0**-24)):
        found = interval(acceptance(small, read(small, [1]), FLOAT16, strict=strict))
        assert float(found.allowance[()]) == pytest.approx(radius_ + 2.0**-14, rel=1e-5)
    # Twice the number itself for the difference, whose logarithm is taken; one for the parameter; and the rounding of a hundred.
    finer = page(sp.log(x[0] - x[1]) - 100 + delta * 2**25, argument(x), parameters={"delta": 1e-7})
    found = interval(acceptance(finer, read(finer, np.array([1.0, 1 - 2.0**-10])), FLOAT16))
    assert 4 * 2.99 <= float(found.allowance[()]) <= 4 * 3.15
    lost = page(sp.log(x[0] - x[1]) - 100 + delta * 2**41, argument(x), parameters={"delta": 2.0**-40})
    found = interval(acceptance(lost, read(lost, np.array([1.0, 1 - 2.0**-10])), FLOAT16))
    # What the format would round to zero is lost, and has no room of its own.
    assert 4 * 1.99 <= float(found.allowance[()]) <= 4 * 2.15


def test_an_end_that_is_the_largest_number_is_within_the_range() -> None:
    """Only what lies beyond the largest number is an overflow."""
    largest, room = FLOAT16.largest, FLOAT16.ulp(FLOAT16.largest) + FLOAT16.smallest_normal
    found = interval(around(certain(arb(largest) - room, room - arb(largest)), honest(0, 0), FLOAT16))
    assert found.high[0] == np.nextafter(largest, np.inf)
    assert found.low[1] == np.nextafter(-largest, -np.inf)


# ---- losses


def test_the_mean_squared_error_is_half_the_mean_of_squares() -> None:
    """By fractions: the sum over everything, halved, through the number of samples."""
    first, second = np.array([[0.1, 0.7], [0.3, -0.5], [2.0, 1e-3]]), np.array([[1.0, 0.0], [0.2, 3.0], [0.0, 1e3]])
    expected = sum((Fraction(u) - Fraction(v)) ** 2 for u, v in zip(first.flat, second.flat, strict=True)) / 6
    found = squared_error.mean_loss(first, second)
    assert found.nearest() == float(expected)
    assert Fraction(found.lower) <= expected <= Fraction(found.upper)
    assert squared_error.mean_loss(first, first).nearest() == 0.0


LOGITS = np.array([[0.5, 2.0, -1.0], [3.0, 3.0, 1.0], [-2.0, 700.0, 1.5], [0.25, -0.5, 0.125]])
TARGETS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]])


def _entropies(a: Any, targets: Any) -> Any:
    """Loss and gradient of each sample by the textbook's formulas, in 2000 bits."""
    losses, gradients = [], []
    for a_n, t_n in zip(a, targets, strict=True):
        powers = [arb(float(each)).exp() for each in a_n]
        total = sum(powers, arb(0))
        losses.append(
            -sum((arb(float(w)) * (power / total).log() for power, w in zip(powers, t_n, strict=True)), arb(0))
        )
        gradients.append([power / total - arb(float(w)) for power, w in zip(powers, t_n, strict=True)])
    return losses, gradients


def test_the_cross_entropy_in_balls_is_the_textbooks() -> None:
    """Loss and gradient by the textbook's formulas in 2000 bits lie in the enclosures, and round to the same numbers."""
    with ctx.workprec(2000):
        losses, gradients = _entropies(LOGITS, TARGETS)
        mean = sum(losses, arb(0)) / 4
        entries = [float(entry.mid() / 4) for row in gradients for entry in row]
        low, high = float(mean.lower()), float(mean.upper())
    found = cross_entropy.mean_loss(LOGITS, TARGETS)
    assert low == found.nearest() == high
    assert found.lower <= found.nearest() <= found.upper
    one = [cross_entropy.mean_loss(LOGITS[row : row + 1], TARGETS[row : row + 1]).nearest() for row in range(4)]
    assert one == [float(loss.mid()) for loss in losses]
    got = [cross_entropy.gradient_entries(a, w, 4, np.arange(3)).balls for a, w in zip(LOGITS, TARGETS, strict=True)]
    assert [float(ball.mid()) for row in got for ball in row] == pytest.approx(entries, rel=1e-15)
    some = cross_entropy.gradient_entries(LOGITS[0], TARGETS[0], 2, np.array([2, 0])).balls
    assert [float(ball.mid()) for ball in some] == pytest.approx([2 * entries[2], 2 * entries[0]], rel=1e-15)


def test_targets_of_the_loss_need_not_sum_to_one() -> None:
    """The loss is −Σ t ln p, whatever the targets sum to; with none at all it is 0."""
    t_n = np.array([[0.5, 0.25, 0.5]])
    with ctx.workprec(500):
        (loss,), _ = _entropies(LOGITS[:1], t_n)
        expected = float(loss.mid())
    assert cross_entropy.mean_loss(LOGITS[:1], t_n).nearest() == expected
    assert cross_entropy.mean_loss(LOGITS[:1], np.zeros((1, 3))).nearest() == 0.0


def test_near_certainty_costs_no_digits() -> None:
    """The likeliest class's own entry is −S / (1 + S), however small S is; the entry of a class beside it is S itself."""
    own, other = cross_entropy.gradient_entries(np.array([0.0, -700.0]), np.array([1.0, 0.0]), 1, np.arange(2)).balls
    assert float(own.mid()) == pytest.approx(-math.exp(-700), rel=1e-13, abs=0)
    assert float(other.mid()) == pytest.approx(math.exp(-700), rel=1e-13, abs=0)
    assert own.rad() / abs(own.mid()) < arb(2) ** -100
    first, _ = cross_entropy.gradient_entries(np.array([1.0, 0.0]), np.array([1.0, 0.0]), 1, np.arange(2)).balls
    assert float(first.mid()) == pytest.approx(math.e / (1 + math.e) - 1, rel=1e-15)
    (tiny,) = cross_entropy.gradient_entries(np.array([0.0, -20000.0]), np.array([1.0, 0.0]), 1, np.array([0])).balls
    assert tiny < 0
    assert float((-tiny).log().mid()) == pytest.approx(-20000, rel=1e-15)
    alone = cross_entropy.gradient_entries(np.array([7.0]), np.array([1.0]), 1, np.array([0]))
    assert (alone.lower.tolist() if alone.balls.shape == () else float(alone.balls[0])) == 0.0
    second, _ = cross_entropy.gradient_entries(np.array([0.0, 1.0]), np.array([1.0, 0.0]), 1, np.arange(2)).balls
    assert float(second.mid()) == pytest.approx(1 / (1 + math.e) - 1, rel=1e-15)


def test_a_loss_beyond_every_precision_is_rounded_rightly() -> None:
    """A mean of gaps that is a tie, and exp(−2⁵³) more, is above the tie; with one class, or a perfect output, the loss is 0."""
    wrong = np.array([[0.0, 1.0]] * 2)
    tie = cross_entropy.mean_loss(np.array([[0.0, -(2.0**53)], [0.0, -(2.0**53) - 2]]), wrong)
    assert tie.nearest() == 2.0**53 + 2
    turned = np.array([[1.0, 0.0]] * 2)
    tie = cross_entropy.mean_loss(np.array([[-(2.0**53), 0.0], [-(2.0**53) - 2, 0.0]]), turned)
    assert tie.nearest() == 2.0**53 + 2
    below = cross_entropy.mean_loss(np.array([[0.0, -(2.0**53) - 2], [0.0, -(2.0**53) - 4]]), wrong)
    assert below.nearest() == 2.0**53 + 4
    assert cross_entropy.mean_loss(np.array([[7.0]]), np.array([[1.0]])).nearest() == 0.0
    perfect = cross_entropy.mean_loss(np.array([[1e4, 0.0, 0.0]]), np.array([[1.0, 0.0, 0.0]]))
    assert (perfect.nearest(), perfect.lower, perfect.upper) == (0.0, 0.0, 5e-324)
    # 2⁻³⁰⁰⁰ is not so small that any other number would do: it is what it is.
    small = cross_entropy.mean_loss(np.array([[2079.5, 0.0]]), np.array([[1.0, 0.0]])).balls.item()
    assert abs(float(small.log().mid()) + 2079.5) < 1e-6


# ---- networks


def test_a_network_is_its_layers_one_after_the_other() -> None:
    """Prediction, loss and gradient of a network of two samples by NumPy, in every convention, to fifteen digits."""
    rng = np.random.default_rng(3)
    W1, b1, W2, b2 = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=(3, 4)), rng.normal(size=4)
    inputs, targets = rng.normal(size=(2, 2)), np.array([[0.0, 1.0, 0.0, 0.0], [0.25, 0.0, 0.5, 0.25]])
    z = 1 / (1 + np.exp(-(inputs @ W1 + b1)))
    powers = np.exp(z @ W2 + b2)
    y = powers / powers.sum(axis=1, keepdims=True)
    balls = [as_balls(each) for each in (W1, b1, W2, b2, inputs)]
    with ctx.workprec(128):
        found = network(setting(formula_named("two_layer_net_predict")), *balls)
        assert found.shape == (2, 4)
        np.testing.assert_allclose(numbers(found), y, rtol=1e-13)
        for convention, delta in ((None, 0.0), ("seed", 1e-8), ("book", 1e-7)):
            loss, slope = (setting(formula_named(f"two_layer_net_{name}"), convention) for name in ("loss", "gradient"))
            told = _numbers(loss, 0.0, 0.0)
            got = network(loss, *balls, as_balls(targets), numbers=told)
            expected = -np.sum(targets * np.log(y + delta)) / 2
            assert got.shape == ()
            assert abs(float(got.item().mid()) - expected) < 1e-13
            assert delta == 0 or abs(expected + np.sum(targets * np.log(y)) / 2) > 1e-10
            u = targets * y / (y + delta)
            errors = (y * u.sum(axis=1, keepdims=True) - u) / 2
            back = errors @ W2.T * z * (1 - z)
            flat = np.concatenate(
                [each.ravel() for each in (inputs.T @ back, back.sum(0), z.T @ errors, errors.sum(0))]
            )
            got = network(slope, *balls, as_balls(targets), numbers=told)
            np.testing.assert_allclose(numbers(got), flat, rtol=1e-12, atol=1e-15)


def test_large_outputs_and_classes_without_a_target_do_no_harm() -> None:
    """Outputs of 10³⁰⁰, and a probability of zero where no target is, leave the value finite and right."""
    balls = [as_balls(np.array(each)) for each in ([[0.0]], [0.0], [[0.0, 2e300, 0.0]], [0.0, 0.0, 1e300], [[1.0]])]
    target = as_balls(np.array([[0.0, 0.5, 0.5]]))
    with ctx.workprec(200):
        loss = network(setting(formula_named("two_layer_net_loss")), *balls, target).item()
        assert abs(float(loss.mid()) - math.log(2)) < 1e-15
        assert float(loss.rad()) < 1e-30
        none = network(setting(formula_named("two_layer_net_loss")), *balls, as_balls(np.zeros((1, 3)))).item()
        assert isinstance(none, arb)
        assert float(none) == 0.0


@pytest.mark.parametrize("lost", [2.0**-6, 2.0**-12])
def test_what_underflows_between_the_layers_is_lost(lost: float) -> None:
    """Each number handed on may be off by so much: the balls hold what the extremes lead to, and little more."""
    W1, b1, W2, b2, inputs = ([[0.0]], [0.0], [[2.0, 0.0]], [0.0, 0.0], [[4.0]])
    balls = [as_balls(np.array(each)) for each in (W1, b1, W2, b2, inputs)]
    target = as_balls(np.array([[0.0, 1.0]]))
    with ctx.workprec(100):
        y = network(setting(formula_named("two_layer_net_predict")), *balls, flush=lost)
        slope = network(setting(formula_named("two_layer_net_gradient")), *balls, target, flush=lost)
        exact_y = network(setting(formula_named("two_layer_net_predict")), *balls)

    half = Ends(0.5 - lost, 0.5 + lost)
    off = Ends(-lost, lost)
    # z is ½ ± lost, and y the share of e^(2z − 1) beside that of e^(−1).
    power, other = Ends(math.exp(-2 * lost), math.exp(2 * lost)), Ends(math.exp(-1), math.exp(-1))
    shares = [each / (power + other) for each in (power, other)]
    assert is_hull(y[0, 0], shares[0])
    assert is_hull(y[0, 1], shares[1])
    assert float(exact_y[0, 0].rad()) < 1e-25
    # Then δ₂ = y − t, off by so much again; and what goes back through W2 and z (1 − z), each of them off as well.
    d2 = [shares[0] + off, shares[1] + Ends(-1, -1) + off]
    d1 = (Ends(2, 2) * d2[0] + off) * (half * (Ends(1, 1) - half) + off) + off
    expected = [Ends(4, 4) * d1, d1, half * d2[0], half * d2[1], d2[0], d2[1]]
    assert [is_hull(ball, each) for ball, each in zip(slope, expected, strict=True)] == [True] * 6


@dataclass(frozen=True)
class Ends:
    """An interval in plain floats, whose arithmetic is written down here once more."""

    low: float
    high: float

    def __add__(self, other: Ends) -> Ends:
        return Ends(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Ends) -> Ends:
        return Ends(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Ends) -> Ends:
        products = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Ends(min(products), max(products))

    def __truediv__(self, other: Ends) -> Ends:
        return self * Ends(1 / other.high, 1 / other.low)


def is_hull(ball: Any, expected: Ends) -> bool:
    """Whether a ball holds an interval and is wider by an eighth at most: balls are symmetric, and products of them wider than need be."""
    room = (expected.high - expected.low) / 8
    low, high = float(ball.lower()), float(ball.upper())
    return expected.low - room <= low <= expected.low + 1e-9 and expected.high - 1e-9 <= high <= expected.high + room


# ---- gradients and descents


def test_gradients_and_second_derivatives_by_hand() -> None:
    """Of Σ c x², (Σ c x)² and Σ c x³, and of sums of their multiples."""
    point = [arb(2), arb(-1), arb(3)]
    f = (
        0.5 * function(SQUARES, 1.0, 2.0, 4.0)
        + function(SQUARED_SUM, 1.0, 3.0, -1.0)
        + 2 * function(CUBES, 1.0, 0.0, 1.0)
    )
    total = 2 - 3 - 3
    assert numbers(differences.gradient(f, point)) == [
        2 + 2 * total + 2 * 3 * 4,
        -2 + 6 * total,
        12 - 2 * total + 2 * 3 * 9,
    ]
    second = differences.second_derivatives(f, point)
    assert [[float(each) for each in row] for row in second] == [
        [1 + 2 + 24, 6, -2],
        [6, 2 + 18, -6],
        [-2, -6, 4 + 2 + 36],
    ]


every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


class Watched(list[Any]):
    """A list that counts how often an entry is asked for."""

    asked = 0

    def __getitem__(self, place: Any) -> Any:
        Watched.asked += 1
        return super().__getitem__(place)


@every_family
def test_a_gradient_costs_as_much_as_some_values(family: Family) -> None:
    """Whatever it has in common is computed once: twice as many entries are asked for twice as often, not four times."""
    asked = []
    for size in (40, 80):
        f = function(family, *[0.125] * size)
        point, Watched.asked = Watched([arb(1) / 8] * size), 0
        slopes = differences.gradient(f, point)
        third = differences._third_derivatives(f, point)
        assert all(third(entry).is_finite() for entry in range(size))
        assert len(slopes) == size
        asked.append(Watched.asked)
    assert 0 < asked[1] <= 2 * asked[0]
    assert asked[0] <= 10 * 40


@every_family
def test_collapsed_derivatives_are_those_by_sympy(family: Family) -> None:
    """Without the sums over Kronecker deltas, derivatives of any order have the values of SymPy's, and are as narrow."""
    rng = np.random.default_rng(9)
    coefficients, place = (
        [arb(float(v)) for v in rng.normal(size=4)],
        [arb(float(v), 2.0**-20) for v in rng.normal(size=4)],
    )
    for by in ((j,), (j, k), (j, j), (j, j, j)):
        plain = family.definition
        for index in by:
            plain = sp.diff(plain, vector[index])
        collapsed = differences._derivative(family, *by)
        assert not any(each.has(sp.KroneckerDelta) for each in collapsed.atoms(sp.Sum))
        fixed, free = (vector, weights, N), tuple(dict.fromkeys(by))
        with ctx.workprec(100):
            ours, sympys = (evaluation(each, fixed, free)(place, coefficients, 4) for each in (collapsed, plain))
            for index in itertools.product(range(4), repeat=len(free)):
                ball, expected = arb(ours(*index)), arb(sympys(*index))
                assert ball.overlaps(expected)
                assert ball.rad() <= 1.001 * expected.rad() + arb(2) ** -95


@every_family
def test_only_what_is_said_to_be_separable_is(family: Family) -> None:
    """The mixed second derivatives of a separable function are zero everywhere, and of no other."""
    plain = sp.diff(family.definition, vector[j], vector[k])
    at = evaluation(plain, (vector, weights, N), (j, k))([arb(v) / 8 for v in (1, 2, 3)], [arb(1) / 4] * 3, 3)
    assert all(arb(at(row, column)).is_zero() for row, column in ((0, 1), (2, 0))) is family.separable
    f = function(family, 0.5, -1.0, 2.0) + 2.0 * function(SQUARES, 0.5, -1.0, 2.0)
    assert f.is_separable is family.separable
    point = [arb(v) / 8 for v in (1, 2, 3)]
    own = [str(each) for each in differences.own_second_derivatives(f, point)]
    assert own == [str(row[place]) for place, row in enumerate(differences.second_derivatives(f, point))]


@every_family
def test_one_entry_is_moved_while_the_others_stay(family: Family) -> None:
    """Third derivatives over a stretch of one entry are those of a point that is stretched there alone, and no wider."""
    rng = np.random.default_rng(10)
    f = function(family, *rng.normal(size=5).tolist())
    third = evaluation(differences._derivative(family, j, j, j), (vector, weights, N), (j,))
    for radius_ in (0, 2.0**-7):
        point = [arb(float(v), radius_) for v in rng.normal(size=5)]
        with ctx.workprec(128):
            found = differences._third_derivatives(f, point)
            for entry in range(5):
                alone = [each + arb(0, 1.01e-4) * (place == entry) for place, each in enumerate(point)]
                expected = arb(third(alone, [arb(c) for c in f.terms[0][2]], 5)(entry))
                assert found(entry).overlaps(expected)
                assert found(entry).rad() <= 1.001 * expected.rad() + arb(2) ** -100


def test_some_slopes_are_those_of_all() -> None:
    """Gradients and their allowances can be asked for at some entries."""
    for family in (SQUARES, BELL):
        f, point = function(family, 0.5, 1.0, 1.5), [arb(1), arb(2), arb(-1)]
        for asked_for in (differences.gradient, differences.allowance):
            whole, some = asked_for(f, point), asked_for(f, point, [2, 0])
            assert [str(each) for each in some] == [str(whole[2]), str(whole[0])]


def test_a_sum_over_other_ends_is_left_as_it_is() -> None:
    """A delta picks a term of a sum over all entries only, and only where it is a factor; sums of terms are taken apart."""
    half = sp.Sum(vector[i] * sp.KroneckerDelta(i, j), (i, 0, 1))
    inside = sp.Sum(sp.exp(sp.KroneckerDelta(i, j)), (i, 0, N - 1))
    both = sp.Sum(vector[i] * sp.KroneckerDelta(i, j) + weights[i], (i, 0, N - 1))
    assert [differences._collapsed(each) for each in (half, inside)] == [half, inside]
    assert differences._collapsed(both) == vector[j] + sp.Sum(weights[i], (i, 0, N - 1))


@pytest.mark.parametrize("family", [SQUARES, CUBES, EXPONENTIALS], ids=lambda family: family.name)
def test_a_separable_descent_is_allowed_for_as_any_other(family: Family) -> None:
    """With nothing added that is not separable, errors are carried on by a matrix, to the same radii as entry by entry."""
    f = function(family, 0.5, 0.25, 0.125)
    other = f + function(SQUARED_SUM, 0.0, 0.0, 0.0)
    assert f.is_separable
    assert not other.is_separable
    for steps in (0, 1, 4):
        own, whole = (descents.allowance(each, [arb(1), arb(2), arb(-1)], arb(0.125), steps) for each in (f, other))
        assert [float(each) for each in own] == pytest.approx([float(each) for each in whole], rel=1e-9, abs=0)


def rounding(f: Function, point: list[float]) -> float:
    """How far f may be off at a number of float64 near a point, by its derivatives: by a unit of each entry, at the least."""
    slopes = [abs(float(slope)) for slope in differences.gradient(f, [arb(abs(each) + 1e-4) for each in point])]
    return sum(slope * (abs(each) + 1e-4) for slope, each in zip(slopes, point, strict=True)) * 2.0**-52


def roundings(f: Function, point: list[float]) -> float:
    """As much as six roundings of f itself may come to: half a unit each."""
    return 6 * 2.0**-53 * float(f(np.abs(point) + 1e-4))


@pytest.mark.parametrize("point", [[3.0], [-3.0], [0.5, -20.0]])
def test_an_honest_difference_quotient_loses_the_rounding_over_the_smallest_step(point: list[float]) -> None:
    """For a parabola it is only the rounding of f, through 10⁻⁶; for cubes, h²/6 times the third derivative besides."""
    balls = [arb(each) for each in point]
    f = function(SQUARES, *[1.5] * len(point))
    least, most = rounding(f, point) / 1e-6, (rounding(f, point) + roundings(f, point)) / 1e-6
    assert all(0.999 * least <= float(each) <= most for each in differences.allowance(f, balls))
    cubes = function(CUBES, *[1.0 + place for place in range(len(point))])
    least, most = rounding(cubes, point) / 1e-6, (rounding(cubes, point) + roundings(cubes, point)) / 1e-6
    for place, each in enumerate(differences.allowance(cubes, balls)):
        truncated = 6 * (1.0 + place) * 1e-8 / 6
        assert 0.999 * least + truncated <= float(each) <= most + truncated * 1.0001


def test_the_third_derivative_is_bounded_over_the_whole_stretch() -> None:
    """That of exp(1000 x) grows by a tenth on the way to a hundredth beyond the largest step, which is where it is taken."""
    f = function(EXPONENTIALS, 1000.0, -1000.0, 10.0)
    for entry, (slope, each) in enumerate(zip((1e3, 1e3, 10.0), differences.allowance(f, [arb(0)] * 3), strict=True)):
        truncated = slope**3 * math.exp(slope * 1.01e-4) * 1e-8 / 6
        assert truncated * (1 - 1e-7) <= float(each) <= truncated * (1 + 1e-6) + 4e-6, entry


def test_the_other_entries_stay_where_they_are() -> None:
    """The third derivative by one entry depends on the others, which are all there."""
    f, point = function(BELL, 8.0, 8.0, 8.0), [arb(0.5), arb(0.25), arb(0)]
    for entry, at in enumerate((0.5, 0.25)):
        third = abs((16 * at) ** 3 - 3 * 16 * 16 * at) * math.exp(-8 * 0.3125)
        truncated = third * 1e-8 / 6
        bare = 40 * 2.0**-52 * math.exp(-8 * 0.3125) / 1e-6
        assert 0.9 * truncated <= float(differences.allowance(f, point)[entry]) <= 1.1 * truncated + bare, entry


@pytest.mark.parametrize("side", [1, -1])
def test_the_rounding_is_taken_on_both_sides_of_the_point(side: int) -> None:
    """A step from 10⁻⁴ leads to zero, where nothing is rounded, or to twice that."""
    (found,) = differences.allowance(function(SQUARES, 1.0), [arb(side * 1e-4)])
    assert float(found) >= 2 * 2e-4**2 * 2.0**-52 / 1e-6 * 0.999


def _expected_radii(
    H: Any, start: list[float], center: Any, rate: float, steps: int, errors: Callable[[Any], Any]
) -> Any:
    """The radii of a descent on a parabola with these second derivatives, in plain floats."""
    unit, here, radii, ways = 2.0**-52, np.array(start), np.zeros(len(start)), np.abs(start)
    for _ in range(steps):
        slope = H @ (here - center)
        ways = ways + np.abs(rate * slope)
        radii = (
            np.abs(np.eye(len(start)) - rate * H) @ radii
            + rate * errors((here, radii))
            + unit * (ways + 2 * np.abs(rate * slope))
        )
        here = here - rate * slope
    return radii


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_how_far_an_honest_descent_may_stray(steps: int) -> None:
    """On a bowl that is not along the axes: errors carried on by |I − η H|, those of the gradient, and the rounding of every step."""
    f, start, rate = function(SQUARED_SUM, 1.0, 2.0) + function(SQUARES, 0.5, 1.5), [3.0, -2.0], 0.0625
    H = np.array([[3.0, 4.0], [4.0, 11.0]])

    def errors(at: Any) -> Any:
        box = [arb(float(middle_), float(radius_)) for middle_, radius_ in zip(*at, strict=True)]
        return np.array([float(each) for each in differences.allowance(f, box)])

    expected = _expected_radii(H, start, 0.0, rate, steps, errors)
    found = descents.allowance(f, [arb(each) for each in start], arb(rate), steps)
    assert [float(each) for each in found] == pytest.approx(expected.tolist(), rel=1e-9, abs=0)
    assert steps == 0 or min(expected) > 0


def test_where_second_derivatives_change_they_are_taken_along_the_way() -> None:
    """For cubes, the error of a step is carried on by |1 − 6 η c x| at the point where it was made, not at the start."""
    f, rate = function(CUBES, 1.0), 0.0625
    here, error = 1.0, 0.0
    way = here
    for _ in range(3):
        slope = 3 * here**2
        way += rate * slope
        own = float(differences.allowance(f, [arb(here, error)])[0])
        error = abs(1 - rate * 6 * here) * error + rate * own + 2.0**-52 * (way + 2 * rate * slope)
        here -= rate * slope
    (found,) = descents.allowance(f, [arb(1)], arb(rate), 3)
    assert float(found) == pytest.approx(error, rel=1e-9, abs=0)
    (end,) = descents.end(f, [arb(1)], arb(rate), 3)
    assert float(end) == pytest.approx(here, rel=1e-14)


def test_an_error_that_has_grown_meets_steeper_slopes() -> None:
    """On a summit an error grows a hundredfold with each step; once it is large, the bend is the steepest within its reach."""
    f, error = function(SQUARES, -50.0) + function(CUBES, 1.0), 0.0
    for _ in range(6):
        own = float(differences.allowance(f, [arb(0, error)])[0])
        error = (101 + 6 * error) * error + own
    (found,) = descents.allowance(f, [arb(0)], arb(1), 6)
    assert error > 0.1
    assert float(found) == pytest.approx(error, rel=1e-6)


def test_every_pair_of_formats_is_told_apart() -> None:
    """No two formats round the same interval around a third."""
    third = Enclosure(asked(lambda: np.array(arb(1) / 3, object), []))
    widths = [interval(around(third, np.array(arb(0), object), each)).allowance.item() for each in FORMATS.values()]
    assert all(a < b for a, b in itertools.pairwise(float(width) for width in widths))
