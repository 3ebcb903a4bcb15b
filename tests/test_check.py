"""The verdict: what `refmath.check` says of small candidates whose worth is known."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import itertools
import math
import os
import random
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import surveyed

import refmath
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import format_named
from refmath.catalogue import FORMULAS, formula
from refmath.mistakes.programs import program_of
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.reporting.text import as_text
from refmath.oracle.searching.search import Search
from refmath.spec import Formula, Mistake, packed, setting, unpacked

pytestmark = pytest.mark.long

FEW = 6
SCALE = 1e3  # beyond every typical input, and within reach of the extreme ones


def floats(values: Any) -> Any:
    """Real numbers; what lies in integers is no difference of the type they come in."""
    values = np.asarray(values)
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def right(y: Any, t: Any) -> Any:
    """The mean squared error, in other words than the page's."""
    d = floats(y) - floats(t)
    return 0.5 * np.sum(d * d) / (len(d) if d.ndim == 2 else 1)


def right_gradient(y: Any, t: Any) -> Any:
    """Its gradient."""
    return (floats(y) - floats(t)) / (len(y) if np.ndim(y) == 2 else 1)


def is_far(y: Any) -> bool:
    """Whether an input is larger than any typical one."""
    return bool(np.abs(floats(y)).max() > SCALE)


def program(name: str) -> Callable[..., Any]:
    """The program of a page."""
    return formula(name).program


def judge(candidate: Callable[..., Any], against: str = "mean_squared_error", **options: Any) -> refmath.Report:
    return refmath.check(candidate, against, **{"examples": FEW, **options})


def in_parts(change: Callable[[Any], Any], answer: Any) -> Any:
    """An answer changed, entry by entry if it is a mapping."""
    return {key: change(value) for key, value in answer.items()} if isinstance(answer, dict) else change(answer)


@pytest.fixture
def _without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mistake is looked for, which takes half of the time where the verdict is all that is asked for."""
    monkeypatch.setattr("refmath.oracle.verdict.diagnose", lambda *_arguments: None)


nameless = pytest.mark.usefixtures("_without_a_name")


def raises(y: Any, t: Any) -> Any:
    raise RuntimeError("out of\npaper")


def exits(y: Any, t: Any) -> Any:
    sys.exit(3)


class Unheard(BaseException):
    """What `except Exception` does not catch."""


def raises_beside_exception(y: Any, t: Any) -> Any:
    raise Unheard("of")


def writes(y: Any, t: Any) -> Any:
    y *= 0
    return right(y, t)


def keeps_the_batch(y: Any, t: Any) -> Any:
    return np.array([right(y, t)])


# ---- the four verdicts


@pytest.mark.parametrize(
    ("page", "examples"),
    list(zip(FORMULAS, itertools.cycle((1, FEW)))),
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_every_page_conforms_to_itself(page: Formula, examples: int) -> None:
    """The page's own program conforms: inputs of every class were tried, however few were asked for, all accepted, and no law broken."""
    report = judge(page.program, page.name, examples=examples)
    assert report.verdict == "conforms"
    assert report.conforms
    assert all(count.accepted == count.tried > 0 for count in report.classes.values())
    assert {law.name for law in report.laws} == {law.name for law in page.laws}
    assert all(law.holds is not False for law in report.laws)
    assert (report.smallest, report.worst, report.diagnosis, report.begins) == (None, None, None, "")


def test_right_on_typical_inputs_and_lost_elsewhere_is_unstable() -> None:
    """A candidate that is wrong for large inputs only is unstable, and the report says from where on."""
    report = judge(lambda y, t: right(y, t) * (2 if is_far(y) else 1))
    assert report.verdict == "unstable"
    assert report.classes["typical"].accepted == report.classes["typical"].tried > 0
    assert report.classes["extreme"].accepted < report.classes["extreme"].tried
    assert float(report.begins.rpartition("≥ ")[2]) > SCALE


@pytest.mark.parametrize(
    ("answer", "begins"),
    [
        (lambda f, x: np.trunc(refmath.numerical_gradient(f, x)) + (x.dtype.kind == "f"), ""),
        (lambda f, x: refmath.numerical_gradient(f, x) + (x.dtype.kind == "i"), "where x holds int64 or int32 or int8"),
        (
            lambda f, x: refmath.numerical_gradient(f, x) + (x.flags.f_contiguous > x.flags.c_contiguous),
            "where arrays are by columns or mixed",
        ),
    ],
)
def test_what_is_lost_on_a_kind_of_array_is_not_put_down_to_its_size(answer: Any, begins: str) -> None:
    """Answers that are lost for integers, or for columns one after the other, are said to be lost there, not from some size on."""
    assert judge(answer, "numerical_gradient", examples=20).begins == begins


def test_a_law_is_not_broken_where_there_is_no_answer() -> None:
    """Laws are broken by values: where the candidate raises, they are not tried; where it answers, they are."""

    def raises(y: Any, t: Any) -> Any:
        raise RuntimeError("not yet written")

    assert [law.holds for law in judge(raises).laws if law.holds is not None] == []
    assert any(law.holds is False for law in judge(lambda y, t: -right(y, t)).laws)


def test_a_counterexample_calls_the_function_by_its_own_name() -> None:
    """The line to be pasted bears the name that the target has; what has no name is called like the formula."""

    def half_of_it(y: Any, t: Any) -> Any:
        return right(y, t) / 2

    report = judge(half_of_it, target="losses.py:half_of_it")
    assert report.smallest is not None
    assert report.smallest.call.startswith("half_of_it(")
    report = judge(lambda y, t: right(y, t) / 2)
    assert report.smallest is not None
    assert report.smallest.call.startswith("mean_squared_error(")


@nameless
def test_what_is_lost_begins_with_the_smallest_loss() -> None:
    """Where an unstable candidate begins to be lost is one of the sizes on which its answers were wrong, and no smaller one."""
    heard = [""]
    lost: list[float] = []

    def candidate(y: Any, t: Any) -> Any:
        if is_far(y) and right(y, t) > 0 and heard[-1] != "shrinking":
            lost.append(float(np.abs(y).max()))
        return right(y, t) * (2 if is_far(y) else 1)

    report = judge(candidate, tick=heard.append)
    assert len(set(lost)) > 1
    # Some wrong answers are accepted: where y and t are close, the interval is wider than the loss.
    begins = float(report.begins.rpartition("≥ ")[2])
    assert any(begins == pytest.approx(size, rel=0.01) for size in lost)
    assert begins >= 0.99 * min(lost)


def test_wrong_on_edges_only_is_unstable() -> None:
    """A candidate that is wrong for a single class only is unstable, too."""
    report = judge(lambda y, t: right(y, t) + (np.shape(y)[-1] == 1))
    assert report.verdict == "unstable"
    assert report.classes["edge"].accepted < report.classes["edge"].tried
    assert report.classes["typical"].accepted == report.classes["typical"].tried


@nameless
def test_wrong_on_typical_inputs_differs() -> None:
    """A candidate that is wrong on typical inputs differs, however right it is elsewhere."""
    report = judge(lambda y, t: right(y, t) * (1 if is_far(y) else 2))
    assert report.verdict == "differs"
    assert report.classes["typical"].accepted < report.classes["typical"].tried


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (raises, "raised RuntimeError: out of paper"),
        (exits, "raised SystemExit: 3"),
        (raises_beside_exception, "raised Unheard: of"),
        (writes, "wrote into its argument y"),
        (keeps_the_batch, "returned shape (1,) instead of ()"),
        (lambda y, t: None, "returned None"),
        (lambda y, t: "1.0", "returned str"),
        (lambda y, t: right(y, t) + 0j, "complex128"),
        (lambda y, t: object(), "dtype object"),
        (lambda y, t: right(y, t) > 0, "dtype bool"),
        (lambda y, t: [[1.0], [1.0, 2.0]], "returned list that is no rectangular array"),
        (lambda y, t: {"loss": right(y, t)}, "returned dict"),
        (lambda y, t: np.ma.masked_less(right(y, t), np.inf), "masked"),
    ],
    ids=[
        "raised",
        "exited",
        "raised-anything",
        "wrote",
        "shape",
        "none",
        "str",
        "complex",
        "object",
        "bool",
        "ragged",
        "dict",
        "masked",
    ],
)
@nameless
def test_what_is_no_answer_has_failed(candidate: Callable[..., Any], said: str) -> None:
    """An exception, an exit, a wrong shape, a wrong type, a changed argument: the candidate failed, and the report says of what."""
    report = judge(candidate)
    assert report.verdict == "failed"
    assert report.smallest is not None
    assert said in report.smallest.trouble
    assert report.smallest.got is None
    assert report.worst_ulps == math.inf


@pytest.mark.skipif(not hasattr(os, "fork"), reason="calls cannot be interrupted there")
def test_what_does_not_come_back_has_failed() -> None:
    """A candidate that loops for ever failed, was asked once only, and its `except Exception` does not hide that."""
    asked = 0

    def hangs(y: Any, t: Any) -> Any:
        nonlocal asked
        asked += 1
        try:
            while True:
                time.sleep(0.001)
        except Exception:  # noqa: BLE001
            return right(y, t)

    report = judge(hangs, timeout=0.3)
    assert report.verdict == "failed"
    assert report.smallest is not None
    assert report.smallest.trouble == "did not answer within 0.3 s"
    assert report.diagnosis is None
    assert asked == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="calls cannot be interrupted there")
def test_what_hangs_late_is_still_judged_on_what_it_answered() -> None:
    """A candidate that hangs on large inputs only failed; what it answered before is counted."""

    def hangs(y: Any, t: Any) -> Any:
        while is_far(y):
            time.sleep(0.001)
        return right(y, t)

    report = judge(hangs, timeout=0.3)
    assert report.verdict == "failed"
    assert report.classes["typical"].accepted == report.classes["typical"].tried > 1
    assert report.classes["extreme"].accepted == report.classes["extreme"].tried - 1


def test_an_interruption_is_the_users() -> None:
    """Ctrl-C ends the judgement, even if the candidate catches it; it is no fault of the candidate."""

    def interrupted(y: Any, t: Any) -> Any:
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGINT)
        return 0.0

    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            judge(interrupted)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, kept)


def test_what_a_candidate_raises_is_no_interruption() -> None:
    """One that raises KeyboardInterrupt itself has failed, like one that raises anything else."""

    def raises(y: Any, t: Any) -> Any:
        raise KeyboardInterrupt

    report = judge(raises)
    assert report.verdict == "failed"
    assert "raised KeyboardInterrupt" in report.smallest.trouble  # type: ignore[union-attr]


@nameless
def test_failing_outweighs_being_wrong() -> None:
    """A candidate that is wrong on typical inputs and raises on extreme ones failed."""

    def candidate(y: Any, t: Any) -> Any:
        if is_far(y):
            raise OverflowError
        return 2 * right(y, t)

    assert judge(candidate).verdict == "failed"


@nameless
def test_a_wrong_typical_answer_outweighs_a_wrong_extreme_one() -> None:
    """A candidate that is wrong everywhere differs; it is not merely unstable."""
    report = judge(lambda y, t: right(y, t) * (3 if is_far(y) else 2))
    assert report.verdict == "differs"
    assert report.classes["extreme"].accepted < report.classes["extreme"].tried


def test_a_law_that_is_broken_far_out_makes_unstable() -> None:
    """A candidate that is right on all inputs drawn, but wrong on those that a law makes of them far out, is unstable."""
    report = judge(lambda y, t: right(y, t) + (np.min(y) > 2**39 and np.max(y) < 2**41))
    assert all(count.accepted == count.tried > 0 for count in report.classes.values())
    assert report.verdict == "unstable"
    assert [law.name for law in report.laws if law.holds is False] == ["is_unmoved_by_a_common_shift"]


def test_a_law_that_is_broken_on_typical_inputs_makes_different() -> None:
    """A candidate that is right on all inputs drawn, but wrong while one law asks, differs."""

    heard = [""]

    def candidate(y: Any, t: Any) -> Any:
        return right(y, t) + (heard[-1] == "is_symmetric" and np.asarray(y).flat[0] > np.asarray(t).flat[0])

    report = judge(candidate, tick=heard.append)
    assert all(count.accepted == count.tried > 0 for count in report.classes.values())
    assert report.verdict == "differs"
    assert [law.name for law in report.laws if law.holds is False] == ["is_symmetric"]


def test_what_raises_when_a_law_asks_has_failed_but_broken_no_law() -> None:
    """A candidate that raises while a law asks failed; the law holds on the inputs with an answer."""
    heard = [""]

    def candidate(y: Any, t: Any) -> Any:
        if heard[-1] == "is_symmetric":
            raise RuntimeError("tired of it")
        return right(y, t)

    report = judge(candidate, tick=heard.append)
    held = {law.name: law.holds for law in report.laws}
    assert held["is_symmetric"] is not False
    assert held["is_never_negative"]
    assert report.verdict == "failed"


def test_an_inequality_is_a_law() -> None:
    """A loss that is negative breaks the law that it never is; one that is too large does not."""

    def holds(candidate: Callable[..., Any]) -> bool | None:
        return next(law.holds for law in judge(candidate).laws if law.name == "is_never_negative")

    assert holds(lambda y, t: -right(y, t)) is False
    assert holds(lambda y, t: 2 * right(y, t)) is True


# ---- what can never pass


def test_nan_never_passes() -> None:
    """A candidate that answers nan is never accepted."""
    report = judge(lambda y, t: math.nan)
    assert report.verdict == "differs"
    assert all(count.accepted == 0 for count in report.classes.values())
    assert report.worst_ulps == math.inf


def test_one_nan_among_right_entries_never_passes() -> None:
    """One nan in a gradient that is right elsewhere is found, and pointed at."""

    def candidate(y: Any, t: Any) -> Any:
        gradient = np.array(right_gradient(y, t), np.float64)
        gradient.flat[-1] = math.nan
        return gradient

    report = judge(candidate, "mean_squared_error_gradient")
    assert report.verdict == "differs"
    assert all(count.accepted == 0 for count in report.classes.values())
    assert report.smallest is not None
    assert report.smallest.got is not None
    assert math.isnan(report.smallest.got)
    assert report.smallest.index == tuple(size - 1 for size in np.shape(report.smallest.inputs["y"]))


@pytest.mark.parametrize(
    ("page", "factor"),
    [
        (formula("mean_squared_error"), 1 + 1e-6),
        (formula("numerical_gradient"), 1 + 1e-6),
        (formula("gradient_descent"), 1 - 1e-6),
        (formula("two_layer_net_gradient"), 1 - 1e-6),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
@nameless
def test_a_millionth_too_much_is_refused(page: Formula, factor: float) -> None:
    """A candidate whose every answer is wrong by a millionth, too much or too little, does not conform; test_sensitivity.py has all formulas."""

    def candidate(*inputs: Any) -> Any:
        return in_parts(lambda value: value * factor, page.program(*inputs))

    assert judge(candidate, page.name, examples=FEW // 2).verdict == "differs"


@pytest.mark.parametrize(
    ("where", "verdict"),
    [
        (lambda y, t: np.ndim(y) == 1, "differs"),
        (lambda y, t: np.ndim(y) == 2, "differs"),
        (lambda y, t: np.shape(y)[-1] == 3, "differs"),
        (lambda y, t: np.asarray(y).flat[0] < 0, "differs"),
        (lambda y, t: np.asarray(y).dtype.kind in "iu", "unstable"),
        (lambda y, t: is_far(y), "unstable"),
    ],
    ids=["one sample", "batches", "three classes", "a negative first entry", "integers", "large inputs"],
)
@nameless
def test_a_millionth_too_much_somewhere_is_refused(where: Callable[..., bool], verdict: str) -> None:
    """A candidate that is wrong by a millionth on some inputs only does not conform."""
    assert judge(lambda y, t: right(y, t) * (1 + 1e-6 * where(y, t)), examples=12).verdict == verdict


def test_a_millionth_too_much_in_one_entry_is_refused() -> None:
    """A gradient of which only the last entry is wrong by a millionth does not conform."""

    def candidate(y: Any, t: Any) -> Any:
        gradient = np.array(right_gradient(y, t), np.float64)
        gradient.flat[-1] *= 1 + 1e-6
        return gradient

    report = judge(candidate, "mean_squared_error_gradient")
    assert report.verdict == "differs"
    assert report.classes["typical"].accepted < report.classes["typical"].tried / 2


def test_a_candidate_that_remembers_is_found_out() -> None:
    """A candidate that answers wrongly when asked a thing again does not conform: the report says that it did so."""
    known: set[bytes] = set()

    def candidate(y: Any, t: Any) -> Any:
        key = np.asarray(y).tobytes() + np.asarray(t).tobytes()
        again = key in known
        known.add(key)
        return right(y, t) + again

    report = judge(candidate)
    assert report.verdict == "differs"
    assert any("answered differently when asked the same again" in remark for remark in report.remarks)
    assert report.diagnosis is not None
    assert report.diagnosis.name == "another_answer_each_time"


def test_asking_again_alone_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate that is right whenever it is asked a thing for the first time, and on which no law bites, differs."""
    monkeypatch.setattr("refmath.oracle.verdict._laws", lambda _search: ((), set(), 0))
    calls, tried = itertools.count(), sum(count.tried for count in judge(right).classes.values())

    def candidate(y: Any, t: Any) -> Any:
        return right(y, t) + (next(calls) >= tried)

    report = judge(candidate)
    assert all(count.accepted == count.tried > 0 for count in report.classes.values())
    assert report.verdict == "differs"


@pytest.mark.parametrize("draw", [lambda: np.random.default_rng().random(), random.random], ids=["own", "global"])
def test_a_candidate_that_draws_lots_is_found_out(draw: Callable[[], float]) -> None:
    """A candidate that is wrong half the time does not conform, whichever generator it draws from."""
    report = judge(lambda y, t: right(y, t) + (draw() < 0.5))
    assert report.verdict == "differs"
    assert any("answered differently" in remark for remark in report.remarks)


@pytest.mark.parametrize(
    ("left_out", "called"), [("typical", "ordinary"), ("edge", "special"), ("extreme", "huge or tiny")]
)
def test_a_class_that_could_not_be_tried_is_no_conformance(
    left_out: str, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no input of some class can be tried, nothing is judged, however right the candidate is on the others."""
    original = Search.trial

    def trial(self: Search, probe: Any) -> Any:
        return None if probe.class_ == left_out else original(self, probe)

    monkeypatch.setattr(Search, "trial", trial)
    with pytest.raises(refmath.NotJudged, match=f"no input of the classes {called} could be tried"):
        judge(right)


def test_nothing_tried_is_never_conformance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the oracle can say nothing about any input, it does not say that the candidate conforms."""
    monkeypatch.setattr("refmath.oracle.searching.search._KNOWN", deque())
    monkeypatch.setattr("refmath.oracle.searching.search.acceptance", lambda *_args, **_options: None)
    with pytest.raises(refmath.NotJudged, match="nothing to base a verdict on"):
        judge(right)


# ---- what is honest


@pytest.mark.parametrize(
    "kind",
    [
        float,
        np.float64,
        np.array,
        np.longdouble,
        lambda value: np.array(value)[()],
        lambda value: np.ma.masked_array(value),
    ],
    ids=["float", "np.float64", "0-d array", "longdouble", "scalar", "masked array without a mask"],
)
def test_a_number_may_come_in_any_shape_of_float(kind: Callable[[Any], Any]) -> None:
    """A Python float, a NumPy scalar of any width and a 0-d array are all a number."""
    assert judge(lambda y, t: kind(right(y, t))).verdict == "conforms"


def test_an_array_may_come_as_lists() -> None:
    """Nested lists and tuples are an array."""
    for kind in (lambda g: g.tolist(), lambda g: tuple(map(tuple, g)) if g.ndim == 2 else tuple(g)):
        assert (
            judge(lambda y, t, kind=kind: kind(right_gradient(y, t)), "mean_squared_error_gradient").verdict
            == "conforms"
        )


def test_float32_is_honest_for_float32_inputs_only() -> None:
    """An answer computed in float32 conforms under dtype float32, and not under float64."""

    def single(y: Any, t: Any) -> Any:
        return np.float32(right(np.asarray(y, np.float32), np.asarray(t, np.float32)))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert judge(single, dtype="float32").verdict == "conforms"
        assert judge(single).verdict == "differs"


def test_float32_inputs_are_handed_over_in_float32() -> None:
    """Under dtype float32 every real array that is handed over is of that dtype, or of integers; without it, float64 or integers."""
    seen: dict[str, set[str]] = {"float32": set(), "float64": set()}
    for dtype, dtypes in seen.items():
        judge(lambda y, t, dtypes=dtypes: dtypes.update({y.dtype.name, t.dtype.name}) or right(y, t), dtype=dtype)
    assert seen == {dtype: {dtype, "int64", "int32", "int16", "int8", "uint8"} for dtype in seen}


def test_strict_allows_for_no_uncertainty_of_the_inputs() -> None:
    """A candidate that moves its input by one unit in the last place conforms, but not under `strict`."""

    def nudged(y: Any, t: Any) -> Any:
        return right(np.nextafter(y, np.inf), t)

    assert judge(nudged).verdict == "conforms"
    assert judge(nudged, strict=True).verdict != "conforms"
    assert judge(right, strict=True).verdict == "conforms"


@pytest.mark.parametrize("page", surveyed.by_signature(FORMULAS))
def test_strict_narrows_every_interval(page: Formula) -> None:
    """Whatever `strict` accepts is accepted without it; on some input the interval is really narrower.

    Not where a function is an argument: the interval then allows for the roundings of the points that it is given, strictly too.
    """
    chosen, float64 = setting(page), format_named("float64")
    search = Search(chosen, Candidate(page.program, formula=page), float64, 0, FEW, False, "numpy", lambda _what: None)
    search.survey()
    narrower = False
    for inputs in (packed(page, trial.inputs) for trial in search.trials[::4]):
        wide, narrow = (acceptance(chosen, read(chosen, *inputs), float64, strict=strict) for strict in (False, True))
        if wide is None or narrow is None:
            continue
        # Radii have 30 bits: where nothing but rounding is left, the last of them may fall either way.
        last = np.minimum(narrow.half_width.astype(np.float64), 1e300) * 2.0**-28
        assert np.all(wide.low <= narrow.low + last)
        assert np.all(narrow.high - last <= wide.high)
        narrower = narrower or bool(np.any(narrow.high - narrow.low < wide.high - wide.low))
    assert narrower is not (page.takes_function or (surveyed.is_stepwise(page) and not page.parameters))


def test_warnings_are_remarks() -> None:
    """A warning is reported once, and changes no verdict, even where warnings are errors."""

    def warns(y: Any, t: Any) -> Any:
        warnings.warn("it is\nlate", stacklevel=1)
        np.log(np.zeros(1))
        with np.errstate(over="ignore"):
            return right(y, t)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = judge(warns)
    assert report.verdict == "conforms"
    assert report.remarks == (
        "it warned: UserWarning: it is late",
        "it warned: RuntimeWarning: divide by zero encountered in log",
    )


@pytest.mark.parametrize("name", ["seed", "pytorch"])
def test_a_convention_is_judged_by_its_own_definition(name: str) -> None:
    """A convention's program conforms under that convention; the page's own does not, and nor does another's."""
    own = setting(formula("mean_squared_error"), name).program
    other = setting(formula("mean_squared_error"), {"seed": "pytorch", "pytorch": "seed"}[name]).program
    assert judge(own, convention=name).verdict == "conforms"
    assert judge(right, convention=name).verdict == "differs"
    assert judge(other, convention=name).verdict == "differs"


class Callable_:
    """A callable object; the class itself makes objects, not numbers."""

    def __init__(self, y: Any = None, t: Any = None) -> None:
        pass

    def __call__(self, y: Any, t: Any) -> Any:
        return right(y, t)

    def loss(self, y: Any, t: Any) -> Any:
        return right(y, t)


@pytest.mark.parametrize(
    ("candidate", "verdict"),
    [
        (Callable_(), "conforms"),
        (Callable_().loss, "conforms"),
        (functools.partial(lambda scale, y, t: scale * right(y, t), 1.0), "conforms"),
        (lambda *inputs: right(*inputs), "conforms"),
        (lambda y, t, half=True: right(y, t), "conforms"),
        (Callable_, "failed"),
        (max, "failed"),
        (print, "failed"),
    ],
    ids=["object", "method", "partial", "any number", "default", "class", "max", "print"],
)
def test_anything_that_can_be_called_can_be_judged(candidate: Callable[..., Any], verdict: str) -> None:
    """Objects, methods, partial applications and compiled functions are judged like functions; a class gives no number."""
    assert judge(candidate).verdict == verdict


def test_a_compiled_function_without_a_signature_is_judged_by_calling_it() -> None:
    """`numpy.subtract` is the gradient of the squared error, but for the mean over the batch."""
    report = judge(np.subtract, "mean_squared_error_gradient")
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "seed"


@pytest.mark.parametrize(
    "candidate",
    [lambda y: 0.0, lambda y, t, delta: 0.0, lambda *, y, t: 0.0, lambda y, *, t: 0.0, lambda: 0.0],
    ids=["too few", "too many", "keywords only", "one keyword", "none"],
)
def test_another_signature_is_not_judged(candidate: Callable[..., Any]) -> None:
    """A function that cannot take the formula's inputs is not judged: the sentence gives the signature that is wanted."""
    with pytest.raises(refmath.NotJudged, match=r"cannot be called as mean_squared_error\(y, t\)"):
        judge(candidate)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dtype": "float8"}, "dtype must be one of float64, float32, float16, bfloat16; got .float8."),
        ({"array": "array_api_strict", "dtype": "float16"}, "array_api_strict has no float16"),
        ({"convention": "no such"}, "has no convention 'no such'; it has: chapter"),
    ],
    ids=str,
)
def test_an_option_without_meaning_is_refused(options: dict[str, Any], said: str) -> None:
    """An option without meaning is a ValueError that says what is meant; the candidate is never blamed for it."""
    with pytest.raises(ValueError, match=said):
        judge(right, **options)


def test_an_unknown_formula_is_refused_with_the_nearest_names() -> None:
    """A name that is not in the catalogue is a ValueError with the nearest names."""
    with pytest.raises(ValueError, match=r"no formula 'mean_square_error' .* did you mean mean_squared_error"):
        judge(right, "mean_square_error")


def _normalising(y: Any, t: Any) -> Any:
    return refmath.cross_entropy_error(y / y.sum(axis=-1, keepdims=True), t)


def _by_argmax(y: Any, t: Any) -> Any:
    t = np.asarray(t)
    return refmath.cross_entropy_error(y, t if t.ndim < y.ndim else t.argmax(axis=-1))


def test_what_lies_beside_the_domain_is_a_remark() -> None:
    """Other outputs than those of the verdict decide nothing; how they are understood is told."""
    report = judge(_normalising, "cross_entropy_error")
    assert report.verdict == "conforms"
    assert ["outputs that sum to 1 only" in remark for remark in report.remarks] == [True]


def test_targets_are_any_distribution() -> None:
    """Who makes labels of the targets is wrong for those that are no labels, on typical inputs."""
    report = judge(_by_argmax, "cross_entropy_error", examples=80)
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "one_hot_targets_only"


def test_the_page_itself_has_no_remarks() -> None:
    """The page's program understands what lies beside the domain, too."""
    assert judge(refmath.cross_entropy_error, "cross_entropy_error").remarks == ()


# ---- the same question, the same answer


def without_time(report: refmath.Report) -> dict[str, Any]:
    told = report.as_json()
    del told["seconds"]
    return told


def inputs_tried(**options: Any) -> list[bytes]:
    tried: list[bytes] = []

    def candidate(y: Any, t: Any) -> Any:
        tried.append(np.asarray(y).tobytes() + np.asarray(t).tobytes())
        return right(y, t)

    judge(candidate, **options)
    return tried


@pytest.mark.parametrize("candidate", [right, writes, lambda y, t: 2 * right(y, t)], ids=["right", "failed", "wrong"])
def test_the_same_seed_gives_the_same_report(candidate: Callable[..., Any]) -> None:
    """Twice the same question gives twice the same report, counterexamples included; only the time may differ."""
    assert without_time(judge(candidate, seed=5)) == without_time(judge(candidate, seed=5))


def test_another_seed_tries_other_inputs() -> None:
    """The seed decides what is tried."""
    assert inputs_tried(seed=1) == inputs_tried(seed=1)
    assert inputs_tried(seed=1) != inputs_tried(seed=2)


def test_nothing_but_the_seed_decides_the_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that stand in the source of some module do not change which inputs are tried."""
    before = inputs_tried(examples=60)
    file = tmp_path / "constants.py"
    file.write_text(
        "A = [1.234, 2.345, 3.456, 4.567, 5.678, -1.234, -2.345]\nB = [12, 13, 14, -15]\n", encoding="utf-8"
    )
    spec = importlib.util.spec_from_file_location("constants_of_somebody_else", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "constants_of_somebody_else", module)
    assert inputs_tried(examples=60) == before


def test_more_examples_try_more_inputs() -> None:
    """Of every class, more examples try more inputs, and at least about half as many as were asked for."""
    few, many = (judge(right, examples=examples).classes for examples in (FEW, 60))
    for name, count in many.items():
        assert count.tried > few[name].tried > 0
        assert count.tried >= 30


# ---- what stands behind it


def test_the_evidence_lists_every_mistake_rejected() -> None:
    """With enough examples the search rejects every mistake of the page, and says so."""
    evidence = judge(right, examples=60).evidence
    assert evidence.mistakes_rejected == tuple(each.name for each in formula("mean_squared_error").mistakes)
    assert evidence.mistakes_missed == ()
    assert evidence.law_inputs > 0


@pytest.fixture
def _single_samples_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that never tries a batch."""
    original = Search.trial

    def trial(self: Search, probe: Any) -> Any:
        return original(self, probe) if np.ndim(probe.inputs["y"]) == 1 else None

    monkeypatch.setattr(Search, "trial", trial)


@pytest.mark.usefixtures("_single_samples_only")
def test_the_evidence_admits_what_was_missed() -> None:
    """A search that saw single samples only says which mistakes it would have let pass: those about batches."""
    evidence = judge(right, examples=40).evidence
    assert set(evidence.mistakes_missed) == {"sum_over_samples", "one_loss_a_sample", "first_sample_only"}
    assert not set(evidence.mistakes_missed) & set(evidence.mistakes_rejected)


@pytest.mark.usefixtures("_single_samples_only")
@pytest.mark.parametrize("each", formula("mean_squared_error").mistakes, ids=lambda each: each.name)
@nameless
def test_the_evidence_is_honest(each: Mistake) -> None:
    """A mistake is listed as missed exactly if it would itself have been accepted on all inputs tried, whatever becomes of narrow integers."""
    evidence = judge(right).evidence
    report = judge(lambda y, t: program_of(formula("mean_squared_error"), each)(floats(y), floats(t)))
    accepted = all(count.accepted == count.tried > 0 for count in report.classes.values())
    assert (each.name in evidence.mistakes_missed) is accepted
    assert (each.name in evidence.mistakes_rejected) is not accepted


def first_entry_too_large(y: Any, t: Any) -> Any:
    """A gradient of which one entry in the middle is wrong."""
    gradient = np.array(right_gradient(y, t), np.float64)
    gradient[..., 0] += 1
    return gradient


def wrong_label(a: Any, labels: Any) -> Any:
    """Counts from one."""
    return program("softmax_cross_entropy_labels")(a, (labels + 1) % a.shape[-1])


def transposed(params: Any, x: Any, t: Any) -> Any:
    """A gradient of which one entry is wrong."""
    gradient = program("two_layer_net_gradient")(params, x, t)
    return {**gradient, "W2": gradient["W2"][:, ::-1]}


FAULTY = [
    ("mean_squared_error", lambda y, t: 2 * right(y, t), "float64"),
    ("mean_squared_error", lambda y, t: right(y, t) * (2 if is_far(y) else 1), "float64"),
    ("mean_squared_error", lambda y, t: 2 * right(y, t), "float32"),
    ("mean_squared_error_gradient", first_entry_too_large, "float64"),
    ("sigmoid", lambda x: program("sigmoid")(x) * 1.5, "float64"),
    ("sigmoid", lambda x: program("sigmoid")(x) * np.float32(1.5), "float32"),
    ("softmax_cross_entropy_labels", wrong_label, "float64"),
    ("cross_entropy_one_hot", lambda y, t: program("cross_entropy_one_hot")(y, t) + 1e-3, "float64"),
    ("numerical_gradient", lambda f, x: program("numerical_gradient")(f, x) * 2, "float64"),
    ("numerical_gradient", lambda f, x: program("numerical_gradient")(f, x) * 2, "float32"),
    ("gradient_descent", lambda f, x, lr, n: program("gradient_descent")(f, x, lr, n + 1), "float64"),
    ("sgd_step", lambda params, grads, lr: {key: params[key] + lr * grads[key] for key in params}, "float64"),
    ("sgd_step", lambda params, grads, lr: {key: params[key] + lr * grads[key] for key in params}, "float32"),
    ("two_layer_net_predict", lambda params, x: program("two_layer_net_predict")(params, 2 * x), "float32"),
    ("two_layer_net_loss", lambda params, x, t: program("two_layer_net_loss")(params, x, t) * len(x), "float64"),
    ("two_layer_net_gradient", transposed, "float64"),
]
NAMES = [f"{name}-{dtype}-{place}" for place, (name, _, dtype) in enumerate(FAULTY)]


def entry(answer: Any, index: Any) -> Any:
    """One entry of an answer, as a report names it: in a mapping its key comes first."""
    if isinstance(answer, dict):
        key, *place = index
        return answer[key][tuple(place)]
    return np.asarray(answer)[index]


@functools.cache
def report_of(against: str, candidate: Callable[..., Any], dtype: str) -> refmath.Report:
    """The verdict on a faulty candidate, which several tests look at."""
    return judge(candidate, against, dtype=dtype)


@pytest.mark.parametrize(("against", "candidate", "dtype"), FAULTY, ids=NAMES)
@nameless
def test_counterexamples_can_be_pasted(against: str, candidate: Callable[..., Any], dtype: str) -> None:
    """Pasted, the line of a counterexample gives what was got; the exact value lies in the interval expected, what was got does not."""
    report = report_of(against, candidate, dtype)
    for example in (report.smallest, report.worst):
        assert example is not None
        assert example.expected is not None
        assert example.got is not None
        name = example.call.partition("(")[0]
        answer = eval(example.call, {"np": np, name: candidate})
        assert entry(answer, example.index) == example.got
        inputs = eval(example.call, {"np": np, name: lambda *inputs: inputs})
        if formula(against).takes_function:
            # What is pasted is any function; certified values are those of one whose derivatives are known.
            inputs = (next(iter(example.inputs.values())), *inputs[1:])
        exact = refmath.exact(against, *inputs)
        low, high = example.expected
        assert low <= entry(exact.lower, example.index)
        assert entry(exact.upper, example.index) <= high
        assert not low <= example.got <= high


@pytest.mark.parametrize(("against", "candidate", "dtype"), FAULTY, ids=NAMES)
@nameless
def test_the_inputs_of_a_counterexample_are_those_of_its_line(
    against: str, candidate: Callable[..., Any], dtype: str
) -> None:
    """The line of a counterexample holds exactly the arrays of the report: same numbers, shape and dtype; and the same function."""
    report = report_of(against, candidate, dtype)
    assert report.smallest is not None
    name = report.smallest.call.partition("(")[0]
    pasted = unpacked(formula(against), eval(report.smallest.call, {"np": np, name: lambda *inputs: inputs}))
    assert pasted.keys() == report.smallest.inputs.keys()
    for name, own in report.smallest.inputs.items():
        value = pasted[name]
        if callable(own):
            point = np.asarray(list(pasted.values())[1])
            assert value(point) == own(point)
            continue
        for again, array in zip(
            *(each.values() if isinstance(each, dict) else [each] for each in (value, own)), strict=True
        ):
            assert np.asarray(again).tobytes() == np.asarray(array).tobytes()
            assert np.asarray(again).dtype == np.asarray(array).dtype
            assert np.shape(again) == np.shape(array)
        assert list(value) == list(own) if isinstance(own, dict) else not isinstance(value, dict)


def test_the_smallest_counterexample_is_small() -> None:
    """The shrunk counterexample of a missing half has as few and as simple numbers as any could have."""
    report = judge(lambda y, t: 2 * right(y, t))
    assert report.smallest is not None
    values = np.concatenate([report.smallest.inputs["y"], report.smallest.inputs["t"]])
    assert sorted(np.abs(values)) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("page", "each"),
    [
        (page, each)
        for page in FORMULAS
        if page.name in ("mean_squared_error", "sigmoid")
        for each in page.mistakes[::4]
    ],
    ids=lambda value: value.name,
)
@nameless
def test_the_worst_counterexample_is_no_better_than_the_smallest(page: Formula, each: Mistake) -> None:
    """In units in the last place the worst counterexample is at least as far off as the smallest, and `worst_ulps` as the worst."""
    report = judge(program_of(page, each), page.name)
    assert report.smallest is not None
    assert report.worst is not None
    assert report.smallest.ulps <= report.worst.ulps <= report.worst_ulps


@pytest.mark.parametrize(
    "off",
    [
        lambda y, t: 600 if np.shape(y)[-1] == 1 else 1000,
        lambda y, t: 10**6 if np.abs(y).sum() + np.abs(t).sum() == 0.125 else 1000,
    ],
    ids=["half as bad on a single number", "worst where it is smallest"],
)
@nameless
def test_the_worst_counterexample_is_the_worst_seen(off: Callable[..., int]) -> None:
    """However many units in the last place an answer is off, and wherever: the worst counterexample is no better than the smallest."""

    def candidate(y: Any, t: Any) -> Any:
        value = right(y, t)
        return value + off(y, t) * np.spacing(value)

    report = judge(candidate)
    assert report.smallest is not None
    assert report.worst is not None
    assert 500 < report.smallest.ulps <= report.worst.ulps <= report.worst_ulps


def test_worst_ulps_counts_accepted_answers_too() -> None:
    """Of a candidate that conforms, the report says how far off its answers were at most: a unit or two, not zero."""
    assert 0 < judge(right).worst_ulps < 8


# ---- parameters


def test_a_parameter_that_is_taken_by_name_is_changed() -> None:
    """Who takes δ or the guard by name is judged under other values too, and who ignores them is refused there, with the call that shows it."""

    def loss(y: Any, t: Any, *, delta: float = 1e-8) -> Any:
        return refmath.cross_entropy_one_hot(y, t, delta=delta)

    def ignores(y: Any, t: Any, delta: float = 1e-8) -> Any:
        return loss(y, t)

    report = judge(loss, "cross_entropy_one_hot")
    assert report.verdict == "conforms"
    assert report.extent.parameters["delta"][0] == 1e-8
    assert len(report.extent.parameters["delta"]) > 2
    assert report.extent.defaults == ("guard",)
    report = judge(ignores, "cross_entropy_one_hot")
    assert not report.conforms
    assert report.smallest is not None
    assert ", delta=" in report.smallest.call
    # Under a convention the parameters are those of the convention.
    assert judge(loss, "cross_entropy_one_hot", convention="seed").extent.parameters == {}
    assert judge(lambda y, t: loss(y, t), "cross_entropy_one_hot").extent.defaults == ("delta", "guard")


def weighted(a: Any, t: Any, pos_weight: float) -> Any:
    return np.mean(pos_weight * np.logaddexp(0, -a) * t + np.logaddexp(0, a) * (1 - t))


def test_a_parameter_that_it_needs_is_given() -> None:
    """A parameter of the formula without a default is handed over by name: the formula's default, the convention's value, or the one that is tried."""
    report = judge(weighted, "binary_cross_entropy_with_logits")
    assert report.verdict == "conforms"
    assert report.extent.parameters["pos_weight"][0] == 1.0
    assert len(report.extent.parameters["pos_weight"]) > 3

    def step(w: Any, g: Any, v: Any, lr: float, *, momentum: float) -> Any:
        v = momentum * v - lr * g
        return w + v, v

    assert judge(step, "momentum_step").verdict == "conforms"
    unweighted = judge(lambda a, t, pos_weight: weighted(a, t, 1.0), "binary_cross_entropy_with_logits")
    assert unweighted.verdict == "differs"
    assert unweighted.smallest is not None
    # Every call has it, and so has the line to paste.
    assert "pos_weight=" in unweighted.smallest.call
    missing = judge(lambda a, t, pos_weight: 1.0 + weighted(a, t, pos_weight), "binary_cross_entropy_with_logits")
    assert missing.smallest is not None
    assert missing.smallest.call.endswith(", pos_weight=1.0)")

    def under_convention(y: Any, t: Any, delta: float, guard: Any) -> Any:
        return refmath.cross_entropy_one_hot(y, t, delta=delta, guard=guard)

    assert judge(under_convention, "cross_entropy_one_hot", convention="seed").verdict == "conforms"


def test_a_parameter_of_its_own_that_it_needs_is_named() -> None:
    """What the formula does not have cannot be given: the sentence names it, and what the formula has."""

    def step(w: Any, g: Any, velocity: Any, lr: float, decay: float) -> Any:
        return w, velocity

    with pytest.raises(refmath.NotJudged) as refused:
        judge(step, "momentum_step")
    said = str(refused.value)
    assert "cannot be called as momentum_step(w, g, velocity, lr=...)" in said
    assert "'decay'; momentum_step has the parameters lr, momentum; " in said


def test_a_parameter_under_another_name_is_told() -> None:
    """Who calls a parameter of the formula otherwise hides it: it stays at its default, and the report and the table say so."""

    def hidden(a: Any, t: Any, pos_wieght: float = 1.0) -> Any:
        return pos_wieght * np.mean(np.logaddexp(0, -a) * t + np.logaddexp(0, a) * (1 - t))

    report = judge(hidden, "binary_cross_entropy_with_logits")
    assert report.verdict == "conforms"
    assert report.extent.own == ("pos_wieght",)
    assert report.as_json()["own_parameters"] == ["pos_wieght"]
    words = " ".join(as_text(report).split())
    assert (
        "not tried other values of pos_weight; its own parameters pos_wieght, which the formula does not have" in words
    )

    def softmax(a: Any, axis: int = -1) -> Any:
        e = np.exp(a - a.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    # A formula without parameters misses none.
    assert judge(softmax, "softmax").extent.own == ()


def test_a_report_is_true_if_it_conforms() -> None:
    """As that of a gradient."""
    assert judge(refmath.softmax, "softmax")
    assert not judge(lambda a: np.exp(a), "softmax")


# ---- for a test-suite


def test_assert_conforms_is_silent_where_all_is_well() -> None:
    """`assert_conforms` says nothing about a candidate that conforms, and passes the options on."""
    refmath.assert_conforms(right, "mean_squared_error", examples=FEW)
    refmath.assert_conforms(
        lambda y, t: np.mean((floats(y) - floats(t)) ** 2), "mean_squared_error", convention="pytorch", examples=FEW
    )


def test_assert_conforms_raises_with_the_report() -> None:
    """`assert_conforms` raises an AssertionError from which one can work: name, verdict, mistake, line to paste."""
    with pytest.raises(AssertionError) as raised:
        refmath.assert_conforms(lambda y, t: 2 * right(y, t), "mean_squared_error", target="mine", examples=FEW)
    text = str(raised.value)
    for part in (
        "✗ mine as mean_squared_error  differs",
        "  why       missing_half: ",
        "  fails on  mine(np.array(",
        "  exact     ",
        "  tried     ",
    ):
        assert part in text
    assert "\x1b" not in text


def test_progress_is_told() -> None:
    """`tick` hears of every class, of the laws by name, and of the shrinking."""
    heard: set[str] = set()
    judge(lambda y, t: 2 * right(y, t), tick=heard.add)
    assert {"typical", "edge", "extreme", "shrinking", "is_never_negative"} <= heard


def test_the_target_is_named() -> None:
    """Without a name of its own a candidate is called by its qualified name, an object by its class."""
    assert judge(right).target == "right"
    assert judge(Callable_()).target == "Callable_"
    assert judge(right, target="losses.py:loss").target == "losses.py:loss"
