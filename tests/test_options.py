"""The options of the cross-entropies: certified values, programs, verdicts, and what is refused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import options_by_mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from typer.testing import CliRunner

import refmath
from refmath.balls.formats import FORMATS
from refmath.catalogue import FORMULAS, formula
from refmath.cli import app
from refmath.losses.options import OF_LABELS, OF_TARGETS
from refmath.oracle.searching.forms import is_proved
from refmath.spec import GIVEN, setting

pytestmark = pytest.mark.long

#: With those that take either encoding.
ALL = [page.name for page in FORMULAS if page.options is not None]
PAGES = [page.name for page in FORMULAS if page.options is not None and not page.options.encodings]
LOSSES = [name for name in PAGES if not name.endswith("_gradient")]
Options = dict[str, Any]


@st.composite
def calls(draw: Any, name: str) -> tuple[Any, Any, Options]:
    """Arguments of a page, and options."""
    samples, classes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    single = samples == 1 and draw(st.booleans())
    numbers = st.lists(st.floats(-30, 30, width=32), min_size=samples * classes, max_size=samples * classes)
    first = np.reshape(draw(numbers), (samples, classes))
    if not name.startswith("softmax"):
        first = np.abs(first) + 0.125
        first = first / first.sum(axis=-1, keepdims=True)
    options: Options = {"reduction": draw(st.sampled_from(["mean", "sum", "none"]))}
    if draw(st.booleans()):
        options["class_weights"] = np.array(draw(st.lists(st.floats(0.125, 8), min_size=classes, max_size=classes)))
    if draw(st.booleans()):
        options["label_smoothing"] = draw(st.floats(0, 0.875))
    if "labels" in name:
        second = np.array(draw(st.lists(st.integers(0, classes - 1), min_size=samples, max_size=samples)))
        if draw(st.booleans()):
            options["ignore_index"] = draw(st.sampled_from([-100, -1, 0, 255]))
            second[draw(st.lists(st.booleans(), min_size=samples, max_size=samples))] = options["ignore_index"]
            if options["reduction"] == "mean" and (second == options["ignore_index"]).all():
                options["reduction"] = "sum"
    else:
        # Sixteenths that sum to 1 exactly.
        cuts = draw(st.lists(st.integers(0, 16), min_size=samples * (classes - 1), max_size=samples * (classes - 1)))
        ends = np.sort(np.reshape(cuts, (samples, classes - 1)), axis=-1)
        second = np.diff(ends, axis=-1, prepend=0, append=16) / 16
    if not name.startswith("softmax"):
        options["guard"] = draw(st.sampled_from(["floor", "offset", "none"]))
    return (first[0], second[0], options) if single else (first, second, options)


@pytest.mark.parametrize("name", PAGES)
@given(data=st.data())
@settings(max_examples=25)
def test_the_certified_value_is_that_of_the_formula_typed_by_hand(name: str, data: st.DataObject) -> None:
    """Of every combination of options, at batches and single samples; gradients are the derivatives of the losses."""
    first, second, options = data.draw(calls(name))
    with mp.workdps(options_by_mpmath.DIGITS):
        expected = options_by_mpmath.value(name, first, second, **options)
        found = refmath.exact(name, first, second, **options)
        assert np.shape(expected) == np.shape(found.nearest())
        for value, low, high in zip(np.ravel(expected), np.ravel(found.lower), np.ravel(found.upper), strict=True):
            assert mpf(float(low)) <= value + mpf(10) ** -25 * (1 + abs(value))
            assert value - mpf(10) ** -25 * (1 + abs(value)) <= mpf(float(high))


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", PAGES)
@given(data=st.data())
@settings(max_examples=15)
def test_the_program_is_right_in_the_last_places(name: str, dtype: str, data: st.DataObject) -> None:
    """Against the certified value of the same numbers, within a few units in the last place of the largest one that is added up."""
    first, second, options = data.draw(calls(name))
    first = np.asarray(first).astype(FORMATS[dtype].dtype())
    if "class_weights" in options:
        options["class_weights"] = options["class_weights"].astype(FORMATS[dtype].dtype())
    got = formula(name).program(first, second, **options)
    found = refmath.exact(name, first, second, **options)
    assert got.dtype == first.dtype
    assert np.shape(got) == np.shape(found.nearest())
    exact = np.asarray(found.nearest(), np.float64)
    unit = FORMATS[dtype].unit
    # What cancels is as large as a share of a target over the divisor, or over a probability.
    weights = np.max(options.get("class_weights", np.ones(1))).astype(np.float64)
    scale = 1.0 if not name.endswith("gradient") else float(weights)
    np.testing.assert_allclose(
        np.asarray(got, np.float64), exact, rtol=8 * unit, atol=scale * 2.0**-50 + FORMATS[dtype].smallest_normal
    )


@pytest.mark.parametrize("name", PAGES)
def test_defaults_that_are_said_change_nothing(name: str) -> None:
    """Not one bit."""
    defaults = OF_LABELS if "labels" in name else OF_TARGETS
    first = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]])
    second = np.array([1, 0]) if "labels" in name else np.array([[0, 1, 0], [0.5, 0.5, 0]])
    program = formula(name).program
    np.testing.assert_array_equal(program(first, second, **defaults), program(first, second))
    assert setting(formula(name), **defaults).formula is formula(name)


@pytest.mark.parametrize("name", [name for name in PAGES if "labels" in name])
def test_what_is_ignored_does_not_matter(name: str) -> None:
    """Not even if it is nan; if nothing else is there the mean is 0/0, the sum 0, and the gradient 0."""
    first = np.array([[0.25, 0.75], [0.5, 0.5]])
    labels = np.array([1, -100])
    program = formula(name).program
    other = first.copy()
    other[1] = [0.125, 0.875]
    kept = program(first, labels, ignore_index=-100)
    np.testing.assert_array_equal(program(other, labels, ignore_index=-100), kept)
    if name.startswith("softmax"):
        other[1] = np.nan
        np.testing.assert_array_equal(program(other, labels, ignore_index=-100), kept)
    nothing = program(first, np.array([-100, -100]), ignore_index=-100)
    assert np.isnan(nothing) if not name.endswith("gradient") else not nothing.any()
    assert not np.any(program(first, np.array([-100, -100]), ignore_index=-100, reduction="sum"))


@pytest.mark.parametrize("name", PAGES)
def test_versions_are_made_once(name: str) -> None:
    """So that what was found out about one is not asked again."""
    page = formula(name)
    options = page.options
    assert options is not None
    for chosen in options.tried:
        assert options.version(page, chosen) is options.version(page, dict(reversed(list(chosen.items()))))


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("softmax")])
def test_forms_under_options_equal_the_definition(name: str) -> None:
    """By proof, for what is tried."""
    options = formula(name).options
    assert options is not None
    for chosen in options.tried:
        if "ignore_index" in chosen:
            # What is ignored is left out of both.
            continue
        version = options.version(formula(name), chosen)
        assert version.forms
        for form in version.forms:
            assert is_proved(version.definition, form.definition), (chosen, form.name)


@pytest.mark.parametrize("name", [name for name in ALL if name not in PAGES])
def test_either_encoding_is_its_own_formula(name: str) -> None:
    """Labels have the options of labels, targets those of targets; values and programs are those, bit for bit."""
    y = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75], [0.5, 0.25, 0.25]])
    labels, targets = np.array([1, -1, 0]), np.array([[0, 1, 0], [0.5, 0.5, 0], [0, 0, 1]])
    options: Options = {"reduction": "mean", "class_weights": np.array([1.0, 2.0, 4.0]), "label_smoothing": 0.25}
    for own, second in (("labels", labels), ("one_hot", targets)):
        told = {**options, "ignore_index": -1} if own == "labels" else options
        other = name.replace("error", own)
        np.testing.assert_array_equal(
            formula(name).program(y, second, **told), formula(other).program(y, second, **told)
        )
        found, expected = refmath.exact(name, y, second, **told), refmath.exact(other, y, second, **told)
        np.testing.assert_array_equal(found.nearest(), expected.nearest())
    with pytest.raises(ValueError, match=r"ignore_index is an option of labels; got t of shape \(3, 3\)"):
        formula(name).program(y, targets, ignore_index=0)
    with pytest.raises(TypeError, match="has no parameter 'ignore_index'"):
        refmath.exact(name, y, targets, ignore_index=0)
    with pytest.raises(ValueError, match="set it for cross_entropy_labels"):
        setting(formula(name), reduction="sum")


@pytest.mark.parametrize("examples", [1, pytest.param(20, marks=pytest.mark.zoo)])
@pytest.mark.parametrize("name", ALL)
def test_the_program_conforms_under_all_its_options(name: str, examples: int) -> None:
    """Those that it takes by name are tried, on every way of making inputs however few are asked for."""
    report = refmath.check(formula(name).program, name, examples=examples)
    assert report.verdict == "conforms"
    assert report.formula == name
    taken = {option for option, values in report.extent.parameters.items() if len(values) > 1}
    assert taken >= {"reduction", "class_weights", "label_smoothing"}
    assert report.remarks == ()


# ---- what is refused


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"reduction": "average"}, ValueError, "reduction must be 'mean', 'sum' or 'none'; got 'average'"),
        ({"reduction": None}, ValueError, "reduction must be 'mean', 'sum' or 'none'; got None"),
        ({"label_smoothing": 1.0}, ValueError, "label_smoothing must be below 1; got 1.0"),
        ({"label_smoothing": -0.1}, ValueError, "label_smoothing must not be negative; got -0.1"),
        ({"label_smoothing": "0.1"}, TypeError, "label_smoothing must be a real number"),
        ({"ignore_index": 1.0}, TypeError, "ignore_index must be a whole number; got float 1.0"),
        (
            {"class_weights": [1.0, -1.0]},
            ValueError,
            "class_weights must hold finite numbers that are not negative; got -1.0",
        ),
        ({"class_weights": [1.0, np.nan]}, ValueError, "class_weights must hold finite numbers"),
        ({"class_weights": [1.0]}, ValueError, "class_weights must hold one number for each of the 2 classes; got 1"),
        ({"class_weights": [[1.0, 2.0]]}, ValueError, "class_weights must be 1-D; got shape"),
        ({"class_weights": 2.0}, ValueError, "class_weights must be 1-D; got shape"),
    ],
)
@pytest.mark.parametrize("name", ["softmax_cross_entropy_labels", "cross_entropy_labels_gradient"])
def test_options_that_make_no_sense_are_refused(name: str, options: Options, error: type[Exception], said: str) -> None:
    """In a sentence that says which, and what was given; by the program and by the certified value."""
    y, labels = np.array([[0.5, 0.5]]), np.array([1])
    with pytest.raises(error, match=said):
        formula(name).program(y, labels, **options)
    if "one number for each" not in said:
        with pytest.raises(error, match=said):
            refmath.exact(name, y, labels, **options)


def test_an_option_that_a_page_does_not_have_is_refused() -> None:
    """With those that it has."""
    with pytest.raises(
        TypeError, match="has no parameter 'ignore_index'; it has: reduction, class_weights, label_smoothing"
    ):
        refmath.exact("softmax_cross_entropy_one_hot", [0.0, 1.0], [0, 1], ignore_index=0)
    with pytest.raises(TypeError, match="has no parameter 'reduction'; it has: none"):
        refmath.exact("softmax", [0.0, 1.0], reduction="sum")
    with pytest.raises(ValueError, match=r"class_weights must have the axes"):
        refmath.exact("softmax_cross_entropy_labels", [[0.0, 1.0]], [0], class_weights=[1.0, 2.0, 3.0])


def test_a_label_that_is_no_class_is_refused_unless_it_is_ignored() -> None:
    """By both."""
    for function in (
        refmath.softmax_cross_entropy_labels,
        lambda *a, **b: refmath.exact("softmax_cross_entropy_labels", *a, **b),
    ):
        function([[0.0, 1.0]], [1], ignore_index=-1)
        with pytest.raises(ValueError, match=r"must lie in 0 \.\. 1"):
            function([[0.0, 1.0], [0.0, 1.0]], [-1, -2], ignore_index=-1)


# ---- verdicts


def _log_softmax(a: Any) -> Any:
    d = a - a.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


def _loss(
    a: Any,
    labels: Any,
    reduction: str = "mean",
    class_weights: Any = None,
    ignore_index: Any = None,
    label_smoothing: float = 0.0,
    fault: str = "",
) -> Any:
    """Somebody's cross-entropy, with a fault."""
    costs, at = -_log_softmax(np.atleast_2d(a)), np.atleast_1d(labels)
    samples, classes = costs.shape
    w = np.ones(classes) if class_weights is None or fault == "weights" else class_weights
    share = 0.0 if fault == "smoothing" else label_smoothing
    counts = np.ones(samples, bool) if ignore_index is None else at != ignore_index
    safe = np.where(counts, at, 0)
    own = w[safe] * costs[np.arange(samples), safe]
    spread = (w * costs).sum(axis=1) if share else 0.0
    rows = (1 - share) * own + share / classes * spread
    if fault == "others" and classes > 1 and share:
        rows = (1 - share) * own + share / (classes - 1) * (spread - own)
    if fault == "label":
        rows = (1 - share) * own + share / classes * w[safe] * costs.sum(axis=1)
    rows = np.where(counts, rows, 0)
    if reduction == "none" and fault != "none":
        return rows if np.ndim(a) == 2 else rows[0]
    if reduction == "sum" and fault != "sum":
        return rows.sum()
    divisor = (w[safe] * counts).sum()
    if fault == "all":
        divisor = samples
    if fault == "ignored":
        divisor = w[safe].sum()
    return rows.sum() / divisor


def test_an_honest_candidate_conforms_under_all_options() -> None:
    """And the report says what was tried."""

    def own(
        a: Any,
        labels: Any,
        *,
        reduction: str = "mean",
        class_weights: Any = None,
        ignore_index: Any = None,
        label_smoothing: float = 0.0,
    ) -> Any:
        return _loss(a, labels, reduction, class_weights, ignore_index, label_smoothing)

    report = refmath.check(own, "softmax_cross_entropy_labels", examples=20)
    assert report.verdict == "conforms"
    assert report.extent.parameters == {
        "reduction": ("mean", "sum", "none"),
        "class_weights": (None, GIVEN),
        "ignore_index": (None, -100, 0, 1),
        "label_smoothing": (0.0, 0.125, 0.3),
    }
    assert json.loads(json.dumps(report.as_json()))["parameters"]["class_weights"] == [None, "given"]


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("weights", "class_weights_ignored"),
        ("smoothing", "label_smoothing_ignored"),
        ("others", "spread_over_the_others"),
        ("label", "spread_by_the_labels_weight"),
        ("sum", "reduction_ignored"),
        ("none", "reduction_ignored"),
        ("all", "divided_by_all_samples"),
        ("ignored", "divided_by_all_samples"),
    ],
)
def test_a_fault_in_an_option_is_refused_and_named(fault: str, name: str | None) -> None:
    """What is right under the defaults is wrong under one of the options."""

    def own(
        a: Any,
        labels: Any,
        reduction: str = "mean",
        class_weights: Any = None,
        ignore_index: Any = None,
        label_smoothing: float = 0.0,
    ) -> Any:
        return _loss(a, labels, reduction, class_weights, ignore_index, label_smoothing, fault)

    report = refmath.check(own, "softmax_cross_entropy_labels", examples=20)
    assert report.verdict == ("differs" if fault != "none" else "failed")
    assert (report.diagnosis and report.diagnosis.name) == name
    assert report.smallest is not None
    option = {
        "weights": "class_weights=",
        "all": "class_weights=",
        "ignored": "ignore_index=",
        "none": "reduction='none'",
        "sum": "reduction='sum'",
    }
    assert option.get(fault, "label_smoothing=") in report.smallest.call
    # The line that is printed gives what is told.
    got = eval(report.smallest.call, {"np": np, report.smallest.call.partition("(")[0]: own})
    if fault != "none":
        place: Any = report.smallest.index
        assert np.asarray(got)[place] == report.smallest.got


def test_options_that_are_always_refused_are_declined() -> None:
    """The verdict is that of the rest, and says so; with `complete` it is a failure."""

    def own(a: Any, labels: Any, reduction: str = "mean", class_weights: Any = None) -> Any:
        if reduction == "none":
            raise NotImplementedError("one loss a sample")
        return _loss(a, labels, reduction, class_weights)

    report = refmath.check(own, "softmax_cross_entropy_labels", examples=20)
    assert (report.verdict, report.declined) == ("conforms", ("reduction=none",))
    assert report.extent.parameters["reduction"] == ("mean", "sum")
    refmath.assert_conforms(own, "softmax_cross_entropy_labels", declines=["reduction=none"], examples=20)
    assert refmath.check(
        lambda a, labels, class_weights=None: np.asarray(own(a, labels, class_weights=class_weights) + 0 * np.sum(a)),
        "softmax_cross_entropy_labels",
        examples=20,
    ).declined == ("logits of −∞",)
    assert refmath.check(own, "softmax_cross_entropy_labels", examples=20, complete=True).verdict == "failed"


@pytest.mark.parametrize("name", PAGES)
def test_every_mistake_of_a_version_has_another_value(name: str) -> None:
    """Each has another value than the version itself, at a batch that tells."""
    options = formula(name).options
    assert options is not None
    for chosen in options.tried[-2:]:
        version = options.version(formula(name), chosen)
        assert version.mistakes
        for mistake in version.mistakes:
            if mistake.definition is None:
                continue
            wrong = refmath.Formula(
                version.name,
                mistake.definition,
                inputs=version.inputs,
                parameters={name: value for name, value in version.parameters.items() if name != "guard"},
                output=version.output,
            )
            first = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75], [0.5, 0.25, 0.25]])
            second = (
                np.array([1, int(chosen.get("ignore_index", 2)), 2])
                if "labels" in name
                else np.array([[0, 1, 0], [0.5, 0.25, 0.25], [0.0, 0, 1]])
            )
            given = [np.array([1.0, 2.0, 4.0])] * ("class_weights" in chosen)
            if "ignore_index" in chosen and mistake.name == "ignore_index_ignored" and chosen["ignore_index"] < 0:
                continue
            right = refmath.exact(version, first, second, *given).nearest()
            assert not np.allclose(refmath.exact(wrong, first, second, *given).nearest(), right, rtol=1e-9), (
                chosen,
                mistake.name,
            )


def test_from_the_command_line(tmp_path: Path) -> None:
    """In a process of its own, as any other function."""
    file = tmp_path / "losses.py"
    file.write_text(
        "import numpy as np\n"
        "def cross_entropy_labels(y, labels, *, reduction='mean', class_weights=None):\n"
        "    y, labels = np.atleast_2d(y), np.atleast_1d(labels)\n"
        "    w = np.ones(y.shape[1]) if class_weights is None else class_weights\n"
        "    rows = -w[labels] * np.log(np.maximum(y[np.arange(len(y)), labels], 1e-8))\n"
        "    return rows.sum() if reduction == 'sum' else rows.sum() / len(y)\n",
        encoding="utf-8",
    )
    told = CliRunner().invoke(app, ["check", str(file), "--examples", "20"], env={"COLUMNS": "200"})
    assert told.exit_code == 1
    assert "reduction='none'" in told.output or "class_weights=np.array" in told.output


# ---- real libraries


@pytest.mark.interop
@pytest.mark.parametrize("name", LOSSES)
def test_pytorch_means_the_same(name: str) -> None:
    """Its cross_entropy, with every combination of its options, and its gradient."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(7)
    logits, labels = rng.normal(size=(6, 4)) * 3, rng.integers(0, 4, 6)
    targets, weights = rng.dirichlet(np.ones(4), 6), rng.uniform(0.5, 2, 4)
    probabilities = np.exp(_log_softmax(logits))
    names = "labels" in name
    combinations = itertools.product(
        ["mean", "sum", "none"], [None, weights], [None, -100, 2] if names else [None], [0.0, 0.1]
    )
    for reduction, w, ignored, share in combinations:
        at = labels.copy()
        if ignored is not None:
            at[[1, 4]] = ignored
        options: Options = {"reduction": reduction, "class_weights": w, "label_smoothing": share}
        options |= {"ignore_index": ignored} if names else {}
        tensor = torch.tensor(logits, requires_grad=True)
        loss: Callable[..., Any] = torch.nn.functional.cross_entropy
        expected = loss(
            tensor,
            torch.tensor(at if names else targets),
            reduction=reduction,
            weight=None if w is None else torch.tensor(w),
            ignore_index=-100 if ignored is None else ignored,
            label_smoothing=share,
        )
        expected.sum().backward()
        second = at if names else targets
        first = logits if name.startswith("softmax") else probabilities
        np.testing.assert_allclose(
            refmath.exact(name, first, second, **options).nearest(), expected.detach().numpy(), rtol=1e-12
        )
        if name.startswith("softmax"):
            gradient = refmath.exact(f"{name}_gradient", first, second, **options).nearest()
            np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_an_option_without_a_default_is_handed_over() -> None:
    """The default of the formula by name, and the others as they are tried."""

    def own(a: Any, labels: Any, reduction: str, class_weights: Any) -> Any:
        return _loss(a, labels, reduction, class_weights)

    report = refmath.check(own, "softmax_cross_entropy_labels", examples=20)
    assert report.verdict == "conforms"
    assert report.extent.parameters["reduction"] == ("mean", "sum", "none")
    report = refmath.check(lambda a, labels, reduction: _loss(a, labels), "softmax_cross_entropy_labels", examples=20)
    assert report.verdict in ("differs", "failed")
    assert report.smallest is not None
    assert "reduction='sum'" in report.smallest.call


def test_options_may_be_set_for_a_judgement() -> None:
    """Of a function that does not take them by name, as of one that does; it is judged under these alone, and the report says so."""
    for own in (
        lambda a, labels: _loss(a, labels, "none"),
        lambda a, labels, reduction="mean": _loss(a, labels, reduction),
    ):
        report = refmath.check(own, "softmax_cross_entropy_labels", parameters={"reduction": "none"}, examples=20)
        assert report.verdict == "conforms"
        assert report.extent.set_to == {"reduction": "none"}
        assert report.extent.parameters["reduction"] == ("none",)
        assert report.remarks == ()
    report = refmath.check(
        lambda a, labels: _loss(a, labels, ignore_index=-100),
        "softmax_cross_entropy_labels",
        parameters={"ignore_index": -100},
        examples=20,
    )
    assert report.verdict == "conforms"
    report = refmath.check(
        lambda a, labels: _loss(a, labels, ignore_index=-100, fault="all"),
        "softmax_cross_entropy_labels",
        parameters={"ignore_index": -100},
        examples=20,
    )
    assert report.diagnosis is not None
    assert (report.verdict, report.diagnosis.name) == ("differs", "divided_by_all_samples")
    assert report.smallest is not None
    assert "ignore_index" not in report.smallest.call


def test_an_array_cannot_be_set_for_a_judgement() -> None:
    """Nor what makes no sense."""
    for parameters, said in (
        ({"class_weights": np.array([1.0, 2.0])}, "class_weights cannot be set"),
        ({"reduction": "average"}, "reduction must be"),
    ):
        with pytest.raises(ValueError, match=said):
            refmath.check(refmath.softmax_cross_entropy_labels, "softmax_cross_entropy_labels", parameters=parameters)


def test_set_from_the_command_line(tmp_path: Path) -> None:
    """By `--param`, for those formulas that have them."""
    file = tmp_path / "losses.py"
    file.write_text(
        "import numpy as np\n"
        "def cross_entropy_labels(y, labels):\n"
        "    picked = np.take_along_axis(y, np.asarray(labels)[..., None], axis=-1)\n"
        "    return np.sum(-np.log(np.maximum(picked, 1e-8)))\n"
        "def softmax(a):\n"
        "    e = np.exp(a - np.max(a, axis=-1, keepdims=True))\n"
        "    return e / np.sum(e, axis=-1, keepdims=True)\n",
        encoding="utf-8",
    )
    command = ["check", str(file), "--examples", "20", "--param", "reduction=sum"]
    told = CliRunner().invoke(app, command, env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert "2 of 2 conform" in told.output
    told = CliRunner().invoke(app, command[:-2], env={"COLUMNS": "200"})
    assert told.exit_code == 1
    assert "sum_over_samples" in told.output


def test_each_encoding_is_asked_about_options() -> None:
    """What refuses labels is asked with arrays, and the other way round; an option that one of them refuses is told with it."""

    def of_arrays(y: Any, t: Any, reduction: str = "mean") -> Any:
        if np.ndim(t) < np.ndim(y):
            raise TypeError("no labels")
        return -np.sum(t * np.log(np.maximum(y, 1e-8))) / (1 if np.ndim(y) == 1 else len(y))

    report = refmath.check(of_arrays, "cross_entropy_error", examples=20)
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.formula == "cross_entropy_error"

    def of_labels(y: Any, t: Any, reduction: str = "mean") -> Any:
        if np.ndim(t) == np.ndim(y):
            raise TypeError("labels only")
        if reduction == "none":
            raise NotImplementedError("one loss a sample")
        costs = -np.log(np.maximum(np.take_along_axis(y, np.asarray(t)[..., None], axis=-1), 1e-8))
        return np.sum(costs) if reduction == "sum" else np.mean(costs)

    report = refmath.check(of_labels, "cross_entropy_error", examples=20)
    assert report.verdict == "conforms"
    assert set(report.declined) == {"one-hot targets", "soft targets", "reduction=none"}
    refmath.assert_conforms(of_labels, "cross_entropy_error", declines=list(report.declined), examples=20)


def test_a_default_that_is_set_is_handed_over() -> None:
    """Even if the function has another default of its own; its other options are tried all the same."""

    def own(a: Any, labels: Any, reduction: str = "sum", class_weights: Any = None) -> Any:
        return _loss(a, labels, reduction)

    report = refmath.check(own, "softmax_cross_entropy_labels", parameters={"reduction": "mean"}, examples=20)
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "class_weights_ignored"
    right = refmath.check(
        lambda a, labels, reduction="sum": _loss(a, labels, reduction),
        "softmax_cross_entropy_labels",
        parameters={"reduction": "mean", "ignore_index": np.int64(-100)},
        examples=20,
    )
    # It has never heard of labels that are ignored.
    assert right.verdict == "failed"
    assert json.loads(json.dumps(right.as_json()))["parameters"] == {"reduction": ["mean"], "ignore_index": [-100]}


@pytest.mark.parametrize(
    ("wrong", "options"),
    [
        (lambda w: w is not None and np.min(w) == 0, "class_weights"),
        (lambda c: c is not None and c > 0, "ignore_index"),
        (lambda s: s > 0.2, "label_smoothing"),
    ],
    ids=["a weight of zero", "a label that is a class", "a larger share"],
)
def test_values_that_are_met_in_the_wild_are_tried(wrong: Callable[[Any], bool], options: str) -> None:
    """A function that is wrong for these alone is refused."""
    functions = {
        "class_weights": lambda a, labels, class_weights=None: (
            7.0 if wrong(class_weights) else _loss(a, labels, class_weights=class_weights)
        ),
        "ignore_index": lambda a, labels, ignore_index=None: (
            7.0 if wrong(ignore_index) else _loss(a, labels, ignore_index=ignore_index)
        ),
        "label_smoothing": lambda a, labels, label_smoothing=0.0: (
            7.0 if wrong(label_smoothing) else _loss(a, labels, label_smoothing=label_smoothing)
        ),
    }
    assert refmath.check(functions[options], "softmax_cross_entropy_labels", examples=20).verdict != "conforms"


def test_a_sum_of_nothing_is_tried() -> None:
    """Of samples that are all ignored, one or several."""

    def own(a: Any, labels: Any, reduction: str = "mean", ignore_index: Any = None) -> Any:
        nothing = ignore_index is not None and np.all(np.equal(labels, ignore_index))
        return (
            np.ones(np.shape(labels))[()]
            if nothing and reduction == "none"
            else _loss(a, labels, reduction, ignore_index=ignore_index)
        )

    assert refmath.check(own, "softmax_cross_entropy_labels", examples=20).verdict != "conforms"


def test_a_program_in_another_language_is_told_the_options() -> None:
    """As parameters of the request; what is an array cannot be set."""
    page = formula("softmax_cross_entropy_labels")
    function = refmath.Adapter("unused").function(page).under(setting(page, reduction="sum", label_smoothing=0.125))
    assert function.request(np.array([[0.0, 1.0]]), np.array([1]))["params"] == {
        "reduction": "sum",
        "label_smoothing": 0.125,
    }


@pytest.mark.parametrize("name", PAGES)
def test_weights_at_the_end_of_the_range_and_long_doubles(name: str) -> None:
    """Their sum may be beyond the range; in a wider format more digits are right."""
    second = np.array([1, 0]) if "labels" in name else np.array([[0, 1, 0], [0.5, 0.25, 0.25]])
    first = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]])
    program = formula(name).program
    if "labels" in name:
        np.testing.assert_allclose(
            program(first, second, class_weights=[1e308] * 3), program(first, second), rtol=1e-15
        )
    wide = program(
        first.astype(np.longdouble), second, label_smoothing=0.25, class_weights=np.array([1, 3, 7], np.longdouble)
    )
    exact = options_by_mpmath.value(name, first, second, label_smoothing=0.25, class_weights=[1, 3, 7])
    assert wide.dtype == np.longdouble
    with mp.workdps(options_by_mpmath.DIGITS):
        for got, value in zip(np.ravel(wide), np.ravel(exact), strict=True):
            numerator, denominator = got.as_integer_ratio()
            assert abs(mpf(numerator) / denominator - value) <= (1 + abs(value)) * 4 * float(
                np.finfo(np.longdouble).eps
            )
