r"""The loss of the two-layer network: the cross-entropy of its prediction, computed from the logits; with other outputs the loss that goes with them.

$$L = -\frac{1}{N} \sum_{n} \sum_{k} t_{nk} \ln y_{nk}, \qquad y = \operatorname{softmax}(\sigma(x W_1 + b_1) W_2 + b_2)$$

**Parameters.** `activation` and `output` are those of the prediction; let a be the sums of the second layer. With `output="sigmoid"` each output is a question of
its own: targets are numbers between 0 and 1, (N, K), and the loss is `binary_cross_entropy_with_logits` of a and t, averaged over all N·K entries. With
`output="linear"` targets are any numbers, (N, K), and the loss is `mean_squared_error` of a and t: half the sum of the squares over the K outputs, averaged over
the N samples. So the derivative by a is $(y - t)/N$, $(y - t)/(NK)$ and $(y - t)/N$.

**Conventions.** No guard: from the logits the logarithm never meets a zero, so the loss is never negative, finite wherever its value is, and
has $(y - t)/N$ as its exact derivative by the logits. The chapter and the book take the logarithm of y + δ instead.
Labels belong to the softmax.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.24), divided by N.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.plain_softmax import log_softmax, softmax, unshifted_log_softmax
from refmath.arguments import Array
from refmath.laws import is_never_negative
from refmath.losses.binary_cross_entropy_with_logits import binary_cross_entropy_with_logits
from refmath.losses.encodings import are_one_hot
from refmath.losses.mean_squared_error import mean_squared_error
from refmath.losses.softmax_cross_entropy_labels import softmax_cross_entropy_labels
from refmath.losses.softmax_cross_entropy_one_hot import (
    DIGITS,
    SOURCES,
    delta,
    guard_in,
    log_of_guarded,
    mean_of,
    odds,
    offset,
    softmax_cross_entropy_one_hot,
)
from refmath.narrow import rounded_number
from refmath.networks.two_layer_net_predict import (
    FUNCTIONS,
    PARAMS,
    SMALL,
    Activation,
    Output,
    Parameters,
    X,
    choices,
    hidden,
    inputs,
    is_unmoved_by_renaming_the_hidden_units,
    logit,
    logits,
    parameters,
    probability,
    require_functions,
    without_output_layer,
)
from refmath.networks.wrong_networks import LawOf, network, of_wrong_layers, sigmoid
from refmath.spec import (
    WHOLE,
    Claims,
    Convention,
    Domain,
    Equal,
    Formula,
    Input,
    Kind,
    Meaning,
    Mistake,
    Special,
    defining,
    law,
    mistake,
)
from refmath.symbols import K, N, k, n

t = sp.IndexedBase("t", shape=(N, K), real=True)


@functools.cache
def meaning(activation: str, output: str) -> Meaning:
    """The loss with other functions."""
    a = logit(n, k, activation)
    if output == "softmax":
        losses = -sp.Sum(t[n, k] * sp.log(probability(n, k, activation)), (k, 0, K - 1), (n, 0, N - 1))
    elif output == "linear":
        losses = sp.Sum((a - t[n, k]) ** 2 / 2, (k, 0, K - 1), (n, 0, N - 1))
    else:
        cost = t[n, k] * sp.log(1 + sp.exp(-a)) + (1 - t[n, k]) * sp.log(1 + sp.exp(a))
        losses = sp.Sum(cost, (k, 0, K - 1), (n, 0, N - 1)) / K
    return Meaning(losses / N, inputs=inputs_with(output))


#: The targets of the outputs that are no softmax.
TARGETS: Mapping[str, Kind] = {"sigmoid": "unit_interval", "linear": "features"}


def inputs_with(output: str) -> tuple[Input, ...]:
    """The arguments of the loss and its gradient, whose targets depend on the output."""
    return (*PARAMS, X, Input("t", t, TARGETS.get(output, "targets_or_labels"), ("N", "K")))


definition = meaning(**FUNCTIONS).definition


def two_layer_net_loss(
    params: Mapping[str, Any],
    x: Any,
    t: Any,
    *,
    activation: Activation = "sigmoid",
    output: Output = "softmax",
) -> np.floating[Any]:
    """The cross-entropy of the network's prediction with the targets, averaged over the samples; with other outputs another loss.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,).
        x: Inputs, shape (N, D).
        t: Targets: distributions (N, K), one-hot as a rule, or integer labels (N,); for `sigmoid` numbers between 0 and 1, for `linear` any, (N, K).
        activation: The function of the hidden units: `sigmoid`, `relu` or `tanh`.
        output: The function of the second layer: `softmax` for the cross-entropy, `sigmoid` for the binary one, `linear` for the squared error.

    Returns:
        The loss, a scalar in the widest dtype of parameters and inputs (float64 for integers).

    Raises:
        TypeError: If `params` is not a mapping, or an array does not hold the numbers it should.
        ValueError: If a parameter is missing or unknown, the shapes do not fit, a target is not what it should be, or there is no such activation or output.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "W2": np.zeros((3, 2)), "b2": np.zeros(2)}
        >>> print(two_layer_net_loss(params, [[1.0, 0.0], [0.0, 1.0]], [0, 1]))
        0.6931471805599453
        >>> print(two_layer_net_loss(params, [[1.0, 0.0]], [[3.0, 4.0]], activation="relu", output="linear"))
        12.5
    """
    net = parameters(params)
    x = inputs(net, x)
    require_functions(activation, output)
    if output != "softmax":
        t = numbers(net, x, t, output)
    #| $L = -\frac{1}{N} \sum_n \sum_k t_{nk} \ln y_{nk}$ with $y_n = \mathrm{softmax}(a_n)$
    of_logits = _of_logits(net, x, t, output)
    #| $a = \sigma(x W_1 + b_1) W_2 + b_2$: the logits are enough, the softmax is part of the loss.
    a = logits(net, x, activation)
    return rounded_number(of_logits(a, t), x.dtype)


def _of_logits(net: Parameters, x: Array, t: Any, output: str) -> Callable[[Any, Any], Any]:
    """The loss from the logits and the targets."""
    if output != "softmax":
        return binary_cross_entropy_with_logits if output == "sigmoid" else mean_squared_error
    return softmax_cross_entropy_labels if holds_labels(net, x, t) else softmax_cross_entropy_one_hot


def numbers(net: Parameters, x: Array, t: Any, output: str) -> Array:
    """The targets of outputs that are no softmax: numbers (N, K), between 0 and 1 for sigmoids.

    Raises:
        TypeError: If they are no real numbers.
        ValueError: If the shape is another, or a number lies outside [0, 1].
    """
    t = arguments.shares("t", t) if output == "sigmoid" else arguments.real("t", t)
    N, K = x.shape[0], net.W2.shape[1]
    if t.shape != (N, K):
        raise ValueError(
            f"t must have the shape ({N}, {K}) for x of shape {x.shape} and output={output!r}; got {t.shape}"
        )
    return np.asarray(t)


def holds_labels(net: Parameters, x: Array, t: Any) -> bool:
    """Whether the targets are labels (N,) and not distributions (N, K).

    Raises:
        TypeError: If they are neither because they are no numbers, or labels that are no integers.
        ValueError: If they are neither because of their shape, or a label is out of range.
    """
    shape = np.shape(t) if arguments.dimensions("t", t) else ()
    N, K = x.shape[0], net.W2.shape[1]
    if shape not in ((N, K), (N,)):
        raise ValueError(
            f"t must have the shape ({N}, {K}) (distributions) or ({N},) (labels) for x of shape {x.shape}; got {shape}"
        )
    if len(shape) == 2:
        return False
    # Refused here already, where the argument is called t and not labels.
    arguments.labels("labels t", t, np.broadcast_to(net.b2, (N, K)), "y")
    return True


# ---- laws


def one_hot(params: Any, t: Any) -> Any:
    """Targets in either encoding as rows, as the laws need them."""
    t = np.asarray(t)
    return t if t.ndim == 2 else np.equal.outer(t, np.arange(len(params["b2"]))).astype(int)


def is_the_cross_entropy_of_one_sample(loss: Any, params: Any, x: Any, t: Any) -> Claims:
    """One sample costs the logarithm of the sum of its exponentials, minus the target's logit."""
    a = hidden(params, x) @ params["W2"] + params["b2"]
    for x_n, a_n, t_n, of_n in zip(x, a, one_hot(params, t), np.asarray(t), strict=True):
        cross_entropy = np.sum(t_n * (np.log(np.sum(np.exp(a_n))) - a_n))
        yield Equal(loss(params, x_n[np.newaxis], of_n[np.newaxis]), cross_entropy)


def is_the_mean_of_its_samples(loss: Any, params: Any, x: Any, t: Any) -> Claims:
    """The loss of a batch is the mean of the losses of its samples."""
    losses = [loss(params, x_n[np.newaxis], t_n[np.newaxis]) for x_n, t_n in zip(x, np.asarray(t), strict=True)]
    yield Equal(loss(params, x, t), sum(losses) / len(losses))


def is_the_same_for_both_encodings(loss: Any, params: Any, x: Any, t: Any) -> Claims:
    """One-hot rows and the labels they stand for have the same loss."""
    if np.ndim(t) == 1 or are_one_hot(t):
        yield Equal(loss(params, x, other_encoding(params, t)), loss(params, x, t))


def other_encoding(params: Any, t: Any) -> Any:
    """One-hot rows as labels, labels as one-hot rows."""
    return np.argmax(t == 1, axis=1) if np.ndim(t) == 2 else 0 * params["b2"] + one_hot(params, t)


def is_ln_k_without_an_output_layer(loss: Any, params: Any, x: Any, t: Any) -> Claims:
    """A second layer of zeros costs ln K, whatever the target."""
    yield Equal(loss(without_output_layer(params), x, t), np.log(np.sum(np.exp(0 * params["b2"]))))


def is_unmoved_by_another_order_of_the_batch(loss: Any, params: Any, x: Any, t: Any) -> Claims:
    """The order of the samples does not matter."""
    yield Equal(loss(params, x[::-1], np.asarray(t)[::-1]), loss(params, x, t))


# ---- mistakes


def rows(params: Any, t: Array) -> Any:
    """Targets in either encoding as one-hot rows."""
    return t if t.ndim == 2 else np.eye(len(params["b2"]))[t]


def _costs(
    params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax", **wrong: Any
) -> Any:
    """What each output of each sample costs; averaged over the samples, their sum is the loss."""
    a = network(params, x, activation=activation, **wrong)
    if output == "linear":
        return (a - t) ** 2 / 2
    if output == "sigmoid":
        return (np.maximum(a, 0) - a * t + np.log1p(np.exp(-np.abs(a)))) / len(params["b2"])
    return -rows(params, t) * log_softmax(a)


def loss_of(
    params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax", **wrong: Any
) -> Any:
    """The loss of a network in which one thing may be wrong."""
    return np.sum(_costs(params, x, t, activation=activation, output=output, **wrong)) / len(x)


def _of_logarithms(caught_by: LawOf, name: str, text: str, of: Callable[..., Any], **more: Any) -> Mistake:
    """The loss with something else than the logarithm of the softmax of the logits."""

    def program(params: Any, x: Array, t: Array, *, activation: str = "sigmoid", **constants: Any) -> Any:
        return -np.sum(rows(params, t) * of(network(params, x, activation=activation), **constants)) / len(x)

    return mistake(program, name, text, caught_by=caught_by, **more)


def _guarded_logarithm(a: Array, how: str = "floor", delta: float = 1e-7) -> Any:
    y = softmax(a)
    guards = {"floor": np.maximum(y, delta), "clip": np.clip(y, delta, 1 - delta), "offset": y + delta}
    return np.log(guards[how])


def squared_error(params: Any, x: Array, t: Array, *, activation: str = "sigmoid") -> Any:
    """The squared distance of prediction and target instead of the cross-entropy."""
    return 0.5 * np.sum((softmax(network(params, x, activation=activation)) - rows(params, t)) ** 2) / len(x)


def weight_decay_unasked(
    params: Any, x: Array, t: Array, *, strength: float = 0.1, activation: str = "sigmoid", output: str = "softmax"
) -> Any:
    """A penalty for large weights is added."""
    penalty = strength / 2 * sum(np.sum(params[key] ** 2) for key in ("W1", "W2"))
    return loss_of(params, x, t, activation=activation, output=output) + penalty


def first_sample_only(params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """Only the first sample of the batch counts."""
    return loss_of(params, x[:1], t[:1], activation=activation, output=output)


def every_label_for_every_sample(params: Any, x: Array, t: Array, *, activation: str = "sigmoid") -> Any:
    """`log_y[:, t]` picks the labels of all samples for each of them, where `log_y[np.arange(N), t]` is meant."""
    labels = np.argmax(t, axis=1) if t.ndim == 2 else t
    return -np.sum(log_softmax(network(params, x, activation=activation))[:, labels]) / len(x)


def one_loss_a_sample(params: Any, x: Array, t: Array, *, activation: str = "sigmoid", output: str = "softmax") -> Any:
    """The samples' losses are not averaged."""
    return np.sum(_costs(params, x, t, activation=activation, output=output), axis=1)


# ---- conventions

#: What a convention is defined on: the book takes the class of a one-hot target, and as many labels as outputs for one-hot targets.
DOMAINS = {"book": Domain(fewest_classes=2, targets="one-hot")}


def _guarded(convention: str) -> Convention:
    text, guard = offset(convention)
    guarded = -sp.Sum(t[n, k] * sp.log(probability(n, k) + delta), (k, 0, K - 1), (n, 0, N - 1)) / N

    def program(params: Mapping[str, Any], x: Any, t: Any) -> np.floating[Any]:
        net = parameters(params)
        x = inputs(net, x)
        a = logits(net, x)
        loss = -np.sum(targets(net, x, t) * log_of_guarded(odds(a), guard_in(guard, a.dtype)), axis=-1)
        return mean_of(0 * loss, loss, x.dtype)

    return Convention(
        convention,
        text,
        SOURCES[convention],
        definition=guarded,
        program=program,
        constants={"delta": guard},
        domain=DOMAINS.get(convention, WHOLE),
    )


def targets(net: Parameters, x: Array, t: Any) -> Array:
    """Targets in either encoding as distributions (N, K), checked."""
    like = np.empty((len(x), net.W2.shape[1]), x.dtype)
    if holds_labels(net, x, t):
        return np.eye(like.shape[1], dtype=x.dtype)[arguments.labels("t", t, like, "y")]
    return arguments.distributions("t", t, like, "y")


CONVENTIONS = tuple(map(_guarded, DIGITS))

TWO_LAYER_NET_LOSS = Formula(
    name="two_layer_net_loss",
    display="L",
    program=two_layer_net_loss,
    definition=definition,
    inputs=inputs_with("softmax"),
    parameters=FUNCTIONS,
    choices=choices(meaning),
    meaning=meaning,
    by_layers=True,
    single_samples=False,
    laws=(
        defining(is_the_cross_entropy_of_one_sample),
        defining(is_the_mean_of_its_samples),
        law(is_never_negative),
        law(is_the_same_for_both_encodings),
        law(is_ln_k_without_an_output_layer),
        law(is_unmoved_by_renaming_the_hidden_units),
        law(is_unmoved_by_another_order_of_the_batch),
    ),
    mistakes=(
        _of_logarithms(
            is_the_mean_of_its_samples,
            "sum_over_samples",
            "The losses of the samples are added up, not averaged: the 1/N is missing.",
            lambda a: len(a) * log_softmax(a),
        ),
        _of_logarithms(
            is_the_cross_entropy_of_one_sample,
            "mean_over_entries",
            "Mean over all N·K entries instead of the N samples.",
            lambda a: log_softmax(a) / a.shape[1],
        ),
        _of_logarithms(is_never_negative, "opposite_sign", "The minus is missing.", lambda a: -log_softmax(a)),
        _of_logarithms(
            is_ln_k_without_an_output_layer,
            "base_two",
            "The logarithm to the base 2 instead of the natural one.",
            lambda a: log_softmax(a) / np.log(2),
        ),
        _of_logarithms(
            is_ln_k_without_an_output_layer,
            "base_ten",
            "The logarithm to the base 10 instead of the natural one.",
            lambda a: log_softmax(a) / np.log(10),
        ),
        _of_logarithms(
            is_the_cross_entropy_of_one_sample,
            "log_of_softmax",
            "The logarithm of a softmax that may have become zero: infinite, or nan, where a class is very unlikely.",
            lambda a: np.log(softmax(a)),
        ),
        _of_logarithms(
            is_the_cross_entropy_of_one_sample,
            "guarded_logarithm",
            "A guard against ln 0, which logits do not need: no class may be less likely than δ, or δ is added to every probability.",
            _guarded_logarithm,
            variants=(
                *({"how": how, "delta": delta} for how in ("floor", "clip") for delta in (1e-8, 1e-10, 1e-12, 1e-15)),
                {"how": "clip"},
                *({"how": "offset", "delta": delta} for delta in (1e-6, 1e-9, 1e-10, 1e-12, 1e-15)),
            ),
        ),
        _of_logarithms(
            is_the_cross_entropy_of_one_sample,
            "no_shift",
            "The largest logit is not subtracted before the exponential, which overflows.",
            unshifted_log_softmax,
        ),
        _of_logarithms(
            is_the_mean_of_its_samples,
            "shift_by_batch_maximum",
            "The largest logit of the whole batch is subtracted, `np.max(a)` without an axis: ln 0 for samples far below it.",
            lambda a: unshifted_log_softmax(a - np.max(a)),
        ),
        _of_logarithms(
            is_the_cross_entropy_of_one_sample,
            "sigmoid_before_the_softmax",
            "The output layer has a sigmoid as well, before the softmax: no logit is beyond 0 and 1.",
            lambda a: log_softmax(sigmoid(a)),
        ),
        *of_wrong_layers(loss_of, is_the_cross_entropy_of_one_sample),
        _of_logarithms(
            is_the_cross_entropy_of_one_sample,
            "softmax_twice",
            "A loss that takes logits gets the probabilities, and applies the softmax a second time.",
            lambda a: log_softmax(softmax(a)),
        ),
        mistake(squared_error, caught_by=is_ln_k_without_an_output_layer),
        mistake(
            weight_decay_unasked,
            caught_by=is_the_cross_entropy_of_one_sample,
            variants={"strength": (1.0, 0.01, 1e-3, 1e-4)},
        ),
        mistake(first_sample_only, caught_by=is_the_mean_of_its_samples),
        mistake(every_label_for_every_sample, caught_by=is_the_mean_of_its_samples),
        mistake(one_loss_a_sample, caught_by=is_the_cross_entropy_of_one_sample),
    ),
    conventions=CONVENTIONS,
    specials=(Special("nan", {"params": SMALL, "x": [[np.nan, 1.0]], "t": [0]}, np.nan),),
)
