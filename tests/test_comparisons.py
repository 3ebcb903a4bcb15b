"""What every program compares exactly is compared exactly in balls too, however wide the arguments are made; nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from flint import arb

import refmath
from refmath.balls.acceptance import acceptance
from refmath.balls.comparisons import SMALLEST, Compared, as_given, compared, number_as_given, with_exact_comparisons
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.spec import setting
from refmath.symbols import N, i

y, s, t = (refmath.argument(name, kind, N).symbol for name, kind in (("y", "real"), ("s", "signs"), ("t", "real")))
KINDS = ((y, "real"), (s, "signs"), (t, "real"))
delta = sp.Symbol("delta", real=True)


def given(difference: sp.Expr) -> sp.Expr:
    """A difference of arguments as they are given."""
    return Compared(difference.xreplace({each[i]: as_given(each)[i] for each in (y, s, t)}), SMALLEST)


@pytest.mark.parametrize(
    "difference", [y[i] - t[i], 1 - s[i] * y[i], y[i] - sp.Rational(1, 2), s[i] * y[i] + t[i], s[i] - 1]
)
def test_what_no_program_gets_wrong_is_compared_as_it_is_given(difference: sp.Expr) -> None:
    """Two entries, with signs as factors, or an entry and a number that every format holds: in a sign, a step and a branch."""
    assert with_exact_comparisons(sp.sign(difference) / N, KINDS) == sp.sign(given(difference)) / N
    step = sp.Heaviside(difference, sp.Rational(1, 2))
    assert with_exact_comparisons(step, KINDS) == sp.Heaviside(given(difference), sp.Rational(1, 2))
    branch = with_exact_comparisons(sp.Piecewise((y[i], difference > 0), (0, True)), KINDS)
    # SymPy may have brought terms to the other side.
    assert branch.atoms(Compared) in ({given(difference)}, {given(-difference)})


@pytest.mark.parametrize(
    "difference",
    [
        y[i],
        y[i] - delta,
        y[i] - sp.Rational(1, 10),
        2 * y[i] - t[i],
        y[i] * t[i] - 1,
        y[i] - t[i] - 1,
        y[i] ** 2 - 1,
        y[i] - 257,
    ],
)
def test_what_is_rounded_first_is_not(difference: sp.Expr) -> None:
    """Products, sums of three, parameters, and numbers that some format does not hold are as wide as they were; of one entry the sign is never in doubt."""
    assert with_exact_comparisons(sp.sign(difference), KINDS) == sp.sign(difference)
    assert with_exact_comparisons(sp.sign(y[i] - t[i]) * sp.Abs(y[i] - t[i]), KINDS).atoms(sp.Abs) == {
        sp.Abs(y[i] - t[i])
    }


def test_a_parameter_that_the_format_holds_is_compared_as_it_is_given() -> None:
    """Whatever it is multiplied by is not, nor is one that is rounded."""
    held = frozenset({"delta"})
    difference = (y[i] - delta).xreplace({delta: number_as_given("delta"), y[i]: as_given(y)[i]})
    assert with_exact_comparisons(sp.sign(y[i] - delta), KINDS, held) == sp.sign(Compared(difference, SMALLEST))
    for rounded in (y[i] - 3 * delta, y[i] - delta**2, y[i] - delta - 1):
        assert with_exact_comparisons(sp.sign(rounded), KINDS, held) == sp.sign(rounded)


def test_a_difference_may_be_flushed_to_zero() -> None:
    """Below the smallest normal number it may be zero, and zero is zero."""
    smallest = arb(2) ** -1022
    assert compared(0, smallest).is_zero()
    assert compared(smallest, smallest).is_exact()
    assert compared(-smallest / 2, smallest).contains(0)
    assert not compared(-smallest / 2, smallest).contains(smallest / 4)
    assert compared(smallest / 2, 0).is_exact()


@pytest.mark.parametrize("name", FORMATS)
def test_a_kink_is_seen(name: str) -> None:
    """Where both are equal only the slope at the kink is accepted; a unit beside it only that of the side."""
    format_ = FORMATS[name]
    one = np.array([3.0], format_.dtype())
    for far, slope in ((0, 0.0), (1, 1.0), (-1, -1.0)):
        near = np.array([3.0 + 2 * far * 2.0 ** (2 - format_.bits)], format_.dtype())
        chosen = setting(formula("mean_absolute_error_gradient"))
        interval = acceptance(chosen, read(chosen, near, one), format_)
        assert interval is not None
        assert [bool(interval.accepts(np.array([each])).all()) for each in (-1.0, 0.0, 1.0)] == [
            each == slope for each in (-1.0, 0.0, 1.0)
        ]


def test_subnormal_distances_may_be_lost() -> None:
    """Whoever flushes a subnormal difference to zero is honest."""
    tiny = float(np.finfo(np.float64).tiny)
    chosen = setting(formula("mean_absolute_error_gradient"))
    interval = acceptance(chosen, read(chosen, [1.5 * tiny], [1.25 * tiny]), FORMATS["float64"])
    assert interval is not None
    assert interval.accepts(np.array([0.0])).all()
    assert interval.accepts(np.array([1.0])).all()
