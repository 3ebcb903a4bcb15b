r"""One step of gradient descent with Nesterov's momentum, in the form that needs the gradient where the parameters are.

$$v' = \mu v - \eta g, \qquad w' = w + \mu v' - \eta g$$

**Conventions.** The gradient g is taken at w, and w runs ahead of the iterate of the original method by μv; the book's w + μ²v − (1 + μ)ηg is the same with the old
velocity. PyTorch keeps the velocity without the learning rate: see the page's conventions. nan and ±∞ follow the arithmetic.

**Reference.** Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, *Advances in Optimizing Recurrent Networks*, 2013, equations (6) and (7).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmath import arguments
from refmath.descent.momentum_step import CONSTANTS, lr, momentum, velocity, velocity_decays_and_takes_the_step
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
from refmath.spec import Claims, Convention, Equal, Formula, defining, law, misdefined
from refmath.symbols import Intermediate, Joint, i

new = Intermediate(momentum * velocity[i] - lr * g[i])
definition = {"w": w[i] + momentum * new - lr * g[i], "velocity": new}


def nesterov_step(w: Any, g: Any, velocity: Any, *, lr: float = 0.01, momentum: float = 0.9) -> dict[str, Any]:
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
        ValueError: If the shapes differ, an array is empty or holds what it must not, or a parameter is out of its range.

    Examples:
        >>> nesterov_step([1.0], [2.0], [4.0], lr=0.5, momentum=0.75)
        {'w': array([1.5]), 'velocity': array([2.])}
    """
    eta, mu = arguments.positive("lr", lr), share("momentum", momentum)
    given = {"w": w, "g": g, "velocity": velocity}
    place, slope, before = arrays(**given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $v' = \mu v - \eta g$
        after = mu * before - eta * slope
        #| $w' = w + \mu v' - \eta g$
        return as_given(given, w=place + (mu * after - eta * slope), velocity=after)


def looks_ahead_by_the_new_velocity(step: Any, w: Any, g: Any, velocity: Any) -> Claims:
    """The parameters move by nine tenths of the new velocity, and against the gradient once more."""
    yield Equal(step(w, g, velocity)["w"], w + 0.9 * (0.9 * velocity - 0.01 * g) - 0.01 * g)


def _without_the_rate(w: Any, g: Any, velocity: Any) -> dict[str, Any]:
    given = {"w": w, "g": g, "velocity": velocity}
    place, slope, before = arrays(**given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        after = 0.9 * before + slope
        return as_given(given, w=place - 0.01 * (slope + 0.9 * after), velocity=after)


_plain = Intermediate(momentum * velocity[i] + g[i])
_ahead = w[i] - lr * (g[i] + momentum * _plain)

NESTEROV_STEP = Formula(
    "nesterov_step",
    definition,
    inputs=(w, g, velocity),
    parameters=(lr, momentum),
    display=r"w_{i} \leftarrow",
    program=nesterov_step,
    laws=(
        defining(velocity_decays_and_takes_the_step),
        defining(looks_ahead_by_the_new_velocity),
        law(does_not_depend_on_the_place),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "plain_momentum",
            "It is momentum without a look ahead: w' = w + v'.",
            Joint(w[i] + new, new),
            caught_by=looks_ahead_by_the_new_velocity,
        ),
    ),
    conventions=(
        Convention(
            "pytorch",
            "the velocity is kept without the learning rate, v' = μv + g, and the step is −η(g + μv').",
            "PyTorch documentation, torch.optim.SGD with nesterov=True",
            definition=_ahead,
            parts=parts(w=_ahead, velocity=_plain),
            program=_without_the_rate,
            constants=CONSTANTS,
        ),
    ),
)
