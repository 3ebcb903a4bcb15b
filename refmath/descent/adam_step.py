r"""One step of Adam: the running mean of the gradients, divided by the root of the running mean of their squares.

$$m' = \beta_1 m + (1 - \beta_1) g, \quad v' = \beta_2 v + (1 - \beta_2) g^2, \qquad
w' = w - \eta \, \frac{m' / (1 - \beta_1^t)}{\sqrt{v' / (1 - \beta_2^t)} + \varepsilon}$$

**Conventions.** t is the number of this step, from 1 on: the means begin at 0, and 1 − βᵗ makes up for it. ε is added to the root of the corrected mean, as in the
algorithm of the paper, PyTorch and Optax; Keras and the book add it to the root of the mean as it is: see the page's conventions. nan and ±∞ follow the arithmetic.

**Reference.** D. P. Kingma and J. Ba, *Adam: A Method for Stochastic Optimization*, 2015, algorithm 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
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
from refmath.spec import Claims, Convention, Equal, Form, Formula, defining, law, misdefined
from refmath.symbols import Intermediate, Joint, i

m, v = argument("m", "first_moment", ...), argument("v", "second_moment", ...)
t = argument("t", "step_number")
lr, eps = (
    parameter("lr", 1e-3, others=(1e-5, 0.5), positive=True),
    parameter("eps", 1e-8, others=(1e-12, 1e-3, 0.5), positive=True),
)
beta1, beta2 = (
    parameter("beta1", 0.9, others=(0.0, 0.5, 0.99), nonnegative=True),
    parameter("beta2", 0.999, others=(0.0, 0.5, 0.99), nonnegative=True),
)
mean = Intermediate(beta1 * m[i] + (1 - beta1) * g[i])
squares = Intermediate(beta2 * v[i] + (1 - beta2) * g[i] ** 2)
way = lr * (mean / (1 - beta1**t)) / (sp.sqrt(squares / (1 - beta2**t)) + eps)
definition = {"w": w[i] - way, "m": mean, "v": squares}


def forms_of(definition: dict[str, sp.Expr]) -> tuple[Form, ...]:
    """How honest programs evaluate a step: as it is defined, or with one mean or both moved towards what is new."""
    moved = {mean: Intermediate(m[i] + (1 - beta1) * (g[i] - m[i]))}
    both = moved | {squares: Intermediate(v[i] + (1 - beta2) * (g[i] ** 2 - v[i]))}
    return (
        Form("as it is defined", definition, "Optax 0.2, optax.adam"),
        Form(
            "the mean moved towards the gradient",
            {key: part.xreplace(moved) for key, part in definition.items()},
            "PyTorch 2.13, torch.optim.Adam",
        ),
        Form(
            "both means moved",
            {key: part.xreplace(both) for key, part in definition.items()},
            "K. Saitoh, Deep Learning from Scratch, section 6.1.6, class Adam",
        ),
    )


def adam_step(
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
) -> dict[str, Any]:
    """The parameters and both running means after one step.

    Args:
        w: The parameters, an array of any shape.
        g: Their gradient, of that shape.
        m: The running mean of the gradients, of that shape; zeros before the first step.
        v: The running mean of their squares, of that shape, never negative; zeros before the first step.
        t: The number of this step, from 1 on.
        lr: The learning rate η, positive.
        beta1: The share β₁ of the mean that is kept, at least 0 and below 1.
        beta2: The share β₂ of the mean of the squares that is kept, at least 0 and below 1.
        eps: What keeps the denominator from zero, ε, positive.

    Returns:
        The new `w`, `m` and `v` by these names, each in the dtype it had (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, `t` no whole number, or a parameter no number.
        ValueError: If the shapes differ, an array is empty or holds what it must not, or `t` or a parameter is out of its range.

    Examples:
        >>> adam_step([1.0], [2.0], [0.0], [0.0], 1, lr=0.25, eps=1e-300)
        {'w': array([0.75]), 'm': array([0.2]), 'v': array([0.004])}
    """
    given = {"w": w, "g": g, "m": m, "v": v}
    place, slope, before, squares_before = arrays("v", **given)
    rates = arguments.positive("lr", lr), share("beta1", beta1), share("beta2", beta2), arguments.positive("eps", eps)
    way, after, squares = steps_back(slope, before, squares_before, arguments.whole("t", t, at_least=1), *rates)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $w' = w - \eta \, \hat m / (\sqrt{\hat v} + \varepsilon)$
        return as_given(given, w=place - way, m=after, v=squares)


def steps_back(
    g: Array, m: Array, v: Array, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """How far a step goes against the gradient, and both means after it."""
    kept1, kept2 = m.dtype.type(beta1), v.dtype.type(beta2)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $m' = \beta_1 m + (1 - \beta_1) g$ and $v' = \beta_2 v + (1 - \beta_2) g^2$
        after, squares = kept1 * m + (1 - kept1) * g, kept2 * v + ((1 - kept2) * g) * g
        #| $\sqrt{\hat v}$ as the root of two squares, of which none leaves the range
        root = np.hypot(np.sqrt(kept2) * np.sqrt(v), np.sqrt(1 - kept2) * g) / np.sqrt(unlike_one(kept2, t))
        #| $\hat m = m' / (1 - \beta_1^t)$
        return lr * (after / unlike_one(kept1, t) / (root + eps)), after, squares


def unlike_one(beta: Any, t: int) -> Any:
    r"""$1 - \beta^t$, as $-(e^{t \ln \beta} - 1)$: the power itself would be rounded beside 1."""
    return -np.expm1(t * np.log(beta)) if beta else 1.0


def renews_a_tenth_of_the_mean(step: Any, w: Any, g: Any, m: Any, v: Any, t: Any) -> Claims:
    """The share 0.9, a float, of the mean is kept, and the rest is the gradient."""
    yield Equal(step(w, g, m, v, t)["m"], 0.9 * m + (1 - 0.9) * g)


def renews_a_thousandth_of_the_squares(step: Any, w: Any, g: Any, m: Any, v: Any, t: Any) -> Claims:
    """The share 0.999, a float, of the mean of squares is kept, and the rest is the square of the gradient."""
    yield Equal(step(w, g, m, v, t)["v"], 0.999 * v + (1 - 0.999) * g * g)


def goes_by_the_corrected_means(step: Any, w: Any, g: Any, m: Any, v: Any, t: Any) -> Claims:
    """The way times the corrected root and ε is a thousandth of the corrected mean, with the new means and the number of this step."""
    # Exact numbers: a ball that is 1, or several, to the power of t.
    one = 1 + 0 * g
    after, squares = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
    root = np.sqrt(squares / (1 - (0.999 * one) ** int(t)))
    yield Equal((w - step(w, g, m, v, t)["w"]) * (root + 1e-8) * (1 - (0.9 * one) ** int(t)), 1e-3 * after)


def _of_the_mean_as_it_is(w: Any, g: Any, m: Any, v: Any, t: int) -> dict[str, Any]:
    given = {"w": w, "g": g, "m": m, "v": v}
    place, slope, before, squares_before = arrays("v", **given)
    t = arguments.whole("t", t, at_least=1)
    later = math.sqrt(unlike_one(0.999, t))
    way, after, squares = steps_back(slope, before, squares_before, t, 1e-3, 0.9, 0.999, 1e-7 / later)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return as_given(given, w=place - way, m=after, v=squares)


_mean_hat, _squares_hat = mean / (1 - beta1**t), squares / (1 - beta2**t)
#: What people give back as the new state, by name.
CORRECTED = (
    (
        "corrected_state_kept",
        "The corrected means are given back as the new state: they are corrected again in the next step.",
        (_mean_hat, _squares_hat),
        renews_a_tenth_of_the_mean,
    ),
    (
        "corrected_mean_kept",
        "The corrected mean is given back as the new m: it is corrected again in the next step.",
        (_mean_hat, squares),
        renews_a_tenth_of_the_mean,
    ),
    (
        "corrected_squares_kept",
        "The corrected mean of the squares is given back as the new v: it is corrected again in the next step.",
        (mean, _squares_hat),
        renews_a_thousandth_of_the_squares,
    ),
)
_plain_root = lr * sp.sqrt(1 - beta2**t) / (1 - beta1**t) * mean / (sp.sqrt(squares) + eps)
CONSTANTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}
ADAM_STEP = Formula(
    "adam_step",
    definition,
    inputs=(w, g, m, v, t),
    parameters=(lr, beta1, beta2, eps),
    display=r"w_{i} \leftarrow",
    program=adam_step,
    laws=(
        defining(renews_a_tenth_of_the_mean),
        defining(renews_a_thousandth_of_the_squares),
        defining(goes_by_the_corrected_means),
        law(does_not_depend_on_the_place),
        law(works_entry_by_entry),
    ),
    mistakes=tuple(
        misdefined(name, text, Joint(definition["w"], *state), caught_by=law_) for name, text, state, law_ in CORRECTED
    ),
    forms=forms_of(definition),
    conventions=tuple(
        Convention(
            name,
            "ε = 1e-7 is added to the root of the mean as it is, and the correction is one of the learning rate: η√(1 − β₂ᵗ)/(1 − β₁ᵗ).",
            source,
            definition=w[i] - _plain_root,
            parts=parts(w=w[i] - _plain_root, m=mean, v=squares),
            program=_of_the_mean_as_it_is,
            constants=CONSTANTS,
        )
        for name, source in (
            ("keras", "Keras 3 documentation, keras.optimizers.Adam"),
            ("book", "K. Saitoh, Deep Learning from Scratch, section 6.1.6, class Adam"),
        )
    ),
)
