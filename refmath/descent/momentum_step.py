r"""One step of gradient descent with momentum: a velocity keeps a part of the steps before.

$$v' = \mu v - \eta g, \qquad w' = w + v'$$

**Conventions.** The velocity holds the learning rate and points where the parameters go, as in the paper and in Keras; others keep it without the learning
rate, or with the opposite sign: see the page's conventions. nan and ±∞ follow the arithmetic.

**Reference.** I. Sutskever, J. Martens, G. Dahl and G. Hinton, *On the importance of initialization and momentum in deep learning*, 2013, equations (1) and (2).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath import arguments
from refmath.declarations import argument, parameter
from refmath.descent.states import (
    arrays,
    as_given,
    does_not_depend_on_the_place,
    g,
    parts,
    share,
    w,
    works_entry_by_entry,
)
from refmath.spec import Claims, Convention, Equal, Formula, defining, law
from refmath.symbols import Intermediate, i

velocity = argument("velocity", "floats", ...)
lr, momentum = (
    parameter("lr", 0.01, others=(1e-4, 1.0), positive=True),
    parameter("momentum", 0.9, others=(0.0, 0.5, 0.99), nonnegative=True),
)
new = Intermediate(momentum * velocity[i] - lr * g[i])
definition = {"w": w[i] + new, "velocity": new}


def momentum_step(w: Any, g: Any, velocity: Any, *, lr: float = 0.01, momentum: float = 0.9) -> dict[str, Any]:
    """The parameters and their velocity after one step.

    Args:
        w: The parameters, an array of any shape.
        g: Their gradient, of that shape.
        velocity: Their velocity, of that shape; zeros before the first step.
        lr: The learning rate η, positive.
        momentum: The share μ of the velocity that is kept, at least 0 and below 1.

    Returns:
        The new `w` and `velocity` by these names, each in the dtype it had (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or a parameter no number.
        ValueError: If the shapes differ, an array is empty, or a parameter is out of its range.

    Examples:
        >>> momentum_step([1.0], [2.0], [4.0], lr=0.5, momentum=0.75)
        {'w': array([3.]), 'velocity': array([2.])}
    """
    eta, mu = arguments.positive("lr", lr), share("momentum", momentum)
    given = {"w": w, "g": g, "velocity": velocity}
    place, slope, before = arrays(**given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $v' = \mu v - \eta g$
        after = mu * before - eta * slope
        #| $w' = w + v'$
        return as_given(given, w=place + after, velocity=after)


def velocity_decays_and_takes_the_step(step: Any, w: Any, g: Any, velocity: Any) -> Claims:
    """Nine tenths of the velocity are left, less a hundredth of the gradient: the floats 0.9 and 0.01."""
    yield Equal(step(w, g, velocity)["velocity"], 0.9 * velocity - 0.01 * g)


def moves_by_the_new_velocity(step: Any, w: Any, g: Any, velocity: Any) -> Claims:
    """The parameters move by the velocity that the step has made."""
    yield Equal(step(w, g, velocity)["w"], w + 0.9 * velocity - 0.01 * g)


def _without_the_rate(w: Any, g: Any, velocity: Any) -> dict[str, Any]:
    given = {"w": w, "g": g, "velocity": velocity}
    place, slope, before = arrays(**given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        after = 0.9 * before + slope
        return as_given(given, w=place - 0.01 * after, velocity=after)


def _against(w: Any, g: Any, velocity: Any) -> dict[str, Any]:
    given = {"w": w, "g": g, "velocity": velocity}
    place, slope, before = arrays(**given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        after = 0.9 * before + 0.01 * slope
        return as_given(given, w=place - after, velocity=after)


_plain = Intermediate(momentum * velocity[i] + g[i])
_opposite = Intermediate(momentum * velocity[i] + lr * g[i])
CONSTANTS = {"lr": 0.01, "momentum": 0.9}
MOMENTUM_STEP = Formula(
    "momentum_step",
    definition,
    inputs=(w, g, velocity),
    parameters=(lr, momentum),
    display=r"w_{i} \leftarrow",
    program=momentum_step,
    laws=(
        defining(velocity_decays_and_takes_the_step),
        defining(moves_by_the_new_velocity),
        law(does_not_depend_on_the_place),
        law(works_entry_by_entry),
    ),
    conventions=(
        Convention(
            "pytorch",
            "the velocity is kept without the learning rate, v' = μv + g, and the step is −ηv'.",
            "PyTorch documentation, torch.optim.SGD; optax.sgd",
            definition=w[i] - lr * _plain,
            parts=parts(w=w[i] - lr * _plain, velocity=_plain),
            program=_without_the_rate,
            constants=CONSTANTS,
        ),
        Convention(
            "ruder",
            "the velocity has the opposite sign, v' = μv + ηg, and is subtracted.",
            "S. Ruder, An overview of gradient descent optimization algorithms, 2016, equation (4)",
            definition=w[i] - _opposite,
            parts=parts(w=w[i] - _opposite, velocity=_opposite),
            program=_against,
            constants=CONSTANTS,
        ),
    ),
    reference="I. Sutskever et al., On the importance of initialization and momentum in deep learning, 2013, equations (1) and (2)",
)
