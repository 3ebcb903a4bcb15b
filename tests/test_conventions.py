"""What a convention says of its source is so: the source, typed anew from what is published of it, conforms under the convention in its formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refmath
from refmath import FORMULAS
from refmath.balls.formats import FORMATS
from refmath.oracle.text import as_text

Array = Any
Program = Callable[..., Any]

# ---- number types


def of_floats(program: Program) -> Program:
    """A source whose arrays are floats: of integers it makes float64, in which nothing wraps around."""
    return lambda *arrays: program(
        *(each.astype(np.float64) if each.dtype.kind in "iu" else each for each in map(np.asarray, arrays))
    )


def number_type(value: Any) -> str:
    """The number type of an array, whatever its byte order, or of the arrays in a mapping."""
    return number_type(next(iter(value.values()))) if isinstance(value, dict) else np.asarray(value).dtype.name


def cast(value: Any, source: str, target: str) -> Any:
    """The arrays of one number type in another one."""
    if isinstance(value, dict):
        return {key: cast(each, source, target) for key, each in value.items()}
    return np.asarray(value).astype(target) if number_type(value) == source else value


def with_room(program: Program) -> Program:
    """A source that float16 has no room for, as 1e-8 is zero there and 1e7 infinite: it is computed in float32, and rounded once."""

    def in_float32(*arguments: Any) -> Any:
        answer = program(*(cast(each, "float16", "float32") for each in arguments))
        return cast(answer, "float32", "float16") if number_type(arguments[0]) == "float16" else answer

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
    """An array of zeros but for a value in each sample."""
    gradient = np.zeros_like(rows)
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
def mean_of_all(y: Array, t: Array) -> Any:
    """`torch.nn.functional.mse_loss`: the mean over all entries."""
    return np.mean((y - t) ** 2)


@of_floats
def mean_of_all_gradient(y: Array, t: Array) -> Any:
    return (y - t) * (2 / y.size)


@of_floats
def mean_over_the_last_axis_first(y: Array, t: Array) -> Any:
    """`keras.losses.MeanSquaredError`: the mean over the last axis, then over the batch."""
    return np.mean(np.mean(np.square(y - t), axis=-1))


@of_floats
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
    rows = as_batch(y)
    if np.ndim(t) == y.ndim:
        return (-as_batch(np.asarray(t, rows.dtype)) / (rows + 1e-8) / len(rows)).reshape(y.shape)
    labels = np.reshape(t, -1)
    return put(-1 / (at_the_classes(rows, labels) + 1e-8) / len(rows), 1.0 * rows, labels).reshape(y.shape)


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


def test_no_convention_is_left_out() -> None:
    """Every convention of every formula has its source here, and nothing else has."""
    assert set(SOURCES) == {(formula.name, each.name) for formula in FORMULAS for each in formula.conventions}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("page", "convention"), [pytest.param(*names, id="-".join(names)) for names in SOURCES])
@pytest.mark.parametrize(
    "dtype", [pytest.param(name, marks=[pytest.mark.long] if FORMATS[name].bits < 24 else []) for name in FORMATS]
)
def test_a_source_conforms_under_its_convention(page: str, convention: str, dtype: str) -> None:
    """The source conforms under its convention in every format."""
    report = refmath.check(SOURCES[page, convention], page, convention=convention, dtype=dtype, examples=1)
    assert report.conforms, as_text(report)
