"""Faults that used to be accepted, and honest code that used to be refused: each with the verdict that is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.oracle.check import EXAMPLES

pytestmark = pytest.mark.long


def floats(values: Any) -> Any:
    values = np.asarray(values)
    return values if values.dtype.kind == "f" else values.astype(np.float64)


@dataclass
class Effort:
    """How hard the oracle tries: the least that gives each case the right verdict, and in the session `zoo` what is usual."""

    is_usual: bool

    def judge(self, candidate: Callable[..., Any], against: str, *, least: int = 20, **options: Any) -> refmath.Report:
        return refmath.check(candidate, against, examples=EXAMPLES if self.is_usual else least, **options)

    def seeds(self, *usual: int) -> tuple[int, ...]:
        return usual if self.is_usual else usual[:1]


@pytest.fixture(params=[pytest.param(False, id="least"), pytest.param(True, id="usual", marks=pytest.mark.zoo)])
def effort(request: pytest.FixtureRequest) -> Effort:
    return Effort(request.param)


# ---- sizes at which programs change their ways


def chunks_of_rows(size: int) -> Callable[..., Any]:
    """The squared error in chunks of samples, of which an incomplete last one is lost."""

    def loss(y: Any, t: Any) -> Any:
        y, t = np.atleast_2d(floats(y)), np.atleast_2d(floats(t))
        whole = len(y) - len(y) % size if len(y) > size else len(y)
        return np.sum((y[:whole] - t[:whole]) ** 2) / 2 / len(y)

    return loss


def blocks_of_columns(size: int) -> Callable[..., Any]:
    """Softmax whose sum is taken block by block, without what does not fill a block."""

    def softmax(a: Any) -> Any:
        shares = np.exp(floats(a) - np.max(a, axis=-1, keepdims=True))
        columns = shares.shape[-1]
        whole = columns - columns % size if columns > size else columns
        return shares / shares[..., :whole].sum(axis=-1, keepdims=True)

    return softmax


@pytest.mark.parametrize("size", [64, 1000])
def test_what_does_not_fill_a_chunk_is_not_lost(effort: Effort, size: int) -> None:
    """Neither samples nor classes, wherever the chunks end; the counterexample has one more than fits."""
    # From sixty examples on, a thousand samples and classes are tried.
    least = 20 if size < 128 else 60
    report = effort.judge(chunks_of_rows(size), "mean_squared_error", least=least)
    assert report.verdict == "differs"
    assert report.smallest is not None
    assert len(report.smallest.inputs["y"]) > size
    report = effort.judge(blocks_of_columns(size), "softmax", least=least)
    assert report.verdict == "differs"
    assert report.smallest is not None
    assert np.shape(report.smallest.inputs["a"])[-1] > size


@pytest.mark.parametrize(("array", "axis", "size"), [("W1", 1, 12), ("W2", 1, 20)], ids=str)
def test_every_axis_of_a_network_is_large_once(effort: Effort, array: str, axis: int, size: int) -> None:
    """A gradient that is zero beyond some hidden unit, input or class differs."""

    def gradient(params: Any, x: Any, t: Any) -> Any:
        found = refmath.two_layer_net_gradient(params, x, t)
        np.moveaxis(found[array], axis, 0)[size:] = 0
        return found

    assert effort.judge(gradient, "two_layer_net_gradient").verdict == "differs"


def test_a_descent_takes_all_its_steps(effort: Effort) -> None:
    """Fifty are not enough where a hundred are the usual number."""

    def descent(f: Any, x: Any, rate: float, steps: int) -> Any:
        return refmath.gradient_descent(f, x, rate, min(steps, 50))

    assert effort.judge(descent, "gradient_descent").verdict == "differs"


# ---- number types and layouts


def index_in_the_type_of_the_labels(y: Any, labels: Any) -> Any:
    """Picks from the flattened outputs, at places that are counted in the labels' own number type."""
    y, labels = np.atleast_2d(floats(y)), np.atleast_1d(labels)
    rows = np.arange(len(y)).astype(labels.dtype) * labels.dtype.type(y.shape[-1])
    return -np.mean(np.log(np.maximum(y.ravel()[rows + labels], 1e-8)))


def difference_in_the_type_of_the_images(y: Any, t: Any) -> Any:
    """Subtracts before it converts: 3 − 5 is 254 in eight bits without a sign."""
    d = np.asarray(np.asarray(y) - np.asarray(t), np.float64)
    return np.sum(d * d) / 2 / (1 if d.ndim == 1 else len(d))


def wrong_unless_contiguous(a: Any) -> Any:
    """Reads past the strides of an array that has no plain layout."""
    y = refmath.softmax(a)
    return y if a.flags.c_contiguous or a.flags.f_contiguous else 1.01 * y


@pytest.mark.parametrize(
    ("candidate", "against", "begins"),
    [
        (index_in_the_type_of_the_labels, "cross_entropy_labels", "where labels holds int8 or uint8"),
        (difference_in_the_type_of_the_images, "mean_squared_error", "where y holds int16 or int8 or uint8"),
        (
            wrong_unless_contiguous,
            "softmax",
            "where arrays are sliced or strided or reversed or strided by rows or reversed by rows",
        ),
    ],
)
def test_what_is_lost_in_some_arrays_only_is_unstable(
    effort: Effort, candidate: Any, against: str, begins: str
) -> None:
    """It is right for arrays as everybody has them, and the report says for which others it is not."""
    report = effort.judge(candidate, against)
    assert (report.verdict, report.begins) == ("unstable", begins)
    assert report.classes["typical"].accepted == report.classes["typical"].tried


def test_a_sum_that_overflows_is_unstable(effort: Effort) -> None:
    """In eleven bits the mean of some squares is a number, though their sum is none."""

    def adds_up(y: Any, t: Any) -> Any:
        total = np.float16(0)
        for square in ((y - t) ** 2).ravel():
            total = np.float16(total + square)
        return total / np.float16(np.size(y))

    report = effort.judge(adds_up, "mean_squared_error", dtype="float16", convention="pytorch", least=40)
    assert report.verdict == "unstable"
    assert "overflows" in report.begins


# ---- whose memory an answer is


def start_itself(f: Any, start: Any, rate: float, steps: int) -> Any:
    """Without a step its answer is the array that it was given."""
    x = start
    for _ in range(steps):
        x = x - rate * refmath.numerical_gradient(f, x)
    return x


def test_an_answer_is_an_array_of_its_own(effort: Effort) -> None:
    """One that is the argument itself, or a buffer that the next call writes into, differs, though all numbers are right."""
    report = effort.judge(start_itself, "gradient_descent")
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "hands_back_its_argument"
    assert report.remarks[0].startswith("its answer lies in the memory of its argument")
    # Said once, and nothing that an unknown mistake would be told with.
    assert str(report).count("who changes one") == 1
    assert "by themselves, but an answer is not its caller's own." in " ".join(str(report).split())
    assert "No mistake" not in str(report)
    held: dict[Any, Any] = {}

    def into_a_buffer(a: Any) -> Any:
        out = held.setdefault(np.shape(a), np.empty(np.shape(a)))
        out[...] = refmath.softmax(floats(a))
        return out

    for seed in effort.seeds(0, 1, 2, 3):
        report = effort.judge(into_a_buffer, "softmax", seed=seed)
        assert report.verdict == "differs"
        assert report.diagnosis is not None
        assert report.diagnosis.name == "hands_out_one_array"
        assert "hands out the same array every time" in report.remarks[0]
        assert all(count.accepted == count.tried for count in report.classes.values())


@pytest.mark.interop
def test_a_tensor_is_the_callers_own(effort: Effort) -> None:
    """The same with PyTorch's tensors."""
    torch = pytest.importorskip("torch")
    held: dict[Any, Any] = {}

    def into_a_buffer(a: Any) -> Any:
        a = a if a.is_floating_point() else a.double()
        out = held.setdefault((a.dtype, tuple(a.shape)), torch.empty(a.shape, dtype=a.dtype))
        return out.copy_(torch.softmax(a, -1))

    report = effort.judge(into_a_buffer, "softmax", array="torch")
    assert report.verdict == "differs"
    assert "hands out the same array every time" in report.remarks[0]


# ---- targets, magnitudes, functions


@pytest.mark.parametrize("against", ["cross_entropy_one_hot", "softmax_cross_entropy_one_hot", "cross_entropy_error"])
def test_targets_are_no_labels(effort: Effort, against: str) -> None:
    """Who asks each target for its largest entry is wrong wherever that is not all of it."""

    def by_largest(y: Any, t: Any) -> Any:
        y, t = np.atleast_2d(y), np.atleast_2d(t) if np.ndim(t) == np.ndim(y) else np.eye(np.shape(y)[-1])[t]
        return getattr(refmath, against)(y, np.eye(y.shape[-1])[np.atleast_2d(t).argmax(axis=-1)])

    # On fewer inputs nothing separates it from who tells encodings by size, and picks too.
    report = effort.judge(by_largest, against, least=30)
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "one_hot_targets_only"


@pytest.mark.parametrize(("low", "high"), [(20.0, 20.5), (0.011, 0.0115), (1.5, 1.54)])
def test_a_band_of_numbers_is_not_missed(effort: Effort, low: float, high: float) -> None:
    """One piece of an approximation by pieces is wrong by a thousandth: every magnitude is tried, small bands too."""

    def sigmoid(x: Any) -> Any:
        inside = (np.abs(x) > low) & (np.abs(x) < high)
        return refmath.sigmoid(x) * np.where(inside, 1 + 1e-3, 1.0)

    for seed in effort.seeds(0, 1, 2):
        report = effort.judge(sigmoid, "sigmoid", seed=seed, least=EXAMPLES)
        assert report.verdict == "differs"
        assert report.smallest is not None
        assert low < float(np.abs(report.smallest.inputs["x"]).max()) < high


def test_no_slope_of_the_sigmoid_is_negative(effort: Effort) -> None:
    """However small it is, an honest evaluation has no negative one; the factors of an honest one may round to zero."""

    def slope(x: Any, floor: float = 0.0) -> Any:
        s = refmath.sigmoid(floats(x))
        return np.where(np.asarray(x) > 40, floor, s * (1 - s))[()]

    assert effort.judge(lambda x: slope(x, -1e-16), "sigmoid_gradient").verdict == "unstable"
    assert effort.judge(slope, "sigmoid_gradient").verdict == "conforms"


def test_functions_are_handed_the_array_that_they_are_of(effort: Effort) -> None:
    """Who flattens the point hands a function of a matrix something else."""

    def flattened(f: Any, x: Any) -> Any:
        point, slopes = floats(x).ravel(), np.zeros(np.size(x))
        for entry in range(point.size):
            step = np.where(np.arange(point.size) == entry, 1e-4, 0.0)
            slopes[entry] = (f(point + step) - f(point - step)) / 2e-4
        return slopes.reshape(np.shape(x))

    report = effort.judge(flattened, "numerical_gradient")
    assert report.verdict == "failed"
    assert report.smallest is not None
    assert report.smallest.inputs["x"].ndim == 2
    assert "f takes an array of shape" in report.smallest.trouble


# ---- honest code


def another_floor(y: Any, t: Any) -> Any:
    """The cross-entropy of batches, with a floor that many choose."""
    y = np.clip(y, 1e-12, 1.0)
    return -np.mean(np.sum(t * np.log(y), axis=1))


@pytest.mark.parametrize("single", [False, True], ids=["batches", "single samples too"])
def test_another_floor_is_named(effort: Effort, single: bool) -> None:
    """It is unstable where probabilities are smaller than the page's own δ, and called by its own; single samples may be declined."""

    def candidate(y: Any, t: Any) -> Any:
        return another_floor(np.atleast_2d(y), np.atleast_2d(t)) if single else another_floor(y, t)

    report = effort.judge(candidate, "cross_entropy_one_hot")
    assert report.verdict == "unstable"
    assert report.diagnosis is not None
    assert (report.diagnosis.kind, report.diagnosis.name) == ("convention", "floor with delta=1e-12")
    assert report.begins.startswith("where min y ≤ ")
    assert report.declined == (() if single else ("single samples",))


# ---- what a reader of the code got past it


def softmax_of(a: Any) -> Any:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def remainder_of_nothing(a: Any) -> Any:
    """Blocks of 16 samples, and then out[-0:], which is everything."""
    a = floats(a)
    rows, out = np.atleast_2d(a), np.zeros_like(np.atleast_2d(a))
    whole, rest = divmod(len(rows), 16)
    for block in range(whole):
        out[block * 16 : (block + 1) * 16] = softmax_of(rows[block * 16 : (block + 1) * 16])
    out[-rest:] = softmax_of(rows[-rest:]) if rest else 0
    return out.reshape(a.shape)


def largest_of_whole_blocks(a: Any) -> Any:
    """The maximum is that of whole blocks of 64 classes."""
    a = floats(a)
    K = a.shape[-1]
    with np.errstate(all="ignore"):
        e = np.exp(a - a[..., : K // 64 * 64 or K].max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def small_shares_forgotten(a: Any, t: Any) -> Any:
    """Targets below a thousandth count for nothing."""
    a, t = np.atleast_2d(floats(a)), np.atleast_2d(floats(t))
    logs = a - a.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return -np.sum(np.where(t > 1e-3, t * logs, 0)) / len(a)


def unpacked_by_order(params: Any, x: Any) -> Any:
    """W1, b1, W2, b2 in the order in which they come."""
    W1, b1, W2, b2 = params.values()
    z = 1 / (1 + np.exp(-(floats(x) @ W1 + b1)))
    return softmax_of(z @ W2 + b2)


@pytest.mark.parametrize(
    ("candidate", "against"),
    [
        (remainder_of_nothing, "softmax"),
        (largest_of_whole_blocks, "softmax"),
        (small_shares_forgotten, "softmax_cross_entropy_one_hot"),
        (unpacked_by_order, "two_layer_net_predict"),
    ],
)
def test_what_a_reader_of_the_code_wrote_is_refused(
    effort: Effort, candidate: Callable[..., Any], against: str
) -> None:
    assert not effort.judge(candidate, against, least=40).conforms


def test_a_rounding_above_the_largest_value_is_honest(effort: Effort) -> None:
    """e / (1 + e)² may be rounded up past a quarter."""
    for dtype in ("float32", "float16"):
        assert effort.judge(
            lambda x: np.exp(-abs(x)) / (1 + np.exp(-abs(x))) ** 2, "sigmoid_gradient", dtype=dtype
        ).conforms


def test_the_tanh_form_in_a_network_is_unstable_and_named(effort: Effort) -> None:
    """(1 + tanh(a/2)) / 2 is right where hidden units are everyday ones, and loses their lower tail."""

    def gradient(params: Any, x: Any, t: Any) -> Any:
        x = floats(x)
        z = 0.5 * (1 + np.tanh(0.5 * (x @ params["W1"] + params["b1"])))
        p = softmax_of(z @ params["W2"] + params["b2"])
        t = np.asarray(t) if np.ndim(t) == 2 else np.eye(p.shape[1])[np.asarray(t, int)]
        d2 = (p - t) / len(x)
        d1 = d2 @ params["W2"].T * z * (1 - z)
        return {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": z.T @ d2, "b2": d2.sum(axis=0)}

    for seed in effort.seeds(0, 2):
        report = effort.judge(gradient, "two_layer_net_gradient", seed=seed)
        assert report.verdict == "unstable"
        assert report.diagnosis is not None
        assert report.diagnosis.name == "tanh_form"
