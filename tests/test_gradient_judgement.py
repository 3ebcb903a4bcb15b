"""How a gradient is judged from slopes: every step by itself, on slopes that are made up."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from refmath import check_gradient, check_jvp, check_vjp
from refmath.arguments import Array
from refmath.gradients.kinks import Outcome
from refmath.gradients.report import Doubt, Entry, GradientCheck, Kink
from refmath.gradients.slope_estimate import EPS, UNKNOWN, Rival, Rung, Slope

module: Any = sys.modules["refmath.gradients.check_gradient"]  # in a package the name may be that of the function
Claim, Finding, off = module.Claim, module.Finding, module.off
FLAT = replace(UNKNOWN, value=0.0, uncertainty=0.0, noise=0.0)
#: φ is 1 at steps of a half to both sides: where nothing else is large, it is steep by two.
RUNG = Rung(0.5, 0.5, 1.0, -1.0)
COARSE = 2.0**-10


def slope(value: float, uncertainty: float = 0.0, **others: Any) -> Slope:
    return replace(FLAT, **{"value": value, "uncertainty": uncertainty, "rungs": (RUNG,), **others})


class About:
    """In place of the surroundings of a point: slopes that follow from a gradient, each of them known as well as one likes."""

    def __init__(self, truth: Any, scale: Any = 1.0, uncertainty: float = 1e-12, eps: float = EPS) -> None:
        self.truth = np.array(truth, np.float64).reshape(-1)
        self.scale = np.broadcast_to(np.ravel(np.array(scale, np.float64)), self.truth.shape).copy()
        self.size, self.evaluations, self.value, self.unit, self.eps, self.failure = (
            len(self.truth),
            17,
            1.0,
            1.0,
            eps,
            "",
        )
        self.uncertainty = uncertainty
        self.asked: list[tuple[list[float], list[int], bool, bool]] = []
        self.change: Callable[[Slope, Array], Slope] = lambda found, _entries: found

    def along(self, direction: Array, entries: Array, *, whole: bool = False, closely: bool = False) -> Slope:
        self.asked.append((direction.tolist(), entries.tolist(), whole, closely))
        value = float(np.sum(direction * self.truth[entries] * self.scale[entries] * self.unit))
        return self.change(slope(value, self.uncertainty), entries)

    def gradient_nearby(self, direction: Array, entries: Array) -> tuple[Array, float] | None:
        return None

    def index(self, entry: int) -> tuple[str, tuple[int, ...]]:
        return "", (entry,)

    def arrays(self) -> Iterator[tuple[str, tuple[int, ...], int, Array]]:
        yield "", (self.size,), 0, np.arange(1.0, self.size + 1)

    def claim(self, gradient: Any, eps: Any = EPS) -> Any:
        given = np.array(gradient, np.float64).reshape(-1)
        return Claim.of(given, np.broadcast_to(np.array(eps, float), given.shape), self)


def claim(values: Any, eps: Any = EPS, floor: Any = 0.0, reach: float = 0.0) -> Any:
    row = np.array(values, float)
    return Claim(
        row, row, np.broadcast_to(np.array(eps), row.shape), reach, np.broadcast_to(np.array(floor), row.shape)
    )


# ---- how far off


@pytest.mark.parametrize(
    ("value", "expected", "tolerance", "ratio"),
    [
        (3.0, 1.0, 4.0, 0.5),
        (1.0, 3.0, 0.5, 4.0),
        (2.0, 2.0, 0.0, 0.0),
        (2.0, 1.0, 0.0, math.inf),
        (math.nan, 1.0, 9.0, math.inf),
        (math.inf, 1.0, 9.0, math.inf),
        (1.0, 2.0, math.inf, 0.0),
    ],
)
def test_off_is_in_units_of_what_may_be(value: float, expected: float, tolerance: float, ratio: float) -> None:
    """Twice as far off as is allowed is 2; what is no number is infinitely far off, and what is equal not at all."""
    assert off(value, expected, tolerance) == ratio


@pytest.mark.parametrize(
    ("eps", "value", "known", "tolerance"),
    [
        (2.0**-52, 3.0, slope(-5.0, 0.25), 0.25 + 5 * 2.0**-26),
        (2.0**-52, -7.0, slope(5.0, 0.25), 0.25 + 7 * 2.0**-26),
        (2.0**-22, 3.0, slope(5.0, 0.25), 0.25 + 5 * 2.0**-11 + 100 * 2.0**-22),
        (2.0**-60, 4.0, slope(4.0), 4 * 2.0**-30),
    ],
)
def test_a_right_value_may_be_off_by_half_its_digits(eps: float, value: float, known: Slope, tolerance: float) -> None:
    """And by the uncertainty of the slope; in a narrow format, by the rounding of the largest entry too."""
    found = claim([100.0], eps, reach=100.0).tolerance(value, known, np.array([0]))
    assert found == pytest.approx(tolerance, rel=1e-15)


def test_what_is_nearly_zero_bears_the_rounding_of_large_terms() -> None:
    """Up to the floor, the largest of the entries'; and the coarsest of their formats counts."""
    several = claim([1.0, 1.0], [0.0, 0.0], [0.5, 0.25])
    both, second = np.array([0, 1]), np.array([1])
    assert several.tolerance(0.5, slope(0.125), both) == 0.5
    assert several.tolerance(0.125, slope(0.5), both) == 0.5
    assert several.tolerance(0.51, slope(0.125), both) == 0.0
    assert several.tolerance(0.25, slope(0.25), second) == 0.25
    far = claim([1.0], EPS, reach=2.0**60)
    assert far.tolerance(1.0, slope(1.0), np.array([0])) == 2.0**-26
    mixed = claim([1.0, 1.0], [2.0**-60, 2.0**-20])
    assert mixed.tolerance(1.0, slope(0.0), np.array([0])) == 2.0**-30
    assert mixed.tolerance(1.0, slope(0.0), both) == 2.0**-10


def test_a_gradient_is_taken_in_units_of_f() -> None:
    """Each entry times its scale; the reach is that of the largest finite one, and the floor the rounding of that, or of f."""
    about = About([1.0, 2.0, 3.0], scale=[1.0, 2.0, 2.0**-41])
    found = about.claim([1, -5, np.inf])
    assert found.given.tolist() == [1.0, -5.0, math.inf]
    assert found.values.tolist() == [1.0, -10.0, math.inf]
    assert found.reach == 10.0
    assert found.floor.tolist() == [80 * EPS, 80 * EPS, 80 * EPS * 2.0**-41]
    about.value, about.unit = -100.0, 0.5
    assert about.claim([1, -5, 0]).values.tolist() == [0.5, -5.0, 0.0]
    assert about.claim([1, -5, 0]).floor[0] == 800 * EPS
    assert about.claim([math.nan] * 3).reach == 0.0


def test_an_entry_is_lost_beyond_the_numbers() -> None:
    """Where it vanishes in units of f, or is infinite there and was not."""
    about = About([1.0] * 5, scale=[1.0, 2.0**-1000, 2.0**1000, 1.0, 1.0])
    found = about.claim([0.0, 2.0**-500, 2.0**500, math.inf, 1.0])
    assert [found.lost(i) for i in range(5)] == [False, True, True, False, False]


# ---- which entries


def test_all_of_a_thousand_entries_are_looked_at() -> None:
    """Of more, the half of 200 of the largest effect, and as many at random; of very many 16."""
    rng = np.random.default_rng(0)
    assert module.chosen(claim(np.ones(1000)), rng).tolist() == list(range(1000))
    for size, count in ((1001, 200), (50_000, 200), (50_001, 16)):
        values = np.linspace(-1, 0.5, size)
        found = module.chosen(claim(values), rng)
        assert len(set(found.tolist())) == len(found) == count
        assert set(found[: count // 2].tolist()) == set(range(count // 2))
        assert found[count // 2 :].max() > size / 2


def test_blocks_are_of_like_effect() -> None:
    """Together all entries, the small ones first."""
    values = np.linspace(-1, 0.5, 50_001)
    for size, count in ((50_000, 64), (50_001, 8)):
        blocks = module.blocks_of(claim(values[:size]), size)
        assert len(blocks) == count
        order = np.concatenate(blocks)
        assert sorted(order.tolist()) == list(range(size))
        assert (np.diff(np.abs(values[order])) >= 0).all()


# ---- along directions


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({}, True),
        ({"jump": 0.5}, False),
        ({"cusp": 0.5}, False),
        ({"rival": Rival(0.0, 0.0, 1.0, 1.0)}, False),
        ({"uncertainty": math.inf}, False),
    ],
)
def test_a_direction_contradicts(others: dict[str, Any], told: bool) -> None:
    """By how far it is off; nothing where f is not smooth along it."""
    about = About([1.0, 2.0, 4.0], uncertainty=0.25)
    about.change = lambda found, _entries: replace(found, **others)
    wrong = about.claim([1.0, 2.5, 4.0], 0.0)
    found = module.contradiction(wrong, about, np.array([1, 2]), np.random.default_rng(0))
    assert found == 0.5 / 0.25 if told else math.isnan(found)
    direction, entries, whole, closely = about.asked[0]
    assert (np.abs(direction).tolist(), entries, whole, closely) == ([1.0, 1.0], [1, 2], False, False)


def test_along_a_direction_every_entry_bears_its_rounding() -> None:
    """Added up."""
    about = About([1.0, 1.0], uncertainty=0.25)
    found = module.contradiction(about.claim([1.5, 1.0], 2.0**-4), about, np.array([0, 1]), np.random.default_rng(0))
    signs = about.asked[0][0]
    value, right = signs[0] * 1.5 + signs[1], signs[0] + signs[1]
    tolerance = 0.25 + 0.25 * max(abs(value), abs(right)) + 1.5 * 2.0**-4 + 2.5 * 2.0**-4
    assert found == pytest.approx(0.5 / tolerance)


@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_wrong_entry_is_found_by_halving(place: int) -> None:
    """Of seven, three or two directions suffice."""
    about = About(np.arange(1.0, 8.0))
    gradient = np.arange(1.0, 8.0)
    gradient[place] += 1
    assert module.narrowed(about.claim(gradient), about, np.arange(7), np.random.default_rng(0)) == place


# ---- one entry


def look(known: Slope, value: float, about: About | None = None, eps: float = 0.0) -> Any:
    here = about or About([0.0])
    here.change = lambda _found, _entries: known
    return module.looked(here.claim([value], eps), here, 0)


def test_a_right_entry() -> None:
    """It is seen, and nothing else is said of it."""
    found = look(slope(2.0, 0.125), 2.0)
    assert found == Finding(0, Entry((0,), 2.0, 2.0, 0.125), 0.0, True, slope(2.0, 0.125), None, "")


def test_a_wrong_entry() -> None:
    """In units of its own, and how far off."""
    found = look(slope(8.0, 0.5), 3.0, About([0.0], scale=[4.0]))
    assert (found.ratio, found.seen, found.kink) == (8.0, True, None)
    assert found.record == Entry((0,), 3.0, 2.0, 0.125)


@pytest.mark.parametrize(
    ("value", "ratio", "seen"),
    [(0.5, 0.0, True), (-1.0, 0.0, True), (1.0, 0.0, True), (1.5, 2.0, True), (-1.5, 2.0, True)],
)
def test_an_entry_at_a_kink(value: float, ratio: float, seen: bool) -> None:
    """Whatever lies between both sides is right; of what does not, the side that is next to it is told."""
    found = look(slope(0.0, 0.25, jump=-2.0), value)
    assert (found.ratio, found.seen) == (ratio, seen)
    assert found.kink == Kink((0,), 1.0, -1.0, value)
    assert found.record.note == ("anything from -1 to 1 is right" if ratio else "")
    assert found.record.expected == max(min(value, 1.0), -1.0)


def test_a_side_that_is_zero_for_all_that_is_known() -> None:
    """Is told as zero."""
    found = look(slope(1.0, 0.25, jump=1.0), 1.0)
    assert (found.kink.left, found.kink.right) == (0.0, 1.5)
    assert look(slope(1.0, 0.2, jump=1.0), 1.0).kink.left == 0.5


@pytest.mark.parametrize(
    ("value", "known", "seen"),
    [
        (2.0, slope(2.0, 0.2), True),
        (2.0, slope(2.0, 0.21), False),
        (0.0, slope(0.0, 0.2), True),  # beside what f does in steps as long as the entry
        (0.0, slope(0.0, 0.21), False),
        (0.0, slope(0.0, 0.0, rungs=(Rung(0.5, 0.5, 0.0, 0.0),)), True),
        (math.nan, slope(2.0, 0.2), True),
    ],
)
def test_an_entry_is_seen_if_a_tenth_of_it_is_known(value: float, known: Slope, seen: bool) -> None:
    """Otherwise its effect is lost in the rounding."""
    assert look(known, value).seen is seen


@pytest.mark.parametrize(("value", "asked"), [(1.009, 2), (0.991, 2), (1.011, 1), (1.0, 1)])
def test_what_differs_by_little_is_looked_at_closely(value: float, asked: int) -> None:
    """It may be a matter of small jumps."""
    about = About([0.0])
    look(slope(1.0, 1e-6), value, about)
    assert [each[3] for each in about.asked] == [False, True][:asked]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (slope(1.0, jump=math.inf), "f jumps at x"),
        (slope(1.0, cusp=0.5), "f has a cusp at x: it moves as the step to the power 0.5, and has no slope"),
        (slope(1.0, rungs=()), "f has no value beside x (ValueError: no)"),
        (slope(1.0, math.inf), "f moves unevenly on the shortest steps: its slope does not settle"),
        (slope(0.0, rival=Rival(0.0, math.inf, math.nan, 0.1)), "f stands still on all steps, and has no value a little further on: it may be a staircase"),
        (slope(1.0, rival=Rival(3.0, 0.0, 0.0, 0.1)), "f has two slopes: 0.5 on the shortest steps, 1.5 on longer ones"),
        (slope(0.0, rival=Rival(3.0, 0.1, 0.25, 0.1)), "f is a staircase here, of steps 0.2 high: its slope is 0 on a stair and 1.5 across many"),
        (slope(0.0, rival=Rival(3.0, 2.0, 0.25, 0.1)), "f is a staircase here, of steps 0.2 high: its slope is 0 on a stair"),
        (slope(1.0, rival=Rival(3.0, 0.0, 0.25, 0.1, True)), ""),
        (slope(1.0), ""),
    ],
)  # fmt: skip
def test_why_nothing_can_be_told(known: Slope, words: str) -> None:
    """In words, in units of the gradient."""
    about = About([0.0], scale=[2.0])
    about.failure = "ValueError: no"
    assert module.reason(about, known, about.claim([2.0]), 4.0, 3.0, np.array([0])) == words


@pytest.mark.parametrize(
    ("known", "value", "ratio", "told"),
    [
        (slope(1.0, rival=Rival(3.0, 0.1, 0.25, 0.1)), 1.0, 0.5, True),
        (slope(1.0, rival=Rival(3.0, 0.1, 0.25, 0.1)), 1.0, 1.0, True),
        (slope(1.0, rival=Rival(3.0, 0.1, 0.25, 0.1)), 1.0, 1.1, False),
        (slope(0.0, rival=Rival(0.0, 0.1, 0.25, 0.1)), 0.0, 0.5, True),
        (slope(0.0, rival=Rival(0.0, 0.3, 0.25, 0.1)), 0.0, 0.5, False),
        (slope(0.0, rival=Rival(3.0, 0.1, 0.25, 0.1)), 0.0, 0.5, False),
    ],
)
def test_a_value_that_both_slopes_allow_is_told(known: Slope, value: float, ratio: float, told: bool) -> None:
    """Or one that is the slope of a stair which is not level."""
    about = About([0.0])
    words = module.reason(about, known, about.claim([value]), value, ratio, np.array([0]))
    assert (words == "") is told


@pytest.mark.parametrize(("value", "left_out"), [(-0.6, True), (-0.4, False), (2.0, False), (4.4, False), (4.6, True)])
def test_neither_on_a_stair_nor_across_many(value: float, left_out: bool) -> None:
    """With an eighth of the difference to spare, and what is not known."""
    about = About([0.0])
    known = slope(0.0, rival=Rival(4.0, 0.0, 0.25, 0.1))
    assert module.excluded(known, about.claim([value], 0.0), value, np.array([0])) is left_out
    vague = slope(0.0, rival=Rival(4.0, math.inf, 0.25, 0.1))
    assert not module.excluded(vague, about.claim([value], 0.0), value, np.array([0]))
    assert not module.excluded(slope(0.0, math.inf, rival=known.rival), about.claim([value], 0.0), value, np.array([0]))
    assert not module.excluded(slope(0.0), about.claim([value], 0.0), value, np.array([0]))


def test_a_value_that_no_staircase_has_is_wrong() -> None:
    """It should be the nearer of both slopes; and it is said that there are stairs."""
    found = look(slope(0.0, 0.0, rival=Rival(4.0, 0.125, 0.25, 0.1)), 9.0)
    assert (found.ratio > 1, found.doubt, found.seen) == (True, "", True)
    assert (found.record.expected, found.record.uncertainty) == (4.0, 0.125)
    assert found.record.note == "f is a staircase here, of steps 0.2 high: its slope is 0 on a stair and 4 across many"
    low = look(slope(0.0, 0.0, rival=Rival(4.0, 0.125, 0.25, 0.1)), -9.0)
    assert (low.record.expected, low.record.uncertainty) == (0.0, 0.0)


def test_of_what_may_be_a_staircase_nothing_is_told() -> None:
    """Whatever was given; a stair that is trusted says so."""
    found = look(slope(0.0, 0.0, rival=Rival(4.0, 0.125, 0.25, 0.1)), 2.0)
    assert (found.ratio, found.seen, found.kink) == (1.0, False, None)
    assert found.doubt.startswith("f is a staircase here")
    trusted = look(slope(1.0, 0.0, rival=Rival(4.0, 0.125, 0.25, 0.1, True)), 1.0)
    assert (trusted.doubt, trusted.ratio) == ("", 0.0)
    assert trusted.trusting == "f is a staircase here, of steps 0.2 high: its slope is 1 on a stair and 4 across many"
    jump = look(slope(1.0, 0.0, jump=math.inf), 5.0)
    assert (jump.ratio, jump.doubt, jump.kink) == (1.0, "f jumps at x", None)
    nan = look(slope(1.0, 0.0, jump=math.inf), math.nan)
    assert (nan.ratio, nan.doubt, nan.seen) == (math.inf, "f jumps at x", True)


@pytest.mark.parametrize(
    ("rungs", "steep"),
    [
        ((), 0.0),
        ((Rung(0.125, 0.125, 3.0, 1.5),), 16.0),
        ((Rung(0.125, 0.125, 3.0, 1.5), Rung(0.25, 0.2, 1.5, 1.2)), 2.0),
        ((Rung(0.125, 0.125, 3.0, 1.5), Rung(0.25, 0.2, math.nan, 1.2)), 1.0),
        ((Rung(0.1, 0.25, 2.0, 1.25), Rung(0.5, 0.5, 9.0, 9.0)), 10.0),
        ((Rung(0.25, 0.25, math.nan, math.inf),), 0.0),
    ],
)
def test_how_steep_f_is(rungs: tuple[Rung, ...], steep: float) -> None:
    """On the first steps of a quarter, or the longest below; on the steeper side."""
    assert module.secant(slope(0.0, at_zero=1.0, rungs=rungs)) == pytest.approx(steep)


# ---- together


def finding(entry: int, ratio: float = 0.0, known: Slope | None = None, **others: Any) -> Any:
    record = Entry((entry,), 1.0, 1.0, 2.0**-4)
    options = {"kink": None, "doubt": "", "seen": True, **others}
    return Finding(entry, record, ratio, slope=known or slope(1.0), **options)


def stairs(entry: int, height: float, trusted: bool, **others: Any) -> Any:
    known = slope(1.0, rival=Rival(4.0, 0.1, height, 0.1, trusted))
    return finding(entry, 3.0, known, **({"trusting": "stairs"} if trusted else {"doubt": "stairs here"}), **others)


@pytest.mark.parametrize(
    ("others", "height", "doubted"),
    [
        ([0.25], 1.0, True),
        ([0.25], 1.01, False),
        ([0.25, 0.5], 2.0, True),
        ([0.0], 0.0, False),
        ([], 0.25, False),
        ([math.nan, 0.25], 0.5, True),
    ],
)
def test_stairs_as_high_as_others_are_stairs(others: list[float], height: float, doubted: bool) -> None:
    """Up to four times as high as the highest that is doubted."""
    known = [stairs(i, each, False) for i, each in enumerate(others) if not math.isnan(each)]
    wide, plain = stairs(7, height, True), finding(8)
    *rest, found, last = module.as_high([*known, wide, plain])
    assert rest == known
    assert last == plain
    assert found == (replace(wide, ratio=1.0, seen=False, doubt="stairs") if doubted else wide)


def test_what_is_found_at_shared_kinks_counts_more() -> None:
    """Inside the hull it is right, outside it is told together, and else nothing is."""
    record = Entry((0,), 1.0, 2.0, 0.5)
    wrong = [finding(i, 3.0, seen=i == 1) for i in range(4)]
    wrong[0] = replace(wrong[0], record=record)
    ties = [Outcome((0,), "inside"), Outcome((1,), "unknown"), Outcome((2,), "outside")]
    inside, unknown, outside, alone = module.settled(wrong, ties)
    assert inside == replace(wrong[0], record=Entry((0,), 1.0, 1.0, 0.5), ratio=1.0, shared=True, seen=True)
    assert unknown == replace(wrong[1], ratio=1.0, seen=False, doubt=module.MEETING)
    assert outside == replace(wrong[2], ratio=1.0)
    assert alone == wrong[3]
    assert module.settled([finding(1, doubt="f jumps at x")], ties)[0].doubt == "f jumps at x"


def report(
    findings: list[Any], ties: list[Outcome] | None = None, counts: tuple[int, int, int, int] = (0, 0, 0, 4)
) -> GradientCheck:
    about = About([1.0] * 4, scale=2.0, eps=COARSE)
    found: GradientCheck = module.reported(about, about.claim([1.0] * 4), findings, ties or [], counts, 2.5)
    return found


def test_a_report_of_right_entries() -> None:
    """How well the worst is known, and how much f jitters beside what it is and does."""
    found = report([finding(0), finding(1, 0.5, slope(1.0, jitter=0.5)), finding(2), finding(3)], counts=(0, 3, 4, 4))
    assert found.verdict == "right"
    assert (found.order, found.error, found.known, found.noise) == (2.5, 0.0, 2.0**-4, 0.25)
    assert found.worst == Entry((1,), 1.0, 1.0, 2.0**-4)
    assert (found.wrong, found.ties, found.hints, found.kinks, found.doubts, found.unseen) == ((),) * 6
    assert (found.contradicted, found.directions, found.looked_at, found.size) == (0, 3, 4, 4)
    assert (found.shared, found.narrow, found.evaluations) == (0, True, 17)


def test_verdicts() -> None:
    """Wrong if anything contradicts; else nothing can be told if there are doubts, or most entries are not seen."""
    right, unseen = finding(0), finding(1, seen=False)
    assert report([right, finding(1, 1.01)]).verdict == "wrong"
    assert report([right, finding(1, 1.0)]).verdict == "right"
    few = report([right], counts=(0, 1, 4, 4))
    assert few.verdict == "cannot be told"
    assert few.doubts[0].place == "3 of 4 directions over many entries"
    assert report([right], counts=(0, 2, 4, 4)).verdict == "right"
    assert report([right], counts=(1, 3, 3, 4)).verdict == "wrong"
    assert report([right], [Outcome((0, 1), "outside", (1.0, 1.0), 4.0, 0.0, 2.0)]).verdict == "wrong"
    assert report([right], [Outcome((0, 1), "inside")]).verdict == "right"
    assert report([right], [Outcome((0, 1), "inside")]).shared == 2
    doubtful = report(
        [right, finding(1, 1.0, doubt="f jumps at x"), finding(2, 1.01, doubt="f jumps at x", seen=False)]
    )
    assert doubtful.verdict == "wrong"
    assert doubtful.doubts == (Doubt("[1]", "f jumps at x"),)
    doubtful = report([right, finding(1, 1.0, doubt="f jumps at x")])
    assert (doubtful.verdict, doubtful.doubts) == ("cannot be told", (Doubt("[1]", "f jumps at x"),))
    assert report([right, unseen]).verdict == "right"
    assert report([right, unseen]).unseen == (unseen.record,)
    assert report([right, unseen, unseen]).verdict == "cannot be told"
    nothing = report([unseen])
    assert (nothing.verdict, nothing.worst, nothing.known) == ("cannot be told", None, 0.0)
    assert math.isnan(nothing.error)


def test_a_tie_is_told_in_units_of_the_gradient() -> None:
    """Where the entries have one scale; else in those of f."""
    outcome = Outcome((0, 1), "outside", (1.0, 1.0), 4.0, 0.0, 2.0)
    found = report([finding(0)], [outcome]).ties[0]
    assert (found.places, found.direction, found.given, found.low, found.high) == (
        ("[0]", "[1]"),
        (1.0, 1.0),
        2.0,
        0.0,
        1.0,
    )
    about = About([1.0, 1.0], scale=[1.0, 2.0])
    about.unit = 0.5
    mixed = module.tie(about, outcome)
    assert (mixed.given, mixed.low, mixed.high) == (8.0, 0.0, 4.0)


def test_hints_are_of_entries_that_are_known() -> None:
    """Not of those at a kink or with a doubt, nor of those that are not seen; in their order."""
    about = About([1.0] * 6)
    kink = finding(3, kink=Kink((3,), 0.0, 1.0))
    found = [finding(4, 3.0), kink, finding(2, doubt="so"), finding(1, seen=False), finding(0, 1.0)]
    (seen,) = module.parts(about, about.claim(np.arange(6.0)), found)
    assert (seen.name, seen.shape, seen.entries.tolist(), seen.x.tolist()) == ("", (6,), [0, 4], [1.0, 5.0])
    assert (seen.wrong.tolist(), seen.all_given.tolist()) == ([False, True], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert (seen.given.tolist(), seen.expected.tolist(), seen.uncertainty.tolist()) == (
        [1.0] * 2,
        [1.0] * 2,
        [2.0**-4] * 2,
    )
    assert module.parts(about, about.claim(np.ones(6)), [kink]) == []


def test_entries_with_doubts_share_no_kink() -> None:
    """One alone shares none either."""
    about = About([1.0, 1.0])
    rng = np.random.default_rng(0)
    both = [finding(0), finding(1)]
    assert module.tied(about.claim([1.0, 1.0]), about, both, rng) == []
    about.change = lambda found, entries: replace(found, value=5.0)
    (outcome,) = module.tied(about.claim([1.0, 1.0]), about, both, rng)
    assert (outcome.entries, outcome.verdict) == ((0, 1), "unknown")
    assert module.tied(about.claim([1.0, 1.0]), about, [both[0], finding(1, doubt="so")], rng) == []
    assert module.tied(about.claim([1.0, 1.0]), about, [both[0], finding(1, known=slope(1.0, math.inf))], rng) == []


# ---- the order of the remainder


def curve(power: float, noise: float = 0.0, first: float = 0.0) -> Slope:
    """φ(t) = 2 t + first |t| + |t| to a power."""
    steps = [2.0**-20 * 4**k for k in range(10)]
    rungs = tuple(Rung(t, t, 2 * t + first * t + t**power, -2 * t + first * t + t**power) for t in steps)
    return slope(2.0, noise=noise, rungs=rungs, straight=9)


@pytest.mark.parametrize("power", [1.5, 2.0, 3.0])
def test_the_order_of_the_remainder(power: float) -> None:
    """The power that is left; 1 for a slope that is wrong."""
    exact = claim([2.0], 0.0)
    assert module.order_along(exact, curve(power), 2.0, np.array([0])) == pytest.approx(power, abs=1e-6)
    assert module.order_along(exact, curve(3.0), 2.5, np.array([0])) == pytest.approx(1.0, abs=1e-3)


def test_no_order_is_seen_in_noise_or_beyond_the_straight_part() -> None:
    """The remainder must be more than eight times the noise on rungs in a row, and begin before the slope is lost."""
    exact = claim([2.0], 0.0)
    assert module.order_along(exact, curve(2.0, noise=1.0), 2.0, np.array([0])) == math.inf
    noisy = curve(2.0, noise=2.0**-31)
    assert module.order_along(exact, noisy, 2.0, np.array([0])) == pytest.approx(2.0, abs=1e-6)
    assert module.order_along(exact, replace(noisy, straight=4), 2.0, np.array([0])) == pytest.approx(2.0, abs=1e-6)
    assert module.order_along(exact, replace(noisy, straight=3), 2.0, np.array([0])) == math.inf


def test_the_lowest_order_of_some_directions_counts() -> None:
    """Two; nothing where none is smooth."""
    about = About([2.0, 2.0])
    right, both, rng = about.claim([2.0, 2.0]), np.arange(2), np.random.default_rng(0)
    orders = iter([curve(3.0), curve(2.0)])
    about.change = lambda _found, _entries: next(orders)
    right = right._replace(values=np.array([2.0, 0.0]))
    found = module.observed_order(right, about, np.array([0]), np.random.default_rng(1))
    assert [each[1:3] for each in about.asked] == [([0], True)] * 2
    assert found <= 3.0
    assert math.isnan(module.observed_order(right, about, np.array([], int), rng))
    for others in ({"jump": 1.0}, {"uncertainty": math.inf}, {"rival": Rival(0.0, 0.0, 1.0, 1.0)}):
        about.change = lambda _found, _entries, others=others: replace(curve(2.0), **others)  # type: ignore[misc]
        assert math.isnan(module.observed_order(right, about, both, rng))


# ---- the whole


def test_a_wrong_entry_among_many_is_found() -> None:
    """By a block that contradicts, which is halved."""
    truth = np.random.default_rng(0).uniform(1, 2, 1500)
    about = About(truth)
    gradient = truth.copy()
    gradient[np.argmin(gradient)] *= 1.5
    found = module.judged(about, about.claim(gradient))
    assert found.verdict == "wrong"
    assert [each.index for each in found.wrong] == [(int(np.argmin(truth)),)]
    assert (found.looked_at, found.directions, found.contradicted, found.size) == (200, 64, 1, 1500)
    assert module.judged(about, about.claim(truth)).verdict == "right"


def square(x: Array) -> float:
    return float(np.sum(x * x))


def test_a_gradient_may_be_a_function() -> None:
    """It is given the point; without one NumPy has none."""
    assert check_gradient(square, lambda x: 2 * x, [1.0, -3.0]).verdict == "right"
    assert check_gradient(square, lambda x: 3 * x, [1.0, -3.0]).verdict == "wrong"
    with pytest.raises(ValueError, match=r"^gradient must be given: NumPy has none of its own; "):
        check_gradient(square, None, [1.0])


MATRIX = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def test_backward_and_forward_functions() -> None:
    """They are given the point and a direction; of a function that is not linear as well."""
    f = lambda x: np.sin(MATRIX @ x)
    assert check_vjp(f, lambda x, u: MATRIX.T @ (np.cos(MATRIX @ x) * u), [1.0, -1.0]).verdict == "right"
    assert check_vjp(f, lambda x, u: MATRIX.T @ (np.sin(MATRIX @ x) * u), [1.0, -1.0]).verdict == "wrong"
    assert check_jvp(f, lambda x, v: np.cos(MATRIX @ x) * (MATRIX @ v), [1.0, -1.0]).verdict == "right"
    assert check_jvp(f, lambda x, v: np.sin(MATRIX @ x) * (MATRIX @ v), [1.0, -1.0]).verdict == "wrong"


def test_the_upstream_gradient_is_drawn() -> None:
    """The same for each check."""
    given: list[Array] = []

    def vjp(x: Array, upstream: Array) -> Array:
        given.append(upstream.copy())
        return MATRIX.T @ upstream

    assert check_vjp(lambda x: MATRIX @ x, vjp, [1.0, -1.0])
    sizes = 2.0 ** -np.frexp(np.abs(MATRIX @ [1.0, -1.0]))[1]
    assert given[0].tolist() == (sizes * np.random.default_rng(0).standard_normal(3)).tolist()


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: check_vjp(lambda x: x, lambda x, u: np.ones(3), [1.0]), "x and what vjp returns must have the same shape; got (1,) and (3,)"),
        (lambda: check_jvp(lambda x: x, lambda x, v: np.ones(3), [1.0]), "what f returns and what jvp returns must have the same shape; got (1,) and (3,)"),
        (lambda: check_vjp(lambda x: x * math.nan, lambda x, u: u, [1.0]), "what f returns must be finite; got what f returns[0] = nan"),
        (lambda: check_jvp(lambda x: x * math.nan, lambda x, v: v, [1.0]), "what f returns must be finite; got what f returns[0] = nan"),
    ],
    ids=["shape of vjp", "shape of jvp", "nan for vjp", "nan for jvp"],
)  # fmt: skip
def test_what_does_not_fit_is_named(check: Callable[[], Any], message: str) -> None:
    """What f returns, what vjp returns, what jvp returns."""
    with pytest.raises(ValueError, match="must") as raised:
        check()
    assert str(raised.value) == message
