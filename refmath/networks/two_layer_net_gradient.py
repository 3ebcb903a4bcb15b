r"""The gradient of the two-layer network's loss with respect to its parameters: backpropagation.

$$\frac{\partial L}{\partial W_2} = z^\top \frac{y - t}{N}, \qquad
\frac{\partial L}{\partial W_1} = x^\top \left[\left(\frac{y - t}{N} W_2^\top\right) \odot \sigma'(x W_1 + b_1)\right]$$

and for the biases the same without the factor from the left, summed over the samples; $z = \sigma(x W_1 + b_1)$.

**Parameters.** `activation` and `output` are those of the prediction, and the loss follows from the output: see the page of the loss. With another activation σ′ is its
slope; that of the ReLU is 1 above 0, and 0 at 0 and below. With `output="sigmoid"` the errors $(y - t)/N$ are divided by K besides, as the loss is a mean over all entries.

**Conventions.** The gradient of each parameter has the parameter's shape. It belongs to the loss without a guard; under an offset δ the
factor $y - t$ is another one: see the page's conventions.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.3, equations (5.53), (5.54) and (5.56).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from refmath.activations.plain_softmax import softmax, unshifted_softmax
from refmath.activations.relu_gradient import relu_gradient
from refmath.activations.sigmoid_gradient import sigmoid_gradient
from refmath.activations.tanh_gradient import tanh_gradient
from refmath.arguments import Array
from refmath.losses.binary_cross_entropy_with_logits_gradient import binary_cross_entropy_with_logits_gradient
from refmath.losses.encodings import are_one_hot
from refmath.losses.mean_squared_error_gradient import mean_squared_error_gradient
from refmath.losses.softmax_cross_entropy_labels_gradient import softmax_cross_entropy_labels_gradient
from refmath.losses.softmax_cross_entropy_one_hot import delta, guard_in, odds, offset
from refmath.losses.softmax_cross_entropy_one_hot_gradient import (
    gradient_text,
    guarded_gradient,
    softmax_cross_entropy_one_hot_gradient,
)
from refmath.narrow import rounded, widened
from refmath.networks.two_layer_net_loss import (
    CONVENTIONS,
    holds_labels,
    inputs_with,
    loss_of,
    numbers,
    one_hot,
    other_encoding,
    rows,
    t,
    targets,
)
from refmath.networks.two_layer_net_predict import (
    FUNCTIONS,
    W2,
    Activation,
    Output,
    Parameters,
    activated,
    answered,
    choices,
    hidden,
    hidden_unit,
    incoming,
    inputs,
    parameters,
    probability,
    renamed,
    require_functions,
    wide,
    without_output_layer,
    x,
)
from refmath.networks.wrong_networks import FUNCTIONS as FUNCTIONS_OF_LAYERS
from refmath.networks.wrong_networks import LawOf, sigmoid
from refmath.spec import Claims, Convention, Equal, Formula, Meaning, Mistake, Part, defining, law, mistake
from refmath.symbols import K, N, k, m, n, p, q


def slope(sample: Any, unit: Any, activation: str) -> sp.Expr:
    """The derivative of what a hidden unit passes on by what comes in."""
    z = hidden_unit(sample, unit, activation)
    if activation == "relu":
        return sp.Piecewise((1, incoming(sample, unit) > 0), (0, True))
    return z * (1 - z) if activation == "sigmoid" else 1 - z**2


def derivatives(error: Callable[[Any, Any], sp.Expr], activation: str = "sigmoid") -> tuple[Part, ...]:
    """The derivatives by every parameter of a loss whose derivative by logit k of sample n is `error(n, k)`."""
    carried_back = sp.Sum(error(n, k) * W2[q, k], (k, 0, K - 1)) * slope(n, q, activation)
    samples = (n, 0, N - 1)
    return (
        Part("W1", sp.Sum(x[n, p] * carried_back, samples), ((p, "D"), (q, "H"))),
        Part("b1", sp.Sum(carried_back, samples), ((q, "H"),)),
        Part("W2", sp.Sum(hidden_unit(n, p, activation) * error(n, q), samples), ((p, "H"), (q, "K"))),
        Part("b2", sp.Sum(error(n, q), samples), ((q, "K"),)),
    )


@functools.cache
def meaning(activation: str, output: str) -> Meaning:
    """The gradient with other functions."""
    count = N * K if output == "sigmoid" else N
    found = derivatives(lambda n, k: (answered(n, k, activation, output) - t[n, k]) / count, activation)
    return Meaning(found[0].definition, found, inputs_with(output))


parts = meaning(**FUNCTIONS).parts
definition = parts[0].definition


def two_layer_net_gradient(
    params: Mapping[str, Any],
    x: Any,
    t: Any,
    *,
    activation: Activation = "sigmoid",
    output: Output = "softmax",
) -> dict[str, Array]:
    """The derivative of the loss with respect to every parameter.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,).
        x: Inputs, shape (N, D).
        t: Targets: distributions (N, K), one-hot as a rule, or integer labels (N,); for `sigmoid` numbers between 0 and 1, for `linear` any, (N, K).
        activation: The function of the hidden units: `sigmoid`, `relu` or `tanh`.
        output: The function of the second layer: `softmax` for the cross-entropy, `sigmoid` for the binary one, `linear` for the squared error.

    Returns:
        The gradients by the parameters' names, each of its parameter's shape, in the widest dtype of parameters and inputs.

    Raises:
        TypeError: If `params` is not a mapping, or an array does not hold the numbers it should.
        ValueError: If a parameter is missing or unknown, the shapes do not fit, a target is not what it should be, or there is no such activation or output.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((1, 1)), "b1": np.zeros(1), "W2": np.zeros((1, 2)), "b2": np.zeros(2)}
        >>> gradient = two_layer_net_gradient(params, [[1.0]], [0])
        >>> gradient["W2"], gradient["b2"]
        (array([[-0.25,  0.25]]), array([-0.5,  0.5]))
    """
    net = parameters(params)
    x = inputs(net, x)
    require_functions(activation, output)
    if output != "softmax":
        t = numbers(net, x, t, output)
    of_logits = _gradient_by_logits(net, x, t, output)
    #| $\partial L / \partial a = (y - t) / N$, from the logits $a$; of sigmoids it is divided by $K$ besides
    return backpropagated(net, x, lambda a: of_logits(a, t), activation)


def _gradient_by_logits(net: Parameters, x: Array, t: Any, output: str) -> Callable[[Any, Any], Any]:
    """The gradient of the loss by the logits, from these and the targets."""
    if output != "softmax":
        return binary_cross_entropy_with_logits_gradient if output == "sigmoid" else mean_squared_error_gradient
    return softmax_cross_entropy_labels_gradient if holds_labels(net, x, t) else softmax_cross_entropy_one_hot_gradient


#: The programs of the slopes.
_SLOPES: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid_gradient,
    "relu": relu_gradient,
    "tanh": tanh_gradient,
}


def backpropagated(
    net: Parameters, x: Array, of_logits: Callable[[Array], Any], activation: str = "sigmoid"
) -> dict[str, Array]:
    """The gradients of all parameters, from the loss's gradient with respect to the logits."""
    # Narrow formats are computed in float32 and rounded once.
    dtype, net, x = x.dtype, wide(net), widened(x)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        a1 = x @ net.W1 + net.b1
        z = activated(a1, activation)
        #| $\delta_2 = \partial L / \partial a$, with $a = z W_2 + b_2$
        delta2 = of_logits(z @ net.W2 + net.b2)
        #| $\delta_1 = (\delta_2 W_2^\top) \odot \sigma'(x W_1 + b_1)$
        delta1 = (delta2 @ net.W2.T) * _SLOPES[activation](a1)
        #| $\partial L / \partial W_l$ is the layer's input, transposed, times $\delta_l$; $\partial L / \partial b_l$ the sum of its rows.
        gradients = {
            "W1": x.T @ delta1,
            "b1": np.sum(delta1, axis=0),
            "W2": z.T @ delta2,
            "b2": np.sum(delta2, axis=0),
        }
    return {name: rounded(value, dtype) for name, value in gradients.items()}


# ---- laws

KEYS = ("W1", "b1", "W2", "b2")


def has_the_gradient_of_the_second_layer(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """The second layer's gradient is that of a softmax cross-entropy: what it was given, times probabilities minus targets, by N."""
    given, z = gradient(params, x, t), hidden(params, x)
    delta2 = _errors(params, z, t)
    yield Equal(given["W2"], z.T @ delta2)
    yield Equal(given["b2"], np.sum(delta2, axis=0))


def has_the_gradient_of_the_first_layer(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """The first layer's gradient is the second layer's errors, carried back by its weights and the slope of the sigmoid."""
    given, z = gradient(params, x, t), hidden(params, x)
    delta1 = (_errors(params, z, t) @ params["W2"].T) * z * (1 - z)
    yield Equal(given["W1"], x.T @ delta1)
    yield Equal(given["b1"], np.sum(delta1, axis=0))


def _errors(params: Any, z: Any, t: Any) -> Any:
    e = np.exp(z @ params["W2"] + params["b2"])
    return (e / np.sum(e, axis=1, keepdims=True) - one_hot(params, t)) / len(z)


def is_the_mean_of_its_samples_gradients(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """The gradient of a batch is the mean of the gradients of its samples."""
    given = gradient(params, x, t)
    samples = [gradient(params, x_n[np.newaxis], t_n[np.newaxis]) for x_n, t_n in zip(x, np.asarray(t), strict=True)]
    for key in KEYS:
        yield Equal(given[key], sum(sample[key] for sample in samples) / len(samples))


def sums_to_zero_over_the_classes(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """The second layer's gradients add up to zero over the classes, as all probabilities add up to one."""
    given = gradient(params, x, t)
    excess = (len(x) - np.sum(one_hot(params, t))) / len(x)
    yield Equal(np.sum(given["b2"]), excess)


def stops_at_an_output_layer_of_zeros(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """Through a second layer of zeros nothing is carried back to the first."""
    given = gradient(without_output_layer(params), x, t)
    yield Equal(given["W1"], 0)
    yield Equal(given["b1"], 0)


def moves_with_the_hidden_units(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """If the hidden units change places, so do their gradients."""
    given, moved = renamed(gradient(params, x, t)), gradient(renamed(params), x, t)
    for key in KEYS:
        yield Equal(moved[key], given[key])


def is_the_same_for_both_encodings(gradient: Any, params: Any, x: Any, t: Any) -> Claims:
    """One-hot rows and the labels they stand for have the same gradient."""
    if np.ndim(t) == 1 or are_one_hot(t):
        given, other = gradient(params, x, t), gradient(params, x, other_encoding(params, t))
        for key in KEYS:
            yield Equal(given[key], other[key])


# ---- mistakes: the backpropagation with one thing wrong about it


#: The slopes of the activations of the page, from what comes in and what is passed on, as mistakes compute them.
SLOPES: Mapping[str, Any] = {
    "sigmoid": lambda a, z: z * (1 - z),
    "relu": lambda a, z: (a > 0) * 1.0,
    "tanh": lambda a, z: 1 - z * z,
}


def _backpropagated(
    params: Any,
    x: Array,
    t: Array,
    *,
    activation: str = "sigmoid",
    output: str = "softmax",
    errors: Any = lambda right, y, t: right(y, t),
    slope: Any = None,
    hidden: Any = None,
    weights: Any = np.transpose,
    of_biases: Any = lambda delta: np.sum(delta, axis=0),
    outputs: Any = None,
    lr: float = 0.0,
) -> Any:
    a1 = x @ params["W1"] + params["b1"]
    z = (hidden or FUNCTIONS_OF_LAYERS[activation])(a1)
    y = (outputs or FUNCTIONS_OF_LAYERS[output])(z @ params["W2"] + params["b2"])
    delta2 = errors(lambda y, t: (y - t) / (y.size if output == "sigmoid" else len(y)), y, rows(params, t))
    of_second = z.T @ delta2
    second = params["W2"] - lr * of_second if lr else params["W2"]
    delta1 = (delta2 @ weights(second)) * (slope or SLOPES[activation])(a1, z)
    return {"W1": x.T @ delta1, "b1": of_biases(delta1), "W2": of_second, "b2": of_biases(delta2)}


def _wrong(caught_by: LawOf, name: str, text: str, **changed: Any) -> Mistake:
    """The backpropagation with something else in it."""

    def program(params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
        return _backpropagated(params, x, t, activation=activation, output=output, **changed)

    return mistake(program, name, text, caught_by=caught_by)


def _wrong_softmax(caught_by: LawOf, name: str, text: str, **changed: Any) -> Mistake:
    """The same for what is wrong about the softmax alone."""

    def program(params: Any, x: Array, t: Array, *, activation: str = "sigmoid") -> Any:
        return _backpropagated(params, x, t, activation=activation, **changed)

    return mistake(program, name, text, caught_by=caught_by)


def _wrong_sigmoid(caught_by: LawOf, name: str, text: str, **changed: Any) -> Mistake:
    """The same for what is wrong about the sigmoid alone."""

    def program(params: Any, x: Array, t: Array, *, output: str = "softmax") -> Any:
        return _backpropagated(params, x, t, output=output, **changed)

    return mistake(program, name, text, caught_by=caught_by)


def squared_error_gradient(
    params: Any, x: Array, t: Array, *, diagonal: bool = False, activation: str = "sigmoid"
) -> Any:
    """The gradient of the squared error: the softmax's own derivative comes in again, as if y − t were that by the probabilities."""

    def errors(right: Any, y: Array, t: Array) -> Any:
        d = right(y, t)
        if diagonal:  # as for sigmoids, whose outputs do not depend on each other
            return d * y * (1 - y)
        return y * (d - np.sum(d * y, axis=1, keepdims=True))

    return _backpropagated(params, x, t, activation=activation, errors=errors)


def value_as_slope(params: Any, x: Array, t: Array, *, which: str = "z", output: str = "softmax") -> Any:
    """The sigmoid's value, or 1 minus it, instead of its slope."""
    return _backpropagated(params, x, t, output=output, slope=lambda a, z: z if which == "z" else 1 - z)


def slope_of_another_activation(
    params: Any, x: Array, t: Array, *, which: str = "tanh", activation: str = "sigmoid", output: str = "softmax"
) -> Any:
    """The slope of another activation than the sigmoid."""
    other = which if which != activation else "sigmoid"
    return _backpropagated(params, x, t, activation=activation, output=output, slope=SLOPES[other])


def another_activation(params: Any, x: Array, t: Array, *, which: str = "relu", output: str = "softmax") -> Any:
    """The hidden layer has another activation than the sigmoid, forwards and backwards."""
    return _backpropagated(params, x, t, output=output, activation=which)


def tanh_form(params: Any, x: Array, t: Array) -> Any:
    """The sigmoid as (1 + tanh(a/2)) / 2, which loses the lower tail: 1 + tanh cancels."""
    return _backpropagated(params, x, t, hidden=lambda a: 0.5 * (1 + np.tanh(0.5 * a)))


def every_label_for_every_sample(params: Any, x: Array, t: Array, *, activation: str = "sigmoid") -> Any:
    """`y[:, t] -= 1` takes one off the labels of all samples for each of them, where `y[np.arange(N), t]` is meant."""
    return _backpropagated(
        params, x, t, activation=activation, errors=lambda right, y, t: right(y, np.any(t == 1, axis=0))
    )


def labels_subtracted(params: Any, x: Array, t: Array, *, activation: str = "sigmoid") -> Any:
    """Labels are taken off as numbers, not as one-hot rows: `y - t[:, np.newaxis]`."""
    numbers = np.repeat(t[:, np.newaxis], len(params["b2"]), axis=1) if t.ndim == 1 else t
    return _backpropagated(params, x, np.asarray(numbers, np.float64), activation=activation)


def layers_exchanged(params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """Each layer gets the gradients of the other."""
    gradient = _backpropagated(params, x, t, activation=activation, output=output)
    return {"W1": gradient["W2"], "b1": gradient["b2"], "W2": gradient["W1"], "b2": gradient["b1"]}


def first_sample_only(params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """Only the first sample of the batch counts."""
    return _backpropagated(params, x[:1], t[:1], activation=activation, output=output)


def weight_decay_unasked(
    params: Any, x: Array, t: Array, *, strength: float = 0.1, activation: str = "sigmoid", output: str = "softmax"
) -> Any:
    """The gradient of a penalty for large weights is added."""
    gradient = _backpropagated(params, x, t, activation=activation, output=output)
    return {key: value + strength * params[key] * (key[0] == "W") for key, value in gradient.items()}


def weights_updated_too_early(
    params: Any, x: Array, t: Array, *, lr: float = 0.1, activation: str = "sigmoid", output: str = "softmax"
) -> Any:
    """The second layer's weights take their step first, and the errors are carried back to the first layer by the new ones."""
    return _backpropagated(params, x, t, activation=activation, output=output, lr=lr)


def central_difference(params: Any, x: Array, t: Array, *, h: float = 1e-4) -> Any:
    """A difference quotient of the loss with a finite step instead of the derivative."""
    gradient = {key: np.zeros(np.shape(value)) for key, value in params.items()}
    for key, value in params.items():
        for index in np.ndindex(np.shape(value)):
            sides = []
            for step in (h, -h):
                moved = np.array(value, np.float64)
                moved[index] += step
                sides.append(loss_of({**params, key: moved}, x, t))
            gradient[key][index] = (sides[0] - sides[1]) / (2 * h)
    return gradient


# ---- conventions


def _guarded(convention: Convention) -> Convention:
    _, guard = offset(convention.name)

    def error(n: Any, k: Any) -> sp.Expr:
        p_k, p_m = probability(n, k), probability(n, m)
        return -sp.Sum(t[n, m] * p_m * (sp.KroneckerDelta(m, k) - p_k) / (p_m + delta), (m, 0, K - 1)) / N

    def program(params: Mapping[str, Any], x: Any, t: Any) -> dict[str, Array]:
        net = parameters(params)
        x = inputs(net, x)
        return backpropagated(
            net, x, lambda a: guarded_gradient(odds(a), targets(net, x, t), guard_in(guard, a.dtype)) / len(x)
        )

    guarded = derivatives(error)
    return Convention(
        convention.name,
        gradient_text(convention.name),
        convention.source,
        definition=guarded[0].definition,
        parts=guarded,
        program=program,
        constants={"delta": guard},
        domain=convention.domain,
    )


FIRST, SECOND = has_the_gradient_of_the_first_layer, has_the_gradient_of_the_second_layer

TWO_LAYER_NET_GRADIENT = Formula(
    name="two_layer_net_gradient",
    display=r"\frac{\partial L}{\partial W_{1,pq}}",
    program=two_layer_net_gradient,
    definition=definition,
    parts=parts,
    inputs=inputs_with("softmax"),
    parameters=FUNCTIONS,
    choices=choices(meaning),
    meaning=meaning,
    by_layers=True,
    single_samples=False,
    derivative_of="two_layer_net_loss",
    laws=(
        defining(has_the_gradient_of_the_second_layer),
        defining(has_the_gradient_of_the_first_layer),
        law(is_the_mean_of_its_samples_gradients),
        law(sums_to_zero_over_the_classes),
        law(stops_at_an_output_layer_of_zeros),
        law(moves_with_the_hidden_units),
        law(is_the_same_for_both_encodings),
    ),
    mistakes=(
        _wrong(
            is_the_mean_of_its_samples_gradients,
            "missing_mean",
            "The 1/N is missing: the gradient of the sum of the losses, not of their mean.",
            errors=lambda right, y, t: len(y) * right(y, t),
        ),
        _wrong(
            is_the_mean_of_its_samples_gradients,
            "divided_twice",
            "Divided by N twice: once in the loss, once for the gradient.",
            errors=lambda right, y, t: right(y, t) / len(y),
        ),
        _wrong_softmax(
            SECOND,
            "mean_over_entries",
            "Divided by all N·K entries instead of the N samples.",
            errors=lambda right, y, t: (y - t) / y.size,
        ),
        _wrong(
            SECOND,
            "opposite_sign",
            "The sign is wrong: targets minus probabilities.",
            errors=lambda right, y, t: -right(y, t),
        ),
        _wrong(
            sums_to_zero_over_the_classes,
            "target_ignored",
            "The target is not subtracted.",
            errors=lambda right, y, t: right(y, 0),
        ),
        _wrong(SECOND, "factor_two", "Twice the gradient.", errors=lambda right, y, t: 2 * right(y, t)),
        mistake(squared_error_gradient, caught_by=SECOND, variants={"diagonal": (True,)}),
        _wrong(
            FIRST,
            "sigmoid_slope_forgotten",
            "The slope of the hidden layer's activation is missing.",
            slope=lambda a, z: 1,
        ),
        _wrong_sigmoid(
            FIRST,
            "slope_of_the_sum",
            "a (1 − a) with what goes into the sigmoid, where z (1 − z) with what comes out of it is meant.",
            slope=lambda a, z: a * (1 - a),
        ),
        _wrong_sigmoid(
            FIRST,
            "slope_at_the_activation",
            "The slope of the sigmoid at its own value: the sigmoid is applied twice.",
            slope=lambda a, z: sigmoid(z) * (1 - sigmoid(z)),
        ),
        mistake(value_as_slope, caught_by=FIRST, variants={"which": ("1 - z",)}),
        mistake(slope_of_another_activation, caught_by=FIRST, variants={"which": ("relu",)}),
        _wrong_sigmoid(
            SECOND,
            "forgotten_sigmoid",
            "The hidden layer has no sigmoid, neither forwards nor backwards.",
            activation="linear",
            slope=lambda a, z: 1,
        ),
        mistake(another_activation, caught_by=FIRST, variants={"which": ("tanh",)}),
        mistake(tanh_form, caught_by=SECOND),
        _wrong(
            FIRST,
            "not_transposed",
            "W2 is not transposed on the way back: the shapes do not fit, unless there are as many hidden units as classes.",
            weights=lambda W2: W2,
        ),
        _wrong(
            is_the_mean_of_its_samples_gradients,
            "mean_for_the_biases",
            "The biases' gradients are averaged over the samples, though the errors are divided by N already.",
            of_biases=lambda delta: np.mean(delta, axis=0),
        ),
        _wrong(
            SECOND,
            "biases_not_summed",
            "The biases' gradients are not summed over the samples: one row for each.",
            of_biases=lambda delta: delta,
        ),
        _wrong(
            SECOND,
            "biases_forgotten",
            "The biases have no gradient.",
            of_biases=lambda delta: 0 * np.sum(delta, axis=0),
        ),
        _wrong(FIRST, "first_layer_forgotten", "Nothing is carried back to the first layer.", slope=lambda a, z: 0),
        _wrong_softmax(
            SECOND,
            "no_shift",
            "The largest logit is not subtracted before the exponential, which overflows.",
            outputs=unshifted_softmax,
        ),
        _wrong_softmax(
            SECOND,
            "shift_by_batch_maximum",
            "The largest logit of the whole batch is subtracted, `np.max(a)` without an axis: 0/0 for samples far below it.",
            outputs=lambda a: unshifted_softmax(a - np.max(a)),
        ),
        _wrong_softmax(
            is_the_mean_of_its_samples_gradients,
            "softmax_over_samples",
            "The softmax runs over the samples instead of the classes.",
            outputs=lambda a: softmax(a, axis=0),
        ),
        mistake(every_label_for_every_sample, caught_by=is_the_mean_of_its_samples_gradients),
        mistake(labels_subtracted, caught_by=is_the_same_for_both_encodings),
        mistake(layers_exchanged, caught_by=SECOND),
        mistake(first_sample_only, caught_by=is_the_mean_of_its_samples_gradients),
        mistake(weight_decay_unasked, caught_by=FIRST, variants={"strength": (1.0, 0.01, 1e-3, 1e-4)}),
        mistake(weights_updated_too_early, caught_by=FIRST, variants={"lr": (1.0, 0.5, 0.05, 0.01, 1e-3)}),
        mistake(central_difference, caught_by=FIRST, variants={"h": (1e-3, 1e-5, 1e-6, 1e-7)}),
    ),
    conventions=tuple(map(_guarded, CONVENTIONS)),
    reference="C. M. Bishop, Pattern Recognition and Machine Learning, 2006, equations (5.53), (5.54) and (5.56)",
)
