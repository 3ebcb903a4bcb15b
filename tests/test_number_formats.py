"""Judging in float16 and bfloat16: honest programs are accepted however they round, mistakes are refused, counterexamples can be pasted."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import surveyed
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import refmath
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import FORMULAS, formula
from refmath.cli import app
from refmath.mistakes.programs import program_of
from refmath.oracle.candidates.arrays import handed_over, require, unchanged
from refmath.spec import Formula, setting

pytestmark = pytest.mark.long

NARROW = ("float16", "bfloat16")
FEW = 4
#: What the search of the whole catalogue may miss: in so few digits these are no mistakes, or ones that only another seed finds.
#: A clip at ±500, a guard of 1e-8 or a difference quotient with a small step is right to eleven bits, as is a weight decay of 1e-4.
HIDDEN = {
    "both_sides_clipped",
    "central_difference",
    "clipped_argument",
    "clipped_value",
    "forward_difference",
    "guarded",
    "guarded_sum",
    "tanh_form",
    "weight_decay_unasked",
}


def judge(candidate: Callable[..., Any], against: str, dtype: str, **options: Any) -> refmath.Report:
    return refmath.check(candidate, against, dtype=dtype, **{"examples": FEW, **options})


def told(report: refmath.Report) -> str | None:
    return report.diagnosis.name if report.diagnosis else None


def in_float64(program: Callable[..., Any]) -> Callable[..., Any]:
    """A program that accumulates in a wider type and does not even round its answer."""

    def wide(*arguments: Any) -> Any:
        return program(*(each if callable(each) or np.ndim(each) == 0 else _wide(each) for each in arguments))

    return wide


def _wide(argument: Any) -> Any:
    if isinstance(argument, dict):
        return {key: _wide(value) for key, value in argument.items()}
    return argument if argument.dtype.kind in "iu" else argument.astype(np.float64)


# ---- rounding after every step: NumPy rounds each operation on arrays of one format to that format


def stepwise_sigmoid(x: Any) -> Any:
    """The plain form; every number in it is of the format."""
    one = x.dtype.type(1)
    return one / (one + np.exp(-x))


def stepwise_softmax(a: Any) -> Any:
    """Shifted, divided by the sum."""
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / _sum(e, axis=-1)[..., None]


def stepwise_squared_error(y: Any, t: Any) -> Any:
    """The squares summed up one after the other, in the format."""
    d = y - t
    return d.dtype.type(0.5) * _sum(_sum(d * d, axis=-1)) / d.dtype.type(1 if d.ndim == 1 else len(d))


def stepwise_loss(a: Any, t: Any) -> Any:
    """The logarithm of the sum of the shifted exponentials."""
    largest = np.max(a, axis=-1, keepdims=True)
    logs = a - largest - np.log(_sum(np.exp(a - largest), axis=-1))[..., None]
    return -_sum(_sum(t.astype(logs.dtype) * logs, axis=-1)) / a.dtype.type(1 if a.ndim == 1 else len(a))


def stepwise_network(params: Any, x: Any) -> Any:
    """The two layers, each product and each sum rounded."""
    z = stepwise_sigmoid(_product(x, params["W1"]) + params["b1"])
    return stepwise_softmax(_product(z, params["W2"]) + params["b2"])


def _sum(values: Any, axis: int = 0) -> Any:
    values = np.moveaxis(np.atleast_1d(values), axis, 0)
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _product(left: Any, right: Any) -> Any:
    return _sum(left[:, :, None] * right[None, :, :], axis=1)


STEPWISE: dict[str, Callable[..., Any]] = {
    "sigmoid": stepwise_sigmoid,
    "softmax": stepwise_softmax,
    "mean_squared_error": stepwise_squared_error,
    "softmax_cross_entropy_one_hot": stepwise_loss,
    "two_layer_net_predict": stepwise_network,
}


@pytest.mark.parametrize(("page", "dtype"), surveyed.in_turn(FORMULAS, NARROW, one_of_each_signature=True))
def test_every_page_conforms_in_narrow_formats_and_rejects_mistakes_that_matter(page: Formula, dtype: str) -> None:
    """refmath's own programs are right in eleven bits and in eight, and the search that says so tells every mistake but a few."""
    dtypes: set[str] = set()

    def program(*arguments: Any) -> Any:
        for each in arguments:
            dtypes.update(
                str(value.dtype) for value in (each.values() if isinstance(each, dict) else [each]) if np.ndim(value)
            )
        return page.program(*arguments)

    report = judge(program, page.name, dtype)
    assert report.conforms
    # Labels and one-hot targets come in other types as well, and float16 in the other byte order.
    assert {each for each in dtypes if "float" in each} == {dtype}
    assert {each for each in dtypes if each.lstrip("<>").startswith("f")} <= {dtype, ">f2"}
    if not page.by_layers and page.name != "gradient_descent":
        assert report.worst_ulps <= 1 or page.takes_function
    # So few examples leave out some of what the usual eighty find.
    told_apart = {*report.evidence.mistakes_rejected, *HIDDEN}
    assert len(told_apart & {each.name for each in page.mistakes}) >= 0.7 * len(page.mistakes) - 1


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("name", STEPWISE)
def test_rounding_after_every_step_is_honest(name: str, dtype: str) -> None:
    """A program whose every operation is rounded to the format conforms; NumPy's arithmetic really stays in it."""
    dtypes: set[Any] = set()

    def candidate(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            answer = STEPWISE[name](*arguments)
        dtypes.add(answer.dtype.name)
        return answer

    report = judge(candidate, name, dtype, examples=8)
    if (name, dtype) == ("mean_squared_error", "float16"):
        # All is honest but the sum, which leaves so narrow a range where the mean does not.
        assert report.verdict == "unstable"
        assert report.smallest is not None
        assert report.smallest.got == np.inf
    else:
        assert report.conforms, (report.smallest, report.laws)
    assert dtypes == {dtype}


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(
    "name", ["mean_squared_error", "softmax_cross_entropy_one_hot", "cross_entropy_error_gradient"]
)
def test_accumulating_in_a_wider_type_is_honest(name: str, dtype: str) -> None:
    """A program that computes in float64, and answers in it, conforms."""
    assert judge(in_float64(formula(name).program), name, dtype).conforms


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("mean_squared_error", "mean_over_entries"),
        ("mean_squared_error", "missing_half"),
        ("softmax", "no_shift"),
        ("softmax_cross_entropy_one_hot", "no_shift"),
        ("softmax_cross_entropy_one_hot", "sum_over_samples"),
    ],
)
def test_a_mistake_is_found_and_named_in_narrow_formats(name: str, mistake: str, dtype: str) -> None:
    """Those mistakes of a page that matter are refused, and named, in eleven bits and in eight."""
    program = next(program_of(formula(name), each) for each in formula(name).mistakes if each.name == mistake)
    report = judge(program, name, dtype, examples=12)
    assert not report.conforms
    assert report.diagnosis is not None
    assert mistake == report.diagnosis.name or f"As a mistake: {mistake}" in report.diagnosis.text


def test_a_guard_below_the_smallest_float16_is_lost() -> None:
    """1e-8 is zero in float16: a loss guarded by it is infinite for a probability of zero, and is told that it has no guard."""

    def candidate(y: Any, t: Any) -> Any:
        with np.errstate(all="ignore"):
            logs = np.log(np.maximum(y, y.dtype.type(1e-8)))
            loss = -np.sum(np.where(t > 0, t * logs, y.dtype.type(0)), axis=-1)
            return np.mean(loss)

    report = judge(candidate, "cross_entropy_one_hot", "float16")
    assert report.verdict == "unstable"
    assert told(report) == "pytorch"
    assert judge(candidate, "cross_entropy_one_hot", "bfloat16").conforms


# ---- computed in less


@pytest.mark.parametrize(
    ("given_in", "lower"),
    [
        ("float64", "float32"),
        ("float64", "bfloat16"),
        ("float32", "float16"),
    ],
)
def test_a_lower_format_inside_is_named(given_in: str, lower: str) -> None:
    """A program that rounds what it is given to a lower format is told which."""

    def candidate(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return refmath.sigmoid(x.astype(FORMATS[lower].dtype()))

    report = judge(candidate, "sigmoid", given_in)
    assert told(report) == f"computed_in_{lower}"
    assert judge(candidate, "sigmoid", lower).conforms


# ---- what is tried, and what is shown


@pytest.mark.parametrize("dtype", NARROW)
def test_a_counterexample_can_be_pasted(dtype: str) -> None:
    """The call that a report shows gives these very arrays, and the answer it tells of."""
    report = judge(lambda y, t: refmath.mean_squared_error(y, t) * 2, "mean_squared_error", dtype)
    for example in (report.smallest, report.worst):
        assert example is not None
        seen = eval(example.call, {"np": np, "ml_dtypes": ml_dtypes, "mean_squared_error": lambda *given: given})
        for pasted, tried in zip(seen, example.inputs.values(), strict=True):
            assert pasted.dtype == tried.dtype == FORMATS[dtype].dtype()
            assert pasted.tobytes() == tried.tobytes()
        assert example.as_json()["inputs"]["y"]["dtype"] == dtype
        assert example.as_json()["inputs"]["y"]["data"] == seen[0].astype(np.float64).ravel().tolist()


def test_distances_beyond_the_range_are_counted_in_the_largest_numbers_unit() -> None:
    """Where the exact value is beyond float16, an answer in float64 is as far off as it would be at the end of the range."""
    page = setting(formula("mean_squared_error"))
    interval = acceptance(page, read(page, np.array([4000.0]), np.array([0.0])), FORMATS["float16"])
    assert interval is not None
    assert interval.accepts(np.inf)
    assert float(interval.ulps(8e6 + 32)) == 1


@pytest.mark.parametrize("gap", [90.0, 700.0, 9984.0])
def test_a_loss_that_is_large_in_eight_bits_is_still_judged(gap: float) -> None:
    """The ball of a quotient of exponentials reaches zero in eight bits; the loss of a certain error has an interval all the same."""
    page = setting(formula("softmax_cross_entropy_one_hot"))
    interval = acceptance(page, read(page, np.array([gap, 0.0]), np.array([0.0, 1.0])), FORMATS["bfloat16"])
    assert interval is not None
    assert interval.accepts(gap)
    assert not interval.accepts(np.inf)
    assert not interval.accepts(0.8 * gap)


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
@given(st.floats(allow_nan=False) | st.floats(-1e5, 1e5))
def test_numbers_are_rounded_as_numpy_rounds_them(format_: Format, value: float) -> None:
    """Rounding without a package is NumPy's and that of ml_dtypes: ties to even, gradual underflow, overflow to infinity."""
    with np.errstate(all="ignore"):
        single = np.float32(value)
        expected = np.array(value if format_.name != "bfloat16" else single).astype(format_.dtype()).astype(np.float64)
        given_ = value if format_.name != "bfloat16" else float(single)
        assert float(format_.rounded(given_)) == float(expected)


# ---- packages that are not there


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a package missing."""
    import_it = builtins.__import__

    def forget(package: str) -> None:
        def refusing(name: str, *rest: Any, **more: Any) -> Any:
            if name.partition(".")[0] == package:
                raise ImportError(f"No module named {name!r}")
            return import_it(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", refusing)

    return forget


def test_bfloat16_without_its_package_is_refused_with_the_way_to_get_it(without: Callable[[str], None]) -> None:
    """Without ml_dtypes, bfloat16 is an ImportError that says what to install; float16 needs nothing."""
    without("ml_dtypes")
    with pytest.raises(ImportError, match=r"pip install 'refmath\[array\]'"):
        judge(refmath.sigmoid, "sigmoid", "bfloat16")
    answer = CliRunner().invoke(app, ["check", "refmath:sigmoid", "--dtype", "bfloat16"])
    assert answer.exit_code == 2
    assert "refmath[array]" in answer.stderr
    assert judge(refmath.sigmoid, "sigmoid", "float16").conforms


def test_a_library_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays of a library that is not installed are an ImportError with the package's name."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ImportError, match="pip install array-api-strict"):
        require("array_api_strict", FORMATS["float64"])


# ---- arrays of other libraries


def test_array_api_strict_is_given_and_taken() -> None:
    """A program of the array API standard gets arrays of that standard, and is judged by what it answers."""
    pytest.importorskip("array_api_strict")

    def error(y: Any, t: Any) -> Any:
        xp = y.__array_namespace__()
        return xp.sum((y - t) ** 2) / (2 * (1 if y.ndim == 1 else y.shape[0]))

    def writes(y: Any, t: Any) -> Any:
        y[...] = y - t
        return 0.5 * y.__array_namespace__().sum(y**2)

    for dtype in ("float64", "float32"):
        assert judge(error, "mean_squared_error", dtype, array="array_api_strict").conforms
    assert told(judge(writes, "mean_squared_error", "float64", array="array_api_strict")) == "writes_into_its_input"


@pytest.mark.interop
def test_tensors_hold_bfloat16_exactly_and_may_lie_column_by_column() -> None:
    """A tensor of bfloat16 holds the very numbers; in the edge class some are not contiguous; writing is noticed."""
    torch = pytest.importorskip("torch")
    array = np.asfortranarray(np.array([[1.5, -0.0], [2.0**-130, 3e38]], ml_dtypes.bfloat16))
    tensor = handed_over(array, "torch")
    assert tensor.dtype == torch.bfloat16
    assert not tensor.is_contiguous()
    assert tensor.float().tolist() == array.astype(np.float32).tolist()
    assert unchanged(array.copy(), tensor)
    tensor[0, 1] = 0.0  # +0 is another number than −0
    assert not unchanged(np.array([[1.5, -0.0], [2.0**-130, 3e38]], ml_dtypes.bfloat16), tensor)
    contiguous: set[bool] = set()

    def candidate(a: Any) -> Any:
        contiguous.add(a.is_contiguous())
        return torch.softmax(a, -1)

    assert judge(candidate, "softmax", "bfloat16", array="torch").conforms
    assert contiguous == {True, False}


@pytest.mark.interop
def test_a_silent_downcast_by_jax_is_named() -> None:
    """JAX without 64 bits rounds float64 to float32 without a word: the report says so; with 64 bits it conforms."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    try:
        jax.config.update("jax_enable_x64", False)
        report = judge(jax.nn.sigmoid, "sigmoid", "float64", array="jax")
        assert told(report) == "computed_in_float32"
        assert report.diagnosis is not None
        assert "jax_enable_x64" in report.diagnosis.text
        jax.config.update("jax_enable_x64", True)
        assert told(judge(jax.nn.sigmoid, "sigmoid", "float64", array="jax")) != "computed_in_float32"
    finally:
        jax.config.update("jax_enable_x64", before)
