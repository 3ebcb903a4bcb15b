r"""The backward form of layer normalisation: what reaches its inputs, its gains and its biases of a gradient by its outputs.

$$\frac{\partial L}{\partial x_{nk}} = \frac{g_{nk} - \frac{1}{K} \sum_j g_{nj} - z_{nk} \frac{1}{K} \sum_j g_{nj} z_{nj}}{\sqrt{v_n + \varepsilon}},
\qquad g_{nk} = \gamma_k u_{nk}, \quad z_{nk} = \frac{x_{nk} - \mu_n}{\sqrt{v_n + \varepsilon}}$$

**Conventions.** u is the gradient by the outputs, `upstream`, of their shape; whatever mean there is over the samples is in it already. Mean and variance depend on every
number of their sample, and what goes through them is in the gradient. nan and ±∞ follow the arithmetic.

**Reference.** J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer Normalization*, 2016, supplementary material.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.declarations import argument
from refmath.laws import adding_the_samples_up
from refmath.layers.layer_norm import LAYER_NORM, bias, checked, eps, gain, mean, normalised, variance, x
from refmath.narrow import rounded
from refmath.spec import Claims, Equal, Formula, Part, defining, law, misdefined
from refmath.symbols import Intermediate, Joint, K, N, k, n, p, q

upstream = argument("upstream", "weights", N, K)
root = sp.sqrt(variance + eps)
pull = Intermediate(sp.Sum(gain[p] * upstream[n, p], (p, 0, K - 1)) / K)
turn = Intermediate(sp.Sum(gain[q] * upstream[n, q] * (x[n, q] - mean) / root, (q, 0, K - 1)) / K)
definitions = (
    Part("x", (gain[k] * upstream[n, k] - pull - (x[n, k] - mean) / root * turn) / root, ((n, "N"), (k, "K"))),
    Part("gain", sp.Sum(upstream[n, k] * (x[n, k] - mean) / root, (n, 0, N - 1)), ((k, "K"),)),
    Part("bias", sp.Sum(upstream[n, k], (n, 0, N - 1)), ((k, "K"),)),
)


def layer_norm_vjp(x: Any, gain: Any, bias: Any, upstream: Any, *, eps: float = 1e-5) -> dict[str, Any]:
    """The gradients by the numbers, the gains and the biases.

    Args:
        x: The numbers, shape (K,) for one sample or (N, K) for a batch.
        gain: The gains γ, shape (K,).
        bias: The biases β, shape (K,).
        upstream: The gradient by the outputs, of the shape of `x`.
        eps: What keeps the root from zero, ε, positive.

    Returns:
        The gradients by the names `x`, `gain` and `bias`, each of its argument's shape and dtype (float64 for integers).

    Raises:
        TypeError: If an argument is no array of real numbers, or ε no number.
        ValueError: If the shapes do not fit, an array is empty, or ε is not positive.

    Examples:
        >>> layer_norm_vjp([1.0, 3.0], [1.0, 2.0], [0.0, 0.0], [1.0, 1.0], eps=1e-300)["bias"]
        array([1., 1.])
    """
    rows, gains, _ = checked(x, gain=gain, bias=bias)
    u = arguments.samples("upstream", upstream)
    arguments.same_shape("x", rows, "upstream", u)
    back = u.astype(np.result_type(u, rows))
    types = [arguments.real(name, value).dtype for name, value in (("x", x), ("gain", gain), ("bias", bias))]
    normal, root = normalised(rows, arguments.positive("eps", eps))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        #| $g_{nk} = \gamma_k u_{nk}$, less its mean and its part along z
        pulled = gains * back
        pulled = pulled - np.mean(pulled, axis=-1, keepdims=True)
        by_x = (pulled - normal * np.mean(pulled * normal, axis=-1, keepdims=True)) / root
        #| $\sum_n u_{nk} z_{nk}$ and $\sum_n u_{nk}$
        found = by_x, np.atleast_2d(back * normal).sum(axis=0), np.atleast_2d(back).sum(axis=0)
        return {
            name: rounded(value, dtype) for name, value, dtype in zip(("x", "gain", "bias"), found, types, strict=True)
        }


def _parts_of(x: Any) -> tuple[Any, Any]:
    """Rows as they are normalised with ε = 1e-5, and the roots."""
    rows = np.atleast_2d(x)
    distance = rows - np.sum(rows, axis=-1, keepdims=True) / rows.shape[-1]
    root = np.sqrt(np.sum(distance * distance, axis=-1, keepdims=True) / rows.shape[-1] + 1e-5)
    return distance / root, root


def goes_back_through_mean_and_variance(vjp: Any, x: Any, gain: Any, bias: Any, upstream: Any) -> Claims:
    """By the numbers: what comes back, less its mean, and less its part along the normalised numbers, over the root; ε is the float 1e-5."""
    z, root = _parts_of(x)
    g = gain * np.atleast_2d(upstream)
    count = z.shape[-1]
    rest = g - np.sum(g, axis=-1, keepdims=True) / count - z * (np.sum(g * z, axis=-1, keepdims=True) / count)
    yield Equal(np.atleast_2d(vjp(x, gain, bias, upstream)["x"]) * root, rest)


def weighs_the_normalised_numbers(vjp: Any, x: Any, gain: Any, bias: Any, upstream: Any) -> Claims:
    """By the gains: the upstream times the normalised numbers, added up over the samples."""
    yield Equal(vjp(x, gain, bias, upstream)["gain"], np.sum(np.atleast_2d(upstream) * _parts_of(x)[0], axis=0))


adds_the_samples_up = adding_the_samples_up("bias")


def moves_no_sample_as_a_whole(vjp: Any, x: Any, gain: Any, bias: Any, upstream: Any) -> Claims:
    """The gradient by the numbers of a sample adds up to nothing: moving all of them alike changes no output."""
    yield Equal(np.sum(np.atleast_2d(vjp(x, gain, bias, upstream)["x"]), axis=-1), 0)


_by_x, _by_gain, _by_bias = (part.definition for part in definitions)
LAYER_NORM_VJP = Formula(
    "layer_norm_vjp",
    definitions[0].definition,
    inputs=(x, gain, bias, upstream),
    parameters=(eps,),
    parts=definitions,
    single_samples=False,
    display=r"\frac{\partial L}{\partial x_{nk}}",
    program=layer_norm_vjp,
    laws=(
        defining(goes_back_through_mean_and_variance),
        defining(weighs_the_normalised_numbers),
        defining(adds_the_samples_up),
        law(moves_no_sample_as_a_whole),
    ),
    mistakes=(
        misdefined(
            "gain_forgotten",
            "By the numbers: the upstream is not multiplied by the gain first.",
            Joint(_by_x.xreplace(dict.fromkeys((gain[k], gain[p], gain[q]), sp.Integer(1))), _by_gain, _by_bias),
            caught_by=goes_back_through_mean_and_variance,
        ),
        misdefined(
            "normalised_numbers_forgotten",
            "By the gains: the upstream is added up without the normalised numbers, as by the biases.",
            Joint(_by_x, _by_bias, _by_bias),
            caught_by=weighs_the_normalised_numbers,
        ),
        misdefined(
            "numbers_not_normalised",
            "By the gains: the numbers themselves are taken, not the normalised ones.",
            Joint(_by_x, sp.Sum(upstream[n, k] * x[n, k], (n, 0, N - 1)), _by_bias),
            caught_by=weighs_the_normalised_numbers,
        ),
    ),
    conventions=LAYER_NORM.conventions,
)
