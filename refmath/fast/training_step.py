r"""One step of the training by backpropagation: the three pages that it consists of, for labels, without a check and without an array too many.

It is what `two_layer_net_gradient`, `sgd_step` and `two_layer_net_loss` say, for parameters of one dtype and labels that have been checked before
the first of many steps. Three things make it fast, and none of them changes a value beyond rounding:

1. **The sigmoid and its slope come from one exponential.** With $e = e^{-a}$,

    $$\sigma(a) = \frac{1}{1 + e}, \qquad \sigma'(a) = \sigma(a)\,\sigma(-a) = e\,\sigma(a)^2$$

    The slope is $z (1 - z)$ without the subtraction, which has no digits left where z is near 1. Where $e^{-a}$ would overflow, the largest power of e
    that does not is taken instead: sigmoid and slope are then the smallest normal numbers instead of still smaller ones, or 0.

2. **Targets are labels.** Row n of $y - t$ is the softmax, but for the entry of the label, which is $y_l - 1$. With $o_k = e^{a_k - \max a}$ and
   $s = \sum_{k \ne l} o_k$, summed after $o_l$ was taken out,

    $$y_k = \frac{o_k}{s + o_l}, \qquad y_l - 1 = \frac{-s}{s + o_l}, \qquad -\ln y_l = (\max a - a_l) + \ln(1 + s + (o_l - 1))$$

    Nothing cancels: where the label is the likeliest class, $o_l - 1$ is zero and the loss is $\ln(1 + s)$, however small s is. Where it is not,
    s is at least 1.

3. **An input that is zero in the whole batch has no part in it**: its row of $W_1$ is multiplied by zeros, and gets a gradient of zeros. A batch of
   a hundred digits leaves a third of its pixels black. The step is that of the network without them.

The large arrays are made once and filled anew in every step: what is given back to the system and asked for again costs a quarter of the time. What is
left are the products by $W_1$: one for the gradient's forward pass, one for its backward pass, and one for the loss at the new parameters, which is
therefore computed only where it is asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refmath.arguments import Array
from refmath.networks.two_layer_net_predict import Parameters

#: The largest whole number of which each number format holds the exponential.
LARGEST_EXPONENT = {"float32": 88, "float64": 709}


class TrainingStep:
    """Steps of one network on batches of integer inputs, say pixels.

    Args:
        batch_size: How many samples a batch holds at most.
        shape: The shape (D, H) of the first layer's weights.
        dtype: The dtype of the parameters.
        scale: What the inputs are divided by.

    Examples:
        >>> params = {"W1": np.zeros((1, 1)), "b1": np.zeros(1), "W2": np.zeros((1, 2)), "b2": np.zeros(2)}
        >>> step = TrainingStep(1, (1, 1), "float64", scale=255)
        >>> after, loss = step(params, np.array([[255]]), np.array([0]), 1.0)
        >>> after["b2"], bool(loss() < np.log(2))
        (array([ 0.5, -0.5]), True)
    """

    def __init__(self, batch_size: int, shape: tuple[int, int], dtype: str, *, scale: float) -> None:
        # Multiplied by the reciprocal: a division takes four times as long.
        self._scale = np.dtype(dtype).type(1 / scale)
        self._x = np.empty(batch_size * shape[0], dtype)
        self._W1, self._slope = np.empty(shape, dtype), np.empty(shape, dtype)

    def __call__(
        self, params: dict[str, Array], images: Array, labels: NDArray[np.intp], lr: float
    ) -> tuple[dict[str, Array], Callable[[], np.floating[Any]]]:
        """The parameters after a step on a batch, in new arrays, and what tells the loss of that batch there, until the next step is made.

        Args:
            params: The parameters by name; they stay as they are.
            images: The batch, integers (N, D) with N at most the batch size.
            labels: Labels (N,), each in 0 .. K − 1.
            lr: The learning rate.
        """
        used, net, x = self._without_zeros(params, images)
        # What leaves the range is ∞ or nan, and so is the loss, which the caller looks at.
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            net = step_against(net, gradient_by_labels(net, x, labels, self._slope[: len(used)]), lr)
        W1 = params["W1"].copy()
        W1[used] = net.W1
        return net._replace(W1=W1)._asdict(), functools.partial(loss_by_labels, net, x, labels)

    def likeliest(self, params: dict[str, Array], images: Array) -> NDArray[np.intp]:
        """The likeliest class of each sample of a batch."""
        _, net, x = self._without_zeros(params, images)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return np.asarray(np.argmax(_logits(net, x), axis=1))

    def _without_zeros(self, params: dict[str, Array], images: Array) -> tuple[NDArray[np.intp], Parameters, Array]:
        """Which inputs are not zero in the whole batch, the network of these alone, and the batch, scaled; in this object's arrays."""
        used = np.flatnonzero(np.bitwise_or.reduce(images, axis=0))
        # Column by column, as the chosen columns come: what runs along with them is copied in a third of the time.
        x = self._x[: len(images) * len(used)].reshape(len(used), len(images)).T
        x[...] = images[:, used]
        x *= self._scale
        # The mode "raise" would go by way of a copy.
        W1 = np.take(params["W1"], used, axis=0, out=self._W1[: len(used)], mode="clip")
        return used, Parameters(W1, params["b1"], params["W2"], params["b2"]), x


def gradient_by_labels(net: Parameters, x: Array, labels: NDArray[np.intp], of_W1: Array | None = None) -> Parameters:
    r"""The gradient of the loss: `two_layer_net_gradient` for checked arguments of one dtype.

    Args:
        net: The parameters.
        x: Inputs, shape (N, D), in the dtype of the parameters.
        labels: Labels (N,), each in 0 .. K − 1.
        of_W1: An array for the gradient of W1, by far the largest; None for a new one.

    Returns:
        What `two_layer_net_gradient` returns, in the order of the parameters.
    """
    z, slope = _sigmoid_and_slope(x @ net.W1 + net.b1)
    #| $\delta_2 = (y - t) / N$
    delta2 = _errors(z @ net.W2 + net.b2, labels)
    delta2 /= len(x)
    #| $\delta_1 = (\delta_2 W_2^\top) \odot \sigma'$
    delta1 = delta2 @ net.W2.T
    delta1 *= slope
    return Parameters(np.matmul(x.T, delta1, out=of_W1), delta1.sum(axis=0), z.T @ delta2, delta2.sum(axis=0))


def step_against(net: Parameters, gradient: Parameters, lr: float) -> Parameters:
    """The parameters after the step W − η ∂L/∂W, which take the place of the gradient: its arrays are used up.

    Args:
        net: The parameters; they stay as they are.
        gradient: The gradient by each, in arrays that nobody needs any more.
        lr: The learning rate η.
    """
    for W, slope in zip(net, gradient, strict=True):
        slope *= lr
        np.subtract(W, slope, out=slope)
    return gradient


def loss_by_labels(net: Parameters, x: Array, labels: NDArray[np.intp]) -> np.floating[Any]:
    """The mean cross-entropy: `two_layer_net_loss` for checked arguments of one dtype, as `gradient_by_labels` takes them."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        gap, _, own, others = _taken_apart(_logits(net, x), labels)
        losses: Array = gap + np.log1p(others + (own - 1))
        return losses.sum() / len(losses)  # type: ignore[no-any-return]


def _logits(net: Parameters, x: Array) -> Array:
    """The scores of the classes, of which the softmax makes probabilities."""
    z = x @ net.W1 + net.b1
    # 1 / (1 + exp(-a)), in place: where exp(-a) overflows, σ(a) is 0 up to the smallest of numbers.
    np.exp(np.negative(z, out=z), out=z)
    z += 1
    scores: Array = np.reciprocal(z, out=z) @ net.W2 + net.b2
    return scores


def _sigmoid_and_slope(a: Array) -> tuple[Array, Array]:
    """σ(a) and σ′(a) from one exponential; a is used up."""
    e = np.exp(np.minimum(np.negative(a, out=a), LARGEST_EXPONENT[a.dtype.name], out=a), out=a)
    z = np.reciprocal(1 + e)
    e *= z
    e *= z
    return z, e


def _errors(a: Array, labels: NDArray[np.intp]) -> Array:
    """Probabilities minus targets, from the logits a."""
    _, odds, own, others = _taken_apart(a, labels)
    odds[np.arange(len(a)), labels] = -others
    odds /= (others + own)[:, np.newaxis]
    return odds


def _taken_apart(a: Array, labels: NDArray[np.intp]) -> tuple[Array, Array, Array, Array]:
    """By how much the label's logit lies below the largest one, the odds of the others (the label's is 0), the label's own, and the sum of the others'."""
    label = np.arange(len(a)), labels
    # Class by class in memory: a maximum or a sum over few classes is then one of long rows.
    a = np.asfortranarray(a)
    below = a - a.max(axis=1, keepdims=True)
    odds = np.exp(below)
    own = odds[label]
    odds[label] = 0
    return -below[label], odds, own, odds.sum(axis=1)
