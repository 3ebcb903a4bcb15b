r"""One step of AdamW: Adam, after the parameters have been drawn a little towards zero.

$$w' = (1 - \eta \lambda) \, w - \eta \, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$

**Conventions.** The weights decay by themselves: λw is no part of the gradient, and so of no mean. The decay is λ times the learning rate, as in PyTorch, Keras and Optax; the
paper has a schedule of its own for it. m̂ and v̂ are those of Adam. nan and ±∞ follow the arithmetic.

**Reference.** I. Loshchilov and F. Hutter, *Decoupled Weight Decay Regularization*, 2019, algorithm 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import parameter
from refmath.descent.adam_step import (
    CORRECTED,
    beta1,
    beta2,
    eps,
    forms_of,
    lr,
    m,
    mean,
    renews_a_tenth_of_the_mean,
    renews_a_thousandth_of_the_squares,
    squares,
    steps_back,
    t,
    v,
    way,
)
from refmath.descent.states import arrays, as_given, g, share, w, works_entry_by_entry
from refmath.spec import Claims, Equal, Formula, defining, law, misdefined
from refmath.symbols import Joint, i

weight_decay = parameter("weight_decay", 0.01, others=(0.0, 0.1, 1.0), nonnegative=True)
definition = {"w": w[i] * (1 - lr * weight_decay) - way, "m": mean, "v": squares}


def adamw_step(
    w: Any,
    g: Any,
    m: Any,
    v: Any,
    t: int,
    *,
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> dict[str, Any]:
    """The parameters and both running means after one step.

    Args:
        w: The parameters, an array of any shape.
        g: Their gradient, of that shape, without any penalty.
        m: The running mean of the gradients, of that shape; zeros before the first step.
        v: The running mean of their squares, of that shape, never negative; zeros before the first step.
        t: The number of this step, from 1 on.
        lr: The learning rate η, positive.
        beta1: The share β₁ of the mean that is kept, at least 0 and below 1.
        beta2: The share β₂ of the mean of the squares that is kept, at least 0 and below 1.
        eps: What keeps the denominator from zero, ε, positive.
        weight_decay: The decay λ, not negative.

    Returns:
        The new `w`, `m` and `v` by these names, each in the dtype it had (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, `t` no whole number, or a parameter no number.
        ValueError: If the shapes differ, an array is empty or holds what it must not, or `t` or a parameter is out of its range.

    Examples:
        >>> adamw_step([1.0], [2.0], [0.0], [0.0], 1, lr=0.25, eps=1e-300, weight_decay=0.5)
        {'w': array([0.625]), 'm': array([0.2]), 'v': array([0.004])}
    """
    given = {"w": w, "g": g, "m": m, "v": v}
    place, slope, before, squares_before = arrays("v", **given)
    rates = arguments.positive("lr", lr), share("beta1", beta1), share("beta2", beta2), arguments.positive("eps", eps)
    decayed = arguments.nonnegative("weight_decay", weight_decay) * rates[0]
    back, after, roots = steps_back(slope, before, squares_before, arguments.whole("t", t, at_least=1), *rates)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $w' = w - \eta \lambda w - \eta \, \hat m / (\sqrt{\hat v} + \varepsilon)$
        return as_given(given, w=place - (decayed * place + back), m=after, v=roots)


def decays_by_itself(step: Any, w: Any, g: Any, m: Any, v: Any, t: Any) -> Claims:
    """Of the parameters the share 1 − ηλ is left, whatever the gradient: η = 0.001 and λ = 0.01 as floats."""
    yield Equal(step(w, g, m, v, t)["w"] - step(0 * w, g, m, v, t)["w"], w * (1 - 1e-3 * (0 * w + 1) * 0.01))


def goes_by_the_corrected_means(step: Any, w: Any, g: Any, m: Any, v: Any, t: Any) -> Claims:
    """From zero the way times the corrected root and ε is a thousandth of the corrected mean, with the new means and the number of this step."""
    one = 1 + 0 * g
    after, new = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
    root = np.sqrt(new / (1 - (0.999 * one) ** int(t)))
    yield Equal(-step(0 * w, g, m, v, t)["w"] * (root + 1e-8) * (1 - (0.9 * one) ** int(t)), 1e-3 * after)


_pulled = g[i] + weight_decay * w[i]
_mean, _squares = beta1 * m[i] + (1 - beta1) * _pulled, beta2 * v[i] + (1 - beta2) * _pulled**2
_way = lr * (_mean / (1 - beta1**t)) / (sp.sqrt(_squares / (1 - beta2**t)) + eps)
ADAMW_STEP = Formula(
    "adamw_step",
    definition,
    inputs=(w, g, m, v, t),
    parameters=(lr, beta1, beta2, eps, weight_decay),
    display=r"w_{i} \leftarrow",
    program=adamw_step,
    laws=(
        defining(renews_a_tenth_of_the_mean),
        defining(renews_a_thousandth_of_the_squares),
        defining(decays_by_itself),
        defining(goes_by_the_corrected_means),
        law(works_entry_by_entry),
    ),
    mistakes=(
        misdefined(
            "penalty_in_the_gradient",
            "λw is added to the gradient, as in Adam with an L2 penalty: the decay is divided by the root too.",
            Joint(w[i] - _way, _mean, _squares),
            caught_by=renews_a_tenth_of_the_mean,
        ),
        *(
            misdefined(name, text, Joint(definition["w"], *state), caught_by=law_)
            for name, text, state, law_ in CORRECTED
        ),
    ),
    forms=forms_of(definition),
)
