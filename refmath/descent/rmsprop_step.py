r"""One step of RMSProp: each parameter has a learning rate of its own, which falls with a running mean of the squares of its gradients.

$$h' = \rho h + (1 - \rho) g^2, \qquad w' = w - \frac{\eta g}{\sqrt{h'} + \varepsilon}$$

**Conventions.** ε is added to the root, as in PyTorch; Keras and Optax add it inside the root, and forget faster. nan and ±∞ follow the arithmetic.

**Reference.** T. Tieleman and G. Hinton, *Lecture 6.5 – RMSProp*, Neural Networks for Machine Learning, 2012, slide 29.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import parameter
from refmath.descent.adagrad_step import eps, h, lr
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
from refmath.spec import Claims, Convention, Equal, Form, Formula, defining, law
from refmath.symbols import Intermediate, i

rho = parameter("decay", 0.99, others=(0.0, 0.5, 0.9), nonnegative=True)
new = Intermediate(rho * h[i] + (1 - rho) * g[i] ** 2)
definition = {"w": w[i] - lr * g[i] / (sp.sqrt(new) + eps), "h": new}
_moved = {new: Intermediate(h[i] + (1 - rho) * (g[i] ** 2 - h[i]))}


def rmsprop_step(w: Any, g: Any, h: Any, *, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-7) -> dict[str, Any]:
    """The parameters and the running mean of squared gradients after one step.

    Args:
        w: The parameters, an array of any shape.
        g: Their gradient, of that shape.
        h: The running mean of the squares of the gradients, of that shape, never negative; zeros before the first step.
        lr: The learning rate η, positive.
        decay: The share ρ of the mean that is kept, at least 0 and below 1.
        eps: What keeps the denominator from zero, ε, positive.

    Returns:
        The new `w` and `h` by these names, each in the dtype it had (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or a parameter no number.
        ValueError: If the shapes differ, an array is empty or holds what it must not, or a parameter is out of its range.

    Examples:
        >>> rmsprop_step([1.0], [2.0], [12.0], lr=0.5, decay=0.5, eps=0.25)
        {'w': array([0.67...]), 'h': array([8.])}
    """
    eta, guard = arguments.positive("lr", lr), arguments.positive("eps", eps)
    given = {"w": w, "g": g, "h": h}
    place, slope, before = arrays("h", **given)
    kept = before.dtype.type(share("decay", decay))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $h' = \rho h + (1 - \rho) g^2$
        after = kept * before + ((1 - kept) * slope) * slope
        #| $w' = w - \eta g / (\sqrt{h'} + \varepsilon)$, the root of two squares, of which none leaves the range.
        root = np.hypot(np.sqrt(kept) * np.sqrt(before), np.sqrt(1 - kept) * slope)
        return as_given(given, w=place - eta * (slope / (root + guard)), h=after)


def renews_a_hundredth_of_the_mean(step: Any, w: Any, g: Any, h: Any) -> Claims:
    """The share 0.99, a float, of the mean is kept, and the rest is the square of the gradient."""
    yield Equal(step(w, g, h)["h"], 0.99 * h + (1 - 0.99) * g * g)


def divides_by_the_root_of_the_mean(step: Any, w: Any, g: Any, h: Any) -> Claims:
    """The way of a parameter times the root and ε is a hundredth of its gradient, with the new mean: 0.01 and 1e-7 as floats."""
    root = np.sqrt(0.99 * h + (1 - 0.99) * g * g)
    yield Equal((w - step(w, g, h)["w"]) * (root + 1e-7), 0.01 * g)


def _inside(w: Any, g: Any, h: Any) -> dict[str, Any]:
    given = {"w": w, "g": g, "h": h}
    place, slope, before = arrays("h", **given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        after = 0.9 * before + ((1 - 0.9) * slope) * slope
        root = np.hypot(np.hypot(np.sqrt(0.9 * before), np.sqrt(1 - 0.9) * slope), np.sqrt(1e-7))
        return as_given(given, w=place - 0.001 * (slope / root), h=after)


_under_the_root = w[i] - lr * g[i] / sp.sqrt(new + eps)

RMSPROP_STEP = Formula(
    "rmsprop_step",
    definition,
    inputs=(w, g, h),
    parameters=(lr, rho, eps),
    display=r"w_{i} \leftarrow",
    program=rmsprop_step,
    laws=(
        defining(renews_a_hundredth_of_the_mean),
        defining(divides_by_the_root_of_the_mean),
        law(does_not_depend_on_the_place),
        law(works_entry_by_entry),
    ),
    forms=(
        Form("as it is defined", definition, "PyTorch 2.13, torch.optim.RMSprop"),
        Form(
            "the mean moved towards the square",
            {key: part.xreplace(_moved) for key, part in definition.items()},
            "PyTorch 2.13, torch.Tensor.lerp",
        ),
    ),
    conventions=(
        Convention(
            "keras",
            "ε is added inside the root, ρ = 0.9 and η = 0.001.",
            "Keras 3 documentation, keras.optimizers.RMSprop",
            definition=_under_the_root,
            parts=parts(w=_under_the_root, h=new),
            program=_inside,
            constants={"lr": 0.001, "decay": 0.9, "eps": 1e-7},
        ),
        Convention(
            "pytorch",
            "ε is 1e-8.",
            "PyTorch documentation, torch.optim.RMSprop",
            parameters={"eps": 1e-8},
        ),
    ),
)
