r"""One step of AdaGrad: each parameter has a learning rate of its own, which falls with the squares of its gradients.

$$h' = h + g^2, \qquad w' = w - \frac{\eta g}{\sqrt{h'} + \varepsilon}$$

**Conventions.** ε is added to the root, as in PyTorch and the book; Keras and Optax add it inside the root. nan and ±∞ follow the arithmetic.

**Reference.** J. Duchi, E. Hazan and Y. Singer, *Adaptive Subgradient Methods for Online Learning and Stochastic Optimization*, 2011, figure 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import argument, parameter
from refmath.descent.states import arrays, as_given, does_not_depend_on_the_place, g, parts, w, works_entry_by_entry
from refmath.spec import Claims, Convention, Equal, Formula, defining, law
from refmath.symbols import Intermediate, i

h = argument("h", "second_moment", ...)
lr, eps = (
    parameter("lr", 0.01, others=(1e-4, 1.0), positive=True),
    parameter("eps", 1e-7, others=(1e-12, 1e-3, 0.5), positive=True),
)
new = Intermediate(h[i] + g[i] ** 2)
definition = {"w": w[i] - lr * g[i] / (sp.sqrt(new) + eps), "h": new}


def adagrad_step(w: Any, g: Any, h: Any, *, lr: float = 0.01, eps: float = 1e-7) -> dict[str, Any]:
    """The parameters and the sum of squared gradients after one step.

    Args:
        w: The parameters, an array of any shape.
        g: Their gradient, of that shape.
        h: The sum of the squares of all gradients so far, of that shape, never negative; zeros before the first step.
        lr: The learning rate η, positive.
        eps: What keeps the denominator from zero, ε, positive.

    Returns:
        The new `w` and `h` by these names, each in the dtype it had (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or a parameter no number.
        ValueError: If the shapes differ, an array is empty or holds what it must not, or a parameter is out of its range.

    Examples:
        >>> adagrad_step([1.0], [3.0], [16.0], lr=0.5, eps=1.0)
        {'w': array([0.75]), 'h': array([25.])}
    """
    eta, guard = arguments.positive("lr", lr), arguments.positive("eps", eps)
    given = {"w": w, "g": g, "h": h}
    place, slope, before = arrays("h", **given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $h' = h + g^2$
        after = before + slope * slope
        #| $w' = w - \eta g / (\sqrt{h'} + \varepsilon)$, the root as $\sqrt{(\sqrt h)^2 + g^2}$, which no square leaves the range in.
        return as_given(given, w=place - eta * (slope / (np.hypot(np.sqrt(before), slope) + guard)), h=after)


def adds_the_squares(step: Any, w: Any, g: Any, h: Any) -> Claims:
    """The squares of the gradient are added to those that there are."""
    yield Equal(step(w, g, h)["h"], h + g * g)


def divides_by_the_root_of_the_squares(step: Any, w: Any, g: Any, h: Any) -> Claims:
    """The way of a parameter times the root and ε is a hundredth of its gradient, with the new squares: 0.01 and 1e-7 as floats."""
    root = np.sqrt(h + g * g)
    yield Equal((w - step(w, g, h)["w"]) * (root + 1e-7), 0.01 * g)


def _inside(w: Any, g: Any, h: Any) -> dict[str, Any]:
    given = {"w": w, "g": g, "h": h}
    place, slope, before = arrays("h", **given)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        root = np.hypot(np.hypot(np.sqrt(before), slope), np.sqrt(1e-7))
        return as_given(given, w=place - 0.001 * (slope / root), h=before + slope * slope)


_under_the_root = w[i] - lr * g[i] / sp.sqrt(new + eps)

ADAGRAD_STEP = Formula(
    "adagrad_step",
    definition,
    inputs=(w, g, h),
    parameters=(lr, eps),
    display=r"w_{i} \leftarrow",
    program=adagrad_step,
    laws=(
        defining(adds_the_squares),
        defining(divides_by_the_root_of_the_squares),
        law(does_not_depend_on_the_place),
        law(works_entry_by_entry),
    ),
    conventions=(
        Convention(
            "keras",
            "ε is added inside the root, and η = 0.001.",
            "Keras 3 documentation, keras.optimizers.Adagrad; optax.adagrad has the same root",
            definition=_under_the_root,
            parts=parts(w=_under_the_root, h=new),
            program=_inside,
            constants={"lr": 0.001, "eps": 1e-7},
        ),
        Convention(
            "pytorch",
            "ε is 1e-10.",
            "PyTorch documentation, torch.optim.Adagrad",
            parameters={"eps": 1e-10},
        ),
    ),
)
