"""Networks with one thing wrong about them: what the mistakes of the three pages are made of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from refmath.activations.plain_softmax import softmax
from refmath.arguments import Array
from refmath.spec import Claims, Mistake, Program, mistake

#: What states a law.
LawOf = Callable[..., Claims]

# ---- mistakes


def sigmoid(a: Array) -> Array:
    """The sigmoid, in a form that does not overflow."""
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))


#: The functions of layers by name: those of the pages, and what people take for the hidden layer's sigmoid.
FUNCTIONS: Mapping[str, Any] = {
    "sigmoid": sigmoid,
    "linear": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "tanh": np.tanh,
    "softmax": softmax,
    "hard": lambda a: np.clip(a / 6 + 0.5, 0, 1),
    "hard, 0.2": lambda a: np.clip(0.2 * a + 0.5, 0, 1),
    "step": lambda a: np.where(a > 0, 1.0, 0.0),
    "leaky": lambda a: np.where(a > 0, a, 0.01 * a),
    "softplus": lambda a: np.logaddexp(0, a),
}
#: The functions that are taken for it besides the ReLU.
_OTHERS = tuple({"which": each} for each in FUNCTIONS if each not in ("sigmoid", "linear", "relu"))


def network(
    params: Any, x: Array, *, activation: str = "sigmoid", first_bias: bool = True, second_bias: bool = True
) -> Any:
    """The logits of a network in which one thing may be wrong."""
    z = FUNCTIONS[activation](x @ params["W1"] + (params["b1"] if first_bias else 0))
    return z @ params["W2"] + (params["b2"] if second_bias else 0)


def of_wrong_layers(program: Program, caught_by: LawOf) -> Iterator[Mistake]:
    """What is wrong inside, from the program of a network that takes what `network` does, and an output.

    Args:
        program: Called with the arguments of the page, and with `activation`, `output`, `first_bias` and `second_bias` by name.
        caught_by: The law that each of them breaks.
    """

    def forgotten_sigmoid(*given: Any, output: str = "softmax") -> Any:
        """The hidden layer has no sigmoid: two linear layers are one."""
        return program(*given, activation="linear", output=output)

    def another_activation(*given: Any, which: str = "relu", output: str = "softmax") -> Any:
        """The hidden layer has another activation than the sigmoid."""
        return program(*given, activation=which, output=output)

    yield mistake(forgotten_sigmoid, caught_by=caught_by)
    yield mistake(another_activation, caught_by=caught_by, variants=_OTHERS)
    for name, text, missing in (
        ("first_bias_forgotten", "The hidden layer's bias is missing.", ["first_bias"]),
        ("second_bias_forgotten", "The output layer's bias is missing.", ["second_bias"]),
        ("biases_forgotten", "Both biases are missing.", ["first_bias", "second_bias"]),
    ):
        yield mistake(functools.partial(program, **dict.fromkeys(missing, False)), name, text, caught_by=caught_by)
