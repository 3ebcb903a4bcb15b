"""Sizes that are asked for: how they are written, what is tried, which entries are certified, and long sums in balls and in narrow formats."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from typer.testing import CliRunner

import refmath
from refmath.balls import sums
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.compile import compiled
from refmath.balls.evaluate import evaluate, read
from refmath.balls.formats import FORMATS
from refmath.balls.sums import bounds, in_any_order
from refmath.catalogue import formula
from refmath.cli import app
from refmath.kinds.draws import Draws
from refmath.oracle.reporting.merge import merged
from refmath.oracle.reporting.text import as_text
from refmath.oracle.searching.sample import positions, sampled
from refmath.oracle.searching.shape import axes, fitted, parsed, written
from refmath.spec import setting

Array = Any
K = 50257

FUNCTIONS = """
import numpy as np


def softmax(a):
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)
"""


def softmax(a: Array) -> Array:
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def judge(candidate: Callable[..., Any], against: str, shape: Any, **options: Any) -> refmath.Report:
    return refmath.check(candidate, against, shape=shape, examples=2, **options)


# ---- how it is written


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("N=4096,K=50257", {"N": 4096, "K": 50257}),
        (" N = 3 ", {"N": 3}),
        ("entries=1000000", {"entries": 1000000}),
        ("entries=10X20x3", {"entries": (10, 20, 3)}),
        ("N=-3", {"N": -3}),
    ],
)
def test_a_shape_is_read_as_it_is_written(text: str, sizes: Any) -> None:
    """Axes and sizes, with a cross between the sizes of an array of any shape; and written down it is the same."""
    assert parsed(text) == sizes
    assert parsed(written(sizes)) == sizes


@pytest.mark.parametrize("text", ["", "N", "N=", "=3", "N=3;K=4", "N=3.5", "N=x", "N=3,", "N=two", "N=²", "N=3,N=4"])
def test_anything_else_is_refused(text: str) -> None:
    """What is no shape is told by an example of one."""
    with pytest.raises(ValueError, match=r"shape must be written like N=4096|gives N twice"):
        parsed(text)


@pytest.mark.parametrize(
    ("against", "shape", "error", "message"),
    [
        ("softmax", {"M": 3}, ValueError, "names the axis M, which softmax does not have: it has N, K"),
        ("sigmoid", {"N": 3}, ValueError, "sigmoid does not have: it has entries"),
        ("numerical_gradient", {"entries": 3}, ValueError, "size cannot be chosen, as it takes a function"),
        ("softmax", {"N": 0}, ValueError, "give N as a positive number; got 0"),
        ("softmax", {"K": -5}, ValueError, "give K as a positive number; got -5"),
        ("softmax", {"K": 2.5}, TypeError, "give K as a whole number; got 2.5"),
        ("softmax", {"K": True}, TypeError, "give K as a whole number; got True"),
        ("softmax", {"K": (2, 3)}, ValueError, "give K as one number; got 2x3"),
        (
            "softmax",
            {"N": 10**9, "K": 10**9},
            ValueError,
            "too large: softmax would need about .* choose a smaller size of",
        ),
        ("softmax_gradient", {"N": 1, "K": 10**7}, ValueError, "choose a smaller size of K than 10000000"),
        ("sigmoid", {"entries": (10**6, 10**6)}, ValueError, "smaller size of entries than 1000000x1000000"),
        ("softmax", "N=3", TypeError, "must be a mapping"),
    ],
)
def test_a_shape_that_a_formula_has_not_is_refused(
    against: str, shape: Any, error: type[Exception], message: str
) -> None:
    """Before anything is called it says which axis is meant, and what to do."""

    def never(*_: Any) -> None:
        raise AssertionError

    with pytest.raises(error, match=message):
        refmath.check(never, against, shape=shape)


def test_the_axes_of_a_formula() -> None:
    """Those of its arguments; arrays of any shape have entries, also in a mapping."""
    known = {name: axes(formula(name)) for name in ("softmax", "sigmoid", "sgd_step", "gradient_descent")}
    assert known == {"softmax": ("N", "K"), "sigmoid": ("entries",), "sgd_step": ("entries",), "gradient_descent": ()}
    assert fitted(formula("softmax"), {"K": np.int64(7)}) == {"K": (7,)}


# ---- what is tried


def test_the_size_is_tried_beside_the_usual_ones() -> None:
    """One typical input and one extreme one more; the report tells the size, and that a sample was certified."""
    usual = judge(softmax, "softmax", None)
    report = judge(softmax, "softmax", {"N": 3, "K": 40_000})
    assert report.verdict == "conforms"
    assert {name: count.tried - usual.classes[name].tried for name, count in report.classes.items()} == {
        "typical": 1,
        "edge": 0,
        "extreme": 1,
    }
    assert report.extent.sizes["K"] == 40_000
    assert report.extent.certified is not None
    assert usual.extent.certified is None
    assert usual.as_json()["certified"] is None
    entries, of = report.extent.certified
    assert 1000 < entries < 5000
    assert of == 120_000
    assert report.as_json()["certified"] == {"entries": entries, "of": of}
    told = " ".join(as_text(report, verbose=True).split())
    assert f"compared with exact values: {entries:,} of the 120,000 entries of the largest answer" in told
    assert merged([usual, report]).extent.certified == (entries, of)


def test_axes_that_are_not_named_stay_small() -> None:
    """Only K is large, and only the entries' own shape is taken."""
    shapes = []

    def seen(a: Array) -> Array:
        shapes.append(np.shape(a))
        return softmax(a)

    judge(seen, "softmax", {"K": 3000})
    assert (2, 3000) in shapes
    assert judge(sigmoid, "sigmoid", {"entries": (30, 400)}).extent.sizes["entries"] == 12_000
    assert judge(refmath.sgd_step, "sgd_step", {"entries": 9000}).extent.sizes["entries"] >= 9000


@pytest.mark.parametrize("place", [-1, 32768, 100_000, slice(-1000, None), slice(65536, 65700)])
def test_what_is_wrong_at_a_size_only_is_found(place: Any) -> None:
    """The last entry, one where a power of two ends, the ends of blocks: each is among the entries that are certified."""

    def wrong(x: Array) -> Array:
        y = np.array(sigmoid(x))
        if y.size > 70_000:
            y.reshape(-1)[place] += 0.25
        return y

    place = 65536 if place == 100_000 else place
    report = judge(wrong, "sigmoid", {"entries": 131_073})
    assert report.verdict == "differs"
    assert report.smallest is not None
    assert "numbers of float64" in report.smallest.call
    told = report.as_json()["smallest"]
    assert told["inputs"]["x"]["data"] is None
    assert len(json.dumps(told)) < 2000
    assert judge(wrong, "sigmoid", {"entries": 60_000}).verdict == "conforms"


def test_the_positions_are_of_every_class() -> None:
    """Both ends, both sides of powers of two, the last whole blocks, and one in each stratum."""
    found = set(positions(Draws("test"), K, 200).tolist())
    assert {0, 1, K - 2, K - 1} | {2**k + d for k in range(16) for d in (-1, 0)} <= found
    assert {K // 1024 * 1024, K // 1024 * 1024 - 1} <= found
    assert max(np.diff(sorted(found))) < 3 * K / 100
    assert positions(Draws("test"), 5, 200).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("shape", [(256, K), (1, K), (10**6,), (100_000, 10), (20, 80, 80), (3, 40_000), (2**20, 1)])
def test_samples_are_spread_over_the_answer(shape: tuple[int, ...]) -> None:
    """The first and the last entry, of the first and the last sample; few enough samples, and few entries altogether."""
    entries = sampled(Draws("test"), shape)
    size = int(np.prod(shape))
    assert {0, shape[-1] - 1, size - shape[-1], size - 1} <= set(entries.tolist())
    assert (np.diff(entries) > 0).all()
    assert 1000 < len(entries) < 6000
    samples = len(np.unique(entries // shape[-1]))
    assert samples == 1 or samples * shape[-1] <= max(3_000_000, 8 * shape[-1]) * 1.1


# ---- the command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(FUNCTIONS, encoding="utf-8")
    return path


def command(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["check", *map(str, arguments), "--examples", "2"])


@pytest.mark.parametrize(
    ("target", "shape", "message"),
    [
        (":softmax", "K", "--shape must be written like N=4096"),
        (":softmax", "K=0", "--shape must give K as a positive number; got 0"),
        (":softmax", "M=3", "--shape names the axis M, which softmax does not have: it has N, K"),
        (":softmax", "N=1000000,K=10000000", "--shape is too large"),
        ("", "N=3,M=4", "--shape names axes that none of the formulas has together, N, M; they have: sigmoid: entries"),
        ("", "K=-1", "--shape must give K as a positive number"),
    ],
)
def test_the_command_refuses_before_anything_runs(file: Path, target: str, shape: str, message: str) -> None:
    """Status 2, one sentence, and no table."""
    result = command(f"{file}{target}", "--shape", shape)
    assert result.exit_code == 2
    assert message in re.sub(r"\s+", " ", result.stderr)
    assert result.stdout == ""


def test_of_several_functions_those_with_the_axes_are_tried_at_the_size(file: Path) -> None:
    """The others are judged at the usual sizes, and that is said."""
    result = command(file, "--shape", "K=3000", "--json", "-")
    assert result.exit_code == 0
    reports = {each["formula"]: each for each in json.loads(result.stdout)["results"]}
    assert reports["softmax"]["extent"]["K"] == 3000
    assert reports["softmax"]["remarks"] == []
    assert reports["sigmoid"]["remarks"] == ["the shape K=3000 was not tried: sigmoid has no axis K"]


# ---- long sums


@pytest.mark.parametrize("bits", [128, 69, 53, 24])
@pytest.mark.parametrize("widen", [0.0, 2.0**-23])
def test_a_row_at_once_is_as_good_as_term_by_term(bits: int, widen: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both enclose the value of exact rational and 300-bit arithmetic; in the formats' precisions they are as wide as each other."""
    rng = np.random.default_rng(bits)
    a, t = rng.uniform(-9, 9, (3, 2500)), rng.uniform(-9, 9, (3, 2500))
    a[1] *= 100
    labels = np.array([0, 2499, 7])
    for name, inputs, convention in (
        ("softmax_cross_entropy_labels", (a, labels), None),
        ("mean_squared_error", (a, t), None),
        ("softmax", (a,), "scipy"),
    ):
        chosen = setting(formula(name), convention)
        named = read(chosen, *inputs)
        entries = None if name != "softmax" else np.array([0, 2499, 3000, 7499])
        together = evaluate(chosen, named, bits, widen=widen, entries=entries).ravel()
        with monkeypatch.context() as patched:
            patched.setattr(sums, "MANY", 10**9)
            apart = evaluate(chosen, named, bits, widen=widen, entries=entries).ravel()
            exact = evaluate(chosen, named, 300, entries=entries).ravel()
        for one, other, value in zip(together, apart, exact, strict=True):
            assert one.contains(value)
            assert other.contains(value)
            if bits < 128 or widen:
                # The units of partial sums depend on where these lie between two powers of two, and that on the scale.
                assert 0.5 < float((one.rad() / other.rad()).mid()) < 2
            else:
                assert one.rad() <= abs(value) * arb(2) ** -68


@pytest.mark.parametrize("width", [0.0, 1e-9, 2.0**-20, 1e-3, 0.7, 30.0, 600.0])
def test_exponentials_and_powers_of_a_row_enclose_their_values(width: float) -> None:
    """At both ends of every ball, far below the largest too, and around zero for a square."""
    x = np.array([0.0, -1e-30, 3.25, -7.1, 1e-3, 300.0, -500.0, -5000.0])
    balls = sums.Vector(x, np.zeros_like(x), np.full_like(x, width))
    functions: dict[str, Callable[[Any], Any]] = {
        "exp": lambda value: value.exp(),
        "square": lambda value: value * value,
    }
    for made, function in ((balls.exp(), functions["exp"]), (balls.power(2), functions["square"])):
        for place, value in enumerate(x.tolist()):
            with ctx.workprec(400):
                scale = arb(1) if made.scale is None else made.scale
                ball = (arb(made.h[place]) + arb(made.l[place]) + arb(0, made.radius[place])) * scale
                for side in (-1, 0, 1):
                    assert ball.contains(function(arb(value) + side * arb(width))), (place, side)
    if width:
        low, _ = balls.power(2).ends()
        assert (low >= 0).all()


def test_what_cannot_be_taken_together_is_taken_term_by_term() -> None:
    """A logarithm, a maximum, a condition, a quotient by the terms: the same value as of few terms."""
    x = sp.IndexedBase("x")
    size = sp.Symbol("M", integer=True, positive=True)
    k = sp.Symbol("k", integer=True, nonnegative=True)
    numbers = np.arange(1, 2501).tolist()
    for term, expected in (
        (sp.log(x[k]), None),
        (1 / x[k], None),
        (sp.Max(x[k], 5), sum(max(each, 5) for each in numbers)),
        (sp.KroneckerDelta(k, 3) * x[k], 4),
        (sp.Piecewise((x[k], x[k] > 2499), (0, True)), 2500),
    ):
        value = compiled(sp.Sum(term, (k, 0, size - 1)), (x, size))([arb(each) for each in numbers], 2500)
        with ctx.workprec(80):
            direct = {sp.log: lambda each: arb(each).log()}.get(term.func, lambda each: 1 / arb(each))
            wanted = sum(map(direct, numbers), arb(0)) if expected is None else arb(expected)
        assert value.overlaps(wanted)
        assert float(value.rad()) < 1e-7


def added(terms: Array, how: str, dtype: Any) -> float:
    """A sum in a format: one after the other, the other way round, sorted, by pairs, in lanes, or in a wider format."""
    x = terms.astype(dtype)
    match how:
        case "reversed":
            x = x[::-1]
        case "descending":
            x = np.sort(x)[::-1]
        case "ascending":
            x = np.sort(x)
        case "lanes" if len(x) > 16:
            x = np.add.accumulate(x[: len(x) // 8 * 8].reshape(-1, 8), axis=0)[-1]
        case "pairs":
            while len(x) > 1:
                half = len(x) // 2
                x = np.concatenate([x[:half] + x[half : 2 * half], x[2 * half :]])
        case "wider":
            return float(np.sum(x.astype(np.float32)).astype(dtype))
    return float(np.add.accumulate(x)[-1])


ORDERS = ("in order", "reversed", "descending", "ascending", "lanes", "pairs", "wider")
DTYPES = {"float16": (np.float16, 11), "bfloat16": (ml_dtypes.bfloat16, 8)}


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("count", [1, 2, 3, 40, 700, 9000])
@pytest.mark.parametrize("spread", [0.0, 3.0, 30.0])
def test_no_order_of_a_sum_leaves_the_bounds(name: str, count: int, spread: float) -> None:
    """Whatever the order and the tree, the rounded sum lies between L and U, up to the wider accumulator's one rounding."""
    dtype, bits = DTYPES[name]
    rng = np.random.default_rng([count, bits, int(spread)])
    terms = (np.exp(-spread * rng.random(count)) * 2).astype(dtype).astype(np.float64)
    low, high = bounds(terms, terms, 2.0**-bits)
    assert 0 <= low <= terms.sum() <= high
    for how in ORDERS:
        if how != "lanes":
            assert low <= added(terms, how, dtype) * (1 + 2.0**-bits), how
        assert added(terms, how, dtype) <= high, how


def test_the_lower_bound_is_where_equal_terms_stagnate() -> None:
    """Of ones a format with p bits counts 2ᵖ, and the bound comes close to 2ᵖ − 1."""
    for name, (dtype, bits) in DTYPES.items():
        ones = np.ones(9000)
        low, _ = bounds(ones, ones, 2.0**-bits)
        assert added(ones, "in order", dtype) == 2**bits, name
        assert 0.98 * (2**bits - 1) < low < 2**bits - 1


def test_sums_of_terms_of_both_signs_are_not_bounded() -> None:
    """They may cancel: their ball stays what it was, and nothing is counted."""
    x = sp.IndexedBase("x")
    k = sp.Symbol("k", integer=True, nonnegative=True)
    total = compiled(sp.Sum(x[k], (k, 0, 999)), (x,))
    with in_any_order(8) as bounded:
        assert total([arb((-1) ** each) for each in range(1000)]).contains(0)
        assert bounded.sums == 0
        assert total([arb(-1)] * 1000).contains(-1000)
        assert not total([arb(-1)] * 1000).contains(-100)
        assert bounded.sums == 2
    with in_any_order(8, largest=500.0) as bounded:
        assert not total([arb(1)] * 1000).is_finite()


def sums_by(how: str) -> Callable[[Array], Array]:
    return lambda x: np.array([added(row, how, x.dtype) for row in x]).astype(x.dtype)


def interval(name: str, format_name: str, *inputs: Array) -> Acceptance:
    chosen = setting(formula(name))
    entries = None if name != "softmax" else np.arange(0, K, 97)
    found = acceptance(chosen, read(chosen, *inputs), FORMATS[format_name], entries=entries)
    assert found is not None
    return found


@pytest.mark.parametrize("name", DTYPES)
def test_honest_sums_of_a_vocabulary_are_accepted_in_narrow_formats(name: str) -> None:
    """A softmax and its cross-entropy over 50,257 classes, added up in the format in any order, or wider; nonsense is refused."""
    dtype, _ = DTYPES[name]
    a = np.random.default_rng(1).uniform(-4, 4, (1, K)).astype(dtype)
    labels = np.array([K - 1])
    of_softmax, of_loss = interval("softmax", name, a), interval("softmax_cross_entropy_labels", name, a, labels)
    d = a - a.max()
    e = np.exp(d)
    for how in ORDERS:
        s = sums_by(how)(e)
        assert of_softmax.accepts(e / s[:, None]).all(), how
        assert of_loss.accepts((np.log(s) - d[:, -1])[0].astype(np.float64)).all(), how
    honest = (e / sums_by("wider")(e)[:, None]).astype(np.float64)
    left_out = honest.copy()
    left_out[:, 10_000:20_000] = 0
    assert of_softmax.said.all()
    for wrong in (np.zeros((1, K)), left_out, honest * 64):
        assert not of_softmax.accepts(wrong).all()
    for wrong in (0.0, float(np.log(np.exp(d[:, :32].astype(float)).sum()) - float(d[0, -1])), 30.0):
        assert not of_loss.accepts(np.float64(wrong)).any()


@pytest.mark.parametrize("name", DTYPES)
def test_a_mean_of_squares_in_a_narrow_format_is_not_zero(name: str) -> None:
    """Honest sums of 60,000 squares are accepted, zero is refused."""
    dtype, _ = DTYPES[name]
    y = np.random.default_rng(2).uniform(-0.25, 0.25, (2, 30_000)).astype(dtype)
    found = interval("mean_squared_error", name, y, np.zeros_like(y))
    for how in ORDERS:
        value = added((y * y).reshape(-1).astype(np.float64), how, dtype) / 4
        assert found.accepts(np.asarray(value, dtype).astype(np.float64)), how
    assert not found.accepts(np.float64(0))


# ---- at full size

MEASURED = """
import resource, time
import numpy as np
import refmath


def plain(a, labels):
    a, labels = np.atleast_2d(a), np.atleast_1d(labels)
    d = a - a.max(axis=-1, keepdims=True)
    return np.mean(np.log(np.exp(d).sum(axis=-1)) - d[np.arange(len(a)), labels])


started = time.process_time()
report = refmath.check(plain, "softmax_cross_entropy_labels", shape={"N": 256, "K": 50257})
print(report.verdict, report.extent.sizes["K"], time.process_time() - started)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.zoo
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise there")
def test_a_vocabulary_is_judged_within_its_limits() -> None:
    """256 samples of 50,257 classes: at most 20 seconds of CPU and 2 GiB."""
    ran = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    told, memory = ran.stdout.splitlines()
    verdict, classes, seconds = told.split()
    assert (verdict, classes) == ("conforms", "50257")
    assert float(seconds) < 20
    assert int(memory) < 2 * 1024**2
