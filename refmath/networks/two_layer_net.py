"""The chapter's class: the network's parameters, and the functions of the pages applied to them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.calculus.numerical_gradient import numerical_gradient
from refmath.fast.network_differences import network_differences
from refmath.networks.two_layer_net_gradient import two_layer_net_gradient
from refmath.networks.two_layer_net_loss import holds_labels, two_layer_net_loss
from refmath.networks.two_layer_net_predict import (
    FUNCTIONS,
    Activation,
    Functions,
    Output,
    inputs,
    parameters,
    require_functions,
    two_layer_net_predict,
)


class TwoLayerNet:
    r"""A network of D inputs, H hidden units and K classes, with Gaussian weights and zero biases.

    Args:
        input_size: D, the number of inputs of a sample.
        hidden_size: H, the number of hidden units.
        output_size: K, the number of classes.
        weight_init_std: The standard deviation of the initial weights.
        rng: The generator that the weights are drawn from, or a seed for one; without it other weights are drawn each time.
        activation: The function of the hidden units: `sigmoid`, `relu` or `tanh`.
        output: The function of the second layer: `softmax`, `sigmoid` or `linear`; the loss follows from it.

    Attributes:
        params: The parameters by name: `W1` (D, H), `b1` (H,), `W2` (H, K), `b2` (K,), in float64.
        functions: The values of `activation` and `output` by name.

    Raises:
        TypeError: If a size is not a whole number, or `rng` no generator and no seed.
        ValueError: If a size is not positive, or the standard deviation negative or not finite, or there is no such activation or output.

    Examples:
        >>> import numpy as np
        >>> net = TwoLayerNet(4, 3, 2, rng=np.random.default_rng(0))
        >>> {name: value.shape for name, value in net.params.items()}
        {'W1': (4, 3), 'b1': (3,), 'W2': (3, 2), 'b2': (2,)}
        >>> net.predict(np.zeros((5, 4))).shape
        (5, 2)
    """

    params: dict[str, Array]
    functions: Functions

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        weight_init_std: float = 0.01,
        *,
        rng: Any = None,
        activation: Activation = "sigmoid",
        output: Output = "softmax",
    ) -> None:
        D = arguments.whole("input_size", input_size, at_least=1)
        H = arguments.whole("hidden_size", hidden_size, at_least=1)
        K = arguments.whole("output_size", output_size, at_least=1)
        std = arguments.number("weight_init_std", weight_init_std)
        if std < 0:
            raise ValueError(f"weight_init_std must not be negative; got {weight_init_std!r}")
        require_functions(activation, output)
        self.functions = {"activation": activation, "output": output}
        generator = arguments.generator("rng", rng)
        self.params = {
            "W1": std * generator.standard_normal((D, H)),
            "b1": np.zeros(H),
            "W2": std * generator.standard_normal((H, K)),
            "b2": np.zeros(K),
        }

    def predict(self, x: Any) -> Array:
        """The outputs for samples x (N, D), shape (N, K): by default the probabilities of the classes."""
        return two_layer_net_predict(self.params, x, **self.functions)

    def loss(self, x: Any, t: Any) -> np.floating[Any]:
        """The loss of the prediction for x (N, D) with targets (N, K), or with labels (N,) for a softmax."""
        return two_layer_net_loss(self.params, x, t, **self.functions)

    def accuracy(self, x: Any, t: Any) -> float:
        """The share of the samples x (N, D) whose likeliest class is that of t: distributions (N, K) or labels (N,)."""
        net = parameters(self.params)
        x = inputs(net, x)
        if holds_labels(net, x, t):
            truth = arguments.labels("t", t, self.predict(x), "y")
        else:
            truth = np.argmax(arguments.distributions("t", t, self.predict(x), "y"), axis=1)
        return float(np.mean(np.argmax(self.predict(x), axis=1) == truth))

    def gradient(self, x: Any, t: Any) -> dict[str, Array]:
        """The gradient of the loss by backpropagation: one array for each parameter, of its shape."""
        return two_layer_net_gradient(self.params, x, t, **self.functions)

    def numerical_gradient(
        self, x: Any, t: Any, *, h: float = 1e-4, method: Literal["structural", "plain"] = "structural"
    ) -> dict[str, Array]:
        """The gradient of the loss by central differences, in float64.

        Args:
            x: Inputs, shape (N, D).
            t: Targets: distributions (N, K), one-hot as a rule, or integer labels (N,).
            h: The step.
            method: `plain` passes through the network twice for each entry of each parameter, one after the other, as the chapter does. `structural`
                computes the same differences from what each parameter can change, hundreds of times as fast and without cancellation (see
                `refmath.fast.network_differences`), but begins, like `gradient`, with the errors y − t: only `plain` is evidence independent of it. It knows sigmoids
                with a softmax alone.

        Returns:
            The gradients by the parameters' names, each of its parameter's shape.

        Raises:
            ValueError: If the shapes do not fit, something is not finite, h is zero, or the method is another, or `structural` for a network with other functions.
        """
        if method == "structural" and self.functions != FUNCTIONS:
            raise ValueError("the structural differences are those of sigmoids and a softmax; give method='plain'")
        if method == "structural":
            return network_differences(self.params, x, t, h=h)
        if method != "plain":
            raise ValueError(f"method must be 'structural' or 'plain'; got {method!r}")

        x = arguments.point("x", x)
        params = {
            name: arguments.point(f"params[{name!r}]", each) for name, each in parameters(self.params)._asdict().items()
        }

        def loss_at(name: str, value: Array) -> Any:
            return two_layer_net_loss({**params, name: value}, x, t, **self.functions)

        return {
            name: numerical_gradient(lambda value, name=name: loss_at(name, value), params[name], h=h)  # type: ignore[misc]
            for name in params
        }
