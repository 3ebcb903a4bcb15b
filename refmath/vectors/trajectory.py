r"""A training of a hundred steps, with all its batches: what the loss and every parameter are after each of them.

$$W_{k+1} = W_k - \eta \frac{\partial L_k}{\partial W}(W_k), \qquad L_k \text{ the loss on batch } k$$

**The interval.** The whole training is evaluated twice in balls, like every formula. Once at high precision: the exact trajectory, of which each
number is rounded correctly. Once at float64's own precision, with the parameters at the start, the samples and the learning rate widened by one
unit in the last place. Each step takes the balls of the step before, radii and all, so a radius after k steps bounds what k honest steps may be
off: every rounding in every gradient and every update, each carried on through all later steps as far as it can grow. Balls forget that
errors of different parameters may cancel, so the bound grows by about a tenth from step to step; with this rate and so small a network the largest
is 4e-12 for a parameter and 2e-11 for the loss after the hundredth. The factor of 4, the unit in the last place and the smallest normal number are
added as everywhere. In float32 the same derivation would allow for 0.01 in the end, which says little: there is no trajectory in float32.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import ctx
from numpy.typing import NDArray

from refmath.balls import networks
from refmath.balls.acceptance import around
from refmath.balls.evaluate import as_balls
from refmath.balls.exact import Enclosure
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.kinds.draws import Draws
from refmath.spec import setting
from refmath.vectors.cases import Answer, Case

Balls = NDArray[Any]

NAME = "training"
TEXT = "A hundred steps of stochastic gradient descent on a small network, each on a batch of its own; the loss is that of the batch after the step."
CALL = "training(params, x, t, lr): one step for each of the 100 batches x[k], t[k]"
STEPS, N, D, H, K = 100, 5, 4, 3, 3
#: No number of single precision: rounded to it, it leads elsewhere.
RATE = 0.06
SHAPES = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
_FORMAT = FORMATS["float64"]


def case() -> Case:
    """The case of the whole training."""
    inputs = _inputs()
    certain = Enclosure(lambda precision: _trajectory(inputs, precision))
    honest = np.array([ball.rad().upper() for ball in _trajectory(inputs, _FORMAT.bits, _FORMAT.unit)], object)
    found = around(certain, honest, _FORMAT)
    if found is None:
        raise ArithmeticError("the balls of the training have grown beyond all bounds")
    answer = Answer(*(_in_parts(flat) for flat in (found.nearest, found.low, found.high)))
    return Case("float64.typical.1", "typical", "typical", None, {}, _FORMAT, inputs, "value", answer)


def _inputs() -> dict[str, Any]:
    draws = Draws(NAME)
    params = {key: draws.between(-0.5, 0.5, shape) for key, shape in SHAPES.items()}
    x = draws.between(-1, 1, (STEPS, N, D))
    # Something to be learnt: which of the first three inputs is the largest.
    return {"params": params, "x": x, "t": np.argmax(x[:, :, :K], axis=2).astype(np.int64), "lr": np.array(RATE)}


def _trajectory(inputs: dict[str, Any], precision: int, widen: float = 0.0) -> Balls:
    """All losses, then all values of each parameter in turn, in balls; flat."""
    gradient, loss = setting(formula("two_layer_net_gradient")), setting(formula("two_layer_net_loss"))
    told: dict[str, list[Any]] = {key: [] for key in ("loss", *SHAPES)}
    with ctx.workprec(precision):
        params = [as_balls(value, widen) for value in inputs["params"].values()]
        rate = as_balls(inputs["lr"], widen)[()]
        for x, labels in zip(inputs["x"], inputs["t"], strict=True):
            batch = as_balls(x, widen), as_balls(np.eye(K)[labels])
            slopes = _split(networks.evaluate(gradient, *[*params, *batch]))
            params = [value - rate * slope for value, slope in zip(params, slopes, strict=True)]
            told["loss"].append(networks.evaluate(loss, *[*params, *batch]).item())
            for key, value in zip(SHAPES, params, strict=True):
                told[key].append(value)
    return np.concatenate([np.array(values, object).ravel() for values in told.values()])


def _split(flat: Balls) -> Iterator[Balls]:
    """A flat gradient as the gradients of the parameters."""
    for shape in SHAPES.values():
        size = math.prod(shape)
        yield flat[:size].reshape(shape)
        flat = flat[size:]


def _in_parts(flat: Any) -> dict[str, Any]:
    """Flat values by key: the losses (steps,), each parameter (steps, …)."""
    parts: dict[str, Any] = {}
    for key, shape in {"loss": (), **SHAPES}.items():
        size = STEPS * math.prod(shape)
        parts[key], flat = flat[:size].reshape(STEPS, *shape), flat[size:]
    return parts
