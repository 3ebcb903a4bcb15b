r"""The Jacobian of the softmax: the derivative of each probability with respect to each logit of its sample.

$$\frac{\partial p_{ni}}{\partial a_{nj}} = p_{ni} \, (\delta_{ij} - p_{nj}), \qquad p_{nk} = \frac{e^{a_{nk}}}{\sum_{j} e^{a_{nj}}}$$

**Conventions.** One K × K matrix for each sample: row i belongs to the probability, column j to the logit (the matrix is symmetric). Derivatives
across samples are zero and left out. It belongs to the softmax over the last axis; SciPy's softmax over a whole batch has no such blocks.

**Infinities.** As in the softmax: a logit of −∞ has a row and a column of zeros; a sample that is nan there is nan here.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equation (4.106).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.plain_softmax import softmax as plain_softmax
from refmath.activations.plain_softmax import unshifted_softmax
from refmath.activations.softmax import SHIFTED, SHIFTED_IN, a, shifted, softmax
from refmath.activations.softmax import definition as p
from refmath.activations.special_logits import with_a_mask
from refmath.arguments import Array
from refmath.laws import treats_each_sample_alone, unmoved_by_common_shifts
from refmath.made import made
from refmath.spec import AtLeast, Claims, Equal, Form, Formula, defining, law, mistake
from refmath.symbols import i, j, m


def jacobian(p: sp.Expr) -> sp.Expr:
    """The Jacobian, given the probability of class j of sample i."""
    return p * (sp.KroneckerDelta(j, m) - p.subs(j, m))


definition = jacobian(p)


def softmax_gradient(a: Any) -> Array:
    r"""The Jacobian of the softmax of each sample, $J_{nij} = p_{ni} (\delta_{ij} - p_{nj})$.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch.

    Returns:
        The Jacobians, shape (K, K) or (N, K, K), in the dtype of `a` (float64 for integers); entry [..., i, j] is the derivative of
        probability i with respect to logit j.

    Raises:
        TypeError: If `a` is not an array of real numbers.
        ValueError: If `a` is empty, or has other than one or two dimensions.

    Examples:
        >>> softmax_gradient([0.0, 0.0])
        array([[ 0.25, -0.25],
               [-0.25,  0.25]])
        >>> softmax_gradient([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).shape
        (2, 3, 3)
    """
    a = arguments.samples("a", a)
    # Narrow formats are computed in float64 and rounded once.
    p = softmax(a.astype(np.result_type(a, np.float64)))
    same = np.eye(p.shape[-1])
    # A product below the range is 0, as it should be, and no reason for a warning.
    with np.errstate(under="ignore"):
        #| $q_{nij} = p_{ni} \, p_{nj}$ for i ≠ j, and 0 for i = j
        q = p[..., :, None] * p[..., None, :] * (1 - same)
        #| $J_{nii} = p_{ni} (1 - p_{ni}) = \sum_j q_{nij}$: the others are added up, because 1 − p would cancel near certainty.
        own = np.sum(q, axis=-1, keepdims=True)
        #| $J_{nij} = \delta_{ij} \sum_m q_{nim} - q_{nij}$
        J: Array = (same * own - q).astype(a.dtype)
    return J


# ---- laws


def has_rows_that_sum_to_zero(gradient: Any, a: Any) -> Claims:
    """Each row adds up to zero: moving all logits together moves no probability."""
    yield Equal(np.sum(gradient(a), axis=-1), np.sum(0 * gradient(a), axis=-1))


def is_minus_the_product_of_two_probabilities_off_the_diagonal(gradient: Any, a: Any) -> Claims:
    """Off the diagonal, the derivative is minus the product of the probabilities of its row and its column."""
    for J_n, a_n in zip(_one_a_sample(gradient(a)), np.atleast_2d(a), strict=True):
        e, others = np.exp(a_n), 1 - np.eye(a_n.size, dtype=int)
        yield Equal(others * J_n * np.sum(e) * np.sum(e), -others * np.outer(e, e))


def has_columns_that_sum_to_zero(gradient: Any, a: Any) -> Claims:
    """Each column adds up to zero: the probabilities of a sample keep adding up to one."""
    yield Equal(np.sum(gradient(a), axis=-2), np.sum(0 * gradient(a), axis=-2))


def is_symmetric(gradient: Any, a: Any) -> Claims:
    """Probability i depends on logit j as probability j depends on logit i."""
    yield Equal(gradient(a), np.swapaxes(gradient(a), -1, -2))


def raises_its_own_probability_and_no_other(gradient: Any, a: Any) -> Claims:
    """A growing logit never lowers its own probability and never raises another one."""
    same = np.eye(a.shape[-1], dtype=int)
    yield AtLeast((2 * same - 1) * gradient(a), 0)


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1, -8)


def _one_a_sample(J: Any) -> Any:
    return J[None] if J.ndim == 2 else J


# ---- mistakes


def _rows_and_columns(p: Array) -> tuple[Array, Array, Array]:
    return p[..., :, None], p[..., None, :], np.eye(p.shape[-1], dtype=p.dtype)


def diagonal_only(a: Array) -> Any:
    """Only the diagonal p(1 − p), as if each probability depended on its own logit alone."""
    row, _, same = _rows_and_columns(softmax(a))
    return same * row * (1 - row)


def one_derivative_a_logit(a: Array) -> Any:
    """The vector p(1 − p), the sigmoid's rule, instead of a matrix for each sample."""
    p = softmax(a)
    return p * (1 - p)


def off_diagonal_only(a: Array) -> Any:
    """Only −p_i p_j off the diagonal; the diagonal is left at zero."""
    row, column, same = _rows_and_columns(softmax(a))
    return -row * column * (1 - same)


def identity_forgotten(a: Array) -> Any:
    """−p_i p_j everywhere: the δ on the diagonal is missing."""
    row, column, _ = _rows_and_columns(softmax(a))
    return -row * column


def log_softmax(a: Array) -> Any:
    """δ_ij − p_j, the derivative of ln p: the factor p_i is missing."""
    _, column, same = _rows_and_columns(softmax(a))
    return np.broadcast_to(same - column, column.shape[:-2] + same.shape)


def derivative_of_the_value(a: Array) -> Any:
    """The logits are put where the probabilities belong: a_i (δ_ij − a_j)."""
    row, column, same = _rows_and_columns(a * 1.0)
    return row * (same - column)


def no_shift(a: Array) -> Any:
    """The largest logit is not subtracted before the exponentials are taken, so that large logits overflow to nan."""
    row, column, same = _rows_and_columns(unshifted_softmax(a))
    return row * (same - column)


def over_samples(a: Array) -> Any:
    """The probabilities are normalised over axis 0, the samples, instead of the logits of each sample."""
    row, column, same = _rows_and_columns(plain_softmax(a, axis=0))
    return row * (same - column)


SOFTMAX_GRADIENT = Formula(
    name="softmax_gradient",
    display=r"\frac{\partial p_{ij}}{\partial a_{im}}",
    program=softmax_gradient,
    ulps=16.0,
    definition=definition,
    inputs=(a,),
    output=((i, "N"), (j, "K"), (m, "K")),
    derivative_of="softmax",
    laws=(
        defining(has_rows_that_sum_to_zero),
        defining(is_minus_the_product_of_two_probabilities_off_the_diagonal),
        law(has_columns_that_sum_to_zero),
        law(is_symmetric),
        law(raises_its_own_probability_and_no_other),
        law(is_unmoved_by_a_common_shift),
        law(treats_each_sample_alone, "Block n of a batch is the Jacobian of sample n."),
    ),
    mistakes=(
        mistake(diagonal_only, caught_by=has_rows_that_sum_to_zero),
        mistake(one_derivative_a_logit, caught_by=has_rows_that_sum_to_zero),
        mistake(off_diagonal_only, caught_by=has_rows_that_sum_to_zero),
        mistake(identity_forgotten, caught_by=has_rows_that_sum_to_zero),
        made(
            "plus_instead_of_minus",
            "p_i (δ_ij + p_j): the sign of the product is wrong.",
            by="sign_of_a_term",
            caught_by=has_rows_that_sum_to_zero,
        ),
        made(
            "opposite_sign", "The sign is wrong: p_i (p_j − δ_ij).", caught_by=raises_its_own_probability_and_no_other
        ),
        mistake(log_softmax, caught_by=is_symmetric),
        mistake(derivative_of_the_value, caught_by=is_unmoved_by_a_common_shift),
        made(
            "softmax_twice",
            "The softmax is applied to its own probabilities once more before p_i (δ_ij − p_j) is formed.",
            caught_by=is_minus_the_product_of_two_probabilities_off_the_diagonal,
        ),
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        mistake(over_samples, caught_by=treats_each_sample_alone),
        made(
            "over_everything",
            "The probabilities are normalised over the whole batch instead of each sample.",
            caught_by=treats_each_sample_alone,
        ),
    ),
    forms=(Form(SHIFTED, jacobian(shifted), SHIFTED_IN),),
    specials=with_a_mask([[0.0, 0.0], [0.0, 0.0]]),
)
