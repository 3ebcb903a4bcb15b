"""The name of a fault, asked directly: made-up pages, answers written by hand, and intervals around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from made_up import about, page, probe, said, t, trial, tried, wrong, x

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import Class
from refmath.mistakes.repairs import repair
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.diagnosing.comparison import likeness
from refmath.oracle.diagnosing.diagnosis import answers_of_mistakes, diagnose
from refmath.oracle.diagnosing.fitting import _are_right
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Trial
from refmath.spec import Convention, Formula, Input, Setting, packed, setting
from refmath.symbols import K, N, i, k, n

FLOAT64, FLOAT32 = FORMATS["float64"], FORMATS["float32"]
UNIT = 2.0**-52


def never(*_: Any) -> Any:
    raise AssertionError("nothing more is to be asked")


def told(chosen: Formula | Setting, trials: list[Trial], answers: Any = None, **more: Any) -> Diagnosis | None:
    """What a candidate is called that answered so."""
    chosen = setting(chosen) if isinstance(chosen, Formula) else chosen
    candidate = Candidate(more.get("candidate", never), formula=chosen.formula)
    given: dict[str, Iterable[Observation]] = dict(answers or {})
    return diagnose(candidate, chosen, trials, more.get("format_", FLOAT64), given)


def name_of(*given: Any, **more: Any) -> str | None:
    found = told(*given, **more)
    return None if found is None else found.name


# ---- when two answers are the same


TWO_MISTAKES = page(x[i], mistakes=(wrong("decoy"), wrong("meant")), output=((i, "N"),))


def is_same(interval: Acceptance, seen: Any, answer: Any) -> bool:
    """Whether an answer of a mistake counts as that of the candidate.

    There is another mistake, which is as likely but for one input, on which it answers something else: it is named otherwise. Once the
    candidate raised, so that writing into an argument is not all that it did.
    """
    trials = [trial(interval, seen), trial(about(1.0), 100.0), trial(about(1.0), "raised")]
    answers = {"decoy": said(seen, 200.0, "raised"), "meant": said(answer, 100.0, "raised")}
    name = name_of(TWO_MISTAKES, trials, answers)
    assert name in ("decoy", "meant")
    return name == "meant"


@pytest.mark.parametrize("sign", [1, -1])
def test_two_answers_are_the_same_within_sixty_four_units(sign: int) -> None:
    """Beside 1024 that is 2⁻³⁶, whichever of the two is the larger; the next number is another answer."""
    number, most = sign * 1024.0, 2.0**-36
    for first, second in ((number, number - sign * most), (number - sign * most, number)):
        assert is_same(about(1.0), first, second)
        assert is_same(about(-1.0), first, second)
    for first, second in ((number, number - sign * (most + 2.0**-43)), (number - sign * (most + 2.0**-43), number)):
        assert not is_same(about(1.0), first, second)
    assert not is_same(about(1.0), number, -number)


def test_what_the_format_flushes_to_zero_is_the_same() -> None:
    """Beside zero the smallest normal number is no difference, and twice that is one."""
    assert is_same(about(1.0), 0.0, FLOAT64.smallest_normal)
    assert not is_same(about(1.0), 0.0, 2 * FLOAT64.smallest_normal)


def test_the_width_of_the_interval_is_allowed_for() -> None:
    """Answers may differ by the interval's width, on either side; relatively too, where that is narrow beside the value."""
    wide = about(1.0, 0.5, 1.5)
    assert is_same(wide, 1024.0, 1025.0)
    assert is_same(wide, 1024.0, 1023.0)
    assert not is_same(wide, 1024.0, 1025.0 + 2.0**-35)
    for nearest in (1.0, -1.0):
        narrow = about(nearest, nearest - 2.0**-12, nearest + 2.0**-12)
        assert is_same(narrow, 1024.0, 1024.5)
        assert not is_same(narrow, 1024.0, 1024.6)
        # From a thousandth on, the width says nothing about the scale.
        assert not is_same(about(nearest, nearest - 2.0**-11, nearest + 2.0**-11), 1024.0, 1024.5)
    twice = about(2.0, 2 - 2.0**-11, 2 + 2.0**-11)
    assert is_same(twice, 1024.0, 1024.5)
    assert not is_same(twice, 1024.0, 1024.6)
    zero = about(0.0, -(2.0**-20), 2.0**-20)
    assert is_same(zero, 1024.0, 1024.0 + 2.0**-19)
    assert not is_same(zero, 1024.0, 1024.0 + 2.0**-18)


def test_where_infinity_is_right_half_of_the_digits_count() -> None:
    """How a finite answer is rounded there is not known."""
    assert is_same(about(np.inf), 1024.0, 1024.0 + 2.0**-17)
    assert not is_same(about(np.inf), 1024.0, 1024.0 + 2.0**-15)
    assert not is_same(about(np.inf), 1024.0, np.inf)
    assert is_same(about([np.inf, 1.0]), [1024.0, 1024.0], [1024.0 + 2.0**-17, 1024.0])
    assert not is_same(about([np.inf, 1.0]), [1024.0, 1024.0], [1024.0, 1024.0 + 2.0**-17])


def test_every_entry_counts() -> None:
    """Of an array each entry is compared with its own, and with the width there."""
    interval = about([1.0, 2.0], [0.5, 2.0], [1.5, 2.0])
    assert is_same(interval, [10.0, 20.0], [11.0, 20.0])
    assert not is_same(interval, [10.0, 20.0], [10.0, 21.0])
    assert is_same(interval, [np.nan, 20.0], [np.inf, 20.0])
    assert not is_same(interval, [np.nan, 20.0], [20.0, np.nan])
    table = about([[1.0, 2.0], [3.0, 4.0]], [[0.5, 2.0], [3.0, 4.0]], [[1.5, 2.0], [3.0, 4.0]])
    assert is_same(table, [[10.0, 20.0], [30.0, 40.0]], [[11.0, 20.0], [30.0, 40.0]])
    assert not is_same(table, [[10.0, 20.0], [30.0, 40.0]], [[10.0, 21.0], [30.0, 40.0]])
    assert not is_same(table, [[10.0, 20.0], [30.0, 40.0]], [[10.0, 20.0], [31.0, 40.0]])


def test_a_superfluous_axis_is_the_same_mistake() -> None:
    """An answer with an axis of one entry is the same as one without, if neither or one of them has the right form; others are compared as they are."""
    assert is_same(about(1.0), [1024.0], 1024.0)
    assert is_same(about(1.0), 1024.0, [1024.0])
    assert is_same(about(1.0, 0.5, 1.5), [[1024.0]], 1025.0)
    assert not is_same(about(1.0), [1024.0], 1025.0)
    assert not is_same(about([1.0]), [1024.0], 1024.0)
    assert not is_same(about(1.0), [1024.0, 1.0], 1024.0)
    column = about([[1.0], [2.0]], [[0.5], [2.0]], [[1.5], [2.0]])
    assert is_same(column, [[10.0, 20.0]], [[11.0, 20.0]])
    assert not is_same(column, [[10.0, 20.0]], [[10.0, 21.0]])
    wide = about(1.0, 0.5, 1.5)
    assert is_same(wide, [1024.0, 1.0], [1024.0 + 2.0**-37, 1.0])
    assert not is_same(wide, [1024.0, 1.0], [1026.0, 1.0])


@pytest.mark.parametrize(
    ("seen", "answer", "expected"),
    [
        (np.nan, np.inf, True),
        (-np.inf, np.inf, True),
        (np.nan, 5.0, False),
        (5.0, np.nan, False),
        ("raised ZeroDivisionError: this", np.nan, True),
        (np.nan, "raised OverflowError: that", True),
        ("raised ValueError: this", "raised FloatingPointError: that", True),
        ("raised TypeError: this", "raised TypeError: that", True),
        ("raised TypeError: this", "raised IndexError: this", False),
        ("raised TypeError: this", np.nan, False),
        (np.inf, "raised IndexError: this", False),
        ("raised ValueError", 5.0, False),
        (5.0, "raised ValueError", False),
        ("hung", "raised ValueError", True),
        ("hung", "raised TypeError", False),
        ("wrote: this", "wrote: that", True),
        ("wrote", "raised", False),
        ("raised", "wrote", False),
        ("wrote", np.nan, False),
        ("type: this", "type: this", True),
        ("type: this", "type: that", False),
        ("type", "wrote", False),
        ("type", np.nan, False),
    ],
    ids=str,
)
def test_what_is_lost_is_lost_alike(seen: Any, answer: Any, expected: bool) -> None:
    """An error of arithmetic or nan is as it comes; writing into an argument, a wrong form, or another error is alike only if both did that."""
    assert is_same(about(1.0), seen, answer) == expected


def test_a_mistake_must_be_refused_where_the_candidate_is() -> None:
    """What answers alike but is right, or is refused on other inputs only, explains nothing."""
    edge = about(1.0, 0.0, 1.0)
    just, beyond = 1.0, 1 + UNIT
    assert name_of(TWO_MISTAKES, [trial(edge, just)], {"decoy": said(9.0), "meant": said(beyond)}) is None
    assert name_of(TWO_MISTAKES, [trial(edge, just)], {"decoy": said(9.0), "meant": said(just)}) is None
    assert name_of(TWO_MISTAKES, [trial(edge, beyond)], {"decoy": said(0.5), "meant": said(just)}) is None
    trials = [trial(edge, beyond), trial(edge, just), trial(edge, just)]
    assert name_of(TWO_MISTAKES, trials, {"decoy": said(9.0, 9.0, 9.0), "meant": said(beyond, just, just)}) == "meant"


def test_a_candidate_that_is_right_follows_no_other_convention() -> None:
    """Held against the default, nobody is told to follow the default, though it is accepted everywhere."""
    right = observed(THRICE, lambda x: 2 * x, (np.array(0.1),))
    assert told(THRICE, right, {each.name: said(9.0) for each in THRICE.mistakes}, candidate=lambda x: 2 * x) is None


def test_nothing_tried_has_no_name() -> None:
    """Without trials there is nothing to call by a name, no convention either."""
    conventions = (Convention("other", "", "", definition=2 * x[i]),)
    assert told(page(x[i], output=((i, "N"),), conventions=conventions), []) is None
    assert told(TWO_MISTAKES, [], {"decoy": [], "meant": []}) is None


def test_the_answers_of_mistakes_are_those_of_their_programs() -> None:
    """Each is asked for when it is needed, once; variants with other constants bear the name of their mistake."""
    asked = []

    def program(x: Any, *, factor: float = 3.0) -> Any:
        asked.append(float(x))
        return factor * x

    chosen = page(x[i], mistakes=(wrong("scaled", program, factor=5.0),), output=((i, "N"),))
    trials = [trial(about(value), 5 * value, x=value) for value in (1.0, 2.0)]
    answers = answers_of_mistakes(chosen, trials)
    assert asked == []
    assert [float(each.value) for each in answers["scaled"]] == [3.0, 6.0]
    assert [float(each.value) for each in answers["scaled"]] == [3.0, 6.0]
    assert asked == [1.0, 2.0]
    assert told(chosen, trials, answers) == Diagnosis("mistake", "scaled", "It does scaled.")


def test_a_mistake_is_called_as_its_page_says() -> None:
    """A program that takes a mapping is handed one; and what only a variant of a mistake answers bears the mistake's name."""

    def program(params: Any, x: Any, *, factor: float = 3.0) -> Any:
        return factor * params["W"] * x

    chosen = page(
        t[i] * x[i],
        Input("params['W']", t, "real", ("...",), "params", "W"),
        Input("x", x, "real", ("...",)),
        mistakes=(wrong("another", program, factor=7.0), wrong("scaled", program, factor=5.0)),
        output=((i, "N"),),
    )
    for factor, name in ((3.0, "another"), (5.0, "scaled"), (7.0, "another")):
        given: dict[str, Any] = {"params['W']": np.array(2.0), "x": np.array(4.0)}
        trials = [trial(about(8.0), 8 * factor, **given)]
        answers = answers_of_mistakes(chosen, trials)
        assert [float(each.value) for each in answers["scaled"]] == [24.0]
        assert name_of(chosen, trials, answers) == name


# ---- conventions


THRICE = page(
    2 * x[i],
    mistakes=(wrong("one"), wrong("three_times")),
    output=((i, "N"),),
    conventions=(
        Convention("third", "It is thrice", "a book", definition=3 * x[i]),
        Convention("also", "Thrice too.", "a page", definition=3 * x[i]),
        Convention("four", "Four times.", "another", definition=4 * x[i]),
        Convention("as_well", "And thrice.", "a third", definition=3 * x[i]),
    ),
)


def multiples(chosen: Setting | Formula, factor: float, *values: float, class_: Class = "typical") -> list[Trial]:
    """Trials of a candidate that multiplies, in the intervals of a formula."""
    under = setting(chosen) if isinstance(chosen, Formula) else chosen
    found = []
    for value in values:
        interval = acceptance(under, read(under, np.array(value)), FLOAT64)
        assert interval is not None
        found.append(trial(interval, factor * value, class_, x=value))
    return found


def answers(*values: float, **factors: float) -> dict[str, list[Observation]]:
    return {name: said(*(factor * value for value in values)) for name, factor in factors.items()}


def test_a_convention_is_told_with_its_twins_its_source_and_its_mistake() -> None:
    """The first convention that fits, the others that mean the same, where to read of it, and what it is as a mistake."""
    seen = multiples(THRICE, 3.0, 1.0, 2.5)
    found = told(THRICE, seen, answers(1.0, 2.5, one=1.0, three_times=3.0))
    text = "It is thrice. Convention third (also: also, as_well); source: a book. As a mistake: three_times."
    said = "If that is meant, judge it by that: --convention third"
    assert found == Diagnosis("convention", "third", text, "It is thrice.", said)
    found = told(THRICE, multiples(THRICE, 4.0, 1.0, 2.5), answers(1.0, 2.5, one=1.0, three_times=3.0))
    said = "If that is meant, judge it by that: --convention four"
    assert found == Diagnosis(
        "convention", "four", "Four times. Convention four; source: another.", "Four times.", said
    )
    found = told(THRICE, multiples(THRICE, 1.0, 1.0, 2.5), answers(1.0, 2.5, one=1.0, three_times=3.0))
    assert found == Diagnosis("mistake", "one", "It does one.")


def test_under_a_convention_the_default_comes_first() -> None:
    """Held against a convention, the default is another convention; the one asked for is none."""
    under = setting(THRICE, "third")
    found = told(under, multiples(under, 2.0, 1.0, 2.5), answers(1.0, 2.5, one=1.0, three_times=3.0))
    assert found is not None
    assert (found.kind, found.name) == ("convention", "default")
    assert "follows the defaults of page, not the convention asked for" in found.text
    found = told(under, multiples(under, 4.0, 1.0, 2.5), answers(1.0, 2.5, one=1.0, three_times=3.0))
    assert found is not None
    assert found.name == "four"


def test_a_convention_must_fit_everywhere() -> None:
    """One answer that does not fit is enough; but where it fits the typical inputs, it is told with a reserve."""
    seen = multiples(THRICE, 3.0, 1.0, 2.5) + multiples(THRICE, 3.5, 8.0, class_="extreme")
    found = told(THRICE, seen, answers(1.0, 2.5, 8.0, one=1.0, three_times=3.3))
    text = "It is thrice. Convention third (also: also, as_well); source: a book."
    more = "That explains the ordinary inputs; elsewhere there is something else besides."
    said = "If that is meant, judge it by that: --convention third"
    assert found == Diagnosis("convention", "third", f"{text} {more}", f"It is thrice. {more}", said)
    seen = multiples(THRICE, 1.5, 1.0, 2.5) + multiples(THRICE, 3.5, 8.0, class_="edge")
    found = told(THRICE, seen, answers(1.0, 2.5, 8.0, one=1.5, three_times=3.3), candidate=lambda x: 1.5 * x)
    assert found is not None
    assert (found.kind, found.name) == ("mistake", "one")
    assert found.text.startswith("It does one. That explains the ordinary inputs")
    seen = multiples(THRICE, 3.0, 1.0) + multiples(THRICE, 7.0, 2.0) + multiples(THRICE, 3.0, 8.0, class_="extreme")
    assert name_of(THRICE, seen, answers(1.0, 2.0, 8.0, one=1.0, three_times=3.0), candidate=lambda x: 3 * x) is None


# ---- faults of any program


PLAIN = page(2 * x[i], output=((i, "N"),))


@pytest.mark.parametrize(
    ("factor", "name", "word"),
    [(2.0, "factor_two", "twice"), (0.5, "factor_half", "half"), (-1.0, "opposite_sign", "sign")],
)
def test_multiples_are_told(factor: float, name: str, word: str) -> None:
    """Twice, half or minus the right answer on every typical input, whatever is answered elsewhere."""
    seen = multiples(PLAIN, 2 * factor, 1.0, -2.5) + multiples(PLAIN, 7.0, 8.0, class_="extreme")
    found = told(PLAIN, seen)
    assert found is not None
    assert (found.kind, found.name) == ("mistake", name)
    assert word in found.text
    assert told(PLAIN, seen + multiples(PLAIN, 2.0, 3.0)) is None
    assert told(PLAIN, multiples(PLAIN, 2 * factor, 1.0, class_="extreme")) is None
    assert told(PLAIN, [*seen, replace(seen[0], seen=said("raised")[0])]) is None


def test_writing_into_arguments_is_told() -> None:
    """If that is all that went wrong, it is the fault; a call that raised besides is another matter."""
    right = multiples(PLAIN, 2.0, 1.0)[0]
    wrote, raised = (replace(right, seen=said(kind)[0]) for kind in ("wrote", "raised"))
    found = told(PLAIN, [right, wrote])
    assert found is not None
    assert (found.kind, found.name) == ("mistake", "writes_into_its_input")
    assert found.text == "It works on the caller's array: the argument is changed by the call."
    assert name_of(PLAIN, [wrote]) == "writes_into_its_input"
    assert told(PLAIN, [wrote, raised]) is None
    assert told(PLAIN, [right, raised]) is None


THIRD = page(x[i] / 3, output=((i, "N"),))


def observed(
    chosen: Formula, candidate: Callable[..., Any], *given: Any, class_: Class = "typical", format_: Any = FLOAT64
) -> list[Trial]:
    """The trials of a candidate on some inputs."""
    under, called = setting(chosen), Candidate(candidate, formula=chosen)
    found = []
    for inputs in given:
        named = dict(zip([each.name for each in chosen.inputs], inputs, strict=True))
        interval = acceptance(under, read(under, *packed(chosen, named)), format_)
        assert interval is not None
        found.append(tried(chosen, probe(class_, **named), interval, called(named)))
    return found


def judged(
    chosen: Formula, candidate: Callable[..., Any], *given: Any, format_: Any = FLOAT64, more: Any = ()
) -> Diagnosis | None:
    """What a candidate is called after some inputs, and perhaps others of no typical class."""
    trials = [*observed(chosen, candidate, *given, format_=format_), *more]
    return told(chosen, trials, answers_of_mistakes(chosen, trials), candidate=candidate, format_=format_)


THIRDS = [(np.array([0.1, 0.7]),), (np.array([-3.3]),), (np.array([1e5 / 7, 2.0]),)]


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float32"])
def test_a_lower_format_is_told(name: str) -> None:
    """Rounding the inputs, or the answer, or both to a lower format is told by its name."""
    lower = FORMATS[name]
    for candidate in (
        lambda x: lower.rounded(x) / 3,
        lambda x: lower.rounded(x / 3),
        lambda x: lower.rounded(lower.rounded(x) / 3),
    ):
        found = judged(THIRD, candidate, *THIRDS)
        assert found is not None
        assert (found.kind, found.name) == ("mistake", f"computed_in_{name}")
        assert f"right in {name} only: the float64 inputs were rounded to it" in found.text
        assert ("(JAX does so unless jax_enable_x64 is set)" in found.text) == (name == "float32")
        assert found.text.endswith(".")


def test_what_computes_in_a_lower_format_but_for_a_reason_is_not() -> None:
    """Digits beyond the format that depend on those of the inputs, or an answer outside its interval, are no lower format."""
    assert judged(THIRD, lambda x: x / 3 * (1 + 1e-9), *THIRDS) is None
    assert judged(THIRD, lambda x: np.float32(x) / np.float32(3) * np.float32(1.01), *THIRDS) is None
    # Inputs that the lower format can hold tell nothing about whether they were rounded.
    halves = [(np.array([0.5, 0.75]),), (np.array([3.0]),)]
    assert judged(THIRD, lambda x: x / 3 * (1 + 1e-9), *halves) is None
    found = judged(THIRD, lambda x: FLOAT32.rounded(x / 3), *halves)
    assert found is not None
    assert found.name == "computed_in_float32"
    # Blind in one place, but not in the other.
    seen = [(np.array([0.1]),), (np.array([0.7]),)]
    assert judged(THIRD, lambda x: (x if x[0] > 0.5 else FLOAT32.rounded(x)) / 3 * (1 + 1e-9), *seen) is None
    assert judged(THIRD, lambda x: (FLOAT32.rounded(x) if x[0] > 0.5 else x) / 3 * (1 + 1e-9), *seen) is None


def test_a_lower_format_is_told_whatever_happens_on_extreme_inputs() -> None:
    """Extreme inputs may be beyond the lower format; edge inputs are not."""
    far = observed(THIRD, lambda x: 7 * x, (np.array([1e300]),), class_="extreme")
    found = judged(THIRD, lambda x: FLOAT32.rounded(x) / 3, *THIRDS, more=far)
    assert found is not None
    assert found.name == "computed_in_float32"
    # The extreme ones are passed over wherever they stand.
    near = observed(THIRD, lambda x: FLOAT32.rounded(x) / 3, *THIRDS)
    wrong_there = observed(THIRD, lambda x: 9 * x, (np.array([0.3]),))
    assert name_of(THIRD, [near[0], *far, *near], candidate=lambda x: FLOAT32.rounded(x) / 3) == "computed_in_float32"
    assert name_of(THIRD, [near[0], *far, *wrong_there], candidate=lambda x: FLOAT32.rounded(x) / 3) is None
    edge = [replace(far[0], probe=replace(far[0].probe, class_="edge"))]
    assert judged(THIRD, lambda x: FLOAT32.rounded(x) / 3, *THIRDS, more=edge) is None


def test_the_format_of_the_inputs_is_no_lower_one() -> None:
    """Under float32 inputs only narrower formats are faults."""
    given = [(np.array([0.1, 0.7], np.float32),), (np.array([-3.3], np.float32),)]
    found = judged(THIRD, lambda x: FORMATS["float16"].rounded(x) / np.float32(3), *given, format_=FLOAT32)
    assert found is not None
    assert found.name == "computed_in_float16"
    assert "the float32 inputs were rounded" in found.text
    assert judged(THIRD, lambda x: x / np.float32(3) * np.float32(1.001), *given, format_=FLOAT32) is None
    # Right in float32 but for an edge that the interval of float32 itself refuses: that it is float32 explains nothing.
    trials = observed(THIRD, lambda x: x / np.float32(3), *given, format_=FLOAT32)
    refused = [replace(each, interval=about(np.full(each.interval.nearest.shape, 9.0))) for each in trials]
    assert name_of(THIRD, refused, candidate=lambda x: x / np.float32(3), format_=FLOAT32) is None


def test_inputs_of_which_the_lower_format_says_nothing_are_passed_over() -> None:
    """Where an honest evaluation in the lower format may lose everything, only the others count, before it and after it."""
    chosen = page(sp.log(x[0] - x[1]) - 10, Input("x", x, "real", ("...",)))

    def candidate(x: Any) -> Any:
        return np.log(np.float64(np.float32(x[0]) - np.float32(x[1]))) - 10

    near, close, other = (np.array([0.7, 0.1]),), (np.array([0.7, 0.7 - 1e-8]),), (np.array([2.3, 0.1]),)
    found = judged(chosen, lambda x: candidate(x) if x[0] - x[1] > 1e-3 else -28.4, near, close, other)
    assert found is not None
    assert found.name == "computed_in_float32"
    assert judged(chosen, lambda x: candidate(x) if x[0] < 1 else 7.0, near, close, other) is None


PICKED = page(sp.Sum(x[n, t[n]] / 3, (n, 0, N - 1)), Input("x", x, "real", ("N", "K")), Input("t", t, "labels", ("N",)))


def test_labels_and_whole_numbers_are_not_rounded() -> None:
    """What a lower format could hold wrongly are real numbers: label 300 stays label 300 in bfloat16, which knows no 301."""
    rows = np.zeros((1, 302))
    rows[0, 301] = 0.1
    wide = [(rows * scale, np.array([301])) for scale in (1.0, 3.7, -0.9)]
    found = judged(PICKED, lambda x, t: np.asarray(x, np.float32)[0, t[0]].astype(float) / 3, *wide)
    assert found is not None
    assert found.name == "computed_in_float32"

    def with_integers_only(x: Any, t: Any) -> Any:
        assert t.dtype == np.int16
        assert x.dtype == np.float64
        return FORMATS["bfloat16"].rounded(x)[0, int(t[0])] / 3

    found = judged(PICKED, with_integers_only, *((each, np.array([301], np.int16)) for each, _ in wide))
    assert found is not None
    assert found.name == "computed_in_bfloat16"


def test_functions_are_not_rounded_either() -> None:
    """A function among the inputs stays what it is; a float32 array stays one."""
    slope = formula_named("numerical_gradient")
    f = function(SQUARES, 1.0, 2.0)

    def in_float16(f: Any, x: Any) -> Any:
        x = FORMATS["float16"].rounded(x)
        return np.array([2.0, 4.0]) * x

    given = [(f, np.array([0.1, 0.7])), (f, np.array([0.9, -0.3]))]
    trials = observed(slope, in_float16, *given)
    assert (
        name_of(slope, trials, {each.name: said("hung", "hung") for each in slope.mistakes}, candidate=in_float16)
        == "computed_in_float16"
    )

    def picky(x: Any) -> Any:
        assert x.dtype == np.float32
        return FORMATS["float16"].rounded(x) / np.float32(3)

    found = judged(THIRD, picky, (np.array([0.1, 0.7], np.float32),), (np.array([-3.3], np.float32),), format_=FLOAT32)
    assert found is not None
    assert found.name == "computed_in_float16"


def test_who_is_lost_where_a_mistake_is_not_spared_it() -> None:
    """A mistake that is lost where the candidate is right does not explain it, unless that is so on a few of very many inputs."""
    lost, right = trial(about(1.0), np.inf), trial(about(1.0), 1.0)
    for refused, spared, alike in ((40, 0, 1.0), (40, 40, 0.0), (0, 1, 0.0), (3, 1, 0.75)):
        trials = [lost] * refused + [right] * spared
        assert likeness(said(np.inf) * len(trials), trials, FLOAT64) == alike


def test_which_rows_of_values_are_right() -> None:
    """Those that lie in the interval, as they are and with a factor; of an answer that is refused, or certified in part, none is known to."""
    accepted = trial(about([2.0, 3.0], [1.0, 1.0], [9.0, 9.0]), [2.0, 3.0])
    rows = np.array([[2.0, 3.0], [1.0, 4.5], [0.5, 3.0], [2.0, 5.0]])
    assert _are_right(rows, accepted).tolist() == [True, True, False, False]
    silent = replace(accepted, interval=replace(accepted.interval, said=np.array([False, True])))
    assert _are_right(rows, silent).tolist() == [True, True, True, False]
    in_part = replace(accepted.interval, entries=np.array([0, 1]))
    for other, of in ((replace(accepted, interval=in_part), rows), (accepted, rows[:, :1]), (trial(accepted.interval, [99.0, 3.0]), rows)):  # fmt: skip
        assert _are_right(of, other) is False


# ---- right for some inputs only


SUM = page(sp.Sum(x[n, k], (k, 0, K - 1), (n, 0, N - 1)) / N, Input("x", x, "real", ("N", "K")))
ONE, MANY = (np.array([1.0, 2.0]),), (np.array([[1.0, 2.0], [3.0, 5.0]]),)


@pytest.mark.parametrize(
    ("candidate", "name", "takes", "lost_on"),
    [
        (lambda x: np.sum(x) / len(x), "batches_only", "batches (N, K)", "a single sample (K,)"),
        (lambda x: np.sum(x), "single_samples_only", "a single sample (K,)", "batches (N, K)"),
    ],
)
def test_batches_or_single_samples_only(candidate: Any, name: str, takes: str, lost_on: str) -> None:
    """What is right for the one and wrong for the other is told so."""
    found = judged(SUM, candidate, ONE, MANY)
    text = f"It is right for {takes}, but not for {lost_on}."
    assert found == Diagnosis("mistake", name, text, repair=repair(name))


def test_who_takes_vectors_only() -> None:
    """Of a formula of arrays of any shape: right for each vector, and raises for everything else."""
    total = page(sp.Sum(x[i], (i, 0, N - 1)), Input("x", x, "real", ("...",)))
    given = [(np.arange(1.0, 4.0),), *[(np.ones((2, count)),) for count in range(1, 9)]]
    found = judged(total, lambda x: np.sum(x) if x.ndim == 1 else 1 / 0, *given)
    text = "It is right for vectors only: for arrays of any other shape it raises."
    assert found == Diagnosis("mistake", "vectors_only", text, repair=repair("vectors_only"))


def test_one_loss_for_each_sample() -> None:
    """Which of the two is missing: the mean, or the sum."""
    total = page(sp.Sum(x[i], (i, 0, N - 1)), Input("x", x, "real", ("...",)))
    given = [(np.arange(1.0, 1.0 + 2 * count).reshape(2, count),) for count in range(1, 9)]
    for candidate, missing in (
        (lambda x: np.sum(x, axis=-1), "sum over the samples"),
        (lambda x: np.sum(x, axis=-1) * len(x), "mean over the batch"),
    ):
        found = judged(total, candidate, *given)
        text = f"One loss for each sample: the {missing} is not taken."
        assert found == Diagnosis("mistake", "one_loss_a_sample", text, repair=repair("one_loss_a_sample"))


def test_a_mistake_that_is_made_with_batches_only() -> None:
    """Who raises for a single sample, and makes a mistake with batches, is told both; a fault of any program too."""

    def by_entries(x: Any) -> Any:
        return np.sum(x) / x.size

    def for_batches(x: Any) -> Any:
        return by_entries(x) if x.ndim == 2 else 1 / 0

    chosen = replace(SUM, mistakes=(wrong("by_entries", by_entries),))
    found = judged(chosen, for_batches, ONE, MANY, (np.array([[1.0, 2.0, 6.0]]),))
    text = "It does by_entries. That is so for batches (N, K); a single sample (K,) it does not understand."
    assert found == Diagnosis("mistake", "by_entries", text)
    found = judged(SUM, lambda x: -np.sum(x) / len(x) if x.ndim == 2 else 1 / 0, ONE, MANY)
    text = "The sign is wrong. That is so for batches (N, K); a single sample (K,) it does not understand."
    assert found == Diagnosis("mistake", "opposite_sign", text, repair=repair("opposite_sign"))
    assert judged(SUM, lambda x: 7 * np.sum(x) if x.ndim == 2 else 1 / 0, ONE, MANY) is None


def test_what_is_right_by_chance_tells_nothing() -> None:
    """A sum of zero is right for any factor; and who is right on half of the others knows them."""
    zero, other = (np.array([1.0, -1.0]),), (np.array([4.0, 1.0]),)
    found = judged(SUM, lambda x: np.sum(x) / len(x), zero, ONE, MANY)
    assert found is not None
    assert found.name == "batches_only"
    half = lambda x: np.sum(x) / len(x) if x.ndim == 2 or x[0] == 1 else np.sum(x)
    assert judged(SUM, half, ONE, other, MANY) is None
    found = judged(SUM, half, ONE, zero, (np.array([1.0, 7.0]),), other, MANY)
    assert found is not None
    assert found.name == "batches_only"
    assert judged(SUM, lambda x: np.sum(x) / len(x), (SAMPLE,)) is None
    # Most samples have as many classes as the factor that is wrong; of most sizes they are wrong nevertheless.
    two = lambda x: np.sum(x) / len(x) if x.ndim == 2 else np.sum(x) * x.size / 2
    sizes = [(np.arange(1.0, size + 1),) for size in (2, 2, 2, 3, 4)]
    found = judged(SUM, two, *sizes, ONE, MANY)
    assert found is not None
    assert found.name == "batches_only"


ENTRIES = page(2 * x[i], output=((i, "N"),))


def test_arrays_of_any_shape_are_neither_batches_nor_samples() -> None:
    """Where any shape is right there are no single samples."""
    assert judged(ENTRIES, lambda x: 2 * x if np.ndim(x) == 1 else 7 * x, (np.array([1.0]),), (np.array(3.0),)) is None


EITHER = page(
    sp.Sum(x[n, k] * t[n, k], (k, 0, K - 1), (n, 0, N - 1)) / N,
    Input("x", x, "real", ("N", "K")),
    Input("t", t, "targets_or_labels", ("N", "K")),
)
SAMPLE, BATCH = np.array([1.0, 2.0, 4.0]), np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
ENCODED = {
    (False, False): (SAMPLE, np.array([0.0, 0.0, 1.0])),
    (True, False): (SAMPLE, np.array(2)),
    (False, True): (BATCH, np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])),
    (True, True): (BATCH, np.array([1, 2])),
}


def taking(is_taken: Callable[[bool, bool], bool]) -> Callable[..., Any]:
    """A program that is right for some encodings of the targets, and for samples or batches, and raises otherwise."""

    def program(x: Any, t: Any) -> Any:
        labels, batch = t.ndim < x.ndim, x.ndim == 2
        if not is_taken(labels, batch):
            raise IndexError
        rows, columns = np.atleast_2d(x), np.atleast_1d(t if labels else t.argmax(axis=-1))
        return rows[np.arange(len(rows)), columns].mean()

    return program


@pytest.mark.parametrize(
    ("is_taken", "name"),
    [
        (lambda labels, batch: not labels, "one_hot_only"),
        (lambda labels, batch: labels, "labels_only"),
        (lambda labels, batch: batch, "batches_only"),
        (lambda labels, batch: not batch, "single_samples_only"),
        (lambda labels, batch: labels and batch, "batches_of_labels_only"),
        (lambda labels, batch: not labels and batch, "batches_of_one_hot_targets_only"),
        (lambda labels, batch: not labels and not batch, None),
        pytest.param(lambda labels, batch: False, None, id="nothing"),
    ],
)
def test_encodings_that_are_not_understood(is_taken: Any, name: str | None) -> None:
    """Each combination that people take for granted has its name."""
    found = judged(EITHER, taking(is_taken), *ENCODED.values())
    assert (None if found is None else found.name) == name


SOFT = [(SAMPLE, np.array([0.25, 0.0, 0.75])), (BATCH, np.array([[0.25, 0.0, 0.75], [0.5, 0.5, 0.0]]))]


@pytest.mark.parametrize(
    ("is_taken", "name"),
    [
        (lambda labels, batch: True, "one_hot_targets_only"),
        (lambda labels, batch: labels, "labels_only"),
        (lambda labels, batch: labels and batch, "batches_of_labels_only"),
    ],
)
def test_targets_that_are_other_distributions_are_not_understood(is_taken: Any, name: str | None) -> None:
    """Who makes labels of all targets is right for one-hot ones only; who knows only labels is told of that instead."""
    found = judged(EITHER, taking(is_taken), *ENCODED.values(), *SOFT)
    assert (None if found is None else found.name) == name
    if name == "one_hot_targets_only":
        assert found is not None
        assert found.text == "It is right for one-hot targets, but not for targets that are other distributions."


def test_outside_of_samples_the_targets_of_a_batch_tell_what_labels_are() -> None:
    """Where the first argument is no batch, its dimensions say nothing about the targets."""
    b = sp.IndexedBase("b")
    chosen = page(
        sp.Sum(b[k] * t[n, k] / 3, (k, 0, K - 1), (n, 0, N - 1)),
        Input("b", b, "real", ("K",)),
        Input("t", t, "targets_or_labels", ("N", "K")),
        single_samples=False,
    )

    def program(b: Any, t: Any) -> Any:
        return float(np.sum(b * t) / 3) if t.ndim == 2 else 1 / 0

    weights = np.array([0.1, 0.2, 0.7])
    found = judged(
        chosen, program, (weights, np.eye(3)[[0, 2]]), (weights, np.array([0, 2])), (weights, np.array([1, 1]))
    )
    assert found is not None
    assert found.name == "one_hot_only"


def test_a_network_takes_batches_always() -> None:
    """Where there are no single samples, labels are told by what the targets of a batch should be."""
    loss = formula_named("two_layer_net_loss")
    rng = np.random.default_rng(0)
    params = {"W1": rng.normal(size=(2, 2)), "b1": np.zeros(2), "W2": rng.normal(size=(2, 3)), "b2": np.zeros(3)}
    first = rng.normal(size=(2, 2))
    given = [(*params.values(), first, targets) for targets in (np.array([0, 2]), np.eye(3)[[1, 2]])]
    for chosen, name in ((lambda ndim: ndim == 2, "one_hot_only"), (lambda ndim: ndim == 1, "labels_only")):

        def program(params: Any, x: Any, t: Any, *, chosen: Any = chosen) -> Any:
            return loss.program(params, x, t) if chosen(np.ndim(t)) else 1 / 0

        trials = observed(loss, program, *given)
        assert (
            name_of(loss, trials, {each.name: said("raised", "raised") for each in loss.mistakes}, candidate=program)
            == name
        )


# ---- another guard


@pytest.mark.parametrize(
    "page_name", ["cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_one_hot_gradient"]
)
@pytest.mark.parametrize(("guard", "delta"), [("offset", 3e-5), ("floor", 2e-4), ("offset", 0.25)])
def test_another_delta_is_told(page_name: str, guard: str, delta: float) -> None:
    """A page's own formula with a δ that nobody else takes is told which guard and which δ that is."""
    chosen = formula_named(page_name)
    if "gradient" in page_name and guard == "floor":
        return  # there the gradient is 0 below the floor, whatever δ is
    candidate = setting(chosen, guard=guard, delta=delta).program
    given: list[Any] = [([0.5, 0.5], [1.0, 0.0]), ([1e-5, 1 - 1e-5], [1.0, 0.0]), ([0.25, 0.75], [0.0, 1.0])]
    if page_name.endswith("labels"):
        given = [(y, np.argmax(t)) for y, t in given]
    trials = observed(chosen, candidate, *((np.array(y), np.array(t)) for y, t in given))
    found = told(chosen, trials, {each.name: said(7.0, 7.0, 7.0) for each in chosen.mistakes}, candidate=candidate)
    assert found is not None
    assert (found.kind, found.name) == ("convention", f"{guard} with delta={delta:g}")
    assert f"the guard '{guard}' and δ = {delta:g}" in found.text


@pytest.mark.parametrize("delta", [1.0, 1.5])
def test_a_delta_of_one_or_more_is_none(delta: float) -> None:
    """Nobody guards a logarithm with as much as the largest probability: that is another fault."""
    chosen = formula_named("cross_entropy_one_hot_gradient")

    def candidate(y: Any, t: Any) -> Any:
        return -t / (y + delta)

    trials = observed(
        chosen, candidate, (np.array([0.5, 0.5]), np.array([1.0, 0.0])), (np.array([0.3, 0.7]), np.array([1.0, 0.0]))
    )
    assert (
        told(chosen, trials, {each.name: said([7.0, 7.0], [7.0, 7.0]) for each in chosen.mistakes}, candidate=candidate)
        is None
    )


def test_another_delta_is_told_in_other_formats_too() -> None:
    """A candidate that takes float32 only is asked in float32."""
    chosen = formula_named("cross_entropy_one_hot")

    def candidate(y: Any, t: Any) -> Any:
        assert y.dtype == t.dtype == np.float32
        return -np.sum(t * np.log(y + np.float32(3e-3)))

    given = [
        (np.array([0.5, 0.5], np.float32), np.array([1, 0], np.float32)),
        (np.array([0.25, 0.75], np.float32), np.array([0, 1], np.float32)),
    ]
    trials = observed(chosen, candidate, *given, format_=FLOAT32)
    answers = {each.name: said(7.0, 7.0) for each in chosen.mistakes}
    assert name_of(chosen, trials, answers, candidate=candidate, format_=FLOAT32) == "offset with delta=0.003"


@pytest.mark.parametrize("at_zero", ["raises", [], np.nan, 0.0, -np.inf, 1.0, -0.5, np.log(3e-5) * 1.01])
def test_what_a_probability_of_zero_does_not_tell(at_zero: Any) -> None:
    """No answer there, none that is finite, or one of no δ between 0 and 1, tells nothing; nor does a δ that does not fit elsewhere."""
    chosen = formula_named("cross_entropy_one_hot")

    def candidate(y: Any, t: Any) -> Any:
        if np.min(y) == 0:
            return 1 / 0 if isinstance(at_zero, str) else at_zero
        return -np.sum(t * np.log(y + 3e-5)) * 1.01

    given = [(np.array([0.5, 0.5]), np.array([1.0, 0.0])), (np.array([0.25, 0.75]), np.array([0.0, 1.0]))]
    trials = observed(chosen, candidate, *given)
    assert told(chosen, trials, {each.name: said(7.0, 7.0) for each in chosen.mistakes}, candidate=candidate) is None


# ---- lost on the same inputs


LIKE = page(x[i], mistakes=(wrong("first"), wrong("second")), output=((i, "N"),))


def likened(trials: list[Trial], *answers: Any, second: Any = None) -> str | None:
    """Which of two mistakes a candidate is like; the second one is wrong everywhere, unless it is told."""
    return name_of(
        LIKE,
        trials,
        {"first": said(*answers), "second": said(*(second or ["type: another"] * len(answers)))},
        candidate=lambda x: 7.0,
    )


def outside(seen: Any, class_: Class = "extreme") -> Trial:
    return trial(about(1.0), seen, class_, x=0.3)


def test_three_in_five_of_the_losses_must_be_shared() -> None:
    """Of all inputs on which one of the two is refused, both must be, on 60 % of them at least."""
    assert likened([outside(7.0)] * 3 + [outside(1.0)] * 2, 8.0, 8.0, 8.0, 8.0, 8.0) == "first"
    assert likened([outside(7.0)] * 3 + [outside(7.0)] * 2, 8.0, 8.0, 8.0, 1.0, 1.0) == "first"
    assert likened([outside(7.0)] * 2 + [outside(7.0)] * 2, 8.0, 8.0, 1.0, 1.0) is None
    assert likened([outside(7.0)] * 2 + [outside(1.0)] * 2, 8.0, 8.0, 8.0, 8.0) is None
    # What both are right on is not counted.
    assert likened([outside(7.0)] * 2 + [outside(1.0)] * 9, 8.0, 8.0, *[1.0] * 9) == "first"
    assert likened([outside(7.0)] * 1 + [outside(1.0)] * 9, *[1.0] * 10) is None


def test_the_likest_is_named() -> None:
    """Of two mistakes the one that shares more; the first, if they share as much."""
    trials = [outside(7.0)] * 4
    assert likened(trials, 8.0, 8.0, 8.0, 1.0, second=[8.0, 8.0, 8.0, 8.0]) == "second"
    assert likened(trials, 8.0, 8.0, 8.0, 8.0, second=[9.0, 9.0, 9.0, 9.0]) == "first"


@pytest.mark.parametrize(
    ("seen", "answer", "expected"),
    [
        (2.0, 1.0 + 1e4, True),
        (1.0 + 1e4, 2.0, True),
        (2.0, 1.0 - 1e4, True),
        (2.0, 1.0 + 1.001e4, False),
        (1.0 + 1.001e4, 2.0, False),
        (np.nan, "raised ValueError", True),
        (np.nan, "raised IndexError", False),
        (np.inf, 7.0, False),
        (7.0, np.inf, False),
        ("type", np.nan, False),
        ([7.0, 7.0], [9.0, 9.0], True),
        ([7.0, 7.0], 9.0, False),
        (9.0, [7.0, 7.0], False),
        ([7.0], [9.0], True),
        (7.0, [9.0], False),
    ],
    ids=str,
)
def test_errors_must_be_of_comparable_size(seen: Any, answer: Any, expected: bool) -> None:
    """Both are lost, or both are wrong by errors of which none is ten thousand times the other, or both have the same wrong form."""
    assert likened([outside(seen)], answer) == ("first" if expected else None)


@pytest.mark.parametrize(
    ("seen", "answer", "expected"),
    [
        (1 + 1e-11, 1 - 1e-11, True),
        (1 + 1e-11, 1.0, True),
        (1.0, 1 + 1e-11, True),
        (1 + 7e-11, 1 + 1e-11, True),
        (1 + 8e-11, 1 + 1e-11, False),
        (1 + 1e-11, 1 + 8e-11, False),
        (1 - 8e-11, 1 + 1e-11, False),
        ("raised", 1 + 1e-11, False),
        (1 + 1e-11, "raised", False),
        ([1 + 1e-11, 1.0], 1 + 1e-11, False),
        ("raised", "raised", True),
        (7.0, 7.0 + 1e-15, True),
    ],
    ids=str,
)
def test_on_typical_inputs_both_must_be_nearly_right(seen: Any, answer: Any, expected: bool) -> None:
    """Twice the 2/3 power of the unit, 7.3e-11 beside 1, is rounding; more than that is another mistake, unless it is the same."""
    trials = [outside(7.0)] * 8 + [outside(seen, "typical")]
    assert likened(trials, *[8.0] * 8, answer) == ("first" if expected else None)


def test_beside_large_numbers_rounding_is_larger() -> None:
    """What is nearly right is so relative to the value; and one mistaken typical answer is too much, whoever gave it."""
    large = trial(about(1000.0), 1000 + 3e-8, "typical", x=0.3)
    assert likened([outside(7.0)] * 8 + [large], *[8.0] * 8, 1000.0) == "first"
    assert likened([outside(7.0)] * 8 + [replace(large, seen=said(1000 + 5e-8)[0])], *[8.0] * 8, 1000.0) is None
    assert likened([outside(7.0)] * 8 + [outside(1.0, "typical")], *[8.0] * 8, 2.0) is None
    assert likened([outside(7.0)] * 8 + [outside(3.0, "typical")], *[8.0] * 8, 1.0) is None
    near = UNIT ** (2 / 3)
    zero = trial(about(0.0), near, "typical", x=0.3)
    assert likened([outside(7.0)] * 8 + [zero], *[8.0] * 8, 0.0) == "first"
    beyond = replace(zero, seen=said(np.nextafter(near, 1))[0])
    assert likened([outside(7.0)] * 8 + [beyond], *[8.0] * 8, 0.0) is None
    # Lost alike on one typical input, and nearly right on another.
    mixed = [*[outside(7.0)] * 4, outside("raised", "typical"), outside(1 + 1e-11, "typical")]
    assert likened(mixed, *[8.0] * 4, "raised", 1 - 1e-11) == "first"
    # Errors beyond every number are comparable, and no reason for a warning.
    assert likened([trial(about(-1e308), 1.7e308, x=0.3)], 1.6e308) == "first"
    # Lost alike: both raised, on a typical input.
    raised = [outside(7.0)] * 4 + [outside("raised", "typical")] * 4 + [outside(7.0)]
    assert likened(raised, *[8.0] * 4, *["raised"] * 4, 8.0) == "first"
