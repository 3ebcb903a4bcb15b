"""The verdict, asked directly: on made-up pages, with everything that stands behind it."""

from __future__ import annotations

import itertools
import math
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from made_up import (
    DOUBLE,
    FLOAT32,
    asks_for_a_third,
    double,
    failing,
    is_odd,
    law,
    page,
    search_of,
    wrong,
    x,
)

import refmath
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import CLASSES
from refmath.oracle.candidates.candidate import CallFailed
from refmath.oracle.candidates.not_judged import NotJudged, NotSupported
from refmath.oracle.diagnosing.repetition import AT_RANDOM
from refmath.oracle.reporting.extent import extent
from refmath.oracle.reporting.findings import Diagnosis, LawResult
from refmath.oracle.reporting.report import Report
from refmath.oracle.reporting.text import CLASSES as IN_WORDS
from refmath.oracle.searching.survey import Survey
from refmath.oracle.verdict import judged
from refmath.spec import Convention, Equal, Form, Formula, Relation
from refmath.symbols import i

ONE_HOT = formula_named("cross_entropy_one_hot")


# ---- the verdict


def verdict_on(
    candidate: Callable[..., Any], formula: Formula = DOUBLE, target: str = "file.py:double", **options: Any
) -> Report:
    return judged(search_of(candidate, formula, **{"examples": 4, **options}), target)


def test_what_is_right_conforms_with_all_its_evidence() -> None:
    """Everything tried is accepted, the laws hold where they speak, and the mistakes that are ones are rejected."""
    report = verdict_on(double, seed=3)
    assert (report.target, report.formula, report.convention, report.verdict) == (
        "file.py:double",
        "double",
        None,
        "conforms",
    )
    assert set(report.classes) == set(CLASSES)
    assert all(count.tried == count.accepted >= 3 for count in report.classes.values())
    assert report.laws == (LawResult("is_odd", True, "It is so."), LawResult("speaks_of_nothing", None, "It is so."))
    assert (report.diagnosis, report.smallest, report.worst, report.worst_ulps) == (None, None, None, 0.0)
    assert (report.evidence.seed, report.evidence.mistakes_rejected, report.evidence.mistakes_missed) == (
        3,
        ("thrice",),
        ("harmless",),
    )
    search = search_of(double, seed=3)
    search.survey()
    assert report.evidence.law_inputs == search.law(DOUBLE.laws[0])[1] > 10
    assert {class_: count.tried for class_, count in report.classes.items()} == Counter(
        each.class_ for each in search.trials
    )
    assert report.extent == extent(search)
    assert (report.remarks, report.begins, report.dtype, report.strict) == ((), "", "float64", False)
    narrow = verdict_on(double, format_=FLOAT32, strict=True)
    assert (narrow.verdict, narrow.dtype, narrow.strict) == ("conforms", "float32", True)


def test_what_is_wrong_differs_and_is_shown_and_named() -> None:
    """A mistake of the page has its name; the smallest and the worst counterexample call it as the target does."""
    report = verdict_on(lambda x: 3.0 * x)
    assert report.verdict == "differs"
    assert report.diagnosis == Diagnosis("mistake", "thrice", "It does thrice.")
    assert report.smallest is not None
    assert report.worst is not None
    assert report.smallest.call.startswith("double(np.array([")
    assert report.smallest.class_ == "typical"
    assert report.worst.ulps >= report.smallest.ulps > 1e10
    assert report.worst_ulps >= report.worst.ulps
    assert any(count.accepted < count.tried for count in report.classes.values())
    assert report.laws[0].holds is True
    assert report.begins == ""
    assert report.evidence.mistakes_rejected == ("thrice",)
    unnamed = verdict_on(lambda x: 3.0 * x, target="file.py:<lambda>")
    assert unnamed.smallest is not None
    assert unnamed.smallest.call.startswith("double(")
    other = verdict_on(lambda x: 3.0 * x, target="package.module:other")
    assert other.smallest is not None
    assert other.smallest.call.startswith("other(")


def test_under_a_convention_no_law_is_asked() -> None:
    """Laws are those of the page's defaults; the convention is told, and the default is a diagnosis, unless it is a plain multiple."""
    report = verdict_on(lambda x: 4.0 * x, convention="four")
    assert (report.verdict, report.convention, report.laws, report.evidence.law_inputs) == ("conforms", "four", (), 0)
    for convention, name in (("four", "factor_half"), ("five", "default")):
        page_of_five = replace(
            DOUBLE, conventions=(*DOUBLE.conventions, Convention("five", "Five times.", "", definition=5 * x[i]))
        )
        report = verdict_on(double, page_of_five, convention=convention)
        assert report.verdict == "differs"
        assert report.diagnosis is not None
        assert report.diagnosis.name == name


def test_what_is_lost_beyond_typical_inputs_is_unstable() -> None:
    """If only other classes are refused, it is unstable, and where that begins is told; worst of all is seen there."""
    report = verdict_on(lambda x: np.where(np.abs(x) > 100, 0.0, 2.0 * x), examples=12)
    assert report.verdict == "unstable"
    assert report.begins.startswith("where max |x| ≥ ")
    assert float(report.begins.rpartition(" ")[2]) > 100
    assert report.classes["typical"].accepted == report.classes["typical"].tried
    assert report.classes["extreme"].accepted < report.classes["extreme"].tried
    assert report.smallest is not None
    assert report.smallest.class_ != "typical"
    assert report.smallest.call.startswith("double(np.array(")


def test_no_answer_has_failed() -> None:
    """An error or a wrong shape anywhere outweighs everything; if nothing ever came, nothing can be named."""
    report = verdict_on(lambda x: 1 / 0)
    assert (report.verdict, report.diagnosis, report.worst_ulps) == ("failed", None, math.inf)
    assert report.smallest is not None
    assert report.smallest.trouble.startswith("raised ZeroDivisionError")
    report = verdict_on(lambda x: [2 * x])
    assert (report.verdict, report.laws[0].holds) == ("failed", None)

    def mostly(x: Any) -> Any:
        return 1 / 0 if np.size(x) == 1 else 3.0 * x

    report = verdict_on(mostly, page(2 * x[i], output=((i, "N"),), mistakes=(wrong("mostly", mostly),)))
    assert report.verdict == "failed"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "mostly"


def test_what_remembers_differs_and_is_not_named() -> None:
    """A function that answers differently when it is asked again is right nowhere; the remark says so, first."""
    calls, before = itertools.count(), search_of(double)
    before.survey()

    def program(x: Any) -> Any:
        warnings.warn("careful", stacklevel=1)
        return 2.0 * x if next(calls) < len(before.trials) else 3.0 * x

    report = verdict_on(program, page(2 * x[i], output=((i, "N"),), mistakes=(wrong("thrice", lambda x: 3.0 * x),)))
    assert report.verdict == "differs"
    assert report.diagnosis in (None, AT_RANDOM)
    assert report.remarks[0].startswith(("it answered differently", "an earlier answer changed"))
    assert report.remarks[1:] == ("it warned: UserWarning: careful",)


def test_what_draws_at_random_is_told_so() -> None:
    """Though it is wrong each time: in another way. No bound is told, where chance decides."""
    random = np.random.default_rng(1)
    report = verdict_on(lambda x: 2.0 * x + random.normal(), examples=2)
    assert (report.verdict, report.diagnosis, report.breaks) == ("differs", AT_RANDOM, "")
    # What is no number each time is the same each time.
    report = verdict_on(lambda x: np.where(np.abs(x) > 4, np.nan, np.append(np.ravel(x)[1:], 1.0).reshape(np.shape(x))))
    assert report.diagnosis != AT_RANDOM
    for chance in (0.0, 1.0):  # where it begins is told of what is wrong there each time
        report = verdict_on(lambda x, by=chance: np.where(np.abs(x) > 4, 3.0 * x + by * random.normal(), 2.0 * x))
        assert (report.diagnosis == AT_RANDOM, report.breaks == "") == (chance > 0, chance > 0)


def test_remarks_of_what_conforms() -> None:
    """What lies beside the domain is told of what conforms, and only of that; warnings always."""

    def normalises(y: Any, t: Any) -> Any:
        warnings.warn("slow", stacklevel=1)
        y = np.asarray(y, np.float64)
        return ONE_HOT.program(y / y.sum(axis=-1, keepdims=True), t)

    short = replace(ONE_HOT, laws=(), mistakes=())
    report = verdict_on(normalises, short, examples=3)
    assert report.verdict == "conforms"
    assert [each[:24] for each in report.remarks] == ["it is right for outputs ", "it warned: UserWarning: "]
    report = verdict_on(lambda y, t: 1.5 * normalises(y, t), short, examples=3)
    assert report.remarks == ("it warned: UserWarning: slow",)


def test_a_broken_law_is_enough() -> None:
    """Where all values are accepted but a law is broken, it differs, or is unstable if that is beyond typical inputs only."""

    def is_something_else(f: Any, x: Any) -> Iterator[Relation]:
        yield Equal(f(x), f(x) + 1 + abs(f(x)))

    def breaks_far_out(f: Any, x: Any) -> Iterator[Relation]:
        yield Equal(
            f(x), f(x) + int(any(abs(each) > 100 for each in np.ravel(np.asarray(x, object)))) * (1 + abs(f(x)))
        )

    report = verdict_on(double, replace(DOUBLE, laws=(law(is_odd), law(is_something_else))))
    assert (report.verdict, [each.holds for each in report.laws], report.smallest) == ("differs", [True, False], None)
    report = verdict_on(double, replace(DOUBLE, laws=(law(breaks_far_out), law(is_odd))), examples=30)
    assert (report.verdict, [each.holds for each in report.laws]) == ("unstable", [False, True])


def test_what_only_a_law_asks_for_counts_in_the_verdict() -> None:
    """A wrong answer to a law's question is a refusal, and is shown; it is the worst there is."""

    def at_three_eighths(x: Any) -> Any:
        return 3.0 * x if np.ndim(x) == 0 and x == 0.375 else 2.0 * x

    report = verdict_on(at_three_eighths, replace(DOUBLE, laws=(law(asks_for_a_third),)), examples=30)
    assert report.verdict in ("differs", "unstable")
    assert all(count.tried == count.accepted for count in report.classes.values())
    assert report.smallest is not None
    assert report.smallest.call == "double(np.array(0.375))"
    assert report.worst_ulps == report.smallest.ulps > 1e10


def test_what_was_never_there_is_not_judged() -> None:
    """A program that does not start, or does not know the formula, has no verdict; one that raises, or stops later, has."""
    with pytest.raises(NotJudged, match=r"^it is absent$") as refused:
        verdict_on(failing("absent", 0))
    assert not isinstance(refused.value, NotSupported)
    with pytest.raises(NotSupported, match=r"^it does not support this formula, in the number format asked for$"):
        verdict_on(failing("unsupported", 0))
    assert verdict_on(failing("gone", 3)).verdict == "failed"
    for kind in ("raised", "hung", "gone"):
        assert verdict_on(failing(kind, 0)).diagnosis is None
    report = verdict_on(failing("unsupported", 5))
    assert report.verdict == "failed"


@pytest.mark.parametrize("left_out", [("edge",), ("typical", "extreme")])
def test_a_class_that_was_not_tried_is_no_conformance(
    left_out: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was not tried everywhere does not conform; who was refused is."""

    every = Survey.__iter__
    monkeypatch.setattr(Survey, "__iter__", lambda self: (each for each in every(self) if each.class_ not in left_out))
    short = replace(DOUBLE, laws=())
    with pytest.raises(
        NotJudged,
        match=f"^no input of the classes {', '.join(IN_WORDS[each] for each in left_out)} could be tried: there is nothing to base",
    ):
        verdict_on(double, short)
    assert verdict_on(lambda x: 3.0 * x, short).verdict in ("differs", "unstable")


def test_a_target_may_have_colons_in_its_path() -> None:
    """The name follows the last colon, in both counterexamples."""
    report = verdict_on(lambda x: 3.0 * x, target="C:/file.py:other", examples=1)
    assert report.smallest is not None
    assert report.worst is not None
    assert report.smallest.call.startswith("other(")
    assert report.worst.call.startswith("other(")


@pytest.mark.parametrize("kind", ["raised", "hung", "gone", "unsupported"])
def test_what_never_answers_is_not_called_a_mistake_that_does_not_either(kind: Any) -> None:
    """That nothing ever came says nothing about which mistake was made, though one of the page fails as well."""

    def program(x: Any) -> Any:
        raise CallFailed("raised" if np.size(x) > 1 else kind, "no")

    chosen = page(2 * x[i], output=((i, "N"),), mistakes=(wrong("raises", lambda x: 1 / 0),))
    report = verdict_on(program, chosen, examples=1)
    assert (report.verdict, report.diagnosis, report.begins) == ("failed", None, "")


def test_what_changes_its_answers_is_not_called_the_mistake_it_was_first() -> None:
    """It answered as a mistake does, and otherwise when it was asked again: that is what is told."""
    calls, before = itertools.count(), search_of(double, examples=1)
    before.survey()
    report = verdict_on(lambda x: 3.0 * x if next(calls) < len(before.trials) else 2.0 * x, examples=1)
    assert report.verdict == "differs"
    assert report.diagnosis in (None, AT_RANDOM)
    assert report.remarks[0].startswith(("it answered differently", "an earlier answer changed"))


def test_what_conforms_is_called_nothing() -> None:
    """Zeros and ones are right in every format, and that is no fault."""
    chosen = page(sp.Piecewise((1, x[i] > 0), (0, True)), output=((i, "N"),))
    report = verdict_on(lambda x: 1.0 * (np.asarray(x) > 0), chosen, examples=2)
    assert (report.verdict, report.diagnosis) == ("conforms", None)


def test_where_it_begins_is_told_of_what_is_unstable_only() -> None:
    """The shrunk counterexample counts as well; what fails, or is lost on inputs no larger than typical ones, begins nowhere."""
    report = verdict_on(lambda x: np.where(np.abs(x) > 100, 0.0, 2.0 * x))
    assert report.verdict == "unstable"
    assert report.smallest is not None
    smallest = float(np.max(np.abs(report.smallest.inputs["x"])))
    assert report.begins.startswith("where max |x| ≥ ")
    assert 100 < float(report.begins.rpartition(" ")[2]) <= 1.01 * smallest

    def fails_far_out(x: Any) -> Any:
        return 1 / 0 if np.max(np.abs(x)) > 100 else 2.0 * x

    report = verdict_on(fails_far_out)
    assert (report.verdict, report.begins) == ("failed", "")
    report = verdict_on(lambda x: np.float64(3.0) * x if np.ndim(x) == 3 else 2.0 * x, examples=16)
    assert (report.verdict, report.begins) == ("unstable", "")


# ---- definitions without a value


def inverse(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.true_divide(1.0, x)


def test_inputs_without_a_value_are_counted_and_the_smallest_is_shown() -> None:
    """1/x has no value at 0; the remark counts such inputs, and shows one of the fewest numbers."""
    report = verdict_on(inverse, page(1 / x[i], output=((i, "N"),)), examples=40)
    (remark,) = (each for each in report.remarks if "no value" in each)
    count = int(remark.split()[0])
    shown = f"{count} inputs were left out, as the definition has no value there, such as x = np.array("
    assert remark.removeprefix(shown) in ("0.0)", "-0.0)", "[0.0])", "[-0.0])")
    assert 1 < count < 40
    assert not any("no value" in each for each in verdict_on(double).remarks)


def test_a_definition_without_a_value_nearly_everywhere_is_not_judged_by() -> None:
    """More than half of a class without a value, and nothing is judged; the sentence counts, and shows an input."""
    with pytest.raises(NotJudged) as refused:
        verdict_on(double, page(sp.sqrt(-1 - x[i] ** 2), output=((i, "N"),)))
    words = str(refused.value)
    assert words.startswith("the definition of page has no value at ")
    assert " ordinary inputs, such as x = np.array([" in words
    assert words.endswith("; are the kinds of its arguments the right ones?")
    tried, of = words.removeprefix("the definition of page has no value at ").split(" ordinary")[0].split(" of ")
    assert tried == of


def test_an_index_beyond_an_axis_is_not_judged_by() -> None:
    """The reason names the page."""
    with pytest.raises(NotJudged, match="the definition of page has an index beyond an axis of an argument"):
        verdict_on(double, page(x[i + 1], output=((i, "N"),)))


def test_whose_forms_an_interval_follows_from_is_said() -> None:
    """Of the catalogue's forms nothing is said, as they are proved; those of one's own are their author's."""
    own = replace(DOUBLE, forms=(Form("sum", x[i] + x[i], "made up"),))
    said = "the interval is that of the forms which the author of double gives"
    assert said in verdict_on(double, own).remarks
    assert said not in verdict_on(double).remarks
    softmax = formula_named("softmax")
    assert not any("author" in each for each in verdict_on(softmax.program, softmax).remarks)


def test_what_is_refused_counts_where_everything_must_be_taken() -> None:
    """Else it is declined, and what is left decides."""

    def refuses(x: Any) -> Any:
        if np.ndim(x) == 0:
            raise ValueError("arrays with an axis only")
        return double(x)

    report = verdict_on(refuses)
    assert (report.verdict, report.declined) == ("conforms", ("zero-dimensional arrays",))
    report = judged(search_of(refuses), "file.py:double", complete=True)
    assert (report.verdict, report.declined) == ("failed", ())


def test_who_judges_elsewhere_is_told_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option reaches the process of its own, or the parts, as it was given."""
    module = sys.modules[refmath.check.__module__]
    monkeypatch.setattr(module, "_isolated", lambda *told: told)
    given: dict[str, Any] = {
        "convention": "seed",
        "dtype": "float32",
        "array": "numpy",
        "strict": True,
        "complete": True,
        "timeout": 3.0,
        "budget": 7.0,
        "order": ("t", "y"),
        "take": 1,
        "layout": "columns",
        "steps": 0,
    }
    more: dict[str, Any] = {"examples": 3, "seed": 5, "shape": {"N": 4}, "target": "here", "executor": 1, "tick": print}
    told: Any = refmath.check("losses.py:mse", "mean_squared_error", isolate=True, **given, **more)
    usual = {"backward": False, "parameters": None, "declines": told[2]["declines"]}
    assert told == ("losses.py:mse", "mean_squared_error", {**given, **more, **usual})
    monkeypatch.setattr(module, "_in_parts", lambda *told: told)
    monkeypatch.setattr(module, "replace", lambda told, **_: told)
    told = refmath.check(square, "mean_squared_error", isolate=False, **given, **more)
    executor, function, judgement, *told = told
    assert (executor, function, judgement.said.called) == (1, square, "square")
    kept = {name: value for name, value in more.items() if name not in ("executor", "tick")}
    assert told == ["mean_squared_error", {**given, **usual, **kept}, print]


def square(t: Any, y: Any) -> Any:
    return (y - t) ** 2


@pytest.mark.parametrize(
    ("rate", "name"),
    [
        (None, "lr=0.001"),
        (lambda lr: 0.1 * lr, "running_mean_instead_of_sum"),
        (lambda lr: lr**1.5, "lr=0.001"),
    ],
    ids=["another default", "a running mean", "nothing that is known"],
)
def test_another_number_is_no_setting_where_others_are_wrong_too(rate: Any, name: str) -> None:
    """A step of a tenth is that of another learning rate, unless it is made of whatever rate is asked for: then another change must explain all of them."""

    def step(w: Any, g: Any, velocity: Any, lr: float = 0.01 if rate else 0.001) -> Any:
        new = 0.9 * velocity - (rate(lr) if rate else lr) * g
        return w + new, new

    found = refmath.check(step, "momentum_step", examples=10).diagnosis
    assert found is not None
    assert (found.name, found.kind) == (name, "mistake" if rate else "convention")
    assert found.text.endswith("Called with another lr it is wrong too.") == (rate is not None and name == "lr=0.001")
    assert ("--param lr=0.001" in found.repair) == (rate is None)
