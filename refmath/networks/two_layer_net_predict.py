r"""The two-layer network: a hidden layer of sigmoids, and a softmax over the classes; or other functions in their places.

$$y = \operatorname{softmax}(\sigma(x W_1 + b_1) W_2 + b_2)$$

**Parameters.** `activation` is the function of the hidden units: `sigmoid`, `relu`, max(a, 0), or `tanh`. `output` is that of the second layer: `softmax`;
`sigmoid`, where each output is a question of its own; or `linear`, where the outputs are the numbers a themselves.

**Conventions.** The samples are the rows of x, so a layer multiplies by its weights from the right; a bias is added to every row. D inputs, H
hidden units, K classes.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.1, equations (5.2) to (5.5), with a softmax as output.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypedDict, get_args

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations import plain_softmax as plain
from refmath.activations.relu import relu
from refmath.activations.sigmoid import sigmoid
from refmath.activations.softmax import softmax
from refmath.activations.tanh import tanh
from refmath.arguments import Array
from refmath.laws import lies_between_zero_and_one, sums_to_one_over_each_sample
from refmath.narrow import rounded_array, widened
from refmath.networks import wrong_networks
from refmath.networks.wrong_networks import LawOf, network, of_wrong_layers
from refmath.spec import (
    Claims,
    Equal,
    Formula,
    Input,
    Meaning,
    Mistake,
    Program,
    Special,
    defining,
    law,
    mistake,
)
from refmath.symbols import D, H, K, N, d, h, i, j, m

W1, b1 = sp.IndexedBase("W1", shape=(D, H), real=True), sp.IndexedBase("b1", shape=(H,), real=True)
W2, b2 = sp.IndexedBase("W2", shape=(H, K), real=True), sp.IndexedBase("b2", shape=(K,), real=True)
x = sp.IndexedBase("x", shape=(N, D), real=True)


Activation = Literal["sigmoid", "relu", "tanh"]
Output = Literal["softmax", "sigmoid", "linear"]


class Functions(TypedDict):
    """The functions of a network, as the keyword arguments of its pages."""

    activation: Activation
    output: Output


ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
OUTPUTS: tuple[Output, ...] = get_args(Output)
#: The parameters of the three pages, with their defaults.
FUNCTIONS: Mapping[str, str] = {"activation": "sigmoid", "output": "softmax"}


def incoming(sample: Any, unit: Any) -> sp.Expr:
    """What comes into a hidden unit of a sample."""
    return sp.Sum(x[sample, d] * W1[d, unit], (d, 0, D - 1)) + b1[unit]


#: What a hidden unit makes of what comes in.
_OF_HIDDEN_UNIT: Mapping[str, Callable[[sp.Expr], sp.Expr]] = {
    "sigmoid": lambda a: 1 / (1 + sp.exp(-a)),
    "relu": lambda a: sp.Max(a, 0),
    "tanh": sp.tanh,
}


@functools.cache
def hidden_unit(sample: Any, unit: Any, activation: str = "sigmoid") -> sp.Expr:
    """What a hidden unit passes on of a sample."""
    return _OF_HIDDEN_UNIT[activation](incoming(sample, unit))


@functools.cache
def logit(sample: Any, entry: Any, activation: str = "sigmoid") -> sp.Expr:
    """The logit of a class for a sample."""
    return sp.Sum(hidden_unit(sample, h, activation) * W2[h, entry], (h, 0, H - 1)) + b2[entry]


@functools.cache
def probability(sample: Any, entry: Any, activation: str = "sigmoid") -> sp.Expr:
    """The probability of a class for a sample."""
    total = sp.Sum(sp.exp(logit(sample, m, activation)), (m, 0, K - 1))
    return sp.exp(logit(sample, entry, activation)) / total


def answered(sample: Any, entry: Any, activation: str = "sigmoid", output: str = "softmax") -> sp.Expr:
    """An output of the network for a sample."""
    if output == "softmax":
        return probability(sample, entry, activation)
    a = logit(sample, entry, activation)
    return a if output == "linear" else 1 / (1 + sp.exp(-a))


definition = answered(i, j)


@functools.cache
def meaning(activation: str, output: str) -> Meaning:
    """The prediction with other functions."""
    return Meaning(answered(i, j, activation, output))


def choices(meaning: Callable[..., Meaning]) -> dict[str, dict[str, sp.Expr]]:
    """The definitions under each activation and each output, the other being the default."""
    return {
        "activation": {each: meaning(each, FUNCTIONS["output"]).definition for each in ACTIVATIONS},
        "output": {each: meaning(FUNCTIONS["activation"], each).definition for each in OUTPUTS},
    }


def two_layer_net_predict(
    params: Mapping[str, Any], x: Any, *, activation: Activation = "sigmoid", output: Output = "softmax"
) -> Array:
    r"""The outputs of the network, by default probabilities of the classes, $\operatorname{softmax}(\sigma(x W_1 + b_1) W_2 + b_2)$.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,).
        x: Inputs, shape (N, D).
        activation: The function of the hidden units: `sigmoid`, `relu` or `tanh`.
        output: The function of the second layer: `softmax`, `sigmoid`, or `linear` for none.

    Returns:
        The outputs, shape (N, K), in the widest dtype of the arguments (float64 for integers).

    Raises:
        TypeError: If `params` is not a mapping, or one of the arrays holds no real numbers.
        ValueError: If a parameter is missing or unknown, the shapes do not fit, or there is no such activation or output.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "W2": np.zeros((3, 2)), "b2": np.log([1, 3])}
        >>> two_layer_net_predict(params, [[1.0, 0.0], [0.0, 1.0]])
        array([[0.25, 0.75],
               [0.25, 0.75]])
        >>> two_layer_net_predict({**params, "b1": np.array([-1.0, 0.5, 2.0]), "W2": np.ones((3, 2))}, [[1.0, 0.0]], activation="relu", output="linear")
        array([[2.5       , 3.59861229]])
    """
    net = parameters(params)
    x = inputs(net, x)
    require_functions(activation, output)
    a = logits(net, x, activation)
    #| $y$: the softmax of each row of $a$, the sigmoid of each entry, or $a$ itself
    return rounded_array(a if output == "linear" else softmax(a) if output == "softmax" else sigmoid(a), x.dtype)


def require_functions(activation: Any, output: Any) -> None:
    """Refuses what is the name of no activation or no output.

    Raises:
        ValueError: With the names that there are.
    """
    for name, value, known in (("activation", activation, ACTIVATIONS), ("output", output, OUTPUTS)):
        if value not in list(known):  # a list, because what was given may not be hashable
            raise ValueError(f"{name} must be one of {', '.join(known)}; got {value!r}")


class Parameters(NamedTuple):
    """The parameters as real arrays of one dtype whose shapes fit: W1 (D, H), b1 (H,), W2 (H, K), b2 (K,)."""

    W1: Array
    b1: Array
    W2: Array
    b2: Array


def parameters(params: Mapping[str, Any]) -> Parameters:
    """The parameters of a network, checked.

    Raises:
        TypeError: If `params` is not a mapping, or one of them holds no real numbers.
        ValueError: If one is missing or unknown, or the shapes do not fit.
    """
    if not isinstance(params, Mapping):
        raise TypeError(f"params must be a mapping with the keys W1, b1, W2, b2; got {type(params).__name__}")
    if set(params) != set(Parameters._fields):
        raise ValueError(f"params must have the keys W1, b1, W2, b2; got {', '.join(map(str, params)) or 'none'}")
    arrays = {
        name: arguments.real(f"params[{name!r}]", params[name], dimensions=(2,) if name[0] == "W" else (1,))
        for name in Parameters._fields
    }
    shapes = {name: array.shape for name, array in arrays.items()}
    (_, H), (H2, K) = shapes["W1"], shapes["W2"]
    if not (shapes["b1"] == (H,) and H2 == H and shapes["b2"] == (K,)):
        given = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"params must have the shapes W1 (D, H), b1 (H,), W2 (H, K), b2 (K,); got {given}")
    dtype = np.result_type(*arrays.values())
    return Parameters(*(array.astype(dtype, copy=False) for array in arrays.values()))


def inputs(net: Parameters, x: Any) -> Array:
    """The samples, checked against the first layer."""
    samples = arguments.real("x", x, dimensions=(2,))
    D = net.W1.shape[0]
    if samples.shape[1] != D:
        raise ValueError(f"x must have the shape (N, {D}) for W1 of shape {net.W1.shape}; got {samples.shape}")
    return samples.astype(np.result_type(samples, net.W1), copy=False)


def wide(net: Parameters) -> Parameters:
    """The parameters to compute with: narrow formats are computed in float32, and the answer is rounded once."""
    return Parameters(*map(widened, net))


#: The programs of the activations.
_PROGRAMS: Mapping[str, Callable[[Any], Any]] = {"sigmoid": sigmoid, "relu": relu, "tanh": tanh}


def activated(a: Array, activation: str) -> Array:
    """What the hidden units pass on, from what comes into them."""
    return np.asarray(_PROGRAMS[activation](a))


def logits(net: Parameters, x: Array, activation: str = "sigmoid") -> Array:
    r"""$a = \sigma(x W_1 + b_1) W_2 + b_2$, or with another activation, shape (N, K); in float32, if the samples are in a narrower format."""
    net, x = wide(net), widened(x)
    # A sum beyond the range is ∞, whose sigmoid is 1: no reason for a warning. What has no value at all is nan, and stays nan.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $z = \sigma(x W_1 + b_1)$, or the ReLU or tanh of it
        z = activated(x @ net.W1 + net.b1, activation)
        #| $a = z W_2 + b_2$
        a = z @ net.W2 + net.b2
    return np.asarray(a)


# ---- laws


def is_the_softmax_of_the_second_layer(predict: Any, params: Any, x: Any) -> Claims:
    """The probabilities are to each other as the exponentials of the second layer, which gets the sigmoids of the first."""
    e = np.exp(hidden(params, x) @ params["W2"] + params["b2"])
    yield Equal(predict(params, x) * np.sum(e, axis=1, keepdims=True), e)


def hidden(params: Any, x: Any) -> Any:
    """The hidden units' values, as the laws need them."""
    return 1 / (1 + np.exp(-(x @ params["W1"] + params["b1"])))


def treats_each_sample_alone(predict: Any, params: Any, x: Any) -> Claims:
    """Row n of a batch is what sample n gives by itself."""
    yield Equal(predict(params, x), np.concatenate([predict(params, x_n[np.newaxis]) for x_n in x]))


def is_unmoved_by_renaming_the_hidden_units(function: Any, params: Any, *others: Any) -> Claims:
    """The order of the hidden units does not matter."""
    yield Equal(function(renamed(params), *others), function(params, *others))


def renamed(params: Any) -> Any:
    """The same network with its hidden units in reverse order."""
    return {"W1": params["W1"][:, ::-1], "b1": params["b1"][::-1], "W2": params["W2"][::-1], "b2": params["b2"]}


def without_output_layer(params: Any) -> Any:
    """The same network with zeros in its second layer."""
    return {**params, "W2": 0 * params["W2"], "b2": 0 * params["b2"]}


def is_uniform_without_an_output_layer(predict: Any, params: Any, x: Any) -> Claims:
    """A second layer of zeros makes all classes equally likely."""
    predicted = predict(without_output_layer(params), x)
    yield Equal(predicted * predicted.shape[1], 0 * predicted + 1)


# ---- mistakes


def _wrong(params: Any, x: Array, *, activation: str = "sigmoid", output: str = "softmax", **wrong: Any) -> Any:
    """The answer of a network in which one thing may be wrong."""
    return wrong_networks.FUNCTIONS[output](network(params, x, activation=activation, **wrong))


def _of_logits(caught_by: LawOf, name: str, text: str, of: Program, **more: Any) -> Mistake:
    """An answer that is something else than the softmax of the logits."""

    def program(params: Any, x: Array, *, activation: str = "sigmoid", **constants: Any) -> Any:
        return of(network(params, x, activation=activation), **constants)

    return mistake(program, name, text, caught_by=caught_by, **more)


def _axis_not_kept(a: Array, of_maximum: bool = False) -> Any:
    e = np.exp(a - np.max(a, axis=1, keepdims=not of_maximum))
    return e / np.sum(e, axis=1)


def _guarded(a: Array, delta: float = 1e-8) -> Any:
    e = np.exp(a - np.max(a, axis=1, keepdims=True))
    return e / (np.sum(e, axis=1, keepdims=True) + delta)


def classes(params: Any, x: Array) -> Any:
    """The most probable classes, not the probabilities."""
    return np.argmax(network(params, x), axis=1)


PARAMS = tuple(
    Input(f"params[{key!r}]", symbol, "weights", axes, mapping="params", key=key)
    for key, symbol, axes in (
        ("W1", W1, ("D", "H")),
        ("b1", b1, ("H",)),
        ("W2", W2, ("H", "K")),
        ("b2", b2, ("K",)),
    )
)
#: A network whose every number is finite.
SMALL = {"W1": [[1.0, 2.0], [0.5, -1.0]], "b1": [0.0, 1.0], "W2": [[1.0, -1.0], [0.5, 2.0]], "b2": [0.0, 0.0]}
X = Input("x", x, "features", ("N", "D"))

TWO_LAYER_NET_PREDICT = Formula(
    name="two_layer_net_predict",
    display="y_{ij}",
    program=two_layer_net_predict,
    definition=definition,
    inputs=(*PARAMS, X),
    output=((i, "N"), (j, "K")),
    parameters=FUNCTIONS,
    choices=choices(meaning),
    meaning=meaning,
    by_layers=True,
    single_samples=False,
    laws=(
        defining(is_the_softmax_of_the_second_layer),
        law(sums_to_one_over_each_sample),
        law(lies_between_zero_and_one, "No probability is below zero or above one."),
        law(treats_each_sample_alone),
        law(is_unmoved_by_renaming_the_hidden_units),
        law(is_uniform_without_an_output_layer),
    ),
    mistakes=(
        *of_wrong_layers(_wrong, is_the_softmax_of_the_second_layer),
        _of_logits(
            sums_to_one_over_each_sample,
            "softmax_forgotten",
            "The logits are given back, not their softmax.",
            lambda a: a,
        ),
        _of_logits(
            sums_to_one_over_each_sample,
            "sigmoid_at_the_output",
            "A sigmoid of each logit instead of the softmax: the probabilities do not add up to one.",
            wrong_networks.sigmoid,
        ),
        _of_logits(lies_between_zero_and_one, "log_softmax", "The logarithms of the probabilities.", plain.log_softmax),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "no_shift",
            "The largest logit is not subtracted before the exponential, which overflows.",
            plain.unshifted_softmax,
        ),
        _of_logits(
            treats_each_sample_alone,
            "softmax_over_samples",
            "The softmax runs over the samples instead of the classes.",
            lambda a: plain.softmax(a, axis=0),
        ),
        _of_logits(
            treats_each_sample_alone,
            "softmax_over_everything",
            "The softmax runs over the whole batch.",
            lambda a: plain.softmax(a, axis=None),
        ),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "softmax_twice",
            "The softmax is applied twice.",
            lambda a: plain.softmax(plain.softmax(a)),
        ),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "sigmoid_before_the_softmax",
            "The output layer has a sigmoid as well, before the softmax: no logit is beyond 0 and 1.",
            lambda a: plain.softmax(wrong_networks.sigmoid(a)),
        ),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "shift_by_batch_maximum",
            "The largest logit of the whole batch is subtracted, `np.max(a)` without an axis: 0/0 for samples far below it.",
            lambda a: plain.unshifted_softmax(a - np.max(a)),
        ),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "axis_not_kept",
            "Sums without `keepdims`, one for each sample, divide the columns, one for each class, where the shapes fit by chance.",
            _axis_not_kept,
            variants={"of_maximum": (True,)},
        ),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "guarded_denominator",
            "A small number is added to the sum that divides, which is never less than one: the probabilities do not add up to one.",
            _guarded,
            variants={"delta": (1e-6, 1e-7, 1e-10, 1e-12)},
        ),
        _of_logits(
            is_the_softmax_of_the_second_layer,
            "clipped",
            "No probability is less than δ or more than 1 − δ.",
            lambda a, delta=1e-7: np.clip(plain.softmax(a), delta, 1 - delta),
            variants={"delta": (1e-8, 1e-10, 1e-12, 1e-15)},
        ),
        mistake(classes, caught_by=is_the_softmax_of_the_second_layer),
    ),
    specials=(Special("nan", {"params": SMALL, "x": [[np.nan, 1.0]]}, [[np.nan, np.nan]]),),
    reference="C. M. Bishop, Pattern Recognition and Machine Learning, 2006, section 5.1, with a softmax as output",
)
