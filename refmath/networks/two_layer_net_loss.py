r"""The loss of the two-layer network: the cross-entropy of its prediction, computed from the logits.

$$L = -\frac{1}{N} \sum_{n} \sum_{k} t_{nk} \ln y_{nk}, \qquad y = \operatorname{softmax}(\sigma(x W_1 + b_1) W_2 + b_2)$$

**Conventions.** No guard: from the logits the logarithm never meets a zero, so the loss is never negative, finite wherever its value is, and
has $(y - t)/N$ as its exact derivative by the logits. The chapter and the book take the logarithm of y + δ instead.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (5.24), divided by N.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refmath import arguments
from refmath.arguments import Array
from refmath.losses.softmax_cross_entropy_labels import softmax_cross_entropy_labels
from refmath.losses.softmax_cross_entropy_one_hot import softmax_cross_entropy_one_hot
from refmath.networks.two_layer_net_predict import Parameters, inputs, logits, parameters


def two_layer_net_loss(params: Mapping[str, Any], x: Any, t: Any) -> np.floating[Any]:
    """The cross-entropy of the network's prediction with the targets, averaged over the samples.

    Args:
        params: The parameters by name: weights `W1` (D, H) and `W2` (H, K), biases `b1` (H,) and `b2` (K,).
        x: Inputs, shape (N, D).
        t: Targets: distributions (N, K), one-hot as a rule, or integer labels (N,).

    Returns:
        The loss, a scalar in the widest dtype of parameters and inputs (float64 for integers).

    Raises:
        TypeError: If `params` is not a mapping, or an array does not hold the numbers it should.
        ValueError: If a parameter is missing or unknown, the shapes do not fit, or a target is no distribution or no label.

    Examples:
        >>> import numpy as np
        >>> params = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "W2": np.zeros((3, 2)), "b2": np.zeros(2)}
        >>> print(two_layer_net_loss(params, [[1.0, 0.0], [0.0, 1.0]], [0, 1]))
        0.6931471805599453
    """
    net = parameters(params)
    x = inputs(net, x)
    a = logits(net, x)
    return softmax_cross_entropy_labels(a, t) if holds_labels(net, x, t) else softmax_cross_entropy_one_hot(a, t)


def holds_labels(net: Parameters, x: Array, t: Any) -> bool:
    """Whether the targets are labels (N,) and not distributions (N, K).

    Raises:
        ValueError: If they are neither.
    """
    shape = np.shape(t) if arguments.dimensions("t", t) else ()
    N, K = x.shape[0], net.W2.shape[1]
    if shape not in ((N, K), (N,)):
        raise ValueError(
            f"t must have the shape ({N}, {K}) (distributions) or ({N},) (labels) for x of shape {x.shape}; got {shape}"
        )
    return len(shape) == 1
