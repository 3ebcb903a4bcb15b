"""The questions about gradients: their answers are true, and `check_gradient` never gives a wrong one with confidence."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from gradient_questions import QUESTIONS, Question
from gradient_questions.precise import DIGITS, exact, sides
from gradient_questions.question import Array, Function
from gradient_questions.verdict import verdict
from mpmath import mp
from scipy.optimize import linprog

from refmath import GradientCheck, check_gradient

pytestmark = pytest.mark.long

#: Of questions that are not hard, so large a part may be left open.
LEFT_OPEN = 0.05
#: Families whose claims are computed with sums that cancel, so that each entry bears the rounding of the largest.
CANCELLING = ("layers", "losses", "many entries", "noise")


def in_every_run() -> list[Question]:
    """Of those that have family, ground and truth in common every third one, and all that are hard; the others are asked in the session `zoo`."""
    counted: Counter[tuple[str, str, str]] = Counter()
    found = []
    for each in QUESTIONS:
        alike = (each.family, each.ground, each.truth)
        if each.hard or counted[alike] % 3 == 0:
            found.append(each)
        counted[alike] += not each.hard
    return found


SOME = in_every_run()
by_name = pytest.mark.parametrize(
    "question",
    [pytest.param(each, id=each.name, marks=[] if each in SOME else [pytest.mark.zoo]) for each in QUESTIONS],
)


@functools.cache
def asked(question: Question) -> GradientCheck | None:
    """What `check_gradient` finds; nothing where f or the claim raise what is theirs."""
    try:
        return check_gradient(question.f, question.gradient, question.x)
    except (ArithmeticError, ValueError):
        return None


def answer(question: Question) -> str:
    """What it says; an error tells nothing."""
    found = asked(question)
    return "cannot be told" if found is None else verdict(found)


# ---- the set


def test_names_are_unique() -> None:
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS) >= 180


def test_both_answers_occur_in_every_family() -> None:
    found = {(question.family, question.truth) for question in QUESTIONS}
    assert found == {(family, truth) for family, _ in found for truth in ("right", "wrong")}


def test_f_and_the_claim_can_be_asked() -> None:
    for question in QUESTIONS:
        x = question.x.copy()
        assert math.isfinite(question.f(x)), question.name
        assert question.f(x) == question.f(x), question.name
        assert np.shape(question.gradient(x)) == x.shape, question.name
        assert np.array_equal(x, question.x), question.name
        assert x.dtype in (np.float64, np.float32), question.name


def test_the_program_computes_nearly_what_was_meant() -> None:
    for question in QUESTIONS:
        with mp.workdps(DIGITS):
            meant = float(np.asarray(question.mathematical(exact(question.x)), object).item())
        assert abs(question.f(question.x.copy()) - meant) <= 0.03 * (1 + abs(meant)), question.name


# ---- the answers


def by_complex_step(f: Function, x: Array) -> Array:
    r"""$\operatorname{Im} f(x + i h e_k) / h$, which is exact but for rounding where f is analytic."""
    found, h = np.zeros(x.shape), 1e-100
    for k in range(x.size):
        moved = x.astype(np.complex128)
        moved.reshape(-1)[k] += h * 1j
        found.reshape(-1)[k] = f(moved).imag / h
    return found


@functools.cache
def slopes(f: Function, values: bytes, shape: tuple[int, ...], steps: int = 40) -> tuple[Array, Array]:
    """The slopes to the left and to the right in precise numbers, rounded to doubles; of many entries one slope for both sides, by a complex step."""
    if math.prod(shape) > 500:
        one = by_complex_step(f, np.frombuffer(values).reshape(shape))
        return one, one
    left, right = sides(f, exact(np.frombuffer(values).reshape(shape)), steps)
    return left.astype(np.float64), right.astype(np.float64)


def slopes_of(question: Question, steps: int = 40) -> tuple[Array, Array]:
    return slopes(question.mathematical, question.x.astype(np.float64).tobytes(), question.x.shape, steps)


def claimed(question: Question) -> tuple[Array, float]:
    """The claim in doubles, and the relative precision of its format."""
    g = np.asarray(question.gradient(question.x.copy()))
    return g.astype(np.float64), float(np.finfo(g.dtype if g.dtype.kind == "f" else np.float64).eps)


@pytest.mark.parametrize(
    "question", [each for each in QUESTIONS if each.ground == "smooth"], ids=lambda question: question.name
)
def test_the_answer_is_true_where_f_is_smooth(question: Question) -> None:
    left, right = slopes_of(question)
    true = (left + right) / 2
    assert np.all(np.abs(right - left) <= 1e-15 * np.maximum(1, np.abs(true)))
    g, eps = claimed(question)
    # What a step of 1e-40 leaves of the curvature, and what rounding leaves of entries that cancel.
    rounding = 1e-38 * (np.max(np.abs(question.x)) or 1)
    if eps > 1e-15 or question.family in CANCELLING:
        rounding += (16 if eps > 1e-15 else 256) * eps * np.max(np.abs(true))
    off, tolerance = np.abs(g - true), max(1e-8, 8 * eps) * np.abs(true) + rounding
    if question.truth == "right":
        assert np.all(off <= tolerance)
    else:
        assert np.any(off > 10 * tolerance)


@functools.cache
def gradients_nearby(f: Function, values: bytes, shape: tuple[int, ...]) -> Array:
    """The gradients at places 1e-20 beside x, at which f is differentiable."""
    x, rng = exact(np.frombuffer(values).reshape(shape)), np.random.default_rng(0)
    found = []
    for _ in range(200):
        with mp.workdps(DIGITS):
            place = x + exact(1e-20 * rng.standard_normal(shape))
        left, right = sides(f, place)
        found.append((left + right).astype(np.float64).reshape(-1) / 2)
        assert np.allclose(left.astype(np.float64), right.astype(np.float64), rtol=1e-9)
    return np.array(found)


@pytest.mark.parametrize(
    "question", [each for each in QUESTIONS if each.ground == "kink"], ids=lambda question: question.name
)
def test_the_answer_is_true_at_a_kink(question: Question) -> None:
    left, right = slopes_of(question)
    assert np.any(np.abs(right - left) > 0.1)
    nearby = gradients_nearby(question.mathematical, question.x.astype(np.float64).tobytes(), question.x.shape)
    g = claimed(question)[0].reshape(-1)
    # The least distance, in the largest entry, of the claim from a mean of these gradients with weights: that of Clarke's subdifferential.
    many, size = nearby.shape
    rows = np.block([[nearby.T, -np.ones((size, 1))], [-nearby.T, -np.ones((size, 1))]])
    found = linprog(
        np.eye(many + 1)[many],
        A_ub=rows,
        b_ub=np.concatenate([g, -g]),
        A_eq=np.append(np.ones(many), 0)[None],
        b_eq=[1],
    )
    assert found.status == 0
    assert found.fun <= 1e-3 if question.truth == "right" else found.fun >= 0.05


@pytest.mark.parametrize(
    "question", [each for each in QUESTIONS if each.ground == "none"], ids=lambda question: question.name
)
def test_there_is_no_derivative_at_a_jump_or_a_cusp(question: Question) -> None:
    assert question.truth == "wrong"
    quotients = np.array([side for steps in (38, 39, 40) for side in slopes_of(question, steps)])
    assert np.max(np.ptp(quotients, axis=0)) > 0.1


# ---- check_gradient


#: Claims about what was meant, where f as it is computed is another function, and why.
ANOTHER = {
    "largest eigenvalue by iteration, to 1e-8: right": "what so many iterations give has a slope of its own, off by 6e-7, on all steps",
}


@by_name
def test_no_confident_answer_is_wrong(question: Question) -> None:
    """A wrong claim that passes is off by no more than the digits that are told to be known."""
    found = answer(question)
    if question.name in ANOTHER:
        assert question.hard
        assert found == "wrong"
    elif found == "right" and question.truth == "wrong":
        check = asked(question)
        assert check is not None
        assert question.hard or question.family == "noise"
        assert f"to the {int(-math.log10(check.known))} digit" in str(check)
        true = sum(slopes_of(question)) / 2
        assert np.all(np.abs(claimed(question)[0] - true) <= 10 ** -int(-math.log10(check.known)) * np.abs(true))
    else:
        assert found in (question.truth, "cannot be told")


@pytest.mark.parametrize("asked_of", [SOME, pytest.param(QUESTIONS, marks=pytest.mark.zoo)], ids=["some", "all"])
def test_little_is_left_open(asked_of: Sequence[Question]) -> None:
    easy = [question for question in asked_of if not question.hard]
    left_open = [question.name for question in easy if answer(question) == "cannot be told"]
    assert len(left_open) <= LEFT_OPEN * len(easy), left_open
