"""Every public name called with sound arguments, each of which has a kind."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import refmath
from refmath import FORMULAS, TwoLayerNet
from refmath.spec import Formula, Input, packed

#: Classes of answers, which the library makes, and what is no function: nobody gives them arguments.
GIVEN_BY_REFMATH = {"FORMULAS", "GradientCheck", "NotJudged", "Report"}
#: What a formula of one's own is written with has a table of its own, in tests/test_own_formulas.py; records hold what they are given.
GIVEN_BY_REFMATH |= {"Formula", "argument", "gradient_of", "indices", "parameter", "sizes", "vjp_of"}
GIVEN_BY_REFMATH |= {
    "AtLeast",
    "Convention",
    "Equal",
    "Form",
    "Largest",
    "defining",
    "law",
    "mistake",
    "xdivy",
    "xlogy",
}
#: What only the library itself calls, though it is public to its own modules.
NOT_FOR_CALLERS = {"Adapter.answer", "Enclosure", "Enclosure.rounded"}


@dataclass(frozen=True)
class Call:
    """A sound call.

    Attributes:
        of: The public name, or the public name of a class and that of its method.
        function: What is called, with its arguments by name.
        sound: A sound value for each argument that has no default; an entry of a mapping is called `params['W1']`.
        kinds: The kind of each, and of each mapping.
        stands_for: The parameter of the signature that an argument stands for, where it is not its own name.
        about: Tells apart calls of the same name.
    """

    of: str
    function: Callable[..., Any]
    sound: Mapping[str, Any]
    kinds: Mapping[str, str]
    stands_for: Mapping[str, str] = field(default_factory=dict)
    about: str = ""

    def __str__(self) -> str:
        return self.of + (f"({self.about})" if self.about else "")

    def __call__(self, **changed: Any) -> Any:
        return self.function(**self.arguments(**changed))

    def arguments(self, **changed: Any) -> dict[str, Any]:
        """The arguments by name, entries of mappings put into them, and a changed mapping in its place."""
        arguments: dict[str, Any] = {}
        for name, value in {**self.sound, **changed}.items():
            mapping, _, key = name.partition("['")
            if key:
                arguments.setdefault(mapping, {})[key.removesuffix("']")] = value
            else:
                arguments[name] = value
        return arguments

    def sound_argument(self, name: str) -> Any:
        """The sound value of an argument, or the whole of a mapping; None for what the call leaves to its default."""
        return self.sound[name] if name in self.sound else self.arguments().get(name)

    def parameters(self) -> set[str]:
        """The parameters of the signature that its arguments stand for."""
        return {self.stands_for.get(name, name.partition("[")[0]) for name in self.kinds}


#: One sound batch for each kind of argument: two samples of three entries.
SOUND: dict[str, Any] = {
    "any": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]),
    "matrix": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5], [2.0, 0.25, 4.0]]),
    "row": np.array([1.0, -2.0, 0.5]),
    "real": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]),
    "alike": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]),
    "signs": np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]),
    "logits": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]),
    "shares": np.array([[0.25, 1.0, 0.5], [0.0, 0.75, 0.5]]),
    "probabilities": np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0]]),
    "targets": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
    "targets_or_labels": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
    "labels": np.array([2, 0]),
    "features": np.array([[1.0, 2.0], [0.0, -1.0]]),
    "point": np.array([1.0, 2.0]),
    "function": lambda v: np.sum(np.asarray(v) ** 2),
    "rate": 0.125,
    "count": 3,
    "step_number": 3,
    "second_moment": np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.5]]),
    "step": 0.0625,
    "workers": 1,
    "delta": 0.25,
    "number": 0.25,
    "share": 0.25,
    "nonnegative": 0.25,
    "positive": 0.25,
    "guard": "floor",
    "reduction": "mean",
    "class_weights": np.array([1.0, 2.0, 4.0]),
    "ignore_index": -100,
    "label_smoothing": 0.25,
    "activation": "sigmoid",
    "output": "softmax",
}
PARAMS = {
    "W1": np.array([[1.0, 0.5, -1.0, 0.25], [0.0, 2.0, -0.5, 1.0]]),
    "b1": np.array([0.5, 0.0, -0.25, 1.0]),
    "W2": np.array([[1.0, 0.0, -1.0], [0.5, 0.25, 2.0], [0.0, 1.0, -0.5], [1.5, -1.0, 0.0]]),
    "b2": np.array([0.0, 0.5, -0.5]),
}
ENTRIES = {
    **{f"params['{key}']": value for key, value in PARAMS.items()},
    **{f"grads['{key}']": value[::-1] * 0.5 for key, value in PARAMS.items()},
}
KIND_OF_PARAMETER = {"h": "step", "workers": "workers", **{name: name for name in ("guard", "activation", "output")}}


def table_kind(each: Input) -> str:
    """The kind of a formula's argument in the table of hostile values."""
    if each.mapping:
        return "entry"
    if each.arrays:
        return "mapping"
    if each.is_function:
        return "function"
    if each.kind == "unit_interval":
        return "shares"
    if each.kind in ("weights", "units"):
        return "real" if each.axes[0] == "N" else "matrix" if len(each.axes) == 2 else "row"
    return "any" if each.axes == ("...",) and each.kind not in ("point", "signs", "second_moment") else each.kind


def table_kinds(page: Formula) -> dict[str, str]:
    """The kinds of all arguments: several arrays of any shape must be alike."""
    kinds = {each.name: table_kind(each) for each in page.inputs}
    several = sum(each.axes == ("...",) for each in page.inputs) > 1
    return {name: "alike" if several and kind == "any" else kind for name, kind in kinds.items()}


def kind_of_parameter(page: Formula, name: str) -> str:
    """The kind of a parameter in the table of hostile values: of a number what its symbol says."""
    if name in KIND_OF_PARAMETER:
        return KIND_OF_PARAMETER[name]
    if "guard" in page.parameters:
        return "delta"
    (symbol,) = {each for each in page.definition.free_symbols if str(each) == name}
    if symbol.is_nonnegative and not symbol.is_positive and 0.5 < page.parameters[name] < 1:
        return "share"
    return "positive" if symbol.is_positive else "nonnegative" if symbol.is_nonnegative else "number"


def of_formula(page: Formula) -> Call:
    """The call of a formula's program."""
    kinds = table_kinds(page)
    kinds |= {each.mapping: "mapping" for each in page.inputs if each.mapping}
    mappings = {each.mapping or each.name for each in page.inputs if each.mapping or each.arrays}
    entries = {name: value for name, value in ENTRIES.items() if name.partition("[")[0] in mappings}
    others = (
        set(inspect.signature(page.program).parameters)
        - set(kinds)
        - set(page.options.defaults if page.options else ())
    )
    kinds |= dict.fromkeys(entries, "entry") | {name: kind_of_parameter(page, name) for name in sorted(others)}
    sound = {name: SOUND[kind] for name, kind in kinds.items() if kind not in ("mapping", "entry")}
    return Call(page.name, page.program, {**entries, **sound}, kinds)


def under_options(page: Formula) -> Call:
    """The call of a formula's program under all its options; those alone are spoilt."""
    assert page.options is not None
    kinds = table_kinds(page)
    if "ignore_index" in page.options.defaults:
        kinds = {name: "labels" if kind == "targets_or_labels" else kind for name, kind in kinds.items()}
    options = {name: name for name in page.options.defaults}
    sound = {name: SOUND[kind] for name, kind in {**kinds, **options}.items()}
    return Call(page.name, page.program, sound, options, about="options")


def of_exact(name: str, **kinds: str) -> Call:
    """A call of `exact` for a formula whose arguments are of these kinds."""
    (page,) = (each for each in FORMULAS if each.name == name)
    inputs = {each.name: SOUND[table_kind(each)] for each in page.inputs}

    def function(formula: str = name, convention: str | None = None, **given: Any) -> Any:
        rest = {key: value for key, value in given.items() if key not in inputs}
        return refmath.exact(formula, *packed(page, given), convention=convention, **rest)

    return Call(
        "exact",
        function,
        {key: value for key, value in inputs.items() if not isinstance(value, str)},
        {**kinds, "formula": "formula", "convention": "convention"},
        {key: "inputs" if key in inputs else "parameters" for key in kinds},
        name,
    )


OPTIONS: dict[str, tuple[Any, str]] = {
    "convention": (None, "convention"),
    "parameters": (None, "settings"),
    "dtype": ("float64", "dtype"),
    "array": ("numpy", "array"),
    "strict": (False, "switch"),
    "complete": (False, "switch"),
    "shape": (None, "sizes"),
    "examples": (2, "size"),
    "seed": (0, "count"),
    "order": ((), "names-in-order"),
    "take": (None, "entry-of-a-tuple"),
    "layout": ("rows", "samples"),
    "steps": (0, "steps"),
    "timeout": (10.0, "timeout"),
    "budget": (100.0, "budget"),
    "backward": (False, "switch"),
    "isolate": (False, "switch"),
    "target": (None, "text"),
    "executor": (None, "executor"),
    "tick": (lambda _what: None, "tick"),
}


def of_check(of: str, function: Callable[..., Any], **own: tuple[Any, str]) -> Call:
    """A call of `check`, or of what takes its options beside arguments of its own."""
    arguments = {"candidate": (refmath.sigmoid, "candidate"), "against": ("sigmoid", "formula"), **OPTIONS, **own}
    sound = {name: value for name, (value, _) in arguments.items()}
    kinds = {name: kind for name, (_, kind) in arguments.items()}
    return Call(of, function, sound, kinds, dict.fromkeys(OPTIONS, "options") if of != "check" else {})


def network() -> TwoLayerNet:
    net = TwoLayerNet(2, 4, 3, rng=0)
    net.params = PARAMS
    return net


def of_network() -> Iterator[Call]:
    """The calls of the class and its methods."""
    sizes = {"input_size": 2, "hidden_size": 4, "output_size": 3}
    yield Call(
        "TwoLayerNet",
        TwoLayerNet,
        {**sizes, "weight_init_std": 0.5, "rng": 0, "activation": "sigmoid", "output": "softmax"},
        {
            **dict.fromkeys(sizes, "size"),
            "weight_init_std": "deviation",
            "rng": "generator-or-seed",
            "activation": "activation",
            "output": "output",
        },
    )
    x, t = SOUND["features"], SOUND["targets_or_labels"]
    yield Call("TwoLayerNet.predict", lambda **given: network().predict(**given), {"x": x}, {"x": "features"})
    for name in ("loss", "accuracy", "gradient"):
        yield Call(
            f"TwoLayerNet.{name}",
            lambda name=name, **given: getattr(network(), name)(**given),
            {"x": x, "t": t},
            {"x": "features", "t": "targets_or_labels"},
        )
    for method, step in (("structural", "step-of-any-size"), ("plain", "step")):
        yield Call(
            "TwoLayerNet.numerical_gradient",
            lambda **given: network().numerical_gradient(**given),
            {"x": x, "t": t, "h": 0.0625, "method": method},
            {"x": "finite-features", "t": "targets_or_labels", "h": step, "method": "method"},
            about=method,
        )


def plain(value: Any) -> Any:
    """A number as it is, and any array as a new plain one in the machine's own byte order."""
    if isinstance(value, int | float):
        return value
    if not isinstance(value, np.ndarray):
        array = np.asarray(value)
        return array if array.ndim else array[()]
    return np.array(value, value.dtype.newbyteorder("="), order="C", subok=False)


def square(v: Any) -> Any:
    return np.sum(np.asarray(v) ** 2)


def adapter_function(**given: Any) -> Any:
    return refmath.Adapter("unused").function(**given)


def all_checks(**given: Any) -> None:
    """Every test that the decorator makes, one after the other."""
    decorator = refmath.parametrize_with_checks(**given)
    for each in decorator.mark.args[1]:
        with contextlib.suppress(pytest.skip.Exception):
            each.values[0]()


CALLS = [
    *(of_formula(page) for page in FORMULAS),
    *(under_options(page) for page in FORMULAS if page.options is not None),
    of_exact("mean_squared_error", y="exact", t="exact"),
    of_exact("cross_entropy_labels", y="exact", labels="exact-labels", delta="exact-delta", guard="guard"),
    of_check("check", refmath.check, declines=((), "names")),
    of_check("assert_conforms", refmath.assert_conforms, declines=((), "names")),
    of_check("parametrize_with_checks", all_checks, declines=((), "names")),
    *of_network(),
    Call(
        "central_difference",
        refmath.central_difference,
        {"f": square, "x": SOUND["point"], "h": 0.0625},
        {"f": "function", "x": "point", "h": "step"},
    ),
    Call(
        "check_gradient",
        refmath.check_gradient,
        {"f": square, "gradient": np.array([2.0, 4.0]), "x": SOUND["point"]},
        {"f": "function", "gradient": "gradient", "x": "parameters", "array": "differentiable"},
    ),
    *(
        Call(
            name,
            getattr(refmath, name),
            {
                "f": np.sin,
                name.removeprefix("check_"): lambda x, v: np.cos(x) * v,
                "x": SOUND["point"],
                "array": "numpy",
            },
            {"f": "function", name.removeprefix("check_"): "function", "x": "parameters", "array": "differentiable"},
        )
        for name in ("check_vjp", "check_jvp")
    ),
    Call(
        "mini_batch",
        lambda **given: refmath.mini_batch(**{"rng": np.random.default_rng(0), **given}),
        {"x": np.arange(6.0).reshape(3, 2), "t": np.array([0, 1, 2]), "batch_size": 2, "replace": True},
        {"x": "rows", "t": "rows", "batch_size": "size", "rng": "generator-or-seed", "replace": "switch"},
    ),
    Call(
        "Adapter", refmath.Adapter, {"command": "unused", "timeout": 1.0}, {"command": "command", "timeout": "timeout"}
    ),
    Call(
        "Adapter.function", adapter_function, {"against": "softmax"}, {"against": "formula", "convention": "convention"}
    ),
    Call("Enclosure.nearest", lambda **given: refmath.exact("sigmoid", 0.0).nearest(**given), {}, {"dtype": "dtype"}),
]
