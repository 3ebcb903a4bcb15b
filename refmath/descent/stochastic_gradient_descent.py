r"""One step of stochastic gradient descent: every parameter moves against its gradient, which was taken on a batch.

$$W \leftarrow W - \eta \frac{\partial L}{\partial W}$$

**Conventions.** η is the learning rate `lr`. The parameters are returned in a new dictionary, each with the dtype it had (float64 for integers); the
given ones stay as they were. No momentum, no weight decay.

**Infinities.** nan and ±∞ in parameters and gradients follow the arithmetic, as does what grows beyond the dtype. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.43).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.narrow import rounded, widened
from refmath.spec import Claims, Equal, Formula, Input, Special, defining, law, mistake
from refmath.symbols import N, i

# The definition runs over the entries of all parameters in a row.
W, G = (sp.IndexedBase(name, shape=(N,), real=True) for name in ("W", "G"))
eta = sp.Symbol("lr", positive=True)
definition = W[i] - eta * G[i]


def sgd_step(params: Mapping[str, Any], grads: Mapping[str, Any], lr: float) -> dict[str, Array]:
    """The parameters after one step against their gradients.

    Args:
        params: The parameters by name, arrays of any shape.
        grads: The gradients by the same names, each of its parameter's shape.
        lr: The learning rate, positive.

    Returns:
        The new parameters by the same names, each in its parameter's dtype (float64 for integers).

    Raises:
        TypeError: If `params` or `grads` is not a mapping, an array holds no real numbers, or `lr` is none.
        ValueError: If the names or the shapes differ, an array is empty, or `lr` is not positive or not finite.

    Examples:
        >>> sgd_step({"W": [[1.0, 2.0]], "b": [0.5]}, {"W": [[4.0, -4.0]], "b": [0.0]}, 0.25)
        {'W': array([[0., 3.]]), 'b': array([0.5])}
    """
    values, slopes = arrays("params", params), arrays("grads", grads)
    lr = arguments.positive("lr", lr)
    if set(values) != set(slopes):
        raise ValueError(f"params and grads must have the same names; got {names(params)} and {names(grads)}")
    for name in values:
        arguments.same_shape(f"params[{name!r}]", values[name], f"grads[{name!r}]", slopes[name])
    # What grows beyond the dtype is ∞, and ∞ − ∞ nan, as the page says: no reason for a warning.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $W \leftarrow W - \eta \, \partial L / \partial W$ for every parameter, into a new dictionary.
        #| The difference is taken in the wider of the two dtypes, float32 at least, and rounded to the parameter's once.
        return {
            name: rounded(np.asarray(widened(W) - lr * widened(slopes[name])), W.dtype) for name, W in values.items()
        }


def arrays(name: str, given: Mapping[str, Any]) -> dict[str, Array]:
    """A mapping's values as real arrays."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping from names to arrays; got {type(given).__name__}")
    return {key: arguments.real(f"{name}[{key!r}]", value) for key, value in given.items()}


def names(given: Mapping[str, Any]) -> str:
    """The names of a mapping, for a message."""
    return ", ".join(map(str, given)) or "none"


# ---- laws


def goes_against_the_gradient(step: Any, params: Any, grads: Any, lr: Any) -> Claims:
    """Every parameter moves by minus η times its gradient."""
    stepped = step(params, grads, lr)
    for name in params:
        yield Equal(stepped[name], params[name] - lr * grads[name])


def stays_where_the_gradient_is_zero(step: Any, params: Any, grads: Any, lr: Any) -> Claims:
    """Without a gradient nothing moves."""
    stepped = step(params, {name: 0 * value for name, value in grads.items()}, lr)
    for name in params:
        yield Equal(stepped[name], params[name])


def does_not_depend_on_the_place(step: Any, params: Any, grads: Any, lr: Any) -> Claims:
    """From another place the step is the same."""
    stepped = step({name: 0 * value for name, value in params.items()}, grads, lr)
    for name in params:
        yield Equal(stepped[name], -lr * grads[name])


# ---- mistakes


def ascending(params: Any, grads: Any, lr: float) -> Any:
    """It goes along the gradient, which points to where the loss rises."""
    return {name: value + lr * grads[name] for name, value in params.items()}


def learning_rate_ignored(params: Any, grads: Any, lr: float, *, rate: float = 1.0) -> Any:
    """The learning rate given is not used."""
    return {name: value - rate * grads[name] for name, value in params.items()}


def paired_by_order(params: Any, grads: Any, lr: float) -> Any:
    """Parameters and gradients are paired by their order, not by their names."""
    pairs = zip(params, params.values(), grads.values(), strict=True)
    return {name: value - lr * np.resize(slope, np.shape(value)) for name, value, slope in pairs}


def rate_twice(params: Any, grads: Any, lr: float) -> Any:
    """The step is multiplied by the learning rate twice."""
    return {name: value - lr * (lr * grads[name]) for name, value in params.items()}


def divided_by_the_rate(params: Any, grads: Any, lr: float) -> Any:
    """The gradient is divided by the learning rate."""
    return {name: value - grads[name] / lr for name, value in params.items()}


def rate_in_float32(params: Any, grads: Any, lr: float) -> Any:
    """The learning rate is rounded to float32."""
    return {name: value - float(np.float32(lr)) * grads[name] for name, value in params.items()}


def factor_two(params: Any, grads: Any, lr: float) -> Any:
    """The step is twice as long as it should be."""
    return {name: value - 2 * lr * grads[name] for name, value in params.items()}


def factor_half(params: Any, grads: Any, lr: float) -> Any:
    """The step is half as long as it should be."""
    return {name: value - lr / 2 * grads[name] for name, value in params.items()}


def gradient_forgotten(params: Any, grads: Any, lr: float) -> Any:
    """Nothing moves."""
    return {name: value.copy() for name, value in params.items()}


def first_layer_only(params: Any, grads: Any, lr: float, *, layer: str = "1") -> Any:
    """Only one layer moves."""
    return {name: value - lr * grads[name] * (name[1] == layer) for name, value in params.items()}


def weights_only(params: Any, grads: Any, lr: float, *, which: str = "W") -> Any:
    """The biases do not move, or only they do."""
    return {name: value - lr * grads[name] * (name[0] == which) for name, value in params.items()}


def shrunk_not_moved(params: Any, grads: Any, lr: float) -> Any:
    """The learning rate multiplies the parameter as well."""
    return {name: lr * (value - grads[name]) for name, value in params.items()}


def only_the_step(params: Any, grads: Any, lr: float) -> Any:
    """It returns the steps, not the new parameters."""
    return {name: -lr * grads[name] for name in params}


def weight_decay_unasked(params: Any, grads: Any, lr: float, *, strength: float = 1e-4, biases: bool = False) -> Any:
    """The weights shrink a little besides."""
    return {
        name: value - lr * (grads[name] + strength * value * (biases or name[0] == "W"))
        for name, value in params.items()
    }


def normalised_gradient(params: Any, grads: Any, lr: float) -> Any:
    """Only the direction of the gradient is used, not its length."""
    return {
        name: value - lr * grads[name] / (np.sqrt(np.sum(grads[name] ** 2)) or 1.0) for name, value in params.items()
    }


def sign_only(params: Any, grads: Any, lr: float, *, softened: float = 0.0) -> Any:
    """Only the sign of the gradient is used, as by the first step of AdaGrad and Adam."""

    def sign(gradient: Array) -> Any:
        return gradient / (np.abs(gradient) + softened) if softened else np.sign(gradient)

    return {name: value - lr * sign(grads[name]) for name, value in params.items()}


def clipped_gradient(params: Any, grads: Any, lr: float, *, at: float = 1.0, norm: bool = False) -> Any:
    """Large gradients are cut off, entry by entry or by their common length."""
    if norm:
        length = np.sqrt(sum(np.sum(gradient**2) for gradient in grads.values()))
        return {name: value - lr * min(1.0, at / (length or at)) * grads[name] for name, value in params.items()}
    return {name: value - lr * np.clip(grads[name], -at, at) for name, value in params.items()}


def remembered_step(params: Any, grads: Any, lr: float, *, factor: float = 1.9) -> Any:
    """The gradient counts more than once, as after a first step with momentum 0.9."""
    return {name: value - factor * lr * grads[name] for name, value in params.items()}


INPUTS = (
    Input("params", W, "real", ("...",), arrays=True),
    Input("grads", G, "real", ("...",), arrays=True),
    Input("lr", eta, "rate", ()),
)

SGD_STEP = Formula(
    name="sgd_step",
    display="W_{i}'",
    program=sgd_step,
    definition=definition,
    inputs=INPUTS,
    output=((i, "N"),),
    laws=(
        defining(goes_against_the_gradient),
        law(stays_where_the_gradient_is_zero),
        law(does_not_depend_on_the_place),
    ),
    mistakes=(
        mistake(ascending, caught_by=goes_against_the_gradient),
        mistake(learning_rate_ignored, caught_by=goes_against_the_gradient, variants={"rate": (0.01, 0.1)}),
        mistake(paired_by_order, caught_by=goes_against_the_gradient),
        mistake(rate_twice, caught_by=goes_against_the_gradient),
        mistake(divided_by_the_rate, caught_by=goes_against_the_gradient),
        mistake(rate_in_float32, caught_by=goes_against_the_gradient),
        mistake(factor_two, caught_by=goes_against_the_gradient),
        mistake(factor_half, caught_by=goes_against_the_gradient),
        mistake(gradient_forgotten, caught_by=does_not_depend_on_the_place),
        mistake(first_layer_only, caught_by=does_not_depend_on_the_place, variants={"layer": ("2",)}),
        mistake(weights_only, caught_by=does_not_depend_on_the_place, variants={"which": ("b",)}),
        mistake(shrunk_not_moved, caught_by=stays_where_the_gradient_is_zero),
        mistake(only_the_step, caught_by=stays_where_the_gradient_is_zero),
        mistake(
            weight_decay_unasked,
            caught_by=stays_where_the_gradient_is_zero,
            variants=tuple(
                {"strength": strength, "biases": biases}
                for strength in (0.1, 0.05, 0.01, 1e-3, 1e-4, 5e-4)
                for biases in (False, True)
            ),
        ),
        mistake(normalised_gradient, caught_by=goes_against_the_gradient),
        mistake(sign_only, caught_by=goes_against_the_gradient, variants={"softened": (1e-8, 1e-7, 1e-10)}),
        mistake(
            clipped_gradient,
            caught_by=goes_against_the_gradient,
            variants=({"at": 5.0}, {"at": 0.1}, {"norm": True}, {"at": 5.0, "norm": True}),
        ),
        mistake(remembered_step, caught_by=goes_against_the_gradient, variants={"factor": (0.1,)}),
    ),
    specials=(
        Special(
            "nan",
            {"params": {"W": [[1.0]], "b": [1.0]}, "grads": {"W": [[np.nan]], "b": [np.nan]}, "lr": 0.5},
            {"W": [[np.nan]], "b": [np.nan]},
        ),
    ),
)
