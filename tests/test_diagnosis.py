"""The name of the mistake: what the oracle calls a fault, and that it calls nothing by a name that is not its own."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import surveyed

import refmath
from refmath.balls import acceptance as intervals
from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import Format, format_named
from refmath.catalogue import FORMULAS, formula
from refmath.mistakes.programs import program_of
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.diagnosing.diagnosis import answers_of_mistakes, diagnose
from refmath.oracle.searching.search import Search, Trial
from refmath.spec import Formula, Setting, setting

pytestmark = pytest.mark.zoo

FEW = 40
FLOAT64 = format_named("float64")
KNOWN: dict[Any, Acceptance | None] = {}


@pytest.fixture(autouse=True)
def _intervals_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed tries the same inputs: what is acceptable there is the same for every candidate of a formula."""

    def remembered(
        chosen: Setting, inputs: dict[str, Any], format_: Format, *, strict: bool = False, entries: Any = None
    ) -> Acceptance | None:
        parameters = repr(sorted({**chosen.parameters, **chosen.constants}.items()))
        some = None if entries is None else tuple(entries.tolist())
        key = (chosen.formula.name, chosen.definition, parameters, format_.name, strict, some, surveyed.key(inputs))
        if key not in KNOWN:
            KNOWN[key] = intervals.acceptance(chosen, inputs, format_, strict=strict, entries=entries)
        return KNOWN[key]

    for user in ("searching.search", "diagnosing.diagnosis"):
        monkeypatch.setattr(f"refmath.oracle.{user}.acceptance", remembered)


def judge(candidate: Callable[..., Any], against: str, **options: Any) -> refmath.Report:
    return refmath.check(candidate, against, **{"examples": FEW // 2, **options})


@dataclass(frozen=True)
class Survey:
    """The inputs that the oracle tries for a formula under a convention, and what every mistake of the page answers there."""

    chosen: Setting
    trials: list[Trial]
    answers: dict[str, Iterable[Observation]]

    def name(self, candidate: Callable[..., Any]) -> str | None:
        """What a candidate is called; `accepted` if it is right on all inputs, None if it is wrong without a name."""
        observed = Candidate(candidate, formula=self.chosen.formula)
        seen = [replace(trial, seen=observed(trial.inputs)) for trial in self.trials]
        if all(trial.accepted for trial in seen):
            return "accepted"
        found = diagnose(observed, self.chosen, seen, FLOAT64, self.answers)
        return None if found is None else found.name


@functools.cache
def survey(page: Formula, convention: str | None = None, **parameters: Any) -> Survey:
    """The part of a judgement that is the same for every candidate."""
    chosen = setting(page, convention, **parameters)
    search = Search(
        chosen, Candidate(chosen.program, formula=page), FLOAT64, 0, FEW, False, "numpy", lambda _what: None
    )
    search.survey()
    return Survey(chosen, search.trials, answers_of_mistakes(page, search.trials))


def name_of(report: refmath.Report) -> str | None:
    return None if report.diagnosis is None else report.diagnosis.name


def program(name: str) -> Callable[..., Any]:
    """The program of a page."""
    return formula(name).program


def same(one: Setting, other: Setting) -> bool:
    """Whether two settings of a formula have the same definition, parameters and constants."""
    numbers = [{**each.parameters, **each.constants} for each in (one, other)]
    return bool(one.definition == other.definition and numbers[0] == numbers[1])


def twins(page: Formula, convention: str) -> set[str]:
    """The conventions of a page that mean the same as a given one."""
    return {each.name for each in page.conventions if same(setting(page, each.name), setting(page, convention))}


def is_so(page: Formula, name: str | None, program: Callable[..., Any]) -> bool:
    """Whether a program is right under the convention that it is called by, or under the guard and the δ."""
    guard, with_delta, delta = (name or "").partition(" with delta=")
    if with_delta:
        return survey(page, guard=guard, delta=float(delta)).name(program) == "accepted"
    return name in {each.name for each in page.conventions} and survey(page, name).name(program) == "accepted"


every_page = pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
every_page_with_conventions = pytest.mark.parametrize(
    "page", [page for page in FORMULAS if page.conventions], ids=lambda page: page.name
)


@every_page
def test_every_mistake_is_called_by_its_name(page: Formula) -> None:
    """Every mistake of a page, handed in as a candidate, is refused and called by its name, or by the convention or the δ that it is."""
    names = {each.name: survey(page).name(program_of(page, each)) for each in page.mistakes}
    for each in page.mistakes:
        if is_so(page, names[each.name], program_of(page, each)):
            names[each.name] = each.name
    assert names == {each.name: each.name for each in page.mistakes}


@every_page
def test_every_variant_of_a_mistake_is_called_by_its_name(page: Formula) -> None:
    """A mistake with another constant that people choose is that mistake, unless the constant makes it a convention or harmless, or is a δ."""
    fine = {"accepted", *(each.name for each in page.conventions)}
    for each in page.mistakes:
        for variant in each.variants:
            program = functools.partial(program_of(page, each), **variant)
            name = survey(page).name(program)
            assert name in {each.name, *fine} or is_so(page, name, program), variant


@every_page_with_conventions
def test_every_convention_conforms_to_itself(page: Formula) -> None:
    """The program of every convention is accepted under that convention on all inputs."""
    for each in page.conventions:
        assert survey(page, each.name).name(setting(page, each.name).program) == "accepted"


@every_page_with_conventions
def test_every_convention_is_recognised(page: Formula) -> None:
    """Held against the page's default, the program of a convention is refused and called by it, or by one that means the same."""
    for each in page.conventions:
        chosen = setting(page, each.name)
        expected = {"accepted"} if same(chosen, setting(page)) else twins(page, each.name)
        assert survey(page).name(chosen.program) in expected


@every_page_with_conventions
def test_the_default_is_recognised_under_a_convention(page: Formula) -> None:
    """Held against a convention, the page's own program is refused and called the default."""
    for each in page.conventions:
        expected = "accepted" if same(setting(page, each.name), setting(page)) else "default"
        assert survey(page, each.name).name(page.program) == expected


def test_a_convention_is_named_with_its_source_its_twins_and_its_mistake() -> None:
    """The report of a convention says what differs, where that can be read, who else does so, and what it is as a mistake."""
    page = formula("mean_squared_error")
    report = judge(setting(page, "book").program, page.name)
    assert report.diagnosis is not None
    assert (report.diagnosis.kind, report.diagnosis.name) == ("convention", "seed")
    (known,) = (each for each in page.conventions if each.name == "seed")
    for part in (known.text, known.source, "also: book", "As a mistake: sum_over_samples."):
        assert part in report.diagnosis.text


def test_a_mistake_is_named_with_its_sentence() -> None:
    """The report of a mistake holds the page's own sentence about it."""
    page = formula("mean_squared_error")
    for each in page.mistakes:
        if each.name in ("missing_half", "expanded_square", "one_loss_a_sample"):
            report = judge(program_of(page, each), page.name)
            assert report.diagnosis is not None
            assert (report.diagnosis.kind, report.diagnosis.name, report.diagnosis.text) == (
                "mistake",
                each.name,
                each.text,
            )


# ---- faults of any program


def in_float32(name: str) -> Callable[..., Any]:
    """The page's program, inside of which real numbers are of single precision."""
    kinds = [each.kind for each in formula(name).inputs]

    def candidate(*inputs: Any) -> Any:
        with np.errstate(all="ignore"):
            return program(name)(
                *(
                    each if kind == "labels" else np.asarray(each, np.float32)
                    for each, kind in zip(inputs, kinds, strict=True)
                )
            )

    return candidate


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "mean_squared_error_gradient", "softmax_cross_entropy_labels"])
def test_float32_inside_is_told(name: str) -> None:
    """A program that rounds its inputs to float32 is told so, and not that it made another mistake."""
    report = judge(in_float32(name), name)
    assert not report.conforms
    assert name_of(report) == "computed_in_float32"


def test_float32_is_no_fault_of_float32_inputs() -> None:
    """Under dtype float32 nobody is told that he computes in float32."""
    assert judge(in_float32("softmax"), "softmax", dtype="float32").conforms
    assert name_of(judge(lambda a: in_float32("softmax")(a) * np.float32(1.5), "softmax", dtype="float32")) is None


def test_float16_inside_is_told() -> None:
    """A program that rounds its inputs to float16 is told so, under float32 inputs too."""

    def candidate(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return program("sigmoid")(np.asarray(x, np.float16))

    assert name_of(judge(candidate, "sigmoid")) == "computed_in_float16"
    assert name_of(judge(candidate, "sigmoid", dtype="float32")) == "computed_in_float16"


def shifts_in_place(a: Any) -> Any:
    """Softmax that shifts the caller's logits."""
    if a.dtype.kind != "f":
        return program("softmax")(a)
    a -= np.max(a, axis=-1, keepdims=True)
    return np.exp(a) / np.sum(np.exp(a), axis=-1, keepdims=True)


def test_writing_into_the_input_is_told() -> None:
    """A program that works on the caller's array failed, and is told why, whatever else it does right."""
    report = judge(shifts_in_place, "softmax")
    assert report.verdict == "failed"
    assert name_of(report) == "writes_into_its_input"


def raises_for_one_sample(y: Any, t: Any) -> Any:
    """The squared error for batches; a single sample has no second axis."""
    return 0.5 * np.mean(np.sum((np.asarray(y, float) - t) ** 2, axis=1))


def test_what_is_declined_is_no_mistake() -> None:
    """A program that refuses every single sample by an error conforms for batches, without a name; if it must take everything it failed, and is told so."""
    report = judge(raises_for_one_sample, "mean_squared_error")
    assert (report.verdict, report.declined, name_of(report)) == ("conforms", ("single samples",), None)
    report = judge(raises_for_one_sample, "mean_squared_error", complete=True)
    assert (report.verdict, report.declined, name_of(report)) == ("failed", (), "batches_only")


def test_what_is_declined_does_not_hide_a_mistake() -> None:
    """The mistake that is made with the rest is named, without a word on what is declined."""
    report = judge(lambda y, t: 2 * raises_for_one_sample(y, t), "mean_squared_error")
    assert (report.verdict, report.declined, name_of(report)) == ("differs", ("single samples",), "missing_half")
    assert report.diagnosis is not None
    assert report.diagnosis.text == "The factor ½ is missing."


def test_right_for_batches_only_is_told() -> None:
    """A program that is right for every batch, and answers every single sample with nan, is told so."""
    report = judge(
        lambda y, t: math.nan if np.ndim(y) == 1 else program("mean_squared_error")(y, t), "mean_squared_error"
    )
    assert not report.conforms
    assert name_of(report) == "batches_only"


def _softmax_of_batches(a: Any) -> Any:
    with np.errstate(all="ignore"):
        e = np.exp(a)
        return e / e.sum(axis=1, keepdims=True)


def _half_forgotten(y: Any, t: Any) -> Any:
    return np.sum((np.asarray(y, float) - t) ** 2) / len(y)


def _labels_of_batches(y: Any, t: Any) -> Any:
    return -np.mean(np.log(np.maximum(y[np.arange(len(y)), t], 1e-8)))


def test_what_is_declined_may_be_more_than_one_kind() -> None:
    """Indexing refuses single samples and targets that are no labels by an error: what is left is right."""
    report = judge(_labels_of_batches, "cross_entropy_error")
    assert (report.verdict, name_of(report)) == ("conforms", None)
    assert set(report.declined) >= {"single samples", "one-hot targets", "soft targets"}


def _network(params: Any, x: Any) -> Any:
    z = program("sigmoid")(x @ params["W1"] + params["b1"])
    return z, program("softmax")(z @ params["W2"] + params["b2"])


def _gradient_of_one_hot(params: Any, x: Any, t: Any, *, n: int = 0) -> Any:
    z, y = _network(params, x)
    errors = (y - t) / (n or len(x))
    back = errors @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ back, "b1": back.sum(axis=0), "W2": z.T @ errors, "b2": errors.sum(axis=0)}


@pytest.mark.parametrize(
    ("against", "candidate", "name"),
    [
        ("softmax", _softmax_of_batches, "no_shift"),
        ("mean_squared_error", _half_forgotten, "missing_half"),
        ("two_layer_net_gradient", _gradient_of_one_hot, "one_hot_only"),
        ("two_layer_net_gradient", functools.partial(_gradient_of_one_hot, n=1), "missing_mean"),
    ],
)
def test_what_takes_some_inputs_only_is_told_what_is_wrong_there(against: str, candidate: Any, name: str) -> None:
    """A program that knows one encoding of the targets, or batches only, gets the name of its mistake on those, or is told it is right there."""
    report = judge(candidate, against)
    assert not report.conforms
    assert name_of(report) == name
    assert report.diagnosis is not None
    assert ("right for" in report.diagnosis.text) == name.endswith("_only")


def test_right_for_one_sample_only_is_told() -> None:
    """A program that is right for single samples only is told so, and not that it is right for batches only."""
    report = judge(
        lambda y, t: math.nan if np.ndim(y) == 2 else program("mean_squared_error")(y, t), "mean_squared_error"
    )
    assert not report.conforms
    assert name_of(report) == "single_samples_only"


# ---- what a name must not be given to


def is_far(values: Any) -> bool:
    """Whether an input is one that only the extreme class holds."""
    return bool(np.max(np.abs(values)) > 1e3)


UNKNOWN: list[tuple[str, Callable[..., Any]]] = [
    ("sigmoid", lambda x: np.where(np.abs(x) > 5000, 0.5, program("sigmoid")(x))),
    ("sigmoid", lambda x: np.where(np.asarray(x) < -9000, np.nan, program("sigmoid")(x))),
    ("sigmoid", lambda x: program("sigmoid")(x) + 1e-9 * (np.asarray(x) > 800)),
    ("sigmoid", lambda x: program("sigmoid")(x) * (1 + 2e-8)),
    ("softmax", lambda a: np.full(np.shape(a), 0.1) if np.max(a) > 5000 else program("softmax")(a)),
    ("softmax", lambda a: program("softmax")(a) * (1 + 1e-9 * is_far(a))),
    ("mean_squared_error", lambda y, t: program("mean_squared_error")(y, t) * (1 + 1e-9 * is_far(y))),
    ("mean_squared_error", lambda y, t: math.nan if np.shape(y)[-1:] == (1,) else program("mean_squared_error")(y, t)),
    ("mean_squared_error", lambda y, t: math.nan if is_far(y) else program("mean_squared_error")(y, t)),
    ("softmax_cross_entropy_labels", lambda a, t: 0.0 if is_far(a) else program("softmax_cross_entropy_labels")(a, t)),
    ("cross_entropy_one_hot", lambda y, t: program("cross_entropy_one_hot")(y, t) * (1 + 1e-9 * (np.min(y) < 1e-3))),
    ("sigmoid", lambda x: program("sigmoid")(x) + 1e-3),
    ("sigmoid", lambda x: program("sigmoid")(1.01 * x)),
    ("sigmoid", lambda x: program("sigmoid")(x) ** 2),
    ("sigmoid", lambda x: 0.5 + np.arctan(x) / np.pi),
    ("sigmoid", lambda x: np.full(np.shape(x), 0.5)),
    ("sigmoid", lambda x: np.full(np.shape(x), np.nan)),
    ("sigmoid", lambda x: np.sort(program("sigmoid")(x), axis=None).reshape(np.shape(x))),
    ("softmax", lambda a: program("softmax")(np.asarray(a) / 3)),
    ("softmax", lambda a: 0.9 * program("softmax")(a) + 0.1 / np.shape(a)[-1]),
    ("softmax", lambda a: program("softmax")(a)[..., ::-1]),
    ("softmax", lambda a: np.eye(np.shape(a)[-1])[np.argmax(a, axis=-1)]),
    ("softmax", lambda a: np.full(np.shape(a), 1 / np.shape(a)[-1])),
    ("mean_squared_error", lambda y, t: program("mean_squared_error")(y, t) + 0.1),
    ("mean_squared_error", lambda y, t: 0.7 * program("mean_squared_error")(y, t)),
    ("mean_squared_error", lambda y, t: np.mean(np.sum(np.abs(np.asarray(y) - t) ** 3, axis=-1)) / 3),
    ("mean_squared_error", lambda y, t: np.max((np.asarray(y) - t) ** 2) / 2),
    ("mean_squared_error", lambda y, t: 0.0),
    ("mean_squared_error", lambda y, t: np.nan),
    ("mean_squared_error_gradient", lambda y, t: program("mean_squared_error_gradient")(y, t)[..., ::-1]),
    ("mean_squared_error_gradient", lambda y, t: np.zeros(np.shape(y))),
    ("cross_entropy_one_hot", lambda y, t: program("cross_entropy_one_hot")(y, t) + 0.01 * np.sum(np.asarray(y) ** 2)),
    ("cross_entropy_one_hot", lambda y, t: 0.8 * program("cross_entropy_one_hot")(y, t)),
    ("cross_entropy_one_hot", lambda y, t: np.mean(np.sum(np.asarray(t) * (1 - np.asarray(y)) ** 2, axis=-1))),
    ("softmax_cross_entropy_one_hot", lambda a, t: program("softmax_cross_entropy_one_hot")(np.asarray(a) / 2, t)),
    ("softmax_cross_entropy_one_hot", lambda a, t: 1 - np.exp(-program("softmax_cross_entropy_one_hot")(a, t))),
    ("softmax_cross_entropy_labels", lambda a, labels: 1.1 * program("softmax_cross_entropy_labels")(a, labels)),
    ("softmax_cross_entropy_labels", lambda a, labels: 1.0 * np.mean(np.argmax(a, axis=-1) != labels)),
    (
        "softmax_cross_entropy_labels_gradient",
        lambda a, labels: 0.9 * program("softmax_cross_entropy_labels_gradient")(a, labels),
    ),
]


@pytest.mark.parametrize(
    ("against", "candidate"), UNKNOWN, ids=[f"{name}-{place}" for place, (name, _) in enumerate(UNKNOWN)]
)
def test_an_unknown_fault_is_given_no_name(against: str, candidate: Callable[..., Any]) -> None:
    """A fault that no page knows is refused and given no name."""

    def quiet(*inputs: Any) -> Any:
        with np.errstate(all="ignore"):
            return candidate(*inputs)

    report = judge(quiet, against)
    assert not report.conforms
    assert report.diagnosis is None


@pytest.mark.parametrize(
    "trouble", [lambda y, t: None, lambda y, t: 1 / 0, lambda y, t: [1.0, 2.0]], ids=["none", "raises", "shape"]
)
def test_what_never_answers_is_given_no_name(trouble: Callable[..., Any]) -> None:
    """A candidate that answers nothing that could be compared is given no name."""
    report = judge(trouble, "mean_squared_error")
    assert report.verdict == "failed"
    assert report.diagnosis is None


def test_what_conforms_is_given_no_name() -> None:
    """A candidate that conforms has no mistake."""
    report = judge(program("mean_squared_error"), "mean_squared_error")
    assert report.conforms
    assert report.diagnosis is None


def test_a_convention_that_is_lost_elsewhere_is_named_with_that_reserve() -> None:
    """A program that follows a convention on typical inputs, but is lost on extreme ones, is told both."""

    def candidate(y: Any, t: Any) -> Any:
        y = np.asarray(y, np.float64)
        return np.mean((y - t) ** 2) if np.abs(y).max() < 1e3 else math.nan

    report = judge(candidate, "mean_squared_error")
    assert report.diagnosis is not None
    assert report.diagnosis.name == "pytorch"
    assert "explains the ordinary inputs; elsewhere there is something else" in report.diagnosis.text


@pytest.mark.parametrize("name", ["cross_entropy_one_hot", "cross_entropy_labels_gradient"])
def test_another_guard_is_named_with_its_size(name: str) -> None:
    """The page's formula with a δ that nobody else chooses is told which δ that is."""
    report = judge(setting(formula(name), delta=3e-5, guard="offset").program, name)
    assert report.diagnosis is not None
    assert report.diagnosis.kind == "convention"
    assert "offset" in report.diagnosis.name
    assert "3e-05" in report.diagnosis.name


def test_multiples_are_told() -> None:
    """A program that gives a fixed multiple of the right answer is told so, where the page has no name of its own for that."""
    for factor, name in ((2, "factor_two"), (0.5, "factor_half"), (-1, "opposite_sign")):
        assert name_of(judge(lambda a, factor=factor: factor * program("softmax")(a), "softmax")) == name


def test_a_mistake_is_recognised_in_another_wording() -> None:
    """The same mistake in other words rounds differently, and is recognised."""

    def loops(y: Any, t: Any) -> Any:
        rows = zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True)
        losses = [math.fsum((u - v) ** 2 for u, v in zip(*row, strict=True)) for row in rows]
        return math.fsum(losses) / len(losses)

    assert name_of(judge(loops, "mean_squared_error")) == "missing_half"


def expands(y: Any, t: Any) -> Any:
    """The squared error from three sums."""
    sums = np.sum(y * y, axis=-1) - 2 * np.sum(y * t, axis=-1) + np.sum(t * t, axis=-1)
    return np.mean(sums) / 2


def overflows(a: Any, labels: Any) -> Any:
    """The cross-entropy as a logarithm of a quotient of exponentials, sample by sample."""
    rows, places = np.atleast_2d(a).astype(float), np.atleast_1d(labels)
    with np.errstate(all="ignore"):
        shares = [np.exp(row[place]) / np.sum(np.exp(row)) for row, place in zip(rows, places, strict=True)]
        return -np.mean(np.log(shares))


@pytest.mark.parametrize(
    ("against", "candidate", "names"),
    [
        ("mean_squared_error", expands, {"expanded_square"}),
        ("softmax_cross_entropy_labels", overflows, {"no_shift", "log_of_softmax"}),
    ],
    ids=["expanded_square", "no_shift"],
)
def test_what_loses_its_digits_at_the_same_step_is_the_same_mistake(
    against: str, candidate: Callable[..., Any], names: set[str]
) -> None:
    """Two programs that lose their digits at the same step answer differently where they are lost, and have one name."""
    report = judge(candidate, against, examples=FEW)
    assert report.verdict == "unstable"
    assert name_of(report) in names
