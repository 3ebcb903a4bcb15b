r"""Root mean square normalisation: the K numbers of a sample are scaled to a mean square of 1, then given a gain each.

$$y_{nk} = \gamma_k \, \frac{x_{nk}}{\sqrt{\frac{1}{K} \sum_{j} x_{nj}^2 + \varepsilon}}$$

**Conventions.** ε is added to the mean of squares, inside the root, and is 1e-6, as in Keras and T5; PyTorch takes the machine epsilon of the format it
computes in unless it is told otherwise, which is float32 for narrower ones. A single sample is a batch of one. nan and ±∞ follow the arithmetic.

**Reference.** B. Zhang and R. Sennrich, *Root Mean Square Layer Normalization*, 2019, equation (4).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.arguments import Array
from refmath.declarations import argument, parameter
from refmath.laws import treats_each_sample_alone
from refmath.layers.layer_norm import checked, in_reach, root_of_mean_square
from refmath.narrow import rounded_array
from refmath.spec import ByFormat, Claims, Convention, Equal, Formula, defining, law
from refmath.symbols import Intermediate, K, N, j, k, n

x, gain = argument("x", "units", N, K), argument("gain", "weights", K)
eps = parameter("eps", 1e-6, others=(1e-12, 1e-3, 0.5), positive=True)
square = Intermediate(sp.Sum(x[n, j] ** 2, (j, 0, K - 1)) / K)
root = sp.sqrt(square + eps)
definition = gain[k] * x[n, k] / root


def rms_norm(x: Any, gain: Any, *, eps: float = 1e-6) -> Array:
    r"""The numbers of each sample over the root of their mean square, times a gain.

    Args:
        x: The numbers, shape (K,) for one sample or (N, K) for a batch.
        gain: The gains γ, shape (K,).
        eps: What keeps the root from zero, ε, positive.

    Returns:
        The normalised numbers, of the shape and dtype of `x` (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or ε no number.
        ValueError: If the shapes do not fit, an array is empty, or ε is not positive.

    Examples:
        >>> rms_norm([3.0, 3.0, -3.0], [1.0, 2.0, 1.0], eps=1e-300)
        array([ 1.,  2., -1.])
    """
    rows, gains = checked(x, gain=gain)
    normal, _ = over_the_root(rows, arguments.positive("eps", eps))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $\gamma_k z_{nk}$
        return rounded_array(gains * normal, arguments.samples("x", x).dtype)


def over_the_root(rows: Array, eps: float) -> tuple[Array, Array]:
    """Rows over the root of their mean square and ε, and these roots."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $z_{nk} = x_{nk} \big/ \sqrt{\frac{1}{K} \sum_j x_{nj}^2 + \varepsilon}$
        rows, exponent = in_reach(rows)
        root = root_of_mean_square(rows, eps, exponent)
        return rows / root, np.ldexp(root, exponent)


#: Of the format that is computed in, float32 for narrower ones. Any other number type counts as float64.
MACHINE_EPSILON = ByFormat({"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-23, "bfloat16": 2.0**-23})


def of_format(x: Any) -> float:
    """The machine epsilon of the number type that x is computed in."""
    return MACHINE_EPSILON.values.get(arguments.samples("x", x).dtype.name, MACHINE_EPSILON.values["float64"])


def _by_the_format(x: Any, gain: Any) -> Array:
    return rms_norm(x, gain, eps=of_format(x))


def root_of(x: Any) -> Any:
    """The root of the mean square and ε, the float 1e-6, of each row."""
    rows = np.atleast_2d(x)
    return np.sqrt(np.sum(rows * rows, axis=-1, keepdims=True) / rows.shape[-1] + 1e-6)


def is_the_number_over_the_root(norm: Any, x: Any, gain: Any) -> Claims:
    """An answer times the root of the mean square and ε is the number times its gain."""
    yield Equal(np.atleast_2d(norm(x, gain)) * root_of(x), gain * np.atleast_2d(x))


def changes_sign_with_its_numbers(norm: Any, x: Any, gain: Any) -> Claims:
    """The opposite numbers give the opposite answers."""
    yield Equal(norm(-x, gain), -norm(x, gain))


RMS_NORM = Formula(
    "rms_norm",
    definition,
    inputs=(x, gain),
    parameters=(eps,),
    output=((n, "N"), (k, "K")),
    display="y_{nk}",
    program=rms_norm,
    laws=(
        defining(is_the_number_over_the_root),
        defining(changes_sign_with_its_numbers),
        law(treats_each_sample_alone),
    ),
    conventions=(
        Convention(
            "pytorch",
            "ε is the machine epsilon of the format, of float32 for narrower ones.",
            "PyTorch 2.13, torch.nn.RMSNorm with eps=None: what it computes; its documentation names the machine epsilon of x",
            definition=definition,
            program=_by_the_format,
            constants={"eps": MACHINE_EPSILON},
        ),
    ),
)
