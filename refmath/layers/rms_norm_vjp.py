r"""The backward form of root mean square normalisation: what reaches its inputs and its gains of a gradient by its outputs.

$$\frac{\partial L}{\partial x_{nk}} = \frac{g_{nk} - z_{nk} \frac{1}{K} \sum_j g_{nj} z_{nj}}{r_n}, \qquad g_{nk} = \gamma_k u_{nk}, \quad z_{nk} = \frac{x_{nk}}{r_n}, \quad
r_n = \sqrt{\frac{1}{K} \sum_{j} x_{nj}^2 + \varepsilon}$$

**Conventions.** u is the gradient by the outputs, `upstream`, of their shape; whatever mean there is over the samples is in it already. The root depends on every number of its
sample, and what goes through it is in the gradient. nan and ±∞ follow the arithmetic.

**Reference.** B. Zhang and R. Sennrich, *Root Mean Square Layer Normalization*, 2019, section 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import argument
from refmath.laws import is_linear_in_the_upstream
from refmath.layers.layer_norm import checked
from refmath.layers.rms_norm import MACHINE_EPSILON, eps, gain, of_format, over_the_root, root, root_of, x
from refmath.narrow import rounded
from refmath.spec import Claims, Convention, Equal, Formula, Part, defining, law, misdefined
from refmath.symbols import Intermediate, Joint, K, N, k, n, q

upstream = argument("upstream", "weights", N, K)
turn = Intermediate(sp.Sum(gain[q] * upstream[n, q] * x[n, q] / root, (q, 0, K - 1)) / K)
definitions = (
    Part("x", (gain[k] * upstream[n, k] - x[n, k] / root * turn) / root, ((n, "N"), (k, "K"))),
    Part("gain", sp.Sum(upstream[n, k] * x[n, k] / root, (n, 0, N - 1)), ((k, "K"),)),
)


def rms_norm_vjp(x: Any, gain: Any, upstream: Any, *, eps: float = 1e-6) -> dict[str, Any]:
    """The gradients by the numbers and the gains.

    Args:
        x: The numbers, shape (K,) for one sample or (N, K) for a batch.
        gain: The gains γ, shape (K,).
        upstream: The gradient by the outputs, of the shape of `x`.
        eps: What keeps the root from zero, ε, positive.

    Returns:
        The gradients by the names `x` and `gain`, each of its argument's shape and dtype (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or ε no number.
        ValueError: If the shapes do not fit, an array is empty, or ε is not positive.

    Examples:
        >>> rms_norm_vjp([3.0, -3.0], [1.0, 2.0], [1.0, 1.0], eps=1e-300)["gain"]
        array([ 1., -1.])
    """
    rows, gains = checked(x, gain=gain)
    u = arguments.samples("upstream", upstream)
    arguments.same_shape("x", rows, "upstream", u)
    back = u.astype(np.result_type(u, rows))
    types = [arguments.real(name, value).dtype for name, value in (("x", x), ("gain", gain))]
    normal, below = over_the_root(rows, arguments.positive("eps", eps))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $g_{nk} = \gamma_k u_{nk}$, less its part along z
        pulled = gains * back
        by_x = (pulled - normal * np.mean(pulled * normal, axis=-1, keepdims=True)) / below
        #| $\sum_n u_{nk} z_{nk}$
        found = by_x, np.atleast_2d(back * normal).sum(axis=0)
        return {name: rounded(value, dtype) for name, value, dtype in zip(("x", "gain"), found, types, strict=True)}


def _by_the_format(x: Any, gain: Any, upstream: Any) -> dict[str, Any]:
    return rms_norm_vjp(x, gain, upstream, eps=of_format(x))


def goes_back_through_the_root(vjp: Any, x: Any, gain: Any, upstream: Any) -> Claims:
    """By the numbers: what comes back, less its part along the normalised numbers, over the root."""
    below, g = root_of(x), gain * np.atleast_2d(upstream)
    z = np.atleast_2d(x) / below
    rest = g - z * (np.sum(g * z, axis=-1, keepdims=True) / z.shape[-1])
    yield Equal(np.atleast_2d(vjp(x, gain, upstream)["x"]) * below, rest)


def weighs_the_normalised_numbers(vjp: Any, x: Any, gain: Any, upstream: Any) -> Claims:
    """By the gains: the upstream times the normalised numbers, added up over the samples."""
    yield Equal(vjp(x, gain, upstream)["gain"], np.sum(np.atleast_2d(upstream) * np.atleast_2d(x) / root_of(x), axis=0))


RMS_NORM_VJP = Formula(
    "rms_norm_vjp",
    definitions[0].definition,
    inputs=(x, gain, upstream),
    parameters=(eps,),
    parts=definitions,
    single_samples=False,
    display=r"\frac{\partial L}{\partial x_{nk}}",
    program=rms_norm_vjp,
    laws=(
        defining(goes_back_through_the_root),
        defining(weighs_the_normalised_numbers),
        law(is_linear_in_the_upstream),
    ),
    mistakes=(
        misdefined(
            "gain_forgotten",
            "By the numbers: the upstream is not multiplied by the gain first.",
            Joint(
                definitions[0].definition.xreplace(dict.fromkeys((gain[k], gain[q]), sp.Integer(1))),
                definitions[1].definition,
            ),
            caught_by=goes_back_through_the_root,
        ),
        misdefined(
            "normalised_numbers_forgotten",
            "By the gains: the upstream is added up without the normalised numbers.",
            Joint(definitions[0].definition, sp.Sum(upstream[n, k], (n, 0, N - 1))),
            caught_by=weighs_the_normalised_numbers,
        ),
    ),
    conventions=(
        Convention(
            "pytorch",
            "ε is the machine epsilon of the format, of float32 for narrower ones.",
            "PyTorch 2.13, torch.nn.RMSNorm with eps=None: what it computes; its documentation names the machine epsilon of x",
            definition=definitions[0].definition,
            parts=definitions,
            program=_by_the_format,
            constants={"eps": MACHINE_EPSILON},
        ),
    ),
)
