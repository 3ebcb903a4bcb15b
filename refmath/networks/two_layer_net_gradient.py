r"""The gradient of the two-layer network's loss with respect to its parameters: backpropagation.

$$\frac{\partial L}{\partial W_2} = z^\top \frac{y - t}{N}, \qquad
\frac{\partial L}{\partial W_1} = x^\top \left[\left(\frac{y - t}{N} W_2^\top\right) \odot \sigma'(x W_1 + b_1)\right]$$

and for the biases the same without the factor from the left, summed over the samples; $z = \sigma(x W_1 + b_1)$.

**Conventions.** The gradient of each parameter has the parameter's shape. It belongs to the loss without a guard; under an offset δ the
factor $y - t$ is another one: see the page's conventions.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.3, equations (5.53), (5.54) and (5.56).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath.activations.sigmoid import sigmoid
from refmath.activations.sigmoid_gradient import sigmoid_gradient
from refmath.arguments import Array
from refmath.losses.softmax_cross_entropy_labels_gradient import softmax_cross_entropy_labels_gradient
from refmath.losses.softmax_cross_entropy_one_hot_gradient import softmax_cross_entropy_one_hot_gradient
from refmath.networks.two_layer_net_loss import holds_labels
from refmath.networks.two_layer_net_predict import inputs, parameters


def two_layer_net_gradient(params: Mapping[str, Any], x: Any, t: Any) -> dict[str, Array]:
    """The derivative of the loss with respect to every parameter.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,).
        x: Inputs, shape (N, D).
        t: Targets: distributions (N, K), one-hot as a rule, or integer labels (N,).

    Returns:
        The gradients by the parameters' names, each of its parameter's shape, in the widest dtype of parameters and inputs.

    Raises:
        TypeError: If `params` is not a mapping, or an array does not hold the numbers it should.
        ValueError: If a parameter is missing or unknown, the shapes do not fit, or a target is no distribution or no label.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((1, 1)), "b1": np.zeros(1), "W2": np.zeros((1, 2)), "b2": np.zeros(2)}
        >>> gradient = two_layer_net_gradient(params, [[1.0]], [0])
        >>> gradient["W2"], gradient["b2"]
        (array([[-0.25,  0.25]]), array([-0.5,  0.5]))
    """
    net = parameters(params)
    x = inputs(net, x)
    of_logits = (
        softmax_cross_entropy_labels_gradient if holds_labels(net, x, t) else softmax_cross_entropy_one_hot_gradient
    )
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        a1 = x @ net.W1 + net.b1
        z = sigmoid(a1)
        #| $\delta_2 = \partial L / \partial a = (y - t) / N$
        delta2 = of_logits(z @ net.W2 + net.b2, t)
        #| $\delta_1 = (\delta_2 W_2^\top) \odot \sigma'(x W_1 + b_1)$
        delta1 = (delta2 @ net.W2.T) * sigmoid_gradient(a1)
        #| $\partial L / \partial W_l$ is the layer's input, transposed, times $\delta_l$; $\partial L / \partial b_l$ the sum of its rows.
        return {
            "W1": x.T @ delta1,
            "b1": np.sum(delta1, axis=0),
            "W2": z.T @ delta2,
            "b2": np.sum(delta2, axis=0),
        }
