"""The two-layer network with other functions than its sigmoids and its softmax: judged, in every format, and against PyTorch."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import refmath
from refmath.arguments import Array
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.cli import app
from refmath.networks.two_layer_net_predict import ACTIVATIONS, OUTPUTS
from refmath.oracle.reporting.text import as_text
from refmath.oracle.searching.survey import Survey
from refmath.spec import keyword_arguments, setting

pytestmark = pytest.mark.long

Functions = dict[str, str]

PREDICT, LOSS, GRADIENT = "two_layer_net_predict", "two_layer_net_loss", "two_layer_net_gradient"
ALL: list[Functions] = [
    {"activation": activation, "output": output} for activation, output in itertools.product(ACTIVATIONS, OUTPUTS)
]
OTHERS = [each for each in ALL if each != {"activation": "sigmoid", "output": "softmax"}]

every_choice = pytest.mark.parametrize("functions", ALL, ids=lambda each: "-".join(each.values()))


def some(count: int, *choices: Iterable[Any]) -> list[Any]:
    """All combinations as parameters: one in so many in every run, others in the session `zoo`."""
    return [
        pytest.param(
            *each, id="-".join(_name_of(one) for one in each), marks=[] if place % count == 0 else [pytest.mark.zoo]
        )
        for place, each in enumerate(itertools.product(*choices))
    ]


def _name_of(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(map(_name_of, value))
    return "-".join(value.values()) if isinstance(value, dict) else str(value)


def in_float64(x: Array) -> Any:
    return np.asarray(x, np.float64)


# ---- honest programs, as people write them

VALUES: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "relu": lambda a: a * (a > 0),
    "tanh": np.tanh,
    "softmax": lambda a: (
        np.exp(a - np.max(a, 1, keepdims=True)) / np.sum(np.exp(a - np.max(a, 1, keepdims=True)), 1, keepdims=True)
    ),
    "linear": lambda a: a,
}


def _sums(left: Any, right: Any) -> Any:
    """A product of matrices in an accumulator of float32 at least, from the first term to the last, which is rounded to the format."""
    dtype = np.result_type(left, right)
    wide = np.promote_types(dtype, np.float32)
    left, right = left.astype(wide), right.astype(wide)
    total = left[:, :1] * right[:1]
    for place in range(1, right.shape[0]):
        total = total + left[:, place : place + 1] * right[place : place + 1]
    return total.astype(dtype)


def predict(params: Any, x: Any, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """The prediction, every operation rounded to the format."""
    # Here and below the numbers are asked for: beyond the range they are infinite, or nan, and warn of it.
    with np.errstate(all="ignore"):
        z = VALUES[activation](_sums(x, params["W1"]) + params["b1"])
        return VALUES[output](_sums(z, params["W2"]) + params["b2"])


def loss(params: Any, x: Any, t: Any, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """The loss, every operation rounded to the format; the binary cross-entropy as PyTorch has it."""
    a = predict(params, x, activation=activation, output="linear")
    t = (np.eye(a.shape[1])[t] if np.ndim(t) == 1 else np.asarray(t)).astype(a.dtype)
    with np.errstate(all="ignore"):
        if output == "linear":
            return np.sum((a - t) ** 2) / 2 / len(x)
        if output == "sigmoid":
            return np.mean((1 - t) * a + np.maximum(-a, 0) + np.log1p(np.exp(-np.abs(a))))
        shifted = a - np.max(a, 1, keepdims=True)
        return -np.sum(t * (shifted - np.log(np.sum(np.exp(shifted), 1, keepdims=True)))) / len(x)


SLOPES: dict[str, Callable[[Any, Any], Any]] = {
    "sigmoid": lambda a, z: z * (1 - z),
    "relu": lambda a, z: (a > 0).astype(a.dtype),
    "tanh": lambda a, z: 1 - z * z,
}


def gradient(params: Any, x: Any, t: Any, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """The gradient, every operation rounded to the format."""
    with np.errstate(all="ignore"):
        a = _sums(x, params["W1"]) + params["b1"]
        z = VALUES[activation](a)
        y = VALUES[output](_sums(z, params["W2"]) + params["b2"])
        t = (np.eye(y.shape[1])[t] if np.ndim(t) == 1 else np.asarray(t)).astype(y.dtype)
        delta2 = (y - t) / y.dtype.type(y.size if output == "sigmoid" else len(x))
        delta1 = _sums(delta2, params["W2"].T) * SLOPES[activation](a, z)
        ones = np.ones((1, len(x)), a.dtype)
        return {
            "W1": _sums(x.T.astype(a.dtype), delta1),
            "b1": _sums(ones, delta1)[0],
            "W2": _sums(z.T, delta2),
            "b2": _sums(ones, delta2)[0],
        }


PROGRAMS: dict[str, Any] = {PREDICT: predict, LOSS: loss, GRADIENT: gradient}


def without(program: Any, functions: Functions) -> Any:
    """The program of somebody whose network has these functions, and no parameter for them."""
    return lambda *arguments: program(*arguments, **functions)


def wide(program: Any) -> Any:
    """A program of somebody who computes in float64 whatever comes."""

    @functools.wraps(program)
    def widened(params: Any, x: Any, *rest: Any, **functions: Any) -> Any:
        return program({key: in_float64(value) for key, value in params.items()}, in_float64(x), *rest, **functions)

    return widened


# ---- a candidate with parameters, and one without

every_page = pytest.mark.parametrize("page", PROGRAMS)


@every_page
def test_a_program_that_takes_the_functions_is_tried_with_all_of_them(page: str) -> None:
    """Every combination is tried on inputs of each class; and the report says which values there were."""
    for program in (formula(page).program, wide(PROGRAMS[page])):
        report = refmath.check(program, page)
        assert report.conforms
        assert report.extent.parameters == {"activation": ACTIVATIONS, "output": OUTPUTS}
    probes = list(Survey(formula(page), FORMATS["float64"], 0, 20, "numpy", ALL[0]))
    tried = {(probe.class_, tuple({**ALL[0], **probe.parameters}.values())) for probe in probes}
    assert tried == {(class_, tuple(each.values())) for class_ in ("typical", "edge", "extreme") for each in ALL}


@pytest.mark.parametrize(("page", "functions"), some(5, PROGRAMS, OTHERS))
def test_a_program_that_is_wrong_under_one_choice_only_is_refused(page: str, functions: Functions) -> None:
    """Whoever takes both by name must be right for all of them."""

    def program(*arguments: Any, activation: str = "sigmoid", output: str = "softmax") -> Any:
        asked = {"activation": activation, "output": output}
        found = PROGRAMS[page](*arguments, **asked)
        if asked != functions:
            return found
        return {key: 1.01 * value for key, value in found.items()} if isinstance(found, dict) else 1.01 * found

    report = refmath.check(wide(program), page)
    assert report.verdict == "differs"
    assert report.smallest is not None
    assert all(
        f"{name}={value!r}" in report.smallest.call for name, value in functions.items() if value != ALL[0][name]
    )


@pytest.mark.parametrize(("page", "dtype", "functions", "whose"), some(7, PROGRAMS, FORMATS, ALL, ("ours", "theirs")))
def test_honest_programs_conform_in_every_format(page: str, dtype: str, functions: Functions, whose: str) -> None:
    """refmath's own, and one that rounds after every step, of somebody who has no parameters; under no other functions."""
    program = formula(page).program if whose == "ours" else without(PROGRAMS[page], functions)
    report = refmath.check(program, page, dtype=dtype, parameters=functions, examples=20)
    assert report.conforms, report
    assert {name: each for name, (each,) in report.extent.parameters.items()} == functions
    assert report.under == ", ".join(["", *(f"{name}={value!r}" for name, value in functions.items())])


@pytest.mark.parametrize(("page", "functions"), some(5, PROGRAMS, ALL))
def test_other_functions_are_refused_and_named(page: str, functions: Functions) -> None:
    """A network with other functions is told which ones it has."""
    for asked in ALL:
        if sum(asked[name] != functions[name] for name in asked) != 1:
            continue
        report = refmath.check(without(wide(PROGRAMS[page]), functions), page, parameters=asked, examples=20)
        assert report.verdict in ("differs", "failed")
        if page == GRADIENT and functions["output"] == "softmax" != asked["output"]:
            continue  # of targets that do not sum to 1 a softmax has another gradient than y − t
        assert report.diagnosis is not None
        other = next(f"{name}={functions[name]!r}" for name in asked if asked[name] != functions[name])
        if functions == ALL[0]:
            assert report.diagnosis.name == "default"
        else:
            assert other in report.diagnosis.text


def test_the_laws_are_those_of_the_defaults() -> None:
    """They are held against nothing else; and typed mistakes are known under the parameters that they take."""
    usual = refmath.check(refmath.two_layer_net_predict, PREDICT, parameters={"activation": "sigmoid"}, examples=20)
    assert {each.name for each in usual.laws} == {each.name for each in formula(PREDICT).laws}
    other = refmath.check(refmath.two_layer_net_predict, PREDICT, parameters={"activation": "relu"}, examples=20)
    assert other.laws == ()
    assert "softmax_over_samples" in other.evidence.mistakes_rejected
    assert "another_activation" not in (*other.evidence.mistakes_rejected, *other.evidence.mistakes_missed)

    def without_bias(params: Any, x: Any) -> Any:
        return predict({**params, "b1": 0 * params["b1"]}, x, activation="relu")

    report = refmath.check(wide(without_bias), PREDICT, parameters={"activation": "relu"}, examples=20)
    assert report.diagnosis is not None
    assert report.diagnosis.name == "first_bias_forgotten"


# ---- how parameters are set


def test_parameters_of_any_formula_are_set() -> None:
    """A guard and its δ, of a function that takes neither, one of them, or both by name."""
    name = "cross_entropy_one_hot"
    loss = refmath.cross_entropy_one_hot
    set_to = {"guard": "offset", "delta": 1e-5}
    for candidate in (
        lambda y, t: loss(y, t, guard="offset", delta=1e-5),
        lambda y, t, *, delta=1e-8: loss(y, t, guard="offset", delta=delta),
        loss,
    ):
        report = refmath.check(candidate, name, parameters=set_to, examples=20)
        assert (report.verdict, report.extent.set_to) == ("conforms", set_to)
        assert {name: report.extent.parameters[name] for name in set_to} == {"guard": ("offset",), "delta": (1e-5,)}
    assert not refmath.check(
        lambda y, t: loss(y, t, guard="offset", delta=1e-5), name, parameters={**set_to, "delta": 1e-4}, examples=20
    ).conforms
    report = refmath.check(lambda y, t: loss(y, t, guard="offset"), name, parameters={"guard": "offset"}, examples=20)
    assert report.conforms
    assert report.as_json()["parameters"] == {"guard": ["offset"]}
    assert report.extent.defaults == ("delta",)


@pytest.mark.parametrize(
    ("parameters", "error", "told"),
    [
        ({"activation": "rely"}, ValueError, "must be one of sigmoid, relu, tanh; got 'rely'"),
        ({"slope": 1.0}, TypeError, "has no parameter 'slope'; it has: activation, output"),
        ("activation=relu", TypeError, "parameters must be a mapping from names to values; got str"),
        ({1: "relu"}, TypeError, "parameters must be a mapping from names to values; got dict"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters: Any, error: type[Exception], told: str) -> None:
    """Whether the name is wrong, the value, or both have changed places."""
    with pytest.raises(error, match=told):
        refmath.check(refmath.two_layer_net_predict, PREDICT, parameters=parameters)


def network(D: int = 3, H: int = 4, K: int = 2, N: int = 5, seed: int = 0) -> tuple[dict[str, Array], Array]:
    """A network and samples."""
    rng = np.random.default_rng(seed)
    shapes = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}, rng.standard_normal((N, D))


LEARNING = [refmath.two_layer_net_loss, refmath.two_layer_net_gradient]


@pytest.mark.parametrize("function", LEARNING)
def test_targets_belong_to_the_output(function: Any) -> None:
    """Labels to the softmax alone; numbers between 0 and 1 to sigmoids; any numbers, and as many as outputs, to linear ones."""
    params, x = network()
    for output, t in (
        ("softmax", np.full((5, 2), 0.75)),
        ("sigmoid", np.full((5, 2), 1.5)),
        ("sigmoid", np.zeros(5, int)),
        ("linear", np.zeros(5, int)),
        ("linear", np.zeros((5, 3))),
        ("linear", np.zeros((1, 2))),
        ("other", np.zeros(5, int)),
    ):
        with pytest.raises(ValueError, match=r"t |output"):
            function(params, x, t, output=output)
    with pytest.raises(ValueError, match="activation must be one of sigmoid, relu, tanh; got"):
        function(params, x, np.zeros(5, int), activation=["relu"])
    with pytest.raises(TypeError, match="t must be"):
        function(params, x, [["a", "b"]] * 5, output="linear")
    for output, t in (("sigmoid", np.full((5, 2), True)), ("linear", np.full((5, 2), 1000))):
        function(params, x, t, output=output)


@pytest.mark.parametrize("output", ["sigmoid", "linear"])
def test_certified_values_are_refused_where_the_program_refuses(output: str) -> None:
    """Labels, and targets of another shape; what the program takes is certified."""
    params, x = network()
    for t in (np.zeros(5, int), np.zeros((5, 3))):
        with pytest.raises(ValueError, match="t must have the axes"):
            refmath.exact(LOSS, params, x, t, output=output)
    t = np.full((5, 2), 0.25 if output == "sigmoid" else 1000.0)
    certified = refmath.exact(LOSS, params, x, t, output=output).nearest()
    assert abs(float(refmath.two_layer_net_loss(params, x, t, output=output)) / float(certified) - 1) < 2.0**-50  # type: ignore[arg-type]


def test_the_losses_are_those_of_their_pages() -> None:
    """Of the sums of the second layer: the binary cross-entropy with its mean over all entries, and the squared error with its mean over the samples."""
    params, x = network()
    a = refmath.two_layer_net_predict(params, x, output="linear")
    t = np.random.default_rng(1).random((5, 2))
    found = refmath.two_layer_net_loss(params, x, t, output="sigmoid")
    assert found == refmath.binary_cross_entropy_with_logits(a, t)
    assert refmath.two_layer_net_loss(params, x, t, output="linear") == refmath.mean_squared_error(a, t)


def test_a_convention_settles_the_parameters() -> None:
    """Both cannot be asked for."""
    with pytest.raises(TypeError, match="the convention 'seed' settles the parameters"):
        refmath.check(
            refmath.cross_entropy_one_hot, "cross_entropy_one_hot", convention="seed", parameters={"delta": 0.1}
        )


RELU = """
import numpy as np

def two_layer_net_predict(params, x):
    a = np.maximum(x @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def relu(x):
    return np.maximum(x, 0)
"""


def told(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *arguments, "--examples", "8"], env={"COLUMNS": "300"})
    return result.exit_code, result.output


@pytest.mark.parametrize("where", [(), ("--in-process",)])
def test_the_command_sets_parameters(tmp_path: Path, where: tuple[str, ...]) -> None:
    """What has ReLUs conforms if that is said; a formula without such a parameter is judged without it, and that is said."""
    file = tmp_path / "nets.py"
    file.write_text(RELU, "utf-8")
    status, text = told(
        f"{file}:two_layer_net_predict", "--param", "activation=relu", "--param", "output = softmax", *where
    )
    assert status == 0, text
    assert "✓ two_layer_net_predict, activation='relu', output='softmax'  conforms" in " ".join(text.split("\n"))
    status, text = told(f"{file}:two_layer_net_predict", *where)
    assert status == 1
    assert "With activation='relu' it is the formula." in " ".join(text.split())
    status, text = told(str(file), "--param", "activation=relu", *where)
    assert (status, "2 of 2 conform." in text) == (0, True), text
    status, text = told(f"{file}:relu", "--param", "activation=relu", *where)
    assert (status, "parameters that none of the formulas has" in text) == (2, True)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("activation", "must be NAME=VALUE"),
        ("=relu", "must be NAME=VALUE"),
        ("activation=", "must be NAME=VALUE"),
        ("activation=rely", "must be one of sigmoid, relu, tanh; got 'rely'"),
        ("activation=1", "must be one of sigmoid, relu, tanh; got 1"),
        ("slope=1", "parameters that none of the formulas has together, slope"),
    ],
)
def test_the_command_refuses_what_is_no_parameter(tmp_path: Path, given: str, why: str) -> None:
    """Before anything is judged, in a sentence."""
    file = tmp_path / "nets.py"
    file.write_text(RELU, "utf-8")
    status, text = told(f"{file}:two_layer_net_predict", "--param", given)
    assert status == 2
    assert "--param" in text
    assert why in text


def test_the_command_refuses_a_parameter_twice_and_one_beside_a_convention(tmp_path: Path) -> None:
    """What would contradict itself."""
    file = tmp_path / "nets.py"
    file.write_text("def cross_entropy_one_hot(y, t):\n    return 0.0\n", "utf-8")
    status, text = told(str(file), "--param", "delta=1", "--param", "delta=2")
    assert (status, "sets delta twice" in text) == (2, True)
    status, text = told(str(file), "--param", "delta=0.5", "--convention", "seed")
    assert (status, "together with --convention" in text) == (2, True)


def test_programs_in_other_languages_are_told_what_is_not_the_default() -> None:
    """Who knows nothing of activations is asked as before."""
    assert keyword_arguments(setting(formula(PREDICT))) == {}
    assert keyword_arguments(setting(formula(PREDICT), activation="sigmoid", output="linear")) == {"output": "linear"}
    assert keyword_arguments(setting(formula("cross_entropy_one_hot"), delta=0.5)) == {"delta": 0.5, "guard": "floor"}


# ---- the class


@every_choice
def test_the_class_has_the_functions(functions: Functions) -> None:
    """It hands them to the functions of the pages."""
    net = refmath.TwoLayerNet(3, 4, 2, 0.5, rng=0, **functions)  # type: ignore[arg-type]
    x = np.random.default_rng(1).standard_normal((5, 3))
    assert np.array_equal(net.predict(x), refmath.two_layer_net_predict(net.params, x, **functions))  # type: ignore[arg-type]
    t = np.eye(2)[[0, 1, 1, 0, 1]]
    assert net.loss(x, t) == refmath.two_layer_net_loss(net.params, x, t, **functions)  # type: ignore[arg-type]
    assert 0 <= net.accuracy(x, t) <= 1


# ---- the kink of the ReLU


def at_a_kink(W1: Any, b1: Any, x: Any, dtype: str = "float64", *, strict: bool = False) -> Any:
    """What is acceptable as the gradient by W1 and b1 of one sample's squared error, of which all else is 1."""
    format_ = FORMATS[dtype]
    W1, b1, x = (np.array(each, format_.dtype()) for each in (W1, b1, x))
    units = len(b1)
    params = {"W1": W1, "b1": b1, "W2": np.ones((units, 1), W1.dtype), "b2": np.full(1, 2, W1.dtype)}
    chosen = setting(formula(GRADIENT), activation="relu", output="linear")
    return acceptance(chosen, read(chosen, params, x, np.zeros((1, 1), W1.dtype)), format_, strict=strict)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("dtype", FORMATS)
def test_where_nothing_is_rounded_the_kink_is_no_licence(dtype: str, strict: bool) -> None:
    """1 · ½ − ½ is 0 in every format and in every order: the slope is 0 there, and nothing else is accepted, although widened numbers lie on both sides."""
    for W1, b1, x, slope in (
        ([[1.0], [1.0]], [-1.0], [[0.5, 0.5]], 0.0),
        ([[0.0]], [0.0], [[3.0]], 0.0),
        ([[1.0], [1.0]], [-0.75], [[0.5, 0.5]], 1.0),
        ([[1.0], [1.0]], [-1.25], [[0.5, 0.5]], 0.0),
    ):
        interval = at_a_kink(W1, b1, x, dtype, strict=strict)
        assert interval is not None
        place = len(W1)  # the gradient by b1 comes after those by W1
        error = 2 + max(0.0, float(np.sum(np.array(W1)[:, 0] * x[0]) + b1[0]))
        given = np.zeros(interval.shape)
        given[place] = slope * error
        assert interval.accepts(given)[place]
        for other in (1 - slope, 0.5):
            given[place] = other * error
            assert not interval.accepts(given)[place]


def test_what_is_0_by_rounding_only_may_lie_on_either_side() -> None:
    """0.1 · 3 − 0.3 is 2⁻⁵⁴ if the product is rounded, and less if it is not: honest programs have either slope."""
    params = {"W1": [[0.1], [0.1], [0.1]], "b1": [-0.30000000000000004]}
    interval = at_a_kink(params["W1"], params["b1"], [[1.0, 1.0, 1.0]])
    assert interval is not None
    for slope in (0.0, 1.0):
        assert interval.accepts(np.array([2.0 * slope] * 4 + [0.0, 2.0]))[:4].all()
    assert not interval.accepts(np.array([2.0 * 4] * 4 + [0.0, 2.0]))[:4].any()


def test_a_sum_far_from_its_roundings_has_one_side() -> None:
    """2⁻⁴⁰ above 0 is above it for every honest program, and as far below 0 below it."""
    for far, slope in ((2.0**-40, 1.0), (-(2.0**-40), 0.0)):
        interval = at_a_kink([[0.1], [0.1], [0.1]], [-0.30000000000000004 + far], [[1.0, 1.0, 1.0]])
        assert interval is not None
        error = 2 + max(far, 0.0)
        assert interval.accepts(np.array([slope * error] * 4 + [0.0, error]))[:4].all()
        assert not interval.accepts(np.array([(1 - slope) * error] * 4 + [0.0, error]))[:4].any()


def test_subnormal_products_may_be_flushed_to_zero() -> None:
    """Then what comes in is 0, and its slope as well."""
    tiny = 2.0**-600
    interval = at_a_kink([[tiny]], [0.0], [[tiny]])
    assert interval is not None
    for slope in (0.0, 2.0):
        assert interval.accepts(np.array([slope * tiny, slope, 0.0, 2.0]))[1]


def test_the_other_slope_at_the_kink_is_refused() -> None:
    """Whoever takes 1 at 0, or ½, is wrong at ties, which are tried; in the formats where ties are exact."""
    for at_zero in (1.0, 0.5):

        def other(params: Any, x: Any, t: Any, at_zero: float = at_zero) -> Any:
            a = x @ params["W1"] + params["b1"]
            z = np.maximum(a, 0)
            y = z @ params["W2"] + params["b2"]
            delta2 = (y - t) / len(x)
            delta1 = delta2 @ params["W2"].T * np.where(a == 0, at_zero, a > 0)
            return {"W1": x.T @ delta1, "b1": delta1.sum(0), "W2": z.T @ delta2, "b2": delta2.sum(0)}

        report = refmath.check(wide(other), GRADIENT, parameters={"activation": "relu", "output": "linear"})
        assert report.verdict in ("differs", "unstable")
        assert report.smallest is not None


# ---- mistakes


@pytest.mark.parametrize(
    "functions",
    [ALL[0], {"activation": "tanh", "output": "linear"}, {"activation": "relu", "output": "sigmoid"}],
    ids=_name_of,
)
@pytest.mark.parametrize("lr", [1.0, 0.1, 0.01])
def test_weights_that_are_updated_too_early_are_named(functions: Functions, lr: float) -> None:
    """The errors go back through weights that have taken their step already: only the first layer is wrong."""

    def step(params: Any, x: Any, t: Any) -> Any:
        found = gradient(params, x, t, **functions)
        later = {**params, "W2": params["W2"] - lr * found["W2"]}
        a = x @ params["W1"] + params["b1"]
        z = VALUES[functions["activation"]](a)
        y = VALUES[functions["output"]](z @ params["W2"] + params["b2"])
        t = np.eye(y.shape[1])[t] if np.ndim(t) == 1 else np.asarray(t)
        delta2 = (y - t) / (y.size if functions["output"] == "sigmoid" else len(x))
        delta1 = delta2 @ later["W2"].T * SLOPES[functions["activation"]](a, z)
        return {**found, "W1": x.T @ delta1, "b1": delta1.sum(0)}

    report = refmath.check(wide(step), GRADIENT, parameters=functions, examples=20)
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "weights_updated_too_early"
    if functions == ALL[0]:
        assert "has_the_gradient_of_the_first_layer" in {each.name for each in report.laws if each.holds is False}


# With the slope 1 − z² of a ReLU, which is as large as z², the answers are those of their roundings.
MIXED = [
    (each, slope)
    for each in OTHERS
    for slope in SLOPES
    if slope != each["activation"] and (each["activation"], slope) != ("relu", "tanh")
]


@pytest.mark.parametrize("mixed_functions", some(4, MIXED))
def test_the_slope_of_another_activation_is_named(mixed_functions: tuple[Functions, str]) -> None:
    """The hidden layer has one function forwards, and the slope of another backwards."""
    functions, slope = mixed_functions

    def mixed(params: Any, x: Any, t: Any) -> Any:
        a = x @ params["W1"] + params["b1"]
        z = VALUES[functions["activation"]](a)
        found = gradient(params, x, t, **functions)
        y = VALUES[functions["output"]](z @ params["W2"] + params["b2"])
        t = np.eye(y.shape[1])[t] if np.ndim(t) == 1 else np.asarray(t)
        delta2 = (y - t) / (y.size if functions["output"] == "sigmoid" else len(x))
        delta1 = delta2 @ params["W2"].T * SLOPES[slope](a, z)
        return {**found, "W1": x.T @ delta1, "b1": delta1.sum(0)}

    report = refmath.check(wide(mixed), GRADIENT, parameters=functions, examples=20)
    assert report.verdict == "differs"
    assert report.diagnosis is not None
    assert report.diagnosis.name == "slope_of_another_activation"


# ---- against differences, and against PyTorch


@pytest.mark.parametrize("functions", ALL, ids=_name_of)
def test_the_gradient_is_that_of_the_loss(functions: Any) -> None:
    """By every entry of every parameter, away from kinks, as differences of the loss have it."""
    params, x = network(seed=3)
    t = {"softmax": np.array([0, 1, 1, 0, 1]), "sigmoid": np.linspace(0, 1, 10).reshape(5, 2), "linear": 3 * x[:, :2]}[
        functions["output"]
    ]

    def at(net: Any) -> Any:
        return refmath.two_layer_net_loss(net, x, t, **functions)

    found = refmath.two_layer_net_gradient(params, x, t, **functions)
    assert refmath.check_gradient(at, found, params).verdict == "right"
    wrong = {**found, "W1": 1.001 * found["W1"]}
    assert refmath.check_gradient(at, wrong, params).verdict == "wrong"


@pytest.mark.parametrize("functions", OTHERS, ids=_name_of)
def test_the_class_has_differences_too(functions: Any) -> None:
    """Entry by entry only: the shorter way through the network is that of sigmoids and a softmax."""
    net = refmath.TwoLayerNet(3, 4, 2, 0.5, rng=0, **functions)
    x = np.random.default_rng(1).standard_normal((5, 3))
    t = np.eye(2)[[0, 1, 1, 0, 1]]
    found, differences = net.gradient(x, t), net.numerical_gradient(x, t, method="plain")
    for name, value in found.items():
        np.testing.assert_allclose(differences[name], value, rtol=1e-6, atol=1e-8)
    with pytest.raises(ValueError, match="method='plain'"):
        net.numerical_gradient(x, t)


@pytest.mark.interop
@pytest.mark.parametrize("functions", ALL, ids=_name_of)
def test_pytorch_agrees(functions: Any) -> None:
    """Prediction, loss and gradient by autograd; and what PyTorch computes conforms."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    activation = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}[functions["activation"]]
    outputs: dict[str, Any] = {
        "softmax": lambda a: torch.softmax(a, 1),
        "sigmoid": torch.sigmoid,
        "linear": lambda a: a,
    }

    def logits(params: Any, x: Any) -> Any:
        return activation(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]

    def cost(params: Any, x: Any, t: Any) -> Any:
        a = logits(params, x)
        if functions["output"] == "softmax":
            return functional.cross_entropy(a, t.long() if t.ndim == 1 else t.to(a.dtype))
        t = t.to(a.dtype)
        if functions["output"] == "sigmoid":
            return functional.binary_cross_entropy_with_logits(a, t)
        return functional.mse_loss(a, t, reduction="sum") / 2 / len(x)

    def slopes(params: Any, x: Any, t: Any) -> Any:
        leaves = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
        cost(leaves, x, t).backward()
        return {name: leaf.grad for name, leaf in leaves.items()}

    options: Any = {"parameters": functions, "array": "torch", "examples": 20}
    assert refmath.check(lambda p, x: outputs[functions["output"]](logits(p, x)), PREDICT, **options).conforms
    assert refmath.check(cost, LOSS, **options).conforms
    assert refmath.check(slopes, GRADIENT, **options).conforms
    params, x = network(seed=5)
    t = np.random.default_rng(2).dirichlet(np.ones(2), 5)
    tensors = {name: torch.tensor(value) for name, value in params.items()}, torch.tensor(x), torch.tensor(t)
    np.testing.assert_allclose(refmath.two_layer_net_loss(params, x, t, **functions), cost(*tensors).item(), rtol=1e-13)
    found = refmath.two_layer_net_gradient(params, x, t, **functions)
    for name, value in slopes(*tensors).items():
        np.testing.assert_allclose(found[name], value.numpy(), rtol=1e-11, atol=1e-14)


# ---- the end of a format's range


def in_float16(page: str, functions: Functions, **values: Any) -> Any:
    """What is acceptable in float16 for a network of one input, one hidden unit and one output, whose numbers are 1 unless they are given."""
    numbers = {
        name: np.full((1, 1) if name != "b1" and name != "b2" else 1, values.get(name, 1.0), np.float16)
        for name in ("W1", "b1", "W2", "b2", "x", "t")
    }
    x, t = numbers.pop("x"), numbers.pop("t")
    chosen = setting(formula(page), **functions)
    arguments = (numbers, x) if page == PREDICT else (numbers, x, t)
    return acceptance(chosen, read(chosen, *arguments), FORMATS["float16"])


def test_nothing_is_said_where_a_number_on_the_way_is_beyond_the_range() -> None:
    """310² is beyond float16, half of it is not; what comes into a ReLU, or is carried back, may be beyond where the answer is not; the sigmoid of ∞ is 1."""
    linear = {"activation": "relu", "output": "linear"}
    assert in_float16(LOSS, linear, b2=309.0, W1=0.0, b1=0.0, t=0.0) is None
    small, large = (in_float16(LOSS, linear, b2=b2, W1=0.0, b1=0.0, t=0.0) for b2 in (100.0, 1000.0))
    assert small.accepts(5000.0)
    assert large.accepts(np.inf)
    assert not large.accepts(65000.0)
    assert in_float16(PREDICT, {"activation": "relu", "output": "sigmoid"}, W1=512.0, x=512.0, W2=0.0) is None
    assert (
        in_float16(PREDICT, {"activation": "sigmoid", "output": "sigmoid"}, W1=512.0, x=512.0, W2=0.0)
        .accepts(np.array([[0.7314453125]]))
        .all()
    )
    carried = in_float16(GRADIENT, linear, b1=-2.0, x=0.0, b2=300.0, W2=300.0)
    assert not carried.said[:2].any()
    assert carried.said[2:].all()


# ---- elsewhere


def test_a_program_in_another_process_is_told_the_parameters() -> None:
    """As `params`, beside the inputs; of the defaults nothing."""
    params, x = network()
    asked = refmath.Adapter(["never started"]).function(PREDICT)
    assert asked.request(params, x)["params"] == {}
    under = asked.under(setting(formula(PREDICT), activation="tanh"))
    assert under.request(params, x)["params"] == {"activation": "tanh"}
    targets = refmath.Adapter(["never started"]).function(LOSS)
    under = targets.under(setting(formula(LOSS), output="linear"))
    assert under.request(params, x, np.zeros((5, 2)))["params"] == {"output": "linear"}
    with pytest.raises(ValueError, match="cannot be held against"):
        asked.under(setting(formula(LOSS)))


def test_a_search_in_parts_has_the_parameters(tmp_path: Path) -> None:
    """Each part is judged under them, and so is what they come to."""
    with ThreadPoolExecutor(1) as executor:
        report = refmath.check(
            refmath.two_layer_net_predict, PREDICT, parameters={"activation": "tanh"}, examples=8, executor=executor
        )
    assert report.conforms
    assert report.under == ", activation='tanh'"
    assert set(report.extent.parameters["output"]) == set(OUTPUTS)


def test_what_a_judgement_was_under_is_in_its_words() -> None:
    """In the heading of the text, in the line of a report, and in the reach of the search."""
    report = refmath.check(
        refmath.two_layer_net_predict, PREDICT, parameters={"activation": "relu", "output": "linear"}, examples=8
    )
    text = " ".join(as_text(report, verbose=True).split())
    assert f"✓ {PREDICT}, activation='relu', output='linear' conforms" in text
    assert "values activation: relu values output: linear" in text
    assert "not tried the laws, which are those of the formula's defaults" in text


def test_other_functions_are_tried_on_more_than_small_inputs() -> None:
    """A network that forgets its function in larger batches is refused."""

    def predict(params: Any, x: Any, activation: Any = "sigmoid", output: Any = "softmax") -> Any:
        kept: Any = activation if len(x) <= 20 else "sigmoid"
        return refmath.two_layer_net_predict(params, x, activation=kept, output=output)

    assert refmath.check(predict, "two_layer_net_predict", examples=20).verdict == "differs"
