"""What a convention says of its source is so: the source, typed anew from what is published of it, conforms under the convention in its formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from specimens import sources

import refmath
from refmath import FORMULAS, exact
from refmath.balls.evaluate import evaluate, read
from refmath.balls.formats import FORMATS, format_named
from refmath.catalogue import formula as formula_named
from refmath.conventions import described, in_format, not_defined, outside, value_in
from refmath.oracle.reporting.text import as_text
from refmath.oracle.searching.survey import Survey
from refmath.spec import WHOLE, ByFormat, Convention, Domain, Formula, packed, setting

pytestmark = pytest.mark.long

Array = Any
Program = Callable[..., Any]

# ---- number types


def of_floats(program: Program) -> Program:
    """A source whose arrays are floats: of integers it makes float64, in which nothing wraps around."""
    return lambda *arrays: program(
        *(
            each.astype(np.float64) if isinstance(each, np.ndarray) and each.dtype.kind in "iu" else each
            for each in arrays
        )
    )


def number_type(value: Any) -> str:
    """The number type of an array, whatever its byte order, or of the arrays in a mapping."""
    return number_type(next(iter(value.values()))) if isinstance(value, dict) else np.asarray(value).dtype.name


def cast(value: Any, source: str, target: Any) -> Any:
    """The arrays of one number type in another one."""
    if isinstance(value, dict):
        return {key: cast(each, source, target) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(cast(each, source, target) for each in value)
    return np.asarray(value).astype(target) if number_type(value) == source else value


def with_room(program: Program) -> Program:
    """A source that narrow formats have no room for: in float16 1e-8 is zero, and 1e7 and the square of 256 infinite; in bfloat16 a sum over
    a thousand classes loses the last of them. It is computed in float32, and rounded once."""

    def in_float32(*arguments: Any) -> Any:
        narrow = number_type(arguments[0])
        if narrow not in ("float16", "bfloat16"):
            return program(*arguments)
        answer = program(*(cast(each, narrow, np.float32) for each in arguments))
        return cast(answer, "float32", format_named(narrow).dtype())

    return in_float32


# ---- targets, in the ways in which the sources take them


def as_batch(values: Array) -> Array:
    """A single sample as a batch of one."""
    return values if values.ndim == 2 else values[np.newaxis]


def classes_by_size(y: Array, t: Array) -> Array:
    """The book's way: as many targets as outputs are one-hot, others are labels."""
    t = np.asarray(t)
    return t.reshape(y.shape).argmax(axis=1) if t.size == y.size else t.reshape(-1)


def classes_by_dimension(y: Array, t: Array) -> Array:
    """Labels have one dimension fewer than the outputs."""
    t = np.asarray(t)
    return t.argmax(axis=-1).reshape(-1) if t.ndim == y.ndim else t.reshape(-1)


def weights_by_dimension(y: Array, t: Array) -> Array:
    """Targets as a row of weights for each sample."""
    t = np.asarray(t)
    return as_batch(t) if t.ndim == y.ndim else np.eye(y.shape[-1])[t.reshape(-1)]


def at_the_classes(rows: Array, classes: Array) -> Array:
    return rows[np.arange(len(rows)), classes]


def put(values: Array, rows: Array, classes: Array) -> Array:
    """An array of zeros but for a value in each sample, in the number type of these."""
    gradient = np.zeros(rows.shape, np.asarray(values).dtype)
    gradient[np.arange(len(rows)), classes] = values
    return gradient


# ---- squared errors


@of_floats
@with_room
def half_of_the_sum(y: Array, t: Array) -> Any:
    """Chapter and book: half the sum of all squares."""
    return 0.5 * np.sum((y - t) ** 2)


@of_floats
def half_of_the_sum_gradient(y: Array, t: Array) -> Any:
    return y - t


@of_floats
@with_room
def mean_of_all(y: Array, t: Array) -> Any:
    """`torch.nn.functional.mse_loss`: the mean over all entries."""
    return np.mean((y - t) ** 2)


@of_floats
def mean_of_all_gradient(y: Array, t: Array) -> Any:
    return (y - t) * (2 / y.size)


@of_floats
@with_room
def mean_over_the_last_axis_first(y: Array, t: Array) -> Any:
    """`keras.losses.MeanSquaredError`: the mean over the last axis, then over the batch."""
    return np.mean(np.mean(np.square(y - t), axis=-1))


@of_floats
@with_room
def mean_of_each_output(y: Array, t: Array) -> Any:
    """`sklearn.metrics.mean_squared_error`: the average over the samples, then over the outputs; one dimension is that of the samples."""
    y, t = (each if each.ndim == 2 else each[:, np.newaxis] for each in (y, t))
    return np.average(np.average((t - y) ** 2, axis=0))


# ---- cross-entropies of probabilities


@with_room
def chapter(y: Array, t: Array) -> Any:
    """−Σ t ln(y + 1e-8) / N, or the same with the entries that the labels pick."""
    rows = as_batch(y)
    if np.ndim(t) == y.ndim:
        return -np.sum(as_batch(np.asarray(t)) * np.log(rows + 1e-8)) / len(rows)
    return -np.sum(np.log(at_the_classes(rows, np.reshape(t, -1)) + 1e-8)) / len(rows)


@with_room
def chapter_gradient(y: Array, t: Array) -> Any:
    rows = 1.0 * as_batch(y)
    if np.ndim(t) == y.ndim:
        return (-as_batch(np.asarray(t, rows.dtype)) / (rows + 1e-8) / len(rows)).reshape(y.shape)
    labels = np.reshape(t, -1)
    return put(-1 / (at_the_classes(rows, labels) + 1e-8) / len(rows), rows, labels).reshape(y.shape)


def book(y: Array, t: Array) -> Any:
    """−Σ ln(y + 1e-7) / N over the entries of the targets' classes."""
    rows = as_batch(y)
    return -np.sum(np.log(at_the_classes(rows, classes_by_size(rows, t)) + 1e-7)) / len(rows)


def book_gradient(y: Array, t: Array) -> Any:
    rows = as_batch(y)
    classes = classes_by_size(rows, t)
    return put(-1 / (at_the_classes(rows, classes) + 1e-7) / len(rows), 1.0 * rows, classes).reshape(y.shape)


def pytorch(y: Array, t: Array) -> Any:
    """`torch.nn.functional.nll_loss` of ln y: the mean of −ln y at the classes."""
    return -np.mean(np.log(at_the_classes(as_batch(y), classes_by_dimension(y, t))))


def pytorch_gradient(y: Array, t: Array) -> Any:
    rows, classes = as_batch(y), classes_by_dimension(y, t)
    return put(-1 / at_the_classes(rows, classes) / len(rows), 1.0 * rows, classes).reshape(y.shape)


def keras(y: Array, t: Array) -> Any:
    """`keras.losses.CategoricalCrossentropy`: each sample by its sum, clipped on both sides, then −Σ t ln y, and the mean over the batch."""
    shares = as_batch(y / np.sum(y, axis=-1, keepdims=True))
    logarithms = np.log(np.clip(shares, 1e-7, 1 - 1e-7))
    return np.mean(-np.sum(weights_by_dimension(y, t).astype(logarithms.dtype) * logarithms, axis=-1))


@with_room
def keras_gradient(y: Array, t: Array) -> Any:
    """What flows back through the logarithm, the clip and the quotient."""
    rows = as_batch(y)
    total = np.sum(rows, axis=-1, keepdims=True)
    shares = rows / total
    passes = (shares >= 1e-7) & (shares <= 1 - 1e-7)
    targets = weights_by_dimension(y, t).astype(shares.dtype)
    back = np.where(passes, -targets / np.where(passes, shares, 1), 0)
    return ((back - np.sum(back * shares, axis=-1, keepdims=True)) / total / len(rows)).reshape(y.shape)


def computed_by_sklearn(y: Array) -> Array:
    """scikit-learn computes in these formats, and in float64 whatever else it is given."""
    return y if y.dtype.name in ("float64", "float32", "float16") else y.astype(np.float64)


def sklearn(y: Array, t: Array) -> Any:
    """`sklearn.metrics.log_loss`, from 1.5 on: clipped by the machine epsilon of the dtype, not normalised, −Σ t ln y averaged."""
    rows = computed_by_sklearn(as_batch(y))
    epsilon = np.finfo(rows.dtype).eps
    clipped = np.clip(rows, epsilon, 1 - epsilon)
    losses = -np.sum(weights_by_dimension(y, t).astype(rows.dtype) * np.log(clipped), axis=1)
    return float(np.average(losses))


def sklearn_gradient(y: Array, t: Array) -> Any:
    rows = computed_by_sklearn(as_batch(y))
    epsilon = np.finfo(rows.dtype).eps
    passes = (rows >= epsilon) & (rows <= 1 - epsilon)
    targets = weights_by_dimension(y, t).astype(rows.dtype)
    return np.where(passes, -targets / np.where(passes, rows, 1) / len(rows), 0).reshape(y.shape)


# ---- cross-entropies of logits, and the network


def softmax(a: Array) -> Array:
    """The book's, section 3.5.2: the largest logit is subtracted."""
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def softmax_over_the_array(a: Array) -> Array:
    """`scipy.special.softmax` with axis=None."""
    powers = np.exp(a - np.max(a))
    return powers / np.sum(powers)


def of_logits(loss: Program) -> Program:
    """A loss on top of the softmax."""
    return lambda a, t: loss(softmax(a), t)


def of_logits_gradient(gradient: Program) -> Program:
    """What flows back through the softmax."""

    def program(a: Array, t: Array) -> Any:
        p = softmax(a)
        back = gradient(p, t)
        return p * (back - np.sum(back * p, axis=-1, keepdims=True))

    return with_room(program)


def network(params: dict[str, Array], x: Array) -> tuple[Array, Array]:
    z = 1 / (1 + np.exp(-(np.dot(x, params["W1"]) + params["b1"])))
    return z, np.dot(z, params["W2"]) + params["b2"]


def of_network(loss: Program) -> Program:
    return with_room(lambda params, x, t: of_logits(loss)(network(params, x)[1], t))


def of_network_gradient(gradient: Program) -> Program:
    """Backpropagation, from what flows back to the logits."""

    def program(params: dict[str, Array], x: Array, t: Array) -> Any:
        z, a = network(params, x)
        second = of_logits_gradient(gradient)(a, t)
        first = np.dot(second, params["W2"].T) * (z * (1 - z))
        return {
            "W1": np.dot(x.T, first),
            "b1": np.sum(first, axis=0),
            "W2": np.dot(z.T, second),
            "b2": np.sum(second, axis=0),
        }

    return with_room(program)


# ---- every convention of the catalogue

_LOSSES = {
    "seed": (chapter, chapter_gradient),
    "book": (book, book_gradient),
    "pytorch": (pytorch, pytorch_gradient),
    "keras": (keras, keras_gradient),
    "sklearn": (sklearn, sklearn_gradient),
}
_SQUARED = {
    "seed": (half_of_the_sum, half_of_the_sum_gradient),
    "book": (half_of_the_sum, half_of_the_sum_gradient),
    "pytorch": (mean_of_all, mean_of_all_gradient),
    "keras": (mean_over_the_last_axis_first, mean_of_all_gradient),
    "sklearn": (mean_of_each_output, mean_of_all_gradient),
}
SOURCES: dict[tuple[str, str], Program] = {("softmax", "scipy"): softmax_over_the_array}
for _name, (_loss, _gradient) in _SQUARED.items():
    SOURCES |= {("mean_squared_error", _name): _loss, ("mean_squared_error_gradient", _name): _gradient}
for _name, (_loss, _gradient) in _LOSSES.items():
    for _page in ("cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error"):
        SOURCES |= {(_page, _name): _loss, (f"{_page}_gradient", _name): _gradient}
for _name in ("seed", "book"):
    _loss, _gradient = _LOSSES[_name]
    for _page in ("softmax_cross_entropy_one_hot", "softmax_cross_entropy_labels"):
        SOURCES[_page, _name] = of_logits(_loss)
        SOURCES[f"{_page}_gradient", _name] = of_logits_gradient(_gradient)
    SOURCES["two_layer_net_loss", _name] = of_network(_loss)
    SOURCES["two_layer_net_gradient", _name] = of_network_gradient(_gradient)
SOURCES |= {name: of_floats(with_room(program)) for name, program in sources.WITH_ROOM.items()}
SOURCES |= sources.AS_IT_STANDS


def keras_divergence(y: Array, t: Array) -> Any:
    """`keras.losses.KLDivergence`: both clipped to [1e-7, 1], Σ t ln(t / y), and the mean over the batch."""
    clipped_y, clipped_t = (np.clip(as_batch(each).astype(y.dtype), 1e-7, 1) for each in (y, t))
    return np.mean(np.sum(clipped_t * np.log(clipped_t / clipped_y), axis=-1))


def keras_divergence_gradient(y: Array, t: Array) -> Any:
    passes = (y >= 1e-7) & (y <= 1)
    return np.where(passes, -np.clip(t.astype(y.dtype), 1e-7, 1) / np.where(passes, y, 1), 0) / len(as_batch(y))


# ---- binary cross-entropies of probabilities


def pytorch_binary(p: Array, t: Array) -> Any:
    """`torch.nn.functional.binary_cross_entropy`: both logarithms are −100 at least."""
    log_p, log_rest = (np.maximum(each, -100) for each in (np.log(p), np.log1p(-p)))
    return np.mean((t - 1) * log_rest - t * log_p)


def pytorch_binary_gradient(p: Array, t: Array) -> Any:
    """Its kernel for the way back: (input − target) / max((1 − input) input, 1e-12)."""
    return (p - t) / np.maximum((1 - p) * p, float(np.float32(1e-12))) / p.size


def keras_binary(p: Array, t: Array) -> Any:
    """`keras.losses.BinaryCrossentropy`: the output clipped, the mean over the last axis, then over the others."""
    output = np.clip(p, 1e-7, 1.0 - 1e-7)
    losses = -(t * np.log(output) + (1.0 - t) * np.log(1.0 - output))
    return np.mean(np.mean(losses, axis=-1) if losses.ndim else losses)


def keras_binary_gradient(p: Array, t: Array) -> Any:
    passes = (p >= 1e-7) & (p <= 1.0 - 1e-7)
    inner = np.where(passes, p, 0.5)
    return np.where(passes, (1 - t) / (1 - inner) - t / inner, 0) / p.size


def sklearn_binary(p: Array, t: Array) -> Any:
    """`sklearn.metrics.log_loss` of labels in a row: the columns 1 − p and p, both clipped."""
    positive = computed_by_sklearn(p.ravel())
    columns = np.stack([1 - positive, positive], axis=1)
    epsilon = np.finfo(columns.dtype).eps
    labels = t.ravel().astype(columns.dtype)
    logarithms = np.log(np.clip(columns, epsilon, 1 - epsilon))
    return float(np.average(-np.sum(np.stack([1 - labels, labels], axis=1) * logarithms, axis=1)))


def sklearn_binary_gradient(p: Array, t: Array) -> Any:
    rows = computed_by_sklearn(p)
    epsilon, labels = np.finfo(rows.dtype).eps, t.astype(rows.dtype)
    passes = (rows >= epsilon) & (rows <= 1 - epsilon)
    inner = np.where(passes, rows, 0.5)
    return np.where(passes, (1 - labels) / (1 - inner) - labels / inner, 0) / rows.size


for _name, _binary, _slopes in (
    ("pytorch", pytorch_binary, pytorch_binary_gradient),
    ("keras", keras_binary, keras_binary_gradient),
):
    SOURCES["binary_cross_entropy", _name] = of_floats(with_room(_binary))
    SOURCES["binary_cross_entropy_gradient", _name] = of_floats(with_room(_slopes))
SOURCES["binary_cross_entropy", "sklearn"] = of_floats(sklearn_binary)
SOURCES["binary_cross_entropy_gradient", "sklearn"] = of_floats(sklearn_binary_gradient)
SOURCES["kl_divergence", "keras"] = with_room(keras_divergence)
SOURCES["kl_divergence_gradient", "keras"] = with_room(keras_divergence_gradient)
SOURCES["l2_penalty", "keras"] = of_floats(with_room(lambda w: 0.01 * np.sum(np.square(w))))
SOURCES["l2_penalty_gradient", "keras"] = of_floats(with_room(lambda w: 0.02 * w))
SOURCES["mean_absolute_error_gradient", "jax"] = of_floats(lambda y, t: np.where(y >= t, 1.0, -1.0) / np.size(y))
SOURCES["hinge_gradient", "jax"] = of_floats(
    lambda y, t: -t * np.heaviside((1 - t * y).astype(np.float64), 0.5) / np.size(y)
)


def test_no_convention_is_left_out() -> None:
    """Every convention of every formula has its source here, and nothing else has."""
    assert set(SOURCES) == {(formula.name, each.name) for formula in FORMULAS for each in formula.conventions}


def judgements() -> list[Any]:
    """Every source in every format: in one of them with all other tests, each source in another one than the last, the rest in the session `zoo`."""
    found = []
    for place, names in enumerate(SOURCES):
        for turn, name in enumerate(FORMATS):
            rest = turn != place % len(FORMATS)
            marks = [pytest.mark.zoo] if rest else []
            found.append(pytest.param(*names, name, id=f"{name}-{'-'.join(names)}", marks=marks))
    return found


# Sources without a guard warn of the logarithm of zero, as they should: the verdict is what is asked for.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("page", "convention", "dtype"), judgements())
def test_a_source_conforms_under_its_convention(page: str, convention: str, dtype: str) -> None:
    """The source conforms under its convention in every format."""
    report = refmath.check(SOURCES[page, convention], page, convention=convention, dtype=dtype, examples=1)
    assert report.conforms, as_text(report)


# ---- numbers that depend on the format

CONVENTIONS = [
    pytest.param(formula, each, id=f"{formula.name}-{each.name}")
    for formula in FORMULAS
    for each in formula.conventions
]
#: −ln(1 − ε), by its series: ε, as good as nothing beside half its square.
PERFECT = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-52}


@pytest.mark.parametrize("dtype", FORMATS)
def test_the_convention_has_the_epsilon_of_the_arrays_number_type(dtype: str) -> None:
    """Under scikit-learn's convention a perfect output costs −ln(1 − ε), and a certain error −ln ε, with the ε of the array's number type."""
    y = np.array([1.0, 0.0], format_named(dtype).dtype())
    for page, right, wrong in (("cross_entropy_labels", 0, 1), ("cross_entropy_one_hot", [1, 0], [0, 1])):
        assert exact(page, y, right, convention="sklearn").nearest() == pytest.approx(
            -np.log1p(-PERFECT[dtype]), rel=1e-15
        )
        assert exact(page, y, wrong, convention="sklearn").nearest() == pytest.approx(
            -np.log(PERFECT[dtype]), rel=1e-15
        )
        program = setting(formula_named(page), "sklearn").program
        assert float(program(y, np.array(wrong))) == pytest.approx(-np.log(PERFECT[dtype]), rel=2.0**-7)


def test_lists_and_integers_count_as_float64() -> None:
    """What has no format has the numbers of float64."""
    expected = exact("cross_entropy_labels", np.array([1.0, 0.0]), 0, convention="sklearn").nearest()
    for y in ([1.0, 0.0], [1, 0], np.array([1, 0], np.int8)):
        assert exact("cross_entropy_labels", y, 0, convention="sklearn").nearest() == expected


@pytest.mark.parametrize(("formula", "convention"), CONVENTIONS)
def test_a_number_that_depends_on_the_format_is_held_by_it(formula: Formula, convention: Convention) -> None:
    """Every such number has a value in each format, which the format holds exactly: a subnormal number where it is that of the wider one computed in."""
    for constant in convention.constants.values():
        if isinstance(constant, ByFormat):
            assert set(constant.values) == set(FORMATS)
            for name, format_ in FORMATS.items():
                value = value_in(constant, name)
                assert format_.rounded([value]).tolist() == [value]
                assert value >= min(format_.smallest_normal, FORMATS["float32"].unit)


def test_a_number_must_be_settled_before_it_is_computed_with() -> None:
    """Without a format a number that depends on it has no value; with one, balls have it exactly, however wide the others are."""
    chosen = setting(formula_named("cross_entropy_labels"), "sklearn")
    inputs = read(chosen, [0.0, 1.0], 0)
    with pytest.raises(TypeError, match="epsilon depends on the number format"):
        evaluate(chosen, inputs, 64)
    found = evaluate(in_format(chosen, "float32"), inputs, 64, widen=2.0**-23).item()
    assert float(found) == pytest.approx(23 * np.log(2), rel=1e-15)
    assert float(found.rad()) < 1e-15


def test_the_epsilon_of_another_format_is_refused() -> None:
    """In float32, clipping by the machine epsilon of float64 is not what scikit-learn does."""

    def clipped_as_in_float64(y: Array, labels: Array) -> Any:
        clipped = np.clip(as_batch(y).astype(np.float64), 2.0**-52, 1 - 2.0**-52)
        return -np.mean(np.log(at_the_classes(clipped, np.reshape(labels, -1))))

    for dtype, verdict in (("float64", "conforms"), ("float32", "unstable"), ("float16", "unstable")):
        report = refmath.check(
            clipped_as_in_float64, "cross_entropy_labels", convention="sklearn", dtype=dtype, examples=1
        )
        assert report.verdict == verdict, dtype


# ---- what a convention is defined on

RESTRICTED = [each for each in CONVENTIONS if each.values[1].domain != WHOLE]  # type: ignore[union-attr]


@pytest.mark.parametrize(("formula", "convention"), RESTRICTED)
def test_only_what_a_convention_is_defined_on_is_tried(formula: Formula, convention: Convention) -> None:
    """A survey within its domain has no input outside of it; one of the whole page has some, and exact values are refused there."""
    chosen = setting(formula, convention.name)
    within = Survey(formula, FORMATS["float64"], 0, 1, domain=chosen.domain)
    assert not any(outside(chosen, probe.inputs) for probe in within)
    everything = [probe.inputs for probe in Survey(formula, FORMATS["float64"], 0, 1)]
    left_out = [inputs for inputs in everything if outside(chosen, inputs)]
    assert 0 < len(left_out) < len(everything)
    for inputs in left_out[:3]:
        with pytest.raises(ValueError, match=f"under the convention '{convention.name}' of {formula.name}"):
            exact(formula.name, *packed(formula, inputs), convention=convention.name)


@pytest.mark.parametrize(
    ("page", "inputs", "message"),
    [
        ("cross_entropy_error", ([[1.0]], [0]), "y must have at least 2 classes .* not defined for fewer; got 1"),
        (
            "cross_entropy_error",
            ([0.5, 0.5], [0.25, 0.75]),
            r"t must be one-hot .* a single 1 and zeros .* \[0.25, 0.75\]",
        ),
        ("cross_entropy_one_hot", ([0.5, 0.5], [1, 1]), "t must be one-hot"),
        ("softmax_cross_entropy_labels", ([[1.0], [2.0]], [0, 0]), "a must have at least 2 classes"),
        ("binary_cross_entropy", ([0.5, 0.5], [0.0, 0.25]), r"t must hold 0 and 1 only .*; got 0.25"),
    ],
)
def test_what_a_convention_is_not_defined_on_is_refused(page: str, inputs: tuple[Any, ...], message: str) -> None:
    """The error names the argument, what it must be, and what it is; the page itself takes the same numbers."""
    with pytest.raises(ValueError, match=message):
        exact(page, *inputs, convention="sklearn" if page == "binary_cross_entropy" else "book")
    if inputs[1] != [1, 1]:
        assert np.isfinite(exact(page, *inputs).nearest())


def test_a_single_class_is_no_matter_for_one_hot_targets() -> None:
    """The book's program takes one-hot targets of a single class for what they are."""
    assert exact("cross_entropy_one_hot", [[1.0]], [[1.0]], convention="book").nearest() == pytest.approx(-1e-7)


def test_the_report_says_what_the_convention_is_not_defined_on() -> None:
    """In the line on how far the search went, and in the JSON; under the page's defaults nothing is left out."""
    report = refmath.check(book, "cross_entropy_error", convention="book", examples=1)
    assert report.as_json()["not_defined"] == ["one class", "soft targets"]
    assert "not tried one class, soft targets, on which the convention is not defined" in " ".join(
        as_text(report).split()
    )
    report = refmath.check(book, "cross_entropy_error", examples=1)
    assert report.as_json()["not_defined"] == []
    # It is called by the convention, though the search has tried what the convention is not defined on.
    assert report.diagnosis is not None
    assert (report.diagnosis.kind, report.diagnosis.name) == ("convention", "book")


def test_in_words() -> None:
    """A convention is described with its numbers and with what it is not defined on, once for each value."""
    of_format = ByFormat({"float64": 0.5, "float32": 0.5, "float16": 0.75, "bfloat16": 2.0**-7})
    told = Convention("c", "Clipped.", "", constants={"epsilon": of_format, "delta": 1e-8}, domain=Domain(3, "one-hot"))
    assert described(told) == (
        "Clipped. ε is 2⁻¹ for float64 and float32, 0.75 for float16, 2⁻⁷ for bfloat16. "
        "Not defined for fewer than 3 classes or soft targets."
    )
    assert described(Convention("c", "Plain.", "")) == "Plain."
    assert not_defined(WHOLE) == ()
    assert not_defined(Domain(2)) == ("one class",)


# ---- the libraries themselves


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_sklearn_conforms_under_its_convention(dtype: str) -> None:
    """`log_loss` conforms in every format, in each of which it has its own ε."""
    metrics = pytest.importorskip("sklearn.metrics")

    def log_loss(y: Array, t: Array) -> Any:
        rows = as_batch(y)
        # It takes arrays of the other byte order for float64.
        native = rows.astype(rows.dtype.newbyteorder("="))
        return metrics.log_loss(classes_by_dimension(y, t), native, labels=range(rows.shape[1]))

    for page in ("cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error"):
        refmath.assert_conforms(log_loss, page, convention="sklearn", dtype=dtype)


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_torch_conforms_under_its_convention(dtype: str) -> None:
    """`nll_loss` of ln y conforms in every format; `mse_loss` in all but float16, where a square overflows before the mean is taken."""
    functional = pytest.importorskip("torch").nn.functional

    def nll_loss(y: Any, t: Any) -> Any:
        classes = t.argmax(-1) if t.ndim == y.ndim else t
        return functional.nll_loss(y.log().reshape(-1, y.shape[-1]), classes.reshape(-1).long())

    for page in ("cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error"):
        assert refmath.check(nll_loss, page, convention="pytorch", dtype=dtype, array="torch").conforms
    squared = refmath.check(functional.mse_loss, "mean_squared_error", convention="pytorch", dtype=dtype, array="torch")
    assert squared.verdict == ("unstable" if dtype == "float16" else "conforms")


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_rms_norm_of_torch_has_the_epsilon_of_its_convention(dtype: str) -> None:
    """Where ε is all that matters, in every format; its documentation says otherwise of the narrow ones."""
    torch = pytest.importorskip("torch")
    x = np.array([[2.0**-13, 0.0]])
    seen = torch.nn.functional.rms_norm(torch.tensor(x, dtype=getattr(torch, dtype)), (2,)).double().numpy()
    told = setting(formula_named("rms_norm"), "pytorch").program(x.astype(FORMATS[dtype].dtype()), np.ones(2))
    np.testing.assert_allclose(seen, told.astype(float), rtol=4 * FORMATS[dtype].unit)


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_keras_conforms_under_its_convention(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cross-entropies of Keras conform in every format but float64, which its functions round to float32."""
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")

    def of_one_hot(y: Any, t: Any) -> Any:
        rows, targets = (each.reshape(-1, y.shape[-1]) for each in (y, t))
        return keras.ops.mean(keras.losses.categorical_crossentropy(targets, rows))

    def of_labels(y: Any, labels: Any) -> Any:
        rows = y.reshape(-1, y.shape[-1])
        return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels.reshape(-1), rows))

    for program, page in ((of_one_hot, "cross_entropy_one_hot"), (of_labels, "cross_entropy_labels")):
        report = refmath.check(program, page, convention="keras", dtype=dtype, array="torch")
        if dtype == "float64":
            assert report.diagnosis is not None
            assert report.diagnosis.name == "computed_in_float32"
        else:
            assert report.conforms, as_text(report)


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_log_loss_of_two_classes_conforms_under_its_convention(dtype: str) -> None:
    """scikit-learn's `log_loss` of labels in a row conforms in every format."""
    metrics = pytest.importorskip("sklearn.metrics")

    def log_loss(p: Array, t: Array) -> Any:
        # It takes arrays of the other byte order for float64.
        native = p.astype(p.dtype.newbyteorder("=")).ravel()
        return metrics.log_loss(t.ravel().astype(int), native, labels=[0, 1])

    refmath.assert_conforms(log_loss, "binary_cross_entropy", convention="sklearn", dtype=dtype)


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_binary_cross_entropy_of_torch_conforms_under_its_convention(dtype: str) -> None:
    """In every format, and its gradient in all but float16, in which 1e-12 is 0."""
    functional = pytest.importorskip("torch").nn.functional

    def loss(p: Any, t: Any) -> Any:
        return functional.binary_cross_entropy(p, t.to(p.dtype))

    def gradient(p: Any, t: Any) -> Any:
        leaf = p.clone().detach().requires_grad_(True)
        loss(leaf, t).backward()
        return leaf.grad

    options: dict[str, Any] = {"convention": "pytorch", "dtype": dtype, "array": "torch"}
    assert refmath.check(loss, "binary_cross_entropy", **options).conforms
    slopes = refmath.check(gradient, "binary_cross_entropy_gradient", **options)
    assert slopes.verdict == ("unstable" if dtype == "float16" else "conforms")


@pytest.mark.interop
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_binary_cross_entropy_of_keras_conforms_under_its_convention(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every format but float64, which it rounds to float32."""
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")

    def loss(p: Any, t: Any) -> Any:
        return keras.losses.BinaryCrossentropy()(t, p)

    report = refmath.check(loss, "binary_cross_entropy", convention="keras", dtype=dtype, array="torch")
    if dtype == "float64":
        assert report.diagnosis is not None
        assert report.diagnosis.name == "computed_in_float32"
    else:
        assert report.conforms, as_text(report)
