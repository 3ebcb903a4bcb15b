"""The name of the mistake: what the oracle calls a fault, and that it calls nothing by a name that is not its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.balls import acceptance as intervals
from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import Format
from refmath.catalogue import FORMULAS, formula
from refmath.oracle.check import EXAMPLES
from refmath.spec import Formula, Mistake, Setting, setting

FEW = 30
KNOWN: dict[Any, Acceptance | None] = {}


@pytest.fixture(autouse=True)
def _intervals_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same seed tries the same inputs: what is acceptable there is the same for every candidate of a formula."""

    def remembered(chosen: Setting, inputs: dict[str, Any], format_: Format, *, strict: bool = False) -> Acceptance | None:
        given = tuple((value.shape, value.dtype.str, value.tobytes()) for value in map(np.asarray, inputs.values()))
        parameters = tuple(sorted(chosen.parameters.items()))
        key = (chosen.formula.name, chosen.definition, parameters, format_.name, strict, given)
        if key not in KNOWN:
            KNOWN[key] = intervals.acceptance(chosen, inputs, format_, strict=strict)
        return KNOWN[key]

    for user in ("search", "diagnosis"):
        monkeypatch.setattr(f"refmath.oracle.{user}.acceptance", remembered)
    return


def judge(candidate: Callable[..., Any], against: str, **options: Any) -> refmath.Report:
    return refmath.check(candidate, against, **{"examples": FEW, **options})


def name_of(report: refmath.Report) -> str | None:
    return None if report.diagnosis is None else report.diagnosis.name


def program(name: str) -> Callable[..., Any]:
    """The program of a page."""
    return formula(name).program


def same(one: Setting, other: Setting) -> bool:
    """Whether two settings of a formula have the same definition and parameters."""
    return bool(one.definition == other.definition and dict(one.parameters) == dict(other.parameters))


def twins(page: Formula, convention: str) -> set[str]:
    """The conventions of a page that mean the same as a given one."""
    return {each.name for each in page.conventions if same(setting(page, each.name), setting(page, convention))}


MISTAKES = [(page, each) for page in FORMULAS for each in page.mistakes]
CONVENTIONS = [(page, each.name) for page in FORMULAS for each in page.conventions]


@pytest.mark.parametrize(("page", "each"), MISTAKES, ids=[f"{page.name}-{each.name}" for page, each in MISTAKES])
def test_every_mistake_is_called_by_its_name(page: Formula, each: Mistake) -> None:
    """Every mistake of every page, handed in as a candidate, is refused and called by its name, or by the convention that it is."""
    report = judge(each.program, page.name)
    if name_of(report) != each.name and report.diagnosis is not None and report.diagnosis.kind == "mistake":
        report = judge(each.program, page.name, examples=EXAMPLES)  # few inputs may not tell two mistakes apart
    assert not report.conforms
    assert report.diagnosis is not None
    if report.diagnosis.kind == "convention":
        assert report.diagnosis.name in {known.name for known in page.conventions}
        assert f"As a mistake: {each.name}." in report.diagnosis.text
        assert judge(each.program, page.name, convention=report.diagnosis.name).conforms
    else:
        assert report.diagnosis.name == each.name
        assert report.diagnosis.text == each.text


@pytest.mark.parametrize(("page", "name"), CONVENTIONS, ids=[f"{page.name}-{name}" for page, name in CONVENTIONS])
def test_every_convention_conforms_to_itself(page: Formula, name: str) -> None:
    """The program of every convention conforms under that convention."""
    report = judge(setting(page, name).program, page.name, convention=name)
    assert report.verdict == "conforms"
    assert report.convention == name


@pytest.mark.parametrize(("page", "name"), CONVENTIONS, ids=[f"{page.name}-{name}" for page, name in CONVENTIONS])
def test_every_convention_is_recognised(page: Formula, name: str) -> None:
    """Held against the page's default, the program of a convention is refused and called by it, or by one that means the same."""
    chosen = setting(page, name)
    report = judge(chosen.program, page.name)
    if same(chosen, setting(page)):
        assert report.conforms
        return
    assert not report.conforms
    assert report.diagnosis is not None
    assert report.diagnosis.kind == "convention"
    assert report.diagnosis.name in twins(page, name)
    assert all(other in report.diagnosis.text for other in twins(page, name))
    (source,) = (known.source for known in page.conventions if known.name == report.diagnosis.name)
    assert source in report.diagnosis.text


@pytest.mark.parametrize(
    ("page", "name"),
    [(page, name) for page, name in CONVENTIONS if not same(setting(page), setting(page, name))],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_default_is_recognised_under_a_convention(page: Formula, name: str) -> None:
    """Held against a convention, the page's own program is refused and called the default."""
    report = judge(page.program, page.name, convention=name)
    assert not report.conforms
    assert name_of(report) == "default"


# ---- faults of any program


def in_float32(name: str) -> Callable[..., Any]:
    """The page's program, inside of which real numbers are of single precision."""
    kinds = [each.kind for each in formula(name).inputs]

    def candidate(*inputs: Any) -> Any:
        with np.errstate(all="ignore"):
            return program(name)(
                *(each if kind == "labels" else np.asarray(each, np.float32) for each, kind in zip(inputs, kinds, strict=True))
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


def batches_only(y: Any, t: Any) -> Any:
    """The squared error with the mean over the first axis, whatever that is."""
    return 0.5 * np.sum((y - t) ** 2) / len(y)


def raises_for_one_sample(y: Any, t: Any) -> Any:
    """The squared error for batches; a single sample has no second axis."""
    return 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))


@pytest.mark.parametrize(
    "candidate", [raises_for_one_sample, lambda y, t: math.nan if np.ndim(y) == 1 else program("mean_squared_error")(y, t)]
)
def test_right_for_batches_only_is_told(candidate: Callable[..., Any]) -> None:
    """A program that is right for every batch, and for no single sample, is told so."""
    report = judge(candidate, "mean_squared_error")
    assert not report.conforms
    assert name_of(report) == "batches_only"


def test_right_for_one_sample_only_is_another_fault() -> None:
    """A program that is right for single samples only is not told that it is right for batches only."""
    report = judge(lambda y, t: math.nan if np.ndim(y) == 2 else program("mean_squared_error")(y, t), "mean_squared_error")
    assert not report.conforms
    assert name_of(report) is None


# ---- what a name must not be given to

UNKNOWN: list[tuple[str, Callable[..., Any]]] = [
    ("sigmoid", lambda x: program("sigmoid")(x) + 1e-3),
    ("sigmoid", lambda x: program("sigmoid")(1.01 * x)),
    ("sigmoid", lambda x: program("sigmoid")(x) ** 2),
    ("sigmoid", lambda x: 0.5 + np.arctan(x) / np.pi),
    ("sigmoid", lambda x: np.full(np.shape(x), 0.5)),
    ("sigmoid", lambda x: np.full(np.shape(x), np.nan)),
    ("sigmoid", lambda x: np.sort(program("sigmoid")(x), axis=None).reshape(np.shape(x))),
    ("sigmoid_gradient", lambda x: 0.25 / np.cosh(np.clip(x, -300, 300)) ** 2),
    ("softmax", lambda a: program("softmax")(np.asarray(a) / 2)),
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
    ("softmax_cross_entropy_labels_gradient", lambda a, labels: 0.9 * program("softmax_cross_entropy_labels_gradient")(a, labels)),
]


@pytest.mark.parametrize(("against", "candidate"), UNKNOWN, ids=[f"{name}-{place}" for place, (name, _) in enumerate(UNKNOWN)])
def test_an_unknown_fault_is_given_no_name(against: str, candidate: Callable[..., Any]) -> None:
    """A fault that no page knows is refused and given no name."""

    def quiet(*inputs: Any) -> Any:
        with np.errstate(all="ignore"):
            return candidate(*inputs)

    report = judge(quiet, against)
    assert not report.conforms
    assert report.diagnosis is None


@pytest.mark.parametrize("trouble", [lambda y, t: None, lambda y, t: 1 / 0, lambda y, t: [1.0, 2.0]], ids=["none", "raises", "shape"])
def test_what_never_answers_is_given_no_name(trouble: Callable[..., Any]) -> None:
    """A candidate that answers nothing that could be compared is given no name."""
    report = judge(trouble, "mean_squared_error")
    assert report.verdict == "failed"
    assert report.diagnosis is None


def test_what_conforms_is_given_no_name() -> None:
    """A candidate that conforms has no mistake, although with few inputs some mistake may have answered the same."""
    report = judge(program("mean_squared_error"), "mean_squared_error", examples=2)
    assert report.conforms
    assert report.evidence.mistakes_missed
    assert report.diagnosis is None


def test_a_convention_that_is_lost_elsewhere_is_named_with_that_reserve() -> None:
    """A program that follows a convention on typical inputs, but overflows on extreme ones, is told both."""

    def candidate(y: Any, t: Any) -> Any:
        return np.mean((np.asarray(y) - t) ** 2) if np.abs(y).max() < 1e3 else math.nan

    report = judge(candidate, "mean_squared_error")
    assert report.diagnosis is not None
    assert report.diagnosis.name == "pytorch"
    assert "on typical inputs only" in report.diagnosis.text


def test_another_guard_is_named_with_its_size() -> None:
    """The page's formula with another δ is told which δ that is."""
    page = formula("cross_entropy_one_hot")
    report = judge(setting(page, delta=1e-5).program, page.name)
    assert report.diagnosis is not None
    assert report.diagnosis.kind == "convention"
    assert "1e-05" in report.diagnosis.name


def test_a_mistake_is_recognised_in_another_wording() -> None:
    """The same mistake in other words rounds differently, and is recognised."""

    def loops(y: Any, t: Any) -> Any:
        rows = zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True)
        losses = [math.fsum((u - v) ** 2 for u, v in zip(*row, strict=True)) for row in rows]
        return math.fsum(losses) / len(losses)

    assert name_of(judge(loops, "mean_squared_error")) == "missing_half"
