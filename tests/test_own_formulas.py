"""Formulas of one's own: declaring them, what is refused, exact values, verdicts, derived gradients, files and packages that bring them."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from typer.testing import CliRunner

import refmath
from refmath import FORMULAS, Formula, argument, gradient_of, indices, parameter, sizes, vjp_of, xlogy
from refmath.balls.evaluate import evaluate, read
from refmath.balls.formats import FORMATS
from refmath.catalogue import add, formula
from refmath.cli import app
from refmath.oracle.searching.survey import Survey
from refmath.spec import Form, packed, setting
from refmath.vectors.files import document as document_of

N, K, C, T = sizes("N K C T")
n, k, c, t, i = indices("n k c t i")
p, target = argument("p", "probabilities", N, K), argument("t", "one_hot", N, K)
gamma = parameter("gamma", 2.0, nonnegative=True)
FOCAL = Formula(
    "focal",
    -sp.Sum((1 - p[n, k]) ** gamma * xlogy(target[n, k], p[n, k]), (k, 0, K - 1), (n, 0, N - 1)) / N,
    inputs=(p, target),
    parameters=(gamma,),
)
x, y = argument("x", "real", ...), argument("y", "real", ...)
a = argument("a", "real", N, K)
z, words = argument("z", "logits", N, C, T), argument("words", "labels", N, T)
SEQUENCES = Formula(
    "sequences",
    sp.Sum(sp.log(sp.Sum(sp.exp(z[n, c, t]), (c, 0, C - 1))) - z[n, words[n, t], t], (t, 0, T - 1), (n, 0, N - 1))
    / (N * T),
    inputs=(z, words),
)
HUBER = Formula(
    "huber_of_one",
    sp.Piecewise((x[i] ** 2 / 2, sp.Abs(x[i]) <= 1), (sp.Abs(x[i]) - sp.Rational(1, 2), True)),
    inputs=(x,),
)
rate, velocity = argument("lr", "rate"), argument("v", "real", ...)
mu = parameter("mu", 0.9)
MOMENTUM = Formula(
    "momentum",
    {"w": x[i] + mu * velocity[i] - rate * y[i], "v": mu * velocity[i] - rate * y[i]},
    inputs=(x, y, velocity, rate),
    parameters=(mu,),
)


def focal(p: Any, t: Any, *, gamma: float = 2.0) -> Any:
    right = np.sum(p * t, axis=-1)
    with np.errstate(divide="ignore"):
        return np.mean((1 - right) ** gamma * -np.log(right))


def sequences(z: Any, words: Any) -> Any:
    top = z.max(axis=1, keepdims=True)
    logs = np.log(np.exp(z - top).sum(axis=1)) + top[:, 0]
    return np.mean(logs - np.take_along_axis(z, words[:, None, :], 1)[:, 0])


def momentum(w: Any, g: Any, v: Any, lr: Any, *, mu: float = 0.9) -> Any:
    v = mu * v - lr * g
    return {"w": w + v, "v": v}


# ---- what follows from a definition


def test_the_axes_of_an_answer_follow_from_the_indices() -> None:
    """Free indices come in the order of the arguments' axes; a number has none, an answer of several arrays each its own."""
    assert FOCAL.output == ()
    shares = Formula("shares", z[n, c, t] / sp.Sum(z[n, k, t], (k, 0, C - 1)), inputs=(z,))
    assert shares.output == ((n, "N"), (c, "C"), (t, "T"))
    turned = Formula("turned", z[n, c, t], inputs=(z,), output=(t, n, c))
    assert turned.output == ((t, "T"), (n, "N"), (c, "C"))
    assert [(part.key, part.output) for part in MOMENTUM.parts] == [("w", ((i, "N"),)), ("v", ((i, "N"),))]
    assert next(each.classes for each in SEQUENCES.inputs if each.kind == "labels") == "C"


def test_a_parameter_knows_its_default() -> None:
    """A parameter is a symbol with a default: two of one name and two defaults differ, and it survives a pickle."""
    assert FOCAL.parameters == {"gamma": 2.0}
    assert gamma != parameter("gamma", 3.0, nonnegative=True)
    again = pickle.loads(pickle.dumps(gamma))
    assert (again, again.default, again.is_nonnegative) == (gamma, 2.0, True)
    assert pickle.loads(pickle.dumps(FOCAL)).definition == FOCAL.definition


NOT_FITTING: dict[str, tuple[type[Exception], str, Callable[[], Any]]] = {
    "symbol": (ValueError, "w in the definition of f is nowhere declared", lambda: Formula("f", x[i] * sp.Symbol("w"), inputs=(x,))),
    "near": (ValueError, "did you mean gamma", lambda: Formula("f", x[i] * sp.Symbol("gama"), inputs=(x,), parameters=(gamma,))),
    "size": (ValueError, "C in the definition of f is the size of no axis", lambda: Formula("f", C * p[n, k], inputs=(p,))),
    "argument": (ValueError, "t in the definition of f is no argument", lambda: Formula("f", target[n, k], inputs=(p,))),
    "indices": (ValueError, "p has 2 axes, N, K; got the indices n", lambda: p[n]),
    "bare": (TypeError, "p is an array: give it an index", lambda: Formula("f", p, inputs=(p,))),
    "arithmetic": (TypeError, "p is an array: give it an index", lambda: 1 - sp.exp(p)),
    "rounded": (ValueError, "holds the rounded number 0.1", lambda: Formula("f", 0.1 * x[i], inputs=(x,))),
    "expression": (TypeError, "must be a SymPy expression; got str", lambda: Formula("f", "x", inputs=(x,))),
    "no_input": (ValueError, "f has no arguments", lambda: Formula("f", sp.Integer(1), inputs=())),
    "input": (TypeError, "must be arguments, as refmath.argument gives them", lambda: Formula("f", x[i], inputs=(x.symbol,))),
    "twice": (ValueError, "f has two arguments called x", lambda: Formula("f", x[i], inputs=(x, x))),
    "mixed": (ValueError, "arrays of any shape stand beside arrays whose axes have names, p", lambda: Formula("f", x[i], inputs=(x, p))),
    "name": (TypeError, "the name of a formula must be an identifier", lambda: Formula("my loss", x[i], inputs=(x,))),
    "kind": (ValueError, "did you mean logits", lambda: argument("a", "logit", N)),
    "axis": (TypeError, "an axis must be a size", lambda: argument("a", "real", "N")),
    "ellipsis": (ValueError, "... stands for all axes", lambda: argument("a", "real", ..., N)),
    "number": (ValueError, "a rate is one number", lambda: argument("lr", "rate", N)),
    "classes": (ValueError, "say which axis the labels count along", lambda: Formula("f", p[n, k], inputs=(p, argument("l", "labels", N)))),
    "function": (ValueError, "known to refmath's own pages only", lambda: argument("f", "function", N)),
    "default": (ValueError, "eps must be positive", lambda: parameter("eps", 0.0, positive=True)),
    "unknown_function": (ValueError, "gamma", lambda: refmath.exact(Formula("f", sp.gamma(x[i]), inputs=(x,)), [1.0])),
    "parameter_value": (ValueError, "gamma of focal must be finite and not negative", lambda: refmath.exact(FOCAL, [1.0], [1], gamma=-1.0)),
    "not_positive": (ValueError, "s must hold positive numbers; got -1.0", lambda: refmath.exact(
        Formula("f", sp.log(argument("s", "positive", N)[n]), inputs=(argument("s", "positive", N),)), [-1.0])),
    "no_sign": (ValueError, "s must hold -1 and 1 only; got 0.5", lambda: refmath.exact(
        Formula("f", argument("s", "signs", N)[n], inputs=(argument("s", "signs", N),)), [0.5])),
    "derivative": (ValueError, "cannot be differentiated by words: labels cannot change a little", lambda: gradient_of(SEQUENCES, "words")),
    "no_argument": (ValueError, "focal has no argument 'q'", lambda: gradient_of(FOCAL, "q")),
    "taken": (ValueError, "there is a formula 'sigmoid' in the catalogue already", lambda: add([Formula("sigmoid", x[i], inputs=(x,))])),
    "moved_piecewise": (ValueError, "SymPy has moved a Piecewise out of the sum over k", lambda: Formula("f", sp.Sum(sp.log(1 + sp.Sum(
        sp.Piecewise((0, sp.Eq(k, 0)), (sp.exp(a[n, k]), True)), (k, 0, K - 1))), (n, 0, N - 1)), inputs=(a,))),
    "index_and_argument": (ValueError, "k is an argument of f, and an index in its definition", lambda: Formula(
        "f", argument("k", "real", N)[k], inputs=(argument("k", "real", N),))),
    "parameter_and_argument": (ValueError, "x is a parameter of f, and an argument", lambda: Formula("f", x[i], inputs=(x,), parameters=(parameter("x", 1.0),))),
    "parameter_and_size": (ValueError, "N is a parameter of f, and the size of an axis", lambda: Formula("f", x[i], inputs=(x,), parameters=(parameter("N", 1.0),))),
    "keyword": (TypeError, "must be an identifier; got 'class'", lambda: Formula("class", x[i], inputs=(x,))),
    "none": (TypeError, "must be a SymPy expression; got None", lambda: Formula("f", None, inputs=(x,))),
    "output_size": (ValueError, "C is the size of no axis; there are: N, K", lambda: Formula("f", a[n, k], inputs=(a,), output=((n, C), (k, K)))),
    "output_names": (TypeError, "must be its free indices, or pairs", lambda: Formula("f", a[n, k], inputs=(a,), output=("n", "k"))),  # type: ignore[arg-type]
    "output_unknown": (ValueError, "give it with the size, as in (k, K)", lambda: Formula("f", sp.Sum(a[n, c], (c, 0, k)), inputs=(a,), output=(n, k))),
    "entries": (ValueError, "its arguments: x[..., N entries in all]", lambda: Formula("f", sp.Sum(x[i], (i, 0, C - 1)), inputs=(x,))),
    "beyond": (ValueError, "has an index beyond an axis of an argument, where N = 1, K = 2", lambda: refmath.exact(
        Formula("f", sp.Sum(a[n, k + 1], (k, 0, K - 1), (n, 0, N - 1)), inputs=(a,)), [[1.0, 2.0]])),
    "before": (ValueError, "has an index beyond an axis", lambda: refmath.exact(Formula("f", sp.Sum(a[n, k - 1], (k, 0, K - 1), (n, 0, N - 1)), inputs=(a,)), [[1.0, 2.0]])),
    "endless": (ValueError, "has an index beyond an axis", lambda: refmath.exact(Formula("f", sp.Sum(a[n, k], (k, 0, sp.oo), (n, 0, N - 1)), inputs=(a,)), [[1.0, 2.0]])),
    "not_whole": (ValueError, "has an index beyond an axis", lambda: refmath.exact(Formula("f", a[n, k / 2], inputs=(a,), output=(n, (k, K))), [[1.0, 2.0]])),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_FITTING)
def test_what_does_not_fit_is_refused_in_a_sentence(case: str) -> None:
    """Each thing that does not fit has an error that names it."""
    error, words, make = NOT_FITTING[case]
    with pytest.raises(error) as refused:
        make()
    assert words in str(refused.value)


# ---- exact values and verdicts


@pytest.mark.parametrize("exponent", [0.0, 0.5, 2.0, 3.7])
def test_exact_values_agree_with_mpmath(exponent: float) -> None:
    """The certified value is what mpmath computes of the same numbers at 60 digits."""
    shares, sure = [[0.125, 0.875], [0.3, 0.7]], [[0, 1], [1, 0]]
    with mpmath.workdps(60):
        losses = [-((1 - mpmath.mpf(q)) ** mpmath.mpf(exponent)) * mpmath.log(mpmath.mpf(q)) for q in (0.875, 0.3)]
        expected = float(sum(losses) / 2)
    assert refmath.exact(FOCAL, shares, sure, gamma=exponent).nearest() == expected
    assert refmath.exact(FOCAL, [0.0, 1.0], [0, 1]).nearest() == 0.0
    assert refmath.exact(FOCAL, [0.0, 1.0], [1, 0]).nearest() == np.inf


CONFORMING: dict[str, tuple[Formula, Any]] = {
    "focal": (FOCAL, focal),
    "sequences": (SEQUENCES, sequences),
    "momentum": (MOMENTUM, momentum),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CONFORMING)
def test_an_honest_program_conforms(name: str, dtype: str) -> None:
    """Programs as one writes them conform, with labels of two axes, a parameter taken by name and answers of several arrays."""
    own, program = CONFORMING[name]
    declined = ["single samples"] if name == "sequences" else []
    refmath.assert_conforms(program, own, dtype=dtype, examples=12, declines=declined)


FAULTY: dict[str, tuple[Formula, Any]] = {
    "no mean": (FOCAL, lambda p, t: focal(p, t) * (np.size(p) / np.shape(p)[-1])),
    "another exponent": (FOCAL, lambda p, t: focal(p, t, gamma=2.01)),
    "a guard": (FOCAL, lambda p, t: -np.mean((1 - np.sum(p * t, -1)) ** 2 * np.log(np.sum(p * t, -1) + 1e-7))),
    "a parameter that is ignored": (FOCAL, lambda p, t, gamma=2.0: focal(p, t)),
    "overflow": (SEQUENCES, lambda z, words: sequences(np.minimum(z, 700.0), words)),
    "the mean over the classes too": (SEQUENCES, lambda z, words: sequences(z, words) / z.shape[1]),
    "the old velocity": (MOMENTUM, lambda w, g, v, lr: {"w": w + v, "v": 0.9 * v - lr * g}),
    "one array of two": (MOMENTUM, lambda w, g, v, lr: {"w": w + 0.9 * v - lr * g}),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_program_does_not_conform(name: str) -> None:
    """What is wrong anywhere in the domain is refused."""
    own, program = FAULTY[name]
    assert not refmath.check(program, own, examples=12).conforms


def test_the_report_names_the_formula() -> None:
    """The report is about the formula by its name, and JSON can hold it."""
    report = refmath.check(focal, FOCAL, examples=20)
    assert report.formula == "focal"
    assert json.loads(json.dumps(report.as_json()))["formula"] == "focal"
    assert report.extent.parameters["gamma"][:1] == (2.0,)
    assert len(report.extent.parameters["gamma"]) > 2


def test_the_interval_of_an_authors_form_is_said() -> None:
    """How far an answer may be off by a form that nobody has proved is no secret."""
    shown = "the interval is that of the forms which the author of softplus gives"
    form = Form("shifted", sp.Max(x[i], 0) + sp.log(1 + sp.exp(-sp.Abs(x[i]))), "made up")
    own = Formula("softplus", sp.log(1 + sp.exp(x[i])), inputs=(x,), forms=(form,))
    report = refmath.check(lambda x: np.logaddexp(0.0, x), own, examples=20)
    assert shown in report.remarks
    assert not any("author" in remark for remark in refmath.check(refmath.sigmoid, "sigmoid", examples=20).remarks)


def test_inputs_without_a_value_are_left_out_and_told() -> None:
    """0/0 is left out and counted; a definition without a value nearly everywhere is not judged by."""
    fraction = Formula("fraction", x[i] / y[i], inputs=(x, y))

    def divided(x: Any, y: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.true_divide(x, y)

    report = refmath.check(divided, fraction, examples=12)
    assert any("were left out, as the definition has no value there" in remark for remark in report.remarks)
    never = Formula("never", sp.sqrt(-1 - x[i] ** 2), inputs=(x,))
    with pytest.raises(
        refmath.NotJudged, match=r"the definition of never has no value at .* are the kinds of its arguments"
    ):
        refmath.check(lambda x: x, never, examples=4)


def test_products_beyond_the_format_say_nothing() -> None:
    """Where the definition itself is ∞ − ∞ in the format, an answer that is nan is left out; one that is wrong is not."""
    cross = Formula("cross", x[i] * y[i] - y[i] ** 2 / 3, inputs=(x, y))

    def honest(x: Any, y: Any) -> Any:
        x, y = np.asarray(x, float), np.asarray(y, float)
        with np.errstate(all="ignore"):
            return x * y - y**2 / 3

    assert refmath.check(honest, cross, examples=40).conforms
    assert not refmath.check(lambda x, y: np.nan_to_num(honest(x, y)), cross, examples=40).conforms


def test_a_number_calculates_like_one() -> None:
    """An argument without axes stands for its number in every operation."""
    one, other = argument("one", "real"), argument("other", "real")
    wide = Formula("wide", (one - other) ** 2 / (1 + one**2) + abs(-one) - 2 * other, inputs=(one, other))
    assert refmath.exact(wide, 1.0, 3.0).nearest() == 4 / 2 + 1 - 6
    assert (one > 0) == sp.Gt(one.symbol, 0)


def test_neighbours_along_an_axis_are_evaluated_term_by_term() -> None:
    """Indices that are reckoned out are right in rows of thousands too."""
    total = Formula("neighbours", sp.Sum(a[n, k] * a[n, k - 1], (k, 1, K - 1), (n, 0, N - 1)), inputs=(a,))
    half = Formula("every_other", sp.Sum(a[n, 2 * k], (k, 0, sp.floor((K - 1) / 2)), (n, 0, N - 1)), inputs=(a,))
    row = np.arange(2000.0)
    assert refmath.exact(total, row).nearest() == float(np.sum(row[1:] * row[:-1]))
    assert refmath.exact(half, row).nearest() == float(np.sum(row[::2]))


def test_an_index_beyond_an_axis_is_no_verdict() -> None:
    """What cannot be evaluated is not judged by, and it is said why."""
    own = Formula("f", sp.Sum(a[n, k + 1], (k, 0, K - 1), (n, 0, N - 1)), inputs=(a,))
    with pytest.raises(refmath.NotJudged, match="has an index beyond an axis"):
        refmath.check(np.sum, own)


# ---- derivatives

DERIVED = [
    page for page in FORMULAS if page.derivative_of and page.name not in ("softmax_gradient", "two_layer_net_gradient")
]


@pytest.mark.parametrize("page", DERIVED, ids=lambda page: page.name)
def test_a_derived_gradient_is_the_typed_one(page: Formula) -> None:
    """The gradient that is derived from a loss encloses the same numbers as the page of its gradient, but at kinks."""
    derived = gradient_of(formula(str(page.derivative_of)))
    assert [axis for _, axis in derived.output] == [axis for _, axis in page.output]
    compared = 0
    for probe in Survey(page, FORMATS["float64"], 3, 20):
        if sum(np.size(value) for value in probe.inputs.values()) > 100:
            continue
        inputs = read(setting(page), *packed(page, probe.inputs))
        numbers = np.concatenate([np.ravel(np.asarray(each, float)) for each in probe.inputs.values()])
        if "delta" in page.parameters and np.isin(numbers, page.parameters["delta"]).any():
            continue  # the kink, where both slopes are as good
        typed, own = (evaluate(setting(each), inputs, 200).ravel() for each in (page, derived))
        assert all(one.overlaps(other) for one, other in zip(typed, own, strict=True)), probe.inputs
        compared += 1
    assert compared > 50


def by_difference(own: Formula, place: int, inputs: list[Any]) -> Any:
    """The slope of a formula's sum by one entry of its first input, by a central difference of certified values."""
    h = 2.0**-12
    ends = []
    for step in (h, -h):
        moved = np.array(inputs[0], float)
        moved.flat[place] += step
        ends.append(float(np.sum(refmath.exact(own, moved, *inputs[1:]).nearest())))
    return (ends[0] - ends[1]) / (2 * h)


DIFFERENTIATED = {
    "sequences": (SEQUENCES, [np.array([[[0.5, 1.0], [-1.0, 0.25], [2.0, 0.0]]]), np.array([[0, 2]])]),
    "huber": (HUBER, [np.array([0.5, -3.0, 2.0, 0.0])]),
    "largest": (Formula("top", sp.Sum(refmath.Largest(a[n, k], (k, 0, K - 1)) ** 2, (n, 0, N - 1)), inputs=(a,)), [np.array([[0.5, 2.0], [1.5, -1.0]])]),
    "product": (Formula("all_of_them", sp.Product(1 + x[i] ** 2, (i, 0, sizes("N") - 1)), inputs=(x,)), [np.array([0.5, 2.0, -1.0])]),
    "two maxima": (Formula("larger", sp.Sum(sp.Max(a[n, 0], a[n, 1] ** 2), (n, 0, N - 1)), inputs=(a,)), [np.array([[0.5, 2.0], [1.5, 0.25]])]),
    "norm": (Formula("norm", sp.sqrt(sp.Sum(x[i] ** 2, (i, 0, sizes("N") - 1))), inputs=(x,)), [np.array([3.0, 4.0])]),
    "power of itself": (Formula("tower", (2 + x[i] ** 2) ** x[i], inputs=(x,)), [np.array([0.5, 1.5, -1.0])]),
    "nested": (Formula("nested", sp.Sum(sp.exp(-sp.Sum((a[n, k] - a[n, c]) ** 2, (c, 0, K - 1))), (k, 0, K - 1), (n, 0, N - 1)), inputs=(a,)), [np.array([[0.5, 1.0, 0.0]])]),
    "mish": (Formula("mish", x[i] * sp.tanh(sp.log(1 + sp.exp(x[i]))), inputs=(x,)), [np.array([-2.0, 0.0, 1.5])]),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENTIATED)
def test_a_derived_gradient_is_that_of_differences(name: str) -> None:
    """At points off the kinks the derived gradient is what differences of certified values say."""
    own, inputs = DIFFERENTIATED[name]
    derived = np.ravel(refmath.exact(gradient_of(own), *inputs).nearest())
    expected = [by_difference(own, place, inputs) for place in range(inputs[0].size)]
    np.testing.assert_allclose(derived, expected, rtol=1e-5, atol=1e-6)


def test_at_a_kink_the_slope_is_that_of_the_flat_side() -> None:
    """|x| and max(x, 0) have slope 0 at 0; two equal maxima share it, and so do the largest of several."""
    for flat in (sp.Abs(x[i]), sp.Max(x[i], 0), sp.Min(x[i], 0)):
        assert refmath.exact(gradient_of(Formula("flat", flat, inputs=(x,))), [0.0]).nearest() == 0
    shared = Formula("shared", sp.Sum(sp.Max(a[n, 0], a[n, 1]), (n, 0, N - 1)), inputs=(a,))
    assert refmath.exact(gradient_of(shared), [[1.0, 1.0]]).nearest().tolist() == [[0.5, 0.5]]
    top = Formula("top", sp.Sum(refmath.Largest(a[n, k], (k, 0, K - 1)), (n, 0, N - 1)), inputs=(a,))
    assert refmath.exact(gradient_of(top), [[1.0, 2.0, 2.0, 0.0]]).nearest().tolist() == [[0.0, 0.5, 0.5, 0.0]]


def test_the_backward_form_of_a_layer() -> None:
    """An affine layer carries back upstream Wᵀ, xᵀ upstream and the sum of upstream, as a mapping by argument."""
    d, h = indices("d h")
    D, H = sizes("D H")
    W, bias = argument("W", "weights", D, H), argument("b", "weights", H)
    rows = argument("x", "weights", N, D)
    affine = Formula(
        "affine", sp.Sum(rows[n, d] * W[d, h], (d, 0, D - 1)) + bias[h], inputs=(rows, W, bias), single_samples=False
    )
    backward = vjp_of(affine)
    given = [
        np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]]),
        np.array([[1.0, 0.25], [-2.0, 4.0]]),
        np.array([0.5, 1.0]),
    ]
    upstream = np.array([[1.0, 2.0], [0.5, -1.0], [0.25, 8.0]])
    exact = refmath.exact(backward, *given, upstream).nearest()
    assert exact["x"].tolist() == (upstream @ given[1].T).tolist()
    assert exact["W"].tolist() == (given[0].T @ upstream).tolist()
    assert exact["b"].tolist() == upstream.sum(axis=0).tolist()

    def right(x: Any, W: Any, b: Any, upstream: Any) -> Any:
        return upstream @ W.T, x.T @ upstream, upstream.sum(axis=0)

    def turned(x: Any, W: Any, b: Any, upstream: Any) -> Any:
        return {"x": upstream @ W.T, "W": x.T @ upstream, "b": upstream.mean(axis=0)}

    assert refmath.check(lambda *given: dict(zip("xWb", right(*given), strict=True)), backward, examples=20).conforms
    assert refmath.check(turned, backward, examples=20).verdict == "differs"


# ---- files and packages

PAGE = Path(__file__).parents[1] / "examples" / "focal_loss_page.py"
PROGRAM = PAGE.with_name("focal_loss.py")


def refmath_in(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "refmath", *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(PAGE.parents[1]), "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "more",
    [(), pytest.param(("--jobs", "2"), marks=pytest.mark.zoo), pytest.param(("--in-process",), marks=pytest.mark.zoo)],
)
def test_the_command_judges_by_a_page_of_ones_own(tmp_path: Path, more: tuple[str, ...]) -> None:
    """The example's loss conforms and its gradient differs, in one process or several."""
    told = refmath_in(
        tmp_path, "check", str(PROGRAM), "--page", str(PAGE), "--examples", "10", "--json", "report.json", *more
    )
    assert told.returncode == 1, told.stderr
    results = json.loads((tmp_path / "report.json").read_text("utf-8"))["results"]
    assert {each["formula"]: each["verdict"] for each in results} == {
        "focal_loss": "conforms",
        "focal_loss_gradient": "differs",
    }
    assert next(each["diagnosis"]["name"] for each in results if each["diagnosis"]) == "term_missing"


def test_pages_are_shown_and_listed() -> None:
    """`show` and `list` know the formulas of a page, once it is named."""
    shown = CliRunner().invoke(app, ["show", "focal_loss", "--page", str(PAGE)])
    assert shown.exit_code == 0
    assert "focal_loss(p, t, gamma=2.0)" in shown.output
    assert "Laws" not in shown.output
    listed = CliRunner().invoke(app, ["list", "--page", str(PAGE)]).output
    (line,) = (line for line in listed.splitlines() if line.strip().startswith("focal_loss("))
    assert "_gradient" in line
    assert "Your own" in listed


BROKEN = {
    "ends": ("import sys\nsys.exit(3)\n", "page.py, line 2: SystemExit: 3"),
    "absent": (None, "there is no file page.py"),
    "empty": ("x = 1\n", "page.py holds no formula"),
    "raises": ("\n1 / 0\n", "page.py, line 2: ZeroDivisionError: division by zero"),
    "syntax": ("x = (\n", "page.py, line 1: SyntaxError"),
    "taken": (
        "from refmath import *\nx, i = argument('x', 'real', ...), indices('i')\nF = Formula('sigmoid', x[i], inputs=(x,))\n",
        "there is a formula 'sigmoid' in the catalogue already",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_page_that_is_no_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """A file that cannot be used ends the command with status 2 and a sentence."""
    source, words = BROKEN[case]
    monkeypatch.chdir(tmp_path)
    if source is not None:
        (tmp_path / "page.py").write_text(source, "utf-8")
    told = CliRunner().invoke(app, ["show", "softmax", "--page", "page.py"])
    assert told.exit_code == 2
    assert words in " ".join(told.stderr.split())


def test_an_installed_package_offers_formulas(tmp_path: Path) -> None:
    """What a package offers under `refmath.pages` is known by its name; one that cannot be loaded costs the others nothing."""
    for name, body in (("good_pages", PAGE.read_text("utf-8")), ("bad_pages", "raise ImportError('no such thing')\n")):
        (tmp_path / f"{name}.py").write_text(body, "utf-8")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[refmath.pages]\n{name} = {name}\n", "utf-8")
    places = os.pathsep.join([str(tmp_path), str(PAGE.parents[1])])
    told = refmath_in(tmp_path, "check", str(PROGRAM), "--examples", "2", PYTHONPATH=places)
    assert told.returncode == 1
    assert "focal_loss_gradient" in told.stdout
    assert "bad_pages" in told.stderr
    assert "cannot be loaded: ImportError: no such thing" in told.stderr


def test_an_executor_takes_a_formula_along() -> None:
    """The processes of a pool are sent the formula itself."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert refmath.check(
            np.tanh, Formula("tangent", sp.tanh(x[i]), inputs=(x,)), examples=16, executor=pool
        ).conforms


def test_vectors_are_made_of_a_formula_of_ones_own() -> None:
    """Its file has cases in every format, and none where the definition has no value."""
    fraction = Formula("ratio_of_two", p[n, k] / sp.Sum(p[n, c] ** 2, (c, 0, K - 1)) / target[n, k], inputs=(p, target))
    made = json.loads(document_of(fraction, "0").decode())
    assert made["formula"] == "ratio_of_two"
    assert made["cases"]
    whole = json.loads(document_of(FOCAL, "0").decode())
    assert {case["dtype"] for case in whole["cases"]} >= set(FORMATS)
    assert len(whole["cases"]) > 50
