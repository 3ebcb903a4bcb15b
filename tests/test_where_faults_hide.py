"""Faults that are confined to a place where few look: a size, a mask, a parameter, options that meet, a state of nothing, a guard itself.

Each program is refmath's own beside that place, so that nothing else about it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.catalogue import formula

Program = Callable[..., Any]
#: How far an answer is off.
OFF = 1 + 1e-3


def off_where(page: str, wrong: Callable[..., bool]) -> Program:
    """The page's own program, whose answer is off where something is true of its arguments."""
    right = formula(page).program

    def program(*arguments: Any) -> Any:
        answer = right(*arguments)
        if not wrong(*arguments):
            return answer
        return {key: OFF * value for key, value in answer.items()} if isinstance(answer, dict) else OFF * answer

    return program


def refused(page: str, program: Program, **options: Any) -> refmath.Report:
    report = refmath.check(program, page, **options)
    assert report.verdict in ("differs", "unstable"), report
    return report


# ---- sizes


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("softmax", lambda a: a.shape[-1] == 10),
        ("cross_entropy_one_hot", lambda y, t: np.ndim(y) == 2 and 8 < len(y) < 31 and len(y) % 8 != 0),
        ("affine", lambda x, W, b: W.shape[1] == 12),
        ("rmsprop_step", lambda w, g, h: np.size(w) == 13),
        ("two_layer_net_predict", lambda params, x: len(params["b1"]) == 20),
    ],
)
def test_an_everyday_size_is_tried(page: str, wrong: Callable[..., bool]) -> None:
    """Ten classes, a block of eight with a rest, twenty hidden units: no size from 6 to 30 is left out."""
    refused(page, off_where(page, wrong))


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        ("linear", lambda params, x: 8 < len(x) < 31),
        ("sigmoid", lambda params, x: x.dtype.kind in "iu"),
    ],
)
def test_a_network_with_other_functions_is_of_everyday_sizes_and_types(chosen: str, wrong: Callable[..., bool]) -> None:
    """Not only with the usual functions."""

    def predict(params: Any, x: Any, activation: Any = "sigmoid", output: Any = "softmax") -> Any:
        answer = refmath.two_layer_net_predict(params, x, activation=activation, output=output)
        return OFF * answer if output == chosen and wrong(params, x) else answer

    refused("two_layer_net_predict", predict)


# ---- masks


def masked(a: Any) -> Any:
    return np.isneginf(np.atleast_2d(a))


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("softmax", lambda a: a.shape[-1] > 30 and masked(a).any()),
        ("logsumexp", lambda a: a.shape[-1] > 2 and (masked(a)[:, 0] & masked(a)[:, -1]).any()),
        ("log_softmax", lambda a: a.shape[-1] > 4 and (masked(a).sum(axis=-1) == a.shape[-1] - 1).any()),
        ("logsumexp_gradient", lambda a: (masked(a)[:, :-2] & masked(a)[:, 1:-1] & masked(a)[:, 2:]).any()),
    ],
)
def test_masks_are_many_and_anywhere(page: str, wrong: Callable[..., bool]) -> None:
    """In a large array, in a row, at both ends, all but one."""
    refused(page, off_where(page, wrong))


def test_a_label_may_be_masked() -> None:
    """Such a target costs infinity, as the page says, and its gradient is a number."""

    def large_instead(a: Any, labels: Any) -> Any:
        return refmath.softmax_cross_entropy_labels(np.where(np.isneginf(a), -1e9, a), labels)

    def without_the_target(a: Any, labels: Any) -> Any:
        return np.where(np.isneginf(a), 0.0, refmath.softmax_cross_entropy_labels_gradient(a, labels))

    refused("softmax_cross_entropy_labels", large_instead)
    refused("softmax_cross_entropy_labels_gradient", without_the_target)


# ---- parameters


def leaky_unless_given(x: Any, slope: float = 0.01) -> Any:
    return refmath.leaky_relu(x, slope=slope or 0.01)


def leaky_of_the_size(x: Any, slope: float = 0.01) -> Any:
    return refmath.leaky_relu(x, slope=abs(slope))


def penalty_unless_given(w: Any, strength: float = 0.01) -> Any:
    return refmath.l2_penalty(w, strength=strength or 0.01)


def huber_up_to_ten(y: Any, t: Any, delta: float = 1.0) -> Any:
    return refmath.huber(y, t, delta=min(delta, 10.0))


def guard_up_to_a_ten_thousandth(y: Any, t: Any, delta: float = 1e-8) -> Any:
    return refmath.cross_entropy_one_hot(y, t, delta=min(delta, 1e-4))


@pytest.mark.parametrize(
    ("page", "program"),
    [
        ("leaky_relu", leaky_unless_given),
        ("leaky_relu", leaky_of_the_size),
        ("l2_penalty", penalty_unless_given),
        ("huber", huber_up_to_ten),
        ("cross_entropy_one_hot", guard_up_to_a_ten_thousandth),
    ],
)
def test_parameters_are_zero_negative_and_large(page: str, program: Program) -> None:
    """As far as the page takes them."""
    refused(page, program)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda a, labels, reduction, weights, ignored, smoothing: (
            reduction == "sum" and weights and ignored is not None
        ),
        lambda a, labels, reduction, weights, ignored, smoothing: (
            weights and smoothing and ignored == 1 and reduction == "mean"
        ),
        lambda a, labels, reduction, weights, ignored, smoothing: len(a) > 100 and reduction != "mean",
        lambda a, labels, reduction, weights, ignored, smoothing: a.shape[-1] > 40 and smoothing,
        lambda a, labels, reduction, weights, ignored, smoothing: 8 < len(a) < 31 and weights,
        lambda a, labels, reduction, weights, ignored, smoothing: labels.dtype != np.int64 and weights,
    ],
    ids=["three", "another three", "many samples", "many classes", "everyday", "labels of a type"],
)
def test_options_meet(wrong: Callable[..., bool]) -> None:
    """Three of them, in everyday and in large arrays."""

    def loss(
        a: Any,
        labels: Any,
        *,
        reduction: Any = "mean",
        class_weights: Any = None,
        ignore_index: Any = None,
        label_smoothing: Any = 0.0,
    ) -> Any:
        chosen = (reduction, class_weights, ignore_index, label_smoothing)
        answer = refmath.softmax_cross_entropy_labels(
            a,
            labels,
            reduction=reduction,
            class_weights=class_weights,
            ignore_index=ignore_index,
            label_smoothing=label_smoothing,
        )
        told = (chosen[0], chosen[1] is not None, *chosen[2:])
        return OFF * answer if wrong(np.atleast_2d(a), np.atleast_1d(labels), *told) else answer

    refused("softmax_cross_entropy_labels", loss)


@pytest.mark.parametrize("nothing", [0.0, np.inf])
def test_a_mean_of_nothing_is_nan(nothing: float) -> None:
    """0/0 is neither 0 nor infinite; a program that raises an error there says the same."""

    def loss(y: Any, labels: Any, *, ignore_index: Any = None) -> Any:
        if ignore_index is not None and np.all(np.asarray(labels) == ignore_index):
            return nothing
        return refmath.cross_entropy_labels(y, labels, ignore_index=ignore_index)

    def raises(y: Any, labels: Any, *, ignore_index: Any = None) -> Any:
        if ignore_index is not None and np.all(np.asarray(labels) == ignore_index):
            raise ZeroDivisionError("there is no mean of nothing")
        return refmath.cross_entropy_labels(y, labels, ignore_index=ignore_index)

    report = refused("cross_entropy_labels", loss)
    assert "0/0" in report.begins
    assert refmath.check(raises, "cross_entropy_labels").conforms


# ---- steps


def of_a_state_of_zeros(w: Any, g: Any, h: Any) -> Any:
    """The first step is not taken where the gradient is small."""
    new = refmath.adagrad_step(w, g, h)
    return {**new, "w": np.where((np.asarray(h) == 0) & (np.abs(g) < 1e-5), w, new["w"])}


def with_a_floor(w: Any, g: Any, h: Any) -> Any:
    """Squares below a floor count as much as that."""
    squares = h + np.square(g)
    return {"w": w - 0.01 * g / (np.sqrt(np.maximum(squares, 1e-12)) + 1e-7), "h": squares}


def never_after_two_thousand(w: Any, g: Any, m: Any, v: Any, t: int) -> Any:
    """The number of the step is held for some thousand steps."""
    return refmath.adam_step(w, g, m, v, 2000 if 2000 < t < 5000 else t)


@pytest.mark.parametrize(
    ("page", "program"),
    [("adagrad_step", of_a_state_of_zeros), ("adagrad_step", with_a_floor), ("adam_step", never_after_two_thousand)],
)
def test_steps_begin_with_nothing_and_go_on_for_long(page: str, program: Program) -> None:
    """Tiny gradients beside a state of zeros, squares of every size, steps of every number."""
    refused(page, program)


def test_what_is_handed_back_now_and_then_is_told() -> None:
    """New arrays as a rule, and the arguments themselves where nothing is to be learnt."""

    def step(w: Any, g: Any, h: Any) -> Any:
        return refmath.adagrad_step(w, g, h) if np.any(g) else {"w": w, "h": h}

    def in_place(w: Any, g: Any, h: Any) -> None:
        h += g * g
        w -= 0.01 * g / (np.sqrt(h) + 1e-7)

    assert any("for some inputs only" in each for each in refused("adagrad_step", step).remarks)
    assert refmath.check(in_place, "adagrad_step").conforms


# ---- guards


def slope_beyond_the_guard_only(y: Any, t: Any, delta: float = 1e-8) -> Any:
    count = len(y) if np.ndim(y) == 2 else 1
    return np.where(y > delta, -1.0 * t / np.maximum(y, delta), 0.0) / count


def slope_from_the_guard_on(y: Any, t: Any, delta: float = 1e-8) -> Any:
    count = len(y) if np.ndim(y) == 2 else 1
    return np.where(y >= delta, -1.0 * t / np.maximum(y, delta), 0.0) / count


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_at_a_guard_itself_the_slope_is_that_from_the_right(dtype: str) -> None:
    """Where the format holds the guard's number, whether a probability is less than that is not in doubt."""
    refused("cross_entropy_one_hot_gradient", slope_beyond_the_guard_only, dtype=dtype)
    assert refmath.check(slope_from_the_guard_on, "cross_entropy_one_hot_gradient", dtype=dtype).conforms


# ---- integers


def absolute_error_of_integers(y: Any, t: Any) -> Any:
    return np.mean(np.abs(np.asarray(y) - np.asarray(t)))


def squared_error_of_integers(y: Any, t: Any) -> Any:
    off = np.asarray(y) - np.asarray(t)
    return np.sum(off * off) / 2 / (len(off) if off.ndim == 2 else 1)


@pytest.mark.parametrize(
    ("page", "program"),
    [("mean_absolute_error", absolute_error_of_integers), ("mean_squared_error", squared_error_of_integers)],
)
def test_integers_that_wrap_around_are_told(page: str, program: Program) -> None:
    """The same numbers in 64 bits are right; what is wrong of them, too, is something else."""
    found = refused(page, program).diagnosis
    assert found is not None
    assert found.name == "computed_in_the_integers_own_type"
    assert "uint8" in found.text
    assert found.repair.endswith("If it is never given integers: --declines integers.")
    without = refmath.check(program, page, declines=["integers"], examples=4)
    assert (without.verdict, without.extent.types, without.extent.left_out) == ("conforms", (), ("integers",))
    other = refused(page, lambda y, t: OFF * program(y, t)).diagnosis
    assert other is None or other.name != found.name


# ---- what arrays come as


@pytest.mark.parametrize(
    ("page", "wrong", "told"),
    [
        ("softmax", lambda a: a.ndim == 2 and a.strides[0] < 0, "an array is a view of another one"),
        ("affine", lambda x, W, b: x.strides[0] > 2 * x.shape[1] * x.itemsize - 1, ""),
        (
            "mean_squared_error",
            lambda y, t: y.flags.c_contiguous and not t.flags.c_contiguous and t.flags.f_contiguous,
            "an array is stored by columns, another by rows",
        ),
        ("softmax", lambda a: a.dtype == np.int16, "a holds integers of 8 or 16 bits"),
        ("adam_step", lambda w, g, m, v, t: type(t) is not int, "t is one of NumPy's integers"),
        ("relu", lambda x: np.ndim(x) == 4, ""),
        ("sgd_step", lambda params, grads, lr: any(np.ndim(each) == 4 for each in params.values()), ""),
        ("log_softmax", lambda a: a.shape[-1] == 2, ""),
    ],
)
def test_arrays_come_in_every_way(page: str, wrong: Callable[..., bool], told: str) -> None:
    """Views of rows, one by columns beside another, few bits, NumPy's own numbers, four axes, two classes: and which it is, is told."""
    report = refused(page, off_where(page, wrong), examples=24)
    assert told in report.breaks


def test_integers_of_few_bits_may_become_narrow_floats() -> None:
    """NumPy's exponential of eight bits is float16: that is honest, beside a target in float64 too; a wrong share is not."""

    def loss(a: Any, t: Any) -> Any:
        shifted = a - np.max(a, axis=-1, keepdims=True)
        shares = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return -np.sum(np.where(t > 0, t * shares, 0)) / (len(a) if np.ndim(a) == 2 else 1)

    page = "softmax_cross_entropy_one_hot"
    assert refmath.check(loss, page, examples=24).verdict == "conforms"
    refused(page, lambda a, t: loss(a, t) * (1.05 if a.dtype == np.int8 else 1), examples=24)
